/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of traffic control, on a loopback interface of the test's own: what they count and drop. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/net_device.h"
#include "harness/packets.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"
#include "kernel/tc.h"

/* ---- what tests share ---- */

static const char *qdisc(struct kernel *kernel)
{
	static char kind[16];
	assert_int_equal(lade_tc_get_qdisc(kernel, if_nametoindex("lo"), kind), 0);
	return kind;
}

static struct tc_filters filters(struct kernel *kernel)
{
	struct tc_filters all = { 0 };
	assert_int_equal(lade_tc_filters(kernel, if_nametoindex("lo"), TC_PARENT_INGRESS, &all), 0);
	return all;
}

static size_t filter_count(struct kernel *kernel)
{
	struct tc_filters all = filters(kernel);
	size_t count = all.count;
	array_clear(&all);
	return count;
}

/* The instance is unloaded; no qdisc stays on lo. */
static void leave(struct loaded *loaded)
{
	loaded_unload(loaded);
	assert_string_equal(qdisc(kernel_of(loaded)), "");
	assert_leaves_nothing(loaded);
}

/* As on a kernel before 6.6. */
static void forget_tcx(struct loaded *loaded)
{
	lade_kernel_form_set_absent(kernel_of(loaded), FORM_TCX_LINK);
}

/* ---- by a link ---- */

static void program_without_options_is_a_link(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
	attach(&loaded, "counts_packets", "dev:lo:ingress");
	packets_send("one");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 1);
	struct lade_link_info link = link_at(&loaded, 0);
	if (lade_kernel_form_absent(kernel_of(&loaded), FORM_TCX_LINK)) {
		assert_string_equal(link.method, "tc");
		assert_string_equal(link.target, "dev:lo:ingress,prio=49152,handle=0x1,da");
	} else {
		assert_string_equal(link.method, "tcx");
		assert_string_equal(link.target, "dev:lo:ingress");
		assert_true(link.is_link);
		assert_string_equal(qdisc(kernel_of(&loaded)), "");
	}
	leave(&loaded);
}

static void section_names_the_direction(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "comes_in", "goes_out");
	attach(&loaded, "comes_in", "dev:lo");
	packets_send("one");
	assert_int_equal(loaded_count(&loaded, TCX_IN), 1);
	attach(&loaded, "goes_out", "dev:lo");
	packets_send("two");
	assert_int_equal(loaded_count(&loaded, TCX_IN), 2);
	assert_int_equal(loaded_count(&loaded, TCX_OUT), 1);
	expect_refusal(&loaded, "goes_out", "dev:lo:ingress", "attach.target.option", NULL);
	leave(&loaded);
}

static void direction_must_be_said(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
	expect_refusal(&loaded, "counts_packets", "dev:lo", "attach.tc.direction", NULL);
	expect_refusal(&loaded, "counts_packets", "dev:lo:ingress,mode=generic", "attach.target.option", NULL);
	expect_refusal(&loaded, "counts_packets", "dev:lo2:ingress", "attach.device.missing", "lo");
	leave(&loaded);
}

static void same_program_twice_names_who_is_there(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "comes_in", NULL);
	attach(&loaded, "comes_in", "dev:lo:ingress");
	if (lade_kernel_form_absent(kernel_of(&loaded), FORM_TCX_LINK))
		(void)fprintf(stderr, "# no tcx links in this kernel\n");
	else
		expect_refusal(&loaded, "comes_in", "dev:lo", "attach.exists", "comes_in");
	packets_send("one");
	assert_int_equal(loaded_count(&loaded, TCX_IN), 1);
	leave(&loaded);
}

/* ---- by a filter ---- */

static void priority_asks_for_a_filter(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=7");
	packets_send("one");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 1);
	struct lade_link_info link = link_at(&loaded, 0);
	assert_string_equal(link.method, "tc");
	assert_string_equal(link.target, "dev:lo:ingress,prio=7,handle=0x1,da");
	assert_string_equal(qdisc(kernel_of(&loaded)), "clsact");
	leave(&loaded);
}

static void dropped_packet_does_not_arrive(void **state)
{
	(void)state;
	static const char *const targets[] = { "dev:lo:ingress", "dev:lo:egress", "dev:lo:ingress,da",
					       "dev:lo:egress,da" };
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct loaded loaded = load_device_programs(NULL, "drops_packets", NULL);
		attach(&loaded, "drops_packets", targets[i]);
		int listener = packets_listen();
		packets_send("dropped");
		loaded_unload(&loaded);
		packets_send("passed");
		packets_expect(listener, "passed");
		(void)close(listener);
		assert_string_equal(qdisc(kernel_of(&loaded)), "");
		assert_leaves_nothing(&loaded);
	}
}

