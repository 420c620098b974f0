/* SPDX-License-Identifier: BSD-2-Clause */
/* The recorded kernel agrees with this machine's, with the measurements of others, and with the facts in data/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/recording.h"

static struct kernel *new_recorded(const char *profile)
{
	struct kernel *kernel;
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile(profile), NULL, 0, &kernel), 0);
	return kernel;
}

/* ---- MAP_CREATE: rows mk(type,key,value,max,flags,name,attr_size) of the measured table ---- */

static const struct map_row {
	struct attr_map_create attr;
	uint32_t size; /* of the attribute; what lies beyond the struct is zero */
	int on_5_10, on_6_18;
} map_rows[] = {
	{ { 2, 4, 4, 1, 0, .map_name = "ok" }, 120, 0, 0 },
	{ { 200, 4, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 2, 4, 4, 1, 0x80000000 }, 120, -EINVAL, -EINVAL },
	{ { 2, 8, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 2, 4, 4, 0 }, 120, -EINVAL, -EINVAL },
	{ { 11, 8, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 27, 0, 0, 4095 }, 120, -EINVAL, -EINVAL },
	{ { 27, 0, 0, 4096 }, 120, 0, 0 },
	{ { 22, 0, 4, 1 }, 120, 0, 0 },
	{ { 22, 4, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 2, 4, 4, 1, 0, .map_name = "bad-name" }, 120, -EINVAL, -EINVAL },
	{ { 5, 8, 32768, 1 }, 120, 0, 0 },
	{ { 5, 8, 32776, 1 }, 120, -ENOMEM, -E2BIG }, /* 5.10 measured EPERM for want of locked memory */
	{ { 1, 8, 4 << 20, 1 }, 120, -E2BIG, -E2BIG },
	{ { 9, 4, 4, 1, 1 }, 120, -524, -524 },
	{ { 12, 4, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 24, 4, 4, 0, 1 }, 120, -EINVAL, -EINVAL },
	{ { 26, 4, 4, 1 }, 120, -EINVAL, -EINVAL },
	{ { 33, 0, 0, 100, 0x400 }, 120, -EINVAL, 0 },
	{ { 2, 4, 4, 1 }, 5000, -E2BIG, -E2BIG },
	{ { 2, 4, 4, 1 }, 1000, 0, 0 },
	{ { 2, 4, 4, 1 }, 12, -EINVAL, -EINVAL },
};

/* 0 or the errno; the descriptor is closed. */
static int create(struct kernel *kernel, const struct map_row *row)
{
	unsigned char attr[5000] = { 0 };
	size_t used = row->size < sizeof row->attr ? row->size : sizeof row->attr;
	memcpy(attr, &row->attr, used);
	int fd = kernel->calls->bpf(kernel, BPF_MAP_CREATE, attr, row->size);
	(void)fd_close(fd);
	return fd < 0 ? fd : 0;
}

static void map_rules_of_5_10_and_6_18_are_as_measured(void **state)
{
	(void)state;
	struct kernel *old = new_recorded("5.10"), *new = new_recorded("6.18");
	for (size_t i = 0; i < ELEMENTS(map_rows); i++) {
		if (create(old, &map_rows[i]) != map_rows[i].on_5_10)
			print_message("# row %zu on 5.10\n", i);
		assert_int_equal(create(old, &map_rows[i]), map_rows[i].on_5_10);
		assert_int_equal(create(new, &map_rows[i]), map_rows[i].on_6_18);
	}
	lade_kernel_free(old);
	lade_kernel_free(new);
}

/* The running kernel, where it is one that was measured. */
static bool runs(const char *version)
{
	struct utsname name;
	return uname(&name) == 0 && strncmp(name.release, version, strlen(version)) == 0;
}

