/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The message that has the same words, where the text itself is no message that is known: kernels reword them ("R1" for
 * "arg#0"), libraries cut them. Words of which there are few count more.
 */
#include <ctype.h>
#include <string.h>

#include "explain/verifier/verdict.h"

#define LINE_BYTES 512
#define WORDS_MAX  32
#define WORD_MIN   3  /* bytes */
#define SCORE_MIN  70 /* two words, or one that hardly any message has */
#define UNKNOWN    10 /* weight of a word that no message has: it may be a name */

static bool is_letter(char letter)
{
	return isalpha((unsigned char)letter) || letter == '_';
}

/* As tools/csv2c.py computes it. */
static uint32_t hash_of(const char *word, size_t length)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint32_t)tolower((unsigned char)word[i])) * 16777619U;
	return hash;
}

static const struct verifier_word *find_word(uint32_t hash)
{
	size_t low = 0, high = lade_verifier_word_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (lade_verifier_word_list[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return low < lade_verifier_word_count && lade_verifier_word_list[low].hash == hash
		       ? &lade_verifier_word_list[low]
		       : NULL;
}

/* The different words of the line that messages have; how many more there are. */
static size_t words_of(const char *line, size_t length, const struct verifier_word **ret_words, unsigned *ret_unknown)
{
	size_t count = 0;

	for (size_t at = 0; at < length && count < WORDS_MAX;) {
		size_t end = at, known = 0;
		while (end < length && is_letter(line[end]))
			end++;
		const struct verifier_word *word =
			end - at >= WORD_MIN ? find_word(hash_of(line + at, end - at)) : NULL;
		*ret_unknown += !word && end - at >= WORD_MIN;
		while (word && known < count && ret_words[known] != word)
			known++;
		if (word && known == count)
			ret_words[count++] = word;
		at = end + (end == at);
	}
	return count;
}

static unsigned add_scores(const struct verifier_word *const *words, size_t count, uint16_t *scores)
{
	unsigned total = 0;

	for (size_t i = 0; i < count; i++) {
		total += words[i]->weight;
		for (size_t j = 0; j < words[i]->count; j++)
			scores[lade_verifier_postings[words[i]->first + j]] += words[i]->weight;
	}
	return total;
}

/* What the line lacks of a message counts against it, but less than what it has. */
static int worth(const struct verifier_message *message, uint16_t score)
{
	return 4 * score - (message->weight - score);
}

/* The first of those that are worth most, of all that have one of the words; lade_verifier_message_count: none is worth
 * anything. */
static size_t best_of(const struct verifier_word *const *words, size_t count, const uint16_t *scores)
{
	size_t best = lade_verifier_message_count;
	int most = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < words[i]->count; j++) {
			size_t message = lade_verifier_postings[words[i]->first + j];
			int value = worth(&lade_verifier_messages[message], scores[message]);
			if (value <= 0 || value < most || (value == most && message >= best))
				continue;
			most = value;
			best = message;
		}
	return best;
}

const struct verifier_message *lade_verifier_like(const char *line, size_t length,
						  struct verifier_likeness *ret_likeness)
{
	const struct verifier_word *words[WORDS_MAX];
	uint16_t scores[VERIFIER_MESSAGES_MAX] = { 0 };
	unsigned unknown = 0;
	size_t count = words_of(line, length < LINE_BYTES ? length : LINE_BYTES, words, &unknown), best;
	unsigned total = add_scores(words, count, scores) + UNKNOWN * unknown;

	if (!total)
		return NULL;
	best = best_of(words, count, scores);
	if (best == lade_verifier_message_count)
		return NULL;
	*ret_likeness = (struct verifier_likeness){ .percent = 100U * scores[best] / total, .words = count };
	return scores[best] >= SCORE_MIN ? &lade_verifier_messages[best] : NULL;
}
