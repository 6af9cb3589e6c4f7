/*
 * A plugin of the Linux audit dispatcher: reads audit records on standard
 * input, as auditd hands them out, and appends a line of JSON for each match
 * to a file. With a format as the second argument it takes other records as
 * well: examples/rsyslog/t1053.conf runs it so.
 *
 *     cc audisp.c $(pkg-config --cflags --libs t1053) -o audisp-t1053
 *
 * /etc/audit/plugins.d/t1053.conf, owned by root and writable by nobody else:
 *
 *     active = yes
 *     direction = out
 *     path = /usr/local/sbin/audisp-t1053
 *     type = always
 *     args = /var/log/t1053.ndjson
 *     format = string
 *
 * What it can find depends on the audit rules; for programs that are started
 * and crontabs that are put in place,
 *
 *     -a always,exit -F arch=b64 -S execve,execveat -k exec
 *     -a always,exit -F arch=b64 -S rename -F dir=/var/spool/cron -k cron
 *
 * It ends when auditd closes its input or sends SIGTERM, and opens its file
 * anew on SIGHUP, as log rotation wants.
 */

#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <t1053.h>

static volatile sig_atomic_t ended;
static volatile sig_atomic_t hung_up;

struct output {
    const char *path;
    int file;
};

static void on_signal(int number)
{
    if (number == SIGHUP)
        hung_up = 1;
    else
        ended = 1;
}

static int open_output(struct output *output)
{
    int file = open(output->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                    0600);
    if (file < 0) {
        syslog(LOG_ERR, "%s: %s", output->path, strerror(errno));
        return -1;
    }
    if (output->file >= 0)
        close(output->file);
    output->file = file;
    return 0;
}

/* A finding is one write, so that readers of the file see whole lines. */
static int32_t write_match(void *user, const t1053_match *found)
{
    static char line[1 << 16];
    const struct output *output = user;
    size_t len = t1053_match_ndjson(found, NULL, 0, line, sizeof line - 1);
    if (len > sizeof line - 1) {
        /* No audit record is long enough for this. */
        syslog(LOG_ERR, "a finding of %lu bytes was dropped",
               (unsigned long)len);
        return 0;
    }
    line[len] = '\n';
    if (write(output->file, line, len + 1) != (ssize_t)len + 1)
        syslog(LOG_ERR, "%s: %s", output->path, strerror(errno));
    return 0;
}

/*
 * Ends the audit events that began two seconds ago or earlier: as long as no
 * record comes, nothing else tells that they are over.
 */
static t1053_status end_events(t1053_scanner *scanner, struct output *output)
{
    int64_t before = ((int64_t)time(NULL) - 2) * 10000000;
    return t1053_scanner_flush_pending(scanner, before, write_match, NULL,
                                       output);
}

int main(int argc, char **argv)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    /* auditd sends some 9 KiB at most for a record. */
    static char chunk[1 << 16];
    struct output output = {NULL, -1};
    struct sigaction action;
    t1053_scanner_options options;
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_counts counts;
    t1053_status status;

    openlog("audisp-t1053", LOG_PID, LOG_DAEMON);
    if (argc != 2 && argc != 3) {
        syslog(LOG_ERR, "usage: audisp-t1053 FILE [FORMAT]");
        return 2;
    }
    output.path = argv[1];
    if (open_output(&output) != 0)
        return 1;

    /* Without SA_RESTART: a signal ends the read that waits for records. */
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.format = T1053_FORMAT_AUDITD;
    options.record_limit = 1 << 16;
    status = T1053_OK;
    if (argc == 3)
        status = t1053_format_from_name(argv[2], strlen(argv[2]),
                                        &options.format);
    if (status == T1053_OK)
        status = t1053_detector_new(&detector);
    if (status == T1053_OK)
        status = t1053_scanner_new(detector, &options, &scanner);
    if (status != T1053_OK) {
        syslog(LOG_ERR, "%s", t1053_status_name(status));
        return 1;
    }

    while (!ended && status == T1053_OK) {
        ssize_t got = 0;
        int ready = poll(&input, 1, 1000);
        if (ready > 0)
            got = read(STDIN_FILENO, chunk, sizeof chunk);
        if (hung_up) {
            hung_up = 0;
            open_output(&output);
        }
        if (ready == 0)
            status = end_events(scanner, &output);
        else if (ready < 0 && errno == EINTR)
            continue;
        else if (got > 0)
            status = t1053_scanner_feed(scanner, chunk, (size_t)got,
                                        write_match, NULL, &output);
        else if (got == 0 || errno != EINTR)
            break;
    }
    if (status == T1053_OK)
        status = t1053_scanner_finish(scanner, write_match, NULL, &output);

    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    t1053_scanner_counts(scanner, &counts);
    syslog(LOG_INFO, "%llu records, %llu matches, %llu unreadable: %s",
           (unsigned long long)counts.records,
           (unsigned long long)counts.matches,
           (unsigned long long)counts.unreadable, t1053_status_name(status));
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
    close(output.file);
    return status == T1053_OK ? 0 : 1;
}
