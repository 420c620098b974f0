/* SPDX-License-Identifier: BSD-2-Clause */
/* Types and functions for others to link: nothing that a loader could load. */
struct pair {
	int left, right;
};

int sum(const struct pair *pair)
{
	return pair->left + pair->right;
}

int difference(const struct pair *pair)
{
	return pair->left - pair->right;
}
