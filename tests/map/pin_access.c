/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps and programs that somebody else pinned: who may open them how. */
#include <grp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/account.h"
#include "map/pins.h"

enum { SOMEBODY = 4711, THEIR_GROUP = 4712, OTHER_GROUP = 4713 };

/* ---- who may ---- */

struct visitor {
	uid_t uid;
	gid_t gid;
	const char *path;
	enum lade_map_access access;
	bool is_program;
};

static int visit(const struct visitor *visitor, char *text, size_t size)
{
	struct lade_context *context = new_context(NULL);
	struct lade_map_open_opts opts = { .size = sizeof opts, .access = visitor->access };
	struct lade_live_map *map = NULL;
	struct lade_error *error = NULL;
	int result = visitor->is_program ? lade_program_get(context, visitor->path, &error)
					 : lade_map_open(context, visitor->path, &opts, &map, &error);
	int length = 0;
	if (result < 0) {
		struct lade_finding_info info = finding_of(error);
		length = snprintf(text, size, "%s|%s|%s", info.code, info.cause, info.fix);
		for (size_t i = 0; i < info.evidence_count; i++)
			length += snprintf(text + length, size - (size_t)length, "|%s", info.evidence[i]);
	}
	lade_map_close(map);
	lade_error_free(error);
	lade_context_free(context);
	return result < 0 ? result : 0;
}

/* As somebody without privilege, in a child: what came back, and the finding's text. */
static int visit_as(const struct visitor *visitor, char *text, size_t size)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		char answer[2048] = "";
		int result = -ENOSYS;
		if (setgroups(0, NULL) == 0 && setresgid(visitor->gid, visitor->gid, visitor->gid) == 0 &&
		    setresuid(visitor->uid, visitor->uid, visitor->uid) == 0)
			result = visit(visitor, answer, sizeof answer);
		(void)!write(ends[1], answer, strlen(answer));
		_exit(-result);
	}
	(void)close(ends[1]);
	ssize_t length = 0, got;
	while ((got = read(ends[0], text + length, size - 1 - (size_t)length)) > 0)
		length += got;
	text[length] = '\0';
	(void)close(ends[0]);
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* Kernels before 5.19 let nobody without privilege ask anything where unprivileged bpf is off. */
static bool may_ask(void)
{
	char text[2048];
	const struct visitor nobody = { SOMEBODY, OTHER_GROUP, LIVE_BPFFS "/nothing-is-here", LADE_MAP_READ, false };
	assert_int_equal(chmod(LIVE_BPFFS, 0755), 0);
	bool may = visit_as(&nobody, text, sizeof text) == -ENOENT;
	if (!may)
		print_error("this kernel lets nobody without privilege open pins: %s\n", text);
	return may;
}

