/* SPDX-License-Identifier: BSD-2-Clause */
/* A text ends where its length says, with a number, in the middle of a word: what is behind it is not read. */
#include <sys/mman.h>
#include <unistd.h>

#include <lade/explain.h>

#include "explain/blocks.h"

#ifndef CUTS
#define CUTS 2 /* of each text */
#endif

/* Texts end where nothing may be read any more. */
struct fenced {
	char *begin, *fence;
};

static struct fenced make_fenced(size_t most)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (most + page - 1) / page * page;
	struct fenced fenced;

	fenced.begin = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(fenced.begin, MAP_FAILED);
	fenced.fence = fenced.begin + bytes;
	assert_int_equal(mprotect(fenced.fence, page, PROT_NONE), 0);
	return fenced;
}

static void free_fenced(const struct fenced *fenced)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert_int_equal(munmap(fenced->begin, (size_t)(fenced->fence - fenced->begin) + page), 0);
}

static void explain_before(const struct fenced *fenced, const char *text, size_t length)
{
	char *copy = fenced->fence - length;
	struct lade_explanation *explanation = NULL;

	memcpy(copy, text, length);
	assert_int_equal(lade_explain_text(copy, length, NULL, &explanation, NULL), 0);
	lade_explanation_free(explanation);
}

static bool is_word(char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* The next place at or behind `at` where a word or a number ends. */
static size_t end_of_word(const char *text, size_t length, size_t at)
{
	while (at < length && !(at && is_word(text[at - 1]) && !is_word(text[at])))
		at++;
	return at;
}

static void nothing_behind_a_text_is_read(void **state)
{
	struct blocks *blocks = read_blocks();
	struct fenced fenced = make_fenced(blocks->text.length);
	uint32_t random = 5;

	(void)state;
	for (size_t i = 0; i < blocks->count; i++) {
		const char *text = blocks->text.text + blocks->items[i].from;
		size_t length = blocks->items[i].length;
		explain_before(&fenced, text, length - (length > 0));
		for (unsigned cut = 1; length && cut < CUTS; cut++) {
			random = random * 1664525U + 1013904223U;
			explain_before(&fenced, text, end_of_word(text, length, (random >> 8) % length));
		}
	}
	free_fenced(&fenced);
	free_blocks(blocks);
}

/* Words for which the whole text is searched, with a number behind them, or none. */
static void number_at_the_end_of_a_text_ends_with_it(void **state)
{
	static const char *const texts[] = {
		"Invalid string section\nlibbpf: Error loading BTF: Invalid argument(22)\nstr_len: 4711",
		"libbpf: prog 'on_open': BPF program load failed: Invalid argument\n"
		"libbpf: prog 'on_open': relo #3: substituting insn #12 w/ invalid insn",
		"libbpf: prog 'on_open': relo #3: substituting insn #12",
		"libbpf: prog 'on_open': relo #3: substituting insn #",
		"BPF:[593] ENUM a\nBPF: type_id=35503 offset=178440",
		"bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_KPROBE}) = -1 EINVAL\nkern_version 267008",
	};
	struct fenced fenced = make_fenced(4096);

	(void)state;
	for (size_t i = 0; i < ELEMENTS(texts); i++)
		for (size_t length = 1; length <= strlen(texts[i]); length++)
			explain_before(&fenced, texts[i], length);
	free_fenced(&fenced);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_behind_a_text_is_read),
		cmocka_unit_test(number_at_the_end_of_a_text_ends_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
