/* Every function of the header: what it gives, and what it refuses. */

#include "check.h"

struct seen {
    size_t matches;
    size_t unreadable;
    size_t stop_after;
    int has_task;
    t1053_evaluator *evaluator;
    t1053_scanner *scanner;
};

static void look_at(const t1053_match *found)
{
    const t1053_detection *detection = found->detection;
    char line[8192], again[8192];
    size_t len, i;
    t1053_text value;

    CHECK(found->struct_size == sizeof *found);
    CHECK(text_is(detection->slug, TASK_SLUG));
    CHECK(text_is(found->host, "host-1"));
    CHECK(found->user.data == NULL);
    CHECK(found->item == T1053_NO_ITEM);
    CHECK(found->kind == T1053_EVENT_PROCESS_CREATION);
    CHECK(!found->has_other_time);

    CHECK(found->evidence_len > 0);
    for (i = 0; i < found->evidence_len; i++) {
        const t1053_evidence *it = &found->evidence[i];
        OK(t1053_match_value(found, it->field, &value));
        CHECK(it->end <= value.len && it->start <= it->end);
        CHECK(it->end - it->start == it->text.len);
        CHECK(memcmp(value.data + it->start, it->text.data, it->text.len)
              == 0);
        CHECK(it->pattern.data != NULL);
    }
    OK(t1053_match_value(found, T1053_FIELD_PARENT_IMAGE, &value));
    CHECK(value.data == NULL && value.len == 0);
    STATUS(T1053_UNKNOWN_FIELD, t1053_match_value(found, 0, &value));
    STATUS(T1053_NULL_ARGUMENT, t1053_match_value(NULL, 1, &value));
    STATUS(T1053_NULL_ARGUMENT, t1053_match_value(found, 1, NULL));

    /* A buffer gets what fits of it, and nothing after that. */
    len = t1053_match_ndjson(found, NULL, 0, line, sizeof line);
    CHECK(len > 100 && len < sizeof line);
    CHECK(memcmp(line, "{\"schema\":1,\"path\":null,", 24) == 0 && line[len - 1] == '}');
    CHECK(t1053_match_ndjson(found, NULL, 0, NULL, 0) == len);
    CHECK(t1053_match_ndjson(found, NULL, 0, NULL, 99) == len);
    memset(again, '#', sizeof again);
    CHECK(t1053_match_ndjson(found, NULL, 0, again, 20) == len);
    CHECK(memcmp(again, line, 20) == 0 && again[20] == '#');
    CHECK(t1053_match_ndjson(found, NULL, 0, again, len) == len);
    CHECK(memcmp(again, line, len) == 0 && again[len] == '#');
    CHECK(t1053_match_ndjson(found, "a\"b", 3, again, sizeof again) > 0);
    CHECK(memcmp(again, "{\"schema\":1,\"path\":\"a\\\"b\",", 26) == 0);
    CHECK(t1053_match_ndjson(found, "\xff", 1, again, sizeof again) == 0);
    CHECK(t1053_match_ndjson(NULL, NULL, 0, again, sizeof again) == 0);

    len = t1053_match_message(found, line, sizeof line);
    CHECK(len > 10 && len < sizeof line);
    CHECK(t1053_match_message(found, NULL, 0) == len);
    CHECK(t1053_match_message(NULL, line, sizeof line) == 0);
}

static int32_t on_match(void *user, const t1053_match *found)
{
    struct seen *seen = (struct seen *)user;
    seen->matches++;
    if (text_is(found->detection->slug, TASK_SLUG)) {
        look_at(found);
        seen->has_task = 1;
    }
    if (seen->evaluator != NULL) {
        /* What is in use cannot be used, nor freed. */
        t1053_field_value fields[TASK_FIELDS];
        t1053_event event = task_event(fields);
        STATUS(T1053_BUSY, t1053_evaluate(seen->evaluator, &event, on_match,
                                          user));
        STATUS(T1053_BUSY, t1053_evaluator_reset(seen->evaluator));
        t1053_evaluator_free(seen->evaluator);
    }
    if (seen->scanner != NULL) {
        t1053_counts counts;
        memset(&counts, 0, sizeof counts);
        counts.struct_size = sizeof counts;
        STATUS(T1053_BUSY, t1053_scanner_counts(seen->scanner, &counts));
        t1053_scanner_free(seen->scanner);
    }
    return seen->stop_after != 0 && seen->matches >= seen->stop_after;
}

static int32_t on_unreadable(void *user, const t1053_unreadable *it)
{
    struct seen *seen = (struct seen *)user;
    CHECK(it->struct_size == sizeof *it);
    CHECK(it->reason.data != NULL && it->reason.len > 0);
    CHECK(it->offset > 0 && it->record > 0);
    seen->unreadable++;
    return 0;
}

struct unknown {
    uint64_t records[3];
    size_t count;
};

static int32_t on_not_understood(void *user, const t1053_not_understood *it)
{
    struct unknown *unknown = (struct unknown *)user;
    CHECK(it->struct_size == sizeof *it);
    CHECK(it->offset == 8 * it->record && it->bytes.len == 7);
    CHECK(memcmp(it->bytes.data, "{\"a\":1}", 7) == 0);
    CHECK(unknown->count < 3);
    unknown->records[unknown->count++] = it->record;
    return unknown->count == 3;
}

static int32_t on_no_match(void *user, const t1053_match *found)
{
    (void)user;
    (void)found;
    CHECK(0);
    return 0;
}

/* Records of no shape that is known are handed over, and stop a scan. */
static void not_understood(void)
{
    static const char lines[] =
        "{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n{\"a\":1}\n";
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    t1053_counts counts;
    struct unknown unknown;

    memset(&unknown, 0, sizeof unknown);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = T1053_SCANNER_NO_FILTER;
    options.on_not_understood = on_not_understood;
    OK(t1053_detector_new(&detector));
    OK(t1053_scanner_new(detector, &options, &scanner));
    STATUS(T1053_STOPPED,
           t1053_scanner_feed(scanner, lines, sizeof lines - 1, on_no_match,
                              NULL, &unknown));
    CHECK(unknown.count == 3);
    CHECK(unknown.records[0] == 0 && unknown.records[2] == 2);
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    OK(t1053_scanner_counts(scanner, &counts));
    CHECK(counts.not_understood == 3 && counts.unreadable == 0);
    t1053_scanner_free(scanner);
    /* A program of before there was the member does not have it called. */
    options.struct_size = offsetof(t1053_scanner_options, on_not_understood);
    OK(t1053_scanner_new(detector, &options, &scanner));
    OK(t1053_scanner_feed(scanner, lines, sizeof lines - 1, on_no_match, NULL,
                          &unknown));
    CHECK(unknown.count == 3);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
}

/* What `struct_size` holds when it was never set, or set wrongly. */
#define BAD_SIZES 8
static size_t bad_size(size_t which, size_t size)
{
    const size_t sizes[BAD_SIZES] = {
        0, size - 1, size + 1, 4097, 4104, (size_t)1 << 31,
        (size_t)-1 / 2, (size_t)-1,
    };
    return sizes[which];
}

