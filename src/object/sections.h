/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The section table: which section name gives which program type in which dialect. Generated from
 * data/section_prefixes.csv; only the rows of one dialect are looked at, in file order, first match wins.
 */
#ifndef LADE_OBJECT_SECTIONS_H
#define LADE_OBJECT_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section_match {
	MATCH_EXACT,          /* the name itself */
	MATCH_PREFIX_NAME,    /* prefix/ then a name */
	MATCH_PREFIX_OR_EXACT, /* prefix, or prefix/target */
	MATCH_LOOSE,          /* prefix, anything may follow */
	MATCH_PATTERN,        /* described in the note: matched by code of that dialect */
};

struct section_row {
	const char *prefix;
	const char *dialect; /* "libbpf", "samples", … */
	enum section_match match;
	uint32_t program_type;         /* enum bpf_prog_type */
	uint32_t expected_attach_type;
	bool has_expected_attach_type;
	bool expected_attach_optional;
	bool sleepable;
	bool needs_attach_btf_id;
	bool xdp_frags;
	const char *attach_method;     /* words of the table */
};

/* NULL: the name gives no type in this dialect. *ret_target: text after "prefix/", or NULL. */
const struct section_row *lade_section_find(const char *dialect, const char *section, const char **ret_target);

/*
 * Names of sections that give a type in this dialect and that an untyped one is nearly: "tracepoint/sched/sched_switch" for
 * "tracepiont/sched/sched_switch". To be cleared with lade_similar_clear().
 */
struct similar_names;
void lade_section_near(const char *dialect, const char *section, struct similar_names *similar);

/* Kernel enums in libbpf's lower-case spelling. NULL / -EINVAL when unknown. Generated from data/ too. */
const char *lade_map_type_name(uint32_t type);          /* 27: "ringbuf" */
const char *lade_program_type_name(uint32_t type);      /* 5: "tracepoint" */
const char *lade_attach_type_name(uint32_t attach_type); /* 41: "perf_event" as bpftool and libbpf spell it */
int lade_program_type_parse(const char *name, uint32_t *ret_type);

#endif
