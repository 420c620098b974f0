/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Would an object load on a kernel that is not here? Facts against needs: no kernel is asked, no privilege needed. The
 * verifier's judgement is not predicted; what can be known of it is said.
 */
#ifndef LADE_CHECK_H
#define LADE_CHECK_H

#include <lade/instance.h>
#include <lade/target.h>

LADE_BEGIN_DECLS

struct lade_check;

enum lade_check_answer {
	LADE_CHECK_LOADS,      /* nothing that is known stands against it (the verifier apart) */
	LADE_CHECK_CANNOT_SAY, /* something that decides is not known of the target: a finding says what would settle it */
	LADE_CHECK_DOES_NOT,
};
/* "loads", "cannot say", "does not load" */
LADE_API const char *lade_check_answer_name(enum lade_check_answer answer);

struct lade_check_opts {
	size_t size;
	bool attach;                       /* what attaching needs counts, too */
	const struct lade_load_opts *load; /* as the load would be made; NULL: defaults */
};

/*
 * The object as it is now: what was edited or left out counts. The result borrows nothing. -ENOMEM, or what lade_plan()
 * fails with where no kernel is to blame (a bad object).
 */
LADE_API int lade_check_object(struct lade_object *object, struct lade_target *target, const struct lade_check_opts *opts,
			       struct lade_check **ret_check, struct lade_error **error);
LADE_API struct lade_check *lade_check_free(struct lade_check *check);

LADE_API enum lade_check_answer lade_check_answer(const struct lade_check *check);
/* Does the answer rest on tables of mainline releases only? */
LADE_API bool lade_check_by_table(const struct lade_check *check);

/* Errors (why it does not load), then what cannot be said (confidence likely or uncertain), then notes (what Lade would
 * adjust, what to know of the verifier). Borrowed. NULL past the end. */
LADE_API size_t lade_check_finding_count(const struct lade_check *check);
LADE_API const struct lade_finding *lade_check_finding(const struct lade_check *check, size_t index);

LADE_END_DECLS
#endif
