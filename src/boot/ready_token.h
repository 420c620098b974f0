/* SPDX-License-Identifier: BSD-2-Clause */
/* The readiness token: what is in it, and whether the process that wrote it still lives. */
#ifndef LADE_BOOT_READY_TOKEN_H
#define LADE_BOOT_READY_TOKEN_H

#include <lade/ready.h>

#define RUN_DIRECTORY   "/run/lade"
#define TOKEN_NAME      "readiness"
#define PROPERTIES_NAME "properties"
#define REPORT_NAME     "boot.json"
#define TOKEN_MAX       4096 /* bytes */

/* ready_token.c */
struct ready_token {
	enum lade_ready_state state;
	char boot_id[40];
	char text[256];
	int pid;
	uint64_t started;   /* of the process, in clock ticks since the machine started */
	uint64_t namespace; /* inode of its PID namespace */
	uint64_t time_s;
};
/* Of this process, now. */
void lade_ready_token_make(struct ready_token *token, enum lade_ready_state state, const char *text);
/* "STATE=ready\nBOOT_ID=…\n"; length of what is in the buffer. */
size_t lade_ready_token_write(const struct ready_token *token, char buffer[TOKEN_MAX]);
/* False: it is none. */
bool lade_ready_token_parse(const char *text, struct ready_token *ret_token);
/* Is the process that wrote it gone? False where that cannot be known (another PID namespace, no /proc). */
bool lade_ready_token_is_dead(const struct ready_token *token);

/* Of this process; 0: not known. */
uint64_t lade_pid_namespace(void);

#endif
