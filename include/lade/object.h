/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An object is what the file says: maps, programs, variables. It never meets a kernel. It may be
 * edited (resize a map, set a variable, leave a program out) and loaded many times; see instance.h.
 *
 * Everything reached from an object belongs to it and lives until lade_object_free().
 */
#ifndef LADE_OBJECT_H
#define LADE_OBJECT_H

#include <lade/context.h>

LADE_BEGIN_DECLS

struct lade_object;
struct lade_map;
struct lade_program;
struct lade_variable;

struct lade_open_opts {
	size_t size;
	const char *dialect; /* "btf", "samples"; NULL: detect */
	const char *name;    /* object name; NULL: file name without directories and .bpf.o, .o, .bpf */
	/* iproute2: where maps of a custom pinning go, lines of "NUMBER DIRECTORY"; NULL: /etc/iproute2/bpf_pinning */
	const char *pin_names;
	/* Android: the bpfloader to be; 0: the newest of the object's layout (46, 3700); UINT32_MAX: one without a version,
	 * as Android 15's for the platform, which looks at no window but the kernel's */
	uint32_t loader_version;
	const char *build_type;  /* Android: "eng", "user", "userdebug"; NULL: none of them */
	bool sections;           /* keep what every section and symbol was taken for; see lade_object_section() */
};

/*
 * Reads an object file. Needs no privilege and no kernel.
 * -ENOENT, -EACCES …: the file; -EINVAL, -ENOEXEC: not an object Lade can read (finding: elf.*, btf.*,
 * dialect.*); -EFBIG: larger than max_file_size; -ENOMEM.
 */
LADE_API int lade_object_open(struct lade_context *context, const char *path,
			      const struct lade_open_opts *opts, struct lade_object **ret_object,
			      struct lade_error **error);

/* The same from memory. The bytes are copied; file_name is used in messages and for the name. */
LADE_API int lade_object_open_memory(struct lade_context *context, const void *bytes, size_t size,
				     const char *file_name, const struct lade_open_opts *opts,
				     struct lade_object **ret_object, struct lade_error **error);

LADE_API struct lade_object *lade_object_free(struct lade_object *object);

struct lade_object_info {
	size_t size;
	const char *file;
	const char *name;
	const char *dialect;          /* "btf", "samples", … */
	const char *const *also;      /* dialects that would give the same words, types and pins */
	size_t also_count;
	const char *const *evidence;  /* what the dialect was recognised by */
	size_t evidence_count;
	bool big_endian;
	const char *license;          /* NULL: the object has none */
	bool has_version;             /* a `version` section */
	uint32_t version;             /* KERNEL_VERSION(a,b,c); 0xFFFFFFFE means the running kernel */
};
LADE_API int lade_object_describe(const struct lade_object *object, struct lade_object_info *info);

/* Notes: what was assumed or adjusted while reading. */
LADE_API size_t lade_object_note_count(const struct lade_object *object);
LADE_API const struct lade_finding *lade_object_note(const struct lade_object *object, size_t index);

/* ---- maps, in the dialect's order ---- */
LADE_API size_t lade_object_map_count(const struct lade_object *object);
LADE_API struct lade_map *lade_object_map(const struct lade_object *object, size_t index);
LADE_API struct lade_map *lade_object_find_map(const struct lade_object *object, const char *name);

enum lade_pinning {
	LADE_PIN_OBJECT,  /* lade/<object>/maps/NAME */
	LADE_PIN_BY_NAME, /* <bpffs>/NAME, shared by every object that asks for it */
	LADE_PIN_PATH,    /* pin_path, shared */
};

