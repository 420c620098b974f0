/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways in which kernels and packages are packed. */
#include "target/stream.h"

#ifndef LADE_HAVE_LZMA
#define lade_unpack_xz   NULL
#define lade_unpack_lzma NULL
#endif
#ifndef LADE_HAVE_ZSTD
#define lade_unpack_zstd NULL
#endif

static const struct target_packing packings[] = {
	{ "gzip", "gzip -d", 3, { 0x1f, 0x8b, 8 }, lade_unpack_gzip, false },
	{ "xz", "xz -d", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 }, lade_unpack_xz, false },
	{ "zstd", "zstd -d", 4, { 0x28, 0xb5, 0x2f, 0xfd }, lade_unpack_zstd, false },
	{ "lz4", "lz4 -d", 4, { 0x02, 0x21, 0x4c, 0x18 }, lade_unpack_lz4, false },
	{ "lzma", "lzma -d", 3, { 0x5d, 0, 0 }, lade_unpack_lzma, true },
	{ "bzip2", "bzip2 -d", 3, { 'B', 'Z', 'h' }, NULL, true },
	{ "lzop", "lzop -d", 4, { 0x89, 'L', 'Z', 'O' }, NULL, false },
	{ "lz4", "lz4 -d", 4, { 0x04, 0x22, 0x4d, 0x18 }, NULL, false },
};

const struct target_packing *lade_packing_at(size_t index)
{
	return index < ELEMENTS(packings) ? &packings[index] : NULL;
}

const struct target_packing *lade_packed_with(const uint8_t *start, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(packings); i++)
		if (length >= packings[i].magic_length && !memcmp(start, packings[i].magic, packings[i].magic_length))
			return &packings[i];
	return NULL;
}

int lade_pipe_unpack(const struct target_packing *packing, struct target_stream *source, const char *file,
		     struct target_stream **ret_stream, struct lade_error **error)
{
	if (!packing->open) {
		struct lade_finding *finding = lade_error_add(
			error, EOPNOTSUPP, "target.library",
			"%s: is packed with %s, which this build of Lade cannot read", file, packing->name);
		finding_cause(finding, "it was built without a library for %s", packing->name);
		finding_fix(finding, "unpack it first: %s; then give what comes out", packing->tool);
		return -EOPNOTSUPP;
	}
	*ret_stream = packing->open(source);
	return *ret_stream ? 0 : lade_fail_memory(error);
}