static void names(void)
{
    uint32_t number = 77;
    uint32_t field;
    size_t fields = 0;

    CHECK(t1053_abi_version() == T1053_ABI_VERSION);
    CHECK(strchr(t1053_version(), '.') != NULL);
    CHECK(strcmp(t1053_status_name(T1053_OK), "T1053_OK") == 0);
    CHECK(strcmp(t1053_status_name(T1053_PANIC), "T1053_PANIC") == 0);
    CHECK(strcmp(t1053_status_name(-1), "unknown status") == 0);

    for (field = 0; field < 300; field++) {
        t1053_text name = t1053_field_name(field);
        if (name.data == NULL)
            continue;
        fields++;
        OK(t1053_field_from_name(name.data, name.len, &number));
        CHECK(number == field);
    }
    CHECK(fields > 50);
    CHECK(text_is(t1053_field_name(T1053_FIELD_UID), "uid"));
    CHECK(text_is(t1053_field_name(T1053_FIELD_UID_NAME), "UID"));
    number = 77;
    STATUS(T1053_UNKNOWN_NAME, t1053_field_from_name("image", 5, &number));
    STATUS(T1053_NULL_ARGUMENT, t1053_field_from_name(NULL, 5, &number));
    STATUS(T1053_UNKNOWN_NAME, t1053_field_from_name(NULL, 0, &number));
    STATUS(T1053_NULL_ARGUMENT, t1053_field_from_name("Image", 5, NULL));
    STATUS(T1053_TOO_LONG, t1053_field_from_name("x", (size_t)-1, &number));
    STATUS(T1053_MISALIGNED,
           t1053_field_from_name("Image", 5,
                                 (uint32_t *)(void *)((char *)&number + 1)));
    CHECK(number == 77);

    CHECK(text_is(t1053_kind_name(T1053_EVENT_SCRIPT_BLOCK), "script_block"));
    CHECK(t1053_kind_name(0).data == NULL);
    OK(t1053_kind_from_name("process_creation", 16, &number));
    CHECK(number == T1053_EVENT_PROCESS_CREATION);
    STATUS(T1053_UNKNOWN_NAME, t1053_kind_from_name("x", 1, &number));
    OK(t1053_kind_has_field(T1053_EVENT_PROCESS_CREATION,
                            T1053_FIELD_IMAGE));
    OK(t1053_kind_has_field(T1053_EVENT_AUDIT_CWD, T1053_FIELD_COMPUTER));
    STATUS(T1053_FIELD_NOT_OF_KIND,
           t1053_kind_has_field(T1053_EVENT_AUDIT_CWD, T1053_FIELD_IMAGE));
    STATUS(T1053_UNKNOWN_EVENT_KIND, t1053_kind_has_field(0, 1));
    STATUS(T1053_UNKNOWN_FIELD, t1053_kind_has_field(1, 0));

    OK(t1053_format_from_name("auditd", 6, &number));
    CHECK(number == T1053_FORMAT_AUDITD);
    STATUS(T1053_UNKNOWN_NAME, t1053_format_from_name("evtx", 4, &number));
}

static void detections(void)
{
    t1053_detector *detector = NULL;
    size_t count, index = 77, i, j;

    OK(t1053_detector_new(&detector));
    STATUS(T1053_NULL_ARGUMENT, t1053_detector_new(NULL));
    count = t1053_detector_count(detector);
    CHECK(count > 30);
    CHECK(t1053_detector_count(NULL) == 0);
    for (i = 0; i < count; i++) {
        const t1053_detection *it = t1053_detector_get(detector, i);
        CHECK(it->struct_size == sizeof *it);
        CHECK(it->slug.len > 0 && it->title.len > 0 && it->kind.len > 0);
        CHECK(it->severity.len > 0 && it->platform.len > 0);
        CHECK(it->description.len > 0 && it->message.len > 0);
        CHECK(it->risk_score >= -1 && it->risk_score <= 100);
        CHECK((it->risk_score < 0) == (it->risk_impact < 0));
        CHECK(it->techniques_len > 0 && it->tactics_len > 0);
        CHECK(it->references_len > 0);
        for (j = 0; !text_has(it->techniques[j], "T1053"); j++)
            CHECK(j < it->techniques_len);
        for (j = 0; j < it->references_len; j++)
            CHECK(text_has(it->references[j], "https://"));
        for (j = 0; j < it->risk_objects_len; j++)
            CHECK(it->risk_objects[j].role.len > 0);
        OK(t1053_detector_find(detector, it->slug.data, it->slug.len,
                               &index));
        CHECK(index == i);
    }
    OK(t1053_detector_find(detector, TASK_SLUG, strlen(TASK_SLUG), &index));
    {
        const t1053_detection *it = t1053_detector_get(detector, index);
        CHECK(text_is(it->title, "Windows Schtasks Create Run As System"));
        CHECK(text_is(it->kind, "TTP"));
        CHECK(text_is(it->platform, "windows"));
        CHECK(it->risk_score == 48);
        CHECK(it->risk_objects_len > 0);
    }
    CHECK(t1053_detector_get(detector, count) == NULL);
    CHECK(t1053_detector_get(NULL, 0) == NULL);
    index = 77;
    STATUS(T1053_UNKNOWN_NAME, t1053_detector_find(detector, "x", 1, &index));
    STATUS(T1053_NULL_ARGUMENT, t1053_detector_find(NULL, "x", 1, &index));
    STATUS(T1053_NULL_ARGUMENT, t1053_detector_find(detector, "x", 1, NULL));
    CHECK(index == 77);
    t1053_detector_free(detector);
    t1053_detector_free(NULL);
}

static t1053_status enable(t1053_builder *builder, const char *selector)
{
    return t1053_builder_enable(builder, selector, strlen(selector));
}

static t1053_status disable(t1053_builder *builder, const char *selector)
{
    return t1053_builder_disable(builder, selector, strlen(selector));
}

static t1053_status exclude(t1053_builder *builder, const char *slug,
                            uint32_t field, uint32_t operation)
{
    return t1053_builder_exclude(builder, slug, strlen(slug), field,
                                 operation, "HOST-1", 6);
}

static void choosing(void)
{
    t1053_builder *builder = NULL;
    t1053_detector *detector = NULL;
    t1053_detector *all = NULL;
    size_t i;

    OK(t1053_builder_new(&builder));
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_new(NULL));
    CHECK(t1053_builder_error(builder).data == NULL);
    CHECK(t1053_builder_error(NULL).data == NULL);
    OK(t1053_builder_build(builder, &all));
    OK(enable(builder, "platform:linux"));
    OK(disable(builder, "kind:Hunting"));
    OK(t1053_builder_build(builder, &detector));
    CHECK(t1053_detector_count(detector) > 0);
    CHECK(t1053_detector_count(detector) < t1053_detector_count(all));
    for (i = 0; i < t1053_detector_count(detector); i++) {
        const t1053_detection *it = t1053_detector_get(detector, i);
        CHECK(text_is(it->platform, "linux"));
        CHECK(!text_is(it->kind, "Hunting"));
    }
    t1053_detector_free(detector);
    t1053_detector_free(all);

    STATUS(T1053_BAD_SELECTOR, enable(builder, "kind:TT"));
    CHECK(text_has(t1053_builder_error(builder), "did you mean `TTP`?"));
    STATUS(T1053_NOT_UTF8, enable(builder, "\xff"));
    CHECK(t1053_builder_error(builder).data == NULL);
    STATUS(T1053_NULL_ARGUMENT, enable(NULL, "all"));
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_enable(builder, NULL, 1));
    STATUS(T1053_BAD_SELECTOR, t1053_builder_enable(builder, NULL, 0));

    detector = NULL;
    OK(enable(builder, "linux_at_aplication_execution"));
    STATUS(T1053_BUILD_FAILED, t1053_builder_build(builder, &detector));
    CHECK(detector == NULL);
    CHECK(text_has(t1053_builder_error(builder),
                   "linux_at_application_execution"));
    t1053_builder_free(builder);
    t1053_builder_free(NULL);

    OK(t1053_builder_new(&builder));
    STATUS(T1053_UNKNOWN_FIELD,
           exclude(builder, TASK_SLUG, 0, T1053_OPERATION_EQUALS));
    STATUS(T1053_UNKNOWN_OPERATION,
           exclude(builder, TASK_SLUG, T1053_FIELD_COMPUTER, 0));
    OK(enable(builder, TASK_SLUG));
    OK(exclude(builder, TASK_SLUG, T1053_FIELD_COMPUTER,
               T1053_OPERATION_EQUALS));
    OK(t1053_builder_build(builder, &detector));
    CHECK(t1053_detector_count(detector) == 1);
    {
        t1053_field_value fields[TASK_FIELDS];
        t1053_event event = task_event(fields);
        t1053_evaluator *evaluator;
        size_t count = 77;
        OK(t1053_evaluator_new(detector, 0, &evaluator));
        OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
        CHECK(count == 0);
        fields[2] = field_of(T1053_FIELD_COMPUTER, "host-2");
        OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
        CHECK(count == 1);
        t1053_evaluator_free(evaluator);
    }
    t1053_detector_free(detector);
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_build(builder, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_build(NULL, &detector));
    t1053_builder_free(builder);
}

