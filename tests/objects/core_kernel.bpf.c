/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields of a real kernel, each in a program of its own. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __kernel __attribute__((preserve_access_index))

struct list_head {
	struct list_head *next;
} __kernel;
struct mm_struct {
	unsigned long start_stack;
} __kernel;
struct task_struct {
	int pid, tgid;
	char comm[16];
	struct task_struct *real_parent;
	struct list_head tasks;
	struct mm_struct *mm;
	unsigned int flags;
	unsigned in_execve : 1;
	unsigned int __state;
	long cookie;
	unsigned long *stack;
} __kernel;
struct task_struct___old {
	long state;
} __kernel;
struct sk_buff {
	unsigned char *data;
	unsigned int len;
	__u8 pkt_type : 3;
	__u8 ip_summed : 2;
	__u8 cloned : 1;
	__u16 protocol;
	__u32 mark;
	char cb[48];
} __kernel;
struct net_device {
	char name[16];
	int ifindex;
	unsigned char *dev_addr;
	unsigned int mtu;
} __kernel;
struct sock_common {
	__u32 skc_daddr;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
} __kernel;
struct sock {
	struct sock_common __sk_common;
} __kernel;
struct kernfs_node___new {
	const char *name;
	__u64 id;
} __kernel;
struct kernfs_node {
	struct kernfs_node *parent;
} __kernel;
struct nf_conn {
	__u32 mark;
} __kernel;
enum bpf_prog_type___kernel { BPF_PROG_TYPE_XDP___kernel = 1, BPF_PROG_TYPE_NONE_SUCH = 2 };
enum tcp_state___absent { TCP_ABSENT };
enum bpf_cmd___kernel { BPF_BTF_LOAD___kernel };

#define CORE(title, expression)                                                                                        \
	SEC("core/" #title) int title(void *context)                                                                   \
	{                                                                                                              \
		struct task_struct *task __attribute__((unused)) = context;                                            \
		struct sk_buff *packet __attribute__((unused)) = context;                                              \
		struct net_device *device __attribute__((unused)) = context;                                           \
		struct sock *sock __attribute__((unused)) = context;                                                   \
		return (long)(expression);                                                                             \
	}

CORE(pid, task->pid)
CORE(tgid, task->tgid)
CORE(comm, task->comm[5])
CORE(parent, (long)task->real_parent)
CORE(grandparent, task->real_parent->real_parent->pid)
CORE(tasks, (long)task->tasks.next)
CORE(mm, task->mm->start_stack)
CORE(flags, task->flags)
CORE(in_execve, BPF_CORE_READ_BITFIELD(task, in_execve))
CORE(state, task->__state)
CORE(old_state, ((struct task_struct___old *)context)->state)
CORE(exists_state, bpf_core_field_exists(task->__state))
CORE(exists_old, bpf_core_field_exists(((struct task_struct___old *)context)->state))
CORE(cookie, task->cookie)
CORE(size_task, bpf_core_type_size(struct task_struct))
CORE(id_task, bpf_core_type_id_kernel(struct task_struct))
CORE(data, (long)packet->data)
CORE(len, packet->len)
CORE(pkt_type, BPF_CORE_READ_BITFIELD(packet, pkt_type))
CORE(pkt_type_probed, BPF_CORE_READ_BITFIELD_PROBED(packet, pkt_type))
CORE(ip_summed, BPF_CORE_READ_BITFIELD(packet, ip_summed))
CORE(cloned, BPF_CORE_READ_BITFIELD(packet, cloned))
CORE(protocol, packet->protocol)
CORE(mark, packet->mark)
CORE(cb, packet->cb[40])
CORE(name, device->name[3])
CORE(ifindex, device->ifindex)
CORE(address, (long)device->dev_addr)
CORE(mtu, device->mtu)
CORE(family, sock->__sk_common.skc_family)
CORE(daddr, sock->__sk_common.skc_daddr)
CORE(sock_state, sock->__sk_common.skc_state)
CORE(reuse, BPF_CORE_READ_BITFIELD(sock, __sk_common.skc_reuse))
CORE(kernfs_name, (long)((struct kernfs_node___new *)context)->name)
CORE(kernfs_parent, (long)((struct kernfs_node *)context)->parent)
CORE(connection, ((struct nf_conn *)context)->mark)
CORE(connection_exists, bpf_core_type_exists(struct nf_conn))
CORE(xdp, bpf_core_enum_value(enum bpf_prog_type___kernel, BPF_PROG_TYPE_XDP___kernel))
CORE(none_such, bpf_core_enum_value_exists(enum bpf_prog_type___kernel, BPF_PROG_TYPE_NONE_SUCH))
CORE(absent, bpf_core_enum_value(enum tcp_state___absent, TCP_ABSENT))
CORE(command, bpf_core_enum_value(enum bpf_cmd___kernel, BPF_BTF_LOAD___kernel))

char _license[] SEC("license") = "GPL";
