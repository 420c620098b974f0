/* SPDX-License-Identifier: BSD-2-Clause */
#include "lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stop.h"

#define DUE_BYTES   ((size_t)64 << 10) /* what a pipe holds */
#define DUE_SECONDS 0.005

bool lines_add(struct lines *lines, const char *text, size_t length)
{
	if (length > lines->capacity - lines->length) {
		size_t capacity = (lines->capacity ? lines->capacity : 2 * DUE_BYTES) * 2;
		while (capacity - lines->length < length)
			capacity *= 2;
		char *grown = realloc(lines->text, capacity);
		if (!grown)
			return false;
		lines->text = grown;
		lines->capacity = capacity;
	}
	if (!lines->length)
		lines->oldest = now_seconds();
	memcpy(lines->text + lines->length, text, length);
	lines->length += length;
	return true;
}

bool lines_are_due(const struct lines *lines)
{
	return lines->length >= DUE_BYTES ||
	       (lines->length && (lines->is_terminal || now_seconds() - lines->oldest >= DUE_SECONDS));
}

/* A reader who stands still holds us only until we have to end: then the timer interrupts. */
void lines_flush(struct lines *lines)
{
	size_t done = 0;
	while (done < lines->length && !lines->errnum) {
		ssize_t written = write(STDOUT_FILENO, lines->text + done, lines->length - done);
		if (written >= 0) {
			done += (size_t)written;
		} else if (errno != EINTR) {
			lines->errnum = errno;
		} else if (must_stop()) {
			lines->given_up += lines->length - done;
			break;
		}
	}
	lines->length = 0;
}

bool lines_have_no_reader(struct lines *lines)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	if (!lines->errnum && poll(&output, 1, 0) > 0 && output.revents & POLLERR)
		lines->errnum = EPIPE;
	return lines->errnum;
}

void lines_clear(struct lines *lines)
{
	free(lines->text);
	*lines = (struct lines){ 0 };
}
