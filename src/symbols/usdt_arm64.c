/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arm64:
 *
 *     7    x5    w5    sp    [x5]    [x5, 16]    [sp, #16]    [x1, x2]    [x1, x2, lsl 3]    [x1, w2, sxtw 3]
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "symbols/usdt_operand.h"

#define STACK_POINTER 248u

/* In struct user_pt_regs. 0; -ENOENT: a register that is not there (d0, xzr); -EINVAL: none at all. */
static int read_register(struct operand_text *text, uint16_t *ret_offset, bool *ret_is_word)
{
	const char *name = text->at;

	while (isalnum((unsigned char)*text->at))
		text->at++;
	size_t length = (size_t)(text->at - name);
	if (!length || isdigit((unsigned char)*name))
		return -EINVAL;
	*ret_is_word = *name == 'w';
	if (length == 2 && strncmp(name, "sp", 2) == 0) {
		*ret_offset = STACK_POINTER;
		return 0;
	}
	if ((*name != 'x' && *name != 'w') || length > 3 || length < 2 || !isdigit((unsigned char)name[1]))
		return -ENOENT;
	unsigned number = (unsigned)(name[1] - '0');
	if (length == 3 && !isdigit((unsigned char)name[2]))
		return -ENOENT;
	number = length == 3 ? number * 10 + (unsigned)(name[2] - '0') : number;
	*ret_offset = (uint16_t)(number * 8);
	return number <= 30 ? 0 : -ENOENT;
}

static bool read_immediate(struct operand_text *text, int64_t *ret_value)
{
	(void)lade_operand_take(text, '#');
	return lade_operand_number(text, ret_value);
}

/* ", lsl 3": 0; -ENOENT: another change of the index. */
static int read_shift(struct operand_text *text, struct usdt_argument *argument)
{
	int64_t shift = 0;
	bool is_shift = strncmp(text->at, "lsl", 3) == 0;

	while (isalpha((unsigned char)*text->at))
		text->at++;
	lade_operand_skip_spaces(text);
	if (!read_immediate(text, &shift))
		return is_shift ? -EINVAL : -ENOENT; /* "uxtw" alone */
	argument->shift = (uint8_t)(shift & 15);
	return is_shift && shift >= 0 && shift <= 4 ? 0 : -ENOENT;
}

/* What follows the comma in the brackets. */
static int read_second(struct operand_text *text, struct usdt_argument *argument)
{
	bool is_word;

	lade_operand_skip_spaces(text);
	if (read_immediate(text, &argument->value))
		return 0;
	int result = read_register(text, &argument->index, &is_word);
	if (result == -EINVAL)
		return result;
	argument->kind = result == 0 ? USDT_INDEXED : USDT_UNREADABLE;
	if (lade_operand_take(text, ',')) {
		lade_operand_skip_spaces(text);
		result = read_shift(text, argument);
	}
	/* Half a register is extended first, which the address that a program makes is not. */
	if (result == -ENOENT || is_word)
		argument->kind = USDT_UNREADABLE;
	return result == -EINVAL ? result : 0;
}

static int read_memory(struct operand_text *text, struct usdt_argument *argument)
{
	bool is_word;
	int result = read_register(text, &argument->base, &is_word);

	if (result == -EINVAL)
		return result;
	bool is_known = result == 0;
	argument->kind = USDT_MEMORY;
	result = lade_operand_take(text, ',') ? read_second(text, argument) : 0;
	if (!is_known)
		argument->kind = USDT_UNREADABLE;
	return result == 0 && lade_operand_take(text, ']') ? 0 : -EINVAL;
}

int lade_usdt_operand_arm64(struct operand_text *text, struct usdt_argument *argument)
{
	bool is_word;

	if (lade_operand_take(text, '['))
		return read_memory(text, argument);
	argument->kind = USDT_CONSTANT;
	if (read_immediate(text, &argument->value))
		return 0;
	int result = read_register(text, &argument->base, &is_word);
	argument->kind = result == 0 ? USDT_REGISTER : USDT_UNREADABLE;
	return result == -EINVAL ? result : 0;
}