struct lade_map_info {
	size_t size;
	const char *name;
	uint32_t type;            /* enum bpf_map_type */
	const char *type_name;    /* "ringbuf"; NULL: a number Lade has no name for */
	uint32_t key_size;        /* bytes, as the kernel will get it */
	uint32_t value_size;      /* bytes */
	uint32_t max_entries;
	uint32_t flags;           /* BPF_F_… */
	uint64_t extra;           /* map_extra */
	bool has_numa_node;
	uint32_t numa_node;
	enum lade_pinning pinning;
	const char *pin_path;     /* for LADE_PIN_PATH and lade_map_set_reuse(); else NULL */
	const struct lade_map *inner; /* template of a map-in-map; NULL: none */
	uint32_t btf_key_type;    /* type ids in the object's BTF; 0: none */
	uint32_t btf_value_type;
	bool is_data;             /* .data, .rodata, .bss …: holds variables */
	bool is_inner_only;       /* template, not created for itself */
	size_t initial_count;     /* initial slots: see lade_map_initial() */
	const char *section;      /* section that defines it */
	const char *skip;         /* why it will not be created, or NULL */
	uint64_t section_offset;  /* bytes in that section: maps of one section are in this order */
};
LADE_API int lade_map_describe(const struct lade_map *map, struct lade_map_info *info);

/* Initial slot: `target` is the name of the map or program that goes to `index`. -ENOENT past the end. */
LADE_API int lade_map_initial(const struct lade_map *map, size_t nth, uint32_t *ret_index,
			      const char **ret_target);

/* -EBUSY for a data map or table (its size is the section's). Takes effect at the next load. */
LADE_API int lade_map_set_max_entries(struct lade_map *map, uint32_t max_entries);
/* Tables of kernel operations in SEC("?.struct_ops") are created only when asked for. -EINVAL for other maps. */
LADE_API int lade_map_set_autocreate(struct lade_map *map, bool autocreate);
LADE_API int lade_map_set_type(struct lade_map *map, uint32_t type);
LADE_API int lade_map_set_flags(struct lade_map *map, uint32_t flags);
LADE_API int lade_map_set_value_size(struct lade_map *map, uint32_t bytes);
LADE_API int lade_map_set_key_size(struct lade_map *map, uint32_t bytes);
/* Sets BPF_F_NUMA_NODE too; lade_map_set_flags() without that flag takes both back. */
LADE_API int lade_map_set_numa_node(struct lade_map *map, uint32_t node);
/* The template of a map-in-map, a map of the same object; NULL: none. -EINVAL: of another object, or map itself. */
LADE_API int lade_map_set_inner(struct lade_map *map, const struct lade_map *inner);
/*
 * Where a map or program is pinned outside lade/NAME, and whose that pin is. What is pinned there already is used if
 * root or the owner that is named here owns it, and if it fits; a program is then not loaded at all.
 */
struct lade_pin_opts {
	size_t size;
	const char *path;  /* absolute, or relative to bpffs; directories on the way are made (0755) */
	const char *first; /* pinned here first and renamed without replacing: takes that place's label. NULL: no */
	bool has_owner;    /* chown to uid and gid, after chmod */
	uint32_t uid, gid;
	bool has_mode;
	uint32_t mode;     /* permission bits */
};
/* Copied; NULL: as the object says. Takes effect at the next load. -EINVAL: no path. */
LADE_API int lade_map_set_pin(struct lade_map *map, const struct lade_pin_opts *pin);

/* Use the map pinned at path (absolute, or relative to bpffs) instead of creating one; it must fit. */
LADE_API int lade_map_set_reuse(struct lade_map *map, const char *path);
/*
 * Use the map behind this descriptor instead of creating one; it must fit. The descriptor is duplicated
 * (-EBADF, -EMFILE …); every load until the object is freed uses it, none removes it. Nothing of it is pinned.
 *
 *     int fd = bpf_obj_get("/sys/fs/bpf/counts");
 *     lade_map_set_fd(lade_object_find_map(object, "counts"), fd);
 */
LADE_API int lade_map_set_fd(struct lade_map *map, int fd);

/* ---- programs, in section order ---- */
LADE_API size_t lade_object_program_count(const struct lade_object *object);
LADE_API struct lade_program *lade_object_program(const struct lade_object *object, size_t index);
/* By function symbol, else by section name when only one program has it. */
LADE_API struct lade_program *lade_object_find_program(const struct lade_object *object, const char *name);

