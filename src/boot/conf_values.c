/* SPDX-License-Identifier: BSD-2-Clause */
/* What may stand behind each key. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/account.h"
#include "base/ascii.h"
#include "base/glob.h"
#include "base/similar.h"
#include "boot/conf.h"
#include "object/sections.h"

#define BPFFS        "/sys/fs/bpf/"
#define PIN_BYTES    4000
#define MOST_SECONDS 86400

/* ---- telling ---- */

static bool fail(struct conf *conf, const char *key, const char *value, const char *fix)
{
	struct lade_finding *finding = lade_conf_fail(conf, "boot.policy.value", "%s = %s: not understood", key, value);
	finding_fix(finding, "%s", fix);
	return false;
}

static bool keep(struct conf *conf, char **place, char *text)
{
	if (!text) {
		conf->no_memory = true;
		return false;
	}
	free(*place);
	*place = text;
	return true;
}

/* yes or no: 1 or 0; -1: neither. */
static int answer(const char *value)
{
	static const char *const yes[] = { "yes", "true", "on", "1" }, *const no[] = { "no", "false", "off", "0" };
	for (size_t i = 0; i < ELEMENTS(yes); i++)
		if (strcasecmp(value, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < ELEMENTS(no); i++)
		if (strcasecmp(value, no[i]) == 0)
			return 0;
	return -1;
}

/* Calls `take` with each word between commas and blanks. */
static bool each_word(struct conf *conf, const char *key, const char *value, conf_value *take)
{
	bool good = true;
	for (const char *next = value + strspn(value, ", \t"); *next; next += strspn(next, ", \t")) {
		size_t length = strcspn(next, ", \t");
		char *word CLEANUP(cleanup_free) = strndup(next, length);
		if (!word) {
			conf->no_memory = true;
			return false;
		}
		good &= take(conf, key, word);
		next += length;
	}
	return good;
}

/* ---- pins ---- */

bool lade_conf_is_pin_path(const char *path)
{
	size_t length = strlen(path);
	if (!length || length > PIN_BYTES || path[0] == '/' || path[length - 1] == '/' || strstr(path, "//"))
		return false;
	for (const char *c = path; *c; c++)
		if (!is_ascii_alnum(*c) && !strchr("/_-@+:=,", *c))
			return false;
	return strcmp(path, "lade") != 0 && strncmp(path, "lade/", 5) != 0;
}

#define PIN_FORM "give a path below /sys/fs/bpf without dots, such as net/counts; lade/ is Lade's own"

static const char *below_bpffs(const char *path)
{
	return strncmp(path, BPFFS, strlen(BPFFS)) == 0 ? path + strlen(BPFFS) : path;
}

/* "net", "net/" and "/sys/fs/bpf/net" are "net/". */
bool lade_conf_prefix(struct conf *conf, const char *key, const char *value)
{
	char *text CLEANUP(cleanup_free) = strdup(below_bpffs(value)), *prefix = NULL;
	size_t length = text ? strlen(text) : 0;
	if (length && text[length - 1] == '/')
		text[length - 1] = '\0';
	if (text && !lade_conf_is_pin_path(text))
		return fail(conf, key, value, PIN_FORM);
	if (text && asprintf(&prefix, "%s/", text) < 0)
		prefix = NULL;
	return keep(conf, &conf_location(conf)->prefix, prefix);
}

bool lade_conf_pin(struct conf *conf, const char *key, const char *value)
{
	char *path = NULL;
	if (!lade_conf_is_pin_path(below_bpffs(value)))
		return fail(conf, key, value, PIN_FORM);
	if (lade_is_glob(conf_rule(conf)->program) || lade_is_glob(conf_rule(conf)->object))
		return fail(conf, key, value, "a pin belongs to one map or program: name it without * and ?");
	if (asprintf(&path, BPFFS "%s", below_bpffs(value)) < 0)
		path = NULL;
	return keep(conf, &conf_rule(conf)->pin, path);
}

/* ---- types ---- */

static void consider_types(struct similar_names *similar)
{
	for (uint32_t type = 1; type < 64; type++)
		if (lade_program_type_name(type))
			lade_similar_consider(similar, lade_program_type_name(type));
}

static bool add_type(struct conf *conf, const char *key, const char *word)
{
	struct boot_location *location = conf_location(conf);
	uint32_t type;
	if (lade_program_type_parse(word, &type) == 0 && type < 64) {
		location->types |= UINT64_C(1) << type;
		return true;
	}
	struct similar_names similar = { .wanted = word };
	struct lade_finding *finding =
		lade_conf_fail(conf, "boot.policy.value", "%s: no type of programs is called %s", key, word);
	consider_types(&similar);
	lade_similar_evidence(&similar, finding, "type");
	lade_similar_clear(&similar);
	finding_fix(finding, "name types as lade inspect does: kprobe, tracepoint, sched_cls, xdp …; or any");
	return false;
}

/* The first line of a section replaces what an earlier section said. */
bool lade_conf_types(struct conf *conf, const char *key, const char *value)
{
	struct boot_location *location = conf_location(conf);
	bool is_first = !conf->section.types_said;
	conf->section.types_said = true;
	if (is_first)
		location->types = 0;
	if (strcmp(value, "any") == 0) {
		location->types = UINT64_MAX;
		return true;
	}
	return each_word(conf, key, value, add_type);
}

/* ---- owners ---- */

static struct boot_owner *owner_of(struct conf *conf)
{
	return conf->section.kind == CONF_LOCATION ? &conf_location(conf)->owner : &conf_rule(conf)->owner;
}

/* A decimal number and nothing else. */
static bool number(const char *value, unsigned long most, uint32_t *ret_number)
{
	char *end;
	errno = 0;
	unsigned long read = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : ULONG_MAX;
	if (!isdigit((unsigned char)*value) || *end || errno || read > most)
		return false;
	*ret_number = (uint32_t)read;
	return true;
}

bool lade_conf_owner(struct conf *conf, const char *key, const char *value)
{
	struct boot_owner *owner = owner_of(conf);
	uint32_t uid = 0;
	bool is_number = number(value, UINT32_MAX - 1, &uid);
	if (!is_number && !lade_account_number(NULL, ACCOUNT_USER, value, &uid))
		return fail(conf, key, value, "name a user of this machine (/etc/passwd) or give a number");
	owner->has_uid = true;
	owner->uid = uid;
	return true;
}

bool lade_conf_group(struct conf *conf, const char *key, const char *value)
{
	struct boot_owner *owner = owner_of(conf);
	uint32_t gid = 0;
	bool is_number = number(value, UINT32_MAX - 1, &gid);
	if (!is_number && !lade_account_number(NULL, ACCOUNT_GROUP, value, &gid))
		return fail(conf, key, value, "name a group of this machine (/etc/group) or give a number");
	owner->has_gid = true;
	owner->gid = gid;
	return true;
}

bool lade_conf_mode(struct conf *conf, const char *key, const char *value)
{
	struct boot_owner *owner = owner_of(conf);
	char *end;
	unsigned long mode = isdigit((unsigned char)*value) ? strtoul(value, &end, 8) : ULONG_MAX;
	if (!isdigit((unsigned char)*value) || *end || mode > 0777)
		return fail(conf, key, value, "give permission bits in octal, such as 0640");
	owner->has_mode = true;
	owner->mode = (uint32_t)mode;
	return true;
}

/* ---- when ---- */

static bool release(const char *text, const char *end, uint32_t *ret_first, uint32_t *ret_after)
{
	static const uint32_t most[] = { 255, 255, 65535 };
	uint32_t part[3] = { 0 };
	size_t count = 0;
	while (text < end && count < 3 && isdigit((unsigned char)*text)) {
		char *next;
		unsigned long read = strtoul(text, &next, 10);
		if (read > most[count])
			return false;
		part[count++] = (uint32_t)read;
		text = next < end && *next == '.' && isdigit((unsigned char)next[1]) ? next + 1 : next;
	}
	if (!count || text != end)
		return false;
	*ret_first = part[0] << 24 | part[1] << 16 | part[2];
	uint32_t step = count == 1 ? 1U << 24 : count == 2 ? 1U << 16 : 1;
	return !__builtin_add_overflow(*ret_first, step, ret_after);
}

static bool read_window(const char *value, struct policy_window *window)
{
	const char *dots = strstr(value, ".."), *end = value + strlen(value);
	uint32_t unused;
	*window = (struct policy_window){ 0, POLICY_KERNEL_ANY };
	if (strncmp(value, ">=", 2) == 0)
		return release(value + 2 + strspn(value + 2, " "), end, &window->min, &unused);
	if (*value == '<' && value[1] != '=')
		return release(value + 1 + strspn(value + 1, " "), end, &window->max, &unused);
	if (!dots)
		return release(value, end, &window->min, &window->max);
	if (dots != value && !release(value, dots, &window->min, &unused))
		return false;
	return !dots[2] ? dots != value : release(dots + 2, end, &unused, &window->max);
}

bool lade_conf_kernel(struct conf *conf, const char *key, const char *value)
{
	struct policy_window window;
	if (!read_window(value, &window))
		return fail(conf, key, value, "give a range: 5.10..6.12, 5.10.., ..6.12, >=5.10, <6.1 or 6.1");
	if (window.min >= window.max)
		return fail(conf, key, value, "the range holds no kernel: give the older version first");
	conf_rule(conf)->kernel = window;
	return true;
}

/* CONFIG_X, which is y or m; CONFIG_X=1000. */
static bool add_config(struct conf *conf, const char *key, const char *word)
{
	size_t name = strcspn(word, "=");
	bool good = strncmp(word, "CONFIG_", 7) == 0 && name > 7 && (!word[name] || word[name + 1]);
	for (size_t i = 0; good && i < name; i++)
		good = is_ascii_alnum(word[i]) || word[i] == '_';
	if (!good)
		return fail(conf, key, word,
			    "name options as the kernel's configuration does: CONFIG_NET_CLS_BPF, "
			    "CONFIG_HZ=1000");
	char **place = array_push(&conf_rule(conf)->configs);
	if (place && (*place = strdup(word)))
		return true;
	if (place)
		conf_rule(conf)->configs.count--;
	conf->no_memory = true;
	return false;
}

bool lade_conf_config(struct conf *conf, const char *key, const char *value)
{
	return each_word(conf, key, value, add_config);
}

bool lade_conf_order(struct conf *conf, const char *key, const char *value)
{
	uint32_t size = 0;
	bool is_below = *value == '-';
	if (!number(value + is_below, 1000000, &size))
		return fail(conf, key, value, "give a whole number; lower ones come first, 0 is usual");
	int order = is_below ? -(int)size : (int)size;
	if (conf->section.kind == CONF_LOCATION)
		conf_location(conf)->order = order;
	else
		conf_rule(conf)->order = order;
	return true;
}

static bool scale(const char *unit, unsigned *ret_scale)
{
	static const struct {
		const char *unit;
		unsigned ms;
	} rows[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "min", 60000 } };
	for (size_t i = 0; i < ELEMENTS(rows); i++)
		if (strcmp(rows[i].unit, unit) == 0) {
			*ret_scale = rows[i].ms;
			return true;
		}
	return false;
}

