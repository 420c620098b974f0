/* SPDX-License-Identifier: BSD-2-Clause */
#include "records.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"

static const char *const source_words[] = {
	[LADE_TYPE_CHOSEN] = "chosen",
	[LADE_TYPE_DECLARED] = "declared",
	[LADE_TYPE_BY_SIZE] = "size",
};

static const char *const source_sentences[] = {
	[LADE_TYPE_CHOSEN] = "as --record says",
	[LADE_TYPE_DECLARED] = "as the map declares",
	[LADE_TYPE_BY_SIZE] = "the only type of that size",
};

/* ---- the summary ---- */

static struct json_object *map_json(const struct lade_stream_map_info *map)
{
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "name", map->name);
	cli_json_number(json, "records", (int64_t)map->records);
	cli_json_number(json, "lost", (int64_t)map->lost);
	cli_json_number(json, "full", (int64_t)map->full);
	cli_json_string(json, "type", map->record_type);
	cli_json_string(json, "type_from", map->record_type ? source_words[map->record_source] : NULL);
	return json;
}

static void summary_json(const struct lade_stream *stream)
{
	struct json_object *document = cli_json_document(true);
	struct json_object *maps = cli_json_array(document, "maps");
	struct lade_stream_map_info map = { .size = sizeof map };
	for (size_t i = 0; lade_stream_map(stream, i, &map) == 0; i++)
		(void)json_object_array_add(maps, map_json(&map));
	(void)fprintf(
		stderr, "%s\n",
		json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(document);
}

static void summary_text(const struct lade_stream_map_info *map, bool is_first)
{
	(void)fputs(is_first ? "" : "; ", stderr);
	cli_put_safe(stderr, map->name);
	(void)fprintf(stderr, ": %" PRIu64 " records", map->records);
	if (strcmp(map->type_name, "ringbuf") != 0)
		(void)fprintf(stderr, ", %" PRIu64 " lost", map->lost);
	else if (map->full)
		(void)fprintf(stderr, ", found full %" PRIu64 " times", map->full);
}

void records_summary(const struct records *records, const struct lade_stream *stream)
{
	struct lade_stream_map_info map = { .size = sizeof map };
	if (records->cli->quiet || !stream)
		return;
	if (records->cli->json) {
		summary_json(stream);
		return;
	}
	for (size_t i = 0; lade_stream_map(stream, i, &map) == 0; i++)
		summary_text(&map, i == 0);
	(void)putc('\n', stderr);
}

/* ---- what is said about a map's records ---- */

static struct record_note *note_of(struct records *records, const char *map)
{
	for (size_t i = 0; i < records->note_count; i++)
		if (strcmp(records->notes[i].map, map) == 0)
			return &records->notes[i];
	struct record_note *grown = realloc(records->notes, (records->note_count + 1) * sizeof *grown);
	if (!grown)
		return NULL;
	records->notes = grown;
	struct record_note *note = &records->notes[records->note_count];
	*note = (struct record_note){ .map = strdup(map) };
	records->note_count += note->map != NULL;
	return note->map ? note : NULL;
}

static bool is_same(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static void keep_string(char **kept, const char *text)
{
	free(*kept);
	*kept = text ? strdup(text) : NULL;
}

static void say_type(struct record_note *note, const struct lade_record_info *info)
{
	note->source = info->source;
	keep_string(&note->type, info->type_name);
	if (!info->type_name)
		return;
	(void)fputs("note: ", stderr);
	cli_put_safe(stderr, info->map);
	(void)fputs(": records are shown as ", stderr);
	cli_put_safe(stderr, info->type_name);
	(void)fprintf(stderr, ", %s\n", source_sentences[info->source]);
}

/* Why a record is shown as bytes, with the candidates: once, until the reason changes. */
static void say_why(struct record_note *note, const struct lade_record_info *info)
{
	keep_string(&note->why, info->why);
	/* Said before the first record came, and no option helps. */
	if (!info->why || strcmp(info->why, "the object has no BTF") == 0)
		return;
	(void)fputs("note: ", stderr);
	cli_put_safe(stderr, info->map);
	(void)fputs(": ", stderr);
	cli_put_safe(stderr, info->why);
	(void)fputs(info->type_name ? "\n" : "; --record [MAP=]STRUCT chooses\n", stderr);
}

static void say_about(struct records *records, const struct lade_record_info *info)
{
	struct record_note *note = note_of(records, info->map);
	if (!note)
		return;
	bool is_other_type = note->source != info->source || !is_same(note->type, info->type_name);
	bool is_other_reason = info->why && !is_same(note->why, info->why);
	if (!is_other_type && !is_other_reason)
		return;
	lines_flush(&records->lines);
	if (is_other_type)
		say_type(note, info);
	if (is_other_reason)
		say_why(note, info);
}

/* ---- printing ---- */

int records_print(void *userdata, const struct lade_record *record)
{
	struct records *records = userdata;
	const struct cli *cli = records->cli;
	struct lade_record_info info = { .size = sizeof info };
	const char *line;
	size_t length;
	if (lade_record_describe(record, &info) < 0 ||
	    lade_record_line(record, cli->json ? LADE_LINE_JSON : LADE_LINE_TEXT, &line, &length) < 0) {
		records->no_memory = true;
		return 1;
	}
	if (!info.lost && !cli->quiet && !cli->json)
		say_about(records, &info);
	if (!lines_add(&records->lines, line, length)) {
		records->no_memory = true;
		return 1;
	}
	if (records->lines.length >= 1U << 18)
		lines_flush(&records->lines);
	records->count += !info.lost;
	bool is_enough = records->count_limit && records->count >= records->count_limit;
	return is_enough || records->lines.errnum || (must_stop() && !records->is_last);
}

void records_clear(struct records *records)
{
	for (size_t i = 0; i < records->note_count; i++) {
		free(records->notes[i].map);
		free(records->notes[i].why);
		free(records->notes[i].type);
	}
	free(records->notes);
	lines_clear(&records->lines);
	*records = (struct records){ 0 };
}
