/* SPDX-License-Identifier: BSD-2-Clause */
/* One operand in the spelling of an assembler. */
#ifndef LADE_SYMBOLS_USDT_OPERAND_H
#define LADE_SYMBOLS_USDT_OPERAND_H

#include "symbols/usdt.h"

/* What is parsed, and where the operand's probe is: names and %rip are relative to it. */
struct operand_text {
	const char *at;
	struct lade_binary *binary;
	uint64_t address;
};

/*
 * Fills kind, base, index, shift, value and moves text->at behind the operand. 0; -EINVAL: not an operand of this
 * machine; -ENOMEM. What is one but cannot be read is USDT_UNREADABLE.
 */
int lade_usdt_operand_x86(struct operand_text *text, struct usdt_argument *argument);
int lade_usdt_operand_arm64(struct operand_text *text, struct usdt_argument *argument);

/* [+-]digits, 0x…; false: no number here. */
bool lade_operand_number(struct operand_text *text, int64_t *ret_value);
bool lade_operand_take(struct operand_text *text, char wanted);
void lade_operand_skip_spaces(struct operand_text *text);
/* To the end of the operand: a space, or the end. */
void lade_operand_skip(struct operand_text *text);

#endif
