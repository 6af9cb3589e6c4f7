/* Rules of the caller's own. The argument says whether the library is built
 * to read them: `with` or `without`. A second one names a pack of
 * `good`, which `print` prints. */

#include "check.h"

#define RULE(title, id, field) \
    "title: " title "\n" \
    "id: " id "\n" \
    "logsource: {category: process_creation, product: windows}\n" \
    "detection:\n" \
    "    agent: {" field "|endswith: agent.exe}\n" \
    "    condition: agent\n" \
    "level: low\n"

static const char good[] =
    "author: Ann\ndate: 2025-01-31\nrelated: [{id: abc, type: derived}]\n"
    RULE("Started by an agent", "1", "ParentImage");
static const char bad[] = RULE("Bad", "2", "ParentImag");

struct told {
    size_t problems;
    size_t stop_after;
    t1053_builder *builder;
};

static t1053_rule_text text(const char *name, const char *text, size_t len)
{
    t1053_rule_text made;
    made.name.data = name;
    made.name.len = strlen(name);
    made.text.data = text;
    made.text.len = len;
    return made;
}

static int32_t on_problem(void *user, const t1053_rule_problem *problem)
{
    struct told *told = (struct told *)user;
    CHECK(problem->struct_size == sizeof *problem);
    CHECK(problem->reserved == 0);
    CHECK(problem->message.len > 0);
    if (text_is(problem->name, "bad.yml")) {
        CHECK(problem->line == 5 && problem->column == 13);
        CHECK(problem->kind == T1053_RULE_PROBLEM_UNKNOWN_FIELD);
        CHECK(text_is(problem->message,
                      "in detection > agent > ParentImag|endswith: there is no"
                      " field `ParentImag`; did you mean `ParentImage`?"));
    } else {
        CHECK(text_is(problem->name, "raw.yml"));
        CHECK(problem->line == 1 && problem->column == 0);
        CHECK(problem->kind == T1053_RULE_PROBLEM_INVALID);
    }
    told->problems++;
    /* What is in use cannot be used. */
    if (told->builder != NULL)
        STATUS(T1053_BUSY, t1053_builder_without_builtin(told->builder));
    return told->stop_after != 0 && told->problems >= told->stop_after;
}

static void described(t1053_builder *builder)
{
    t1053_detector *detector;
    const t1053_detection *detection;
    OK(t1053_builder_build(builder, &detector));
    detection = t1053_detector_get(detector, 0);
    CHECK(detection->struct_size == sizeof *detection);
    CHECK(text_is(detection->author, "Ann"));
    CHECK(text_is(detection->date, "2025-01-31"));
    CHECK(detection->license.data == NULL);
    CHECK(detection->related_len == 1);
    CHECK(text_is(detection->related[0].id, "abc"));
    CHECK(text_is(detection->related[0].relation, "derived"));
    t1053_detector_free(detector);
}

static size_t built(t1053_builder *builder, size_t *index)
{
    t1053_detector *detector;
    size_t count;
    OK(t1053_builder_build(builder, &detector));
    count = t1053_detector_count(detector);
    if (index != NULL)
        OK(t1053_detector_find(detector, "started_by_an_agent", 19, index));
    t1053_detector_free(detector);
    return count;
}

static int32_t on_match(void *user, const t1053_match *match)
{
    (void)match;
    ++*(size_t *)user;
    return 0;
}

/* How many detections see the task that a shell is told to create. */
static size_t seen(t1053_builder *builder)
{
    t1053_detector *detector;
    t1053_evaluator *evaluator;
    t1053_field_value fields[TASK_FIELDS];
    t1053_event event = task_event(fields);
    size_t matches = 0;
    fields[0] = field_of(T1053_FIELD_IMAGE, "C:\\Windows\\System32\\cmd.exe");
    fields[1] = field_of(T1053_FIELD_COMMAND_LINE,
                         "cmd /c s^chtasks /create /tn x /tr y");
    OK(t1053_builder_build(builder, &detector));
    OK(t1053_evaluator_new(detector, 0, &evaluator));
    OK(t1053_evaluate(evaluator, &event, on_match, &matches));
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
    return matches;
}

