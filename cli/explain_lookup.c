/* SPDX-License-Identifier: BSD-2-Clause */
/* lade explain WORD, --list and --search: the catalogue, error numbers, words of logs and of the field. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "explain.h"

#define SHOWN_MAX 20 /* of a search; -v and --json: all */
#define NEAR_MAX  3

/* ---- error numbers and operations ---- */

/* One of the operations that a word means, or what is true of every command of bpf(2); NULL: any. */
static bool is_operation(const char *operation, const char *wanted)
{
	const char *first = wanted ? lade_operation_called(wanted, 0) : NULL;
	if (first && strncmp(first, "BPF_", 4) == 0 && strcmp(operation, "any bpf()") == 0)
		return true;
	const char *meant = wanted ? lade_operation_called(wanted, 0) : operation;

	for (size_t nth = 0; meant; meant = lade_operation_called(wanted, ++nth)) {
		if (strcmp(meant, operation) == 0)
			return true;
		if (!wanted)
			break;
	}
	return false;
}

/* "5.10" → 5 << 8 | 10; 0: none. */
static unsigned version(const char *text)
{
	unsigned major = 0, minor = 0;

	return text && sscanf(text + (*text == 'v'), "%3u.%3u", &major, &minor) == 2 ? major << 8 | minor : 0;
}

/* --kernel: causes that this kernel does not have are left out. */
static bool is_of_kernel(const struct cli *cli, const char *since, const char *until)
{
	unsigned kernel = version(cli_value(cli, "kernel"));

	return !kernel || ((!*since || version(since) <= kernel) && (!*until || version(until) >= kernel));
}

static size_t list_errnos(const struct cli *cli, int errnum, const char *operation, struct cli_lookup *lookup)
{
	size_t found = 0;

	for (size_t i = 0; i < lade_errno_count(); i++) {
		struct lade_errno_info info = { .size = sizeof info };
		if (lade_errno_cause_of(i, &info) < 0 || (errnum && info.errnum != errnum) ||
		    !is_operation(info.operation, operation) || !is_of_kernel(cli, info.since, info.until))
			continue;
		cli_lookup_errno(lookup, &info);
		found++;
	}
	return found;
}

static int unknown_operation(const struct cli *cli, const char *word)
{
	const char *names[64];
	size_t count = 0;

	for (size_t i = 0; i < lade_errno_count() && count < sizeof names / sizeof *names; i++) {
		struct lade_errno_info info = { .size = sizeof info };
		if (lade_errno_cause_of(i, &info) == 0 && strncmp(info.operation, "BPF_", 4) == 0 &&
		    !strchr(info.operation, '(') && (!count || strcmp(names[count - 1], info.operation + 4) != 0))
			names[count++] = info.operation + 4;
	}
	char *upper = strdup(word + (strncasecmp(word, "bpf_", 4) == 0 ? 4 : 0));
	for (char *at = upper; at && *at; at++)
		*at = (char)(*at == '-' ? '_' : toupper((unsigned char)*at));
	const char *near = upper ? cli_nearest(upper, names, count) : NULL;
	free(upper);
	if (near)
		return cli_usage(cli, "--op: '%s' is no operation; did you mean %s?", word, near);
	return cli_usage(
		cli, "--op: '%s' is no operation; for example map_create, prog_load, attach, perf_event_open, netlink",
		word);
}

static int look_up_errno(const struct cli *cli, int errnum)
{
	const char *operation = cli_value(cli, "op");
	struct cli_lookup lookup;

	if (operation && !lade_operation_called(operation, 0))
		return unknown_operation(cli, operation);
	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	cli_lookup_number(&lookup, errnum);
	if (list_errnos(cli, errnum, operation, &lookup) == 0)
		cli_lookup_note(&lookup, operation ? "  no cause is known for this operation"
						   : "  no cause is known for an operation of BPF");
	return cli_lookup_end(&lookup);
}

/* ---- one word ---- */

static int look_up_code(const struct cli *cli, const struct lade_code_info *info)
{
	struct cli_lookup lookup;

	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	lookup.single = true;
	cli_lookup_code(&lookup, info);
	return cli_lookup_end(&lookup);
}

static int look_up_meanings(const struct cli *cli, const char *word)
{
	struct lade_word_info info = { .size = sizeof info };
	bool is_operation_word = lade_operation_called(word, 0);
	struct cli_lookup lookup;

	if (lade_word_find(word, 0, &info) < 0 && !is_operation_word)
		return -1;
	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	lookup.single = true;
	for (size_t nth = 0; lade_word_find(word, nth, &info) == 0; nth++)
		cli_lookup_word(&lookup, &info);
	if (is_operation_word)
		(void)list_errnos(cli, 0, word, &lookup);
	return cli_lookup_end(&lookup);
}

