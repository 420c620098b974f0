/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source of the host's side (a loader, libbpf's own headers, cgo, bcc's library) that misses a type, a member or a
 * constant of linux/bpf.h: the kernel's headers for programs are older than it. vmlinux.h would not help it.
 * "field 'info' has incomplete type": gcc names the variable, and shows the line below, in which the type stands.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "explain/lookup/word_table.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"
#include "explain/settle/side.h"

#define TEXT_BYTES            (1U << 20)
#define ITEMS_MAX             32 /* for which the text is searched */
#define LINES_NEAR            2  /* below the message */
#define NAME_BYTES            64
#define RELEASE(major, minor) ((major) << 8 | (minor))

/* All that programs of the host declare of it: bpf_map, bpf_link and the like are libbpf's own. */
static const struct uapi_type {
	const char *name;
	uint16_t since; /* kernel; 0: as long as programs ask for it, or not known */
} types[] = {
	{ "bpf_attr", 0 },
	{ "bpf_insn", 0 },
	{ "bpf_cmd", 0 },
	{ "bpf_map_type", 0 },
	{ "bpf_prog_type", 0 },
	{ "bpf_func_id", 0 },
	{ "bpf_attach_type", RELEASE(4, 10) },
	{ "bpf_link_type", RELEASE(5, 8) },
	{ "bpf_stats_type", RELEASE(5, 8) },
	{ "bpf_perf_event_type", RELEASE(6, 6) },
	{ "bpf_task_fd_type", RELEASE(4, 18) },
	{ "bpf_cgroup_iter_order", RELEASE(6, 1) },
	{ "bpf_iter_link_info", RELEASE(5, 9) },
	{ "bpf_prog_info", RELEASE(4, 13) },
	{ "bpf_map_info", RELEASE(4, 13) },
	{ "bpf_btf_info", RELEASE(4, 18) },
	{ "bpf_link_info", RELEASE(5, 8) },
	{ "bpf_prog_offload", 0 },
	{ "bpf_fib_lookup", RELEASE(4, 18) },
	{ "bpf_redir_neigh", RELEASE(5, 10) },
	{ "bpf_tunnel_key", RELEASE(4, 3) },
	{ "bpf_xfrm_state", RELEASE(4, 18) },
	{ "bpf_line_info", RELEASE(5, 0) },
	{ "bpf_func_info", RELEASE(5, 0) },
	{ "bpf_core_relo", RELEASE(5, 17) },
	{ "bpf_core_relo_kind", RELEASE(5, 17) },
	{ "bpf_pidns_info", RELEASE(5, 7) },
	{ "bpf_stack_build_id", RELEASE(4, 17) },
	{ "bpf_lpm_trie_key", RELEASE(4, 11) },
	{ "bpf_cgroup_storage_key", RELEASE(4, 19) },
	{ "bpf_sock_tuple", RELEASE(4, 20) },
	{ "bpf_devmap_val", RELEASE(5, 8) },
	{ "bpf_cpumap_val", RELEASE(5, 9) },
	{ "bpf_flow_keys", RELEASE(4, 20) },
	{ "bpf_spin_lock", RELEASE(5, 1) },
	{ "bpf_timer", RELEASE(5, 15) },
	{ "bpf_dynptr", RELEASE(5, 19) },
	{ "bpf_iter_num", RELEASE(6, 4) },
	{ "bpf_sk_lookup", RELEASE(5, 9) },
	{ "bpf_sysctl", RELEASE(5, 2) },
	{ "bpf_sockopt", RELEASE(5, 3) },
	{ "bpf_raw_tracepoint_args", RELEASE(4, 17) },
	{ "btf_ptr", RELEASE(5, 10) },
	{ "btf_header", RELEASE(4, 18) },
	{ "btf_type", RELEASE(4, 18) },
	{ "btf_array", RELEASE(4, 18) },
	{ "btf_member", RELEASE(4, 18) },
	{ "btf_param", RELEASE(4, 18) },
	{ "btf_enum", RELEASE(4, 18) },
	{ "btf_var", RELEASE(5, 2) },
	{ "btf_var_secinfo", RELEASE(5, 2) },
	{ "btf_decl_tag", RELEASE(5, 16) },
	{ "btf_enum64", RELEASE(6, 0) },
	{ "sockaddr_xdp", RELEASE(4, 18) },
	{ "xdp_umem_reg", RELEASE(4, 18) },
	{ "xdp_desc", RELEASE(4, 18) },
	{ "xdp_statistics", RELEASE(4, 18) },
	{ "xdp_mmap_offsets", RELEASE(4, 18) },
	{ "xdp_ring_offset", RELEASE(4, 18) },
	{ "xdp_options", RELEASE(5, 3) },
	{ "xsk_tx_metadata", RELEASE(6, 8) },
};

