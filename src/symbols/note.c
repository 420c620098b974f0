/* SPDX-License-Identifier: BSD-2-Clause */
#include "symbols/note.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"

#define NOTE_HEADER_BYTES 12u
#define LONGEST_BUILD_ID  64u

static uint64_t padded(uint64_t length)
{
	return (length + 3) & ~UINT64_C(3);
}

/* Of one note at `at`; false: it does not lie in the section as a whole. *ret_next: where the next one would be. */
static bool read_note(const struct lade_binary *binary, const struct lade_blob *notes, uint64_t at,
		      const char **ret_owner, struct lade_note *ret_note, uint64_t *ret_next)
{
	uint64_t name_size, size, type;

	if (!lade_blob_number(binary, notes, at, 4, &name_size) || !lade_blob_number(binary, notes, at + 4, 4, &size) ||
	    !lade_blob_number(binary, notes, at + 8, 4, &type))
		return false;
	/* Three numbers of 32 bits and an offset below 1 GiB: no overflow. */
	uint64_t description = at + NOTE_HEADER_BYTES + padded(name_size);
	if (description + size > notes->size)
		return false;
	const char *owner = (const char *)notes->bytes + at + NOTE_HEADER_BYTES;
	*ret_owner = name_size && owner[name_size - 1] == '\0' ? owner : "";
	*ret_note = (struct lade_note){ (uint32_t)type, { notes->bytes + description, size } };
	*ret_next = description + padded(size);
	return true;
}

static bool walk_section(struct lade_binary *binary, const struct lade_blob *notes, const char *section,
			 const char *wanted, lade_note_fn *fn, void *userdata)
{
	struct lade_note note;
	const char *owner;
	uint64_t next;

	for (uint64_t at = 0; at < notes->size; at = next) {
		if (!read_note(binary, notes, at, &owner, &note, &next)) {
			(void)lade_strings_addf(&binary->damages, "the note at offset %#llx of %s ends beyond it",
						(unsigned long long)at, section);
			return true;
		}
		if (strcmp(owner, wanted) == 0 && !fn(userdata, &note))
			return false;
	}
	return true;
}

int lade_notes_walk(struct lade_binary *binary, const char *owner, lade_note_fn *fn, void *userdata)
{
	bool goes_on = true;

	for (size_t i = 0; i < binary->sections.count && goes_on; i++) {
		CLEANUP(lade_blob_clear) struct lade_blob notes = { 0 };
		const struct lade_binary_section *section = &binary->sections.items[i];
		int result = section->type == SHT_NOTE ? lade_binary_content(binary, section, &notes) : 0;
		if (result == -ENOMEM)
			return result;
		goes_on = walk_section(binary, &notes, section->name, owner, fn, userdata);
	}
	return 0;
}

static bool take_build_id(void *userdata, const struct lade_note *note)
{
	char **text = userdata;
	struct strbuf hex = { 0 };

	if (note->type != NT_GNU_BUILD_ID || note->description.size < 2 || note->description.size > LONGEST_BUILD_ID)
		return true;
	for (uint64_t i = 0; i < note->description.size; i++)
		lade_strbuf_addf(&hex, "%02x", note->description.bytes[i]);
	*text = lade_strbuf_take(&hex);
	return false;
}

char *lade_build_id(struct lade_binary *binary)
{
	char *text = NULL;

	(void)lade_notes_walk(binary, "GNU", take_build_id, &text);
	return text;
}
