/* SPDX-License-Identifier: BSD-2-Clause */
/* Generated from data/needs.csv and the tables of types, helpers, flags and options. Texts: offsets into
 * lade_need_text. */
#ifndef LADE_NEEDS_TABLE_H
#define LADE_NEEDS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A type of maps or programs, an attach type, a helper, a flag of maps or of programs. */
struct need_fact {
	uint32_t number;
	uint32_t name;         /* "ringbuf", "bpf_ringbuf_output", "BPF_F_MMAPABLE" */
	uint32_t since;        /* "5.8" */
	uint32_t options;      /* "CONFIG_NET CONFIG_INET"; "" */
	uint32_t capabilities; /* "CAP_BPF CAP_PERFMON"; "" */
	bool gpl;              /* of helpers: only programs under the GPL may call it, of whatever type */
};

/* An option of the kernel's configuration. */
struct need_option {
	uint32_t name, since, loss; /* loss: what does not work without it */
};

/* What is not in those tables. */
struct need_rule {
	uint32_t what;  /* "program", "map", "section", "feature", "helper" */
	uint32_t match; /* name of the type, helper or feature; pattern of the section */
	uint32_t kind;  /* enum lade_need_kind */
	uint32_t name, reason;
	uint32_t code; /* of the finding when a kernel does not have it (check/) */
	bool to_attach;
};

extern const char lade_need_text[];
extern const struct need_fact lade_need_maps[], lade_need_programs[], lade_need_attachs[], lade_need_helpers[],
	lade_need_flags[], lade_need_program_flags[];
extern const size_t lade_need_map_count, lade_need_program_count, lade_need_attach_count, lade_need_helper_count,
	lade_need_flag_count, lade_need_program_flag_count;
/* A member of bpf(2)'s attributes, where a map is made or a program is loaded; in the order of names. */
struct need_member {
	uint32_t name, since;
};
extern const struct need_member lade_need_members[];
extern const size_t lade_need_member_count;
extern const struct need_option lade_need_options[];
extern const size_t lade_need_option_count;
/* A function of the kernel that programs may call, and the first release that has it. */
struct need_kfunc {
	uint32_t name, since;
	uint32_t module; /* that has it, where the kernel was not built with it; "" */
};
extern const struct need_kfunc lade_need_kfuncs[];
extern const size_t lade_need_kfunc_count;
extern const struct need_rule lade_need_rules[];
extern const size_t lade_need_rule_count;

#endif
