/* SPDX-License-Identifier: BSD-2-Clause */
/* Every hook of a cgroup by what it does to a process in it, by links and by the older way. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/hooks.h"
#include "kernel/context.h"

enum { RELEASED, OPERATIONS, RECEIVED }; /* places in the map counts of hook_cgroup.bpf.o */

#define SHOWN_PORT 7

/* ---- what a process may do: 0, or the errno ---- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t loopback(int family, uint16_t port, union address *address)
{
	*address = (union address){ .any.sa_family = (sa_family_t)family };
	if (family == AF_INET) {
		address->v4.sin_port = htons(port);
		address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof address->v4;
	}
	address->v6.sin6_port = htons(port);
	address->v6.sin6_addr = in6addr_loopback;
	return sizeof address->v6;
}

static int done(int fd, int result)
{
	int error = result < 0 ? errno : 0;
	(void)close(fd);
	return error;
}

static int family_of(void *data)
{
	return *(const int *)data;
}

static int make_socket(void *data)
{
	int fd = socket(family_of(data), SOCK_STREAM, 0);
	return done(fd, fd);
}

/* Nobody listens: ECONNREFUSED is the network's own answer. */
static int connect_stream(void *data)
{
	union address address;
	socklen_t length = loopback(family_of(data), 9, &address);
	int fd = socket(family_of(data), SOCK_STREAM, 0);
	return done(fd, connect(fd, &address.any, length));
}

static int bind_socket(void *data)
{
	union address address;
	socklen_t length = loopback(family_of(data), 0, &address);
	int fd = socket(family_of(data), SOCK_STREAM, 0);
	return done(fd, bind(fd, &address.any, length));
}

static int send_packet(void *data)
{
	union address address;
	socklen_t length = loopback(family_of(data), 9, &address);
	int fd = socket(family_of(data), SOCK_DGRAM, 0);
	return done(fd, (int)sendto(fd, "x", 1, 0, &address.any, length));
}

/* Two sockets of this process, the second bound to a free port: 0, or the errno of what went wrong first. */
static int make_pair(int family, int fds[2], union address *peer, socklen_t *length)
{
	fds[0] = socket(family, SOCK_DGRAM, 0);
	fds[1] = socket(family, SOCK_DGRAM, 0);
	*length = loopback(family, 0, peer);
	return bind(fds[1], &peer->any, *length) < 0 || getsockname(fds[1], &peer->any, length) < 0 ? errno : 0;
}

/* The port that a packet seems to come from. */
static int receive_port(void *data)
{
	int fds[2];
	char byte;
	union address peer;
	socklen_t length;
	if (make_pair(family_of(data), fds, &peer, &length) || sendto(fds[0], "x", 1, 0, &peer.any, length) != 1)
		return 254;
	if (recvfrom(fds[1], &byte, 1, 0, &peer.any, &length) != 1)
		return 253;
	return ntohs(peer.v4.sin_port) == SHOWN_PORT ? SHOWN_PORT : 0;
}

/* The ports that a connected socket is said to have: of its peer, and its own. */
static int connected_port(void *data, int (*get)(int fd, struct sockaddr *address, socklen_t *length))
{
	int fds[2];
	union address peer;
	socklen_t length;
	if (make_pair(family_of(data), fds, &peer, &length) || connect(fds[0], &peer.any, length) < 0)
		return 254;
	if (get(fds[0], &peer.any, &length) < 0)
		return 253;
	return ntohs(peer.v4.sin_port) == SHOWN_PORT ? SHOWN_PORT : 0;
}

static int peer_port(void *data)
{
	return connected_port(data, getpeername);
}

static int own_port(void *data)
{
	return connected_port(data, getsockname);
}

