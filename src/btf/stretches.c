/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking over several stretches of the types at once. Where a record ends is known only when it was looked at, so a
 * walk mostly waits; what several of them wait for, they wait for together.
 *
 * Where the stretches start is guessed. What was seen in one counts only when the walk over all that lies before comes
 * to its very start; else that walk goes on through it, one record after the other. Nobody trusts a guess: a BTF made
 * to mislead it costs time, and changes nothing.
 *
 *     types   |---- stretch 0 ----|---- stretch 1 ----|---- stretch 2 ----|
 *     blocks  [ 32 ][ 32 ][ 32 ]..[ 32 ][ 32 ][ 32 ]..[ 32 ][ 32 ][ 32 ]...
 *
 * A stretch is walked in blocks of as many records as there are between checkpoints. A lane that cannot go on, be it at
 * the end of its stretch or before what is no record, stays where it is until the block is through; only records that
 * lie before that place are counted. So nothing is judged here: what a lane does not get over, the walk comes to.
 */
#include "btf/walk.h"

#define LANES       8u     /* walked at once: as many as there are registers for */
#define AHEAD       1024u  /* bytes before they are needed they are asked for: nobody foresees so many streams */
#define TRIAL       16u    /* records in a row that must look like records where a stretch may start */
#define TRIED_MOST  16384u /* bytes in which a start is sought */
#define TRIAL_BYTES 512u   /* what a trial looks at, mostly */
#define CACHE_LINE  64u
#define SEEN_MOST   (LADE_BTF_SIEVE / 8) /* names: with more, most of the work is in what is seen */

/* A record whose name is sought, perhaps. */
struct sighting {
	uint32_t index; /* in the stretch */
	uint32_t offset;
};

struct stretch {
	uint64_t start, end; /* the end is where the next one starts */
	uint64_t at;         /* behind the records that were counted */
	uint32_t count;
	uint32_t first_checkpoint;
	bool is_blind; /* there was no memory for what was seen: as if it had never been walked */
	ARRAY_OF(struct sighting) sightings;
};

struct race {
	const struct lade_btf_walk *walk;
	struct stretch stretches[LADE_BTF_STRETCHES];
	size_t count, next; /* all; the next one that is not in a lane yet */
	struct {
		struct stretch *stretch; /* NULL: idle. It goes on the spot, and nobody looks */
		uint64_t at, end;
	} lanes[LANES];
};

/* ---- guessing ---- */

static bool looks_like_record(const struct lade_btf *btf, const struct btf_type *type)
{
	uint32_t kind = lade_btf_kind(type);
	uint64_t names = (uint64_t)btf->first_string + btf->strings_length;
	bool has_elements = btf->lazy->element[kind] || kind == BTF_KIND_FUNC;
	return btf->lazy->fixed[kind] && type->name_off < names && (has_elements || !lade_btf_vlen(type));
}

static bool looks_like_start(const struct lade_btf *btf, uint64_t at)
{
	for (unsigned i = 0; i < TRIAL; i++) {
		if (at + sizeof(struct btf_type) > btf->types_length)
			return false;
		const struct btf_type *type = (const struct btf_type *)(const void *)(btf->types + at);
		if (!looks_like_record(btf, type))
			return false;
		at += lade_btf_record_size(btf->lazy, type->info);
	}
	return true;
}

/* The first place from here on; 0: there is none near. */
static uint64_t guess_start(const struct lade_btf *btf, uint64_t from)
{
	for (uint64_t at = from; at < from + TRIED_MOST; at += sizeof(uint32_t))
		if (looks_like_start(btf, at))
			return at;
	return 0;
}

/* Checkpoints of a walk from one start must not reach those of the next, whatever its records are like. */
static uint32_t checkpoint_for(uint64_t start, size_t number)
{
	return (uint32_t)(start / sizeof(struct btf_type) / LADE_BTF_STRIDE + number);
}

static void add_stretch(struct race *race, uint64_t start)
{
	struct stretch *stretch = &race->stretches[race->count];
	if (race->count)
		stretch[-1].end = start;
	*stretch = (struct stretch){ .start = start,
				     .at = start,
				     .end = race->walk->btf->types_length - sizeof(struct btf_type),
				     .first_checkpoint = checkpoint_for(start, race->count) };
	race->count++;
}

/* So that what is looked at later is near by then. It need not even be there. */
static inline void ask_for(const struct lade_btf *btf, uint64_t at)
{
	__builtin_prefetch((const void *)((uintptr_t)btf->types + at));
}

static void guess_stretches(struct race *race)
{
	const struct lade_btf *btf = race->walk->btf;
	uint64_t wanted = btf->types_length / btf->lazy->stretch_bytes;
	uint64_t count = wanted < LADE_BTF_STRETCHES ? wanted : LADE_BTF_STRETCHES;
	uint64_t length = btf->types_length / count / sizeof(uint32_t) * sizeof(uint32_t);
	for (uint64_t i = 1; i < count; i++)
		for (uint64_t ahead = 0; ahead < TRIAL_BYTES; ahead += CACHE_LINE)
			ask_for(btf, length * i + ahead);
	add_stretch(race, 0);
	for (uint64_t i = 1; i < count; i++) {
		uint64_t start = guess_start(btf, length * i);
		if (start > race->stretches[race->count - 1].start)
			add_stretch(race, start);
	}
}

/* ---- walking ---- */

__attribute__((noinline, cold)) static void note(struct race *race, size_t lane, uint32_t index, uint64_t at)
{
	struct stretch *stretch = race->lanes[lane].stretch;
	struct sighting *sighting = stretch ? array_push(&stretch->sightings) : NULL;
	if (sighting)
		*sighting = (struct sighting){ stretch->count + index, (uint32_t)at };
	else if (stretch)
		stretch->is_blind = true;
}

