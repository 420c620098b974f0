/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that somebody else loaded and pinned, attached by Lade: it becomes an instance of one program, pinned once
 * more as lade/NAME/progs/PROGRAM, with its links beside it. The pin it was found at stays whose it was.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/info.h"
#include "kernel/elements.h"
#include "kernel/pin_access.h"
#include "load/loader.h"
#include "txn/state.h"

struct adoption {
	struct lade_context *context;
	struct kernel *kernel;
	const struct lade_adopt_opts *opts;
	const char *path; /* absolute */
	const char *name; /* of the instance */
	struct lade_error **error;
};

/* ---- the program ---- */

static int fail_open(const struct adoption *adoption, int result)
{
	if (result == -ENOENT)
		return lade_fail(adoption->error, ENOENT, "state.not-found", "nothing is pinned at %s", adoption->path);
	if (result == -EACCES) {
		struct lade_finding *finding = lade_error_add(adoption->error, EACCES, "program.open",
							      "the program at %s: %s", adoption->path, strerror(EACCES));
		lade_pin_explain_access(finding, adoption->path, BPF_F_RDONLY);
		return result;
	}
	if (result == -EINVAL)
		return lade_fail(adoption->error, -result, "state.pin.not-a-program",
				 "what is at %s is not a pinned program that Lade may use", adoption->path);
	return lade_pin_fail(adoption->kernel, result, "state.read", "opening", adoption->path, adoption->error);
}

static int open_program(const struct adoption *adoption, struct bpf_prog_info *ret_info)
{
	CLEANUP(cleanup_fd) int fd = lade_bpf_obj_get_as(adoption->kernel, adoption->path, BPF_F_RDONLY);

	if (fd == -EINVAL) /* before 4.15 there was one way to open a pin */
		fd = lade_bpf_obj_get(adoption->kernel, adoption->path);
	if (fd < 0)
		return fail_open(adoption, fd);
	int r = lade_bpf_is_other(fd, "bpf-prog") ? -EINVAL : lade_bpf_prog_info(adoption->kernel, fd, ret_info);
	return r < 0 ? fail_open(adoption, r) : take_fd(&fd);
}

/* As the section of that name would be in the first dialect that knows it. */
static const struct section_row *find_row(const char *section, uint32_t type, const char **ret_target)
{
	static const char *const dialects[] = { "libbpf", "samples", "iproute2" };

	for (size_t i = 0; section && i < ELEMENTS(dialects); i++) {
		const struct section_row *row = lade_section_find(dialects[i], section, ret_target);
		if (row && row->program_type == type)
			return row;
	}
	return NULL;
}

static int fail_section(const struct adoption *adoption, uint32_t type)
{
	const char *name = lade_program_type_name(type);
	struct lade_finding *finding =
		lade_error_add(adoption->error, EINVAL, "attach.section-type", "section %s is not one of a %s program",
			       adoption->opts->section, name ? name : "untyped");

	finding_evidence(finding, "the program at %s has type %u", adoption->path, type);
	return -EINVAL;
}

static int describe(const struct adoption *adoption, struct loaded_program *program, int fd,
		    const struct bpf_prog_info *info)
{
	const char *target = NULL, *section = adoption->opts->section;

	program->fd = fd;
	program->type = info->type;
	program->instructions = info->verified_insns ? info->verified_insns : info->xlated_prog_len / 8;
	program->row = find_row(section, info->type, &target);
	if (section && !program->row)
		return fail_section(adoption, info->type);
	if (program->row && program->row->has_expected_attach_type)
		program->expected_attach_type = program->row->expected_attach_type;
	program->name = *info->name ? strndup(info->name, sizeof info->name) : strdup(lade_path_leaf(adoption->path));
	program->section = strdup(section ? section : "");
	program->attach_target = target && *target ? strdup(target) : NULL;
	bool complete = program->name && program->section && (!target || !*target || program->attach_target);
	return complete ? 0 : lade_fail_memory(adoption->error);
}

/* Only the section says what many programs are for, and a pin has none. */
static int check_purpose(const struct adoption *adoption, const struct loaded_program *program)
{
	struct attach_program described = lade_load_describe(program);
	struct attach_target target = { .kind = TARGET_NONE };
	const char *text = adoption->opts->target;
	int r = text ? lade_target_parse(text, &target, adoption->error) : 0;
	bool good = r < 0 || adoption->opts->section || adoption->opts->attach_later ||
		    (text ? lade_attach_fits(&described, &target) : lade_attach_is_automatic(&described));

	lade_target_clear(&target);
	if (good)
		return r;
	const char *type = lade_program_type_name(program->type);
	struct lade_finding *finding =
		lade_error_add(adoption->error, EDESTADDRREQ, "attach.section-needed",
			       "%s: a pin does not say what this %s program is for", adoption->path, type ? type : "");
	finding_program(finding, program->name);
	return -EDESTADDRREQ;
}

/* ---- the instance ---- */

