/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command that was pasted with its output settles: who ran it, and where the program was to run. */
#include <errno.h>
#include <string.h>

#include "explain/text.h"
#include "explain/verifier_line.h"
#include "explain/search.h"

#define TEXT_BYTES   (64U << 10) /* commands stand before what they print */
#define PROMPT_BYTES 80

/* "user@host:~$ sudo ./agent", "# ./agent", "sudo ./agent": behind the prompt; without one only sudo is surely a
 * command. Empty: the line is none. */
static struct span command_of(const struct span *line)
{
	const char *end = line->text + line->length, *at = line->text;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (const char *prompt = at; end - prompt > 2 && prompt - at < PROMPT_BYTES; prompt++)
		if (strchr("$#%", *prompt) && *prompt && prompt[1] == ' ' && prompt[2] != ' ')
			return (struct span){ prompt + 2, (size_t)(end - prompt - 2) };
	return lade_span_starts(&(struct span){ at, (size_t)(end - at) }, "sudo ")
		       ? (struct span){ at, (size_t)(end - at) }
		       : (struct span){ end, 0 };
}

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

/* The command before that line. */
static bool is_with_sudo(const char *text, size_t length, size_t before)
{
	const char *end = text + length;
	bool is_sudo = false;

	for (size_t number = 1; number < before && text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const struct span line = { text, (size_t)((newline ? newline : end) - text) };
		const struct span command = command_of(&line);
		if (command.length)
			is_sudo = lade_span_starts(&command, "sudo ") && !is_preparation(&command);
		text = newline ? newline + 1 : end;
	}
	return is_sudo;
}

static bool has_code(const struct explained *item, const char *code)
{
	return item->finding && strcmp(item->finding->code, code) == 0;
}

/* ---- on the network card itself ---- */

static bool is_offload(const struct explained *item)
{
	return item->errnum != EPERM && item->finding && item->finding->confidence == LADE_POSSIBLE &&
	       (strncmp(item->finding->code, "map.create.", strlen("map.create.")) == 0 ||
		has_code(item, "program.load.refused") || has_code(item, "attach.xdp.refused"));
}

static void blame_offload(struct lade_finding *finding)
{
	finding_cause(finding, "the program and its maps are to run on the network card itself (xdpoffload), and its "
			       "driver does not take them: hardly any but Netronome's (nfp) does, and that one only "
			       "arrays and hashes");
	finding_fix(finding, "xdpdrv or xdpgeneric in place of xdpoffload; ethtool -i DEVICE names the driver");
	finding_confidence(finding, LADE_LIKELY);
}

/* ---- as root ---- */

static bool is_denied(const struct explained *item)
{
	return item->errnum == EPERM && item->finding && item->finding->confidence == LADE_POSSIBLE &&
	       (has_code(item, "map.create.permission") || has_code(item, "program.load.permission"));
}

static void blame_limit_of_root(const struct lade_explanation *explanation, struct lade_finding *finding)
{
	const struct kernel_known *kernel = &explanation->kernel;
	static const char rest[] = "lockdown (Secure Boot), seccomp or a user namespace of a container, or an LSM";

	finding_evidence(finding, "it was started with sudo: capabilities are there, unless a container took them");
	if (kernel->low >= KERNEL_SINCE_CGROUP) {
		finding_cause(finding, "root is refused by something else than capabilities: %s", rest);
		return;
	}
	finding_cause(finding,
		      "root is refused although capabilities are there: RLIMIT_MEMLOCK is too low, to which kernels "
		      "before 5.11 charge maps and programs; else %s",
		      rest);
	finding_fix(finding, "ulimit -l unlimited in the same shell, and again; from 5.11 on: cat "
			     "/sys/kernel/security/lockdown, Seccomp of /proc/PID/status, dmesg");
}

void lade_explanation_command(struct lade_explanation *explanation, const char *text, size_t length)
{
	size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	bool is_offloaded = lade_search_long(text, looked, "xdpoffload ", strlen("xdpoffload "));
	bool has_sudo = lade_search_long(text, looked, "sudo ", strlen("sudo "));

	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR)
			continue;
		if (is_offloaded && is_offload(item))
			blame_offload(item->finding);
		else if (has_sudo && is_denied(item) && is_with_sudo(text, looked, item->first_line))
			blame_limit_of_root(explanation, item->finding);
	}
}
