/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket filters: a raw packet socket that sees every packet of one interface. The program is attached
 * before the socket is bound, so that no packet passes it by. Nobody reads from the socket: when its queue is full
 * the kernel drops the packet after the program has run.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>

#include "attach/device.h"

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
	if (call->target->kind == TARGET_SOCKET)
		return lade_attach_process_socket(call);
	if (call->target->options.count)
		return fail_option(call);
	unsigned index;
	int result = lade_attach_device(call, &index);
	if (result < 0)
		return result;
	/* Protocol 0: nothing arrives before bind() names one. */
	CLEANUP(cleanup_fd) int fd = calls->socket(call->kernel, AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return lade_attach_refused(call, OPERATION_SOCKET, device, fd);
	result = calls->setsockopt(call->kernel, fd, SOL_SOCKET, SO_ATTACH_BPF, &call->program->fd,
				   sizeof call->program->fd);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_SO_ATTACH_BPF, device, result);
	result = bind_to(call, fd, index);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_BIND, device, result);
	return lade_attach_keep(call, device, take_fd(&fd), false);
}
