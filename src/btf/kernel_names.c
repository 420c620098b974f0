/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and their types. Unknown names are found together: first where they stand among the strings, then which types
 * have one of these places as their name. What was found, or that nothing was, is kept.
 */
#include <errno.h>
#include <stdlib.h>

#include "btf/kernel_index.h"

#define MOST_AT_ONCE         4096u /* names */
#define PASSES_WITHOUT_INDEX 2     /* then making an index costs less than more of them */

/* ---- the table of names ---- */

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 32;
}

/* Start, middle and end are enough to tell the kernel's names apart, and need no loop; equal hashes are compared. */
uint32_t lade_kernel_name_hash(const char *name, size_t length)
{
	uint64_t words[3] = { 0 };
	if (length >= sizeof *words) {
		memcpy(&words[0], name, sizeof *words);
		memcpy(&words[1], name + (length - sizeof *words) / 2, sizeof *words);
		memcpy(&words[2], name + length - sizeof *words, sizeof *words);
	} else {
		for (size_t at = 0; at < length; at++)
			words[0] = words[0] << 8 | (uint8_t)name[at];
	}
	return (uint32_t)mix(mix(mix(0x9e3779b97f4a7c15u ^ length, words[0]), words[1]), words[2]);
}

static struct lade_kernel_name *name_free(struct lade_kernel_name *name)
{
	if (!name)
		return NULL;
	array_clear(&name->strings);
	array_clear(&name->types);
	array_clear(&name->in_modules);
	free(name->name);
	free(name);
	return NULL;
}

void lade_kernel_names_clear(struct kernel_types *types)
{
	for (size_t i = 0; i < types->names.capacity; i++)
		(void)name_free(types->names.items[i]);
	free(types->names.items);
	types->names.items = NULL;
	types->names.count = types->names.capacity = 0;
}

static struct lade_kernel_name **slot_of(struct lade_kernel_name **items, size_t capacity, const char *name,
					 size_t length, uint32_t hash)
{
	for (size_t i = hash;; i++) {
		struct lade_kernel_name **slot = &items[i & (capacity - 1)];
		if (!*slot ||
		    ((*slot)->hash == hash && (*slot)->length == length && memcmp((*slot)->name, name, length) == 0))
			return slot;
	}
}

static bool grow(struct kernel_types *types)
{
	size_t capacity = types->names.capacity ? 2 * types->names.capacity : 64;
	struct lade_kernel_name **items = calloc(capacity, sizeof(struct lade_kernel_name *));
	if (!items)
		return false;
	for (size_t i = 0; i < types->names.capacity; i++) {
		struct lade_kernel_name *name = types->names.items[i];
		if (name)
			*slot_of(items, capacity, name->name, name->length, name->hash) = name;
	}
	free(types->names.items);
	types->names.items = items;
	types->names.capacity = capacity;
	return true;
}

static struct lade_kernel_name *name_new(const char *text, size_t length, uint32_t hash)
{
	struct lade_kernel_name *name = calloc(1, sizeof *name);
	if (!name)
		return NULL;
	name->name = strndup(text, length);
	name->length = length;
	name->hash = hash;
	return name->name ? name : name_free(name);
}

/* Without its flavour; made when it is new. NULL without memory. */
static struct lade_kernel_name *name_get(struct kernel_types *types, const char *text)
{
	size_t length = lade_btf_essential_length(text, strlen(text));
	uint32_t hash = lade_kernel_name_hash(text, length);
	if (4 * types->names.count >= 3 * types->names.capacity && !grow(types))
		return NULL;
	struct lade_kernel_name **slot = slot_of(types->names.items, types->names.capacity, text, length, hash);
	if (!*slot) {
		*slot = name_new(text, length, hash);
		types->names.count += *slot != NULL;
	}
	return *slot;
}

/* ---- one pass for many names ---- */

