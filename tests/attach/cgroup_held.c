/* SPDX-License-Identifier: BSD-2-Clause */
/* Hooks of cgroups that somebody holds: what is refused and why, and what another process takes back. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/cgroups.h"
#include "harness/hooks.h"
#include "kernel/cgroups.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/hooks.h"

/* Nobody listens: ECONNREFUSED is the network's own answer. */
static int connect_stream(void *data)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_port = htons(9),
					     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	(void)data;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int result = connect(fd, (const void *)&address, sizeof address) < 0 ? errno : 0;
	(void)close(fd);
	return result;
}

static void use_older_way(struct loaded *loaded)
{
	lade_kernel_form_set_absent(loaded->context->kernel, FORM_CGROUP_LINK);
}

/* ---- refusals ---- */

static void expect_refusal(const char *program, const char *target, const char *code, const char *evidence)
{
	struct loaded loaded = hooks_load_cgroup(program);
	hooks_refuse(&loaded, program, target, code, evidence);
	assert_leaves_nothing(&loaded);
}

static void missing_cgroup_names_the_near_ones(void **state)
{
	(void)state;
	char wrong[80];
	(void)snprintf(wrong, sizeof wrong, "cgroup:%sx", hooks_cgroup.name);
	expect_refusal("connect4", wrong, "attach.cgroup.missing", hooks_cgroup.name);
	expect_refusal("connect4", "cgroup:/proc/self", "attach.cgroup.missing", "cgroup v2 is mounted at");
}

static void cgroup_of_version_1_is_named_as_such(void **state)
{
	(void)state;
	struct strings mounts = { 0 };
	char target[600];
	if (lade_cgroup_v1_mounts(&mounts) < 0 || !mounts.count) {
		(void)fprintf(stderr, "# no cgroup of version 1 is mounted here\n");
		skip();
	}
	(void)snprintf(target, sizeof target, "cgroup:%s", mounts.items[0]);
	lade_strings_clear(&mounts);
	expect_refusal("connect4", target, "attach.cgroup.v1", "cgroup v2 is mounted at");
}

static void program_without_a_direction_asks_for_one(void **state)
{
	(void)state;
	expect_refusal("undirected", hooks_cgroup_target(&hooks_cgroup, NULL), "attach.hook.unsaid", "ingress, egress");
}

static void word_for_another_kind_of_program_is_refused(void **state)
{
	(void)state;
	expect_refusal("connect4", hooks_cgroup_target(&hooks_cgroup, "egress"), "attach.target-kind", NULL);
	expect_refusal("ingress", hooks_cgroup_target(&hooks_cgroup, "egress"), "attach.target-kind", NULL);
	expect_refusal("connect4", hooks_cgroup_target(&hooks_cgroup, "connect6"), "attach.target-kind", NULL);
}

/* Somebody else's program that wants to be alone. */
static struct loaded occupy(const struct test_cgroup *where, uint32_t flags)
{
	uint64_t id;
	struct loaded other = hooks_load_cgroup("bind4");
	int fd = lade_cgroup_open(where->path, &id);
	int program = lade_instance_program_fd(other.instance, "bind4");
	assert_true(fd >= 0);
	assert_int_equal(lade_hook_attach(other.context->kernel, fd, program, BPF_CGROUP_INET4_BIND, flags), 0);
	(void)close(fd);
	return other;
}

static uint32_t program_id(const struct loaded *loaded, const char *program)
{
	return program_info(lade_instance_program_fd(loaded->instance, program)).id;
}

static void vacate(const struct test_cgroup *where, struct loaded *other)
{
	uint64_t id;
	int fd = lade_cgroup_open(where->path, &id);
	assert_int_equal(
		lade_hook_detach(other->context->kernel, fd, BPF_CGROUP_INET4_BIND, program_id(other, "bind4")), 0);
	(void)close(fd);
	loaded_leave(other);
}

