/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the room: what externs of the kernel turned out to be. */
#ifndef LADE_PLAN_EXTERNS_H
#define LADE_PLAN_EXTERNS_H

#include "plan/plan.h"

/* A typed variable or a function of the kernel, looked up once for all programs. */
struct plan_extern {
	bool is_known;
	struct kernel_type type; /* id 0: it is not there, or another one than the object declares */
	uint32_t module_index;   /* EXTERN_KFUNC of a module: place of the module in fd_array, from 1; 0: none */
	char *why;               /* type.id 0: in words, owned */
};

/* find_extern.c. *ret_found has id 0 only where the object can go without it. ksym.absent, ksym.type, kfunc.absent,
 * kfunc.prototype. */
int lade_plan_extern_find(struct lade_plan *plan, const struct lade_program *program, uint32_t target,
			  const struct plan_extern **ret_found, struct lade_error **error);
void lade_plan_externs_free(struct lade_plan *plan);

/* kconfig.c */
/* Fills plan->kconfig_values. */
int lade_plan_kconfig(struct lade_plan *plan, struct lade_error **error);
/* May this program read it? kconfig.absent, kconfig.missing, kconfig.type, kconfig.range. */
int lade_plan_kconfig_check(const struct lade_plan *plan, const struct lade_program *program,
			    const struct object_extern *outside, struct lade_error **error);

#endif
