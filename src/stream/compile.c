/* SPDX-License-Identifier: BSD-2-Clause */
/* From a BTF type to a flat list of fields. */
#include <errno.h>
#include <string.h>

#include "stream/fields.h"
#include "stream/quote.h"

#define MAX_STEPS 200000 /* members and enumerators: a type that nests itself over and over is refused */
#define MAX_DEPTH 24

struct compiler {
	const struct lade_btf *btf;
	struct lade_decoder *decoder;
	uint32_t steps;
};

static bool is_too_large(struct compiler *compiler, uint32_t steps)
{
	return __builtin_add_overflow(compiler->steps, steps, &compiler->steps) || compiler->steps > MAX_STEPS;
}

/* Where a type is placed. */
struct place {
	const char *name;      /* NULL: element of an array; "": nameless member */
	uint64_t bit_position; /* from the start of the enclosing group */
	uint32_t bit_size;     /* of a bitfield, else 0 */
	unsigned depth;
	bool is_last; /* nothing of the record lies behind it */
};

static int compile_type(struct compiler *compiler, uint32_t id, const struct place *place);

/* ---- one field ---- */

static char *quoted_name(const char *name, void (*quote)(const void *, size_t, struct strbuf *), const char *end)
{
	struct strbuf buffer = { 0 };
	quote(name, strlen(name), &buffer);
	lade_strbuf_add(&buffer, end);
	return lade_strbuf_take(&buffer);
}

int lade_field_set_name(struct field *field, const char *name)
{
	field->name = quoted_name(name, lade_escape_text, "");
	field->json_name = quoted_name(name, lade_quote_json, "");
	field->lead = quoted_name(name, lade_escape_text, "=");
	field->json_lead = quoted_name(name, lade_quote_json, ":");
	if (!field->name || !field->json_name || !field->lead || !field->json_lead)
		return -ENOMEM;
	field->lead_length = strlen(field->lead);
	field->json_lead_length = strlen(field->json_lead);
	return 0;
}

void lade_field_clear_name(struct field *field)
{
	free(field->name);
	free(field->json_name);
	free(field->lead);
	free(field->json_lead);
	field->name = field->json_name = field->lead = field->json_lead = NULL;
}

/* NULL without memory. The pointer lives until the next field is added. */
static struct field *add_field(struct compiler *compiler, enum field_kind kind, const struct place *place,
			       uint64_t size)
{
	struct field *field = array_push(&compiler->decoder->fields);
	if (!field)
		return NULL;
	*field = (struct field){ .kind = kind,
				 .offset = place->bit_position / 8,
				 .size = size,
				 .next = (uint32_t)compiler->decoder->fields.count };
	return !place->name || lade_field_set_name(field, place->name) == 0 ? field : NULL;
}

static int add_plain(struct compiler *compiler, enum field_kind kind, const struct place *place, uint64_t size)
{
	return add_field(compiler, kind, place, size) ? 0 : -ENOMEM;
}

/* A bitfield wider than 64 bits is not worth taking apart. */
static struct field *add_scalar(struct compiler *compiler, enum field_kind kind, const struct place *place,
				uint64_t size, uint32_t bit_size)
{
	if (bit_size > 64 || size > 8)
		return add_field(compiler, size == 16 && !bit_size ? FIELD_WIDE : FIELD_BYTES, place, size);
	struct field *field = add_field(compiler, kind, place, size);
	if (field) {
		field->bit_size = (uint8_t)bit_size;
		field->bit_offset = (uint8_t)(place->bit_position % 8);
	}
	return field;
}

/* ---- integers, enums, floats ---- */

static bool is_character(const struct lade_btf *btf, const struct btf_type *type)
{
	if (!type || lade_btf_kind(type) != BTF_KIND_INT || type->size != 1)
		return false;
	return lade_btf_int_encoding(type) & BTF_INT_CHAR || strcmp(lade_btf_string(btf, type->name_off), "char") == 0;
}

static enum field_kind int_kind(const struct lade_btf *btf, const struct btf_type *type)
{
	if (lade_btf_int_encoding(type) & BTF_INT_BOOL)
		return FIELD_BOOL;
	if (is_character(btf, type))
		return FIELD_CHARACTER;
	return lade_btf_int_encoding(type) & BTF_INT_SIGNED ? FIELD_SIGNED : FIELD_UNSIGNED;
}

/* Before member offsets carried sizes, a bitfield was an int type of fewer bits at an offset of its own. */
static int compile_int(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	uint32_t encoding, bits = lade_btf_int_bits(type);
	memcpy(&encoding, type + 1, sizeof encoding);
	struct place shifted = *place;
	uint32_t bit_size = place->bit_size;
	if (!bit_size && bits < type->size * 8) {
		shifted.bit_position += BTF_INT_OFFSET(encoding);
		bit_size = bits;
	}
	return add_scalar(compiler, int_kind(compiler->btf, type), &shifted, type->size, bit_size) ? 0 : -ENOMEM;
}

