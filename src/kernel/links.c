/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/links.h"

static int next_id(struct kernel *kernel, uint32_t id, uint32_t *ret_id)
{
	struct attr_get_by_id attr = { .id = id };
	int result = kernel->calls->bpf(kernel, BPF_LINK_GET_NEXT_ID, &attr, sizeof attr);
	if (result >= 0)
		*ret_id = attr.next_id;
	return result;
}

static int get_info(struct kernel *kernel, uint32_t id, struct link_info *info)
{
	CLEANUP(cleanup_fd) int fd = lade_bpf_link_by_id(kernel, id);
	struct attr_get_info attr = { .bpf_fd = (uint32_t)fd,
				      .info_len = sizeof *info,
				      .info = (uint64_t)(uintptr_t)info };
	return fd < 0 ? fd : kernel->calls->bpf(kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
}

void lade_links_walk(struct kernel *kernel, bool (*fn)(const struct link_info *link, void *data), void *data)
{
	for (uint32_t id = 0; next_id(kernel, id, &id) >= 0;) {
		struct link_info info = { 0 };
		if (get_info(kernel, id, &info) >= 0 && fn(&info, data))
			return;
	}
}

struct by_program {
	uint32_t program_id, link_id;
};

static bool is_of_program(const struct link_info *link, void *data)
{
	struct by_program *wanted = data;
	if (link->prog_id != wanted->program_id)
		return false;
	wanted->link_id = link->id;
	return true;
}

uint32_t lade_link_of_program(struct kernel *kernel, uint32_t program_id)
{
	struct by_program wanted = { program_id, 0 };
	lade_links_walk(kernel, is_of_program, &wanted);
	return wanted.link_id;
}
