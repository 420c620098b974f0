/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket filters: a raw packet socket that sees every packet of one interface. The program is attached
 * before the socket is bound, so that no packet passes it by. Nobody reads from the socket: when its queue is full
 * the kernel drops the packet after the program has run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/method.h"

static int fail_device(struct attach_call *call, const char *device)
{
	struct lade_finding *finding = lade_error_add(call->error, ENODEV, "attach.device.missing",
						      "%s: there is no interface %s", call->program->name, device);
	struct similar_names similar = { .wanted = device };
	struct if_nameindex *all = if_nameindex();
	for (struct if_nameindex *one = all; one && one->if_name; one++)
		lade_similar_add(&similar, one->if_name, lade_edit_distance(device, one->if_name));
	if (all)
		if_freenameindex(all);
	finding_program(finding, call->program->name);
	lade_similar_evidence(&similar, finding, "interface");
	lade_similar_clear(&similar);
	return -ENODEV;
}

static int fail_option(struct attach_call *call)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.target.option",
			       "%s: a socket filter sees both directions and takes no option \"%s\"",
			       call->program->name, call->target->options.items[0]);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

static int bind_to(struct attach_call *call, int fd, unsigned index)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)index };
	return call->kernel->calls->bind(call->kernel, fd, &address, sizeof address);
}

int lade_attach_socket(struct attach_call *call)
{
	const struct kernel_calls *calls = call->kernel->calls;
	const char *device = call->target->name;
	if (call->target->options.count)
		return fail_option(call);
	unsigned index = if_nametoindex(device);
	if (!index)
		return fail_device(call, device);
	/* Protocol 0: nothing arrives before bind() names one. */
	CLEANUP(cleanup_fd) int fd = calls->socket(call->kernel, AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_SOCKET, device, fd);
	int result = calls->setsockopt(call->kernel, fd, SOL_SOCKET, SO_ATTACH_BPF, &call->program->fd,
				       sizeof call->program->fd);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_SO_ATTACH_BPF, device, result);
	result = bind_to(call, fd, index);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_BIND, device, result);
	return lade_attach_keep(call, device, take_fd(&fd), false);
}
