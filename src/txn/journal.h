/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The journal: symbolic links journal/NNNN in an instance's directory. The text of each is
 * "kind key=value key=value …" with every byte outside [A-Za-z0-9_./:+-] written as %XX.
 *
 *     object   name file lade [base]        always 0000; base: final directory of one built elsewhere
 *     name     kind pin name [detail]       a pin whose full name differs, or a link's target
 *     pin      path map-id name             a shared pin this instance made
 *     use      path map-id name             a shared pin this instance found and uses
 *     pin      path prog-id name            the same of a program; likewise use
 *     pin …    place=yes first=             at a place of its own (outside.c); first: where it may still be
 *     dir      path                         a directory outside that this instance made
 *     program  name section type expected dialect target  what attaching a program later takes
 *     data     map layout                    the variables of a data map
 *     aside    path base                     where replacing without RENAME_EXCHANGE puts the old instance for a moment
 *     repin …  path keep root old-id new-id kind  a pin outside that is replaced (effect_repin.c)
 *     table …  program method target …       effects (effect.h), by their kinds
 *     cgroup, sockmap, dissector, lirc      effects: a program that BPF_PROG_ATTACH put there (effect_hook.c)
 *     socket   … pid fd cookie option       an effect: a program on a socket of some process
 *     filter   program method target …       an effect: a program on a hook of clsact (effect_filter.c)
 *     qdisc    program method target …       an effect: a clsact (effect_qdisc.c)
 *     xdp      program method target …       an effect: an XDP program without a link (effect_xdp.c)
 *     route    program method target …       an effect: a route with a program (effect_route.c)
 *     entry    program method target …       an effect: an XDP program in a map's entry (effect_entry.c)
 *     event    program method target control event  an effect: a probe that is an event of tracefs
 */
#ifndef LADE_TXN_JOURNAL_H
#define LADE_TXN_JOURNAL_H

#include "base/array.h"
#include "base/error.h"
#include "kernel/kernel.h"

#define JOURNAL_TEXT_BYTES 3000 /* measured: what bpffs stores in a symbolic link on 5.10, 6.1 and 6.12 */

struct journal_field {
	char *key, *value;
};

struct journal_entry {
	unsigned number;
	char *kind;
	ARRAY_OF(struct journal_field) fields;
};

struct journal {
	struct journal_entry *items; /* by number */
	size_t count, capacity;
};

/* Formats an entry; pairs: key, value, …, NULL. NULL without memory. */
char *lade_journal_format(const char *kind, const char *const *pairs);
int lade_journal_parse(const char *text, struct journal_entry *ret_entry); /* -EBADMSG: not Lade's words */
/* Reads <directory>/journal; entries that do not parse are left out. */
int lade_journal_read(const char *directory, struct journal *ret_journal);
/* Writes a new entry, with the next free number. */
int lade_journal_write(struct kernel *kernel, const char *directory, const char *kind, const char *const *pairs);
/* The same with a number that the caller knows to be free; -EEXIST when it is not. */
int lade_journal_write_at(struct kernel *kernel, const char *directory, unsigned number, const char *kind,
			  const char *const *pairs);
const char *lade_journal_value(const struct journal_entry *entry, const char *key); /* NULL: none */
void lade_journal_clear(struct journal *journal);

static inline void cleanup_journal(struct journal *journal)
{
	lade_journal_clear(journal);
}

#endif
