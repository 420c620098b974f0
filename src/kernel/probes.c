/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs ask of the running kernel as LINUX_HAS_…: found out only when one asks. */
#include <errno.h>

#include "kernel/bpf.h"
#include "kernel/config.h"
#include "kernel/symbols.h"

int lade_kernel_has_attach_cookie(struct kernel *kernel)
{
	static const struct bpf_insn body[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_attach_cookie },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct attr_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_TRACEPOINT,
		.insn_cnt = ELEMENTS(body),
		.insns = (uintptr_t)body,
		.license = (uintptr_t) "GPL",
	};
	CLEANUP(cleanup_fd) int fd = lade_bpf_prog_load(kernel, &attr);

	if (fd >= 0 || fd == -EINVAL) /* no such helper */
		return fd >= 0;
	return fd;
}

#if defined __x86_64__
#define WRAPPER "__x64_sys_bpf"
#elif defined __i386__
#define WRAPPER "__ia32_sys_bpf"
#elif defined __aarch64__
#define WRAPPER "__arm64_sys_bpf"
#elif defined __s390x__
#define WRAPPER "__s390x_sys_bpf"
#elif defined __riscv
#define WRAPPER "__riscv_sys_bpf"
#elif defined __powerpc64__
#define WRAPPER "__powerpc64_sys_bpf"
#elif defined __powerpc__
#define WRAPPER "__powerpc_sys_bpf"
#elif defined __arm__
#define WRAPPER "__arm_sys_bpf"
#elif defined __mips__
#define WRAPPER "__mips_sys_bpf"
#else
#define WRAPPER "__sys_bpf" /* of no architecture that wraps its system calls */
#endif

/* libbpf puts a probe there; the name says the same on kernels without kprobes. */
int lade_kernel_has_syscall_wrapper(struct kernel *kernel)
{
	struct kernel_symbol symbol = { .name = WRAPPER };
	int result = lade_kernel_symbols(kernel, &symbol, 1, NULL);

	return result < 0 ? result : symbol.state != SYMBOL_ABSENT;
}
