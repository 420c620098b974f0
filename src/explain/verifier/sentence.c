/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "I get the error R2 min value is negative, either use unsigned or 'var &= const' which does not go away": nothing
 * marks where the message begins and ends. It is one behind a word by which people quote ("error", "says", "fails
 * with"), if all of it is there from its first word to its last, and if its words are too peculiar for a sentence of
 * somebody's own. A title has it at its end, behind a name.
 */
#include "explain/verifier/sentence.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "explain/reading/eight.h"
#include "explain/reading/search.h"
#include "explain/verifier/line.h"

#define SENTENCE_BYTES 2048 /* of a line, that are looked at */
#define WORD_MAX       16
#define LITERAL_REG    9  /* bytes of fixed text of a message that begins as "R1 …", … */
#define LITERAL_BARE   19 /* … and that has no mark ("R1 is invalid") */
#define LITERAL_SURE   24 /* the same, of another one, behind "error" and the like, … */
#define LITERAL_LEAST  12 /* … and where it has a number or a name of a program's */
#define LITERAL_WEAK   32 /* behind "get" and the like, which stand before anything */
#define MESSAGE_MAX    300
#define TITLE_BYTES    160

enum cue {
	CUE_NONE,
	CUE_WEAK,
	CUE_SURE,
};

struct word {
	const char *text; /* in small letters */
	uint8_t length;
};

#define WORD(text)                                                                                                     \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}

/* What stands right before the message. */
static const struct {
	struct word word;
	enum cue cue;
} cues[] = {
	{ WORD("error"), CUE_SURE },     { WORD("errors"), CUE_SURE },    { WORD("message"), CUE_SURE },
	{ WORD("messages"), CUE_SURE },  { WORD("msg"), CUE_SURE },       { WORD("verdict"), CUE_SURE },
	{ WORD("complaint"), CUE_SURE }, { WORD("says"), CUE_SURE },      { WORD("said"), CUE_SURE },
	{ WORD("saying"), CUE_SURE },    { WORD("complains"), CUE_SURE }, { WORD("complained"), CUE_SURE },
	{ WORD("reports"), CUE_SURE },   { WORD("reporting"), CUE_SURE }, { WORD("reported"), CUE_SURE },
	{ WORD("rejected"), CUE_SURE },  { WORD("refused"), CUE_SURE },   { WORD("denied"), CUE_SURE },
	{ WORD("reject"), CUE_SURE },    { WORD("failed"), CUE_SURE },    { WORD("fail"), CUE_SURE },
	{ WORD("report"), CUE_SURE },    { WORD("prints"), CUE_SURE },    { WORD("printed"), CUE_SURE },
	{ WORD("get"), CUE_WEAK },       { WORD("gets"), CUE_WEAK },      { WORD("getting"), CUE_WEAK },
	{ WORD("got"), CUE_WEAK },       { WORD("gives"), CUE_WEAK },     { WORD("gave"), CUE_WEAK },
	{ WORD("giving"), CUE_WEAK },    { WORD("see"), CUE_WEAK },       { WORD("seeing"), CUE_WEAK },
	{ WORD("hit"), CUE_WEAK },       { WORD("hitting"), CUE_WEAK },   { WORD("throws"), CUE_WEAK },
	{ WORD("threw"), CUE_WEAK },
};

/* Between such a word and the message: "error is R1 …", "fails with R1 …", "complains that R1 …". */
static const struct word links[] = { WORD("is"),   WORD("was"), WORD("with"), WORD("that"), WORD("about"), WORD("of"),
				     WORD("like"), WORD("as"),  WORD("this"), WORD("me"),   WORD("us"),    WORD("in") };

/* Before "with" and the like. */
static const struct word failures[] = { WORD("error"), WORD("message"),  WORD("problem"), WORD("fail"),  WORD("reject"),
					WORD("refus"), WORD("complain"), WORD("crash"),   WORD("abort"), WORD("denie"),
					WORD("die"),   WORD("says"),     WORD("result"),  WORD("end") };

/* The sentence says that it is gone. */
static const struct word denials[] = {
	WORD("no longer get"),      WORD("no longer see"),    WORD("no longer have"), WORD("no longer fail"),
	WORD("no longer complain"), WORD("no longer report"), WORD("n't get"),        WORD("not get"),
	WORD("never get"),          WORD("n't see"),          WORD("not see")
};
static const struct word repairs[] = { WORD("fix "), WORD("fixes "), WORD("fixed "), WORD("fixing ") };
static const struct word comments[] = { WORD("*"), WORD("//"), WORD("/*"), WORD("--") };

/* By the last letter of those words and of the links which letters stand before it, as bits: nearly every word of
 * nearly every text is none of these, and is left by two letters. */
#define LETTERS     26
#define BIT(letter) (UINT32_C(1) << ((letter) - 'a'))
static const uint32_t last_letters[LETTERS] = {
	['d' - 'a'] = BIT('e') | BIT('i'),
	['e' - 'a'] = BIT('e') | BIT('g') | BIT('k') | BIT('m') | BIT('v'),
	['f' - 'a'] = BIT('o'),
	['g' - 'a'] = BIT('n') | BIT('s'),
	['h' - 'a'] = BIT('t'),
	['l' - 'a'] = BIT('i'),
	['n' - 'a'] = BIT('i'),
	['r' - 'a'] = BIT('o'),
	['s' - 'a'] = BIT('a') | BIT('e') | BIT('i') | BIT('n') | BIT('r') | BIT('t') | BIT('u') | BIT('w') | BIT('y'),
	['t' - 'a'] = BIT('a') | BIT('c') | BIT('e') | BIT('i') | BIT('n') | BIT('o') | BIT('r') | BIT('u'),
	['w' - 'a'] = BIT('e'),
};

/* The letters of a word in small ones; other bytes only match themselves where the word has them. */
static bool begins_with(const struct span *text, const struct word *word)
{
	if (text->length < word->length)
		return false;
	for (size_t i = 0; i < word->length; i++)
		if (text->text[i] != word->text[i] && (text->text[i] | 0x20) != word->text[i])
			return false;
	return true;
}

static bool is_word(const struct span *text, const struct word *word)
{
	return text->length == word->length && begins_with(text, word);
}

/* Quotation marks, colons and blanks; other quotation marks have several bytes, all of them above ASCII. */
static inline bool is_between(char byte)
{
	return byte == ' ' || byte == '\t' || byte == ':' || byte == '\'' || byte == '"' || byte == '`' ||
	       byte == '*' || (byte & 0x80);
}

/* The word that ends before `*at`, or before what stands between; *at becomes its beginning. */
static struct span word_before(const char *begin, const char **at)
{
	const char *end = *at, *start;

	while (end > begin && is_between(end[-1]))
		end--;
	start = end;
	while (start > begin && isalpha((unsigned char)start[-1]) && end - start < WORD_MAX)
		start--;
	*at = start;
	return (struct span){ start, (size_t)(end - start) };
}

/* By length, with which letters they begin. */
static const uint32_t first_letters[] = {
	[3] = BIT('m') | BIT('g') | BIT('s') | BIT('h'),
	[4] = BIT('s') | BIT('g') | BIT('f'),
	[5] = BIT('e') | BIT('g') | BIT('t'),
	[6] = BIT('e') | BIT('s') | BIT('p') | BIT('g') | BIT('t') | BIT('d') | BIT('r') | BIT('f'),
	[7] = BIT('m') | BIT('v') | BIT('r') | BIT('p') | BIT('g') | BIT('h'),
	[8] = BIT('m') | BIT('r'),
	[9] = BIT('c') | BIT('r'),
	[10] = BIT('c'),
};

static bool may_be_one(const struct span *word)
{
	return word->length < ELEMENTS(first_letters) && word->length &&
	       first_letters[word->length] >> ((unsigned char)(*word->text | 0x20) - 'a') & 1;
}

static enum cue cue_of(const struct span *word)
{
	if (!may_be_one(word))
		return CUE_NONE;
	for (size_t i = 0; i < ELEMENTS(cues); i++)
		if (is_word(word, &cues[i].word))
			return cues[i].cue;
	return CUE_NONE;
}

static bool is_one_of(const struct span *word, const struct word *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_word(word, &list[i]))
			return true;
	return false;
}

