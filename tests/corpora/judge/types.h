/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types as words: two loaders may number the types of a program differently and mean the same. A reader of its own,
 * so that the referee does not lean on the code it judges. The bytes come from the kernel, which has checked them.
 */
#ifndef JUDGE_TYPES_H
#define JUDGE_TYPES_H

#include <stdint.h>
#include <stdio.h>

struct types;

/* Of a BTF descriptor; NULL: there is none to be had. Kept until the process ends, one for each BTF. */
const struct types *types_of(int btf_fd);

const char *types_string(const struct types *types, uint32_t offset);

/* "struct foo *", "int (struct bar *, u32)". */
void types_print(FILE *out, const struct types *types, uint32_t id);

/* All of them, one a line, with their numbers. */
void types_print_all(FILE *out, const struct types *types);

#endif
