/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a text says of where the tool ran, beside its errors, and settles what these come from: SELinux that enforces, a
 * snap, which does not see the host's files, a tool that was installed with its library, a probe's short name, a driver
 * that is not the kernel's, types of the kernel that are there after all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define MENTIONS   64 /* of a word, that are looked at */
#define ITEMS_MAX  16 /* for which the text is searched */

static bool has_code(const struct explained *item, const char *code)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && strcmp(item->finding->code, code) == 0;
}

/* The first line that has one of the words; 0: none has. */
static size_t line_of(const struct span *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mention line = { .next = text->text };
		if (lade_find_mention(text, words[i], &line))
			return line.number;
	}
	return 0;
}

/* ---- SELinux ---- */

/* "Enforcing" alone, as getenforce says, and a line of sestatus or of the configuration. */
static bool is_enforcing(const struct mention *line)
{
	static const char word[] = "Enforcing";
	size_t length = line->text.length;

	while (length && strchr(" \t\r", line->text.text[length - 1]))
		length--;
	return (length == strlen(word) && memcmp(line->text.text, word, length) == 0) ||
	       lade_in_mention(line, "Current mode:") || lade_in_mention(line, "SELINUX=");
}

static size_t enforcing_line(const struct span *text)
{
	struct mention line = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "nforcing", &line); mentions++)
		if (is_enforcing(&line))
			return line.number;
	return 0;
}

/* Helpers that a policy takes away from programs that else have them. */
static void blame_selinux(struct explained *item, const struct span *text)
{
	size_t line;

	if (!item->line || !strstr(item->line, "bpf_probe_read") || !(line = enforcing_line(text)))
		return;
	finding_cause(
		item->finding,
		"SELinux enforces its policy here (line %zu), and likely denies the tool CAP_PERFMON, or the class "
		"lockdown (confidentiality; kernels 5.6 to 5.15): the kernel then takes these helpers away from "
		"programs of kprobes and tracepoints. If it is no such program: others have no such helper at all",
		line);
	finding_fix(item->finding,
		    "setenforce 0 and again, which tells whether it is that; ausearch -m avc -ts recent names what was "
		    "denied, to be allowed in the policy; a container: --security-opt label=disable; also cat "
		    "/sys/kernel/security/lockdown");
	finding_confidence(item->finding, LADE_LIKELY);
}

/* ---- a snap ---- */

static void blame_snap(struct explained *item, const struct span *text)
{
	static const char *const marks[] = { "/snap/bin/", "/snap/bcc/", "/snap/bpftrace/" };
	static const char begin[] = "/snap/b"; /* of all of them */
	size_t line;

	if (!lade_search_long(text->text, text->length, begin, strlen(begin)) ||
	    !(line = line_of(text, marks, ELEMENTS(marks))))
		return;
	finding_cause(
		item->finding,
		"the tool is a snap (line %zu), which sees only what its confinement shows it: the headers may be "
		"installed, but the host's /lib/modules/VERSION/build and /usr/src are not there for it",
		line);
	finding_fix(item->finding, "the distribution's package in place of the snap (apt install bpfcc-tools or "
				   "bpftrace), or the snap without confinement (snap install --devmode NAME); only if "
				   "that fails, too: linux-headers-$(uname -r)");
	finding_confidence(item->finding, LADE_LIKELY);
}

/* ---- option and directory in one argument ---- */

/* A header of the system, which such an option is to lead to. */
static bool is_of_system(const char *line)
{
	static const char *const marks[] = { "/usr/include/", "'asm/", "'bits/", "'gnu/", "'sys/" };

	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (strstr(line, marks[i]))
			return strstr(line, "file not found") != NULL;
	return false;
}

