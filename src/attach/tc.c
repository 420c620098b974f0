/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of traffic control. A link (tcx, since 6.6) unless an option of filters asks for a filter, the program is an
 * action, or the kernel has no such links. Either way the program comes after those that its hook has already.
 */
#include "attach/tc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/links.h"

/* enum bpf_attach_type, since 6.6 */
enum { ATTACH_TCX_INGRESS = 46, ATTACH_TCX_EGRESS = 47 };

static const char *const filter_options[] = { "ingress", "egress", "prio", "handle", "da", "classid" };

struct tc_hook_text lade_tc_hook_text(const struct tc_hook *hook)
{
	struct tc_hook_text text;
	(void)snprintf(text.text, sizeof text.text, "dev:%s:%s", hook->device, hook->is_egress ? "egress" : "ingress");
	return text;
}

/* ---- which hook ---- */

/* "tcx/egress" and its older spelling name a direction; NULL: the section does not. */
static const char *section_direction(const struct attach_program *program)
{
	static const char *const sections[][2] = { { "tc/ingress", "ingress" },
						   { "tc/egress", "egress" },
						   { "tcx/ingress", "ingress" },
						   { "tcx/egress", "egress" } };
	for (size_t i = 0; i < ELEMENTS(sections); i++)
		if (strcmp(program->section, sections[i][0]) == 0)
			return sections[i][1];
	return NULL;
}

static int fail_direction(struct attach_call *call)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.tc.direction", "%s: dev:%s names no direction",
			       call->program->name, call->target->name);
	finding_program(finding, call->program->name);
	finding_fix(finding, "--attach %s=dev:%s:ingress, or …:egress", call->program->name, call->target->name);
	return -EINVAL;
}

static int fail_other_direction(struct attach_call *call, const char *section, const char *given)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.target.option", "%s: section %s is for %s, not for %s",
			       call->program->name, call->program->section, section, given);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

static int find_direction(struct attach_call *call, bool *ret_is_egress)
{
	bool ingress = lade_attach_option(call->target, "ingress"), egress = lade_attach_option(call->target, "egress");
	const char *section = section_direction(call->program), *given = ingress ? "ingress" : egress ? "egress" : NULL;
	if (!given && !section)
		return fail_direction(call);
	if (given && section && strcmp(given, section) != 0)
		return fail_other_direction(call, section, given);
	*ret_is_egress = strcmp(given ? given : section, "egress") == 0;
	return 0;
}

/* Which hook must be known; actions are for filters, so they must be named where a filter is beside them. */
bool lade_attach_tc_fits(const struct attach_program *program, const struct attach_target *target)
{
	const char *section = section_direction(program);
	bool ingress = lade_attach_option(target, "ingress"), egress = lade_attach_option(target, "egress");
	bool is_known = section ? !(strcmp(section, "egress") == 0 ? ingress : egress) : ingress || egress;
	return is_known && program->type != BPF_PROG_TYPE_SCHED_ACT && !lade_attach_option(target, "mode");
}

/* ---- how ---- */

static bool wants_filter(const struct attach_call *call)
{
	const struct attach_target *target = call->target;
	return call->program->type == BPF_PROG_TYPE_SCHED_ACT || lade_attach_option(target, "prio") ||
	       lade_attach_option(target, "handle") || lade_attach_option(target, "da") ||
	       lade_attach_option(target, "classid");
}

static int attach_link(struct attach_call *call, const struct tc_hook *hook)
{
	const struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd,
					       .target_ifindex = hook->ifindex,
					       .attach_type =
						       hook->is_egress ? ATTACH_TCX_EGRESS : ATTACH_TCX_INGRESS };
	return lade_bpf_link_create(call->kernel, &attr);
}

static int refuse_link(struct attach_call *call, const struct tc_hook *hook, int result)
{
	struct lade_finding *finding =
		lade_attach_refusal(call, OPERATION_LINK_CREATE, lade_tc_hook_text(hook).text, result);
	lade_attach_say_links(call, finding, LINK_TCX, hook->ifindex,
			      hook->is_egress ? ATTACH_TCX_EGRESS : ATTACH_TCX_INGRESS);
	return result;
}

/* EINVAL may mean that the kernel has no such links: it has none if a filter then works. */
static int attach_somehow(struct attach_call *call, const struct tc_hook *hook)
{
	bool try_link = !wants_filter(call) && !lade_kernel_form_absent(call->kernel, FORM_TCX_LINK);
	int link = try_link ? attach_link(call, hook) : -EINVAL;
	if (link == -EINVAL) {
		int result = lade_attach_tc_filter(call, hook);
		if (result == 0 && try_link)
			lade_kernel_form_set_absent(call->kernel, FORM_TCX_LINK);
		return result;
	}
	call->method = "tcx";
	if (link < 0)
		return refuse_link(call, hook, link);
	return lade_attach_keep(call, lade_tc_hook_text(hook).text, link, true);
}

int lade_attach_tc(struct attach_call *call)
{
	struct tc_hook hook = { .device = call->target->name };
	int result = lade_attach_refuse_options(call, "programs of traffic control", filter_options,
						ELEMENTS(filter_options));
	if (result == 0)
		result = find_direction(call, &hook.is_egress);
	if (result == 0)
		result = lade_attach_device(call, &hook.ifindex);
	return result < 0 ? result : attach_somehow(call, &hook);
}
