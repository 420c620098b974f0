/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/gates.h"

#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/array.h"
#include "object/sections.h"

#define SYSCTL_FOR_ALL (5u << 16 | 19u << 8) /* before 5.19 unprivileged_bpf_disabled shuts every command */

/* ---- words ---- */

static const struct {
	enum gate_capability number;
	const char *name;
} names[] = {
	{ GATE_BPF, "CAP_BPF" },
	{ GATE_PERFMON, "CAP_PERFMON" },
	{ GATE_NET_ADMIN, "CAP_NET_ADMIN" },
	{ GATE_SYS_ADMIN, "CAP_SYS_ADMIN" },
	{ GATE_NET_RAW, "CAP_NET_RAW" },
	{ GATE_SYS_PTRACE, "CAP_SYS_PTRACE" },
	{ GATE_SYS_RESOURCE, "CAP_SYS_RESOURCE" },
	{ GATE_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
};

void lade_gate_names(struct strbuf *text, uint64_t capabilities)
{
	const char *between = "";

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		if (!(capabilities & GATE_BIT(names[i].number)))
			continue;
		capabilities &= ~GATE_BIT(names[i].number);
		lade_strbuf_addf(text, "%s%s", between, names[i].name);
		between = capabilities & (capabilities - 1) ? ", " : " and ";
	}
}

void lade_gate_subject(struct strbuf *text, const struct denied_call *call)
{
	bool is_map = call->object == DENIED_MAP;
	const char *type = is_map ? lade_map_type_name(call->type) : lade_program_type_name(call->type);

	if (call->subject || call->object == DENIED_PLAIN)
		lade_strbuf_add(text, call->subject ? call->subject : call->name);
	else
		lade_strbuf_addf(text, "%s of type %s", is_map ? "maps" : "programs", type ? type : "unknown");
}

/* ---- capabilities ---- */

bool lade_gate_has(const struct gate_facts *facts, const struct denied_call *call, enum gate_capability capability)
{
	bool is_finer = capability == GATE_BPF || capability == GATE_PERFMON;
	bool is_implied = is_finer || (capability == GATE_NET_ADMIN && call->command >= 0);

	if (is_implied && (facts->effective & GATE_BIT(GATE_SYS_ADMIN)))
		return true;
	return (!is_finer || facts->has_finer) && (facts->effective & GATE_BIT(capability));
}

uint64_t lade_gate_missing(const struct gate_facts *facts, const struct denied_call *call)
{
	const uint64_t finer = GATE_BIT(GATE_BPF) | GATE_BIT(GATE_PERFMON);
	uint64_t missing = 0;

	for (size_t i = 0; i < ELEMENTS(names); i++)
		if ((call->needs & GATE_BIT(names[i].number)) && !lade_gate_has(facts, call, names[i].number))
			missing |= GATE_BIT(names[i].number);
	if (!facts->has_finer && (missing & finer))
		missing = (missing & ~finer) | GATE_BIT(GATE_SYS_ADMIN);
	return missing;
}

/* Nobody needs anything, as long as the sysctl is 0. */
static bool is_open_to_all(const struct gate_case *at)
{
	return at->call->for_everybody && at->facts->unprivileged == 0;
}

/* Its capabilities count for nothing here: that is for the gate of the user namespace to say. */
static bool is_foreign(const struct gate_case *at)
{
	return at->facts->user_namespace == 1 && !at->call->in_namespace && at->facts->token <= 0;
}

static enum gate_verdict test_capability(struct gate_case *at)
{
	uint64_t missing = lade_gate_missing(at->facts, at->call);

	if (!at->call->needs || is_foreign(at))
		return GATE_SILENT;
	if (!at->facts->knows_capabilities) {
		lade_strbuf_add(&at->note, "capabilities: /proc/self/status cannot be read");
		return GATE_UNKNOWN;
	}
	if (is_open_to_all(at)) {
		lade_strbuf_add(&at->note, "capabilities: none is needed while kernel.unprivileged_bpf_disabled is 0");
		return GATE_OPEN;
	}
	lade_strbuf_addf(&at->note, "%sCapEff of /proc/self/status is %016llx: ", missing ? "" : "capabilities: ",
			 (unsigned long long)at->facts->effective);
	lade_strbuf_add(&at->note, missing ? "without " : "with ");
	lade_gate_names(&at->note, missing ? missing : at->call->needs);
	if (!missing && !at->facts->has_finer)
		lade_strbuf_add(&at->note, " by CAP_SYS_ADMIN");
	return !missing ? GATE_OPEN : at->call->needs_perhaps ? GATE_SUSPECT : GATE_SHUT;
}

