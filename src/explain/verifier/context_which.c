/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "invalid bpf_context access" names no structure. A log with source lines has the fields' names beside the reads
 * ("skops->remote_ip4", offset 24); one without them shows at which offsets the packet's pointers were read; else the
 * section tells the program's type.
 */
#include "explain/verifier/context_which.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/context_table.h"
#include "explain/verifier/line.h"

#define LINES_MAX 4096 /* that are looked at */

static const char *string(uint16_t offset)
{
	return lade_context_text + offset;
}

/* Fields of a structure stand together in the table. */
uint32_t lade_context_bit(uint16_t field)
{
	unsigned index = 0;

	for (uint16_t i = 1; i <= field; i++)
		index += lade_context_fields[i].structure != lade_context_fields[i - 1].structure;
	return UINT32_C(1) << index;
}

static uint32_t bit_of(const char *structure)
{
	for (uint16_t i = 0; i < lade_context_field_count; i++)
		if (strcmp(string(lade_context_fields[i].structure), structure) == 0)
			return lade_context_bit(i);
	return CONTEXT_OTHER;
}

static bool has(const struct span *text, const char *words)
{
	return lade_search(text->text, text->length, words, strlen(words)) != NULL;
}

/* ---- reads ---- */

struct access {
	unsigned long offset, size; /* of the memory that is read, in bytes */
};

/* "r2 = *(u64 *)(r1 +24)"; not of the stack. */
static bool take_read(const struct span *instruction, struct access *ret_access)
{
	const char *at = lade_search(instruction->text, instruction->length, " = *(u", 6);
	unsigned bits, reg, offset;
	char copy[40];

	if (!at)
		return false;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)(instruction->text + instruction->length - at), at);
	if (sscanf(copy, " = *(u%2u *)(r%2u +%5u)", &bits, &reg, &offset) != 3 || reg >= 10)
		return false;
	*ret_access = (struct access){ offset, bits / 8 };
	return true;
}

/* "skops->remote_ip4": the whole name. */
static bool names_field(const struct span *source, const char *field)
{
	char words[48];
	const char *at = source->text, *end = source->text + source->length;
	const int length = snprintf(words, sizeof words, "->%s", field);

	while ((at = lade_search(at, (size_t)(end - at), words, (size_t)length))) {
		at += length;
		if (at == end || (!isalnum((unsigned char)*at) && *at != '_'))
			return true;
	}
	return false;
}

/* Structures with a field there of which the source line has the name. */
static uint32_t named_by(const struct span *source, const struct access *access)
{
	uint32_t which = 0;

	for (uint16_t i = 0; source->length && i < lade_context_field_count; i++) {
		const struct context_field *field = &lade_context_fields[i];
		/* Two that were joined: the line may be that of the second one. */
		if (field->offset < access->offset + access->size &&
		    access->offset < (unsigned long)field->offset + field->size &&
		    names_field(source, string(field->field)))
			which |= lade_context_bit(i);
	}
	return which;
}

/* Offsets of 4 bytes that were read, which in some structures are the packet's pointers. */
struct reads {
	bool xdp[2], skb[2], has_packet;
};

static void note_read(const struct access *access, struct reads *reads)
{
	if (access->size != 4)
		return;
	for (size_t i = 0; i < 2; i++) {
		reads->xdp[i] |= access->offset == 4 * i;
		reads->skb[i] |= access->offset == 76 + 4 * i;
	}
}

static uint32_t by_packet(const struct reads *reads)
{
	const bool is_xdp = reads->xdp[0] && reads->xdp[1], is_skb = reads->skb[0] && reads->skb[1];

	if (!reads->has_packet || is_xdp == is_skb)
		return CONTEXT_ANY;
	return bit_of(is_xdp ? "xdp_md" : "__sk_buff");
}

/* "int count(struct __sk_buff *skb)" in a source line: a parameter, and no cast. */
static bool has_parameter(const struct span *log, const char *structure)
{
	static const char *const stars[] = { " *", "*", " * " };
	const char *end = log->text + log->length;
	char words[48];

	for (size_t i = 0; i < ELEMENTS(stars); i++) {
		const int length = snprintf(words, sizeof words, "(struct %s%s", structure, stars[i]);
		const char *at = lade_search(log->text, log->length, words, (size_t)length);
		if (at && at + length < end && (isalpha((unsigned char)at[length]) || at[length] == '_'))
			return true;
	}
	return false;
}