/* The names that are looked for, and the places in the strings that stand for them: a hash table by offset. */
struct pass {
	const struct lade_btf *btf;
	const char *module; /* NULL: the base */
	struct lade_kernel_name **names;
	size_t count;
	struct place {
		uint32_t offset; /* 0: free */
		uint32_t name;
	} * places;
	size_t place_count, capacity;
	struct lade_btf_seeker seeker;
	struct lade_error **error;
};

static struct place *place_of(struct place *places, size_t capacity, uint32_t offset)
{
	size_t i = offset * 0x9e3779b1u >> 7;
	while (places[i & (capacity - 1)].offset && places[i & (capacity - 1)].offset != offset)
		i++;
	return &places[i & (capacity - 1)];
}

static bool grow_places(struct pass *pass)
{
	size_t capacity = pass->capacity ? 2 * pass->capacity : 64;
	struct place *places = calloc(capacity, sizeof *places);
	if (!places)
		return false;
	for (size_t i = 0; i < pass->capacity; i++)
		if (pass->places[i].offset)
			*place_of(places, capacity, pass->places[i].offset) = pass->places[i];
	free(pass->places);
	pass->places = places;
	pass->capacity = capacity;
	return true;
}

static int add_place(struct pass *pass, size_t name, uint32_t offset)
{
	if (2 * pass->place_count >= pass->capacity && !grow_places(pass))
		return lade_fail_memory(pass->error);
	struct place *place = place_of(pass->places, pass->capacity, offset);
	if (place->offset || !offset)
		return 0;
	*place = (struct place){ offset, (uint32_t)name };
	pass->place_count++;
	lade_btf_seek(&pass->seeker, offset);
	return 0;
}

static int found_in_base(void *context, size_t index, uint32_t offset)
{
	struct pass *pass = context;
	uint32_t *kept = array_push(&pass->names[index]->strings);
	if (!kept)
		return lade_fail_memory(pass->error);
	*kept = offset;
	return 0;
}

static int found_in_module(void *context, size_t index, uint32_t offset)
{
	return add_place(context, index, offset);
}

/* A type that may have one of the names. */
static int examine(void *context, uint32_t id, uint32_t offset, const struct btf_type *type)
{
	struct pass *pass = context;
	if (!pass->capacity)
		return 0;
	const struct place *place = place_of(pass->places, pass->capacity, type->name_off);
	if (!place->offset)
		return 0;
	struct lade_kernel_name *name = pass->names[place->name];
	struct kernel_type *found = pass->module ? array_push(&name->in_modules) : array_push(&name->types);
	if (!found)
		return lade_fail_memory(pass->error);
	*found = (struct kernel_type){ pass->btf, id, pass->module };
	(void)lade_btf_remember(pass->btf, id, offset);
	return 0;
}

static int scan(struct pass *pass, const struct lade_btf *btf, bool again, lade_scan_fn *found)
{
	CLEANUP(cleanup_lade_scan) struct lade_scan *scan = lade_scan_new(pass->count);
	if (!scan)
		return lade_fail_memory(pass->error);
	for (size_t i = 0; i < pass->count; i++)
		/* A name of no length is never found, but keeps the others' numbers. */
		lade_scan_add(scan, pass->names[i]->name,
			      again || !pass->names[i]->scanned ? pass->names[i]->length : 0);
	return lade_scan_run(scan, btf, found, pass, pass->error);
}

static int scan_base(struct pass *pass, const struct lade_btf *base)
{
	bool all_scanned = true;
	for (size_t i = 0; i < pass->count; i++)
		all_scanned &= pass->names[i]->scanned;
	int result = all_scanned ? 0 : scan(pass, base, false, found_in_base);
	for (size_t i = 0; i < pass->count; i++) {
		struct lade_kernel_name *name = pass->names[i];
		if (result && !name->scanned)
			array_clear(&name->strings);
		name->scanned |= !result;
		for (size_t j = 0; !result && j < name->strings.count; j++)
			result = add_place(pass, i, name->strings.items[j]);
	}
	return result;
}

