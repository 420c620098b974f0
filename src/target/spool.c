/* SPDX-License-Identifier: BSD-2-Clause */
/* What is too large for memory (a vmlinux with debugging data) goes to a file without a name, of which parts are read.
 */
#include <fcntl.h>

#include "target/stream.h"

#define PIECE (1u << 20)

/* Where large files belong comes before where they may lie in memory. */
static int open_nameless(void)
{
	const char *const directories[] = { secure_getenv("TMPDIR"), "/var/tmp", "/tmp" };
	for (size_t i = 0; i < ELEMENTS(directories); i++) {
		int fd = directories[i] ? open(directories[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
		if (fd >= 0)
			return fd;
	}
	return -errno;
}

static int write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t count = write(fd, bytes, size);
		if (count < 0 && errno != EINTR)
			return -errno;
		bytes += count > 0 ? count : 0;
		size -= count > 0 ? (size_t)count : 0;
	}
	return 0;
}

int lade_pipe_spool(struct target_stream *stream, uint64_t most, int *ret_fd, uint64_t *ret_size)
{
	CLEANUP(cleanup_fd) int fd = open_nameless();
	CLEANUP(cleanup_free) uint8_t *piece = malloc(PIECE);
	uint64_t size = 0;
	if (fd < 0 || !piece)
		return fd < 0 ? fd : -ENOMEM;
	for (;;) {
		ssize_t count = lade_pipe_read(stream, piece, PIECE);
		if (count < 0)
			return (int)count;
		if (!count)
			break;
		size += (uint64_t)count;
		int result = size > most ? -EFBIG : write_all(fd, piece, (size_t)count);
		if (result)
			return result;
	}
	*ret_fd = take_fd(&fd);
	*ret_size = size;
	return 0;
}
