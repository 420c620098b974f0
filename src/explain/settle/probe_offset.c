/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "kprobe:vfs_read+1000000": the kernel answers to a place outside of the function, or within an instruction, what it
 * answers to a function that must not be probed.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_NEAR 3 /* behind the failure, in which its place may be named */
#define ITEMS_MAX  8 /* for which the text is searched */
#define NAME_BYTES 128
#define FAR        0x20000UL /* longer than functions of the kernel are */

struct place {
	char name[NAME_BYTES];
	unsigned long offset;
};

static bool is_of_name(char byte)
{
	return lade_is_letter(byte) || lade_is_digit(byte) || byte == '_' || byte == '.';
}

/* "vfs_read+0x10" at the beginning; an offset of 0 is none. */
static bool take_place(const char *at, const char *end, struct place *ret_place)
{
	char digits[24];
	size_t length = 0, used = 0;

	while (at + length < end && is_of_name(at[length]))
		length++;
	if (!length || length >= NAME_BYTES || end - at - (ptrdiff_t)length < 2 || at[length] != '+')
		return false;
	for (const char *digit = at + length + 1;
	     digit < end && (isxdigit((unsigned char)*digit) || *digit == 'x') && used < sizeof digits - 1; digit++)
		digits[used++] = *digit;
	digits[used] = '\0';
	ret_place->offset = strtoul(digits, NULL, 0);
	(void)snprintf(ret_place->name, NAME_BYTES, "%.*s", (int)length, at);
	return ret_place->offset > 0;
}

/* bpftrace's, libbpf's, bcc's, cilium/ebpf's words before a place. */
static bool find_in_line(const struct span *line, struct place *ret_place)
{
	static const char *const marks[] = { "kprobe:", "kprobe '", "kprobe b'", "probe_event for '",
					     "fallback for \"" };
	const char *end = line->text + line->length;

	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = lade_search(line->text, line->length, marks[i], strlen(marks[i]));
		if (at && take_place(at + strlen(marks[i]), end, ret_place))
			return true;
	}
	return false;
}

/* In its own line, or right behind it. */
static bool find_place(const struct span *text, const struct explained *item, struct place *ret_place)
{
	struct mention line;

	for (bool is_there = lade_line_at(text, item->first_line, &line);
	     is_there && line.number <= item->first_line + LINES_NEAR; is_there = lade_next_line(text, &line))
		if (find_in_line(&line.text, ret_place))
			return true;
	return false;
}

static void blame(struct explained *item, const struct place *place)
{
	const bool is_far = place->offset >= FAR;

	lade_drop_others(&item->finding->evidence, NULL);
	finding_cause(item->finding,
		      "the probe is to stand %lu bytes behind the begin of %s: that is %s. The kernel takes a place "
		      "within the function and at the first byte of an instruction only",
		      place->offset, place->name,
		      is_far ? "outside of the function, as none is so long"
			     : "not within the function or not where an instruction begins, or the function must "
			       "not be probed at all (notrace, __kprobes)");
	finding_fix(item->finding,
		    "%s without an offset, or one that this kernel has there: gdb -batch -ex 'disassemble %s' "
		    "/proc/kcore or objdump -d vmlinux --disassemble=%s lists the instructions with their offsets, "
		    "which every build changes",
		    place->name, place->name, place->name);
	finding_confidence(item->finding, is_far ? LADE_LIKELY : LADE_POSSIBLE);
	item->is_settled = true;
}

static bool is_refused(const struct explained *item)
{
	return item->finding && item->finding->confidence != LADE_CERTAIN && !item->is_settled &&
	       (item->role == LADE_EXPLAINED_ERROR || item->role == LADE_EXPLAINED_CONSEQUENCE) &&
	       (strcmp(item->finding->code, "attach.function.untraceable") == 0 ||
		strcmp(item->finding->code, "attach.function.missing") == 0) &&
	       (!item->errnum || item->errnum == EINVAL || item->errnum == EILSEQ);
}

void lade_explanation_probe_offset(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		struct place place;
		if (is_refused(item) && looked++ < ITEMS_MAX && find_place(&span, item, &place))
			blame(item, &place);
	}
}
