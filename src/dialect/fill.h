/* SPDX-License-Identifier: BSD-2-Clause */
/* What the dialects share while they fill an object: sections' roles, functions cut from sections, relocations. */
#ifndef LADE_DIALECT_FILL_H
#define LADE_DIALECT_FILL_H

#include "dialect/dialect.h"
#include "object/sections.h"

/* What a section was taken for. */
enum section_role {
	ROLE_IGNORED,
	ROLE_PROGRAM,
	ROLE_SUBPROGRAMS,
	ROLE_MAPS,
	ROLE_DATA,
	ROLE_STRUCT_OPS,
	ROLE_ARENA,
	ROLE_JUMPS,
	ROLE_LICENSE,
	ROLE_VERSION,
	ROLE_RELOCATIONS,
	ROLE_SYMBOLS,
	ROLE_STRINGS,
	ROLE_BTF,
	ROLE_DEBUG,
	ROLE_POLICY,
};

struct section_use {
	enum section_role role;
	const char *why;  /* static text; NULL: the role says all */
	uint32_t map;     /* ROLE_DATA: index of its map, else NO_INDEX */
	uint32_t datasec; /* BTF id of its DATASEC; 0: none */
};

/* Where a function of the model came from; parallel to lade_object.functions, sorted by section and offset. */
struct function_place {
	uint32_t section;
	uint32_t symbol; /* 0: none, the whole section */
	uint64_t offset;
	uint64_t bytes;
	bool is_local;  /* no other object can call it */
	bool is_called; /* by another function of this object */
	bool is_program;
};

struct filling;

/*
 * Says why an ldimm64 cannot refer to this symbol (its section is neither maps, data nor code) and returns
 * a negative errno. NULL: the general finding.
 */
typedef int refuse_fn(struct filling *filling, uint32_t function, uint32_t instruction, const struct elf_symbol *symbol,
		      uint64_t offset);

struct filling {
	const struct dialect *dialect;
	const struct source *source;
	const struct elf_image *elf;
	struct lade_object *object;
	struct lade_error **error;
	refuse_fn *refuse;
	const struct road *road;  /* NULL: the dialect has its own */
	struct section_use *uses; /* by section index */
	ARRAY_OF(struct function_place) functions;
	const struct elf_symbol **names; /* named non-local symbols, sorted by name; made on first use */
	size_t name_count;
	const struct elf_symbol *
		*candidates; /* symbols that may name a function, by section and value; made on first use */
	size_t candidate_count;
	bool *called;             /* by section: another section's code refers to it; made on first use */
	uint64_t jump_targets;    /* of all tables of indirect jumps */
	uint32_t *symbol_externs; /* by symbol index: extern index or NO_INDEX; made on first use */
};

/* ---- fill.c ---- */
/* Roles that every dialect gives by name and type, license and version. */
int lade_fill_begin(struct filling *filling, const struct dialect *dialect, const struct source *source,
		    struct lade_object *object, struct lade_error **error);
/* Copies what every section and symbol was taken for into the object. */
int lade_fill_report(struct filling *filling);
void lade_fill_clear(struct filling *filling);
/* A number of the object's byte order; the caller has checked the bounds. */
uint32_t lade_fill_u32(const struct filling *filling, const uint8_t *bytes);
uint64_t lade_fill_u64(const struct filling *filling, const uint8_t *bytes);
/* First global or weak symbol of this name in this section; NULL: none, also without memory. */
const struct elf_symbol *lade_fill_symbol(struct filling *filling, const char *name, uint32_t section);
/* Is it executable bytes? */
bool lade_section_is_code(const struct elf_section *section);
/* .data, .data.NAME and so on. */
bool lade_section_has_base(const char *section, const char *base);
static inline bool lade_symbol_is_named(const struct elf_symbol *symbol)
{
	return *symbol->name && symbol->type != STT_SECTION && symbol->type != STT_FILE;
}

/* ---- code.c ---- */
/* Cuts a section into functions and adds them to the object, with their slices of .BTF.ext. */
/* Does code of another section refer to this one? For functions outside .text and the known sections. */
bool lade_code_is_called(struct filling *filling, uint32_t section);
int lade_code_cut(struct filling *filling, uint32_t section);