/* How its constants begin. Macros of libbpf and of the kernel's tools (BPF_MOV64_IMM, BPF_CORE_READ) are none. */
static const char *const constants[] = {
	"BPF_MAP_TYPE_",
	"BPF_PROG_TYPE_",
	"BPF_LINK_TYPE_",
	"BPF_FUNC_",
	"BPF_F_",
	"BPF_STATS_",
	"BPF_CGROUP_",
	"BPF_TRACE_",
	"BPF_SK_",
	"BPF_XDP",
	"BPF_TCX_",
	"BPF_NETKIT_",
	"BPF_NETFILTER",
	"BPF_PERF_EVENT",
	"BPF_LSM_",
	"BPF_FD_TYPE_",
	"BPF_ENABLE_STATS",
	"BPF_FLOW_DISSECTOR",
	"BPF_OBJ_NAME_LEN",
	"BPF_TASK_ITER_",
	"BPF_BTF_",
	"BPF_LINK_",
	"BPF_TOKEN_",
	"BPF_ITER_",
	"BTF_KIND_",
	"BTF_INT_",
	"BTF_VAR_",
	"BTF_FUNC_",
	"XDP_",
};

struct lack {
	char name[NAME_BYTES];
	const char *header;
	uint16_t since;
};

/* The next name from *at on; false: the line ends. */
static bool next_name(const struct span *line, size_t *at, char name[NAME_BYTES])
{
	size_t begin = *at, end;

	while (begin < line->length && !lade_is_of_name(line->text[begin]))
		begin++;
	for (end = begin; end < line->length && lade_is_of_name(line->text[end]);)
		end++;
	*at = end;
	(void)snprintf(name, NAME_BYTES, "%.*s", (int)(end - begin), line->text + begin);
	return end > begin;
}

static const char *header_of(const char *name)
{
	if (strncmp(name, "btf_", strlen("btf_")) == 0 && strcmp(name, "btf_ptr") != 0)
		return "linux/btf.h";
	if (strncmp(name, "BTF_", strlen("BTF_")) == 0)
		return "linux/btf.h";
	if (strncmp(name, "XDP_FLAGS_", strlen("XDP_FLAGS_")) == 0 || strncmp(name, "XDP_ATTACHED_", 13) == 0)
		return "linux/if_link.h";
	if (strstr(name, "xdp_") || strncmp(name, "xsk_", strlen("xsk_")) == 0 || strncmp(name, "XDP_", 4) == 0)
		return "linux/if_xdp.h";
	return "linux/bpf.h";
}

static bool find_type(const struct span *line, struct lack *lack)
{
	char name[NAME_BYTES];

	for (size_t at = 0; next_name(line, &at, name);)
		for (size_t i = 0; i < ELEMENTS(types); i++)
			if (strcmp(types[i].name, name) == 0) {
				(void)snprintf(lack->name, sizeof lack->name, "%s", name);
				lack->header = header_of(name);
				lack->since = types[i].since;
				return true;
			}
	return false;
}

/* The first that stands behind "error: ": what the compiler proposes in its place comes later. */
static bool find_constant(const struct span *line, struct lack *lack)
{
	char name[NAME_BYTES];

	for (size_t at = 0; next_name(line, &at, name);)
		for (size_t i = 0; i < ELEMENTS(constants); i++)
			if (strncmp(constants[i], name, strlen(constants[i])) == 0) {
				(void)snprintf(lack->name, sizeof lack->name, "%s", name);
				lack->header = header_of(name);
				lack->since = 0;
				return true;
			}
	return false;
}

