/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "error: unrecognized message type 5", "Type 'Foo' is not a struct": the verifier has such words as well, but where
 * they stand alone, they are mostly not its own.
 */
#include "explain/verifier/anybodys.h"

#include <string.h>

#include "base/array.h"
#include "explain/reading/search.h"
#include "explain/verifier/verdict.h"

/* How their formats begin. */
static const char *const anybodys[] = {
	"%s() is not a global function",
	"Failed to acquire lock state",
	"Frame %d already allocated",
	"Invalid attr.",
	"Invalid type of function %s",
	"Return type %s of %s() doesn't match",
	"Type '%s' is not a struct",
	"Unknown conditional jump",
	"allocated_stack too small",
	"btf_id %u not found",
	"direct access to %s is disallowed",
	"epilogue is too long",
	"expected %s or socket",
	"field %s doesn't have size",
	"function name %s",
	"map '%s' has no valid %s",
	"map type %d is misconfigured",
	"max struct nesting depth exceeded",
	"only one constant argument permitted",
	"only read from %s is supported",
	"only read is supported",
	"prologue is too long",
	"recursive call from %s",
	"repeating %s arg",
	"should have been in ",
	"stack slot %d, total slots %d",
	"string is not zero-terminated",
	"struct %s doesn't have field at offset",
	"unknown reason (%d)",
	"unknown scalar value",
	"unrecognized %s type %d",
	"unsupported arg type %d",
	"write access to this struct is not supported",
};

/* A sentence may begin so: "verifier bug on 6.17". */
static const char *const openings[] = { "Verifier bug", "verifier bug", "verifier internal error" };

/* What loaders and their users write of a program that was refused. */
static const char *const loaders[] = { "erifier", "load program", "loading program", "loading BPF", "PROG_LOAD" };

static bool has_loader(const struct span *line, const char *text)
{
	const size_t length = (size_t)(text - line->text);

	for (size_t i = 0; i < ELEMENTS(loaders); i++)
		if (lade_search(line->text, length, loaders[i], strlen(loaders[i])))
			return true;
	return false;
}

/* Behind "verifier bug" more is said, or nothing. */
static bool is_sentence(const char *format, const char *text, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(openings); i++)
		if (strcmp(format, openings[i]) == 0)
			return length > strlen(format) && !strchr(":.(", text[strlen(format)]);
	return false;
}

static bool is_listed(const char *format)
{
	for (size_t i = 0; i < ELEMENTS(anybodys); i++)
		if (strncmp(format, anybodys[i], strlen(anybodys[i])) == 0)
			return true;
	return false;
}

bool lade_verifier_is_anybodys(const struct span *line, bool is_question, const char *text, size_t length)
{
	const struct verifier_message *message = lade_verifier_message_begun(text, length);
	const char *format = message ? lade_verifier_text + message->pattern : "";

	return is_sentence(format, text, length) || (!is_question && is_listed(format) && !has_loader(line, text) &&
						     !lade_search(text, length, "bpf", strlen("bpf")));
}
