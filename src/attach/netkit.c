/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of a netkit device (since 6.7): seen from the primary, for either side of the pair. */
#include <stdio.h>
#include <string.h>

#include "attach/device.h"
#include "kernel/links.h"

/* enum bpf_attach_type */
enum { ATTACH_PRIMARY = 54, ATTACH_PEER = 55 };

int lade_attach_netkit(struct attach_call *call)
{
	bool is_peer = strcmp(call->program->section, "netkit/peer") == 0;
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					 .attach_type = is_peer ? ATTACH_PEER : ATTACH_PRIMARY };
	char target[32];
	int result = lade_attach_refuse_options(call, "netkit programs", NULL, 0);
	if (result == 0)
		result = lade_attach_device(call, &attr.target_ifindex);
	if (result < 0)
		return result;
	(void)snprintf(target, sizeof target, "dev:%s", call->target->name);
	int link = lade_bpf_link_create(call->kernel, &attr);
	if (link >= 0)
		return lade_attach_keep(call, target, link, true);
	struct lade_finding *finding = lade_attach_refusal(call, OPERATION_LINK_CREATE, target, link);
	lade_attach_say_links(call, finding, LINK_NETKIT, attr.target_ifindex, attr.attach_type);
	return link;
}
