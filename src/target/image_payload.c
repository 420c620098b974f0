/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the packed kernel lies in an image that unpacks itself: by its header, else by how packed bytes begin. */
#include <endian.h>

#include "target/parts.h"

static uint32_t word_at(const uint8_t *bytes, size_t size, uint64_t offset)
{
	uint32_t word = 0;
	if (offset + sizeof word <= size)
		memcpy(&word, bytes + offset, sizeof word);
	return le32toh(word);
}

static bool has_text(const uint8_t *bytes, size_t size, size_t offset, const char *text)
{
	return offset + strlen(text) <= size && !memcmp(bytes + offset, text, strlen(text));
}

/* x86's boot protocol from 2.08 on. */
static bool told_by_x86(const uint8_t *bytes, size_t size, uint64_t *ret_offset, uint64_t *ret_size)
{
	enum {
		SECTORS = 0x1f1,
		MAGIC = 0x202,
		VERSION = 0x206,
		PAYLOAD = 0x248,
		LENGTH = 0x24c,
	};
	if (!has_text(bytes, size, MAGIC, "HdrS") || size < LENGTH + 4 ||
	    (word_at(bytes, size, VERSION) & 0xffff) < 0x0208)
		return false;
	uint64_t sectors = bytes[SECTORS] ? bytes[SECTORS] : 4;
	*ret_offset = (sectors + 1) * 512 + word_at(bytes, size, PAYLOAD);
	*ret_size = word_at(bytes, size, LENGTH);
	return true;
}

/* Images for EFI that unpack themselves, since 6.1: arm64, riscv, loongarch. */
static bool told_by_zboot(const uint8_t *bytes, size_t size, uint64_t *ret_offset, uint64_t *ret_size)
{
	if (!has_text(bytes, size, 0, "MZ") || !has_text(bytes, size, 4, "zimg"))
		return false;
	*ret_offset = word_at(bytes, size, 8);
	*ret_size = word_at(bytes, size, 12);
	return true;
}

static bool told(const uint8_t *bytes, size_t size, struct image_payload *payload)
{
	if (!told_by_zboot(bytes, size, &payload->offset, &payload->size) &&
	    !told_by_x86(bytes, size, &payload->offset, &payload->size))
		return false;
	if (payload->offset >= size || !payload->size || payload->size > size - payload->offset)
		return false;
	payload->packing = lade_packed_with(bytes + payload->offset, (size_t)payload->size);
	payload->is_told = true;
	return payload->packing;
}

/* Common bytes are looked at twice. */
static bool is_likely(const struct target_packing *packing, const uint8_t *at, size_t room)
{
	if (!packing->is_vague)
		return strcmp(packing->name, "gzip") != 0 || (room > 10 && !(at[3] & 0xe0));
	if (!packing->open)
		return room > 10 && !memcmp(at + 4, "1AY&SY", 6); /* bzip2's first block */
	if (room < 13)
		return false;
	/* lzma: a dictionary of a power of two, and a size that is not known or below 1 GiB */
	uint32_t dictionary = word_at(at, room, 1), low = word_at(at, room, 5), high = word_at(at, room, 9);
	return dictionary && !(dictionary & (dictionary - 1)) &&
	       ((low == UINT32_MAX && high == UINT32_MAX) || (!high && low > 1U << 20 && low < 1U << 30));
}

/* The first place at or behind `from` where it may begin; size: none. */
static size_t next_of(const struct target_packing *packing, const uint8_t *bytes, size_t size, size_t from)
{
	while (from < size) {
		const uint8_t *at = memmem(bytes + from, size - from, packing->magic, packing->magic_length);
		if (!at)
			break;
		from = (size_t)(at - bytes);
		if (is_likely(packing, at, size - from))
			return from;
		from++;
	}
	return size;
}

/* at: 0, or one more than where to go on. */
bool lade_image_payload(const uint8_t *bytes, size_t size, size_t *at, struct image_payload *ret_payload)
{
	struct image_payload payload = { .size = 0 };
	if (!*at) {
		*at = 1;
		if (told(bytes, size, &payload)) {
			*ret_payload = payload;
			return true;
		}
	}
	size_t best = size;
	const struct target_packing *packing;
	for (size_t i = 0; (packing = lade_packing_at(i)); i++) {
		size_t place = next_of(packing, bytes, best < size ? best + packing->magic_length - 1 : size, *at - 1);
		if (place < best && place + packing->magic_length <= size) {
			best = place;
			payload.packing = packing;
		}
	}
	if (best >= size)
		return false;
	payload.offset = best;
	payload.size = size - best;
	payload.is_told = false;
	*at = best + 2;
	*ret_payload = payload;
	return true;
}
