/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring buffer that the kernel does not create: cilium/ebpf's message has its size and the pages', of which only one
 * may be wrong, and who asks for help shows the map's definition, which may give it a key or a value or no size, or
 * says that it is one.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES     (1U << 20)
#define MENTIONS       16
#define ITEMS_MAX      8 /* for which the text is searched */
#define LINES_NEAR     2 /* between the parts of a message that was wrapped */
#define DEFINITION     2048
#define KERNEL_NAME    15 /* bytes of a name that the kernel keeps */
#define LEAST_ENTRIES  4096
#define LARGEST_NUMBER UINT32_MAX

static bool is_definition(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
	       strcmp(item->finding->code, "map.create.definition") == 0;
}

/* ---- the message ---- */

static const char size_mark[] = "(ring map size ", page_mark[] = "of page size ";

/* Size and page size; false: the line has none. */
static bool take_sizes(const struct explained *item, uint64_t sizes[2])
{
	const char *size = strstr(item->line, size_mark), *page = size ? strstr(size, page_mark) : NULL;

	if (!page)
		return false;
	sizes[0] = strtoull(size + strlen(size_mark), NULL, 10);
	sizes[1] = strtoull(page + strlen(page_mark), NULL, 10);
	return sizes[0] <= LARGEST_NUMBER && sizes[1] && sizes[1] <= LARGEST_NUMBER;
}

static bool is_power(uint64_t number)
{
	return number && !(number & (number - 1));
}

/* The least that is not smaller. */
static uint64_t power_from(uint64_t number)
{
	uint64_t power = 1;

	while (power < number)
		power *= 2;
	return power;
}

static void blame_sizes(struct lade_finding *finding, uint64_t size, uint64_t page)
{
	const uint64_t enough = power_from(size > page ? size : page);

	if (!size)
		finding_cause(finding,
			      "the ring buffer has no size: max_entries is 0 or missing, and must be a power of "
			      "two of bytes, of %" PRIu64 " (this kernel's pages) at least",
			      page);
	else if (is_power(size))
		finding_cause(finding,
			      "the ring buffer has %" PRIu64 " bytes (max_entries), and must have a multiple of this "
			      "kernel's pages, which have %" PRIu64 "%s: a power of two alone is not enough",
			      size, page,
			      page > LEAST_ENTRIES ? " (arm64 and ppc64 may be built so; on x86 they have 4096)" : "");
	else
		finding_cause(finding,
			      "the ring buffer has %" PRIu64 " bytes (max_entries), which is no power of two%s", size,
			      size % page ? " and no multiple of this kernel's pages" : "");
	finding_fix(
		finding,
		"__uint(max_entries, %" PRIu64 "); or set MapSpec.MaxEntries before the load to a power of two that "
		"is a multiple of os.Getpagesize(); of somebody else's tool: its option for the buffer's size, or a "
		"newer version%s",
		enough, page > LEAST_ENTRIES ? ", or a kernel with pages of 4 KiB" : "");
}

/* "map create: invalid argument", which a log wrapped before the reason. */
static bool join(struct lade_explanation *explanation, size_t index)
{
	struct explained *item = &explanation->items.items[index];
	bool is_joined = false;

	array_foreach(other, &explanation->items) {
		if (other == item || !is_definition(other) || other->finding->confidence == LADE_CERTAIN ||
		    other->last_line > item->first_line || other->last_line + LINES_NEAR < item->first_line)
			continue;
		if (!item->finding->map)
			finding_map(item->finding, other->finding->map);
		other->role = LADE_EXPLAINED_CONSEQUENCE;
		other->cause = index;
		is_joined = true;
	}
	return is_joined;
}

/* ---- the definition ---- */

/* "__type(value, struct e)", "__uint(value_size, 8)", ".value_size = 8"; NULL: neither key nor value. */
static const char *sized(const char *at, const char *end)
{
	static const struct {
		const char *word, *shown;
	} words[] = { { "__type(value", "__type(value, …)" },
		      { "__type(key", "__type(key, …)" },
		      { "value_size", "value_size" },
		      { "key_size", "key_size" } };

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		const char *hit = lade_search(at, (size_t)(end - at), words[i].word, strlen(words[i].word));
		if (!hit)
			continue;
		hit += strlen(words[i].word);
		while (hit < end && strchr(" ,=\t", *hit))
			hit++;
		if (hit < end && !(*hit == '0' && (hit + 1 == end || !strchr("xX123456789", hit[1]))))
			return words[i].shown;
	}
	return NULL;
}

static bool is_named(const char *at, const char *end, const char *map)
{
	const size_t length = strlen(map);

	for (; length && (at = lade_search(at, (size_t)(end - at), map, length)); at++) {
		bool goes_on = at + length < end && lade_is_of_name(at[length]);
		if (!lade_is_of_name(at[-1]) && (!goes_on || length == KERNEL_NAME))
			return true;
	}
	return false;
}