static void evaluating(void)
{
    t1053_detector *detector;
    t1053_evaluator *evaluator = NULL;
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    struct seen seen;
    uint32_t indices[64];
    size_t count = 77, all;
    struct {
        t1053_event event;
        size_t later;
    } newer;

    OK(t1053_detector_new(&detector));
    STATUS(T1053_OUT_OF_RANGE,
           t1053_evaluator_new(detector, (1 << 20) + 1, &evaluator));
    STATUS(T1053_OUT_OF_RANGE,
           t1053_evaluator_new(detector, (size_t)-1 / 2 + 1, &evaluator));
    STATUS(T1053_OUT_OF_RANGE,
           t1053_evaluator_new(detector, (size_t)-1, &evaluator));
    CHECK(evaluator == NULL);
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    /* The evaluator holds what it needs. */
    t1053_detector_free(detector);

    memset(&seen, 0, sizeof seen);
    seen.evaluator = evaluator;
    OK(t1053_evaluate(evaluator, &event, on_match, &seen));
    CHECK(seen.has_task && seen.matches > 1);
    all = seen.matches;

    OK(t1053_evaluate_indices(evaluator, &event, indices, 64, &count));
    CHECK(count == all);
    indices[1] = 999;
    OK(t1053_evaluate_indices(evaluator, &event, indices, 1, &count));
    CHECK(count == all && indices[1] == 999);
    OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    CHECK(count == all);
    count = 77;
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_indices(evaluator, &event, NULL, 1, &count));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_indices(evaluator, &event, indices, 1, NULL));
    CHECK(count == 77);

    /* To stop ends this event, not the next one. */
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 1;
    STATUS(T1053_STOPPED, t1053_evaluate(evaluator, &event, on_match, &seen));
    CHECK(seen.matches == 1);
    seen.stop_after = 0;
    OK(t1053_evaluate(evaluator, &event, on_match, &seen));
    CHECK(seen.matches == 1 + all);
    OK(t1053_evaluator_reset(evaluator));

    /* Absent and empty fields are values like others. */
    fields[1].value.data = NULL;
    fields[1].value.len = 0;
    OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    CHECK(count < all);
    fields[1].value.data = "";
    OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    fields[1].value.data = NULL;
    fields[1].value.len = 1;
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate(evaluator, &event, on_match, &seen));
    fields[1].value.data = "x";
    fields[1].value.len = (size_t)-1;
    STATUS(T1053_TOO_LONG,
           t1053_evaluate(evaluator, &event, on_match, &seen));

    event = task_event(fields);
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate(NULL, &event, on_match, &seen));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate(evaluator, NULL, on_match, &seen));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate(evaluator, &event, NULL, &seen));
    STATUS(T1053_MISALIGNED,
           t1053_evaluate(evaluator,
                          (const t1053_event *)(const void *)
                              ((const char *)&event + 1),
                          on_match, &seen));
    for (count = 0; count < BAD_SIZES; count++) {
        event.struct_size = bad_size(count, sizeof event);
        STATUS(T1053_BAD_STRUCT_SIZE,
               t1053_evaluate(evaluator, &event, on_match, &seen));
    }
    event = task_event(fields);
    event.platform = 0;
    STATUS(T1053_UNKNOWN_PLATFORM,
           t1053_evaluate(evaluator, &event, on_match, &seen));
    event = task_event(fields);
    event.kind = 99;
    STATUS(T1053_UNKNOWN_EVENT_KIND,
           t1053_evaluate(evaluator, &event, on_match, &seen));
    event = task_event(fields);
    event.fields = NULL;
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate(evaluator, &event, on_match, &seen));
    event = task_event(fields);
    fields[0].field = 9999;
    STATUS(T1053_UNKNOWN_FIELD,
           t1053_evaluate(evaluator, &event, on_match, &seen));
    fields[0].field = T1053_FIELD_SCRIPT_BLOCK_TEXT;
    STATUS(T1053_FIELD_NOT_OF_KIND,
           t1053_evaluate(evaluator, &event, on_match, &seen));

    /* A caller with a newer header. */
    memset(&newer, 0, sizeof newer);
    newer.event = task_event(fields);
    newer.event.struct_size = sizeof newer;
    OK(t1053_evaluate_indices(evaluator, &newer.event, NULL, 0, &count));
    CHECK(count == all);
    newer.later = 1;
    STATUS(T1053_BAD_STRUCT_SIZE,
           t1053_evaluate_indices(evaluator, &newer.event, NULL, 0, &count));

    t1053_evaluator_free(evaluator);
    t1053_evaluator_free(NULL);
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_new(NULL, 0, &evaluator));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_reset(NULL));
}

/* Where matches are grouped, and their risk added up. */
struct together {
    t1053_repeats *repeats;
    t1053_risk_tracker *risk;
    size_t matches, shown, groups, repeated, reached;
    char first[4096];
    size_t first_len;
};

static void on_group(void *user, const t1053_group *group)
{
    struct together *together = (struct together *)user;
    char line[8192];
    size_t size;
    t1053_repeat_counts counts;
    CHECK(group->struct_size >= sizeof *group && group->detection != NULL);
    CHECK(group->group > 0 && group->first <= group->last);
    size = t1053_group_ndjson(group, together->first, together->first_len,
                              line, sizeof line);
    CHECK(size > together->first_len && size <= sizeof line);
    CHECK(line[0] == '{' && line[size - 1] == '}');
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    STATUS(T1053_BUSY, t1053_repeats_counts(together->repeats, &counts));
    t1053_repeats_free(together->repeats);
    together->groups++;
    together->repeated += group->repeats;
}

static void on_risk(void *user, const t1053_risk *risk)
{
    struct together *together = (struct together *)user;
    char line[4096], message[4096];
    size_t size, length, at;
    uint32_t sum = 0;
    CHECK(risk->struct_size >= sizeof *risk && text_is(risk->of, "host"));
    CHECK(text_is(risk->name, "host-1") && risk->parts_len > 0);
    for (at = 0; at < risk->parts_len; at++) {
        CHECK(risk->parts[at].detection != NULL);
        sum += risk->parts[at].score;
    }
    CHECK(sum == risk->score);
    size = t1053_risk_ndjson(risk, line, sizeof line);
    CHECK(size > 0 && size <= sizeof line && line[size - 1] == '}');
    length = t1053_risk_message(risk, message, sizeof message);
    CHECK(length > 12 && memcmp(message, "host host-1 ", 12) == 0);
    together->reached++;
}

static int32_t on_together(void *user, const t1053_match *found)
{
    struct together *together = (struct together *)user;
    int32_t is_shown = 7;
    uint64_t group = 77;
    together->matches++;
    OK(t1053_repeats_take(together->repeats, found, on_group, together,
                          &is_shown, &group));
    CHECK((is_shown == 0 || is_shown == 1) && group > 0 && group < 77);
    together->shown += (size_t)is_shown;
    if (is_shown) {
        together->first_len = t1053_match_ndjson(
            found, NULL, 0, together->first, sizeof together->first);
    }
    OK(t1053_risk_tracker_take(together->risk, found, on_risk, together));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_repeats_take(NULL, found, on_group, together, &is_shown,
                              &group));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_repeats_take(together->repeats, found, NULL, together,
                              &is_shown, &group));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_repeats_take(together->repeats, found, on_group, together,
                              NULL, &group));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_risk_tracker_take(together->risk, NULL, on_risk, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_risk_tracker_take(together->risk, found, NULL, NULL));
    return 0;
}

/* A match that is of another detector than the handles. */
static int32_t on_stranger(void *user, const t1053_match *found)
{
    struct together *together = (struct together *)user;
    int32_t is_shown = 7;
    uint64_t group = 77;
    STATUS(T1053_OTHER_DETECTOR,
           t1053_repeats_take(together->repeats, found, on_group, together,
                              &is_shown, &group));
    STATUS(T1053_OTHER_DETECTOR,
           t1053_risk_tracker_take(together->risk, found, on_risk, NULL));
    CHECK(is_shown == 7 && group == 77);
    together->matches++;
    return 0;
}

