/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of the trace pipe, taken apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trace/trace.h"

static const struct {
	const char *line, *task, *text;
	uint32_t pid;
	int cpu;
	uint64_t time_ns, lost;
} lines[] = {
	{ " bash-1234 [001] d..31 5678.901234: bpf_trace_printk: hello", "bash", "hello", 1234, 1, 5678901234000, 0 },
	{ " bash-1234 (1200) [001] d..31 5.5: bpf_trace_printk: f(x)", "bash", "f(x)", 1234, 1, 5500000000, 0 },
	{ " bash-1234 (-----) [001] 5.5: bpf_trace_printk: x", "bash", "x", 1234, 1, 5500000000, 0 },
	{ " (sd-pam)-77 [000] d..31 1.0: bpf_trace_printk: x", "(sd-pam)", "x", 77, 0, 1000000000, 0 },
	{ " (a) b-7 (  6) [012] d..31 1.0: bpf_trace_printk: (", "(a) b", "(", 7, 12, 1000000000, 0 },
	{ " a [001]-9-5 [002] d..31 1.0: f: [003]", "a [001]-9", "[003]", 5, 2, 1000000000, 0 },
	{ "CPU:1 [LOST 34 EVENTS]", NULL, NULL, 0, 1, 0, 34 },
	{ "anything at all", NULL, NULL, 0, -1, 0, 0 },
	{ "[001]", NULL, NULL, 0, -1, 0, 0 },
	{ ")[001] (", NULL, NULL, 0, -1, 0, 0 },
	{ "-1 [001] 1.0: f: x", "", "x", 1, 1, 1000000000, 0 },
	{ "", NULL, NULL, 0, -1, 0, 0 },
};

static void same(const char *is, const char *wanted)
{
	assert_int_equal(is == NULL, wanted == NULL);
	if (is)
		assert_string_equal(is, wanted);
}

static void lines_are_taken_apart_whatever_the_task_is_called(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct lade_trace_line parsed;
		char *scratch = strdup(lines[i].line);
		assert_non_null(scratch);
		lade_line_parse(lines[i].line, scratch, &parsed);
		same(parsed.task, lines[i].task);
		same(parsed.text, lines[i].text);
		assert_int_equal(parsed.pid, lines[i].pid);
		assert_int_equal(parsed.cpu, lines[i].cpu);
		assert_true(parsed.time_ns == lines[i].time_ns && parsed.lost == lines[i].lost);
		free(scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_apart_whatever_the_task_is_called),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
