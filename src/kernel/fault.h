/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel that fails on purpose: wraps another and makes the nth call fail, or kills the process before
 * or after it. For tests: the one loop that tries every operation of a load with every errno.
 */
#ifndef LADE_KERNEL_FAULT_H
#define LADE_KERNEL_FAULT_H

#include "kernel/kernel.h"

enum fault_action {
	FAULT_NONE,         /* count and remember only */
	FAULT_ERRNO,        /* the nth call is not made and returns -errnum */
	FAULT_KILL_BEFORE,  /* SIGKILL to this process instead of the nth call */
	FAULT_KILL_AFTER,   /* … right after it */
};

struct fault {
	enum fault_action action;
	unsigned nth;    /* 1 is the first call that changes or creates something; reading calls are not counted */
	int errnum;      /* positive */
	unsigned repeat; /* how many calls in a row fail, from the nth; 0 means 1 */
	bool reading;    /* calls that only look are counted and fail, too */
};

/* Takes ownership of inner. */
int lade_kernel_fault(struct kernel *inner, const struct fault *fault, struct kernel **ret_kernel);
unsigned lade_kernel_fault_count(const struct kernel *kernel);
/* Name of the nth counted call: "BPF_MAP_CREATE", "mkdir", "perf_event_open"; NULL past the end. */
const char *lade_kernel_fault_call(const struct kernel *kernel, unsigned nth);

#endif
