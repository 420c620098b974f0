/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that a page must not take for its own words. */
#include "dia_samples.h"

struct bpf_map_def SEC("maps") hostile __asm__("</script><script>window.taken=1</script><img src=x onerror=taken=2>\"'&amp;") = {
	BPF_MAP_TYPE_RINGBUF, 0, 0, 4096
};

SEC("socket") int filter(void *context)
{
	int key = 0;
	return bpf_map_lookup_elem(&hostile, &key) != 0;
}

char _license[] SEC("license") = "GPL";
