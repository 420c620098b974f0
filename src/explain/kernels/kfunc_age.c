/* SPDX-License-Identifier: BSD-2-Clause */
/* Since when the kernel has the very function that a message names: that programs may call any, came earlier. */
#include <stdio.h>
#include <string.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/kernels/kernels.h"
#include "explain/reading/line.h"
#include "needs/needs.h"

#define NAME_BYTES 128

/* libbpf's, cilium/ebpf's, the verifier's words before the name. */
static bool find_name(const char *message, char name[NAME_BYTES])
{
	static const char *const marks[] = { "(func ksym) '", "extern '", "kfunc \"", "kfunc '", "kernel function " };

	for (size_t i = 0; message && i < ELEMENTS(marks); i++) {
		const char *at = strstr(message, marks[i]);
		size_t length = 0;
		for (at = at ? at + strlen(marks[i]) : ""; lade_is_of_name(at[length]); length++)
			;
		if (!length || length >= NAME_BYTES)
			continue;
		(void)snprintf(name, NAME_BYTES, "%.*s", (int)length, at);
		return true;
	}
	return false;
}

/* 0: no function of the kernel that is known. */
static uint16_t since_of(const char *name)
{
	struct lade_word_info word = { .size = sizeof word };
	uint16_t since = 0;

	for (size_t nth = 0; lade_word_find(name, nth, &word) == 0; nth++)
		if (word.kind == LADE_WORD_KFUNC && strcmp(word.word, name) == 0 &&
		    lade_kernel_parse(word.since, &since))
			return since;
	return 0;
}

static void set_bounds(struct lade_finding *finding, uint16_t since, uint16_t until)
{
	char low[KERNEL_VERSION_BYTES], high[KERNEL_VERSION_BYTES];

	lade_kernel_spell(since, low);
	lade_kernel_spell(until, high);
	finding_kernels(finding, low, high);
}

/* "run a kernel that has it, or …" */
static void name_kernel(struct lade_finding *finding, const char *since)
{
	static const char words[] = "a kernel that has it";
	const char *at = finding->fix ? strstr(finding->fix, words) : NULL;

	if (at)
		finding_fix(finding, "%.*sa kernel from %s on%s", (int)(at - finding->fix), finding->fix, since,
			    at + strlen(words));
}

static void tell_absent(struct lade_finding *finding, const char *name, uint16_t since,
			const struct kernel_known *known)
{
	const char *module = lade_need_kfunc_module(name);
	char words[KERNEL_VERSION_BYTES];

	set_bounds(finding, 0, 0);
	if (!since)
		return;
	lade_kernel_spell(since, words);
	if (known->low >= since) {
		finding_evidence(finding,
				 "mainline kernels have %s since %s: in this one its option is off, or its module is "
				 "not loaded",
				 name, words);
		return;
	}
	name_kernel(finding, words);
	if (module) {
		finding_evidence(
			finding,
			"%s came with kernel %s and is in the module %s: newer kernels have it only while that "
			"is loaded (modprobe %s)",
			name, words, module, module);
		return;
	}
	set_bounds(finding, 0, lade_kernel_before(since));
	finding_evidence(finding, "%s came with kernel %s", name, words);
}

/* What is known of all of them is no answer of this one. */
static void tell_there(struct lade_finding *finding, const char *name, uint16_t since)
{
	if (since)
		set_bounds(finding, since, 0);
	else if (finding->since)
		finding_evidence(finding, "%s is when calls of kernel functions came: %s may be a newer one",
				 finding->since, name);
}

void lade_kernel_apply_kfunc(struct lade_finding *finding, const struct kernel_known *known)
{
	static const char *const absent[] = { "kfunc.absent", "verifier.kfunc.absent", "plan.needs.extern" };
	static const char *const others[] = { "kfunc.prototype", "verifier.kfunc" };
	char name[NAME_BYTES];

	for (size_t i = 0; i < ELEMENTS(absent); i++)
		if (strcmp(finding->code, absent[i]) == 0 && find_name(finding->message, name))
			tell_absent(finding, name, since_of(name), known);
	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strcmp(finding->code, others[i]) == 0 && find_name(finding->message, name))
			tell_there(finding, name, since_of(name));
}
