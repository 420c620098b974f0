/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is refused because a structure of the running kernel has another layout or size than the one that the object was
 * compiled with: no test in the source helps.
 */
#include "explain/verifier/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"

static bool is_word(const struct span *span, const char *word)
{
	return span->length == strlen(word) && memcmp(span->text, word, span->length) == 0;
}

static void say_path(struct lade_finding *finding)
{
	finding_cause(finding,
		      "the argument points to a struct file on this kernel, and the helper (as bpf_d_path()) takes "
		      "a struct path");
	finding_fix(
		finding,
		"pass &file->f_path, not file; where the source does so, f_path lies elsewhere in this kernel than in "
		"the headers it was compiled with: struct file from vmlinux.h, so that the loader corrects the offset "
		"(CO-RE), or compile it for this kernel");
}

/* "R1 is of type file but path is expected": the wrong pointer, or a member's address that lies elsewhere now. */
static void say_structure(const struct span *line, struct lade_finding *finding)
{
	const struct span is = lade_span_behind(line, " is of type "), wanted = lade_span_behind(line, " but ");

	if (!is.length || !wanted.length || !lade_search(line->text, line->length, " is expected", 12) ||
	    (is.length == wanted.length && memcmp(is.text, wanted.text, is.length) == 0))
		return;
	if (is_word(&is, "file") && is_word(&wanted, "path")) {
		say_path(finding);
		return;
	}
	finding_cause(finding,
		      "the argument points to a struct %.*s on this kernel, and the helper or function takes a struct "
		      "%.*s",
		      (int)is.length, is.text, (int)wanted.length, wanted.text);
	finding_fix(
		finding,
		"pass a pointer to struct %.*s; where that is a member, its address (&p->member), whose offset must be "
		"this kernel's: take the structure from vmlinux.h (CO-RE)",
		(int)wanted.length, wanted.text);
}

/* "… off=1280 size=1024": 1024; 0: it says none. */
static int size_of(const struct span *line)
{
	const struct span size = lade_span_behind(line, " size=");
	char digits[8];

	(void)snprintf(digits, sizeof digits, "%.*s", (int)(size.length < sizeof digits ? size.length : 0), size.text);
	return atoi(digits);
}

/* Of 64 processors a mask has 8 bytes, and whole longs always. */
static void say_cpumask(const struct span *refused, const struct span *line, struct lade_finding *finding)
{
	static const char call[] = "call ", begin[] = "call bpf_cpumask_";
	const int bytes = size_of(line);

	if (!lade_span_starts(refused, begin) || bytes < 8 || bytes % 8 != 0)
		return;
	const char *name = refused->text + strlen(call), *end = memchr(name, '#', refused->length - strlen(call));
	finding_cause(
		finding,
		"%.*s() takes whole masks of the running kernel, %d bytes (it was built for %d processors), and the "
		"object's own is shorter: it was compiled with the vmlinux.h of a kernel for fewer. No test of an "
		"index helps",
		(int)(end ? end - name : (long)(refused->length - strlen(call))), name, bytes, bytes * 8);
	finding_fix(finding,
		    "compile it with this kernel's types (bpftool btf dump file /sys/kernel/btf/vmlinux format c > "
		    "vmlinux.h), or keep masks that bpf_cpumask_create() makes, which are the kernel's own; of scx: a "
		    "newer version of the scheduler");
	finding_confidence(finding, LADE_LIKELY);
}

#define POINTER 8

/* "(struct cgroup_rstat_cpu *)" in a source line of the log, up to the verdict: what it is cast to; length 0: no one.
 */
static struct span cast_in(const struct verifier_way *way, const struct verifier_verdict *verdict)
{
	static const char mark[] = "(struct ";
	struct span name = { "", 0 };

	for (const char *at = way->log; at < verdict->line; at++) {
		at = lade_search(at, (size_t)(verdict->line - at), mark, strlen(mark));
		if (!at)
			break;
		const struct span word = lade_span_behind(&(struct span){ at, (size_t)(verdict->line - at) }, mark);
		const char *behind = word.text + word.length;
		if (word.length && behind + 3 < verdict->line && memcmp(behind, " *)", 3) == 0)
			name = word;
	}
	return name;
}

static void tell_cast(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      const struct span *structure, struct lade_finding *finding)
{
	const struct span cast = cast_in(way, verdict);

	if (cast.length && (cast.length != structure->length || memcmp(cast.text, structure->text, cast.length) != 0))
		finding_evidence(finding,
				 "the source takes a pointer for one to struct %.*s, and here it points to a struct "
				 "%.*s: another structure, or its name in another kernel",
				 (int)cast.length, cast.text, (int)structure->length, structure->text);
}

/* "cannot access ptr member next with moff 0 in struct css_rstat_cpu with off 0 size 4" */
static void say_member(const struct verifier_way *way, const struct span *line, const struct verifier_verdict *verdict,
		       struct lade_finding *finding)
{
	const struct span member = lade_span_behind(line, "cannot access ptr member "),
			  structure = lade_span_behind(line, " in struct "), at = lade_span_behind(line, " moff "),
			  offset = lade_span_behind(line, " with off "), size = lade_span_behind(line, " size ");

	if (!member.length || !structure.length || !at.length || !offset.length || !size.length ||
	    strncmp(structure.text, "bpf_map ", strlen("bpf_map ")) == 0)
		return;
	const long long begin = strtoll(offset.text, NULL, 10), length = strtoll(size.text, NULL, 10),
			there = strtoll(at.text, NULL, 10);
	tell_cast(way, verdict, &structure, finding);
	if (begin != there || length >= POINTER)
		return;
	finding_cause(
		finding,
		"the program reads %lld of the 8 bytes of %.*s, which is a pointer in this kernel's struct %.*s: a "
		"pointer is only read whole. It is read through another type (as int), or that member was another "
		"one, in another structure or place, where the program was compiled",
		length, (int)member.length, member.text, (int)structure.length, structure.text);
	finding_fix(finding,
		    "read the member as what it is (void *p = s->%.*s, 8 bytes); where another member is meant, the "
		    "structure changed: adapt the source to pahole -C %.*s /sys/kernel/btf/vmlinux, and let the loader "
		    "find the offset (vmlinux.h, CO-RE, clang -g; Aya: aya-tool generate %.*s on this kernel)",
		    (int)member.length, member.text, (int)structure.length, structure.text, (int)structure.length,
		    structure.text);
}

void lade_verifier_foreign(const struct verifier_way *way, const struct verifier_verdict *verdict,
			   struct lade_finding *finding)
{
	const struct span *refused = &way->refused;
	const struct span line = { verdict->line, verdict->length };

	if (strcmp(finding->code, "verifier.arg-type") == 0)
		say_structure(&line, finding);
	else if (strcmp(finding->code, "verifier.btf-pointer") == 0)
		say_member(way, &line, verdict, finding);
	else if (strncmp(finding->code, "verifier.bounds.", strlen("verifier.bounds.")) == 0)
		say_cpumask(refused, &line, finding);
}
