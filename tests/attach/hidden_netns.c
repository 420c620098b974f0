/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in a network namespace that the one who unloads cannot see: it is not taken for gone. */
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/net_device.h"
#include "harness/packets.h"
#include "kernel/netns.h"
#include "kernel/xdp.h"

enum { IS_HIDDEN = 0, IS_LOST, IS_OTHER, CANNOT_HIDE };

/* ---- the one who cannot see ---- */

/* Without it, processes that have more privilege cannot be looked at. */
static bool drop_privilege(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	if (syscall(SYS_capget, &header, data) < 0)
		return false;
	data[0].effective &= ~(1U << CAP_SYS_PTRACE);
	data[0].permitted &= ~(1U << CAP_SYS_PTRACE);
	return syscall(SYS_capset, &header, data) == 0;
}

static bool cover_processes(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

/* In a process of its own: its end is what came of it. */
static int unload_unseeing(bool (*hide)(void))
{
	struct lade_finding_info info = { .size = sizeof info };
	struct lade_context *context = NULL;
	struct lade_error *error = NULL;
	if (!hide() || lade_context_new(NULL, &context, NULL) < 0)
		return CANNOT_HIDE;
	if (lade_state_unload(context, "held", &error) == 0)
		return IS_LOST;
	(void)lade_finding_describe(lade_error_finding(error, 0), &info);
	(void)fprintf(stderr, "# %s\n", lade_error_message(error));
	return strcmp(info.code, "state.namespace") == 0 && lade_error_exit_code(error) == 5 ? IS_HIDDEN : IS_OTHER;
}

static void expect_kept(bool (*hide)(void))
{
	int status;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(unload_unseeing(hide));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), IS_HIDDEN);
}

/* ---- the one who is there ---- */

static pid_t start_holder(void)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			(void)pause();
	}
	return child;
}

static int ask_loopback(struct kernel *kernel, void *data)
{
	return lade_xdp_get(kernel, if_nametoindex("lo"), data);
}

static bool runs_there(const struct loaded *loaded, pid_t holder)
{
	struct xdp_state state = { 0 };
	char path[64];
	(void)snprintf(path, sizeof path, "/proc/%d/ns/net", (int)holder);
	assert_int_equal(lade_netns_do_at(kernel_of(loaded), path, ask_loopback, &state), 0);
	return state.program_ids[XDP_GENERIC];
}

static void effect_in_a_namespace_that_cannot_be_seen_is_kept(void **state)
{
	(void)state;
	static bool (*const ways[])(void) = { drop_privilege, cover_processes };
	for (size_t i = 0; i < ELEMENTS(ways); i++) {
		struct loaded loaded = load_device_programs("held", "drops_early", NULL);
		lade_kernel_form_set_absent(kernel_of(&loaded), FORM_XDP_LINK);
		attach(&loaded, "drops_early", "dev:lo,mode=generic");
		loaded.instance = lade_instance_close(loaded.instance);
		pid_t holder = start_holder();
		assert_true(packets_enter());
		expect_kept(ways[i]);
		expect_kept(ways[i]);
		assert_true(runs_there(&loaded, holder));
		assert_int_equal(lade_state_unload(loaded.context, "held", NULL), 0);
		assert_false(runs_there(&loaded, holder));
		(void)kill(holder, SIGKILL);
		(void)waitpid(holder, NULL, 0);
		assert_leaves_nothing(&loaded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(effect_in_a_namespace_that_cannot_be_seen_is_kept, device_enter_network),
	};
	return cmocka_run_group_tests(tests, device_enter, NULL);
}