static int make(const struct adoption *adoption, struct lade_instance *instance, const struct bpf_prog_info *info,
		int fd)
{
	const bool is_pinned = !adoption->opts->transient;
	const struct txn_options options = { .name = adoption->name, .named = is_pinned, .file = adoption->path };
	struct loaded_program *program = array_push(&instance->programs);

	if (!program) {
		(void)fd_close(fd);
		return lade_fail_memory(adoption->error);
	}
	int r = describe(adoption, program, fd, info);
	if (r == 0 && is_pinned && !instance->name)
		r = lade_fail_memory(adoption->error);
	if (r == 0)
		r = check_purpose(adoption, program);
	if (r == 0)
		r = lade_txn_begin(adoption->context, &options, &instance->txn, adoption->error);
	if (r == 0)
		r = lade_load_note_program(instance->txn, program, adoption->error);
	if (r == 0)
		r = lade_txn_pin(instance->txn, TXN_PIN_PROGRAM, fd, program->name, NULL, NULL, adoption->error);
	if (r == 0 && !adoption->opts->attach_later)
		r = lade_load_attach_program(instance, 0, adoption->opts->target, adoption->error);
	return r < 0 ? r : lade_txn_commit(instance->txn, adoption->error);
}

/* Takes fd. */
static int make_instance(const struct adoption *adoption, const struct bpf_prog_info *info, int fd,
			 struct lade_instance **ret_instance)
{
	struct lade_instance *instance = calloc(1, sizeof *instance);

	if (!instance) {
		(void)fd_close(fd);
		return lade_fail_memory(adoption->error);
	}
	instance->context = adoption->context;
	instance->btf_fd = -1;
	instance->name = adoption->opts->transient ? NULL : strdup(adoption->name);
	int r = make(adoption, instance, info, fd);
	if (r < 0) {
		(void)lade_instance_close(instance);
		return r;
	}
	*ret_instance = instance;
	return 0;
}

/* The instance that was made of this very program before; NULL: what has this name, if anything, is another. */
static struct lade_instance *open_adopted(const struct adoption *adoption, const char *directory, uint32_t id)
{
	CLEANUP(cleanup_journal) struct journal journal = { 0 };
	struct lade_instance *instance = NULL;
	struct bpf_prog_info info;
	const char *file = lade_is_instance(directory, &journal) && journal.count
				   ? lade_journal_value(&journal.items[0], "file")
				   : NULL;

	if (!file || strcmp(file, adoption->path) != 0 ||
	    lade_instance_open_directory(adoption->context, directory, -1, &instance, NULL) < 0)
		return NULL;
	bool is_same = instance->programs.count == 1 &&
		       lade_bpf_prog_info(adoption->kernel, instance->programs.items[0].fd, &info) == 0 &&
		       info.id == id;
	return is_same ? instance : lade_instance_close(instance);
}

static int attach_more(const struct adoption *adoption, struct lade_instance *instance,
		       struct lade_instance **ret_instance)
{
	int r = adoption->opts->attach_later
			? 0
			: lade_instance_attach(instance, NULL, adoption->opts->target, adoption->error);

	if (r < 0)
		(void)lade_instance_close(instance);
	else
		*ret_instance = instance;
	return r;
}

static int adopt(const struct adoption *adoption, struct lade_instance **ret_instance)
{
	CLEANUP(cleanup_free) char *safe = lade_safe_name(adoption->name);
	CLEANUP(cleanup_free)
	char *directory = safe ? lade_path("%s/lade/%s", adoption->context->bpffs, safe) : NULL;
	struct bpf_prog_info info = { 0 };
	CLEANUP(cleanup_fd) int fd = directory ? open_program(adoption, &info) : lade_fail_memory(adoption->error);

	if (fd < 0)
		return fd;
	struct lade_instance *known =
		adoption->opts->transient ? NULL : open_adopted(adoption, directory, info.id);
	return known ? attach_more(adoption, known, ret_instance)
		     : make_instance(adoption, &info, take_fd(&fd), ret_instance);
}

LADE_API int lade_instance_adopt(struct lade_context *context, const char *pin, const struct lade_adopt_opts *opts,
				 struct lade_instance **ret_instance, struct lade_error **error)
{
	struct lade_adopt_opts known;
	CLEANUP(cleanup_free) char *path = NULL;
	struct adoption adoption = { .context = context, .opts = &known, .error = error };
	int r = opts_read(&known, sizeof known, opts);

	if (r < 0)
		return lade_fail(error, -r, "internal.options", "unknown options of adopting");
	if (known.attach_later && known.target)
		return lade_fail(error, EINVAL, "internal.options", "a target of what is attached later");
	r = lade_path_resolve(context, pin, &path);
	if (r == -ENOMEM)
		return lade_fail_memory(error);
	if (r < 0)
		return lade_fail(error, ENOENT, "state.not-found", "nothing can be pinned at \"%s\"", pin);
	r = lade_context_kernel(context, &adoption.kernel, error);
	if (r < 0)
		return r;
	adoption.path = path;
	adoption.name = known.name ? known.name : lade_path_leaf(path);
	return adopt(&adoption, ret_instance);
}
