/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EPERM, EACCES and ENOSYS name no gate. This asks one after another, in the order in which a call meets them: a
 * seccomp filter, kernel.unprivileged_bpf_disabled, a capability, lockdown, an LSM, RLIMIT_MEMLOCK (before 5.11), the
 * user namespace, what a BPF token delegates. The finding gets the code, the cause and the fix of the gate that
 * refused, and as evidence those that did not. Where none can be shown, it says so and stays a guess.
 *
 *     struct denied_call call = lade_denied_call("BPF_PROG_LOAD", EPERM);
 *     lade_denied_program(&call, BPF_PROG_TYPE_XDP, attach_type);
 *     lade_diagnose_denied(kernel, &call, finding);
 */
#ifndef LADE_DIAGNOSE_DENIED_H
#define LADE_DIAGNOSE_DENIED_H

#include "kernel/kernel.h"

enum denied_object { DENIED_PLAIN, DENIED_MAP, DENIED_PROGRAM };

struct denied_call {
	const char *name; /* "BPF_MAP_CREATE", "perf_event_open": static */
	int errnum;
	/* By the row of the name; the caller may add to it. */
	int command;          /* of bpf(2); -1: another system call */
	uint64_t needs;       /* capabilities, all of them: bit n */
	bool needs_perhaps;   /* on some kernels, or for some programs only */
	bool for_everybody;   /* … but nothing is needed where kernel.unprivileged_bpf_disabled is 0 */
	bool is_charged;      /* to RLIMIT_MEMLOCK, before 5.11 */
	bool in_namespace;    /* a capability of the user namespace will do */
	const char *lockdown; /* the mode of lockdown that refuses it, "integrity" or "confidentiality"; NULL: none */
	enum denied_object object;
	uint32_t type, attach_type; /* of the map or program */
	const char *subject;        /* what needs it: "this object"; NULL: maps or programs of the type, or the call */
	/* The same with less to be charged: descriptor (which is closed), 0, or -errno; NULL: there is no such thing.
	 */
	int (*smaller)(struct kernel *kernel, const void *data);
	const void *data;
};

struct denied_call lade_denied_call(const char *name, int errnum);
void lade_denied_map(struct denied_call *call, uint32_t type, uint32_t flags);
void lade_denied_program(struct denied_call *call, uint32_t type, uint32_t attach_type);

/* The BTF of an object is what the kernel is asked for first: what all of the plan needs is said at once. */
struct lade_plan;
void lade_denied_object(struct denied_call *call, const struct lade_plan *plan);
/* Has it only maps and programs for which nothing is needed where kernel.unprivileged_bpf_disabled is 0, as it is here?
 * The kernel takes no BTF from who has no CAP_BPF, even then. */
bool lade_denied_only_types(struct kernel *kernel, const struct lade_plan *plan);

/* Takes a NULL finding. A recorded kernel has no gates that could be asked: then nothing is added. */
void lade_diagnose_denied(struct kernel *kernel, const struct denied_call *call, struct lade_finding *finding);
/* The two in one, for calls of which there is no more to say. */
void lade_diagnose_denied_name(struct kernel *kernel, const char *name, int errnum, struct lade_finding *finding);

/*
 * A seccomp filter may answer with any number, and looks like a kernel that has no such thing. True: it does, and the
 * finding says so. Nothing is asked where that cannot be told (E2BIG, which a harmless call would get, too).
 */
bool lade_diagnose_filter(struct kernel *kernel, const char *name, int errnum, struct lade_finding *finding);

/* file.c: EACCES or EPERM of a file; mode: R_OK, W_OK or both. Of what does not exist yet: of its directory. */
void lade_diagnose_file(struct kernel *kernel, const char *path, int mode, int errnum, struct lade_finding *finding);
void lade_diagnose_unreadable(struct kernel *kernel, const char *path, int errnum, struct lade_finding *finding);

/* The same file: an event is missing; where tracefs has none at all, the cause is another one. */
void lade_diagnose_no_events(struct kernel *kernel, const char *tracefs, struct lade_finding *finding);

/* Looks at the gate of this code only: the finding stays as it is unless that is shut, which is returned. */
bool lade_denied_only(struct kernel *kernel, const struct denied_call *call, const char *code,
		      struct lade_finding *finding);

/* The last step alone: from what was read to the finding. Pure. */
struct gate_facts;
void lade_denied_judge(const struct gate_facts *facts, const struct denied_call *call, struct lade_finding *finding);

/* Another code for a finding that was made before more was known; its phase stays. Cause and fix are the caller's. */
void lade_finding_recode(struct lade_finding *finding, const char *code);

#endif
