/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of programs beside the usual one of each type (kernel/probe.c), and what of the kernel they are for. */
#ifndef LADE_DOCTOR_FORMS_H
#define LADE_DOCTOR_FORMS_H

#include "base/array.h"
#include "kernel/probe.h"

struct kernel_types;

/* Those that the types have; the others stay 0. */
void lade_doctor_targets(struct kernel_types *types, struct probe_targets *targets);
/* Forms of one type in the order in which they are asked. */
struct probe_forms {
	struct probe_form items[24];
	size_t count;
};
void lade_doctor_forms(struct kernel *kernel, const struct probe_targets *targets, struct probe_forms *ret_forms);

#endif
