/* SPDX-License-Identifier: BSD-2-Clause */
/* "NAME[+OFF]" of a function: from the section or from the command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/function.h"

/* Of C, of what the compiler adds (".isra.0"), of patterns, and of "MODULE:NAME". */
static bool is_name(const char *text, size_t length)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.$*?[]:-";
	return length > 0 && length < 128 && strspn(text, allowed) >= length;
}

int lade_function_split(const char *text, char **ret_name, uint64_t *ret_offset)
{
	size_t length = strcspn(text, "+");
	unsigned long long offset = 0;
	if (!is_name(text, length))
		return -EINVAL;
	if (text[length]) {
		const char *number = text + length + 1;
		char *end;
		errno = 0;
		offset = strtoull(number, &end, 0);
		if (*number < '0' || *number > '9' || errno || *end)
			return -EINVAL;
	}
	char *name = strndup(text, length);
	if (!name)
		return -ENOMEM;
	*ret_name = name;
	*ret_offset = offset;
	return 0;
}

static int fail(struct attach_call *call, const char *code, const char *text)
{
	struct lade_finding *finding = lade_error_add(call->error, EINVAL, code, "%s: \"%s\" (section %s)",
						      call->program->name, text, call->program->section);
	finding_program(finding, call->program->name);
	return -EINVAL;
}

static int read_place(struct attach_call *call, struct function_place *place)
{
	const char *section = call->program->attach_target;
	if (call->target->kind != TARGET_FUNCTION)
		return lade_function_split(section, &place->name, &place->offset);
	place->name = strdup(call->target->name);
	place->offset = call->target->offset;
	return place->name ? 0 : -ENOMEM;
}

int lade_function_place_name(struct attach_call *call, struct function_place *place)
{
	struct strbuf text = { 0 };
	lade_strbuf_add(&text, place->name);
	if (place->offset)
		lade_strbuf_addf(&text, "+%#llx", (unsigned long long)place->offset);
	free(place->text);
	place->text = lade_strbuf_take(&text);
	return place->text ? 0 : lade_fail_memory(call->error);
}

int lade_function_place(struct attach_call *call, struct function_place *ret_place)
{
	struct function_place place = { 0 };
	int result = read_place(call, &place);
	if (result == -EINVAL)
		result = fail(call, "attach.function.syntax", call->program->attach_target);
	else if (result == -ENOMEM)
		result = lade_fail_memory(call->error);
	if (result == 0 && call->is_return && place.offset)
		result = fail(call, "attach.function.return-offset", place.name);
	if (result == 0)
		result = lade_function_place_name(call, &place);
	if (result < 0)
		lade_function_place_clear(&place);
	else
		*ret_place = place;
	return result;
}

void lade_function_place_clear(struct function_place *place)
{
	free(TAKE(place->name));
	free(TAKE(place->text));
}
