/* SPDX-License-Identifier: BSD-2-Clause */
/* A version of eight bytes, and a license without an end. */
#include "dia_samples.h"

SEC("kprobe/sys_read") int enter(void *context)
{
	return 0;
}

char _license[3] SEC("license") = "GPL";
unsigned long long _version SEC("version") = 0x050a00;
