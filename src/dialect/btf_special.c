/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel must be told by BTF: special fields of values. */
#include "dialect/fill.h"

#include <errno.h>
#include <string.h>

#define MAX_DEPTH 32
#define MAX_STEPS 4096 /* hostile BTF can nest structs so that the walk would take ages */

static const char *const special_structs[] = {
	"bpf_spin_lock", "bpf_res_spin_lock", "bpf_timer",   "bpf_wq",      "bpf_task_work",
	"bpf_list_head", "bpf_list_node",     "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
};

struct search {
	const struct lade_btf *btf;
	unsigned steps;
};

static bool is_special_name(const char *name)
{
	for (size_t i = 0; i < ELEMENTS(special_structs); i++)
		if (strcmp(special_structs[i], name) == 0)
			return true;
	return false;
}

/* A pointer into the kernel: its target carries the tag kptr, kptr_untrusted, percpu_kptr … */
static bool is_kernel_pointer(const struct lade_btf *btf, const struct btf_type *pointer)
{
	const struct btf_type *tag = lade_btf_type(btf, pointer->type);
	return tag && lade_btf_kind(tag) == BTF_KIND_TYPE_TAG && strstr(lade_btf_string(btf, tag->name_off), "kptr");
}

static bool search_type(struct search *search, uint32_t id, unsigned depth)
{
	const struct btf_type *type = lade_btf_type(search->btf, lade_btf_skip_modifiers(search->btf, id));
	if (!type || depth > MAX_DEPTH || ++search->steps > MAX_STEPS)
		return false;
	switch (lade_btf_kind(type)) {
	case BTF_KIND_PTR:
		return is_kernel_pointer(search->btf, type);
	case BTF_KIND_ARRAY:
		return search_type(search, lade_btf_array(type)->type, depth + 1);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		if (is_special_name(lade_btf_string(search->btf, type->name_off)))
			return true;
		for (uint32_t i = 0; i < lade_btf_vlen(type); i++)
			if (search_type(search, lade_btf_members(type)[i].type, depth + 1))
				return true;
		return false;
	default:
		return false;
	}
}

bool lade_btf_is_special(const struct lade_btf *btf, uint32_t id)
{
	struct search search = { .btf = btf };
	return btf && id && search_type(&search, id, 0);
}
