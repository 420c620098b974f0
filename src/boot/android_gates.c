/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What Android's loader asks of an object as a whole: is it critical, is it for this loader. The windows were judged
 * when it was read (dialect/android_gates.c); here is what follows from it, and what the loader logs.
 */
#include <stdio.h>
#include <string.h>

#include "boot/android.h"

/* ---- what kind of object ---- */

static bool is_libbpf_location(const struct android_decision *android)
{
	return strcmp(android->location->suffix, ".bpf") == 0;
}

static int check_dialect(struct android_decision *android)
{
	if (android->object->policy || is_libbpf_location(android))
		return 0;
	struct lade_finding *finding =
		lade_android_refuse(android, android->loader >= LOADER_MOVED_UID ? -EINVAL : -1, "boot.android.dialect",
				    "an object of dialect %s in %s, whose loader reads Android's objects",
				    android->object->dialect, android->location->directory);
	for (size_t i = 0; i < android->object->evidence.count; i++)
		finding_evidence(finding, "%s", android->object->evidence.items[i]);
	return 0;
}

const char *lade_boot_android_critical(const struct boot_policy *policy, const char *said)
{
	if (policy->android >= 16)
		return said ? said : "Android 16 can do without no object";
	return policy->android >= 11 ? said : NULL;
}

int lade_android_begin(struct android_decision *android)
{
	const struct object_policy *policy = android->object->policy;
	const char *critical = lade_boot_android_critical(android->policy, policy ? policy->critical : NULL);
	const char *who = android->loader == POLICY_LOADER_UNVERSIONED ? "Platform BpfLoader loading" : "Loading";
	const char *license = android->object->license ? android->object->license : "";
	android->decision->critical = critical;
	if (critical)
		android_say(android, LADE_BOOT_DEBUG, "%s critical for %s ELF object %s with license %s", who, critical,
			    android->path, license);
	else
		android_say(android, LADE_BOOT_DEBUG, "%s optional ELF object %s with license %s", who, android->path,
			    license);
	return check_dialect(android);
}

/* ---- numeric sections ---- */

struct number_row {
	const char *section;
	enum policy_section bit;
	uint32_t since, otherwise;
};

static uint32_t value_of(const struct object_policy *policy, enum policy_section section)
{
	const uint32_t values[] = {
		[POLICY_MIN_LOADER] = policy->loader.min,           [POLICY_MAX_LOADER] = policy->loader.max,
		[POLICY_REQUIRED_LOADER] = policy->required_loader, [POLICY_NETWORK_LOADER] = policy->network_loader,
		[POLICY_BTF_LOADER] = policy->btf_loader,           [POLICY_BTF_USER_LOADER] = policy->btf_user_loader,
		[POLICY_BTF_KERNEL] = policy->btf_kernel,           [POLICY_MAP_SIZE] = policy->map_bytes,
		[POLICY_PROGRAM_SIZE] = policy->program_bytes,
	};
	return values[section];
}

static void say_number(struct android_decision *android, const struct number_row *row)
{
	const struct object_policy *policy = android->object->policy;
	uint32_t bit = UINT32_C(1) << row->bit, value = value_of(policy, row->bit);
	if (!(policy->stated & bit))
		android_say(android, LADE_BOOT_DEBUG, "Couldn't find section %s (defaulting to %u [0x%x]).",
			    row->section, row->otherwise, row->otherwise);
	else if (policy->too_short & bit)
		android_say(android, LADE_BOOT_ERROR, "Section %s too short (defaulting to %u [0x%x]).", row->section,
			    row->otherwise, row->otherwise);
	else
		android_say(android, LADE_BOOT_INFO, "Section %s value is %u [0x%x]", row->section, value, value);
}

static void say_numbers(struct android_decision *android)
{
	static const struct number_row rows[] = {
		{ "bpfloader_min_ver", POLICY_MIN_LOADER, 0, 0 },
		{ "bpfloader_max_ver", POLICY_MAX_LOADER, 0, POLICY_LOADER_ANY },
		{ "bpfloader_min_required_ver", POLICY_REQUIRED_LOADER, POLICY_LOADER_HAS_REQUIRED, 0 },
		{ "netbpfload_min_ver", POLICY_NETWORK_LOADER, LOADER_NETWORK, 0 },
		{ "size_of_bpf_map_def", POLICY_MAP_SIZE, 0, 32 },
		{ "size_of_bpf_prog_def", POLICY_PROGRAM_SIZE, 0, 20 },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (android->loader >= rows[i].since)
			say_number(android, &rows[i]);
}

/* ---- the object's window ---- */

static const char *name_of_loader(const struct android_decision *android)
{
	return android->location->is_network ? "NetBpfLoad" : "BpfLoader";
}

static void say_ignored(struct android_decision *android, const char *which, uint32_t version)
{
	android_say(android, LADE_BOOT_INFO, "%s version 0x%05x ignoring ELF object %s with %s ver 0x%05x",
		    name_of_loader(android), android->loader, android->path, which, version);
}

static int leave_out(struct android_decision *android, uint32_t min, uint32_t max)
{
	char why[128];
	if (max < POLICY_LOADER_ANY)
		(void)snprintf(why, sizeof why, "it is for bpfloader versions %u to before %u, this is version %u", min,
			       max, android->loader);
	else
		(void)snprintf(why, sizeof why, "it is for %s version %u or newer, this is version %u",
			       android->location->is_network ? "NetBpfLoad" : "bpfloader", min, android->loader);
	return lade_android_leave_out(android, why);
}

static int judge_window(struct android_decision *android)
{
	const struct object_policy *policy = android->object->policy;
	if (android->location->is_network && android->loader < policy->network_loader) {
		android_say(android, LADE_BOOT_INFO,
			    "NetBpfLoad version %u ignoring ELF object %s with netbpfload min ver %u", android->loader,
			    android->path, policy->network_loader);
		return leave_out(android, policy->network_loader, POLICY_LOADER_ANY);
	}
	if (policy_window_holds(&policy->loader, android->loader))
		return 0;
	bool is_old = android->loader < policy->loader.min;
	say_ignored(android, is_old ? "min" : "max", is_old ? policy->loader.min : policy->loader.max);
	return leave_out(android, policy->loader.min, policy->loader.max);
}

/* An object that was read as for another loader: its reader did not look. */
static int judge_required(struct android_decision *android)
{
	uint32_t required = android->object->policy->required_loader;
	if (android->loader < POLICY_LOADER_HAS_REQUIRED || android->loader >= required)
		return 0;
	android_say(android, LADE_BOOT_ERROR,
		    "%s version 0x%05x failing due to ELF object %s with required min ver 0x%05x",
		    name_of_loader(android), android->loader, android->path, required);
	(void)lade_android_refuse(android, -1, "dialect.android.required", "the object requires bpfloader version %u",
				  required);
	return 0;
}

int lade_android_gate(struct android_decision *android)
{
	const struct object_policy *policy = android->object->policy;
	if (!policy || !loader_is_versioned(android->loader) || android->loader >= LOADER_NAMED)
		return 0;
	say_numbers(android);
	int result = judge_window(android);
	if (result == 0 && android->decision->verdict == BOOT_LOAD)
		result = judge_required(android);
	if (android->decision->verdict == BOOT_LOAD)
		android_say(android, LADE_BOOT_INFO,
			    "%s version 0x%05x processing ELF object %s with ver [0x%05x,0x%05x)",
			    name_of_loader(android), android->loader, android->path, policy->loader.min,
			    policy->loader.max);
	return result;
}
