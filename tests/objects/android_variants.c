/* SPDX-License-Identifier: BSD-2-Clause */
/* Variants of one program, names that Android's loader makes wrong, and every place where a $ may stand. */
#define MAP_BYTES  120
#define PROG_BYTES 92
#include "android.h"

#define ALWAYS .max_loader = LOADER_INF, .max_kernel = KVER_INF

MAP(plain) = { BPF_MAP_TYPE_ARRAY, 4, 4, 1, ALWAYS };

DEF(pick_new) = { ALWAYS };
DEF(picke_new) = { ALWAYS };
DEF(picked_new) = { ALWAYS };
DEF(stats_broken_first) = { ALWAYS, .optional = 1 };
DEF(stats_good) = { .max_loader = LOADER_INF, .min_kernel = KVER(4, 19, 0), .max_kernel = KVER_INF };
DEF(stats_broken_last) = { ALWAYS };
DEF(probe) = { ALWAYS };

SEC("skfilter/pick$new") int pick_new(void *context) { return count(&plain); }
SEC("skfilter/picke$new") int picke_new(void *context) { return count(&plain); }
SEC("skfilter/picked$new") int picked_new(void *context) { return count(&plain); }
SEC("cgroupskb/ingress/stats$trace") int stats_broken_first(void *context) { return *(volatile int *)0; }
SEC("cgroupskb/ingress/stats$4_19") int stats_good(void *context) { return count(&plain); }
SEC("cgroupskb/ingress/stats$4_14") int stats_broken_last(void *context) { return *(volatile int *)0; }
SEC("kprobe/do_exit$5_4") int probe(void *context) { return count(&plain); }

LICENSE("GPL");
WINDOW(41, LOADER_INF);
SIZES(120, 92);
