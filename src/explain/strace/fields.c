/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a call's arguments: they are asked for many times, and stand behind long programs and logs. */
#include <stdlib.h>
#include <string.h>

#include "explain/strace/strace.h"

static bool is_named(const struct span *name, const char *wanted)
{
	return strlen(wanted) == name->length && memcmp(wanted, name->text, name->length) == 0;
}

/* What stands before an equals sign, from a bracket, blank or comma behind `begin` on; length 0: it is no name. */
static struct span name_before(const char *begin, const char *equals)
{
	const char *at = equals;

	while (at > begin && at[-1] != '{' && at[-1] != ' ' && at[-1] != ',')
		at--;
	return (struct span){ at, at > begin ? (size_t)(equals - at) : 0 };
}

/* The quotation mark that ends what begins at `at`; `end`: it is cut. */
static const char *find_quote(const char *at, const char *end)
{
	while (at < end && *at != '"')
		at += *at == '\\' && end - at > 1 ? 2 : 1;
	return at;
}

/* A string, or a program's instructions: what stands there are no members of the call. */
static const char *behind_value(const struct span *name, const char *at, const char *end)
{
	const char *bracket;

	if (at == end)
		return end;
	if (*at == '"')
		return find_quote(at + 1, end);
	bracket = *at == '[' && is_named(name, "insns") ? memchr(at, ']', (size_t)(end - at)) : NULL;
	return bracket ? bracket : at;
}

void lade_call_fields(struct traced_call *call)
{
	const char *begin = call->arguments.text, *end = begin + call->arguments.length, *at = begin, *equals;

	call->field_count = 0;
	while (call->field_count < CALL_FIELDS && (equals = memchr(at, '=', (size_t)(end - at)))) {
		const struct span name = name_before(at, equals);
		at = behind_value(&name, equals + 1, end);
		if (name.length)
			call->fields[call->field_count++] = name;
	}
}

struct span lade_call_value(const struct traced_call *call, size_t field)
{
	const struct span *name = &call->fields[field];
	const char *begin = name->text + name->length + 1, *at = begin;
	const char *end = call->arguments.text + call->arguments.length;

	if (begin < end && *begin == '"')
		return (struct span){ begin + 1, (size_t)(find_quote(begin + 1, end) - begin) - 1 };
	while (at < end && *at != ',' && *at != '}')
		at++;
	return (struct span){ begin, (size_t)(at - begin) };
}

bool lade_call_field(const struct traced_call *call, const char *name, struct span *ret_value)
{
	for (size_t i = 0; i < call->field_count; i++) {
		if (!is_named(&call->fields[i], name))
			continue;
		*ret_value = lade_call_value(call, i);
		return true;
	}
	return false;
}

bool lade_call_number(const struct traced_call *call, const char *name, uint64_t *ret_number)
{
	struct span value;
	char text[32], *end;

	if (!lade_call_field(call, name, &value) || !value.length || value.length >= sizeof text)
		return false;
	memcpy(text, value.text, value.length);
	text[value.length] = '\0';
	*ret_number = strtoull(text, &end, 0);
	return end != text;
}
