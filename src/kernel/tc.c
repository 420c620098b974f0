/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/tc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_bpf.h>
#include <stdio.h>

enum { DUMPS = 5 }; /* how often a list that changes while it is read is read anew */

static void copy_refusal(const struct netlink_request *request, char *refusal)
{
	if (refusal)
		memcpy(refusal, request->refusal, NETLINK_REFUSAL_BYTES);
}

static void copy_text(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from);
}

/* ---- qdiscs ---- */

struct qdisc_search {
	int ifindex;
	char *kind;
};

static int take_qdisc(const struct nlmsghdr *message, void *data)
{
	const struct qdisc_search *search = data;
	const struct tcmsg *body = lade_netlink_body(message, sizeof *body);
	if (message->nlmsg_type == RTM_NEWQDISC && body && body->tcm_ifindex == search->ifindex &&
	    body->tcm_parent == TC_H_CLSACT)
		copy_text(search->kind, 16,
			  lade_netlink_string(lade_netlink_attributes(message, sizeof *body), TCA_KIND));
	return 0;
}

int lade_tc_get_qdisc(struct kernel *kernel, unsigned ifindex, char *kind)
{
	const struct tcmsg body = { .tcm_ifindex = (int)ifindex };
	struct qdisc_search search = { (int)ifindex, kind };
	int result = -EINTR;
	for (int i = 0; result == -EINTR && i < DUMPS; i++) {
		struct netlink_request request;
		*kind = '\0';
		lade_netlink_begin(&request, RTM_GETQDISC, NLM_F_DUMP, &body, sizeof body);
		result = lade_netlink(kernel, &request, take_qdisc, &search);
	}
	return result;
}

static int change_clsact(struct kernel *kernel, uint16_t type, unsigned flags, unsigned ifindex, char *refusal)
{
	const struct tcmsg body = { .tcm_ifindex = (int)ifindex,
				    .tcm_parent = TC_H_CLSACT,
				    .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0) };
	struct netlink_request request;
	lade_netlink_begin(&request, type, flags, &body, sizeof body);
	lade_netlink_put_string(&request, TCA_KIND, "clsact");
	int result = lade_netlink(kernel, &request, NULL, NULL);
	copy_refusal(&request, refusal);
	return result;
}

int lade_tc_add_clsact(struct kernel *kernel, unsigned ifindex, char *refusal)
{
	return change_clsact(kernel, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, ifindex, refusal);
}

int lade_tc_delete_clsact(struct kernel *kernel, unsigned ifindex)
{
	return change_clsact(kernel, RTM_DELQDISC, 0, ifindex, NULL);
}

int lade_tc_is_empty(struct kernel *kernel, unsigned ifindex)
{
	static const uint32_t parents[] = { TC_PARENT_INGRESS, TC_PARENT_EGRESS };
	size_t count = 0;
	for (size_t i = 0; i < ELEMENTS(parents); i++) {
		struct tc_filters filters = { 0 };
		int result = lade_tc_filters(kernel, ifindex, parents[i], &filters);
		if (result < 0)
			return result;
		count += filters.count;
		array_clear(&filters);
	}
	return count == 0;
}

/* ---- reading filters ---- */

/* Of the first action that is a program. */
static void take_action(struct tc_filter *filter, struct netlink_attributes actions)
{
	for (struct netlink_attribute one; !filter->program_id && lade_netlink_next(&actions, &one);) {
		const struct netlink_attributes action = { one.value, one.bytes };
		struct netlink_attributes options = lade_netlink_inside(action, TCA_ACT_OPTIONS);
		if (strcmp(lade_netlink_string(action, TCA_ACT_KIND), "bpf") != 0)
			continue;
		filter->program_id = lade_netlink_u32(options, TCA_ACT_BPF_ID);
		filter->by_action = true;
		copy_text(filter->name, sizeof filter->name, lade_netlink_string(options, TCA_ACT_BPF_NAME));
	}
}

static void take_program(struct tc_filter *filter, struct netlink_attributes options)
{
	filter->program_id = lade_netlink_u32(options, TCA_BPF_ID);
	filter->classid = lade_netlink_u32(options, TCA_BPF_CLASSID);
	filter->direct_action = lade_netlink_u32(options, TCA_BPF_FLAGS) & TCA_BPF_FLAG_ACT_DIRECT;
	copy_text(filter->name, sizeof filter->name, lade_netlink_string(options, TCA_BPF_NAME));
	if (!filter->program_id)
		take_action(filter, lade_netlink_inside(options, TCA_BPF_ACT));
}

struct filter_search {
	int ifindex;
	uint32_t parent;
	struct tc_filters *filters;
};

