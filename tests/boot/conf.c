/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy files: what they say, what is wrong in them, who may write them. */
#include <unistd.h>

#include "boot/policy_files.h"

/* ---- good ones ---- */

static const char whole[] = "; a remark\n"
			    "# another\n"
			    "[location /usr/lib/bpf/]\n"
			    "prefix = net\n"
			    "types = xdp, sched_cls\n"
			    "types = cgroup_skb\n"
			    "owner = 1000\n"
			    "group = root\n"
			    "mode = 0640\n"
			    "attach = yes\n"
			    "order = 5\n"
			    "\n"
			    "[object fire*]\n"
			    "critical = nothing gets in without it ; says who\n"
			    "kernel = 5.10..6.12\n"
			    "config = CONFIG_NET_CLS_BPF, CONFIG_HZ=1000\n"
			    "config = CONFIG_BPF_JIT\n"
			    "attach = dev:eth0:ingress\n"
			    "attach = dev:eth1:ingress\n"
			    "timeout = 500ms\n"
			    "order = -3\n"
			    "[program fire*/cgroupskb/ingress]\n"
			    "optional = yes\n"
			    "attach = no\n"
			    "[map firewall/rules]\n"
			    "pin = net/rules\n"
			    "mode = 0660\n";

static void check_location(const struct boot_location *location)
{
	assert_string_equal(location->directory, "/usr/lib/bpf");
	assert_string_equal(location->prefix, "net/");
	assert_true(location->types == (UINT64_C(1) << BPF_PROG_TYPE_XDP | UINT64_C(1) << BPF_PROG_TYPE_SCHED_CLS |
					UINT64_C(1) << BPF_PROG_TYPE_CGROUP_SKB));
	assert_int_equal(location->owner.uid, 1000);
	assert_true(location->owner.has_gid);
	assert_int_equal(location->owner.gid, 0);
	assert_int_equal(location->owner.mode, 0640);
	assert_int_equal(location->attach, 1);
	assert_int_equal(location->order, 5);
	assert_int_equal(location->line, 3);
	assert_int_equal(location->loader, 0);
	assert_null(location->suffix);
}

static void check_object_rule(const struct boot_rule *rule)
{
	assert_string_equal(rule->object, "fire*");
	assert_null(rule->program);
	assert_int_equal(rule->critical, 1);
	assert_string_equal(rule->reason, "nothing gets in without it");
	assert_int_equal(rule->kernel.min, KVER(5, 10, 0));
	assert_int_equal(rule->kernel.max, KVER(6, 13, 0));
	assert_int_equal(rule->configs.count, 3);
	assert_string_equal(rule->configs.items[1], "CONFIG_HZ=1000");
	assert_int_equal(rule->targets.count, 2);
	assert_string_equal(rule->targets.items[1], "dev:eth1:ingress");
	assert_int_equal(rule->timeout_ms, 500);
	assert_int_equal(rule->order, -3);
	assert_int_equal(rule->optional, -1);
	assert_int_equal(rule->line, 13);
}

static void every_section_and_key_is_read(void **state)
{
	struct files files;
	(void)state;
	files_of(&files, whole);
	assert_int_equal(files.policy.locations.count, 1);
	check_location(&files.policy.locations.items[0]);
	assert_int_equal(files.policy.rules.count, 3);
	check_object_rule(&files.policy.rules.items[0]);
	assert_string_equal(files.policy.rules.items[1].program, "cgroupskb/ingress");
	assert_int_equal(files.policy.rules.items[1].optional, 1);
	assert_int_equal(files.policy.rules.items[1].attach, 0);
	assert_true(files.policy.rules.items[2].is_map);
	assert_string_equal(files.policy.rules.items[2].pin, "/sys/fs/bpf/net/rules");
	struct strings names = { 0 };
	assert_int_equal(lade_boot_configs(&files.policy, &names), 0);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.items[1], "CONFIG_HZ");
	lade_strings_clear(&names);
	files_end(&files);
}

static void windows_ends_marks_and_indents_change_nothing(void **state)
{
	static const char text[] = "\xef\xbb\xbf[location /a]\r\n\tprefix = x\r\n   order=2\r\n\r\n  ; no\r\n";
	struct files files;
	(void)state;
	files_of(&files, text);
	assert_string_equal(files.policy.locations.items[0].prefix, "x/");
	assert_int_equal(files.policy.locations.items[0].order, 2);
	files_end(&files);
}

static void long_directories_are_whole(void **state)
{
	char text[1024], directory[900];
	struct files files;
	(void)state;
	memset(directory, 'd', sizeof directory);
	directory[0] = '/';
	directory[sizeof directory - 1] = '\0';
	(void)snprintf(text, sizeof text, "[location %s]\nprefix = x\n", directory);
	files_of(&files, text);
	assert_string_equal(files.policy.locations.items[0].directory, directory);
	files_end(&files);
}

