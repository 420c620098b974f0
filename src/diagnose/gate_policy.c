/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies of the machine: lockdown, and the LSMs that confine this process. */
#include <string.h>

#include "base/array.h"
#include "diagnose/gates.h"

/* ---- lockdown ---- */

#define IN_MAINLINE (5u << 16 | 4u << 8) /* 5.4; distributors had it before, and it refused bpf(2) altogether */

static unsigned level(const char *mode)
{
	return strcmp(mode, "confidentiality") == 0 ? 2 : strcmp(mode, "integrity") == 0 ? 1 : 0;
}

enum gate_verdict lade_gate_test_lockdown(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;
	const char *refused_by = at->call->lockdown;

	if (!*facts->lockdown) {
		lade_strbuf_add(&at->note, facts->has_securityfs
						   ? "lockdown: /sys/kernel/security/lockdown does not exist"
						   : "lockdown: securityfs, which shows it, is not mounted");
		return facts->has_securityfs ? GATE_OPEN : GATE_UNKNOWN;
	}
	bool is_early = !refused_by && at->call->command >= 0 && facts->version < IN_MAINLINE && level(facts->lockdown);
	bool is_shut = refused_by && level(facts->lockdown) >= level(refused_by);

	if (is_shut || is_early)
		lade_strbuf_addf(&at->note, "/sys/kernel/security/lockdown is [%s]", facts->lockdown);
	else
		lade_strbuf_addf(&at->note, "lockdown: [%s]%s", facts->lockdown,
				 level(facts->lockdown) ? " lets this pass" : "");
	return is_shut ? GATE_SHUT : is_early ? GATE_SUSPECT : GATE_OPEN;
}

void lade_gate_explain_lockdown(const struct gate_case *at, struct lade_finding *finding)
{
	finding_cause(finding, "the kernel is locked down (%s), which refuses %s", at->facts->lockdown,
		      at->call->command >= 0 ? "bpf(2) on kernels that had it before 5.4" : at->call->name);
	finding_fix(finding, "boot without lockdown=%s (it may come with Secure Boot)", at->facts->lockdown);
}

/* ---- LSMs ---- */

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strcspn(list, ","), list += *list == ',')
		if (strcspn(list, ",") == length && strncmp(list, word, length) == 0)
			return true;
	return false;
}

/* "system_u:system_r:container_t:s0" */
static bool is_selinux(const struct gate_facts *facts)
{
	const char *colon = strchr(facts->label, ':');

	return facts->enforcing >= 0 || (colon && strchr(colon + 1, ':'));
}

static enum gate_verdict test_selinux(struct gate_case *at)
{
	if (at->facts->enforcing == 0) {
		lade_strbuf_add(&at->note, "LSM: SELinux only notes what it would refuse (permissive)");
		return GATE_OPEN;
	}
	lade_strbuf_addf(&at->note, "SELinux is %sactive, and this process is %s",
			 at->facts->enforcing == 1 ? "enforcing and " : "", at->facts->label);
	return GATE_SUSPECT;
}

/* Whether programs of type lsm refuse it, no file tells. */
static void note_programs(struct gate_case *at)
{
	if (has_word(at->facts->modules, "bpf"))
		lade_strbuf_add(&at->note,
				"; the LSM bpf is active, and its programs (bpftool prog show) may refuse it");
	else if (!*at->facts->modules)
		lade_strbuf_add(
			&at->note,
			"; whether the LSM bpf is active is not known (securityfs is not mounted), so that a program "
			"of type lsm may refuse it");
}

enum gate_verdict lade_gate_test_modules(struct gate_case *at)
{
	const struct gate_facts *facts = at->facts;

	if (is_selinux(facts))
		return test_selinux(at);
	if (strstr(facts->label, "(enforce)")) {
		lade_strbuf_addf(&at->note, "AppArmor confines this process: %s", facts->label);
		return GATE_SUSPECT;
	}
	if (*facts->label)
		lade_strbuf_addf(&at->note, "LSM: this process is %s", facts->label);
	else
		lade_strbuf_add(&at->note, "LSM: none labels this process");
	if (*facts->modules)
		lade_strbuf_addf(&at->note, " (active: %s)", facts->modules);
	note_programs(at);
	return *facts->modules && !has_word(facts->modules, "bpf") ? GATE_OPEN : GATE_UNKNOWN;
}

void lade_gate_explain_modules(const struct gate_case *at, struct lade_finding *finding)
{
	if (is_selinux(at->facts)) {
		finding_cause(finding, "SELinux refuses it for %s",
			      *at->facts->label ? at->facts->label : "this process");
		finding_fix(finding,
			    "look for the denial (ausearch -m avc; dmesg), and allow map_create, prog_load and "
			    "prog_run of class bpf in the policy");
		return;
	}
	finding_cause(finding, "AppArmor refuses it by the profile %s", at->facts->label);
	finding_fix(finding,
		    "look for the denial (dmesg), and allow the capabilities bpf, perfmon and net_admin in the "
		    "profile");
}
