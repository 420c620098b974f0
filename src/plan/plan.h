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
#include "btf/core.h"
#include "btf/kernel_types.h"
#include "object/model.h"

#define NO_SLOT UINT32_MAX

struct kernel_config; /* object/config.h: what an EXTERN_KCONFIG can be answered from */

/* What lade_program_set_target() names, opened. */
struct plan_load_target {
	const struct lade_btf *btf; /* of the program that another is verified against; NULL: none. Borrowed. */
	uint32_t main_function;     /* BTF id of that program's first function; 0: not known */
	uint32_t ifindex;           /* of the device that an XDP program is bound to; 0: none */
};

/* What is known of the kernel the plan is for. */
struct plan_target {
	uint32_t possible_cpus; /* 0: not known, perf arrays keep 0 entries */
	uint32_t page_bytes;    /* 0: 4096 */
	bool big_endian;
	uint32_t kernel_version; /* major << 24 | minor << 16 | patch, of uname's release; 0: not known */
	uint32_t machine;        /* enum lade_ignore bits of its architecture; 0: none of them, or not known */
	bool far_offsets;        /* takes any offset into an arena in an ldimm64 (since 7.0) */
	struct kernel_types *types; /* NULL: nothing that is planned needs them; borrowed */
	const struct kernel_config *config; /* NULL: no kconfig extern; borrowed */
	struct kernel_types *core_types; /* what CO-RE relocations are resolved against; NULL: types; borrowed */
	struct lade_error **types_error; /* why types is NULL: taken by the first that needs them; NULL: nobody looked */
	const struct plan_load_target *load_targets; /* by program index; NULL: not opened (dry run). Borrowed. */
	/* The plan is only to be judged (check/): what needs types that are NULL is left open instead of refused. */
	bool types_unknown;
	bool keep_places; /* fill program_operation.placed: only check/ asks for it */
};

enum operation_kind {
	OPERATION_BTF_LOAD,
	OPERATION_BTF_OPEN,    /* descriptor of a module's BTF, by name; held until the programs are loaded */
	OPERATION_TARGET_OPEN, /* descriptor of the program that another is verified against */
	OPERATION_MAP_CREATE, /* creates; with share_path: uses what is pinned there, else creates and pins it */
	OPERATION_MAP_REUSE,  /* opens what is pinned at share_path, or takes the caller's descriptor; it must fit */
	OPERATION_MAP_WRITE,  /* initial content of a data map */
	OPERATION_MAP_FREEZE,
	OPERATION_JUMP_TABLE, /* a map of instructions that an indirect jump of one program may reach */
	OPERATION_ARENA_MAP, /* into our memory, and its variables get their values; before any program is verified */
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
	uint32_t ops_value_type; /* struct_ops: type of the value in the kernel's BTF; 0: none */
	uint32_t ops_btf_slot;   /* … or in the BTF of this module; NO_SLOT: the kernel's own */
	char *share_path;    /* relative to bpffs or absolute; NULL: the map is the object's own */
};

/* What a plan for judging leaves open for want of types. */
struct plan_unresolved {
	uint32_t instruction; /* of the whole program */
	uint32_t outside;     /* index of the extern; NO_INDEX: a CO-RE relocation */
	const struct btf_core_relocation *core; /* borrowed from the object; NULL: an extern */
};

/* One function of a program, and the index of its first instruction there. */
struct plan_placed {
	uint32_t function; /* index in the object */
	uint32_t start;
};

enum patch_kind {
	PATCH_MAP,
	PATCH_MAP_VALUE,
	PATCH_BTF,     /* second half of an ldimm64 of a typed ksym: descriptor of the module's BTF */
	PATCH_ADDRESS, /* both halves of an ldimm64: the address of a kernel symbol; slot is the extern's index */
};

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
		struct bpf_func_info *items; /* for kernels that do not know __arg_ctx; empty: they need no others */
		size_t count, capacity;
	} older_func_info;
	struct {
		struct bpf_line_info *items;
		size_t count, capacity;
	} line_info;
	uint32_t btf_slot; /* NO_SLOT: without func_info and line_info */
	uint64_t weight;   /* guess of the verification's cost, in instructions */
	uint32_t attach_btf_id;      /* 0: none */
	uint32_t attach_btf_slot;    /* BTF of the module that attach_btf_id is in; NO_SLOT: the kernel's own */
	uint32_t attach_target_slot; /* program that attach_btf_id is in; NO_SLOT: none */
	uint32_t own_target;         /* index, if that is a program of the same object; NO_INDEX: it is not */
	uint32_t wave;               /* of programs that are loaded together, from 0 on */
	uint32_t ifindex;            /* device that it is bound to; 0: none */
	ARRAY_OF(uint32_t) fd_array; /* slots of modules' BTF, or NO_SLOT; kfunc calls hold the index + 1 in off */
	struct {
		struct core_poison *items; /* instruction indices of the whole program */
		size_t count, capacity;
	} poisons;
	ARRAY_OF(struct plan_unresolved) unresolved; /* plan_target.types_unknown */
	ARRAY_OF(struct plan_placed) placed;         /* by start; plan_target.keep_places, else empty */
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
	ARRAY_OF(uint32_t) jumps;               /* JUMP_TABLE: instruction indices of the whole program */
	char *module;                           /* BTF_OPEN: of which module, owned */
	char *text;                             /* lade_plan_text(), kept for who asked; NULL: nobody did */
	struct map_operation map_create;        /* MAP_CREATE, MAP_REUSE */
	struct program_operation *program_load; /* PROGRAM_LOAD, owned */
	struct slot_operation slot_fill;
	char *attach_target; /* ATTACH: NULL means what the section names */
	bool attach_if_fits; /* ATTACH: the target was given for whichever programs it fits */
};

