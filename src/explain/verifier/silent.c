/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A log that ends at an instruction, with its statistics and without a message: the verifier goes on behind whatever it
 * takes, so that one was refused. Kernels have no words for a store into a structure of theirs which the type of the
 * program (sched_ext's operations) does not allow.
 */
#include "explain/verifier/silent.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"
#include "explain/verifier/values.h"
#include "explain/verifier/verdict.h"

/* The log's last line that is neither empty nor a statistic. */
static struct verifier_line last_of(const char *log, struct span *ret_text)
{
	struct verifier_line line = { .kind = VERIFIER_OTHER, .number = -1 };

	for (const char *end = log + strlen(log); end > log;) {
		*ret_text = lade_verifier_line_before(log, end);
		end = ret_text->text;
		line = lade_verifier_line(ret_text->text, ret_text->length);
		const bool is_empty =
			line.kind == VERIFIER_STATE && line.number < 0 && !line.state.length && !line.text.length;
		if (line.kind != VERIFIER_STATISTIC && !is_empty)
			return line;
	}
	return line;
}

/* "*(u32 *)(r7 +52) = r1": 7; -1: it is no store, or one to the stack. */
static int base_of_store(const struct span *text)
{
	static const char mark[] = "*)(r";
	const char *at = lade_search(text->text, text->length, mark, strlen(mark));

	if (!at || !lade_span_starts(text, "*(") || !lade_search(text->text, text->length, ") = ", 4))
		return -1;
	at += strlen(mark);
	return isdigit((unsigned char)at[0]) && at[1] == ' ' ? at[0] - '0' : -1;
}

/* "trusted_ptr_task_struct()": task_struct; length 0: it points to no structure of the kernel. */
static struct span structure_of(const struct span *value)
{
	static const char *const beginnings[] = { "ptr_", "trusted_ptr_", "rcu_ptr_" };
	struct span name = { "", 0 };

	for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
		if (lade_span_starts(value, beginnings[i]))
			name = (struct span){ value->text + strlen(beginnings[i]), 0 };
	while (name.text < value->text + value->length && *name.text && *name.text != ' ' &&
	       (isalnum((unsigned char)name.text[name.length]) || name.text[name.length] == '_'))
		name.length++;
	return lade_span_starts(&name, "or_null") ? (struct span){ "", 0 } : name;
}

static void say(const struct span *structure, struct lade_finding *finding)
{
	CLEANUP(cleanup_free) char *name = lade_text_of(structure);

	finding_cause(finding,
		      "the log ends at a store into the kernel's struct %s, without a word: programs of this type may "
		      "not write that member (sched_ext's operations write of a task only scx.slice, scx.dsq_vtime and "
		      "scx.disallow, and the kernel refuses everything else silently)",
		      name ? name : "");
	finding_fix(finding,
		    "leave the assignment away, and keep what belongs to the program in storage of the task "
		    "(BPF_MAP_TYPE_TASK_STORAGE, bpf_task_storage_get()) or another map; what the kernel is to "
		    "change goes through its functions (kfuncs, as scx_bpf_…)");
	finding_confidence(finding, LADE_LIKELY);
}

bool lade_verifier_silent(struct lade_explanation *explanation, const char *log, size_t number)
{
	struct explained item = { .role = LADE_EXPLAINED_ERROR,
				  .times = 1,
				  .first_line = explanation->log_line,
				  .last_line = number,
				  .cause = SIZE_MAX };
	struct span text = { log, 0 };
	const struct verifier_line last = last_of(log, &text);
	const int base = last.kind == VERIFIER_INSTRUCTION && !last.state.length ? base_of_store(&last.text) : -1;
	const struct span value =
		base >= 0 ? lade_verifier_register_above(log, text.text, base) : (struct span){ "", 0 };
	const struct span structure = structure_of(&value);

	if (!structure.length)
		return false;
	item.line = lade_text_of(&(struct span){ text.text, strcspn(text.text, "\n") });
	item.finding = lade_explanation_finding(explanation, "verifier.readonly", item.line);
	if (item.finding) {
		const struct verifier_verdict verdict = { .line = text.text, .instruction = last.number };
		finding_program(item.finding, lade_explanation_named(explanation, NAMED_PROGRAM));
		finding_instruction(item.finding, last.number);
		finding_log(item.finding, log);
		lade_verifier_source(log, &verdict, item.finding);
		say(&structure, item.finding);
	}
	lade_explanation_put(explanation, &item);
	return true;
}
