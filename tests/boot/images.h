/* SPDX-License-Identifier: BSD-2-Clause */
/* What tests of a boot share: an image of a system in a directory of its own, and what a boot of it pinned. */
#ifndef LADE_TESTS_BOOT_IMAGES_H
#define LADE_TESTS_BOOT_IMAGES_H

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <lade/lade.h>

#include "base/strbuf.h"
#include "harness/live.h"
#include "harness/loaded.h"

#define APEX   "/apex/com.android.tethering/etc/bpf"
#define SYSTEM "/system/etc/bpf"

struct image {
	char root[64];
};

static inline void make_directories(const char *path)
{
	char copy[PATH_MAX];

	(void)snprintf(copy, sizeof copy, "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	assert_true(mkdir(copy, 0755) == 0 || errno == EEXIST);
}

static inline struct image new_image(void)
{
	struct image image = { "/tmp/lade-image-XXXXXX" };

	assert_non_null(mkdtemp(image.root));
	return image;
}

static inline void put_bytes(const struct image *image, const char *directory, const char *name, const void *bytes,
			     size_t length)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s%s", image->root, directory);
	make_directories(path);
	(void)snprintf(path, sizeof path, "%s%s/%s", image->root, directory, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* A compiled test object, under another name. */
static inline void put(const struct image *image, const char *directory, const char *object, const char *name)
{
	static char bytes[1 << 20];
	char path[PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s", TEST_OBJECTS, object);
	FILE *file = fopen(path, "re");
	assert_non_null(file);
	size_t length = fread(bytes, 1, sizeof bytes, file);
	(void)fclose(file);
	put_bytes(image, directory, name, bytes, length);
}

static inline void remove_image(const struct image *image)
{
	live_remove_tree(image->root);
}

/* ---- what is pinned, outside of lade/ ---- */

static inline int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static inline void add_owned(struct strbuf *text, const char *path, const char *relative)
{
	struct dirent **names = NULL;
	int count = scandir(path, &names, NULL, compare_names);

	for (int i = 0; i < count; i++) {
		char child[PATH_MAX], below[PATH_MAX];
		struct stat status;
		const char *name = names[i]->d_name;
		(void)snprintf(child, sizeof child, "%s/%s", path, name);
		(void)snprintf(below, sizeof below, "%s%s", relative, name);
		bool is_own = name[0] == '.' || (!*relative && strcmp(name, "lade") == 0) ||
			      strstr(name, ".debug") != NULL || lstat(child, &status) < 0;
		if (!is_own)
			lade_strbuf_addf(text, "%s%s %u:%u %04o\n", below, S_ISDIR(status.st_mode) ? "/" : "",
					 status.st_uid, status.st_gid, status.st_mode & 07777);
		if (!is_own && S_ISDIR(status.st_mode)) {
			(void)strcat(below, "/");
			add_owned(text, child, below);
		}
		free(names[i]);
	}
	free(names);
}

/* "tethering/ 0:0 0755\ntethering/map_… 0:1073 0660\n" */
static inline char *owned_pins(void)
{
	struct strbuf text = { 0 };

	lade_strbuf_add(&text, "");
	add_owned(&text, LIVE_BPFFS, "");
	return lade_strbuf_take(&text);
}

/* The id of what is pinned here, map or program. */
static inline uint32_t id_of_pin(const char *relative)
{
	char path[PATH_MAX];
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof info, id;

	(void)snprintf(path, sizeof path, LIVE_BPFFS "/%s", relative);
	int fd = bpf_obj_get(path);
	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &length), 0);
	id = info.id;
	if (strstr(relative, "prog_")) {
		struct bpf_prog_info program = { 0 };
		length = sizeof program;
		assert_int_equal(bpf_obj_get_info_by_fd(fd, &program, &length), 0);
		id = program.id;
	}
	(void)close(fd);
	return id;
}

/* ---- a boot ---- */

struct booted {
	struct lade_boot *boot;
	struct lade_error *error;
	int code;
};

static inline struct booted boot_with(struct lade_context *context, const struct lade_boot_opts *opts)
{
	struct booted booted = { 0 };

	booted.code = lade_boot_run(context, opts, &booted.boot, &booted.error);
	return booted;
}

static inline void booted_end(struct booted *booted)
{
	(void)lade_boot_free(booted->boot);
	(void)lade_error_free(booted->error);
	*booted = (struct booted){ 0 };
}

/* Of the object whose file is called so. */
static inline struct lade_boot_object_info object_named(const struct lade_boot *boot, const char *leaf)
{
	struct lade_boot_object_info info = { .size = sizeof info };

	for (size_t i = 0; i < lade_boot_object_count(boot); i++) {
		assert_int_equal(lade_boot_object(boot, i, &info), 0);
		const char *slash = strrchr(info.file, '/');
		if (strcmp(slash ? slash + 1 : info.file, leaf) == 0)
			return info;
	}
	fail_msg("no object %s", leaf);
	return info;
}

static inline const char *first_code(const struct lade_error *error)
{
	return finding_of(error).code;
}

/* Removes every instance, as `lade unload` of all would. */
static inline void unload_all(struct lade_context *context)
{
	struct lade_state *state = NULL;

	assert_int_equal(lade_state_read(context, NULL, &state, NULL), 0);
	for (size_t i = 0; i < lade_state_count(state); i++) {
		struct lade_state_entry entry = { .size = sizeof entry };
		(void)lade_state_entry(state, i, &entry);
		(void)lade_state_unload(context, entry.directory, NULL);
	}
	(void)lade_state_free(state);
}

#endif
