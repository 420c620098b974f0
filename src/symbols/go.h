/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that Go's own compiler made: functions from .gopclntab, which stripping leaves, and the version. */
#ifndef LADE_SYMBOLS_GO_H
#define LADE_SYMBOLS_GO_H

#include "symbols/table.h"

/*
 * Every function of .gopclntab (layouts of Go 1.2, 1.16, 1.18 and 1.20). A table that lies goes into the binary's
 * damages; what is in it up to there was given out. 0, also where there is none, or -ENOMEM.
 */
int lade_go_walk(struct lade_binary *binary, lade_symbol_fn *fn, void *userdata);

struct lade_go_version {
	char text[32]; /* "go1.21.4" */
	unsigned major, minor;
};
/* From .go.buildinfo. False: not made by Go, or by one that is too old to say. */
bool lade_go_version(struct lade_binary *binary, struct lade_go_version *ret_version);
/* Do functions of that version take their arguments in registers, on this machine? */
bool lade_go_uses_registers(const struct lade_binary *binary, const struct lade_go_version *version);

#endif
