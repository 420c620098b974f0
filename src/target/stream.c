/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams of files and of memory, and a stream as a whole. */
#include "target/stream.h"

#include <sys/mman.h>

struct file_stream {
	struct target_stream stream;
	int fd; /* borrowed; -1: memory */
	const uint8_t *bytes;
	uint64_t at, end;
};

static ssize_t read_file(struct target_stream *stream, void *into, size_t size)
{
	struct file_stream *file = (struct file_stream *)stream;
	if (size > file->end - file->at)
		size = (size_t)(file->end - file->at);
	if (!size)
		return 0;
	ssize_t count = (ssize_t)size;
	if (file->fd < 0) {
		memcpy(into, file->bytes + file->at, size);
	} else {
		do
			count = pread(file->fd, into, size, (off_t)file->at);
		while (count < 0 && errno == EINTR);
		if (count < 0)
			return -errno;
		if (!count)
			return file->end == INT64_MAX ? 0 : -EBADMSG; /* it was cut short meanwhile */
	}
	file->at += (uint64_t)count;
	return count;
}

static void close_plain(struct target_stream *stream)
{
	free(stream);
}

static struct target_stream *new_stream(struct file_stream source)
{
	struct file_stream *file = malloc(sizeof *file);
	if (!file)
		return NULL;
	*file = source;
	file->stream = (struct target_stream){ .read = read_file, .close = close_plain };
	return &file->stream;
}

struct target_stream *lade_pipe_file(int fd, uint64_t offset, uint64_t size)
{
	uint64_t end;
	if (__builtin_add_overflow(offset, size, &end) || end > INT64_MAX)
		end = INT64_MAX;
	return new_stream((struct file_stream){ .fd = fd, .at = offset < end ? offset : end, .end = end });
}

struct target_stream *lade_pipe_memory(const void *bytes, size_t size)
{
	return new_stream((struct file_stream){ .fd = -1, .bytes = bytes, .end = size });
}

struct target_stream *lade_pipe_close(struct target_stream *stream)
{
	if (stream)
		stream->close(stream);
	return NULL;
}

ssize_t lade_pipe_read(struct target_stream *stream, void *into, size_t size)
{
	ssize_t count = stream->read(stream, into, size);
	if (count > 0)
		stream->done += (uint64_t)count;
	return stream->done > LADE_STREAM_MOST ? -EFBIG : count;
}

int lade_pipe_exact(struct target_stream *stream, void *into, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t count = lade_pipe_read(stream, (uint8_t *)into + at, size - at);
		if (count < 0)
			return (int)count;
		if (!count)
			return at ? -EBADMSG : -ENODATA;
		at += (size_t)count;
	}
	return 0;
}

int lade_pipe_skip(struct target_stream *stream, uint64_t size)
{
	uint8_t piece[16384];
	while (size) {
		ssize_t count = lade_pipe_read(stream, piece, size < sizeof piece ? (size_t)size : sizeof piece);
		if (count <= 0)
			return count ? (int)count : -EBADMSG;
		size -= (uint64_t)count;
	}
	return 0;
}

/* ---- whole ---- */

#define PAGE 4096u

/* What lies behind the content goes back at once. */
static void trim(struct target_blob *blob)
{
	size_t keep = (blob->size / PAGE + 1) * PAGE; /* with room for a NUL */
	if (keep < blob->mapped) {
		(void)munmap(blob->bytes + keep, blob->mapped - keep);
		blob->mapped = keep;
	}
}

static int reserve(size_t most, struct target_blob *blob)
{
	size_t mapped = (most / PAGE + 2) * PAGE;
	void *bytes = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (bytes == MAP_FAILED)
		return -ENOMEM;
	*blob = (struct target_blob){ .bytes = bytes, .mapped = mapped };
	return 0;
}

int lade_pipe_whole(struct target_stream *stream, size_t most, struct target_blob *ret_blob)
{
	CLEANUP(cleanup_target_blob) struct target_blob blob = { 0 };
	int result = reserve(most, &blob);
	while (!result) {
		size_t room = most - blob.size + 1; /* one more, which must not come */
		ssize_t count = lade_pipe_read(stream, blob.bytes + blob.size, room < 1U << 20 ? room : 1U << 20);
		if (count == 0)
			break;
		blob.size += count > 0 ? (size_t)count : 0;
		result = count < 0 ? (int)count : blob.size > most ? -EFBIG : 0;
	}
	if (result)
		return result;
	trim(&blob);
	*ret_blob = blob;
	blob = (struct target_blob){ 0 };
	return 0;
}

int lade_target_blob_copy(const void *bytes, size_t size, struct target_blob *ret_blob)
{
	struct target_blob blob = { 0 };
	if (reserve(size, &blob) < 0)
		return -ENOMEM;
	memcpy(blob.bytes, bytes, size);
	blob.size = size;
	*ret_blob = blob;
	return 0;
}

void lade_target_blob_clear(struct target_blob *blob)
{
	if (blob->bytes)
		(void)munmap(blob->bytes, blob->mapped);
	*blob = (struct target_blob){ 0 };
}
