/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A version that a text names and that is none of this machine's: "requires kernel 4.19", "(added in Linux 5.5)",
 * "kernel 5.8 or newer", "Linux 5.4+", "I do not use kernel 5.8"; one of several, "Linux 5.10, 5.15 and 6.1"; or the
 * one that changed something, "has been renamed to nr_queued in kernel 6.14".
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "explain/kernels/kernels.h"
#include "explain/reading/line.h"

static bool ends_in(const char *line, const char *end, const char *word)
{
	const size_t length = strlen(word);

	return (size_t)(end - line) >= length && strncasecmp(end - length, word, length) == 0 &&
	       (end - length == line || !isalnum((unsigned char)end[-(ptrdiff_t)length - 1]));
}

static const char *without_blanks(const char *line, const char *end)
{
	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	return end;
}

/* "the Linux kernel": what stands before it counts. */
static const char *without_articles(const char *line, const char *end)
{
	static const char *const words[] = { "a", "an", "the", "Linux", "mainline", "upstream", "version", "newer" };

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		end = without_blanks(line, end);
		if (!ends_in(line, end, words[i]))
			continue;
		end -= strlen(words[i]);
		i = SIZE_MAX; /* the first again */
	}
	return end;
}

/* `at`: where "Linux" or "kernel" begins. */
static bool is_wish_before(const char *line, const char *at)
{
	static const char *const wishes[] = {
		"requires",
		"require",
		"required",
		"requiring",
		"needs",
		"need",
		"needing",
		"least",
		"minimum",
		"min",
		"not use",
		"don't use",
		"doesn't use",
		"can't use",
		"cannot use",
		"not using",
		"instead of",
		"than",
		"since",
		"from",
		"before",
		"until",
		"added in",
		"added to",
		"introduced in",
		"introduced with",
		"appeared in",
		"new in",
		"fixed in",
		"removed in",
		"included in",
		"merged in",
		"changed in",
		"landed in",
		"came in",
		"came with",
		"came to",
		"only available in",
		"only available on",
		"only supported in",
		"only supported on",
		"only works on",
		"starting with",
		"starting at",
		"as of",
		"prior to",
		"up to",
	};
	const char *end = without_articles(line, at);

	for (size_t i = 0; i < ELEMENTS(wishes); i++)
		if (ends_in(line, end, wishes[i]))
			return true;
	return false;
}

/* "was renamed", and not "I renamed it". */
static bool is_passive(const char *line, const char *at)
{
	static const char *const words[] = { "been", "was", "were", "got", "is", "are" };
	const char *end = without_blanks(line, at);

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (ends_in(line, end, words[i]))
			return true;
	return false;
}

#define CHANGE_BYTES 80 /* from what was done to the version */

/* "`nr_running` has been renamed to `nr_queued` in kernel 6.14": what others did. */
static bool is_change_before(const char *line, const char *at)
{
	static const char *const changes[] = { "renamed", "removed", "introduced", "merged", "added",
					       "dropped", "inlined", "replaced",   "moved",  "deprecated" };
	const char *end = without_articles(line, at);

	if (!ends_in(line, end, "in") && !ends_in(line, end, "with") && !ends_in(line, end, "by"))
		return false;
	if (end - line > CHANGE_BYTES)
		line = end - CHANGE_BYTES;
	for (size_t i = 0; i < ELEMENTS(changes); i++) {
		const char *hit = memmem(line, (size_t)(end - line), changes[i], strlen(changes[i]));
		if (hit && is_passive(line, hit) && !memmem(hit, (size_t)(end - hit), ". ", 2))
			return true;
	}
	return false;
}

/* `at`: behind the version. */
static bool is_wish_behind(const char *at, const char *end)
{
	static const char *const wishes[] = {
		"or newer",        "or later",       "or higher",      "or above",  "or greater",  "or better",
		"or up",           "or more recent", "or any newer",   "(or newer", "(or later",   "(or higher",
		"and newer",       "and later",      "and above",      "and up",    "and higher",  "and greater",
		"and more recent", "and onward",     "onward",         "upwards",   "is required", "required",
		"is needed",       "needed",         "is the minimum", "minimum",
	};

	while (at < end && isspace((unsigned char)*at))
		at++;
	for (size_t i = 0; i < ELEMENTS(wishes); i++)
		if ((size_t)(end - at) >= strlen(wishes[i]) && strncasecmp(at, wishes[i], strlen(wishes[i])) == 0)
			return true;
	return false;
}

/* Behind the digits: "5.4+" is a wish, "5.4.0+" a kernel that somebody built. */
static const char *skip_version(const char *at, const char *end, bool *ret_is_wish)
{
	unsigned points = 0;

	for (; at < end && (lade_is_digit(*at) || (*at == '.' && at + 1 < end && lade_is_digit(at[1]))); at++)
		points += *at == '.';
	*ret_is_wish = at < end && *at == '+' && points == 1;
	while (at < end && !isspace((unsigned char)*at))
		at++;
	return at;
}

/* What stands between the versions of a list: "5.10, Linux 5.15 and 6.1". */
static const char *skip_joint(const char *at, const char *end, bool *ret_is_joint)
{
	static const struct {
		const char *word;
		bool is_joint;
	} words[] = { { ",", true },    { "and ", true }, { "or ", true },     { "& ", true },
		      { "vs. ", true }, { "vs ", true },  { "Linux ", false }, { "kernel ", false } };

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		const size_t length = strlen(words[i].word);
		while (at < end && isspace((unsigned char)*at))
			at++;
		if ((size_t)(end - at) < length || strncasecmp(at, words[i].word, length) != 0)
			continue;
		*ret_is_joint |= words[i].is_joint;
		at += length;
		i = SIZE_MAX; /* the first again */
	}
	return at;
}

static bool parse_digits(const char *at, const char *end, uint16_t *ret_version)
{
	char word[16];
	const size_t length = (size_t)(end - at);

	(void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), at);
	word[strspn(word, "0123456789.")] = '\0';
	return lade_kernel_parse(word, ret_version);
}

#define MAJOR_MAX 7 /* "kernel 5.15, 22.04" is no list of kernels */

/* Several kernels: which of them runs, the text does not say. */
static bool is_list(const char *at, const char *end)
{
	uint16_t first, next;
	bool is_joint = false;

	if (!parse_digits(at, end, &first))
		return false;
	while (at < end && *at != ',' && !isspace((unsigned char)*at))
		at++;
	at = skip_joint(at, end, &is_joint);
	return is_joint && parse_digits(at, end, &next) && next >> 8 <= MAJOR_MAX && next != first;
}

bool lade_kernel_is_wish(const char *line, const char *at, const char *version, const char *end)
{
	bool is_open;
	const char *behind = skip_version(version, end, &is_open);

	return is_open || is_wish_before(line, at) || is_change_before(line, at) || is_wish_behind(behind, end) ||
	       is_list(version, end);
}
