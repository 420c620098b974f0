/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that tests make themselves: kernels, archives and packages in the forms of the real ones, but small. */
#ifndef LADE_TESTS_TARGET_MADE_H
#define LADE_TESTS_TARGET_MADE_H

#include <lzma.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "target/target.h"

#define UNUSED __attribute__((unused))

/* ---- a directory of the test's own ---- */

struct made {
	char directory[64];
	struct lade_targets *targets;
	struct lade_error *error;
};

static int made_setup(void **state)
{
	struct made *made = calloc(1, sizeof *made);
	if (!made)
		return -1;
	(void)strcpy(made->directory, "/tmp/lade-target-XXXXXX");
	*state = made;
	return mkdtemp(made->directory) ? 0 : -1;
}

static void made_close(struct made *made)
{
	made->targets = lade_targets_free(made->targets);
	made->error = lade_error_free(made->error);
}

static int made_teardown(void **state)
{
	struct made *made = *state;
	char command[128];
	made_close(made);
	(void)snprintf(command, sizeof command, "rm -rf %s", made->directory);
	int result = system(command); /* NOLINT(cert-env33-c): the name is ours */
	free(made);
	return result;
}

/* Borrowed until the next call. */
UNUSED static const char *made_path(const struct made *made, const char *name)
{
	static char path[256];
	(void)snprintf(path, sizeof path, "%s/%s", made->directory, name);
	return path;
}

UNUSED static const char *made_file(const struct made *made, const char *name, const struct strbuf *content)
{
	const char *path = made_path(made, name);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(content->text ? content->text : "", 1, content->length, file), content->length);
	assert_int_equal(fclose(file), 0);
	return path;
}

UNUSED static const char *made_text(const struct made *made, const char *name, const char *text)
{
	struct strbuf content = { .text = (char *)(uintptr_t)text, .length = strlen(text) };
	return made_file(made, name, &content);
}

/* ---- asking ---- */

UNUSED static int made_open(struct made *made, struct lade_target_opts opts)
{
	made_close(made);
	opts.size = sizeof opts;
	return lade_targets_open(NULL, &opts, &made->targets, &made->error);
}

UNUSED static struct lade_target *made_kernel(struct made *made, const char *words)
{
	int result = made_open(made, (struct lade_target_opts){ .kernels = words });
	if (result)
		print_error("%s\n", lade_error_message(made->error));
	assert_int_equal(result, 0);
	return lade_target(made->targets, 0);
}

UNUSED static struct lade_target_info made_info(const struct lade_target *target)
{
	struct lade_target_info info = { .size = sizeof info };
	assert_int_equal(lade_target_describe(target, &info), 0);
	return info;
}

/* Fails with this finding, whose message or evidence has the text. */
UNUSED static void assert_refused(struct made *made, struct lade_target_opts opts, const char *code, const char *text)
{
	assert_int_not_equal(made_open(made, opts), 0);
	assert_null(made->targets);
	const struct lade_finding *finding = lade_error_finding(made->error, 0);
	assert_non_null(finding);
	assert_string_equal(finding->code, code);
	bool found = strstr(finding->message, text);
	for (size_t i = 0; i < finding->evidence.count; i++)
		found |= strstr(finding->evidence.items[i], text) != NULL;
	if (!found)
		fail_msg("'%s' is not in '%s'", text, finding->message);
}

/* ---- bytes ---- */

UNUSED static void put(struct strbuf *into, const struct strbuf *from)
{
	lade_strbuf_add_bytes(into, from->text ? from->text : "", from->length);
}

UNUSED static void put_zeros(struct strbuf *into, size_t count)
{
	static const char zeros[4096];
	for (; count; count -= count < sizeof zeros ? count : sizeof zeros)
		lade_strbuf_add_bytes(into, zeros, count < sizeof zeros ? count : sizeof zeros);
}

UNUSED static void put_u32(struct strbuf *into, uint32_t number)
{
	uint8_t bytes[] = { (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16), (uint8_t)(number >> 24) };
	lade_strbuf_add_bytes(into, bytes, sizeof bytes);
}

UNUSED static void align(struct strbuf *into, size_t multiple)
{
	put_zeros(into, (multiple - into->length % multiple) % multiple);
}

/* ---- packed ---- */

enum packing { PLAIN, GZIP, XZ, ZSTD, LZMA, LZ4, PACKINGS };
UNUSED static const char *const packing_suffix[] = { "", ".gz", ".xz", ".zst", ".lzma", ".lz4" };