static bool begins_with_one_of(const struct span *text, const struct word *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (begins_with(text, &list[i]))
			return true;
	return false;
}

static enum cue cue_before(const char *begin, const char *at)
{
	struct span word = word_before(begin, &at);
	enum cue cue = cue_of(&word);

	if (cue != CUE_NONE || !is_one_of(&word, links, ELEMENTS(links)))
		return cue;
	word = word_before(begin, &at);
	cue = cue_of(&word);
	if (cue == CUE_WEAK && (*word.text | 0x20) == 'g') /* "gives me R1 …" */
		return cue;
	return cue == CUE_SURE || begins_with_one_of(&word, failures, ELEMENTS(failures)) ? CUE_SURE : CUE_NONE;
}

static bool is_end(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == ',' || byte == ';' || byte == ':' ||
	       byte == '!' || byte == '?' || byte == ')' || byte == '\'' || byte == '"' || byte == '`' || byte == '*' ||
	       byte == '<' || (byte & 0x80);
}

/* What ends a clause: ", ", ". " and the end. */
static bool is_clause_end(const char *text, size_t at, size_t length)
{
	return (strchr(",.;!?", text[at]) && (at + 1 == length || text[at + 1] == ' ')) || (text[at] & 0x80) ||
	       text[at] == '"' || text[at] == '`' || text[at] == '<';
}

