/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of --kernel. */
#include "made.h"

static size_t count_of(struct made *made, const char *words)
{
	(void)made_kernel(made, words);
	return lade_target_count(made->targets);
}

static void release_is_one_target_of_this_release(void **state)
{
	struct lade_target *target = made_kernel(*state, "4.19");
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.name, "4.19");
	assert_string_equal(info.version, "4.19");
	assert_null(info.release);
	assert_int_equal(lade_target_version(target), 4u << 24 | 19u << 16);
	assert_false(info.has_types || info.has_config || info.has_symbols || info.has_events || info.has_probes);
}

static void patch_level_and_build_of_a_release_are_kept(void **state)
{
	static const struct {
		const char *word, *release, *version;
	} words[] = {
		{ "5.10.223", "5.10.223", "5.10" }, { "v6.1", NULL, "6.1" },
		{ "v6.1.55", "6.1.55", "6.1" },     { "5.15.0-91-generic", "5.15.0-91-generic", "5.15" },
		{ "6.9-rc3", "6.9-rc3", "6.9" },    { "7.2", NULL, "7.2" },
		{ "3.18", NULL, "3.18" },
	};
	for (size_t i = 0; i < ELEMENTS(words); i++) {
		struct lade_target_info info = made_info(made_kernel(*state, words[i].word));
		assert_string_equal(info.version, words[i].version);
		assert_true(words[i].release ? !strcmp(info.release, words[i].release) : !info.release);
	}
}

static void span_is_every_release_between(void **state)
{
	struct made *made = *state;
	assert_int_equal(count_of(made, "4.18..5.2"), 6); /* 4.18 4.19 4.20 5.0 5.1 5.2 */
	assert_string_equal(made_info(lade_target(made->targets, 2)).name, "4.20");
	assert_string_equal(made_info(lade_target(made->targets, 3)).name, "5.0");
	assert_int_equal(count_of(made, "5.10..6.12"), 10 + 13);
	assert_int_equal(count_of(made, "6.19..7.0"), 2);
	assert_int_equal(count_of(made, "6.1..6.1"), 1);
	assert_int_equal(count_of(made, "7.1.."), 2);
	assert_string_equal(made_info(made_kernel(made, "..3.19")).name, "3.18");
}

static void long_term_releases_are_several_known_ones(void **state)
{
	struct made *made = *state;
	assert_true(count_of(made, "lts") >= 5);
	bool has_6_1 = false, has_6_2 = false;
	for (size_t i = 0; i < lade_target_count(made->targets); i++) {
		has_6_1 |= !strcmp(made_info(lade_target(made->targets, i)).name, "6.1");
		has_6_2 |= !strcmp(made_info(lade_target(made->targets, i)).name, "6.2");
	}
	assert_true(has_6_1);
	assert_false(has_6_2);
}

static void words_stand_between_commas_in_their_order(void **state)
{
	struct made *made = *state;
	assert_int_equal(count_of(made, " 6.1 , 5.10,,4.19..4.20 "), 4);
	assert_string_equal(made_info(lade_target(made->targets, 0)).name, "6.1");
	assert_string_equal(made_info(lade_target(made->targets, 1)).name, "5.10");
	assert_string_equal(made_info(lade_target(made->targets, 3)).name, "4.20");
	assert_null(lade_target(made->targets, 4));
}

static void kernel_of_android_has_its_configuration_and_machine(void **state)
{
	struct lade_target *target = made_kernel(*state, "android14-6.1");
	struct lade_target_info info = made_info(target);
	assert_string_equal(info.version, "6.1");
	assert_string_equal(info.machine, "aarch64");
	assert_int_equal(lade_target_option(target, "CONFIG_CGROUP_BPF", NULL).answer, KNOWN_YES);
	assert_int_equal(lade_target_option(target, "CONFIG_BPF_LSM", NULL).answer, KNOWN_NO);
	assert_int_equal(lade_target_option(target, "CONFIG_VETH", NULL).answer, KNOWN_NOT);
	assert_int_equal(lade_target_program_type(target, 29).answer, KNOWN_NO); /* lsm */
}

static void android_without_a_release_is_each_of_its_kernels(void **state)
{
	struct made *made = *state;
	assert_int_equal(count_of(made, "android13"), 2);
	assert_string_equal(made_info(lade_target(made->targets, 0)).name, "android13-5.10");
	assert_string_equal(made_info(lade_target(made->targets, 1)).name, "android13-5.15");
	assert_int_equal(count_of(made, "android14-6.1-2024-05"), 1);
}

