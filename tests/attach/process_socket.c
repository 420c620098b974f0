/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs on sockets that a process has open: filters, and the choice within a SO_REUSEPORT group. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
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

#include "harness/hooks.h"
#include "kernel/context.h"

enum { PACKETS = 64 };

static struct loaded load(const char *program)
{
	hooks_skip_unless_live();
	return hooks_load(program, NULL);
}

/* ---- sockets, and another process that has them open, too ---- */

static int open_udp(bool share, struct sockaddr_in *address)
{
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof *address;
	if (share)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one), 0);
	assert_int_equal(bind(fd, (void *)address, length), 0);
	assert_int_equal(getsockname(fd, (void *)address, &length), 0);
	return fd;
}

static const struct sockaddr_in anywhere = { .sin_family = AF_INET, .sin_addr = { .s_addr = 0x0100007f } };

static void send_to(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(sendto(fd, "x", 1, 0, (const void *)address, sizeof *address), 1);
	(void)close(fd);
}

static unsigned receive_all(int fd)
{
	char byte;
	unsigned count = 0;
	while (recv(fd, &byte, 1, MSG_DONTWAIT) == 1)
		count++;
	return count;
}

static bool receives(int fd, const struct sockaddr_in *address)
{
	send_to(address);
	return receive_all(fd) == 1;
}

static pid_t start_holder(void)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		for (;;)
			(void)pause();
	return child;
}

static void stop_holder(pid_t child)
{
	(void)kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static const char *target_of(pid_t pid, int fd)
{
	static char text[64];
	(void)snprintf(text, sizeof text, "socket:%d/%d", (int)pid, fd);
	return text;
}

/* ---- by what they do ---- */

static void filter_lets_nothing_through_until_it_is_taken_off(void **state)
{
	(void)state;
	struct loaded loaded = load("nothing");
	struct sockaddr_in address = anywhere;
	int fd = open_udp(false, &address);
	pid_t holder = start_holder();
	const pid_t processes[] = { getpid(), holder };
	for (size_t i = 0; i < ELEMENTS(processes); i++) {
		const char *target = target_of(processes[i], fd);
		assert_true(receives(fd, &address));
		hooks_attach(&loaded, "nothing", target);
		assert_false(receives(fd, &address));
		assert_string_equal(hooks_only_link(&loaded).method, "socket");
		assert_string_equal(hooks_only_link(&loaded).target, target);
		loaded_unload(&loaded);
		assert_true(receives(fd, &address));
		loaded_load(&loaded, NULL);
	}
	stop_holder(holder);
	(void)close(fd);
	assert_leaves_nothing(&loaded);
}

static unsigned share_of_first(const int fds[2], const struct sockaddr_in *address)
{
	for (int i = 0; i < PACKETS; i++)
		send_to(address);
	unsigned first = receive_all(fds[0]);
	assert_int_equal(first + receive_all(fds[1]), PACKETS);
	return first;
}

static void group_sends_all_to_the_socket_that_the_program_chooses(void **state)
{
	(void)state;
	struct loaded loaded = load("choose");
	struct sockaddr_in address = anywhere;
	int fds[2] = { open_udp(true, &address), open_udp(true, &address) };
	hooks_put_socket(&loaded, "group", 0, fds[0]);
	hooks_put_socket(&loaded, "group", 1, fds[1]);
	unsigned without = share_of_first(fds, &address);
	assert_true(without > 0 && without < PACKETS);
	hooks_attach(&loaded, "choose", target_of(getpid(), fds[0]));
	assert_int_equal(share_of_first(fds, &address), 0);
	assert_string_equal(hooks_only_link(&loaded).method, "reuseport");
	loaded_unload(&loaded);
	assert_true(share_of_first(fds, &address) > 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_leaves_nothing(&loaded);
}

static void killed_process_leaves_what_unload_takes_off(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct live_before before = live_before(LIVE_BPFFS);
	struct sockaddr_in address = anywhere;
	int fd = open_udp(false, &address);
	for (int round = 0; round < 2; round++) {
		hooks_attach_and_die("nothing", target_of(getpid(), fd), 0);
		assert_false(receives(fd, &address));
		hooks_unload_held();
		assert_true(receives(fd, &address));
	}
	/* Another socket at the same number is somebody else's. */
	hooks_attach_and_die("nothing", target_of(getpid(), fd), 0);
	(void)close(fd);
	address = anywhere;
	assert_int_equal(open_udp(false, &address), fd);
	hooks_unload_held();
	assert_true(receives(fd, &address));
	(void)close(fd);
	assert_nothing_left(&before);
}

/* ---- refusals ---- */

static void socket_that_is_not_there_names_those_that_are(void **state)
{
	(void)state;
	struct loaded loaded = load("nothing");
	struct sockaddr_in address = anywhere;
	int fd = open_udp(false, &address), file = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char number[16];
	(void)snprintf(number, sizeof number, "%d", fd);
	hooks_refuse(&loaded, "nothing", target_of(getpid(), 999), "attach.socket.descriptor", number);
	hooks_refuse(&loaded, "nothing", target_of(getpid(), file), "attach.socket.descriptor", number);
	pid_t gone = start_holder();
	stop_holder(gone);
	hooks_refuse(&loaded, "nothing", target_of(gone, 3), "attach.process.missing", NULL);
	(void)close(fd);
	(void)close(file);
	assert_leaves_nothing(&loaded);
}

static void filter_of_somebody_else_stays(void **state)
{
	(void)state;
	struct sock_filter accept_all = BPF_STMT(BPF_RET | BPF_K, 0xffff);
	const struct sock_fprog classic = { 1, &accept_all };
	struct loaded loaded = load("nothing"), other = load("nothing");
	struct sockaddr_in address = anywhere;
	int fd = open_udp(false, &address);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &classic, sizeof classic), 0);
	hooks_refuse(&loaded, "nothing", target_of(getpid(), fd), "attach.exists", NULL);
	assert_true(receives(fd, &address));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &fd, sizeof fd), 0);
	hooks_attach(&other, "nothing", target_of(getpid(), fd));
	hooks_refuse(&loaded, "nothing", target_of(getpid(), fd), "attach.exists", NULL);
	assert_false(receives(fd, &address));
	loaded_leave(&other);
	assert_true(receives(fd, &address));
	(void)close(fd);
	assert_leaves_nothing(&loaded);
}

static void socket_outside_a_group_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = load("choose");
	struct sockaddr_in address = anywhere;
	int fd = open_udp(false, &address);
	hooks_refuse(&loaded, "choose", target_of(getpid(), fd), "attach.socket.group", NULL);
	hooks_refuse(&loaded, "choose", "dev:lo", "attach.target-kind", NULL);
	(void)close(fd);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_lets_nothing_through_until_it_is_taken_off),
		cmocka_unit_test(group_sends_all_to_the_socket_that_the_program_chooses),
		cmocka_unit_test(killed_process_leaves_what_unload_takes_off),
		cmocka_unit_test(socket_that_is_not_there_names_those_that_are),
		cmocka_unit_test(filter_of_somebody_else_stays),
		cmocka_unit_test(socket_outside_a_group_is_refused),
	};
	return cmocka_run_group_tests(tests, hooks_enter, NULL);
}
