/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking for the options that were given, and reading their values. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const char *cli_next_value(const struct cli *cli, const char *name, size_t *position)
{
	while (*position < cli->setting_count) {
		const struct cli_setting *setting = &cli->settings[(*position)++];
		if (strcmp(setting->option->name, name) == 0)
			return setting->value ? setting->value : "";
	}
	return NULL;
}

const char *cli_value(const struct cli *cli, const char *name)
{
	const char *last = NULL;
	size_t position = 0;
	for (const char *value; (value = cli_next_value(cli, name, &position));)
		last = value;
	return last;
}

bool cli_flag(const struct cli *cli, const char *name)
{
	return cli_value(cli, name) != NULL;
}

size_t cli_count(const struct cli *cli, const char *name)
{
	size_t count = 0, position = 0;
	while (cli_next_value(cli, name, &position))
		count++;
	return count;
}

/* A number without sign or blanks, and what follows it; false when there is none. */
static bool read_number(const char *text, uint64_t *ret_number, const char **ret_rest)
{
	if (*text < '0' || *text > '9')
		return false;
	char *rest;
	errno = 0;
	unsigned long long number = strtoull(text, &rest, 0);
	if (errno)
		return false;
	*ret_number = number;
	*ret_rest = rest;
	return true;
}

bool cli_number(struct cli *cli, const char *option, const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number;
	const char *rest;
	if (!read_number(text, &number, &rest) || *rest || number > max) {
		(void)cli_usage(cli, "--%s: '%s' is no number from 0 to %" PRIu64, option, text, max);
		return false;
	}
	*ret_number = number;
	return true;
}

bool cli_bytes(struct cli *cli, const char *option, const char *text, uint64_t max, uint64_t *ret_bytes)
{
	static const char units[] = "KMG";
	uint64_t number;
	const char *rest;
	bool good = read_number(text, &number, &rest);
	const char *unit = good && *rest ? strchr(units, *rest) : NULL;
	if (unit) {
		good = !__builtin_mul_overflow(number, UINT64_C(1) << (10 * (unit - units + 1)), &number);
		rest++;
	}
	if (!good || *rest || number > max) {
		(void)cli_usage(
			cli, "--%s: '%s' is no size; write bytes, or a number with K, M or G behind it, up to %" PRIu64,
			option, text, max);
		return false;
	}
	*ret_bytes = number;
	return true;
}

char *cli_split(const char *text, const char **ret_right)
{
	const char *equals = strchr(text, '=');
	if (!equals)
		return NULL;
	char *left = strndup(text, (size_t)(equals - text));
	if (left)
		*ret_right = equals + 1;
	return left;
}

#define WORD_MAX 64

static bool is_same_letter(char one, char other)
{
	return tolower((unsigned char)one) == tolower((unsigned char)other);
}

/* Slips that make one word of another: a letter more, less or wrong, or two the other way round. The case does not
 * matter. Words that are too long count as far. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX];
	size_t height = strlen(a), length = strlen(b);

	if (length >= WORD_MAX)
		return UINT32_MAX;
	for (size_t j = 0; j <= length; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= height; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= length; j++) {
			unsigned best = above[j - 1] + !is_same_letter(a[i - 1], b[j - 1]);
			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && is_same_letter(a[i - 1], b[j - 2]) &&
			    is_same_letter(a[i - 2], b[j - 1]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[height % 3][length];
}

const char *cli_nearest(const char *word, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	unsigned least = strlen(word) < 9 ? 3 : 4; /* two slips of the finger, three in a long word */
	for (size_t i = 0; i < count; i++) {
		unsigned steps = distance(word, words[i]);
		if (steps < least && steps < strlen(words[i])) {
			least = steps;
			nearest = words[i];
		}
	}
	return nearest;
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *message = NULL;
	int length = vasprintf(&message, format, arguments);
	va_end(arguments);
	const char *text = length >= 0 ? message : format;
	struct json_object *document = cli->json ? cli_json_document(false) : NULL;
	if (document) {
		struct json_object *finding = json_object_new_object();
		cli_json_string(finding, "code", "usage");
		cli_json_string(finding, "severity", "error");
		cli_json_string(finding, "confidence", "certain");
		cli_json_string(finding, "message", text);
		(void)json_object_array_add(cli_json_array(document, "findings"), finding);
		(void)fprintf(stderr, "%s\n", json_object_to_json_string_ext(document, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(document);
	} else {
		(void)fputs("lade: ", stderr);
		cli_put_safe(stderr, text);
		(void)fprintf(stderr, "\ntry 'lade %s%s'\n", cli->verb ? cli->verb->name : "help",
			      cli->verb ? " --help" : "");
	}
	if (length >= 0)
		free(message);
	return EXIT_USAGE;
}

/* ---- how an object of Android's is judged ---- */

bool cli_android_options(struct cli *cli, struct lade_open_opts *options)
{
	static const char *const builds[] = { "eng", "user", "userdebug" };
	const char *loader = cli_value(cli, "loader-version"), *build = cli_value(cli, "build-type");
	uint64_t number = 0;
	bool known = !build;
	for (size_t i = 0; i < sizeof builds / sizeof *builds && !known; i++)
		known = strcmp(builds[i], build) == 0;
	if (!known) {
		(void)cli_usage(cli, "--build-type: '%s' is not eng, user or userdebug", build);
		return false;
	}
	if (loader && !cli_number(cli, "loader-version", loader, UINT16_MAX, &number))
		return false;
	options->loader_version = (uint32_t)number;
	options->build_type = build;
	return true;
}