static int compare_enumerators(const void *one, const void *other)
{
	const struct enumerator *a = one, *b = other;
	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static uint64_t cut(uint64_t value, uint64_t size)
{
	return size < 8 ? value & ((1ULL << (size * 8)) - 1) : value;
}

static int add_enumerators(struct compiler *compiler, const struct btf_type *type, struct enumeration *names)
{
	const struct btf_enum *small = lade_btf_enums(type);
	const struct btf_enum64 *large = lade_btf_enums64(type);
	bool is_large = lade_btf_kind(type) == BTF_KIND_ENUM64;
	if (is_too_large(compiler, lade_btf_vlen(type)))
		return -E2BIG;
	for (uint32_t i = 0; i < lade_btf_vlen(type); i++) {
		struct enumerator *item = array_push(names);
		if (!item)
			return -ENOMEM;
		uint64_t value = is_large ? (uint64_t)large[i].val_hi32 << 32 | large[i].val_lo32
					  : (uint64_t)(int64_t)small[i].val;
		uint32_t name = is_large ? large[i].name_off : small[i].name_off;
		*item = (struct enumerator){ .value = cut(value, type->size),
					     .order = i,
					     .name = strdup(lade_btf_string(compiler->btf, name)) };
		if (!item->name)
			return -ENOMEM;
	}
	qsort(names->items, names->count, sizeof *names->items, compare_enumerators);
	return 0;
}

static int compile_enum(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	struct field *field = add_scalar(compiler, FIELD_ENUM, place, type->size, place->bit_size);
	struct enumeration *names = field ? array_push(&compiler->decoder->enumerations) : NULL;
	if (!names)
		return -ENOMEM;
	field->is_signed = lade_btf_kind_flag(type);
	field->enumeration = (uint32_t)(compiler->decoder->enumerations.count - 1);
	return lade_btf_vlen(type) ? add_enumerators(compiler, type, names) : 0;
}

/* ---- structs, unions, arrays ---- */

static bool is_group(const struct btf_type *type)
{
	return type && (lade_btf_kind(type) == BTF_KIND_STRUCT || lade_btf_kind(type) == BTF_KIND_UNION);
}

static const struct btf_type *resolve(struct compiler *compiler, uint32_t id)
{
	return lade_btf_type(compiler->btf, lade_btf_skip_modifiers(compiler->btf, id));
}

/* base: bits that a nameless struct, whose members count as the outer one's, lies from the group's start. */
static int compile_members(struct compiler *compiler, const struct btf_type *type, const struct place *group,
			   uint64_t base)
{
	const struct btf_member *members = lade_btf_members(type);
	uint32_t count = lade_btf_vlen(type);
	bool is_union = lade_btf_kind(type) == BTF_KIND_UNION;
	if (is_too_large(compiler, count))
		return -E2BIG;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = lade_btf_string(compiler->btf, members[i].name_off);
		struct place place = { .name = name,
				       .bit_position = base + lade_btf_member_bit_offset(type, i),
				       .bit_size = lade_btf_member_bit_size(type, i),
				       .depth = group->depth + 1,
				       .is_last = group->is_last && (is_union || i + 1 == count) };
		const struct btf_type *inner = resolve(compiler, members[i].type);
		int result = 0;
		if (*name)
			result = compile_type(compiler, members[i].type, &place);
		else if (is_group(inner) && place.depth < MAX_DEPTH)
			result = compile_members(compiler, inner, &place, place.bit_position);
		if (result < 0)
			return result;
	}
	return 0;
}

static int compile_group(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	size_t index = compiler->decoder->fields.count;
	if (!add_field(compiler, FIELD_GROUP, place, type->size))
		return -ENOMEM;
	int result = compile_members(compiler, type, place, 0);
	compiler->decoder->fields.items[index].next = (uint32_t)compiler->decoder->fields.count;
	return result;
}

static int compile_text(struct compiler *compiler, const struct place *place, uint32_t length)
{
	struct field *field = add_field(compiler, FIELD_TEXT, place, length);
	if (!field)
		return -ENOMEM;
	field->takes_rest = length == 0 && place->is_last;
	return 0;
}

