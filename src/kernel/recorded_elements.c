/* SPDX-License-Identifier: BSD-2-Clause */
/* Map elements of the recorded kernel, so that tests can read back what a load wrote. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/recording.h"

#define TYPES(...) ((const uint32_t[]){ __VA_ARGS__, UINT32_MAX })

static bool is_one_of(uint32_t type, const uint32_t *types)
{
	for (; *types != UINT32_MAX; types++)
		if (*types == type)
			return true;
	return false;
}

static bool is_array(uint32_t type)
{
	return is_one_of(type, TYPES(BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_PROG_ARRAY,
				     BPF_MAP_TYPE_PERF_EVENT_ARRAY, BPF_MAP_TYPE_CGROUP_ARRAY,
				     BPF_MAP_TYPE_ARRAY_OF_MAPS, BPF_MAP_TYPE_DEVMAP, BPF_MAP_TYPE_CPUMAP));
}

/* Values exist from the beginning, cannot be deleted. */
static bool is_preset(uint32_t type)
{
	return is_one_of(type, TYPES(BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY));
}

static bool is_per_cpu(uint32_t type)
{
	return is_one_of(type,
			 TYPES(BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_PERCPU_HASH, BPF_MAP_TYPE_LRU_PERCPU_HASH));
}

static bool has_no_elements(uint32_t type)
{
	return is_one_of(type, TYPES(BPF_MAP_TYPE_RINGBUF, 31 /* user ring buffer */, 33 /* arena */));
}

static bool is_map_in_map(uint32_t type)
{
	return is_one_of(type, TYPES(BPF_MAP_TYPE_ARRAY_OF_MAPS, BPF_MAP_TYPE_HASH_OF_MAPS));
}

void lade_recorded_elements_clear(struct recorded_object *object)
{
	array_foreach (element, &object->elements)
		free(element->key);
	array_clear(&object->elements);
}

/* Bytes of a value as user space sees it. */
static size_t value_bytes(struct recorded_kernel *recorded, const struct recorded_object *map)
{
	size_t size = map->facts.value_size;
	return is_per_cpu(map->facts.type) ? ((size + 7) & ~(size_t)7) * lade_kernel_possible_cpus(&recorded->kernel)
					   : size;
}

static struct recorded_element *find(const struct recorded_object *map, const void *key)
{
	array_foreach (element, &map->elements)
		if (memcmp(element->key, key, map->facts.key_size) == 0)
			return element;
	return NULL;
}

static uint32_t index_of(const void *key)
{
	uint32_t index;
	memcpy(&index, key, sizeof index);
	return index;
}

static int lookup(struct recorded_kernel *recorded, struct recorded_object *map, const struct attr_map_elem *attr)
{
	const void *key = (const void *)(uintptr_t)attr->key;
	void *value = (void *)(uintptr_t)attr->value;
	const struct recorded_element *element = find(map, key);
	size_t size = value_bytes(recorded, map);
	if (element)
		memcpy(value, element->value, size);
	else if (is_preset(map->facts.type) && index_of(key) < map->facts.max_entries)
		memset(value, 0, size);
	else
		return -ENOENT;
	return 0;
}

