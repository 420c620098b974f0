/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * route: a route with a program. The kernel tells no id of the program, but keeps a text of ours, which names the
 * program and its id: "lade/leaves/77".
 *
 *     route program=leaves method=lwt target=route:10.1.0.0/16,dev=eth0 netns=4026531840 prefix=10.1.0.0/16 table=254
 *           metric=0 place=1 prog-id=77
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bpf.h"
#include "kernel/route.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

void lade_route_mark(const char *program, uint32_t program_id, char *mark, size_t size)
{
	(void)snprintf(mark, size, "lade/%.80s/%u", program, program_id);
}

static const char *program_of(const struct journal_entry *entry)
{
	const char *program = lade_journal_value(entry, "program");
	return program ? program : "";
}

static enum route_program place_of(const struct journal_entry *entry)
{
	uint32_t place = lade_effect_number(entry, "place");
	return place < ROUTE_PROGRAMS ? place : ROUTE_IN;
}

/* 1: it is there; *ret_route is what the kernel says of it. */
static int find_route(struct kernel *kernel, const struct journal_entry *entry, struct route *ret_route)
{
	const char *prefix = lade_journal_value(entry, "prefix");
	struct route wanted = { .table = lade_effect_number(entry, "table"),
				.metric = lade_effect_number(entry, "metric") };
	char mark[ROUTE_NAME_BYTES];
	struct routes routes = { 0 };
	lade_route_mark(program_of(entry), lade_effect_number(entry, "prog-id"), mark, sizeof mark);
	if (!prefix || lade_route_parse_prefix(prefix, &wanted) < 0)
		return 0;
	int result = lade_routes_like(kernel, &wanted, &routes), found = 0;
	array_foreach(route, &routes)
		if (!found && strcmp(route->programs[place_of(entry)], mark) == 0) {
			*ret_route = *route;
			found = 1;
		}
	array_clear(&routes);
	return result < 0 ? result : found;
}

static int undo(struct kernel *kernel, const struct effect_visit *visit)
{
	struct route route;
	int result = find_route(kernel, visit->entry, &route);
	if (result <= 0)
		return result;
	result = lade_route_delete(kernel, &route);
	return result == -ESRCH || result == -ENODEV || result == -ENOENT ? 0 : result;
}

static int check(struct kernel *kernel, const struct effect_visit *visit)
{
	struct route route;
	return find_route(kernel, visit->entry, &route);
}

static int replace(struct kernel *kernel, const struct effect_visit *visit)
{
	enum route_program place = place_of(visit->entry);
	struct bpf_prog_info info;
	struct route route;
	int result = find_route(kernel, visit->entry, &route);
	if (result <= 0)
		return result < 0 ? result : -ESTALE;
	result = lade_bpf_prog_info(kernel, visit->program_fd, &info);
	if (result < 0)
		return result;
	lade_route_mark(program_of(visit->entry), info.id, route.programs[place], ROUTE_NAME_BYTES);
	return lade_route_put(kernel, &route, place, visit->program_fd, NLM_F_REPLACE, NULL);
}

int lade_undo_route(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, undo);
}

int lade_check_route(struct kernel *kernel, const struct journal_entry *entry)
{
	return lade_effect_visit_if_there(kernel, entry, check);
}

int lade_replace_route(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	int result = lade_effect_visit(kernel, entry, program_fd, replace);
	return result == -ENXIO ? -ESTALE : result;
}
