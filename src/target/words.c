/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of --kernel: releases, spans of them, lts, Android's kernels; what is none of these is a file. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/similar.h"
#include "target/internal.h"

static const char *text(uint32_t offset)
{
	return lade_target_text + offset;
}

static const struct target_release *newest(void)
{
	return &lade_target_releases[lade_target_release_count - 1];
}

static const struct target_release *find_release(uint32_t code)
{
	for (size_t i = 0; i < lade_target_release_count; i++)
		if (lade_target_releases[i].code == code)
			return &lade_target_releases[i];
	return NULL;
}

/* One or two parts are the mainline's, what follows is a distribution's: "6.1.0-18-amd64". */
uint32_t lade_release_code(const char *release, const char **ret_end)
{
	unsigned parts[2] = { 0 };
	const char *at = release;
	for (size_t i = 0; i < ELEMENTS(parts); i++) {
		if (i && *at++ != '.')
			return 0;
		if (!isdigit((unsigned char)*at))
			return 0;
		for (; isdigit((unsigned char)*at); at++)
			parts[i] = parts[i] < UINT16_MAX ? parts[i] * 10 + (unsigned)(*at - '0') : parts[i];
	}
	if (parts[0] > UINT8_MAX || parts[1] > UINT8_MAX || !parts[0])
		return 0;
	if (ret_end)
		*ret_end = at;
	return parts[0] << 24 | parts[1] << 16;
}

const char *lade_release_name(uint32_t code)
{
	const char *name = "";
	for (size_t i = 0; i < lade_target_release_count && lade_target_releases[i].code <= code; i++)
		name = text(lade_target_releases[i].name);
	return name;
}

/* ---- what is no word ---- */

/* The names that are most like it, of all that would do. */
static void add_nearest(struct lade_finding *finding, const char *word)
{
	static const char *const words[] = { "lts" };
	struct similar_names similar = { .wanted = word };
	for (size_t i = 0; i < lade_target_release_count; i++)
		lade_similar_consider(&similar, text(lade_target_releases[i].name));
	for (size_t i = 0; i < lade_target_android_count; i++)
		lade_similar_consider(&similar, text(lade_target_androids[i].name));
	for (size_t i = 0; i < ELEMENTS(words); i++)
		lade_similar_consider(&similar, words[i]);
	lade_similar_evidence(&similar, finding, "kernel");
	lade_similar_clear(&similar);
}

static int fail_release(const char *word, uint32_t code, struct lade_error **error)
{
	const char *last = NULL;
	for (size_t i = 0; i < lade_target_release_count; i++)
		if (lade_target_releases[i].code >> 24 == code >> 24)
			last = text(lade_target_releases[i].name);
	struct lade_finding *finding = NULL;
	if (code < lade_target_releases[0].code)
		finding = lade_error_add(error, EINVAL, "target.word",
					 "%s: is older than bpf(2), which came in %s: nothing loads there", word,
					 text(lade_target_releases[0].name));
	else if (code > newest()->code || !last)
		finding = lade_error_add(error, EINVAL, "target.word", "%s: no such release; the newest known is %s",
					 word, text(newest()->name));
	else
		finding = lade_error_add(error, EINVAL, "target.word",
					 "%s: no such release; the last of %u.x is %s, the newest known is %s", word,
					 code >> 24, last, text(newest()->name));
	add_nearest(finding, word);
	return -EINVAL;
}

static int fail_word(const char *word, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(
		error, EINVAL, "target.word", "%s: neither a kernel that is known by this name nor a file", word);
	add_nearest(finding, word);
	return -EINVAL;
}

/* ---- releases ---- */

static int push_release(struct lade_targets *targets, const char *name, uint32_t code, const char *release,
			struct lade_error **error)
{
	struct lade_target *target = lade_targets_push(targets, name);
	if (!target)
		return lade_fail_memory(error);
	target->version = code;
	target->release = release ? strdup(release) : NULL;
	return release && !target->release ? lade_fail_memory(error) : 0;
}

static int push_span(struct lade_targets *targets, uint32_t first, uint32_t last, struct lade_error **error)
{
	for (size_t i = 0; i < lade_target_release_count; i++) {
		const struct target_release *release = &lade_target_releases[i];
		if (release->code < first || release->code > last)
			continue;
		int result = push_release(targets, text(release->name), release->code, NULL, error);
		if (result)
			return result;
	}
	return 0;
}

static int push_long_term(struct lade_targets *targets, struct lade_error **error)
{
	int result = 0;
	for (size_t i = 0; i < lade_target_release_count && !result; i++)
		if (lade_target_releases[i].long_term == LONG_TERM_YES)
			result = push_release(targets, text(lade_target_releases[i].name), lade_target_releases[i].code,
					      NULL, error);
	return result;
}

