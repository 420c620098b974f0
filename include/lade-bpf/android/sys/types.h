/* SPDX-License-Identifier: BSD-2-Clause */
/* The few of the C library's types that a BPF program can have a use for. */
#ifndef LADE_BPF_SYS_TYPES_H
#define LADE_BPF_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef int32_t pid_t;
typedef __INTPTR_TYPE__ ssize_t;

#endif
