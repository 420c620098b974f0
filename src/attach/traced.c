/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that were verified against what they go to: the kernel knows it from the load, and wants no name. */
#include "attach/traced.h"
#include "kernel/bpf.h"

static const char *target_name(const struct attach_call *call)
{
	return call->program->attach_target ? call->program->attach_target : "its load target";
}

int lade_attach_traced(struct attach_call *call)
{
	int fd = lade_bpf_raw_tracepoint_open(call->kernel, NULL, call->program->fd);
	if (fd < 0) {
		struct lade_finding *finding =
			lade_attach_refusal(call, OPERATION_RAW_TRACEPOINT_OPEN, target_name(call), fd);
		lade_traced_explain(call, target_name(call), -fd, finding);
		return fd;
	}
	return lade_attach_keep(call, target_name(call), fd, lade_attach_is_link(call, fd));
}
