/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments are separated by spaces; each is SIZE@OPERAND:
 *
 *     -4@%eax    8@-24(%rbp)    4@$7    -4@[sp, 12]    8f@%xmm0
 *
 * SIZE counts bytes, is negative for signed numbers, and an f follows it for floating point.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/usdt_operand.h"

typedef int operand_fn(struct operand_text *text, struct usdt_argument *argument);

bool lade_operand_take(struct operand_text *text, char wanted)
{
	if (*text->at != wanted)
		return false;
	text->at++;
	return true;
}

void lade_operand_skip_spaces(struct operand_text *text)
{
	while (*text->at == ' ')
		text->at++;
}

void lade_operand_skip(struct operand_text *text)
{
	text->at += strcspn(text->at, " ");
}

bool lade_operand_number(struct operand_text *text, int64_t *ret_value)
{
	const char *digits = text->at + (*text->at == '-' || *text->at == '+');
	char *end;

	if (!isdigit((unsigned char)*digits))
		return false;
	/* A number beyond a word is not checked for: what is above is cut, as the assembler does. */
	uint64_t value = strtoull(digits, &end, 0);
	*ret_value = (int64_t)(*text->at == '-' ? 0 - value : value);
	text->at = end;
	return true;
}

static operand_fn *operand_of(const struct lade_binary *binary)
{
	if (binary->machine == EM_AARCH64)
		return lade_usdt_operand_arm64;
	return binary->machine == EM_X86_64 || binary->machine == EM_386 ? lade_usdt_operand_x86 : NULL;
}

/* "-4@": how wide it is. */
static bool read_size(struct operand_text *text, struct usdt_argument *argument, bool *ret_is_float)
{
	int64_t size;

	if (!lade_operand_number(text, &size))
		return false;
	*ret_is_float = lade_operand_take(text, 'f');
	argument->is_signed = size < 0;
	size = size < 0 ? -size : size;
	argument->bytes = (unsigned)size;
	return (size == 1 || size == 2 || size == 4 || size == 8) && lade_operand_take(text, '@');
}

static int read_argument(struct operand_text *text, operand_fn *operand, struct usdt_argument *argument)
{
	const char *start = text->at;
	bool is_float = false;

	if (!read_size(text, argument, &is_float))
		return -EINVAL;
	int result = operand(text, argument);
	if (result < 0)
		return result;
	if (*text->at && *text->at != ' ')
		return -EINVAL;
	/* Its bits could be had where it lies in memory. */
	if (is_float && argument->kind == USDT_REGISTER)
		argument->kind = USDT_UNREADABLE;
	argument->text = strndup(start, (size_t)(text->at - start));
	return argument->text ? 0 : -ENOMEM;
}

static int read_all(struct operand_text *text, struct usdt_arguments *arguments)
{
	operand_fn *operand = operand_of(text->binary);

	if (!operand)
		return -EOPNOTSUPP;
	for (lade_operand_skip_spaces(text); *text->at; lade_operand_skip_spaces(text)) {
		struct usdt_argument argument = { 0 };
		if (arguments->count == USDT_MOST_ARGUMENTS)
			break;
		int result = read_argument(text, operand, &argument);
		if (result < 0)
			return result;
		arguments->items[arguments->count++] = argument;
	}
	for (const char *at = text->at; (at = strchr(at, '@')); at++)
		arguments->left_out++;
	return 0;
}

int lade_usdt_arguments(struct lade_binary *binary, uint64_t address, const char *text,
			struct usdt_arguments *ret_arguments)
{
	struct operand_text operands = { text, binary, address };
	struct usdt_arguments arguments = { 0 };
	int result = read_all(&operands, &arguments);

	if (result == 0)
		*ret_arguments = arguments;
	else
		lade_usdt_arguments_clear(&arguments);
	return result;
}

void lade_usdt_arguments_clear(struct usdt_arguments *arguments)
{
	for (size_t i = 0; i < arguments->count; i++)
		free(arguments->items[i].text);
	arguments->count = arguments->left_out = 0;
}