static void later_sections_and_files_add_and_replace(void **state)
{
	struct files files;
	(void)state;
	files_begin(&files);
	put_file(&files, "90-last.conf", "[location /b]\norder = -1\n[location /a]\nprefix = z\ntypes = xdp\n");
	put_file(&files, "10-first.conf", "[location /a]\nprefix = y\nmode = 0600\ntypes = kprobe\n[location /c]\n");
	put_file(&files, "readme.txt", "no policy at all");
	put_file(&files, ".hidden.conf", "no policy at all");
	assert_int_equal(read_files(&files), 0);
	assert_int_equal(files.policy.locations.count, 3);
	assert_string_equal(files.policy.locations.items[0].directory, "/b");
	assert_string_equal(files.policy.locations.items[1].directory, "/a");
	assert_string_equal(files.policy.locations.items[2].directory, "/c");
	assert_string_equal(files.policy.locations.items[1].prefix, "z/");
	assert_int_equal(files.policy.locations.items[1].owner.mode, 0600);
	assert_true(files.policy.locations.items[1].types == UINT64_C(1) << BPF_PROG_TYPE_XDP);
	files_end(&files);
}

static void example_of_the_manual_is_read(void **state)
{
	static char text[8192];
	struct files files;
	(void)state;
	FILE *stream = fopen(TEST_SOURCE_ROOT "/man/lade-boot.d.conf", "re");
	assert_non_null(stream);
	text[fread(text, 1, sizeof text - 1, stream)] = '\0';
	(void)fclose(stream);
	files_of(&files, text);
	assert_int_equal(files.policy.locations.count, 2);
	assert_string_equal(files.policy.locations.items[0].prefix, "net/");
	assert_int_equal(files.policy.locations.items[1].attach, 1);
	assert_int_equal(files.policy.rules.count, 4);
	assert_int_equal(files.policy.rules.items[1].targets.count, 2);
	assert_string_equal(files.policy.rules.items[2].pin, "/sys/fs/bpf/net/firewall_counts");
	files_end(&files);
}

static void empty_directory_is_an_empty_policy(void **state)
{
	struct files files;
	(void)state;
	files_begin(&files);
	assert_int_equal(read_files(&files), 0);
	assert_int_equal(files.policy.locations.count, 0);
	files_end(&files);
}

static void kernel_ranges_have_several_forms(void **state)
{
	static const struct {
		const char *text;
		uint32_t min, max;
	} rows[] = {
		{ "5.10..6.12", KVER(5, 10, 0), KVER(6, 13, 0) },
		{ "5.10..6.12.3", KVER(5, 10, 0), KVER(6, 12, 4) },
		{ "5.10..", KVER(5, 10, 0), UINT32_MAX },
		{ "..6.1", 0, KVER(6, 2, 0) },
		{ ">=5.10", KVER(5, 10, 0), UINT32_MAX },
		{ ">= 5.10.199", KVER(5, 10, 199), UINT32_MAX },
		{ "<6.1", 0, KVER(6, 1, 0) },
		{ "6.1", KVER(6, 1, 0), KVER(6, 2, 0) },
		{ "6", KVER(6, 0, 0), KVER(7, 0, 0) },
	};
	(void)state;
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		char text[128];
		struct files files;
		(void)snprintf(text, sizeof text, "[object x]\nkernel = %s\n", rows[i].text);
		files_of(&files, text);
		assert_int_equal(files.policy.rules.items[0].kernel.min, rows[i].min);
		assert_int_equal(files.policy.rules.items[0].kernel.max, rows[i].max);
		files_end(&files);
	}
}

/* ---- bad ones ---- */

struct wrong {
	const char *text, *code;
	unsigned line;
	const char *says; /* in message, evidence or fix */
};

