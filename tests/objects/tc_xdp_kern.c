/* SPDX-License-Identifier: BSD-2-Clause */
/* An XDP program in a section whose name does not say so: as a classifier it cannot be verified */
#include "tc_api.h"

SEC("short-frames") int drop_short(struct xdp_md *context)
{
	void *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
	return data + 60 > end ? XDP_DROP : *(unsigned char *)data ? XDP_PASS : XDP_TX;
}

char _license[] SEC("license") = "GPL";
