/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: what an object file says, in the field's terms and free of any dialect's words. A dialect
 * fills it, a user may edit it, a plan is made from it. It never meets a kernel and never sees ELF.
 *
 * References between its parts are indices (map, function, variable, extern), so that arrays may grow.
 */
#ifndef LADE_OBJECT_MODEL_H
#define LADE_OBJECT_MODEL_H

#include <linux/bpf.h>

#include <lade/object.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "btf/btf.h"
#include "object/policy.h"

#define NO_INDEX UINT32_MAX

/* Words of a map as the kernel wants them. */
struct map_definition {
	uint32_t type, key_size, value_size, max_entries, flags;
	uint64_t extra;
	bool has_numa_node;
	uint32_t numa_node;
	uint32_t btf_key_type, btf_value_type; /* ids in the object's BTF; 0: none */
};

/* What goes into a slot of a prog array or outer map before programs run. */
struct map_initial {
	uint32_t index;   /* slot (array kinds) */
	uint32_t map;     /* index of the map, or NO_INDEX */
	uint32_t program; /* index of the program, or NO_INDEX */
};

/* A program in a table of kernel operations (struct_ops). */
struct ops_slot {
	uint32_t member;  /* index in the table's struct */
	uint32_t program; /* index of the program, or NO_INDEX */
};

struct pin_place; /* pin_place.h: lade_map_set_pin(), lade_program_set_pin() */

struct lade_map {
	struct lade_object *object; /* back reference, for the public accessors */
	char *name;
	char *section;
	struct map_definition definition;
	uint32_t inner;  /* index of the template map, or NO_INDEX */
	bool inner_only; /* a template: created only for its owner */
	enum lade_pinning pinning;
	char *pin_path;           /* LADE_PIN_PATH and reuse */
	struct pin_place *place;  /* owned; NULL: as pinning says */
	bool reuse_only;          /* lade_map_set_reuse() or _fd(): must exist */
	int reuse_fd;             /* lade_map_set_fd(): own duplicate; -1: none */
	bool entries_per_cpu;     /* max_entries 0 stands for one entry a possible CPU */
	bool is_data;             /* holds variables: value_size is the section's size */
	bool is_readonly_data;    /* frozen before programs load */
	uint8_t *data;            /* value_size bytes of initial content; NULL: zeros */
	uint32_t arena_bytes;     /* data of an arena: the variables of section .addr_space.1 */
	uint32_t ops_type;        /* struct_ops: the table's struct in the object's BTF; data is its value; 0: none */
	ARRAY_OF(struct ops_slot) ops;
	bool asleep;              /* not created unless asked for: SEC("?…") */
	uint32_t btf_record_type; /* type that __type(value, T) named on a ring or perf buffer; 0: none */
	ARRAY_OF(struct map_initial) initial;
	uint64_t section_offset;    /* where its definition or data lies; sort key and relocation target */
	uint32_t elf_section;       /* index of the section it came from */
	struct part_policy *policy; /* NULL: none */
	char *skip;                 /* why it is not created, or NULL */
};

enum relocation_kind {
	RELOCATION_MAP,       /* ldimm64 gets the map's descriptor */
	RELOCATION_MAP_VALUE, /* ldimm64 gets the address of the data map's value + addend bytes */
	RELOCATION_CALL,      /* call to a function */
	RELOCATION_FUNCTION,  /* ldimm64 gets the address of a function (callback) */
	RELOCATION_JUMPS,     /* ldimm64 gets the address of a table of jumps; target: in lade_object.jumps */
	RELOCATION_EXTERN,    /* something of the kernel or its configuration; see extern_kind */
};
const char *lade_relocation_kind_name(enum relocation_kind kind);

/* Where an indirect jump of one function may go. */
struct jump_table {
	ARRAY_OF(uint32_t) targets; /* instruction indices of the function */
};

struct function_relocation {
	uint32_t instruction; /* index in the function */
	enum relocation_kind kind;
	uint32_t target; /* index of map, function or extern */
	uint32_t addend; /* bytes, RELOCATION_MAP_VALUE */
};

