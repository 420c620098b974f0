/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in an executable: ranges, sections, numbers, strings, and where an address lies in the file. */
#include <errno.h>
#include <string.h>

#include "symbols/binary.h"

#define MOST_BYTES (1ULL << 30) /* of one piece: the symbol table of a large browser has 100 MB */

static int read_file(int fd, uint64_t offset, uint8_t *bytes, uint64_t size)
{
	uint64_t done = 0;

	while (done < size) {
		ssize_t part = pread(fd, bytes + done, (size_t)(size - done), (off_t)(offset + done));
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -EIO;
		if (part == 0)
			return -EBADMSG; /* it shrank */
		done += (uint64_t)part;
	}
	return 0;
}

int lade_binary_read(const struct lade_binary *binary, uint64_t offset, uint64_t size, struct lade_blob *ret_blob)
{
	uint64_t end;

	if (__builtin_add_overflow(offset, size, &end) || end > binary->size || end > INT64_MAX)
		return -EBADMSG;
	if (size > MOST_BYTES)
		return -E2BIG;
	CLEANUP(cleanup_free) uint8_t *bytes = malloc((size_t)size + 1);
	if (!bytes)
		return -ENOMEM;
	int result = 0;
	if (binary->fd < 0 && size)
		memcpy(bytes, binary->memory + offset, (size_t)size);
	else
		result = read_file(binary->fd, offset, bytes, size);
	if (result < 0)
		return result;
	bytes[size] = '\0';
	*ret_blob = (struct lade_blob){ TAKE(bytes), size };
	return 0;
}

int lade_binary_content(struct lade_binary *binary, const struct lade_binary_section *section,
			struct lade_blob *ret_blob)
{
	/* What a compiler or linker packed there is for debuggers, never what is read here. */
	int result = section->type == SHT_NOBITS || section->flags & SHF_COMPRESSED
			     ? -EBADMSG
			     : lade_binary_read(binary, section->offset, section->size, ret_blob);
	if (result < 0 && result != -ENOMEM)
		(void)lade_strings_addf(&binary->damages,
					"the section %s (%llu bytes at offset %#llx) cannot be read from the file",
					*section->name ? section->name : "without name",
					(unsigned long long)section->size, (unsigned long long)section->offset);
	return result;
}

void lade_blob_clear(struct lade_blob *blob)
{
	free(blob->bytes);
	*blob = (struct lade_blob){ 0 };
}

const struct lade_binary_section *lade_binary_section(const struct lade_binary *binary, const char *name)
{
	array_foreach(section, &binary->sections)
		if (strcmp(section->name, name) == 0)
			return section;
	return NULL;
}

const struct lade_binary_section *lade_binary_section_of_type(const struct lade_binary *binary, uint32_t type)
{
	array_foreach(section, &binary->sections)
		if (section->type == type)
			return section;
	return NULL;
}

bool lade_binary_offset(const struct lade_binary *binary, uint64_t address, uint32_t needed_flags, uint64_t *ret_offset)
{
	array_foreach(segment, &binary->segments) {
		uint64_t offset;
		if (segment->type != PT_LOAD || (segment->flags & needed_flags) != needed_flags)
			continue;
		if (address < segment->address || address - segment->address >= segment->file_size)
			continue;
		if (__builtin_add_overflow(address - segment->address, segment->offset, &offset) ||
		    offset >= binary->size)
			return false;
		*ret_offset = offset;
		return true;
	}
	return false;
}

uint64_t lade_binary_number(const struct lade_binary *binary, const uint8_t *at, unsigned width)
{
	uint64_t number = 0;

	for (unsigned i = 0; i < width; i++)
		number = number << 8 | at[binary->big_endian ? i : width - 1 - i];
	return number;
}

bool lade_blob_number(const struct lade_binary *binary, const struct lade_blob *blob, uint64_t offset, unsigned width,
		      uint64_t *ret_number)
{
	if (offset > blob->size || blob->size - offset < width)
		return false;
	*ret_number = lade_binary_number(binary, blob->bytes + offset, width);
	return true;
}

const char *lade_blob_string(const struct lade_blob *blob, uint64_t offset)
{
	if (offset >= blob->size || !memchr(blob->bytes + offset, '\0', (size_t)(blob->size - offset)))
		return NULL;
	return (const char *)blob->bytes + offset;
}
