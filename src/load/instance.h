/* SPDX-License-Identifier: BSD-2-Clause */
/* What is now in the kernel, behind the public handle. */
#ifndef LADE_LOAD_INSTANCE_H
#define LADE_LOAD_INSTANCE_H

#include <lade/instance.h>

#include "attach/attach.h"
#include "btf/btf.h"
#include "object/model.h"
#include "txn/txn.h"

struct ops_table; /* plan/plan.h */
struct loader;    /* load/loader.h */

/* An arena in our memory. */
struct loaded_memory {
	void *start; /* NULL: it is not */
	size_t bytes;
};

struct loaded_map {
	char *name;
	struct map_definition definition; /* as created */
	uint32_t btf_record_type;         /* hint for stream/, see struct lade_map */
	int fd;
	bool reused, is_data;
	char *pin;
	struct ops_table *ops;       /* of a table of kernel operations: what attaching writes; owned, NULL: none */
	struct loaded_memory memory; /* of an arena */
};

struct loaded_program {
	char *name, *section, *attach_target;
	uint32_t type;
	uint32_t expected_attach_type;
	const struct section_row *row;
	int fd; /* -1: not loaded */
	uint32_t instructions;
	uint64_t verify_ns;
	char *skip, *pin, *log, *slot_map;
	uint32_t slot;
	bool reused; /* was pinned before the load */
};

struct loaded_link {
	uint32_t program; /* index; NO_INDEX: a table of kernel operations */
	char *table;      /* its name; NULL: a program */
	struct attachment attachment;
	char *method; /* owned; what attachment.method points to in an instance that was opened */
	char *pin;    /* NULL: it has none */
	bool is_effect; /* … and is attachment.effect of the journal */
	bool gone;      /* of an instance that was opened: nothing was attached any more */
};
void lade_loaded_link_clear(struct loaded_link *link);

struct instance_cpus; /* cpus.c */

struct lade_instance {
	struct lade_context *context;
	const struct loader *loading; /* while its load attaches: it has the maps yet */
	struct txn *txn;
	char *name;
	struct lade_btf *btf; /* the object's, referenced; NULL: none */
	int btf_fd;           /* the same in the kernel, which is let go when nobody waits for it; -1: none */
	ARRAY_OF(struct loaded_map) maps;
	ARRAY_OF(struct loaded_program) programs;
	ARRAY_OF(struct loaded_link) links;
	struct findings notes;
	uint64_t load_ns;
	struct instance_cpus *cpus; /* listens to CPUs that come and go; NULL: nothing is attached to them by this handle */
	bool holding; /* what is attached now is not pinned: it ends with the handle (lade_instance_hold()) */
};

/* cpus.c: before a program is attached to CPUs. Without memory or the right to listen, the list of CPUs must do. */
void lade_instance_listen_to_cpus(struct lade_instance *instance);
void lade_instance_cpus_free(struct instance_cpus *cpus);

/* open.c: of an instance directory (absolute). held: as lade_txn_open(). */
int lade_instance_open_directory(struct lade_context *context, const char *directory, int held,
				 struct lade_instance **ret_instance, struct lade_error **error);

#endif
