/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are verified against something, and refused without a word. */
#include <errno.h>
#include <string.h>

#include "diagnose/internal.h"
#include "object/sections.h"

#define NO_FUNCTION 1 /* the first type of a kernel's BTF: an integer */

/* r0 = 0; exit */
static const struct bpf_insn empty[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static int try_empty(const struct refusal *refusal, uint32_t type, uint32_t attach_type, uint32_t btf_id)
{
	struct attr_prog_load attr = {
		.prog_type = type,
		.insn_cnt = ELEMENTS(empty),
		.insns = (uintptr_t)empty,
		.license = (uintptr_t) "GPL",
		.expected_attach_type = attach_type,
		.attach_btf_id = btf_id,
	};
	int fd = lade_bpf_prog_load(refusal->kernel, &attr);

	(void)fd_close(fd);
	return fd;
}

/* No gate was found, and other programs load: then it is this kind of program that is not wanted. */
static void explain_policy(const struct refusal *refusal, struct lade_finding *finding)
{
	const struct program_operation *load = refusal->load;
	const char *type = lade_program_type_name(load->type);
	const char *attach_type = lade_attach_type_name(load->expected_attach_type);

	if (try_empty(refusal, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0) < 0)
		return;
	finding_evidence(finding, "an empty socket_filter program loads: bpf(2) itself is allowed");
	if (load->attach_target_slot != NO_SLOT ||
	    try_empty(refusal, load->type, load->expected_attach_type, NO_FUNCTION) != -EPERM)
		return;
	finding_evidence(finding,
			 "an empty program of this kind against type id %d, which is no function, is refused "
			 "with EPERM as well: the verifier was not asked",
			 NO_FUNCTION);
	finding_cause(
		finding,
		"%s programs of attach type %s are refused before the verifier sees them, and the gate that refuses "
		"them "
		"could not be found: a policy that does not show itself, such as a BPF LSM program, may be the one",
		type ? type : "such", attach_type ? attach_type : "?");
	finding_fix(finding, "look for the denial in the audit log, and at bpftool prog show (programs of type lsm); "
			     "where it must stay, use a tracepoint or tp_btf program");
}

static void explain_device(const struct refusal *refusal, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the driver of interface %u has no XDP metadata, which is what programs are bound to a "
		      "device for",
		      refusal->load->ifindex);
	finding_fix(finding, "load it without --target %s=…, or name another interface", refusal->program->name);
}

/* BPF_TRACE_FENTRY_MULTI, _FEXIT_MULTI, _FSESSION_MULTI; the distribution's header has none of them. */
enum { FIRST_LATE_KIND = 59, LAST_LATE_KIND = 61 };

bool lade_is_late_kind(const struct refusal *refusal)
{
	const struct program_operation *load = refusal->load;

	return load->type == BPF_PROG_TYPE_TRACING && load->expected_attach_type >= FIRST_LATE_KIND &&
	       load->expected_attach_type <= LAST_LATE_KIND && !load->attach_btf_id && refusal->log &&
	       strstr(refusal->log, "must provide btf_id");
}

int lade_refuse_late_kind(const struct refusal *refusal, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, refusal->errnum, "program.load.refused",
			       "%s: this kernel has no programs for many functions at once, as %s is (section %s)",
			       refusal->object->file, refusal->program->name, refusal->program->section);
	char release[128];

	finding_program(finding, refusal->program->name);
	finding_log(finding, refusal->log);
	finding_cause(finding, "fentry.multi, fexit.multi and fsession.multi came with Linux 7.2; this is %s",
		      lade_kernel_release(refusal->kernel, release, sizeof release));
	finding_evidence(finding, "the kernel wants the one function that the program is for");
	finding_fix(finding,
		    "name one function a program: SEC(\"%.*s/FUNCTION\"), or use SEC(\"kprobe.multi\") (since "
		    "5.18)",
		    (int)strcspn(refusal->program->section, "."), refusal->program->section);
	return -refusal->errnum;
}

void lade_diagnose_load_target(const struct refusal *refusal, struct lade_finding *finding)
{
	const struct program_operation *load = refusal->load;

	if (load->attach_btf_id)
		finding_evidence(finding, "it is verified against type id %u of %s%s", load->attach_btf_id,
				 load->attach_target_slot != NO_SLOT ? "program "
				 : load->attach_btf_slot != NO_SLOT  ? "a module"
								     : "the kernel",
				 load->attach_target_slot != NO_SLOT ? refusal->program->target_request : "");
	if (load->attach_btf_id && refusal->errnum == EPERM && finding &&
	    strcmp(finding->code, "program.load.permission") == 0)
		explain_policy(refusal, finding);
	if (load->ifindex && refusal->errnum == EOPNOTSUPP)
		explain_device(refusal, finding);
}