static void live_kernel_answers_bad_maps_like_the_recorded_one(void **state)
{
	(void)state;
	struct kernel *live, *recorded = new_recorded("6.18");
	bool can = live_enter() && runs("6.18");
	if (can) {
		assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
		for (size_t i = 0; i < ELEMENTS(map_rows); i++)
			assert_int_equal(create(live, &map_rows[i]), create(recorded, &map_rows[i]));
		lade_kernel_free(live);
	}
	lade_kernel_free(recorded);
	if (!can) {
		(void)fprintf(stderr, "# skipped: needs bpf(2) on a 6.18 kernel\n");
		skip();
	}
}

/* mkx(offset,size): one byte set beyond what the kernel knows. */
static int byte_at(struct kernel *kernel, uint32_t offset, uint32_t size)
{
	unsigned char attr[5000] = { 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1 };
	attr[offset] = 1;
	int fd = kernel->calls->bpf(kernel, BPF_MAP_CREATE, attr, size);
	(void)fd_close(fd);
	return fd < 0 ? fd : 0;
}

static void bytes_past_the_known_fields_are_einval_then_e2big(void **state)
{
	(void)state;
	static const struct {
		const char *profile;
		uint32_t known, whole;
	} ends[] = {
		{ "4.9", 20, 48 }, { "4.19", 60, 72 }, { "5.4", 60, 112 }, { "5.10", 64, 120 }, { "6.18", 92, 168 },
	};
	for (size_t i = 0; i < ELEMENTS(ends); i++) {
		struct kernel *kernel = new_recorded(ends[i].profile);
		assert_int_equal(byte_at(kernel, ends[i].known, 200), -EINVAL);
		assert_int_equal(byte_at(kernel, ends[i].whole - 1, 200), -EINVAL);
		assert_int_equal(byte_at(kernel, ends[i].whole, 200), -E2BIG);
		assert_int_equal(byte_at(kernel, 199, 199), 0);
		assert_int_equal(byte_at(kernel, 170, 5000), -E2BIG);
		lade_kernel_free(kernel);
	}
}

/* ---- the table of field ends against data/bpf_attr_fields.csv ---- */

static uint32_t end_in_facts(const char *command, uint32_t version)
{
	FILE *file = fopen(TEST_SOURCE_ROOT "/data/bpf_attr_fields.csv", "re");
	char line[256];
	uint32_t end = 0;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		char *rest = line, *name = strsep(&rest, ",");
		if (strcmp(name, command) != 0)
			continue;
		(void)strsep(&rest, ",");
		uint32_t offset = (uint32_t)strtoul(strsep(&rest, ","), NULL, 10);
		uint32_t size = (uint32_t)strtoul(strsep(&rest, ","), NULL, 10);
		unsigned long major = strtoul(rest, &rest, 10), minor = strtoul(rest + 1, NULL, 10);
		if ((major << 16 | minor << 8) <= version && offset + size > end)
			end = offset + size;
	}
	(void)fclose(file);
	return end;
}

static void field_ends_are_those_of_the_facts(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int command;
	} commands[] = {
		{ "BPF_MAP_CREATE", BPF_MAP_CREATE },
		{ "BPF_MAP_*_ELEM", BPF_MAP_UPDATE_ELEM },
		{ "BPF_PROG_LOAD", BPF_PROG_LOAD },
		{ "BPF_OBJ_PIN/GET", BPF_OBJ_PIN },
		{ "BPF_BTF_LOAD", BPF_BTF_LOAD },
		{ "BPF_OBJ_GET_INFO_BY_FD", BPF_OBJ_GET_INFO_BY_FD },
		{ "BPF_RAW_TRACEPOINT_OPEN", BPF_RAW_TRACEPOINT_OPEN },
		{ "BPF_LINK_CREATE", BPF_LINK_CREATE },
	};
	static const char *const names[] = { "4.9", "4.19", "5.4", "5.10", "6.18" };
	for (size_t i = 0; i < ELEMENTS(names); i++)
		for (size_t c = 0; c < ELEMENTS(commands); c++) {
			const struct recorded_profile *profile = lade_recorded_profile(names[i]);
			uint32_t wanted = end_in_facts(commands[c].name, profile->version);
			uint32_t known = lade_recorded_attr_end(profile, commands[c].command);
			if (known != wanted)
				print_message("# %s on %s\n", commands[c].name, names[i]);
			assert_int_equal(known, wanted);
		}
}

