/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Logs of other tools, tests/explain/logs/tools: the first error has the right code, and no more confidence than its
 * text gives. A case begins with "#### CODE CONFIDENCE name": codes may be several ("a|b"), "note:CODE" is a note and
 * "none" nothing at all; confidence is a word, "!certain" or "any".
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "explain/tools/operations.h"
#include "explain/tools/rules.h"

#define CASES TEST_SOURCE_ROOT "/tests/explain/logs/tools/"
#define MARK  "#### "

struct wanted {
	char codes[160], confidence[16], name[160];
};

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct strbuf text = { 0 };
	char bytes[4096];
	size_t got;

	assert_non_null(file);
	while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
		lade_strbuf_add_bytes(&text, bytes, got);
	(void)fclose(file);
	return lade_strbuf_take(&text);
}

static struct lade_explanation *explain(const char *text, size_t length)
{
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	if (lade_explain_text(text, length, NULL, &explanation, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return explanation;
}

/* Is the word one of "a|b|c"? */
static bool is_one_of(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == '|') && (at[length] == '\0' || at[length] == '|'))
			return true;
	return false;
}

static bool is_confident(const char *wanted, enum lade_confidence confidence)
{
	const char *name = lade_confidence_name(confidence);

	if (strcmp(wanted, "any") == 0)
		return true;
	return *wanted == '!' ? strcmp(wanted + 1, name) != 0 : strcmp(wanted, name) == 0;
}

/* "" or what is wrong. */
static bool check(const struct wanted *wanted, const char *text, size_t length)
{
	struct lade_explanation *explanation = explain(text, length);
	struct lade_explained_info first = { .size = sizeof first };
	struct lade_finding_info finding = { .size = sizeof finding };
	bool is_note = strncmp(wanted->codes, "note:", 5) == 0, good;
	bool any = lade_explained(explanation, 0, &first) == 0 && first.finding;

	if (any)
		(void)lade_finding_describe(first.finding, &finding);
	if (strcmp(wanted->codes, "none") == 0)
		good = !any;
	else
		good = any && first.role == (is_note ? LADE_EXPLAINED_NOTE : LADE_EXPLAINED_ERROR) &&
		       is_one_of(wanted->codes + (is_note ? 5 : 0), finding.code) &&
		       is_confident(wanted->confidence, finding.confidence);
	if (!good)
		print_error("%s: wanted %s (%s), got %s %s (%s) of \"%s\"\n", wanted->name, wanted->codes,
			    wanted->confidence, any ? lade_explained_role_name(first.role) : "nothing",
			    any ? finding.code : "", any ? lade_confidence_name(finding.confidence) : "",
			    any ? first.line : "");
	if (good && any && first.role == LADE_EXPLAINED_ERROR && !(finding.cause && *finding.cause)) {
		print_error("%s: %s has no cause\n", wanted->name, finding.code);
		good = false;
	}
	lade_explanation_free(explanation);
	return good;
}

/* Calls for each case of a file; returns how many there are. */
static size_t each_case(const char *text, size_t *failed)
{
	size_t count = 0;
	const char *at = strncmp(text, MARK, strlen(MARK)) == 0 ? text : NULL;

	while (at) {
		struct wanted wanted = { "", "", "" };
		const char *end, *begin = strchr(at, '\n');
		assert_int_equal(sscanf(at, MARK "%159s %15s %159[^\n]", wanted.codes, wanted.confidence, wanted.name),
				 3);
		assert_non_null(begin);
		end = strstr(begin, "\n" MARK);
		*failed += !check(&wanted, begin + 1, end ? (size_t)(end - begin) : strlen(begin + 1));
		count++;
		at = end ? end + 1 : NULL;
	}
	return count;
}

typedef void file_function(const char *text, void *data);

static void each_file(file_function *function, void *data)
{
	DIR *directory = opendir(CASES);
	struct dirent *entry;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		char path[sizeof CASES + 256];
		if (!strstr(entry->d_name, ".cases"))
			continue;
		(void)snprintf(path, sizeof path, CASES "%s", entry->d_name);
		char *text = read_file(path);
		function(text, data);
		free(text);
	}
	(void)closedir(directory);
}