static size_t pack_gzip(const struct strbuf *from, uint8_t *into, size_t room)
{
	z_stream stream = { .next_in = (Bytef *)from->text,
			    .avail_in = (uInt)from->length,
			    .next_out = into,
			    .avail_out = (uInt)room };
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	(void)deflateEnd(&stream);
	return room - stream.avail_out;
}

static size_t pack_lzma(const struct strbuf *from, uint8_t *into, size_t room, bool alone)
{
	lzma_options_lzma options;
	lzma_stream stream = LZMA_STREAM_INIT;
	(void)lzma_lzma_preset(&options, 1);
	assert_int_equal(alone ? lzma_alone_encoder(&stream, &options)
			       : lzma_easy_encoder(&stream, 1, LZMA_CHECK_CRC32),
			 LZMA_OK);
	stream.next_in = (const uint8_t *)from->text;
	stream.avail_in = from->length;
	stream.next_out = into;
	stream.avail_out = room;
	assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	lzma_end(&stream);
	return room - stream.avail_out;
}

/* The old format, one block of literals only: 15 and then as many 255 as it takes. */
static size_t pack_lz4(const struct strbuf *from, uint8_t *into)
{
	struct strbuf block = { 0 }, whole = { 0 };
	size_t left = from->length;
	lade_strbuf_add_bytes(&block, left < 15 ? "\x10" : "\xf0", 1);
	if (left < 15)
		block.text[0] = (char)(left << 4);
	for (left = left < 15 ? 0 : left - 15 + 1; left > 255; left -= 255)
		lade_strbuf_add_bytes(&block, "\xff", 1);
	if (left)
		lade_strbuf_add_bytes(&block, &(char){ (char)(left - 1) }, 1);
	put(&block, from);
	put_u32(&whole, 0x184c2102);
	put_u32(&whole, (uint32_t)block.length);
	put(&whole, &block);
	memcpy(into, whole.text, whole.length);
	size_t length = whole.length;
	lade_strbuf_clear(&block);
	lade_strbuf_clear(&whole);
	return length;
}

/* Appends what `from` is when packed so. */
UNUSED static void put_packed(struct strbuf *into, enum packing packing, const struct strbuf *from)
{
	size_t room = from->length * 2 + 65536, length = 0;
	uint8_t *packed = malloc(room);
	assert_non_null(packed);
	switch (packing) {
	case GZIP:
		length = pack_gzip(from, packed, room);
		break;
	case XZ:
	case LZMA:
		length = pack_lzma(from, packed, room, packing == LZMA);
		break;
	case ZSTD:
		length = ZSTD_compress(packed, room, from->text, from->length, 3);
		assert_false(ZSTD_isError(length));
		break;
	case LZ4:
		length = pack_lz4(from, packed);
		break;
	default:
		memcpy(packed, from->text, length = from->length);
	}
	lade_strbuf_add_bytes(into, packed, length);
	free(packed);
}

/* ---- kernels ---- */

#define MADE_RELEASE "6.1.55-made"
#define MADE_CONFIG                                                                                                    \
	"#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 6.1.55 Kernel Configuration\n#\n"                \
	"CONFIG_X86_64=y\nCONFIG_BPF_SYSCALL=y\nCONFIG_NET=y\n# CONFIG_BPF_LSM is not set\nCONFIG_HZ=250\n"

/* Types: enum bpf_map_type with so many constants, and enough integers to count as a kernel's. */
UNUSED static void put_btf(struct strbuf *into, unsigned map_types)
{
	static const char *const names[] = { "BPF_MAP_TYPE_UNSPEC", "BPF_MAP_TYPE_HASH", "BPF_MAP_TYPE_ARRAY",
					     "BPF_MAP_TYPE_PROG_ARRAY", "BPF_MAP_TYPE_PERF_EVENT_ARRAY" };
	struct strbuf strings = { 0 }, types = { 0 };
	lade_strbuf_add_bytes(&strings, "", 1);
	put_u32(&types, (uint32_t)strings.length);
	lade_strbuf_add_bytes(&strings, "bpf_map_type", sizeof "bpf_map_type");
	put_u32(&types, 6u << 24 | map_types);
	put_u32(&types, 4);
	for (unsigned i = 0; i < map_types; i++) {
		put_u32(&types, (uint32_t)strings.length);
		put_u32(&types, i);
		lade_strbuf_add_bytes(&strings, names[i], strlen(names[i]) + 1);
	}
	for (unsigned i = 0; i < 400; i++) {
		put_u32(&types, (uint32_t)strings.length);
		put_u32(&types, 1u << 24);
		put_u32(&types, 4);
		put_u32(&types, 32);
		lade_strbuf_addf(&strings, "int%u", i);
		lade_strbuf_add_bytes(&strings, "", 1);
	}
	put_u32(into, 0xeb9f | 1u << 16);
	put_u32(into, 24);
	put_u32(into, 0);
	put_u32(into, (uint32_t)types.length);
	put_u32(into, (uint32_t)types.length);
	put_u32(into, (uint32_t)strings.length);
	put(into, &types);
	put(into, &strings);
	lade_strbuf_clear(&types);
	lade_strbuf_clear(&strings);
}

