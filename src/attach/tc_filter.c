/* SPDX-License-Identifier: BSD-2-Clause */
/* A program as a filter on clsact, which is made if it is missing; both are effects. */
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <string.h>

#include "attach/tc.h"
#include "kernel/tc.h"

enum { FIRST_PRIORITY = 0xc000, LAST_PRIORITY = UINT16_MAX, TRIES = 3 };

/* One attachment on its way. */
struct filtering {
	struct attach_call *call;
	const struct tc_hook *hook;
	struct tc_filter filter;
	struct tc_filters others; /* on the same hook */
	char refusal[NETLINK_REFUSAL_BYTES];
	char target[160];
	bool has_qdisc; /* journalled as ours, under this number */
	unsigned qdisc;
};

/* ---- what the options say ---- */

/* "0x1", "1"; "1:10" of a class, which tc writes in hexadecimal. */
static int parse_number(struct attach_call *call, const char *key, int base, uint32_t *ret_value)
{
	const char *text = lade_attach_option(call->target, key);
	char *end = NULL;
	if (!text)
		return 0;
	unsigned long value = strtoul(text, &end, base), minor = 0;
	bool is_pair = *end == ':';
	if (is_pair)
		minor = strtoul(end + 1, &end, 16);
	if (*end || value > (is_pair ? UINT16_MAX : UINT32_MAX) || minor > UINT16_MAX) {
		struct lade_finding *finding =
			lade_error_add(call->error, EINVAL, "attach.target.option", "%s: %s=%s is no such number",
				       call->program->name, key, text);
		finding_program(finding, call->program->name);
		return -EINVAL;
	}
	*ret_value = (uint32_t)(is_pair ? value << 16 | minor : value);
	return 0;
}

static int read_options(struct filtering *work)
{
	struct attach_call *call = work->call;
	struct tc_filter *filter = &work->filter;
	uint32_t priority = 0;
	int result = parse_number(call, "prio", 10, &priority);
	if (result == 0)
		result = parse_number(call, "handle", 0, &filter->handle);
	if (result == 0)
		result = parse_number(call, "classid", 16, &filter->classid);
	filter->priority = (uint16_t)priority;
	filter->by_action = call->program->type == BPF_PROG_TYPE_SCHED_ACT;
	filter->direct_action = !filter->by_action && !filter->classid;
	return result;
}

/* ---- its place ---- */

static bool is_taken(const struct tc_filters *others, uint16_t priority, uint32_t handle)
{
	array_foreach(other, others)
		if (!other->chain && other->priority == priority && other->handle == handle)
			return true;
	return false;
}

/*
 * The kernel's own choice would be in front of all others; after them is where a link would be. Chosen here and not by
 * the kernel, because the journal must know before.
 */
static int choose_place(struct filtering *work)
{
	struct tc_filter *filter = &work->filter;
	unsigned highest = FIRST_PRIORITY - 1;
	array_foreach(other, &work->others)
		if (!other->chain && other->priority > highest)
			highest = other->priority;
	if (!filter->priority && highest >= LAST_PRIORITY)
		return -ENOSPC;
	if (!filter->priority)
		filter->priority = (uint16_t)(highest + 1);
	for (uint32_t handle = 1; !filter->handle; handle++)
		if (!is_taken(&work->others, filter->priority, handle))
			filter->handle = handle;
	return is_taken(&work->others, filter->priority, filter->handle) ? -EEXIST : 0;
}

static void write_target(struct filtering *work)
{
	const struct tc_filter *filter = &work->filter;
	char how[32] = ",da";
	if (filter->by_action)
		how[0] = '\0';
	else if (filter->classid)
		(void)snprintf(how, sizeof how, ",classid=%x:%x", filter->classid >> 16, filter->classid & UINT16_MAX);
	(void)snprintf(work->target, sizeof work->target, "%s,prio=%u,handle=0x%x%s",
		       lade_tc_hook_text(work->hook).text, filter->priority, filter->handle, how);
}

/* ---- refusals ---- */

static void say_others(const struct filtering *work, struct lade_finding *finding)
{
	char where[80];
	array_foreach(other, &work->others) {
		(void)snprintf(where, sizeof where, "prio %u handle 0x%x %s filter%s%s", other->priority, other->handle,
			       other->kind, *other->name ? " " : "", other->name);
		if (other->program_id)
			lade_attach_say_holder(work->call, finding, where, other->program_id);
		else
			finding_evidence(finding, "%s", where);
	}
}

static int refuse(struct filtering *work, int result)
{
	const char *target = *work->target ? work->target : work->call->target->text;
	struct lade_finding *finding = lade_attach_refusal(work->call, OPERATION_NETLINK, target, result);
	lade_attach_say_refusal(finding, work->refusal);
	say_others(work, finding);
	return result;
}

static int refuse_qdisc(struct filtering *work, const char *kind)
{
	struct attach_call *call = work->call;
	struct lade_finding *finding =
		lade_error_add(call->error, EEXIST, "attach.tc.qdisc", "%s: %s has a qdisc %s in the place of clsact",
			       call->program->name, work->hook->device, kind);
	finding_program(finding, call->program->name);
	return -EEXIST;
}

/* ---- clsact ---- */

static int journal_qdisc(struct filtering *work)
{
	struct attach_call call = *work->call;
	char index[16], target[32];
	const struct netns_text netns = lade_attach_netns_text();
	const char *const pairs[] = { "netns", netns.text, "ifindex", index, "kind", "clsact", NULL };
	(void)snprintf(index, sizeof index, "%u", work->hook->ifindex);
	(void)snprintf(target, sizeof target, "dev:%s", work->hook->device);
	call.method = "clsact";
	call.target = NULL; /* what the user asked for is the filter */
	int result = lade_attach_begin_effect(&call, "qdisc", target, pairs, &work->qdisc);
	work->has_qdisc = result == 0;
	return result;
}

