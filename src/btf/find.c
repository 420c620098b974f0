/* SPDX-License-Identifier: BSD-2-Clause */
/* One name of one kind, in BTF that is looked at where it lies. */
#include "btf/scan.h"

struct search {
	const struct lade_btf *btf;
	const char *name;
	uint32_t kind, id;
	struct lade_btf_seeker seeker;
	ARRAY_OF(uint32_t) places; /* where the name, or a flavour of it, stands in the strings */
};

static int keep_place(void *context, size_t index, uint32_t offset)
{
	struct search *search = context;
	uint32_t *place = array_push(&search->places);
	(void)index;
	if (!place)
		return -ENOMEM;
	*place = offset;
	lade_btf_seek(&search->seeker, offset);
	return 0;
}

static int examine(void *context, uint32_t id, uint32_t offset, const struct btf_type *type)
{
	struct search *search = context;
	(void)offset;
	if (lade_btf_kind(type) != search->kind)
		return 0;
	array_foreach(place, &search->places) {
		if (*place == type->name_off && strcmp(lade_btf_string(search->btf, type->name_off), search->name) == 0)
			search->id = id;
	}
	return search->id != 0;
}

/* In the strings of this BTF and of those that it is split from. */
static int find_places(struct search *search)
{
	CLEANUP(cleanup_lade_scan) struct lade_scan *scan = lade_scan_new(1);
	int result = scan ? 0 : -ENOMEM;
	if (scan)
		lade_scan_add(scan, search->name, lade_btf_essential_length(search->name, strlen(search->name)));
	for (const struct lade_btf *btf = search->btf; btf && !result; btf = btf->base)
		result = lade_scan_run(scan, btf, keep_place, search, NULL);
	return result;
}

uint32_t lade_btf_lazy_find(const struct lade_btf *btf, const char *name, uint32_t kind)
{
	uint32_t id = btf->base ? lade_btf_find(btf->base, name, kind) : 0;
	struct search search = { .btf = btf, .name = name, .kind = kind };
	if (id)
		return id;
	search.seeker.hit = examine;
	search.seeker.context = &search;
	if (find_places(&search) == 0 && search.places.count)
		(void)lade_btf_walk(btf, &search.seeker, NULL);
	array_clear(&search.places);
	return search.id;
}
