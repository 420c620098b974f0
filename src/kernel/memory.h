/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas in our own memory. */
#ifndef LADE_KERNEL_MEMORY_H
#define LADE_KERNEL_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* address 0: wherever the kernel likes. -EEXIST: something lies there. */
int lade_memory_map(int fd, uint64_t address, size_t bytes, void **ret_start);
void lade_memory_unmap(void *start, size_t bytes);
/* -EFAULT where the memory cannot be written; no signal is raised. */
int lade_memory_write(void *to, const void *from, size_t bytes);

#endif
