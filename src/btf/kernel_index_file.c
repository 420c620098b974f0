/* SPDX-License-Identifier: BSD-2-Clause */
/* An index in a file of the cache directory: who may have written it, whose it is, and replacing it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/strbuf.h"
#include "btf/kernel_index_internal.h"

#define DIRECTORY     "btf"
#define NOTES_MOST    4096u /* sysfs gives no more at a time, and the build id comes first */
#define BUILD_ID_MOST 32u
#define NOTE_BUILD_ID 3u /* NT_GNU_BUILD_ID */
#define CREATED_MODE  0644

/* ---- the key ---- */

struct note {
	uint32_t name_size, content_size, type;
};

static size_t padded(uint32_t size)
{
	return ((size_t)size + 3) & ~(size_t)3;
}

/* A list of notes: sizes and type, name, content. */
static const uint8_t *find_build_id(const uint8_t *notes, size_t size, uint32_t *ret_length)
{
	struct note note;
	for (size_t at = 0; size - at >= sizeof note;) {
		memcpy(&note, notes + at, sizeof note);
		size_t content = at + sizeof note + padded(note.name_size);
		size_t end = content + padded(note.content_size);
		if (content > size || end > size)
			return NULL;
		if (note.type == NOTE_BUILD_ID && note.name_size == 4 && note.content_size <= BUILD_ID_MOST &&
		    note.content_size && !memcmp(notes + at + sizeof note, "GNU", 4)) {
			*ret_length = note.content_size;
			return notes + content;
		}
		at = end;
	}
	return NULL;
}

static size_t read_notes(const char *sysfs, uint8_t notes[NOTES_MOST])
{
	struct strbuf buffer = { 0 }; /* every load that needs the kernel's types passes here: without printf */
	lade_strbuf_add(&buffer, sysfs);
	lade_strbuf_add(&buffer, "/../notes");
	CLEANUP(cleanup_free) char *path = lade_strbuf_take(&buffer);
	CLEANUP(cleanup_fd) int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t size = fd >= 0 ? read(fd, notes, NOTES_MOST) : 0;
	return size > 0 ? (size_t)size : 0;
}

static void add_number(char *at, uint64_t number)
{
	char digits[20];
	size_t count = 0;
	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		*at++ = digits[--count];
	*at = '\0';
}

bool lade_kernel_index_key(const char *sysfs, uint64_t btf_size, char key[LADE_INDEX_KEY])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t notes[NOTES_MOST];
	uint32_t length = 0;
	_Static_assert(LADE_INDEX_KEY > 2ul * BUILD_ID_MOST + sizeof "-18446744073709551615", "");
	const uint8_t *id = find_build_id(notes, read_notes(sysfs, notes), &length);
	char *at = key;
	if (!id)
		return false;
	for (uint32_t i = 0; i < length; i++) {
		*at++ = digits[id[i] / 16];
		*at++ = digits[id[i] % 16];
	}
	*at++ = '-';
	add_number(at, btf_size);
	return true;
}

/* ---- reading ---- */

/* Takes fd, and gives it back above the standard ones, which a caller may have closed; -1: none. */
static int above_standard(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)fd_close(fd);
	return higher;
}

/* The parts follow each other, and fill the file. */
static bool is_consistent(const struct lade_index_header *header, uint64_t file_size, const char *key,
			  const struct lade_btf *base)
{
	uint64_t checkpoints = ((uint64_t)header->type_count + LADE_BTF_STRIDE - 2) / LADE_BTF_STRIDE;
	if (header->magic != INDEX_MAGIC || header->version != INDEX_VERSION || header->type_count < 1 ||
	    header->btf_size != base->lazy->bytes.size || strncmp(header->key, key, sizeof header->key) != 0 ||
	    header->bucket_bits < 1 || header->bucket_bits > 24)
		return false;
	return checkpoints <= base->types_length / sizeof(struct btf_type) / LADE_BTF_STRIDE + 1 &&
	       header->first_entry_page == 1 + lade_index_pages(checkpoints, INDEX_WORDS) &&
	       header->entry_count < (uint64_t)INDEX_ENTRIES << header->bucket_bits &&
	       header->pages == header->first_entry_page + (1u << header->bucket_bits) &&
	       file_size == (uint64_t)header->pages * INDEX_PAGE;
}

