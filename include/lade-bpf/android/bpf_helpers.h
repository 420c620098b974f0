/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What programs for Android's BPF loaders are written with: maps, programs and the properties of an object, as macros
 * that put records into sections. A program written for Android 11 to 15 compiles with this header as it is:
 *
 *	#include <bpf_helpers.h>
 *
 *	DEFINE_BPF_MAP_GRO(counts, HASH, uint32_t, uint64_t, 1024, AID_SYSTEM);
 *
 *	DEFINE_BPF_PROG("tracepoint/sched/sched_switch", AID_ROOT, AID_SYSTEM, on_switch)(void *context)
 *	{
 *		uint32_t key = bpf_get_smp_processor_id();
 *		uint64_t *count = bpf_counts_lookup_elem(&key);
 *		if (count)
 *			__sync_fetch_and_add(count, 1);
 *		return 0;
 *	}
 *
 *	LICENSE("Apache 2.0");
 *
 *	clang -target bpf -O2 -I /usr/include/lade-bpf/android -c counts.c -o counts.o
 *
 * LADE_ANDROID_LAYOUT chooses another version's records: see bpf_map_def.h. Android names an object by its file.
 * What a layout cannot express is refused, not dropped. Written from a description alone.
 */
#ifndef LADE_BPF_ANDROID_HELPERS_H
#define LADE_BPF_ANDROID_HELPERS_H

#include "bpf_map_def.h"

#undef __always_inline /* the kernel's headers have a weaker one */
#define __always_inline __attribute__((always_inline))
#ifndef __unused
#define __unused __attribute__((unused))
#endif

#define SECTION(name) __attribute__((section(name), used))
/* Android 13 took SEC away: what is pasted from other loaders' examples shall not become an object that says nothing.
 */
#if LADE_ANDROID_LAYOUT <= 12
#define SEC(name) SECTION(name)
#else
#define SEC(name) _Pragma("GCC error \"SEC() is of other loaders: see LICENSE, DEFINE_BPF_MAP, SECTION\"") SECTION(name)
#endif

/* ---- the object ---- */

#define LADE_NUMBER(name, number) unsigned int _##name SECTION(#name) = (number)

#if LADE_ANDROID_LAYOUT >= 12
#define LADE_SIZES                                                                                                     \
	LADE_NUMBER(bpfloader_min_ver, BPFLOADER_MIN_VER);                                                             \
	LADE_NUMBER(bpfloader_max_ver, BPFLOADER_MAX_VER);                                                             \
	__SIZE_TYPE__ _size_of_bpf_map_def SECTION("size_of_bpf_map_def") = sizeof(struct bpf_map_def);                \
	__SIZE_TYPE__ _size_of_bpf_prog_def SECTION("size_of_bpf_prog_def") = sizeof(struct bpf_prog_def);
#else
#define LADE_SIZES
#endif

/* Needed once in every object: loaders refuse one without it. */
#define LICENSE(name) LADE_SIZES char _license[] SECTION("license") = name

/* A device does not finish booting without an object that says this. */
#define CRITICAL(reason) char _critical[] SECTION("critical") = reason

/* Types of maps are for loader 39 and later, and never on user builds. */
#define DISABLE_BTF_ON_USER_BUILDS()                                                                                   \
	LADE_NUMBER(btf_min_bpfloader_ver, 39U);                                                                       \
	LADE_NUMBER(btf_user_min_bpfloader_ver, 0xFFFFFFFFU)

#define DISABLE_ON_MAINLINE_BEFORE_U_QPR3() LADE_NUMBER(netbpfload_min_ver, BPFLOADER_MAINLINE_U_QPR_3_VERSION)

/* ---- helpers of the kernel ---- */

