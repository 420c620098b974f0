/* SPDX-License-Identifier: BSD-2-Clause */
/* The list behind include/lade/needs.h. Pure. */
#ifndef LADE_NEEDS_NEEDS_H
#define LADE_NEEDS_NEEDS_H

#include <lade/needs.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "object/model.h"

struct need {
	enum lade_need_kind kind;
	char *name, *reason;
	const char *since; /* static, or NULL */
	bool to_attach, left_out;
	struct strings who;
};

struct lade_needs {
	ARRAY_OF(struct need) items;
	uint32_t window; /* of the part that is looked at: older kernels leave it out; 0: none does */
	bool optional;   /* … it is left out wherever the kernel refuses it */
	bool failed;     /* out of memory at some point */
};

/* Merged with an equal one; what is needed to load at all is not needed to attach only. Sticky failure. */
void lade_needs_put(struct lade_needs *needs, enum lade_need_kind kind, const char *name, const char *reason,
		    bool to_attach, const char *who);
/* "5.8" → 5 << 24 | 8 << 16; 0: none. */
uint32_t lade_needs_version(const char *text);

/* ---- find.c: rows of the tables; NULL: there is none. check/ asks a target for the same ---- */
struct need_fact;
struct need_rule;
static inline const char *need_text(uint32_t offset)
{
	extern const char lade_need_text[];

	return lade_need_text + offset;
}
const struct need_fact *lade_need_map(uint32_t type);
const struct need_fact *lade_need_program(uint32_t type);
const struct need_fact *lade_need_attach(uint32_t type);
const struct need_fact *lade_need_helper(uint32_t helper);
/* May only programs under the GPL call it? */
bool lade_need_helper_wants_gpl(uint32_t helper);
/* The version that a feature takes ("loop"). */
const struct need_rule *lade_need_feature(const char *feature);
/* Does loading (not only attaching) a program of the type take its expected attach type? */
bool lade_need_checks_attach_type(uint32_t program_type);

/* instructions.c: what a single instruction asks for, "cpu-v3"; NULL: every kernel with bpf(2) knows it. */
const char *lade_needs_instruction(const struct bpf_insn *instruction);
/* map_limits.c: a size that some releases do not take. */
struct need_limit {
	const char *code, *what;    /* of the finding (check/); "the key of a hash has at most 512 bytes before 5.11" */
	const char *since, *before; /* releases that have the limit; NULL: no bound */
};
/* The first that the map breaks on that release (0: not known, then those of all); NULL: none. */
const struct need_limit *lade_need_map_limit(const struct map_definition *map, uint32_t version, uint64_t *ret_size);
/* Bytes that kernels before 5.11 count for it, at least; refused from NEED_MAP_COST_MOST on. */
#define NEED_MAP_COST_MOST (UINT64_C(0xffffffff) - 4096)
uint64_t lade_need_map_cost(const struct map_definition *map, uint32_t cpus);
/* The largest number of entries that they take. */
uint32_t lade_need_map_entries(const struct map_definition *map, uint32_t cpus);
bool lade_need_map_is_per_cpu(uint32_t type);
/* The first release that has the function of the kernel; NULL: not in the table. */
const char *lade_need_kfunc(const char *name);
/* The module that may have it; NULL: none. */
const char *lade_need_kfunc_module(const char *name);
/* Row of what ("sleepable", "iterator") that matches the name and asks for a release; NULL: none. */
const struct need_rule *lade_need_release(const char *what, const char *name);
/* "tracing/trace_iter": what rows of "sleepable" match. */
void lade_need_sleepable_name(uint32_t type, uint32_t attach_type, char *buffer, size_t size);
/* loop.c: 1: it runs in a circle, and *ret_at is the instruction that closes it; 0: it does not; -ENOMEM. */
int lade_needs_find_loop(const struct bpf_insn *instructions, uint32_t count, uint32_t *ret_at);
/* instructions.c: what the code of a function asks for, put with lade_needs_feature() and lade_needs_helper(). */
void lade_needs_code(struct lade_needs *needs, const struct lade_function *function, const char *who);
/* collect.c */
void lade_needs_feature(struct lade_needs *needs, const char *feature, const char *who);
void lade_needs_helper(struct lade_needs *needs, uint32_t helper, const char *who);

/* " CONFIG_A, CONFIG_B": the options that are needed besides CONFIG_BPF and CONFIG_BPF_SYSCALL; NULL: none, or no
 * memory. */
char *lade_needs_options(const struct lade_needs *needs);

DEFINE_CLEANUP(struct lade_needs, lade_needs, lade_needs_free)

#endif
