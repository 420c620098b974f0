/* SPDX-License-Identifier: BSD-2-Clause */
/* Every filter of maps and programs, and what the object as a whole says. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF
#define ANY_LOADER .max_loader = LOADER_INF
#define ANY_KERNEL .max_kernel = KVER_INF
#define COUNTER BPF_MAP_TYPE_ARRAY, 4, 4, 1

MAP(plain) = { COUNTER, ALWAYS };
MAP(new_loader) = { COUNTER, ANY_KERNEL, .min_loader = 50, .max_loader = LOADER_INF };
MAP(old_loader) = { COUNTER, ANY_KERNEL, .max_loader = 46 };
MAP(new_kernel) = { COUNTER, ANY_LOADER, .min_kernel = KVER(99, 0, 0), .max_kernel = KVER_INF };
MAP(old_kernel) = { COUNTER, ANY_LOADER, .max_kernel = KVER(4, 14, 0) };
MAP(not_user) = { COUNTER, ALWAYS, .ignore_on = 1 << 1 };
MAP(ring) = { BPF_MAP_TYPE_RINGBUF, .max_entries = 512, ALWAYS };

DEF(always) = { ALWAYS };
DEF(for_new_loader) = { ANY_KERNEL, .min_loader = 50, .max_loader = LOADER_INF };
DEF(for_old_loader) = { ANY_KERNEL, .max_loader = 46 };
DEF(for_new_kernel) = { ANY_LOADER, .min_kernel = KVER(99, 0, 0), .max_kernel = KVER_INF };
DEF(for_old_kernel) = { ANY_LOADER, .max_kernel = KVER(4, 14, 0) };
DEF(for_no_user) = { ALWAYS, .ignore_on = 1 << 1 };
DEF(for_no_machine) = { ALWAYS, .ignore_on = 0xf8 };
DEF(optional_new_map) = { ALWAYS, .optional = 1 };
DEF(optional_broken) = { ALWAYS, .optional = 1 };
DEF(in_fuse) = { ALWAYS };

SEC("skfilter/always") int always(void *context) { return count(&plain); }
SEC("skfilter/new_loader") int for_new_loader(void *context) { return count(&new_loader); }
SEC("skfilter/old_loader") int for_old_loader(void *context) { return count(&old_loader); }
SEC("skfilter/new_kernel") int for_new_kernel(void *context) { return count(&new_kernel); }
SEC("skfilter/old_kernel") int for_old_kernel(void *context) { return count(&old_kernel); }
SEC("skfilter/no_user") int for_no_user(void *context) { return count(&not_user); }
SEC("skfilter/no_machine") int for_no_machine(void *context) { return 1; }
SEC("skfilter/new_map") int optional_new_map(void *context) { return count(&new_kernel); }
/* Reads through a null pointer: no verifier takes it. */
SEC("skfilter/broken") int optional_broken(void *context) { return *(volatile int *)0; }
SEC("fuse/media") int in_fuse(void *context) { return 0; }

LICENSE("Apache 2.0");
CRITICAL("connectivity");
WINDOW(19, LOADER_INF);
NUMBER(bpfloader_min_required_ver, 24);
NUMBER(netbpfload_min_ver, 45);
NUMBER(btf_min_bpfloader_ver, 39);
NUMBER(btf_user_min_bpfloader_ver, 0xFFFFFFFFU);
NUMBER(btf_min_kernel_ver, KVER(5, 10, 0));
SIZES(120, 92);
