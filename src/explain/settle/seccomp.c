/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Seccomp: 2" beside "CapEff:", both of /proc/PID/status: the process has the capabilities, and a filter that may
 * refuse bpf(2) with the same error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES    (1U << 20)
#define CAP_SYS_ADMIN 21
#define HAS_FILTER    2

static const char *const codes[] = { "environment.privilege", "program.load.permission", "map.create.permission" };

static bool is_denied(const struct explained *item)
{
	if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->finding->confidence == LADE_CERTAIN)
		return false;
	for (size_t i = 0; i < ELEMENTS(codes); i++)
		if (strcmp(item->finding->code, codes[i]) == 0)
			return item->line && strstr(item->line, "peration not permitted");
	return false;
}

/* The first line of that name; false: there is none with a number. */
static bool read_field(const struct span *text, const char *name, int base, uint64_t *ret_number)
{
	struct mention line = { .next = text->text };
	char number[24];
	size_t length = 0;

	if (!lade_find_mention(text, name, &line))
		return false;
	const char *at = lade_in_mention(&line, name) + strlen(name), *end = line.text.text + line.text.length;
	while (at < end && lade_is_blank(*at))
		at++;
	while (at < end && length + 1 < sizeof number && lade_is_of_name(*at))
		number[length++] = *at++;
	number[length] = '\0';
	*ret_number = strtoull(number, NULL, base);
	return length > 0;
}

static bool has_filter_alone(const struct span *text)
{
	uint64_t mode, capabilities;

	return read_field(text, "Seccomp:", 10, &mode) && mode == HAS_FILTER &&
	       read_field(text, "CapEff:", 16, &capabilities) && (capabilities & (UINT64_C(1) << CAP_SYS_ADMIN));
}

static void blame_filter(struct lade_finding *finding)
{
	lade_drop_others(&finding->evidence, NULL);
	finding_cause(finding,
		      "the text shows a process that has CAP_SYS_ADMIN (CapEff) and a seccomp filter (Seccomp: 2): "
		      "it is rather the filter that refuses bpf(2), as a container's profile or SystemCallFilter= of a "
		      "unit does; or the capabilities are those of a user namespace, which do not count here");
	finding_fix(
		finding,
		"a profile that allows bpf (Docker: --security-opt seccomp=unconfined for a trial, or --privileged; "
		"Kubernetes: seccompProfile; systemd: SystemCallFilter=bpf perf_event_open); cat "
		"/proc/self/uid_map in the same place: 0 0 4294967295 is no user namespace");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_explanation_seccomp(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span whole = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	if (!has_filter_alone(&whole))
		return;
	array_foreach(item, &explanation->items)
		if (is_denied(item)) {
			blame_filter(item->finding);
			item->is_settled = true;
		}
}
