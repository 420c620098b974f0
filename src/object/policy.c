/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy's parts, its words, and its public face. */
#include "object/policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "object/model.h"

struct part_policy *lade_part_policy_free(struct part_policy *policy)
{
	if (!policy)
		return NULL;
	char *owned[] = { policy->selinux_context, policy->pin_subdir, policy->create_location, policy->pin_location,
			  policy->pin_name };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
	free(policy);
	return NULL;
}

struct object_policy *lade_object_policy_free(struct object_policy *policy)
{
	if (policy)
		free(policy->critical);
	free(policy);
	return NULL;
}

/* ---- kernel versions ---- */

uint32_t lade_policy_kernel(const char *release)
{
	static const uint32_t most[] = { 255, 255, 65535 };
	uint32_t part[3] = { 0 };
	for (size_t i = 0; i < ELEMENTS(part) && isdigit((unsigned char)*release); i++) {
		char *end;
		unsigned long number = strtoul(release, &end, 10);
		part[i] = number > most[i] ? most[i] : (uint32_t)number;
		release = *end == '.' ? end + 1 : "";
	}
	return part[0] << 24 | part[1] << 16 | part[2];
}

const char *lade_policy_kernel_text(uint32_t version, char buffer[POLICY_KERNEL_TEXT])
{
	(void)snprintf(buffer, POLICY_KERNEL_TEXT, "%u.%u.%u", version >> 24, version >> 16 & 255, version & 65535);
	return buffer;
}

int lade_policy_say_kernel(char **place, const struct policy_window *window, uint32_t version)
{
	char low[POLICY_KERNEL_TEXT], high[POLICY_KERNEL_TEXT], here[POLICY_KERNEL_TEXT];

	(void)lade_policy_kernel_text(window->min, low);
	(void)lade_policy_kernel_text(window->max, high);
	(void)lade_policy_kernel_text(version, here);
	if (window->max == POLICY_KERNEL_ANY)
		return asprintf(place, "for kernel %s or newer, this is %s", low, here);
	return asprintf(place, "for kernels %s to before %s, this is %s", low, high, here);
}

int lade_policy_say_machine(char **place, uint32_t ignored)
{
	return asprintf(place, "not for %s", lade_ignore_name((enum lade_ignore)ignored));
}

/* ---- words for what a part may be ignored on ---- */

static const struct ignore_word {
	const char *name;    /* Android's */
	const char *machine; /* uname's beginning; NULL: a build type */
	uint32_t bit;
} ignore_words[] = {
	{ "eng", NULL, LADE_IGNORE_ENG },
	{ "user", NULL, LADE_IGNORE_USER },
	{ "userdebug", NULL, LADE_IGNORE_USERDEBUG },
	{ "aarch64", "aarch64", LADE_IGNORE_AARCH64 },
	{ "arm32", "arm", LADE_IGNORE_ARM32 },
	{ "x86_64", "x86_64", LADE_IGNORE_X86_64 },
	{ "riscv64", "riscv64", LADE_IGNORE_RISCV64 },
	{ "x86_32", "i", LADE_IGNORE_X86_32 }, /* i386 … i686 */
};

const char *lade_ignore_name(enum lade_ignore bit)
{
	for (size_t i = 0; i < ELEMENTS(ignore_words); i++)
		if (ignore_words[i].bit == (uint32_t)bit)
			return ignore_words[i].name;
	return NULL;
}

uint32_t lade_policy_machine(const char *machine)
{
	for (size_t i = 0; i < ELEMENTS(ignore_words); i++)
		if (ignore_words[i].machine &&
		    strncmp(machine, ignore_words[i].machine, strlen(ignore_words[i].machine)) == 0)
			return ignore_words[i].bit;
	return 0;
}

uint32_t lade_policy_build(const char *type)
{
	for (size_t i = 0; i < ELEMENTS(ignore_words); i++)
		if (!ignore_words[i].machine && strcmp(type, ignore_words[i].name) == 0)
			return ignore_words[i].bit;
	return 0;
}

/* ---- the public face ---- */

static int describe(const struct part_policy *policy, struct lade_policy_info *info)
{
	if (!policy)
		return -ENOENT;
	struct lade_policy_info full = {
		.has_owner = policy->has_owner,
		.uid = policy->uid,
		.gid = policy->gid,
		.has_mode = policy->has_mode,
		.mode = policy->mode,
		.optional = policy->optional,
		.shared = policy->shared,
		.ignore_on = policy->ignore_on,
		.min_loader = policy->loader.min,
		.max_loader = policy->loader.max,
		.min_kernel = policy->kernel.min,
		.max_kernel = policy->kernel.max,
		.selinux_context = policy->selinux_context,
		.pin_subdir = policy->pin_subdir,
		.create_location = policy->create_location,
		.pin_location = policy->pin_location,
		.pin_name = policy->pin_name,
	};
	return info_fill(info, &full, sizeof full);
}

int lade_map_policy(const struct lade_map *map, struct lade_policy_info *info)
{
	return describe(map->policy, info);
}

int lade_program_policy(const struct lade_program *program, struct lade_policy_info *info)
{
	return describe(program->policy, info);
}

int lade_object_policy(const struct lade_object *object, struct lade_object_policy_info *info)
{
	const struct object_policy *policy = object->policy;
	if (!policy)
		return -ENOENT;
	struct lade_object_policy_info full = {
		.critical = policy->critical,
		.min_loader = policy->loader.min,
		.max_loader = policy->loader.max,
		.required_loader = policy->required_loader,
		.network_loader = policy->network_loader,
		.btf_loader = policy->btf_loader,
		.btf_user_loader = policy->btf_user_loader,
		.btf_kernel = policy->btf_kernel,
		.map_bytes = policy->map_bytes,
		.program_bytes = policy->program_bytes,
		.judged_loader = policy->judged_loader,
	};
	return info_fill(info, &full, sizeof full);
}
