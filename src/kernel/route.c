/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/route.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/lwtunnel.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_local.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

enum { DUMPS = 5, IPV6_METRIC = 1024 }; /* what the kernel takes for an IPv6 route without a metric */

static size_t address_bytes(const struct route *route)
{
	return route->family == AF_INET ? 4 : 16;
}

/* ---- text ---- */

int lade_route_parse_prefix(const char *text, struct route *route)
{
	CLEANUP(cleanup_free) char *address = strdup(text);
	if (!address)
		return -ENOMEM;
	char *slash = strchr(address, '/'), *end = NULL;
	if (slash)
		*slash = '\0';
	route->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(route->family, address, route->prefix) != 1)
		return -EINVAL;
	unsigned long most = address_bytes(route) * 8;
	unsigned long length = slash ? strtoul(slash + 1, &end, 10) : most;
	if ((slash && (end == slash + 1 || *end)) || length > most)
		return -EINVAL;
	route->prefix_length = (unsigned char)length;
	return 0;
}

int lade_route_parse_gateway(const char *text, struct route *route)
{
	route->has_gateway = true;
	return inet_pton(route->family, text, route->gateway) == 1 ? 0 : -EINVAL;
}

/* ---- reading ---- */

static const struct {
	uint16_t place, name; /* attributes: of the program, and of its text inside */
} encapsulations[ROUTE_PROGRAMS] = {
	[ROUTE_IN] = { LWT_BPF_IN, LWT_BPF_PROG_NAME },
	[ROUTE_OUT] = { LWT_BPF_OUT, LWT_BPF_PROG_NAME },
	[ROUTE_XMIT] = { LWT_BPF_XMIT, LWT_BPF_PROG_NAME },
	[ROUTE_SEGMENT] = { SEG6_LOCAL_BPF, SEG6_LOCAL_BPF_PROG_NAME },
};

static uint16_t encapsulation_type(enum route_program kind)
{
	return kind == ROUTE_SEGMENT ? LWTUNNEL_ENCAP_SEG6_LOCAL : LWTUNNEL_ENCAP_BPF;
}

static void take_programs(struct netlink_attributes attributes, struct route *route)
{
	struct netlink_attribute type;
	uint16_t value = 0;
	if (lade_netlink_find(attributes, RTA_ENCAP_TYPE, &type) && type.bytes >= sizeof value)
		memcpy(&value, type.value, sizeof value);
	const struct netlink_attributes encap = lade_netlink_inside(attributes, RTA_ENCAP);
	for (enum route_program kind = ROUTE_IN; kind < ROUTE_PROGRAMS; kind++)
		if (value == encapsulation_type(kind))
			(void)snprintf(route->programs[kind], ROUTE_NAME_BYTES, "%s",
				       lade_netlink_string(lade_netlink_inside(encap, encapsulations[kind].place),
							   encapsulations[kind].name));
}

static void take_address(struct netlink_attributes attributes, uint16_t type, size_t bytes, unsigned char *into)
{
	struct netlink_attribute address;
	if (lade_netlink_find(attributes, type, &address) && address.bytes == bytes)
		memcpy(into, address.value, bytes);
}

static bool is_like(const struct route *one, const struct route *wanted)
{
	uint32_t metric = wanted->metric || wanted->family == AF_INET ? wanted->metric : IPV6_METRIC;
	return one->prefix_length == wanted->prefix_length && one->table == wanted->table && one->metric == metric &&
	       memcmp(one->prefix, wanted->prefix, sizeof one->prefix) == 0;
}

struct route_search {
	const struct route *wanted;
	struct routes *routes;
};

static int take_route(const struct nlmsghdr *message, void *data)
{
	const struct route_search *search = data;
	const struct rtmsg *body = lade_netlink_body(message, sizeof *body);
	if (message->nlmsg_type != RTM_NEWROUTE || !body || body->rtm_family != search->wanted->family)
		return 0;
	const struct netlink_attributes attributes = lade_netlink_attributes(message, sizeof *body);
	struct route route = { .family = body->rtm_family, .prefix_length = body->rtm_dst_len };
	struct netlink_attribute gateway;
	uint32_t table = lade_netlink_u32(attributes, RTA_TABLE);
	route.table = table ? table : body->rtm_table;
	route.metric = lade_netlink_u32(attributes, RTA_PRIORITY);
	route.ifindex = lade_netlink_u32(attributes, RTA_OIF);
	route.has_gateway = lade_netlink_find(attributes, RTA_GATEWAY, &gateway);
	take_address(attributes, RTA_DST, address_bytes(&route), route.prefix);
	take_address(attributes, RTA_GATEWAY, address_bytes(&route), route.gateway);
	take_programs(attributes, &route);
	if (!is_like(&route, search->wanted))
		return 0;
	struct route *slot = array_push(search->routes);
	if (!slot)
		return -ENOMEM;
	*slot = route;
	return 0;
}

