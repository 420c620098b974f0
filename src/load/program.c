/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One program through the verifier. Level 0 first; on rejection once more with a log, because a log costs
 * 2 to 9 times the verification. The first errno is the verdict. Forms that an older kernel does not know
 * are dropped only when the log is empty, and remembered as absent only after that helped.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "diagnose/diagnose.h"
#include "kernel/until.h"
#include "load/loader.h"

#define LOG_BYTES_FIRST (64u * 1024)            /* rotates since 6.4: the decisive last lines are kept */
#define LOG_BYTES_MOST  (16u * 1024 * 1024 - 1) /* what kernels before 5.2 take: UINT32_MAX >> 8 */
#define EAGAIN_ATTEMPTS 5                       /* verification interrupted by a signal */
#define RUNNING_KERNEL  0xFFFFFFFEu             /* `version` of gobpf and redbpf objects */

static const struct program_form {
	enum kernel_form form;
	const char *what;
} program_forms[] = {
	{ FORM_CONTEXT_TAG, "__arg_ctx: its functions take the context by type, as kernels before 6.8 want" },
	{ FORM_PROGRAM_BTF, "its BTF function and line records" },
	{ FORM_EXPECTED_ATTACH, "its expected attach type" },
	{ FORM_NAMES, "its name" },
};

struct attempt {
	struct attr_prog_load attr;
	char *log;
	uint32_t log_bytes;
	uint64_t ns;
};

