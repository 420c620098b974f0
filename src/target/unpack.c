/* SPDX-License-Identifier: BSD-2-Clause */
/* Streams of what gzip, xz, lzma and zstd packed. What follows the last packed piece is not looked at. */
#include <limits.h>
#include <zlib.h>
#ifdef LADE_HAVE_LZMA
#include <lzma.h>
#endif
#ifdef LADE_HAVE_ZSTD
#include <zstd.h>
#endif

#include "target/stream.h"

#define INPUT       65536u
#define LZMA_MEMORY (512ULL << 20)
#define ZSTD_WINDOW 28 /* 256 MiB: zstd --ultra -22 --long=28 of distributions */

/* What all of them share: the packed bytes. */
struct unpack {
	struct target_stream stream;
	struct target_stream *source;
	bool source_ended, ended;
	size_t at, length; /* of input */
	uint8_t input[INPUT];
};

/* More packed bytes, if none is left. 0 at the end as well; -errno. */
static int refill(struct unpack *unpack)
{
	if (unpack->at < unpack->length || unpack->source_ended)
		return 0;
	ssize_t count = lade_pipe_read(unpack->source, unpack->input, INPUT);
	if (count < 0)
		return (int)count;
	unpack->source_ended = !count;
	unpack->at = 0;
	unpack->length = (size_t)count;
	return 0;
}

static size_t input_left(const struct unpack *unpack)
{
	return unpack->length - unpack->at;
}

/* Does another packed piece follow? Up to four bytes of magic, which may lie across two refills: then it does not. */
static bool goes_on(struct unpack *unpack, const char *magic, size_t length)
{
	if (refill(unpack) < 0 || input_left(unpack) < length)
		return false;
	return !memcmp(unpack->input + unpack->at, magic, length);
}

static void *new_unpack(size_t size, struct target_stream *source, struct target_stream stream)
{
	struct unpack *unpack = calloc(1, size);
	if (!unpack)
		return NULL;
	unpack->source = source;
	unpack->stream = stream;
	return unpack;
}

/* ---- gzip ---- */

struct gzip {
	struct unpack unpack;
	z_stream zlib;
};

static ssize_t step_gzip(struct gzip *gzip, void *into, size_t size)
{
	struct unpack *unpack = &gzip->unpack;
	z_stream *zlib = &gzip->zlib;
	int result = refill(unpack);
	if (result < 0 || !input_left(unpack))
		return result < 0 ? result : -EBADMSG;
	uInt room = size > INT_MAX ? INT_MAX : (uInt)size;
	zlib->next_in = unpack->input + unpack->at;
	zlib->avail_in = (uInt)input_left(unpack);
	zlib->next_out = into;
	zlib->avail_out = room;
	int state = inflate(zlib, Z_NO_FLUSH);
	unpack->at = unpack->length - zlib->avail_in;
	if (state == Z_STREAM_END) {
		unpack->ended = !goes_on(unpack, "\x1f\x8b\x08", 3);
		(void)inflateReset(zlib);
	} else if (state != Z_OK) {
		return -EBADMSG;
	}
	return room - zlib->avail_out;
}

static ssize_t read_gzip(struct target_stream *stream, void *into, size_t size)
{
	struct gzip *gzip = (struct gzip *)stream;
	ssize_t count = 0;
	while (!count && !gzip->unpack.ended)
		count = step_gzip(gzip, into, size);
	return count;
}

static void close_gzip(struct target_stream *stream)
{
	(void)inflateEnd(&((struct gzip *)stream)->zlib);
	free(stream);
}

struct target_stream *lade_unpack_gzip(struct target_stream *source)
{
	struct gzip *gzip =
		new_unpack(sizeof *gzip, source, (struct target_stream){ .read = read_gzip, .close = close_gzip });
	if (!gzip)
		return NULL;
	if (inflateInit2(&gzip->zlib, 15 + 16) == Z_OK)
		return &gzip->unpack.stream;
	free(gzip);
	return NULL;
}

/* ---- xz, lzma ---- */

#ifdef LADE_HAVE_LZMA
struct xz {
	struct unpack unpack;
	lzma_stream lzma;
	bool is_alone; /* the old format, which may end without saying so */
};