struct lade_program_info {
	size_t size;
	const char *name;
	const char *section;
	uint32_t type;                /* enum bpf_prog_type; 0: the section gives none */
	const char *type_name;        /* "tracepoint"; NULL for 0 and for unknown numbers */
	uint32_t expected_attach_type;
	const char *expected_attach_type_name; /* NULL: none */
	uint32_t flags;               /* BPF_F_SLEEPABLE … */
	const char *load_target;      /* what it is verified against, or NULL */
	const char *attach_target;    /* "sched/sched_process_exec": from the section name, or NULL */
	bool autoload;
	const char *skip;             /* why it will not be loaded, or NULL */
	uint32_t instructions;        /* of the function itself, subprograms not counted */
	size_t subprogram_count;
	size_t map_count;             /* maps it refers to, subprograms included */
	uint32_t core_relocations;
};
LADE_API int lade_program_describe(const struct lade_program *program, struct lade_program_info *info);
LADE_API const char *lade_program_subprogram(const struct lade_program *program, size_t index);
LADE_API const struct lade_map *lade_program_map(const struct lade_program *program, size_t index);
LADE_API int lade_program_set_autoload(struct lade_program *program, bool autoload);
/* type: "xdp", "sched_cls" …; -EINVAL for a name Lade does not know. */
LADE_API int lade_program_set_type(struct lade_program *program, const char *type);
/* Those names, from index 0 on; NULL past the last one. */
LADE_API const char *lade_program_type_at(size_t index);
/*
 * What the program is verified against, where its section cannot say it or says something else: a loaded program by
 * pin (absolute, or relative to bpffs; with a slash) or id, for freplace and for fentry or fexit of a program; an
 * interface, for XDP that is bound to its device; the name of another program of the object, which is then loaded
 * before; "[MODULE:]NAME", a function, tracepoint or hook of the kernel ("vmlinux:NAME" where a program of the object
 * has that name). It is looked up by the load. NULL: what the section names.
 */
LADE_API int lade_program_set_target(struct lade_program *program, const char *target);
/* As lade_map_set_pin(). What is pinned there already is not verified again, as Android's loader does it. */
LADE_API int lade_program_set_pin(struct lade_program *program, const struct lade_pin_opts *pin);

/* ---- variables of .data*, .rodata*, .bss*, of arenas, and tables of kernel operations ---- */
LADE_API size_t lade_object_variable_count(const struct lade_object *object);
LADE_API struct lade_variable *lade_object_variable(const struct lade_object *object, size_t index);
/* "name", or "name.member" (and so on) for a part of a struct: also of tables of kernel operations. */
LADE_API struct lade_variable *lade_object_find_variable(const struct lade_object *object, const char *name);

struct lade_variable_info {
	size_t size;
	const char *name;
	const struct lade_map *map; /* the data map that holds it */
	uint32_t offset;            /* bytes in that map's value */
	uint32_t length;            /* bytes */
	const char *type_name;      /* C spelling from BTF, or NULL */
	bool is_static;
	bool is_weak;
};
LADE_API int lade_variable_describe(const struct lade_variable *variable, struct lade_variable_info *info);
/*
 * Sets the value the next load starts with. text is read by the variable's BTF type: integers
 * (decimal, 0x, 0, negative, true/false, 'c'), enumerators by name, floating point, char arrays as
 * text, other arrays as a,b,c, structs and unions as hex:0011…. Without BTF the length decides and an
 * integer of 1, 2, 4 or 8 bytes or hex: is taken. A pointer to a function in a table of kernel operations takes the
 * name of a struct_ops program, or 0. -ERANGE when the value does not fit, -EINVAL when it
 * cannot be read; the error says which form is wanted.
 */
LADE_API int lade_variable_set(struct lade_variable *variable, const char *text, struct lade_error **error);
/* length must be the variable's; -EMSGSIZE otherwise. */
LADE_API int lade_variable_set_bytes(struct lade_variable *variable, const void *bytes, size_t length);

/* ---- policy: what the object says of loaders, kernels, owners and places (Android) ---- */
enum lade_ignore {
	LADE_IGNORE_ENG = 1 << 0,
	LADE_IGNORE_USER = 1 << 1,
	LADE_IGNORE_USERDEBUG = 1 << 2,
	LADE_IGNORE_ARM32 = 1 << 3,
	LADE_IGNORE_AARCH64 = 1 << 4,
	LADE_IGNORE_X86_32 = 1 << 5,
	LADE_IGNORE_X86_64 = 1 << 6,
	LADE_IGNORE_RISCV64 = 1 << 7,
};
/* "eng", "aarch64" …; NULL: no such bit. */
LADE_API const char *lade_ignore_name(enum lade_ignore bit);