static const struct wrong wrongs[] = {
	{ "prefix = x\n", "boot.policy.section", 1, "before the first section" },
	{ "[location]\n", "boot.policy.section", 1, "[location DIRECTORY]" },
	{ "[location relative/path]\n", "boot.policy.section", 1, "absolute" },
	{ "[location /a/../b]\n", "boot.policy.section", 1, "absolute" },
	{ "\n\n[lokation /a]\n", "boot.policy.section", 3, "section location exists" },
	{ "[object]\n", "boot.policy.section", 1, "[object NAME]" },
	{ "[object a/b]\n", "boot.policy.section", 1, "no slash" },
	{ "[program a]\n", "boot.policy.section", 1, "[program OBJECT/NAME]" },
	{ "[map a/]\n", "boot.policy.section", 1, "[map OBJECT/NAME]" },
	{ "[location /a\nprefix = x\n", "boot.policy.syntax", 1, "a section ends in ]" },
	{ "[location /a] x\n", "boot.policy.syntax", 1, "a section ends in ]" },
	{ "[location /a]\nprefix\n", "boot.policy.syntax", 2, "without =" },
	{ "[location /a]\n= x\n", "boot.policy.key", 2, "no key of [location" },
	{ "[location /a]\nperfix = x\n", "boot.policy.key", 2, "key prefix exists" },
	{ "[location /a]\ncritical = yes\n", "boot.policy.key", 2, "its keys are prefix" },
	{ "[map a/b]\nattach = yes\n", "boot.policy.key", 2, "attach" },
	{ "[location /a]\nprefix =\n", "boot.policy.value", 2, "the value is missing" },
	{ "[location /a]\nprefix = x\nprefix = y\n", "boot.policy.value", 3, "said twice" },
	{ "[location /a]\nprefix = ../x\n", "boot.policy.value", 2, "without dots" },
	{ "[location /a]\nprefix = /etc\n", "boot.policy.value", 2, "below /sys/fs/bpf" },
	{ "[location /a]\nprefix = lade/x\n", "boot.policy.value", 2, "Lade's own" },
	{ "[location /a]\nprefix = x//y\n", "boot.policy.value", 2, "below" },
	{ "[location /a]\ntypes = kprobes\n", "boot.policy.value", 2, "type kprobe exists" },
	{ "[location /a]\nattach = dev:eth0\n", "boot.policy.value", 2, "yes or no" },
	{ "[location /a]\nmode = 0888\n", "boot.policy.value", 2, "octal" },
	{ "[location /a]\nmode = 4755\n", "boot.policy.value", 2, "octal" },
	{ "[location /a]\nowner = nobody-of-this-name\n", "boot.policy.value", 2, "name a user" },
	{ "[location /a]\nowner = 12x\n", "boot.policy.value", 2, "name a user" },
	{ "[location /a]\ngroup = 4294967295\n", "boot.policy.value", 2, "name a group" },
	{ "[location /a]\norder = first\n", "boot.policy.value", 2, "whole number" },
	{ "[object a]\nkernel = 6.1..5.10\n", "boot.policy.value", 2, "holds no kernel" },
	{ "[object a]\nkernel = new\n", "boot.policy.value", 2, "5.10..6.12" },
	{ "[object a]\nkernel = ..\n", "boot.policy.value", 2, "give a range" },
	{ "[object a]\nkernel = 5.10..x\n", "boot.policy.value", 2, "give a range" },
	{ "[object a]\nkernel = 300.1\n", "boot.policy.value", 2, "give a range" },
	{ "[object a]\nconfig = NET\n", "boot.policy.value", 2, "CONFIG_NET_CLS_BPF" },
	{ "[object a]\nconfig = CONFIG_X=\n", "boot.policy.value", 2, "name options" },
	{ "[object a]\ntimeout = 0\n", "boot.policy.value", 2, "500ms" },
	{ "[object a]\ntimeout = 3h\n", "boot.policy.value", 2, "500ms" },
	{ "[object a]\ntimeout = 99999999999\n", "boot.policy.value", 2, "500ms" },
	{ "[object a]\noptional = perhaps\n", "boot.policy.value", 2, "yes or no" },
	{ "[map a/b]\npin = ../x\n", "boot.policy.value", 2, "without dots" },
	{ "[map a/*]\npin = x\n", "boot.policy.value", 2, "without * and ?" },
};

static bool says(const struct lade_finding *finding, const char *text)
{
	bool found = strstr(finding->message, text) || (finding->fix && strstr(finding->fix, text));
	array_foreach(line, &finding->evidence)
		found = found || strstr(*line, text);
	return found;
}

static void what_is_wrong_is_told_with_its_line_and_a_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(wrongs); i++) {
		char place[128];
		struct files files;
		files_begin(&files);
		put_file(&files, "a.conf", wrongs[i].text);
		assert_int_equal(read_files(&files), -EINVAL);
		const struct lade_finding *finding = lade_error_finding(files.error, 0);
		(void)snprintf(place, sizeof place, "%s/a.conf:%u: ", files.directory, wrongs[i].line);
		if (strcmp(finding->code, wrongs[i].code) != 0 ||
		    strncmp(finding->message, place, strlen(place)) != 0 || !says(finding, wrongs[i].says))
			fail_msg("row %zu: %s: %s (%s)", i, finding->code, finding->message, finding->fix);
		assert_int_equal(lade_error_finding_count(files.error), 1);
		assert_true(finding->fix && *finding->fix);
		assert_int_equal(lade_error_exit_code(files.error), 5);
		assert_int_equal(files.policy.locations.count, 0);
		files_end(&files);
	}
}

