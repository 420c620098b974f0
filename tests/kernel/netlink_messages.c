/* SPDX-License-Identifier: BSD-2-Clause */
/* Every message that is sent to rtnetlink, byte by byte as libmnl builds it. What kernels answer: tests/attach. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/lwtunnel.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_local.h>
#include <linux/tc_act/tc_bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>

#include "base/array.h"
#include "kernel/route.h"
#include "kernel/tc.h"
#include "kernel/xdp.h"

enum { INDEX = 7, PROGRAM = 11, OLD = 13, CLASS = 0x10002, ROOM = 2048 };

/* ---- what is sent ---- */

static struct netlink_request sent;
static size_t sent_count;

static int keep_request(struct kernel *kernel, struct netlink_request *request, netlink_reply_fn *reply, void *data)
{
	(void)kernel, (void)reply, (void)data;
	sent = *request;
	sent_count++;
	return 0;
}

static struct kernel *keeping_kernel(void)
{
	static const struct kernel_calls calls = { .netlink = keep_request };
	static struct kernel kernel = { .calls = &calls };
	return &kernel;
}

/* ---- what libmnl makes of it ---- */

static _Alignas(4) unsigned char room[ROOM];

static struct nlmsghdr *begin(uint16_t type, unsigned flags, const void *body, size_t bytes)
{
	memset(room, 0, sizeof room);
	struct nlmsghdr *message = mnl_nlmsg_put_header(room);
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
	memcpy(mnl_nlmsg_put_extra_header(message, bytes), body, bytes);
	return message;
}

static void assert_sent(const struct nlmsghdr *wanted)
{
	assert_int_equal(sent_count, 1);
	assert_false(sent.overflow);
	assert_int_equal(sent.header.nlmsg_len, wanted->nlmsg_len);
	assert_memory_equal(sent.bytes, wanted, wanted->nlmsg_len);
	sent_count = 0;
}

/* ---- traffic control ---- */

static struct nlmsghdr *clsact(uint16_t type, unsigned flags)
{
	const struct tcmsg body = { .tcm_ifindex = INDEX, .tcm_parent = TC_H_CLSACT, .tcm_handle = 0xffff0000 };
	struct nlmsghdr *message = begin(type, flags, &body, sizeof body);
	mnl_attr_put_strz(message, TCA_KIND, "clsact");
	return message;
}

static void qdisc_is_asked_for_made_and_removed(void **state)
{
	(void)state;
	const struct tcmsg device = { .tcm_ifindex = INDEX };
	char kind[16];
	assert_int_equal(lade_tc_get_qdisc(keeping_kernel(), INDEX, kind), 0);
	assert_sent(begin(RTM_GETQDISC, NLM_F_DUMP, &device, sizeof device));
	assert_int_equal(lade_tc_add_clsact(keeping_kernel(), INDEX, NULL), 0);
	assert_sent(clsact(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL));
	assert_int_equal(lade_tc_delete_clsact(keeping_kernel(), INDEX), 0);
	assert_sent(clsact(RTM_DELQDISC, 0));
}

static struct tc_filter filter_of(uint32_t parent, bool direct_action, bool by_action)
{
	return (struct tc_filter){ .ifindex = INDEX,
				   .parent = parent,
				   .handle = 0x1f,
				   .priority = 49152,
				   .protocol = ETH_P_ALL,
				   .kind = "bpf",
				   .name = "cls_main",
				   .direct_action = direct_action,
				   .by_action = by_action };
}

static struct nlmsghdr *filter_head(uint16_t type, unsigned flags, const struct tc_filter *filter)
{
	const struct tcmsg body = { .tcm_ifindex = INDEX,
				    .tcm_parent = filter->parent,
				    .tcm_handle = 0x1f,
				    .tcm_info = 49152U << 16 | htons(ETH_P_ALL) };
	struct nlmsghdr *message = begin(type, flags, &body, sizeof body);
	if (filter->chain)
		mnl_attr_put_u32(message, TCA_CHAIN, filter->chain);
	mnl_attr_put_strz(message, TCA_KIND, "bpf");
	return message;
}

