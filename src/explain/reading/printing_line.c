/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of source that makes or prints a message, in a listing of a debugger or in a loader that somebody shows: it
 * has the message's words, and nothing was printed.
 */
#include <string.h>

#include "explain/reader.h"

/* What the line begins with, behind the number that a debugger writes before it. Scripts of bpftrace have printf(). */
static const char *const begins[] = {
	"printf(",
	"perror(",
	"printk(",
	"pr_debug(",
	"pr_info(",
	"pr_warn(",
	"pr_err(",
	"fprintf(stderr, ",
	"bpf_printk(",
	"bpf_trace_printk(",
	"std::cerr << ",
	"std::cout << ",
	"print(",
	"exit(",
	"sys.exit(",
	"raise RuntimeError(",
	"raise ValueError(",
};

/* Wherever it stands: of Go, Rust and Python, where statements have no end, or the message is wrapped. */
static const char *const calls[] = {
	"fmt.Errorf(",
	"fmt.Printf(",
	"fmt.Println(",
	"fmt.Sprintf(",
	"errors.New(",
	"errors.Wrap(err, ",
	"errors.Wrapf(err, ",
	"log.Panicf(",
	"log.Printf(",
	"log.Println(",
	"log.Print(",
	"logging.error(",
	"must(err, ",
	".Error(",
	".Errorf(",
	".Fatal(",
	".Fatalf(",
	".Fatalln(",
	".context(",
	".expect(",
	"bail!(",
	"anyhow!(",
	"println!(",
	"eprintln!(",
	"panic!(",
	"error!(",
	"warn!(",
	"info!(",
	"debug!(",
	"format!(",
};

static bool ends_in(const struct span *before, const char *call)
{
	const size_t length = strlen(call);

	return before->length >= length && memcmp(before->text + before->length - length, call, length) == 0;
}

static struct span trimmed(struct span line)
{
	static const char leave[] = "return ";

	while (line.length && strchr("0123456789 \t", *line.text))
		line = (struct span){ line.text + 1, line.length - 1 };
	if (line.length > strlen(leave) && memcmp(line.text, leave, strlen(leave)) == 0)
		line = (struct span){ line.text + strlen(leave), line.length - strlen(leave) };
	while (line.length && strchr(" \t\r", line.text[line.length - 1]))
		line.length--;
	return line;
}

/* "log_error("…", name);", whatever its name. A colon is of a message before it, or of a probe of bpftrace's. */
static bool is_statement(const struct span *whole, const struct span *before)
{
	static const char *const ends[] = { ");", "); }", ")?;" };
	size_t call = before->length;

	while (call > 0 && before->text[call - 1] != '(')
		call--;
	if (call < 2 || before->text[call - 2] == ' ' || memchr(before->text, ':', before->length) ||
	    memchr(before->text, '\'', before->length))
		return false;
	for (size_t i = 0; i < ELEMENTS(ends); i++)
		if (ends_in(whole, ends[i]))
			return true;
	return false;
}

/* The first quotation mark, without the letter of a Python's f"…"; NULL: none, or it is of no call. */
static const char *find_quote(const struct span *line)
{
	const char *quote = memchr(line->text, '"', line->length);

	if (!quote || quote - line->text < 2)
		return NULL;
	quote -= quote[-1] == 'f' && quote[-2] == '(';
	return strchr("( ", quote[-1]) ? quote : NULL;
}

/* Nothing that is printed has both: a call before the first quotation mark, and the end of a statement. */
bool lade_is_printing_line(const struct span *line)
{
	const char *quote = find_quote(line);

	if (!quote)
		return false;
	const struct span whole = trimmed(*line);
	if (!whole.length || quote < whole.text || !strchr(";,({)}?\\", whole.text[whole.length - 1]))
		return false;
	const struct span before = { whole.text, (size_t)(quote - whole.text) };
	for (size_t i = 0; i < ELEMENTS(begins); i++)
		if (before.length == strlen(begins[i]) && ends_in(&before, begins[i]))
			return true;
	for (size_t i = 0; i < ELEMENTS(calls); i++)
		if (ends_in(&before, calls[i]))
			return true;
	return is_statement(&whole, &before);
}