static void word_that_is_none_names_the_nearest(void **state)
{
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .kernels = "6.99" }, "target.word", "the newest known is 7.2");
	assert_refused(made, (struct lade_target_opts){ .kernels = "8.0" }, "target.word", "the newest known is 7.2");
	assert_refused(made, (struct lade_target_opts){ .kernels = "3.10" }, "target.word", "3.18");
	assert_refused(made, (struct lade_target_opts){ .kernels = "android14-6.2" }, "target.word", "android14-6.1");
	assert_refused(made, (struct lade_target_opts){ .kernels = "android99-9.9" }, "target.word", "Android");
	assert_refused(made, (struct lade_target_opts){ .kernels = "ltss" }, "target.word", "lts");
	assert_refused(made, (struct lade_target_opts){ .kernels = "nosuchfile" }, "target.word", "nor a file");
	assert_refused(made, (struct lade_target_opts){ .kernels = "6.12..5.10" }, "target.word", "5.10..6.12");
	assert_refused(made, (struct lade_target_opts){ .kernels = "5.10..6.99" }, "target.word", "6.99");
	assert_refused(made, (struct lade_target_opts){ .kernels = "5.10..six" }, "target.word", "six");
	assert_refused(made, (struct lade_target_opts){ .kernels = "" }, "target.word", "empty");
	assert_refused(made, (struct lade_target_opts){ .kernels = "," }, "target.word", "empty");
	assert_refused(made, (struct lade_target_opts){ .kernels = "6.1,nosuch" }, "target.word", "nosuch");
	assert_refused(made, (struct lade_target_opts){ .kernels = "/no/such/file" }, "target.file", "No such file");
	assert_refused(made, (struct lade_target_opts){ .kernels = "99999999999999999999.1" }, "target.word", "");
}

static void exit_code_of_a_wrong_word_is_that_of_wrong_usage(void **state)
{
	struct made *made = *state;
	assert_refused(made, (struct lade_target_opts){ .kernels = "6.99" }, "target.word", "6.99");
	assert_int_equal(lade_error_finding(made->error, 0)->exit_code, 1);
}

static void nothing_given_is_refused(void **state)
{
	assert_refused(*state, (struct lade_target_opts){ .size = 0 }, "target.pieces", "no kernel");
}

static void machine_and_processors_that_are_given_count(void **state)
{
	struct made *made = *state;
	struct lade_target_opts opts = { .kernels = "6.1,android14-6.1", .machine = "arm64", .cpus = 24 };
	assert_int_equal(made_open(made, opts), 0);
	assert_string_equal(made_info(lade_target(made->targets, 0)).machine, "aarch64");
	assert_int_equal(lade_target_cpus(lade_target(made->targets, 1)), 24);
}

static void file_that_is_called_like_a_release_is_a_file(void **state)
{
	struct made *made = *state;
	(void)made_text(made, "6.1.55-config", MADE_CONFIG);
	(void)made_text(made, "5.10", "no kernel");
	assert_int_equal(chdir(made->directory), 0);
	assert_true(made_info(made_kernel(made, "6.1.55-config")).has_config);
	assert_string_equal(made_info(made_kernel(made, "5.10")).version, "5.10");
	assert_int_equal(chdir("/"), 0);
}

static void options_of_a_newer_library_are_refused(void **state)
{
	struct made *made = *state;
	struct {
		struct lade_target_opts opts;
		uint64_t unknown;
	} newer = { .opts = { .size = sizeof newer, .kernels = "6.1" }, .unknown = 1 };
	assert_int_equal(lade_targets_open(NULL, &newer.opts, &made->targets, NULL), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(release_is_one_target_of_this_release),
		TEST(patch_level_and_build_of_a_release_are_kept),
		TEST(span_is_every_release_between),
		TEST(long_term_releases_are_several_known_ones),
		TEST(words_stand_between_commas_in_their_order),
		TEST(kernel_of_android_has_its_configuration_and_machine),
		TEST(android_without_a_release_is_each_of_its_kernels),
		TEST(word_that_is_none_names_the_nearest),
		TEST(exit_code_of_a_wrong_word_is_that_of_wrong_usage),
		TEST(nothing_given_is_refused),
		TEST(machine_and_processors_that_are_given_count),
		TEST(file_that_is_called_like_a_release_is_a_file),
		TEST(options_of_a_newer_library_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
