/* SPDX-License-Identifier: BSD-2-Clause */
/* lade_state_read() and what it hands out. */
#include "txn/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"

static void pin_clear(struct state_pin *pin)
{
	free(pin->name);
	free(pin->path);
	free(pin->detail);
	free(pin->program);
	free(pin->method);
	free(pin->target);
	free(pin->request);
}

void lade_state_instance_clear(struct state_instance *instance)
{
	free(instance->name);
	free(instance->directory);
	free(instance->file);
	array_foreach(pin, &instance->pins)
		pin_clear(pin);
	array_clear(&instance->pins);
	*instance = (struct state_instance){ 0 };
}

struct lade_state *lade_state_free(struct lade_state *state)
{
	if (!state)
		return NULL;
	array_foreach(instance, &state->instances)
		lade_state_instance_clear(instance);
	array_clear(&state->instances);
	free(state);
	return NULL;
}

DEFINE_CLEANUP(struct lade_state, lade_state, lade_state_free)

static const char *object_value(const struct journal *journal, const char *key)
{
	return journal->count ? lade_journal_value(&journal->items[0], key) : NULL;
}

/* The journal's name; of a load killed before its first entry, what its directory is called. */
static char *instance_name(const struct journal *journal, const char *leaf)
{
	struct txn_id id;
	const char *known = object_value(journal, "name");
	if (known)
		return strdup(known);
	return lade_txn_id_parse(leaf, &id) ? strndup(leaf, id.leaf_length) : strdup(leaf);
}

/* 1: read. 0: gone meanwhile. */
static int read_instance(struct kernel *kernel, const char *directory, struct state_instance *ret_instance)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	struct state_instance instance = { 0 };
	struct txn_id id;
	if (!lade_is_instance(directory, &journal))
		return 0;
	const char *leaf = lade_path_leaf(directory), *file = object_value(&journal, "file");
	instance.busy = lade_lock_held(directory);
	instance.unfinished = lade_txn_id_parse(leaf, &id);
	instance.name = instance_name(&journal, leaf);
	instance.directory = strdup(directory);
	instance.file = strdup(file ? file : "");
	int result = instance.name && instance.directory && instance.file ? 0 : -ENOMEM;
	if (result == 0)
		result = lade_state_read_pins(kernel, &journal, &instance);
	if (result < 0) {
		lade_state_instance_clear(&instance);
		return result;
	}
	*ret_instance = instance;
	return 1;
}

static int read_all(struct lade_state *state, struct kernel *kernel, const struct strings *directories)
{
	array_foreach(directory, directories) {
		struct state_instance *instance = array_push(&state->instances);
		if (!instance)
			return -ENOMEM;
		int result = read_instance(kernel, *directory, instance);
		if (result <= 0)
			state->instances.count--;
		if (result < 0)
			return result;
	}
	return 0;
}

int lade_state_read(struct lade_context *context, const char *which, struct lade_state **ret_state,
		    struct lade_error **error)
{
	struct kernel *kernel;
	struct strings directories = { 0 };
	int result = lade_context_kernel(context, &kernel, error);
	if (result == 0)
		result = lade_state_find(context, which, &directories, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_lade_state) struct lade_state *state = calloc(1, sizeof *state);
	result = state ? read_all(state, kernel, &directories) : -ENOMEM;
	lade_strings_clear(&directories);
	if (result < 0)
		return lade_fail_memory(error);
	*ret_state = TAKE(state);
	return 0;
}

size_t lade_state_count(const struct lade_state *state)
{
	return state->instances.count;
}

int lade_state_entry(const struct lade_state *state, size_t index, struct lade_state_entry *entry)
{
	if (index >= state->instances.count)
		return -ENOENT;
	const struct state_instance *instance = &state->instances.items[index];
	struct lade_state_entry full = {
		.name = instance->name,
		.directory = instance->directory,
		.file = *instance->file ? instance->file : NULL,
		.unfinished = instance->unfinished,
		.busy = instance->busy,
	};
	size_t *const counts[] = {
		[LADE_PINNED_MAP] = &full.map_count,
		[LADE_PINNED_PROGRAM] = &full.program_count,
		[LADE_PINNED_LINK] = &full.link_count,
	};
	array_foreach(pin, &instance->pins) {
		(*counts[pin->kind])++;
		full.shared_count += pin->shared;
	}
	return info_fill(entry, &full, sizeof full);
}

size_t lade_state_pin_count(const struct lade_state *state, size_t entry)
{
	return entry < state->instances.count ? state->instances.items[entry].pins.count : 0;
}

int lade_state_pin(const struct lade_state *state, size_t entry, size_t index, struct lade_pin_info *info)
{
	if (index >= lade_state_pin_count(state, entry))
		return -ENOENT;
	const struct state_pin *pin = &state->instances.items[entry].pins.items[index];
	const struct lade_pin_info full = {
		.kind = pin->kind,
		.name = pin->name,
		.path = pin->path,
		.shared = pin->shared,
		.created = pin->created,
		.id = pin->id,
		.type_name = pin->type_name,
		.key_size = pin->key_size,
		.value_size = pin->value_size,
		.max_entries = pin->max_entries,
		.flags = pin->flags,
		.instructions = pin->instructions,
		.detail = pin->detail,
		.program = pin->program,
		.method = pin->method,
		.target = pin->target,
		.gone = pin->gone,
		.netns = pin->netns,
	};
	return info_fill(info, &full, sizeof full);
}
