/* SPDX-License-Identifier: BSD-2-Clause */
/* The same step four times: for any processor, with the registers that each x86-64 has, and with wider ones. */
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h> /* glibc knows already: asking the processor itself is slow in a virtual machine */
#endif
#endif

#include "btf/scan_step.h"

/* Names that start alike go into one group. */
void lade_sieve_add(struct lade_sieve *sieve, const int first[SCAN_FIRST])
{
	uint8_t group = (uint8_t)(1u << (first[0] & 7));
	for (size_t i = 0; i < SCAN_FIRST; i++)
		for (int half = 0; half < 16; half++) {
			if (first[i] < 0 || first[i] % 16 == half)
				sieve->low[i][half] |= group;
			if (first[i] < 0 || first[i] / 16 == half)
				sieve->high[i][half] |= group;
		}
}

/* Of the zero bytes, those whose string passes. */
static inline uint64_t sift(const struct lade_sieve *sieve, const char *bytes, uint64_t zeros)
{
	uint64_t passed = 0;
	for (uint64_t left = zeros; left; left &= left - 1) {
		const uint8_t *first = (const uint8_t *)bytes + __builtin_ctzll(left) + 1;
		passed |= lade_sieve_passes(sieve, first) ? left & -left : 0;
	}
	return passed;
}

#define AHEAD    1024u                            /* bytes */
#define SOME_BIT (UINT64_C(1) << (SCAN_STEP - 1)) /* so that there is a lowest one */

/*
 * What all of them do; the step is expanded in it. Whether there is one string that passes, no processor can foresee:
 * the first is noted in any case, and then counted or not. Two are rare.
 */
#define STEPS(step)                                                                                                    \
	size_t count = 0, here = *at;                                                                                  \
	for (; here + SCAN_AHEAD <= end && count + SCAN_STEP <= room; here += SCAN_STEP) {                             \
		__builtin_prefetch(bytes + here + AHEAD);                                                              \
		uint64_t passed = step(sieve, bytes + here);                                                           \
		found[count] = (uint32_t)here + (uint32_t)__builtin_ctzll(passed | SOME_BIT);                          \
		count += passed != 0;                                                                                  \
		while (passed &= passed - 1)                                                                           \
			found[count++] = (uint32_t)here + (uint32_t)__builtin_ctzll(passed);                           \
	}                                                                                                              \
	*at = here;                                                                                                    \
	return count

/* Bit n: byte n of the word is zero. */
static inline uint64_t zeros_of(uint64_t word)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t zeros = ~(((word & low) + low) | word | low); /* 0x80 where a byte is zero */
	return (zeros >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

static inline uint64_t plain(const struct lade_sieve *sieve, const char *bytes)
{
	uint64_t zeros = 0, word;
	for (unsigned i = 0; i < SCAN_STEP; i += sizeof word) {
		memcpy(&word, bytes + i, sizeof word);
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			word = __builtin_bswap64(word);
		zeros |= zeros_of(word) << i;
	}
	return sift(sieve, bytes, zeros);
}

static size_t step_plain(const struct lade_sieve *sieve, const char *bytes, size_t *at, size_t end, uint32_t *found,
			 size_t room)
{
	STEPS(plain);
}

#ifdef __x86_64__

static inline uint64_t sse2(const struct lade_sieve *sieve, const char *bytes)
{
	uint64_t zeros = 0;
	for (unsigned i = 0; i < SCAN_STEP; i += 16) {
		__m128i part = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
		zeros |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(part, _mm_setzero_si128())) << i;
	}
	return sift(sieve, bytes, zeros);
}

static size_t step_sse2(const struct lade_sieve *sieve, const char *bytes, size_t *at, size_t end, uint32_t *found,
			size_t room)
{
	STEPS(sse2);
}

#ifdef CPU_FEATURE_ACTIVE

#define AVX2 __attribute__((target("avx2"), always_inline)) static inline

