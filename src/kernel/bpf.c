/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/bpf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/token.h"

#define FLAG_TOKEN (1U << 16) /* BPF_F_TOKEN_FD, since 6.9 */

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

/* Where a command takes a token. */
struct token_place {
	uint32_t *fd, *flags;
};

/* Without privilege a token may do, if somebody delegated one. */
static int bpf_with_token(struct kernel *kernel, int command, void *attr, size_t size, const struct token_place *place)
{
	int token = lade_token_known(kernel), result;
	bool given = token > 0;
	if (given) {
		*place->fd = (uint32_t)token;
		*place->flags |= FLAG_TOKEN;
	}
	result = bpf(kernel, command, attr, size);
	if (result != -EPERM || given)
		return result;
	token = lade_token_get(kernel);
	if (token <= 0)
		return result;
	*place->fd = (uint32_t)token;
	*place->flags |= FLAG_TOKEN;
	return bpf(kernel, command, attr, size);
}

int lade_bpf_map_create(struct kernel *kernel, struct attr_map_create *attr)
{
	const struct token_place place = { &attr->map_token_fd, &attr->map_flags };
	return bpf_with_token(kernel, BPF_MAP_CREATE, attr, sizeof *attr, &place);
}

int lade_bpf_map_create_logged(struct kernel *kernel, struct attr_map_create *attr, char *log, uint32_t log_size)
{
	struct attr_common common = { .log_buf = pointer(log), .log_size = log_size, .log_level = 1 };
	int token = lade_token_known(kernel), result = -EINTR;
	*log = '\0';
	if (token > 0) {
		attr->map_token_fd = (uint32_t)token;
		attr->map_flags |= FLAG_TOKEN;
	}
	for (int i = 0; result == -EINTR && i < INTERRUPTIONS; i++)
		result = kernel->calls->bpf_logged(kernel, BPF_MAP_CREATE, attr, sizeof *attr, &common);
	log[log_size - 1] = '\0';
	return result;
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
	const struct token_place place = { &attr->prog_token_fd, &attr->prog_flags };
	return bpf_with_token(kernel, BPF_PROG_LOAD, attr, sizeof *attr, &place);
}

int lade_bpf_btf_load(struct kernel *kernel, struct attr_btf_load *attr)
{
	const struct token_place place = { &attr->btf_token_fd, &attr->btf_flags };
	return bpf_with_token(kernel, BPF_BTF_LOAD, attr, sizeof *attr, &place);
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

int lade_bpf_obj_get_flags(struct kernel *kernel, const char *path, uint32_t flags)
{
	struct attr_obj attr = { .pathname = pointer(path), .file_flags = flags };
	return bpf(kernel, BPF_OBJ_GET, &attr, sizeof attr);
}

int lade_bpf_link_create(struct kernel *kernel, const struct attr_link_create *attr)
{
	struct attr_link_create copy = *attr;
	return bpf(kernel, BPF_LINK_CREATE, &copy, sizeof copy);
}

int lade_bpf_link_update(struct kernel *kernel, int link_fd, int program_fd, int old_fd)
{
	struct attr_link_update attr = { .link_fd = (uint32_t)link_fd,
					 .new_prog_fd = (uint32_t)program_fd,
					 .flags = BPF_F_REPLACE,
					 .old_prog_fd = (uint32_t)old_fd };
	return bpf(kernel, BPF_LINK_UPDATE, &attr, sizeof attr);
}

int lade_bpf_link_detach(struct kernel *kernel, int link_fd)
{
	struct attr_link_detach attr = { .link_fd = (uint32_t)link_fd };
	return bpf(kernel, BPF_LINK_DETACH, &attr, sizeof attr);
}

int lade_bpf_iter_create(struct kernel *kernel, int link_fd)
{
	struct attr_iter_create attr = { .link_fd = (uint32_t)link_fd };
	return bpf(kernel, BPF_ITER_CREATE, &attr, sizeof attr);
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

bool lade_bpf_is_other(int fd, const char *kind)
{
	static const char start[] = "anon_inode:";
	char path[64], target[64] = "";
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(path, target, sizeof target - 1);
	return length > 0 && strncmp(target, start, sizeof start - 1) == 0 &&
	       strcmp(target + sizeof start - 1, kind) != 0;
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

static int by_id(struct kernel *kernel, int command, uint32_t id)
{
	struct attr_get_by_id attr = { .id = id };
	return bpf(kernel, command, &attr, sizeof attr);
}

int lade_bpf_prog_by_id(struct kernel *kernel, uint32_t id)
{
	return by_id(kernel, BPF_PROG_GET_FD_BY_ID, id);
}

int lade_bpf_map_by_id(struct kernel *kernel, uint32_t id)
{
	return by_id(kernel, BPF_MAP_GET_FD_BY_ID, id);
}

int lade_bpf_link_by_id(struct kernel *kernel, uint32_t id)
{
	return by_id(kernel, BPF_LINK_GET_FD_BY_ID, id);
}

/* Kernels before 6.15 take no token here: then the first answer is the true one. */
int lade_bpf_btf_by_id(struct kernel *kernel, uint32_t id)
{
	struct attr_get_by_id attr = { .id = id, .open_flags = FLAG_TOKEN };
	int result = by_id(kernel, BPF_BTF_GET_FD_BY_ID, id), token, delegated;
	if (result != -EPERM)
		return result;
	token = lade_token_get(kernel);
	if (token <= 0)
		return result;
	attr.fd_by_id_token_fd = (uint32_t)token;
	delegated = bpf(kernel, BPF_BTF_GET_FD_BY_ID, &attr, sizeof attr);
	return delegated < 0 ? result : delegated;
}

int lade_bpf_btf_next_id(struct kernel *kernel, uint32_t id, uint32_t *ret_id)
{
	struct attr_get_by_id attr = { .id = id };
	int result = bpf(kernel, BPF_BTF_GET_NEXT_ID, &attr, sizeof attr);
	if (result >= 0)
		*ret_id = attr.next_id;
	return result;
}

int lade_bpf_btf_info(struct kernel *kernel, int fd, struct bpf_btf_info *info)
{
	struct attr_get_info attr = { .bpf_fd = (uint32_t)fd, .info_len = sizeof *info, .info = pointer(info) };
	return bpf(kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
}

int lade_bpf_prog_main_function(struct kernel *kernel, int fd, uint32_t *ret_id)
{
	struct bpf_func_info first = { 0 };
	struct bpf_prog_info info = { .nr_func_info = 1,
				      .func_info_rec_size = sizeof first,
				      .func_info = pointer(&first) };
	struct attr_get_info attr = { .bpf_fd = (uint32_t)fd, .info_len = sizeof info, .info = pointer(&info) };
	int result = bpf(kernel, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr);
	if (result >= 0)
		*ret_id = info.nr_func_info ? first.type_id : 0;
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
