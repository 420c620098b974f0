/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of light-weight tunnels: a route that has the program, which is an effect. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "attach/device.h"
#include "kernel/route.h"
#include "txn/effect_netns.h"

static const struct {
	uint32_t type;
	enum route_program place;
} places[] = {
	{ BPF_PROG_TYPE_LWT_IN, ROUTE_IN },
	{ BPF_PROG_TYPE_LWT_OUT, ROUTE_OUT },
	{ BPF_PROG_TYPE_LWT_XMIT, ROUTE_XMIT },
	{ BPF_PROG_TYPE_LWT_SEG6LOCAL, ROUTE_SEGMENT },
};

static enum route_program place_of(const struct attach_call *call)
{
	size_t i = 0;
	while (i + 1 < ELEMENTS(places) && places[i].type != call->program->type)
		i++;
	return places[i].place;
}

/* ---- what the target says ---- */

static int fail_value(struct attach_call *call, const char *what, const char *text)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.target.option", "%s: \"%s\" is no %s of a route",
			       call->program->name, text, what);
	finding_program(finding, call->program->name);
	finding_fix(finding, "write route:PREFIX,dev=IF|via=ADDRESS[,table=N][,metric=N][,headroom=N]");
	return -EINVAL;
}

static int read_number(struct attach_call *call, const char *key, uint32_t *ret_value)
{
	const char *text = lade_attach_option(call->target, key);
	char *end = NULL;
	if (!text)
		return 0;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || value > UINT32_MAX)
		return fail_value(call, key, text);
	*ret_value = (uint32_t)value;
	return 0;
}

static int read_device(struct attach_call *call, struct route *route)
{
	const char *device = lade_attach_option(call->target, "dev");
	const char *gateway = lade_attach_option(call->target, "via");
	if (!device && !gateway)
		return fail_value(call, "way (dev=IF or via=ADDRESS)", call->target->text);
	if (gateway && lade_route_parse_gateway(gateway, route) < 0)
		return fail_value(call, "gateway", gateway);
	route->ifindex = device ? if_nametoindex(device) : 0;
	return device && !route->ifindex ? lade_attach_no_device(call, device) : 0;
}

static int read_target(struct attach_call *call, struct route *route)
{
	int result = lade_route_parse_prefix(call->target->name, route);
	if (result < 0)
		return fail_value(call, "prefix", call->target->name);
	route->table = RT_TABLE_MAIN;
	result = read_device(call, route);
	if (result == 0)
		result = read_number(call, "table", &route->table);
	if (result == 0)
		result = read_number(call, "metric", &route->metric);
	return result < 0 ? result : read_number(call, "headroom", &route->headroom);
}

/* ---- the route ---- */

static void say_others(struct attach_call *call, const struct route *route, struct lade_finding *finding)
{
	static const char *const names[ROUTE_PROGRAMS] = { "in", "out", "xmit", "seg6local" };
	struct routes others = { 0 };
	if (lade_routes_like(call->kernel, route, &others) < 0)
		return;
	array_foreach(other, &others) {
		char device[IF_NAMESIZE] = "no interface";
		(void)if_indextoname(other->ifindex, device);
		finding_evidence(finding, "a route to %s by %s is there", call->target->name, device);
		for (int place = 0; place < ROUTE_PROGRAMS; place++)
			if (*other->programs[place])
				finding_evidence(finding, "it has the program %s (%s)", other->programs[place],
						 names[place]);
	}
	array_clear(&others);
}

static int refuse(struct attach_call *call, const struct route *route, int result, const char *refusal)
{
	struct lade_finding *finding = lade_attach_refusal(call, OPERATION_NETLINK, call->target->text, result);
	lade_attach_say_refusal(finding, refusal);
	if (result == -EEXIST)
		say_others(call, route, finding);
	return result;
}

static int journal_route(struct attach_call *call, const struct route *route, uint32_t id, unsigned *ret_number)
{
	const struct netns_text netns = lade_attach_netns_text();
	char table[16], metric[16], place[16], number[16];
	(void)snprintf(table, sizeof table, "%u", route->table);
	(void)snprintf(metric, sizeof metric, "%u", route->metric);
	(void)snprintf(place, sizeof place, "%u", (unsigned)place_of(call));
	(void)snprintf(number, sizeof number, "%u", id);
	const char *const pairs[] = { "netns", netns.text, "prefix", call->target->name, "table", table, "metric",
				      metric,  "place",    place,    "prog-id",          number,  NULL };
	return lade_attach_begin_effect(call, "route", call->target->text, pairs, ret_number);
}

int lade_attach_lwt(struct attach_call *call)
{
	struct route route = { 0 };
	enum route_program place = place_of(call);
	char refusal[NETLINK_REFUSAL_BYTES];
	uint32_t id = lade_attach_program_id(call);
	unsigned number;
	int result = read_target(call, &route);
	if (result < 0)
		return result;
	lade_route_mark(call->program->name, id, route.programs[place], ROUTE_NAME_BYTES);
	result = journal_route(call, &route, id, &number);
	if (result < 0)
		return result;
	result = lade_route_put(call->kernel, &route, place, call->program->fd, NLM_F_CREATE | NLM_F_EXCL, refusal);
	if (result == 0)
		return lade_attach_keep_effect(call, call->target->text, -1, number);
	/* What is there may be this very program, attached before: it stays. */
	(void)(result == -EEXIST ? lade_txn_effect_drop : lade_txn_effect_undo)(call->txn, number);
	return refuse(call, &route, result, refusal);
}
