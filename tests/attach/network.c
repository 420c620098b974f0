/* SPDX-License-Identifier: BSD-2-Clause */
/* XDP, netfilter and netkit, in a network namespace of the test's own: what they count and drop. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/net_device.h"
#include "harness/packets.h"
#include "kernel/bpf.h"
#include "kernel/xdp.h"

enum { PATIENCE_SECONDS = 60 };

static bool has_xdp(const struct loaded *loaded, const char *device)
{
	struct xdp_state state;
	assert_int_equal(lade_xdp_get(kernel_of(loaded), if_nametoindex(device), &state), 0);
	return state.program_ids[XDP_GENERIC] || state.program_ids[XDP_NATIVE];
}

/* Two pairs of veth, so that a packet that is redirected from one comes to an end on the other. */
static void make_pairs(const struct loaded *loaded)
{
	packets_pair(kernel_of(loaded), "in0", "in1");
	packets_pair(kernel_of(loaded), "out0", "out1");
}

/* Frames on in0 until the counter has moved: a driver may lose the first ones while it starts. */
static void expect_count(const struct loaded *loaded, uint32_t which)
{
	for (time_t end = time(NULL) + PATIENCE_SECONDS; loaded_count(loaded, which) == 0 && time(NULL) < end;) {
		packets_send_frame("in0");
		(void)usleep(1000);
	}
	assert_true(loaded_count(loaded, which) > 0);
}

/* ---- XDP ---- */

static void expect_drop(struct loaded *loaded, const char *target)
{
	attach(loaded, "drops_early", target);
	assert_true(has_xdp(loaded, "lo"));
	int listener = packets_listen();
	packets_send("dropped");
	loaded_unload(loaded);
	packets_send("passed");
	packets_expect(listener, "passed");
	(void)close(listener);
	assert_false(has_xdp(loaded, "lo"));
}

static void xdp_program_drops_packets(void **state)
{
	(void)state;
	static const char *const targets[] = { "dev:lo", "dev:lo,mode=generic" };
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct loaded loaded = load_device_programs(NULL, "drops_early", NULL);
		expect_drop(&loaded, targets[i]);
		assert_leaves_nothing(&loaded);
	}
}

/* As on a kernel before 5.9. */
static void xdp_without_links_is_attached_by_netlink(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "drops_early", NULL);
	lade_kernel_form_set_absent(kernel_of(&loaded), FORM_XDP_LINK);
	expect_drop(&loaded, "dev:lo,mode=generic");
	assert_leaves_nothing(&loaded);
}

static void native_mode_runs_in_the_driver(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_early", NULL);
	struct xdp_state xdp;
	make_pairs(&loaded);
	attach(&loaded, "counts_early", "dev:in1,mode=native");
	assert_int_equal(lade_xdp_get(kernel_of(&loaded), if_nametoindex("in1"), &xdp), 0);
	assert_true(xdp.program_ids[XDP_NATIVE]);
	expect_count(&loaded, XDP);
	assert_string_equal(link_at(&loaded, 0).target, "dev:in1,mode=native");
	/* No driver here can do it: as far as the kernel's answer, which is about the program. */
	expect_refusal(&loaded, "counts_early", "dev:out1,mode=offload", "attach.xdp.refused", "EINVAL");
	assert_leaves_nothing(&loaded);
}

static void interface_with_a_program_names_it(void **state)
{
	(void)state;
	for (int old = 0; old < 2; old++) {
		struct loaded loaded = load_device_programs(NULL, "counts_early", "drops_early");
		attach(&loaded, "counts_early", "dev:lo,mode=generic");
		if (old)
			lade_kernel_form_set_absent(kernel_of(&loaded), FORM_XDP_LINK);
		expect_refusal(&loaded, "drops_early", "dev:lo,mode=generic", "attach.exists", "counts_early");
		packets_send("one");
		assert_int_equal(loaded_count(&loaded, XDP), 1);
		assert_leaves_nothing(&loaded);
	}
}

static void xdp_program_that_somebody_replaced_is_not_removed(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_early", "drops_early");
	unsigned lo = if_nametoindex("lo");
	lade_kernel_form_set_absent(kernel_of(&loaded), FORM_XDP_LINK);
	attach(&loaded, "counts_early", "dev:lo,mode=generic");
	assert_int_equal(lade_xdp_set(kernel_of(&loaded), lo, lade_instance_program_fd(loaded.instance, "drops_early"),
				      -1, lade_xdp_mode_flag(XDP_GENERIC), NULL),
			 0);
	loaded_unload(&loaded);
	assert_true(has_xdp(&loaded, "lo"));
	assert_int_equal(lade_xdp_set(kernel_of(&loaded), lo, -1, -1, lade_xdp_mode_flag(XDP_GENERIC), NULL), 0);
	assert_leaves_nothing(&loaded);
}