static void profile_that_nobody_recorded_is_null(void **state)
{
	(void)state;
	assert_null(lade_recorded_profile("5.11"));
}

/* ---- PROG_LOAD ---- */

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
	{ .code = BPF_JMP | BPF_EXIT },
};

static struct attr_prog_load program(uint32_t type, const struct bpf_insn *instructions, uint32_t count)
{
	return (struct attr_prog_load){
		.prog_type = type, .insn_cnt = count, .insns = (uintptr_t)instructions, .license = (uintptr_t) "GPL"
	};
}

static int load(struct kernel *kernel, struct attr_prog_load attr)
{
	int fd = lade_bpf_prog_load(kernel, &attr);
	(void)fd_close(fd);
	return fd < 0 ? fd : 0;
}

static void program_rules_are_as_measured(void **state)
{
	(void)state;
	struct kernel *kernel = new_recorded("6.18");
	assert_int_equal(load(kernel, program(1, return_0, 2)), 0);
	assert_int_equal(load(kernel, program(99, return_0, 2)), -EINVAL);
	assert_int_equal(load(kernel, program(1, return_0, 0)), -E2BIG);
	assert_int_equal(load(kernel, program(1, return_0, 1000001)), -E2BIG);
	lade_kernel_free(kernel);
}

static void kernel_4_19_limits_instructions_and_checks_kern_version(void **state)
{
	(void)state;
	struct kernel *kernel = new_recorded("4.19");
	struct bpf_insn *many = calloc(4097, sizeof *many);
	struct attr_prog_load kprobe = program(BPF_PROG_TYPE_KPROBE, return_0, 2);
	assert_int_equal(load(kernel, program(1, many, 4096)), 0);
	assert_int_equal(load(kernel, program(1, many, 4097)), -E2BIG);
	assert_int_equal(load(kernel, kprobe), -EINVAL);
	kprobe.kern_version = lade_kernel_version(kernel);
	assert_int_equal(load(kernel, kprobe), 0);
	kprobe.prog_btf_fd = 3;
	assert_int_equal(load(kernel, kprobe), -E2BIG);
	free(many);
	lade_kernel_free(kernel);
}

