/*
 * Jobs and verdicts: what each function gives and refuses; and the verdicts of
 * every case, in chunks of several sizes, byte for byte as Rust wrote them.
 *
 *     verdicts testdata
 */

#include <dirent.h>

#include "files.h"

/* What a task that is hidden behind an escape says. */
#define HIDDEN_FIELDS 2
static t1053_event hidden_event(t1053_field_value *fields)
{
    t1053_event event = task_event(fields);
    fields[0] = field_of(T1053_FIELD_IMAGE, "C:\\Windows\\System32\\cmd.exe");
    fields[1] = field_of(
        T1053_FIELD_COMMAND_LINE,
        "cmd /c s^chtasks /create /tn Up /tr \"C:\\Users\\Public\\p.exe a\""
        " /ru SYSTEM /sc minute && schtasks /delete /tn Old /f");
    event.fields_len = HIDDEN_FIELDS;
    return event;
}

struct seen {
    size_t jobs;
    size_t verdicts;
    size_t matches;
    size_t stop_after;
    int job_index;
    const t1053_verdict *verdict;
    t1053_job_reader *reader;
    t1053_evaluator *evaluator;
    unsigned char id[16];
};

static int32_t on_job(void *user, const t1053_job *job)
{
    struct seen *seen = (struct seen *)user;
    t1053_text value;
    size_t i, commands = 0;

    CHECK(job->struct_size == sizeof *job);
    CHECK(job->values_len > 0);
    seen->jobs++;
    /* What is in use cannot be used, nor freed. */
    if (seen->verdict != NULL)
        STATUS(T1053_BUSY, t1053_verdict_jobs(seen->verdict, on_job, user));
    if (seen->reader != NULL) {
        t1053_field_value fields[TASK_FIELDS];
        t1053_event event = hidden_event(fields);
        STATUS(T1053_BUSY, t1053_jobs(seen->reader, &event, on_job, user));
        t1053_job_reader_free(seen->reader);
    }
    /* Values by field and place are those of the list. */
    for (i = 0; i < job->values_len; i++) {
        const t1053_field_value *it = &job->values[i];
        size_t before = 0, j;
        for (j = 0; j < i; j++)
            before += job->values[j].field == it->field;
        OK(t1053_job_value(job, it->field, before, &value));
        CHECK(value.data == it->value.data && value.len == it->value.len);
        CHECK(t1053_field_name(it->field).data != NULL);
        commands += it->field == T1053_FIELD_JOB_COMMAND;
    }
    OK(t1053_job_value(job, T1053_FIELD_JOB_COMMAND, commands, &value));
    CHECK(value.data == NULL && value.len == 0);
    OK(t1053_job_value(job, T1053_FIELD_JOB_COMMAND, (size_t)-1, &value));
    CHECK(value.data == NULL);
    OK(t1053_job_value(job, T1053_FIELD_IMAGE, 0, &value));
    CHECK(value.data == NULL);
    STATUS(T1053_UNKNOWN_FIELD, t1053_job_value(job, 0, 0, &value));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_job_value(NULL, T1053_FIELD_JOB_NAME, 0, &value));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_job_value(job, T1053_FIELD_JOB_NAME, 0, NULL));
    OK(t1053_job_value(job, T1053_FIELD_JOB_ACTIVITY, 0, &value));
    if (text_is(value, "create")) {
        OK(t1053_job_value(job, T1053_FIELD_JOB_NAME, 0, &value));
        CHECK(text_is(value, "\\Up"));
        OK(t1053_job_value(job, T1053_FIELD_JOB_COMMAND, 0, &value));
        CHECK(text_is(value, "C:\\Users\\Public\\p.exe"));
        OK(t1053_job_value(job, T1053_FIELD_JOB_TRIGGER, 0, &value));
        CHECK(text_is(value, "minute"));
        seen->job_index = (int)job->index;
    } else {
        CHECK(text_is(value, "delete"));
    }
    return seen->stop_after != 0 && seen->jobs >= seen->stop_after;
}

static int32_t count_job(void *user, const t1053_job *job)
{
    CHECK(job->index <= 64);
    ++*(size_t *)user;
    return 0;
}

