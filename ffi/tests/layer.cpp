// The C++ layer: what it adds to the C interface.

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <t1053.hpp>

#include "check.h"

static const std::string_view record = TASK_RECORD;

static t1053::Event task()
{
    t1053::Event event(T1053_PLATFORM_WINDOWS, T1053_EVENT_PROCESS_CREATION);
    event.set(T1053_FIELD_IMAGE, "x.exe")
        .set(T1053_FIELD_IMAGE, "schtasks.exe")
        .set(T1053_FIELD_COMMAND_LINE,
             "schtasks /create /tn x /tr a.exe /ru SYSTEM")
        .set(T1053_FIELD_COMPUTER, "host-1")
        .set(T1053_FIELD_PARENT_IMAGE, std::string_view());
    return event;
}

static void detections()
{
    auto detector = t1053::Detector::make();
    CHECK(detector);
    CHECK(detector->size() > 30);
    auto found = detector->find(TASK_SLUG);
    CHECK(found && found->slug() == TASK_SLUG);
    CHECK(found->id() && found->risk_score() == 48);
    CHECK(!found->published_name() || !found->published_name()->empty());
    bool has_technique = false;
    for (t1053_text technique : found->techniques())
        has_technique |= t1053::view(technique) == "T1053.005";
    CHECK(has_technique);
    CHECK(!found->risk_objects().empty());
    CHECK(!detector->find("x"));

    // Moved from, a handle is refused, not undefined.
    t1053::Detector moved = std::move(*detector);
    CHECK(detector->c() == nullptr && detector->size() == 0);
    auto evaluator = t1053::Evaluator::make(*detector);
    CHECK(!evaluator && evaluator.error().status == T1053_NULL_ARGUMENT);
    *detector = std::move(moved);
    CHECK(detector->size() > 30);
}

static void choosing()
{
    auto one = t1053::Builder()
                   .enable(TASK_SLUG)
                   .exclude(TASK_SLUG, T1053_FIELD_COMPUTER,
                            T1053_OPERATION_EQUALS, "host-2")
                   .build();
    CHECK(one && one->size() == 1);
    // A shell is told to run it: seen only where its text is taken apart.
    t1053::Event shell(T1053_PLATFORM_WINDOWS, T1053_EVENT_PROCESS_CREATION);
    shell.set(T1053_FIELD_IMAGE, "cmd.exe")
        .set(T1053_FIELD_COMMAND_LINE, "cmd /c s^chtasks /create /tn x");
    for (std::string_view canonical : {"off", "full"}) {
        auto detector = t1053::Builder()
                            .enable("task_created")
                            .canonical(canonical)
                            .build();
        auto evaluator = t1053::Evaluator::make(*detector);
        std::size_t matches = 0;
        auto count = [&](const t1053::Match &) { ++matches; };
        CHECK(evaluator);
        CHECK(evaluator->evaluate(shell, count) == T1053_OK);
        CHECK(matches == (canonical == "full" ? 1 : 0));
    }
    auto most = t1053::Builder().canonical("most").build();
    CHECK(!most && most.error().status == T1053_BAD_SELECTOR);
    t1053::Builder builder;
    builder.enable("kind:TT").disable("all");
    auto none = builder.build();
    CHECK(!none && none.error().status == T1053_BAD_SELECTOR);
    CHECK(none.error().text.find("`TTP`") != std::string::npos);
    auto unknown = t1053::Builder().enable("x").build();
    CHECK(!unknown && unknown.error().status == T1053_BUILD_FAILED);
    CHECK(std::string(t1053::name(T1053_BUSY)) == "T1053_BUSY");
}

