/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/xdp.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"

static const struct {
	uint32_t flag;
	uint16_t attribute;
} modes[XDP_MODES] = {
	[XDP_GENERIC] = { XDP_FLAGS_SKB_MODE, IFLA_XDP_SKB_PROG_ID },
	[XDP_NATIVE] = { XDP_FLAGS_DRV_MODE, IFLA_XDP_DRV_PROG_ID },
	[XDP_OFFLOAD] = { XDP_FLAGS_HW_MODE, IFLA_XDP_HW_PROG_ID },
};

uint32_t lade_xdp_mode_flag(enum xdp_mode mode)
{
	return modes[mode].flag;
}

/* ---- reading ---- */

/* Before 4.19 a link has one program, and IFLA_XDP_ATTACHED says in which mode. */
static void take_single(struct netlink_attributes xdp, struct xdp_state *state)
{
	static const enum xdp_mode attached[] = {
		[XDP_ATTACHED_DRV] = XDP_NATIVE, [XDP_ATTACHED_SKB] = XDP_GENERIC, [XDP_ATTACHED_HW] = XDP_OFFLOAD
	};
	struct netlink_attribute how;
	if (!lade_netlink_find(xdp, IFLA_XDP_ATTACHED, &how) || how.bytes < 1)
		return;
	unsigned value = *(const unsigned char *)how.value;
	if (value >= XDP_ATTACHED_DRV && value < ELEMENTS(attached) && !state->program_ids[attached[value]])
		state->program_ids[attached[value]] = lade_netlink_u32(xdp, IFLA_XDP_PROG_ID);
}

static int take_link(const struct nlmsghdr *message, void *data)
{
	struct xdp_state *state = data;
	if (message->nlmsg_type != RTM_NEWLINK)
		return 0;
	struct netlink_attributes link = lade_netlink_attributes(message, sizeof(struct ifinfomsg));
	struct netlink_attributes xdp = lade_netlink_inside(link, IFLA_XDP);
	for (int mode = 0; mode < XDP_MODES; mode++)
		state->program_ids[mode] = lade_netlink_u32(xdp, modes[mode].attribute);
	take_single(xdp, state);
	return 0;
}

int lade_xdp_get(struct kernel *kernel, unsigned ifindex, struct xdp_state *ret_state)
{
	const struct ifinfomsg body = { .ifi_index = (int)ifindex };
	struct netlink_request request;
	struct xdp_state state = { 0 };
	lade_netlink_begin(&request, RTM_GETLINK, 0, &body, sizeof body);
	int result = lade_netlink(kernel, &request, take_link, &state);
	if (result >= 0)
		*ret_state = state;
	return result;
}

/* ---- changing ---- */

int lade_xdp_set(struct kernel *kernel, unsigned ifindex, int program_fd, int expected_fd, uint32_t flags,
		 char *refusal)
{
	const struct ifinfomsg body = { .ifi_index = (int)ifindex };
	struct netlink_request request;
	lade_netlink_begin(&request, RTM_SETLINK, 0, &body, sizeof body);
	size_t xdp = lade_netlink_nest(&request, IFLA_XDP);
	lade_netlink_put_u32(&request, IFLA_XDP_FD, (uint32_t)program_fd);
	if (expected_fd >= 0) {
		flags |= XDP_FLAGS_REPLACE;
		lade_netlink_put_u32(&request, IFLA_XDP_EXPECTED_FD, (uint32_t)expected_fd);
	}
	lade_netlink_put_u32(&request, IFLA_XDP_FLAGS, flags);
	lade_netlink_nest_end(&request, xdp);
	int result = lade_netlink(kernel, &request, NULL, NULL);
	if (refusal)
		memcpy(refusal, request.refusal, NETLINK_REFUSAL_BYTES);
	return result;
}

static int find_mode(struct kernel *kernel, unsigned ifindex, uint32_t program_id)
{
	struct xdp_state state;
	int result = lade_xdp_get(kernel, ifindex, &state);
	if (result < 0)
		return result;
	for (int mode = 0; mode < XDP_MODES; mode++)
		if (program_id && state.program_ids[mode] == program_id)
			return mode;
	return -ESTALE;
}

/*
 * The kernel compares with the program that must be there since 5.7; older ones refuse the flag, and then what was just
 * read has to do.
 */
int lade_xdp_replace(struct kernel *kernel, unsigned ifindex, uint32_t program_id, int program_fd)
{
	int mode = find_mode(kernel, ifindex, program_id);
	if (mode < 0)
		return mode;
	CLEANUP(cleanup_fd) int old = lade_bpf_prog_by_id(kernel, program_id);
	int result = old < 0 ? old : lade_xdp_set(kernel, ifindex, program_fd, old, modes[mode].flag, NULL);
	if (result == -EEXIST)
		return -ESTALE;
	return result == -EINVAL ? lade_xdp_set(kernel, ifindex, program_fd, -1, modes[mode].flag, NULL) : result;
}

int lade_xdp_remove(struct kernel *kernel, unsigned ifindex, uint32_t program_id)
{
	int result = lade_xdp_replace(kernel, ifindex, program_id, -1);
	return result == -ESTALE ? 0 : result;
}
