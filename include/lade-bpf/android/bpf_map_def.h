/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an object for Android's BPF loaders says of its maps and programs, in the layout that LADE_ANDROID_LAYOUT names:
 *
 *	LADE_ANDROID_LAYOUT	a map	a program
 *	10			28	-	bytes; Android 10 knows neither owners nor definitions of programs
 *	11			32	20	kernel versions in the old encoding: 4.9 is 0x40900
 *	12			48	28	from here on the object states these sizes itself
 *	13			116	92	SELinux contexts, directories of pins, shared maps, types of keys and
 *values 14			120	92	owners of maps have moved to the end, objects may be ignored on builds
 *	15			120	92	the same; words such as PRIVATE are of types of their own
 *
 * Without it the layout is that of 15, and true and false are taken for words, as 14 took them. It is chosen on the
 * command line or before the first of these headers is included, the same for all of them.
 *
 * Written from a description of these layouts alone; sizes and places are asserted below.
 */
#ifndef LADE_BPF_ANDROID_MAP_DEF_H
#define LADE_BPF_ANDROID_MAP_DEF_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "android_ids.h"

#ifndef LADE_ANDROID_LAYOUT
#define LADE_ANDROID_LAYOUT   15
#define LADE_PLAIN_FLAG_WORDS 1
#else
#define LADE_PLAIN_FLAG_WORDS (LADE_ANDROID_LAYOUT < 15)
#endif
#if LADE_ANDROID_LAYOUT < 10 || LADE_ANDROID_LAYOUT > 15
#error "LADE_ANDROID_LAYOUT is 10, 11, 12, 13, 14 or 15"
#endif

/* ---- versions of kernels ---- */

#if LADE_ANDROID_LAYOUT <= 11
#define KVER(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#else
#define KVER(a, b, c) (((a) << 24) + ((b) << 16) + (c))
#endif
#define KVER_NONE 0
#define KVER_INF  0xFFFFFFFFU
#define KVER_4_9  KVER(4, 9, 0)
#define KVER_4_14 KVER(4, 14, 0)
#define KVER_4_19 KVER(4, 19, 0)
#define KVER_5_4  KVER(5, 4, 0)
#define KVER_5_8  KVER(5, 8, 0)
#define KVER_5_9  KVER(5, 9, 0)
#define KVER_5_10 KVER(5, 10, 0)
#define KVER_5_15 KVER(5, 15, 0)
#define KVER_6_1  KVER(6, 1, 0)
#define KVER_6_6  KVER(6, 6, 0)
#define KVER_6_12 KVER(6, 12, 0)

/* ---- versions of loaders ---- */

#define BPFLOADER_S_VERSION                2U
#define BPFLOADER_T_VERSION                19U
#define BPFLOADER_OBJ_AT_VER_VERSION       25U
#define BPFLOADER_IGNORED_ON_VERSION       33U
#define BPFLOADER_U_VERSION                38U
#define BPFLOADER_PLATFORM_VERSION         41U
#define BPFLOADER_MAINLINE_VERSION         42U
#define BPFLOADER_MAINLINE_S_VERSION       42U
#define BPFLOADER_MAINLINE_T_VERSION       43U
#define BPFLOADER_MAINLINE_U_VERSION       44U
#define BPFLOADER_MAINLINE_U_QPR_3_VERSION 45U
#define BPFLOADER_MAINLINE_V_VERSION       46U
#define BPFLOADER_MAINLINE_25Q2_VERSION    47U
#define LADE_LOADER_WITH_UID               28U /* the first that gives maps to others than root as they asked */

/* The loaders that an object is for, [min, max): a program defines them before it includes this header. */
#ifndef BPFLOADER_MIN_VER
#if LADE_ANDROID_LAYOUT >= 15
#define BPFLOADER_MIN_VER BPFLOADER_PLATFORM_VERSION
#elif LADE_ANDROID_LAYOUT == 14
#define BPFLOADER_MIN_VER 37U
#else
#define BPFLOADER_MIN_VER 0U
#endif
#endif
#ifndef BPFLOADER_MAX_VER
#define BPFLOADER_MAX_VER 0x10000U
#endif