/* ---- relocate.c ---- */
/* Classifies the relocations and section-relative calls of all functions that were cut. */
int lade_code_relocate(struct filling *filling);
/* Index of the function that starts exactly there; NO_INDEX: none. */
uint32_t lade_code_find(const struct filling *filling, uint32_t section, uint64_t offset);

/* ---- externs.c ---- */
/* Externs that BTF declares in .ksyms and .kconfig. Before anything else: it adds to the BTF. */
int lade_externs_read(struct filling *filling);
/* The extern of an undefined symbol; one that nothing declares is added on first use, with the need it causes. */
int lade_extern_add(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint32_t *ret_index);

/* ---- externs_btf.c ---- */
/* Makes the DATASECs .ksyms and .kconfig loadable. */
int lade_externs_fix(struct filling *filling, uint32_t kconfig_bytes);
/* The map .kconfig and its variables; after the other data maps. */
int lade_kconfig_map(struct filling *filling);

/* ---- jumps.c ---- */
/* The table of jumps behind a symbol of .jumptables, as the function sees it; added for each reference. */
int lade_jumps_add(struct filling *filling, const struct elf_symbol *symbol, uint32_t function, uint32_t *ret_index);

/* ---- programs.c ---- */
/* Makes the function a program and types it by the section table of the dialect. */
int lade_program_make(struct filling *filling, uint32_t function, struct lade_program **ret_program);

/* ---- datasec.c ---- */
/* Makes the BTF loadable: sizes and offsets of DATASECs from the file, sorted; sets section_use.datasec. */
int lade_datasec_fix(struct filling *filling);
/* Hidden global subprograms get static linkage: the verifier then follows them from their callers. */
void lade_linkage_fix(struct filling *filling);

/* ---- btf_maps.c, btf_slots.c, btf_data.c, btf_special.c, struct_ops.c, arena.c: parts of dialect btf ---- */
int lade_btf_maps_read(struct filling *filling);
int lade_btf_slots_read(struct filling *filling); /* after programs are known */
int lade_btf_data_read(struct filling *filling);
int lade_btf_struct_ops_read(struct filling *filling);
int lade_btf_ops_slots_read(struct filling *filling); /* after programs are known */
/* The variables of .addr_space.1 go into the object's one arena. */
int lade_btf_arena_read(struct filling *filling);
/* Variables of a data section, those of its DATASEC or else its symbols, as part of map. -ENOMEM. */
int lade_btf_variables_read(struct filling *filling, uint32_t map, const struct elf_section *section);
/* Does a value of this type hold what only BTF tells the kernel (locks, timers, kernel pointers)? */
bool lade_btf_is_special(const struct lade_btf *btf, uint32_t id);

/* ---- btf.c: the road of dialect btf, taken by all that have global variables and subprograms ---- */
struct road {
	/* NULL: sections named maps… are not read. */
	int (*maps)(struct filling *filling);
	/* Is this section of code a program of the dialect? NULL: every one is. */
	bool (*takes)(const struct filling *filling, const struct elf_section *section);
	/* What the section table shall read instead of the name; to be freed; NULL: the name. */
	char *(*alias)(const char *section);
	/* After a program was typed. NULL: nothing more. */
	int (*program)(struct filling *filling, struct lade_program *program);
	/* Last of all. NULL: nothing more. */
	int (*finish)(struct filling *filling);
};
int lade_road_fill(const struct road *road, const struct dialect *dialect, const struct source *source,
		   struct lade_object *object, struct lade_error **error);

/* ---- annotation.c ---- */
/* Key and value types of legacy maps: BPF_ANNOTATE_KV_PAIR. After the maps are known. */
void lade_annotations_read(struct filling *filling);

/* ---- samples_maps.c ---- */
int lade_samples_maps_read(struct filling *filling, const struct elf_section *section);

/* ---- records.c: map records in a section, by symbol ---- */
struct map_record {
	const struct elf_symbol *symbol;
	uint64_t offset;
	uint64_t size; /* bytes of the author's struct */
};
struct map_records {
	struct map_record *items; /* sorted by offset */
	size_t count, capacity;
	const char *basis; /* how the size was found: static text */
};
/*
 * -ENOEXEC with dialect.maps.symbols, dialect.maps.beyond, dialect.maps.stride. `error` NULL: only the errno.
 */
int lade_records_read(const struct elf_image *elf, const struct elf_section *section, struct map_records *ret_records,
		      struct lade_error **error);

#endif
