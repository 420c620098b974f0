/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters of global functions that their author declared to be the program's context (__arg_ctx, which leaves the
 * tag "arg:ctx"). Kernels since 6.8 read the tag; older ones know a context only by the name of its struct, which
 * differs from one type of program to the next. For them every program that calls such functions gets a second set of
 * function records, whose prototypes are copies with that struct in place: types that no other kernel ever looks at.
 */
#include <asm/bpf_perf_event.h>
#include <errno.h>
#include <stdlib.h>

#include "plan/plan.h"

#define CONTEXT_TAG     "arg:ctx"
#define PARAMETERS_MOST 16 /* the kernel takes 5; who declares more loads nowhere */

/* One tag. */
struct tagged {
	uint32_t tag, function; /* ids in the object's BTF */
	uint32_t parameter;
	uint32_t record; /* of the function in a program; where tags are a program's */
};

struct context_arguments {
	ARRAY_OF(struct tagged) tags; /* one for each parameter, sorted by function */
	struct lade_btf_extension types;
};

/* What the verifier calls the context of each type of program. Types that are not here have none with a name. */
static const struct context_name {
	uint32_t program_type;
	const char *name;
} context_names[] = {
	{ BPF_PROG_TYPE_SOCKET_FILTER, "__sk_buff" },
	{ BPF_PROG_TYPE_SCHED_CLS, "__sk_buff" },
	{ BPF_PROG_TYPE_SCHED_ACT, "__sk_buff" },
	{ BPF_PROG_TYPE_CGROUP_SKB, "__sk_buff" },
	{ BPF_PROG_TYPE_SK_SKB, "__sk_buff" },
	{ BPF_PROG_TYPE_LWT_IN, "__sk_buff" },
	{ BPF_PROG_TYPE_LWT_OUT, "__sk_buff" },
	{ BPF_PROG_TYPE_LWT_XMIT, "__sk_buff" },
	{ BPF_PROG_TYPE_LWT_SEG6LOCAL, "__sk_buff" },
	{ BPF_PROG_TYPE_FLOW_DISSECTOR, "__sk_buff" },
	{ BPF_PROG_TYPE_XDP, "xdp_md" },
	{ BPF_PROG_TYPE_CGROUP_SOCK, "bpf_sock" },
	{ BPF_PROG_TYPE_CGROUP_SOCK_ADDR, "bpf_sock_addr" },
	{ BPF_PROG_TYPE_CGROUP_SOCKOPT, "bpf_sockopt" },
	{ BPF_PROG_TYPE_CGROUP_SYSCTL, "bpf_sysctl" },
	{ BPF_PROG_TYPE_CGROUP_DEVICE, "bpf_cgroup_dev_ctx" },
	{ BPF_PROG_TYPE_SOCK_OPS, "bpf_sock_ops" },
	{ BPF_PROG_TYPE_SK_MSG, "sk_msg_md" },
	{ BPF_PROG_TYPE_SK_LOOKUP, "bpf_sk_lookup" },
	{ BPF_PROG_TYPE_SK_REUSEPORT, "sk_reuseport_md" },
	{ BPF_PROG_TYPE_KPROBE, "bpf_user_pt_regs_t" },
	{ BPF_PROG_TYPE_PERF_EVENT, "bpf_perf_event_data" },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT, "bpf_raw_tracepoint_args" },
	{ BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, "bpf_raw_tracepoint_args" },
	{ 32 /* BPF_PROG_TYPE_NETFILTER, since 6.4 */, "bpf_nf_ctx" },
};

static const char *context_name(uint32_t program_type)
{
	for (size_t i = 0; i < ELEMENTS(context_names); i++)
		if (context_names[i].program_type == program_type)
			return context_names[i].name;
	return NULL;
}

/* The struct that bpf_user_pt_regs_t stands for on this architecture. */
struct pt_regs;
struct user_pt_regs;
struct user_regs_struct;
#define PERF_REGISTERS                                                                                                 \
	_Generic((bpf_user_pt_regs_t *)NULL, struct pt_regs *                                                          \
		 : "pt_regs", struct user_pt_regs *                                                                    \
		 : "user_pt_regs", struct user_regs_struct *                                                           \
		 : "user_regs_struct", default                                                                         \
		 : "")

/* ---- the tags of an object ---- */

