/*
 * A large record where memory is short, for many amounts of memory: the
 * process lives, the record is read or told to be lost, and the next one
 * matches.
 *
 *     limits MIB
 *
 * `MIB` is how large the record is. For Linux, which tells and limits the
 * address space of a process.
 */

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

enum shape { JSON, XML, AUDITD, UTF16, CONTAINER, SHAPES };

static char *record;
static size_t record_len;
static unsigned long found, lost;

static void add(const char *text, size_t len)
{
    memcpy(record + record_len, text, len);
    record_len += len;
}

/* Makes a record of about so many bytes, in which a value is to be decoded. */
static void make(enum shape shape, size_t size)
{
    static const char *const heads[SHAPES] = {
        "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
        "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\","
        "\"CommandLine\":\"schtasks /create /ru SYSTEM ",
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>"
        "<System><Provider Name='Microsoft-Windows-Sysmon'/><EventID>1"
        "</EventID><Channel>Microsoft-Windows-Sysmon/Operational</Channel>"
        "</System><EventData><Data Name='Image'>C:\\Windows\\schtasks.exe"
        "</Data><Data Name='CommandLine'>schtasks /create /ru SYSTEM ",
        "type=EXECVE msg=audit(1700000000.042:77): argc=2 a0=\"crontab\" a1=",
        "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
        "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\","
        "\"CommandLine\":\"schtasks /create /ru SYSTEM ",
        "2026-11-25T10:00:00.1Z stdout F {\"EventID\":1,\"Channel\":"
        "\"Microsoft-Windows-Sysmon/Operational\","
        "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\","
        "\"CommandLine\":\"schtasks /create /ru SYSTEM ",
    };
    static const char *const bodies[SHAPES] = {
        "\\\\x\\u00e9\\n", "&lt;x&gt;", "2F78", "\\\\x\\u00e9\\n", "\\\\x"
    };
    static const char *const tails[SHAPES] = {
        "\"}", "</Data></EventData></Event>", "", "\"}", "\"}"
    };
    size_t i;
    record_len = 0;
    add(heads[shape], strlen(heads[shape]));
    while (record_len < size)
        add(bodies[shape], strlen(bodies[shape]));
    add(tails[shape], strlen(tails[shape]));
    add("\n", 1);
    if (shape == UTF16) {
        for (i = record_len; i-- > 0;) {
            record[2 * i] = record[i];
            record[2 * i + 1] = 0;
        }
        record_len *= 2;
    }
}

static int32_t on_match(void *user, const t1053_match *match)
{
    (void)user;
    (void)match;
    found++;
    return 0;
}

static int32_t on_unreadable(void *user, const t1053_unreadable *unreadable)
{
    (void)user;
    CHECK(text_has(unreadable->reason, "no memory"));
    lost++;
    return 0;
}

/* A call that scans: done, or it told what was lost, or did nothing. */
static int told(t1053_status status, unsigned long lost_before)
{
    if (status == T1053_NO_MEMORY)
        CHECK(lost > lost_before);
    else if (status != T1053_OUT_OF_MEMORY)
        OK(status);
    return status == T1053_OK;
}

static void scan(const t1053_detector *detector, size_t room)
{
    t1053_scanner *scanner = NULL;
    t1053_scanner_options options;
    t1053_counts counts;
    struct rlimit limit;
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages = 0, before, matched;
    size_t at;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.record_limit = (size_t)256 << 20;
    options.sequence_capacity = 100;
    OK(t1053_scanner_new(detector, &options, &scanner));

    CHECK(statm != NULL && fscanf(statm, "%lu", &pages) == 1);
    fclose(statm);
    CHECK(getrlimit(RLIMIT_AS, &limit) == 0);
    limit.rlim_cur = pages * (unsigned long)sysconf(_SC_PAGESIZE) + room;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);

    told(t1053_scanner_record(scanner, record, record_len, on_match,
                              on_unreadable, NULL), lost);
    for (at = 0; at < record_len; at += 65536) {
        size_t left = record_len - at;
        told(t1053_scanner_feed(scanner, record + at,
                                left < 65536 ? left : 65536, on_match,
                                on_unreadable, NULL), lost);
    }
    told(t1053_scanner_finish(scanner, on_match, on_unreadable, NULL), lost);
    /* Twice the same record, each read or lost. */
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    OK(t1053_scanner_counts(scanner, &counts));
    CHECK(counts.records == 2 && counts.unreadable == lost);
    CHECK(counts.read + counts.unreadable == 2);
    matched = found;
    before = lost;
    OK(t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD),
                            on_match, on_unreadable, NULL));
    CHECK(found > matched && lost == before);
    t1053_scanner_free(scanner);
    exit(lost > 0 ? 3 : 0);
}

int main(int argc, char **argv)
{
    t1053_detector *detector;
    t1053_scanner *scanner;
    size_t size, room;
    int shape;

    CHECK(argc == 2);
    size = (size_t)atol(argv[1]) << 20;
    record = (char *)malloc(2 * size + 4096);
    CHECK(record != NULL);
    OK(t1053_detector_new(&detector));
    /* The filter is the detector's. */
    OK(t1053_scanner_new(detector, NULL, &scanner));
    t1053_scanner_free(scanner);
    for (shape = 0; shape < SHAPES; shape++) {
        int all = 0, without = 0;
        make((enum shape)shape, size);
        for (room = 0; room <= 10 * size; room += size / 2 + 1000) {
            int status = 0;
            pid_t child = fork();
            CHECK(child >= 0);
            if (child == 0)
                scan(detector, room);
            CHECK(waitpid(child, &status, 0) == child);
            if (!WIFEXITED(status) || WEXITSTATUS(status) % 3 != 0) {
                fprintf(stderr, "shape %d with %lu bytes ended with %d\n",
                        shape, (unsigned long)room, status);
                return 1;
            }
            all += WEXITSTATUS(status) == 0;
            without += WEXITSTATUS(status) == 3;
        }
        printf("shape %d: read %d times, lost %d times\n", shape, all,
               without);
        fflush(stdout);
        CHECK(all > 0 && without > 0);
    }
    t1053_detector_free(detector);
    free(record);
    return 0;
}
