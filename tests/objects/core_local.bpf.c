/* SPDX-License-Identifier: BSD-2-Clause */
/* Every kind of CO-RE relocation, each in a program of its own: SEC("core/…"). The targets are core_near, core_far and
 * core_many; some programs cannot be resolved for some of them. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __mine __attribute__((preserve_access_index))

enum colour { RED = 1, GREEN = 2, BLUE = -3 };
enum colour___mine { RED___mine = 1, VIOLET = 9 };
typedef enum { FIRST, SECOND = 7 } order_t;
enum large_enum { LARGE_SMALL = 1, LARGE_BIG = 100 };

struct inner {
	__u32 x;
	__u64 y;
	__u16 row[4];
} __mine;

union choice {
	__u64 wide;
	__u32 narrow[2];
	__u8 *pointer;
} __mine;

struct subject {
	__u8 a;
	__u16 b;
	__u32 c;
	__u64 d;
	__s32 negative;
	__s64 more;
	char name[16];
	void *pointer;
	struct inner inner;
	struct inner *next;
	union choice choice;
	struct {
		__u32 hidden;
		union {
			__u32 deeper;
			__u64 deepest;
		};
	};
	enum colour colour;
	order_t order;
	__u32 flag : 1;
	__s32 part : 5;
	__u64 far : 40;
	__u32 matrix[3][5];
	int (*call)(int, long);
	bool yes;
	__u32 tail[];
} __mine;

struct subject___old {
	__u32 ancient;
	__u16 d;
} __mine;
struct subject___as_tail {
	__u8 tail[0];
} __mine;

struct several {
	__u32 one;
	__u32 two;
	__u32 three;
} __mine;

struct missing {
	int nothing;
} __mine;
typedef struct {
	__u32 member;
	__u32 other;
} __mine named_t;
typedef int number_t;
typedef int (*function_t)(int, struct subject *);
struct declared;
struct exact {
	int a;
	struct inner inner;
	struct inner *pointer;
	struct declared *declared;
	enum colour colour;
	int (*function)(struct exact *, char);
	__u8 bytes[6];
} __mine;
struct exact___fewer {
	int a;
	__u8 bytes[6];
} __mine;
struct exact___more {
	int a;
	int one_more;
} __mine;
struct exact___longer {
	__u8 bytes[7];
} __mine;
union choice___part {
	__u32 narrow[2];
} __mine;

struct only_types {
	enum large_enum large;
} only_types;
struct missing missing;
named_t named;
number_t number;
function_t function;

#define CORE(title, expression)                                                                                        \
	SEC("core/" #title) int title(void *context)                                                                   \
	{                                                                                                              \
		struct subject *s __attribute__((unused)) = context;                                                                           \
		struct several *several __attribute__((unused)) = context;                                                                     \
		return (long)(expression);                                                                             \
	}
#define STORE(title, place, value)                                                                                     \
	SEC("core/" #title) int title(void *context)                                                                   \
	{                                                                                                              \
		struct subject *s __attribute__((unused)) = context;                                                                           \
		place = value;                                                                                         \
		return 0;                                                                                              \
	}

CORE(load_a, s->a)
CORE(load_b, s->b)
CORE(load_c, s->c)
CORE(load_d, s->d)
CORE(load_negative, s->negative)
CORE(load_more, s->more)
CORE(load_name, s->name[3])
CORE(load_name_first, s->name[0])
CORE(load_name_last, s->name[15])
CORE(load_pointer, (long)s->pointer)
CORE(load_inner, s->inner.y)
CORE(load_inner_row, s->inner.row[2])
CORE(load_next, s->next->row[1])
CORE(load_choice, s->choice.narrow[1])
CORE(load_choice_pointer, s->choice.pointer[0])
CORE(load_hidden, s->hidden)
CORE(load_deeper, s->deeper)
CORE(load_deepest, s->deepest)
CORE(load_colour, s->colour)
CORE(load_order, s->order)
CORE(load_matrix, s->matrix[2][4])
CORE(load_matrix_row, s->matrix[1][0])
CORE(load_call, (long)s->call)
CORE(load_yes, s->yes)
CORE(load_tail, s->tail[0])
CORE(load_tail_far, s->tail[7])
CORE(load_second, s[1].c)
CORE(load_old, ((struct subject___old *)context)->ancient)
CORE(load_old_d, ((struct subject___old *)context)->d)
CORE(load_as_tail, ((struct subject___as_tail *)context)->tail[5])
CORE(load_missing, ((struct missing *)context)->nothing)
CORE(load_named, ((named_t *)context)->other)

CORE(address_name, &s->name[1])
CORE(address_inner, &s->inner)
CORE(address_row, &s->inner.row[3])
CORE(address_missing, &((struct missing *)context)->nothing)

STORE(store_a, s->a, 1)
STORE(store_c, s->c, 2)
STORE(store_d, s->d, (__u64)context)
STORE(store_pointer, s->pointer, context)
STORE(store_negative, s->negative, (__s32)(long)context)
STORE(store_name, s->name[2], 'x')
STORE(store_inner, s->inner.x, 4)

#define SHAPE(title, field)                                                                                            \
	CORE(exists_##title, bpf_core_field_exists(field))                                                             \
	CORE(size_##title, bpf_core_field_size(field))                                                                 \
	CORE(offset_##title, __builtin_preserve_field_info(field, BPF_FIELD_BYTE_OFFSET))
#define FIELD(title, field)                                                                                            \
	SHAPE(title, field)                                                                                            \
	CORE(signed_##title, __builtin_preserve_field_info(field, BPF_FIELD_SIGNED))                                   \
	CORE(left_##title, __builtin_preserve_field_info(field, BPF_FIELD_LSHIFT_U64))                                 \
	CORE(right_##title, __builtin_preserve_field_info(field, BPF_FIELD_RSHIFT_U64))
FIELD(a, s->a)
FIELD(d, s->d)
FIELD(negative, s->negative)
FIELD(flag, s->flag)
FIELD(part, s->part)
FIELD(far, s->far)
FIELD(colour, s->colour)
FIELD(order, s->order)
SHAPE(pointer, s->pointer)
FIELD(hidden, s->hidden)
SHAPE(name, s->name)
SHAPE(inner, s->inner)
FIELD(missing, ((struct missing *)context)->nothing)
FIELD(ancient, ((struct subject___old *)context)->ancient)
CORE(exists_element, bpf_core_field_exists(s->name[14]))
CORE(exists_matrix, bpf_core_field_exists(s->matrix[2][4]))
CORE(size_element, bpf_core_field_size(s->matrix[1]))
CORE(exists_choice, bpf_core_field_exists(s->choice.narrow[1]))
CORE(exists_tail, bpf_core_field_exists(s->tail[3]))

CORE(bits_flag, BPF_CORE_READ_BITFIELD(s, flag))
CORE(bits_part, BPF_CORE_READ_BITFIELD(s, part))
CORE(bits_far, BPF_CORE_READ_BITFIELD(s, far))
CORE(bits_c, BPF_CORE_READ_BITFIELD(s, c))

CORE(several_one, several->one)
CORE(several_two, several->two)
CORE(several_three, several->three)
CORE(several_exists, bpf_core_field_exists(several->three))
CORE(several_type, bpf_core_type_exists(struct several))
CORE(several_size, bpf_core_type_size(struct several))
CORE(several_id, bpf_core_type_id_kernel(struct several))
/* Only some have `three`; from then on only they count. */
CORE(several_pruned, several->three + several->one + several->two)
CORE(several_other_way, several->one + several->three)