static bool is_tag(const struct lade_btf *btf, const struct btf_type *type, struct tagged *ret_tagged)
{
	const struct btf_type *function, *prototype;
	int32_t parameter;

	if (lade_btf_kind(type) != BTF_KIND_DECL_TAG || strcmp(lade_btf_string(btf, type->name_off), CONTEXT_TAG) != 0)
		return false;
	function = lade_btf_type(btf, type->type);
	if (!function || lade_btf_kind(function) != BTF_KIND_FUNC || lade_btf_vlen(function) != BTF_FUNC_GLOBAL)
		return false;
	prototype = lade_btf_type(btf, function->type);
	parameter = ((const struct btf_decl_tag *)(type + 1))->component_idx;
	if (!prototype || lade_btf_kind(prototype) != BTF_KIND_FUNC_PROTO || parameter < 0 ||
	    lade_btf_vlen(prototype) > PARAMETERS_MOST || (uint32_t)parameter >= lade_btf_vlen(prototype))
		return false;
	*ret_tagged = (struct tagged){ .function = type->type, .parameter = (uint32_t)parameter };
	return true;
}

static int by_function(const void *left, const void *right)
{
	const struct tagged *a = left, *b = right;

	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	if (a->parameter != b->parameter)
		return a->parameter < b->parameter ? -1 : 1;
	return a->tag < b->tag ? -1 : a->tag > b->tag;
}

static int by_tag(const void *left, const void *right)
{
	const struct tagged *a = left, *b = right;

	return a->tag < b->tag ? -1 : a->tag > b->tag;
}

/* However often a parameter was tagged. */
static void sort_tags(struct context_arguments *arguments)
{
	struct tagged *tags = arguments->tags.items;
	size_t kept = 0;

	if (!arguments->tags.count)
		return;
	lade_sort(tags, arguments->tags.count, sizeof *tags, by_function);
	for (size_t i = 1; i < arguments->tags.count; i++)
		if (tags[i].function != tags[kept].function || tags[i].parameter != tags[kept].parameter)
			tags[++kept] = tags[i];
	arguments->tags.count = kept + 1;
}

/* Looked for once a plan. */
static int find_tags(struct lade_plan *plan)
{
	const struct lade_btf *btf = plan->object->btf;
	struct context_arguments *arguments = calloc(1, sizeof *arguments);

	if (!arguments)
		return -ENOMEM;
	plan->context_arguments = arguments;
	lade_btf_extension_begin(&arguments->types, btf);
	for (uint32_t id = 1; id < lade_btf_count(btf); id++) {
		struct tagged found, *place;
		if (!is_tag(btf, lade_btf_type(btf, id), &found))
			continue;
		place = array_push(&arguments->tags);
		if (!place)
			return -ENOMEM;
		found.tag = id;
		*place = found;
	}
	sort_tags(arguments);
	return 0;
}

void lade_context_arguments_free(struct context_arguments *arguments)
{
	if (!arguments)
		return;
	array_clear(&arguments->tags);
	lade_btf_extension_clear(&arguments->types);
	free(arguments);
}

/* ---- those of one program ---- */

struct rewriting {
	struct lade_plan *plan;
	const struct lade_btf *btf;
	struct lade_btf_extension *types;
	struct program_operation *load;
	const char *context;
	uint32_t pointer, tag_name;   /* type id and name offset; 0: not made yet */
	ARRAY_OF(struct tagged) tags; /* of functions that the program has, in the order of the tags */
	size_t *prototypes;           /* by function record: word of the copy's first parameter; 0: no copy */
};

static const struct btf_type *prototype_of(const struct rewriting *rewriting, uint32_t function)
{
	return lade_btf_type(rewriting->btf, lade_btf_type(rewriting->btf, function)->type);
}

/* What is only announced no kernel takes for it. */
static bool is_struct_named(const struct lade_btf *btf, const struct btf_type *type, const char *name)
{
	return lade_btf_kind(type) == BTF_KIND_STRUCT && strcmp(lade_btf_string(btf, type->name_off), name) == 0;
}

