/* SPDX-License-Identifier: BSD-2-Clause */
/* What a map's own words prove, and what the running kernel says to each of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/array.h"
#include "harness/live.h"
#include "kernel/context.h"
#include "object/model.h"

struct refused_map {
	struct map_definition definition;
	const char *code, *cause; /* cause: a part of it */
};

static const struct refused_map refused_maps[] = {
	{ { .type = 2, .key_size = 8, .value_size = 4, .max_entries = 1 }, "map.create.definition", "4-byte index" },
	{ { .type = 2, .key_size = 4, .value_size = 4 }, "map.create.definition", "max_entries is 0" },
	{ { .type = 2, .key_size = 4, .max_entries = 1 }, "map.create.definition", "value_size is 0" },
	{ { .type = 1, .value_size = 4, .max_entries = 1 }, "map.create.definition", "a hash needs a key" },
	{ { .type = 3, .key_size = 4, .value_size = 8, .max_entries = 1 }, "map.create.definition", "descriptor" },
	{ { .type = 11, .key_size = 8, .value_size = 4, .max_entries = 1 }, "map.create.definition", "preallocated" },
	{ { .type = 11, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = BPF_F_NO_PREALLOC },
	  "map.create.definition",
	  "prefix" },
	{ { .type = 9, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = BPF_F_NO_PREALLOC },
	  "map.create.definition",
	  "always preallocated" },
	{ { .type = 22, .key_size = 4, .value_size = 4, .max_entries = 1 }, "map.create.definition", "no key" },
	{ { .type = 27, .key_size = 4, .max_entries = 4096 }, "map.create.definition", "neither key nor value" },
	{ { .type = 7, .key_size = 4, .value_size = 12, .max_entries = 1 }, "map.create.definition", "addresses" },
	{ { .type = 6, .key_size = 4, .value_size = 40000, .max_entries = 1 }, "map.create.definition", "32768" },
	{ { .type = 200, .key_size = 4, .value_size = 4, .max_entries = 1 }, "map.create.type", "no kernel known" },
	{ { .type = 2, .key_size = 4, .value_size = 4, .max_entries = 1, .flags = 0x80000000u },
	  "map.create.refused",
	  "the flag 0x80000000" },
};

static void load_refused(struct lade_context *context, const struct refused_map *refused)
{
	struct lade_object *object = lade_object_create(context, "refused.o", "refused");
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct lade_map *map;

	assert_non_null(object);
	object->dialect = strdup("samples");
	map = lade_object_add_map(object, "guilty", "maps");
	assert_non_null(map);
	map->definition = refused->definition;
	assert_true(lade_object_load(object, NULL, &instance, &error) < 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, refused->code);
	assert_string_equal(info.map, "guilty");
	if (!info.cause || !strstr(info.cause, refused->cause))
		fail_msg("type %u: cause is \"%s\", not \"…%s…\"", refused->definition.type,
			 info.cause ? info.cause : "", refused->cause);
	(void)lade_error_free(error);
	(void)lade_object_free(object);
}

static void a_refused_map_is_told_which_of_its_words_is_wrong(void **state)
{
	struct lade_context *context = NULL;
	struct live_before before;

	(void)state;
	if (!live_enter())
		skip();
	before = live_before(LIVE_BPFFS);
	assert_int_equal(lade_context_new(NULL, &context, NULL), 0);
	for (size_t i = 0; i < ELEMENTS(refused_maps); i++)
		load_refused(context, &refused_maps[i]);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_map_is_told_which_of_its_words_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
