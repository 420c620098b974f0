/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of network namespaces: which socket gets a connection, and who takes packets apart. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/hooks.h"
#include "kernel/context.h"
#include "kernel/hooks.h"

static struct loaded load(const char *program)
{
	hooks_skip_unless_live();
	return hooks_load(program, NULL);
}

/* ---- sk_lookup ---- */

static int connect_to(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = connect(fd, (void *)&address, sizeof address) < 0 ? errno : 0;
	(void)close(fd);
	return result;
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (void *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void connection_is_steered_to_a_socket_of_another_port(void **state)
{
	(void)state;
	char process[32], path[64];
	(void)snprintf(process, sizeof process, "netns:%d", (int)getpid());
	(void)snprintf(path, sizeof path, "netns:/proc/%d/ns/net", (int)getpid());
	const char *const targets[] = { "netns:self", process, path };
	for (size_t i = 0; i < ELEMENTS(targets); i++) {
		struct loaded loaded = load("steer");
		int listener = listen_anywhere();
		hooks_put_socket(&loaded, "sockets", 0, listener);
		assert_int_equal(connect_to(STEERED_PORT), ECONNREFUSED);
		hooks_attach(&loaded, "steer", targets[i]);
		assert_int_equal(connect_to(STEERED_PORT), 0);
		assert_string_equal(hooks_only_link(&loaded).target, targets[i]);
		assert_true(hooks_only_link(&loaded).is_link);
		loaded_unload(&loaded);
		assert_int_equal(connect_to(STEERED_PORT), ECONNREFUSED);
		(void)close(listener);
		assert_leaves_nothing(&loaded);
	}
}

static void pinned_link_outlives_its_process(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct live_before before = live_before(LIVE_BPFFS);
	hooks_attach_and_die("steer", "netns:self", 0);
	assert_int_not_equal(connect_to(STEERED_PORT), 0); /* nobody is in the map: dropped */
	hooks_unload_held();
	assert_int_equal(connect_to(STEERED_PORT), ECONNREFUSED);
	assert_nothing_left(&before);
}

/* ---- flow dissectors ---- */

/* A packet socket has the transport header of what it sends looked for. */
static int send_frame(void)
{
	struct {
		struct ethhdr ethernet;
		struct iphdr ip;
		uint8_t udp[8], data[32];
	} __attribute__((packed)) frame = {
		.ethernet = { .h_proto = htons(ETH_P_IP) },
		.ip = { .version = 4,
			.ihl = 5,
			.ttl = 1,
			.protocol = IPPROTO_UDP,
			.tot_len = htons(sizeof frame - sizeof frame.ethernet),
			.saddr = htonl(INADDR_LOOPBACK),
			.daddr = htonl(INADDR_LOOPBACK) },
	};
	const struct sockaddr_ll address = { .sll_family = AF_PACKET,
					     .sll_ifindex = (int)if_nametoindex("lo"),
					     .sll_halen = ETH_ALEN };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	ssize_t sent = sendto(fd, &frame, sizeof frame, 0, (const void *)&address, sizeof address);
	int result = sent < 0 ? errno : 0;
	(void)close(fd);
	return result;
}

/* A process in a namespace of its own, which sends a frame for every byte that it is given. */
struct other {
	pid_t pid;
	int orders, reports;
};

static void serve(int orders, int reports)
{
	char byte = unshare(CLONE_NEWNET) == 0 && hooks_loopback_up() ? 0 : 1;
	while (write(reports, &byte, 1) == 1 && read(orders, &byte, 1) == 1)
		byte = (char)send_frame();
	_exit(0);
}

static struct other start_other(void)
{
	int orders[2], reports[2];
	char ready = 1;
	assert_int_equal(pipe(orders), 0);
	assert_int_equal(pipe(reports), 0);
	struct other other = { .pid = fork(), .orders = orders[1], .reports = reports[0] };
	if (other.pid == 0) {
		(void)close(orders[1]);
		(void)close(reports[0]);
		serve(orders[0], reports[1]);
	}
	(void)close(orders[0]);
	(void)close(reports[1]);
	assert_int_equal(read(other.reports, &ready, 1), 1);
	assert_int_equal(ready, 0);
	return other;
}

static int send_there(const struct other *other)
{
	char byte = 0;
	assert_int_equal(write(other->orders, &byte, 1), 1);
	assert_int_equal(read(other->reports, &byte, 1), 1);
	return byte;
}

static void stop_other(const struct other *other)
{
	(void)close(other->orders);
	(void)close(other->reports);
	assert_int_equal(waitpid(other->pid, NULL, 0), other->pid);
}

static void flow_dissector_sees_packets_of_its_namespace_alone(void **state)
{
	(void)state;
	for (int older = 0; older < 2; older++) {
		struct loaded loaded = load("dissect");
		struct other other = start_other();
		char target[32];
		(void)snprintf(target, sizeof target, "netns:%d", (int)other.pid);
		if (older)
			lade_kernel_form_set_absent(loaded.context->kernel, FORM_NETNS_LINK);
		hooks_attach(&loaded, "dissect", target);
		assert_true(hooks_only_link(&loaded).is_link == !older);
		assert_int_equal(send_frame(), 0);
		assert_int_equal(loaded_count(&loaded, DISSECTED), 0);
		assert_int_equal(send_there(&other), 0);
		uint64_t seen = loaded_count(&loaded, DISSECTED);
		assert_true(seen > 0);
		loaded_unload(&loaded);
		assert_int_equal(send_there(&other), 0);
		stop_other(&other);
		assert_leaves_nothing(&loaded);
	}
}

static void second_flow_dissector_is_refused_and_the_first_is_named(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct loaded loaded = load("dissect"), other = load("dissect");
		char evidence[64];
		uint32_t id = program_info(lade_instance_program_fd(loaded.instance, "dissect")).id;
		(void)snprintf(evidence, sizeof evidence, "program %u (dissect)", id);
		if (i & 1)
			lade_kernel_form_set_absent(loaded.context->kernel, FORM_NETNS_LINK);
		if (i & 2)
			lade_kernel_form_set_absent(other.context->kernel, FORM_NETNS_LINK);
		hooks_attach(&loaded, "dissect", "netns:self");
		hooks_refuse(&other, "dissect", "netns:self", "attach.exists", evidence);
		assert_int_equal(send_frame(), 0);
		assert_true(loaded_count(&loaded, DISSECTED) > 0);
		loaded_leave(&other);
		assert_leaves_nothing(&loaded);
	}
}

static void killed_process_leaves_a_dissector_that_unload_takes_away(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct live_before before = live_before(LIVE_BPFFS);
	struct other other = start_other();
	char target[32];
	(void)snprintf(target, sizeof target, "netns:%d", (int)other.pid);
	for (int round = 0; round < 2; round++) {
		hooks_attach_and_die("dissect", target, FORM_NETNS_LINK);
		struct loaded loaded = load("dissect");
		hooks_refuse(&loaded, "dissect", target, "attach.exists", "(dissect)");
		loaded_leave(&loaded);
		hooks_unload_held();
	}
	/* A namespace that is gone holds nothing; that it is gone is certain only if every process can be looked at. */
	struct stat status;
	bool is_certain = stat("/proc/1/ns/net", &status) == 0;
	hooks_attach_and_die("dissect", target, FORM_NETNS_LINK);
	if (is_certain)
		stop_other(&other);
	hooks_unload_held();
	if (!is_certain)
		stop_other(&other);
	assert_nothing_left(&before);
}

/* ---- names ---- */

static void namespace_is_found_by_its_name(void **state)
{
	(void)state;
	struct loaded loaded = load("steer");
	if (mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0) {
		(void)fprintf(stderr, "# no tmpfs at /run: %s\n", strerror(errno));
		loaded_leave(&loaded);
		skip();
	}
	assert_int_equal(mkdir("/run/netns", 0755), 0);
	(void)close(creat("/run/netns/blue", 0644));
	assert_int_equal(mount("/proc/self/ns/net", "/run/netns/blue", NULL, MS_BIND, NULL), 0);
	hooks_attach(&loaded, "steer", "netns:blue");
	hooks_refuse(&loaded, "steer", "netns:bleu", "attach.netns.missing", "blue");
	hooks_refuse(&loaded, "steer", "netns:/etc/passwd", "attach.netns.missing", NULL);
	hooks_refuse(&loaded, "steer", "netns:/proc/self/ns/mnt", "attach.netns.missing", NULL);
	hooks_refuse(&loaded, "steer", "netns:a/b", "attach.netns.missing", NULL);
	hooks_refuse(&loaded, "steer", "dev:lo", "attach.target-kind", NULL);
	assert_leaves_nothing(&loaded);
	assert_int_equal(umount("/run/netns/blue"), 0);
	assert_int_equal(umount("/run"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_is_steered_to_a_socket_of_another_port),
		cmocka_unit_test(pinned_link_outlives_its_process),
		cmocka_unit_test(flow_dissector_sees_packets_of_its_namespace_alone),
		cmocka_unit_test(second_flow_dissector_is_refused_and_the_first_is_named),
		cmocka_unit_test(killed_process_leaves_a_dissector_that_unload_takes_away),
		cmocka_unit_test(namespace_is_found_by_its_name),
	};
	return cmocka_run_group_tests(tests, hooks_enter, NULL);
}