/* Typedefs tell bpf_user_pt_regs_t apart from what it stands for. */
static const struct btf_type *skip_qualifiers(const struct lade_btf *btf, uint32_t id)
{
	const struct btf_type *type = lade_btf_type(btf, id);

	for (unsigned i = 0; type && i < 32; i++) {
		uint32_t kind = lade_btf_kind(type);
		if (kind != BTF_KIND_CONST && kind != BTF_KIND_VOLATILE && kind != BTF_KIND_RESTRICT &&
		    kind != BTF_KIND_TYPE_TAG)
			break;
		type = lade_btf_type(btf, type->type);
	}
	return type;
}

static bool is_register_typedef(const struct rewriting *rewriting, uint32_t id)
{
	const struct btf_type *type = skip_qualifiers(rewriting->btf, id);
	uint32_t program = rewriting->load->type;

	return (program == BPF_PROG_TYPE_KPROBE || program == BPF_PROG_TYPE_PERF_EVENT) && type &&
	       lade_btf_kind(type) == BTF_KIND_TYPEDEF &&
	       strcmp(lade_btf_string(rewriting->btf, type->name_off), "bpf_user_pt_regs_t") == 0;
}

/* Other names of a context, which kernels take for the struct that they are. */
static bool is_other_name(const struct rewriting *rewriting, const struct btf_type *type)
{
	switch (rewriting->load->type) {
	case BPF_PROG_TYPE_KPROBE:
		return is_struct_named(rewriting->btf, type, "pt_regs");
	case BPF_PROG_TYPE_PERF_EVENT:
		return is_struct_named(rewriting->btf, type, PERF_REGISTERS);
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return lade_btf_kind(type) == BTF_KIND_INT && type->size == 8;
	default:
		return false;
	}
}

/* Not when an older kernel knows the context as it is, nor when the type is one that no kernel takes for it. */
static bool must_rewrite(const struct rewriting *rewriting, const struct tagged *tagged)
{
	const struct btf_param *parameter =
		&lade_btf_params(prototype_of(rewriting, tagged->function))[tagged->parameter];
	const struct btf_type *type =
		lade_btf_type(rewriting->btf, lade_btf_skip_modifiers(rewriting->btf, parameter->type));

	if (!type || lade_btf_kind(type) != BTF_KIND_PTR || is_register_typedef(rewriting, type->type))
		return false;
	if (!lade_btf_skip_modifiers(rewriting->btf, type->type))
		return true; /* void * */
	type = lade_btf_type(rewriting->btf, lade_btf_skip_modifiers(rewriting->btf, type->type));
	return is_other_name(rewriting, type);
}

static uint32_t info_of(uint32_t kind, uint32_t vlen)
{
	return kind << 24 | vlen;
}

/* The function once more, with a prototype of its own. */
static int copy_function(struct rewriting *rewriting, size_t record)
{
	struct bpf_func_info *info = &rewriting->load->older_func_info.items[record];
	const struct btf_type *function = lade_btf_type(rewriting->btf, info->type_id);
	const struct btf_type *prototype = prototype_of(rewriting, info->type_id);
	struct btf_type copy = *function;
	size_t parameters = rewriting->types->words.count + sizeof *prototype / sizeof(uint32_t);
	int r = lade_btf_extension_add(rewriting->types, prototype, prototype + 1,
				       lade_btf_vlen(prototype) * sizeof(struct btf_param), &copy.type);

	if (r == 0)
		r = lade_btf_extension_add(rewriting->types, &copy, NULL, 0, &info->type_id);
	if (r == 0)
		rewriting->prototypes[record] = parameters;
	return r;
}

/* An empty struct: its name is all that such kernels look at. */
static int make_pointer(struct rewriting *rewriting)
{
	struct btf_type structure = { .info = info_of(BTF_KIND_STRUCT, 0) };
	struct btf_type pointer = { .info = info_of(BTF_KIND_PTR, 0) };
	int r = lade_btf_extension_name(rewriting->types, rewriting->context, &structure.name_off);

	if (r == 0)
		r = lade_btf_extension_name(rewriting->types, CONTEXT_TAG, &rewriting->tag_name);
	if (r == 0)
		r = lade_btf_extension_add(rewriting->types, &structure, NULL, 0, &pointer.type);
	return r < 0 ? r : lade_btf_extension_add(rewriting->types, &pointer, NULL, 0, &rewriting->pointer);
}

