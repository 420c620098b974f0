/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * .go.buildinfo:
 *
 *     0   "\xff Go buildinf:"
 *     14  bytes of a pointer
 *     15  bit 0: big-endian; bit 1: the version lies at 32, a length byte (varint) before it (since Go 1.18)
 *     16  else: address of a Go string, which is address and length of its bytes
 */
#include <stdio.h>
#include <string.h>

#include "symbols/go.h"

#define MAGIC_BYTES    14u
#define POINTER_AT     16u
#define INLINE_AT      32u
#define INLINE_VERSION 2u

static const char magic[] = "\xff Go buildinf:";

static bool take_text(const uint8_t *bytes, uint64_t length, struct lade_go_version *version)
{
	if (length < 4 || length >= sizeof version->text || memcmp(bytes, "go", 2) != 0)
		return false;
	memcpy(version->text, bytes, (size_t)length);
	version->text[length] = '\0';
	/* "devel go1.22-…" and the like are not told apart: they say no number. */
	return sscanf(version->text, "go%2u.%3u", &version->major, &version->minor) == 2;
}

static bool take_inline(const struct lade_blob *info, struct lade_go_version *version)
{
	if (info->size <= INLINE_AT)
		return false;
	uint64_t length = info->bytes[INLINE_AT]; /* from 128 on in more bytes, which no version is long */
	return length < 128 && info->size - INLINE_AT - 1 >= length &&
	       take_text(info->bytes + INLINE_AT + 1, length, version);
}

/* Bytes at an address of the running program. */
static bool read_address(const struct lade_binary *binary, uint64_t address, uint64_t size, struct lade_blob *ret_blob)
{
	uint64_t offset;

	return lade_binary_offset(binary, address, 0, &offset) && lade_binary_read(binary, offset, size, ret_blob) == 0;
}

static bool take_pointed(const struct lade_binary *binary, const struct lade_blob *info,
			 struct lade_go_version *version)
{
	CLEANUP(lade_blob_clear) struct lade_blob string = { 0 }, bytes = { 0 };
	unsigned word = info->bytes[MAGIC_BYTES];
	uint64_t address, length;

	if (word != lade_binary_word(binary) || !lade_blob_number(binary, info, POINTER_AT, word, &address) ||
	    !read_address(binary, address, 2 * (uint64_t)word, &string))
		return false;
	address = lade_binary_number(binary, string.bytes, word);
	length = lade_binary_number(binary, string.bytes + word, word);
	return length < sizeof version->text && read_address(binary, address, length, &bytes) &&
	       take_text(bytes.bytes, length, version);
}

bool lade_go_version(struct lade_binary *binary, struct lade_go_version *ret_version)
{
	CLEANUP(lade_blob_clear) struct lade_blob info = { 0 };
	const struct lade_binary_section *section = lade_binary_section(binary, ".go.buildinfo");
	struct lade_go_version version = { 0 };

	if (!section || lade_binary_content(binary, section, &info) < 0 || info.size < INLINE_AT ||
	    memcmp(info.bytes, magic, MAGIC_BYTES) != 0)
		return false;
	bool is_inline = info.bytes[MAGIC_BYTES + 1] & INLINE_VERSION;
	if (!(is_inline ? take_inline(&info, &version) : take_pointed(binary, &info, &version)))
		return false;
	*ret_version = version;
	return true;
}

bool lade_go_uses_registers(const struct lade_binary *binary, const struct lade_go_version *version)
{
	static const struct {
		uint16_t machine;
		unsigned minor; /* of Go 1 */
	} first[] = { { EM_X86_64, 17 }, { EM_AARCH64, 18 }, { EM_PPC64, 18 }, { EM_RISCV, 19 } };

	for (size_t i = 0; i < ELEMENTS(first); i++)
		if (first[i].machine == binary->machine)
			return binary->is_64 && (version->major > 1 || version->minor >= first[i].minor);
	return false;
}
