/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler itself puts in place of a call, if the size is a constant. */
#ifndef LADE_BPF_STRING_H
#define LADE_BPF_STRING_H

#include <stddef.h>

#define memcpy(to, from, bytes)  __builtin_memcpy(to, from, bytes)
#define memmove(to, from, bytes) __builtin_memmove(to, from, bytes)
#define memset(to, byte, bytes)  __builtin_memset(to, byte, bytes)
#define memcmp(one, two, bytes)  __builtin_memcmp(one, two, bytes)

#endif
