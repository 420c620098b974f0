/* SPDX-License-Identifier: BSD-2-Clause */
/* lade doctor: what this machine lets a process do with BPF, and what stands in the way. */
#include <errno.h>
#include <limits.h>

#include "doctor.h"

const struct cli_option verb_doctor_options[] = {
	{ 0, "for", "OBJ", "only what this object needs; exit 0 when it would load, 3 or 5 when not (repeatable)" },
	{ 0, "probe", NULL,
	  "also ask the kernel for every type, helper, way to attach, link, instruction set and kind of BTF" },
	{ 0, "pid", "PID", "the gates as this process sees them" },
	{ 0, "build", NULL, "only what objects can be built with here: clang and its levels, tools, headers" },
	{ 0, "diff", "OLD.json", "what differs from a report that --json wrote" },
	{ 0 },
};

/* What a load finds wrong before it asks the kernel for anything: targets and functions that this kernel has not, and
 * mistakes of the object itself. The first object's error is kept. */
static void plan_object(struct lade_object *object, struct lade_error **ret_error)
{
	struct lade_error *error = NULL;
	struct lade_plan *plan = NULL;

	if (lade_plan_new(object, NULL, &plan, &error) < 0 && !*ret_error)
		*ret_error = error;
	else
		lade_error_free(error);
	lade_plan_free(plan);
}

static int compare_object(struct cli *cli, struct lade_doctor *doctor, const char *path, struct lade_error **ret_error)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	int result = lade_object_open(cli->context, path, NULL, &object, &error);

	if (result == 0)
		result = lade_doctor_compare(doctor, object, &error);
	if (result == 0)
		plan_object(object, ret_error);
	lade_object_free(object);
	return result < 0 ? cli_fail(cli, error) : EXIT_OK;
}

static int compare_objects(struct cli *cli, struct lade_doctor *doctor, struct lade_error **ret_error)
{
	size_t position = 0;
	const char *path;
	int code = EXIT_OK;

	while (code == EXIT_OK && (path = cli_next_value(cli, "for", &position)))
		code = compare_object(cli, doctor, path, ret_error);
	return code;
}

static int show_report(struct cli *cli, struct lade_doctor *doctor, int code)
{
	if (cli->json) {
		int printed = cli_doctor_json(cli, doctor, code);
		return printed == EXIT_OK ? code : printed;
	}
	cli_show_doctor(cli, doctor);
	return code;
}

static int show(struct cli *cli, struct lade_doctor *doctor)
{
	struct lade_error *error = NULL; /* of the plan */
	int code = compare_objects(cli, doctor, &error), found;

	if (code != EXIT_OK) {
		lade_error_free(error);
		return code;
	}
	if (cli_value(cli, "diff"))
		return cli_doctor_compare(cli, doctor, cli_value(cli, "diff"));
	found = lade_doctor_exit_code(doctor);
	code = error ? lade_error_exit_code(error) : found;
	/* Of a kernel that lacks something, what the plan misses follows from that; so it may from what the environment
	 * hides. */
	if (!error || found == EXIT_KERNEL || (found == EXIT_ENVIRONMENT && code == EXIT_ENVIRONMENT)) {
		lade_error_free(error);
		return show_report(cli, doctor, found);
	}
	(void)show_report(cli, doctor, code);
	(void)fflush(stdout);
	(void)cli_fail(cli, error);
	return code;
}

/* Then the same is asked again: what was not asked now would look as if it had gone. */
static bool was_probed(const char *path)
{
	struct json_object *old = path ? cli_doctor_read(path) : NULL;
	bool is_probed = old && cli_doctor_is_probed(old);

	if (old)
		(void)json_object_put(old);
	return is_probed;
}

int verb_doctor(struct cli *cli, int argc, char **argv)
{
	struct lade_doctor_opts opts = { .size = sizeof opts };
	struct lade_doctor *doctor = NULL;
	struct lade_error *error = NULL;
	uint64_t pid = 0;

	(void)argc;
	(void)argv;
	if (cli_value(cli, "pid") && !cli_number(cli, "pid", cli_value(cli, "pid"), INT_MAX, &pid))
		return EXIT_USAGE;
	if (cli_value(cli, "pid") && !pid)
		return cli_usage(cli, "--pid 0: there is no such process");
	if (cli_value(cli, "for") && cli_value(cli, "diff"))
		return cli_usage(cli, "--for and --diff do not go together");
	if (pid && cli_flag(cli, "probe"))
		return cli_usage(cli, "--probe asks as this process, --pid is about another");
	if (cli_flag(cli, "build") && (pid || cli_flag(cli, "probe") || cli_value(cli, "for")))
		return cli_usage(cli, "--build is about compilers: not with --pid, --probe or --for");
	opts.pid = (int)pid;
	opts.build = cli_flag(cli, "build");
	opts.probe = cli_flag(cli, "probe") || (!pid && !opts.build && was_probed(cli_value(cli, "diff")));
	opts.options = cli->json && !cli_value(cli, "diff");
	if (lade_doctor_examine(cli->context, &opts, &doctor, &error) < 0)
		return cli_fail(cli, error);
	int code = show(cli, doctor);
	lade_doctor_free(doctor);
	return code;
}
