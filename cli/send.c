/* SPDX-License-Identifier: BSD-2-Clause */
/* lade send: records for programs, through a user ring buffer. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

const struct cli_option verb_send_options[] = {
	{ 0, "record", "STRUCT", "read records as this struct of the BTF; default: what the map declares" },
	{ 0, "obj", "FILE", "take the types of records from this object file; default: from the kernel" },
	{ 0, "wait", "MS", "wait so long for room in a full ring; default: 1000" },
	{ 0 },
};

struct sending {
	struct cli *cli;
	struct lade_user_ring *ring;
	uint64_t wait_ms, sent;
};

static int send_text(struct sending *sending, const char *text)
{
	struct lade_error *error = NULL;
	if (lade_user_ring_send_text(sending->ring, text, (int)sending->wait_ms, &error) < 0)
		return cli_fail(sending->cli, error);
	sending->sent++;
	return -1;
}

/* A record a line, as lade watch --json would print it; empty lines are none. */
static int send_lines(struct sending *sending)
{
	char *line = NULL;
	size_t room = 0;
	int code = -1;
	for (ssize_t length; code < 0 && (length = getline(&line, &room, stdin)) >= 0;) {
		if (length && line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (line[strspn(line, " \t\r")])
			code = send_text(sending, line);
	}
	free(line);
	return code;
}

static int report(const struct sending *sending, const char *map)
{
	if (sending->cli->json) {
		struct json_object *document = cli_json_document(true);
		cli_json_string(document, "map", map);
		cli_json_number(document, "sent", (int64_t)sending->sent);
		return cli_json_print(sending->cli, document);
	}
	if (sending->cli->quiet)
		return EXIT_OK;
	(void)printf("sent %" PRIu64 " %s to ", sending->sent, sending->sent == 1 ? "record" : "records");
	cli_put_safe(stdout, map);
	(void)putchar('\n');
	return EXIT_OK;
}

static int open_ring(struct sending *sending, const char *which)
{
	struct cli *cli = sending->cli;
	const char *path = cli_value(cli, "obj"), *slash = strrchr(which, '/');
	struct lade_object *object = NULL;
	struct lade_error *error = NULL;
	if (path && lade_object_open(cli->context, path, NULL, &object, &error) < 0)
		return cli_fail(cli, error);
	const bool is_number = strncmp(which, "id:", 3) == 0 || strspn(which, "0123456789") == strlen(which);
	const struct lade_user_ring_opts opts = { .size = sizeof opts,
						  .name = is_number ? NULL
							  : slash   ? slash + 1
								    : which,
						  .type = cli_value(cli, "record"),
						  .object = object };
	int fd = lade_map_get(cli->context, which, &error);
	int result = fd < 0 ? fd : lade_user_ring_open(cli->context, fd, &opts, &sending->ring, &error);
	if (fd >= 0)
		(void)close(fd);
	(void)lade_object_free(object);
	return result < 0 ? cli_fail(cli, error) : -1;
}

int verb_send(struct cli *cli, int argc, char **argv)
{
	struct sending sending = { .cli = cli, .wait_ms = 1000 };
	const char *wait = cli_value(cli, "wait");
	if (wait && !cli_number(cli, "wait", wait, 1000000, &sending.wait_ms))
		return EXIT_USAGE;
	int code = open_ring(&sending, argv[0]);
	for (int i = 1; i < argc && code < 0; i++)
		code = strcmp(argv[i], "-") == 0 ? send_lines(&sending) : send_text(&sending, argv[i]);
	(void)lade_user_ring_close(sending.ring);
	return code < 0 ? report(&sending, argv[0]) : code;
}