// The library that is tested may be built without the reader of rules.
static void rules()
{
    const std::string_view bad = "title: x\nlogsource: y\n";
    const std::vector<t1053::RuleText> texts = {{"bad.yml", bad}};
    std::vector<std::string> told;
    auto keep = [&](const t1053::RuleProblem &it) {
        told.push_back(std::string(it.name) + ":" + std::to_string(it.line)
                       + ": " + std::string(it.message));
    };
    auto packed =
        t1053::Builder().without_builtin().add_pack("a", bad, keep).build();
    CHECK(packed && packed->size() == 0);
    CHECK(told.size() == 1 && told[0] == "a:0: this is no pack");
    told.clear();
    auto built = t1053::Builder()
                     .without_builtin()
                     .add_rules(texts, keep)
                     .build();
    if (!built && built.error().status == T1053_UNSUPPORTED) {
        CHECK(told.empty());
        return;
    }
    CHECK(built && built->size() == 0);
    CHECK(told.size() == 1);
    CHECK(told[0] == "bad.yml:2: in logsource: expected a map");
    auto strict =
        t1053::Builder().add_rules(texts, keep, T1053_RULES_STRICT).build();
    CHECK(!strict && strict.error().status == T1053_BAD_RULES);
    CHECK(told.size() == 2 && !strict.error().text.empty());
    auto stop = [](const t1053::RuleProblem &) { return t1053::Flow::stop; };
    auto stopped = t1053::Builder().add_rules(texts, stop).build();
    CHECK(!stopped && stopped.error().status == T1053_STOPPED);
    std::string paths;
    auto path = [&](std::string_view it) { paths += it; };
    auto configured =
        t1053::Builder()
            .configure("rules: [own.yml]\nenable: platform:linux\n"
                       "exclusions: [{name: x, when: {User: y}}]\n", path)
            .build();
    CHECK(configured && paths == "own.yml");
    CHECK(configured->exclusion_count() == 1);
    CHECK(configured->exclusion_name(0) == "x");
    const auto counting = t1053::Scanner::make(*configured);
    CHECK(counting && counting->excluded(0) == 0);
    CHECK(counting->hits(0) == 0);
    CHECK(configured->content() != 0);
    const auto evaluator = t1053::Evaluator::make(*configured);
    CHECK(evaluator && evaluator->excluded(0) == 0);
    CHECK(evaluator->hits(0) == 0 && evaluator->totals().events == 0);
    auto wrong = t1053::Builder().configure("host: []", path).build();
    CHECK(!wrong && wrong.error().status == T1053_BAD_CONFIG);
    CHECK(wrong.error().text == "1:7: in host: expected text");
#ifdef T1053_EXCEPTIONS
    bool thrown = false;
    try {
        t1053::Builder().add_rules(
            texts, [](const t1053::RuleProblem &) { throw 1; });
    } catch (int) {
        thrown = true;
    }
    CHECK(thrown);
#endif
}

static void evaluating()
{
    auto detector = t1053::Detector::make();
    auto evaluator = t1053::Evaluator::make(*detector);
    CHECK(evaluator);
    t1053::Event event = task().ticks(10000000);
    std::size_t all = 0;
    std::string text;
    OK(evaluator->evaluate(event, [&](const t1053::Match &match) {
        all++;
        if (match.detection().slug() != TASK_SLUG)
            return;
        CHECK((*detector)[match.index()].slug() == TASK_SLUG);
        CHECK(match.host() == "host-1" && !match.user() && !match.item());
        CHECK(match.ticks() == 10000000 && !match.other_ticks());
        CHECK(match.value(T1053_FIELD_IMAGE) == "schtasks.exe");
        CHECK(!match.value(T1053_FIELD_PARENT_IMAGE)->size());
        CHECK(!match.value(T1053_FIELD_CURRENT_DIRECTORY));
        CHECK(!match.evidence().empty());
        text = "> ";
        match.ndjson(text, "a");
        CHECK(text.rfind("> {\"schema\":1,\"path\":\"a\",", 0) == 0);
        CHECK(text.back() == '}');
        std::string message;
        match.message(message);
        CHECK(message.find("schtasks") != std::string::npos);
    }));
    CHECK(all > 1 && !text.empty());

    std::size_t seen = 0;
    STATUS(T1053_STOPPED, evaluator->evaluate(event, [&](auto &) {
        seen++;
        return t1053::Flow::stop;
    }));
    CHECK(seen == 1);
    event.clear();
    event.set(T1053_FIELD_SCRIPT_BLOCK_TEXT, "x");
    STATUS(T1053_FIELD_NOT_OF_KIND, evaluator->evaluate(event, [](auto &) {}));
    OK(evaluator->reset());

    // A clock's time is the same as its ticks.
    event.clear();
    event.time(std::chrono::system_clock::time_point(std::chrono::seconds(7)));
    CHECK(event.c().time == 70000000);

#ifdef T1053_EXCEPTIONS
    // What a callback throws comes out of the call, and nothing is broken.
    bool caught = false;
    try {
        OK(evaluator->evaluate(task(), [](auto &) { throw 7; }));
    } catch (int thrown) {
        caught = thrown == 7;
    }
    CHECK(caught);
#endif
    OK(evaluator->evaluate(task(), [](auto &) {}));
}

