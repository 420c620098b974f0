/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hook a program goes to: attach types by the words that sections and targets have for them. */
#include "attach/hook.h"

#include <errno.h>
#include <string.h>

/* enum bpf_attach_type that the distribution's header is too old for */
enum {
	ATTACH_LSM_CGROUP = 43,
	ATTACH_UNIX_CONNECT = 49,
	ATTACH_UNIX_SENDMSG,
	ATTACH_UNIX_RECVMSG,
	ATTACH_UNIX_GETPEERNAME,
	ATTACH_UNIX_GETSOCKNAME,
};

/* The first row of a type of program is what it goes to when nothing says more, if that is `alone`. */
static const struct hook_row {
	const char *word;
	uint32_t program_type, attach_type;
	bool alone;  /* the kernel has no other for such programs, or takes this one for none */
	bool is_old; /* another loader's word for one of the rows above */
} hooks[] = {
	{ "ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS },
	{ "egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS },
	{ "sock_create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, .alone = true },
	{ "sock_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE },
	{ "post_bind4", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND },
	{ "post_bind6", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND },
	{ "create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, .is_old = true },
	{ "release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, .is_old = true },
	{ "postbind4", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, .is_old = true },
	{ "postbind6", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND, .is_old = true },
	{ "bind4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND },
	{ "bind6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND },
	{ "connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT },
	{ "connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT },
	{ "connect_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_CONNECT },
	{ "sendmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG },
	{ "sendmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG },
	{ "sendmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_SENDMSG },
	{ "recvmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG },
	{ "recvmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG },
	{ "recvmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_RECVMSG },
	{ "getpeername4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME },
	{ "getpeername6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETPEERNAME },
	{ "getpeername_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_GETPEERNAME },
	{ "getsockname4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETSOCKNAME },
	{ "getsockname6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETSOCKNAME },
	{ "getsockname_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_GETSOCKNAME },
	{ "sock_ops", BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, .alone = true },
	{ "device", BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, .alone = true },
	{ "sysctl", BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, .alone = true },
	{ "getsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT },
	{ "setsockopt", BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT },
	{ "lsm", BPF_PROG_TYPE_LSM, ATTACH_LSM_CGROUP, .alone = true },
	{ "stream_parser", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_PARSER },
	{ "stream_verdict", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT },
	{ "verdict", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT },
	{ "streamparser", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_PARSER, .is_old = true },
	{ "streamverdict", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT, .is_old = true },
	{ "msg_verdict", BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT, .alone = true },
	{ "sk_lookup", BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, .alone = true },
	{ "flow_dissector", BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, .alone = true },
	{ "lirc_mode2", BPF_PROG_TYPE_LIRC_MODE2, BPF_LIRC_MODE2, .alone = true },
};

/* program_type 0: of any. */
static const struct hook_row *find_word(uint32_t program_type, const char *word, size_t length)
{
	for (size_t i = 0; i < ELEMENTS(hooks); i++)
		if ((!program_type || hooks[i].program_type == program_type) && strlen(hooks[i].word) == length &&
		    memcmp(hooks[i].word, word, length) == 0)
			return &hooks[i];
	return NULL;
}

bool lade_hook_is_word(const char *word)
{
	return find_word(0, word, strlen(word));
}

bool lade_hook_of_cgroup(const char *word, uint32_t *ret_attach_type)
{
	const struct hook_row *row = find_word(0, word, strlen(word));
	bool is_cgroups = row && row->program_type != BPF_PROG_TYPE_SK_SKB &&
			  row->program_type != BPF_PROG_TYPE_SK_MSG && row->program_type != BPF_PROG_TYPE_SK_LOOKUP &&
			  row->program_type != BPF_PROG_TYPE_FLOW_DISSECTOR &&
			  row->program_type != BPF_PROG_TYPE_LIRC_MODE2;
	if (is_cgroups)
		*ret_attach_type = row->attach_type;
	return is_cgroups;
}

/* The word that was given with the target; NULL: none. */
static const char *given_word(const struct attach_target *target)
{
	bool has_hooks = target->kind == TARGET_CGROUP || target->kind == TARGET_MAP;
	bool has_word = target->options.count && !strchr(target->options.items[0], '=');
	return has_hooks && has_word ? target->options.items[0] : NULL;
}

/* The first part of "cgroupskb/egress/stats" that is a word. */
static const struct hook_row *find_in_section(const struct attach_program *program)
{
	const struct hook_row *found = NULL;
	const char *part = program->section ? program->section : "";
	while (!found && *part) {
		size_t length = strcspn(part, "/");
		found = find_word(program->type, part, length);
		part += length + (part[length] == '/');
	}
	return found;
}

/* What the program was loaded for, or else what its section says; UINT32_MAX: neither. 0 is an attach type, too. */
static uint32_t said_type(const struct attach_program *program)
{
	const struct hook_row *row = program->expected_attach_type ? NULL : find_in_section(program);
	if (program->expected_attach_type)
		return program->expected_attach_type;
	return row ? row->attach_type : UINT32_MAX;
}

bool lade_hook_fits(const struct attach_program *program, const struct attach_target *target)
{
	const char *word = given_word(target);
	const struct hook_row *row = word ? find_word(program->type, word, strlen(word)) : NULL;
	uint32_t said = said_type(program);
	return !word || (row && (said == UINT32_MAX || said == row->attach_type));
}

int lade_hook_fail_word(const struct attach_program *program, const struct attach_target *target,
			struct lade_error **error)
{
	struct lade_finding *finding =
		lade_error_add(error, EINVAL, "attach.target-kind", "%s: section %s is not for hook %s (%s)",
			       program->name, program->section, given_word(target), target->text);
	finding_program(finding, program->name);
	finding_cause(finding, "the section says which hook the program is for");
	finding_fix(finding, "leave the word out, or give the program a section for that hook");
	return -EINVAL;
}

static const struct hook_row *find_alone(uint32_t program_type)
{
	for (size_t i = 0; i < ELEMENTS(hooks); i++)
		if (hooks[i].program_type == program_type && hooks[i].alone)
			return &hooks[i];
	return NULL;
}

static int fail_unsaid(struct attach_call *call)
{
	const struct attach_program *program = call->program;
	bool has_section = program->section && *program->section;
	struct strbuf words = { 0 };
	const char *first = NULL;
	for (size_t i = 0; i < ELEMENTS(hooks); i++) {
		if (hooks[i].program_type != program->type || hooks[i].is_old)
			continue;
		first = first ? first : hooks[i].word;
		lade_strbuf_addf(&words, "%s%s", words.length ? ", " : "", hooks[i].word);
	}
	struct lade_finding *finding = lade_error_add(call->error, EDESTADDRREQ, "attach.hook.unsaid",
						      "%s: %s%s does not say which hook of %s the program is for",
						      program->name, has_section ? "section " : "its pin",
						      has_section ? program->section : "", call->target->text);
	finding_program(finding, program->name);
	finding_evidence(finding, "hooks of such programs: %s", words.text ? words.text : "none");
	if (first)
		finding_fix(finding, "name it after the target: --attach %s=%s,%s", program->name, call->target->text,
			    first);
	lade_strbuf_clear(&words);
	return -EDESTADDRREQ;
}

int lade_hook_type(struct attach_call *call, uint32_t *ret_attach_type)
{
	const struct attach_program *program = call->program;
	const char *word = given_word(call->target);
	const struct hook_row *row = word ? find_word(program->type, word, strlen(word)) : NULL;
	uint32_t said = said_type(program);
	if (!row && said != UINT32_MAX) {
		*ret_attach_type = said;
		return 0;
	}
	if (!row)
		row = find_alone(program->type);
	if (!row)
		return fail_unsaid(call);
	*ret_attach_type = row->attach_type;
	return 0;
}
