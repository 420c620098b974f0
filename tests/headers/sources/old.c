/* SPDX-License-Identifier: BSD-2-Clause */
/* As Android 10 wrote them: no owners, no definitions of programs, sections by hand. */
#include <linux/bpf.h>
#include "bpf_helpers.h"

DEFINE_BPF_MAP(cookie_map, HASH, uint64_t, uint32_t, 1000)
DEFINE_BPF_MAP_NO_ACCESSORS(uid_map, ARRAY, uint32_t, uint8_t, 1)

SEC("cgroupskb/ingress/stats") int in(struct __sk_buff *skb)
{
	uint64_t cookie = skb->hash;
	uint32_t *uid = bpf_cookie_map_lookup_elem(&cookie);
	uint32_t zero = 0;
	uint8_t *flag = unsafe_bpf_map_lookup_elem(&uid_map, &zero);
	return uid && flag;
}

char _license[] SEC("license") = "Apache 2.0";
