// t1053 for C++17: handles that free themselves, texts as std::string_view,
// callables as callbacks. Everything here is a thin layer over t1053.h, which
// tells lifetimes, threads and cost.
//
// The compiler warns where a status that is returned is not looked at.
//
// Nothing here throws, and it all compiles without exceptions. What a callback
// throws is carried around the library, which it must not cross, and thrown
// again when the call has returned.

#ifndef T1053_HPP
#define T1053_HPP

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__has_include) && __cplusplus >= 202002L
#if __has_include(<span>)
#include <span>
#endif
#endif

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define T1053_EXCEPTIONS 1
#include <exception>
#endif

#include "t1053.h"

namespace t1053 {

// A text of the library as a view; empty when there is none.
inline std::string_view view(t1053_text text) noexcept
{
    return text.data ? std::string_view(text.data, text.len)
                     : std::string_view();
}

// A text of the library, or nothing when there is none.
inline std::optional<std::string_view> optional(t1053_text text) noexcept
{
    return text.data ? std::optional(view(text)) : std::nullopt;
}

// The name of a status, as in t1053.h.
inline const char *name(t1053_status status) noexcept
{
    return t1053_status_name(status);
}

// Why something failed.
struct Error {
    t1053_status status = T1053_OK;
    // In plain words, where the status does not say everything.
    std::string text;
};

// A value, or why there is none.
template <class T> class [[nodiscard]] Result {
public:
    Result(T value) noexcept : value_(std::move(value)) {}
    Result(Error error) noexcept : error_(std::move(error)) {}

    explicit operator bool() const noexcept { return value_.has_value(); }
    T &operator*() noexcept { return *value_; }
    const T &operator*() const noexcept { return *value_; }
    T *operator->() noexcept { return &*value_; }
    const T *operator->() const noexcept { return &*value_; }
    const Error &error() const noexcept { return error_; }

private:
    std::optional<T> value_;
    Error error_;
};

// An array of the library.
template <class T> class Range {
public:
    Range(const T *data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }
    const T *begin() const noexcept { return data_; }
    const T *end() const noexcept { return data_ + size_; }
    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    const T &operator[](std::size_t index) const noexcept
    {
        return data_[index];
    }
    const T *data() const noexcept { return data_; }
#ifdef __cpp_lib_span
    operator std::span<const T>() const noexcept { return {data_, size_}; }
#endif

private:
    const T *data_;
    std::size_t size_;
};

// What is known of a detection. Lives as long as its detector.
class Detection {
public:
    explicit Detection(const t1053_detection *c) noexcept : c_(c) {}

    std::string_view slug() const noexcept { return view(c_->slug); }
    std::string_view title() const noexcept { return view(c_->title); }
    std::optional<std::string_view> id() const noexcept
    {
        return optional(c_->id);
    }
    std::optional<std::string_view> published_name() const noexcept
    {
        return optional(c_->published_name);
    }
    std::optional<std::string_view> pack() const noexcept
    {
        return optional(c_->pack);
    }
    std::string_view kind() const noexcept { return view(c_->kind); }
    std::string_view severity() const noexcept { return view(c_->severity); }
    std::string_view platform() const noexcept { return view(c_->platform); }
    std::string_view description() const noexcept
    {
        return view(c_->description);
    }
    std::string_view message() const noexcept { return view(c_->message); }
    // 0 to 100, or -1 where none is published.
    int risk_score() const noexcept { return c_->risk_score; }
    int risk_impact() const noexcept { return c_->risk_impact; }
    int risk_confidence() const noexcept { return c_->risk_confidence; }
    Range<t1053_text> techniques() const noexcept
    {
        return {c_->techniques, c_->techniques_len};
    }
    Range<t1053_text> tactics() const noexcept
    {
        return {c_->tactics, c_->tactics_len};
    }
    Range<t1053_risk_object> risk_objects() const noexcept
    {
        return {c_->risk_objects, c_->risk_objects_len};
    }
    Range<t1053_text> false_positives() const noexcept
    {
        return {c_->false_positives, c_->false_positives_len};
    }
    Range<t1053_text> references() const noexcept
    {
        return {c_->references, c_->references_len};
    }
    Range<t1053_text> group_by() const noexcept
    {
        return {c_->group_by, c_->group_by_len};
    }
    // 0 to 3, or nothing where it counts by its severity.
    std::optional<int> weight() const noexcept
    {
        return c_->weight < 0 ? std::nullopt : std::optional<int>(c_->weight);
    }
    std::string_view needs() const noexcept { return view(c_->needs); }
    std::string_view response() const noexcept { return view(c_->response); }

    std::optional<std::string_view> author() const noexcept
    {
        return optional(c_->author);
    }
    std::optional<std::string_view> license() const noexcept
    {
        return optional(c_->license);
    }
    std::optional<std::string_view> status() const noexcept
    {
        return optional(c_->status);
    }
    std::optional<std::string_view> date() const noexcept
    {
        return optional(c_->date);
    }
    std::optional<std::string_view> modified() const noexcept
    {
        return optional(c_->modified);
    }
    Range<t1053_related> related() const noexcept
    {
        return {c_->related, c_->related_len};
    }

    const t1053_detection *c() const noexcept { return c_; }

private:
    const t1053_detection *c_;
};

// A handle that frees itself. It can be moved, not copied.
template <class T, void (*Free)(T *)> class Handle {
public:
    explicit Handle(T *c) noexcept : c_(c) {}
    Handle(Handle &&other) noexcept : c_(std::exchange(other.c_, nullptr)) {}
    Handle &operator=(Handle &&other) noexcept
    {
        std::swap(c_, other.c_);
        return *this;
    }
    ~Handle() { Free(c_); }

    // The C handle, which stays ours. Moved from, a handle has none, and
    // whatever is asked of it is T1053_NULL_ARGUMENT.
    T *c() const noexcept { return c_; }

private:
    T *c_;
};

// Detections, ready to run. Any number of threads may share one.
class Detector : public Handle<t1053_detector, t1053_detector_free> {
public:
    using Handle::Handle;

    // All built-in detections.
    static Result<Detector> make()
    {
        t1053_detector *c = nullptr;
        if (t1053_status status = t1053_detector_new(&c); status != T1053_OK)
            return Error{status, {}};
        return Detector(c);
    }

    // How many exclusions it has, in the order in which they were given.
    std::size_t exclusion_count() const noexcept
    {
        return t1053_detector_exclusion_count(c());
    }

    std::string_view exclusion_name(std::size_t index) const noexcept
    {
        return view(t1053_detector_exclusion_name(c(), index));
    }

    std::size_t size() const noexcept { return t1053_detector_count(c()); }

    // A number for what it finds: see t1053_detector_content().
    std::uint64_t content() const noexcept
    {
        return t1053_detector_content(c());
    }

    // The index must be less than the size.
    Detection operator[](std::size_t index) const noexcept
    {
        return Detection(t1053_detector_get(c(), index));
    }

    std::optional<Detection> find(std::string_view slug) const noexcept
    {
        std::size_t index = 0;
        if (t1053_detector_find(c(), slug.data(), slug.size(), &index)
            != T1053_OK)
            return std::nullopt;
        return (*this)[index];
    }

