/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Description of a note, with addresses as wide as the file's:
 *
 *     address of the no-op, address of .stapsdt.base when it was linked, address of the semaphore or 0,
 *     provider NUL, name NUL, arguments NUL
 */
#include "symbols/usdt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/similar.h"
#include "symbols/note.h"

#define NOTE_TYPE    3u
#define NAMES_LISTED 20u

struct probe {
	uint64_t address, base, semaphore;
	const char *provider, *name, *arguments; /* borrowed from the note */
};

struct search {
	struct lade_binary *binary;
	const char *provider, *name;
	char *wanted; /* "PROVIDER:NAME" */
	struct usdt_locations locations;
	size_t bad; /* notes that lie */
	bool failed;
	/* for the finding */
	struct strings names; /* of the file's probes, each once, the first few */
	struct similar_names similar;
};

static void search_clear(struct search *search)
{
	free(search->wanted);
	lade_strings_clear(&search->names);
	lade_similar_clear(&search->similar);
	lade_usdt_locations_clear(&search->locations);
}

/* ---- reading ---- */

/* The next of the strings, in the note's blob, which ends where the note does. */
static const char *next_string(const struct lade_blob *blob, uint64_t *at)
{
	const char *text = lade_blob_string(blob, *at);

	*at += text ? strlen(text) + 1 : 0;
	return text;
}

static bool read_probe(const struct lade_binary *binary, const struct lade_note *note, struct probe *ret_probe)
{
	unsigned word = lade_binary_word(binary);
	const struct lade_blob *blob = &note->description;
	uint64_t at = 3 * (uint64_t)word;
	struct probe probe = { 0 };

	if (!lade_blob_number(binary, blob, 0, word, &probe.address) ||
	    !lade_blob_number(binary, blob, word, word, &probe.base) ||
	    !lade_blob_number(binary, blob, 2 * (uint64_t)word, word, &probe.semaphore))
		return false;
	probe.provider = next_string(blob, &at);
	probe.name = probe.provider ? next_string(blob, &at) : NULL;
	probe.arguments = probe.name ? next_string(blob, &at) : NULL;
	if (!probe.arguments || !*probe.name)
		return false;
	*ret_probe = probe;
	return true;
}

/* Prelinking moves code but not notes: the base section tells by how much. */
static uint64_t moved(const struct lade_binary *binary, const struct probe *probe, uint64_t address)
{
	const struct lade_binary_section *base = lade_binary_section(binary, ".stapsdt.base");

	if (!base || !probe->base)
		return address;
	address += base->address - probe->base; /* modulo 2^64, as addresses are */
	return binary->is_64 ? address : (uint32_t)address;
}

static bool keep(struct search *search, const struct probe *probe)
{
	struct usdt_location location = { .address = moved(search->binary, probe, probe->address) };
	uint64_t semaphore = probe->semaphore ? moved(search->binary, probe, probe->semaphore) : 0;

	if (!lade_binary_offset(search->binary, location.address, PF_X, &location.offset) ||
	    (semaphore && !lade_binary_offset(search->binary, semaphore, PF_W, &location.semaphore)))
		return false;
	location.arguments = strdup(probe->arguments);
	struct usdt_location *kept = location.arguments ? array_push(&search->locations) : NULL;
	if (kept)
		*kept = location;
	else
		free(location.arguments);
	search->failed |= !kept;
	return true;
}

/* One probe may be in hundreds of places. */
static bool is_known(const struct search *search, const char *name)
{
	for (size_t i = 0; i < search->names.count; i++)
		if (strcmp(search->names.items[i], name) == 0)
			return true;
	for (size_t i = 0; i < search->similar.count; i++)
		if (strcmp(search->similar.names[i], name) == 0)
			return true;
	return false;
}

static void remember_name(struct search *search, const struct probe *probe)
{
	CLEANUP(cleanup_free) char *name = NULL;

	if (asprintf(&name, "%s:%s", probe->provider, probe->name) < 0) {
		name = NULL;
		return;
	}
	if (is_known(search, name))
		return;
	/* The right name with another provider is as near as can be. */
	if (strcmp(probe->name, search->name) == 0)
		lade_similar_add(&search->similar, name, 0);
	else
		lade_similar_consider(&search->similar, name);
	if (search->names.count < NAMES_LISTED)
		(void)lade_strings_add(&search->names, name);
}

