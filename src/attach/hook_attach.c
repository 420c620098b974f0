/* SPDX-License-Identifier: BSD-2-Clause */
/* Putting a program onto a hook: by a link, or by BPF_PROG_ATTACH where the kernel has no such links. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach/hook.h"

static int create_link(struct attach_call *call, const struct hook_place *place)
{
	const struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					       .target_fd = (uint32_t)place->fd,
					       .attach_type = place->attach_type };
	return lade_bpf_link_create(call->kernel, &attr);
}

static int refuse(struct attach_call *call, const struct hook_place *place, enum attach_operation operation, int result)
{
	struct lade_finding *finding = place->explain ? place->explain(call, place, result) : NULL;
	if (!finding)
		return lade_attach_refused(call, operation, place->target, result);
	finding_program(finding, call->program->name);
	return result;
}

static int begin(struct attach_call *call, const struct hook_place *place, unsigned *ret_number)
{
	struct bpf_prog_info info;
	char id[16], type[16];
	const char *pairs[ELEMENTS(place->fields) + 4];
	size_t count = 0;
	int result = lade_bpf_prog_info(call->kernel, call->program->fd, &info);
	if (result < 0)
		return lade_attach_refused(call, OPERATION_PROG_ATTACH, place->target, result);
	(void)snprintf(id, sizeof id, "%u", info.id);
	(void)snprintf(type, sizeof type, "%u", place->attach_type);
	while (count < ELEMENTS(place->fields) && place->fields[count]) {
		pairs[count] = place->fields[count];
		count++;
	}
	const char *const common[] = { "attach-type", type, "prog-id", id, NULL };
	memcpy(pairs + count, common, sizeof common);
	return lade_attach_begin_effect(call, place->effect, place->target, pairs, ret_number);
}

static int attach_old(struct attach_call *call, const struct hook_place *place)
{
	if (place->attach)
		return place->attach(call->kernel, place, call->program->fd);
	return lade_hook_attach(call->kernel, place->fd, call->program->fd, place->attach_type, place->flags);
}

static int put_old(struct attach_call *call, const struct hook_place *place, bool link_was_tried)
{
	unsigned number;
	int result = begin(call, place, &number);
	if (result < 0)
		return result;
	result = attach_old(call, place);
	if (result < 0) {
		(void)lade_txn_effect_undo(call->txn, number);
		return refuse(call, place, OPERATION_PROG_ATTACH, result);
	}
	if (link_was_tried)
		lade_kernel_form_set_absent(call->kernel, place->link);
	return lade_attach_keep_effect(call, place->target, -1, number);
}

/*
 * EINVAL may mean that the kernel has no such links, or that program and hook do not fit. The old way tells: only when
 * it works were the links absent.
 */
int lade_hook_put(struct attach_call *call, const struct hook_place *place)
{
	bool known_absent = place->effect && lade_kernel_form_absent(call->kernel, place->link);
	bool try_link = place->link && !known_absent;
	int link = try_link ? create_link(call, place) : -EINVAL;
	if (link == -EINVAL && place->effect)
		return put_old(call, place, try_link);
	if (link < 0)
		return refuse(call, place, OPERATION_LINK_CREATE, link);
	return lade_attach_keep(call, place->target, link, true);
}

/* ---- who is there ---- */

enum { MOST_NAMED = 8 };

static const char *company(uint32_t flags)
{
	if (flags & BPF_F_ALLOW_MULTI)
		return ", with others (BPF_F_ALLOW_MULTI)";
	return flags & BPF_F_ALLOW_OVERRIDE ? ", alone, may be overridden below (BPF_F_ALLOW_OVERRIDE)"
					    : ", alone, nobody beside or below it (flags 0)";
}

void lade_hook_name_holders(struct attach_call *call, const struct hook_programs *programs, const char *where,
			    struct lade_finding *finding)
{
	bool is_cgroup = call->target->kind == TARGET_CGROUP;
	uint32_t named = programs->count < MOST_NAMED ? programs->count : MOST_NAMED;
	for (uint32_t i = 0; i < named; i++) {
		struct bpf_prog_info info = { 0 };
		CLEANUP(cleanup_fd) int fd = lade_bpf_prog_by_id(call->kernel, programs->ids[i]);
		if (fd >= 0)
			(void)lade_bpf_prog_info(call->kernel, fd, &info);
		finding_evidence(finding, "%s has program %u (%.15s)%s", where, programs->ids[i],
				 info.name[0] ? info.name : "no name", is_cgroup ? company(programs->flags) : "");
	}
	if (named < programs->count)
		finding_evidence(finding, "%s has %u more", where, programs->count - named);
}
