/* SPDX-License-Identifier: BSD-2-Clause */
/* What is attached: pinned links in the journal's words, and effects, which no pin holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "txn/state.h"

#define LINK_CGROUP 3
#define LINK_NETNS  5
#define LINK_XDP    6
#define LINK_TCX    11 /* since 6.6 */
#define LINK_NETKIT 13 /* since 6.7 */

/* A link stays when its device or cgroup goes, attached to nothing. */
bool lade_state_link_is_gone(const struct bpf_link_info *info)
{
	switch (info->type) {
	case LINK_CGROUP:
		return info->cgroup.cgroup_id == 0;
	case LINK_NETNS:
	case LINK_XDP:
	case LINK_TCX:
	case LINK_NETKIT: /* an interface or inode comes first in all of them */
		return info->xdp.ifindex == 0;
	default:
		return false;
	}
}

static int copy(const struct journal_entry *entry, const char *key, char **ret_value)
{
	const char *value = entry ? lade_journal_value(entry, key) : NULL;
	char *text = value ? strdup(value) : NULL;
	if (value && !text)
		return -ENOMEM;
	free(*ret_value);
	*ret_value = text;
	return 0;
}

static int set_detail(struct state_pin *pin)
{
	if (!pin->program)
		return 0;
	pin->detail = lade_path("%s%s%s", pin->program, pin->target ? " " : "", pin->target ? pin->target : "");
	return pin->detail ? 0 : -ENOMEM;
}

int lade_state_describe_link(const struct journal_entry *entry, const char *relative, struct state_pin *pin)
{
	CLEANUP(cleanup_free) char *directory = lade_path_parent(relative);
	const struct {
		const char *key;
		char **value;
	} fields[] = {
		{ "owner", &pin->program },
		{ "method", &pin->method },
		{ "detail", &pin->target },
		{ "request", &pin->request },
	};
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (copy(entry, fields[i].key, fields[i].value) < 0)
			return -ENOMEM;
	if (!pin->program && directory)
		pin->program = strdup(lade_path_leaf(directory));
	return pin->program ? set_detail(pin) : -ENOMEM;
}

/* ---- effects ---- */

static uint64_t own_netns(void)
{
	struct stat status;
	return stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0;
}

static uint64_t netns_of(const struct journal_entry *entry)
{
	const char *text = lade_journal_value(entry, "netns");
	uint64_t netns = text ? strtoull(text, NULL, 10) : 0;
	return netns == own_netns() ? 0 : netns;
}

static int add_effect(struct kernel *kernel, const struct journal_entry *entry, const struct effect_kind *kind,
		      struct state_instance *instance)
{
	struct state_pin *pin = array_push(&instance->pins);
	if (!pin)
		return -ENOMEM;
	pin->kind = LADE_PINNED_LINK;
	pin->effect = entry->number;
	pin->netns = netns_of(entry);
	pin->gone = kind->check && kind->check(kernel, entry) == 0;
	pin->name = strdup(entry->kind);
	const struct {
		const char *key;
		char **value;
	} fields[] = {
		{ "program", &pin->program },
		{ "method", &pin->method },
		{ "target", &pin->target },
		{ "request", &pin->request },
	};
	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (copy(entry, fields[i].key, fields[i].value) < 0)
			return -ENOMEM;
	return pin->name ? set_detail(pin) : -ENOMEM;
}

int lade_state_read_effects(struct kernel *kernel, const struct journal *journal, struct state_instance *instance)
{
	array_foreach(entry, journal) {
		const struct effect_kind *kind = lade_effect_kind(entry->kind);
		int result = kind && !kind->hidden ? add_effect(kernel, entry, kind, instance) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}
