/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the Android dialects share. Layouts A to D grew by appending to two structs whose sizes the
 * object states since Android 12; E has structs of its own; F is a BTF object with Android's section names.
 */
#ifndef LADE_DIALECT_ANDROID_H
#define LADE_DIALECT_ANDROID_H

#include "dialect/fill.h"

/* Newest loaders of the two ways of counting: 0.46 of Android 15's mainline, API level times 100 since. */
#define LOADER_NEWEST   46
#define LOADER_NEWEST_E 3700

/* Versions since when a loader does something. */
#define LOADER_HAS_NETWORK    42 /* it is NetBpfLoad */
#define LOADER_HAS_UID_MOVED  28 /* word 20 of a map must be zero, every program has a definition */
#define LOADER_HAS_BUILD_MAP  32 /* ignore_on_eng, _user, _userdebug of maps */
#define LOADER_HAS_BUILD_PROG 33 /* … of programs */

struct android {
	struct filling filling; /* first: the filling of a refuse_fn is this */
	char layout;            /* 'a' to 'e' */
	bool sized;             /* the sizes of the structs are stated */
	uint32_t loader;        /* the version that the windows are judged against */
	uint32_t build;         /* enum lade_ignore bit of the build type; 0: none */
	uint64_t map_bytes, program_bytes;
	char *object_skip; /* why the object as a whole is left out, or NULL */
};

/* One record of a section; what lies beyond its end reads as absent. */
struct android_record {
	const struct elf_symbol *symbol;
	const uint8_t *bytes;
	uint64_t size; /* bytes */
	uint64_t offset;
};
struct android_records {
	struct android_record *items; /* by offset */
	size_t count, capacity;
	const struct android_record **names; /* the same by name */
};

/* ---- android_layout.c ---- */
/* "android-a" … for an object that shows Android's marks, by the sizes it states or shows. */
const char *lade_android_layout(const struct elf_image *elf);
/* Layouts without a mark: "android-a", "android-f", or NULL. The reason is appended to `why`. */
const char *lade_android_by_sections(const struct elf_image *elf, struct strbuf *why);
/* Sizes of the structs: stated, else shown by the symbols, else the layout's own. */
int lade_android_sizes(struct android *android);

/* ---- android_records.c ---- */
int lade_android_records(struct android *android, const struct elf_section *section, uint64_t bytes,
			 struct android_records *ret_records);
void lade_android_records_clear(struct android_records *records);
/* Index of the record with this name; NO_INDEX: none. */
uint32_t lade_android_find(const struct android_records *records, const char *name);
uint32_t lade_android_word(const struct android *android, const struct android_record *record, uint64_t offset,
			   uint32_t absent);
uint8_t lade_android_byte(const struct android_record *record, uint64_t offset);
/* A NUL-padded text. *ret_text NULL: empty. */
int lade_android_text(struct android *android, const struct android_record *record, uint64_t offset, uint64_t bytes,
		      char **ret_text);
/* A kernel version's code as the policy has it; Android 11 wrote the kernel's own code. */
uint32_t lade_android_kernel(const struct android *android, uint32_t code);

/* ---- android_gates.c ---- */
/* Numeric sections, `critical` and `license` into the object's policy; judges the object's own window. */
int lade_android_gates(struct android *android);
/* Why the loader leaves such a part out. *ret_skip NULL: it does not. `build_since`: first version that looks. */
int lade_android_judge(struct android *android, const struct part_policy *policy, uint32_t build_since,
		       char **ret_skip);
/* Notes about words of a policy that Android's loader would not take. */
void lade_android_check_places(struct android *android, const char *kind, const char *name,
			       const struct part_policy *policy);
/* "prog_OBJECT_SECTION" or "map_OBJECT_MAP"; object is left out of a shared map's name. NULL without memory. */
char *lade_android_pin_name(const struct android *android, const char *kind, bool shared, const char *name);

/* ---- android_maps.c, android_programs.c, android_named.c ---- */
int lade_android_maps(struct android *android, const struct elf_section *section);
int lade_android_named_maps(struct android *android, const struct elf_section *section);
int lade_android_programs(struct android *android);
/* Reads the policy and the words of a definition of layout E. */
int lade_android_named_program(struct android *android, const struct android_record *record,
			       struct lade_program *program);

#endif
