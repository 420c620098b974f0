/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs on sockmaps by what they do to the sockets that are put into the map. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "harness/hooks.h"
#include "kernel/context.h"
#include "kernel/hooks.h"

static struct loaded load(const char *program, const char *name)
{
	hooks_skip_unless_live();
	return hooks_load(program, name);
}

/* ---- a connection ---- */

struct pair {
	int near, far;
};

static struct pair connect_pair(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof address;
	struct pair pair = { .near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (void *)&address, &length), 0);
	assert_int_equal(connect(pair.near, (void *)&address, length), 0);
	pair.far = accept(listener, NULL, NULL);
	assert_true(pair.far >= 0);
	(void)close(listener);
	return pair;
}

static void close_pair(const struct pair *pair)
{
	(void)close(pair->near);
	(void)close(pair->far);
}

static bool arrives(const struct pair *pair)
{
	char byte;
	struct pollfd wait = { .fd = pair->far, .events = POLLIN };
	assert_int_equal(send(pair->near, "x", 1, MSG_NOSIGNAL), 1);
	return poll(&wait, 1, 10000) == 1 && recv(pair->far, &byte, 1, 0) == 1;
}

/* Sent, and judged before anybody could receive it. */
static bool is_dropped(const struct loaded *loaded, const struct pair *pair)
{
	char byte;
	uint64_t before = loaded_count(loaded, JUDGED);
	assert_int_equal(send(pair->near, "x", 1, MSG_NOSIGNAL), 1);
	for (time_t end = time(NULL) + 60; loaded_count(loaded, JUDGED) == before && time(NULL) < end;)
		(void)usleep(1000);
	return loaded_count(loaded, JUDGED) > before && recv(pair->far, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* ---- by what they do ---- */

static void message_is_refused_when_it_is_sent(void **state)
{
	(void)state;
	static const char *const maps[] = { "sockets", "hashed" };
	for (int i = 0; i < 4; i++) {
		struct loaded loaded = load("message", NULL);
		struct pair pair = connect_pair();
		char target[32];
		bool older = i & 1;
		(void)snprintf(target, sizeof target, "map:%s", maps[i / 2]);
		if (older)
			lade_kernel_form_set_absent(loaded.context->kernel, FORM_SOCKMAP_LINK);
		hooks_attach(&loaded, "message", target);
		assert_true(arrives(&pair));
		hooks_put_socket(&loaded, maps[i / 2], 0, pair.near);
		assert_int_equal(send(pair.near, "x", 1, MSG_NOSIGNAL), -1);
		assert_int_equal(errno, EACCES);
		assert_int_equal(loaded_count(&loaded, SENT), 1);
		assert_string_equal(hooks_only_link(&loaded).target, target);
		assert_string_equal(hooks_only_link(&loaded).method, "sockmap");
		close_pair(&pair);
		assert_leaves_nothing(&loaded);
	}
}

static void verdict_drops_what_arrives(void **state)
{
	(void)state;
	static const struct {
		const char *program, *target;
	} table[] = { { "stream_verdict", "map:sockets" },
		      { "any_verdict", "map:sockets,stream_verdict" },
		      { "any_verdict", "map:sockets,verdict" } };
	for (size_t i = 0; i < 2 * ELEMENTS(table); i++) {
		struct loaded loaded = load(table[i / 2].program, NULL);
		struct pair pair = connect_pair();
		struct lade_error *error = NULL;
		if (i & 1)
			lade_kernel_form_set_absent(loaded.context->kernel, FORM_SOCKMAP_LINK);
		int result = lade_instance_attach(loaded.instance, table[i / 2].program, table[i / 2].target, &error);
		bool is_unknown = result < 0 && i / 2 == 2; /* that hook is there since 5.13 */
		if (result < 0 && !is_unknown)
			fail_msg("%s", lade_error_message(error));
		assert_true(arrives(&pair));
		hooks_put_socket(&loaded, "sockets", 0, pair.far);
		assert_true(is_unknown || is_dropped(&loaded, &pair));
		lade_error_free(error);
		close_pair(&pair);
		assert_leaves_nothing(&loaded);
	}
}

static void parser_sees_the_stream_before_the_verdict(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct loaded loaded = loaded_open(NULL, "hook_sockets.bpf.o");
	(void)load_only(loaded.object, "parser");
	assert_int_equal(lade_program_set_autoload(lade_object_find_program(loaded.object, "stream_verdict"), true), 0);
	loaded_load(&loaded, NULL);
	hooks_attach(&loaded, "parser", "map:sockets");
	hooks_attach(&loaded, "stream_verdict", "map:sockets");
	struct pair pair = connect_pair();
	hooks_put_socket(&loaded, "sockets", 0, pair.far);
	assert_true(is_dropped(&loaded, &pair));
	assert_true(loaded_count(&loaded, PARSED) > 0);
	close_pair(&pair);
	assert_leaves_nothing(&loaded);
}

/* ---- naming the map ---- */

static void map_is_named_by_id_and_by_pin(void **state)
{
	(void)state;
	struct loaded loaded = load("message", NULL);
	int map = lade_instance_map_fd(loaded.instance, "sockets");
	char id[32];
	(void)snprintf(id, sizeof id, "map:%u", map_info(map).id);
	assert_int_equal(bpf_obj_pin(map, LIVE_BPFFS "/pinned"), 0);
	const char *const ways[] = { id, "map:" LIVE_BPFFS "/pinned", "map:pinned" };
	loaded_unload(&loaded);
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct hook_programs programs;
		int pinned = bpf_obj_get(LIVE_BPFFS "/pinned");
		loaded_load(&loaded, NULL);
		hooks_attach(&loaded, "message", ways[i]);
		int result = lade_hook_query(loaded.context->kernel, pinned, BPF_SK_MSG_VERDICT, &programs);
		assert_true(result == -EINVAL || (result == 0 && programs.count == 1));
		loaded_unload(&loaded);
		(void)close(pinned);
	}
	assert_int_equal(unlink(LIVE_BPFFS "/pinned"), 0);
	assert_leaves_nothing(&loaded);
}

static void map_that_is_not_there_names_the_near_ones(void **state)
{
	(void)state;
	struct loaded loaded = load("message", NULL);
	hooks_refuse(&loaded, "message", "map:socket", "attach.map.missing", "sockets");
	hooks_refuse(&loaded, "message", "map:999999999", "attach.map.missing", NULL);
	hooks_refuse(&loaded, "message", "map:/nowhere", "attach.map.missing", NULL);
	hooks_refuse(&loaded, "message", "map:counts", "attach.map.type", NULL);
	assert_leaves_nothing(&loaded);
}

static void program_that_says_no_hook_asks_for_one(void **state)
{
	(void)state;
	struct loaded loaded = load("any_verdict", NULL);
	hooks_refuse(&loaded, "any_verdict", "map:sockets", "attach.hook.unsaid", "stream_parser, stream_verdict");
	assert_leaves_nothing(&loaded);
}

/* ---- lade load --replace ---- */

static uint32_t id_of(const struct loaded *loaded, const char *program)
{
	return program_info(lade_instance_program_fd(loaded->instance, program)).id;
}

static void replace(struct loaded *loaded)
{
	const struct lade_load_opts opts = { .size = sizeof opts, .name = "held", .replace = true };
	struct lade_error *error = NULL;
	loaded->instance = lade_instance_close(loaded->instance);
	if (lade_object_load(loaded->object, &opts, &loaded->instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

/* Kernels before 5.17 cannot be asked who is there. */
static void expect_only(const struct loaded *loaded, uint32_t hook, uint32_t id)
{
	struct hook_programs programs = { 0 };
	int map = lade_instance_map_fd(loaded->instance, "sockets");
	if (lade_hook_query(loaded->context->kernel, map, hook, &programs) < 0)
		return;
	assert_int_equal(programs.count, 1);
	assert_int_equal(programs.ids[0], id);
}

/* Once refused, the kernel asks no program about what this socket sends next. */
static bool is_refused(const struct loaded *loaded, const struct pair *pair)
{
	(void)loaded;
	return send(pair->near, "x", 1, MSG_NOSIGNAL) < 0 && errno == EACCES;
}

static const struct replaced {
	const char *program;
	uint32_t hook, place; /* of its count */
	bool (*acts)(const struct loaded *loaded, const struct pair *pair);
} replaced[] = {
	{ "message", BPF_SK_MSG_VERDICT, SENT, is_refused },
	{ "stream_verdict", BPF_SK_SKB_STREAM_VERDICT, JUDGED, is_dropped },
};

/* A socket that is put into the map now is judged. */
static struct pair expect_judged(const struct loaded *loaded, const struct replaced *what)
{
	struct pair pair = connect_pair();
	uint64_t before = loaded_count(loaded, what->place);
	hooks_put_socket(loaded, "sockets", 0, what->acts == is_refused ? pair.near : pair.far);
	assert_true(what->acts(loaded, &pair));
	assert_int_equal(loaded_count(loaded, what->place), before + 1);
	return pair;
}

static void check_replaced(const struct replaced *what, bool older)
{
	struct loaded loaded = load(what->program, "held");
	if (older)
		lade_kernel_form_set_absent(loaded.context->kernel, FORM_SOCKMAP_LINK);
	hooks_attach(&loaded, what->program, "map:sockets");
	struct pair first = expect_judged(&loaded, what);
	uint32_t before = id_of(&loaded, what->program);
	replace(&loaded);
	assert_int_not_equal(id_of(&loaded, what->program), before);
	assert_string_equal(hooks_only_link(&loaded).target, "map:sockets");
	assert_int_equal(hooks_only_link(&loaded).is_link,
			 !lade_kernel_form_absent(loaded.context->kernel, FORM_SOCKMAP_LINK));
	expect_only(&loaded, what->hook, id_of(&loaded, what->program));
	assert_true(what->acts(&loaded, &first));
	int old = bpf_prog_get_fd_by_id(before); /* which the first socket has */
	assert_true(old >= 0);
	(void)close(old);
	struct pair second = expect_judged(&loaded, what);
	close_pair(&first);
	close_pair(&second);
	loaded_unload(&loaded);
	assert_leaves_nothing(&loaded);
}

/* The map goes on. Sockets that it holds keep the program that they came under; the new one judges those to come. */
static void program_of_a_running_map_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ELEMENTS(replaced); i++)
		check_replaced(&replaced[i / 2], i & 1);
}

/* ---- others ---- */

static bool can_be_asked(const struct loaded *loaded)
{
	struct hook_programs programs;
	int map = lade_instance_map_fd(loaded->instance, "sockets");
	return lade_hook_query(loaded->context->kernel, map, BPF_SK_MSG_VERDICT, &programs) == 0;
}

/* first, second: do they come by the older way? */
static void check_second(bool first, bool second)
{
	struct loaded loaded = load("message", NULL), other = load("message", NULL);
	struct hook_programs programs = { 0 };
	char target[32], evidence[64];
	int map = lade_instance_map_fd(loaded.instance, "sockets");
	uint32_t id = program_info(lade_instance_program_fd(loaded.instance, "message")).id;
	(void)snprintf(target, sizeof target, "map:%u", map_info(map).id);
	(void)snprintf(evidence, sizeof evidence, "program %u (message)", id);
	if (first)
		lade_kernel_form_set_absent(loaded.context->kernel, FORM_SOCKMAP_LINK);
	if (second)
		lade_kernel_form_set_absent(other.context->kernel, FORM_SOCKMAP_LINK);
	hooks_attach(&loaded, "message", target);
	if (can_be_asked(&loaded)) {
		hooks_refuse(&other, "message", target, "attach.exists", evidence);
		assert_int_equal(lade_hook_query(loaded.context->kernel, map, BPF_SK_MSG_VERDICT, &programs), 0);
		assert_int_equal(programs.count, 1);
		assert_int_equal(programs.ids[0], id);
	}
	loaded_leave(&other);
	loaded_leave(&loaded);
}

/* Kernels before 5.17 cannot be asked. */
static void who_is_there_is_named_and_stays(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	for (int i = 0; i < 4; i++)
		check_second(i & 1, i & 2);
}

static void killed_process_is_cleaned_up_by_unload(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct live_before before = live_before(LIVE_BPFFS);
	struct loaded owner = load("message", NULL);
	char target[32];
	int map = lade_instance_map_fd(owner.instance, "sockets");
	struct pair pair = connect_pair();
	(void)snprintf(target, sizeof target, "map:%u", map_info(map).id);
	hooks_attach_and_die("message", target, FORM_SOCKMAP_LINK);
	hooks_put_socket(&owner, "sockets", 0, pair.near);
	assert_int_equal(send(pair.near, "x", 1, MSG_NOSIGNAL), -1);
	close_pair(&pair);
	hooks_unload_held();
	pair = connect_pair();
	hooks_put_socket(&owner, "sockets", 0, pair.near);
	assert_true(arrives(&pair));
	close_pair(&pair);
	loaded_leave(&owner);
	assert_nothing_left(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_is_refused_when_it_is_sent),
		cmocka_unit_test(verdict_drops_what_arrives),
		cmocka_unit_test(parser_sees_the_stream_before_the_verdict),
		cmocka_unit_test(map_is_named_by_id_and_by_pin),
		cmocka_unit_test(map_that_is_not_there_names_the_near_ones),
		cmocka_unit_test(program_that_says_no_hook_asks_for_one),
		cmocka_unit_test(program_of_a_running_map_is_replaced),
		cmocka_unit_test(who_is_there_is_named_and_stays),
		cmocka_unit_test(killed_process_is_cleaned_up_by_unload),
	};
	return cmocka_run_group_tests(tests, hooks_enter, NULL);
}
