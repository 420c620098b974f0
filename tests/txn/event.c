/* SPDX-License-Identifier: BSD-2-Clause */
/* Tracing events as effects: what is undone is what the journal proves to be Lade's. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "harness/live.h"
#include "harness/loaded.h"
#include "kernel/fault.h"
#include "kernel/files.h"
#include "kernel/functions.h"
#include "txn/effect.h"

#define EVENTS LIVE_TRACEFS "/uprobe_events"

static bool is_live;

static int enter(void **state)
{
	(void)state;
	is_live = live_enter() && access(EVENTS, F_OK) == 0;
	if (!is_live)
		(void)fprintf(stderr, "# this kernel has no uprobe events\n");
	return 0;
}

/* Undoes an entry; how often the kernel was told to change something. */
static unsigned undo(const char *text, int result)
{
	const struct fault nothing = { .action = FAULT_NONE };
	struct kernel *live = NULL, *counting = NULL;
	struct journal journal = { 0 };
	struct journal_entry *entry = array_push(&journal);
	assert_non_null(entry);
	assert_int_equal(lade_journal_parse(text, entry), 0);
	assert_int_equal(lade_kernel_live(NULL, &live, NULL), 0);
	assert_int_equal(lade_kernel_fault(live, &nothing, &counting), 0);
	assert_int_equal(lade_effect_kind("event")->undo(counting, entry), result);
	unsigned count = lade_kernel_fault_count(counting);
	(void)lade_kernel_free(counting);
	lade_journal_clear(&journal);
	return count;
}

static int meet(void *data, const char *line)
{
	return strstr(line, data) != NULL;
}

static bool is_listed(char *event)
{
	return lade_lines_each(EVENTS, meet, event) == 1;
}

static void make(const char *event)
{
	char line[256];
	(void)snprintf(line, sizeof line, "p:%s /bin/sh:0x1000\n", event);
	assert_int_equal(lade_file_append(EVENTS, line), 0);
}

static void words_that_are_no_event_of_ours_reach_no_kernel(void **state)
{
	(void)state;
	static const char *const entries[] = {
		"event",
		"event control=uprobe_events",
		"event event=lade/x",
		"event control=..%2F..%2Fx event=lade/x",
		"event control=set_event event=lade/x",
		"event control=uprobe_events event=sched/x",
		"event control=uprobe_events event=lade/",
		"event control=uprobe_events event=lade/x%0A-:sched/y",
		"event control=uprobe_events event=lade/../x",
	};
	if (!is_live)
		skip();
	for (size_t i = 0; i < ELEMENTS(entries); i++)
		assert_int_equal(undo(entries[i], 0), 0);
}

static void event_that_is_gone_is_undone_already(void **state)
{
	(void)state;
	if (!is_live)
		skip();
	assert_int_equal(undo("event control=uprobe_events event=lade/nobody_made_this", 0), 0);
}

static void event_goes_and_those_of_others_stay(void **state)
{
	(void)state;
	char ours[64], longer[80], theirs[64], entry[160];
	if (!is_live)
		skip();
	(void)snprintf(ours, sizeof ours, "lade/test_%d", (int)getpid());
	(void)snprintf(longer, sizeof longer, "%s0", ours);
	(void)snprintf(theirs, sizeof theirs, "strangers/test_%d", (int)getpid());
	make(ours);
	make(longer);
	make(theirs);
	(void)snprintf(entry, sizeof entry, "event control=uprobe_events event=%s", ours);
	assert_int_equal(undo(entry, 0), 1);
	bool stay = is_listed(longer) && is_listed(theirs);
	(void)snprintf(entry, sizeof entry, "event control=uprobe_events event=%s", longer);
	assert_int_equal(undo(entry, 0), 1);
	assert_false(is_listed(ours));
	(void)snprintf(entry, sizeof entry, "-:%s\n", theirs);
	assert_int_equal(lade_file_append(EVENTS, entry), 0);
	assert_true(stay);
}

static void told(void *userdata, const struct lade_orphan_info *orphan)
{
	unsigned *count = userdata;
	*count += strstr(orphan->name, "lade/hunted_") != NULL;
}

/* Others look for leftovers, too, in tests beside this: what they took first is no failure, and not this one's work. */
static void leftover_that_another_took_first_is_no_failure(void **state)
{
	(void)state;
	const struct fault taken = { .action = FAULT_ERRNO, .nth = 1, .errnum = ENOENT, .repeat = 1000 };
	struct lade_context *context = new_context(NULL), *after = new_context(NULL);
	char event[64];
	unsigned count = 0;
	if (!is_live)
		skip();
	(void)snprintf(event, sizeof event, "lade/hunted_%016llx", (unsigned long long)getpid());
	struct kernel *kernel = use_faulty(context, &taken);
	make(event);
	assert_int_equal(lade_state_orphans(context, true, told, &count, NULL), 0);
	assert_true(count == 0 && (lade_kernel_fault_count(kernel) || !is_listed(event)));
	assert_int_equal(lade_state_orphans(after, true, told, &count, NULL), 0);
	assert_false(is_listed(event));
	(void)lade_context_free(context);
	(void)lade_context_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_that_are_no_event_of_ours_reach_no_kernel),
		cmocka_unit_test(event_that_is_gone_is_undone_already),
		cmocka_unit_test(event_goes_and_those_of_others_stay),
		cmocka_unit_test(leftover_that_another_took_first_is_no_failure),
	};
	return cmocka_run_group_tests(tests, enter, NULL);
}