static int resolve_in_base(struct kernel_types *types, struct lade_kernel_name **names, size_t count,
			   struct lade_error **error)
{
	struct pass pass = { .btf = types->base, .names = names, .count = count, .error = error };
	pass.seeker.hit = examine;
	pass.seeker.context = &pass;
	types->passes++;
	int result = scan_base(&pass, types->base);
	if (!result)
		result = lade_btf_walk(types->base, &pass.seeker, error);
	for (size_t i = 0; i < count; i++) {
		names[i]->resolved = !result;
		if (result)
			array_clear(&names[i]->types);
	}
	free(pass.places);
	return result;
}

static int resolve_in_module(const struct kernel_types *types, const struct lade_kernel_module *module,
			     struct lade_kernel_name **names, size_t count, struct lade_error **error)
{
	struct pass pass = {
		.btf = module->btf, .module = module->name, .names = names, .count = count, .error = error
	};
	pass.seeker.hit = examine;
	pass.seeker.context = &pass;
	int result = scan_base(&pass, types->base);
	if (!result)
		result = scan(&pass, module->btf, true, found_in_module);
	if (!result)
		result = lade_btf_walk(module->btf, &pass.seeker, error);
	free(pass.places);
	return result;
}

/* ---- the index ---- */

struct name_list {
	struct lade_kernel_name **items;
	size_t count, capacity;
};

/* The one of an earlier run; else one is made for later runs. */
static void use_kept_index(struct kernel_types *types)
{
	char key[LADE_INDEX_KEY];
	types->index_tried = true;
	if (!lade_kernel_index_key(types->sysfs, types->base->lazy->bytes.size, key))
		return;
	types->index = lade_kernel_index_open(types->cache, key, types->base);
	if (!types->index && lade_kernel_index_build(types->base, &types->index, NULL) == 0)
		(void)lade_kernel_index_keep(types->index, types->cache, key);
}

static struct lade_kernel_index *get_index(struct kernel_types *types)
{
	if (types->cache && !types->index_tried)
		use_kept_index(types);
	if (!types->index && types->passes >= PASSES_WITHOUT_INDEX)
		(void)lade_kernel_index_build(types->base, &types->index, NULL);
	return types->index;
}

/* One that turns out to be damaged is dropped, with all that it said this time. */
static void drop_index(struct kernel_types *types, const struct name_list *list)
{
	types->index = lade_kernel_index_free(types->index);
	for (size_t i = 0; i < list->count; i++) {
		list->items[i]->resolved = false;
		array_clear(&list->items[i]->types);
	}
}

static bool resolve_in_index(struct kernel_types *types, const struct name_list *list)
{
	struct lade_kernel_index *index = get_index(types);
	for (size_t i = 0; i < list->count && index; i++) {
		struct lade_kernel_name *name = list->items[i];
		name->resolved =
			lade_kernel_index_find(index, types->base, name->name, name->length, &name->types) == 0;
		if (name->resolved)
			continue;
		drop_index(types, list);
		return false;
	}
	return index;
}

/* ---- asking ---- */

static int resolve(struct kernel_types *types, const struct name_list *list, struct lade_error **error)
{
	if (resolve_in_index(types, list))
		return 0;
	for (size_t at = 0; at < list->count; at += MOST_AT_ONCE) {
		size_t count = list->count - at < MOST_AT_ONCE ? list->count - at : MOST_AT_ONCE;
		int result = resolve_in_base(types, list->items + at, count, error);
		if (result)
			return result;
	}
	return 0;
}

/* A name may be asked for twice. */
static int gather(struct kernel_types *types, const char *const *texts, size_t count, struct name_list *list)
{
	for (size_t i = 0; i < count; i++) {
		struct lade_kernel_name *name = name_get(types, texts[i]);
		if (!name)
			return -ENOMEM;
		if (name->resolved || name->listed)
			continue;
		struct lade_kernel_name **kept = array_push(list);
		if (!kept)
			return -ENOMEM;
		*kept = name;
		name->listed = true;
	}
	return 0;
}