/* Tokens stand for themselves; one more is "sys_". */
UNUSED static void put_kallsyms(struct strbuf *into, unsigned count)
{
	struct strbuf names = { 0 }, tokens = { 0 };
	uint32_t marked = 0, offsets[256];
	for (unsigned i = 0; i < count; i++) {
		char name[64];
		int length = snprintf(name, sizeof name, "T%cfunction_%u", i % 2 ? 'x' : '\x01', i);
		marked = i == 256 ? (uint32_t)names.length : marked;
		lade_strbuf_add_bytes(&names, &(char){ (char)length }, 1);
		lade_strbuf_add_bytes(&names, name, (size_t)length);
	}
	for (unsigned i = 0; i < 256; i++) {
		char token[8] = { 0 };
		offsets[i] = (uint32_t)tokens.length;
		if (i == 1)
			(void)strcpy(token, "sys_");
		else if (i > ' ' && i < 127)
			token[0] = (char)i;
		lade_strbuf_add_bytes(&tokens, token, strlen(token) + 1);
	}
	align(into, 8);
	put_u32(into, count);
	put_u32(into, 0);
	put(into, &names);
	align(into, 8);
	put_u32(into, 0);
	put_u32(into, marked);
	align(into, 8);
	put(into, &tokens);
	align(into, 8);
	for (unsigned i = 0; i < 256; i += 2)
		put_u32(into, offsets[i] | offsets[i + 1] << 16);
	lade_strbuf_clear(&names);
	lade_strbuf_clear(&tokens);
}

/* What lies in the memory of a kernel. */
UNUSED static void put_raw_kernel(struct strbuf *into)
{
	struct strbuf config = { .text = (char *)(uintptr_t)MADE_CONFIG, .length = strlen(MADE_CONFIG) };
	put_zeros(into, 4096);
	lade_strbuf_add(into, "Linux version %s (%s)");
	put_zeros(into, 100);
	lade_strbuf_add(into, "Linux version " MADE_RELEASE " (somebody@somewhere) (gcc 12) #1 SMP");
	put_zeros(into, 1 << 20);
	lade_strbuf_add(into, "IKCFG_ST");
	put_packed(into, GZIP, &config);
	lade_strbuf_add(into, "IKCFG_ED");
	align(into, 4096);
	put_btf(into, 5);
	align(into, 4096);
	put_kallsyms(into, 600);
	put_zeros(into, 4096);
}

/* x86's image that unpacks itself. */
UNUSED static void put_bzimage(struct strbuf *into, enum packing packing, const struct strbuf *kernel)
{
	struct strbuf packed = { 0 };
	put_packed(&packed, packing, kernel);
	put_u32(&packed, (uint32_t)kernel->length);
	put_zeros(into, 0x1f1);
	lade_strbuf_add_bytes(into, "\x04", 1);
	put_zeros(into, 0x202 - into->length);
	lade_strbuf_add(into, "HdrS");
	lade_strbuf_add_bytes(into, "\x0f\x02", 2);
	put_zeros(into, 0x248 - into->length);
	put_u32(into, 100);
	put_u32(into, (uint32_t)packed.length);
	put_zeros(into, 5 * 512 + 100 - into->length);
	put(into, &packed);
	put_zeros(into, 512);
	lade_strbuf_clear(&packed);
}

/* An image for EFI that unpacks itself. */
UNUSED static void put_zboot(struct strbuf *into, enum packing packing, const struct strbuf *kernel)
{
	struct strbuf packed = { 0 };
	put_packed(&packed, packing, kernel);
	lade_strbuf_add_bytes(into, "MZ\0\0zimg", 8);
	put_u32(into, 4096);
	put_u32(into, (uint32_t)packed.length);
	put_zeros(into, 4096 - into->length);
	put(into, &packed);
	lade_strbuf_clear(&packed);
}

/* ---- archives ---- */

struct made_member {
	const char *path;
	const struct strbuf *content;
};

enum tar_form { TAR_PLAIN, TAR_LONG_NAMES, TAR_PAX };

