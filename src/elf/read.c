/* SPDX-License-Identifier: BSD-2-Clause */
/* From a path or a buffer to an image. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "elf/internal.h"

#define DEFAULT_MAX_BYTES (256u << 20)
#define LARGE_FILE        (128u << 10) /* from here on memory comes as zeros, page by page as it is touched */

static const char *file_kind(mode_t mode)
{
	static const struct {
		mode_t format;
		const char *name;
	} kinds[] = {
		{ S_IFDIR, "a directory" },        { S_IFIFO, "a pipe" },         { S_IFSOCK, "a socket" },
		{ S_IFCHR, "a character device" }, { S_IFBLK, "a block device" },
	};
	for (size_t i = 0; i < ELEMENTS(kinds); i++)
		if ((mode & S_IFMT) == kinds[i].format)
			return kinds[i].name;
	return "no regular file";
}

/* Reads until size bytes or the end, whichever comes first: the file may shrink meanwhile. */
static ssize_t read_whole(int fd, uint8_t *bytes, size_t size)
{
	size_t done = 0;
	while (done < size) {
		ssize_t part = pread(fd, bytes + done, size - done, (off_t)done);
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -1;
		if (part == 0)
			break;
		done += (size_t)part;
	}
	return (ssize_t)done;
}

static int check_file(const char *path, const struct stat *status, uint64_t max_bytes, struct lade_error **error)
{
	if (!S_ISREG(status->st_mode)) {
		int reason = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
		struct lade_finding *finding = lade_error_add(error, reason, "elf.open", "%s: %s, not a file", path,
							      file_kind(status->st_mode));
		finding_cause(finding, "an object is read from a regular file");
		finding_fix(finding, "give the path of an object file; copy piped input to a file first");
		return -reason;
	}
	if ((uint64_t)status->st_size > max_bytes)
		return lade_fail(error, EFBIG, "elf.too-large", "%s: has %lld bytes; the limit is %llu", path,
				 (long long)status->st_size, (unsigned long long)max_bytes);
	return 0;
}

static int fail_open(const char *path, const char *verb, struct lade_error **error)
{
	int reason = errno;
	const char *code = reason == EACCES || reason == EPERM    ? "elf.permission"
			   : reason == EMFILE || reason == ENFILE ? "environment.files"
								  : "elf.open";
	return lade_fail(error, reason, code, "%s: cannot %s: %s", path, verb, strerror(reason));
}

static int open_file(const char *path, uint64_t max_bytes, size_t *ret_size, struct lade_error **error)
{
	struct stat status;
	/* O_NONBLOCK: opening a pipe without a writer must not hang. */
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail_open(path, "open", error);
	if (fstat(fd, &status) < 0)
		return fail_open(path, "examine", error);
	int result = check_file(path, &status, max_bytes ? max_bytes : DEFAULT_MAX_BYTES, error);
	if (result < 0)
		return result;
	*ret_size = (size_t)status.st_size;
	return take_fd(&fd);
}

/* What image_new() makes an image of; it takes all of it. */
struct content {
	uint8_t *bytes;
	size_t size;
	int fd; /* of a file of which only the ranges are read, else -1 */
	struct elf_ranges ranges;
};

static int read_file(const char *path, uint64_t max_bytes, struct content *ret_content, struct lade_error **error)
{
	size_t size = 0;
	CLEANUP(cleanup_fd) int fd = open_file(path, max_bytes, &size, error);
	if (fd < 0)
		return fd;
	CLEANUP(cleanup_free) uint8_t *bytes = size < LARGE_FILE ? malloc(size ? size : 1) : calloc(1, size);
	if (!bytes)
		return lade_fail_memory(error);
	struct content content = { .size = size, .fd = -1 };
	if (size >= LARGE_FILE && lade_elf_read_parts(fd, bytes, size, &content.ranges)) {
		content.fd = take_fd(&fd);
	} else {
		ssize_t got = read_whole(fd, bytes, size);
		if (got < 0)
			return fail_open(path, "read", error);
		content.size = (size_t)got;
	}
	content.bytes = TAKE(bytes);
	*ret_content = content;
	return 0;
}

/* It makes known more of what the image is, and changes nothing. */
int lade_elf_need_debug(const struct elf_image *image)
{
	struct lade_elf_index *index = lade_elf_index(image);
	if (index->fd < 0)
		return 0;
	if (!lade_elf_read_rest(index->fd, image->bytes, image->size, &index->ranges))
		return -EIO;
	index->fd = fd_close(index->fd);
	return 0;
}

static int image_fill(struct elf_image *image, struct lade_error **error)
{
	Elf64_Ehdr header;
	int result = lade_elf_check_header(image, &header, error);
	if (result < 0)
		return result;
	result = lade_elf_read_sections(image, &header, error);
	if (result < 0)
		return result;
	return lade_elf_read_symbols(image, error);
}

static struct lade_elf_index *index_new(struct content *content)
{
	struct lade_elf_index *index = calloc(1, sizeof *index);
	if (!index)
		return NULL;
	index->fd = take_fd(&content->fd);
	index->ranges = content->ranges;
	content->ranges = (struct elf_ranges){ 0 };
	return index;
}

/* Takes the content in every case. */
static int image_new(struct content *content, const char *file, struct elf_image **ret_image, struct lade_error **error)
{
	CLEANUP(cleanup_free) uint8_t *bytes = content->bytes;
	CLEANUP(cleanup_elf_image) struct elf_image *image = calloc(1, sizeof *image);
	if (image)
		image->private_handle = index_new(content);
	content->fd = fd_close(content->fd);
	array_clear(&content->ranges);
	if (!image || !image->private_handle)
		return lade_fail_memory(error);
	image->bytes = TAKE(bytes);
	image->size = content->size;
	image->file = strdup(file);
	if (!image->file)
		return lade_fail_memory(error);
	int result = image_fill(image, error);
	if (result < 0)
		return result;
	*ret_image = TAKE(image);
	return 0;
}

int lade_elf_read(const char *path, uint64_t max_bytes, struct elf_image **ret_image, struct lade_error **error)
{
	struct content content;
	int result = read_file(path, max_bytes, &content, error);
	return result < 0 ? result : image_new(&content, path, ret_image, error);
}

int lade_elf_parse(const void *bytes, size_t size, const char *file, struct elf_image **ret_image,
		   struct lade_error **error)
{
	struct content content = { .bytes = malloc(size ? size : 1), .size = size, .fd = -1 };
	if (!content.bytes)
		return lade_fail_memory(error);
	if (size)
		memcpy(content.bytes, bytes, size);
	return image_new(&content, file, ret_image, error);
}

struct elf_image *lade_elf_free(struct elf_image *image)
{
	if (!image)
		return NULL;
	struct lade_elf_index *index = lade_elf_index(image);
	if (index) {
		(void)fd_close(index->fd);
		array_clear(&index->ranges);
		free(index->first_relocation);
		free(index->next_relocation);
		free(index);
	}
	free(image->sections);
	free(image->symbols);
	free(image->bytes);
	free(image->file);
	free(image);
	return NULL;
}

/* Detection asks for many names that are not there: two letters tell most of them apart, without a call. */
static inline bool is_called(const struct elf_section *section, const char *name)
{
	if (*section->name != *name || (*name && section->name[1] != name[1]))
		return false;
	return strcmp(section->name, name) == 0;
}

const struct elf_section *lade_elf_section(const struct elf_image *image, const char *name)
{
	for (size_t i = 1; i < image->section_count; i++)
		if (is_called(&image->sections[i], name))
			return &image->sections[i];
	return NULL;
}
