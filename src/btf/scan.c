/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The strings are walked 64 bytes a step. A step tells which of the strings that start there can be wanted names, by
 * their first bytes: nearly none. Only of those the end is sought.
 */
#include <errno.h>
#include <stdlib.h>

#include "btf/scan.h"
#include "btf/scan_step.h"

#define SLOTS 256u /* by the first bytes */
#define ROOM  512u /* candidates at a time */

struct wanted {
	const char *name;
	size_t length;
	uint32_t tail; /* its last bytes: many names start alike */
	uint16_t next; /* in the same slot: its number, plus 1 */
};

struct lade_scan {
	struct lade_sieve sieve;
	struct wanted *wanted;
	size_t count;
	uint16_t slots[SLOTS]; /* number of a name, plus 1 */
	uint16_t shorter;      /* than what a slot is chosen by */
};

/* Three underscores in a row among eight characters? */
static inline bool has_three(const char *eight)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f), underscores = UINT64_C(0x5f5f5f5f5f5f5f5f);
	uint64_t word;
	memcpy(&word, eight, sizeof word);
	word ^= underscores;
	word = ~(((word & low) + low) | word | low); /* 0x80 for each */
	return word & word << 8 & word << 16;
}

/* The last step overlaps the one before; each overlaps the next by two. */
static bool may_have_flavour(const char *name, size_t length)
{
	if (length < 8)
		return length >= 5;
	for (size_t at = 0; at + 8 < length; at += 6)
		if (has_three(name + at))
			return true;
	return has_three(name + length - 8);
}

size_t lade_btf_essential_length(const char *name, size_t length)
{
	if (!may_have_flavour(name, length))
		return length;
	for (size_t i = length; i >= 5; i--) {
		const char *at = name + i - 5;
		if (at[0] != '_' && at[1] == '_' && at[2] == '_' && at[3] == '_' && at[4] != '_')
			return i - 4;
	}
	return length;
}

static inline uint32_t slot_of(const char *name)
{
	const uint8_t *first = (const uint8_t *)name;
	return (first[0] * 31u + first[1] * 7u + first[2]) % SLOTS;
}

static inline uint32_t tail_of(const char *name, size_t length)
{
	uint32_t tail = 0;
	if (length >= sizeof tail)
		memcpy(&tail, name + length - sizeof tail, sizeof tail);
	return tail;
}

struct lade_scan *lade_scan_new(size_t most)
{
	CLEANUP(cleanup_lade_scan) struct lade_scan *scan = calloc(1, sizeof *scan);
	if (scan)
		scan->wanted = calloc(most ? most : 1, sizeof *scan->wanted);
	return scan && scan->wanted ? TAKE(scan) : NULL;
}

struct lade_scan *lade_scan_free(struct lade_scan *scan)
{
	if (!scan)
		return NULL;
	free(scan->wanted);
	free(scan);
	return NULL;
}

/* A short name stands alone, and then a zero byte follows; or with a flavour. */
static void add_first(struct lade_scan *scan, const char *name, size_t length, bool flavoured)
{
	int first[SCAN_FIRST];
	for (size_t i = 0; i < SCAN_FIRST; i++)
		first[i] = i < length ? (uint8_t)name[i] : flavoured ? '_' : i == length ? 0 : -1;
	lade_sieve_add(&scan->sieve, first);
}

void lade_scan_add(struct lade_scan *scan, const char *name, size_t length)
{
	struct wanted *wanted = &scan->wanted[scan->count++];
	uint16_t *chain = length < SCAN_FIRST ? &scan->shorter : &scan->slots[slot_of(name)];
	*wanted = (struct wanted){ name, length, tail_of(name, length), *chain };
	if (!length)
		return;
	*chain = (uint16_t)scan->count;
	add_first(scan, name, length, false);
	if (length < SCAN_FIRST)
		add_first(scan, name, length, true);
}

/* What a run carries along. */
struct run {
	const struct lade_scan *scan;
	lade_scan_fn *found;
	void *context;
	lade_step_fn *step;
	const char *window;
	size_t complete;        /* bytes of the window up to the end of the last string that ends in it */
	uint32_t window_offset; /* of the window's first byte, as types name it */
};

/* Is the string that starts here this name, or a flavour of it? All strings up to `complete` end there. */
static inline bool is_wanted(const struct run *run, size_t start, const struct wanted *wanted)
{
	const char *string = run->window + start;
	if (wanted->length >= run->complete - start || tail_of(string, wanted->length) != wanted->tail)
		return false;
	char next = string[wanted->length];
	return (!next || next == '_') && memcmp(string, wanted->name, wanted->length) == 0 &&
	       lade_btf_essential_length(string, strlen(string)) == wanted->length;
}

static int examine_chain(const struct run *run, size_t start, uint16_t number)
{
	for (const struct wanted *wanted; number; number = wanted->next) {
		wanted = &run->scan->wanted[number - 1];
		if (!is_wanted(run, start, wanted))
			continue;
		int result = run->found(run->context, number - 1u, run->window_offset + (uint32_t)start);
		if (result)
			return result;
	}
	return 0;
}

static int examine(const struct run *run, size_t start)
{
	uint16_t chain = 0;
	if (run->complete - start > SCAN_FIRST)
		chain = run->scan->slots[slot_of(run->window + start)];
	int result = chain ? examine_chain(run, start, chain) : 0;
	if (!result && run->scan->shorter)
		result = examine_chain(run, start, run->scan->shorter);
	return result;
}

/* The window starts with a string, or is_inside one that began before it and is longer than any name. */
static int scan_window(const struct run *run, bool is_inside)
{
	uint32_t found[ROOM];
	size_t at = 0;
	int result = is_inside || !run->complete ? 0 : examine(run, 0);
	while (at + SCAN_AHEAD <= run->complete && !result) {
		size_t count = run->step(&run->scan->sieve, run->window, &at, run->complete, found, ROOM);
		for (size_t i = 0; i < count && !result; i++)
			result = examine(run, found[i] + 1);
	}
	for (; at + 1 < run->complete && !result; at++)
		if (!run->window[at])
			result = examine(run, at + 1);
	return result;
}

int lade_scan_run(const struct lade_scan *scan, const struct lade_btf *btf, lade_scan_fn *found, void *context,
		  struct lade_error **error)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	struct run run = { .scan = scan, .found = found, .context = context, .step = lade_step_choose() };
	bool is_inside = false;
	int result = 0;
	uint64_t length = 0;
	lade_btf_expect_much(btf);
	lade_bytes_touch(&lazy->bytes, lazy->strings_at, btf->strings_length);
	for (uint64_t at = 0; at < btf->strings_length && !result;) {
		run.window = (const char *)lade_bytes_window(&lazy->bytes, lazy->strings_at + at,
							     lazy->strings_at + btf->strings_length, &length, &result);
		if (!run.window) {
			result = lade_fail(error, -result, "btf.kernel.file", "%s: cannot be read: %s", lazy->file,
					   strerror(-result));
			break;
		}
		const char *last = memrchr(run.window, 0, length);
		run.complete = last ? (size_t)(last - run.window) + 1 : 0;
		run.window_offset = btf->first_string + (uint32_t)at;
		result = scan_window(&run, is_inside);
		/* A string that does not end here is read again, from its start on; or passed over, if it fills all. */
		is_inside = !last;
		at += last ? run.complete : length;
	}
	lade_bytes_relax(&lazy->bytes);
	return result;
}
