/* SPDX-License-Identifier: BSD-2-Clause */
/* A command that was pasted with its prompt. */
#ifndef LADE_EXPLAIN_SETTLE_COMMAND_LINE_H
#define LADE_EXPLAIN_SETTLE_COMMAND_LINE_H

#include <stdbool.h>

#include "explain/reading/line.h"

/* "user@host:~$ sudo ./agent", "# ./agent", "sudo ./agent": behind the prompt; without one only sudo is surely a
 * command. Empty: the line is none. */
struct span lade_command_of(const struct span *line);
/* "[root@host ~]# ./agent", "root@host:~# ./agent" */
bool lade_is_of_root(const struct span *line, const struct span *command);

#endif
