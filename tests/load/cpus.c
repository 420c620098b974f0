/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs that come and go under a program with an event on each. The list of CPUs is covered by one of the test's own. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/loaded.h"
#include "kernel/cpu_events.h"
#include "load/instance.h"

#define ONLINE "/sys/devices/system/cpu/online"

/* ---- what the kernel says ---- */

static void notices_of_the_kernel_are_read(void **state)
{
	static const struct {
		const char *text;
		bool is_one, online;
		int cpu;
	} notices[] = {
		{ "online@/devices/system/cpu/cpu1", true, true, 1 },
		{ "offline@/devices/system/cpu/cpu0", true, false, 0 },
		{ "offline@/devices/system/cpu/cpu65535", true, false, 65535 },
		{ "offline@/devices/system/cpu/cpu65536", false, false, 0 },
		{ "offline@/devices/system/cpu/cpu99999999999999999999", false, false, 0 },
		{ "online@/devices/system/cpu/cpu", false, false, 0 },
		{ "online@/devices/system/cpu/cpu1/cache", false, false, 0 },
		{ "online@/devices/system/cpu/cpu-1", false, false, 0 },
		{ "online@/devices/system/memory/memory1", false, false, 0 },
		{ "change@/devices/system/cpu/cpu1", false, false, 0 },
		{ "", false, false, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
		struct cpu_event event = { -1, false };
		bool is_one = lade_cpu_event_parse(notices[i].text, strlen(notices[i].text) + 1, &event);
		assert_int_equal(is_one, notices[i].is_one);
		assert_true(!is_one || (event.cpu == notices[i].cpu && event.online == notices[i].online));
		/* Without its end it is none. */
		assert_false(lade_cpu_event_parse(notices[i].text, strlen(notices[i].text), &event));
	}
}

static void listening_takes_no_privilege_and_hears_nothing_of_other_devices(void **state)
{
	struct cpu_event event;
	int fd = lade_cpu_events_open();

	(void)state;
	assert_true(fd > 2);
	assert_false(lade_cpu_events_next(fd, &event));
	(void)close(fd);
}

/* ---- following ---- */

static bool can_cover(void)
{
	char text[64] = "";
	FILE *file = fopen(ONLINE, "re");
	bool has_two = file && fgets(text, sizeof text, file) && strncmp(text, "0-", 2) == 0;

	if (file)
		(void)fclose(file);
	if (!has_two)
		(void)fprintf(stderr, "the CPUs 0 and 1 are not both online\n");
	return has_two;
}

static void cover_list(const char *list)
{
	char path[] = "/tmp/lade-cpus-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, list, strlen(list)), (ssize_t)strlen(list));
	(void)close(fd);
	assert_int_equal(mount(path, ONLINE, NULL, MS_BIND, NULL), 0);
	(void)unlink(path);
}

/* How many events were opened or closed: within 5 s, for the list is looked at once a second. */
static int follow(struct lade_instance *instance)
{
	int changes = 0;

	for (int i = 0; i < 50 && !changes; i++) {
		(void)poll(NULL, 0, 100);
		changes = lade_instance_follow_cpus(instance, NULL);
	}
	return changes;
}

static uint64_t samples_of(const struct lade_instance *instance, uint32_t cpu)
{
	uint64_t count = 0;

	assert_int_equal(bpf_map_lookup_elem(lade_instance_map_fd(instance, "counts"), &cpu, &count), 0);
	return count;
}

static bool samples_come(const struct lade_instance *instance, uint32_t cpu)
{
	uint64_t before = samples_of(instance, cpu);

	for (int i = 0; i < 500 && samples_of(instance, cpu) <= before; i++)
		(void)poll(NULL, 0, 10);
	return samples_of(instance, cpu) > before;
}

static size_t link_count_after(struct loaded *loaded, const char *list, int changes)
{
	cover_list(list);
	assert_int_equal(follow(loaded->instance), changes);
	return lade_instance_link_count(loaded->instance);
}

static void event_is_closed_with_its_cpu_and_opened_when_it_comes(void **state)
{
	struct loaded loaded;
	size_t count;

	(void)state;
	if (!live_enter() || !can_cover())
		skip();
	loaded = loaded_open(NULL, "vm_cpus.bpf.o");
	loaded_load(&loaded, NULL);
	assert_int_equal(lade_instance_cpu_fd(loaded.instance), -ENOENT);
	assert_int_equal(lade_instance_attach(loaded.instance, "on_sample", NULL, NULL), 0);
	assert_true(lade_instance_cpu_fd(loaded.instance) >= 0);
	count = lade_instance_link_count(loaded.instance);
	assert_true(count >= 2);
	assert_true(samples_come(loaded.instance, 1));
	assert_int_equal(lade_instance_follow_cpus(loaded.instance, NULL), 0);

	assert_int_equal(link_count_after(&loaded, "0\n", (int)count - 1), 1);
	assert_true(samples_come(loaded.instance, 0));
	uint64_t before = samples_of(loaded.instance, 1);
	assert_true(samples_come(loaded.instance, 0));
	assert_int_equal(samples_of(loaded.instance, 1), before);

	assert_int_equal(umount(ONLINE), 0);
	assert_int_equal(follow(loaded.instance), (int)count - 1);
	assert_int_equal(lade_instance_link_count(loaded.instance), count);
	assert_true(samples_come(loaded.instance, 1));
	assert_leaves_nothing(&loaded);
}

/* Attaches; false: kernels before 5.15 have no links for events. */
static bool can_be_pinned(struct loaded *loaded)
{
	struct lade_error *error = NULL;
	int result = lade_instance_attach(loaded->instance, NULL, NULL, &error);

	if (result < 0) {
		assert_string_equal(finding_of(error).code, "attach.not-pinnable");
		print_error("this kernel cannot pin what is attached to an event\n");
	}
	(void)lade_error_free(error);
	return result == 0;
}

static void pinned_program_gets_the_cpus_that_it_lacks_when_it_is_attached_again(void **state)
{
	struct lade_instance *opened = NULL;
	struct lade_error *error = NULL;
	struct loaded loaded;

	(void)state;
	if (!live_enter() || !can_cover())
		skip();
	cover_list("0\n");
	loaded = loaded_open(NULL, "vm_cpus.bpf.o");
	loaded_load(&loaded, "cpus");
	if (!can_be_pinned(&loaded)) {
		assert_int_equal(umount(ONLINE), 0);
		assert_leaves_nothing(&loaded);
		skip();
	}
	assert_int_equal(lade_instance_link_count(loaded.instance), 1);
	assert_int_equal(umount(ONLINE), 0);

	assert_int_equal(lade_instance_open(loaded.context, "cpus", &opened, NULL), 0);
	assert_int_equal(lade_instance_attach(opened, NULL, NULL, NULL), 0);
	assert_true(lade_instance_link_count(opened) >= 2);
	assert_true(samples_come(opened, 1));
	assert_int_equal(lade_instance_attach(opened, "on_sample", NULL, &error), -EEXIST);
	assert_string_equal(finding_of(error).code, "attach.twice");
	(void)lade_error_free(error);
	(void)lade_instance_close(opened);
	assert_leaves_nothing(&loaded);
}

static void programs_without_cpus_have_nothing_to_follow(void **state)
{
	struct loaded loaded;

	(void)state;
	if (!live_enter())
		skip();
	loaded = loaded_open(NULL, "attach_live.bpf.o");
	loaded_load(&loaded, NULL);
	assert_int_equal(lade_instance_follow_cpus(loaded.instance, NULL), 0);
	assert_int_equal(lade_instance_cpu_fd(loaded.instance), -ENOENT);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notices_of_the_kernel_are_read),
		cmocka_unit_test(listening_takes_no_privilege_and_hears_nothing_of_other_devices),
		cmocka_unit_test(event_is_closed_with_its_cpu_and_opened_when_it_comes),
		cmocka_unit_test(pinned_program_gets_the_cpus_that_it_lacks_when_it_is_attached_again),
		cmocka_unit_test(programs_without_cpus_have_nothing_to_follow),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
