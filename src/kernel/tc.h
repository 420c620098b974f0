/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Traffic control of an interface's two hooks: the clsact qdisc, and bpf filters on it. Everything happens in the
 * calling thread's network namespace. Results are >= 0 or a negative errno; refusal (NETLINK_REFUSAL_BYTES, may be
 * NULL) gets the kernel's words, or "".
 */
#ifndef LADE_KERNEL_TC_H
#define LADE_KERNEL_TC_H

#include "base/array.h"
#include "kernel/netlink.h"

#define TC_PARENT_INGRESS 0xfffffff2U
#define TC_PARENT_EGRESS  0xfffffff3U

struct tc_filter {
	unsigned ifindex;
	uint32_t parent, handle, chain;
	uint16_t priority, protocol; /* of ethernet, in the host's order */
	char kind[16];               /* "bpf", "flower" … */
	char name[64];               /* of a bpf filter or action */
	uint32_t program_id;         /* 0: it has none */
	uint32_t classid;
	bool direct_action, by_action; /* by_action: the program is the filter's action */
};
struct tc_filters {
	struct tc_filter *items;
	size_t count, capacity;
};

/* All filters at one hook, in the order in which packets meet them. -EINVAL, -ENODEV: no such interface. */
int lade_tc_filters(struct kernel *kernel, unsigned ifindex, uint32_t parent, struct tc_filters *ret_filters);
/* The same place with the same program; NULL: none. */
const struct tc_filter *lade_tc_find_program(const struct tc_filters *filters, uint32_t priority, uint32_t handle,
					     uint32_t program_id);
/* flags: NLM_F_CREATE | NLM_F_EXCL, or 0 to put the program in the place of what has this handle. */
int lade_tc_put_filter(struct kernel *kernel, const struct tc_filter *filter, int program_fd, unsigned flags,
		       char *refusal);
int lade_tc_delete_filter(struct kernel *kernel, const struct tc_filter *filter);

/* What holds the place of clsact: its kind in kind[16], "" for nothing. */
int lade_tc_get_qdisc(struct kernel *kernel, unsigned ifindex, char *kind);
/* -EEXIST: something holds its place. */
int lade_tc_add_clsact(struct kernel *kernel, unsigned ifindex, char *refusal);
int lade_tc_delete_clsact(struct kernel *kernel, unsigned ifindex);
/* 1: neither hook has a filter. */
int lade_tc_is_empty(struct kernel *kernel, unsigned ifindex);

#endif
