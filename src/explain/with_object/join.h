/* SPDX-License-Identifier: BSD-2-Clause */
/* A verifier's log beside the object that it is about. Pure. */
#ifndef LADE_EXPLAIN_WITH_OBJECT_JOIN_H
#define LADE_EXPLAIN_WITH_OBJECT_JOIN_H

#include <linux/bpf.h>

#include "base/array.h"
#include "object/model.h"

/* Where functions lie in a program as it is loaded: the body, then what it calls, depth first. */
struct layout_part {
	uint32_t function, start;
};
struct layout {
	const struct lade_object *object;
	ARRAY_OF(struct layout_part) parts;
	uint32_t count; /* instructions */
};
/* -ENOMEM; what is too large for any kernel is left out. */
int lade_log_layout_make(const struct lade_program *program, struct layout *ret_layout);
void lade_log_layout_clear(struct layout *layout);

/* One instruction of a program. */
struct located {
	const struct lade_function *function;
	uint32_t start, index; /* of the function in the program; of the instruction in the function */
	const struct bpf_insn *instruction;
};
bool lade_log_layout_find(const struct layout *layout, int64_t number, struct located *ret_located);

/* The source line; false: not known. Texts are the BTF's. */
bool lade_located_line(const struct lade_object *object, const struct located *located, const char **ret_file,
		       uint32_t *ret_line, const char **ret_text);
/* Relocation of this instruction; NULL: none. */
const struct function_relocation *lade_located_relocation(const struct located *located);
/* The first CO-RE relocation of the function that is not before this instruction. */
size_t lade_located_core(const struct located *located);
/* The map whose address was put into r1 before the call; NULL: not plain to see. */
const struct lade_map *lade_located_map(const struct lade_object *object, const struct located *located);

/* join.c: which program it is, and what the object adds to the finding. */
void lade_join(const struct lade_object *object, struct lade_finding *finding);

#endif
