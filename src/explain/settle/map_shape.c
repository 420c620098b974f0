/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "bpf map name NAME mismatch: desired/found:" of Android's loader, which compares the map that it has with the one
 * that it wants, also right after it was made: which of the pairs behind it differ tells whether a pin is in the way at
 * all.
 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES  (1U << 20)
#define ITEMS_MAX   16 /* for which the text is read again */
#define PAIRS_LINES 6  /* over which a logger may have spread them */

enum { TYPE, KEY, VALUE, ENTRIES, FLAGS, PAIRS };

static const char *const names[PAIRS] = { "type:", "key:", "value:", "entries:", "flags:" };

struct shape {
	unsigned long desired[PAIRS], found[PAIRS];
	unsigned differ; /* as bits */
	bool is_silent;  /* the kernel told nothing: all are -1 */
};

#define BIT(pair) (1U << (pair))

#define FLAG_RDONLY_PROG 0x80
#define TYPE_RINGBUF     27

/* Maps that packets are sent on by: DEVMAP, CPUMAP, XSKMAP, DEVMAP_HASH. Of others no kernel is known that does it. */
static const unsigned long redirect_types[] = { 14, 16, 17, 25 };

static bool is_of_redirect(unsigned long type)
{
	for (size_t i = 0; i < ELEMENTS(redirect_types); i++)
		if (redirect_types[i] == type)
			return true;
	return false;
}

/* "17/-1": a descriptor's answer that failed is negative. false: there is no such pair. */
static bool read_pair(const char *at, const char *end, unsigned long *ret_desired, unsigned long *ret_found)
{
	const char *slash;
	const size_t desired = lade_number_at(at, end);

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	slash = at;
	if (desired == SIZE_MAX || slash >= end || *slash != '/')
		return false;
	const bool is_negative = slash + 1 < end && slash[1] == '-';
	const size_t found = lade_number_at(slash + 1 + is_negative, end);
	*ret_desired = desired;
	*ret_found = is_negative ? UINT32_MAX : found;
	return found != SIZE_MAX;
}

/* From the line that names the map on. */
static bool read_shape(const struct span *text, size_t number, struct shape *ret_shape)
{
	struct mention line;
	unsigned have = 0, silent = 0;

	*ret_shape = (struct shape){ 0 };
	if (!lade_line_at(text, number, &line))
		return false;
	for (unsigned lines = 0; lines < PAIRS_LINES && have != BIT(PAIRS) - 1; lines++) {
		const char *end = line.text.text + line.text.length;
		for (unsigned i = 0; i < PAIRS; i++) {
			const char *at = lade_in_mention(&line, names[i]);
			unsigned long *desired = &ret_shape->desired[i], *found = &ret_shape->found[i];
			if (!at || !read_pair(at + strlen(names[i]), end, desired, found))
				continue;
			have |= BIT(i);
			silent |= *found == UINT32_MAX ? BIT(i) : 0;
			ret_shape->differ |= *desired != *found ? BIT(i) : 0;
		}
		if (!lade_next_line(text, &line))
			break;
	}
	ret_shape->is_silent = silent == BIT(PAIRS) - 1;
	return have == BIT(PAIRS) - 1;
}

static const struct {
	unsigned long bit;
	const char *name;
} flags[] = { { 0x1, "BPF_F_NO_PREALLOC" },   { 0x2, "BPF_F_NO_COMMON_LRU" }, { 0x4, "BPF_F_NUMA_NODE" },
	      { 0x8, "BPF_F_RDONLY" },        { 0x10, "BPF_F_WRONLY" },       { 0x80, "BPF_F_RDONLY_PROG" },
	      { 0x100, "BPF_F_WRONLY_PROG" }, { 0x400, "BPF_F_MMAPABLE" } };

static void add_flags(char *words, size_t size, const char *before, unsigned long bits)
{
	const char *between = before;

	for (size_t i = 0; i < ELEMENTS(flags); i++) {
		const size_t length = strlen(words);
		if (!(bits & flags[i].bit))
			continue;
		(void)snprintf(words + length, size - length, "%s%s", between, flags[i].name);
		between = ", ";
	}
}

