/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel packages of Debian, Fedora and SUSE, made by the test. */
#include "made.h"

#define STUB "ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n"
#define MAP  "ffffffff81000000 T _text\nffffffff81000010 t do_work.isra.0\nffffffff82000000 D jiffies\n"

struct pieces {
	struct strbuf config, map, stub, vmlinuz, noise;
};

static struct strbuf text_of(const char *text)
{
	struct strbuf content = { 0 };
	lade_strbuf_add(&content, text);
	return content;
}

static struct pieces make_pieces(void)
{
	struct pieces pieces = { .config = text_of(MADE_CONFIG), .map = text_of(MAP), .stub = text_of(STUB) };
	struct strbuf kernel = { 0 };
	put_raw_kernel(&kernel);
	put_bzimage(&pieces.vmlinuz, XZ, &kernel);
	put_zeros(&pieces.noise, 300001);
	lade_strbuf_clear(&kernel);
	return pieces;
}

static void clear_pieces(struct pieces *pieces)
{
	lade_strbuf_clear(&pieces->config);
	lade_strbuf_clear(&pieces->map);
	lade_strbuf_clear(&pieces->stub);
	lade_strbuf_clear(&pieces->vmlinuz);
	lade_strbuf_clear(&pieces->noise);
}

static void assert_package(struct lade_target *target, const char *release)
{
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.release, release);
	assert_string_equal(info.version, "6.1");
	assert_string_equal(info.machine, "x86_64");
	assert_true(info.has_types && info.has_config && info.has_symbols);
	assert_int_equal(lade_target_map_type(target, 4).answer, KNOWN_YES);
	assert_int_equal(lade_target_option(target, "CONFIG_BPF_LSM", NULL).answer, KNOWN_NO);
}

static void package_of_debian_has_the_kernel_of_boot(void **state)
{
	struct pieces pieces = make_pieces();
	const struct made_member members[] = {
		{ "./boot/System.map-6.1.0-9-made", &pieces.stub },
		{ "./boot/config-6.1.0-9-made", &pieces.config },
		{ "./boot/vmlinuz-6.1.0-9-made", &pieces.vmlinuz },
		{ "./lib/modules/6.1.0-9-made/kernel/noise.ko", &pieces.noise },
	};
	static const enum packing packings[] = { PLAIN, GZIP, XZ, ZSTD };
	for (size_t i = 0; i < ELEMENTS(packings); i++) {
		struct strbuf deb = { 0 };
		put_deb(&deb, packings[i], TAR_PLAIN, members, ELEMENTS(members));
		struct lade_target *target = made_kernel(*state, made_file(*state, "linux-image.deb", &deb));
		assert_package(target, "6.1.0-9-made");
		/* The list of symbols is a stub: the kernel's own table does instead, and the note says so. */
		assert_int_equal(lade_target_symbol(target, "xfunction_599", NULL).answer, KNOWN_YES);
		assert_int_equal(lade_target_note_count(target), 1);
		assert_string_equal(lade_target_note(target, 0)->code, "target.symbols.stub");
		lade_strbuf_clear(&deb);
	}
	clear_pieces(&pieces);
}

static void split_package_has_the_kernel_among_its_modules(void **state)
{
	struct pieces pieces = make_pieces();
	const struct made_member members[] = {
		{ "./usr/lib/modules/6.1.0-9-made/config", &pieces.config },
		{ "./usr/lib/modules/6.1.0-9-made/vmlinuz", &pieces.vmlinuz },
	};
	struct strbuf deb = { 0 };
	put_deb(&deb, XZ, TAR_PLAIN, members, ELEMENTS(members));
	assert_package(made_kernel(*state, made_file(*state, "linux-binary.deb", &deb)), "6.1.0-9-made");
	lade_strbuf_clear(&deb);
	clear_pieces(&pieces);
}

static void long_paths_are_read_in_both_forms_of_tar(void **state)
{
	char path[300];
	struct pieces pieces = make_pieces();
	(void)snprintf(path, sizeof path, "./boot/config-6.1.%0150d", 7);
	const struct made_member members[] = { { path, &pieces.config } };
	for (enum tar_form form = TAR_LONG_NAMES; form <= TAR_PAX; form++) {
		struct strbuf deb = { 0 };
		put_deb(&deb, GZIP, form, members, ELEMENTS(members));
		struct lade_target *target = made_kernel(*state, made_file(*state, "long.deb", &deb));
		assert_string_equal(made_info(target).release, path + strlen("./boot/config-"));
		lade_strbuf_clear(&deb);
	}
	clear_pieces(&pieces);
}

