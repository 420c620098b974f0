/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a policy makes of one object: whether it is loaded, where its maps and programs are pinned, whose they are.
 * Pure: no kernel, no bpffs. The executor (run.c) applies it to the object with lade_map_set_pin() and
 * lade_program_set_pin() and loads it.
 */
#ifndef LADE_BOOT_DECIDE_H
#define LADE_BOOT_DECIDE_H

#include "boot/policy.h"
#include "object/model.h"

/* Android's wording; kept for the executor to say at the right moment. */
struct boot_log_line {
	enum lade_boot_level level;
	char *text;
};
struct boot_log {
	ARRAY_OF(struct boot_log_line) lines;
};

/* Of one map or program, by its index in the object. */
struct boot_part {
	char *skip; /* why it is left out; NULL: it is not */
	char *pin;  /* absolute below /sys/fs/bpf, which stands for the context's bpffs; NULL: not pinned outside */
	char *pin_first; /* Android's selinux_context: created here, then renamed; NULL: no */
	bool has_owner, has_mode;
	uint32_t uid, gid, mode; /* as the object says; lade_boot_opts.owners is applied by the executor … */
	bool is_local; /* … unless a policy file says them: then they are this machine's, and apply as they are */
	bool optional;
	ARRAY_OF(char *) targets; /* programs: attached there; borrowed from the policy */
	bool attach;              /* programs: where their section says */
	struct boot_log log;      /* what Android's loader says when it comes to this part */
};

#define BOOT_ANDROID_ABORT 134 /* Android's loader would have died of SIGABRT, as a shell puts it */

enum boot_verdict { BOOT_LOAD, BOOT_SKIP, BOOT_FAIL };

struct boot_decision {
	enum boot_verdict verdict;
	int android_value;    /* 0, -1, -2, -EINVAL, -ENOTDIR …: what loadProg() would return; BOOT_ANDROID_ABORT */
	const char *critical; /* borrowed from the object or policy; NULL: not critical */
	char *instance;       /* name of the instance: "tethering_offload" */
	int order;
	unsigned timeout_ms;
	bool optional;                     /* its failure is none of the boot */
	bool without_btf;                  /* Android's loader would leave the types of its maps out */
	struct boot_part *maps, *programs; /* by index */
	size_t map_count, program_count;
	struct lade_error *error; /* BOOT_FAIL: why */
	struct findings notes;    /* BOOT_SKIP: why; what is said besides */
	/* Lines of Android's own log, in its words and order, of what comes before any system call. */
	struct boot_log *log;
};

/* decide.c. -ENOMEM only; without an error object: on failure *ret_decision is clear. */
int lade_boot_decide(const struct boot_policy *policy, const struct boot_location *location,
		     const struct lade_object *object, struct boot_decision *ret_decision);
void lade_boot_decision_clear(struct boot_decision *decision);

/* android_gates.c. Why an object is critical; said: by its own section, NULL: nothing. NULL: it is not. */
const char *lade_boot_android_critical(const struct boot_policy *policy, const char *said);

/*
 * android_value.c. The object could not be opened or loaded: what loadProg() would have returned, and the lines it
 * would have logged besides, appended to *log. `path` as the loader would print it.
 */
int lade_boot_android_value(const struct boot_location *location, const char *path, const struct lade_error *error,
			    struct boot_log *log);
void lade_boot_log_clear(struct boot_log *log);
/* Without memory the line is lost. */
void lade_boot_log_add(struct boot_log *log, enum lade_boot_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
