/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel wrote a log, and what follows for cause and fix. */
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
#include "base/error.h"
#include "explain/kernels/kernel_table.h"
#include "explain/kernels/kernels.h"

#define END "processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"

static struct lade_explanation *explain(const char *text, const char *kernel)
{
	const struct lade_explain_opts opts = { .size = sizeof opts, .kernel = kernel };
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	assert_int_equal(lade_explain_text(text, strlen(text), &opts, &explanation, &error), 0);
	return explanation;
}

/* Of the first thing that was found. */
static struct lade_finding_info first(const struct lade_explanation *explanation)
{
	struct lade_explained_info item = { .size = sizeof item };
	struct lade_finding_info info = { .size = sizeof info };

	assert_int_equal(lade_explained(explanation, 0, &item), 0);
	assert_non_null(item.finding);
	assert_int_equal(lade_finding_describe(item.finding, &info), 0);
	return info;
}

static bool has_evidence(const struct lade_finding_info *info, const char *words)
{
	for (size_t i = 0; i < info->evidence_count; i++)
		if (strstr(info->evidence[i], words))
			return true;
	return false;
}

/* `wanted`: the kernel that wrote the text; NULL: nothing tells. */
static void assert_kernel(const char *text, const char *wanted)
{
	struct lade_explanation *explanation = explain(text, NULL);
	struct lade_explanation_info of = { .size = sizeof of };

	assert_int_equal(lade_explanation_describe(explanation, &of), 0);
	if (wanted ? !of.kernel || strcmp(of.kernel, wanted) != 0 : of.kernel != NULL)
		fail_msg("%s: kernel %s", text, of.kernel ? of.kernel : "not found");
	assert_true(!wanted || of.kernel_why);
	(void)lade_explanation_free(explanation);
}

static void assert_kernel_of_line(const char *line, const char *wanted)
{
	char text[256];

	(void)snprintf(text, sizeof text, "%s\nback-edge from insn 12 to 3\n", line);
	assert_kernel(text, wanted);
}

static void versions_are_read_in_every_spelling(void **state)
{
	static const struct {
		const char *text;
		unsigned version; /* 0: none */
	} spellings[] = {
		{ "4.19", 4 << 8 | 19 },
		{ "v6.1", 6 << 8 | 1 },
		{ "5.10.0-8-amd64", 5 << 8 | 10 },
		{ "6.18.44+", 6 << 8 | 18 },
		{ "7.2-rc3", 7 << 8 | 2 },
		{ "5", 0 },
		{ "", 0 },
		{ "v", 0 },
		{ "5.", 0 },
		{ ".5", 0 },
		{ "1.2", 0 },
		{ "5.10x", 0 },
		{ "99999999999.1", 0 },
		{ "5.99999999999", 0 },
		{ "-5.1", 0 },
	};
	uint16_t version;

	(void)state;
	for (size_t i = 0; i < ELEMENTS(spellings); i++) {
		bool is_version = lade_kernel_parse(spellings[i].text, &version);
		if (is_version != (spellings[i].version != 0) || (is_version && version != spellings[i].version))
			fail_msg("'%s' is read wrong", spellings[i].text);
	}
}

static void release_before_the_first_of_a_series_is_the_last_of_the_one_before(void **state)
{
	static const char *const pairs[][2] = {
		{ "5.0", "4.20" }, { "6.0", "5.19" }, { "7.0", "6.19" }, { "4.0", "3.19" }, { "5.5", "5.4" }
	};
	uint16_t version;
	char text[KERNEL_VERSION_BYTES];

	(void)state;
	for (size_t i = 0; i < ELEMENTS(pairs); i++) {
		assert_true(lade_kernel_parse(pairs[i][0], &version));
		lade_kernel_spell(lade_kernel_before(version), text);
		assert_string_equal(text, pairs[i][1]);
	}
}

