/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a machine lets a process do with BPF, and what stands in the way: facts, each with where it comes from, and
 * findings. Nothing is changed; without probes nothing is loaded either.
 *
 *     struct lade_doctor *doctor = NULL;
 *     if (lade_doctor_examine(context, NULL, &doctor, &error) < 0)
 *             …
 *     for (size_t i = 0; i < lade_doctor_fact_count(doctor); i++) {
 *             struct lade_fact_info info = { .size = sizeof info };
 *             lade_doctor_fact(doctor, i, &info);
 *             printf("%s %s: %s\n", info.section, info.name, info.value);
 *     }
 *     lade_doctor_free(doctor);
 */
#ifndef LADE_DOCTOR_H
#define LADE_DOCTOR_H

#include <lade/context.h>
#include <lade/object.h>

LADE_BEGIN_DECLS

struct lade_doctor;

enum lade_fact_state {
	LADE_FACT_GIVEN,   /* it is there, and the value says what it is */
	LADE_FACT_ABSENT,  /* it is certain that it is not there */
	LADE_FACT_UNKNOWN, /* it could not be found out; the value says why */
};
/* "given", "absent", "unknown" */
LADE_API const char *lade_fact_state_name(enum lade_fact_state state);

struct lade_doctor_opts {
	size_t size;
	/*
	 * Directory under which /proc, /sys, /boot and the others are looked for: files that were copied from another
	 * machine, say. Then only files are read and the running kernel is asked nothing. NULL: /
	 */
	const char *root;
	int pid; /* the gates as this process sees them; 0: the caller */
	/* Asks the kernel for every type of program and map, helper and kind of BTF, by loading tiny programs (and
	 * giving them back at once); also kinds of attaching and links, instructions and flags. Not together with root or
	 * pid. */
	bool probe;
	/*
	 * Looks at what objects can be built with, and at nothing else: sections "kernel" and "build". The only thing that
	 * runs other programs: clang, llc, llvm-strip, bpftool, pahole and cc, as far as PATH has them in absolute
	 * directories, each for five seconds at most and all together for fifteen. Not together with root, pid or probe.
	 */
	bool build;
	bool options; /* keeps every option of the kernel's configuration for lade_doctor_option() */
};

/* -EINVAL (doctor.options), -ESRCH (doctor.process), -ENOMEM */
LADE_API int lade_doctor_examine(struct lade_context *context, const struct lade_doctor_opts *opts,
				 struct lade_doctor **ret_doctor, struct lade_error **error);
LADE_API struct lade_doctor *lade_doctor_free(struct lade_doctor *doctor);

struct lade_fact_info {
	size_t size;
	const char *section; /* "kernel", "privileges", "config" …: facts of one section stand together */
	const char *name;    /* unique in its section */
	enum lade_fact_state state;
	const char *value;
	const char *detail; /* what it means, or what its absence costs; NULL: nothing to add */
	const char *source; /* file or call that says so */
};
LADE_API size_t lade_doctor_fact_count(const struct lade_doctor *doctor);
/* Borrowed. -ERANGE past the end; -EINVAL when info->size is 0. */
LADE_API int lade_doctor_fact(const struct lade_doctor *doctor, size_t index, struct lade_fact_info *info);

struct lade_option_info {
	size_t size;
	const char *name;  /* "CONFIG_BPF" */
	const char *value; /* as it stands there: "y", "m", "250", "\"text\"" */
};
/* Options that are set, when they were asked for; 0 also when the configuration cannot be read. */
LADE_API size_t lade_doctor_option_count(const struct lade_doctor *doctor);
/* Borrowed. -ERANGE past the end; -EINVAL when info->size is 0. */
LADE_API int lade_doctor_option(const struct lade_doctor *doctor, size_t index, struct lade_option_info *info);

LADE_API size_t lade_doctor_finding_count(const struct lade_doctor *doctor);
/* Borrowed: lives as long as the doctor. NULL past the end. */
LADE_API const struct lade_finding *lade_doctor_finding(const struct lade_doctor *doctor, size_t index);
/* Of the findings that are errors: 3 when the kernel lacks something, else 5 when it is the environment, else 0. */
LADE_API int lade_doctor_exit_code(const struct lade_doctor *doctor);

/*
 * Compares what the object needs (needs.h) with the facts: adds a section "needs", and findings doctor.needs.… for what
 * is missing. What was found out with probes, or on the spot for the types of the object, counts more than versions.
 * May be called for several objects. -ENOMEM
 */
LADE_API int lade_doctor_compare(struct lade_doctor *doctor, const struct lade_object *object,
				 struct lade_error **error);

LADE_END_DECLS
#endif
