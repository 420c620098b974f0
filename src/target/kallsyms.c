/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of a stripped kernel, from the table that /proc/kallsyms is printed from (CONFIG_KALLSYMS). Nothing says
 * where it lies, but its parts tell themselves: 256 words (tokens), their 256 offsets, and before them the number of
 * symbols and the names, each a length and so many numbers of tokens; the first character is the symbol's type.
 *
 * Among the tokens, digits and most letters stand for themselves, at the place that their code says.
 */
#include <ctype.h>
#include <endian.h>

#include "base/strbuf.h"
#include "target/parts.h"

#define TOKENS        ((size_t)256)
#define TOKENS_MOST   (TOKENS * 64u) /* bytes */
#define MARKED        256u
#define SYMBOLS_LEAST (MARKED + 1)
#define SYMBOLS_MOST  (4u << 20)
#define NAME_MOST     1024u       /* characters; the kernel's limit is 512 */
#define NAMES_BEFORE  (64u << 20) /* bytes before the tokens in which the names are looked for */
#define SAMPLE        64u         /* names that must look like some before all are read */
#define LONG_NAME     0x80u       /* a length of two bytes (since 6.1) */

struct kallsyms {
	const uint8_t *bytes;
	size_t size;
	bool big_endian;
	size_t tokens_at;
	const uint8_t *tokens[TOKENS];
	uint8_t token_length[TOKENS];
};

static uint32_t get_u32(const struct kallsyms *table, size_t at)
{
	uint32_t number;
	memcpy(&number, table->bytes + at, sizeof number);
	return table->big_endian ? be32toh(number) : le32toh(number);
}

static uint16_t get_u16(const struct kallsyms *table, size_t at)
{
	uint16_t number;
	memcpy(&number, table->bytes + at, sizeof number);
	return table->big_endian ? be16toh(number) : le16toh(number);
}

/* ---- tokens ---- */

/* From the start of the first one: all of them, and behind them their offsets. */
static bool read_tokens(struct kallsyms *table, size_t start)
{
	uint32_t offsets[TOKENS];
	size_t at = start;
	for (unsigned i = 0; i < TOKENS; i++) {
		const uint8_t *end = memchr(table->bytes + at, 0, table->size - at);
		size_t length = end ? (size_t)(end - table->bytes) - at : 0;
		if (!end || length > UINT8_MAX || at - start > TOKENS_MOST)
			return false;
		table->tokens[i] = table->bytes + at;
		table->token_length[i] = (uint8_t)length;
		offsets[i] = (uint32_t)(at - start);
		at += length + 1;
	}
	while (at < table->size && at % 4)
		at++;
	for (unsigned tries = 0; tries < 3; tries++, at += 4) {
		bool fits = at + TOKENS * sizeof(uint16_t) <= table->size;
		for (unsigned i = 0; i < TOKENS && fits; i++)
			fits = get_u16(table, at + i * sizeof(uint16_t)) == offsets[i];
		if (fits)
			return true;
	}
	return false;
}

/* Back over the 48 tokens before '0'. */
static size_t start_of_tokens(const struct kallsyms *table, size_t zero)
{
	unsigned ends = 0;
	size_t at = zero;
	while (at && zero - at < TOKENS_MOST) {
		at--;
		if (!table->bytes[at] && ends++ == '0')
			return at + 1;
	}
	return SIZE_MAX;
}

static bool find_tokens(struct kallsyms *table)
{
	static const char digits[] = "0\0"
				     "1\0"
				     "2\0"
				     "3\0"
				     "4\0"
				     "5\0"
				     "6\0"
				     "7\0"
				     "8\0"
				     "9";
	const uint8_t *at = table->bytes, *end = table->bytes + table->size;
	while ((at = memmem(at, (size_t)(end - at), digits, sizeof digits))) {
		size_t start = start_of_tokens(table, (size_t)(at - table->bytes));
		for (unsigned order = 0; order < 2 && start != SIZE_MAX; order++) {
			table->big_endian = order;
			table->tokens_at = start;
			if (read_tokens(table, start))
				return true;
		}
		at++;
	}
	return false;
}

/* ---- names ---- */