/* "trace_event_raw_sched_switch" of vmlinux.h, "tracepoint__sched__sched_switch" of bcc, "sched_switch_args" by custom;
 * a raw tracepoint has arguments and no record. */
static bool is_record(const struct span *name)
{
	static const char *const begins[] = { "trace_event_raw_", "tracepoint__", "syscall_trace_" };
	static const char end[] = "_args", raw[] = "bpf_raw_tracepoint_args";
	const size_t length = strlen(end);

	for (size_t i = 0; i < ELEMENTS(begins); i++)
		if (lade_span_starts(name, begins[i]))
			return true;
	return name->length > length && memcmp(name->text + name->length - length, end, length) == 0 &&
	       !(name->length == strlen(raw) && lade_span_starts(name, raw));
}

/* "int on_switch(struct sched_switch_args *args)" in a source line. */
static bool has_record(const struct span *log)
{
	static const char mark[] = "(struct ";
	const char *at = log->text, *end = log->text + log->length;

	while ((at = lade_search(at, (size_t)(end - at), mark, strlen(mark)))) {
		struct span name = { at += strlen(mark), 0 };
		while (at < end && lade_is_of_name(*at))
			at++;
		name.length = (size_t)(at - name.text);
		if (!is_record(&name))
			continue;
		while (at < end && (*at == ' ' || *at == '*'))
			at++;
		if (at < end && lade_is_of_name(*at))
			return true;
	}
	return false;
}

static uint32_t by_parameter(const struct span *log)
{
	uint32_t which = has(log, "(struct ") && has_record(log) ? CONTEXT_RECORD : 0;
	uint16_t before = UINT16_MAX;

	for (uint16_t i = 0; has(log, "(struct ") && i < lade_context_field_count; i++) {
		const uint16_t structure = lade_context_fields[i].structure;
		if (structure != before && has_parameter(log, string(structure)))
			which |= lade_context_bit(i);
		before = structure;
	}
	return which;
}

uint32_t lade_context_by_log(const struct span *log)
{
	const char *at = log->text, *end = log->text + log->length;
	uint32_t which = by_parameter(log), named = CONTEXT_ANY;
	struct span source = { "", 0 };
	struct reads reads = { .has_packet = has(log, "=pkt(") && has(log, "=pkt_end(") };

	for (unsigned lines = 0; !which && at < end && lines < LINES_MAX; lines++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const struct verifier_line line = lade_verifier_line(at, (size_t)((newline ? newline : end) - at));
		struct access access;
		at = newline ? newline + 1 : end;
		if (line.kind == VERIFIER_SOURCE)
			source = line.text;
		if (line.kind != VERIFIER_INSTRUCTION || !take_read(&line.text, &access))
			continue;
		const uint32_t here = named_by(&source, &access);
		/* The last read is the one that was refused: it counts more than those before it. */
		if (here)
			named = named & here ? named & here : here;
		note_read(&access, &reads);
	}
	return which ? which : named != CONTEXT_ANY ? named : by_packet(&reads);
}

/* ---- sections ---- */

