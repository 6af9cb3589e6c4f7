/*
 * Once warm, neither evaluation nor scanning nor rendering takes memory: the
 * C library's allocator is replaced by one that counts.
 *
 *     alloc testdata/cases
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

static unsigned long calls;

void *malloc(size_t size)
{
    calls++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    calls++;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    calls++;
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
    calls++;
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    calls++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    calls++;
    *place = __libc_memalign(alignment, size);
    return *place != NULL ? 0 : ENOMEM;
}

void free(void *old)
{
    calls += old != NULL;
    __libc_free(old);
}

static int32_t render(void *user, const t1053_match *found)
{
    static char buffer[65536];
    t1053_text value;
    CHECK(t1053_match_ndjson(found, "x", 1, buffer, sizeof buffer) > 0);
    CHECK(t1053_match_message(found, buffer, sizeof buffer) > 0);
    OK(t1053_match_value(found, T1053_FIELD_COMPUTER, &value));
    ++*(unsigned long *)user;
    return 0;
}

static int32_t unreadable(void *user, const t1053_unreadable *it)
{
    (void)user;
    (void)it;
    return 0;
}

static unsigned long scan(t1053_scanner *scanner, const struct bytes *records,
                          size_t count)
{
    static char buffer[1 << 20];
    size_t i, at, written, waiting;
    unsigned long found = 0;
    for (i = 0; i < count; i++) {
        const struct bytes *it = &records[i];
        OK(t1053_scanner_reset(scanner));
        for (at = 0; at < it->len; at += 100) {
            size_t left = it->len - at;
            OK(t1053_scanner_feed(scanner, it->data + at,
                                  left < 100 ? left : 100, render, unreadable,
                                  &found));
        }
        OK(t1053_scanner_finish(scanner, render, unreadable, &found));
        OK(t1053_scanner_record(scanner, it->data, it->len, render,
                                unreadable, &found));
        OK(t1053_scanner_reset(scanner));
        OK(t1053_scanner_lines(scanner, it->data, it->len, 1, buffer,
                               sizeof buffer, &written, &waiting));
        CHECK(waiting == 0);
    }
    return found;
}

static int32_t count_job(void *user, const t1053_job *job)
{
    t1053_text value;
    OK(t1053_job_value(job, T1053_FIELD_JOB_NAME, 0, &value));
    ++*(unsigned long *)user;
    return 0;
}

static int32_t judge(void *user, const t1053_verdict *verdict)
{
    static char buffer[65536];
    CHECK(t1053_verdict_ndjson(verdict, "x", 1, buffer, sizeof buffer) > 0);
    CHECK(t1053_verdict_line(verdict, buffer, sizeof buffer) > 0);
    OK(t1053_verdict_jobs(verdict, count_job, user));
    return 0;
}

static unsigned long evaluate(t1053_evaluator *evaluator)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    unsigned long found = 0;
    uint32_t indices[8];
    size_t count, i;
    for (i = 0; i < 1000; i++) {
        OK(t1053_evaluate(evaluator, &event, render, &found));
        OK(t1053_evaluate_indices(evaluator, &event, indices, 8, &count));
        OK(t1053_evaluate_verdict(evaluator, &event, render, judge, &found));
    }
    event.kind = T1053_EVENT_TASK_REGISTERED;
    event.has_time = 1;
    fields[0] = field_of(T1053_FIELD_TASK_NAME, "\\x");
    event.fields_len = 1;
    for (i = 0; i < 1000; i++) {
        event.time += 10000000;
        OK(t1053_evaluate(evaluator, &event, render, &found));
    }
    return found;
}

static unsigned long read_jobs(t1053_job_reader *reader)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    unsigned long found = 0, i;
    for (i = 0; i < 100; i++)
        OK(t1053_jobs(reader, &event, count_job, &found));
    return found;
}

int main(int argc, char **argv)
{
    static struct bytes records[1024];
    static char path[4096];
    size_t count = 0;
    unsigned long before, warm, found;
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner *judging;
    t1053_scanner_options options;
    t1053_job_reader *reader;
    t1053_evaluator *evaluator;
    struct dirent *entry;
    DIR *folder;

    CHECK(argc == 2);
    folder = opendir(argv[1]);
    CHECK(folder != NULL);
    while ((entry = readdir(folder)) != NULL && count < 1024) {
        if (strstr(entry->d_name, ".record") == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        read_file(path, &records[count++]);
    }
    closedir(folder);
    CHECK(count > 300);

    before = calls;
    OK(t1053_detector_new(&detector));
    OK(t1053_scanner_new(detector, NULL, &scanner));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    /* The library's memory comes from here. */
    CHECK(calls > before);

    /* An evaluator is warm from the beginning. */
    before = calls;
    CHECK(evaluate(evaluator) >= 1000);
    if (calls != before) {
        fprintf(stderr, "evaluation: %lu calls\n", calls - before);
        return 1;
    }
    warm = scan(scanner, records, count);
    before = calls;
    found = scan(scanner, records, count);
    if (calls != before) {
        fprintf(stderr, "scanning: %lu calls\n", calls - before);
        return 1;
    }
    CHECK(found == warm && found > 100);

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.on_verdict = judge;
    options.keep = text_of("Image,CommandLine,JobName,raw");
    OK(t1053_scanner_new(detector, &options, &judging));
    OK(t1053_job_reader_new(&reader));
    warm = scan(judging, records, count) + read_jobs(reader);
    before = calls;
    found = scan(judging, records, count) + read_jobs(reader);
    if (calls != before) {
        fprintf(stderr, "jobs and verdicts: %lu calls\n", calls - before);
        return 1;
    }
    CHECK(found == warm && found > 200);
    t1053_job_reader_free(reader);
    t1053_scanner_free(judging);

    t1053_evaluator_free(evaluator);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    while (count > 0)
        free(records[--count].data);
    return 0;
}
