/* SPDX-License-Identifier: BSD-2-Clause */
/* The pins of an instance: names from the directory and the journal, numbers from the kernel. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "object/sections_table.h"
#include "txn/state.h"

/* Indexed by the kernel's enum bpf_link_type. */
static const char *const link_names[] = {
	"unspec",       "raw_tracepoint", "tracing",   "cgroup", "iter",         "netns",  "xdp",     "perf_event",
	"kprobe_multi", "struct_ops",     "netfilter", "tcx",    "uprobe_multi", "netkit", "sockmap",
};

static const char *name_of(const char *const *names, size_t count, uint32_t number)
{
	return number < count ? names[number] : NULL;
}

static void ask_map(struct kernel *kernel, int fd, struct state_pin *pin)
{
	struct bpf_map_info info;
	if (lade_bpf_map_info(kernel, fd, &info) < 0)
		return;
	pin->id = info.id;
	pin->type_name = name_of(lade_map_names, lade_map_name_count, info.type);
	pin->key_size = info.key_size;
	pin->value_size = info.value_size;
	pin->max_entries = info.max_entries;
	pin->flags = info.map_flags;
}

static void ask_program(struct kernel *kernel, int fd, struct state_pin *pin)
{
	struct bpf_prog_info info;
	if (lade_bpf_prog_info(kernel, fd, &info) < 0)
		return;
	pin->id = info.id;
	pin->type_name = name_of(lade_program_names, lade_program_name_count, info.type);
	/* Kernels count since 5.16; before, the length says it but for what the verifier rewrote. */
	pin->instructions = info.verified_insns ? info.verified_insns : info.xlated_prog_len / 8;
}

static void ask_link(struct kernel *kernel, int fd, struct state_pin *pin)
{
	struct bpf_link_info info;
	if (lade_bpf_link_info(kernel, fd, &info) < 0)
		return;
	pin->id = info.id;
	pin->type_name = name_of(link_names, ELEMENTS(link_names), info.type);
	pin->gone = lade_state_link_is_gone(&info);
}

static const struct {
	const char *directory;
	void (*ask)(struct kernel *kernel, int fd, struct state_pin *pin);
} kinds[] = {
	[LADE_PINNED_MAP] = { "maps", ask_map },
	[LADE_PINNED_PROGRAM] = { "progs", ask_program },
	[LADE_PINNED_LINK] = { "links", ask_link },
};

/* Takes path. */
static struct state_pin *add_pin(struct kernel *kernel, struct state_instance *instance, enum lade_pin_kind kind,
				 char *path)
{
	struct state_pin *pin = path ? array_push(&instance->pins) : NULL;
	if (!pin) {
		free(path);
		return NULL;
	}
	pin->kind = kind;
	pin->path = path;
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get(kernel, path);
	if (fd == -EACCES && kind != LADE_PINNED_LINK) /* a place may let it be read only */
		fd = lade_bpf_obj_get_flags(kernel, path, BPF_F_RDONLY);
	if (fd >= 0)
		kinds[kind].ask(kernel, fd, pin);
	pin->gone = pin->gone || fd == -ENOENT;
	return pin;
}

static const struct journal_entry *find_name(const struct journal *journal, const char *relative)
{
	array_foreach(entry, journal) {
		const char *pin = lade_journal_value(entry, "pin");
		if (strcmp(entry->kind, "name") == 0 && pin && strcmp(pin, relative) == 0)
			return entry;
	}
	return NULL;
}

static int add_inside(struct kernel *kernel, const struct journal *journal, struct state_instance *instance,
		      enum lade_pin_kind kind, const char *relative)
{
	const struct journal_entry *entry = find_name(journal, relative);
	const char *full = entry ? lade_journal_value(entry, "name") : NULL;
	struct state_pin *pin = add_pin(kernel, instance, kind, lade_path("%s/%s", instance->directory, relative));
	if (!pin)
		return -ENOMEM;
	pin->name = strdup(full ? full : lade_path_leaf(relative));
	int result = kind == LADE_PINNED_LINK ? lade_state_describe_link(entry, relative, pin) : 0;
	return pin->name ? result : -ENOMEM;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Relative paths of the pins below a directory of the instance, sorted. A missing directory has none. */
static int list_pins(const char *directory, const char *relative, struct strings *pins)
{
	CLEANUP(cleanup_free) char *path = lade_path("%s/%s", directory, relative);
	DIR *stream = path ? opendir(path) : NULL;
	int result = path ? 0 : -ENOMEM;
	for (struct dirent *entry; stream && result >= 0 && (entry = readdir(stream));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		CLEANUP(cleanup_free) char *child = lade_path("%s/%s", relative, entry->d_name);
		if (!child)
			result = -ENOMEM;
		else if (entry->d_type == DT_DIR && !strchr(relative, '/'))
			result = list_pins(directory, child, pins);
		else
			result = lade_strings_add(pins, child);
	}
	if (stream)
		(void)closedir(stream);
	return result;
}

static int read_kind(struct kernel *kernel, const struct journal *journal, struct state_instance *instance,
		     enum lade_pin_kind kind)
{
	struct strings pins = { 0 };
	int result = list_pins(instance->directory, kinds[kind].directory, &pins);
	if (pins.count > 1)
		qsort(pins.items, pins.count, sizeof *pins.items, by_name);
	for (size_t i = 0; result >= 0 && i < pins.count; i++)
		result = add_inside(kernel, journal, instance, kind, pins.items[i]);
	lade_strings_clear(&pins);
	return result;
}

static struct state_pin *find_shared(struct state_instance *instance, const char *path)
{
	array_foreach(pin, &instance->pins)
		if (pin->shared && strcmp(pin->path, path) == 0)
			return pin;
	return NULL;
}

/* A pin that was handed over is journalled twice: as used and as owned. */
static int read_shared(struct kernel *kernel, const struct journal_entry *entry, struct state_instance *instance,
		       bool programs)
{
	bool created = strcmp(entry->kind, "pin") == 0;
	const char *path = lade_journal_value(entry, "path"), *name = lade_journal_value(entry, "name");
	bool is_program = lade_journal_value(entry, "prog-id") != NULL;
	if ((!created && strcmp(entry->kind, "use") != 0) || !path || is_program != programs)
		return 0;
	struct state_pin *pin = find_shared(instance, path);
	if (pin) {
		pin->created = pin->created || created;
		return 0;
	}
	pin = add_pin(kernel, instance, is_program ? LADE_PINNED_PROGRAM : LADE_PINNED_MAP, strdup(path));
	if (!pin)
		return -ENOMEM;
	pin->shared = true;
	pin->created = created;
	pin->name = strdup(name ? name : lade_path_leaf(path));
	return pin->name ? 0 : -ENOMEM;
}

int lade_state_read_pins(struct kernel *kernel, const struct journal *journal, struct state_instance *instance)
{
	int result = read_kind(kernel, journal, instance, LADE_PINNED_MAP);
	for (size_t i = 0; result >= 0 && i < journal->count; i++)
		result = read_shared(kernel, &journal->items[i], instance, false);
	if (result >= 0)
		result = read_kind(kernel, journal, instance, LADE_PINNED_PROGRAM);
	for (size_t i = 0; result >= 0 && i < journal->count; i++)
		result = read_shared(kernel, &journal->items[i], instance, true);
	if (result >= 0)
		result = read_kind(kernel, journal, instance, LADE_PINNED_LINK);
	if (result >= 0)
		result = lade_state_read_effects(kernel, journal, instance);
	return result;
}
