/* SPDX-License-Identifier: BSD-2-Clause */
/* A subprogram in a section whose name is no program's. */
#include "dia_samples.h"

static __attribute__((noinline)) SEC("helpers") int twice(int value)
{
	return value * 2;
}

SEC("socket1") int doubles(struct __sk_buff *packet)
{
	return twice(packet->len) + twice(packet->mark);
}

char _license[] SEC("license") = "GPL";
