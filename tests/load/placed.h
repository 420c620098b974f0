/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of places share: an object whose maps and programs have places, and what is pinned there. */
#ifndef LADE_TESTS_LOAD_PLACES_H
#define LADE_TESTS_LOAD_PLACES_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "harness/loaded.h"

#define OBJECT   "load_all.bpf.o"
#define DIR      LIVE_BPFFS "/vendor"
#define MAP_PIN  DIR "/map_all_outer"
#define CALLS    DIR "/map_all_calls"
#define PROG_PIN DIR "/prog_all_exit"
#define TAIL_PIN DIR "/deep/prog_all_tail"

static inline struct lade_pin_opts place(const char *path)
{
	return (struct lade_pin_opts){ .size = sizeof(struct lade_pin_opts),
				       .path = path,
				       .has_owner = true,
				       .uid = 1000,
				       .gid = 3003,
				       .has_mode = true,
				       .mode = 0640 };
}

static inline void place_map(struct lade_object *object, const char *name, const char *path)
{
	const struct lade_pin_opts opts = place(path);

	assert_int_equal(lade_map_set_pin(lade_object_find_map(object, name), &opts), 0);
}

static inline void place_program(struct lade_object *object, const char *name, const char *path)
{
	struct lade_pin_opts opts = place(path);

	opts.mode = 0440;
	assert_int_equal(lade_program_set_pin(lade_object_find_program(object, name), &opts), 0);
}

static inline void place_all(struct lade_object *object)
{
	place_map(object, "outer", MAP_PIN);
	place_map(object, "calls", CALLS);
	place_program(object, "on_exit", PROG_PIN);
	place_program(object, "tail", "vendor/deep/prog_all_tail");
}

static inline struct loaded open_placed(void)
{
	struct loaded loaded = loaded_open(NULL, OBJECT);

	place_all(loaded.object);
	return loaded;
}

static inline void check_file(const char *path, unsigned mode, unsigned uid, unsigned gid)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		fail_msg("%s is missing", path);
	assert_int_equal(status.st_mode & 07777, mode);
	assert_int_equal(status.st_uid, uid);
	assert_int_equal(status.st_gid, gid);
}

static inline int open_pin(const char *path)
{
	int fd = bpf_obj_get(path);

	if (fd < 0)
		fail_msg("%s: %s", path, strerror(errno));
	return fd;
}

static inline uint32_t pinned_program(const char *path)
{
	int fd = open_pin(path);
	uint32_t id = program_info(fd).id;

	(void)close(fd);
	return id;
}

static inline uint32_t pinned_map(const char *path)
{
	int fd = open_pin(path);
	uint32_t id = map_info(fd).id;

	(void)close(fd);
	return id;
}

static inline struct lade_loaded_program_info program_of(const struct lade_instance *instance, const char *name)
{
	for (size_t i = 0; i < lade_instance_program_count(instance); i++) {
		struct lade_loaded_program_info info = { .size = sizeof info };
		assert_int_equal(lade_instance_program(instance, i, &info), 0);
		if (strcmp(info.name, name) == 0)
			return info;
	}
	fail_msg("no program %s", name);
	return (struct lade_loaded_program_info){ 0 };
}

static inline bool has_note(const struct lade_instance *instance, const char *code)
{
	for (size_t i = 0; i < lade_instance_note_count(instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_instance_note(instance, i), &info), 0);
		if (strcmp(info.code, code) == 0)
			return true;
	}
	return false;
}

static inline bool exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

#endif
