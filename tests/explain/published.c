/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The published error cases as other tools print them: each must lead to its cause, also where what was published about
 * it is wrong. What Lade itself says of them is in published_live.c.
 */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "explain/published.h"

#define SHARED TEST_SOURCE_ROOT "/../shared"

static const struct text {
	const char *id;
	enum lade_explained_role role;
	const char *code; /* of the first of that role; NULL: harmless lines have none */
	const char *part; /* of cause, fix, evidence or meaning */
	const char *text;
} texts[] = {
#include "published_texts.h"
};

/* ---- what was found ---- */

static struct lade_explanation *explain(const char *text)
{
	struct lade_explanation *explanation = NULL;

	assert_int_equal(lade_explain_text(text, strlen(text), NULL, &explanation, NULL), 0);
	return explanation;
}

static bool says(const struct lade_explained_info *item, const struct lade_finding_info *info, const char *part)
{
	if ((item->meaning && strstr(item->meaning, part)) || (info->cause && strstr(info->cause, part)) ||
	    (info->fix && strstr(info->fix, part)) || (item->line && strstr(item->line, part)))
		return true;
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
			return true;
	return false;
}

/* An error that is certain and is another one is a wrong cause. */
static bool is_wrong(const struct text *text, const struct lade_explained_info *item,
		     const struct lade_finding_info *info)
{
	return item->role == LADE_EXPLAINED_ERROR && info->confidence == LADE_CERTAIN &&
	       (!text->code || text->role != LADE_EXPLAINED_ERROR || strcmp(info->code, text->code) != 0);
}

static bool judge(const struct text *text)
{
	struct lade_explanation *explanation = explain(text->text);
	struct lade_explained_info item = { .size = sizeof item };
	bool found = false, wrong = false;

	for (size_t i = 0; lade_explained(explanation, i, &item) == 0; i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (item.finding)
			assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		wrong |= is_wrong(text, &item, &info);
		if (item.role != text->role || (text->code && (!info.code || strcmp(info.code, text->code) != 0)))
			continue;
		found |= !text->part || says(&item, &info, text->part);
		if (getenv("LADE_TEST_VERBOSE"))
			(void)fprintf(stderr, "# %s: %s: %s\n", text->id, info.code ? info.code : "-", item.line);
	}
	if (!found || wrong)
		(void)fprintf(stderr, "# %s: %s (%s)%s in\n%s\n", text->id, text->code ? text->code : "harmless",
			      text->part ? text->part : "", wrong ? ": a wrong cause that is certain" : " is not found",
			      text->text);
	lade_explanation_free(explanation);
	return found && !wrong;
}

static void words_of_other_tools_lead_to_the_cause(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		failed += !judge(&texts[i]);
	assert_int_equal(failed, 0);
}

/* ---- words that are looked up ---- */

