/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands before a message: every form of every logger, and what only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "explain/reading/line.h"
#include "explain/tools/rules.h"

static const struct {
	const char *line, *format, *tag, *message; /* format NULL: none; tag NULL: not looked at */
} lines[] = {
	{ "[ 01-15 10:20:30.456   512:  513 E/bpfloader ]", "long", "bpfloader", "" },
	{ "01-15 10:20:30.456   512   513 E bpfloader: ret=-38", "threadtime", "bpfloader", "ret=-38" },
	{ "2024-01-15 10:20:30.456   512   513 E SELinux : avc", "threadtime", "SELinux", "avc" },
	{ "2024-01-15 10:20:30.456 +0000   512   513 E netd: x", "threadtime", "netd", "x" },
	{ "01-15 10:20:30.456  root   512   513 I netd: x", "threadtime", "netd", "x" },
	{ "01-15 10:20:30.456 W/netd(  512): x", "time", "netd", "x" },
	{ "E/bpfloader(  512): x y", "brief", "bpfloader", "x y" },
	{ "E/bpfloader: x y", "tag", "bpfloader", "x y" },
	{ "E(  512) x y", "process", NULL, "x y" },
	{ "E(  512:  513) x y", "thread", NULL, "x y" },
	{ "<6>[   12.345678] [  T512] x y", "dmesg", NULL, "x y" },
	{ "<6>[   12.345678] x y", "dmesg", NULL, "x y" },
	{ "[   12.345678] [    C0] x y", "dmesg", NULL, "x y" },
	{ "[   12.345678] x y", "dmesg", NULL, "x y" },
	{ "kern  :err   : [   12.345678] x y", "dmesg", NULL, "x y" },
	{ "[Mon Jan 15 10:20:30 2024] x y", "dmesg", NULL, "x y" },
	{ "2024-01-15T10:20:30,123456+00:00 x y", "dmesg", NULL, "x y" },
	{ "2024-01-15T10:20:30.123456789Z stderr F x y", "container", NULL, "x y" },
	{ "2024-01-15T10:20:30.123456789Z stdout P x y", "container", NULL, "x y" },
	{ "Jan 15 10:20:30 host agent[512]: x y", "journal", "agent", "x y" },
	{ "Jan  5 10:20:30 host kernel: x y", "journal", "kernel", "x y" },
	{ "M\303\244rz 15 10:20:30 host agent[512]: x y", "journal", "agent", "x y" },
	{ "\303\251t\303\251 15 10:20:30 agent[512]: x y", "journal", "agent", "x y" },
	{ "2024-01-15T10:20:30+0000 host agent[512]: x y", "journal", "agent", "x y" },
	{ "2024-01-15T10:20:30+0000 host kernel: x y", "journal", "kernel", "x y" },
	{ "2024-01-15 10:20:30 x", "stamp", NULL, "x" },
	{ "2024-01-15 10:20:30.456 ERROR x y", "stamp", NULL, "ERROR x y" },
	{ "2024/01/15 10:20:30 x: y", "stamp", NULL, "x: y" },
	{ "10:20:30.456 x: y", "stamp", NULL, "x: y" },
	{ "2024-01-15T10:20:30.123456Z: setrlimit (RLIMIT_MEMLOCK): Operation not permitted", "stamp", NULL,
	  "setrlimit (RLIMIT_MEMLOCK): Operation not permitted" },
	{ "2024-01-15T10:20:30Z ERROR failed to load program p: operation not permitted", "stamp", NULL,
	  "ERROR failed to load program p: operation not permitted" },
	{ "[2024-01-15T10:20:30Z ERROR agent::load] x: y", "stamp", NULL, "ERROR agent::load] x: y" },
	{ "[2024-01-15 10:20:30] x y", "stamp", NULL, "x y" },
	{ "Jan 15 10:20:30 host agent[512]: 2024/01/15 10:20:30 x: y", "journal", "agent", "x: y" },
	{ "2024-01-15T10:20:30.123456789Z stderr F 2024-01-15 10:20:30.456 x y", "container", NULL, "x y" },
	{ "E0413 19:11:23.941128     1 BpfLoader.cpp:87] x: y", "klog", NULL, "BpfLoader.cpp:87] x: y" },
	{ "E0413: x y", NULL, NULL, "E0413: x y" },
	{ "Mar  3 10:00:00 host kernel: [   12.345678] bpfloader: x y", "journal", "bpfloader", "x y" },
	{ "2025-03-03 10:00:00.123 host kernel: x y", "journal", NULL, "x y" },
	{ "Mar  3 10:00:00 host kern.err kernel: [   12.345678] x y", "journal", "kernel", "x y" },
	{ "kern  :err   : [Mon Mar  3 10:00:00 2025] x y", "dmesg", NULL, "x y" },
	{ "[   79.123456] [4:     netbpfload:  825] x y", "dmesg", NULL, "x y" },
	{ "[   79.123456]  (4)[1:init]x y", "dmesg", NULL, "x y" },
	{ "[   79.123456] c4   1195 x y", "dmesg", NULL, "x y" },
	{ "12,1234,5678,-;x y", "kmsg", NULL, "x y" },
	{ "Tue Feb  3 10:19:48 2026 daemon.err agent[11208]: x y", "logread", "agent", "x y" },
	{ "Tue Feb  3 10:19:48 2026 kern.err kernel: [   12.345678] x y", "logread", "kernel", "x y" },
	{ "Mar 01 10:12:13.123456 host agent[4242]: x y", "journal", "agent", "x y" },
	{ "ERROR:root:libbpf: x", "python", "root", "libbpf: x" },
	{ "2024-03-01 10:12:13,123 - agent - ERROR - x y", "python", "agent", "x y" },
	{ "<11>1 2024-03-01T10:12:13.123456Z host agent 4242 - - x y", "syslog", "agent", "x y" },
	{ "> R1 invalid mem access", "quote", NULL, "R1 invalid mem access" },
	{ "agent-1  | x y", "compose", NULL, "x y" },
	{ "12\tR1 invalid mem access", "numbered", NULL, "R1 invalid mem access" },
	{ "12  R1 invalid mem access", "numbered", NULL, "R1 invalid mem access" },
	{ "bpfloader: LibBpfLoader: x y", "tag", "LibBpfLoader", "x y" },
	{ "[   12.345678] bpfloader: LibBpfLoader: x y", "dmesg", "LibBpfLoader", "x y" },
	{ "E NetBpfLoad: x y", "tag", "NetBpfLoad", "x y" },
	/* ---- and no logger's ---- */
	{ "E AssertionError: x", NULL, NULL, "E AssertionError: x" },
	{ "libbpf: prog 'p': failed", NULL, NULL, "libbpf: prog 'p': failed" },
	{ "12: (85) call bpf_map_lookup_elem#1", NULL, NULL, "12: (85) call bpf_map_lookup_elem#1" },
	{ "E/bpfloader", NULL, NULL, "E/bpfloader" },
	{ "Error: 12 is no number", NULL, NULL, "Error: 12 is no number" },
	{ "01-15", NULL, NULL, "01-15" },
	{ "2024-01-15T", NULL, NULL, "2024-01-15T" },
	{ "2024-01-15 10:20:30", NULL, NULL, "2024-01-15 10:20:30" },
	{ "2024-01-15 10:20:30x y", NULL, NULL, "2024-01-15 10:20:30x y" },
	{ "10:20:3 x y", NULL, NULL, "10:20:3 x y" },
	{ "[12.x] y", NULL, NULL, "[12.x] y" },
	{ "a : b : c", NULL, NULL, "a : b : c" },
	{ "", NULL, NULL, "" },
	{ "  ", NULL, NULL, "  " },
};

