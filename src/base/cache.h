/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept between runs in a cache directory, and who may have written it. */
#ifndef LADE_BASE_CACHE_H
#define LADE_BASE_CACHE_H

#include <stdbool.h>
#include <sys/stat.h>

/*
 * CACHE/NAME, to be used with openat() and its kin. Both must be directories of ours or root's that nobody else may
 * write; NAME may be no symbolic link. create: they are made when they are missing. -1: there is none to be trusted.
 */
int lade_cache_open(const char *cache, const char *name, bool create);
/* The same of what is open: format is S_IFREG or S_IFDIR. */
bool lade_cache_is_trusted(int fd, mode_t format, struct stat *ret_status);

#endif
