/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps and programs under Android's rules: which are left out, where the others are pinned and whose they are. The
 * order of the questions is Android's, because the first refusal is what its loader returns.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "boot/android.h"
#include "boot/conf.h"

/* One map or program. */
struct part {
	struct android_decision *android;
	const char *kind, *name; /* "map", "counts"; "prog", "skfilter/pick" */
	uint32_t index;
	const struct part_policy *policy;
	const char *left_out; /* why the object's reader left it out, or NULL */
	struct boot_part *answer;
};

#define part_say(part, level, ...) lade_boot_log_add(&(part)->answer->log, (level), __VA_ARGS__)

static bool is_map(const struct part *part)
{
	return part->kind[0] == 'm';
}

static const char *noun(const struct part *part)
{
	return is_map(part) ? "map" : "program";
}

static void about_part(struct lade_finding *finding, const struct part *part)
{
	if (is_map(part))
		finding_map(finding, part->name);
	else
		finding_program(finding, part->android->object->programs.items[part->index]->name);
}

/* ---- filters ---- */

static const char *judged(const struct part *part, const char *otherwise)
{
	return part->left_out ? part->left_out : otherwise;
}

static int leave_out(struct part *part, const char *why)
{
	part->answer->skip = strdup(why);
	return part->answer->skip ? 0 : -ENOMEM;
}

static void say_loader(struct part *part)
{
	const struct policy_window *window = &part->policy->loader;
	bool is_old = part->android->loader < window->min;
	if (is_map(part))
		part_say(part, LADE_BOOT_INFO, "skipping map %s which requires bpfloader %s ver 0x%05x", part->name,
			 is_old ? "min" : "max", is_old ? window->min : window->max);
	else
		part_say(part, LADE_BOOT_DEBUG, "cs[%u].name:%s requires bpfloader version [0x%05x,0x%05x)",
			 part->index, part->name, window->min, window->max);
}

static int filter_loader(struct part *part)
{
	if (!loader_is_versioned(part->android->loader) ||
	    policy_window_holds(&part->policy->loader, part->android->loader))
		return 0;
	say_loader(part);
	return leave_out(part, judged(part, "it is for other versions of bpfloader"));
}

static void say_kernel(struct part *part, uint32_t kernel)
{
	const struct policy_window *window = &part->policy->kernel;
	if (!is_map(part))
		return; /* said of every program, see say_program() */
	if (kernel < window->min)
		part_say(part, LADE_BOOT_INFO, "skipping map %s which requires kernel version 0x%x >= 0x%x", part->name,
			 kernel, window->min);
	else
		part_say(part, LADE_BOOT_INFO, "skipping map %s which requires kernel version 0x%x < 0x%x", part->name,
			 kernel, window->max);
}

static int filter_kernel(struct part *part)
{
	uint32_t kernel = part->android->policy->device.kernel;
	if (policy_window_holds(&part->policy->kernel, kernel))
		return 0;
	say_kernel(part, kernel);
	if (lade_policy_say_kernel(&part->answer->skip, &part->policy->kernel, kernel) >= 0)
		return 0;
	part->answer->skip = NULL;
	return -ENOMEM;
}

static void say_ignored(struct part *part, const char *on, const char *builds)
{
	if (is_map(part))
		part_say(part, LADE_BOOT_INFO, "skipping map %s which is ignored on %s%s", part->name, on, builds);
	else
		part_say(part, LADE_BOOT_DEBUG, "cs[%u].name:%s is ignored on %s%s", part->index, part->name, on,
			 builds);
}

static int filter_build(struct part *part)
{
	const char *type = part->android->policy->device.build_type;
	uint32_t since = is_map(part) ? LOADER_BUILD_MAPS : LOADER_BUILD_PROGS;
	if (!policy_loader_has(part->android->loader, since) || part->android->loader >= LOADER_NAMED ||
	    !(part->policy->ignore_on & lade_policy_build(type)))
		return 0;
	say_ignored(part, type, " builds");
	return leave_out(part, judged(part, "not for builds of this type"));
}

static int filter_machine(struct part *part)
{
	uint32_t ignored = part->policy->ignore_on & part->android->policy->device.machine;
	if (!ignored || !policy_loader_has(part->android->loader, POLICY_LOADER_HAS_MACHINE) ||
	    part->android->loader >= LOADER_NAMED)
		return 0;
	say_ignored(part, lade_ignore_name((enum lade_ignore)ignored), "");
	if (lade_policy_say_machine(&part->answer->skip, ignored) >= 0)
		return 0;
	part->answer->skip = NULL;
	return -ENOMEM;
}

