/* SPDX-License-Identifier: BSD-2-Clause */
/* From a path or bytes to a filled object: ELF, BTF, dialect. */
#include <errno.h>
#include <string.h>

#include "base/info.h"
#include "dialect/dialect.h"
#include "kernel/context.h"

#define MAX_FILE_BYTES (UINT64_C(256) << 20)

/* Without directories and without .bpf.o, .o, .bpf. NULL without memory. */
static char *object_name(const char *file)
{
	static const char *const endings[] = { ".bpf.o", ".o", ".bpf" };
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t length = strlen(base);
	for (size_t i = 0; i < ELEMENTS(endings); i++) {
		size_t ending = strlen(endings[i]);
		if (length > ending && strcmp(base + length - ending, endings[i]) == 0)
			return strndup(base, length - ending);
	}
	return strdup(base);
}

static int check_name(const char *name, struct lade_error **error)
{
	if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !strchr(name, '/'))
		return 0;
	return lade_fail(error, EINVAL, "dialect.name", "\"%s\" cannot be the name of an object", name);
}

static struct lade_object *new_object(struct lade_context *context, const char *file, const char *name)
{
	char *made CLEANUP(cleanup_free) = name ? NULL : object_name(file);
	if (!name && !made)
		return NULL;
	struct lade_object *object = lade_object_create(context, file, name ? name : made);
	if (object && context)
		object->log = &context->log;
	return object;
}

/* ---- BTF ---- */

/* An object of an older dialect is worth reading without its BTF; the maps of .maps are not. */
static int forgive_btf(const struct elf_image *elf, struct lade_object *object, int result, struct lade_error **problem,
		       struct lade_error **error)
{
	if (result == -ENOMEM || lade_elf_section(elf, ".maps")) {
		lade_error_merge(error, problem);
		return result;
	}
	struct lade_finding *note = lade_note_add(&object->notes, "dialect.btf-ignored", "BTF is ignored: %s",
						  lade_error_message(*problem));
	finding_object(note, object->file);
	return 0;
}

static int parse_btf(const struct elf_image *elf, struct lade_btf **btf, struct btf_ext **ext,
		     struct lade_error **error)
{
	const struct elf_section *types = lade_elf_section(elf, ".BTF");
	const struct elf_section *more = lade_elf_section(elf, ".BTF.ext");
	if (!types || !types->bytes)
		return 0;
	int result = lade_btf_parse(types->bytes, types->size, elf->file, btf, error);
	if (result < 0 || !more || !more->bytes)
		return result;
	return lade_btf_ext_parse(*btf, more->bytes, more->size, elf->file, ext, error);
}

static int read_btf(const struct elf_image *elf, struct lade_object *object, struct lade_btf **btf,
		    struct btf_ext **ext, struct lade_error **error)
{
	struct lade_error *problem CLEANUP(cleanup_lade_error) = NULL;
	int result = parse_btf(elf, btf, ext, &problem);
	if (result >= 0)
		return 0;
	*btf = lade_btf_free(*btf);
	return forgive_btf(elf, object, result, &problem, error);
}

/* ---- dialect ---- */

static int choose_dialect(const struct source *source, const char *wanted, struct lade_object *object,
			  const struct dialect **ret_dialect, struct lade_error **error)
{
	if (!wanted)
		return lade_dialect_detect(source, object, ret_dialect, error);
	const struct dialect *dialect = lade_dialect_find(wanted);
	if (!dialect) {
		lade_dialect_suggest(wanted, lade_error_add(error, EINVAL, "dialect.unknown",
							    "%s is no dialect that this version of Lade reads",
							    wanted));
		return -EINVAL;
	}
	*ret_dialect = dialect;
	return lade_strings_addf(&object->evidence, "asked for") < 0 ? lade_fail_memory(error) : 0;
}

/* ---- what a load of it will be refused for ---- */

static struct lade_finding *need_note(const struct lade_object *object, const char *code)
{
	array_foreach(note, &object->notes)
		if (strcmp((*note)->code, code) == 0)
			return *note;
	return NULL;
}