static void all_errors_of_all_files_are_told(void **state)
{
	struct files files;
	(void)state;
	files_begin(&files);
	put_file(&files, "a.conf", "[location /a]\nperfix = x\nmode = 9\nnothing\n[odd]\nunsaid = 1\n");
	put_file(&files, "b.conf", "order = 1\n[object a]\nkernel = x\n");
	assert_int_equal(read_files(&files), -EINVAL);
	assert_int_equal(lade_error_finding_count(files.error), 6);
	assert_non_null(strstr(lade_error_finding(files.error, 5)->message, "b.conf:3: "));
	files_end(&files);
}

static void long_lines_and_nul_bytes_are_told(void **state)
{
	static const char nul[] = "[location /a]\nprefix = x\0y\nmode = 0640\n";
	char text[600] = "[location /a]\nprefix = ";
	struct files files;
	(void)state;
	memset(text + strlen(text), 'x', 400);
	strcat(text, "\nmode = 9\n");
	files_begin(&files);
	put_file(&files, "a.conf", text);
	write_file(&files, "b.conf", nul, sizeof nul - 1);
	write_file(&files, "c.conf", "[location /a\0b]\n", 16);
	assert_int_equal(read_files(&files), -EINVAL);
	assert_int_equal(lade_error_finding_count(files.error), 4);
	assert_non_null(strstr(lade_error_finding(files.error, 0)->message, "a.conf:2: a line of 409 bytes"));
	assert_non_null(strstr(lade_error_finding(files.error, 1)->message, "a.conf:3: "));
	assert_non_null(strstr(lade_error_finding(files.error, 2)->message, "b.conf:2: a byte is NUL"));
	assert_non_null(strstr(lade_error_finding(files.error, 3)->message, "c.conf:1: a byte is NUL"));
	files_end(&files);
}

/* ---- whose file it is ---- */

static void assert_unwritable(struct files *files, const char *fix)
{
	assert_int_equal(read_files(files), -EINVAL);
	const struct lade_finding *finding = lade_error_finding(files->error, 0);
	assert_string_equal(finding->code, "boot.policy.writable");
	assert_non_null(strstr(finding->fix, fix));
	files->error = lade_error_free(files->error);
}

static void files_that_others_may_write_are_refused(void **state)
{
	struct files files;
	char path[128];
	(void)state;
	files_begin(&files);
	put_file(&files, "a.conf", "[location /a]\n");
	(void)snprintf(path, sizeof path, "%s/a.conf", files.directory);
	assert_int_equal(chmod(path, 0664), 0);
	assert_unwritable(&files, "chmod go-w");
	assert_int_equal(chmod(path, 0602), 0);
	assert_unwritable(&files, "chmod go-w");
	if (geteuid() == 0) {
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_unwritable(&files, "chown root");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(files.directory, 0777), 0);
	assert_unwritable(&files, "chmod go-w");
	assert_int_equal(chmod(files.directory, 0755), 0);
	assert_int_equal(read_files(&files), 0);
	files_end(&files);
}

static void what_is_no_file_is_told(void **state)
{
	struct files files;
	char path[128];
	(void)state;
	files_begin(&files);
	(void)snprintf(path, sizeof path, "%s/pipe.conf", files.directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof path, "%s/gone.conf", files.directory);
	assert_int_equal(symlink("/nonexistent/file", path), 0);
	assert_int_equal(read_files(&files), -EINVAL);
	assert_int_equal(lade_error_finding_count(files.error), 2);
	assert_non_null(strstr(lade_error_message(files.error), "No such file"));
	files_end(&files);
	assert_int_equal(lade_boot_read_policy("/nonexistent/boot.d", &files.policy, &files.error), -ENOENT);
	assert_string_equal(lade_error_finding(files.error, 0)->code, "boot.policy.none");
	lade_error_free(files.error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_section_and_key_is_read),
		cmocka_unit_test(windows_ends_marks_and_indents_change_nothing),
		cmocka_unit_test(long_directories_are_whole),
		cmocka_unit_test(later_sections_and_files_add_and_replace),
		cmocka_unit_test(example_of_the_manual_is_read),
		cmocka_unit_test(empty_directory_is_an_empty_policy),
		cmocka_unit_test(kernel_ranges_have_several_forms),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line_and_a_remedy),
		cmocka_unit_test(all_errors_of_all_files_are_told),
		cmocka_unit_test(long_lines_and_nul_bytes_are_told),
		cmocka_unit_test(files_that_others_may_write_are_refused),
		cmocka_unit_test(what_is_no_file_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
