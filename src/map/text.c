/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and values as text and JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/bpf.h"
#include "map/live.h"
#include "stream/quote.h"
#include "stream/value.h"

/* ---- reading ---- */

/* The word alone where the text is one, quoted or not; else the text as it is. */
static char *unquote(const char *text, size_t length)
{
	struct notation reader = lade_notation(text, length);
	struct strbuf word = { 0 };
	bool is_quoted;
	if (lade_notation_peek(&reader) != NOTATION_QUOTED || lade_notation_word(&reader, &word, &is_quoted) < 0 ||
	    lade_notation_peek(&reader) != NOTATION_END) {
		lade_strbuf_clear(&word);
		return strndup(text, length);
	}
	return lade_strbuf_take(&word);
}

int lade_map_text_key(struct lade_live_map *map, const char *text, size_t length, uint8_t *key,
		      struct references *references, struct lade_error **error)
{
	int result = lade_map_types(map, error);
	if (result == 0)
		result = lade_map_needs_keys(map, true, error);
	if (result < 0)
		return result;
	CLEANUP(cleanup_free) char *word = unquote(text, length);
	if (!word)
		return lade_fail_memory(error);
	result = lade_reference_key(map, word, key, references, error);
	if (result)
		return result < 0 ? result : 0;
	if (lade_prefix_is_address(map) && lade_prefix_read(map, word, key) == 0)
		return 0;
	result = lade_encode(map->key_decoder, text, length, key, map->info.key_size, "key", error);
	return result < 0 ? lade_error_context(error, result, "map %s", map->name) : 0;
}

int lade_map_text_value(struct lade_live_map *map, const char *text, size_t length, uint8_t *value,
			struct references *references, struct lade_error **error)
{
	int result = lade_map_types(map, error);
	if (result == 0 && map->kind->content == CONTENT_NONE)
		result = lade_map_needs_keys(map, true, error);
	if (result < 0)
		return result;
	if (map->kind->content != CONTENT_PLAIN) {
		CLEANUP(cleanup_free) char *word = unquote(text, length);
		if (!word)
			return lade_fail_memory(error);
		result = lade_reference_read(map, word, value, references, error);
		if (result)
			return result < 0 ? result : 0;
	}
	result = lade_encode(map->value_decoder, text, length, value, map->info.value_size, "value", error);
	return result < 0 ? lade_error_context(error, result, "map %s", map->name) : 0;
}

/* Without anything that must stay open: descriptors mean nothing to the caller. */
static int refuse_reference(const struct lade_live_map *map, struct lade_error **error)
{
	return lade_fail(error, EOPNOTSUPP, "map.options",
			 "map %s: this stands for a descriptor: use lade_map_set(), lade_map_lookup_text() …",
			 map->name);
}

LADE_API int lade_map_read_key(struct lade_live_map *map, const char *text, void *key_bytes, struct lade_error **error)
{
	struct references references = { 0 };
	int result = lade_map_text_key(map, text, strlen(text), key_bytes, &references, error);
	if (result == 0 && references.count)
		result = refuse_reference(map, error);
	lade_references_clear(&references);
	return result;
}

static void repeat(const struct lade_live_map *map, uint8_t *values)
{
	for (unsigned i = 1; i < map->cpus; i++)
		memcpy(values + i * map->stride, values, map->stride);
}

LADE_API int lade_map_read_value(struct lade_live_map *map, const char *text, void *value_bytes,
				 struct lade_error **error)
{
	struct references references = { 0 };
	memset(value_bytes, 0, map->value_bytes);
	int result = lade_map_text_value(map, text, strlen(text), value_bytes, &references, error);
	if (result == 0 && references.count)
		result = refuse_reference(map, error);
	if (result == 0)
		repeat(map, value_bytes);
	lade_references_clear(&references);
	return result;
}

/* ---- setting ---- */

int lade_map_check_cpu(const struct lade_live_map *map, int cpu, struct lade_error **error)
{
	if (cpu == LADE_ALL_CPUS)
		return 0;
	if (!map->kind->per_cpu)
		return lade_fail(error, EINVAL, "map.cpu", "map %s: it has one value for all CPUs", map->name);
	if (cpu < 0 || (unsigned)cpu >= map->cpus)
		return lade_fail(error, ERANGE, "map.cpu", "map %s: there is no CPU %d, the last one is %u", map->name,
				 cpu, map->cpus - 1);
	return 0;
}

struct setting {
	uint8_t *key, *value, *old;
	struct references references;
};

static void setting_clear(struct setting *setting)
{
	free(setting->key);
	free(setting->value);
	free(setting->old);
	lade_references_clear(&setting->references);
}

/* The kernel takes the values of all CPUs at once: those of the others are read before, and may change meanwhile. */
static int put_one_cpu(struct lade_live_map *map, struct setting *setting, int cpu, struct lade_error **error)
{
	int result = lade_bpf_map_lookup(map->kernel, map->fd, setting->key, setting->old);
	if (result < 0 && result != -ENOENT)
		return lade_map_refused(map, "reading", setting->key, result, error);
	if (result == -ENOENT)
		memset(setting->old, 0, map->value_bytes);
	memcpy(setting->old + (size_t)cpu * map->stride, setting->value, map->stride);
	memcpy(setting->value, setting->old, map->value_bytes);
	return 0;
}

static int set(struct lade_live_map *map, struct setting *setting, const char *key, const char *value, int cpu,
	       uint64_t flags, struct lade_error **error)
{
	int result = key ? lade_map_text_key(map, key, strlen(key), setting->key, &setting->references, error)
			 : lade_map_needs_keys(map, false, error);
	if (result == 0)
		result = lade_map_text_value(map, value, strlen(value), setting->value, &setting->references, error);
	if (result < 0)
		return result;
	if (!key)
		return lade_map_push(map, setting->value, error);
	repeat(map, setting->value);
	if (cpu != LADE_ALL_CPUS)
		result = put_one_cpu(map, setting, cpu, error);
	return result < 0 ? result : lade_map_update(map, setting->key, setting->value, flags, error);
}

