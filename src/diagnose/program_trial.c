/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that are refused without a log: counted, and loaded again with one suspect taken away at a time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/gates.h"
#include "diagnose/internal.h"
#include "kernel/probe.h"
#include "object/sections.h"

#define FLAG_DEVICE_BOUND 0x40 /* BPF_F_XDP_DEV_BOUND_ONLY */
#define FLAG_SLEEPABLE    0x10
#define FLAG_FRAGS        0x20 /* BPF_F_XDP_HAS_FRAGS */
#define FLAG_TOKEN        (1U << 16)

enum { MOST_CALLS = 8, LOG_BYTES = 4096, FEW_INSTRUCTIONS = 4096, MANY_INSTRUCTIONS = 1000000 };

#define MANY_SINCE (5u << 16 | 2u << 8) /* 5.2: a million instructions for those with privilege */
#define UNCHECKED  (5u << 16)           /* 5.0 looks no longer at kern_version */

/* r0 = 0; exit: what every program type accepts, apart from those that want more than instructions. */
static const struct bpf_insn body[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static const char *type_of(const struct refusal *refusal)
{
	const char *name = lade_program_type_name(refusal->load->type);

	return name ? name : "unknown";
}

/* The records of functions and lines belong to the instructions. */
static void make_empty(struct attr_prog_load *attr)
{
	attr->insns = (uintptr_t)body;
	attr->insn_cnt = ELEMENTS(body);
	attr->license = (uintptr_t) "GPL";
	attr->prog_btf_fd = attr->func_info_cnt = attr->func_info_rec_size = 0;
	attr->line_info_cnt = attr->line_info_rec_size = 0;
	attr->func_info = attr->line_info = attr->fd_array = 0;
	attr->log_buf = attr->log_level = attr->log_size = 0;
}

int lade_program_try_smaller(struct kernel *kernel, const void *data)
{
	struct attr_prog_load attr = *(const struct attr_prog_load *)data;

	make_empty(&attr);
	return lade_bpf_prog_load(kernel, &attr);
}

/* ---- trying ---- */

struct trial {
	const struct refusal *refusal;
	struct attr_prog_load attr; /* what is varied: of the program itself, or of an empty one */
	bool is_empty;
	unsigned calls;
};

/* Did it come as far as the verifier? What that says to the instructions is another matter. */
static bool reaches_verifier(struct trial *trial, struct attr_prog_load attr)
{
	char log[LOG_BYTES] = "";
	int fd;

	if (trial->calls++ >= MOST_CALLS)
		return false;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof log;
	attr.log_level = 1;
	fd = lade_bpf_prog_load(trial->refusal->kernel, &attr);
	(void)fd_close(fd);
	return fd >= 0 || log[0];
}

/* ---- the suspects ---- */

static bool take_flags(struct attr_prog_load *attr)
{
	bool had = attr->prog_flags & ~FLAG_TOKEN;

	attr->prog_flags &= FLAG_TOKEN;
	if (had)
		attr->prog_ifindex = 0;
	return had;
}

static void blame_flags(const struct refusal *refusal, struct lade_finding *finding)
{
	if (refusal->load->flags == FLAG_DEVICE_BOUND) {
		finding_cause(finding, "this kernel cannot bind XDP programs to a device (since 6.3)");
		finding_fix(finding, "load it without --target %s=…", refusal->program->name);
		return;
	}
	finding_cause(finding, "this kernel does not take the program flags 0x%x%s%s", refusal->load->flags,
		      refusal->load->flags & FLAG_SLEEPABLE ? " (BPF_F_SLEEPABLE, since 5.10)" : "",
		      refusal->load->flags & FLAG_FRAGS ? " (BPF_F_XDP_HAS_FRAGS, since 5.18)" : "");
	finding_fix(finding, "use a section name without them (.s is sleepable, .frags is multi-buffer XDP)");
}

/* Types that must have one, and the first that they had. */
static uint32_t first_attach_type(uint32_t type)
{
	static const struct {
		uint32_t type, attach_type;
	} first[] = {
		{ BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE },
		{ BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND },
		{ BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT },
	};

	for (size_t i = 0; i < ELEMENTS(first); i++)
		if (first[i].type == type)
			return first[i].attach_type;
	return 0;
}

static bool take_attach_type(struct attr_prog_load *attr)
{
	uint32_t first = first_attach_type(attr->prog_type);
	bool had = attr->expected_attach_type != first;

	attr->expected_attach_type = first;
	return had;
}

static void blame_attach_type(const struct refusal *refusal, struct lade_finding *finding)
{
	const char *name = lade_attach_type_name(refusal->load->expected_attach_type);

	if (first_attach_type(refusal->load->type))
		finding_evidence(finding, "tried with the attach type %s in its place",
				 lade_attach_type_name(first_attach_type(refusal->load->type)));
	finding_cause(finding, "this kernel does not know the attach type %s (%u) for %s", name ? name : "unknown",
		      refusal->load->expected_attach_type, type_of(refusal));
	finding_fix(finding, "use a section whose attach type this kernel has, or a newer kernel");
}

static bool take_name(struct attr_prog_load *attr)
{
	bool had = attr->prog_name[0];

	memset(attr->prog_name, 0, sizeof attr->prog_name);
	return had;
}

static void blame_name(const struct refusal *refusal, struct lade_finding *finding)
{
	finding_cause(finding,
		      "the kernel does not take the name \"%.16s\": kernels before 4.15 take none, others 15 letters, "
		      "digits, _ and .",
		      refusal->load->kernel_name);
	finding_fix(finding, "rename the program");
}

static bool take_btf(struct attr_prog_load *attr)
{
	bool had = attr->prog_btf_fd || attr->func_info_cnt || attr->line_info_cnt;

	attr->prog_btf_fd = attr->func_info_cnt = attr->func_info_rec_size = 0;
	attr->line_info_cnt = attr->line_info_rec_size = 0;
	attr->func_info = attr->line_info = 0;
	return had;
}

static void blame_btf(const struct refusal *refusal, struct lade_finding *finding)
{
	(void)refusal;
	finding_cause(finding, "the kernel does not take its BTF records of functions and lines");
	finding_fix(finding, "compile it without -g, or strip .BTF.ext");
}

static bool take_device(struct attr_prog_load *attr)
{
	bool had = attr->prog_ifindex != 0;

	attr->prog_ifindex = 0;
	return had;
}

static void blame_device(const struct refusal *refusal, struct lade_finding *finding)
{
	finding_cause(finding, "the kernel does not take programs for the device %u", refusal->load->ifindex);
	finding_fix(finding, "load it without --target %s=…, or name another interface", refusal->program->name);
}

static const struct program_suspect {
	const char *what;
	bool (*take)(struct attr_prog_load *attr);
	void (*blame)(const struct refusal *refusal, struct lade_finding *finding);
} suspects[] = {
	{ "its flags", take_flags, blame_flags },   { "its attach type", take_attach_type, blame_attach_type },
	{ "its name", take_name, blame_name },      { "the device it is for", take_device, blame_device },
	{ "its BTF records", take_btf, blame_btf },
};

/* Was the refusal a passing one? */
static void blame_passing(const struct trial *trial, struct lade_finding *finding)
{
	if (trial->is_empty) {
		finding_evidence(finding, "an empty program with the same words loads: it is about the instructions");
		return;
	}
	finding_evidence(finding, "the very same program comes as far as the verifier when it is tried again");
	finding_cause(finding, "what refused it was passing");
	finding_fix(finding, "try again");
	finding_confidence(finding, LADE_LIKELY);
}

static bool find_suspect(struct trial *trial, struct lade_finding *finding)
{
	/* Then nothing that is left away proves anything. */
	if (reaches_verifier(trial, trial->attr)) {
		blame_passing(trial, finding);
		return !trial->is_empty;
	}
	for (size_t i = 0; i < ELEMENTS(suspects); i++) {
		struct attr_prog_load without = trial->attr;
		if (!suspects[i].take(&without) || !reaches_verifier(trial, without))
			continue;
		finding_evidence(finding, "without %s, and with nothing else changed, the verifier looks at it",
				 suspects[i].what);
		finding_confidence(finding, LADE_CERTAIN);
		suspects[i].blame(trial->refusal, finding);
		return true;
	}
	return false;
}

/* ---- numbers ---- */

static bool blame_count(const struct refusal *refusal, unsigned most, const char *why, struct lade_finding *finding)
{
	finding_cause(finding, "the program has %zu instructions, and %s", refusal->load->instructions.count, why);
	finding_evidence(finding, "the limit is %u", most);
	finding_fix(finding, "split it by tail calls, or leave out what this kernel does not need");
	finding_confidence(finding, LADE_CERTAIN);
	return true;
}

static bool lacks_privilege(const struct refusal *refusal)
{
	const struct denied_call call = lade_denied_call("BPF_PROG_LOAD", E2BIG);
	struct gate_facts facts;

	if (refusal->kernel->recorded_version)
		return false;
	lade_gate_facts(refusal->kernel, &call, &facts);
	return facts.knows_capabilities && (facts.user_namespace == 1 || !lade_gate_has(&facts, &call, GATE_BPF));
}

static bool is_too_long(const struct refusal *refusal, struct lade_finding *finding)
{
	size_t count = refusal->load->instructions.count;
	uint32_t version = lade_kernel_version(refusal->kernel);

	if (count > MANY_INSTRUCTIONS)
		return blame_count(refusal, MANY_INSTRUCTIONS, "no kernel takes so many", finding);
	if (count > FEW_INSTRUCTIONS && version && version < MANY_SINCE)
		return blame_count(refusal, FEW_INSTRUCTIONS, "kernels before 5.2 take no more than 4096", finding);
	if (count > FEW_INSTRUCTIONS && lacks_privilege(refusal))
		return blame_count(refusal, FEW_INSTRUCTIONS, "processes without CAP_BPF may load no more than 4096",
				   finding);
	return false;
}

/* Compiled code is needed for more and more: functions of the kernel, trampolines, all programs on hardened kernels. */
static bool explain_unsupported(const struct refusal *refusal, struct lade_finding *finding)
{
	FILE *file = refusal->kernel->recorded_version ? NULL : fopen("/proc/sys/net/core/bpf_jit_enable", "re");
	char text[16] = "";

	if (file && !fgets(text, sizeof text, file))
		text[0] = '\0';
	if (file)
		(void)fclose(file);
	if (text[0] == '0') {
		finding_evidence(finding, "net.core.bpf_jit_enable is 0");
		finding_cause(finding, "programs are not compiled on this machine, which this one needs");
		finding_fix(finding, "sysctl net.core.bpf_jit_enable=1");
		finding_confidence(finding, LADE_LIKELY);
		return true;
	}
	if (refusal->load->type == BPF_PROG_TYPE_STRUCT_OPS && !refusal->load->attach_btf_id) {
		finding_cause(
			finding,
			"a program of a table of kernel operations is for one of its members, and none was named");
		finding_fix(finding, "name the section struct_ops/MEMBER and put the program into its table");
		return true;
	}
	return false;
}

/* ---- EINVAL ---- */

static bool blame_type(const struct refusal *refusal, struct lade_finding *finding)
{
	enum probe_answer answer = lade_probe_program(refusal->kernel, refusal->load->type);

	if (answer == PROBE_YES)
		return false;
	finding_evidence(finding, "an empty program of type %s is refused, too", type_of(refusal));
	finding_cause(finding, "this kernel does not take programs of type %s (%u) at all", type_of(refusal),
		      refusal->load->type);
	finding_fix(finding, "use a newer kernel, or one built with what lade inspect --needs names");
	finding_confidence(finding, answer == PROBE_NO ? LADE_CERTAIN : LADE_LIKELY);
	return true;
}

/* Types that are verified against something say so themselves: a log, or a gate. */
static bool is_for_target(const struct refusal *refusal)
{
	uint32_t type = refusal->load->type;

	return type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_STRUCT_OPS || type == BPF_PROG_TYPE_EXT ||
	       type == BPF_PROG_TYPE_LSM;
}

static bool blame_version(const struct refusal *refusal, struct lade_finding *finding)
{
	uint32_t version = lade_kernel_version(refusal->kernel);

	if (refusal->load->type != BPF_PROG_TYPE_KPROBE || !version || version >= UNCHECKED)
		return false;
	finding_cause(finding,
		      "kernels before 5.0 take kprobe programs only with the number of their own version, and %u.%u.%u "
		      "(as uname tells it) is not what this one was built with",
		      version >> 16, version >> 8 & 255, version & 255);
	finding_fix(finding, "compare with LINUX_VERSION_CODE of the kernel's own headers");
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

/* The program itself, where verifying it again costs little; else one that does nothing. */
static struct trial begin(const struct refusal *refusal)
{
	struct trial trial = { .refusal = refusal, .attr = *refusal->attr };

	trial.is_empty = refusal->load->instructions.count > FEW_INSTRUCTIONS;
	if (trial.is_empty)
		make_empty(&trial.attr);
	return trial;
}

static bool find_in_words(const struct refusal *refusal, struct lade_finding *finding)
{
	struct trial trial;

	if (!refusal->attr)
		return false;
	trial = begin(refusal);
	if (find_suspect(&trial, finding) || blame_version(refusal, finding))
		return true;
	if (!is_for_target(refusal) && blame_type(refusal, finding))
		return true;
	if (!is_for_target(refusal) && !refusal->load->expected_attach_type)
		finding_evidence(finding, "an empty program of type %s loads", type_of(refusal));
	return false;
}

/* E2BIG also says that the attributes are longer than the kernel knows, and not zero there. */
static bool find_newer(const struct refusal *refusal, struct lade_finding *finding)
{
	struct trial trial;

	if (!refusal->attr)
		return false;
	trial = begin(refusal);
	return find_suspect(&trial, finding);
}

bool lade_program_find_culprit(const struct refusal *refusal, struct lade_finding *finding)
{
	switch (refusal->errnum) {
	case E2BIG:
		return is_too_long(refusal, finding) || find_newer(refusal, finding);
	case KERNEL_ENOTSUPP:
	case EOPNOTSUPP:
		return explain_unsupported(refusal, finding);
	case EINVAL:
		return find_in_words(refusal, finding);
	default:
		return false;
	}
}