static void texts_of_windows()
{
    CHECK(t1053::utf8(u"caf\u00E9 \U0001F600")
          == "caf\xC3\xA9 \xF0\x9F\x98\x80");
    CHECK(t1053::utf8(u"") == "");
    const std::u16string path = u"C:\\Windows\\System32\\schtasks.exe";
    CHECK(t1053::utf8(path) == "C:\\Windows\\System32\\schtasks.exe");
}

static void judging()
{
    auto detector = t1053::Detector::make();
    auto evaluator = t1053::Evaluator::make(*detector);
    t1053::Event event = task();
    std::size_t jobs = 0, verdicts = 0, matches = 0;
    std::string text;
    auto on_job = [&](const t1053::Job &job) {
        jobs++;
        CHECK(job.index() == 0 && !job.values().empty());
        CHECK(job.value(T1053_FIELD_JOB_ACTIVITY) == "create");
        CHECK(job.value(T1053_FIELD_JOB_USER) == "SYSTEM");
        CHECK(!job.value(T1053_FIELD_JOB_USER, 1));
    };
    auto on_verdict = [&](const t1053::Verdict &verdict) {
        verdicts++;
        CHECK(!verdict.severity().empty() && verdict.host() == "host-1");
        CHECK(!verdict.user() && !verdict.ticks() && !verdict.item());
        CHECK(verdict.matches().size() >= verdict.traits().size());
        CHECK(verdict.size() == 1 && verdict.job_index() == 0u);
        CHECK(verdict.id() != (std::array<std::uint8_t, 16>()));
        OK(verdict.jobs(on_job));
        text = "> ";
        verdict.line(text);
        CHECK(text.find(": creates task \\x") != std::string::npos);
        text = "> ";
        verdict.ndjson(text, "a");
        CHECK(text.rfind("> {\"schema\":1,\"path\":\"a\",", 0) == 0);
    };
    OK(evaluator->verdict(event, on_verdict));
    CHECK(verdicts == 1 && jobs == 1 && text.back() == '}');
    OK(evaluator->verdict(event, on_verdict,
                          [&](const t1053::Match &) { matches++; }));
    CHECK(verdicts == 2 && matches > 1);
    STATUS(T1053_STOPPED, evaluator->verdict(event, [](const auto &) {
        return t1053::Flow::stop;
    }));

    auto reader = t1053::JobReader::make();
    CHECK(reader);
    OK(reader->jobs(event, on_job));
    STATUS(T1053_STOPPED, reader->jobs(event, [](const t1053::Job &) {
        return t1053::Flow::stop;
    }));

    auto weighed = detector->find("job_run_as_system");
    CHECK(!weighed || (weighed->weight() && !weighed->response().empty()));
    CHECK(!detector->find(TASK_SLUG)->weight());

    // What is found tells its event, and so do lines where that is asked for.
    {
        t1053::ScannerOptions options;
        options.verdicts = true;
        options.keep = "Image,raw";
        auto scanner = t1053::Scanner::make(*detector, options);
        std::string line;
        auto look = [&](const auto &it) {
            CHECK(it.offset() == 0 && it.length() == record.size());
            CHECK(it.raw() == record);
            CHECK(it.value(T1053_FIELD_IMAGE)
                  == "C:\\Windows\\System32\\schtasks.exe");
            CHECK(!it.value(T1053_FIELD_PARENT_IMAGE));
            it.ndjson(line);
        };
        auto ignore = [](const t1053::Unreadable &) {};
        OK(scanner->record(record, look, ignore, look));
        CHECK(line.find("\"fields\":{\"Image\":\"C:") != line.npos);
        options.keep = "Imge";
        auto wrong = t1053::Scanner::make(*detector, options);
        CHECK(!wrong && wrong.error().status == T1053_UNKNOWN_NAME);
    }

    // A scanner gives verdicts where its options say so.
    for (bool wanted : {true, false}) {
        t1053::ScannerOptions options;
        options.verdicts = wanted;
        auto scanner = t1053::Scanner::make(*detector, options);
        std::size_t seen = 0;
        auto ignore = [](const auto &) {};
        auto count = [&](const t1053::Verdict &) { seen++; };
        OK(scanner->feed(record, ignore, ignore, count));
        OK(scanner->finish(ignore, ignore, count));
        OK(scanner->record(record, ignore, ignore, count));
        OK(scanner->record(record, ignore));
        CHECK(seen == (wanted ? 2 : 0));
    }

#ifdef T1053_EXCEPTIONS
    bool caught = false;
    try {
        OK(evaluator->verdict(event, [&](const t1053::Verdict &verdict) {
            OK(verdict.jobs([](const t1053::Job &) { throw 7; }));
        }));
    } catch (int thrown) {
        caught = thrown == 7;
    }
    CHECK(caught);
#endif
    OK(evaluator->verdict(event, on_verdict));
}

