/* SPDX-License-Identifier: BSD-2-Clause */
/* One function a format, chosen by the file's first bytes; all of them fill the same bounded output. */
#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#ifdef LADE_HAVE_LZMA
#include <lzma.h>
#endif
#ifdef LADE_HAVE_ZSTD
#include <zstd.h>
#endif

#include "btf/internal.h"
#include "btf/unpack.h"

#define INPUT        65536u
#define MAX_ELF      (256u << 20) /* a vmlinux without its debug information has some 60 MiB */
#define LZMA_MEMORY  (128u << 20) /* what xz -9 needs is 65 MiB */
#define ZSTD_WINDOW  27           /* 128 MiB, as zstd itself takes without --long */
#define GZIP_WRAPPER (15 + 16)    /* the largest window, with gzip's header */

struct unpacking {
	int fd;
	uint8_t input[INPUT];
	size_t input_length, input_at;
	bool input_ended;
	uint8_t *output; /* address space for MAX_ELF bytes */
	size_t output_length;
};

/* 0 also at the end; then nothing is left in the input. */
static int refill(struct unpacking *unpacking)
{
	while (unpacking->input_at == unpacking->input_length && !unpacking->input_ended) {
		ssize_t part = read(unpacking->fd, unpacking->input, INPUT);
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -errno;
		unpacking->input_ended = part == 0;
		unpacking->input_at = 0;
		unpacking->input_length = (size_t)part;
	}
	return 0;
}

/* What may still come out: of BTF less than of an ELF file. */
static size_t output_left(const struct unpacking *unpacking)
{
	bool is_elf = unpacking->output_length < SELFMAG || memcmp(unpacking->output, ELFMAG, SELFMAG) == 0;
	size_t most = is_elf ? MAX_ELF : LADE_BTF_MAX_BYTES;
	return most > unpacking->output_length ? most - unpacking->output_length : 0;
}

static void account(struct unpacking *unpacking, size_t input_left, size_t output_bytes)
{
	unpacking->input_at = unpacking->input_length - input_left;
	unpacking->output_length += output_bytes;
}

/* Only a little before it is known what comes out, so that the limit is the right one. */
static size_t output_step(const struct unpacking *unpacking)
{
	size_t left = output_left(unpacking);
	return left < INPUT ? left : INPUT;
}

static int step_gzip(struct unpacking *unpacking, z_stream *stream, bool *ret_ended)
{
	size_t room = output_step(unpacking);
	int result = refill(unpacking);
	if (result)
		return result;
	stream->next_in = unpacking->input + unpacking->input_at;
	stream->avail_in = (uInt)(unpacking->input_length - unpacking->input_at);
	stream->next_out = unpacking->output + unpacking->output_length;
	stream->avail_out = (uInt)room;
	if (!stream->avail_in)
		return -EBADMSG;
	int state = inflate(stream, Z_NO_FLUSH);
	account(unpacking, stream->avail_in, room - stream->avail_out);
	*ret_ended = state == Z_STREAM_END;
	if (state == Z_BUF_ERROR || (state == Z_OK && !output_left(unpacking)))
		return output_left(unpacking) ? -EBADMSG : -EFBIG;
	return state == Z_OK || state == Z_STREAM_END ? 0 : -EBADMSG;
}

/* One member after the other; what follows the last one is not looked at, as gzip does not. */
static int unpack_gzip(struct unpacking *unpacking)
{
	z_stream stream = { 0 };
	bool ended = false;
	if (inflateInit2(&stream, GZIP_WRAPPER) != Z_OK)
		return -ENOMEM;
	int result = 0;
	while (!result && !ended) {
		result = step_gzip(unpacking, &stream, &ended);
		if (!result && ended)
			result = refill(unpacking);
		if (!result && ended && unpacking->input[unpacking->input_at] == 0x1f && !unpacking->input_ended) {
			ended = false;
			(void)inflateReset(&stream);
		}
	}
	(void)inflateEnd(&stream);
	return result;
}

#ifdef LADE_HAVE_LZMA
static int step_xz(struct unpacking *unpacking, lzma_stream *stream, bool *ret_ended)
{
	size_t room = output_step(unpacking);
	int result = refill(unpacking);
	if (result)
		return result;
	stream->next_in = unpacking->input + unpacking->input_at;
	stream->avail_in = unpacking->input_length - unpacking->input_at;
	stream->next_out = unpacking->output + unpacking->output_length;
	stream->avail_out = room;
	lzma_ret state = lzma_code(stream, unpacking->input_ended ? LZMA_FINISH : LZMA_RUN);
	account(unpacking, stream->avail_in, room - stream->avail_out);
	*ret_ended = state == LZMA_STREAM_END;
	if (state == LZMA_MEM_ERROR || state == LZMA_MEMLIMIT_ERROR)
		return -ENOMEM;
	if (state != LZMA_OK && state != LZMA_STREAM_END)
		return output_left(unpacking) ? -EBADMSG : -EFBIG;
	return !*ret_ended && !output_left(unpacking) ? -EFBIG : 0;
}