/* Around the type's name: from the bracket before it to the one behind, and the map's name next to either. */
static bool find_definition(const struct span *text, const char *type, const char *map, struct span *ret_inside)
{
	const char *end = text->text + text->length;
	const size_t before = (size_t)(type - text->text);
	const size_t least = before < DEFINITION ? before : DEFINITION;
	const char *open = memrchr(type - least, '{', least), *head;
	const char *limit = (size_t)(end - type) > DEFINITION ? type + DEFINITION : end;
	const char *close = memchr(type, '}', (size_t)(limit - type)), *stop;

	if (!open || !close)
		return false;
	stop = memchr(close, '\n', (size_t)(end - close));
	stop = stop ? stop : end;
	head = open > text->text ? memrchr(text->text, '\n', (size_t)(open - text->text)) : NULL;
	if (!is_named(close + 1, stop, map) && !(head && is_named(head + 1, open, map)))
		return false;
	*ret_inside = (struct span){ open, (size_t)(close - open) };
	return true;
}

static void blame_member(struct lade_finding *finding, const char *word, size_t line)
{
	finding_cause(finding,
		      "the map is a ring buffer, and its definition gives it a size of key or value (%s, near "
		      "line %zu): a ring buffer has neither (both sizes must be 0), and the kernel refuses it",
		      word, line);
	finding_fix(finding, "take __type(key, …), __type(value, …), key_size and value_size out of the "
			     "ring buffer's definition: only type and max_entries stay; the record's type "
			     "stays known by const struct NAME *unused __attribute__((unused));");
}

static void blame_no_entries(struct lade_finding *finding, size_t line, bool is_of_user)
{
	finding_cause(finding,
		      "the map is a ring buffer, and its definition (near line %zu) has no max_entries, which is its "
		      "size in bytes: unless the loader sets one before the load, it is 0, and the kernel refuses it; "
		      "or the kernel is older than the type (%s)",
		      line, is_of_user ? "a user ring buffer came with 6.1" : "ring buffers came with 5.8");
	finding_fix(finding,
		    "__uint(max_entries, 256 * 1024); in the definition, a power of two of whole pages; or "
		    "bpf_map__set_max_entries() between open and load, as the selftests do; uname -r: %s or later",
		    is_of_user ? "6.1" : "5.8");
}

static bool judge_definition(struct explained *item, const struct span *inside, size_t line)
{
	static const char entries[] = "max_entries", of_user[] = "USER_RINGBUF";
	const char *word = sized(inside->text, inside->text + inside->length);

	if (!word && lade_search(inside->text, inside->length, entries, strlen(entries)))
		return false;
	if (word)
		blame_member(item->finding, word, line);
	else
		blame_no_entries(item->finding, line,
				 lade_search(inside->text, inside->length, of_user, strlen(of_user)) != NULL);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
	return true;
}

static bool look_at_definition(const struct span *text, struct explained *item)
{
	struct mention line = { .next = text->text };
	struct span inside;

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "RINGBUF", &line); mentions++)
		if (find_definition(text, lade_in_mention(&line, "RINGBUF"), item->finding->map, &inside) &&
		    judge_definition(item, &inside, line.number))
			return true;
	return false;
}

/* ---- what the text speaks of ---- */

static bool speaks_of_rings(const struct span *text)
{
	static const char *const words[] = { "ringbuf", "RINGBUF", "RingBuf", "ring buffer", "Ring Buffer" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (lade_search_long(text->text, text->length, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Of a map whose name tells nothing: what a ring buffer wants first, if it is one, and of the others what is usual. */
static void suggest_ring(struct lade_finding *finding)
{
	finding_cause(
		finding,
		"the kernel does not take the map as it is described. The text speaks of a ring buffer; if this "
		"map is one: the kernel is older than 5.8 (6.1 for a user ring buffer), or max_entries is missing, "
		"no power of two or no whole number of pages, or the definition gives it a size of key or value, "
		"of which a ring buffer has none. Of other types: a type or flag that this kernel does not know, "
		"or sizes that it does not allow");
	finding_fix(finding, "uname -r; __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 256 * 1024); and "
			     "nothing else in the definition; before 5.8 a perf buffer in its place");
}

/* The cause that failures.csv has for any map. */
static bool is_of_any_map(const struct explained *item)
{
	static const char start[] = "the kernel does not take the map as it is described";

	return item->finding->confidence == LADE_POSSIBLE && item->finding->cause &&
	       strncmp(item->finding->cause, start, strlen(start)) == 0;
}

void lade_explanation_ring_buffer(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_joined = false;
	unsigned looked = 0;

	for (size_t i = 0; i < explanation->items.count; i++) {
		struct explained *item = &explanation->items.items[i];
		uint64_t sizes[2];
		if (!is_definition(item))
			continue;
		if (take_sizes(item, sizes)) {
			blame_sizes(item->finding, sizes[0], sizes[1]);
			item->is_settled = true;
			is_joined |= join(explanation, i);
		} else if (item->errnum == EINVAL && item->finding->map && looked++ < ITEMS_MAX) {
			if (!look_at_definition(&span, item) && is_of_any_map(item) && speaks_of_rings(&span))
				suggest_ring(item->finding);
		}
	}
	if (is_joined)
		lade_explanation_sort(explanation);
}
