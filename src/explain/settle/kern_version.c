/* SPDX-License-Identifier: BSD-2-Clause */
/* The version of the kernel that a program carries, which kernels before 5.0 compare with their own. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (4U << 20)
#define MENTIONS_MAX 64
#define VERSIONS_MAX 16       /* failures for which the text is searched */
#define SINCE_FREE   (5 << 8) /* kernels from 5.0 on compare no version */

/* As LINUX_VERSION_CODE; a loader that is asked for it gives this. */
#define VERSION_MAGIC 0xfffffffeU

static bool take_version(const char *at, const char *end, uint32_t *ret_version)
{
	unsigned parts[3];
	char text[40], *stop;

	(void)snprintf(text, sizeof text, "%.*s", (int)(end - at), at);
	at = text + strspn(text, " :=");
	if (sscanf(at, "KERNEL_VERSION(%u, %u, %u)", &parts[0], &parts[1], &parts[2]) == 3) {
		*ret_version = parts[0] << 16 | parts[1] << 8 | (parts[2] & 0xff);
		return true;
	}
	*ret_version = (uint32_t)strtoul(at, &stop, 0);
	return stop != at;
}

/* kern_version=… of the call itself. */
static bool version_of_call(const struct explained *item, uint32_t *ret_version)
{
	const char *at = item->line ? strstr(item->line, "kern_version=") : NULL;

	return at && strstr(item->line, "BPF_PROG_TYPE_KPROBE") &&
	       take_version(at + strlen("kern_version="), item->line + strlen(item->line), ret_version);
}

/* "4.18.0", which others write there. */
static bool is_dotted(const char *at, const char *end)
{
	while (at < end && (strchr(" :=", *at) || lade_is_digit(*at)))
		at++;
	return at < end && *at == '.';
}

/* "ply-2.1.1 (linux-version:263203~4.4.35)": what ply was built with, and gives with each program. */
static bool version_of_ply(const struct span *text, uint32_t *ret_version, bool *ret_is_printed)
{
	static const char mark[] = "(linux-version:";
	struct mention line = { .next = text->text };
	const char *at;

	if (!lade_find_mention(text, mark, &line))
		return false;
	at = lade_in_mention(&line, mark) + strlen(mark);
	*ret_is_printed =
		line.text.length > 4 && memcmp(line.text.text, "ply", 3) == 0 && strchr("- ", line.text.text[3]);
	return take_version(at, line.text.text + line.text.length, ret_version) && *ret_version;
}

/* "kernel version of ./kprobe.o is 40e00", libbpf's; "kern_version 267008". */
static bool version_of_text(const struct span *text, uint32_t *ret_version)
{
	static const char libbpf[] = "kernel version of ", is[] = " is ", word[] = "kern_version";
	struct mention line = { .next = text->text }, other = line;
	const char *at, *end;

	if (lade_find_mention(text, libbpf, &line)) {
		at = lade_in_mention(&line, libbpf) + strlen(libbpf);
		end = line.text.text + line.text.length;
		at = lade_search(at, (size_t)(end - at), is, strlen(is));
		char digits[16];
		(void)snprintf(digits, sizeof digits, "%.*s", at ? (int)(end - at - 4) : 0, at ? at + 4 : "");
		*ret_version = (uint32_t)strtoul(digits, NULL, 16);
		return at && *ret_version;
	}
	if (!lade_find_mention(text, word, &other))
		return false;
	at = lade_in_mention(&other, word) + strlen(word);
	end = other.text.text + other.text.length;
	return !is_dotted(at, end) && take_version(at, end, ret_version);
}

#define FIRST_CODE 0x031200U /* 3.18, with which bpf(2) came */
#define LAST_CODE  0x0414ffU /* 4.20, the last that compares */

