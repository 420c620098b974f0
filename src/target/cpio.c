/* SPDX-License-Identifier: BSD-2-Clause */
/* cpio as rpm writes it: "newc", with or without checksums. */
#include <stdio.h>
#include <sys/stat.h>

#include "target/archive.h"

#define FIELDS 13u
#define DIGITS 8u

enum {
	FIELD_MODE = 1,
	FIELD_SIZE = 6,
	FIELD_NAME = 11,
};

struct cpio_header {
	char magic[6];
	char fields[FIELDS][DIGITS];
};
_Static_assert(sizeof(struct cpio_header) == 110, "a header has 110 characters");

static bool read_field(const struct cpio_header *header, unsigned field, uint32_t *ret_number)
{
	uint32_t number = 0;
	for (unsigned i = 0; i < DIGITS; i++) {
		int digit = (unsigned char)header->fields[field][i], value = digit & 0xf;
		if (digit < '0' || (digit > '9' && (digit | 0x20) < 'a') || (digit | 0x20) > 'f')
			return false;
		number = number << 4 | (uint32_t)(digit > '9' ? value + 9 : value);
	}
	*ret_number = number;
	return true;
}

/* The name with its end, and what is left to the next multiple of 4. */
static int read_name(struct target_stream *stream, uint32_t length, char path[LADE_MEMBER_PATH])
{
	if (!length || length > LADE_MEMBER_PATH)
		return -EBADMSG;
	int result = lade_pipe_exact(stream, path, length);
	if (result || path[length - 1])
		return result && result != -ENODATA ? result : -EBADMSG;
	return lade_pipe_skip(stream, (4 - (sizeof(struct cpio_header) + length) % 4) % 4);
}

int lade_cpio_walk(struct target_stream *stream, archive_visit *visit, void *context)
{
	char path[LADE_MEMBER_PATH];
	struct cpio_header header;
	for (;;) {
		uint32_t mode, size, name;
		int result = lade_pipe_exact(stream, &header, sizeof header);
		if (result)
			return result == -ENODATA ? -EBADMSG : result;
		if (memcmp(header.magic, "07070", 5) != 0 || (header.magic[5] != '1' && header.magic[5] != '2') ||
		    !read_field(&header, FIELD_MODE, &mode) || !read_field(&header, FIELD_SIZE, &size) ||
		    !read_field(&header, FIELD_NAME, &name))
			return -EBADMSG;
		result = read_name(stream, name, path);
		if (result || !strcmp(path, "TRAILER!!!"))
			return result;
		struct archive_member member = { lade_archive_path(path), size, S_ISREG(mode) };
		result = lade_archive_visit(stream, &member, 4, visit, context);
		if (result)
			return result > 0 ? 0 : result;
	}
}