/* ---- what a program may set for all of its maps and programs, before it includes this header ---- */

#ifndef DEFAULT_BPF_MAP_SELINUX_CONTEXT
#define DEFAULT_BPF_MAP_SELINUX_CONTEXT ""
#endif
#ifndef DEFAULT_BPF_MAP_PIN_SUBDIR
#define DEFAULT_BPF_MAP_PIN_SUBDIR ""
#endif
#ifndef DEFAULT_BPF_MAP_UID
#define DEFAULT_BPF_MAP_UID AID_ROOT
#elif LADE_ANDROID_LAYOUT >= 14 && DEFAULT_BPF_MAP_UID != AID_ROOT && BPFLOADER_MIN_VER < LADE_LOADER_WITH_UID
#error "DEFAULT_BPF_MAP_UID needs loader 28: define BPFLOADER_MIN_VER as 28 or more, or leave maps to root"
#endif
#ifndef DEFAULT_BPF_PROG_SELINUX_CONTEXT
#define DEFAULT_BPF_PROG_SELINUX_CONTEXT ""
#endif
#ifndef DEFAULT_BPF_PROG_PIN_SUBDIR
#define DEFAULT_BPF_PROG_PIN_SUBDIR ""
#endif

#if LADE_ANDROID_LAYOUT < 13
_Static_assert(sizeof(DEFAULT_BPF_MAP_SELINUX_CONTEXT DEFAULT_BPF_MAP_PIN_SUBDIR DEFAULT_BPF_PROG_SELINUX_CONTEXT
			      DEFAULT_BPF_PROG_PIN_SUBDIR) == 1,
	       "SELinux contexts and directories of pins need LADE_ANDROID_LAYOUT 13");
#endif

/* ---- words: each is of a type of its own, so that none can stand in another's place ---- */

struct shared_bool {
	bool shared;
};
struct optional_bool {
	bool optional;
};
struct ignore_on_eng_bool {
	bool ignore_on_eng;
};
struct ignore_on_user_bool {
	bool ignore_on_user;
};
struct ignore_on_userdebug_bool {
	bool ignore_on_userdebug;
};

#define PRIVATE             ((struct shared_bool){ .shared = false })
#define SHARED              ((struct shared_bool){ .shared = true })
#define MANDATORY           ((struct optional_bool){ .optional = false })
#define OPTIONAL            ((struct optional_bool){ .optional = true })
#define LOAD_ON_ENG         ((struct ignore_on_eng_bool){ .ignore_on_eng = false })
#define IGNORE_ON_ENG       ((struct ignore_on_eng_bool){ .ignore_on_eng = true })
#define LOAD_ON_USER        ((struct ignore_on_user_bool){ .ignore_on_user = false })
#define IGNORE_ON_USER      ((struct ignore_on_user_bool){ .ignore_on_user = true })
#define LOAD_ON_USERDEBUG   ((struct ignore_on_userdebug_bool){ .ignore_on_userdebug = false })
#define IGNORE_ON_USERDEBUG ((struct ignore_on_userdebug_bool){ .ignore_on_userdebug = true })