static void filters_are_asked_for_at_either_hook(void **state)
{
	(void)state;
	static const uint32_t parents[] = { TC_PARENT_INGRESS, TC_PARENT_EGRESS };
	for (size_t i = 0; i < ELEMENTS(parents); i++) {
		const struct tcmsg body = { .tcm_ifindex = INDEX, .tcm_parent = parents[i] };
		struct tc_filters filters = { 0 };
		assert_int_equal(lade_tc_filters(keeping_kernel(), INDEX, parents[i], &filters), 0);
		assert_sent(begin(RTM_GETTFILTER, NLM_F_DUMP, &body, sizeof body));
	}
}

static void put(const struct tc_filter *filter, unsigned flags)
{
	assert_int_equal(lade_tc_put_filter(keeping_kernel(), filter, PROGRAM, flags, NULL), 0);
}

static void filter_acts_directly_or_gives_a_class(void **state)
{
	(void)state;
	struct tc_filter direct = filter_of(TC_PARENT_INGRESS, true, false), class = direct;
	class.direct_action = false;
	class.classid = CLASS;
	class.chain = 3;
	put(&direct, NLM_F_CREATE | NLM_F_EXCL);
	struct nlmsghdr *message = filter_head(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &direct);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put_u32(message, TCA_BPF_FD, PROGRAM);
	mnl_attr_put_strz(message, TCA_BPF_NAME, "cls_main");
	mnl_attr_put_u32(message, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	mnl_attr_nest_end(message, options);
	assert_sent(message);
	put(&class, 0); /* in the place of what has this handle */
	message = filter_head(RTM_NEWTFILTER, 0, &class);
	options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put_u32(message, TCA_BPF_FD, PROGRAM);
	mnl_attr_put_strz(message, TCA_BPF_NAME, "cls_main");
	mnl_attr_put_u32(message, TCA_BPF_CLASSID, CLASS);
	mnl_attr_nest_end(message, options);
	assert_sent(message);
}

static void action_is_that_of_a_filter_that_takes_every_packet(void **state)
{
	(void)state;
	const struct tc_filter filter = filter_of(TC_PARENT_EGRESS, false, true);
	const struct sock_filter every = { .code = BPF_RET | BPF_K, .k = UINT32_MAX };
	const struct tc_act_bpf parameters = { .action = TC_ACT_PIPE };
	put(&filter, NLM_F_CREATE | NLM_F_EXCL);
	struct nlmsghdr *message = filter_head(RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &filter);
	struct nlattr *options = mnl_attr_nest_start(message, TCA_OPTIONS);
	mnl_attr_put_u16(message, TCA_BPF_OPS_LEN, 1);
	mnl_attr_put(message, TCA_BPF_OPS, sizeof every, &every);
	struct nlattr *actions = mnl_attr_nest_start(message, TCA_BPF_ACT);
	struct nlattr *first = mnl_attr_nest_start(message, 1);
	mnl_attr_put_strz(message, TCA_ACT_KIND, "bpf");
	struct nlattr *inner = mnl_attr_nest_start(message, TCA_ACT_OPTIONS);
	mnl_attr_put(message, TCA_ACT_BPF_PARMS, sizeof parameters, &parameters);
	mnl_attr_put_u32(message, TCA_ACT_BPF_FD, PROGRAM);
	mnl_attr_put_strz(message, TCA_ACT_BPF_NAME, "cls_main");
	mnl_attr_nest_end(message, inner);
	mnl_attr_nest_end(message, first);
	mnl_attr_nest_end(message, actions);
	mnl_attr_nest_end(message, options);
	assert_sent(message);
}

static void filter_is_removed_by_its_place(void **state)
{
	(void)state;
	struct tc_filter filter = filter_of(TC_PARENT_EGRESS, true, false);
	filter.chain = 3;
	assert_int_equal(lade_tc_delete_filter(keeping_kernel(), &filter), 0);
	assert_sent(filter_head(RTM_DELTFILTER, 0, &filter));
}

/* ---- XDP ---- */

static struct nlmsghdr *link_message(uint16_t type)
{
	const struct ifinfomsg body = { .ifi_index = INDEX };
	return begin(type, 0, &body, sizeof body);
}

static void xdp_program_is_asked_for(void **state)
{
	(void)state;
	struct xdp_state programs;
	assert_int_equal(lade_xdp_get(keeping_kernel(), INDEX, &programs), 0);
	assert_sent(link_message(RTM_GETLINK));
}

static void xdp_program_is_set_exchanged_and_taken_away(void **state)
{
	(void)state;
	static const struct {
		int program, expected;
		uint32_t flags, sent;
	} table[] = {
		{ PROGRAM, -1, XDP_FLAGS_UPDATE_IF_NOEXIST, XDP_FLAGS_UPDATE_IF_NOEXIST },
		{ PROGRAM, OLD, XDP_FLAGS_SKB_MODE, XDP_FLAGS_SKB_MODE | XDP_FLAGS_REPLACE },
		{ -1, OLD, XDP_FLAGS_DRV_MODE, XDP_FLAGS_DRV_MODE | XDP_FLAGS_REPLACE },
	};
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		assert_int_equal(lade_xdp_set(keeping_kernel(), INDEX, table[i].program, table[i].expected,
					      table[i].flags, NULL),
				 0);
		struct nlmsghdr *message = link_message(RTM_SETLINK);
		struct nlattr *xdp = mnl_attr_nest_start(message, IFLA_XDP);
		mnl_attr_put_u32(message, IFLA_XDP_FD, (uint32_t)table[i].program);
		if (table[i].expected >= 0)
			mnl_attr_put_u32(message, IFLA_XDP_EXPECTED_FD, (uint32_t)table[i].expected);
		mnl_attr_put_u32(message, IFLA_XDP_FLAGS, table[i].sent);
		mnl_attr_nest_end(message, xdp);
		assert_sent(message);
	}
}