int cli_look_up(const struct cli *cli, const char *word)
{
	struct lade_code_info info = { .size = sizeof info };
	int errnum;

	if (lade_catalogue_find(word, &info) == 0)
		return look_up_code(cli, &info);
	errnum = lade_errno_parse(word);
	return errnum > 0 ? look_up_errno(cli, errnum) : look_up_meanings(cli, word);
}

static const char **all_words(size_t *ret_count)
{
	size_t codes = lade_catalogue_count(), words = lade_word_count(), errnos = lade_errno_count(), count = 0;
	const char **names = calloc(codes + words + errnos + 1, sizeof *names);

	for (size_t i = 0; names && i < codes; i++) {
		struct lade_code_info info = { .size = sizeof info };
		if (lade_catalogue_code(i, &info) == 0)
			names[count++] = info.code;
	}
	for (size_t i = 0; names && i < words; i++) {
		struct lade_word_info info = { .size = sizeof info };
		if (lade_word_at(i, &info) == 0 && strlen(info.word) > 3)
			names[count++] = info.word;
	}
	for (size_t i = 0; names && i < errnos; i++) {
		struct lade_errno_info info = { .size = sizeof info };
		if (lade_errno_cause_of(i, &info) == 0)
			names[count++] = info.word;
	}
	*ret_count = names ? count : 0;
	return names;
}

static void forget(const char **names, size_t count, const char *name)
{
	char *copy = strdup(name); /* name may be one of them */

	for (size_t i = 0; copy && i < count; i++)
		if (strcmp(names[i], copy) == 0)
			names[i] = "";
	free(copy);
}

/* ---- several: --list, --search ---- */

/* One thing of the catalogue, and how well it fits. */
enum hit_kind { HIT_CODE, HIT_WORD, HIT_CAUSE };
struct hit {
	enum hit_kind kind;
	size_t index;
	unsigned score;
};

static const char *find_word(const char *text, const char *word, size_t length)
{
	for (; *text; text++)
		if (strncasecmp(text, word, length) == 0)
			return text;
	return NULL;
}

/* Where a word stands counts: in the name, better at its beginning; then cause, then the rest. 0: nowhere. */
static unsigned rate_word(const char *const *texts, const char *word, size_t length)
{
	static const unsigned weights[] = { 40, 8, 4, 2 };
	unsigned score = 0;

	for (size_t i = 0; texts[i] && i < sizeof weights / sizeof *weights; i++) {
		const char *at = find_word(texts[i], word, length);
		if (!at)
			continue;
		bool begins = at == texts[i] || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at[-1]);
		bool ends = !at[length] || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at[length]);
		score += weights[i] * (begins ? ends ? 3U : 2U : 1U);
	}
	return score;
}

/* Texts end with NULL. 0: one of the words is nowhere. */
static unsigned rate(const char *words, const char *const *texts)
{
	unsigned score = 1;

	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t length = strcspn(words, " ");
		unsigned one = rate_word(texts, words, length);
		if (!one)
			return 0;
		score += one;
		words += length;
	}
	return score;
}

/* Of what the verifier says: "invalid mem access" finds the findings that explain it. */
static unsigned rate_messages(const char *code, const char *words)
{
	const char *message;
	unsigned best = 0;

	for (size_t nth = 0; (message = lade_catalogue_message(code, nth)); nth++) {
		const char *const texts[] = { "", message, NULL };
		unsigned score = rate(words, texts);
		best = score > best ? score : best;
	}
	return best;
}

static unsigned rate_code(size_t index, const char *words)
{
	struct lade_code_info info = { .size = sizeof info };

	if (lade_catalogue_code(index, &info) < 0)
		return 0;
	const char *const texts[] = { info.code, info.cause, info.fix, NULL };
	unsigned score = rate(words, texts);
	return score ? score : rate_messages(info.code, words);
}

static unsigned rate_meaning(size_t index, const char *words)
{
	struct lade_word_info info = { .size = sizeof info };

	if (lade_word_at(index, &info) < 0)
		return 0;
	const char *const texts[] = { info.word, info.meaning, info.fix, lade_word_kind_name(info.kind), NULL };
	return rate(words, texts);
}

static unsigned rate_cause(size_t index, const char *words)
{
	struct lade_errno_info info = { .size = sizeof info };
	char name[96];

	if (lade_errno_cause_of(index, &info) < 0)
		return 0;
	(void)snprintf(name, sizeof name, "%s %s", info.operation, info.word);
	const char *const texts[] = { name, info.cause, info.probe, NULL };
	return rate(words, texts);
}