static void xdp_takes_no_direction(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "counts_early", NULL);
	expect_refusal(&loaded, "counts_early", "dev:lo:ingress", "attach.target.option", NULL);
	expect_refusal(&loaded, "counts_early", "dev:l", "attach.device.missing", "lo");
	assert_leaves_nothing(&loaded);
}

/* ---- XDP in maps ---- */

static void program_of_a_devmap_sees_what_is_redirected(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "redirects_to_device", "in_devmap");
	struct loaded end = load_device_programs(NULL, "counts_early", NULL);
	make_pairs(&loaded);
	/* A veth takes redirected packets only while its other end has an XDP program. */
	attach(&end, "counts_early", "dev:out1,mode=native");
	attach(&loaded, "in_devmap", "map:devices,key=1,dev=out0");
	attach(&loaded, "redirects_to_device", "dev:in1,mode=native");
	expect_count(&loaded, DEVMAP);
	expect_count(&end, XDP);
	assert_string_equal(link_at(&loaded, 0).method, "xdp-map");
	expect_refusal(&loaded, "in_devmap", "map:devices,key=1,dev=out1", "attach.exists", "in_devmap");
	expect_refusal(&loaded, "in_devmap", "map:devices,key=2", "attach.map.entry", NULL);
	expect_refusal(&loaded, "in_devmap", "map:devices,key=9,dev=out0", "attach.map.entry", NULL);
	expect_refusal(&loaded, "in_devmap", "map:cpus,key=0", "attach.map.entry", NULL);
	expect_refusal(&loaded, "in_devmap", "map:device,key=1,dev=out0", "attach.map.missing", "devices");
	loaded_leave(&loaded);
	loaded_leave(&end);
}

static void program_of_a_cpumap_sees_what_is_redirected(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "redirects_to_cpu", "in_cpumap");
	make_pairs(&loaded);
	attach(&loaded, "in_cpumap", "map:cpus,key=0,qsize=64");
	attach(&loaded, "redirects_to_cpu", "dev:in1,mode=native");
	expect_count(&loaded, CPUMAP);
	assert_leaves_nothing(&loaded);
}

/* The entry was there before, without a program; so it is afterwards. */
static void entry_gets_back_what_it_had(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs("keeps", "in_devmap", NULL);
	struct {
		uint32_t ifindex;
		int32_t program;
	} value = { .ifindex = if_nametoindex("lo"), .program = -1 };
	uint32_t key = 2;
	int map = dup(lade_instance_map_fd(loaded.instance, "devices"));
	assert_int_equal(lade_bpf_map_update(kernel_of(&loaded), map, &key, &value, 0), 0);
	attach(&loaded, "in_devmap", "map:devices,key=2");
	assert_int_equal(lade_bpf_map_lookup(kernel_of(&loaded), map, &key, &value), 0);
	assert_int_equal(value.ifindex, if_nametoindex("lo"));
	assert_true(value.program > 0);
	loaded_unload(&loaded);
	assert_int_equal(lade_bpf_map_lookup(kernel_of(&loaded), map, &key, &value), 0);
	assert_int_equal(value.ifindex, if_nametoindex("lo"));
	assert_int_equal(value.program, 0);
	(void)close(map);
	assert_leaves_nothing(&loaded);
}

/* ---- netfilter ---- */

/* False: says on stderr that this kernel has no such programs, or no links for them. */
static bool load_filters(struct loaded *loaded)
{
	struct lade_error *error = NULL;
	device_skip_unless_live();
	*loaded = loaded_open(NULL, "net_device.bpf.o");
	(void)load_only(loaded->object, "filters");
	if (lade_object_load(loaded->object, NULL, &loaded->instance, &error) == 0 &&
	    lade_instance_attach(loaded->instance, "filters", "netfilter:ipv4:forward", &error) == 0)
		return true;
	(void)fprintf(stderr, "# no netfilter programs in this kernel: %s\n", lade_error_message(error));
	assert_int_equal(lade_error_exit_code(error), 3);
	lade_error_free(error);
	return false;
}

static void wait_for_filter(const struct loaded *loaded)
{
	for (time_t end = time(NULL) + PATIENCE_SECONDS; loaded_count(loaded, NETFILTER) == 0 && time(NULL) < end;)
		(void)usleep(1000);
}

static void netfilter_program_drops_packets(void **state)
{
	(void)state;
	struct loaded loaded;
	if (load_filters(&loaded)) {
		attach(&loaded, "filters", "netfilter:ipv4:input,prio=5");
		int listener = packets_listen();
		packets_send_only("dropped");
		wait_for_filter(&loaded);
		assert_int_equal(loaded_count(&loaded, NETFILTER), 1);
		assert_string_equal(link_at(&loaded, 1).target, "netfilter:ipv4:input,prio=5");
		loaded_unload(&loaded);
		packets_send("passed");
		packets_expect(listener, "passed");
		(void)close(listener);
	}
	assert_leaves_nothing(&loaded);
}

