/* SPDX-License-Identifier: BSD-2-Clause */
/* Functions that many tools probe, and that newer kernels have no more, or under another name. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/found/others.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)
#define LINES_NEAR 8 /* behind the failure, in which its function may be named */
#define ITEMS_MAX  8 /* for which the text is searched */

#define RELEASE(major, minor) ((major) << 8 | (minor))

static const struct moved {
	const char *name;
	uint16_t since;    /* that it is gone */
	const char *place; /* what takes its place */
} functions[] = {
	{ "blk_start_request", RELEASE(5, 0), "blk_mq_start_request, or the tracepoint block:block_rq_issue" },
	{ "blk_complete_request", RELEASE(5, 0), "blk_mq_complete_request, or block:block_rq_complete" },
	{ "blk_peek_request", RELEASE(5, 0), "blk_mq_start_request, or the tracepoint block:block_rq_issue" },
	{ "blk_account_io_start", RELEASE(5, 16),
	  "the tracepoint block:block_rq_issue, from 6.5 on block:block_io_start, or __blk_account_io_start (until "
	  "6.3, from 5.17 on where the compiler did not inline it)" },
	{ "blk_account_io_done", RELEASE(5, 16),
	  "the tracepoint block:block_rq_complete, from 6.5 on block:block_io_done, or __blk_account_io_done (until "
	  "6.3, from 5.17 on where the compiler did not inline it)" },
	{ "__blk_account_io_start", RELEASE(6, 4),
	  "the tracepoint block:block_rq_issue, from 6.5 on block:block_io_start" },
	{ "__blk_account_io_done", RELEASE(6, 4),
	  "the tracepoint block:block_rq_complete, from 6.5 on block:block_io_done" },
	{ "_do_fork", RELEASE(5, 10), "kernel_clone, or the tracepoint sched:sched_process_fork" },
	{ "do_fork", RELEASE(4, 2), "_do_fork, from 5.10 on kernel_clone, or sched:sched_process_fork" },
	{ "do_sys_open", RELEASE(5, 6), "do_sys_openat2, or the tracepoint syscalls:sys_enter_openat" },
	{ "__do_page_cache_readahead", RELEASE(5, 10), "do_page_cache_ra" },
	{ "account_page_dirtied", RELEASE(5, 16),
	  "folio_account_dirtied, which is often inlined, or the tracepoint writeback:writeback_dirty_folio" },
	{ "kfree_skb", RELEASE(5, 17),
	  "kfree_skb_reason (until 6.10), or the tracepoint skb:kfree_skb, which has the reason, too" },
	{ "tcp_drop", RELEASE(5, 18), "the tracepoint skb:kfree_skb, which has the reason, too" },
	{ "do_IRQ", RELEASE(5, 8), "the tracepoints irq:irq_handler_entry and irq:irq_handler_exit" },
	{ "smp_apic_timer_interrupt", RELEASE(5, 8), "sysvec_apic_timer_interrupt" },
};

static bool is_of_name(char byte)
{
	return lade_is_letter(byte) || lade_is_digit(byte) || byte == '_' || byte == '.';
}

/* "do_fork" is not in "_do_fork". */
static bool has_name(const char *text, size_t length, const char *name)
{
	const char *end = text + length, *hit = text;
	const size_t wanted = strlen(name);

	for (; (hit = lade_search(hit, (size_t)(end - hit), name, wanted)); hit++)
		if ((hit == text || !is_of_name(hit[-1])) && (hit + wanted == end || !is_of_name(hit[wanted])))
			return true;
	return false;
}

static const struct moved *moved_in(const char *text, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(functions); i++)
		if (has_name(text, length, functions[i].name))
			return &functions[i];
	return NULL;
}

/* In the failure's line, or in one behind it; who was named needs no other lines. */
static const struct moved *find_moved(const struct span *text, const struct explained *item)
{
	const size_t last = item->first_line + (item->word ? 0 : LINES_NEAR);
	const struct moved *found = NULL;
	struct mention line;

	for (bool is_there = lade_line_at(text, item->first_line, &line); is_there && !found && line.number <= last;
	     is_there = lade_next_line(text, &line))
		found = moved_in(line.text.text, line.text.length);
	return found;
}

/* bpftrace's own warning is about the kernel's list of functions, and names the one that is not there. */
static bool is_of_missing(const struct explained *item)
{
	return strcmp(item->finding->code, "attach.function.missing") == 0 ||
	       (strcmp(item->finding->code, "attach.function.untraceable") == 0 && item->line &&
		strstr(item->line, " is not traceable (either non-existing"));
}

static void blame(struct explained *item, const struct moved *moved)
{
	char since[KERNEL_VERSION_BYTES];

	lade_kernel_spell(moved->since, since);
	lade_drop_others(&item->finding->evidence, NULL);
	finding_cause(
		item->finding,
		"%s, which is to be probed, is no function of kernels from %s on: it was removed, renamed or inlined "
		"there. The tool (or its configuration) is older than this kernel",
		moved->name, since);
	finding_fix(
		item->finding,
		"in its place %s; or a newer version of the tool (or of its configuration), which knows this kernel; "
		"grep -w %s /proc/kallsyms shows whether it is there",
		moved->place, moved->name);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_moved_function(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	const uint16_t high = explanation->kernel.high;
	unsigned looked = 0;

	array_foreach(item, &explanation->items) {
		const struct moved *moved;
		if (item->role != LADE_EXPLAINED_ERROR || !item->finding || item->is_settled ||
		    item->finding->confidence == LADE_CERTAIN || !is_of_missing(item) || looked++ >= ITEMS_MAX)
			continue;
		moved = find_moved(&span, item);
		if (moved && (!high || high >= moved->since))
			blame(item, moved);
	}
}