static void kernel_without_tcx_gets_a_filter_after_the_others(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", "drops_packets");
	forget_tcx(&loaded);
	attach(&loaded, "counts_packets", "dev:lo:ingress");
	attach(&loaded, "drops_packets", "dev:lo:ingress");
	packets_send("counted, then dropped");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 1);
	leave(&loaded);

	loaded = load_device_programs(NULL, "counts_packets", "drops_packets");
	forget_tcx(&loaded);
	attach(&loaded, "drops_packets", "dev:lo:ingress");
	attach(&loaded, "counts_packets", "dev:lo:ingress");
	packets_send("dropped before");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 0);
	leave(&loaded);
}

/* The number of a load's and an attachment's call that makes the link. */
static unsigned number_of_link_create(void)
{
	struct loaded loaded = loaded_open(NULL, "net_device.bpf.o");
	struct kernel *kernel = use_faulty(loaded.context, &(struct fault){ .action = FAULT_NONE });
	unsigned number = 1;
	(void)load_only(loaded.object, "counts_packets");
	loaded_load(&loaded, NULL);
	attach(&loaded, "counts_packets", "dev:lo:ingress");
	while (lade_kernel_fault_call(kernel, number) &&
	       strcmp(lade_kernel_fault_call(kernel, number), "BPF_LINK_CREATE") != 0)
		number++;
	loaded_leave(&loaded);
	return number;
}

static void links_count_as_absent_only_after_a_filter_worked(void **state)
{
	(void)state;
	static const int errors[] = { EINVAL, EPERM, ENOMEM };
	device_skip_unless_live();
	unsigned nth = number_of_link_create();
	for (size_t i = 0; i < ELEMENTS(errors); i++) {
		struct loaded loaded = loaded_open(NULL, "net_device.bpf.o");
		struct lade_error *error = NULL;
		(void)use_faulty(loaded.context,
				 &(struct fault){ .action = FAULT_ERRNO, .nth = nth, .errnum = errors[i] });
		(void)load_only(loaded.object, "counts_packets");
		loaded_load(&loaded, NULL);
		int result = lade_instance_attach(loaded.instance, "counts_packets", "dev:lo:ingress", &error);
		assert_int_equal(result, i == 0 ? 0 : -errors[i]);
		assert_int_equal(lade_kernel_form_absent(kernel_of(&loaded), FORM_TCX_LINK), i == 0);
		lade_error_free(error);
		packets_send("one");
		assert_int_equal(loaded_count(&loaded, CLASSIFIER), i == 0);
		leave(&loaded);
	}
}

static void classid_is_given_to_the_filter(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "classifies", NULL);
	attach(&loaded, "classifies", "dev:lo:ingress,classid=1:10,handle=0x20,prio=3");
	struct tc_filters all = filters(kernel_of(&loaded));
	assert_int_equal(all.count, 1);
	assert_int_equal(all.items[0].classid, 0x10010);
	assert_int_equal(all.items[0].handle, 0x20);
	assert_int_equal(all.items[0].priority, 3);
	assert_false(all.items[0].direct_action);
	array_clear(&all);
	assert_string_equal(link_at(&loaded, 0).target, "dev:lo:ingress,prio=3,handle=0x20,classid=1:10");
	leave(&loaded);
}

static void action_goes_as_far_as_the_kernel_answers(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "acts", NULL);
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded.instance, "acts", "dev:lo:ingress", &error) < 0) {
		(void)fprintf(stderr, "# this kernel has no act_bpf: its refusal is what is tested\n");
		assert_string_equal(finding_of(error).code, "attach.absent");
		lade_error_free(error);
	} else {
		packets_send("one");
		assert_int_equal(loaded_count(&loaded, ACTION), 1);
	}
	leave(&loaded);
}

/* ---- others ---- */

static void clsact_of_others_stays(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
	packets_qdisc(kernel_of(&loaded), "clsact", true);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=7");
	loaded_unload(&loaded);
	assert_string_equal(qdisc(kernel_of(&loaded)), "clsact");
	assert_int_equal(filter_count(kernel_of(&loaded)), 0);
	packets_qdisc(kernel_of(&loaded), "clsact", false);
	assert_leaves_nothing(&loaded);
}

/* A filter that Lade has not journalled, with the same program. */
static struct tc_filter foreign_filter(const struct loaded *loaded, const char *program)
{
	struct bpf_prog_info info = program_info(lade_instance_program_fd(loaded->instance, program));
	struct tc_filter filter = { .ifindex = if_nametoindex("lo"),
				    .parent = TC_PARENT_INGRESS,
				    .priority = 100,
				    .handle = 5,
				    .protocol = 3,
				    .kind = "bpf",
				    .name = "foreign",
				    .program_id = info.id,
				    .direct_action = true };
	return filter;
}