/* Windows reach from min to before max. Kernels are major << 24 | minor << 16 | patch; UINT32_MAX: no end. */
struct lade_policy_info {
	size_t size;
	bool has_owner;
	uint32_t uid, gid;             /* Android's numbers */
	bool has_mode;
	uint32_t mode;                 /* permission bits of the pin */
	bool optional;                 /* a program whose failure to load is no failure of the object */
	bool shared;                   /* a map whose pin's name does not hold the object's */
	uint32_t ignore_on;            /* enum lade_ignore bits */
	uint32_t min_loader, max_loader; /* bpfloader versions; max 0x10000 and more: no end */
	uint32_t min_kernel, max_kernel;
	const char *selinux_context;   /* NULL: not said; so are the following */
	const char *pin_subdir;        /* with its slash at the end */
	const char *create_location;   /* absolute, layout E */
	const char *pin_location;      /* absolute, layout E */
	const char *pin_name;          /* "map_gpuMem_gpu_mem_total_map": last component of the pin's path */
};
/* -ENOENT: the object says nothing about this map or program. */
LADE_API int lade_map_policy(const struct lade_map *map, struct lade_policy_info *info);
LADE_API int lade_program_policy(const struct lade_program *program, struct lade_policy_info *info);

struct lade_object_policy_info {
	size_t size;
	const char *critical;          /* why nothing works without it; NULL: not critical */
	uint32_t min_loader, max_loader;
	uint32_t required_loader;      /* an older loader fails instead of leaving the object out */
	uint32_t network_loader;       /* min_loader of NetBpfLoad */
	uint32_t btf_loader, btf_user_loader, btf_kernel; /* oldest that may load the BTF of maps */
	uint32_t map_bytes, program_bytes; /* of a record */
	uint32_t judged_loader;        /* the version that the windows were judged against */
};
LADE_API int lade_object_policy(const struct lade_object *object, struct lade_object_policy_info *info);

/* ---- what else the file holds ---- */
struct lade_extern_info {
	size_t size;
	const char *name;
	const char *section;   /* ".ksyms", ".kconfig" or "" */
	bool is_weak;
};
LADE_API size_t lade_object_extern_count(const struct lade_object *object);
LADE_API int lade_object_extern(const struct lade_object *object, size_t index, struct lade_extern_info *info);

struct lade_relocation_info {
	size_t size;
	const char *section;     /* section whose instruction is patched */
	uint64_t offset;         /* bytes in that section */
	const char *kind;        /* "map", "map_value", "call", "function", "extern" */
	const char *target;      /* name */
	int64_t addend;          /* bytes or instructions */
};
LADE_API size_t lade_object_relocation_count(const struct lade_object *object);
LADE_API int lade_object_relocation(const struct lade_object *object, size_t index,
				    struct lade_relocation_info *info);

/* Every section of the file, and what Lade took it for; none without struct lade_open_opts.sections. */
struct lade_section_info {
	size_t size;
	uint32_t index;
	const char *name;
	uint32_t elf_type;    /* SHT_… */
	uint64_t elf_flags;   /* SHF_… */
	uint64_t bytes;
	const char *role;     /* "program", "subprograms", "maps", "data", "license", "relocations", "ignored" … */
	const char *why;      /* for "ignored": why; else more about the role, or NULL */
};
LADE_API size_t lade_object_section_count(const struct lade_object *object);
LADE_API int lade_object_section(const struct lade_object *object, size_t index, struct lade_section_info *info);

struct lade_symbol_info {
	size_t size;
	const char *name;
	uint64_t value;
	uint64_t length;
	uint8_t elf_bind;     /* STB_… */
	uint8_t elf_type;     /* STT_… */
	uint16_t elf_section; /* index, SHN_UNDEF … */
	const char *role;     /* "map", "program", "subprogram", "variable", "extern", "ignored" … */
	const char *why;
};
LADE_API size_t lade_object_symbol_count(const struct lade_object *object);
LADE_API int lade_object_symbol(const struct lade_object *object, size_t index, struct lade_symbol_info *info);

LADE_END_DECLS
#endif
