/* SPDX-License-Identifier: BSD-2-Clause */
/* lade hold: what the last boot attached and the kernel cannot pin, attached as long as this process stays. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot_log.h"
#include "boot_status.h"
#include "places.h"
#include "stop.h"

const struct cli_option verb_hold_options[] = {
	{ 0, "stay", NULL, "stay also when there is nothing to hold: another boot may bring something" },
	{ 0 },
};

/* One attachment. */
struct held {
	char *name, *program, *target;  /* of the instance; target "": what the section names */
	struct lade_instance *instance; /* NULL: it is not attached */
	dev_t device;
	ino_t inode;    /* of the instance's directory: another one is another instance */
	bool is_wanted; /* by the report as it is now */
	bool was_held;  /* then it is no failure that somebody unloaded its instance */
	int code;       /* of the exit, when it could not be attached; EXIT_OK: it could */
};

struct hold {
	struct cli *cli;
	struct held *items;
	size_t count;
	int inotify;
};

static void let_go(struct held *held)
{
	held->instance = lade_instance_close(held->instance);
}

static void clear(struct held *held)
{
	let_go(held);
	free(held->name);
	free(held->program);
	free(held->target);
}

/* ---- what is wanted ---- */

static const char *string_of(struct json_object *object, const char *key)
{
	struct json_object *value;
	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static struct held *find(const struct hold *hold, const char *name, const char *program, const char *target)
{
	for (size_t i = 0; i < hold->count; i++)
		if (strcmp(hold->items[i].name, name) == 0 && strcmp(hold->items[i].program, program) == 0 &&
		    strcmp(hold->items[i].target, target) == 0)
			return &hold->items[i];
	return NULL;
}

static int want(struct hold *hold, const char *name, const char *program, const char *target)
{
	struct held *known = find(hold, name, program, target);
	if (known) {
		known->is_wanted = true;
		return 0;
	}
	struct held *grown = realloc(hold->items, (hold->count + 1) * sizeof *grown);
	if (!grown)
		return -ENOMEM;
	hold->items = grown;
	grown += hold->count;
	*grown = (struct held){ strdup(name), strdup(program), strdup(target), .is_wanted = true };
	if (grown->name && grown->program && grown->target) {
		hold->count++;
		return 0;
	}
	clear(grown);
	return -ENOMEM;
}

/* A list of objects; the file is input like any other. */
static size_t length_of(struct json_object *object, const char *key, struct json_object **ret_list)
{
	if (!json_object_object_get_ex(object, key, ret_list) || !json_object_is_type(*ret_list, json_type_array))
		return 0;
	return json_object_array_length(*ret_list);
}

static int want_of(struct hold *hold, struct json_object *object)
{
	const char *name = string_of(object, "name");
	struct json_object *parts;
	size_t count = name ? length_of(object, "parts", &parts) : 0;
	for (size_t i = 0; i < count; i++) {
		struct json_object *part = json_object_array_get_idx(parts, i);
		const char *program = string_of(part, "name"), *target = string_of(part, "held");
		if (program && target && want(hold, name, program, target) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Of this boot of the machine: what an earlier one loaded is gone. */
static int read_wanted(struct hold *hold)
{
	const char *directory;
	struct json_object *objects, *report = boot_status_read(hold->cli, &directory, NULL);
	size_t count = report && boot_status_is_current(report) ? length_of(report, "objects", &objects) : 0;
	int r = 0;
	for (size_t i = 0; i < hold->count; i++)
		hold->items[i].is_wanted = false;
	for (size_t i = 0; r == 0 && i < count; i++)
		r = want_of(hold, json_object_array_get_idx(objects, i));
	json_object_put(report);
	return r;
}

/* ---- what is attached ---- */

static bool is_the_same(const struct held *held)
{
	struct stat status;
	const char *directory = lade_instance_directory(held->instance);
	return directory && stat(directory, &status) == 0 && status.st_dev == held->device &&
	       status.st_ino == held->inode;
}

/* Unloading and replacing rename or remove its directory: that wakes us. */
static void remember(struct hold *hold, struct held *held)
{
	struct stat status;
	const char *directory = lade_instance_directory(held->instance);
	char *above = directory ? strdup(directory) : NULL;
	if (directory && stat(directory, &status) == 0) {
		held->device = status.st_dev;
		held->inode = status.st_ino;
	}
	if (above && strrchr(above, '/') > above) {
		*strrchr(above, '/') = '\0';
		(void)inotify_add_watch(hold->inotify, above,
					IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR);
	}
	free(above);
}

static void say(const struct hold *hold, const char *what, const struct held *held)
{
	if (hold->cli->quiet || hold->cli->json)
		return;
	(void)printf("%-8s ", what);
	cli_put_safe(stdout, held->name);
	(void)putchar('/');
	cli_put_safe(stdout, held->program);
	(void)fputs(held->target[0] ? " to " : "", stdout);
	cli_put_safe(stdout, held->target);
	(void)putchar('\n');
	(void)fflush(stdout);
}

static void attach(struct hold *hold, struct held *held)
{
	struct lade_error *error = NULL;
	const char *target = held->target[0] ? held->target : NULL;
	int code = lade_instance_open(hold->cli->context, held->name, &held->instance, &error);
	if (code == 0)
		remember(hold, held);
	if (code == 0)
		code = lade_instance_hold(held->instance, held->program, target, &error);
	if (code == 0) {
		held->was_held = true;
		held->code = EXIT_OK;
		say(hold, "holding", held);
		return;
	}
	let_go(held);
	bool is_told = held->code != EXIT_OK || (code == -ENOENT && held->was_held);
	if (is_told)
		(void)lade_error_free(error);
	else
		held->code = cli_fail(hold->cli, error);
}

static void drop(struct hold *hold, size_t index)
{
	clear(&hold->items[index]);
	hold->items[index] = hold->items[--hold->count];
}

/* Makes what is attached what is wanted. */
static int settle(struct hold *hold)
{
	if (read_wanted(hold) < 0)
		return -ENOMEM;
	for (size_t i = hold->count; i > 0; i--) {
		struct held *held = &hold->items[i - 1];
		if (held->instance && (!held->is_wanted || !is_the_same(held))) {
			say(hold, "released", held);
			let_go(held);
		}
		if (!held->is_wanted)
			drop(hold, i - 1);
		else if (!held->instance)
			attach(hold, held);
	}
	return 0;
}

static size_t count_attached(const struct hold *hold)
{
	size_t count = 0;
	for (size_t i = 0; i < hold->count; i++)
		count += hold->items[i].instance != NULL;
	return count;
}

/* Of all; of one that failed. */
static int exit_code(const struct hold *hold)
{
	for (size_t i = 0; i < hold->count; i++)
		if (hold->items[i].code != EXIT_OK)
			return count_attached(hold) ? EXIT_PARTLY : hold->items[i].code;
	return EXIT_OK;
}

/* ---- staying ---- */

static void tell_manager(const struct hold *hold, const char *ready)
{
	char state[128];
	(void)snprintf(state, sizeof state, "%sSTATUS=%zu of %zu attachments held", ready, count_attached(hold),
		       hold->count);
	boot_notify(state);
}

static void wait_for_change(const struct hold *hold)
{
	struct pollfd wake = { .fd = hold->inotify, .events = POLLIN };
	char buffer[4096];
	if (poll(&wake, 1, -1) > 0)
		while (read(hold->inotify, buffer, sizeof buffer) > 0)
			;
}

static int stay(struct hold *hold)
{
	while (!must_stop()) {
		wait_for_change(hold);
		if (!must_stop() && settle(hold) < 0)
			return cli_fail_memory(hold->cli);
		tell_manager(hold, "");
	}
	return exit_code(hold);
}

static int begin(struct hold *hold)
{
	bool stays = cli_flag(hold->cli, "stay");
	(void)inotify_add_watch(hold->inotify, cli_place(PLACE_RUN), IN_MOVED_TO | IN_ONLYDIR);
	if (settle(hold) < 0)
		return cli_fail_memory(hold->cli);
	tell_manager(hold, "READY=1\n");
	if (count_attached(hold) || stays)
		return stay(hold);
	if (!hold->count && !hold->cli->quiet && !hold->cli->json)
		(void)puts("nothing to hold: what the last boot attached, the kernel keeps");
	return exit_code(hold);
}

int verb_hold(struct cli *cli, int argc, char **argv)
{
	struct hold hold = { .cli = cli };
	int code;
	(void)argc, (void)argv;
	stop_on_signals();
	hold.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	code = begin(&hold);
	for (size_t i = 0; i < hold.count; i++)
		clear(&hold.items[i]);
	free(hold.items);
	if (hold.inotify >= 0)
		(void)close(hold.inotify);
	return code;
}
