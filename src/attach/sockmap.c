/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs on a sockmap or sockhash. Sockets that are put into the map later run them; those that are in it already go
 * on as they were. A new program would silently take the place of one that is there: it is looked for first.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/hook.h"

/* ---- the map ---- */

static int fail_type(struct attach_call *call, uint32_t type)
{
	const char *name = lade_map_type_name(type);
	struct lade_finding *finding = lade_error_add(call->error, EOPNOTSUPP, "attach.map.type",
						      "%s: map %s is of type %s, not sockmap or sockhash",
						      call->program->name, call->target->name, name ? name : "unknown");
	finding_program(finding, call->program->name);
	return -EOPNOTSUPP;
}

static int open_sockmap(struct attach_call *call, struct bpf_map_info *ret_info)
{
	CLEANUP(cleanup_fd) int fd = lade_attach_open_map(call, ret_info);
	if (fd < 0)
		return fd;
	if (ret_info->type != BPF_MAP_TYPE_SOCKMAP && ret_info->type != BPF_MAP_TYPE_SOCKHASH)
		return fail_type(call, ret_info->type);
	return take_fd(&fd);
}

/* ---- who is there ---- */

static struct lade_finding *name_holders(struct attach_call *call, const struct hook_place *place, int result)
{
	/* The two kinds of verdict exclude each other. */
	const uint32_t types[] = { place->attach_type, BPF_SK_SKB_STREAM_VERDICT, BPF_SK_SKB_VERDICT };
	struct lade_finding *finding =
		lade_error_add(call->error, -result, "attach.exists", "%s: %s has a program already (hook %s)",
			       call->program->name, place->target, lade_attach_type_name(place->attach_type));
	for (size_t i = 0; i < (call->program->type == BPF_PROG_TYPE_SK_SKB ? ELEMENTS(types) : 1); i++) {
		struct hook_programs programs;
		char where[128];
		if ((i && types[i] == place->attach_type) ||
		    lade_hook_query(call->kernel, place->fd, types[i], &programs) < 0)
			continue;
		(void)snprintf(where, sizeof where, "%s of the map", lade_attach_type_name(types[i]));
		lade_hook_name_holders(call, &programs, where, finding);
	}
	return finding;
}

static struct lade_finding *explain(struct attach_call *call, const struct hook_place *place, int result)
{
	return result == -EBUSY ? name_holders(call, place, result) : NULL;
}

/* Kernels before 5.17 cannot be asked. */
static int refuse_if_held(struct attach_call *call, const struct hook_place *place)
{
	struct hook_programs programs = { 0 };
	if (lade_hook_query(call->kernel, place->fd, place->attach_type, &programs) < 0 || !programs.count)
		return 0;
	finding_program(name_holders(call, place, -EBUSY), call->program->name);
	return -EBUSY;
}

int lade_attach_sockmap(struct attach_call *call)
{
	struct bpf_map_info info = { 0 };
	uint32_t attach_type;
	char id[16];
	int result = lade_hook_type(call, &attach_type);
	if (result < 0)
		return result;
	CLEANUP(cleanup_fd) int fd = open_sockmap(call, &info);
	if (fd < 0)
		return fd;
	(void)snprintf(id, sizeof id, "%u", info.id);
	const struct hook_place place = { .target = call->target->text,
					  .fd = fd,
					  .attach_type = attach_type,
					  .link = FORM_SOCKMAP_LINK,
					  .effect = "sockmap",
					  .fields = { "map-id", id },
					  .explain = explain };
	result = refuse_if_held(call, &place);
	return result < 0 ? result : lade_hook_put(call, &place);
}
