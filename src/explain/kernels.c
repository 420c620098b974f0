/* SPDX-License-Identifier: BSD-2-Clause */
/* Versions of the kernel, and what a text betrays of the one that it is about. */
#include "explain/kernels.h"
#include "explain/search.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "explain/explain.h"
#include "explain/kernel_table.h"

#define PART_MAX   255
#define TEXT_BYTES (4U << 20)  /* of a text: who names the kernel does so at the beginning */
#define LOG_BYTES  (64U << 10) /* of a log: its wording does not change */

bool lade_kernel_parse(const char *text, uint16_t *ret_version)
{
	unsigned parts[2] = { 0 };

	text += *text == 'v';
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		if (!isdigit((unsigned char)*text))
			return false;
		for (; isdigit((unsigned char)*text) && parts[i] <= PART_MAX; text++)
			parts[i] = parts[i] * 10 + (unsigned)(*text - '0');
		if (parts[i] > PART_MAX || (i == 0 && *text++ != '.'))
			return false;
	}
	if (isalpha((unsigned char)*text) || parts[0] < 2)
		return false;
	*ret_version = (uint16_t)(parts[0] << 8 | parts[1]);
	return true;
}

void lade_kernel_spell(uint16_t version, char text[KERNEL_VERSION_BYTES])
{
	*text = '\0';
	if (version)
		(void)snprintf(text, KERNEL_VERSION_BYTES, "%u.%u", version >> 8, version & 0xffU);
}

uint16_t lade_kernel_before(uint16_t version)
{
	static const uint8_t last[] = { [2] = 6, [3] = 19, [4] = 20, [5] = 19, [6] = 19 };
	unsigned major = version >> 8;

	if (version & 0xff)
		return (uint16_t)(version - 1);
	return major && major - 1 < ELEMENTS(last) ? (uint16_t)((major - 1) << 8 | last[major - 1]) : 0;
}

/* ---- what a text says ---- */

/* "4.19.191", "4.15.0-20-generic": what stands behind the second point. */
static void take_patch(struct kernel_known *known, const char *word)
{
	const char *point = strchr(word, '.'), *second = point ? strchr(point + 1, '.') : NULL;
	unsigned patch = 0;
	int length = 0;

	if (!second || sscanf(second + 1, "%3u%n", &patch, &length) != 1 || patch > PART_MAX)
		return;
	known->has_patch = true;
	known->patch = (uint8_t)patch;
	known->is_of_distributor = second[1 + length] != '\0';
}

static bool take(struct kernel_known *known, const char *at, size_t length)
{
	char word[24];
	uint16_t version;

	(void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), at);
	word[strcspn(word, " \t\r\n,;)\"")] = '\0';
	if (!lade_kernel_parse(word, &version))
		return false;
	known->low = known->high = version;
	take_patch(known, word);
	(void)snprintf(known->why, sizeof known->why, "the text names kernel %s", word);
	return true;
}

/* "Linux version 4.19.191 (…", and behind "Linux HOST " what uname -a prints. */
static bool find_linux(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "Linux ", version[] = "version ";
	const char *at = memmem(line, length, mark, strlen(mark)), *end = line + length, *blank;

	if (!at)
		return false;
	at += strlen(mark);
	if ((size_t)(end - at) > strlen(version) && memcmp(at, version, strlen(version)) == 0)
		return take(known, at + strlen(version), (size_t)(end - at) - strlen(version));
	blank = memchr(at, ' ', (size_t)(end - at));
	return take(known, at, (size_t)(end - at)) || (blank && memmem(blank, (size_t)(end - blank), " #", 2) &&
						       take(known, blank + 1, (size_t)(end - blank) - 1));
}

/* "requires kernel 4.19", "needs at least kernel 5.3": not the one that runs. `at`: behind the letter k. */
static bool is_wish(const char *line, const char *at)
{
	static const char *const wishes[] = { "requires", "require", "required", "needs",
					      "need",     "least",   "minimum",  "than" };
	const char *end = at - (at > line);

	while (end > line && end[-1] == ' ')
		end--;
	for (size_t i = 0; i < ELEMENTS(wishes); i++) {
		size_t length = strlen(wishes[i]);
		if ((size_t)(end - line) >= length && memcmp(end - length, wishes[i], length) == 0)
			return true;
	}
	return false;
}

/* "kernel: 5.15.0-91-generic", "Kernel version 6.1.0", "uname -r: 5.4.0". */
static bool find_named(struct kernel_known *known, const char *line, size_t length)
{
	static const char *const marks[] = { "ernel version", "ernel release", "ernel:", "ernel ", "uname -r" };

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = memmem(line, length, marks[i], strlen(marks[i])), *end = line + length;
		if (!at)
			continue;
		if (is_wish(line, at))
			continue;
		at += strlen(marks[i]);
		while (at < end && strchr(" :=\"'v", *at))
			at++;
		if (at < end && memchr(at, '.', (size_t)(end - at)) && take(known, at, (size_t)(end - at)))
			return true;
	}
	return false;
}

