/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw tracepoints, by name, also those whose programs may write. What the kernel returns is a bpf_link since 5.8,
 * before that a bare descriptor.
 */
#include <errno.h>
#include <string.h>

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

/* EINVAL has another cause here than with programs that only read. */
static void explain_writable(struct lade_finding *finding, const char *name)
{
	finding_cause(finding, "the program writes more than the tracepoint lends to programs (most lend nothing, "
			       "nbd_send_request 28 bytes, bpf_test_finish 4), or reads more arguments than it has");
	finding_fix(finding,
		    "write no more than %s lends (DEFINE_EVENT_WRITABLE in the kernel's source), or, in order "
		    "to read only, name the section raw_tracepoint/%s",
		    name, name);
}

/* A raw tracepoint has no category: tracepoint:CATEGORY/NAME means NAME. */
static const char *wanted_name(const struct attach_call *call)
{
	if (call->target->kind != TARGET_TRACEPOINT)
		return call->program->attach_target;
	const char *slash = strrchr(call->target->name, '/');
	return slash ? slash + 1 : call->target->name;
}

static int open_patiently(struct attach_call *call, const char *name)
{
	unsigned tries = 0;
	int fd;

	do {
		fd = lade_bpf_raw_tracepoint_open(call->kernel, name, call->program->fd);
	} while (lade_attach_is_freeing(fd, &tries));
	return fd;
}

int lade_attach_raw_tracepoint(struct attach_call *call)
{
	const char *name = wanted_name(call);
	int fd = open_patiently(call, name);
	if (fd == -ENOENT)
		return fail_missing(call, name);
	if (fd < 0) {
		struct lade_finding *finding = lade_attach_refusal(call, OPERATION_RAW_TRACEPOINT_OPEN, name, fd);
		if (fd == -EINVAL && call->program->type == BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE)
			explain_writable(finding, name);
		return fd;
	}
	return lade_attach_keep(call, name, fd, lade_attach_is_link(call, fd));
}
