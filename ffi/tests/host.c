/*
 * What a host may rely on: a small stack, a fork, system calls that a sandbox
 * allows, and signals while a call runs.
 *
 *     host
 *
 * For Linux.
 */

#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

extern long syscall(long number, ...);

/* As docs/abi.md has it. */
#define SCANNING_STACK (256 * 1024)
#define EVALUATING_STACK (64 * 1024)

static t1053_detector *detector;
static t1053_scanner *scanner;
static t1053_evaluator *evaluator;
static volatile sig_atomic_t signals;

static int32_t on_match(void *user, const t1053_match *match)
{
    static char line[4096];
    CHECK(t1053_match_ndjson(match, "x", 1, line, sizeof line) > 0);
    ++*(unsigned long *)user;
    return 0;
}

/* What both ways find. */
static unsigned long work(void)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    unsigned long found = 0;
    OK(t1053_evaluate(evaluator, &event, on_match, &found));
    OK(t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD),
                            on_match, NULL, &found));
    return found;
}

/* Makes a text the value of a member of a JSON object. */
static char *wrapped(char *text)
{
    size_t at = strlen("{\"message\":\""), i, len = strlen(text);
    char *all = malloc(2 * len + at + 3);
    CHECK(all != NULL);
    memcpy(all, "{\"message\":\"", at);
    for (i = 0; i < len; i++) {
        if (text[i] == '"' || text[i] == '\\')
            all[at++] = '\\';
        all[at++] = text[i];
    }
    memcpy(all + at, "\"}", 3);
    free(text);
    return all;
}

/* All of it, from nothing, and a record within a record within others. */
static void *scan_all(void *found)
{
    t1053_detector *own;
    t1053_scanner *own_scanner;
    char *record = malloc(sizeof TASK_RECORD);
    int depth;
    CHECK(record != NULL);
    memcpy(record, TASK_RECORD, sizeof TASK_RECORD);
    OK(t1053_detector_new(&own));
    OK(t1053_scanner_new(own, NULL, &own_scanner));
    for (depth = 0; depth < 12; depth++) {
        OK(t1053_scanner_record(own_scanner, record, strlen(record),
                                on_match, NULL, found));
        record = wrapped(record);
    }
    free(record);
    t1053_scanner_free(own_scanner);
    t1053_detector_free(own);
    return NULL;
}

static void *evaluate(void *found)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    OK(t1053_evaluate(evaluator, &event, on_match, found));
    return NULL;
}

static void with_stack(size_t stack, void *(*body)(void *))
{
    unsigned long found = 0;
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, stack) == 0);
    CHECK(pthread_create(&thread, &attributes, body, &found) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(found > 0);
    pthread_attr_destroy(&attributes);
}

static int child_status(pid_t child)
{
    int status = 0;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

/* Handles go on in a child, and in the parent, each with its own copy. */
static void forked(unsigned long usual)
{
    pid_t child = fork();
    if (child == 0) {
        unsigned long found = work();
        t1053_scanner_free(scanner);
        t1053_evaluator_free(evaluator);
        t1053_detector_free(detector);
        _exit(found == usual ? 0 : 1);
    }
    CHECK(child_status(child) == 0);
    CHECK(work() == usual);
}

/* Once warm, no system call is made: the strictest sandbox allows but read,
 * write and exit, and kills at any other. */
static void sandboxed(unsigned long usual)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        unsigned long found;
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
            _exit(2);
        found = work();
        syscall(SYS_exit, found == usual ? 0 : 1);
    }
    status = child_status(child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        fprintf(stderr, "host: this kernel has no seccomp: not tried\n");
    else
        CHECK(status == 0);
}

static void on_signal(int number)
{
    (void)number;
    signals++;
}

/* Signals arrive while calls run, and none is blocked or handled here. */
static void interrupted(unsigned long usual)
{
    struct sigaction action;
    struct itimerval timer = {{0, 200}, {0, 200}};
    unsigned long rounds = 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    while (signals < 100) {
        CHECK(work() == usual);
        rounds++;
    }
    memset(&timer, 0, sizeof timer);
    CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
    CHECK(rounds > 0);
}

#define SIGNALS 32

/* What is done at each signal: a shell may have let some be ignored. */
static void handlers(void (*found[SIGNALS])(int))
{
    struct sigaction action;
    int number;
    for (number = 1; number < SIGNALS; number++) {
        found[number] = SIG_ERR;
        if (sigaction(number, NULL, &action) == 0)
            found[number] = action.sa_handler;
    }
}

/* The library sets no handler of its own. */
static void no_handlers(void (*before[SIGNALS])(int))
{
    void (*after[SIGNALS])(int);
    int number;
    handlers(after);
    for (number = 1; number < SIGNALS; number++)
        CHECK(before[number] == after[number]);
}

int main(void)
{
    unsigned long usual;
    void (*before[SIGNALS])(int);
    handlers(before);
    OK(t1053_detector_new(&detector));
    OK(t1053_scanner_new(detector, NULL, &scanner));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    work();
    usual = work();
    CHECK(usual > 1);
    no_handlers(before);
    with_stack(SCANNING_STACK, scan_all);
    with_stack(EVALUATING_STACK, evaluate);
    forked(usual);
    sandboxed(usual);
    interrupted(usual);
    t1053_evaluator_free(evaluator);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    return 0;
}
