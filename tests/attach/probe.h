/* SPDX-License-Identifier: BSD-2-Clause */
/* A USDT probe as <sys/sdt.h> would make it, but with the arguments spelt by the test. */
#ifndef TESTS_ATTACH_PROBE_H
#define TESTS_ATTACH_PROBE_H

/* semaphore: the name of a variable of 16 bits, or "0". arguments: a template of asm(), with %0 and so on. */
#define USDT_PROBE(provider, name, semaphore, arguments, ...)                                                          \
	__asm__ volatile(".ifndef _.stapsdt.base\n"                                                                    \
			 ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"                       \
			 ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"                                              \
			 "_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n"                                         \
			 ".popsection\n.endif\n"                                                                       \
			 "990: nop\n"                                                                                  \
			 ".pushsection .note.stapsdt,\"\",\"note\"\n"                                                  \
			 ".balign 4\n.4byte 992f-991f, 994f-993f, 3\n"                                                 \
			 "991: .asciz \"stapsdt\"\n992: .balign 4\n"                                                   \
			 "993: .8byte 990b, _.stapsdt.base, " semaphore "\n"                                           \
			 ".asciz \"" provider "\"\n.asciz \"" name "\"\n.asciz \"" arguments "\"\n"                    \
			 "994: .balign 4\n.popsection" ::__VA_ARGS__)

#endif
