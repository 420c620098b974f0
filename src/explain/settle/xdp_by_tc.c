/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "tc filter add … sec xdp": a program for XDP that tc loads as a classifier. What it takes for the packet's addresses
 * are then lengths and types, and no other message says so.
 */
#include <string.h>

#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

static const char *const sections[] = { " sec xdp", " section xdp" };

static bool is_followed(const struct explained *item)
{
	return item->role == LADE_EXPLAINED_ERROR && item->finding && item->line &&
	       strcmp(item->finding->code, "verifier.deref") == 0 &&
	       (strstr(item->line, "mem access 'scalar'") || strstr(item->line, "mem access 'inv'"));
}

static bool names_xdp(const struct mention *line)
{
	for (size_t i = 0; i < ELEMENTS(sections); i++)
		if (lade_in_mention(line, sections[i]))
			return true;
	return false;
}

/* A command before the line; the source in the log tells as well as the section. */
static bool is_by_tc(const struct span *text, const struct explained *item)
{
	struct mention line = { .next = text->text };
	const char *log = item->finding->log;
	const bool is_source = log && strstr(log, "struct xdp_md");

	while (lade_find_mention(text, "tc filter ", &line) && line.number <= item->first_line)
		if (names_xdp(&line) || (is_source && lade_in_mention(&line, " bpf ")))
			return true;
	return false;
}

static void blame_tc(struct lade_finding *finding)
{
	finding_cause(finding,
		      "the program is written for XDP (struct xdp_md, which begins with data and data_end), and "
		      "tc loads it as a classifier: what it reads there are other members of struct __sk_buff "
		      "(len, pkt_type), which are numbers and no addresses");
	finding_fix(finding,
		    "attach it as XDP: ip link set dev IF xdp obj FILE sec xdp, or xdp-loader load; or write it "
		    "for tc: SEC(\"tc\"), struct __sk_buff *skb, skb->data and skb->data_end");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_explanation_xdp_by_tc(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span whole = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	array_foreach(item, &explanation->items)
		if (is_followed(item) && is_by_tc(&whole, item)) {
			blame_tc(item->finding);
			item->is_settled = true;
		}
}