static int compare_hits(const void *one, const void *other)
{
	const struct hit *left = one, *right = other;

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

static size_t find_hits(const char *words, struct hit *hits)
{
	const struct {
		size_t count;
		unsigned (*rate)(size_t, const char *);
	} kinds[] = {
		[HIT_CODE] = { lade_catalogue_count(), rate_code },
		[HIT_WORD] = { lade_word_count(), rate_meaning },
		[HIT_CAUSE] = { lade_errno_count(), rate_cause },
	};
	size_t found = 0;

	for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
		for (size_t i = 0; i < kinds[kind].count; i++) {
			unsigned score = kinds[kind].rate(i, words);
			if (score)
				hits[found++] = (struct hit){ (enum hit_kind)kind, i, score };
		}
	qsort(hits, found, sizeof *hits, compare_hits);
	return found;
}

/* Room for everything; to be freed. */
static struct hit *make_hits(void)
{
	return calloc(lade_catalogue_count() + lade_word_count() + lade_errno_count() + 1, sizeof(struct hit));
}

static void show_hit(struct cli_lookup *lookup, const struct hit *hit)
{
	struct lade_code_info code = { .size = sizeof code };
	struct lade_word_info word = { .size = sizeof word };
	struct lade_errno_info cause = { .size = sizeof cause };

	if (hit->kind == HIT_CODE && lade_catalogue_code(hit->index, &code) == 0)
		cli_lookup_code(lookup, &code);
	else if (hit->kind == HIT_WORD && lade_word_at(hit->index, &word) == 0)
		cli_lookup_word(lookup, &word);
	else if (hit->kind == HIT_CAUSE && lade_errno_cause_of(hit->index, &cause) == 0)
		cli_lookup_errno(lookup, &cause);
}

static void show_hits(const struct cli *cli, struct cli_lookup *lookup, const struct hit *hits, size_t count)
{
	size_t shown = cli->json || cli->verbose || count <= SHOWN_MAX ? count : SHOWN_MAX;
	char text[64];

	for (size_t i = 0; i < shown; i++)
		show_hit(lookup, &hits[i]);
	(void)snprintf(text, sizeof text, "(%zu more: -v shows them)", count - shown);
	if (shown < count)
		cli_lookup_note(lookup, text);
	if (!count)
		cli_lookup_note(lookup,
				"nothing of what Lade knows holds all these words; a line of a log is explained "
				"whole: lade explain 'LINE'");
}

int cli_look_up_search(const struct cli *cli, const char *words)
{
	struct hit *hits = make_hits();
	struct cli_lookup lookup;
	int code;

	if (!hits || !cli_lookup_begin(cli, &lookup)) {
		free(hits);
		return cli_fail_memory(cli);
	}
	show_hits(cli, &lookup, hits, find_hits(words, hits));
	code = cli_lookup_end(&lookup);
	free(hits);
	return code;
}

int cli_look_up_list(const struct cli *cli, const char *words)
{
	struct cli_lookup lookup;
	size_t found = 0;

	if (!cli_lookup_begin(cli, &lookup))
		return cli_fail_memory(cli);
	for (size_t i = 0; i < lade_catalogue_count(); i++) {
		struct lade_code_info info = { .size = sizeof info };
		if ((words && !rate_code(i, words)) || lade_catalogue_code(i, &info) < 0)
			continue;
		cli_lookup_code(&lookup, &info);
		found++;
	}
	if (!found)
		cli_lookup_note(&lookup,
				"no finding holds all these words; --search looks among words and error numbers, too");
	return cli_lookup_end(&lookup);
}

/* ---- none of it ---- */

static bool has_hits(const char *word)
{
	struct hit *hits = *word ? make_hits() : NULL;
	bool has_any = hits && find_hits(word, hits);

	free(hits);
	return has_any;
}

int cli_look_up_unknown(const struct cli *cli, const char *word)
{
	size_t count, found = 0;
	const char **names = all_words(&count), *near[NEAR_MAX] = { "", "", "" };
	static const char what[] = "is no file, no finding, no error number and no word that Lade knows";
	int code;

	if (*word && strspn(word, "0123456789") == strlen(word)) {
		free(names);
		return cli_usage(cli,
				 strspn(word, "0") == strlen(word)
					 ? "'%s' is no error: the call succeeded"
					 : "'%s' is no error number: those of Linux go from 1 to 133, and 524 is the "
					   "kernel's own ENOTSUPP",
				 word);
	}
	for (; names && found < NEAR_MAX; found++) {
		const char *name = cli_nearest(word, names, count);
		if (!name)
			break;
		near[found] = name;
		forget(names, count, name);
	}
	bool is_mentioned = has_hits(word);
	if (found)
		code = cli_usage(cli, "'%s' %s; did you mean %s%s%s%s%s?%s%s", word, what, near[0],
				 found > 1 ? " or " : "", near[1], found > 2 ? " or " : "", near[2],
				 is_mentioned ? " What speaks of it: lade explain --search " : "",
				 is_mentioned ? word : "");
	else
		code = cli_usage(cli, "'%s' %s; %s%s", word, what,
				 is_mentioned ? "what speaks of it: lade explain --search "
					      : "--search WORDS looks for words",
				 is_mentioned ? word : "");
	free(names);
	return code;
}
