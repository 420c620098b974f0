/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions of a kernel, from lists that are made up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "kernel/functions.h"

static struct kernel kernel; /* of this machine, but only the lists below are read */

/* A file with this text; to be removed and freed. */
static char *file_of(const char *text)
{
	char path[] = "/tmp/lade-functions-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	char *copy = strdup(path);
	assert_non_null(copy);
	return copy;
}

static void drop(char *path)
{
	(void)unlink(path);
	free(path);
}

static bool is_near(const struct function_search *search, const char *name)
{
	for (size_t i = 0; i < search->similar.count; i++)
		if (strcmp(search->similar.names[i], name) == 0)
			return true;
	return false;
}

/* ---- near names ---- */

static const char symbols[] = "0000000000000000 T do_execveat_common.isra.0\n"
			      "ffffffff81000000 t do_exit\n"
			      "ffffffff81000010 T tcp_v4_connect.part.0\n"
			      "ffffffff81000020 t tcp_v4_connekt\n"
			      "ffffffff81000030 D tcp_v4_connec\n" /* data */
			      "ffffffffc0000000 t veth_xmit\t[veth]\n"
			      "ffffffff81000040 T __pfx_veth_xmi\n" /* the padding before a function */
			      "nothing that a kernel writes\n"
			      "ffffffff81000050\n"
			      "ffffffff81000060 T \n"
			      "ffffffff81000070 T veth_xmitt";

static struct function_search search(const char *name)
{
	char *path = file_of(symbols);
	const struct function_lists lists = { .symbols = path };
	struct function_search found;
	lade_function_search(&kernel, &lists, name, &found);
	drop(path);
	return found;
}

static void longer_name_is_near(void **state)
{
	(void)state;
	struct function_search found = search("do_execve");
	assert_true(found.similar.count > 0);
	assert_string_equal(found.similar.names[0], "do_execveat_common.isra.0");
	assert_string_equal(found.variant, "");
	lade_similar_clear(&found.similar);
}

static void copy_that_the_compiler_made_is_nearest(void **state)
{
	(void)state;
	struct function_search found = search("tcp_v4_connect");
	assert_string_equal(found.variant, "tcp_v4_connect.part.0");
	assert_string_equal(found.similar.names[0], "tcp_v4_connect.part.0");
	assert_true(is_near(&found, "tcp_v4_connekt"));
	assert_false(is_near(&found, "tcp_v4_connec"));
	lade_similar_clear(&found.similar);
}

static void function_of_a_module_is_near_and_padding_is_not(void **state)
{
	(void)state;
	struct function_search found = search("veth:veth_xmi");
	assert_true(is_near(&found, "veth_xmit"));
	assert_true(is_near(&found, "veth_xmitt"));
	assert_int_equal(found.similar.count, 2);
	lade_similar_clear(&found.similar);
}

static void list_that_is_not_there_finds_nothing(void **state)
{
	(void)state;
	const struct function_lists lists = { .symbols = "/no/such/list",
					      .traceable = "/no/such/list",
					      .blacklist = "/no/such/list" };
	struct function_search found;
	struct matched_functions functions = { 0 };
	lade_function_search(&kernel, &lists, "anything", &found);
	assert_int_equal(found.similar.count, 0);
	assert_int_equal(lade_function_is_traceable(&kernel, &lists, "anything"), -ENOENT);
	assert_int_equal(lade_function_is_blacklisted(&kernel, &lists, "anything"), -ENOENT);
	assert_int_equal(lade_function_match(&kernel, &lists, "*", &functions), -ENOENT);
}

