/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF_PROG_LOAD with an end: the verifier works for seconds on hostile programs, and only a signal stops it. */
#ifndef LADE_KERNEL_UNTIL_H
#define LADE_KERNEL_UNTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t lade_clock_ns(void);
/* deadline 0: none, which is known without a call. */
static inline bool lade_is_over(uint64_t deadline_ns)
{
	return deadline_ns && lade_clock_ns() >= deadline_ns;
}
/*
 * bpf(2), given up (-EAGAIN) once the deadline has passed. Where no process for it can be had, or on processors for
 * which this is not written, the call is made as ever and takes as long as it takes.
 */
int lade_call_until(int command, void *attr, size_t size, uint64_t deadline_ns);

#endif
