/* SPDX-License-Identifier: BSD-2-Clause */
/* One theme after another, in the order in which they are shown; some need what an earlier one found. */
#include <limits.h>
#include <stdio.h>

#include "base/info.h"
#include "doctor/doctor.h"
#include "kernel/context.h"
#include "needs/needs.h"

static void (*const themes[])(struct lade_doctor *doctor) = {
	lade_doctor_kernel,     lade_doctor_jit, lade_doctor_mounted,   lade_doctor_security,
	lade_doctor_privileges, lade_doctor_btf, lade_doctor_container, lade_doctor_loaders,
};

/* Which kernel it is for, and what there is to build with. */
static void (*const build_themes[])(struct lade_doctor *doctor) = { lade_doctor_kernel, lade_doctor_build };

uint32_t lade_doctor_version(const char *text)
{
	return lade_needs_version(text) >> 8;
}

/* The configuration was read first, and is the longest part: it comes last. */
static void move_to_end(struct lade_doctor *doctor, size_t count)
{
	size_t bytes = count * sizeof *doctor->facts.items, rest = doctor->facts.count - count;
	CLEANUP(cleanup_free) struct doctor_fact *moved = malloc(bytes + 1);

	if (!moved || !count) {
		doctor->failed |= !moved;
		return;
	}
	memcpy(moved, doctor->facts.items, bytes);
	memmove(doctor->facts.items, doctor->facts.items + count, rest * sizeof *doctor->facts.items);
	memcpy(doctor->facts.items + rest, moved, bytes);
}

static bool is_relative(const char *root)
{
	return root[0] != '/' || strlen(root) >= PATH_MAX / 2;
}

static int check_options(const struct lade_doctor_opts *opts, struct lade_error **error)
{
	if (opts->root && is_relative(opts->root))
		return lade_fail(error, EINVAL, "doctor.options", "root '%s': an absolute path is wanted", opts->root);
	if (opts->pid < 0)
		return lade_fail(error, EINVAL, "doctor.options", "process %d: a number above 0 is wanted", opts->pid);
	if (opts->probe && (opts->root || opts->pid))
		return lade_fail(error, EINVAL, "doctor.options", "probes ask the running kernel, as this process");
	if (opts->build && (opts->root || opts->pid || opts->probe))
		return lade_fail(error, EINVAL, "doctor.options",
				 "the build environment is this machine's and nothing else");
	return 0;
}

static int find_process(struct lade_doctor *doctor, int pid, struct lade_error **error)
{
	(void)snprintf(doctor->process, sizeof doctor->process, "self");
	if (!pid)
		return 0;
	(void)snprintf(doctor->process, sizeof doctor->process, "%d", pid);
	CLEANUP(cleanup_free) char *status = lade_doctor_read(doctor, SOURCE_STATUS);
	return status ? 0 : lade_fail(error, ESRCH, "doctor.process", "process %d: %s", pid, strerror(errno));
}

static int give(struct lade_doctor *doctor, struct lade_doctor **ret_doctor)
{
	*ret_doctor = doctor;
	return 0;
}

static void probe(struct lade_context *context, struct lade_doctor *doctor)
{
	struct kernel_types *types = NULL;

	/* Before 5.11 what was closed is still counted for a while: the limit is reached by many small things. */
	if (context->raise_memlock && doctor->version < lade_doctor_version("5.11"))
		(void)doctor->kernel->calls->raise_memlock(doctor->kernel);
	/* Without them some things cannot be asked; the section btf says why. */
	(void)lade_context_types(context, &types, NULL);
	lade_doctor_probed(doctor, types);
}

int lade_doctor_examine(struct lade_context *context, const struct lade_doctor_opts *opts,
			struct lade_doctor **ret_doctor, struct lade_error **error)
{
	struct lade_doctor_opts known;
	int result = opts_read(&known, sizeof known, opts);

	if (result < 0)
		return lade_fail(error, -result, "doctor.options", "struct lade_doctor_opts is of another version");
	if ((result = check_options(&known, error)) < 0)
		return result;
	CLEANUP(cleanup_lade_doctor) struct lade_doctor *doctor = calloc(1, sizeof *doctor);
	if (!doctor || !(doctor->root = strdup(known.root ? known.root : "")))
		return lade_fail_memory(error);
	doctor->unprivileged = doctor->who.seccomp = doctor->who.user_namespace = -1;
	if ((result = find_process(doctor, known.pid, error)) < 0)
		return result;
	if (!known.root && (result = lade_context_kernel(context, &doctor->kernel, error)) < 0)
		return result;
	if (known.build) {
		for (size_t i = 0; i < ELEMENTS(build_themes); i++)
			build_themes[i](doctor);
		return doctor->failed ? lade_fail_memory(error) : give(TAKE(doctor), ret_doctor);
	}
	lade_doctor_places(doctor);
	lade_doctor_judge_places(doctor);
	lade_doctor_config(doctor); /* the kernel's version, and options that others look up */
	size_t options = doctor->facts.count;
	for (size_t i = 0; i < ELEMENTS(themes); i++)
		themes[i](doctor);
	move_to_end(doctor, options);
	if (known.options)
		lade_doctor_options(doctor);
	if (known.probe)
		probe(context, doctor);
	if (doctor->failed)
		return lade_fail_memory(error);
	return give(TAKE(doctor), ret_doctor);
}
