/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads commands from a user ring buffer whenever somebody calls getpgid(MARK), and counts them. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#define MARK 0x1ade58

struct command {
	__u32 number;
	char name[12];
};

struct {
	__uint(type, 31); /* BPF_MAP_TYPE_USER_RINGBUF */
	__uint(max_entries, 4096);
	__type(value, struct command);
} commands SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct command);
} answers SEC(".maps");

struct bpf_dynptr;
static long (*const drain)(void *map, void *callback, void *context, __u64 flags) = (void *)209;
static long (*const dynptr_read)(void *to, __u32 length, const struct bpf_dynptr *from, __u32 offset,
				 __u64 flags) = (void *)201;

static long answer_one(struct bpf_dynptr *record, void *context)
{
	struct command command = {};
	if (dynptr_read(&command, sizeof command, record, 0, 0) == 0) {
		command.number++;
		bpf_ringbuf_output(&answers, &command, sizeof command, 0);
	}
	return 0;
}

struct enter {
	__u64 header;
	__s64 nr;
	__s64 mark;
};

SEC("tracepoint/raw_syscalls/sys_enter")
int answer(struct enter *context)
{
	if (context->mark == MARK)
		drain(&commands, answer_one, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
