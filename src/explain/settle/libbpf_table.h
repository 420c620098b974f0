/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/explain/libbpf_functions.csv. */
#ifndef LADE_EXPLAIN_SETTLE_LIBBPF_TABLE_H
#define LADE_EXPLAIN_SETTLE_LIBBPF_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Sorted by name, an offset into lade_libbpf_text. */
struct libbpf_function {
	uint16_t name;
	uint16_t release; /* major << 8 | minor; 0: 0.0.9 or before */
};
extern const char lade_libbpf_text[];
extern const struct libbpf_function lade_libbpf_functions[];
extern const size_t lade_libbpf_function_count;

#endif
