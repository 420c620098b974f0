/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/elements.h"

#include <errno.h>

enum { INTERRUPTIONS = 100 }; /* a signal storm must not hold a call for ever */

static uint64_t pointer(const void *address)
{
	return (uint64_t)(uintptr_t)address;
}

static int call(struct kernel *kernel, int command, void *attr, size_t size)
{
	int result = -EINTR;
	for (int i = 0; result == -EINTR && i < INTERRUPTIONS; i++)
		result = kernel->calls->bpf(kernel, command, attr, size);
	return result;
}

int lade_bpf_obj_get_as(struct kernel *kernel, const char *path, uint32_t flags)
{
	struct attr_obj attr = { .pathname = pointer(path), .file_flags = flags };
	return call(kernel, BPF_OBJ_GET, &attr, sizeof attr);
}

int lade_bpf_map_by_id_as(struct kernel *kernel, uint32_t id, uint32_t flags)
{
	struct attr_get_by_id attr = { .id = id, .open_flags = flags };
	return call(kernel, BPF_MAP_GET_FD_BY_ID, &attr, sizeof attr);
}

int lade_bpf_map_take(struct kernel *kernel, int map_fd, const void *key, void *value)
{
	struct attr_map_elem attr = { .map_fd = (uint32_t)map_fd, .key = pointer(key), .value = pointer(value) };
	return call(kernel, BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr, sizeof attr);
}

/* Not made again after a signal: some elements may have been dealt with. */
int lade_bpf_map_batch(struct kernel *kernel, int command, struct attr_map_batch *attr)
{
	return kernel->calls->bpf(kernel, command, attr, sizeof *attr);
}

int lade_bpf_next_id(struct kernel *kernel, int command, uint32_t id, uint32_t *ret_id)
{
	struct attr_get_by_id attr = { .id = id };
	int result = call(kernel, command, &attr, sizeof attr);
	if (result >= 0)
		*ret_id = attr.next_id;
	return result;
}

int lade_bpf_prog_maps(struct kernel *kernel, int fd, uint32_t *ids, uint32_t capacity, uint32_t *ret_count)
{
	struct bpf_prog_info info = { .nr_map_ids = capacity, .map_ids = pointer(ids) };
	struct attr_get_info attr = { .bpf_fd = (uint32_t)fd, .info_len = sizeof info, .info = pointer(&info) };
	int result = call(kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
	if (result >= 0)
		*ret_count = info.nr_map_ids;
	return result;
}

/* A signal ends a run of many rounds: the caller decides. */
int lade_bpf_prog_test_run(struct kernel *kernel, struct attr_prog_test_run *attr)
{
	return kernel->calls->bpf(kernel, BPF_PROG_TEST_RUN, attr, sizeof *attr);
}