AVX2 __m256i twice(const uint8_t table[16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
}

AVX2 __m256i load(const char *bytes)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

/* Of each byte, the groups of which it can be the at-th. */
AVX2 __m256i groups(const struct lade_sieve *sieve, size_t at, __m256i bytes)
{
	const __m256i half = _mm256_set1_epi8(0x0f);
	__m256i low = _mm256_shuffle_epi8(twice(sieve->low[at]), _mm256_and_si256(bytes, half));
	__m256i high = _mm256_shuffle_epi8(twice(sieve->high[at]), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
	return _mm256_and_si256(low, high);
}

AVX2 uint32_t avx2_half(const struct lade_sieve *sieve, const char *bytes)
{
	const __m256i zero = _mm256_setzero_si256();
	__m256i common = groups(sieve, 0, load(bytes + 1));
	common = _mm256_and_si256(common, groups(sieve, 1, load(bytes + 2)));
	common = _mm256_and_si256(common, groups(sieve, 2, load(bytes + 3)));
	__m256i is_zero = _mm256_cmpeq_epi8(load(bytes), zero);
	return (uint32_t)_mm256_movemask_epi8(_mm256_andnot_si256(_mm256_cmpeq_epi8(common, zero), is_zero));
}

AVX2 uint64_t avx2(const struct lade_sieve *sieve, const char *bytes)
{
	return avx2_half(sieve, bytes) | (uint64_t)avx2_half(sieve, bytes + 32) << 32;
}

__attribute__((target("avx2"))) static size_t step_avx2(const struct lade_sieve *shared, const char *bytes, size_t *at,
							size_t end, uint32_t *found, size_t room)
{
	const struct lade_sieve own = *shared, *sieve = &own; /* nothing written below can change it: it stays loaded */
	STEPS(avx2);
}

#define AVX512 __attribute__((target("avx512bw"), always_inline)) static inline

AVX512 __m512i four_times(const uint8_t table[16])
{
	return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)table));
}

AVX512 __m512i wide_groups(const struct lade_sieve *sieve, size_t at, const char *bytes)
{
	const __m512i half = _mm512_set1_epi8(0x0f), all = _mm512_loadu_si512(bytes + 1 + at);
	__m512i low = _mm512_shuffle_epi8(four_times(sieve->low[at]), _mm512_and_si512(all, half));
	__m512i high =
		_mm512_shuffle_epi8(four_times(sieve->high[at]), _mm512_and_si512(_mm512_srli_epi16(all, 4), half));
	return _mm512_and_si512(low, high);
}

AVX512 uint64_t avx512(const struct lade_sieve *sieve, const char *bytes)
{
	const __m512i first = _mm512_loadu_si512(bytes);
	__m512i common = _mm512_and_si512(wide_groups(sieve, 0, bytes), wide_groups(sieve, 1, bytes));
	common = _mm512_and_si512(common, wide_groups(sieve, 2, bytes));
	return _mm512_mask_test_epi8_mask(_mm512_testn_epi8_mask(first, first), common, common);
}

__attribute__((target("avx512bw"))) static size_t step_avx512(const struct lade_sieve *shared, const char *bytes,
							      size_t *at, size_t end, uint32_t *found, size_t room)
{
#ifdef __SANITIZE_ADDRESS__ /* whose stack gcc 12 does not align for registers of 64 bytes */
	const struct lade_sieve *sieve = shared;
#else
	const struct lade_sieve own = *shared, *sieve = &own;
#endif
	STEPS(avx512);
}

#define HAS_AVX2   CPU_FEATURE_ACTIVE(AVX2)
#define HAS_AVX512 (HAS_AVX2 && CPU_FEATURE_ACTIVE(AVX512BW))
#else
#define HAS_AVX2    false
#define HAS_AVX512  false
#define step_avx2   NULL
#define step_avx512 NULL
#endif

lade_step_fn *lade_step_at(size_t index)
{
	lade_step_fn *const steps[] = { step_plain, step_sse2, HAS_AVX2 ? step_avx2 : NULL,
					HAS_AVX512 ? step_avx512 : NULL };
	return index < sizeof steps / sizeof *steps ? steps[index] : NULL;
}

#else

lade_step_fn *lade_step_at(size_t index)
{
	return index ? NULL : step_plain;
}

#endif
