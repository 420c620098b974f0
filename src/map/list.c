/* SPDX-License-Identifier: BSD-2-Clause */
/* Every map of the kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "diagnose/denied.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "map/list.h"
#include "object/sections_table.h"

DEFINE_CLEANUP(struct lade_map_list, lade_map_list, lade_map_list_free)

static void map_clear(struct listed_map *map)
{
	free(map->name);
	lade_strings_clear(&map->pins);
	array_foreach(user, &map->users)
		free(user->name);
	array_clear(&map->users);
}

LADE_API struct lade_map_list *lade_map_list_free(struct lade_map_list *list)
{
	if (!list)
		return NULL;
	array_foreach(map, &list->maps)
		map_clear(map);
	array_clear(&list->maps);
	free(list);
	return NULL;
}

/* The kernel hands ids out in order and lists them so. */
struct listed_map *lade_list_find(struct lade_map_list *list, uint32_t id)
{
	size_t low = 0, high = list->maps.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list->maps.items[middle].info.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	bool is_there = low < list->maps.count && list->maps.items[low].info.id == id;
	return is_there ? &list->maps.items[low] : NULL;
}

int lade_list_add_user(struct listed_map *map, enum lade_map_user_kind kind, const char *name, uint32_t id)
{
	array_foreach(known, &map->users)
		if (known->kind == kind && known->id == id && strcmp(known->name, name) == 0)
			return 0;
	struct map_user *user = array_push(&map->users);
	if (!user)
		return -ENOMEM;
	*user = (struct map_user){ .kind = kind, .name = strdup(name), .id = id };
	if (user->name)
		return 0;
	map->users.count--;
	return -ENOMEM;
}

static int add_map(struct lade_map_list *list, int fd)
{
	struct bpf_map_info info;
	if (lade_bpf_map_info(list->kernel, fd, &info) < 0)
		return 0;
	struct listed_map *map = array_push(&list->maps);
	if (!map)
		return -ENOMEM;
	map->info = info;
	memcpy(map->kernel_name, info.name, sizeof info.name);
	map->frozen = lade_bpf_map_frozen(list->kernel, fd) == 1;
	return 0;
}

static int refuse(struct lade_map_list *list, int result, struct lade_error **error)
{
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	struct lade_finding *finding =
		lade_error_add(error, -result, result == -EPERM ? "environment.permission" : "map.open",
			       "listing maps: %s", strerror(-result));
	if (result == -EPERM || result == -ENOSYS)
		lade_diagnose_denied_name(list->kernel, "BPF_MAP_GET_NEXT_ID", -result, finding);
	return result;
}

static int read_maps(struct lade_map_list *list, struct lade_error **error)
{
	uint32_t id = 0;
	int result;
	while ((result = lade_bpf_next_id(list->kernel, BPF_MAP_GET_NEXT_ID, id, &id)) == 0) {
		CLEANUP(cleanup_fd) int fd = lade_bpf_map_by_id(list->kernel, id);
		if (fd == -EPERM)
			return refuse(list, fd, error);
		if (fd >= 0 && add_map(list, fd) < 0) /* else gone meanwhile */
			return lade_fail_memory(error);
	}
	return result == -ENOENT ? 0 : refuse(list, result, error);
}

static int read_users(struct lade_map_list *list, struct lade_error **error)
{
	int (*const readers[])(struct lade_map_list *) = { lade_list_instances, lade_list_programs, lade_list_pins,
							   lade_list_processes };
	for (size_t i = 0; i < ELEMENTS(readers); i++)
		if (readers[i](list) < 0)
			return lade_fail_memory(error);
	return 0;
}

/* ---- one instance's, or one map ---- */

static void keep_only(struct lade_map_list *list, const uint32_t *ids, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->maps.count; i++) {
		bool is_wanted = false;
		for (size_t j = 0; j < count; j++)
			is_wanted = is_wanted || list->maps.items[i].info.id == ids[j];
		if (is_wanted)
			list->maps.items[kept++] = list->maps.items[i];
		else
			map_clear(&list->maps.items[i]);
	}
	list->maps.count = kept;
}

static int keep_instance(struct lade_map_list *list, const struct lade_state *state)
{
	ARRAY_OF(uint32_t) ids = { 0 };
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			if (lade_state_pin(state, i, j, &pin) < 0 || pin.kind != LADE_PINNED_MAP)
				continue;
			uint32_t *id = array_push(&ids);
			if (!id) {
				array_clear(&ids);
				return -ENOMEM;
			}
			*id = pin.id;
		}
	keep_only(list, ids.items, ids.count);
	array_clear(&ids);
	return 0;
}

static int keep_wanted(struct lade_map_list *list, const char *which, struct lade_error **error)
{
	CLEANUP(cleanup_map_state) struct lade_state *state = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *ignored = NULL;
	CLEANUP(cleanup_lade_live_map) struct lade_live_map *map = NULL;
	if (lade_state_read(list->context, which, &state, &ignored) == 0 && lade_state_count(state))
		return keep_instance(list, state) < 0 ? lade_fail_memory(error) : 0;
	int result = lade_map_open(list->context, which, NULL, &map, error);
	if (result < 0)
		return result;
	keep_only(list, &map->info.id, 1);
	return 0;
}

LADE_API int lade_map_list_read(struct lade_context *context, const char *which, struct lade_map_list **ret_list,
				struct lade_error **error)
{
	CLEANUP(cleanup_lade_map_list) struct lade_map_list *list = calloc(1, sizeof *list);
	if (!list)
		return lade_fail_memory(error);
	list->context = context;
	int result = lade_context_kernel(context, &list->kernel, error);
	if (result == 0)
		result = read_maps(list, error);
	if (result == 0)
		result = read_users(list, error);
	if (result == 0 && which)
		result = keep_wanted(list, which, error);
	if (result == 0)
		*ret_list = TAKE(list);
	return result;
}

/* ---- what it hands out ---- */

LADE_API size_t lade_map_list_count(const struct lade_map_list *list)
{
	return list->maps.count;
}

LADE_API int lade_map_list_entry(const struct lade_map_list *list, size_t index, struct lade_map_list_entry *entry)
{
	if (index >= list->maps.count)
		return -ENOENT;
	const struct listed_map *map = &list->maps.items[index];
	const struct lade_map_list_entry full = {
		.id = map->info.id,
		.type = map->info.type,
		.name = map->name ? map->name : map->kernel_name,
		.type_name = map->info.type < lade_map_name_count ? lade_map_names[map->info.type] : NULL,
		.key_size = map->info.key_size,
		.value_size = map->info.value_size,
		.max_entries = map->info.max_entries,
		.flags = map->info.map_flags,
		.frozen = map->frozen,
		.pin_count = map->pins.count,
		.user_count = map->users.count,
	};
	return info_fill(entry, &full, sizeof full);
}

LADE_API const char *lade_map_list_pin(const struct lade_map_list *list, size_t index, size_t pin)
{
	if (index >= list->maps.count || pin >= list->maps.items[index].pins.count)
		return NULL;
	return list->maps.items[index].pins.items[pin];
}

LADE_API int lade_map_list_user(const struct lade_map_list *list, size_t index, size_t user,
				struct lade_map_user *ret_user)
{
	if (index >= list->maps.count || user >= list->maps.items[index].users.count)
		return -ENOENT;
	const struct map_user *known = &list->maps.items[index].users.items[user];
	const struct lade_map_user full = { .kind = known->kind, .name = known->name, .id = known->id };
	return info_fill(ret_user, &full, sizeof full);
}
