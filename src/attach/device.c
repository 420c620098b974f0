/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach/device.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "kernel/links.h"
#include "kernel/netns.h"

int lade_attach_no_device(struct attach_call *call, const char *device)
{
	struct lade_finding *finding = lade_error_add(call->error, ENODEV, "attach.device.missing",
						      "%s: there is no interface %s", call->program->name, device);
	struct similar_names similar = { .wanted = device };
	struct if_nameindex *all = if_nameindex();
	for (struct if_nameindex *one = all; one && one->if_name; one++)
		lade_similar_add(&similar, one->if_name, lade_edit_distance(device, one->if_name));
	if (all)
		if_freenameindex(all);
	finding_program(finding, call->program->name);
	lade_similar_evidence(&similar, finding, "interface");
	lade_similar_clear(&similar);
	return -ENODEV;
}

int lade_attach_device(struct attach_call *call, unsigned *ret_ifindex)
{
	unsigned index = if_nametoindex(call->target->name);
	if (!index)
		return lade_attach_no_device(call, call->target->name);
	*ret_ifindex = index;
	return 0;
}

/* ---- options ---- */

const char *lade_attach_option(const struct attach_target *target, const char *key)
{
	size_t length = strlen(key);
	array_foreach(option, &target->options)
		if (strncmp(*option, key, length) == 0 && ((*option)[length] == '=' || !(*option)[length]))
			return *option + length + ((*option)[length] == '=');
	return NULL;
}

static bool is_allowed(const char *option, const char *const *allowed, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(allowed[i]) == strcspn(option, "=") && strncmp(option, allowed[i], strlen(allowed[i])) == 0)
			return true;
	return false;
}

int lade_attach_refuse_options(struct attach_call *call, const char *what, const char *const *allowed, size_t count)
{
	array_foreach(option, &call->target->options) {
		if (is_allowed(*option, allowed, count))
			continue;
		struct lade_finding *finding =
			lade_error_add(call->error, EINVAL, "attach.target.option", "%s: %s take no option \"%s\"",
				       call->program->name, what, *option);
		finding_program(finding, call->program->name);
		return -EINVAL;
	}
	return 0;
}

struct netns_text lade_attach_netns_text(void)
{
	struct netns_text netns;
	(void)snprintf(netns.text, sizeof netns.text, "%llu", (unsigned long long)lade_netns_inode(NULL));
	return netns;
}

uint32_t lade_attach_program_id(struct attach_call *call)
{
	struct bpf_prog_info info = { 0 };
	return lade_bpf_prog_info(call->kernel, call->program->fd, &info) < 0 ? 0 : info.id;
}

/* ---- who is there ---- */

void lade_attach_say_holder(struct attach_call *call, struct lade_finding *finding, const char *where,
			    uint32_t program_id)
{
	struct bpf_prog_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = lade_bpf_prog_by_id(call->kernel, program_id);
	bool known = fd >= 0 && lade_bpf_prog_info(call->kernel, fd, &info) >= 0 && *info.name;
	uint32_t link = lade_link_of_program(call->kernel, program_id);
	char held[32] = "";
	if (link)
		(void)snprintf(held, sizeof held, ", held by link %u", link);
	finding_evidence(finding, "%s: program %u (%s)%s", where, program_id, known ? info.name : "without a name",
			 held);
}

void lade_attach_say_refusal(struct lade_finding *finding, const char *refusal)
{
	if (*refusal)
		finding_evidence(finding, "the kernel says: %s", refusal);
}

struct device_links {
	struct attach_call *call;
	struct lade_finding *finding;
	uint32_t type, ifindex, attach_type;
};

static bool say_link(const struct link_info *link, void *data)
{
	const struct device_links *wanted = data;
	char where[32];
	bool same_type = link->type == LINK_XDP || link->device.attach_type == wanted->attach_type;
	if (link->type != wanted->type || link->device.ifindex != wanted->ifindex || !same_type)
		return false;
	(void)snprintf(where, sizeof where, "link %u", link->id);
	struct bpf_prog_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = lade_bpf_prog_by_id(wanted->call->kernel, link->prog_id);
	if (fd >= 0)
		(void)lade_bpf_prog_info(wanted->call->kernel, fd, &info);
	finding_evidence(wanted->finding, "%s is there: program %u (%s)", where, link->prog_id, info.name);
	return false;
}

void lade_attach_say_links(struct attach_call *call, struct lade_finding *finding, uint32_t type, unsigned ifindex,
			   uint32_t attach_type)
{
	struct device_links wanted = { call, finding, type, ifindex, attach_type };
	lade_links_walk(call->kernel, say_link, &wanted);
}
