/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that published articles tell of: each is refused by the verifier of some kernel. Loaded one by one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct entry {
	char text[1448];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, struct entry);
	__uint(max_entries, 4);
} entries SEC(".maps");

/* As the kernel describes a tracepoint of a system call. */
struct call {
	__u64 common;
	long number;
	unsigned long arguments[6];
};

/* S2.1: below the 512 bytes that a stack has. */
SEC("socket")
int below_stack(void *context)
{
	asm volatile("*(u64 *)(r10 - 520) = %0" : : "r"(0ULL) : "memory");
	return 0;
}

static __attribute__((noinline)) int deep(int more)
{
	char text[300];

	text[0] = (char)more;
	asm volatile("" : : "r"(text) : "memory");
	return text[0];
}

static __attribute__((noinline)) int deeper(int more)
{
	char text[300];

	text[1] = (char)more;
	asm volatile("" : : "r"(text) : "memory");
	return deep(more) + text[1];
}

/* S2.1: 600 bytes in two functions. */
SEC("socket")
int deep_stack(void *context)
{
	return deeper(1);
}

/* S2.5b: as long as somebody outside wishes. */
SEC("socket")
int endless_loop(struct __sk_buff *packet)
{
	volatile __u32 sum = 0;

	for (__u32 i = 0; i != packet->len; i++)
		sum += i;
	return (int)sum;
}

/* S2.8: four of the eight bytes of a key were written. */
SEC("socket")
int padded_key(void *context)
{
	asm volatile("r2 = r10\n"
		     "r2 += -8\n"
		     "r1 = 0\n"
		     "*(u32 *)(r10 - 8) = r1\n"
		     "r1 = %0 ll\n"
		     "call 1\n"
		     :
		     : "i"(&entries)
		     : "r0", "r1", "r2", "r3", "r4", "r5", "memory");
	return 0;
}

/* S2.9: a pointer of the calling process. */
SEC("tracepoint/syscalls/sys_enter_execve")
int follow_argument(struct call *call)
{
	const char **arguments = (const char **)call->arguments[1];

	return arguments[0] != 0;
}

/* S2.11: the length that a helper returned, added to what was there. */
SEC("tracepoint/syscalls/sys_enter_execve")
int add_length(struct call *call)
{
	__u64 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	long length = bpf_probe_read(entry->text, 8, (void *)call->arguments[0]);
	__u32 at = (__u32)length;
	return entry->text[at];
}

/* S2.16: two million rounds. */
SEC("socket")
int many_rounds(void *context)
{
	volatile __u32 sum = 0;

	for (__u32 i = 0; i < 2000000; i++)
		sum += i;
	return (int)sum;
}

/* S2.22: only functions that were chosen for it may call it. */
SEC("tracepoint/syscalls/sys_enter_execve")
int path_of_file(struct call *call)
{
	char path[16];
	static long (*const d_path)(void *file, char *buffer, __u32 size) = (void *)147;

	return (int)d_path(call, path, sizeof path);
}
