/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of a policy: what is booted, and giving it all back. */
#include "boot/policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/strbuf.h"
#include "object/sections.h"

/* ---- the device ---- */

static int set_build_type(const struct lade_boot_opts *opts, struct boot_device *device, struct lade_error **error)
{
	const char *wanted = opts->build_type ? opts->build_type : "user";
	uint32_t bit = lade_policy_build(wanted);
	if (!bit)
		return lade_fail(error, EINVAL, "boot.android.build-type",
				 "got build type \"%s\", want 'eng', 'user', or 'userdebug'", wanted);
	device->build_type = lade_ignore_name((enum lade_ignore)bit);
	return 0;
}

static int set_kernel(const char *release, struct boot_device *device, struct lade_error **error)
{
	if (!isdigit((unsigned char)*release))
		return lade_fail(error, EINVAL, "boot.android.kernel",
				 "\"%s\" is no kernel version: it begins with no number", release);
	device->kernel = lade_policy_kernel(release);
	return 0;
}

int lade_boot_device(const struct lade_boot_opts *opts, struct boot_device *ret_device, struct lade_error **error)
{
	struct boot_device device = { .loader = opts->loader_version };
	struct utsname here = { 0 };
	int result = set_build_type(opts, &device, error);
	if (result < 0)
		return result;
	if (uname(&here) < 0)
		return lade_fail(error, errno, "boot.android.kernel", "unable to get kernel version: uname: %s",
				 strerror(errno));
	const char *release = opts->kernel ? opts->kernel : here.release;
	const char *machine = opts->machine ? opts->machine : here.machine;
	(void)snprintf(device.release, sizeof device.release, "%s", release);
	(void)snprintf(device.architecture, sizeof device.architecture, "%s", machine);
	device.machine = lade_policy_machine(machine);
	result = set_kernel(release, &device, error);
	if (result == 0)
		*ret_device = device;
	return result;
}

/* ---- types ---- */

bool lade_boot_type_allowed(uint64_t types, uint32_t program_type)
{
	return program_type < 64 ? types >> program_type & 1 : types == UINT64_MAX;
}

void lade_boot_types_text(uint64_t types, struct strbuf *text)
{
	const char *comma = "";
	for (uint32_t type = 0; types != UINT64_MAX && type < 64; type++) {
		const char *name = type ? lade_program_type_name(type) : "fuse";
		if (!(types >> type & 1) || !name)
			continue;
		lade_strbuf_addf(text, "%s%s", comma, name);
		comma = ", ";
	}
	if (types == UINT64_MAX)
		lade_strbuf_add(text, "any");
}

/* ---- questions to the kernel's configuration ---- */

static bool holds(const struct strings *names, const char *name, size_t length)
{
	array_foreach(known, names)
		if (strlen(*known) == length && strncmp(*known, name, length) == 0)
			return true;
	return false;
}

int lade_boot_configs(const struct boot_policy *policy, struct strings *names)
{
	array_foreach(rule, &policy->rules)
		array_foreach(config, &rule->configs) {
			size_t length = strcspn(*config, "=");
			if (holds(names, *config, length))
				continue;
			int result = lade_strings_addf(names, "%.*s", (int)length, *config);
			if (result < 0)
				return result;
		}
	return 0;
}

/* ---- giving it back ---- */

static void clear_rule(struct boot_rule *rule)
{
	array_foreach(config, &rule->configs)
		free(*config);
	array_foreach(target, &rule->targets)
		free(*target);
	array_clear(&rule->configs);
	array_clear(&rule->targets);
	char *owned[] = { rule->object, rule->program, rule->file, rule->reason, rule->pin };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
}

void lade_boot_policy_clear(struct boot_policy *policy)
{
	array_foreach(location, &policy->locations) {
		free(location->directory);
		free(location->prefix);
		free(location->file);
	}
	array_foreach(rule, &policy->rules)
		clear_rule(rule);
	array_clear(&policy->locations);
	array_clear(&policy->rules);
	lade_findings_clear(&policy->notes);
	*policy = (struct boot_policy){ 0 };
}
