/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AT&T syntax, of x86-64 and i386:
 *
 *     $7    %eax    8(%rbp)    (%rax)    -4(%rax,%rbx,8)    (,%rcx,4)    counter(%rip)    counter+4(%rip)
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "symbols/table.h"
#include "symbols/usdt_operand.h"

/* In struct pt_regs of a 64-bit kernel, which is what a program sees of a 32-bit process too. */
static const struct {
	const char *names[4]; /* 8, 4, 2 and 1 bytes */
	uint16_t offset;
} registers[] = {
	{ { "r15", "r15d", "r15w", "r15b" }, 0 },  { { "r14", "r14d", "r14w", "r14b" }, 8 },
	{ { "r13", "r13d", "r13w", "r13b" }, 16 }, { { "r12", "r12d", "r12w", "r12b" }, 24 },
	{ { "rbp", "ebp", "bp", "bpl" }, 32 },     { { "rbx", "ebx", "bx", "bl" }, 40 },
	{ { "r11", "r11d", "r11w", "r11b" }, 48 }, { { "r10", "r10d", "r10w", "r10b" }, 56 },
	{ { "r9", "r9d", "r9w", "r9b" }, 64 },     { { "r8", "r8d", "r8w", "r8b" }, 72 },
	{ { "rax", "eax", "ax", "al" }, 80 },      { { "rcx", "ecx", "cx", "cl" }, 88 },
	{ { "rdx", "edx", "dx", "dl" }, 96 },      { { "rsi", "esi", "si", "sil" }, 104 },
	{ { "rdi", "edi", "di", "dil" }, 112 },    { { "rip", "eip", NULL, NULL }, 128 },
	{ { "rsp", "esp", "sp", "spl" }, 152 },
};
#define RIP 128u

/* "%eax": 0; -ENOENT: a register that struct pt_regs does not have (%xmm0, %ah); -EINVAL: none at all. */
static int read_register(struct operand_text *text, uint16_t *ret_offset)
{
	if (!lade_operand_take(text, '%'))
		return -EINVAL;
	const char *name = text->at;
	while (isalnum((unsigned char)*text->at))
		text->at++;
	size_t length = (size_t)(text->at - name);
	for (size_t i = 0; i < ELEMENTS(registers); i++)
		for (size_t j = 0; j < 4; j++) {
			const char *known = registers[i].names[j];
			if (!known || strlen(known) != length || strncmp(known, name, length) != 0)
				continue;
			*ret_offset = registers[i].offset;
			return 0;
		}
	return length ? -ENOENT : -EINVAL;
}

/* ---- names ---- */

struct name_search {
	const char *name;
	size_t length;
	uint64_t address;
	unsigned found;
};

static void match_name(void *userdata, const struct user_symbol *symbol)
{
	struct name_search *search = userdata;

	if (!symbol->is_defined || symbol->name_length != search->length ||
	    memcmp(symbol->name, search->name, search->length) != 0)
		return;
	if (!search->found || search->address != symbol->address)
		search->found++;
	search->address = symbol->address;
}

static bool is_name_part(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_' || letter == '.' || letter == '$';
}

/* The address of the only symbol of this name. 0, -ENOENT, -ENOMEM. */
static int read_name(struct operand_text *text, uint64_t *ret_address)
{
	struct name_search search = { .name = text->at };

	while (is_name_part(*text->at))
		text->at++;
	search.length = (size_t)(text->at - search.name);
	int result = lade_symbols_walk(text->binary, SHT_SYMTAB, match_name, &search);
	if (result == 0 && !search.found)
		result = lade_symbols_walk(text->binary, SHT_DYNSYM, match_name, &search);
	*ret_address = search.address;
	return result < 0 ? result : search.found == 1 ? 0 : -ENOENT;
}

/* ---- memory ---- */

struct memory {
	uint64_t name_address;
	bool has_name, has_base, has_index, is_known;
};

/* "NAME+4", "-4", or nothing */
static int read_displacement(struct operand_text *text, struct memory *memory, int64_t *ret_value)
{
	int64_t value = 0;

	memory->has_name = is_name_part(*text->at) && !isdigit((unsigned char)*text->at);
	if (memory->has_name) {
		int result = read_name(text, &memory->name_address);
		if (result == -ENOMEM)
			return result;
		memory->is_known &= result == 0;
	}
	/* "-8+4(%rsp)" is what some compilers leave to the assembler. */
	for (int64_t part; lade_operand_number(text, &part);)
		if (__builtin_add_overflow(value, part, &value))
			return -EINVAL;
	*ret_value = value;
	return 0;
}

static int take_register(struct operand_text *text, struct memory *memory, uint16_t *ret_offset)
{
	int result = read_register(text, ret_offset);

	memory->is_known &= result == 0;
	return result == -ENOENT ? 0 : result;
}

/* "(%base,%index,scale)", after the parenthesis */
static int read_registers(struct operand_text *text, struct memory *memory, struct usdt_argument *argument)
{
	int64_t scale = 1;
	int result = 0;

	memory->has_base = *text->at == '%';
	if (memory->has_base)
		result = take_register(text, memory, &argument->base);
	memory->has_index = result == 0 && lade_operand_take(text, ',');
	if (memory->has_index)
		result = take_register(text, memory, &argument->index);
	if (memory->has_index && result == 0 && lade_operand_take(text, ',') && !lade_operand_number(text, &scale))
		return -EINVAL;
	if (result < 0 || !(memory->has_base || memory->has_index) || !lade_operand_take(text, ')') ||
	    (scale != 1 && scale != 2 && scale != 4 && scale != 8))
		return -EINVAL;
	argument->shift = (uint8_t)__builtin_ctzll((uint64_t)scale);
	return 0;
}

static enum usdt_argument_kind kind_of(const struct memory *memory, const struct usdt_argument *argument)
{
	if (!memory->is_known || (!memory->has_base && !memory->has_index))
		return USDT_UNREADABLE; /* an address alone: the program does not know where it was loaded */
	if (memory->has_name && (argument->base != RIP || memory->has_index))
		return USDT_UNREADABLE;
	if (!memory->has_base)
		return USDT_UNREADABLE;
	return memory->has_index ? USDT_INDEXED : USDT_MEMORY;
}

static int read_memory(struct operand_text *text, struct usdt_argument *argument)
{
	struct memory memory = { .is_known = true };
	int result = read_displacement(text, &memory, &argument->value);

	if (result == 0 && lade_operand_take(text, '('))
		result = read_registers(text, &memory, argument);
	else if (result == 0 && !memory.has_name && text->at[-1] == '@')
		result = -EINVAL; /* nothing at all */
	if (result < 0)
		return result;
	argument->kind = kind_of(&memory, argument);
	/* The breakpoint is at the probe: from there it is as far to the variable in every process. */
	if (memory.has_name && argument->kind == USDT_MEMORY)
		argument->value += (int64_t)(memory.name_address - text->address);
	return 0;
}

int lade_usdt_operand_x86(struct operand_text *text, struct usdt_argument *argument)
{
	if (lade_operand_take(text, '$')) {
		argument->kind = USDT_CONSTANT;
		if (lade_operand_number(text, &argument->value))
			return 0;
		argument->kind = USDT_UNREADABLE; /* the address of something */
		lade_operand_skip(text);
		return 0;
	}
	if (*text->at != '%')
		return read_memory(text, argument);
	int result = read_register(text, &argument->base);
	argument->kind = result == 0 ? USDT_REGISTER : USDT_UNREADABLE;
	return result == -EINVAL ? result : 0;
}
