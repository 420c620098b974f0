/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a program was refused: by the verifier (its log says), or before it (no log: type, flags, privilege,
 * size).
 */
#include <errno.h>
#include <string.h>

#include "diagnose/internal.h"
#include "object/sections.h"

#define FLAG_DEVICE_BOUND 0x40 /* BPF_F_XDP_DEV_BOUND_ONLY */

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
	lade_verifier_suggestion(refusal->log, finding);
	if (strcmp(code, "verifier.gpl") == 0)
		finding_evidence(finding, "the object's license is \"%s\"",
				 refusal->object->license ? refusal->object->license : "");
	finding_evidence(finding, "BPF_PROG_LOAD answered %s", lade_errno_name(refusal->errnum));
	lade_diagnose_assumed_type(refusal->kernel, refusal->program, refusal->load, finding);
	return -refusal->errnum;
}

/* ---- refused without a word ---- */

/* r0 = 0; exit: what every program type accepts, apart from those that want more than instructions. */
static int trivial_program(const struct refusal *refusal, uint32_t expected_attach_type, uint32_t flags)
{
	static const struct bpf_insn body[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct attr_prog_load attr = {
		.prog_type = refusal->load->type,
		.insn_cnt = ELEMENTS(body),
		.insns = (uintptr_t)body,
		.license = (uintptr_t) "GPL",
		.expected_attach_type = expected_attach_type,
		.prog_flags = flags,
		.prog_ifindex = flags & FLAG_DEVICE_BOUND ? refusal->load->ifindex : 0,
		.attach_btf_id =
			refusal->load->attach_btf_slot == NO_SLOT && refusal->load->attach_target_slot == NO_SLOT
				? refusal->load->attach_btf_id
				: 0,
	};
	int fd = lade_bpf_prog_load(refusal->kernel, &attr);

	(void)fd_close(fd);
	return fd;
}

static const char *silent_code(int errnum)
{
	static const struct {
		int errnum;
		const char *code;
	} codes[] = {
		{ EPERM, "program.load.permission" }, { ENOSYS, "kernel.bpf.absent" },
		{ E2BIG, "program.load.too-large" },  { ENOMEM, "program.load.memory" },
		{ EMFILE, "environment.files" },      { ENFILE, "environment.files" },
	};

	for (size_t i = 0; i < ELEMENTS(codes); i++)
		if (codes[i].errnum == errnum)
			return codes[i].code;
	return "program.load.refused";
}

static void explain_flags(const struct refusal *refusal, struct lade_finding *finding)
{
	if (refusal->load->flags == FLAG_DEVICE_BOUND) {
		finding_cause(finding, "this kernel cannot bind XDP programs to a device (since 6.3)");
		finding_fix(finding, "load it without --target %s=…", refusal->program->name);
		return;
	}
	finding_cause(finding, "this kernel does not take the program flags 0x%x", refusal->load->flags);
	finding_fix(finding, "use a section name without them (.s is sleepable, .frags is multi-buffer XDP)");
}

/* One suspect after another is taken away from a program that does nothing; the first that helps is guilty. */
static void find_suspect(const struct refusal *refusal, struct lade_finding *finding)
{
	const struct program_operation *load = refusal->load;
	const char *type = lade_program_type_name(load->type);

	/* What it is verified against is held by descriptors that are not here. */
	if (load->attach_btf_slot != NO_SLOT || load->attach_target_slot != NO_SLOT)
		return;
	if (trivial_program(refusal, load->expected_attach_type, load->flags) >= 0) {
		finding_evidence(finding, "an empty program of type %s with the same flags loads", type ? type : "?");
		return;
	}
	if (load->flags && trivial_program(refusal, load->expected_attach_type, 0) >= 0) {
		explain_flags(refusal, finding);
		return;
	}
	if (load->expected_attach_type && trivial_program(refusal, 0, load->flags) >= 0) {
		const char *name = lade_attach_type_name(load->expected_attach_type);
		finding_cause(finding, "this kernel does not know the attach type %s for %s", name ? name : "?",
			      type ? type : "?");
		return;
	}
	finding_evidence(finding, "an empty program of type %s is refused, too", type ? type : "?");
	finding_cause(finding, "this kernel does not take programs of type %s (%u) at all", type ? type : "unknown",
		      load->type);
	finding_confidence(finding, LADE_LIKELY);
}

static int refuse_silently(const struct refusal *refusal, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, refusal->errnum, silent_code(refusal->errnum),
			       "%s: the kernel refuses program %s before verifying it: %s", refusal->object->file,
			       refusal->program->name, lade_errno_name(refusal->errnum));
	const char *cause = lade_errno_cause("BPF_PROG_LOAD", refusal->errnum, 0);

	finding_program(finding, refusal->program->name);
	finding_evidence(finding, "BPF_PROG_LOAD answered %s and wrote no log", lade_errno_name(refusal->errnum));
	finding_evidence(finding, "type %u (%s), %zu instructions, flags 0x%x, attach type %u", refusal->load->type,
			 lade_program_type_name(refusal->load->type) ? lade_program_type_name(refusal->load->type)
								     : "unknown",
			 refusal->load->instructions.count, refusal->load->flags, refusal->load->expected_attach_type);
	if (refusal->errnum == EPERM)
		lade_kernel_explain_privilege(refusal->kernel, finding);
	else if (refusal->errnum == ENOSYS)
		lade_kernel_explain_absent(refusal->kernel, finding);
	else if (refusal->errnum == EINVAL)
		find_suspect(refusal, finding);
	else if (cause)
		finding_cause(finding, "%s", cause);
	lade_diagnose_load_target(refusal, finding);
	return -refusal->errnum;
}

int lade_diagnose_program(struct kernel *kernel, const struct lade_object *object, const struct operation *operation,
			  int errnum, const char *log, struct lade_error **error)
{
	struct refusal refusal = { kernel, object, object->programs.items[operation->program], operation->program_load,
				   errnum, log };
	struct verifier_verdict verdict;

	if (lade_is_late_kind(&refusal))
		return lade_refuse_late_kind(&refusal, error);
	return lade_verifier_verdict(log, &verdict) ? refuse_by_verdict(&refusal, &verdict, error)
						    : refuse_silently(&refusal, error);
}