static bool consider(void *userdata, const struct lade_note *note)
{
	struct search *search = userdata;
	struct probe probe;

	if (note->type != NOTE_TYPE)
		return true;
	if (!read_probe(search->binary, note, &probe)) {
		search->bad++;
		return true;
	}
	bool is_wanted = strcmp(probe.provider, search->provider) == 0 && strcmp(probe.name, search->name) == 0;
	if (is_wanted && !keep(search, &probe))
		search->bad++;
	if (!is_wanted && !search->locations.count)
		remember_name(search, &probe);
	return !search->failed;
}

/* ---- findings ---- */

static void report_damages(const struct search *search, struct lade_finding *finding)
{
	if (search->bad)
		finding_evidence(finding, "%zu notes of probes are damaged, or name places outside of the file",
				 search->bad);
	array_foreach(damage, &search->binary->damages)
		finding_evidence(finding, "%s", *damage);
}

static int fail_missing(struct search *search, struct lade_error **error)
{
	struct lade_finding *finding = lade_error_add(error, ENOENT, "attach.usdt.missing", "%s: has no USDT probe %s",
						      search->binary->path, search->wanted);
	bool has_notes = lade_binary_section(search->binary, ".note.stapsdt");

	if (!has_notes)
		finding_cause(finding,
			      "the file has no USDT probes at all (no section .note.stapsdt): it may have been "
			      "built without them, or a library that it loads has them");
	lade_similar_evidence(&search->similar, finding, "probe");
	for (size_t i = 0; i < search->names.count; i++)
		finding_evidence(finding, "it has %s", search->names.items[i]);
	report_damages(search, finding);
	return -ENOENT;
}

static int fail_damaged(const struct search *search, struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EBADMSG, "attach.usdt.note", "%s: the notes of the USDT probe %s cannot be used",
			       search->binary->path, search->wanted);
	report_damages(search, finding);
	return -EBADMSG;
}

/* ---- */

static int by_offset(const void *left, const void *right)
{
	const struct usdt_location *one = left, *other = right;

	return one->offset < other->offset ? -1 : one->offset > other->offset;
}

/* Notes may be there twice; what they say of one place is the same. */
static void drop_twins(struct usdt_locations *locations)
{
	size_t kept = 0;

	lade_sort(locations->items, locations->count, sizeof *locations->items, by_offset);
	for (size_t i = 0; i < locations->count; i++)
		if (kept && locations->items[kept - 1].offset == locations->items[i].offset)
			free(locations->items[i].arguments);
		else
			locations->items[kept++] = locations->items[i];
	locations->count = kept;
}

static int find(struct search *search, struct lade_error **error)
{
	if (asprintf(&search->wanted, "%s:%s", search->provider, search->name) < 0) {
		search->wanted = NULL;
		return lade_fail_memory(error);
	}
	search->similar.wanted = search->wanted;
	int result = lade_notes_walk(search->binary, "stapsdt", consider, search);
	if (result < 0 || search->failed)
		return lade_fail_memory(error);
	if (!search->locations.count)
		return search->bad ? fail_damaged(search, error) : fail_missing(search, error);
	drop_twins(&search->locations);
	return 0;
}

int lade_usdt_find(struct lade_binary *binary, const char *provider, const char *name,
		   struct usdt_locations *ret_locations, struct lade_error **error)
{
	CLEANUP(search_clear) struct search search = { .binary = binary, .provider = provider, .name = name };
	int result = find(&search, error);

	if (result < 0)
		return result;
	*ret_locations = search.locations;
	search.locations = (struct usdt_locations){ 0 };
	return 0;
}

void lade_usdt_locations_clear(struct usdt_locations *locations)
{
	array_foreach(location, locations)
		free(location->arguments);
	array_clear(locations);
}
