/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kernel can do beside types: instructions, flags, commands. Named as in data/limits.csv. */
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "kernel/bpf.h"
#include "kernel/probe.h"

#define NOWHERE UINT32_MAX

struct feature {
	const char *name;
	enum probe_answer (*ask)(struct kernel *kernel, const struct feature *feature);
	uint32_t number;             /* of a command, a flag */
	uint32_t type;               /* of the program */
	struct bpf_insn program[10]; /* up to the first exit that is last */
	uint32_t count;
};

static enum probe_answer answer_of(int result)
{
	if (result >= 0)
		return PROBE_YES;
	return result == -EINVAL || result == -E2BIG || result == -EACCES || result == -KERNEL_ENOTSUPP ? PROBE_NO
													: PROBE_UNKNOWN;
}

/* Instructions that only a kernel which knows them takes. */
static enum probe_answer ask_program(struct kernel *kernel, const struct feature *feature)
{
	const struct probe_form form = { .type = feature->type, .flags = feature->number };
	char log[PROBE_LOG_BYTES];
	CLEANUP(cleanup_fd) int fd = lade_probe_load(kernel, &form, feature->program, feature->count, log);

	return answer_of(fd);
}

/* A flag that the type of the program does not want: the verifier says so where the flag is known. */
static enum probe_answer ask_flag(struct kernel *kernel, const struct feature *feature)
{
	const struct probe_form form = { .type = feature->type, .flags = feature->number };
	char log[PROBE_LOG_BYTES];
	CLEANUP(cleanup_fd) int fd = lade_probe_load_empty(kernel, &form, log);

	return fd >= 0 || log[0] ? PROBE_YES : answer_of(fd);
}

/* What a program wrote: behind a buffer of no length a descriptor, of which number there is none. */
static enum probe_answer ask_stream(struct kernel *kernel, const struct feature *feature)
{
	enum { PROGRAM = 4 };
	uint32_t attr[8] = { [PROGRAM] = NOWHERE };
	int result = kernel->calls->bpf(kernel, (int)feature->number, attr, sizeof attr);

	return result == -EBADF ? PROBE_YES : answer_of(result);
}

static enum probe_answer ask_token(struct kernel *kernel, const struct feature *feature)
{
	struct attr_token_create attr = { .bpffs_fd = NOWHERE };
	int result = kernel->calls->bpf(kernel, (int)feature->number, &attr, sizeof attr);

	return result == -EBADF ? PROBE_YES : answer_of(result);
}

static enum probe_answer ask_tracepoint_cookie(struct kernel *kernel, const struct feature *feature)
{
	struct attr_raw_tracepoint_open attr = { .prog_fd = NOWHERE, .cookie = 1 };
	int result = kernel->calls->bpf(kernel, (int)feature->number, &attr, sizeof attr);

	return result == -EBADF ? PROBE_YES : answer_of(result);
}

/* A batch of elements of no map: the count comes behind four pointers. */
static enum probe_answer ask_batch(struct kernel *kernel, const struct feature *feature)
{
	struct attr_map_batch attr = { .map_fd = NOWHERE };
	int result = kernel->calls->bpf(kernel, (int)feature->number, &attr, sizeof attr);

	return result == -EBADF ? PROBE_YES : answer_of(result);
}

static enum probe_answer ask_map_flag(struct kernel *kernel, const struct feature *feature)
{
	return lade_probe_map_flags(kernel, feature->type, feature->number);
}

static enum probe_answer ask_map_name(struct kernel *kernel, const struct feature *feature)
{
	struct attr_map_create attr = {
		.map_type = feature->type, .key_size = 4, .value_size = 4, .max_entries = 1, .map_name = "lade_probe"
	};
	CLEANUP(cleanup_fd) int fd = lade_bpf_map_create(kernel, &attr);

	return answer_of(fd);
}

static int load_with(struct kernel *kernel, struct attr_prog_load *attr)
{
	static const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	attr->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr->insns = (uintptr_t)code;
	attr->insn_cnt = ELEMENTS(code);
	attr->license = (uintptr_t) "GPL";
	return lade_bpf_prog_load(kernel, attr);
}

static enum probe_answer ask_program_name(struct kernel *kernel, const struct feature *feature)
{
	struct attr_prog_load attr = { .prog_name = "lade_probe" };

	(void)feature;
	CLEANUP(cleanup_fd) int fd = load_with(kernel, &attr);
	return answer_of(fd);
}

/* BPF_LOG_FIXED */
static enum probe_answer ask_log_level(struct kernel *kernel, const struct feature *feature)
{
	char log[PROBE_LOG_BYTES] = "";
	struct attr_prog_load attr = { .log_level = feature->number,
				       .log_buf = (uintptr_t)log,
				       .log_size = sizeof log };
	CLEANUP(cleanup_fd) int fd = load_with(kernel, &attr);

