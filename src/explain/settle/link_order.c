/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "undefined reference to `bpf_map_lookup_elem'": where functions are undefined that every libbpf or libelf has, it is
 * no matter of versions, also of those that libbpf 1.0 dropped. The library was not linked, or stands on the command
 * before the objects that need it.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"
#include "explain/verifier/line.h"

#define TEXT_BYTES (1U << 20)
#define MENTIONS   64 /* of a word, that are looked at */

enum library { LIBRARY_BPF, LIBRARY_ELF, LIBRARY_COUNT };

static const struct library_names {
	const char *option, *file; /* on a command */
	const char *prefixes[5];   /* of its functions */
	const char *of_every[10];  /* that no version lacks; NULL first: all of them */
} libraries[LIBRARY_COUNT] = {
	[LIBRARY_BPF] = { "-lbpf",
			  "libbpf.",
			  { "bpf_", "libbpf_", "btf__", "ring_buffer__", "perf_buffer__" },
			  { "bpf_map_lookup_elem", "bpf_map_update_elem", "bpf_map_delete_elem", "bpf_map_get_next_key",
			    "bpf_obj_get", "bpf_object__open", "bpf_object__load", "bpf_object__close", "bpf_map__fd",
			    "bpf_program__fd" } },
	[LIBRARY_ELF] = { "-lelf", "libelf.", { "elf_", "gelf_" }, { NULL } },
};

/* ---- which functions are undefined ---- */

/* What the line says is undefined; length 0: nothing. */
static struct span undefined_in(const char *line)
{
	static const char *const marks[] = { "undefined reference to ", "undefined symbol: " };

	return lade_name_behind(line, marks, ELEMENTS(marks));
}

static bool is_name(const struct span *name, const char *other)
{
	return strlen(other) == name->length && memcmp(name->text, other, name->length) == 0;
}

static bool is_of(const struct library_names *library, const struct span *name)
{
	for (size_t i = 0; i < ELEMENTS(library->prefixes) && library->prefixes[i]; i++)
		if (lade_span_starts(name, library->prefixes[i]))
			return true;
	return false;
}

static bool is_of_every(const struct library_names *library, const struct span *name)
{
	for (size_t i = 0; i < ELEMENTS(library->of_every) && library->of_every[i]; i++)
		if (is_name(name, library->of_every[i]))
			return true;
	return !library->of_every[0] && is_of(library, name);
}

static bool is_undefined(const struct explained *item)
{
	return item->finding && item->line && undefined_in(item->line).length &&
	       (item->role == LADE_EXPLAINED_ERROR || item->role == LADE_EXPLAINED_CONSEQUENCE) &&
	       strcmp(item->finding->code, "compile.source") == 0;
}

/* Also among those that are only named with another one. The line of the first; 0: none is. */
static size_t line_of_every(const struct span *text, const struct library_names *library, struct span *ret_name)
{
	struct mention line = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "undefined ", &line); mentions++) {
		char copy[512];
		(void)snprintf(copy, sizeof copy, "%.*s", (int)(line.text.length < 500 ? line.text.length : 500),
			       line.text.text);
		const struct span name = undefined_in(copy);
		if (!name.length || !is_of_every(library, &name))
			continue;
		*ret_name = (struct span){ lade_search(line.text.text, line.text.length, name.text, name.length),
					   name.length };
		if (!ret_name->text)
			continue;
		return line.number;
	}
	return 0;
}

/* ---- the command ---- */

struct command {
	size_t line;                   /* 0: none is shown */
	bool has[LIBRARY_COUNT];       /* the library is on it */
	bool is_before[LIBRARY_COUNT]; /* and only before the last object */
};

static bool ends_with(const struct span *word, const char *end)
{
	size_t length = strlen(end);

	return word->length > length && memcmp(word->text + word->length - length, end, length) == 0;
}

static bool is_object(const struct span *word)
{
	static const char *const ends[] = { ".o", ".c", ".cc", ".cpp" };

	for (size_t i = 0; i < ELEMENTS(ends); i++)
		if (ends_with(word, ends[i]))
			return word->text[0] != '-';
	return false;
}

static bool is_library(const struct span *word, const struct library_names *library)
{
	return is_name(word, library->option) ||
	       (word->text[0] != '-' && lade_search(word->text, word->length, library->file, strlen(library->file)) &&
		(ends_with(word, ".a") || ends_with(word, ".so")));
}

/* It needs libelf as the objects need it. */
static bool is_archive_of_bpf(const struct span *word)
{
	return is_library(word, &libraries[LIBRARY_BPF]) && ends_with(word, ".a");
}

static void read_command(const struct mention *line, struct command *command)
{
	const char *at = line->text.text, *end = at + line->text.length;
	bool is_output = false;

	*command = (struct command){ .line = line->number };
	while (at < end) {
		const char *start = at;
		while (at < end && !lade_is_blank(*at) && *at != '\r')
			at++;
		const struct span word = { start, (size_t)(at - start) };
		for (size_t i = 0; i < LIBRARY_COUNT; i++) {
			if (word.length && is_library(&word, &libraries[i])) {
				command->has[i] = true;
				command->is_before[i] = false;
			} else if (word.length && command->has[i] && !is_output &&
				   (is_object(&word) || (i == LIBRARY_ELF && is_archive_of_bpf(&word)))) {
				command->is_before[i] = true;
			}
		}
		is_output = is_name(&word, "-o");
		at += at < end;
	}
}