/* A clsact that another instance of Lade made is as good as ours: whoever leaves last removes it. */
static int share_clsact(struct filtering *work)
{
	char index[16];
	const struct netns_text netns = lade_attach_netns_text();
	(void)snprintf(index, sizeof index, "%u", work->hook->ifindex);
	const char *const same[] = { "netns", netns.text, "ifindex", index, NULL };
	if (lade_txn_has_effect(work->call->txn, "qdisc", same) ||
	    !lade_effect_is_journalled(work->call->context, "qdisc", same))
		return 0;
	return journal_qdisc(work);
}

static int make_clsact(struct filtering *work)
{
	int result = journal_qdisc(work);
	if (result < 0)
		return result;
	result = lade_tc_add_clsact(work->call->kernel, work->hook->ifindex, work->refusal);
	if (result == 0)
		return 0;
	/* It was not there a moment ago: somebody else has made one meanwhile. */
	(void)lade_txn_effect_drop(work->call->txn, work->qdisc);
	work->has_qdisc = false;
	return result == -EEXIST ? 0 : refuse(work, result);
}

static int need_clsact(struct filtering *work)
{
	char kind[16];
	int result = lade_tc_get_qdisc(work->call->kernel, work->hook->ifindex, kind);
	if (result < 0)
		return refuse(work, result);
	if (!*kind)
		return make_clsact(work);
	if (strcmp(kind, "clsact") == 0)
		return share_clsact(work);
	/* The older qdisc has the one hook. */
	return strcmp(kind, "ingress") == 0 && !work->hook->is_egress ? 0 : refuse_qdisc(work, kind);
}

/* ---- the filter ---- */

static int journal_filter(struct filtering *work, unsigned *ret_number)
{
	const struct tc_filter *filter = &work->filter;
	const struct netns_text netns = lade_attach_netns_text();
	char index[16], parent[16], priority[16], handle[16], protocol[16], id[16], classid[16];
	(void)snprintf(index, sizeof index, "%u", filter->ifindex);
	(void)snprintf(parent, sizeof parent, "0x%x", filter->parent);
	(void)snprintf(priority, sizeof priority, "%u", filter->priority);
	(void)snprintf(handle, sizeof handle, "0x%x", filter->handle);
	(void)snprintf(protocol, sizeof protocol, "%u", filter->protocol);
	(void)snprintf(id, sizeof id, "%u", filter->program_id);
	(void)snprintf(classid, sizeof classid, "0x%x", filter->classid);
	const char *how = filter->by_action ? "action" : filter->direct_action ? "direct-action" : "classid";
	const char *const pairs[] = { "netns",   netns.text, "ifindex", index,      "parent", parent, "prio",
				      priority,  "handle",   handle,    "protocol", protocol, "by",   how,
				      "classid", classid,    "prog-id", id,         NULL };
	return lade_attach_begin_effect(work->call, "filter", work->target, pairs, ret_number);
}

/* -EEXIST without a finding: somebody took the place meanwhile. */
static int make_filter(struct filtering *work)
{
	struct attach_call *call = work->call;
	unsigned number;
	int result = journal_filter(work, &number);
	if (result < 0)
		return result;
	result = lade_tc_put_filter(call->kernel, &work->filter, call->program->fd, NLM_F_CREATE | NLM_F_EXCL,
				    work->refusal);
	if (result == 0)
		return lade_attach_keep_effect(call, work->target, -1, number);
	/* What is in the place may be this very program, attached before: it stays. */
	(void)(result == -EEXIST ? lade_txn_effect_drop : lade_txn_effect_undo)(call->txn, number);
	return result == -EEXIST ? -EEXIST : refuse(work, result);
}

/* *ret_again: the place was free, and was not when the filter came. */
static int try_filter(struct filtering *work, bool *ret_again)
{
	struct attach_call *call = work->call;
	const struct tc_filter wanted = work->filter;
	int result = lade_tc_filters(call->kernel, work->hook->ifindex, wanted.parent, &work->others);
	if (result >= 0)
		result = choose_place(work);
	write_target(work);
	if (result < 0)
		return refuse(work, result);
	result = make_filter(work);
	*ret_again = result == -EEXIST;
	if (*ret_again)
		work->filter = wanted;
	return result;
}

int lade_attach_tc_filter(struct attach_call *call, const struct tc_hook *hook)
{
	struct filtering work = { .call = call, .hook = hook };
	bool again = true;
	call->method = "tc";
	work.filter = (struct tc_filter){ .ifindex = hook->ifindex,
					  .parent = hook->is_egress ? TC_PARENT_EGRESS : TC_PARENT_INGRESS,
					  .protocol = ETH_P_ALL,
					  .kind = "bpf",
					  .program_id = lade_attach_program_id(call) };
	(void)snprintf(work.filter.name, sizeof work.filter.name, "%s", call->program->name);
	int result = read_options(&work);
	if (result == 0)
		result = need_clsact(&work);
	for (int i = 0; result == 0 && again && i < TRIES; i++) {
		array_clear(&work.others);
		again = false;
		result = try_filter(&work, &again);
		if (again)
			result = i + 1 < TRIES ? 0 : refuse(&work, result);
	}
	array_clear(&work.others);
	if (result < 0 && work.has_qdisc)
		(void)lade_txn_effect_undo(call->txn, work.qdisc);
	return result;
}
