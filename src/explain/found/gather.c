/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One reason, and many that it keeps from working: the first is the error and names the next few, the others follow
 * from it.
 */
#include <stdlib.h>
#include <string.h>

#include "explain/text.h"

#define NAMES_MAX  4 /* of further things that are named */
#define NAME_BYTES 100

/* Of these each one has its place, where something must be changed. */
static bool is_of_place(const char *code)
{
	static const char *const beginnings[] = { "compile.", "verifier.", "kernel.crashed", "tool.crashed",
						  "tool.usage" };

	for (size_t i = 0; i < ELEMENTS(beginnings); i++)
		if (strncmp(code, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

/* A helper or function that the kernel lacks, it lacks for every program. */
static bool is_lack(const struct explained *item)
{
	static const char helper[] = "verifier.helper-";

	return !item->rule && strncmp(item->finding->code, helper, strlen(helper)) == 0;
}

static bool is_same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

/* The words differ at most in what the lines name. */
static bool has_same_words(const struct explained *one, const struct explained *other)
{
	const struct lade_finding *first = one->finding, *second = other->finding;
	const char *meaning = one->rule ? lade_explain_strings + one->rule->meaning : "";

	if (one->rule == other->rule && !one->traced && *meaning && !strstr(meaning, "{text}"))
		return true;
	return first->cause && is_same_text(first->cause, second->cause) && is_same_text(first->fix, second->fix);
}

static bool is_same_reason(const struct explained *one, const struct explained *other)
{
	const struct lade_finding *first = one->finding, *second = other->finding;

	if (first->code != second->code || one->errnum != other->errnum || first->confidence != second->confidence ||
	    !has_same_words(one, other))
		return false;
	if (is_lack(one) || is_lack(other))
		return is_lack(one) && is_lack(other) && is_same_text(one->line, other->line);
	return !is_of_place(first->code);
}

/* ---- names ---- */

static bool is_named(const struct explained *item, const char *name)
{
	const char *at = item->others;
	size_t length = strlen(name);

	for (; at && (at = strstr(at, name)); at++)
		if ((at == item->others || at[-1] == ' ') && strncmp(at + length, " (line ", 7) == 0)
			return true;
	return false;
}

bool lade_explanation_other(struct explained *item, const char *kind, const char *name, size_t number)
{
	struct strbuf text = { 0 };

	if (is_named(item, name))
		return true;
	item->other_count++;
	if (item->other_count > NAMES_MAX)
		return true;
	if (item->others)
		lade_strbuf_addf(&text, "%s, ", item->others);
	lade_strbuf_addf(&text, "%s%.*s (line %zu)", kind, NAME_BYTES, name, number);
	free(item->others);
	item->others = lade_strbuf_take(&text);
	return false;
}

/* Of map, program and object what differs from the first's; NULL: nothing does. */
static const char *name_of(const struct explained *item, const struct explained *first, const char **ret_kind)
{
	const struct lade_finding *finding = item->finding, *other = first->finding;
	const struct {
		const char *kind, *name, *other;
	} names[] = { { "map ", finding->map, other->map },
		      { "program ", finding->program, other->program },
		      { "", item->word, first->word },
		      { "object ", finding->object, other->object } };

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (names[i].name && !is_same_text(names[i].name, names[i].other)) {
			*ret_kind = names[i].kind;
			return names[i].name;
		}
	return NULL;
}

static bool is_nameless(const struct explained *item)
{
	return !item->finding->map && !item->finding->program && !item->word && !item->others;
}

/* What tells the same in other words may name what it is about. */
static void take_names(const struct explained *item, const struct explained *first)
{
	finding_map(first->finding, item->finding->map);
	finding_program(first->finding, item->finding->program);
}

/* Counts with the first, and is named there. */
static void count(const struct explained *item, struct explained *first)
{
	const char *kind = "", *name = name_of(item, first, &kind);

	/* Without a name of its own it is the first one in other words. */
	if (!name)
		return;
	if (is_nameless(first) && item->rule != first->rule) {
		take_names(item, first);
		return;
	}
	(void)lade_explanation_other(first, kind, name, item->first_line);
	first->times += item->times;
	if (item->last_line > first->last_line)
		first->last_line = item->last_line;
}

static void follow(struct explained *item, struct explained *first, size_t index)
{
	item->role = LADE_EXPLAINED_CONSEQUENCE;
	item->cause = index;
	count(item, first);
}

/* ---- the first of each reason, found by what its words are ---- */

#define SLOTS (4 * (size_t)EXPLAINED_MAX) /* each item has two keys at most */

struct firsts {
	struct {
		uint64_t key; /* 0: free */
		size_t index;
	} slots[SLOTS];
};

static uint64_t add_text(uint64_t key, const char *text)
{
	return lade_hash_add(key, text ? text : "", text ? strlen(text) : 0);
}

/* The same for two that may be of one reason: by their rule, and by their cause. 0: it has none. */
static uint64_t key_of(const struct explained *item, bool is_by_rule)
{
	const struct lade_finding *finding = item->finding;
	uint64_t key = lade_hash_add(0, &finding->code, sizeof finding->code);

	key = lade_hash_add(key, &item->errnum, sizeof item->errnum);
	if (is_by_rule)
		return item->rule && !item->traced ? lade_hash_add(key, &item->rule, sizeof item->rule) | 1 : 0;
	return finding->cause ? add_text(add_text(key, finding->cause), finding->fix) | 1 : 0;
}

/* SIZE_MAX: it is the first, and is known as that now. */
static size_t find_first(const struct lade_explanation *explanation, struct firsts *firsts, size_t index,
			 bool is_by_rule)
{
	const struct explained *item = &explanation->items.items[index];
	uint64_t key = key_of(item, is_by_rule);
	size_t slot = (key >> 20) % SLOTS;

	if (!key)
		return SIZE_MAX;
	for (; firsts->slots[slot].key; slot = (slot + 1) % SLOTS) {
		size_t first = firsts->slots[slot].index;
		if (firsts->slots[slot].key == key && is_same_reason(&explanation->items.items[first], item))
			return first;
	}
	firsts->slots[slot].key = key;
	firsts->slots[slot].index = index;
	return SIZE_MAX;
}

/* Found to follow from another one, which has the same reason? */
static bool is_alike_already(const struct lade_explanation *explanation, const struct explained *item)
{
	const struct explained *first = item->cause == SIZE_MAX ? NULL : &explanation->items.items[item->cause];

	return first && item->role == LADE_EXPLAINED_CONSEQUENCE && item->finding && first->finding &&
	       first->role == LADE_EXPLAINED_ERROR && is_same_reason(first, item);
}

static void gather(struct lade_explanation *explanation, struct firsts *firsts)
{
	for (size_t i = 0; i < explanation->items.count && i < EXPLAINED_MAX; i++) {
		struct explained *item = &explanation->items.items[i];
		size_t first;
		if (is_alike_already(explanation, item))
			count(item, &explanation->items.items[item->cause]);
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding)
			continue;
		first = find_first(explanation, firsts, i, true);
		if (first == SIZE_MAX)
			first = find_first(explanation, firsts, i, false);
		if (first != SIZE_MAX && explanation->items.items[first].role == LADE_EXPLAINED_CONSEQUENCE)
			first = explanation->items.items[first].cause;
		if (first != SIZE_MAX)
			follow(item, &explanation->items.items[first], first);
	}
}

static void tell(const struct explained *item)
{
	if (!item->others || !item->finding)
		return;
	if (item->other_count > NAMES_MAX)
		finding_evidence(item->finding, "the same is true of %s and %zu more", item->others,
				 item->other_count - NAMES_MAX);
	else
		finding_evidence(item->finding, "the same is true of %s", item->others);
}

void lade_explanation_gather(struct lade_explanation *explanation)
{
	CLEANUP(cleanup_free) struct firsts *firsts = calloc(1, sizeof *firsts);

	explanation->failed |= !firsts;
	if (firsts)
		gather(explanation, firsts);
	array_foreach(item, &explanation->items)
		tell(item);
}
