/* SPDX-License-Identifier: BSD-2-Clause */
/* lade load --replace, by what packets and system calls meet while it happens. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/cgroups.h"
#include "harness/hooks.h"
#include "harness/loaded.h"
#include "kernel/bpf.h"
#include "kernel/context.h"

enum { ROUNDS = 12 };

static struct test_cgroup group;

/* ---- loading ---- */

static struct lade_instance *try_load(struct lade_context *context, const char *file, const struct lade_load_opts *opts,
				      struct lade_error **error)
{
	struct lade_object *object = open_object(context, file);
	struct lade_instance *instance = NULL;

	if (lade_object_load(object, opts, &instance, error) < 0)
		assert_null(instance);
	(void)lade_object_free(object);
	return instance;
}

static void must(struct lade_context *context, const char *file, const struct lade_load_opts *opts)
{
	struct lade_error *error = NULL;
	struct lade_instance *instance = try_load(context, file, opts, &error);

	if (!instance)
		fail_msg("%s", lade_error_message(error));
	(void)lade_instance_close(instance);
}

static const struct lade_load_opts replacing = { .size = sizeof replacing, .name = "rep", .replace = true };

static struct lade_instance *must_open(struct lade_context *context)
{
	struct lade_instance *instance = NULL;
	struct lade_error *error = NULL;

	if (lade_instance_open(context, "rep", &instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	return instance;
}

static uint64_t element(struct lade_context *context, const char *map, uint32_t key)
{
	struct lade_instance *instance = must_open(context);
	uint64_t value[2] = { 0 };
	int fd = lade_instance_map_fd(instance, map);

	assert_true(fd >= 0);
	assert_int_equal(lade_bpf_map_lookup(context->kernel, fd, &key, value), 0);
	(void)lade_instance_close(instance);
	return value[0];
}

/* ---- one who never pauses ---- */

struct producer {
	pid_t process;
	struct counts {
		_Atomic uint64_t made, arrived;
		atomic_bool stop;
	} * counts;
	int receiver;
};

static int send_packets(void *data)
{
	struct producer *producer = data;
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (getsockname(producer->receiver, (struct sockaddr *)&address, &length) < 0)
		return 1;
	while (!producer->counts->stop) {
		(void)!sendto(fd, "x", 1, 0, (struct sockaddr *)&address, sizeof address);
		producer->counts->made++;
	}
	return 0;
}

static int call_getpgid(void *data)
{
	struct producer *producer = data;

	while (!producer->counts->stop) {
		(void)syscall(SYS_getpgid, 0);
		producer->counts->made++;
	}
	return 0;
}

static void start(struct producer *producer, int (*produce)(void *data))
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	producer->counts =
		mmap(NULL, sizeof *producer->counts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(producer->counts, MAP_FAILED);
	producer->receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(producer->receiver, (const struct sockaddr *)&address, sizeof address), 0);
	producer->process = fork();
	assert_true(producer->process >= 0);
	if (producer->process == 0)
		_exit(in_cgroup(&group, produce, producer));
	while (producer->counts->made < 100)
		(void)usleep(1000);
}

/* It makes some more after what was done to it. */
static void let_run(const struct producer *producer)
{
	uint64_t made = producer->counts->made;

	while (producer->counts->made < made + 200)
		(void)usleep(500);
}

static void stop(struct producer *producer)
{
	char byte;
	int status;

	producer->counts->stop = true;
	assert_int_equal(waitpid(producer->process, &status, 0), producer->process);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	while (recv(producer->receiver, &byte, 1, MSG_DONTWAIT) >= 0)
		producer->counts->arrived++;
	(void)close(producer->receiver);
}

/* ---- no gap ---- */

static struct lade_context *enter(void)
{
	if (!live_enter() || !hooks_network() || !cgroup_make(&group))
		return NULL;
	return new_context(NULL);
}

static void leave(struct lade_context *context)
{
	struct lade_error *error = NULL;

	if (lade_state_unload(context, "rep", &error) < 0)
		fail_msg("%s", lade_error_message(error));
	(void)lade_context_free(context);
	cgroup_remove(&group);
}

/* False, after saying why: this kernel lacks what it is attached to. */
static bool load_first(struct lade_context *context, const char *program, const char *target)
{
	const struct lade_attach_request request = { program, target };
	const struct lade_load_opts opts = {
		.size = sizeof opts, .name = "rep", .attach_requests = &request, .attach_request_count = 1
	};

	struct lade_error *error = NULL;
	struct lade_instance *instance = try_load(context, "rep_one.bpf.o", &opts, &error);

	if (instance) {
		(void)lade_instance_close(instance);
		return true;
	}
	if (lade_error_exit_code(error) != 3)
		fail_msg("%s", lade_error_message(error));
	(void)fprintf(stderr, "# %s\n", lade_error_message(error));
	(void)lade_error_free(error);
	(void)lade_context_free(context);
	cgroup_remove(&group);
	return false;
}

/* Every packet meets the old program or the new one: what passes neither arrives. */
/* A kernel without links of this form, or made to look like one, has the older way. */
static void replace_under_packets(const char *program, const char *target, enum kernel_form link_form,
				  unsigned absent_forms)
{
	struct producer producer = { 0 };
	struct lade_context *context = enter();
	struct lade_instance *instance;
	struct lade_link_info link = { .size = sizeof link };
	struct kernel *kernel;
	char path[600];

	if (!context)
		skip();
	if (!target) {
		(void)snprintf(path, sizeof path, "cgroup:%s", group.path);
		target = path;
	}
	assert_int_equal(lade_context_kernel(context, &kernel, NULL), 0);
	lade_kernel_form_set_absent(kernel, (enum kernel_form)absent_forms);
	if (!load_first(context, program, target))
		skip();
	start(&producer, send_packets);
	for (unsigned i = 0; i < ROUNDS; i++) {
		must(context, i % 2 ? "rep_one.bpf.o" : "rep_two.bpf.o", &replacing);
		let_run(&producer);
	}
	instance = must_open(context);
	assert_true(lade_instance_link_count(instance) >= 1);
	assert_int_equal(lade_instance_link(instance, lade_instance_link_count(instance) - 1, &link), 0);
	assert_int_equal(link.is_link, !lade_kernel_form_absent(kernel, link_form));
	(void)lade_instance_close(instance);
	stop(&producer);
	assert_int_equal(producer.counts->arrived, 0);
	assert_true(element(context, "hits", 1) > 0);
	assert_true(element(context, "hits", 2) > 0);
	assert_int_equal(element(context, "hits", 1) + element(context, "hits", 2), producer.counts->made);
	assert_int_equal(element(context, ".bss", 0), producer.counts->made);
	leave(context);
}

static void no_packet_escapes_while_a_cgroup_link_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("egress", NULL, FORM_CGROUP_LINK, 0);
}

