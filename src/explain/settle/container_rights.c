/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "docker run -it IMAGE", and bpf(2) is not permitted: the command gives the container no rights, and the root that is
 * in it has none. Where no command is shown, a prompt in the container tells.
 */
#include <errno.h>
#include <stdio.h>
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

#define NAME_LENGTH 12 /* of a container's number, which is its host's name */

/* "root@cd5a2a2dea7c:/#" */
static bool is_prompt(const struct mention *line, const char *user)
{
	const char *at = lade_in_mention(line, user) + strlen(user), *end = line->text.text + line->text.length;
	char name[NAME_LENGTH + 2];

	(void)snprintf(name, sizeof name, "%.*s", (int)(end - at), at);
	return strspn(name, "0123456789abcdef") == NAME_LENGTH && name[NAME_LENGTH] == ':';
}

/* The first line before `number` with root's prompt in a container; 0: there is none. */
static size_t find_prompt(const struct span *text, size_t number)
{
	static const char user[] = "root@";
	struct mention line = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS_MAX && lade_find_mention(text, user, &line); mentions++)
		if (line.number <= number && is_prompt(&line, user))
			return line.number;
	return 0;
}

static bool gives_rights(const struct span *text)
{
	for (size_t i = 0; i < ELEMENTS(rights); i++)
		if (lade_search_long(text->text, text->length, rights[i], strlen(rights[i])))
			return true;
	return false;
}

/* cilium/ebpf adds the hint to whatever EPERM a map or a program gets. */
static bool is_memlock(const struct explained *item)
{
	return strcmp(item->finding->code, "environment.memlock") == 0 && strstr(item->line, "MEMLOCK may be too low");
}

static bool is_refused(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && !item->is_settled && item->line &&
	       (strcmp(item->finding->code, "environment.privilege") == 0 || is_memlock(item)) &&
	       item->finding->confidence == LADE_POSSIBLE && strstr(item->line, "peration not permitted");
}

static void advise(struct explained *item)
{
	finding_fix(item->finding,
		    "docker run --privileged; or --cap-add BPF --cap-add PERFMON --cap-add NET_ADMIN --cap-add "
		    "SYS_RESOURCE (before 5.8 SYS_ADMIN), and a seccomp profile that allows bpf; for tracepoints and "
		    "kprobes -v /sys/kernel/tracing:/sys/kernel/tracing (or /sys/kernel/debug) besides");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void blame_command(struct explained *item, size_t line)
{
	finding_cause(item->finding,
		      "line %zu starts the container without rights (neither --privileged nor --cap-add): its root has "
		      "none of the capabilities that bpf(2) asks for, and Docker's seccomp profile refuses the call",
		      line);
	advise(item);
}

/* How it was started is not said: without rights, as a rule. */
static void blame_prompt(struct explained *item, size_t line)
{
	finding_cause(
		item->finding,
		"line %zu is root's prompt in a container (its host is called by a container's number): unless it "
		"was started with more rights, its root has none of the capabilities that bpf(2) asks for, sudo "
		"brings none, and Docker's seccomp profile refuses the call. If it has them, then before 5.11 "
		"RLIMIT_MEMLOCK is too low",
		line);
	advise(item);
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
		const size_t prompt = line ? 0 : find_prompt(&span, item->first_line);
		if (line)
			blame_command(item, line);
		else if (prompt)
			blame_prompt(item, prompt);
	}
}
