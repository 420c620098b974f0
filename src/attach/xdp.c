/* SPDX-License-Identifier: BSD-2-Clause */
/* XDP programs on an interface: by a link (since 5.9), else by rtnetlink, as an effect. */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "attach/device.h"
#include "kernel/xdp.h"

#define ATTACH_XDP 37 /* BPF_XDP */

static const char *const mode_names[] = {
	[XDP_GENERIC] = "generic", [XDP_NATIVE] = "native", [XDP_OFFLOAD] = "offload"
};

struct xdp_place {
	unsigned ifindex;
	uint32_t flags;
	char target[64];
};

static int read_mode(struct attach_call *call, struct xdp_place *place)
{
	static const char *const allowed[] = { "mode" };
	const char *mode = lade_attach_option(call->target, "mode");
	int result = lade_attach_refuse_options(call, "XDP programs", allowed, ELEMENTS(allowed));
	for (enum xdp_mode i = XDP_GENERIC; mode && i < XDP_MODES; i++)
		if (strcmp(mode, mode_names[i]) == 0)
			place->flags = lade_xdp_mode_flag(i);
	(void)snprintf(place->target, sizeof place->target, "dev:%s%s%s", call->target->name, mode ? ",mode=" : "",
		       mode ? mode : "");
	return result;
}

bool lade_attach_xdp_fits(const struct attach_program *program, const struct attach_target *target)
{
	(void)program;
	return target->options.count == 0 || lade_attach_option(target, "mode");
}

static void say_holders(struct attach_call *call, const struct xdp_place *place, struct lade_finding *finding)
{
	struct xdp_state state;
	if (lade_xdp_get(call->kernel, place->ifindex, &state) < 0)
		return;
	for (int mode = 0; mode < XDP_MODES; mode++) {
		char where[48];
		(void)snprintf(where, sizeof where, "%s runs (%s)", call->target->name, mode_names[mode]);
		if (state.program_ids[mode])
			lade_attach_say_holder(call, finding, where, state.program_ids[mode]);
	}
}

static int refuse(struct attach_call *call, enum attach_operation operation, const struct xdp_place *place, int result,
		  const char *refusal)
{
	struct lade_finding *finding = lade_attach_refusal(call, operation, place->target, result);
	lade_attach_say_refusal(finding, refusal);
	say_holders(call, place, finding);
	return result;
}

static int create_link(struct attach_call *call, const struct xdp_place *place)
{
	const struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					       .target_ifindex = place->ifindex,
					       .attach_type = ATTACH_XDP,
					       .flags = place->flags };
	return lade_bpf_link_create(call->kernel, &attr);
}

/* The kernel refuses the request when another program is there. */
static int attach_by_netlink(struct attach_call *call, const struct xdp_place *place)
{
	const struct netns_text netns = lade_attach_netns_text();
	char index[16], id[16], refusal[NETLINK_REFUSAL_BYTES] = "";
	unsigned number;
	(void)snprintf(index, sizeof index, "%u", place->ifindex);
	(void)snprintf(id, sizeof id, "%u", lade_attach_program_id(call));
	int result = lade_attach_begin_effect(
		call, "xdp", place->target,
		(const char *const[]){ "netns", netns.text, "ifindex", index, "prog-id", id, NULL }, &number);
	if (result < 0)
		return result;
	result = lade_xdp_set(call->kernel, place->ifindex, call->program->fd, -1,
			      place->flags | XDP_FLAGS_UPDATE_IF_NOEXIST, refusal);
	if (result == 0)
		return lade_attach_keep_effect(call, place->target, -1, number);
	/* What is there may be this very program, attached before: it stays. */
	(void)(result == -EBUSY || result == -EEXIST ? lade_txn_effect_drop : lade_txn_effect_undo)(call->txn, number);
	return refuse(call, OPERATION_NETLINK, place, result, refusal);
}

static int attach(struct attach_call *call, const struct xdp_place *place)
{
	bool try_link = !lade_kernel_form_absent(call->kernel, FORM_XDP_LINK);
	int link = try_link ? create_link(call, place) : -EINVAL;
	if (link == -EINVAL) {
		int result = attach_by_netlink(call, place);
		if (result == 0 && try_link)
			lade_kernel_form_set_absent(call->kernel, FORM_XDP_LINK);
		return result;
	}
	if (link < 0)
		return refuse(call, OPERATION_LINK_CREATE, place, link, "");
	return lade_attach_keep(call, place->target, link, true);
}

int lade_attach_xdp(struct attach_call *call)
{
	struct xdp_place place = { 0 };
	int result = read_mode(call, &place);
	if (result == 0)
		result = lade_attach_device(call, &place.ifindex);
	return result < 0 ? result : attach(call, &place);
}