/* ---- what a message is about ---- */

static bool has(const struct span *line, const char *word)
{
	return lade_search(line->text, line->length, word, strlen(word)) != NULL;
}

static bool has_any(const struct span *line, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (has(line, words[i]))
			return true;
	return false;
}

static const char *const of_type[] = { "incomplete type",
				       "incomplete definition of type",
				       "undefined type",
				       "unknown type name",
				       "storage size of ",
				       "type of formal parameter",
				       "was not declared in this scope",
				       "does not name a type",
				       "undeclared (first use" };
static const char *const of_member[] = { "no member named", "does not refer to any field", "specified in initializer",
					 "has no non-static data member named" };
static const char *const of_constant[] = { "undeclared", "was not declared in this scope" };

/* gcc's: the type stands below, in the line of the source that it shows. */
static bool is_of_variable(const struct span *line)
{
	return has(line, " has incomplete type") || has(line, "storage size of ");
}

static bool find_below(const struct span *text, size_t number, struct lack *lack)
{
	struct mention line;

	if (!lade_line_at(text, number, &line))
		return false;
	while (line.number < number + LINES_NEAR && lade_next_line(text, &line) && !has(&line.text, ": error: ") &&
	       !has(&line.text, ": warning: "))
		if (find_type(&line.text, lack))
			return true;
	return false;
}

static bool find_lack(const struct explained *item, const struct span *text, struct lack *lack)
{
	static const char mark[] = ": error: ";
	const char *at = strstr(item->line, mark);

	if (!at)
		return false;
	const struct span line = { at + strlen(mark), strlen(at + strlen(mark)) };
	if (has_any(&line, of_member, ELEMENTS(of_member)) && find_type(&line, lack)) {
		lack->since = 0; /* the structure's, and the member is newer */
		return true;
	}
	if (has_any(&line, of_type, ELEMENTS(of_type)) && find_type(&line, lack))
		return true;
	if (has_any(&line, of_constant, ELEMENTS(of_constant)) && !has(&line, " function"))
		return find_constant(&line, lack);
	/* "(first use in this function)" */
	if (has(&line, "undeclared ("))
		return find_constant(&line, lack);
	return is_of_variable(&line) && find_below(text, item->first_line, lack);
}

/* ---- what is said ---- */

/* Of a kernel that somebody changed: no release has it. */
static bool is_foreign(const char *name)
{
	static const struct {
		const char *prefix;
		enum word_row_kind kind;
	} kinds[] = { { "BPF_MAP_TYPE_", WORD_MAP }, { "BPF_PROG_TYPE_", WORD_PROGRAM } };

	for (size_t i = 0; i < ELEMENTS(kinds); i++) {
		size_t length = strlen(kinds[i].prefix);
		if (strncmp(name, kinds[i].prefix, length) != 0)
			continue;
		for (size_t row = 0; row < lade_word_row_count; row++)
			if (lade_word_rows[row].kind == kinds[i].kind &&
			    strcasecmp(lade_word_text + lade_word_rows[row].word, name + length) == 0)
				return false;
		return true;
	}
	return false;
}