static void mode_of_a_pin_decides_who_opens_it_how(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	char *pin = pin_of(&loaded, made, "moded"), text[2048];
	assert_int_equal(chown(pin, 0, THEIR_GROUP), 0);
	static const struct {
		mode_t mode;
		gid_t gid;
		enum lade_map_access access;
		int result;
		const char *cause, *fix;
	} rows[] = {
		{ 0640, THEIR_GROUP, LADE_MAP_READ, 0, NULL, NULL },
		{ 0640, THEIR_GROUP, LADE_MAP_WRITE, -EACCES, "the right to write", "only to read (LADE_MAP_READ)" },
		{ 0640, THEIR_GROUP, LADE_MAP_READ_WRITE, -EACCES, "the right to write",
		  "only to read (LADE_MAP_READ)" },
		{ 0620, THEIR_GROUP, LADE_MAP_WRITE, 0, NULL, NULL },
		{ 0620, THEIR_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "only to write (LADE_MAP_WRITE)" },
		{ 0660, THEIR_GROUP, LADE_MAP_READ_WRITE, 0, NULL, NULL },
		{ 0660, OTHER_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "member of group 4712 (4712)" },
		{ 0600, OTHER_GROUP, LADE_MAP_READ, -EACCES, "the right to read", "as its owner or as root" },
		{ 0664, OTHER_GROUP, LADE_MAP_READ, 0, NULL, NULL },
	};
	for (size_t i = 0; i < ELEMENTS(rows); i++) {
		const struct visitor visitor = { SOMEBODY, rows[i].gid, pin, rows[i].access, false };
		char owner[256], root[16];
		assert_int_equal(chmod(pin, rows[i].mode), 0);
		assert_int_equal(visit_as(&visitor, text, sizeof text), rows[i].result);
		if (rows[i].result == 0)
			continue;
		(void)snprintf(owner, sizeof owner, "%s belongs to %s:4712 (0:4712), mode %04o", pin,
			       lade_account_name(ACCOUNT_USER, 0, root, sizeof root), rows[i].mode);
		assert_non_null(strstr(text, "map.open|"));
		assert_non_null(strstr(text, rows[i].cause));
		assert_non_null(strstr(text, rows[i].fix));
		assert_non_null(strstr(text, owner));
		assert_non_null(strstr(text, "runs as 4711 (4711)"));
	}
	unpin(pin);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void directory_that_lets_nobody_through_is_named(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = only_context();
	struct lade_live_map *made = make_map(&loaded, BPF_MAP_TYPE_HASH, 4, 8, 4);
	assert_int_equal(mkdir(LIVE_BPFFS "/closed", 0700), 0);
	assert_int_equal(mkdir(LIVE_BPFFS "/closed/inner", 0755), 0);
	char *pin = pin_of(&loaded, made, "closed/inner/map"), text[2048], user[16], group[16], owner[128];
	assert_int_equal(chmod(pin, 0666), 0);
	const struct visitor visitor = { SOMEBODY, OTHER_GROUP, pin, LADE_MAP_READ, false };
	assert_int_equal(visit_as(&visitor, text, sizeof text), -EACCES);
	assert_non_null(strstr(text, "may not enter the directory " LIVE_BPFFS "/closed|"));
	(void)snprintf(owner, sizeof owner, "%s belongs to %s:%s (0:0), mode 0700", LIVE_BPFFS "/closed",
		       lade_account_name(ACCOUNT_USER, 0, user, sizeof user), /* a small machine has no names */
		       lade_account_name(ACCOUNT_GROUP, 0, group, sizeof group));
	assert_non_null(strstr(text, owner));
	unpin(pin);
	assert_int_equal(rmdir(LIVE_BPFFS "/closed/inner"), 0);
	assert_int_equal(rmdir(LIVE_BPFFS "/closed"), 0);
	lade_map_close(made);
	assert_leaves_nothing(&loaded);
}

static void program_pin_that_may_only_be_read_is_enough(void **state)
{
	(void)state;
	need_live();
	if (!may_ask())
		skip();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "readable");
	static const char pin[] = LIVE_BPFFS "/lade/readable/progs/drop";
	char text[2048];
	assert_int_equal(chown(pin, 0, THEIR_GROUP), 0);
	assert_int_equal(chmod(pin, 0440), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade", 0755), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade/readable", 0755), 0);
	assert_int_equal(chmod(LIVE_BPFFS "/lade/readable/progs", 0755), 0);
	struct visitor visitor = { SOMEBODY, THEIR_GROUP, pin, LADE_MAP_READ, true };
	assert_int_equal(visit_as(&visitor, text, sizeof text), 0);
	visitor.gid = OTHER_GROUP;
	assert_int_equal(visit_as(&visitor, text, sizeof text), -EACCES);
	assert_non_null(strstr(text, "program.open|"));
	assert_non_null(strstr(text, "member of group 4712"));
	assert_leaves_nothing(&loaded);
}

static void program_of_another_type_is_refused_by_name(void **state)
{
	(void)state;
	need_live();
	struct loaded loaded = loaded_open(NULL, "map_all.bpf.o");
	loaded_load(&loaded, "typed");
	struct lade_program_get_opts opts = { .size = sizeof opts, .type = "tracepoint" };
	struct lade_live_program_info info = { .size = sizeof info };
	struct lade_error *error = NULL;
	int fd = lade_program_get(loaded.context, "typed/drop", NULL);
	assert_true(fd >= 3);
	assert_int_equal(lade_live_program_describe(loaded.context, fd, &info, NULL), 0);
	assert_string_equal(info.name, "drop");
	assert_non_null(info.type_name);
	assert_true(info.id > 0 && info.instructions > 0);
	(void)close(fd);
	assert_int_equal(lade_program_get_with(loaded.context, "typed/drop", &opts, &error), -EINVAL);
	assert_string_equal(finding_of(error).code, "program.type");
	assert_evidence(error, info.type_name);
	lade_error_free(error);
	error = NULL;
	opts.type = info.type_name;
	fd = lade_program_get_with(loaded.context, "typed/drop", &opts, NULL);
	assert_true(fd >= 3);
	(void)close(fd);
	int map_fd = lade_map_get(loaded.context, "typed/numbers", NULL);
	assert_int_equal(lade_live_program_describe(loaded.context, map_fd, &info, &error), -EINVAL);
	assert_string_equal(finding_of(error).code, "program.open");
	lade_error_free(error);
	(void)close(map_fd);
	assert_leaves_nothing(&loaded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_of_a_pin_decides_who_opens_it_how),
		cmocka_unit_test(directory_that_lets_nobody_through_is_named),
		cmocka_unit_test(program_pin_that_may_only_be_read_is_enough),
		cmocka_unit_test(program_of_another_type_is_refused_by_name),
	};
	return cmocka_run_group_tests_name("map/pin_access", tests, setup, NULL);
}