/* A slot holds a descriptor when written and an id when read. */
static int descriptor_to_id(struct recorded_kernel *recorded, const struct recorded_object *map, void *value)
{
	bool programs = map->facts.type == BPF_MAP_TYPE_PROG_ARRAY;
	if (!programs && !is_map_in_map(map->facts.type))
		return 0;
	int fd = (int)index_of(value);
	const struct recorded_object *held = lade_recorded_find(recorded, fd);
	if (!held)
		return fcntl(fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	if (held->facts.kind != (programs ? RECORDED_PROGRAM : RECORDED_MAP))
		return -EINVAL;
	if (!programs && held->facts.type != map->inner_type && map->inner_type)
		return -EINVAL;
	memcpy(value, &held->facts.id, sizeof held->facts.id);
	return 0;
}

static int check_update(const struct recorded_object *map, const void *key, uint64_t flags)
{
	bool exists = find(map, key) || is_preset(map->facts.type);
	if (map->frozen)
		return -EPERM;
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (is_array(map->facts.type) && index_of(key) >= map->facts.max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST && exists)
		return -EEXIST;
	if (flags == BPF_EXIST && !exists)
		return -ENOENT;
	return !exists && map->elements.count >= map->facts.max_entries ? -E2BIG : 0;
}

static struct recorded_element *add(struct recorded_object *map, const void *key, size_t value_size)
{
	unsigned char *bytes = malloc(map->facts.key_size + value_size + 1);
	struct recorded_element *element = bytes ? array_push(&map->elements) : NULL;
	if (!element) {
		free(bytes);
		return NULL;
	}
	memcpy(bytes, key, map->facts.key_size);
	*element = (struct recorded_element){ bytes, bytes + map->facts.key_size };
	return element;
}

static int update(struct recorded_kernel *recorded, struct recorded_object *map, const struct attr_map_elem *attr)
{
	const void *key = (const void *)(uintptr_t)attr->key;
	size_t size = value_bytes(recorded, map);
	int result = check_update(map, key, attr->flags);
	CLEANUP(cleanup_free) unsigned char *value = malloc(size + sizeof(uint32_t));
	if (result < 0 || !value)
		return result < 0 ? result : -ENOMEM;
	memcpy(value, (const void *)(uintptr_t)attr->value, size);
	result = descriptor_to_id(recorded, map, value);
	if (result < 0)
		return result;
	struct recorded_element *element = find(map, key);
	if (!element)
		element = add(map, key, size);
	if (!element)
		return -ENOMEM;
	memcpy(element->value, value, size);
	return 0;
}

static int delete (struct recorded_kernel *recorded, struct recorded_object *map, const struct attr_map_elem *attr)
{
	(void)recorded;
	struct recorded_element *element = find(map, (const void *)(uintptr_t)attr->key);
	if (map->frozen)
		return -EPERM;
	if (is_preset(map->facts.type))
		return -EINVAL;
	if (!element)
		return -ENOENT;
	free(element->key);
	*element = map->elements.items[--map->elements.count];
	return 0;
}

static int next_index(const struct recorded_object *map, const void *key, void *next)
{
	uint32_t index = key ? index_of(key) : UINT32_MAX;
	if (index != UINT32_MAX && index + 1 == map->facts.max_entries)
		return -ENOENT;
	index = index < map->facts.max_entries ? index + 1 : 0;
	memcpy(next, &index, sizeof index);
	return 0;
}

static int next_key(struct recorded_kernel *recorded, struct recorded_object *map, const struct attr_map_elem *attr)
{
	(void)recorded;
	const void *key = (const void *)(uintptr_t)attr->key;
	void *next = (void *)(uintptr_t)attr->value;
	if (is_array(map->facts.type))
		return next_index(map, key, next);
	const struct recorded_element *element = key ? find(map, key) : NULL;
	size_t index = element ? (size_t)(element - map->elements.items) + 1 : 0;
	if (index >= map->elements.count)
		return -ENOENT;
	memcpy(next, map->elements.items[index].key, map->facts.key_size);
	return 0;
}

static const struct {
	int command;
	int (*run)(struct recorded_kernel *recorded, struct recorded_object *map, const struct attr_map_elem *attr);
} commands[] = {
	{ BPF_MAP_LOOKUP_ELEM, lookup },
	{ BPF_MAP_UPDATE_ELEM, update },
	{ BPF_MAP_DELETE_ELEM, delete },
	{ BPF_MAP_GET_NEXT_KEY, next_key },
};

int lade_recorded_element(struct recorded_kernel *recorded, int command, const struct attr_map_elem *attr)
{
	struct recorded_object *map = lade_recorded_find(recorded, (int)attr->map_fd);
	if (!map || map->facts.kind != RECORDED_MAP)
		return fcntl((int)attr->map_fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
	if (has_no_elements(map->facts.type))
		return -EINVAL;
	if (map->facts.key_size && !attr->key && command != BPF_MAP_GET_NEXT_KEY)
		return -EFAULT;
	for (size_t i = 0; i < ELEMENTS(commands); i++)
		if (commands[i].command == command)
			return commands[i].run(recorded, map, attr);
	return -EINVAL;
}