static void blame_quoted_option(struct explained *item, const struct span *text)
{
	static const char *const marks[] = { "'-idirafter /", "'-isystem /", "'-I /" };
	size_t line;

	if (!item->line || !is_of_system(item->line) || !(line = line_of(text, marks, ELEMENTS(marks))))
		return;
	finding_cause(
		item->finding,
		"option and directory are one argument, within quotation marks (line %zu): the compiler takes the "
		"blank for a part of the directory's name, finds none of that name, and the directory is not "
		"searched. The header may well be installed",
		line);
	finding_fix(item->finding,
		    "pass them as two arguments (-idirafter DIR without quotation marks; in meson two elements of the "
		    "list, or .split() of what a command printed), or without the blank: -I/usr/include/$(uname "
		    "-m)-linux-gnu; no package is to be installed");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

/* ---- a name that bcc's compiler does not know ---- */

/* "req->__sector": a pointer to a structure, which no table of bcc is. */
static void blame_tool(struct explained *item, const struct span *text)
{
	static const char *const installed[] = { "/usr/share/bcc/tools/", "-bpfcc", "bcc/tools/" };
	char member[128];
	const char *const members[] = { member };

	if (!item->word || !item->line || !strstr(item->line, "/virtual/main.c:") ||
	    !strstr(item->line, "undeclared identifier"))
		return;
	(void)snprintf(member, sizeof member, " %.100s->", item->word);
	if (!line_of(text, members, ELEMENTS(members)))
		return;
	bool is_tool = line_of(text, installed, ELEMENTS(installed)) != 0;
	finding_cause(item->finding, "nothing declares %s, which the source uses as a pointer to a structure%s",
		      item->word,
		      is_tool ? ": a mistake of the tool itself (in the code that just this option or kernel chooses); "
				"the headers are not the reason"
			      : ": it is misspelt, or is a variable or argument of another function");
	finding_fix(item->finding, "%s",
		    is_tool ? "the tool of a newer bcc (with its library), or the same of libbpf-tools; or do without "
			      "the option"
			    : "declare it in this function: its argument, or a variable that is read before "
			      "(bpf_probe_read_kernel())");
	finding_confidence(item->finding, LADE_LIKELY);
}

/* ---- a probe's short name ---- */

/* "t:net:netif_rx", and not "struct:". */
static bool has_short_probe(const struct mention *line)
{
	static const char word[] = "t:";
	const char *at = line->text.text, *end = at + line->text.length;

	for (; (at = lade_search(at, (size_t)(end - at), word, strlen(word))); at++)
		if ((at == line->text.text || strchr(" \t'\",;}", at[-1])) && end - at > 2 && lade_is_letter(at[2]))
			return true;
	return false;
}

static void blame_short_probe(struct explained *item, const struct span *text)
{
	struct mention line = { .next = text->text };
	unsigned mentions = 0;

	if (!item->line || !strstr(item->line, "_tracepoint_"))
		return;
	while (mentions++ < MENTIONS && lade_find_mention(text, "t:", &line)) {
		if (!has_short_probe(&line))
			continue;
		finding_cause(
			item->finding,
			"the probe is written with its short name (t:, line %zu), for which older versions of "
			"bpftrace (0.11 is one) do not read the tracepoint's format: args then has no field at all. "
			"Else the tracepoint has none of this name",
			line.number);
		finding_fix(item->finding, "tracepoint: in place of t:, or a newer bpftrace; bpftrace -lv "
					   "tracepoint:CATEGORY:NAME lists the fields that there are");
		finding_confidence(item->finding, LADE_LIKELY);
		return;
	}
}

/* ---- a driver that is not the kernel's ---- */

/* "version: 2.17.4": drivers of the kernel say the kernel's version, those of older kernels one that ends in "-k". */
static bool is_vendor_version(const struct mention *line)
{
	static const char word[] = "version: ";
	const char *at = line->text.text, *end = at + line->text.length;

	if (lade_in_mention(line, word) != at)
		return false;
	at += strlen(word);
	if (end - at < 2 || (*at != '1' && *at != '2') || at[1] != '.')
		return false;
	while (at < end && (lade_is_digit(*at) || *at == '.'))
		at++;
	return at == end || *at == ' ' || *at == '\r';
}

/* What ethtool -i says of it; 0: it is the kernel's, or nothing is said. */
static size_t vendor_driver_line(const struct span *text)
{
	static const char *const drivers[] = { "driver: i40e", "driver: ice" };

	for (size_t i = 0; i < ELEMENTS(drivers); i++) {
		struct mention line = { .next = text->text };
		for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, drivers[i], &line);
		     mentions++) {
			struct mention next = line;
			if (lade_find_mention(text, "version: ", &next) && next.number == line.number + 1 &&
			    is_vendor_version(&next))
				return next.number;
		}
	}
	return 0;
}