/* uname({sysname="Linux", …, release="4.15.0-20-generic", …}), as strace writes it. */
static bool find_release(struct kernel_known *known, const char *line, size_t length)
{
	static const char mark[] = "release=\"";
	const char *at = memmem(line, length, mark, strlen(mark));

	return at && memmem(line, length, "\"Linux\"", 7) &&
	       take(known, at + strlen(mark), (size_t)(line + length - at) - strlen(mark));
}

#define MENTIONS_MAX 64

/* Only lines with these words are looked at, and only so many: texts may be long. */
static bool find_mention(struct kernel_known *known, const char *text, size_t length, const char *word,
			 bool (*find)(struct kernel_known *, const char *, size_t))
{
	const char *at = text, *end = text + length;

	for (unsigned i = 0; i < MENTIONS_MAX; i++) {
		const char *hit = lade_search_long(at, (size_t)(end - at), word, strlen(word)), *start, *stop;
		if (!hit)
			return false;
		start = hit > text ? memrchr(text, '\n', (size_t)(hit - text)) : NULL;
		stop = memchr(hit, '\n', (size_t)(end - hit));
		start = start ? start + 1 : text;
		stop = stop ? stop : end;
		if (find(known, start, (size_t)(stop - start)))
			return true;
		at = stop;
	}
	return false;
}

void lade_kernel_guess(const char *text, size_t length, struct kernel_known *known)
{
	static const struct {
		const char *word;
		bool (*find)(struct kernel_known *, const char *, size_t);
	} ways[] = {
		{ "Linux version ", find_linux }, { "Linux ", find_linux },       { "ernel", find_named },
		{ "uname -r", find_named },       { "release=\"", find_release },
	};

	for (size_t i = 0; i < ELEMENTS(ways); i++)
		if (find_mention(known, text, length < TEXT_BYTES ? length : TEXT_BYTES, ways[i].word, ways[i].find))
			return;
}

/* The first that says more than what is known; a contradiction says nothing: the text is about several kernels. */
static void narrow(struct kernel_known *known, uint16_t since, uint16_t until, const char *why)
{
	uint16_t low = since > known->low ? since : known->low;
	uint16_t high = until && (!known->high || until < known->high) ? until : known->high;

	if (high && low > high)
		return;
	if (low != known->low || high != known->high)
		(void)snprintf(known->why, sizeof known->why, "%s", why);
	known->low = low;
	known->high = high;
}

static void narrow_by(struct kernel_known *known, const struct kernel_mark *mark)
{
	narrow(known, mark->since, mark->until, lade_kernel_text + mark->why);
}

static bool has_mark(const char *log, size_t length, const struct kernel_mark *mark)
{
	const char *words = lade_kernel_text + mark->mark;

	return memmem(log, length, words, strlen(words)) != NULL;
}

/* "map_value_or_null(ks=8,vs=8)": since 4.10 there is an id behind, by which copies are known. */
static bool has_value_without_id(const char *log, size_t length)
{
	static const char mark[] = "=map_value_or_null(ks=";
	const char *at = memmem(log, length, mark, strlen(mark)), *end = log + length, *close;

	close = at ? memchr(at, ')', (size_t)(end - at)) : NULL;
	return close && !memmem(at, (size_t)(close - at), "id=", 3);
}

/* They have no id. */
static void narrow_values(const char *log, size_t length, struct kernel_known *known)
{
	const uint16_t last = 4 << 8 | 9;

	if (!has_value_without_id(log, length) || known->low > last || (known->high && known->high <= last))
		return;
	known->high = last;
	(void)snprintf(known->why, sizeof known->why, "values of maps have no id until 4.9");
}

void lade_kernel_guess_log(const char *log, struct kernel_known *known)
{
	size_t length = strnlen(log, LOG_BYTES);

	narrow_values(log, length, known);

	for (size_t i = 0; i < lade_kernel_mark_count; i++)
		if (has_mark(log, length, &lade_kernel_marks[i]))
			narrow_by(known, &lade_kernel_marks[i]);
}

/* Bytes of fixed text in a printf format, about. */
static size_t literal(const char *pattern)
{
	size_t length = 0;

	for (; *pattern; pattern++)
		if (*pattern == '%')
			pattern += strspn(pattern + 1, "-+ #0123456789.*hlzj") + (pattern[1] != '\0');
		else
			length++;
	return length;
}

/* With one word for a conversion at the beginning, if there is one: what somebody put before a message is none of it.
 */
static bool is_printed(const char *pattern, const char *line)
{
	const char *rest = line + strcspn(line, " ");

	return lade_format_matches(pattern, line, strlen(line)) &&
	       (strncmp(pattern, "%s ", 3) != 0 || lade_format_matches(pattern + 2, rest, strlen(rest)));
}

void lade_kernel_guess_message(const char *line, struct kernel_known *known)
{
	const struct verifier_message *message = lade_verifier_message(line, strlen(line));
	const struct kernel_mark *best = NULL;
	/* What fits worse than the message that it is taken for is another message. */
	size_t least = message ? message->literal : SIZE_MAX;

	for (size_t i = 0; message && i < lade_kernel_message_count; i++) {
		const char *pattern = lade_kernel_text + lade_kernel_messages[i].mark;
		if (is_printed(pattern, line) && literal(pattern) >= least) {
			best = &lade_kernel_messages[i];
			least = literal(pattern) + 1;
		}
	}
	if (best)
		narrow_by(known, best);
}
