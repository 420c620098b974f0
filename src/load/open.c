/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instance that is pinned already, opened again: its maps, programs and links by their pins, the rest from its
 * journal, where the load wrote of every program
 *
 *     program name=count_exec section=tracepoint/sched/sched_process_exec type=5 expected=0 dialect=libbpf target=…
 *
 * The object's file is not needed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/loader.h"
#include "txn/state.h"

/* ---- what the journal says of a program ---- */

int lade_load_note_program(struct txn *txn, const struct loaded_program *program, struct lade_error **error)
{
	char type[16], expected[16];
	const char *pairs[15] = {
		"name", program->name, "section", program->section, "type", type, "expected", expected
	};
	size_t count = 8;

	(void)snprintf(type, sizeof type, "%u", program->type);
	(void)snprintf(expected, sizeof expected, "%u", program->expected_attach_type);
	if (program->row) {
		pairs[count++] = "dialect";
		pairs[count++] = program->row->dialect;
	}
	if (program->attach_target) {
		pairs[count++] = "target";
		pairs[count++] = program->attach_target;
	}
	if (program->slot_map) {
		pairs[count++] = "slot-map";
		pairs[count++] = program->slot_map;
	}
	return lade_txn_note(txn, "program", pairs, error);
}

static uint32_t number_of(const struct journal_entry *entry, const char *key)
{
	const char *text = lade_journal_value(entry, key);

	return text ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static int copy(const struct journal_entry *entry, const char *key, char **ret_text)
{
	const char *text = lade_journal_value(entry, key);

	*ret_text = text ? strdup(text) : NULL;
	return text && !*ret_text ? -ENOMEM : 0;
}

static const struct section_row *row_of(const struct journal_entry *entry)
{
	const char *dialect = lade_journal_value(entry, "dialect"), *section = lade_journal_value(entry, "section");
	const char *target = NULL;

	return dialect && section ? lade_section_find(dialect, section, &target) : NULL;
}

static const struct journal_entry *find_program(const struct journal *journal, const char *name)
{
	array_foreach(entry, journal) {
		const char *known = lade_journal_value(entry, "name");
		if (strcmp(entry->kind, "program") == 0 && known && strcmp(known, name) == 0)
			return entry;
	}
	return NULL;
}

/* ---- pins ---- */

struct opening {
	struct lade_instance *instance;
	struct kernel *kernel;
	const struct journal *journal;
	struct lade_error **error;
};

static int fail_pin(const struct opening *opening, const struct state_pin *pin, int result)
{
	return lade_pin_fail(opening->kernel, result, "state.read", "opening", pin->path, opening->error);
}

/* Others may remove what lies outside, as who loads an Android object anew does it by hand. */
static bool was_removed(const struct state_pin *pin)
{
	return pin->shared && pin->gone;
}

static int open_pin(const struct opening *opening, const struct state_pin *pin)
{
	int fd = lade_bpf_obj_get(opening->kernel, pin->path);

	return fd == -EACCES && pin->shared ? lade_bpf_obj_get_flags(opening->kernel, pin->path, BPF_F_RDONLY) : fd;
}

static int open_map(const struct opening *opening, const struct state_pin *pin)
{
	if (was_removed(pin))
		return 0;
	struct loaded_map *map = array_push(&opening->instance->maps);
	struct bpf_map_info info = { 0 };

	if (!map)
		return lade_fail_memory(opening->error);
	map->fd = open_pin(opening, pin);
	map->name = strdup(pin->name);
	map->pin = strdup(pin->path);
	if (!map->name || !map->pin)
		return lade_fail_memory(opening->error);
	if (map->fd < 0)
		return fail_pin(opening, pin, map->fd);
	int r = lade_bpf_map_info(opening->kernel, map->fd, &info);
	if (r < 0)
		return fail_pin(opening, pin, r);
	map->reused = pin->shared && !pin->created;
	map->definition = (struct map_definition){
		.type = info.type,
		.key_size = info.key_size,
		.value_size = info.value_size,
		.max_entries = info.max_entries,
		.flags = info.map_flags,
		.extra = info.map_extra,
	};
	return 0;
}

static int describe_program(const struct opening *opening, struct loaded_program *program)
{
	const struct journal_entry *entry = find_program(opening->journal, program->name);

	if (!entry) { /* loaded by an older Lade */
		program->section = strdup("");
		return program->section ? 0 : -ENOMEM;
	}
	program->expected_attach_type = number_of(entry, "expected");
	program->row = row_of(entry);
	if (copy(entry, "section", &program->section) < 0 || copy(entry, "target", &program->attach_target) < 0 ||
	    copy(entry, "slot-map", &program->slot_map) < 0)
		return -ENOMEM;
	return program->section || (program->section = strdup("")) ? 0 : -ENOMEM;
}

static int open_program(const struct opening *opening, const struct state_pin *pin)
{
	if (was_removed(pin))
		return 0;
	struct loaded_program *program = array_push(&opening->instance->programs);
	struct bpf_prog_info info = { 0 };

	if (!program)
		return lade_fail_memory(opening->error);
	program->fd = open_pin(opening, pin);
	program->name = strdup(pin->name);
	program->pin = strdup(pin->path);
	if (!program->name || !program->pin || describe_program(opening, program) < 0)
		return lade_fail_memory(opening->error);
	if (program->fd < 0)
		return fail_pin(opening, pin, program->fd);
	int r = lade_bpf_prog_info(opening->kernel, program->fd, &info);
	program->type = info.type;
	program->instructions = pin->instructions;
	program->reused = pin->shared && !pin->created;
	return r < 0 ? fail_pin(opening, pin, r) : 0;
}

static int name_link(const struct opening *opening, const struct state_pin *pin, struct loaded_link *link)
{
	const char *owner = pin->program ? pin->program : "";

	link->program = NO_INDEX;
	for (uint32_t i = 0; i < opening->instance->programs.count; i++)
		if (strcmp(opening->instance->programs.items[i].name, owner) == 0)
			link->program = i;
	link->table = link->program == NO_INDEX ? strdup(owner) : NULL;
	link->method = strdup(pin->method ? pin->method : pin->type_name ? pin->type_name : "link");
	link->pin = pin->path ? strdup(pin->path) : NULL;
	link->attachment.method = link->method;
	link->attachment.target = strdup(pin->target ? pin->target : "");
	link->attachment.request = pin->request ? strdup(pin->request) : NULL;
	bool complete = link->method && link->attachment.target && !link->pin == !pin->path &&
			!link->attachment.request == !pin->request && (link->table || link->program != NO_INDEX);
	return complete ? 0 : lade_fail_memory(opening->error);
}

static int open_link(const struct opening *opening, const struct state_pin *pin)
{
	struct loaded_link *link = array_push(&opening->instance->links);

	if (!link)
		return lade_fail_memory(opening->error);
	link->attachment.fd = link->attachment.event_fd = -1;
	link->is_effect = !pin->path;
	link->gone = pin->gone;
	link->attachment.effect = pin->effect;
	int r = name_link(opening, pin, link);
	if (r < 0 || !pin->path)
		return r;
	link->attachment.fd = lade_bpf_obj_get(opening->kernel, pin->path);
	link->attachment.is_link = true;
	return link->attachment.fd < 0 ? fail_pin(opening, pin, link->attachment.fd) : 0;
}

static int open_pins(const struct opening *opening, const struct state_instance *found)
{
	static int (*const open_kind[])(const struct opening *opening, const struct state_pin *pin) = {
		[LADE_PINNED_MAP] = open_map,
		[LADE_PINNED_PROGRAM] = open_program,
		[LADE_PINNED_LINK] = open_link,
	};

	array_foreach(pin, &found->pins) {
		int r = open_kind[pin->kind](opening, pin);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the instance ---- */

static int read_it(struct lade_instance *instance, struct kernel *kernel, struct lade_error **error)
{
	const char *directory = lade_txn_directory(instance->txn);
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	struct state_instance found = { .directory = strdup(directory) };
	const struct opening opening = { instance, kernel, &journal, error };
	int r = found.directory ? lade_txn_read_journal(instance->txn, &journal) : -ENOMEM;

	if (r == 0)
		r = lade_state_read_pins(kernel, &journal, &found);
	if (r < 0)
		r = r == -ENOMEM ? lade_fail_memory(error)
				 : lade_pin_fail(kernel, r, "state.read", "reading", directory, error);
	else
		r = open_pins(&opening, &found);
	lade_state_instance_clear(&found);
	return r;
}

int lade_instance_open_directory(struct lade_context *context, const char *directory, int held,
				 struct lade_instance **ret_instance, struct lade_error **error)
{
	struct lade_instance *instance = calloc(1, sizeof *instance);
	struct kernel *kernel;
	int r = lade_context_kernel(context, &kernel, error);

	if (r < 0 || !instance) {
		free(instance);
		return r < 0 ? r : lade_fail_memory(error);
	}
	instance->context = context;
	instance->btf_fd = -1;
	r = lade_txn_open(context, directory, held, &instance->txn, error);
	if (r == 0)
		r = read_it(instance, kernel, error);
	if (r == 0) {
		instance->name = strdup(lade_txn_name(instance->txn));
		r = instance->name ? 0 : lade_fail_memory(error);
	}
	if (instance->txn)
		lade_txn_unlock(instance->txn);
	if (r < 0) {
		(void)lade_instance_close(instance);
		return r;
	}
	*ret_instance = instance;
	return 0;
}

static int choose(const struct strings *directories, const char *which, const char **ret_directory,
		  struct lade_error **error)
{
	const char *found = NULL;

	array_foreach(directory, directories) {
		struct txn_id id;
		if (!lade_txn_id_parse(lade_path_leaf(*directory), &id))
			found = *directory;
	}
	if (found) {
		*ret_directory = found;
		return 0;
	}
	return lade_fail(error, ENOENT, "state.unfinished", "%s is being loaded, or its load was interrupted", which);
}

LADE_API int lade_instance_open(struct lade_context *context, const char *which, struct lade_instance **ret_instance,
				struct lade_error **error)
{
	struct strings directories = { 0 };
	const char *directory = NULL;
	int r = which ? lade_state_find(context, which, &directories, error)
		      : lade_fail(error, EINVAL, "state.not-found", "no name was given to open");

	if (r == 0)
		r = choose(&directories, which, &directory, error);
	if (r == 0)
		r = lade_instance_open_directory(context, directory, -1, ret_instance, error);
	lade_strings_clear(&directories);
	return r;
}