static void no_packet_escapes_while_a_cgroup_program_without_a_link_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("egress", NULL, FORM_CGROUP_LINK, FORM_CGROUP_LINK);
}

static void no_packet_escapes_while_an_xdp_link_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("drop", "dev:lo", FORM_XDP_LINK, 0);
}

static void no_packet_escapes_while_an_xdp_program_without_a_link_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("drop", "dev:lo", FORM_XDP_LINK, FORM_XDP_LINK);
}

static void no_packet_escapes_while_a_tcx_link_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("classify", "dev:lo:ingress", FORM_TCX_LINK, 0);
}

static void no_packet_escapes_while_a_filter_of_clsact_is_replaced(void **state)
{
	(void)state;
	replace_under_packets("classify", "dev:lo:ingress", FORM_TCX_LINK, FORM_TCX_LINK);
}

static void events_are_seen_by_one_of_two_or_by_both_but_never_by_none(void **state)
{
	struct producer producer = { 0 };
	struct lade_context *context = enter();
	struct lade_instance *instance;
	bool noted = false;

	(void)state;
	if (!context)
		skip();
	if (!load_first(context, "enter", NULL))
		skip();
	start(&producer, call_getpgid);
	let_run(&producer);
	instance = try_load(context, "rep_two.bpf.o", &replacing, NULL);
	assert_non_null(instance);
	for (size_t i = 0; i < lade_instance_note_count(instance); i++) {
		struct lade_finding_info note = { .size = sizeof note };
		assert_int_equal(lade_finding_describe(lade_instance_note(instance, i), &note), 0);
		noted = noted || strcmp(note.code, "replace.overlap") == 0;
	}
	assert_true(noted);
	(void)lade_instance_close(instance);
	let_run(&producer);
	stop(&producer);
	assert_true(element(context, "hits", 2) > 0);
	assert_true(element(context, "hits", 1) + element(context, "hits", 2) >= producer.counts->made);
	leave(context);
}