/* The same task again and again, and a restart in the midst of it. */
static void grouping(void)
{
    t1053_detector *detector, *other;
    t1053_evaluator *evaluator;
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    t1053_repeat_counts counts;
    t1053_risk_counts risks;
    t1053_restored restored;
    struct together together;
    uint32_t field = T1053_FIELD_TASK_NAME;
    size_t needed = 0, again, number;
    char *state;
    const int64_t second = 10000000;

    memset(&together, 0, sizeof together);
    memset(&counts, 0, sizeof counts);
    memset(&risks, 0, sizeof risks);
    memset(&restored, 0, sizeof restored);
    detector = published();
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    OK(t1053_repeats_new(detector, 0, 0, &together.repeats));
    OK(t1053_risk_tracker_new(detector, 1, 0, 0, &together.risk));
    event.has_time = 1;
    for (number = 0; number < 10; number++) {
        event.time = (int64_t)number * second;
        OK(t1053_evaluate(evaluator, &event, on_together, &together));
        STATUS(T1053_BUFFER_TOO_SMALL,
               t1053_repeats_save(together.repeats, NULL, 0, &needed));
        state = (char *)malloc(needed);
        OK(t1053_repeats_save(together.repeats, state, needed, &needed));
        t1053_repeats_free(together.repeats);
        OK(t1053_repeats_new(detector, 300, 100, &together.repeats));
        STATUS(T1053_TRUNCATED_STATE,
               t1053_repeats_restore(together.repeats, state, needed - 1,
                                     NULL));
        STATUS(T1053_NOT_STATE,
               t1053_risk_tracker_restore(together.risk, state, needed,
                                          NULL));
        restored.struct_size = sizeof restored;
        OK(t1053_repeats_restore(together.repeats, state, needed, &restored));
        CHECK(restored.keys == restored.detections && restored.keys > 0);
        CHECK(restored.dropped_keys == 0);
        free(state);
        STATUS(T1053_BUFFER_TOO_SMALL,
               t1053_risk_tracker_save(together.risk, NULL, 0, &again));
        state = (char *)malloc(again);
        OK(t1053_risk_tracker_save(together.risk, state, again, &again));
        t1053_risk_tracker_free(together.risk);
        OK(t1053_risk_tracker_new(detector, 1, 86400, 10, &together.risk));
        state[again - 1] ^= 1;
        STATUS(T1053_CORRUPT_STATE,
               t1053_risk_tracker_restore(together.risk, state, again, NULL));
        state[again - 1] ^= 1;
        OK(t1053_risk_tracker_restore(together.risk, state, again, NULL));
        free(state);
    }
    CHECK(together.shown > 0 && together.groups == 0);
    CHECK(together.matches == 10 * together.shown && together.reached == 1);
    STATUS(T1053_BAD_STRUCT_SIZE,
           t1053_repeats_counts(together.repeats, &counts));
    counts.struct_size = sizeof counts;
    OK(t1053_repeats_counts(together.repeats, &counts));
    CHECK(counts.open == together.shown && counts.groups == counts.open);
    CHECK(counts.groups + counts.repeats == together.matches);
    CHECK(counts.alone == 0 && counts.early == 0);
    risks.struct_size = sizeof risks;
    OK(t1053_risk_tracker_counts(together.risk, &risks));
    CHECK(risks.objects == 1 && risks.forgotten == 0);

    other = published();
    t1053_evaluator_free(evaluator);
    OK(t1053_evaluator_new(other, 0, &evaluator));
    number = together.matches;
    OK(t1053_evaluate(evaluator, &event, on_stranger, &together));
    CHECK(together.matches > number);
    together.matches = number;

    STATUS(T1053_NULL_ARGUMENT,
           t1053_repeats_finish(together.repeats, NULL, NULL));
    OK(t1053_repeats_finish(together.repeats, on_group, &together));
    CHECK(together.groups == together.shown);
    CHECK(together.shown + together.repeated == together.matches);

    STATUS(T1053_UNKNOWN_NAME,
           t1053_repeats_of(together.repeats, "none", 4, &field, 1, 9));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_repeats_of(together.repeats, TASK_SLUG, strlen(TASK_SLUG),
                            NULL, 1, 9));
    OK(t1053_repeats_of(together.repeats, TASK_SLUG, strlen(TASK_SLUG),
                        &field, 1, 9));
    field = 9999;
    STATUS(T1053_UNKNOWN_FIELD,
           t1053_repeats_of(together.repeats, TASK_SLUG, strlen(TASK_SLUG),
                            &field, 1, 9));
    STATUS(T1053_NULL_ARGUMENT, t1053_repeats_new(NULL, 0, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_repeats_new(detector, 0, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_risk_tracker_new(detector, 0, 0, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_risk_tracker_counts(NULL, &risks));
    CHECK(t1053_group_ndjson(NULL, "{}", 2, NULL, 0) == 0);
    CHECK(t1053_risk_ndjson(NULL, NULL, 0) == 0);
    CHECK(t1053_risk_message(NULL, NULL, 0) == 0);
    t1053_repeats_free(NULL);
    t1053_risk_tracker_free(NULL);
    t1053_repeats_free(together.repeats);
    t1053_risk_tracker_free(together.risk);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
    t1053_detector_free(other);
}

struct pairs {
    size_t plain;
    size_t sequences;
    int64_t apart;
};

static int32_t on_pair(void *user, const t1053_match *found)
{
    struct pairs *pairs = (struct pairs *)user;
    if (!found->has_other_time) {
        pairs->plain++;
        return 0;
    }
    CHECK(text_is(found->detection->slug, "short_lived_scheduled_task"));
    CHECK(found->has_time);
    pairs->sequences++;
    pairs->apart = found->time - found->other_time;
    return 0;
}

/* A task that is registered and deleted within seconds. */
static void sequences(void)
{
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    t1053_field_value fields[2];
    t1053_event event;
    struct pairs pairs = {0, 0, 0};
    const int64_t second = 10000000;

    detector = published();
    OK(t1053_evaluator_new(detector, 16, &evaluator));
    fields[0] = field_of(T1053_FIELD_TASK_NAME, "\\x");
    fields[1] = field_of(T1053_FIELD_COMPUTER, "host-1");
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.platform = T1053_PLATFORM_WINDOWS;
    event.fields = fields;
    event.fields_len = 2;
    event.has_time = 1;

    event.kind = T1053_EVENT_TASK_REGISTERED;
    event.time = 1000 * second;
    OK(t1053_evaluate(evaluator, &event, on_pair, &pairs));
    CHECK(pairs.sequences == 0);
    event.kind = T1053_EVENT_TASK_DELETED;
    event.time = 1005 * second;
    OK(t1053_evaluate(evaluator, &event, on_pair, &pairs));
    CHECK(pairs.sequences == 1 && pairs.apart == 5 * second);

    /* What was forgotten is no beginning. */
    event.kind = T1053_EVENT_TASK_REGISTERED;
    event.time = 2000 * second;
    OK(t1053_evaluate(evaluator, &event, on_pair, &pairs));
    OK(t1053_evaluator_reset(evaluator));
    event.kind = T1053_EVENT_TASK_DELETED;
    OK(t1053_evaluate(evaluator, &event, on_pair, &pairs));
    CHECK(pairs.sequences == 1);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
}

/* Its halves on two evaluators, and a restart between them. */
static void sharing(void)
{
    t1053_detector *detector, *foreign = published();
    t1053_evaluator *evaluators[2];
    t1053_correlator *before, *after, *other;
    t1053_field_value field;
    t1053_event event;
    t1053_sequence_counts counts;
    t1053_restored restored;
    struct pairs pairs = {0, 0, 0};
    int32_t is_part = 7;
    size_t needed = 7;
    char state[512];
    const int64_t second = 10000000;

    detector = published();
    OK(t1053_evaluator_new(detector, 0, &evaluators[0]));
    OK(t1053_evaluator_new(detector, 0, &evaluators[1]));
    OK(t1053_correlator_new(detector, 0, &before));
    OK(t1053_correlator_new(detector, 16, &after));
    field = field_of(T1053_FIELD_TASK_NAME, "\\x");
    memset(&event, 0, sizeof event);
    event.struct_size = sizeof event;
    event.platform = T1053_PLATFORM_WINDOWS;
    event.fields = &field;
    event.fields_len = 1;
    event.has_time = 1;

    event.kind = T1053_EVENT_TASK_REGISTERED;
    event.time = 1000 * second;
    OK(t1053_evaluate_alone(evaluators[0], &event, on_pair, &pairs, &is_part));
    CHECK(is_part == 1);
    OK(t1053_correlator_take(before, evaluators[0], &event, on_pair, &pairs));
    OK(t1053_correlator_new(foreign, 16, &other));
    STATUS(T1053_OTHER_DETECTOR,
           t1053_correlator_take(other, evaluators[0], &event, on_pair,
                                 &pairs));
    memset(&counts, 0, sizeof counts);
    STATUS(T1053_BAD_STRUCT_SIZE, t1053_correlator_counts(before, &counts));
    counts.struct_size = sizeof counts;
    OK(t1053_correlator_counts(other, &counts));
    CHECK(counts.keys == 0);
    OK(t1053_correlator_counts(before, &counts));
    CHECK(counts.keys > 0 && counts.evicted == 0 && counts.untimed == 0);
    OK(t1053_correlator_counts_of(before, 0, &counts));

    STATUS(T1053_BUFFER_TOO_SMALL,
           t1053_correlator_save(before, NULL, 0, &needed));
    CHECK(needed > 20 && needed <= sizeof state);
    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_save(before, NULL, needed, &needed));
    OK(t1053_correlator_save(before, state, sizeof state, &needed));
    memset(&restored, 0, sizeof restored);
    STATUS(T1053_BAD_STRUCT_SIZE,
           t1053_correlator_restore(after, state, needed, &restored));
    restored.struct_size = sizeof restored;
    STATUS(T1053_TRUNCATED_STATE,
           t1053_correlator_restore(after, state, needed - 1, &restored));
    STATUS(T1053_NOT_STATE,
           t1053_correlator_restore(after, NULL, 0, &restored));
    state[needed - 1] ^= 1;
    STATUS(T1053_CORRUPT_STATE,
           t1053_correlator_restore(after, state, needed, NULL));
    state[needed - 1] ^= 1;
    OK(t1053_correlator_restore(after, state, needed, &restored));
    CHECK(restored.detections > 0 && restored.dropped_detections == 0);
    CHECK(restored.keys == counts.keys && restored.dropped_keys == 0);
    /* An evaluator takes the same, a scanner has more. */
    OK(t1053_evaluator_restore(evaluators[1], state, needed, NULL));
    OK(t1053_evaluator_counts(evaluators[1], &counts));
    CHECK(counts.keys == restored.keys);
    OK(t1053_evaluator_save(evaluators[1], state, sizeof state, &needed));

    event.kind = T1053_EVENT_TASK_DELETED;
    event.time = 1005 * second;
    OK(t1053_evaluate_alone(evaluators[1], &event, on_pair, &pairs, &is_part));
    CHECK(is_part == 1 && pairs.sequences == 0);
    OK(t1053_correlator_take(after, evaluators[1], &event, on_pair, &pairs));
    CHECK(pairs.sequences == 1 && pairs.apart == 5 * second);

    /* What was forgotten is no beginning. */
    OK(t1053_correlator_expire(before, 2000 * second));
    OK(t1053_correlator_take(before, evaluators[1], &event, on_pair, &pairs));
    OK(t1053_correlator_reset(after));
    OK(t1053_correlator_take(after, evaluators[1], &event, on_pair, &pairs));
    CHECK(pairs.sequences == 1);
    event.kind = T1053_EVENT_TASK_SCHEDULER;
    OK(t1053_evaluate_alone(evaluators[1], &event, on_pair, &pairs, &is_part));
    CHECK(is_part == 0);

    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_take(NULL, evaluators[0], &event, on_pair, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_take(after, NULL, &event, on_pair, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_take(after, evaluators[0], &event, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_alone(evaluators[0], &event, on_pair, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_correlator_new(detector, 0, NULL));
    STATUS(T1053_OUT_OF_RANGE,
           t1053_correlator_new(detector, (size_t)-1, &before));
    t1053_correlator_free(NULL);
    t1053_correlator_free(before);
    t1053_correlator_free(after);
    t1053_correlator_free(other);
    t1053_evaluator_free(evaluators[0]);
    t1053_evaluator_free(evaluators[1]);
    t1053_detector_free(detector);
    t1053_detector_free(foreign);
}

/* What scanners with one correlator are given as their `user`. */
struct crowd {
    t1053_correlator *correlator, *other;
    const t1053_sequence_event *event;
    t1053_status expected;
    int32_t answer;
    int events;
    struct pairs pairs;
    char record[256];
};

static int32_t on_crowd_match(void *user, const t1053_match *found)
{
    struct crowd *crowd = (struct crowd *)user;
    if (found->has_other_time) {
        /* Of the scanner that has the last part, and its second record. */
        CHECK(found->record == 1 && found->item == T1053_NO_ITEM);
        CHECK(found->offset == 10 && text_is(found->raw, crowd->record));
        CHECK(found->length == found->raw.len && found->joined_len == 0);
        CHECK(t1053_match_ndjson(found, NULL, 0, NULL, 0) > 0);
        /* Whoever is at it is at it. */
        STATUS(T1053_BUSY,
               t1053_correlator_take_sequence_event(
                   crowd->correlator, crowd->event, on_pair, NULL));
        STATUS(T1053_BUSY, t1053_correlator_take_sequence_event(
                               crowd->other, crowd->event, on_pair, NULL));
    }
    return on_pair(&crowd->pairs, found);
}

static int32_t on_crowd_event(void *user, const t1053_sequence_event *event)
{
    struct crowd *crowd = (struct crowd *)user;
    crowd->events++;
    crowd->event = event;
    STATUS(crowd->expected,
           t1053_correlator_take_sequence_event(crowd->correlator, event,
                                                on_crowd_match, crowd));
    STATUS(T1053_NULL_ARGUMENT, t1053_correlator_take_sequence_event(
                                    NULL, event, on_pair, crowd));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_take_sequence_event(crowd->correlator, NULL,
                                                on_pair, crowd));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_correlator_take_sequence_event(crowd->correlator, event,
                                                NULL, crowd));
    return crowd->answer;
}

/* The halves of a sequence in two streams, whose scanners share a
   correlator. */
static void sharing_between_scanners(void)
{
    const char *form = "{\"EventID\":%d,\"Channel\":\"Security\","
                       "\"Computer\":\"ws1\",\"TaskName\":\"\\\\x\","
                       "\"TimeCreated\":\"2024-05-01T10:00:%02dZ\"}";
    t1053_detector *detector = published(), *foreign = published();
    t1053_scanner_options options;
    t1053_scanner *scanners[2];
    t1053_sequence_counts counts;
    struct crowd crowd;
    char stream[300], lines[4096];
    size_t bytes, without, written, waiting;
    uint64_t hits;
    size_t i;

    memset(&crowd, 0, sizeof crowd);
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.flags = T1053_SCANNER_NO_SEQUENCES;
    OK(t1053_scanner_new(detector, &options, &scanners[0]));
    OK(t1053_scanner_memory(scanners[0], &without));
    t1053_scanner_free(scanners[0]);
    options.flags = 0;
    options.on_sequence_event = on_crowd_event;
    for (i = 0; i < 2; i++)
        OK(t1053_scanner_new(detector, &options, &scanners[i]));
    OK(t1053_scanner_memory(scanners[0], &bytes));
    CHECK(bytes == without);
    OK(t1053_correlator_new(detector, 16, &crowd.correlator));
    OK(t1053_correlator_new(detector, 16, &crowd.other));

    sprintf(crowd.record, form, 4698, 10);
    OK(t1053_scanner_record(scanners[0], crowd.record, strlen(crowd.record),
                            on_crowd_match, NULL, &crowd));
    CHECK(crowd.events == 1 && crowd.pairs.sequences == 0);
    sprintf(crowd.record, form, 4699, 15);
    sprintf(stream, "no record\n%s\n", crowd.record);
    OK(t1053_scanner_feed(scanners[1], stream, strlen(stream), on_crowd_match,
                          NULL, &crowd));
    CHECK(crowd.events == 2 && crowd.pairs.sequences == 1);
    CHECK(crowd.pairs.apart == 5 * 10000000);
    /* It is none of the scanner's own. */
    for (i = 0; i < t1053_detector_count(detector); i++) {
        OK(t1053_scanner_hits(scanners[1], i, &hits));
        CHECK(hits == 0 ||
              !text_is(t1053_detector_get(detector, i)->slug,
                       "short_lived_scheduled_task"));
    }

    /* Lines call nobody, and the scan ends where the callback says so. */
    OK(t1053_scanner_lines(scanners[0], stream, strlen(stream), 1, lines,
                           sizeof lines, &written, &waiting));
    CHECK(written == 0 && waiting == 0 && crowd.events == 2);
    crowd.answer = 1;
    crowd.record[0] = '\0';
    STATUS(T1053_STOPPED,
           t1053_scanner_feed(scanners[0], stream, strlen(stream),
                              on_crowd_match, NULL, &crowd));
    STATUS(T1053_STOPPED,
           t1053_scanner_feed(scanners[0], stream, strlen(stream),
                              on_crowd_match, NULL, &crowd));
    CHECK(crowd.events == 3 && crowd.pairs.sequences == 1);

    t1053_correlator_free(crowd.correlator);
    OK(t1053_correlator_new(foreign, 16, &crowd.correlator));
    crowd.expected = T1053_OTHER_DETECTOR;
    crowd.answer = 0;
    OK(t1053_scanner_feed(scanners[1], stream, strlen(stream), on_crowd_match,
                          NULL, &crowd));
    CHECK(crowd.events == 4 && crowd.pairs.sequences == 1);
    memset(&counts, 0, sizeof counts);
    counts.struct_size = sizeof counts;
    OK(t1053_correlator_counts(crowd.correlator, &counts));
    CHECK(counts.keys == 0);
    t1053_correlator_free(crowd.correlator);
    t1053_correlator_free(crowd.other);
    t1053_scanner_free(scanners[0]);
    t1053_scanner_free(scanners[1]);
    t1053_detector_free(detector);
    t1053_detector_free(foreign);
}

/* A stream that is split within a record, and scanned by two. */
static void restarting(void)
{
    static const char log[] = TASK_RECORD "\n";
    t1053_detector *detector;
    t1053_scanner *before, *after;
    t1053_restored restored;
    struct pairs pairs = {0, 0, 0};
    size_t needed;
    char state[8192];

    OK(t1053_detector_new(&detector));
    OK(t1053_scanner_new(detector, NULL, &before));
    OK(t1053_scanner_new(detector, NULL, &after));
    OK(t1053_scanner_feed(before, log, 20, on_pair, NULL, &pairs));
    OK(t1053_scanner_save(before, state, sizeof state, &needed));
    restored.struct_size = sizeof restored;
    OK(t1053_scanner_restore(after, state, needed, &restored));
    CHECK(restored.dropped_detections == 0);
    CHECK(pairs.plain == 0);
    OK(t1053_scanner_feed(after, log + 20, strlen(log) - 20, on_pair, NULL,
                          &pairs));
    CHECK(pairs.plain > 0);
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_save(before, state, sizeof state, NULL));
    t1053_scanner_free(before);
    t1053_scanner_free(after);
    t1053_detector_free(detector);
}

static void scanning(void)
{
    static const char log[] = TASK_RECORD "\n{\"EventID\":1,\n" TASK_RECORD;
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    struct seen seen;
    uint64_t events = 77;
    size_t all, written = 77, waiting = 77, at;
    char lines[16384];
    struct {
        t1053_counts counts;
        uint64_t later;
    } newer, unwritten;

    OK(t1053_detector_new(&detector));
    OK(t1053_scanner_new(detector, NULL, &scanner));
    memset(&seen, 0, sizeof seen);
    seen.scanner = scanner;
    OK(t1053_scanner_feed(scanner, log, sizeof log - 1, on_match,
                          on_unreadable, &seen));
    OK(t1053_scanner_finish(scanner, on_match, on_unreadable, &seen));
    CHECK(seen.unreadable == 1);
    CHECK(seen.has_task && seen.matches >= 4 && seen.matches % 2 == 0);
    all = seen.matches;
    OK(t1053_scanner_record(scanner, TASK_RECORD, strlen(TASK_RECORD),
                            on_match, NULL, &seen));
    CHECK(seen.matches == all / 2 * 3);

    memset(&newer, 0xff, sizeof newer);
    newer.counts.struct_size = sizeof newer;
    OK(t1053_scanner_counts(scanner, &newer.counts));
    CHECK(newer.counts.struct_size == sizeof newer && newer.later == 0);
    CHECK(newer.counts.records == 4 && newer.counts.unreadable == 1);
    CHECK(newer.counts.records
          == newer.counts.read + newer.counts.filtered
                 + newer.counts.uninteresting + newer.counts.unreadable);
    CHECK(newer.counts.bytes == sizeof log - 1 + strlen(TASK_RECORD));
    CHECK(newer.counts.matches == seen.matches);
    /* With a size that cannot be, nothing is written. */
    memset(&newer, 0xff, sizeof newer);
    unwritten = newer;
    for (at = 0; at < BAD_SIZES; at++) {
        newer.counts.struct_size = unwritten.counts.struct_size =
            bad_size(at, sizeof newer.counts);
        STATUS(T1053_BAD_STRUCT_SIZE,
               t1053_scanner_counts(scanner, &newer.counts));
        CHECK(memcmp(&newer, &unwritten, sizeof newer) == 0);
    }
    OK(t1053_scanner_events(scanner, T1053_EVENT_PROCESS_CREATION, &events));
    CHECK(events == 3);
    STATUS(T1053_UNKNOWN_EVENT_KIND,
           t1053_scanner_events(scanner, 0, &events));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_events(scanner, 1, NULL));

    /* Stopped, a scanner does nothing until it is reset. */
    OK(t1053_scanner_reset(scanner));
    memset(&seen, 0, sizeof seen);
    seen.stop_after = 1;
    STATUS(T1053_STOPPED, t1053_scanner_feed(scanner, log, sizeof log - 1,
                                             on_match, NULL, &seen));
    STATUS(T1053_STOPPED, t1053_scanner_feed(scanner, log, sizeof log - 1,
                                             on_match, NULL, &seen));
    CHECK(seen.matches == 1);

    /* Without callbacks, through a buffer that is too small for all. */
    OK(t1053_scanner_reset(scanner));
    STATUS(T1053_BUFFER_TOO_SMALL,
           t1053_scanner_lines(scanner, log, sizeof log - 1, 1, lines, 10,
                               &written, &waiting));
    CHECK(written == 77 && waiting > 1000 && waiting < sizeof lines);
    for (at = 0; waiting > 0; at += written) {
        OK(t1053_scanner_lines(scanner, NULL, 0, 0, lines, 2000, &written,
                               &waiting));
        CHECK(written > 0 && written <= 2000 && lines[written - 1] == '\n');
        CHECK(lines[0] == '{');
    }
    CHECK(at > 1000);
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_lines(scanner, NULL, 0, 0, lines, 2000, NULL,
                               &waiting));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_lines(scanner, NULL, 0, 0, lines, 2000, &written,
                               NULL));

    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_feed(NULL, log, 1, on_match, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_feed(scanner, NULL, 1, on_match, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_feed(scanner, log, 1, NULL, NULL, NULL));
    STATUS(T1053_TOO_LONG, t1053_scanner_feed(scanner, log, (size_t)-1,
                                              on_match, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_record(scanner, NULL, 1, on_match, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_finish(scanner, NULL, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_reset(NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_counts(NULL, &newer.counts));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_counts(scanner, NULL));
    t1053_scanner_free(scanner);
    t1053_scanner_free(NULL);

    /* Settings: only JSON, and no record of more than a kibibyte. */
    memset(&options, 0, sizeof options);
    STATUS(T1053_BAD_STRUCT_SIZE,
           t1053_scanner_new(detector, &options, &scanner));
    for (at = 0; at < BAD_SIZES; at++) {
        options.struct_size = bad_size(at, sizeof options);
        STATUS(T1053_BAD_STRUCT_SIZE,
               t1053_scanner_new(detector, &options, &scanner));
    }
    options.struct_size = sizeof options;
    options.format = 99;
    STATUS(T1053_UNKNOWN_FORMAT,
           t1053_scanner_new(detector, &options, &scanner));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_new(NULL, NULL, &scanner));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_new(detector, NULL, NULL));
    options.format = T1053_FORMAT_JSON;
    for (options.flags = 8; options.flags != 0; options.flags <<= 1) {
        STATUS(T1053_UNKNOWN_FLAG,
               t1053_scanner_new(detector, &options, &scanner));
    }
    options.flags = T1053_SCANNER_NO_FILTER | 8;
    STATUS(T1053_UNKNOWN_FLAG,
           t1053_scanner_new(detector, &options, &scanner));
    options.flags = 0;
    options.record_limit = 1;
    STATUS(T1053_OUT_OF_RANGE,
           t1053_scanner_new(detector, &options, &scanner));
    options.record_limit = 1023;
    STATUS(T1053_OUT_OF_RANGE,
           t1053_scanner_new(detector, &options, &scanner));
    options.record_limit = 0;
    options.sequence_capacity = (1 << 20) + 1;
    STATUS(T1053_OUT_OF_RANGE,
           t1053_scanner_new(detector, &options, &scanner));
    options.sequence_capacity = (size_t)-1;
    STATUS(T1053_OUT_OF_RANGE,
           t1053_scanner_new(detector, &options, &scanner));
    options.record_limit = 1024;
    options.sequence_capacity = 8;
    OK(t1053_scanner_new(detector, &options, &scanner));
    memset(&seen, 0, sizeof seen);
    OK(t1053_scanner_feed(scanner, TASK_RECORD "\n", strlen(TASK_RECORD) + 1,
                          on_match, on_unreadable, &seen));
    CHECK(seen.has_task);
    memset(lines, ' ', sizeof lines);
    OK(t1053_scanner_feed(scanner, "{", 1, on_match, on_unreadable, &seen));
    OK(t1053_scanner_feed(scanner, lines, 2000, on_match, on_unreadable,
                          &seen));
    OK(t1053_scanner_finish(scanner, on_match, on_unreadable, &seen));
    CHECK(seen.unreadable == 1);
    /* The limit is one of records handed over whole, too. */
    OK(t1053_scanner_record(scanner, lines, 1025, on_match, on_unreadable,
                            &seen));
    CHECK(seen.unreadable == 2);
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
}

/* What can match nothing is passed over by its bytes, or read all the same. */
static void filtering(void)
{
    static const char harmless[] = "{\"EventID\":1,\"SourceName\":"
        "\"Microsoft-Windows-Sysmon\",\"CommandLine\":\"ls\"}";
    static const char broken[] = "{\"EventID\":1,\"CommandLine\":\"ls\"}}";
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    t1053_counts counts;
    struct seen seen;
    uint64_t flags, events;

    OK(t1053_detector_new(&detector));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    for (flags = 0; flags <= T1053_SCANNER_NO_FILTER; flags++) {
        options.flags = (uint32_t)flags;
        OK(t1053_scanner_new(detector, &options, &scanner));
        memset(&seen, 0, sizeof seen);
        OK(t1053_scanner_record(scanner, harmless, sizeof harmless - 1,
                                on_match, on_unreadable, &seen));
        OK(t1053_scanner_record(scanner, broken, sizeof broken - 1, on_match,
                                on_unreadable, &seen));
        memset(&counts, 0, sizeof counts);
        counts.struct_size = sizeof counts;
        OK(t1053_scanner_counts(scanner, &counts));
        OK(t1053_scanner_events(scanner, T1053_EVENT_PROCESS_CREATION,
                                &events));
        CHECK(counts.records == 2 && counts.matches == 0);
        CHECK(counts.filtered == 2 - 2 * flags && counts.read == flags);
        CHECK(counts.unreadable == flags && seen.unreadable == flags);
        CHECK(events == flags);
        t1053_scanner_free(scanner);
    }
    t1053_detector_free(detector);
}

#define TASK_EVENT(time, id)                                                \
    "{\"EventTime\":\"2024-05-01 10:00:" time "\",\"EventID\":" id ","      \
    "\"Hostname\":\"host-1\",\"Channel\":\"Security\",\"SourceName\":"      \
    "\"Microsoft-Windows-Security-Auditing\",\"TaskName\":\"\\\\x\"}\n"
#define TASK_REGISTERED "4698"
#define TASK_DELETED "4699"

#define AUDIT(type, fields)                                                 \
    "type=" type " msg=audit(1700000000.042:77): " fields "\n"

/* What a joined event was joined from. */
struct joined {
    size_t matches;
    uint64_t records[8];
    size_t len;
};

static int on_joined(void *user, const t1053_match *found)
{
    struct joined *joined = user;
    if (found->joined_len == 0)
        return 0;
    joined->matches++;
    CHECK(found->joined_len <= 8 && found->record == found->joined[0]);
    CHECK(found->kind == T1053_EVENT_FILE_CREATION);
    joined->len = found->joined_len;
    memcpy(joined->records, found->joined,
           joined->len * sizeof *joined->records);
    return 0;
}

/* The records of an audit event are one event, unless that is not wanted. */
static void joining(void)
{
    static const char log[] =
        AUDIT("SYSCALL", "arch=c000003e syscall=257 success=yes a0=ffffff9c "
              "a1=1 a2=241 items=1 ppid=1 pid=2 uid=0 exe=\"/bin/sh\"")
        "type=LOGIN msg=audit(1700000000.042:76): pid=1\n"
        AUDIT("CWD", "cwd=\"/etc\"")
        AUDIT("PATH", "item=0 name=\"./cron.d/x\" nametype=CREATE");
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    t1053_counts counts;
    struct joined joined;
    uint32_t flags;

    OK(t1053_detector_new(&detector));
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    for (flags = 0; flags <= T1053_SCANNER_NO_FILTER; flags++) {
        options.flags = flags;
        OK(t1053_scanner_new(detector, &options, &scanner));
        memset(&joined, 0, sizeof joined);
        OK(t1053_scanner_feed(scanner, log, sizeof log - 1, on_joined, NULL,
                              &joined));
        CHECK(joined.matches == 0);
        /* 2023-11-14 22:13:20.042: not before, but before what follows. */
        OK(t1053_scanner_flush_pending(scanner, 17000000000420000,
                                       on_joined, NULL, &joined));
        CHECK(joined.matches == 0);
        OK(t1053_scanner_flush_pending(scanner, 17000000000420001,
                                       on_joined, NULL, &joined));
        CHECK(joined.matches > 0 && joined.len == 3);
        CHECK(joined.records[1] == 2 && joined.records[2] == 3);
        memset(&counts, 0, sizeof counts);
        counts.struct_size = sizeof counts;
        OK(t1053_scanner_counts(scanner, &counts));
        CHECK(counts.joined == 1 && counts.joins_incomplete == 0);
        t1053_scanner_free(scanner);
    }
    options.flags = T1053_SCANNER_NO_JOIN;
    OK(t1053_scanner_new(detector, &options, &scanner));
    memset(&joined, 0, sizeof joined);
    OK(t1053_scanner_feed(scanner, log, sizeof log - 1, on_joined, NULL,
                          &joined));
    OK(t1053_scanner_finish(scanner, on_joined, NULL, &joined));
    CHECK(joined.matches == 0);
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_flush_pending(NULL, 0, on_joined, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_scanner_flush_pending(scanner, 0, NULL, NULL, NULL));
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
}

/* How much of a sequence is remembered, as new and old callers ask. */
static void remembering(void)
{
    static const char log[] = TASK_EVENT("00", TASK_REGISTERED)
        TASK_EVENT("01", TASK_REGISTERED) TASK_EVENT("05", TASK_DELETED);
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_scanner_options options;
    t1053_counts counts;
    struct pairs pairs;
    int which;

    detector = published();
    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    options.sequence_depth = 1025;
    STATUS(T1053_OUT_OF_RANGE,
           t1053_scanner_new(detector, &options, &scanner));
    options.sequence_depth = 1024;
    options.sequence_capacity = 1;
    OK(t1053_scanner_new(detector, &options, &scanner));
    t1053_scanner_free(scanner);
    options.sequence_capacity = 0;

    /* As usual; one of each kind; and with a header that has no such thing. */
    for (which = 0; which < 3; which++) {
        options.sequence_depth = which == 0 ? 0 : 1;
        if (which == 2)
            options.struct_size = offsetof(t1053_scanner_options,
                                           sequence_depth);
        OK(t1053_scanner_new(detector, &options, &scanner));
        memset(&pairs, 0, sizeof pairs);
        OK(t1053_scanner_feed(scanner, log, sizeof log - 1, on_pair, NULL,
                              &pairs));
        memset(&counts, 0, sizeof counts);
        counts.struct_size = sizeof counts;
        OK(t1053_scanner_counts(scanner, &counts));
        CHECK(pairs.sequences == 1 && pairs.apart == 40000000);
        CHECK(counts.sequences_evicted == (which == 1));
        CHECK(counts.sequences_expired == 0);
        CHECK(counts.sequences_untimed == 0);
        CHECK(counts.sequences_ungrouped == 0);
        t1053_scanner_free(scanner);
    }
    t1053_detector_free(detector);
}

static void texts_of_windows(void)
{
    /* `schtasks`, an e with an accent, a smiling face, half of another. */
    static const uint16_t units[] = {'s', 'c', 'h', 't', 'a', 's', 'k', 's',
                                     0xE9, 0xD83D, 0xDE00, 0xD83D};
    static const char expected[] =
        "schtasks\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD";
    const size_t count = sizeof units / sizeof *units;
    const size_t length = sizeof expected - 1;
    char text[64];
    CHECK(t1053_utf8_from_utf16(units, count, NULL, 0) == length);
    CHECK(t1053_utf8_from_utf16(units, count, text, sizeof text) == length);
    CHECK(memcmp(text, expected, length) == 0);
    memset(text, '.', sizeof text);
    CHECK(t1053_utf8_from_utf16(units, count, text, 8) == length);
    CHECK(memcmp(text, "schtasks.", 9) == 0);
    CHECK(t1053_utf8_from_utf16(NULL, 0, text, sizeof text) == 0);
    CHECK(t1053_utf8_from_utf16(NULL, 4, text, sizeof text) == 0);
    CHECK(t1053_utf8_from_utf16(units, SIZE_MAX, text, sizeof text) == 0);

    /* Versions agree. */
    CHECK(strcmp(t1053_version(), T1053_VERSION) == 0);
    snprintf(text, sizeof text, "%d.%d.%d", T1053_VERSION_MAJOR,
             T1053_VERSION_MINOR, T1053_VERSION_PATCH);
    CHECK(strcmp(text, T1053_VERSION) == 0);
}

/* What an agent is to collect. */
static void collecting(void)
{
    t1053_detector *detector;
    int32_t needed = -1;
    OK(t1053_detector_new(&detector));
    OK(t1053_detector_needs(detector, T1053_EVENT_PROCESS_CREATION,
                            T1053_FIELD_COMMAND_LINE, &needed));
    CHECK(needed == 1);
    OK(t1053_detector_needs(detector, T1053_EVENT_PROCESS_CREATION,
                            T1053_FIELD_INTEGRITY_LEVEL, &needed));
    CHECK(needed == 0);
    OK(t1053_detector_needs(detector, T1053_EVENT_PROCESS_CREATION,
                            T1053_FIELD_TASK_CONTENT, &needed));
    CHECK(needed == 0);
    STATUS(T1053_UNKNOWN_EVENT_KIND,
           t1053_detector_needs(detector, 0, T1053_FIELD_IMAGE, &needed));
    STATUS(T1053_UNKNOWN_FIELD,
           t1053_detector_needs(detector, T1053_EVENT_PROCESS_CREATION, 0,
                                &needed));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_detector_needs(NULL, T1053_EVENT_PROCESS_CREATION,
                                T1053_FIELD_IMAGE, &needed));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_detector_needs(detector, T1053_EVENT_PROCESS_CREATION,
                                T1053_FIELD_IMAGE, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_detector_memory(detector, NULL));
    t1053_detector_free(detector);
}

