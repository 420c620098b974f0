/* SPDX-License-Identifier: BSD-2-Clause */
/* The BTF of a module as the kernel knows it: a descriptor, found by walking over all BTF objects. */
#include "kernel/module_btf.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/bpf.h"

#define MODULE_NAME_BYTES 64 /* MODULE_NAME_LEN is 56 */

/* 1: it is the one; 0: another; negative: could not be asked. */
static int is_module(struct kernel *kernel, int fd, const char *module)
{
	char name[MODULE_NAME_BYTES] = "";
	struct bpf_btf_info info = { .name = (uintptr_t)name, .name_len = sizeof name };
	int result = lade_bpf_btf_info(kernel, fd, &info);
	if (result == -E2BIG) /* before 5.11: types have no names, and modules none */
		return 0;
	if (result < 0)
		return result;
	return info.kernel_btf && strcmp(name, module) == 0;
}

int lade_kernel_module_btf(struct kernel *kernel, const char *module)
{
	uint32_t id = 0;
	int result;
	while ((result = lade_bpf_btf_next_id(kernel, id, &id)) >= 0) {
		int fd = lade_bpf_btf_by_id(kernel, id);
		if (fd == -ENOENT) /* it went away meanwhile */
			continue;
		result = fd < 0 ? fd : is_module(kernel, fd, module);
		if (result > 0)
			return fd;
		(void)fd_close(fd);
		if (result < 0)
			return result;
	}
	return result;
}
