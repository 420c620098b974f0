/* SPDX-License-Identifier: BSD-2-Clause */
/* One element at a time, as bytes. */
#include <errno.h>
#include <string.h>

#include "diagnose/denied.h"
#include "kernel/bpf.h"
#include "map/live.h"
#include "object/sections_table.h"

/* ---- why not ---- */

struct reason {
	int errnum;
	const char *what; /* "reading" …; NULL: whatever was done */
	const char *code;
};

static const struct reason reasons[] = {
	{ ENOENT, NULL, "map.key.absent" },
	{ EEXIST, NULL, "map.key.exists" },
	{ E2BIG, "writing", "map.full" },
	{ E2BIG, "pushing", "map.full" },
	{ ENOSPC, "reading", "map.no-values" },
	{ ENOSPC, "writing", "map.full" },
	{ ENOMEM, NULL, "map.memory" },
	{ ENOTSUP, NULL, "map.unsupported" },
	{ KERNEL_ENOTSUPP, NULL, "map.unsupported" },
	{ EINVAL, "deleting", "map.delete.fixed" },
	{ EINVAL, "popping", "map.unsupported" },
	{ EINVAL, NULL, "map.refused" },
	{ EBUSY, NULL, "map.busy" },
};

static const char *find_code(int errnum, const char *what)
{
	for (size_t i = 0; i < ELEMENTS(reasons); i++)
		if (reasons[i].errnum == errnum && (!reasons[i].what || strcmp(reasons[i].what, what) == 0))
			return reasons[i].code;
	return "map.refused";
}

static bool is_read(const char *what)
{
	return strcmp(what, "reading") == 0;
}

static const char *command_of(const char *what)
{
	static const char *const commands[][2] = {
		{ "reading", "BPF_MAP_LOOKUP_ELEM" },
		{ "deleting", "BPF_MAP_DELETE_ELEM" },
		{ "walking", "BPF_MAP_GET_NEXT_KEY" },
	};

	for (size_t i = 0; i < ELEMENTS(commands); i++)
		if (strcmp(commands[i][0], what) == 0)
			return commands[i][1];
	return "BPF_MAP_UPDATE_ELEM";
}

/* EPERM: the map is frozen, its flags or the descriptor's forbid it, or the process may not. */
static int refuse_access(struct lade_live_map *map, const char *what, int result, struct lade_error **error)
{
	uint32_t flag = is_read(what) ? BPF_F_WRONLY : BPF_F_RDONLY;
	enum lade_map_access access = is_read(what) ? LADE_MAP_WRITE : LADE_MAP_READ;
	bool is_frozen = !is_read(what) && lade_bpf_map_frozen(map->kernel, map->fd) == 1;
	bool has_reason = is_frozen || map->info.map_flags & flag || map->access == access;
	struct lade_finding *finding = lade_error_add(error, -result,
						      is_frozen    ? "map.frozen"
						      : has_reason ? "map.access"
								   : "map.permission",
						      "map %s: %s: %s", map->name, what, strerror(-result));
	finding_map(finding, map->name);
	if (is_frozen)
		finding_evidence(finding, "/proc/self/fdinfo says frozen: 1");
	else if (map->info.map_flags & flag)
		finding_evidence(finding, "its flags are 0x%x, with %s", map->info.map_flags,
				 is_read(what) ? "BPF_F_WRONLY" : "BPF_F_RDONLY");
	else if (map->access == access)
		finding_evidence(finding, "it was opened for %s only", is_read(what) ? "writing" : "reading");
	else
		lade_diagnose_denied_name(map->kernel, command_of(what), -result, finding);
	return result;
}

/* The number of a descriptor says nothing, what it was opened from does; and such maps have no dump to look at. */
static void add_opened_key(const struct lade_live_map *map, int result, struct lade_finding *finding)
{
	if (map->given_key)
		finding_evidence(finding, "the key is %s", map->given_key);
	if (result == -ENOENT)
		finding_fix(finding, "set it first: a program, or lade map set, makes the element");
}

static void add_key(struct lade_live_map *map, const void *key, struct lade_finding *finding)
{
	char *text = NULL;
	if (key && finding && lade_map_print_key(map, key, LADE_MAP_TEXT, &text) == 0)
		finding_evidence(finding, "the key is %s", text);
	free(text);
}

/* Slots take programs, and maps, of one kind. */
static void explain_slot(struct lade_live_map *map, struct lade_finding *finding)
{
	int type = map->kind->content == CONTENT_PROGRAM ? lade_bpf_map_owner_type(map->kernel, map->fd) : -1;
	if (type >= 0 && (size_t)type < lade_program_name_count && lade_program_names[type]) {
		finding_cause(finding, "all programs of a prog array have the type of the program that uses it");
		finding_evidence(finding, "this one is for %s programs", lade_program_names[type]);
	}
	if (map->kind->content == CONTENT_MAP)
		finding_cause(finding, "the maps in it have the type and the sizes of the one it was made for");
}