int lade_routes_like(struct kernel *kernel, const struct route *route, struct routes *ret_routes)
{
	const struct rtmsg body = { .rtm_family = route->family };
	struct routes routes = { 0 };
	struct route_search search = { route, &routes };
	int result = -EINTR;
	for (int i = 0; result == -EINTR && i < DUMPS; i++) {
		struct netlink_request request;
		routes.count = 0;
		lade_netlink_begin(&request, RTM_GETROUTE, NLM_F_DUMP, &body, sizeof body);
		result = lade_netlink(kernel, &request, take_route, &search);
	}
	if (result < 0)
		array_clear(&routes);
	else
		*ret_routes = routes;
	return result;
}

/* ---- changing ---- */

static void begin(struct netlink_request *request, uint16_t type, unsigned flags, const struct route *route)
{
	const bool is_new = type == RTM_NEWROUTE;
	const struct rtmsg body = {
		.rtm_family = route->family,
		.rtm_dst_len = route->prefix_length,
		.rtm_table = route->table < 256 ? (unsigned char)route->table : RT_TABLE_UNSPEC,
		.rtm_protocol = is_new ? RTPROT_STATIC : RTPROT_UNSPEC,
		.rtm_scope = !is_new              ? RT_SCOPE_NOWHERE
			     : route->has_gateway ? RT_SCOPE_UNIVERSE
						  : RT_SCOPE_LINK,
		.rtm_type = is_new ? RTN_UNICAST : RTN_UNSPEC,
	};
	lade_netlink_begin(request, type, flags, &body, sizeof body);
	lade_netlink_put(request, RTA_DST, route->prefix, address_bytes(route));
	lade_netlink_put_u32(request, RTA_TABLE, route->table);
	if (route->metric)
		lade_netlink_put_u32(request, RTA_PRIORITY, route->metric);
	if (route->ifindex)
		lade_netlink_put_u32(request, RTA_OIF, route->ifindex);
	if (route->has_gateway)
		lade_netlink_put(request, RTA_GATEWAY, route->gateway, address_bytes(route));
}

static void put_program(struct netlink_request *request, const struct route *route, enum route_program kind,
			int program_fd)
{
	const uint16_t type = encapsulation_type(kind);
	lade_netlink_put(request, RTA_ENCAP_TYPE, &type, sizeof type);
	size_t encap = lade_netlink_nest(request, RTA_ENCAP);
	if (kind == ROUTE_SEGMENT)
		lade_netlink_put_u32(request, SEG6_LOCAL_ACTION, SEG6_LOCAL_ACTION_END_BPF);
	size_t program = lade_netlink_nest(request, encapsulations[kind].place);
	lade_netlink_put_u32(request, kind == ROUTE_SEGMENT ? SEG6_LOCAL_BPF_PROG : LWT_BPF_PROG_FD,
			     (uint32_t)program_fd);
	lade_netlink_put_string(request, encapsulations[kind].name, route->programs[kind]);
	lade_netlink_nest_end(request, program);
	if (route->headroom && kind != ROUTE_SEGMENT)
		lade_netlink_put_u32(request, LWT_BPF_XMIT_HEADROOM, route->headroom);
	lade_netlink_nest_end(request, encap);
}

int lade_route_put(struct kernel *kernel, const struct route *route, enum route_program kind, int program_fd,
		   unsigned flags, char *refusal)
{
	struct netlink_request request;
	begin(&request, RTM_NEWROUTE, flags, route);
	put_program(&request, route, kind, program_fd);
	int result = lade_netlink(kernel, &request, NULL, NULL);
	if (refusal)
		memcpy(refusal, request.refusal, NETLINK_REFUSAL_BYTES);
	return result;
}

int lade_route_delete(struct kernel *kernel, const struct route *route)
{
	struct netlink_request request;
	begin(&request, RTM_DELROUTE, 0, route);
	return lade_netlink(kernel, &request, NULL, NULL);
}
