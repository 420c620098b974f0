/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A text that gives its loader CAP_BPF and not CAP_PERFMON: a container's security context, options of Docker or of a
 * unit. Then the kernel withholds helpers that read or print what is the kernel's, from root as well.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES    (1U << 20)
#define LIST_BYTES    600 /* of a list of capabilities */
#define SINCE_PERFMON (5 << 8 | 8)

/* bpf_base_func_proto() of the kernel asks for CAP_PERFMON before these. */
static const char *const helpers[] = { "bpf_trace_printk",     "bpf_trace_vprintk",    "bpf_get_current_task",
				       "bpf_probe_read_user#", "bpf_probe_read_user_", "bpf_probe_read_kernel",
				       "bpf_snprintf",         "bpf_task_pt_regs" };

/* Where lists of what the loader gets begin. */
static const char *const lists[] = { "capabilities:",          "cap_add:",   "--cap-add", "AmbientCapabilities=",
				     "CapabilityBoundingSet=", "setcap cap_" };

/* With one of them, wherever it stands, nobody knows that it lacks. */
static const char *const enough[] = { "PERFMON",  "perfmon",          "Perfmon",      "SYS_ADMIN",       "sys_admin",
				      "SysAdmin", "privileged: true", "--privileged", "privileged=true", "-p+all" };

static bool is_withheld(const struct explained *item)
{
	if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !item->line ||
	    strcmp(item->finding->code, "verifier.helper-not-allowed") != 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(helpers); i++)
		if (strstr(item->line, helpers[i]))
			return true;
	return false;
}

/* "- BPF", "[BPF,", "=CAP_BPF": a word of its own, or the end of a capability's name. */
static bool is_capability(const char *begin, const char *at, const char *end)
{
	static const char marks[] = { '-', '[', ',', '=', '\n' };

	if (at + 3 < end && (isalnum((unsigned char)at[3]) || at[3] == '_'))
		return false;
	if (at - begin >= 4 && strncasecmp(at - 4, "cap_", 4) == 0)
		return true;
	while (at > begin && (at[-1] == ' ' || at[-1] == '"' || at[-1] == '\''))
		at--;
	return at > begin && memchr(marks, at[-1], sizeof marks);
}

/* All capabilities are given, and not dropped. */
static bool gives_all(const char *begin, const char *end)
{
	const char *all = lade_search(begin, (size_t)(end - begin), "ALL", 3);

	return all && !lade_search(begin, (size_t)(all - begin), "drop", 4);
}

static bool names_bpf(const char *begin, const char *end)
{
	for (const char *at = begin; at + 3 <= end; at++)
		if (strncasecmp(at, "bpf", 3) == 0 && is_capability(begin, at, end))
			return !gives_all(begin, end);
	return false;
}

static bool gives_bpf_alone(const char *text, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(enough); i++)
		if (lade_search_long(text, length, enough[i], strlen(enough[i])))
			return false;
	for (size_t i = 0; i < ELEMENTS(lists); i++) {
		const char *at = lade_search_long(text, length, lists[i], strlen(lists[i])), *end = text + length;
		const size_t rest = at ? (size_t)(end - at) : 0;
		if (at && names_bpf(at, at + (rest < LIST_BYTES ? rest : LIST_BYTES)))
			return true;
	}
	return false;
}

void lade_explanation_capabilities(struct lade_explanation *explanation, const char *text, size_t length)
{
	const uint16_t high = explanation->kernel.high;
	bool is_known = false;

	length = length < TEXT_BYTES ? length : TEXT_BYTES;
	array_foreach(item, &explanation->items) {
		if (!is_withheld(item) || (high && high < SINCE_PERFMON))
			continue;
		if (!is_known && !gives_bpf_alone(text, length))
			return;
		is_known = true;
		lade_drop_others(&item->finding->evidence, NULL);
		finding_cause(
			item->finding,
			"the text gives the loader CAP_BPF and neither CAP_PERFMON nor CAP_SYS_ADMIN, and without "
			"these the kernel has this helper for no program: being root (uid 0) does not stand for "
			"a capability that was not given or was dropped");
		finding_fix(
			item->finding,
			"add PERFMON beside BPF in that list (Kubernetes: capabilities: add: [BPF, PERFMON, …]; "
			"Docker: --cap-add PERFMON; systemd: AmbientCapabilities=CAP_BPF CAP_PERFMON), or build the "
			"object without the call (bpf_printk() is for debugging)");
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
