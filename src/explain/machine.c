/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a text says of the machine besides, and settles which of several causes it is: RLIMIT_MEMLOCK, to which kernels
 * before 5.11 charge maps and programs, and the version that kernels before 5.0 compare with their own.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/search.h"
#include "explain/text.h"

#define TEXT_BYTES   (4U << 20)
#define MENTIONS_MAX 64
#define LOW_BYTES    (8U << 20) /* of the limit: with more most objects can be loaded */
#define SINCE_FREE   (5 << 8)   /* kernels from 5.0 on compare no version */

struct line {
	struct span text;
	size_t number;    /* of the line that was found last, from 1 */
	const char *next; /* where the next one begins */
};

/* The next line that has the word; false: there is none. */
static bool find_line(const struct span *text, const char *word, struct line *line)
{
	const char *end = text->text + text->length, *start = line->next, *newline, *stop;
	const char *hit = lade_search_long(start, (size_t)(end - start), word, strlen(word));

	if (!hit)
		return false;
	for (line->number++; (newline = memchr(start, '\n', (size_t)(hit - start))); start = newline + 1)
		line->number++;
	stop = memchr(hit, '\n', (size_t)(end - hit));
	stop = stop ? stop : end;
	line->text = (struct span){ start, (size_t)(stop - start) };
	line->next = stop < end ? stop + 1 : end;
	return true;
}

static const char *find(const struct line *line, const char *word)
{
	return lade_search(line->text.text, line->text.length, word, strlen(word));
}

/* ---- RLIMIT_MEMLOCK ---- */

struct limit {
	size_t line; /* 0: nothing is said of it */
	bool is_unlimited;
	uint64_t bytes;
	size_t refused_line; /* where it could not be raised; 0: nowhere */
};

/* "64", "64*1024", "64K", "unlimited", "RLIM64_INFINITY", "infinity"; false: none of them. */
static bool take_bytes(const char *at, const char *end, uint64_t unit, struct limit *limit)
{
	static const char *const endless[] = { "unlimited", "infinity", "RLIM64_INFINITY", "RLIM_INFINITY", "-1" };
	static const char units[] = "KMG";
	uint64_t bytes = 0, factor = 0;
	const char *letter;

	for (; at < end && strchr(" \t:=", *at);)
		at++;
	for (size_t i = 0; i < ELEMENTS(endless); i++)
		if ((size_t)(end - at) >= strlen(endless[i]) && memcmp(at, endless[i], strlen(endless[i])) == 0) {
			limit->is_unlimited = true;
			return true;
		}
	if (at == end || !lade_is_digit(*at))
		return false;
	for (; at < end && lade_is_digit(*at) && bytes < UINT64_MAX / 16; at++)
		bytes = bytes * 10 + (uint64_t)(*at - '0');
	for (const char *times = at + 1; at < end && *at == '*' && times < end && lade_is_digit(*times); times++)
		factor = factor * 10 + (uint64_t)(*times - '0');
	letter = at < end && *at ? strchr(units, toupper((unsigned char)*at)) : NULL;
	limit->is_unlimited = false;
	limit->bytes = bytes * (factor ? factor : letter ? UINT64_C(1) << (10 * (letter - units + 1)) : unit);
	return true;
}

/* prlimit64(0, RLIMIT_MEMLOCK, {rlim_cur=64*1024, …}, NULL) = 0 */
static bool take_call(const struct line *line, struct limit *limit)
{
	const char *end = line->text.text + line->text.length, *value = find(line, "rlim_cur=");
	bool is_set = find(line, "setrlimit(") || (find(line, "prlimit") && !find(line, "RLIMIT_MEMLOCK, NULL"));

	if (!find(line, "RLIMIT_MEMLOCK") || !value)
		return false;
	if (find(line, "= -1 ")) {
		limit->refused_line = is_set ? line->number : limit->refused_line;
		return false;
	}
	return take_bytes(value + strlen("rlim_cur="), end, 1, limit);
}

