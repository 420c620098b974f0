/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waking up when files appear that may not even have a directory yet. What lies nearest above each of them is watched;
 * with every look the watch moves on.
 */
#ifndef LADE_BOOT_WATCHED_PATHS_H
#define LADE_BOOT_WATCHED_PATHS_H

#include <stdbool.h>

struct watched_paths {
	int wake;    /* epoll: readable when it is worth a look */
	int inotify; /* -1: this kernel or this user has none left */
	int mounts;  /* bpffs may be mounted later; -1: no /proc */
	int process; /* a process that may end: pidfd, -1: none */
	int timer;   /* -1 until something cannot be watched; then four times a second */
	int pid;     /* of process */
};

/* Negative errno; clear it in every case. */
int lade_watched_paths_open(struct watched_paths *watched);
void lade_watched_paths_clear(struct watched_paths *watched);

/* What has woken is taken away: before a look. */
void lade_watched_paths_drain(struct watched_paths *watched);
/*
 * From now on, a change at this absolute path wakes. Called again and again, and before the path is looked at: then
 * nothing that happens between is lost.
 */
void lade_watch_path(struct watched_paths *watched, const char *path);
/* Wakes when this process ends, instead of the one before; 0: none. */
void lade_watch_process(struct watched_paths *watched, int pid);

#endif
