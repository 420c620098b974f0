/* SPDX-License-Identifier: BSD-2-Clause */
/* Which kernel a finding is about: what was said of it, what a text betrays, and what follows for cause and fix. Pure.
 */
#ifndef LADE_EXPLAIN_KERNELS_KERNELS_H
#define LADE_EXPLAIN_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lade_finding;

#define KERNEL_VERSION_BYTES 12
#define KERNEL_SINCE_CGROUP  (5 << 8 | 11) /* maps and programs are charged to the cgroup, and not to RLIMIT_MEMLOCK */

/* Mainline versions, major << 8 | minor, both inclusive; 0: no bound. */
struct kernel_known {
	uint16_t low, high;
	bool is_sure;           /* somebody said so */
	bool has_patch;         /* the text names a whole release: */
	uint8_t patch;          /* 191 of 4.19.191 */
	bool is_of_distributor; /* 4.15.0-20-generic, where the patch says nothing */
	bool is_worded;         /* `low` follows from what it prints: distributions put newer BPF under older numbers */
	char why[224];
};

/* "4.19", "v6.1", "5.10.0-8-amd64" → 4 << 8 | 19. */
bool lade_kernel_parse(const char *text, uint16_t *ret_version);
/* "4.19"; "" for 0. */
void lade_kernel_spell(uint16_t version, char text[KERNEL_VERSION_BYTES]);
/* The mainline release before this one. */
uint16_t lade_kernel_before(uint16_t version);

/* From what a text says of its kernel: "Linux version 4.19.191 …". */
void lade_kernel_guess(const char *text, size_t length, struct kernel_known *known);
/* From the wording of a verifier's log: narrows. */
void lade_kernel_guess_log(const char *log, struct kernel_known *known);
/* From the message itself, where not every kernel prints it: narrows. */
void lade_kernel_guess_message(const char *line, struct kernel_known *known);

/* From what alone a finding that is certain can be of: "arenas came with 6.9". kernel_facts.c: its bounds. */
void lade_kernel_guess_finding(const struct lade_finding *finding, struct kernel_known *known);
bool lade_kernel_bounds(const struct lade_finding *finding, uint16_t *ret_since, uint16_t *ret_until,
			const char **ret_note);
/* kernel_facts.c: since and until which kernel it matters, and the cause and fix there. */
void lade_kernel_apply(struct lade_finding *finding, const struct kernel_known *known);
/* kfunc_age.c: since when it has the very function that the message names. */
void lade_kernel_apply_kfunc(struct lade_finding *finding, const struct kernel_known *known);
/* The same on a live kernel, of which the KERNEL_VERSION code is known: likely, because distributions backport. */
void lade_kernel_apply_running(struct lade_finding *finding, uint32_t version);

/* wish.c: is the version one that is wanted, or where something began or ended? `at`: where "Linux" or "kernel" begins;
 * `version`: what stands there as its version. */
bool lade_kernel_is_wish(const char *line, const char *at, const char *version, const char *end);

#endif