struct tally {
	size_t count, failed;
};

static void check_file(const char *text, void *data)
{
	struct tally *tally = data;

	tally->count += each_case(text, &tally->failed);
}

static void every_log_has_its_cause(void **state)
{
	struct tally tally = { 0 };

	(void)state;
	each_file(check_file, &tally);
	assert_true(tally.count >= 180);
	if (tally.failed)
		fail_msg("%zu of %zu logs have another cause", tally.failed, tally.count);
}

/* ---- consequences, repetitions ---- */

static struct lade_explained_info item(const struct lade_explanation *explanation, size_t index)
{
	struct lade_explained_info info = { .size = sizeof info };

	assert_int_equal(lade_explained(explanation, index, &info), 0);
	return info;
}

static struct lade_explanation_info counts(const struct lade_explanation *explanation)
{
	struct lade_explanation_info info = { .size = sizeof info };

	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	return info;
}

static struct lade_finding_info finding_of(const struct lade_explanation *explanation, size_t index)
{
	struct lade_finding_info info = { .size = sizeof info };

	assert_int_equal(lade_finding_describe(item(explanation, index).finding, &info), 0);
	return info;
}

static const char five_maps[] = "libbpf: map 'events': failed to create: Invalid argument(-22)\n"
				"libbpf: map 'counts': failed to create: Invalid argument(-22)\n"
				"libbpf: map 'flows': failed to create: Invalid argument(-22)\n"
				"libbpf: map 'hosts': failed to create: Invalid argument(-22)\n"
				"libbpf: map 'ports': failed to create: Invalid argument(-22)\n"
				"libbpf: map 'users': failed to create: Invalid argument(-22)\n";

static void what_one_reason_keeps_from_working_is_one_error_that_names_the_first(void **state)
{
	struct lade_explanation *explanation = explain(five_maps, strlen(five_maps));
	struct lade_finding_info finding = finding_of(explanation, 0);

	(void)state;
	assert_int_equal(counts(explanation).errors, 1);
	assert_int_equal(counts(explanation).consequences, 5);
	assert_int_equal(item(explanation, 0).times, 6);
	assert_int_equal(item(explanation, 0).last_line, 6);
	assert_string_equal(finding.evidence[finding.evidence_count - 1],
			    "the same is true of map counts (line 2), map flows (line 3), map hosts (line 4), "
			    "map ports (line 5) and 1 more");
	assert_string_equal(finding_of(explanation, 5).map, "users");
	lade_explanation_free(explanation);
}

static const char element[] =
	"bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_PROG_ARRAY, key_size=4, value_size=4, max_entries=8, "
	"map_flags=0, inner_map_fd=0, map_name=\"calls\"}, 72) = 5\n"
	"bpf(BPF_MAP_UPDATE_ELEM, {map_fd=5, key=0x7ff0, value=0x7ff8, flags=BPF_ANY}, 32) = -1 E2BIG (Argument list "
	"too long)\n";

static void element_is_of_the_map_that_was_made_before(void **state)
{
	struct lade_explanation *explanation = explain(element, strlen(element));
	struct lade_finding_info finding = finding_of(explanation, 0);

	(void)state;
	assert_string_equal(finding.map, "calls");
	assert_string_equal(finding.cause, "the index is not below max_entries");
	assert_string_equal(finding.evidence[0], "line 1 made the map, with descriptor 5: prog_array of 8 entries");
	lade_explanation_free(explanation);
}

static const char headed[] = "pod-7d9f8 agent 0: (b7) r2 = 0\npod-7d9f8 agent 1: (61) r0 = *(u32 *)(r2 +0)\n"
			     "other-12 db R3 is ready\npod-7d9f8 agent R2 invalid mem access 'scalar'\n"
			     "pod-7d9f8 agent processed 2 insns (limit 1000000) max_states_per_insn 0\n";

