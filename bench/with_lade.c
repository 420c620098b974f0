/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include <lade/lade.h>

#include "contender.h"

struct loaded {
	struct lade_object *object;
	struct lade_instance *instance;
};

static _Thread_local struct lade_error *error;

void *contender_begin(void)
{
	const char *cache = getenv("LADE_CACHE"); /* the library reads no environment */
	struct lade_context_opts opts = { .size = sizeof opts,
					  .cache = cache && *cache && strcmp(cache, "off") != 0 ? cache : NULL };
	struct lade_context *context = NULL;

	return lade_context_new(&opts, &context, &error) < 0 ? NULL : context;
}

void contender_end(void *state)
{
	(void)lade_context_free(state);
}

void *contender_load(void *state, const char *path, unsigned jobs)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .jobs = jobs };
	struct loaded *loaded = calloc(1, sizeof *loaded);

	error = lade_error_free(error);
	if (loaded && lade_object_open(state, path, NULL, &loaded->object, &error) == 0 &&
	    lade_object_load(loaded->object, &opts, &loaded->instance, &error) == 0)
		return loaded;
	contender_unload(loaded);
	return NULL;
}

void contender_unload(void *data)
{
	struct loaded *loaded = data;

	if (!loaded)
		return;
	(void)lade_instance_close(loaded->instance);
	(void)lade_object_free(loaded->object);
	free(loaded);
}

const char *contender_error(void)
{
	return error ? lade_error_message(error) : "";
}