static int take_filter(const struct nlmsghdr *message, void *data)
{
	const struct filter_search *search = data;
	const struct tcmsg *body = lade_netlink_body(message, sizeof *body);
	if (message->nlmsg_type != RTM_NEWTFILTER || !body || body->tcm_ifindex != search->ifindex)
		return 0;
	/* Each priority comes first, then the filters of it. */
	if (!body->tcm_handle)
		return 0;
	const struct netlink_attributes attributes = lade_netlink_attributes(message, sizeof *body);
	struct tc_filter *filter = array_push(search->filters);
	if (!filter)
		return -ENOMEM;
	*filter = (struct tc_filter){ .ifindex = (unsigned)search->ifindex,
				      .parent = search->parent,
				      .handle = body->tcm_handle,
				      .chain = lade_netlink_u32(attributes, TCA_CHAIN),
				      .priority = (uint16_t)(body->tcm_info >> 16),
				      .protocol = ntohs((uint16_t)body->tcm_info) };
	copy_text(filter->kind, sizeof filter->kind, lade_netlink_string(attributes, TCA_KIND));
	if (strcmp(filter->kind, "bpf") == 0)
		take_program(filter, lade_netlink_inside(attributes, TCA_OPTIONS));
	return 0;
}

int lade_tc_filters(struct kernel *kernel, unsigned ifindex, uint32_t parent, struct tc_filters *ret_filters)
{
	const struct tcmsg body = { .tcm_ifindex = (int)ifindex, .tcm_parent = parent };
	struct tc_filters filters = { 0 };
	struct filter_search search = { (int)ifindex, parent, &filters };
	int result = -EINTR;
	for (int i = 0; result == -EINTR && i < DUMPS; i++) {
		struct netlink_request request;
		filters.count = 0;
		lade_netlink_begin(&request, RTM_GETTFILTER, NLM_F_DUMP, &body, sizeof body);
		result = lade_netlink(kernel, &request, take_filter, &search);
	}
	if (result < 0)
		array_clear(&filters);
	else
		*ret_filters = filters;
	return result;
}

const struct tc_filter *lade_tc_find_program(const struct tc_filters *filters, uint32_t priority, uint32_t handle,
					     uint32_t program_id)
{
	array_foreach(filter, filters)
		if (filter->priority == priority && filter->handle == handle && filter->program_id == program_id)
			return filter;
	return NULL;
}

/* ---- changing them ---- */

static void begin_filter(struct netlink_request *request, uint16_t type, unsigned flags, const struct tc_filter *filter)
{
	const struct tcmsg body = { .tcm_ifindex = (int)filter->ifindex,
				    .tcm_parent = filter->parent,
				    .tcm_handle = filter->handle,
				    .tcm_info = TC_H_MAKE((uint32_t)filter->priority << 16, htons(filter->protocol)) };
	lade_netlink_begin(request, type, flags, &body, sizeof body);
	if (filter->chain)
		lade_netlink_put_u32(request, TCA_CHAIN, filter->chain);
	lade_netlink_put_string(request, TCA_KIND, filter->kind);
}

/* The filter itself is one classic instruction that takes every packet. */
static void put_action(struct netlink_request *request, const struct tc_filter *filter, int program_fd)
{
	const struct sock_filter every = { .code = BPF_RET | BPF_K, .k = UINT32_MAX };
	const struct tc_act_bpf parameters = { .action = TC_ACT_PIPE };
	const uint16_t length = 1;
	lade_netlink_put(request, TCA_BPF_OPS_LEN, &length, sizeof length);
	lade_netlink_put(request, TCA_BPF_OPS, &every, sizeof every);
	size_t actions = lade_netlink_nest(request, TCA_BPF_ACT);
	size_t first = lade_netlink_nest(request, 1);
	lade_netlink_put_string(request, TCA_ACT_KIND, "bpf");
	size_t options = lade_netlink_nest(request, TCA_ACT_OPTIONS);
	lade_netlink_put(request, TCA_ACT_BPF_PARMS, &parameters, sizeof parameters);
	lade_netlink_put_u32(request, TCA_ACT_BPF_FD, (uint32_t)program_fd);
	lade_netlink_put_string(request, TCA_ACT_BPF_NAME, filter->name);
	lade_netlink_nest_end(request, options);
	lade_netlink_nest_end(request, first);
	lade_netlink_nest_end(request, actions);
}

static void put_program(struct netlink_request *request, const struct tc_filter *filter, int program_fd)
{
	lade_netlink_put_u32(request, TCA_BPF_FD, (uint32_t)program_fd);
	lade_netlink_put_string(request, TCA_BPF_NAME, filter->name);
	if (filter->direct_action)
		lade_netlink_put_u32(request, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	else if (filter->classid)
		lade_netlink_put_u32(request, TCA_BPF_CLASSID, filter->classid);
}

int lade_tc_put_filter(struct kernel *kernel, const struct tc_filter *filter, int program_fd, unsigned flags,
		       char *refusal)
{
	struct netlink_request request;
	begin_filter(&request, RTM_NEWTFILTER, flags, filter);
	size_t options = lade_netlink_nest(&request, TCA_OPTIONS);
	(filter->by_action ? put_action : put_program)(&request, filter, program_fd);
	lade_netlink_nest_end(&request, options);
	int result = lade_netlink(kernel, &request, NULL, NULL);
	copy_refusal(&request, refusal);
	return result;
}

int lade_tc_delete_filter(struct kernel *kernel, const struct tc_filter *filter)
{
	struct netlink_request request;
	begin_filter(&request, RTM_DELTFILTER, 0, filter);
	return lade_netlink(kernel, &request, NULL, NULL);
}
