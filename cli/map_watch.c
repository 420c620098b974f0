/* SPDX-License-Identifier: BSD-2-Clause */
/* lade map watch: what changes in a map; of buffers, what lade watch shows. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "map.h"
#include "stop.h"

static const char *const words[] = { [LADE_ADDED] = "added", [LADE_CHANGED] = "changed", [LADE_REMOVED] = "removed" };
static const char signs[] = { [LADE_ADDED] = '+', [LADE_CHANGED] = '~', [LADE_REMOVED] = '-' };

struct texts {
	char *key, *old, *value;
};

static bool make_texts(const struct map_verb *verb, const void *key, const void *old, const void *value,
		       struct texts *texts)
{
	enum lade_map_form form = verb->cli->json ? LADE_MAP_JSON : LADE_MAP_TEXT;
	return lade_map_print_key(verb->map, key, form, &texts->key) == 0 &&
	       (!old || lade_map_print_value(verb->map, old, verb->cpu, form, &texts->old) == 0) &&
	       (!value || lade_map_print_value(verb->map, value, verb->cpu, form, &texts->value) == 0);
}

static void print_json(const struct map_verb *verb, enum lade_change change, const struct texts *texts)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)printf("{\"time\":%lld.%06ld,\"map\":", (long long)now.tv_sec, now.tv_nsec / 1000);
	struct json_object *name = json_object_new_string(verb->info.name);
	(void)printf("%s,\"change\":\"%s\",\"key\":%s,\"old\":%s,\"value\":%s}\n",
		     json_object_to_json_string_ext(name, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE),
		     words[change], texts->key, texts->old ? texts->old : "null", texts->value ? texts->value : "null");
	(void)json_object_put(name);
}

static void print_text(enum lade_change change, const struct texts *texts)
{
	struct timespec now;
	struct tm parts = { 0 };
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &parts);
	(void)printf("%02d:%02d:%02d %c %s: %s%s%s\n", parts.tm_hour, parts.tm_min, parts.tm_sec, signs[change],
		     texts->key, texts->old ? texts->old : "", texts->old && texts->value ? " → " : "",
		     texts->value ? texts->value : "");
}

static int print_change(void *userdata, enum lade_change change, const void *key, const void *old, const void *value)
{
	const struct map_verb *verb = userdata;
	struct texts texts = { 0 };
	bool good = make_texts(verb, key, old, value, &texts);
	if (good && verb->cli->json)
		print_json(verb, change, &texts);
	else if (good)
		print_text(change, &texts);
	free(texts.key);
	free(texts.old);
	free(texts.value);
	return !good ? -ENOMEM : ferror(stdout) || must_stop();
}

/* ---- time ---- */

/* A signal may come just before the sleep: none is longer than this. */
enum { LONGEST_SLEEP_MS = 200 };

/* False: it is over. */
static bool sleep_until(double when, double end)
{
	for (;;) {
		double now = now_seconds(), left = (when - now) * 1000;
		if (must_stop() || reader_has_gone() || (end > 0 && now >= end))
			return false;
		if (left <= 0)
			return true;
		(void)poll(NULL, 0, left < LONGEST_SLEEP_MS ? (int)left + 1 : LONGEST_SLEEP_MS);
	}
}

static int look(struct map_verb *verb, double every, double seconds)
{
	struct lade_map_watch *watch = NULL;
	double start = now_seconds(), end = seconds > 0 ? start + seconds : 0, next = start;
	if (lade_map_watch_open(verb->map, &watch, &verb->error) < 0)
		return cli_fail(verb->cli, verb->error);
	int64_t result = 0;
	for (bool goes_on = true; goes_on && result >= 0;) {
		next += every;
		if (next < now_seconds()) /* looking takes longer than that: not without a rest */
			next = now_seconds() + every;
		goes_on = sleep_until(next, end);
		/* Once more at the end: what changed meanwhile is printed. */
		result = lade_map_watch_look(watch, print_change, verb, &verb->error);
	}
	(void)lade_map_watch_close(watch);
	return result < 0 ? cli_fail(verb->cli, verb->error) : EXIT_OK;
}

static bool is_buffer(const struct map_verb *verb)
{
	static const char *const buffers[] = { "ringbuf", "perf_event_array", "user_ringbuf" };
	for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
		if (verb->info.type_name && strcmp(verb->info.type_name, buffers[i]) == 0)
			return true;
	return false;
}

/* Its options have the same names there. */
static int watch_buffer(struct map_verb *verb, char **argv)
{
	const struct cli_verb *watching = cli_find_verb("watch");
	if (!watching)
		return cli_usage(verb->cli, "%s is a buffer: 'lade run' shows its records", argv[0]);
	map_close(verb);
	verb->cli->verb = watching;
	return watching->function(verb->cli, 1, argv);
}

int map_watch(struct map_verb *verb, int argc, char **argv)
{
	double every = 1, seconds = 0;
	int code = argc == 1 ? cli_seconds(verb->cli, "every", 0, &every) : cli_usage(verb->cli, "watch needs one MAP");
	if (code < 0)
		code = cli_seconds(verb->cli, "for", 0, &seconds);
	if (code < 0)
		code = map_open(verb, argv[0], LADE_MAP_READ);
	if (code >= 0)
		return code;
	if (is_buffer(verb))
		return watch_buffer(verb, argv);
	stop_on_signals();
	return look(verb, every, seconds);
}
