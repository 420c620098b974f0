/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that describe a kernel: which kind each is, and what becomes of its parts. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "target/internal.h"

#define START 512u /* bytes that tell what a file is */

struct opened {
	const char *path;
	int fd;
	uint64_t size;
	uint8_t start[START];
	size_t length; /* of start */
};

static void cleanup_opened(const struct opened *opened)
{
	(void)fd_close(opened->fd);
}

static int fail_file(const char *path, const char *verb, int reason, struct lade_error **error)
{
	return lade_fail(error, reason, "target.file", "%s: cannot be %s: %s", path, verb, strerror(reason));
}

/* Only regular files: others may block or have no end. */
static int open_regular(const char *path, struct opened *opened, struct lade_error **error)
{
	struct stat status;
	opened->path = path;
	opened->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (opened->fd < 0)
		return fail_file(path, "opened", errno, error);
	if (fstat(opened->fd, &status) < 0)
		return fail_file(path, "examined", errno, error);
	if (S_ISDIR(status.st_mode))
		return fail_file(path, "read", EISDIR, error);
	if (!S_ISREG(status.st_mode))
		return lade_fail(error, EINVAL, "target.file", "%s: is no file, but a device, pipe or socket", path);
	ssize_t count = pread(opened->fd, opened->start, sizeof opened->start, 0);
	if (count < 0)
		return fail_file(path, "read", errno, error);
	opened->length = (size_t)count;
	opened->size = (uint64_t)status.st_size;
	/* Files of /proc and /sys say 0 or a page, whatever they hold. */
	if (!opened->size && count)
		opened->size = INT64_MAX;
	return 0;
}

/* Plain, or packed in a way that is known. code: of what is more than most. */
static int read_text(const struct opened *opened, size_t most, const char *code, struct target_blob *ret_text,
		     struct lade_error **error)
{
	CLEANUP(cleanup_target_stream) struct target_stream *plain = NULL, *file = NULL;
	const struct target_packing *packing = lade_packed_with(opened->start, opened->length);
	file = lade_pipe_file(opened->fd, 0, opened->size);
	if (!file)
		return lade_fail_memory(error);
	if (packing && !packing->is_vague) {
		int result = lade_pipe_unpack(packing, file, opened->path, &plain, error);
		if (result)
			return result;
	}
	int result = lade_pipe_whole(plain ? plain : file, most, ret_text);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result == -EFBIG)
		return lade_fail(error, EFBIG, code, "%s: has more than %zu MiB", opened->path, most >> 20);
	if (result == -EBADMSG)
		return lade_fail(error, EBADMSG, "target.damaged", "%s: is damaged or cut short", opened->path);
	return result ? fail_file(opened->path, "read", -result, error) : 0;
}

/* ---- parts become sources ---- */