static void package_of_fedora_has_the_kernel_of_its_modules(void **state)
{
	struct pieces pieces = make_pieces();
	const struct made_member members[] = {
		{ "./lib/modules/6.1.9-200.fc37.x86_64/System.map", &pieces.map },
		{ "./lib/modules/6.1.9-200.fc37.x86_64/config", &pieces.config },
		{ "./lib/modules/6.1.9-200.fc37.x86_64/kernel/noise.ko.xz", &pieces.noise },
		{ "./lib/modules/6.1.9-200.fc37.x86_64/vmlinuz", &pieces.vmlinuz },
	};
	static const enum packing packings[] = { GZIP, XZ, ZSTD };
	for (size_t i = 0; i < ELEMENTS(packings); i++) {
		struct strbuf rpm = { 0 };
		put_rpm(&rpm, packings[i], members, ELEMENTS(members));
		struct lade_target *target = made_kernel(*state, made_file(*state, "kernel-core.rpm", &rpm));
		assert_package(target, "6.1.9-200.fc37.x86_64");
		struct strings near = { 0 };
		assert_int_equal(lade_target_symbol(target, "do_work", &near).answer, KNOWN_NO);
		assert_string_equal(near.items[0], "do_work.isra.0");
		lade_strings_clear(&near);
		lade_strbuf_clear(&rpm);
	}
	clear_pieces(&pieces);
}

static void package_without_a_kernel_says_which_one_has_it(void **state)
{
	struct made *made = *state;
	struct pieces pieces = make_pieces();
	const struct made_member members[] = {
		{ "./usr/lib/modules/7.2.13+deb14-cloud-amd64/kernel/noise.ko", &pieces.noise },
		{ "./boot/README", &pieces.noise },
	};
	struct strbuf deb = { 0 };
	put_deb(&deb, XZ, TAR_PLAIN, members, ELEMENTS(members));
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "linux-modules.deb", &deb) },
		       "target.package", "7.2.13+deb14-cloud-amd64");
	assert_non_null(strstr(lade_error_finding(made->error, 0)->fix, "linux-binary"));
	lade_strbuf_clear(&deb);
	clear_pieces(&pieces);
}

static void package_that_is_cut_short_is_damaged(void **state)
{
	struct made *made = *state;
	struct pieces pieces = make_pieces();
	const struct made_member members[] = { { "./boot/vmlinuz-6.1.0-9-made", &pieces.vmlinuz } };
	struct strbuf package = { 0 };
	put_deb(&package, XZ, TAR_PLAIN, members, ELEMENTS(members));
	package.length -= 2000;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "short.deb", &package) },
		       "target.damaged", "cut short");
	package.length = 8;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "short.deb", &package) },
		       "target.damaged", "data.tar");
	lade_strbuf_clear(&package);
	put_rpm(&package, ZSTD, members, ELEMENTS(members));
	package.length -= 2000;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "short.rpm", &package) },
		       "target.damaged", "cut short");
	package.length = 100;
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "short.rpm", &package) },
		       "target.damaged", "cut short");
	lade_strbuf_clear(&package);
	clear_pieces(&pieces);
}

static void package_whose_kernel_cannot_be_read_says_why(void **state)
{
	struct made *made = *state;
	struct strbuf deb = { 0 }, noise = { 0 };
	put_zeros(&noise, 20000);
	const struct made_member members[] = { { "./boot/vmlinuz-6.1.0-9-made", &noise } };
	put_deb(&deb, XZ, TAR_PLAIN, members, ELEMENTS(members));
	assert_refused(made, (struct lade_target_opts){ .kernels = made_file(made, "odd.deb", &deb) }, "target.format",
		       "boot/vmlinuz-6.1.0-9-made of ");
	lade_strbuf_clear(&deb);
	lade_strbuf_clear(&noise);
}

/* Where a distribution splits a kernel into packages, each gives its piece. */
static void pieces_may_be_given_as_packages(void **state)
{
	struct made *made = *state;
	struct pieces pieces = make_pieces();
	const struct made_member with_config[] = { { "./usr/lib/modules/6.1.0-9-made/config", &pieces.config } };
	const struct made_member with_kernel[] = { { "./usr/lib/modules/6.1.0-9-made/vmlinuz", &pieces.vmlinuz } };
	struct strbuf deb = { 0 };
	char base[256], binary[256];
	put_deb(&deb, XZ, TAR_PLAIN, with_config, 1);
	(void)snprintf(base, sizeof base, "%s", made_file(made, "linux-base.deb", &deb));
	lade_strbuf_clear(&deb);
	put_deb(&deb, XZ, TAR_PLAIN, with_kernel, 1);
	(void)snprintf(binary, sizeof binary, "%s", made_file(made, "linux-binary.deb", &deb));
	lade_strbuf_clear(&deb);
	struct lade_target_opts opts = { .config = base, .btf = binary, .system_map = binary };
	assert_int_equal(made_open(made, opts), 0);
	struct lade_target *target = lade_target(made->targets, 0);
	assert_int_equal(lade_target_option(target, "CONFIG_HZ", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_map_type(target, 4).answer, KNOWN_YES);
	assert_int_equal(lade_target_symbol(target, "xfunction_599", NULL).answer, KNOWN_YES);
	assert_refused(made, (struct lade_target_opts){ .system_map = base }, "target.symbols", "ADDRESS");
	clear_pieces(&pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(package_of_debian_has_the_kernel_of_boot), TEST(split_package_has_the_kernel_among_its_modules),
		TEST(long_paths_are_read_in_both_forms_of_tar), TEST(package_of_fedora_has_the_kernel_of_its_modules),
		TEST(pieces_may_be_given_as_packages),          TEST(package_without_a_kernel_says_which_one_has_it),
		TEST(package_that_is_cut_short_is_damaged),     TEST(package_whose_kernel_cannot_be_read_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
