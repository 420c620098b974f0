/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "symbols/debug.h"
#include "symbols/note.h"

#define DEBUG_ROOT "/usr/lib/debug"

/* What is known of the wanted file. */
struct wanted {
	struct lade_binary *binary;
	char *build_id; /* NULL: none */
	char *link;     /* file name in .gnu_debuglink; NULL: none */
	uint32_t checksum;
	struct strings places; /* in order */
};

static void wanted_clear(struct wanted *wanted)
{
	free(wanted->build_id);
	free(wanted->link);
	lade_strings_clear(&wanted->places);
}

/* Bytes of "/proc/PID/root" at the path's start; 0: it is in our own root. */
static size_t root_length(const char *path)
{
	static const char proc[] = "/proc/", root[] = "/root/";
	size_t at = sizeof proc - 1;

	if (strncmp(path, proc, at) != 0)
		return 0;
	at += strcspn(path + at, "/");
	return strncmp(path + at, root, sizeof root - 1) == 0 ? at + sizeof root - 2 : 0;
}

static int read_link(struct wanted *wanted)
{
	CLEANUP(lade_blob_clear) struct lade_blob content = { 0 };
	const struct lade_binary_section *section = lade_binary_section(wanted->binary, ".gnu_debuglink");
	uint64_t checksum;

	if (!section || lade_binary_content(wanted->binary, section, &content) < 0)
		return 0;
	const char *name = lade_blob_string(&content, 0);
	if (!name || !*name || strchr(name, '/'))
		return 0;
	if (!lade_blob_number(wanted->binary, &content, (strlen(name) + 4) & ~3UL, 4, &checksum))
		return 0;
	wanted->checksum = (uint32_t)checksum;
	wanted->link = strdup(name);
	return wanted->link ? 0 : -ENOMEM;
}

static int add_places(struct wanted *wanted)
{
	const char *path = wanted->binary->path, *slash = strrchr(path, '/');
	int root = (int)root_length(path), directory = slash ? (int)(slash - path) : 0;
	int result = 0;

	for (int in_root = root ? 1 : 0; in_root >= 0 && wanted->build_id && result == 0; in_root--)
		result = lade_strings_addf(&wanted->places, "%.*s" DEBUG_ROOT "/.build-id/%.2s/%s.debug",
					   in_root ? root : 0, path, wanted->build_id, wanted->build_id + 2);
	if (!wanted->link || !slash || result < 0)
		return result;
	result = lade_strings_addf(&wanted->places, "%.*s/%s", directory, path, wanted->link);
	if (result == 0)
		result = lade_strings_addf(&wanted->places, "%.*s/.debug/%s", directory, path, wanted->link);
	for (int in_root = root ? 1 : 0; in_root >= 0 && result == 0; in_root--)
		result = lade_strings_addf(&wanted->places, "%.*s" DEBUG_ROOT "%.*s/%s", in_root ? root : 0, path,
					   directory - root, path + root, wanted->link);
	return result;
}

static int find_out(struct lade_binary *binary, struct wanted *wanted)
{
	*wanted = (struct wanted){ .binary = binary, .build_id = lade_build_id(binary) };
	int result = read_link(wanted);
	return result == 0 ? add_places(wanted) : result;
}

/* The sum that .gnu_debuglink holds is that of zlib. */
static uint32_t checksum_of(const struct lade_binary *binary)
{
	uLong sum = crc32(0, NULL, 0);
	uint64_t step = 1 << 20;

	for (uint64_t at = 0; at < binary->size; at += step) {
		CLEANUP(lade_blob_clear) struct lade_blob part = { 0 };
		uint64_t length = binary->size - at < step ? binary->size - at : step;
		if (lade_binary_read(binary, at, length, &part) < 0)
			return 0;
		sum = crc32(sum, part.bytes, (uInt)part.size);
	}
	return (uint32_t)sum;
}

static bool is_wanted(const struct wanted *wanted, struct lade_binary *candidate)
{
	CLEANUP(cleanup_free) char *build_id = lade_build_id(candidate);

	if (candidate->machine != wanted->binary->machine || candidate->is_64 != wanted->binary->is_64)
		return false;
	if (build_id && wanted->build_id)
		return strcmp(build_id, wanted->build_id) == 0;
	return wanted->link && checksum_of(candidate) == wanted->checksum;
}

int lade_debug_file(struct lade_binary *binary, struct lade_binary **ret_debug)
{
	CLEANUP(wanted_clear) struct wanted wanted = { 0 };
	int result = find_out(binary, &wanted);

	if (result < 0)
		return result;
	array_foreach(place, &wanted.places) {
		CLEANUP(cleanup_lade_binary) struct lade_binary *candidate = NULL;
		if (strcmp(*place, binary->path) == 0 || lade_binary_open(*place, &candidate, NULL) < 0)
			continue;
		if (is_wanted(&wanted, candidate)) {
			*ret_debug = TAKE(candidate);
			return 0;
		}
		(void)lade_strings_addf(&binary->damages, "%s belongs to another build of the file", *place);
	}
	return -ENOENT;
}

void lade_debug_hint(struct lade_binary *binary, struct lade_finding *finding)
{
	CLEANUP(wanted_clear) struct wanted wanted = { 0 };

	if (!finding || find_out(binary, &wanted) < 0)
		return;
	array_foreach(place, &wanted.places)
		finding_evidence(finding, "no debug file: %s", *place);
	if (wanted.build_id)
		finding_fix(
			finding,
			"install the debug symbols of the package that holds %s (its -dbgsym or -debuginfo package), "
			"or fetch them: debuginfod-find debuginfo %s; or give a file offset as file:PATH:0xOFFSET",
			binary->path, wanted.build_id);
	else if (wanted.link)
		finding_fix(finding, "put the debug file %s beside %s, or give a file offset as file:PATH:0xOFFSET",
			    wanted.link, binary->path);
	else
		finding_fix(finding,
			    "use a build of %s that is not stripped, or give a file offset as "
			    "file:PATH:0xOFFSET",
			    binary->path);
}
