/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dialects: one file each translates ELF and BTF into the model. detect.c chooses by evidence
 * (facts/legacy.md section 4). To add one: write fill() and a row of the table in detect.c.
 */
#ifndef LADE_DIALECT_DIALECT_H
#define LADE_DIALECT_DIALECT_H

#include "elf/elf.h"
#include "object/model.h"

/* Everything a dialect reads from. */
struct source {
	const struct elf_image *elf;
	struct lade_btf *btf;  /* NULL: none */
	struct btf_ext *ext;   /* NULL: none */
	const char *pin_names; /* file for custom pins of iproute2; NULL: its own */
};

struct dialect {
	const char *name;           /* contract id: "samples" */
	const char *section_table;  /* dialect column of data/section_prefixes.csv: "samples", "libbpf" */
	int (*fill)(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		    struct lade_error **error);
	const char *other_table;    /* for names that section_table does not know; NULL: none */
	bool assumes_types;         /* what the table does not know is assumed: object/assumed.c */
};

/* NULL: unknown. */
const struct dialect *lade_dialect_find(const char *name);
/* The fix asks for the nearest name, if one is near. */
void lade_dialect_suggest(const char *name, struct lade_finding *finding);
/* Writes evidence, also[] and the verdict. -ENOEXEC with dialect.unknown / dialect.ambiguous. */
int lade_dialect_detect(const struct source *source, struct lade_object *object, const struct dialect **ret_dialect,
			struct lade_error **error);

extern const struct dialect lade_dialect_btf;
extern const struct dialect lade_dialect_samples;
extern const struct dialect lade_dialect_iproute2;
extern const struct dialect lade_dialect_calico;
extern const struct dialect lade_dialect_libbpf0;
extern const struct dialect lade_dialect_aya;
extern const struct dialect lade_dialect_redbpf;
extern const struct dialect lade_dialect_gobpf;
extern const struct dialect lade_dialect_falco;
extern const struct dialect lade_dialect_suricata;
extern const struct dialect lade_dialect_ovs;
extern const struct dialect lade_dialect_perf;
extern const struct dialect lade_dialect_bcc;     /* recognised, inspected, not loaded */
extern const struct dialect lade_dialect_windows; /* the same */
#define ANDROID_LAYOUTS 6
extern const struct dialect lade_dialects_android[ANDROID_LAYOUTS]; /* android-a … android-f */

#endif