int lade_kernel_types_want(struct kernel_types *types, const char *const *names, size_t count,
			   struct lade_error **error)
{
	struct name_list list = { 0 };
	int result = gather(types, names, count, &list);
	array_foreach(name, &list)
		(*name)->listed = false;
	if (result)
		result = lade_fail_memory(error);
	else if (list.count)
		result = resolve(types, &list, error);
	array_clear(&list);
	return result;
}

static int get_resolved(struct kernel_types *types, const char *text, struct lade_kernel_name **ret_name,
			struct lade_error **error)
{
	struct lade_kernel_name *name = name_get(types, text);
	if (!name)
		return lade_fail_memory(error);
	struct name_list list = { &name, 1, 1 };
	int result = name->resolved ? 0 : resolve(types, &list, error);
	if (!result)
		*ret_name = name;
	return result;
}

int lade_kernel_types_find(struct kernel_types *types, const char *name, const struct kernel_type_list **ret_list,
			   struct lade_error **error)
{
	struct lade_kernel_name *known = NULL;
	int result = get_resolved(types, name, &known, error);
	if (!result)
		*ret_list = &known->types;
	return result;
}

/* The name itself, and others that the kernel does not have: they will be asked for in modules next. */
static int gather_for_modules(const struct kernel_types *types, struct lade_kernel_name *asked, struct name_list *list)
{
	struct lade_kernel_name **first = array_push(list);
	if (!first)
		return -ENOMEM;
	*first = asked;
	for (size_t i = 0; i < types->names.capacity && list->count < MOST_AT_ONCE; i++) {
		struct lade_kernel_name *name = types->names.items[i];
		if (!name || name == asked || name->resolved_in_modules || !name->resolved || name->types.count)
			continue;
		struct lade_kernel_name **kept = array_push(list);
		if (!kept)
			return -ENOMEM;
		*kept = name;
	}
	return 0;
}

static int resolve_in_modules(struct kernel_types *types, const struct name_list *list, struct lade_error **error)
{
	int result = lade_kernel_modules_open(types, error);
	for (size_t i = 0; i < types->modules.count && !result; i++)
		if (types->modules.items[i]->btf)
			result = resolve_in_module(types, types->modules.items[i], list->items, list->count, error);
	for (size_t i = 0; i < list->count; i++) {
		list->items[i]->resolved_in_modules = !result;
		if (result)
			array_clear(&list->items[i]->in_modules);
	}
	return result;
}

int lade_kernel_types_find_in_modules(struct kernel_types *types, const char *name,
				      const struct kernel_type_list **ret_list, struct lade_error **error)
{
	struct lade_kernel_name *known = NULL;
	int result = get_resolved(types, name, &known, error);
	if (!result && !known->resolved_in_modules) {
		struct name_list list = { 0 };
		result = gather_for_modules(types, known, &list) ? lade_fail_memory(error)
								 : resolve_in_modules(types, &list, error);
		array_clear(&list);
	}
	if (!result)
		*ret_list = &known->in_modules;
	return result;
}

static bool pick(const struct kernel_type_list *list, const char *name, uint32_t kind, struct kernel_type *ret_type)
{
	array_foreach(type, list) {
		if (lade_btf_kind(lade_btf_type(type->btf, type->id)) != kind ||
		    strcmp(lade_btf_type_name(type->btf, type->id), name) != 0)
			continue;
		*ret_type = *type;
		return true;
	}
	return false;
}

int lade_kernel_types_exact(struct kernel_types *types, const char *name, uint32_t kind, bool modules,
			    struct kernel_type *ret_type, struct lade_error **error)
{
	const struct kernel_type_list *list = NULL;
	struct kernel_type found = { 0 };
	int result = lade_kernel_types_find(types, name, &list, error);
	if (!result && !pick(list, name, kind, &found) && modules) {
		result = lade_kernel_types_find_in_modules(types, name, &list, error);
		if (!result)
			(void)pick(list, name, kind, &found);
	}
	if (!result)
		*ret_type = found;
	return result;
}
