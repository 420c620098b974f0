/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The matrix as one page that needs nothing else. Without a script each cell is a link to its reasons below the table;
 * with one it opens them. All text comes from files of others: nothing is written that was not escaped.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "page.h"

/* ---- text ---- */

/* Invalid UTF-8 would let a browser guess; json-c's strings are valid, so what is no character comes through there. */
static void put_text(FILE *file, const char *text)
{
	struct json_object *fixed = cli_json_text(text ? text : "");
	const char *byte = fixed ? json_object_get_string(fixed) : "";
	static const struct {
		char byte;
		const char *entity;
	} entities[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" } };

	for (; *byte; byte++) {
		const char *entity = NULL;
		for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
			if (*byte == entities[i].byte)
				entity = entities[i].entity;
		bool control = ((unsigned char)*byte < 0x20 && *byte != '\n' && *byte != '\t') || *byte == 0x7f;
		if (entity)
			(void)fputs(entity, file);
		else
			(void)putc(control ? '?' : *byte, file);
	}
	json_object_put(fixed);
}

static void put_parts(FILE *file, const char *before, const char *text, const char *after)
{
	(void)fputs(before, file);
	put_text(file, text);
	(void)fputs(after, file);
}

static const char *sign_of(enum check_state state)
{
	static const char *const signs[] = {
		[CHECK_LOADS] = "✓", [CHECK_CANNOT_SAY] = "?", [CHECK_DOES_NOT] = "✗",
		[CHECK_BAD] = "!",   [CHECK_LEFT_OUT] = "–",
	};

	return signs[state];
}

static size_t count_state(const struct check_matrix *matrix, enum check_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < matrix->row_count; i++)
		for (size_t j = 0; j < matrix->target_count; j++)
			count += check_state(&matrix->rows[i], j) == state;
	return count;
}

/* ---- one finding ---- */

static void put_line(FILE *file, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	(void)fprintf(file, "<dt>%s</dt><dd>", label);
	put_text(file, text);
	(void)fputs("</dd>", file);
}

static void put_place(FILE *file, const struct lade_finding_info *info)
{
	if (info->map)
		put_line(file, "map", info->map);
	if (!info->program)
		return;
	(void)fputs("<dt>program</dt><dd>", file);
	put_text(file, info->program);
	if (info->instruction >= 0)
		(void)fprintf(file, ", instruction %lld", (long long)info->instruction);
	(void)fputs("</dd>", file);
}

static void put_source(FILE *file, const struct lade_finding_info *info)
{
	if (!info->source_file)
		return;
	put_parts(file, "<dt>at</dt><dd>", info->source_file, "");
	(void)fprintf(file, ":%u ", info->source_line);
	put_parts(file, "<code>", info->source_text, "</code></dd>");
}

static void put_finding(FILE *file, const struct lade_finding *finding)
{
	struct lade_finding_info info = { .size = sizeof info };

	if (lade_finding_describe(finding, &info) < 0)
		return;
	(void)fprintf(file, "<div class=\"reason\"><p>");
	put_text(file, info.message);
	put_parts(file, " <code>", lade_severity_name(info.severity), "");
	put_parts(file, " ", info.code, "</code></p><dl>");
	put_place(file, &info);
	put_source(file, &info);
	put_line(file, "because", info.cause);
	for (size_t i = 0; i < info.evidence_count; i++)
		put_line(file, i ? "" : "so", info.evidence[i]);
	put_line(file, "fix", info.fix);
	put_line(file, "see", info.see);
	(void)fputs("</dl></div>\n", file);
}

/* ---- the table ---- */

static size_t count_findings(const struct check_row *row, size_t target)
{
	if (row->error)
		return lade_error_finding_count(row->error);
	return row->cells && row->cells[target] ? lade_check_finding_count(row->cells[target]) : 0;
}

