/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping, and reading on demand into address space that costs nothing until it is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "btf/bytes.h"

/* Few records are looked at, and sysfs gives no more than a page at a time anyhow. Pages may be larger, not smaller. */
#define PAGE  4096u
#define BLOCK PAGE

bool lade_bytes_map(struct lade_bytes *bytes, int fd, uint64_t size)
{
	void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (mapping == MAP_FAILED)
		return false;
	lade_bytes_take(bytes, mapping, size, size);
	return true;
}

void lade_bytes_take(struct lade_bytes *bytes, void *mapping, size_t mapping_size, uint64_t size)
{
	*bytes = (struct lade_bytes){
		.start = mapping, .size = size, .mapping = mapping, .mapping_size = mapping_size, .fd = -1
	};
}

int lade_bytes_on_demand(struct lade_bytes *bytes, int *fd, uint64_t offset, uint64_t size)
{
	/* One byte more, which stays zero: no string runs beyond the end. */
	uint64_t blocks = size / BLOCK + 1, reserved = blocks * BLOCK;
	CLEANUP(cleanup_free) uint64_t *present = calloc(blocks / 64 + 1, sizeof *present);
	void *mapping =
		mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mapping == MAP_FAILED)
		return -ENOMEM;
	if (!present) {
		(void)munmap(mapping, reserved);
		return -ENOMEM;
	}
	lade_bytes_take(bytes, mapping, reserved, size);
	bytes->present = TAKE(present);
	bytes->fd = take_fd(fd);
	bytes->file_offset = offset;
	return 0;
}

bool lade_bytes_map_now(struct lade_bytes *bytes)
{
	void *whole = bytes->may_map ? mmap(NULL, bytes->size, PROT_READ, MAP_PRIVATE, bytes->fd, 0) : MAP_FAILED;
	bytes->may_map = false; /* before 6.16 it cannot be */
	if (whole == MAP_FAILED)
		return false;
	bytes->start = bytes->whole = whole;
	free(bytes->present);
	bytes->present = NULL;
	(void)fd_close(bytes->fd);
	bytes->fd = -1;
	return true;
}

void lade_bytes_clear(struct lade_bytes *bytes)
{
	if (bytes->whole)
		(void)munmap(bytes->whole, bytes->size);
	if (bytes->mapping)
		(void)munmap(bytes->mapping, bytes->mapping_size);
	if (bytes->present)
		(void)fd_close(bytes->fd); /* else it is not ours */
	free(bytes->present);
	free(bytes->buffer);
	*bytes = (struct lade_bytes){ .fd = -1 };
}

/* All of it: a file that has become shorter is an error. */
static int read_all(int fd, uint8_t *into, uint64_t length, uint64_t offset)
{
	for (uint64_t done = 0; done < length;) {
		ssize_t part = pread(fd, into + done, length - done, (off_t)(offset + done));
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return part < 0 ? -errno : -EIO;
		done += (uint64_t)part;
	}
	return 0;
}

static bool is_present(const struct lade_bytes *bytes, uint64_t block)
{
	return bytes->present[block / 64] >> (block % 64) & 1;
}

static int read_blocks(struct lade_bytes *bytes, uint64_t first, uint64_t end)
{
	uint64_t offset = first * BLOCK, left = bytes->size - offset;
	uint8_t *into = (uint8_t *)bytes->mapping + offset;
	uint64_t length = left < (end - first) * BLOCK ? left : (end - first) * BLOCK;
	int result = read_all(bytes->fd, into, length, bytes->file_offset + offset);
	/* Also when it failed: what was given out must not change with the next try. */
	if (result < 0)
		memset(into, 0, length);
	for (uint64_t block = first; block < end; block++)
		bytes->present[block / 64] |= UINT64_C(1) << (block % 64);
	bytes->read_count += (uint32_t)(end - first);
	return result;
}

/* Those that are not there yet; as many together as there are. */
int lade_bytes_read(struct lade_bytes *bytes, uint64_t offset, uint64_t length)
{
	int result = 0;
	uint64_t last = length ? (offset + length - 1) / BLOCK : 0;
	for (uint64_t block = offset / BLOCK, end; length && block <= last; block = end + 1) {
		for (end = block; end <= last && !is_present(bytes, end); end++)
			;
		int failed = end > block ? read_blocks(bytes, block, end) : 0;
		result = result ? result : failed;
	}
	return result;
}

void lade_bytes_touch(const struct lade_bytes *bytes, uint64_t offset, uint64_t length)
{
	const volatile uint8_t *start = bytes->start + offset;
	for (uint64_t at = 0; at < length && !bytes->present; at += PAGE)
		(void)start[at];
}

/* How much is there from offset on, without a gap. */
static uint64_t present_run(const struct lade_bytes *bytes, uint64_t offset, uint64_t end)
{
	uint64_t block = offset / BLOCK;
	while (block * BLOCK < end && is_present(bytes, block))
		block++;
	uint64_t until = block * BLOCK < end ? block * BLOCK : end;
	return until > offset ? until - offset : 0;
}

const uint8_t *lade_bytes_window(struct lade_bytes *bytes, uint64_t offset, uint64_t end, uint64_t *ret_length,
				 int *ret_error)
{
	uint64_t length = end - offset;
	if (bytes->present && length) {
		uint64_t run = present_run(bytes, offset, end);
		uint64_t least = length < LADE_BYTES_WINDOW ? length : LADE_BYTES_WINDOW;
		if (run < least) {
			if (!bytes->buffer)
				bytes->buffer = malloc(LADE_BYTES_WINDOW);
			*ret_error = bytes->buffer
					     ? read_all(bytes->fd, bytes->buffer, least, bytes->file_offset + offset)
					     : -ENOMEM;
			*ret_length = least;
			return *ret_error ? NULL : bytes->buffer;
		}
		length = run;
	}
	*ret_length = length;
	return bytes->start + offset;
}

void lade_bytes_relax(struct lade_bytes *bytes)
{
	free(bytes->buffer);
	bytes->buffer = NULL;
}