static void scanning()
{
    auto detector = t1053::Detector::make();
    t1053::ScannerOptions options;
    options.format = T1053_FORMAT_JSON;
    auto scanner = t1053::Scanner::make(*detector, options);
    CHECK(scanner);
    std::size_t matches = 0, unreadable = 0;
    auto on_match = [&](const t1053::Match &) { matches++; };
    auto on_unreadable = [&](const t1053::Unreadable &it) {
        CHECK(!it.reason.empty());
        unreadable++;
        return t1053::Flow::go_on;
    };
    OK(scanner->feed(record, on_match, on_unreadable));
    OK(scanner->feed("\n{", on_match));
    OK(scanner->finish(on_match, on_unreadable));
    OK(scanner->record(record, on_match));
    CHECK(matches > 1 && unreadable == 1);
    t1053_counts counts = scanner->counts();
    CHECK(counts.records == 3 && counts.matches == matches);
    OK(scanner->reset());
    CHECK(scanner->counts().records == 0);
    std::string lines = "> ";
    OK(scanner->lines(record, false, lines));
    CHECK(lines == "> ");
    OK(scanner->lines("", true, lines));
    CHECK(lines.rfind("> {\"schema\":1,\"path\":null,", 0) == 0 && lines.back() == '\n');

    const char *broken = "{\"EventID\":1,\"CommandLine\":\"ls\"}}";
    OK(scanner->record(broken, on_match, on_unreadable));
    CHECK(scanner->counts().filtered == 1 && unreadable == 1);
    options.flags = T1053_SCANNER_NO_FILTER;
    auto thorough = t1053::Scanner::make(*detector, options);
    CHECK(thorough);
    OK(thorough->record(broken, on_match, on_unreadable));
    CHECK(thorough->counts().filtered == 0 && unreadable == 2);
    options.flags = 1u << 31;
    auto unknown = t1053::Scanner::make(*detector, options);
    CHECK(!unknown && unknown.error().status == T1053_UNKNOWN_FLAG);
}

static void correlating()
{
    const auto detector = t1053::Builder().enable("published").build();
    auto one = t1053::Evaluator::make(*detector);
    auto two = t1053::Evaluator::make(*detector);
    auto before = t1053::Correlator::make(*detector);
    auto after = t1053::Correlator::make(*detector, 16);
    CHECK(one && two && before && after);
    const auto event = [](t1053_event_kind kind, std::int64_t second) {
        t1053::Event event(T1053_PLATFORM_WINDOWS, kind);
        event.set(T1053_FIELD_TASK_NAME, "\\x").ticks(second * 10000000);
        return event;
    };
    std::size_t sequences = 0;
    auto on_match = [&](const t1053::Match &match) {
        sequences += match.other_ticks().has_value();
    };
    bool is_part = false;
    const auto begin = event(T1053_EVENT_TASK_REGISTERED, 0);
    OK(one->evaluate_alone(begin, on_match, is_part));
    CHECK(is_part);
    OK(before->take(*one, begin, on_match));
    CHECK(before->counts().keys > 0 && before->counts().evicted == 0);
    const auto foreign = t1053::Builder().enable("published").build();
    auto other = t1053::Correlator::make(*foreign, 16);
    CHECK(other->take(*one, begin, on_match) == T1053_OTHER_DETECTOR);
    CHECK(other->counts().keys == 0);
    const auto state = before->save();
    CHECK(state);
    t1053_restored told = {};
    told.struct_size = sizeof told;
    OK(after->restore(*state, &told));
    CHECK(told.keys > 0 && told.dropped_keys == 0);
    const auto end = event(T1053_EVENT_TASK_DELETED, 5);
    OK(two->evaluate_alone(end, on_match, is_part));
    CHECK(is_part && sequences == 0);
    OK(after->take(*two, end, on_match));
    CHECK(sequences == 1);
    OK(after->expire(0));
    OK(after->reset());
    OK(two->restore(*state));
    CHECK(two->counts().keys > 0 && two->save());
    const auto scanner = t1053::Scanner::make(*detector);
    CHECK(scanner && scanner->save());
}