static void names_of_system_calls_are_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *name, *system_call;
	} rows[] = {
		{ "do_execve", "execve" },      { "sys_write", "write" }, { "__x64_sys_openat", "openat" },
		{ "__arm64_sys_read", "read" }, { "SyS_read", "read" },   { "ksys_read", "read" },
		{ "vfs_read", NULL },           { "do_", NULL },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const char *found = lade_function_system_call(rows[i].name);
		if (!rows[i].system_call)
			assert_null(found);
		else
			assert_string_equal(found, rows[i].system_call);
	}
	assert_int_equal(lade_function_stem("a.isra.0.cold"), 1);
	assert_int_equal(lade_function_stem("plain"), 5);
}

/* ---- lists ---- */

static void lists_are_searched_for_whole_words(void **state)
{
	(void)state;
	char *traceable = file_of("vfs_read\nvfs_readv\nveth_xmit [veth]\n");
	char *blacklist = file_of("0xffffffff81000000-0xffffffff81000010\tdo_int3\nno tab\n0x1-0x2\tnmi [module]\n");
	const struct function_lists lists = { .traceable = traceable, .blacklist = blacklist };
	assert_int_equal(lade_function_is_traceable(&kernel, &lists, "vfs_read"), 1);
	assert_int_equal(lade_function_is_traceable(&kernel, &lists, "vfs_rea"), 0);
	assert_int_equal(lade_function_is_traceable(&kernel, &lists, "veth:veth_xmit"), 1);
	assert_int_equal(lade_function_is_blacklisted(&kernel, &lists, "do_int3"), 1);
	assert_int_equal(lade_function_is_blacklisted(&kernel, &lists, "nmi"), 1);
	assert_int_equal(lade_function_is_blacklisted(&kernel, &lists, "do_int"), 0);
	drop(traceable);
	drop(blacklist);
}

/* ---- patterns ---- */

static void functions_match_a_pattern_once_each(void **state)
{
	(void)state;
	char *path = file_of("tcp_close\ntcp_abort\ntcp_close\nudp_close\ntcp_probe [probe]\n"
			     "__ftrace_invalid_address___12\n\n");
	const struct function_lists lists = { .traceable = path };
	struct matched_functions functions = { 0 };
	assert_int_equal(lade_function_match(&kernel, &lists, "tcp_*", &functions), 0);
	assert_int_equal(functions.count, 3);
	assert_string_equal(functions.items[0].name, "tcp_abort");
	assert_string_equal(functions.items[1].name, "tcp_close");
	assert_string_equal(functions.items[2].name, "tcp_probe");
	assert_true(functions.items[2].is_module);
	assert_false(functions.items[0].is_module);
	lade_matched_functions_clear(&functions);
	assert_int_equal(lade_function_match(&kernel, &lists, "*", &functions), 0);
	assert_int_equal(functions.count, 4);
	lade_matched_functions_clear(&functions);
	assert_int_equal(lade_function_match(&kernel, &lists, "[tu]?p_close", &functions), 0);
	assert_int_equal(functions.count, 2);
	lade_matched_functions_clear(&functions);
	drop(path);
}

static void name_longer_than_any_function_is_left_out(void **state)
{
	(void)state;
	char text[4096];
	memset(text, 'a', sizeof text);
	(void)snprintf(text + sizeof text - 8, 8, "\nb\n");
	char *path = file_of(text);
	const struct function_lists lists = { .traceable = path };
	struct matched_functions functions = { 0 };
	assert_int_equal(lade_function_match(&kernel, &lists, "*", &functions), 0);
	assert_int_equal(functions.count, 1);
	lade_matched_functions_clear(&functions);
	drop(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longer_name_is_near),
		cmocka_unit_test(copy_that_the_compiler_made_is_nearest),
		cmocka_unit_test(function_of_a_module_is_near_and_padding_is_not),
		cmocka_unit_test(list_that_is_not_there_finds_nothing),
		cmocka_unit_test(names_of_system_calls_are_taken_apart),
		cmocka_unit_test(lists_are_searched_for_whole_words),
		cmocka_unit_test(functions_match_a_pattern_once_each),
		cmocka_unit_test(name_longer_than_any_function_is_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
