/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel_objects.h"

#include <stdlib.h>
#include <string.h>

#include "capture.h"

#define POINTER(pointer) ((uint64_t)(uintptr_t)(pointer))

static bool get_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd, .info_len = size, .info = POINTER(info) } };

	return capture_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr) == 0;
}

uint32_t kernel_program_id(int fd)
{
	struct bpf_prog_info info = { 0 };

	return get_info(fd, &info, sizeof info) ? info.id : 0;
}

uint32_t kernel_program_btf(int fd)
{
	struct bpf_prog_info info = { 0 };

	return get_info(fd, &info, sizeof info) ? info.btf_id : 0;
}

bool kernel_map_info(int fd, struct bpf_map_info *info)
{
	memset(info, 0, sizeof *info);
	return get_info(fd, info, sizeof *info);
}

void kernel_print_btf_name(FILE *out, int fd)
{
	char name[64] = "";
	struct bpf_btf_info info = { .name = POINTER(name), .name_len = sizeof name };

	if (get_info(fd, &info, sizeof info))
		(void)fputs(name, out);
	else
		(void)fprintf(out, "descriptor without BTF");
}

void *kernel_btf_bytes(int fd, uint32_t *ret_size)
{
	struct bpf_btf_info info = { 0 };
	uint32_t size;
	void *bytes;

	if (!get_info(fd, &info, sizeof info) || !info.btf_size)
		return NULL;
	size = info.btf_size;
	bytes = malloc(size);
	if (!bytes)
		return NULL;
	info = (struct bpf_btf_info){ .btf = POINTER(bytes), .btf_size = size };
	if (!get_info(fd, &info, sizeof info)) {
		free(bytes);
		return NULL;
	}
	*ret_size = size;
	return bytes;
}

int kernel_btf_open(uint32_t id)
{
	union bpf_attr attr = { .btf_id = id };

	return (int)capture_bpf(BPF_BTF_GET_FD_BY_ID, &attr, sizeof attr);
}

void *kernel_map_value(int fd, const struct bpf_map_info *info)
{
	uint32_t key = 0;
	void *value = calloc(1, info->value_size);
	union bpf_attr attr = { 0 };

	attr.map_fd = (uint32_t)fd;
	attr.key = POINTER(&key);
	attr.value = POINTER(value);
	if (value && capture_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof attr) == 0)
		return value;
	free(value);
	return NULL;
}
