/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of variables, and what may stand in the members of a struct_ops table. */
#ifndef LADE_OBJECT_MEMBER_H
#define LADE_OBJECT_MEMBER_H

#include "object/model.h"

/* Is it a pointer to a function, behind any typedefs and modifiers? */
bool lade_type_is_function_pointer(const struct lade_btf *btf, uint32_t id);

/* "variable.member", "variable.struct.member": made on first use, NULL when there is none. */
struct lade_variable *lade_object_find_member(struct lade_object *object, const char *path);

/* The pointer to a function that stands at this byte of a table; NO_INDEX: there is none. */
uint32_t lade_ops_member_at(const struct lade_btf *btf, const struct lade_map *table, uint64_t offset);
/* The program of this index (NO_INDEX: none) stands behind the member from now on. 0, -ENOMEM. */
int lade_ops_put(struct lade_map *table, uint32_t member, uint32_t program);

/*
 * The program that text names goes behind a function pointer of a table; "0" and "NULL" empty it. 1: done, 0: the
 * variable is nothing of that kind, -EINVAL: no such program.
 */
int lade_member_set_program(struct lade_variable *variable, const char *text);

#endif
