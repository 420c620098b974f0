/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files about refused programs share. */
#ifndef LADE_DIAGNOSE_INTERNAL_H
#define LADE_DIAGNOSE_INTERNAL_H

#include "diagnose/denied.h"
#include "diagnose/diagnose.h"
#include "explain/verifier/verdict.h"

struct refusal {
	struct kernel *kernel;
	const struct lade_object *object;
	const struct lade_program *program;
	const struct program_operation *load;
	const struct attr_prog_load *attr; /* as it was given to the kernel; NULL: not known */
	int errnum;
	const char *log;
};

/* load_target.c: what a refusal without a word has to do with what the program is verified against. */
void lade_diagnose_load_target(const struct refusal *refusal, struct lade_finding *finding);
/* The same file: a program for many functions (fentry.multi, since 7.2), which an older kernel takes for one of one. */
bool lade_is_late_kind(const struct refusal *refusal);
int lade_refuse_late_kind(const struct refusal *refusal, struct lade_error **error);
/* poison.c: an instruction that a relocation left poisoned; NULL: the verdict is about something else. */
const struct core_poison *lade_poison_of(const struct refusal *refusal, const struct verifier_verdict *verdict);
int lade_refuse_poisoned(const struct refusal *refusal, const struct core_poison *poison, struct lade_error **error);
/*
 * program_trial.c: which part of a program that was refused without a word is guilty? By numbers (too many
 * instructions), and by loading it with one suspect taken away at a time, at most 8 times. False: nothing was found
 * out.
 */
bool lade_program_find_culprit(const struct refusal *refusal, struct lade_finding *finding);
/* "r0 = 0; exit" of the same type; the data is the struct attr_prog_load. For struct denied_call. */
int lade_program_try_smaller(struct kernel *kernel, const void *data);
/* program.c */
void lade_refusal_add_source(const struct refusal *refusal, struct lade_finding *finding, int64_t instruction);

#endif
