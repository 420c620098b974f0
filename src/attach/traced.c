/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that were verified against what they go to: the kernel knows it from the load, and wants no name. */
#include "attach/method.h"
#include "kernel/bpf.h"

static const char *target_name(const struct attach_call *call)
{
	return call->program->attach_target ? call->program->attach_target : "its load target";
}

int lade_attach_traced(struct attach_call *call)
{
	int fd = lade_bpf_raw_tracepoint_open(call->kernel, NULL, call->program->fd);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_RAW_TRACEPOINT_OPEN, target_name(call), fd);
	return lade_attach_keep(call, target_name(call), fd, lade_attach_is_link(call, fd));
}

/* Reading a pinned link of this kind runs the program: cat /sys/fs/bpf/lade/…/links/PROGRAM/… */
int lade_attach_iterator(struct attach_call *call)
{
	const struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd, .attach_type = BPF_TRACE_ITER };
	int fd = lade_bpf_link_create(call->kernel, &attr);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_LINK_CREATE, target_name(call), fd);
	return lade_attach_keep(call, target_name(call), fd, true);
}