static void jobs(void)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = hidden_event(fields);
    struct seen seen;
    t1053_job_reader *reader = NULL;
    size_t count = 0;

    STATUS(T1053_NULL_ARGUMENT, t1053_job_reader_new(NULL));
    t1053_job_reader_free(NULL);
    OK(t1053_job_reader_new(&reader));
    memset(&seen, 0, sizeof seen);
    seen.reader = reader;
    OK(t1053_jobs(reader, &event, on_job, &seen));
    CHECK(seen.jobs == 2);
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 1;
    STATUS(T1053_STOPPED, t1053_jobs(reader, &event, on_job, &seen));
    CHECK(seen.jobs == 1);
    STATUS(T1053_NULL_ARGUMENT, t1053_jobs(NULL, &event, on_job, &seen));
    STATUS(T1053_NULL_ARGUMENT, t1053_jobs(reader, NULL, on_job, &seen));
    STATUS(T1053_NULL_ARGUMENT, t1053_jobs(reader, &event, NULL, &seen));
    event.struct_size = 1;
    STATUS(T1053_BAD_STRUCT_SIZE, t1053_jobs(reader, &event, on_job, &seen));

    /* Nothing to schedule, nothing at all, and bytes that are no UTF-8. */
    event = task_event(fields);
    fields[0] = field_of(T1053_FIELD_IMAGE, "C:\\Windows\\notepad.exe");
    fields[1] = field_of(T1053_FIELD_COMMAND_LINE, "notepad a.txt");
    OK(t1053_jobs(reader, &event, count_job, &count));
    event.fields_len = 0;
    OK(t1053_jobs(reader, &event, count_job, &count));
    CHECK(count == 0);
    event = task_event(fields);
    fields[1] = field_of(T1053_FIELD_COMMAND_LINE,
                         "schtasks /create /tn \xff\xfe\xc3 /tr \xed\xa0");
    OK(t1053_jobs(reader, &event, count_job, &count));
    CHECK(count == 1);
    t1053_job_reader_free(reader);
}

static void look_at(const t1053_verdict *verdict)
{
    char line[4096], again[4096];
    size_t len;

    len = t1053_verdict_line(verdict, line, sizeof line);
    CHECK(len > 10 && len < sizeof line);
    CHECK(memcmp(line, "high: creates task \\Up", 22) == 0);
    CHECK(t1053_verdict_line(verdict, NULL, 0) == len);
    memset(again, '#', sizeof again);
    CHECK(t1053_verdict_line(verdict, again, 10) == len);
    CHECK(memcmp(again, line, 10) == 0 && again[10] == '#');
    CHECK(t1053_verdict_line(NULL, line, sizeof line) == 0);

    len = t1053_verdict_ndjson(verdict, NULL, 0, line, sizeof line);
    CHECK(len > 100 && len < sizeof line);
    CHECK(memcmp(line, "{\"schema\":1,\"path\":null,", 24) == 0);
    CHECK(line[len - 1] == '}');
    CHECK(t1053_verdict_ndjson(verdict, NULL, 0, NULL, 99) == len);
    memset(again, '#', sizeof again);
    CHECK(t1053_verdict_ndjson(verdict, NULL, 0, again, 20) == len);
    CHECK(memcmp(again, line, 20) == 0 && again[20] == '#');
    CHECK(t1053_verdict_ndjson(verdict, "a\"", 2, again, sizeof again) > 0);
    CHECK(memcmp(again, "{\"schema\":1,\"path\":\"a\\\"\",", 25) == 0);
    CHECK(t1053_verdict_ndjson(verdict, "\xff", 1, again, sizeof again) == 0);
    CHECK(t1053_verdict_ndjson(NULL, NULL, 0, again, sizeof again) == 0);
}

static int32_t on_verdict(void *user, const t1053_verdict *verdict)
{
    struct seen *seen = (struct seen *)user;
    size_t i, at = 0;

    seen->verdicts++;
    CHECK(verdict->struct_size == sizeof *verdict);
    CHECK(text_is(verdict->severity, "high"));
    CHECK(verdict->item == T1053_NO_ITEM && verdict->record == 0);
    CHECK(verdict->kind == T1053_EVENT_PROCESS_CREATION);
    CHECK(!verdict->has_time && !verdict->is_expected);
    CHECK(verdict->host.data == NULL && verdict->user.data == NULL);
    CHECK(verdict->jobs_len == 2 && verdict->matches_len > 2);
    CHECK(verdict->traits_len > 1);
    /* Traits are matches, in the same order. */
    for (i = 0; i < verdict->traits_len; i++) {
        while (at < verdict->matches_len
               && verdict->matches[at] != verdict->traits[i])
            at++;
        CHECK(at < verdict->matches_len);
    }
    seen->verdict = verdict;
    OK(t1053_verdict_jobs(verdict, on_job, user));
    seen->verdict = NULL;
    CHECK(seen->jobs == 2 && seen->job_index == (int)verdict->job_index);
    STATUS(T1053_NULL_ARGUMENT, t1053_verdict_jobs(NULL, on_job, user));
    STATUS(T1053_NULL_ARGUMENT, t1053_verdict_jobs(verdict, NULL, user));
    memcpy(seen->id, verdict->id, sizeof seen->id);
    look_at(verdict);
    if (seen->evaluator != NULL) {
        t1053_field_value fields[TASK_FIELDS];
        t1053_event event = hidden_event(fields);
        STATUS(T1053_BUSY,
               t1053_evaluate_verdict(seen->evaluator, &event, NULL,
                                      on_verdict, user));
        t1053_evaluator_free(seen->evaluator);
    }
    return 1;
}