/* "kernel is 267008": a number that a loader prints, and that is a version's code. */
static bool version_of_number(const struct span *text, uint32_t *ret_version)
{
	static const char *const words[] = { "ernel is ",      "ernel version is ", "ernel version: ",
					     "ernel version ", "ersion code",       "VERSION_CODE" };

	for (size_t i = 0; i < ELEMENTS(words); i++) {
		struct mention line = { .next = text->text };
		while (lade_find_mention(text, words[i], &line)) {
			const char *at = lade_in_mention(&line, words[i]) + strlen(words[i]);
			const char *end = line.text.text + line.text.length;
			uint32_t version;
			if (!is_dotted(at, end) && take_version(at, end, &version) && version >= FIRST_CODE &&
			    version <= LAST_CODE) {
				*ret_version = version;
				return true;
			}
		}
	}
	return false;
}

static void blame_version(struct lade_finding *finding, uint32_t version, const struct kernel_known *kernel)
{
	char own[KERNEL_VERSION_BYTES + 4];

	lade_kernel_spell(kernel->high, own);
	if (*own && kernel->has_patch && !kernel->is_of_distributor)
		(void)snprintf(own + strlen(own), sizeof own - strlen(own), ".%u", kernel->patch);
	if (version)
		finding_cause(finding,
			      "the program carries the version of kernel %u.%u.%u, and kernels before 5.0%s%s%s take "
			      "programs of "
			      "kprobes only with their own: it was built with headers of another kernel",
			      version >> 16, version >> 8 & 0xff, version & 0xff, *own ? ", as this one (" : "", own,
			      *own ? ")," : "");
	else
		finding_cause(
			finding,
			"the program carries no version, and this kernel (%s), as all before 5.0, takes programs of "
			"kprobes only with its own",
			own);
	finding_fix(
		finding,
		"build it with the headers of the running kernel (linux-headers-$(uname -r); in a container "
		"mount /lib/modules and /usr/src; bcc takes it from /lib/modules/$(uname -r)/build: what that leads to "
		"must be prepared for just this version, make prepare), or load it with a loader that fills the "
		"version in: lade load, a newer libbpf");
	finding_confidence(finding, LADE_LIKELY);
}

static void tell_version(const struct kernel_known *kernel, uint32_t version, struct lade_finding *finding)
{
	bool is_known = kernel->low && kernel->low == kernel->high;
	bool is_same = version >> 8 == kernel->low, is_before = is_known && kernel->high < SINCE_FREE;

	if (version == VERSION_MAGIC || (is_known && !is_before))
		return;
	if (is_before &&
	    (!is_same || (kernel->has_patch && !kernel->is_of_distributor && kernel->patch != (version & 0xff)))) {
		blame_version(finding, version, kernel);
	} else if (is_before && is_same && kernel->is_of_distributor) {
		finding_evidence(finding,
				 "the program carries version %u.%u.%u; which one a distributor's kernel compares it "
				 "with, uname -r does not say: /proc/version_signature (Ubuntu), uname -v (Debian)",
				 version >> 16, version >> 8 & 0xff, version & 0xff);
	} else if (!is_known && version && version >> 16 < SINCE_FREE >> 8) {
		blame_version(finding, version, kernel);
		finding_confidence(finding, LADE_POSSIBLE);
	}
}

static bool begins_as_probe(const char *at, const char *end)
{
	static const char *const sections[] = { "kprobe/", "kretprobe/", "uprobe/", "uretprobe/" };
	const struct span rest = { at, (size_t)(end - at) };

	for (size_t i = 0; i < ELEMENTS(sections); i++)
		if (rest.length >= strlen(sections[i]) && memcmp(rest.text, sections[i], strlen(sections[i])) == 0)
			return true;
	return false;
}

/* "sec 'kprobe/do_sys_open': found program 'count' at …", libbpf's: the section of this one, or of all. */
static bool is_section_of_probe(const struct span *text, const char *program)
{
	static const char mark[] = "sec '";
	struct mention line = { .next = text->text };
	char words[128];
	size_t probes = 0, others = 0;

	(void)snprintf(words, sizeof words, "': found program '%.90s%s", program ? program : "", program ? "'" : "");
	while (others == 0 && lade_find_mention(text, words, &line)) {
		const char *at = lade_in_mention(&line, mark);
		const bool is_probe = at && begins_as_probe(at + strlen(mark), line.text.text + line.text.length);
		probes += is_probe;
		others += !is_probe;
	}
	return probes && !others;
}

