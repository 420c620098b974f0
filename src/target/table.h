/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/releases.csv, android_kernels.csv, link_types.csv and helper_progtypes.csv. Texts: offsets into
 * lade_target_text. */
#ifndef LADE_TARGET_TABLE_H
#define LADE_TARGET_TABLE_H

#include <stddef.h>
#include <stdint.h>

enum target_long_term {
	LONG_TERM_NO,
	LONG_TERM_YES,   /* and maintained */
	LONG_TERM_ENDED, /* it was */
};

struct target_release {
	uint32_t code; /* 5 << 24 | 10 << 16 */
	uint32_t name;
	enum target_long_term long_term;
};

/* Options: "CONFIG_A CONFIG_B". */
struct target_android {
	uint32_t name, release, code, machine, options_set, options_not_set;
};

struct target_number {
	uint32_t number, name, since;
};

extern const char lade_target_text[];
extern const struct target_release lade_target_releases[]; /* the oldest first */
extern const size_t lade_target_release_count;
extern const struct target_android lade_target_androids[];
extern const size_t lade_target_android_count;
extern const struct target_number lade_target_links[];
extern const size_t lade_target_link_count;
extern const struct target_number lade_target_commands[];
extern const size_t lade_target_command_count;

/* Kernels that were measured, and for each helper and type of program a bit for each of them. */
#define LADE_TARGET_MEASURED    4u
#define LADE_TARGET_CONDITIONAL (1u << LADE_TARGET_MEASURED) /* … for some attach types or configurations */
extern const uint32_t lade_target_measured[];
extern const uint8_t lade_target_helpers[][33];
extern const size_t lade_target_helper_count, lade_target_helper_programs;

#endif
