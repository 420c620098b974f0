/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "$ ./tool", a refusal, "$ sudo ./tool": who pasted both knows the answer to the first already, and what matters is
 * what the second one printed.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/command_line.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (64U << 10)

static struct span trimmed(struct span command)
{
	while (command.length && strchr(" \t\r", command.text[command.length - 1]))
		command.length--;
	return command;
}

static bool starts(const struct span *command, const char *word)
{
	return command->length >= strlen(word) && memcmp(command->text, word, strlen(word)) == 0;
}

static bool is_raised(const struct span *command)
{
	return starts(command, "sudo ") || starts(command, "doas ");
}

/* The command whose output the line is; empty: there is none. */
static struct span command_before(const struct span *text, size_t before, bool *ret_is_root)
{
	struct mention line = { .next = text->text };
	struct span last = { text->text, 0 };

	while (lade_next_line(text, &line) && line.number < before) {
		const struct span command = trimmed(lade_command_of(&line.text));
		if (!command.length)
			continue;
		last = command;
		*ret_is_root = is_raised(&command) ||
			       (command.text - line.text.text >= 2 && lade_is_of_root(&line.text, &command));
	}
	return last;
}

/* "sudo -E ./tool -v" of "./tool -v", "sudo !!", or the same behind root's own prompt. */
static bool is_again(const struct span *line, const struct span *command, const struct span *first)
{
	const size_t rest = command->length > first->length ? command->length - first->length : 0;
	const char *at = command->text + rest;

	if (starts(command, "sudo !!"))
		return true;
	if (command->length < first->length || memcmp(at, first->text, first->length) != 0)
		return false;
	return rest ? is_raised(command) && at[-1] == ' '
		    : command->text - line->text >= 2 && lade_is_of_root(line, command);
}

/* The line in which root runs it again; 0: there is none. */
static size_t find_again(const struct span *text, size_t after, const struct span *first)
{
	struct mention line = { .next = text->text };

	while (lade_next_line(text, &line)) {
		const struct span command = trimmed(lade_command_of(&line.text));
		if (line.number > after && command.length && is_again(&line.text, &command, first))
			return line.number;
	}
	return 0;
}

/* What another user than root is refused. */
static bool is_refusal(const struct explained *item)
{
	if (item->role != LADE_EXPLAINED_ERROR || !item->finding)
		return false;
	return strcmp(item->finding->code, "environment.privilege") == 0 || item->errnum == EPERM ||
	       item->errnum == EACCES;
}

static bool look_at(struct lade_explanation *explanation, struct explained *item, const struct span *text)
{
	bool is_root = false;
	const struct span first = command_before(text, item->first_line, &is_root);
	const size_t again = first.length && !is_root ? find_again(text, item->last_line, &first) : 0;

	if (!again)
		return false;
	finding_cause(item->finding, "%s; line %zu runs the same command as root, and what matters stands behind it",
		      item->finding->cause ? item->finding->cause : "this user may not do it", again);
	item->is_settled = true;
	lade_explanation_got_over(explanation, item);
	return true;
}

void lade_explanation_again_as_root(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_moved = false;

	if (!explanation->prompt_count)
		return;
	array_foreach(item, &explanation->items)
		is_moved |= is_refusal(item) && look_at(explanation, item, &span);
	if (is_moved)
		lade_explanation_sort(explanation);
}
