/* SPDX-License-Identifier: BSD-2-Clause */
/* Damaged objects of Android are decided or refused under every version, and no pin leaves bpffs. */
#include "boot/decided.h"

static uint64_t seed = 0xbadc0de5;
static size_t verdicts[BOOT_FAIL + 1]; /* how often each was given */

static uint32_t dice(uint32_t sides)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % sides;
}

static const struct device devices[] = { { "10" }, { "11" }, { "12" }, { "13" },      { "14", 38 },
					 { "14" }, { "15" }, { "16" }, { "16", 3700 } };

static void check_path(const char *path)
{
	if (!path)
		return;
	assert_memory_equal(path, "/sys/fs/bpf/", strlen("/sys/fs/bpf/"));
	assert_null(strstr(path, "/../"));
	assert_null(strstr(path, "/./"));
	assert_null(strstr(path, "//"));
}

static void check_decision(const struct boot_decision *decision)
{
	verdicts[decision->verdict]++;
	assert_int_equal(decision->verdict == BOOT_FAIL, decision->error != NULL);
	assert_true(decision->verdict == BOOT_FAIL || decision->android_value == 0);
	assert_null(strchr(decision->instance, '/'));
	for (size_t i = 0; i < decision->map_count; i++) {
		check_path(decision->maps[i].pin);
		check_path(decision->maps[i].pin_first);
		assert_true(decision->maps[i].mode <= 07777);
	}
	for (size_t i = 0; i < decision->program_count; i++) {
		check_path(decision->programs[i].pin);
		check_path(decision->programs[i].pin_first);
	}
}

static void decide(const struct boot_policy *policy, const void *bytes, size_t size)
{
	array_foreach(location, &policy->locations) {
		const struct lade_open_opts options = { .size = sizeof options,
							.loader_version = location->loader,
							.build_type = policy->device.build_type };
		struct lade_object *object = NULL;
		struct lade_error *error = NULL;
		struct boot_decision decision = { 0 };
		struct boot_log log = { 0 };
		if (lade_object_open_memory(NULL, bytes, size, "/x/net@2.o", &options, &object, &error) < 0) {
			(void)lade_boot_android_value(location, "/x/net@2.o", error, &log);
			lade_boot_log_clear(&log);
			lade_error_free(error);
			continue;
		}
		assert_int_equal(lade_boot_decide(policy, location, object, &decision), 0);
		check_decision(&decision);
		lade_boot_decision_clear(&decision);
		lade_object_free(object);
	}
}

static size_t read_object(const char *name, char *bytes, size_t room)
{
	char path[512];
	(void)snprintf(path, sizeof path, TEST_OBJECTS "/%s", name);
	FILE *stream = fopen(path, "rbe");
	if (!stream)
		fail_msg("%s", path);
	size_t size = fread(bytes, 1, room, stream);
	(void)fclose(stream);
	return size;
}

static void damage(char *bytes, size_t size)
{
	for (uint32_t left = 1 + dice(3); left; left--)
		bytes[dice((uint32_t)size)] = (char)(dice(2) ? dice(256) : (uint32_t) "/.$@_\0%-"[dice(8)]);
}

static void damaged_objects_are_survived_under_every_version(void **state)
{
	static const char *const objects[] = { "boot_places.o", "android_filters.o", "android_e.o", "android_b.o" };
	static char whole[65536], bytes[65536];
	(void)state;
	for (size_t i = 0; i < ELEMENTS(objects) * ELEMENTS(devices); i++) {
		struct boot_policy policy = { 0 };
		size_t size = read_object(objects[i % ELEMENTS(objects)], whole, sizeof whole);
		make_policy(&devices[i / ELEMENTS(objects)], &policy);
		for (int round = 0; round < 60; round++) {
			memcpy(bytes, whole, size);
			damage(bytes, size);
			decide(&policy, bytes, size);
		}
		lade_boot_policy_clear(&policy);
	}
	print_message("# %zu loaded, %zu skipped, %zu failed\n", verdicts[BOOT_LOAD], verdicts[BOOT_SKIP],
		      verdicts[BOOT_FAIL]);
	for (size_t i = 0; i < ELEMENTS(verdicts); i++)
		assert_true(verdicts[i] > 20); /* or the damage was too much to tell */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(damaged_objects_are_survived_under_every_version) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
