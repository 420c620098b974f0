/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * damage SECONDS SEED DIRECTORY OBJECT…: damages objects and opens them, asks everything there is to ask, and
 * plans their load. Never enters a kernel. Before each try the damaged bytes go to DIRECTORY/current.o, so
 * that after a crash they are there.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lade/lade.h>

#define ROOM (1 << 20)

struct bytes {
	unsigned char *items;
	size_t count;
};

static uint64_t random_state;

/* xorshift64: the same seed gives the same run. */
static uint64_t draw(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return below ? random_state % below : 0;
}

static bool read_file(const char *path, struct bytes *ret_bytes)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	unsigned char *items = malloc(ROOM);
	size_t count = items ? fread(items, 1, ROOM, file) : 0;
	(void)fclose(file);
	*ret_bytes = (struct bytes){ items, count };
	return count > 0;
}

static const uint64_t telling[] = {
	0,    1,    2,      3,      4,      7,          8,          0x10,       0x7F,
	0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, UINT64_MAX
};

/* Overwrites 1 to 8 bytes with a number at which arithmetic tends to break, or one near what was there. */
static void put_number(unsigned char *at, size_t room)
{
	size_t width = (size_t)1 << draw(4);
	if (width > room)
		width = 1;
	uint64_t value = 0;
	memcpy(&value, at, width);
	value = draw(2) ? telling[draw(sizeof telling / sizeof *telling)] : value + draw(9) - 4;
	memcpy(at, &value, width);
}

static void copy_piece(struct bytes *bytes)
{
	size_t length = 1 + draw(64), from = draw(bytes->count), to = draw(bytes->count);
	if (from + length <= bytes->count && to + length <= bytes->count)
		memmove(bytes->items + to, bytes->items + from, length);
}

static void damage(struct bytes *bytes)
{
	/* the headers and the small sections at the ends matter more than code in the middle */
	for (uint64_t blows = 1 + draw(6); blows > 0; blows--) {
		size_t at = draw(bytes->count);
		uint64_t kind = draw(10);
		if (kind < 2)
			at = draw(bytes->count < 64 ? bytes->count : 64);
		if (kind == 9)
			copy_piece(bytes);
		else if (kind == 8)
			bytes->count = 1 + (draw(8) ? bytes->count - 1 : draw(bytes->count));
		else if (kind < 6)
			put_number(bytes->items + at, bytes->count - at);
		else
			bytes->items[at] ^= (unsigned char)(1U << draw(8));
	}
}

/* Everything is asked: what a damaged object returns is read too. */
static size_t ask(struct lade_object *object)
{
	size_t sum = 0;
	for (size_t i = 0; i < lade_object_map_count(object); i++) {
		struct lade_map_info info = { .size = sizeof info };
		(void)lade_map_describe(lade_object_map(object, i), &info);
		sum += info.name ? strlen(info.name) : 0;
		for (size_t j = 0; j < info.initial_count; j++) {
			uint32_t index;
			const char *target = NULL;
			(void)lade_map_initial(lade_object_map(object, i), j, &index, &target);
			sum += target ? strlen(target) : 0;
		}
	}
	for (size_t i = 0; i < lade_object_program_count(object); i++) {
		struct lade_program_info info = { .size = sizeof info };
		(void)lade_program_describe(lade_object_program(object, i), &info);
		sum += info.name ? strlen(info.name) : 0;
	}
	for (size_t i = 0; i < lade_object_variable_count(object); i++) {
		struct lade_variable_info info = { .size = sizeof info };
		(void)lade_variable_describe(lade_object_variable(object, i), &info);
		sum += info.type_name ? strlen(info.type_name) : 0;
		struct lade_error *error = NULL;
		(void)lade_variable_set(lade_object_variable(object, i), "1", &error);
		lade_error_free(error);
	}
	for (size_t i = 0; i < lade_object_section_count(object); i++) {
		struct lade_section_info info = { .size = sizeof info };
		(void)lade_object_section(object, i, &info);
		sum += info.name ? strlen(info.name) : 0;
	}
	for (size_t i = 0; i < lade_object_symbol_count(object); i++) {
		struct lade_symbol_info info = { .size = sizeof info };
		(void)lade_object_symbol(object, i, &info);
		sum += info.name ? strlen(info.name) : 0;
	}
	for (size_t i = 0; i < lade_object_relocation_count(object); i++) {
		struct lade_relocation_info info = { .size = sizeof info };
		(void)lade_object_relocation(object, i, &info);
		sum += info.target ? strlen(info.target) : 0;
	}
	return sum;
}

static size_t plan(struct lade_object *object, struct lade_error **error)
{
	struct lade_plan *steps = NULL;
	if (lade_plan_new(object, NULL, &steps, error) < 0)
		return 0;
	size_t count = lade_plan_step_count(steps);
	lade_plan_free(steps);
	return count;
}

struct tally {
	unsigned long tries, opened, planned;
};

static void attempt(struct lade_context *context, const struct bytes *bytes, struct tally *tally)
{
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	tally->tries++;
	const struct lade_open_opts opts = { .size = sizeof opts, .sections = true };
	if (lade_object_open_memory(context, bytes->items, bytes->count, "damaged.o", &opts, &object, &error) == 0) {
		tally->opened++;
		(void)ask(object);
		tally->planned += plan(object, &error) > 0;
	}
	if (error && (!*lade_error_message(error) || lade_error_finding_count(error) == 0))
		abort(); /* an error without a finding says nothing */
	lade_error_free(error);
	lade_object_free(object);
}

static bool remember(const char *directory, const struct bytes *bytes)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/current.o", directory) >= (int)sizeof path)
		return false;
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	bool good = fd >= 0 && write(fd, bytes->items, bytes->count) == (ssize_t)bytes->count;
	if (fd >= 0)
		(void)close(fd);
	return good;
}

static double now(void)
{
	struct timespec time;
	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct lade_context *context = NULL;
	struct tally tally = { 0 };
	if (argc < 5 || lade_context_new(NULL, &context, NULL) < 0)
		return 1;
	double end = now() + strtod(argv[1], NULL);
	random_state = strtoull(argv[2], NULL, 10) | 1;
	struct bytes copy = { malloc(ROOM), 0 };
	do {
		struct bytes original = { 0 };
		if (copy.items && read_file(argv[4 + draw((uint64_t)argc - 4)], &original))
			for (int i = 0; i < 200; i++) {
				memcpy(copy.items, original.items, original.count);
				copy.count = original.count;
				if (i > 0) /* the first as it is: a crash that was found once */
					damage(&copy);
				if (!remember(argv[3], &copy))
					return 1;
				attempt(context, &copy, &tally);
			}
		free(original.items);
	} while (now() < end);
	free(copy.items);
	lade_context_free(context);
	(void)printf("%lu tries, %lu opened, %lu planned, no crash\n", tally.tries, tally.opened, tally.planned);
	return 0;
}
