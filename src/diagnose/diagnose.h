/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a refused operation to a finding: which gate refused, and why. What the arguments alone prove is
 * checked first, then what the running kernel shows; errno's usual causes come last and are marked so.
 */
#ifndef LADE_DIAGNOSE_DIAGNOSE_H
#define LADE_DIAGNOSE_DIAGNOSE_H

#include "kernel/bpf.h"
#include "object/model.h"
#include "plan/plan.h"

/* "EINVAL (Invalid argument)"; ENOTSUPP (524), which libc does not know, too. Static text per errno. */
const char *lade_errno_name(int errnum);
/* Last line of a log that is not empty; "" for none. Lives as long as the log. */
const char *lade_last_line(const char *log);

/*
 * BPF_MAP_CREATE of `definition` answered errnum and said log (may be ""). attr: as it was given to the kernel, so that
 * it can be tried with one suspect less; NULL: nothing is tried. Returns -errnum.
 */
int lade_diagnose_map(struct kernel *kernel, const struct lade_object *object, const char *map,
		      const struct map_definition *definition, const struct attr_map_create *attr, int errnum,
		      const char *log, struct lade_error **error);

/* memory.c: ENOMEM of something that needs about `wanted` bytes (0: not known): what the cgroup leaves. */
void lade_diagnose_memory(struct kernel *kernel, uint64_t wanted, struct lade_finding *finding);

/* assumed.c: tries other types for a program whose own was assumed. Nothing for other programs. */
void lade_diagnose_assumed_type(struct kernel *kernel, const struct lade_program *program,
				const struct program_operation *load, struct lade_finding *finding);
/* BPF_PROG_LOAD of attr (NULL: nothing is tried) answered errnum and wrote log (may be ""). Returns -errnum. Safe on
 * any thread. */
int lade_diagnose_program(struct kernel *kernel, const struct lade_object *object, const struct operation *operation,
			  const struct attr_prog_load *attr, int errnum, const char *log, struct lade_error **error);

/* Any other operation on `what` ("pin map m", "freeze .rodata"): errno with its usual causes. */
int lade_diagnose_operation(struct kernel *kernel, const struct lade_object *object, const char *operation,
			    const char *what, int errnum, const char *code, struct lade_error **error);

/* The gates before every operation have codes of their own: privilege, no bpf(2) at all, memory. */
const char *lade_gate_code(int errnum, const char *otherwise);

/* ---- absent.c: no bpf(2) at all ---- */
struct lade_needs; /* lade/needs.h */
/*
 * Before anything is loaded, or after it failed: 0, or -ENOSYS with kernel.bpf.absent (the kernel has no bpf(2)) or
 * kernel.bpf.filtered (somebody answers in its place). The finding says what cannot be done ("load trace.o", "boot 14
 * objects of /system/etc/bpf"), how that is known, and which options to build besides: those of needs, if not NULL.
 * Costs ten system calls.
 */
int lade_diagnose_bpf(struct kernel *kernel, const char *what, const struct lade_needs *needs,
		      struct lade_error **error);
/* The same for one object. */
int lade_diagnose_bpf_for(struct kernel *kernel, const struct lade_object *object, const char *what,
			  struct lade_error **error);
/* After the load of an object failed: if for want of bpf(2), *error becomes that. Returns the code to return. */
int lade_diagnose_load(struct kernel *kernel, const struct lade_object *object, int code, struct lade_error **error);

/* Usual causes of an errno of a command by data/errno_table.csv, most likely first, as far as this kernel has them; and
 * what would tell which it is. Never certain. */
void lade_diagnose_causes(struct kernel *kernel, const char *operation, int errnum, struct lade_finding *finding);

#endif
