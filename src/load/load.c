/* SPDX-License-Identifier: BSD-2-Clause */
/* A load from plan to instance: one transaction. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <lade/state.h>

#include "base/info.h"
#include "diagnose/diagnose.h"
#include "kernel/memory.h"
#include "kernel/module_btf.h"
#include "kernel/until.h"
#include "load/places.h"
#include "load/replace.h"

static uint64_t now_ns(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- the instance, filled with what the object says ---- */

static char *copy(const char *text, bool *failed)
{
	char *result = text ? strdup(text) : NULL;

	*failed |= text && !result;
	return result;
}

static const char *why_left_out(const struct lade_program *program)
{
	if (program->skip)
		return program->skip;
	return program->autoload ? NULL : "not loaded by default (SEC(\"?…\") or --prog)";
}

static int add_programs(struct lade_instance *instance, const struct lade_object *object)
{
	bool failed = false;

	array_foreach(item, &object->programs) {
		const struct lade_program *program = *item;
		struct loaded_program *loaded = array_push(&instance->programs);
		if (!loaded)
			return -ENOMEM;
		loaded->fd = -1;
		loaded->type = program->type;
		loaded->expected_attach_type = program->has_expected_attach_type ? program->expected_attach_type : 0;
		loaded->row = program->row;
		loaded->name = copy(program->name, &failed);
		loaded->section = copy(program->section, &failed);
		loaded->attach_target = copy(program->attach_target, &failed);
		loaded->skip = copy(why_left_out(program), &failed);
	}
	return failed ? -ENOMEM : 0;
}

static struct lade_instance *instance_new(struct lade_context *context, const struct lade_object *object,
					  const char *name)
{
	struct lade_instance *instance = calloc(1, sizeof *instance);
	bool failed = false;

	if (!instance)
		return NULL;
	instance->context = context;
	instance->btf_fd = -1;
	instance->name = copy(name, &failed);
	instance->btf = object->btf ? lade_btf_ref(object->btf) : NULL;
	if (failed || add_programs(instance, object) < 0)
		return lade_instance_close(instance);
	return instance;
}

/* ---- executing ---- */

typedef int execute_fn(struct loader *loader, const struct operation *operation, struct lade_error **error);

static int pin_program(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	int r = lade_load_note_program(loader->txn, &loader->instance->programs.items[operation->program], error);

	if (r == 0 && loader_program(loader, operation)->place)
		return lade_places_pin_program(loader, operation, error);
	return r < 0 ? r
		     : lade_txn_pin(loader->txn, TXN_PIN_PROGRAM,
				    loader->slots[loader->plan->program_slots[operation->program]],
				    loader_program(loader, operation)->name, NULL, NULL, error);
}

static int execute_pin(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	if (operation->map != NO_INDEX) {
		int r = lade_load_note_layout(loader, operation->map, error);
		return r < 0 ? r
			     : lade_txn_pin(loader->txn, TXN_PIN_MAP,
					    loader->slots[loader->plan->map_slots[operation->map]],
					    loader_map(loader, operation)->name, NULL, NULL, error);
	}
	return pin_program(loader, operation, error);
}

/* Attaching needs the descriptors where the instance looks for them. */
static void hand_over_programs(struct loader *loader)
{
	for (uint32_t i = 0; i < loader->object->programs.count; i++) {
		uint32_t slot = loader->plan->program_slots[i];
		if (slot != NO_SLOT && loader->slots[slot] >= 0)
			loader->instance->programs.items[i].fd = take_fd(&loader->slots[slot]);
	}
}

static int execute_attach(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	hand_over_programs(loader);
	loader->instance->loading = loader;
	int r = lade_load_attach(loader, operation, error);
	loader->instance->loading = NULL;
	return r;
}

static int execute_btf_open(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	char what[128];
	int fd = lade_kernel_module_btf(loader->kernel, operation->module);

	if (fd >= 0) {
		loader->slots[operation->slot] = fd;
		return 0;
	}
	(void)snprintf(what, sizeof what, "open the BTF of module %s", operation->module);
	return lade_diagnose_operation(loader->kernel, loader->object, "BPF_BTF_GET_FD_BY_ID", what, -fd,
				       "btf.module.open", error);
}

/* It was opened for the plan, which had to know its types. */
static int execute_target_open(struct loader *loader, const struct operation *operation, struct lade_error **error)
{
	(void)error;
	loader->slots[operation->slot] = take_fd(&loader->known.opened[operation->program].fd);
	return 0;
}

