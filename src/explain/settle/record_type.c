/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "incomplete definition of type 'struct open_ctx'": where it is the argument of a tracepoint's program, and declared
 * by that alone, no header is missing: the structure is one that each program defines for itself, or another name.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/quoted_name.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define MENTIONS   16
#define ITEMS_MAX  8 /* for which the text is searched */
#define NAME_BYTES 128

/* Of clang, and of gcc. */
static bool take_type(const char *line, char name[NAME_BYTES])
{
	static const char *const marks[] = { "incomplete definition of type", "invalid use of undefined type" };
	static const char word[] = "struct ";
	const char *at = NULL;

	for (size_t i = 0; i < ELEMENTS(marks) && !at; i++)
		at = strstr(line, marks[i]);
	if (!at || !(at = strstr(at, word)))
		return false;
	const struct span found = lade_name_at(at + strlen(word));
	return lade_name_copy(&found, name, NAME_BYTES);
}

static bool has(const char *text, const char *end, const char *word)
{
	return lade_search(text, (size_t)(end - text), word, strlen(word)) != NULL;
}

/* In the warning's line or in the source line that compilers show behind it. */
static bool is_tracepoint(const struct mention *line, const struct span *text)
{
	static const char *const marks[] = { "tracepoint", "SEC(\"tp", "sys_enter", "sys_exit" };
	const char *end = text->text + text->length;
	const char *newline = memchr(line->next, '\n', (size_t)(end - line->next));

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (has(line->text.text, newline ? newline : end, marks[i]))
			return true;
	return false;
}

/* One of the kernel's, whose header is missing, or one that bcc makes of the tracepoint. */
static bool is_of_kernel(const char *name)
{
	static const char *const begins[] = { "trace_event_raw_", "tracepoint__", "bpf_" };
	static const char *const names[] = {
		"pt_regs", "task_struct", "sock", "sk_buff", "__sk_buff", "file", "inode"
	};

	for (size_t i = 0; i < ELEMENTS(begins); i++)
		if (strncmp(name, begins[i], strlen(begins[i])) == 0)
			return true;
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* 0: nowhere. */
static size_t line_of_parameter(const struct span *text, const char *name)
{
	struct mention line = { .next = text->text };
	char type[NAME_BYTES + 8];

	(void)snprintf(type, sizeof type, "struct %s", name);
	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, type, &line); mentions++)
		if (lade_in_mention(&line, "not be visible outside of this") && is_tracepoint(&line, text))
			return line.number;
	return 0;
}

static void blame(struct explained *item, const char *name, size_t line)
{
	finding_cause(
		item->finding,
		"nothing that is included declares struct %s: the program's own parameter is the first that names "
		"it (line %zu). It is to be the record of a tracepoint, and no header of the kernel has such a "
		"name",
		name, line);
	finding_fix(
		item->finding,
		"struct trace_event_raw_EVENT of vmlinux.h in its place (of the tracepoint CATEGORY/EVENT: grep "
		"trace_event_raw_ vmlinux.h; all system calls have trace_event_raw_sys_enter and …_sys_exit); or "
		"define struct %s after /sys/kernel/tracing/events/CATEGORY/EVENT/format, its first 8 bytes included",
		name);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_record_type(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		char name[NAME_BYTES];
		size_t line;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !item->line ||
		    strcmp(item->finding->code, "compile.source") != 0 || !take_type(item->line, name) ||
		    is_of_kernel(name) || looked++ >= ITEMS_MAX)
			continue;
		if ((line = line_of_parameter(&span, name)))
			blame(item, name, line);
	}
}
