/* SPDX-License-Identifier: BSD-2-Clause */
/* Tiny programs that this kernel's verifier rejects, and what is said of its log. Nothing is pinned or attached. */
#include <errno.h>
#include <linux/bpf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"

#define INSTRUCTIONS_MAX 48
#define LOG_BYTES        (1U << 20)

#define I(c, d, s, o, i)                                                                                               \
	{                                                                                                              \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                                    \
	}
#define MOV(d, i)          I(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVR(d, s)         I(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD(d, i)          I(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define ADDR(d, s)         I(BPF_ALU64 | BPF_ADD | BPF_X, d, s, 0, 0)
#define ALU(op, d, i)      I(BPF_ALU64 | (op) | BPF_K, d, 0, 0, i)
#define ALUR(op, d, s)     I(BPF_ALU64 | (op) | BPF_X, d, s, 0, 0)
#define LD(size, d, s, o)  I(BPF_LDX | BPF_MEM | (size), d, s, o, 0)
#define ST(size, d, o, i)  I(BPF_ST | BPF_MEM | (size), d, 0, o, i)
#define STR(size, d, o, s) I(BPF_STX | BPF_MEM | (size), d, s, o, 0)
#define CALL(f)            I(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define CALLPC(o)          I(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, o)
#define KFUNC(o)           I(BPF_JMP | BPF_CALL, 0, 2, 0, o)
#define EXIT               I(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define JA(o)              I(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define JUMP(op, d, i, o)  I(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define JUMPR(op, d, s, o) I(BPF_JMP | (op) | BPF_X, d, s, o, 0)
/* i: which of the maps below; put in when the program is loaded. */
#define MAP(d, i)      I(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_FD, 0, -1 - (i)), I(0, 0, 0, 0, 0)
#define VALUE(d, i, o) I(BPF_LD | BPF_IMM | BPF_DW, d, BPF_PSEUDO_MAP_VALUE, 0, -1 - (i)), I(0, 0, 0, 0, o)
#define RETURN         MOV(0, 0), EXIT
/* r0 = value of map i, or NULL */
#define LOOKUP(i)         ST(BPF_W, 10, -4, 0), MOVR(2, 10), ADD(2, -4), MAP(1, i), CALL(1)
#define FOUND             JUMP(BPF_JNE, 0, 0, 2), RETURN
#define RESERVE           MAP(1, RING), MOV(2, 8), MOV(3, 0), CALL(131)
#define RESERVE_DYNPTR(o) MAP(1, RING), MOV(2, 8), MOV(3, 0), MOVR(4, 10), ADD(4, o), CALL(198)
#define FUNCTION(d, o)    I(BPF_LD | BPF_IMM | BPF_DW, d, 4, 0, o), I(0, 0, 0, 0, 0)
/* A function of the kernel by its name, put in when the program is loaded. */
#define KERNEL(name) I(BPF_JMP | BPF_CALL, 0, 2, 0, -1 - FUNCTION_##name)
#define ITERATOR     MOVR(1, 10), ADD(1, -8), MOV(2, 0), MOV(3, 9), KERNEL(bpf_iter_num_new)
#define SK           offsetof(struct __sk_buff, sk)

enum map { ARRAY, RING, READ_ONLY, PROGRAMS, HASHED, MAPS };

#define SOCKET  BPF_PROG_TYPE_SOCKET_FILTER
#define CLS     BPF_PROG_TYPE_SCHED_CLS
#define XDP     BPF_PROG_TYPE_XDP
#define SKB     BPF_PROG_TYPE_CGROUP_SKB
#define TP      BPF_PROG_TYPE_TRACEPOINT
#define SYSCALL BPF_PROG_TYPE_SYSCALL

#define FUNCTIONS(X)                                                                                                   \
	X(bpf_iter_num_destroy)                                                                                        \
	X(bpf_iter_num_new)                                                                                            \
	X(bpf_iter_num_next)                                                                                           \
	X(bpf_local_irq_restore)                                                                                       \
	X(bpf_local_irq_save)                                                                                          \
	X(bpf_obj_new_impl)                                                                                            \
	X(bpf_preempt_disable)                                                                                         \
	X(bpf_preempt_enable)                                                                                          \
	X(bpf_rcu_read_lock)                                                                                           \
	X(bpf_rcu_read_unlock)                                                                                         \
	X(bpf_task_acquire)                                                                                            \
	X(bpf_task_from_pid)                                                                                           \
	X(bpf_task_release)
