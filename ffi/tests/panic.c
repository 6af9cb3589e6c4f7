/*
 * Every entry point when the library panics: the caller gets a status or a
 * harmless value, and what was in use is not used again.
 *
 * Needs the library with its feature test-panic.
 */

#include "check.h"

extern void t1053_test_panic(uint8_t place);

#define BEGINS 1
#define IN_WORK 2
/* Besides one of these: as a defect does. */
#define TOLD 128

/* A call that panics as it begins gives this. */
#define GIVES(expected, call)                                               \
    do {                                                                    \
        t1053_test_panic(BEGINS);                                           \
        CHECK((call) == (expected));                                        \
    } while (0)

#define PANICS(call) GIVES(T1053_PANIC, call)

static int32_t ignore(void *user, const t1053_match *found)
{
    (void)user;
    (void)found;
    return 0;
}

struct log {
    unsigned lines;
    char last[512];
};

static void on_log(void *user, const char *text, size_t text_len)
{
    struct log *log = (struct log *)user;
    CHECK(text_len < sizeof log->last);
    memcpy(log->last, text, text_len);
    log->last[text_len] = 0;
    log->lines++;
}

/* A defect is told to who asks for it, and to nobody else. */
static void logged(void)
{
    struct log log;
    uint32_t number = 77;
    memset(&log, 0, sizeof log);
    OK(t1053_log_to(on_log, &log));
    t1053_test_panic(BEGINS | TOLD);
    STATUS(T1053_PANIC, t1053_field_from_name("Image", 5, &number));
    CHECK(log.lines == 1);
    CHECK(strstr(log.last, "t1053 " T1053_VERSION ": defect at ")
          == log.last);
    CHECK(strstr(log.last, "guard.rs:") && !strchr(log.last, '\n'));
    CHECK(strstr(log.last, ": asked to panic"));
    OK(t1053_field_from_name("Image", 5, &number));
    OK(t1053_log_to(NULL, NULL));
    t1053_test_panic(BEGINS | TOLD);
    STATUS(T1053_PANIC, t1053_field_from_name("Image", 5, &number));
    CHECK(log.lines == 1);
    PANICS(t1053_log_to(on_log, &log));
}

static int32_t in_callback(void *user, const t1053_match *found)
{
    char buffer[64];
    t1053_text value;
    PANICS(t1053_match_value(found, T1053_FIELD_IMAGE, &value));
    GIVES(0u, t1053_match_message(found, buffer, sizeof buffer));
    GIVES(0u, t1053_match_ndjson(found, NULL, 0, buffer, sizeof buffer));
    ++*(int *)user;
    return 0;
}

/* Of the two that are at work, the one that panics is spoilt. */
static int32_t on_sequence_event(void *user, const t1053_sequence_event *event)
{
    t1053_correlator *correlator = (t1053_correlator *)user;
    PANICS(t1053_correlator_take_sequence_event(correlator, event, ignore,
                                                NULL));
    OK(t1053_correlator_take_sequence_event(correlator, event, ignore, NULL));
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC, t1053_correlator_take_sequence_event(
                            correlator, event, ignore, NULL));
    STATUS(T1053_POISONED, t1053_correlator_take_sequence_event(
                               correlator, event, ignore, NULL));
    return 0;
}

static void shared_by_scanners(t1053_detector *detector)
{
    const char *record = "{\"EventID\":4698,\"Channel\":\"Security\"}";
    t1053_correlator *correlator;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.on_sequence_event = on_sequence_event;
    OK(t1053_correlator_new(detector, 0, &correlator));
    OK(t1053_scanner_new(detector, &options, &scanner));
    OK(t1053_scanner_record(scanner, record, strlen(record), ignore, NULL,
                            correlator));
    STATUS(T1053_POISONED, t1053_correlator_reset(correlator));
    OK(t1053_scanner_finish(scanner, ignore, NULL, correlator));
    t1053_scanner_free(scanner);
    t1053_correlator_free(correlator);
}