bool lade_conf_timeout(struct conf *conf, const char *key, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	char *text CLEANUP(cleanup_free) = strndup(value, digits);
	uint32_t count = 0;
	unsigned ms = 0, whole = 0;
	const char *unit = value + digits + strspn(value + digits, " ");
	if (!text) {
		conf->no_memory = true;
		return false;
	}
	if (!number(text, UINT32_MAX, &count) || !count || !scale(unit, &ms) ||
	    __builtin_mul_overflow(count, ms, &whole) || whole > MOST_SECONDS * 1000U)
		return fail(conf, key, value, "give a time of a day at most: 30, 30s, 500ms, 2min");
	conf_rule(conf)->timeout_ms = whole;
	return true;
}

/* ---- what then ---- */

/* Anything but yes and no is the reason. */
bool lade_conf_critical(struct conf *conf, const char *key, const char *value)
{
	struct boot_rule *rule = conf_rule(conf);
	int said = answer(value);
	(void)key;
	rule->critical = said != 0;
	return said >= 0 || keep(conf, &rule->reason, strdup(value));
}

bool lade_conf_optional(struct conf *conf, const char *key, const char *value)
{
	int said = answer(value);
	if (said < 0)
		return fail(conf, key, value, "say yes or no");
	conf_rule(conf)->optional = said;
	return true;
}

static bool add_target(struct conf *conf, const char *value)
{
	struct boot_rule *rule = conf_rule(conf);
	char **place = array_push(&rule->targets);
	if (place && (*place = strdup(value))) {
		rule->attach = 1;
		return true;
	}
	if (place)
		rule->targets.count--;
	conf->no_memory = true;
	return false;
}

bool lade_conf_attach(struct conf *conf, const char *key, const char *value)
{
	int said = answer(value);
	if (conf->section.kind == CONF_LOCATION) {
		if (said < 0)
			return fail(conf, key, value, "say yes or no; targets belong to [object] and [program]");
		conf_location(conf)->attach = said;
		return true;
	}
	if (said < 0)
		return add_target(conf, value);
	conf_rule(conf)->attach = said;
	return true;
}
