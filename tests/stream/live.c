/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams of real buffers: a tracepoint program sends records when this process makes a marked system call. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include <lade/lade.h>

#include "harness/live.h"
#include "kernel/bpf.h"
#include "kernel/context.h"
#include "kernel/fault.h"

#define MARK 0x1ade

enum { HINTED = 1, SIZED, TWIN, PERF, SILENT };

static bool is_live;
static unsigned libbpf_lines;

static int count_lines(enum libbpf_print_level level, const char *format, va_list arguments)
{
	libbpf_lines += level != LIBBPF_DEBUG;
	return level == LIBBPF_DEBUG ? 0 : vfprintf(stderr, format, arguments);
}

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	(void)libbpf_set_print(count_lines);
	return 0;
}

struct fixture {
	struct lade_context *context;
	struct lade_object *object;
	struct lade_instance *instance;
	struct lade_stream *stream;
};

static void send(long what, long number)
{
	(void)syscall(SYS_getpgid, MARK, what, number);
}

static void load(struct fixture *f)
{
	struct lade_error *error = NULL;
	if (!is_live)
		skip();
	assert_int_equal(lade_context_new(NULL, &f->context, &error), 0);
	if (lade_object_open(f->context, TEST_OBJECTS "/stream_live.bpf.o", NULL, &f->object, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void start(struct fixture *f)
{
	struct lade_error *error = NULL;
	if (lade_object_load(f->object, NULL, &f->instance, &error) < 0)
		fail_msg("%s", lade_error_message(error));
	uint32_t zero = 0;
	uint64_t settings[3] = { (uint64_t)getpid() };
	assert_int_equal(lade_bpf_map_update(f->context->kernel, lade_instance_map_fd(f->instance, "settings"), &zero,
					     settings, 0),
			 0);
	if (lade_instance_attach(f->instance, "send", NULL, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void open_stream(struct fixture *f, const struct lade_stream_opts *opts)
{
	struct lade_error *error = NULL;
	if (lade_stream_open(f->instance, opts, &f->stream, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

static void begin(struct fixture *f, const struct lade_stream_opts *opts)
{
	load(f);
	start(f);
	open_stream(f, opts);
}

static void end(struct fixture *f)
{
	lade_stream_close(f->stream);
	if (f->instance)
		assert_int_equal(lade_instance_unload(f->instance, NULL), 0);
	lade_object_free(f->object);
	lade_context_free(f->context);
}

/* What a callback saw. */
struct seen {
	unsigned records, stop_after;
	int answer;
	uint64_t lost;
	char map[32], type[32], why[256], text[256], json[256];
	size_t length;
	int cpu;
};

static void copy(char *to, size_t size, const char *from)
{
	(void)snprintf(to, size, "%s", from ? from : "(none)");
}

static int see(void *userdata, const struct lade_record *record)
{
	struct seen *seen = userdata;
	struct lade_record_info info = { .size = sizeof info };
	char *text = NULL, *json = NULL;
	assert_int_equal(lade_record_describe(record, &info), 0);
	assert_int_equal(lade_record_text(record, &text), 0);
	assert_int_equal(lade_record_json(record, &json), 0);
	seen->lost += info.lost;
	seen->records += info.lost == 0;
	seen->length = info.length;
	seen->cpu = info.cpu;
	copy(seen->map, sizeof seen->map, info.map);
	copy(seen->type, sizeof seen->type, info.type_name);
	copy(seen->why, sizeof seen->why, info.why);
	copy(seen->text, sizeof seen->text, text);
	copy(seen->json, sizeof seen->json, json);
	free(text);
	free(json);
	return seen->stop_after && seen->records >= seen->stop_after ? seen->answer : 0;
}

/* Waits for one record. */
static struct seen next(struct fixture *f)
{
	struct seen seen = { .stop_after = 1, .answer = 1 };
	assert_int_equal(lade_stream_poll(f->stream, 10000, see, &seen, NULL), 1);
	return seen;
}

/* ---- which type ---- */

static void declared_type_of_the_map_decodes_its_records(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(HINTED, 17);
	struct seen seen = next(&f);
	assert_string_equal(seen.map, "hinted");
	assert_string_equal(seen.type, "hinted");
	assert_string_equal(seen.text, "number=17 name=\"lade\"");
	assert_string_equal(seen.json, "{\"number\":17,\"name\":\"lade\"}");
	assert_int_equal(seen.cpu, -1);
	end(&f);
}

/* struct map_value has 24 bytes too, but is a map's value; struct sys_enter is the context. */
static void only_struct_of_the_size_decodes_the_record(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(SIZED, 4);
	struct seen seen = next(&f);
	assert_string_equal(seen.type, "by_size");
	assert_string_equal(seen.text, "number=4 twice=8 state=RUNNING cpu=7");
	end(&f);
}

static void record_that_two_structs_fit_is_shown_as_bytes_and_both_are_named(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(TWIN, 1);
	struct seen seen = next(&f);
	assert_string_equal(seen.type, "(none)");
	assert_non_null(strstr(seen.why, "twin_one"));
	assert_non_null(strstr(seen.why, "twin_two"));
	assert_memory_equal(seen.text, "hex:0100000000000000", 20);
	assert_memory_equal(seen.json, "{\"hex\":\"01", 10);
	end(&f);
}

static void chosen_type_wins_over_the_declared_one(void **state)
{
	(void)state;
	static const struct lade_record_type types[] = { { NULL, "struct twin_one" }, { "hinted", "by_size" } };
	const struct lade_stream_opts opts = { .size = sizeof opts, .types = types, .type_count = 2 };
	struct fixture f = { 0 };
	begin(&f, &opts);
	send(TWIN, 9);
	struct seen seen = next(&f);
	assert_string_equal(seen.type, "twin_one");
	assert_string_equal(seen.text, "words=[9,0,0,0,0]");
	send(HINTED, 17);
	seen = next(&f);
	assert_string_equal(seen.type, "by_size");
	assert_non_null(strstr(seen.why, "16 bytes"));
	end(&f);
}

static void perf_record_is_decoded_in_spite_of_its_padding(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(PERF, 5);
	struct seen seen = next(&f);
	assert_string_equal(seen.map, "perf");
	assert_string_equal(seen.type, "by_size");
	assert_int_equal(seen.length, 28);
	assert_true(seen.cpu >= 0);
	assert_string_equal(seen.text, "number=5 twice=10 state=RUNNING cpu=7");
	end(&f);
}

/* ---- polling ---- */

static void record_sent_without_waking_arrives(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(SILENT, 3);
	assert_string_equal(next(&f).text, "number=3 twice=6 state=RUNNING cpu=7");
	end(&f);
}

static void poll_without_records_ends_with_its_time(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct seen seen = { 0 };
	begin(&f, NULL);
	assert_int_equal(lade_stream_poll(f.stream, 0, see, &seen, NULL), 0);
	assert_int_equal(lade_stream_poll(f.stream, 20, see, &seen, NULL), 0);
	assert_int_equal(seen.records, 0);
	end(&f);
}

static void callback_ends_the_poll_and_the_rest_comes_with_the_next(void **state)
{
	(void)state;
	static const long kinds[] = { SIZED, PERF };
	for (size_t i = 0; i < 2; i++) {
		struct fixture f = { 0 };
		struct seen seen = { .stop_after = 2, .answer = -ECONNABORTED };
		begin(&f, NULL);
		for (long n = 0; n < 5; n++)
			send(kinds[i], n);
		assert_int_equal(lade_stream_poll(f.stream, 10000, see, &seen, NULL), -ECONNABORTED);
		assert_int_equal(seen.records, 2);
		seen.stop_after = 0;
		while (seen.records < 5)
			assert_true(lade_stream_poll(f.stream, 10000, see, &seen, NULL) > 0);
		assert_int_equal(seen.records, 5);
		end(&f);
	}
}

struct producer {
	atomic_bool must_end;
	long what;
};

static void *produce(void *data)
{
	struct producer *producer = data;
	while (!atomic_load(&producer->must_end))
		send(producer->what, 1);
	return NULL;
}

/* The callback makes a record for each that it sees: the buffer never empties. */
static int feed(void *userdata, const struct lade_record *record)
{
	struct producer *producer = userdata;
	(void)record;
	send(producer->what, 1);
	return 0;
}

static void buffer_that_never_empties_does_not_hold_the_poll(void **state)
{
	(void)state;
	static const long kinds[] = { SIZED, PERF, HINTED };
	static const int timeouts[] = { 0, 50, -1 };
	for (size_t i = 0; i < 3; i++) {
		struct fixture f = { 0 };
		struct producer producer = { .what = kinds[i] };
		pthread_t thread;
		begin(&f, NULL);
		assert_int_equal(pthread_create(&thread, NULL, produce, &producer), 0);
		for (size_t j = 0; j < 3; j++) {
			send(kinds[i], 1);
			/* Coming back at all is the assertion. */
			assert_true(lade_stream_poll(f.stream, timeouts[j], feed, &producer, NULL) > 0);
		}
		atomic_store(&producer.must_end, true);
		(void)pthread_join(thread, NULL);
		end(&f);
	}
}

static void busy_buffer_does_not_starve_another(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	bool has_hinted = false;
	begin(&f, NULL);
	for (int round = 0; round < 20 && !has_hinted; round++) {
		for (long n = 0; n < 8; n++)
			send(SIZED, n);
		send(HINTED, 1);
		has_hinted = strcmp(next(&f).map, "hinted") == 0;
	}
	assert_true(has_hinted);
	end(&f);
}

static void on_alarm(int number)
{
	(void)number;
}

static void signal_ends_a_poll(void **state)
{
	(void)state;
	const struct sigaction action = { .sa_handler = on_alarm };
	/* Again and again: the first may come before the poll waits. */
	const struct itimerval timer = { { 0, 20000 }, { 0, 20000 } }, off = { 0 };
	struct fixture f = { 0 };
	struct seen seen = { 0 };
	struct lade_error *error = NULL;
	begin(&f, NULL);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
	assert_int_equal(lade_stream_poll(f.stream, -1, see, &seen, &error), -EINTR);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_null(error);
	end(&f);
}

static int poll_again(void *userdata, const struct lade_record *record)
{
	struct lade_stream *stream = userdata;
	(void)record;
	return lade_stream_poll(stream, 0, poll_again, stream, NULL);
}

static void callback_cannot_poll_its_own_stream(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(SIZED, 1);
	assert_int_equal(lade_stream_poll(f.stream, 10000, poll_again, f.stream, NULL), -EBUSY);
	end(&f);
}

static void stream_outlives_its_instance(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(SIZED, 6);
	send(PERF, 6);
	f.instance = lade_instance_close(f.instance);
	struct seen seen = { 0 };
	while (seen.records < 2)
		assert_true(lade_stream_poll(f.stream, 10000, see, &seen, NULL) > 0);
	assert_string_equal(seen.type, "by_size");
	end(&f);
}

/* ---- losses ---- */

/* All records from one CPU, so that one buffer overflows. */
static void stay_on_this_cpu(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	assert_int_equal(sched_setaffinity(0, sizeof set, &set), 0);
}

static void lost_records_are_counted_and_the_buffer_to_try_is_named(void **state)
{
	(void)state;
	const struct lade_stream_opts opts = { .size = sizeof opts, .perf_buffer_bytes = 1 };
	const unsigned total = 1001;
	struct fixture f = { 0 };
	struct seen seen = { 0 };
	begin(&f, &opts);
	cpu_set_t before;
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	stay_on_this_cpu();
	for (unsigned i = 0; i + 1 < total; i++)
		send(PERF, i);
	while (lade_stream_poll(f.stream, 0, see, &seen, NULL) > 0)
		;
	/* The kernel tells of the loss with the next record that fits. */
	send(PERF, 1);
	while (seen.records + seen.lost < total)
		assert_true(lade_stream_poll(f.stream, 10000, see, &seen, NULL) > 0);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	assert_int_equal(seen.records + seen.lost, total);
	assert_true(seen.lost > 0);
	assert_int_equal(lade_stream_note_count(f.stream), 1);
	struct lade_finding_info info = { .size = sizeof info };
	assert_int_equal(lade_finding_describe(lade_stream_note(f.stream, 0), &info), 0);
	assert_string_equal(info.code, "stream.lost");
	char wanted[64];
	(void)snprintf(wanted, sizeof wanted, "--buffer %ld", sysconf(_SC_PAGESIZE) * 4);
	assert_string_equal(info.fix, wanted);
	end(&f);
}

static void perf_array_shorter_than_the_cpus_is_noted(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	load(&f);
	assert_int_equal(lade_map_set_max_entries(lade_object_find_map(f.object, "perf"), 1), 0);
	start(&f);
	open_stream(&f, NULL);
	bool is_short = lade_kernel_possible_cpus(f.context->kernel) > 1;
	assert_int_equal(lade_stream_note_count(f.stream), is_short);
	end(&f);
}

/* ---- refusals ---- */

static void expect_refusal(const struct lade_stream_opts *opts, const char *code, int exit_code)
{
	struct fixture f = { 0 };
	struct lade_error *error = NULL;
	struct lade_finding_info info = { .size = sizeof info };
	load(&f);
	start(&f);
	size_t descriptors = fd_count();
	assert_true(lade_stream_open(f.instance, opts, &f.stream, &error) < 0);
	assert_int_equal(fd_count(), descriptors);
	assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
	assert_string_equal(info.code, code);
	assert_int_equal(lade_error_exit_code(error), exit_code);
	lade_error_free(error);
	end(&f);
}

static void unknown_map_or_type_is_refused(void **state)
{
	(void)state;
	static const struct lade_record_type bad_type = { NULL, "no_such_type" }, no_struct = { NULL, "int" },
					     bad_map = { "settings", "by_size" };
	struct lade_stream_opts opts = { .size = sizeof opts, .types = &bad_type, .type_count = 1 };
	expect_refusal(&opts, "stream.type.unknown", 1);
	opts.types = &no_struct;
	expect_refusal(&opts, "stream.type.unknown", 1);
	opts.types = &bad_map;
	expect_refusal(&opts, "stream.map.unknown", 1);
}

static void absurd_buffer_size_is_refused(void **state)
{
	(void)state;
	const struct lade_stream_opts opts = { .size = sizeof opts, .perf_buffer_bytes = SIZE_MAX };
	expect_refusal(&opts, "stream.buffer.size", 1);
}

static void missing_privilege_for_perf_events_is_found_before_libbpf_prints(void **state)
{
	(void)state;
	static const struct {
		int errnum;
		const char *code;
	} table[] = { { EPERM, "stream.permission" },
		      { EMFILE, "stream.descriptors" },
		      { ENOMEM, "stream.buffer.map" } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct fault fault = { .action = FAULT_ERRNO, .nth = 1, .errnum = table[i].errnum };
		struct fixture f = { 0 };
		struct lade_error *error = NULL;
		struct lade_finding_info info = { .size = sizeof info };
		struct kernel *live = NULL, *faulty = NULL;
		load(&f);
		start(&f);
		assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
		assert_int_equal(lade_kernel_fault(live, &fault, &faulty), 0);
		lade_context_set_kernel(f.context, faulty);
		assert_int_equal(lade_stream_open(f.instance, NULL, &f.stream, &error), -table[i].errnum);
		assert_int_equal(lade_finding_describe(lade_error_finding(error, 0), &info), 0);
		assert_string_equal(info.code, table[i].code);
		assert_int_equal(lade_error_exit_code(error), 5);
		lade_error_free(error);
		end(&f);
	}
}

static void object_without_buffers_has_no_stream(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct lade_error *error = NULL;
	if (!is_live)
		skip();
	assert_int_equal(lade_context_new(NULL, &f.context, &error), 0);
	assert_int_equal(lade_object_open(f.context, TEST_OBJECTS "/attach_live.bpf.o", NULL, &f.object, &error), 0);
	for (size_t i = 0; i < lade_object_program_count(f.object); i++)
		lade_program_set_autoload(lade_object_program(f.object, i), false);
	assert_int_equal(lade_object_load(f.object, NULL, &f.instance, &error), 0);
	assert_int_equal(lade_stream_open(f.instance, NULL, &f.stream, &error), -ENOENT);
	lade_error_free(error);
	end(&f);
}

static void closing_leaves_no_descriptor(void **state)
{
	(void)state;
	if (!is_live)
		skip();
	size_t descriptors = fd_count();
	struct fixture f = { 0 };
	begin(&f, NULL);
	send(SIZED, 1);
	(void)next(&f);
	end(&f);
	assert_int_equal(fd_count(), descriptors);
}

static void libbpf_has_printed_nothing(void **state)
{
	(void)state;
	assert_int_equal(libbpf_lines, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(declared_type_of_the_map_decodes_its_records),
		cmocka_unit_test(only_struct_of_the_size_decodes_the_record),
		cmocka_unit_test(record_that_two_structs_fit_is_shown_as_bytes_and_both_are_named),
		cmocka_unit_test(chosen_type_wins_over_the_declared_one),
		cmocka_unit_test(perf_record_is_decoded_in_spite_of_its_padding),
		cmocka_unit_test(record_sent_without_waking_arrives),
		cmocka_unit_test(poll_without_records_ends_with_its_time),
		cmocka_unit_test(callback_ends_the_poll_and_the_rest_comes_with_the_next),
		cmocka_unit_test(buffer_that_never_empties_does_not_hold_the_poll),
		cmocka_unit_test(busy_buffer_does_not_starve_another),
		cmocka_unit_test(signal_ends_a_poll),
		cmocka_unit_test(callback_cannot_poll_its_own_stream),
		cmocka_unit_test(stream_outlives_its_instance),
		cmocka_unit_test(lost_records_are_counted_and_the_buffer_to_try_is_named),
		cmocka_unit_test(perf_array_shorter_than_the_cpus_is_noted),
		cmocka_unit_test(unknown_map_or_type_is_refused),
		cmocka_unit_test(absurd_buffer_size_is_refused),
		cmocka_unit_test(missing_privilege_for_perf_events_is_found_before_libbpf_prints),
		cmocka_unit_test(object_without_buffers_has_no_stream),
		cmocka_unit_test(closing_leaves_no_descriptor),
		cmocka_unit_test(libbpf_has_printed_nothing),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
