/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of error numbers in the C libraries, Go and Rust; upper and lower case and blanks aside. */
#include "explain/tools/errors.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/reading/grams.h"
#include "explain/reading/search.h"

#define ERRNO_MAX 4095

/* Where one begins another, the longer one is first. */
static const struct {
	int errnum;
	const char *text;
	uint16_t grams[WORD_GRAMS];
} texts[] = {
	{ EPERM, "operationnotpermitted", GRAMS_OF("operationnotpermitted") },
	{ ENOENT, "nosuchfileordirectory", GRAMS_OF("nosuchfileordirectory") },
	{ ENOENT, "filedoesnotexist", GRAMS_OF("filedoesnotexist") }, /* Go's */
	{ ESRCH, "nosuchprocess", GRAMS_OF("nosuchprocess") },
	{ EINTR, "interruptedsystemcall", GRAMS_OF("interruptedsystemcall") },
	{ EIO, "input/outputerror", GRAMS_OF("input/outputerror") },
	{ EIO, "i/oerror", GRAMS_OF("i/oerror") },
	{ ENXIO, "nosuchdeviceoraddress", GRAMS_OF("nosuchdeviceoraddress") },
	{ E2BIG, "argumentlisttoolong", GRAMS_OF("argumentlisttoolong") },
	{ EBADF, "badfiledescriptor", GRAMS_OF("badfiledescriptor") },
	{ EAGAIN, "resourcetemporarilyunavailable", GRAMS_OF("resourcetemporarilyunavailable") },
	{ ENOMEM, "cannotallocatememory", GRAMS_OF("cannotallocatememory") },
	{ ENOMEM, "outofmemory", GRAMS_OF("outofmemory") },
	{ EACCES, "permissiondenied", GRAMS_OF("permissiondenied") },
	{ EFAULT, "badaddress", GRAMS_OF("badaddress") },
	{ EBUSY, "deviceorresourcebusy", GRAMS_OF("deviceorresourcebusy") },
	{ EBUSY, "resourcebusy", GRAMS_OF("resourcebusy") },
	{ EEXIST, "fileexists", GRAMS_OF("fileexists") },
	{ EEXIST, "filealreadyexists", GRAMS_OF("filealreadyexists") }, /* Go's */
	{ EXDEV, "invalidcross-devicelink", GRAMS_OF("invalidcross-devicelink") },
	{ ENODEV, "nosuchdevice", GRAMS_OF("nosuchdevice") },
	{ ENOTDIR, "notadirectory", GRAMS_OF("notadirectory") },
	{ EISDIR, "isadirectory", GRAMS_OF("isadirectory") },
	{ EINVAL, "invalidargument", GRAMS_OF("invalidargument") },
	{ ENFILE, "toomanyopenfilesinsystem", GRAMS_OF("toomanyopenfilesinsystem") },
	{ EMFILE, "toomanyopenfiles", GRAMS_OF("toomanyopenfiles") },
	{ ETXTBSY, "textfilebusy", GRAMS_OF("textfilebusy") },
	{ EFBIG, "filetoolarge", GRAMS_OF("filetoolarge") },
	{ ENOSPC, "nospaceleftondevice", GRAMS_OF("nospaceleftondevice") },
	{ EROFS, "read-onlyfilesystem", GRAMS_OF("read-onlyfilesystem") },
	{ EMLINK, "toomanylinks", GRAMS_OF("toomanylinks") },
	{ EDOM, "numericalargumentoutofdomain", GRAMS_OF("numericalargumentoutofdomain") },
	{ ERANGE, "numericalresultoutofrange", GRAMS_OF("numericalresultoutofrange") },
	{ ENAMETOOLONG, "filenametoolong", GRAMS_OF("filenametoolong") },
	{ ENOSYS, "functionnotimplemented", GRAMS_OF("functionnotimplemented") },
	{ ENOTEMPTY, "directorynotempty", GRAMS_OF("directorynotempty") },
	{ ELOOP, "toomanylevelsofsymboliclinks", GRAMS_OF("toomanylevelsofsymboliclinks") },
	{ EBADMSG, "badmessage", GRAMS_OF("badmessage") },
	{ ENODATA, "nodataavailable", GRAMS_OF("nodataavailable") },
	{ EOVERFLOW, "valuetoolargefordefineddatatype", GRAMS_OF("valuetoolargefordefineddatatype") },
	{ EBADFD, "filedescriptorinbadstate", GRAMS_OF("filedescriptorinbadstate") },
	{ EOPNOTSUPP, "operationnotsupported", GRAMS_OF("operationnotsupported") },
	{ EOPNOTSUPP, "notsupported", GRAMS_OF("notsupported") },
	{ EADDRNOTAVAIL, "cannotassignrequestedaddress", GRAMS_OF("cannotassignrequestedaddress") },
	{ ENETDOWN, "networkisdown", GRAMS_OF("networkisdown") },
	{ ENOBUFS, "nobufferspaceavailable", GRAMS_OF("nobufferspaceavailable") },
	{ ESTALE, "stalefilehandle", GRAMS_OF("stalefilehandle") },
	{ ETIMEDOUT, "connectiontimedout", GRAMS_OF("connectiontimedout") },
	{ ENOKEY, "requiredkeynotavailable", GRAMS_OF("requiredkeynotavailable") },
	{ EKEYREJECTED, "keywasrejectedbyservice", GRAMS_OF("keywasrejectedbyservice") },
	{ KERNEL_ENOTSUPP, "unknownerror524", GRAMS_OF("unknownerror524") },
	{ KERNEL_ENOTSUPP, "error:strerror_r(524)=22", GRAMS_OF("error:strerror_r(524)=22") },
	{ KERNEL_ENOTSUPP, "error:strerror_r(-524)=22", GRAMS_OF("error:strerror_r(-524)=22") },
	{ KERNEL_ENOTSUPP, "errno524", GRAMS_OF("errno524") },
};

