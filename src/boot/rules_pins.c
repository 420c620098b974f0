/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places of pins under a policy file, the first that fits:
 *
 *     pin = of the map or program
 *     what the object says itself: Android's map_OBJECT_NAME below the prefix, libbpf's /sys/fs/bpf/NAME …
 *     PREFIX/OBJECT/maps/NAME and PREFIX/OBJECT/progs/NAME, where the location has a prefix, or the pin an owner
 *     none: only in lade/OBJECT
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "boot/android.h"
#include "boot/rules.h"

static int give(char *text, char **ret_pin)
{
	*ret_pin = text;
	return text ? 0 : -ENOMEM;
}

/* As bpffs takes names: other characters become _. */
static void make_safe(char *name)
{
	for (; *name; name++)
		if (!is_ascii_alnum(*name) && *name != '-')
			*name = '_';
}

static char *prefixed(const struct boot_location *location, const struct lade_object *object, const char *directory,
		      const char *name)
{
	char *safe_object CLEANUP(cleanup_free) = strdup(object->name), *safe CLEANUP(cleanup_free) = strdup(name);
	char *path;
	if (!safe_object || !safe)
		return NULL;
	make_safe(safe_object);
	make_safe(safe);
	if (asprintf(&path, BPFFS "%s%s/%s/%s", location->prefix, safe_object, directory, safe) < 0)
		return NULL;
	return path;
}

/* An object of Android, whose words count here as they do there; a directory that nobody knows does not. */
static char *android_pin(const struct boot_location *location, const struct part_policy *policy)
{
	enum android_domain subdir = lade_android_domain_of_directory(policy->pin_subdir);
	const char *directory = subdir > DOMAIN_UNSPECIFIED ? lade_android_domain_directory(subdir) : location->prefix;
	char *path;
	if (policy->pin_location)
		return strdup(policy->pin_location);
	if (asprintf(&path, BPFFS "%s%s", directory, policy->pin_name) < 0)
		return NULL;
	return path;
}

static char *own_path(const struct lade_map *map)
{
	bool has_path = map->pinning == LADE_PIN_PATH && map->pin_path;
	char *name CLEANUP(cleanup_free) = strdup(has_path ? map->pin_path : map->name), *text;
	if (name && has_path && name[0] == '/')
		return TAKE(name);
	if (name && !has_path)
		make_safe(name);
	if (!name || asprintf(&text, BPFFS "%s", name) < 0)
		return NULL;
	return text;
}

/* Data, tables of operations and templates are the instance's own. */
static bool is_inside(const struct lade_map *map)
{
	return map->is_data || map->inner_only || map->asleep || map->ops_type;
}

int lade_rules_map_pin(const struct boot_location *location, const struct lade_map *map, const struct rules_said *said,
		       bool has_owner, char **ret_pin)
{
	*ret_pin = NULL;
	if (said->pin)
		return give(strdup(said->pin), ret_pin);
	if (is_inside(map) || map->reuse_only)
		return 0;
	if (map->policy && map->policy->pin_name)
		return give(android_pin(location, map->policy), ret_pin);
	if (map->pinning != LADE_PIN_OBJECT)
		return has_owner ? give(own_path(map), ret_pin) : 0;
	if (!*location->prefix && !has_owner)
		return 0;
	return give(prefixed(location, map->object, "maps", map->name), ret_pin);
}

int lade_rules_program_pin(const struct boot_location *location, const struct lade_program *program,
			   const struct rules_said *said, bool has_owner, char **ret_pin)
{
	*ret_pin = NULL;
	if (said->pin)
		return give(strdup(said->pin), ret_pin);
	if (program->policy && program->policy->pin_name)
		return give(android_pin(location, program->policy), ret_pin);
	if (!*location->prefix && !has_owner)
		return 0;
	return give(prefixed(location, program->object, "progs", program->name), ret_pin);
}
