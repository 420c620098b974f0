/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of the maps, programs and BTF behind descriptors. */
#ifndef JUDGE_KERNEL_OBJECTS_H
#define JUDGE_KERNEL_OBJECTS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* 0: not a program. */
uint32_t kernel_program_id(int fd);

/* Of the BTF that it was loaded with; 0: none. */
uint32_t kernel_program_btf(int fd);

bool kernel_map_info(int fd, struct bpf_map_info *info);

/* "vmlinux", a module's name, "" for a program's own. */
void kernel_print_btf_name(FILE *out, int fd);

/* The bytes behind a BTF descriptor, to be freed; NULL: not to be had. */
void *kernel_btf_bytes(int fd, uint32_t *ret_size);

int kernel_btf_open(uint32_t id);

/* The first element of an array, to be freed; NULL: not to be had. */
void *kernel_map_value(int fd, const struct bpf_map_info *info);

#endif
