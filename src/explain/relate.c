/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows from what: only what nothing else explains is an error. */
#include <string.h>

#include "explain/text.h"

#define ANY_ERROR "*"

static const char *because(const struct explained *item)
{
	if (item->traced && strcmp(item->traced, "prog_load") != 0)
		return "";
	return item->rule ? lade_explain_strings + item->rule->because : "";
}

/* "map.create. kernel.bpf.absent": does one of the words begin the code? */
static bool is_listed(const char *words, const char *code)
{
	while (*words) {
		size_t length = strcspn(words, " ");
		if (strncmp(words, code, length) == 0)
			return true;
		words += length + strspn(words + length, " ");
	}
	return false;
}

/* Names that are not known may be the same. */
static bool is_same_name(const char *one, const char *other)
{
	return !one || !other || strcmp(one, other) == 0;
}

/* True whatever the object. */
static bool is_of_machine(const char *code)
{
	static const char *const beginnings[] = { "kernel.", "environment.", "btf.kernel.", "doctor." };

	for (size_t i = 0; i < ELEMENTS(beginnings); i++)
		if (strncmp(code, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static bool fits(const struct explained *item, const struct explained *cause)
{
	const char *one = item->finding->object, *other;

	if (cause == item || cause->role != LADE_EXPLAINED_ERROR || !cause->finding)
		return false;
	other = cause->finding->object;
	if (strcmp(because(item), ANY_ERROR) == 0)
		return strcmp(because(cause), ANY_ERROR) != 0;
	return is_listed(because(item), cause->finding->code) &&
	       (is_of_machine(cause->finding->code) ||
		(is_same_name(one, other) && is_same_name(item->finding->program, cause->finding->program)));
}

/* The first that fits; of the same object rather than another. */
static size_t find_cause(const struct lade_explanation *explanation, const struct explained *item)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < explanation->items.count; i++) {
		const struct explained *cause = &explanation->items.items[i];
		const char *object = item->finding->object;
		if (!fits(item, cause))
			continue;
		if (object && cause->finding->object && strcmp(object, cause->finding->object) == 0)
			return i;
		if (found == SIZE_MAX)
			found = i;
	}
	return found;
}

/* A missing /sys/fs/bpf is what no seccomp filter makes. */
static void confirm(const struct explained *item, const struct explained *cause)
{
	if (strcmp(cause->finding->code, "kernel.bpf.absent") != 0 ||
	    strcmp(item->finding->code, "pin.bpffs-missing") != 0)
		return;
	finding_evidence(cause->finding, "line %zu: there is no directory /sys/fs/bpf, which CONFIG_BPF_SYSCALL makes",
			 item->first_line);
	finding_confidence(cause->finding, LADE_CERTAIN);
}

static void relate(struct lade_explanation *explanation, bool any)
{
	array_foreach(item, &explanation->items) {
		bool is_any = strcmp(because(item), ANY_ERROR) == 0;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !*because(item) || is_any != any)
			continue;
		item->cause = find_cause(explanation, item);
		if (item->cause == SIZE_MAX) {
			/* A crash alone may be of anything. */
			if (strcmp(item->finding->code, "tool.crashed") == 0 && explanation->items.count == 1)
				item->role = LADE_EXPLAINED_NOTE;
			continue;
		}
		item->role = LADE_EXPLAINED_CONSEQUENCE;
		confirm(item, &explanation->items.items[item->cause]);
	}
}

/* ---- in the order in which it is shown ---- */

static void sort(struct lade_explanation *explanation)
{
	size_t count = explanation->items.count, next = 0;
	CLEANUP(cleanup_free) struct explained *sorted = calloc(count + 1, sizeof *sorted);
	CLEANUP(cleanup_free) size_t *places = calloc(count + 1, sizeof *places);

	if (!sorted || !places) {
		explanation->failed = true;
		return;
	}
	for (unsigned role = LADE_EXPLAINED_ERROR; role <= LADE_EXPLAINED_HARMLESS; role++)
		for (size_t i = 0; i < count; i++)
			if (explanation->items.items[i].role == role) {
				places[i] = next;
				sorted[next++] = explanation->items.items[i];
			}
	for (size_t i = 0; i < count; i++) {
		explanation->items.items[i] = sorted[i];
		if (sorted[i].cause != SIZE_MAX)
			explanation->items.items[i].cause = places[sorted[i].cause];
	}
}

/* A cause may itself turn out to be a consequence: then it is the cause's cause. */
static void follow_up(struct lade_explanation *explanation)
{
	array_foreach(item, &explanation->items)
		for (unsigned steps = 0; item->cause != SIZE_MAX && steps < 8; steps++) {
			size_t next = explanation->items.items[item->cause].cause;
			if (next == SIZE_MAX || next == (size_t)(item - explanation->items.items))
				break;
			item->cause = next;
		}
}

void lade_explanation_relate(struct lade_explanation *explanation)
{
	relate(explanation, false);
	relate(explanation, true);
	follow_up(explanation);
	sort(explanation);
}