static void loop_has_another_cause_on_an_older_kernel(void **state)
{
	static const struct {
		const char *kernel, *cause, *since, *until;
	} kernels[] = {
		{ "4.19", "before 5.3 the verifier takes no loop", NULL, "5.2" },
		{ "5.2", "before 5.3 the verifier takes no loop", NULL, "5.2" },
		{ "5.3", "without CAP_BPF", "5.3", NULL },
		{ "6.12.107-cloud-amd64", "without CAP_BPF", "5.3", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(kernels); i++) {
		struct lade_explanation *explanation = explain("back-edge from insn 12 to 3\n", kernels[i].kernel);
		struct lade_finding_info info = first(explanation);
		assert_string_equal(info.code, "verifier.loop");
		assert_non_null(strstr(info.cause, kernels[i].cause));
		assert_int_equal(info.confidence, LADE_CERTAIN);
		assert_true(!info.since == !kernels[i].since);
		assert_true(!info.until == !kernels[i].until);
		if (info.until)
			assert_string_equal(info.until, kernels[i].until);
		(void)lade_explanation_free(explanation);
	}
}

static void both_causes_are_named_when_the_kernel_is_not_known(void **state)
{
	struct lade_explanation *explanation = explain("back-edge from insn 12 to 3\n", NULL);
	struct lade_finding_info info = first(explanation);

	(void)state;
	assert_true(has_evidence(&info, "until 5.2:"));
	assert_true(has_evidence(&info, "since 5.3:"));
	assert_null(info.since);
	(void)lade_explanation_free(explanation);
}

static void text_that_names_its_kernel_makes_causes_likely(void **state)
{
	static const char *const heads[] = {
		"[    0.000000] Linux version 4.19.191-android (build@host) (gcc) #1 SMP\n",
		"Linux box 4.19.0-21-amd64 #1 SMP Debian 4.19.249-2 x86_64 GNU/Linux\n",
		"kernel: 4.19.0-21-amd64\n",
		"Kernel version: 4.19.0\n",
		"kernel version： 4.19.3\n",
		" - Kernel Version:  4.19.91-26.6.al7.x86_64\n",
		"### Kernel Version\n\nv4.19.3-1-generic\n\n### Logs\n",
		"$ uname -r\nuname -r: 4.19.3\n",
		"- **Kernel Version**: 4.19.7 (with patches)\n",
		"error=\"discovery failed: Kernel version \\\"4.19.7-2.x86_64\\\" is not in the list\"\n",
		"Kernel version: `4.19.66-android9`\n",
		"My kernel version is : 4.19.0-9-generic.\n",
		"PRETTY_NAME: \"Alpine Linux v3.14\"\nKERNEL_RELEASE: 4.19.25\n",
		"Rocky Linux 8.6 (Green Obsidian)\nrunning on Linux 4.19.1\n",
		"Debian GNU/Linux 9.4 (stretch)\nrunning on Linux 4.19.1\n",
		"/bin/foo: ELF 64-bit, for GNU/Linux 2.6.32, not stripped\nrunning on Linux 4.19.1\n",
		"- Kernel (e.g. `uname -a`): 4.19.0-1067-azure\n",
		"Kernel: (uname -r) 4.19.0-131-generic\n",
		"- **Kernel (e.g. `uname -a`)**: Linux Gentoo 4.19.6-gentoo-dist\n",
		"- Kernel version (run `uname -a`)\n4.19.2-1.el7.centos.x86_64\n",
		"level=info msg=\"clang (7.0.0) and kernel (4.19.4) versions: OK!\" subsys=daemon\n",
		"kernel: upgrade to 4.19.243(latest long term)\n",
		"make[1]: *** [/build/linux-4.19.240/Makefile:1226: vmlinux] Error 255\n"
		" - host os: `Linux 6.8.0-64-generic, Ubuntu`\n",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(heads); i++) {
		char text[512];
		struct lade_explanation_info of = { .size = sizeof of };
		(void)snprintf(text, sizeof text, "%sback-edge from insn 12 to 3\n", heads[i]);
		struct lade_explanation *explanation = explain(text, NULL);
		struct lade_finding_info info = first(explanation);
		assert_int_equal(lade_explanation_describe(explanation, &of), 0);
		if (!of.kernel || strcmp(of.kernel, "4.19") != 0)
			fail_msg("%s: kernel %s", heads[i], of.kernel ? of.kernel : "not found");
		assert_false(of.kernel_is_certain);
		assert_non_null(strstr(info.cause, "before 5.3"));
		assert_int_equal(info.confidence, LADE_LIKELY);
		(void)lade_explanation_free(explanation);
	}
}

/* uname of an hour before, when the old kernel still ran. */
static void kernel_without_types_is_the_one_that_the_loader_names(void **state)
{
	static const char text[] = "load kernel spec: no BTF found for kernel version 7.0.3-foo: not supported\n"
				   "Linux box 6.11.0-29-generic #29-Ubuntu SMP Fri Jun 13 2025 x86_64 GNU/Linux\n";
	struct lade_explanation *explanation = explain(text, NULL);
	struct lade_explanation_info of = { .size = sizeof of };

	(void)state;
	assert_int_equal(lade_explanation_describe(explanation, &of), 0);
	assert_string_equal(of.kernel, "7.0");
	(void)lade_explanation_free(explanation);
}

static void version_that_is_wanted_is_not_the_running_kernels(void **state)
{
	static const char *const lines[] = {
		"HINT: bpf_map_next missing (added in Linux 5.5).",
		"This needs Linux 5.8 or newer",
		"supported since Linux 5.4",
		"Requires Linux kernel 5.8",
		"Minimum kernel version: 5.8",
		"Minimum kernel version\n\n5.8\n",
		"kernel 5.8 or later is required",
		"introduced in kernel 5.7",
		"BTF is available from kernel 5.2",
		"kernel 5.10 and above",
		"Kernel 4.9 required",
		"works with kernel 5.4 onwards",
		"fixed in the Linux kernel 6.1.8",
		"needs BPF link (kernel 5.7+)",
		"not before kernel 5.6",
		"upgraded from kernel 5.4.0-42-generic",
		"it should work on Linux version 4.4 and later",
		"the oldest kernel is 5.8 or newer",
		"I don't use kernel 5.8, because it does not build here.",
		"ELF 64-bit LSB executable, x86-64, dynamically linked, for GNU/Linux 2.6.32, not stripped",
		"Debian GNU/Linux 9.4 (stretch)",
		"Our kernels mainly include Linux 5.10, Linux 5.15 and Linux 6.1.",
		"seen on kernel 5.15 and 6.1",
		"the field `foo` has been renamed to `bar` in kernel v6.14-rc1",
		"that function was removed in the mainline kernel 6.4",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		assert_kernel_of_line(lines[i], NULL);
}

static void version_beside_one_that_is_wanted_counts(void **state)
{
	static const char *const lines[] = {
		"requires kernel 5.8 or newer\nkernel: 5.4.0-42-generic",
		"Linux box 5.4.0+ #2 SMP x86_64 GNU/Linux",
		"needs Linux 5.8\nRunning on Linux 5.4.3",
		"kernel 5.4.0 is older than kernel 5.8",
		"kernel 5.4, libbpf 1.0 and clang 14",
		"1. Kernel is `5.4.11-foo1 #0~git SMP PREEMPT x86_64 GNU/Linux`",
		"kernel 5.4.0-42-generic, 22.04",
		"I don't use kernel 5.8\nKernel version: Linux box 5.4.6-foo-x86_64 ?1 SMP PREEMPT x86_64 GNU/Linux",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		assert_kernel_of_line(lines[i], "5.4");
}

static void wording_tells_kernels_apart(void **state)
{
	static const struct {
		const char *text, *kernel;
	} logs[] = {
		{ "a container with\n> Linux 4.18.0-25-generic\nset (verified via `/boot/config-4.19.0-8-amd64`):\n"
		  "unknown opcode 66\n",
		  "4.18 to 4.19" },
		{ "Linux box 4.19.47 #1 SMP x86_64 GNU/Linux\n$ ls "
		  "/boot/config-*\n/boot/config-5.15.0-30-generic\nunknown "
		  "opcode 66\n",
		  "4.19" },
		{ "Ubuntu 22.04 LTS, kernel version is 4.19.47.\n`cat /boot/config-5.15.0-30-generic`:\nunknown opcode "
		  "66\n",
		  "4.19" },
		{ "0: (79) r1 = *(u64 *)(r1 +24)\n R1=inv(id=0) R10=fp0\nR1 invalid mem access 'inv'\n",
		  "5.17 or older" },
		{ "0: R1=ctx() R10=fp0\n0: (b7) r1 = 7 ; R1=7\nR1 invalid mem access 'scalar'\n", "6.8 or newer" },
		{ "0: R1=ctx(off=0,imm=0) R10=fp0\n0: (b7) r1 = 7 ; R1=7\nR1 invalid mem access 'scalar'\n",
		  "5.18 to 6.7" },
		{ "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (b7) r2 = 7\nR3 !read_ok\n", "4.14 to 5.17" },
		{ " R0=inv(id=0) R2_w=inv(id=0,umax_value=9) R10=fp0\nR2 unbounded memory access, use 'var &= const' "
		  "or "
		  "'if (var < const)'\n\nThe same here:\n[root@box]# uname -r\n6.0.12-100.fc35.x86_64\n",
		  "4.17 to 5.17" },
		/* Printed in two pieces by 6.1 and 6.12, in one by 5.10. */
		{ "0: R1=ctx(off=0,imm=0) R10=fp0\n5: (85) call bpf_loop#181\nR3 type=ctx expected=fp\n",
		  "5.18 to 6.7" },
		{ "BPF_XADD uses reserved fields\n", "6.0 or older" },
		{ "program of this type cannot use helper bpf_redirect#23\n", "6.2 or newer" },
		{ "map 'foo' has no valid bpf_timer\n", "6.2 or newer" },
		{ "0: (b7) r1 = 7\nR1 invalid mem access 'inv'\nprocessed 2 insns (limit 131072), stack depth 0\n",
		  "4.14 to 5.1" },
		{ "0: R1=ctx() R10=fp0\n0: (b7) r1 = 7 ; R1=scalar(smax32=1)\nR1 "
		  "!read_ok\n" END,
		  "6.8 or newer" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(logs); i++)
		assert_kernel(logs[i].text, logs[i].kernel);
}

static void of_several_machines_it_is_the_one_that_fails(void **state)
{
#define REFUSED "libbpf: prog 'f': BPF program load failed: Invalid argument\n"
	static const struct {
		const char *text, *kernel;
	} posts[] = {
		{ "It works on my laptop (kernel 6.8.0-40-generic) but fails on the server:\n\n```\n$ uname "
		  "-r\n5.4.0-150-generic\n$ ./tool\n```\n" REFUSED,
		  "5.4" },
		{ "- works: kernel 6.8.0-40-generic\n- fails: kernel 5.4.0-150-generic\n" REFUSED, "5.4" },
		{ "Everything was fine with kernel 6.11.4-arch1-1.\nSince the update to kernel 6.12.1-arch1-1 it "
		  "fails:\n" REFUSED,
		  "6.12" },
		{ "Host: kernel 5.15.0-91-generic\nGuest (where it fails): kernel 6.6.32\n" REFUSED, "5.15 to 6.6" },
		{ "Build machine: Ubuntu 22.04, kernel 5.15.0-91-generic\nTarget: Yocto, kernel 4.14.98\n" REFUSED,
		  "4.14 to 5.15" },
		{ "Tested with kernel 5.10.0 - OK\nTested with kernel 5.4.0 - FAIL\n" REFUSED, "5.4 to 5.10" },
		{ "### Expected behaviour\nLoads as on kernel 5.15\n### Actual\nfails\n### Environment\n- Kernel: "
		  "4.18.0-372.el8\n" REFUSED,
		  "4.18" },
		{ "Previously on kernel 5.4 this worked, now (kernel 6.1.55) it doesn't\n" REFUSED, "5.4 to 6.1" },
		{ "> I have kernel 6.5.0 and it loads here\n\nMine is\n$ uname -r\n5.4.0\n" REFUSED, "5.4" },
		{ "I compiled bpftool from linux-6.6 sources, kernel 6.6.\n$ uname -r\n4.19.0-25-amd64\n" REFUSED,
		  "4.19" },
		{ "Cannot reproduce on kernel 6.9.3.\nReporter has kernel 5.15.0-105.\n" REFUSED, "5.15" },
		{ "apt install linux-headers for kernel 5.15.0-91-generic\nuname -r: 6.5.0-35-generic\n" REFUSED,
		  "6.5" },
		{ "kernel version 5.4: works\nkernel version 5.15: fails\n" REFUSED, "5.15" },
		{ "$ uname -a\nLinux ok-host 5.4.0-42-generic #46-Ubuntu SMP x86_64\n(works)\n$ uname -a\nLinux "
		  "bad-host 6.8.0-31-generic #31-Ubuntu SMP x86_64\n" REFUSED,
		  "5.4 to 6.8" },
		{ "It only loads on kernel 6.1.\nkernel: 5.15.0\n" REFUSED, "5.15" },
		{ "Linux version 5.15.146.1-microsoft-standard-WSL2 is what I develop on; deployed on kernel "
		  "4.19.90\n" REFUSED,
		  "4.19 to 5.15" },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTS(posts); i++)
		assert_kernel(posts[i].text, posts[i].kernel);
#undef REFUSED
}

static void helper_that_came_later_is_named(void **state)
{
	struct lade_explanation *explanation = explain("0: (85) call unknown#112\ninvalid func unknown#112\n", "4.19");
	struct lade_finding_info info = first(explanation);

	(void)state;
	assert_non_null(strstr(info.cause, "bpf_probe_read_user came with 5.5"));
	assert_non_null(strstr(info.fix, "BPF_FUNC_probe_read_user"));
	assert_string_equal(info.until, "5.4");
	(void)lade_explanation_free(explanation);
}

static void helper_that_the_kernel_has_is_not_called_too_new(void **state)
{
	struct lade_explanation *explanation = explain("invalid func unknown#112\n", "6.1");
	struct lade_finding_info info = first(explanation);

	(void)state;
	assert_true(has_evidence(&info, "since 5.5"));
	assert_null(strstr(info.cause, "came with"));
	(void)lade_explanation_free(explanation);
}

static void helper_for_other_programs_says_for_which(void **state)
{
	struct lade_explanation *explanation =
		explain("program of this type cannot use helper bpf_redirect#23\n", "6.12");
	struct lade_finding_info info = first(explanation);

	(void)state;
	assert_true(has_evidence(&info, "sched_cls, sched_act, xdp, lwt_xmit"));
	(void)lade_explanation_free(explanation);
}

static void kernel_that_cannot_say_this_is_contradicted(void **state)
{
	struct lade_explanation *explanation = explain("Expected an initialized dynptr as arg #1\n", "5.10");
	struct lade_finding_info info = first(explanation);

	(void)state;
	assert_true(has_evidence(&info, "mainline 5.10 does not say this"));
	(void)lade_explanation_free(explanation);
	explanation = explain("Expected an initialized dynptr as arg #1\n", "6.12");
	info = first(explanation);
	assert_string_equal(info.since, "5.19");
	assert_false(has_evidence(&info, "does not say"));
	(void)lade_explanation_free(explanation);
}

static void kernel_that_is_none_is_refused(void **state)
{
	const struct lade_explain_opts opts = { .size = sizeof opts, .kernel = "newest" };
	struct lade_explanation *explanation = NULL;
	struct lade_error *error = NULL;

	(void)state;
	assert_int_equal(lade_explain_text("x", 1, &opts, &explanation, &error), -EINVAL);
	assert_null(explanation);
	assert_non_null(strstr(lade_error_message(error), "newest"));
	(void)lade_error_free(error);
}

static void error_of_a_call_is_explained_as_a_text_is(void **state)
{
	const struct lade_explain_opts opts = { .size = sizeof opts, .kernel = "4.19" };
	struct lade_explanation *explanation = NULL;
	struct lade_error *source = NULL, *error = NULL;
	struct lade_finding *finding = lade_error_add(&source, EINVAL, "verifier.loop", "back-edge from insn 12 to 3");

	(void)state;
	finding_program(finding, "count");
	finding_evidence(finding, "one line");
	assert_int_equal(lade_explain_error(source, &opts, &explanation, &error), 0);
	(void)lade_error_free(source); /* its findings were copied */
	struct lade_finding_info info = first(explanation);
	assert_string_equal(info.program, "count");
	assert_true(has_evidence(&info, "one line"));
	assert_non_null(strstr(info.cause, "before 5.3"));
	assert_string_equal(info.until, "5.2");
	assert_string_equal(info.see, "lade explain verifier.loop");
	(void)lade_explanation_free(explanation);
}

/* A row that names a code that is none, or that would never be found, says nothing to anybody. */
static void every_fact_is_about_a_code_of_the_catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < lade_kernel_fact_count; i++) {
		const struct kernel_fact *fact = &lade_kernel_facts[i];
		struct lade_code_info code = { .size = sizeof code };
		if (lade_catalogue_find(lade_kernel_text + fact->code, &code) < 0)
			fail_msg("%s is no code", lade_kernel_text + fact->code);
		assert_true(!fact->since || !fact->until || fact->since <= fact->until);
	}
}

static void bounds_of_errors_are_found_in_the_table(void **state)
{
	size_t bounded = 0;

	(void)state;
	for (size_t i = 0; i < lade_errno_count(); i++) {
		struct lade_errno_info info = { .size = sizeof info };
		assert_int_equal(lade_errno_cause_of(i, &info), 0);
		bounded += *info.since || *info.until;
	}
	assert_true(bounded >= 10); /* rows of data/explain/errno_kernels.csv */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_read_in_every_spelling),
		cmocka_unit_test(release_before_the_first_of_a_series_is_the_last_of_the_one_before),
		cmocka_unit_test(loop_has_another_cause_on_an_older_kernel),
		cmocka_unit_test(both_causes_are_named_when_the_kernel_is_not_known),
		cmocka_unit_test(text_that_names_its_kernel_makes_causes_likely),
		cmocka_unit_test(kernel_without_types_is_the_one_that_the_loader_names),
		cmocka_unit_test(version_that_is_wanted_is_not_the_running_kernels),
		cmocka_unit_test(version_beside_one_that_is_wanted_counts),
		cmocka_unit_test(wording_tells_kernels_apart),
		cmocka_unit_test(of_several_machines_it_is_the_one_that_fails),
		cmocka_unit_test(helper_that_came_later_is_named),
		cmocka_unit_test(helper_that_the_kernel_has_is_not_called_too_new),
		cmocka_unit_test(helper_for_other_programs_says_for_which),
		cmocka_unit_test(kernel_that_cannot_say_this_is_contradicted),
		cmocka_unit_test(kernel_that_is_none_is_refused),
		cmocka_unit_test(error_of_a_call_is_explained_as_a_text_is),
		cmocka_unit_test(every_fact_is_about_a_code_of_the_catalogue),
		cmocka_unit_test(bounds_of_errors_are_found_in_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