static execute_fn *const executors[] = {
	[OPERATION_BTF_OPEN] = execute_btf_open,
	[OPERATION_TARGET_OPEN] = execute_target_open,
	[OPERATION_ARENA_MAP] = lade_load_arena,
	[OPERATION_JUMP_TABLE] = lade_load_jumps,
	[OPERATION_BTF_LOAD] = lade_load_btf,
	[OPERATION_MAP_CREATE] = lade_load_map,
	[OPERATION_MAP_REUSE] = lade_load_map,
	[OPERATION_MAP_WRITE] = lade_load_write,
	[OPERATION_MAP_FREEZE] = lade_load_freeze,
	[OPERATION_SLOT_FILL] = lade_load_slot,
	[OPERATION_PIN] = execute_pin,
	[OPERATION_ATTACH] = execute_attach,
};

/* Is it about a program that was tried and may be missing? */
static bool was_left_out(const struct loader *loader, const struct operation *operation)
{
	const struct slot_operation *fill = &operation->slot_fill;

	for (uint32_t i = 0; i < loader->object->programs.count; i++) {
		uint32_t slot = loader->plan->program_slots[i];
		bool concerned =
			operation->program == i || (operation->kind == OPERATION_SLOT_FILL && fill->value_slot == slot);
		if (concerned && slot != NO_SLOT && loader->instance->programs.items[i].skip)
			return true;
	}
	return false;
}

static int load_programs(struct loader *loader, struct lade_error **error)
{
	int r = lade_load_symbols(loader, error);

	return r < 0 ? r : lade_load_programs(loader, error);
}

static int fail_late(const struct loader *loader, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ETIMEDOUT, "load.timeout", "%s: it was not loaded within %u ms",
						      loader->object->file, loader->opts->timeout_ms);
	size_t verified = 0;

	for (size_t i = 0; i < loader->job_count; i++)
		verified += loader->slots[loader->jobs[i].operation->slot] >= 0;
	finding_evidence(finding, "%zu of %zu programs were verified", verified, loader->job_count);
	for (size_t i = 0; i < loader->job_count; i++)
		if (loader->jobs[i].code == -ETIMEDOUT)
			finding_evidence(finding, "not verified: %s", loader->jobs[i].name);
	return -ETIMEDOUT;
}

/* Programs stand together in the plan and are verified together when the first is met. */
static int execute(struct loader *loader, struct lade_error **error)
{
	bool programs_done = false;

	array_foreach(operation, &loader->plan->operations) {
		int r;
		if (operation->kind == OPERATION_PROGRAM_LOAD) {
			r = programs_done ? 0 : load_programs(loader, error);
			programs_done = true;
		} else if (was_left_out(loader, operation)) {
			r = 0;
		} else {
			r = executors[operation->kind](loader, operation, error);
		}
		if (r == 0 && lade_is_over(loader->deadline))
			r = -ETIMEDOUT;
		if (r < 0)
			return r == -ETIMEDOUT ? fail_late(loader, error) : r;
	}
	return 0;
}

/* ---- results into the instance ---- */

static char *map_pin(struct loader *loader, uint32_t map)
{
	if (loader->shared_pins[map])
		return TAKE(loader->shared_pins[map]);
	const struct lade_map *model = loader->object->maps.items[map];
	const char *path = lade_txn_pin_path(loader->txn, TXN_PIN_MAP, model->name);

	return path ? strdup(path) : NULL;
}

static int keep_map(struct loader *loader, uint32_t index)
{
	uint32_t slot = loader->plan->map_slots[index];
	const struct lade_map *map = loader->object->maps.items[index];
	struct loaded_map *loaded;

	if (slot == NO_SLOT || map->inner_only)
		return 0;
	loaded = array_push(&loader->instance->maps);
	if (!loaded)
		return -ENOMEM;
	loaded->fd = take_fd(&loader->slots[slot]);
	loaded->ops = TAKE(loader->plan->ops[index]);
	loaded->memory = loader->memories[index];
	loader->memories[index].start = NULL;
	loaded->definition = loader->created[index];
	loaded->btf_record_type = map->btf_record_type;
	loaded->is_data = map->is_data;
	loaded->reused = loader->reused[index];
	loaded->pin = map_pin(loader, index);
	loaded->name = strdup(map->name);
	return loaded->name ? 0 : -ENOMEM;
}

static int keep_slots(struct loader *loader)
{
	array_foreach(operation, &loader->plan->operations) {
		const struct slot_operation *fill = &operation->slot_fill;
		if (operation->kind != OPERATION_SLOT_FILL)
			continue;
		for (uint32_t i = 0; i < loader->object->programs.count; i++) {
			struct loaded_program *loaded = &loader->instance->programs.items[i];
			if (loader->plan->program_slots[i] != fill->value_slot || loaded->slot_map)
				continue;
			loaded->slot_map = strdup(loader->object->maps.items[fill->array_map]->name);
			loaded->slot = fill->index;
			if (!loaded->slot_map)
				return -ENOMEM;
		}
	}
	return 0;
}

