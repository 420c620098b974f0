/* SPDX-License-Identifier: BSD-2-Clause */
/* Is a map what its user was compiled for? And the lock between those who use it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/info.h"
#include "map/live.h"
#include "object/sections_table.h"

/* ---- the shape ---- */

struct difference {
	const char *what;
	uint64_t has, wants; /* wants 0: anything */
};

static const char *type_name(const struct lade_live_map *map)
{
	const char *name = map->info.type < lade_map_name_count ? lade_map_names[map->info.type] : NULL;
	return name ? name : "of another type";
}

static bool is_known_type(const char *name)
{
	for (size_t i = 0; i < lade_map_name_count; i++)
		if (lade_map_names[i] && strcmp(lade_map_names[i], name) == 0)
			return true;
	return false;
}

static struct lade_finding *add_finding(const struct lade_live_map *map, struct lade_finding *finding,
					struct lade_error **error)
{
	if (finding)
		return finding;
	finding =
		lade_error_add(error, ENOTUNIQ, "map.shape", "map %s is not what this program was made for", map->name);
	finding_map(finding, map->name);
	return finding;
}

static int compare(const struct lade_live_map *map, const struct lade_map_shape *shape, struct lade_error **error)
{
	const struct difference sizes[] = {
		{ "key_size", map->info.key_size, shape->key_size },
		{ "value_size", map->info.value_size, shape->value_size },
		{ "all bytes of a value, of every CPU,", map->value_bytes, shape->value_bytes },
	};
	uint32_t flags = map->info.map_flags & shape->flags_mask, wanted = shape->flags & shape->flags_mask;
	struct lade_finding *finding = NULL;
	bool differs = false;
	if (shape->type && strcmp(type_name(map), shape->type) != 0) {
		differs = true;
		finding = add_finding(map, finding, error);
		finding_evidence(finding, "its type is %s, wanted: %s", type_name(map), shape->type);
	}
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		if (!sizes[i].wants || sizes[i].has == sizes[i].wants)
			continue;
		differs = true;
		finding = add_finding(map, finding, error);
		finding_evidence(finding, "%s is %llu, wanted: %llu", sizes[i].what, (unsigned long long)sizes[i].has,
				 (unsigned long long)sizes[i].wants);
	}
	if (flags != wanted) {
		differs = true;
		finding = add_finding(map, finding, error);
		finding_evidence(finding, "its flags are 0x%x, wanted: 0x%x of 0x%x", map->info.map_flags, wanted,
				 shape->flags_mask);
	}
	if (map->info.max_entries < shape->least_entries) {
		differs = true;
		finding = add_finding(map, finding, error);
		finding_evidence(finding, "max_entries is %u, wanted: %u or more", map->info.max_entries,
				 shape->least_entries);
	}
	return differs ? -ENOTUNIQ : 0;
}

/* The kernel holds who made the map to these flags, and not who opens its pin; newer ones forget them. */
static int check_direction(const struct lade_live_map *map, struct lade_error **error)
{
	bool is_only_read = map->info.map_flags & BPF_F_RDONLY && map->access != LADE_MAP_READ;
	bool is_only_written = map->info.map_flags & BPF_F_WRONLY && map->access != LADE_MAP_WRITE;
	if (!is_only_read && !is_only_written)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, EPERM, "map.access", "map %s was made to be only %s from here", map->name,
			       is_only_read ? "read" : "written");
	finding_map(finding, map->name);
	finding_evidence(finding, "its flags are 0x%x, with %s", map->info.map_flags,
			 is_only_read ? "BPF_F_RDONLY" : "BPF_F_WRONLY");
	finding_fix(finding, "open it with LADE_MAP_%s", is_only_read ? "READ" : "WRITE");
	return -EPERM;
}

int lade_map_check_shape(const struct lade_live_map *map, const struct lade_map_shape *shape, struct lade_error **error)
{
	struct lade_map_shape known;
	int result = opts_read(&known, sizeof known, shape);
	if (result < 0)
		return lade_fail(error, -result, "map.options", "struct lade_map_shape: %s", strerror(-result));
	if (known.type && !is_known_type(known.type))
		return lade_fail(error, EINVAL, "map.options", "struct lade_map_shape: no map has type \"%s\"",
				 known.type);
	result = compare(map, &known, error);
	return result < 0 ? result : check_direction(map, error);
}

/* ---- the lock ---- */

bool lade_map_lock_is_possible(enum lade_map_lock lock, enum lade_map_access access)
{
	return !(lock == LADE_MAP_SHARED && access == LADE_MAP_WRITE) &&
	       !(lock == LADE_MAP_EXCLUSIVE && access == LADE_MAP_READ);
}

/* All descriptors of maps share one inode: the map's id tells them apart. */
static struct flock lock_of(const struct lade_live_map *map, enum lade_map_lock lock)
{
	return (struct flock){ .l_type = lock == LADE_MAP_SHARED ? F_RDLCK : F_WRLCK,
			       .l_whence = SEEK_SET,
			       .l_start = (off_t)map->info.id,
			       .l_len = 1 };
}

static int refuse_lock(const struct lade_live_map *map, enum lade_map_lock lock, int result, struct lade_error **error)
{
	struct flock held = lock_of(map, lock);
	struct lade_finding *finding = lade_error_add(error, -result, "map.locked", "map %s: taking %s lock: %s",
						      map->name, lock == LADE_MAP_SHARED ? "a shared" : "an exclusive",
						      result == -EAGAIN ? "another one is held" : strerror(-result));
	finding_map(finding, map->name);
	if (result == -EAGAIN && fcntl(map->fd, F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK)
		finding_evidence(finding, "%s lock is held on it",
				 held.l_type == F_RDLCK ? "a shared" : "an exclusive");
	return result;
}

int lade_map_take_lock(const struct lade_live_map *map, enum lade_map_lock lock, struct lade_error **error)
{
	struct flock wanted = lock_of(map, lock);
	if (lock == LADE_MAP_UNLOCKED || !map->info.id)
		return 0;
	if (fcntl(map->fd, F_OFD_SETLK, &wanted) == 0)
		return 0;
	return refuse_lock(map, lock, errno == EACCES ? -EAGAIN : -errno, error);
}
