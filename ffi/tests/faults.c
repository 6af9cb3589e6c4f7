/*
 * Scans every stream in a folder, in chunks of several sizes, with the filter
 * and without, and line by line; what becomes of the records must be what is written beside it.
 *
 *     faults testdata/faults
 */

#include <dirent.h>
#include <inttypes.h>

#include "files.h"

struct seen {
    t1053_scanner *scanner;
    struct bytes lines;
    uint64_t matches;
    uint64_t unreadable;
};

static int32_t count(void *user, const t1053_match *found)
{
    struct seen *seen = (struct seen *)user;
    CHECK(found->detection != NULL);
    seen->matches++;
    return 0;
}

static int32_t render(void *user, const t1053_unreadable *it)
{
    struct seen *seen = (struct seen *)user;
    char line[512];
    int len = snprintf(line, sizeof line,
                       "unreadable record=%" PRIu64 " offset=%" PRIu64
                       " byte=%lu %.*s\n",
                       it->record, it->offset,
                       (unsigned long)it->error_offset, (int)it->reason.len,
                       it->reason.data);
    CHECK(len > 0 && (size_t)len < sizeof line);
    add(&seen->lines, line, (size_t)len);
    seen->unreadable++;
    return 0;
}

/* The counts, whose sum must be right at any time. */
static t1053_counts counted(const struct seen *seen)
{
    t1053_counts counts;
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    OK(t1053_scanner_counts(seen->scanner, &counts));
    CHECK(counts.records
          == counts.read + counts.filtered + counts.uninteresting
                 + counts.unreadable);
    CHECK(counts.matches == seen->matches);
    CHECK(counts.unreadable == seen->unreadable);
    return counts;
}

/* In chunks of a size; or, of size 0, each line as a whole record. */
static void scan(struct seen *seen, const char *name,
                 const struct bytes *stream, size_t chunk, struct bytes *found)
{
    t1053_counts counts;
    char line[512];
    size_t at, len;
    uint64_t lines = 0;
    int length;

    OK(t1053_scanner_reset(seen->scanner));
    seen->lines.len = 0;
    seen->matches = seen->unreadable = 0;
    for (at = 0; at < stream->len; at += len) {
        const char *from = stream->data + at;
        const char *end;
        size_t left = stream->len - at;
        len = left < chunk ? left : chunk;
        if (chunk > 0) {
            OK(t1053_scanner_feed(seen->scanner, from, len, count, render,
                                  seen));
            counted(seen);
            continue;
        }
        end = (const char *)memchr(from, '\n', left);
        len = end != NULL ? (size_t)(end - from) : left;
        OK(t1053_scanner_record(seen->scanner, from, len, count, render,
                                seen));
        CHECK(counted(seen).records == ++lines);
        len += end != NULL;
    }
    OK(t1053_scanner_finish(seen->scanner, count, render, seen));
    counts = counted(seen);
    length = snprintf(line, sizeof line,
                      "%s bytes=%" PRIu64 " records=%" PRIu64 " read=%" PRIu64
                      " filtered=%" PRIu64 " uninteresting=%" PRIu64
                      " unreadable=%" PRIu64 " matches=%" PRIu64 "\n",
                      name, counts.bytes, counts.records, counts.read,
                      counts.filtered, counts.uninteresting,
                      counts.unreadable, counts.matches);
    CHECK(length > 0 && (size_t)length < sizeof line);
    add(found, line, (size_t)length);
    add(found, seen->lines.data, seen->lines.len);
}

int main(int argc, char **argv)
{
    static const size_t chunks[] = {1, 7, 4096, 1 << 24};
    struct bytes stream = {NULL, 0, 0};
    struct bytes expected = {NULL, 0, 0};
    struct bytes found = {NULL, 0, 0};
    struct seen seen[2];
    t1053_scanner_options options;
    t1053_detector *detector;
    struct dirent *entry;
    char path[4096];
    size_t streams = 0, i, way;
    DIR *folder;

    CHECK(argc == 2);
    folder = opendir(argv[1]);
    CHECK(folder != NULL);
    OK(t1053_detector_new(&detector));
    memset(seen, 0, sizeof seen);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.record_limit = 1024;
    /* What is written down is of each record by itself. */
    options.flags = T1053_SCANNER_NO_JOIN;
    OK(t1053_scanner_new(detector, &options, &seen[0].scanner));
    options.flags |= T1053_SCANNER_NO_FILTER;
    OK(t1053_scanner_new(detector, &options, &seen[1].scanner));
    while ((entry = readdir(folder)) != NULL) {
        const char *end = strstr(entry->d_name, ".stream");
        if (end == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        read_file(path, &stream);
        snprintf(path, sizeof path, "%s/%.*s.counts", argv[1],
                 (int)(end - entry->d_name), entry->d_name);
        read_file(path, &expected);
        for (i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
            found.len = 0;
            scan(&seen[0], "filter", &stream, chunks[i], &found);
            scan(&seen[1], "no-filter", &stream, chunks[i], &found);
            scan(&seen[1], "lines", &stream, 0, &found);
            if (found.len != expected.len
                || memcmp(found.data, expected.data, found.len) != 0) {
                fprintf(stderr, "%s, chunks of %lu:\nfound\n%.*sexpected\n%.*s",
                        entry->d_name, (unsigned long)chunks[i],
                        (int)found.len, found.data, (int)expected.len,
                        expected.data);
                exit(1);
            }
        }
        streams++;
    }
    closedir(folder);
    for (way = 0; way < 2; way++) {
        t1053_scanner_free(seen[way].scanner);
        free(seen[way].lines.data);
    }
    t1053_detector_free(detector);
    free(stream.data);
    free(expected.data);
    free(found.data);
    CHECK(streams > 40);
    printf("%lu streams\n", (unsigned long)streams);
    return 0;
}
