// A pool of threads that share one detector and one correlator, both of which
// are replaced while events come: the halves of a sequence are found wherever
// they are evaluated, and whichever rules saw the first one.
//
//     c++ -std=c++17 pool.cpp $(pkg-config --cflags --libs t1053) -lpthread
//
// Each thread has an evaluator of its own and takes no lock for most events:
// only those that are part of a sequence go to the correlator, one at a time.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <t1053.hpp>

namespace {

// What a sensor sends. It owns its texts: an event borrows them.
struct Seen {
    std::string host;
    std::string task;
    bool is_deletion;
    std::int64_t second;
};

// Bounded, so that a burst makes the sensor wait and memory does not grow.
class Queue {
public:
    void push(Seen seen)
    {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return waiting_.size() < 64; });
        waiting_.push_back(std::move(seen));
        changed_.notify_all();
    }

    void close()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        is_closed_ = true;
        changed_.notify_all();
    }

    // Nothing where no more will come.
    std::optional<Seen> pop()
    {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [&] { return is_closed_ || !waiting_.empty(); });
        if (waiting_.empty())
            return {};
        Seen seen = std::move(waiting_.front());
        waiting_.pop_front();
        changed_.notify_all();
        return seen;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Seen> waiting_;
    bool is_closed_ = false;
};

// A detector, and the memory of sequences that goes with it.
struct Rules {
    t1053::Detector detector;
    std::mutex mutex;
    // What follows is the mutex's.
    t1053::Correlator correlator;
    // What it remembered went on to newer rules.
    bool is_replaced = false;

    Rules(t1053::Detector made, t1053::Correlator memory)
        : detector(std::move(made)), correlator(std::move(memory))
    {
    }

    static std::shared_ptr<Rules> make(t1053::Result<t1053::Detector> detector)
    {
        if (!detector)
            return nullptr;
        auto correlator = t1053::Correlator::make(*detector);
        if (!correlator)
            return nullptr;
        return std::make_shared<Rules>(std::move(*detector),
                                       std::move(*correlator));
    }
};

// The rules that count now.
class Current {
public:
    explicit Current(std::shared_ptr<Rules> rules) : rules_(std::move(rules))
    {
    }

    std::shared_ptr<Rules> get()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        return rules_;
    }

    // Puts new rules in place, with all that the old ones remember of
    // sequences that are the same in both. False where that cannot be had;
    // then the old ones stay.
    bool replace(std::shared_ptr<Rules> rules)
    {
        const std::shared_ptr<Rules> old = get();
        // As long as the old correlator is locked, no event gets into it.
        const std::lock_guard<std::mutex> lock(old->mutex);
        const auto state = old->correlator.save();
        if (!state || rules->correlator.restore(*state) != T1053_OK)
            return false;
        old->is_replaced = true;
        const std::lock_guard<std::mutex> own(mutex_);
        rules_ = std::move(rules);
        generation_.fetch_add(1, std::memory_order_release);
        return true;
    }

    // Rises with each replacement, so that whoever has the latest rules asks
    // a number and takes no lock.
    unsigned generation() const
    {
        return generation_.load(std::memory_order_acquire);
    }

private:
    std::mutex mutex_;
    std::shared_ptr<Rules> rules_;
    std::atomic<unsigned> generation_{0};
};

struct Counts {
    std::atomic<unsigned> events{0};
    std::atomic<unsigned> matches{0};
    std::atomic<unsigned> sequences{0};
    std::atomic<unsigned> failures{0};
};

class Worker {
public:
    Worker(Current &current, Counts &counts)
        : current_(current), counts_(counts)
    {
        refresh();
    }

    void run(Queue &queue)
    {
        while (const std::optional<Seen> seen = queue.pop()) {
            if (current_.generation() != generation_)
                refresh();
            t1053::Event event(T1053_PLATFORM_WINDOWS,
                               seen->is_deletion ? T1053_EVENT_TASK_DELETED
                                                 : T1053_EVENT_TASK_REGISTERED);
            event.set(T1053_FIELD_COMPUTER, seen->host)
                .set(T1053_FIELD_TASK_NAME, seen->task)
                .ticks(seen->second * 10'000'000);
            if (!take(event))
                counts_.failures++;
            counts_.events++;
        }
    }

private:
    void refresh()
    {
        // The number first: rules that are newer than it are asked for again.
        generation_ = current_.generation();
        rules_ = current_.get();
        // Its own memory of sequences would never be used.
        t1053::EvaluatorOptions options;
        options.flags = T1053_EVALUATOR_NO_SEQUENCES;
        evaluator_.emplace(
            t1053::Evaluator::make(rules_->detector, options));
    }

    bool take(const t1053::Event &event)
    {
        bool is_reported = false;
        auto alone = [&](const t1053::Match &) {
            counts_.matches += !is_reported;
        };
        auto together = [&](const t1053::Match &) { counts_.sequences++; };
        for (;; is_reported = true) {
            bool is_part = false;
            if (!*evaluator_ ||
                (*evaluator_)->evaluate_alone(event, alone, is_part) !=
                    T1053_OK)
                return false;
            if (!is_part)
                return true;
            {
                const std::lock_guard<std::mutex> lock(rules_->mutex);
                if (!rules_->is_replaced)
                    return rules_->correlator.take(**evaluator_, event,
                                                   together) == T1053_OK;
            }
            // The rules were replaced in between: the new ones take it, and
            // what it matches by itself is not reported again.
            refresh();
        }
    }

    Current &current_;
    Counts &counts_;
    unsigned generation_ = 0;
    std::shared_ptr<Rules> rules_;
    std::optional<t1053::Result<t1053::Evaluator>> evaluator_;
};

} // namespace

int main()
{
    auto rules = Rules::make(t1053::Builder().enable("published").build());
    if (!rules)
        return 2;
    Current current(std::move(rules));
    Counts counts;
    Queue queue;
    std::vector<std::thread> pool;
    for (int thread = 0; thread < 4; thread++)
        pool.emplace_back([&] { Worker(current, counts).run(queue); });

    // Each host registers a task and deletes it within seconds; every few
    // events there are new rules.
    constexpr int hosts = 2000;
    unsigned replaced = 0;
    for (bool is_deletion : {false, true}) {
        for (int host = 0; host < hosts; host++) {
            queue.push({"host-" + std::to_string(host), "\\upd", is_deletion,
                        is_deletion ? 5 : 0});
            if (host % 400 != 200)
                continue;
            auto made = Rules::make(
                t1053::Builder()
                    .enable("published")
                    .disable(replaced % 2 ? "linux_at_application_execution"
                                          : "schtasks_run_task_on_demand")
                    .build());
            replaced += made && current.replace(std::move(made));
        }
    }
    queue.close();
    for (std::thread &thread : pool)
        thread.join();
    std::cout << counts.events << " events, " << counts.matches
              << " matches, " << counts.sequences
              << " sequences, rules replaced " << replaced << " times\n";
    return counts.failures > 0;
}
