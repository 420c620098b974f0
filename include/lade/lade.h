/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything. */
#ifndef LADE_LADE_H
#define LADE_LADE_H

#include <lade/attach.h>
#include <lade/boot.h>
#include <lade/check.h>
#include <lade/compare.h>
#include <lade/context.h>
#include <lade/doctor.h>
#include <lade/error.h>
#include <lade/explain.h>
#include <lade/instance.h>
#include <lade/map.h>
#include <lade/needs.h>
#include <lade/object.h>
#include <lade/ready.h>
#include <lade/state.h>
#include <lade/stream.h>
#include <lade/target.h>
#include <lade/test.h>
#include <lade/trace.h>
#include <lade/tracepoint.h>
#include <lade/typed.h>

#endif