// Hands each thread the first half of its sequences, and once all are through
// the second one.
template <class Half>
static void in_halves(int threads_count, Half half)
{
    for (bool is_deletion : {false, true}) {
        std::vector<std::thread> threads;
        for (int thread = 0; thread < threads_count; thread++)
            threads.emplace_back(half, thread, is_deletion);
        for (std::thread &thread : threads)
            thread.join();
    }
}

// Many threads evaluate, and one correlator, repeats and risk take what they
// find: all of it, whoever comes first.
static void feeding_one()
{
    const auto detector = t1053::Builder().enable("published").build();
    auto correlator = t1053::Correlator::make(*detector);
    auto repeats = t1053::Repeats::make(*detector, 3600);
    auto risk = t1053::RiskTracker::make(*detector, 1);
    CHECK(correlator && repeats && risk);
    constexpr int hosts = 50, threads_count = 4;
    std::size_t sequences = 0, matches = 0, reached = 0;
    std::mutex lock;
    // The halves of each host's sequence come from different threads.
    auto half = [&](int thread, bool is_deletion) {
        auto evaluator = t1053::Evaluator::make(*detector);
        auto on_match = [&](const t1053::Match &found) {
            t1053::Grouped grouped;
            matches++;
            sequences += found.other_ticks().has_value();
            OK(repeats->take(found, grouped, [](const t1053::Group &) {}));
            OK(risk->take(found, [&](const t1053::Risk &) { reached++; }));
        };
        for (int host = 0; host < hosts; host++) {
            if ((host + is_deletion) % threads_count != thread)
                continue;
            const std::string name = "host-" + std::to_string(host);
            t1053::Event event(T1053_PLATFORM_WINDOWS,
                               is_deletion ? T1053_EVENT_TASK_DELETED
                                           : T1053_EVENT_TASK_REGISTERED);
            event.set(T1053_FIELD_TASK_NAME, "\\x")
                .set(T1053_FIELD_COMPUTER, name)
                .ticks(is_deletion * 50000000);
            bool is_part = false;
            const std::lock_guard<std::mutex> guard(lock);
            OK(evaluator->evaluate_alone(event, on_match, is_part));
            CHECK(is_part);
            OK(correlator->take(*evaluator, event, on_match));
        }
    };
    in_halves(threads_count, half);
    CHECK(sequences == hosts && matches >= hosts && reached == hosts);
    const t1053_repeat_counts counts = repeats->counts();
    CHECK(counts.groups + counts.repeats + counts.alone == matches);
    CHECK(risk->counts().objects == hosts);
}

// The halves of each host's sequence come in by scanners on different threads.
static void sharing_between_scanners()
{
    const auto detector = t1053::Builder().enable("published").build();
    auto correlator = t1053::Correlator::make(*detector);
    CHECK(correlator);
    constexpr int hosts = 50, threads_count = 4;
    std::size_t sequences = 0;
    std::mutex lock;
    t1053::ScannerOptions options;
    options.sequence_events = true;
    auto half = [&](int thread, bool is_deletion) {
        auto scanner = t1053::Scanner::make(*detector, options);
        CHECK(scanner);
        auto on_match = [](const t1053::Match &found) {
            CHECK(!found.other_ticks());
        };
        auto on_sequence_event = [&](const t1053::SequenceEvent &event) {
            const std::lock_guard<std::mutex> guard(lock);
            OK(correlator->take(event, [&](const t1053::Match &found) {
                CHECK(found.other_ticks() && found.raw());
                sequences++;
            }));
        };
        for (int host = 0; host < hosts; host++) {
            if ((host + is_deletion) % threads_count != thread)
                continue;
            const std::string record =
                std::string("{\"EventID\":") +
                (is_deletion ? "4699" : "4698") +
                ",\"Channel\":\"Security\",\"Computer\":\"host-" +
                std::to_string(host) +
                "\",\"TaskName\":\"\\\\x\",\"TimeCreated\":"
                "\"2024-05-01T10:00:0" +
                (is_deletion ? "5" : "0") + "Z\"}";
            OK(scanner->record(record, on_match, t1053::ignore, t1053::ignore,
                               on_sequence_event));
        }
        OK(scanner->flush_pending(0, on_match, t1053::ignore, t1053::ignore,
                                  on_sequence_event));
        OK(scanner->finish(on_match));
    };
    in_halves(threads_count, half);
    CHECK(sequences == hosts);
    // What the callable throws comes out of the call.
#ifdef T1053_EXCEPTIONS
    auto scanner = t1053::Scanner::make(*detector, options);
    bool thrown = false;
    try {
        (void)scanner->record(
            R"({"EventID":4698,"Channel":"Security"})", t1053::ignore,
            t1053::ignore, t1053::ignore,
            [](const t1053::SequenceEvent &) { throw 1; });
    } catch (int) {
        thrown = true;
    }
    CHECK(thrown);
#endif
}

