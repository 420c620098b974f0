/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an object says about where, for whom and under which loader and kernel its parts are to be used. Android's
 * objects say it in their metadata. A load honours the windows and `optional`; owners, modes and places are
 * applied by a boot and only shown elsewhere.
 */
#ifndef LADE_OBJECT_POLICY_H
#define LADE_OBJECT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_KERNEL_ANY          UINT32_MAX /* no upper bound */
#define POLICY_LOADER_ANY          0x10000
#define POLICY_LOADER_HAS_MACHINE  38 /* looks at ignore_on's architectures */
#define POLICY_LOADER_HAS_MMAPABLE 47 /* Android 16: leaves BPF_F_MMAPABLE away on kernels before 5.10 */

/* From `min` to before `max`. */
struct policy_window {
	uint32_t min, max;
};

/* Policy of one map or program. Texts are owned; NULL: the object says nothing. */
struct part_policy {
	bool has_owner, has_mode;
	uint32_t uid, gid, mode;
	bool optional;      /* programs: a failure to load is no failure of the object */
	bool shared;        /* maps: the pin's name does not hold the object's */
	uint32_t ignore_on; /* enum lade_ignore bits */
	struct policy_window loader;
	struct policy_window kernel; /* major << 24 | minor << 16 | patch */
	char *selinux_context, *pin_subdir;
	char *create_location, *pin_location; /* absolute */
	char *pin_name;                       /* last component of the pin's path */
};

/* Policy of the object as a whole. */
struct object_policy {
	char *critical; /* why nothing works without it; NULL: it is not critical */
	struct policy_window loader;
	uint32_t required_loader; /* an older one fails instead of leaving the object out */
	uint32_t network_loader;  /* the same as loader.min, for NetBpfLoad only */
	uint32_t btf_loader, btf_user_loader, btf_kernel;
	uint32_t map_bytes, program_bytes; /* of a record; 0: the object has none */
	uint32_t judged_loader;            /* the version that the windows were judged against */
};

struct part_policy *lade_part_policy_free(struct part_policy *policy);
struct object_policy *lade_object_policy_free(struct object_policy *policy);

static inline bool policy_window_holds(const struct policy_window *window, uint32_t version)
{
	return version >= window->min && version < window->max;
}

/* "6.1.128-android14": 6 << 24 | 1 << 16 | 128. What is missing is 0; so is what does not begin with a digit. */
uint32_t lade_policy_kernel(const char *release);
/* "5.10.0"; *buffer has room for any. */
#define POLICY_KERNEL_TEXT 24
const char *lade_policy_kernel_text(uint32_t version, char buffer[POLICY_KERNEL_TEXT]);
/* enum lade_ignore bits of a machine as uname has it: "aarch64". 0: none of them. */
uint32_t lade_policy_machine(const char *machine);
/* The bit of a build type: "eng", "user", "userdebug". 0: another. */
uint32_t lade_policy_build(const char *type);

#endif
