/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbers that Android's system users and groups have, as BPF programs name them. They are owners of pins on a
 * device; elsewhere the same numbers are somebody else's or nobody's, and `lade boot --owners` decides what becomes of
 * them.
 */
#ifndef LADE_BPF_ANDROID_IDS_H
#define LADE_BPF_ANDROID_IDS_H

#define AID_ROOT          0
#define AID_SYSTEM        1000
#define AID_GRAPHICS      1003
#define AID_MEDIA_RW      1023
#define AID_CLAT          1029
#define AID_DNS           1051
#define AID_NETWORK_STACK 1073
#define AID_SDK_SANDBOX   1090
#define AID_UPROBESTATS   1093
#define AID_SHELL         2000
#define AID_NET_RAW       3004
#define AID_NET_ADMIN     3005
#define AID_NET_BW_STATS  3006
#define AID_NET_BW_ACCT   3007
#define AID_NOBODY        9999

#define AID_APP         10000 /* the first application of the first user */
#define AID_APP_START   10000
#define AID_USER_OFFSET 100000 /* between one user's applications and the next one's */

#endif