struct plan_extern;

/* A table of kernel operations as the kernel has it; struct_ops.c. */
struct ops_place {
	uint32_t member;  /* index in the kernel's struct */
	uint32_t offset;  /* bytes in the value: where the program's descriptor goes */
	uint32_t program; /* index in the object */
};
struct ops_table {
	uint32_t kernel_type, value_type; /* ids in the kernel's BTF, or in the module's */
	char *module;                     /* NULL: the kernel itself; owned */
	uint32_t value_size;
	uint8_t *value; /* with zeros where programs go; owned */
	ARRAY_OF(struct ops_place) places;
};
struct ops_table *lade_ops_table_free(struct ops_table *table);
DEFINE_CLEANUP(struct ops_table, ops_table, lade_ops_table_free)

/* Where a program stands. */
struct ops_use {
	const struct ops_table *table;
	const struct ops_place *place;
	uint32_t map; /* index */
};

struct lade_plan {
	const struct lade_object *object; /* borrowed */
	ARRAY_OF(struct operation) operations;
	uint32_t slot_count;
	uint32_t btf_slot;       /* NO_SLOT: no BTF */
	struct lade_btf *btf;    /* the object's with more types at its end, owned; NULL: it needs none */
	struct context_arguments *context_arguments; /* context_argument.c; NULL: not looked for */
	struct core_resolver *core;       /* made on first use */
	struct core_resolver *core_local; /* … for what needs no types of the kernel */
	const struct plan_target *target; /* borrowed while the plan is built */
	uint32_t *map_slots;     /* by map index; NO_SLOT: not created */
	uint32_t *program_slots; /* by program index; NO_SLOT: not loaded */
	char **map_skips;        /* by map index: why it is not created, owned; NULL: it is */
	struct ops_table **ops;  /* by map index, owned; NULL: no table of operations, or not created */
	uint32_t arena_offset;   /* bytes: where the variables of .addr_space.1 begin in the arena */
	bool *program_needed;    /* by program index: loaded because a table of operations holds it */
	char **program_skips;    /* by program index: why the target leaves it out, owned; NULL: it does not */
	struct plan_extern *externs; /* by extern index, made on first use; externs.h */
	uint32_t module_count;       /* of modules whose functions are called */
	enum { CALLBACKS_NOT_LOOKED_FOR, NO_CALLBACKS, CALLBACKS } callbacks; /* tags of exception callbacks */
	uint8_t *kconfig_values;     /* content of the map .kconfig; NULL: there is none */
	struct findings notes;   /* adjustments */
};

/*
 * Makes the plan. Refuses what no kernel can load, and what the target lacks: plan.endian,
 * plan.needs.*, plan.program.type, plan.prog-array.types, plan.stack … Each finding names the object.
 */
int lade_plan_build(const struct lade_object *object, const struct plan_target *target,
		    const struct lade_load_opts *opts, struct lade_plan **ret_plan, struct lade_error **error);

/* link.c: body of a program with everything it calls. */
int lade_plan_link(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
		   struct lade_error **error);
/* core.c: applies the relocations of one function that was placed at `start` of the program's instructions. */
int lade_plan_core(struct lade_plan *plan, const struct lade_program *program, const struct lade_function *function,
		   uint32_t start, struct program_operation *result, struct lade_error **error);
/* externs.c: makes instruction `at` refer to an extern. */
int lade_plan_extern(struct lade_plan *plan, const struct lade_program *program, uint32_t target, uint32_t at,
		     struct program_operation *result, struct lade_error **error);
