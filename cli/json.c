/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON: one document on stdout, findings as the contract says. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Bytes of the character that begins here; 0: it is none in UTF-8. */
static size_t utf8_length(const unsigned char *text)
{
	size_t length = text[0] < 0x80		   ? 1
			: text[0] >= 0xc2 && text[0] < 0xe0 ? 2
			: text[0] >= 0xe0 && text[0] < 0xf0 ? 3
			: text[0] >= 0xf0 && text[0] < 0xf5 ? 4
							    : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	bool overlong = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
	bool beyond = (text[0] == 0xed && text[1] >= 0xa0) || (text[0] == 0xf4 && text[1] >= 0x90);
	return length > 1 && (overlong || beyond) ? 0 : length;
}

/* Up to the first byte that is no character's, or the end. */
static const unsigned char *end_of_characters(const unsigned char *byte)
{
	size_t length = 1;

	while (*byte && length) {
		/* Nearly all are ASCII's. */
		length = *byte < 0x80 ? 1 : utf8_length(byte);
		byte += length;
	}
	return byte;
}

/* Names of files and sections may be any bytes: one that is no UTF-8 becomes the character of its number. */
static struct json_object *new_string(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text, *end = end_of_characters(byte);
	size_t used = 0;
	char *fixed;

	if (!*end)
		return json_object_new_string_len(text, (int)(end - byte));
	fixed = malloc(2 * strlen(text) + 1);
	while (fixed && *byte) {
		size_t whole = utf8_length(byte);
		for (size_t i = 0; i < whole; i++)
			fixed[used++] = (char)*byte++;
		if (whole)
			continue;
		fixed[used++] = (char)(0xc0 | *byte >> 6);
		fixed[used++] = (char)(0x80 | (*byte++ & 0x3f));
	}
	struct json_object *json = fixed ? json_object_new_string_len(fixed, (int)used) : NULL;
	free(fixed);
	return json;
}

struct json_object *cli_json_text(const char *text)
{
	return new_string(text);
}

void cli_json_string(struct json_object *object, const char *key, const char *value)
{
	(void)json_object_object_add(object, key, value ? new_string(value) : NULL);
}

void cli_json_number(struct json_object *object, const char *key, int64_t value)
{
	(void)json_object_object_add(object, key, json_object_new_int64(value));
}

void cli_json_bool(struct json_object *object, const char *key, bool value)
{
	(void)json_object_object_add(object, key, json_object_new_boolean(value));
}

struct json_object *cli_json_array(struct json_object *object, const char *key)
{
	struct json_object *array = json_object_new_array();
	(void)json_object_object_add(object, key, array);
	return array;
}

struct json_object *cli_json_document(bool ok)
{
	struct json_object *document = json_object_new_object();
	if (!document)
		return NULL;
	cli_json_string(document, "schema", "lade/1");
	cli_json_bool(document, "ok", ok);
	return document;
}

static struct json_object *source_json(const struct lade_finding_info *info)
{
	if (!info->source_file)
		return NULL;
	struct json_object *source = json_object_new_object();
	cli_json_string(source, "file", info->source_file);
	cli_json_number(source, "line", info->source_line);
	cli_json_string(source, "text", info->source_text);
	return source;
}

static void add_words(struct json_object *json, const struct lade_finding_info *info)
{
	cli_json_string(json, "message", info->message);
	cli_json_string(json, "cause", info->cause && *info->cause ? info->cause : NULL);
	struct json_object *evidence = cli_json_array(json, "evidence");
	for (size_t i = 0; i < info->evidence_count; i++)
		(void)json_object_array_add(evidence, new_string(info->evidence[i]));
	cli_json_string(json, "fix", info->fix && *info->fix ? info->fix : NULL);
	cli_json_string(json, "see", info->see);
	cli_json_string(json, "since", info->since);
	cli_json_string(json, "until", info->until);
	if (info->log)
		cli_json_string(json, "log", info->log);
}

struct json_object *cli_finding_json(const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };
	if (lade_finding_describe(finding, &info) < 0)
		return NULL;
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "code", info.code);
	cli_json_string(json, "severity", lade_severity_name(info.severity));
	cli_json_string(json, "confidence", lade_confidence_name(info.confidence));
	cli_json_string(json, "phase", lade_phase_name(info.phase));
	cli_json_string(json, "object", info.object);
	cli_json_string(json, "map", info.map);
	cli_json_string(json, "program", info.program);
	(void)json_object_object_add(json, "instruction",
				     info.instruction >= 0 ? json_object_new_int64(info.instruction) : NULL);
	(void)json_object_object_add(json, "source", source_json(&info));
	add_words(json, &info);
	return json;
}

int cli_json_print(const struct cli *cli, struct json_object *json)
{
	if (!json)
		return cli_fail_memory(cli);
	int flags = cli->pretty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN;
	const char *text = json_object_to_json_string_ext(json, flags | JSON_C_TO_STRING_NOSLASHESCAPE);
	int code = text ? EXIT_OK : cli_fail_memory(cli);
	if (text)
		(void)printf("%s\n", text);
	json_object_put(json);
	return code;
}

struct json_object *cli_link_json(const struct lade_link_info *link)
{
	struct json_object *json = json_object_new_object();

	cli_json_string(json, "program", link->program);
	cli_json_string(json, "method", link->method);
	cli_json_string(json, "target", link->target);
	cli_json_string(json, "pin_path", link->pin);
	return json;
}