static int receive_nothing(void *data)
{
	int fds[2];
	char byte;
	union address peer;
	socklen_t length;
	if (make_pair(family_of(data), fds, &peer, &length) || sendto(fds[0], "x", 1, 0, &peer.any, length) != 1)
		return 254;
	struct pollfd wait = { .fd = fds[1], .events = POLLIN };
	return poll(&wait, 1, 0) == 1 && recv(fds[1], &byte, 1, 0) == 1 ? 0 : EAGAIN;
}

/* A whole connection, so that something happens to it. */
static int accept_stream(void *data)
{
	union address address;
	socklen_t length = loopback(family_of(data), 0, &address);
	int listener = socket(family_of(data), SOCK_STREAM, 0), fd = socket(family_of(data), SOCK_STREAM, 0);
	if (bind(listener, &address.any, length) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, &address.any, &length) < 0 || connect(fd, &address.any, length) < 0)
		return errno;
	return done(listener, accept(listener, NULL, NULL));
}

static int set_option(void *data)
{
	int one = 1, fd = socket(family_of(data), SOCK_STREAM, 0);
	return done(fd, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one));
}

static int get_option(void *data)
{
	int value, fd = socket(family_of(data), SOCK_STREAM, 0);
	socklen_t length = sizeof value;
	return done(fd, getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, &length));
}

static int read_sysctl(void *data)
{
	char text[16];
	(void)data;
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_RDONLY);
	return done(fd, fd < 0 ? fd : (int)read(fd, text, sizeof text));
}

static int open_device(void *data)
{
	(void)data;
	int fd = open("/dev/full", O_RDONLY);
	return done(fd, fd);
}

/* ---- one loaded program ---- */

static void use_older_way(struct loaded *loaded)
{
	lade_kernel_form_set_absent(loaded->context->kernel, FORM_CGROUP_LINK);
}

/* ---- each hook by what it does ---- */

static int v4 = AF_INET, v6 = AF_INET6;

static const struct hook {
	const char *program, *word;
	int (*action)(void *data);
	int *family;
	int without, with; /* what the action returns */
} hooks[] = {
	{ "connect4", NULL, connect_stream, &v4, ECONNREFUSED, EPERM },
	{ "connect6", NULL, connect_stream, &v6, ECONNREFUSED, EPERM },
	{ "bind4", NULL, bind_socket, &v4, 0, EPERM },
	{ "bind6", NULL, bind_socket, &v6, 0, EPERM },
	{ "post_bind4", NULL, bind_socket, &v4, 0, EPERM },
	{ "post_bind6", NULL, bind_socket, &v6, 0, EPERM },
	{ "sendmsg4", NULL, send_packet, &v4, 0, EPERM },
	{ "sendmsg6", NULL, send_packet, &v6, 0, EPERM },
	{ "sock_create", NULL, make_socket, &v4, 0, EPERM },
	{ "sock", NULL, make_socket, &v4, 0, EPERM },
	{ "egress", NULL, send_packet, &v4, 0, EPERM },
	{ "undirected", "egress", send_packet, &v4, 0, EPERM },
	{ "undirected", "ingress", receive_nothing, &v4, 0, EAGAIN },
	{ "ingress", NULL, receive_nothing, &v4, 0, EAGAIN },
	{ "recvmsg4", NULL, receive_port, &v4, 0, SHOWN_PORT },
	{ "recvmsg6", NULL, receive_port, &v6, 0, SHOWN_PORT },
	{ "getpeername4", NULL, peer_port, &v4, 0, SHOWN_PORT },
	{ "getpeername6", NULL, peer_port, &v6, 0, SHOWN_PORT },
	{ "getsockname4", NULL, own_port, &v4, 0, SHOWN_PORT },
	{ "getsockname6", NULL, own_port, &v6, 0, SHOWN_PORT },
	{ "setsockopt", NULL, set_option, &v4, 0, EPERM },
	{ "getsockopt", NULL, get_option, &v4, 0, EPERM },
	{ "sysctl", NULL, read_sysctl, NULL, 0, EPERM },
	{ "device", NULL, open_device, NULL, 0, EPERM },
};

