/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys, values and records on the stack with bytes that nobody wrote: the padding of a struct, mostly. Kernels before
 * 6.3 refuse to read them from who lacks CAP_PERFMON, those of before 5.10 from everybody (stable releases since then
 * have the newer rule).
 */
#include "check/check.h"

static const char *const arguments[] = {
	[BPF_REG_2] = "the key", [BPF_REG_3] = "the value", [BPF_REG_4] = "the record"
};

bool lade_check_wants_gaps(struct judging *judging)
{
	return lade_check_before(judging, 5, 10);
}

void lade_check_padding(struct judging *judging, const struct flow *flow)
{
	array_foreach(gap, &flow->gaps) {
		const char *what = gap->argument < ELEMENTS(arguments) ? arguments[gap->argument] : NULL;
		struct lade_finding *finding;
		if (!gap->bytes || flow->reach[gap->instruction] != FLOW_REACHED)
			continue;
		finding = lade_check_say(judging, VERDICT_REFUSED, "check.padding",
					 "program %s: %u of %u bytes of %s on the stack are never written",
					 judging->program->name, gap->bytes, gap->of, what ? what : "what is read");
		finding_confidence(finding, LADE_LIKELY);
		lade_check_at(judging, finding, gap->instruction);
		judging->check->by_table = true;
		return; /* where there is one, there are others like it */
	}
}
