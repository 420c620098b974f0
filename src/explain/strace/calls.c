/* SPDX-License-Identifier: BSD-2-Clause */
/* What a system call that strace saw means: its operation, its names, the verifier's log in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain/tools/operations.h"
#include "explain/reading/search.h"
#include "explain/found/others.h"
#include "explain/strace/strace.h"
#include "object/sections_table.h"

static const char *string(uint32_t offset)
{
	return lade_explain_strings + offset;
}

static const struct {
	const char *command, *operation; /* operation NULL: its failures mean nothing */
} commands[] = {
	{ "BPF_MAP_CREATE", "map_create" },      { "BPF_PROG_LOAD", "prog_load" },
	{ "BPF_BTF_LOAD", "btf_load" },          { "BPF_OBJ_PIN", "pin" },
	{ "BPF_OBJ_GET_INFO_BY_FD", NULL },      { "BPF_OBJ_GET", "get" },
	{ "BPF_PROG_ATTACH", "prog_attach" },    { "BPF_LINK_CREATE", "link_create" },
	{ "BPF_LINK_UPDATE", "link_create" },    { "BPF_RAW_TRACEPOINT_OPEN", "raw_tracepoint" },
	{ "BPF_MAP_UPDATE_ELEM", "map_update" }, { "BPF_MAP_UPDATE_BATCH", "map_update" },
	{ "BPF_MAP_DELETE_ELEM", "map_delete" }, { "BPF_MAP_LOOKUP_ELEM", "map_lookup" },
	{ "BPF_MAP_FREEZE", "map_freeze" },      { "BPF_PROG_TEST_RUN", "test_run" },
	{ "BPF_PROG_RUN", "test_run" },          { "BPF_ITER_CREATE", "link_create" },
	{ "BPF_TOKEN_CREATE", "token" },         { "BPF_PROG_QUERY", "prog_query" },
};

static bool starts(const struct span *span, const char *word)
{
	return span->length >= strlen(word) && memcmp(span->text, word, strlen(word)) == 0;
}

bool lade_traced_has(const struct span *span, const char *word)
{
	return lade_search(span->text, span->length, word, strlen(word)) != NULL;
}

/* The command by name or, where strace does not know bpf(2), by number. */
const char *lade_traced_command(const struct traced_call *call)
{
	char text[24] = "";
	size_t length = call->arguments.length < sizeof text - 1 ? call->arguments.length : sizeof text - 1;
	char *end;
	unsigned long number;

	memcpy(text, call->arguments.text, length);
	number = strtoul(text, &end, 0);
	if (end != text && number < lade_command_name_count && lade_command_names[number])
		return lade_command_names[number];
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (starts(&call->arguments, commands[i].command))
			return commands[i].command;
	return NULL;
}

static const char *bpf_operation(const struct traced_call *call)
{
	const char *command = lade_traced_command(call);

	for (size_t i = 0; command && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(command, commands[i].command) == 0)
			return commands[i].operation;
	/* Other commands ask: only what is true of all of them counts. */
	return call->errnum == ENOSYS || call->errnum == EPERM ? "bpf" : NULL;
}

static const char *open_operation(const struct traced_call *call)
{
	static const struct {
		const char *path, *operation;
	} paths[] = { { "/sys/kernel/btf/vmlinux\"", "btf_kernel" },
		      { "tracing/events/", "tracepoint" },
		      { "kprobe_events\"", "tracefs" },
		      { "uprobe_events\"", "tracefs" } };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (lade_traced_has(&call->arguments, paths[i].path))
			return paths[i].operation;
	return NULL;
}

/* NULL: not about BPF. */
static const char *operation_of(const struct traced_call *call)
{
	switch (call->kind) {
	case CALL_BPF:
		return bpf_operation(call);
	case CALL_PERF_EVENT_OPEN:
		return "perf_event";
	case CALL_IOCTL:
		return lade_traced_has(&call->arguments, "PERF_EVENT_IOC_SET_BPF") ||
				       lade_traced_has(&call->arguments, "0x40042408")
			       ? "set_bpf"
			       : NULL;
	case CALL_SETSOCKOPT:
		return lade_traced_has(&call->arguments, "SO_ATTACH_BPF") ? "so_attach" : NULL;
	case CALL_OPEN:
		return open_operation(call);
	case CALL_LIMIT:
		return lade_traced_has(&call->arguments, "RLIMIT_MEMLOCK") ? "memlock" : NULL;
	case CALL_MOUNT:
		return lade_traced_has(&call->arguments, "\"bpf\"") || lade_traced_has(&call->arguments, "/sys/fs/bpf")
			       ? "mount"
			       : NULL;
	case CALL_WRITE: /* "p:kprobes/p_do_x do_x" to kprobe_events */
		return lade_traced_has(&call->arguments, "\"p:kprobes/") ||
				       lade_traced_has(&call->arguments, "\"r:kprobes/")
			       ? "kprobe"
		       : lade_traced_has(&call->arguments, "\"p:uprobes/") ||
				       lade_traced_has(&call->arguments, "\"r:uprobes/")
			       ? "uprobe"
			       : NULL;
	}
	return NULL;
}

