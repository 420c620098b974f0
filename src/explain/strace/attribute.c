/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with a call, whatever the kernel: its own members say so. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "explain/strace/strace.h"

/* ---- names ---- */

static int digit_of(char byte)
{
	const char *digits = "0123456789abcdef", *at = byte ? strchr(digits, tolower((unsigned char)byte)) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* strace -xx writes every byte as "\x74". How many characters this one takes. */
static size_t take_byte(const struct span *name, size_t at, char *ret_byte)
{
	const char *text = name->text + at;

	*ret_byte = *text;
	if (name->length - at < 4 || text[0] != '\\' || text[1] != 'x' || digit_of(text[2]) < 0 ||
	    digit_of(text[3]) < 0)
		return 1;
	*ret_byte = (char)(digit_of(text[2]) << 4 | digit_of(text[3]));
	return 4;
}

static bool is_plain(const struct span *name)
{
	char byte;

	for (size_t i = 0; i < name->length;) {
		i += take_byte(name, i, &byte);
		if (!isalnum((unsigned char)byte) && byte != '_' && byte != '.')
			return false;
	}
	return true;
}

static bool explain_name(const struct traced_call *call, struct lade_finding *finding)
{
	static const char *const fields[] = { "map_name", "prog_name" };
	struct span name;

	for (size_t i = 0; i < ELEMENTS(fields); i++) {
		if (!lade_call_field(call, fields[i], &name) || is_plain(&name))
			continue;
		finding_cause(
			finding,
			"%s is \"%.*s\": the kernel takes letters, digits, '_' and (from 5.2 on) '.' in names, and "
			"refuses any other byte with EINVAL",
			fields[i], (int)name.length, name.text);
		finding_fix(finding, "another name, as with '_' in place of that byte, or none at all");
		return true;
	}
	return false;
}

/* ---- programs ---- */

static uint64_t number_of(const struct traced_call *call, const char *field)
{
	uint64_t number = 0;

	(void)lade_call_number(call, field, &number);
	return number;
}

static bool is_value(const struct traced_call *call, const char *field, const char *wanted)
{
	struct span value;

	return lade_call_field(call, field, &value) && value.length == strlen(wanted) &&
	       memcmp(value.text, wanted, value.length) == 0;
}

static bool explain_log(const struct traced_call *call, struct lade_finding *finding)
{
	if (!number_of(call, "log_level") || !number_of(call, "log_size") || !is_value(call, "log_buf", "NULL"))
		return false;
	finding_cause(finding, "the loader asks for the verifier's log (log_level and log_size are set) and gives no "
			       "buffer for it: log_buf is NULL, which the kernel refuses whatever the program is");
	finding_fix(finding, "set log_buf to a buffer of log_size bytes, or log_level and log_size to 0");
	return true;
}

/* Which have no attach type that is 0, BPF_CGROUP_INET_INGRESS. */
static const char *const attached[] = { "BPF_PROG_TYPE_CGROUP_SOCK_ADDR", "BPF_PROG_TYPE_CGROUP_SOCKOPT",
					"BPF_PROG_TYPE_SK_LOOKUP", "BPF_PROG_TYPE_NETFILTER" };

static bool explain_attach_type(const struct traced_call *call, struct lade_finding *finding)
{
	if (!is_value(call, "expected_attach_type", "BPF_CGROUP_INET_INGRESS"))
		return false;
	for (size_t i = 0; i < ELEMENTS(attached); i++) {
		if (!is_value(call, "prog_type", attached[i]))
			continue;
		finding_cause(
			finding,
			"expected_attach_type is not set (0 is BPF_CGROUP_INET_INGRESS), and a program of type %s "
			"must say at its load for which hook it is",
			attached[i] + strlen("BPF_PROG_TYPE_"));
		finding_fix(finding, "set expected_attach_type (BPF_CGROUP_INET4_CONNECT, BPF_CGROUP_GETSOCKOPT, "
				     "BPF_SK_LOOKUP, BPF_NETFILTER …); libbpf does by the section: "
				     "SEC(\"cgroup/connect4\")");
		return true;
	}
	return false;
}

static bool explain_nothing(const struct traced_call *call, struct lade_finding *finding)
{
	if (!is_value(call, "insn_cnt", "0"))
		return false;
	finding_cause(finding, "the program has no instructions (insn_cnt is 0): the loader found or passed none");
	finding_fix(finding, "look at where the loader takes them from: the section's name, the number of instructions "
			     "(bytes divided by 8)");
	return true;
}

/* "{…, ...}, 200)": bytes that are not 0 behind all members that strace knows. */
static bool explain_tail(const struct traced_call *call, struct lade_finding *finding)
{
	static const char mark[] = ", ...}, ";

	if (!memmem(call->arguments.text, call->arguments.length, mark, strlen(mark)))
		return false;
	finding_cause(finding, "the attribute that the loader passes is longer than this kernel knows, and what lies "
			       "behind is not 0: E2BIG then means that the loader asks for something that came with a "
			       "newer kernel, or passes memory that it did not clear");
	finding_fix(finding,
		    "memset() the whole union bpf_attr to 0 first, and pass the size up to the last member that "
		    "is used; or a kernel that has what is asked for");
	finding_confidence(finding, LADE_LIKELY);
	return true;
}

bool lade_traced_attribute(const struct traced_call *call, struct lade_finding *finding)
{
	if (call->errnum == E2BIG && explain_tail(call, finding))
		return true;
	if ((call->errnum != EINVAL ||
	     (!explain_name(call, finding) && !explain_log(call, finding) && !explain_attach_type(call, finding))) &&
	    (call->errnum != E2BIG || !explain_nothing(call, finding)))
		return false;
	finding_confidence(finding, LADE_CERTAIN);
	return true;
}
