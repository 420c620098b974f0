/* SPDX-License-Identifier: BSD-2-Clause */
/* libbpf makes the same instructions: compiled programs, one for each question, against several targets. */
#include "btf/core_pair.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

/* Target types as a file of raw BTF, which both can read. */
struct target {
	const char *path; /* NULL: the running kernel */
	int fd;
	char name[64];
	struct kernel_types *types;
};

static void target_write(struct target *target, const char *object)
{
	uint32_t size;
	struct btf *btf = btf__parse(object, NULL);
	assert_non_null(btf);
	const void *bytes = btf__raw_data(btf, &size);
	target->fd = memfd_create("target", 0);
	assert_int_equal(write(target->fd, bytes, size), size);
	btf__free(btf);
	(void)snprintf(target->name, sizeof target->name, "/proc/%d/fd/%d", getpid(), target->fd);
	target->path = target->name;
}

/* object NULL: the running kernel. */
static bool target_open(struct target *target, const char *object)
{
	*target = (struct target){ .fd = -1 };
	if (object)
		target_write(target, object);
	struct kernel_types_options options = { .file = target->path };
	struct lade_error *error = NULL;
	if (lade_kernel_types_open(&options, &target->types, &error) < 0) {
		(void)fprintf(stderr, "no target types: %s\n", lade_error_message(error));
		lade_error_free(error);
		return false;
	}
	return true;
}

static void target_close(struct target *target)
{
	lade_kernel_types_free(target->types);
	if (target->fd >= 0)
		close(target->fd);
}

static void print_program(const char *who, const struct relocated *relocated)
{
	(void)fprintf(stderr, "%s: %s\n", who, relocated->refusal ? relocated->refusal : "");
	for (uint32_t i = 0; i < relocated->count; i++) {
		const struct bpf_insn *instruction = &relocated->instructions[i];
		(void)fprintf(stderr, "%3u code %02x dst %u src %u off %d imm %d\n", i, instruction->code,
			      instruction->dst_reg, instruction->src_reg, instruction->off, instruction->imm);
	}
}

/* Old libbpf took the size of a whole array for that of a load of its first element, and gave up. */
static bool is_better(const struct relocated *ours, const struct relocated *theirs)
{
	return libbpf_minor_version() < 6 && libbpf_major_version() == 1 && ours->count && !theirs->count;
}

static bool same(const struct relocated *ours, const struct relocated *theirs)
{
	return ours->count == theirs->count && (!ours->count || memcmp(ours->instructions, theirs->instructions,
								       ours->count * sizeof *ours->instructions) == 0);
}

static struct {
	unsigned same, refused, poisoned, better;
} tally;

static bool compare_program(const struct object *object, const char *section, const struct target *target)
{
	struct relocated ours, theirs;
	if (!libbpf_relocate(object->path, section, target->path, &theirs))
		return false;
	lade_relocate(object, section, target->types, &ours);
	if (!same(&ours, &theirs) && !is_better(&ours, &theirs)) {
		print_program("Lade", &ours);
		print_program("libbpf", &theirs);
		fail_msg("%s of %s differs", section, object->path);
	}
	tally.same += same(&ours, &theirs);
	tally.better += !same(&ours, &theirs);
	tally.refused += !ours.count;
	tally.poisoned += ours.poisoned > 0;
	relocated_clear(&ours);
	relocated_clear(&theirs);
	return true;
}

static void compare_object(const char *path, const struct target *target)
{
	struct object object;
	if (!object_open(path, &object))
		return;
	for (size_t i = 0; i < object.ext->count; i++) {
		const char *section = object.ext->items[i].section;
		if (strncmp(section, "core/", 5) == 0 && !compare_program(&object, section, target)) {
			object_close(&object);
			(void)fprintf(stderr, "libbpf may not enter the kernel here\n");
			skip();
		}
	}
	object_close(&object);
}

static const char *const locals[] = { TEST_OBJECTS "/core_local.bpf.o", TEST_OBJECTS "/core_local.recent.o" };

static void compare_with(const char *target_object)
{
	struct target target;
	memset(&tally, 0, sizeof tally);
	libbpf_prepare();
	if (!target_open(&target, target_object))
		skip();
	for (size_t i = 0; i < ELEMENTS(locals); i++)
		compare_object(locals[i], &target);
	target_close(&target);
	(void)fprintf(stderr, "%s: %u programs alike, %u of all poisoned, %u refused, %u better\n",
		      target_object ? target_object : "the running kernel", tally.same, tally.poisoned, tally.refused,
		      tally.better);
}

static void types_of_the_object_itself_leave_it_as_it_is(void **state)
{
	(void)state;
	compare_with(TEST_OBJECTS "/core_local.bpf.o");
	/* Refused are questions with several answers: the object has flavours of its own types. */
	assert_true(tally.same > 150);
	assert_int_equal(tally.poisoned, 0);
}

static void fields_that_moved_are_found_as_libbpf_finds_them(void **state)
{
	(void)state;
	compare_with(TEST_OBJECTS "/core_near.bpf.o");
	assert_true(tally.same > 150);
}

static void fields_that_are_missing_or_of_another_kind_are_as_in_libbpf(void **state)
{
	(void)state;
	compare_with(TEST_OBJECTS "/core_far.bpf.o");
	assert_true(tally.poisoned > 10 && tally.refused > 0);
}

static void several_candidates_are_as_in_libbpf(void **state)
{
	(void)state;
	compare_with(TEST_OBJECTS "/core_many.bpf.o");
	assert_true(tally.poisoned > 10 && tally.refused > 0);
}

static void a_kernel_that_knows_nothing_of_it_is_as_in_libbpf(void **state)
{
	(void)state;
	compare_with(NULL);
	assert_true(tally.poisoned > 10);
}

static void fields_of_the_running_kernel_are_found_as_libbpf_finds_them(void **state)
{
	(void)state;
	struct target target;
	memset(&tally, 0, sizeof tally);
	libbpf_prepare();
	if (!target_open(&target, NULL))
		skip();
	compare_object(TEST_OBJECTS "/core_kernel.bpf.o", &target);
	target_close(&target);
	assert_true(tally.same > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_the_object_itself_leave_it_as_it_is),
		cmocka_unit_test(fields_that_moved_are_found_as_libbpf_finds_them),
		cmocka_unit_test(fields_that_are_missing_or_of_another_kind_are_as_in_libbpf),
		cmocka_unit_test(several_candidates_are_as_in_libbpf),
		cmocka_unit_test(a_kernel_that_knows_nothing_of_it_is_as_in_libbpf),
		cmocka_unit_test(fields_of_the_running_kernel_are_found_as_libbpf_finds_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
