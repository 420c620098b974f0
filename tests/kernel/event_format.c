/* SPDX-License-Identifier: BSD-2-Clause */
/* The format file of a tracing event: what is in it, and what is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/event_format.h"

static const char exec[] = "name: sched_process_exec\n"
			   "ID: 365\n"
			   "format:\n"
			   "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
			   "\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
			   "\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
			   "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
			   "\n"
			   "\tfield:__data_loc char[] filename;\toffset:8;\tsize:4;\tsigned:0;\n"
			   "\tfield:pid_t pid;\toffset:12;\tsize:4;\tsigned:1;\n"
			   "\tfield:struct page * page;\toffset:24;\tsize:8;\tsigned:0;\n"
			   "\tfield:char comm[16];\toffset:32;\tsize:16;\tsigned:0;\n"
			   "\tfield:unsigned long args[6];\toffset:48;\tsize:48;\tsigned:0;\n"
			   "\tfield:u8 name[ETH_ALEN];\toffset:96;\tsize:6;\tsigned:0;\n"
			   "\n"
			   "print fmt: \"field:int bad;\", REC->pid\n";

static struct event_format parse(const char *text)
{
	struct event_format format = { 0 };
	assert_int_equal(lade_event_format_parse(text, strlen(text), &format, NULL), 0);
	return format;
}

static void fields_have_their_places(void **state)
{
	(void)state;
	struct event_format format = parse(exec);
	assert_string_equal(format.name, "sched_process_exec");
	assert_int_equal(format.id, 365);
	assert_int_equal(format.count, 10);
	assert_int_equal(format.size, 102);
	const struct event_field *pid = lade_event_format_find(&format, "pid");
	assert_non_null(pid);
	assert_int_equal(pid->offset, 12);
	assert_int_equal(pid->size, 4);
	assert_true(pid->is_signed);
	assert_false(pid->is_common);
	assert_string_equal(pid->type, "pid_t");
	assert_true(lade_event_format_find(&format, "common_pid")->is_common);
	assert_null(lade_event_format_find(&format, "bad"));
	lade_event_format_clear(&format);
}

static void arrays_and_data_elsewhere_are_known(void **state)
{
	(void)state;
	struct event_format format = parse(exec);
	const struct event_field *args = lade_event_format_find(&format, "args");
	assert_string_equal(args->type, "unsigned long[6]");
	assert_int_equal(lade_event_field_elements(args), 6);
	const struct event_field *filename = lade_event_format_find(&format, "filename");
	assert_true(filename->is_dynamic);
	assert_string_equal(filename->type, "__data_loc char[]");
	assert_int_equal(lade_event_field_elements(filename), 0);
	assert_int_equal(lade_event_field_elements(lade_event_format_find(&format, "comm")), 16);
	/* ETH_ALEN is no number here. */
	assert_int_equal(lade_event_field_elements(lade_event_format_find(&format, "name")), 6);
	assert_int_equal(lade_event_field_elements(lade_event_format_find(&format, "page")), 0);
	lade_event_format_clear(&format);
}

static void struct_names_gaps_and_has_types_of_the_fields_sizes(void **state)
{
	(void)state;
	struct event_format format = parse(exec);
	struct strbuf text = { 0 };
	assert_int_equal(lade_event_format_spell(&format, "record", &text), 0);
	assert_non_null(strstr(text.text, "struct record {\n\t__u16 common_type;"));
	assert_non_null(strstr(text.text, "\t__u8 gap_0[8];\n\t__u64 page; "));
	assert_non_null(strstr(text.text, "\tchar comm[16]; "));
	assert_non_null(strstr(text.text, "\t__u64 args[6]; "));
	assert_non_null(strstr(text.text, "\t__u8 name[6]; "));
	assert_non_null(strstr(text.text, "\t__s32 pid; "));
	assert_non_null(strstr(text.text, "\n};\n"));
	lade_strbuf_clear(&text);
	lade_event_format_clear(&format);
}

#define HEAD "name: x\nID: 1\nformat:\n"

static void struct_of_fields_off_their_alignment_is_packed(void **state)
{
	(void)state;
	struct event_format format = parse(HEAD "\tfield:char a;\toffset:0;\tsize:1;\tsigned:1;\n"
						"\tfield:int int;\toffset:1;\tsize:4;\tsigned:1;\n"
						"\tfield:struct big b;\toffset:5;\tsize:3;\tsigned:0;\n");
	struct strbuf text = { 0 };
	assert_int_equal(lade_event_format_spell(&format, "x", &text), 0);
	assert_non_null(strstr(text.text, "} __attribute__((packed));"));
	assert_non_null(strstr(text.text, "__s32 int_;")); /* a word of C */
	assert_non_null(strstr(text.text, "__u8 b[3];"));
	lade_strbuf_clear(&text);
	lade_event_format_clear(&format);
}

static void text_of_types_does_not_end_the_comment(void **state)
{
	(void)state;
	struct event_format format = parse(HEAD "\tfield:a*/b\x1b[31m c;\toffset:0;\tsize:4;\tsigned:0;\n");
	struct strbuf text = { 0 };
	assert_int_equal(lade_event_format_spell(&format, "x", &text), 0);
	assert_null(strchr(text.text, '\x1b'));
	assert_ptr_equal(strstr(text.text, "*/"), strstr(text.text, " */\n};") + 1);
	lade_strbuf_clear(&text);
	lade_event_format_clear(&format);
}

