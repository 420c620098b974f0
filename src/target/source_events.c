/* SPDX-License-Identifier: BSD-2-Clause */
/* A copy of tracefs' events: DIR/CATEGORY/EVENT/format; also what holds a directory events/. */
#include <stdio.h>
#include <sys/stat.h>

#include "target/internal.h"

struct target_events *lade_target_events_free(struct target_events *events)
{
	if (!events)
		return NULL;
	for (size_t i = 0; i < events->count; i++) {
		lade_event_format_clear(&events->items[i]->format);
		free(events->items[i]->name);
		free(events->items[i]);
	}
	array_clear(events);
	free(events->label);
	free(events);
	return NULL;
}

static bool is_directory(const char *path)
{
	struct stat status;
	return path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int lade_target_events_open(const char *directory, struct target_events **ret_events, struct lade_error **error)
{
	CLEANUP(cleanup_target_events) struct target_events *events = calloc(1, sizeof *events);
	CLEANUP(cleanup_free) char *inner = NULL;
	struct stat status;
	if (!events || asprintf(&inner, "%s/events", directory) < 0) {
		inner = NULL;
		return lade_fail_memory(error);
	}
	if (stat(directory, &status) < 0)
		return lade_fail(error, errno, "target.file", "%s: cannot be read: %s", directory, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return lade_fail(error, ENOTDIR, "target.events", "%s: is no directory", directory);
	events->label = strdup(is_directory(inner) ? inner : directory);
	if (!events->label)
		return lade_fail_memory(error);
	*ret_events = TAKE(events);
	return 0;
}

static char *read_text(const char *path, size_t *ret_length)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	char *text = malloc(EVENT_TEXT_MOST + 1);
	*ret_length = text ? fread(text, 1, EVENT_TEXT_MOST + 1, file) : 0;
	(void)fclose(file);
	return text;
}

/* A name with dots or more slashes would leave the directory. */
static bool is_plain(const char *event)
{
	const char *slash = strchr(event, '/');
	return slash && slash != event && slash[1] && !strchr(slash + 1, '/') && event[0] != '.' && slash[1] != '.';
}

static void read_event(const struct target_events *events, struct target_event *event)
{
	CLEANUP(cleanup_free) char *path = NULL;
	size_t length = 0;
	if (!is_plain(event->name) || asprintf(&path, "%s/%s/format", events->label, event->name) < 0) {
		path = NULL;
		return;
	}
	CLEANUP(cleanup_free) char *text = read_text(path, &length);
	event->is_known = text && lade_event_format_parse(text, length, &event->format, NULL) == 0;
}

/* Is its category there? A copy may hold a part of the events. */
static bool has_category(const struct target_events *events, const char *event)
{
	CLEANUP(cleanup_free) char *path = NULL;
	if (asprintf(&path, "%s/%.*s", events->label, (int)strcspn(event, "/"), event) < 0) {
		path = NULL;
		return false;
	}
	return is_directory(path);
}

static struct target_event *get(struct target_events *events, const char *name)
{
	for (size_t i = 0; i < events->count; i++)
		if (!strcmp(events->items[i]->name, name))
			return events->items[i];
	struct target_event *event = calloc(1, sizeof *event);
	if (event)
		event->name = strdup(name);
	struct target_event **kept = event && event->name ? array_push(events) : NULL;
	if (!kept) {
		free(event ? event->name : NULL);
		free(event);
		return NULL;
	}
	*kept = event;
	read_event(events, event);
	return event;
}

enum known lade_target_events_find(struct target_events *events, const char *name,
				   const struct event_format **ret_format)
{
	const struct target_event *event = get(events, name);
	*ret_format = event && event->is_known ? &event->format : NULL;
	if (!event)
		return KNOWN_NOT;
	if (event->is_known)
		return KNOWN_YES;
	return is_plain(name) && has_category(events, name) ? KNOWN_NO : KNOWN_NOT;
}
