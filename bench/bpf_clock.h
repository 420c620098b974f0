/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time spent inside bpf(2): the contenders are linked with --wrap=syscall, so that each of their calls passes here,
 * whichever loader makes it. What is left of a load is the loader's own work.
 */
#ifndef LADE_BENCH_BPF_CLOCK_H
#define LADE_BENCH_BPF_CLOCK_H

#include <stdint.h>

struct bpf_clock {
	uint64_t ns;            /* inside bpf(2), of all threads together */
	uint64_t programs_from; /* when the first BPF_PROG_LOAD began; 0: there was none */
	uint64_t programs_to;   /* when the last one ended */
};

void bpf_clock_reset(void);
struct bpf_clock bpf_clock_read(void);

#endif
