/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw tracepoints, by name. What the kernel returns is a bpf_link since 5.8, before that a bare descriptor. */
#include <errno.h>

#include "attach/method.h"
#include "attach/tracefs.h"
#include "kernel/bpf.h"

bool lade_attach_is_link(struct attach_call *call, int fd)
{
	struct bpf_link_info info = { 0 };
	return lade_bpf_link_info(call->kernel, fd, &info) == 0;
}

static int fail_missing(struct attach_call *call, const char *name)
{
	const char *tracefs;
	struct lade_finding *finding = lade_error_add(call->error, ENOENT, "attach.raw-tracepoint.missing",
						      "%s: this kernel has no raw tracepoint %s (section %s)",
						      call->program->name, name, call->program->section);
	finding_program(finding, call->program->name);
	finding_evidence(finding, "BPF_RAW_TRACEPOINT_OPEN of %s answers ENOENT", name);
	/* Near names are help, not a reason to mount anything. */
	if (finding && lade_kernel_tracefs(call->kernel, false, &tracefs, NULL) == 0)
		lade_tracefs_near_events(tracefs, name, finding);
	return -ENOENT;
}

int lade_attach_raw_tracepoint(struct attach_call *call)
{
	const char *name = call->program->attach_target;
	int fd = lade_bpf_raw_tracepoint_open(call->kernel, name, call->program->fd);
	if (fd == -ENOENT)
		return fail_missing(call, name);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_RAW_TRACEPOINT_OPEN, name, fd);
	return lade_attach_keep(call, name, fd, lade_attach_is_link(call, fd));
}
