/* SPDX-License-Identifier: BSD-2-Clause */
/* tar as dpkg writes it: ustar, GNU's long names, and the path and size of pax headers. */
#include <stdio.h>

#include "target/archive.h"

#define BLOCK    512u
#define PAX_MOST 65536u

struct tar_header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], padding[12];
};
_Static_assert(sizeof(struct tar_header) == BLOCK, "a header is a block");

struct tar {
	struct target_stream *stream;
	archive_visit *visit;
	void *context;
	char path[LADE_MEMBER_PATH]; /* of the next member, if something before it said so; "" */
	uint64_t size;               /* … */
	bool has_size;
};

static bool is_zero(const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (((const uint8_t *)bytes)[i])
			return false;
	return true;
}

/* Octal digits, or a number of base 256 for what is larger. */
static bool read_number(const char *field, size_t size, uint64_t *ret_number)
{
	uint64_t number = 0;
	if ((uint8_t)field[0] == 0x80) {
		for (size_t i = size - 8; i < size; i++)
			number = number << 8 | (uint8_t)field[i];
		*ret_number = number;
		return is_zero(field + 1, size - 9);
	}
	size_t i = 0;
	while (i < size && field[i] == ' ')
		i++;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++)
		number = number << 3 | (uint64_t)(field[i] - '0');
	*ret_number = number;
	return i == size || field[i] == 0 || field[i] == ' ';
}

static bool is_header(const struct tar_header *header)
{
	uint64_t wanted = 0, sum = 0;
	const uint8_t *bytes = (const uint8_t *)header;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= offsetof(struct tar_header, checksum) && i < offsetof(struct tar_header, type) ? ' '
													   : bytes[i];
	return read_number(header->checksum, sizeof header->checksum, &wanted) && wanted == sum;
}

/* What stands before a member and tells of it: at most PAX_MOST bytes, the rest is passed over. */
static int read_text(struct tar *tar, uint64_t size, char *text, size_t room)
{
	size_t length = size < room - 1 ? (size_t)size : room - 1;
	int result = length ? lade_pipe_exact(tar->stream, text, length) : 0;
	text[result ? 0 : length] = 0;
	if (result)
		return result == -ENODATA ? -EBADMSG : result;
	return lade_pipe_skip(tar->stream, size - length + (BLOCK - size % BLOCK) % BLOCK);
}

/* Records "LENGTH KEY=VALUE\n". */
static void take_pax(struct tar *tar, const char *text)
{
	for (const char *end = text + strlen(text); text < end;) {
		size_t length = 0;
		int digits = 0;
		if (sscanf(text, "%zu %n", &length, &digits) < 1 || !digits || length > (size_t)(end - text) ||
		    length < (size_t)digits + 2)
			return;
		const char *key = text + digits;
		size_t rest = length - (size_t)digits - 1;
		if (rest > 5 && rest < sizeof tar->path && !strncmp(key, "path=", 5))
			(void)snprintf(tar->path, sizeof tar->path, "%.*s", (int)rest - 5, key + 5);
		else if (rest > 5 && !strncmp(key, "size=", 5))
			tar->has_size = sscanf(key + 5, "%20lu", &tar->size) == 1;
		text += length;
	}
}

static int visit_member(struct tar *tar, const struct tar_header *header, uint64_t size)
{
	char path[sizeof tar->path];
	if (*tar->path)
		(void)snprintf(path, sizeof path, "%s", tar->path);
	else if (!memcmp(header->magic, "ustar", 6) && *header->prefix)
		(void)snprintf(path, sizeof path, "%.*s/%.*s", (int)sizeof header->prefix, header->prefix,
			       (int)sizeof header->name, header->name);
	else
		(void)snprintf(path, sizeof path, "%.*s", (int)sizeof header->name, header->name);
	struct archive_member member = { .path = lade_archive_path(path), .size = tar->has_size ? tar->size : size };
	member.is_file = header->type == '0' || header->type == 0 || header->type == '7';
	if (!member.is_file && !tar->has_size && header->type >= '1' && header->type <= '6')
		member.size = 0; /* links and devices have none, whatever they say */
	tar->path[0] = 0;
	tar->has_size = false;
	return lade_archive_visit(tar->stream, &member, BLOCK, tar->visit, tar->context);
}

static int next_member(struct tar *tar, const struct tar_header *header)
{
	char text[PAX_MOST];
	uint64_t size;
	if (!is_header(header) || !read_number(header->size, sizeof header->size, &size))
		return -EBADMSG;
	if (header->type == 'L')
		return read_text(tar, size, tar->path, sizeof tar->path);
	if (header->type == 'x') {
		int result = read_text(tar, size, text, sizeof text);
		if (!result)
			take_pax(tar, text);
		return result;
	}
	return visit_member(tar, header, size);
}

int lade_tar_walk(struct target_stream *stream, archive_visit *visit, void *context)
{
	struct tar *tar = calloc(1, sizeof *tar);
	struct tar_header header;
	int result = tar ? 0 : -ENOMEM;
	bool any = false;
	while (!result) {
		result = lade_pipe_exact(stream, &header, sizeof header);
		if (!result && is_zero(&header, sizeof header))
			break;
		if (result == -ENODATA)
			result = any ? 1 : -EBADMSG; /* without the blocks of zeros at its end */
		if (result)
			break;
		tar->stream = stream;
		tar->visit = visit;
		tar->context = context;
		any = true;
		result = next_member(tar, &header);
	}
	free(tar);
	return result > 0 ? 0 : result;
}
