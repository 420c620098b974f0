/* SPDX-License-Identifier: BSD-2-Clause */
/* A text from its first line to its last. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "explain/reading/ahead.h"
#include "explain/reading/heads.h"

/* From now on the reader reads the copy. */
static char *take_heads(struct reader *reader)
{
	size_t length;
	char *copy = lade_without_heads(reader, &length);

	if (!copy)
		return NULL;
	reader->begin = reader->at = copy;
	reader->end = copy + length;
	reader->has_marks = true;
	return copy;
}

int lade_explanation_read(struct lade_explanation *explanation, const char *text, size_t length)
{
	CLEANUP(cleanup_free) char *buffers = malloc(2 * (size_t)LINE_BYTES);
	CLEANUP(cleanup_free) struct seen *seen = calloc(2, sizeof *seen);
	CLEANUP(cleanup_repeats) struct repeats *repeats = calloc(1, sizeof *repeats);
	CLEANUP(cleanup_free) struct shapes *shapes = calloc(1, sizeof *shapes);
	CLEANUP(cleanup_free) struct word_shapes *words = calloc(1, sizeof *words);
	struct reader reader = { .explanation = explanation, .begin = text, .at = text, .end = text + length };
	CLEANUP(cleanup_free) char *without = NULL;
	CLEANUP(cleanup_ahead) struct ahead *ahead = NULL;

	if (!buffers || !seen || !repeats || !shapes || !words)
		return -ENOMEM;
	explanation->open = SIZE_MAX;
	explanation->has_prose = reader.has_prose = length <= PROSE_BYTES;
	reader.has_colours = memchr(text, '\033', length) || memchr(text, '\r', length);
	reader.stripped = buffers;
	reader.peeked = buffers + LINE_BYTES;
	reader.raw = seen;
	reader.messages = seen + 1;
	reader.repeats = repeats;
	repeats->credit[0] = repeats->credit[1] = REPEAT_CREDIT;
	reader.shapes = shapes;
	reader.words = words;
	words->credit = WORDS_CREDIT;
	if (!explanation->understands_all)
		without = take_heads(&reader);
	reader.ahead = ahead = explanation->understands_all ? NULL : lade_ahead_new(&reader);
	lade_take_lines(&reader);
	explanation->is_over = explanation->in_log;
	lade_explanation_log_end(explanation, reader.number);
	lade_explanation_tools_end(explanation);
	lade_explanation_cuts_end(explanation);
	lade_explanation_unmatched(explanation, text, length);
	lade_explanation_selftest(explanation, text, length);
	explanation->lines = reader.number;
	lade_explanation_prompts(explanation, text, length);
	lade_explanation_relate(explanation);
	return explanation->failed ? -ENOMEM : 0;
}

LADE_API int lade_explain_text(const char *text, size_t length, const struct lade_explain_opts *opts,
			       struct lade_explanation **ret_explanation, struct lade_error **error)
{
	CLEANUP(cleanup_lade_explanation) struct lade_explanation *explanation = calloc(1, sizeof *explanation);
	struct lade_explain_opts known;

	if (opts_read(&known, sizeof known, opts) < 0)
		return lade_fail(error, EINVAL, "internal.options", "unknown options of an explanation");
	if (!explanation || lade_explanation_read(explanation, text, length) < 0)
		return lade_fail_memory(error);
	if (lade_explanation_after(explanation, &known, text, length) < 0)
		return lade_fail(error, EINVAL, "internal.options", "'%s' is no version of the kernel", known.kernel);
	lade_explanation_suspects(explanation, text, length);
	*ret_explanation = TAKE(explanation);
	return 0;
}

LADE_API struct lade_explanation *lade_explanation_free(struct lade_explanation *explanation)
{
	if (!explanation)
		return NULL;
	array_foreach(item, &explanation->items) {
		(void)lade_finding_free(item->finding);
		free(item->line);
		free(item->word);
		free(item->others);
	}
	array_clear(&explanation->items);
	lade_strbuf_clear(&explanation->log);
	for (size_t i = 0; i < NAMED_COUNT; i++)
		free(explanation->names[i]);
	lade_calls_free(explanation);
	free(explanation->maps);
	lade_cuts_free(explanation);
	lade_logs_free(explanation);
	lade_suspects_free(explanation);
	free(explanation);
	return NULL;
}
