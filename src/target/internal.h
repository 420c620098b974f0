/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target is made of. Each source of facts is opened once, may be shared by several targets, and lives as long as
 * their list. */
#ifndef LADE_TARGET_INTERNAL_H
#define LADE_TARGET_INTERNAL_H

#include "target/parts.h"
#include "target/table.h"
#include "target/target.h"

#define LADE_TARGET_MACHINE 16u

/* ---- source_types.c ---- */
enum target_enum {
	TARGET_MAP_TYPES,
	TARGET_PROGRAM_TYPES,
	TARGET_ATTACH_TYPES,
	TARGET_LINK_TYPES,
	TARGET_HELPERS,
	TARGET_COMMANDS,
	TARGET_ENUMS,
};
#define LADE_TARGET_VALUES 512u /* of an enumeration */

struct target_types {
	char *label; /* the file that they come from */
	struct kernel_types *types;
	const char *machine; /* static; NULL: they do not tell */
	bool tried;          /* the enumerations were looked for */
	bool has_flags_tried;
	uint32_t map_flags; /* that its anonymous enumeration of flags has; 0: not found */
	struct {
		bool known;
		uint64_t listed[LADE_TARGET_VALUES / 64];
		uint64_t others[LADE_TARGET_VALUES / 64]; /* a vendor's, in the place of the mainline's */
	} enums[TARGET_ENUMS];
	uint32_t level;   /* all that came up to this release of the mainline is there; 0: not known */
	uint32_t ceiling; /* something that came in this release is not; UINT32_MAX: all is there */
};
int lade_target_types_file(const char *path, struct target_types **ret_types, struct lade_error **error);
/* Takes the blob. */
int lade_target_types_memory(struct target_blob *btf, const char *label, struct target_types **ret_types,
			     struct lade_error **error);
struct target_types *lade_target_types_free(struct target_types *types);
/* KNOWN_NOT: the enumeration is not there. */
enum known lade_target_types_list(struct target_types *types, enum target_enum which, uint32_t number);
uint32_t lade_target_types_level(struct target_types *types);
uint32_t lade_target_types_ceiling(struct target_types *types);
const char *lade_target_types_machine(struct target_types *types); /* NULL: they do not tell */
uint32_t lade_target_types_flags(struct target_types *types);
const char *lade_target_enum_name(enum target_enum which); /* "bpf_map_type" */

/* ---- source_config.c ---- */
struct target_config {
	struct kernel_config plan; /* first: what is handed to plans */
	char *label;
	struct target_blob text;
	bool indexed, failed;
	bool is_part; /* a defconfig or a fragment: what it does not name is not known, unless it is off by default */
	ARRAY_OF(struct target_option) options;
};
struct target_option {
	const char *name, *value; /* value NULL: "is not set" */
};
/* Takes the text. */
int lade_target_config_new(struct target_blob *text, const char *label, struct target_config **ret_config);
struct target_config *lade_target_config_free(struct target_config *config);
/* KNOWN_NO: not set. ret_value "y", "m", …; ret_named: the file has a line about it. */
enum known lade_target_config_find(struct target_config *config, const char *option, const char **ret_value,
				   bool *ret_named);

/* ---- source_symbols.c ---- */
struct target_symbols {
	char *label;
	struct target_blob names;
	bool indexed, failed;
	uint32_t *table; /* offsets of names + 1, by hash; 0: free */
	size_t slots;    /* a power of two */
};
int lade_target_symbols_new(struct target_blob *names, const char *label, struct target_symbols **ret_symbols);
struct target_symbols *lade_target_symbols_free(struct target_symbols *symbols);
enum known lade_target_symbols_find(struct target_symbols *symbols, const char *name);
/* Those that compilers make of it ("name.isra.0") first. */
void lade_target_symbols_near(struct target_symbols *symbols, const char *name, struct strings *near);

