/* SPDX-License-Identifier: BSD-2-Clause */
/* The one that is judged: through its public headers, with nothing but defaults. */
#include <errno.h>
#include <lade/lade.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

void loader_name(FILE *out)
{
	(void)fprintf(out, "lade %s", lade_version());
}

/* "code: message" of the first finding. */
static int fail(struct loaded *loaded, const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (lade_finding_describe(lade_error_finding(error, 0), &info) == 0)
		(void)snprintf(loaded->message, sizeof loaded->message, "%s: %s", info.code, info.message);
	else
		(void)snprintf(loaded->message, sizeof loaded->message, "%s", lade_error_message(error));
	return lade_error_code(error);
}

static void only_this(struct lade_object *object, const char *only)
{
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program_info info = { .size = sizeof info };
		struct lade_program *program = lade_object_program(object, i);

		(void)lade_program_describe(program, &info);
		(void)lade_program_set_autoload(program, strcmp(info.name, only) == 0);
	}
}

static void take(const struct lade_instance *instance, struct loaded *loaded)
{
	loaded->program_count = lade_instance_program_count(instance);
	loaded->map_count = lade_instance_map_count(instance);
	loaded->programs = calloc(loaded->program_count + 1, sizeof *loaded->programs);
	loaded->maps = calloc(loaded->map_count + 1, sizeof *loaded->maps);
	if (!loaded->programs || !loaded->maps)
		abort();
	for (size_t i = 0; i < loaded->program_count; i++) {
		struct lade_loaded_program_info info = { .size = sizeof info };

		(void)lade_instance_program(instance, i, &info);
		loaded->programs[i] = (struct loaded_thing){ info.name, info.fd };
	}
	for (size_t i = 0; i < loaded->map_count; i++) {
		struct lade_loaded_map_info info = { .size = sizeof info };

		(void)lade_instance_map(instance, i, &info);
		loaded->maps[i] = (struct loaded_thing){ info.name, info.fd };
	}
}

int loader_load(const char *path, const char *only, const char *btf, struct loaded *loaded)
{
	const struct lade_context_opts opts = { .size = sizeof opts, .btf = btf };
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_context_new(&opts, &context, &error) < 0 || lade_object_open(context, path, NULL, &object, &error) < 0)
		return fail(loaded, error);
	if (only)
		only_this(object, only);
	if (lade_object_load(object, NULL, &instance, &error) < 0)
		return fail(loaded, error);
	take(instance, loaded);
	return 0;
}

int loader_list(const char *path, FILE *out)
{
	struct lade_context *context = NULL;
	struct lade_object *object = NULL;

	if (lade_context_new(NULL, &context, NULL) < 0 || lade_object_open(context, path, NULL, &object, NULL) < 0)
		return -EINVAL;
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program_info info = { .size = sizeof info };

		(void)lade_program_describe(lade_object_program(object, i), &info);
		(void)fprintf(out, "%s\n", info.name);
	}
	(void)lade_object_free(object);
	(void)lade_context_free(context);
	return 0;
}
