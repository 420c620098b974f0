/* SPDX-License-Identifier: BSD-2-Clause */
/* When a verb that runs on has to end: a signal, or its time. Both interrupt system calls, so that nothing hangs. */
#ifndef LADE_CLI_STOP_H
#define LADE_CLI_STOP_H

#include <stdbool.h>

/* SIGINT, SIGTERM, SIGHUP and SIGQUIT ask for the end. */
void stop_on_signals(void);
/* So does the end of this time. */
void stop_after(double seconds);
/* From now on waits are interrupted again and again: a last write must not hang. */
void stop_soon(void);
bool must_stop(void);
/* By a signal, not by time. */
bool was_signalled(void);

/* Writes out what there is: nobody reads stdout any more. */
bool reader_has_gone(void);

double now_seconds(void);

#endif