int main(void)
{
    t1053_detector *detector = NULL, *other = NULL;
    t1053_builder *builder = NULL;
    t1053_evaluator *evaluator = NULL;
    t1053_correlator *correlator = NULL;
    t1053_repeats *repeats = NULL;
    t1053_risk_tracker *risk = NULL;
    int32_t part = 77;
    t1053_scanner *scanner = NULL;
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_counts counts;
    uint32_t number = 77;
    uint64_t events;
    size_t count = 77, written, waiting;
    int seen = 0;

    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;

    PANICS(t1053_field_from_name("Image", 5, &number));
    PANICS(t1053_kind_from_name("audit_cwd", 9, &number));
    PANICS(t1053_format_from_name("auto", 4, &number));
    CHECK(number == 77);
    PANICS(t1053_kind_has_field(1, 1));
    t1053_test_panic(BEGINS);
    CHECK(t1053_field_name(1).data == NULL);
    t1053_test_panic(BEGINS);
    CHECK(t1053_kind_name(1).data == NULL);

    PANICS(t1053_builder_new(&builder));
    CHECK(builder == NULL);
    OK(t1053_builder_new(&builder));
    PANICS(t1053_builder_enable(builder, "all", 3));
    PANICS(t1053_builder_disable(builder, "all", 3));
    PANICS(t1053_builder_exclude(builder, "x", 1, 1, 1, "x", 1));
    PANICS(t1053_builder_build(builder, &other));
    CHECK(other == NULL);
    t1053_test_panic(BEGINS);
    CHECK(t1053_builder_error(builder).data == NULL);
    OK(t1053_builder_enable(builder, "all", 3));
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC, t1053_builder_enable(builder, "all", 3));
    STATUS(T1053_POISONED, t1053_builder_build(builder, &other));
    t1053_builder_free(builder);

    PANICS(t1053_detector_new(&detector));
    CHECK(detector == NULL);
    OK(t1053_detector_new(&detector));
    GIVES(0u, t1053_detector_count(detector));
    GIVES(NULL, t1053_detector_get(detector, 0));
    PANICS(t1053_detector_find(detector, TASK_SLUG, strlen(TASK_SLUG),
                               &count));
    CHECK(count == 77);

    PANICS(t1053_evaluator_new(detector, 0, &evaluator));
    CHECK(evaluator == NULL);
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    PANICS(t1053_evaluator_reset(evaluator));
    PANICS(t1053_evaluate(evaluator, &event, ignore, NULL));
    PANICS(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    CHECK(count == 77);
    /* One that comes before the work leaves it alone, also in a callback. */
    OK(t1053_evaluate(evaluator, &event, in_callback, &seen));
    CHECK(seen > 0);
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC, t1053_evaluate(evaluator, &event, ignore, NULL));
    STATUS(T1053_POISONED, t1053_evaluate(evaluator, &event, ignore, NULL));
    STATUS(T1053_POISONED, t1053_evaluator_reset(evaluator));
    STATUS(T1053_POISONED,
           t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    t1053_evaluator_free(evaluator);

    PANICS(t1053_correlator_new(detector, 0, &correlator));
    CHECK(correlator == NULL);
    OK(t1053_correlator_new(detector, 0, &correlator));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    PANICS(t1053_evaluate_alone(evaluator, &event, ignore, NULL, &part));
    CHECK(part == 77);
    PANICS(t1053_evaluator_save(evaluator, NULL, 0, &count));
    PANICS(t1053_evaluator_restore(evaluator, "x", 1, NULL));
    PANICS(t1053_correlator_take(correlator, evaluator, &event, ignore, NULL));
    PANICS(t1053_correlator_save(correlator, NULL, 0, &count));
    CHECK(count == 77);
    PANICS(t1053_correlator_restore(correlator, "x", 1, NULL));
    PANICS(t1053_correlator_expire(correlator, 0));
    PANICS(t1053_correlator_reset(correlator));
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC, t1053_correlator_reset(correlator));
    STATUS(T1053_POISONED, t1053_correlator_reset(correlator));
    t1053_test_panic(BEGINS);
    t1053_correlator_free(correlator);
    t1053_correlator_free(correlator);
    t1053_evaluator_free(evaluator);

    shared_by_scanners(detector);

    PANICS(t1053_repeats_new(detector, 0, 0, &repeats));
    PANICS(t1053_risk_tracker_new(detector, 0, 0, 0, &risk));
    CHECK(repeats == NULL && risk == NULL);
    OK(t1053_repeats_new(detector, 0, 0, &repeats));
    OK(t1053_risk_tracker_new(detector, 0, 0, 0, &risk));
    PANICS(t1053_repeats_of(repeats, "x", 1, NULL, 0, 1));
    PANICS(t1053_repeats_take(repeats, NULL, NULL, NULL, NULL, NULL));
    PANICS(t1053_repeats_finish(repeats, NULL, NULL));
    PANICS(t1053_repeats_counts(repeats, NULL));
    PANICS(t1053_repeats_save(repeats, NULL, 0, &count));
    PANICS(t1053_repeats_restore(repeats, "x", 1, NULL));
    PANICS(t1053_risk_tracker_take(risk, NULL, NULL, NULL));
    PANICS(t1053_risk_tracker_counts(risk, NULL));
    PANICS(t1053_risk_tracker_save(risk, NULL, 0, &count));
    PANICS(t1053_risk_tracker_restore(risk, "x", 1, NULL));
    t1053_test_panic(BEGINS);
    CHECK(t1053_group_ndjson(NULL, NULL, 0, NULL, 0) == 0);
    t1053_test_panic(BEGINS);
    CHECK(t1053_risk_ndjson(NULL, NULL, 0) == 0);
    t1053_test_panic(BEGINS);
    CHECK(t1053_risk_message(NULL, NULL, 0) == 0);
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC, t1053_repeats_save(repeats, NULL, 0, &count));
    STATUS(T1053_POISONED, t1053_repeats_save(repeats, NULL, 0, &count));
    t1053_test_panic(BEGINS);
    t1053_repeats_free(repeats);
    t1053_repeats_free(repeats);
    t1053_test_panic(BEGINS);
    t1053_risk_tracker_free(risk);
    t1053_risk_tracker_free(risk);

    PANICS(t1053_scanner_new(detector, NULL, &scanner));
    CHECK(scanner == NULL);
    OK(t1053_scanner_new(detector, NULL, &scanner));
    PANICS(t1053_scanner_reset(scanner));
    PANICS(t1053_scanner_feed(scanner, "x", 1, ignore, NULL, NULL));
    PANICS(t1053_scanner_record(scanner, "x", 1, ignore, NULL, NULL));
    PANICS(t1053_scanner_flush_pending(scanner, 0, ignore, NULL, NULL));
    PANICS(t1053_scanner_finish(scanner, ignore, NULL, NULL));
    PANICS(t1053_scanner_lines(scanner, "x", 1, 0, NULL, 0, &written,
                               &waiting));
    PANICS(t1053_scanner_counts(scanner, &counts));
    PANICS(t1053_scanner_events(scanner, 1, &events));
    PANICS(t1053_scanner_hits(scanner, 0, &events));
    OK(t1053_scanner_counts(scanner, &counts));
    CHECK(counts.bytes == 0);
    t1053_test_panic(IN_WORK);
    STATUS(T1053_PANIC,
           t1053_scanner_feed(scanner, "x", 1, ignore, NULL, NULL));
    STATUS(T1053_POISONED,
           t1053_scanner_feed(scanner, "x", 1, ignore, NULL, NULL));
    STATUS(T1053_POISONED, t1053_scanner_counts(scanner, &counts));
    STATUS(T1053_POISONED, t1053_scanner_reset(scanner));

    /* A free that panics frees nothing. */
    t1053_test_panic(BEGINS);
    t1053_scanner_free(scanner);
    t1053_scanner_free(scanner);
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    t1053_test_panic(BEGINS);
    t1053_evaluator_free(evaluator);
    t1053_evaluator_free(evaluator);
    OK(t1053_builder_new(&builder));
    t1053_test_panic(BEGINS);
    t1053_builder_free(builder);
    t1053_builder_free(builder);
    t1053_test_panic(BEGINS);
    t1053_detector_free(detector);
    t1053_detector_free(detector);
    logged();
    return 0;
}
