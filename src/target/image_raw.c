/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells itself by how it looks, wherever in a kernel it lies: the banner, the configuration, the types. */
#include <ctype.h>

#include "btf/btf.h"
#include "target/parts.h"

#define BANNER      "Linux version "
#define BANNER_MOST 128u

static const uint8_t *find(const uint8_t *from, const uint8_t *end, const char *text, size_t length)
{
	return from < end ? memmem(from, (size_t)(end - from), text, length) : NULL;
}

static bool is_release(const uint8_t *text, size_t length)
{
	if (length < 3 || length >= BANNER_MOST || !isdigit(text[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph(text[i]))
			return false;
	return memchr(text, '.', length);
}

/* "Linux version 6.1.0-18-amd64 (…": formats for printing it, "Linux version %s (", are passed over. */
int lade_image_banner(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts)
{
	const uint8_t *end = bytes + size;
	for (const uint8_t *at = bytes; (at = find(at, end, BANNER, strlen(BANNER)));) {
		at += strlen(BANNER);
		size_t most = (size_t)(end - at) < BANNER_MOST ? (size_t)(end - at) : BANNER_MOST;
		const uint8_t *blank = memchr(at, ' ', most);
		if (!blank || !is_release(at, (size_t)(blank - at)))
			continue;
		parts->is_kernel = true;
		return lade_parts_release(parts, (const char *)at, (size_t)(blank - at), file);
	}
	return 0;
}

/* CONFIG_IKCONFIG: IKCFG_ST, gzip, IKCFG_ED. */
int lade_image_config(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts)
{
	static const char start[] = "IKCFG_ST\x1f\x8b\x08";
	const uint8_t *end = bytes + size, *at = bytes;
	while (!parts->config.size && (at = find(at, end, start, sizeof start - 1))) {
		CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
		CLEANUP(cleanup_target_stream) struct target_stream *packed = NULL, *plain = NULL;
		at += strlen("IKCFG_ST");
		packed = lade_pipe_memory(at, (size_t)(end - at));
		plain = packed ? lade_unpack_gzip(packed) : NULL;
		int result = plain ? lade_pipe_whole(plain, LADE_CONFIG_MOST, &text) : -ENOMEM;
		if (result == -ENOMEM)
			return result;
		if (result == 0)
			result = lade_parts_config(parts, &text, file, NULL);
		parts->is_kernel |= parts->config.size > 0;
	}
	return 0;
}

/* ---- types ---- */

#define BTF_LEAST 4096u /* bytes; a kernel's has millions */

/* The header without what newer ones add. */
struct btf_start {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header, types_at, types, strings_at, strings;
};

static uint32_t number(uint32_t value, bool swapped)
{
	return swapped ? __builtin_bswap32(value) : value;
}

/* How many bytes of BTF lie here; 0: none. */
static uint64_t btf_at(const uint8_t *at, size_t room, bool swapped)
{
	struct btf_start start;
	memcpy(&start, at, sizeof start);
	uint64_t header = number(start.header, swapped), strings_at = number(start.strings_at, swapped);
	uint64_t types = number(start.types, swapped), strings = number(start.strings, swapped);
	uint64_t size = header + strings_at + strings;
	if (start.version != BTF_VERSION || start.flags || header < sizeof start || header > 256 || !strings ||
	    number(start.types_at, swapped) + types > strings_at || size > room || size < BTF_LEAST)
		return 0;
	const uint8_t *names = at + header + strings_at;
	return names[0] == 0 && names[strings - 1] == 0 ? size : 0;
}

/* The largest: a kernel holds texts of BTF for its own tests, and more. */
int lade_image_btf(const uint8_t *bytes, size_t size, const char *file, struct kernel_parts *parts)
{
	static const char magics[2][5] = { { '\x9f', '\xeb', 1, 0, 0 }, { '\xeb', '\x9f', 1, 0, 0 } };
	const uint8_t *best = NULL, *end = bytes + size;
	uint64_t best_size = 0;
	for (unsigned swapped = 0; swapped < 2 && !best; swapped++)
		for (const uint8_t *at = bytes; (at = find(at, end, magics[swapped], 4)); at++) {
			size_t room = (size_t)(end - at);
			uint64_t found = room > sizeof(struct btf_start) ? btf_at(at, room, swapped) : 0;
			if (found > best_size) {
				best = at;
				best_size = found;
			}
		}
	if (!best || parts->btf.size || best_size > UINT32_MAX)
		return 0;
	parts->is_kernel = true;
	parts->btf_from = strdup(file);
	return parts->btf_from ? lade_target_blob_copy(best, (size_t)best_size, &parts->btf) : -ENOMEM;
}
