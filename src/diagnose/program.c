/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a program was refused: by the verifier (its log says), or before it (no log: type, flags, privilege,
 * size).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/internal.h"
#include "explain/kernels/kernels.h"
#include "object/sections.h"

/* ---- the verifier's verdict ---- */

/* Source line of an instruction: the last record at or before it. */
static const struct bpf_line_info *line_of(const struct program_operation *load, int64_t instruction)
{
	const struct bpf_line_info *found = NULL;

	array_foreach(line, &load->line_info) {
		if ((int64_t)line->insn_off > instruction)
			break;
		found = line;
	}
	return found;
}

void lade_refusal_add_source(const struct refusal *refusal, struct lade_finding *finding, int64_t instruction)
{
	const struct bpf_line_info *line = instruction < 0 ? NULL : line_of(refusal->load, instruction);
	const char *text;

	if (!line || !refusal->object->btf)
		return;
	text = lade_btf_string(refusal->object->btf, line->line_off);
	finding_source(finding, lade_btf_string(refusal->object->btf, line->file_name_off),
		       BPF_LINE_INFO_LINE_NUM(line->line_col), text + strspn(text, " \t"));
}

static int refuse_by_verdict(const struct refusal *refusal, const struct verifier_verdict *verdict,
			     struct lade_error **error)
{
	const struct core_poison *poison = lade_poison_of(refusal, verdict);
	const char *code = lade_verifier_code(verdict);
	struct lade_finding *finding;

	if (poison)
		return lade_refuse_poisoned(refusal, poison, error);
	finding = lade_error_add(error, refusal->errnum, code, "%s: the verifier rejects %s: %.*s",
				 refusal->object->file, refusal->program->name, (int)verdict->length, verdict->line);

	finding_program(finding, refusal->program->name);
	finding_instruction(finding, verdict->instruction);
	finding_log(finding, refusal->log);
	lade_refusal_add_source(refusal, finding, verdict->instruction);
	lade_verifier_words(verdict, finding);
	lade_verifier_trace(refusal->log, verdict, finding);
	lade_verifier_report(verdict, finding);
	lade_kernel_apply_running(finding, lade_kernel_version(refusal->kernel));
	if (strcmp(code, "verifier.gpl") == 0)
		finding_evidence(finding, "the object's license is \"%s\"",
				 refusal->object->license ? refusal->object->license : "");
	finding_evidence(finding, "BPF_PROG_LOAD answered %s", lade_errno_name(refusal->errnum));
	lade_diagnose_assumed_type(refusal->kernel, refusal->program, refusal->load, finding);
	return -refusal->errnum;
}

/* ---- refused without a word ---- */

static const char *silent_code(int errnum)
{
	static const struct {
		int errnum;
		const char *code;
	} codes[] = {
		{ EPERM, "program.load.permission" }, { EACCES, "program.load.permission" },
		{ ENOSYS, "kernel.bpf.absent" },      { E2BIG, "program.load.too-large" },
		{ ENOMEM, "program.load.memory" },    { EMFILE, "environment.files" },
		{ ENFILE, "environment.files" },
	};

	for (size_t i = 0; i < ELEMENTS(codes); i++)
		if (codes[i].errnum == errnum)
			return codes[i].code;
	return "program.load.refused";
}

static const char *type_of(const struct refusal *refusal)
{
	const char *name = lade_program_type_name(refusal->load->type);

	return name ? name : "unknown";
}

static void explain_gate(const struct refusal *refusal, struct lade_finding *finding)
{
	struct denied_call call = lade_denied_call("BPF_PROG_LOAD", refusal->errnum);

	lade_denied_program(&call, refusal->load->type, refusal->load->expected_attach_type);
	call.smaller = refusal->attr ? lade_program_try_smaller : NULL;
	call.data = refusal->attr;
	lade_diagnose_denied(refusal->kernel, &call, finding);
	lade_diagnose_load_target(refusal, finding);
}