	return answer_of(fd);
}

/* Values of a map by address: what global variables are. */
static enum probe_answer ask_global_data(struct kernel *kernel, const struct feature *feature)
{
	enum { VALUE = 2 /* BPF_PSEUDO_MAP_VALUE */ };
	struct attr_map_create map = { .map_type = feature->type, .key_size = 4, .value_size = 8, .max_entries = 1 };
	CLEANUP(cleanup_fd) int map_fd = lade_bpf_map_create(kernel, &map);
	const struct bpf_insn code[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1, .src_reg = VALUE, .imm = map_fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct probe_form form = { .type = BPF_PROG_TYPE_SOCKET_FILTER };
	char log[PROBE_LOG_BYTES];

	if (map_fd < 0)
		return PROBE_UNKNOWN;
	CLEANUP(cleanup_fd) int fd = lade_probe_load(kernel, &form, code, ELEMENTS(code), log);
	return answer_of(fd);
}

/* A function of the kernel that is not there: a kernel without such calls says that the fields are not used. */
static enum probe_answer ask_kernel_call(struct kernel *kernel, const struct feature *feature)
{
	const struct probe_form form = { .type = feature->type };
	char log[PROBE_LOG_BYTES];
	CLEANUP(cleanup_fd) int fd = lade_probe_load(kernel, &form, feature->program, feature->count, log);

	if (fd >= 0)
		return PROBE_YES;
	if (!log[0])
		return PROBE_UNKNOWN;
	return strstr(log, "reserved fields") || strstr(log, "does not support") || strstr(log, "JIT is required")
		       ? PROBE_NO
		       : PROBE_YES;
}

/* ---- forms of BTF ---- */

#define INFO(kind, flag, count) ((uint32_t)(flag) << 31 | (uint32_t)(kind) << 24 | (uint32_t)(count))

static enum probe_answer load_types(struct kernel *kernel, const uint32_t *words, uint32_t count)
{
	static const char strings[] = { 0, 'a', 0 };
	uint8_t bytes[sizeof(struct btf_header) + 16 * sizeof *words + sizeof strings];
	uint32_t length = count * (uint32_t)sizeof *words;
	const struct btf_header header = { .magic = BTF_MAGIC,
					   .version = 1,
					   .hdr_len = sizeof header,
					   .type_len = length,
					   .str_off = length,
					   .str_len = sizeof strings };

	memcpy(bytes, &header, sizeof header);
	memcpy(bytes + sizeof header, words, length);
	memcpy(bytes + sizeof header + length, strings, sizeof strings);
	struct attr_btf_load attr = { .btf = (uintptr_t)bytes,
				      .btf_size = (uint32_t)(sizeof header + length + sizeof strings) };
	CLEANUP(cleanup_fd) int fd = lade_bpf_btf_load(kernel, &attr);
	return answer_of(fd);
}

/* struct a { int a : 32; }, marked as one that may have bit fields. */
static enum probe_answer ask_kind_flag(struct kernel *kernel, const struct feature *feature)
{
	static const uint32_t words[] = {
		1, INFO(BTF_KIND_INT, 0, 0), 4, 32, 1, INFO(BTF_KIND_STRUCT, 1, 1), 4, 1, 1, 0
	};

	(void)feature;
	return load_types(kernel, words, ELEMENTS(words));
}

/* void a(void), not static. */
static enum probe_answer ask_global_function(struct kernel *kernel, const struct feature *feature)
{
	static const uint32_t words[] = { 0, INFO(BTF_KIND_FUNC_PROTO, 0, 0), 0, 1, INFO(BTF_KIND_FUNC, 0, 1), 1 };

	(void)feature;
	return load_types(kernel, words, ELEMENTS(words));
}

static enum probe_answer ask_tag_flag(struct kernel *kernel, const struct feature *feature)
{
	static const uint32_t words[] = { 1, INFO(BTF_KIND_INT, 0, 0), 4, 32, 1, INFO(BTF_KIND_TYPE_TAG, 1, 0), 1 };