    // Whether some detection looks at a field of events of a kind; what none
    // does need not be collected.
    bool needs(t1053_event_kind kind, t1053_field field) const noexcept
    {
        std::int32_t is_needed = 0;
        t1053_detector_needs(c(), kind, field, &is_needed);
        return is_needed != 0;
    }

    // Bytes of memory that it holds.
    std::size_t memory() const noexcept
    {
        std::size_t bytes = 0;
        t1053_detector_memory(c(), &bytes);
        return bytes;
    }
};

// What a callback may answer; one that returns nothing goes on.
enum class Flow : bool { go_on, stop };

// Calls that take callbacks. Not for use by itself.
namespace detail {

// A call that takes callbacks, and what one of them threw.
class Call {
public:
    // To be called when the library has returned.
    t1053_status end(t1053_status status)
    {
#ifdef T1053_EXCEPTIONS
        if (thrown_)
            std::rethrow_exception(std::exchange(thrown_, nullptr));
#endif
        return status;
    }

protected:
    template <class F, class Argument>
    std::int32_t call(F &callback, const Argument &argument) noexcept
    {
#ifdef T1053_EXCEPTIONS
        try {
            return answer(callback, argument);
        } catch (...) {
            thrown_ = std::current_exception();
            return 1;
        }
#else
        return answer(callback, argument);
#endif
    }

    template <class F, class Argument>
    static std::int32_t answer(F &callback, const Argument &argument)
    {
        if constexpr (std::is_void_v<decltype(callback(argument))>) {
            callback(argument);
            return 0;
        } else {
            return callback(argument) == Flow::stop ? 1 : 0;
        }
    }

private:
#ifdef T1053_EXCEPTIONS
    std::exception_ptr thrown_;
#endif
};

} // namespace detail

// A text of Sigma documents, such as a file, and what problems call it.
struct RuleText {
    std::string_view name;
    std::string_view text;
};

// What is wrong with a rule that is left out. Lives for the callback only.
struct RuleProblem {
    std::string_view name;
    // From 1; 0 where none is meant.
    std::size_t line;
    std::size_t column;
    t1053_rule_problem_kind kind;
    std::string_view message;
};

namespace detail {

// The callable that takes problems.
template <class OnProblem> class ProblemCallback : public Call {
public:
    explicit ProblemCallback(OnProblem &on_problem) noexcept
        : on_problem_(on_problem)
    {
    }

    static std::int32_t problem(void *user,
                                const t1053_rule_problem *it) noexcept
    {
        auto *self = static_cast<ProblemCallback *>(user);
        return self->call(
            self->on_problem_,
            RuleProblem{view(it->name), it->line, it->column,
                        static_cast<t1053_rule_problem_kind>(it->kind),
                        view(it->message)});
    }

private:
    OnProblem &on_problem_;
};

// The callable that takes paths of rules.
template <class OnPath> class PathCallback : public Call {
public:
    explicit PathCallback(OnPath &on_path) noexcept : on_path_(on_path) {}

    static std::int32_t path(void *user, const char *path,
                             std::size_t path_len) noexcept
    {
        auto *self = static_cast<PathCallback *>(user);
        return self->call(self->on_path_, std::string_view(path, path_len));
    }

private:
    OnPath &on_path_;
};

} // namespace detail

// Chooses what a detector detects. What is wrong with a choice comes out in
// build(), the first of it.
class Builder : public Handle<t1053_builder, t1053_builder_free> {
public:
    Builder() : Handle(make()) {}

    Builder &enable(std::string_view selector)
    {
        return took(t1053_builder_enable(c(), selector.data(),
                                         selector.size()));
    }

    Builder &disable(std::string_view selector)
    {
        return took(t1053_builder_disable(c(), selector.data(),
                                          selector.size()));
    }

    Builder &exclude(std::string_view slug, t1053_field field,
                     t1053_operation operation, std::string_view pattern)
    {
        return took(t1053_builder_exclude(
            c(), slug.data(), slug.size(), field, operation, pattern.data(),
            pattern.size()));
    }

    // Chooses what a configuration says. `on_path` takes the path of each file
    // or folder of rules that it names, as a std::string_view, and returns
    // nothing or a Flow.
    template <class OnPath>
    Builder &configure(std::string_view text, OnPath &&on_path)
    {
        detail::PathCallback callback(on_path);
        return took(callback.end(t1053_builder_configure(
            c(), text.data(), text.size(), callback.path, &callback)));
    }

    // Call it before add_rules(), so that rules may have the names of
    // built-in detections.
    Builder &without_builtin()
    {
        return took(t1053_builder_without_builtin(c()));
    }

    // How far command lines are taken apart: "off", "argv" or "full".
    Builder &canonical(std::string_view name)
    {
        return took(t1053_builder_canonical(c(), name.data(), name.size()));
    }

    // Adds the good of these rules. `on_problem` takes a const RuleProblem &
    // for each of the others, and returns nothing or a Flow. With
    // T1053_RULES_STRICT in `flags` one of them is an error, and nothing is
    // added.
    template <class OnProblem>
    Builder &add_rules(const std::vector<RuleText> &texts,
                       OnProblem &&on_problem, std::uint32_t flags = 0)
    {
        std::vector<t1053_rule_text> c_texts;
        c_texts.reserve(texts.size());
        for (const RuleText &it : texts)
            c_texts.push_back({{it.name.data(), it.name.size()},
                               {it.text.data(), it.text.size()}});
        detail::ProblemCallback callback(on_problem);
        return took(callback.end(t1053_builder_add_rules(
            c(), c_texts.data(), c_texts.size(), flags, callback.problem,
            &callback)));
    }

    // Adds the rules of a pack; problems and flags are as of add_rules().
    template <class OnProblem>
    Builder &add_pack(std::string_view name, std::string_view pack,
                      OnProblem &&on_problem, std::uint32_t flags = 0)
    {
        detail::ProblemCallback callback(on_problem);
        return took(callback.end(t1053_builder_add_pack(
            c(), name.data(), name.size(), pack.data(), pack.size(), flags,
            callback.problem, &callback)));
    }

    Result<Detector> build()
    {
        if (error_.status != T1053_OK)
            return error_;
        t1053_detector *detector = nullptr;
        took(t1053_builder_build(c(), &detector));
        if (detector == nullptr)
            return std::exchange(error_, Error());
        return Detector(detector);
    }

private:
    static t1053_builder *make()
    {
        t1053_builder *c = nullptr;
        t1053_builder_new(&c);
        return c;
    }

    Builder &took(t1053_status status)
    {
        if (status != T1053_OK && error_.status == T1053_OK)
            error_ = {status, std::string(view(t1053_builder_error(c())))};
        return *this;
    }

