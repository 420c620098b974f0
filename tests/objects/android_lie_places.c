/* SPDX-License-Identifier: BSD-2-Clause */
/* A window of two bytes, and places that no loader knows. */
#define MAP_BYTES  116
#define PROG_BYTES 92
#include "android.h"

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, .max_loader = LOADER_INF, .max_kernel = KVER_INF,
	       .selinux_context = "fs_bpf_elsewhere", .pin_subdir = "elsewhere/" };
DEF(pick) = { .max_loader = LOADER_INF, .max_kernel = KVER_INF, .pin_subdir = "vendor/" };
SEC("skfilter/pick") int pick(void *context) { return count(&plain); }
LICENSE("GPL");
unsigned short _bpfloader_min_ver SEC("bpfloader_min_ver") = 99;
SIZES(116, 92);
