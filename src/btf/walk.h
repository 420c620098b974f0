/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two ways to walk over all types share: one record after the other, and several stretches at once. */
#ifndef LADE_BTF_WALK_H
#define LADE_BTF_WALK_H

#include "btf/lazy.h"

struct lade_btf_walk {
	const struct lade_btf *btf;
	const struct lade_btf_seeker *seeker;
	uint64_t at;    /* of the next record, in the types */
	uint64_t last;  /* of the one before */
	uint32_t index; /* of the next, counted from the BTF's own first */
	int stopped;    /* what hit returned */
	bool unknown;   /* the next one is of a kind that is not known */
	bool is_first;  /* checkpoints and runs are not known yet, and are filled in */
	struct lade_btf_run run;
};

/* One record after the other, up to the first that starts at `until` or behind it, or is none. */
int lade_btf_walk_on(struct lade_btf_walk *walk, uint64_t until, struct lade_error **error);
/* The types that follow have checkpoints of their own. */
void lade_btf_begin_run(struct lade_btf_walk *walk, uint32_t first_checkpoint);

/* Is it worth while, and can it be: are all bytes there? */
bool lade_btf_has_stretches(const struct lade_btf_walk *walk);
/* From the first record on; the last ones, and all of which the guesses were wrong, are walked one after the other. */
int lade_btf_walk_stretches(struct lade_btf_walk *walk, struct lade_error **error);

static inline uint64_t lade_btf_record_size(const struct lade_btf_lazy *lazy, uint32_t info)
{
	/* 0: the kind is not known; it has no elements then. */
	return lazy->fixed[info >> 24] + (uint64_t)lazy->element[info >> 24] * (info & 0xffffff);
}

#endif