static void filters_of_others_stay_and_so_does_their_clsact(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", "counts_too");
	struct kernel *kernel = kernel_of(&loaded);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=7");
	struct tc_filter foreign = foreign_filter(&loaded, "counts_packets");
	assert_int_equal(lade_tc_put_filter(kernel, &foreign,
					    lade_instance_program_fd(loaded.instance, "counts_packets"),
					    NLM_F_CREATE | NLM_F_EXCL, NULL),
			 0);
	expect_refusal(&loaded, "counts_too", "dev:lo:ingress,prio=100,handle=5", "attach.exists", "foreign");
	packets_send("both count");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 2);
	loaded_unload(&loaded);
	assert_int_equal(filter_count(kernel), 1);
	assert_string_equal(qdisc(kernel), "clsact");
	packets_qdisc(kernel_of(&loaded), "clsact", false);
	assert_leaves_nothing(&loaded);
}

static void filter_that_somebody_replaced_is_not_removed(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", "counts_too");
	struct kernel *kernel = kernel_of(&loaded);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=100,handle=5");
	struct tc_filter foreign = foreign_filter(&loaded, "counts_too");
	assert_int_equal(
		lade_tc_put_filter(kernel, &foreign, lade_instance_program_fd(loaded.instance, "counts_too"), 0, NULL),
		0);
	loaded_unload(&loaded);
	assert_int_equal(filter_count(kernel), 1);
	packets_qdisc(kernel_of(&loaded), "clsact", false);
	assert_leaves_nothing(&loaded);
}

static void other_qdisc_in_the_place_of_clsact_is_named(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
	packets_qdisc(kernel_of(&loaded), "ingress", true);
	expect_refusal(&loaded, "counts_packets", "dev:lo:egress,prio=1", "attach.tc.qdisc", NULL);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=1");
	packets_send("one");
	assert_int_equal(loaded_count(&loaded, CLASSIFIER), 1);
	loaded_unload(&loaded);
	assert_string_equal(qdisc(kernel_of(&loaded)), "ingress");
	packets_qdisc(kernel_of(&loaded), "ingress", false);
	assert_leaves_nothing(&loaded);
}

static void last_of_two_instances_removes_clsact(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct loaded one = load_device_programs("one", "counts_packets", NULL),
			      two = load_device_programs("two", "counts_too", NULL);
		struct loaded *leaves[] = { first ? &two : &one, first ? &one : &two };
		attach(&one, "counts_packets", "dev:lo:ingress,prio=1");
		attach(&two, "counts_too", "dev:lo:ingress,prio=2");
		loaded_unload(leaves[0]);
		assert_string_equal(qdisc(kernel_of(&one)), "clsact");
		packets_send("one");
		assert_int_equal(loaded_count(leaves[1], first ? CLASSIFIER : CLASSIFIER2), 1);
		loaded_unload(leaves[1]);
		assert_string_equal(qdisc(kernel_of(&one)), "");
		loaded_leave(&one);
		loaded_leave(&two);
	}
}

/* ---- later, elsewhere, after a crash ---- */