static ssize_t step_xz(struct xz *xz, void *into, size_t size)
{
	struct unpack *unpack = &xz->unpack;
	int result = refill(unpack);
	if (result < 0)
		return result;
	xz->lzma.next_in = unpack->input + unpack->at;
	xz->lzma.avail_in = input_left(unpack);
	xz->lzma.next_out = into;
	xz->lzma.avail_out = size;
	lzma_ret state = lzma_code(&xz->lzma, LZMA_RUN);
	size_t count = size - xz->lzma.avail_out;
	unpack->at = unpack->length - xz->lzma.avail_in;
	if (state == LZMA_MEM_ERROR || state == LZMA_MEMLIMIT_ERROR)
		return -ENOMEM;
	if (state == LZMA_STREAM_END)
		unpack->ended = true;
	else if (state != LZMA_OK || (!count && unpack->source_ended))
		return -EBADMSG;
	return (ssize_t)count;
}

static int next_xz(struct xz *xz)
{
	xz->unpack.ended = xz->is_alone || !goes_on(&xz->unpack,
						    "\xfd"
						    "7zXZ",
						    5);
	if (xz->unpack.ended)
		return 0;
	return lzma_stream_decoder(&xz->lzma, LZMA_MEMORY, 0) == LZMA_OK ? 0 : -ENOMEM;
}

static ssize_t read_xz(struct target_stream *stream, void *into, size_t size)
{
	struct xz *xz = (struct xz *)stream;
	ssize_t count = 0;
	while (!count && !xz->unpack.ended) {
		count = step_xz(xz, into, size);
		int result = count >= 0 && xz->unpack.ended ? next_xz(xz) : 0;
		if (result < 0)
			return result;
	}
	return count;
}

static void close_xz(struct target_stream *stream)
{
	lzma_end(&((struct xz *)stream)->lzma);
	free(stream);
}

static struct target_stream *open_xz(struct target_stream *source, bool is_alone)
{
	struct xz *xz = new_unpack(sizeof *xz, source, (struct target_stream){ .read = read_xz, .close = close_xz });
	if (!xz)
		return NULL;
	xz->lzma = (lzma_stream)LZMA_STREAM_INIT;
	xz->is_alone = is_alone;
	lzma_ret state =
		is_alone ? lzma_alone_decoder(&xz->lzma, LZMA_MEMORY) : lzma_stream_decoder(&xz->lzma, LZMA_MEMORY, 0);
	if (state == LZMA_OK)
		return &xz->unpack.stream;
	close_xz(&xz->unpack.stream);
	return NULL;
}

struct target_stream *lade_unpack_xz(struct target_stream *source)
{
	return open_xz(source, false);
}

struct target_stream *lade_unpack_lzma(struct target_stream *source)
{
	return open_xz(source, true);
}
#endif

/* ---- zstd ---- */

#ifdef LADE_HAVE_ZSTD
struct zstd {
	struct unpack unpack;
	ZSTD_DStream *zstd;
	size_t left; /* 0: at the end of a frame */
};

static ssize_t step_zstd(struct zstd *zstd, void *into, size_t size)
{
	struct unpack *unpack = &zstd->unpack;
	int result = refill(unpack);
	if (result < 0)
		return result;
	ZSTD_inBuffer input = { unpack->input + unpack->at, input_left(unpack), 0 };
	ZSTD_outBuffer output = { into, size, 0 };
	zstd->left = ZSTD_decompressStream(zstd->zstd, &output, &input);
	if (ZSTD_isError(zstd->left))
		return -EBADMSG;
	unpack->at += input.pos;
	if (!zstd->left)
		unpack->ended = !goes_on(unpack, "\x28\xb5\x2f\xfd", 4);
	else if (!output.pos && unpack->source_ended)
		return -EBADMSG;
	return (ssize_t)output.pos;
}

static ssize_t read_zstd(struct target_stream *stream, void *into, size_t size)
{
	struct zstd *zstd = (struct zstd *)stream;
	ssize_t count = 0;
	while (!count && !zstd->unpack.ended)
		count = step_zstd(zstd, into, size);
	return count;
}

static void close_zstd(struct target_stream *stream)
{
	(void)ZSTD_freeDStream(((struct zstd *)stream)->zstd);
	free(stream);
}

struct target_stream *lade_unpack_zstd(struct target_stream *source)
{
	struct zstd *zstd =
		new_unpack(sizeof *zstd, source, (struct target_stream){ .read = read_zstd, .close = close_zstd });
	if (!zstd)
		return NULL;
	zstd->zstd = ZSTD_createDStream();
	if (zstd->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(zstd->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW)))
		return &zstd->unpack.stream;
	close_zstd(&zstd->unpack.stream);
	return NULL;
}
#endif
