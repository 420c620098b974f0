/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifier logs as kernels and libraries write them: what is found in them. rejected.c asks this kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "explain/verifier/verdict.h"

#define END "processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
#define PROGRAM                                                                                                        \
	"0: R1=ctx() R10=fp0\n"                                                                                        \
	"; __u32 key = 0; @ foo.c:10\n"                                                                                \
	"0: (b7) r1 = 0                        ; R1_w=0\n"                                                             \
	"1: (63) *(u32 *)(r10 -4) = r1         ; R1_w=0 R10=fp0 fp-8=0000????\n"                                       \
	"2: (bf) r2 = r10                      ; R2_w=fp0 R10=fp0\n"                                                   \
	"3: (07) r2 += -4                      ; R2_w=fp-4\n"                                                          \
	"; struct count *value = bpf_map_lookup_elem(&counts, &key); @ foo.c:12\n"                                     \
	"4: (18) r1 = 0xffff8f0c4a3d2000       ; R1_w=map_ptr(map=counts,ks=4,vs=8)\n"                                 \
	"6: (85) call bpf_map_lookup_elem#1    ; R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=8)\n"                  \
	"7: (7b) *(u64 *)(r10 -16) = r0        ; R0_w=map_value_or_null(id=1,map=counts,ks=4,vs=8)\n"                  \
	"8: (79) r6 = *(u64 *)(r10 -16)\n"                                                                             \
	"; value->number += 1; @ foo.c:13\n"                                                                           \
	"9: (79) r1 = *(u64 *)(r6 +0)\n"                                                                               \
	"R6 invalid mem access 'map_value_or_null'\n"

#define REPORT_BEFORE "0: R1=ctx() R10=fp0\n0: (95) exit\nR0 !read_ok\n\n"
#define REPORT                                                                                                         \
	"Verification failed: Register Type Safety: Unreadable register\n\nReason:\n"                                  \
	"  R0 has never been initialized on this path, so\n  nobody can use it.\n\nAt:\n  insn 0\n"                    \
	"        | ^-- error: R0 is not readable\n  Instruction context:\n  >>> 0 | (95) exit\n\nCausal path:\n"       \
	"  entry @ case.c:78:12\n  Source context:\n      77 | int a;\n  >>> 78 |         a = b;\n"                    \
	"         |         ^-- update: R0 changed from\n         |             a to b\n  Instruction context:\n"      \
	"       11 | (b7) r1 = 0\n  >>> 12 | (bf) r0 = r1\n\n  insn 13\n        | ^-- acquired: owned resource "       \
	"(id=2)\n"                                                                                                     \
	"  Instruction context:\n  >>> 13 | (85) call bpf_task_acquire#1\n\nSuggestion:\n  Initialize R0 on every "    \
	"path.\n\n"

