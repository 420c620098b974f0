/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel types from files: every form, every place, every kind of damage. */
#include "btf/builder.h"
#include "btf/kernel_types.h"

#include <bpf/btf.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define RELEASE "1.2.3-test"

static char directory[] = "/tmp/lade-kernel-files-XXXXXX";

static char *path_of(const char *name)
{
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
	return path;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
	CLEANUP(cleanup_free) char *path = path_of(name);
	(void)unlink(path); /* else some file systems write the old one's successor to the disk at once */
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* A shell command in the directory; false: it failed, perhaps because its program is not here. */
static bool shell(const char *command)
{
	CLEANUP(cleanup_free) char *line = NULL;
	assert_true(asprintf(&line, "cd %s && { %s; } 2>/dev/null", directory, command) > 0);
	return system(line) == 0; /* NOLINT: fixed commands */
}

/* Enough types that blocks and checkpoints matter: struct s0 … s4999 with a member each, pointers between them. */
static struct btf *make_btf(void)
{
	struct btf *made = btf__new_empty();
	int number = btf__add_int(made, "int", 4, BTF_INT_SIGNED);
	for (int i = 0; i < 5000; i++) {
		char name[64], member[64];
		(void)snprintf(name, sizeof name, "s%d%s", i, i % 100 == 7 ? "___flavour" : "");
		(void)snprintf(member, sizeof member, "member_of_%d", i);
		int id = btf__add_struct(made, name, 8);
		assert_true(id > 0);
		assert_int_equal(btf__add_field(made, member, number, 0, 0), 0);
		if (i % 3 == 0)
			assert_true(btf__add_ptr(made, id) > 0);
	}
	return made;
}

static int set_up(void **state)
{
	(void)state;
	uint32_t size;
	if (!mkdtemp(directory))
		return -1;
	struct btf *made = make_btf();
	const void *bytes = btf__raw_data(made, &size);
	write_file("raw", bytes, size);
	btf__free(made);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int try_open(const struct kernel_types_options *options, struct kernel_types **ret_types,
		    struct lade_error **error)
{
	return lade_kernel_types_open(options, ret_types, error);
}

static struct kernel_types *open_file(const char *name)
{
	CLEANUP(cleanup_free) char *path = path_of(name);
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	if (try_open(&(struct kernel_types_options){ .file = path }, &types, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return types;
}

static size_t count_of(struct kernel_types *types, const char *name)
{
	const struct kernel_type_list *list = NULL;
	struct lade_error *error = NULL;
	if (lade_kernel_types_find(types, name, &list, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return list->count;
}

/* All of it, against libbpf. */
static void check_types(struct kernel_types *types)
{
	struct btf *theirs = make_btf();
	const struct lade_btf *ours = lade_kernel_types_base(types);
	assert_int_equal(count_of(types, "s7"), 1);
	assert_int_equal(lade_btf_count(ours), btf__type_cnt(theirs));
	for (uint32_t id = 1; id < lade_btf_count(ours); id++) {
		const struct btf_type *type = btf__type_by_id(theirs, id);
		assert_memory_equal(type, lade_btf_type(ours, id), sizeof *type);
		assert_string_equal(btf__name_by_offset(theirs, type->name_off), lade_btf_type_name(ours, id));
	}
	assert_int_equal(count_of(types, "s4999"), 1);
	assert_int_equal(count_of(types, "s4999___any"), 1);
	assert_int_equal(count_of(types, "s5000"), 0);
	btf__free(theirs);
	lade_kernel_types_free(types);
}

static void raw_btf_is_read(void **state)
{
	(void)state;
	check_types(open_file("raw"));
}

static void packed_btf_is_read(void **state)
{
	(void)state;
	static const struct {
		const char *command, *file;
	} packers[] = {
		{ "gzip -k raw", "raw.gz" },
		{ "xz -k raw", "raw.xz" },
		{ "zstd -q raw", "raw.zst" },
		{ "head -c 1000 raw | gzip >members; tail -c +1001 raw | gzip >>members", "members" },
		{ "head -c 1000 raw | xz >streams; tail -c +1001 raw | xz >>streams", "streams" },
		{ "head -c 1000 raw | zstd >frames; tail -c +1001 raw | zstd >>frames", "frames" },
	};
	for (size_t i = 0; i < ELEMENTS(packers); i++) {
		if (!shell(packers[i].command)) {
			(void)fprintf(stderr, "cannot be packed here: %s\n", packers[i].command);
			continue;
		}
		check_types(open_file(packers[i].file));
	}
}

static void btf_in_an_elf_file_is_read_packed_or_not(void **state)
{
	(void)state;
	if (!shell("objcopy -I binary -O elf64-x86-64 --rename-section .data=.BTF,contents,readonly raw vmlinux") ||
	    !shell("gzip -c vmlinux >vmlinux.gz")) {
		(void)fprintf(stderr, "objcopy is not here\n");
		skip();
	}
	check_types(open_file("vmlinux"));
	check_types(open_file("vmlinux.gz"));
}

/* A section that needs no alignment begins wherever the one before it ends. */
static void btf_that_begins_at_an_odd_place_is_read(void **state)
{
	(void)state;
	if (!shell("printf abc >pad; objcopy -I binary -O elf64-x86-64 --add-section .BTF=raw pad odd") ||
	    !shell("gzip -c odd >odd.gz")) {
		(void)fprintf(stderr, "objcopy is not here\n");
		skip();
	}
	check_types(open_file("odd"));
	check_types(open_file("odd.gz"));
}

static void btf_of_the_other_byte_order_is_read(void **state)
{
	(void)state;
	struct btf *made = make_btf();
	uint32_t size;
	assert_int_equal(
		btf__set_endianness(made, btf__endianness(made) == BTF_BIG_ENDIAN ? BTF_LITTLE_ENDIAN : BTF_BIG_ENDIAN),
		0);
	const void *bytes = btf__raw_data(made, &size);
	write_file("swapped", bytes, size);
	btf__free(made);
	check_types(open_file("swapped"));
}

static void expect_finding(const struct kernel_types_options *options, const char *code, const char *text)
{
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	int result = try_open(options, &types, &error);
	if (!result) { /* damage further on is seen when the types are walked over */
		const char *name = "s1";
		result = lade_kernel_types_want(types, &name, 1, &error);
	}
	assert_true(result < 0);
	assert_non_null(error);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_string_equal(finding->code, code);
	if (!strstr(finding->message, text))
		fail_msg("\"%s\" does not say \"%s\"", finding->message, text);
	lade_error_free(error);
	lade_kernel_types_free(types);
}

static void expect_bad_file(const char *name, const char *code, const char *text)
{
	CLEANUP(cleanup_free) char *path = path_of(name);
	expect_finding(&(struct kernel_types_options){ .file = path }, code, text);
	expect_finding(&(struct kernel_types_options){ .file = path, .never_map = true }, code, text);
}

static void what_is_no_btf_is_said(void **state)
{
	(void)state;
	write_file("text", "hello, world\n", 13);
	write_file("empty", "", 0);
	write_file("short", "\x9f\xeb\x01\x00\x18", 5);
	expect_bad_file("text", "btf.kernel.format", "neither BTF nor ELF");
	expect_bad_file("empty", "btf.kernel.format", "neither BTF nor ELF");
	expect_bad_file("short", "btf.kernel.damaged", "shorter");
	expect_bad_file("absent", "btf.kernel.file", "No such file");
	assert_true(shell("ln -s /bin/sh shell"));
	expect_bad_file("shell", "btf.kernel.format", ".BTF");
}

static void a_packed_file_that_is_damaged_is_said(void **state)
{
	(void)state;
	static const char *const packers[] = { "gzip", "xz", "zstd" };
	for (size_t i = 0; i < ELEMENTS(packers); i++) {
		char command[200];
		(void)snprintf(command, sizeof command,
			       "%s -c raw >whole && head -c $(($(stat -c %%s whole) / 2)) whole >cut", packers[i]);
		if (!shell(command))
			continue;
		expect_bad_file("cut", "btf.kernel.format", "damaged or cut short");
		(void)snprintf(command, sizeof command,
			       "cp whole spoilt && printf XXXXXXXX | dd of=spoilt bs=1 seek=40 "
			       "conv=notrunc");
		assert_true(shell(command));
		expect_bad_file("spoilt", "btf.kernel.format", "damaged or cut short");
	}
}

static void a_file_that_unpacks_without_end_is_refused(void **state)
{
	(void)state;
	static const char *const packers[] = { "gzip", "xz -1", "zstd -1" };
	for (size_t i = 0; i < ELEMENTS(packers); i++) {
		char command[200];
		(void)snprintf(command, sizeof command, "{ cat raw; head -c 100M /dev/zero; } | %s >bomb", packers[i]);
		if (shell(command))
			expect_bad_file("bomb", "btf.kernel.format", "64 MiB");
	}
}

static void a_directory_is_searched_by_release(void **state)
{
	(void)state;
	static const char *const names[] = { RELEASE, RELEASE ".btf", "vmlinux-" RELEASE, "btf-" RELEASE,
					     "vmlinux-" RELEASE ".gz" };
	CLEANUP(cleanup_free) char *inner = path_of("by-release");
	assert_true(shell("mkdir by-release; gzip -c raw >packed"));
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		char command[200];
		(void)snprintf(command, sizeof command, "cp %s by-release/%s",
			       strstr(names[i], ".gz") ? "packed" : "raw", names[i]);
		assert_true(shell(command));
		struct kernel_types *types = NULL;
		assert_int_equal(
			try_open(&(struct kernel_types_options){ .file = inner, .release = RELEASE }, &types, NULL), 0);
		check_types(types);
		assert_int_equal(
			try_open(&(struct kernel_types_options){ .path = inner, .release = RELEASE }, &types, NULL), 0);
		check_types(types);
		(void)snprintf(command, sizeof command, "rm by-release/%s", names[i]);
		assert_true(shell(command));
	}
	expect_finding(&(struct kernel_types_options){ .file = inner, .release = RELEASE }, "btf.kernel.absent",
		       RELEASE);
}

static void absent_types_come_with_each_place_that_was_tried(void **state)
{
	(void)state;
	CLEANUP(cleanup_free) char *inner = path_of("empty-directory");
	CLEANUP(cleanup_free) char *path = NULL;
	struct kernel_types *types = NULL;
	struct lade_error *error = NULL;
	assert_true(shell("mkdir empty-directory"));
	assert_true(asprintf(&path, "%s:/no/such/directory", inner) > 0);
	struct kernel_types_options options = { .path = path, .release = RELEASE };
	assert_int_equal(try_open(&options, &types, &error), -ENOENT);
	const struct lade_finding *finding = lade_error_finding(error, 0);
	assert_string_equal(finding->code, "btf.kernel.absent");
	assert_int_equal(finding->exit_code, 3);
	/* sysfs, the two directories, and six usual places */
	assert_int_equal(finding->evidence.count, 9);
	assert_non_null(strstr(finding->evidence.items[0], "another kernel's"));
	assert_non_null(strstr(finding->evidence.items[1], "vmlinux-" RELEASE));
	assert_non_null(strstr(finding->evidence.items[2], "/no/such/directory: No such file"));
	assert_non_null(strstr(finding->evidence.items[3], "/boot/vmlinux-" RELEASE ": cannot open: No such file"));
	lade_error_free(error);
}

static void a_file_that_becomes_shorter_is_no_crash(void **state)
{
	(void)state;
	assert_true(shell("cp raw shrinks"));
	struct kernel_types *types = open_file("shrinks");
	struct lade_error *error = NULL;
	const struct lade_btf *base = lade_kernel_types_base(types);
	const char *name = "s4000";
	assert_int_equal(count_of(types, "s1"), 1);
	CLEANUP(cleanup_free) char *path = path_of("shrinks");
	assert_int_equal(truncate(path, 30000), 0);
	for (uint32_t id = 1; id < lade_btf_count(base); id++)
		(void)lade_btf_type_name(base, id);
	assert_true(lade_kernel_types_want(types, &name, 1, &error) < 0);
	assert_string_equal(lade_error_finding(error, 0)->code, "btf.kernel.file");
	lade_error_free(error);
	lade_kernel_types_free(types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_btf_is_read),
		cmocka_unit_test(packed_btf_is_read),
		cmocka_unit_test(btf_in_an_elf_file_is_read_packed_or_not),
		cmocka_unit_test(btf_that_begins_at_an_odd_place_is_read),
		cmocka_unit_test(btf_of_the_other_byte_order_is_read),
		cmocka_unit_test(what_is_no_btf_is_said),
		cmocka_unit_test(a_packed_file_that_is_damaged_is_said),
		cmocka_unit_test(a_file_that_unpacks_without_end_is_refused),
		cmocka_unit_test(a_directory_is_searched_by_release),
		cmocka_unit_test(absent_types_come_with_each_place_that_was_tried),
		cmocka_unit_test(a_file_that_becomes_shorter_is_no_crash),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
