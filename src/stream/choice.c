/* SPDX-License-Identifier: BSD-2-Clause */
/* --record and --fields: what was asked for must be something. */
#include <errno.h>
#include <string.h>

#include "stream/buffer.h"

struct record_types *lade_stream_add_types(struct lade_stream *stream)
{
	struct record_types *types = calloc(1, sizeof *types);
	struct record_types **item = types ? array_push(&stream->types) : NULL; /* NOLINT: items are pointers */
	if (!item) {
		free(types);
		return NULL;
	}
	types->fields = (struct field_choice){ .paths = (const char *const *)stream->fields.items,
					       .count = stream->fields.count };
	*item = types;
	return types;
}

/* ---- types ---- */

/* A type for one map goes before one for all, whatever their order. */
void lade_stream_choose(struct lade_stream *stream, struct buffer *buffer)
{
	for (int of_all = 0; of_all < 2; of_all++)
		array_foreach(wanted, &stream->wanted) {
			if ((wanted->map == NULL) != of_all || (wanted->map && strcmp(wanted->map, buffer->map) != 0))
				continue;
			uint32_t id = buffer->types ? lade_record_types_find(buffer->types, wanted->type) : 0;
			wanted->is_found = wanted->is_found || id;
			if (!buffer->hints.chosen || !of_all)
				buffer->hints.chosen = id;
		}
}

static bool has_buffer(const struct lade_stream *stream, const char *map)
{
	array_foreach(buffer, &stream->buffers)
		if (strcmp((*buffer)->map, map) == 0)
			return true;
	return false;
}

static int fail_map(const struct lade_stream *stream, const char *map, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "stream.map.unknown", "there is no ring or perf buffer named %s", map);
	array_foreach(buffer, &stream->buffers)
		finding_evidence(finding, "there is %s", (*buffer)->map);
	return -ENOENT;
}

static int fail_type(const struct lade_stream *stream, const char *type, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "stream.type.unknown", "the BTF has no struct or union named %s", type);
	array_foreach(types, &stream->types)
		lade_record_types_list(*types, finding);
	if (!stream->types.count)
		finding_evidence(finding, "no BTF is known for the buffer");
	return -ENOENT;
}

/* ---- fields ---- */

static int type_has(const struct record_types *types, uint32_t id, const char *path, bool *found)
{
	struct lade_decoder *decoder = NULL;
	int result = id && !*found ? lade_decoder_compile(types->btf, id, &decoder) : -EINVAL;
	*found = *found || (result == 0 && lade_decoder_has(decoder, path));
	(void)lade_decoder_free(decoder);
	return result == -ENOMEM ? result : 0;
}

/* Of the type that is chosen or declared, else of any that may turn out to be it. */
static int buffer_has(const struct buffer *buffer, const char *path, bool *found)
{
	const struct record_types *types = buffer->types;
	uint32_t known = buffer->hints.chosen ? buffer->hints.chosen : buffer->hints.declared;
	if (!types || !types->btf)
		return 0;
	struct lade_decoder *decoder = NULL;
	bool is_known = known && lade_decoder_compile(types->btf, known, &decoder) == 0;
	(void)lade_decoder_free(decoder);
	if (is_known)
		return type_has(types, known, path, found);
	for (size_t i = 0; i < types->candidates.count && !*found; i++)
		if (type_has(types, types->candidates.items[i].id, path, found) < 0)
			return -ENOMEM;
	return 0;
}

static int check_field(struct lade_stream *stream, const char *path, struct lade_error **error)
{
	bool found = false;
	array_foreach(buffer, &stream->buffers)
		if (buffer_has(*buffer, path, &found) < 0)
			return lade_fail_memory(error);
	if (found)
		return 0;
	struct lade_finding *finding =
		lade_error_add(error, ENOENT, "stream.field.unknown", "no record has a field %s", path);
	array_foreach(types, &stream->types)
		lade_record_types_list(*types, finding);
	return -ENOENT;
}

int lade_stream_check(struct lade_stream *stream, struct lade_error **error)
{
	int result = 0;
	array_foreach(wanted, &stream->wanted) {
		if (wanted->map && !has_buffer(stream, wanted->map))
			return fail_map(stream, wanted->map, error);
		if (!wanted->is_found)
			return fail_type(stream, wanted->type, error);
	}
	array_foreach(path, &stream->fields)
		result = result < 0 ? result : check_field(stream, *path, error);
	stream->is_checked = result == 0;
	return result;
}
