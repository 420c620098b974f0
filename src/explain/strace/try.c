/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that failed and are no failure: with some a loader only finds out what the kernel knows, others are made once
 * more with less, and succeed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain/reading/search.h"
#include "explain/strace/strace.h"

#define TRY_TYPES        128 /* bytes of the BTF with which loaders try a kind of type */
#define TRY_INSTRUCTIONS 8
#define TRY_BYTES        8 /* of a key or a value */
#define TRY_RING         4096

static bool is_there(const struct traced_call *call, const char *words)
{
	return lade_traced_has(&call->arguments, words);
}

static uint64_t number_of(const struct traced_call *call, const char *field, uint64_t otherwise)
{
	uint64_t number;

	return lade_call_number(call, field, &number) ? number : otherwise;
}

/* Length 0: it has none, or strace knows no names. */
static struct span name_of(const struct traced_call *call)
{
	struct span name = { "", 0 };

	if (!lade_call_field(call, "prog_name", &name))
		(void)lade_call_field(call, "map_name", &name);
	return name;
}

static bool is_command(const char *command, const char *wanted)
{
	return command && strcmp(command, wanted) == 0;
}

/* ---- tries ---- */

/* Names that only libraries' own tries have, and names that others may have, too. */
static const struct {
	const char *name;
	bool is_beginning;
	enum traced_try try;
} names[] = {
	{ "libbpf_", true, TRY_SURELY },       { "det_arg_ctx", false, TRY_SURELY },
	{ "feature_test", false, TRY_SURELY }, { "bpf_obj_name_te", true, TRY_SURELY },
	{ "probe_", true, TRY_PERHAPS },       { "test", false, TRY_PERHAPS },
};

static enum traced_try by_name(const struct span *name)
{
	for (size_t i = 0; i < ELEMENTS(names); i++) {
		size_t length = strlen(names[i].name);
		if (name->length < length || memcmp(name->text, names[i].name, length) != 0 ||
		    (!names[i].is_beginning && name->length != length))
			continue;
		return names[i].try;
	}
	return TRY_NOT;
}

/* As little as a call can ask for. */
static bool is_tiny(const struct traced_call *call)
{
	uint64_t count = number_of(call, "insn_cnt", 0), entries = number_of(call, "max_entries", UINT64_MAX);

	if (count)
		return count <= TRY_INSTRUCTIONS;
	if (is_there(call, "BPF_MAP_TYPE_RINGBUF"))
		return entries == TRY_RING;
	return entries <= 1 && number_of(call, "key_size", UINT64_MAX) <= TRY_BYTES &&
	       number_of(call, "value_size", UINT64_MAX) <= TRY_BYTES;
}

static enum traced_try of_bpf(const struct traced_call *call)
{
	const char *command = lade_traced_command(call);
	const struct span name = name_of(call);
	enum traced_try try = by_name(&name);

	/* What no descriptor can be asked for only tells whether the command is there. */
	if (is_command(command, "BPF_LINK_CREATE") && is_there(call, "target_fd=-1"))
		return TRY_SURELY;
	if (is_command(command, "BPF_LINK_CREATE") && call->errnum == EBADF && is_there(call, "path=\"/\""))
		return TRY_PERHAPS;
	if (is_command(command, "BPF_BTF_LOAD"))
		return number_of(call, "btf_log_level", 1) == 0 && number_of(call, "btf_size", UINT64_MAX) <= TRY_TYPES
			       ? TRY_SURELY
			       : TRY_NOT;
	if (try == TRY_SURELY || (name.length && try == TRY_NOT))
		return try;
	return is_tiny(call) ? TRY_PERHAPS : TRY_NOT;
}

enum traced_try lade_traced_try(const struct traced_call *call)
{
	if (call->kind == CALL_PERF_EVENT_OPEN)
		return is_there(call, "config=PERF_COUNT_HW") ? TRY_SURELY : TRY_NOT;
	/* Newer loaders ask for a token wherever there is a bpffs, and go on without. */
	if (call->kind == CALL_BPF && is_command(lade_traced_command(call), "BPF_TOKEN_CREATE"))
		return TRY_SURELY;
	/* Those are true of everything that is asked. */
	if (call->kind != CALL_BPF || call->errnum == ENOSYS || call->errnum == EPERM)
		return TRY_NOT;
	return of_bpf(call);
}

/* ---- the same once more ---- */

/* The descriptor of the program that is attached; SIZE_MAX: not known. */
static uint64_t attached(const struct traced_call *call)
{
	static const char *const marks[] = { "PERF_EVENT_IOC_SET_BPF, ", "0x40042408, ", "SO_ATTACH_BPF, [" };
	static const char *const fields[] = { "prog_fd", "attach_bpf_fd" };
	uint64_t number;

	for (size_t i = 0; i < ELEMENTS(fields); i++)
		if (lade_call_number(call, fields[i], &number))
			return number;
	for (size_t i = 0; i < ELEMENTS(marks); i++) {
		const char *at = lade_search(call->arguments.text, call->arguments.length, marks[i], strlen(marks[i]));
		if (at)
			return strtoul(at + strlen(marks[i]), NULL, 0);
	}
	return SIZE_MAX;
}

