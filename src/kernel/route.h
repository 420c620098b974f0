/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes with a program (light-weight tunnels), in the calling thread's network namespace. */
#ifndef LADE_KERNEL_ROUTE_H
#define LADE_KERNEL_ROUTE_H

#include "base/array.h"
#include "kernel/netlink.h"

enum route_program { ROUTE_IN, ROUTE_OUT, ROUTE_XMIT, ROUTE_SEGMENT, ROUTE_PROGRAMS };

enum { ROUTE_NAME_BYTES = 128 };

struct route {
	unsigned char family, prefix_length; /* AF_INET, AF_INET6 */
	bool has_gateway;
	unsigned char prefix[16], gateway[16];
	unsigned ifindex; /* 0: none */
	uint32_t table, metric, headroom;
	/* Of the programs: a text that whoever made the route gave. "": none. */
	char programs[ROUTE_PROGRAMS][ROUTE_NAME_BYTES];
};
struct routes {
	struct route *items;
	size_t count, capacity;
};

/* "10.1.0.0/16", "fc00::/64", an address alone. -EINVAL */
int lade_route_parse_prefix(const char *text, struct route *route);
int lade_route_parse_gateway(const char *text, struct route *route);

/* Routes of the same prefix, table and metric (0 of IPv6 is 1024). */
int lade_routes_like(struct kernel *kernel, const struct route *route, struct routes *ret_routes);
/* flags: NLM_F_CREATE | NLM_F_EXCL, or NLM_F_REPLACE. The program's text is route->programs[kind]. */
int lade_route_put(struct kernel *kernel, const struct route *route, enum route_program kind, int program_fd,
		   unsigned flags, char *refusal);
int lade_route_delete(struct kernel *kernel, const struct route *route);

#endif
