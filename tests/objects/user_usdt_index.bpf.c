/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of newer usdt.bpf.h headers, in which an argument may have an index register, and as much of their code as
 * reads such an argument.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

enum __bpf_usdt_arg_type { CONSTANT, REGISTER, MEMORY, INDEXED };

struct __bpf_usdt_arg_spec {
	__u64 val_off;
	enum __bpf_usdt_arg_type arg_type : 8;
	__u16 idx_reg_off : 12;
	__u16 scale_bitshift : 4;
	__u8 reserved : 8;
	short reg_off;
	bool arg_signed;
	char arg_bitshift;
};

struct __bpf_usdt_spec {
	struct __bpf_usdt_arg_spec args[12];
	__u64 usdt_cookie;
	short arg_cnt;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, struct __bpf_usdt_spec);
} __bpf_usdt_specs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __s64);
} seen SEC(".maps");

SEC("usdt")
int on_index(struct pt_regs *ctx)
{
	__u32 zero = 0;
	int id = (int)bpf_get_attach_cookie(ctx);
	struct __bpf_usdt_spec *spec = bpf_map_lookup_elem(&__bpf_usdt_specs, &id);
	if (!spec || spec->arg_cnt < 8 || spec->args[7].arg_type != INDEXED)
		return 0;
	struct __bpf_usdt_arg_spec *arg = &spec->args[7];
	__u64 base = 0, index = 0;
	__s64 value = 0;
	bpf_probe_read_kernel(&base, sizeof base, (void *)ctx + arg->reg_off);
	bpf_probe_read_kernel(&index, sizeof index, (void *)ctx + arg->idx_reg_off);
	bpf_probe_read_user(&value, sizeof value, (void *)base + (index << arg->scale_bitshift) + arg->val_off);
	value <<= arg->arg_bitshift;
	value = arg->arg_signed ? value >> arg->arg_bitshift : (__s64)((__u64)value >> arg->arg_bitshift);
	bpf_map_update_elem(&seen, &zero, &value, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
