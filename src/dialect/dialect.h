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
};

struct dialect {
	const char *name;           /* contract id: "samples" */
	const char *section_table;  /* dialect column of data/section_prefixes.csv: "samples", "libbpf" */
	int (*fill)(const struct dialect *dialect, const struct source *source, struct lade_object *object,
		    struct lade_error **error);
};

/* NULL: unknown. */
const struct dialect *lade_dialect_find(const char *name);
/* An id of the contract that this version recognises but does not fill. */
bool lade_dialect_is_planned(const char *name);
/* Writes evidence, also[] and the verdict. -ENOEXEC with dialect.unknown / dialect.ambiguous. */
int lade_dialect_detect(const struct source *source, struct lade_object *object, const struct dialect **ret_dialect,
			struct lade_error **error);

extern const struct dialect lade_dialect_btf;
extern const struct dialect lade_dialect_samples;

#endif
