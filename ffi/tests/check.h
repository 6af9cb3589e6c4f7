/* What the C and C++ tests share. */

#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <t1053.h>

/* Ends the test with the place at which something did not hold. */
#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

/* Checks how a call ended. */
#define STATUS(expected, call)                                              \
    do {                                                                    \
        t1053_status check_status = (t1053_status)(call);                   \
        if (check_status != (expected)) {                                   \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,   \
                    t1053_status_name(check_status));                       \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

#define OK(call) STATUS(T1053_OK, call)

static inline int text_is(t1053_text text, const char *expected)
{
    return text.data != NULL && text.len == strlen(expected)
        && memcmp(text.data, expected, text.len) == 0;
}

static inline int text_has(t1053_text text, const char *part)
{
    size_t length = strlen(part);
    size_t at;
    for (at = 0; text.data != NULL && at + length <= text.len; at++) {
        if (memcmp(text.data + at, part, length) == 0)
            return 1;
    }
    return 0;
}

static inline t1053_text text_of(const char *value)
{
    t1053_text text;
    text.data = value;
    text.len = strlen(value);
    return text;
}

static inline t1053_field_value field_of(t1053_field field, const char *value)
{
    t1053_field_value it;
    memset(&it, 0, sizeof it);
    it.field = (uint32_t)field;
    it.value = text_of(value);
    return it;
}

/* A task that runs as SYSTEM, which some detections are made for. */
#define TASK_FIELDS 3
static inline t1053_event task_event(t1053_field_value *fields)
{
    t1053_event event;
    fields[0] = field_of(T1053_FIELD_IMAGE,
                         "C:\\Windows\\System32\\schtasks.exe");
    fields[1] = field_of(T1053_FIELD_COMMAND_LINE,
                         "schtasks /create /tn x /tr a.exe /ru SYSTEM");
    fields[2] = field_of(T1053_FIELD_COMPUTER, "host-1");
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.platform = T1053_PLATFORM_WINDOWS;
    event.kind = T1053_EVENT_PROCESS_CREATION;
    event.fields = fields;
    event.fields_len = TASK_FIELDS;
    return event;
}

/* The detections that others published, whose sequences are told apart. */
static inline t1053_detector *published(void)
{
    t1053_builder *builder;
    t1053_detector *detector;
    OK(t1053_builder_new(&builder));
    OK(t1053_builder_enable(builder, "published", 9));
    OK(t1053_builder_build(builder, &detector));
    t1053_builder_free(builder);
    return detector;
}

#define TASK_SLUG "windows_schtasks_create_run_as_system"

/* The same as a raw record. */
#define TASK_RECORD                                                         \
    "{\"EventTime\":\"2024-05-01 10:00:00\",\"Hostname\":\"host-1\","       \
    "\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","   \
    "\"SourceName\":\"Microsoft-Windows-Sysmon\","                          \
    "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\","              \
    "\"CommandLine\":\"schtasks /create /tn x /tr a.exe /ru SYSTEM\"}"

#endif
