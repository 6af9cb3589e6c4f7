/*
 * Allocation after allocation fails, once or from there on: no call ends the
 * process, each tells what it did, nothing leaks, and what was made goes on as
 * if nothing had been. The C library's allocator is replaced by one that fails
 * as it is told.
 *
 *     nomemory testdata/cases [every]
 *
 * Without `every`, it leaves most of the 100,000 allocations out that make a
 * detector and the filter of its scanners: that takes seconds instead of half
 * an hour.
 *
 * For glibc, which offers its own functions under second names.
 */

#include <dirent.h>
#include <errno.h>

#include "files.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

/* Allocations so far, blocks that live, the first allocation that fails, and
 * how many do. */
static unsigned long calls, first_failing, failing;
static long living;

static int fails(void)
{
    unsigned long call = calls++;
    return call >= first_failing && call - first_failing < failing;
}

static void *lives(void *block)
{
    living += block != NULL;
    return block;
}

void *malloc(size_t size)
{
    return fails() ? NULL : lives(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : lives(__libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
    void *grown;
    if (fails())
        return NULL;
    grown = __libc_realloc(old, size);
    living += old == NULL && grown != NULL;
    return grown;
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    if (fails())
        return ENOMEM;
    *place = lives(__libc_memalign(alignment, size));
    return *place != NULL ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : lives(__libc_memalign(alignment, size));
}

void free(void *old)
{
    living -= old != NULL;
    __libc_free(old);
}

static struct bytes records[1024];
static size_t records_count;
static int is_every;

/* Whether a call was done; else there must have been no memory. */
static int done(t1053_status status)
{
    if (status == T1053_OK)
        return 1;
    if (status != T1053_OUT_OF_MEMORY && status != T1053_NO_MEMORY) {
        fprintf(stderr, "%s\n", t1053_status_name(status));
        exit(1);
    }
    return 0;
}

static int32_t count(void *user, const t1053_match *found)
{
    (void)found;
    ++*(unsigned long *)user;
    return 0;
}

static int32_t count_verdict(void *user, const t1053_verdict *verdict)
{
    (void)verdict;
    ++*(unsigned long *)user;
    return 0;
}

/* Each of these does some work with what memory there is, adds to `found`
 * what it finds, and returns whether all of it was done. */

static int make_detector(t1053_detector *shared, unsigned long *found)
{
    t1053_detector *detector = NULL;
    (void)shared;
    if (!done(t1053_detector_new(&detector)))
        return detector != NULL ? exit(1), 0 : 0;
    *found += t1053_detector_count(detector);
    t1053_detector_free(detector);
    return 1;
}

static int make_first_scanner(t1053_detector *shared, unsigned long *found)
{
    t1053_detector *detector = NULL;
    t1053_scanner *scanner = NULL;
    int all = 0;
    (void)shared;
    if (!done(t1053_detector_new(&detector)))
        return 0;
    if (done(t1053_scanner_new(detector, NULL, &scanner)))
        all = done(t1053_scanner_record(scanner, records[0].data,
                                        records[0].len, count, NULL, found));
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    return all;
}

static int build(t1053_detector *shared, unsigned long *found)
{
    t1053_builder *builder = NULL;
    t1053_detector *detector = NULL;
    int all;
    (void)shared;
    if (!done(t1053_builder_new(&builder)))
        return 0;
    all = done(t1053_builder_enable(builder, "platform:linux", 14));
    all &= done(t1053_builder_disable(builder, "risk:50", 7));
    all &= done(t1053_builder_canonical(builder, "argv", 4));
    if (all && done(t1053_builder_build(builder, &detector))) {
        *found += t1053_detector_count(detector);
        t1053_detector_free(detector);
    } else {
        all = 0;
    }
    t1053_builder_free(builder);
    return all;
}

static int scan_with(t1053_scanner *scanner, unsigned long *found)
{
    size_t i, at;
    int all = 1;
    for (i = 0; i < records_count; i++) {
        const struct bytes *record = &records[i];
        for (at = 0; at < record->len; at += 1000) {
            size_t left = record->len - at;
            all &= done(t1053_scanner_feed(scanner, record->data + at,
                                           left < 1000 ? left : 1000, count,
                                           NULL, found));
        }
        all &= done(t1053_scanner_finish(scanner, count, NULL, found));
        all &= done(t1053_scanner_record(scanner, record->data, record->len,
                                         count, NULL, found));
    }
    return all;
}

static int scan(t1053_detector *detector, unsigned long *found)
{
    t1053_scanner *scanner = NULL;
    t1053_scanner_options options;
    unsigned long after = 0, expected = first_failing;
    static unsigned long usual;
    int all;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.on_verdict = count_verdict;
    options.sequence_capacity = 1000;
    if (!done(t1053_scanner_new(detector, &options, &scanner)))
        return 0;
    all = scan_with(scanner, found);

    /* With memory again it goes on as ever. */
    first_failing = (unsigned long)-1;
    OK(t1053_scanner_reset(scanner));
    CHECK(scan_with(scanner, &after));
    if (usual == 0)
        usual = after;
    CHECK(after == usual);
    first_failing = expected;
    t1053_scanner_free(scanner);
    return all;
}

static int lines(t1053_detector *detector, unsigned long *found)
{
    static char buffer[1 << 20];
    t1053_scanner *scanner = NULL;
    size_t i, written = 0, waiting = 0;
    int all = 1;
    if (!done(t1053_scanner_new(detector, NULL, &scanner)))
        return 0;
    for (i = 0; i < 20; i++) {
        all &= done(t1053_scanner_lines(scanner, records[i].data,
                                        records[i].len, 1, buffer,
                                        sizeof buffer, &written, &waiting));
        *found += written;
        CHECK(waiting == 0);
    }
    t1053_scanner_free(scanner);
    return all;
}

static int evaluate(t1053_detector *detector, unsigned long *found)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_evaluator *evaluator = NULL;
    t1053_correlator *correlator = NULL;
    t1053_job_reader *reader = NULL;
    size_t needed = 0;
    char *state;
    int32_t is_part = 0;
    int all = 1;
    if (!done(t1053_evaluator_new(detector, 1000, &evaluator)))
        return 0;
    all &= done(t1053_evaluate(evaluator, &event, count, found));
    all &= done(t1053_evaluate_verdict(evaluator, &event, count,
                                       count_verdict, found));
    if (done(t1053_correlator_new(detector, 1000, &correlator))) {
        all &= done(t1053_evaluate_alone(evaluator, &event, count, found,
                                         &is_part));
        all &= done(t1053_correlator_take(correlator, evaluator, &event,
                                          count, found));
    } else {
        all = 0;
    }
    if (done(t1053_job_reader_new(&reader)))
        t1053_job_reader_free(reader);
    else
        all = 0;
    if (t1053_evaluator_save(evaluator, NULL, 0, &needed) ==
        T1053_BUFFER_TOO_SMALL) {
        /* Not from the allocator that is under test. */
        state = __libc_malloc(needed);
        if (done(t1053_evaluator_save(evaluator, state, needed, &needed)))
            all &= done(t1053_evaluator_restore(evaluator, state, needed,
                                                NULL));
        else
            all = 0;
        __libc_free(state);
    } else {
        all = 0;
    }
    t1053_correlator_free(correlator);
    t1053_evaluator_free(evaluator);
    return all;
}

struct grouping {
    t1053_repeats *repeats;
    t1053_risk_tracker *risk;
    unsigned long found;
    int all;
};

static void on_group(void *user, const t1053_group *group)
{
    (void)user;
    (void)group;
}

static void on_risk(void *user, const t1053_risk *risk)
{
    (void)user;
    (void)risk;
}

static int32_t group(void *user, const t1053_match *found)
{
    struct grouping *grouping = user;
    int32_t is_shown;
    uint64_t number;
    grouping->found++;
    if (!done(t1053_repeats_take(grouping->repeats, found, on_group, NULL,
                                 &is_shown, &number)))
        grouping->all = 0;
    if (!done(t1053_risk_tracker_take(grouping->risk, found, on_risk, NULL)))
        grouping->all = 0;
    return 0;
}

static int group_all(t1053_detector *detector, unsigned long *found)
{
    t1053_scanner *scanner = NULL;
    struct grouping grouping = {NULL, NULL, 0, 1};
    size_t i;
    int all = 0;
    if (done(t1053_scanner_new(detector, NULL, &scanner)) &&
        done(t1053_repeats_new(detector, 0, 0, &grouping.repeats)) &&
        done(t1053_risk_tracker_new(detector, 0, 0, 0, &grouping.risk))) {
        all = 1;
        for (i = 0; i < 30; i++)
            all &= done(t1053_scanner_record(scanner, records[i].data,
                                             records[i].len, group, NULL,
                                             &grouping));
    }
    *found += grouping.found;
    t1053_risk_tracker_free(grouping.risk);
    t1053_repeats_free(grouping.repeats);
    t1053_scanner_free(scanner);
    return all && grouping.all;
}

typedef int work(t1053_detector *, unsigned long *);

/* Does some work with each allocation failing, and with all from each on;
 * after the first 40 only every `step`th is tried, unless all are to be. */
static void try_all(const char *name, work *body, t1053_detector *detector,
                    unsigned long step)
{
    unsigned long usual = 0, total, n, tried = 0, refused = 0;
    int mode;
    first_failing = (unsigned long)-1;
    calls = 0;
    CHECK(body(detector, &usual) && usual > 0);
    total = calls;
    for (mode = 0; mode < 2; mode++) {
        for (n = 0; n < total; n += n < 40 || is_every ? 1 : step) {
            unsigned long found = 0;
            long before = living;
            int all;
            calls = 0;
            failing = mode == 0 ? 1 : (unsigned long)-1;
            first_failing = n;
            all = body(detector, &found);
            first_failing = (unsigned long)-1;
            if (living != before || (all && found != usual)) {
                fprintf(stderr, "%s, %s %lu: %ld blocks, %lu of %lu\n", name,
                        mode == 0 ? "only" : "from", n, living - before,
                        found, usual);
                exit(1);
            }
            tried++;
            refused += !all;
        }
    }
    printf("%s: %lu allocations, %lu runs, %lu refused\n", name, total, tried,
           refused);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    t1053_detector *detector;
    static char path[4096];
    struct dirent *entry;
    DIR *folder;
    unsigned long found = 0;

    CHECK(argc == 2 || argc == 3);
    is_every = argc == 3;
    first_failing = (unsigned long)-1;
    folder = opendir(argv[1]);
    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL && records_count < 1024) {
        if (strstr(entry->d_name, ".record") == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        read_file(path, &records[records_count++]);
    }
    closedir(folder);
    CHECK(records_count > 300);

    OK(t1053_detector_new(&detector));
    /* The detector keeps the filter that its first scanner makes. */
    CHECK(scan(detector, &found));
    try_all("detector", make_detector, NULL, 101);
    try_all("first scanner", make_first_scanner, NULL, 997);
    try_all("builder", build, NULL, 1);
    try_all("evaluator", evaluate, detector, 1);
    try_all("scanner", scan, detector, 1);
    try_all("lines", lines, detector, 1);
    try_all("repeats and risk", group_all, detector, 1);
    t1053_detector_free(detector);
    while (records_count > 0)
        free(records[--records_count].data);
    return 0;
}