/* "kprobe/do_sys_open", as libbpf names programs before 0.7. */
static bool is_probe(const struct lade_finding *finding, const struct span *text)
{
	const char *program = finding->program;

	return (program && begins_as_probe(program, program + strlen(program))) || is_section_of_probe(text, program);
}

/* No version is named. */
static void tell_probe(const struct kernel_known *kernel, const struct span *text, struct lade_finding *finding)
{
	/* What all other suspects need is newer than such a kernel, or is in the verifier's log. */
	const bool is_first = kernel->low && kernel->high && kernel->high < SINCE_FREE && !finding->log &&
			      finding->confidence == LADE_POSSIBLE;

	if (is_first && is_probe(finding, text)) {
		blame_version(finding, 0, kernel);
		finding_cause(finding,
			      "most likely the version number that the program of a kprobe carries: kernels before "
			      "5.0, as this one, take only their own; else the verifier's log would tell");
		finding_confidence(finding, LADE_POSSIBLE);
		return;
	}
	if (is_probe(finding, text) && kernel->low < SINCE_FREE)
		finding_evidence(finding,
				 "a program of a kprobe carries the kernel's version, which before 5.0 must be that of "
				 "the kernel that runs (on Ubuntu and Debian not the one that uname -r begins with)");
}

/* Which version the program says that it is for; false: nothing tells. `said`: of the text, NULL: none. */
static bool find_version(const struct explained *item, const struct span *text, const uint32_t *said,
			 uint32_t *ret_version)
{
	if (version_of_call(item, ret_version))
		return true;
	if (item->traced)
		return false;
	if (said) {
		*ret_version = *said;
		return true;
	}
	return is_probe(item->finding, text) && version_of_number(text, ret_version);
}

static void apply_version(struct lade_explanation *explanation, const struct span *text)
{
	uint32_t said = 0, version;
	bool is_read = false, is_said = false;
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->errnum != EINVAL ||
		    strcmp(item->finding->code, "program.load.refused") != 0 ||
		    (!item->traced && looked++ >= VERSIONS_MAX))
			continue;
		if (!is_read)
			is_said = version_of_text(text, &said);
		is_read = true;
		if (find_version(item, text, is_said ? &said : NULL, &version))
			tell_version(&explanation->kernel, version, item->finding);
		else if (!item->traced)
			tell_probe(&explanation->kernel, text, item->finding);
	}
}

/* Both versions stand in the text, and ply asks for no other kind of program there. */
static void apply_ply(struct lade_explanation *explanation, const struct span *text)
{
	static const char words[] = "was ply built against";
	const struct kernel_known *kernel = &explanation->kernel;
	uint32_t version;
	bool is_printed;

	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || !item->line || !strstr(item->line, words))
			continue;
		if (!kernel->low || kernel->low != kernel->high || kernel->high >= SINCE_FREE ||
		    !version_of_ply(text, &version, &is_printed) || version >> 8 == kernel->low)
			return;
		blame_version(item->finding, version, kernel);
		finding_fix(item->finding,
			    "build ply with the headers of the running kernel (./configure --with-kerneldir="
			    "/lib/modules/$(uname -r)/build): ply -v and uname -r must agree; or run kernel %u.%u.%u; "
			    "kernels from 5.0 on do not compare",
			    version >> 16, version >> 8 & 0xff, version & 0xff);
		/* In a sentence it may be that of another machine. */
		finding_confidence(item->finding, is_printed ? LADE_CERTAIN : LADE_LIKELY);
	}
}

void lade_explanation_kern_version(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	apply_version(explanation, &span);
	apply_ply(explanation, &span);
}