static const struct {
	const char *name, *text, *code;
	int64_t instruction;
	const char *evidence[4];
	enum lade_confidence confidence;
} texts[] = {
	{ "bare",
	  PROGRAM END,
	  "verifier.deref.maybe-null",
	  9,
	  { "returned r0, map counts", "spilled to the stack", "filled from the stack", "variable value" } },
	{ "libbpf",
	  "libbpf: prog 'f': BPF program load failed: Permission denied\nlibbpf: prog 'f': -- BEGIN PROG LOAD LOG "
	  "--\n" PROGRAM END "-- END PROG LOAD LOG --\nlibbpf: prog 'f': failed to load: -13\n",
	  "verifier.deref.maybe-null",
	  9,
	  { "map counts" } },
	{ "old kernel",
	  "0: (79) r1 = *(u64 *)(r1 +24)\n1: (79) r1 = *(u64 *)(r1 +0)\n R0=inv(id=0) R1_w=inv(id=0) R10=fp0\n"
	  "R1 invalid mem access 'inv'\n",
	  "verifier.deref",
	  1,
	  { "0: r1 = *(u64 *)(r1 +24) (read from the context)" } },
	{ "indented by a Go program",
	  "load program: permission denied:\n\t; int f(void *ctx)\n\t0: (b7) r1 = 7\n\t1: (79) r0 = *(u64 *)(r1 +0)\n"
	  "\tR1 invalid mem access 'scalar'\n\t" END,
	  "verifier.deref",
	  1,
	  { "r1 = 7 (set)" } },
	{ "one line of a Go program",
	  "program handle: load program: permission denied: R1 invalid mem access 'inv' (12 line(s) omitted)\n",
	  "verifier.deref",
	  -1,
	  { "12 lines of the log were left out" },
	  LADE_LIKELY },
	{ "statistic for an error",
	  "load program: permission denied: stack depth 56 (147 line(s) omitted)\n",
	  "verifier.log-cut",
	  -1,
	  { "147 lines" } },
	{ "statistics behind the error",
	  "0: (79) r6 = *(u64 *)(r1 +16)\n5: (71) r1 = *(u8 *)(r6 +0)\nR6 invalid mem access 'scalar'\n"
	  "verification time 70 usec\nstack depth 56\n" END,
	  "verifier.deref",
	  5,
	  { "r6 = *(u64 *)(r1 +16)" },
	  LADE_LIKELY }, /* instructions between the two are missing */
	{ "padding", "10: (85) call bpf_map_update_elem#2\ninvalid indirect read from stack off -40+28 size 32\n" END,
	  "verifier.stack.uninitialised", 10 },
	{ "two lines about types",
	  "3: (79) r2 = *(u64 *)(r1 +8)\n9: (85) call bpf_sk_storage_delete#108\nR1 type=ctx expected=fp\n"
	  "R2 type=ptr_or_null_ expected=ptr_\n" END,
	  "verifier.deref.maybe-null",
	  9,
	  { "3: r2 = *(u64 *)(r1 +8)" } },
	{ "what is only said of a caller",
	  "0: (85) call pc+2\ninvalid bpf_context access off=63 size=1\nCaller passes invalid args into func#1 "
	  "('f')\n" END,
	  "verifier.global-function",
	  0,
	  { "Caller passes invalid args" } },
	{ "another branch",
	  "0: (85) call bpf_get_prandom_u32#7\n1: (bf) r6 = r0\n2: (15) if r1 == 0x0 goto pc+2\n3: (b7) r6 = 1\n"
	  "4: (95) exit\nfrom 2 to 5: R0=inv(id=0) R6=inv(id=0)\n5: (79) r0 = *(u64 *)(r6 +0)\n"
	  "R6 invalid mem access 'inv'\n" END,
	  "verifier.deref",
	  5,
	  { "1: r6 = r0 (copied)", "0: call bpf_get_prandom_u32#7 (returned r0)" },
	  LADE_LIKELY },
	{ "marks of live registers",
	  "Live regs before insn:\n  0: .......... (b7) r0 = 0\n  1: 0......... (95) exit\n"
	  "0: (b7) r0 = 0\n1: (95) exit\nat program exit\nR0 !read_ok\n" END,
	  "verifier.uninitialised", 1 },
	{ "newline that the kernel forgot", "7: (85) call bpf_tail_call#12\nexpected prog array map for tail call" END,
	  "verifier.map-helper", 7 },
	{ "end that was cut",
	  "1: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\n5: (b",
	  "verifier.deref",
	  1,
	  { NULL },
	  LADE_LIKELY },
	{ "frame pointer", "frame pointer is read only\n" END, "verifier.frame-pointer", -1 },
	{ "a message of the future", "4: (95) exit\na kernel of the future says this\n" END, "verifier.rejected", 4 },
	{ "shape of the newest kernels",
	  "Verification failed: program rejected\nReason: R1 invalid mem access 'scalar'\nAt: 1\nCausal path:\n"
	  "Suggestion: read it with a helper\n",
	  "verifier.deref",
	  -1,
	  { "the kernel suggests: read it with a helper" },
	  LADE_LIKELY },
	{ "report of 7.3",
	  REPORT_BEFORE REPORT END,
	  "verifier.uninitialised",
	  0,
	  { "the kernel's reason: R0 has never been initialized on this path, so nobody can use it.",
	    "the kernel suggests: Initialize R0", "12: a = b; (update: R0 changed from a to b) @ case.c:78" } },
	{ "report of 7.3, alone",
	  REPORT,
	  "verifier.uninitialised",
	  0,
	  { "the kernel's reason: R0 has", "acquired: owned resource (id=2)" } },
	{ "report of 7.3 in a line of a Go program",
	  "load program: permission denied: R0 may be NULL here (a nullable map value pointer). It could (Add a NULL "
	  "check before the access)\n",
	  "verifier.deref.maybe-null", -1 },
	{ "reason that is not known, by its title",
	  "Verification failed: Policy: Something new\n\nReason:\n  Nobody has ever said this.\n",
	  "verifier.helper-not-allowed",
	  -1,
	  { "the kernel's reason: Nobody" },
	  LADE_POSSIBLE },
	{ "pointer that a call took away",
	  "19: (85) call bpf_tcp_sock#96         ; R0=tcp_sock_or_null(id=3)\n"
	  "20: (55) if r0 != 0x0 goto pc+3 24: R0=tcp_sock() R10=fp0\n"
	  "24: (bf) r7 = r0                      ; R0=tcp_sock() R7=tcp_sock()\n"
	  "25: (85) call bpf_sk_release#86       ; R0=scalar()\n"
	  "26: (61) r0 = *(u32 *)(r7 +0)\nR7 invalid mem access 'scalar'\n" END,
	  "verifier.deref",
	  26,
	  { "25: call bpf_sk_release#86 (R7 is no address from here on)" } },
	{ "log of statistics only", "R2 !read_ok\nverification time 30 usec\nstack depth 0\n" END,
	  "verifier.uninitialised", -1 },
	{ "message in other words",
	  "3: (85) call bpf_x#1\nArgument 2 has an unbounded memory access, use 'var &= const'\n" END,
	  "verifier.bounds.unbounded-size",
	  3,
	  { "this wording is not known; nearest is: " },
	  LADE_LIKELY },
	{ "words of 4.14",
	  "0: (bf) r6 = r1\n1: (61) r1 = *(u32 *)(r6 +0)\n2: (71) r0 = *(u8 *)(r1 +0)\nR1 invalid mem access 'inv'\n",
	  "verifier.deref",
	  2,
	  { "1: r1 = *(u32 *)(r6 +0) (read from the context)" } },
	{ "something unknown behind",
	  "4: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\nso long\n",
	  "verifier.deref",
	  4,
	  { NULL },
	  LADE_LIKELY },
};

