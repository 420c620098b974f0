/* SPDX-License-Identifier: BSD-2-Clause */
/* A program whose symbols tests take away and look for elsewhere. */
#include <unistd.h>

int target_exported(int number);
__attribute__((noinline, visibility("default"))) int target_exported(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number + 1;
}

static __attribute__((noinline)) int target_hidden(int number)
{
	__asm__ volatile("" : "+r"(number));
	return number * 3;
}

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? pause() : target_exported(target_hidden(argc)) == 4 ? 0 : 1;
}
