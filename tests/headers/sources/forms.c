/* SPDX-License-Identifier: BSD-2-Clause */
/* Every form of the macros that the other sources do not have, with other defaults. */
#define DEFAULT_BPF_MAP_SELINUX_CONTEXT  "fs_bpf_net_private"
#define DEFAULT_BPF_MAP_PIN_SUBDIR       "net_private/"
#define DEFAULT_BPF_MAP_UID              AID_CLAT
#define DEFAULT_BPF_PROG_SELINUX_CONTEXT "fs_bpf_tethering"
#define DEFAULT_BPF_PROG_PIN_SUBDIR      "tethering/"
#define BPFLOADER_MIN_VER                42u
#define BPFLOADER_MAX_VER                50u

#include <bpf_helpers.h>
#include <bpf_net_helpers.h>

DEFINE_BPF_MAP(plain, HASH, uint32_t, uint32_t, 1)
DEFINE_BPF_MAP_GWO(writable, HASH, uint32_t, uint32_t, 2, AID_DNS);
DEFINE_BPF_MAP_NO_ACCESSORS(bare, HASH, uint32_t, uint16_t, 3);
DEFINE_BPF_MAP_KERNEL_INTERNAL(internal, HASH, uint32_t, uint64_t, 4)
DEFINE_BPF_MAP_BASE(base, ARRAY, 4, 12, 5, AID_CLAT, AID_DNS, 0444, "", "", SHARED, KVER(4, 19, 0), KVER(5, 4, 0), 43,
		    44, IGNORE_ON_ENG, IGNORE_ON_USER, IGNORE_ON_USERDEBUG)
DEFINE_BPF_SK_STORAGE(storage, uint64_t)

DEFINE_BPF_PROG_KVER_RANGE_OPT("skfilter/a", AID_CLAT, AID_DNS, a, KVER_4_9, KVER_6_12, OPTIONAL)(struct __sk_buff *skb)
{
	uint32_t key = 0, value = skb->len;
	bpf_plain_update_elem(&key, &value, BPF_ANY);
	bpf_printk("%d %d", key, value);
	return bpf_plain_delete_elem(&key);
}

DEFINE_OPTIONAL_BPF_PROG_KVER_RANGE("skfilter/b", AID_ROOT, AID_ROOT, b, KVER_4_14, KVER_6_6)(struct __sk_buff *skb)
{
	return load_half(skb, 12) + load_word(skb, 16);
}

DEFINE_OPTIONAL_BPF_PROG_KVER("skfilter/c", AID_ROOT, AID_ROOT, c, KVER_5_15)(struct __sk_buff *skb)
{
	return 0;
}

DEFINE_OPTIONAL_BPF_PROG_LOADVER("skfilter/d", AID_ROOT, AID_ROOT, d, 43, 45)(struct __sk_buff *skb)
{
	return 0;
}

DEFINE_BPF_PROG_KVER_RANGE_LOADVER("skfilter/e", AID_ROOT, AID_ROOT, e, KVER_6_1, KVER_6_6, 44, 45)
(struct __sk_buff *skb)
{
	return 0;
}

DEFINE_BPF_PROG_KVER("egress/f", AID_ROOT, AID_ROOT, f, KVER_5_10)(struct __sk_buff *skb)
{
	struct bpf_sock *socket = skb->sk;
	uint64_t none = 0;
	if (!socket)
		return 1;
	uint64_t *value = bpf_storage_get(socket, &none, BPF_SK_STORAGE_GET_F_CREATE);
	return value && *value ? bpf_storage_delete(socket) == 0 : 1;
}

LICENSE("GPL");
