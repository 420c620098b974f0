/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * entry: an XDP program in an entry of a devmap or cpumap, where it stays as long as the map does.
 *
 *     entry program=in_devmap method=xdp-map target=map:devices,key=1,dev=eth0 map-id=12 key=1 netns=4026531840
 *           value=4 before=4 prog-id=77
 *
 * value: the interface or queue size that the entry has with the program, before: without it, 0 when there was no
 * entry. netns is there when value is an interface.
 */
#include <errno.h>

#include "kernel/bpf.h"
#include "txn/effect_netns.h"
#include "txn/internal.h"

/* Of a devmap and a cpumap alike; the kernel wants a descriptor and gives an id. */
struct value {
	uint32_t number;
	int32_t program;
};

/* Descriptor of the map; 0: the entry is not ours any more. */
static int open_entry(struct kernel *kernel, const struct journal_entry *entry)
{
	uint32_t key = lade_effect_number(entry, "key");
	struct value value = { 0 };
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_by_id(kernel, lade_effect_number(entry, "map-id"));
	int result = fd < 0 ? fd : lade_bpf_map_lookup(kernel, fd, &key, &value);
	if (result < 0)
		return result == -ENOENT ? 0 : result;
	return value.program && (uint32_t)value.program == lade_effect_number(entry, "prog-id") ? take_fd(&fd) : 0;
}

static int undo(struct kernel *kernel, const struct effect_visit *visit)
{
	uint32_t key = lade_effect_number(visit->entry, "key");
	const struct value before = { lade_effect_number(visit->entry, "before"), -1 };
	CLEANUP(cleanup_fd) int fd = open_entry(kernel, visit->entry);
	if (fd <= 0)
		return take_fd(&fd);
	int result = before.number ? lade_bpf_map_update(kernel, fd, &key, &before, 0)
				   : lade_bpf_map_delete(kernel, fd, &key);
	return result == -ENOENT ? 0 : result;
}

static int check(struct kernel *kernel, const struct effect_visit *visit)
{
	CLEANUP(cleanup_fd) int fd = open_entry(kernel, visit->entry);
	return fd <= 0 ? take_fd(&fd) : 1;
}

static int replace(struct kernel *kernel, const struct effect_visit *visit)
{
	uint32_t key = lade_effect_number(visit->entry, "key");
	const struct value value = { lade_effect_number(visit->entry, "value"), visit->program_fd };
	CLEANUP(cleanup_fd) int fd = open_entry(kernel, visit->entry);
	if (fd <= 0)
		return take_fd(&fd) < 0 ? -EACCES : -ESTALE;
	return lade_bpf_map_update(kernel, fd, &key, &value, 0);
}

/* Only an interface's number depends on where it is asked. */
static int at_place(struct kernel *kernel, const struct journal_entry *entry, int program_fd, effect_visit_fn *fn)
{
	const struct effect_visit visit = { entry, program_fd };
	return lade_journal_value(entry, "netns") ? lade_effect_visit(kernel, entry, program_fd, fn)
						  : fn(kernel, &visit);
}

int lade_undo_entry(struct kernel *kernel, const struct journal_entry *entry)
{
	int result = at_place(kernel, entry, -1, undo);
	return result == -ENXIO ? 0 : result;
}

int lade_check_entry(struct kernel *kernel, const struct journal_entry *entry)
{
	int result = at_place(kernel, entry, -1, check);
	return result == -ENXIO ? 0 : result;
}

int lade_replace_entry(struct kernel *kernel, const struct journal_entry *entry, int program_fd)
{
	int result = at_place(kernel, entry, program_fd, replace);
	return result == -ENXIO ? -ESTALE : result;
}
