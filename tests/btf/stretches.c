/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk over several stretches at once sees what a walk from one record to the next sees; whatever the BTF is. */
#include <sys/mman.h>

#include "btf/builder.h"
#include "btf/lazy.h"

#define IN_ORDER  UINT32_MAX /* no stretch is that long */
#define MUTATIONS 3000u
#define SOUGHT    5u

struct types {
	ARRAY_OF(uint32_t) words;
	char names[256];
	uint32_t name_bytes;
};

static void word(struct types *types, uint32_t word)
{
	uint32_t *added = array_push(&types->words);
	assert_non_null(added);
	*added = word;
}

static void words(struct types *types, size_t count, const uint32_t *from)
{
	for (size_t i = 0; i < count; i++)
		word(types, from[i]);
}
#define WORDS(types, ...)                                                                                              \
	words(types, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), (uint32_t[]){ __VA_ARGS__ })

static uint32_t random_next(uint32_t *random)
{
	*random = *random * 1664525 + 1013904223;
	return *random >> 8;
}

/* Names are any of 200 places in the strings. */
static void add_any(struct types *types, uint32_t *random)
{
	uint32_t name = random_next(random) % 200, id = 1 + random_next(random) % 50, count;
	switch (random_next(random) % 8) {
	case 0:
		WORDS(types, name, KIND(INT, 0), 4, (uint32_t)BTF_INT_SIGNED << 24 | 32);
		return;
	case 1:
		WORDS(types, 0, KIND(ARRAY, 0), 0, id, id, 5);
		return;
	case 2:
		count = random_next(random) % 30;
		WORDS(types, name, KIND_FLAG(STRUCT, count), 64);
		for (uint32_t i = 0; i < count; i++)
			WORDS(types, random_next(random) % 200, id, 5u << 24 | i * 32);
		return;
	case 3:
		count = random_next(random) % 6;
		WORDS(types, 0, KIND(FUNC_PROTO, count), id);
		for (uint32_t i = 0; i < count; i++)
			WORDS(types, random_next(random) % 200, id);
		return;
	case 4:
		WORDS(types, name, KIND(FUNC, BTF_FUNC_GLOBAL), id);
		return;
	default:
		WORDS(types, random_next(random) % 2 ? name : 0, KIND(PTR, 0), id);
	}
}

static struct types make(uint32_t count, uint32_t seed)
{
	struct types types = { .name_bytes = 201 };
	for (uint32_t i = 1; i < 200; i++)
		types.names[i] = i % 3 ? 'a' : 0;
	for (uint32_t i = 0; i < count; i++)
		add_any(&types, &seed);
	return types;
}

static uint8_t *write_types(const struct types *types, size_t *ret_size)
{
	uint32_t types_bytes = (uint32_t)(types->words.count * sizeof(uint32_t));
	struct btf_header header = { .magic = BTF_MAGIC,
				     .version = BTF_VERSION,
				     .hdr_len = sizeof header,
				     .type_len = types_bytes,
				     .str_off = types_bytes,
				     .str_len = types->name_bytes };
	uint8_t *bytes = malloc(sizeof header + types_bytes + types->name_bytes);
	assert_non_null(bytes);
	memcpy(bytes, &header, sizeof header);
	if (types_bytes)
		memcpy(bytes + sizeof header, types->words.items, types_bytes);
	memcpy(bytes + sizeof header + types_bytes, types->names, types->name_bytes);
	*ret_size = sizeof header + types_bytes + types->name_bytes;
	return bytes;
}

/* At the very end of what may be read. */
static struct lade_btf *open_bytes(const uint8_t *bytes, size_t size, struct lade_btf *base, uint32_t stretch_bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (size + page - 1) / page * page;
	uint8_t *mapping =
		mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct lade_bytes taken = { .fd = -1 };
	struct lade_btf *btf = NULL;
	assert_true(mapping != MAP_FAILED);
	assert_int_equal(mprotect(mapping + whole, page, PROT_NONE), 0);
	size_t start = (whole - size) / sizeof(uint32_t) * sizeof(uint32_t);
	memcpy(mapping + start, bytes, size);
	lade_bytes_take(&taken, mapping, whole + page, size);
	taken.start += start;
	if (lade_btf_lazy_open(&taken, base, "made", &btf, NULL) == 0)
		btf->lazy->stretch_bytes = stretch_bytes;
	lade_bytes_clear(&taken);
	return btf;
}