static int keep_pins(struct loader *loader)
{
	bool failed = false;

	array_foreach(program, &loader->instance->programs)
		if (!program->pin) /* at a place of its own */
			program->pin = copy(lade_txn_pin_path(loader->txn, TXN_PIN_PROGRAM, program->name), &failed);
	return failed ? -ENOMEM : 0;
}

static int keep_results(struct loader *loader, struct lade_error **error)
{
	hand_over_programs(loader);
	lade_load_ready_tables(loader);
	if (loader->plan->btf_slot != NO_SLOT) /* closing it takes time that a caller need not wait for */
		loader->instance->btf_fd = take_fd(&loader->slots[loader->plan->btf_slot]);
	for (uint32_t i = 0; i < loader->object->maps.count; i++) {
		if (loader->plan->ops[i])
			lade_load_ops_value(loader->instance, loader->plan->ops[i]);
		if (keep_map(loader, i) < 0)
			return lade_fail_memory(error);
	}
	return keep_pins(loader) < 0 ? lade_fail_memory(error) : 0;
}

static int move_plan_notes(struct loader *loader)
{
	array_foreach(note, &loader->plan->notes) {
		struct lade_finding **place = array_push(&loader->instance->notes);
		if (!place)
			return -ENOMEM;
		*place = TAKE(*note);
	}
	array_clear(&loader->plan->notes);
	return 0;
}

/* ---- one load ---- */

static bool needs_cpus(const struct lade_object *object)
{
	array_foreach(map, &object->maps)
		if ((*map)->definition.type == BPF_MAP_TYPE_PERF_EVENT_ARRAY && !(*map)->definition.max_entries)
			return true;
	return false;
}

static bool has_arena_variables(const struct lade_object *object)
{
	array_foreach(map, &object->maps)
		if ((*map)->arena_bytes)
			return true;
	return false;
}

static void know_kernel(struct loader *loader, struct plan_target *target)
{
	char release[256];
	struct utsname name;

	if (!loader->object->policy)
		return;
	target->kernel_version = lade_policy_kernel(lade_kernel_release(loader->kernel, release, sizeof release));
	target->machine = uname(&name) == 0 ? lade_policy_machine(name.machine) : 0;
}

static int make_plan(struct loader *loader, struct lade_error **error)
{
	struct plan_target *target = &loader->known.target;
	int r;

	target->possible_cpus = needs_cpus(loader->object) ? lade_kernel_possible_cpus(loader->kernel) : 0;
	target->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	target->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	target->far_offsets = has_arena_variables(loader->object) && lade_kernel_has_far_offsets(loader->kernel);
	know_kernel(loader, target);
	r = lade_known_types(&loader->known, loader->context, loader->object, error);
	if (r == 0)
		r = lade_known_config(&loader->known, loader->context, loader->kernel, loader->object, error);
	if (r == 0)
		r = lade_known_load_targets(&loader->known, loader->context, loader->object, error);
	return r < 0 ? r : lade_plan_build(loader->object, target, loader->opts, &loader->plan, error);
}

/* What the plan leaves out on this kernel, said of the instance's programs. */
static int keep_skips(struct loader *loader, struct lade_error **error)
{
	bool failed = false;

	for (uint32_t i = 0; i < loader->object->programs.count; i++) {
		struct loaded_program *loaded = &loader->instance->programs.items[i];
		if (loader->plan->program_needed[i])
			free(TAKE(loaded->skip)); /* a table holds it, whatever its section says */
		if (!loaded->skip)
			loaded->skip = copy(loader->plan->program_skips[i], &failed);
	}
	return failed ? lade_fail_memory(error) : 0;
}

static int make_tables(struct loader *loader, struct lade_error **error)
{
	size_t maps = loader->object->maps.count + 1;

	loader->slots = calloc(loader->plan->slot_count + 1u, sizeof *loader->slots);
	loader->reused = calloc(maps, sizeof *loader->reused);
	loader->shared_pins = calloc(maps, sizeof *loader->shared_pins);
	loader->created = calloc(maps, sizeof *loader->created);
	loader->memories = calloc(maps, sizeof *loader->memories);
	if (!loader->memories || !loader->slots || !loader->reused || !loader->shared_pins || !loader->created)
		return lade_fail_memory(error);
	for (uint32_t i = 0; i <= loader->plan->slot_count; i++)
		loader->slots[i] = -1;
	return 0;
}