static bool has_evidence(const struct lade_finding_info *info, const char *part)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
			return true;
	return false;
}

static void check(const struct lade_finding_info *info, size_t at)
{
	if (strcmp(info->code, texts[at].code) != 0)
		fail_msg("%s: %s: %s", texts[at].name, info->code, info->message);
	if (info->instruction != texts[at].instruction)
		fail_msg("%s: instruction %lld", texts[at].name, (long long)info->instruction);
	if (info->confidence != texts[at].confidence)
		fail_msg("%s: confidence %d", texts[at].name, (int)info->confidence);
	for (size_t i = 0; i < ELEMENTS(texts[at].evidence) && texts[at].evidence[i]; i++)
		if (!has_evidence(info, texts[at].evidence[i])) {
			for (size_t j = 0; j < info->evidence_count; j++)
				fprintf(stderr, "# %s\n", info->evidence[j]);
			fail_msg("%s: no evidence says %s", texts[at].name, texts[at].evidence[i]);
		}
}

static void verdict_is_found_in_whatever_stands_around_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++) {
		struct lade_explanation *explanation = NULL;
		struct lade_explained_info item = { .size = sizeof item };
		struct lade_finding_info info = { .size = sizeof info };
		assert_int_equal(lade_explain_text(texts[i].text, strlen(texts[i].text), NULL, &explanation, NULL), 0);
		if (!lade_explained_count(explanation))
			fail_msg("%s: nothing was found", texts[i].name);
		assert_int_equal(lade_explained(explanation, 0, &item), 0);
		assert_non_null(item.finding);
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		check(&info, i);
		lade_explanation_free(explanation);
	}
}

