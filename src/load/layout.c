/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of a data map: two loads of one size may still put other variables into it, and then the content of one is
 * nonsense to the other. It is journalled, since the object's file may be gone when it is compared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "load/replace.h"

#define MOST_BYTES 2000 /* of a journal entry's 3000, with what is escaped */

/* FNV-1a */
static uint64_t hash(const char *text)
{
	uint64_t value = 0xcbf29ce484222325u;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 0x100000001b3u;
	return value;
}

char *lade_load_layout(const struct lade_object *object, uint32_t map)
{
	struct strbuf text = { 0 };
	char shorter[32];

	array_foreach(item, &object->variables) {
		const struct lade_variable *variable = *item;
		if (variable->map == map)
			lade_strbuf_addf(&text, "%s%s:%u:%u", text.length ? "/" : "", variable->name, variable->offset,
					 variable->length);
	}
	char *layout = text.length ? lade_strbuf_take(&text) : strdup("");
	if (!layout || strlen(layout) <= MOST_BYTES)
		return layout;
	(void)snprintf(shorter, sizeof shorter, "hash:%016llx", (unsigned long long)hash(layout));
	free(layout);
	return strdup(shorter);
}

int lade_load_note_layout(struct loader *loader, uint32_t map, struct lade_error **error)
{
	const struct lade_map *model = loader->object->maps.items[map];

	if (!model->is_data || model->is_readonly_data)
		return 0;
	CLEANUP(cleanup_free) char *layout = lade_load_layout(loader->object, map);
	const char *const pairs[] = { "map", model->name, "layout", layout, NULL };
	return layout ? lade_txn_note(loader->txn, "data", pairs, error) : lade_fail_memory(error);
}

int64_t lade_layout_find(const char *layout, const char *name, uint32_t length)
{
	size_t name_length = strlen(name);

	for (const char *item = layout; item && *item; item = strchr(item, '/')) {
		unsigned offset, found;
		item += *item == '/';
		if (strncmp(item, name, name_length) == 0 && item[name_length] == ':' &&
		    sscanf(item + name_length, ":%u:%u", &offset, &found) == 2 && found == length)
			return offset;
	}
	return -ENOENT;
}
