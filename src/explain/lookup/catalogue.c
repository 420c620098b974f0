/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking things up: findings by code, error numbers by name. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lade/explain.h>

#include "base/array.h"
#include "base/error.h"
#include "base/info.h"
#include "diagnose/errno_table.h"
#include "explain/verifier/verdict.h"

#define LAST_ERRNO 133

static int describe(const struct finding_kind *kind, struct lade_code_info *info)
{
	struct lade_code_info full = {
		.code = kind->code,
		.exit_code = kind->exit_code,
		.severity = kind->severity,
		.phase = kind->phase,
		.cause = kind->cause,
		.fix = kind->fix,
		.room = lade_finding_rooms[kind->room],
		.since = kind->since,
		.until = kind->until,
	};

	return info_fill(info, &full, sizeof full);
}

LADE_API size_t lade_catalogue_count(void)
{
	size_t count = 0;

	while (lade_finding_kind_at(count))
		count++;
	return count;
}

LADE_API int lade_catalogue_code(size_t index, struct lade_code_info *info)
{
	const struct finding_kind *kind = lade_finding_kind_at(index);

	return kind ? describe(kind, info) : -ERANGE;
}

LADE_API int lade_catalogue_find(const char *code, struct lade_code_info *info)
{
	const struct finding_kind *kind = lade_finding_kind(code);

	return kind ? describe(kind, info) : -ENOENT;
}

/* ---- error numbers ---- */

LADE_API size_t lade_errno_count(void)
{
	return lade_errno_row_count;
}

LADE_API int lade_errno_cause_of(size_t index, struct lade_errno_info *info)
{
	const struct errno_row *row;

	if (index >= lade_errno_row_count)
		return -ERANGE;
	row = &lade_errno_rows[index];
	struct lade_errno_info full = {
		.errnum = row->errnum,
		.word = lade_errno_word(row->errnum),
		.operation = lade_errno_text + row->operation,
		.cause = lade_errno_text + row->cause,
		.probe = lade_errno_text + row->probe,
		.since = lade_errno_text + row->since,
		.until = lade_errno_text + row->until,
	};
	return info_fill(info, &full, sizeof full);
}

static int parse_number(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	number = labs(number);
	return *end || (number > LAST_ERRNO && number != KERNEL_ENOTSUPP) || !number ? -EINVAL : (int)number;
}

LADE_API const char *lade_catalogue_message(const char *code, size_t nth)
{
	for (size_t i = 0; i < lade_verifier_message_count; i++) {
		const struct verifier_message *message = &lade_verifier_messages[i];
		if (strcmp(lade_verifier_text + message->code, code) == 0 && nth-- == 0)
			return lade_verifier_text + message->pattern;
	}
	return NULL;
}

/* "errno 22", "error: -22", "ret=-22": what stands before the number. */
static const char *behind_prefix(const char *text)
{
	static const char *const prefixes[] = { "unknown error", "errno", "error", "err", "returned", "ret", "rc" };

	for (size_t i = 0; i < ELEMENTS(prefixes); i++) {
		size_t length = strlen(prefixes[i]), blanks;
		if (strncasecmp(text, prefixes[i], length) != 0)
			continue;
		blanks = strspn(text + length, " :=");
		return blanks ? text + length + blanks : text;
	}
	return text;
}

/* "EPERM", "eperm"; two words for one number, of which the C library gives one; "Operation not permitted". */
static int parse_word(const char *text)
{
	static const struct {
		const char *word;
		int errnum;
	} others[] = { { "ENOTSUPP", KERNEL_ENOTSUPP }, { "ENOTSUP", EOPNOTSUPP }, { "EWOULDBLOCK", EAGAIN } };

	for (size_t i = 0; i < ELEMENTS(others); i++)
		if (strcasecmp(others[i].word, text) == 0)
			return others[i].errnum;
	for (int errnum = 1; errnum <= LAST_ERRNO; errnum++) {
		const char *word = strerrorname_np(errnum), *meaning = strerrordesc_np(errnum);
		if ((word && strcasecmp(word, text) == 0) || (meaning && strcasecmp(meaning, text) == 0))
			return errnum;
	}
	return -EINVAL;
}

/* Numbers that libbpf adds to those of the system: it returns, and its callers print, them as if they were errnos. */
#define LIBBPF_FIRST 4000

static const struct {
	const char *word, *text;
} libbpf_errnos[] = {
	{ "LIBBPF_ERRNO__LIBELF", "libbpf's own: libelf failed" },
	{ "LIBBPF_ERRNO__FORMAT", "libbpf's own: the file is no BPF object or BTF" },
	{ "LIBBPF_ERRNO__KVERSION", "libbpf's own: the section version is missing or wrong" },
	{ "LIBBPF_ERRNO__ENDIAN", "libbpf's own: the object has the other byte order" },
	{ "LIBBPF_ERRNO__INTERNAL", "libbpf's own: a fault within libbpf" },
	{ "LIBBPF_ERRNO__RELOC", "libbpf's own: a relocation failed" },
	{ "LIBBPF_ERRNO__LOAD", "libbpf's own: a program was refused, without a log" },
	{ "LIBBPF_ERRNO__VERIFY", "libbpf's own: the verifier refused a program" },
	{ "LIBBPF_ERRNO__PROG2BIG", "libbpf's own: a program is too large" },
	{ "LIBBPF_ERRNO__KVER", "libbpf's own: the section version names another kernel" },
	{ "LIBBPF_ERRNO__PROGTYPE", "libbpf's own: the kernel does not take the program as this type" },
	{ "LIBBPF_ERRNO__WRNGPID", "libbpf's own: a netlink message was for another process" },
	{ "LIBBPF_ERRNO__INVSEQ", "libbpf's own: a netlink message has another sequence number" },
	{ "LIBBPF_ERRNO__NLPARSE", "libbpf's own: a netlink message was not understood" },
};

static bool is_of_libbpf(int errnum)
{
	return errnum >= LIBBPF_FIRST && (size_t)(errnum - LIBBPF_FIRST) < ELEMENTS(libbpf_errnos);
}

LADE_API int lade_errno_parse(const char *text)
{
	text = behind_prefix(text);
	if (isdigit((unsigned char)*text) || (*text == '-' && isdigit((unsigned char)text[1])))
		return parse_number(text);
	return parse_word(text + (*text == '-'));
}

LADE_API const char *lade_errno_word_of(int errnum)
{
	return is_of_libbpf(errnum) ? libbpf_errnos[errnum - LIBBPF_FIRST].word : lade_errno_word(errnum);
}

LADE_API const char *lade_errno_text_of(int errnum)
{
	const char *text = strerrordesc_np(errnum);

	if (errnum == KERNEL_ENOTSUPP)
		return "the kernel's own: not supported";
	if (is_of_libbpf(errnum))
		return libbpf_errnos[errnum - LIBBPF_FIRST].text;
	return text ? text : "an error without a name";
}
