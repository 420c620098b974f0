/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/ready_token.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"

static const char *const states[] = {
	[LADE_READY_NONE] = "none",     [LADE_READY_BOOTING] = "booting", [LADE_READY_YES] = "ready",
	[LADE_READY_FAILED] = "failed", [LADE_READY_OFF] = "off",
};

LADE_API const char *lade_ready_state_name(enum lade_ready_state state)
{
	return (size_t)state < ELEMENTS(states) ? states[state] : "none";
}

LADE_API void lade_boot_id(char ret_id[40])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!file || fscanf(file, "%36s", ret_id) != 1) /* NOLINT(cert-err34-c): a string, of bounded length */
		strcpy(ret_id, "unknown"); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy): it fits */
	if (file)
		(void)fclose(file);
}

/* ---- the process ---- */

uint64_t lade_pid_namespace(void)
{
	struct stat status;
	return stat("/proc/self/ns/pid", &status) == 0 ? (uint64_t)status.st_ino : 0;
}

/*
 * State and start of a process, from "PID (NAME) S 1 …": the name may hold anything, so what follows its last ')'
 * counts. 0; -ENOENT: there is no such process; -EIO.
 */
static int read_process(int pid, char *ret_state, uint64_t *ret_started)
{
	char path[64], line[1024];
	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? -ENOENT : -EIO;
	size_t length = fread(line, 1, sizeof line - 1, file);
	(void)fclose(file);
	line[length] = '\0';
	const char *rest = strrchr(line, ')');
	/* The state is field 3, the start field 22. */
	const char *field = rest && rest[1] == ' ' ? rest + 2 : NULL;
	const char *state = field;
	for (unsigned i = 3; field && i < 22; i++) {
		field = strchr(field, ' ');
		field = field ? field + 1 : NULL;
	}
	if (!field)
		return length ? -EIO : -ENOENT;
	*ret_state = *state;
	*ret_started = strtoull(field, NULL, 10);
	return 0;
}

bool lade_ready_token_is_dead(const struct ready_token *token)
{
	char state = '\0';
	uint64_t started = 0;
	if (token->pid <= 0 || !token->started || token->namespace != lade_pid_namespace() ||
	    access("/proc/self", F_OK) < 0)
		return false;
	int r = read_process(token->pid, &state, &started);
	return r == -ENOENT || (r == 0 && (state == 'Z' || state == 'X' || started != token->started));
}

/* ---- text ---- */

/* One line: what a finding says may have several. */
static void copy_line(char *into, size_t size, const char *text)
{
	size_t i = 0;
	for (; text && text[i] && i + 1 < size; i++)
		into[i] = text[i];
	for (char *byte = into; byte < into + i; byte++)
		if ((unsigned char)*byte < 0x20 || *byte == 0x7F)
			*byte = ' ';
	/* Not in the middle of a character. */
	while (text && text[i] && i > 0 && ((unsigned char)text[i] & 0xC0) == 0x80)
		i--;
	into[i] = '\0';
}

void lade_ready_token_make(struct ready_token *token, enum lade_ready_state state, const char *text)
{
	char alive;
	*token = (struct ready_token){ .state = state, .pid = getpid(), .namespace = lade_pid_namespace() };
	token->time_s = (uint64_t)time(NULL);
	lade_boot_id(token->boot_id);
	copy_line(token->text, sizeof token->text, text);
	(void)read_process(token->pid, &alive, &token->started);
}

size_t lade_ready_token_write(const struct ready_token *token, char buffer[TOKEN_MAX])
{
	int length = snprintf(buffer, TOKEN_MAX,
			      "STATE=%s\nBOOT_ID=%s\nPID=%d\nSTARTED=%" PRIu64 "\nNAMESPACE=%" PRIu64 "\nTIME=%" PRIu64
			      "\nTEXT=%s\n",
			      lade_ready_state_name(token->state), token->boot_id, token->pid, token->started,
			      token->namespace, token->time_s, token->text);
	return length > 0 ? (size_t)length : 0; /* at most some 500 bytes */
}

/* The value of KEY=… at the start of a line; *ret_length 0: there is none. */
static const char *find_value(const char *text, const char *key, size_t *ret_length)
{
	size_t length = strlen(key);
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, length) == 0 && line[length] == '=') {
			*ret_length = strcspn(line + length + 1, "\n");
			return line + length + 1;
		}
	*ret_length = 0;
	return "";
}

static void copy_value(const char *text, const char *key, char *into, size_t size)
{
	size_t length;
	const char *value = find_value(text, key, &length);
	length = length < size ? length : size - 1;
	memcpy(into, value, length);
	into[length] = '\0';
}

static uint64_t number_value(const char *text, const char *key)
{
	char word[24];
	copy_value(text, key, word, sizeof word);
	return word[0] >= '0' && word[0] <= '9' ? strtoull(word, NULL, 10) : 0;
}

bool lade_ready_token_parse(const char *text, struct ready_token *ret_token)
{
	struct ready_token token = { 0 };
	char state[16], line[sizeof token.text];
	copy_value(text, "STATE", state, sizeof state);
	copy_value(text, "BOOT_ID", token.boot_id, sizeof token.boot_id);
	copy_value(text, "TEXT", line, sizeof line);
	copy_line(token.text, sizeof token.text, line);
	uint64_t pid = number_value(text, "PID");
	token.pid = pid <= INT32_MAX ? (int)pid : 0;
	token.started = number_value(text, "STARTED");
	token.namespace = number_value(text, "NAMESPACE");
	token.time_s = number_value(text, "TIME");
	for (size_t i = LADE_READY_BOOTING; i < ELEMENTS(states); i++)
		if (strcmp(state, states[i]) == 0)
			token.state = (enum lade_ready_state)i;
	if (token.state == LADE_READY_NONE || !token.boot_id[0])
		return false;
	*ret_token = token;
	return true;
}
