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

/* The first lines with tc's command for a filter; 0: there is none. */
struct commands {
	size_t xdp, bpf; /* with a section that is called so, and with any program */
};

static struct commands find_commands(const struct span *text)
{
	struct commands commands = { 0 };
	struct mention line = { .next = text->text };

	while (!commands.xdp && lade_find_mention(text, "tc filter ", &line)) {
		commands.xdp = names_xdp(&line) ? line.number : 0;
		if (!commands.bpf && lade_in_mention(&line, " bpf "))
			commands.bpf = line.number;
	}
	return commands;
}

/* A command before the line; the source in the log tells as well as the section. */
static bool is_by_tc(const struct commands *commands, const struct explained *item)
{
	const char *log = item->finding->log;

	if (commands->xdp && commands->xdp <= item->first_line)
		return true;
	return commands->bpf && commands->bpf <= item->first_line && log && strstr(log, "struct xdp_md");
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
	struct commands commands = { 0 };
	bool is_searched = false;

	array_foreach(item, &explanation->items) {
		if (!is_followed(item))
			continue;
		if (!is_searched)
			commands = find_commands(&whole);
		is_searched = true;
		if (!is_by_tc(&commands, item))
			continue;
		blame_tc(item->finding);
		item->is_settled = true;
	}
}
