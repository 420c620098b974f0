/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The classic pcap format: a header of 24 bytes, then packets with 16 bytes in front of each. libpcap reads it too, but
 * brings the capturing of every kind of device with it, and its static archive wants D-Bus, which Debian has none of:
 * then neither could `lade` be static.
 */
#include <byteswap.h>
#include <errno.h>
#include <string.h>

#include <lade/test.h>

#include "base/array.h"
#include "base/error.h"
#include "base/info.h"

enum {
	MICROSECONDS = (int)0xa1b2c3d4,
	NANOSECONDS = (int)0xa1b23c4d,
	ETHERNET = 1,
	MOST_PACKET = 256 << 10, /* libpcap's own limit */
	MOST_FILE = 1 << 30,
	MAJOR = 2,
	MINOR = 4,
};

struct file_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, longest, link_type;
};

struct packet_header {
	uint32_t seconds, fraction, captured, length;
};

struct packet {
	uint8_t *bytes;
	uint32_t size;
	uint64_t time_ns;
};

struct lade_packets {
	ARRAY_OF(struct packet) items;
};

DEFINE_CLEANUP(struct lade_packets, lade_packets, lade_packets_free)

LADE_API struct lade_packets *lade_packets_free(struct lade_packets *packets)
{
	if (!packets)
		return NULL;
	array_foreach(packet, &packets->items)
		free(packet->bytes);
	array_clear(&packets->items);
	free(packets);
	return NULL;
}

LADE_API int lade_packets_new(struct lade_packets **ret_packets, struct lade_error **error)
{
	struct lade_packets *packets = calloc(1, sizeof *packets);
	if (!packets)
		return lade_fail_memory(error);
	*ret_packets = packets;
	return 0;
}

LADE_API size_t lade_packets_count(const struct lade_packets *packets)
{
	return packets->items.count;
}

LADE_API int lade_packets_get(const struct lade_packets *packets, size_t index, struct lade_packet *packet)
{
	if (index >= packets->items.count)
		return -ENOENT;
	const struct packet *item = &packets->items.items[index];
	const struct lade_packet full = { .data = item->bytes, .data_size = item->size, .time_ns = item->time_ns };
	return info_fill(packet, &full, sizeof full);
}

LADE_API int lade_packets_add(struct lade_packets *packets, const void *data, size_t data_size, uint64_t time_ns)
{
	if (data_size > MOST_PACKET)
		return -E2BIG;
	uint8_t *bytes = malloc(data_size + 1);
	struct packet *item = bytes ? array_push(&packets->items) : NULL;
	if (!item) {
		free(bytes);
		return -ENOMEM;
	}
	if (data_size)
		memcpy(bytes, data, data_size);
	*item = (struct packet){ .bytes = bytes, .size = (uint32_t)data_size, .time_ns = time_ns };
	return 0;
}

/* ---- reading ---- */

struct reader {
	const char *path;
	const uint8_t *bytes;
	size_t size, at;
	bool is_swapped, has_nanoseconds;
	struct lade_error **error;
};

static uint32_t number(const struct reader *reader, uint32_t value)
{
	return reader->is_swapped ? bswap_32(value) : value;
}

static int refuse(const struct reader *reader, const char *wrong)
{
	return lade_fail(reader->error, EINVAL, "test.pcap", "%s: %s, at byte %zu", reader->path, wrong, reader->at);
}

static bool read_magic(struct reader *reader, uint32_t magic)
{
	for (int swapped = 0; swapped < 2; swapped++) {
		uint32_t value = swapped ? bswap_32(magic) : magic;
		if (value != (uint32_t)MICROSECONDS && value != (uint32_t)NANOSECONDS)
			continue;
		reader->is_swapped = swapped;
		reader->has_nanoseconds = value == (uint32_t)NANOSECONDS;
		return true;
	}
	return false;
}

static int read_header(struct reader *reader)
{
	struct file_header header;
	if (reader->size < sizeof header)
		return refuse(reader, "it is shorter than the header of a pcap file");
	memcpy(&header, reader->bytes, sizeof header);
	if (header.magic == 0x0a0d0d0a)
		return refuse(reader, "it is in the pcapng format; 'editcap -F pcap' makes it the classic one");
	if (!read_magic(reader, header.magic))
		return refuse(reader, "it is no pcap file");
	/* The upper bits say how long a checksum is. */
	uint32_t link_type = number(reader, header.link_type) & 0xffff;
	if (link_type != ETHERNET)
		return lade_fail(reader->error, EINVAL, "test.pcap",
				 "%s: its packets have link type %u; only 1 (Ethernet) can be run", reader->path,
				 link_type);
	reader->at = sizeof header;
	return 0;
}

static int read_packet(struct reader *reader, struct lade_packets *packets)
{
	struct packet_header header;
	if (reader->size - reader->at < sizeof header)
		return refuse(reader, "the header of a packet is cut off");
	memcpy(&header, reader->bytes + reader->at, sizeof header);
	uint32_t size = number(reader, header.captured);
	if (size > MOST_PACKET)
		return refuse(reader, "a packet is longer than 256 KiB");
	if (size > reader->size - reader->at - sizeof header)
		return refuse(reader, "a packet is cut off");
	uint64_t fraction = number(reader, header.fraction), scale = reader->has_nanoseconds ? 1 : 1000;
	uint64_t time_ns = (uint64_t)number(reader, header.seconds) * 1000000000U + fraction * scale;
	if (lade_packets_add(packets, reader->bytes + reader->at + sizeof header, size, time_ns) < 0)
		return lade_fail_memory(reader->error);
	reader->at += sizeof header + size;
	return 0;
}

LADE_API int lade_packets_read(const char *path, struct lade_packets **ret_packets, struct lade_error **error)
{
	CLEANUP(cleanup_lade_packets) struct lade_packets *packets = NULL;
	CLEANUP(cleanup_free) void *bytes = NULL;
	struct reader reader = { .path = path, .error = error };
	int result = lade_file_read(path, MOST_FILE, &bytes, &reader.size, error);
	if (result == 0)
		result = lade_packets_new(&packets, error);
	reader.bytes = bytes;
	if (result == 0)
		result = read_header(&reader);
	while (result == 0 && reader.at < reader.size)
		result = read_packet(&reader, packets);
	if (result == 0)
		*ret_packets = TAKE(packets);
	return result;
}

/* ---- writing ---- */

LADE_API int lade_packets_write(const struct lade_packets *packets, const char *path, struct lade_error **error)
{
	ARRAY_OF(uint8_t) bytes = { 0 };
	const struct file_header header = { .magic = (uint32_t)NANOSECONDS,
					    .major = MAJOR,
					    .minor = MINOR,
					    .longest = MOST_PACKET,
					    .link_type = ETHERNET };
	uint8_t *place = array_extend(&bytes, sizeof header);
	if (place)
		memcpy(place, &header, sizeof header);
	for (size_t i = 0; place && i < packets->items.count; i++) {
		const struct packet *packet = &packets->items.items[i];
		const struct packet_header before = { .seconds = (uint32_t)(packet->time_ns / 1000000000U),
						      .fraction = (uint32_t)(packet->time_ns % 1000000000U),
						      .captured = packet->size,
						      .length = packet->size };
		place = array_extend(&bytes, sizeof before + packet->size);
		if (!place)
			break;
		memcpy(place, &before, sizeof before);
		if (packet->size)
			memcpy(place + sizeof before, packet->bytes, packet->size);
	}
	int result = place ? lade_file_write(path, bytes.items, bytes.count, error) : lade_fail_memory(error);
	array_clear(&bytes);
	return result;
}
