/* SPDX-License-Identifier: BSD-2-Clause */
/* What a text says elsewhere of what was asked for (data/explain/asked.csv): a flag, a driver, a mode that was tried
 * before. It settles which of several causes an error has. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/fours.h"
#include "explain/reading/search.h"
#include "explain/settle/asked_table.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LONG_BYTES (32U << 10) /* a text that is searched for the words of many rows */

static const char *string(uint32_t offset)
{
	return lade_asked_text + offset;
}

static const char *operation_of(const struct explained *item)
{
	return item->rule ? lade_explain_strings + item->rule->operation : "";
}

/* Of a thing of the row's code. */
static bool is_of_item(const struct asked *asked, const struct explained *item)
{
	if (item->role != LADE_EXPLAINED_ERROR && !(asked->is_error && item->role == LADE_EXPLAINED_NOTE))
		return false;
	if (asked->errnum && asked->errnum != item->errnum)
		return false;
	/* What is certain no other words make surer: only what is to be done may be another. */
	if (asked->cause && item->finding->confidence == LADE_CERTAIN)
		return false;
	return (!asked->operation || strcmp(operation_of(item), string(asked->operation)) == 0) &&
	       (!asked->line || (item->line && strstr(item->line, string(asked->line))));
}

/* A text, and which words it cannot have. */
struct searched {
	const char *text;
	size_t length;
	struct fours *fours; /* NULL: it is short, was not asked yet, or there is no memory */
};

static bool has_word(struct searched *searched, const char *word)
{
	const size_t bytes = strlen(word);

	if (!searched->fours && searched->length >= LONG_BYTES) {
		searched->fours = calloc(1, sizeof *searched->fours);
		if (searched->fours)
			lade_fours_of(searched->text, searched->length, searched->fours);
	}
	return (!searched->fours || lade_fours_may_have(searched->fours, word, bytes)) &&
	       lade_search_long(searched->text, searched->length, word, bytes);
}

static bool is_in_text(const struct asked *asked, struct searched *searched)
{
	for (size_t i = 0; i < ELEMENTS(asked->words); i++)
		if (asked->words[i] && !has_word(searched, string(asked->words[i])))
			return false;
	return true;
}

/* The words that stand neither in the line nor in its log: what they tell may be of something else. NULL: none. */
static const char *elsewhere(const struct asked *asked, const struct explained *item)
{
	const char *log = item->finding->log;

	for (size_t i = 0; i < ELEMENTS(asked->words); i++) {
		const char *word = asked->words[i] ? string(asked->words[i]) : NULL;
		if (word && !(item->line && strstr(item->line, word)) && !(log && strstr(log, word)))
			return word;
	}
	return NULL;
}

/* Of what is certain another fix than its own: the text may have the words of another program or machine. */
static void advise(const struct asked *asked, const struct explained *item)
{
	const char *word = item->finding->confidence == LADE_CERTAIN ? elsewhere(asked, item) : NULL;
	CLEANUP(cleanup_free) char *own = word && item->finding->fix ? strdup(item->finding->fix) : NULL;

	/* A row for each of several words. */
	if (own && strncmp(own, string(asked->fix), strlen(string(asked->fix))) == 0)
		return;
	if (own)
		finding_fix(item->finding, "%s (as \"%s\" in the text has it; if that is of something else: %s)",
			    string(asked->fix), word, own);
	else
		finding_fix(item->finding, "%s", string(asked->fix));
}

static void tell(const struct asked *asked, struct explained *item)
{
	if (asked->cause) {
		/* Causes of other hooks, and other reasons than the one that the text tells. */
		lade_drop_others(&item->finding->evidence, NULL);
		finding_cause(item->finding, "%s", string(asked->cause));
		item->is_settled = true;
		finding_confidence(item->finding, LADE_LIKELY);
	}
	advise(asked, item);
}

/* The things of a row's code. Rows of one code stand together, mostly, and most texts have nothing of most codes. */
struct of_code {
	uint32_t code;
	size_t count;
	struct explained *items[EXPLAINED_MAX];
};

static void find_code(const struct lade_explanation *explanation, uint32_t code, struct of_code *ret_found)
{
	const size_t length = strlen(string(code));

	if (ret_found->code == code)
		return;
	ret_found->code = code;
	ret_found->count = 0;
	array_foreach(item, &explanation->items)
		if (item->finding && strncmp(item->finding->code, string(code), length) == 0 &&
		    ret_found->count < ELEMENTS(ret_found->items))
			ret_found->items[ret_found->count++] = item;
}

/* Before a long text is searched. */
static bool has_item(const struct of_code *of_code, const struct asked *asked)
{
	for (size_t i = 0; i < of_code->count; i++)
		if (is_of_item(asked, of_code->items[i]))
			return true;
	return false;
}

static bool is_of_kernel(const struct asked *asked, const struct kernel_known *kernel)
{
	return !asked->before || kernel->low < asked->before;
}

/* True: a note became an error, or an error that was got over a note. */
static bool tell_all(struct lade_explanation *explanation, const struct of_code *of_code, const struct asked *asked)
{
	bool is_moved = false;

	for (size_t i = 0; i < of_code->count; i++) {
		struct explained *item = of_code->items[i];
		if (!is_of_item(asked, item))
			continue;
		tell(asked, item);
		is_moved |= asked->is_note || item->role != LADE_EXPLAINED_ERROR;
		item->role = LADE_EXPLAINED_ERROR;
		if (asked->is_note)
			lade_explanation_got_over(explanation, item);
	}
	return is_moved;
}

void lade_explanation_asked(struct lade_explanation *explanation, const char *text, size_t length)
{
	struct searched searched = { .text = text, .length = length < TEXT_BYTES ? length : TEXT_BYTES };
	struct of_code of_code;
	bool is_moved = false;

	of_code.code = UINT32_MAX;
	of_code.count = 0;
	for (const struct asked *asked = lade_asked; asked < lade_asked + lade_asked_count; asked++) {
		if (!is_of_kernel(asked, &explanation->kernel))
			continue;
		find_code(explanation, asked->code, &of_code);
		is_moved |= has_item(&of_code, asked) && is_in_text(asked, &searched) &&
			    tell_all(explanation, &of_code, asked);
	}
	free(searched.fours);
	if (is_moved)
		lade_explanation_sort(explanation);
}
