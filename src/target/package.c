/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel packages: .deb (ar, in it a packed tar) and .rpm (headers, then a packed cpio). Only what tells of the kernel
 * is unpacked, and the rest passes by; once all of it is there, nothing more is read.
 */
#include <endian.h>
#include <fnmatch.h>
#include <stdio.h>

#include "target/archive.h"
#include "target/parts.h"

#define AR_MAGIC    "!<arch>\n"
#define RPM_MAGIC   "\xed\xab\xee\xdb"
#define RPM_LEAD    96u
#define RPM_ENTRIES 65536u
#define RPM_STORE   (256u << 20)
#define LARGE       (96u << 20) /* bytes of an image that are not kept in memory as a whole */
#define SPOOL_MOST  (2ULL << 30)

enum piece {
	PIECE_CONFIG,
	PIECE_SYMBOLS,
	PIECE_IMAGE,
	PIECE_COUNT,
};

/* '*' before release is what a path's release is taken from: up to the next slash. */
static const struct {
	const char *pattern;
	enum piece piece;
	const char *before; /* of the release in the path */
} places[] = {
	{ "boot/config-*", PIECE_CONFIG, "boot/config-" },
	{ "lib/modules/*/config", PIECE_CONFIG, "lib/modules/" },
	{ "usr/lib/modules/*/config", PIECE_CONFIG, "usr/lib/modules/" },
	{ "usr/src/linux-headers-*/.config", PIECE_CONFIG, "usr/src/linux-headers-" },
	{ "usr/src/kernels/*/.config", PIECE_CONFIG, "usr/src/kernels/" },
	{ "boot/System.map-*", PIECE_SYMBOLS, "boot/System.map-" },
	{ "lib/modules/*/System.map", PIECE_SYMBOLS, "lib/modules/" },
	{ "usr/lib/modules/*/System.map", PIECE_SYMBOLS, "usr/lib/modules/" },
	{ "usr/lib/debug/boot/System.map-*", PIECE_SYMBOLS, "usr/lib/debug/boot/System.map-" },
	{ "usr/src/kernels/*/System.map", PIECE_SYMBOLS, "usr/src/kernels/" },
	{ "boot/vmlinu[xz]-*", PIECE_IMAGE, NULL },
	{ "boot/Image-*", PIECE_IMAGE, NULL },
	{ "boot/kernel-*", PIECE_IMAGE, NULL },
	{ "lib/modules/*/vmlinu[xz]*", PIECE_IMAGE, "lib/modules/" },
	{ "usr/lib/modules/*/vmlinu[xz]*", PIECE_IMAGE, "usr/lib/modules/" },
	{ "usr/lib/debug/boot/vmlinux-*", PIECE_IMAGE, NULL },
	{ "usr/lib/debug/lib/modules/*/vmlinux*", PIECE_IMAGE, "usr/lib/debug/lib/modules/" },
	{ "usr/lib/debug/usr/lib/modules/*/vmlinux*", PIECE_IMAGE, "usr/lib/debug/usr/lib/modules/" },
};

struct package {
	const char *file;
	int fd;
	uint64_t size;
	struct kernel_parts *parts;
	struct lade_error **error;
	bool failed; /* error says why */
	bool seen[PIECE_COUNT];
	struct lade_error *unreadable; /* why an image was passed over */
	char *split;                   /* release of modules or headers that are here without a kernel */
};

static int fail(struct package *package, int result)
{
	if (result == -ENOMEM)
		return lade_fail_memory(package->error);
	if (result == -EBADMSG)
		return lade_fail(package->error, EBADMSG, "target.damaged", "%s: the package is damaged or cut short",
				 package->file);
	if (result == -EFBIG)
		return lade_fail(package->error, EFBIG, "target.too-large", "%s: more comes out of it than %llu GiB",
				 package->file, LADE_STREAM_MOST >> 30);
	return lade_fail(package->error, -result, "target.file", "%s: cannot be read: %s", package->file,
			 strerror(-result));
}

/* ---- members ---- */

static int find_place(const char *path)
{
	for (size_t i = 0; i < ELEMENTS(places); i++)
		if (fnmatch(places[i].pattern, path, FNM_PATHNAME) == 0)
			return (int)i;
	return -1;
}

/* "usr/lib/modules/6.1.0-18-amd64/config" → "6.1.0-18-amd64" */
static int learn_release(struct package *package, const char *path, const char *before)
{
	if (!before)
		return 0;
	path += strlen(before);
	return lade_parts_release(package->parts, path, strcspn(path, "/"), package->file);
}

