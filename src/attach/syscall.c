/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of type syscall are called, not attached: attaching one runs it once. */
#include <errno.h>
#include <stdio.h>

#include "attach/method.h"
#include "kernel/bpf.h"

static int fail_context(struct attach_call *call)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.syscall.context",
			       "%s: the program reads its context, and none is given to it here", call->program->name);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

int lade_attach_syscall(struct attach_call *call)
{
	struct attr_prog_test_run attr = { .prog_fd = (uint32_t)call->program->fd };
	char said[64];
	int result = call->kernel->calls->bpf(call->kernel, BPF_PROG_TEST_RUN, &attr, sizeof attr);
	if (result == -EINVAL)
		return fail_context(call);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_RUN, "the calling process", result);
	(void)snprintf(said, sizeof said, "once, returned %d", (int)attr.retval);
	return lade_attach_keep(call, said, -1, false);
}
