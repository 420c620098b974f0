/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel without bpf(2), or something that pretends to be one: said once, before the errors that follow from it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "kernel/presence.h"
#include "needs/needs.h"

static const char *message_of(const char *code)
{
	return strcmp(code, "kernel.bpf.absent") == 0 ? "this kernel has no bpf(2)"
						      : "bpf(2) answers ENOSYS, and the kernel has it";
}

/* Whoever builds a kernel wants to build it once. */
static void add_options(const struct lade_needs *needs, struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *options = needs ? lade_needs_options(needs) : NULL;

	finding_fix(finding, "build the kernel with CONFIG_BPF=y CONFIG_BPF_SYSCALL=y%s%s",
		    options ? "; needed here besides: " : "", options ? options : "");
}

int lade_diagnose_bpf(struct kernel *kernel, const char *what, const struct lade_needs *needs,
		      struct lade_error **error)
{
	struct bpf_presence presence;
	struct lade_finding *finding;
	const char *code;

	lade_kernel_presence(kernel, &presence);
	code = lade_presence_code(&presence);
	if (!code)
		return 0;
	finding = lade_error_add(error, ENOSYS, code, "cannot %s: %s", what, message_of(code));
	lade_presence_explain(&presence, finding);
	if (strcmp(code, "kernel.bpf.absent") == 0)
		add_options(needs, finding);
	return -ENOSYS;
}

int lade_diagnose_bpf_for(struct kernel *kernel, const struct lade_object *object, const char *what,
			  struct lade_error **error)
{
	CLEANUP(cleanup_lade_needs) struct lade_needs *needs = lade_needs_new();

	if (needs && lade_needs_add(needs, object) < 0)
		needs = lade_needs_free(needs);
	return lade_diagnose_bpf(kernel, what, needs, error);
}

/* What a kernel without bpf(2) answers to mkdir, mount and the system call; and no kernel types. */
static bool may_be_absence(int code)
{
	return code == -ENOSYS || code == -ENODEV || code == -ENOENT || code == -ENODATA;
}

int lade_diagnose_load(struct kernel *kernel, const struct lade_object *object, int code, struct lade_error **error)
{
	CLEANUP(cleanup_lade_error) struct lade_error *absence = NULL;
	CLEANUP(cleanup_free) char *what = NULL;

	if (!may_be_absence(code) || asprintf(&what, "load %s", object->file) < 0 ||
	    lade_diagnose_bpf_for(kernel, object, what, &absence) == 0)
		return code;
	if (error && absence) {
		(void)lade_error_free(*error);
		*error = TAKE(absence);
	}
	return -ENOSYS;
}
