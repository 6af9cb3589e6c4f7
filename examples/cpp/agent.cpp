// Typed events from two threads over one detector: what an agent does that
// sees processes and scheduled tasks by itself and needs no log.
//
//     c++ -std=c++17 agent.cpp $(pkg-config --cflags --libs t1053) -lpthread

#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include <t1053.hpp>

namespace {

struct Process {
    std::string_view image;
    std::string_view command_line;
    std::string_view parent;
};

// What a sensor on each of two hosts has seen.
constexpr std::array<Process, 3> WINDOWS = {{
    {R"(C:\Windows\System32\schtasks.exe)",
     R"(schtasks /create /tn upd /sc onlogon /tr C:\a.exe /ru SYSTEM)",
     R"(C:\Windows\System32\cmd.exe)"},
    {R"(C:\Windows\System32\notepad.exe)", "notepad.exe notes.txt",
     R"(C:\Windows\explorer.exe)"},
    {R"(C:\Windows\System32\schtasks.exe)", "schtasks /query",
     R"(C:\Windows\System32\cmd.exe)"},
}};
constexpr std::array<Process, 2> LINUX = {{
    {"/usr/bin/crontab", "crontab -e", "/usr/bin/bash"},
    {"/usr/bin/ls", "ls /etc", "/usr/bin/bash"},
}};

// Runs on a thread of its own, with an evaluator of its own.
template <class Processes>
void watch(const t1053::Detector &detector, t1053_platform platform,
           std::string_view host, const Processes &processes,
           std::string &findings)
{
    auto evaluator = t1053::Evaluator::make(detector);
    if (!evaluator) {
        findings = t1053::name(evaluator.error().status);
        return;
    }
    t1053::Event event(platform, T1053_EVENT_PROCESS_CREATION);
    for (const Process &process : processes) {
        event.set(T1053_FIELD_COMPUTER, host)
            .set(T1053_FIELD_IMAGE, process.image)
            .set(T1053_FIELD_COMMAND_LINE, process.command_line)
            .set(T1053_FIELD_PARENT_IMAGE, process.parent);
        auto on_match = [&](const t1053::Match &match) {
            findings += host;
            findings += ": ";
            findings += match.detection().slug();
            findings += ": ";
            match.message(findings);
            findings += '\n';
        };
        t1053_status status = evaluator->evaluate(event, on_match);
        if (status != T1053_OK) {
            findings += t1053::name(status);
            return;
        }
    }
}

} // namespace

int main()
{
    // The alert pack finds much of what the others find.
    auto detector =
        t1053::Builder().disable("pack:scheduled-task-job").build();
    if (!detector) {
        std::cerr << detector.error().text << '\n';
        return 2;
    }
    std::string windows, linux_;
    std::thread first([&] {
        watch(*detector, T1053_PLATFORM_WINDOWS, "desk-1", WINDOWS, windows);
    });
    std::thread second([&] {
        watch(*detector, T1053_PLATFORM_LINUX, "web-1", LINUX, linux_);
    });
    first.join();
    second.join();
    std::cout << windows << linux_;
}