/* The tag as well: whoever reads the program's types finds what its author wrote. */
static int rewrite_parameter(struct rewriting *rewriting, size_t record, uint32_t parameter)
{
	struct btf_type tag = { .name_off = rewriting->tag_name,
				.info = info_of(BTF_KIND_DECL_TAG, 0),
				.type = rewriting->load->older_func_info.items[record].type_id };
	struct btf_decl_tag place = { .component_idx = (int32_t)parameter };
	size_t words_each = sizeof(struct btf_param) / sizeof(uint32_t);
	size_t word = rewriting->prototypes[record] + parameter * words_each +
		      offsetof(struct btf_param, type) / sizeof(uint32_t);
	uint32_t id;

	rewriting->types->words.items[word] = rewriting->pointer;
	return lade_btf_extension_add(rewriting->types, &tag, &place, sizeof place, &id);
}

static int rewrite(struct rewriting *rewriting, const struct tagged *tagged)
{
	size_t record = tagged->record;
	int r = 0;

	if (!must_rewrite(rewriting, tagged))
		return 0;
	if (!rewriting->prototypes[record])
		r = copy_function(rewriting, record);
	if (r == 0 && !rewriting->pointer)
		r = make_pointer(rewriting);
	return r < 0 ? r : rewrite_parameter(rewriting, record, tagged->parameter);
}

/* First tag of a function, or the end. */
static size_t first_tag(const struct context_arguments *arguments, uint32_t function)
{
	size_t low = 0, high = arguments->tags.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (arguments->tags.items[middle].function < function)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int collect_function(struct rewriting *rewriting, uint32_t record)
{
	const struct context_arguments *arguments = rewriting->plan->context_arguments;
	uint32_t function = rewriting->load->func_info.items[record].type_id;

	for (size_t i = first_tag(arguments, function);
	     i < arguments->tags.count && arguments->tags.items[i].function == function; i++) {
		struct tagged *place = array_push(&rewriting->tags);
		if (!place)
			return -ENOMEM;
		*place = arguments->tags.items[i];
		place->record = record;
	}
	return 0;
}

static int collect(struct rewriting *rewriting)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < rewriting->load->func_info.count; i++)
		r = collect_function(rewriting, i);
	if (rewriting->tags.count)
		lade_sort(rewriting->tags.items, rewriting->tags.count, sizeof *rewriting->tags.items, by_tag);
	return r;
}

static int copy_records(struct rewriting *rewriting)
{
	struct program_operation *load = rewriting->load;
	struct bpf_func_info *copies = array_extend(&load->older_func_info, load->func_info.count);

	rewriting->prototypes = calloc(load->func_info.count, sizeof *rewriting->prototypes);
	if (!copies || !rewriting->prototypes)
		return -ENOMEM;
	memcpy(copies, load->func_info.items, load->func_info.count * sizeof *copies);
	return 0;
}

static int rewrite_all(struct rewriting *rewriting)
{
	int r = collect(rewriting);

	if (r < 0 || !rewriting->tags.count)
		return r;
	r = copy_records(rewriting);
	for (size_t i = 0; r == 0 && i < rewriting->tags.count; i++)
		r = rewrite(rewriting, &rewriting->tags.items[i]);
	/* Nothing to rewrite, or more than anybody writes: then older kernels get what newer ones do. */
	if (r < 0 || !rewriting->pointer)
		array_clear(&rewriting->load->older_func_info);
	return r == -E2BIG ? 0 : r;
}

int lade_plan_context_arguments(struct lade_plan *plan, struct program_operation *load, struct lade_error **error)
{
	struct rewriting rewriting = { .plan = plan, .load = load, .context = context_name(load->type) };
	int r = 0;

	if (load->btf_slot == NO_SLOT || !rewriting.context)
		return 0;
	if (!plan->context_arguments)
		r = find_tags(plan);
	if (r == 0 && plan->context_arguments->tags.count) {
		rewriting.btf = plan->object->btf;
		rewriting.types = &plan->context_arguments->types;
		r = rewrite_all(&rewriting);
	}
	array_clear(&rewriting.tags);
	free(rewriting.prototypes);
	return r < 0 ? lade_fail_memory(error) : 0;
}

/* After the last program. */
int lade_plan_extend_btf(struct lade_plan *plan, struct lade_error **error)
{
	const struct context_arguments *arguments = plan->context_arguments;

	if (!arguments || !arguments->types.words.count)
		return 0;
	return lade_btf_extended(plan->object->btf, &arguments->types, &plan->btf, error);
}