/* How it is given: where the bounding set lacks it, only whoever started all this can. */
static void add_gift(const struct gate_case *at, uint64_t wanted, struct strbuf *fix)
{
	if (wanted & ~at->facts->bounding) {
		lade_strbuf_add(fix, "start the container or service with ");
		lade_gate_names(fix, wanted);
		lade_strbuf_add(fix, " (Docker: --cap-add; systemd: CapabilityBoundingSet= and AmbientCapabilities=)");
		return;
	}
	lade_strbuf_add(fix, at->facts->uid == 0 ? "give it " : "run as root, or give it ");
	lade_gate_names(fix, wanted);
}

static void explain_capability(const struct gate_case *at, struct lade_finding *finding)
{
	uint64_t missing = lade_gate_missing(at->facts, at->call);
	struct strbuf cause = { 0 }, fix = { 0 };

	lade_strbuf_add(&cause, "this process lacks ");
	lade_gate_names(&cause, missing);
	lade_strbuf_add(&cause, ", which ");
	lade_gate_subject(&cause, at->call);
	lade_strbuf_add(&cause, at->call->object == DENIED_PLAIN ? " needs" : " need");
	add_gift(at, missing, &fix);
	if (missing & ~at->facts->bounding)
		finding_evidence(finding, "CapBnd is %016llx: not even root has it here",
				 (unsigned long long)at->facts->bounding);
	if (strcmp(at->call->name, "perf_event_open") == 0 && at->facts->paranoid != INT_MIN)
		finding_evidence(finding, "kernel.perf_event_paranoid is %d", at->facts->paranoid);
	CLEANUP(cleanup_free) char *why = lade_strbuf_take(&cause), *how = lade_strbuf_take(&fix);
	finding_cause(finding, "%s", why ? why : "a capability is missing");
	finding_fix(finding, "%s", how ? how : "run as root");
}

/* ---- seccomp ---- */

static int expected_canary(const struct denied_call *call)
{
	return call->command >= 0 ? E2BIG : EINVAL;
}

static bool is_shut_by_sysctl(const struct gate_case *at)
{
	return at->facts->version < SYSCTL_FOR_ALL && at->facts->unprivileged > 0 &&
	       (at->facts->user_namespace != 0 || !lade_gate_has(at->facts, at->call, GATE_BPF));
}

static enum gate_verdict test_seccomp(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;
	bool reached = facts->canary == expected_canary(at->call);

	if (facts->seccomp == 0) {
		lade_strbuf_add(&at->note, "seccomp: Seccomp of /proc/self/status is 0: no filter");
		return GATE_OPEN;
	}
	if (!facts->canary) {
		lade_strbuf_addf(&at->note,
				 "seccomp: Seccomp of /proc/self/status is %d, and %s cannot be tried harmlessly",
				 facts->seccomp, at->call->name);
		return GATE_UNKNOWN;
	}
	if (reached) {
		lade_strbuf_addf(&at->note, "seccomp: the kernel itself answers a %s that cannot be right (%s)",
				 at->call->name, lade_errno_word(facts->canary));
		return GATE_OPEN;
	}
	lade_strbuf_addf(
		&at->note,
		"Seccomp of /proc/self/status is %d (a filter), and a %s that the kernel could only answer with "
		"%s is answered with %s",
		facts->seccomp, at->call->name, lade_errno_word(expected_canary(at->call)),
		lade_errno_word(facts->canary));
	if (facts->canary != at->call->errnum || is_shut_by_sysctl(at))
		return GATE_UNKNOWN;
	return facts->seccomp > 0 ? GATE_SHUT : GATE_SUSPECT;
}

static void explain_seccomp(const struct gate_case *at, struct lade_finding *finding)
{
	bool is_bpf = at->call->command >= 0;
	const char *name = is_bpf ? "bpf" : at->call->name;

	finding_cause(finding, "a seccomp filter of this process answers %s before the kernel does",
		      is_bpf ? "bpf(2)" : at->call->name);
	finding_fix(
		finding,
		"allow %s in the seccomp profile of the container or service (systemd: SystemCallFilter=%s; Docker: a "
		"profile with %s, or --cap-add BPF)",
		name, name, name);
}

/* ---- kernel.unprivileged_bpf_disabled ---- */

static bool is_guarded(const struct denied_call *call, uint32_t version)
{
	if (call->command < 0)
		return false;
	/* BTF is for the maps and programs that come next. */
	return call->command == BPF_MAP_CREATE || call->command == BPF_PROG_LOAD || call->command == BPF_BTF_LOAD ||
	       version < SYSCTL_FOR_ALL;
}

