/* SPDX-License-Identifier: BSD-2-Clause */
/* E2BIG of a program that is small: not the program is too large. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/reading/search.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES    (4U << 20)
#define SMALL         UINT64_C(4096) /* instructions that every kernel takes */
#define SINCE_MILLION (5 << 8 | 2)
#define SINCE_ATTACH  (4 << 8 | 17) /* expected_attach_type */

/* "found program 'NAME' at insn offset 0 (0 bytes), code size 12 insns", libbpf's. */
static bool find_size(const struct span *text, const char *program, uint64_t *ret_count)
{
	static const char mark[] = "code size ";
	char words[128];
	struct mention line = { .next = text->text };
	const char *at;

	(void)snprintf(words, sizeof words, "found program '%.90s'", program);
	if (!lade_find_mention(text, words, &line))
		return false;
	at = lade_in_mention(&line, mark);
	*ret_count = 0;
	for (at = at ? at + strlen(mark) : line.next; at < line.next && lade_is_digit(*at) && *ret_count < SMALL * 1000;
	     at++)
		*ret_count = *ret_count * 10 + (uint64_t)(*at - '0');
	return *ret_count > 0;
}

/* libbpf and cilium/ebpf print the verifier's log of what failed; before 5.2 the kernel counts before it verifies. */
static bool is_unseen(const struct explained *item, const struct kernel_known *kernel)
{
	static const char *const words[] = { "libbpf: prog '", "libbpf: load bpf program failed", "load program: " };

	if (!kernel->high || kernel->high >= SINCE_MILLION || item->finding->log ||
	    item->finding->confidence == LADE_CERTAIN)
		return false;
	for (size_t i = 0; item->line && i < ELEMENTS(words); i++)
		if (strstr(item->line, words[i]))
			return true;
	return false;
}

static void blame_count(struct lade_finding *finding, const struct kernel_known *kernel)
{
	char words[KERNEL_VERSION_BYTES];

	lade_kernel_spell(kernel->high, words);
	lade_drop_others(&finding->evidence, NULL);
	finding_cause(finding,
		      "the program has more than 4096 instructions, which is what kernels before 5.2 take (the text "
		      "names %s), and the kernel refused it before it verified anything: no log of the verifier is "
		      "here. If one was left out, branches and loops may be what is too much",
		      words);
	finding_fix(finding,
		    "llvm-objdump -d OBJ shows how many instructions it has: split it into several with "
		    "bpf_tail_call(), unroll less, read less (each string and field costs); or a kernel from 5.2 on, "
		    "which takes a million as root");
	finding_confidence(finding, LADE_LIKELY);
}

/* cilium/ebpf gives each kernel the attach type that the section names; libbpf leaves it out where it can. */
static bool has_attach_type(const struct explained *item, const struct span *text)
{
	static const char *const words[] = { "cgroup_s", "cgroup/", "AttachCGroup", "AttachCgroup" };

	return strstr(item->line, "load program: ") &&
	       lade_search_any(text->text, text->length, words, ELEMENTS(words));
}

static void blame_attach_type(struct lade_finding *finding, const struct kernel_known *kernel)
{
	char words[KERNEL_VERSION_BYTES];

	lade_kernel_spell(kernel->high, words);
	lade_drop_others(&finding->evidence, NULL);
	finding_cause(finding,
		      "cilium/ebpf says for which hook of a cgroup the program is (expected_attach_type), which came "
		      "with 4.17, and a kernel answers E2BIG to what it does not know: the text names %s. Less often "
		      "the program has more than 4096 instructions, the most before 5.2",
		      words);
	finding_fix(
		finding,
		"a kernel from 4.17 on (programs of cgroups themselves came with 4.10); on one between, AttachType: "
		"ebpf.AttachNone in the ProgramSpec before the load (cgroup_skb and cgroup/sock need none there), and "
		"the hook at the attach alone. llvm-objdump -d OBJ shows how many instructions it has");
	finding_confidence(finding, LADE_LIKELY);
}

/* "Program  too large (113 insns), at most 4096 insns", bcc's and libbpf's for each E2BIG. */
static bool is_said_of_small(const struct explained *item, uint64_t *ret_count)
{
	static const char mark[] = "too large (";
	const char *at = item->line ? strstr(item->line, mark) : NULL;
	int end = 0;

	return at && strcmp(item->finding->code, "program.load.too-large") == 0 &&
	       sscanf(at + strlen(mark), "%7" SCNu64 " insns)%n", ret_count, &end) == 1 && end > 0 && *ret_count > 0 &&
	       *ret_count <= SMALL;
}

static void blame_walk(struct lade_finding *finding, const struct kernel_known *kernel, uint64_t count)
{
	const bool is_million = kernel->low >= SINCE_MILLION;

	finding_cause(
		finding,
		"%" PRIu64
		" instructions are not too many for any kernel: the loader writes this sentence for each E2BIG. "
		"The verifier gave up, which walks through every branch and every round of a loop: %s. Less often "
		"the library is newer than the kernel, and passes what that does not know",
		count,
		is_million ? "one million instructions in all"
			   : "131072 instructions in all (32768 before 4.14), a million since 5.2");
	finding_fix(
		finding,
		"fewer rounds of the loop and fewer conditions within it (each && is a branch), bpf_loop() from 5.17 "
		"on, or several programs with tail calls%s; \"processed N insns\" in the verifier's log tells whether "
		"it came to its limit",
		is_million ? "" : "; or a kernel from 5.2 on");
	finding_confidence(finding, LADE_LIKELY);
}

static void blame_unseen(struct explained *item, const struct kernel_known *kernel, const struct span *text)
{
	if (kernel->high < SINCE_ATTACH && has_attach_type(item, text))
		blame_attach_type(item->finding, kernel);
	else
		blame_count(item->finding, kernel);
}

static void apply_size(struct lade_explanation *explanation, const struct span *text)
{
	array_foreach(item, &explanation->items) {
		uint64_t count;
		if (item->role == LADE_EXPLAINED_ERROR && item->finding && is_said_of_small(item, &count)) {
			blame_walk(item->finding, &explanation->kernel, count);
			continue;
		}
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->errnum != E2BIG ||
		    !item->finding->program || strncmp(item->finding->code, "program.load.", 13) != 0)
			continue;
		if (!find_size(text, item->finding->program, &count) || count > SMALL) {
			if (is_unseen(item, &explanation->kernel))
				blame_unseen(item, &explanation->kernel, text);
			continue;
		}
		finding_cause(item->finding,
			      "the program has %" PRIu64
			      " instructions, and the verifier says nothing: the loader passes "
			      "something that this kernel does not know (E2BIG), as a newer or patched library does",
			      count);
		finding_fix(
			item->finding,
			"a loader as old as the kernel, or one that leaves out what it does not know; strace -e bpf -v "
			"shows the call");
		finding_confidence(item->finding, LADE_LIKELY);
	}
}

void lade_explanation_program_size(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	apply_size(explanation, &span);
}
