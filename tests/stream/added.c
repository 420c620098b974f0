/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams over maps that are of no instance of ours, their descriptor, lines, and user ring buffers. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include <bpf/libbpf.h>

#include "harness/loaded.h"

#define MARK      0x1ade57 /* of watch_all.bpf.c */
#define SEND_MARK 0x1ade58 /* of watch_user.bpf.c */

enum { EVENT = 1, OTHER, SAMPLE };

static bool is_live;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

static struct loaded begin(const char *file)
{
	if (!is_live)
		skip();
	struct loaded loaded = loaded_open(NULL, file);
	loaded_load(&loaded, NULL);
	if (lade_instance_attach(loaded.instance, "answer", NULL, &loaded.error) < 0)
		fail_msg("%s", lade_error_message(loaded.error));
	return loaded;
}

static void ask(long what, long number)
{
	(void)syscall(SYS_getpgid, MARK, what, number);
}

static struct lade_stream *new_stream(struct loaded *loaded, const struct lade_stream_opts *opts)
{
	struct lade_stream *stream = NULL;
	assert_int_equal(lade_stream_new(loaded->context, opts, &stream, NULL), 0);
	return stream;
}

struct seen {
	unsigned count;
	char type[32], line[512];
	enum lade_type_source source;
};

static int see(void *userdata, const struct lade_record *record)
{
	struct seen *seen = userdata;
	struct lade_record_info info = { .size = sizeof info };
	const char *line;
	size_t length;
	assert_int_equal(lade_record_describe(record, &info), 0);
	assert_int_equal(lade_record_line(record, LADE_LINE_JSON, &line, &length), 0);
	(void)snprintf(seen->line, sizeof seen->line, "%.*s", (int)length, line);
	(void)snprintf(seen->type, sizeof seen->type, "%s", info.type_name ? info.type_name : "");
	seen->source = info.source;
	seen->count++;
	return 0;
}

static void map_by_descriptor_gets_the_types_of_a_program_that_uses_it(void **state)
{
	(void)state;
	struct loaded loaded = begin("watch_all.bpf.o");
	struct lade_stream *stream = new_stream(&loaded, NULL);
	struct seen seen = { 0 };
	assert_int_equal(lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, "events"), NULL, NULL), 0);
	ask(EVENT, 4);
	assert_int_equal(lade_stream_poll(stream, 0, see, &seen, NULL), 1);
	assert_string_equal(seen.type, "event");
	assert_int_equal(seen.source, LADE_TYPE_DECLARED);
	assert_memory_equal(seen.line, "{\"time\":", 8);
	assert_non_null(
		strstr(seen.line, ",\"map\":\"events\",\"cpu\":null,\"type\":\"event\",\"record\":{\"number\":4,"));
	struct lade_stream_map_info map = { .size = sizeof map };
	assert_int_equal(lade_stream_map(stream, 0, &map), 0);
	assert_int_equal(map.records, 1);
	assert_string_equal(map.record_type, "event");
	assert_int_equal(lade_stream_map(stream, 1, &map), -ENOENT);
	lade_stream_close(stream);
	loaded_leave(&loaded);
}

static void object_can_give_the_types(void **state)
{
	(void)state;
	struct loaded loaded = begin("watch_all.bpf.o");
	const char *fields[] = { "number" };
	const struct lade_stream_opts opts = {
		.size = sizeof opts, .object = loaded.object, .fields = fields, .field_count = 1
	};
	struct lade_stream *stream = new_stream(&loaded, &opts);
	struct seen seen = { 0 };
	assert_int_equal(lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, "others"), "others", NULL),
			 0);
	ask(OTHER, 4);
	assert_int_equal(lade_stream_poll(stream, 0, see, &seen, NULL), 1);
	assert_int_equal(seen.source, LADE_TYPE_BY_SIZE);
	assert_non_null(strstr(seen.line, "\"record\":{\"number\":4}}\n"));
	lade_stream_close(stream);
	loaded_leave(&loaded);
}

static bool is_readable(const struct lade_stream *stream, int timeout_ms)
{
	struct pollfd descriptor = { .fd = lade_stream_fd(stream), .events = POLLIN };
	return poll(&descriptor, 1, timeout_ms) == 1;
}

static void descriptor_is_readable_while_there_are_records(void **state)
{
	(void)state;
	static const char *const maps[] = { "others", "samples" };
	for (int i = 0; i < 2; i++) {
		struct loaded loaded = begin("watch_all.bpf.o");
		struct lade_stream *stream = new_stream(&loaded, NULL);
		struct seen seen = { 0 };
		assert_int_equal(
			lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, maps[i]), maps[i], NULL), 0);
		/* Nothing is there, and a perf array ticks: what was seen is 0. */
		assert_int_equal(lade_stream_poll(stream, 0, see, &seen, NULL), 0);
		assert_true(i || !is_readable(stream, 0));
		ask(i ? SAMPLE : OTHER, 1);
		assert_true(is_readable(stream, 10000));
		while (!seen.count)
			assert_true(lade_stream_poll(stream, 0, see, &seen, NULL) >= 0);
		assert_int_equal(seen.count, 1);
		lade_stream_close(stream);
		loaded_leave(&loaded);
	}
}

static void refuse(struct loaded *loaded, const char *which, const char *code)
{
	struct lade_stream *stream = new_stream(loaded, NULL);
	struct lade_error *error = NULL;
	assert_true(lade_stream_add(stream, which, &error) < 0);
	assert_string_equal(finding_of(error).code, code);
	lade_error_free(error);
	lade_stream_close(stream);
}

