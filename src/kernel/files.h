/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that touch files, shared by the live and the recorded kernel. Each returns >= 0 or a negative errno. */
#ifndef LADE_KERNEL_FILES_H
#define LADE_KERNEL_FILES_H

#include <stdbool.h>
#include <sys/types.h>

int lade_file_mkdir(const char *path, mode_t mode);
int lade_file_rmdir(const char *path);
int lade_file_unlink(const char *path);
int lade_file_symlink(const char *text, const char *path);
int lade_file_append(const char *path, const char *text);
int lade_file_truncate(const char *path);
int lade_file_rename(const char *from, const char *to, unsigned flags);
int lade_file_link(const char *from, const char *to);
int lade_file_chmod(const char *path, mode_t mode);
int lade_file_chown(const char *path, uid_t uid, gid_t gid);
int lade_file_lock(const char *directory, bool wait);

/* A descriptor above 2 that is close-on-exec; fd may be a negative errno, which comes back. Takes fd. */
int lade_fd_above_standard(int fd);

#endif
