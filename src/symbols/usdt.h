/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * USDT probes ("user statically defined tracing"): a no-op in the code and a note of the owner "stapsdt" that says
 * where it is and where its arguments are at that moment.
 */
#ifndef LADE_SYMBOLS_USDT_H
#define LADE_SYMBOLS_USDT_H

#include "symbols/binary.h"

struct usdt_location {
	uint64_t address;   /* of the no-op, corrected for prelinking */
	uint64_t offset;    /* … in the file */
	uint64_t semaphore; /* offset in the file of a 16-bit counter of who is interested; 0: none */
	char *arguments;    /* "-4@%eax 8@-24(%rbp)" */
};
struct usdt_locations {
	struct usdt_location *items; /* by offset, each offset once */
	size_t count, capacity;
};

/*
 * All places of one probe: an inlined function has several. The binary stays the caller's. Findings:
 * attach.usdt.missing with near names and what the file has, attach.usdt.note.
 */
int lade_usdt_find(struct lade_binary *binary, const char *provider, const char *name,
		   struct usdt_locations *ret_locations, struct lade_error **error);
void lade_usdt_locations_clear(struct usdt_locations *locations);

/* ---- what a note says of one argument ---- */

enum usdt_argument_kind {
	USDT_CONSTANT,   /* value */
	USDT_REGISTER,   /* what is in `base` */
	USDT_MEMORY,     /* what lies at base + value */
	USDT_INDEXED,    /* what lies at base + (index << shift) + value */
	USDT_UNREADABLE, /* a program cannot get at it: floating point, a register that it does not see … */
};

struct usdt_argument {
	enum usdt_argument_kind kind;
	unsigned bytes; /* 1, 2, 4 or 8 */
	bool is_signed;
	uint16_t base, index; /* offsets in struct pt_regs */
	uint8_t shift;
	int64_t value;
	char *text; /* as the note has it */
};

#define USDT_MOST_ARGUMENTS 12
struct usdt_arguments {
	struct usdt_argument items[USDT_MOST_ARGUMENTS];
	size_t count;
	size_t left_out; /* beyond the twelve that can be had */
};

/*
 * The argument string of a probe at `address`, in the assembler's spelling of the binary's machine: x86-64, i386 and
 * arm64. -EINVAL: not of the form SIZE@OPERAND; -ENOMEM; -EOPNOTSUPP: another machine.
 */
int lade_usdt_arguments(struct lade_binary *binary, uint64_t address, const char *text,
			struct usdt_arguments *ret_arguments);
void lade_usdt_arguments_clear(struct usdt_arguments *arguments);

#endif