int lade_target_take(struct kernel_parts *parts, struct target_sources *sources, struct lade_error **error)
{
	int result = 0;
	if (parts->btf.size)
		result = lade_target_types_memory(&parts->btf, parts->btf_from, &sources->types, error);
	if (!result && parts->config.size &&
	    lade_target_config_new(&parts->config, parts->config_from, &sources->config) < 0)
		result = lade_fail_memory(error);
	if (!result && parts->symbols.size &&
	    lade_target_symbols_new(&parts->symbols, parts->symbols_from, &sources->symbols) < 0)
		result = lade_fail_memory(error);
	return result;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static int finish(struct lade_targets *targets, const char *path, struct kernel_parts *parts,
		  struct target_probes *probes, uint32_t cpus, struct lade_error **error)
{
	struct lade_target *target = lade_targets_push(targets, base_name(path));
	if (!target) {
		(void)lade_target_probes_free(probes);
		return lade_fail_memory(error);
	}
	target->own.probes = probes;
	target->cpus = cpus;
	target->release = TAKE(parts->release);
	target->version = target->release ? lade_release_code(target->release, NULL) : 0;
	(void)snprintf(target->machine, sizeof target->machine, "%s", parts->machine);
	target->notes = parts->notes;
	parts->notes = (struct findings){ 0 };
	return lade_target_take(parts, &target->own, error);
}

/* ---- a file as a word ---- */

static int read_doctor(struct lade_targets *targets, const struct opened *opened, struct lade_error **error)
{
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
	struct target_probes *probes = NULL;
	uint32_t cpus = 0;
	int result = read_text(opened, LADE_CONFIG_MOST, "target.doctor", &text, error);
	if (!result)
		result = lade_target_doctor_read(&text, opened->path, &parts, &probes, &cpus, error);
	return result ? result : finish(targets, opened->path, &parts, probes, cpus, error);
}

static const struct {
	const char *start, *what, *instead;
} other_files[] = {
	{ "CONFIG_", "a configuration", "--config" },
	{ "# CONFIG_", "a configuration", "--config" },
	{ "#\n# Automatically generated", "a configuration", "--config" },
	{ "\x9f\xeb", "types (BTF)", "--btf" },
	{ "\xeb\x9f", "types (BTF)", "--btf" },
};

/* Pieces have options of their own; as a word each of them is a kernel, too. */
static int read_piece(struct lade_targets *targets, const struct opened *opened, struct lade_error **error)
{
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
	CLEANUP(cleanup_target_types) struct target_types *types = NULL;
	bool is_types = opened->start[0] == 0x9f || opened->start[0] == 0xeb;
	int result = is_types ? lade_target_types_file(opened->path, &types, error)
			      : read_text(opened, LADE_CONFIG_MOST, "target.config", &text, error);
	if (!result && !is_types)
		result = lade_parts_config(&parts, &text, opened->path, error);
	if (!result)
		result = finish(targets, opened->path, &parts, NULL, 0, error);
	if (!result)
		targets->items[targets->count - 1]->own.types =
			is_types ? TAKE(types) : targets->items[targets->count - 1]->own.types;
	return result;
}

static bool is_piece(const struct opened *opened)
{
	for (size_t i = 0; i < ELEMENTS(other_files); i++)
		if (opened->length > strlen(other_files[i].start) &&
		    !memcmp(opened->start, other_files[i].start, strlen(other_files[i].start)))
			return true;
	return false;
}

static int read_kernel(struct lade_targets *targets, const struct opened *opened, struct lade_error **error)
{
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	struct kernel_image image = { opened->path, opened->fd, NULL, opened->size };
	int result = lade_package_likely(opened->start, opened->length)
			     ? lade_package_read(opened->fd, opened->size, opened->path, &parts, error)
			     : lade_image_read(&image, &parts, error);
	return result ? result : finish(targets, opened->path, &parts, NULL, 0, error);
}

int lade_targets_file(struct lade_targets *targets, const char *path, struct lade_error **error)
{
	CLEANUP(cleanup_opened) struct opened opened = { .fd = -1 };
	int result = open_regular(path, &opened, error);
	if (result)
		return result;
	if (!opened.length)
		return lade_fail(error, EINVAL, "target.format", "%s: is empty", path);
	if (lade_target_doctor_likely(opened.start, opened.length))
		return read_doctor(targets, &opened, error);
	return is_piece(&opened) ? read_piece(targets, &opened, error) : read_kernel(targets, &opened, error);
}

/* ---- pieces ---- */

/* A package or an image, of which one piece is wanted. False: it is none, or cannot be read. */
static bool read_parts(const char *path, struct kernel_parts *parts)
{
	CLEANUP(cleanup_opened) struct opened opened = { .fd = -1 };
	if (open_regular(path, &opened, NULL) < 0)
		return false;
	struct kernel_image image = { path, opened.fd, NULL, opened.size };
	return lade_package_likely(opened.start, opened.length)
		       ? lade_package_read(opened.fd, opened.size, path, parts, NULL) == 0
		       : lade_image_read(&image, parts, NULL) == 0;
}

static int read_piece_text(const char *path, size_t most, const char *code, struct target_blob *text,
			   struct lade_error **error)
{
	CLEANUP(cleanup_opened) struct opened opened = { .fd = -1 };
	int result = open_regular(path, &opened, error);
	return result ? result : read_text(&opened, most, code, text, error);
}

/* Is it worth a look whether the file is a whole kernel? */
static bool is_other(int result)
{
	return result == -EINVAL || result == -EFBIG;
}

static int piece_config(struct lade_targets *targets, const char *path, struct lade_error **error)
{
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	int result = read_piece_text(path, LADE_CONFIG_MOST, "target.config", &text, &reason);
	if (!result)
		result = lade_parts_config(&targets->piece_parts, &text, path, &reason);
	if (is_other(result) && read_parts(path, &parts) && parts.config.size)
		return lade_parts_config(&targets->piece_parts, &parts.config, path, error);
	lade_error_merge(error, &reason);
	return result;
}

static int piece_symbols(struct lade_targets *targets, const char *path, struct lade_error **error)
{
	CLEANUP(cleanup_target_blob) struct target_blob text = { 0 };
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	int result = read_piece_text(path, LADE_SYMBOLS_MOST, "target.symbols", &text, &reason);
	if (!result)
		result = lade_parts_symbols(&targets->piece_parts, &text, path, &reason);
	if (is_other(result) && read_parts(path, &parts) && parts.symbols.size) {
		targets->piece_parts.symbols = parts.symbols;
		targets->piece_parts.symbols_from = TAKE(parts.symbols_from);
		parts.symbols = (struct target_blob){ 0 };
		return 0;
	}
	lade_error_merge(error, &reason);
	return result;
}

static int take_types(struct lade_targets *targets, struct kernel_parts *parts, const char *path,
		      struct lade_error **error)
{
	struct kernel_parts *pieces = &targets->piece_parts;
	if (!*pieces->machine)
		memcpy(pieces->machine, parts->machine, sizeof pieces->machine);
	if (parts->release && lade_parts_release(pieces, parts->release, strlen(parts->release), path) < 0)
		return lade_fail_memory(error);
	return lade_target_types_memory(&parts->btf, path, &targets->pieces.types, error);
}

static int piece_types(struct lade_targets *targets, const char *path, struct lade_error **error)
{
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	int result = lade_target_types_file(path, &targets->pieces.types, &reason);
	if (is_other(result) && read_parts(path, &parts) && parts.btf.size)
		return take_types(targets, &parts, path, error);
	lade_error_merge(error, &reason);
	return result;
}

int lade_targets_pieces(struct lade_targets *targets, const struct lade_target_opts *opts, struct lade_error **error)
{
	struct target_sources *pieces = &targets->pieces;
	int result = opts->config ? piece_config(targets, opts->config, error) : 0;
	if (!result && opts->system_map)
		result = piece_symbols(targets, opts->system_map, error);
	if (!result)
		result = lade_target_take(&targets->piece_parts, pieces, error);
	if (!result && opts->btf)
		result = piece_types(targets, opts->btf, error);
	if (!result && opts->events)
		result = lade_target_events_open(opts->events, &pieces->events, error);
	return result;
}
