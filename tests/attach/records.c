/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracepoint programs beside the records of this kernel's events. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "attach/method.h"
#include "harness/loaded.h"

#define OBJECT "k_records.bpf.o"

static bool is_live;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static struct loaded load(const char *program)
{
	if (!is_live)
		skip();
	struct loaded loaded = loaded_open(NULL, OBJECT);
	(void)load_only(loaded.object, program);
	loaded_load(&loaded, NULL);
	return loaded;
}

static size_t count_warnings(const struct loaded *loaded, const char *code, struct lade_finding_info *ret_first)
{
	size_t count = 0;
	for (size_t i = 0; i < lade_instance_note_count(loaded->instance); i++) {
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_finding_describe(lade_instance_note(loaded->instance, i), &info), 0);
		if (strcmp(info.code, code) != 0)
			continue;
		if (count++ == 0 && ret_first)
			*ret_first = info;
	}
	return count;
}

static void must_attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void struct_that_is_right_has_no_warning(void **state)
{
	(void)state;
	struct loaded loaded = load("on_right");
	must_attach(&loaded, "on_right", NULL);
	assert_int_equal(count_warnings(&loaded, "attach.tracepoint.field", NULL), 0);
	assert_leaves_nothing(&loaded);
}

static void field_in_another_place_is_named_with_both_offsets(void **state)
{
	(void)state;
	struct lade_finding_info info = { .size = sizeof info };
	struct loaded loaded = load("on_shifted");
	must_attach(&loaded, "on_shifted", NULL);
	assert_int_equal(count_warnings(&loaded, "attach.tracepoint.field", &info), 2);
	assert_int_equal(info.severity, LADE_WARNING);
	assert_non_null(strstr(info.message, "field id of struct shifted"));
	assert_int_equal(info.evidence_count, 2);
	assert_string_equal(info.evidence[0], "struct shifted: id at offset 0, 8 bytes");
	assert_string_equal(info.evidence[1], "the event's format: long id at offset 8, 8 bytes");
	assert_non_null(strstr(info.fix, "lade gen tracepoint raw_syscalls/sys_enter"));
	assert_leaves_nothing(&loaded);
}

static void field_that_begins_inside_another_is_named(void **state)
{
	(void)state;
	struct lade_finding_info info = { .size = sizeof info };
	struct loaded loaded = load("on_cut");
	must_attach(&loaded, "on_cut", NULL);
	assert_int_equal(count_warnings(&loaded, "attach.tracepoint.field", &info), 1);
	assert_non_null(strstr(info.message, "flags"));
	assert_non_null(strstr(info.evidence[1], "args at offset 16"));
	assert_leaves_nothing(&loaded);
}

static void field_past_the_record_is_named_with_the_records_size(void **state)
{
	(void)state;
	struct loaded loaded = load("on_wide");
	struct lade_error *error = NULL;
	assert_int_equal(lade_instance_attach(loaded.instance, "on_wide", NULL, &error), -EACCES);
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, "attach.tracepoint.record");
	bool names_size = false, names_field = false;
	for (size_t i = 0; i < info.evidence_count; i++) {
		names_size |= strstr(info.evidence[i], "sys_enter has 64 bytes") != NULL;
		names_field |= strstr(info.evidence[i], "field more of struct wide is at offset 64") != NULL;
	}
	assert_true(names_size);
	assert_true(names_field);
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
}

static void tracepoint_may_be_given_as_a_target(void **state)
{
	(void)state;
	struct loaded loaded = load("on_any");
	must_attach(&loaded, "on_any", "tracepoint:sched/sched_process_exec");
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link(loaded.instance, 0, &link), 0);
	assert_string_equal(link.target, "sched/sched_process_exec");
	assert_leaves_nothing(&loaded);
	loaded = load("on_any_raw");
	must_attach(&loaded, "on_any_raw", "tracepoint:sched/sched_process_exec");
	assert_int_equal(lade_instance_link(loaded.instance, 0, &link), 0);
	assert_string_equal(link.target, "sched_process_exec");
	assert_leaves_nothing(&loaded);
}

static void tracepoint_without_category_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = load("on_any");
	struct lade_error *error = NULL;
	assert_int_equal(lade_instance_attach(loaded.instance, "on_any", "tracepoint:sched_process_exec", &error),
			 -EINVAL);
	assert_string_equal(finding_of(error).code, "attach.tracepoint.syntax");
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
}

/* ---- the public handle ---- */

static void record_is_offered_field_by_field_and_as_c(void **state)
{
	(void)state;
	if (!is_live)
		skip();
	struct lade_context *context = new_context(NULL);
	struct lade_tracepoint *tracepoint = NULL;
	struct lade_tracepoint_field field = { .size = sizeof field };
	assert_int_equal(lade_tracepoint_open(context, "raw_syscalls/sys_enter", &tracepoint, NULL), 0);
	assert_string_equal(lade_tracepoint_name(tracepoint), "raw_syscalls/sys_enter");
	assert_true(lade_tracepoint_id(tracepoint) > 0);
	assert_int_equal(lade_tracepoint_size(tracepoint), 64);
	assert_int_equal(lade_tracepoint_field_count(tracepoint), 6);
	assert_int_equal(lade_tracepoint_field(tracepoint, 5, &field), 0);
	assert_string_equal(field.name, "args");
	assert_int_equal(field.elements, 6);
	assert_int_equal(field.offset, 16);
	assert_int_equal(field.bytes, 48);
	assert_int_equal(lade_tracepoint_field(tracepoint, 6, &field), -ERANGE);
	assert_non_null(strstr(lade_tracepoint_c(tracepoint), "struct sys_enter {"));
	lade_tracepoint_free(tracepoint);
	lade_context_free(context);
}

static void record_of_a_missing_event_names_near_ones(void **state)
{
	(void)state;
	if (!is_live)
		skip();
	static const struct {
		const char *event, *code;
	} rows[] = {
		{ "raw_syscalls/sys_entre", "attach.tracepoint.missing" },
		{ "sys_enter", "attach.tracepoint.syntax" },
		{ "../events/sched", "attach.tracepoint.syntax" },
		{ "raw_syscalls/", "attach.tracepoint.syntax" },
		{ "header_page/x", "attach.tracepoint.missing" }, /* a file, no category */
	};
	struct lade_context *context = new_context(NULL);
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct lade_tracepoint *tracepoint = NULL;
		struct lade_error *error = NULL;
		assert_true(lade_tracepoint_open(context, rows[i].event, &tracepoint, &error) < 0);
		assert_null(tracepoint);
		assert_string_equal(finding_of(error).code, rows[i].code);
		lade_error_free(error);
	}
	lade_context_free(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(struct_that_is_right_has_no_warning),
		cmocka_unit_test(field_in_another_place_is_named_with_both_offsets),
		cmocka_unit_test(field_that_begins_inside_another_is_named),
		cmocka_unit_test(field_past_the_record_is_named_with_the_records_size),
		cmocka_unit_test(tracepoint_may_be_given_as_a_target),
		cmocka_unit_test(tracepoint_without_category_is_refused),
		cmocka_unit_test(record_is_offered_field_by_field_and_as_c),
		cmocka_unit_test(record_of_a_missing_event_names_near_ones),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
