/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the boot is, said to others and asked by others. */
#include <lade/ready.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/info.h"
#include "boot/kept_file.h"
#include "boot/ready_token.h"

/* What Android's services wait for. */
static const char property[] = "bpf.progs_loaded=1\n";

static int fail_write(struct lade_error **error, int result, const char *run, const char *name)
{
	struct lade_finding *finding = lade_error_add(error, -result, "ready.write", "%s/%s cannot be written: %s", run,
						      name, strerror(-result));
	if (result == -EPERM)
		finding_cause(finding, "others than its owner may write to that directory, or it is neither ours nor "
				       "root's: what is in it could not be believed");
	return result;
}

static bool read_token(const char *run, struct ready_token *ret_token)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t length;
	return lade_kept_read(run, TOKEN_NAME, TOKEN_MAX, &text, &length) == 0 &&
	       lade_ready_token_parse(text, ret_token);
}

/* What was loaded stays loaded: a further boot that begins takes nothing from those who use it. */
static bool stays_ready(const char *run, enum lade_ready_state state)
{
	struct lade_ready_info info = { .size = sizeof info };
	return state == LADE_READY_BOOTING && lade_ready_get(run, &info) == 0 && info.state == LADE_READY_YES;
}

/* The property first: whom the token wakes must find it. */
static int write_property(const char *run, enum lade_ready_state state)
{
	return state == LADE_READY_YES ? lade_kept_write(run, PROPERTIES_NAME, property, sizeof property - 1)
				       : lade_kept_remove(run, PROPERTIES_NAME);
}

LADE_API int lade_ready_set(const char *run, enum lade_ready_state state, const char *text, struct lade_error **error)
{
	struct ready_token token;
	char buffer[TOKEN_MAX];
	run = run ? run : RUN_DIRECTORY;
	if (state <= LADE_READY_NONE || state > LADE_READY_OFF)
		return lade_fail(error, EINVAL, "ready.options", "%d is no state that a boot can be in", (int)state);
	if (stays_ready(run, state))
		return 0;
	int r = write_property(run, state);
	if (r < 0)
		return fail_write(error, r, run, PROPERTIES_NAME);
	lade_ready_token_make(&token, state, text);
	r = lade_kept_write(run, TOKEN_NAME, buffer, lade_ready_token_write(&token, buffer));
	if (r == 0)
		return 0;
	if (state == LADE_READY_YES) /* who reads one of the two must not learn something else from the other */
		(void)lade_kept_remove(run, PROPERTIES_NAME);
	return fail_write(error, r, run, TOKEN_NAME);
}

/* A token that says "booting" may be older than the end of its process: what it said last counts. */
static bool has_died(const char *run, struct ready_token *token)
{
	if (token->state != LADE_READY_BOOTING || !lade_ready_token_is_dead(token))
		return false;
	(void)read_token(run, token);
	return token->state == LADE_READY_BOOTING && lade_ready_token_is_dead(token);
}

LADE_API int lade_ready_get(const char *run, struct lade_ready_info *info)
{
	struct lade_ready_info full = { 0 };
	struct ready_token token;
	char now[40];
	run = run ? run : RUN_DIRECTORY;
	if (!read_token(run, &token))
		return info_fill(info, &full, sizeof full);
	lade_boot_id(now);
	full.is_dead = has_died(run, &token);
	full.is_earlier = strcmp(token.boot_id, now) != 0;
	full.state = full.is_dead ? LADE_READY_FAILED : token.state;
	if (full.is_earlier) {
		full.state = LADE_READY_NONE;
		full.is_dead = false;
	}
	full.pid = token.namespace == lade_pid_namespace() ? token.pid : 0;
	full.time_s = token.time_s;
	memcpy(full.boot_id, token.boot_id, sizeof full.boot_id);
	memcpy(full.text, token.text, sizeof full.text);
	return info_fill(info, &full, sizeof full);
}
