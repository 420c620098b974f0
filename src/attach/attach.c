/* SPDX-License-Identifier: BSD-2-Clause */
/* Attaching: the method that fits, and all of its attachments or none. */
#include "attach/attach.h"

#include <linux/bpf.h>
#include <string.h>

#include "attach/hook.h"
#include "kernel/bpf.h"

static const char *const kind_names[] = {
	[TARGET_NONE] = "what the section names",
	[TARGET_DEVICE] = "dev:IF",
	[TARGET_CGROUP] = "cgroup:PATH",
	[TARGET_FILE] = "file:PATH:SYMBOL",
	[TARGET_PID] = "pid:N",
	[TARGET_PROGRAM] = "prog:PIN|ID",
	[TARGET_NETNS] = "netns:self|NAME|PATH",
	[TARGET_MAP] = "map:NAME|PIN|ID",
	[TARGET_SOCKET] = "socket:PID/FD",
	[TARGET_LIRC] = "lirc:/dev/lircN",
	[TARGET_ROUTE] = "route:PREFIX,dev=IF",
	[TARGET_NETFILTER] = "netfilter:FAMILY:HOOK",
	[TARGET_FUNCTION] = "function:NAME[+OFF]",
	[TARGET_TRACEPOINT] = "tracepoint:CATEGORY/NAME",
};

static bool names_file_and_symbol(const char *text)
{
	return text && strchr(text, ':');
}

bool lade_attach_is_automatic(const struct attach_program *program)
{
	const struct method_row *row = lade_attach_method(program, TARGET_NONE);
	if (!row || row->default_target == DEFAULT_NONE)
		return false;
	if (row->default_target == DEFAULT_KNOWN)
		return true;
	if (row->default_target == DEFAULT_FILE)
		return names_file_and_symbol(program->attach_target);
	return program->attach_target && *program->attach_target;
}

static const char *or_unknown(const char *name)
{
	return name ? name : "untyped";
}

static int fail_unsupported(const struct attach_program *program, const struct attach_target *target,
			    struct lade_error **error)
{
	bool has_target = target->kind != TARGET_NONE;
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, "attach.unsupported",
			       "%s: this version of Lade does not attach %s programs%s%s yet (section %s)",
			       program->name, or_unknown(lade_program_type_name(program->type)),
			       has_target ? " to " : "", has_target ? kind_names[target->kind] : "", program->section);
	finding_program(finding, program->name);
	if (program->row && *program->row->attach_method)
		finding_evidence(finding, "such programs attach by: %s", program->row->attach_method);
	return -EOPNOTSUPP;
}

/* A USDT probe of a file is named, not found by a symbol. */
static const char *form_of(const struct method_row *row, unsigned kind)
{
	bool is_usdt = kind == TARGET_FILE && strcmp(row->method, "usdt") == 0;
	return is_usdt ? "file:PATH,usdt=PROVIDER:NAME" : kind_names[kind];
}

static void list_targets(const struct method_row *row, struct strbuf *into)
{
	for (unsigned kind = TARGET_DEVICE; kind < ELEMENTS(kind_names); kind++)
		if (row->targets & KIND(kind))
			lade_strbuf_addf(into, "%s%s", into->length ? " or " : "", form_of(row, kind));
}

static int fail_target(const struct attach_program *program, const struct method_row *row,
		       const struct attach_target *target, struct lade_error **error)
{
	struct strbuf forms = { 0 };
	list_targets(row, &forms);
	struct lade_finding *finding;
	if (target->kind == TARGET_NONE)
		finding = lade_error_add(error, EDESTADDRREQ, "attach.no-target",
					 "%s: section %s does not say what to attach to", program->name,
					 program->section);
	else
		finding = lade_error_add(error, EINVAL, "attach.target-kind", "%s: %s programs do not attach to %s",
					 program->name, or_unknown(lade_program_type_name(program->type)),
					 kind_names[target->kind]);
	finding_program(finding, program->name);
	if (forms.length)
		finding_fix(finding, "--attach %s=%s", program->name, forms.text);
	lade_strbuf_clear(&forms);
	return target->kind == TARGET_NONE ? -EDESTADDRREQ : -EINVAL;
}

