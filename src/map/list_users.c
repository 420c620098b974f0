/* SPDX-License-Identifier: BSD-2-Clause */
/* Who has to do with a map: instances, programs, pins, processes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "kernel/context.h"
#include "map/list.h"

enum { MAX_DEPTH = 32, MAX_MAPS = 1024 };

/* ---- instances, which know the full names ---- */

static int add_instance(struct lade_map_list *list, const struct lade_pin_info *pin,
			const struct lade_state_entry *entry)
{
	struct listed_map *map = pin->kind == LADE_PINNED_MAP && pin->id ? lade_list_find(list, pin->id) : NULL;
	if (!map)
		return 0;
	if (!map->name && pin->name && !(map->name = strdup(pin->name)))
		return -ENOMEM;
	return lade_list_add_user(map, LADE_USED_BY_INSTANCE, entry->name, 0);
}

int lade_list_instances(struct lade_map_list *list)
{
	CLEANUP(cleanup_map_state) struct lade_state *state = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *ignored = NULL;
	if (lade_state_read(list->context, NULL, &state, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < lade_state_count(state); i++)
		for (size_t j = 0; j < lade_state_pin_count(state, i); j++) {
			struct lade_pin_info pin = { .size = sizeof pin };
			struct lade_state_entry entry = { .size = sizeof entry };
			if (lade_state_pin(state, i, j, &pin) == 0 && lade_state_entry(state, i, &entry) == 0 &&
			    add_instance(list, &pin, &entry) < 0)
				return -ENOMEM;
		}
	return 0;
}

/* ---- programs ---- */

static int add_program(struct lade_map_list *list, int fd)
{
	uint32_t ids[MAX_MAPS], count;
	struct bpf_prog_info info;
	char name[BPF_OBJ_NAME_LEN + 1] = "";
	if (lade_bpf_prog_maps(list->kernel, fd, ids, MAX_MAPS, &count) < 0 ||
	    lade_bpf_prog_info(list->kernel, fd, &info) < 0)
		return 0;
	memcpy(name, info.name, sizeof info.name);
	for (uint32_t i = 0; i < count && i < MAX_MAPS; i++) {
		struct listed_map *map = lade_list_find(list, ids[i]);
		if (map && lade_list_add_user(map, LADE_USED_BY_PROGRAM, name, info.id) < 0)
			return -ENOMEM;
	}
	return 0;
}

int lade_list_programs(struct lade_map_list *list)
{
	uint32_t id = 0;
	while (lade_bpf_next_id(list->kernel, BPF_PROG_GET_NEXT_ID, id, &id) == 0) {
		CLEANUP(cleanup_fd) int fd = lade_bpf_prog_by_id(list->kernel, id);
		if (fd >= 0 && add_program(list, fd) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* ---- pins ---- */

/* A pin of another kind answers with what is known of that: it is told apart first. */
static int add_pin(struct lade_map_list *list, const char *path)
{
	struct bpf_map_info info;
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(list->kernel, path);
	if (fd < 0 || lade_bpf_is_other(fd, "bpf-map") || lade_bpf_map_info(list->kernel, fd, &info) < 0)
		return 0;
	struct listed_map *map = lade_list_find(list, info.id);
	return map ? lade_strings_add(&map->pins, path) : 0;
}

static int walk_pins(struct lade_map_list *list, const char *directory, unsigned depth)
{
	DIR *stream = depth < MAX_DEPTH ? opendir(directory) : NULL;
	int result = 0;
	for (struct dirent *entry; stream && result == 0 && (entry = readdir(stream));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		CLEANUP(cleanup_free) char *path = lade_path("%s/%s", directory, entry->d_name);
		if (!path)
			result = -ENOMEM;
		else if (entry->d_type == DT_DIR)
			result = walk_pins(list, path, depth + 1);
		else if (entry->d_type == DT_REG)
			result = add_pin(list, path);
	}
	if (stream)
		(void)closedir(stream);
	return result;
}

int lade_list_pins(struct lade_map_list *list)
{
	return walk_pins(list, list->context->bpffs, 0);
}

/* ---- processes ---- */

static uint32_t map_id_of(int process, const char *fd)
{
	char path[300], line[128];
	unsigned id = 0;
	(void)snprintf(path, sizeof path, "fdinfo/%s", fd);
	int file = openat(process, path, O_RDONLY | O_CLOEXEC);
	FILE *stream = file < 0 ? NULL : fdopen(file, "re");
	if (!stream)
		(void)fd_close(file);
	while (stream && !id && fgets(line, sizeof line, stream))
		if (strncmp(line, "map_id:", 7) == 0)
			id = (unsigned)strtoul(line + 7, NULL, 10);
	if (stream)
		(void)fclose(stream);
	return id;
}

static void read_comm(int process, char name[32])
{
	int file = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, name, 31);
	name[length > 0 ? length : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	(void)fd_close(file);
}

static int add_process(struct lade_map_list *list, int process, uint32_t pid)
{
	char comm[32] = "";
	int files = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = files < 0 ? NULL : fdopendir(files);
	int result = 0;
	if (!stream)
		(void)fd_close(files);
	for (struct dirent *entry; stream && result == 0 && (entry = readdir(stream));) {
		char target[64] = "";
		ssize_t length = readlinkat(dirfd(stream), entry->d_name, target, sizeof target - 1);
		if (length <= 0 || strcmp(target, "anon_inode:bpf-map") != 0)
			continue;
		struct listed_map *map = lade_list_find(list, map_id_of(process, entry->d_name));
		if (map && !*comm)
			read_comm(process, comm);
		if (map)
			result = lade_list_add_user(map, LADE_USED_BY_PROCESS, comm, pid);
	}
	if (stream)
		(void)closedir(stream);
	return result;
}

int lade_list_processes(struct lade_map_list *list)
{
	DIR *stream = opendir("/proc");
	int result = 0;
	for (struct dirent *entry; stream && result == 0 && (entry = readdir(stream));) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);
		if (*end || !pid || pid > INT32_MAX || (pid_t)pid == getpid())
			continue;
		CLEANUP(cleanup_fd)
		int process = openat(dirfd(stream), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0)
			result = add_process(list, process, (uint32_t)pid);
	}
	if (stream)
		(void)closedir(stream);
	return result;
}