/* "max locked memory       (kbytes, -l) 64", "Max locked memory   65536   65536   bytes", and prlimit's table. */
static bool take_table(const struct line *line, struct limit *limit)
{
	static const char kbytes[] = "(kbytes, -l)";
	static const char *const names[] = { "ax locked memory", "max locked-in-memory address space" };
	const char *end = line->text.text + line->text.length, *at = find(line, kbytes);

	if (at)
		return take_bytes(at + strlen(kbytes), end, 1024, limit);
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if ((at = find(line, names[i])))
			return take_bytes(at + strlen(names[i]), end, 1, limit);
	return false;
}

/* "$ ulimit -l", and 64 on the next line or this one; others only advise it. */
static bool take_command(const struct line *line, struct limit *limit)
{
	static const char word[] = "ulimit -l";
	const char *at = find(line, word), *end = line->text.text + line->text.length;

	for (const char *before = line->text.text; before < at; before++)
		if (!strchr(" \t$#>", *before))
			return false;
	if (!at)
		return false;
	at += strlen(word);
	while (at < end && strchr(" \t\r", *at))
		at++;
	return take_bytes(at < end ? at : line->next, at < end ? end : line->next + 16, 1024, limit);
}

/* A unit's own line: "LimitMEMLOCK=64K". */
static bool take_unit(const struct line *line, struct limit *limit)
{
	static const char word[] = "LimitMEMLOCK=";
	const char *at = find(line, word), *end = line->text.text + line->text.length;

	return at == line->text.text && take_bytes(at + strlen(word), end, 1, limit);
}

/* What is said last counts. */
static void find_limit(const struct span *text, struct limit *limit)
{
	static const struct {
		const char *word;
		bool (*take)(const struct line *line, struct limit *limit);
	} ways[] = { { "RLIMIT_MEMLOCK", take_call },
		     { "ax locked memory", take_table },
		     { "locked-in-memory", take_table },
		     { "ulimit -l", take_command },
		     { "LimitMEMLOCK=", take_unit } };

	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct line line = { .next = text->text };
		for (unsigned mentions = 0; mentions < MENTIONS_MAX; mentions++) {
			struct limit found = *limit;
			if (!find_line(text, ways[i].word, &line))
				break;
			bool is_limit = ways[i].take(&line, &found);
			limit->refused_line = found.refused_line;
			if (is_limit && line.number > limit->line) {
				*limit = found;
				limit->line = line.number;
			}
		}
	}
}

static bool is_charged(const struct explained *item)
{
	static const char *const codes[] = { "map.create.permission", "program.load.permission" };

	for (size_t i = 0; i < ELEMENTS(codes); i++)
		if (item->finding && item->errnum == EPERM && strcmp(item->finding->code, codes[i]) == 0)
			return true;
	return false;
}

static void blame_limit(struct lade_finding *finding, const struct limit *limit)
{
	if (limit->line)
		finding_cause(finding,
			      "RLIMIT_MEMLOCK is too low: it is %" PRIu64
			      " KiB, and this kernel, before 5.11, charges every "
			      "map and program to it",
			      limit->bytes >> 10);
	else
		finding_cause(finding,
			      "RLIMIT_MEMLOCK is too low and could not be raised, and this kernel, before 5.11, "
			      "charges every map and program to it");
	finding_fix(finding, "ulimit -l unlimited before the start (systemd: LimitMEMLOCK=infinity; Docker: --ulimit "
			     "memlock=-1), or CAP_SYS_RESOURCE, with which the loader raises it itself; a kernel from "
			     "5.11 on charges the cgroup");
	finding_confidence(finding, LADE_LIKELY);
}

