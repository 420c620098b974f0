/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One walk over all types of BTF that is looked at where it lies. A record tells its length only by its kind and the
 * number of its elements, so the walk is one long chain of loads: nothing else may stand in it.
 */
#include "btf/walk.h"

static const struct lade_btf_seeker nothing; /* is sought: a walk that only counts */

static int fail_record(const struct lade_btf_walk *walk, uint32_t index, uint64_t at, const char *why, uint32_t number,
		       struct lade_error **error)
{
	struct lade_btf_place place = { .btf = walk->btf,
					.file = walk->btf->lazy->file,
					.id = walk->btf->first_id + index,
					.offset = (uint32_t)at,
					.error = error };
	return lade_btf_fail_type(&place, why, number);
}

void lade_btf_begin_run(struct lade_btf_walk *walk, uint32_t first_checkpoint)
{
	struct lade_btf_lazy *lazy = walk->btf->lazy;
	walk->run = (struct lade_btf_run){ walk->index, first_checkpoint };
	if (walk->is_first)
		lazy->runs[lazy->run_count++] = walk->run;
}

static inline void mark(const struct lade_btf_walk *walk, uint32_t index, uint64_t at)
{
	uint32_t in_run = index - walk->run.first_index;
	if (in_run % LADE_BTF_STRIDE == 0 && walk->is_first)
		walk->btf->lazy->checkpoints[walk->run.first_checkpoint + in_run / LADE_BTF_STRIDE] = (uint32_t)at;
}

/* All records whose first bytes lie in the window, and that start before `until`, which is counted from its start. */
static void walk_window(struct lade_btf_walk *walk, const uint8_t *window, uint64_t length, uint64_t until)
{
	const struct lade_btf_lazy *lazy = walk->btf->lazy;
	const struct lade_btf_seeker *seeker = walk->seeker;
	uint32_t index = walk->index;
	uint64_t at = 0, last = 0;
	while (at < until && at + sizeof(struct btf_type) <= length && !walk->stopped) {
		const struct btf_type *type = (const struct btf_type *)(const void *)(window + at);
		uint32_t info = type->info, fixed = lazy->fixed[info >> 24];
		if (__builtin_expect(!fixed, 0)) {
			walk->unknown = true;
			break;
		}
		mark(walk, index, walk->at + at);
		if (__builtin_expect(seeker->sieve[type->name_off % LADE_BTF_SIEVE], 0))
			walk->stopped = seeker->hit(seeker->context, walk->btf->first_id + index,
						    (uint32_t)(walk->at + at), type);
		last = at;
		/* Most are just this long: a guess that the processor makes, so that it need not wait for the tables.
		 */
		if (fixed == sizeof *type && !(info & 0xffffff))
			at += sizeof *type;
		else
			at += lade_btf_record_size(lazy, info);
		index++;
	}
	walk->last = walk->at + last;
	walk->at += at;
	walk->index = index;
}

static int check_end(const struct lade_btf_walk *walk, struct lade_error **error)
{
	uint64_t end = walk->btf->types_length;
	if (walk->at > end)
		return fail_record(walk, walk->index - 1, walk->last, "it ends beyond the %u bytes of the types",
				   (uint32_t)end, error);
	if (walk->at < end)
		return fail_record(walk, walk->index, walk->at,
				   "only %u bytes are left, which is less than any type has",
				   (uint32_t)(end - walk->at), error);
	return 0;
}

int lade_btf_walk_on(struct lade_btf_walk *walk, uint64_t until, struct lade_error **error)
{
	struct lade_btf_lazy *lazy = walk->btf->lazy;
	uint64_t end = walk->btf->types_length;
	int result = 0;
	while (walk->at < until && walk->at + sizeof(struct btf_type) <= end) {
		uint64_t length = 0, start = walk->at;
		const uint8_t *window =
			lade_bytes_window(&lazy->bytes, lazy->types_at + start, lazy->types_at + end, &length, &result);
		if (!window)
			return lade_fail(error, -result, "btf.kernel.file", "%s: cannot be read: %s", lazy->file,
					 strerror(-result));
		walk_window(walk, window, length, until - start);
		if (walk->stopped)
			return walk->stopped;
		if (walk->unknown)
			return fail_record(walk, walk->index, walk->at,
					   "kind %u is not known, and no layout section tells its size",
					   lade_btf_kind((const void *)(window + (walk->at - start))), error);
	}
	return 0;
}

static int walk_all(struct lade_btf_walk *walk, struct lade_error **error)
{
	lade_btf_begin_run(walk, 0);
	int result = lade_btf_has_stretches(walk) ? lade_btf_walk_stretches(walk, error)
						  : lade_btf_walk_on(walk, walk->btf->types_length, error);
	return result ? result : check_end(walk, error);
}

/* What is known of it, not what it is. */
static void learn_count(const struct lade_btf *btf, uint32_t type_count)
{
	btf->lazy->walked = true;
	((struct lade_btf *)(uintptr_t)btf)->count = type_count;
}

bool lade_btf_learn_places(const struct lade_btf *btf, uint32_t type_count, const struct lade_btf_places *places)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	uint32_t checkpoints = (type_count - btf->first_id + LADE_BTF_STRIDE - 1) / LADE_BTF_STRIDE;
	if (checkpoints > places->part_length * LADE_BTF_PART_MOST)
		return false;
	if (lazy->walked)
		return true;
	lazy->places = *places;
	lazy->runs[0] = (struct lade_btf_run){ 0, 0 };
	lazy->run_count = 1;
	learn_count(btf, type_count);
	return true;
}

void lade_btf_forget_places(const struct lade_btf *btf)
{
	if (!btf->lazy->places.owner)
		return;
	btf->lazy->places = (struct lade_btf_places){ 0 };
	btf->lazy->walked = false;
}

int lade_btf_walk(const struct lade_btf *btf, const struct lade_btf_seeker *seeker, struct lade_error **error)
{
	struct lade_btf_lazy *lazy = btf->lazy;
	struct lade_btf_walk walk = { .btf = btf, .seeker = seeker ? seeker : &nothing, .is_first = !lazy->walked };
	if (walk.is_first)
		lazy->run_count = 0; /* an earlier one was ended */
	lade_btf_expect_much(btf);
	int result = walk_all(&walk, error);
	lade_bytes_relax(&lazy->bytes);
	/* Up to where it is damaged, if it is: what comes before can still be looked at. */
	if (walk.is_first && !walk.stopped)
		learn_count(btf, btf->first_id + walk.index);
	return result;
}
