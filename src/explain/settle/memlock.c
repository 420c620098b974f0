/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RLIMIT_MEMLOCK, to which kernels before 5.11 charge maps and programs: what a text says of it settles whether it is
 * what refused.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/root_told.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (1U << 20)
#define MENTIONS_MAX 64
#define LOW_BYTES    (8U << 20) /* of the limit: with more most objects can be loaded */
#define LARGE_MIB    256        /* of the limit: enough for nearly all objects */

/* Of a shell, while the service that is refused has another one, or of another container. */
#define UNLIMITED                                                                                                      \
	"line %zu: RLIMIT_MEMLOCK is unlimited: where that is the limit of the process that was refused, it is not "   \
	"the reason"

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
static bool take_call(const struct mention *line, struct limit *limit)
{
	const char *end = line->text.text + line->text.length, *value = lade_in_mention(line, "rlim_cur=");
	bool is_set = lade_in_mention(line, "setrlimit(") ||
		      (lade_in_mention(line, "prlimit") && !lade_in_mention(line, "RLIMIT_MEMLOCK, NULL"));

	if (!lade_in_mention(line, "RLIMIT_MEMLOCK") || !value)
		return false;
	if (lade_in_mention(line, "= -1 ")) {
		limit->refused_line = is_set ? line->number : limit->refused_line;
		return false;
	}
	return take_bytes(value + strlen("rlim_cur="), end, 1, limit);
}

/* "max locked memory       (kbytes, -l) 64", "Max locked memory   65536   65536   bytes", and prlimit's table. */
static bool take_table(const struct mention *line, struct limit *limit)
{
	static const char kbytes[] = "(kbytes, -l)";
	static const char *const names[] = { "ax locked memory", "max locked-in-memory address space" };
	const char *end = line->text.text + line->text.length, *at = lade_in_mention(line, kbytes);

	if (at)
		return take_bytes(at + strlen(kbytes), end, 1024, limit);
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if ((at = lade_in_mention(line, names[i])))
			return take_bytes(at + strlen(names[i]), end, 1, limit);
	return false;
}

