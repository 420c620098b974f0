/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach/tracefs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/method.h"

static int read_number(const char *path, uint64_t *ret_number)
{
	char text[32];
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ssize_t length = read(fd, text, sizeof text - 1);
	if (length <= 0)
		return length < 0 ? -errno : -EIO;
	text[length] = '\0';
	*ret_number = strtoull(text, NULL, 10);
	return 0;
}

bool lade_tracefs_is_event(const char *text)
{
	const char *slash = strchr(text, '/');
	return slash && slash != text && slash[1] && !strchr(slash + 1, '/') && text[0] != '.' && slash[1] != '.';
}

int lade_tracefs_event_id(const char *tracefs, const char *event, uint64_t *ret_id)
{
	char path[PATH_MAX];
	if ((size_t)snprintf(path, sizeof path, "%s/events/%s/id", tracefs, event) >= sizeof path)
		return -ENOENT;
	return read_number(path, ret_id);
}

static void for_each_directory(const char *path, void (*visit)(void *data, const char *path, const char *name),
			       void *data)
{
	DIR *directory = opendir(path);
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));)
		if (entry->d_name[0] != '.' && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
			visit(data, path, entry->d_name);
	(void)closedir(directory);
}

struct search {
	struct similar_names similar;
	const char *event; /* wanted, without its category */
	const char *category;
	bool wants_category;
};

static void visit_event(void *data, const char *path, const char *name)
{
	(void)path;
	struct search *search = data;
	char full[NAME_MAX * 2 + 2];
	(void)snprintf(full, sizeof full, "%s/%s", search->category, name);
	const char *shown = search->wants_category ? full : name;
	/* The right event in the wrong category is nearer than any misspelling. */
	if (strcmp(name, search->event) == 0)
		lade_similar_add(&search->similar, shown, 1);
	else
		lade_similar_consider(&search->similar, shown);
}

static void visit_category(void *data, const char *path, const char *name)
{
	struct search *search = data;
	char below[PATH_MAX];
	search->category = name;
	if ((size_t)snprintf(below, sizeof below, "%s/%s", path, name) < sizeof below)
		for_each_directory(below, visit_event, search);
}

void lade_tracefs_near_events(const char *tracefs, const char *wanted, struct lade_finding *finding)
{
	const char *slash = strrchr(wanted, '/');
	struct search search = { .similar.wanted = wanted,
				 .event = slash ? slash + 1 : wanted,
				 .wants_category = slash != NULL };
	char events[PATH_MAX];
	(void)snprintf(events, sizeof events, "%s/events", tracefs);
	for_each_directory(events, visit_category, &search);
	lade_similar_evidence(&search.similar, finding, "tracepoint");
	lade_similar_clear(&search.similar);
}