/* Which events of a batch matched, as bits. */
static int32_t mark(void *user, const t1053_match *found)
{
    *(uint64_t *)user |= (uint64_t)1 << found->record;
    return 0;
}

static int32_t stop_at_once(void *user, const t1053_match *found)
{
    (void)user;
    (void)found;
    return 1;
}

static void batches(void)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields), other = event, wrong = event;
    const t1053_event *events[4];
    t1053_evaluator_options options;
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    uint64_t marks = 0;
    size_t done = 9;

    other.fields_len = 0;
    wrong.kind = 0;
    events[0] = &other;
    events[1] = events[3] = &event;
    events[2] = &wrong;
    OK(t1053_detector_new(&detector));
    memset(&options, 0, sizeof options);
    STATUS(T1053_BAD_STRUCT_SIZE,
           t1053_evaluator_make(detector, &options, &evaluator));
    options.struct_size = sizeof options;
    options.flags = 4;
    STATUS(T1053_UNKNOWN_FLAG,
           t1053_evaluator_make(detector, &options, &evaluator));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_make(detector, NULL, NULL));
    OK(t1053_evaluator_make(detector, NULL, &evaluator));
    OK(t1053_evaluate_many(evaluator, events, 2, mark, &marks, &done));
    CHECK(done == 2 && marks == 2);
    STATUS(T1053_UNKNOWN_EVENT_KIND,
           t1053_evaluate_many(evaluator, events, 4, mark, &marks, &done));
    CHECK(done == 2);
    OK(t1053_evaluate_many(evaluator, events + 3, 1, mark, &marks, &done));
    CHECK(done == 1 && marks == 3);
    STATUS(T1053_STOPPED, t1053_evaluate_many(evaluator, events, 4,
                                              stop_at_once, NULL, &done));
    CHECK(done == 2);
    OK(t1053_evaluate_many(evaluator, NULL, 0, mark, &marks, &done));
    CHECK(done == 0);
    events[1] = NULL;
    STATUS(T1053_NULL_ARGUMENT,
           t1053_evaluate_many(evaluator, events, 2, mark, &marks, &done));
    CHECK(done == 1);
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
}

