/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of logs and of the field, as people write them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lade/explain.h>

#include "base/array.h"

/* What is asked, and what is found, in order. */
static const struct {
	const char *text, *words[3];
} asked[] = {
	{ "ptr_or_null_", { "ptr_or_null_" } },
	{ "ptr_or_null", { "ptr_or_null_" } },
	{ "trusted_ptr_or_null", { "trusted_ptr_or_null_" } },
	{ "percpu_ptr", { "percpu_ptr_" } },
	{ "ptr_or_null_task_struct", { "ptr_or_null_" } },
	{ "inv", { "inv" } },
	{ "inv5", { "inv" } },
	{ "invP0", { "P", "inv" } },
	{ "Pscalar()", { "scalar", "P" } },
	{ "scalar(umin=1,umax=5)", { "scalar" } },
	{ "R1_w=map_value(off=0,ks=4,vs=8,imm=0)", { "_w", "map_value" } },
	{ "R0=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0)", { "map_value_or_null" } },
	{ "R1_w=", { "R1_w=" } },
	{ "R2", { "R2" } },
	{ "CAP_BPF", { "CAP_BPF" } },
	{ "bpf_task_acquire", { "bpf_task_acquire" } },
	{ "cap_perfmon", { "CAP_PERFMON" } },
	{ "R10=fp0", { "fp" } },
	{ "fp", { "fp" } },
	{ "fp-8", { "fp-8=" } },
	{ "fp-16=????mmmm", { "fp-8=", "????mmmm" } },
	{ "mmmm????", { "mmmmmmmm" } },
	{ "umax=255", { "umax=" } },
	{ "umax", { "umax=" } },
	{ "smin32=-1", { "smin32=" } },
	{ "u32_max_value=7", { "u32_max_value=" } },
	{ "var_off=(0x0; 0xff)", { "var_off=" } },
	{ "id=3", { "id=" } },
	{ "off=8", { "off=" } },
	{ "r=14", { "r=" } },
	{ "ks=", { "ks=" } },
	{ "vs=8", { "vs=" } },
	{ "imm=0", { "imm=" } },
	{ "ref_obj_id=2", { "ref_obj_id=" } },
	{ "ctx", { "ctx" } },
	{ "ctx()", { "ctx" } },
	{ "pkt_end", { "pkt_end" } },
	{ "pkt(off=14,r=14)", { "pkt" } },
	{ "trusted_ptr_", { "trusted_ptr_" } },
	{ "trusted_ptr_task_struct", { "trusted_ptr_" } },
	{ "rcu_ptr_or_null_cgroup", { "rcu_ptr_or_null_" } },
	{ "untrusted_", { "untrusted_" } },
	{ "untrusted_ptr_file", { "untrusted_ptr_" } },
	{ "alloc_mem", { "alloc_mem" } },
	{ "ringbuf_mem_or_null", { "ringbuf_mem_or_null" } },
	{ "percpu_", { "percpu_" } },
	{ "percpu_ptr_rq", { "percpu_ptr_" } },
	{ "rdonly_mem", { "rdonly_mem" } },
	{ "user_mem", { "user_", "mem" } },
	{ "user_mem_or_null", { "user_", "mem_or_null" } },
	{ "arena_or_null", { "arena", "_or_null" } },
	{ "iter_num", { "iter_num" } },
	{ "iter_num(ref_id=1,state=active,depth=0)", { "iter_num" } },
	{ "iter_task", { "iter_" } },
	{ "dynptr_ptr", { "dynptr_ptr" } },
	{ "frame2", { "frame1" } },
	{ "'scalar'", { "scalar" } },
	{ "sock_or_null", { "sock_or_null" } },
	/* names, with and without what stands before them */
	{ "bpf_probe_read_user", { "bpf_probe_read_user" } },
	{ "probe_read_user", { "bpf_probe_read_user" } },
	{ "BPF_FUNC_probe_read_user", { "bpf_probe_read_user" } },
	{ "bpf_probe_read_user#112", { "bpf_probe_read_user" } },
	{ "unknown#112", { "bpf_probe_read_user" } },
	{ "CONFIG_BPF_SYSCALL", { "CONFIG_BPF_SYSCALL" } },
	{ "BPF_MAP_TYPE_LRU_HASH", { "lru_hash" } },
	{ "lru-hash", { "lru_hash" } },
	{ "BPF_PROG_TYPE_LSM", { "lsm" } },
	{ "BPF_F_NO_PREALLOC", { "BPF_F_NO_PREALLOC" } },
	{ "BPF_MAP_FREEZE", { "BPF_MAP_FREEZE" } },
};

