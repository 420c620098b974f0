/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command that was pasted with its output settles: who ran it, and where the program was to run. */
#include <errno.h>
#include <string.h>

#include "explain/reading/mentions.h"
#include "explain/settle/command_line.h"
#include "explain/settle/root_told.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"
#include "explain/verifier/line.h"

#define TEXT_BYTES (64U << 10) /* commands stand before what they print */

/* What is started with sudo before anything is loaded. */
static bool is_preparation(const struct span *command)
{
	static const char *const others[] = { "sudo apt",    "sudo yum",      "sudo dnf", "sudo make",  "sudo mount",
					      "sudo sysctl", "sudo modprobe", "sudo cat", "sudo setcap" };

	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (lade_span_starts(command, others[i]))
			return true;
	return false;
}

/* "I ran a command like "sudo ./tool"": as people tell it. */
static bool is_told_with_sudo(const struct span *line)
{
	static const char *const tellers[] = { "I ran ", "I run ", "I'm running ", "I am running " };
	static const char *const quotes[] = { "\"sudo ", "`sudo " };

	for (size_t i = 0; i < ELEMENTS(tellers); i++) {
		const char *at = memmem(line->text, line->length, tellers[i], strlen(tellers[i]));
		for (size_t j = 0; at && j < ELEMENTS(quotes); j++)
			if (memmem(at, (size_t)(line->text + line->length - at), quotes[j], strlen(quotes[j])))
				return true;
	}
	return false;
}

/* The command before that line. */
static bool is_with_sudo(const char *text, size_t length, size_t before)
{
	const char *end = text + length;
	bool is_sudo = false;

	for (size_t number = 1; number < before && text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const struct span line = { text, (size_t)((newline ? newline : end) - text) };
		const struct span command = lade_command_of(&line);
		if (command.length)
			is_sudo = (lade_span_starts(&command, "sudo ") && !is_preparation(&command)) ||
				  (command.text - line.text >= 2 && lade_is_of_root(&line, &command)) ||
				  (number > 1 && lade_has_bare_root_prompt(&line, &command));
		else
			is_sudo |= is_told_with_sudo(&line);
		text = newline ? newline + 1 : end;
	}
	return is_sudo;
}

/* Before a title stands no command: where the text has it again, as it was printed. */
static size_t printed_line(const char *text, size_t length, const struct explained *item)
{
	static const char mark[] = "# ";
	const struct span span = { text, length };
	struct mention line = { .next = text };

	if (item->first_line > 1)
		return item->first_line;
	if (!item->line || strncmp(item->line, mark, strlen(mark)) != 0)
		return item->last_line;
	while (lade_find_mention(&span, item->line + strlen(mark), &line))
		if (line.number > 1)
			return line.number;
	return item->last_line;
}

static bool has_code(const struct explained *item, const char *code)
{
	return item->finding && strcmp(item->finding->code, code) == 0;
}

/* ---- on the network card itself ---- */

/* "ethtool --offload IF …" is another matter. */
static bool asks_offload(const char *text, size_t length)
{
	static const char *const words[] = { "xdpoffload ", " --offload", "offload/hardware mode",
					     "--mode hw ",  "-m hw ",     " offload_dev " };
	const struct span span = { text, length };

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		struct mention line = { .next = text };
		while (lade_find_mention(&span, words[i], &line))
			if (!lade_in_mention(&line, "ethtool"))
				return true;
	}
	return false;
}

static bool is_offload(const struct explained *item)
{
	return item->errnum != EPERM && item->finding && item->finding->confidence == LADE_POSSIBLE &&
	       (strncmp(item->finding->code, "map.create.", strlen("map.create.")) == 0 ||
		has_code(item, "program.load.refused") || has_code(item, "attach.xdp.refused"));
}

static void blame_offload(struct lade_finding *finding)
{
	finding_cause(finding, "the program and its maps are to run on the network card itself (offload), and its "
			       "driver does not take them: hardly any but Netronome's (nfp) does, and that one only "
			       "arrays and hashes");
	finding_fix(
		finding,
		"native or generic mode in place of offload (xdpdrv, xdpgeneric; drop --offload); ethtool -i DEVICE "
		"names the driver");
	finding_confidence(finding, LADE_LIKELY);
}

/* ---- as root ---- */

static bool is_denied(const struct explained *item)
{
	if (!item->finding || item->finding->confidence != LADE_POSSIBLE)
		return false;
	if (has_code(item, "environment.privilege"))
		return item->line && strstr(item->line, "Operation not permitted");
	return item->errnum == EPERM &&
	       (has_code(item, "map.create.permission") || has_code(item, "program.load.permission"));
}

/* bcc raises the limit where it is refused, and tries again. */
static bool is_of_bcc(const struct explained *item)
{
	static const char *const words[] = { "could not open bpf map", "bpf: Failed to load program", "/virtual/" };

	for (size_t i = 0; item->line && i < ELEMENTS(words); i++)
		if (strstr(item->line, words[i]))
			return true;
	return false;
}

static void blame_limit_of_root(const struct lade_explanation *explanation, const struct explained *item)
{
	struct lade_finding *finding = item->finding;
	const struct kernel_known *kernel = &explanation->kernel;
	static const char checks[] = "grep Seccomp /proc/self/status in the same place (2: a filter, of a container as "
				     "a rule; then on the host, or with --privileged), cat "
				     "/sys/kernel/security/lockdown, ausearch -m avc, dmesg";
	static const char rest[] = "lockdown (Secure Boot), seccomp or a user namespace of a container, or an LSM";

	lade_drop_others(&finding->evidence, "CAP_"); /* which root has */
	finding_evidence(finding, "root started it: capabilities are there, unless a container took them");
	if (kernel->low >= KERNEL_SINCE_CGROUP || is_of_bcc(item)) {
		if (is_of_bcc(item)) {
			lade_drop_others(&finding->evidence, "MEMLOCK");
			finding_evidence(finding, "RLIMIT_MEMLOCK is hardly it: bcc raises it where it is refused, and "
						  "tries again");
		}
		finding_cause(finding, "root is refused by something else than capabilities: %s", rest);
		finding_fix(finding, "%s", checks);
		return;
	}
	finding_cause(finding,
		      "root is refused although capabilities are there: RLIMIT_MEMLOCK is too low, to which kernels "
		      "before 5.11 charge maps and programs; else %s",
		      rest);
	finding_fix(finding, "before 5.11 ulimit -l unlimited in the same shell, and again; else %s", checks);
}

void lade_explanation_command(struct lade_explanation *explanation, const char *text, size_t length)
{
	size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	bool is_offloaded = asks_offload(text, looked);
	static const char *const signs[] = { "sudo ", "root@", "# " };
	bool has_sign = lade_search_any(text, looked, signs, ELEMENTS(signs)),
	     is_told = lade_tells_of_root(text, looked);

	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR)
			continue;
		if (is_offloaded && is_offload(item))
			blame_offload(item->finding);
		else if ((has_sign || is_told) && is_denied(item) &&
			 (is_told || is_with_sudo(text, looked, printed_line(text, looked, item))))
			blame_limit_of_root(explanation, item);
	}
}
