/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "r1 = r9", "r1 &= 255" where R9 is an address to which nothing was added: the program looks at a byte of the address
 * itself, and not of what lies there. The source has &pointer, or a copy of it, where the pointer is meant.
 */
#include "explain/verifier/own_bytes.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/search.h"
#include "explain/verifier/values.h"

/* "r1 &= 255": how many bytes are kept; 0: it is no such mask. */
static unsigned bytes_of(const struct span *refused, int reg)
{
	char text[32];
	int left;
	unsigned long mask;

	(void)snprintf(text, sizeof text, "%.*s", (int)refused->length, refused->text);
	if (sscanf(text, "r%1d &= %li", &left, (long *)&mask) != 2 || left != reg)
		return 0;
	return mask == 0xff ? 1 : mask == 0xffff ? 2 : 0;
}

/* "(char *) &path, 10)": the name behind the operator; length 0: the line has none, or several. */
static struct span taken_address(const struct span *source)
{
	const char *end = source->text + source->length;
	struct span found = { "", 0 };

	for (const char *at = source->text; at + 2 < end; at++) {
		const char *name = at + 1;
		if (*at != '&' || (at > source->text && (at[-1] == '&' || lade_is_of_name(at[-1]))))
			continue;
		while (name < end && lade_is_of_name(*name))
			name++;
		if (name == at + 1)
			continue;
		if (found.length)
			return (struct span){ "", 0 };
		found = (struct span){ at + 1, (size_t)(name - at - 1) };
	}
	return found;
}

void lade_verifier_own_bytes(const struct verifier_way *way, const struct verifier_verdict *verdict,
			     struct lade_finding *finding)
{
	static const char words[] = "bitwise operator &= on pointer";
	const unsigned bytes = bytes_of(&way->refused, way->reg);
	struct span value, name;

	if (!bytes || way->has_gap || !lade_search(verdict->line, verdict->length, words, strlen(words)))
		return;
	for (size_t i = 0; i < way->count; i++)
		if (strcmp(way->steps[i].why, "changed") == 0)
			return; /* the mask was meant for what was added */
	value = lade_verifier_way_value(way, verdict);
	if (value.length && !lade_verifier_is_pointer(&value))
		return;
	name = taken_address(way->count ? &way->steps[0].source : &(struct span){ "", 0 });
	finding_cause(
		finding,
		"the program looks at the lowest %s of the address itself, to which nothing was added, and not at "
		"what lies there: the source takes the pointer's own bytes for data%s%.*s%s",
		bytes == 1 ? "byte" : "two bytes",
		name.length ? " (&" : " (as by (char *)&pointer, or a cast to a small number", (int)name.length,
		name.text, name.length ? " is the address of the pointer)" : ")");
	if (name.length)
		finding_fix(finding,
			    "%.*s in place of &%.*s, where %.*s is a pointer already (or its member that is meant)",
			    (int)name.length, name.text, (int)name.length, name.text, (int)name.length, name.text);
	else
		finding_fix(finding,
			    "pass the pointer itself and not its address (p, or (char *)p->member, in place of "
			    "(char *)&p), and cast no pointer to u8 or u16");
	finding_confidence(finding, LADE_LIKELY);
}
