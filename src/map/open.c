/* SPDX-License-Identifier: BSD-2-Clause */
/* The handle of a map that is in the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/info.h"
#include "kernel/bpf.h"
#include "load/instance.h"
#include "map/live.h"
#include "object/sections_table.h"

LADE_API struct lade_live_map *lade_map_close(struct lade_live_map *map)
{
	if (!map)
		return NULL;
	(void)fd_close(map->fd);
	(void)lade_decoder_free(map->key_decoder);
	(void)lade_decoder_free(map->value_decoder);
	free(map->key_type);
	free(map->value_type);
	free(map->name);
	free(map->instance);
	free(map);
	return NULL;
}

/* How many bytes the kernel reads and writes as one value. */
static int set_sizes(struct lade_live_map *map)
{
	map->stride = map->info.value_size;
	map->cpus = 1;
	if (map->kind->per_cpu) {
		map->stride = (map->stride + 7) & ~(size_t)7;
		map->cpus = lade_kernel_possible_cpus(map->kernel);
	}
	return __builtin_mul_overflow(map->stride, map->cpus, &map->value_bytes) ? -EOVERFLOW : 0;
}

static int fill(struct lade_live_map *map, struct lade_error **error)
{
	int result = lade_bpf_map_info(map->kernel, map->fd, &map->info);
	if (result < 0)
		return lade_fail(error, -result, "map.open", "BPF_OBJ_GET_INFO_BY_FD: %s", strerror(-result));
	map->kind = lade_map_kind(map->info.type);
	if (!map->name)
		map->name = strndup(map->info.name, sizeof map->info.name);
	if (!map->name)
		return lade_fail_memory(error);
	if (!*map->name) {
		free(map->name);
		map->name = lade_path("id:%u", map->info.id);
	}
	if (!map->name)
		return lade_fail_memory(error);
	return set_sizes(map) < 0 ? lade_fail(error, EOVERFLOW, "map.open", "%s: its values are too large", map->name)
				  : 0;
}

int lade_map_from_found(struct lade_context *context, struct found *found, enum lade_map_access access,
			struct lade_live_map **ret_map, struct lade_error **error)
{
	CLEANUP(cleanup_lade_live_map) struct lade_live_map *map = calloc(1, sizeof *map);
	if (!map) {
		lade_found_clear(found);
		return lade_fail_memory(error);
	}
	map->context = context;
	map->fd = take_fd(&found->fd);
	map->name = TAKE(found->name);
	map->instance = TAKE(found->instance);
	map->access = access;
	map->frozen = -1;
	int result = lade_context_kernel(context, &map->kernel, error);
	if (result == 0)
		result = fill(map, error);
	if (result == 0)
		*ret_map = TAKE(map);
	return result;
}

static int read_options(const struct lade_map_open_opts *opts, struct lade_map_open_opts *ret_known,
			struct lade_error **error)
{
	int result = opts_read(ret_known, sizeof *ret_known, opts);
	bool is_known =
		(unsigned)ret_known->access <= LADE_MAP_WRITE && (unsigned)ret_known->lock <= LADE_MAP_EXCLUSIVE;
	if (result == 0 && (!is_known || !lade_map_lock_is_possible(ret_known->lock, ret_known->access)))
		result = -EINVAL;
	return result < 0 ? lade_fail(error, -result, "map.options", "struct lade_map_open_opts: %s", strerror(-result))
			  : 0;
}

LADE_API int lade_map_open(struct lade_context *context, const char *which, const struct lade_map_open_opts *opts,
			   struct lade_live_map **ret_map, struct lade_error **error)
{
	static const uint32_t flags[] = { [LADE_MAP_READ] = BPF_F_RDONLY, [LADE_MAP_WRITE] = BPF_F_WRONLY };
	CLEANUP(cleanup_lade_live_map) struct lade_live_map *map = NULL;
	struct lade_map_open_opts known;
	struct found found = { .fd = -1 };
	int result = read_options(opts, &known, error);
	if (result == 0)
		result = lade_find_fd(context, FOUND_MAP, which, NULL,
				      known.access < ELEMENTS(flags) ? flags[known.access] : 0, &found, error);
	if (result == 0)
		result = lade_map_from_found(context, &found, known.access, &map, error);
	if (result == 0 && known.shape)
		result = lade_map_check_shape(map, known.shape, error);
	if (result == 0)
		result = lade_map_take_lock(map, known.lock, error);
	if (result == 0)
		*ret_map = TAKE(map);
	return result;
}

LADE_API int lade_instance_open_map(struct lade_instance *instance, const char *name, struct lade_live_map **ret_map,
				    struct lade_error **error)
{
	int fd = lade_instance_map_fd(instance, name);
	if (fd < 0)
		return lade_fail(error, ENOENT, "map.unknown", "the instance has no map %s", name);
	struct found found = { .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3), .name = strdup(name) };
	if (found.fd < 0 || !found.name) {
		int errnum = found.fd < 0 ? errno : ENOMEM;
		lade_found_clear(&found);
		return lade_fail(error, errnum, "map.open", "%s: %s", name, strerror(errnum));
	}
	if (instance->name)
		found.instance = strdup(instance->name);
	return lade_map_from_found(instance->context, &found, LADE_MAP_READ_WRITE, ret_map, error);
}

static bool is_frozen(struct lade_live_map *map)
{
	if (map->frozen < 0)
		map->frozen = lade_bpf_map_frozen(map->kernel, map->fd) == 1;
	return map->frozen;
}

LADE_API int lade_live_map_describe(const struct lade_live_map *map, struct lade_live_map_info *info)
{
	struct lade_live_map *self = (struct lade_live_map *)map; /* what is asked for is remembered */
	(void)lade_map_types(self, NULL);
	const struct lade_live_map_info full = {
		.name = map->name,
		.id = map->info.id,
		.type = map->info.type,
		.type_name = map->info.type < lade_map_name_count ? lade_map_names[map->info.type] : NULL,
		.key_size = map->info.key_size,
		.value_size = map->info.value_size,
		.max_entries = map->info.max_entries,
		.flags = map->info.map_flags,
		.value_bytes = map->value_bytes,
		.cpus = map->cpus,
		.frozen = is_frozen(self),
		.fd = map->fd,
		.key_type = map->key_type,
		.value_type = map->value_type,
	};
	return info_fill(info, &full, sizeof full);
}
