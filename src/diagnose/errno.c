/* SPDX-License-Identifier: BSD-2-Clause */
/* errno by name, and its usual causes by command (data/errno_table.csv). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "diagnose/errno_table.h"

/* "EPERM (Operation not permitted)" and so on, made at build time from one list. */
#define ERRNO_NAMES(X)                                                                                                 \
	X(EPERM, "Operation not permitted")                                                                            \
	X(ENOENT, "No such file or directory")                                                                         \
	X(ESRCH, "No such process")                                                                                    \
	X(EINTR, "Interrupted system call")                                                                            \
	X(EIO, "Input/output error")                                                                                   \
	X(E2BIG, "Argument list too long")                                                                             \
	X(EBADF, "Bad file descriptor")                                                                                \
	X(EAGAIN, "Resource temporarily unavailable")                                                                  \
	X(ENOMEM, "Cannot allocate memory")                                                                            \
	X(EACCES, "Permission denied")                                                                                 \
	X(EFAULT, "Bad address")                                                                                       \
	X(EBUSY, "Device or resource busy")                                                                            \
	X(EEXIST, "File exists")                                                                                       \
	X(ENODEV, "No such device")                                                                                    \
	X(ENOTDIR, "Not a directory")                                                                                  \
	X(EISDIR, "Is a directory")                                                                                    \
	X(EINVAL, "Invalid argument")                                                                                  \
	X(ENFILE, "Too many open files in system")                                                                     \
	X(EMFILE, "Too many open files")                                                                               \
	X(ETXTBSY, "Text file busy")                                                                                   \
	X(EFBIG, "File too large")                                                                                     \
	X(ENOSPC, "No space left on device")                                                                           \
	X(EROFS, "Read-only file system")                                                                              \
	X(EMLINK, "Too many links")                                                                                    \
	X(ERANGE, "Numerical result out of range")                                                                     \
	X(ENAMETOOLONG, "File name too long")                                                                          \
	X(ENOSYS, "Function not implemented")                                                                          \
	X(ENOTEMPTY, "Directory not empty")                                                                            \
	X(ELOOP, "Too many levels of symbolic links")                                                                  \
	X(EBADFD, "File descriptor in bad state")                                                                      \
	X(EOPNOTSUPP, "Operation not supported")                                                                       \
	X(EADDRNOTAVAIL, "Cannot assign requested address")                                                            \
	X(ETIMEDOUT, "Connection timed out")                                                                           \
	X(ENOKEY, "Required key not available")                                                                        \
	X(EKEYREJECTED, "Key was rejected by service")                                                                 \
	X(EBADMSG, "Bad message")                                                                                      \
	X(KERNEL_ENOTSUPP, "Operation is not supported")

static const struct errno_text {
	int number;
	const char *text;
} errno_texts[] = {
#define ERRNO_ROW(name, text) { name, #name " (" text ")" },
	ERRNO_NAMES(ERRNO_ROW)
#undef ERRNO_ROW
};

const char *lade_errno_name(int errnum)
{
	if (errnum == KERNEL_ENOTSUPP)
		return "ENOTSUPP (524, not supported)";
	for (size_t i = 0; i < ELEMENTS(errno_texts); i++)
		if (errno_texts[i].number == errnum)
			return errno_texts[i].text;
	return "an error without a name";
}

/* "5.10"; 0: none */
static uint32_t version_of(const char *text)
{
	unsigned major, minor;

	return sscanf(text, "%u.%u", &major, &minor) == 2 && major < 256 && minor < 256 ? major << 16 | minor << 8 : 0;
}

/* Does the kernel have this cause? `until` is the last minor version that has. */
static bool is_of_kernel(const struct errno_row *row, uint32_t version)
{
	uint32_t since = version_of(lade_errno_text + row->since), until = version_of(lade_errno_text + row->until);

	return !version || (version >= since && (!until || version < until + (1 << 8)));
}

static const struct errno_row *find_row(const char *operation, int errnum, uint32_t version, unsigned nth)
{
	for (size_t i = 0; i < lade_errno_row_count; i++) {
		const struct errno_row *row = &lade_errno_rows[i];
		if (row->errnum == errnum && strcmp(lade_errno_text + row->operation, operation) == 0 &&
		    is_of_kernel(row, version) && nth-- == 0)
			return row;
	}
	return NULL;
}

enum { SHOWN_MOST = 4 };

void lade_diagnose_causes(struct kernel *kernel, const char *operation, int errnum, struct lade_finding *finding)
{
	uint32_t version = lade_kernel_version(kernel);
	const struct errno_row *row = find_row(operation, errnum, version, 0);
	bool is_only = !find_row(operation, errnum, version, 1);

	finding_confidence(finding, row && is_only ? LADE_LIKELY : LADE_POSSIBLE);
	if (!row)
		return;
	finding_cause(finding, is_only ? "%s" : "the usual cause: %s", lade_errno_text + row->cause);
	if (lade_errno_text[row->probe])
		finding_fix(finding, "to settle it: %s", lade_errno_text + row->probe);
	for (unsigned i = 1; i < SHOWN_MOST && (row = find_row(operation, errnum, version, i)); i++)
		finding_evidence(finding, "also possible: %s", lade_errno_text + row->cause);
}

const char *lade_last_line(const char *log)
{
	const char *end = log + strlen(log), *start;

	while (end > log && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	for (start = end; start > log && start[-1] != '\n'; start--)
		;
	return start;
}
