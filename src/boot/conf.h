/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading policy files: man/lade-boot.d.5.in says what may stand in them. */
#ifndef LADE_BOOT_CONF_H
#define LADE_BOOT_CONF_H

#include "boot/policy.h"

enum conf_kind { CONF_NONE, CONF_LOCATION, CONF_OBJECT, CONF_PROGRAM, CONF_MAP, CONF_WRONG };

/* One section, as its lines are read. */
struct conf_section {
	enum conf_kind kind;
	uint32_t location, rule; /* index in the policy */
	uint64_t said;           /* keys, by their row */
	bool types_said;
};

struct conf {
	struct boot_policy *policy;
	struct lade_error **error;
	const char *file;
	unsigned line; /* that is read, from 1 */
	struct conf_section section;
	bool no_memory;
};

/* ---- conf_lines.c ---- */
/* Text of a file, which ends in a NUL that is not counted. Errors go to conf->error. */
void lade_conf_read(struct conf *conf, const char *text, size_t length);

/* ---- conf_section.c ---- */
/* What stands between the brackets. */
void lade_conf_begin(struct conf *conf, const char *text, size_t length);
void lade_conf_key(struct conf *conf, const char *key, const char *value);

/* ---- conf_values.c: false: told to conf->error ---- */
typedef bool conf_value(struct conf *conf, const char *key, const char *value);
conf_value lade_conf_prefix, lade_conf_types, lade_conf_owner, lade_conf_group, lade_conf_mode, lade_conf_attach,
	lade_conf_order, lade_conf_critical, lade_conf_optional, lade_conf_kernel, lade_conf_config, lade_conf_timeout,
	lade_conf_pin;

static inline struct boot_location *conf_location(const struct conf *conf)
{
	return &conf->policy->locations.items[conf->section.location];
}

static inline struct boot_rule *conf_rule(const struct conf *conf)
{
	return &conf->policy->rules.items[conf->section.rule];
}

/* "FILE:LINE: …". To be described further; NULL without memory. */
struct lade_finding *lade_conf_fail(struct conf *conf, const char *code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Without an empty component, "." or "..", of letters that bpffs takes. */
bool lade_conf_is_pin_path(const char *path);

#endif
