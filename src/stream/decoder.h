/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records as text and JSON. A struct or union is compiled once from BTF into a flat list of fields, and
 * every record is printed from that list without looking at BTF again.
 *
 *     struct lade_decoder *decoder;
 *     lade_decoder_compile(btf, id, &decoder);
 *     lade_decoder_text(decoder, bytes, length, &buffer);   pid=1 comm="sh" state=RUNNING
 *     lade_decoder_json(decoder, bytes, length, &buffer);   {"pid":1,"comm":"sh","state":"RUNNING"}
 *
 * Type names that say more than their size: in_addr, in_addr_t and a __be32 whose member is called an address print as
 * 127.0.0.1, in6_addr as ::1, other __be16, __be32 and __be64 as the number they are; ktime_t and typedefs that end in
 * _ns as seconds in text (12.000000345s), as nanoseconds in JSON.
 *
 * Neither trusts the record: what lies beyond its end is shown as "?" or null.
 */
#ifndef LADE_STREAM_DECODER_H
#define LADE_STREAM_DECODER_H

#include "base/strbuf.h"
#include "btf/btf.h"

struct lade_decoder;

/* type: id of a struct, union, or a typedef of one. -EINVAL for other kinds, -E2BIG for one with
 * too many members, -ENOMEM. Keeps nothing of btf. */
int lade_decoder_compile(const struct lade_btf *btf, uint32_t type, struct lade_decoder **ret_decoder);
/* The same for a type of any kind that has a size: 42, "text", [1,2]. Also a BTF_KIND_DATASEC: its variables. */
int lade_decoder_compile_value(const struct lade_btf *btf, uint32_t type, struct lade_decoder **ret_decoder);
struct lade_decoder *lade_decoder_free(struct lade_decoder *decoder);

/* Does the path "a", "b.c" or "list[2].d" lead to a field? */
bool lade_decoder_has(const struct lade_decoder *decoder, const char *path);
/* From now on prints these fields only, in this order, each under its path; what is no field is "?" or null. */
int lade_decoder_select(struct lade_decoder *decoder, const char *const *paths, size_t count);

/* "event": of the struct, or of the typedef of a nameless one. */
const char *lade_decoder_name(const struct lade_decoder *decoder);
uint64_t lade_decoder_size(const struct lade_decoder *decoder);

void lade_decoder_text(const struct lade_decoder *decoder, const void *bytes, size_t length, struct strbuf *into);
void lade_decoder_json(const struct lade_decoder *decoder, const void *bytes, size_t length, struct strbuf *into);

/* The same for a record of unknown type: hex:00ff… and {"hex":"00ff…"}. */
void lade_hex_text(const void *bytes, size_t length, struct strbuf *into);
void lade_hex_json(const void *bytes, size_t length, struct strbuf *into);

DEFINE_CLEANUP(struct lade_decoder, lade_decoder, lade_decoder_free)

#endif