/* The next record, or the same when it would not lie before the end: no branch to guess, and nothing to wait for. */
static inline uint64_t step(const struct lade_btf_lazy *lazy, const struct btf_type *type, uint64_t at, uint64_t end)
{
	uint64_t next = at + lade_btf_record_size(lazy, type->info);
	return next <= end ? next : at;
}

static inline const struct btf_type *type_at(const struct lade_btf *btf, uint64_t at)
{
	return (const struct btf_type *)(const void *)(btf->types + at);
}

/* A block in each lane. */
static void run_block(struct race *race)
{
	const struct lade_btf *btf = race->walk->btf;
	const struct lade_btf_lazy *lazy = btf->lazy;
	const bool *sieve = race->walk->seeker->sieve;
	uint64_t at[LANES], end[LANES];
	for (size_t lane = 0; lane < LANES; lane++) {
		at[lane] = race->lanes[lane].at;
		end[lane] = race->lanes[lane].end;
	}
	for (uint32_t i = 0; i < LADE_BTF_STRIDE; i++)
#pragma GCC unroll 8
		for (size_t lane = 0; lane < LANES; lane++) {
			const struct btf_type *type = type_at(btf, at[lane]);
			if (__builtin_expect(sieve[type->name_off % LADE_BTF_SIEVE], 0))
				note(race, lane, i, at[lane]);
			ask_for(btf, at[lane] + AHEAD);
			at[lane] = step(lazy, type, at[lane], end[lane]);
		}
	for (size_t lane = 0; lane < LANES; lane++)
		race->lanes[lane].at = at[lane];
}

/* Gives the lane the next stretch; false: there is none. */
static bool enter(struct race *race, size_t lane)
{
	race->lanes[lane].stretch = NULL;
	if (race->next >= race->count)
		return false;
	struct stretch *stretch = &race->stretches[race->next++];
	race->lanes[lane].stretch = stretch;
	race->lanes[lane].at = stretch->start;
	race->lanes[lane].end = stretch->end;
	return true;
}

static uint64_t next_of(const struct lade_btf *btf, uint64_t at, uint64_t end)
{
	return step(btf->lazy, type_at(btf, at), at, end);
}

/* The lane cannot go on: the block has fewer records than others. */
static void count_rest(const struct lade_btf *btf, struct stretch *stretch)
{
	for (uint64_t next; (next = next_of(btf, stretch->at, stretch->end)) != stretch->at; stretch->at = next)
		stretch->count++;
}

/* After a block. False: the lane stays idle. */
static bool take_stock(struct race *race, size_t lane)
{
	struct stretch *stretch = race->lanes[lane].stretch;
	const struct lade_btf *btf = race->walk->btf;
	uint64_t at = race->lanes[lane].at;
	if (!stretch)
		return false;
	if (race->walk->is_first)
		btf->lazy->checkpoints[stretch->first_checkpoint + stretch->count / LADE_BTF_STRIDE] =
			(uint32_t)stretch->at;
	if (next_of(btf, at, stretch->end) == at) {
		count_rest(btf, stretch);
		return enter(race, lane);
	}
	stretch->count += LADE_BTF_STRIDE;
	stretch->at = at;
	return true;
}

static void run(struct race *race)
{
	bool is_running = false;
	for (size_t lane = 0; lane < LANES; lane++)
		is_running |= enter(race, lane);
	while (is_running) {
		is_running = false;
		run_block(race);
		for (size_t lane = 0; lane < LANES; lane++)
			is_running |= take_stock(race, lane);
	}
}

/* ---- joining ---- */

static int tell(struct lade_btf_walk *walk, const struct stretch *stretch)
{
	const struct lade_btf_seeker *seeker = walk->seeker;
	array_foreach(sighting, &stretch->sightings) {
		if (sighting->index >= stretch->count)
			break; /* seen by a lane that stayed where it was */
		walk->stopped = seeker->hit(seeker->context, walk->btf->first_id + walk->index + sighting->index,
					    sighting->offset, type_at(walk->btf, sighting->offset));
		if (walk->stopped)
			return walk->stopped;
	}
	return 0;
}

/* It starts where the walk is: what was seen in it is true. */
static int join(struct lade_btf_walk *walk, const struct stretch *stretch)
{
	if (stretch->is_blind)
		return 0;
	int result = tell(walk, stretch);
	if (result)
		return result;
	lade_btf_begin_run(walk, stretch->first_checkpoint);
	walk->index += stretch->count;
	walk->at = stretch->at;
	return 0;
}

static int join_all(struct lade_btf_walk *walk, const struct race *race, struct lade_error **error)
{
	int result = 0;
	for (size_t i = 0; i < race->count && !result; i++) {
		result = lade_btf_walk_on(walk, race->stretches[i].start, error);
		if (!result && walk->at == race->stretches[i].start)
			result = join(walk, &race->stretches[i]);
	}
	return result ? result : lade_btf_walk_on(walk, walk->btf->types_length, error);
}

bool lade_btf_has_stretches(const struct lade_btf_walk *walk)
{
	const struct lade_btf *btf = walk->btf;
	return !btf->lazy->bytes.present && btf->types_length / btf->lazy->stretch_bytes >= 2 &&
	       walk->seeker->sought <= SEEN_MOST;
}

int lade_btf_walk_stretches(struct lade_btf_walk *walk, struct lade_error **error)
{
	struct race race = { .walk = walk };
	guess_stretches(&race);
	run(&race);
	int result = join_all(walk, &race, error);
	for (size_t i = 0; i < race.count; i++)
		array_clear(&race.stretches[i].sightings);
	return result;
}