/* How far command lines are taken apart: a name, or an error that says so. */
static void canonical(void)
{
    t1053_builder *builder;
    OK(t1053_builder_new(&builder));
    OK(t1053_builder_enable(builder, "task_created", 12));
    CHECK(seen(builder) == 1);
    OK(t1053_builder_canonical(builder, "off", 3));
    CHECK(seen(builder) == 0);
    OK(t1053_builder_canonical(builder, "argv", 4));
    CHECK(seen(builder) == 0);
    OK(t1053_builder_canonical(builder, "full", 4));
    CHECK(seen(builder) == 1);
    STATUS(T1053_BAD_SELECTOR, t1053_builder_canonical(builder, "ful", 3));
    CHECK(text_is(t1053_builder_error(builder),
                  "canonical is one of off, argv, full, not `ful`; did you"
                  " mean `full`?"));
    /* What is refused changes nothing. */
    CHECK(seen(builder) == 1);
    STATUS(T1053_NOT_UTF8, t1053_builder_canonical(builder, "\xff", 1));
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_canonical(builder, NULL, 4));
    STATUS(T1053_NULL_ARGUMENT, t1053_builder_canonical(NULL, "off", 3));
    t1053_builder_free(builder);
}

static void loading(void)
{
    t1053_rule_text texts[3];
    t1053_builder *builder;
    struct told told = {0, 0, NULL};
    size_t index = 77;

    texts[0] = text("bad.yml", bad, sizeof bad - 1);
    texts[1] = text("good.yml", good, sizeof good - 1);
    texts[2] = text("raw.yml", "\xff", 1);

    OK(t1053_builder_new(&builder));
    OK(t1053_builder_without_builtin(builder));
    CHECK(built(builder, NULL) == 0);

    /* Strict, or stopped: nothing is added. */
    STATUS(T1053_BAD_RULES,
           t1053_builder_add_rules(builder, texts, 3, T1053_RULES_STRICT,
                                   on_problem, &told));
    CHECK(told.problems == 2);
    CHECK(t1053_builder_error(builder).len > 100);
    STATUS(T1053_BAD_RULES,
           t1053_builder_add_rules(builder, texts, 3, T1053_RULES_STRICT, NULL,
                                   NULL));
    told.problems = 0;
    told.stop_after = 1;
    STATUS(T1053_STOPPED, t1053_builder_add_rules(builder, texts, 3, 0,
                                                  on_problem, &told));
    CHECK(told.problems == 1);
    CHECK(built(builder, NULL) == 0);

    told.problems = 0;
    told.stop_after = 0;
    told.builder = builder;
    OK(t1053_builder_add_rules(builder, texts, 3, 0, on_problem, &told));
    CHECK(told.problems == 2);
    CHECK(built(builder, &index) == 1 && index == 0);
    described(builder);
    OK(t1053_builder_add_rules(builder, NULL, 0, T1053_RULES_STRICT, NULL,
                               NULL));

    STATUS(T1053_UNKNOWN_FLAG,
           t1053_builder_add_rules(builder, texts, 3, 2, on_problem, &told));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_add_rules(builder, texts, 3, 0, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_add_rules(NULL, texts, 3, 0, on_problem, &told));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_add_rules(builder, NULL, 3, 0, on_problem, &told));
    STATUS(T1053_TOO_LONG,
           t1053_builder_add_rules(builder, texts, (size_t)-1, 0, on_problem,
                                   &told));
    texts[1].name.data = "\xff";
    texts[1].name.len = 1;
    STATUS(T1053_NOT_UTF8,
           t1053_builder_add_rules(builder, texts, 3, 0, on_problem, &told));
    t1053_builder_free(builder);

    /* Beside the built-in detections. */
    OK(t1053_builder_new(&builder));
    index = built(builder, NULL);
    told.builder = builder;
    OK(t1053_builder_add_rules(builder, texts, 1, 0, on_problem, &told));
    texts[1] = text("good.yml", good, sizeof good - 1);
    OK(t1053_builder_add_rules(builder, texts + 1, 1, T1053_RULES_STRICT, NULL,
                               NULL));
    CHECK(built(builder, NULL) == index + 1);
    t1053_builder_free(builder);
}

