/* SPDX-License-Identifier: BSD-2-Clause */
/* More types behind those of another BTF. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "btf/builder.h"

struct made {
	struct lade_btf *btf, *extended;
	struct lade_btf_extension extension;
};

static struct made begin(void)
{
	struct blob blob = blob_make();
	struct made made = { 0 };

	assert_int_equal(blob_parse(&blob, false, &made.btf, NULL), 0);
	lade_btf_extension_begin(&made.extension, made.btf);
	return made;
}

static void end(struct made *made)
{
	lade_btf_extension_clear(&made->extension);
	(void)lade_btf_free(made->extended);
	(void)lade_btf_free(made->btf);
}

static void more_types_continue_ids_and_names(void **state)
{
	struct made made = begin();
	struct btf_type record = { .info = KIND(STRUCT, 1), .size = 8 };
	struct btf_member member = { .type = 2 };
	struct btf_type pointer = { .info = KIND(PTR, 0) };
	uint32_t last;

	(void)state;
	assert_int_equal(lade_btf_extension_name(&made.extension, "late", &record.name_off), 0);
	assert_int_equal(lade_btf_extension_name(&made.extension, "later", &member.name_off), 0);
	assert_int_equal(lade_btf_extension_add(&made.extension, &record, &member, sizeof member, &pointer.type), 0);
	assert_int_equal(lade_btf_extension_add(&made.extension, &pointer, NULL, 0, &last), 0);
	assert_int_equal(lade_btf_extended(made.btf, &made.extension, &made.extended, NULL), 0);
	assert_int_equal(pointer.type, 7);
	assert_int_equal(last, 8);
	assert_int_equal(lade_btf_count(made.extended), 9);
	assert_int_equal(lade_btf_count(made.btf), 7);
	assert_string_equal(lade_btf_type_name(made.extended, 7), "late");
	assert_string_equal(lade_btf_string(made.extended, lade_btf_members(lade_btf_type(made.extended, 7))->name_off),
			    "later");
	assert_int_equal(lade_btf_type(made.extended, 8)->type, 7);
	assert_string_equal(lade_btf_type_name(made.extended, 3), "pair");
	end(&made);
}

static void nothing_more_is_a_copy(void **state)
{
	struct made made = begin();
	const void *before, *after;
	size_t size_before, size_after;

	(void)state;
	assert_int_equal(lade_btf_extended(made.btf, &made.extension, &made.extended, NULL), 0);
	before = lade_btf_bytes(made.btf, &size_before);
	after = lade_btf_bytes(made.extended, &size_after);
	assert_int_equal(size_before, size_after);
	assert_memory_equal(before, after, size_before);
	end(&made);
}

static void types_that_refer_to_nothing_are_refused(void **state)
{
	struct made made = begin();
	struct btf_type pointer = { .info = KIND(PTR, 0), .type = 99 };
	struct lade_error *error = NULL;
	uint32_t id;

	(void)state;
	assert_int_equal(lade_btf_extension_add(&made.extension, &pointer, NULL, 0, &id), 0);
	assert_int_not_equal(lade_btf_extended(made.btf, &made.extension, &made.extended, &error), 0);
	assert_null(made.extended);
	(void)lade_error_free(error);
	end(&made);
}

/* What is hostile ends. */
static void there_is_room_for_so_many(void **state)
{
	struct made made = begin();
	struct btf_type pointer = { .info = KIND(PTR, 0), .type = 1 };
	uint32_t id, name;
	int r = 0;

	(void)state;
	for (unsigned i = 0; r == 0 && i < 1000000; i++)
		r = lade_btf_extension_add(&made.extension, &pointer, NULL, 0, &id);
	assert_int_equal(r, -E2BIG);
	for (r = 0; r == 0;)
		r = lade_btf_extension_name(&made.extension, "again", &name);
	assert_int_equal(r, -E2BIG);
	assert_int_equal(lade_btf_extended(made.btf, &made.extension, &made.extended, NULL), 0);
	end(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_types_continue_ids_and_names),
		cmocka_unit_test(nothing_more_is_a_copy),
		cmocka_unit_test(types_that_refer_to_nothing_are_refused),
		cmocka_unit_test(there_is_room_for_so_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