static void netfilter_priority_that_is_taken_names_who_has_it(void **state)
{
	(void)state;
	struct loaded loaded;
	if (load_filters(&loaded)) {
		attach(&loaded, "filters", "netfilter:ipv4:input");
		expect_refusal(&loaded, "filters", "netfilter:ipv4:input,prio=0", "attach.exists", "filters");
		attach(&loaded, "filters", "netfilter:ipv4:input,prio=-1");
		attach(&loaded, "filters", "netfilter:ipv6:input,prio=0");
		expect_refusal(&loaded, "filters", "netfilter:ipv4:inputs", "attach.target.option", NULL);
		expect_refusal(&loaded, "filters", "netfilter:arp:input", "attach.target.option", NULL);
		expect_refusal(&loaded, "filters", "netfilter:ipv4:input,prio=many", "attach.target.option", NULL);
		expect_refusal(&loaded, "filters", "netfilter:ipv4:input,prio=2147483647", "attach.netfilter.priority",
			       NULL);
	}
	assert_leaves_nothing(&loaded);
}

static void netfilter_program_runs_in_the_namespace_that_was_named(void **state)
{
	(void)state;
	struct loaded loaded;
	char target[128];
	if (load_filters(&loaded)) {
		int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		(void)snprintf(target, sizeof target, "netfilter:ipv4:input,netns=/proc/%d/fd/%d", (int)getpid(), home);
		assert_true(packets_enter());
		attach(&loaded, "filters", target);
		packets_send("here");
		assert_int_equal(loaded_count(&loaded, NETFILTER), 0);
		expect_refusal(&loaded, "filters", "netfilter:ipv4:input,netns=/dev/null", "attach.netns.missing",
			       NULL);
		expect_refusal(&loaded, "filters", "netfilter:ipv4:input,netns=no-such", "attach.netns.missing", NULL);
		assert_int_equal(setns(home, CLONE_NEWNET), 0);
		(void)close(home);
		packets_send_only("there");
		wait_for_filter(&loaded);
		assert_int_equal(loaded_count(&loaded, NETFILTER), 1);
	}
	assert_leaves_nothing(&loaded);
}

/* ---- netkit ---- */

static void netkit_program_sees_what_its_side_sends(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "on_primary", "on_peer");
	if (packets_netkit(kernel_of(&loaded), "primary0", "peer0")) {
		attach(&loaded, "on_primary", "dev:primary0");
		packets_send_frame("primary0");
		assert_int_equal(loaded_count(&loaded, PRIMARY), 1);
		assert_int_equal(loaded_count(&loaded, PEER), 0);
		attach(&loaded, "on_peer", "dev:primary0");
		packets_send_frame("peer0");
		assert_int_equal(loaded_count(&loaded, PRIMARY), 1);
		assert_int_equal(loaded_count(&loaded, PEER), 1);
		assert_string_equal(link_at(&loaded, 0).method, "netkit");
		assert_true(link_at(&loaded, 0).is_link);
		expect_refusal(&loaded, "on_peer", "dev:peer0", "attach.netkit.side", NULL);
		expect_refusal(&loaded, "on_peer", "dev:lo", "attach.netkit.device", NULL);
	}
	assert_leaves_nothing(&loaded);
}

static void device_that_is_no_netkit_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = load_device_programs(NULL, "on_primary", NULL);
	struct lade_error *error = NULL;
	assert_true(lade_instance_attach(loaded.instance, "on_primary", "dev:lo", &error) < 0);
	const char *code = finding_of(error).code;
	assert_true(strcmp(code, "attach.netkit.device") == 0 || strcmp(code, "attach.absent") == 0);
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(xdp_program_drops_packets, device_enter_network),
		cmocka_unit_test_setup(xdp_without_links_is_attached_by_netlink, device_enter_network),
		cmocka_unit_test_setup(native_mode_runs_in_the_driver, device_enter_network),
		cmocka_unit_test_setup(interface_with_a_program_names_it, device_enter_network),
		cmocka_unit_test_setup(xdp_program_that_somebody_replaced_is_not_removed, device_enter_network),
		cmocka_unit_test_setup(xdp_takes_no_direction, device_enter_network),
		cmocka_unit_test_setup(program_of_a_devmap_sees_what_is_redirected, device_enter_network),
		cmocka_unit_test_setup(program_of_a_cpumap_sees_what_is_redirected, device_enter_network),
		cmocka_unit_test_setup(entry_gets_back_what_it_had, device_enter_network),
		cmocka_unit_test_setup(netfilter_program_drops_packets, device_enter_network),
		cmocka_unit_test_setup(netfilter_priority_that_is_taken_names_who_has_it, device_enter_network),
		cmocka_unit_test_setup(netfilter_program_runs_in_the_namespace_that_was_named, device_enter_network),
		cmocka_unit_test_setup(netkit_program_sees_what_its_side_sends, device_enter_network),
		cmocka_unit_test_setup(device_that_is_no_netkit_is_refused, device_enter_network),
	};
	return cmocka_run_group_tests(tests, device_enter, NULL);
}
