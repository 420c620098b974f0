/* SPDX-License-Identifier: BSD-2-Clause */
/* A kprobe as the kernel's old samples wrote it: sys_rmdir, whatever this kernel calls it. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") counts = {
	.type = 2, /* BPF_MAP_TYPE_ARRAY */
	.key_size = 4,
	.value_size = 8,
	.max_entries = 1,
};

SEC("kprobe/sys_rmdir")
int on_rmdir(void *registers)
{
	unsigned int zero = 0;
	unsigned long long *value = bpf_map_lookup_elem(&counts, &zero);

	if (value)
		__sync_fetch_and_add(value, 1);
	return 0;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0xFFFFFFFE;