/* ---- what a walk sees ---- */

struct sight {
	uint32_t id, offset, name;
};

struct view {
	struct lade_btf *btf;
	uint32_t end_at; /* the walk is ended at this id */
	int result;
	char *message;
	ARRAY_OF(struct sight) sights;
};

static bool is_sought(uint32_t name)
{
	return name % 40 == 7;
}

static int see(void *context, uint32_t id, uint32_t offset, const struct btf_type *type)
{
	struct view *view = context;
	if (!is_sought(type->name_off))
		return 0; /* by chance */
	struct sight *sight = array_push(&view->sights);
	assert_non_null(sight);
	*sight = (struct sight){ id, offset, type->name_off };
	return view->end_at && id >= view->end_at ? 1 : 0;
}

static struct view look(const uint8_t *bytes, size_t size, struct lade_btf *base, uint32_t stretch_bytes,
			uint32_t end_at)
{
	struct view view = { .btf = open_bytes(bytes, size, base, stretch_bytes), .end_at = end_at };
	struct lade_btf_seeker seeker = { .hit = see, .context = &view };
	struct lade_error *error = NULL;
	for (uint32_t i = 0; i < SOUGHT; i++)
		lade_btf_seek(&seeker, i * 40 + 7);
	view.result = view.btf ? lade_btf_walk(view.btf, &seeker, &error) : -EINVAL;
	view.message = error ? strdup(lade_error_message(error)) : NULL;
	lade_error_free(error);
	return view;
}

static void look_away(struct view *view)
{
	lade_btf_free(view->btf);
	free(view->message);
	array_clear(&view->sights);
}

static uint64_t place_of(const struct lade_btf *btf, uint32_t id)
{
	const uint8_t *type = (const uint8_t *)lade_btf_type(btf, id);
	return type ? (uint64_t)(type - btf->types) : UINT64_MAX;
}

static void compare(const struct view *a, const struct view *b)
{
	assert_int_equal(a->result, b->result);
	assert_string_equal(a->message ? a->message : "", b->message ? b->message : "");
	assert_int_equal(a->sights.count, b->sights.count);
	for (size_t i = 0; i < a->sights.count; i++)
		assert_memory_equal(&a->sights.items[i], &b->sights.items[i], sizeof *a->sights.items);
	assert_int_equal(!a->btf, !b->btf);
	if (!a->btf)
		return;
	uint32_t count = lade_btf_count(a->btf);
	assert_int_equal(count, lade_btf_count(b->btf));
	for (uint32_t id = a->btf->first_id; id < count + 40; id++)
		assert_int_equal(place_of(a->btf, id), place_of(b->btf, id));
}

/* The number of runs: 1 and more than 2 when guesses were right. */
static uint32_t check(const uint8_t *bytes, size_t size, struct lade_btf *base, uint32_t stretch_bytes)
{
	struct view one = look(bytes, size, base, IN_ORDER, 0), other = look(bytes, size, base, stretch_bytes, 0);
	uint32_t runs = other.btf ? other.btf->lazy->run_count : 0;
	compare(&one, &other);
	look_away(&one);
	look_away(&other);
	return runs;
}

static uint32_t check_types(const struct types *types, uint32_t stretch_bytes)
{
	size_t size = 0;
	CLEANUP(cleanup_free) uint8_t *bytes = write_types(types, &size);
	return check(bytes, size, NULL, stretch_bytes);
}

/* ---- whole BTF ---- */

static void stretches_see_what_is_seen_in_order(void **state)
{
	(void)state;
	static const uint32_t stretch_bytes[] = { 16, 100, 1000, 1001, 4096, 20000 };
	for (uint32_t seed = 1; seed <= 20; seed++) {
		struct types types = make(4000, seed);
		for (size_t i = 0; i < ELEMENTS(stretch_bytes); i++)
			assert_true(check_types(&types, stretch_bytes[i]) > 3);
		array_clear(&types.words);
	}
}

