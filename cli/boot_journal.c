/* SPDX-License-Identifier: BSD-2-Clause */
/* journald's own protocol: one datagram a line, fields as KEY=value, or KEY, length and bytes where they have newlines.
 */
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "boot_log.h"
#include "places.h"

#define MESSAGE_MAX ((size_t)48 << 10) /* bytes: a datagram has to fit into the socket's buffer */

int boot_journal_open(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = 2 };
	const char *path = cli_place(PLACE_JOURNAL);
	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* A journald that hangs must not hang the boot. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return fd;
	int reason = errno;
	(void)close(fd);
	return -reason;
}

static void put_field(FILE *file, const char *key, const char *value, size_t most)
{
	size_t length = strnlen(value, most);
	if (!memchr(value, '\n', length)) {
		(void)fprintf(file, "%s=%.*s\n", key, (int)length, value);
		return;
	}
	uint64_t size = htole64(length);
	(void)fprintf(file, "%s\n", key);
	(void)fwrite(&size, sizeof size, 1, file);
	(void)fwrite(value, 1, length, file);
	(void)putc('\n', file);
}

int boot_journal_write(int fd, int level, const char *tag, const char *line, const char *code)
{
	char *datagram = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&datagram, &size);
	if (!file)
		return -ENOMEM;
	(void)fprintf(file, "PRIORITY=%d\n", level);
	put_field(file, "SYSLOG_IDENTIFIER", tag, 256);
	if (code)
		put_field(file, "LADE_CODE", code, 256);
	put_field(file, "MESSAGE", line, MESSAGE_MAX);
	int r = fclose(file) == 0 ? 0 : -ENOMEM;
	if (r == 0 && send(fd, datagram, size, MSG_NOSIGNAL) < 0)
		r = -errno;
	free(datagram);
	return r;
}
