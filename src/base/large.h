/* SPDX-License-Identifier: BSD-2-Clause */
/* Megabytes of which one place here and another there is asked: in large pages, if the kernel gives some, the processor
 * need not look up first where they are. */
#ifndef LADE_BASE_LARGE_H
#define LADE_BASE_LARGE_H

#include <stddef.h>

#define LARGE_PAGE ((size_t)2 << 20) /* of x86-64 and arm64; with others nothing is lost but the alignment */

/* As malloc() and calloc(), to be given to free(). Less than a large page is ordinary memory. NULL: there is none. */
void *lade_large_alloc(size_t bytes);
void *lade_large_calloc(size_t bytes);

#endif