static struct lade_explanation_info count(const char *text, size_t length)
{
	struct lade_explanation *explanation = NULL;
	struct lade_explanation_info info = { .size = sizeof info };

	assert_int_equal(lade_explain_text(text, length, NULL, &explanation, NULL), 0);
	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	lade_explanation_free(explanation);
	return info;
}

static void source_line_is_that_of_the_refused_instruction(void **state)
{
	struct lade_explanation *explanation = NULL;
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_finding_info info = { .size = sizeof info };

	(void)state;
	assert_int_equal(lade_explain_text(PROGRAM END, strlen(PROGRAM END), NULL, &explanation, NULL), 0);
	assert_int_equal(lade_explained(explanation, 0, &item), 0);
	assert_int_equal(lade_finding_describe(item.finding, &info), 0);
	assert_string_equal(info.source_file, "foo.c");
	assert_int_equal(info.source_line, 13);
	assert_string_equal(info.source_text, "value->number += 1;");
	lade_explanation_free(explanation);
}

static void same_log_again_is_one_error_and_another_log_is_another(void **state)
{
	static const char same[] = PROGRAM END PROGRAM END PROGRAM END;
	static const char other[] = PROGRAM END "0: (95) exit\nR0 !read_ok\n" END;

	(void)state;
	assert_int_equal(count(same, sizeof same - 1).errors, 1);
	assert_int_equal(count(other, sizeof other - 1).errors, 2);
}

static void text_without_a_log_is_no_rejection(void **state)
{
	static const char text[] = "Invalid argument\ninvalid\nR2-D2 says hello\n12: this is a list\n; a comment\n"
				   "processed 12 files\nfrom 1 to 2 we go\nstack depth is fine\nR1\nfd 3\n";

	(void)state;
	assert_int_equal(count(text, sizeof text - 1).errors, 0);
}

/* Every message that the table holds and that is an error has a finding of its own, and words. */
static void families_have_findings_with_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < lade_verifier_message_count; i++) {
		const struct verifier_message *message = &lade_verifier_messages[i];
		struct lade_code_info info = { .size = sizeof info };
		const char *code = lade_verifier_text + message->code;
		if (strcmp(lade_verifier_text + message->family, "info") == 0)
			continue;
		if (lade_catalogue_find(code, &info) < 0)
			fail_msg("%s has no finding: '%s'", lade_verifier_text + message->pattern, code);
		assert_true(lade_verifier_text[message->cause] && lade_verifier_text[message->fix]);
	}
}

static void sixteen_megabytes_of_any_log_end(void **state)
{
	static const char *const parts[] = {
		PROGRAM END,      PROGRAM, "R1 invalid mem access 'inv'\n", "from 1 to 0: \n",
		"0: (95) exit\n", "; \n",  "x: R1 is something unknown\n"
	};
	size_t size = 16U << 20;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		size_t length = strlen(parts[i]);
		for (size_t at = 0; at + length <= size; at += length)
			memcpy(text + at, parts[i], length);
		assert_true(count(text, size).errors <= 1000);
	}
	free(text);
}

static void damaged_logs_do_no_harm(void **state)
{
	static const char log[] = PROGRAM END "load program: invalid argument: stack depth 8 (1 line(s) omitted)\n";
	char text[sizeof log];
	unsigned seed = 1;

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		memcpy(text, log, sizeof log);
		for (unsigned i = 0; i < 1 + round % 5; i++) {
			seed = seed * 1103515245U + 12345U;
			text[(seed >> 8) % (sizeof log - 1)] = (char)(seed >> 24);
		}
		(void)count(text, (seed >> 4) % 3 ? sizeof log - 1 : seed % sizeof log);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_is_found_in_whatever_stands_around_it),
		cmocka_unit_test(source_line_is_that_of_the_refused_instruction),
		cmocka_unit_test(same_log_again_is_one_error_and_another_log_is_another),
		cmocka_unit_test(text_without_a_log_is_no_rejection),
		cmocka_unit_test(families_have_findings_with_words),
		cmocka_unit_test(sixteen_megabytes_of_any_log_end),
		cmocka_unit_test(damaged_logs_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