/* ---- maps ---- */

static const struct lade_map_choice all_migrate = { NULL, LADE_MAP_MIGRATE };

static void put(struct lade_context *context, uint32_t key, uint64_t value)
{
	struct lade_instance *instance = must_open(context);

	assert_int_equal(lade_bpf_map_update(context->kernel, lade_instance_map_fd(instance, "table"), &key, &value, 0),
			 0);
	(void)lade_instance_close(instance);
}

static struct bpf_map_info table_of(struct lade_context *context)
{
	struct lade_instance *instance = must_open(context);
	struct bpf_map_info info = map_info(lade_instance_map_fd(instance, "table"));

	(void)lade_instance_close(instance);
	return info;
}

static struct lade_context *enter_with_entries(void)
{
	static const struct lade_load_opts first = { .size = sizeof first, .name = "rep" };
	struct lade_context *context = enter();

	if (!context)
		skip();
	must(context, "rep_one.bpf.o", &first);
	for (uint32_t key = 0; key < 10; key++)
		put(context, key, key + 100);
	return context;
}

static void a_map_of_the_same_definition_goes_on_and_constants_are_the_new_ones(void **state)
{
	struct lade_context *context = enter_with_entries();
	uint32_t id = table_of(context).id;

	(void)state;
	must(context, "rep_two.bpf.o", &replacing);
	assert_int_equal(table_of(context).id, id);
	assert_int_equal(element(context, "table", 9), 109);
	assert_int_equal((uint32_t)element(context, ".rodata", 0), 2);
	leave(context);
}

static void a_map_that_differs_is_told_field_by_field_and_nothing_is_done(void **state)
{
	struct lade_context *context = enter_with_entries();
	uint32_t id = table_of(context).id;
	struct lade_error *error = NULL;
	char *before = pin_tree(LIVE_BPFFS), *after;

	(void)state;
	assert_null(try_load(context, "rep_three.bpf.o", &replacing, &error));
	struct lade_finding_info info = finding_of(error);
	assert_string_equal(info.code, "replace.map.differs");
	assert_string_equal(info.map, "table");
	assert_int_equal(info.evidence_count, 2);
	assert_non_null(strstr(info.evidence[0], "value_size is 8 in the running map, 16 in the object"));
	assert_non_null(strstr(info.fix, "--migrate=table"));
	assert_int_equal(lade_error_exit_code(error), 6);
	(void)lade_error_free(error);
	after = pin_tree(LIVE_BPFFS);
	assert_string_equal(after, before);
	assert_int_equal(table_of(context).id, id);
	free(before);
	free(after);
	leave(context);
}

static void entries_are_copied_into_a_map_of_longer_values(void **state)
{
	struct lade_load_opts opts = replacing;
	struct lade_context *context = enter_with_entries();

	(void)state;
	opts.map_choices = &all_migrate;
	opts.map_choice_count = 1;
	must(context, "rep_three.bpf.o", &opts);
	assert_int_equal(table_of(context).value_size, 16);
	assert_int_equal(table_of(context).max_entries, 32);
	for (uint32_t key = 0; key < 10; key++)
		assert_int_equal(element(context, "table", key), key + 100);
	leave(context);
}

static void values_do_not_get_shorter(void **state)
{
	struct lade_load_opts opts = replacing;
	struct lade_context *context = enter_with_entries();
	struct lade_error *error = NULL;

	(void)state;
	opts.map_choices = &all_migrate;
	opts.map_choice_count = 1;
	must(context, "rep_three.bpf.o", &opts);
	assert_null(try_load(context, "rep_one.bpf.o", &opts, &error));
	assert_string_equal(finding_of(error).code, "replace.map.not-migrated");
	(void)lade_error_free(error);
	assert_int_equal(table_of(context).value_size, 16);
	leave(context);
}

