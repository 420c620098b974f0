/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's log: what is written to /dev/kmsg, one record a write. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "boot_log.h"
#include "places.h"

#define RECORD_MAX 976      /* bytes: LOG_LINE_MAX of the kernel was 1024 - 32 before 6.x, with room for a newline */
#define DAEMON     (3 << 3) /* facility, so that the kernel does not take it for its own */
#define BURST      10       /* records in 5 s for each opener, where printk_devkmsg is "ratelimit" */

int boot_kmsg_open(void)
{
	int fd = open(cli_place(PLACE_KMSG), O_WRONLY | O_CLOEXEC | O_NOCTTY | O_APPEND);
	return fd < 0 ? -errno : fd;
}

/* Control characters would be another record, or an escape sequence on the console. Cut between characters. */
static size_t clean(char *text, size_t length, size_t most)
{
	bool cut = length > most;
	length = cut ? most - 3 : length; /* "..." */
	while (cut && length && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			text[i] = text[i] == '\t' || text[i] == '\n' ? ' ' : '?';
	static const char more[] = { '.', '.', '.' };
	if (cut)
		memcpy(text + length, more, sizeof more);
	return length + (cut ? sizeof more : 0);
}

int boot_kmsg_write(int fd, int level, const char *tag, const char *line)
{
	char *text, prefix[8];
	int head = snprintf(prefix, sizeof prefix, "<%d>", DAEMON | level);
	int length = asprintf(&text, "%s%s[%d]: %s", prefix, tag, (int)getpid(), line);
	if (length < 0 || head < 0)
		return -ENOMEM;
	size_t size = (size_t)head + clean(text + head, (size_t)(length - head), RECORD_MAX - (size_t)head);
	/* One system call: a record is one write; room for the newline is the NUL's or what was cut. */
	text[size] = '\n';
	ssize_t done = write(fd, text, size + 1);
	free(text);
	return done < 0 ? -errno : 0;
}

const char *boot_kmsg_rule(size_t lines)
{
	char word[32] = "";
	FILE *file = fopen(cli_place(PLACE_PRINTK_RULE), "re");
	if (!file)
		return NULL;
	if (!fgets(word, sizeof word, file))
		word[0] = '\0';
	(void)fclose(file);
	word[strcspn(word, "\n")] = '\0';
	if (strcmp(word, "off") == 0)
		return "printk_devkmsg is off: the kernel drops what is written to /dev/kmsg; echo on > "
		       "/proc/sys/kernel/printk_devkmsg keeps it";
	if (strcmp(word, "ratelimit") == 0 && lines > BURST)
		return "printk_devkmsg is ratelimit: the kernel keeps 10 lines in 5 seconds and may have dropped some; "
		       "echo on > /proc/sys/kernel/printk_devkmsg keeps all";
	return NULL;
}