/* Appends the name at *at, and moves it to the next; false: it is none. */
static bool read_name(const struct kallsyms *table, size_t *at, char name[NAME_MOST], size_t *ret_length)
{
	size_t place = *at, filled = 0;
	if (place + 2 > table->tokens_at)
		return false;
	size_t length = table->bytes[place++];
	if (length & LONG_NAME)
		length = (length & (LONG_NAME - 1)) | (size_t)table->bytes[place++] << 7;
	if (length < 1 || length > NAME_MOST || length > table->tokens_at - place)
		return false;
	for (size_t i = 0; i < length; i++) {
		uint8_t token = table->bytes[place + i];
		if (filled + table->token_length[token] >= NAME_MOST)
			return false;
		memcpy(name + filled, table->tokens[token], table->token_length[token]);
		filled += table->token_length[token];
	}
	name[filled] = 0;
	*at = place + length;
	*ret_length = filled;
	return filled >= 2 && isalpha((unsigned char)name[0]);
}

/* Where the one of number MARKED begins, and where they end. */
static bool are_names(const struct kallsyms *table, size_t at, uint32_t count, size_t *ret_marked, size_t *ret_end)
{
	char name[NAME_MOST];
	size_t length;
	for (uint32_t i = 0; i < count; i++) {
		if (i == MARKED)
			*ret_marked = at;
		if (!read_name(table, &at, name, &length))
			return false;
		for (size_t j = 1; j < length && i < SAMPLE; j++)
			if (!isgraph((unsigned char)name[j]))
				return false;
	}
	*ret_end = at;
	return true;
}

/* Behind the names stands where each 256th begins, counted from the first: numbers of 4 bytes, or of 8 (before 4.20).
 */
static bool has_marks(const struct kallsyms *table, size_t names, size_t marked, size_t end)
{
	for (size_t at = (end + 3) / 4 * 4; at <= end + 8 && at + 16 <= table->size; at += 4) {
		bool is_long = !get_u32(table, at + 4);
		size_t second = is_long ? at + 8 + (table->big_endian ? 4 : 0) : at + 4;
		if (!get_u32(table, at) && get_u32(table, second) == marked - names)
			return true;
	}
	return false;
}

/* The number of symbols lies before the names, and is rounded up to an address in some kernels. */
static bool names_at(const struct kallsyms *table, size_t at, uint32_t *ret_count, size_t *ret_names)
{
	uint32_t count = get_u32(table, at);
	if (count < SYMBOLS_LEAST || count > SYMBOLS_MOST || count > (table->tokens_at - at) / 2)
		return false;
	for (size_t names = at + 4; names <= at + 8; names += 4) {
		if (names == at + 8 && get_u32(table, at + 4))
			break;
		size_t marked = 0, end = 0;
		if (are_names(table, names, SAMPLE, &marked, &end) && are_names(table, names, count, &marked, &end) &&
		    has_marks(table, names, marked, end)) {
			*ret_count = count;
			*ret_names = names;
			return true;
		}
	}
	return false;
}

static bool find_names(const struct kallsyms *table, uint32_t *ret_count, size_t *ret_names)
{
	size_t first = table->tokens_at > NAMES_BEFORE ? table->tokens_at - NAMES_BEFORE : 0;
	first += (table->tokens_at - first) % 4;
	for (size_t at = table->tokens_at; at >= first + 4;) {
		at -= 4;
		if (at + 16 < table->tokens_at && names_at(table, at, ret_count, ret_names))
			return true;
	}
	return false;
}

static int gather(const struct kallsyms *table, uint32_t count, size_t at, struct kernel_parts *parts)
{
	struct strbuf names = { 0 };
	char name[NAME_MOST];
	size_t length;
	for (uint32_t i = 0; i < count && names.length < LADE_SYMBOLS_MOST; i++)
		if (read_name(table, &at, name, &length))
			lade_strbuf_add_bytes(&names, name + 1, length); /* without its type, with its end */
	int result = names.failed ? -ENOMEM : lade_target_blob_copy(names.text, names.length, &parts->symbols);
	lade_strbuf_clear(&names);
	return result;
}

int lade_image_kallsyms(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts)
{
	CLEANUP(cleanup_free) struct kallsyms *table = calloc(1, sizeof *table);
	uint32_t count;
	size_t names;
	if (!table)
		return -ENOMEM;
	table->bytes = bytes;
	table->size = size;
	if (!find_tokens(table) || !find_names(table, &count, &names))
		return 0;
	parts->symbols_from = strdup(file);
	return parts->symbols_from ? gather(table, count, names, parts) : -ENOMEM;
}