#define FUNCTION_NUMBER(name) FUNCTION_##name,
#define FUNCTION_NAME(name)   #name,
enum function { FUNCTIONS(FUNCTION_NUMBER) FUNCTION_COUNT };
static const char *const functions[] = { FUNCTIONS(FUNCTION_NAME) };

static const struct rejected {
	const char *name, *code;
	enum bpf_prog_type type;
	struct bpf_insn code_of[INSTRUCTIONS_MAX];
	const char *evidence; /* a part of it, or one of several with | between; NULL: any */
	const char *license;  /* NULL: GPL */
	const char *older;    /* what other kernels' words mean, codes with blanks between; NULL: the same */
	uint32_t flags, target;
	bool loads; /* on some kernels */
} programs[] = {
#include "rejected_programs.h"
};

static int maps[MAPS];

static int enter(void **state)
{
	LIBBPF_OPTS(bpf_map_create_opts, read_only, .map_flags = BPF_F_RDONLY_PROG);

	(void)state;
	maps[ARRAY] = bpf_map_create(BPF_MAP_TYPE_ARRAY, "table", 4, 8, 4, NULL);
	maps[RING] = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0, 4096, NULL);
	maps[READ_ONLY] = bpf_map_create(BPF_MAP_TYPE_ARRAY, "constants", 4, 8, 1, &read_only);
	maps[PROGRAMS] = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "next", 4, 4, 4, NULL);
	maps[HASHED] = bpf_map_create(BPF_MAP_TYPE_HASH, "counts", 4, 8, 4, NULL);
	for (size_t i = 0; i < MAPS; i++)
		if (maps[i] < 0)
			fprintf(stderr, "# map %zu cannot be created: %s\n", i, strerror(errno));
	return 0;
}

static int leave(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAPS; i++)
		if (maps[i] >= 0)
			(void)close(maps[i]);
	return 0;
}

static size_t count_of(const struct rejected *program)
{
	size_t count = INSTRUCTIONS_MAX;

	while (count && !program->code_of[count - 1].code)
		count--;
	/* The second half of a wide one has no code. */
	return count && program->code_of[count - 1].code == (BPF_LD | BPF_IMM | BPF_DW) ? count + 1 : count;
}

/* What stands for a map or a function of the kernel. false: this kernel has no such function. */
static bool resolve(struct bpf_insn *code, size_t count)
{
	static struct btf *types;

	for (size_t i = 0; i < count; i++) {
		bool is_call = code[i].code == (BPF_JMP | BPF_CALL) && code[i].src_reg == 2 && code[i].imm < 0;
		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW) && code[i].imm < 0 && code[i].imm >= -MAPS)
			code[i].imm = maps[-1 - code[i].imm];
		if (!is_call || -1 - code[i].imm >= FUNCTION_COUNT)
			continue;
		types = types ? types : btf__load_vmlinux_btf();
		code[i].imm = types ? btf__find_by_name_kind(types, functions[-1 - code[i].imm], BTF_KIND_FUNC) : -1;
		if (code[i].imm <= 0)
			return false;
	}
	return true;
}

static uint32_t attach_type_of(enum bpf_prog_type type)
{
	return type == BPF_PROG_TYPE_TRACING ? BPF_TRACE_FENTRY : type == BPF_PROG_TYPE_LSM ? BPF_LSM_MAC : 0;
}

/* The log of its rejection; "": it was refused without one or loaded. 1: it cannot be tried here. */
static int load(const struct rejected *program, char *log)
{
	struct bpf_insn code[INSTRUCTIONS_MAX];
	size_t count = count_of(program);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = LOG_BYTES, .log_level = 1,
		    .prog_flags = program->flags, .attach_btf_id = program->target,
		    .expected_attach_type = attach_type_of(program->type));
	int fd;

	memcpy(code, program->code_of, sizeof code);
	*log = '\0';
	if (!resolve(code, count))
		return 1;
	fd = bpf_prog_load(program->type, "rejected", program->license ? program->license : "GPL", code, count, &opts);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : -errno;
}

/* "ours|the words of the kernel's own report, since 7.3" */
static bool has_evidence(const struct lade_finding_info *info, const char *parts)
{
	for (const char *part = parts; part; part = strchr(part, '|') ? strchr(part, '|') + 1 : NULL)
		for (size_t i = 0; i < info->evidence_count; i++)
			if (memmem(info->evidence[i], strlen(info->evidence[i]), part, strcspn(part, "|")))
				return true;
	return false;
}