static bool read_header(struct lade_kernel_index *index, const char *key, const struct lade_btf *base)
{
	struct stat status;
	if (!lade_cache_is_trusted(index->fd, S_IFREG, &status))
		return false;
	index->header.pages = 1; /* to begin with */
	const uint8_t *page = lade_index_page(index, 0);
	if (!page)
		return false;
	memcpy(&index->header, page, sizeof index->header);
	return is_consistent(&index->header, (uint64_t)status.st_size, key, base);
}

/* Some pages of them; most loads look at few. */
static bool bring_checkpoints(void *owner, struct lade_btf_lazy *lazy, uint32_t part)
{
	struct lade_kernel_index *index = owner;
	uint32_t count = (index->header.type_count + LADE_BTF_STRIDE - 2) / LADE_BTF_STRIDE;
	uint32_t at = part * (uint32_t)INDEX_WORDS, bits = 0;
	const uint8_t *page = at < count ? lade_index_page(index, 1 + part) : NULL;
	if (!page)
		return false;
	uint32_t end = count - at < INDEX_WORDS ? count : at + (uint32_t)INDEX_WORDS;
	memcpy(lazy->checkpoints + at, page, (end - at) * sizeof *lazy->checkpoints);
	while (at < end)
		bits |= lazy->checkpoints[at++];
	return bits % sizeof(uint32_t) == 0;
}

static bool offer_checkpoints(struct lade_kernel_index *index, const struct lade_btf *base)
{
	const struct lade_btf_places places = { .owner = index,
						.bring = bring_checkpoints,
						.part_length = (uint32_t)INDEX_WORDS };
	if (!lade_btf_learn_places(base, index->header.type_count, &places))
		return false;
	index->base = lade_btf_ref((struct lade_btf *)(uintptr_t)base);
	return true;
}

struct lade_kernel_index *lade_kernel_index_open(const char *cache, const char *key, const struct lade_btf *base)
{
	CLEANUP(cleanup_fd) int directory = lade_cache_open(cache, DIRECTORY, false);
	if (directory < 0)
		return NULL;
	CLEANUP(cleanup_kernel_index) struct lade_kernel_index *index = calloc(1, sizeof *index);
	if (!index)
		return NULL;
	index->fd = above_standard(openat(directory, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
	if (index->fd < 0 || !read_header(index, key, base) || !offer_checkpoints(index, base))
		return NULL;
	return TAKE(index);
}

/* ---- writing ---- */

static void seal(const struct lade_kernel_index *index, const char *key)
{
	struct lade_index_header header = index->header;
	(void)snprintf(header.key, sizeof header.key, "%s", key);
	memcpy(index->image, &header, sizeof header);
	for (uint32_t i = 0; i < header.pages; i++) {
		uint8_t *page = index->image + (size_t)i * INDEX_PAGE;
		uint64_t checksum = lade_index_checksum(page, i);
		memcpy(page + INDEX_CONTENT, &checksum, sizeof checksum);
	}
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t part = write(fd, bytes, size);
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return false;
		bytes += part;
		size -= (size_t)part;
	}
	return true;
}

bool lade_kernel_index_keep(const struct lade_kernel_index *index, const char *cache, const char *key)
{
	char name[LADE_INDEX_KEY + 32];
	CLEANUP(cleanup_fd) int directory = lade_cache_open(cache, DIRECTORY, true);
	if (directory < 0 || !index->image)
		return false;
	seal(index, key);
	(void)snprintf(name, sizeof name, ".%s.%d", key, (int)gettid());
	(void)unlinkat(directory, name, 0); /* of one who had the same number and did not get to the end */
	CLEANUP(cleanup_fd)
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, CREATED_MODE);
	if (fd < 0)
		return false;
	if (write_all(fd, index->image, index->image_size) && renameat(directory, name, directory, key) == 0)
		return true;
	(void)unlinkat(directory, name, 0);
	return false;
}
