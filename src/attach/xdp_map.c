/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XDP programs that run in an entry of a devmap or cpumap: on packets that were redirected to that interface or
 * processor. The entry holds the program as long as the map is there, so this is an effect.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "attach/device.h"
#include "attach/hook.h"

enum { QUEUE_PACKETS = 2048 }; /* of a processor's queue, where neither the entry nor the target says */

struct entry {
	int map_fd;
	struct bpf_map_info map;
	bool is_device;
	uint32_t key, before;
	struct {
		uint32_t number; /* interface or queue size */
		int32_t program;
	} value;
};

static int fail_entry(struct attach_call *call, int errnum, const char *why)
{
	struct lade_finding *finding = lade_error_add(call->error, errnum, "attach.map.entry", "%s: %s: %s",
						      call->program->name, call->target->text, why);
	finding_program(finding, call->program->name);
	finding_map(finding, call->target->name);
	return -errnum;
}

static int open_map(struct attach_call *call, struct entry *entry)
{
	entry->map_fd = lade_attach_open_map(call, &entry->map);
	if (entry->map_fd < 0)
		return entry->map_fd;
	entry->is_device = entry->map.type == BPF_MAP_TYPE_DEVMAP || entry->map.type == BPF_MAP_TYPE_DEVMAP_HASH;
	if (!entry->is_device && entry->map.type != BPF_MAP_TYPE_CPUMAP)
		return fail_entry(call, EINVAL, "the map is neither a devmap nor a cpumap");
	/* A cpumap would answer that there is no memory. */
	uint32_t expected = call->program->expected_attach_type;
	if (expected && expected != (entry->is_device ? BPF_XDP_DEVMAP : BPF_XDP_CPUMAP))
		return fail_entry(call, EINVAL, "the program was loaded for the other kind of map");
	if (entry->map.key_size != sizeof entry->key || entry->map.value_size != sizeof entry->value)
		return fail_entry(call, EINVAL, "the map's values have no room for a program (8 bytes, since 5.8)");
	return 0;
}

static int read_number(struct attach_call *call, const char *key, uint32_t *ret_value)
{
	const char *text = lade_attach_option(call->target, key);
	char *end = NULL;
	if (!text)
		return 0;
	unsigned long value = strtoul(text, &end, 0);
	if (*text < '0' || *text > '9' || *end || value > UINT32_MAX)
		return fail_entry(call, EINVAL, "that is no number");
	*ret_value = (uint32_t)value;
	return 0;
}

/* What the entry has now; it must not have a program. */
static int look_at_entry(struct attach_call *call, struct entry *entry)
{
	int result = lade_bpf_map_lookup(call->kernel, entry->map_fd, &entry->key, &entry->value);
	if (result < 0 && result != -ENOENT)
		return lade_attach_refused(call, OPERATION_MAP_ENTRY, call->target->text, result);
	entry->before = entry->value.number;
	if (!entry->value.program)
		return 0;
	struct lade_finding *finding =
		lade_error_add(call->error, EEXIST, "attach.exists", "%s: the entry of %s has a program already",
			       call->program->name, call->target->text);
	finding_program(finding, call->program->name);
	lade_attach_say_holder(call, finding, "in the entry", (uint32_t)entry->value.program);
	return -EEXIST;
}

static int choose_number(struct attach_call *call, struct entry *entry)
{
	const char *device = lade_attach_option(call->target, "dev");
	if (!entry->is_device) {
		if (!entry->value.number)
			entry->value.number = QUEUE_PACKETS;
		return read_number(call, "qsize", &entry->value.number);
	}
	if (!device)
		return entry->value.number ? 0 : fail_entry(call, EINVAL, "the entry has no interface: give dev=IF");
	entry->value.number = if_nametoindex(device);
	return entry->value.number ? 0 : lade_attach_no_device(call, device);
}

static int journal_entry(struct attach_call *call, const struct entry *entry, unsigned *ret_number)
{
	const struct netns_text netns = lade_attach_netns_text();
	char map[16], key[16], value[16], before[16], id[16];
	(void)snprintf(map, sizeof map, "%u", entry->map.id);
	(void)snprintf(key, sizeof key, "%u", entry->key);
	(void)snprintf(value, sizeof value, "%u", entry->value.number);
	(void)snprintf(before, sizeof before, "%u", entry->before);
	(void)snprintf(id, sizeof id, "%u", lade_attach_program_id(call));
	const char *const pairs[] = { "map-id",
				      map,
				      "key",
				      key,
				      "value",
				      value,
				      "before",
				      before,
				      "prog-id",
				      id,
				      entry->is_device ? "netns" : NULL,
				      netns.text,
				      NULL };
	return lade_attach_begin_effect(call, "entry", call->target->text, pairs, ret_number);
}

static int attach(struct attach_call *call, struct entry *entry)
{
	unsigned number;
	int result = journal_entry(call, entry, &number);
	if (result < 0)
		return result;
	entry->value.program = call->program->fd;
	result = lade_bpf_map_update(call->kernel, entry->map_fd, &entry->key, &entry->value, 0);
	if (result == 0)
		return lade_attach_keep_effect(call, call->target->text, -1, number);
	(void)lade_txn_effect_undo(call->txn, number);
	return lade_attach_refused(call, OPERATION_MAP_ENTRY, call->target->text, result);
}

int lade_attach_xdp_map(struct attach_call *call)
{
	struct entry entry = { .map_fd = -1 };
	int result = open_map(call, &entry);
	if (result == 0 && !lade_attach_option(call->target, "key"))
		result = fail_entry(call, EINVAL, "which entry is not said: give key=N");
	if (result == 0)
		result = read_number(call, "key", &entry.key);
	if (result == 0)
		result = look_at_entry(call, &entry);
	if (result == 0)
		result = choose_number(call, &entry);
	if (result == 0)
		result = attach(call, &entry);
	(void)fd_close(entry.map_fd);
	return result;
}