static bool starts(const char *text, size_t length, const char *word, size_t wanted)
{
	return length >= wanted && strncasecmp(text, word, wanted) == 0;
}

/* Letters, small or capital, as bits. */
#define LETTER(letter) (UINT32_C(1) << ((letter)&31))

static size_t digits(const char *text, size_t length)
{
	size_t count = 0;

	while (count < length && isdigit((unsigned char)text[count]))
		count++;
	return count;
}

/* "22", "-22"; 0: it is none. */
static int number(const char *text, size_t length, size_t *ret_bytes)
{
	size_t minus = length && *text == '-', count = digits(text + minus, length - minus);
	int value = 0;

	if (!count || count > 4 || (minus + count < length && text[minus + count] == 'x') ||
	    (minus + count + 1 < length && text[minus + count] == '.' &&
	     isdigit((unsigned char)text[minus + count + 1])))
		return 0; /* an address, a version */
	for (size_t i = 0; i < count; i++)
		value = value * 10 + (text[minus + i] - '0');
	*ret_bytes = minus + count;
	return value <= ERRNO_MAX ? value : 0;
}

/* Which third letters the names of errors have, by the second; "E2BIG" begins as no other. */
static const uint32_t thirds[26] = {
	['A' - 'A'] = LETTER('C') | LETTER('D') | LETTER('F') | LETTER('G') | LETTER('L'),
	['B' - 'A'] = LETTER('A') | LETTER('F') | LETTER('U'),
	['C' - 'A'] = LETTER('A') | LETTER('H') | LETTER('O'),
	['D' - 'A'] = LETTER('E') | LETTER('O') | LETTER('Q'),
	['E' - 'A'] = LETTER('X'),
	['F' - 'A'] = LETTER('A') | LETTER('B'),
	['H' - 'A'] = LETTER('O') | LETTER('W'),
	['I' - 'A'] = LETTER('D') | LETTER('L') | LETTER('N') | LETTER('O') | LETTER('S'),
	['K' - 'A'] = LETTER('E'),
	['L' - 'A'] = LETTER('I') | LETTER('N') | LETTER('O') | LETTER('2') | LETTER('3'),
	['M' - 'A'] = LETTER('E') | LETTER('F') | LETTER('L') | LETTER('S') | LETTER('U'),
	['N' - 'A'] = LETTER('A') | LETTER('E') | LETTER('F') | LETTER('O') | LETTER('X'),
	['O' - 'A'] = LETTER('P') | LETTER('V') | LETTER('W'),
	['P' - 'A'] = LETTER('E') | LETTER('F') | LETTER('I') | LETTER('R'),
	['R' - 'A'] = LETTER('A') | LETTER('E') | LETTER('F') | LETTER('O'),
	['S' - 'A'] = LETTER('H') | LETTER('O') | LETTER('P') | LETTER('R') | LETTER('T'),
	['T' - 'A'] = LETTER('I') | LETTER('O') | LETTER('X'),
	['U' - 'A'] = LETTER('C') | LETTER('N') | LETTER('S'),
	['X' - 'A'] = LETTER('D') | LETTER('F'),
};