static void check_hook(const struct hook *hook, bool older)
{
	struct loaded loaded = hooks_load_cgroup(hook->program);
	const char *target = hooks_cgroup_target(&hooks_cgroup, hook->word);
	if (older)
		use_older_way(&loaded);
	if (in_cgroup(&hooks_cgroup, hook->action, hook->family) != hook->without)
		fail_msg("%s: not as expected before it is attached", hook->program);
	hooks_attach(&loaded, hook->program, target);
	int result = in_cgroup(&hooks_cgroup, hook->action, hook->family);
	if (result != hook->with)
		fail_msg("%s: %d (%s) instead of %d", hook->program, result, strerror(result), hook->with);
	struct lade_link_info link = hooks_only_link(&loaded);
	assert_string_equal(link.method, "cgroup");
	assert_string_equal(link.target, target);
	assert_true(link.is_link == !older);
	loaded_unload(&loaded);
	assert_int_equal(in_cgroup(&hooks_cgroup, hook->action, hook->family), hook->without);
	assert_leaves_nothing(&loaded);
}

static void every_hook_does_its_work_by_a_link(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(hooks); i++)
		check_hook(&hooks[i], false);
}

static void every_hook_does_its_work_in_the_older_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTS(hooks); i++)
		check_hook(&hooks[i], true);
}

static void hooks_that_only_look_count(void **state)
{
	(void)state;
	static const struct {
		const char *program;
		uint32_t which;
		int (*action)(void *data);
	} table[] = { { "sock_release", RELEASED, make_socket },
		      { "operations", OPERATIONS, accept_stream },
		      { "ingress", RECEIVED, receive_nothing } };
	for (size_t i = 0; i < ELEMENTS(table); i++) {
		struct loaded loaded = hooks_load_cgroup(table[i].program);
		hooks_attach(&loaded, table[i].program, hooks_cgroup_target(&hooks_cgroup, NULL));
		assert_int_equal(loaded_count(&loaded, table[i].which), 0);
		(void)in_cgroup(&hooks_cgroup, table[i].action, &v4);
		assert_true(loaded_count(&loaded, table[i].which) > 0);
		assert_leaves_nothing(&loaded);
	}
}

static const struct sockaddr_un nowhere = { .sun_family = AF_UNIX, .sun_path = "/nonexistent" };

static int connect_unix(void *data)
{
	(void)data;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return done(fd, connect(fd, (const struct sockaddr *)&nowhere, sizeof nowhere));
}

static int send_unix(void *data)
{
	(void)data;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	return done(fd, (int)sendto(fd, "x", 1, 0, (const struct sockaddr *)&nowhere, sizeof nowhere));
}

/* Two sockets whose names the kernel chooses; everybody's name is asked for. */
static int look_unix(void *data)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof address;
	char byte;
	(void)data;
	int near = socket(AF_UNIX, SOCK_DGRAM, 0), far = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (bind(near, (void *)&address, sizeof address.sun_family) < 0 ||
	    bind(far, (void *)&address, sizeof address.sun_family) < 0 ||
	    getsockname(far, (void *)&address, &length) < 0 || connect(near, (void *)&address, length) < 0 ||
	    getpeername(near, (void *)&address, &length) < 0 || send(near, "x", 1, 0) != 1)
		return errno;
	length = sizeof address;
	return recvfrom(far, &byte, 1, 0, (void *)&address, &length) == 1 ? 0 : errno;
}

static const struct unix_hook {
	const char *program;
	int (*action)(void *data);
	int without, with;
} unix_hooks[] = {
	{ "connect_unix", connect_unix, ENOENT, EPERM },
	{ "sendmsg_unix", send_unix, ENOENT, EPERM },
	{ "recvmsg_unix", look_unix, 0, 0 },
	{ "getpeername_unix", look_unix, 0, 0 },
	{ "getsockname_unix", look_unix, 0, 0 },
};