static void *(*bpf_map_lookup_elem_unsafe)(const void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static int (*bpf_map_update_elem_unsafe)(const void *map, const void *key, const void *value,
					 unsigned long long flags) = (void *)BPF_FUNC_map_update_elem;
static int (*bpf_map_delete_elem_unsafe)(const void *map, const void *key) = (void *)BPF_FUNC_map_delete_elem;
static int (*bpf_ringbuf_output_unsafe)(const void *map, const void *data, unsigned long long bytes,
					unsigned long long flags) = (void *)BPF_FUNC_ringbuf_output;
static void *(*bpf_ringbuf_reserve_unsafe)(const void *map, unsigned long long bytes,
					   unsigned long long flags) = (void *)BPF_FUNC_ringbuf_reserve;
static void (*bpf_ringbuf_submit_unsafe)(const void *data, unsigned long long flags) = (void *)BPF_FUNC_ringbuf_submit;
static void *(*bpf_sk_storage_get_unsafe)(const void *map, void *socket, const void *value,
					  unsigned long long flags) = (void *)BPF_FUNC_sk_storage_get;
static int (*bpf_sk_storage_delete_unsafe)(const void *map, void *socket) = (void *)BPF_FUNC_sk_storage_delete;

static int (*bpf_probe_read)(void *to, int bytes, const void *from) = (void *)BPF_FUNC_probe_read;
static int (*bpf_probe_read_str)(void *to, int bytes, const void *from) = (void *)BPF_FUNC_probe_read_str;
static int (*bpf_probe_read_user)(void *to, int bytes, const void *from) = (void *)BPF_FUNC_probe_read_user;
static int (*bpf_probe_read_user_str)(void *to, int bytes, const void *from) = (void *)BPF_FUNC_probe_read_user_str;
static unsigned long long (*bpf_ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static unsigned long long (*bpf_ktime_get_boot_ns)(void) = (void *)BPF_FUNC_ktime_get_boot_ns;
static int (*bpf_trace_printk)(const char *format, int bytes, ...) = (void *)BPF_FUNC_trace_printk;
static unsigned long long (*bpf_get_current_pid_tgid)(void) = (void *)BPF_FUNC_get_current_pid_tgid;
static unsigned long long (*bpf_get_current_uid_gid)(void) = (void *)BPF_FUNC_get_current_uid_gid;
static unsigned int (*bpf_get_smp_processor_id)(void) = (void *)BPF_FUNC_get_smp_processor_id;
static long (*bpf_get_stackid)(void *context, void *map, unsigned long long flags) = (void *)BPF_FUNC_get_stackid;
static long (*bpf_get_current_comm)(void *to, unsigned int bytes) = (void *)BPF_FUNC_get_current_comm;

/* The spellings of Android 10. */
#define unsafe_bpf_map_lookup_elem bpf_map_lookup_elem_unsafe
#define unsafe_bpf_map_update_elem bpf_map_update_elem_unsafe
#define unsafe_bpf_map_delete_elem bpf_map_delete_elem_unsafe

/* The compiler's own instructions to read packets, in the host's byte order. */
unsigned long long load_byte(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.half");
unsigned long long load_word(void *skb, unsigned long long offset) __asm__("llvm.bpf.load.word");

/*
 * A line for trace_pipe, with three values at most; the format lies on the stack. Many programs bring their own, so
 * another definition is no reason to complain.
 */
#pragma clang diagnostic ignored "-Wmacro-redefined"
#ifndef bpf_printk
#define bpf_printk(format, ...)                                                                                        \
	({                                                                                                             \
		char lade_format[] = format;                                                                           \
		bpf_trace_printk(lade_format, sizeof(lade_format), ##__VA_ARGS__);                                     \
	})
#endif

/* ---- maps: a semicolon behind them is allowed, not needed ---- */

/* What each layout has room for. */
#if LADE_ANDROID_LAYOUT == 10
#define LADE_OWNER(owner, group, permissions)
#elif LADE_ANDROID_LAYOUT <= 13
#define LADE_OWNER(owner, group, permissions) .uid = (owner), .gid = (group), .mode = (permissions),
#else
#define LADE_OWNER(owner, group, permissions) .zero = 0, .uid = (owner), .gid = (group), .mode = (permissions),
#endif
#if LADE_ANDROID_LAYOUT >= 12
#define LADE_WINDOWS(min_kernel, max_kernel, min_loader, max_loader)                                                   \
	.bpfloader_min_ver = (min_loader), .bpfloader_max_ver = (max_loader), .min_kver = (min_kernel),                \
	.max_kver = (max_kernel),
#else
#define LADE_WINDOWS(min_kernel, max_kernel, min_loader, max_loader)
#endif
#if LADE_ANDROID_LAYOUT >= 13
#define LADE_STRINGS(selinux, subdir) .selinux_context = selinux, .pin_subdir = subdir,
#define LADE_SHARED(share)            .shared = LADE_WORD(share, shared),
#else
#define LADE_STRINGS(selinux, subdir)
#define LADE_SHARED(share)
#endif
#if LADE_ANDROID_LAYOUT >= 14
#define LADE_IGNORED(eng, user, userdebug)                                                                             \
	.ignore_on_eng = LADE_WORD(eng, ignore_on_eng), .ignore_on_user = LADE_WORD(user, ignore_on_user),             \
	.ignore_on_userdebug = LADE_WORD(userdebug, ignore_on_userdebug),
#elif LADE_ANDROID_LAYOUT == 13
/* Zero, unless a word was written that this layout has no place for: see LADE_TAIL. */
#define LADE_IGNORED(eng, user, userdebug) .pad = { LADE_WORD(eng, ignore_on_eng) },
#else
#define LADE_IGNORED(eng, user, userdebug)
#endif

/*
 * Kernels of some devices from before Android 13 let user space write nothing but the first element of an array. Later
 * headers refuse to make such a map for loaders from before 13.
 */
#if LADE_ANDROID_LAYOUT >= 14 && !defined(THIS_BPF_PROGRAM_IS_FOR_TEST_PURPOSES_ONLY)
#define LADE_ARRAY_CHECK(map, TYPE, entries, mode, min_loader)                                                         \
	_Static_assert(BPF_MAP_TYPE_##TYPE != BPF_MAP_TYPE_ARRAY || (entries) <= 1 || !((mode)&0222) ||                \
			       BPFLOADER_MIN_VER >= BPFLOADER_T_VERSION || (min_loader) >= BPFLOADER_T_VERSION,        \
		       #map ": a writable array of several elements needs BPFLOADER_MIN_VER 19")
#else
#define LADE_ARRAY_CHECK(map, TYPE, entries, mode, min_loader) _Static_assert(1, "")
#endif

/* Services written in Java cannot read more. */
#if LADE_ANDROID_LAYOUT >= 14
#define LADE_SIZE_CHECK(map, key_bytes, value_bytes)                                                                   \
	_Static_assert((key_bytes) < 1024, #map ": a key has less than 1024 bytes");                                   \
	_Static_assert((value_bytes) < 65536, #map ": a value has less than 65536 bytes")
#else
#define LADE_SIZE_CHECK(map, key_bytes, value_bytes) _Static_assert(1, "")
#endif

/* What a layout has no place for, and what does not fit. */
#if LADE_ANDROID_LAYOUT == 10
#define LADE_FIELD_CHECK(name, owner, group, selinux, subdir)                                                          \
	_Static_assert((owner) == 0 && (group) == 0, #name ": Android 10 has no owners of maps")
#elif LADE_ANDROID_LAYOUT >= 13
#define LADE_FIELD_CHECK(name, owner, group, selinux, subdir)                                                          \
	_Static_assert(sizeof(selinux) <= 32, #name ": a SELinux context has at most 31 characters");                  \
	_Static_assert(sizeof(subdir) <= 32, #name ": a directory of pins has at most 31 characters")
#else
#define LADE_FIELD_CHECK(name, owner, group, selinux, subdir) _Static_assert(1, "")
#endif

#define LADE_MAP(...) LADE_MAP_(__VA_ARGS__)
#define LADE_MAP_(map, TYPE, key_bytes, value_bytes, entries, flags, owner, group, permissions, selinux, subdir,       \
		  share, min_kernel, max_kernel, min_loader, max_loader, eng, user, userdebug)                         \
	LADE_SIZE_CHECK(map, key_bytes, value_bytes);                                                                  \
	LADE_FIELD_CHECK(map, owner, group, selinux, subdir);                                                          \
	LADE_ARRAY_CHECK(map, TYPE, entries, permissions, min_loader);                                                 \
	const struct bpf_map_def SECTION("maps")                                                                       \
		map = { .type = BPF_MAP_TYPE_##TYPE,                                                                   \
			.key_size = (key_bytes),                                                                       \
			.value_size = (value_bytes),                                                                   \
			.max_entries = (entries),                                                                      \
			.map_flags = (flags),                                                                          \
			LADE_OWNER(owner, group, permissions) LADE_WINDOWS(min_kernel, max_kernel, min_loader,         \
									   max_loader) LADE_STRINGS(selinux, subdir)   \
				LADE_SHARED(share) LADE_IGNORED(eng, user, userdebug) }

/* An object whose type BTF describes: that is how a loader finds out what keys and values are. */
#if LADE_ANDROID_LAYOUT >= 13
#define LADE_MAP_TYPES(map, KeyType, ValueType)                                                                        \
	struct ____btf_map_##map {                                                                                     \
		KeyType key;                                                                                           \
		ValueType value;                                                                                       \
	};                                                                                                             \
	struct ____btf_map_##map SECTION(".maps." #map) ____btf_map_##map = {}
#else
#define LADE_MAP_TYPES(map, KeyType, ValueType) _Static_assert(1, "")
#endif

#define LADE_MAP_ACCESSORS(map, KeyType, ValueType)                                                                    \
	static inline __always_inline __unused ValueType *bpf_##map##_lookup_elem(const KeyType *key)                  \
	{                                                                                                              \
		return bpf_map_lookup_elem_unsafe(&map, key);                                                          \
	}                                                                                                              \
	static inline __always_inline __unused int bpf_##map##_update_elem(const KeyType *key, const ValueType *value, \
									   unsigned long long flags)                   \
	{                                                                                                              \
		return bpf_map_update_elem_unsafe(&map, key, value, flags);                                            \
	}                                                                                                              \
	static inline __always_inline __unused int bpf_##map##_delete_elem(const KeyType *key)                         \
	{                                                                                                              \
		return bpf_map_delete_elem_unsafe(&map, key);                                                          \
	}

/* A map without typed accessors and without the types of its keys and values. */
#define DEFINE_BPF_MAP_BASE(map, TYPE, key_bytes, value_bytes, entries, uid, gid, mode, selinux, subdir, share,        \
			    min_kver, max_kver, min_loader, max_loader, ignore_eng, ignore_user, ignore_userdebug)     \
	LADE_MAP(map, TYPE, key_bytes, value_bytes, entries, 0, uid, gid, mode, selinux, subdir, share, min_kver,      \
		 max_kver, min_loader, max_loader, ignore_eng, ignore_user, ignore_userdebug);

/*
 * What came to be appended to the EXT forms: nothing at first, then a window of loaders, then builds to be ignored on.
 * LADE_TAIL gives all five whichever were written behind its first; the layout of 13 has no place for the last three.
 */
#define LADE_NUMBERED(one, two, three, four, five, six, name, ...) name
#define LADE_TAIL(first, ...)                                                                                          \
	LADE_NUMBERED(first, ##__VA_ARGS__, LADE_TAIL_5, LADE_TAIL_WRONG, LADE_TAIL_WRONG, LADE_TAIL_2,                \
		      LADE_TAIL_WRONG, LADE_TAIL_0)                                                                    \
	(__VA_ARGS__)
#define LADE_LOAD_ON_ALL                    LOAD_ON_ENG, LOAD_ON_USER, LOAD_ON_USERDEBUG
#define LADE_TAIL_0()                       BPFLOADER_MIN_VER, BPFLOADER_MAX_VER, LADE_LOAD_ON_ALL
#define LADE_TAIL_2(min_loader, max_loader) min_loader, max_loader, LADE_LOAD_ON_ALL
#define LADE_TAIL_WRONG(...)                                                                                           \
	lade_what_follows_is_two_loaders_and_three_builds, lade_or_two_loaders, lade_or_nothing, 0, 0
#if LADE_ANDROID_LAYOUT >= 14
#define LADE_TAIL_5(min_loader, max_loader, eng, user, userdebug) min_loader, max_loader, eng, user, userdebug
#else
#define LADE_TAIL_5(...) lade_builds_need_layout_14, lade_builds_need_layout_14, 0, 0, 0
#endif

#if LADE_ANDROID_LAYOUT >= 13
#define DEFINE_BPF_MAP_EXT(map, TYPE, KeyType, ValueType, entries, uid, gid, mode, selinux, subdir, share, ...)        \
	LADE_MAP(map, TYPE, sizeof(KeyType), sizeof(ValueType), entries, 0, uid, gid, mode, selinux, subdir, share,    \
		 KVER_NONE, KVER_INF, LADE_TAIL(0, ##__VA_ARGS__));                                                    \
	LADE_MAP_TYPES(map, KeyType, ValueType);                                                                       \
	LADE_MAP_ACCESSORS(map, KeyType, ValueType)
#else
#define DEFINE_BPF_MAP_EXT(map, ...)                                                                                   \
	_Static_assert(0, #map ": SELinux contexts and directories of pins need LADE_ANDROID_LAYOUT 13");
#endif

#define DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, uid, gid, mode)                                     \
	LADE_MAP(map, TYPE, sizeof(KeyType), sizeof(ValueType), entries, 0, uid, gid, mode,                            \
		 DEFAULT_BPF_MAP_SELINUX_CONTEXT, DEFAULT_BPF_MAP_PIN_SUBDIR, PRIVATE, KVER_NONE, KVER_INF,            \
		 LADE_TAIL(0));                                                                                        \
	LADE_MAP_TYPES(map, KeyType, ValueType);                                                                       \
	LADE_MAP_ACCESSORS(map, KeyType, ValueType)

#define DEFINE_BPF_MAP(map, TYPE, KeyType, ValueType, entries)                                                         \
	DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, DEFAULT_BPF_MAP_UID, AID_ROOT, 0600)
/* The group may write, read, do both; or nobody may write. */
#define DEFINE_BPF_MAP_GWO(map, TYPE, KeyType, ValueType, entries, gid)                                                \
	DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, DEFAULT_BPF_MAP_UID, gid, 0620)
#define DEFINE_BPF_MAP_GRO(map, TYPE, KeyType, ValueType, entries, gid)                                                \
	DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, DEFAULT_BPF_MAP_UID, gid, 0640)
#define DEFINE_BPF_MAP_GRW(map, TYPE, KeyType, ValueType, entries, gid)                                                \
	DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, DEFAULT_BPF_MAP_UID, gid, 0660)
#define DEFINE_BPF_MAP_RO(map, TYPE, KeyType, ValueType, entries, gid)                                                 \
	DEFINE_BPF_MAP_UGM(map, TYPE, KeyType, ValueType, entries, DEFAULT_BPF_MAP_UID, gid, 0440)

#define DEFINE_BPF_MAP_NO_ACCESSORS(map, TYPE, KeyType, ValueType, entries)                                            \
	LADE_MAP(map, TYPE, sizeof(KeyType), sizeof(ValueType), entries, 0, DEFAULT_BPF_MAP_UID, AID_ROOT, 0600,       \
		 DEFAULT_BPF_MAP_SELINUX_CONTEXT, DEFAULT_BPF_MAP_PIN_SUBDIR, PRIVATE, KVER_NONE, KVER_INF,            \
		 LADE_TAIL(0));                                                                                        \
	LADE_MAP_TYPES(map, KeyType, ValueType);

/* A map that no service has any business with. */
#define DEFINE_BPF_MAP_KERNEL_INTERNAL(map, TYPE, KeyType, ValueType, entries)                                         \
	DEFINE_BPF_MAP_EXT(map, TYPE, KeyType, ValueType, entries, AID_ROOT, AID_ROOT, 0000, "fs_bpf_loader",          \
			   DEFAULT_BPF_MAP_PIN_SUBDIR, PRIVATE)

/* ---- ring buffers: since kernel 5.8 ---- */

#define LADE_RINGBUF(map, ValueType, bytes, ...)                                                                       \
	_Static_assert((bytes) >= 4096 && (bytes) <= 0x10000000, #map ": a ring buffer has 4096 to 0x10000000 bytes"); \
	_Static_assert(((bytes) & ((bytes)-1)) == 0, #map ": the size of a ring buffer is a power of two");            \
	LADE_MAP(map, RINGBUF, 0, 0, bytes, 0, __VA_ARGS__);                                                           \
	static inline __always_inline __unused int bpf_##map##_output(const ValueType *value)                          \
	{                                                                                                              \
		return bpf_ringbuf_output_unsafe(&map, value, sizeof(*value), 0);                                      \
	}                                                                                                              \
	static inline __always_inline __unused ValueType *bpf_##map##_reserve(void)                                    \
	{                                                                                                              \
		return bpf_ringbuf_reserve_unsafe(&map, sizeof(ValueType), 0);                                         \
	}                                                                                                              \
	static inline __always_inline __unused void bpf_##map##_submit(const ValueType *value)                         \
	{                                                                                                              \
		bpf_ringbuf_submit_unsafe(value, 0);                                                                   \
	}

#if LADE_ANDROID_LAYOUT >= 13
#define DEFINE_BPF_RINGBUF_EXT(map, ValueType, bytes, uid, gid, mode, selinux, subdir, share, ...)                     \
	LADE_RINGBUF(map, ValueType, bytes, uid, gid, mode, selinux, subdir, share, KVER_5_8, KVER_INF,                \
		     LADE_TAIL(0, ##__VA_ARGS__))
#define DEFINE_BPF_RINGBUF(map, ValueType, bytes, uid, gid, mode)                                                      \
	DEFINE_BPF_RINGBUF_EXT(map, ValueType, bytes, uid, gid, mode, DEFAULT_BPF_MAP_SELINUX_CONTEXT,                 \
			       DEFAULT_BPF_MAP_PIN_SUBDIR, PRIVATE)
#else
#define DEFINE_BPF_RINGBUF_EXT(map, ...) _Static_assert(0, #map ": ring buffers need LADE_ANDROID_LAYOUT 13");
#define DEFINE_BPF_RINGBUF(map, ...)     DEFINE_BPF_RINGBUF_EXT(map)
#endif

/* ---- storage that belongs to a socket: since kernel 5.10 ---- */

#if LADE_ANDROID_LAYOUT >= 13
#define DEFINE_BPF_SK_STORAGE_EXT(map, ValueType, uid, gid, mode, selinux, subdir, share, ...)                         \
	LADE_MAP(map, SK_STORAGE, sizeof(uint32_t), sizeof(ValueType), 0, BPF_F_NO_PREALLOC, uid, gid, mode, selinux,  \
		 subdir, share, KVER_5_10, KVER_INF, LADE_TAIL(0, ##__VA_ARGS__));                                     \
	LADE_MAP_TYPES(map, uint32_t, ValueType);                                                                      \
	static inline __always_inline __unused ValueType *bpf_##map##_get(void *socket, const ValueType *value,        \
									  unsigned long long flags)                    \
	{                                                                                                              \
		return bpf_sk_storage_get_unsafe(&map, socket, value, flags);                                          \
	}                                                                                                              \
	static inline __always_inline __unused int bpf_##map##_delete(void *socket)                                    \
	{                                                                                                              \
		return bpf_sk_storage_delete_unsafe(&map, socket);                                                     \
	}
#define DEFINE_BPF_SK_STORAGE(map, ValueType)                                                                          \
	DEFINE_BPF_SK_STORAGE_EXT(map, ValueType, AID_ROOT, AID_NET_BW_ACCT, 0060, "fs_bpf_net_shared", "", PRIVATE)
#endif

/* ---- programs ---- */

#if LADE_ANDROID_LAYOUT >= 12
#define LADE_LOADERS(min_loader, max_loader) .bpfloader_min_ver = (min_loader), .bpfloader_max_ver = (max_loader),
#else
#define LADE_LOADERS(min_loader, max_loader)
#endif

#if LADE_ANDROID_LAYOUT == 10
#define LADE_PROG_RECORD(owner, group, function, ...) _Static_assert(1, "")
#else
#define LADE_PROG_RECORD(owner, group, function, min_kernel, max_kernel, min_loader, max_loader, opt, selinux, subdir, \
			 eng, user, userdebug)                                                                         \
	LADE_FIELD_CHECK(function, owner, group, selinux, subdir);                                                     \
	const struct bpf_prog_def SECTION("progs")                                                                     \
		function##_def = { .uid = (owner),                                                                     \
				   .gid = (group),                                                                     \
				   .min_kver = (min_kernel),                                                           \
				   .max_kver = (max_kernel),                                                           \
				   .optional = LADE_WORD(opt, optional),                                               \
				   LADE_LOADERS(min_loader, max_loader) LADE_STRINGS(selinux, subdir)                  \
					   LADE_IGNORED(eng, user, userdebug) }
#endif

#define LADE_PROG(...) LADE_PROG_(__VA_ARGS__)
#define LADE_PROG_(section, owner, group, function, ...)                                                               \
	LADE_PROG_RECORD(owner, group, function, __VA_ARGS__);                                                         \
	SECTION(section) int function

/* Builds to be ignored on came to be appended: all three, or none. */
#define LADE_BUILDS_NUMBERED(one, two, three, four, name, ...) name
#define LADE_BUILDS(first, ...)                                                                                        \
	LADE_BUILDS_NUMBERED(first, ##__VA_ARGS__, LADE_BUILDS_3, LADE_BUILDS_WRONG, LADE_BUILDS_WRONG, LADE_BUILDS_0) \
	(__VA_ARGS__)
#define LADE_BUILDS_0()        LADE_LOAD_ON_ALL
#define LADE_BUILDS_WRONG(...) lade_what_follows_is_three_builds_or_nothing, 0, 0
#if LADE_ANDROID_LAYOUT >= 14
#define LADE_BUILDS_3(eng, user, userdebug) eng, user, userdebug
#else
#define LADE_BUILDS_3(...) lade_builds_need_layout_14, 0, 0
#endif

#if LADE_ANDROID_LAYOUT >= 13
#define DEFINE_BPF_PROG_EXT(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, opt, selinux,     \
			    subdir, ...)                                                                               \
	LADE_PROG(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, opt, selinux, subdir,       \
		  LADE_BUILDS(0, ##__VA_ARGS__))
#else
#define DEFINE_BPF_PROG_EXT(section, uid, gid, function, ...)                                                          \
	_Static_assert(0, #function ": SELinux contexts and directories of pins need LADE_ANDROID_LAYOUT 13");         \
	int function
#endif

/* The function's parameters and body follow: DEFINE_BPF_PROG("skfilter/all", AID_ROOT, AID_SYSTEM, all)(…) { … } */
#define LADE_PROG_PLAIN(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, opt)                  \
	LADE_PROG(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, opt,                        \
		  DEFAULT_BPF_PROG_SELINUX_CONTEXT, DEFAULT_BPF_PROG_PIN_SUBDIR, LADE_LOAD_ON_ALL)
#define DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, min_kver, max_kver, opt)                           \
	LADE_PROG_PLAIN(section, uid, gid, function, min_kver, max_kver, BPFLOADER_MIN_VER, BPFLOADER_MAX_VER, opt)

#define DEFINE_BPF_PROG_KVER_RANGE(section, uid, gid, function, min_kver, max_kver)                                    \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, min_kver, max_kver, MANDATORY)
#define DEFINE_OPTIONAL_BPF_PROG_KVER_RANGE(section, uid, gid, function, min_kver, max_kver)                           \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, min_kver, max_kver, OPTIONAL)
#define DEFINE_BPF_PROG_KVER(section, uid, gid, function, min_kver)                                                    \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, min_kver, KVER_INF, MANDATORY)
#define DEFINE_OPTIONAL_BPF_PROG_KVER(section, uid, gid, function, min_kver)                                           \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, min_kver, KVER_INF, OPTIONAL)
#define DEFINE_BPF_PROG(section, uid, gid, function)                                                                   \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, KVER_NONE, KVER_INF, MANDATORY)
#define DEFINE_OPTIONAL_BPF_PROG(section, uid, gid, function)                                                          \
	DEFINE_BPF_PROG_KVER_RANGE_OPT(section, uid, gid, function, KVER_NONE, KVER_INF, OPTIONAL)

/* For loaders [min_loader, max_loader) alone. */
#if LADE_ANDROID_LAYOUT >= 12
#define DEFINE_BPF_PROG_KVER_RANGE_LOADVER(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader)    \
	LADE_PROG_PLAIN(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, MANDATORY)
#define DEFINE_OPTIONAL_BPF_PROG_KVER_RANGE_LOADVER(section, uid, gid, function, min_kver, max_kver, min_loader,       \
						    max_loader)                                                        \
	LADE_PROG_PLAIN(section, uid, gid, function, min_kver, max_kver, min_loader, max_loader, OPTIONAL)
#define DEFINE_BPF_PROG_LOADVER(section, uid, gid, function, min_loader, max_loader)                                   \
	DEFINE_BPF_PROG_KVER_RANGE_LOADVER(section, uid, gid, function, KVER_NONE, KVER_INF, min_loader, max_loader)
#define DEFINE_OPTIONAL_BPF_PROG_LOADVER(section, uid, gid, function, min_loader, max_loader)                          \
	DEFINE_OPTIONAL_BPF_PROG_KVER_RANGE_LOADVER(section, uid, gid, function, KVER_NONE, KVER_INF, min_loader,      \
						    max_loader)
#endif

#endif
