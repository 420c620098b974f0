/* SPDX-License-Identifier: BSD-2-Clause */
/* Images of kernels, whatever is wrapped around them. */
#include <elf.h>
#include <stdio.h>

#include "target/parts.h"

#define WRAPPINGS    4u  /* one in the other: vmlinuz.gz of an EFI image of a packed kernel … */
#define PAYLOAD_MOST 64u /* places that look packed and are tried */

struct reading {
	const char *file;
	struct kernel_parts *parts;
	struct lade_error **error;
	unsigned depth;
	const struct target_packing *missing; /* the kernel may be packed so, which this build cannot read */
};

static int read_memory(struct reading *reading, const uint8_t *bytes, size_t size);

static int fail(const struct reading *reading, int result)
{
	const char *file = reading->file;
	if (result == -ENOMEM)
		return lade_fail_memory(reading->error);
	if (result == -EFBIG)
		return lade_fail(reading->error, EFBIG, "target.too-large", "%s: more than %u MiB come out of it", file,
				 LADE_IMAGE_MOST >> 20);
	if (result == -EBADMSG)
		return lade_fail(reading->error, EBADMSG, "target.damaged",
				 "%s: what is packed there is damaged or cut short", file);
	return lade_fail(reading->error, -result, "target.file", "%s: cannot be read: %s", file, strerror(-result));
}

/* ---- packed as a whole ---- */

static int read_packed(struct reading *reading, const struct target_packing *packing, struct target_stream *source)
{
	CLEANUP(cleanup_target_stream) struct target_stream *stream = NULL;
	CLEANUP(cleanup_target_blob) struct target_blob blob = { 0 };
	int result = lade_pipe_unpack(packing, source, reading->file, &stream, reading->error);
	if (result)
		return result;
	result = lade_pipe_whole(stream, LADE_IMAGE_MOST, &blob);
	return result ? fail(reading, result) : read_memory(reading, blob.bytes, blob.size);
}

/* ---- unpacks itself ---- */

/* Positive: a kernel; 0: nothing, or something else. */
static int try_payload(struct reading *reading, const uint8_t *bytes, const struct image_payload *payload)
{
	CLEANUP(cleanup_target_stream) struct target_stream *source = NULL, *stream = NULL;
	CLEANUP(cleanup_target_blob) struct target_blob blob = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	if (!payload->packing->open) {
		reading->missing = payload->is_told || !reading->missing ? payload->packing : reading->missing;
		return 0;
	}
	source = lade_pipe_memory(bytes + payload->offset, (size_t)payload->size);
	if (!source)
		return -ENOMEM;
	stream = payload->packing->open(source);
	int result = stream ? lade_pipe_whole(stream, LADE_IMAGE_MOST, &blob) : -ENOMEM;
	if (result < 0)
		return result == -ENOMEM || payload->is_told ? result : 0;
	struct reading inner = { reading->file, reading->parts, &reason, reading->depth, NULL };
	result = read_memory(&inner, blob.bytes, blob.size);
	return result == -ENOMEM ? result : result == 0;
}

static int read_payloads(struct reading *reading, const uint8_t *bytes, size_t size)
{
	struct image_payload payload;
	size_t at = 0;
	int result = 0;
	for (unsigned tried = 0; tried < PAYLOAD_MOST && !result; tried++) {
		if (!lade_image_payload(bytes, size, &at, &payload))
			break;
		result = try_payload(reading, bytes, &payload);
		if (result <= 0 && payload.is_told && (result < 0 || reading->missing))
			break;
	}
	if (result < 0)
		return fail(reading, result);
	struct target_stream *none = NULL;
	if (!result && reading->missing)
		return lade_pipe_unpack(reading->missing, NULL, reading->file, &none, reading->error);
	return result ? 0
		      : lade_fail(reading->error, EINVAL, "target.format", "%s: no kernel was found in it",
				  reading->file);
}

/* ---- not packed ---- */

static bool has_text(const uint8_t *bytes, size_t size, size_t offset, const char *text)
{
	return offset + strlen(text) <= size && !memcmp(bytes + offset, text, strlen(text));
}

