/* SPDX-License-Identifier: BSD-2-Clause */
/* lade doctor --diff: what changed since a report was saved. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

#define FACTS_MOST  100000
#define SHOWN_BYTES 60 /* of a value */

static const char *text_of(struct json_object *json, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(json, json_type_object) || !json_object_object_get_ex(json, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static struct json_object *facts_of(struct json_object *document)
{
	struct json_object *facts = NULL;

	if (!json_object_is_type(document, json_type_object) || !json_object_object_get_ex(document, "facts", &facts) ||
	    !json_object_is_type(facts, json_type_array) || json_object_array_length(facts) > FACTS_MOST)
		return NULL;
	return facts;
}

/* "section/name", to be freed. */
static char *key_of(const char *section, const char *name)
{
	size_t length = strlen(section) + strlen(name) + 2;
	char *key = malloc(length);

	if (key)
		(void)snprintf(key, length, "%s/%s", section, name);
	return key;
}

/* {"section/name": value}; both sides have the same form then. */
static bool index_fact(struct json_object *index, const char *section, const char *name, const char *value)
{
	char *key = section && name && value ? key_of(section, name) : NULL;
	bool done = key && json_object_object_add(index, key, json_object_new_string(value)) == 0;

	free(key);
	return done;
}

static struct json_object *index_old(struct json_object *facts)
{
	struct json_object *index = json_object_new_object();

	for (size_t i = 0; facts && i < json_object_array_length(facts); i++) {
		struct json_object *fact = json_object_array_get_idx(facts, i);
		(void)index_fact(index, text_of(fact, "section"), text_of(fact, "name"), text_of(fact, "value"));
	}
	return index;
}

struct json_object *cli_doctor_read(const char *path)
{
	struct json_object *saved = json_object_from_file(path), *facts = facts_of(saved);
	struct json_object *index = facts ? index_old(facts) : NULL;

	if (saved)
		(void)json_object_put(saved);
	if (index && json_object_object_length(index) == 0) { /* of another tool */
		(void)json_object_put(index);
		return NULL;
	}
	return index;
}

static struct json_object *index_new(const struct lade_doctor *doctor)
{
	struct json_object *index = json_object_new_object();
	struct lade_fact_info fact;

	for (size_t i = 0; cli_doctor_fact(doctor, i, &fact); i++)
		(void)index_fact(index, fact.section, fact.name, fact.value);
	return index;
}

struct changes {
	struct json_object *array; /* NULL: a table is wanted */
	struct cli_table table;
	size_t count;
};

/* Of a helper the value is the list of all types that may call it; --json has all of it. */
static const char *shorten(const char *value, char cut[SHOWN_BYTES + sizeof "…"])
{
	if (!value || strlen(value) <= SHOWN_BYTES)
		return value ? value : "-";
	(void)snprintf(cut, SHOWN_BYTES + sizeof "…", "%.*s…", SHOWN_BYTES, value);
	return cut;
}

static void put_change(void *userdata, const char *key, const char *before, const char *after)
{
	struct changes *changes = userdata;

	changes->count++;
	if (!changes->array) {
		char cut[2][SHOWN_BYTES + sizeof "…"];
		cli_row(&changes->table, 4, key, shorten(before, cut[0]), "→", shorten(after, cut[1]));
		return;
	}
	struct json_object *json = json_object_new_object();
	cli_json_string(json, "fact", key);
	cli_json_string(json, "old", before);
	cli_json_string(json, "new", after);
	(void)json_object_array_add(changes->array, json);
}

/* Sections that --probe adds; what stands in them was asked, and elsewhere was not. */
static bool is_asked(const char *key)
{
	static const char *const sections[] = { "program types/", "map types/", "attach types/", "link types/",
						"btf kinds/",     "helpers/",   "features/" };

	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		if (strncmp(key, sections[i], strlen(sections[i])) == 0)
			return true;
	return false;
}

bool cli_doctor_is_probed(struct json_object *report)
{
	json_object_object_foreach(report, key, value)
	{
		(void)value;
		if (is_asked(key))
			return true;
	}
	return false;
}

void cli_doctor_changes(struct json_object *old, struct json_object *now, cli_doctor_change_fn *change, void *userdata)
{
	struct json_object *other;
	bool one_alone = cli_doctor_is_probed(old) != cli_doctor_is_probed(now);

	json_object_object_foreach(now, new_key, new_value)
	{
		if (one_alone && is_asked(new_key))
			continue;
		other = NULL;
		(void)json_object_object_get_ex(old, new_key, &other);
		if (!other || strcmp(json_object_get_string(other), json_object_get_string(new_value)) != 0)
			change(userdata, new_key, other ? json_object_get_string(other) : NULL,
			       json_object_get_string(new_value));
	}
	json_object_object_foreach(old, old_key, old_value)
	{
		if (!(one_alone && is_asked(old_key)) && !json_object_object_get_ex(now, old_key, &other))
			change(userdata, old_key, json_object_get_string(old_value), NULL);
	}
}

int cli_doctor_compare(const struct cli *cli, const struct lade_doctor *doctor, const char *path)
{
	struct json_object *old = cli_doctor_read(path);

	if (!old && access(path, R_OK) < 0)
		return cli_usage(cli, "--diff %s: %s", path, strerror(errno));
	if (!old)
		return cli_usage(cli, "--diff %s: this is no report that lade doctor --json wrote", path);
	struct json_object *document = cli->json ? cli_json_document(true) : NULL;
	struct changes changes = { .array = document ? cli_json_array(document, "changes") : NULL };
	struct json_object *now = index_new(doctor);
	cli_doctor_changes(old, now, put_change, &changes);
	(void)json_object_put(old);
	(void)json_object_put(now);
	if (document)
		return cli_json_print(cli, document);
	if (!changes.count && !cli->quiet)
		(void)puts("nothing has changed");
	return cli_table_print(&changes.table, stdout) ? EXIT_OK : cli_fail_memory(cli);
}