/* The truth of a word: LADE_WORD(SHARED, shared) is true. A word of another type has no branch to take. */
#if LADE_PLAIN_FLAG_WORDS
#define LADE_WORD(word, kind)                                                                                          \
	(_Generic((word), struct kind##_bool                                                                           \
		  : (word), bool                                                                                       \
		  : (struct kind##_bool){ false }, int                                                                 \
		  : (struct kind##_bool){ false })                                                                     \
		 .kind ||                                                                                              \
	 _Generic((word), struct kind##_bool                                                                           \
		  : false, bool                                                                                        \
		  : (word), int                                                                                        \
		  : (word)))
#else
#define LADE_WORD(word, kind) (_Generic((word), struct kind##_bool : (word)).kind)
#endif

/* ---- the records ---- */

struct bpf_map_def {
	enum bpf_map_type type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
#if LADE_ANDROID_LAYOUT == 10
	unsigned int inner_map_idx; /* these two were never looked at */
	unsigned int numa_node;
#else
#if LADE_ANDROID_LAYOUT >= 14
	unsigned int zero; /* where uid was: loaders before 28 gave maps away too early */
#else
	unsigned int uid;
#endif
	unsigned int gid;
	unsigned int mode;
#endif
#if LADE_ANDROID_LAYOUT >= 12
	unsigned int bpfloader_min_ver;
	unsigned int bpfloader_max_ver;
	unsigned int min_kver;
	unsigned int max_kver;
#endif
#if LADE_ANDROID_LAYOUT >= 13
	char selinux_context[32];
	char pin_subdir[32]; /* with a slash at its end */
	bool shared;
#endif
#if LADE_ANDROID_LAYOUT == 13
	char pad[3];
#elif LADE_ANDROID_LAYOUT >= 14
	bool ignore_on_eng : 1;
	bool ignore_on_user : 1;
	bool ignore_on_userdebug : 1;
	bool ignore_on_arm32 : 1;
	bool ignore_on_aarch64 : 1;
	bool ignore_on_x86_32 : 1;
	bool ignore_on_x86_64 : 1;
	bool ignore_on_riscv64 : 1;
	char pad[2];
	unsigned int uid;
#endif
};

#if LADE_ANDROID_LAYOUT >= 11
struct bpf_prog_def {
	unsigned int uid;
	unsigned int gid;
	unsigned int min_kver;
	unsigned int max_kver;
	bool optional;
#if LADE_ANDROID_LAYOUT >= 14
	bool ignore_on_eng : 1;
	bool ignore_on_user : 1;
	bool ignore_on_userdebug : 1;
	bool ignore_on_arm32 : 1;
	bool ignore_on_aarch64 : 1;
	bool ignore_on_x86_32 : 1;
	bool ignore_on_x86_64 : 1;
	bool ignore_on_riscv64 : 1;
	char pad[2];
#else
	char pad[3];
#endif
#if LADE_ANDROID_LAYOUT >= 12
	unsigned int bpfloader_min_ver;
	unsigned int bpfloader_max_ver;
#endif
#if LADE_ANDROID_LAYOUT >= 13
	char selinux_context[32];
	char pin_subdir[32];
#endif
};
#endif

#define LADE_PLACE(record, field, offset)                                                                              \
	_Static_assert(__builtin_offsetof(struct record, field) == (offset), "the place of " #field)
#define LADE_SIZE(record, bytes) _Static_assert(sizeof(struct record) == (bytes), "the size of " #record)

LADE_PLACE(bpf_map_def, map_flags, 16);
#if LADE_ANDROID_LAYOUT == 10
LADE_SIZE(bpf_map_def, 28);
#else
LADE_PLACE(bpf_map_def, gid, 24);
LADE_PLACE(bpf_map_def, mode, 28);
LADE_PLACE(bpf_prog_def, min_kver, 8);
LADE_PLACE(bpf_prog_def, optional, 16);
#endif
#if LADE_ANDROID_LAYOUT == 11
LADE_SIZE(bpf_map_def, 32);
LADE_SIZE(bpf_prog_def, 20);
#elif LADE_ANDROID_LAYOUT == 12
LADE_SIZE(bpf_map_def, 48);
LADE_SIZE(bpf_prog_def, 28);
#endif
#if LADE_ANDROID_LAYOUT >= 12
LADE_PLACE(bpf_map_def, bpfloader_min_ver, 32);
LADE_PLACE(bpf_map_def, min_kver, 40);
LADE_PLACE(bpf_prog_def, bpfloader_min_ver, 20);
#endif
#if LADE_ANDROID_LAYOUT >= 13
LADE_PLACE(bpf_map_def, selinux_context, 48);
LADE_PLACE(bpf_map_def, pin_subdir, 80);
LADE_PLACE(bpf_map_def, shared, 112);
LADE_PLACE(bpf_prog_def, selinux_context, 28);
LADE_PLACE(bpf_prog_def, pin_subdir, 60);
LADE_SIZE(bpf_prog_def, 92);
#endif
#if LADE_ANDROID_LAYOUT == 13
LADE_SIZE(bpf_map_def, 116);
#elif LADE_ANDROID_LAYOUT >= 14
LADE_PLACE(bpf_map_def, uid, 116);
LADE_SIZE(bpf_map_def, 120);
#endif

#endif
