/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the input as .BTF, followed by .BTF.ext where the first two bytes say how long the .BTF is. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "btf/btf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static volatile uint64_t sum;

static void use_elements(const struct lade_btf *btf, const struct btf_type *type)
{
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		if (lade_btf_members(type))
			sum += strlen(lade_btf_type_name(btf, lade_btf_members(type)[i].type)) +
			       lade_btf_member_bit_offset(type, i) + lade_btf_member_bit_size(type, i);
		if (lade_btf_params(type))
			sum += strlen(lade_btf_string(btf, lade_btf_params(type)[i].name_off));
		if (lade_btf_enums(type))
			sum += strlen(lade_btf_string(btf, lade_btf_enums(type)[i].name_off));
		if (lade_btf_enums64(type))
			sum += lade_btf_enums64(type)[i].val_hi32;
		if (lade_btf_secinfos(type) && !lade_btf_type(btf, lade_btf_secinfos(type)[i].type))
			__builtin_trap();
	}
}

static void use_type(const struct lade_btf *btf, uint32_t id)
{
	struct strbuf text = { 0 };
	if (lade_btf_skip_modifiers(btf, id) >= lade_btf_count(btf) || lade_btf_size(btf, id) > UINT32_MAX)
		__builtin_trap();
	lade_btf_spell(btf, id, &text);
	if (!text.length)
		__builtin_trap();
	lade_strbuf_clear(&text);
	use_elements(btf, lade_btf_type(btf, id));
}

/* What was given out must be accepted again, and be the same: it goes to the kernel and to libbpf. */
static void check_bytes(const struct lade_btf *btf)
{
	size_t size, again_size;
	const void *given = lade_btf_bytes(btf, &size);
	CLEANUP(cleanup_lade_btf) struct lade_btf *again = NULL;
	for (uint32_t id = 1; id < lade_btf_count(btf); id++)
		if (!lade_btf_kind_name(lade_btf_kind(lade_btf_type(btf, id))))
			return; /* explained only by the layout section, which is left out */
	if (lade_btf_parse(given, size, "again", &again, NULL) < 0)
		__builtin_trap();
	const void *twice = lade_btf_bytes(again, &again_size);
	if (again_size != size || memcmp(given, twice, size) != 0)
		__builtin_trap();
}

static void use_ext(const struct lade_btf *btf, const uint8_t *bytes, size_t size)
{
	CLEANUP(cleanup_btf_ext) struct btf_ext *ext = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	if (lade_btf_ext_parse(btf, bytes, size, "fuzz.o", &ext, &error) < 0)
		return;
	array_foreach(section, ext) {
		for (size_t i = 0; i < section->func_count; i++)
			if (!lade_btf_type(btf, section->funcs[i].type_id))
				__builtin_trap();
		for (size_t i = 0; i < section->line_count; i++)
			sum += strlen(lade_btf_string(btf, section->lines[i].line_offset));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	CLEANUP(cleanup_lade_btf) struct lade_btf *btf = NULL;
	CLEANUP(cleanup_lade_error) struct lade_error *error = NULL;
	if (size < 2)
		return 0;
	size_t length = bytes[0] | (size_t)bytes[1] << 8;
	bytes += 2;
	size -= 2;
	if (length > size)
		length = size;
	if (lade_btf_parse(bytes, length, "fuzz.o", &btf, &error) < 0) {
		if (lade_error_finding_count(error) != 1)
			__builtin_trap();
		return 0;
	}
	for (uint32_t id = 1; id < lade_btf_count(btf); id++)
		use_type(btf, id);
	check_bytes(btf);
	use_ext(btf, bytes + length, size - length);
	return 0;
}
