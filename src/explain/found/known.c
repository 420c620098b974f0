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

bool lade_is_bpf_absent(const char *code)
{
	return strncmp(code, "kernel.bpf.", strlen("kernel.bpf.")) == 0;
}

/* That bpf(2) or the kernel's BTF is absent is true of the machine, whichever object notices, and in which words. */
static bool is_one_for_all(const char *code)
{
	return lade_is_bpf_absent(code) || strcmp(code, "btf.kernel.absent") == 0;
}

static struct explained_key key_of(const struct explained *item)
{
	const struct lade_finding *finding = item->finding;

	if (!finding)
		return (struct explained_key){ .rule = item->rule };
	return (struct explained_key){
		.code = finding->code,
		.rule = item->rule,
		.errnum = item->errnum,
		.object = finding->object,
		.map = finding->map,
		.program = finding->program,
		.line = item->line,
		.instruction = finding->instruction,
		.is_try = item->is_try,
	};
}

static bool is_verdict(const struct explained_key *key)
{
	return key->code && !key->rule;
}

/* Of a verdict, whatever the program. */
static uint64_t line_digest_of(const struct explained_key *key)
{
	return add_text(add_text(0, key->code), key->line);
}

/* Two things that are the same have the same digest; of verdicts those that are known to be. */
static uint64_t digest_of(const struct explained_key *key)
{
	uint64_t hash;

	if (!key->code)
		return lade_hash_add(0, (const void *)&key->rule, sizeof key->rule);
	hash = add_text(0, key->code);
	if (is_one_for_all(key->code))
		return hash;
	if (is_verdict(key))
		return add_text(add_text(line_digest_of(key), key->object), key->program);
	hash = lade_hash_add(hash, (const void *)&key->rule, sizeof key->rule);
	hash = lade_hash_add(hash, &key->errnum, sizeof key->errnum) + key->is_try;
	return add_text(add_text(add_text(hash, key->object), key->map), key->program);
}

bool lade_may_be_same(const char *one, const char *other)
{
	return !one || !other || strcmp(one, other) == 0;
}

/* Loaders write a verdict twice: as the log's last line, and as a line of their own, which knows less. */
static bool is_same_verdict(const struct explained_key *one, const struct explained_key *two)
{
	return is_equal(one->line, two->line) &&
	       (one->instruction == two->instruction || one->instruction < 0 || two->instruction < 0) &&
	       lade_may_be_same(one->object, two->object) && lade_may_be_same(one->program, two->program);
}

static bool is_same(const void *wanted, const struct explained *item)
{
	const struct explained_key *one = wanted, two = key_of(item);

	if (!one->code || !two.code)
		return !one->code && !two.code && one->rule == two.rule;
	if (strcmp(one->code, two.code) != 0)
		return false;
	if (is_verdict(one) && is_verdict(&two))
		return is_same_verdict(one, &two);
	return is_one_for_all(one->code) || (one->rule == two.rule && one->errnum == two.errnum &&
					     one->is_try == two.is_try && is_equal(one->object, two.object) &&
					     is_equal(one->map, two.map) && is_equal(one->program, two.program));
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
	explanation->slot_hashes[slot] = (uint32_t)hash;
}

/* The first of those that stand where `hash` says, and that are what is wanted. */
static struct explained *find(struct lade_explanation *explanation, uint64_t hash,
			      bool (*is_wanted)(const void *wanted, const struct explained *item), const void *wanted)
{
	struct explained *best = NULL;

	for (size_t slot = first_slot(hash); explanation->slots[slot]; slot = (slot + 1) % KNOWN_SLOTS) {
		struct explained *item = &explanation->items.items[explanation->slots[slot] - 1];
		if (explanation->slot_hashes[slot] == (uint32_t)hash && (!best || item < best) &&
		    is_wanted(wanted, item))
			best = item;
	}
	return best;
}

static bool has_hash(const void *hash, const struct explained *item)
{
	return item->hash == *(const uint64_t *)hash;
}

static bool has_line(const void *wanted, const struct explained *item)
{
	const struct explained_key *one = wanted, two = key_of(item);

	return is_verdict(&two) && strcmp(one->code, two.code) == 0 && is_equal(one->line, two.line);
}

/* A verdict that names nothing is of the first that has its line, whatever came since: where it comes again, it is so
 * again. */
static struct explained *find_same(struct lade_explanation *explanation, const struct explained_key *key)
{
	const bool names_nothing = !key->object && !key->program;
	struct explained *same =
		is_verdict(key) && names_nothing ? find(explanation, line_digest_of(key), is_same, key) : NULL;

	same = same ? same : find(explanation, digest_of(key), is_same, key);
	return same || !is_verdict(key) || names_nothing ? same : find(explanation, line_digest_of(key), is_same, key);
}

