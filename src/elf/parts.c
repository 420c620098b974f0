/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a loader looks at of a large file. Compilers leave some hundred KB of DWARF in an object, whose pages cost more
 * to touch than all the rest of a load. Nothing is believed here: what is read goes through the same checks as a file
 * that is read whole, and a file that is not taken apart easily is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf/internal.h"

#define GAP_MOST 4096u /* bytes that are rather read than left out */
#define NATIVE   (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? ELFDATA2MSB : ELFDATA2LSB)

static bool read_range(int fd, uint8_t *bytes, struct elf_range range)
{
	while (range.start < range.end) {
		ssize_t part = pread(fd, bytes + range.start, range.end - range.start, (off_t)range.start);
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return false;
		range.start += (size_t)part;
	}
	return true;
}

/* False: does not lie in the file. */
static bool range_of(uint64_t offset, uint64_t length, size_t size, struct elf_range *ret_range)
{
	uint64_t end;
	if (__builtin_add_overflow(offset, length, &end) || end > size)
		return false;
	*ret_range = (struct elf_range){ (size_t)offset, (size_t)end };
	return true;
}

static bool read_at(int fd, uint8_t *bytes, size_t size, uint64_t offset, uint64_t length)
{
	struct elf_range range;
	return range_of(offset, length, size, &range) && read_range(fd, bytes, range);
}

/* ---- which parts ---- */

static bool is_of_debugger(const char *name)
{
	static const char *const prefixes[] = { ".debug_", ".rel.debug_", ".rela.debug_" };
	for (size_t i = 0; i < ELEMENTS(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool add_range(struct elf_ranges *ranges, struct elf_range range)
{
	struct elf_range *slot = array_push(ranges);
	if (slot)
		*slot = range;
	return slot;
}

/* Sections that lie beyond the file are left for the checks. */
static bool add_sections(const Elf64_Shdr *headers, size_t count, const struct elf_section *names, size_t size,
			 struct elf_ranges *ranges)
{
	for (size_t i = 1; i < count; i++) {
		struct elf_range range;
		const char *name = lade_elf_string(names, headers[i].sh_name);
		if (headers[i].sh_type == SHT_NOBITS || (name && is_of_debugger(name)) ||
		    !range_of(headers[i].sh_offset, headers[i].sh_size, size, &range))
			continue;
		if (!add_range(ranges, range))
			return false;
	}
	return true;
}

static int by_start(const void *left, const void *right)
{
	size_t first = ((const struct elf_range *)left)->start, second = ((const struct elf_range *)right)->start;
	return (first > second) - (first < second);
}

static void merge(struct elf_ranges *ranges)
{
	size_t kept = 0;
	qsort(ranges->items, ranges->count, sizeof *ranges->items, by_start);
	for (size_t i = 1; i < ranges->count; i++) {
		struct elf_range *last = &ranges->items[kept], next = ranges->items[i];
		if (next.start <= last->end || next.start - last->end <= GAP_MOST)
			last->end = next.end > last->end ? next.end : last->end;
		else
			ranges->items[++kept] = next;
	}
	ranges->count = kept + 1;
}

/* ---- reading them ---- */

static bool is_plain(const Elf64_Ehdr *header)
{
	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
	       header->e_ident[EI_DATA] == NATIVE && header->e_shentsize == sizeof(Elf64_Shdr) && header->e_shnum &&
	       header->e_shstrndx < header->e_shnum;
}

static bool find_parts(int fd, uint8_t *bytes, size_t size, struct elf_ranges *ranges)
{
	Elf64_Ehdr header;
	if (!read_at(fd, bytes, size, 0, sizeof header))
		return false;
	memcpy(&header, bytes, sizeof header);
	size_t length = header.e_shnum * sizeof(Elf64_Shdr);
	if (!is_plain(&header) || !read_at(fd, bytes, size, header.e_shoff, length))
		return false;
	CLEANUP(cleanup_free) Elf64_Shdr *headers = malloc(length);
	if (!headers)
		return false;
	memcpy(headers, bytes + header.e_shoff, length);
	const Elf64_Shdr *table = &headers[header.e_shstrndx];
	if (!read_at(fd, bytes, size, table->sh_offset, table->sh_size))
		return false;
	const struct elf_section names = { .bytes = bytes + table->sh_offset, .size = table->sh_size };
	return add_range(ranges, (struct elf_range){ 0, sizeof header }) &&
	       add_range(ranges, (struct elf_range){ header.e_shoff, header.e_shoff + length }) &&
	       add_sections(headers, header.e_shnum, &names, size, ranges);
}

bool lade_elf_read_parts(int fd, uint8_t *bytes, size_t size, struct elf_ranges *ret_ranges)
{
	struct elf_ranges ranges = { 0 };
	bool is_read = find_parts(fd, bytes, size, &ranges);
	if (is_read)
		merge(&ranges);
	for (size_t i = 0; is_read && i < ranges.count; i++)
		is_read = read_range(fd, bytes, ranges.items[i]);
	if (is_read)
		*ret_ranges = ranges;
	else
		array_clear(&ranges);
	return is_read;
}

/* What was read and checked stays as it is, whatever the file says by now. */
bool lade_elf_read_rest(int fd, uint8_t *bytes, size_t size, const struct elf_ranges *ranges)
{
	size_t at = 0;
	array_foreach(range, ranges) {
		if (!read_range(fd, bytes, (struct elf_range){ at, range->start }))
			return false;
		at = range->end;
	}
	return read_range(fd, bytes, (struct elf_range){ at, size });
}