/* False: the kernel has no such programs. */
static bool check_unix_hook(const struct unix_hook *hook)
{
	struct loaded loaded = loaded_open(NULL, "hook_unix.bpf.o");
	struct lade_error *error = NULL;
	(void)load_only(loaded.object, hook->program);
	bool has = lade_object_load(loaded.object, NULL, &loaded.instance, &error) >= 0;
	if (has) {
		assert_int_equal(in_cgroup(&hooks_cgroup, hook->action, NULL), hook->without);
		hooks_attach(&loaded, hook->program, hooks_cgroup_target(&hooks_cgroup, NULL));
		assert_int_equal(in_cgroup(&hooks_cgroup, hook->action, NULL), hook->with);
		assert_true(hook->with == EPERM || loaded_count(&loaded, 0) > 0);
	} else {
		(void)fprintf(stderr, "# before 6.7: %s\n", lade_error_message(error));
	}
	lade_error_free(error);
	assert_leaves_nothing(&loaded);
	return has;
}

static void unix_sockets_are_hooked_where_the_kernel_can(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	for (size_t i = 0; i < ELEMENTS(unix_hooks); i++)
		if (!check_unix_hook(&unix_hooks[i]))
			skip();
}

static void words_of_the_old_samples_do(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct loaded loaded = loaded_open(NULL, "hook_old_kern.o");
	loaded_load(&loaded, NULL);
	assert_int_equal(in_cgroup(&hooks_cgroup, send_packet, &v4), 0);
	hooks_attach(&loaded, "named_egress", hooks_cgroup_target(&hooks_cgroup, NULL));
	assert_int_equal(in_cgroup(&hooks_cgroup, send_packet, &v4), EPERM);
	hooks_attach(&loaded, "created", hooks_cgroup_target(&hooks_cgroup, NULL));
	assert_int_equal(in_cgroup(&hooks_cgroup, make_socket, &v4), EPERM);
	assert_leaves_nothing(&loaded);
}

static void processes_elsewhere_are_left_alone(void **state)
{
	(void)state;
	struct test_cgroup inner;
	struct loaded loaded = hooks_load_cgroup("connect4");
	cgroup_make_below(&hooks_cgroup, "inner", &inner);
	hooks_attach(&loaded, "connect4", hooks_cgroup_target(&inner, NULL));
	assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, &v4), ECONNREFUSED);
	assert_int_equal(in_cgroup(&inner, connect_stream, &v4), EPERM);
	assert_leaves_nothing(&loaded);
	cgroup_remove(&inner);
}

/* ---- ways to name it ---- */

static void absolute_paths_and_those_of_proc_do(void **state)
{
	(void)state;
	char absolute[600], proc[80];
	(void)snprintf(absolute, sizeof absolute, "cgroup:%s", hooks_cgroup.path);
	(void)snprintf(proc, sizeof proc, "cgroup:/%s", hooks_cgroup.name);
	const char *const ways[] = { absolute, proc };
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct loaded loaded = hooks_load_cgroup("connect4");
		hooks_attach(&loaded, "connect4", ways[i]);
		assert_int_equal(in_cgroup(&hooks_cgroup, connect_stream, &v4), EPERM);
		assert_string_equal(hooks_only_link(&loaded).target, hooks_cgroup_target(&hooks_cgroup, NULL));
		assert_leaves_nothing(&loaded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hook_does_its_work_by_a_link),
		cmocka_unit_test(every_hook_does_its_work_in_the_older_way),
		cmocka_unit_test(hooks_that_only_look_count),
		cmocka_unit_test(unix_sockets_are_hooked_where_the_kernel_can),
		cmocka_unit_test(words_of_the_old_samples_do),
		cmocka_unit_test(processes_elsewhere_are_left_alone),
		cmocka_unit_test(absolute_paths_and_those_of_proc_do),
	};
	return cmocka_run_group_tests(tests, hooks_enter_cgroup, hooks_leave_cgroup);
}