/* ---- routes ---- */

static struct route route_of(const char *prefix, const char *gateway)
{
	struct route route = { .ifindex = INDEX, .table = 254, .metric = 5, .headroom = 16 };
	assert_int_equal(lade_route_parse_prefix(prefix, &route), 0);
	if (gateway)
		assert_int_equal(lade_route_parse_gateway(gateway, &route), 0);
	for (int kind = 0; kind < ROUTE_PROGRAMS; kind++)
		(void)snprintf(route.programs[kind], sizeof route.programs[kind], "lade/%d", kind);
	return route;
}

static struct nlmsghdr *route_head(uint16_t type, unsigned flags, const struct route *route, struct rtmsg body)
{
	size_t bytes = route->family == AF_INET ? 4 : 16;
	body.rtm_family = route->family;
	body.rtm_dst_len = route->prefix_length;
	struct nlmsghdr *message = begin(type, flags, &body, sizeof body);
	mnl_attr_put(message, RTA_DST, bytes, route->prefix);
	mnl_attr_put_u32(message, RTA_TABLE, route->table);
	mnl_attr_put_u32(message, RTA_PRIORITY, 5);
	mnl_attr_put_u32(message, RTA_OIF, INDEX);
	if (route->has_gateway)
		mnl_attr_put(message, RTA_GATEWAY, bytes, route->gateway);
	return message;
}

static void routes_are_asked_for_and_removed(void **state)
{
	(void)state;
	const struct rtmsg family = { .rtm_family = AF_INET6 },
			   any = { .rtm_table = 254, .rtm_scope = RT_SCOPE_NOWHERE };
	const struct route route = route_of("fc00::/64", "fc00::1");
	struct routes routes = { 0 };
	assert_int_equal(lade_routes_like(keeping_kernel(), &route, &routes), 0);
	assert_sent(begin(RTM_GETROUTE, NLM_F_DUMP, &family, sizeof family));
	assert_int_equal(lade_route_delete(keeping_kernel(), &route), 0);
	assert_sent(route_head(RTM_DELROUTE, 0, &route, any));
}