static void log_behind_a_head_that_nobody_knows_is_read_whole(void **state)
{
	struct lade_explanation *explanation = explain(headed, strlen(headed));
	struct lade_finding_info finding = finding_of(explanation, 0);

	(void)state;
	assert_int_equal(counts(explanation).errors, 1);
	assert_string_equal(finding.code, "verifier.deref");
	assert_int_equal(finding.instruction, 1);
	assert_non_null(finding.log);
	assert_null(strstr(finding.log, "pod-") ? finding.log : strstr(finding.log, "R3 is ready"));
	lade_explanation_free(explanation);
}

static const char five_lines[] = "libbpf: map 'events': failed to create: Invalid argument(-22)\n"
				 "libbpf: failed to load object 'ring_bpf'\n"
				 "libbpf: failed to load BPF skeleton 'ring_bpf': -EINVAL\n"
				 "Failed to load and verify BPF skeleton\n";

static void what_libbpf_says_after_an_error_follows_from_it(void **state)
{
	struct lade_explanation *explanation = explain(five_lines, strlen(five_lines));
	struct lade_finding_info finding = { .size = sizeof finding };

	(void)state;
	assert_int_equal(counts(explanation).errors, 1);
	assert_int_equal(counts(explanation).consequences, 3);
	assert_int_equal(lade_finding_describe(item(explanation, 0).finding, &finding), 0);
	assert_string_equal(finding.map, "events");
	for (size_t i = 1; i <= 3; i++)
		assert_int_equal(item(explanation, i).cause, 0);
	lade_explanation_free(explanation);
}

static void a_container_that_restarts_is_one_error_counted(void **state)
{
	char text[7 * sizeof five_lines] = "";

	(void)state;
	for (unsigned i = 0; i < 7; i++)
		(void)strcat(text, five_lines);
	struct lade_explanation *explanation = explain(text, strlen(text));
	assert_int_equal(counts(explanation).errors, 1);
	assert_int_equal(item(explanation, 0).times, 7);
	assert_int_equal(item(explanation, 0).last_line, 6 * 4 + 1);
	lade_explanation_free(explanation);
}

static void two_programs_have_each_their_own_error(void **state)
{
	static const char text[] =
		"program a: load program: permission denied: R1 invalid mem access 'inv' (3 line(s) omitted)\n"
		"program b: load program: invalid argument: back-edge from insn 5 to 2 (3 line(s) omitted)\n";
	struct lade_explanation *explanation = explain(text, strlen(text));
	struct lade_finding_info finding = { .size = sizeof finding };

	(void)state;
	assert_int_equal(counts(explanation).errors, 2);
	assert_int_equal(lade_finding_describe(item(explanation, 0).finding, &finding), 0);
	assert_string_equal(finding.program, "a");
	assert_int_equal(lade_finding_describe(item(explanation, 1).finding, &finding), 0);
	assert_string_equal(finding.program, "b");
	lade_explanation_free(explanation);
}

static void a_log_behind_an_object_that_failed_is_of_another_program(void **state)
{
	static const char text[] = "libbpf: prog 'a': -- BEGIN PROG LOAD LOG --\n"
				   "5: (79) r1 = *(u64 *)(r2 +0)\n"
				   "R2 invalid mem access 'scalar'\n"
				   "-- END PROG LOAD LOG --\n"
				   "libbpf: prog 'a': failed to load: -13\n"
				   "libbpf: failed to load object 'a.o'\n"
				   "the other machine:\n"
				   "66: (7b) *(u64 *)(r10 -520) = r1\n"
				   "invalid stack off=-520 size=8\n";
	struct lade_explanation *explanation = explain(text, strlen(text));
	struct lade_finding_info finding = { .size = sizeof finding };

	(void)state;
	assert_int_equal(lade_finding_describe(item(explanation, 0).finding, &finding), 0);
	assert_string_equal(finding.program, "a");
	assert_int_equal(lade_finding_describe(item(explanation, 1).finding, &finding), 0);
	assert_string_equal(finding.code, "verifier.stack.bounds");
	assert_null(finding.program);
	lade_explanation_free(explanation);
}

