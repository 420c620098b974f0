/* SPDX-License-Identifier: BSD-2-Clause */
/* What is loaded, opened again: attached later, detached, and programs that others pinned. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/hooks.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/tc.h"

enum { CALLS = 5 };

static struct lade_context *enter(struct live_before *before)
{
	if (!live_enter() || !hooks_network())
		return NULL;
	*before = live_before(LIVE_BPFFS);
	return new_context(NULL);
}

/* The object's file is gone when the instance is opened. */
static void load_and_forget(struct lade_context *context)
{
	char path[] = "/tmp/lade-open-XXXXXX", bytes[4096];
	int fd = mkstemp(path), from = open(TEST_OBJECTS "/rep_one.bpf.o", O_RDONLY | O_CLOEXEC);
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "rep" };

	assert_true(fd >= 0 && from >= 0);
	for (ssize_t length; (length = read(from, bytes, sizeof bytes)) > 0;)
		assert_int_equal(write(fd, bytes, (size_t)length), length);
	(void)close(fd);
	(void)close(from);
	object = open_object(context, path);
	assert_int_equal(lade_object_load(object, &opts, &instance, NULL), 0);
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
	assert_int_equal(unlink(path), 0);
}

static struct lade_instance *must_open(struct lade_context *context, const char *which)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_instance_open(context, which, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

/* What a kernel lacks (exit code 3) ends the test as one that cannot run here. */
static void must_attach(struct lade_instance *instance, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	bool absent;

	if (lade_instance_attach(instance, program, target, &error) == 0)
		return;
	absent = lade_error_exit_code(error) == 3;
	if (!absent)
		fail_msg("%s", lade_error_message(error));
	(void)fprintf(stderr, "# %s\n", lade_error_message(error));
	(void)lade_error_free(error);
	(void)lade_instance_unload(instance, NULL);
	skip();
}

static void must_detach(struct lade_instance *instance, const char *program, const char *target)
{
	struct lade_error *error = NULL;

	if (lade_instance_detach(instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static uint64_t hits(const struct lade_context *context, const struct lade_instance *instance)
{
	uint64_t value = 0;
	uint32_t key = 1;
	int fd = lade_instance_map_fd(instance, "hits");

	assert_true(fd >= 0);
	assert_int_equal(lade_bpf_map_lookup(context->kernel, fd, &key, &value), 0);
	return value;
}

static void call(void)
{
	for (unsigned i = 0; i < CALLS; i++)
		(void)syscall(SYS_getpgid, 0);
}

/* Before 6.8 the kernel lets go of what a pin held only a little after the pin is gone. */
static uint64_t hits_at_rest(const struct lade_context *context, const struct lade_instance *instance)
{
	uint64_t before = UINT64_MAX, now = hits(context, instance);

	for (unsigned i = 0; i < 5000 && now != before; i++) {
		before = now;
		(void)usleep(2000);
		call();
		now = hits(context, instance);
	}
	assert_int_equal(now, before);
	return now;
}

static void unload(struct lade_context *context, const char *name, struct live_before *before)
{
	struct lade_error *error = NULL;

	if (lade_state_unload(context, name, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_context_free(context);
	assert_nothing_left(before);
}

static void what_is_pinned_is_attached_later_and_outlives_the_handle(void **state)
{
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *instance;

	(void)state;
	if (!context)
		skip();
	load_and_forget(context);
	instance = must_open(context, "rep");
	call();
	assert_int_equal(hits(context, instance), 0);
	must_attach(instance, "enter", NULL);
	(void)lade_instance_close(instance);
	call();
	instance = must_open(context, "rep");
	assert_int_equal(hits(context, instance), CALLS);
	assert_int_equal(lade_instance_link_count(instance), 1);
	must_detach(instance, "enter", NULL);
	uint64_t at_rest = hits_at_rest(context, instance);
	assert_int_equal(lade_instance_link_count(instance), 0);
	must_attach(instance, NULL, NULL); /* all whose sections say where to: enter */
	call();
	assert_int_equal(hits(context, instance), at_rest + CALLS);
	(void)lade_instance_close(instance);
	unload(context, "rep", &before);
}

static void nothing_is_attached_twice_nor_detached_that_is_not_attached(void **state)
{
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_error *error = NULL;
	struct lade_instance *instance;

	(void)state;
	if (!context)
		skip();
	load_and_forget(context);
	instance = must_open(context, "rep");
	assert_int_equal(lade_instance_detach(instance, NULL, NULL, &error), -ENOENT);
	assert_string_equal(finding_of(error).code, "detach.not-attached");
	error = lade_error_free(error);
	must_attach(instance, "drop", "dev:lo");
	assert_int_equal(lade_instance_attach(instance, "drop", "dev:lo", &error), -EEXIST);
	assert_string_equal(finding_of(error).code, "attach.twice");
	error = lade_error_free(error);
	assert_int_equal(lade_instance_detach(instance, "drop", "dev:eth7", &error), -ENOENT);
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.evidence[0], "drop is attached to dev:lo");
	error = lade_error_free(error);
	must_detach(instance, NULL, "dev:lo");
	(void)lade_instance_close(instance);
	unload(context, "rep", &before);
}

static void one_of_several_is_detached_and_the_qdisc_goes_with_the_last_filter(void **state)
{
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *instance;
	struct kernel *kernel;
	char kind[16] = "?";

	(void)state;
	if (!context)
		skip();
	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	lade_kernel_form_set_absent(kernel, FORM_TCX_LINK);
	load_and_forget(context);
	instance = must_open(context, "rep");
	must_attach(instance, "classify", "dev:lo:ingress");
	must_attach(instance, "classify", "dev:lo:egress");
	(void)lade_instance_close(instance);
	instance = must_open(context, "rep");
	assert_true(lade_instance_link_count(instance) >= 3); /* with the qdisc */
	must_detach(instance, "classify", "dev:lo:ingress");
	assert_int_equal(lade_tc_is_empty(kernel, 1), 0); /* lo is 1 */
	must_detach(instance, "classify", NULL);
	assert_int_equal(lade_instance_link_count(instance), 0);
	(void)lade_instance_close(instance);
	assert_true(lade_tc_get_qdisc(kernel, 1, kind) >= 0);
	assert_string_equal(kind, "");
	unload(context, "rep", &before);
}

static void a_handle_that_loaded_and_one_that_opened_see_each_others_links(void **state)
{
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *first, *second;

	(void)state;
	if (!context)
		skip();
	load_and_forget(context);
	first = must_open(context, "rep");
	second = must_open(context, "rep");
	must_attach(first, "classify", "dev:lo:ingress");
	must_attach(second, "classify", "dev:lo:egress");
	must_attach(first, "drop", "dev:lo");
	(void)lade_instance_close(first);
	(void)lade_instance_close(second);
	first = must_open(context, "rep");
	assert_true(lade_instance_link_count(first) >= 3); /* without tcx, with qdiscs */
	(void)lade_instance_close(first);
	unload(context, "rep", &before);
}

static void a_link_that_its_loader_still_holds_is_detached_all_the_same(void **state)
{
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *holder, *instance;
	struct bpf_link_info info;

	(void)state;
	if (!context)
		skip();
	load_and_forget(context);
	holder = must_open(context, "rep");
	must_attach(holder, "drop", "dev:lo");
	instance = must_open(context, "rep");
	must_detach(instance, "drop", NULL);
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link(holder, 0, &link), 0);
	assert_int_equal(lade_bpf_link_info(context->kernel, link.fd, &info), 0);
	assert_int_equal(info.xdp.ifindex, 0);
	(void)lade_instance_close(holder);
	(void)lade_instance_close(instance);
	unload(context, "rep", &before);
}

/* ---- a program that somebody else pinned ---- */

#define PIN LIVE_BPFFS "/theirs"

static void pin_program(struct lade_context *context, const char *program)
{
	struct lade_instance *instance;

	load_and_forget(context);
	instance = must_open(context, "rep");
	assert_int_equal(lade_bpf_obj_pin(context->kernel, lade_instance_program_fd(instance, program), PIN), 0);
	assert_int_equal(lade_instance_unload(instance, NULL), 0);
}

static void a_program_of_others_is_attached_and_its_pin_stays_theirs(void **state)
{
	const struct lade_adopt_opts opts = { .size = sizeof opts, .target = "dev:lo:ingress" };
	const struct lade_adopt_opts again = { .size = sizeof again, .target = "dev:lo:egress" };
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	(void)state;
	if (!context)
		skip();
	pin_program(context, "classify");
	if (lade_instance_adopt(context, PIN, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	instance = lade_instance_close(instance);
	if (lade_instance_adopt(context, "theirs", &again, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_true(lade_instance_link_count(instance) >= 2); /* without tcx, with qdiscs */
	(void)lade_instance_close(instance);
	assert_int_equal(lade_state_unload(context, "theirs", NULL), 0);
	assert_int_equal(access(PIN, F_OK), 0);
	assert_int_equal(unlink(PIN), 0);
	(void)lade_context_free(context);
	assert_nothing_left(&before);
}

static void what_a_pin_does_not_say_is_asked_for(void **state)
{
	struct lade_adopt_opts opts = { .size = sizeof opts };
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	(void)state;
	if (!context)
		skip();
	pin_program(context, "enter");
	assert_true(lade_instance_adopt(context, PIN, &opts, &instance, &error) < 0);
	assert_string_equal(finding_of(error).code, "attach.section-needed");
	error = lade_error_free(error);
	opts.section = "xdp";
	assert_true(lade_instance_adopt(context, PIN, &opts, &instance, &error) < 0);
	assert_string_equal(finding_of(error).code, "attach.section-type");
	error = lade_error_free(error);
	opts.section = "raw_tracepoint/sys_enter";
	if (lade_instance_adopt(context, PIN, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_instance_link_count(instance), 1);
	(void)lade_instance_close(instance);
	assert_int_equal(unlink(PIN), 0);
	assert_true(lade_instance_adopt(context, PIN, &opts, &instance, &error) < 0);
	assert_string_equal(finding_of(error).code, "state.not-found");
	(void)lade_error_free(error);
	unload(context, "theirs", &before);
}

/* ---- tables of kernel operations ---- */

static bool has_links_of_tables(void)
{
	return kernel_has_type("bpf_struct_ops_tcp_congestion_ops", 4) && kernel_has_type("bpf_struct_ops_link", 4);
}

static struct lade_link_info only_table(const struct lade_instance *instance)
{
	struct lade_link_info link = { .size = sizeof link };

	for (size_t i = 0; i < lade_instance_link_count(instance); i++)
		assert_int_equal(lade_instance_link(instance, i, &link), 0);
	assert_string_equal(link.method, "struct_ops");
	return link;
}

static void a_table_is_registered_later_and_replaced_by_its_link(void **state)
{
	struct lade_load_opts opts = { .size = sizeof opts, .name = "ops" };
	struct live_before before;
	struct lade_context *context = enter(&before);
	struct lade_object *object;
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;
	struct bpf_link_info old, new;

	(void)state;
	if (!context || !has_links_of_tables())
		skip();
	object = open_object(context, "ops_link.bpf.o");
	assert_int_equal(lade_object_load(object, &opts, &instance, &error), 0);
	(void)lade_instance_close(instance);
	instance = must_open(context, "ops");
	must_attach(instance, NULL, NULL);
	assert_int_equal(lade_bpf_link_info(context->kernel, only_table(instance).fd, &old), 0);
	(void)lade_instance_close(instance);
	opts.replace = true;
	if (lade_object_load(object, &opts, &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	assert_int_equal(lade_bpf_link_info(context->kernel, only_table(instance).fd, &new), 0);
	assert_int_equal(new.id, old.id);
	assert_int_not_equal(new.xdp.ifindex, old.xdp.ifindex); /* the table's map */
	(void)lade_instance_close(instance);
	(void)lade_object_free(object);
	unload(context, "ops", &before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_pinned_is_attached_later_and_outlives_the_handle),
		cmocka_unit_test(nothing_is_attached_twice_nor_detached_that_is_not_attached),
		cmocka_unit_test(one_of_several_is_detached_and_the_qdisc_goes_with_the_last_filter),
		cmocka_unit_test(a_handle_that_loaded_and_one_that_opened_see_each_others_links),
		cmocka_unit_test(a_link_that_its_loader_still_holds_is_detached_all_the_same),
		cmocka_unit_test(a_program_of_others_is_attached_and_its_pin_stays_theirs),
		cmocka_unit_test(what_a_pin_does_not_say_is_asked_for),
		cmocka_unit_test(a_table_is_registered_later_and_replaced_by_its_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
