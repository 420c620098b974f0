/* SPDX-License-Identifier: BSD-2-Clause */
/* A call that strace shows and the program's own words of it are one failure. */
#include <string.h>

#include "explain/text.h"

#define TOLD_LINES 3 /* between a system call and what its program says of it, at most */

static bool is_near(const struct explained *one, const struct explained *other)
{
	return one->first_line <= other->last_line + TOLD_LINES && other->first_line <= one->last_line + TOLD_LINES;
}

/* "map.create.definition" is of maps. */
static bool is_same_matter(const char *one, const char *other)
{
	size_t length = strcspn(one, ".");

	return strncmp(one, other, length) == 0 && other[length] == '.';
}

/* Who lacks a privilege lacks it for whatever is asked first. */
static bool is_privilege(const char *code)
{
	const char *last = strrchr(code, '.');

	return (last && strcmp(last, ".permission") == 0) || strcmp(code, "environment.privilege") == 0;
}

/* Does the program say of the call what strace shows? */
static bool is_told_of(const struct explained *said, const struct explained *call)
{
	return (!said->errnum || said->errnum == call->errnum) && is_near(said, call) &&
	       (is_same_matter(said->finding->code, call->finding->code) ||
		(is_privilege(said->finding->code) && is_privilege(call->finding->code))) &&
	       lade_may_be_same(said->finding->map, call->finding->map) &&
	       lade_may_be_same(said->finding->program, call->finding->program);
}

/* Which knows more of the failure: the call shows all that was asked for, other words of it may be of its cause. */
static bool is_call_better(const struct explained *call, const struct explained *said)
{
	return call->finding->confidence < said->finding->confidence ||
	       (call->finding->confidence == said->finding->confidence &&
		(call->finding->code == said->finding->code ||
		 (is_privilege(call->finding->code) && is_privilege(said->finding->code))));
}

void lade_explanation_join_calls(struct lade_explanation *explanation)
{
	struct explained *items = explanation->items.items;

	for (size_t i = 0; i < explanation->items.count; i++)
		for (size_t j = 0; items[i].traced && j < explanation->items.count; j++) {
			/* In a text of strace most are calls. */
			if (items[j].traced || items[i].role != LADE_EXPLAINED_ERROR ||
			    items[j].role != LADE_EXPLAINED_ERROR || !items[i].finding || !items[j].finding ||
			    !is_told_of(&items[j], &items[i]))
				continue;
			bool is_better = is_call_better(&items[i], &items[j]);
			items[is_better ? j : i].role = LADE_EXPLAINED_CONSEQUENCE;
			items[is_better ? j : i].cause = is_better ? i : j;
		}
}
