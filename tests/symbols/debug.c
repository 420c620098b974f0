/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of stripped programs: in a file by build id, in one beside the program, packed inside it. */
#include "symbols/maker.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "symbols/function.h"
#include "symbols/note.h"

#define TARGET TEST_OBJECTS "/../symbols/symbols-target"

static char place[] = "/tmp/lade-test-debug-XXXXXX"; /* a directory; later the root of a process */

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
	char command[4096];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(command, sizeof command, format, arguments);
	va_end(arguments);
	if (system(command) != 0) /* NOLINT(cert-env33-c) */
		fail_msg("%s", command);
}

static char *path_of(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 4];
	(void)snprintf(path, PATH_MAX, "%s/%s", place, name);
	return path;
}

static int enter(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(place));
	run("objcopy --only-keep-debug " TARGET " %s/symbols.debug", place);
	run("objcopy --strip-all " TARGET " %s/stripped", place);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	run("rm -r %s", place);
	return 0;
}

static uint64_t wanted_offset(const char *symbol)
{
	uint64_t offset = 0;
	assert_int_equal(lade_function_offset(TARGET, symbol, 0, &offset, NULL), 0);
	return offset;
}

static void expect_found(const char *path, const char *symbol)
{
	uint64_t offset = 0;
	struct lade_error *error = NULL;
	if (lade_function_offset(path, symbol, 0, &offset, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(offset, wanted_offset(symbol));
}

static void expect_missing(const char *path, const char *symbol, const char *text)
{
	uint64_t offset = 0;
	struct lade_error *error = NULL;
	assert_int_equal(lade_function_offset(path, symbol, 0, &offset, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", text);
}

static char *build_id(void)
{
	struct lade_binary *binary = NULL;
	assert_int_equal(lade_binary_open(TARGET, &binary, NULL), 0);
	char *id = lade_build_id(binary);
	(void)lade_binary_free(binary);
	assert_non_null(id);
	return id;
}

static void stripped_program_says_so_and_which_file_would_help(void **state)
{
	(void)state;
	char *id = build_id();
	expect_missing(path_of("stripped"), "target_hidden", "stripped");
	expect_missing(path_of("stripped"), "target_hidden", id);
	expect_missing(path_of("stripped"), "target_hidden", "debuginfod-find");
	expect_missing(TARGET, "target_hiden", "target_hidden");
	free(id);
}

static void debug_file_beside_the_program_is_used(void **state)
{
	(void)state;
	run("cd %s && objcopy --add-gnu-debuglink=symbols.debug stripped linked", place);
	expect_found(path_of("linked"), "target_hidden");
	run("cd %s && mkdir .debug && mv symbols.debug .debug", place);
	expect_found(path_of("linked"), "target_hidden");
	expect_found(path_of("linked"), "main");
	run("cd %s && mv .debug/symbols.debug . && rmdir .debug", place);
}

static void debug_file_of_another_build_is_not_used(void **state)
{
	(void)state;
	run("cd %s && mkdir other && objcopy --remove-section=.note.gnu.build-id linked other/linked && "
	    "cp symbols.debug other && printf x >> other/symbols.debug",
	    place);
	expect_missing(path_of("other/linked"), "target_hidden", "another build");
	run("rm -r %s/other", place);
}

/* In the root of another process, where its debug files are too. */
static void debug_file_by_build_id_is_found_in_the_root_of_a_process(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		(void)fprintf(stderr, "# not root\n");
		skip();
	}
	char *id = build_id(), path[PATH_MAX], byte;
	int ready[2];
	run("cd %s && mkdir -p usr/lib/debug/.build-id/%.2s && cp symbols.debug usr/lib/debug/.build-id/%.2s/%s.debug",
	    place, id, id, id + 2);
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		byte = chroot(place) == 0 && chdir("/") == 0 ? 'y' : 'n';
		(void)!write(ready[1], &byte, 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)snprintf(path, sizeof path, "/proc/%d/root/stripped", (int)child);
	expect_found(path, "target_hidden");
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	(void)(close(ready[0]) | close(ready[1]));
	run("rm -r %s/usr", place);
	free(id);
}

static void packed_symbols_inside_the_program_are_used(void **state)
{
	(void)state;
	if (system("command -v xz >/dev/null") != 0) { /* NOLINT(cert-env33-c) */
		(void)fprintf(stderr, "# no xz\n");
		skip();
	}
	run("cd %s && cp symbols.debug packed && xz packed && "
	    "objcopy --add-section .gnu_debugdata=packed.xz stripped mini",
	    place);
	expect_found(path_of("mini"), "target_hidden");
	run("cd %s && head -c 300 packed.xz >cut.xz && objcopy --add-section .gnu_debugdata=cut.xz stripped cut",
	    place);
	expect_missing(path_of("cut"), "target_hidden", ".gnu_debugdata) are damaged");
}

static void version_of_a_symbol_may_be_named(void **state)
{
	(void)state;
	Dl_info info;
	void *old = dlvsym(RTLD_DEFAULT, "realpath", "GLIBC_2.2.5"),
	     *new = dlvsym(RTLD_DEFAULT, "realpath", "GLIBC_2.3");
	uint64_t old_offset = 0, new_offset = 0, offset = 0;
	struct lade_error *error = NULL;
	if (!old || !new || old == new || !dladdr(new, &info)) {
		(void)fprintf(stderr, "# this C library has one version of realpath\n");
		skip();
	}
	const char *library = info.dli_fname;
	assert_int_equal(lade_function_offset(library, "realpath@GLIBC_2.2.5", 0, &old_offset, NULL), 0);
	assert_int_equal(lade_function_offset(library, "realpath@@GLIBC_2.3", 0, &new_offset, NULL), 0);
	assert_int_equal(new_offset - old_offset, (uintptr_t) new - (uintptr_t)old);
	/* Without a version: what a program gets that is linked today. */
	assert_int_equal(lade_function_offset(library, "realpath", 0, &offset, NULL), 0);
	assert_int_equal(offset, new_offset);
	assert_int_equal(lade_function_offset(library, "realpath@@GLIBC_2.2.5", 0, &offset, NULL), -ENOENT);
	assert_int_equal(lade_function_offset(library, "realpath@GLIBC_9.9", 0, &offset, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", "realpath");
}

/* memcpy of x86-64: what callers get is chosen when the program starts; the old version is a function. */
static void old_version_does_not_stand_for_an_indirect_function(void **state)
{
	(void)state;
	Dl_info info;
	void *old = dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.2.5");
	uint64_t offset = 0;
	struct lade_error *error = NULL;
	if (!old || !dladdr(old, &info) ||
	    lade_function_offset(info.dli_fname, "memcpy@GLIBC_2.2.5", 0, &offset, NULL) < 0) {
		(void)fprintf(stderr, "# this C library has no such pair\n");
		skip();
	}
	assert_int_equal(lade_function_offset(info.dli_fname, "memcpy", 0, &offset, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", "indirect");
}

static void pattern_takes_each_function_once(void **state)
{
	(void)state;
	struct lade_functions functions = { 0 };
	struct lade_error *error = NULL;
	assert_int_equal(lade_functions_matching(TARGET, "target_*", &functions, NULL), 0);
	assert_int_equal(functions.count, 2);
	lade_functions_clear(&functions);
	assert_int_equal(lade_functions_matching(path_of("linked"), "target_?idden", &functions, NULL), 0);
	assert_int_equal(functions.count, 1);
	assert_string_equal(functions.items[0].name, "target_hidden");
	assert_int_equal(functions.items[0].offset, wanted_offset("target_hidden"));
	lade_functions_clear(&functions);
	assert_int_equal(lade_functions_matching(path_of("stripped"), "target_h*", &functions, &error), -ENOENT);
	expect_finding(error, "attach.uprobe.symbol", "fits target_h*");
}

static void cut_program_is_refused_or_says_what_is_missing(void **state)
{
	(void)state;
	struct stat status;
	run("cp " TARGET " %s/short", place);
	assert_int_equal(stat(TARGET, &status), 0);
	for (off_t size = status.st_size; size > 0; size -= size > 4099 ? 4099 : size) {
		uint64_t offset;
		struct lade_functions functions = { 0 };
		assert_int_equal(truncate(path_of("short"), size), 0);
		(void)lade_function_offset(path_of("short"), "target_hidden", 0, &offset, NULL);
		if (lade_functions_matching(path_of("short"), "t*", &functions, NULL) == 0)
			lade_functions_clear(&functions);
	}
	assert_int_equal(truncate(path_of("short"), 4096), 0);
	expect_missing(path_of("short"), "target_hidden", "section headers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stripped_program_says_so_and_which_file_would_help),
		cmocka_unit_test(debug_file_beside_the_program_is_used),
		cmocka_unit_test(debug_file_of_another_build_is_not_used),
		cmocka_unit_test(debug_file_by_build_id_is_found_in_the_root_of_a_process),
		cmocka_unit_test(packed_symbols_inside_the_program_are_used),
		cmocka_unit_test(version_of_a_symbol_may_be_named),
		cmocka_unit_test(old_version_does_not_stand_for_an_indirect_function),
		cmocka_unit_test(pattern_takes_each_function_once),
		cmocka_unit_test(cut_program_is_refused_or_says_what_is_missing),
	};
	return cmocka_run_group_tests(tests, enter, leave);
}
