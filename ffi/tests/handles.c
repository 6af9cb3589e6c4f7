/*
 * How much memory handles take: the table of docs/abi.md; and a thousand
 * streams, each with a scanner of its own.
 *
 *     handles
 *
 * For Linux, which tells how much a process takes.
 */

#include <unistd.h>

#include "check.h"

#define STREAMS 1000

/* Address space and memory of this process, in KiB. */
static void taken(unsigned long *space, unsigned long *memory)
{
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
    CHECK(statm != NULL && fscanf(statm, "%lu %lu", space, memory) == 2);
    fclose(statm);
    *space *= page;
    *memory *= page;
}

static int32_t on_match(void *user, const t1053_match *match)
{
    (void)match;
    ++*(unsigned long *)user;
    return 0;
}

static unsigned long scan(t1053_scanner *scanner)
{
    unsigned long found = 0;
    OK(t1053_scanner_feed(scanner, TASK_RECORD "\n", strlen(TASK_RECORD) + 1,
                          on_match, NULL, &found));
    return found;
}

static t1053_scanner *new_scanner(t1053_detector *detector, uint32_t flags)
{
    t1053_scanner_options options;
    t1053_scanner *scanner;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    OK(t1053_scanner_new(detector, &options, &scanner));
    return scanner;
}

static t1053_evaluator *new_evaluator(t1053_detector *detector,
                                      uint32_t flags)
{
    t1053_evaluator_options options;
    t1053_evaluator *evaluator;
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = flags;
    OK(t1053_evaluator_make(detector, &options, &evaluator));
    return evaluator;
}

static void tell(const char *name, size_t bytes, size_t most)
{
    printf("| %s | %lu |\n", name, (unsigned long)(bytes + 1023) / 1024);
    CHECK(bytes <= most << 10);
}

static void each_handle(t1053_detector *detector)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_correlator *correlator;
    t1053_job_reader *reader;
    t1053_repeats *repeats;
    t1053_risk_tracker *risk;
    t1053_evaluator *evaluator;
    t1053_scanner *scanner;
    size_t bytes = 0, before;
    unsigned long found = 0;

    OK(t1053_detector_memory(detector, &bytes));
    tell("detector, which all the others share", bytes, 700);
    scanner = new_scanner(detector, T1053_SCANNER_NO_SEQUENCES);
    OK(t1053_detector_memory(detector, &bytes));
    tell("the same, with the filter that its first scanner makes", bytes,
         2000);
    OK(t1053_scanner_memory(scanner, &bytes));
    tell("scanner, `T1053_SCANNER_NO_SEQUENCES`", bytes, 50);
    before = bytes;
    CHECK(scan(scanner) > 0);
    OK(t1053_scanner_memory(scanner, &bytes));
    CHECK(bytes > before && bytes <= (200 << 10));
    t1053_scanner_free(scanner);
    scanner = new_scanner(detector, 0);
    OK(t1053_scanner_memory(scanner, &bytes));
    tell("scanner", bytes, 10000);
    CHECK(bytes > (9 << 20));
    t1053_scanner_free(scanner);

    evaluator = new_evaluator(
        detector, T1053_EVALUATOR_NO_SEQUENCES | T1053_EVALUATOR_GROWS);
    OK(t1053_evaluator_memory(evaluator, &bytes));
    tell("evaluator, `T1053_EVALUATOR_NO_SEQUENCES` and "
         "`T1053_EVALUATOR_GROWS`", bytes, 50);
    OK(t1053_evaluate(evaluator, &event, on_match, &found));
    CHECK(found > 0);
    t1053_evaluator_free(evaluator);
    evaluator = new_evaluator(detector, T1053_EVALUATOR_NO_SEQUENCES);
    OK(t1053_evaluator_memory(evaluator, &bytes));
    tell("evaluator, `T1053_EVALUATOR_NO_SEQUENCES`", bytes, 660);
    before = bytes;
    OK(t1053_evaluate(evaluator, &event, on_match, &found));
    OK(t1053_evaluator_memory(evaluator, &bytes));
    CHECK(bytes == before);
    t1053_evaluator_free(evaluator);
    evaluator = new_evaluator(detector, 0);
    OK(t1053_evaluator_memory(evaluator, &bytes));
    tell("evaluator", bytes, 10300);
    t1053_evaluator_free(evaluator);

    OK(t1053_correlator_new(detector, 0, &correlator));
    OK(t1053_correlator_memory(correlator, &bytes));
    tell("correlator", bytes, 9700);
    t1053_correlator_free(correlator);
    OK(t1053_job_reader_new(&reader));
    OK(t1053_job_reader_memory(reader, &bytes));
    tell("job reader", bytes, 12);
    t1053_job_reader_free(reader);
    OK(t1053_repeats_new(detector, 0, 0, &repeats));
    OK(t1053_repeats_memory(repeats, &bytes));
    CHECK(bytes == 0);
    t1053_repeats_free(repeats);
    OK(t1053_risk_tracker_new(detector, 0, 0, 0, &risk));
    OK(t1053_risk_tracker_memory(risk, &bytes));
    CHECK(bytes == 0);
    t1053_risk_tracker_free(risk);
}

/* Sequences are of several events: without them, nothing else is missed. */
static void without_sequences(t1053_detector *detector)
{
    t1053_field_value field = field_of(T1053_FIELD_TASK_NAME, "\\x");
    t1053_evaluator *with = new_evaluator(detector, 0);
    t1053_evaluator *without =
        new_evaluator(detector, T1053_EVALUATOR_NO_SEQUENCES);
    t1053_event event;
    unsigned long found = 0, alone = 0;
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.platform = T1053_PLATFORM_WINDOWS;
    event.fields = &field;
    event.fields_len = 1;
    event.has_time = 1;
    for (event.time = 0; event.time < 2; event.time++) {
        event.kind = event.time == 0 ? T1053_EVENT_TASK_REGISTERED
                                     : T1053_EVENT_TASK_DELETED;
        OK(t1053_evaluate(with, &event, on_match, &found));
        OK(t1053_evaluate(without, &event, on_match, &alone));
    }
    CHECK(found > alone && alone > 0);
    t1053_evaluator_free(with);
    t1053_evaluator_free(without);
}

int main(void)
{
    static t1053_scanner *scanners[STREAMS];
    unsigned long space, memory, more_space, more_memory;
    t1053_detector *detector;
    size_t i;

    OK(t1053_detector_new(&detector));
    each_handle(detector);
    without_sequences(detector);
    taken(&space, &memory);
    for (i = 0; i < STREAMS; i++) {
        scanners[i] = new_scanner(detector, T1053_SCANNER_NO_SEQUENCES);
        CHECK(scan(scanners[i]) > 0);
    }
    taken(&more_space, &more_memory);
    printf("%d scanners: %lu KiB of address space, %lu KiB of memory\n",
           STREAMS, more_space - space, more_memory - memory);
    CHECK(more_memory - memory < 100000 && more_space - space < 200000);
    for (i = 0; i < STREAMS; i++)
        t1053_scanner_free(scanners[i]);
    t1053_detector_free(detector);
    return 0;
}
