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
#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/cleanup.h"

#define INSTRUCTIONS_MAX 40
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
#define LOOKUP(i) ST(BPF_W, 10, -4, 0), MOVR(2, 10), ADD(2, -4), MAP(1, i), CALL(1)
#define FOUND     JUMP(BPF_JNE, 0, 0, 2), RETURN
#define RESERVE   MAP(1, RING), MOV(2, 8), MOV(3, 0), CALL(131)

enum map { ARRAY, RING, READ_ONLY, PROGRAMS, HASHED, MAPS };

#define SOCKET BPF_PROG_TYPE_SOCKET_FILTER
#define CLS    BPF_PROG_TYPE_SCHED_CLS
#define XDP    BPF_PROG_TYPE_XDP
#define SKB    BPF_PROG_TYPE_CGROUP_SKB
#define TP     BPF_PROG_TYPE_TRACEPOINT

static const struct rejected {
	const char *name, *code;
	enum bpf_prog_type type;
	struct bpf_insn code_of[INSTRUCTIONS_MAX];
	const char *evidence; /* a part of it; NULL: any */
	const char *license;  /* NULL: GPL */
	const char *older;    /* what an older kernel's words mean; NULL: the same */
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

/* The log of its rejection; "": it was refused without one or loaded. */
static int load(const struct rejected *program, char *log)
{
	struct bpf_insn code[INSTRUCTIONS_MAX];
	size_t count = count_of(program);
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = LOG_BYTES, .log_level = 1);
	int fd;

	memcpy(code, program->code_of, sizeof code);
	for (size_t i = 0; i < count; i++)
		if (code[i].code == (BPF_LD | BPF_IMM | BPF_DW) && code[i].imm < 0 && code[i].imm >= -MAPS)
			code[i].imm = maps[-1 - code[i].imm];
	*log = '\0';
	fd = bpf_prog_load(program->type, "rejected", program->license ? program->license : "GPL", code, count, &opts);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : -errno;
}

static bool has_evidence(const struct lade_finding_info *info, const char *part)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], part))
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
		bool is_older = program->older && strcmp(info.code, program->older) == 0;
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

static void every_rejected_program_gets_its_finding(void **state)
{
	CLEANUP(cleanup_free) char *log = malloc(LOG_BYTES);
	unsigned wrong = 0, judged = 0;

	(void)state;
	assert_non_null(log);
	for (size_t i = 0; i < ELEMENTS(programs); i++) {
		int result = load(&programs[i], log);
		/* Kernels before 6.4 keep the beginning of a log that is too long, not its end. */
		if (result == 0 || !*log || strlen(log) >= LOG_BYTES - 1) {
			fprintf(stderr, "# %s: this kernel answers %d and writes no whole log\n", programs[i].name, result);
			continue;
		}
		judged++;
		wrong += judge(&programs[i], log);
	}
	if (!judged)
		skip();
	assert_int_equal(wrong, 0);
	/* On the kernel that the tests are written for, all are rejected with a log. */
	if (judged < ELEMENTS(programs))
		fprintf(stderr, "# %u of %zu programs were judged\n", judged, ELEMENTS(programs));
	assert_true(judged >= ELEMENTS(programs) * 3 / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rejected_program_gets_its_finding),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
