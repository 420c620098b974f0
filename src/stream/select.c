/* SPDX-License-Identifier: BSD-2-Clause */
/* --fields: a compiled list in which only the fields that were asked for are left, under the paths they have. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream/fields.h"

/* A place in the compiled list while a path is walked. */
struct position {
	const struct lade_decoder *decoder;
	uint32_t first, end; /* fields among which the next name is */
	uint32_t index;      /* of the field that was reached */
	uint64_t base;       /* bytes in front of the group that holds it */
	bool is_found;
};

static const struct field *field_at(const struct position *position)
{
	return &position->decoder->fields.items[position->index];
}

/* "comm" of "comm.x[2]". */
static bool step_into_name(struct position *position, const char **path)
{
	size_t length = strcspn(*path, ".[");
	if (position->is_found) {
		const struct field *group = field_at(position);
		if (group->kind != FIELD_GROUP)
			return false;
		position->first = position->index + 1;
		position->end = group->next;
		position->base += group->offset;
	}
	for (uint32_t i = position->first; i < position->end; i = position->decoder->fields.items[i].next) {
		const struct field *field = &position->decoder->fields.items[i];
		if (field->name && strncmp(field->name, *path, length) == 0 && !field->name[length]) {
			position->index = i;
			position->is_found = true;
			*path += length;
			return length > 0;
		}
	}
	return false;
}

/* "[2]": the element stands behind its array. */
static bool step_into_element(struct position *position, const char **path)
{
	char *rest;
	const struct field *array = field_at(position);
	if (!position->is_found || array->kind != FIELD_ARRAY || (*path)[1] < '0' || (*path)[1] > '9')
		return false;
	errno = 0;
	unsigned long long number = strtoull(*path + 1, &rest, 10);
	uint64_t bytes, base;
	if (errno || *rest != ']' || (!array->takes_rest && number >= array->count) ||
	    __builtin_mul_overflow((uint64_t)number, array->size, &bytes) ||
	    __builtin_add_overflow(position->base + array->offset, bytes, &base))
		return false;
	position->base = base;
	position->index++;
	*path = rest + 1;
	return true;
}

static bool walk(const struct lade_decoder *decoder, const char *path, struct position *ret_position)
{
	struct position position = { .decoder = decoder, .end = (uint32_t)decoder->fields.count };
	for (bool is_first = true; *path || is_first; is_first = false) {
		if (*path == '[') {
			if (!step_into_element(&position, &path))
				return false;
			continue;
		}
		if (!is_first && *path++ != '.')
			return false;
		if (!step_into_name(&position, &path))
			return false;
	}
	*ret_position = position;
	return true;
}

static struct field *add_copy(struct lade_decoder *into, const struct field *field)
{
	struct field *copy = array_push(&into->fields);
	if (!copy)
		return NULL;
	*copy = *field;
	copy->name = copy->json_name = copy->lead = copy->json_lead = NULL;
	return copy;
}

/* A name that was made safe once must not be made so again. */
static int copy_name(struct field *copy, const struct field *field)
{
	if (!field->name)
		return 0;
	copy->name = strdup(field->name);
	copy->json_name = strdup(field->json_name);
	copy->lead = strdup(field->lead);
	copy->json_lead = strdup(field->json_lead);
	return copy->name && copy->json_name && copy->lead && copy->json_lead ? 0 : -ENOMEM;
}

/* The field and all that is in it; only its own name and place change. */
static int copy_field(struct lade_decoder *into, const struct position *position, const char *path)
{
	const struct field *root = field_at(position);
	uint32_t moved = (uint32_t)into->fields.count - position->index; /* may wrap: added to indices again */
	for (uint32_t i = position->index; i < root->next; i++) {
		const struct field *field = &position->decoder->fields.items[i];
		bool is_root = i == position->index;
		struct field *copy = add_copy(into, field);
		if (!copy || (is_root ? lade_field_set_name(copy, path) : copy_name(copy, field)) < 0)
			return -ENOMEM;
		copy->next += moved;
		copy->offset += is_root ? position->base : 0;
	}
	return 0;
}

static int add_missing(struct lade_decoder *into, const char *path)
{
	struct field *field = array_push(&into->fields);
	if (!field)
		return -ENOMEM;
	*field = (struct field){ .kind = FIELD_NONE, .next = (uint32_t)into->fields.count };
	return lade_field_set_name(field, path);
}

bool lade_decoder_has(const struct lade_decoder *decoder, const char *path)
{
	struct position position;
	return walk(decoder, path, &position);
}

int lade_decoder_select(struct lade_decoder *decoder, const char *const *paths, size_t count)
{
	struct lade_decoder kept = { 0 };
	int result = 0;
	for (size_t i = 0; i < count && result == 0; i++) {
		struct position position;
		result = walk(decoder, paths[i], &position) ? copy_field(&kept, &position, paths[i])
							    : add_missing(&kept, paths[i]);
	}
	/* What is not wanted is freed: the old fields, or on failure the new ones. */
	__typeof__(decoder->fields) all = decoder->fields;
	if (result == 0) {
		decoder->fields.items = kept.fields.items;
		decoder->fields.count = kept.fields.count;
		decoder->fields.capacity = kept.fields.capacity;
	} else {
		all.items = kept.fields.items;
		all.count = kept.fields.count;
	}
	array_foreach(field, &all)
		lade_field_clear_name(field);
	free(all.items);
	return result;
}
