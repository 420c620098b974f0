/* SPDX-License-Identifier: BSD-2-Clause */
/* What Android's loader asks before it uses an object, a map or a program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "dialect/android.h"

/* ---- sections of the object as a whole ---- */

struct number_section {
	const char *name;
	size_t place; /* in struct object_policy */
	enum policy_section bit;
};

#define PLACE(member) offsetof(struct object_policy, member)

static const struct number_section number_sections[] = {
	{ "bpfloader_min_ver", PLACE(loader.min), POLICY_MIN_LOADER },
	{ "bpfloader_max_ver", PLACE(loader.max), POLICY_MAX_LOADER },
	{ "bpfloader_min_required_ver", PLACE(required_loader), POLICY_REQUIRED_LOADER },
	{ "netbpfload_min_ver", PLACE(network_loader), POLICY_NETWORK_LOADER },
	{ "btf_min_bpfloader_ver", PLACE(btf_loader), POLICY_BTF_LOADER },
	{ "btf_user_min_bpfloader_ver", PLACE(btf_user_loader), POLICY_BTF_USER_LOADER },
	{ "btf_min_kernel_ver", PLACE(btf_kernel), POLICY_BTF_KERNEL },
};

static void name_section(struct android *android, const struct elf_section *section, const char *why)
{
	android->filling.uses[section->index].role = ROLE_POLICY;
	android->filling.uses[section->index].why = why;
}

static void read_number(struct android *android, const struct number_section *row)
{
	const struct elf_section *section = lade_elf_section(android->filling.elf, row->name);
	if (!section)
		return;
	name_section(android, section, NULL);
	android->filling.object->policy->stated |= UINT32_C(1) << row->bit;
	if (section->bytes && section->size >= sizeof(uint32_t)) {
		uint32_t number = lade_fill_u32(&android->filling, section->bytes);
		memcpy((char *)android->filling.object->policy + row->place, &number, sizeof number);
		return;
	}
	android->filling.object->policy->too_short |= UINT32_C(1) << row->bit;
	struct lade_finding *note =
		lade_note_add(&android->filling.object->notes, "dialect.android.short",
			      "section %s is too short for a number; its default counts", row->name);
	finding_evidence(note, "it has %llu bytes", (unsigned long long)section->size);
}

static int read_critical(struct android *android)
{
	const struct elf_section *section = lade_elf_section(android->filling.elf, "critical");
	if (!section)
		return 0;
	name_section(android, section, NULL);
	const char *text = section->bytes ? (const char *)section->bytes : "";
	char *copy = strndup(text, section->bytes ? (size_t)section->size : 0);
	if (!copy)
		return lade_fail_memory(android->filling.error);
	android->filling.object->policy->critical = copy;
	return 0;
}

static int check_license(struct android *android)
{
	if (android->filling.object->license)
		return 0;
	return lade_fail(android->filling.error, ENOEXEC, "dialect.android.license", "%s: no section license",
			 android->filling.elf->file);
}

/* ---- the object's window ---- */

__attribute__((format(printf, 3, 4))) static int say(struct android *android, char **place, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(place, format, arguments);
	va_end(arguments);
	if (length >= 0)
		return 0;
	*place = NULL;
	return lade_fail_memory(android->filling.error);
}

static int say_window(struct android *android, char **place, const char *what, const struct policy_window *window)
{
	if (window->max < POLICY_LOADER_ANY)
		return say(android, place, "%s bpfloader versions %u to before %u, this load is as version %u", what,
			   window->min, window->max, android->loader);
	return say(android, place, "%s bpfloader version %u or newer, this load is as version %u", what, window->min,
		   android->loader);
}

static int fail_required(struct android *android, uint32_t required)
{
	struct lade_finding *finding =
		lade_error_add(android->filling.error, ENOEXEC, "dialect.android.required",
			       "%s: the object requires bpfloader version %u", android->filling.elf->file, required);
	finding_evidence(finding, "section bpfloader_min_required_ver; this load is as version %u", android->loader);
	return -ENOEXEC;
}

static int judge_object(struct android *android)
{
	const struct object_policy *policy = android->filling.object->policy;
	if (android->loader == POLICY_LOADER_UNVERSIONED)
		return 0;
	if (android->loader >= LOADER_HAS_NETWORK && android->loader < policy->network_loader)
		return say(android, &android->object_skip,
			   "the object is for NetBpfLoad version %u or newer, this load is as version %u",
			   policy->network_loader, android->loader);
	if (!policy_window_holds(&policy->loader, android->loader))
		return say_window(android, &android->object_skip, "the object is for", &policy->loader);
	if (android->loader < POLICY_LOADER_HAS_REQUIRED || android->loader >= policy->required_loader)
		return 0;
	return fail_required(android, policy->required_loader);
}

