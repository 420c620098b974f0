/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZ4 in the old format of kernels: 02 21 4c 18, then blocks of at most 8 MiB, each with its packed size before it.
 * There is no library for it here, and it is small.
 */
#include <endian.h>

#include "target/stream.h"

#define BLOCK       (8u << 20)
#define PACKED_MOST (BLOCK + BLOCK / 255 + 16)
#define MATCH_LEAST 4u
#define LENGTH_MORE 15u
#define MAGIC       0x184c2102u

struct lz4 {
	struct target_stream stream;
	struct target_stream *source;
	uint8_t *packed, *block;
	size_t at, length; /* of block */
	bool started, ended;
};

struct input {
	const uint8_t *bytes;
	size_t at, size;
};

static bool read_length(struct input *input, size_t *length)
{
	uint8_t more = UINT8_MAX;
	if (*length != LENGTH_MORE)
		return true;
	while (more == UINT8_MAX) {
		if (input->at >= input->size)
			return false;
		more = input->bytes[input->at++];
		*length += more;
	}
	return true;
}

static bool copy_literals(struct input *input, size_t length, uint8_t *block, size_t *filled)
{
	if (length > input->size - input->at || length > BLOCK - *filled)
		return false;
	memcpy(block + *filled, input->bytes + input->at, length);
	input->at += length;
	*filled += length;
	return true;
}

/* What was written before, which may overlap what is being written. */
static bool copy_match(struct input *input, size_t length, uint8_t *block, size_t *filled)
{
	if (input->size - input->at < 2)
		return false;
	size_t back = input->bytes[input->at] | (size_t)input->bytes[input->at + 1] << 8;
	input->at += 2;
	if (!read_length(input, &length))
		return false;
	length += MATCH_LEAST;
	if (!back || back > *filled || length > BLOCK - *filled)
		return false;
	for (const uint8_t *from = block + *filled - back; length; length--)
		block[(*filled)++] = *from++;
	return true;
}

static bool unpack_block(struct input input, uint8_t *block, size_t *ret_length)
{
	size_t filled = 0;
	while (input.at < input.size) {
		uint8_t token = input.bytes[input.at++];
		size_t literals = token >> 4;
		if (!read_length(&input, &literals) || !copy_literals(&input, literals, block, &filled))
			return false;
		if (input.at == input.size)
			break;
		if (!copy_match(&input, token & LENGTH_MORE, block, &filled))
			return false;
	}
	*ret_length = filled;
	return true;
}

/* 1: there is a number; 0: the end */
static int read_number(struct lz4 *lz4, uint32_t *ret_number)
{
	uint32_t number;
	int result = lade_pipe_exact(lz4->source, &number, sizeof number);
	*ret_number = le32toh(number);
	return result == -ENODATA ? 0 : result < 0 ? result : 1;
}

/* A kernel's size, or what else follows the blocks, is no size of a block: it is the end. */
static int next_block(struct lz4 *lz4)
{
	uint32_t size = 0;
	int result = read_number(lz4, &size);
	if (result > 0 && size == MAGIC)
		result = read_number(lz4, &size);
	else if (result > 0 && !lz4->started)
		return -EBADMSG;
	if (result < 0)
		return result;
	bool is_first = !lz4->started;
	lz4->started = true;
	if (!result || !size || size > PACKED_MOST) {
		lz4->ended = true;
		return is_first ? -EBADMSG : 0;
	}
	result = lade_pipe_exact(lz4->source, lz4->packed, size);
	if (result == -ENODATA || result == -EBADMSG) {
		lz4->ended = true; /* the kernel's size was small enough to look like a block's */
		return is_first ? -EBADMSG : 0;
	}
	struct input input = { lz4->packed, 0, size };
	lz4->at = lz4->length = 0;
	if (result == 0 && !unpack_block(input, lz4->block, &lz4->length))
		return -EBADMSG;
	return result;
}

static ssize_t read_lz4(struct target_stream *stream, void *into, size_t size)
{
	struct lz4 *lz4 = (struct lz4 *)stream;
	while (lz4->at == lz4->length && !lz4->ended) {
		int result = next_block(lz4);
		if (result < 0)
			return result;
	}
	size_t count = lz4->ended && lz4->at == lz4->length ? 0 : lz4->length - lz4->at;
	count = count < size ? count : size;
	memcpy(into, lz4->block + lz4->at, count);
	lz4->at += count;
	return (ssize_t)count;
}

static void close_lz4(struct target_stream *stream)
{
	struct lz4 *lz4 = (struct lz4 *)stream;
	free(lz4->packed);
	free(lz4->block);
	free(lz4);
}

struct target_stream *lade_unpack_lz4(struct target_stream *source)
{
	struct lz4 *lz4 = calloc(1, sizeof *lz4);
	if (!lz4)
		return NULL;
	lz4->stream = (struct target_stream){ .read = read_lz4, .close = close_lz4 };
	lz4->source = source;
	lz4->packed = malloc(PACKED_MOST);
	lz4->block = malloc(BLOCK);
	if (lz4->packed && lz4->block)
		return &lz4->stream;
	close_lz4(&lz4->stream);
	return NULL;
}