static int32_t on_match(void *user, const t1053_match *found)
{
    struct seen *seen = (struct seen *)user;
    CHECK(seen->verdicts == 0 && found->detection->slug.len > 0);
    seen->matches++;
    return seen->stop_after != 0 && seen->matches >= seen->stop_after;
}

static int32_t keep_id(void *user, const t1053_verdict *verdict)
{
    memcpy(user, verdict->id, 16);
    return 0;
}

static void verdicts(void)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = hidden_event(fields);
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    struct seen seen;
    unsigned char typed[16], scanned[16];

    OK(t1053_detector_new(&detector));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    memset(&seen, 0, sizeof seen);
    seen.evaluator = evaluator;
    /* The callback stops. */
    STATUS(T1053_STOPPED, t1053_evaluate_verdict(evaluator, &event, on_match,
                                                 on_verdict, &seen));
    CHECK(seen.verdicts == 1 && seen.matches > 2 && seen.jobs == 2);
    /* A match that stops leaves no verdict. */
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 1;
    STATUS(T1053_STOPPED, t1053_evaluate_verdict(evaluator, &event, on_match,
                                                 on_verdict, &seen));
    CHECK(seen.verdicts == 0 && seen.matches == 1);
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluate_verdict(NULL, &event, on_match,
                                                       on_verdict, &seen));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_verdict(evaluator, NULL, on_match, on_verdict,
                                  &seen));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_verdict(evaluator, &event, on_match, NULL, &seen));
    event.fields_len = 0;
    memset(&seen, 0, sizeof seen);
    OK(t1053_evaluate_verdict(evaluator, &event, NULL, on_verdict, &seen));
    CHECK(seen.verdicts == 0);

    /* An event has one id, typed or scanned. */
    event = task_event(fields);
    event.has_time = 1;
    event.time = (int64_t)1714557600 * 10000000;
    memset(typed, 0, sizeof typed);
    OK(t1053_evaluate_verdict(evaluator, &event, NULL, keep_id, typed));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.on_verdict = keep_id;
    OK(t1053_scanner_new(detector, &options, &scanner));
    memset(scanned, 1, sizeof scanned);
    OK(t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD), NULL,
                            NULL, scanned));
    CHECK(memcmp(typed, scanned, sizeof typed) == 0);
    t1053_scanner_free(scanner);

    /* The same bytes in every language, with the id that the log gives. */
    {
        static const unsigned char expected[16] = {
            0x8f, 0xd8, 0x81, 0x26, 0x3d, 0xc6, 0x38, 0x34,
            0x71, 0x83, 0xa2, 0x1a, 0x0b, 0xb5, 0x83, 0xd5};
        t1053_field_value values[7];
        values[0] = field_of(T1053_FIELD_TASK_NAME, "\\Up");
        values[1] = field_of(T1053_FIELD_SUBJECT_USER_NAME, "ann");
        values[2] = field_of(T1053_FIELD_EVENT_ID, "4699");
        values[3] = field_of(T1053_FIELD_CHANNEL, "Security");
        values[4] = field_of(T1053_FIELD_COMPUTER, "ws1");
        values[5] = field_of(T1053_FIELD_USER, "ann");
        values[6] = field_of(T1053_FIELD_RECORD_ID, "7");
        event.kind = T1053_EVENT_TASK_DELETED;
        event.time = (int64_t)1706933106 * 10000000;
        event.fields = values;
        event.fields_len = 7;
        OK(t1053_evaluate_verdict(evaluator, &event, NULL, keep_id, typed));
        CHECK(memcmp(typed, expected, sizeof typed) == 0);
        event.fields_len = 6;
        OK(t1053_evaluate_verdict(evaluator, &event, NULL, keep_id, typed));
        CHECK(memcmp(typed, expected, sizeof typed) != 0);
    }

    /* Without a callback for verdicts, one for matches must be there. */
    OK(t1053_scanner_new(detector, NULL, &scanner));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD),
                                NULL, NULL, NULL));
    t1053_scanner_free(scanner);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
}