/* module.c: slot of the BTF of a module, one operation for each; NO_SLOT for NULL (the kernel's own). */
int lade_plan_module_btf(struct lade_plan *plan, const char *module, uint32_t *ret_slot, struct lade_error **error);
/* What a request for a load target (lade_program_set_target()) is about. */
enum load_target_kind {
	LOAD_TARGET_SECTION,  /* no request: what the section names */
	LOAD_TARGET_FUNCTION, /* "[MODULE:]NAME": of the kernel, instead of what the section names */
	LOAD_TARGET_PROGRAM,  /* a pin (it has a slash) or an id */
	LOAD_TARGET_OWN,      /* another program of the same object, by its name */
	LOAD_TARGET_DEVICE,   /* an interface */
	LOAD_TARGET_REFUSED,  /* programs of this type have none */
};
enum load_target_kind lade_load_target_kind(const struct lade_program *program);
/* Are these the digits of an id? One beyond 32 bits is 0, which is nobody's. */
bool lade_load_target_is_id(const char *text, uint32_t *ret_id);
/* own_target.c: the program of the same object that a request names; NULL: none. */
const struct lade_program *lade_load_target_own(const struct lade_program *program);
/* loads: by program index, NULL where not loaded. Fills attach_btf_id, own_target and wave of those that have one. */
int lade_plan_own_targets(struct lade_plan *plan, struct program_operation *const *loads, struct lade_error **error);
/* Leaves out what is verified against something that the kernel does not have (plan.target.absent), if others remain. */
int lade_plan_skip_absent(struct lade_plan *plan, struct lade_error **error);
/* What the kernel's BTF calls it: "btf_trace_sched_switch", to be freed; NULL: nothing of the kernel. -ENOMEM. */
int lade_load_target_name(const struct lade_program *program, char **ret_name);
/* load_target.c: attach_btf_id and the slots it needs. */
int lade_plan_load_target(struct lade_plan *plan, const struct lade_program *program, struct program_operation *result,
			  struct lade_error **error);
/* needs.c: types of the kernel that the plan is for; fails with why there are none. what: "the program p". */
int lade_plan_need_types(struct lade_plan *plan, const char *what, struct kernel_types **ret_types,
			 struct lade_error **error);
/* Does anything that would be loaded need the kernel's types, and under which names? -ENOMEM. */
int lade_plan_type_names(const struct lade_object *object, struct strings *ret_names, bool *ret_needed);
/* context_argument.c: fills older_func_info; then, after the last program, btf. */
int lade_plan_context_arguments(struct lade_plan *plan, struct program_operation *load, struct lade_error **error);
int lade_plan_extend_btf(struct lade_plan *plan, struct lade_error **error);
void lade_context_arguments_free(struct context_arguments *arguments);
/* What is loaded as the object's BTF. */
static inline const struct lade_btf *lade_plan_btf(const struct lade_plan *plan)
{
	return plan->btf ? plan->btf : plan->object->btf;
}
/* struct_ops.c: fills ops, program_needed and the skips that follow from them. */
int lade_plan_ops(struct lade_plan *plan, struct lade_error **error);
/* What the program is verified against when a table holds it. */
int lade_plan_ops_program(struct lade_plan *plan, uint32_t program, struct program_operation *result,
			  struct lade_error **error);
bool lade_plan_ops_use(const struct lade_plan *plan, uint32_t program, struct ops_use *ret_use);
/* prefix and the name of the map's struct without its flavour, to be freed; -ENOMEM. */
int lade_plan_ops_name(const struct lade_map *map, const char *prefix, char **ret_name);
/* arena.c: where the arena's variables lie; plan.arena.small. */
int lade_plan_arena(struct lade_plan *plan, struct lade_error **error);
/* weigh.c */
uint64_t lade_plan_weigh(const struct bpf_insn *instructions, size_t count);
/* maps.c */
int lade_plan_map(struct lade_plan *plan, uint32_t map, const struct plan_target *target, struct lade_error **error);
/* Initial content of all data maps, then their freezing. */
int lade_plan_map_contents(struct lade_plan *plan, struct lade_error **error);
/* programs.c: linked and ready; then its operation, which takes load over. */
int lade_plan_program(struct lade_plan *plan, uint32_t program, struct program_operation **ret_load,
		      struct lade_error **error);
int lade_plan_add_program(struct lade_plan *plan, uint32_t program, struct program_operation *load,
			  struct lade_error **error);
void lade_program_operation_free(struct program_operation *load);
/* Is the plan one for judging, and are the types not known that it would need? */
static inline bool lade_plan_leaves_open(const struct lade_plan *plan)
{
	return plan->target->types_unknown && !plan->target->types;
}
/* Does the patch put a slot's descriptor into an instruction? (Addresses of symbols have none.) */
static inline bool lade_patch_has_slot(const struct instruction_patch *patch)
{
	return patch->kind != PATCH_ADDRESS;
}
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