// Records of no shape that is known, if the options ask for them.
static void not_understood()
{
    const auto detector = t1053::Detector::make();
    for (bool asked : {false, true}) {
        t1053::ScannerOptions options;
        options.flags = T1053_SCANNER_NO_FILTER;
        options.not_understood = asked;
        auto scanner = t1053::Scanner::make(*detector, options);
        CHECK(scanner);
        std::size_t count = 0;
        auto take = [&](const t1053::NotUnderstood &it) {
            CHECK(it.record == 1 && it.offset == 4);
            CHECK(it.bytes == R"({"a":1})");
            count++;
            return t1053::Flow::stop;
        };
        const t1053_status status =
            scanner->feed("odd\n{\"a\":1}\n{\"a\":1}\n", t1053::ignore,
                          t1053::ignore, t1053::ignore, t1053::ignore, take);
        CHECK(status == (asked ? T1053_STOPPED : T1053_OK));
        CHECK(count == asked);
    }
}

static void grouping()
{
    const auto detector = t1053::Builder().enable("published").build();
    auto evaluator = t1053::Evaluator::make(*detector);
    auto repeats = t1053::Repeats::make(*detector);
    auto risk = t1053::RiskTracker::make(*detector, 1);
    CHECK(evaluator && repeats && risk);
    std::size_t matches = 0, shown = 0, groups = 0, repeated = 0, reached = 0;
    std::string first, line, message;
    auto on_group = [&](const t1053::Group &group) {
        line.clear();
        group.ndjson(line, first);
        CHECK(line.find("\"repeats\":2,") != std::string::npos);
        CHECK(group.first() == 0 && group.last() == 2 * 10000000);
        CHECK(group.number() > 0 && !group.detection().slug().empty());
        groups++;
        repeated += group.repeats();
    };
    auto on_risk = [&](const t1053::Risk &risk) {
        CHECK(risk.of() == "host" && risk.name() == "host-1");
        std::uint32_t sum = 0;
        for (const t1053_risk_part &part : risk)
            sum += part.score;
        CHECK(sum == risk.score() && risk.size() > 0);
        risk.message(message);
        risk.ndjson(line);
        reached++;
    };
    auto on_match = [&](const t1053::Match &found) {
        t1053::Grouped grouped;
        OK(repeats->take(found, grouped, on_group));
        CHECK(grouped.group > 0);
        matches++;
        shown += grouped.is_shown;
        if (grouped.is_shown) {
            first.clear();
            found.ndjson(first);
        }
        OK(risk->take(found, on_risk));
    };
    for (std::int64_t second = 0; second < 3; second++) {
        const t1053::Event event = task().ticks(second * 10000000);
        OK(evaluator->evaluate(event, on_match));
        const auto state = repeats->save();
        const auto risks = risk->save();
        CHECK(state && risks);
        repeats = t1053::Repeats::make(*detector, 300, 10);
        risk = t1053::RiskTracker::make(*detector, 1, 86400, 10);
        CHECK(repeats->restore(*risks) == T1053_NOT_STATE);
        OK(repeats->restore(*state));
        OK(risk->restore(*risks));
    }
    CHECK(matches == 3 * shown && shown > 0 && reached == 1);
    CHECK(repeats->counts().repeats == matches - shown);
    CHECK(risk->counts().objects == 1 && message.rfind("host host-1", 0) == 0);
    OK(repeats->finish(on_group));
    CHECK(groups == shown && shown + repeated == matches);
    CHECK(repeats->of("none", nullptr, 0, 1) == T1053_UNKNOWN_NAME);
}

