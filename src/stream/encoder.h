/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from text and JSON: what decoder.h prints is read back, and what people write instead (base/notation.h).
 *
 *     {"pid":1,"comm":"sh"}   pid=1 comm=sh   inner.x=3   42   0x2a   "text"   hex:00 01   RUNNING   true
 *
 * Fields that are not named become zero, as in a C initialiser. Every finding names the field.
 */
#ifndef LADE_STREAM_ENCODER_H
#define LADE_STREAM_ENCODER_H

#include "base/notation.h"
#include "stream/decoder.h"

/*
 * decoder NULL: the type is not known; then an integer of 1, 2, 4 or 8 bytes, or hex:. what: "key", "value", for
 * messages. Findings: encode.syntax, encode.field, encode.form, encode.range.
 */
int lade_encode(const struct lade_decoder *decoder, const char *text, size_t text_length, void *bytes, size_t length,
		const char *what, struct lade_error **error);
/* Of `length` bytes, from "00 01 ff" (white space may stand between pairs): -EINVAL, -EMSGSIZE. */
int lade_hex_read(const char *text, size_t text_length, uint8_t *bytes, size_t length);

#endif