static void what_is_no_buffer_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = begin("watch_all.bpf.o");
	struct lade_stream *stream = new_stream(&loaded, NULL);
	struct lade_error *error = NULL;
	assert_int_equal(lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, "counts"), NULL, &error),
			 -EINVAL);
	assert_string_equal(finding_of(error).code, "stream.map.no-buffer");
	error = lade_error_free(error);
	assert_int_equal(lade_stream_add_map(stream, lade_instance_program_fd(loaded.instance, "answer"), NULL, &error),
			 -EINVAL);
	assert_string_equal(finding_of(error).code, "stream.map.none");
	lade_error_free(error);
	lade_stream_close(stream);
	refuse(&loaded, "id:4294967295", "stream.map.none");
	refuse(&loaded, "id:", "stream.map.none");
	refuse(&loaded, "nothing-of-this-name", "state.not-found");
	loaded_leave(&loaded);
}

/* Types and fields may come with a buffer that is added later: they are checked when reading begins. */
static void unknown_type_is_refused_by_the_first_poll(void **state)
{
	(void)state;
	struct loaded loaded = begin("watch_all.bpf.o");
	static const struct lade_record_type type = { NULL, "no_such_type" };
	const struct lade_stream_opts opts = { .size = sizeof opts, .types = &type, .type_count = 1 };
	struct lade_stream *stream = new_stream(&loaded, &opts);
	struct lade_error *error = NULL;
	struct seen seen = { 0 };
	assert_int_equal(lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, "events"), NULL, NULL), 0);
	assert_int_equal(lade_stream_poll(stream, 0, see, &seen, &error), -ENOENT);
	assert_string_equal(finding_of(error).code, "stream.type.unknown");
	lade_error_free(error);
	lade_stream_close(stream);
	loaded_leave(&loaded);
}

/* ---- the other way ---- */

static struct loaded begin_sending(void)
{
	if (libbpf_probe_bpf_map_type(BPF_MAP_TYPE_USER_RINGBUF, NULL) != 1) {
		(void)fprintf(stderr, "# this kernel has no user ring buffers (6.1 has)\n");
		skip();
	}
	return begin("watch_user.bpf.o");
}

static void records_that_are_sent_arrive_at_the_program(void **state)
{
	(void)state;
	struct loaded loaded = begin_sending();
	struct lade_stream *stream = new_stream(&loaded, NULL);
	struct lade_user_ring *ring = NULL;
	struct seen seen = { 0 };
	int fd = lade_instance_map_fd(loaded.instance, "commands");
	assert_int_equal(lade_stream_add_map(stream, lade_instance_map_fd(loaded.instance, "answers"), NULL, NULL), 0);
	assert_int_equal(lade_user_ring_open(loaded.context, fd, NULL, &ring, NULL), 0);
	assert_int_equal(lade_user_ring_send(ring, "\x05\0\0\0abc\0\0\0\0\0\0\0\0", 16, 0, NULL), 0);
	(void)syscall(SYS_getpgid, SEND_MARK);
	assert_int_equal(lade_stream_poll(stream, 0, see, &seen, NULL), 1);
	assert_non_null(strstr(seen.line, "{\"number\":6,\"name\":\"abc\"}"));
	assert_int_equal(lade_user_ring_send_text(ring, "number=8", 0, NULL), 0);
	void *dropped = lade_user_ring_reserve(ring, 16);
	assert_non_null(dropped);
	lade_user_ring_discard(ring, dropped);
	(void)syscall(SYS_getpgid, SEND_MARK);
	assert_int_equal(lade_stream_poll(stream, 0, see, &seen, NULL), 1);
	assert_non_null(strstr(seen.line, "{\"number\":9,\"name\":\"\"}"));
	lade_user_ring_close(ring);
	lade_stream_close(stream);
	loaded_leave(&loaded);
}

static void ring_without_room_or_of_another_kind_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = begin_sending();
	struct lade_user_ring *ring = NULL;
	struct lade_error *error = NULL;
	static char record[8192];
	size_t descriptors = fd_count();
	assert_int_equal(lade_user_ring_open(loaded.context, lade_instance_map_fd(loaded.instance, "answers"), NULL,
					     &ring, &error),
			 -EINVAL);
	assert_string_equal(finding_of(error).code, "user-ring.none");
	error = lade_error_free(error);
	assert_int_equal(fd_count(), descriptors);
	assert_int_equal(lade_user_ring_open(loaded.context, lade_instance_map_fd(loaded.instance, "commands"), NULL,
					     &ring, NULL),
			 0);
	assert_int_equal(lade_user_ring_send(ring, record, 4096, 0, &error), -E2BIG);
	error = lade_error_free(error);
	assert_int_equal(lade_user_ring_send(ring, record, 4088, 0, NULL), 0);
	assert_int_equal(lade_user_ring_send(ring, record, 1, 5, &error), -EAGAIN);
	assert_string_equal(finding_of(error).code, "user-ring.full");
	lade_error_free(error);
	lade_user_ring_close(ring);
	assert_int_equal(fd_count(), descriptors);
	loaded_leave(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_by_descriptor_gets_the_types_of_a_program_that_uses_it),
		cmocka_unit_test(object_can_give_the_types),
		cmocka_unit_test(descriptor_is_readable_while_there_are_records),
		cmocka_unit_test(what_is_no_buffer_is_refused),
		cmocka_unit_test(unknown_type_is_refused_by_the_first_poll),
		cmocka_unit_test(records_that_are_sent_arrive_at_the_program),
		cmocka_unit_test(ring_without_room_or_of_another_kind_is_refused),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
