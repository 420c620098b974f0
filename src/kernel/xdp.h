/* SPDX-License-Identifier: BSD-2-Clause */
/* XDP programs of an interface over rtnetlink, in the calling thread's network namespace. */
#ifndef LADE_KERNEL_XDP_H
#define LADE_KERNEL_XDP_H

#include "kernel/netlink.h"

enum xdp_mode { XDP_GENERIC, XDP_NATIVE, XDP_OFFLOAD, XDP_MODES };

struct xdp_state {
	uint32_t program_ids[XDP_MODES]; /* 0: none */
};

int lade_xdp_get(struct kernel *kernel, unsigned ifindex, struct xdp_state *ret_state);
/* program_fd -1: none. expected_fd: the program that must be there (since 5.7), -1: any. flags: XDP_FLAGS_… */
int lade_xdp_set(struct kernel *kernel, unsigned ifindex, int program_fd, int expected_fd, uint32_t flags,
		 char *refusal);
/* Takes away the program of this id and no other. 0 also when it is not there; -ENODEV: no interface. */
int lade_xdp_remove(struct kernel *kernel, unsigned ifindex, uint32_t program_id);
/* Puts program_fd in the place of the program of this id. -ESTALE: it is not there. */
int lade_xdp_replace(struct kernel *kernel, unsigned ifindex, uint32_t program_id, int program_fd);
/* XDP_FLAGS_SKB_MODE … */
uint32_t lade_xdp_mode_flag(enum xdp_mode mode);

#endif
