/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said of verifier logs beyond their family: cause, fix, way and instruction, on kernels from 4.9 to 6.18.
 * logs/causes.cases: "#### CODE CONFIDENCE INSTRUCTION NAME", then lines "because …", "fix …", "so …" of which each is
 * a part of what is said, and the log.
 */
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
#include "base/cleanup.h"

#define CASES     TEST_SOURCE_ROOT "/tests/explain/logs/causes.cases"
#define CASES_MIN 40

struct wanted {
	char kind; /* b, f, s */
	const char *part;
};

struct posted {
	char code[64], confidence[16], name[96];
	long instruction;
	struct wanted wanted[8];
	size_t wanted_count;
	const char *log;
};

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) <= 0)
		fail_msg("%s cannot be read", path);
	(void)fclose(file);
	return text;
}

/* Cuts the next line off. */
static char *take_line(char **at)
{
	char *line = *at, *newline = strchr(line, '\n');

	*at = newline ? newline + 1 : line + strlen(line);
	if (newline)
		*newline = '\0';
	return line;
}

static char kind_of(char *line, const char **ret_part)
{
	static const char *const words[] = { "because ", "fix ", "so " };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0) {
			*ret_part = line + strlen(words[i]);
			return *words[i];
		}
	return 0;
}

/* Takes one case; false: there is none left. */
static bool take_case(char **at, struct posted *posted)
{
	char *next;
	int end = 0;

	*posted = (struct posted){ .log = "" };
	if (strncmp(*at, "#### ", 5) != 0)
		return false;
	char *head = take_line(at);
	if (sscanf(head, "#### %63s %15s %ld %n", posted->code, posted->confidence, &posted->instruction, &end) != 3)
		fail_msg("%s is no head of a case", head);
	(void)snprintf(posted->name, sizeof posted->name, "%s", head + end);
	for (const char *part; posted->wanted_count < ELEMENTS(posted->wanted) && kind_of(*at, &part);) {
		char *line = take_line(at);
		posted->wanted[posted->wanted_count].kind = kind_of(line, &part);
		posted->wanted[posted->wanted_count++].part = part;
	}
	posted->log = *at;
	next = strstr(*at, "\n#### ");
	*at = next ? next + 1 : *at + strlen(*at);
	if (next)
		*next = '\0';
	return true;
}

static bool is_said(const struct lade_finding_info *info, const struct wanted *wanted)
{
	if (wanted->kind == 'b')
		return info->cause && strstr(info->cause, wanted->part);
	if (wanted->kind == 'f')
		return info->fix && strstr(info->fix, wanted->part);
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], wanted->part))
			return true;
	return false;
}

static size_t judge(const struct posted *posted, const struct lade_finding_info *info)
{
	static const char *const confidences[] = { "certain", "likely", "possible" };
	size_t wrong = 0;

	if (strcmp(info->code, posted->code) != 0 || info->instruction != posted->instruction ||
	    strcmp(confidences[info->confidence], posted->confidence) != 0) {
		print_error("%s: %s %s %lld\n", posted->name, info->code, confidences[info->confidence],
			    (long long)info->instruction);
		wrong = 1;
	}
	for (size_t i = 0; i < posted->wanted_count; i++)
		if (!is_said(info, &posted->wanted[i])) {
			print_error("%s: nothing says: %s\n", posted->name, posted->wanted[i].part);
			wrong = 1;
		}
	if (!wrong)
		return 0;
	print_error("because %s\nfix %s\n", info->cause, info->fix);
	for (size_t i = 0; i < info->evidence_count; i++)
		print_error("so %s\n", info->evidence[i]);
	return 1;
}

static size_t explain(const struct posted *posted)
{
	struct lade_explanation *explanation = NULL;
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_finding_info info = { .size = sizeof info };
	size_t wrong = 1;

	assert_int_equal(lade_explain_text(posted->log, strlen(posted->log), NULL, &explanation, NULL), 0);
	for (size_t i = 0; i < lade_explained_count(explanation); i++) {
		assert_int_equal(lade_explained(explanation, i, &item), 0);
		if (!item.finding)
			continue;
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		if (strncmp(info.code, "verifier.", strlen("verifier.")) == 0)
			break;
	}
	if (info.code)
		wrong = judge(posted, &info);
	else
		print_error("%s: no finding\n", posted->name);
	lade_explanation_free(explanation);
	return wrong;
}

static void cause_way_and_fix_fit_the_log(void **state)
{
	CLEANUP(cleanup_free) char *text = read_all(CASES);
	struct posted posted;
	size_t count = 0, wrong = 0;

	(void)state;
	for (char *at = text; take_case(&at, &posted); count++)
		wrong += explain(&posted);
	assert_in_range(count, CASES_MIN, 1000);
	assert_int_equal(wrong, 0);
}

/* Wherever the log is cut, nothing that it lacks is said for certain. */
static void way_with_a_gap_is_only_likely(void **state)
{
	static const char text[] =
		"0: (79) r6 = *(u64 *)(r1 +16)\n%s7: (71) r1 = *(u8 *)(r6 +0)\nR6 invalid mem access 'scalar'\n";
	static const struct {
		const char *between;
		enum lade_confidence confidence;
	} gaps[] = {
		{ "1: (b7) r2 = 1\n2: (b7) r2 = 1\n3: (b7) r2 = 1\n4: (b7) r2 = 1\n5: (b7) r2 = 1\n6: (b7) r2 = 1\n",
		  LADE_CERTAIN },
		{ "", LADE_LIKELY },
		{ "...\n6: (b7) r2 = 1\n", LADE_LIKELY },
		{ "[..]\n", LADE_LIKELY },
		{ "1: (05) goto pc+5\n", LADE_CERTAIN },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(gaps); i++) {
		struct lade_explanation *explanation = NULL;
		struct lade_explained_info item = { .size = sizeof item };
		struct lade_finding_info info = { .size = sizeof info };
		char log[1024];
		(void)snprintf(log, sizeof log, text, gaps[i].between);
		assert_int_equal(lade_explain_text(log, strlen(log), NULL, &explanation, NULL), 0);
		assert_int_equal(lade_explained(explanation, 0, &item), 0);
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		if (info.confidence != gaps[i].confidence)
			fail_msg("gap %zu: confidence %d: %s", i, (int)info.confidence, info.cause);
		lade_explanation_free(explanation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cause_way_and_fix_fit_the_log),
		cmocka_unit_test(way_with_a_gap_is_only_likely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
