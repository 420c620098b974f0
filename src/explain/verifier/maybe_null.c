/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain/verifier/maybe_null.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/values.h"

static const struct {
	const char *helper, *when;
} absent[] = {
	{ "bpf_map_lookup_percpu_elem", "where the map has no such key or the CPU does not exist" },
	{ "bpf_map_lookup_elem", "where the map has no such key" },
	{ "bpf_ringbuf_reserve", "where the ring buffer is full" },
	{ "bpf_sk_lookup_", "where there is no such socket" },
	{ "bpf_skc_lookup_", "where there is no such socket" },
	{ "bpf_sk_fullsock", "where it is no full socket" },
	{ "bpf_tcp_sock", "where it is no TCP socket" },
	{ "bpf_sk_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_task_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_inode_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_cgrp_storage_get", "where there is no storage yet, or none can be made" },
	{ "bpf_dynptr_data", "where the slice lies outside, or the dynptr is one that is only read or of a packet" },
	{ "bpf_dynptr_slice", "where the slice lies outside, or cannot be had in one piece" },
	{ "bpf_per_cpu_ptr", "where the CPU does not exist" },
	{ "bpf_kptr_xchg", "where nothing was stored" },
	{ "bpf_task_from_pid", "where there is no such process" },
	{ "bpf_obj_new", "where there is no memory" },
};

static const char *when_absent(const char *helper)
{
	for (size_t i = 0; i < ELEMENTS(absent); i++)
		if (strncmp(helper, absent[i].helper, strlen(absent[i].helper)) == 0)
			return absent[i].when;
	return "where it finds nothing";
}

/* "r2 = r1": 1; -1: the step is no such copy. */
static int source_of(const struct verifier_step *step)
{
	const struct span *text = &step->line.text;

	return lade_verifier_is_way(step, "copied") && text->length == strlen("r2 = r1") &&
			       isdigit((unsigned char)text->text[6])
		       ? text->text[6] - '0'
		       : -1;
}

/* The register, or one that it was copied from, of which a state says that it may be NULL, and gives it no number by
 * which copies know of each other. *at becomes the end of what is looked at. -1: there is none. */
static int copied_from(const struct verifier_way *way, const struct verifier_verdict *verdict, const char **at)
{
	int reg = way->reg;

	*at = verdict->line;
	for (size_t i = 0;; i++) {
		struct span value = lade_verifier_register_above(way->log, *at, reg);
		const char *close = memchr(value.text, ')', value.length);
		if (lade_span_starts(&value, "map_value_or_null(") && close) {
			/* The same state has the tested one; a call behind it may have taken that away since. */
			*at = value.text + value.length;
			return lade_search(value.text, (size_t)(close - value.text), "id=", 3) ? -1 : reg;
		}
		if (i == way->count || source_of(&way->steps[i]) < 0)
			return -1;
		reg = source_of(&way->steps[i]);
		*at = way->steps[i].line.text.text;
	}
}

/* Did "r1 = r0" make it? */
static bool is_copy_of(const struct verifier_way *way, int copy, int tested)
{
	for (size_t i = 0; i < way->count; i++) {
		const struct span *text = &way->steps[i].line.text;
		if (source_of(&way->steps[i]) == tested && text->text[1] - '0' == copy)
			return true;
	}
	return false;
}

/* "R0=map_value(ks=8,vs=8) R7=map_value_or_null(ks=8,vs=8)": kernels before 4.10 know a test for one register only. */
static bool name_copy(const struct verifier_way *way, const struct verifier_verdict *verdict,
		      struct lade_finding *finding)
{
	const char *at = verdict->line;
	int copy = copied_from(way, verdict, &at);

	for (int reg = 0; copy >= 0 && reg < 10; reg++) {
		struct span other = { "", 0 };
		if (reg != copy)
			other = lade_verifier_register_above(way->log, at, reg);
		if (!lade_span_starts(&other, "map_value("))
			continue;
		finding_cause(
			finding,
			"R%d was copied before the pointer was tested as R%d: kernels before 4.10, as this one, know "
			"a test for the register that was tested, and not for its copies",
			copy, reg);
		finding_fix(finding,
			    "use the variable that was tested, right behind the test; where the compiler copies "
			    "it: asm volatile(\"\" : \"+r\"(value)); before the test; or a kernel from 4.10 on");
		finding_evidence(finding, "the state above has R%d=map_value and R%d=map_value_or_null", reg, copy);
		finding_confidence(finding, is_copy_of(way, copy, reg) ? LADE_CERTAIN : LADE_LIKELY);
		finding->is_shown = true;
		return true;
	}
	return false;
}

static bool is_read(const struct verifier_way *way)
{
	for (size_t i = 0; i < way->count; i++)
		if (lade_verifier_is_way(&way->steps[i], "read from memory"))
			return true;
	return false;
}

void lade_verifier_maybe_null(const struct verifier_way *way, const struct verifier_verdict *verdict,
			      struct lade_finding *finding)
{
	const struct verifier_step *call = way->count ? &way->steps[way->count - 1] : NULL;
	struct span name = lade_verifier_way_variable(way), map = { "", 0 };
	char helper[64], variable[80];

	/* What was read from memory is nobody's result. */
	if (name_copy(way, verdict, finding) || is_read(way))
		return;
	if (!call && !way->has_gap && way->reg >= 1 && way->reg <= 5 &&
	    lade_search(verdict->line, verdict->length, "'mem_or_null'", strlen("'mem_or_null'"))) {
		finding_cause(finding,
			      "the pointer is a parameter of a function that is not static: such a function is "
			      "verified alone, for any caller, and any may pass NULL");
		finding_fix(finding, "test it at the beginning of the function: if (!pointer) return 0; or make the "
				     "function static, or (6.9) tag the parameter __arg_nonnull");
		return;
	}
	if (!call || !lade_verifier_is_way(call, "returned r0") ||
	    !lade_verifier_helper_of(&call->line.text, helper, sizeof helper) || verdict->instruction < 0)
		return;
	if (strstr(helper, "map_lookup"))
		map = call->map;
	(void)snprintf(variable, sizeof variable, "%.*s", (int)(name.length < 64 ? name.length : 64), name.text);
	finding_cause(
		finding,
		"%s is what %s() returned (instruction %lld), which is NULL %s%s%.*s%s, and no test of it holds at "
		"instruction %lld",
		*variable ? variable : "the pointer", helper, (long long)call->line.number, when_absent(helper),
		map.length ? " (map " : "", (int)map.length, map.text, map.length ? ")" : "",
		(long long)verdict->instruction);
	finding_fix(finding, "test it between the two: if (!%s) return 0;", *variable ? variable : "pointer");
}
