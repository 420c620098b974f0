/* SPDX-License-Identifier: BSD-2-Clause */
/* The decisive line of verifier logs, as kernels of several versions write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "explain/verifier/verdict.h"

#define END "processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"

static const struct {
	const char *log, *line, *family; /* line NULL: no verdict; family NULL: not in the table */
	int64_t instruction;
} logs[] = {
	{ "", NULL, NULL, 0 },
	{ END, NULL, NULL, 0 },
	{ "verification time 12 usec\nstack depth 56\n" END, NULL, NULL, 0 },
	/* 5.10: states on lines that begin with the instruction, "inv" scalars */
	{ "0: (61) r1 = *(u32 *)(r1 +0)\n1: R1_w=inv(id=0) R10=fp0\n1: (79) r1 = *(u64 *)(r1 +0)\n"
	  "R1 invalid mem access 'inv'\n" END,
	  "R1 invalid mem access 'inv'", "invalid-mem-access", 1 },
	/* 6.x: states behind the instruction, source lines between */
	{ "0: R1=ctx() R10=fp0\n; return bpf_foo(); @ a.c:3\n0: (85) call unknown#300\ninvalid func unknown#300\n" END,
	  "invalid func unknown#300", "helper-not-allowed", 0 },
	{ "func#0 @0\n0: (b7) r0 = 0\n1: (05) goto pc-1\nback-edge from insn 1 to 1\n", "back-edge from insn 1 to 1",
	  "loop", 1 },
	/* 7.2 prints statistics in another order */
	{ "3: (85) call bpf_trace_printk#6\ncannot call GPL-restricted function from non-GPL compatible program\n"
	  "verification time 20 usec\nstack depth 8 max 0\ninsns processed 4\n",
	  "cannot call GPL-restricted function from non-GPL compatible program", "gpl", 3 },
	{ "BPF program is too large. Processed 1000001 insn\n" END, "BPF program is too large. Processed 1000001 insn",
	  "too-complex", -1 },
	{ "12: (95) exit\nfrom 3 to 13: R0=scalar() R10=fp0\n13: (79) r1 = *(u64 *)(r10 -8)\n"
	  "invalid read from stack off -8+0 size 8\n",
	  "invalid read from stack off -8+0 size 8", NULL, 13 },
	/* no newline at the end: the log was cut */
	{ "4: (95) exit\nR0 !read_ok", "R0 !read_ok", NULL, 4 },
	{ "4: (95) exit\na kernel of the future says this\n", "a kernel of the future says this", NULL, 4 },
};

static void the_last_line_that_is_no_state_and_no_statistic_is_the_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(logs); i++) {
		struct verifier_verdict verdict;
		int found = lade_verifier_verdict(logs[i].log, &verdict);
		assert_int_equal(found, logs[i].line != NULL);
		if (!found)
			continue;
		if (strlen(logs[i].line) != verdict.length || memcmp(logs[i].line, verdict.line, verdict.length) != 0)
			fail_msg("log %zu: the verdict is %.*s", i, (int)verdict.length, verdict.line);
		assert_int_equal(verdict.instruction, logs[i].instruction);
	}
}

static void known_messages_belong_to_their_family(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(logs); i++) {
		struct verifier_verdict verdict;
		if (!logs[i].family)
			continue;
		assert_true(lade_verifier_verdict(logs[i].log, &verdict));
		if (!verdict.message)
			fail_msg("%s is not in the table", logs[i].line);
		assert_string_equal(lade_verifier_text + verdict.message->family, logs[i].family);
	}
}

static void formats_match_as_printf_would_have_written(void **state)
{
	static const struct {
		const char *format, *text;
		int matches;
	} table[] = {
		{ "plain", "plain", 1 },
		{ "plain", "plain ", 0 },
		{ "plain", "plai", 0 },
		{ "R%d invalid mem access '%s'", "R1 invalid mem access 'inv'", 1 },
		{ "R%d invalid mem access '%s'", "R1 invalid mem access 'inv", 0 },
		{ "%s", "", 1 },
		{ "%s%d", "anything", 1 },
		{ "100%% of %lld", "100% of -5", 1 },
		{ "100%% of %lld", "100 of -5", 0 },
		{ "%5.2lu|%#llx", "12|0x3", 1 },
		{ "a%sb%sc", "a--b--b--c", 1 },
		{ "unknown opcode %02x", "unknown opcode 8f", 1 },
		{ "unknown opcode %02x", "unknown opcode in it", 0 },
		{ "off=%d size=%u", "off=-4 size=8", 1 },
		{ "off=%d size=%u", "off=none size=8", 0 },
		{ "func#%3d", "func#  1", 1 },
		{ "", "", 1 },
		{ "", "x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(table); i++)
		if (lade_format_matches(table[i].format, table[i].text, strlen(table[i].text)) != table[i].matches)
			fail_msg("\"%s\" and \"%s\"", table[i].format, table[i].text);
}

/* A hostile log must not make the matcher slow: one wildcard is remembered, not a tree of them. */
static void many_wildcards_against_a_long_line_end(void **state)
{
	char line[20000];

	(void)state;
	memset(line, 'a', sizeof line);
	assert_int_equal(lade_format_matches("%sa%sa%sa%sa%sa%sb", line, sizeof line), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_that_is_no_state_and_no_statistic_is_the_verdict),
		cmocka_unit_test(known_messages_belong_to_their_family),
		cmocka_unit_test(formats_match_as_printf_would_have_written),
		cmocka_unit_test(many_wildcards_against_a_long_line_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
