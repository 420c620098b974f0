/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plan: the operations of one load over numbered slots, in order, with their dependencies. Linking,
 * layout and adjustments happen here; no system call does. The dry run prints it, load/ executes it.
 *
 * A slot is the place of one result (a descriptor). Operations name the slots they need; finished
 * instructions carry patches that say which slot's descriptor goes where.
 */
#ifndef LADE_PLAN_PLAN_H
#define LADE_PLAN_PLAN_H

#include <linux/bpf.h>

#include <lade/instance.h>

#include "base/array.h"
#include "object/model.h"

#define NO_SLOT UINT32_MAX

/* What is known of the kernel the plan is for. */
struct plan_target {
	uint32_t possible_cpus; /* 0: not known, perf arrays keep 0 entries */
	uint32_t page_bytes;    /* 0: 4096 */
	bool big_endian;
	uint32_t kernel_version; /* major << 24 | minor << 16 | patch, of uname's release; 0: not known */
	uint32_t machine;        /* enum lade_ignore bits of its architecture; 0: none of them, or not known */
};

enum operation_kind {
	OPERATION_BTF_LOAD,
	OPERATION_MAP_CREATE, /* creates; with share_path: uses what is pinned there, else creates and pins it */
	OPERATION_MAP_REUSE,  /* opens what is pinned at share_path, or takes the caller's descriptor; it must fit */
	OPERATION_MAP_WRITE,  /* initial content of a data map */
	OPERATION_MAP_FREEZE,
	OPERATION_PROGRAM_LOAD,
	OPERATION_SLOT_FILL, /* a program or map into a slot of an array */
	OPERATION_PIN,
	OPERATION_ATTACH,
};

struct map_operation {
	struct map_definition definition; /* adjusted */
	char kernel_name[16];
	uint32_t inner_slot; /* NO_SLOT: no template */
	uint32_t btf_slot;   /* NO_SLOT: key and value types are withheld */
	bool btf_essential;  /* the value holds special fields: not without its BTF */
	char *share_path;    /* relative to bpffs or absolute; NULL: the map is the object's own */
};

enum patch_kind { PATCH_MAP, PATCH_MAP_VALUE };

struct instruction_patch {
	uint32_t instruction;
	uint32_t slot;
	enum patch_kind kind;
};

struct program_operation {
	uint32_t type, expected_attach_type, flags;
	bool expected_attach_type_optional;
	char kernel_name[16];
	struct {
		struct bpf_insn *items;
		size_t count, capacity;
	} instructions; /* main function first, subprograms in the order of their first call */
	ARRAY_OF(struct instruction_patch) patches;
	struct {
		struct bpf_func_info *items;
		size_t count, capacity;
	} func_info;
	struct {
		struct bpf_line_info *items;
		size_t count, capacity;
	} line_info;
	uint32_t btf_slot; /* NO_SLOT: without func_info and line_info */
	uint64_t weight;   /* guess of the verification's cost, in instructions */
};

struct slot_operation {
	uint32_t array_map; /* index in the object */
	uint32_t index;
	uint32_t array_slot, value_slot;
};

struct operation {
	enum operation_kind kind;
	uint32_t slot;                          /* result; NO_SLOT: none */
	uint32_t map;                           /* index in the object, or NO_INDEX */
	uint32_t program;                       /* index in the object, or NO_INDEX */
	ARRAY_OF(int) needs;                    /* slots */
	char *text;                             /* lade_plan_text(), kept for who asked; NULL: nobody did */
	struct map_operation map_create;        /* MAP_CREATE, MAP_REUSE */
	struct program_operation *program_load; /* PROGRAM_LOAD, owned */
	struct slot_operation slot_fill;
	char *attach_target; /* ATTACH: NULL means what the section names */
	bool attach_if_fits; /* ATTACH: the target was given for whichever programs it fits */
};

struct lade_plan {
	const struct lade_object *object; /* borrowed */
	ARRAY_OF(struct operation) operations;
	uint32_t slot_count;
	uint32_t btf_slot;       /* NO_SLOT: no BTF */
	uint32_t *map_slots;     /* by map index; NO_SLOT: not created */
	uint32_t *program_slots; /* by program index; NO_SLOT: not loaded */
	char **map_skips;        /* by map index: why it is not created, owned; NULL: it is */
	char **program_skips;    /* by program index: why the target leaves it out, owned; NULL: it does not */
	struct findings notes;   /* adjustments */
};

/*
 * Makes the plan. Refuses what cannot be loaded by any kernel or by this version of Lade: plan.endian,
 * plan.needs.*, plan.program.type, plan.prog-array.types, plan.stack … Each finding names the object.
 */
int lade_plan_build(const struct lade_object *object, const struct plan_target *target,
		    const struct lade_load_opts *opts, struct lade_plan **ret_plan, struct lade_error **error);

/* link.c: body of a program with everything it calls. */
int lade_plan_link(const struct lade_object *object, const struct lade_program *program, const uint32_t *map_slots,
		   struct program_operation *result, struct lade_error **error);
/* weigh.c */
uint64_t lade_plan_weigh(const struct bpf_insn *instructions, size_t count);
/* maps.c */
int lade_plan_map(struct lade_plan *plan, uint32_t map, const struct plan_target *target, struct lade_error **error);
/* Initial content of all data maps, then their freezing. */
int lade_plan_map_contents(struct lade_plan *plan, struct lade_error **error);
/* programs.c */
int lade_plan_program(struct lade_plan *plan, uint32_t program, struct lade_error **error);
/* slots.c: maps into own outer maps before programs load; everything else after. */
int lade_plan_slots(struct lade_plan *plan, bool after_programs, struct lade_error **error);
int lade_plan_check_prog_arrays(const struct lade_plan *plan, struct lade_error **error);
/* policy.c: fills map_skips and program_skips; plan.policy.map when a program needs a map that is left out. */
int lade_plan_leave_out(struct lade_plan *plan, const struct plan_target *target, struct lade_error **error);
/* Types and flags that the dialect's loader replaces on older kernels. */
void lade_plan_old_kernel(struct lade_plan *plan, const struct lade_map *map, const struct plan_target *target,
			  struct map_definition *definition);
/* text.c: an operation as one line for people, to be freed; NULL without memory. */
char *lade_plan_text(const struct lade_plan *plan, const struct operation *operation);
/* kernel names: [A-Za-z0-9_.], cut at 15. */
void lade_plan_kernel_name(char result[16], const char *name);

/* plan.c, for the other files of this room. */
struct operation *lade_plan_add(struct lade_plan *plan, enum operation_kind kind);
int lade_operation_need(struct operation *operation, uint32_t slot);

DEFINE_CLEANUP(struct lade_plan, lade_plan, lade_plan_free)

#endif
