/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include <lade/lade.h>

#include "bpf_load.h"

enum { LOADED = 0, BAD_FILE = 1, BAD_PROGRAM = -1 };

int prog_fd[MAX_PROGS];
int event_fd[MAX_PROGS];
int prog_cnt;
int map_fd[MAX_MAPS];
struct bpf_map_data map_data[MAX_MAPS];
int map_data_count;
int prog_array_fd = -1;
char bpf_log_buf[BPF_LOG_BUF_SIZE];

/*
 * The old interface hands out bare descriptors and names, which the caller may close himself: what they belong to is
 * neither closed nor freed before the process ends.
 */
struct loaded_file {
	struct lade_object *object;
	struct lade_instance *instance;
	struct loaded_file *previous;
};

static struct lade_context *context;
static struct loaded_file *files;

/* ---- saying what went wrong ---- */

static bool report_finding(const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (lade_finding_describe(finding, &info) < 0)
		return false;
	(void)fprintf(stderr, "%s\n", info.message);
	if (info.cause)
		(void)fprintf(stderr, "  because  %s\n", info.cause);
	for (size_t i = 0; i < info.evidence_count; i++)
		(void)fprintf(stderr, "  proof    %s\n", info.evidence[i]);
	if (info.fix)
		(void)fprintf(stderr, "  fix      %s\n", info.fix);
	if (info.log)
		(void)snprintf(bpf_log_buf, sizeof bpf_log_buf, "%s", info.log);
	return info.program != NULL;
}

/* The result of the load: is it about a program or about the file? */
static int report(struct lade_error *error)
{
	size_t count = lade_error_finding_count(error);
	int result = BAD_FILE;

	for (size_t i = 0; i < count; i++)
		if (report_finding(lade_error_finding(error, i)))
			result = BAD_PROGRAM;
	if (!count)
		(void)fprintf(stderr, "%s\n", lade_error_message(error));
	lade_error_free(error);
	return result;
}

static int report_map(const char *name, const char *what, int result)
{
	(void)fprintf(stderr, "map %s: %s: %s\n", name, what, strerror(-result));
	return BAD_FILE;
}

static int report_too_many(const char *path, const char *what, size_t count, size_t room)
{
	(void)fprintf(stderr, "%s: %zu %s, but there is room for %zu\n", path, count, what, room);
	return BAD_FILE;
}

/* ---- maps: shown to the callback, changed as it says ---- */