static bool takes_kind(const struct method_row *row, const struct attach_program *program,
		       const struct attach_target *target)
{
	return (row->targets & KIND(target->kind)) && lade_hook_fits(program, target);
}

bool lade_attach_fits(const struct attach_program *program, const struct attach_target *target)
{
	const struct method_row *row = lade_attach_method(program, target->kind);

	return row && takes_kind(row, program, target) && (!row->fits || row->fits(program, target));
}

int lade_attach(struct lade_context *context, struct txn *txn, const struct attach_program *program,
		const struct attach_target *target, struct attachments *attachments, struct lade_error **error)
{
	static const struct attach_target no_target;
	if (!target)
		target = &no_target;
	const struct method_row *row = lade_attach_method(program, target->kind);
	if (!row)
		return fail_unsupported(program, target, error);
	if (row->targets & KIND(target->kind) && !lade_hook_fits(program, target))
		return lade_hook_fail_word(program, target, error);
	bool is_allowed =
		target->kind == TARGET_NONE ? lade_attach_is_automatic(program) : takes_kind(row, program, target);
	if (!is_allowed)
		return fail_target(program, row, target, error);
	struct attach_call call = { .context = context,
				    .txn = txn,
				    .program = program,
				    .target = target,
				    .is_return = row->is_return || lade_attach_has_prefix(program, "kretprobe"),
				    .method = row->method,
				    .attachments = attachments,
				    .error = error };
	int result = lade_context_kernel(context, &call.kernel, error);
	if (result < 0)
		return result;
	size_t before = attachments->count;
	result = row->attach(&call);
	while (result < 0 && attachments->count > before)
		lade_attachment_close(&attachments->items[--attachments->count]);
	return result;
}

int lade_attach_keep(struct attach_call *call, const char *target, int fd, bool is_link)
{
	CLEANUP(cleanup_free) char *copy = strdup(target);
	const char *text = call->target ? call->target->text : NULL;
	CLEANUP(cleanup_free) char *request = text ? strdup(text) : NULL;
	struct attachment *attachment = copy && !request == !text ? array_push(call->attachments) : NULL;
	if (!attachment) {
		(void)fd_close(fd);
		return lade_fail_memory(call->error);
	}
	*attachment = (struct attachment){
		.method = call->method, .target = TAKE(copy), .request = TAKE(request), .fd = fd, .event_fd = -1, .is_link = is_link
	};
	return 0;
}

int lade_attach_begin_effect(struct attach_call *call, const char *kind, const char *target, const char *const *pairs,
			     unsigned *ret_number)
{
	const struct txn_link what = { call->program->name, call->method, target,
				       call->target ? call->target->text : NULL };
	return lade_txn_effect(call->txn, kind, &what, pairs, ret_number, call->error);
}

int lade_attach_keep_effect(struct attach_call *call, const char *target, int fd, unsigned number)
{
	int result = lade_attach_keep(call, target, fd, false);
	if (result < 0) {
		(void)lade_txn_effect_undo(call->txn, number);
		return result;
	}
	struct attachment *attachment = &call->attachments->items[call->attachments->count - 1];
	attachment->txn = call->txn;
	attachment->effect = number;
	return 0;
}

void lade_attachment_close(struct attachment *attachment)
{
	/* First what uses it: the kernel keeps a tracing event as long as somebody does. */
	attachment->fd = fd_close(attachment->fd);
	attachment->event_fd = fd_close(attachment->event_fd);
	if (attachment->txn)
		(void)lade_txn_effect_undo(attachment->txn, attachment->effect);
	attachment->txn = NULL;
	free(TAKE(attachment->target));
	free(TAKE(attachment->request));
}

void lade_attachments_clear(struct attachments *attachments)
{
	array_foreach(attachment, attachments)
		lade_attachment_close(attachment);
	array_clear(attachments);
}