static int read_image(struct package *package, const struct kernel_image *image)
{
	struct lade_error *reason = NULL;
	int result = lade_image_read(image, package->parts, &reason);
	if (result == -ENOMEM || !result) {
		reason = lade_error_free(reason);
		package->seen[PIECE_IMAGE] |= !result && package->parts->btf.size;
		return result;
	}
	lade_error_free(package->unreadable); /* another image in it may do */
	package->unreadable = reason;
	return 0;
}

static char *member_name(const struct package *package, const char *path)
{
	char *name = NULL;
	return asprintf(&name, "%s of %s", path, package->file) < 0 ? NULL : name;
}

static int take_large(struct package *package, struct target_stream *content, const char *path)
{
	CLEANUP(cleanup_free) char *name = member_name(package, path);
	struct kernel_image image = { .file = name, .fd = -1 };
	if (!name)
		return -ENOMEM;
	int result = lade_pipe_spool(content, SPOOL_MOST, &image.fd, &image.size);
	if (!result)
		result = read_image(package, &image);
	(void)fd_close(image.fd);
	return result;
}

static int take(struct package *package, enum piece piece, struct target_blob *blob, const char *path)
{
	CLEANUP(cleanup_free) char *name = member_name(package, path);
	struct kernel_image image = { name, -1, blob->bytes, blob->size };
	if (!name)
		return -ENOMEM;
	if (piece == PIECE_IMAGE)
		return read_image(package, &image);
	CLEANUP(cleanup_lade_error) struct lade_error *reason = NULL;
	int result = piece == PIECE_CONFIG ? lade_parts_config(package->parts, blob, name, &reason)
					   : lade_parts_symbols(package->parts, blob, name, &reason);
	package->seen[piece] |= !result;
	return result == -ENOMEM ? result : 0;
}

static bool is_complete(const struct package *package)
{
	return package->parts->btf.size && package->parts->config.size && package->seen[PIECE_SYMBOLS];
}

static int note_split(struct package *package, const char *path)
{
	const char *modules = strstr(path, "lib/modules/");
	if (package->split || !modules)
		return 0;
	modules += strlen("lib/modules/");
	package->split = strndup(modules, strcspn(modules, "/"));
	return package->split ? 0 : -ENOMEM;
}

static int visit(void *context, const struct archive_member *member, struct target_stream *content)
{
	static const size_t most[] = { LADE_CONFIG_MOST, LADE_SYMBOLS_MOST, LADE_IMAGE_MOST };
	struct package *package = context;
	CLEANUP(cleanup_target_blob) struct target_blob blob = { 0 };
	int place = member->is_file ? find_place(member->path) : -1;
	if (place < 0)
		return note_split(package, member->path);
	enum piece piece = places[place].piece;
	if (package->seen[piece] || !member->size)
		return 0;
	int result = learn_release(package, member->path, places[place].before);
	if (!result && piece == PIECE_IMAGE && member->size > LARGE)
		result = take_large(package, content, member->path);
	else if (!result && !(result = lade_pipe_whole(content, most[piece], &blob)))
		result = take(package, piece, &blob, member->path);
	return result ? result : is_complete(package);
}

/* ---- the packed archive ---- */

static int walk(struct package *package, uint64_t offset, uint64_t size,
		int (*archive)(struct target_stream *, archive_visit *, void *))
{
	CLEANUP(cleanup_target_stream) struct target_stream *plain = NULL, *packed = NULL;
	uint8_t start[LADE_PACKED_MAGIC] = { 0 };
	packed = lade_pipe_file(package->fd, offset, size);
	if (!packed)
		return fail(package, -ENOMEM);
	int result = lade_pipe_exact(packed, start, sizeof start);
	if (result)
		return fail(package, result == -ENODATA ? -EBADMSG : result);
	const struct target_packing *packing = lade_packed_with(start, sizeof start);
	packed = lade_pipe_close(packed);
	packed = lade_pipe_file(package->fd, offset, size);
	if (!packed)
		return fail(package, -ENOMEM);
	if (packing && (result = lade_pipe_unpack(packing, packed, package->file, &plain, package->error)) < 0)
		return result;
	result = archive(plain ? plain : packed, visit, package);
	return result ? fail(package, result) : 0;
}

/* ---- .deb ---- */

struct ar_header {
	char name[16], date[12], uid[6], gid[6], mode[8], size[10], end[2];
};
_Static_assert(sizeof(struct ar_header) == 60, "a header has 60 characters");

