/* SPDX-License-Identifier: BSD-2-Clause */
/* The verifier reached an instruction that refers to what the kernel does not have (CO-RE, kfuncs): what, and the
 * guard. */
#include <stdio.h>
#include <string.h>

#include "diagnose/internal.h"

/* The call that stands there has a number, and the verifier's last line names it. */
static int32_t number_of(const struct refusal *refusal, const struct core_poison *poison)
{
	return poison->instruction < refusal->load->instructions.count
		       ? refusal->load->instructions.items[poison->instruction].imm
		       : CORE_POISON;
}

static bool is_named(const struct refusal *refusal, const struct core_poison *poison,
		     const struct verifier_verdict *verdict)
{
	char number[16];
	int length = snprintf(number, sizeof number, "#%d", number_of(refusal, poison));
	const char *found = memmem(verdict->line, verdict->length, number, (size_t)length);
	size_t end = found ? (size_t)(found - verdict->line) + (size_t)length : 0;

	return found && (end == verdict->length || verdict->line[end] < '0' || verdict->line[end] > '9');
}

const struct core_poison *lade_poison_of(const struct refusal *refusal, const struct verifier_verdict *verdict)
{
	const struct core_poison *named = NULL;
	size_t count = 0;

	array_foreach(poison, &refusal->load->poisons) {
		if (!is_named(refusal, poison, verdict))
			continue;
		if ((int64_t)poison->instruction == verdict->instruction)
			return poison;
		named = poison;
		count++;
	}
	/* Without a line that says where: there may be only one. */
	return count == 1 ? named : NULL;
}

/* "struct task_struct [114] has no member pidd (nearest: pid)": then it is probably a slip. */
static bool find_nearest(const struct core_poison *poison, char *name, size_t size)
{
	static const char mark[] = "(nearest: ";
	const char *found = poison->why ? strstr(poison->why, mark) : NULL;
	size_t length = found ? strcspn(found + strlen(mark), ",)") : 0;

	if (!length || length >= size)
		return false;
	memcpy(name, found + strlen(mark), length);
	name[length] = '\0';
	return true;
}

static void suggest(const struct core_poison *poison, struct lade_finding *finding)
{
	char nearest[128] = "";
	bool has_nearest = find_nearest(poison, nearest, sizeof nearest);

	if (poison->guard)
		finding_fix(finding, "%s%s%sguard it: if (%s) …; the verifier does not follow what cannot happen",
			    has_nearest ? "did you mean " : "", nearest, has_nearest ? "? Else " : "", poison->guard);
	else if (has_nearest)
		finding_fix(finding, "did you mean %s?", nearest);
}

int lade_refuse_poisoned(const struct refusal *refusal, const struct core_poison *poison, struct lade_error **error)
{
	int32_t number = number_of(refusal, poison);
	bool is_call = number != CORE_POISON;
	struct lade_finding *finding = lade_error_add(
		error, refusal->errnum, is_call ? "verifier.kfunc.absent" : "verifier.core.poisoned",
		"%s: %s %s %s, which this kernel does not have%s", refusal->object->file, refusal->program->name,
		is_call ? "calls the" : "uses", poison->what, is_call ? " as the object declares it" : "");

	finding_program(finding, refusal->program->name);
	finding_instruction(finding, poison->instruction);
	finding_log(finding, refusal->log);
	lade_refusal_add_source(refusal, finding, poison->instruction);
	if (poison->why)
		finding_cause(finding, "%s", poison->why);
	finding_evidence(finding,
			 "%s found nothing, and left call #%d in place of instruction %u, which the "
			 "verifier reaches",
			 is_call ? "linking" : "the relocation", number, poison->instruction);
	finding_evidence(finding, "BPF_PROG_LOAD answered %s", lade_errno_name(refusal->errnum));
	suggest(poison, finding);
	return -refusal->errnum;
}
