/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was followed came off the stack, the log does not reach back to where it was stored, and the program is one of
 * packets that calls a helper which may move them: mostly it was a pointer into the packet, which is none behind that
 * call.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

/* Behind these no pointer into the packet holds, neither in a register nor on the stack. */
static const char *const movers[] = {
	"skb_store_bytes", "skb_change_proto", "skb_change_head", "skb_change_tail", "skb_adjust_room",
	"skb_pull_data",   "skb_vlan_push",    "skb_vlan_pop",    "l3_csum_replace", "l4_csum_replace",
	"xdp_adjust_head", "xdp_adjust_tail",  "xdp_adjust_meta", "clone_redirect",  "msg_push_data",
	"msg_pull_data",   "msg_pop_data",     "lwt_push_encap",
};

static bool has(const char *text, size_t length, const char *word)
{
	return lade_search_long(text, length, word, strlen(word)) != NULL;
}

static const char *find_mover(const char *text, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(movers); i++)
		if (has(text, length, movers[i]))
			return movers[i];
	return NULL;
}

/* A program that reads memory of the kernel has other numbers on its stack. */
static bool copies_memory(const char *text, size_t length)
{
	return has(text, length, "call bpf_probe_read") || has(text, length, "call bpf_get_current_task");
}

/* "485: r2 = *(u64 *)(r10 -240) (filled from the stack)", and no step before it: only whole slots keep pointers. */
static bool is_filled(const struct lade_finding *finding)
{
	const char *first = finding->evidence.count ? finding->evidence.items[0] : "";

	return strstr(first, "*(u64 *)(r10 ") && strstr(first, "(filled from the stack)");
}

/* The general words: nothing in the log says better where the number comes from. */
static bool is_open(const struct explained *item)
{
	static const char cause[] = "the register holds a plain ";

	return item->finding && item->role == LADE_EXPLAINED_ERROR && !item->is_settled &&
	       strcmp(item->finding->code, "verifier.deref") == 0 && item->finding->cause &&
	       strncmp(item->finding->cause, cause, strlen(cause)) == 0 && is_filled(item->finding);
}

static void blame(struct explained *item, const char *mover)
{
	finding_cause(
		item->finding,
		"it was an address in the packet that was kept on the stack, and the program calls bpf_%s(), which "
		"may move or change the packet: behind such a call every pointer into it that was made before is a "
		"plain number, also where it lies on the stack. Else it is an address that was read from memory, "
		"which is not followed",
		mover);
	finding_fix(
		item->finding,
		"behind bpf_%s() (and others that change packets: csum_replace, adjust, pull_data) read ctx->data and "
		"ctx->data_end again, make the pointers anew and compare them with data_end again; or read what is "
		"needed into local variables before it, or with bpf_skb_load_bytes()",
		mover);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

void lade_explanation_packet_gone(struct lade_explanation *explanation, const char *text, size_t length)
{
	const size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	const char *mover = NULL;

	array_foreach(item, &explanation->items) {
		if (!is_open(item))
			continue;
		if (!mover && (copies_memory(text, looked) || !(mover = find_mover(text, looked))))
			return;
		blame(item, mover);
	}
}