static int32_t on_path(void *user, const char *path, size_t path_len)
{
    size_t *paths = (size_t *)user;
    CHECK(path_len == 7 && memcmp(path, "own.yml", 7) == 0);
    return ++*paths > 1;
}

static const char config[] =
    "rules: [own.yml]\n"
    "builtin: false\n"
    "names: {started.by: ParentImage}\n"
    "host: ws1\n"
    "exclusions:\n"
    "  - {name: tests, when: {User: tester, ParentImage|contains: agent}}\n";

static const char records[] =
    "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
    "\"ParentImage\":\"C:\\\\agent.exe\",\"User\":\"tester\"}\n"
    "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
    "\"ParentImage\":\"C:\\\\agent.exe\",\"User\":\"user\"}\n";

static void configuring(void)
{
    static const char named[] =
        RULE("Started by an agent", "1", "started.by");
    static const char wrong[] = "hosts: a\nstrict: 2";
    t1053_rule_text texts[1];
    t1053_builder *builder;
    t1053_detector *detector;
    t1053_scanner *scanner;
    t1053_evaluator *evaluator;
    size_t paths = 0, matches = 0;
    uint64_t count = 77;

    texts[0] = text("own.yml", named, sizeof named - 1);
    OK(t1053_builder_new(&builder));
    STATUS(T1053_BAD_CONFIG, t1053_builder_configure(
        builder, wrong, sizeof wrong - 1, NULL, NULL));
    CHECK(text_is(t1053_builder_error(builder),
                  "1:1: there is no key `hosts`; did you mean `host`?\n"
                  "2:9: in strict: expected `true` or `false`"));
    STATUS(T1053_NOT_UTF8,
           t1053_builder_configure(builder, "\xff", 1, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_configure(builder, NULL, 1, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_configure(NULL, config, 1, NULL, NULL));
    paths = 1;
    STATUS(T1053_STOPPED, t1053_builder_configure(
        builder, config, sizeof config - 1, on_path, &paths));
    CHECK(built(builder, NULL) > 30);
    paths = 0;
    OK(t1053_builder_configure(builder, config, sizeof config - 1, on_path,
                               &paths));
    CHECK(paths == 1);
    OK(t1053_builder_add_rules(builder, texts, 1, T1053_RULES_STRICT, NULL,
                               NULL));
    OK(t1053_builder_build(builder, &detector));
    t1053_builder_free(builder);
    CHECK(t1053_detector_count(detector) == 1);
    CHECK(t1053_detector_exclusion_count(detector) == 1);
    CHECK(t1053_detector_exclusion_count(NULL) == 0);
    CHECK(text_is(t1053_detector_exclusion_name(detector, 0), "tests"));
    CHECK(t1053_detector_exclusion_name(detector, 1).data == NULL);
    CHECK(t1053_detector_exclusion_name(NULL, 0).data == NULL);

    OK(t1053_scanner_new(detector, NULL, &scanner));
    OK(t1053_scanner_feed(scanner, records, sizeof records - 1, on_match,
                          NULL, &matches));
    OK(t1053_scanner_finish(scanner, on_match, NULL, &matches));
    CHECK(matches == 1);
    OK(t1053_scanner_hits(scanner, 0, &count));
    CHECK(count == 1);
    STATUS(T1053_OUT_OF_RANGE, t1053_scanner_hits(scanner, 1, &count));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_hits(scanner, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_hits(NULL, 0, &count));
    OK(t1053_scanner_excluded(scanner, 0, &count));
    CHECK(count == 1);
    STATUS(T1053_OUT_OF_RANGE, t1053_scanner_excluded(scanner, 1, &count));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_excluded(scanner, 0, NULL));
    STATUS(T1053_NULL_ARGUMENT, t1053_scanner_excluded(NULL, 0, &count));
    OK(t1053_scanner_reset(scanner));
    OK(t1053_scanner_excluded(scanner, 0, &count));
    CHECK(count == 0);
    count = 77;
    OK(t1053_scanner_hits(scanner, 0, &count));
    CHECK(count == 0);
    t1053_scanner_free(scanner);

    OK(t1053_evaluator_new(detector, 0, &evaluator));
    count = 77;
    OK(t1053_evaluator_excluded(evaluator, 0, &count));
    CHECK(count == 0);
    STATUS(T1053_OUT_OF_RANGE, t1053_evaluator_excluded(evaluator, 1, &count));
    STATUS(T1053_NULL_ARGUMENT, t1053_evaluator_excluded(NULL, 0, &count));
    t1053_evaluator_free(evaluator);
    t1053_detector_free(detector);
}

static void not_built_in(void)
{
    t1053_rule_text texts[1];
    t1053_builder *builder;

    texts[0] = text("good.yml", good, sizeof good - 1);
    OK(t1053_builder_new(&builder));
    STATUS(T1053_UNSUPPORTED,
           t1053_builder_add_rules(builder, texts, 1, T1053_RULES_STRICT, NULL,
                                   NULL));
    STATUS(T1053_UNSUPPORTED,
           t1053_builder_add_rules(NULL, NULL, 0, 0, NULL, NULL));
    STATUS(T1053_UNSUPPORTED, t1053_builder_configure(
        builder, config, sizeof config - 1, on_path, NULL));
    CHECK(built(builder, NULL) > 30);
    t1053_builder_free(builder);
}

/* The pack stands in a file that the test is given. */
static void packs(const char *path)
{
    static char pack[1 << 16];
    t1053_builder *builder;
    struct told told = {0, 0, NULL};
    size_t len, index = 77;
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    len = fread(pack, 1, sizeof pack, file);
    fclose(file);
    CHECK(len > 100 && len < sizeof pack);

    OK(t1053_builder_new(&builder));
    OK(t1053_builder_without_builtin(builder));
    STATUS(T1053_BAD_RULES,
           t1053_builder_add_pack(builder, "raw.yml", 7, pack, len - 1,
                                  T1053_RULES_STRICT, NULL, NULL));
    CHECK(text_is(t1053_builder_error(builder),
                  "raw.yml: the pack is damaged: it is not as long as it"
                  " was"));
    OK(t1053_builder_add_pack(builder, "own.t1053", 9, pack, len,
                              T1053_RULES_STRICT, NULL, NULL));
    CHECK(built(builder, &index) == 1 && index == 0);
    described(builder);
    /* A second time its names are taken. */
    STATUS(T1053_BAD_RULES,
           t1053_builder_add_pack(builder, "own.t1053", 9, pack, len,
                                  T1053_RULES_STRICT, NULL, NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_add_pack(builder, "own.t1053", 9, pack, len, 0, NULL,
                                  NULL));
    STATUS(T1053_NULL_ARGUMENT,
           t1053_builder_add_pack(builder, "own.t1053", 9, NULL, len, 0,
                                  on_problem, &told));
    STATUS(T1053_NOT_UTF8,
           t1053_builder_add_pack(builder, "\xff", 1, pack, len, 0,
                                  on_problem, &told));
    CHECK(told.problems == 0);
    t1053_builder_free(builder);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2 || argc == 3);
    if (argc == 3)
        packs(argv[2]);
    canonical();
    if (strcmp(argv[1], "print") == 0) {
        fwrite(good, 1, sizeof good - 1, stdout);
    } else if (strcmp(argv[1], "with") == 0) {
        loading();
        configuring();
    } else {
        not_built_in();
    }
    return 0;
}