/* One note for each kind of need, its cases as evidence; a warning, because reading it is no error. */
static void note_needs(struct lade_object *object)
{
	array_foreach(need, &object->needs) {
		struct lade_finding *note = need_note(object, need->code);
		if (!note) {
			note = lade_note_add(&object->notes, need->code, "will not load: %s", need->what);
			finding_object(note, object->file);
			if (note)
				note->severity = LADE_WARNING;
		}
		finding_evidence(note, "%s", need->what);
	}
}

static int fill_object(const struct elf_image *elf, const struct lade_open_opts *options, struct lade_object *object,
		       struct lade_error **error)
{
	struct lade_btf *btf CLEANUP(cleanup_lade_btf) = NULL;
	struct btf_ext *ext CLEANUP(cleanup_btf_ext) = NULL;
	const struct dialect *dialect;
	object->big_endian = elf->big_endian;
	int result = read_btf(elf, object, &btf, &ext, error);
	struct source source = { elf, btf, ext, options->pin_names };
	if (result == 0)
		result = choose_dialect(&source, options->dialect, object, &dialect, error);
	if (result < 0)
		return result;
	object->dialect = strdup(dialect->name);
	if (!object->dialect)
		return lade_fail_memory(error);
	object->btf = btf ? lade_btf_ref(btf) : NULL;
	lade_log(object->log, LADE_LOG_DEBUG, "%s: %s dialect", object->file, dialect->name);
	object->options = options;
	result = dialect->fill(dialect, &source, object, error);
	object->options = NULL;
	lade_object_trace(object);
	if (result == 0)
		note_needs(object);
	return result;
}

static int open_image(struct lade_context *context, const struct elf_image *elf, const struct lade_open_opts *options,
		      struct lade_object **ret_object, struct lade_error **error)
{
	struct lade_object *object CLEANUP(cleanup_lade_object) = new_object(context, elf->file, options->name);
	if (!object)
		return lade_fail_memory(error);
	int result = check_name(object->name, error);
	if (result == 0)
		result = fill_object(elf, options, object, error);
	if (result < 0)
		return result;
	*ret_object = TAKE(object);
	return 0;
}

static int read_options(const struct lade_open_opts *opts, struct lade_open_opts *options, struct lade_error **error)
{
	int result = opts_read(options, sizeof *options, opts);
	return result < 0 ? lade_fail(error, -result, "internal.options",
				      "struct lade_open_opts is not one that this "
				      "version of Lade knows")
			  : 0;
}

int lade_object_open(struct lade_context *context, const char *path, const struct lade_open_opts *opts,
		     struct lade_object **ret_object, struct lade_error **error)
{
	struct lade_open_opts options;
	struct elf_image *elf CLEANUP(cleanup_elf_image) = NULL;
	struct lade_error *problem = NULL;
	uint64_t limit = context && context->max_file_size ? context->max_file_size : MAX_FILE_BYTES;
	int result = read_options(opts, &options, &problem);
	if (result == 0)
		result = lade_elf_read(path, limit, &elf, &problem);
	if (result == 0)
		result = open_image(context, elf, &options, ret_object, &problem);
	lade_error_set_object(problem, path);
	lade_error_merge(error, &problem);
	return result;
}

int lade_object_open_memory(struct lade_context *context, const void *bytes, size_t size, const char *file_name,
			    const struct lade_open_opts *opts, struct lade_object **ret_object,
			    struct lade_error **error)
{
	struct lade_open_opts options;
	struct elf_image *elf CLEANUP(cleanup_elf_image) = NULL;
	struct lade_error *problem = NULL;
	const char *file = file_name ? file_name : "memory";
	int result = read_options(opts, &options, &problem);
	if (result == 0)
		result = lade_elf_parse(bytes, size, file, &elf, &problem);
	if (result == 0)
		result = open_image(context, elf, &options, ret_object, &problem);
	lade_error_set_object(problem, file);
	lade_error_merge(error, &problem);
	return result;
}
