/* SPDX-License-Identifier: BSD-2-Clause */
/* One load under way: the plan's slots get their descriptors. */
#ifndef LADE_LOAD_LOADER_H
#define LADE_LOAD_LOADER_H

#include "kernel/bpf.h"
#include "load/instance.h"
#include "plan/plan.h"

struct loader {
	struct lade_context *context;
	struct kernel *kernel;
	const struct lade_object *object;
	struct lade_plan *plan;
	const struct lade_load_opts *opts;
	struct txn *txn;
	struct lade_instance *instance;
	int *slots;                     /* descriptors by slot, owned; -1: none */
	bool *reused;                   /* by map index: was there before this load */
	char **shared_pins;             /* by map index: absolute path of a pin outside, owned; NULL: none */
	struct map_definition *created; /* by map index: as the kernel has it */
};

/* btf.c */
int lade_load_btf(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* maps.c */
int lade_load_map(struct loader *loader, const struct operation *operation, struct lade_error **error);
/* memlock.c: true when a call that was refused with this is worth making again. Safe on any thread. */
bool lade_load_raise_memlock(const struct loader *loader, int refused);
/* owner.c: -EEXIST with pin.map.owner when a prog array that is there belongs to programs of another type. */
int lade_load_check_owner(const struct loader *loader, const struct operation *operation, int fd, const char *place,
			  struct lade_error **error);
/* content.c */
int lade_load_write(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_load_freeze(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_load_slot(struct loader *loader, const struct operation *operation, struct lade_error **error);

/* One program on its way through the verifier; filled by whichever thread takes it. */
struct program_job {
	const struct loader *loader;
	struct operation *operation; /* instructions are patched in place */
	const char *name;
	uint64_t weight; /* remembered nanoseconds or guessed instructions */
	int fd;          /* result, or -1 */
	int code;        /* 0 or negative errno */
	uint64_t verify_ns;
	char *log;
	struct lade_error *error;
	struct findings notes;
};

/* program.c: no log sink, no shared state but the kernel's absent_forms: safe on any thread. */
void lade_load_program(struct program_job *job);
/* parallel.c: runs all jobs, most expensive first, on up to `threads` threads, the caller's included. */
int lade_load_parallel(struct program_job *jobs, size_t count, unsigned threads);
/* programs.c: all program operations of the plan at once. */
int lade_load_programs(struct loader *loader, struct lade_error **error);
/* cost.c: remembered verification times of an object's programs; both do nothing without a cache. */
void lade_cost_recall(const struct lade_context *context, const char *object, struct program_job *jobs, size_t count);
void lade_cost_remember(const struct lade_context *context, const char *object, const struct program_job *jobs,
			size_t count);
/* attach.c */
int lade_load_attach(struct loader *loader, const struct operation *operation, struct lade_error **error);
int lade_instance_keep_attachments(struct lade_instance *instance, uint32_t program, struct attachments *attachments,
				   struct lade_error **error);

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
