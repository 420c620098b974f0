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
#define POLICY_LOADER_HAS_PLACES   18 /* selinux_context, pin_subdir, shared */
#define POLICY_LOADER_HAS_REQUIRED 24 /* looks at bpfloader_min_required_ver */
#define POLICY_LOADER_HAS_VARIANTS 25 /* "foo@2.o" is foo */
#define POLICY_LOADER_HAS_MACHINE  38 /* looks at ignore_on's architectures */
#define POLICY_LOADER_HAS_MMAPABLE 47 /* Android 16: leaves BPF_F_MMAPABLE away on kernels before 5.10 */

/* Android 15's platform loader has no version: it looks at no window but the kernel's, and at no build type. */
#define POLICY_LOADER_UNVERSIONED UINT32_MAX
static inline bool policy_loader_has(uint32_t loader, uint32_t since)
{
	return loader != POLICY_LOADER_UNVERSIONED && loader >= since;
}

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

/* Sections about the object as a whole, by their bit in object_policy.stated. */
enum policy_section {
	POLICY_MIN_LOADER,
	POLICY_MAX_LOADER,
	POLICY_REQUIRED_LOADER,
	POLICY_NETWORK_LOADER,
	POLICY_BTF_LOADER,
	POLICY_BTF_USER_LOADER,
	POLICY_BTF_KERNEL,
	POLICY_MAP_SIZE,
	POLICY_PROGRAM_SIZE,
	POLICY_PROGRAMS, /* definitions of programs */
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
	uint32_t stated, too_short;        /* bits of enum policy_section: there; there, but too short for a number */
};

struct part_policy *lade_part_policy_free(struct part_policy *policy);
struct object_policy *lade_object_policy_free(struct object_policy *policy);

static inline bool policy_window_holds(const struct policy_window *window, uint32_t version)
{
	return version >= window->min && version < window->max;
}

/* Why a part is left out, as text to be freed; the result is asprintf()'s. */
int lade_policy_say_kernel(char **place, const struct policy_window *window, uint32_t version);
int lade_policy_say_machine(char **place, uint32_t ignored);
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
