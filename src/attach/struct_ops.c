/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting a table of kernel operations to work: its value is written, which registers it, or makes it ready for a
 * link (since 6.4) that registers it. Without a link the table stays registered until its value is deleted, however
 * many processes end.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attach/method.h"
#include "diagnose/denied.h"
#include "kernel/bpf.h"

#define ATTACH_STRUCT_OPS 44 /* BPF_STRUCT_OPS, since 6.4 */

static const struct {
	int errnum;
	const char *code, *cause;
} refusals[] = {
	{ EPERM, "attach.permission", NULL },
	{ EINVAL, "attach.struct-ops.refused",
	  "the subsystem refuses the table: an operation that must be there is missing, or a value is out of range" },
	{ EEXIST, "attach.exists", "a table of this name is registered already" },
	{ EBUSY, "attach.exists", "this very table is registered already" },
	{ KERNEL_ENOTSUPP, "attach.struct-ops.refused", "the subsystem does not take tables in this way" },
	{ EOPNOTSUPP, "attach.struct-ops.refused", "the subsystem does not take tables in this way" },
};

static int refuse(struct attach_call *call, const char *command, int result)
{
	struct lade_finding *finding;
	size_t i = 0;

	while (i < ELEMENTS(refusals) && refusals[i].errnum != -result)
		i++;
	finding = lade_error_add(
		call->error, -result, i < ELEMENTS(refusals) ? refusals[i].code : "attach.struct-ops.refused",
		"registering struct_ops %s: %s answers %s", call->program->name, command, lade_errno_word(-result));
	finding_map(finding, call->program->name);
	if (i < ELEMENTS(refusals) && refusals[i].cause)
		finding_cause(finding, "%s", refusals[i].cause);
	if (result == -EPERM || result == -ENOSYS)
		lade_diagnose_denied_name(call->kernel, command, -result, finding);
	return result;
}

static int make_link(struct attach_call *call)
{
	const struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					       .attach_type = ATTACH_STRUCT_OPS };
	int fd = lade_bpf_link_create(call->kernel, &attr);

	return fd < 0 ? refuse(call, "BPF_LINK_CREATE", fd)
		      : lade_attach_keep(call, call->program->attach_target, fd, true);
}

/* Without a link nothing that this process could close takes the registration back: it is an effect. */
static int register_value(struct attach_call *call, const void *value)
{
	struct bpf_map_info info;
	unsigned number;
	uint32_t key = 0;
	char id[16];
	int r = lade_bpf_map_info(call->kernel, call->program->fd, &info);

	if (r < 0)
		return refuse(call, "BPF_OBJ_GET_INFO_BY_FD", r);
	(void)snprintf(id, sizeof id, "%u", info.id);
	r = lade_attach_begin_effect(call, "table", call->program->attach_target,
				     (const char *const[]){ "map-id", id, NULL }, &number);
	if (r < 0)
		return r;
	r = lade_bpf_map_update(call->kernel, call->program->fd, &key, value, 0);
	if (r < 0) {
		(void)lade_txn_effect_undo(call->txn, number);
		return refuse(call, "BPF_MAP_UPDATE_ELEM", r);
	}
	return lade_attach_keep_effect(call, call->program->attach_target, -1, number);
}

int lade_attach_struct_ops(struct lade_context *context, struct txn *txn, const struct attach_program *table,
			   const void *value, bool by_link, struct attachments *attachments, struct lade_error **error)
{
	struct attach_call call = { .context = context,
				    .txn = txn,
				    .program = table,
				    .method = "struct_ops",
				    .attachments = attachments,
				    .error = error };
	uint32_t key = 0;
	int r = lade_context_kernel(context, &call.kernel, error);

	if (r < 0)
		return r;
	if (!by_link)
		return register_value(&call, value);
	r = value ? lade_bpf_map_update(call.kernel, table->fd, &key, value, 0) : 0;
	/* The value of a table is written once; a second link finds it there. */
	if (r < 0 && r != -EBUSY)
		return refuse(&call, "BPF_MAP_UPDATE_ELEM", r);
	return make_link(&call);
}