/* An end of a span; "" is the first or the last release that there is. */
static int span_end(const char *end, const struct target_release *other, uint32_t *ret_code, struct lade_error **error)
{
	const char *rest = "";
	uint32_t code = *end ? lade_release_code(*end == 'v' ? end + 1 : end, &rest) : other->code;
	if (!code || (*rest && *rest != '.'))
		return lade_fail(error, EINVAL, "target.word", "%s: is no release that a span could end with", end);
	*ret_code = code;
	return find_release(code) ? 0 : fail_release(end, code, error);
}

static int word_span(struct lade_targets *targets, const char *word, struct lade_error **error)
{
	const char *dots = strstr(word, "..");
	CLEANUP(cleanup_free) char *first = strndup(word, (size_t)(dots - word));
	uint32_t from = 0, to = 0;
	if (!first)
		return lade_fail_memory(error);
	int result = span_end(first, &lade_target_releases[0], &from, error);
	if (!result)
		result = span_end(dots + 2, newest(), &to, error);
	if (result)
		return result;
	if (from > to)
		return lade_fail(error, EINVAL, "target.word", "%s: ends before it begins; %s..%s is meant?", word,
				 dots + 2, first);
	return push_span(targets, from, to, error);
}

/* "6.1", "v6.1", "5.10.223", "6.1.0-18-amd64" */
static int word_release(struct lade_targets *targets, const char *word, struct lade_error **error)
{
	const char *rest, *number = *word == 'v' ? word + 1 : word;
	uint32_t code = lade_release_code(number, &rest);
	if (!find_release(code))
		return fail_release(word, code, error);
	return push_release(targets, number, code, *rest ? number : NULL, error);
}

static bool is_release(const char *word)
{
	const char *rest = NULL;
	return lade_release_code(*word == 'v' ? word + 1 : word, &rest) && (!*rest || strchr(".-+_~", *rest));
}

/* ---- Android ---- */

static int push_android(struct lade_targets *targets, const struct target_android *android, struct lade_error **error)
{
	int result = push_release(targets, text(android->name), android->code, NULL, error);
	if (result)
		return result;
	struct lade_target *target = targets->items[targets->count - 1];
	target->android = android;
	(void)snprintf(target->machine, sizeof target->machine, "%s", text(android->machine));
	return 0;
}

/* "android14-6.1"; "android14": each of its kernels; "android14-6.1-2024-05": a build of it. */
static bool is_named(const struct target_android *android, const char *word)
{
	size_t length = strlen(text(android->name));
	const char *branch = strchr(text(android->name), '-');
	if (!strncmp(word, text(android->name), length) && (!word[length] || word[length] == '-'))
		return true;
	return !strncmp(word, text(android->name), strlen(word)) && branch &&
	       branch == text(android->name) + strlen(word);
}

static int word_android(struct lade_targets *targets, const char *word, struct lade_error **error)
{
	size_t before = targets->count;
	for (size_t i = 0; i < lade_target_android_count; i++) {
		if (!is_named(&lade_target_androids[i], word))
			continue;
		int result = push_android(targets, &lade_target_androids[i], error);
		if (result)
			return result;
	}
	if (targets->count > before)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "target.word", "%s: no such kernel of Android is known", word);
	add_nearest(finding, word);
	return -EINVAL;
}

/* ---- any ---- */

static bool is_file(const char *word)
{
	struct stat status;
	return strchr(word, '/') || stat(word, &status) == 0;
}

/* "6.1.55.json": a file that is called like a release. */
static bool is_named_file(const char *word)
{
	struct stat status;
	return word[strspn(word, "0123456789.")] && stat(word, &status) == 0 && S_ISREG(status.st_mode);
}

int lade_targets_word(struct lade_targets *targets, const char *word, struct lade_error **error)
{
	if (!strcmp(word, "lts"))
		return push_long_term(targets, error);
	if (strchr(word, '/') || is_named_file(word))
		return lade_targets_file(targets, word, error);
	if (strstr(word, "..") &&
	    (is_release(word) || *word == '.' || (*word == 'v' && isdigit((unsigned char)word[1]))))
		return word_span(targets, word, error);
	if (is_release(word))
		return word_release(targets, word, error);
	if (!strncmp(word, "android", strlen("android")) && !is_file(word))
		return word_android(targets, word, error);
	return is_file(word) ? lade_targets_file(targets, word, error) : fail_word(word, error);
}
