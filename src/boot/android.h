/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of Android's rules share (facts: android.md, section 4). */
#ifndef LADE_BOOT_ANDROID_H
#define LADE_BOOT_ANDROID_H

#include "base/strbuf.h"
#include "boot/decide.h"

#define BPFFS "/sys/fs/bpf/" /* stands for the context's bpffs */

/* ---- since when loaders do something; see also object/policy.h ---- */
#define LOADER_NONE          1  /* Android 10 and 11: no version, no windows */
#define LOADER_HAS_MAP_BTF   10 /* until 0.40 */
#define LOADER_RENAMES       19 /* selinux_context: pinned elsewhere first */
#define LOADER_HAS_BTF_GATES 20 /* until 0.40 */
#define LOADER_MOVED_UID     28 /* and demands a definition of every program, zero in the old place */
#define LOADER_BUILD_MAPS    32 /* ignore_on_eng … of maps */
#define LOADER_BUILD_PROGS   33
#define LOADER_HAS_BTF_USER  39 /* btf_user_min_bpfloader_ver */
#define LOADER_SPLIT         41 /* the platform's loader; the network's is NetBpfLoad, 42 and newer */
#define LOADER_NETWORK       42
#define LOADER_EXACT         47   /* Android 16: structs of other sizes are refused */
#define LOADER_NAMED         3100 /* Android 16's mainline and newer: the object holds the paths */

static inline bool loader_is_versioned(uint32_t loader)
{
	return loader > LOADER_NONE && loader != POLICY_LOADER_UNVERSIONED;
}

/* ---- android_domains.c ---- */
/*
 * Where pins live, by the label of their inode. An object asks for one by its label (selinux_context) or its directory
 * (pin_subdir). DOMAIN_UNSPECIFIED: by an empty text; DOMAIN_UNKNOWN: by one that no loader knows.
 */
enum android_domain {
	DOMAIN_UNKNOWN = -1,
	DOMAIN_UNSPECIFIED,
	DOMAIN_PLATFORM,
	DOMAIN_TETHERING,
	DOMAIN_NET_PRIVATE,
	DOMAIN_NET_SHARED,
	DOMAIN_NETD_READONLY,
	DOMAIN_NETD_SHARED,
	DOMAIN_VENDOR,
	DOMAIN_LOADER,
};
#define DOMAIN_BIT(domain) (UINT32_C(1) << (domain))
enum android_domain lade_android_domain_of_label(const char *selinux_context);
enum android_domain lade_android_domain_of_directory(const char *pin_subdir);
/* Below bpffs, with its slash; "" for the platform's. */
const char *lade_android_domain_directory(enum android_domain domain);
/* What a location allows, or all that there are, for messages: "tethering/, net_shared/". */
void lade_android_domains_text(uint32_t domains, struct strbuf *text);

/* ---- android_prefixes.c ---- */
/* Would this loader take the section for a program? Others it ignores. */
bool lade_android_knows_section(const struct boot_location *location, const char *section);

/* ---- android_gates.c, android_code.c, android_parts.c: steps of a decision ---- */
struct android_decision {
	const struct boot_policy *policy;
	const struct boot_location *location;
	const struct lade_object *object;
	struct boot_decision *decision;
	char *path; /* of the object, as the loader prints it */
	uint32_t loader;
};
/* A step ends the decision by setting another verdict than BOOT_LOAD. 0, -ENOMEM. */
typedef int android_step(struct android_decision *android);
/* Layout F, instead of maps and programs. */
android_step lade_android_libbpf;
android_step lade_android_begin, lade_android_gate, lade_android_code, lade_android_part_maps,
	lade_android_part_programs;

#define android_say(android, level, ...) lade_boot_log_add((android)->decision->log, (level), __VA_ARGS__)
/* The object is left out: as the object says, where it does. 0, -ENOMEM. */
int lade_android_leave_out(struct android_decision *android, const char *why);
/* The object fails: the finding to be described, NULL without memory. `value` as Android's loader returns it. */
struct lade_finding *lade_android_refuse(struct android_decision *android, int value, const char *code,
					 const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