static void blame_foreign(struct explained *item, const char *name)
{
	finding_cause(
		item->finding,
		"%s is not in the linux/bpf.h that the compiler read, nor in any release of it that is known here: "
		"it belongs to a changed kernel, or to one that is newer than Lade; or it is misspelt",
		name);
	finding_fix(item->finding,
		    "the headers of that very kernel: make headers_install INSTALL_HDR_PATH=DIR in its sources, and -I "
		    "DIR/include before the system's; grep -rn %s there",
		    name);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

static void say_fix(struct explained *item, const struct span *text)
{
	static const char common[] =
		"headers as new as the source: apt install linux-libc-dev of a newer release (dnf update "
		"kernel-headers; Arch: linux-api-headers), or libbpf's own before the system's: -I "
		"LIBBPF/include/uapi; or a source and a libbpf of the time of the headers. Which kernel runs does not "
		"matter";

	if (strstr(item->line, "libbpfgo.h") || lade_search_long(text->text, text->length, "/libbpfgo.go", 12))
		finding_fix(
			item->finding,
			"CGO_CFLAGS with -I LIBBPF/include/uapi before the others (LIBBPF: the sources of the "
			"libbpf that this libbpfgo is written for: git submodule update --init in its own tree); "
			"or newer kernel's headers for programs (apt install linux-libc-dev of a newer release, dnf "
			"update kernel-headers); or an older libbpfgo (go get …@VERSION) that fits them");
	else if (strstr(item->line, "src/cc/"))
		finding_fix(item->finding,
			    "bcc takes linux/bpf.h from its submodule src/cc/libbpf: git submodule update --init "
			    "--recursive in bcc's tree, then configure again in an empty build directory; with "
			    "-DCMAKE_USE_LIBBPF_PACKAGE=ON a newer libbpf-dev and linux-libc-dev");
	else
		finding_fix(item->finding, "%s", common);
}

static void blame(struct explained *item, const struct lack *lack, const struct span *text)
{
	char since[KERNEL_VERSION_BYTES] = "";
	struct span path = { "", 0 };

	(void)lade_place_of(&(struct span){ item->line, strlen(item->line) }, &path);
	/* libbpf's own headers include it. */
	bool is_included = lade_path_has(&path, "libbpf.h") || lade_path_has(&path, "bpf/btf.h") ||
			   lade_path_has(&path, "bpf/bpf.h") || lade_path_has(&path, "src/cc/") ||
			   lade_path_has(&path, "libbpfgo.h");
	lade_kernel_spell(lack->since, since);
	finding_cause(
		item->finding,
		"%s is of %s%s%s, and the compiler read an older one for this file, which is of the host's side: "
		"the kernel's headers for programs (UAPI) are older than the source or its libbpf%s. vmlinux.h is "
		"for BPF programs, and changes nothing here",
		lack->name, lack->header, lack->since ? ", since kernel " : "", since,
		is_included ? "" : ", or that header is not included");
	say_fix(item, text);
	finding_confidence(item->finding, LADE_LIKELY);
	item->is_settled = true;
}

/* What rules say of the headers of libbpf and libxdp is enough. */
static bool is_open(const struct explained *item)
{
	return lade_is_open_complaint(item) && !(item->finding->cause && strstr(item->finding->cause, "own header "));
}

/* What gcc says of variables only is the host's, if nothing tells otherwise. */
static bool is_of_host(const struct explained *item, const struct span *text)
{
	const struct span line = { item->line, strlen(item->line) };
	enum compiled_side side = lade_side_of(item, text);

	return side == SIDE_HOST || (side == SIDE_UNKNOWN && is_of_variable(&line) && !has(&line, "variable "));
}

/* The others follow from the first: the same headers. */
static bool join(struct lade_explanation *explanation, size_t index, size_t first)
{
	struct explained *item = &explanation->items.items[index];

	if (index == first)
		return false;
	item->role = LADE_EXPLAINED_CONSEQUENCE;
	item->cause = first;
	return true;
}

void lade_explanation_uapi_age(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span span = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	size_t first = SIZE_MAX;
	unsigned looked = 0;
	bool is_joined = false;

	array_foreach(item, &explanation->items) {
		struct lack lack = { 0 };
		size_t index = (size_t)(item - explanation->items.items);
		if (!is_open(item) || looked++ >= ITEMS_MAX || !find_lack(item, &span, &lack) ||
		    !is_of_host(item, &span))
			continue;
		if (is_foreign(lack.name)) {
			blame_foreign(item, lack.name);
			continue;
		}
		blame(item, &lack, &span);
		first = first == SIZE_MAX ? index : first;
		is_joined |= join(explanation, index, first);
	}
	if (is_joined)
		lade_explanation_sort(explanation);
}