static void explain_silence(const struct refusal *refusal, struct lade_finding *finding)
{
	int errnum = refusal->errnum;

	if (errnum == EPERM || errnum == EACCES || errnum == ENOSYS) {
		explain_gate(refusal, finding);
		return;
	}
	if (lade_diagnose_filter(refusal->kernel, "BPF_PROG_LOAD", errnum, finding))
		return;
	if (errnum == ENOMEM)
		lade_diagnose_memory(refusal->kernel, 0, finding);
	else if (errnum != EMFILE && errnum != ENFILE && !lade_program_find_culprit(refusal, finding))
		lade_diagnose_causes(refusal->kernel, "BPF_PROG_LOAD", errnum, finding);
	lade_diagnose_load_target(refusal, finding);
}

static int refuse_silently(const struct refusal *refusal, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, refusal->errnum, silent_code(refusal->errnum),
			       "%s: the kernel refuses program %s before verifying it: %s", refusal->object->file,
			       refusal->program->name, lade_errno_name(refusal->errnum));

	finding_program(finding, refusal->program->name);
	finding_evidence(finding, "BPF_PROG_LOAD answered %s and wrote no log", lade_errno_name(refusal->errnum));
	finding_evidence(finding, "type %u (%s), %zu instructions, flags 0x%x, attach type %u", refusal->load->type,
			 type_of(refusal), refusal->load->instructions.count, refusal->load->flags,
			 refusal->load->expected_attach_type);
	explain_silence(refusal, finding);
	return -refusal->errnum;
}

/* Kernels before 6.4 keep the beginning of a log that does not fit: what the verifier says last is not there. */
static bool is_log_cut(const struct refusal *refusal)
{
	uint32_t size = refusal->attr->log_size;

	return refusal->log && size && !refusal->attr->log_true_size && strlen(refusal->log) + 1 >= size;
}

/* Any line in it may be read as the verdict, and none is. E2BIG is what the verifier says when it gives up. */
static int refuse_cut(const struct refusal *refusal, struct lade_error **error)
{
	bool gave_up = refusal->errnum == E2BIG;
	struct lade_finding *finding =
		lade_error_add(error, refusal->errnum, gave_up ? "verifier.too-complex" : "verifier.rejected",
			       "%s: the verifier rejects %s, and its log does not fit into %u bytes",
			       refusal->object->file, refusal->program->name, refusal->attr->log_size);

	if (gave_up)
		finding_confidence(finding, LADE_LIKELY);
	finding_program(finding, refusal->program->name);
	finding_log(finding, refusal->log);
	finding_evidence(finding, "BPF_PROG_LOAD answered %s", lade_errno_name(refusal->errnum));
	finding_evidence(finding, "kernels before 6.4 keep the beginning of a log that is too long, and not its end");
	return -refusal->errnum;
}

enum { LOG_BYTES = 64 * 1024 };

/*
 * EPERM comes from gates, which write nothing, so that nobody asks for a log; and from the verifier, for what it allows
 * the privileged only. NULL: it says nothing.
 */
static char *ask_verifier(const struct refusal *refusal)
{
	struct attr_prog_load attr;
	char *log;

	if (refusal->errnum != EPERM || *refusal->log || !refusal->attr)
		return NULL;
	log = calloc(1, LOG_BYTES);
	if (!log)
		return NULL;
	attr = *refusal->attr;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = LOG_BYTES;
	attr.log_level = 1;
	(void)fd_close(lade_bpf_prog_load(refusal->kernel, &attr));
	log[LOG_BYTES - 1] = '\0';
	return log;
}

int lade_diagnose_program(struct kernel *kernel, const struct lade_object *object, const struct operation *operation,
			  const struct attr_prog_load *attr, int errnum, const char *log, struct lade_error **error)
{
	struct refusal refusal = {
		kernel, object, object->programs.items[operation->program], operation->program_load, attr, errnum, log
	};
	struct verifier_verdict verdict;
	CLEANUP(cleanup_free) char *words = ask_verifier(&refusal);

	if (words)
		refusal.log = words;
	if (lade_is_late_kind(&refusal))
		return lade_refuse_late_kind(&refusal, error);
	if (is_log_cut(&refusal))
		return refuse_cut(&refusal, error);
	return lade_verifier_verdict(refusal.log, &verdict) ? refuse_by_verdict(&refusal, &verdict, error)
							    : refuse_silently(&refusal, error);
}