static void a_call_that_succeeds_at_the_second_try_is_a_note(void **state)
{
	static const char text[] =
		"bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE, insn_cnt=28, prog_name=\"hello\"}, 120) = -1 "
		"EINVAL "
		"(Invalid argument)\n"
		"bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE, insn_cnt=28, prog_name=\"hello\"}, 64) = 5\n";
	struct lade_explanation *explanation = explain(text, strlen(text));

	(void)state;
	assert_int_equal(counts(explanation).errors, 0);
	assert_int_equal(counts(explanation).notes, 1);
	lade_explanation_free(explanation);
}

/* Whoever does not see the sizes cannot know the cause; who does can reckon from how many processors on it is true. */
static void the_cost_of_a_map_is_reckoned(void **state)
{
	static const char text[] = "bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_PERCPU_HASH, key_size=8, "
				   "value_size=4792, max_entries=10240, "
				   "map_flags=0, inner_map_fd=0, map_name=\"execs\", map_ifindex=0}, 72) = -1 E2BIG "
				   "(Argument list too long)\n";
	struct lade_explanation *explanation = explain(text, strlen(text));
	struct lade_finding_info finding = { .size = sizeof finding };

	(void)state;
	assert_int_equal(lade_finding_describe(item(explanation, 0).finding, &finding), 0);
	assert_non_null(strstr(finding.cause, "88 CPUs"));
	assert_non_null(strstr(finding.cause, "4 GiB"));
	assert_string_equal(finding.map, "execs");
	lade_explanation_free(explanation);
}