static void blame_kernel_flag(struct lade_finding *finding, const struct shape *shape)
{
	finding_cause(
		finding,
		"only the flags differ: %lu were asked for, and the map has %lu. The kernel itself gives it "
		"BPF_F_RDONLY_PROG (128), as it does with DEVMAP and DEVMAP_HASH (types 14 and 25), for which the "
		"loader allows it; for type %lu it does not (an older loader for none). The loader compares right "
		"after it made the map, too: no pin of another object is needed for this",
		shape->desired[FLAGS], shape->found[FLAGS], shape->desired[TYPE]);
	finding_fix(finding, "the kernel, not the object: what makes maps of this type there sets the flag (in "
			     "mainline only kernel/bpf/devmap.c does; include/linux/bpf_types.h names the functions of "
			     "each type): take that change out, or a loader that allows the flag. Restart the device "
			     "first, where a pin of another object may be left");
}

static void blame_flags(struct lade_finding *finding, const struct shape *shape)
{
	const unsigned long desired = shape->desired[FLAGS], found = shape->found[FLAGS];
	char words[256] = "";

	if (found == (desired | FLAG_RDONLY_PROG) && desired != found && is_of_redirect(shape->desired[TYPE])) {
		blame_kernel_flag(finding, shape);
		return;
	}
	add_flags(words, sizeof words, "; it lacks ", desired & ~found);
	add_flags(words, sizeof words, "; it has besides ", found & ~desired);
	finding_cause(
		finding,
		"only the flags differ: %lu were asked for, and the map has %lu%s. It was made by another object or "
		"another build of it, or this kernel sets or drops flags by itself",
		desired, found, words);
	finding_fix(finding,
		    "restart the device (pins do not outlive that): if it is the same again, it is the kernel; "
		    "else the older object or the second one with a map of this name");
}

static void blame_entries(struct lade_finding *finding, const struct shape *shape)
{
	const bool is_ring = shape->desired[TYPE] == TYPE_RINGBUF;

	finding_cause(finding, "only the number of entries differs: %lu were asked for, and the map has %lu%s",
		      shape->desired[ENTRIES], shape->found[ENTRIES],
		      is_ring ? ". It is a ring buffer, whose size loaders round up to whole pages: this loader does "
				"not, or for another page size (4096, 16384), or an older object's is pinned"
			      : ": what is pinned was made by another build of the object, or with another size");
	finding_fix(finding,
		    is_ring ? "a size in the object that is a multiple of 16384 and a power of two; restart the "
			      "device, since pins do not outlive that"
			    : "restart the device (pins do not outlive that), or remove the old pin under "
			      "/sys/fs/bpf and run the loader again; one size for a map that objects share");
}

static void blame_silence(struct lade_finding *finding)
{
	finding_cause(finding,
		      "the kernel told nothing of the map (-1 of each): BPF_OBJ_GET_INFO_BY_FD is not there or "
		      "without these fields (a vendor's kernel with half of the backport), or a policy "
		      "refuses it. Whether the map is as it should be is not known");
	finding_fix(finding, "the whole of bpf(2) as in mainline 4.14 or newer (bpf_map_get_info_by_fd()); avc: denied "
			     "lines with tclass=bpf (map_read)");
}

static bool is_mismatch(const struct explained *item)
{
	return item->finding && item->line && strcmp(item->finding->code, "pin.map.differs") == 0 &&
	       strstr(item->line, "desired/found:");
}

static void settle(struct explained *item, const struct shape *shape)
{
	if (shape->is_silent)
		blame_silence(item->finding);
	else if (shape->differ == BIT(FLAGS))
		blame_flags(item->finding, shape);
	else if (shape->differ == BIT(ENTRIES))
		blame_entries(item->finding, shape);
	else
		return;
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_map_shape(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span begin = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	struct shape shape;
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		if (is_mismatch(item) && looked++ < ITEMS_MAX && read_shape(&begin, item->first_line, &shape))
			settle(item, &shape);
}