void lade_explanation_index(struct lade_explanation *explanation, size_t index)
{
	const struct explained_key key = key_of(&explanation->items.items[index]);

	insert(explanation, digest_of(&key), index);
	/* The first of its line: of whichever program, if none is named. */
	if (is_verdict(&key) && !find(explanation, line_digest_of(&key), has_line, &key))
		insert(explanation, line_digest_of(&key), index);
}

bool lade_explanation_again(struct lade_explanation *explanation, uint64_t hash, size_t number)
{
	struct explained *item = find(explanation, hash, has_hash, &hash);

	if (!item)
		return false;
	lade_explanation_count(explanation, item, number, COUNT_ALWAYS);
	return true;
}

static void clear(struct explained *item)
{
	(void)lade_finding_free(item->finding);
	free(item->line);
	free(item->word);
	free(item->others);
	*item = (struct explained){ 0 };
}

static bool take_name(struct lade_finding *finding, const char *known, const char *name,
		      void (*set)(struct lade_finding *finding, const char *name))
{
	if (known || !name)
		return false;
	set(finding, name);
	return true;
}

/* A line that names the object says more than one that does not. False: it had all of them. */
static bool take_names(struct lade_finding *into, const struct explained_key *from)
{
	if (!into)
		return false;
	bool has_object = take_name(into, into->object, from->object, finding_object);
	bool has_map = take_name(into, into->map, from->map, finding_map);
	return take_name(into, into->program, from->program, finding_program) || has_map || has_object;
}

/* What somebody only remarked is an error, if it is another's. False: it is neither. */
static bool blame(struct explained *known, const struct explained_key *key)
{
	if (known->role != LADE_EXPLAINED_NOTE || !key->rule || key->rule == known->rule ||
	    key->rule->role != EXPLAIN_ERROR)
		return false;
	known->role = LADE_EXPLAINED_ERROR;
	known->rule = key->rule;
	known->traced = NULL;
	return true;
}

struct explained *lade_explanation_find(struct lade_explanation *explanation, const struct explained_key *key)
{
	return find_same(explanation, key);
}

static enum counting counting_of(const struct explained_key *key)
{
	if (!is_verdict(key))
		return COUNT_ALWAYS;
	return key->instruction < 0 ? COUNT_LINES : COUNT_LOGS;
}

/* By what it is called now it is found before those that came later. */
static void rename_item(struct lade_explanation *explanation, const struct explained *item)
{
	const struct explained_key key = key_of(item);

	explanation->effects.is_new = true;
	if (is_verdict(&key))
		insert(explanation, digest_of(&key), (size_t)(item - explanation->items.items));
}

bool lade_explanation_counted(struct lade_explanation *explanation, const struct explained_key *key, size_t number)
{
	struct explained *known = find_same(explanation, key);

	if (known) {
		lade_explanation_count(explanation, known, number, counting_of(key));
		/* Of what there is no room for it is not looked which program it is. */
		if (!explanation->overflow && take_names(known->finding, key))
			rename_item(explanation, known);
		explanation->effects.is_new |= blame(known, key);
	} else if (explanation->items.count < EXPLAINED_MAX) {
		return false;
	}
	explanation->effects.is_new |= !known && !explanation->overflow;
	explanation->effects.is_of_names |= !known && is_verdict(key);
	explanation->overflow |= !known;
	return true;
}

bool lade_explanation_is_full(struct lade_explanation *explanation, const char *code, const char *line)
{
	const struct explained_key key = { .code = code, .line = line };
	bool is_full =
		explanation->items.count >= EXPLAINED_MAX && !find(explanation, line_digest_of(&key), has_line, &key);

	explanation->effects.is_new |= is_full && !explanation->overflow;
	explanation->overflow |= is_full;
	return is_full;
}

struct explained *lade_explanation_same(struct lade_explanation *explanation, const struct explained *item)
{
	const struct explained_key key = key_of(item);

	return find_same(explanation, &key);
}

bool lade_explanation_known(struct lade_explanation *explanation, struct explained *item)
{
	const struct explained_key key = key_of(item);
	bool is_known = lade_explanation_counted(explanation, &key, item->last_line);

	if (is_known)
		clear(item);
	return is_known;
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
	lade_effects_tell(explanation, place, place->last_line, COUNT_ALWAYS);
	/* Who shows an error shows its finding. */
	if (!item->finding)
		place->role = LADE_EXPLAINED_HARMLESS;
	lade_explanation_index(explanation, explanation->items.count - 1);
	if (item->hash)
		insert(explanation, item->hash, explanation->items.count - 1);
}

void lade_explanation_put(struct lade_explanation *explanation, struct explained *item)
{
	if (!lade_explanation_known(explanation, item))
		lade_explanation_keep(explanation, item);
}
