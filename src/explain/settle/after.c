/* SPDX-License-Identifier: BSD-2-Clause */
/* When a text was read, or an error taken: what its kernel and its object add. */
#include <stdio.h>
#include <string.h>

#include "explain/with_object/join.h"
#include "base/info.h"
#include "explain/settle/settlers.h"

#define LOGS_MAX   32 /* whose wording is looked at */
#define JOINED_MAX 64 /* findings that are compared with the object: a text has no end */

static void spell_kernel(struct lade_explanation *explanation)
{
	const struct kernel_known *known = &explanation->kernel;
	char low[KERNEL_VERSION_BYTES], high[KERNEL_VERSION_BYTES];

	lade_kernel_spell(known->low, low);
	lade_kernel_spell(known->high, high);
	(void)snprintf(explanation->kernel_words, sizeof explanation->kernel_words, "%s%s%s", known->low ? low : high,
		       known->low == known->high   ? ""
		       : known->low && known->high ? " to "
		       : known->low                ? " or newer"
						   : " or older",
		       known->low && known->high && known->low != known->high ? high : "");
}

/* "I see it on 6.0.12, too", and a log that writes "inv": distributions put newer BPF under older numbers, and never
 * older BPF under newer ones, so that the number is of another machine than the log. */
static void take_wording(struct kernel_known *known, const struct kernel_known *wording)
{
	if (known->low && known->low == known->high && wording->high && wording->high < known->low)
		*known = *wording;
}

/* Every log is taken for one of the same kernel. */
static void find_kernel(struct lade_explanation *explanation, const char *text, size_t length)
{
	struct kernel_known wording = { 0 };
	size_t logs = 0, cut = 0;

	lade_kernel_guess(text, length, &explanation->kernel);
	array_foreach(item, &explanation->items)
		if (item->finding && item->finding->log && logs++ < LOGS_MAX) {
			lade_kernel_guess_log(item->finding->log, &explanation->kernel);
			lade_kernel_guess_log(item->finding->log, &wording);
			if (item->line)
				lade_kernel_guess_message(item->line, &explanation->kernel);
			lade_kernel_guess_finding(item->finding, &explanation->kernel);
		}
	/* Its verdict may stand before it, as a title. */
	for (const char *log; logs < LOGS_MAX && (log = lade_cut_log(explanation, cut++)); logs++)
		lade_kernel_guess_log(log, &explanation->kernel);
	take_wording(&explanation->kernel, &wording);
}

/* What it prints tells how new its BPF is, and not its number. */
static void doubt_number(struct kernel_known *known)
{
	static const char doubt[] = "; RHEL and others put newer BPF under older numbers";
	const size_t length = strlen(known->why);

	if (known->is_worded && length + sizeof doubt <= sizeof known->why)
		memcpy(known->why + length, doubt, sizeof doubt);
}

/* What the text says elsewhere, which settles causes: in this order. */
static void (*const settlers[])(struct lade_explanation *explanation, const char *text, size_t length) = {
	lade_explanation_host_tool,      lade_explanation_libxdp_trial,   lade_explanation_memlock,
	lade_explanation_call_age,       lade_explanation_program_size,   lade_explanation_module_types,
	lade_explanation_beside,         lade_explanation_moved_function, lade_explanation_probe_offset,
	lade_explanation_named_probe,    lade_explanation_record_type,    lade_explanation_ring_buffer,
	lade_explanation_context,        lade_explanation_bpftrace,       lade_explanation_bcc_hint,
	lade_explanation_packet_gone,    lade_explanation_command,        lade_explanation_asked,
	lade_explanation_kern_version,   lade_explanation_symbols,        lade_explanation_static_link,
	lade_explanation_link_order,     lade_explanation_declared,       lade_explanation_newer_function,
	lade_explanation_libbpf_release, lade_explanation_uapi_header,    lade_explanation_two_places,
	lade_explanation_not_included,   lade_explanation_uapi_age,       lade_explanation_flavour,
	lade_explanation_kernel_link,    lade_explanation_pin_name,       lade_explanation_map_shape,
	lade_explanation_systemd,        lade_explanation_old_kernel,     lade_explanation_btf_strings,
	lade_explanation_kernel_headers, lade_explanation_host_header,    lade_explanation_optional_btf,
	lade_explanation_hook,           lade_explanation_cut_log,        lade_explanation_arena_pointer,
	lade_explanation_capabilities,   lade_explanation_sched_ext,      lade_explanation_unreleased,
	lade_explanation_feature_try,    lade_explanation_again_as_root,  lade_explanation_container_rights,
	lade_explanation_question,       lade_explanation_written_probe,  lade_explanation_operator,
	lade_explanation_map_command,    lade_explanation_seccomp,        lade_explanation_xdp_by_tc,
	lade_explanation_title,
};

int lade_explanation_after(struct lade_explanation *explanation, const struct lade_explain_opts *opts, const char *text,
			   size_t length)
{
	struct kernel_known *known = &explanation->kernel;
	size_t joined = 0;

	if (opts->kernel) {
		if (!lade_kernel_parse(opts->kernel, &known->low))
			return -EINVAL;
		known->high = known->low;
		known->is_sure = true;
		(void)snprintf(known->why, sizeof known->why, "as was said");
	} else {
		find_kernel(explanation, text, length);
	}
	spell_kernel(explanation);
	doubt_number(known);
	array_foreach(item, &explanation->items) {
		if (!item->finding)
			continue;
		if (opts->object && joined++ < JOINED_MAX)
			lade_join(opts->object, item->finding);
		lade_kernel_apply(item->finding, known);
	}
	for (size_t i = 0; i < ELEMENTS(settlers); i++)
		settlers[i](explanation, text, length);
	return 0;
}

/* ---- an error instead of a text ---- */

static int take_finding(struct lade_explanation *explanation, const struct lade_finding *finding)
{
	struct explained item = {
		.role = finding->severity == LADE_NOTE ? LADE_EXPLAINED_NOTE : LADE_EXPLAINED_ERROR,
		.times = 1,
		.cause = SIZE_MAX,
	};
	struct explained *place;

	item.finding = lade_finding_copy(finding);
	item.line = finding->message ? strdup(finding->message) : NULL;
	place = item.finding ? array_push(&explanation->items) : NULL;
	if (!place) {
		(void)lade_finding_free(item.finding);
		free(item.line);
		return -ENOMEM;
	}
	*place = item;
	return 0;
}

LADE_API int lade_explain_error(const struct lade_error *source, const struct lade_explain_opts *opts,
				struct lade_explanation **ret_explanation, struct lade_error **error)
{
	CLEANUP(cleanup_lade_explanation) struct lade_explanation *explanation = calloc(1, sizeof *explanation);
	struct lade_explain_opts known;

	if (opts_read(&known, sizeof known, opts) < 0)
		return lade_fail(error, EINVAL, "internal.options", "unknown options of an explanation");
	if (!explanation)
		return lade_fail_memory(error);
	for (size_t i = 0; i < lade_error_finding_count(source); i++)
		if (take_finding(explanation, lade_error_finding(source, i)) < 0)
			return lade_fail_memory(error);
	if (lade_explanation_after(explanation, &known, "", 0) < 0)
		return lade_fail(error, EINVAL, "internal.options", "'%s' is no version of the kernel", known.kernel);
	*ret_explanation = TAKE(explanation);
	return 0;
}