/* "ERROR" begins as none does. */
static bool may_be_name(const char *text, size_t length)
{
	if (length < 3)
		return false;
	if (text[1] < 'A' || text[1] > 'Z')
		return text[1] == '2';
	return thirds[text[1] - 'A'] & LETTER(text[2]);
}

/* "EPERM", "-EPERM", and no letter behind it: "ENOTSUP" is no "ENOTSUPP". */
static int word(const char *text, size_t length, size_t *ret_bytes)
{
	size_t count = 0, minus = length > 1 && *text == '-';

	text += minus;
	length -= minus;
	if (!length || *text != 'E' || !may_be_name(text, length))
		return 0;
	while (count < length && count < 16 &&
	       (isupper((unsigned char)text[count]) || isdigit((unsigned char)text[count])))
		count++;
	*ret_bytes = minus + count;
	if (count == strlen("ENOTSUPP") && memcmp(text, "ENOTSUPP", count) == 0)
		return KERNEL_ENOTSUPP;
	if (count == strlen("ENOTSUP") && memcmp(text, "ENOTSUP", count) == 0)
		return EOPNOTSUPP;
	for (int errnum = 1; count > 2 && errnum < 134; errnum++) {
		const char *name = strerrorname_np(errnum);
		if (name && strlen(name) == count && memcmp(name, text, count) == 0)
			return errnum;
	}
	return 0;
}

/* "(13)", "(-13)", "(os error 13)" behind the words. */
static size_t brackets(const char *text, size_t length)
{
	size_t at = 1, count;

	if (!length || *text != '(')
		return 0;
	if (starts(text + at, length - at, "oserror", strlen("oserror")))
		at += strlen("oserror");
	if (!number(text + at, length - at, &count) || at + count >= length || text[at + count] != ')')
		return 0;
	return at + count + 1;
}

#define ALL_TEXTS (~UINT64_C(0))
_Static_assert(ELEMENTS(texts) <= 64, "a bit for each");

/* `which`: bits of the texts that may be there. */
static int words(uint64_t which, const char *text, size_t length, size_t *ret_bytes)
{
	if (!length)
		return 0;
	for (; which; which &= which - 1) {
		size_t i = (size_t)__builtin_ctzll(which), count;
		if (i >= ELEMENTS(texts))
			break;
		if ((*text | 0x20) != *texts[i].text || length < 2 || (text[1] | 0x20) != texts[i].text[1])
			continue; /* nearly all; a slash and a hyphen have the bit, too */
		count = strlen(texts[i].text);
		if (!starts(text, length, texts[i].text, count))
			continue;
		*ret_bytes = count + brackets(text + count, length - count);
		return texts[i].errnum;
	}
	return 0;
}

int lade_error_begins(const char *text, size_t length, size_t *ret_bytes)
{
	int errnum = number(text, length, ret_bytes);

	if (!errnum)
		errnum = words(ALL_TEXTS, text, length, ret_bytes);
	return errnum ? errnum : word(text, length, ret_bytes);
}

#define BEFORE_MAX 10 /* bytes before the first digit: the longest word of the table, and a minus */

/* "Unknown error -1": what strerror() makes of a result that is no error number; others are one, with its sign. */
static bool is_unknown(const char *text, size_t at)
{
	static const char word[] = "unknown";
	size_t length = strlen(word);

	return at >= length && strncasecmp(text + at - length, word, length) == 0;
}

