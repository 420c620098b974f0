/* SPDX-License-Identifier: BSD-2-Clause */
/* What each call needs, and the way from a refused one to its finding. */
#include "diagnose/denied.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/array.h"
#include "diagnose/gates.h"
#include "kernel/presence.h"
#include "needs/table.h"
#include "plan/plan.h"

/* ---- what a call needs ---- */

static const struct {
	const char *name;
	int command; /* -1: another system call */
	uint64_t needs;
	bool needs_perhaps, is_charged, in_namespace;
	const char *lockdown;
} calls[] = {
	{ "BPF_MAP_CREATE", BPF_MAP_CREATE, .is_charged = true },
	{ "BPF_PROG_LOAD", BPF_PROG_LOAD, GATE_BIT(GATE_BPF), .is_charged = true },
	{ "BPF_BTF_LOAD", BPF_BTF_LOAD, GATE_BIT(GATE_BPF) },
	{ "BPF_MAP_LOOKUP_ELEM", BPF_MAP_LOOKUP_ELEM },
	{ "BPF_MAP_UPDATE_ELEM", BPF_MAP_UPDATE_ELEM },
	{ "BPF_MAP_DELETE_ELEM", BPF_MAP_DELETE_ELEM },
	{ "BPF_MAP_GET_NEXT_KEY", BPF_MAP_GET_NEXT_KEY },
	{ "BPF_MAP_FREEZE", BPF_MAP_FREEZE, GATE_BIT(GATE_BPF), .needs_perhaps = true },
	{ "BPF_OBJ_PIN", BPF_OBJ_PIN },
	{ "BPF_OBJ_GET", BPF_OBJ_GET },
	{ "BPF_PROG_ATTACH", BPF_PROG_ATTACH, GATE_BIT(GATE_NET_ADMIN), .needs_perhaps = true },
	{ "BPF_PROG_DETACH", BPF_PROG_DETACH, GATE_BIT(GATE_NET_ADMIN), .needs_perhaps = true },
	{ "BPF_PROG_QUERY", BPF_PROG_QUERY, GATE_BIT(GATE_NET_ADMIN) },
	{ "BPF_PROG_TEST_RUN", BPF_PROG_TEST_RUN },
	{ "BPF_PROG_GET_NEXT_ID", BPF_PROG_GET_NEXT_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_MAP_GET_NEXT_ID", BPF_MAP_GET_NEXT_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_BTF_GET_NEXT_ID", BPF_BTF_GET_NEXT_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_LINK_GET_NEXT_ID", BPF_LINK_GET_NEXT_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_PROG_GET_FD_BY_ID", BPF_PROG_GET_FD_BY_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_MAP_GET_FD_BY_ID", BPF_MAP_GET_FD_BY_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_BTF_GET_FD_BY_ID", BPF_BTF_GET_FD_BY_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_LINK_GET_FD_BY_ID", BPF_LINK_GET_FD_BY_ID, GATE_BIT(GATE_SYS_ADMIN) },
	{ "BPF_RAW_TRACEPOINT_OPEN", BPF_RAW_TRACEPOINT_OPEN },
	{ "BPF_LINK_CREATE", BPF_LINK_CREATE, GATE_BIT(GATE_NET_ADMIN), .needs_perhaps = true },
	{ "BPF_LINK_UPDATE", BPF_LINK_UPDATE },
	{ "perf_event_open", -1, GATE_BIT(GATE_PERFMON) },
	{ "rtnetlink", -1, GATE_BIT(GATE_NET_ADMIN), .in_namespace = true },
	{ "socket(AF_PACKET)", -1, GATE_BIT(GATE_NET_RAW), .in_namespace = true },
	{ "pidfd_getfd", -1, GATE_BIT(GATE_SYS_PTRACE), .needs_perhaps = true, .in_namespace = true },
	{ "the file of tracing events", -1, GATE_BIT(GATE_DAC_OVERRIDE), .needs_perhaps = true,
	  .lockdown = "confidentiality" },
	{ "mount", -1, GATE_BIT(GATE_SYS_ADMIN), .in_namespace = true },
};

struct denied_call lade_denied_call(const char *name, int errnum)
{
	struct denied_call call = { .name = name, .errnum = errnum, .command = -1 };

	for (size_t i = 0; i < ELEMENTS(calls); i++) {
		if (strcmp(calls[i].name, name) != 0)
			continue;
		call.command = calls[i].command;
		call.needs = calls[i].needs;
		call.needs_perhaps = calls[i].needs_perhaps;
		call.is_charged = calls[i].is_charged;
		call.in_namespace = calls[i].in_namespace;
		call.lockdown = calls[i].lockdown;
	}
	return call;
}

/* ---- by type ---- */

#define TYPE(type) (UINT64_C(1) << (type))

enum { FLAG_ZERO_SEED = 1 << 6 }; /* BPF_F_ZERO_SEED: hashes that can be predicted */

/* Maps for everybody where the sysctl lets everybody in; those of devices and sockets; the rest need CAP_BPF. */
static const uint64_t open_maps = TYPE(BPF_MAP_TYPE_HASH) | TYPE(BPF_MAP_TYPE_ARRAY) | TYPE(BPF_MAP_TYPE_PROG_ARRAY) |
				  TYPE(BPF_MAP_TYPE_PERF_EVENT_ARRAY) | TYPE(BPF_MAP_TYPE_PERCPU_HASH) |
				  TYPE(BPF_MAP_TYPE_PERCPU_ARRAY) | TYPE(BPF_MAP_TYPE_CGROUP_ARRAY) |
				  TYPE(BPF_MAP_TYPE_ARRAY_OF_MAPS) | TYPE(BPF_MAP_TYPE_HASH_OF_MAPS) |
				  TYPE(BPF_MAP_TYPE_CGROUP_STORAGE) | TYPE(BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE) |
				  TYPE(BPF_MAP_TYPE_RINGBUF) | TYPE(BPF_MAP_TYPE_USER_RINGBUF);
static const uint64_t network_maps = TYPE(BPF_MAP_TYPE_DEVMAP) | TYPE(BPF_MAP_TYPE_DEVMAP_HASH) |
				     TYPE(BPF_MAP_TYPE_SOCKMAP) | TYPE(BPF_MAP_TYPE_SOCKHASH) |
				     TYPE(BPF_MAP_TYPE_XSKMAP);

static bool is_in(uint64_t types, uint32_t type)
{
	return type < 64 && (types & TYPE(type));
}

void lade_denied_map(struct denied_call *call, uint32_t type, uint32_t flags)
{
	call->object = DENIED_MAP;
	call->type = type;
	call->for_everybody = is_in(open_maps, type) && !(flags & FLAG_ZERO_SEED);
	call->needs = GATE_BIT(is_in(network_maps, type) ? GATE_NET_ADMIN : GATE_BPF);
	if (flags & FLAG_ZERO_SEED)
		call->needs |= GATE_BIT(GATE_SYS_ADMIN);
}

/* "CAP_BPF CAP_PERFMON", from data/prog_types.csv */
static uint64_t capabilities_of(const char *words)
{
	uint64_t needs = 0;

	needs |= strstr(words, "CAP_BPF") ? GATE_BIT(GATE_BPF) : 0;
	needs |= strstr(words, "CAP_PERFMON") ? GATE_BIT(GATE_PERFMON) : 0;
	needs |= strstr(words, "CAP_NET_ADMIN") ? GATE_BIT(GATE_NET_ADMIN) : 0;
	needs |= strstr(words, "CAP_SYS_ADMIN") ? GATE_BIT(GATE_SYS_ADMIN) : 0;
	return needs;
}

void lade_denied_program(struct denied_call *call, uint32_t type, uint32_t attach_type)
{
	call->object = DENIED_PROGRAM;
	call->type = type;
	call->attach_type = attach_type;
	call->for_everybody = type == BPF_PROG_TYPE_SOCKET_FILTER || type == BPF_PROG_TYPE_CGROUP_SKB;
	for (size_t i = 0; i < lade_need_program_count; i++)
		if (lade_need_programs[i].number == type)
			call->needs |= capabilities_of(lade_need_text + lade_need_programs[i].capabilities);
}

/* What one step of a plan needs; false: it makes neither a map nor a program. */
static bool denied_part(const struct operation *operation, struct denied_call *ret_part)
{
	const struct map_definition *map = &operation->map_create.definition;

	*ret_part = (struct denied_call){ 0 };
	if (operation->kind == OPERATION_MAP_CREATE)
		lade_denied_map(ret_part, map->type, map->flags);
	else if (operation->kind == OPERATION_PROGRAM_LOAD)
		lade_denied_program(ret_part, operation->program_load->type, 0);
	return ret_part->object != DENIED_PLAIN;
}

void lade_denied_object(struct denied_call *call, const struct lade_plan *plan)
{
	struct denied_call part;

	call->subject = "this object";
	array_foreach(operation, &plan->operations)
		if (denied_part(operation, &part))
			call->needs |= part.needs;
}

bool lade_denied_only_types(struct kernel *kernel, const struct lade_plan *plan)
{
	struct denied_call part = lade_denied_call("BPF_BTF_LOAD", EPERM);
	struct gate_facts facts;

	lade_gate_facts(kernel, &part, &facts);
	if (facts.unprivileged != 0)
		return false;
	array_foreach(operation, &plan->operations)
		if (denied_part(operation, &part) && !part.for_everybody)
			return false;
	return true;
}

/* ---- the finding ---- */

void lade_finding_recode(struct lade_finding *finding, const char *code)
{
	const struct finding_kind *kind = lade_finding_kind(code);

	if (!finding || !kind)
		return;
	finding->code = kind->code;
	finding->exit_code = kind->exit_code;
	finding->severity = kind->severity;
}

/* ENOSYS: no bpf(2) at all, or somebody who says so in its place. */
static bool explain_absence(struct kernel *kernel, const struct denied_call *call, struct lade_finding *finding)
{
	struct bpf_presence presence;

	if (call->errnum != ENOSYS || call->command < 0)
		return false;
	lade_kernel_presence(kernel, &presence);
	if (!lade_presence_code(&presence))
		return false;
	lade_finding_recode(finding, lade_presence_code(&presence));
	lade_presence_explain(&presence, finding);
	return true;
}

void lade_diagnose_denied(struct kernel *kernel, const struct denied_call *call, struct lade_finding *finding)
{
	struct gate_facts facts;

	if (finding && kernel->recorded_version)
		finding_confidence(finding, LADE_POSSIBLE);
	if (!finding || kernel->recorded_version || explain_absence(kernel, call, finding))
		return;
	lade_gate_facts(kernel, call, &facts);
	lade_denied_judge(&facts, call, finding);
}

bool lade_diagnose_filter(struct kernel *kernel, const char *name, int errnum, struct lade_finding *finding)
{
	const struct denied_call call = lade_denied_call(name, errnum);

	return errnum != E2BIG && call.command >= 0 && lade_denied_only(kernel, &call, "environment.seccomp", finding);
}

void lade_diagnose_denied_name(struct kernel *kernel, const char *name, int errnum, struct lade_finding *finding)
{
	const struct denied_call call = lade_denied_call(name, errnum);

	lade_diagnose_denied(kernel, &call, finding);
}
