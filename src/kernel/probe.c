/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs and helpers. */
#include "kernel/probe.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"

/* What a type wants besides instructions. Numbers: the distribution's headers lag behind. */
static const struct probe_form forms[] = {
	{ 18, 8, 0, 0 },       /* cgroup_sock_addr: BPF_CGROUP_INET4_BIND */
	{ 25, 21, 0, 0 },      /* cgroup_sockopt: BPF_CGROUP_GETSOCKOPT */
	{ 30, 36, 0, 0 },      /* sk_lookup: BPF_SK_LOOKUP */
	{ 31, 0, 1U << 4, 0 }, /* syscall: BPF_F_SLEEPABLE */
	{ 32, 45, 0, 0 },      /* netfilter: BPF_NETFILTER */
};

static struct probe_form form_of(uint32_t type)
{
	for (size_t i = 0; i < ELEMENTS(forms); i++)
		if (forms[i].type == type)
			return forms[i];
	return (struct probe_form){ .type = type };
}

/* They are verified against a function or table of the kernel, which comes before the instructions. */
static bool needs_target(uint32_t type)
{
	enum { STRUCT_OPS = 27, TRACING = 26, EXT = 28, LSM = 29 };

	return type == STRUCT_OPS || type == TRACING || type == EXT || type == LSM;
}

int lade_probe_load(struct kernel *kernel, const struct probe_form *form, const struct bpf_insn *code, uint32_t count,
		    char *log)
{
	struct attr_prog_load attr = {
		.prog_type = form->type,
		.insns = (uintptr_t)code,
		.insn_cnt = count,
		.license = (uintptr_t) "GPL",
		.log_buf = (uintptr_t)log,
		.log_size = PROBE_LOG_BYTES,
		.log_level = 1,
		.kern_version = lade_kernel_version(kernel),
		.expected_attach_type = form->expected_attach_type,
		.prog_flags = form->flags,
		.attach_btf_id = form->attach_btf_id,
	};

	log[0] = '\0';
	int fd = lade_bpf_prog_load(kernel, &attr);
	log[PROBE_LOG_BYTES - 1] = '\0';
	return fd;
}

int lade_probe_load_empty(struct kernel *kernel, const struct probe_form *form, char *log)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return lade_probe_load(kernel, form, code, ELEMENTS(code), log);
}

/* The verifier writes; what refuses an unknown type comes before it and writes nothing. */
enum probe_answer lade_probe_program(struct kernel *kernel, uint32_t type)
{
	const struct probe_form form = form_of(type);
	char log[PROBE_LOG_BYTES];
	CLEANUP(cleanup_fd) int fd = lade_probe_load_empty(kernel, &form, log);

	if (fd >= 0 || log[0])
		return PROBE_YES;
	return fd == -EINVAL || fd == -E2BIG ? PROBE_NO : PROBE_UNKNOWN;
}

/* 0 or a negative errno */
static int call(struct kernel *kernel, const struct probe_form *form, uint32_t helper, char *log)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = (int32_t)helper },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	CLEANUP(cleanup_fd) int fd = lade_probe_load(kernel, form, code, ELEMENTS(code), log);

	return fd < 0 ? fd : 0;
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

enum probe_answer lade_probe_helper_of(struct kernel *kernel, const struct probe_form *form, uint32_t helper)
{
	char log[PROBE_LOG_BYTES];
	int result = call(kernel, form, helper, log);

	if (result == 0)
		return PROBE_YES;
	if (is_refused(log))
		return PROBE_NO;
	/* Whatever else the verifier says of the call, its arguments say, it came after finding the helper. */
	return (result == -EINVAL || result == -EACCES) && log[0] ? PROBE_YES : PROBE_UNKNOWN;
}

enum probe_answer lade_probe_helper(struct kernel *kernel, uint32_t program_type, uint32_t helper)
{
	const struct probe_form form = form_of(program_type);

	return needs_target(program_type) ? PROBE_UNKNOWN : lade_probe_helper_of(kernel, &form, helper);
}

bool lade_probe_helper_exists(struct kernel *kernel, uint32_t helper)
{
	const struct probe_form form = { .type = BPF_PROG_TYPE_SOCKET_FILTER };
	char log[PROBE_LOG_BYTES];

	return call(kernel, &form, helper, log) == 0 || !strstr(log, "invalid func");
}