static void btf_of_any_size_is_walked(void **state)
{
	(void)state;
	for (uint32_t count = 0; count < 300; count++) {
		struct types types = make(count, count);
		(void)check_types(&types, 16);
		(void)check_types(&types, 200);
		array_clear(&types.words);
	}
}

static void later_walks_see_the_same(void **state)
{
	(void)state;
	struct types types = make(4000, 5);
	size_t size = 0;
	CLEANUP(cleanup_free) uint8_t *bytes = write_types(&types, &size);
	struct view one = look(bytes, size, NULL, IN_ORDER, 0), other = look(bytes, size, NULL, 1000, 0);
	other.btf->lazy->stretch_bytes = IN_ORDER; /* must not disturb the checkpoints of the first */
	assert_int_equal(lade_btf_walk(other.btf, NULL, NULL), 0);
	compare(&one, &other);
	other.btf->lazy->stretch_bytes = 777;
	assert_int_equal(lade_btf_walk(other.btf, NULL, NULL), 0);
	compare(&one, &other);
	look_away(&one);
	look_away(&other);
	array_clear(&types.words);
}

static void a_walk_ends_where_it_is_ended(void **state)
{
	(void)state;
	struct types types = make(4000, 6);
	size_t size = 0;
	CLEANUP(cleanup_free) uint8_t *bytes = write_types(&types, &size);
	for (uint32_t id = 1; id < 3500; id += 331) {
		struct view one = look(bytes, size, NULL, IN_ORDER, id), other = look(bytes, size, NULL, 1000, id);
		assert_int_equal(one.result, 1);
		compare(&one, &other);
		look_away(&one);
		look_away(&other);
	}
	array_clear(&types.words);
}

static void more_names_than_are_worth_it_are_seen_too(void **state)
{
	(void)state;
	struct types types = make(4000, 7);
	size_t size = 0;
	CLEANUP(cleanup_free) uint8_t *bytes = write_types(&types, &size);
	struct view one = look(bytes, size, NULL, IN_ORDER, 0), other = { .btf = open_bytes(bytes, size, NULL, 1000) };
	struct lade_btf_seeker seeker = { .hit = see, .context = &other };
	lade_btf_seek_all(&seeker);
	assert_int_equal(lade_btf_walk(other.btf, &seeker, NULL), 0);
	assert_int_equal(other.btf->lazy->run_count, 1);
	compare(&one, &other);
	look_away(&one);
	look_away(&other);
	array_clear(&types.words);
}

/* ---- guesses ---- */

/* Members of one great struct that look like pointers, with names that are sought. */
static void a_guess_that_is_wrong_changes_nothing(void **state)
{
	(void)state;
	struct types types = make(10, 8);
	WORDS(&types, 7, KIND(STRUCT, 5000), 4);
	for (uint32_t i = 0; i < 5000; i++)
		WORDS(&types, 7, KIND(PTR, 0), 1);
	assert_int_equal(check_types(&types, 1000), 2); /* the first stretch is always right */
	/* Behind it the guesses are right again. */
	uint32_t seed = 9;
	for (uint32_t i = 0; i < 3000; i++)
		add_any(&types, &seed);
	assert_true(check_types(&types, 1000) > 5);
	array_clear(&types.words);
}

/* Like pointers from another word on: each guess is wrong in one way, and each stretch ends in another. */
static void a_guess_that_is_out_of_step_changes_nothing(void **state)
{
	(void)state;
	for (uint32_t shift = 0; shift < 6; shift++) {
		struct types types = make(40 + shift, shift);
		for (uint32_t i = 0; i < 40; i++) {
			WORDS(&types, 47, KIND(ENUM64, 100 + shift), 8);
			for (uint32_t j = 0; j < 3 * (100 + shift); j++)
				word(&types, j % 3 == shift % 3 ? KIND(CONST, 0) : 7);
		}
		(void)check_types(&types, 300);
		(void)check_types(&types, 1000);
		array_clear(&types.words);
	}
}

static void where_nothing_looks_like_a_record_there_is_no_stretch(void **state)
{
	(void)state;
	struct types types = make(10, 10);
	WORDS(&types, 7, KIND(ENUM, 20000), 4);
	for (uint32_t i = 0; i < 2 * 20000; i++)
		word(&types, UINT32_MAX);
	assert_int_equal(check_types(&types, 1000), 2);
	array_clear(&types.words);
}