static void tell_limit(const struct kernel_known *kernel, const struct limit *limit, struct lade_finding *finding)
{
	bool is_before = kernel->high && kernel->high < KERNEL_SINCE_CGROUP,
	     is_behind = kernel->low >= KERNEL_SINCE_CGROUP;
	const char *meaning = is_before   ? ""
			      : is_behind ? ", which this kernel does not charge: it is not the reason"
					  : ", to which kernels before 5.11 charge maps and programs";

	if (limit->refused_line)
		finding_evidence(finding,
				 "line %zu: the limit RLIMIT_MEMLOCK could not be raised (CAP_SYS_RESOURCE is missing)",
				 limit->refused_line);
	if (limit->line && limit->is_unlimited)
		finding_evidence(finding, "line %zu: RLIMIT_MEMLOCK is unlimited: it is not the reason", limit->line);
	if (limit->line && !limit->is_unlimited)
		finding_evidence(finding, "line %zu: RLIMIT_MEMLOCK is %" PRIu64 " KiB%s", limit->line,
				 limit->bytes >> 10, meaning);
	if (is_before && !limit->is_unlimited && (limit->line || limit->refused_line) && limit->bytes <= LOW_BYTES)
		blame_limit(finding, limit);
}

static void apply_limit(struct lade_explanation *explanation, const struct span *text)
{
	struct limit limit = { 0 };
	bool is_read = false;

	array_foreach(item, &explanation->items) {
		if (!is_charged(item))
			continue;
		if (!is_read)
			find_limit(text, &limit);
		is_read = true;
		tell_limit(&explanation->kernel, &limit, item->finding);
	}
}

/* ---- the version that a program carries ---- */

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

/* "kernel version of ./kprobe.o is 40e00", libbpf's; "kern_version 267008". */
static bool version_of_text(const struct span *text, uint32_t *ret_version)
{
	static const char libbpf[] = "kernel version of ", is[] = " is ", word[] = "kern_version";
	struct line line = { .next = text->text }, other = line;
	const char *at, *end;

	if (find_line(text, libbpf, &line)) {
		at = find(&line, libbpf) + strlen(libbpf);
		end = line.text.text + line.text.length;
		at = lade_search(at, (size_t)(end - at), is, strlen(is));
		char digits[16];
		(void)snprintf(digits, sizeof digits, "%.*s", at ? (int)(end - at - 4) : 0, at ? at + 4 : "");
		*ret_version = (uint32_t)strtoul(digits, NULL, 16);
		return at && *ret_version;
	}
	/* Not "4.18.0", which others write there. */
	return find_line(text, word, &other) && !find(&other, ".") &&
	       take_version(find(&other, word) + strlen(word), other.text.text + other.text.length, ret_version);
}

static void blame_version(struct lade_finding *finding, uint32_t version, const struct kernel_known *kernel)
{
	char own[KERNEL_VERSION_BYTES];

	lade_kernel_spell(kernel->high, own);
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
	finding_fix(finding,
		    "build it with the headers of the running kernel (linux-headers-$(uname -r); in a container "
		    "mount /lib/modules and /usr/src), or load it with a loader that fills the version in: lade "
		    "load, a newer libbpf");
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

/* "kprobe/do_sys_open", as libbpf names programs before 0.7. */
static bool is_probe(const struct lade_finding *finding)
{
	static const char *const sections[] = { "kprobe/", "kretprobe/", "uprobe/", "uretprobe/" };

	for (size_t i = 0; finding->program && i < ELEMENTS(sections); i++)
		if (strncmp(finding->program, sections[i], strlen(sections[i])) == 0)
			return true;
	return false;
}

/* No version is named. */
static void tell_probe(const struct kernel_known *kernel, struct lade_finding *finding)
{
	if (is_probe(finding) && kernel->low < SINCE_FREE)
		finding_evidence(finding,
				 "a program of a kprobe carries the kernel's version, which before 5.0 must be that of "
				 "the kernel that runs (on Ubuntu and Debian not the one that uname -r begins with)");
}

static void apply_version(struct lade_explanation *explanation, const struct span *text)
{
	uint32_t said = 0, version;
	bool is_read = false, is_said = false;

	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->errnum != EINVAL ||
		    strcmp(item->finding->code, "program.load.refused") != 0)
			continue;
		if (!is_read)
			is_said = version_of_text(text, &said);
		is_read = true;
		if (version_of_call(item, &version))
			tell_version(&explanation->kernel, version, item->finding);
		else if (is_said && !item->traced)
			tell_version(&explanation->kernel, said, item->finding);
		else if (!item->traced)
			tell_probe(&explanation->kernel, item->finding);
	}
}

