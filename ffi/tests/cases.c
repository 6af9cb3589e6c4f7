/*
 * Scans every case in a folder, in chunks of several sizes, and compares the
 * findings with the expected ones byte for byte.
 *
 *     cases testdata/cases
 */

#include <dirent.h>

#include "files.h"

static int32_t render(void *user, const t1053_match *found)
{
    struct bytes *lines = (struct bytes *)user;
    char line[65536];
    size_t len = t1053_match_ndjson(found, NULL, 0, line, sizeof line);
    CHECK(len > 0 && len <= sizeof line);
    add(lines, line, len);
    add(lines, "\n", 1);
    return 0;
}

static void compare(const char *name, const char *how, size_t chunk,
                    const struct bytes *found, const struct bytes *expected)
{
    if (found->len == expected->len
        && (found->len == 0
            || memcmp(found->data, expected->data, found->len) == 0))
        return;
    fprintf(stderr, "%s, %s, chunks of %lu:\nfound\n%.*sexpected\n%.*s", name,
            how, (unsigned long)chunk, (int)found->len,
            found->len > 0 ? found->data : "", (int)expected->len,
            expected->len > 0 ? expected->data : "");
    exit(1);
}

static void with_callback(t1053_scanner *scanner, const struct bytes *record,
                          size_t chunk, struct bytes *found)
{
    size_t at;
    found->len = 0;
    OK(t1053_scanner_reset(scanner));
    for (at = 0; at < record->len; at += chunk) {
        size_t left = record->len - at;
        size_t len = left < chunk ? left : chunk;
        OK(t1053_scanner_feed(scanner, record->data + at, len, render, NULL,
                              found));
    }
    OK(t1053_scanner_finish(scanner, render, NULL, found));
}

static void with_lines(t1053_scanner *scanner, const struct bytes *record,
                       size_t chunk, struct bytes *found)
{
    static char buffer[65536];
    size_t written, waiting, at = 0;
    int32_t at_end = 0;
    found->len = 0;
    OK(t1053_scanner_reset(scanner));
    while (!at_end) {
        size_t left = record->len - at;
        size_t len = left < chunk ? left : chunk;
        at_end = len == left;
        OK(t1053_scanner_lines(scanner, record->data + at, len, at_end, buffer,
                               sizeof buffer, &written, &waiting));
        add(found, buffer, written);
        CHECK(waiting == 0);
        at += len;
    }
}

int main(int argc, char **argv)
{
    static const size_t chunks[] = {1, 7, 4096, 1 << 24};
    struct bytes record = {NULL, 0, 0};
    struct bytes expected = {NULL, 0, 0};
    struct bytes found = {NULL, 0, 0};
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    struct dirent *entry;
    char path[4096];
    size_t cases = 0, findings = 0, i;
    DIR *folder;

    CHECK(argc == 2);
    folder = opendir(argv[1]);
    CHECK(folder != NULL);
    OK(t1053_detector_new(&detector));
    /* What is written down is of each record by itself. */
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = T1053_SCANNER_NO_JOIN;
    OK(t1053_scanner_new(detector, &options, &scanner));
    while ((entry = readdir(folder)) != NULL) {
        const char *end = strstr(entry->d_name, ".record");
        if (end == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        read_file(path, &record);
        snprintf(path, sizeof path, "%s/%.*s.ndjson", argv[1],
                 (int)(end - entry->d_name), entry->d_name);
        read_file(path, &expected);
        for (i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
            with_callback(scanner, &record, chunks[i], &found);
            compare(entry->d_name, "callback", chunks[i], &found, &expected);
            with_lines(scanner, &record, chunks[i], &found);
            compare(entry->d_name, "lines", chunks[i], &found, &expected);
        }
        cases++;
        findings += found.len > 0;
    }
    closedir(folder);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    free(record.data);
    free(expected.data);
    free(found.data);
    CHECK(cases > 300 && findings > 100);
    printf("%lu cases\n", (unsigned long)cases);
    return 0;
}
