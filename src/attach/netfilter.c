/* SPDX-License-Identifier: BSD-2-Clause */
/* Netfilter programs (since 6.4): a link on a hook of a network namespace. Hooks call them by priority. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/device.h"
#include "kernel/links.h"
#include "kernel/netns.h"

enum { ATTACH_NETFILTER = 45, FLAG_DEFRAGMENT = 1 };

static const struct {
	const char *name;
	uint32_t number; /* NFPROTO_… */
} families[] = { { "ipv4", 2 }, { "ipv6", 10 } };

static const char *const hooks[] = { "prerouting", "input", "forward", "output", "postrouting" };

/* ---- what the target says ---- */

static int fail_target(struct attach_call *call, const char *what, const char *text)
{
	struct lade_finding *finding =
		lade_error_add(call->error, EINVAL, "attach.target.option", "%s: \"%s\" is no %s of netfilter",
			       call->program->name, text, what);
	finding_program(finding, call->program->name);
	finding_fix(finding, "write netfilter:ipv4|ipv6:prerouting|input|forward|output|postrouting[,prio=N]");
	return -EINVAL;
}

static int read_priority(struct attach_call *call, int32_t *ret_priority)
{
	const char *text = lade_attach_option(call->target, "prio");
	char *end = NULL;
	if (!text)
		return 0;
	long value = strtol(text, &end, 10);
	if (end == text || *end || value < INT32_MIN || value > INT32_MAX)
		return fail_target(call, "priority", text);
	*ret_priority = (int32_t)value;
	return 0;
}

/* name: "ipv4:prerouting" */
static int read_hook(struct attach_call *call, struct attr_link_create *attr)
{
	const char *name = call->target->name, *colon = strchr(name, ':');
	size_t family = 0, hook = 0;
	size_t length = colon ? (size_t)(colon - name) : strlen(name);
	while (family < ELEMENTS(families) &&
	       (strlen(families[family].name) != length || strncmp(name, families[family].name, length) != 0))
		family++;
	if (family == ELEMENTS(families) || !colon)
		return fail_target(call, "family", name);
	while (hook < ELEMENTS(hooks) && strcmp(hooks[hook], colon + 1) != 0)
		hook++;
	if (hook == ELEMENTS(hooks))
		return fail_target(call, "hook", colon + 1);
	attr->netfilter.pf = families[family].number;
	attr->netfilter.hooknum = (uint32_t)hook;
	attr->netfilter.flags = lade_attach_option(call->target, "defrag") ? FLAG_DEFRAGMENT : 0;
	return read_priority(call, &attr->netfilter.priority);
}

/* ---- in the namespace ---- */

static int create(struct kernel *kernel, void *data)
{
	return lade_bpf_link_create(kernel, data);
}

static int fail_namespace(struct attach_call *call, const char *path, int result)
{
	struct lade_finding *finding =
		lade_error_add(call->error, -result, "attach.netns.missing",
			       "%s: %s is no network namespace that can be entered", call->program->name, path);
	finding_program(finding, call->program->name);
	return result;
}

/* A name is one that ip-netns(8) keeps. */
static int create_there(struct attach_call *call, struct attr_link_create *attr)
{
	const char *name = lade_attach_option(call->target, "netns");
	char path[PATH_MAX];
	if (!name)
		return create(call->kernel, attr);
	if ((size_t)snprintf(path, sizeof path, "%s%s", strchr(name, '/') ? "" : "/run/netns/", name) >= sizeof path)
		return fail_namespace(call, name, -ENAMETOOLONG);
	int result = lade_netns_do_at(call->kernel, path, create, attr);
	bool is_missing = result == -ENOENT || result == -ENXIO || result == -ENOTDIR;
	return is_missing ? fail_namespace(call, path, result) : result;
}

/* ---- who is there ---- */

struct holders {
	struct attach_call *call;
	struct lade_finding *finding;
	const struct attr_link_create *attr;
	bool any;
};

static bool say_link(const struct link_info *link, void *data)
{
	struct holders *holders = data;
	const struct attr_link_create *attr = holders->attr;
	if (link->type != LINK_NETFILTER || link->netfilter.pf != attr->netfilter.pf ||
	    link->netfilter.hooknum != attr->netfilter.hooknum || link->netfilter.priority != attr->netfilter.priority)
		return false;
	holders->any = true;
	lade_attach_say_holder(holders->call, holders->finding, "at this priority", link->prog_id);
	return false;
}

static int refuse(struct attach_call *call, const struct attr_link_create *attr, int result)
{
	struct holders holders = { .call = call, .attr = attr };
	holders.finding = lade_attach_refusal(call, OPERATION_LINK_CREATE, call->target->text, result);
	if (result != -EBUSY)
		return result;
	lade_links_walk(call->kernel, say_link, &holders);
	if (!holders.any)
		finding_evidence(holders.finding,
				 "no BPF program is there: a chain of nftables or iptables is (nft list hooks)");
	return result;
}

int lade_attach_netfilter(struct attach_call *call)
{
	struct attr_link_create attr = { .prog_fd = (uint32_t)call->program->fd, .attach_type = ATTACH_NETFILTER };
	int result = read_hook(call, &attr);
	if (result < 0)
		return result;
	size_t findings = call->error && *call->error ? lade_error_finding_count(*call->error) : 0;
	int link = create_there(call, &attr);
	if (link >= 0)
		return lade_attach_keep(call, call->target->text, link, true);
	bool was_said = call->error && *call->error && lade_error_finding_count(*call->error) > findings;
	return was_said ? link : refuse(call, &attr, link);
}