/* What is attached to: its own table knows more than that of all links. */
static const struct explain_operation *row_of(const struct traced_call *call, const char *operation)
{
	static const struct {
		const char *type, *operation;
	} places[] = { { "BPF_XDP", "xdp" }, { "BPF_CGROUP_", "cgroup" } };
	const struct explain_operation *row;
	struct span type;

	if (strcmp(operation, "link_create") == 0 && lade_call_field(call, "attach_type", &type))
		for (size_t i = 0; i < sizeof places / sizeof *places; i++)
			if (starts(&type, places[i].type) &&
			    (row = lade_failure_find(places[i].operation, call->errnum)) && row->errnum)
				return row;
	return lade_failure_find(operation, call->errnum);
}

/* ---- the verifier's log, as a C string ---- */

static size_t unescape_one(const char *text, size_t length, char *ret_byte)
{
	static const char letters[] = "ntr\"\\'", bytes[] = "\n\t\r\"\\'";
	const char *letter = length > 1 ? strchr(letters, text[1]) : NULL;
	size_t used = 1;

	*ret_byte = *text;
	if (*text != '\\' || length < 2)
		return 1;
	if (letter && *letter) {
		*ret_byte = bytes[letter - letters];
		return 2;
	}
	for (*ret_byte = 0; used < length && used < 4 && text[used] >= '0' && text[used] <= '7'; used++)
		*ret_byte = (char)(*ret_byte * 8 + (text[used] - '0'));
	return used > 1 ? used : 2;
}

static void read_log(struct lade_explanation *explanation, const struct span *escaped, size_t number)
{
	struct strbuf line = { 0 };

	lade_explanation_log_end(explanation, number);
	explanation->in_log = true;
	explanation->is_bare = false;
	explanation->log_line = number;
	for (size_t i = 0; i < escaped->length;) {
		const char *at = escaped->text + i, *backslash = memchr(at, '\\', escaped->length - i);
		size_t plain = backslash ? (size_t)(backslash - at) : escaped->length - i;
		char byte;
		lade_strbuf_add_bytes(&line, at, plain);
		i += plain;
		if (!backslash)
			break;
		i += unescape_one(escaped->text + i, escaped->length - i, &byte);
		if (byte != '\n') {
			lade_strbuf_add_bytes(&line, &byte, 1);
			continue;
		}
		struct span span = { line.text ? line.text : "", line.length };
		lade_explanation_log(explanation, &span);
		lade_strbuf_clear(&line);
	}
	struct span rest = { line.text ? line.text : "", line.length };
	lade_explanation_log(explanation, &rest);
	lade_strbuf_clear(&line);
	lade_explanation_log_end(explanation, number);
}

/* ---- findings ---- */

static void add_program(const struct traced_call *call, struct lade_finding *finding)
{
	struct span type, count;
	uint64_t instructions;

	if (!lade_call_field(call, "prog_type", &type) || !lade_call_field(call, "insn_cnt", &count))
		return;
	finding_evidence(finding, "program type %.*s, %.*s instructions", (int)type.length, type.text,
			 (int)count.length, count.text);
	if (call->errnum != E2BIG || !lade_call_number(call, "insn_cnt", &instructions))
		return;
	if (instructions && instructions <= 1000000)
		return;
	finding_cause(finding, "a program has 1 to 1,000,000 instructions (4096 before 5.2, or without CAP_BPF)");
	finding_confidence(finding, LADE_CERTAIN);
}

/* To be freed; NULL: it has none. */
static char *name_of(const struct traced_call *call, const char *field)
{
	struct span name;

	return lade_call_field(call, field, &name) ? lade_text_of(&name) : NULL;
}

static bool is_of_element(const char *operation)
{
	return strcmp(operation, "map_update") == 0 || strcmp(operation, "map_delete") == 0 ||
	       strcmp(operation, "map_lookup") == 0;
}

/* Who made a map of the type may make another one; false: none was made. */
static bool describe_limit(const struct lade_explanation *explanation, const struct traced_call *call,
			   struct lade_finding *finding)
{
	uint32_t type = lade_traced_map_type(call);
	size_t line = call->errnum == EPERM && type ? lade_traced_line_of(explanation, type) : 0;

	if (!line)
		return false;
	finding_cause(finding,
		      "a map of this type was made before (line %zu), so that no capability is missing: it is "
		      "RLIMIT_MEMLOCK, to which kernels before 5.11 charge all maps and programs",
		      line);
	finding_fix(finding, "ulimit -l unlimited, or setrlimit() in the loader before it loads (libbpf 1.0 and newer "
			     "libraries do); systemd: LimitMEMLOCK=infinity; a kernel from 5.11 on");
	finding_confidence(finding, LADE_LIKELY);
	lade_traced_map(call, finding);
	return true;
}

