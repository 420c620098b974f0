/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bcc says "cannot attach kprobe, …" and libbpf "kprobe perf_event_open() failed", and no name: the line behind it has
 * the function. Those of security modules' hooks are empty inline functions where the kernel was built without them.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_NEAR 8 /* between the failure and the name, at most */
#define ITEMS_MAX  8 /* for which the text is searched */
#define NAME_BYTES 128
#define RENAMED    (4 << 8 | 17) /* the functions of system calls */

static bool is_of_name(char byte)
{
	return lade_is_letter(byte) || lade_is_digit(byte) || byte == '_' || byte == '.';
}

static bool take_name(const char *at, const char *end, char name[NAME_BYTES])
{
	size_t length = 0;

	while (at + length < end && is_of_name(at[length]) && length < NAME_BYTES - 1)
		length++;
	(void)snprintf(name, NAME_BYTES, "%.*s", (int)length, at);
	return length > 0;
}

/* "vfs_read+16": probe_offset.c's. */
static bool is_place(const struct mention *line, const char *behind)
{
	return behind < line->text.text + line->text.length && *behind == '+';
}

/* Of bcc in C++, in Python, of gobpf, and of bpftrace. 0: no line names it. */
static size_t find_name(const struct span *text, size_t number, char name[NAME_BYTES], bool *ret_is_script)
{
	static const char *const marks[] = { "probe for ",  "probe b'",   "'kprobe:",      "probe \"",
					     "'kretprobe:", "to kprobe ", "to kretprobe ", "create kprobe '" };
	struct mention line;

	for (bool is_there = lade_line_at(text, number, &line); is_there && line.number <= number + LINES_NEAR;
	     is_there = lade_next_line(text, &line))
		for (size_t j = 0; j < ELEMENTS(marks); j++) {
			const char *mark = lade_in_mention(&line, marks[j]);
			*ret_is_script = strchr(marks[j], ':') != NULL; /* bpftrace's */
			if (mark && take_name(mark + strlen(marks[j]), line.text.text + line.text.length, name))
				return is_place(&line, mark + strlen(marks[j]) + strlen(name)) ? 0 : line.number;
		}
	return 0;
}

/* ---- hooks of security modules ---- */

static const char *option_of(const char *name)
{
	static const struct {
		const char *begin, *option;
	} options[] = {
		{ "security_socket_", "CONFIG_SECURITY_NETWORK" },    { "security_sk_", "CONFIG_SECURITY_NETWORK" },
		{ "security_sock_", "CONFIG_SECURITY_NETWORK" },      { "security_unix_", "CONFIG_SECURITY_NETWORK" },
		{ "security_inet_", "CONFIG_SECURITY_NETWORK" },      { "security_tun_", "CONFIG_SECURITY_NETWORK" },
		{ "security_sctp_", "CONFIG_SECURITY_NETWORK" },      { "security_req_", "CONFIG_SECURITY_NETWORK" },
		{ "security_xfrm_", "CONFIG_SECURITY_NETWORK_XFRM" }, { "security_ib_", "CONFIG_SECURITY_INFINIBAND" },
		{ "security_path_", "CONFIG_SECURITY_PATH" },         { "security_", "CONFIG_SECURITY" },
	};

	for (size_t i = 0; i < ELEMENTS(options); i++)
		if (strncmp(name, options[i].begin, strlen(options[i].begin)) == 0)
			return options[i].option;
	return NULL;
}