    Error error_;
};

// Ticks of 100 nanoseconds since 1970-01-01T00:00:00Z.
using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, 10000000>>;

// A text of Windows as UTF-8, as events take it; what is no UTF-16 becomes
// U+FFFD.
[[nodiscard]] inline std::string utf8(std::u16string_view units)
{
    // To the library, which is not C++, the two are one type.
    const auto *data = reinterpret_cast<const std::uint16_t *>(units.data());
    std::string text(t1053_utf8_from_utf16(data, units.size(), nullptr, 0),
                     '\0');
    t1053_utf8_from_utf16(data, units.size(), text.data(), text.size());
    return text;
}

#ifdef _WIN32
[[nodiscard]] inline std::string utf8(std::wstring_view units)
{
    return utf8(std::u16string_view(
        reinterpret_cast<const char16_t *>(units.data()), units.size()));
}
#endif

// An event, built field by field. Reads the caller's texts, which must outlive
// its evaluation; holds no heap memory, and may be used again and again.
class Event {
public:
    Event(t1053_platform platform, t1053_event_kind kind) noexcept
    {
        c_.struct_size = sizeof c_;
        c_.platform = platform;
        c_.kind = kind;
    }

    Event(const Event &other) noexcept { *this = other; }
    Event &operator=(const Event &other) noexcept
    {
        c_ = other.c_;
        count_ = other.count_;
        for (std::size_t i = 0; i < count_; i++) {
            fields_[i] = other.fields_[i];
            // Digits are the event's own.
            if (fields_[i].value.data == other.digits_[i].data()) {
                digits_[i] = other.digits_[i];
                fields_[i].value.data = digits_[i].data();
            }
        }
        return *this;
    }

    // Sets a field to a number, whose digits the event keeps.
    template <class Integer,
              std::enable_if_t<std::is_integral_v<Integer> &&
                                   !std::is_same_v<Integer, bool> &&
                                   !std::is_same_v<Integer, char>,
                               int> = 0>
    Event &set(t1053_field field, Integer number) noexcept
    {
        set(field, std::string_view());
        for (std::size_t i = 0; i < count_; i++) {
            if (fields_[i].field != field)
                continue;
            char *first = digits_[i].data();
            char *last = first + digits_[i].size();
            char *end = std::to_chars(first, last, number).ptr;
            fields_[i].value = {first, static_cast<std::size_t>(end - first)};
        }
        return *this;
    }

#ifdef __cpp_lib_span
    // Sets a field to bytes, which must live until the event was evaluated.
    Event &set(t1053_field field, std::span<const std::byte> bytes) noexcept
    {
        return set(field, std::string_view(
                              reinterpret_cast<const char *>(bytes.data()),
                              bytes.size()));
    }
#endif

    // Sets a field to a text, which must live until the event was evaluated.
    // That events of the kind have no such field comes out in the evaluation.
    Event &set(t1053_field field, std::string_view value) noexcept
    {
        for (std::size_t i = 0; i < count_; i++) {
            if (fields_[i].field == field) {
                fields_[i].value = text(value);
                return *this;
            }
        }
        // There is room for more fields than there are.
        if (count_ < fields_.size())
            fields_[count_++] = {field, 0, text(value)};
        return *this;
    }

    // Not to a string that is gone when this returns.
    template <class Allocator>
    Event &set(t1053_field field,
               const std::basic_string<char, std::char_traits<char>,
                                       Allocator> &&value) = delete;

    Event &time(std::chrono::system_clock::time_point time) noexcept
    {
        using std::chrono::duration_cast;
        return ticks(duration_cast<Ticks>(time.time_since_epoch()).count());
    }

    Event &ticks(std::int64_t ticks) noexcept
    {
        c_.time = ticks;
        c_.has_time = 1;
        return *this;
    }

    // Forgets fields and time; keeps platform and kind.
    void clear() noexcept
    {
        count_ = 0;
        c_.time = 0;
        c_.has_time = 0;
    }

    // Lives as long as this event stays as it is, where it is.
    t1053_event c() const noexcept
    {
        t1053_event c = c_;
        c.fields = fields_.data();
        c.fields_len = count_;
        return c;
    }

private:
    static t1053_text text(std::string_view value) noexcept
    {
        // A view of nothing is an empty value, not an absent one.
        return {value.data() ? value.data() : "", value.size()};
    }

    t1053_event c_ = {};
    std::size_t count_ = 0;
    std::array<t1053_field_value, 128> fields_;
    // The longest is -9223372036854775808.
    std::array<std::array<char, 20>, 128> digits_;
};

// Not for use by itself.
namespace detail {

// Writes into the string's spare room; again, if there was too little.
template <class Write> void add(std::string &to, Write write)
{
    std::size_t before = to.size();
    to.resize(to.capacity());
    std::size_t size = write(to.data() + before, to.size() - before);
    if (size > to.size() - before) {
        to.resize(before + size);
        write(to.data() + before, size);
    }
    to.resize(before + size);
}

} // namespace detail

// What an event says of one scheduled job. Lives for the callback only.
class Job {
public:
    explicit Job(const t1053_job *c) noexcept : c_(c) {}

    // Its place among the jobs of its event.
    std::size_t index() const noexcept { return c_->index; }
    // All that is said.
    Range<t1053_field_value> values() const noexcept
    {
        return {c_->values, c_->values_len};
    }
    // A value of a field: the first, or another that is said.
    std::optional<std::string_view> value(t1053_field field,
                                          std::size_t index = 0) const noexcept
    {
        t1053_text text = {};
        t1053_job_value(c_, field, index, &text);
        return optional(text);
    }

    const t1053_job *c() const noexcept { return c_; }

private:
    const t1053_job *c_;
};

namespace detail {

template <class OnJob> class JobCall : public Call {
public:
    explicit JobCall(OnJob &on_job) noexcept : on_job_(on_job) {}

    static std::int32_t job(void *user, const t1053_job *c) noexcept
    {
        auto *self = static_cast<JobCall *>(user);
        return self->call(self->on_job_, Job(c));
    }

private:
    OnJob &on_job_;
};

} // namespace detail

// Why a match matches, with texts of its own.
struct OwnedEvidence {
    t1053_field field;
    std::string text;
    std::string pattern;
};

// A copy of a match, to be kept or handed to another thread: of `detection`,
// which lives as long as the detector, only the reference.
struct OwnedMatch {
    Detection detection;
    std::size_t index = 0;
    std::uint64_t record = 0;
    std::optional<std::uint32_t> item;
    std::vector<std::uint64_t> joined;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    // In ticks since 1970.
    std::optional<std::int64_t> ticks;
    std::optional<std::int64_t> other_ticks;
    std::optional<std::string> host;
    std::optional<std::string> user;
    // One line in plain words.
    std::string message;
    std::vector<OwnedEvidence> evidence;
};

// A match. Lives for the callback only.
class Match {
public:
    explicit Match(const t1053_match *c) noexcept : c_(c) {}

