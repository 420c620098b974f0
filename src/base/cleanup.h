/* SPDX-License-Identifier: BSD-2-Clause */
/* Cleanup attributes: the error path is the same as the success path. */
#ifndef LADE_BASE_CLEANUP_H
#define LADE_BASE_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Takes the value out of a variable that would otherwise be cleaned up. */
#define TAKE(variable)                                                                                                 \
	__extension__({                                                                                                \
		__typeof__(variable) taken_ = (variable);                                                              \
		(variable) = (__typeof__(variable))0;                                                                  \
		taken_;                                                                                                \
	})

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot stand in parentheses there. */
/* Defines cleanup_<name>(T **) from a free function that takes T * and returns T *. */
#define DEFINE_CLEANUP(type, name, free_function)                                                                      \
	static inline void cleanup_##name(type **pointer)                                                              \
	{                                                                                                              \
		if (*pointer)                                                                                          \
			(void)free_function(*pointer);                                                                 \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

static inline void cleanup_free(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

/* Keeps errno: close() in an error path must not change what is reported. */
static inline int fd_close(int fd)
{
	if (fd >= 0) {
		int saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return -1;
}

static inline void cleanup_fd(const int *fd)
{
	(void)fd_close(*fd);
}

static inline int take_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

#endif