static int unpack_xz(struct unpacking *unpacking)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	bool ended = false;
	int result = lzma_stream_decoder(&stream, LZMA_MEMORY, LZMA_CONCATENATED) == LZMA_OK ? 0 : -ENOMEM;
	while (!result && !ended)
		result = step_xz(unpacking, &stream, &ended);
	lzma_end(&stream);
	return result;
}
#else
#define unpack_xz NULL
#endif

#ifdef LADE_HAVE_ZSTD
static inline ZSTD_DStream *zstd_free(ZSTD_DStream *stream)
{
	(void)ZSTD_freeDStream(stream);
	return NULL;
}
DEFINE_CLEANUP(ZSTD_DStream, zstd, zstd_free)

/* *left: 0 at the end of a frame. */
static int step_zstd(struct unpacking *unpacking, ZSTD_DStream *stream, size_t *left)
{
	ZSTD_inBuffer in = { unpacking->input, unpacking->input_length, unpacking->input_at };
	ZSTD_outBuffer out = { unpacking->output + unpacking->output_length, output_step(unpacking), 0 };
	*left = ZSTD_decompressStream(stream, &out, &in);
	account(unpacking, in.size - in.pos, out.pos);
	if (ZSTD_isError(*left))
		return -EBADMSG;
	return *left && !output_left(unpacking) ? -EFBIG : 0;
}

static int unpack_zstd(struct unpacking *unpacking)
{
	CLEANUP(cleanup_zstd) ZSTD_DStream *stream = ZSTD_createDStream();
	size_t left = 1;
	if (!stream || ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, ZSTD_WINDOW)))
		return -ENOMEM;
	for (;;) {
		size_t before = unpacking->output_length;
		int result = refill(unpacking);
		bool is_end = unpacking->input_at == unpacking->input_length;
		if (!result && is_end && !left)
			return 0;
		if (!result)
			result = step_zstd(unpacking, stream, &left);
		if (result)
			return result;
		if (is_end && left && unpacking->output_length == before)
			return -EBADMSG;
	}
}
#else
#define unpack_zstd NULL
#endif

struct lade_packing {
	const char *name, *tool;
	size_t magic_length;
	uint8_t magic[LADE_UNPACK_MAGIC];
	int (*unpack)(struct unpacking *unpacking); /* NULL: this build cannot */
};

static const struct lade_packing packings[] = {
	{ "gzip", "gzip -d", 2, { 0x1f, 0x8b }, unpack_gzip },
	{ "xz", "xz -d", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 }, unpack_xz },
	{ "zstd", "zstd -d", 4, { 0x28, 0xb5, 0x2f, 0xfd }, unpack_zstd },
};

const struct lade_packing *lade_packing_of(const uint8_t *start, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(packings); i++)
		if (length >= packings[i].magic_length && !memcmp(start, packings[i].magic, packings[i].magic_length))
			return &packings[i];
	return NULL;
}

static int fail_unpack(const struct lade_packing *packing, const char *path, int result, struct lade_error **error)
{
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result == -EBADMSG)
		return lade_fail(error, EBADMSG, "btf.kernel.format",
				 "%s: what %s packed there is damaged or cut short", path, packing->name);
	if (result == -EFBIG)
		return lade_fail(error, EFBIG, "btf.kernel.format",
				 "%s: unpacked it has more than %u MiB (BTF) or %u MiB (ELF), which is the limit", path,
				 LADE_BTF_MAX_BYTES >> 20, MAX_ELF >> 20);
	return lade_fail(error, -result, "btf.kernel.file", "%s: cannot be read: %s", path, strerror(-result));
}

static int fail_unsupported(const struct lade_packing *packing, const char *path, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EOPNOTSUPP, "btf.kernel.format",
			       "%s: is packed with %s, which this build of Lade cannot read", path, packing->name);
	finding_cause(finding, "Lade was built where the library of %s was not installed", packing->name);
	finding_fix(finding, "unpack it first: %s %s", packing->tool, path);
	return -EOPNOTSUPP;
}

int lade_unpack(const struct lade_packing *packing, int fd, const char *path, struct lade_bytes *ret_bytes,
		struct lade_error **error)
{
	if (!packing->unpack)
		return fail_unsupported(packing, path, error);
	CLEANUP(cleanup_free) struct unpacking *unpacking = calloc(1, sizeof *unpacking);
	if (!unpacking)
		return lade_fail_memory(error);
	void *output = mmap(NULL, MAX_ELF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (output == MAP_FAILED)
		return lade_fail_memory(error);
	unpacking->fd = fd;
	unpacking->output = output;
	int result = packing->unpack(unpacking);
	if (result) {
		(void)munmap(output, MAX_ELF);
		return fail_unpack(packing, path, result, error);
	}
	lade_bytes_take(ret_bytes, output, MAX_ELF, unpacking->output_length);
	return 0;
}