/* "size=%d" matches before its number, too, and a pattern that ends with any words before these. */
static size_t behind_last(const char *pattern, const char *text, size_t end, size_t length)
{
	const char *last = strrchr(pattern, '%');
	const bool is_words = last && strcmp(last, "%s") == 0;

	if (!last || last[1] == '%' || strlen(last) > 4)
		return end;
	while (end < length && !(is_words ? is_clause_end(text, end, length) : is_end(text[end])))
		end++;
	return end;
}

/* How much of the text the pattern is; 0: not all of it is there. */
static size_t length_of(const struct verifier_message *message, const char *text, size_t length)
{
	const char *pattern = lade_verifier_text + message->pattern;
	size_t end = message->literal;

	if (length > MESSAGE_MAX)
		length = MESSAGE_MAX;
	while (end <= length && !lade_format_matches(pattern, text, end))
		end++;
	if (!end || end > length)
		return 0;
	end = behind_last(pattern, text, end, length);
	if (text[end - 1] == '.' && pattern[strlen(pattern) - 1] != '.')
		end--;
	return end == length || is_end(text[end]) || text[end] == '.' ? end : 0;
}

static bool is_sentence(const struct span *line)
{
	struct span text = *line;

	while (text.length && (*text.text == ' ' || *text.text == '\t')) {
		text.text++;
		text.length--;
	}
	return text.length && *text.text != '{' && !begins_with_one_of(&text, comments, ELEMENTS(comments)) &&
	       !begins_with_one_of(&text, repairs, ELEMENTS(repairs));
}

static bool is_denied(const char *begin, const char *at)
{
	const struct span before = { begin, (size_t)(at - begin) };

	for (size_t i = 0; i < ELEMENTS(denials); i++)
		if (lade_search(before.text, before.length, denials[i].text, denials[i].length))
			return true;
	return false;
}

/* What people write of anything, in words that the verifier has, too. */
static bool is_common(const struct verifier_message *message)
{
	static const char *const families[] = { "info", "btf-load", "btf-kernel", "verifier-bug" };

	for (size_t i = 0; i < ELEMENTS(families); i++)
		if (strcmp(lade_verifier_text + message->family, families[i]) == 0)
			return true;
	return false;
}

/* "unreachable insn 22", "unknown func bpf_strstr#3": nobody's own words have these. */
static bool has_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (isdigit((unsigned char)text[i]) || text[i] == '_' || text[i] == '#')
			return true;
	return false;
}