	(void)feature;
	return load_types(kernel, words, ELEMENTS(words));
}

/* ---- the table ---- */

#define OP(c, d, s, o, i)                                                                                              \
	{                                                                                                              \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                                    \
	}
#define MOV(d, i) OP(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define EXIT      OP(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define FILTER    BPF_PROG_TYPE_SOCKET_FILTER

enum {
	FLAG_SLEEPABLE = 1 << 4,
	FLAG_FRAGS = 1 << 5,
	LOG_FIXED = 8 | 1,
	PROG_STREAM_READ = 37,
	TOKEN_CREATE = 36,
	BATCH = 24,
	PSEUDO_KFUNC = 2,
	ATOMIC = 0xc0, /* BPF_ATOMIC, BPF_XADD */
	LOAD_ACQUIRE = 0x100,
	MAY_GOTO = 0xe0, /* BPF_JCOND */
};

static const struct feature features[] = {
	{ "map_name", ask_map_name, 0, BPF_MAP_TYPE_ARRAY, { { 0 } }, 0 },
	{ "prog_name", ask_program_name, 0, 0, { { 0 } }, 0 },
	{ "bpf2bpf_calls",
	  ask_program,
	  0,
	  FILTER,
	  { OP(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT, MOV(0, 0), EXIT },
	  4 },
	{ "bounded_loops",
	  ask_program,
	  0,
	  FILTER,
	  { MOV(0, 0), OP(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, 1), OP(BPF_JMP | BPF_JNE | BPF_K, 0, 0, -2, 4), EXIT },
	  4 },
	{ "uninit_stack_read", /* eight bytes, of which four were written */
	  ask_program,
	  0,
	  FILTER,
	  { MOV(0, 0), OP(BPF_ST | BPF_MEM | BPF_W, 10, 0, -8, 0), OP(BPF_LDX | BPF_MEM | BPF_DW, 1, 10, -8, 0), EXIT },
	  4 },
	{ "global_data", ask_global_data, 0, BPF_MAP_TYPE_ARRAY, { { 0 } }, 0 },
	{ "mmapable_array", ask_map_flag, BPF_F_MMAPABLE, BPF_MAP_TYPE_ARRAY, { { 0 } }, 0 },
	{ "kfuncs",
	  ask_kernel_call,
	  0,
	  FILTER,
	  { OP(BPF_JMP | BPF_CALL, 0, PSEUDO_KFUNC, 0, 0x7ffffff), MOV(0, 0), EXIT },
	  3 },
	{ "sleepable", ask_flag, FLAG_SLEEPABLE, FILTER, { { 0 } }, 0 },
	{ "xdp_frags", ask_flag, FLAG_FRAGS, BPF_PROG_TYPE_XDP, { { 0 } }, 0 },
	{ "log_fixed", ask_log_level, LOG_FIXED, 0, { { 0 } }, 0 },
	{ "cpu_v2", ask_program, 0, FILTER, { MOV(0, 0), OP(BPF_JMP | BPF_JLT | BPF_K, 0, 0, 0, 1), EXIT }, 3 },
	{ "cpu_v3", ask_program, 0, FILTER, { MOV(0, 0), OP(BPF_JMP32 | BPF_JEQ | BPF_K, 0, 0, 0, 1), EXIT }, 3 },
	{ "cpu_v4", ask_program, 0, FILTER, { MOV(0, 0), OP(BPF_ALU64 | BPF_MOV | BPF_X, 0, 0, 8, 0), EXIT }, 3 },
	{ "atomics_fetch",
	  ask_program,
	  0,
	  FILTER,
	  { MOV(0, 0), OP(BPF_STX | BPF_MEM | BPF_DW, 10, 0, -8, 0),
	    OP(BPF_STX | ATOMIC | BPF_DW, 10, 0, -8, BPF_ADD | 1), EXIT },
	  4 },
	{ "load_acquire_store_release",
	  ask_program,
	  0,
	  FILTER,
	  { MOV(0, 0), OP(BPF_STX | BPF_MEM | BPF_DW, 10, 0, -8, 0),
	    OP(BPF_STX | ATOMIC | BPF_DW, 0, 10, -8, LOAD_ACQUIRE), MOV(0, 0), EXIT },
	  5 },
	{ "may_goto", ask_program, 0, FILTER, { MOV(0, 0), OP(BPF_JMP | MAY_GOTO, 0, 0, 1, 0), MOV(0, 0), EXIT }, 4 },
	{ "btf_kind_flag", ask_kind_flag, 0, 0, { { 0 } }, 0 },
	{ "btf_func_global", ask_global_function, 0, 0, { { 0 } }, 0 },
	{ "btf_tag_kind_flag", ask_tag_flag, 0, 0, { { 0 } }, 0 },
	{ "map_batch", ask_batch, BATCH, 0, { { 0 } }, 0 },
	{ "raw_tracepoint_cookie", ask_tracepoint_cookie, BPF_RAW_TRACEPOINT_OPEN, 0, { { 0 } }, 0 },
	{ "token", ask_token, TOKEN_CREATE, 0, { { 0 } }, 0 },
	{ "prog_streams", ask_stream, PROG_STREAM_READ, 0, { { 0 } }, 0 },
};

size_t lade_probe_feature_count(void)
{
	return ELEMENTS(features);
}

const char *lade_probe_feature_name(size_t index)
{
	return index < ELEMENTS(features) ? features[index].name : NULL;
}

enum probe_answer lade_probe_feature(struct kernel *kernel, size_t index)
{
	return index < ELEMENTS(features) ? features[index].ask(kernel, &features[index]) : PROBE_UNKNOWN;
}