/* ---- damage ---- */

static void a_damaged_record_is_found_wherever_it_lies(void **state)
{
	(void)state;
	static const uint32_t wrong[] = { 0, 100u << 24, KIND(STRUCT, 0xffffff), KIND(ENUM, 5000) };
	struct types types = make(600, 11);
	for (size_t at = 1; at < types.words.count; at++) {
		uint32_t right = types.words.items[at];
		types.words.items[at] = wrong[at % ELEMENTS(wrong)];
		(void)check_types(&types, 700);
		types.words.items[at] = right;
	}
	array_clear(&types.words);
}

static void any_mutation_is_seen_alike(void **state)
{
	(void)state;
	struct types types = make(900, 12);
	size_t size = 0, joined = 0;
	CLEANUP(cleanup_free) uint8_t *bytes = write_types(&types, &size);
	CLEANUP(cleanup_free) uint8_t *copy = malloc(size);
	uint32_t random = 13;
	for (uint32_t i = 0; i < MUTATIONS; i++) {
		size_t length = i % 8 == 7 ? random_next(&random) % size : size;
		memcpy(copy, bytes, size);
		for (uint32_t j = 0; j <= i % 5; j++) {
			uint32_t at = random_next(&random) %
				      (i % 16 == 3 ? (uint32_t)sizeof(struct btf_header) : (uint32_t)size);
			copy[at] = (uint8_t)random_next(&random);
		}
		joined += check(copy, length, NULL, 16 + random_next(&random) % 2000) > 2;
	}
	assert_true(joined > MUTATIONS / 2 && joined < MUTATIONS);
	array_clear(&types.words);
}

/* ---- split and live ---- */

static void ids_of_a_module_continue_those_of_the_kernel(void **state)
{
	(void)state;
	struct types kernel = make(1000, 14), module = make(3000, 15);
	size_t kernel_size = 0, module_size = 0;
	CLEANUP(cleanup_free) uint8_t *kernel_bytes = write_types(&kernel, &kernel_size);
	CLEANUP(cleanup_free) uint8_t *module_bytes = write_types(&module, &module_size);
	struct lade_btf *base = open_bytes(kernel_bytes, kernel_size, NULL, 500);
	assert_true(check(module_bytes, module_size, base, 1000) > 3);
	struct view view = look(module_bytes, module_size, base, 1000, 0);
	assert_int_equal(view.btf->first_id, 1001);
	assert_int_equal(lade_btf_count(view.btf), 4001);
	assert_true(view.sights.count > 0 && view.sights.items[0].id > 1000);
	look_away(&view);
	lade_btf_free(base);
	array_clear(&kernel.words);
	array_clear(&module.words);
}

static void the_running_kernel_is_seen_alike(void **state)
{
	(void)state;
	FILE *file = fopen("/sys/kernel/btf/vmlinux", "r");
	CLEANUP(cleanup_free) uint8_t *bytes = malloc(LADE_BTF_MAX_BYTES);
	if (!file) {
		(void)fprintf(stderr, "/sys/kernel/btf/vmlinux is not there\n");
		skip();
	}
	assert_non_null(bytes);
	size_t size = fread(bytes, 1, LADE_BTF_MAX_BYTES, file);
	(void)fclose(file);
	assert_true(check(bytes, size, NULL, LADE_BTF_STRETCH_BYTES) > 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stretches_see_what_is_seen_in_order),
		cmocka_unit_test(btf_of_any_size_is_walked),
		cmocka_unit_test(later_walks_see_the_same),
		cmocka_unit_test(a_walk_ends_where_it_is_ended),
		cmocka_unit_test(more_names_than_are_worth_it_are_seen_too),
		cmocka_unit_test(a_guess_that_is_wrong_changes_nothing),
		cmocka_unit_test(a_guess_that_is_out_of_step_changes_nothing),
		cmocka_unit_test(where_nothing_looks_like_a_record_there_is_no_stretch),
		cmocka_unit_test(a_damaged_record_is_found_wherever_it_lies),
		cmocka_unit_test(any_mutation_is_seen_alike),
		cmocka_unit_test(ids_of_a_module_continue_those_of_the_kernel),
		cmocka_unit_test(the_running_kernel_is_seen_alike),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