static void program_that_wants_to_be_alone_is_named(void **state)
{
	(void)state;
	struct test_cgroup inner;
	char evidence[64];
	hooks_skip_unless_live();
	cgroup_make_below(&hooks_cgroup, "inner", &inner);
	const struct {
		const struct test_cgroup *where;
		uint32_t flags;
	} table[] = { { &hooks_cgroup, 0 }, { &inner, 0 }, { &inner, BPF_F_ALLOW_OVERRIDE } };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct loaded other = occupy(table[i].where, table[i].flags);
		(void)snprintf(evidence, sizeof evidence, "has program %u (bind4), alone", program_id(&other, "bind4"));
		expect_refusal("bind4", hooks_cgroup_target(&inner, NULL), "attach.hook.exclusive", evidence);
		vacate(table[i].where, &other);
	}
	cgroup_remove(&inner);
}

static void full_hook_is_said_to_be(void **state)
{
	(void)state;
	int links[HOOK_MOST_PROGRAMS];
	uint64_t id;
	struct loaded other = hooks_load_cgroup("bind4");
	int fd = lade_cgroup_open(hooks_cgroup.path, &id);
	const struct attr_link_create attr = { .prog_fd = (uint32_t)lade_instance_program_fd(other.instance, "bind4"),
					       .target_fd = (uint32_t)fd,
					       .attach_type = BPF_CGROUP_INET4_BIND };
	for (size_t i = 0; i < ELEMENTS(links); i++) {
		links[i] = lade_bpf_link_create(other.context->kernel, &attr);
		assert_true(links[i] >= 0);
	}
	expect_refusal("bind4", hooks_cgroup_target(&hooks_cgroup, NULL), "attach.full", "has 56 more");
	for (size_t i = 0; i < ELEMENTS(links); i++)
		(void)close(links[i]);
	(void)close(fd);
	assert_leaves_nothing(&other);
}

static void programs_of_others_stay(void **state)
{
	(void)state;
	uint64_t id;
	struct hook_programs programs;
	struct loaded other = occupy(&hooks_cgroup, BPF_F_ALLOW_MULTI);
	for (int older = 0; older < 2; older++) {
		struct loaded loaded = hooks_load_cgroup("bind4");
		int fd = lade_cgroup_open(hooks_cgroup.path, &id);
		if (older)
			use_older_way(&loaded);
		hooks_attach(&loaded, "bind4", hooks_cgroup_target(&hooks_cgroup, NULL));
		assert_int_equal(lade_hook_query(loaded.context->kernel, fd, BPF_CGROUP_INET4_BIND, &programs), 0);
		assert_int_equal(programs.count, 2);
		loaded_unload(&loaded);
		assert_int_equal(lade_hook_query(loaded.context->kernel, fd, BPF_CGROUP_INET4_BIND, &programs), 0);
		assert_int_equal(programs.count, 1);
		assert_int_equal(programs.ids[0], program_id(&other, "bind4"));
		(void)close(fd);
		assert_leaves_nothing(&loaded);
	}
	vacate(&hooks_cgroup, &other);
}

/* ---- another process takes it back ---- */

/* One load under the name "held" that attaches connect4. */
struct attempt {
	struct fault fault;
	bool older;       /* no links from the start */
	const char *call; /* is looked for: */
	unsigned nth;     /* which counted call it was; 0: none */
	bool absent;      /* links turned out to be absent */
};

static unsigned find_call(struct kernel *kernel, const char *name)
{
	for (unsigned i = 1; i <= lade_kernel_fault_count(kernel); i++)
		if (strcmp(lade_kernel_fault_call(kernel, i), name) == 0)
			return i;
	return 0;
}

static int load_attached(struct attempt *attempt)
{
	const struct lade_attach_request request = { "connect4", hooks_cgroup_target(&hooks_cgroup, NULL) };
	const struct lade_load_opts opts = {
		.size = sizeof opts, .name = "held", .attach_requests = &request, .attach_request_count = 1
	};
	struct lade_context *context = new_context(NULL);
	struct lade_object *object = open_object(context, "hook_cgroup.bpf.o");
	struct lade_instance *instance = NULL;
	struct kernel *kernel = use_faulty(context, &attempt->fault);
	(void)load_only(object, "connect4");
	if (attempt->older)
		lade_kernel_form_set_absent(kernel, FORM_CGROUP_LINK);
	int result = lade_object_load(object, &opts, &instance, NULL);
	attempt->nth = attempt->call ? find_call(kernel, attempt->call) : 0;
	attempt->absent = lade_kernel_form_absent(kernel, FORM_CGROUP_LINK);
	lade_instance_close(instance);
	lade_object_free(object);
	lade_context_free(context);
	return result;
}

