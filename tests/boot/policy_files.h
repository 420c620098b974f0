/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy files in a directory of their own, and what they say. */
#ifndef TEST_BOOT_POLICY_FILES_H
#define TEST_BOOT_POLICY_FILES_H

#include <dirent.h>
#include <sys/stat.h>

#include "boot/decided.h"

struct files {
	char directory[64];
	struct boot_policy policy;
	struct lade_error *error;
};

static inline void files_begin(struct files *files)
{
	*files = (struct files){ .directory = "/tmp/lade-boot.d-XXXXXX" };
	assert_non_null(mkdtemp(files->directory));
}

static inline void write_file(const struct files *files, const char *name, const void *text, size_t length)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", files->directory, name);
	FILE *stream = fopen(path, "we");
	assert_non_null(stream);
	assert_int_equal(fwrite(text, 1, length, stream), length);
	assert_int_equal(fclose(stream), 0);
	assert_int_equal(chmod(path, 0644), 0);
}

static inline void put_file(const struct files *files, const char *name, const char *text)
{
	write_file(files, name, text, strlen(text));
}

static inline int read_files(struct files *files)
{
	return lade_boot_read_policy(files->directory, &files->policy, &files->error);
}

static inline void files_end(struct files *files)
{
	char path[400];
	DIR *directory = opendir(files->directory);
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory));) {
		(void)snprintf(path, sizeof path, "%s/%s", files->directory, entry->d_name);
		if (entry->d_name[0] != '.' || strcmp(entry->d_name, ".hidden.conf") == 0)
			assert_int_equal(remove(path), 0);
	}
	(void)closedir(directory);
	assert_int_equal(rmdir(files->directory), 0);
	lade_boot_policy_clear(&files->policy);
	files->error = lade_error_free(files->error);
}

/* One file, which must be good. */
static inline void files_of(struct files *files, const char *text)
{
	files_begin(files);
	put_file(files, "50-test.conf", text);
	if (read_files(files) < 0)
		fail_msg("%s", lade_error_message(files->error));
}

#endif
