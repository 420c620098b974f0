/* SPDX-License-Identifier: BSD-2-Clause */
/* The directories of Android's bpffs and the labels that its policy gives to what is made there. */
#include <string.h>

#include "base/strbuf.h"
#include "boot/android.h"

static const struct domain_row {
	enum android_domain domain;
	const char *label;     /* selinux_context */
	const char *directory; /* pin_subdir */
} domains[] = {
	{ DOMAIN_PLATFORM, "fs_bpf", "/" },
	{ DOMAIN_TETHERING, "fs_bpf_tethering", "tethering/" },
	{ DOMAIN_NET_PRIVATE, "fs_bpf_net_private", "net_private/" },
	{ DOMAIN_NET_SHARED, "fs_bpf_net_shared", "net_shared/" },
	{ DOMAIN_NETD_READONLY, "fs_bpf_netd_readonly", "netd_readonly/" },
	{ DOMAIN_NETD_SHARED, "fs_bpf_netd_shared", "netd_shared/" },
	{ DOMAIN_VENDOR, "fs_bpf_vendor", "vendor/" },
	{ DOMAIN_LOADER, "fs_bpf_loader", "loader/" },
};

enum android_domain lade_android_domain_of_label(const char *selinux_context)
{
	if (!selinux_context || !*selinux_context)
		return DOMAIN_UNSPECIFIED;
	for (size_t i = 0; i < ELEMENTS(domains); i++)
		if (strcmp(domains[i].label, selinux_context) == 0)
			return domains[i].domain;
	return DOMAIN_UNKNOWN;
}

enum android_domain lade_android_domain_of_directory(const char *pin_subdir)
{
	if (!pin_subdir || !*pin_subdir)
		return DOMAIN_UNSPECIFIED;
	for (size_t i = 0; i < ELEMENTS(domains); i++)
		if (strcmp(domains[i].directory, pin_subdir) == 0)
			return domains[i].domain;
	return DOMAIN_UNKNOWN;
}

static const struct domain_row *find(enum android_domain domain)
{
	for (size_t i = 0; i < ELEMENTS(domains); i++)
		if (domains[i].domain == domain)
			return &domains[i];
	return NULL;
}

const char *lade_android_domain_directory(enum android_domain domain)
{
	const struct domain_row *row = find(domain);
	return !row || strcmp(row->directory, "/") == 0 ? "" : row->directory;
}

void lade_android_domains_text(uint32_t allowed, struct strbuf *text)
{
	const char *comma = "";
	for (size_t i = 0; i < ELEMENTS(domains); i++) {
		if (!(allowed & DOMAIN_BIT(domains[i].domain)))
			continue;
		lade_strbuf_addf(text, "%s%s (%s)", comma, domains[i].directory, domains[i].label);
		comma = ", ";
	}
}