static void put_tar_header(struct strbuf *into, const char *path, size_t size, char type)
{
	char header[512] = { 0 };
	unsigned sum = 0;
	(void)snprintf(header, 101, "%s", path);
	(void)snprintf(header + 100, 8, "%07o", 0644);
	(void)snprintf(header + 124, 12, "%011zo", size);
	header[156] = type;
	memcpy(header + 257,
	       "ustar\0"
	       "00",
	       8);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < sizeof header; i++)
		sum += (uint8_t)header[i];
	(void)snprintf(header + 148, 8, "%06o", sum);
	lade_strbuf_add_bytes(into, header, sizeof header);
}

static void put_tar_member(struct strbuf *into, enum tar_form form, const struct made_member *member)
{
	char record[512];
	size_t length = strlen(member->path);
	if (form == TAR_LONG_NAMES) {
		put_tar_header(into, "././@LongLink", length + 1, 'L');
		lade_strbuf_add_bytes(into, member->path, length + 1);
		align(into, 512);
	} else if (form == TAR_PAX) {
		size_t whole = length + strlen("12 path=\n"); /* the number counts itself */
		int size =
			snprintf(record, sizeof record, "%zu path=%s\n", whole < 100 ? whole : whole + 1, member->path);
		put_tar_header(into, "PaxHeaders/0", (size_t)size, 'x');
		lade_strbuf_add_bytes(into, record, (size_t)size);
		align(into, 512);
	}
	put_tar_header(into, form == TAR_PLAIN ? member->path : "short", member->content->length, '0');
	put(into, member->content);
	align(into, 512);
}

UNUSED static void put_tar(struct strbuf *into, enum tar_form form, const struct made_member *members, size_t count)
{
	put_tar_header(into, "./", 0, '5');
	for (size_t i = 0; i < count; i++)
		put_tar_member(into, form, &members[i]);
	put_zeros(into, 1024);
}

static void put_ar_member(struct strbuf *into, const char *name, const struct strbuf *content)
{
	lade_strbuf_addf(into, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", content->length);
	put(into, content);
	if (content->length % 2)
		lade_strbuf_add(into, "\n");
}

UNUSED static void put_deb(struct strbuf *into, enum packing packing, enum tar_form form,
			   const struct made_member *members, size_t count)
{
	struct strbuf tar = { 0 }, packed = { 0 }, version = { 0 };
	char name[32];
	put_tar(&tar, form, members, count);
	put_packed(&packed, packing, &tar);
	lade_strbuf_add(&version, "2.0\n");
	lade_strbuf_add(into, "!<arch>\n");
	put_ar_member(into, "debian-binary", &version);
	put_ar_member(into, "control.tar.xz", &version);
	(void)snprintf(name, sizeof name, "data.tar%s", packing_suffix[packing]);
	put_ar_member(into, name, &packed);
	lade_strbuf_clear(&tar);
	lade_strbuf_clear(&packed);
	lade_strbuf_clear(&version);
}

static void put_cpio_member(struct strbuf *into, const char *path, const struct strbuf *content)
{
	lade_strbuf_addf(into, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1, 0100644, 0, 0, 1, 0,
			 content->length, 0, 0, 0, 0, strlen(path) + 1, 0);
	lade_strbuf_add_bytes(into, path, strlen(path) + 1);
	align(into, 4);
	put(into, content);
	align(into, 4);
}

static void put_rpm_header(struct strbuf *into, uint8_t entries, uint8_t store)
{
	lade_strbuf_add_bytes(into, "\x8e\xad\xe8\x01\0\0\0\0\0\0\0", 11);
	lade_strbuf_add_bytes(into, &entries, 1);
	lade_strbuf_add_bytes(into, "\0\0\0", 3);
	lade_strbuf_add_bytes(into, &store, 1);
	put_zeros(into, entries * 16u + store);
}

UNUSED static void put_rpm(struct strbuf *into, enum packing packing, const struct made_member *members, size_t count)
{
	struct strbuf cpio = { 0 }, packed = { 0 }, none = { 0 };
	for (size_t i = 0; i < count; i++)
		put_cpio_member(&cpio, members[i].path, members[i].content);
	put_cpio_member(&cpio, "TRAILER!!!", &none);
	put_packed(&packed, packing, &cpio);
	lade_strbuf_add_bytes(into, "\xed\xab\xee\xdb\x03", 5);
	put_zeros(into, 96 - into->length);
	put_rpm_header(into, 3, 21);
	align(into, 8);
	put_rpm_header(into, 5, 40);
	put(into, &packed);
	lade_strbuf_clear(&cpio);
	lade_strbuf_clear(&packed);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, made_setup, made_teardown)

#endif
