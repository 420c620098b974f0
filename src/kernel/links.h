/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of the kernel, whoever made them, by what they hold. */
#ifndef LADE_KERNEL_LINKS_H
#define LADE_KERNEL_LINKS_H

#include "kernel/bpf.h"

/* enum bpf_link_type, of which the distribution's header has but the first */
enum { LINK_XDP = 6, LINK_NETFILTER = 10, LINK_TCX = 11, LINK_NETKIT = 13 };

/* struct bpf_link_info, with the kinds of network devices. */
struct link_info {
	uint32_t type, id, prog_id, pad;
	union {
		struct {
			uint32_t ifindex, attach_type; /* of XDP: ifindex alone */
		} device;
		struct {
			uint32_t pf, hooknum;
			int32_t priority;
			uint32_t flags;
		} netfilter;
		unsigned char room[128];
	};
};

/* Goes through all links; fn returns true to end it. Links that cannot be looked at are left out. */
void lade_links_walk(struct kernel *kernel, bool (*fn)(const struct link_info *link, void *data), void *data);
/* The id of a link that holds this program; 0: none that can be seen. */
uint32_t lade_link_of_program(struct kernel *kernel, uint32_t program_id);

#endif
