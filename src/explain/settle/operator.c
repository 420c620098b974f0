/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that the verifier refused, or a map that was defined wrongly, and who asks only runs the tool that has it:
 * in a cluster, as a service. What is to be changed in the source is for its maintainers; here another version or
 * another kernel helps.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (256U << 10) /* what tells it stands near the failure */

/* Clusters, packages and services, loggers of what runs as one, and bcc's own tools, which compile their source where
 * they run. */
static const char *const runs[] = {
	"CrashLoopBackOff",
	"crashloopbackoff",
	"kubectl ",
	"aemonset",
	"aemonSet",
	"Kubernetes",
	"helm install",
	"--set ",
	"Helm chart",
	"Helm Chart",
	"helm chart",
	"rpm -qa ",
	"dpkg -l",
	"k8sPodName",
	"systemd[1]: ",
	"journalctl ",
	".service ",
	".service: ",
	"level=fatal msg=",
	"level=error msg=",
	"level=warning msg=",
	"level=WARN ",
	"level=ERROR ",
	"FATA[",
	"ERRO[",
	" FATAL ",
	" FTL ",
	"-bpfcc",
	"bcc-tools",
	"/usr/share/bcc/tools/",
};

/* Who has the source can change it. */
static const char *const builds[] = {
	"SEC(\"", "#include ", "-target bpf", "-target=bpf", "bpf2go", "vmlinux.h", ".bpf.c", "cargo ",
};

/* Fixes that say it themselves. */
static const char *const told[] = { "newer version", "version of the tool", "version of it", "of a tool of others" };

/* What privileges or the machine's settings bring, whoever runs it. */
static bool is_of_source(const struct explained *item)
{
	static const char *const others[] = { "verifier.capability", "verifier.too-complex",
					      "verifier.helper-unknown" };
	const struct lade_finding *finding = item->finding;

	if (item->role != LADE_EXPLAINED_ERROR || !finding || !finding->fix)
		return false;
	if (strcmp(finding->code, "map.create.definition") == 0)
		return !lade_search_any(finding->fix, strlen(finding->fix), told, ELEMENTS(told));
	if (strncmp(finding->code, "verifier.", strlen("verifier.")) != 0)
		return false;
	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strcmp(finding->code, others[i]) == 0)
			return false;
	return !lade_search_any(finding->fix, strlen(finding->fix), told, ELEMENTS(told));
}

static void advise(struct lade_finding *finding)
{
	finding_fix(finding,
		    "%s; whoever only runs the tool: another version of it (mostly a newer one), or a kernel that it "
		    "supports, and this log for its maintainers",
		    finding->fix);
}

void lade_explanation_operator(struct lade_explanation *explanation, const char *text, size_t length)
{
	const size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	bool is_run = false, is_known = false;

	array_foreach(item, &explanation->items) {
		if (!is_of_source(item))
			continue;
		if (!is_known)
			is_run = lade_search_any(text, looked, runs, ELEMENTS(runs)) &&
				 !lade_search_any(text, looked, builds, ELEMENTS(builds));
		is_known = true;
		if (is_run)
			advise(item->finding);
	}
}
