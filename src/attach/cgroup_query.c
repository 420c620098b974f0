/* SPDX-License-Identifier: BSD-2-Clause */
/* Which programs are on a cgroup. */
#include <errno.h>
#include <string.h>

#include <lade/attach.h>

#include "attach/cgroup.h"
#include "diagnose/denied.h"

/* What opening a cgroup wants to know: for whom, for its messages, and its name. */
static int open_named(struct lade_context *context, const char *name, struct cgroup *ret_cgroup,
		      struct lade_error **error)
{
	const struct attach_program nobody = { .name = "asking who is there", .fd = -1 };
	struct strbuf text = { 0 };
	struct attach_target target = { .kind = TARGET_CGROUP };
	struct attach_call call = { .context = context, .program = &nobody, .target = &target, .error = error };
	int result = lade_context_kernel(context, &call.kernel, error);
	lade_strbuf_addf(&text, "cgroup:%s", name);
	target.text = lade_strbuf_take(&text);
	target.name = strdup(name);
	if (result == 0 && (!target.text || !target.name))
		result = lade_fail_memory(error);
	if (result == 0)
		result = lade_attach_open_cgroup(&call, ret_cgroup);
	lade_target_clear(&target);
	return result;
}

static int refuse_query(const struct cgroup *cgroup, const char *hook, struct kernel *kernel, int result,
			struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, -result, "attach.hook.query", "hook %s of %s: %s", hook,
						      cgroup->text, strerror(-result));
	if (result == -EPERM || result == -ENOSYS)
		lade_diagnose_denied_name(kernel, "BPF_PROG_QUERY", -result, finding);
	return result;
}

static int query(struct lade_context *context, const char *name, const char *hook, struct hook_programs *ret_programs,
		 struct lade_error **error)
{
	CLEANUP(lade_cgroup_clear) struct cgroup cgroup = { .fd = -1 };
	uint32_t attach_type;
	struct kernel *kernel;
	if (!lade_hook_of_cgroup(hook, &attach_type))
		return lade_fail(error, EINVAL, "attach.hook.unknown", "\"%s\" is no hook of cgroups", hook);
	int result = lade_context_kernel(context, &kernel, error);
	if (result == 0)
		result = open_named(context, name, &cgroup, error);
	if (result < 0)
		return result;
	result = lade_hook_query(kernel, cgroup.fd, attach_type, ret_programs);
	return result < 0 ? refuse_query(&cgroup, hook, kernel, result, error) : 0;
}

LADE_API int lade_cgroup_programs(struct lade_context *context, const char *cgroup, const char *hook, uint32_t *ids,
				  size_t capacity, struct lade_error **error)
{
	struct hook_programs programs = { 0 };
	int result = query(context, cgroup, hook, &programs, error);
	if (result < 0)
		return result;
	for (size_t i = 0; i < programs.count && i < capacity; i++)
		ids[i] = programs.ids[i];
	return (int)programs.count;
}

LADE_API int lade_cgroup_has(struct lade_context *context, const char *cgroup, const char *hook, int program_fd,
			     struct lade_error **error)
{
	struct hook_programs programs = { 0 };
	struct bpf_prog_info info = { 0 };
	struct kernel *kernel;
	int result = lade_context_kernel(context, &kernel, error);
	if (result < 0)
		return result;
	result = program_fd < 0 || lade_bpf_is_other(program_fd, "bpf-prog")
			 ? -EINVAL
			 : lade_bpf_prog_info(kernel, program_fd, &info);
	if (result < 0)
		return lade_fail(error, -result, "attach.hook.query", "descriptor %d is no program: %s", program_fd,
				 strerror(-result));
	result = query(context, cgroup, hook, &programs, error);
	return result < 0 ? result : lade_hook_has(&programs, info.id);
}
