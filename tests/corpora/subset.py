#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The part of the referee that runs in every test: our own objects and some of libbpf-tools, which Debian has compiled.

The kernel's selftests are left to `make test-all`: their source package is 130 MB to fetch, and a minute to compile.
"""
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
referee = os.path.join(HERE, "referee")
os.execv(sys.executable, [sys.executable, referee, os.environ.get("BUILD", "build"), "--subset"])