// What a match has is kept after its callback, and numbers need no text.
static void keeping()
{
    auto detector = t1053::Detector::make();
    CHECK(detector && detector->memory() > 100000);
    CHECK(detector->needs(T1053_EVENT_PROCESS_CREATION,
                          T1053_FIELD_COMMAND_LINE));
    CHECK(!detector->needs(T1053_EVENT_PROCESS_CREATION,
                           T1053_FIELD_INTEGRITY_LEVEL));
    t1053::EvaluatorOptions options;
    options.flags = T1053_EVALUATOR_NO_SEQUENCES | T1053_EVALUATOR_GROWS;
    auto evaluator = t1053::Evaluator::make(*detector, options);
    CHECK(evaluator && evaluator->memory() < 100000);

    t1053::Event first = task();
    first.set(T1053_FIELD_PROCESS_ID, 1)
        .set(T1053_FIELD_PARENT_PROCESS_ID, std::uint64_t(-1))
        .set(T1053_FIELD_PROCESS_ID, -4321);
    std::vector<t1053::Event> events = {
        t1053::Event(T1053_PLATFORM_WINDOWS, T1053_EVENT_PROCESS_CREATION),
        first};
    // A copy has digits of its own.
    first.set(T1053_FIELD_PROCESS_ID, 7);
    std::vector<t1053::OwnedMatch> kept;
    std::size_t done = 0;
    auto keep = [&](const t1053::Match &found) {
        CHECK(found.value(T1053_FIELD_PROCESS_ID) == "-4321");
        CHECK(found.value(T1053_FIELD_PARENT_PROCESS_ID)
              == "18446744073709551615");
        kept.push_back(found.own());
    };
    CHECK(evaluator->evaluate_many(events, keep, done) == T1053_OK);
    CHECK(done == 2 && !kept.empty());
    bool has_evidence = false;
    for (const t1053::OwnedMatch &one : kept) {
        CHECK(one.record == 1 && one.host == "host-1" && !one.ticks);
        CHECK((*detector)[one.index].slug() == one.detection.slug());
        CHECK(!one.message.empty());
        for (const t1053::OwnedEvidence &evidence : one.evidence)
            has_evidence |= evidence.field == T1053_FIELD_COMMAND_LINE
                && !evidence.text.empty() && !evidence.pattern.empty();
    }
    CHECK(has_evidence);

    t1053::ScannerOptions of_stream;
    of_stream.flags = T1053_SCANNER_NO_SEQUENCES;
    of_stream.path = "C:\\x.evtx";
    auto scanner = t1053::Scanner::make(*detector, of_stream);
    CHECK(scanner && scanner->memory() < 100000);
    std::string lines;
    CHECK(scanner->lines(record, true, lines) == T1053_OK);
    CHECK(lines.find("\"path\":\"C:\\\\x.evtx\"") != std::string::npos);

#ifdef __cpp_lib_span
    const std::byte bytes[] = {std::byte('x'), std::byte('y')};
    first.set(T1053_FIELD_CURRENT_DIRECTORY, std::span(bytes));
    std::span<const t1053_text> techniques =
        detector->find(TASK_SLUG)->techniques();
    CHECK(!techniques.empty());
#endif
}

static void sharing()
{
    const auto detector = t1053::Detector::make();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++) {
        threads.emplace_back([&detector] {
            auto evaluator = t1053::Evaluator::make(*detector);
            const t1053::Event event = task();
            std::size_t found = 0;
            for (int round = 0; round < 1000; round++)
                OK(evaluator->evaluate(event, [&](auto &) { found++; }));
            CHECK(found >= 1000);
        });
    }
    for (std::thread &thread : threads)
        thread.join();
}

int main()
{
    detections();
    choosing();
    rules();
    evaluating();
    texts_of_windows();
    judging();
    scanning();
    correlating();
    sharing();
    keeping();
    not_understood();
    grouping();
    feeding_one();
    sharing_between_scanners();
}