static void blame_option(struct explained *item, const char *name)
{
	const char *option = option_of(name);

	if (!option)
		return;
	lade_drop_others(&item->finding->evidence, NULL);
	finding_cause(item->finding,
		      "the kernel has no function %s that could be probed: the hooks of security modules are functions "
		      "where %s is set, and else empty inline ones; or this version has no such hook",
		      name, option);
	finding_fix(item->finding,
		    "grep %s /proc/kallsyms; zgrep %s= /proc/config.gz (or in /boot/config-$(uname -r)): a kernel with "
		    "%s=y, or a function that each kernel has in its place (sock_sendmsg, vfs_open …)",
		    name, option, option);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

/* ---- any function ---- */

/* Those of system calls have other names on each machine. */
static bool is_call(const char *name)
{
	return strncmp(name, "sys_", 4) == 0 || strncmp(name, "SyS_", 4) == 0 || strstr(name, "_sys_");
}

/* "sys_execve", "SyS_execve", which kernels before 4.17 have: the call's own name; NULL: another function. */
static const char *call_of(const char *name)
{
	return strncmp(name, "sys_", 4) == 0 || strncmp(name, "SyS_", 4) == 0 ? name + 4 : NULL;
}

static void blame_call(struct explained *item, const char *name, bool is_script, const struct kernel_known *kernel)
{
	const char *call = call_of(name);

	if (item->is_settled || !call || !*call || (kernel->high && kernel->high < RENAMED))
		return;
	finding_cause(item->finding,
		      "the kernel has no function %s: since 4.17 those of system calls carry the machine's name "
		      "(__x64_sys_%s, on arm64 __arm64_sys_%s)",
		      name, call, call);
	if (is_script)
		finding_fix(item->finding,
			    "tracepoint:syscalls:sys_enter_%s, which every machine has that has the call (bpftrace -lv "
			    "shows "
			    "its args); or kprobe:__x64_sys_%s, where arg0 is only the address of the arguments: "
			    "((struct pt_regs *)arg0)->di is the first",
			    call, call);
	else
		finding_fix(item->finding,
			    "b.get_syscall_fnname(\"%s\") gives the name on this machine (the probe's function is then "
			    "called syscall__%s(ctx, …)); or TRACEPOINT_PROBE(syscalls, sys_enter_%s), on every "
			    "machine that has the call; or a newer version of the tool",
			    call, call, call);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

/* "kprobe:sys_execve", "sys_execve is not traceable": bpftrace's own lines have the name. */
static bool take_call(const char *line, char name[NAME_BYTES])
{
	static const char *const begins[] = { "kprobe:", "kretprobe:", "WARNING: " };

	for (size_t i = 0; line && i < ELEMENTS(begins); i++) {
		const char *at = strstr(line, begins[i]);
		const bool is_there = at && take_name(at + strlen(begins[i]), at + strlen(at), name);
		if (is_there && call_of(name) && (*begins[i] == 'k' || strstr(at, " is not traceable")))
			return true;
	}
	return false;
}

/* With its name no more is said than is true of it. */
static void blame_name(struct explained *item, const char *name)
{
	if (item->is_settled || is_call(name))
		return;
	lade_drop_others(&item->finding->evidence, NULL);
	finding_cause(item->finding,
		      "the kernel has no function %s to probe: this version has none, it was renamed, inlined or made "
		      "static by the compiler (%s.isra.0), or its module is not loaded",
		      name, name);
	finding_fix(item->finding,
		    "grep %s /proc/kallsyms /sys/kernel/tracing/available_filter_functions for near names; a version "
		    "of the "
		    "tool that knows this kernel; a tracepoint or fentry on a stable function",
		    name);
	item->is_settled = true;
}

/* In the failure's own line. */
static bool take_hook(const char *line, char name[NAME_BYTES])
{
	static const char begin[] = "security_";
	const char *at = line ? strstr(line, begin) : NULL;

	return at && (at == line || !is_of_name(at[-1])) && take_name(at, at + strlen(at), name);
}

/* ---- ---- */

static bool is_missing(const struct explained *item)
{
	return strcmp(item->finding->code, "attach.function.missing") == 0 && item->finding->confidence != LADE_CERTAIN;
}

static bool is_refused(const struct explained *item)
{
	return is_missing(item) || (strcmp(item->finding->code, "attach.function.untraceable") == 0 &&
				    item->finding->confidence != LADE_CERTAIN);
}

static bool is_of_libbpf(const struct explained *item)
{
	return strstr(item->line, "kprobe perf_event_open() failed") != NULL;
}

static bool is_nameless(const struct explained *item)
{
	return item->line && !item->word && (strstr(item->line, "cannot attach kprobe") || is_of_libbpf(item));
}

/* The name that a line near it has. */
static void name_it(struct explained *item, const struct span *text, const struct kernel_known *kernel)
{
	char name[NAME_BYTES];
	bool is_script = false;
	size_t line = find_name(text, item->first_line, name, &is_script);

	if (!line)
		return;
	finding_evidence(item->finding, "line %zu names the function: %s", line, name);
	if (!is_missing(item))
		return;
	blame_option(item, name);
	/* Its fix is of bcc. */
	if (!is_of_libbpf(item))
		blame_call(item, name, is_script, kernel);
	blame_name(item, name);
}

void lade_explanation_named_probe(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		char name[NAME_BYTES];
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding)
			continue;
		if (is_nameless(item) && looked++ < ITEMS_MAX)
			name_it(item, &span, &explanation->kernel);
		else if (is_refused(item) && take_call(item->line, name))
			blame_call(item, name, true, &explanation->kernel);
		else if (is_missing(item) && take_hook(item->line, name))
			blame_option(item, name);
	}
}