static bool is_span(const struct span *span, const char *text)
{
	return span->length == strlen(text) && memcmp(span->text, text, span->length) == 0;
}

static void every_form_is_told_from_its_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++) {
		struct log_line line = lade_log_line(lines[i].line, strlen(lines[i].line));
		const char *format = line.format ? line.format : "none", *wanted = lines[i].format;
		if (strcmp(format, wanted ? wanted : "none") != 0 || !is_span(&line.message, lines[i].message) ||
		    (lines[i].tag && !is_span(&line.tag, lines[i].tag)))
			fail_msg("'%s' is %s, tag '%.*s', message '%.*s'", lines[i].line, format, (int)line.tag.length,
				 line.tag.length ? line.tag.text : "", (int)line.message.length, line.message.text);
	}
}

static void cut_anywhere_a_line_is_read_without_its_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(lines); i++)
		for (size_t length = 0; length <= strlen(lines[i].line); length++) {
			char *copy = malloc(length ? length : 1); /* a byte too far is one that the sanitizer sees */
			assert_non_null(copy);
			memcpy(copy, lines[i].line, length);
			struct log_line line = lade_log_line(copy, length);
			assert_true(line.message.text >= copy &&
				    line.message.text + line.message.length == copy + length);
			free(copy);
		}
}

