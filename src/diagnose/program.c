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

static const char *family_of(const struct verifier_message *message)
{
	return message ? lade_verifier_text + message->family : "";
}

static bool is_informative(const struct verifier_message *message)
{
	return message && strcmp(family_of(message), "info") != 0 && strcmp(family_of(message), "verifier-bug") != 0;
}

/* Lines that deserve a code and words of their own; the first that matches. NULL words: the table's. */
static const struct verdict_rule {
	const char *pattern, *code, *cause, *fix;
} verdict_rules[] = {
	{ "R%d invalid mem access '%s_or_null'", "verifier.deref.maybe-null",
	  "the pointer may be NULL (a lookup of an absent key, a full ring buffer), and no test lies between where it "
	  "was "
	  "made and this access",
	  "test it before the access: if (!pointer) return 0;" },
	{ "%s pointer arithmetic on %s_or_null prohibited, null-check it first", "verifier.deref.maybe-null", NULL,
	  NULL },
	{ "cannot call GPL-restricted function %s", "verifier.gpl", NULL, NULL },
	{ "program of this type cannot use helper %s", "verifier.helper-not-allowed", NULL, NULL },
	{ "unknown func %s", "verifier.helper-not-allowed", NULL, NULL },
	{ "BPF program is too large%s", "verifier.too-complex", NULL, NULL },
	{ "The sequence of %d jumps is too complex.", "verifier.too-complex", NULL, NULL },
	{ "unrecognized bpf_ld_imm64 insn%s", "verifier.reference.too-new",
	  "the program refers to something this kernel cannot refer to: a callback function (since 5.13), a kernel "
	  "symbol (5.10) or a global variable (5.2)",
	  "do without it (inline the callback, keep the variable in a map), or run a newer kernel" },
	{ "%s", "verifier.rejected", NULL, NULL },
};

static const struct verdict_rule *rule_of(const struct verifier_verdict *verdict)
{
	const struct verdict_rule *rule = verdict_rules;

	while (!lade_format_matches(rule->pattern, verdict->line, verdict->length))
		rule++; /* the last one matches everything */
	return rule;
}

static void add_words(struct lade_finding *finding, const struct verdict_rule *rule,
		      const struct verifier_message *message)
{
	const char *cause = rule->cause, *fix = rule->fix;

	if (!cause && is_informative(message))
		cause = lade_verifier_text + message->cause;
	if (!fix && is_informative(message))
		fix = lade_verifier_text + message->fix;
	if (cause && *cause)
		finding_cause(finding, "%s", cause);
	if (fix && *fix)
		finding_fix(finding, "%s", fix);
}

static int refuse_by_verdict(const struct refusal *refusal, const struct verifier_verdict *verdict,
			     struct lade_error **error)
{
	const struct core_poison *poison = lade_poison_of(refusal, verdict);
	const struct verdict_rule *rule = rule_of(verdict);
	struct lade_finding *finding;

	if (poison)
		return lade_refuse_poisoned(refusal, poison, error);
	finding = lade_error_add(error, refusal->errnum, rule->code, "%s: the verifier rejects %s: %.*s",
				 refusal->object->file, refusal->program->name, (int)verdict->length, verdict->line);

	finding_program(finding, refusal->program->name);
	finding_instruction(finding, verdict->instruction);
	finding_log(finding, refusal->log);
	lade_refusal_add_source(refusal, finding, verdict->instruction);
	add_words(finding, rule, verdict->message);
	if (strcmp(rule->code, "verifier.gpl") == 0)
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
