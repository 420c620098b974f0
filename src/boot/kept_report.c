/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of the last boot, for who asks later. */
#include <lade/ready.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "boot/kept_file.h"
#include "boot/ready_token.h"

LADE_API int lade_boot_report_save(const char *directory, const char *json, size_t length, struct lade_error **error)
{
	directory = directory ? directory : RUN_DIRECTORY;
	int r = length > LADE_REPORT_MAX ? -EFBIG : lade_kept_write(directory, REPORT_NAME, json, length);
	return r < 0 ? lade_fail(error, -r, "report.write", "%s/%s cannot be kept: %s", directory, REPORT_NAME,
				 strerror(-r))
		     : 0;
}

LADE_API int lade_boot_report_read(const char *directory, char **ret_json, size_t *ret_length,
				   struct lade_error **error)
{
	directory = directory ? directory : RUN_DIRECTORY;
	int r = lade_kept_read(directory, REPORT_NAME, LADE_REPORT_MAX, ret_json, ret_length);
	if (r == -ENOENT || r == -ENOTDIR)
		return -ENOENT;
	if (r == -EPERM)
		return lade_fail(error, EPERM, "report.read", "%s/%s is not believed: others may have written it",
				 directory, REPORT_NAME);
	return r < 0 ? lade_fail(error, -r, "report.read", "%s/%s cannot be read: %s", directory, REPORT_NAME,
				 strerror(-r))
		     : 0;
}