static void unload_elsewhere(struct lade_context *context, const char *name)
{
	struct lade_error *error = NULL;
	if (lade_state_unload(context, name, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static int own_namespace(void)
{
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void filter_goes_when_unloaded_from_another_namespace(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs("far", "counts_packets", NULL);
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=1");
	loaded.instance = lade_instance_close(loaded.instance);
	int home = own_namespace();
	assert_true(packets_enter());
	unload_elsewhere(loaded.context, "far");
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	(void)close(home);
	assert_string_equal(qdisc(kernel_of(&loaded)), "");
	assert_leaves_nothing(&loaded);
}

static void what_was_in_a_namespace_that_has_gone_is_gone(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs("gone", "counts_packets", NULL);
	int home = own_namespace();
	assert_true(packets_enter());
	attach(&loaded, "counts_packets", "dev:lo:ingress,prio=1");
	loaded.instance = lade_instance_close(loaded.instance);
	assert_int_equal(setns(home, CLONE_NEWNET), 0);
	(void)close(home);
	unload_elsewhere(loaded.context, "gone");
	assert_leaves_nothing(&loaded);
}

/* A child attaches and dies after its nth call that changes something; true when it came to the end. */
static bool die_after(unsigned nth)
{
	pid_t child = fork();
	int status;
	if (child == 0) {
		struct loaded loaded = load_device_programs(NULL, "counts_packets", NULL);
		loaded_unload(&loaded);
		(void)use_faulty(loaded.context, &(struct fault){ .action = FAULT_KILL_AFTER, .nth = nth });
		loaded_load(&loaded, "killed");
		attach(&loaded, "counts_packets", "dev:lo:ingress,prio=1");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void whatever_a_killed_load_leaves_is_removed_by_unload(void **state)
{
	(void)state;
	device_skip_unless_live();
	struct lade_context *context = new_context(NULL);
	struct kernel *kernel = NULL;
	assert_int_equal(lade_kernel_live(NULL, &kernel, NULL), 0);
	unsigned nth = 1, with_filter = 0;
	for (bool ended = false; !ended && nth < 200; nth++) {
		ended = die_after(nth);
		with_filter += filter_count(kernel) != 0;
		struct lade_error *error = NULL;
		(void)lade_state_unload(context, "killed", &error); /* nothing may be there yet */
		lade_error_free(error);
		assert_int_equal(filter_count(kernel), 0);
		assert_string_equal(qdisc(kernel), "");
	}
	assert_true(nth < 200);
	assert_true(with_filter >= 1);
	lade_kernel_free(kernel);
	lade_context_free(context);
}

/* One attempt in which the nth call that changes something fails; what is attached afterwards, it has said. */
static int try_with_fault(const char *name, unsigned nth, int errnum)
{
	struct loaded loaded = loaded_open(NULL, "net_device.bpf.o");
	const struct lade_load_opts opts = { .size = sizeof opts, .name = name };
	(void)load_only(loaded.object, "counts_packets");
	(void)use_faulty(loaded.context, &(struct fault){ .action = FAULT_ERRNO, .nth = nth, .errnum = errnum });
	int result = lade_object_load(loaded.object, &opts, &loaded.instance, &loaded.error);
	if (result == 0)
		result =
			lade_instance_attach(loaded.instance, "counts_packets", "dev:lo:ingress,prio=1", &loaded.error);
	assert_int_equal(filter_count(kernel_of(&loaded)), result == 0);
	assert_string_equal(qdisc(kernel_of(&loaded)), result == 0 ? "clsact" : "");
	loaded.instance = lade_instance_close(loaded.instance);
	loaded_leave(&loaded);
	return result;
}

static void failed_attachment_leaves_nothing(void **state)
{
	(void)state;
	static const int errors[] = { ENOMEM, EPERM };
	device_skip_unless_live();
	for (size_t i = 0; i < ELEMENTS(errors); i++) {
		int result = -1;
		for (unsigned nth = 1; result < 0 && nth < 200; nth++) {
			struct live_before before = live_before(LIVE_BPFFS);
			struct lade_context *context = new_context(NULL);
			struct lade_error *error = NULL;
			result = try_with_fault("failing", nth, errors[i]);
			(void)lade_state_unload(context, "failing", &error); /* the load itself may have failed */
			lade_error_free(error);
			lade_context_free(context);
			assert_nothing_left(&before);
		}
		assert_int_equal(result, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(program_without_options_is_a_link, device_enter_network),
		cmocka_unit_test_setup(section_names_the_direction, device_enter_network),
		cmocka_unit_test_setup(direction_must_be_said, device_enter_network),
		cmocka_unit_test_setup(same_program_twice_names_who_is_there, device_enter_network),
		cmocka_unit_test_setup(priority_asks_for_a_filter, device_enter_network),
		cmocka_unit_test_setup(dropped_packet_does_not_arrive, device_enter_network),
		cmocka_unit_test_setup(kernel_without_tcx_gets_a_filter_after_the_others, device_enter_network),
		cmocka_unit_test_setup(links_count_as_absent_only_after_a_filter_worked, device_enter_network),
		cmocka_unit_test_setup(classid_is_given_to_the_filter, device_enter_network),
		cmocka_unit_test_setup(action_goes_as_far_as_the_kernel_answers, device_enter_network),
		cmocka_unit_test_setup(clsact_of_others_stays, device_enter_network),
		cmocka_unit_test_setup(filters_of_others_stay_and_so_does_their_clsact, device_enter_network),
		cmocka_unit_test_setup(filter_that_somebody_replaced_is_not_removed, device_enter_network),
		cmocka_unit_test_setup(other_qdisc_in_the_place_of_clsact_is_named, device_enter_network),
		cmocka_unit_test_setup(last_of_two_instances_removes_clsact, device_enter_network),
		cmocka_unit_test_setup(filter_goes_when_unloaded_from_another_namespace, device_enter_network),
		cmocka_unit_test_setup(what_was_in_a_namespace_that_has_gone_is_gone, device_enter_network),
		cmocka_unit_test_setup(whatever_a_killed_load_leaves_is_removed_by_unload, device_enter_network),
		cmocka_unit_test_setup(failed_attachment_leaves_nothing, device_enter_network),
	};
	return cmocka_run_group_tests(tests, device_enter, NULL);
}
