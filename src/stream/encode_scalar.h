/* SPDX-License-Identifier: BSD-2-Clause */
/* What encode.c and encode_scalar.c share. */
#ifndef LADE_STREAM_ENCODE_SCALAR_H
#define LADE_STREAM_ENCODE_SCALAR_H

#include "stream/encoder.h"
#include "stream/fields.h"

struct encoder {
	const struct lade_decoder *decoder; /* NULL: the length decides */
	struct notation reader;
	struct strbuf word, path;
	bool is_quoted; /* word */
	uint8_t *bytes;
	size_t length;
	const char *what;
	struct lade_error **error;
	struct lade_finding *finding; /* the last one; NULL: none, or without memory */
};

/* A finding about the field at `path`; returns -errnum. wanted: static, what would do. */
int lade_encode_refuse(struct encoder *encoder, int errnum, const char *code, const char *wanted);
/* The word that was read becomes the field's bytes, which lie in the record. */
int lade_encode_scalar(struct encoder *encoder, const struct field *field, uint8_t *place);

#endif
