/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of functions and variables. A kernel has 200,000: they are hashed when the first is asked for. */
#include "base/similar.h"
#include "target/internal.h"

#define NEAR_MOST 3u

struct target_symbols *lade_target_symbols_free(struct target_symbols *symbols)
{
	if (!symbols)
		return NULL;
	lade_target_blob_clear(&symbols->names);
	free(symbols->table);
	free(symbols->label);
	free(symbols);
	return NULL;
}

int lade_target_symbols_new(struct target_blob *names, const char *label, struct target_symbols **ret_symbols)
{
	CLEANUP(cleanup_target_symbols) struct target_symbols *symbols = calloc(1, sizeof *symbols);
	if (!symbols)
		return -ENOMEM;
	symbols->label = lade_target_label(label);
	if (!symbols->label)
		return -ENOMEM;
	symbols->names = *names;
	*names = (struct target_blob){ 0 };
	*ret_symbols = TAKE(symbols);
	return 0;
}

static const char *name_at(const struct target_symbols *symbols, size_t offset)
{
	return (const char *)symbols->names.bytes + offset;
}

static uint32_t hash_of(const char *name)
{
	uint32_t hash = 2166136261u;
	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return hash;
}

/* The slot that has the name, or the free one where it would be. */
static size_t slot_of(const struct target_symbols *symbols, const char *name)
{
	size_t slot = hash_of(name) & (symbols->slots - 1);
	while (symbols->table[slot] && strcmp(name_at(symbols, symbols->table[slot] - 1), name) != 0)
		slot = (slot + 1) & (symbols->slots - 1);
	return slot;
}

static void build_index(struct target_symbols *symbols)
{
	size_t count = 0;
	symbols->indexed = true;
	for (size_t i = 0; i < symbols->names.size; i++)
		count += !symbols->names.bytes[i];
	for (symbols->slots = 16; symbols->slots < count * 2;)
		symbols->slots *= 2;
	symbols->table = calloc(symbols->slots, sizeof *symbols->table);
	symbols->failed = !symbols->table;
	for (size_t at = 0; at < symbols->names.size && !symbols->failed; at += strlen(name_at(symbols, at)) + 1)
		symbols->table[slot_of(symbols, name_at(symbols, at))] = (uint32_t)at + 1;
}

enum known lade_target_symbols_find(struct target_symbols *symbols, const char *name)
{
	if (!symbols->indexed)
		build_index(symbols);
	if (symbols->failed)
		return KNOWN_NOT;
	return symbols->table[slot_of(symbols, name)] ? KNOWN_YES : KNOWN_NO;
}

/* "do_unlinkat.isra.0", "do_unlinkat.constprop.0", "do_unlinkat.llvm.1234" … */
static void add_variants(const struct target_symbols *symbols, const char *name, struct strings *near)
{
	size_t length = strlen(name);
	for (size_t at = 0; at < symbols->names.size && near->count < NEAR_MOST;) {
		const char *other = name_at(symbols, at);
		if (!strncmp(other, name, length) && other[length] == '.')
			(void)lade_strings_add(near, other);
		at += strlen(other) + 1;
	}
}

/* Edit distances are dear: only of names that begin or end alike, and are about as long. */
static bool is_comparable(const char *name, size_t length, const char *other, size_t other_length)
{
	size_t difference = length > other_length ? length - other_length : other_length - length;
	if (difference > 4 || other_length < 3)
		return false;
	return !strncmp(name, other, 3) || !strcmp(name + length - 3, other + other_length - 3);
}

static void add_similar(const struct target_symbols *symbols, const char *name, struct strings *near)
{
	struct similar_names similar = { .wanted = name };
	size_t length = strlen(name);
	for (size_t at = 0; at < symbols->names.size && length >= 3;) {
		const char *other = name_at(symbols, at);
		size_t other_length = strlen(other);
		if (is_comparable(name, length, other, other_length))
			lade_similar_consider(&similar, other);
		at += other_length + 1;
	}
	for (size_t i = 0; i < similar.count && near->count < NEAR_MOST; i++)
		(void)lade_strings_add(near, similar.names[i]);
	lade_similar_clear(&similar);
}

void lade_target_symbols_near(struct target_symbols *symbols, const char *name, struct strings *near)
{
	add_variants(symbols, name, near);
	if (!near->count)
		add_similar(symbols, name, near);
}