/* "with code -1": Aya's word for the result of the system call, which failed with whatever error. */
static bool is_result(const char *text, size_t at)
{
	static const char word[] = "with";
	size_t length = strlen(word);

	return at >= length && memcmp(text + at - length, word, length) == 0;
}

/* What stands before numbers of errors. */
static int behind(const char *text, size_t length, size_t at)
{
	static const char *const before[] = { "errno:",    "errno=", "errno", "error:-", "error=", "error-", "oserror",
					      "err:-",     "err=",   "err-",  "code:-",  "code-",  "ret=-",  "ret:-",
					      "returned-", "(-",     ":-",    "rc=-",    "error(" };
	static const char field_ends[] = { ',', '}' };
	char first = text[at];
	size_t bytes;

	first = (char)(first | (first >= 'A' && first <= 'Z' ? 0x20 : 0));
	if (first != 'e' && first != 'o' && first != 'c' && first != 'r' && first != '(' && first != ':')
		return 0;
	for (size_t i = 0; i < ELEMENTS(before); i++) {
		size_t count;
		bool is_negative;
		if (first != *before[i] || at + 1 == length || (text[at + 1] | 0x20) != before[i][1])
			continue;
		count = strlen(before[i]);
		is_negative = before[i][count - 1] == '-';
		if (!starts(text + at, length - at, before[i], count))
			continue;
		int errnum = number(text + at + count, length - at - count, &bytes);
		if (errnum == 1 && is_unknown(text, at))
			return 0;
		if (errnum == 1 && is_result(text, at))
			continue;
		/* "{Index:-1,Count:-2}": a field of something that was printed whole */
		if (errnum && *before[i] == ':' && at + count + bytes < length &&
		    memchr(field_ends, text[at + count + bytes], sizeof field_ends))
			continue;
		if (errnum && (!is_negative || text[at + count] != '-'))
			return errnum;
	}
	return 0;
}

bool lade_error_is_told(const char *text, size_t length, int errnum)
{
	static const char *const names[] = { "perationnotsupported", "95", "NOTSUP" };

	if (errnum != EOPNOTSUPP)
		return true;
	for (size_t i = 0; i < ELEMENTS(names); i++)
		if (lade_search(text, length, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Which of the texts of errors can be there? And what they begin with. */
static uint64_t texts_within(const struct grams *grams, uint32_t *ret_firsts)
{
	uint64_t which = 0;

	for (size_t i = 0; i < ELEMENTS(texts); i++)
		if (lade_grams_may_have(grams, texts[i].grams)) {
			which |= UINT64_C(1) << i;
			*ret_firsts |= LETTER(*texts[i].text);
		}
	return which;
}

#define WORD_MIN 5 /* "EPERM": shorter ones may be the end of a word */

/* Blanks are gone: "failed with EPERM" has a small letter before the name. */
static bool may_begin(const char *text, size_t at)
{
	return at == 0 || !isalnum((unsigned char)text[at - 1]) || islower((unsigned char)text[at - 1]);
}

static int word_within(const char *text, size_t length, size_t at)
{
	size_t bytes = 0;
	int errnum = may_begin(text, at) ? word(text + at, length - at, &bytes) : 0;

	return errnum && (bytes >= WORD_MIN || at == 0 || !islower((unsigned char)text[at - 1])) ? errnum : 0;
}

int lade_error_within(const char *text, size_t length, const struct grams *grams)
{
	uint32_t firsts = 0;
	uint64_t which = texts_within(grams, &firsts);
	size_t bytes;
	int errnum = 0;

	for (size_t i = which || memchr(text, 'E', length) ? 0 : length; i < length && !errnum; i++) {
		if (!(firsts & LETTER(text[i])) && text[i] != 'E')
			continue;
		errnum = words(which, text + i, length - i, &bytes);
		if (!errnum && text[i] == 'E')
			errnum = word_within(text, length, i);
	}
	for (size_t i = 0, digit = 0; digit < length && !errnum; i++) {
		for (; digit < length && (digit <= i || !isdigit((unsigned char)text[digit]));)
			digit++;
		if (digit < length && digit - i <= BEFORE_MAX)
			errnum = behind(text, length, i);
	}
	return errnum;
}
