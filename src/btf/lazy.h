/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BTF that is looked at where it lies. Types are found from checkpoints, which the first walk over all of them leaves;
 * each record is checked against the bounds when it is looked at, and one that fails is none. What the records say of
 * each other is not checked: an id may be out of range (lade_btf_type() gives NULL for it), a name too ("").
 */
#ifndef LADE_BTF_LAZY_H
#define LADE_BTF_LAZY_H

#include "btf/bytes.h"
#include "btf/internal.h"

#define LADE_BTF_STRIDE 32u /* ids from one checkpoint to the next */
#define LADE_BTF_RECENT 256u
/* A walk takes the types in so many stretches at most, if they are not shorter than this. */
#define LADE_BTF_STRETCHES     16u
#define LADE_BTF_STRETCH_BYTES 32768u

/* Types from this one on, counted from the BTF's own first, have their checkpoints from that one on. */
struct lade_btf_run {
	uint32_t first_index, first_checkpoint;
};

/* Checkpoints that somebody else has, and brings in parts when they are asked for; see lade_btf_learn_places(). */
#define LADE_BTF_PART_MOST 512u /* parts */
struct lade_btf_places {
	void *owner;                                                           /* NULL: there is nobody */
	bool (*bring)(void *owner, struct lade_btf_lazy *lazy, uint32_t part); /* false: cannot be had, or is wrong */
	uint32_t part_length;                                                  /* checkpoints */
	bool here[LADE_BTF_PART_MOST];
};

struct lade_btf_lazy {
	struct lade_bytes bytes;
	uint64_t types_at, strings_at; /* in bytes */
	char *file;                    /* for messages */
	struct lade_btf *base;         /* owned reference; the same as the BTF's */
	/* By the highest byte of info, which is the kind and its flag: bytes of the record without elements (0: the
	 * kind is not known), and of an element. */
	uint16_t fixed[256];
	uint8_t element[256];
	uint32_t *checkpoints; /* offset in the types of each STRIDE-th type of a run */
	struct lade_btf_run runs[LADE_BTF_STRETCHES + 1];
	uint32_t run_count;
	uint32_t stretch_bytes; /* STRETCH_BYTES, but for tests */
	bool walked;            /* count, runs and all checkpoints are known */
	struct lade_btf_places places;
	struct {
		uint32_t id, offset;
	} recent[LADE_BTF_RECENT];
};

/*
 * Takes bytes, unless -ENOTSUP comes back, without a finding: this BTF has to be parsed (it is of the other byte order,
 * or its records do not lie at multiples of 4). base: what it is split from, NULL: nothing.
 */
int lade_btf_lazy_open(struct lade_bytes *bytes, struct lade_btf *base, const char *file, struct lade_btf **ret_btf,
		       struct lade_error **error);
void lade_btf_lazy_free(struct lade_btf_lazy *lazy);

/* Which names a walk stops at: a first sieve of name offsets, then `hit`. Positive to end the walk, negative to fail.
 */
#define LADE_BTF_SIEVE 8192u
struct lade_btf_seeker {
	bool sieve[LADE_BTF_SIEVE];
	size_t sought; /* names */
	int (*hit)(void *context, uint32_t id, uint32_t offset, const struct btf_type *type);
	void *context;
};
static inline void lade_btf_seek(struct lade_btf_seeker *seeker, uint32_t name_offset)
{
	seeker->sieve[name_offset % LADE_BTF_SIEVE] = true;
	seeker->sought++;
}
static inline void lade_btf_seek_all(struct lade_btf_seeker *seeker)
{
	memset(seeker->sieve, true, sizeof seeker->sieve);
	seeker->sought = SIZE_MAX;
}

/*
 * Over all types, by ascending id; hit is called for some that are not sought, too. seeker NULL: only counts.
 * btf.type for a record that cannot be; btf.kernel.file when reading failed; or what hit returned.
 */
int lade_btf_walk(const struct lade_btf *btf, const struct lade_btf_seeker *seeker, struct lade_error **error);

/*
 * There are so many types, in a single run, and the owner of places has the checkpoints: no walk is needed for them.
 * False, and nothing is changed, when there are too many parts. Copies places.
 */
bool lade_btf_learn_places(const struct lade_btf *btf, uint32_t type_count, const struct lade_btf_places *places);
/* The owner of places goes: the next one who needs them walks. */
void lade_btf_forget_places(const struct lade_btf *btf);

/* Much of it will be read: what may be mapped is mapped now, and not read page by page. */
void lade_btf_expect_much(const struct lade_btf *btf);

/* Remembers where a type lies, if it can lie there. */
bool lade_btf_remember(const struct lade_btf *btf, uint32_t id, uint32_t offset);

#endif
