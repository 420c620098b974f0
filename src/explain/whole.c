/* SPDX-License-Identifier: BSD-2-Clause */
/* A text from its first line to its last. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "base/large.h"
#include "explain/reading/ahead.h"
#include "explain/reading/heads.h"
#include "explain/settle/settlers.h"

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

static bool is_one_line(const char *text, size_t length)
{
	const char *newline = memchr(text, '\n', length);

	return length && length < LINE_BYTES && (!newline || newline == text + length - 1);
}

/* What the reader remembers of a text. */
struct memory {
	char stripped[LINE_BYTES], peeked[LINE_BYTES];
	struct seen raw, messages;
	struct ruled ruled[1U << RULED_BITS];
	struct placed placed[1U << PLACED_BITS];
	struct repeats repeats;
	struct shapes shapes;
	struct word_shapes words;
};

/* Of a large text all of it is used, here and there. */
static struct memory *memory_for(size_t length)
{
	struct memory *memory = length < LARGE_TEXT ? calloc(1, sizeof *memory) : lade_large_calloc(sizeof *memory);

	if (memory)
		lade_repeats_begin(&memory->repeats, length);
	return memory;
}

static struct memory *memory_free(struct memory *memory)
{
	if (memory)
		lade_repeats_clear(&memory->repeats);
	free(memory);
	return NULL;
}

DEFINE_CLEANUP(struct memory, memory, memory_free)

int lade_explanation_read(struct lade_explanation *explanation, const char *text, size_t length)
{
	CLEANUP(cleanup_memory) struct memory *memory = memory_for(length);
	struct reader reader = { .explanation = explanation, .begin = text, .at = text, .end = text + length };
	CLEANUP(cleanup_free) char *without = NULL;
	CLEANUP(cleanup_ahead) struct ahead *ahead = NULL;

	if (!memory)
		return -ENOMEM;
	explanation->open = SIZE_MAX;
	explanation->is_question = is_one_line(text, length);
	explanation->has_prose = reader.has_prose = length <= PROSE_BYTES;
	reader.has_colours = memchr(text, '\033', length) || memchr(text, '\r', length);
	reader.stripped = memory->stripped;
	reader.peeked = memory->peeked;
	reader.raw = &memory->raw;
	reader.messages = &memory->messages;
	reader.ruled = memory->ruled;
	reader.placed = memory->placed;
	reader.repeats = &memory->repeats;
	reader.shapes = &memory->shapes;
	reader.words = &memory->words;
	reader.words->credit = WORDS_CREDIT;
	if (!explanation->understands_all)
		without = take_heads(&reader);
	reader.ahead = ahead = explanation->understands_all ? NULL : lade_ahead_new(&reader);
	lade_take_lines(&reader);
	explanation->placed = NULL;
	explanation->is_over = explanation->in_log;
	lade_explanation_log_end(explanation, reader.number);
	lade_explanation_tools_end(explanation);
	lade_explanation_cuts_end(explanation);
	lade_explanation_unmatched(explanation, text, length);
	lade_explanation_selftest(explanation, text, length);
	lade_explanation_clean_up(explanation, text, length);
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