    Detection detection() const noexcept { return Detection(c_->detection); }
    Range<t1053_evidence> evidence() const noexcept
    {
        return {c_->evidence, c_->evidence_len};
    }
    std::uint64_t record() const noexcept { return c_->record; }
    std::optional<std::uint32_t> item() const noexcept
    {
        return c_->item == T1053_NO_ITEM ? std::nullopt
                                         : std::optional(c_->item);
    }
    // Numbers of the records that the event was joined from; empty where one
    // record says all of it.
    std::vector<std::uint64_t> joined() const
    {
        return std::vector<std::uint64_t>(c_->joined,
                                          c_->joined + c_->joined_len);
    }
    // In ticks since 1970; of a sequence, other_ticks() is its other event's.
    std::optional<std::int64_t> ticks() const noexcept
    {
        return c_->has_time ? std::optional(c_->time) : std::nullopt;
    }
    std::optional<std::int64_t> other_ticks() const noexcept
    {
        return c_->has_other_time ? std::optional(c_->other_time)
                                  : std::nullopt;
    }
    std::optional<std::string_view> host() const noexcept
    {
        return optional(c_->host);
    }
    std::optional<std::string_view> user() const noexcept
    {
        return optional(c_->user);
    }
    std::optional<std::string_view> value(t1053_field field) const noexcept
    {
        t1053_text text = {};
        t1053_match_value(c_, field, &text);
        return optional(text);
    }
    // Where the record stands in the stream, and what it is, with any
    // password in it; nothing from an evaluator.
    std::uint64_t offset() const noexcept { return c_->offset; }
    std::uint64_t length() const noexcept { return c_->length; }
    std::optional<std::string_view> raw() const noexcept
    {
        return optional(c_->raw);
    }

    // One line in plain words, at the end of what is in `to`.
    void message(std::string &to) const
    {
        detail::add(to, [this](char *data, std::size_t size) {
            return t1053_match_message(c_, data, size);
        });
    }

    // One line of NDJSON without its end, at the end of what is in `to`.
    void ndjson(std::string &to,
                std::optional<std::string_view> path = std::nullopt) const
    {
        const char *data = path ? path->data() ? path->data() : "" : nullptr;
        std::size_t size = path ? path->size() : 0;
        detail::add(to, [this, data, size](char *line, std::size_t room) {
            return t1053_match_ndjson(c_, data, size, line, room);
        });
    }

    // The detection's index in its detector.
    std::size_t index() const noexcept { return c_->detection_index; }

    // A copy that outlives the callback. Allocates.
    OwnedMatch own() const
    {
        auto text = [](std::optional<std::string_view> text) {
            return text ? std::optional(std::string(*text)) : std::nullopt;
        };
        OwnedMatch own{detection(), index(),       record(),     item(),
                       joined(),    offset(),      length(),     ticks(),
                       other_ticks(), text(host()), text(user()), {}, {}};
        message(own.message);
        own.evidence.reserve(evidence().size());
        for (const t1053_evidence &one : evidence())
            own.evidence.push_back({static_cast<t1053_field>(one.field),
                                    std::string(view(one.text)),
                                    std::string(view(one.pattern))});
        return own;
    }

    const t1053_match *c() const noexcept { return c_; }

private:
    const t1053_match *c_;
};

// What all matches of one event together mean. Lives for the callback only.
class Verdict {
public:
    explicit Verdict(const t1053_verdict *c) noexcept : c_(c) {}

    std::string_view severity() const noexcept { return view(c_->severity); }
    // The same for the same event, in every language.
    std::array<std::uint8_t, 16> id() const noexcept
    {
        std::array<std::uint8_t, 16> id;
        std::copy(c_->id, c_->id + id.size(), id.begin());
        return id;
    }
    // Indices in the detector of all that matches, and of what is odd.
    Range<std::uint32_t> matches() const noexcept
    {
        return {c_->matches, c_->matches_len};
    }
    Range<std::uint32_t> traits() const noexcept
    {
        return {c_->traits, c_->traits_len};
    }
    std::uint64_t record() const noexcept { return c_->record; }
    std::optional<std::uint32_t> item() const noexcept
    {
        return c_->item == T1053_NO_ITEM ? std::nullopt
                                         : std::optional(c_->item);
    }
    // Numbers of the records that the event was joined from; empty where one
    // record says all of it.
    std::vector<std::uint64_t> joined() const
    {
        return std::vector<std::uint64_t>(c_->joined,
                                          c_->joined + c_->joined_len);
    }
    // In ticks since 1970.
    std::optional<std::int64_t> ticks() const noexcept
    {
        return c_->has_time ? std::optional(c_->time) : std::nullopt;
    }
    std::optional<std::string_view> host() const noexcept
    {
        return optional(c_->host);
    }
    std::optional<std::string_view> user() const noexcept
    {
        return optional(c_->user);
    }
    // Of a job's field, what is said of the job that the line is about.
    std::optional<std::string_view> value(t1053_field field) const noexcept
    {
        t1053_text text = {};
        t1053_verdict_value(c_, field, &text);
        return optional(text);
    }
    // As of Match.
    std::uint64_t offset() const noexcept { return c_->offset; }
    std::uint64_t length() const noexcept { return c_->length; }
    std::optional<std::string_view> raw() const noexcept
    {
        return optional(c_->raw);
    }
    // Whether weak signs were left out, as vendors' jobs have them.
    bool is_expected() const noexcept { return c_->is_expected != 0; }
    // How many jobs the matches speak of, and which the line is about.
    std::size_t size() const noexcept { return c_->jobs_len; }
    std::optional<std::uint32_t> job_index() const noexcept
    {
        return c_->job_index == T1053_NO_JOB ? std::nullopt
                                             : std::optional(c_->job_index);
    }

    // The jobs. `on_job` takes a const Job &, and returns nothing or a Flow.
    template <class OnJob> [[nodiscard]] t1053_status jobs(OnJob &&on_job) const
    {
        detail::JobCall call(on_job);
        return call.end(t1053_verdict_jobs(c_, call.job, &call));
    }

    // One line in plain words, at the end of what is in `to`.
    void line(std::string &to) const
    {
        detail::add(to, [this](char *data, std::size_t size) {
            return t1053_verdict_line(c_, data, size);
        });
    }

    // One line of NDJSON without its end, at the end of what is in `to`.
    void ndjson(std::string &to,
                std::optional<std::string_view> path = std::nullopt) const
    {
        const char *data = path ? path->data() ? path->data() : "" : nullptr;
        std::size_t size = path ? path->size() : 0;
        detail::add(to, [this, data, size](char *line, std::size_t room) {
            return t1053_verdict_ndjson(c_, data, size, line, room);
        });
    }

    const t1053_verdict *c() const noexcept { return c_; }

private:
    const t1053_verdict *c_;
};

// A record that could not be read. Lives for the callback only.
struct Unreadable {
    std::uint64_t record;
    std::uint64_t offset;
    std::size_t error_offset;
    std::string_view reason;
};

// A record of no shape that is known. Lives for the callback only.
struct NotUnderstood {
    std::uint64_t record;
    std::uint64_t offset;
    std::string_view bytes;
};

// An event that is part of a sequence or a count, for Correlator::take. Lives
// for the callback only.
class SequenceEvent {
public:
    explicit SequenceEvent(const t1053_sequence_event *c) noexcept : c_(c) {}

    const t1053_sequence_event *c() const noexcept { return c_; }

private:
    const t1053_sequence_event *c_;
};

namespace detail {

struct Ignore {
    template <class Argument> void operator()(const Argument &) const noexcept
    {
    }
};

} // namespace detail

// In the place of a callable that is not wanted.
inline constexpr detail::Ignore ignore;

namespace detail {

// A call of a scanner, which knows functions that take verdicts and events of
// sequences before it knows the callables.
class ScanCall : public Call {
public:
    static std::int32_t verdict(void *user, const t1053_verdict *c) noexcept
    {
        auto *self = static_cast<ScanCall *>(user);
        return self->verdict_(self, c);
    }