/* The same of a match and of a verdict. */
#define LOOK(it, value_of, ndjson)                                          \
    do {                                                                    \
        static char line[16384];                                            \
        t1053_text line_text, value;                                        \
        CHECK((it)->struct_size == sizeof *(it));                           \
        CHECK((it)->offset == looked_at->offset);                           \
        CHECK((it)->length == strlen(TASK_RECORD));                         \
        CHECK(text_is((it)->raw, TASK_RECORD));                             \
        OK(value_of(it, T1053_FIELD_COMMAND_LINE, &value));                 \
        CHECK(text_is(value, "schtasks /create /tn x /tr a.exe /ru SYSTEM")); \
        OK(value_of(it, T1053_FIELD_PARENT_IMAGE, &value));                 \
        CHECK(value.data == NULL);                                          \
        STATUS(T1053_UNKNOWN_FIELD, value_of(it, 9999, &value));            \
        STATUS(T1053_NULL_ARGUMENT, value_of(it, 1, NULL));                 \
        STATUS(T1053_NULL_ARGUMENT, value_of(NULL, 1, &value));             \
        line_text.data = line;                                              \
        line_text.len = ndjson(it, NULL, 0, line, sizeof line);             \
        CHECK(line_text.len < sizeof line);                                 \
        CHECK(text_has(line_text, looked_at->expected));                    \
        CHECK(text_has(line_text, "\"raw\":\"{") == looked_at->raw);       \
    } while (0)

struct looked_at {
    uint64_t offset;
    const char *expected;
    int raw;
    size_t seen;
};

static int32_t look_at_match(void *user, const t1053_match *found)
{
    struct looked_at *looked_at = (struct looked_at *)user;
    LOOK(found, t1053_match_value, t1053_match_ndjson);
    looked_at->seen++;
    return 0;
}

static int32_t look_at_verdict(void *user, const t1053_verdict *verdict)
{
    struct looked_at *looked_at = (struct looked_at *)user;
    t1053_text value;
    LOOK(verdict, t1053_verdict_value, t1053_verdict_ndjson);
    OK(t1053_verdict_value(verdict, T1053_FIELD_JOB_NAME, &value));
    CHECK(text_is(value, "\\x"));
    looked_at->seen++;
    return 0;
}

static int32_t bare_match(void *user, const t1053_match *found)
{
    (void)user;
    CHECK(found->offset == 0 && found->length == 0);
    CHECK(found->raw.data == NULL);
    return 0;
}

/* What is found tells its event; lines tell what is asked for, and a record
 * stands where that says. */
static void quotes(void)
{
    static const char both[] =
        "\"fields\":{\"ParentImage\":null,"
        "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\"}";
    static const char *const expected[] = {
        "\"evidence\":", "\"fields\":{}", both};
    static const char *const keeps[] = {"", "raw", "ParentImage, Image,Image"};
    static const char log[] = "{}\n" TASK_RECORD "\n";
    static char lines[65536];
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    struct looked_at looked_at;
    size_t i, written, waiting;
    t1053_text text;

    OK(t1053_detector_new(&detector));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    for (i = 0; i < 3; i++) {
        memset(&looked_at, 0, sizeof looked_at);
        looked_at.offset = 3;
        looked_at.expected = i == 0 ? "\"schema\":1" : expected[i];
        looked_at.raw = i == 1;
        options.keep = text_of(keeps[i]);
        options.on_verdict = look_at_verdict;
        OK(t1053_scanner_new(detector, &options, &scanner));
        OK(t1053_scanner_feed(scanner, log, sizeof log - 1, look_at_match,
                              NULL, &looked_at));
        CHECK(looked_at.seen > 2);
        OK(t1053_scanner_reset(scanner));
        OK(t1053_scanner_lines(scanner, log, sizeof log - 1, 1, lines,
                               sizeof lines, &written, &waiting));
        text.data = lines;
        text.len = written;
        CHECK(waiting == 0 && text_has(text, expected[i]));
        CHECK(text_has(text, "\"offset\":3") == (i > 0));
        t1053_scanner_free(scanner);
    }
    /* A library that is newer than its caller reads what that knows. */
    options.struct_size = offsetof(t1053_scanner_options, keep);
    options.keep = text_of("Imge");
    OK(t1053_scanner_new(detector, &options, &scanner));
    t1053_scanner_free(scanner);
    options.struct_size = sizeof options;
    STATUS(T1053_UNKNOWN_NAME, t1053_scanner_new(detector, &options, &scanner));
    options.keep = text_of("\xff");
    STATUS(T1053_NOT_UTF8, t1053_scanner_new(detector, &options, &scanner));
    options.keep.data = NULL;
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_new(detector, &options, &scanner));
    /* Of an event that the caller built there is no record. */
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    OK(t1053_evaluate(evaluator, &event, bare_match, NULL));
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
}

