/* SPDX-License-Identifier: BSD-2-Clause */
/* One function, and no section that says what kind of program it is. */
#include <linux/bpf.h>

int only(struct xdp_md *context)
{
	return context->data < context->data_end ? XDP_PASS : XDP_DROP;
}
