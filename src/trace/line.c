/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of the trace pipe:
 *
 *             bash-1234    [001] d..31  5678.901234: bpf_trace_printk: hello
 *     CPU:1 [LOST 34 EVENTS]
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool parse_lost(const char *line, struct lade_trace_line *parsed)
{
	static const char start[] = "CPU:", middle[] = " [LOST ";
	if (strncmp(line, start, sizeof start - 1) != 0)
		return false;
	char *end;
	long cpu = strtol(line + sizeof start - 1, &end, 10);
	if (strncmp(end, middle, sizeof middle - 1) != 0)
		return false;
	parsed->cpu = cpu >= 0 && cpu < INT32_MAX ? (int)cpu : -1;
	parsed->lost = strtoull(end + sizeof middle - 1, NULL, 10);
	return parsed->lost > 0;
}

/* Where the thread's id ends that stands before the bracket, behind which the process may stand: "-1234 (1200) [". */
static char *find_pid_end(char *text, char *bracket)
{
	char *before = bracket;
	while (before > text && before[-1] == ' ')
		before--;
	if (before > text && before[-1] == ')')
		while (before > text && before[-1] != '(')
			before--;
	while (before > text && (before[-1] == ' ' || before[-1] == '('))
		before--;
	return before;
}

static char *find_pid(char *text, char *end)
{
	while (end > text && is_digit(end[-1]))
		end--;
	return end;
}

/* The '[' of "[001]" behind "-1234 " or "-1234 (1200) ": what stands before may be any name. */
static char *find_cpu(char *text)
{
	for (char *bracket = strchr(text, '['); bracket; bracket = strchr(bracket + 1, '[')) {
		size_t digits = strspn(bracket + 1, "0123456789");
		if (digits < 3 || bracket[1 + digits] != ']')
			continue;
		char *end = find_pid_end(text, bracket), *pid = find_pid(text, end);
		if (pid < end && pid > text && pid[-1] == '-')
			return bracket;
	}
	return NULL;
}

/* "5678.901234" as nanoseconds; clocks that count have no dot. */
static uint64_t read_time(const char *text)
{
	char *end;
	uint64_t whole = strtoull(text, &end, 10), fraction = 0, scale = 1000000000U;
	if (*end != '.')
		return whole;
	for (const char *digit = end + 1; is_digit(*digit) && scale > 1; digit++) {
		scale /= 10;
		fraction += (uint64_t)(*digit - '0') * scale;
	}
	return whole > UINT64_MAX / 1000000000U - 1 ? 0 : whole * 1000000000U + fraction;
}

/* The bracket is one of find_cpu(). */
static void cut_task(char *text, char *bracket, struct lade_trace_line *parsed)
{
	char *end = find_pid_end(text, bracket), *pid = find_pid(text, end);
	*end = '\0';
	parsed->pid = (uint32_t)strtoul(pid, NULL, 10);
	pid[-1] = '\0';
	parsed->task = text;
}

void lade_line_parse(const char *line, char *scratch, struct lade_trace_line *ret_line)
{
	struct lade_trace_line parsed = { .size = sizeof parsed, .line = line, .cpu = -1 };
	char *text = scratch + strspn(scratch, " "), *bracket = find_cpu(text);
	*ret_line = parsed;
	if (!bracket) {
		if (parse_lost(scratch, &parsed))
			*ret_line = parsed;
		return;
	}
	parsed.cpu = (int)strtol(bracket + 1, NULL, 10);
	char *rest = strchr(bracket, ']') + 1, *word = rest + strspn(rest, " ");
	/* Flags, if the option is on, and the time with its ':'. */
	for (char *end = word; *word; word = end + strspn(end, " ")) {
		end = word + strcspn(word, " ");
		if (end > word && end[-1] == ':' && is_digit(*word)) {
			parsed.time_ns = read_time(word);
			word = end + strspn(end, " ");
			break;
		}
	}
	char *colon = strstr(word, ": ");
	if (!colon)
		return;
	cut_task(text, bracket, &parsed);
	*colon = '\0';
	parsed.function = word;
	parsed.text = colon + 2;
	*ret_line = parsed;
}
