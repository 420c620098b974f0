/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of the kernel a plan is made for, and of what its programs are verified against. */
#ifndef LADE_LOAD_KNOWN_H
#define LADE_LOAD_KNOWN_H

#include "kernel/context.h"
#include "plan/plan.h"

/* A load target that was named by the user. */
struct opened_target {
	int fd; /* of the program; -1: none */
	struct lade_btf *btf;
};

struct known {
	struct plan_target target;
	struct lade_error *types_error; /* why target.types is NULL */
	size_t program_count;
	struct opened_target *opened;          /* by program index; NULL: nobody named any */
	struct plan_load_target *load_targets; /* the same, as the plan wants it */
};

/*
 * The kernel's types, opened only if something that would be loaded needs them; all their names are looked up in one
 * walk. That there are none is an error only for who needs them: the plan says.
 */
int lade_known_types(struct known *known, struct lade_context *context, const struct lade_object *object,
		     struct lade_error **error);
/* config.c: values of the kernel's configuration that the object asks for. kernel NULL: without asking one. */
int lade_known_config(struct known *known, struct lade_context *context, struct kernel *kernel,
		      const struct lade_object *object, struct lade_error **error);
/* load_targets.c: opens the programs and finds the devices that lade_program_set_target() named. */
int lade_known_load_targets(struct known *known, struct lade_context *context, const struct lade_object *object,
			    struct lade_error **error);
void lade_known_clear(struct known *known);

#endif