static size_t chosen(const char *selector, int is_published)
{
    t1053_builder *builder;
    t1053_detector *detector;
    size_t count, i;
    OK(t1053_builder_new(&builder));
    OK(t1053_builder_enable(builder, selector, strlen(selector)));
    OK(t1053_builder_build(builder, &detector));
    count = t1053_detector_count(detector);
    for (i = 0; i < count; i++) {
        const t1053_detection *it = t1053_detector_get(detector, i);
        CHECK(it->struct_size == sizeof *it);
        if (is_published >= 0) {
            CHECK((it->weight == -1) == is_published);
            CHECK(text_is(it->pack, "behaviours") == !is_published);
        }
        CHECK(it->needs.len > 0 && it->response.len > 0);
    }
    t1053_detector_free(detector);
    t1053_builder_free(builder);
    return count;
}

static void presets(void)
{
    t1053_detector *detector;
    size_t published = chosen("published", 1);
    size_t behaviours = chosen("behaviours", 0);
    CHECK(published == 45 && behaviours > 50);
    CHECK(chosen("all", -1) == published + behaviours);
    OK(t1053_detector_new(&detector));
    CHECK(t1053_detector_count(detector) == published + behaviours);
    t1053_detector_free(detector);
}

struct lines {
    const char *path;
    struct bytes text;
};

static int32_t render(void *user, const t1053_verdict *verdict)
{
    static char line[1 << 20];
    struct lines *lines = (struct lines *)user;
    size_t len = t1053_verdict_ndjson(verdict, lines->path,
                                      strlen(lines->path), line, sizeof line);
    CHECK(len > 0 && len <= sizeof line);
    add(&lines->text, line, len);
    add(&lines->text, "\n", 1);
    return 0;
}

static int is_record(const struct dirent *entry)
{
    return strstr(entry->d_name, ".record") != NULL;
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static void cases(const char *root)
{
    static const size_t chunks[] = {1 << 24, 7};
    struct bytes record = {NULL, 0, 0};
    struct bytes expected = {NULL, 0, 0};
    struct lines found;
    struct dirent **entries;
    t1053_scanner_options options;
    t1053_detector *detector;
    t1053_scanner *scanner;
    char path[4096];
    size_t which, at;
    int count, i;

    snprintf(path, sizeof path, "%s/verdicts.ndjson", root);
    read_file(path, &expected);
    snprintf(path, sizeof path, "%s/cases", root);
    count = scandir(path, &entries, is_record, by_name);
    CHECK(count > 300);
    OK(t1053_detector_new(&detector));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.on_verdict = render;
    OK(t1053_scanner_new(detector, &options, &scanner));
    memset(&found, 0, sizeof found);
    for (which = 0; which < sizeof chunks / sizeof chunks[0]; which++) {
        found.text.len = 0;
        for (i = 0; i < count; i++) {
            found.path = entries[i]->d_name;
            snprintf(path, sizeof path, "%s/cases/%s", root, found.path);
            read_file(path, &record);
            OK(t1053_scanner_reset(scanner));
            for (at = 0; at < record.len; at += chunks[which]) {
                size_t left = record.len - at;
                OK(t1053_scanner_feed(
                    scanner, record.data + at,
                    left < chunks[which] ? left : chunks[which], NULL, NULL,
                    &found));
            }
            OK(t1053_scanner_finish(scanner, NULL, NULL, &found));
        }
        for (at = 0; at < found.text.len && at < expected.len; at++) {
            if (found.text.data[at] != expected.data[at]) {
                fprintf(stderr, "chunks of %lu: byte %lu differs\n",
                        (unsigned long)chunks[which], (unsigned long)at);
                exit(1);
            }
        }
        CHECK(found.text.len == expected.len && expected.len > 10000);
    }
    for (i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    free(record.data);
    free(expected.data);
    free(found.text.data);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    jobs();
    verdicts();
    quotes();
    presets();
    cases(argv[1]);
    return 0;
}