/* Lines name the stream that they are of. */
static t1053_evaluator_totals totals_of(const t1053_evaluator *evaluator)
{
    t1053_evaluator_totals totals;
    memset(&totals, 0, sizeof totals);
    totals.struct_size = sizeof totals;
    OK(t1053_evaluator_total(evaluator, &totals));
    return totals;
}

static int32_t ignore_verdict(void *user, const t1053_verdict *verdict)
{
    (void)user;
    (void)verdict;
    return 0;
}

/* Each way to evaluate counts its events, and the matches of each detection. */
static void counting(void)
{
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields), other = event;
    const t1053_event *events[2];
    t1053_detector *all, *detector = published();
    t1053_evaluator *evaluator;
    t1053_evaluator_totals totals;
    uint64_t hits, sum = 0, marks = 0;
    size_t index, done, count, task;
    int32_t part;
    OK(t1053_detector_find(detector, TASK_SLUG, strlen(TASK_SLUG), &task));
    other.fields_len = 0;
    events[0] = &event;
    events[1] = &other;

    OK(t1053_evaluator_new(detector, 0, &evaluator));
    CHECK(totals_of(evaluator).events == 0);
    STATUS(T1053_STOPPED,
           t1053_evaluate(evaluator, &event, stop_at_once, NULL));
    OK(t1053_evaluate_alone(evaluator, &event, mark, &marks, &part));
    OK(t1053_evaluate_indices(evaluator, &event, NULL, 0, &count));
    OK(t1053_evaluate_many(evaluator, events, 2, mark, &marks, &done));
    OK(t1053_evaluate_verdict(evaluator, &event, NULL, ignore_verdict, NULL));
    event.kind = 9999;
    STATUS(T1053_UNKNOWN_EVENT_KIND,
           t1053_evaluate(evaluator, &event, mark, &marks));
    totals = totals_of(evaluator);
    CHECK(count > 0 && marks == 1);
    CHECK(totals.events == 6 && totals.matched_events == 5);
    CHECK(totals.matches == 5 * count);
    for (index = 0; index < t1053_detector_count(detector); index++) {
        OK(t1053_evaluator_hits(evaluator, index, &hits));
        CHECK(hits == 0 || hits == 5);
        CHECK(index != task || hits == 5);
        sum += hits;
    }
    CHECK(sum == totals.matches);
    STATUS(T1053_OUT_OF_RANGE, t1053_evaluator_hits(evaluator, index, &hits));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_hits(evaluator, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_hits(NULL, 0, &hits));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_total(NULL, &totals));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_total(evaluator, NULL));
    totals.struct_size = 1;
    STATUS(T1053_BAD_STRUCT_SIZE, t1053_evaluator_total(evaluator, &totals));
    t1053_evaluator_free(evaluator);

    OK(t1053_detector_new(&all));
    CHECK(t1053_detector_content(all) != t1053_detector_content(detector));
    t1053_detector_free(all);
    all = published();
    CHECK(t1053_detector_content(all) == t1053_detector_content(detector));
    CHECK(t1053_detector_content(NULL) == 0);
    t1053_detector_free(all);
    t1053_detector_free(detector);
}

