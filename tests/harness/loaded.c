/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/loaded.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/recorded.h"

struct lade_context *new_context(const struct lade_context_opts *opts)
{
	struct lade_context *context = NULL;

	assert_int_equal(lade_context_new(opts, &context, NULL), 0);
	return context;
}

struct kernel *use_faulty(struct lade_context *context, const struct fault *fault)
{
	struct kernel *live = NULL, *kernel = NULL;

	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, fault, &kernel), 0);
	lade_context_set_kernel(context, kernel);
	return kernel;
}

struct kernel *use_recorded(struct lade_context *context, const char *profile,
			    const struct recorded_rejection *rejections, size_t count)
{
	struct kernel *kernel = NULL;

	assert_int_equal(lade_kernel_recorded(lade_recorded_profile(profile), rejections, count, &kernel), 0);
	lade_context_set_kernel(context, kernel);
	return kernel;
}

struct lade_object *open_object(struct lade_context *context, const char *file)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s%s", *file == '/' ? "" : TEST_OBJECTS "/", file);
	if (lade_object_open(context, path, NULL, &object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return object;
}

struct lade_program *load_only(struct lade_object *object, const char *program)
{
	struct lade_program *found = lade_object_find_program(object, program);

	if (!found)
		fail_msg("no program %s", program);
	for (size_t i = 0; i < lade_object_program_count(object); i++)
		assert_int_equal(lade_program_set_autoload(lade_object_program(object, i), false), 0);
	assert_int_equal(lade_program_set_autoload(found, true), 0);
	return found;
}

static struct lade_instance *load(struct lade_object *object, const char *name, bool attach)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name, .attach = attach };
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_object_load(object, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

struct lade_instance *must_load(struct lade_object *object, const char *name)
{
	return load(object, name, false);
}

struct lade_instance *must_load_attached(struct lade_object *object, const char *name)
{
	return load(object, name, true);
}

struct lade_finding_info finding_of(const struct lade_error *error)
{
	struct lade_finding_info info = { .size = sizeof info };

	assert_true(lade_error_finding_count(error) > 0);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	return info;
}

/* ---- one object and its instance ---- */

struct loaded loaded_open(const struct lade_context_opts *opts, const char *file)
{
	struct loaded loaded = { .before = live_before(LIVE_BPFFS) };

	loaded.context = new_context(opts);
	loaded.object = open_object(loaded.context, file);
	return loaded;
}

struct loaded loaded_recorded(const char *profile, const struct recorded_rejection *rejections, size_t count)
{
	struct loaded loaded = { .before = live_before("") }; /* its pins are nowhere: only the descriptors count */

	loaded.context = new_context(NULL);
	loaded.kernel = use_recorded(loaded.context, profile, rejections, count);
	return loaded;
}

void loaded_load(struct loaded *loaded, const char *name)
{
	loaded->instance = must_load(loaded->object, name);
}

void loaded_unload(struct loaded *loaded)
{
	assert_int_equal(lade_instance_unload(loaded->instance, NULL), 0);
	loaded->instance = NULL;
}

int loaded_fail(struct loaded *loaded, const struct lade_load_opts *opts)
{
	struct lade_instance *instance = NULL;
	int r = lade_object_load(loaded->object, opts, &instance, &loaded->error);

	assert_true(r < 0);
	loaded->info = finding_of(loaded->error);
	return r;
}

static void free_all(struct loaded *loaded)
{
	if (loaded->instance)
		loaded_unload(loaded);
	(void)lade_error_free(loaded->error);
	(void)lade_object_free(loaded->object);
	(void)lade_context_free(loaded->context);
}

void loaded_leave(struct loaded *loaded)
{
	free_all(loaded);
	free(loaded->before.root);
	free(loaded->before.pins);
	*loaded = (struct loaded){ 0 };
}

void loaded_assert_leaves_nothing(struct loaded *loaded, const char *file, int line)
{
	free_all(loaded);
	live_assert_nothing_left(&loaded->before, file, line);
	*loaded = (struct loaded){ 0 };
}

size_t assert_loads_and_leaves_nothing(const char *file, const char *name)
{
	struct loaded loaded = loaded_open(NULL, file);
	size_t count;

	loaded_load(&loaded, name);
	count = lade_instance_program_count(loaded.instance);
	for (size_t i = 0; i < count; i++) {
		struct lade_loaded_program_info info = { .size = sizeof info };
		assert_int_equal(lade_instance_program(loaded.instance, i, &info), 0);
		if (info.fd < 0)
			fail_msg("%s: %s has no descriptor", file, info.name);
	}
	assert_leaves_nothing(&loaded);
	return count;
}

/* ---- what the kernel has of it ---- */

static uint32_t run(int fd, struct bpf_test_run_opts *opts)
{
	assert_true(fd >= 0);
	assert_int_equal(bpf_prog_test_run_opts(fd, opts), 0);
	return opts->retval;
}

uint32_t must_run(const struct lade_instance *instance, const char *program)
{
	struct bpf_test_run_opts opts = { .sz = sizeof opts };

	return run(lade_instance_program_fd(instance, program), &opts);
}

uint32_t must_run_packet(int program_fd)
{
	uint8_t packet[64] = { 0 };
	struct bpf_test_run_opts opts = { .sz = sizeof opts, .data_in = packet, .data_size_in = sizeof packet };

	return run(program_fd, &opts);
}

uint64_t loaded_count(const struct loaded *loaded, uint32_t which)
{
	uint64_t value = 0;
	int map = lade_instance_map_fd(loaded->instance, "counts");

	assert_int_equal(lade_bpf_map_lookup(loaded->context->kernel, map, &which, &value), 0);
	return value;
}

struct bpf_prog_info program_info(int fd)
{
	struct bpf_prog_info info = { 0 };
	uint32_t bytes = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
	return info;
}

struct bpf_map_info map_info(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t bytes = sizeof info;

	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &bytes), 0);
	return info;
}