static void put_cell(FILE *file, const struct check_matrix *matrix, size_t row, size_t target)
{
	enum check_state state = check_state(&matrix->rows[row], target);
	size_t count = count_findings(&matrix->rows[row], target);
	const char *kernel = check_target(matrix, target).name;

	(void)fprintf(file, "<td role=\"gridcell\"><a class=\"%s\" href=\"#r%zu-%zu\" data-kernel=\"",
		      check_state_word(state), row, target);
	put_parts(file, "", kernel, "\" aria-label=\"");
	put_text(file, matrix->rows[row].label);
	put_parts(file, " on ", kernel, ": ");
	(void)fprintf(file, "%s, %zu finding%s\">%s</a></td>", check_state_text(state), count, count == 1 ? "" : "s",
		      sign_of(state));
}

static void put_table(FILE *file, const struct check_matrix *matrix)
{
	(void)fputs("<div class=\"frame\"><table id=\"answers\" role=\"grid\" aria-label=\"objects by "
		    "kernels\">\n<thead><tr>"
		    "<th scope=\"col\" role=\"columnheader\">object</th>",
		    file);
	for (size_t i = 0; i < matrix->target_count; i++)
		put_parts(file, "<th scope=\"col\" role=\"columnheader\">", check_target(matrix, i).name, "</th>");
	(void)fputs("</tr></thead>\n<tbody>\n", file);
	for (size_t i = 0; i < matrix->row_count; i++) {
		put_parts(file, "<tr><th scope=\"row\" role=\"rowheader\">", matrix->rows[i].label, "</th>");
		for (size_t j = 0; j < matrix->target_count; j++)
			put_cell(file, matrix, i, j);
		(void)fputs("</tr>\n", file);
	}
	(void)fputs("</tbody></table></div>\n", file);
}

static void put_legend(FILE *file, const struct check_matrix *matrix)
{
	(void)fputs("<ul class=\"legend\">", file);
	for (enum check_state state = CHECK_LOADS; state <= CHECK_LEFT_OUT; state++)
		if (count_state(matrix, state))
			(void)fprintf(file, "<li><span class=\"sign %s\" aria-hidden=\"true\">%s</span> %s: %zu</li>",
				      check_state_word(state), sign_of(state), check_state_text(state),
				      count_state(matrix, state));
	(void)fputs("</ul>\n", file);
}

/* ---- reasons ---- */

static void put_answer(FILE *file, const struct check_matrix *matrix, size_t row, size_t target)
{
	const struct check_row *object = &matrix->rows[row];
	enum check_state state = check_state(object, target);
	size_t count = count_findings(object, target);

	(void)fprintf(file,
		      "<section class=\"answer\" id=\"r%zu-%zu\"><h3><span class=\"sign %s\" aria-hidden=\"true\">%s"
		      "</span> ",
		      row, target, check_state_word(state), sign_of(state));
	put_text(file, object->label);
	put_parts(file, " on ", check_target(matrix, target).name, ": ");
	(void)fprintf(file, "%s</h3>\n", check_state_text(state));
	if (object->skip)
		put_parts(file, "<p>", object->skip, "</p>\n");
	for (size_t i = 0; i < count; i++)
		put_finding(file, object->error ? lade_error_finding(object->error, i)
						: lade_check_finding(object->cells[target], i));
	if (!count && state == CHECK_LOADS)
		(void)fputs("<p>Nothing that is known stands against it.</p>\n", file);
	if (object->cells && !object->error && object->cells[target] && lade_check_by_table(object->cells[target]))
		(void)fputs("<p class=\"faint\">By tables of mainline releases: distributions backport.</p>\n", file);
	(void)fputs("</section>\n", file);
}

static void put_reasons(FILE *file, const struct check_matrix *matrix)
{
	(void)fputs("<h2>Reasons</h2>\n", file);
	for (size_t i = 0; i < matrix->row_count; i++) {
		put_parts(file, "<details><summary>", matrix->rows[i].label, "</summary>\n");
		for (size_t j = 0; j < matrix->target_count; j++)
			put_answer(file, matrix, i, j);
		(void)fputs("</details>\n", file);
	}
}

