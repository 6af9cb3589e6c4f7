/*
 * An agent in miniature: reads records of any format from standard input, and
 * prints a line of JSON for each match.
 *
 *     cc agent.c $(pkg-config --cflags --libs t1053) -o agent
 *     ./agent <events.jsonl
 *     ./agent auditd /var/log/audit/audit.log <audit.log
 *
 * The first argument names the format (auto, json, xml, wineventlog, auditd),
 * the second what the findings are said to come from. A summary goes to
 * standard error.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#define read _read
#else
#include <unistd.h>
#endif

#include <t1053.h>

struct output {
    const char *path;
    char *line;
    size_t room;
};

static void fail(const char *what, t1053_status status)
{
    fprintf(stderr, "agent: %s: %s\n", what, t1053_status_name(status));
    exit(2);
}

static int32_t print_match(void *user, const t1053_match *found)
{
    struct output *output = user;
    size_t path_len = output->path != NULL ? strlen(output->path) : 0;
    size_t len = t1053_match_ndjson(found, output->path, path_len,
                                    output->line, output->room);
    if (len > output->room) {
        /* Longer than any line before: make room, and write it again. */
        char *longer = realloc(output->line, len);
        if (longer == NULL)
            return 1;
        output->line = longer;
        output->room = len;
        t1053_match_ndjson(found, output->path, path_len, output->line, len);
    }
    fwrite(output->line, 1, len, stdout);
    putchar('\n');
    /* Stop when nobody reads any more. */
    return ferror(stdout);
}

static int32_t print_unreadable(void *user, const t1053_unreadable *it)
{
    (void)user;
    fprintf(stderr, "agent: record %llu: %.*s\n",
            (unsigned long long)it->record, (int)it->reason.len,
            it->reason.data);
    return 0;
}

int main(int argc, char **argv)
{
    static char chunk[1 << 16];
    struct output output = {NULL, NULL, 0};
    t1053_scanner_options options;
    t1053_counts counts;
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_status status;
    int got;

#ifdef _WIN32
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    if (argc > 1) {
        status = t1053_format_from_name(argv[1], strlen(argv[1]),
                                        &options.format);
        if (status != T1053_OK)
            fail(argv[1], status);
    }
    if (argc > 2)
        output.path = argv[2];

    status = t1053_detector_new(&detector);
    if (status != T1053_OK)
        fail("detector", status);
    status = t1053_scanner_new(detector, &options, &scanner);
    if (status != T1053_OK)
        fail("scanner", status);

    /*
     * Not fread(), which waits until the chunk is full: a record on a pipe is
     * scanned, and what it matches printed, when it comes. Only what audit
     * records make together waits for the next record; audisp.c shows how a
     * host that may wait long ends it.
     */
    while (status == T1053_OK) {
        got = (int)read(0, chunk, sizeof chunk);
        if (got > 0) {
            status = t1053_scanner_feed(scanner, chunk, (size_t)got,
                                        print_match, print_unreadable,
                                        &output);
            fflush(stdout);
        } else if (got == 0) {
            break;
        } else if (errno != EINTR) {
            perror("agent: standard input");
            return 2;
        }
    }
    if (status == T1053_OK)
        status = t1053_scanner_finish(scanner, print_match, print_unreadable,
                                      &output);
    if (status != T1053_OK)
        fail("scan", status);

    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    t1053_scanner_counts(scanner, &counts);
    fprintf(stderr, "%llu records, %llu matches, %llu unreadable\n",
            (unsigned long long)counts.records,
            (unsigned long long)counts.matches,
            (unsigned long long)counts.unreadable);

    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    free(output.line);
    return 0;
}
