/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of LPM tries that are a length and an address: 10.0.0.0/8, fd00::/8. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map/live.h"
#include "stream/fields.h"

enum { LENGTH_BYTES = 4, IPV4_KEY = LENGTH_BYTES + 4, IPV6_KEY = LENGTH_BYTES + 16 };

/* struct { u32 prefixlen; one member of the rest }; without BTF the size must do. */
bool lade_prefix_is_address(const struct lade_live_map *map)
{
	uint32_t size = map->info.key_size;
	if (map->kind->key != KEY_PREFIX || (size != IPV4_KEY && size != IPV6_KEY))
		return false;
	const struct lade_decoder *decoder = map->key_decoder;
	if (!decoder)
		return true;
	if (decoder->is_plain || decoder->fields.count < 2)
		return false;
	const struct field *length = decoder->fields.items;
	if (length->kind != FIELD_UNSIGNED || length->size != LENGTH_BYTES || length->next >= decoder->fields.count)
		return false;
	const struct field *address = &decoder->fields.items[length->next];
	return address->offset == LENGTH_BYTES && address->next == decoder->fields.count &&
	       address->kind != FIELD_TEXT && address->kind != FIELD_FLOAT && address->kind != FIELD_ENUM;
}

static int family_of(const struct lade_live_map *map)
{
	return map->info.key_size == IPV4_KEY ? AF_INET : AF_INET6;
}

int lade_prefix_read(const struct lade_live_map *map, const char *text, uint8_t *key)
{
	const char *slash = strchr(text, '/');
	char address[INET6_ADDRSTRLEN], *end;
	uint8_t bytes[16];
	size_t most = ((size_t)map->info.key_size - LENGTH_BYTES) * 8,
	       length = slash ? (size_t)(slash - text) : strlen(text);
	if (length == 0 || length >= sizeof address)
		return -EINVAL;
	memcpy(address, text, length);
	address[length] = '\0';
	if (inet_pton(family_of(map), address, bytes) != 1)
		return -EINVAL;
	unsigned long bits = most;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		bits = strtoul(slash + 1, &end, 10);
		if (*end || bits > most)
			return -EINVAL;
	}
	uint32_t prefix = (uint32_t)bits;
	memcpy(key, &prefix, sizeof prefix);
	memcpy(key + LENGTH_BYTES, bytes, map->info.key_size - LENGTH_BYTES);
	return 0;
}

void lade_prefix_print(const struct lade_live_map *map, const uint8_t *key, struct strbuf *into)
{
	char address[INET6_ADDRSTRLEN] = "?";
	uint32_t bits;
	memcpy(&bits, key, sizeof bits);
	(void)inet_ntop(family_of(map), key + LENGTH_BYTES, address, sizeof address);
	lade_strbuf_addf(into, "%s/%u", address, bits);
}