static int compile_array(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	const struct btf_array *array = lade_btf_array(type);
	if (is_character(compiler->btf, resolve(compiler, array->type)))
		return compile_text(compiler, place, array->nelems);
	int64_t size = lade_btf_size(compiler->btf, array->type);
	size_t index = compiler->decoder->fields.count;
	struct field *field = add_field(compiler, FIELD_ARRAY, place, size > 0 ? (uint64_t)size : 0);
	if (!field)
		return -ENOMEM;
	field->count = array->nelems;
	field->takes_rest = array->nelems == 0 && place->is_last;
	struct place element = { .depth = place->depth + 1 };
	int result = compile_type(compiler, array->type, &element);
	compiler->decoder->fields.items[index].next = (uint32_t)compiler->decoder->fields.count;
	return result;
}

static int compile_pointer(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	(void)type;
	return add_plain(compiler, FIELD_POINTER, place, 8);
}

static int compile_float(struct compiler *compiler, const struct btf_type *type, const struct place *place)
{
	bool is_known = type->size == sizeof(float) || type->size == sizeof(double);
	return add_plain(compiler, is_known ? FIELD_FLOAT : FIELD_BYTES, place, type->size);
}

typedef int compile_fn(struct compiler *compiler, const struct btf_type *type, const struct place *place);

static compile_fn *const compilers[] = {
	[BTF_KIND_INT] = compile_int,      [BTF_KIND_PTR] = compile_pointer, [BTF_KIND_ARRAY] = compile_array,
	[BTF_KIND_STRUCT] = compile_group, [BTF_KIND_UNION] = compile_group, [BTF_KIND_ENUM] = compile_enum,
	[BTF_KIND_FLOAT] = compile_float,  [BTF_KIND_ENUM64] = compile_enum,
};

/* ---- what the name of the type says ---- */

static const struct {
	const char *type;
	enum field_kind kind;
	uint64_t size;
} meanings[] = {
	{ "in_addr", FIELD_IPV4, 4 }, { "in_addr_t", FIELD_IPV4, 4 }, { "in6_addr", FIELD_IPV6, 16 },
	{ "__be16", FIELD_BIG, 2 },   { "__be32", FIELD_BIG, 4 },     { "__be64", FIELD_BIG, 8 },
	{ "ktime_t", FIELD_TIME, 8 },
};

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	return length >= tail && strcmp(name + length - tail, end) == 0;
}

static bool find_meaning(const char *name, uint64_t size, enum field_kind *ret_kind)
{
	for (size_t i = 0; i < ELEMENTS(meanings); i++)
		if (meanings[i].size == size && strcmp(meanings[i].type, name) == 0) {
			*ret_kind = meanings[i].kind;
			return true;
		}
	if (size != 8 || !(ends_in(name, "_ns") || ends_in(name, "_ns_t")))
		return false;
	*ret_kind = FIELD_TIME;
	return true;
}

/* Every 32 bits from the network are __be32; whether they are an address only the member's name can say. */
static bool is_address(const char *member)
{
	return member && (strstr(member, "addr") || strcmp(member, "ip") == 0 || ends_in(member, "_ip") ||
			  ends_in(member, "ip4") || ends_in(member, "ipv4"));
}

/* Of the first name on the way from a typedef to what it stands for that means something. False: none does. */
static bool type_meaning(struct compiler *compiler, uint32_t id, const struct place *place, enum field_kind *ret_kind)
{
	int64_t size = place->bit_size ? -1 : lade_btf_size(compiler->btf, id);
	const struct btf_type *type = lade_btf_type(compiler->btf, id);
	for (unsigned step = 0; size > 0 && type && step < 32; step++) {
		if (find_meaning(lade_btf_type_name(compiler->btf, id), (uint64_t)size, ret_kind)) {
			if (*ret_kind == FIELD_BIG && size == 4 && is_address(place->name))
				*ret_kind = FIELD_IPV4;
			return true;
		}
		uint32_t kind = lade_btf_kind(type);
		bool goes_on = kind == BTF_KIND_TYPEDEF || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
			       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
		if (!goes_on)
			return false;
		id = type->type;
		type = lade_btf_type(compiler->btf, id);
	}
	return false;
}

static int compile_meaning(struct compiler *compiler, enum field_kind kind, const struct btf_type *type,
			   const struct place *place)
{
	struct field *field = add_field(compiler, kind, place, type->size);
	if (!field)
		return -ENOMEM;
	field->is_signed = lade_btf_kind(type) == BTF_KIND_INT && lade_btf_int_encoding(type) & BTF_INT_SIGNED;
	return 0;
}

static bool can_mean(const struct btf_type *type, enum field_kind kind)
{
	uint32_t is = type ? lade_btf_kind(type) : BTF_KIND_UNKN;
	return is == BTF_KIND_INT || (is == BTF_KIND_STRUCT && kind != FIELD_BIG) ||
	       (is == BTF_KIND_UNION && kind == FIELD_TIME); /* ktime_t before 4.10 */
}