/* One function: a program's body or a subprogram. */
struct lade_function {
	char *name;
	char *section;
	uint64_t section_offset;       /* bytes */
	struct bpf_insn *instructions; /* native byte order */
	uint32_t instruction_count;
	bool is_global, is_weak, is_hidden;
	struct {
		struct function_relocation *items; /* sorted by instruction */
		size_t count, capacity;
	} relocations;
	/* Slices of .BTF.ext, offsets rewritten to instruction indices of this function. */
	struct {
		struct btf_func_info *items;
		size_t count, capacity;
	} func_info;
	struct {
		struct btf_line_info *items;
		size_t count, capacity;
	} line_info;
	/* CO-RE relocations of .BTF.ext, offsets rewritten to instruction indices; sorted. */
	struct {
		struct btf_core_relocation *items;
		size_t count, capacity;
	} core;
};

struct lade_program {
	struct lade_object *object;
	char *name;        /* function symbol, else section name */
	char *section;     /* without a leading "?" */
	uint32_t function; /* index */
	uint32_t type;     /* enum bpf_prog_type; 0: the section gives none */
	bool type_assumed; /* no section gave it: it gives way, see assumed.c */
	uint32_t expected_attach_type;
	bool has_expected_attach_type;
	bool expected_attach_type_optional; /* sent as 0 to kernels that do not know it */
	uint32_t flags;
	bool attach_btf_id_needed; /* is verified against a BTF id of its load target */
	char *load_target;         /* what that is, as the section names it; NULL: only the user can say */
	char *target_request;      /* lade_program_set_target(): PIN|ID|IFACE of the load target; NULL: none */
	char *attach_target;           /* text after the prefix and its slash, or NULL */
	const struct section_row *row; /* row of the section table that typed it, or NULL */
	bool autoload;
	char *skip;                 /* why it is not loaded, or NULL */
	struct part_policy *policy; /* NULL: none */
	char *kernel_name;          /* what the kernel's name is cut from; NULL: name */
	struct pin_place *place;    /* owned; NULL: lade/<object>/progs/NAME */
	/* filled lazily by lade_program_describe() */
	struct {
		uint32_t *items;
		size_t count, capacity;
	} reach_functions, reach_maps;
	bool reach_known;
};

struct lade_variable {
	struct lade_object *object;
	char *name;
	uint32_t map;
	uint32_t offset, length;
	uint32_t btf_type; /* of the value (modifiers included); 0: unknown */
	char *type_name;   /* C spelling, made on demand */
	bool is_static, is_weak;
	uint32_t outside; /* EXTERN_KCONFIG that it is the value of; NO_INDEX: a variable of the object's own */
};

enum extern_kind {
	EXTERN_UNDEFINED, /* declared nowhere: plan.needs.extern */
	EXTERN_KCONFIG,   /* a value of the kernel's configuration, in the map kconfig_map */
	EXTERN_KSYM,      /* a variable of the kernel, by its BTF */
	EXTERN_ADDRESS,   /* typeless (void): the address of a kernel symbol */
	EXTERN_KFUNC,     /* a function of the kernel or a module */
};

/* What an option of the kernel's configuration is declared to be. */
enum kconfig_type {
	KCONFIG_NONE,
	KCONFIG_BOOL,
	KCONFIG_TRISTATE, /* enum libbpf_tristate */
	KCONFIG_CHAR,     /* the letter itself, or a number of one byte */
	KCONFIG_INTEGER,  /* of 2, 4 or 8 bytes */
	KCONFIG_TEXT,     /* array of char */
};