static void fields_that_overlap_make_no_struct(void **state)
{
	(void)state;
	struct event_format format = parse(HEAD "\tfield:int a;\toffset:0;\tsize:4;\tsigned:1;\n"
						"\tfield:int b;\toffset:2;\tsize:4;\tsigned:1;\n");
	struct strbuf text = { 0 };
	assert_int_equal(lade_event_format_spell(&format, "x", &text), -EBADMSG);
	lade_strbuf_clear(&text);
	lade_event_format_clear(&format);
}

static void broken_text_is_refused_with_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned line;
	} rows[] = {
		{ "", 0 },
		{ "name: x\nID: 1\nformat:\n", 0 },
		{ "ID: 1\n\tfield:int a;\toffset:0;\tsize:4;\n", 0 }, /* no name */
		{ "name: x\nID: 99999999999\n", 2 },
		{ "name: x\nID: -1\n", 2 },
		{ HEAD "\tfield:int a;\toffset:0;\n", 4 },           /* no size */
		{ HEAD "\tfield:int a;\tsize:4;\n", 4 },             /* no offset */
		{ HEAD "\tfield:a;\toffset:0;\tsize:4;\n", 4 },      /* no type */
		{ HEAD "\tfield:int 1a;\toffset:0;\tsize:4;\n", 4 }, /* no name of C */
		{ HEAD "\tfield:int a[;\toffset:0;\tsize:4;\n", 4 },
		{ HEAD "\tfield:;\toffset:0;\tsize:4;\n", 4 },
		{ HEAD "\tfield:int a]\n", 4 },
		{ HEAD "\tfield:int a;\toffset:65536;\tsize:4;\n", 4 }, /* ends beyond any record */
		{ HEAD "\tfield:int a;\toffset:4294967295;\tsize:4;\n", 4 },
		{ HEAD "\tfield:int a;\toffset:18446744073709551617;\tsize:4;\n", 4 },
		{ HEAD "\tfield:int a;\toffset:x;\tsize:4;\n", 4 },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		struct event_format format = { 0 };
		unsigned line = 99;
		if (lade_event_format_parse(rows[i].text, strlen(rows[i].text), &format, &line) != -EBADMSG ||
		    line != rows[i].line)
			fail_msg("row %zu: line %u", i, line);
	}
}

static void too_many_fields_are_refused(void **state)
{
	(void)state;
	struct strbuf text = { 0 };
	struct event_format format = { 0 };
	lade_strbuf_add(&text, HEAD);
	for (unsigned i = 0; i <= EVENT_FIELDS_MOST; i++)
		lade_strbuf_addf(&text, "\tfield:char a%u;\toffset:%u;\tsize:1;\tsigned:1;\n", i, i);
	assert_int_equal(lade_event_format_parse(text.text, text.length, &format, NULL), -E2BIG);
	lade_strbuf_clear(&text);
}

/* xorshift: the same damage in every run. */
static uint32_t next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Damaged text is refused or is a record that keeps the promises; the sanitizers watch. */
static void damaged_text_is_refused_or_whole(void **state)
{
	(void)state;
	uint32_t random = 1;
	unsigned parsed = 0;
	for (unsigned round = 0; round < 20000; round++) {
		char *text = malloc(sizeof exec - 1);
		size_t length = next_random(&random) % 4 ? sizeof exec - 1 : next_random(&random) % sizeof exec;
		assert_non_null(text);
		memcpy(text, exec, sizeof exec - 1);
		for (unsigned i = next_random(&random) % 8; i > 0; i--)
			text[next_random(&random) % (sizeof exec - 1)] =
				(char)(next_random(&random) % 3 ? exec[next_random(&random) % (sizeof exec - 1)]
								: (char)next_random(&random));
		struct event_format format = { 0 };
		struct strbuf spelt = { 0 };
		if (lade_event_format_parse(text, length, &format, NULL) == 0) {
			parsed++;
			array_foreach(field, &format) {
				assert_true(field->offset + field->size <= format.size);
				assert_true(lade_event_field_elements(field) <= field->size);
			}
			(void)lade_event_format_spell(&format, "x", &spelt);
			lade_event_format_clear(&format);
		}
		lade_strbuf_clear(&spelt);
		free(text);
	}
	assert_true(parsed > 1000 && parsed < 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_have_their_places),
		cmocka_unit_test(arrays_and_data_elsewhere_are_known),
		cmocka_unit_test(struct_names_gaps_and_has_types_of_the_fields_sizes),
		cmocka_unit_test(struct_of_fields_off_their_alignment_is_packed),
		cmocka_unit_test(text_of_types_does_not_end_the_comment),
		cmocka_unit_test(fields_that_overlap_make_no_struct),
		cmocka_unit_test(broken_text_is_refused_with_its_line),
		cmocka_unit_test(too_many_fields_are_refused),
		cmocka_unit_test(damaged_text_is_refused_or_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