typedef int filter_fn(struct part *part);

static int filter(struct part *part, filter_fn *const *filters)
{
	int result = 0;
	for (size_t i = 0; result == 0 && !part->answer->skip && filters[i]; i++)
		result = filters[i](part);
	return result;
}

/* Loaders without a version look at the kernel's only; Android 11's maps had no window. */
static int filter_map(struct part *part)
{
	static filter_fn *const filters[] = { filter_loader, filter_kernel, filter_build, filter_machine, NULL };
	return part->android->loader == LOADER_NONE ? 0 : filter(part, filters);
}

static int filter_program(struct part *part)
{
	static filter_fn *const filters[] = { filter_kernel, filter_loader, filter_build, filter_machine, NULL };
	return part->android->policy->android <= 10 ? 0 : filter(part, filters);
}

/* ---- places ---- */

/* Does the loader read selinux_context and pin_subdir? Android 15's for the platform does not. */
static bool reads_places(const struct part *part)
{
	return policy_loader_has(part->android->loader, POLICY_LOADER_HAS_PLACES) && part->policy;
}

static void end_log(struct part *part, int value)
{
	struct android_decision *android = part->android;
	if (is_map(part))
		android_say(android, LADE_BOOT_ERROR, "Failed to create maps: (ret=%d) in %s", value, android->path);
	else
		android_say(android, LADE_BOOT_ERROR, "Failed to load programs, loadCodeSections ret=%d", value);
}

static void evidence_of_domains(struct lade_finding *finding, const char *what, uint32_t domains)
{
	struct strbuf text = { 0 };
	lade_android_domains_text(domains, &text);
	char *list CLEANUP(cleanup_free) = lade_strbuf_take(&text);
	finding_evidence(finding, "%s: %s", what, list ? list : "");
}

static void refuse_subdir(struct part *part)
{
	struct android_decision *android = part->android;
	android_say(android, LADE_BOOT_ERROR, "unrecognized pin_subdir '%-32s'", part->policy->pin_subdir);
	end_log(part, -ENOTDIR);
	struct lade_finding *finding =
		lade_android_refuse(android, -ENOTDIR, "boot.android.subdir", "%s %s: unrecognized pin_subdir '%s'",
				    noun(part), part->name, part->policy->pin_subdir);
	about_part(finding, part);
	evidence_of_domains(finding, "known", UINT32_MAX);
}

static void refuse_domain(struct part *part, const char *field, const char *text, enum android_domain domain)
{
	struct android_decision *android = part->android;
	uint32_t allowed = android->location->domains;
	android_say(android, LADE_BOOT_ERROR, "%s %s has invalid %s of %d (allowed bitmask 0x%llx)", part->kind,
		    part->name, field, (int)domain, (unsigned long long)allowed);
	end_log(part, -EINVAL);
	struct lade_finding *finding =
		lade_android_refuse(android, -EINVAL, "boot.android.domain", "%s %s: %s \"%s\" is not allowed in %s",
				    noun(part), part->name, field, text, android->location->directory);
	about_part(finding, part);
	evidence_of_domains(finding, "allowed", allowed);
}

static void warn_label(struct part *part)
{
	part_say(part, LADE_BOOT_WARNING, "ignoring unrecognized selinux_context '%-32s'",
		 part->policy->selinux_context);
	struct lade_finding *note =
		lade_note_add(&part->android->decision->notes, "boot.android.selinux",
			      "%s: %s %s: unrecognized selinux_context '%s' is ignored", part->android->object->file,
			      noun(part), part->name, part->policy->selinux_context);
	about_part(note, part);
}

static bool is_allowed(const struct part *part, enum android_domain domain)
{
	return part->android->location->domains == UINT32_MAX || part->android->location->domains & DOMAIN_BIT(domain);
}

/* False: the object fails. */
static bool check_label(struct part *part, enum android_domain label)
{
	if (label == DOMAIN_UNKNOWN)
		warn_label(part);
	if (label <= DOMAIN_UNSPECIFIED || is_allowed(part, label))
		return true;
	refuse_domain(part, "selinux_context", part->policy->selinux_context, label);
	return false;
}

