/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "R6 invalid mem access 'scalar'" of a program with an arena: the number may be an address in the arena, which a copy
 * by a helper does not reach. It is followed where a cast of address spaces made a pointer of it.
 */
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES (1U << 20)

/* Names that have to do with arenas only; sdt_alloc is the allocator of scx's schedulers. */
static const char *const marks[] = { "addr_space_cast",    "bpf_arena_", "__arena",    "sdt_alloc",
				     "BPF_MAP_TYPE_ARENA", "scx_sdt",    "SDT_TASK_",  "bpf_addr_space_cast",
				     "scx_static_alloc",   "sdt_task",   "cast_kern(", "arena=" };

/* Nothing better is known. */
static bool is_generic(const struct explained *item)
{
	static const char cause[] = "the register holds a plain ", message[] = "invalid mem access 'scalar'";

	return item->finding && item->role == LADE_EXPLAINED_ERROR && item->line &&
	       strcmp(item->finding->code, "verifier.deref") == 0 && item->finding->cause &&
	       strncmp(item->finding->cause, cause, strlen(cause)) == 0 && strstr(item->line, message);
}

/* NULL: none is there. */
static const char *mark_of(const char *text, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(marks); i++)
		if (lade_search_long(text, length, marks[i], strlen(marks[i])))
			return marks[i];
	return NULL;
}

static void blame(struct lade_finding *finding, const char *mark)
{
	finding_cause(
		finding,
		"the register holds a plain number, and is followed as an address. The text has to do with an arena "
		"(%s): a number may be an address in it, and becomes a pointer that may be followed only by a cast of "
		"address spaces (addr_space_cast), which is missing on this way: __arena was lost in a declaration or "
		"cast, or clang is older than 19 and makes none. Else it is an address that was read from memory, or "
		"NULL",
		mark);
	finding_fix(
		finding,
		"of an arena: declare the pointer, and the member that it is read from, with __arena, or cast it "
		"before it is followed (cast_kern(p) of bpf_arena_common.h), refer to the arena's map in the program "
		"(&arena), and compile with clang 19 or later; of scx: another version of the scheduler, or another "
		"clang. Of the kernel's or a process's memory: bpf_probe_read_kernel(), BPF_CORE_READ(), "
		"bpf_probe_read_user(), which reach no arena");
	finding_confidence(finding, LADE_LIKELY);
}

void lade_explanation_arena_pointer(struct lade_explanation *explanation, const char *text, size_t length)
{
	const size_t looked = length < TEXT_BYTES ? length : TEXT_BYTES;
	const char *mark = NULL;
	bool is_known = false;

	array_foreach(item, &explanation->items) {
		if (!is_generic(item))
			continue;
		if (!is_known)
			mark = mark_of(text, looked);
		is_known = true;
		if (!mark)
			return;
		blame(item->finding, mark);
	}
}
