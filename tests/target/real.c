/* SPDX-License-Identifier: BSD-2-Clause */
/* Debian's kernels, where tests/vm has fetched them: the image alone, and a package made of its files. */
#include <glob.h>
#include <linux/bpf.h>

#include "made.h"

static const char cache[] = "/var/cache/lade-tests/packages/";

static glob_t find_kernels(void)
{
	static const char *const patterns[] = { "*/linux-image-*/boot/vmlinuz-*",
						"*/linux-binary-*/usr/lib/modules/*/vmlinuz" };
	glob_t found = { 0 };
	for (size_t i = 0; i < ELEMENTS(patterns); i++) {
		char pattern[256];
		(void)snprintf(pattern, sizeof pattern, "%s%s", cache, patterns[i]);
		(void)glob(pattern, i ? GLOB_APPEND : 0, NULL, &found);
	}
	if (!found.gl_pathc) {
		print_message("no kernel package is below %s: tests/vm/run fetches them\n", cache);
		globfree(&found);
		skip();
	}
	return found;
}

/* ".../linux-image-6.1.0-50-cloud-amd64_6.1.176-1/…": what lies between the package's name and its version. */
static void assert_release(const char *path, const char *release)
{
	const char *package = strstr(path, "/linux-image-");
	package =
		package ? package + strlen("/linux-image-") : strstr(path, "/linux-binary-") + strlen("/linux-binary-");
	char wanted[128];
	(void)snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(package, "_"), package);
	assert_string_equal(release, wanted);
}

static void image_tells_release_machine_types_and_symbols(void **state)
{
	glob_t found = find_kernels();
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		struct lade_target *target = made_kernel(*state, path);
		struct lade_target_info info = made_info(target);
		assert_release(path, info.release);
		assert_string_equal(info.machine, strstr(path, "arm64") ? "aarch64" : "x86_64");
		assert_true(info.has_types && info.has_symbols);
		assert_int_equal(lade_target_map_type(target, BPF_MAP_TYPE_RINGBUF).answer, KNOWN_YES);
		assert_false(lade_target_map_type(target, BPF_MAP_TYPE_RINGBUF).by_table);
		assert_int_equal(lade_target_symbol(target, "vfs_read", NULL).answer, KNOWN_YES);
		assert_int_equal(lade_target_symbol(target, "bpf_prog_load", NULL).answer == KNOWN_NOT, 0);
		assert_int_equal(lade_target_event(target, "sched/sched_process_exec", NULL).answer, KNOWN_YES);
	}
	globfree(&found);
}

/* What the types list is what the tables say of this release. */
static void types_agree_with_the_tables(void **state)
{
	glob_t found = find_kernels();
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char release[32];
		struct lade_target *target = made_kernel(*state, found.gl_pathv[i]);
		bool map[40], program[40], attach[70];
		for (uint32_t type = 0; type < 70; type++) {
			attach[type] = lade_target_attach_type(target, type).answer == KNOWN_YES;
			if (type < 40)
				map[type] = lade_target_map_type(target, type).answer == KNOWN_YES;
			if (type < 40)
				program[type] = lade_target_program_type(target, type).answer == KNOWN_YES;
		}
		(void)snprintf(release, sizeof release, "%s", made_info(target).version);
		target = made_kernel(*state, release);
		for (uint32_t type = 0; type < 70; type++) {
			assert_int_equal(attach[type], lade_target_attach_type(target, type).answer == KNOWN_YES);
			if (type < 40)
				assert_int_equal(map[type], lade_target_map_type(target, type).answer == KNOWN_YES);
			if (type < 40)
				assert_int_equal(program[type],
						 lade_target_program_type(target, type).answer == KNOWN_YES);
		}
	}
	globfree(&found);
}

static struct strbuf read_whole(const char *path)
{
	struct strbuf content = { 0 };
	static char piece[1 << 16];
	size_t length;
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	while ((length = fread(piece, 1, sizeof piece, file)) > 0)
		lade_strbuf_add_bytes(&content, piece, length);
	(void)fclose(file);
	return content;
}

static void package_of_the_kernels_files_has_all_of_them(void **state)
{
	glob_t found = { 0 };
	char pattern[256];
	(void)snprintf(pattern, sizeof pattern, "%sbookworm/linux-image-*/boot", cache);
	if (glob(pattern, 0, NULL, &found) != 0) {
		print_message("Debian 12's kernel is not below %s: tests/vm/run fetches it\n", cache);
		skip();
	}
	const char *release = strstr(found.gl_pathv[0], "linux-image-") + strlen("linux-image-");
	int length = (int)strcspn(release, "_");
	static const char *const names[] = { "System.map", "config", "vmlinuz" };
	struct strbuf contents[3], deb = { 0 };
	struct made_member members[3];
	char paths[3][128], from[512];
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(paths[i], sizeof paths[i], "./boot/%s-%.*s", names[i], length, release);
		(void)snprintf(from, sizeof from, "%.300s%s", found.gl_pathv[0], paths[i] + strlen("./boot"));
		contents[i] = read_whole(from);
		members[i] = (struct made_member){ paths[i], &contents[i] };
	}
	put_deb(&deb, ZSTD, TAR_PLAIN, members, 3);
	struct lade_target *target = made_kernel(*state, made_file(*state, "linux-image.deb", &deb));
	assert_memory_equal(made_info(target).release, release, (size_t)length);
	assert_int_equal(lade_target_option(target, "CONFIG_DEBUG_INFO_BTF", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_option(target, "CONFIG_BPF_LIRC_MODE2", NULL).answer, KNOWN_NO);
	assert_int_equal(lade_target_program_type(target, BPF_PROG_TYPE_LIRC_MODE2).answer, KNOWN_NO);
	assert_int_equal(lade_target_symbol(target, "jiffies", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_note_count(target), 1); /* its System.map is a stub */
	for (size_t i = 0; i < 3; i++)
		lade_strbuf_clear(&contents[i]);
	lade_strbuf_clear(&deb);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(image_tells_release_machine_types_and_symbols),
		TEST(types_agree_with_the_tables),
		TEST(package_of_the_kernels_files_has_all_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
