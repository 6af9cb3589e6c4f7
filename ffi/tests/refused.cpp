// What the C++ layer must not let pass. Compiled with REFUSED as 0, all is
// right; with each other number, one line is wrong, and the compiler says so.

#include <memory_resource>
#include <string>

#include <t1053.hpp>

#include "check.h"

static std::string made() { return "made"; }

int main()
{
    auto detector = t1053::Detector::make();
    auto evaluator = t1053::Evaluator::make(*detector);
    auto scanner = t1053::Scanner::make(*detector);
    t1053::Event event(T1053_PLATFORM_WINDOWS, T1053_EVENT_PROCESS_CREATION);
    auto on_match = [](const t1053::Match &) {};

    // What lives as long as the event, or longer.
    std::string value = made();
    const std::string fixed = made();
    const std::pmr::string pooled = "pooled";
    event.set(T1053_FIELD_IMAGE, value)
        .set(T1053_FIELD_IMAGE, fixed)
        .set(T1053_FIELD_IMAGE, pooled)
        .set(T1053_FIELD_IMAGE, std::string_view(value))
        .set(T1053_FIELD_IMAGE, value.c_str())
        .set(T1053_FIELD_IMAGE, "literal");
    OK(evaluator->evaluate(event, on_match));

#if REFUSED == 1
    event.set(T1053_FIELD_IMAGE, made());
#elif REFUSED == 2
    event.set(T1053_FIELD_IMAGE, std::string("C:") + "a.exe");
#elif REFUSED == 3
    event.set(T1053_FIELD_IMAGE, std::move(value));
#elif REFUSED == 4
    event.set(T1053_FIELD_IMAGE, std::move(fixed));
#elif REFUSED == 5
    event.set(T1053_FIELD_IMAGE, std::pmr::string("x"));
#elif REFUSED == 6
    t1053::Detector::make();
#elif REFUSED == 7
    t1053::Builder().enable("all").build();
#elif REFUSED == 8
    evaluator->evaluate(event, on_match);
#elif REFUSED == 9
    scanner->feed("", on_match);
#elif REFUSED == 10
    scanner->record("", on_match);
#elif REFUSED == 11
    scanner->finish(on_match);
#elif REFUSED == 12
    scanner->lines("", true, value);
#elif REFUSED == 13
    scanner->reset();
#elif REFUSED == 14
    evaluator->reset();
#elif REFUSED == 15
    evaluator->verdict(event, [](const t1053::Verdict &) {});
#endif
}