static void route_has_a_program_at_each_of_its_places(void **state)
{
	(void)state;
	static const struct {
		enum route_program kind;
		uint16_t place;
		const char *prefix, *gateway;
		uint32_t table;
	} table[] = { { ROUTE_IN, LWT_BPF_IN, "10.1.0.0/16", NULL, 254 },
		      { ROUTE_OUT, LWT_BPF_OUT, "10.1.0.0/16", "10.0.0.1", 1000 },
		      { ROUTE_XMIT, LWT_BPF_XMIT, "fc00::/64", "fc00::1", 254 } };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct route route = route_of(table[i].prefix, table[i].gateway);
		route.table = table[i].table;
		const struct rtmsg body = { .rtm_table = route.table < 256 ? 254 : RT_TABLE_UNSPEC,
					    .rtm_protocol = RTPROT_STATIC,
					    .rtm_scope = route.has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
					    .rtm_type = RTN_UNICAST };
		assert_int_equal(lade_route_put(keeping_kernel(), &route, table[i].kind, PROGRAM,
						NLM_F_CREATE | NLM_F_EXCL, NULL),
				 0);
		struct nlmsghdr *message = route_head(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, body);
		mnl_attr_put_u16(message, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_BPF);
		struct nlattr *encap = mnl_attr_nest_start(message, RTA_ENCAP);
		struct nlattr *program = mnl_attr_nest_start(message, table[i].place);
		mnl_attr_put_u32(message, LWT_BPF_PROG_FD, PROGRAM);
		mnl_attr_put_strz(message, LWT_BPF_PROG_NAME, route.programs[table[i].kind]);
		mnl_attr_nest_end(message, program);
		mnl_attr_put_u32(message, LWT_BPF_XMIT_HEADROOM, 16);
		mnl_attr_nest_end(message, encap);
		assert_sent(message);
	}
}

static void segment_has_a_program_and_may_be_replaced(void **state)
{
	(void)state;
	const struct route route = route_of("fc00::/64", NULL);
	const struct rtmsg body = {
		.rtm_table = 254, .rtm_protocol = RTPROT_STATIC, .rtm_scope = RT_SCOPE_LINK, .rtm_type = RTN_UNICAST
	};
	assert_int_equal(lade_route_put(keeping_kernel(), &route, ROUTE_SEGMENT, PROGRAM, NLM_F_REPLACE, NULL), 0);
	struct nlmsghdr *message = route_head(RTM_NEWROUTE, NLM_F_REPLACE, &route, body);
	mnl_attr_put_u16(message, RTA_ENCAP_TYPE, LWTUNNEL_ENCAP_SEG6_LOCAL);
	struct nlattr *encap = mnl_attr_nest_start(message, RTA_ENCAP);
	mnl_attr_put_u32(message, SEG6_LOCAL_ACTION, SEG6_LOCAL_ACTION_END_BPF);
	struct nlattr *program = mnl_attr_nest_start(message, SEG6_LOCAL_BPF);
	mnl_attr_put_u32(message, SEG6_LOCAL_BPF_PROG, PROGRAM);
	mnl_attr_put_strz(message, SEG6_LOCAL_BPF_PROG_NAME, route.programs[ROUTE_SEGMENT]);
	mnl_attr_nest_end(message, program);
	mnl_attr_nest_end(message, encap);
	assert_sent(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(qdisc_is_asked_for_made_and_removed),
		cmocka_unit_test(filters_are_asked_for_at_either_hook),
		cmocka_unit_test(filter_acts_directly_or_gives_a_class),
		cmocka_unit_test(action_is_that_of_a_filter_that_takes_every_packet),
		cmocka_unit_test(filter_is_removed_by_its_place),
		cmocka_unit_test(xdp_program_is_asked_for),
		cmocka_unit_test(xdp_program_is_set_exchanged_and_taken_away),
		cmocka_unit_test(routes_are_asked_for_and_removed),
		cmocka_unit_test(route_has_a_program_at_each_of_its_places),
		cmocka_unit_test(segment_has_a_program_and_may_be_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
