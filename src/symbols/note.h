/* SPDX-License-Identifier: BSD-2-Clause */
/* ELF notes: namesz, descsz, type, name, description, each part padded to 4 bytes. */
#ifndef LADE_SYMBOLS_NOTE_H
#define LADE_SYMBOLS_NOTE_H

#include "symbols/binary.h"

struct lade_note {
	uint32_t type;
	struct lade_blob description; /* borrowed; no NUL follows */
};

/* Calls fn for every note of this owner in sections of notes until it says false. 0, -ENOMEM. */
typedef bool lade_note_fn(void *userdata, const struct lade_note *note);
int lade_notes_walk(struct lade_binary *binary, const char *owner, lade_note_fn *fn, void *userdata);

/* The build id in hexadecimal, to be freed; NULL: it has none (or no memory). */
char *lade_build_id(struct lade_binary *binary);

#endif
