/* SPDX-License-Identifier: BSD-2-Clause */
/* The referee. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loader.h"

static char last_warning[512];

/* libbpf says what is wrong only here; the first warning names the cause. */
static int remember(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_WARN && !last_warning[0])
		(void)vsnprintf(last_warning, sizeof last_warning, format, arguments);
	return 0;
}

void loader_name(FILE *out)
{
	(void)fprintf(out, "libbpf %s", libbpf_version_string() + 1); // after its v
}

static int fail(struct loaded *loaded, const char *what, int error)
{
	(void)snprintf(loaded->message, sizeof loaded->message, "%s: %s: %s", what, strerror(-error), last_warning);
	return error;
}

/* The newest libbpf gives a map that it does not create a descriptor all the same. */
static void take(struct bpf_object *object, struct loaded *loaded)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object) loaded->program_count++;
	bpf_object__for_each_map(map, object) loaded->map_count++;
	loaded->programs = calloc(loaded->program_count + 1, sizeof *loaded->programs);
	loaded->maps = calloc(loaded->map_count + 1, sizeof *loaded->maps);
	if (!loaded->programs || !loaded->maps)
		abort();
	loaded->program_count = loaded->map_count = 0;
	bpf_object__for_each_program(program, object) loaded->programs[loaded->program_count++] =
		(struct loaded_thing){ bpf_program__name(program), bpf_program__fd(program) };
	bpf_object__for_each_map(map, object) loaded->maps[loaded->map_count++] =
		(struct loaded_thing){ bpf_map__name(map), bpf_map__autocreate(map) ? bpf_map__fd(map) : -1 };
}

static void only_this(struct bpf_object *object, const char *only)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)(void)
		bpf_program__set_autoload(program, strcmp(bpf_program__name(program), only) == 0);
}

int loader_load(const char *path, const char *only, const char *btf, struct loaded *loaded)
{
	const struct bpf_object_open_opts opts = { .sz = sizeof opts, .btf_custom_path = btf };
	struct bpf_object *object;
	int error;

	(void)libbpf_set_print(remember);
	object = bpf_object__open_file(path, &opts);
	if (!object)
		return fail(loaded, "open", -errno);
	if (only)
		only_this(object, only);
	error = bpf_object__load(object);
	if (error)
		return fail(loaded, "load", error);
	take(object, loaded);
	return 0;
}

int loader_list(const char *path, FILE *out)
{
	struct bpf_object *object;
	struct bpf_program *program;

	(void)libbpf_set_print(remember);
	object = bpf_object__open_file(path, NULL);
	if (!object)
		return -errno;
	bpf_object__for_each_program(program, object)(void) fprintf(out, "%s\n", bpf_program__name(program));
	bpf_object__close(object);
	return 0;
}
