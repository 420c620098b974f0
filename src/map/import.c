/* SPDX-License-Identifier: BSD-2-Clause */
/* Elements in bulk from JSON, set in batches; the text is walked through once and no tree of it is made. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "map/live.h"

enum { MOST = 4096, MOST_BYTES = 8 << 20, MOST_OPEN = 64 }; /* a process may have 1024 descriptors open */

struct slice {
	const char *text; /* NULL: the entry has none */
	size_t length;
};

struct entry {
	struct slice key, value, values;
};

struct import {
	struct lade_live_map *map;
	struct notation reader;
	uint8_t *keys, *elements;
	size_t pending, capacity, done, number; /* number: of entries read */
	uint64_t flags;
	int cpu; /* whose values they are; LADE_ALL_CPUS: everyone's */
	struct references references;
	struct lade_error **error;
};

static int refuse(struct import *import, const char *wrong)
{
	return lade_fail(import->error, EINVAL, "map.import", "map %s: entry %zu: %s", import->map->name,
			 import->number + 1, wrong);
}

static int refuse_text(struct import *import)
{
	return refuse(import, import->reader.wrong ? import->reader.wrong : "this is not JSON");
}

static int flush(struct import *import)
{
	size_t done = 0;
	int result = 0;
	if (import->pending)
		result = lade_map_update_many(import->map, import->keys, import->elements, import->pending,
					      import->flags, &done, import->error);
	import->done += done;
	import->pending = 0;
	lade_references_clear(&import->references);
	return result;
}

/* ---- one entry ---- */

static struct slice *slot(struct entry *entry, const char *name)
{
	if (strcmp(name, "key") == 0)
		return &entry->key;
	if (strcmp(name, "value") == 0)
		return &entry->value;
	return strcmp(name, "values") == 0 ? &entry->values : NULL;
}

/* Fields that it does not know are passed over. */
static int read_entry(struct import *import, struct notation *reader, struct entry *entry)
{
	struct strbuf name = { 0 };
	int more = lade_notation_open(reader, '{');
	while (more >= 0 && (more = lade_notation_more(reader, '}')) > 0) {
		struct slice value;
		more = lade_notation_name(reader, &name);
		if (more == 0)
			more = lade_notation_skip(reader, &value.text, &value.length);
		struct slice *wanted = more == 0 ? slot(entry, name.text) : NULL;
		if (wanted)
			*wanted = value;
	}
	lade_strbuf_clear(&name);
	if (more >= 0)
		return 0;
	import->reader.wrong = reader->wrong;
	return refuse_text(import);
}

/* {"cpu":1,"value":2} */
static int read_cpu(struct import *import, const struct slice *item, uint8_t *values)
{
	struct notation reader = lade_notation(item->text, item->length);
	struct slice value = { 0 }, text;
	struct strbuf name = { 0 };
	unsigned long cpu = ULONG_MAX;
	int more = lade_notation_open(&reader, '{');
	while (more >= 0 && (more = lade_notation_more(&reader, '}')) > 0) {
		more = lade_notation_name(&reader, &name);
		if (more == 0)
			more = lade_notation_skip(&reader, &text.text, &text.length);
		if (more == 0 && strcmp(name.text, "value") == 0)
			value = text;
		if (more == 0 && strcmp(name.text, "cpu") == 0 && *text.text >= '0' && *text.text <= '9')
			cpu = strtoul(text.text, NULL, 10);
	}
	lade_strbuf_clear(&name);
	if (more < 0 || !value.text)
		return refuse(import, "one of its values has no \"cpu\" and \"value\"");
	if (cpu >= import->map->cpus)
		return refuse(import, "it has a value of a CPU that is not here");
	return lade_map_text_value(import->map, value.text, value.length, values + cpu * import->map->stride,
				   &import->references, import->error);
}

static int read_cpus(struct import *import, const struct slice *list, uint8_t *values)
{
	struct notation reader = lade_notation(list->text, list->length);
	int more = lade_notation_open(&reader, '[');
	while (more >= 0 && (more = lade_notation_more(&reader, ']')) > 0) {
		struct slice item;
		more = lade_notation_skip(&reader, &item.text, &item.length);
		if (more == 0)
			more = read_cpu(import, &item, values);
		if (more < 0)
			return more;
	}
	return more < 0 ? refuse(import, "\"values\" is no list") : 0;
}

static int read_value(struct import *import, const struct entry *entry, uint8_t *values)
{
	struct lade_live_map *map = import->map;
	memset(values, 0, map->value_bytes);
	if (entry->values.text && map->kind->per_cpu)
		return read_cpus(import, &entry->values, values);
	if (!entry->value.text)
		return refuse(import, "it has no \"value\"");
	int result = lade_map_text_value(map, entry->value.text, entry->value.length, values, &import->references,
					 import->error);
	for (unsigned i = 1; result == 0 && i < map->cpus; i++)
		memcpy(values + i * map->stride, values, map->stride);
	return result;
}