static void loader_clear(struct loader *loader)
{
	(void)lade_crew_free(loader->crew);
	free(loader->jobs);
	for (uint32_t i = 0; loader->slots && i < loader->plan->slot_count; i++)
		(void)fd_close(loader->slots[i]);
	free(loader->slots);
	free(loader->reused);
	for (size_t i = 0; loader->shared_pins && i < loader->object->maps.count; i++)
		free(loader->shared_pins[i]);
	free(loader->shared_pins);
	free(loader->created);
	for (size_t i = 0; loader->memories && i < loader->object->maps.count; i++)
		lade_memory_unmap(loader->memories[i].start, loader->memories[i].bytes);
	free(loader->memories);
	free(loader->addresses);
	(void)lade_plan_free(loader->plan);
	lade_known_clear(&loader->known);
}

static int begin(struct loader *loader, struct lade_error **error)
{
	struct txn_options options = {
		.name = loader->opts->name ? loader->opts->name : loader->object->name,
		.pin_dir = loader->opts->pin_dir,
		.named = loader->opts->name != NULL,
		.file = loader->object->file,
		.replace = loader->opts->replace,
	};
	int r = lade_txn_begin(loader->context, &options, &loader->txn, error);

	loader->instance->txn = loader->txn;
	return r;
}

static int run(struct loader *loader, struct lade_error **error)
{
	int r = make_plan(loader, error);

	if (r == 0)
		r = keep_skips(loader, error);
	if (r == 0)
		r = make_tables(loader, error);
	if (r == 0 && keep_slots(loader) < 0) /* also for the journal: what waits in a slot is not attached unnamed */
		r = lade_fail_memory(error);
	if (r == 0)
		r = lade_load_prepare_programs(loader, error);
	if (r == 0)
		r = begin(loader, error);
	if (r == 0)
		r = lade_replace_begin(loader, error);
	if (r == 0 && loader->has_places)
		r = lade_places_judge(loader, error);
	if (r == 0)
		r = execute(loader, error);
	if (r == 0)
		r = keep_results(loader, error);
	if (r == 0 && move_plan_notes(loader) < 0)
		r = lade_fail_memory(error);
	if (r == 0)
		r = lade_replace_switch(loader, error);
	if (r == 0)
		r = lade_txn_commit(loader->txn, error);
	if (r == 0)
		lade_replace_finish(loader);
	return r;
}

static int load(struct lade_object *object, const struct lade_load_opts *opts, struct lade_instance **ret_instance,
		struct lade_error **error)
{
	struct loader loader = { .context = object->context, .object = object, .opts = opts };
	uint64_t start = now_ns();
	int r = lade_context_kernel(object->context, &loader.kernel, error);

	if (r < 0)
		return r;
	loader.instance = instance_new(object->context, object, opts->name);
	if (!loader.instance)
		return lade_fail_memory(error);
	loader.deadline = opts->timeout_ms ? start + opts->timeout_ms * UINT64_C(1000000) : 0;
	loader.kernel->until = loader.deadline;
	r = run(&loader, error);
	loader.kernel->until = 0;
	if (r < 0)
		r = lade_diagnose_load(loader.kernel, object, r, error);
	if (r < 0) /* links, then the transaction rolls back; what is replaced stays locked until then */
		(void)lade_instance_close(loader.instance);
	lade_replace_clear(&loader);
	loader_clear(&loader);
	if (r < 0)
		return r;
	loader.instance->load_ns = now_ns() - start;
	*ret_instance = loader.instance;
	return 0;
}

LADE_API int lade_object_load(struct lade_object *object, const struct lade_load_opts *opts,
			      struct lade_instance **ret_instance, struct lade_error **error)
{
	struct lade_load_opts known;
	int r = opts_read(&known, sizeof known, opts);

	if (r < 0)
		return lade_fail(error, -r, "internal.options", "unknown load options");
	r = load(object, &known, ret_instance, error);
	if (r < 0 && error)
		lade_error_set_object(*error, object->name);
	return r;
}

LADE_API int lade_instance_unload(struct lade_instance *instance, struct lade_error **error)
{
	CLEANUP(cleanup_free) char *directory = NULL;
	struct lade_context *context = instance->context;
	int r;

	if (!instance->name) {
		array_foreach(link, &instance->links)
			lade_attachment_close(&link->attachment);
		r = lade_txn_dissolve(instance->txn, error);
		(void)lade_instance_close(instance);
		return r;
	}
	directory = strdup(lade_txn_directory(instance->txn));
	(void)lade_instance_close(instance);
	return directory ? lade_state_unload(context, directory, error) : lade_fail_memory(error);
}
