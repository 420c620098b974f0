/* SPDX-License-Identifier: BSD-2-Clause */
/* What the gates before the kernel's work depend on, read once after a refusal: files of /proc, /sys and harmless
 * calls. */
#ifndef LADE_DIAGNOSE_GATE_FACTS_H
#define LADE_DIAGNOSE_GATE_FACTS_H

#include "diagnose/denied.h"

enum gate_capability {
	GATE_DAC_OVERRIDE = 1,
	GATE_NET_ADMIN = 12,
	GATE_NET_RAW = 13,
	GATE_SYS_PTRACE = 19,
	GATE_SYS_ADMIN = 21,
	GATE_SYS_RESOURCE = 24,
	GATE_PERFMON = 38,
	GATE_BPF = 39, /* this and the one before since 5.8; CAP_SYS_ADMIN stands for both */
};
#define GATE_BIT(capability) (UINT64_C(1) << (capability))

#define LADE_CHARGED_TO_CGROUPS (5u << 16 | 11u << 8) /* 5.11: RLIMIT_MEMLOCK no longer limits maps and programs */

/* What a BPF token lets its holder do: bit n is command, map type, program type, attach type n. */
struct gate_delegation {
	uint64_t commands, maps, programs, attachs;
};

struct gate_facts {
	uint32_t version;             /* KERNEL_VERSION code; 0: not known */
	uint64_t effective, bounding; /* capabilities */
	bool knows_capabilities;      /* the two above could be read */
	bool has_finer;               /* CAP_BPF and CAP_PERFMON exist */
	unsigned uid;                 /* effective */
	int seccomp;                  /* 0, 1, 2 (a filter); -1: not known */
	int canary;       /* what the same call answered that only the kernel itself can refuse: errno; 0: none asked */
	int unprivileged; /* kernel.unprivileged_bpf_disabled; -1: not known, or there is none */
	int paranoid;     /* kernel.perf_event_paranoid; INT_MIN: not known */
	int user_namespace; /* 0: the machine's own; 1: another; -1: not known */
	char lockdown[24];  /* "none", "integrity", "confidentiality"; "": not known */
	bool has_securityfs;
	char modules[160]; /* "lockdown,capability,yama,selinux"; "": not known */
	char label[128];   /* what an LSM calls this process: "unconfined", "docker-default (enforce)"; "": none */
	int enforcing;     /* SELinux: 1, 0; -1: there is none */
	uint64_t memlock;  /* RLIMIT_MEMLOCK in bytes; UINT64_MAX: unlimited */
	int smaller;       /* what the same call answered with less to be charged: 0, -errno; 1: not asked */
	int token;         /* > 0: one was given; -1: none could be made; 0: none was asked for */
	bool knows_delegation;
	struct gate_delegation delegation; /* of the token */
};

/* Some 25 system calls. */
void lade_gate_facts(struct kernel *kernel, const struct denied_call *call, struct gate_facts *ret_facts);
/* The mode in brackets of "none [integrity] confidentiality"; "" when there is none. Pure. */
void lade_gate_lockdown(const char *text, char *mode, size_t size);
/* From the fdinfo of a token ("allowed_cmds:\tany"). False when it is of something else. Pure. */
bool lade_gate_delegation(const char *fdinfo, struct gate_delegation *ret_delegation);

#endif
