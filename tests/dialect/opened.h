/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening test objects, and the questions the dialects' tests ask of them. */
#ifndef TEST_DIALECT_OPENED_H
#define TEST_DIALECT_OPENED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "object/model.h"

static inline struct lade_object *open_with(const char *file, const struct lade_open_opts *options)
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	if (lade_object_open(NULL, path, options, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

static inline struct lade_object *open_as(const char *file, const char *dialect)
{
	const struct lade_open_opts options = { .size = sizeof options, .sections = true, .dialect = dialect };
	return open_with(file, &options);
}

static inline struct lade_object *open_object(const char *file)
{
	return open_as(file, NULL);
}

/* The object must be refused with this code first, and its finding's message or evidence must hold `text`. */
static inline void assert_refused_as(const char *file, const char *dialect, const char *code, const char *text)
{
	char path[512];
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	struct lade_open_opts options = { .size = sizeof options, .sections = true, .dialect = dialect };
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	assert_true(lade_object_open(NULL, path, &options, &object, &error) < 0);
	assert_null(object);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_non_null(finding);
	assert_string_equal(finding->code, code);
	bool found = strstr(finding->message, text);
	array_foreach(line, &finding->evidence)
		found = found || strstr(*line, text);
	if (!found)
		fail_msg("no \"%s\" in \"%s\"", text, finding->message);
	assert_string_equal(finding->object, path);
	lade_error_free(error);
}

static inline void assert_refused(const char *file, const char *code, const char *text)
{
	assert_refused_as(file, NULL, code, text);
}

static inline struct lade_map *must_map(const struct lade_object *object, const char *name)
{
	struct lade_map *map = lade_object_find_map(object, name);
	if (!map)
		fail_msg("no map %s", name);
	return map;
}

static inline struct lade_program *must_program(const struct lade_object *object, const char *name)
{
	struct lade_program *program = lade_object_find_program(object, name);
	if (!program)
		fail_msg("no program %s", name);
	return program;
}

static inline const struct lade_function *body_of(const struct lade_program *program)
{
	return &program->object->functions.items[program->function];
}

static inline void assert_definition(const struct lade_map *map, uint32_t type, uint32_t key, uint32_t value,
				     uint32_t entries, uint32_t flags)
{
	assert_int_equal(map->definition.type, type);
	assert_int_equal(map->definition.key_size, key);
	assert_int_equal(map->definition.value_size, value);
	assert_int_equal(map->definition.max_entries, entries);
	assert_int_equal(map->definition.flags, flags);
}

/* The only map that a program's first map relocation names. */
static inline const char *first_map(const struct lade_program *program)
{
	array_foreach(relocation, &body_of(program)->relocations)
		if (relocation->kind == RELOCATION_MAP || relocation->kind == RELOCATION_MAP_VALUE)
			return program->object->maps.items[relocation->target]->name;
	return "none";
}

static inline const struct lade_finding *find_note(const struct lade_object *object, const char *code)
{
	array_foreach(note, &object->notes)
		if (strcmp((*note)->code, code) == 0)
			return *note;
	return NULL;
}

static inline bool has_subprogram(const struct lade_program *program, const char *name)
{
	for (size_t i = 0; lade_program_subprogram(program, i); i++)
		if (strcmp(lade_program_subprogram(program, i), name) == 0)
			return true;
	return false;
}

#endif
