// SPDX-License-Identifier: BSD-2-Clause
/* A security hook: what root opens while it is attached; files of mode 0123 cannot be opened: tests/vm. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "Dual BSD/GPL";

#ifndef PLACE
#define PLACE "lsm/file_open"
#endif

struct inode {
	unsigned short i_mode;
} __attribute__((preserve_access_index));

struct file {
	struct inode *f_inode;
} __attribute__((preserve_access_index));

struct opening {
	unsigned mode;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} openings SEC(".maps");
struct opening *type_of_openings; /* keeps it in the BTF: libbpf takes no value type here */

SEC(PLACE)
int BPF_PROG(on_open, struct file *file, int result)
{
	struct opening opening = { file->f_inode->i_mode };

	if ((opening.mode & 07777) != 0123)
		return result;
	bpf_ringbuf_output(&openings, &opening, sizeof opening, 0);
	return -1; /* EPERM */
}
