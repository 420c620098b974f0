/* SPDX-License-Identifier: BSD-2-Clause */
#include "txn/journal.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

static const char plain_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:+-";

static bool is_plain(char byte)
{
	return byte && strchr(plain_bytes, byte);
}

static void add_escaped(struct strbuf *text, const char *value)
{
	for (; *value; value++) {
		if (is_plain(*value))
			lade_strbuf_add_bytes(text, value, 1);
		else
			lade_strbuf_addf(text, "%%%02X", (unsigned char)*value);
	}
}

char *lade_journal_format(const char *kind, const char *const *pairs)
{
	struct strbuf text = { 0 };
	lade_strbuf_add(&text, kind);
	for (; pairs[0]; pairs += 2) {
		if (!pairs[1])
			return (void)lade_strbuf_clear(&text), NULL;
		lade_strbuf_addf(&text, " %s=", pairs[0]);
		add_escaped(&text, pairs[1]);
	}
	return lade_strbuf_take(&text);
}

static int hex_digit(char byte)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *found = byte ? strchr(digits, byte) : NULL;
	return found ? (int)(found - digits) : -1;
}

/* Unescaped copy; NULL when the text is not what add_escaped() writes (a NUL byte among that). */
static char *unescape(const char *text, size_t length)
{
	char *value = malloc(length + 1), *end = value;
	if (!value)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (is_plain(text[i])) {
			*end++ = text[i];
			continue;
		}
		int high = text[i] == '%' && length - i > 2 ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		if (low < 0 || high + low == 0) {
			free(value);
			return NULL;
		}
		*end++ = (char)(high << 4 | low);
		i += 2;
	}
	*end = '\0';
	return value;
}

static void entry_clear(struct journal_entry *entry)
{
	free(entry->kind);
	array_foreach(field, &entry->fields) {
		free(field->key);
		free(field->value);
	}
	array_clear(&entry->fields);
	*entry = (struct journal_entry){ 0 };
}

static int parse_field(struct journal_entry *entry, const char *text, size_t length)
{
	const char *equals = memchr(text, '=', length);
	if (!equals || equals == text)
		return -EBADMSG;
	struct journal_field *field = array_push(&entry->fields);
	if (!field)
		return -ENOMEM;
	field->key = strndup(text, (size_t)(equals - text));
	field->value = unescape(equals + 1, length - (size_t)(equals + 1 - text));
	return field->key && field->value ? 0 : -EBADMSG;
}

int lade_journal_parse(const char *text, struct journal_entry *ret_entry)
{
	struct journal_entry entry = { 0 };
	size_t length = strcspn(text, " ");
	int result = length ? 0 : -EBADMSG;
	entry.kind = unescape(text, length);
	if (!entry.kind)
		result = -EBADMSG;
	for (text += length; result == 0 && *text == ' '; text += length) {
		text++;
		length = strcspn(text, " ");
		result = parse_field(&entry, text, length);
	}
	if (result < 0) {
		entry_clear(&entry);
		return result;
	}
	*ret_entry = entry;
	return 0;
}

/* "0012" -> 12; false for other names. */
static bool entry_number(const char *name, unsigned *ret_number)
{
	size_t digits = strspn(name, "0123456789");
	if (digits < 4 || digits > 9 || name[digits])
		return false;
	*ret_number = (unsigned)strtoul(name, NULL, 10);
	return true;
}

static int read_entry(struct journal *journal, int directory, const char *name)
{
	char text[JOURNAL_TEXT_BYTES + 1];
	struct journal_entry entry = { 0 };
	unsigned number;
	if (!entry_number(name, &number))
		return 0;
	ssize_t length = readlinkat(directory, name, text, sizeof text);
	if (length < 0 || length == sizeof text)
		return 0;
	text[length] = '\0';
	if (lade_journal_parse(text, &entry) < 0)
		return 0;
	struct journal_entry *slot = array_push(journal);
	if (!slot) {
		entry_clear(&entry);
		return -ENOMEM;
	}
	*slot = entry;
	slot->number = number;
	return 0;
}

static int by_number(const void *left, const void *right)
{
	unsigned first = ((const struct journal_entry *)left)->number;
	unsigned second = ((const struct journal_entry *)right)->number;
	return (first > second) - (first < second);
}

int lade_journal_read(const char *directory, struct journal *ret_journal)
{
	char path[PATH_MAX];
	struct journal journal = { 0 };
	if (snprintf(path, sizeof path, "%s/journal", directory) >= (int)sizeof path)
		return -ENAMETOOLONG;
	DIR *stream = opendir(path);
	if (!stream)
		return -errno;
	int result = 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(stream));)
		result = read_entry(&journal, dirfd(stream), entry->d_name);
	(void)closedir(stream);
	if (result < 0) {
		lade_journal_clear(&journal);
		return result;
	}
	if (journal.count > 1)
		qsort(journal.items, journal.count, sizeof *journal.items, by_number);
	*ret_journal = journal;
	return 0;
}

int lade_journal_write_at(struct kernel *kernel, const char *directory, unsigned number, const char *kind,
			  const char *const *pairs)
{
	char path[PATH_MAX];
	CLEANUP(cleanup_free) char *text = lade_journal_format(kind, pairs);
	if (!text)
		return -ENOMEM;
	if (strlen(text) > JOURNAL_TEXT_BYTES)
		return -ENAMETOOLONG;
	if (snprintf(path, sizeof path, "%s/journal/%04u", directory, number) >= (int)sizeof path)
		return -ENAMETOOLONG;
	return kernel->calls->symlink(kernel, text, path);
}

int lade_journal_write(struct kernel *kernel, const char *directory, const char *kind, const char *const *pairs)
{
	struct journal journal = { 0 };
	int result = lade_journal_read(directory, &journal);
	if (result < 0)
		return result;
	unsigned number = journal.count ? journal.items[journal.count - 1].number + 1 : 0;
	lade_journal_clear(&journal);
	do
		result = lade_journal_write_at(kernel, directory, number++, kind, pairs);
	while (result == -EEXIST);
	return result;
}

const char *lade_journal_value(const struct journal_entry *entry, const char *key)
{
	array_foreach(field, &entry->fields)
		if (strcmp(field->key, key) == 0)
			return field->value;
	return NULL;
}

void lade_journal_clear(struct journal *journal)
{
	array_foreach(entry, journal)
		entry_clear(entry);
	array_clear(journal);
}
