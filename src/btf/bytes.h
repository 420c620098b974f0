/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bytes of BTF that is looked at where it lies: mapped or in memory as a whole, or read from a file block by block
 * when they are looked at. Whatever the file does meanwhile, what was once given out stays.
 */
#ifndef LADE_BTF_BYTES_H
#define LADE_BTF_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lade_bytes {
	const uint8_t *start; /* address space for size bytes; blocks that are not there yet are zero */
	uint64_t size;
	void *mapping; /* what is unmapped in the end, owned */
	size_t mapping_size;
	/* Only where blocks are read on demand: */
	uint64_t *present; /* a bit a block; NULL: all is there */
	int fd;
	uint64_t file_offset; /* of the first byte */
	uint8_t *buffer;      /* through which walks stream what is not there */
	bool may_map;         /* when it turns out that much is read */
	uint32_t read_count;  /* blocks */
	void *whole;          /* once it was mapped after all: size bytes. What was given out before lies in mapping */
};

/* Maps the whole file: for files that nobody can cut short, which would kill us with SIGBUS. False: cannot be. */
bool lade_bytes_map(struct lade_bytes *bytes, int fd, uint64_t size);
/* Takes a mapping of mapping_size, the first size bytes of which are the content. */
void lade_bytes_take(struct lade_bytes *bytes, void *mapping, size_t mapping_size, uint64_t size);
/* Reads on demand; takes fd on success. 0, -ENOMEM. */
int lade_bytes_on_demand(struct lade_bytes *bytes, int *fd, uint64_t offset, uint64_t size);
/*
 * Maps now what is read on demand, if it may be: mapping and unmapping cost as much as reading some 64 pages. True:
 * start is another, and all is there; what was given out is still good.
 */
bool lade_bytes_map_now(struct lade_bytes *bytes);
/* Was so much read that mapping would have been better? */
static inline bool lade_bytes_read_much(const struct lade_bytes *bytes)
{
	return bytes->may_map && bytes->read_count > 64;
}
void lade_bytes_clear(struct lade_bytes *bytes);

int lade_bytes_read(struct lade_bytes *bytes, uint64_t offset, uint64_t length);
/* Makes sure that these bytes, which lie inside, are there. 0, or what reading failed with: then they are zero. */
static inline int lade_bytes_need(struct lade_bytes *bytes, uint64_t offset, uint64_t length)
{
	return bytes->present ? lade_bytes_read(bytes, offset, length) : 0;
}

/*
 * Before much of what is mapped is read: looks at each page once, which takes some microseconds and saves ten times as
 * many. The processor learns of many pages at a time then, and not of one after the other while it is busy.
 */
void lade_bytes_touch(const struct lade_bytes *bytes, uint64_t offset, uint64_t length);

/*
 * For reading on and on: what lies from offset up to end, or its first part: at least LADE_BYTES_WINDOW unless the end
 * comes before. Good until the next call. NULL: reading failed, with *ret_error.
 */
#define LADE_BYTES_WINDOW 65536u
const uint8_t *lade_bytes_window(struct lade_bytes *bytes, uint64_t offset, uint64_t end, uint64_t *ret_length,
				 int *ret_error);
/* Gives the buffer of windows back. */
void lade_bytes_relax(struct lade_bytes *bytes);

#endif
