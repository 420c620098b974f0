/* SPDX-License-Identifier: BSD-2-Clause */
/* One gate after another: the first that is shut is the cause; else the first suspect, as likely; else nobody. */
#include "diagnose/gates.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { MOST_GATES = 8 };

struct judged {
	enum gate_verdict verdict;
	char *note; /* owned */
};

static struct judged judge_gate(const struct gate *gate, const struct gate_facts *facts, const struct denied_call *call)
{
	struct gate_case at = { .facts = facts, .call = call };
	enum gate_verdict verdict = gate->test(&at);

	return (struct judged){ verdict, lade_strbuf_take(&at.note) };
}

static const char *word_of(enum gate_verdict verdict)
{
	return verdict == GATE_OPEN ? "excluded" : verdict == GATE_SUSPECT ? "not excluded" : "not known";
}

/* Where one is shut, what could not be looked at does not matter any more. */
static void add_others(const struct judged *judged, size_t count, size_t guilty, struct lade_finding *finding)
{
	bool is_found = guilty < count && judged[guilty].verdict == GATE_SHUT;

	for (size_t i = 0; i < count; i++) {
		if (i == guilty || judged[i].verdict == GATE_SILENT || !judged[i].note || !*judged[i].note)
			continue;
		if (!is_found || judged[i].verdict == GATE_OPEN)
			finding_evidence(finding, "%s: %s", word_of(judged[i].verdict), judged[i].note);
	}
}

static void name_guilty(const struct gate *gate, const struct judged *judged, const struct gate_facts *facts,
			const struct denied_call *call, struct lade_finding *finding)
{
	const struct gate_case at = { .facts = facts, .call = call };

	lade_finding_recode(finding, gate->code);
	finding_confidence(finding, judged->verdict == GATE_SHUT ? LADE_CERTAIN : LADE_LIKELY);
	if (judged->note)
		finding_evidence(finding, "%s", judged->note);
	gate->explain(&at, finding);
}

static void name_nobody(const struct denied_call *call, struct lade_finding *finding)
{
	finding_confidence(finding, LADE_POSSIBLE);
	finding_cause(finding,
		      "%s was refused before the kernel did anything for it, and the gate that refused it could not be "
		      "found: a policy that does not show itself, such as a BPF LSM program, may be the one",
		      call->name);
	finding_fix(
		finding,
		"look for a denial in the audit log (ausearch -m avc; dmesg), and for programs of type lsm (bpftool "
		"prog show)");
}

void lade_denied_judge(const struct gate_facts *facts, const struct denied_call *call, struct lade_finding *finding)
{
	struct judged judged[MOST_GATES] = { 0 };
	size_t count = 0, guilty = MOST_GATES;

	while (count < lade_gate_count && count < MOST_GATES) {
		judged[count] = judge_gate(&lade_gates[count], facts, call);
		if (judged[count].verdict == GATE_SHUT ||
		    (judged[count].verdict == GATE_SUSPECT && guilty == MOST_GATES))
			guilty = count;
		if (judged[count++].verdict == GATE_SHUT)
			break;
	}
	if (guilty < MOST_GATES)
		name_guilty(&lade_gates[guilty], &judged[guilty], facts, call, finding);
	else
		name_nobody(call, finding);
	add_others(judged, count, guilty, finding);
	for (size_t i = 0; i < count; i++)
		free(judged[i].note);
}

bool lade_denied_only(struct kernel *kernel, const struct denied_call *call, const char *code,
		      struct lade_finding *finding)
{
	struct gate_facts facts;
	bool is_shut = false;

	if (!finding || kernel->recorded_version)
		return false;
	lade_gate_facts(kernel, call, &facts);
	for (size_t i = 0; i < lade_gate_count; i++) {
		struct judged judged;
		if (strcmp(lade_gates[i].code, code) != 0)
			continue;
		judged = judge_gate(&lade_gates[i], &facts, call);
		is_shut = judged.verdict == GATE_SHUT;
		if (is_shut)
			name_guilty(&lade_gates[i], &judged, &facts, call, finding);
		free(judged.note);
	}
	return is_shut;
}