static void naming_streams(void)
{
    static char lines[1 << 16];
    const char *record = TASK_RECORD "\n";
    t1053_detector *detector = published();
    t1053_scanner *scanner;
    t1053_text all;
    size_t waiting;
    OK(t1053_scanner_new(detector, NULL, &scanner));
    all.data = lines;
    OK(t1053_scanner_path(scanner, "a \"b\"", 5));
    OK(t1053_scanner_lines(scanner, record, strlen(record), 0, lines,
                           sizeof lines, &all.len, &waiting));
    CHECK(text_has(all, "\"path\":\"a \\\"b\\\"\""));
    STATUS(T1053_NOT_UTF8, t1053_scanner_path(scanner, "\xff", 1));
    OK(t1053_scanner_path(scanner, NULL, 0));
    OK(t1053_scanner_lines(scanner, record, strlen(record), 0, lines,
                           sizeof lines, &all.len, &waiting));
    CHECK(text_has(all, "\"path\":null"));
    t1053_scanner_free(scanner);
    t1053_detector_free(detector);
}

int main(void)
{
    names();
    collecting();
    batches();
    counting();
    naming_streams();
    detections();
    choosing();
    evaluating();
    sequences();
    sharing();
    sharing_between_scanners();
    grouping();
    restarting();
    remembering();
    scanning();
    filtering();
    not_understood();
    texts_of_windows();
    joining();
    return 0;
}