static void names_are_told_with_their_versions(void **state)
{
	static const struct {
		const char *id, *word, *since;
	} names[] = {
		{ "S2.5c", "bpf_loop", "5.17" },
		{ "S2.5c", "bpf_for_each_map_elem", "5.13" },
		{ "S2.15", "bpf_probe_read_user_str", "5.5" },
		{ "S2.12", "bpf_trace_vprintk", "5.16" },
		{ "S1.4", "bpf_trace_vprintk", "5.16" },
		{ "S2.22", "bpf_d_path", "5.10" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		struct lade_word_info info = { .size = sizeof info };
		if (lade_word_find(names[i].word, 0, &info) < 0)
			fail_msg("%s: %s is not known", names[i].id, names[i].word);
		assert_string_equal(info.since, names[i].since);
	}
}

/* ---- clang's own words ---- */

/* What clang writes about this program; NULL: there is no clang. To be freed. */
static char *compile(const char *program)
{
	struct strbuf text = { 0 };
	char bytes[4096];
	int source[2], words[2];
	ssize_t got;

	assert_int_equal(pipe(source), 0);
	assert_int_equal(pipe(words), 0);
	pid_t pid = fork();
	if (pid == 0) {
		(void)dup2(source[0], STDIN_FILENO);
		(void)dup2(words[1], STDERR_FILENO);
		(void)close(source[1]);
		execlp("clang", "clang", "--target=bpf", "-O2", "-x", "c", "-c", "-o", "/dev/null", "-", NULL);
		_exit(127);
	}
	(void)close(source[0]);
	(void)close(words[1]);
	assert_int_equal(write(source[1], program, strlen(program)), strlen(program));
	(void)close(source[1]);
	while ((got = read(words[0], bytes, sizeof bytes)) > 0)
		lade_strbuf_add_bytes(&text, bytes, (size_t)got);
	(void)close(words[0]);
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		lade_strbuf_clear(&text);
	return lade_strbuf_take(&text);
}

static void words_of_the_compiler_that_is_here_lead_to_the_cause(void **state)
{
	static const struct text programs[] = {
		{ "S2.1", LADE_EXPLAINED_ERROR, "compile.stack", "map",
		  "int take(void *);\n"
		  "int f(void *c) { volatile char b[600]; for (int i = 0; i < 600; i++) b[i] = i; return b[9]; }\n" },
		{ "S4.1", LADE_EXPLAINED_ERROR, "compile.label", NULL,
		  "__attribute__((section(\"same\"))) int same(void *c) { return 0; }\n" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		CLEANUP(cleanup_free) char *words = compile(programs[i].text);
		if (!words || !*words) {
			(void)fputs("# there is no clang with the BPF target here\n", stderr);
			skip();
		}
		struct text text = programs[i];
		text.text = words;
		assert_true(judge(&text));
	}
}

/* ---- whole articles ---- */

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	struct strbuf text = { 0 };
	char bytes[4096];
	size_t got;

	if (!file)
		return NULL;
	while ((got = fread(bytes, 1, sizeof bytes, file)) > 0)
		lade_strbuf_add_bytes(&text, bytes, got);
	(void)fclose(file);
	return lade_strbuf_take(&text);
}

#define MOST_CODES 24

static const struct article {
	const char *file;
	const char *codes[MOST_CODES]; /* of errors and notes; what is certain and is not here is wrong */
} articles[] = {
	{ "articles/000_5e9714ae57e7868b.txt", { "kernel.bpf.absent" } },
	{ "articles/001_b0920327bcb2937c.txt", { NULL } },
	{ "articles/002_1da45af9b6328a32.txt",
	  { "btf.kernel.absent", "btf.load.without", "map.create.global-data", "verifier.stack.uninitialised",
	    "verifier.log-cut", "verifier.bounds.unbounded", "verifier.deref.maybe-null", "verifier.global-function",
	    "map.create.too-large" } },
	{ "articles/003_65d631adebdefafd.txt", { NULL } },
	{ "articles/004_99d2ceb0b97ed59a.txt", { "compile.label", "dialect.maps.iproute2" } },
};

static bool is_listed(const struct article *article, const char *code)
{
	for (size_t i = 0; i < MOST_CODES && article->codes[i]; i++)
		if (strcmp(article->codes[i], code) == 0)
			return true;
	return false;
}

static size_t judge_article(const struct article *article, const struct lade_explanation *explanation)
{
	struct lade_explained_info item = { .size = sizeof item };
	bool found[MOST_CODES] = { false };
	size_t wrong = 0;

	for (size_t i = 0; lade_explained(explanation, i, &item) == 0; i++) {
		struct lade_finding_info info = { .size = sizeof info };
		if (!item.finding || lade_finding_describe(item.finding, &info) < 0)
			continue;
		for (size_t at = 0; at < MOST_CODES && article->codes[at]; at++)
			found[at] |= strcmp(article->codes[at], info.code) == 0;
		if (item.role != LADE_EXPLAINED_ERROR || info.confidence != LADE_CERTAIN ||
		    is_listed(article, info.code))
			continue;
		(void)fprintf(stderr, "# %s: %s, certain, of: %s\n", article->file, info.code, item.line);
		wrong++;
	}
	for (size_t at = 0; at < MOST_CODES && article->codes[at]; at++) {
		if (found[at])
			continue;
		(void)fprintf(stderr, "# %s: %s is not found\n", article->file, article->codes[at]);
		wrong++;
	}
	return wrong;
}

static void whole_articles_show_their_errors_and_no_wrong_cause(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(articles); i++) {
		char path[PATH_MAX];
		(void)snprintf(path, sizeof path, SHARED "/%s", articles[i].file);
		CLEANUP(cleanup_free) char *text = read_file(path);
		if (!text) {
			(void)fprintf(stderr, "# %s is not on this machine\n", path);
			skip();
		}
		struct lade_explanation *explanation = explain(text);
		wrong += judge_article(&articles[i], explanation);
		lade_explanation_free(explanation);
	}
	assert_int_equal(wrong, 0);
}

/* ---- the list ---- */

static const struct published *find(const char *id, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(published); i++)
		if (strlen(published[i].id) == length && memcmp(published[i].id, id, length) == 0)
			return &published[i];
	return NULL;
}

static void every_case_names_a_test_that_is_there(void **state)
{
	(void)state;
	assert_int_equal(ELEMENTS(published), 40);
	for (size_t i = 0; i < ELEMENTS(published); i++) {
		char path[PATH_MAX];
		(void)snprintf(path, sizeof path, TEST_SOURCE_ROOT "/tests/%s", published[i].source);
		CLEANUP(cleanup_free) char *text = read_file(path);
		(void)snprintf(path, sizeof path, TEST_SOURCE_ROOT "/tests/explain/published_texts.h");
		CLEANUP(cleanup_free) char *more = read_file(path);
		assert_non_null(more);
		if (!text || (!strstr(text, published[i].word) && !strstr(more, published[i].word)))
			fail_msg("%s: nothing in tests/%s", published[i].id, published[i].source);
	}
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		assert_non_null(find(texts[i].id, strlen(texts[i].id)));
}

/* "S2.1,A2 #1,…": every record of the table begins with an id; other lines are within quotes, and begin otherwise. */
static void every_case_of_the_table_is_here(void **state)
{
	CLEANUP(cleanup_free) char *text = read_file(SHARED "/facts/data/errors.csv");
	size_t count = 0;

	(void)state;
	if (!text) {
		(void)fputs("# the table of published cases is not on this machine\n", stderr);
		skip();
	}
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		const struct published *known = find(line, strcspn(line, ","));
		const char *kind = strrchr(line, ',');
		if (*line != 'S')
			continue;
		if (!known)
			fail_msg("%.*s is not reproduced", (int)strcspn(line, ","), line);
		assert_string_equal(known->kind, kind ? kind + 1 : "");
		count++;
	}
	assert_int_equal(count, ELEMENTS(published));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_other_tools_lead_to_the_cause),
		cmocka_unit_test(names_are_told_with_their_versions),
		cmocka_unit_test(words_of_the_compiler_that_is_here_lead_to_the_cause),
		cmocka_unit_test(whole_articles_show_their_errors_and_no_wrong_cause),
		cmocka_unit_test(every_case_names_a_test_that_is_there),
		cmocka_unit_test(every_case_of_the_table_is_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
