/* SPDX-License-Identifier: BSD-2-Clause */
/* What the states of a log say of a register, or of a slot of the stack. */
#include "explain/verifier/values.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

#define LINES_MAX   4096 /* that are looked at */
#define LINES_ABOVE 64   /* the same, for a state above an instruction */

/* "R7=mem(sz=14)", "R7_w=0": what stands behind the equals sign; the last one in the line. Length 0: it has none. */
struct span lade_verifier_value_in(const struct span *line, int reg)
{
	char name[8];
	int length = snprintf(name, sizeof name, "R%d", reg);
	struct span value = { line->text, 0 };
	const char *at = line->text, *end = at ? at + line->length : NULL;

	while (at && (at = memmem(at, (size_t)(end - at), name, (size_t)length))) {
		const char *before = at;
		at += length;
		if ((before > line->text && isalnum((unsigned char)before[-1])) || at == end ||
		    isdigit((unsigned char)*at))
			continue;
		for (const char *mark = at; *mark == '_' && ++mark < end;)
			for (at = mark; at < end && isalpha((unsigned char)*at); at++)
				mark = at;
		if (at < end && *at == '=')
			value = (struct span){ at + 1, (size_t)(end - at - 1) };
	}
	return value;
}

bool lade_verifier_is_null(const struct span *value)
{
	static const char *const names[] = { "0", "inv0", "invP0" };

	for (size_t i = 0; i < ELEMENTS(names); i++) {
		size_t length = strlen(names[i]);
		if (lade_span_starts(value, names[i]) &&
		    (value->length == length || isspace((unsigned char)value->text[length])))
			return true;
	}
	return false;
}

bool lade_verifier_is_number(const struct span *value)
{
	return value->length &&
	       (isdigit((unsigned char)*value->text) || *value->text == '-' || lade_span_starts(value, "inv") ||
		lade_span_starts(value, "scalar") || lade_span_starts(value, "Pscalar"));
}

bool lade_verifier_is_pointer(const struct span *value)
{
	return value->length && !lade_verifier_is_number(value) && islower((unsigned char)*value->text);
}

struct span lade_verifier_line_before(const char *start, const char *end)
{
	const char *newline = memrchr(start, '\n', (size_t)(end - 1 - start));
	const char *begin = newline ? newline + 1 : start;

	return (struct span){ begin, (size_t)(end - begin) };
}

/* What the register holds behind the instruction: told in its line, or in those up to the next one. */
struct span lade_verifier_value_behind(const struct verifier_line *line, int reg, const char *end)
{
	const char *at = line->text.text;

	for (unsigned lines = 0; at < end && lines < 4; lines++) {
		struct span text = { at, strcspn(at, "\n") };
		struct span value = lade_verifier_value_in(&text, reg);
		if (lines && lade_verifier_line(text.text, text.length).kind == VERIFIER_INSTRUCTION)
			break;
		if (value.length)
			return value;
		at += text.length + (at[text.length] == '\n');
	}
	return (struct span){ at, 0 };
}

/* The last state between the instruction and the verdict that names the register. */
struct span lade_verifier_value_before(const struct verifier_line *line, int reg, const char *end)
{
	for (unsigned lines = 0; end > line->text.text && lines < LINES_MAX; lines++) {
		struct span text = lade_verifier_line_before(line->text.text, end);
		struct span value = lade_verifier_value_in(&text, reg);
		if (value.length)
			return value;
		end = text.text;
	}
	return (struct span){ line->text.text, 0 };
}

/* Does the instruction change the register, or the slot (a negative number)? Old kernels do not say to what. */
static bool may_change(const struct verifier_line *line, int what)
{
	const struct span *text = &line->text;
	char slot[24];
	int length = snprintf(slot, sizeof slot, "(r10 %d) =", what);

	if (line->kind != VERIFIER_INSTRUCTION)
		return false;
	if (lade_span_starts(text, "call "))
		return what >= 0 && what <= 5;
	if (what < 0)
		return memmem(text->text, text->length, slot, (size_t)length) != NULL;
	return text->length > 3 && (*text->text == 'r' || *text->text == 'w') && text->text[1] - '0' == what &&
	       text->text[2] == ' ';
}

/* The last state above the line that names what is wanted, as far as the branch reaches. */
static struct span value_above(const char *log, const char *start, struct span (*find)(const struct span *, int),
			       int what)
{
	for (unsigned lines = 0; start > log && lines < LINES_ABOVE; lines++) {
		struct span text = lade_verifier_line_before(log, start);
		struct span value = find(&text, what);
		if (value.length)
			return value;
		struct verifier_line line = lade_verifier_line(text.text, text.length);
		if (line.kind == VERIFIER_EDGE || may_change(&line, what))
			break;
		start = text.text;
	}
	return (struct span){ start, 0 };
}

/* "fp-256=00000000", "fp-8_w=0": what lies at the offset. "R4=fp-8" is a register. */
static struct span slot_in(const struct span *line, int offset)
{
	const char *at = line->text, *end = line->text + line->length;
	char name[16];
	int length = snprintf(name, sizeof name, "fp%d", offset);

	while ((at = memmem(at, (size_t)(end - at), name, (size_t)length))) {
		for (at += length; at < end && (*at == '_' || isalpha((unsigned char)*at));)
			at++;
		if (at < end && *at == '=')
			return (struct span){ at + 1, (size_t)(end - at - 1) };
	}
	return (struct span){ end, 0 };
}

struct span lade_verifier_register_above(const char *log, const char *start, int reg)
{
	return value_above(log, start, lade_verifier_value_in, reg);
}

struct span lade_verifier_slot_above(const char *log, const char *start, int offset)
{
	return value_above(log, start, slot_in, offset);
}
