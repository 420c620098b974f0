/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would it load there? The plan for a target is built as a load would build it; then what it would do is asked of the
 * target, theme by theme: one file each. Pure.
 */
#ifndef LADE_CHECK_CHECK_H
#define LADE_CHECK_CHECK_H

#include <lade/check.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "check/flow.h"
#include "plan/plan.h"
#include "target/target.h"

struct lade_check {
	enum lade_check_answer answer;
	bool by_table;
	struct findings findings; /* errors, then what cannot be said, then notes */
};

/* What a finding means for the answer. */
enum verdict {
	VERDICT_NOTE,
	VERDICT_UNSURE,  /* something that decides is not known */
	VERDICT_REFUSED, /* the kernel, or Lade for its sake, refuses */
};

/* What holds for several programs is one finding, which names the others as evidence. */
struct said {
	char *what; /* owned */
	enum verdict verdict;
	size_t finding; /* index */
	uint32_t others;
};

/* One object before one target. */
struct judging {
	struct lade_check *check;
	struct lade_object *object;
	struct lade_target *target;
	struct lade_target_info about;
	struct lade_check_opts opts;
	uint32_t version;           /* as lade_target_version(); 0: not known */
	bool backports;             /* its distribution puts features of newer releases into older ones */
	bool is_release;            /* a release of the mainline itself, and nobody's build of it */
	struct kernel_types *types; /* NULL: not known */
	const char *why_no_types;
	struct plan_target plan_target;
	struct lade_plan *plan; /* NULL: no plan could be made */
	bool failed;            /* out of memory at some point */
	/* Whom findings speak of. */
	const struct lade_map *map;
	const struct lade_program *program;
	const struct program_operation *load; /* of the program: for lines of its source */
	bool optional;                        /* what does not fit is left out, and the rest loads */
	ARRAY_OF(struct said) said;           /* of the whole object */
	ARRAY_OF(uint32_t) helpers_seen;      /* of the program: what was said already */
	struct strings unknown;               /* what nobody knows because the release is not known */
	struct strings open_options;          /* of the configuration: nobody knows them */
	struct strings options;               /* of the configuration: asked for already */
	char no_bpf[192];                     /* why there is no bpf(2); "": there is one */
	uint64_t capabilities;                /* bits of capabilities.c */
	bool *externs_seen;                   /* by index of the extern */
	struct strings moved;                 /* CO-RE relocations that have another value there */
	uint32_t moved_count;
	uint32_t open_core, open_symbols, open_targets; /* what could not be looked up */
};

/* ---- say.c: findings ---- */
struct lade_finding *lade_check_say(struct judging *judging, enum verdict verdict, const char *code, const char *format,
				    ...) __attribute__((format(printf, 4, 5)));
/*
 * Was the same said of another program or map with the same consequence? Then this one is added there. Else what comes
 * next will be found under it.
 */
bool lade_check_said(struct judging *judging, enum verdict verdict, const char *what);
/*
 * What the target answered to a question that the load depends on. True: it fits, and nothing is said. Else format
 * says what is missing there. fact NOT known: what would settle it.
 */
bool lade_check_needs(struct judging *judging, const struct known_fact *fact, const char *code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Is it that there is no bpf(2) at all? That is said once, and hides nothing else. */
bool lade_check_lacks_bpf(const struct judging *judging, const struct known_fact *fact);
/* The same for what only attaching needs. */
bool lade_check_attach_needs(struct judging *judging, const struct known_fact *fact, const char *code,
			     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Verdict of an answer. */
enum verdict lade_check_verdict(const struct judging *judging, const struct known_fact *fact);
/* Where in the program. */
void lade_check_at(const struct judging *judging, struct lade_finding *finding, uint32_t instruction);
/* Is the target at least of this release? Unknown: false. */
bool lade_check_since(struct judging *judging, unsigned major, unsigned minor);
bool lade_check_before(struct judging *judging, unsigned major, unsigned minor);
/* A feature of the tables of needs ("loop"): true: it is there. Says so otherwise. where: of the instruction, or -1. */
bool lade_check_feature(struct judging *judging, const char *feature, int64_t where);

/* ---- the themes ---- */
void lade_check_maps(struct judging *judging);                                          /* maps.c */
bool lade_check_map_cost(struct judging *judging, const struct map_definition *map);    /* map_cost.c */
void lade_check_program(struct judging *judging, const struct program_operation *load); /* program.c */
bool lade_check_is_gpl(const char *license);
/* padding.c */
bool lade_check_wants_gaps(struct judging *judging);
void lade_check_padding(struct judging *judging, const struct flow *flow);
void lade_check_code(struct judging *judging, const struct program_operation *load,
		     const struct flow *flow); /* code.c */
void lade_check_stack(struct judging *judging, const struct program_operation *load,
		      const struct flow *flow); /* stack.c */
void lade_check_core(struct judging *judging, const struct program_operation *load,
		     const struct flow *flow); /* core.c */
void lade_check_externs(struct judging *judging, const struct program_operation *load, const struct flow *flow);
void lade_check_places(struct judging *judging, const struct program_operation *load, const struct flow *flow);
/* One note each for what could not be looked up. */
void lade_check_open_core(struct judging *judging);
void lade_check_moved(struct judging *judging);
void lade_check_open_options(struct judging *judging);
void lade_check_open_symbols(struct judging *judging);
void lade_check_open_targets(struct judging *judging);
void lade_check_btf(struct judging *judging);     /* btf.c */
void lade_check_options(struct judging *judging); /* options.c */
/* The options that a map type, program type or rule of data/needs.csv asks for; true: none of them is missing. */
bool lade_check_option_words(struct judging *judging, const char *options, bool to_attach, const char *what);
void lade_check_rules(struct judging *judging, const char *what, const char *name);
void lade_check_capability_words(struct judging *judging, const char *capabilities);
void lade_check_capabilities(struct judging *judging); /* capabilities.c */

/* Leaves out what says only that there is no bpf(2), where another finding says so. */

DEFINE_CLEANUP(struct lade_check, lade_check, lade_check_free)

#endif