/* The last one before the failure. */
static struct command find_command(const struct span *text, size_t before)
{
	static const char *const compilers[] = { "gcc", "cc ", "clang", "g++", "ld " };
	struct mention line = { .next = text->text };
	struct command command = { 0 };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, " -o ", &line); mentions++) {
		bool is_link = false;
		for (size_t i = 0; i < ELEMENTS(compilers); i++)
			is_link |= lade_in_mention(&line, compilers[i]) != NULL;
		if (line.number < before && is_link && !lade_in_mention(&line, " -c "))
			read_command(&line, &command);
	}
	return command;
}

/* ---- ---- */

/* SIZE_MAX: none of the library is undefined. */
static size_t first_of(const struct lade_explanation *explanation, const bool is_blamed[LIBRARY_COUNT])
{
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *item = &explanation->items.items[i];
		if (!is_undefined(item))
			continue;
		const struct span name = undefined_in(item->line);
		for (size_t j = 0; j < LIBRARY_COUNT; j++)
			if (is_blamed[j] && is_of(&libraries[j], &name) &&
			    (first == SIZE_MAX || item->first_line < explanation->items.items[first].first_line))
				first = i;
	}
	return first;
}

static void join(struct lade_explanation *explanation, size_t first, const bool is_blamed[LIBRARY_COUNT])
{
	array_foreach(item, &explanation->items) {
		const size_t index = (size_t)(item - explanation->items.items);
		if (index == first || !is_undefined(item))
			continue;
		const struct span name = undefined_in(item->line);
		for (size_t i = 0; i < LIBRARY_COUNT; i++)
			if (is_blamed[i] && is_of(&libraries[i], &name)) {
				item->role = LADE_EXPLAINED_CONSEQUENCE;
				item->cause = first;
			}
	}
	explanation->items.items[first].role = LADE_EXPLAINED_ERROR;
	explanation->items.items[first].cause = SIZE_MAX;
	/* What followed from one of them follows from the first. */
	array_foreach(item, &explanation->items)
		if (item->cause != SIZE_MAX && item->cause != first &&
		    explanation->items.items[item->cause].cause == first)
			item->cause = first;
	lade_explanation_sort(explanation);
}

static void blame_order(struct explained *item, const struct command *command)
{
	const bool *is_before = command->is_before;

	finding_cause(item->finding,
		      "on the command that links (line %zu) %s before the objects that need %s: the linker goes from "
		      "left to right, and takes of a library only what was asked for until then, here nothing. It is "
		      "no matter of versions yet",
		      command->line,
		      is_before[LIBRARY_BPF] && is_before[LIBRARY_ELF] ? "libbpf and libelf stand"
		      : is_before[LIBRARY_BPF]                         ? "libbpf stands"
								       : "libelf stands",
		      is_before[LIBRARY_BPF] && is_before[LIBRARY_ELF] ? "them" : "it");
	finding_fix(item->finding,
		    "the objects first, then libbpf, then what it needs itself: cc -o PROGRAM OBJECTS… -lbpf (or "
		    "libbpf.a) -lelf -lz; in a Makefile $(LDLIBS) behind $^, not in $(LDFLAGS) or $(CFLAGS)");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void blame_absent(struct explained *item, const struct span *name, size_t line)
{
	finding_cause(item->finding,
		      "libbpf was not linked at all, or stands before the objects that need it: %.*s() is undefined as "
		      "well (line %zu), which every version has",
		      (int)name->length, name->text, line);
	finding_fix(item->finding, "the objects first, then -lbpf (or libbpf.a), then -lelf -lz; if it is there: is it "
				   "of this machine, and does -L lead to it?");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

/* Without a command only what else is taken for a matter of versions is told anew. */
static bool is_taken_for_version(const struct explained *item)
{
	return item->finding->cause && strstr(item->finding->cause, "libbpf 1.0 dropped");
}

void lade_explanation_link_order(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_blamed[LIBRARY_COUNT] = { false }, is_order = false;
	const bool all[LIBRARY_COUNT] = { true, true };
	size_t first = first_of(explanation, all), lines[LIBRARY_COUNT];
	struct span names[LIBRARY_COUNT] = { { "", 0 } };
	struct command command;

	if (first == SIZE_MAX)
		return;
	command = find_command(&span, explanation->items.items[first].first_line);
	for (size_t i = 0; i < LIBRARY_COUNT; i++) {
		lines[i] = line_of_every(&span, &libraries[i], &names[i]);
		is_blamed[i] = lines[i] && command.is_before[i];
		is_order |= is_blamed[i];
	}
	is_blamed[LIBRARY_BPF] |= lines[LIBRARY_BPF] && !command.has[LIBRARY_BPF];
	first = first_of(explanation, is_blamed);
	if (first == SIZE_MAX)
		return;
	if (is_order)
		blame_order(&explanation->items.items[first], &command);
	else if (is_taken_for_version(&explanation->items.items[first]))
		blame_absent(&explanation->items.items[first], &names[LIBRARY_BPF], lines[LIBRARY_BPF]);
	else
		return;
	join(explanation, first, is_blamed);
}