/* ---- what an older kernel does not know ---- */

static bool is_of_call(const struct explained *item, const char *operation)
{
	return item->traced && item->finding && item->role == LADE_EXPLAINED_ERROR &&
	       strcmp(item->traced, operation) == 0;
}

/* Does nothing better explain it? */
static bool is_unsettled(const struct explained *item)
{
	return item->newest.since && item->finding->confidence == LADE_POSSIBLE &&
	       (item->errnum == EINVAL || item->errnum == E2BIG || !item->errnum);
}

static void blame_age(const struct explained *item, const char *kernel)
{
	char since[KERNEL_VERSION_BYTES];

	lade_kernel_spell(item->newest.since, since);
	finding_cause(item->finding, "%s is older than %s, with which %s came, that the call asks for%s", kernel, since,
		      item->newest.name, item->errnum ? "" : " (with which error it failed is cut away here)");
	finding_fix(item->finding,
		    "a newer kernel, or a loader that tries again without it: lade load, libbpf; uname -r tells");
}

static void apply_age(struct lade_explanation *explanation)
{
	const struct kernel_known *kernel = &explanation->kernel;
	char own[KERNEL_VERSION_BYTES];

	lade_kernel_spell(kernel->high, own);
	array_foreach(item, &explanation->items) {
		bool is_map = is_of_call(item, "map_create");
		if ((!is_map && !is_of_call(item, "prog_load")) || !is_unsettled(item))
			continue;
		if (kernel->high && kernel->high < item->newest.since) {
			CLEANUP(cleanup_free) char *words = NULL;
			if (asprintf(&words, "this kernel (%s)", own) > 0)
				blame_age(item, words);
			finding_confidence(item->finding, LADE_LIKELY);
		} else if (kernel->low >= item->newest.since) {
			finding_evidence(item->finding,
					 "mainline kernels have all that the call asks for since %u.%u (%s)",
					 item->newest.since >> 8, item->newest.since & 0xffU, item->newest.name);
		} else if (is_map && item->errnum != E2BIG) {
			blame_age(item, "the kernel");
		}
	}
}

/* ---- a program that is too large, and is not ---- */

#define SMALL UINT64_C(4096) /* instructions that every kernel takes */

/* "found program 'NAME' at insn offset 0 (0 bytes), code size 12 insns", libbpf's. */
static bool find_size(const struct span *text, const char *program, uint64_t *ret_count)
{
	static const char mark[] = "code size ";
	char words[128];
	struct line line = { .next = text->text };
	const char *at;

	(void)snprintf(words, sizeof words, "found program '%.90s'", program);
	if (!find_line(text, words, &line))
		return false;
	at = find(&line, mark);
	*ret_count = 0;
	for (at = at ? at + strlen(mark) : line.next; at < line.next && lade_is_digit(*at) && *ret_count < SMALL * 1000;
	     at++)
		*ret_count = *ret_count * 10 + (uint64_t)(*at - '0');
	return *ret_count > 0;
}

static void apply_size(struct lade_explanation *explanation, const struct span *text)
{
	array_foreach(item, &explanation->items) {
		uint64_t count;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->errnum != E2BIG ||
		    !item->finding->program || strncmp(item->finding->code, "program.load.", 13) != 0 ||
		    !find_size(text, item->finding->program, &count) || count > SMALL)
			continue;
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

void lade_explanation_machine(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	apply_limit(explanation, &span);
	apply_version(explanation, &span);
	apply_age(explanation);
	apply_size(explanation, &span);
}