static void unload_held(void)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;
	if (lade_state_unload(context, "held", &error) < 0)
		fail_msg("%s", lade_error_message(error));
	lade_context_free(context);
}

static void pinned_instance_holds_after_its_process_and_is_unloaded_by_another(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	for (int round = 0; round < 2; round++) {
		struct live_before before = live_before(LIVE_BPFFS);
		assert_int_equal(load_attached(&(struct attempt){ .older = true }), 0);
		assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, NULL), EPERM);
		unload_held();
		assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, NULL), ECONNREFUSED);
		assert_nothing_left(&before);
	}
}

static void killed_load_is_undone_by_unload(void **state)
{
	(void)state;
	static const enum fault_action actions[] = { FAULT_KILL_BEFORE, FAULT_KILL_AFTER };
	struct attempt first = { .older = true, .call = "BPF_PROG_ATTACH" };
	hooks_skip_unless_live();
	assert_int_equal(load_attached(&first), 0);
	unload_held();
	assert_true(first.nth > 0);
	for (size_t i = 0; i < ELEMENTS(actions); i++) {
		struct live_before before = live_before(LIVE_BPFFS);
		struct attempt attempt = { .fault = { .action = actions[i], .nth = first.nth }, .older = true };
		int status = 0;
		pid_t child = fork();
		if (child == 0) {
			(void)load_attached(&attempt);
			_exit(1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, NULL),
				 actions[i] == FAULT_KILL_AFTER ? EPERM : ECONNREFUSED);
		unload_held();
		assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, NULL), ECONNREFUSED);
		assert_nothing_left(&before);
	}
}

static void links_count_as_absent_only_after_the_older_way_worked(void **state)
{
	(void)state;
	static const struct {
		int errnum;
		bool absent;
	} table[] = { { EINVAL, true }, { EPERM, false }, { ENOMEM, false } };
	struct attempt first = { .call = "BPF_LINK_CREATE" };
	hooks_skip_unless_live();
	assert_int_equal(load_attached(&first), 0);
	unload_held();
	assert_true(first.nth > 0 && !first.absent);
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct live_before before = live_before(LIVE_BPFFS);
		struct attempt attempt = {
			.fault = { .action = FAULT_ERRNO, .nth = first.nth, .errnum = table[i].errnum }
		};
		assert_int_equal(load_attached(&attempt), table[i].absent ? 0 : -table[i].errnum);
		assert_true(attempt.absent == table[i].absent);
		if (table[i].absent)
			unload_held();
		assert_nothing_left(&before);
	}
}

static void cgroup_that_was_removed_holds_nothing(void **state)
{
	(void)state;
	struct test_cgroup inner;
	struct loaded loaded = hooks_load_cgroup("connect4");
	cgroup_make_below(&hooks_cgroup, "inner", &inner);
	use_older_way(&loaded);
	hooks_attach(&loaded, "connect4", hooks_cgroup_target(&inner, NULL));
	cgroup_remove(&inner);
	cgroup_make_below(&hooks_cgroup, "inner", &inner);
	assert_leaves_nothing(&loaded);
	cgroup_remove(&inner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_cgroup_names_the_near_ones),
		cmocka_unit_test(cgroup_of_version_1_is_named_as_such),
		cmocka_unit_test(program_without_a_direction_asks_for_one),
		cmocka_unit_test(word_for_another_kind_of_program_is_refused),
		cmocka_unit_test(program_that_wants_to_be_alone_is_named),
		cmocka_unit_test(full_hook_is_said_to_be),
		cmocka_unit_test(programs_of_others_stay),
		cmocka_unit_test(pinned_instance_holds_after_its_process_and_is_unloaded_by_another),
		cmocka_unit_test(killed_load_is_undone_by_unload),
		cmocka_unit_test(links_count_as_absent_only_after_the_older_way_worked),
		cmocka_unit_test(cgroup_that_was_removed_holds_nothing),
	};
	return cmocka_run_group_tests(tests, hooks_enter_cgroup, hooks_leave_cgroup);
}
