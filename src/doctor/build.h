/* SPDX-License-Identifier: BSD-2-Clause */
/* The build environment. */
#ifndef LADE_DOCTOR_BUILD_H
#define LADE_DOCTOR_BUILD_H

#include "doctor/doctor.h"

/* uapi.c: text is what the compiler made of <linux/bpf.h>; result its exit status or -errno. */
void lade_doctor_uapi(struct lade_doctor *doctor, const char *compiler, int result, const char *text);
/* "x86_64-linux-gnu": as Debian names the directories of this machine's architecture. */
const char *lade_doctor_multiarch(void);

#endif
