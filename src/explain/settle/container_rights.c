/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "docker run -it IMAGE", and bpf(2) is not permitted: the command gives the container no rights, and the root that is
 * in it has none.
 */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (1U << 20)
#define MENTIONS_MAX 16

/* With one of them, wherever it stands, nobody knows that it lacks. */
static const char *const rights[] = { "privileged", "--cap-add", "cap_add:", "--security-opt", "capabilities:" };

/* The line of the last command before `number` that starts a container; 0: there is none. */
static size_t find_start(const struct span *text, size_t number)
{
	static const char *const commands[] = { "docker run ", "podman run ", "nerdctl run " };
	size_t found = 0;

	for (size_t i = 0; i < ELEMENTS(commands); i++) {
		struct mention line = { .next = text->text };
		for (unsigned mentions = 0; mentions < MENTIONS_MAX && lade_find_mention(text, commands[i], &line);
		     mentions++)
			if (line.number <= number && line.number > found)
				found = line.number;
	}
	return found;
}

static bool gives_rights(const struct span *text)
{
	for (size_t i = 0; i < ELEMENTS(rights); i++)
		if (lade_search_long(text->text, text->length, rights[i], strlen(rights[i])))
			return true;
	return false;
}

static bool is_refused(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && !item->is_settled && item->line &&
	       strcmp(item->finding->code, "environment.privilege") == 0 &&
	       item->finding->confidence == LADE_POSSIBLE && strstr(item->line, "peration not permitted");
}

static void blame_command(struct explained *item, size_t line)
{
	finding_cause(item->finding,
		      "line %zu starts the container without rights (neither --privileged nor --cap-add): its root has "
		      "none of the capabilities that bpf(2) asks for, and Docker's seccomp profile refuses the call",
		      line);
	finding_fix(item->finding,
		    "docker run --privileged; or --cap-add BPF --cap-add PERFMON --cap-add NET_ADMIN --cap-add "
		    "SYS_RESOURCE (before 5.8 SYS_ADMIN), and a seccomp profile that allows bpf; for tracepoints and "
		    "kprobes -v /sys/kernel/tracing:/sys/kernel/tracing (or /sys/kernel/debug) besides");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_container_rights(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	bool is_known = false;

	array_foreach(item, &explanation->items) {
		if (!is_refused(item))
			continue;
		if (!is_known && gives_rights(&span))
			return;
		is_known = true;
		const size_t line = find_start(&span, item->first_line);
		if (line)
			blame_command(item, line);
	}
}
