/* SPDX-License-Identifier: BSD-2-Clause */
/* Policies and decisions for test objects, without a kernel. */
#ifndef TEST_BOOT_DECIDED_H
#define TEST_BOOT_DECIDED_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "boot/decide.h"
#include "dialect/judged.h"

#define APEX     "/apex/com.android.tethering/etc/bpf"
#define PLATFORM "/system/etc/bpf"
#define VENDOR   "/vendor/etc/bpf"

/* Which Android, and what of it differs from what is usual. */
struct device {
	const char *android;
	uint32_t loader;
	const char *build, *kernel, *machine;
};

struct decided {
	struct boot_policy policy;
	struct boot_decision decision;
	struct lade_object *object;
};

static inline void make_policy(const struct device *device, struct boot_policy *policy)
{
	const struct lade_boot_opts opts = { .size = sizeof opts,
					     .android = device->android,
					     .loader_version = device->loader,
					     .build_type = device->build,
					     .kernel = device->kernel ? device->kernel : "6.1.57-android14",
					     .machine = device->machine ? device->machine : "aarch64" };
	struct lade_error *error = NULL;
	if (lade_boot_android_policy(&opts, policy, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static inline const struct boot_location *must_location(const struct boot_policy *policy, const char *directory)
{
	array_foreach(location, &policy->locations)
		if (strcmp(location->directory, directory) == 0)
			return location;
	fail_msg("no location %s", directory);
	return NULL;
}

static inline struct lade_object *open_named(const char *file, const char *name, const struct boot_location *location,
					     const struct boot_policy *policy, struct lade_error **error)
{
	static char bytes[65536];
	char path[512];
	const struct lade_open_opts options = { .size = sizeof options,
						.loader_version = location->loader,
						.build_type = policy->is_android ? policy->device.build_type : NULL };
	struct lade_object *object = NULL;
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", file);
	FILE *stream = fopen(path, "rbe");
	if (!stream)
		fail_msg("%s", path);
	size_t size = fread(bytes, 1, sizeof bytes, stream);
	(void)fclose(stream);
	(void)snprintf(path, sizeof path, "%s/%s", location->directory, name ? name : file);
	(void)lade_object_open_memory(NULL, bytes, size, path, &options, &object, error);
	return object;
}

/* What becomes of a test object that lies in that directory as `name`. */
static inline struct decided decide_as(const struct device *device, const char *directory, const char *file,
				       const char *name)
{
	struct decided decided = { 0 };
	struct lade_error *error = NULL;
	make_policy(device, &decided.policy);
	const struct boot_location *location = must_location(&decided.policy, directory);
	decided.object = open_named(file, name, location, &decided.policy, &error);
	if (!decided.object)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_boot_decide(&decided.policy, location, decided.object, &decided.decision), 0);
	return decided;
}

static inline struct decided decide_in(const struct device *device, const char *directory, const char *file)
{
	return decide_as(device, directory, file, NULL);
}

static inline void decided_clear(struct decided *decided)
{
	lade_boot_decision_clear(&decided->decision);
	lade_boot_policy_clear(&decided->policy);
	(void)lade_object_free(decided->object);
}

static inline const struct boot_part *map_part(const struct decided *decided, const char *map)
{
	return &decided->decision.maps[lade_map_index(must_map(decided->object, map))];
}

static inline const struct boot_part *program_part(const struct decided *decided, const char *program)
{
	return &decided->decision.programs[lade_program_index(must_program(decided->object, program))];
}

static inline bool log_has(const struct boot_log *log, enum lade_boot_level level, const char *text)
{
	array_foreach(line, &log->lines)
		if (line->level == level && strstr(line->text, text))
			return true;
	return false;
}

static inline void print_log(const struct boot_log *log)
{
	array_foreach(line, &log->lines)
		(void)fprintf(stderr, "# %d %s\n", (int)line->level, line->text);
}

static inline void assert_log(const struct boot_log *log, enum lade_boot_level level, const char *text)
{
	if (log_has(log, level, text))
		return;
	print_log(log);
	fail_msg("no line \"%s\"", text);
}

static inline void assert_not_log(const struct boot_log *log, const char *text)
{
	for (int level = LADE_BOOT_DEBUG; level <= LADE_BOOT_ERROR; level++)
		assert_false(log_has(log, (enum lade_boot_level)level, text));
}

/* Fails with this value for this reason, and Android's loader would say this. */
static inline void assert_fails(const struct decided *decided, int value, const char *code, const char *line)
{
	assert_int_equal(decided->decision.verdict, BOOT_FAIL);
	assert_int_equal(decided->decision.android_value, value);
	const struct lade_finding *finding = lade_error_finding(decided->decision.error, 0);
	assert_non_null(finding);
	assert_string_equal(finding->code, code);
	assert_string_equal(finding->object, decided->object->file);
	assert_true(finding->cause && *finding->cause);
	assert_true(finding->fix && *finding->fix);
	if (line)
		assert_log(decided->decision.log, LADE_BOOT_ERROR, line);
}

static inline void assert_loads(const struct decided *decided)
{
	if (decided->decision.verdict != BOOT_LOAD)
		fail_msg("%s", lade_error_message(decided->decision.error));
	assert_int_equal(decided->decision.android_value, 0);
	assert_null(decided->decision.error);
}

static inline const struct lade_finding *boot_note(const struct decided *decided, const char *code)
{
	array_foreach(note, &decided->decision.notes)
		if (strcmp((*note)->code, code) == 0)
			return *note;
	return NULL;
}

#endif