static int compile_type(struct compiler *compiler, uint32_t id, const struct place *place)
{
	const struct btf_type *type = resolve(compiler, id);
	enum field_kind meaning;
	if (type_meaning(compiler, id, place, &meaning) && can_mean(type, meaning))
		return compile_meaning(compiler, meaning, type, place);
	uint32_t kind = type ? lade_btf_kind(type) : BTF_KIND_UNKN;
	compile_fn *compile = kind < ELEMENTS(compilers) ? compilers[kind] : NULL;
	/* A type that holds itself ends in plain bytes. */
	if (compile && place->depth < MAX_DEPTH)
		return compile(compiler, type, place);
	int64_t size = lade_btf_size(compiler->btf, id);
	return add_plain(compiler, FIELD_BYTES, place, size > 0 ? (uint64_t)size : 0);
}

/* ---- the whole ---- */

/* Name of the type itself, or of the first typedef on the way to it. */
static const char *type_name(const struct lade_btf *btf, uint32_t id)
{
	for (unsigned step = 0; step < 64; step++) {
		const struct btf_type *type = lade_btf_type(btf, id);
		const char *name = lade_btf_type_name(btf, id);
		if (!type || *name || is_group(type))
			return name;
		id = type->type;
	}
	return "";
}

int lade_decoder_compile(const struct lade_btf *btf, uint32_t id, struct lade_decoder **ret_decoder)
{
	struct compiler compiler = { .btf = btf };
	const struct btf_type *type = resolve(&compiler, id);
	if (!is_group(type))
		return -EINVAL;
	CLEANUP(cleanup_lade_decoder) struct lade_decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return -ENOMEM;
	compiler.decoder = decoder;
	decoder->size = type->size;
	decoder->name = strdup(type_name(btf, id));
	struct place whole = { .is_last = true };
	int result = decoder->name ? compile_members(&compiler, type, &whole, 0) : -ENOMEM;
	if (result == 0)
		*ret_decoder = TAKE(decoder);
	return result;
}

static int compile_variables(struct compiler *compiler, const struct btf_type *section)
{
	const struct btf_var_secinfo *places = lade_btf_secinfos(section);
	if (is_too_large(compiler, lade_btf_vlen(section)))
		return -E2BIG;
	for (uint32_t i = 0; i < lade_btf_vlen(section); i++) {
		const struct btf_type *variable = lade_btf_type(compiler->btf, places[i].type);
		if (!variable || lade_btf_kind(variable) != BTF_KIND_VAR)
			continue;
		const struct place place = { .name = lade_btf_string(compiler->btf, variable->name_off),
					     .bit_position = (uint64_t)places[i].offset * 8,
					     .depth = 1 };
		int result = compile_type(compiler, variable->type, &place);
		if (result < 0)
			return result;
	}
	return 0;
}

int lade_decoder_compile_value(const struct lade_btf *btf, uint32_t id, struct lade_decoder **ret_decoder)
{
	struct compiler compiler = { .btf = btf };
	const struct btf_type *type = resolve(&compiler, id);
	if (is_group(type))
		return lade_decoder_compile(btf, id, ret_decoder);
	bool is_section = type && lade_btf_kind(type) == BTF_KIND_DATASEC;
	int64_t size = is_section ? type->size : lade_btf_size(btf, id);
	if (size < 0)
		return -EINVAL;
	CLEANUP(cleanup_lade_decoder) struct lade_decoder *decoder = calloc(1, sizeof *decoder);
	if (!decoder)
		return -ENOMEM;
	compiler.decoder = decoder;
	decoder->size = (uint64_t)size;
	decoder->is_plain = !is_section;
	decoder->name = strdup(type_name(btf, id));
	const struct place whole = { .is_last = true };
	int result = !decoder->name ? -ENOMEM
		     : is_section   ? compile_variables(&compiler, type)
				    : compile_type(&compiler, id, &whole);
	if (result == 0)
		*ret_decoder = TAKE(decoder);
	return result;
}

struct lade_decoder *lade_decoder_free(struct lade_decoder *decoder)
{
	if (!decoder)
		return NULL;
	array_foreach(field, &decoder->fields)
		lade_field_clear_name(field);
	array_foreach(names, &decoder->enumerations) {
		array_foreach(item, names)
			free(item->name);
		array_clear(names);
	}
	array_clear(&decoder->fields);
	array_clear(&decoder->enumerations);
	free(decoder->name);
	free(decoder);
	return NULL;
}

const char *lade_decoder_name(const struct lade_decoder *decoder)
{
	return decoder->name;
}

uint64_t lade_decoder_size(const struct lade_decoder *decoder)
{
	return decoder->size;
}