static void describe(const struct lade_explanation *explanation, const struct traced_call *call, const char *operation,
		     const struct explain_operation *row, struct lade_finding *finding)
{
	bool is_element = is_of_element(operation), is_map = strcmp(operation, "map_create") == 0;

	if (is_element && lade_traced_element(explanation, call, operation, finding))
		return;
	if (is_map && describe_limit(explanation, call, finding))
		return;
	lade_operation_describe(row, call->errnum, finding);
	if (!call->errnum)
		finding_cause(finding, "the call failed, and with which error is cut away here");
	if (is_element)
		(void)lade_traced_element(explanation, call, operation, finding);
	add_program(call, finding);
	lade_traced_since(call, finding);
	if (is_map)
		lade_traced_map(call, finding);
	(void)lade_traced_attribute(call, finding);
	/* What the call itself proves leaves no other cause. */
	if (finding->confidence == LADE_CERTAIN)
		lade_drop_others(&finding->evidence, NULL);
}

static bool is_note(const char *operation, const struct traced_call *call)
{
	return strcmp(operation, "btf_kernel") == 0 || strcmp(operation, "memlock") == 0 ||
	       strcmp(operation, "prog_query") == 0 || (strcmp(operation, "get") == 0 && call->errnum == ENOENT);
}

/* strace shows the beginning of a log, if it is long. */
static bool is_log_cut(const struct span *log, const struct span *line)
{
	return log->text + log->length + 3 < line->text + line->length &&
	       memcmp(log->text + log->length, "\"...", 4) == 0;
}

/* Elements that are not there are asked for and taken away every day. */
static bool is_nothing(const char *operation, const struct traced_call *call)
{
	return call->errnum == ENOENT && is_of_element(operation) && strcmp(operation, "map_update") != 0;
}

/* A call that failed, the first time. */
static void add(struct lade_explanation *explanation, const struct traced_call *call,
		const struct explain_operation *row, const struct explained_key *key, const struct span *line,
		struct explained *item)
{
	struct span log;

	item->line = lade_text_of(line);
	item->finding = lade_explanation_finding(explanation, key->code, item->line);
	finding_map(item->finding, key->map);
	finding_program(item->finding, key->program);
	if (item->role == LADE_EXPLAINED_NOTE && item->is_try)
		finding_cause(item->finding, LADE_TRIED);
	else
		describe(explanation, call, item->traced, row, item->finding);
	if (lade_call_field(call, "log_buf", &log) && is_log_cut(&log, line))
		finding_evidence(item->finding, "strace cut the verifier's log: strace -s 65536 -v shows all of it");
	lade_explanation_keep(explanation, item);
}

static void add_failure(struct lade_explanation *explanation, const struct traced_call *call,
			const struct explain_operation *row, const struct span *line, struct explained *item)
{
	CLEANUP(cleanup_free) char *program = name_of(call, "prog_name");
	CLEANUP(cleanup_free)
	char *map = is_of_element(item->traced) ? lade_traced_map_name(explanation, call) : name_of(call, "map_name");
	const struct explained_key key = {
		.code = string(row->code),
		.rule = item->rule,
		.errnum = item->errnum,
		.map = map,
		.program = program,
		.instruction = -1,
		.is_try = item->is_try,
	};
	bool is_counted = lade_explanation_counted(explanation, &key, item->first_line);
	struct explained *known = is_counted ? lade_explanation_find(explanation, &key) : NULL;

	/* What there is no room for is not looked at. */
	if (!is_counted || known)
		lade_traced_newest(call, &item->newest);
	if (!is_counted)
		add(explanation, call, row, &key, line, item);
	if (known)
		lade_traced_again(known, item);
	lade_explanation_name(explanation, NAMED_PROGRAM,
			      &(struct span){ program ? program : "", program ? strlen(program) : 0 });
}

bool lade_explanation_traced(struct lade_explanation *explanation, const struct traced_call *call,
			     const struct span *line, size_t number)
{
	const char *operation = operation_of(call);
	/* "= -1": somebody cut the error away. */
	bool has_failed = call->errnum || (call->kind == CALL_BPF && call->result == -1);
	const struct explain_operation *row = operation && has_failed ? row_of(call, operation) : NULL;
	enum traced_try try = lade_traced_try(call);
	struct explained item = { .rule = explanation->call_rule,
				  .traced = operation,
				  .errnum = call->errnum,
				  .is_try = try != TRY_NOT,
				  .times = 1,
				  .first_line = number,
				  .last_line = number,
				  .cause = SIZE_MAX };
	struct span log;

	if (operation && !has_failed) {
		lade_traced_made(explanation, call, operation, number);
		lade_traced_forgive(explanation, call, operation, number);
	}
	/* As BPF_MAP_GET_FD_BY_ID: its descriptor may have been another map's before. */
	if (!operation && !has_failed)
		lade_traced_made(explanation, call, "", number);
	if (!operation || !has_failed || is_nothing(operation, call))
		return call->kind == CALL_BPF;
	if (!row)
		return false;
	item.role = is_note(operation, call) || try == TRY_SURELY ? LADE_EXPLAINED_NOTE : LADE_EXPLAINED_ERROR;
	item.asked = lade_traced_asked(call, operation);
	add_failure(explanation, call, row, line, &item);
	lade_traced_failed(explanation, operation);
	if (lade_call_field(call, "log_buf", &log) && log.length && log.text[-1] == '"')
		read_log(explanation, &log, number);
	return true;
}
