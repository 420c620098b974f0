/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/bpf.h"

#include <errno.h>
#include <string.h>

enum { INTERRUPTIONS = 100 }; /* a signal storm must not hold a call for ever */

static uint64_t pointer(const void *address)
{
	return (uint64_t)(uintptr_t)address;
}

/* A signal that arrives during a call that has done nothing yet: the call is made again. */
static int bpf(struct kernel *kernel, int command, void *attr, size_t size)
{
	int result = -EINTR;
	for (int i = 0; result == -EINTR && i < INTERRUPTIONS; i++)
		result = kernel->calls->bpf(kernel, command, attr, size);
	return result;
}

int lade_bpf_map_create(struct kernel *kernel, struct attr_map_create *attr)
{
	return bpf(kernel, BPF_MAP_CREATE, attr, sizeof *attr);
}

static int map_element(struct kernel *kernel, int command, int map_fd, const void *key, const void *value,
		       uint64_t flags)
{
	struct attr_map_elem attr = {
		.map_fd = (uint32_t)map_fd, .key = pointer(key), .value = pointer(value), .flags = flags
	};
	return bpf(kernel, command, &attr, sizeof attr);
}

int lade_bpf_map_update(struct kernel *kernel, int map_fd, const void *key, const void *value, uint64_t flags)
{
	return map_element(kernel, BPF_MAP_UPDATE_ELEM, map_fd, key, value, flags);
}

int lade_bpf_map_lookup(struct kernel *kernel, int map_fd, const void *key, void *value)
{
	return map_element(kernel, BPF_MAP_LOOKUP_ELEM, map_fd, key, value, 0);
}

int lade_bpf_map_delete(struct kernel *kernel, int map_fd, const void *key)
{
	return map_element(kernel, BPF_MAP_DELETE_ELEM, map_fd, key, NULL, 0);
}

int lade_bpf_map_next_key(struct kernel *kernel, int map_fd, const void *key, void *ret_next)
{
	return map_element(kernel, BPF_MAP_GET_NEXT_KEY, map_fd, key, ret_next, 0);
}

int lade_bpf_map_freeze(struct kernel *kernel, int map_fd)
{
	struct attr_map_freeze attr = { .map_fd = (uint32_t)map_fd };
	return bpf(kernel, BPF_MAP_FREEZE, &attr, sizeof attr);
}

int lade_bpf_prog_load(struct kernel *kernel, struct attr_prog_load *attr)
{
	return bpf(kernel, BPF_PROG_LOAD, attr, sizeof *attr);
}

int lade_bpf_btf_load(struct kernel *kernel, struct attr_btf_load *attr)
{
	return bpf(kernel, BPF_BTF_LOAD, attr, sizeof *attr);
}

int lade_bpf_obj_pin(struct kernel *kernel, int fd, const char *path)
{
	struct attr_obj attr = { .pathname = pointer(path), .bpf_fd = (uint32_t)fd };
	return bpf(kernel, BPF_OBJ_PIN, &attr, sizeof attr);
}

int lade_bpf_obj_get(struct kernel *kernel, const char *path)
{
	struct attr_obj attr = { .pathname = pointer(path) };
	return bpf(kernel, BPF_OBJ_GET, &attr, sizeof attr);
}

int lade_bpf_link_create(struct kernel *kernel, const struct attr_link_create *attr)
{
	struct attr_link_create copy = *attr;
	return bpf(kernel, BPF_LINK_CREATE, &copy, sizeof copy);
}

int lade_bpf_raw_tracepoint_open(struct kernel *kernel, const char *name, int prog_fd)
{
	struct attr_raw_tracepoint_open attr = { .name = pointer(name), .prog_fd = (uint32_t)prog_fd };
	return bpf(kernel, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof attr);
}

static int object_info(struct kernel *kernel, int fd, void *info, size_t size)
{
	struct attr_get_info attr = { .bpf_fd = (uint32_t)fd, .info_len = (uint32_t)size, .info = pointer(info) };
	memset(info, 0, size);
	return bpf(kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
}

int lade_bpf_map_info(struct kernel *kernel, int fd, struct bpf_map_info *ret_info)
{
	struct bpf_map_info info;
	int result = object_info(kernel, fd, &info, sizeof info);
	if (result >= 0)
		*ret_info = info;
	return result;
}

int lade_bpf_prog_info(struct kernel *kernel, int fd, struct bpf_prog_info *ret_info)
{
	struct bpf_prog_info info;
	int result = object_info(kernel, fd, &info, sizeof info);
	if (result >= 0)
		*ret_info = info;
	return result;
}

int lade_bpf_link_info(struct kernel *kernel, int fd, struct bpf_link_info *ret_info)
{
	struct bpf_link_info info;
	int result = object_info(kernel, fd, &info, sizeof info);
	if (result >= 0)
		*ret_info = info;
	return result;
}

int lade_bpf_map_frozen(struct kernel *kernel, int fd)
{
	return kernel->calls->map_frozen(kernel, fd);
}

int lade_bpf_map_owner_type(struct kernel *kernel, int fd)
{
	return kernel->calls->map_owner_type(kernel, fd);
}