LADE_API int lade_map_set_with(struct lade_live_map *map, const char *key, const char *value, int cpu, uint64_t flags,
			       struct lade_error **error)
{
	int result = lade_map_check_cpu(map, cpu, error);
	if (result < 0)
		return result;
	struct setting setting = { .key = calloc(1, map->info.key_size + 8U),
				   .value = calloc(1, map->value_bytes + 8),
				   .old = calloc(1, map->value_bytes + 8) };
	map->given_key = key;
	result = setting.key && setting.value && setting.old ? set(map, &setting, key, value, cpu, flags, error)
							     : lade_fail_memory(error);
	map->given_key = NULL;
	setting_clear(&setting);
	return result;
}

LADE_API int lade_map_set(struct lade_live_map *map, const char *key, const char *value, int cpu,
			  struct lade_error **error)
{
	return lade_map_set_with(map, key, value, cpu, LADE_MAP_ANY, error);
}

/* ---- getting and deleting ---- */

/* value NULL: deletes. */
static int use_text_key(struct lade_live_map *map, const char *text, void *value, struct lade_error **error)
{
	struct references references = { 0 };
	CLEANUP(cleanup_free) uint8_t *key = calloc(1, map->info.key_size + 8U);
	if (!key)
		return lade_fail_memory(error);
	int result = lade_map_text_key(map, text, strlen(text), key, &references, error);
	map->given_key = text;
	if (result == 0)
		result = value ? lade_map_lookup(map, key, value, error) : lade_map_delete(map, key, error);
	map->given_key = NULL;
	lade_references_clear(&references);
	return result;
}

LADE_API int lade_map_lookup_text(struct lade_live_map *map, const char *key, void *value, struct lade_error **error)
{
	return use_text_key(map, key, value, error);
}

LADE_API int lade_map_delete_text(struct lade_live_map *map, const char *key, struct lade_error **error)
{
	return use_text_key(map, key, NULL, error);
}

/* ---- printing ---- */

static void print_untyped(const uint8_t *bytes, size_t size, bool is_json, struct strbuf *into)
{
	if (size == 1 || size == 2 || size == 4 || size == 8)
		lade_strbuf_addf(into, "%" PRIu64, lade_value_unsigned(bytes, size));
	else if (is_json)
		lade_hex_json(bytes, size, into);
	else
		lade_hex_text(bytes, size, into);
}

static void print_typed(const struct lade_decoder *decoder, const uint8_t *bytes, size_t size, bool is_json,
			struct strbuf *into)
{
	if (!decoder)
		print_untyped(bytes, size, is_json, into);
	else if (is_json)
		lade_decoder_json(decoder, bytes, size, into);
	else
		lade_decoder_text(decoder, bytes, size, into);
}

static int take(struct strbuf *text, char **ret_text)
{
	lade_strbuf_add(text, "");
	char *taken = lade_strbuf_take(text);
	if (!taken)
		return -ENOMEM;
	*ret_text = taken;
	return 0;
}

LADE_API int lade_map_print_key(struct lade_live_map *map, const void *key_bytes, enum lade_map_form form,
				char **ret_text)
{
	struct strbuf text = { 0 };
	bool is_json = form == LADE_MAP_JSON;
	if (lade_map_types(map, NULL) < 0)
		return -ENOMEM;
	if (!lade_prefix_is_address(map)) {
		print_typed(map->key_decoder, key_bytes, map->info.key_size, is_json, &text);
		return take(&text, ret_text);
	}
	lade_strbuf_add(&text, is_json ? "\"" : "");
	lade_prefix_print(map, key_bytes, &text);
	lade_strbuf_add(&text, is_json ? "\"" : "");
	return take(&text, ret_text);
}

static void print_one(struct lade_live_map *map, const uint8_t *value, bool is_json, struct strbuf *into)
{
	if (!lade_reference_print(map, value, is_json, into))
		print_typed(map->value_decoder, value, map->info.value_size, is_json, into);
}

static void print_cpus(struct lade_live_map *map, const uint8_t *values, bool is_json, struct strbuf *into)
{
	lade_strbuf_add(into, is_json ? "[" : "");
	for (unsigned cpu = 0; cpu < map->cpus; cpu++) {
		if (is_json)
			lade_strbuf_addf(into, "%s{\"cpu\":%u,\"value\":", cpu ? "," : "", cpu);
		else
			lade_strbuf_addf(into, "%scpu%u: ", cpu ? "  " : "", cpu);
		print_one(map, values + cpu * map->stride, is_json, into);
		lade_strbuf_add(into, is_json ? "}" : "");
	}
	lade_strbuf_add(into, is_json ? "]" : "");
}

LADE_API int lade_map_print_value(struct lade_live_map *map, const void *value_bytes, int cpu, enum lade_map_form form,
				  char **ret_text)
{
	struct strbuf text = { 0 };
	bool is_json = form == LADE_MAP_JSON, is_all = cpu == LADE_ALL_CPUS || !map->kind->per_cpu;
	if (lade_map_types(map, NULL) < 0)
		return -ENOMEM;
	if (!is_all && (cpu < 0 || (unsigned)cpu >= map->cpus))
		return -ERANGE;
	if (map->kind->per_cpu && is_all)
		print_cpus(map, value_bytes, is_json, &text);
	else
		print_one(map, (const uint8_t *)value_bytes + (is_all ? 0 : (size_t)cpu * map->stride), is_json, &text);
	return take(&text, ret_text);
}