struct object_extern {
	char *name, *section;
	bool is_weak;
	uint32_t btf_type; /* VAR or FUNC in the object's BTF; 0: not declared */
	enum extern_kind kind;
	uint32_t declared_type;  /* of the variable or the function, without modifiers, as the author wrote it: the VAR
				  * itself is made loadable and says something else */
	uint32_t offset, length; /* EXTERN_KCONFIG: bytes in the map's value */
	enum kconfig_type value; /* EXTERN_KCONFIG */
	bool is_signed;          /* EXTERN_KCONFIG: an integer with a sign */
	bool is_set;             /* EXTERN_KCONFIG: the user gave its value, which is in the map's data */
};

/* Report of inspect --sections: what every section and symbol was taken for. */
struct object_section {
	uint32_t index, elf_type;
	uint64_t elf_flags, bytes;
	char *name;
	const char *role; /* static text */
	char *why;
};
struct object_symbol {
	char *name;
	uint64_t value, length;
	uint8_t bind, type;
	uint16_t section;
	const char *role;
	char *why;
};

/* What the object needs and nobody supplies: found while reading, refused by plan/ if something loaded needs it. */
struct object_need {
	const char *code;  /* "plan.needs.extern", … : a row of the catalogue */
	char *what;        /* "task_struct.pid in count_exec" */
	uint32_t function; /* only programs that reach it need this; NO_INDEX: the whole object does */
};

struct lade_object {
	char *file, *name;
	const struct log_sink *log; /* the context's; borrowed */
	struct lade_context *context;
	const struct lade_open_opts *options; /* borrowed, while a dialect fills; else NULL */
	struct object_policy *policy;         /* NULL: none */
	char *dialect;
	struct strings also, evidence;
	bool big_endian;
	char *license;
	bool has_version;
	uint32_t version;
	struct lade_btf *btf; /* NULL: none; already fixed up for loading (DATASEC sizes and offsets, linkage) */
	bool btf_required;    /* something in the object cannot be loaded without its BTF */

	/* Pointers, because the public API hands out struct lade_map * and friends. */
	ARRAY_OF(struct lade_map *) maps;
	ARRAY_OF(struct lade_program *) programs;
	ARRAY_OF(struct lade_variable *) variables;
	ARRAY_OF(struct lade_variable *) members; /* "variable.member" that somebody asked for */
	ARRAY_OF(struct lade_function) functions;
	ARRAY_OF(struct object_extern) externs;
	ARRAY_OF(struct jump_table) jumps;
	uint32_t kconfig_map; /* index of the data map that holds the EXTERN_KCONFIG values; NO_INDEX: none */
	ARRAY_OF(struct object_need) needs;
	ARRAY_OF(struct object_section) sections;
	ARRAY_OF(struct object_symbol) symbols;
	struct findings notes;
	bool assumes_types;   /* some programs have no type of their own */
	bool types_unsettled; /* … and something that decides about them has changed */
};

/* Making and filling; NULL or -ENOMEM without memory. Used by dialects. */
struct lade_object *lade_object_create(struct lade_context *context, const char *file, const char *name);
struct lade_map *lade_object_add_map(struct lade_object *object, const char *name, const char *section);
struct lade_program *lade_object_add_program(struct lade_object *object, const char *name, const char *section,
					     uint32_t function);
struct lade_variable *lade_object_add_variable(struct lade_object *object, const char *name, uint32_t map);
struct lade_function *lade_object_add_function(struct lade_object *object, const char *name, const char *section);
int lade_object_add_extern(struct lade_object *object, const char *name, const char *section, bool weak,
			   uint32_t btf_type, uint32_t *ret_index);
int lade_object_add_need(struct lade_object *object, uint32_t function, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Everything that was read, line by line into the context's log. */
void lade_object_trace(const struct lade_object *object);

/* assumed.c: types of programs whose sections give none. Lazily, as lade_program_reach(). -ENOMEM. */
int lade_object_settle_types(const struct lade_object *object);

/* Types whose programs are always verified against something named by a BTF id. */
bool lade_program_type_needs_btf_id(uint32_t type);
uint32_t lade_map_index(const struct lade_map *map);
uint32_t lade_program_index(const struct lade_program *program);

DEFINE_CLEANUP(struct lade_object, lade_object, lade_object_free)

#endif
