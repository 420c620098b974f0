/* SPDX-License-Identifier: BSD-2-Clause */
/* USDT probes by their effect: this program has some, and programs tell what the arguments were. */
#include "attach/user.h"

#include "attach/probe.h"

enum { HITS, COUNT, COOKIE, FIRST, RESULTS = FIRST + 12 };

/* ---- what is probed ---- */

extern volatile unsigned short user_semaphore;
volatile unsigned short user_semaphore __attribute__((section(".probes"), used));
extern long user_global;
long user_global = 0x1234567890;
extern int user_array[4];
int user_array[4] = { 11, 22, 33, 44 };

__attribute__((noinline, noclone)) static void hit_values(int number, long wide, signed char narrow, double real)
{
	volatile long on_stack = wide * 2;
	long index = 2;
	USDT_PROBE("lade", "values", "user_semaphore", "-4@%k0 8@%1 -1@%b2 -4@%3 8@%4 2@%w0 8f@%5 -4@(%6,%7,4) 1@%b2",
		   "r"(number), "m"(on_stack), "q"(narrow), "i"(-77), "m"(user_global), "x"(real), "r"(user_array),
		   "r"(index));
}

__attribute__((noinline, noclone)) static void hit_first_place(long value)
{
	USDT_PROBE("lade", "twice", "0", "8@%0", "r"(value));
}

__attribute__((noinline, noclone)) static void hit_second_place(long value)
{
	USDT_PROBE("lade", "twice", "0", "-4@$5 8@%0", "r"(value));
}

static int enter(void **state)
{
	(void)state;
	is_live = live_enter();
	return 0;
}

/* ---- arguments and places ---- */

static void arguments_of_a_probe_are_read(void **state)
{
	(void)state;
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ",usdt=lade:values,pid=%d", (int)getpid());
	attach(&loaded, "on_usdt", target);
	hit_values(-70000, 4711, -5, 1.5);
	hit_values(-70001, 4711, -5, 1.5);
	assert_int_equal(value_of(&loaded, "seen", HITS), 2);
	assert_int_equal(value_of(&loaded, "seen", COUNT), 9);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 0), -70001);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 1), 9422);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 2), -5);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 3), -77);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 4), 0x1234567890);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 5), (uint16_t)-70001);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 8), (uint8_t)-5);
	for (uint32_t i = 0; i < 9; i++)
		if (i != 6 && i != 7)
			assert_int_equal(value_of(&loaded, "seen", RESULTS + i), 0);
	/* A register that programs do not see, and an index, which this header does not know. */
	assert_int_equal(value_of(&loaded, "seen", RESULTS + 6), -EINVAL);
	assert_int_equal(value_of(&loaded, "seen", RESULTS + 9), -ENOENT);
	assert_leaves_nothing(&loaded);
}

/* 33 of { 11, 22, 33, 44 }, at index 2: the object's own types say where the index register's number goes. */
static void index_is_read_where_the_object_knows_of_one(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_usdt_index.bpf.o", "on_index", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ",usdt=lade:values,pid=%d", (int)getpid());
	attach(&loaded, "on_index", target);
	hit_values(1, 2, 3, 4.0);
	assert_int_equal(value_of(&loaded, "seen", 0), 33);
	assert_leaves_nothing(&loaded);
}

static void semaphore_is_up_while_somebody_is_interested(void **state)
{
	(void)state;
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ",usdt=lade:values,pid=%d", (int)getpid());
	assert_int_equal(user_semaphore, 0);
	attach(&loaded, "on_usdt", target);
	assert_int_equal(user_semaphore, 1);
	loaded_unload(&loaded);
	assert_int_equal(user_semaphore, 0);
	assert_leaves_nothing(&loaded);
}

static void every_place_of_a_probe_has_its_own_arguments(void **state)
{
	(void)state;
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ",usdt=lade:twice,cookie=0x77,pid=%d", (int)getpid());
	attach(&loaded, "on_usdt", target);
	assert_int_equal(lade_instance_link_count(loaded.instance), 2);
	hit_first_place(1001);
	assert_int_equal(value_of(&loaded, "seen", COUNT), 1);
	assert_int_equal(value_of(&loaded, "seen", FIRST), 1001);
	assert_int_equal(value_of(&loaded, "seen", COOKIE), 0x77);
	hit_second_place(1002);
	assert_int_equal(value_of(&loaded, "seen", COUNT), 2);
	assert_int_equal(value_of(&loaded, "seen", FIRST), 5);
	assert_int_equal(value_of(&loaded, "seen", FIRST + 1), 1002);
	assert_int_equal(value_of(&loaded, "seen", HITS), 2);
	assert_leaves_nothing(&loaded);
}

static void every_process_is_seen_where_there_are_cookies(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", false);
	attach(&loaded, "on_usdt", SELF ":lade:twice");
	for (int i = 0; i < 2; i++) {
		pid_t child = fork();
		if (child == 0) {
			hit_first_place(500 + i);
			_exit(0);
		}
		assert_int_equal(waitpid(child, NULL, 0), child);
		assert_int_equal(value_of(&loaded, "seen", FIRST), 500 + i);
	}
	assert_int_equal(value_of(&loaded, "seen", HITS), 2);
	assert_leaves_nothing(&loaded);
}

static size_t used_specifications(const struct loaded *loaded)
{
	int fd = lade_instance_map_fd(loaded->instance, "__bpf_usdt_specs");
	static const uint8_t zeros[256];
	size_t used = 0;
	for (uint32_t i = 0; i < 256; i++) {
		uint8_t entry[256] = { 0 };
		assert_int_equal(lade_bpf_map_lookup(loaded->context->kernel, fd, &i, entry), 0);
		used += memcmp(entry, zeros, sizeof entry) != 0;
	}
	return used;
}