static void put_lacks(FILE *file, const struct check_matrix *matrix)
{
	struct check_lack lack;
	size_t position = 0, count = 0;

	while (check_next_lack(matrix, &position, &lack)) {
		if (!count++)
			(void)fputs("<h2>Options that the configuration lacks</h2>\n<ul>\n", file);
		put_parts(file, "<li>", check_target(matrix, lack.target).name, ": ");
		put_parts(file, "<strong>", lack.need.name, "</strong> ");
		put_parts(file, lack.need.to_attach ? "(to attach) " : "", lack.need.reason, " <span class=\"faint\">");
		for (size_t i = 0; i < lack.need.who_count; i++)
			put_parts(file, i ? ", " : "", lack.need.who[i], "");
		(void)fputs("</span></li>\n", file);
	}
	(void)fputs(count ? "</ul>\n" : "", file);
}

/* ---- the page ---- */

static void put_page(FILE *file, const struct check_matrix *matrix)
{
	(void)fputs(
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
		"script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>Would it load there?</title>\n<style>\n",
		file);
	(void)fputs(cli_page_css, file);
	(void)fprintf(file,
		      "</style>\n</head>\n<body>\n<a class=\"skip-link\" href=\"#answers\">To the answers</a>\n"
		      "<header><h1>Would it load there?</h1>\n<p>%zu object%s, %zu kernel%s. lade %s.</p>\n",
		      matrix->row_count, matrix->row_count == 1 ? "" : "s", matrix->target_count,
		      matrix->target_count == 1 ? "" : "s", lade_version());
	put_legend(file, matrix);
	(void)fputs("<div class=\"filter\"><label>Object <input id=\"find\" type=\"search\"></label>"
		    "<label><input id=\"only\" type=\"checkbox\"> only with something to say against it</label>"
		    "<span id=\"count\" class=\"faint\" role=\"status\"></span></div></header>\n<main>\n",
		    file);
	put_table(file, matrix);
	(void)fputs("<dialog id=\"reasons\" aria-labelledby=\"reasons-title\"><form method=\"dialog\">"
		    "<button>Close</button></form><div id=\"reasons-body\"></div></dialog>\n",
		    file);
	put_lacks(file, matrix);
	put_reasons(file, matrix);
	(void)fprintf(file, "</main>\n<footer><p>The verifier's judgement is not predicted.%s</p></footer>\n<script>\n",
		      check_by_table(matrix) ? " Answers rest on tables of mainline releases: distributions backport."
					     : "");
	(void)fputs(cli_page_js, file);
	(void)fputs("</script>\n</body>\n</html>\n", file);
}

/* ---- the file ---- */

static int finish(FILE *file, const char *temporary, const char *path)
{
	int result = ferror(file) || fflush(file) != 0 || fsync(fileno(file)) < 0 ? -(errno ? errno : EIO) : 0;

	if (fclose(file) != 0 && result == 0)
		result = -errno;
	if (result == 0 && rename(temporary, path) < 0)
		result = -errno;
	if (result < 0)
		(void)unlink(temporary);
	return result;
}

/* What is no ordinary file (a pipe, /dev/stdout) can only be written to. */
static bool is_special(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

static int write_through(const struct check_matrix *matrix, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	put_page(file, matrix);
	bool failed = ferror(file);
	failed |= fclose(file) != 0;
	return failed ? -(errno ? errno : EIO) : 0;
}

int check_write_page(const struct check_matrix *matrix, const char *path)
{
	char *temporary = NULL;
	mode_t mask = umask(0);

	(void)umask(mask);
	if (is_special(path))
		return write_through(matrix, path);
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	int fd = mkostemp(temporary, O_CLOEXEC), result = fd < 0 ? -errno : 0;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file) {
		(void)fchmod(fd, 0666 & ~mask);
		errno = 0;
		put_page(file, matrix);
		result = finish(file, temporary, path);
	} else if (fd >= 0) {
		result = -errno;
		(void)close(fd);
		(void)unlink(temporary);
	}
	free(temporary);
	return result;
}
