/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole files, and bytes as people write them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <lade/test.h>

#include "base/error.h"
#include "stream/encoder.h"

enum { PIECE = 64 << 10 };

static int refuse(const char *path, int errnum, struct lade_error **error)
{
	return lade_fail(error, errnum, "test.file", "%s: %s", path, strerror(errnum));
}

static int read_all(int fd, const char *path, size_t most, void **ret_bytes, size_t *ret_size,
		    struct lade_error **error)
{
	CLEANUP(cleanup_free) uint8_t *bytes = NULL;
	size_t size = 0, room = 0;
	for (;;) {
		if (room - size < PIECE) {
			room = room ? room * 2 : PIECE;
			uint8_t *grown = realloc(bytes, room);
			if (!grown)
				return lade_fail_memory(error);
			bytes = grown;
		}
		ssize_t got = read(fd, bytes + size, room - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return refuse(path, errno, error);
		if (got == 0)
			break;
		size += (size_t)got;
		if (size > most)
			return refuse(path, EFBIG, error);
	}
	*ret_size = size;
	*ret_bytes = TAKE(bytes);
	return 0;
}

LADE_API int lade_file_read(const char *path, size_t most, void **ret_bytes, size_t *ret_size,
			    struct lade_error **error)
{
	bool is_standard = strcmp(path, "-") == 0;
	CLEANUP(cleanup_fd) int opened = is_standard ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (!is_standard && opened < 0)
		return refuse(path, errno, error);
	return read_all(is_standard ? STDIN_FILENO : opened, path, most, ret_bytes, ret_size, error);
}

LADE_API int lade_file_write(const char *path, const void *bytes, size_t size, struct lade_error **error)
{
	bool is_standard = strcmp(path, "-") == 0;
	CLEANUP(cleanup_fd)
	int opened = is_standard ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (!is_standard && opened < 0)
		return refuse(path, errno, error);
	const uint8_t *rest = bytes;
	while (size) {
		ssize_t done = write(is_standard ? STDOUT_FILENO : opened, rest, size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return refuse(path, done < 0 ? errno : EIO, error);
		rest += done;
		size -= (size_t)done;
	}
	return 0;
}

LADE_API int lade_hex_parse(const char *text, void **ret_bytes, size_t *ret_size, struct lade_error **error)
{
	const char *digits = strncmp(text, "hex:", 4) == 0 ? text + 4 : text;
	size_t length = strlen(digits), size = 0;
	for (size_t i = 0; i < length; i++)
		size += !strchr(" \t\r\n", digits[i]);
	size /= 2;
	CLEANUP(cleanup_free) uint8_t *bytes = calloc(1, size + 1);
	if (!bytes)
		return lade_fail_memory(error);
	if (lade_hex_read(digits, length, bytes, size) < 0)
		return lade_fail(error, EINVAL, "test.hex", "'%.64s' is not a row of bytes of two digits each", text);
	*ret_size = size;
	*ret_bytes = TAKE(bytes);
	return 0;
}
