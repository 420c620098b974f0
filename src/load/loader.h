/* SPDX-License-Identifier: BSD-2-Clause */
/* One load under way: the plan's slots get their descriptors. */
#ifndef LADE_LOAD_LOADER_H
#define LADE_LOAD_LOADER_H

#include "kernel/bpf.h"
#include "load/instance.h"
#include "load/known.h"
#include "plan/plan.h"

#define MAP_FLAG_LINK (1U << 13) /* BPF_F_LINK of a table of kernel operations, since 6.4 */

struct loader {
	struct lade_context *context;
	struct kernel *kernel;
	const struct lade_object *object;
	struct lade_plan *plan;
	const struct lade_load_opts *opts;
	struct known known;
	struct txn *txn;
	struct lade_instance *instance;
	bool btf_lacks_functions;       /* this kernel took the object's BTF only without them */
	int *slots;                     /* descriptors by slot, owned; -1: none */
	bool *reused;                   /* by map index: was there before this load */
	struct loaded_memory *memories; /* by map index: arenas in our memory, owned */
	uint64_t *addresses;            /* by extern index: of kernel symbols, owned; NULL: none is asked for */
	char **shared_pins;             /* by map index: absolute path of a pin outside, owned; NULL: none */
	struct map_definition *created; /* by map index: as the kernel has it */
	struct program_job *jobs;       /* of all programs that are loaded, in file order */
	size_t job_count;
	bool has_places;   /* some of them are pinned outside: places.h */
	uint64_t deadline; /* CLOCK_MONOTONIC ns; 0: none */
	struct crew *crew; /* waits for them */
	struct replacement *replacement; /* replace.h; NULL: nothing is replaced */
};

/* btf.c */
int lade_load_btf(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* symbols.c: fills addresses; before the programs. ksym.absent, ksym.hidden, ksym.ambiguous, ksym.kallsyms. */
int lade_load_symbols(struct loader *loader, struct lade_error **error);
/* maps.c */
int lade_load_map(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* memlock.c: true when a call that was refused with this is worth making again. Safe on any thread. */
bool lade_load_raise_memlock(const struct loader *loader, int refused);
/* owner.c: -EEXIST with pin.map.owner when a prog array that is there belongs to programs of another type. */
int lade_load_check_owner(const struct loader *loader, const struct operation *operation, int fd, const char *place,
			  struct lade_error **error);
/* arena.c */
int lade_load_arena(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* jumps.c */
int lade_load_jumps(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* struct_ops.c: the descriptors of the programs that were loaded go into the table's value. */
void lade_load_ops_value(const struct lade_instance *instance, struct ops_table *table);
/* A table with a link that a pinned instance keeps gets its value, so that it can be attached later. */
void lade_load_ready_tables(struct loader *loader);
int lade_load_attach_table(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_instance_attach_table(struct lade_instance *instance, const struct loaded_map *map, struct lade_error **error);
/* content.c */
int lade_load_write(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_load_freeze(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_load_slot(struct loader *loader, const struct operation *operation, struct lade_error **error);

/* One program on its way through the verifier; filled by whichever thread takes it. */
struct program_job {
	const struct loader *loader;
	struct operation *operation; /* instructions are patched in place */
	const char *name;
	uint64_t weight; /* nanoseconds: remembered, or guessed from its instructions */
	int fd;          /* result, or -1 */
	int code;        /* 0 or negative errno */
	uint64_t verify_ns;
	/* Variants of one place (places.h): tried one after another, until one is loaded. */
	struct program_job *next_variant;
	bool is_behind; /* another one's next_variant */
	bool may_fail;  /* optional: then the next is tried */
	bool untried;
	bool is_there;  /* it or its variant was pinned already: nothing to verify */
	int *fd_array; /* while it is under way */
	char *log;
	struct lade_error *error;
	struct findings notes;
};

/* program.c: no log sink, no shared state but the kernel's absent_forms: safe on any thread. */
void lade_load_program(struct program_job *job);
/* It and, where it is optional and refused, what stands behind it. */
void lade_load_variants(struct program_job *job);
/* parallel.c: at most so many helpers, which wait; NULL: no memory. */
struct crew *lade_crew_start(unsigned helpers);
/* Runs all jobs, most expensive first, on the crew and the calling thread; once for each crew. */
int lade_crew_load(struct crew *crew, struct program_job *jobs, size_t count);
/* Joins the helpers, whatever they were doing. */
struct crew *lade_crew_free(struct crew *crew);
/* programs.c: the jobs of the plan's program operations, and a crew where it helps; as early as possible. */
int lade_load_prepare_programs(struct loader *loader, struct lade_error **error);
/* All program operations of the plan at once. */
int lade_load_programs(struct loader *loader, struct lade_error **error);
/* cost.c: remembered verification times of an object's programs; both do nothing without a cache. */
void lade_cost_recall(const struct lade_context *context, const char *object, struct program_job *jobs, size_t count);
void lade_cost_remember(const struct lade_context *context, const char *object, const struct program_job *jobs,
			size_t count);
/* open.c: what attaching it later takes, into the journal. */
int lade_load_note_program(struct txn *txn, const struct loaded_program *program, struct lade_error **error);
/* attach.c */
int lade_load_attach(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* attach_maps.c: names are borrowed; array_clear() */
int lade_load_list_maps(const struct lade_instance *instance, struct attach_maps *ret_maps);
struct attach_program lade_load_describe(const struct loaded_program *program);
/* text: a target; NULL: what the section names. Some of several attachments may stay in the instance on failure. */
int lade_load_attach_program(struct lade_instance *instance, uint32_t program, const char *text,
			     struct lade_error **error);
/* The same, but for CPUs whose events it has. NULL: it has none. */
int lade_load_attach_held(struct lade_instance *instance, uint32_t program, const char *text,
			  const struct cpu_list *held, struct lade_error **error);
/* cpus.c: events for CPUs that have none yet, if the program has some on others; their number. */
int lade_instance_add_cpus(struct lade_instance *instance, uint32_t program, struct lade_error **error);
/* attach_later.c: detaches one link, which is none of the instance's any more. */
int lade_instance_drop_link(struct lade_instance *instance, size_t index, struct lade_error **error);
/* program: index, or NO_INDEX for a table; name: of whichever it is. */
int lade_instance_keep_attachments(struct lade_instance *instance, uint32_t program, const char *name,
				   struct attachments *attachments, struct lade_error **error);

/* What a data map starts with; NULL: zeros. */
static inline const uint8_t *loader_content(const struct loader *loader, uint32_t map)
{
	return map == loader->object->kconfig_map ? loader->plan->kconfig_values
						  : loader->object->maps.items[map]->data;
}

/* The map or program that an operation is about. */
static inline const struct lade_map *loader_map(const struct loader *loader, const struct operation *operation)
{
	return loader->object->maps.items[operation->map];
}

static inline const struct lade_program *loader_program(const struct loader *loader, const struct operation *operation)
{
	return loader->object->programs.items[operation->program];
}

#endif