/* ---- source_events.c ---- */
struct target_event {
	char *name;
	bool is_known;
	struct event_format format;
};
struct target_events {
	char *label; /* the directory */
	struct target_event **items;
	size_t count, capacity;
};
int lade_target_events_open(const char *directory, struct target_events **ret_events, struct lade_error **error);
struct target_events *lade_target_events_free(struct target_events *events);
/* KNOWN_NOT without memory. */
enum known lade_target_events_find(struct target_events *events, const char *event,
				   const struct event_format **ret_format);

/* ---- source_doctor.c ---- */
struct target_probe {
	char *section, *name, *value, *detail;
	enum known answer;
};
struct target_probes {
	char *label;
	bool was_probed; /* by trying: lade doctor --probe */
	ARRAY_OF(struct target_probe) items;
};
struct target_probes *lade_target_probes_free(struct target_probes *probes);
/* NULL: was not asked. */
const struct target_probe *lade_target_probe(const struct target_probes *probes, const char *section, const char *name);
/* Is this the start of such a report? */
bool lade_target_doctor_likely(const uint8_t *start, size_t length);
/* Release, machine and configuration become parts. target.doctor */
int lade_target_doctor_read(const struct target_blob *text, const char *file, struct kernel_parts *parts,
			    struct target_probes **ret_probes, uint32_t *ret_cpus, struct lade_error **error);

DEFINE_CLEANUP(struct target_types, target_types, lade_target_types_free)
DEFINE_CLEANUP(struct target_config, target_config, lade_target_config_free)
DEFINE_CLEANUP(struct target_symbols, target_symbols, lade_target_symbols_free)
DEFINE_CLEANUP(struct target_events, target_events, lade_target_events_free)
DEFINE_CLEANUP(struct target_probes, target_probes, lade_target_probes_free)

/* ---- the target ---- */
struct target_sources {
	struct target_types *types;
	struct target_config *config;
	struct target_symbols *symbols;
	struct target_events *events;
	struct target_probes *probes;
};

struct lade_target {
	char *name, *release;
	uint32_t version;                  /* of its name or release; 0: not known */
	char version_text[12];             /* what describe says */
	char machine[LADE_TARGET_MACHINE]; /* "": not known */
	uint32_t cpus;
	const struct target_android *android; /* NULL: none of Android's */
	struct target_sources own, from;      /* from: what counts, borrowed of own or of the pieces */
	struct findings notes;
};
struct lade_target *lade_target_free(struct lade_target *target);
DEFINE_CLEANUP(struct lade_target, lade_target, lade_target_free)

struct lade_targets {
	struct target_sources pieces;    /* that were given beside the words */
	struct kernel_parts piece_parts; /* release and machine that they tell */
	struct lade_target **items;
	size_t count, capacity;
};
/* How a source is called in answers: "/tmp/boot/config-6.1 of /tmp/a.deb" → "config-6.1 of a.deb". NULL without memory.
 */
char *lade_target_label(const char *from);
/* Appends one without anything known. NULL without memory. */
struct lade_target *lade_targets_push(struct lade_targets *targets, const char *name);

/* ---- words.c ---- */
/* One word of --kernel: one or more targets. target.word … */
int lade_targets_word(struct lade_targets *targets, const char *word, struct lade_error **error);
/* "6.1.0-18-amd64" → 6.1; 0: none. *ret_end: behind the number, may be NULL. */
uint32_t lade_release_code(const char *release, const char **ret_end);
/* "6.1" of its code, or of the newest release that is not newer; "" for 0. Static. */
const char *lade_release_name(uint32_t code);

/* ---- open_file.c ---- */
int lade_targets_file(struct lade_targets *targets, const char *path, struct lade_error **error);
/* Pieces of the options. */
int lade_targets_pieces(struct lade_targets *targets, const struct lade_target_opts *opts, struct lade_error **error);
/* What the parts have becomes the sources. Takes what is in them. */
int lade_target_take(struct kernel_parts *parts, struct target_sources *sources, struct lade_error **error);

#endif