/* By the beginning of the name; the longer ones first. NULL: none that the table has. */
static const struct {
	const char *begins, *structure;
} sections[] = {
	{ "xdp", "xdp_md" },
	{ "cgroup_skb", "__sk_buff" },
	{ "cgroup/skb", "__sk_buff" },
	{ "cgroup/getsockopt", "bpf_sockopt" },
	{ "cgroup/setsockopt", "bpf_sockopt" },
	{ "cgroup/sock_", "bpf_sock" },
	{ "cgroup/post_bind", "bpf_sock" },
	{ "cgroup/dev", "bpf_cgroup_dev_ctx" },
	{ "cgroup/sysctl", "bpf_sysctl" },
	{ "cgroup/bind", "bpf_sock_addr" },
	{ "cgroup/connect", "bpf_sock_addr" },
	{ "cgroup/sendmsg", "bpf_sock_addr" },
	{ "cgroup/recvmsg", "bpf_sock_addr" },
	{ "cgroup/getpeername", "bpf_sock_addr" },
	{ "cgroup/getsockname", "bpf_sock_addr" },
	{ "tc/", "__sk_buff" },
	{ "tc'", "__sk_buff" },
	{ "tc\"", "__sk_buff" },
	{ "tcx", "__sk_buff" },
	{ "netkit", "__sk_buff" },
	{ "classifier", "__sk_buff" },
	{ "action", "__sk_buff" },
	{ "socket", "__sk_buff" },
	{ "lwt_", "__sk_buff" },
	{ "flow_dissector", "__sk_buff" },
	{ "sk_skb", "__sk_buff" },
	{ "sk_msg", "sk_msg_md" },
	{ "sk_lookup", "bpf_sk_lookup" },
	{ "sk_reuseport", "sk_reuseport_md" },
	{ "sockops", "bpf_sock_ops" },
	{ "perf_event", "bpf_perf_event_data" },
	{ "kprobe", NULL },
	{ "kretprobe", NULL },
	{ "uprobe", NULL },
	{ "uretprobe", NULL },
	{ "tp_btf/", NULL },
	{ "raw_tp", NULL },
	{ "raw_tracepoint", NULL },
	{ "fentry", NULL },
	{ "fexit", NULL },
	{ "lsm", NULL },
	{ "iter/", NULL },
};

static uint32_t of_section(const char *name, size_t length)
{
	const struct span rest = { name, length };

	if (lade_span_starts(&rest, "tracepoint") || lade_span_starts(&rest, "tp/"))
		return CONTEXT_RECORD;
	for (size_t i = 0; i < ELEMENTS(sections); i++)
		if (lade_span_starts(&rest, sections[i].begins))
			return sections[i].structure ? bit_of(sections[i].structure) : CONTEXT_OTHER;
	return 0;
}

/* All that stand behind one of the marks. */
static uint32_t behind(const struct span *text, const char *mark)
{
	const char *end = text->text + text->length, *at = text->text;
	uint32_t which = 0;

	while ((at = lade_search_long(at, (size_t)(end - at), mark, strlen(mark)))) {
		at += strlen(mark);
		which |= of_section(at, (size_t)(end - at));
	}
	return which;
}

/* "libbpf: sec 'xdp': found program 'count' at insn offset 0" */
static uint32_t of_program(const struct span *text, const char *program)
{
	static const char mark[] = "sec '";
	char words[128];
	const int length = snprintf(words, sizeof words, "': found program '%.90s'", program);
	const char *at = lade_search_long(text->text, text->length, words, (size_t)length), *start = at;

	while (start && start > text->text && start[-1] != '\n' && start[-1] != '\'')
		start--;
	if (!start || start < text->text + strlen(mark) || memcmp(start - strlen(mark), mark, strlen(mark)) != 0)
		return 0;
	return of_section(start, (size_t)(text->text + text->length - start));
}

uint32_t lade_context_by_section(const struct span *text, const char *program)
{
	/* The last one is bpftrace's, which names the probe. */
	static const char *const marks[] = {
		"SEC(\"", "SEC('", "sec '", "section '", "section \"", "Prog section '", "Error loading program: "
	};
	static const struct {
		const char *type, *structure;
	} types[] = {
		{ "BPF_PROG_TYPE_XDP", "xdp_md" },          { "BPF_PROG_TYPE_SCHED_CLS", "__sk_buff" },
		{ "BPF_PROG_TYPE_SCHED_ACT", "__sk_buff" }, { "BPF_PROG_TYPE_SOCK_OPS", "bpf_sock_ops" },
		{ "BPF_PROG_TYPE_SK_MSG", "sk_msg_md" },    { "BPF_PROG_TYPE_SK_SKB", "__sk_buff" },
	};
	uint32_t which = program ? of_program(text, program) : 0;

	if (which)
		return which;
	for (size_t i = 0; i < ELEMENTS(marks); i++)
		which |= behind(text, marks[i]);
	for (size_t i = 0; i < ELEMENTS(types); i++)
		if (lade_search_long(text->text, text->length, types[i].type, strlen(types[i].type)))
			which |= bit_of(types[i].structure);
	return which ? which : CONTEXT_ANY;
}