/* ---- without blanks ---- */

/* As the words above lade_message_add() say it, and no faster. */
static void add_slowly(struct message *message, const char *text, size_t length)
{
	bool gap = false;

	for (size_t i = 0; i < length && message->length < MESSAGE_BYTES; i++) {
		if ((unsigned char)text[i] <= ' ') {
			gap = message->length > 0;
			continue;
		}
		size_t at = message->length++;
		message->text[at] = text[i];
		message->gap[at] = gap;
		gap = false;
	}
}

static void assert_same(const struct message *one, const struct message *other)
{
	assert_int_equal(one->length, other->length);
	assert_memory_equal(one->text, other->text, one->length);
	assert_memory_equal(one->gap, other->gap, one->length);
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 16;
}

static void a_message_has_every_byte_but_blanks_and_knows_where_they_were(void **state)
{
	static const char bytes[] = "ab  \t\x01\x1f!\x7f\x80\xa0\xffxyz";
	static struct message fast, slow;
	uint32_t seed = 7;

	(void)state;
	for (unsigned round = 0; round < 4000; round++) {
		lade_message_clear(&fast);
		slow.length = 0;
		for (unsigned part = 0; part < 3; part++) {
			size_t length = next(&seed) % (round % 50 == 0 ? 2 * MESSAGE_BYTES : 40);
			char *text = malloc(length ? length : 1);
			assert_non_null(text);
			for (size_t i = 0; i < length; i++)
				text[i] = bytes[next(&seed) % (sizeof bytes - 1)];
			lade_message_add(&fast, &(struct span){ text, length });
			add_slowly(&slow, text, length);
			free(text);
		}
		assert_same(&fast, &slow);
	}
}

static void quotation_marks_within_a_quoted_message_are_its_own(void **state)
{
	static const char quoted[] = "{\"msg\":\"program \\\"a b\\\": C:\\d \\\"\\u003e= \\u00\"}",
			  plain[] = "{\"msg\":\"program \"a b\": C:\\d \">= \\u00\"}";
	static struct message fast, slow;

	(void)state;
	lade_message_clear(&fast);
	lade_message_add(&fast, &(struct span){ quoted, strlen(quoted) });
	slow.length = 0;
	add_slowly(&slow, plain, strlen(plain));
	assert_same(&fast, &slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_told_from_its_message),
		cmocka_unit_test(cut_anywhere_a_line_is_read_without_its_rest),

		cmocka_unit_test(a_message_has_every_byte_but_blanks_and_knows_where_they_were),
		cmocka_unit_test(quotation_marks_within_a_quoted_message_are_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