/* Its length; 0: no message begins here. */
static size_t message_at(const char *at, const char *end, enum cue cue)
{
	const bool is_register = *at == 'R' && isdigit((unsigned char)at[1]);
	const size_t least = is_register ? LITERAL_REG : cue == CUE_SURE ? LITERAL_LEAST : LITERAL_SURE;
	const size_t enough = cue == CUE_SURE ? LITERAL_SURE : LITERAL_WEAK;
	const struct verifier_message *message = lade_verifier_message(at, (size_t)(end - at));

	if (!message || message->literal < least || is_common(message) ||
	    (!is_register && lade_verifier_text[message->pattern] == '%') ||
	    lade_verifier_line(at, (size_t)(end - at)).kind != VERIFIER_OTHER)
		return 0;
	const size_t length = length_of(message, at, (size_t)(end - at));
	if (is_register)
		return message->literal >= LITERAL_BARE || memchr(at, '!', length) || memchr(at, '=', length) ? length
													      : 0;
	return message->literal >= enough || has_name(at, length) ? length : 0;
}

/* May a word that is looked for end here? Marks may stand behind it. Two bytes before it are there. */
static inline bool may_be_cue(const char *end)
{
	const unsigned last = ((unsigned char)end[-1] | 0x20U) - 'a', before = ((unsigned char)end[-2] | 0x20U) - 'a';

	if (last < LETTERS)
		return before < LETTERS && last_letters[last] >> before & 1;
	return is_between(end[-1]);
}

/* Does a message begin here, or behind what stands between? */
static bool takes(const struct span *line, const char *begin, const char *end, struct span *ret_message)
{
	enum cue cue;
	size_t length;

	while (begin < end && is_between(*begin))
		begin++;
	if (end - begin < LITERAL_REG || !lade_verifier_may_begin(begin, (size_t)(end - begin)))
		return false;
	cue = cue_before(line->text, begin);
	length = cue != CUE_NONE ? message_at(begin, end, cue) : 0;
	*ret_message = (struct span){ begin, length };
	return length > 0 && is_sentence(line) && !is_denied(line->text, begin);
}

/* "xdp_foo", "xdp-tools", "5.15": no word of a sentence, which goes on with what the verifier might say, too. */
static bool is_behind_name(const char *begin, const char *at)
{
	const char *end = at, *start;

	while (end > begin && end[-1] == ' ')
		end--;
	for (start = end; start > begin && start[-1] != ' ';)
		start--;
	for (const char *byte = start; byte < end; byte++)
		if (isdigit((unsigned char)*byte) || *byte == '_' || *byte == '-')
			return true;
	return false;
}

/* "# invalid indirect read from stack off -8+0 size 8, due to a hole": nothing is before it, and what is behind is an
 * explanation. */
static bool is_heading(const char *begin, const char *at)
{
	const char *hash = begin;

	while (hash < at && *hash == '#')
		hash++;
	return hash > begin && hash + 1 == at;
}

/* "xdp_foo R0 invalid mem access 'inv'", as titles are: nothing leads to the message, and nothing stands behind it. */
static bool is_in_title(const struct span *line, struct span *ret_message)
{
	const char *at = line->text, *end = line->text + line->length;

	if (line->length > TITLE_BYTES || !is_sentence(line))
		return false;
	while ((at = memchr(at, ' ', (size_t)(end - at))) && ++at < end) {
		const size_t length = (size_t)(end - at);
		const bool is_all = is_heading(line->text, at);
		size_t said;
		if (length < LITERAL_REG || !lade_verifier_may_begin(at, length) ||
		    (!is_all && !is_behind_name(line->text, at)) || is_denied(line->text, at))
			continue;
		said = message_at(at, end, CUE_WEAK);
		if (!said || (said != length && (!is_all || at[said] != ',')))
			continue;
		*ret_message = (struct span){ at, said };
		return true;
	}
	return false;
}

bool lade_verifier_in_sentence(const struct span *line, struct span *ret_message)
{
	const size_t looked = line->length < SENTENCE_BYTES ? line->length : SENTENCE_BYTES;
	const char *end = line->text + looked;

	if (looked < 2 + LITERAL_REG)
		return false;
	/* In the last eight bytes no message begins. */
	for (const char *at = line->text + 2; at + EIGHT <= end; at += EIGHT)
		for (uint64_t blanks = lade_eight_equal(lade_eight_at(at), ' '); blanks; blanks &= blanks - 1) {
			const char *blank = at + lade_eight_before(blanks);
			if (may_be_cue(blank) && takes(line, blank, end, ret_message))
				return true;
		}
	return is_in_title(line, ret_message);
}