static bool is_map_in_map(unsigned int type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static unsigned int index_of(const struct lade_object *object, const struct lade_map *map)
{
	for (size_t i = 0; map && i < lade_object_map_count(object); i++)
		if (lade_object_map(object, i) == map)
			return (unsigned int)i;
	return 0;
}

static struct bpf_map_data show(const struct lade_object *object, const struct lade_map *map)
{
	struct lade_map_info info = { .size = sizeof info };

	(void)lade_map_describe(map, &info);
	return (struct bpf_map_data){
		.fd = -1,
		.name = (char *)info.name,
		.elf_offset = (size_t)info.section_offset,
		.def = {
			.type = info.type,
			.key_size = info.key_size,
			.value_size = info.value_size,
			.max_entries = info.max_entries,
			.map_flags = info.flags,
			.inner_map_idx = index_of(object, info.inner),
			.numa_node = info.numa_node,
		},
	};
}

static int set_inner(struct lade_object *object, struct lade_map *map, const struct bpf_load_map_def *wanted)
{
	struct lade_map *inner = NULL;

	if (is_map_in_map(wanted->type) && wanted->inner_map_idx < lade_object_map_count(object))
		inner = lade_object_map(object, wanted->inner_map_idx);
	if (is_map_in_map(wanted->type) && !inner)
		return -EINVAL;
	return lade_map_set_inner(map, inner);
}

static int set_flags(struct lade_map *map, const struct bpf_load_map_def *wanted)
{
	int result = lade_map_set_flags(map, wanted->map_flags);

	return result < 0 || !(wanted->map_flags & BPF_F_NUMA_NODE) ? result
								    : lade_map_set_numa_node(map, wanted->numa_node);
}

static int set_definition(struct lade_object *object, struct lade_map *map, const struct bpf_load_map_def *wanted)
{
	int result = lade_map_set_type(map, wanted->type);

	if (result >= 0)
		result = lade_map_set_key_size(map, wanted->key_size);
	if (result >= 0) /* the kernel holds descriptors there, whatever the author wrote */
		result = lade_map_set_value_size(map, is_map_in_map(wanted->type) ? 4 : wanted->value_size);
	if (result >= 0)
		result = lade_map_set_max_entries(map, wanted->max_entries);
	if (result >= 0)
		result = set_flags(map, wanted);
	return result < 0 ? result : set_inner(object, map, wanted);
}

static int fix_map(struct lade_object *object, int index, fixup_map_cb fixup_map)
{
	struct lade_map *map = lade_object_map(object, (size_t)index);
	struct bpf_map_data *data = &map_data[index];
	const struct bpf_load_map_def before = data->def;
	int result = 0;

	fixup_map(data, index);
	if (memcmp(&before, &data->def, sizeof before) != 0)
		result = set_definition(object, map, &data->def);
	if (result < 0)
		return report_map(data->name, "it cannot be changed like this", result);
	if (data->fd != -1)
		result = lade_map_set_fd(map, data->fd);
	return result < 0 ? report_map(data->name, "the descriptor given for it", result) : LOADED;
}

static int prepare_maps(struct lade_object *object, const char *path, fixup_map_cb fixup_map)
{
	size_t count = lade_object_map_count(object);
	int result = LOADED;

	if (count > MAX_MAPS)
		return report_too_many(path, "maps", count, MAX_MAPS);
	map_data_count = (int)count;
	for (int i = 0; i < map_data_count; i++) {
		map_data[i] = show(object, lade_object_map(object, (size_t)i));
		map_fd[i] = -1;
	}
	for (int i = 0; i < map_data_count && fixup_map && result == LOADED; i++)
		result = fix_map(object, i, fixup_map);
	return result;
}

static void keep_maps(const struct lade_instance *instance)
{
	for (int i = 0; i < map_data_count; i++) {
		bool brought = map_data[i].fd != -1;
		if (!brought)
			map_data[i].fd = lade_instance_map_fd(instance, map_data[i].name);
		map_fd[i] = map_data[i].fd;
		if (!brought && map_data[i].def.type == BPF_MAP_TYPE_PROG_ARRAY)
			prog_array_fd = map_fd[i];
	}
}

/* ---- programs ---- */

static bool section_says_where(const struct lade_loaded_program_info *program)
{
	return (program->type == BPF_PROG_TYPE_KPROBE || program->type == BPF_PROG_TYPE_TRACEPOINT ||
		program->type == BPF_PROG_TYPE_RAW_TRACEPOINT) &&
	       !program->slot_map;
}

static int attach(struct lade_instance *instance, const struct lade_loaded_program_info *program, int *ret_fd)
{
	struct lade_link_info link = { .size = sizeof link };
	struct lade_error *error = NULL;

	if (lade_instance_attach(instance, program->name, NULL, &error) < 0) {
		(void)report(error);
		return BAD_PROGRAM;
	}
	if (lade_instance_link(instance, lade_instance_link_count(instance) - 1, &link) == 0)
		*ret_fd = link.fd;
	return LOADED;
}

/* All programs get their place before the first is attached: who is told of a failure finds them all. */
static int keep_programs(struct lade_instance *instance)
{
	struct lade_loaded_program_info program = { .size = sizeof program };
	int first = prog_cnt, next = first, result = LOADED;

	for (size_t i = 0; lade_instance_program(instance, i, &program) == 0; i++) {
		if (program.fd < 0)
			continue;
		event_fd[prog_cnt] = -1;
		prog_fd[prog_cnt++] = program.fd;
	}
	for (size_t i = 0; result == LOADED && lade_instance_program(instance, i, &program) == 0; i++) {
		if (program.fd < 0)
			continue;
		if (section_says_where(&program))
			result = attach(instance, &program, &event_fd[next]);
		next++;
	}
	return result;
}

/* ---- one file ---- */

static int check_programs(const struct lade_object *object, const char *path)
{
	size_t count = lade_object_program_count(object), room = (size_t)(MAX_PROGS - prog_cnt);

	return count > room ? report_too_many(path, "programs", count, room) : LOADED;
}

static int load(struct loaded_file *file, const char *path, fixup_map_cb fixup_map)
{
	struct lade_error *error = NULL;
	int before = prog_cnt, result = check_programs(file->object, path);

	if (result == LOADED)
		result = prepare_maps(file->object, path, fixup_map);
	if (result != LOADED)
		return result;
	if (lade_object_load(file->object, NULL, &file->instance, &error) < 0)
		return report(error);
	keep_maps(file->instance);
	result = keep_programs(file->instance);
	if (result == LOADED && prog_cnt == before) {
		(void)fprintf(stderr, "%s: no section of it is a program\n", path);
		return BAD_FILE;
	}
	return result;
}

int load_bpf_file_fixup_map(const char *path, fixup_map_cb fixup_map)
{
	const struct lade_open_opts opts = { .size = sizeof opts, .dialect = "samples" };
	struct loaded_file *file = calloc(1, sizeof *file);
	struct lade_error *error = NULL;

	bpf_log_buf[0] = '\0';
	if (!file)
		return BAD_FILE;
	file->previous = files;
	files = file;
	if (!context && lade_context_new(NULL, &context, &error) < 0)
		return report(error);
	if (lade_object_open(context, path, &opts, &file->object, &error) < 0)
		return report(error);
	return load(file, path, fixup_map);
}

int load_bpf_file(char *path)
{
	return load_bpf_file_fixup_map(path, NULL);
}
