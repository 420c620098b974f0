/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of an HTML page that do not change: generated from page.css and page.js. */
#ifndef LADE_CLI_PAGE_H
#define LADE_CLI_PAGE_H

extern const char cli_page_css[], cli_page_js[];

#endif
