/* SPDX-License-Identifier: BSD-2-Clause */
/* The gates, one function each: is it shut for this call, by what was read? Pure. */
#ifndef LADE_DIAGNOSE_GATES_H
#define LADE_DIAGNOSE_GATES_H

#include "base/strbuf.h"
#include "diagnose/gate_facts.h"

enum gate_verdict {
	GATE_SILENT,  /* has nothing to do with this call */
	GATE_OPEN,    /* excluded: the note says how that is known */
	GATE_UNKNOWN, /* cannot be looked at: the note says why */
	GATE_SUSPECT, /* may be the one */
	GATE_SHUT,    /* is the one */
};

struct gate_case {
	const struct gate_facts *facts;
	const struct denied_call *call;
	struct strbuf note; /* what was seen */
};

struct gate {
	const char *code;
	enum gate_verdict (*test)(struct gate_case *at);
	void (*explain)(const struct gate_case *at, struct lade_finding *finding);
};

extern const struct gate lade_gates[]; /* in the order in which a call meets them */
extern const size_t lade_gate_count;

/* Capabilities that the call needs and that neither are there nor implied, in the terms of this kernel. */
uint64_t lade_gate_missing(const struct gate_facts *facts, const struct denied_call *call);
/* Is one there, or implied by CAP_SYS_ADMIN? */
bool lade_gate_has(const struct gate_facts *facts, const struct denied_call *call, enum gate_capability capability);
/* "CAP_BPF and CAP_PERFMON" */
void lade_gate_names(struct strbuf *text, uint64_t capabilities);
/* "maps of type lru_hash", "programs of type xdp", "BPF_BTF_LOAD" */
void lade_gate_subject(struct strbuf *text, const struct denied_call *call);

/* gate_policy.c: lockdown and LSMs; gate_namespace.c: user namespaces and tokens */
enum gate_verdict lade_gate_test_lockdown(struct gate_case *at);
void lade_gate_explain_lockdown(const struct gate_case *at, struct lade_finding *finding);
enum gate_verdict lade_gate_test_modules(struct gate_case *at);
void lade_gate_explain_modules(const struct gate_case *at, struct lade_finding *finding);
enum gate_verdict lade_gate_test_namespace(struct gate_case *at);
void lade_gate_explain_namespace(const struct gate_case *at, struct lade_finding *finding);
enum gate_verdict lade_gate_test_token(struct gate_case *at);
void lade_gate_explain_token(const struct gate_case *at, struct lade_finding *finding);

#endif
