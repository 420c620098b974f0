/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernels word a log, a message or a finding like this one. */
#include "explain/kernels/kernels.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "explain/kernels/kernel_table.h"
#include "explain/verifier/verdict.h"

#define LOG_BYTES (64U << 10) /* of a log: its wording does not change */

/* The first that says more than what is known; a contradiction says nothing: the text is about several kernels. */
static void narrow(struct kernel_known *known, uint16_t since, uint16_t until, const char *why)
{
	uint16_t low = since > known->low ? since : known->low;
	uint16_t high = until && (!known->high || until < known->high) ? until : known->high;

	if (high && low > high)
		return;
	if (low != known->low || high != known->high)
		(void)snprintf(known->why, sizeof known->why, "%s", why);
	known->is_worded |= low != known->low;
	known->low = low;
	known->high = high;
}

static void narrow_by(struct kernel_known *known, const struct kernel_mark *mark)
{
	narrow(known, mark->since, mark->until, lade_kernel_text + mark->why);
}

/* What was known remains the reason of the bound that it gave. */
static void narrow_beside(struct kernel_known *known, const struct kernel_mark *mark)
{
	const struct kernel_known before = *known;
	char why[2 * sizeof known->why];

	narrow_by(known, mark);
	const bool is_kept = (before.low && before.low == known->low) || (before.high && before.high == known->high);
	if (!is_kept || strcmp(before.why, known->why) == 0)
		return;
	if (snprintf(why, sizeof why, "%s; %s", before.why, known->why) < (int)sizeof known->why)
		memcpy(known->why, why, strlen(why) + 1);
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

/* "(85) call 4": since 4.11 a name stands before the number, and "pc" before one that is a place. */
static bool has_call_without_name(const char *log, size_t length)
{
	static const char mark[] = "(85) call ";
	const char *at = log, *end = log + length;

	while ((at = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
		const char *number = at += strlen(mark);
		while (at < end && isdigit((unsigned char)*at))
			at++;
		if (at > number && (at == end || *at == '\n' || *at == '\r'))
			return true;
	}
	return false;
}

static void narrow_calls(const char *log, size_t length, struct kernel_known *known)
{
	if (has_call_without_name(log, length))
		narrow(known, 0, 4 << 8 | 10, "helpers are written without their names until 4.10");
}

void lade_kernel_guess_log(const char *log, struct kernel_known *known)
{
	size_t length = strnlen(log, LOG_BYTES);

	narrow_values(log, length, known);
	narrow_calls(log, length, known);

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

void lade_kernel_guess_finding(const struct lade_finding *finding, struct kernel_known *known)
{
	uint16_t since, until;
	const char *note;

	if (lade_kernel_bounds(finding, &since, &until, &note))
		narrow(known, since, until, note);
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
		narrow_beside(known, best);
}
