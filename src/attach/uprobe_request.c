/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target and a section say together about where a user-space probe goes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach/uprobe.h"

static int fail(struct attach_call *call, const char *code, int errnum, const char *text)
{
	struct lade_finding *finding = lade_error_add(call->error, errnum, code, "%s: \"%s\" (section %s)",
						      call->program->name, text, call->program->section);
	finding_program(finding, call->program->name);
	return -errnum;
}

static int copy(struct attach_call *call, const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? lade_fail_memory(call->error) : 0;
}

/* ---- options ---- */

static uint64_t number_of(const char *value)
{
	return strtoull(value, NULL, 0); /* the target's parser saw to it that it is one */
}

static int read_option(struct attach_call *call, const char *option, struct uprobe_request *request)
{
	const char *value = strchr(option, '=') + 1;

	if (strncmp(option, "pid=", 4) == 0)
		request->pid = (pid_t)number_of(value);
	else if (strncmp(option, "ref_ctr=", 8) == 0)
		request->ref_ctr = number_of(value);
	else if (strncmp(option, "cookie=", 7) == 0)
		request->cookie = number_of(value);
	else if (!request->provider && strncmp(option, "usdt=", 5) == 0) {
		const char *colon = strchr(value, ':');
		request->provider = strndup(value, (size_t)(colon - value));
		request->probe = strdup(colon + 1);
		return request->provider && request->probe ? 0 : lade_fail_memory(call->error);
	}
	return 0;
}

/* ---- functions ---- */

/* `file:PATH` leaves the symbol to a section like "uprobe/readline" or "uprobe/PATH:readline". */
static int take_symbol_of_section(struct attach_call *call, struct uprobe_request *request)
{
	const char *symbol = call->program->attach_target;
	CLEANUP(cleanup_free) char *text = NULL, *path = NULL;
	int result;

	if (!symbol || !*symbol)
		return fail(call, "attach.uprobe.no-symbol", EDESTADDRREQ, request->path);
	if (strchr(symbol, ':'))
		result = lade_uprobe_split(symbol, &path, &request->symbol, &request->addend);
	else if (strchr(symbol, '/'))
		result = -EINVAL;
	else if (asprintf(&text, "%s:%s", request->path, symbol) < 0)
		result = -ENOMEM;
	else
		result = lade_uprobe_split(text, &path, &request->symbol, &request->addend);
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	return result < 0 || !request->symbol ? fail(call, "attach.uprobe.no-symbol", EDESTADDRREQ, symbol) : 0;
}

static int read_function(struct attach_call *call, struct uprobe_request *request)
{
	const struct attach_target *target = call->target;
	const char *section = call->program->attach_target;

	if (target->kind == TARGET_FILE) {
		int result = copy(call, target->name, &request->path);
		if (result == 0)
			result = copy(call, target->symbol, &request->symbol);
		request->addend = target->offset;
		return result == 0 && !request->symbol ? take_symbol_of_section(call, request) : result;
	}
	int result = lade_uprobe_split(section, &request->path, &request->symbol, &request->addend);
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	return result < 0 || !request->symbol ? fail(call, "attach.uprobe.no-symbol", EDESTADDRREQ, section) : 0;
}

/* ---- USDT ---- */

/* "PATH:PROVIDER:NAME", of which the path may be missing: then *ret_path is NULL. */
static int split_probe(const char *text, char **ret_path, struct uprobe_request *request)
{
	const char *last = strrchr(text, ':');
	const char *before = last ? memrchr(text, ':', (size_t)(last - text)) : NULL;
	const char *provider = before ? before + 1 : text;

	if (!last || !last[1] || last == provider || before == text)
		return -EINVAL;
	CLEANUP(cleanup_free) char *path = before ? strndup(text, (size_t)(before - text)) : NULL;
	request->provider = strndup(provider, (size_t)(last - provider));
	request->probe = strdup(last + 1);
	if ((before && !path) || !request->provider || !request->probe)
		return -ENOMEM;
	*ret_path = TAKE(path);
	return 0;
}