/* A command that was pasted with its output says who ran it and where the program was to run. */
static void a_command_settles_which_of_several_causes_it_is(void **state)
{
	static const struct {
		const char *text, *cause;
		bool has_it;
	} pasted[] = {
		{ "$ sudo ./agent\nlibbpf: map 'm': failed to create: Operation not permitted(-1)\n", "root is refused",
		  true },
		{ "$ sudo apt install agent\n$ ./agent\nlibbpf: map 'm': failed to create: Operation not "
		  "permitted(-1)\n",
		  "root is refused", false },
		{ "$ ./agent\nlibbpf: map 'm': failed to create: Operation not permitted(-1)\n$ sudo ./agent\n",
		  "root is refused", false },
		{ "ip link set dev eth0 xdpoffload obj a.o\nlibbpf: map 'm': failed to create: Invalid argument(-22)\n",
		  "on the network card", true },
		{ "ip link set dev eth0 xdpdrv obj a.o\nlibbpf: map 'm': failed to create: Invalid argument(-22)\n",
		  "on the network card", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(pasted); i++) {
		struct lade_explanation *explanation = explain(pasted[i].text, strlen(pasted[i].text));
		struct lade_finding_info finding = finding_of(explanation, 0);
		if ((strstr(finding.cause, pasted[i].cause) != NULL) != pasted[i].has_it)
			fail_msg("%s%s", pasted[i].text, finding.cause);
		lade_explanation_free(explanation);
	}
}

/* What prints it would ask for the finding. */
static void whatever_the_error_number_a_rule_of_an_error_has_a_code(void **state)
{
	static const char line[] = "May 17 06:50:02.720 ERRO System error, errno: 4095\n";
	struct lade_explanation *explanation = explain(line, strlen(line));

	(void)state;
	for (size_t i = 0; i < lade_tool_rule_count; i++) {
		const struct explain_rule *rule = &lade_tool_rules[i].rule;
		if (rule->role != EXPLAIN_ERROR || lade_explain_strings[rule->code])
			continue;
		if (!lade_failure_find(lade_explain_strings + rule->operation, 4095))
			fail_msg("%s: no code", lade_explain_strings + rule->pattern);
	}
	assert_non_null(item(explanation, 0).finding);
	lade_explanation_free(explanation);
}

static size_t count_errors(const char *text)
{
	struct lade_explanation *explanation = explain(text, strlen(text));
	struct lade_explanation_info info = { .size = sizeof info };

	assert_int_equal(lade_explanation_describe(explanation, &info), 0);
	lade_explanation_free(explanation);
	return info.errors;
}

static void what_is_said_twice_is_one_error(void **state)
{
#define LOG                                                                                                            \
	"0: R1=ctx() R10=fp0\n0: (61) r0 = *(u32 *)(r1 +4)\n1: (61) r0 = *(u32 *)(r0 +4)\n"                            \
	"R1 invalid mem access 'scalar'\nprocessed 2 insns (limit 1000000) max_states_per_insn 0\n"
	static const char *const texts[] = {
		/* a log, and the line that repeats its verdict, in either order */
		LOG "main: program a: load program: permission denied: R1 invalid mem access 'scalar' (3 line(s) "
		    "omitted)\n",
		"main: program a: load program: permission denied: R1 invalid mem access 'scalar' (3 line(s) omitted)\n"
		"\nagent gives up\n\n1\n2\n3\n4\n5\n6\n7\n8\n9\n" LOG,
		/* who may not do one thing may not do another */
		"libbpf: map 'a': failed to create: Operation not permitted(-1)\n"
		"Failed to load program b: operation not permitted\n",
		/* what nobody knows more of */
		"Failed to load the BPF program\nsomething went wrong\nfailed to load BPF object\n",
		/* a note that tc goes on, and what the kernel said */
		"BTF debug data section '.BTF' rejected: Invalid argument (22)!\n - Length: 99\nVerifier analysis:\n\n"
		"magic: 0xeb9f\n[12] DATASEC .maps size=0 vlen=1 size == 0\n",
		/* a tool that is not there, as the shell and make say it */
		"/bin/sh: 1: clang: not found\nmake: clang: No such file or directory\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		if (count_errors(texts[i]) != 1)
			fail_msg("%zu errors in\n%s", count_errors(texts[i]), texts[i]);
}

static void two_programs_with_one_verdict_are_two_errors(void **state)
{
	(void)state;
	assert_int_equal(count_errors("libbpf: prog 'a': -- BEGIN PROG LOAD LOG --\n" LOG "-- END PROG LOAD LOG --\n"
				      "libbpf: prog 'b': -- BEGIN PROG LOAD LOG --\n" LOG "-- END PROG LOAD LOG --\n"),
			 2);
}

static void vendors_helpers_are_not_those_with_their_numbers(void **state)
{
	static const char text[] = "0: (85) call bpf_vmalloc#136\nunknown func bpf_vmalloc#136\nprocessed 1 insns\n";
	struct lade_explanation *explanation = explain(text, strlen(text));
	struct lade_finding_info finding = { .size = sizeof finding };

	(void)state;
	assert_int_equal(lade_finding_describe(item(explanation, 0).finding, &finding), 0);
	assert_null(strstr(finding.cause, "bpf_skc_to_tcp6_sock"));
	lade_explanation_free(explanation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_twice_is_one_error),
		cmocka_unit_test(two_programs_with_one_verdict_are_two_errors),
		cmocka_unit_test(vendors_helpers_are_not_those_with_their_numbers),
		cmocka_unit_test(every_log_has_its_cause),
		cmocka_unit_test(what_one_reason_keeps_from_working_is_one_error_that_names_the_first),
		cmocka_unit_test(element_is_of_the_map_that_was_made_before),
		cmocka_unit_test(log_behind_a_head_that_nobody_knows_is_read_whole),
		cmocka_unit_test(what_libbpf_says_after_an_error_follows_from_it),
		cmocka_unit_test(a_container_that_restarts_is_one_error_counted),
		cmocka_unit_test(two_programs_have_each_their_own_error),
		cmocka_unit_test(a_log_behind_an_object_that_failed_is_of_another_program),
		cmocka_unit_test(a_call_that_succeeds_at_the_second_try_is_a_note),
		cmocka_unit_test(the_cost_of_a_map_is_reckoned),
		cmocka_unit_test(a_command_settles_which_of_several_causes_it_is),
		cmocka_unit_test(whatever_the_error_number_a_rule_of_an_error_has_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