static enum gate_verdict test_sysctl(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;

	if (!is_guarded(at->call, facts->version) || facts->unprivileged < 0 || is_foreign(at))
		return GATE_SILENT;
	if (facts->unprivileged == 0) {
		lade_strbuf_add(&at->note, "kernel.unprivileged_bpf_disabled is 0");
		return GATE_OPEN;
	}
	if (!facts->knows_capabilities)
		return GATE_SILENT;
	lade_strbuf_addf(&at->note, "kernel.unprivileged_bpf_disabled is %d, and CapEff is %016llx: %s CAP_BPF%s",
			 facts->unprivileged, (unsigned long long)facts->effective,
			 lade_gate_has(facts, at->call, GATE_BPF) ? "with" : "without",
			 facts->has_finer ? "" : ", which is CAP_SYS_ADMIN before 5.8");
	return lade_gate_has(facts, at->call, GATE_BPF) ? GATE_OPEN : GATE_SHUT;
}

static void explain_sysctl(const struct gate_case *at, struct lade_finding *finding)
{
	uint64_t wanted = lade_gate_missing(at->facts, at->call);
	struct strbuf fix = { 0 }, need = { 0 };

	wanted |= GATE_BIT(at->facts->has_finer ? GATE_BPF : GATE_SYS_ADMIN);
	finding_cause(finding, "kernel.unprivileged_bpf_disabled is %d, so that bpf(2) is for processes with %s only",
		      at->facts->unprivileged, at->facts->has_finer ? "CAP_BPF" : "CAP_SYS_ADMIN");
	lade_gate_subject(&need, at->call);
	CLEANUP(cleanup_free) char *subject = lade_strbuf_take(&need);
	add_gift(at, wanted, &fix);
	if (!at->call->for_everybody)
		finding_evidence(finding, "%s would need a capability even if it were 0", subject ? subject : "they");
	else if (at->facts->unprivileged == 2)
		lade_strbuf_add(&fix, "; or sysctl kernel.unprivileged_bpf_disabled=0, which opens the verifier to "
				      "everybody");
	else
		finding_evidence(finding, "1 stays until the next boot");
	CLEANUP(cleanup_free) char *how = lade_strbuf_take(&fix);
	finding_fix(finding, "%s", how ? how : "run as root");
}

/* ---- RLIMIT_MEMLOCK ---- */

static enum gate_verdict test_memlock(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;

	if (!at->call->is_charged)
		return GATE_SILENT;
	if (facts->version >= LADE_CHARGED_TO_CGROUPS) {
		lade_strbuf_add(&at->note, "RLIMIT_MEMLOCK: since 5.11 it limits neither maps nor programs");
		return GATE_OPEN;
	}
	if (facts->memlock == UINT64_MAX) {
		lade_strbuf_add(&at->note, "RLIMIT_MEMLOCK: it is unlimited, and was when the call was last made");
		return GATE_OPEN;
	}
	lade_strbuf_addf(&at->note, "RLIMIT_MEMLOCK is %llu bytes", (unsigned long long)facts->memlock);
	if (facts->smaller == 1)
		return GATE_SUSPECT;
	lade_strbuf_addf(&at->note, ", and the same with less to be charged is %s",
			 facts->smaller == 0 ? "accepted" : "refused, too");
	return facts->smaller == 0 ? GATE_SHUT : GATE_SUSPECT;
}

static void explain_memlock(const struct gate_case *at, struct lade_finding *finding)
{
	bool may_raise = at->facts->effective & GATE_BIT(GATE_SYS_RESOURCE);

	finding_cause(finding,
		      "the limit of locked memory (RLIMIT_MEMLOCK, %llu bytes), to which kernels before 5.11 "
		      "charge all maps and programs of a user, is used up",
		      (unsigned long long)at->facts->memlock);
	finding_fix(finding, may_raise ? "ulimit -l unlimited (systemd: LimitMEMLOCK=infinity), or let Lade raise it"
				       : "ulimit -l unlimited (systemd: LimitMEMLOCK=infinity), or give the process "
					 "CAP_SYS_RESOURCE, so that Lade can raise it");
}

const struct gate lade_gates[] = {
	{ "environment.seccomp", test_seccomp, explain_seccomp },
	{ "environment.unprivileged", test_sysctl, explain_sysctl },
	{ "environment.capability", test_capability, explain_capability },
	{ "environment.lockdown", lade_gate_test_lockdown, lade_gate_explain_lockdown },
	{ "environment.lsm", lade_gate_test_modules, lade_gate_explain_modules },
	{ "environment.memlock", test_memlock, explain_memlock },
	{ "environment.user-namespace", lade_gate_test_namespace, lade_gate_explain_namespace },
	{ "environment.delegation", lade_gate_test_token, lade_gate_explain_token },
};
const size_t lade_gate_count = ELEMENTS(lade_gates);
