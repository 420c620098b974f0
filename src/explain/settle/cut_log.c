/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cilium/ebpf prints the last lines of a verifier's log in its error: "… (12 line(s) omitted)", and "(truncated, …)" of
 * a log that did not fit into its buffer. So one was asked for, and of the latter the end with the reason was never
 * written.
 */
#include <string.h>

#include "base/error.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

static void tell_truncated(struct lade_finding *finding)
{
	lade_drop_others(&finding->evidence, NULL);
	finding_cause(
		finding,
		"the verifier refused the program, and why is not there: its log did not fit into the buffer of "
		"the library (truncated), so that the end, which has the reason, was never written; what is shown "
		"is where it was cut");
	finding_fix(finding,
		    "a larger buffer, or a shorter log: of cilium/ebpf ebpf.ProgramOptions{LogSizeStart: 64 << 20} "
		    "(before 0.17 LogSize), a newer version of it (which lets the buffer grow); or load the object "
		    "with lade load, bpftool -d prog load");
}

/* "load program: bad address (hit verifier bug, increase LogSizeStart …)" beside a log that has all of its end. */
static void tell_whole(const struct lade_explanation *explanation, struct explained *item)
{
	const struct explained *verdict =
		item->cause < explanation->items.count ? &explanation->items.items[item->cause] : NULL;

	if (item->role != LADE_EXPLAINED_CONSEQUENCE || strcmp(item->finding->code, "program.load.log-size") != 0 ||
	    !verdict || !verdict->finding || !verdict->finding->log || !strstr(verdict->finding->log, "processed "))
		return;
	finding_cause(item->finding, "the library's guess about the error number: the verifier's log is here with its "
				     "verdict and its statistics, so that it did fit, and the verdict is the reason");
	finding_fix(item->finding, "no larger buffer helps: what the verdict says");
	item->is_settled = true;
}

void lade_explanation_cut_log(struct lade_explanation *explanation, const char *text, size_t length)
{
	(void)text;
	(void)length;
	array_foreach(item, &explanation->items) {
		if (item->finding)
			tell_whole(explanation, item);
		if (!item->finding || !item->line || strcmp(item->finding->code, "verifier.rejected") != 0 ||
		    !strstr(item->line, "line(s) omitted)"))
			continue;
		lade_drop_others(&item->finding->evidence, "no log was asked for");
		if (strstr(item->line, "(truncated, ") && item->finding->confidence == LADE_POSSIBLE)
			tell_truncated(item->finding);
	}
}