static void blame_driver(struct explained *item, const struct span *text)
{
	size_t line;

	/* Not what a driver with XDP lacks, as an action. */
	if (item->errnum != EOPNOTSUPP && !(item->line && strstr(item->line, "native mode")))
		return;
	if (!(line = vendor_driver_line(text)))
		return;
	finding_cause(item->finding,
		      "the driver that is loaded has no native XDP: by its version (line %zu) it is Intel's own, built "
		      "without XDP, in place of the kernel's driver of this name, which has it (i40e 4.13, ice 5.5)",
		      line);
	finding_fix(item->finding,
		    "the kernel's own driver: modinfo -n i40e (ice) names the file that is loaded (updates, extra, "
		    "dkms); remove that, depmod -a, a new initramfs, and load it again; or build Intel's anew against "
		    "the headers of this kernel; until then generic mode (xdpgeneric, XDP_FLAGS_SKB_MODE)");
	finding_confidence(item->finding, LADE_LIKELY);
}

/* ---- types that are there ---- */

/* strace's: the file was opened, with whatever number. */
static bool is_opened(const struct mention *line)
{
	static const char mark[] = ") = ";
	const char *at = lade_in_mention(line, "openat(") ? lade_in_mention(line, mark) : NULL;

	return at && at + strlen(mark) < line->next && lade_is_digit(at[strlen(mark)]);
}

/* ls shows the file, or another tool opened it. */
static size_t types_line(const struct span *text)
{
	static const char *const marks[] = { "-r--r--r-- ", "-r--------", "failed to get EHDR from" };
	struct mention line = { .next = text->text };

	for (unsigned mentions = 0; mentions < MENTIONS && lade_find_mention(text, "/sys/kernel/btf/vmlinux", &line);
	     mentions++)
		for (size_t i = 0; i < ELEMENTS(marks); i++)
			if (lade_in_mention(&line, marks[i]) || is_opened(&line))
				return line.number;
	return 0;
}

static void blame_old_library(struct explained *item, const struct span *text)
{
	size_t line;

	if (item->finding->confidence == LADE_CERTAIN || !(line = types_line(text)))
		return;
	finding_cause(
		item->finding,
		"the kernel has its types (line %zu shows /sys/kernel/btf/vmlinux), and the libbpf of this tool "
		"does not read them: it is older than a kind of type in them (64-bit enumerations, of kernels from "
		"6.0 on, are read since libbpf 1.0), or it runs in a container that does not see the file",
		line);
	finding_fix(item->finding, "a newer version of the tool (of its image), with a newer libbpf; in a container "
				   "mount /sys/kernel/btf of the host");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static const struct {
	const char *code;
	void (*blame)(struct explained *item, const struct span *text);
} ways[] = { { "verifier.helper-not-allowed", blame_selinux },
	     { "compile.kernel-headers", blame_snap },
	     { "compile.header", blame_quoted_option },
	     { "compile.source", blame_tool },
	     { "compile.type", blame_short_probe },
	     { "attach.xdp.mode", blame_driver },
	     { "btf.kernel.absent", blame_old_library } };

void lade_explanation_beside(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items)
		for (size_t i = 0; i < ELEMENTS(ways) && looked < ITEMS_MAX; i++)
			if (has_code(item, ways[i].code)) {
				ways[i].blame(item, &span);
				looked++;
			}
}
