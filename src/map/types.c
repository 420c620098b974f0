/* SPDX-License-Identifier: BSD-2-Clause */
/* The types of keys and values: the map's BTF from the kernel, the kernel's own for tables of its operations. */
#include <errno.h>
#include <stdlib.h>

#include "kernel/bpf.h"
#include "kernel/context.h"
#include "map/live.h"

enum { MAX_BTF_BYTES = 256 << 20 };

static int read_bytes(struct kernel *kernel, int fd, void **ret_bytes, uint32_t *ret_size)
{
	struct bpf_btf_info info = { 0 };
	int result = lade_bpf_btf_info(kernel, fd, &info);
	if (result < 0)
		return result;
	if (!info.btf_size || info.btf_size > MAX_BTF_BYTES)
		return -E2BIG;
	CLEANUP(cleanup_free) void *bytes = malloc(info.btf_size);
	if (!bytes)
		return -ENOMEM;
	struct bpf_btf_info again = { .btf = (uint64_t)(uintptr_t)bytes, .btf_size = info.btf_size };
	result = lade_bpf_btf_info(kernel, fd, &again);
	if (result < 0)
		return result;
	*ret_size = info.btf_size;
	*ret_bytes = TAKE(bytes);
	return 0;
}

static int read_btf(struct lade_live_map *map, struct lade_btf **ret_btf, struct lade_error **error)
{
	CLEANUP(cleanup_fd) int fd = lade_bpf_btf_by_id(map->kernel, map->info.btf_id);
	CLEANUP(cleanup_free) void *bytes = NULL;
	uint32_t size;
	int result = fd < 0 ? fd : read_bytes(map->kernel, fd, &bytes, &size);
	return result < 0 ? result : lade_btf_parse(bytes, size, map->name, ret_btf, error);
}

/* A type whose size is not that of the map is a lie, or that of another form: then bytes are all that is sure. */
static int compile(const struct lade_btf *btf, uint32_t id, uint32_t size, struct lade_decoder **ret_decoder,
		   char **ret_name)
{
	struct strbuf name = { 0 };
	CLEANUP(cleanup_lade_decoder) struct lade_decoder *decoder = NULL;
	int result = id ? lade_decoder_compile_value(btf, id, &decoder) : -ENOENT;
	if (result < 0)
		return result == -ENOMEM ? -ENOMEM : 0;
	if (lade_decoder_size(decoder) != size)
		return 0;
	lade_btf_spell(btf, id, &name);
	*ret_name = lade_strbuf_take(&name);
	*ret_decoder = TAKE(decoder);
	return 0;
}

static int compile_both(struct lade_live_map *map, const struct lade_btf *btf)
{
	int result = compile(btf, map->info.btf_key_type_id, map->info.key_size, &map->key_decoder, &map->key_type);
	return result < 0 ? result
			  : compile(btf, map->info.btf_value_type_id, map->info.value_size, &map->value_decoder,
				    &map->value_type);
}

static int compile_operations(struct lade_live_map *map)
{
	struct kernel_types *types;
	int result = lade_context_types(map->context, &types, NULL);
	return result < 0 ? result
			  : compile(lade_kernel_types_base(types), map->info.btf_vmlinux_value_type_id,
				    map->info.value_size, &map->value_decoder, &map->value_type);
}

int lade_map_types(struct lade_live_map *map, struct lade_error **error)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = NULL;
	int result = 0;
	if (map->types_read)
		return 0;
	map->types_read = true;
	if (map->info.btf_vmlinux_value_type_id)
		result = compile_operations(map);
	else if (map->info.btf_id)
		result = read_btf(map, &btf, NULL);
	if (btf)
		result = compile_both(map, btf);
	return result == -ENOMEM ? lade_fail_memory(error) : 0;
}