static const struct {
	size_t offset;
	const char *text, *machine;
} headers[] = {
	{ 56, "ARM\x64", "aarch64" },
	{ 56, "RSC\x05", "riscv64" },
	{ 0x202, "HdrS", "x86_64" },
	{ 0x24, "\x18\x28\x6f\x01", "armv7l" },
};

/* x86's bzImage, ARM's zImage, and images for EFI. */
static bool unpacks_itself(const uint8_t *bytes, size_t size)
{
	return has_text(bytes, size, 0x202, "HdrS") || has_text(bytes, size, 0x24, "\x18\x28\x6f\x01") ||
	       (has_text(bytes, size, 0, "MZ") && has_text(bytes, size, 4, "zimg"));
}

static void learn_machine(struct kernel_parts *parts, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < ELEMENTS(headers) && !*parts->machine; i++)
		if (has_text(bytes, size, headers[i].offset, headers[i].text))
			(void)snprintf(parts->machine, sizeof parts->machine, "%s", headers[i].machine);
}

static int read_raw(struct reading *reading, const uint8_t *bytes, size_t size)
{
	struct kernel_parts *parts = reading->parts;
	if (lade_image_config(bytes, size, reading->file, parts) < 0 ||
	    lade_image_btf(bytes, size, reading->file, parts) < 0 ||
	    (!parts->symbols.size && lade_image_kallsyms(bytes, size, reading->file, parts) < 0))
		return lade_fail_memory(reading->error);
	return 0;
}

/* Packed bytes may hold the banner, too: what a header says comes first. */
static int read_plain(struct reading *reading, const uint8_t *bytes, size_t size)
{
	struct kernel_parts *parts = reading->parts;
	bool was_kernel = parts->is_kernel;
	if (unpacks_itself(bytes, size))
		return read_payloads(reading, bytes, size);
	parts->is_kernel = false;
	if (lade_image_banner(bytes, size, reading->file, parts) < 0)
		return lade_fail_memory(reading->error);
	int result = parts->is_kernel ? read_raw(reading, bytes, size) : read_payloads(reading, bytes, size);
	parts->is_kernel |= was_kernel;
	return result;
}

static int read_memory(struct reading *reading, const uint8_t *bytes, size_t size)
{
	const struct target_packing *packing = lade_packed_with(bytes, size);
	struct kernel_image image = { reading->file, -1, bytes, size };
	struct kernel_parts *parts = reading->parts;
	if (reading->depth++ >= WRAPPINGS)
		return lade_fail(reading->error, EINVAL, "target.format", "%s: is packed more than %u times",
				 reading->file, WRAPPINGS);
	if (size >= SELFMAG && !memcmp(bytes, ELFMAG, SELFMAG))
		return lade_image_elf(&image, parts, reading->error);
	if (packing && !packing->is_vague) {
		CLEANUP(cleanup_target_stream) struct target_stream *source = lade_pipe_memory(bytes, size);
		return source ? read_packed(reading, packing, source) : lade_fail_memory(reading->error);
	}
	learn_machine(parts, bytes, size);
	return read_plain(reading, bytes, size);
}

int lade_image_read(const struct kernel_image *image, struct kernel_parts *parts, struct lade_error **error)
{
	struct reading reading = { .file = image->file, .parts = parts, .error = error };
	CLEANUP(cleanup_target_stream) struct target_stream *stream = NULL;
	CLEANUP(cleanup_target_blob) struct target_blob blob = { 0 };
	uint8_t start[SELFMAG] = { 0 };
	if (image->fd < 0)
		return read_memory(&reading, image->bytes, (size_t)image->size);
	stream = lade_pipe_file(image->fd, 0, sizeof start);
	if (!stream)
		return lade_fail_memory(error);
	int result = image->size < sizeof start ? 0 : lade_pipe_exact(stream, start, sizeof start);
	if (result)
		return fail(&reading, result);
	if (!memcmp(start, ELFMAG, SELFMAG))
		return lade_image_elf(image, parts, error);
	stream = lade_pipe_close(stream);
	stream = lade_pipe_file(image->fd, 0, image->size);
	result = stream ? lade_pipe_whole(stream, LADE_IMAGE_MOST, &blob) : -ENOMEM;
	return result ? fail(&reading, result) : read_memory(&reading, blob.bytes, blob.size);
}
