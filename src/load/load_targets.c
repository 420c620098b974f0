/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs and devices that others are verified against, as lade_program_set_target() names them. */
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "diagnose/diagnose.h"
#include "load/known.h"

#define BTF_BYTES_MOST (16u << 20) /* BTF_MAX_SIZE of the kernel */

struct opening {
	struct lade_context *context;
	struct kernel *kernel;
	const struct lade_object *object;
	const struct lade_program *program;
	struct opened_target *opened;
	struct plan_load_target *target;
	struct lade_error **error;
};

static struct lade_finding *add_finding(struct opening *opening, int errnum, const char *code, const char *why)
{
	const struct lade_program *program = opening->program;
	struct lade_finding *finding =
		lade_error_add(opening->error, errnum, code, "%s: the target %s of program %s %s",
			       opening->object->file, program->target_request, program->name, why);

	finding_program(finding, program->name);
	return finding;
}

static int open_program(struct opening *opening)
{
	const char *request = opening->program->target_request;
	char path[PATH_MAX];
	uint32_t id;
	int length;

	if (lade_load_target_is_id(request, &id))
		return lade_bpf_prog_by_id(opening->kernel, id);
	length = *request == '/' ? snprintf(path, sizeof path, "%s", request)
				 : snprintf(path, sizeof path, "%s/%s", opening->context->bpffs, request);
	if (length < 0 || (size_t)length >= sizeof path)
		return -ENAMETOOLONG;
	return lade_bpf_obj_get(opening->kernel, path);
}

static int refuse_program(struct opening *opening, int errnum)
{
	char what[PATH_MAX];

	if (errnum == ENOENT) {
		struct lade_finding *finding =
			add_finding(opening, errnum, "plan.target.program", "is not there: no such pin or id");
		finding_fix(finding, "bpftool prog show lists ids, lade show NAME pins");
		return -errnum;
	}
	(void)snprintf(what, sizeof what, "open program %s, the target of %s", opening->program->target_request,
		       opening->program->name);
	return lade_diagnose_operation(opening->kernel, opening->object, "BPF_OBJ_GET", what, errnum,
				       "plan.target.program", opening->error);
}

/* The descriptor of a map takes no program's questions. */
static int ask_program(struct opening *opening, uint32_t *ret_btf_id)
{
	struct bpf_prog_info info;
	int r = lade_bpf_prog_info(opening->kernel, opening->opened->fd, &info);

	if (r < 0)
		return refuse_program(opening, -r);
	if (!info.type || lade_bpf_is_other(opening->opened->fd, "bpf-prog")) {
		(void)add_finding(opening, EINVAL, "plan.target.program", "is no program");
		return -EINVAL;
	}
	if (!info.btf_id) {
		(void)add_finding(opening, EINVAL, "plan.target.no-btf", "was loaded without BTF");
		return -EINVAL;
	}
	*ret_btf_id = info.btf_id;
	return 0;
}

static int parse_btf(struct opening *opening, int fd)
{
	struct bpf_btf_info info = { 0 };
	CLEANUP(cleanup_free) uint8_t *bytes = NULL;
	char name[64];
	uint32_t size;
	int r = lade_bpf_btf_info(opening->kernel, fd, &info);

	if (r < 0)
		return refuse_program(opening, -r);
	size = info.btf_size > BTF_BYTES_MOST ? 0 : info.btf_size;
	bytes = malloc(size ? size : 1);
	if (!bytes)
		return lade_fail_memory(opening->error);
	info = (struct bpf_btf_info){ .btf = (uintptr_t)bytes, .btf_size = size };
	r = lade_bpf_btf_info(opening->kernel, fd, &info);
	if (r < 0)
		return refuse_program(opening, -r);
	(void)snprintf(name, sizeof name, "BTF %u of the kernel", info.id);
	return lade_btf_parse(bytes, size, name, &opening->opened->btf, opening->error);
}

static int read_btf(struct opening *opening, uint32_t id)
{
	int fd = lade_bpf_btf_by_id(opening->kernel, id);
	int r = fd < 0 ? refuse_program(opening, -fd) : parse_btf(opening, fd);

	(void)fd_close(fd);
	return r;
}

static int open_target_program(struct opening *opening)
{
	int fd = open_program(opening), r;
	uint32_t btf_id = 0;

	if (fd < 0)
		return refuse_program(opening, -fd);
	opening->opened->fd = fd;
	r = ask_program(opening, &btf_id);
	if (r == 0)
		r = read_btf(opening, btf_id);
	if (r < 0)
		return r;
	opening->target->btf = opening->opened->btf;
	/* A kernel that does not say: then only names find the function. */
	(void)lade_bpf_prog_main_function(opening->kernel, fd, &opening->target->main_function);
	return 0;
}

static int find_device(struct opening *opening)
{
	const char *name = opening->program->target_request;
	unsigned index = if_nametoindex(name);
	char buffer[IF_NAMESIZE];
	uint32_t number;

	if (!index && lade_load_target_is_id(name, &number) && if_indextoname(number, buffer))
		index = number;
	if (!index) {
		(void)add_finding(opening, ENODEV, "plan.target.device", "is no interface of this network namespace");
		return -ENODEV;
	}
	opening->target->ifindex = index;
	return 0;
}

static int open_one(struct opening *opening)
{
	switch (lade_load_target_kind(opening->program)) {
	case LOAD_TARGET_PROGRAM:
		return open_target_program(opening);
	case LOAD_TARGET_DEVICE:
		return find_device(opening);
	case LOAD_TARGET_SECTION:
	case LOAD_TARGET_FUNCTION:
	case LOAD_TARGET_OWN:     /* it is not loaded yet */
	case LOAD_TARGET_REFUSED: /* by the plan */
		break;
	}
	return 0;
}

static bool anybody_asks(const struct lade_object *object)
{
	array_foreach(program, &object->programs)
		if ((*program)->target_request)
			return true;
	return false;
}

static int make_tables(struct known *known, const struct lade_object *object)
{
	size_t count = object->programs.count;

	known->load_targets = calloc(count, sizeof *known->load_targets);
	known->opened = calloc(count, sizeof *known->opened);
	if (!known->load_targets || !known->opened)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		known->opened[i].fd = -1;
	known->program_count = count;
	known->target.load_targets = known->load_targets;
	return 0;
}

int lade_known_load_targets(struct known *known, struct lade_context *context, const struct lade_object *object,
			    struct lade_error **error)
{
	struct opening opening = { .context = context, .object = object, .error = error };
	int r;

	if (!anybody_asks(object))
		return 0;
	r = lade_context_kernel(context, &opening.kernel, error);
	if (r == 0 && make_tables(known, object) < 0)
		r = lade_fail_memory(error);
	for (size_t i = 0; r == 0 && i < object->programs.count; i++) {
		opening.program = object->programs.items[i];
		opening.opened = &known->opened[i];
		opening.target = &known->load_targets[i];
		if (opening.program->autoload && !opening.program->skip)
			r = open_one(&opening);
	}
	return r;
}