static int load_global_data(const char *profile)
{
	struct kernel *kernel = new_recorded(profile);
	struct attr_map_create map = { 2, 4, 4, 1 };
	int fd = lade_bpf_map_create(kernel, &map);
	const struct bpf_insn instructions[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = fd },
		{ 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[256] = "";
	struct attr_prog_load attr = program(1, instructions, 3);
	attr.log_level = 1;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof log;
	int result = load(kernel, attr);
	if (result < 0)
		assert_string_equal(log, "unrecognized bpf_ld_imm64 insn\n");
	(void)close(fd);
	lade_kernel_free(kernel);
	return result;
}

static void global_data_is_known_since_5_2(void **state)
{
	(void)state;
	assert_int_equal(load_global_data("4.19"), -EINVAL);
	assert_int_equal(load_global_data("5.4"), 0);
}

static void program_without_its_map_is_refused(void **state)
{
	(void)state;
	struct kernel *kernel = new_recorded("6.18");
	const struct bpf_insn instructions[] = {
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .src_reg = BPF_PSEUDO_MAP_FD, .imm = 999 },
		{ 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	assert_int_equal(load(kernel, program(1, instructions, 3)), -EBADF);
	assert_int_equal(load(kernel, program(1, instructions, 1)), -EINVAL);
	lade_kernel_free(kernel);
}

static void rejection_writes_its_log_only_when_asked(void **state)
{
	(void)state;
	static const struct recorded_rejection rejections[] = { { "bad", EACCES, "R1 invalid mem access\n" } };
	struct kernel *kernel;
	char log[200] = "";
	assert_int_equal(lade_kernel_recorded(lade_recorded_profile("6.18"), rejections, 1, &kernel), 0);
	struct attr_prog_load attr = program(1, return_0, 2);
	(void)strcpy(attr.prog_name, "good");
	assert_int_equal(load(kernel, attr), 0);
	(void)strcpy(attr.prog_name, "bad");
	assert_int_equal(load(kernel, attr), -EACCES);
	attr.log_level = 1;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof log;
	assert_int_equal(load(kernel, attr), -EACCES);
	assert_string_equal(log, "R1 invalid mem access\n");
	attr.log_size = 10;
	assert_int_equal(load(kernel, attr), -ENOSPC);
	lade_kernel_free(kernel);
}

/* ---- BTF and the 4 GiB of maps ---- */

static int load_btf(const char *profile, uint32_t info)
{
	struct kernel *kernel = new_recorded(profile);
	const uint32_t bytes[] = { 0x0001eb9f, 24, 0, 12, 12, 1, 0, info, 0, 0 };
	struct attr_btf_load attr = { .btf = (uintptr_t)bytes, .btf_size = 24 + 12 + 1 };
	int fd = lade_bpf_btf_load(kernel, &attr);
	(void)fd_close(fd);
	lade_kernel_free(kernel);
	return fd < 0 ? fd : 0;
}

static void btf_kinds_come_with_their_versions(void **state)
{
	(void)state;
	const uint32_t fwd = 7U << 24, func = 12U << 24, floating = 16U << 24, flag = 1U << 31;
	assert_int_equal(load_btf("4.9", fwd), -EINVAL);
	assert_int_equal(load_btf("4.19", fwd), 0);
	assert_int_equal(load_btf("4.19", fwd | flag), -EINVAL);
	assert_int_equal(load_btf("4.19", func), -EINVAL);
	assert_int_equal(load_btf("5.4", fwd | flag), 0);
	assert_int_equal(load_btf("5.4", func), 0);
	assert_int_equal(load_btf("5.4", func | 1), -EINVAL);
	assert_int_equal(load_btf("5.10", func | 1), 0);
	assert_int_equal(load_btf("5.10", floating), -EINVAL);
	assert_int_equal(load_btf("6.18", floating), 0);
	assert_int_equal(load_btf("6.18", 31U << 24), -EINVAL);
	assert_int_equal(load_btf("6.18", 4U << 24 | 1), -EINVAL); /* a struct whose member is cut off */
}

static void four_gigabytes_of_map_are_too_big_before_5_11(void **state)
{
	(void)state;
	static const struct map_row huge = { { 2, 4, 1 << 20, 4096 }, 40, 0, 0 };
	struct kernel *old = new_recorded("4.19"), *new = new_recorded("6.18");
	assert_int_equal(create(old, &huge), -E2BIG);
	assert_int_equal(create(new, &huge), 0);
	lade_kernel_free(old);
	lade_kernel_free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_rules_of_5_10_and_6_18_are_as_measured),
		cmocka_unit_test(live_kernel_answers_bad_maps_like_the_recorded_one),
		cmocka_unit_test(bytes_past_the_known_fields_are_einval_then_e2big),
		cmocka_unit_test(field_ends_are_those_of_the_facts),
		cmocka_unit_test(profile_that_nobody_recorded_is_null),
		cmocka_unit_test(program_rules_are_as_measured),
		cmocka_unit_test(kernel_4_19_limits_instructions_and_checks_kern_version),
		cmocka_unit_test(global_data_is_known_since_5_2),
		cmocka_unit_test(program_without_its_map_is_refused),
		cmocka_unit_test(rejection_writes_its_log_only_when_asked),
		cmocka_unit_test(btf_kinds_come_with_their_versions),
		cmocka_unit_test(four_gigabytes_of_map_are_too_big_before_5_11),
	};
	return cmocka_run_group_tests_name("kernel-rules", tests, NULL, NULL);
}
