/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

struct lade_error {
	int errnum;             /* positive */
	struct strings context; /* innermost first */
	struct findings findings;
	char *message; /* built on demand */
};

static const struct finding_kind unknown_kind = { FINDING_CODE("internal.unknown-code"), 5, LADE_ERROR, LADE_PHASE_PLAN,
						  "", "", 0, "", "" };

static struct lade_finding *finding_new(const char *code, const char *format, va_list arguments)
{
	const struct finding_kind *kind = lade_finding_kind(code);
	struct lade_finding *finding = calloc(1, sizeof *finding);
	if (!finding)
		return NULL;
	if (!kind)
		kind = &unknown_kind;
	finding->code = kind->code;
	finding->severity = kind->severity;
	finding->confidence = LADE_CERTAIN;
	finding->phase = kind->phase;
	finding->exit_code = kind->exit_code;
	finding->instruction = -1;
	finding->cause = *kind->cause ? strdup(kind->cause) : NULL;
	finding->fix = *kind->fix ? strdup(kind->fix) : NULL;
	finding->message = lade_vformat(format, arguments);
	return finding;
}

struct lade_finding *lade_finding_free(struct lade_finding *finding)
{
	if (!finding)
		return NULL;
	char *owned[] = { finding->object,      finding->map,     finding->program, finding->source_file,
			  finding->source_text, finding->message, finding->cause,   finding->fix,
			  finding->see,         finding->log,     finding->since,   finding->until };
	for (size_t i = 0; i < ELEMENTS(owned); i++)
		free(owned[i]);
	lade_strings_clear(&finding->evidence);
	free(finding);
	return NULL;
}

void lade_findings_clear(struct findings *list)
{
	array_foreach(item, list)
		(void)lade_finding_free(*item);
	array_clear(list);
}

static struct lade_finding *findings_keep(struct findings *list, struct lade_finding *finding)
{
	struct lade_finding **item = finding ? array_push(list) : NULL;
	if (!item)
		return lade_finding_free(finding);
	*item = finding;
	return finding;
}

static struct lade_error *error_get(struct lade_error **error, int errnum)
{
	if (!error)
		return NULL;
	if (!*error) {
		*error = calloc(1, sizeof **error);
		if (*error)
			(*error)->errnum = errnum;
	}
	return *error;
}

static struct lade_finding *error_addv(struct lade_error **error, int errnum, const char *code, const char *format,
				       va_list arguments)
{
	struct lade_error *target = error_get(error, errnum);
	if (!target)
		return NULL;
	return findings_keep(&target->findings, finding_new(code, format, arguments));
}

struct lade_finding *lade_error_add(struct lade_error **error, int errnum, const char *code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct lade_finding *finding = error_addv(error, errnum, code, format, arguments);
	va_end(arguments);
	return finding;
}

int lade_fail(struct lade_error **error, int errnum, const char *code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	(void)error_addv(error, errnum, code, format, arguments);
	va_end(arguments);
	return -errnum;
}

const char *lade_errno_word(int errnum)
{
	const char *word = errnum == KERNEL_ENOTSUPP ? "ENOTSUPP" : strerrorname_np(errnum);
	return word ? word : "an unknown errno";
}

int lade_fail_memory(struct lade_error **error)
{
	return lade_fail(error, ENOMEM, "environment.memory", "out of memory");
}

int lade_error_context(struct lade_error **error, int code, const char *format, ...)
{
	if (!error || !*error)
		return code;
	va_list arguments;
	va_start(arguments, format);
	char *text = lade_vformat(format, arguments);
	va_end(arguments);
	if (text)
		(void)lade_strings_add(&(*error)->context, text);
	free(text);
	free(TAKE((*error)->message));
	return code;
}

void lade_error_set_object(struct lade_error *error, const char *object)
{
	if (!error)
		return;
	array_foreach(item, &error->findings)
		if (!(*item)->object)
			finding_object(*item, object);
}

void lade_error_merge(struct lade_error **error, struct lade_error **other)
{
	if (!*other)
		return;
	struct lade_error *target = error_get(error, (*other)->errnum);
	if (target) {
		array_foreach(item, &(*other)->findings)
			(void)findings_keep(&target->findings, TAKE(*item));
		(*other)->findings.count = 0;
	}
	*other = lade_error_free(*other);
}

struct lade_finding *lade_note_add(struct findings *list, const char *code, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct lade_finding *finding = finding_new(code, format, arguments);
	va_end(arguments);
	return findings_keep(list, finding);
}

struct lade_error *lade_error_free(struct lade_error *error)
{
	if (!error)
		return NULL;
	lade_strings_clear(&error->context);
	lade_findings_clear(&error->findings);
	free(error->message);
	free(error);
	return NULL;
}

static const char *error_build_message(struct lade_error *error)
{
	size_t length = 1;
	const char *last = error->findings.count && error->findings.items[0]->message
				   ? error->findings.items[0]->message
				   : strerror(error->errnum);
	array_foreach(part, &error->context)
		length += strlen(*part) + 2;
	error->message = calloc(1, length + strlen(last));
	if (!error->message)
		return "out of memory";
	for (size_t i = error->context.count; i-- > 0;) {
		strcat(error->message, error->context.items[i]);
		strcat(error->message, ": ");
	}
	return strcat(error->message, last);
}

const char *lade_error_message(const struct lade_error *error)
{
	if (!error)
		return "out of memory";
	if (error->message)
		return error->message;
	/* Building the text is not a visible change, so the parameter stays const. */
	return error_build_message((struct lade_error *)(uintptr_t)error);
}

int lade_error_code(const struct lade_error *error)
{
	return error ? -error->errnum : 0;
}

int lade_error_exit_code(const struct lade_error *error)
{
	if (!error)
		return 5;
	array_foreach(item, &error->findings)
		if ((*item)->severity == LADE_ERROR)
			return (*item)->exit_code;
	return 5;
}

size_t lade_error_finding_count(const struct lade_error *error)
{
	return error ? error->findings.count : 0;
}

const struct lade_finding *lade_error_finding(const struct lade_error *error, size_t index)
{
	return error && index < error->findings.count ? error->findings.items[index] : NULL;
}