    static std::int32_t sequence_event(void *user,
                                       const t1053_sequence_event *c) noexcept
    {
        auto *self = static_cast<ScanCall *>(user);
        return self->sequence_event_(self, c);
    }

    static std::int32_t not_understood(void *user,
                                       const t1053_not_understood *c) noexcept
    {
        auto *self = static_cast<ScanCall *>(user);
        return self->not_understood_(self, c);
    }

protected:
    using TakeVerdict = std::int32_t (*)(ScanCall *, const t1053_verdict *);
    using TakeSequenceEvent = std::int32_t (*)(ScanCall *,
                                               const t1053_sequence_event *);
    using TakeNotUnderstood = std::int32_t (*)(ScanCall *,
                                               const t1053_not_understood *);
    ScanCall(TakeVerdict verdict, TakeSequenceEvent sequence_event,
             TakeNotUnderstood not_understood) noexcept
        : verdict_(verdict), sequence_event_(sequence_event),
          not_understood_(not_understood)
    {
    }

private:
    TakeVerdict verdict_;
    TakeSequenceEvent sequence_event_;
    TakeNotUnderstood not_understood_;
};

// The callables of one call.
template <class OnMatch, class OnUnreadable, class OnVerdict,
          class OnSequenceEvent, class OnNotUnderstood = const Ignore>
class Callbacks : public ScanCall {
public:
    Callbacks(OnMatch &on_match, OnUnreadable &on_unreadable,
              OnVerdict &on_verdict, OnSequenceEvent &on_sequence_event,
              OnNotUnderstood &on_not_understood = ignore) noexcept
        : ScanCall(take_verdict, take_sequence_event, take_not_understood),
          on_match_(on_match), on_unreadable_(on_unreadable),
          on_verdict_(on_verdict), on_sequence_event_(on_sequence_event),
          on_not_understood_(on_not_understood)
    {
    }

    // What the library is given with the functions.
    void *user() noexcept { return static_cast<ScanCall *>(this); }

    static std::int32_t match(void *user, const t1053_match *found) noexcept
    {
        Callbacks *self = of(static_cast<ScanCall *>(user));
        return self->call(self->on_match_, Match(found));
    }

    static std::int32_t unreadable(void *user,
                                   const t1053_unreadable *it) noexcept
    {
        Callbacks *self = of(static_cast<ScanCall *>(user));
        return self->call(self->on_unreadable_,
                          Unreadable{it->record, it->offset, it->error_offset,
                                     view(it->reason)});
    }

private:
    static Callbacks *of(ScanCall *self) noexcept
    {
        return static_cast<Callbacks *>(self);
    }

    static std::int32_t take_verdict(ScanCall *self, const t1053_verdict *c)
    {
        return of(self)->call(of(self)->on_verdict_, Verdict(c));
    }

    static std::int32_t take_sequence_event(ScanCall *self,
                                            const t1053_sequence_event *c)
    {
        return of(self)->call(of(self)->on_sequence_event_, SequenceEvent(c));
    }

    static std::int32_t take_not_understood(ScanCall *self,
                                            const t1053_not_understood *it)
    {
        return of(self)->call(
            of(self)->on_not_understood_,
            NotUnderstood{it->record, it->offset, view(it->bytes)});
    }

    OnMatch &on_match_;
    OnUnreadable &on_unreadable_;
    OnVerdict &on_verdict_;
    OnSequenceEvent &on_sequence_event_;
    OnNotUnderstood &on_not_understood_;
};

// The state of a handle as bytes.
template <class T>
Result<std::string> save(t1053_status (*save)(const T *, void *, std::size_t,
                                              std::size_t *),
                         const T *c)
{
    std::size_t needed = 0;
    std::string state;
    t1053_status status = save(c, nullptr, 0, &needed);
    if (status == T1053_BUFFER_TOO_SMALL) {
        state.resize(needed);
        status = save(c, state.data(), state.size(), &needed);
    }
    if (status != T1053_OK)
        return Error{status, {}};
    return state;
}

} // namespace detail

// Reads the scheduled jobs that events speak of, whether or not a detection
// matches; one for each thread.
class JobReader : public Handle<t1053_job_reader, t1053_job_reader_free> {
public:
    using Handle::Handle;

    static Result<JobReader> make()
    {
        t1053_job_reader *c = nullptr;
        if (t1053_status status = t1053_job_reader_new(&c);
            status != T1053_OK)
            return Error{status, {}};
        return JobReader(c);
    }

    // `on_job` takes a const Job &, and returns nothing or a Flow.
    template <class OnJob>
    [[nodiscard]] t1053_status jobs(const Event &event, OnJob &&on_job)
    {
        detail::JobCall call(on_job);
        t1053_event it = event.c();
        return call.end(t1053_jobs(c(), &it, call.job, &call));
    }
};

// Settings of an evaluator; 0 is the usual.
struct EvaluatorOptions {
    std::size_t sequence_capacity = 0;
    // T1053_EVALUATOR_NO_SEQUENCES, T1053_EVALUATOR_GROWS, both, or none.
    std::uint32_t flags = 0;
};

// Evaluates events; one for each thread.
class Evaluator : public Handle<t1053_evaluator, t1053_evaluator_free> {
public:
    using Handle::Handle;