static int read_at(struct package *package, uint64_t offset, void *into, size_t size)
{
	CLEANUP(cleanup_target_stream)
	struct target_stream *stream =
		offset < package->size ? lade_pipe_file(package->fd, offset, package->size - offset) : NULL;
	if (offset >= package->size)
		return -ENODATA;
	return stream ? lade_pipe_exact(stream, into, size) : -ENOMEM;
}

static bool read_decimal(const char *field, size_t size, uint64_t *ret_number)
{
	uint64_t number = 0;
	size_t i = 0;
	for (; i < size && field[i] >= '0' && field[i] <= '9'; i++)
		number = number * 10 + (uint64_t)(field[i] - '0');
	*ret_number = number;
	return i > 0 && (i == size || field[i] == ' ');
}

static int read_deb(struct package *package)
{
	for (uint64_t at = strlen(AR_MAGIC);;) {
		struct ar_header header;
		uint64_t size, end;
		int result = read_at(package, at, &header, sizeof header);
		if (result == -ENODATA)
			return lade_fail(package->error, EBADMSG, "target.damaged",
					 "%s: is no Debian package, or cut short: it has no data.tar", package->file);
		if (result)
			return fail(package, result);
		at += sizeof header;
		if (memcmp(header.end, "`\n", 2) != 0 || !read_decimal(header.size, sizeof header.size, &size) ||
		    __builtin_add_overflow(at, size, &end) || end > package->size)
			return fail(package, -EBADMSG);
		if (!strncmp(header.name, "data.tar", strlen("data.tar")))
			return walk(package, at, size, lade_tar_walk);
		at = end + (size & 1);
	}
}

/* ---- .rpm ---- */

/* Index entries of 16 bytes and a store follow each header of 16. */
static int pass_header(struct package *package, uint64_t *at)
{
	uint32_t header[4];
	int result = read_at(package, *at, header, sizeof header);
	if (result)
		return result == -ENODATA ? -EBADMSG : result;
	uint64_t entries = be32toh(header[2]), store = be32toh(header[3]);
	if (memcmp(header, "\x8e\xad\xe8", 3) != 0 || entries > RPM_ENTRIES || store > RPM_STORE)
		return -EBADMSG;
	*at += sizeof header + entries * 16 + store;
	return 0;
}

static int read_rpm(struct package *package)
{
	uint64_t at = RPM_LEAD;
	int result = pass_header(package, &at); /* signatures, rounded up to 8 */
	at = (at + 7) / 8 * 8;
	if (!result)
		result = pass_header(package, &at);
	if (result || at >= package->size)
		return fail(package, result ? result : -EBADMSG);
	return walk(package, at, package->size - at, lade_cpio_walk);
}

/* ---- either ---- */

bool lade_package_likely(const uint8_t *start, size_t length)
{
	return (length >= strlen(AR_MAGIC) && !memcmp(start, AR_MAGIC, strlen(AR_MAGIC))) ||
	       (length >= strlen(RPM_MAGIC) && !memcmp(start, RPM_MAGIC, strlen(RPM_MAGIC)));
}

static int fail_empty(struct package *package)
{
	if (package->unreadable) {
		lade_error_merge(package->error, &package->unreadable);
		return -EINVAL;
	}
	struct lade_finding *finding = lade_error_add(
		package->error, EINVAL, "target.package", "%s: has no kernel in it%s%s", package->file,
		package->split ? ", only modules or tools of " : "", package->split ? package->split : "");
	if (package->split)
		finding_fix(finding,
			    "give the package that has the kernel %s itself (Debian: linux-image-… or "
			    "linux-binary-…; Fedora: kernel-core; SUSE: kernel-default)",
			    package->split);
	return -EINVAL;
}

int lade_package_read(int fd, uint64_t size, const char *file, struct kernel_parts *parts, struct lade_error **error)
{
	uint8_t start[4] = { 0 };
	struct package package = { .file = file, .fd = fd, .size = size, .parts = parts, .error = error };
	int result = read_at(&package, 0, start, sizeof start);
	if (result)
		return fail(&package, result);
	result = !memcmp(start, RPM_MAGIC, sizeof start) ? read_rpm(&package) : read_deb(&package);
	if (!result && !parts->btf.size && !parts->config.size && !parts->is_kernel && !parts->symbols.size)
		result = fail_empty(&package);
	lade_error_free(package.unreadable);
	free(package.split);
	return result;
}