#define TYPE(title, type)                                                                                              \
	CORE(type_exists_##title, bpf_core_type_exists(type))                                                          \
	CORE(type_size_##title, bpf_core_type_size(type))                                                              \
	CORE(type_local_##title, bpf_core_type_id_local(type))                                                         \
	CORE(type_target_##title, bpf_core_type_id_kernel(type))
TYPE(subject, struct subject)
TYPE(old, struct subject___old)
TYPE(missing, struct missing)
TYPE(choice, union choice)
TYPE(colour, enum colour)
TYPE(order, order_t)
TYPE(named, named_t)
TYPE(number, number_t)
TYPE(function, function_t)
CORE(id_local_int, bpf_core_type_id_local(int))
CORE(id_target_int, bpf_core_type_id_kernel(int))
TYPE(large, enum large_enum)

#define ENUMERATOR(title, type, name)                                                                                  \
	CORE(value_exists_##title, bpf_core_enum_value_exists(type, name))                                             \
	CORE(value_##title, bpf_core_enum_value(type, name))
ENUMERATOR(red, enum colour, RED)
ENUMERATOR(green, enum colour, GREEN)
ENUMERATOR(blue, enum colour, BLUE)
ENUMERATOR(red_flavour, enum colour___mine, RED___mine)
ENUMERATOR(violet, enum colour___mine, VIOLET)
ENUMERATOR(second, order_t, SECOND)
ENUMERATOR(large, enum large_enum, LARGE_BIG)

#if __has_builtin(__builtin_btf_type_id) && __clang_major__ >= 15
#define MATCH(title, type) CORE(matches_##title, __builtin_preserve_type_info(*(typeof(type) *)0, 2))
MATCH(exact, struct exact)
MATCH(fewer, struct exact___fewer)
MATCH(more, struct exact___more)
MATCH(longer, struct exact___longer)
MATCH(inner, struct inner)
MATCH(colour, enum colour)
MATCH(flavoured_colour, enum colour___mine)
MATCH(large, enum large_enum)
MATCH(choice, union choice)
MATCH(choice_part, union choice___part)
MATCH(function, function_t)
MATCH(number, number_t)
MATCH(missing, struct missing)
MATCH(named, named_t)
MATCH(subject, struct subject)
#endif

char _license[] SEC("license") = "GPL";
