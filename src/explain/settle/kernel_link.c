/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "undefined reference to `x'" where vmlinux is linked: no library is missing, the kernel's sources are not whole. What
 * pahole and its kin say behind it follows from that.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

/* Only what the rules know nothing better of: programs are linked in the kernel's tree, too. */
static bool is_unknown_symbol(const struct explained *item)
{
	static const char mark[] = "nothing that was linked defines ";

	return item->role == LADE_EXPLAINED_ERROR && item->finding && !item->is_settled &&
	       item->finding->confidence == LADE_POSSIBLE && strcmp(item->finding->code, "compile.source") == 0 &&
	       item->finding->cause && strncmp(item->finding->cause, mark, strlen(mark)) == 0;
}

/* The last thing that was begun before it is vmlinux. */
static bool is_of_vmlinux(const struct span *text, size_t before)
{
	struct mention line = { .next = text->text };
	bool is_vmlinux = false;

	while (lade_find_mention(text, "  LD  ", &line) && line.number < before)
		is_vmlinux = lade_in_mention(&line, "vmlinux") != NULL;
	return is_vmlinux;
}

void lade_explanation_kernel_link(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };

	array_foreach(item, &explanation->items) {
		if (!is_unknown_symbol(item) || !is_of_vmlinux(&span, item->first_line))
			continue;
		finding_cause(
			item->finding,
			"the kernel itself does not link: what the line names is defined nowhere in what was built "
			"of this tree (its file is left out by this configuration, or a change is there by half). "
			"What pahole, objcopy and resolve_btfids say behind it follows from that");
		finding_fix(
			item->finding,
			"git grep the name: which CONFIG_… builds its file, and switch that on (or the caller off); "
			"a clean tree (make mrproper, git status), the newest release of the branch; nothing is to be "
			"done about pahole or BTF");
		finding_confidence(item->finding, LADE_LIKELY);
		item->is_settled = true;
	}
}