/* Of one CPU: what the others have is read, and written back with it. */
static int keep_others(struct import *import, const uint8_t *key, uint8_t *values)
{
	struct lade_live_map *map = import->map;
	size_t place = (size_t)import->cpu * map->stride;
	CLEANUP(cleanup_free) uint8_t *own = calloc(1, map->stride);
	if (!own)
		return lade_fail_memory(import->error);
	memcpy(own, values + place, map->stride);
	int result = lade_bpf_map_lookup(map->kernel, map->fd, key, values);
	if (result < 0 && result != -ENOENT)
		return lade_map_refused(map, "reading", key, result, import->error);
	if (result == -ENOENT)
		memset(values, 0, map->value_bytes);
	memcpy(values + place, own, map->stride);
	return 0;
}

static int add_entry(struct import *import, const struct entry *entry)
{
	struct lade_live_map *map = import->map;
	uint8_t *key = import->keys + import->pending * map->info.key_size;
	uint8_t *value = import->elements + import->pending * map->value_bytes;
	int result = read_value(import, entry, value);
	if (result == 0 && map->kind->key == KEY_NONE) {
		result = lade_map_push(map, value, import->error);
		import->done += result == 0;
		return result;
	}
	if (result == 0 && !entry->key.text)
		return refuse(import, "it has no \"key\"");
	if (result == 0)
		result = lade_map_text_key(map, entry->key.text, entry->key.length, key, &import->references,
					   import->error);
	if (result == 0 && import->cpu != LADE_ALL_CPUS)
		result = keep_others(import, key, value);
	if (result < 0)
		return lade_error_context(import->error, result, "entry %zu", import->number + 1);
	import->pending++;
	return 0;
}

static int import_one(struct import *import, struct notation *reader)
{
	struct entry entry = { 0 };
	int result = read_entry(import, reader, &entry);
	if (result == 0)
		result = add_entry(import, &entry);
	import->number++;
	if (result == 0 && (import->pending == import->capacity || import->references.count >= MOST_OPEN))
		result = flush(import);
	return result;
}

/* ---- the whole ---- */

static int import_list(struct import *import, struct notation *reader)
{
	int more = lade_notation_open(reader, '[');
	while (more >= 0 && (more = lade_notation_more(reader, ']')) > 0) {
		int result = import_one(import, reader);
		if (result < 0)
			return result;
	}
	import->reader.wrong = reader->wrong;
	return more < 0 ? refuse_text(import) : 0;
}

/* Where "entries" stand in a document; NULL: it is one entry. */
static int find_entries(const struct notation *document, struct slice *ret_entries)
{
	struct notation reader = *document;
	struct strbuf name = { 0 };
	struct slice found = { 0 }, value;
	int more = lade_notation_open(&reader, '{');
	/* Of a document it is the last field, of an entry there is none: what comes before is small. */
	while (more >= 0 && (more = lade_notation_more(&reader, '}')) > 0) {
		more = lade_notation_name(&reader, &name);
		const char *start = reader.at;
		if (more == 0 && strcmp(name.text, "entries") == 0 && lade_notation_peek(&reader) == NOTATION_LIST) {
			found = (struct slice){ start, (size_t)(reader.end - start) };
			break;
		}
		if (more == 0)
			more = lade_notation_skip(&reader, &value.text, &value.length);
	}
	lade_strbuf_clear(&name);
	if (found.text)
		*ret_entries = found;
	return found.text != NULL;
}

static int import_all(struct import *import)
{
	struct slice entries;
	if (lade_notation_peek(&import->reader) == NOTATION_LIST)
		return import_list(import, &import->reader);
	if (find_entries(&import->reader, &entries)) {
		struct notation list = lade_notation(entries.text, entries.length);
		return import_list(import, &list);
	}
	int more;
	while ((more = lade_notation_more(&import->reader, '\0')) > 0) {
		int result = import_one(import, &import->reader);
		if (result < 0)
			return result;
	}
	return more < 0 ? refuse_text(import) : 0;
}

LADE_API int lade_map_import(struct lade_live_map *map, const char *json, size_t length, uint64_t flags,
			     size_t *ret_done, struct lade_error **error)
{
	return lade_map_import_cpu(map, json, length, LADE_ALL_CPUS, flags, ret_done, error);
}

LADE_API int lade_map_import_cpu(struct lade_live_map *map, const char *json, size_t length, int cpu, uint64_t flags,
				 size_t *ret_done, struct lade_error **error)
{
	int wrong = lade_map_check_cpu(map, cpu, error);
	if (wrong < 0)
		return wrong;
	size_t element = map->info.key_size + map->value_bytes + 16, most = MOST_BYTES / element;
	struct import import = { .map = map,
				 .reader = lade_notation(json, length),
				 .capacity = most < 1      ? 1
					     : most < MOST ? most
							   : MOST,
				 .flags = flags,
				 .cpu = cpu,
				 .error = error };
	import.keys = calloc(import.capacity, map->info.key_size + 8U);
	import.elements = calloc(import.capacity, map->value_bytes + 8);
	int result = import.keys && import.elements ? import_all(&import) : lade_fail_memory(error);
	/* What was read before the one that cannot be set is set. */
	int last = import.keys && import.elements ? flush(&import) : 0;
	lade_references_clear(&import.references);
	free(import.keys);
	free(import.elements);
	*ret_done = import.done;
	return result < 0 ? result : last;
}
