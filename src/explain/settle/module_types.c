/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "failed to validate module [a] BTF": the kernel reads its own types with those of the first module, and the error is
 * the same. Which of both it does not take tell the lines around: a module's types have the numbers behind the
 * kernel's, some tens of thousands, and no module has so many variables of each CPU.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "explain/reading/mentions.h"
#include "explain/settle/settlers.h"

#define TEXT_BYTES   (1U << 20)
#define LINES_NEAR   16         /* of the kernel's words, from the line that names the module */
#define OWN_TYPES    15000      /* types that every kernel has */
#define MODULE_BYTES (1U << 16) /* of variables of each CPU, that no module has */
#define MODULES_MAX  8
#define MODULES_MANY 3 /* that are refused beside the first: no single one is at fault */

/* "type_id=35503 offset=178440 size=4": a variable of each CPU. */
static bool is_variable_of_kernel(const struct mention *line, const char *type)
{
	static const char place[] = " offset=";
	const char *end = line->text.text + line->text.length, *offset = lade_in_mention(line, place);

	if (!offset)
		return false;
	offset += strlen(place);
	return lade_number_at(type, end) < OWN_TYPES ||
	       (lade_number_at(offset, end) != SIZE_MAX && lade_number_at(offset, end) > MODULE_BYTES);
}

/* "BPF:[593] ENUM a", "BPF: type_id=35503 offset=178440 size=4" */
static bool is_of_kernel(const struct mention *line)
{
	static const char mark[] = "BPF:", type[] = "type_id=";
	const char *end = line->text.text + line->text.length, *at = lade_in_mention(line, mark) + strlen(mark);

	while (at < end && lade_is_blank(*at))
		at++;
	if ((size_t)(end - at) > strlen(type) && memcmp(at, type, strlen(type)) == 0)
		return is_variable_of_kernel(line, at + strlen(type));
	return at < end && *at == '[' && lade_number_at(at + 1, end) < OWN_TYPES;
}

static const char *const signs_cause =
	"the kernel does not take its own types, which it reads with those of the first module: in line %zu an "
	"enumeration has a sign (kind_flag), as pahole writes since 1.24 and kernels read since 6.0";
static const char *const signs_fix =
	"build the kernel with pahole 1.23, or with the newest release of its branch, whose scripts/pahole-flags.sh "
	"tells pahole to leave that out (--skip_encoding_btf_enum64); or run a newer kernel";
static const char *const place_cause =
	"the kernel does not take its own types, which it reads with those of the first module, so that it refuses "
	"every "
	"module: two variables of each CPU stand at one place (\"Invalid offset\" of the variable of line %zu). pahole "
	"wrote them so: one that does not know that clang 20 and newer merge variables (ppc64, riscv), or one before "
	"1.22, where a variable has no size";
static const char *const place_fix =
	"build the kernel with a newer pahole (pahole --version), or with gcc, clang 19, or KCFLAGS=\"-mllvm "
	"-enable-global-merge=0\"; CONFIG_DEBUG_INFO_BTF=n goes without types, and CONFIG_MODULE_ALLOW_BTF_MISMATCH=y "
	"loads the modules all the same";
static const char *const other_cause =
	"the kernel does not take its own types, which it reads with those of the first module: the type of line %zu "
	"is none of a module's. The pahole that built the kernel is too old for its compiler, or too new for it";
static const char *const other_fix =
	"build the kernel with a newer pahole (dwarves), or, if that one is newer than the kernel, with one of the "
	"kernel's time; CONFIG_DEBUG_INFO_BTF=n goes without types";

/* What the kernel says of its types. */
enum complaint { OTHER, SIGN, PLACE };

static const struct {
	const char *const *cause, *const *fix;
} complaints[] = {
	[OTHER] = { &other_cause, &other_fix },
	[SIGN] = { &signs_cause, &signs_fix },
	[PLACE] = { &place_cause, &place_fix },
};

static void blame_kernel(struct explained *item, const struct mention *type, enum complaint complaint)
{
	finding_cause(item->finding, *complaints[complaint].cause, type->number);
	finding_fix(item->finding, "%s", *complaints[complaint].fix);
	finding_confidence(item->finding, LADE_LIKELY);
}

/* Of modules of all kinds at once neither the names of one's types nor its compiler are the reason. */
static void blame_build(struct explained *item)
{
	finding_cause(
		item->finding,
		"the types of %zu modules at once do not fit the kernel's, so it is none of them by itself: kernel "
		"and modules are of different builds (an update that replaced one of both and kept the version, "
		"or a tree whose modules were not built again with the kernel), or the build made the modules' "
		"types against another vmlinux than the one that boots. Without CONFIG_MODULE_ALLOW_BTF_MISMATCH "
		"the kernel refuses the modules; with it they work, and only their types are missing",
		item->other_count + 1);
	finding_fix(
		item->finding,
		"kernel and modules of one build: apt install --reinstall linux-image-$(uname -r) "
		"linux-modules-$(uname -r), dnf reinstall kernel-core kernel-modules, then boot that kernel; an own "
		"kernel: build both anew from a clean tree and install both (make modules_install install), with the "
		"newest release of what builds the image (as armbian/build, buildroot, OpenWrt)");
	finding_confidence(item->finding, LADE_LIKELY);
}

static enum complaint complaint_of(const struct mention *line, enum complaint known)
{
	if (lade_in_mention(line, "Invalid btf_info kind_flag"))
		return SIGN;
	return known == OTHER && lade_in_mention(line, "Invalid offset") ? PLACE : known;
}

static bool is_near(const struct mention *line, const struct explained *item, bool is_behind)
{
	return is_behind ? line->number > item->first_line && line->number <= item->first_line + LINES_NEAR
			 : line->number < item->first_line && line->number + LINES_NEAR >= item->first_line;
}

/* The kernel's words on one side of the line. False: they do not tell. */
static bool look_at_side(const struct span *text, struct explained *item, bool is_behind)
{
	struct mention line = { .next = text->text }, type = { 0 };
	enum complaint complaint = OTHER;

	while (lade_find_mention(text, "BPF:", &line) && line.number <= item->first_line + LINES_NEAR) {
		if (!is_near(&line, item, is_behind))
			continue;
		if (!type.number && is_of_kernel(&line))
			type = line;
		complaint = complaint_of(&line, complaint);
	}
	if (type.number)
		blame_kernel(item, &type, complaint);
	return type.number > 0;
}

/* They stand before it; behind it are those of the next module, or what somebody quotes later. */
static bool look_around(const struct span *text, struct explained *item)
{
	return look_at_side(text, item, false) || look_at_side(text, item, true);
}

void lade_explanation_module_types(struct lade_explanation *explanation, const char *text, size_t length)
{
	const struct span begin = { text, length < TEXT_BYTES ? length : TEXT_BYTES };
	size_t modules = 0;

	array_foreach(item, &explanation->items)
		if (item->finding && item->line && strcmp(item->finding->code, "btf.kernel.damaged") == 0 &&
		    strstr(item->line, "failed to validate module") && modules++ < MODULES_MAX &&
		    !look_around(&begin, item) && item->other_count >= MODULES_MANY)
			blame_build(item);
}
