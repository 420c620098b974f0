/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Many places of one file by one link (since 6.6): all functions that fit a pattern, or all places of a USDT probe. A
 * kernel without such links gets one event for each place; a session, one program at entry and return, it cannot have.
 */
#include <errno.h>
#include <string.h>

#include "attach/uprobe.h"
#include "base/glob.h"
#include "kernel/bpf.h"
#include "symbols/function.h"

/* enum bpf_attach_type */
#define ATTACH_MULTI   48 /* BPF_TRACE_UPROBE_MULTI */
#define ATTACH_SESSION 57 /* BPF_TRACE_UPROBE_SESSION, since 6.13 */

#define MULTI_RETURN 1u /* BPF_F_UPROBE_MULTI_RETURN */

/* As the kernel wants them: one array a field. */
struct columns {
	uint64_t *offsets, *ref_ctrs, *cookies; /* one allocation */
};

static bool fill_columns(const struct uprobe_place *places, size_t count, struct columns *columns)
{
	columns->offsets = calloc(count, 3 * sizeof *columns->offsets);
	if (!columns->offsets)
		return false;
	columns->ref_ctrs = columns->offsets + count;
	columns->cookies = columns->ref_ctrs + count;
	for (size_t i = 0; i < count; i++) {
		columns->offsets[i] = places[i].offset;
		columns->ref_ctrs[i] = places[i].ref_ctr;
		columns->cookies[i] = places[i].cookie;
	}
	return true;
}

static bool is_session(const struct attach_call *call)
{
	return call->program->expected_attach_type == ATTACH_SESSION;
}

static int create_link(struct attach_call *call, const struct uprobe_request *request,
		       const struct uprobe_place *places, size_t count)
{
	struct columns columns;

	if (!fill_columns(places, count, &columns))
		return -ENOMEM;
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					 .attach_type = is_session(call) ? ATTACH_SESSION : ATTACH_MULTI };
	attr.uprobe_multi.path = (uintptr_t)request->path;
	attr.uprobe_multi.offsets = (uintptr_t)columns.offsets;
	attr.uprobe_multi.ref_ctr_offsets = (uintptr_t)columns.ref_ctrs;
	attr.uprobe_multi.cookies = (uintptr_t)columns.cookies;
	attr.uprobe_multi.cnt = (uint32_t)count;
	attr.uprobe_multi.flags = call->is_return ? MULTI_RETURN : 0;
	attr.uprobe_multi.pid = (uint32_t)request->pid;
	int fd = lade_bpf_link_create(call->kernel, &attr);
	free(columns.offsets);
	return fd;
}

static int fail_session(struct attach_call *call, const char *target)
{
	struct lade_finding *finding = lade_error_add(call->error, EOPNOTSUPP, "attach.uprobe.session",
						      "%s: this kernel cannot attach %s to %s at once at entry and "
						      "return",
						      call->program->name, call->program->section, target);
	finding_program(finding, call->program->name);
	return -EOPNOTSUPP;
}

/* One event each; nothing of it stays when one fails, for lade_attach() closes what was kept. */
static int attach_singly(struct attach_call *call, const struct uprobe_request *request,
			 const struct uprobe_place *places, size_t count)
{
	int result = 0;

	for (size_t i = 0; i < count && result >= 0; i++)
		result = lade_uprobe_attach_one(call, request, &places[i]);
	return result;
}

/* EINVAL may mean that the kernel has no such links, or that a place is wrong: the older way tells. */
static bool may_be_absent(int result)
{
	return result == -EINVAL || result == -EOPNOTSUPP;
}

int lade_uprobe_attach_all(struct attach_call *call, const struct uprobe_request *request,
			   const struct uprobe_place *places, size_t count)
{
	bool try_link = call->program->expected_attach_type == ATTACH_SESSION ||
			(call->program->expected_attach_type == ATTACH_MULTI &&
			 !lade_kernel_form_absent(call->kernel, FORM_UPROBE_MULTI));
	int fd = try_link ? create_link(call, request, places, count) : -EINVAL;

	if (fd >= 0)
		return lade_attach_keep(call, request->text, fd, true);
	if (!may_be_absent(fd))
		return lade_attach_refused(call, OPERATION_LINK_CREATE, request->text, fd);
	if (is_session(call))
		return fail_session(call, request->text);
	int result = attach_singly(call, request, places, count);
	if (result >= 0 && try_link)
		lade_kernel_form_set_absent(call->kernel, FORM_UPROBE_MULTI);
	return result;
}

/* ---- functions ---- */

static int find_places(struct attach_call *call, const struct uprobe_request *request,
		       struct lade_functions *ret_functions)
{
	uint64_t offset;

	if (lade_is_glob(request->symbol)) {
		int result = lade_functions_matching(request->path, request->symbol, ret_functions, call->error);
		return lade_error_context(call->error, result, "attaching %s", call->program->name);
	}
	int result = lade_uprobe_offset(call, request, &offset);
	if (result < 0)
		return result;
	struct lade_function *function = array_push(ret_functions);
	if (!function)
		return lade_fail_memory(call->error);
	function->offset = offset;
	return 0;
}

static int attach_functions(struct attach_call *call, const struct uprobe_request *request,
			    const struct lade_functions *functions)
{
	CLEANUP(cleanup_free) struct uprobe_place *places = calloc(functions->count, sizeof *places);

	if (!places)
		return lade_fail_memory(call->error);
	for (size_t i = 0; i < functions->count; i++)
		places[i] = (struct uprobe_place){ functions->items[i].offset, request->ref_ctr, request->cookie };
	return lade_uprobe_attach_all(call, request, places, functions->count);
}

int lade_attach_uprobe_multi(struct attach_call *call)
{
	CLEANUP(lade_uprobe_request_clear) struct uprobe_request request = { 0 };
	CLEANUP(lade_functions_clear) struct lade_functions functions = { 0 };
	int result = lade_uprobe_request(call, false, &request);

	if (result == 0)
		result = find_places(call, &request, &functions);
	if (result == 0)
		result = attach_functions(call, &request, &functions);
	if (result >= 0)
		lade_uprobe_note_go(call, request.path);
	return result;
}