static void words_mean_what_the_kernel_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(asked); i++)
		for (size_t nth = 0; nth < ELEMENTS(asked[i].words) && asked[i].words[nth]; nth++) {
			struct lade_word_info info = { .size = sizeof info };
			int result = lade_word_find(asked[i].text, nth, &info);
			if (result < 0 || strcmp(info.word, asked[i].words[nth]) != 0)
				fail_msg("%s: meaning %zu is %s instead of %s", asked[i].text, nth,
					 result < 0 ? "none" : info.word, asked[i].words[nth]);
			assert_true(*info.meaning);
		}
}

static void word_that_nobody_writes_means_nothing(void **state)
{
	static const char *const words[] = { "",  " ", "=",     "(",        "#",          "R",    "R1",       "fp-",
					     "P", "_", "xyzzy", "map_vlue", "R1_w=xyzzy", "bpf_", "0x0; 0xff" };
	char longest[4096];
	struct lade_word_info info = { .size = sizeof info };

	(void)state;
	memset(longest, 'R', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(lade_word_find(longest, 0, &info), -ENOENT);
	for (size_t i = 0; i < ELEMENTS(words); i++)
		for (size_t nth = 0; lade_word_find(words[i], nth, &info) == 0; nth++)
			assert_true(nth < 16);
	assert_int_equal(lade_word_find("xyzzy", 0, &info), -ENOENT);
	assert_int_equal(lade_word_find("map_vlue", 0, &info), -ENOENT);
}

static void every_row_finds_itself(void **state)
{
	(void)state;
	assert_true(lade_word_count() > 500);
	for (size_t i = 0; i < lade_word_count(); i++) {
		struct lade_word_info row = { .size = sizeof row }, found = { .size = sizeof found };
		bool is_found = false;
		assert_int_equal(lade_word_at(i, &row), 0);
		for (size_t nth = 0; lade_word_find(row.word, nth, &found) == 0; nth++)
			is_found |= found.word == row.word && found.kind == row.kind;
		if (!is_found)
			fail_msg("%s is not found", row.word);
	}
	struct lade_word_info beyond = { .size = sizeof beyond };
	assert_int_equal(lade_word_at(lade_word_count(), &beyond), -ERANGE);
}

static void helper_says_since_when_and_for_whom(void **state)
{
	struct lade_word_info info = { .size = sizeof info };

	(void)state;
	assert_int_equal(lade_word_find("bpf_probe_read_user", 0, &info), 0);
	assert_int_equal(info.kind, LADE_WORD_HELPER);
	assert_string_equal(info.since, "5.5");
	assert_non_null(strstr(info.needs, "GPL"));
	assert_int_equal(lade_word_find("bpf_redirect", 0, &info), 0);
	assert_string_equal(info.where, "sched_cls, sched_act, xdp, lwt_xmit");
	assert_string_equal(info.needs, "");
}

static void operations_are_found_by_what_people_call_them(void **state)
{
	static const char *const same[][2] = {
		{ "map_create", "BPF_MAP_CREATE" },
		{ "BPF_MAP_CREATE", "BPF_MAP_CREATE" },
		{ "map-create", "BPF_MAP_CREATE" },
		{ "MAP_CREATE", "BPF_MAP_CREATE" },
		{ "prog_load", "BPF_PROG_LOAD" },
		{ "load", "BPF_PROG_LOAD" },
		{ "pin", "BPF_OBJ_PIN" },
		{ "perf_event_open", "perf_event_open(kprobe/uprobe/tracepoint)" },
		{ "netlink", "netlink tc attach" },
		{ "xdp", "netlink XDP attach" },
		{ "link_create", "BPF_LINK_CREATE" },
	};
	size_t meanings = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(same); i++) {
		const char *found = lade_operation_called(same[i][0], 0);
		assert_non_null(found);
		assert_string_equal(found, same[i][1]);
	}
	while (lade_operation_called("attach", meanings))
		meanings++;
	assert_true(meanings >= 5);
	assert_null(lade_operation_called("xyzzy", 0));
	assert_null(lade_operation_called("", 0));
}

/* Each operation of the table of errors has words, and each of the words leads to one of the table. */
static void every_operation_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < lade_errno_count(); i++) {
		struct lade_errno_info info = { .size = sizeof info };
		assert_int_equal(lade_errno_cause_of(i, &info), 0);
		if (!lade_operation_called(info.operation, 0))
			fail_msg("%s has no words in data/explain/operations.csv", info.operation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_mean_what_the_kernel_writes),
		cmocka_unit_test(word_that_nobody_writes_means_nothing),
		cmocka_unit_test(every_row_finds_itself),
		cmocka_unit_test(helper_says_since_when_and_for_whom),
		cmocka_unit_test(operations_are_found_by_what_people_call_them),
		cmocka_unit_test(every_operation_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
