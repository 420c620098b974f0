/* SPDX-License-Identifier: BSD-2-Clause */
/* The public face of a variable: describing it and giving it another value to start with. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "object/kconfig.h"
#include "object/member.h"
#include "object/model.h"
#include "object/value.h"

static const char *spelled_type(const struct lade_variable *variable)
{
	if (variable->type_name || !variable->btf_type || !variable->object->btf)
		return variable->type_name;
	struct strbuf text = { 0 };
	lade_btf_spell(variable->object->btf, variable->btf_type, &text);
	/* A cache: the variable's meaning does not change, so the parameter stays const. */
	struct lade_variable *cached = (struct lade_variable *)(uintptr_t)variable;
	cached->type_name = lade_strbuf_take(&text);
	return cached->type_name;
}

int lade_variable_describe(const struct lade_variable *variable, struct lade_variable_info *info)
{
	struct lade_variable_info full = {
		.name = variable->name,
		.map = variable->object->maps.items[variable->map],
		.offset = variable->offset,
		.length = variable->length,
		.type_name = spelled_type(variable),
		.is_static = variable->is_static,
		.is_weak = variable->is_weak,
	};
	return info_fill(info, &full, sizeof full);
}

/* The variable's bytes in its map; NULL without memory. Zeros become real bytes here. */
static uint8_t *variable_place(const struct lade_variable *variable)
{
	struct lade_map *map = variable->object->maps.items[variable->map];
	if (!map->data)
		map->data = calloc(map->definition.value_size ? map->definition.value_size : 1, 1);
	return map->data ? map->data + variable->offset : NULL;
}

/* An option of the kernel's configuration then has the user's value on every kernel. */
static void mark_set(const struct lade_variable *variable)
{
	if (variable->outside != NO_INDEX)
		variable->object->externs.items[variable->outside].is_set = true;
}

int lade_variable_set_bytes(struct lade_variable *variable, const void *bytes, size_t length)
{
	if (length != variable->length)
		return -EMSGSIZE;
	uint8_t *place = variable_place(variable);
	if (!place)
		return -ENOMEM;
	memcpy(place, bytes, length);
	mark_set(variable);
	return 0;
}

static int fail_value(const struct lade_variable *variable, const struct value *value, const char *text, int result,
		      struct lade_error **error)
{
	const char *code = result == -ERANGE ? "variable.range" : "variable.value";
	const char *type = spelled_type(variable);
	struct lade_finding *finding =
		lade_error_add(error, -result, code, "%s cannot be set to \"%s\"", variable->name, text);
	finding_object(finding, variable->object->file);
	finding_map(finding, variable->object->maps.items[variable->map]->name);
	finding_evidence(finding, "%s is %s%s%u bytes in %s", variable->name, type ? type : "", type ? ", " : "",
			 variable->length, variable->object->maps.items[variable->map]->name);
	if (value->wanted)
		finding_fix(finding, "give %s", value->wanted);
	return result;
}

/* y, m, n: as the configuration itself has them. */
static bool is_letter(const struct lade_variable *variable, const char *text)
{
	return variable->outside != NO_INDEX && *text && !text[1] && strchr("ymn", *text);
}

static int set_letter(const struct lade_variable *variable, const char *text, uint8_t *bytes)
{
	bool cut;
	return lade_kconfig_value(&variable->object->externs.items[variable->outside], text, bytes, &cut);
}

static int set_text(struct lade_variable *variable, const char *text, struct lade_error **error)
{
	uint8_t *bytes CLEANUP(cleanup_free) = calloc(variable->length ? variable->length : 1, 1);
	uint8_t *place = variable_place(variable);
	if (!bytes || !place)
		return lade_fail_memory(error);
	struct value value = {
		.btf = variable->object->btf,
		.type = variable->btf_type,
		.big_endian = variable->object->big_endian,
		.bytes = bytes,
		.length = variable->length,
	};
	int result = is_letter(variable, text) ? set_letter(variable, text, bytes) : lade_value_parse(&value, text);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0)
		return fail_value(variable, &value, text, result, error);
	memcpy(place, bytes, variable->length);
	mark_set(variable);
	return 0;
}

int lade_variable_set(struct lade_variable *variable, const char *text, struct lade_error **error)
{
	int result = lade_member_set_program(variable, text);
	if (result == -ENOMEM)
		return lade_fail_memory(error);
	if (result < 0) {
		struct value value = { .wanted = "the name of a struct_ops program of this object, or 0" };
		return fail_value(variable, &value, text, result, error);
	}
	return result ? 0 : set_text(variable, text, error);
}
