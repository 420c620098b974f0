/* SPDX-License-Identifier: BSD-2-Clause */
/* lade wait: until the boot is ready, or pins are there. */
#include <errno.h>
#include <stdlib.h>

#include "cli.h"
#include "places.h"
#include "stop.h"

const struct cli_option verb_wait_options[] = {
	{ 0, "timeout", "S", "give up after S seconds (0: only look) with exit 124; default: wait for ever" },
	{ 0, "boot", NULL, "with PINs: wait until the boot is ready as well" },
	{ 0 },
};

/* Android's words, for people; a script has the exit code. */
static void warn(void *userdata, unsigned waited_s, const char *line)
{
	const struct cli *cli = userdata;
	(void)waited_s;
	if (cli->quiet || cli->json)
		return;
	cli_put_safe(stderr, line);
	(void)putc('\n', stderr);
}

/* Whole seconds or a part of them; 0 is allowed here. */
static int read_timeout(const struct cli *cli, unsigned *ret_ms)
{
	const char *text = cli_value(cli, "timeout");
	char *end = NULL;
	double seconds = text ? strtod(text, &end) : 0;
	if (!text)
		return -1;
	if (end == text || *end || !(seconds >= 0 && seconds <= 4e6))
		return cli_usage(cli, "--timeout: '%s' is no number of seconds from 0", text);
	*ret_ms = seconds < 0.001 ? 1 : (unsigned)(seconds * 1000); /* the library's 0 is for ever; it looks first */
	return -1;
}

static int print(const struct cli *cli, const struct lade_wait_opts *opts)
{
	struct lade_ready_info ready = { .size = sizeof ready };
	struct json_object *document = cli->json ? cli_json_document(true) : NULL;
	if (!cli->json)
		return EXIT_OK;
	if (!document || lade_ready_get(opts->run, &ready) < 0)
		return cli_fail_memory(cli);
	cli_json_string(document, "state", lade_ready_state_name(ready.state));
	cli_json_string(document, "boot_id", ready.boot_id[0] ? ready.boot_id : NULL);
	struct json_object *pins = cli_json_array(document, "pins");
	for (size_t i = 0; i < opts->pin_count; i++)
		(void)json_object_array_add(pins, json_object_new_string(opts->pins[i]));
	return cli_json_print(cli, document);
}

/* Stopped and continued (Ctrl-Z, fg) it goes on, with what is left of the time. */
static int wait_on(struct lade_wait_opts *opts, struct lade_error **error)
{
	double start = now_seconds();
	int code;

	while ((code = lade_wait(opts, error)) == -EINTR)
		opts->waited_ms = (uint64_t)((now_seconds() - start) * 1000);
	return code;
}

int verb_wait(struct cli *cli, int argc, char **argv)
{
	const char *bpffs = secure_getenv("LADE_BPFFS");
	struct lade_wait_opts opts = {
		.size = sizeof opts,
		.run = cli_place(PLACE_RUN),
		.bpffs = bpffs && *bpffs ? bpffs : NULL,
		.pins = (const char *const *)argv,
		.pin_count = (size_t)argc,
		.boot = cli_flag(cli, "boot"),
		.warn = warn,
		.userdata = cli,
	};
	struct lade_error *error = NULL;
	int code = read_timeout(cli, &opts.timeout_ms);
	for (int i = 0; code < 0 && i < argc; i++)
		if (!*argv[i])
			code = cli_usage(cli, "a PIN needs a name");
	if (code >= 0)
		return code;
	code = wait_on(&opts, &error);
	return code < 0 ? cli_fail(cli, error) : print(cli, &opts);
}