static void attaching_again_takes_no_new_specification(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	char target[128];
	(void)snprintf(target, sizeof target, SELF ",usdt=lade:twice,pid=%d", (int)getpid());
	attach(&loaded, "on_usdt", target);
	assert_int_equal(used_specifications(&loaded), 2);
	attach(&loaded, "on_usdt", SELF ",usdt=lade:twice");
	assert_int_equal(used_specifications(&loaded), 2);
	hit_first_place(3);
	assert_int_equal(value_of(&loaded, "seen", HITS), 2);
	assert_leaves_nothing(&loaded);
}

/* Nothing of the first place stays when the second cannot be had. */
static void half_an_attachment_is_taken_back(void **state)
{
	(void)state;
	if (!kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	size_t descriptors = fd_count();
	struct lade_error *error = NULL;
	bool succeeded = false;
	for (uint64_t nth = 1; nth < 60 && !succeeded; nth++) {
		(void)use_faulty(loaded.context,
				 &(struct fault){ .action = FAULT_ERRNO, .nth = (unsigned)nth, .errnum = EMFILE });
		succeeded = lade_instance_attach(loaded.instance, "on_usdt", SELF ",usdt=lade:twice", &error) >= 0;
		if (succeeded)
			break;
		assert_int_equal(lade_instance_link_count(loaded.instance), 0);
		assert_in_range(fd_count(), descriptors - 1, descriptors + 1);
		lade_error_free(error);
		error = NULL;
	}
	assert_true(succeeded);
	hit_first_place(4);
	assert_int_equal(value_of(&loaded, "seen", HITS), 1);
	assert_leaves_nothing(&loaded);
}

static void probe_without_a_process_is_refused_where_there_are_no_cookies(void **state)
{
	(void)state;
	if (kernel_is_at_least(5, 15)) {
		(void)fprintf(stderr, "# this kernel has cookies\n");
		skip();
	}
	expect_refusal("user_usdt.bpf.o", "on_usdt", SELF ",usdt=lade:twice", "attach.usdt.needs-process", 3, NULL);
}

static void misspelt_probe_names_the_near_ones(void **state)
{
	(void)state;
	expect_refusal("user_usdt.bpf.o", "on_usdt", SELF ",usdt=lade:twise", "attach.usdt.missing", 6, "lade:twice");
	expect_refusal("user_usdt.bpf.o", "on_usdt", SELF, "attach.usdt.name", 6, NULL);
	expect_refusal("user_usdt.bpf.o", "of_a_missing_file", NULL, "attach.uprobe.file", 6, NULL);
}

static void object_without_the_maps_of_the_header_is_refused(void **state)
{
	(void)state;
	struct loaded loaded = load("user_usdt.bpf.o", "on_usdt", true);
	struct attach_target target = { 0 };
	struct attach_program program = { .name = "p",
					  .section = "usdt",
					  .fd = 3,
					  .type = 2,
					  .row = lade_section_find("libbpf", "usdt", &(const char *){ NULL }) };
	struct attachments attachments = { 0 };
	char own_process[128];
	(void)snprintf(own_process, sizeof own_process, SELF ":lade:values,pid=%d", (int)getpid());
	assert_int_equal(lade_target_parse(own_process, &target, NULL), 0);
	assert_int_equal(lade_attach(loaded.context, NULL, &program, &target, &attachments, &loaded.error), -EINVAL);
	assert_string_equal(finding_of(loaded.error).code, "attach.usdt.maps");
	lade_target_clear(&target);
	assert_leaves_nothing(&loaded);
}

/* ---- pinned together, undone together ---- */

static void places_are_pinned_and_undone_together(void **state)
{
	(void)state;
	if (!is_live || !kernel_is_at_least(5, 15))
		skip();
	struct loaded loaded = loaded_open(NULL, "user_usdt.bpf.o");
	load_only(loaded.object, "on_usdt");
	loaded_load(&loaded, "together");
	attach(&loaded, "on_usdt", SELF ",usdt=lade:twice");
	assert_int_equal(access(LIVE_BPFFS "/lade/together/links/on_usdt/0", F_OK), 0);
	assert_int_equal(access(LIVE_BPFFS "/lade/together/links/on_usdt/1", F_OK), 0);
	hit_second_place(9);
	assert_int_equal(value_of(&loaded, "seen", HITS), 1);
	loaded_unload(&loaded);
	assert_int_not_equal(access(LIVE_BPFFS "/lade/together", F_OK), 0);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_of_a_probe_are_read),
		cmocka_unit_test(index_is_read_where_the_object_knows_of_one),
		cmocka_unit_test(semaphore_is_up_while_somebody_is_interested),
		cmocka_unit_test(every_place_of_a_probe_has_its_own_arguments),
		cmocka_unit_test(every_process_is_seen_where_there_are_cookies),
		cmocka_unit_test(attaching_again_takes_no_new_specification),
		cmocka_unit_test(half_an_attachment_is_taken_back),
		cmocka_unit_test(probe_without_a_process_is_refused_where_there_are_no_cookies),
		cmocka_unit_test(misspelt_probe_names_the_near_ones),
		cmocka_unit_test(object_without_the_maps_of_the_header_is_refused),
		cmocka_unit_test(places_are_pinned_and_undone_together),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
