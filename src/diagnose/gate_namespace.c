/* SPDX-License-Identifier: BSD-2-Clause */
/* User namespaces, and what BPF tokens delegate to them. */
#include <linux/bpf.h>

#include "diagnose/gates.h"
#include "object/sections.h"

#define SYSCTL_FOR_ALL (5u << 16 | 19u << 8)

/* Does it ask for what only the machine's own user namespace has? */
static bool asks_for_privilege(const struct gate_case *at)
{
	const struct denied_call *call = at->call;

	if (call->for_everybody && at->facts->unprivileged == 0)
		return false;
	return (call->needs && !call->needs_perhaps) || (call->command >= 0 && at->facts->version < SYSCTL_FOR_ALL);
}

enum gate_verdict lade_gate_test_namespace(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;

	if (at->call->in_namespace)
		return GATE_SILENT;
	if (facts->user_namespace < 0) {
		lade_strbuf_add(&at->note, "user namespace: /proc/self/ns/user cannot be looked at");
		return GATE_UNKNOWN;
	}
	if (facts->user_namespace == 0) {
		lade_strbuf_add(&at->note, "user namespace: the machine's own");
		return GATE_OPEN;
	}
	if (facts->token > 0)
		return GATE_SILENT;
	lade_strbuf_add(&at->note, "/proc/self/ns/user is not the machine's own user namespace");
	return asks_for_privilege(at) ? GATE_SHUT : GATE_SUSPECT;
}

static bool takes_token(const struct denied_call *call)
{
	return call->command == BPF_MAP_CREATE || call->command == BPF_PROG_LOAD || call->command == BPF_BTF_LOAD ||
	       call->command == BPF_BTF_GET_FD_BY_ID;
}

void lade_gate_explain_namespace(const struct gate_case *at, struct lade_finding *finding)
{
	struct strbuf names = { 0 };

	lade_gate_names(&names, at->call->needs ? at->call->needs : GATE_BIT(GATE_BPF));
	CLEANUP(cleanup_free) char *needed = lade_strbuf_take(&names);
	finding_cause(finding,
		      "this process runs in a user namespace (a rootless container), whose capabilities %s does "
		      "not accept",
		      at->call->command >= 0 ? "bpf(2)" : at->call->name);
	if (at->facts->token < 0)
		finding_evidence(finding, "no BPF token could be made");
	finding_fix(finding, "run it in the machine's own user namespace, as root or with %s%s",
		    needed ? needed : "CAP_BPF",
		    takes_token(at->call) ? "; or give it a BPF token (since 6.9): --token BPFFS" : "");
}

/* ---- tokens ---- */

struct lack {
	const char *option; /* of the mount */
	const char *what;   /* "BPF_MAP_CREATE", "lru_hash" */
};

static bool is_there(uint64_t bits, uint32_t number)
{
	return bits == UINT64_MAX || (number < 64 && (bits >> number & 1));
}

static struct lack find_lack(const struct gate_case *at)
{
	const struct gate_delegation *delegation = &at->facts->delegation;
	const struct denied_call *call = at->call;

	if (!is_there(delegation->commands, (uint32_t)call->command))
		return (struct lack){ "delegate_cmds", call->name };
	if (call->object == DENIED_MAP && !is_there(delegation->maps, call->type))
		return (struct lack){ "delegate_maps", lade_map_type_name(call->type) };
	if (call->object == DENIED_PROGRAM && !is_there(delegation->programs, call->type))
		return (struct lack){ "delegate_progs", lade_program_type_name(call->type) };
	if (call->object == DENIED_PROGRAM && !is_there(delegation->attachs, call->attach_type))
		return (struct lack){ "delegate_attachs", lade_attach_type_name(call->attach_type) };
	return (struct lack){ NULL, NULL };
}

enum gate_verdict lade_gate_test_token(struct gate_case *at)
{
	struct lack lack;

	if (at->facts->token <= 0 || at->call->command < 0)
		return GATE_SILENT;
	if (!at->facts->knows_delegation) {
		lade_strbuf_add(&at->note, "BPF token: /proc/self/fdinfo does not show what it delegates");
		return GATE_UNKNOWN;
	}
	lack = find_lack(at);
	lade_strbuf_addf(&at->note,
			 "%s/proc/self/fdinfo of the BPF token: commands 0x%llx, maps 0x%llx, programs 0x%llx, "
			 "attach types 0x%llx",
			 lack.option ? "" : "BPF token: ", (unsigned long long)at->facts->delegation.commands,
			 (unsigned long long)at->facts->delegation.maps,
			 (unsigned long long)at->facts->delegation.programs,
			 (unsigned long long)at->facts->delegation.attachs);
	return lack.option ? GATE_SHUT : GATE_OPEN;
}

void lade_gate_explain_token(const struct gate_case *at, struct lade_finding *finding)
{
	struct lack lack = find_lack(at);

	finding_cause(finding, "%s is not among what the BPF token delegates (%s)", lack.what ? lack.what : "this type",
		      lack.option);
	finding_fix(finding, "mount the bpffs with %s=%s besides what it has, or %s=any", lack.option,
		    lack.what ? lack.what : "TYPE", lack.option);
}
