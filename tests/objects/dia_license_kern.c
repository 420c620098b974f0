/* SPDX-License-Identifier: BSD-2-Clause */
/* No maps, no BTF, and a license without its NUL. */
#include "dia_samples.h"

SEC("kprobe/sys_read") int enter(void *context)
{
	return 0;
}

char _license[3] SEC("license") = "GPL";
