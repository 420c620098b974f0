/* SPDX-License-Identifier: BSD-2-Clause */
#include "harness/hooks.h"

#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/bpf.h"
#include "kernel/context.h"

bool hooks_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = ioctl(fd, SIOCSIFFLAGS, &request);
	(void)close(fd);
	return result == 0;
}

bool hooks_network(void)
{
	return unshare(CLONE_NEWNET) == 0 && hooks_loopback_up();
}

/* ---- setup ---- */

static bool is_live;
struct test_cgroup hooks_cgroup;

int hooks_enter(void **state)
{
	(void)state;
	is_live = live_enter() && hooks_network();
	return 0;
}

int hooks_enter_cgroup(void **state)
{
	(void)hooks_enter(state);
	is_live = is_live && cgroup_make(&hooks_cgroup);
	return 0;
}

int hooks_leave_cgroup(void **state)
{
	(void)state;
	if (is_live)
		cgroup_remove(&hooks_cgroup);
	return 0;
}

void hooks_skip_unless_live(void)
{
	if (!is_live)
		skip();
}

/* ---- programs ---- */

struct loaded hooks_load(const char *program, const char *name)
{
	return hooks_load_of("hook_sockets.bpf.o", program, name);
}

struct loaded hooks_load_of(const char *file, const char *program, const char *name)
{
	struct loaded loaded = loaded_open(NULL, file);
	(void)load_only(loaded.object, program);
	loaded_load(&loaded, name);
	return loaded;
}

struct loaded hooks_load_cgroup(const char *program)
{
	hooks_skip_unless_live();
	return hooks_load_of("hook_cgroup.bpf.o", program, NULL);
}

const char *hooks_cgroup_target(const struct test_cgroup *where, const char *word)
{
	static char text[128];
	(void)snprintf(text, sizeof text, "cgroup:%s%s%s", where->name, word ? "," : "", word ? word : "");
	return text;
}

void hooks_attach(struct loaded *loaded, const char *program, const char *target)
{
	struct lade_error *error = NULL;
	if (lade_instance_attach(loaded->instance, program, target, &error) < 0)
		fail_msg("%s", lade_error_message(error));
}

void hooks_refuse(const struct loaded *loaded, const char *program, const char *target, const char *code,
		  const char *evidence)
{
	struct lade_error *error = NULL;
	assert_true(lade_instance_attach(loaded->instance, program, target, &error) < 0);
	struct lade_finding_info info = finding_of(error);
	bool has_evidence = !evidence;
	if (strcmp(info.code, code) != 0)
		fail_msg("%s instead of %s: %s", info.code, code, lade_error_message(error));
	assert_non_null(info.cause);
	assert_non_null(info.fix);
	for (size_t i = 0; i < info.evidence_count; i++)
		has_evidence = has_evidence || strstr(info.evidence[i], evidence);
	if (!has_evidence)
		fail_msg("%s: no evidence \"%s\"", lade_error_message(error), evidence);
	lade_error_free(error);
}

struct lade_link_info hooks_only_link(const struct loaded *loaded)
{
	struct lade_link_info link = { .size = sizeof link };
	assert_int_equal(lade_instance_link_count(loaded->instance), 1);
	assert_int_equal(lade_instance_link(loaded->instance, 0, &link), 0);
	return link;
}

void hooks_put_socket(const struct loaded *loaded, const char *map, uint32_t key, int fd)
{
	uint64_t value = (uint64_t)fd;
	assert_int_equal(lade_bpf_map_update(loaded->context->kernel, lade_instance_map_fd(loaded->instance, map), &key,
					     &value, 0),
			 0);
}

void hooks_attach_and_die(const char *program, const char *target, unsigned absent_forms)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct loaded loaded = hooks_load(program, "held");
		lade_kernel_form_set_absent(loaded.context->kernel, (enum kernel_form)absent_forms);
		hooks_attach(&loaded, program, target);
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

void hooks_unload_held(void)
{
	struct lade_context *context = new_context(NULL);
	struct lade_error *error = NULL;
	if (lade_state_unload(context, "held", &error) < 0)
		fail_msg("%s", lade_error_message(error));
	lade_context_free(context);
}
