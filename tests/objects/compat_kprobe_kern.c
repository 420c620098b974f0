/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

SEC("kprobe/do_nanosleep") int on_sleep(void *context)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0xFFFFFFFE;