/* "$ ulimit -l", and 64 on the next line or this one; others only advise it. */
static bool take_command(const struct mention *line, struct limit *limit)
{
	static const char word[] = "ulimit -l";
	const char *at = lade_in_mention(line, word), *end = line->text.text + line->text.length;

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
static bool take_unit(const struct mention *line, struct limit *limit)
{
	static const char word[] = "LimitMEMLOCK=";
	const char *at = lade_in_mention(line, word), *end = line->text.text + line->text.length;

	return at == line->text.text && take_bytes(at + strlen(word), end, 1, limit);
}

/* "--ulimit memlock=-1:-1", of a container. */
static bool take_option(const struct mention *line, struct limit *limit)
{
	static const char word[] = "--ulimit memlock=";
	const char *at = lade_in_mention(line, word), *end = line->text.text + line->text.length;

	return at && take_bytes(at + strlen(word), end, 1, limit);
}

/* What is said last counts. */
static void find_limit(const struct span *text, struct limit *limit)
{
	static const struct {
		const char *word;
		bool (*take)(const struct mention *line, struct limit *limit);
	} ways[] = { { "RLIMIT_MEMLOCK", take_call },    { "ax locked memory", take_table },
		     { "locked-in-memory", take_table }, { "ulimit -l", take_command },
		     { "LimitMEMLOCK=", take_unit },     { "--ulimit memlock=", take_option } };

	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct mention line = { .next = text->text };
		for (unsigned mentions = 0; mentions < MENTIONS_MAX; mentions++) {
			struct limit found = *limit;
			if (!lade_find_mention(text, ways[i].word, &line))
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
		finding_evidence(finding, UNLIMITED, limit->line);
	if (limit->line && !limit->is_unlimited)
		finding_evidence(finding, "line %zu: RLIMIT_MEMLOCK is %" PRIu64 " KiB%s", limit->line,
				 limit->bytes >> 10, meaning);
	if (is_before && !limit->is_unlimited && (limit->line || limit->refused_line) && limit->bytes <= LOW_BYTES)
		blame_limit(finding, limit);
}

/* "MEMLOCK may be too low": what libraries say whatever refused. */
static bool is_hint(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
	       strcmp(item->finding->code, "environment.memlock") == 0 && strstr(item->line, "MEMLOCK may be too low");
}

static bool has_word(const struct span *text, const char *word)
{
	return lade_search_long(text->text, text->length, word, strlen(word)) != NULL;
}

/* The text's own words for whom bpf(2) is refused to. */
static const char *unprivileged_in(const struct span *text)
{
	static const char *const words[] = { "without privileged",     "not privileged",   "non-privileged",
					     "unprivileged container", "unprivileged pod", "privileged: false" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (has_word(text, words[i]))
			return words[i];
	return NULL;
}

/* With all rights it is the limit. */
static bool is_of_container(const struct span *text)
{
	static const char *const words[] = { "kubectl ",        "aemonSet",   "aemonset",
					     "securityContext", "docker run", "container",
					     "docker-compose",  " pod",       "helm" };
	static const char *const rights[] = { "--privileged", "privileged: true", "privileged=true" };

	return lade_search_any(text->text, text->length, words, ELEMENTS(words)) &&
	       !lade_search_any(text->text, text->length, rights, ELEMENTS(rights));
}

/* Another finding about the same. NULL: there is no memory, and the old one stays. */
static struct lade_finding *put_instead(struct lade_explanation *explanation, struct explained *item, const char *code)
{
	struct lade_finding *old = item->finding, *finding = lade_explanation_finding(explanation, code, item->line);

	if (!finding)
		return NULL;
	finding_object(finding, old->object);
	finding_map(finding, old->map);
	finding_program(finding, old->program);
	finding_confidence(finding, LADE_LIKELY);
	item->finding = finding;
	(void)lade_finding_free(old);
	return finding;
}

/* Agents raise the limit themselves, and a container has the rights that it was given. */
static void blame_container(struct lade_explanation *explanation, const struct span *text, struct explained *item)
{
	static const char fix[] =
		"privileged: true (docker: --privileged), or as capabilities BPF, PERFMON, NET_ADMIN and "
		"SYS_RESOURCE (before 5.8 SYS_ADMIN) with a seccomp profile that allows bpf; before "
		"5.11 also rlimit.RemoveMemlock(), or ulimit -l unlimited";
	const char *word = unprivileged_in(text);
	struct lade_finding *finding;

	if (!word && is_of_container(text)) {
		finding_cause(item->finding,
			      "in a container, of which the text is, mostly bpf(2) itself is refused, whatever the "
			      "library's hint: CAP_BPF or CAP_SYS_ADMIN is missing, or its seccomp profile does not "
			      "let it; before 5.11 else RLIMIT_MEMLOCK is too low");
		finding_fix(item->finding, "%s", fix);
	}
	finding = word ? put_instead(explanation, item, "environment.privilege") : NULL;
	if (!finding)
		return;
	finding_cause(finding,
		      "the process may not use bpf(2), and the library's hint is wrong: the text says that its "
		      "container is not privileged, and without CAP_BPF (before 5.8 CAP_SYS_ADMIN) and a seccomp "
		      "profile that allows bpf it gets no map");
	finding_evidence(finding, "the text has the words \"%s\"", word);
	finding_fix(finding, "%s", fix);
}

/* The hint is wrong, and what else refuses has another code. */
static void blame_other(struct lade_explanation *explanation, const struct limit *limit, const struct span *text,
			struct explained *item)
{
	bool is_container = has_word(text, "--cap-add") || has_word(text, "seccomp=");
	struct lade_finding *finding =
		put_instead(explanation, item, is_container ? "environment.seccomp" : "environment.privilege");

	if (!finding)
		return;
	finding_evidence(finding, UNLIMITED, limit->line);
	if (is_container) {
		finding_cause(finding,
			      "the hint is wrong: what refuses is likely the container's seccomp profile, of which "
			      "many let bpf(2) through with CAP_SYS_ADMIN only, and not with CAP_BPF (Docker's "
			      "own does since 23.0); else a capability is missing");
		finding_fix(finding, "--security-opt seccomp=unconfined tells whether it is that; then a profile that "
				     "allows bpf and perf_event_open (a newer Docker's), or --cap-add SYS_ADMIN");
	} else {
		finding_cause(finding, "the hint is wrong: CAP_BPF or CAP_SYS_ADMIN is missing, or a seccomp filter or "
				       "security module refuses bpf(2)");
		finding_fix(finding, "run as root, in a container with CAP_BPF and a seccomp profile that allows bpf");
	}
}

static void tell_root(struct lade_finding *finding)
{
	finding_cause(finding,
		      "root runs it, as the text says: then the limit itself is too low, as this kernel, before 5.11, "
		      "charges maps and programs to RLIMIT_MEMLOCK for root, too (64 KiB or 8 MiB as a rule), and the "
		      "program did not raise it");
	finding_fix(finding, "ulimit -l unlimited before it, in the same shell (systemd: LimitMEMLOCK=infinity); in a "
			     "program of one's own rlimit.RemoveMemlock() before the load; a version of the tool that "
			     "does so");
	finding_confidence(finding, LADE_LIKELY);
}

/* Outside of containers an old kernel leaves the limit and root, and who is root may raise the limit. */
static void tell_age(const struct kernel_known *kernel, const struct span *text, struct lade_finding *finding)
{
	if (!kernel->high || kernel->high >= KERNEL_SINCE_CGROUP || unprivileged_in(text) || is_of_container(text))
		return;
	if (lade_tells_of_root(text->text, text->length)) {
		tell_root(finding);
		return;
	}
	finding_cause(finding,
		      "the process is mostly not that of root: this kernel, before 5.11, charges maps and programs to "
		      "RLIMIT_MEMLOCK, which is too low for whoever is not root, and agents, which raise it at their "
		      "start, need CAP_SYS_RESOURCE for that, as they need CAP_BPF (before 5.8 CAP_SYS_ADMIN) for the "
		      "map. If it is root, it did not raise the limit");
	finding_fix(finding, "sudo; as root ulimit -l unlimited before it (systemd: LimitMEMLOCK=infinity); in a "
			     "program of one's own rlimit.RemoveMemlock() before the load");
}

/* "try raising 'ulimit -l'? current value: 4096.0 MiB": libbpf's guess, and a limit that hardly anything needs. */
static void tell_large(struct explained *item)
{
	static const char mark[] = "current value: ";
	const char *at = item->line ? strstr(item->line, mark) : NULL;
	double size = at ? strtod(at + strlen(mark), NULL) : 0;

	if (!at || item->role != LADE_EXPLAINED_ERROR || !item->finding || !strstr(at, " MiB") || size < LARGE_MIB ||
	    strcmp(item->finding->code, "environment.memlock") != 0)
		return;
	finding_cause(item->finding,
		      "RLIMIT_MEMLOCK is %.0f MiB already, which is much: before 5.11, where all memory of maps counts "
		      "against it, the maps of this object (or of all that this user has loaded) are larger than that "
		      "together. From 5.11 on it does not count, and something else refuses: a capability, seccomp, "
		      "lockdown",
		      size);
	finding_fix(item->finding,
		    "smaller maps: max_entries times the size of a value, of per-CPU maps times the possible CPUs "
		    "(bpf_map__set_max_entries(), or the tool's options; BPF_F_NO_PREALLOC for hashes that stay nearly "
		    "empty); bpftool map shows what others hold (memlock); or ulimit -l unlimited; uname -r");
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void apply_limit(struct lade_explanation *explanation, const struct span *text)
{
	struct limit limit = { 0 };
	bool is_read = false;

	array_foreach(item, &explanation->items) {
		tell_large(item);
		if (!is_charged(item) && !is_hint(item))
			continue;
		if (!is_read)
			find_limit(text, &limit);
		is_read = true;
		if (is_charged(item))
			tell_limit(&explanation->kernel, &limit, item->finding);
		else if (limit.line && limit.is_unlimited)
			blame_other(explanation, &limit, text, item);
		else if (!limit.line && !limit.refused_line) {
			tell_age(&explanation->kernel, text, item->finding);
			blame_container(explanation, text, item);
		}
	}
}

void lade_explanation_memlock(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	apply_limit(explanation, &span);
}