static bool check_subdir(struct part *part, enum android_domain subdir)
{
	if (subdir == DOMAIN_UNKNOWN)
		refuse_subdir(part);
	else if (subdir != DOMAIN_UNSPECIFIED && !is_allowed(part, subdir))
		refuse_domain(part, "pin_subdir", part->policy->pin_subdir, subdir);
	else
		return true;
	return false;
}

/* Of a program the directory is looked at first; of a map the label. */
static bool check_places(struct part *part, enum android_domain label, enum android_domain subdir)
{
	if (!is_map(part) && subdir == DOMAIN_UNKNOWN)
		return check_subdir(part, subdir);
	return check_label(part, label) && check_subdir(part, subdir);
}

/* The object's name stands there even where the pin that is shared leaves it out: "map__NAME". */
static char *first_path(const struct part *part, enum android_domain label)
{
	const char *directory = lade_android_domain_directory(label), *name = part->policy->pin_name;
	const char *file = strrchr(part->android->path, '/') + 1, *end = strrchr(file, '.');
	size_t length = end ? (size_t)(end - file) : strlen(file);
	const char *variant = part->android->loader >= POLICY_LOADER_HAS_VARIANTS ? memrchr(file, '@', length) : NULL;
	char *path;
	if (variant)
		length = (size_t)(variant - file);
	if (!part->policy->shared)
		length = 0;
	if (asprintf(&path, BPFFS "%stmp_%.*s%.*s%s", directory, part->policy->shared ? 4 : 0, name, (int)length, file,
		     part->policy->shared ? name + 4 : name) < 0)
		return NULL;
	return path;
}

static int place(struct part *part)
{
	enum android_domain label = DOMAIN_UNSPECIFIED, subdir = DOMAIN_UNSPECIFIED;
	if (reads_places(part)) {
		label = lade_android_domain_of_label(part->policy->selinux_context);
		subdir = lade_android_domain_of_directory(part->policy->pin_subdir);
	}
	if (!check_places(part, label, subdir))
		return 0;
	const char *directory =
		subdir > DOMAIN_UNSPECIFIED ? lade_android_domain_directory(subdir) : part->android->location->prefix;
	if (asprintf(&part->answer->pin, BPFFS "%s%s", directory, part->policy->pin_name) < 0) {
		part->answer->pin = NULL;
		return -ENOMEM;
	}
	if (label <= DOMAIN_UNSPECIFIED || part->android->loader < LOADER_RENAMES)
		return 0;
	part->answer->pin_first = first_path(part, label);
	return part->answer->pin_first ? 0 : -ENOMEM;
}

/* What the file says is no reason to leave bpffs. */
static bool is_below_bpffs(const char *path)
{
	return strncmp(path, BPFFS, strlen(BPFFS)) == 0 && lade_conf_is_pin_path(path + strlen(BPFFS));
}

static int refuse_path(struct part *part, const char *path)
{
	struct lade_finding *finding =
		lade_android_refuse(part->android, -EINVAL, "boot.android.path", "%s %s: cannot be pinned at \"%s\"",
				    noun(part), part->name, path);
	about_part(finding, part);
	return 0;
}

/* Layout E holds the whole path, and that of the place where the pin is made. */
static int place_as_said(struct part *part)
{
	const struct part_policy *policy = part->policy;
	if (!policy->pin_location)
		return 0;
	if (!is_below_bpffs(policy->pin_location))
		return refuse_path(part, policy->pin_location);
	if (policy->create_location && !is_below_bpffs(policy->create_location))
		return refuse_path(part, policy->create_location);
	part->answer->pin = strdup(policy->pin_location);
	if (policy->create_location)
		part->answer->pin_first = strdup(policy->create_location);
	bool is_whole = part->answer->pin && (!policy->create_location || part->answer->pin_first);
	return is_whole ? 0 : -ENOMEM;
}

static int place_part(struct part *part)
{
	if (part->android->loader >= LOADER_NAMED && loader_is_versioned(part->android->loader))
		return place_as_said(part);
	return place(part);
}

/* ---- maps ---- */

static void refuse_old_uid(struct part *part)
{
	struct android_decision *android = part->android;
	struct lade_finding *finding = lade_android_refuse(
		android, BOOT_ANDROID_ABORT, "boot.android.zero",
		"map %s: its owner %u lies where loaders since 0.28 want zero", part->name, part->policy->uid);
	about_part(finding, part);
	finding_evidence(finding, "records of %u bytes; the owner is at 116 in those of 120",
			 android->object->policy->map_bytes);
}

