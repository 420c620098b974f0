/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own names for its types: samples were compiled inside of its tree. */
#ifndef LADE_BPF_SAMPLES_LINUX_TYPES_H
#define LADE_BPF_SAMPLES_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;

#ifndef __force
#define __force
#endif

#endif
