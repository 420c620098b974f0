/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel-facts FILE DIR: what src/target takes out of an image or a package, as files of DIR. For tests/vm/target.py.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/parts.h"

static int keep(const char *directory, const char *name, const void *bytes, size_t size)
{
	char path[4096];
	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "we");
	if (!file)
		return 1;
	bool failed = fwrite(bytes, 1, size, file) != size;
	return fclose(file) != 0 || failed;
}

static int read_parts(const char *path, struct kernel_parts *parts, struct lade_error **error)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	uint8_t start[8];
	if (fd < 0 || fstat(fd, &status) < 0 || pread(fd, start, sizeof start, 0) != sizeof start)
		return -EIO;
	struct kernel_image image = { path, fd, NULL, (uint64_t)status.st_size };
	return lade_package_likely(start, sizeof start) ? lade_package_read(fd, image.size, path, parts, error)
							: lade_image_read(&image, parts, error);
}

int main(int argc, char **argv)
{
	CLEANUP(cleanup_kernel_parts) struct kernel_parts parts = { 0 };
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	if (argc != 3)
		return 1;
	if (read_parts(argv[1], &parts, &error) < 0) {
		(void)fprintf(stderr, "%s: %s\n", argv[1], error ? lade_error_message(error) : "cannot be read");
		return 2;
	}
	for (size_t i = 0; i < parts.symbols.size; i++)
		if (!parts.symbols.bytes[i])
			parts.symbols.bytes[i] = '\n';
	const char *release = parts.release ? parts.release : "";
	return keep(argv[2], "release", release, strlen(release)) ||
	       keep(argv[2], "machine", parts.machine, strlen(parts.machine)) ||
	       keep(argv[2], "btf", parts.btf.bytes, parts.btf.size) ||
	       keep(argv[2], "config", parts.config.bytes, parts.config.size) ||
	       keep(argv[2], "symbols", parts.symbols.bytes, parts.symbols.size);
}
