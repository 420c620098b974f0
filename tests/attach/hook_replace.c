/* SPDX-License-Identifier: BSD-2-Clause */
/* What was attached the older way is looked at and replaced through its journal entry alone. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/cgroups.h"
#include "harness/hooks.h"
#include "kernel/context.h"
#include "txn/effect.h"
#include "txn/journal.h"

#define ALL_LINKS (FORM_CGROUP_LINK | FORM_NETNS_LINK | FORM_SOCKMAP_LINK)

static const char held[] = LIVE_BPFFS "/lade/held";

static const struct journal_entry *find_entry(const struct journal *journal, const char *kind)
{
	array_foreach(entry, journal)
		if (strcmp(entry->kind, kind) == 0)
			return entry;
	fail_msg("no entry of kind %s", kind);
	return NULL;
}

/* The entry as it is journalled after the program was replaced. */
static void set_program(const struct journal_entry *entry, uint32_t id)
{
	array_foreach(field, &entry->fields) {
		if (strcmp(field->key, "prog-id") != 0)
			continue;
		free(field->value);
		assert_true(asprintf(&field->value, "%u", id) > 0);
	}
}

/* The first program is replaced by the second and comes back. */
static void check_replacing(const char *file, const char *program, const char *kind, const char *target, bool is_known)
{
	struct loaded first = hooks_load_of(file, program, "held"), second = hooks_load_of(file, program, NULL);
	struct kernel *kernel = first.context->kernel;
	struct journal journal = { 0 };
	const struct effect_kind *effect = lade_effect_kind(kind);
	int fds[] = { lade_instance_program_fd(first.instance, program),
		      lade_instance_program_fd(second.instance, program) };
	uint32_t ids[] = { program_info(fds[0]).id, program_info(fds[1]).id };

	lade_kernel_form_set_absent(kernel, (enum kernel_form)ALL_LINKS);
	hooks_attach(&first, program, target);
	assert_int_equal(lade_journal_read(held, &journal), 0);
	const struct journal_entry *entry = find_entry(&journal, kind);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(effect->check(kernel, entry), 1);
		assert_int_equal(effect->replace(kernel, entry, fds[!(i & 1)]), 0);
		if (is_known) { /* who is there */
			assert_int_equal(effect->check(kernel, entry), 0);
			assert_int_equal(effect->replace(kernel, entry, fds[!(i & 1)]), -ESTALE);
		}
		set_program(entry, ids[!(i & 1)]);
	}
	lade_journal_clear(&journal);
	loaded_leave(&second);
	loaded_unload(&first);
	assert_leaves_nothing(&first);
}

static void program_of_a_cgroup_is_replaced_in_one_step(void **state)
{
	(void)state;
	char target[80];
	hooks_skip_unless_live();
	(void)snprintf(target, sizeof target, "cgroup:%s", hooks_cgroup.name);
	check_replacing("hook_cgroup.bpf.o", "connect4", "cgroup", target, true);
}

static void flow_dissector_is_replaced_in_one_step(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	check_replacing("hook_sockets.bpf.o", "dissect", "dissector", "netns:self", true);
}

/* Kernels before 5.17 do not say who is there. */
static void program_of_a_sockmap_is_replaced_in_one_step(void **state)
{
	(void)state;
	hooks_skip_unless_live();
	struct loaded owner = hooks_load_of("hook_sockets.bpf.o", "message", NULL),
		      probe = hooks_load_of("hook_sockets.bpf.o", "message", NULL);
	struct lade_error *error = NULL;
	char target[32];
	(void)snprintf(target, sizeof target, "map:%u", map_info(lade_instance_map_fd(owner.instance, "sockets")).id);
	hooks_attach(&owner, "message", target);
	bool is_known = lade_instance_attach(probe.instance, "message", target, &error) == -EBUSY;
	lade_error_free(error);
	loaded_leave(&probe);
	loaded_unload(&owner);
	loaded_load(&owner, NULL);
	(void)snprintf(target, sizeof target, "map:%u", map_info(lade_instance_map_fd(owner.instance, "sockets")).id);
	if (is_known)
		check_replacing("hook_sockets.bpf.o", "message", "sockmap", target, true);
	loaded_leave(&owner);
	if (!is_known)
		skip();
}

static void filter_of_a_socket_is_replaced_in_one_step(void **state)
{
	(void)state;
	char target[48];
	hooks_skip_unless_live();
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)snprintf(target, sizeof target, "socket:%d/%d", (int)getpid(), fd);
	check_replacing("hook_sockets.bpf.o", "nothing", "socket", target, false);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_of_a_cgroup_is_replaced_in_one_step),
		cmocka_unit_test(flow_dissector_is_replaced_in_one_step),
		cmocka_unit_test(program_of_a_sockmap_is_replaced_in_one_step),
		cmocka_unit_test(filter_of_a_socket_is_replaced_in_one_step),
	};
	return cmocka_run_group_tests(tests, hooks_enter_cgroup, hooks_leave_cgroup);
}
