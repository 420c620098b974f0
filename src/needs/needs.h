/* SPDX-License-Identifier: BSD-2-Clause */
/* The list behind include/lade/needs.h. Pure. */
#ifndef LADE_NEEDS_NEEDS_H
#define LADE_NEEDS_NEEDS_H

#include <lade/needs.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "object/model.h"

struct need {
	enum lade_need_kind kind;
	char *name, *reason;
	const char *since; /* static, or NULL */
	bool to_attach, left_out;
	struct strings who;
};

struct lade_needs {
	ARRAY_OF(struct need) items;
	uint32_t window; /* of the part that is looked at: older kernels leave it out; 0: none does */
	bool optional;   /* … it is left out wherever the kernel refuses it */
	bool failed;     /* out of memory at some point */
};

/* Merged with an equal one; what is needed to load at all is not needed to attach only. Sticky failure. */
void lade_needs_put(struct lade_needs *needs, enum lade_need_kind kind, const char *name, const char *reason,
		    bool to_attach, const char *who);
/* "5.8" → 5 << 24 | 8 << 16; 0: none. */
uint32_t lade_needs_version(const char *text);

/* instructions.c: what the code of a function asks for, put with lade_needs_feature() and lade_needs_helper(). */
void lade_needs_code(struct lade_needs *needs, const struct lade_function *function, const char *who);
/* collect.c */
void lade_needs_feature(struct lade_needs *needs, const char *feature, const char *who);
void lade_needs_helper(struct lade_needs *needs, uint32_t helper, const char *who);

/* " CONFIG_A, CONFIG_B": the options that are needed besides CONFIG_BPF and CONFIG_BPF_SYSCALL; NULL: none, or no
 * memory. */
char *lade_needs_options(const struct lade_needs *needs);

DEFINE_CLEANUP(struct lade_needs, lade_needs, lade_needs_free)

#endif
