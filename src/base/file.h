/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LADE_BASE_FILE_H
#define LADE_BASE_FILE_H

#include <sys/types.h>

/* As many bytes as there are, at most size; or a negative errno. Signals do not shorten it. */
ssize_t lade_read_whole(int fd, char *bytes, size_t size);

#endif
