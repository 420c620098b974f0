/* SPDX-License-Identifier: BSD-2-Clause */
#include "run_records.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- counting ---- */

static bool is_buffer(const struct lade_loaded_map_info *map)
{
	return map->fd >= 0 && map->type_name &&
	       (strcmp(map->type_name, "ringbuf") == 0 || strcmp(map->type_name, "perf_event_array") == 0);
}

bool run_records_init(struct run_records *records, const struct cli *cli, const struct lade_instance *instance)
{
	size_t maps = lade_instance_map_count(instance);
	records->cli = cli;
	records->counts = calloc(maps + 1, sizeof *records->counts);
	for (size_t i = 0; records->counts && i < maps; i++) {
		struct lade_loaded_map_info map = { .size = sizeof map };
		if (lade_instance_map(instance, i, &map) < 0 || !is_buffer(&map))
			continue;
		char *name = strdup(map.name);
		if (!name)
			return false;
		records->counts[records->count++].map = name;
	}
	return records->counts != NULL;
}

void run_records_clear(struct run_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		free(records->counts[i].map);
		free(records->counts[i].why);
	}
	free(records->counts);
	*records = (struct run_records){ 0 };
}

static struct run_count *find_count(const struct run_records *records, const char *map)
{
	for (size_t i = 0; i < records->count; i++)
		if (strcmp(records->counts[i].map, map) == 0)
			return &records->counts[i];
	return NULL;
}

static void summary_json(const struct run_records *records)
{
	struct json_object *document = cli_json_document(true);
	struct json_object *maps = cli_json_array(document, "maps");
	for (size_t i = 0; i < records->count; i++) {
		struct json_object *map = json_object_new_object();
		cli_json_string(map, "name", records->counts[i].map);
		cli_json_number(map, "records", (int64_t)records->counts[i].records);
		cli_json_number(map, "lost", (int64_t)records->counts[i].lost);
		(void)json_object_array_add(maps, map);
	}
	(void)fprintf(
		stderr, "%s\n",
		json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	(void)json_object_put(document);
}

void run_records_summary(const struct run_records *records)
{
	if (records->cli->quiet || !records->count)
		return;
	if (records->cli->json) {
		summary_json(records);
		return;
	}
	for (size_t i = 0; i < records->count; i++) {
		cli_put_safe(stderr, records->counts[i].map);
		(void)fprintf(stderr, ": %" PRIu64 " records, %" PRIu64 " lost%s", records->counts[i].records,
			      records->counts[i].lost, i + 1 < records->count ? "; " : "\n");
	}
}

/* ---- printing ---- */

static void print_text(const struct lade_record_info *info, const struct timespec *now, const char *fields)
{
	struct tm broken_down = { 0 };
	(void)localtime_r(&now->tv_sec, &broken_down);
	(void)printf("%02d:%02d:%02d.%06ld ", broken_down.tm_hour, broken_down.tm_min, broken_down.tm_sec,
		     now->tv_nsec / 1000);
	cli_put_safe(stdout, info->map);
	if (info->cpu >= 0)
		(void)printf(" cpu%d", info->cpu);
	(void)printf(" %s\n", fields);
}

/* The record is JSON already: it goes behind the members that json-c writes. */
static void print_json(const struct lade_record_info *info, const struct timespec *now, const char *value)
{
	struct json_object *head = json_object_new_object();
	cli_json_string(head, "map", info->map);
	if (info->cpu >= 0)
		cli_json_number(head, "cpu", info->cpu);
	else
		(void)json_object_object_add(head, "cpu", NULL);
	if (!info->lost)
		cli_json_string(head, "type", info->type_name);
	if (info->why)
		cli_json_string(head, "why", info->why);
	const char *text =
		json_object_to_json_string_ext(head, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	(void)printf("{\"time\":%lld.%06ld,%.*s,", (long long)now->tv_sec, now->tv_nsec / 1000, (int)strlen(text) - 2,
		     text + 1);
	if (info->lost)
		(void)printf("\"lost\":%" PRIu64 "}\n", info->lost);
	else
		(void)printf("\"record\":%s}\n", value);
	(void)json_object_put(head);
}

/* Why a record is shown as bytes, with the candidates: once, until the reason changes. */
static void say_why(const struct run_records *records, struct run_count *count, const struct lade_record_info *info)
{
	if (!count || !info->why || records->cli->quiet || records->cli->json)
		return;
	if (count->why && strcmp(count->why, info->why) == 0)
		return;
	/* Said before the first record came, and no option helps. */
	if (strcmp(info->why, "the object has no BTF") == 0)
		return;
	free(count->why);
	count->why = strdup(info->why);
	(void)fflush(stdout);
	(void)fputs("note: ", stderr);
	cli_put_safe(stderr, info->map);
	(void)fputs(": ", stderr);
	cli_put_safe(stderr, info->why);
	(void)fputs(info->type_name ? "\n" : "; --record [MAP=]STRUCT chooses\n", stderr);
}

static int fail_memory(struct run_records *records)
{
	records->no_memory = true;
	return 1;
}

int run_records_print(void *userdata, const struct lade_record *record)
{
	struct run_records *records = userdata;
	struct lade_record_info info = { .size = sizeof info };
	char *value = NULL;
	int result = lade_record_describe(record, &info);
	if (result == 0)
		result = (records->cli->json ? lade_record_json : lade_record_text)(record, &value);
	if (result < 0)
		return fail_memory(records);
	struct run_count *count = find_count(records, info.map);
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (count) {
		count->lost += info.lost;
		count->records += info.lost ? 0 : 1;
	}
	say_why(records, count, &info);
	errno = 0;
	(records->cli->json ? print_json : print_text)(&info, &now, value);
	if (ferror(stdout))
		records->output_errno = errno ? errno : EIO;
	free(value);
	return records->must_stop() || records->output_errno;
}
