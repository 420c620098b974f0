/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * USDT probes. Each place of a probe has arguments elsewhere, so each has its own entry in the program's map of
 * specifications (usdt_spec.c), whose number the program gets as its cookie. Kernels without cookies (before 5.15) give
 * it nothing but the address of the probe in the process, which is known beforehand only of one process, or where the
 * file is always loaded at the same address.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "attach/uprobe.h"
#include "kernel/config.h"
#include "symbols/usdt.h"

struct usdt {
	struct uprobe_request request;
	struct lade_binary *binary;
	struct usdt_locations locations;
	struct uprobe_place *places; /* one a location */
	bool has_cookies;
};

static void usdt_clear(struct usdt *usdt)
{
	lade_uprobe_request_clear(&usdt->request);
	(void)lade_binary_free(usdt->binary);
	lade_usdt_locations_clear(&usdt->locations);
	free(usdt->places);
}

/* ---- arguments ---- */

static int fail_arguments(struct attach_call *call, const struct usdt *usdt, const struct usdt_location *location,
			  int result)
{
	if (result == -ENOMEM)
		return lade_fail_memory(call->error);
	struct lade_finding *finding = lade_error_add(call->error, -result, "attach.usdt.arguments",
						      "%s: the arguments of %s:%s at offset %#llx are not "
						      "understood: \"%s\"",
						      usdt->request.path, usdt->request.provider, usdt->request.probe,
						      (unsigned long long)location->offset, location->arguments);
	finding_program(finding, call->program->name);
	if (result == -EOPNOTSUPP)
		finding_cause(finding, "the file is for machine %u, whose arguments Lade does not read",
			      usdt->binary->machine);
	return result;
}

static void note_unreadable(struct attach_call *call, const struct usdt *usdt, const struct usdt_arguments *arguments)
{
	for (size_t i = 0; call->program->notes && i < arguments->count; i++)
		if (arguments->items[i].kind == USDT_UNREADABLE)
			(void)lade_note_add(call->program->notes, "attach.usdt.unreadable",
					    "%s: argument %zu of %s:%s (%s) cannot be had: bpf_usdt_arg() answers "
					    "-EINVAL for it",
					    call->program->name, i, usdt->request.provider, usdt->request.probe,
					    arguments->items[i].text);
}

static int specify(struct attach_call *call, const struct usdt *usdt, const struct usdt_location *location,
		   uint32_t *ret_number)
{
	struct usdt_arguments arguments = { 0 };
	int result = lade_usdt_arguments(usdt->binary, location->address, location->arguments, &arguments);

	if (result < 0)
		return fail_arguments(call, usdt, location, result);
	result = lade_usdt_specification(call, &arguments, usdt->request.cookie, ret_number);
	if (result == 0)
		note_unreadable(call, usdt, &arguments);
	lade_usdt_arguments_clear(&arguments);
	return result;
}

/* ---- addresses, where there are no cookies ---- */

static int fail_no_process(struct attach_call *call, const struct usdt *usdt, const char *why)
{
	struct lade_finding *finding = lade_error_add(call->error, EOPNOTSUPP, "attach.usdt.needs-process",
						      "attaching %s (section %s) to %s: %s", call->program->name,
						      call->program->section, usdt->request.text, why);
	finding_program(finding, call->program->name);
	return -EOPNOTSUPP;
}

/* Where the process has this offset of the file, executable. */
static bool find_mapping(pid_t pid, const struct stat *status, uint64_t offset, uint64_t *ret_address)
{
	char path[64], line[4352];
	bool found = false;

	(void)snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	FILE *maps = fopen(path, "re");
	while (maps && !found && fgets(line, sizeof line, maps)) {
		unsigned long long start, end, from, inode;
		unsigned major, minor;
		char rights[8];
		if (sscanf(line, "%llx-%llx %7s %llx %x:%x %llu", &start, &end, rights, &from, &major, &minor,
			   &inode) != 7)
			continue;
		if (rights[2] != 'x' || inode != status->st_ino || makedev(major, minor) != status->st_dev ||
		    offset < from || offset - from >= end - start)
			continue;
		*ret_address = start + (offset - from);
		found = true;
	}
	if (maps)
		(void)fclose(maps);
	return found;
}

static int find_address(struct attach_call *call, const struct usdt *usdt, const struct usdt_location *location,
			uint64_t *ret_address)
{
	struct stat status;

	if (usdt->binary->type == ET_EXEC) {
		*ret_address = location->address;
		return 0;
	}
	if (!usdt->request.pid)
		return fail_no_process(call, usdt,
				       "without cookies (before 5.15) the kernel does not tell the program "
				       "which place of the probe was hit");
	if (stat(usdt->request.path, &status) < 0 ||
	    !find_mapping(usdt->request.pid, &status, location->offset, ret_address))
		return fail_no_process(call, usdt, "the process has not loaded the file");
	return 0;
}

/* ---- */

static int prepare_place(struct attach_call *call, const struct usdt *usdt, const struct usdt_location *location,
			 struct uprobe_place *ret_place)
{
	uint64_t address = 0;
	uint32_t number;
	int result = usdt->has_cookies ? 0 : find_address(call, usdt, location, &address);

	if (result == 0)
		result = specify(call, usdt, location, &number);
	if (result == 0 && !usdt->has_cookies)
		result = lade_usdt_write_address(call, address, number);
	if (result == 0)
		*ret_place =
			(struct uprobe_place){ location->offset, location->semaphore, usdt->has_cookies ? number : 0 };
	return result;
}

static int prepare_places(struct attach_call *call, struct usdt *usdt)
{
	int result = 0;

	usdt->places = calloc(usdt->locations.count, sizeof *usdt->places);
	if (!usdt->places)
		return lade_fail_memory(call->error);
	for (size_t i = 0; i < usdt->locations.count && result == 0; i++)
		result = prepare_place(call, usdt, &usdt->locations.items[i], &usdt->places[i]);
	return result;
}

/* The object asked the same when it was loaded (LINUX_HAS_BPF_COOKIE), so that its code goes the same way. */
static int ask_for_cookies(struct attach_call *call, struct usdt *usdt)
{
	int result = lade_kernel_has_attach_cookie(call->kernel);

	usdt->has_cookies = result > 0;
	return result < 0 ? lade_attach_refused(call, OPERATION_LINK_CREATE, usdt->request.text, result) : 0;
}

int lade_attach_usdt(struct attach_call *call)
{
	CLEANUP(usdt_clear) struct usdt usdt = { 0 };
	int result = lade_uprobe_request(call, true, &usdt.request);

	if (result == 0)
		result = lade_binary_open(usdt.request.path, &usdt.binary, call->error);
	if (result == 0)
		result = lade_usdt_find(usdt.binary, usdt.request.provider, usdt.request.probe, &usdt.locations,
					call->error);
	if (result == 0)
		result = ask_for_cookies(call, &usdt);
	if (result == 0)
		result = prepare_places(call, &usdt);
	if (result < 0)
		return lade_error_context(call->error, result, "attaching %s", call->program->name);
	return lade_uprobe_attach_all(call, &usdt.request, usdt.places, usdt.locations.count);
}
