/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/hooks.h"

#include <errno.h>

int lade_hook_attach(struct kernel *kernel, int target_fd, int prog_fd, uint32_t attach_type, uint32_t flags)
{
	struct attr_prog_attach attr = { .target_fd = (uint32_t)target_fd,
					 .attach_bpf_fd = (uint32_t)prog_fd,
					 .attach_type = attach_type,
					 .attach_flags = flags };
	return kernel->calls->bpf(kernel, BPF_PROG_ATTACH, &attr, sizeof attr);
}

int lade_hook_query(struct kernel *kernel, int target_fd, uint32_t attach_type, struct hook_programs *ret_programs)
{
	struct hook_programs programs = { 0 };
	struct attr_prog_query attr = { .target_fd = (uint32_t)target_fd,
					.attach_type = attach_type,
					.prog_ids = (uint64_t)(uintptr_t)programs.ids,
					.prog_cnt = HOOK_MOST_PROGRAMS };
	int result = kernel->calls->bpf(kernel, BPF_PROG_QUERY, &attr, sizeof attr);
	if (result < 0)
		return result;
	programs.flags = attr.attach_flags;
	programs.count = attr.prog_cnt < HOOK_MOST_PROGRAMS ? attr.prog_cnt : HOOK_MOST_PROGRAMS;
	*ret_programs = programs;
	return 0;
}

bool lade_hook_has(const struct hook_programs *programs, uint32_t prog_id)
{
	for (uint32_t i = 0; i < programs->count; i++)
		if (programs->ids[i] == prog_id)
			return true;
	return false;
}

int lade_hook_detach_exact(struct kernel *kernel, int target_fd, uint32_t attach_type, uint32_t prog_id)
{
	CLEANUP(cleanup_fd) int program = lade_bpf_prog_by_id(kernel, prog_id);
	if (program < 0)
		return program == -ENOENT ? 0 : program;
	struct attr_prog_attach attr = { .target_fd = (uint32_t)target_fd,
					 .attach_bpf_fd = (uint32_t)program,
					 .attach_type = attach_type };
	int result = kernel->calls->bpf(kernel, BPF_PROG_DETACH, &attr, sizeof attr);
	/* ENOENT: gone, somebody else's by now, or held by a link (EBUSY of sockmaps). */
	return result == -ENOENT || result == -EBUSY ? 0 : result;
}

int lade_hook_detach(struct kernel *kernel, int target_fd, uint32_t attach_type, uint32_t prog_id)
{
	struct hook_programs programs;
	int result = lade_hook_query(kernel, target_fd, attach_type, &programs);
	if (result < 0)
		return result == -EINVAL ? 0 : result;
	return lade_hook_has(&programs, prog_id) ? lade_hook_detach_exact(kernel, target_fd, attach_type, prog_id) : 0;
}
