// New rules while events are evaluated: one thread puts a new detector in
// place, the others take it up with their next event. None waits for the new
// one to be compiled, and no event is lost or seen twice.
//
//     c++ -std=c++17 reload.cpp $(pkg-config --cflags --libs t1053) -lpthread
//
// A file that is named on the command line is a pack of rules, as
// `python -m t1053 compile` makes them; without one, the new rules are the
// built-in ones.

#include <atomic>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <t1053.hpp>

namespace {

// The detector that counts now.
class Current {
public:
    explicit Current(t1053::Detector detector)
        : detector_(std::make_shared<t1053::Detector>(std::move(detector)))
    {
    }

    void put(t1053::Detector detector)
    {
        std::shared_ptr<const t1053::Detector> made =
            std::make_shared<t1053::Detector>(std::move(detector));
        std::lock_guard<std::mutex> lock(mutex_);
        detector_.swap(made);
        generation_.fetch_add(1, std::memory_order_release);
    }

    std::shared_ptr<const t1053::Detector> get()
    {
        std::lock_guard<std::mutex> lock(mutex_);
        return detector_;
    }

    // Rises with each new detector, so that whoever has the latest one asks a
    // number and takes no lock.
    unsigned generation() const
    {
        return generation_.load(std::memory_order_acquire);
    }

private:
    std::mutex mutex_;
    std::shared_ptr<const t1053::Detector> detector_;
    std::atomic<unsigned> generation_{0};
};

// Evaluates the same event until the rules are new ones, and counts the
// events that they match.
void watch(Current &current, std::atomic<unsigned> &found)
{
    unsigned generation = current.generation();
    auto detector = current.get();
    auto evaluator = t1053::Evaluator::make(*detector);
    t1053::Event event(T1053_PLATFORM_LINUX, T1053_EVENT_PROCESS_CREATION);
    event.set(T1053_FIELD_IMAGE, "/usr/bin/crontab")
        .set(T1053_FIELD_COMMAND_LINE, "crontab -u www-data -e");
    for (bool is_last = false; evaluator && !is_last;) {
        if (unsigned latest = current.generation(); latest != generation) {
            generation = latest;
            detector = current.get();
            evaluator = t1053::Evaluator::make(*detector);
        }
        is_last = generation > 0;
        auto count = [&](const t1053::Match &) { found++; };
        if (!evaluator || evaluator->evaluate(event, count) != T1053_OK)
            return;
    }
}

// The detector of a pack. A host checks its own signature before.
t1053::Result<t1053::Detector> load(const std::string &name)
{
    std::ifstream file(name, std::ios::binary);
    const std::string pack{std::istreambuf_iterator<char>(file), {}};
    auto tell = [](const t1053::RuleProblem &problem) {
        std::cerr << problem.name << ": " << problem.message << '\n';
    };
    return t1053::Builder()
        .without_builtin()
        .add_pack(name, pack, tell, T1053_RULES_STRICT)
        .build();
}

} // namespace

int main(int argc, char **argv)
{
    auto old = t1053::Builder().enable("schtasks_run_task_on_demand").build();
    if (!old)
        return 2;
    Current current(std::move(*old));
    std::atomic<unsigned> found{0};
    std::thread one([&] { watch(current, found); });
    std::thread other([&] { watch(current, found); });
    // Where the new rules cannot be loaded the old ones stay.
    auto made = argc > 1 ? load(argv[1]) : t1053::Detector::make();
    if (!made) {
        std::cerr << made.error().text << '\n';
        made = t1053::Detector::make();
    }
    current.put(std::move(*made));
    one.join();
    other.join();
    std::cout << "found by the new rules: " << found << '\n';
}
