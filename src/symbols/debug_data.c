/* SPDX-License-Identifier: BSD-2-Clause */
/* .gnu_debugdata: an ELF file with the symbols that .dynsym lacks, packed with xz, inside the stripped one. */
#include "symbols/debug.h"

#include <errno.h>
#include <string.h>
#ifdef LADE_HAVE_LZMA
#include <lzma.h>
#endif

#define MOST_UNPACKED_BYTES (256u << 20)
#define MOST_MEMORY_BYTES   (128u << 20) /* of the decoder */

#ifdef LADE_HAVE_LZMA
static int grow(uint8_t **bytes, size_t *capacity)
{
	size_t larger = *capacity ? *capacity * 2 : 1 << 20;
	uint8_t *moved = larger > MOST_UNPACKED_BYTES ? NULL : realloc(*bytes, larger);

	if (!moved)
		return larger > MOST_UNPACKED_BYTES ? -E2BIG : -ENOMEM;
	*bytes = moved;
	*capacity = larger;
	return 0;
}

static int unpack_stream(lzma_stream *stream, uint8_t **bytes, size_t *ret_size)
{
	size_t capacity = 0;
	lzma_ret state = LZMA_OK;

	while (state == LZMA_OK) {
		size_t done = (size_t)stream->total_out;
		if (stream->avail_out == 0) {
			int result = grow(bytes, &capacity);
			if (result < 0)
				return result;
			stream->next_out = *bytes + done;
			stream->avail_out = capacity - done;
		}
		state = lzma_code(stream, LZMA_FINISH);
	}
	*ret_size = (size_t)stream->total_out;
	return state == LZMA_STREAM_END ? 0 : -EBADMSG;
}

static int unpack(const struct lade_blob *packed, uint8_t **ret_bytes, size_t *ret_size)
{
	CLEANUP(cleanup_free) uint8_t *bytes = NULL;
	lzma_stream stream = LZMA_STREAM_INIT;

	if (lzma_stream_decoder(&stream, MOST_MEMORY_BYTES, LZMA_CONCATENATED) != LZMA_OK)
		return -ENOMEM;
	stream.next_in = packed->bytes;
	stream.avail_in = (size_t)packed->size;
	int result = unpack_stream(&stream, &bytes, ret_size);
	lzma_end(&stream);
	if (result == 0)
		*ret_bytes = TAKE(bytes);
	return result;
}
#else
static int unpack(const struct lade_blob *packed, uint8_t **ret_bytes, size_t *ret_size)
{
	(void)packed;
	(void)ret_bytes;
	(void)ret_size;
	return -EOPNOTSUPP;
}
#endif

static const char *why(int result)
{
	return result == -EOPNOTSUPP ? "packed with xz, which this build of Lade cannot read"
	       : result == -E2BIG    ? "larger than 256 MiB when unpacked"
				     : "damaged";
}

int lade_debug_data(struct lade_binary *binary, struct lade_binary **ret_debug)
{
	CLEANUP(lade_blob_clear) struct lade_blob packed = { 0 };
	const struct lade_binary_section *section = lade_binary_section(binary, ".gnu_debugdata");
	uint8_t *bytes = NULL;
	size_t size = 0;

	if (!section)
		return -ENOENT;
	int result = lade_binary_content(binary, section, &packed);
	if (result == 0)
		result = unpack(&packed, &bytes, &size);
	if (result == 0)
		result = lade_binary_in_memory(bytes, size, binary->path, ret_debug, NULL);
	if (result == 0 || result == -ENOMEM)
		return result;
	(void)lade_strings_addf(&binary->damages, "its compressed symbols (.gnu_debugdata) are %s", why(result));
	return -ENOENT;
}
