#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Puts the option lists that the command prints into its man page: manual.py OUTPUT TEMPLATE VERSION LADE"""
import subprocess
import sys

output, template, version, lade = sys.argv[1:]
options = subprocess.run([lade, "completion", "man"], check=True, capture_output=True, text=True).stdout
with open(template, encoding="utf-8") as f:
    page = f.read()
with open(output, "w", encoding="utf-8") as f:
    f.write(page.replace("@VERSION@", version).replace("@OPTIONS@\n", options))