static void the_running_map_is_adopted_or_a_new_one_made_when_that_is_said(void **state)
{
	static const struct lade_map_choice choices[] = { { "table", LADE_MAP_ADOPT }, { NULL, LADE_MAP_RECREATE } };
	struct lade_load_opts opts = replacing;
	struct lade_context *context = enter_with_entries();
	uint32_t id = table_of(context).id;

	(void)state;
	opts.map_choices = choices;
	opts.map_choice_count = 2;
	must(context, "rep_three.bpf.o", &opts);
	assert_int_equal(table_of(context).id, id);
	opts.map_choices = choices + 1;
	opts.map_choice_count = 1;
	must(context, "rep_three.bpf.o", &opts);
	assert_int_not_equal(table_of(context).id, id);
	assert_int_equal(table_of(context).value_size, 16);
	leave(context);
}

/* ---- in the way of each other ---- */

static void nothing_is_replaced_where_nothing_was(void **state)
{
	struct lade_context *context = enter();

	(void)state;
	if (!context)
		skip();
	must(context, "rep_one.bpf.o", &replacing);
	assert_int_equal((uint32_t)element(context, ".rodata", 0), 1);
	leave(context);
}

static void two_replacements_at_once_come_one_after_the_other(void **state)
{
	struct producer producer = { 0 };
	struct lade_context *context = enter();
	pid_t children[4];

	(void)state;
	if (!context)
		skip();
	if (!load_first(context, "drop", "dev:lo"))
		skip();
	start(&producer, send_packets);
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		for (unsigned round = 0; children[i] == 0 && round < 5; round++)
			must(context, i % 2 ? "rep_one.bpf.o" : "rep_two.bpf.o", &replacing);
		if (children[i] == 0)
			_exit(0);
	}
	for (size_t i = 0; i < 4; i++) {
		int status;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	let_run(&producer);
	stop(&producer);
	assert_int_equal(producer.counts->arrived, 0);
	leave(context);
}

static void what_an_opened_handle_knew_is_gone_after_a_replacement(void **state)
{
	struct lade_context *context = enter_with_entries();
	struct lade_instance *old = must_open(context);
	struct lade_error *error = NULL;

	(void)state;
	must(context, "rep_two.bpf.o", &replacing);
	assert_int_equal(lade_instance_attach(old, "drop", "dev:lo", &error), -ESTALE);
	assert_string_equal(finding_of(error).code, "state.changed");
	(void)lade_error_free(error);
	(void)lade_instance_close(old);
	leave(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_packet_escapes_while_a_cgroup_link_is_replaced),
		cmocka_unit_test(no_packet_escapes_while_a_cgroup_program_without_a_link_is_replaced),
		cmocka_unit_test(no_packet_escapes_while_an_xdp_link_is_replaced),
		cmocka_unit_test(no_packet_escapes_while_an_xdp_program_without_a_link_is_replaced),
		cmocka_unit_test(no_packet_escapes_while_a_tcx_link_is_replaced),
		cmocka_unit_test(no_packet_escapes_while_a_filter_of_clsact_is_replaced),
		cmocka_unit_test(events_are_seen_by_one_of_two_or_by_both_but_never_by_none),
		cmocka_unit_test(a_map_of_the_same_definition_goes_on_and_constants_are_the_new_ones),
		cmocka_unit_test(a_map_that_differs_is_told_field_by_field_and_nothing_is_done),
		cmocka_unit_test(entries_are_copied_into_a_map_of_longer_values),
		cmocka_unit_test(values_do_not_get_shorter),
		cmocka_unit_test(the_running_map_is_adopted_or_a_new_one_made_when_that_is_said),
		cmocka_unit_test(nothing_is_replaced_where_nothing_was),
		cmocka_unit_test(two_replacements_at_once_come_one_after_the_other),
		cmocka_unit_test(what_an_opened_handle_knew_is_gone_after_a_replacement),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
