/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs on cgroups. A link, and the older BPF_PROG_ATTACH with BPF_F_ALLOW_MULTI, stand beside what others have
 * attached there and replace nobody. Both are refused where somebody else's program wants to be alone.
 */
#include "attach/cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* At one cgroup: is there a program that takes none beside it (at the target) or below it (at an ancestor)? */
static bool is_exclusive(const struct hook_programs *programs, bool is_target)
{
	uint32_t allowed = BPF_F_ALLOW_MULTI | (is_target ? 0 : BPF_F_ALLOW_OVERRIDE);
	return programs->count && !(programs->flags & allowed);
}

static struct lade_finding *fail_exclusive(struct attach_call *call, const struct hook_place *place, const char *path,
					   const struct hook_programs *programs, int result)
{
	char where[512];
	struct lade_finding *finding =
		lade_error_add(call->error, -result, "attach.hook.exclusive",
			       "%s: another program on %s takes none %s it (hook %s of %s)", call->program->name, path,
			       strcmp(path, ((const struct cgroup *)place->data)->path) == 0 ? "beside" : "below",
			       lade_attach_type_name(place->attach_type), place->target);
	(void)snprintf(where, sizeof where, "cgroup %s", path);
	lade_hook_name_holders(call, programs, where, finding);
	return finding;
}

/* Up to the mount point: the kernel asks the nearest ancestor that has a program. */
static struct lade_finding *find_exclusive(struct attach_call *call, const struct hook_place *place, int result)
{
	const struct cgroup *cgroup = place->data;
	CLEANUP(cleanup_free) char *path = strdup(cgroup->path);
	bool is_target = true;
	while (path && strncmp(path, cgroup->mount, strlen(cgroup->mount)) == 0) {
		struct hook_programs programs = { 0 };
		uint64_t id;
		CLEANUP(cleanup_fd) int fd = lade_cgroup_open(path, &id);
		if (fd < 0 || lade_hook_query(call->kernel, fd, place->attach_type, &programs) < 0)
			return NULL;
		if (is_exclusive(&programs, is_target))
			return fail_exclusive(call, place, path, &programs, result);
		char *slash = strrchr(path, '/');
		if (!slash || slash == path)
			return NULL;
		*slash = '\0';
		is_target = false;
	}
	return NULL;
}

/* The list is full: who is in it. */
static struct lade_finding *fail_full(struct attach_call *call, const struct hook_place *place, int result)
{
	struct hook_programs programs = { 0 };
	struct lade_finding *finding =
		lade_error_add(call->error, -result, "attach.full", "%s: hook %s of %s takes no more programs",
			       call->program->name, lade_attach_type_name(place->attach_type), place->target);
	finding_cause(finding, "a cgroup takes 64 programs on one hook");
	if (lade_hook_query(call->kernel, place->fd, place->attach_type, &programs) == 0)
		lade_hook_name_holders(call, &programs, place->target, finding);
	return finding;
}

static struct lade_finding *explain(struct attach_call *call, const struct hook_place *place, int result)
{
	if (result == -EPERM)
		return find_exclusive(call, place, result);
	return result == -E2BIG ? fail_full(call, place, result) : NULL;
}

int lade_attach_cgroup(struct attach_call *call)
{
	CLEANUP(lade_cgroup_clear) struct cgroup cgroup = { .fd = -1 };
	uint32_t attach_type;
	char id[24];
	int result = lade_hook_type(call, &attach_type);
	if (result == 0)
		result = lade_attach_open_cgroup(call, &cgroup);
	if (result < 0)
		return result;
	(void)snprintf(id, sizeof id, "%llu", (unsigned long long)cgroup.id);
	const struct hook_place place = { .target = cgroup.text,
					  .fd = cgroup.fd,
					  .attach_type = attach_type,
					  .link = FORM_CGROUP_LINK,
					  .effect = "cgroup",
					  .fields = { "path", cgroup.path, "cgroup", id },
					  .flags = BPF_F_ALLOW_MULTI,
					  .explain = explain,
					  .data = &cgroup };
	return lade_hook_put(call, &place);
}
