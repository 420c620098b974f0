/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found is kept once; the same again is counted. A table of digests finds it among all, however many. */
#include <string.h>

#include "explain/text.h"

#define HASH_BEGIN 14695981039346656037U
#define HASH_PRIME 1099511628211U

uint64_t lade_hash_add(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *byte = bytes;
	uint64_t word;

	hash = ((hash ? hash : HASH_BEGIN) ^ length) * HASH_PRIME;
	for (; length >= sizeof word; length -= sizeof word, byte += sizeof word) {
		memcpy(&word, byte, sizeof word);
		hash = (hash ^ word) * HASH_PRIME;
		hash ^= hash >> 29;
	}
	for (; length; length--)
		hash = (hash ^ *byte++) * HASH_PRIME;
	return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
	return text ? lade_hash_add(hash, text, strlen(text) + 1) : lade_hash_add(hash, "", 1);
}

static bool is_equal(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

/* That bpf(2) is absent is true of the machine, whichever object notices. */
bool lade_is_of_machine(const char *code)
{
	return strncmp(code, "kernel.bpf.", strlen("kernel.bpf.")) == 0;
}

/* Two things that are the same have the same digest. */
static uint64_t digest_of(const struct explained *item)
{
	const struct lade_finding *finding = item->finding;
	uint64_t hash;

	if (!finding)
		return lade_hash_add(0, (const void *)&item->rule, sizeof item->rule);
	hash = lade_hash_add(0, (const void *)&finding->code, sizeof finding->code);
	if (lade_is_of_machine(finding->code))
		return hash;
	hash = lade_hash_add(hash, (const void *)&item->rule, sizeof item->rule);
	hash = lade_hash_add(hash, &item->errnum, sizeof item->errnum);
	hash = add_text(add_text(add_text(hash, finding->object), finding->map), finding->program);
	return item->rule ? hash : add_text(hash, item->line);
}

static bool is_same(const struct explained *item, const struct explained *other)
{
	const struct lade_finding *one = item->finding, *two = other->finding;

	if (item->digest != other->digest)
		return false;
	if (!one || !two)
		return !one && !two && item->rule == other->rule;
	if (one->code != two->code)
		return false;
	if (!item->rule && !other->rule && (one->instruction != two->instruction || !is_equal(item->line, other->line)))
		return false; /* two programs, each with its verifier's log */
	return lade_is_of_machine(one->code) ||
	       (item->rule == other->rule && item->errnum == other->errnum && is_equal(one->object, two->object) &&
		is_equal(one->map, two->map) && is_equal(one->program, two->program));
}

static size_t first_slot(uint64_t hash)
{
	return (hash >> 32) % KNOWN_SLOTS;
}

static void insert(struct lade_explanation *explanation, uint64_t hash, size_t index)
{
	size_t slot = first_slot(hash);

	while (explanation->slots[slot])
		slot = (slot + 1) % KNOWN_SLOTS;
	explanation->slots[slot] = (uint16_t)(index + 1);
}

void lade_explanation_index(struct lade_explanation *explanation, size_t index)
{
	struct explained *item = &explanation->items.items[index];

	item->digest = digest_of(item);
	insert(explanation, item->digest, index);
}

/* The first of those with this hash, or that are the same as `wanted`. */
static struct explained *find(struct lade_explanation *explanation, uint64_t hash, const struct explained *wanted)
{
	struct explained *best = NULL;

	for (size_t slot = first_slot(hash); explanation->slots[slot]; slot = (slot + 1) % KNOWN_SLOTS) {
		struct explained *item = &explanation->items.items[explanation->slots[slot] - 1];
		if ((!best || item < best) && (wanted ? is_same(item, wanted) : item->hash == hash))
			best = item;
	}
	return best;
}

bool lade_explanation_again(struct lade_explanation *explanation, uint64_t hash, size_t number)
{
	struct explained *item = find(explanation, hash, NULL);

	if (!item)
		return false;
	item->times++;
	item->last_line = number;
	return true;
}

static void clear(struct explained *item)
{
	(void)lade_finding_free(item->finding);
	free(item->line);
	*item = (struct explained){ 0 };
}

/* A line that names the object says more than one that does not. */
static void take_names(struct lade_finding *into, const struct lade_finding *from)
{
	if (!into || !from)
		return;
	if (!into->object)
		finding_object(into, from->object);
	if (!into->map)
		finding_map(into, from->map);
	if (!into->program)
		finding_program(into, from->program);
}

bool lade_explanation_known(struct lade_explanation *explanation, struct explained *item)
{
	struct explained *known;

	item->digest = digest_of(item);
	known = find(explanation, item->digest, item);
	if (known) {
		known->times++;
		known->last_line = item->last_line;
		take_names(known->finding, item->finding);
	} else if (explanation->items.count < EXPLAINED_MAX) {
		return false;
	}
	explanation->overflow |= !known;
	clear(item);
	return true;
}

void lade_explanation_keep(struct lade_explanation *explanation, struct explained *item)
{
	struct explained *place = array_push(&explanation->items);

	if (!place) {
		explanation->overflow = true;
		clear(item);
		return;
	}
	*place = *item;
	insert(explanation, item->digest, explanation->items.count - 1);
	if (item->hash)
		insert(explanation, item->hash, explanation->items.count - 1);
}

void lade_explanation_put(struct lade_explanation *explanation, struct explained *item)
{
	if (!lade_explanation_known(explanation, item))
		lade_explanation_keep(explanation, item);
}