static uint64_t now_ns(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int slot_fd(const struct program_job *job, uint32_t slot)
{
	return slot == NO_SLOT ? -1 : job->loader->slots[slot];
}

static void patch_address(struct bpf_insn *instruction, uint64_t address)
{
	instruction[0].imm = (int32_t)address;
	instruction[1].imm = (int32_t)(address >> 32);
}

static void patch(const struct program_job *job)
{
	struct program_operation *load = job->operation->program_load;

	array_foreach(patch, &load->patches) {
		struct bpf_insn *instruction = &load->instructions.items[patch->instruction];
		if (patch->kind == PATCH_ADDRESS)
			patch_address(instruction, job->loader->addresses[patch->slot]);
		else if (patch->kind == PATCH_BTF)
			instruction[1].imm = slot_fd(job, patch->slot);
		else
			instruction->imm = slot_fd(job, patch->slot);
	}
}

/* Index 0 stands for the kernel's own BTF in the instructions; nothing is looked up there. */
static int make_fd_array(const struct program_job *job, int **ret_fds)
{
	const struct program_operation *load = job->operation->program_load;
	int *fds;

	if (!load->fd_array.count)
		return 0;
	fds = calloc(load->fd_array.count + 1, sizeof *fds);
	if (!fds)
		return -ENOMEM;
	for (size_t i = 0; i < load->fd_array.count; i++)
		fds[i + 1] = slot_fd(job, load->fd_array.items[i]);
	*ret_fds = fds;
	return 0;
}

/* Only kernels before 5.0 look at it, and only for kprobes; they want their own code, whatever the object says. */
static uint32_t kern_version(const struct program_job *job)
{
	const struct lade_object *object = job->loader->object;

	if (job->operation->program_load->type == BPF_PROG_TYPE_KPROBE)
		return lade_kernel_version(job->loader->kernel);
	return object->has_version && object->version != RUNNING_KERNEL ? object->version : 0;
}

static int btf_fd(const struct program_job *job)
{
	return job->loader->btf_lacks_functions ? -1 : slot_fd(job, job->operation->program_load->btf_slot);
}

/* What it is verified against. Without it the program would be another one: no step back drops it. */
static void fill_target(const struct program_job *job, struct attr_prog_load *attr)
{
	const struct program_operation *load = job->operation->program_load;
	uint32_t slot = load->attach_target_slot != NO_SLOT ? load->attach_target_slot : load->attach_btf_slot;

	attr->attach_btf_id = load->attach_btf_id;
	attr->attach_prog_fd = slot == NO_SLOT ? 0 : (uint32_t)slot_fd(job, slot);
	attr->prog_ifindex = load->ifindex;
	attr->fd_array = (uintptr_t)job->fd_array;
}

static void fill_btf(const struct program_job *job, unsigned absent, struct attr_prog_load *attr)
{
	const struct program_operation *load = job->operation->program_load;
	bool older = (absent & FORM_CONTEXT_TAG) && load->older_func_info.count;

	if (btf_fd(job) < 0)
		return;
	attr->prog_btf_fd = (uint32_t)btf_fd(job);
	attr->func_info = (uintptr_t)(older ? load->older_func_info.items : load->func_info.items);
	attr->func_info_cnt = (uint32_t)load->func_info.count;
	attr->func_info_rec_size = load->func_info.count ? sizeof *load->func_info.items : 0;
	attr->line_info = (uintptr_t)load->line_info.items;
	attr->line_info_cnt = (uint32_t)load->line_info.count;
	attr->line_info_rec_size = load->line_info.count ? sizeof *load->line_info.items : 0;
}

static struct attr_prog_load fill_attr(const struct program_job *job, unsigned absent)
{
	const struct program_operation *load = job->operation->program_load;
	const char *license = job->loader->object->license;
	bool drop_attach_type = (absent & FORM_EXPECTED_ATTACH) && load->expected_attach_type_optional;
	struct attr_prog_load attr = {
		.prog_type = load->type,
		.insn_cnt = (uint32_t)load->instructions.count,
		.insns = (uintptr_t)load->instructions.items,
		.license = (uintptr_t)(license ? license : ""),
		.kern_version = kern_version(job),
		.prog_flags = load->flags,
		.expected_attach_type = drop_attach_type ? 0 : load->expected_attach_type,
	};

	fill_target(job, &attr);
	if (!(absent & FORM_NAMES))
		memcpy(attr.prog_name, load->kernel_name, sizeof attr.prog_name);
	if (!(absent & FORM_PROGRAM_BTF))
		fill_btf(job, absent, &attr);
	return attr;
}

static int call(const struct program_job *job, struct attempt *attempt)
{
	int fd = -EAGAIN;

	for (unsigned i = 0; i < EAGAIN_ATTEMPTS && fd == -EAGAIN && !lade_is_over(job->loader->deadline); i++) {
		uint64_t start = now_ns();
		fd = lade_bpf_prog_load(job->loader->kernel, &attempt->attr);
		attempt->ns = now_ns() - start;
	}
	return fd;
}

static bool set_log(struct attempt *attempt, uint32_t level, uint32_t bytes)
{
	char *log = realloc(attempt->log, bytes);

	if (!log)
		return false;
	*log = '\0';
	attempt->log = log;
	attempt->log_bytes = bytes;
	attempt->attr.log_buf = (uintptr_t)log;
	attempt->attr.log_size = bytes;
	attempt->attr.log_level = level;
	return true;
}

/* A full buffer ends a load with ENOSPC; kernels that fill log_true_size also kept the last lines. */
static int call_with_log(const struct program_job *job, struct attempt *attempt, uint32_t level, bool must_fit)
{
	int fd = -ENOSPC;

	for (uint32_t bytes = LOG_BYTES_FIRST; fd == -ENOSPC;
	     bytes = bytes > LOG_BYTES_MOST / 8 ? LOG_BYTES_MOST : bytes * 8) {
		attempt->attr.log_true_size = 0;
		if (!set_log(attempt, level, bytes))
			return -ENOMEM;
		fd = call(job, attempt);
		attempt->log[attempt->log_bytes - 1] = '\0';
		if (bytes == LOG_BYTES_MOST || (attempt->attr.log_true_size && !must_fit))
			break;
	}
	return fd;
}

/* Descriptor, or the verdict; attempt->log is set when there is one. */
static int attempt_load(const struct program_job *job, unsigned absent, struct attempt *attempt)
{
	uint32_t level = job->loader->opts->verifier_log_level;
	int verdict, fd;

	attempt->attr = fill_attr(job, absent);
	if (level)
		return call_with_log(job, attempt, level, true);
	verdict = call(job, attempt);
	if (verdict >= 0 || verdict == -EPERM || verdict == -ENOSYS || verdict == -EAGAIN)
		return verdict;
	fd = call_with_log(job, attempt, 1, false);
	return fd >= 0 ? fd : verdict;
}

static bool uses_form(const struct program_job *job, enum kernel_form form)
{
	const struct program_operation *load = job->operation->program_load;

	if (form == FORM_CONTEXT_TAG)
		return btf_fd(job) >= 0 && load->older_func_info.count;
	if (form == FORM_PROGRAM_BTF) /* what replaces a function is compared with it by types */
		return btf_fd(job) >= 0 && load->type != BPF_PROG_TYPE_EXT;
	if (form == FORM_EXPECTED_ATTACH)
		return load->expected_attach_type && load->expected_attach_type_optional;
	return load->kernel_name[0];
}

/* A parameter that is not known to be the context: of no size, or memory where a context comes in or is wanted. */
static bool names_context(const char *log)
{
	static const char *const words[] = { "reference type(", "type PTR in ", "type=ctx expected=", "expected=ctx" };

	for (size_t i = 0; i < ELEMENTS(words); i++)
		if (strstr(log, words[i]))
			return true;
	return false;
}

/* The verifier says itself when it does not like the records that came with the program. */
static bool names_form(const char *log, enum kernel_form form)
{
	const char *last = lade_last_line(log);

	/* Records are looked at first: who came to the instructions had nothing against them. */
	if (strncmp(last, "processed ", strlen("processed ")) == 0 &&
	    strncmp(last, "processed 0 ", strlen("processed 0 ")) != 0)
		return false;
	return form == FORM_PROGRAM_BTF && (strstr(log, "func_info") || strstr(log, "line_info") || strstr(log, "BTF"));
}

static bool may_step_back(const struct attempt *attempt, int verdict, enum kernel_form form)
{
	if (form == FORM_CONTEXT_TAG)
		return (verdict == -EINVAL || verdict == -EACCES) && attempt->log && names_context(attempt->log);
	if (verdict != -EINVAL && verdict != -E2BIG)
		return false;
	return !attempt->log || !*attempt->log || names_form(attempt->log, form);
}

static void note_step_back(struct program_job *job, const char *what)
{
	struct lade_finding *note =
		lade_note_add(&job->notes, "program.stepped-back", "%s: program %s was loaded without %s",
			      job->loader->object->file, job->name, what);

	finding_program(note, job->name);
}

/* Drops forms one after another; each stays dropped for the next try. */
static int step_back(struct program_job *job, unsigned absent, struct attempt *attempt, int verdict)
{
	for (size_t i = 0; i < ELEMENTS(program_forms); i++) {
		const struct program_form *form = &program_forms[i];
		struct attempt next = { 0 };
		int fd;
		if ((absent & form->form) || !uses_form(job, form->form) ||
		    !may_step_back(attempt, verdict, form->form))
			continue;
		absent |= form->form;
		fd = attempt_load(job, absent, &next);
		/* What the verifier says without the form is more than silence with it. */
		if (fd >= 0 || (next.log && *next.log)) {
			free(attempt->log);
			*attempt = next;
			verdict = fd;
		} else {
			free(next.log);
		}
		if (fd >= 0) {
			lade_kernel_form_set_absent(job->loader->kernel, form->form);
			note_step_back(job, form->what);
			return fd;
		}
	}
	return verdict;
}

/* The program of the same object that this one is verified against was refused. */
static bool lacks_target(const struct program_job *job)
{
	const struct program_operation *load = job->operation->program_load;

	return load->own_target != NO_INDEX && slot_fd(job, load->attach_target_slot) < 0;
}

void lade_load_variants(struct program_job *job)
{
	for (; job; job = job->next_variant) {
		job->untried = false;
		lade_load_program(job);
		if (job->fd >= 0 || !job->may_fail)
			return;
	}
}

void lade_load_program(struct program_job *job)
{
	unsigned absent = atomic_load(&job->loader->kernel->absent_forms);
	struct attempt attempt = { 0 };
	int fd;

	if (lacks_target(job)) {
		job->code = -ECANCELED;
		return;
	}
	if (lade_is_over(job->loader->deadline)) {
		job->code = -ETIMEDOUT;
		return;
	}
	patch(job);
	if (make_fd_array(job, &job->fd_array) < 0) {
		job->code = lade_fail_memory(&job->error);
		return;
	}
	fd = attempt_load(job, absent, &attempt);
	if (lade_load_raise_memlock(job->loader, fd))
		fd = attempt_load(job, absent, &attempt);
	if (fd < 0)
		fd = step_back(job, absent, &attempt, fd);
	if (fd == -EAGAIN && lade_is_over(job->loader->deadline)) {
		job->code = -ETIMEDOUT;
		free(attempt.log);
		free(TAKE(job->fd_array));
		return;
	}
	job->fd = fd < 0 ? -1 : fd;
	job->code = fd < 0 ? fd : 0;
	job->verify_ns = attempt.ns;
	if (fd < 0)
		(void)lade_diagnose_program(job->loader->kernel, job->loader->object, job->operation, &attempt.attr,
					    -fd, attempt.log ? attempt.log : "", &job->error);
	if (fd < 0 || !job->loader->opts->verifier_log_level)
		free(attempt.log);
	else
		job->log = attempt.log;
	free(TAKE(job->fd_array));
}
