/* SPDX-License-Identifier: BSD-2-Clause */
/* A bit of everything that the ELF and BTF rooms read: maps, data, functions, many kinds of types. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

enum colour { RED, GREEN = 7, BLUE = -1 };

union either {
	__u32 number;
	char letters[4];
};

struct node {
	struct node *next;
	int (*compare)(const struct node *, const struct node *, ...);
	union either value;
	enum colour colour;
	unsigned int three : 3, five : 5;
	struct {
		volatile long inner;
	};
	int grid[2][3];
	char *const names[4];
	int (*row)[3];
	char tail[];
};

typedef const struct node *node_pointer;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 16);
} counts SEC(".maps");

struct node *list;
node_pointer shown;
const volatile __u32 limit = 5;
static volatile __u64 total;
float ratio = 0.5f;

static __attribute__((noinline)) int add(__u32 key, __u64 amount)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);
	if (!value)
		return 0;
	*value += amount;
	total += amount;
	return 1;
}

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *context)
{
	return add(limit, 1);
}

SEC("socket")
int on_packet(struct __sk_buff *packet)
{
	return add(packet->len, 2);
}

char _license[] SEC("license") = "GPL";
