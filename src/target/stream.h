/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes one after the other: of a file, of memory, of what is packed in another stream. Nothing is ever kept as a
 * whole: a package of 300 MB passes through buffers of some KB.
 */
#ifndef LADE_TARGET_STREAM_H
#define LADE_TARGET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

#define LADE_STREAM_MOST (8ULL << 30) /* bytes that may come out of one that is packed */

struct target_stream {
	/* At least one byte; 0: the end; -EBADMSG: damaged or cut short; -EFBIG; what reading failed with. */
	ssize_t (*read)(struct target_stream *stream, void *into, size_t size);
	void (*close)(struct target_stream *stream);
	uint64_t done; /* bytes that were read of it */
};

struct target_stream *lade_pipe_close(struct target_stream *stream);
DEFINE_CLEANUP(struct target_stream, target_stream, lade_pipe_close)

/* size bytes of the file from offset on (INT64_MAX: until its end); the descriptor is borrowed. NULL without memory. */
struct target_stream *lade_pipe_file(int fd, uint64_t offset, uint64_t size);
struct target_stream *lade_pipe_memory(const void *bytes, size_t size);

ssize_t lade_pipe_read(struct target_stream *stream, void *into, size_t size);
/* All of them: 0; nothing at all was left: -ENODATA; else -EBADMSG, or what reading failed with. */
int lade_pipe_exact(struct target_stream *stream, void *into, size_t size);
int lade_pipe_skip(struct target_stream *stream, uint64_t size);

/* ---- packed ---- */
#define LADE_PACKED_MAGIC 8u /* bytes that tell */
struct target_packing {
	const char *name, *tool;
	uint8_t magic_length, magic[LADE_PACKED_MAGIC];
	/* Borrows source, which has been read up to its first byte. NULL: this build cannot. */
	struct target_stream *(*open)(struct target_stream *source);
	bool is_vague; /* its first bytes are common: a kernel is not looked for behind them */
};
/* NULL: not packed in a way that is known. */
const struct target_packing *lade_packed_with(const uint8_t *start, size_t length);
/* By index, for who looks for all of them; NULL past the end. */
const struct target_packing *lade_packing_at(size_t index);
/* target.library: with the name of what is missing; -ENOMEM. */
int lade_pipe_unpack(const struct target_packing *packing, struct target_stream *source, const char *file,
		     struct target_stream **ret_stream, struct lade_error **error);

struct target_stream *lade_unpack_gzip(struct target_stream *source);
struct target_stream *lade_unpack_xz(struct target_stream *source);
struct target_stream *lade_unpack_lzma(struct target_stream *source);
struct target_stream *lade_unpack_zstd(struct target_stream *source);
struct target_stream *lade_unpack_lz4(struct target_stream *source);

/* ---- whole ---- */
struct target_blob {
	uint8_t *bytes;
	size_t size, mapped; /* mapped: what is given back to the kernel */
};
/* Until its end, at most that many bytes: -EFBIG. */
int lade_pipe_whole(struct target_stream *stream, size_t most, struct target_blob *ret_blob);
int lade_target_blob_copy(const void *bytes, size_t size, struct target_blob *ret_blob);
/* The same into a file without a name, in a directory for temporary ones. */
int lade_pipe_spool(struct target_stream *stream, uint64_t most, int *ret_fd, uint64_t *ret_size);
void lade_target_blob_clear(struct target_blob *blob);
static inline void cleanup_target_blob(struct target_blob *blob)
{
	lade_target_blob_clear(blob);
}

#endif