/* By which of several ways does not matter. */
static const char *matter_of(const char *operation)
{
	static const char *const attaching[] = { "link_create", "set_bpf", "prog_attach", "raw_tracepoint",
						 "so_attach" };

	for (size_t i = 0; i < ELEMENTS(attaching); i++)
		if (strcmp(operation, attaching[i]) == 0)
			return "attach";
	return operation;
}

static uint64_t bit_of(const char *matter)
{
	return UINT64_C(1) << (lade_hash_add(0, matter, strlen(matter)) % 64);
}

static uint64_t add_field(uint64_t hash, const struct traced_call *call, const char *field)
{
	struct span value;

	return lade_call_field(call, field, &value) ? lade_hash_add(hash, value.text, value.length) : 0;
}

uint64_t lade_traced_asked(const struct traced_call *call, const char *operation)
{
	uint64_t hash = lade_hash_add(0, operation, strlen(operation)), descriptor;

	if (strcmp(operation, "prog_load") == 0) {
		hash = add_field(hash, call, "prog_type");
		return hash ? add_field(hash, call, "insn_cnt") : 0;
	}
	if (strcmp(operation, "map_create") == 0) {
		hash = add_field(hash, call, "map_type");
		hash = hash ? add_field(hash, call, "key_size") : 0;
		return hash ? add_field(hash, call, "value_size") : 0;
	}
	descriptor = strcmp(matter_of(operation), "attach") == 0 ? attached(call) : SIZE_MAX;
	return descriptor == SIZE_MAX ? 0 : lade_hash_add(0, &descriptor, sizeof descriptor);
}

struct success {
	const char *matter, *name; /* name NULL: it has none */
	uint64_t asked;
	size_t number;
	bool is_named;   /* the call has a field for it */
	bool has_fields; /* strace knows what the call is */
};

static bool is_of(const struct success *success, const struct explained *item)
{
	const char *failed = item->finding ? item->finding->program : NULL;

	if (!failed && item->finding)
		failed = item->finding->map;
	if (success->name && failed)
		return strcmp(success->name, failed) == 0;
	if (success->asked && item->asked)
		return success->asked == item->asked;
	if (success->name || (failed && !success->is_named))
		return false;
	/* By number things have no names. Before 4.15 nothing has one: then only what failed directly before it. */
	return !success->has_fields || (item->times == 1 && item->last_line + 1 == success->number);
}

void lade_traced_forgive(struct lade_explanation *explanation, const struct traced_call *call, const char *operation,
			 size_t number)
{
	const uint64_t bit = bit_of(matter_of(operation));
	bool is_of_program = call->kind == CALL_BPF || call->kind == CALL_IOCTL || call->kind == CALL_SETSOCKOPT;

	/* Loaders that work make thousands of calls, and to look through all that failed takes its time. */
	if (!is_of_program || call->result < 0 || !(explanation->traced_failed & bit))
		return;
	const struct span name = name_of(call);
	struct span field;
	CLEANUP(cleanup_free) char *text = lade_text_of(&name);
	const struct success success = {
		.matter = matter_of(operation),
		.name = text,
		.asked = lade_traced_asked(call, operation),
		.number = number,
		.is_named = lade_call_field(call, "prog_name", &field) || lade_call_field(call, "map_name", &field),
		.has_fields = is_there(call, "{"),
	};

	explanation->traced_failed &= ~bit;
	array_foreach(item, &explanation->items) {
		if (item->role != LADE_EXPLAINED_ERROR || !item->traced ||
		    strcmp(matter_of(item->traced), success.matter) != 0)
			continue;
		if (item->is_try || is_of(&success, item))
			item->role = LADE_EXPLAINED_NOTE;
		else
			explanation->traced_failed |= bit;
	}
}

void lade_traced_failed(struct lade_explanation *explanation, const char *operation)
{
	explanation->traced_failed |= bit_of(matter_of(operation));
}

void lade_traced_again(struct explained *known, const struct explained *again)
{
	/* Two things without names that were refused alike: that one of them succeeds says nothing of the other. */
	if (known->asked != again->asked)
		known->asked = 0;
	if (known->role == LADE_EXPLAINED_NOTE && known->traced && again->role == LADE_EXPLAINED_ERROR)
		known->role = LADE_EXPLAINED_ERROR;
}

/* Whatever else failed is no consequence of something? */
static bool is_failure(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && !item->is_try &&
	       (item->traced || !item->rule || !*(lade_explain_strings + item->rule->because));
}

void lade_traced_settle(struct lade_explanation *explanation)
{
	bool has_failure = false;

	array_foreach(item, &explanation->items)
		has_failure |= is_failure(item);
	array_foreach(item, &explanation->items)
		if (has_failure && item->is_try && item->role == LADE_EXPLAINED_ERROR)
			item->role = LADE_EXPLAINED_NOTE;
}