/* file:PATH,usdt=PROVIDER:NAME, file:PATH:PROVIDER:NAME, or file:PATH with a section that names the probe. */
static int read_probe_of_target(struct attach_call *call, struct uprobe_request *request)
{
	const struct attach_target *target = call->target;
	CLEANUP(cleanup_free) char *text = NULL, *path = NULL;
	int result;

	if (request->provider)
		return copy(call, target->name, &request->path);
	if (target->symbol) {
		if (asprintf(&text, "%s:%s", target->name, target->symbol) < 0)
			return lade_fail_memory(call->error);
		result = split_probe(text, &request->path, request);
		return result == -ENOMEM              ? lade_fail_memory(call->error)
		       : result < 0 || !request->path ? fail(call, "attach.usdt.name", EDESTADDRREQ, text)
						      : 0;
	}
	if (!call->program->attach_target || split_probe(call->program->attach_target, &path, request) < 0)
		return fail(call, "attach.usdt.name", EDESTADDRREQ, target->name);
	return copy(call, target->name, &request->path);
}

static int read_probe(struct attach_call *call, struct uprobe_request *request)
{
	const char *section = call->program->attach_target;

	if (call->target->kind == TARGET_FILE)
		return read_probe_of_target(call, request);
	int result = split_probe(section, &request->path, request);
	return result == -ENOMEM              ? lade_fail_memory(call->error)
	       : result < 0 || !request->path ? fail(call, "attach.usdt.name", EDESTADDRREQ, section)
					      : 0;
}

/* ---- */

static int find_file(struct attach_call *call, struct uprobe_request *request)
{
	char *found = lade_uprobe_find_file(request->path);

	if (!found)
		return fail(call, "attach.uprobe.file", ENOENT, request->path);
	free(request->path);
	request->path = found;
	return 0;
}

/* As a target that would do the same. */
static int spell(struct attach_call *call, struct uprobe_request *request)
{
	struct strbuf text = { 0 };

	lade_strbuf_addf(&text, "file:%s", request->path);
	if (request->symbol)
		lade_strbuf_addf(&text, ":%s", request->symbol);
	if (request->addend)
		lade_strbuf_addf(&text, "+%#llx", (unsigned long long)request->addend);
	if (request->probe)
		lade_strbuf_addf(&text, ",usdt=%s:%s", request->provider, request->probe);
	if (request->pid)
		lade_strbuf_addf(&text, ",pid=%d", (int)request->pid);
	if (request->ref_ctr)
		lade_strbuf_addf(&text, ",ref_ctr=%#llx", (unsigned long long)request->ref_ctr);
	if (request->cookie)
		lade_strbuf_addf(&text, ",cookie=%#llx", (unsigned long long)request->cookie);
	request->text = lade_strbuf_take(&text);
	return request->text ? 0 : lade_fail_memory(call->error);
}

int lade_uprobe_request(struct attach_call *call, bool is_usdt, struct uprobe_request *ret_request)
{
	struct uprobe_request request = { 0 };
	int result = 0;

	for (size_t i = 0; i < call->target->options.count && result == 0; i++)
		result = read_option(call, call->target->options.items[i], &request);
	if (result == 0 && !is_usdt && request.probe)
		result = fail(call, "attach.target.option", EINVAL, call->target->text);
	if (result == 0)
		result = is_usdt ? read_probe(call, &request) : read_function(call, &request);
	if (result == 0)
		result = find_file(call, &request);
	if (result == 0)
		result = spell(call, &request);
	if (result == 0)
		*ret_request = request;
	else
		lade_uprobe_request_clear(&request);
	return result;
}

void lade_uprobe_request_clear(struct uprobe_request *request)
{
	free(request->path);
	free(request->symbol);
	free(request->provider);
	free(request->probe);
	free(request->text);
	*request = (struct uprobe_request){ 0 };
}
