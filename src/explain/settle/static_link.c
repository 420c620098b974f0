/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "cannot find -lelf" has two causes, and its line does not tell which: nothing is installed, or only the shared
 * library, and a static link was asked for. Where the text shows such a link, all that is missing has one cause.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES     (1U << 20)
#define MENTIONS       64 /* of a word, that are looked at */
#define NAME_BYTES     32
#define LIBRARIES_MAX  8 /* that are named */
#define SENTENCE_BYTES 400

struct missing {
	char names[LIBRARIES_MAX][NAME_BYTES]; /* without "lib" */
	size_t count;
	size_t first; /* index of its item; SIZE_MAX: none */
};

/* Where the archives are that the libraries' own packages lack. */
static const struct {
	const char *library, *package;
} packages[] = {
	{ "elf", "elfutils-libelf-devel-static" },
	{ "z", "zlib-static" },
	{ "c", "glibc-static" },
	{ "m", "glibc-static" },
	{ "dl", "glibc-static" },
	{ "rt", "glibc-static" },
	{ "pthread", "glibc-static" },
	{ "resolv", "glibc-static" },
	{ "util", "glibc-static" },
	{ "bpf", "libbpf-static" },
	{ "zstd", "libzstd-static" },
	{ "lzma", "xz-static" },
	{ "cap", "libcap-static" },
	{ "stdc++", "libstdc++-static" },
};

/* ---- what is missing ---- */

static bool take_library(const struct explained *item, char name[NAME_BYTES])
{
	static const char *const marks[] = { "cannot find -l", "cannot found -l", "unable to find library -l" };

	if (!item->line || !item->finding || strcmp(item->finding->code, "tool.missing") != 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = strstr(item->line, marks[i]);
		if (!at)
			continue;
		at += strlen(marks[i]);
		(void)snprintf(name, NAME_BYTES, "%.*s", (int)strcspn(at, " \t\r:'\"`,;)"), at);
		return *name != '\0';
	}
	return false;
}

static bool has_name(const struct missing *missing, const char *name)
{
	for (size_t i = 0; i < missing->count; i++)
		if (strcmp(missing->names[i], name) == 0)
			return true;
	return false;
}

static struct missing find_missing(const struct lade_explanation *explanation)
{
	struct missing missing = { .first = SIZE_MAX };

	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		char name[NAME_BYTES];
		if (!take_library(item, name))
			continue;
		if (item->role == LADE_EXPLAINED_ERROR &&
		    (missing.first == SIZE_MAX ||
		     item->first_line < explanation->items.items[missing.first].first_line))
			missing.first = i;
		if (missing.count < LIBRARIES_MAX && !has_name(&missing, name))
			(void)snprintf(missing.names[missing.count++], NAME_BYTES, "%s", name);
	}
	return missing;
}

/* ---- is the link static? ---- */

/* "-static", "--static", "-static-pie" and "-Bstatic" as an option of its own. */
static bool is_flag(const char *line, const char *at, const char *end)
{
	static const char word[] = "static", pie[] = "-pie";
	const char *behind = at + strlen(word), *before = at;

	if (before > line && before[-1] == 'B')
		before--;
	if (before == line || before[-1] != '-')
		return false;
	while (before > line && before[-1] == '-')
		before--;
	if (before > line && !strchr(" \t=\"'`,:(", before[-1]))
		return false;
	if ((size_t)(end - behind) >= strlen(pie) && memcmp(behind, pie, strlen(pie)) == 0)
		behind += strlen(pie);
	return behind == end || strchr(" \t\r\"'`,);", *behind);
}

static bool asks_static(const struct mention *line)
{
	const char *at = line->text.text, *end = at + line->text.length;

	/* Which of its libraries it names is no link yet. */
	if (lade_in_mention(line, "pkg-config"))
		return false;
	for (; (at = lade_search(at, (size_t)(end - at), "static", 6)); at++)
		if (is_flag(line->text.text, at, end) || (at - line->text.text >= 5 && memcmp(at - 5, "+crt-", 5) == 0))
			return true;
	return false;
}

/* The line before the failure that asks for a static link, or what newer linkers ask behind it; 0: none does. */
static size_t static_line(const struct span *text, size_t before)
{
	struct mention line = { .next = text->text }, question = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "static", &line); mentions++)
		if (line.number < before && asks_static(&line))
			return line.number;
	return lade_find_mention(text, "have you installed the static version of", &question) ? question.number : 0;
}

/* Without the C library's shared one its first file is missing, too, and is what the linker names. */
static bool lacks_static_libc(const struct missing *missing, const struct span *text)
{
	return has_name(missing, "c") && !lade_search_long(text->text, text->length, "crt1.o", 6);
}

/* ---- ---- */

static void add(char sentence[SENTENCE_BYTES], const char *before, const char *word, const char *behind)
{
	size_t used = strlen(sentence);

	(void)snprintf(sentence + used, SENTENCE_BYTES - used, "%s%s%s", before, word, behind);
}

static void say_fix(const struct missing *missing, struct lade_finding *finding)
{
	char wanted[SENTENCE_BYTES] = "";

	for (size_t i = 0; i < missing->count; i++)
		for (size_t j = 0; j < ELEMENTS(packages); j++)
			if (strcmp(packages[j].library, missing->names[i]) == 0 && !strstr(wanted, packages[j].package))
				add(wanted, *wanted ? " " : "", packages[j].package, "");
	finding_fix(
		finding,
		"install the archives (Fedora and its kin: dnf install %s; Debian and Ubuntu have them in the "
		"packages with -dev: libelf-dev zlib1g-dev libc6-dev; Alpine: NAME-static); or link without -static",
		*wanted ? wanted : "NAME-static");
}

static void say(const struct missing *missing, size_t line, struct lade_finding *finding)
{
	char archives[SENTENCE_BYTES] = "", place[32] = "";

	for (size_t i = 0; i < missing->count; i++)
		add(archives, i == 0 ? "lib" : ", lib", missing->names[i], ".a");
	if (line)
		(void)snprintf(place, sizeof place, " (line %zu)", line);
	finding_cause(finding,
		      "it is a static link%s, for which the shared libraries do not count: the linker finds no "
		      "archive %s",
		      place, archives);
	say_fix(missing, finding);
	finding_confidence(finding, LADE_LIKELY);
}

/* The others follow from the first, and what followed from them does, too. */
static void join(struct lade_explanation *explanation, size_t first)
{
	array_foreach(item, &explanation->items) {
		size_t index = (size_t)(item - explanation->items.items);
		char name[NAME_BYTES];
		bool is_one = take_library(item, name);
		const struct explained *cause = item->cause != SIZE_MAX ? &explanation->items.items[item->cause] : NULL;
		if (index == first || (!is_one && !(cause && take_library(cause, name))))
			continue;
		if (is_one)
			item->role = LADE_EXPLAINED_CONSEQUENCE;
		item->cause = first;
	}
	lade_explanation_sort(explanation);
}

void lade_explanation_static_link(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	const struct missing missing = find_missing(explanation);
	struct explained *item;
	size_t line;

	/* Those that are there are of another machine. */
	if (missing.first == SIZE_MAX || lade_search_long(span.text, span.length, "skipping incompatible", 21))
		return;
	item = &explanation->items.items[missing.first];
	line = static_line(&span, item->first_line);
	if (!line && !lacks_static_libc(&missing, &span))
		return;
	say(&missing, line, item->finding);
	item->is_settled = true;
	join(explanation, missing.first);
}
