/* SPDX-License-Identifier: BSD-2-Clause */
/* One hook of an interface's traffic control: by a link (tcx) or by a filter on clsact. */
#ifndef LADE_ATTACH_TC_H
#define LADE_ATTACH_TC_H

#include "attach/device.h"

struct tc_hook {
	const char *device;
	unsigned ifindex;
	bool is_egress;
};

/* "dev:lo:ingress" */
struct tc_hook_text {
	char text[64];
};
struct tc_hook_text lade_tc_hook_text(const struct tc_hook *hook);

/* tc_filter.c: a filter, as its options (prio, handle, da, classid) say. */
int lade_attach_tc_filter(struct attach_call *call, const struct tc_hook *hook);

#endif
