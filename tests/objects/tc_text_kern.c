/* SPDX-License-Identifier: BSD-2-Clause */
/* No map, nothing of its own section: .text alone, without relocations */
#include "tc_api.h"

int only(struct __sk_buff *context)
{
	return context->len > 100;
}

char _license[] SEC("license") = "GPL";