static bool is_listed(const char *codes, const char *code)
{
	size_t length = strlen(code);

	for (const char *at = codes; at && (at = strstr(at, code)); at += length)
		if ((at == codes || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static unsigned judge(const struct rejected *program, const char *log)
{
	struct lade_explanation *explanation = NULL;
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_finding_info info = { .size = sizeof info };
	unsigned wrong = 1;

	assert_int_equal(lade_explain_text(log, strlen(log), NULL, &explanation, NULL), 0);
	if (lade_explained_count(explanation) != 1 || lade_explained(explanation, 0, &item) < 0 || !item.finding) {
		fprintf(stderr, "# %s: %zu findings in\n%s\n", program->name, lade_explained_count(explanation), log);
	} else {
		assert_int_equal(lade_finding_describe(item.finding, &info), 0);
		bool is_older = is_listed(program->older, info.code);
		wrong = (strcmp(info.code, program->code) != 0 && !is_older) || !info.cause || !*info.cause ||
			!info.fix || !*info.fix || (program->evidence && !has_evidence(&info, program->evidence));
		if (wrong)
			fprintf(stderr, "# %s: %s: %s\n%s\n", program->name, info.code, item.line, log);
		if (getenv("LADE_TEST_VERBOSE"))
			fprintf(stderr, "# %s: %s\n", info.code, item.line);
	}
	lade_explanation_free(explanation);
	return wrong;
}

/* LADE_TEST_LOGS=FILE: what this kernel said, for tests/explain/logs/verifier. */
static void write_log(const struct rejected *program, const char *log)
{
	const char *path = getenv("LADE_TEST_LOGS");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	fprintf(file, "=== %s\n%s", program->name, log);
	(void)fclose(file);
}

static void every_rejected_program_gets_its_finding(void **state)
{
	CLEANUP(cleanup_free) char *log = malloc(LOG_BYTES);
	unsigned wrong = 0, judged = 0, absent = 0;

	(void)state;
	assert_non_null(log);
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		int result = load(&programs[i], log);
		absent += result > 0 || (result == 0 && programs[i].loads);
		/* Kernels before 6.4 keep the beginning of a log that is too long, not its end. */
		if (result >= 0 || !*log || strlen(log) >= LOG_BYTES - 1) {
			fprintf(stderr, "# %s: this kernel answers %d and writes no whole log\n", programs[i].name,
				result);
			continue;
		}
		judged++;
		write_log(&programs[i], log);
		wrong += judge(&programs[i], log);
	}
	if (!judged)
		skip();
	assert_int_equal(wrong, 0);
	if (judged < ELEMENTS(programs))
		fprintf(stderr, "# %u of %zu programs were judged, %u need what this kernel has not\n", judged,
			ELEMENTS(programs), absent);
	assert_true(judged * 4 >= (ELEMENTS(programs) - absent) * 3);
}

/* ---- logs of kernels that are not here ---- */

static const struct rejected *find_program(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(programs); i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(LOG_BYTES);
	size_t length = file && text ? fread(text, 1, LOG_BYTES - 1, file) : 0;

	if (file)
		(void)fclose(file);
	if (text)
		text[length] = '\0';
	return text;
}

/* "=== name", and the log up to the next one. */
static unsigned judge_recorded(char *text, unsigned *ret_count)
{
	static const char mark[] = "=== ";
	unsigned wrong = 0;
	char *next;

	*ret_count = 0;
	for (char *at = text; at && strncmp(at, mark, strlen(mark)) == 0; at = next) {
		char *name = at + strlen(mark), *log = strchr(name, '\n');
		assert_non_null(log);
		*log++ = '\0';
		next = strstr(log, mark);
		if (next)
			next[-1] = '\0';
		const struct rejected *program = find_program(name);
		if (!program)
			fail_msg("there is no program %s", name);
		wrong += judge(program, log);
		++*ret_count;
	}
	return wrong;
}

/* What six kernels said of these programs (LADE_TEST_LOGS): their wordings, without booting them. */
static void recorded_logs_of_six_kernels_get_their_findings(void **state)
{
	static const char *const kernels[] = { "5.10", "6.1", "6.12", "6.18", "7.2", "7.3" };
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(kernels); i++) {
		char path[512];
		unsigned count, found;
		(void)snprintf(path, sizeof path, TEST_SOURCE_ROOT "/tests/explain/logs/verifier/%s.log", kernels[i]);
		CLEANUP(cleanup_free) char *text = read_file(path);
		assert_non_null(text);
		found = judge_recorded(text, &count);
		if (found || count < 80)
			fprintf(stderr, "# %s: %u of %u logs are wrong\n", kernels[i], found, count);
		wrong += found + (count < 80);
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_logs_of_six_kernels_get_their_findings),
		cmocka_unit_test(every_rejected_program_gets_its_finding),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
