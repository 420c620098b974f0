/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/net_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness/packets.h"
#include "kernel/context.h"

static bool is_live;

int device_enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

int device_enter_network(void **state)
{
	(void)state;
	return !is_live || packets_enter() ? 0 : -1;
}

void device_skip_unless_live(void)
{
	if (!is_live)
		skip();
}

struct loaded load_device_programs(const char *name, const char *first, const char *second)
{
	device_skip_unless_live();
	struct loaded loaded = loaded_open(NULL, "net_device.bpf.o");
	(void)load_only(loaded.object, first);
	if (second)
		assert_int_equal(lade_program_set_autoload(lade_object_find_program(loaded.object, second), true), 0);
	loaded_load(&loaded, name);
	return loaded;
}

struct kernel *kernel_of(const struct loaded *loaded)
{
	return loaded->context->kernel;
}

void attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

struct lade_link_info link_at(const struct loaded *loaded, size_t index)
{
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link(loaded->instance, index, &link), 0);
	return link;
}

void expect_refusal(struct loaded *loaded, const char *program, const char *target, const char *code,
		    const char *evidence)
{
	struct lade_error *error = NULL;
	size_t links = lade_instance_link_count(loaded->instance);
	assert_true(lade_instance_attach(loaded->instance, program, target, &error) < 0);
	struct lade_finding_info info = finding_of(error);
	bool found = !evidence;
	assert_string_equal(info.code, code);
	for (size_t i = 0; i < info.evidence_count; i++)
		found = found || strstr(info.evidence[i], evidence);
	if (!found)
		fail_msg("%s: no evidence \"%s\"", lade_error_message(error), evidence);
	assert_int_equal(lade_instance_link_count(loaded->instance), links);
	lade_error_free(error);
}