/* An array is never full: its elements are there, and no others. */
static bool is_beyond(const struct lade_live_map *map, const char *what, int result)
{
	static const uint32_t numbered[] = { BPF_MAP_TYPE_ARRAY,
					     BPF_MAP_TYPE_PERCPU_ARRAY,
					     BPF_MAP_TYPE_PROG_ARRAY,
					     BPF_MAP_TYPE_CGROUP_ARRAY,
					     BPF_MAP_TYPE_ARRAY_OF_MAPS,
					     BPF_MAP_TYPE_PERF_EVENT_ARRAY,
					     BPF_MAP_TYPE_DEVMAP,
					     BPF_MAP_TYPE_CPUMAP,
					     BPF_MAP_TYPE_XSKMAP,
					     BPF_MAP_TYPE_SOCKMAP,
					     BPF_MAP_TYPE_REUSEPORT_SOCKARRAY };

	for (size_t i = 0; i < ELEMENTS(numbered) && result == -E2BIG && strcmp(what, "writing") == 0; i++)
		if (map->info.type == numbered[i])
			return true;
	return false;
}

int lade_map_refused(struct lade_live_map *map, const char *what, const void *key, int result,
		     struct lade_error **error)
{
	if (result == -EPERM)
		return refuse_access(map, what, result, error);
	struct lade_finding *finding = lade_error_add(
		error, -result, is_beyond(map, what, result) ? "map.key.range" : find_code(-result, what),
		"map %s: %s: %s", map->name, what,
		result == -KERNEL_ENOTSUPP ? "the kernel does not support it" : strerror(-result));
	finding_map(finding, map->name);
	if (result == -EACCES || result == -EINVAL)
		(void)lade_diagnose_filter(map->kernel, command_of(what), -result, finding);
	if (result == -ENOSYS)
		lade_diagnose_denied_name(map->kernel, command_of(what), ENOSYS, finding);
	if (result == -E2BIG)
		finding_evidence(finding, "max_entries is %u", map->info.max_entries);
	if (lade_key_is_opened(map))
		add_opened_key(map, result, finding);
	else
		add_key(map, key, finding);
	if (result == -EINVAL && strcmp(what, "writing") == 0)
		explain_slot(map, finding);
	return result;
}

int lade_map_needs_keys(const struct lade_live_map *map, bool wanted, struct lade_error **error)
{
	if (map->kind->content == CONTENT_NONE)
		return lade_fail(error, EOPNOTSUPP, "map.no-elements",
				 "map %s: it holds nothing that can be read or set", map->name);
	bool has_keys = map->kind->key != KEY_NONE;
	if (has_keys == wanted)
		return 0;
	return has_keys ? lade_fail(error, EINVAL, "map.has-keys", "map %s: its elements have keys", map->name)
			: lade_fail(error, EINVAL, "map.no-keys", "map %s: its elements have no keys", map->name);
}

/* ---- with keys ---- */

/* The kernel's word for "no such element" of map-in-map and arrays that are being changed. */
LADE_API int lade_map_lookup(struct lade_live_map *map, const void *key, void *value, struct lade_error **error)
{
	int result = lade_map_needs_keys(map, true, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_lookup(map->kernel, map->fd, key, value);
	return result < 0 ? lade_map_refused(map, "reading", key, result, error) : 0;
}

LADE_API int lade_map_update(struct lade_live_map *map, const void *key, const void *value, uint64_t flags,
			     struct lade_error **error)
{
	int result = lade_map_needs_keys(map, true, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_update(map->kernel, map->fd, key, value, flags);
	return result < 0 ? lade_map_refused(map, "writing", key, result, error) : 0;
}

LADE_API int lade_map_delete(struct lade_live_map *map, const void *key, struct lade_error **error)
{
	int result = lade_map_needs_keys(map, true, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_delete(map->kernel, map->fd, key);
	return result < 0 ? lade_map_refused(map, "deleting", key, result, error) : 0;
}

/* ---- without ---- */

LADE_API int lade_map_push(struct lade_live_map *map, const void *value, struct lade_error **error)
{
	int result = lade_map_needs_keys(map, false, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_update(map->kernel, map->fd, NULL, value, 0);
	return result < 0 ? lade_map_refused(map, "pushing", NULL, result, error) : 0;
}

static int refuse_empty(const struct lade_live_map *map, struct lade_error **error)
{
	bool is_filter = map->info.type == BPF_MAP_TYPE_BLOOM_FILTER;
	return lade_fail(error, ENOENT, is_filter ? "map.value.absent" : "map.empty",
			 is_filter ? "map %s: the value was never pushed" : "map %s: it is empty", map->name);
}

LADE_API int lade_map_pop(struct lade_live_map *map, void *value, struct lade_error **error)
{
	int result = lade_map_needs_keys(map, false, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_take(map->kernel, map->fd, NULL, value);
	if (result == -ENOENT)
		return refuse_empty(map, error);
	return result < 0 ? lade_map_refused(map, "popping", NULL, result, error) : 0;
}

LADE_API int lade_map_peek(struct lade_live_map *map, void *value, struct lade_error **error)
{
	int result = lade_map_needs_keys(map, false, error);
	if (result < 0)
		return result;
	result = lade_bpf_map_lookup(map->kernel, map->fd, NULL, value);
	if (result == -ENOENT)
		return refuse_empty(map, error);
	return result < 0 ? lade_map_refused(map, "reading", NULL, result, error) : 0;
}
