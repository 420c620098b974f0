/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs and helpers. */
#include "kernel/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"

#define LOG_BYTES 4096

/* What a type wants besides instructions. Numbers: the distribution's headers lag behind. */
struct form {
	uint32_t type, expected_attach_type, flags;
};
static const struct form forms[] = {
	{ 18, 8, 0 },       /* cgroup_sock_addr: BPF_CGROUP_INET4_BIND */
	{ 25, 21, 0 },      /* cgroup_sockopt: BPF_CGROUP_GETSOCKOPT */
	{ 30, 36, 0 },      /* sk_lookup: BPF_SK_LOOKUP */
	{ 31, 0, 1U << 4 }, /* syscall: BPF_F_SLEEPABLE */
	{ 32, 45, 0 },      /* netfilter: BPF_NETFILTER */
};

/* They are verified against a function or table of the kernel, which comes before the instructions. */
static bool needs_target(uint32_t type)
{
	enum { STRUCT_OPS = 27, TRACING = 26, EXT = 28, LSM = 29 };

	return type == STRUCT_OPS || type == TRACING || type == EXT || type == LSM;
}

static int load(struct kernel *kernel, uint32_t type, const struct bpf_insn *code, uint32_t count, char *log)
{
	struct attr_prog_load attr = {
		.prog_type = type,
		.insns = (uintptr_t)code,
		.insn_cnt = count,
		.license = (uintptr_t) "GPL",
		.log_buf = (uintptr_t)log,
		.log_size = LOG_BYTES,
		.log_level = 1,
		.kern_version = lade_kernel_version(kernel),
	};

	for (size_t i = 0; i < ELEMENTS(forms); i++) {
		if (forms[i].type != type)
			continue;
		attr.expected_attach_type = forms[i].expected_attach_type;
		attr.prog_flags = forms[i].flags;
	}
	log[0] = '\0';
	CLEANUP(cleanup_fd) int fd = lade_bpf_prog_load(kernel, &attr);
	log[LOG_BYTES - 1] = '\0';
	return fd < 0 ? fd : 0;
}

/* The verifier writes; what refuses an unknown type comes before it and writes nothing. */
enum probe_answer lade_probe_program(struct kernel *kernel, uint32_t type)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[LOG_BYTES];
	int result = load(kernel, type, code, ELEMENTS(code), log);

	if (result == 0 || log[0])
		return PROBE_YES;
	return result == -EINVAL || result == -E2BIG ? PROBE_NO : PROBE_UNKNOWN;
}

static int call(struct kernel *kernel, uint32_t type, uint32_t helper, char *log)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = (int32_t)helper },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(kernel, type, code, ELEMENTS(code), log);
}

static bool is_refused(const char *log)
{
	static const char *const words[] = {
		"unknown func",                           /* until 6.11 */
		"program of this type cannot use helper", /* since 6.12 */
		"invalid func",                           /* no such number */
	};

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strstr(log, words[i]))
			return true;
	return false;
}

enum probe_answer lade_probe_helper(struct kernel *kernel, uint32_t program_type, uint32_t helper)
{
	char log[LOG_BYTES];

	if (needs_target(program_type))
		return PROBE_UNKNOWN;
	int result = call(kernel, program_type, helper, log);
	if (result == 0)
		return PROBE_YES;
	if (is_refused(log))
		return PROBE_NO;
	/* Whatever else the verifier says of the call, its arguments say, it came after finding the helper. */
	return (result == -EINVAL || result == -EACCES) && log[0] ? PROBE_YES : PROBE_UNKNOWN;
}

bool lade_probe_helper_exists(struct kernel *kernel, uint32_t helper)
{
	char log[LOG_BYTES];

	return call(kernel, BPF_PROG_TYPE_SOCKET_FILTER, helper, log) == 0 || !strstr(log, "invalid func");
}
