/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE_BYTES 16384
#define MOST_BYTES  (64ULL << 20) /* a distribution's configuration has 0.3 MB */

/* The running kernel's own answer first; %s is its release. */
static const char *const places[] = {
	"/proc/config.gz",
	"/boot/config-%s",
	"/lib/modules/%s/config",
	"/usr/lib/modules/%s/config",
	"/usr/lib/ostree-boot/config-%s",
};

static bool has_name(const char *line, size_t length, const char *name)
{
	size_t name_length = strlen(name);
	return length > name_length && line[name_length] == '=' && memcmp(line, name, name_length) == 0;
}

/* CONFIG_NAME=value; the first line of a name counts. */
static int take_line(struct kernel_config *config, const char *line, size_t length)
{
	static const char prefix[] = "CONFIG_";
	if (length < sizeof prefix || memcmp(line, prefix, sizeof prefix - 1) != 0)
		return 0;
	array_foreach(option, &config->options) {
		if (option->is_known || option->value || !has_name(line, length, option->name))
			continue;
		size_t start = strlen(option->name) + 1;
		option->value = strndup(line + start, length - start);
		if (!option->value)
			return -ENOMEM;
	}
	return 0;
}

static int end_line(struct config_reader *reader)
{
	size_t length = reader->skipping ? 0 : reader->length;
	while (length && strchr(" \t\r", reader->line[length - 1]))
		length--;
	reader->length = 0;
	reader->skipping = false;
	return length ? take_line(reader->config, reader->line, length) : 0;
}

static void add_piece(struct config_reader *reader, const char *text, size_t length)
{
	if (length > sizeof reader->line - reader->length)
		reader->skipping = true;
	if (reader->skipping)
		return;
	memcpy(reader->line + reader->length, text, length);
	reader->length += length;
}

int lade_config_read(struct config_reader *reader, const char *text, size_t length)
{
	while (length) {
		const char *end = memchr(text, '\n', length);
		size_t piece = end ? (size_t)(end - text) : length;
		add_piece(reader, text, piece);
		if (!end)
			break;
		if (end_line(reader) < 0)
			return -ENOMEM;
		text += piece + 1;
		length -= piece + 1;
	}
	return 0;
}

int lade_config_read_end(struct config_reader *reader)
{
	return end_line(reader);
}

/* Everything that was asked for has a value: the rest of the file says nothing more. */
static bool is_complete(const struct kernel_config *config)
{
	array_foreach(option, &config->options)
		if (!option->is_known && !option->value && strncmp(option->name, "CONFIG_", 7) == 0)
			return false;
	return true;
}

/* gzread() takes plain text as it is. */
static int read_stream(struct kernel_config *config, gzFile stream)
{
	struct config_reader reader = { .config = config };
	CLEANUP(cleanup_free) char *piece = malloc(PIECE_BYTES);
	uint64_t total = 0;
	if (!piece)
		return -ENOMEM;
	while (!is_complete(config)) {
		int count = gzread(stream, piece, PIECE_BYTES);
		if (count < 0)
			return -EBADMSG;
		if (count == 0)
			return lade_config_read_end(&reader);
		total += (uint64_t)count;
		if (total > MOST_BYTES)
			return -EFBIG;
		if (lade_config_read(&reader, piece, (size_t)count) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int open_regular(const char *path)
{
	struct stat status;
	/* Others than regular files may block or have no end. */
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return S_ISREG(status.st_mode) ? take_fd(&fd) : -EINVAL;
}

static int read_file(struct kernel_config *config, const char *path)
{
	int fd = open_regular(path);
	if (fd < 0)
		return fd;
	gzFile stream = gzdopen(fd, "r");
	if (!stream) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	int result = read_stream(config, stream);
	/* Only closing tells that an archive ended too soon. */
	return gzclose(stream) == Z_OK || result < 0 ? result : -EBADMSG;
}

static int keep_path(struct kernel_config *config, const char *path)
{
	char *copy = strdup(path);
	free(config->path);
	config->path = copy;
	config->is_read = true;
	return copy ? 0 : -ENOMEM;
}

static const char *why_not(int result)
{
	return result == -EBADMSG ? "its gzip data is damaged or ends too soon" : strerror(-result);
}

/* 1: read; 0: not; -ENOMEM */
static int try_file(struct kernel_config *config, const char *path)
{
	int result = read_file(config, path);
	if (result == -ENOMEM)
		return result;
	if (result == 0)
		return keep_path(config, path) < 0 ? -ENOMEM : 1;
	/* What a damaged file said before it ended is no answer. */
	array_foreach(option, &config->options) {
		if (!option->is_known && strncmp(option->name, "CONFIG_", 7) == 0) {
			free(option->value);
			option->value = NULL;
		}
	}
	return lade_strings_addf(&config->tried, "%s: %s", path, why_not(result)) < 0 ? -ENOMEM : 0;
}

static int read_given(struct kernel_config *config, struct lade_error **error)
{
	int result = try_file(config, config->file);
	if (result > 0)
		return 0;
	if (result < 0)
		return lade_fail_memory(error);
	config->is_read = true;
	return lade_fail(error, EINVAL, "kconfig.file", "the kernel's configuration cannot be read from %s",
			 config->tried.items[config->tried.count - 1]);
}

int lade_config_find_file(struct kernel_config *config, struct lade_error **error)
{
	struct utsname name;
	char path[PATH_MAX];
	int result = 0;
	if (config->file)
		return read_given(config, error);
	if (config->path)
		return try_file(config, config->path) < 0 ? lade_fail_memory(error) : 0;
	if (uname(&name) < 0)
		name.release[0] = '\0';
	for (size_t i = 0; result == 0 && i < ELEMENTS(places); i++) {
		/* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral): the table is ours */
		int length = snprintf(path, sizeof path, places[i], name.release);
		if (length > 0 && (size_t)length < sizeof path)
			result = try_file(config, path);
	}
	config->is_read = true;
	return result < 0 ? lade_fail_memory(error) : 0;
}