static void note_skip(struct android *android)
{
	if (!android->object_skip)
		return;
	struct lade_finding *note = lade_note_add(&android->filling.object->notes, "dialect.android.skipped",
						  "nothing of the object will be loaded: %s", android->object_skip);
	finding_object(note, android->filling.elf->file);
}

int lade_android_gates(struct android *android)
{
	struct object_policy *policy = calloc(1, sizeof *policy);
	android->filling.object->policy = policy;
	if (!policy)
		return lade_fail_memory(android->filling.error);
	policy->loader.max = POLICY_LOADER_ANY;
	policy->judged_loader = android->loader;
	for (size_t i = 0; android->layout <= 'd' && i < ELEMENTS(number_sections); i++)
		read_number(android, &number_sections[i]);
	int result = check_license(android);
	if (result == 0)
		result = read_critical(android);
	if (result == 0)
		result = judge_object(android);
	note_skip(android);
	return result;
}

/* ---- a map's or program's window ---- */

int lade_android_judge(struct android *android, const struct part_policy *policy, uint32_t build_since, char **ret_skip)
{
	if (android->object_skip)
		return say(android, ret_skip, "%s", android->object_skip);
	if (android->loader == POLICY_LOADER_UNVERSIONED)
		return 0;
	if (!policy_window_holds(&policy->loader, android->loader))
		return say_window(android, ret_skip, "for", &policy->loader);
	if (android->loader >= build_since && android->build & policy->ignore_on)
		return say(android, ret_skip, "not for %s builds", lade_ignore_name((enum lade_ignore)android->build));
	return 0;
}

/* ---- places ---- */

static bool is_context(const char *text)
{
	static const char *const names[] = { "fs_bpf",
					     "fs_bpf_tethering",
					     "fs_bpf_net_private",
					     "fs_bpf_net_shared",
					     "fs_bpf_netd_readonly",
					     "fs_bpf_netd_shared",
					     "fs_bpf_vendor",
					     "fs_bpf_loader" };
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(names[i], text) == 0)
			return true;
	return false;
}

static bool is_subdir(const char *text)
{
	static const char *const names[] = { "/",           "tethering/",     "net_private/",
					     "net_shared/", "netd_readonly/", "netd_shared/",
					     "vendor/",     "loader/" };
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (strcmp(names[i], text) == 0)
			return true;
	return false;
}

void lade_android_check_places(struct android *android, const char *kind, const char *name,
			       const struct part_policy *policy)
{
	struct findings *notes = &android->filling.object->notes;
	if (policy->selinux_context && !is_context(policy->selinux_context))
		(void)lade_note_add(notes, "dialect.android.selinux",
				    "%s %s: selinux_context \"%s\" is none that "
				    "Android's loader knows",
				    kind, name, policy->selinux_context);
	if (policy->pin_subdir && !is_subdir(policy->pin_subdir))
		(void)lade_note_add(notes, "dialect.android.subdir",
				    "%s %s: pin_subdir \"%s\" is none that "
				    "Android's loader knows",
				    kind, name, policy->pin_subdir);
}

/* "dir/foo.o" is foo, unless the user names it; so is "foo@1.o", for loaders that know of variants. */
static size_t object_name(const struct android *android, const char **ret_start)
{
	const struct lade_open_opts *options = android->filling.object->options;
	const char *given = options ? options->name : NULL;
	const char *file = given ? given : android->filling.elf->file, *slash = strrchr(file, '/');
	const char *start = slash ? slash + 1 : file;
	const char *dot = given ? NULL : strrchr(start, '.');
	size_t length = dot ? (size_t)(dot - start) : strlen(start);
	const char *at = android->loader >= POLICY_LOADER_HAS_VARIANTS ? memrchr(start, '@', length) : NULL;
	*ret_start = start;
	return at ? (size_t)(at - start) : length;
}

char *lade_android_pin_name(const struct android *android, const char *kind, bool shared, const char *name)
{
	const char *object;
	size_t length = object_name(android, &object);
	char *text;
	shared = shared && android->loader >= POLICY_LOADER_HAS_PLACES;
	if (asprintf(&text, "%s_%.*s_%s", kind, shared ? 0 : (int)length, object, name) < 0)
		return NULL;
	for (char *slash = text; (slash = strchr(slash, '/'));)
		*slash = '_';
	return text;
}
