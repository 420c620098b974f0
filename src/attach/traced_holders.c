/* SPDX-License-Identifier: BSD-2-Clause */
/* A function, hook or program that takes no more: who is there, and can it be traced at all. */
#include <errno.h>
#include <string.h>

#include "attach/device.h"
#include "attach/function.h"
#include "attach/traced.h"
#include "kernel/bpf.h"
#include "kernel/links.h"

struct search {
	struct attach_call *call;
	struct lade_finding *finding;
	uint32_t object_id, type_id; /* BTF object and id of the function */
	unsigned count;
};

enum { SHOWN_MOST = 8 };

/* What bpf_link_info has of a tracing link, since 5.13. */
struct tracing_info {
	uint32_t attach_type, object_id, type_id;
};

static bool say_link(const struct link_info *link, void *data)
{
	struct search *search = data;
	struct tracing_info info;
	memcpy(&info, link->room, sizeof info);
	if (link->type != BPF_LINK_TYPE_TRACING || info.object_id != search->object_id ||
	    info.type_id != search->type_id)
		return false;
	if (search->count++ < SHOWN_MOST)
		lade_attach_say_holder(search->call, search->finding, "attached there", link->prog_id);
	return false;
}

/* Since 5.18 the kernel says what a program was verified against. */
static void say_holders(struct attach_call *call, struct lade_finding *finding)
{
	struct bpf_prog_info info = { 0 };
	if (lade_bpf_prog_info(call->kernel, call->program->fd, &info) < 0 || !info.attach_btf_id)
		return;
	struct search search = { call, finding, info.attach_btf_obj_id, info.attach_btf_id, 0 };
	lade_links_walk(call->kernel, say_link, &search);
	if (search.count > SHOWN_MOST)
		finding_evidence(finding, "and %u more", search.count - SHOWN_MOST);
}

void lade_traced_explain(struct attach_call *call, const char *target, int errnum, struct lade_finding *finding)
{
	if (errnum == EBUSY || errnum == E2BIG || errnum == ENOSPC || errnum == EEXIST)
		say_holders(call, finding);
	bool is_function = *call->method == 'f' && strcmp(call->method, "freplace") != 0;
	if (is_function && (errnum == EBUSY || errnum == EINVAL || errnum == ENODEV))
		lade_function_explain_refusal(call, target, finding);
}
