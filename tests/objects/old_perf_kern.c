/* SPDX-License-Identifier: BSD-2-Clause */
#include "dia_samples.h"

struct five_words {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};
struct five_words SEC("maps") calls = { BPF_MAP_TYPE_ARRAY, 4, 8, 1 };

SEC("func=vfs_read") int on_read(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&calls, &key) != 0;
}

SEC("force=yes;lock_page=__lock_page+4 page->flags") int on_lock(void *context)
{
	return 1;
}

SEC("back=vfs_write%return") int on_return(void *context)
{
	return 1;
}

SEC("exec=/bin/true;main=main") int on_main(void *context)
{
	return 1;
}

SEC("syscalls:sys_enter_getpid") int on_event(void *context)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
unsigned int _version SEC("version") = 0x040f00;