    static Result<Evaluator> make(const Detector &detector,
                                  std::size_t sequence_capacity = 0)
    {
        t1053_evaluator *c = nullptr;
        t1053_status status =
            t1053_evaluator_new(detector.c(), sequence_capacity, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        return Evaluator(c);
    }

    static Result<Evaluator> make(const Detector &detector,
                                  EvaluatorOptions options)
    {
        t1053_evaluator_options c_options = {};
        c_options.struct_size = sizeof c_options;
        c_options.flags = options.flags;
        c_options.sequence_capacity = options.sequence_capacity;
        t1053_evaluator *c = nullptr;
        t1053_status status =
            t1053_evaluator_make(detector.c(), &c_options, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        return Evaluator(c);
    }

    // Bytes of memory that it holds; 0 within a callback.
    std::size_t memory() const noexcept
    {
        std::size_t bytes = 0;
        t1053_evaluator_memory(c(), &bytes);
        return bytes;
    }

    // Events one after the other, from any range of them; record() of a match
    // is the place of its event. `done` tells how many were evaluated.
    // Allocates; t1053_evaluate_many() does not.
    template <class Events, class OnMatch>
    [[nodiscard]] t1053_status evaluate_many(const Events &events,
                                             OnMatch &&on_match,
                                             std::size_t &done)
    {
        detail::Callbacks callbacks(on_match, ignore, ignore, ignore);
        std::vector<t1053_event> all;
        for (const Event &event : events)
            all.push_back(event.c());
        std::vector<const t1053_event *> places;
        for (const t1053_event &event : all)
            places.push_back(&event);
        return callbacks.end(t1053_evaluate_many(
            c(), places.data(), places.size(), callbacks.match,
            callbacks.user(), &done));
    }

    // How many of its matches are of the detection at an index; 0 where there
    // is none.
    std::uint64_t hits(std::size_t index) const noexcept
    {
        std::uint64_t count = 0;
        t1053_evaluator_hits(c(), index, &count);
        return count;
    }

    // What it has done since it was made; all 0 within a callback.
    t1053_evaluator_totals totals() const noexcept
    {
        t1053_evaluator_totals totals{};
        totals.struct_size = sizeof totals;
        t1053_evaluator_total(c(), &totals);
        return totals;
    }

    // How many matches an exclusion has silenced; 0 where there is none.
    std::uint64_t excluded(std::size_t index) const noexcept
    {
        std::uint64_t count = 0;
        t1053_evaluator_excluded(c(), index, &count);
        return count;
    }

    // `on_match` takes a const Match &, and returns nothing or a Flow.
    template <class OnMatch>
    [[nodiscard]] t1053_status evaluate(const Event &event, OnMatch &&on_match)
    {
        detail::Callbacks callbacks(on_match, ignore, ignore, ignore);
        t1053_event it = event.c();
        return callbacks.end(
            t1053_evaluate(c(), &it, callbacks.match, callbacks.user()));
    }

    // What all that the event matches means together: `on_verdict` takes a
    // const Verdict &, `on_match` a const Match &; both return nothing or a
    // Flow.
    template <class OnVerdict, class OnMatch = const detail::Ignore &>
    [[nodiscard]] t1053_status verdict(const Event &event,
                                       OnVerdict &&on_verdict,
                                       OnMatch &&on_match = ignore)
    {
        detail::Callbacks callbacks(on_match, ignore, on_verdict, ignore);
        t1053_event it = event.c();
        // Evidence is only looked for where matches are taken.
        t1053_on_match match = callbacks.match;
        if constexpr (std::is_same_v<OnMatch, const detail::Ignore &>)
            match = nullptr;
        return callbacks.end(t1053_evaluate_verdict(
            c(), &it, match, callbacks.verdict, callbacks.user()));
    }

    // evaluate() without sequences, for a Correlator that takes those of many
    // evaluators; `is_part` tells whether it is to take this event.
    template <class OnMatch>
    [[nodiscard]] t1053_status evaluate_alone(const Event &event,
                                              OnMatch &&on_match,
                                              bool &is_part)
    {
        detail::Callbacks callbacks(on_match, ignore, ignore, ignore);
        t1053_event it = event.c();
        std::int32_t part = 0;
        t1053_status status = callbacks.end(t1053_evaluate_alone(
            c(), &it, callbacks.match, callbacks.user(), &part));
        is_part = part != 0;
        return status;
    }

    [[nodiscard]] t1053_status reset() noexcept
    {
        return t1053_evaluator_reset(c());
    }

    // What it remembers of sequences, as bytes.
    Result<std::string> save() const
    {
        return detail::save(t1053_evaluator_save, c());
    }

    [[nodiscard]] t1053_status restore(std::string_view state,
                                       t1053_restored *told = nullptr)
    {
        return t1053_evaluator_restore(c(), state.data(), state.size(), told);
    }

    // What it had to leave out of sequences; all zero within a callback.
    t1053_sequence_counts counts() const noexcept
    {
        t1053_sequence_counts counts = {};
        counts.struct_size = sizeof counts;
        t1053_evaluator_counts(c(), &counts);
        return counts;
    }
};

// Remembers sequences over many evaluators or scanners; one thread at a time.
class Correlator : public Handle<t1053_correlator, t1053_correlator_free> {
public:
    using Handle::Handle;

    static Result<Correlator> make(const Detector &detector,
                                   std::size_t sequence_capacity = 0)
    {
        t1053_correlator *c = nullptr;
        t1053_status status =
            t1053_correlator_new(detector.c(), sequence_capacity, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        return Correlator(c);
    }

    // Takes the event that the evaluator has just evaluated alone.
    template <class OnMatch>
    [[nodiscard]] t1053_status take(Evaluator &evaluator, const Event &event,
                                    OnMatch &&on_match)
    {
        detail::Callbacks callbacks(on_match, ignore, ignore, ignore);
        t1053_event it = event.c();
        return callbacks.end(t1053_correlator_take(
            c(), evaluator.c(), &it, callbacks.match, callbacks.user()));
    }

    // Takes the event that a scanner hands to `on_sequence_event`.
    template <class OnMatch>
    [[nodiscard]] t1053_status take(const SequenceEvent &event,
                                    OnMatch &&on_match)
    {
        detail::Callbacks callbacks(on_match, ignore, ignore, ignore);
        return callbacks.end(t1053_correlator_take_sequence_event(
            c(), event.c(), callbacks.match, callbacks.user()));
    }

    [[nodiscard]] t1053_status reset() noexcept
    {
        return t1053_correlator_reset(c());
    }

    // Forgets what happened before a time, in ticks.
    [[nodiscard]] t1053_status expire(std::int64_t before) noexcept
    {
        return t1053_correlator_expire(c(), before);
    }

    // What it remembers, as bytes.
    Result<std::string> save() const
    {
        return detail::save(t1053_correlator_save, c());
    }

    [[nodiscard]] t1053_status restore(std::string_view state,
                                       t1053_restored *told = nullptr)
    {
        return t1053_correlator_restore(c(), state.data(), state.size(),
                                        told);
    }

    // What it had to leave out; all zero within a callback.
    t1053_sequence_counts counts() const noexcept
    {
        t1053_sequence_counts counts = {};
        counts.struct_size = sizeof counts;
        t1053_correlator_counts(c(), &counts);
        return counts;
    }
};

// Identical matches that are complete as a group. Lives for the callback only.
class Group {
public:
    explicit Group(const t1053_group *c) noexcept : c_(c) {}

    // Its number, as Grouped has it.
    std::uint64_t number() const noexcept { return c_->group; }
    Detection detection() const noexcept { return Detection(c_->detection); }
    std::size_t detection_index() const noexcept
    {
        return c_->detection_index;
    }
    // How many matches there were besides the first that was shown.
    std::uint64_t repeats() const noexcept { return c_->repeats; }
    // When the earliest and the latest happened, in ticks.
    std::int64_t first() const noexcept { return c_->first; }
    std::int64_t last() const noexcept { return c_->last; }

    // The line of the first match with how many followed, at the end of what
    // is in `to`, which must not be the line itself.
    void ndjson(std::string &to, std::string_view line) const
    {
        const char *data = line.data() ? line.data() : "";
        detail::add(to, [&](char *place, std::size_t room) {
            return t1053_group_ndjson(c_, data, line.size(), place, room);
        });
    }

    const t1053_group *c() const noexcept { return c_; }

private:
    const t1053_group *c_;
};

// A host or a user whose risk has reached the threshold. Lives for the
// callback only.
class Risk {
public:
    explicit Risk(const t1053_risk *c) noexcept : c_(c) {}

    // `host` or `user`.
    std::string_view of() const noexcept { return view(c_->of); }
    std::string_view name() const noexcept { return view(c_->name); }
    std::uint32_t score() const noexcept { return c_->score; }
    std::int64_t ticks() const noexcept { return c_->time; }
    // What it is made of.
    std::size_t size() const noexcept { return c_->parts_len; }
    const t1053_risk_part *begin() const noexcept { return c_->parts; }
    const t1053_risk_part *end() const noexcept
    {
        return c_->parts + c_->parts_len;
    }

    // One line in plain words, at the end of what is in `to`.
    void message(std::string &to) const
    {
        detail::add(to, [this](char *data, std::size_t size) {
            return t1053_risk_message(c_, data, size);
        });
    }

    // One line of NDJSON without its end, at the end of what is in `to`.
    void ndjson(std::string &to) const
    {
        detail::add(to, [this](char *data, std::size_t size) {
            return t1053_risk_ndjson(c_, data, size);
        });
    }

    const t1053_risk *c() const noexcept { return c_; }

private:
    const t1053_risk *c_;
};

namespace detail {

// Calls back for what is told once: nothing is left out when one throws, and
// what was thrown last is thrown when the library has returned.
template <class On, class Told, class C> class TellingCall : public Call {
public:
    explicit TellingCall(On &on) noexcept : on_(on) {}

    static void tell(void *user, const C *c) noexcept
    {
        auto *self = static_cast<TellingCall *>(user);
        self->call(self->on_, Told(c));
    }

private:
    On &on_;
};

} // namespace detail

// What a match is among those that are identical with it.
struct Grouped {
    // Whether it is to be shown; if not, it has been counted.
    bool is_shown = false;
    // The number of its group; 0 for none.
    std::uint64_t group = 0;
};

// Groups identical matches; one thread at a time.
class Repeats : public Handle<t1053_repeats, t1053_repeats_free> {
public:
    using Handle::Handle;

    // 0 is the usual: 300 seconds, 65536 groups.
    static Result<Repeats> make(const Detector &detector,
                                std::uint32_t seconds = 0,
                                std::size_t capacity = 0)
    {
        t1053_repeats *c = nullptr;
        t1053_status status =
            t1053_repeats_new(detector.c(), seconds, capacity, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        return Repeats(c);
    }

    // What makes matches of a detection identical besides the host, and for
    // how long.
    [[nodiscard]] t1053_status of(std::string_view slug,
                                  const std::uint32_t *fields,
                                  std::size_t size,
                                  std::uint32_t seconds) noexcept
    {
        return t1053_repeats_of(c(), slug.data(), slug.size(), fields, size,
                                seconds);
    }

    // Takes a match, within the callback that was given it. `on_group` takes
    // a const Group &: each that is over with that.
    template <class OnGroup>
    [[nodiscard]] t1053_status take(const Match &found, Grouped &grouped,
                                    OnGroup &&on_group)
    {
        Telling<OnGroup> call(on_group);
        std::int32_t is_shown = 0;
        std::uint64_t group = 0;
        t1053_status status = call.end(t1053_repeats_take(
            c(), found.c(), call.tell, &call, &is_shown, &group));
        if (status == T1053_OK)
            grouped = {is_shown != 0, group};
        return status;
    }

    // Closes all groups.
    template <class OnGroup> [[nodiscard]] t1053_status finish(OnGroup &&on_group)
    {
        Telling<OnGroup> call(on_group);
        return call.end(t1053_repeats_finish(c(), call.tell, &call));
    }

    // The groups that are open, as bytes.
    Result<std::string> save() const
    {
        return detail::save(t1053_repeats_save, c());
    }

    [[nodiscard]] t1053_status restore(std::string_view state,
                                       t1053_restored *told = nullptr)
    {
        return t1053_repeats_restore(c(), state.data(), state.size(), told);
    }

    // What became of all matches; all zero within a callback.
    t1053_repeat_counts counts() const noexcept
    {
        t1053_repeat_counts counts = {};
        counts.struct_size = sizeof counts;
        t1053_repeats_counts(c(), &counts);
        return counts;
    }

private:
    template <class OnGroup>
    using Telling = detail::TellingCall<std::remove_reference_t<OnGroup>,
                                        Group, t1053_group>;
};

// Adds up the risk of hosts and users; one thread at a time.
class RiskTracker : public Handle<t1053_risk_tracker, t1053_risk_tracker_free> {
public:
    using Handle::Handle;

    // 0 is the usual: 100 points in a day, 65536 hosts and users.
    static Result<RiskTracker> make(const Detector &detector,
                                    std::uint32_t points = 0,
                                    std::uint32_t seconds = 0,
                                    std::size_t capacity = 0)
    {
        t1053_risk_tracker *c = nullptr;
        t1053_status status = t1053_risk_tracker_new(detector.c(), points,
                                                     seconds, capacity, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        return RiskTracker(c);
    }

    // Takes a match, within the callback that was given it. `on_risk` takes a
    // const Risk &: each that reaches the threshold with that.
    template <class OnRisk>
    [[nodiscard]] t1053_status take(const Match &found, OnRisk &&on_risk)
    {
        detail::TellingCall<std::remove_reference_t<OnRisk>, Risk, t1053_risk>
            call(on_risk);
        return call.end(
            t1053_risk_tracker_take(c(), found.c(), call.tell, &call));
    }

    // What it knows, as bytes.
    Result<std::string> save() const
    {
        return detail::save(t1053_risk_tracker_save, c());
    }

    [[nodiscard]] t1053_status restore(std::string_view state,
                                       t1053_restored *told = nullptr)
    {
        return t1053_risk_tracker_restore(c(), state.data(), state.size(),
                                          told);
    }

    // What is remembered; all zero within a callback.
    t1053_risk_counts counts() const noexcept
    {
        t1053_risk_counts counts = {};
        counts.struct_size = sizeof counts;
        t1053_risk_tracker_counts(c(), &counts);
        return counts;
    }
};

// Settings of a scanner; 0 is the usual.
struct ScannerOptions {
    t1053_format format = T1053_FORMAT_AUTO;
    std::size_t record_limit = 0;
    std::size_t sequence_capacity = 0;
    // T1053_SCANNER_NO_FILTER, _NO_JOIN and _NO_SEQUENCES, as many as are
    // meant.
    std::uint32_t flags = 0;
    std::size_t sequence_depth = 0;
    // Whether each event that matches gets a verdict, too.
    bool verdicts = false;
    // Whether events of sequences are handed over, for a Correlator that
    // scanners share. The scanner has no memory of sequences then.
    bool sequence_events = false;
    // Whether records of no shape that is known are handed over.
    bool not_understood = false;
    // What lines of NDJSON tell of the event: fields, separated by commas,
    // and "raw" for the record.
    std::string_view keep = {};
    // What lines() names as the `path`: the file or stream.
    std::optional<std::string_view> path = std::nullopt;
};

// Scans a stream of bytes; one for each stream.
class Scanner : public Handle<t1053_scanner, t1053_scanner_free> {
public:
    using Handle::Handle;

    static Result<Scanner> make(const Detector &detector,
                                ScannerOptions options = ScannerOptions())
    {
        t1053_scanner_options c_options = {};
        c_options.struct_size = sizeof c_options;
        c_options.format = options.format;
        c_options.flags = options.flags;
        c_options.record_limit = options.record_limit;
        c_options.sequence_capacity = options.sequence_capacity;
        c_options.sequence_depth = options.sequence_depth;
        if (options.verdicts)
            c_options.on_verdict = detail::ScanCall::verdict;
        if (options.sequence_events)
            c_options.on_sequence_event = detail::ScanCall::sequence_event;
        if (options.not_understood)
            c_options.on_not_understood = detail::ScanCall::not_understood;
        c_options.keep = {options.keep.data(), options.keep.size()};
        t1053_scanner *c = nullptr;
        t1053_status status =
            t1053_scanner_new(detector.c(), &c_options, &c);
        if (status != T1053_OK)
            return Error{status, {}};
        Scanner scanner(c);
        if (options.path)
            status = scanner.path(*options.path);
        if (status != T1053_OK)
            return Error{status, {}};
        return scanner;
    }

    // What lines() names as the `path` from here on.
    [[nodiscard]] t1053_status path(std::string_view path) noexcept
    {
        const char *data = path.data() ? path.data() : "";
        return t1053_scanner_path(c(), data, path.size());
    }

    // Bytes of memory that it holds; 0 within a callback.
    std::size_t memory() const noexcept
    {
        std::size_t bytes = 0;
        t1053_scanner_memory(c(), &bytes);
        return bytes;
    }

    // How many of its matches are of the detection at an index; 0 where there
    // is none.
    std::uint64_t hits(std::size_t index) const noexcept
    {
        std::uint64_t count = 0;
        t1053_scanner_hits(c(), index, &count);
        return count;
    }

    // How many matches an exclusion has silenced; 0 where there is none.
    std::uint64_t excluded(std::size_t index) const noexcept
    {
        std::uint64_t count = 0;
        t1053_scanner_excluded(c(), index, &count);
        return count;
    }

    // The next bytes of the stream, in a chunk of any size. `on_match` takes a
    // const Match &, `on_unreadable` a const Unreadable &, and if the options
    // ask for these, `on_verdict` a const Verdict &, `on_sequence_event` a const
    // SequenceEvent & and `on_not_understood` a const NotUnderstood &; each
    // returns nothing or a Flow, and may be `ignore`.
    template <class OnMatch, class OnUnreadable = const detail::Ignore &,
              class OnVerdict = const detail::Ignore &,
              class OnSequenceEvent = const detail::Ignore &,
              class OnNotUnderstood = const detail::Ignore &>
    [[nodiscard]] t1053_status feed(
        std::string_view chunk, OnMatch &&on_match,
        OnUnreadable &&on_unreadable = ignore,
        OnVerdict &&on_verdict = ignore,
        OnSequenceEvent &&on_sequence_event = ignore,
        OnNotUnderstood &&on_not_understood = ignore)
    {
        detail::Callbacks callbacks(on_match, on_unreadable, on_verdict,
                                    on_sequence_event, on_not_understood);
        return callbacks.end(t1053_scanner_feed(
            c(), chunk.data(), chunk.size(), callbacks.match,
            callbacks.unreadable, callbacks.user()));
    }

    // One record whose borders the caller knows.
    template <class OnMatch, class OnUnreadable = const detail::Ignore &,
              class OnVerdict = const detail::Ignore &,
              class OnSequenceEvent = const detail::Ignore &,
              class OnNotUnderstood = const detail::Ignore &>
    [[nodiscard]] t1053_status record(
        std::string_view record, OnMatch &&on_match,
        OnUnreadable &&on_unreadable = ignore,
        OnVerdict &&on_verdict = ignore,
        OnSequenceEvent &&on_sequence_event = ignore,
        OnNotUnderstood &&on_not_understood = ignore)
    {
        detail::Callbacks callbacks(on_match, on_unreadable, on_verdict,
                                    on_sequence_event, on_not_understood);
        return callbacks.end(t1053_scanner_record(
            c(), record.data(), record.size(), callbacks.match,
            callbacks.unreadable, callbacks.user()));
    }

    // The end of the audit events that began before a time, in ticks of 100
    // nanoseconds since 1970: for hosts that read a live log.
    template <class OnMatch, class OnUnreadable = const detail::Ignore &,
              class OnVerdict = const detail::Ignore &,
              class OnSequenceEvent = const detail::Ignore &,
              class OnNotUnderstood = const detail::Ignore &>
    [[nodiscard]] t1053_status flush_pending(
        std::int64_t before, OnMatch &&on_match,
        OnUnreadable &&on_unreadable = ignore,
        OnVerdict &&on_verdict = ignore,
        OnSequenceEvent &&on_sequence_event = ignore,
        OnNotUnderstood &&on_not_understood = ignore)
    {
        detail::Callbacks callbacks(on_match, on_unreadable, on_verdict,
                                    on_sequence_event, on_not_understood);
        return callbacks.end(t1053_scanner_flush_pending(
            c(), before, callbacks.match, callbacks.unreadable,
            callbacks.user()));
    }

    // The end of the stream.
    template <class OnMatch, class OnUnreadable = const detail::Ignore &,
              class OnVerdict = const detail::Ignore &,
              class OnSequenceEvent = const detail::Ignore &,
              class OnNotUnderstood = const detail::Ignore &>
    [[nodiscard]] t1053_status finish(
        OnMatch &&on_match,
        OnUnreadable &&on_unreadable = ignore,
        OnVerdict &&on_verdict = ignore,
        OnSequenceEvent &&on_sequence_event = ignore,
        OnNotUnderstood &&on_not_understood = ignore)
    {
        detail::Callbacks callbacks(on_match, on_unreadable, on_verdict,
                                    on_sequence_event, on_not_understood);
        return callbacks.end(t1053_scanner_finish(
            c(), callbacks.match, callbacks.unreadable, callbacks.user()));
    }

    // A chunk, and the end of the stream if it is the last one, without
    // callbacks: adds findings to `to`, a line of NDJSON each.
    [[nodiscard]] t1053_status lines(std::string_view chunk, bool at_end,
                                     std::string &to)
    {
        std::size_t written = 0, waiting = 0;
        t1053_status status =
            t1053_scanner_lines(c(), chunk.data(), chunk.size(), at_end,
                                nullptr, 0, &written, &waiting);
        if (status != T1053_BUFFER_TOO_SMALL)
            return status;
        std::size_t before = to.size();
        to.resize(before + waiting);
        return t1053_scanner_lines(c(), nullptr, 0, 0, to.data() + before,
                                   waiting, &written, &waiting);
    }

    [[nodiscard]] t1053_status reset() noexcept
    {
        return t1053_scanner_reset(c());
    }

    // All that it knows of its stream, as bytes.
    Result<std::string> save() const
    {
        return detail::save(t1053_scanner_save, c());
    }

    [[nodiscard]] t1053_status restore(std::string_view state,
                                       t1053_restored *told = nullptr)
    {
        return t1053_scanner_restore(c(), state.data(), state.size(), told);
    }

    // What was seen so far; all zero within a callback.
    t1053_counts counts() const noexcept
    {
        t1053_counts counts = {};
        counts.struct_size = sizeof counts;
        t1053_scanner_counts(c(), &counts);
        return counts;
    }
};

} // namespace t1053

#endif