/* A record of 116 bytes and less has its owner in the word that has to be zero. */
static bool has_old_uid(const struct part *part)
{
	return part->android->loader >= LOADER_MOVED_UID && part->android->loader < LOADER_NAMED &&
	       part->android->object->policy->map_bytes < 120 && part->policy->uid;
}

static void own_map(const struct part *part)
{
	struct boot_part *answer = part->answer;
	if (part->android->policy->android <= 10)
		return;
	answer->has_owner = part->policy->has_owner;
	answer->has_mode = part->policy->has_mode;
	answer->uid = part->policy->uid;
	answer->gid = part->policy->gid;
	answer->mode = part->policy->mode & 07777;
}

static int decide_map(struct part *part)
{
	if (has_old_uid(part)) {
		refuse_old_uid(part);
		return 0;
	}
	int result = filter_map(part);
	if (result < 0 || part->answer->skip)
		return result;
	own_map(part);
	return place_part(part);
}

/* The sections that say which loaders may take the types of maps along. */
static void judge_btf(struct android_decision *android)
{
	const struct object_policy *policy = android->object->policy;
	const struct boot_device *device = &android->policy->device;
	uint32_t least = policy->btf_loader;
	if (android->loader >= LOADER_HAS_BTF_USER && strcmp(device->build_type, "user") == 0)
		least = policy->btf_user_loader;
	bool has_btf = (android->loader >= LOADER_HAS_MAP_BTF && android->loader < LOADER_SPLIT) ||
		       (android->loader >= LOADER_EXACT && loader_is_versioned(android->loader));
	bool is_gated = android->loader >= LOADER_HAS_BTF_GATES && android->loader < LOADER_SPLIT &&
			(android->loader < least || device->kernel < policy->btf_kernel);
	android->decision->without_btf = !has_btf || is_gated;
}

int lade_android_part_maps(struct android_decision *android)
{
	const struct lade_object *object = android->object;
	if (!object->policy)
		return lade_android_libbpf(android);
	judge_btf(android);
	for (uint32_t i = 0; i < object->maps.count && android->decision->verdict == BOOT_LOAD; i++) {
		const struct lade_map *map = object->maps.items[i];
		struct part part = {
			android, "map", map->name, i, map->policy, map->skip, &android->decision->maps[i]
		};
		int result = map->policy ? decide_map(&part) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}

/* ---- programs ---- */

static void refuse_undefined(struct part *part)
{
	struct android_decision *android = part->android;
	const char *name = android->object->programs.items[part->index]->name;
	android_say(android, LADE_BOOT_ERROR, "[%u] '%s' missing program definition! bad bpf.o build?", part->index,
		    part->name);
	end_log(part, -EINVAL);
	struct lade_finding *finding = lade_android_refuse(
		android, -EINVAL, "boot.android.undefined",
		"section %s: '%s' missing program definition! There is no %s_def in progs", part->name, name, name);
	about_part(finding, part);
}

static void own_program(const struct part *part)
{
	struct boot_part *answer = part->answer;
	if (!part->policy->has_owner || part->android->policy->android <= 10)
		return;
	answer->has_owner = answer->has_mode = true;
	answer->uid = part->policy->uid;
	answer->gid = part->policy->gid;
	answer->mode = 0440;
	answer->optional = part->policy->optional;
}

static void say_program(struct part *part)
{
	if (part->policy->has_owner)
		part_say(part, LADE_BOOT_DEBUG, "cs[%u].name:%s min_kver:%x .max_kver:%x (kvers:%x)", part->index,
			 part->name, part->policy->kernel.min, part->policy->kernel.max,
			 part->android->policy->device.kernel);
}

static int decide_program(struct part *part)
{
	if (!part->policy->has_owner && part->android->loader >= LOADER_MOVED_UID) {
		refuse_undefined(part);
		return 0;
	}
	say_program(part);
	int result = filter_program(part);
	if (result < 0 || part->answer->skip)
		return result;
	own_program(part);
	return place_part(part);
}

int lade_android_part_programs(struct android_decision *android)
{
	const struct lade_object *object = android->object;
	for (uint32_t i = 0; i < object->programs.count && android->decision->verdict == BOOT_LOAD; i++) {
		const struct lade_program *program = object->programs.items[i];
		struct boot_part *answer = &android->decision->programs[i];
		struct part part = { android, "prog", program->section, i, program->policy, program->skip, answer };
		int result = program->policy && !answer->skip ? decide_program(&part) : 0;
		if (result < 0)
			return result;
	}
	return 0;
}
