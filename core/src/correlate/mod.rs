/*!
What needs more than one event: sequences and counts.

A [`Correlator`] remembers the events that rules for several events ask for, by
the values that they must agree in, and reports a match when the event arrives
that completes it, whichever of them that is. Only event time counts. Its
memory is fixed when it is made; what it had to forget is counted.

How events make a sequence is told in [`ordered`], how they are counted in
[`counting`], what their numbers come to in [`measuring`], and what is forgotten first in [`memory`].
*/

mod arrival;
mod counting;
mod counts;
mod key;
mod line;
mod measuring;
mod memory;
mod ordered;
mod state;

pub use counts::CorrelatorCounts;
pub(crate) use key::{Key, KeyHasher, Seed};

use crate::detector::{
    BuildError, Detector, Match, Matched, Matches, OtherDetector, Part,
    Reason, Scratch,
};
use crate::event::Event;
use crate::rule::{Counted, Detection, Logic, StageInput};
use crate::rule_state::Restored;
use crate::state::StateError;
use crate::time::Timestamp;

use arrival::{Arrival, Arrived, Together, each};
use counting::Tally;
use line::Line;
use memory::{KeyList, Memory, Tracking};

/// Evaluates a stream of events, and finds the sequences in it, and what
/// happens often.
///
/// Belongs to one stream; not shared. Observing an event allocates nothing
/// and costs the same however many keys are remembered: time in proportion to
/// what is remembered of its own key, and where another key has to go for it,
/// to the number of rules that need several events.
///
/// A stream may be split over threads or machines by host, if all rules ask
/// for events of one host (see
/// [`Logic::is_of_one_host`](crate::rule::Logic::is_of_one_host)): a
/// correlator for each part finds what one for all finds. Or many threads
/// evaluate, each in a [`Scratch`] of its own, and one correlator behind a
/// lock [takes](Correlator::take) what they found.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, TaskDeleted, TaskRegistered};
/// use t1053::{Correlator, Detector, Scratch, Timestamp};
///
/// let slug = "short_lived_scheduled_task";
/// let detector = Detector::builder().enable(slug.parse()?).build()?;
/// let mut scratch = Scratch::new(&detector);
/// let mut correlator = Correlator::new(&detector);
/// let task_name = Some(br"\Updater".as_slice());
/// let registered = TaskRegistered { task_name, ..Default::default() };
/// let deleted = TaskDeleted { task_name, ..Default::default() };
/// let mut pairs = Vec::new();
/// for (mut event, time) in [
///     (Event::windows(registered), "2024-05-01T10:00:00Z"),
///     (Event::windows(deleted), "2024-05-01T10:00:12Z"),
/// ] {
///     event.time = Timestamp::parse(time.as_bytes());
///     event.host = Some(b"WS-014");
///     correlator.observe(&event, &mut scratch, |found| {
///         if found.other_time().is_some() {
///             pairs.push(found.detection().slug.to_string());
///         }
///     });
/// }
/// assert_eq!(pairs, [slug]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Correlator {
    detector: Detector,
    memory: Memory,
    /// How many keys, and events of each step, there is room for.
    settings: (usize, usize),
    seed: Seed,
    /// Where the key at hand is worked on.
    line: Line,
    tally: Tally,
    /// What is yet to be taken in of the event at hand.
    arrived: Vec<Arrived>,
}

/// Makes a [`Correlator`] with other than the usual memory.
///
/// # Example
///
/// ```
/// use t1053::{Correlator, Detector};
///
/// let detector = Detector::new();
/// let correlator = Correlator::builder(&detector).memory(1 << 20).build()?;
/// assert!(correlator.memory_usage() < 1 << 20);
///
/// let too_many = Correlator::MAX_CAPACITY + 1;
/// let builder = Correlator::builder(&detector).capacity(too_many);
/// assert_eq!(
///     builder.build().unwrap_err().to_string(),
///     "sequence_capacity is 1048577; at most 1048576",
/// );
/// # Ok::<(), t1053::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorrelatorBuilder {
    detector: Detector,
    capacity: usize,
    depth: usize,
    seed: Seed,
}

impl CorrelatorBuilder {
    /// How many keys are remembered: a key is a rule for several events and
    /// the values that these agree in, such as a task on a host.
    /// [`Correlator::DEFAULT_CAPACITY`] where this is not called; from 1 to
    /// [`Correlator::MAX_CAPACITY`].
    ///
    /// A key takes [`Correlator::KEY_BYTES`], in which there is room for four
    /// events; what one key does not need of that, another may use. Memory is
    /// reserved at once, and touched only when it is used.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> CorrelatorBuilder {
        self.capacity = keys;
        self
    }

    /// As [`capacity`](CorrelatorBuilder::capacity), in bytes: as many keys
    /// as fit into them.
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> CorrelatorBuilder {
        // What does not grow with the keys: the lists of rules, and the room
        // in which one key is worked on.
        let memory = Memory::new(&self.detector, 1, self.depth);
        let one = memory.fixed_bytes();
        let bytes = bytes.saturating_sub(one);
        self.capacity = bytes.checked_div(Memory::KEY_BYTES).unwrap_or(0);
        self
    }

    /// How many events of each step of a sequence are remembered for each
    /// key. [`Correlator::DEFAULT_DEPTH`] where this is not called; from 1 to
    /// [`Correlator::MAX_DEPTH`].
    #[must_use]
    pub fn depth(mut self, events: usize) -> CorrelatorBuilder {
        self.depth = events;
        self
    }

    /// What keys are hashed with. Whoever knows it and writes the events can
    /// make look-ups slow; so take it from a source of random numbers where
    /// events may come from an adversary. All zero where this is not called.
    /// Part of the [saved state](Correlator::save).
    #[must_use]
    pub fn seed(mut self, seed: [u8; 16]) -> CorrelatorBuilder {
        self.seed = Seed::of(seed);
        self
    }

    /// The correlator. Reserves all memory that it will ever need.
    ///
    /// # Errors
    ///
    /// A number is out of range, or there is no memory for as much.
    pub fn build(self) -> Result<Correlator, BuildError> {
        let capacities = 1..=Correlator::MAX_CAPACITY;
        Reason::check("sequence_capacity", self.capacity, capacities)?;
        let depths = 1..=Correlator::MAX_DEPTH;
        Reason::check("sequence_depth", self.depth, depths)?;
        let value = self.capacity;
        let mut correlator = self.unreserved();
        match correlator.reserve() {
            Some(()) => Ok(correlator),
            None => {
                let setting = "sequence_capacity";
                Err(Reason::OutOfMemory { setting, value }.into())
            }
        }
    }

    fn unreserved(self) -> Correlator {
        let CorrelatorBuilder { detector, capacity, depth, seed } = self;
        Correlator {
            memory: Memory::new(&detector, capacity, depth),
            settings: (capacity, depth),
            detector,
            seed,
            line: Line::default(),
            tally: Tally::default(),
            arrived: Vec::new(),
        }
    }
}

impl Correlator {
    /// How many keys a correlator remembers by default: 65,536.
    pub const DEFAULT_CAPACITY: usize = 1 << 16;

    /// The most keys that a correlator can remember: 1,048,576, which take
    /// up to 164 MB of memory.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// How many events of each step a key has room for by default. A task is
    /// rarely registered more often within 30 seconds, and of several
    /// registrations only the last counts.
    pub const DEFAULT_DEPTH: usize = 8;

    /// The most events of each step that a key can have room for.
    pub const MAX_DEPTH: usize = 1024;

    /// Bytes that a key takes, with four events: 156 on a machine of 64 bits.
    pub const KEY_BYTES: usize = Memory::KEY_BYTES;

    /// A correlator with the usual settings: of the 10 MB that it may use,
    /// only what is needed is touched. Nothing for a detector whose rules
    /// need one event each.
    pub fn new(detector: &Detector) -> Correlator {
        let mut correlator = Correlator::builder(detector).unreserved();
        // As everywhere in Rust, the process ends where there is no memory
        // for so little: here it is reserved when the first event needs it.
        let _ = correlator.reserve();
        correlator
    }

    /// One that remembers nothing and takes no memory: of what it observes it
    /// tells what events match by themselves.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Correlator, Detector};
    ///
    /// let correlator = Correlator::off(&Detector::new());
    /// assert_eq!(correlator.memory_usage(), 0);
    /// ```
    pub fn off(detector: &Detector) -> Correlator {
        let builder = Correlator::builder(detector);
        CorrelatorBuilder { capacity: 0, ..builder }.unreserved()
    }

    /// A builder for other settings.
    pub fn builder(detector: &Detector) -> CorrelatorBuilder {
        CorrelatorBuilder {
            detector: detector.clone(),
            capacity: Correlator::DEFAULT_CAPACITY,
            depth: Correlator::DEFAULT_DEPTH,
            seed: Seed::default(),
        }
    }

    /// Gets all memory; `None` if it cannot be had.
    fn reserve(&mut self) -> Option<()> {
        let most = self.memory.most_at_once();
        self.line.marks.try_reserve_exact(most).ok()?;
        self.tally.reserve(most)?;
        let arrived = if most == 0 { 0 } else { Arrived::MOST };
        self.arrived.try_reserve_exact(arrived).ok()?;
        self.memory.reserve()
    }

    /// What had to be left out so far.
    pub fn counts(&self) -> CorrelatorCounts {
        self.memory.counts
    }

    /// What had to be left out so far, by rule: for each that needs several
    /// events, in the detector's order.
    pub fn counts_by_rule(
        &self,
    ) -> impl Iterator<Item = (&Detection, CorrelatorCounts)> {
        let of_one = |one: &KeyList, next: &KeyList| one.rule == next.rule;
        self.memory.lists.chunk_by(of_one).filter_map(|lists| {
            let rule = lists.first()?.rule as usize;
            let rule = self.detector.rules().get(rule)?;
            Some((&rule.detection, KeyList::counts(lists)))
        })
    }

    /// What had to be left out so far of a rule by its
    /// [index](Match::index): nothing of one that needs one event.
    pub fn counts_of(&self, index: usize) -> CorrelatorCounts {
        let rule = u32::try_from(index).ok();
        let lists = rule.map(|rule| self.memory.lists_of(rule));
        KeyList::counts(lists.unwrap_or_default())
    }

    /// How many keys are remembered.
    pub fn keys(&self) -> usize {
        self.memory.keys()
    }

    /// Bytes of memory reserved, besides the detector. How much of it was
    /// touched goes by the most [keys](Correlator::keys) there were.
    pub fn memory_usage(&self) -> usize {
        let line = crate::memory::held(&self.line.marks);
        let arrived = crate::memory::held(&self.arrived);
        let work = line.saturating_add(arrived);
        let work = work.saturating_add(self.tally.usage());
        self.memory.usage().saturating_add(work)
    }

    /// Forgets all events, and sets the counts to zero. Keeps the memory.
    pub fn clear(&mut self) {
        self.memory.clear();
    }

    /// Forgets what happened before a time, and counts as expired what had no
    /// part in a match. Not needed for the sake of memory, which is bounded:
    /// for a host that must not keep data for longer.
    ///
    /// Takes time in proportion to what is remembered.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::{Event, TaskRegistered};
    /// use t1053::{Correlator, Detector, Scratch, Timestamp};
    ///
    /// let detector = Detector::new();
    /// let mut scratch = Scratch::new(&detector);
    /// let mut correlator = Correlator::new(&detector);
    /// let task_name = Some(br"\Updater".as_slice());
    /// let registered = TaskRegistered { task_name, ..Default::default() };
    /// let mut event = Event::windows(registered);
    /// event.time = Some(Timestamp::from_unix_millis(5_000));
    /// correlator.observe(&event, &mut scratch, |_| {});
    /// assert!(correlator.keys() > 0);
    /// correlator.expire(Timestamp::from_unix_millis(5_001));
    /// assert_eq!(correlator.keys(), 0);
    /// ```
    pub fn expire(&mut self, before: Timestamp) {
        self.memory.expire(before.ticks(), &mut self.line);
    }

    /// What is remembered, as bytes: the same on every platform, with a
    /// version and a checksum. What is [restored](Correlator::restore) from
    /// them finds exactly what this finds from here on.
    ///
    /// Takes time and memory in proportion to what is remembered: 40 bytes a
    /// key and 17 an event.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::{Event, TaskDeleted, TaskRegistered};
    /// use t1053::{Correlator, Detector, Scratch, Timestamp};
    ///
    /// let detector = Detector::new();
    /// let mut scratch = Scratch::new(&detector);
    /// let task_name = Some(br"\Updater".as_slice());
    /// let registered = TaskRegistered { task_name, ..Default::default() };
    /// let mut event = Event::windows(registered);
    /// event.time = Some(Timestamp::from_unix_millis(0));
    /// let mut before = Correlator::new(&detector);
    /// before.observe(&event, &mut scratch, |_| {});
    /// let state = before.save();
    ///
    /// // The agent is started again.
    /// let mut after = Correlator::new(&detector);
    /// let restored = after.restore(&state)?;
    /// assert_eq!(restored.dropped_keys, 0);
    /// let deleted = TaskDeleted { task_name, ..Default::default() };
    /// let mut event = Event::windows(deleted);
    /// event.time = Some(Timestamp::from_unix_millis(12_000));
    /// let mut found = 0;
    /// after.observe(&event, &mut scratch, |one| {
    ///     found += usize::from(one.other_time().is_some());
    /// });
    /// assert!(found > 0);
    ///
    /// let error = after.restore(&state[..40]).unwrap_err();
    /// assert_eq!(error.to_string(), "the end of the state is missing");
    /// # Ok::<(), t1053::StateError>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        state::save(&self.detector, &self.memory, self.seed)
    }

    /// Takes over what was [saved](Correlator::save), in place of what is
    /// remembered and counted here. Of a detector of other rules, the keys of
    /// those that are the same here are taken over, and those of others
    /// dropped; what came of it is returned. The seed is that of the saved
    /// state; capacity and depth stay, and what there is no room for is
    /// forgotten as usual.
    ///
    /// # Errors
    ///
    /// The bytes are no state, cut, changed, or of a later version, or there
    /// is no memory. Then everything is as it was.
    pub fn restore(&mut self, state: &[u8]) -> Result<Restored, StateError> {
        let (capacity, depth) = self.settings;
        let mut memory = Memory::new(&self.detector, capacity, depth);
        let (seed, restored) =
            state::restore(&self.detector, &mut memory, state)?;
        (self.memory, self.seed) = (memory, seed);
        Ok(restored)
    }

    /// Evaluates an event with this correlator's detector and takes it in.
    /// Calls `visit` for each detection that the event matches by itself, in
    /// the detector's order, and then for each sequence or count that it
    /// completes ([`Match::other_time`] tells which is which). Returns what it
    /// matches by itself, to be weighed together ([`Matches::verdict`]).
    ///
    /// Allocates nothing, if the scratch was made for the same detector.
    pub fn observe<'a>(
        &'a mut self,
        event: &'a Event<'a>,
        scratch: &'a mut Scratch,
        mut visit: impl FnMut(&Match<'_>),
    ) -> Matches<'a> {
        for found in self.detector.evaluate(event, scratch) {
            visit(&found);
        }
        self.take_in(event, scratch, &mut visit);
        Matches::new(&self.detector, event, scratch)
    }

    /// Takes in an event that was evaluated in a scratch, which was not used
    /// for another since; calls `visit` for each sequence or count that it
    /// completes. For threads that share a correlator: each
    /// [evaluates](Detector::evaluate) by itself, and only what is
    /// [left to take](Scratch::is_part) needs the correlator.
    ///
    /// Of an event that was evaluated in the scratch before another, it takes
    /// what is the other's.
    ///
    /// # Errors
    ///
    /// Another detector evaluated in the scratch; nothing is taken.
    pub fn take(
        &mut self,
        event: &Event<'_>,
        scratch: &Scratch,
        mut visit: impl FnMut(&Match<'_>),
    ) -> Result<(), OtherDetector> {
        if !scratch.is_of(&self.detector) {
            return Err(OtherDetector);
        }
        self.take_in(event, scratch, &mut visit);
        Ok(())
    }

    /// Takes in an event that this correlator's detector evaluated. `visit` is
    /// called so seldom that one copy of this code serves all callers.
    fn take_in(
        &mut self,
        event: &Event<'_>,
        scratch: &Scratch,
        visit: &mut dyn FnMut(&Match<'_>),
    ) {
        debug_assert!(scratch.is_of(&self.detector));
        let (capacity, _) = self.settings;
        if capacity == 0 {
            return;
        }
        let Correlator { detector, memory, seed, arrived, .. } = self;
        let (line, tally) = (&mut self.line, &mut self.tally);
        // The steps of a rule stand one behind the other.
        let of_one = |one: &Matched, next: &Matched| {
            (one.rule, one.job) == (next.rule, next.job)
        };
        for parts in scratch.matched().chunk_by(of_one) {
            let Some(&Matched { rule: index, job, part }) = parts.first()
            else {
                continue;
            };
            if part == Part::Whole {
                continue;
            }
            let rule = detector.rules().get(index as usize);
            let Some((rule, first)) = rule.zip(memory.first_list(index))
            else {
                debug_assert!(false, "rule {index} is of one event");
                continue;
            };
            let mut counts = CorrelatorCounts::default();
            let Some(time) = event.time.map(Timestamp::ticks) else {
                counts.untimed = 1;
                memory.count(first, &counts);
                continue;
            };
            arrived.clear();
            arrived.extend(parts.iter().map(|one| Arrived::new(one, time)));
            for (stage, logic) in rule.logic.stages().enumerate() {
                let seed = *seed;
                let arrival =
                    Arrival { event, job, scratch, rule, stage, logic, seed };
                let list = first.saturating_add(stage);
                let after = stage.saturating_add(1);
                let is_last = rule.logic.stage(after).is_none();
                let mut counts = CorrelatorCounts::default();
                while let Some(together) = arrival.next(arrived) {
                    let Together { numbers, time, key, .. } = together;
                    let key = key.filter(|_| !arrival.lacks_value(numbers));
                    let Some(key) = key else {
                        counts::add(&mut counts.ungrouped, 1);
                        continue;
                    };
                    let number = numbers.trailing_zeros();
                    let part = Part::Step(number);
                    let matched = Matched { rule: index, job, part };
                    let found = |other: i64, at: i64| {
                        if !is_last {
                            let input = StageInput::Stage(stage as u8);
                            arrived.push(Arrived { input, number, time: at });
                            return;
                        }
                        let other = Some(Timestamp::from_ticks(other));
                        let found = Match::new(
                            detector, matched, event, scratch, other,
                        );
                        if let Some(found) = found {
                            visit(&found);
                        }
                    };
                    let Some(tracking) = memory.tracking(list) else {
                        continue;
                    };
                    let place = memory.load(list, key, time, line);
                    take_in(
                        (tracking, line, tally),
                        &arrival,
                        together,
                        &mut counts,
                        found,
                    );
                    memory.store(place, line, time);
                }
                memory.count(list, &counts);
            }
            debug_assert!(arrived.is_empty(), "{arrived:?} of no stage");
        }
    }
}

/// Takes what arrived under one key into its line; calls `found` for each
/// match, with the time of the earliest other event and that of the match.
fn take_in(
    (tracking, line, tally): (Tracking, &mut Line, &mut Tally),
    arrival: &Arrival<'_>,
    Together { steps, numbers, time, .. }: Together,
    counts: &mut CorrelatorCounts,
    mut found: impl FnMut(i64, i64),
) {
    let one = match (tracking, arrival.logic) {
        (Tracking::Ordered(ordered), _) => {
            return ordered.take_in(line, steps, time, counts, found);
        }
        (Tracking::Counting(counting), Logic::Count(count)) => {
            let mut take = |values: &mut dyn Iterator<Item = u64>| {
                counting.take_in(line, tally, values, time, counts)
            };
            match &count.of {
                Counted::Events => take(&mut core::iter::once(0)),
                Counted::Selections => take(&mut each(steps).map(u64::from)),
                Counted::Values(of) => {
                    let values = arrival.values(of, numbers);
                    take(&mut values.map(|one| arrival.seed.value(one)))
                }
            }
        }
        (Tracking::Measuring(measuring), Logic::Aggregation(aggregation)) => {
            let bounds = aggregation.bounds.iter();
            measuring.take_in(
                line,
                tally,
                arrival.numbers(aggregation, numbers),
                time,
                counts,
                |number| bounds.clone().all(|one| one.holds(number)),
            )
        }
        _ => {
            debug_assert!(false, "a rule is tracked as its kind is");
            None
        }
    };
    if let Some((other, at)) = one {
        found(other, at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BuildErrorKind;
    use crate::event::{
        EventKind, Field, Platform, TaskDeleted, TaskRegistered,
    };
    use crate::rule::{Count, Logic, Predicate, Rule, Selection, Sequence};

    /// A detector of sequences with windows of 30 and 600 seconds, and
    /// events of both at a time.
    fn detector() -> Detector {
        Detector::builder()
            .without_builtin()
            .rule(rule("a_quick_one", 30))
            .rule(rule("b_slow_one", 600))
            .build()
            .unwrap()
    }

    /// A sequence of the registration and the deletion of a task.
    fn rule(slug: &'static str, within_seconds: u32) -> Rule {
        let selection = |kind| Selection {
            kinds: vec![kind].into(),
            predicate: Predicate::ALWAYS,
        };
        let platform = Platform::Windows;
        Rule {
            detection: Detection::new(slug, slug, platform),
            logic: Logic::Sequence(Sequence {
                steps: vec![
                    selection(EventKind::TaskRegistered),
                    selection(EventKind::TaskDeleted),
                ]
                .into(),
                group_by: vec![Field::TaskName.into()].into(),
                within_seconds,
            }),
        }
    }

    /// Takes events in: when one happened (in seconds), whether it is a
    /// deletion, and the task. The slugs of the pairs found.
    fn observe(
        correlator: &mut Correlator,
        events: &[(i64, bool, &str)],
    ) -> Vec<String> {
        let mut scratch = Scratch::new(&correlator.detector);
        let mut slugs = Vec::new();
        for &(seconds, is_deletion, task) in events {
            let task_name = (!task.is_empty()).then_some(task.as_bytes());
            let mut event = if is_deletion {
                Event::windows(TaskDeleted { task_name, ..Default::default() })
            } else {
                Event::windows(TaskRegistered {
                    task_name,
                    ..Default::default()
                })
            };
            event.time = Some(Timestamp::from_ticks(seconds * 10_000_000));
            correlator.observe(&event, &mut scratch, |found| {
                slugs.push(found.detection().slug.to_string());
            });
        }
        slugs
    }

    fn counted(correlator: &Correlator) -> (u64, u64) {
        let counts = correlator.counts();
        (counts.evicted, counts.expired)
    }

    #[test]
    fn key_that_is_past_its_window_goes_before_one_that_is_not() {
        let builder = Correlator::builder(&detector());
        let mut correlator = builder.capacity(3).build().unwrap();
        // Each task is a key of both sequences: the second event needs a
        // fourth one, and the quick key of the first is past its window.
        let events = [(0, false, "a"), (100, false, "b")];
        assert!(observe(&mut correlator, &events).is_empty());
        assert_eq!(counted(&correlator), (0, 1));
        let found = observe(&mut correlator, &[(140, true, "a")]);
        assert_eq!(found, ["b_slow_one"]);
    }

    #[test]
    fn key_that_is_open_is_counted_when_it_is_forgotten() {
        let builder = Correlator::builder(&detector());
        let mut correlator = builder.capacity(2).build().unwrap();
        let events = [(0, false, "a"), (1, false, "b")];
        observe(&mut correlator, &events);
        assert_eq!(counted(&correlator), (2, 0));
        let found = observe(&mut correlator, &[(2, true, "a")]);
        assert!(found.is_empty());
    }

    #[test]
    fn half_that_is_past_its_window_is_forgotten_without_an_alarm() {
        let mut correlator = Correlator::new(&detector());
        let events: Vec<(i64, bool, &str)> =
            (0..20).map(|number| (number * 1000, false, "a")).collect();
        observe(&mut correlator, &events);
        // The latest eight are kept of the twenty, in two sequences.
        assert_eq!(counted(&correlator), (0, 24));
    }

    #[test]
    fn depth_can_be_set() {
        let events: Vec<(i64, bool, &str)> =
            (0..12).map(|number| (number, false, "a")).collect();
        for (depth, evicted) in [(8, 8), (12, 0), (1, 22)] {
            let builder = Correlator::builder(&detector()).depth(depth);
            let mut correlator = builder.build().unwrap();
            observe(&mut correlator, &events);
            assert_eq!(counted(&correlator), (evicted, 0), "{depth}");
            // The last one is still there.
            let found = observe(&mut correlator, &[(13, true, "a")]);
            assert_eq!(found, ["a_quick_one", "b_slow_one"], "{depth}");
        }
    }

    #[test]
    fn events_without_the_grouping_value_do_not_pair() {
        let mut correlator = Correlator::new(&detector());
        let events = [(0, false, ""), (1, true, "")];
        assert!(observe(&mut correlator, &events).is_empty());
        assert_eq!(correlator.counts().ungrouped, 4);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let detector = detector();
        let builder = || Correlator::builder(&detector);
        for (builder, message) in [
            (builder().capacity(0), "sequence_capacity is 0; at least 1"),
            (
                builder().capacity(Correlator::MAX_CAPACITY + 1),
                "sequence_capacity is 1048577; at most 1048576",
            ),
            (builder().depth(0), "sequence_depth is 0; at least 1"),
            (
                builder().depth(usize::MAX),
                &*format!("sequence_depth is {}; at most 1024", usize::MAX),
            ),
        ] {
            let error = builder.build().unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.kind(), BuildErrorKind::OutOfRange);
        }
    }

    /// The links between keys stay whole whatever is used, and the memory
    /// never grows.
    #[test]
    fn memory_stays_as_it_was_made() {
        let builder = Correlator::builder(&detector());
        let mut correlator = builder.capacity(7).depth(2).build().unwrap();
        let memory = correlator.memory_usage();
        let mut number = 1_u32;
        for time in 0..5000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1);
            let task = ["a", "b", "c", "d", "e", "f"][number as usize % 6];
            let is_deletion = number & 1 << 20 != 0;
            observe(&mut correlator, &[(time * 7, is_deletion, task)]);
            correlator.memory.check();
        }
        assert_eq!(correlator.memory_usage(), memory);
    }

    /// Registrations of so many tasks, one a second.
    fn flood(correlator: &mut Correlator, tasks: core::ops::Range<i64>) {
        let names: Vec<String> =
            tasks.clone().map(|task| task.to_string()).collect();
        let events = tasks.zip(&names).map(|(at, name)| (at, false, &**name));
        let events: Vec<(i64, bool, &str)> = events.collect();
        observe(correlator, &events);
    }

    /// A count of a kind of event, by task.
    fn count(slug: &'static str, kind: EventKind, at_least: u32) -> Rule {
        let kinds = vec![kind].into();
        let events = vec![Selection { kinds, predicate: Predicate::ALWAYS }];
        Rule {
            detection: Detection::new(slug, slug, Platform::Windows),
            logic: Logic::Count(Count {
                events: events.into(),
                of: Counted::Events,
                at_least,
                group_by: vec![Field::TaskName.into()].into(),
                within_seconds: 1 << 20,
            }),
        }
    }

    #[test]
    fn noisy_rule_does_not_evict_what_another_remembers() {
        let detector = Detector::builder()
            .without_builtin()
            .rule(count("noisy", EventKind::TaskRegistered, 1000))
            .rule(count("quiet", EventKind::TaskDeleted, 2))
            .build()
            .unwrap();
        let builder = Correlator::builder(&detector).capacity(100);
        let mut correlator = builder.build().unwrap();
        let quiet: Vec<String> =
            (0..50).map(|number| format!("q{number}")).collect();
        let quiet: Vec<(i64, bool, &str)> =
            quiet.iter().map(|name| (0, true, &**name)).collect();
        observe(&mut correlator, &quiet);
        flood(&mut correlator, 0..1000);
        assert_eq!(correlator.keys(), 100);
        let by_rule: Vec<(String, u64)> = correlator
            .counts_by_rule()
            .map(|(detection, counts)| {
                (detection.slug.to_string(), counts.evicted)
            })
            .collect();
        assert_eq!(by_rule, [("noisy".into(), 950), ("quiet".into(), 0)]);
        assert_eq!(correlator.counts().evicted, 950);
        let evicted = |at| correlator.counts_of(at).evicted;
        assert_eq!([evicted(0), evicted(1), evicted(2)], [950, 0, 0]);
        assert_eq!(observe(&mut correlator, &quiet).len(), 50);
        correlator.memory.check();
    }

    /// The events of one key are not bounded by its own share alone.
    #[test]
    fn key_of_many_events_takes_the_room_of_others_and_no_more() {
        let detector = Detector::builder()
            .without_builtin()
            .rule(count("many", EventKind::TaskRegistered, 30))
            .build()
            .unwrap();
        let builder = Correlator::builder(&detector).capacity(8);
        let mut correlator = builder.build().unwrap();
        let memory = correlator.memory_usage();
        let mut found = Vec::new();
        for round in 0..400 {
            let task = ["a", "b", "c", "d", "e"][round % 5];
            let at = i64::try_from(round).unwrap();
            found.extend(observe(&mut correlator, &[(at, false, task)]));
            correlator.memory.check();
        }
        assert_eq!(correlator.memory_usage(), memory);
        let alone: Vec<(i64, bool, &str)> =
            (500..560).map(|at| (at, false, "f")).collect();
        assert_eq!(observe(&mut correlator, &alone), ["many", "many"]);
    }

    #[test]
    fn what_happened_before_a_time_can_be_forgotten() {
        let mut correlator = Correlator::new(&detector());
        flood(&mut correlator, 0..100);
        assert_eq!(correlator.keys(), 200);
        correlator.expire(Timestamp::from_ticks(40 * 10_000_000));
        correlator.memory.check();
        assert_eq!(correlator.keys(), 120);
        assert_eq!(counted(&correlator), (0, 80));
        let found = observe(&mut correlator, &[(100, true, "39")]);
        assert!(found.is_empty());
        let found = observe(&mut correlator, &[(101, true, "41")]);
        assert_eq!(found, ["b_slow_one"]);
        correlator.expire(Timestamp::from_ticks(i64::MAX));
        assert_eq!(correlator.keys(), 0);
        flood(&mut correlator, 0..100);
        assert_eq!(correlator.keys(), 200);
        correlator.memory.check();
    }

    /// As many as fit, by any seed; and the table finds each of them.
    #[test]
    fn default_memory_holds_65536_keys() {
        let detector = Detector::builder()
            .without_builtin()
            .rule(count("two", EventKind::TaskRegistered, 2))
            .build()
            .unwrap();
        for seed in [[0; 16], [7; 16]] {
            let builder = Correlator::builder(&detector).seed(seed);
            let mut correlator = builder.build().unwrap();
            flood(&mut correlator, 0..65_536);
            assert_eq!(correlator.keys(), 65_536);
            assert_eq!(correlator.counts(), CorrelatorCounts::default());
            correlator.memory.check();
            let tasks = ["0", "1", "40000", "65535"];
            let again = tasks.map(|task| (70_000, false, task));
            assert_eq!(observe(&mut correlator, &again).len(), 4);
        }
    }

    #[test]
    fn memory_can_be_given_in_bytes() {
        let detector = detector();
        for bytes in [10_000, 1 << 20, 20 << 20] {
            let builder = Correlator::builder(&detector).memory(bytes);
            let correlator = builder.build().unwrap();
            let usage = correlator.memory_usage();
            assert!(usage <= bytes && usage > bytes * 9 / 10, "{usage}");
        }
        let builder = Correlator::builder(&detector).memory(100);
        let error = builder.build().unwrap_err().to_string();
        assert_eq!(error, "sequence_capacity is 0; at least 1");
    }

    /// What another detector evaluated is not taken for what this one did.
    #[test]
    fn scratch_of_another_detector_is_not_taken() {
        let mut correlator = Correlator::new(&detector());
        let other = Detector::new();
        let mut scratch = Scratch::new(&other);
        let task_name = Some(b"a".as_slice());
        let registered = TaskRegistered { task_name, ..Default::default() };
        let event = Event::windows(registered);
        let _ = other.evaluate(&event, &mut scratch);
        assert!(scratch.is_part());
        let refused = correlator.take(&event, &scratch, |_| panic!("a match"));
        assert_eq!(refused, Err(OtherDetector));
        assert_eq!(correlator.keys(), 0);
    }

    /// All that is remembered, by the bytes that it is saved as.
    fn pair_of(detector: &Detector) -> (Correlator, Correlator) {
        let new = || Correlator::builder(detector).capacity(9).depth(2);
        (new().build().unwrap(), new().build().unwrap())
    }

    #[test]
    fn what_is_restored_is_what_was_saved() {
        let detector = detector();
        let (mut one, mut other) = pair_of(&detector);
        flood(&mut one, 0..50);
        let state = one.save();
        let restored = other.restore(&state).unwrap();
        assert_eq!((restored.rules, restored.keys), (2, 9));
        assert_eq!((restored.dropped_rules, restored.dropped_keys), (0, 0));
        assert_eq!(other.save(), state);
        assert_eq!(other.counts(), one.counts());
        assert!(other.counts().evicted > 0);
        other.memory.check();
    }

    #[test]
    fn state_of_rules_that_are_not_the_same_is_dropped() {
        let build = |window, extra| {
            let mut slow = rule("b_slow_one", window);
            slow.detection.description = "new words".into();
            Detector::builder()
                .without_builtin()
                .rule(rule("a_quick_one", 30))
                .rule(slow)
                .rule(rule(extra, 7))
                .build()
                .unwrap()
        };
        let mut one = Correlator::new(&build(600, "old"));
        flood(&mut one, 0..3);
        let state = one.save();
        for (window, keys, dropped) in [(600, 6, 3), (601, 3, 6)] {
            let mut other = Correlator::new(&build(window, "new"));
            let restored = other.restore(&state).unwrap();
            let counts = (restored.keys, restored.dropped_keys);
            assert_eq!(counts, (keys, dropped), "{window}");
            assert_eq!(other.keys() as u64, keys);
            let found = observe(&mut other, &[(4, true, "1")]);
            let expected = ["a_quick_one", "b_slow_one"];
            assert_eq!(found, expected[..keys as usize / 3]);
        }
    }

    #[test]
    fn what_has_no_room_is_forgotten_as_usual() {
        let detector = detector();
        let mut one = Correlator::new(&detector);
        flood(&mut one, 0..30);
        let builder = Correlator::builder(&detector).capacity(10);
        let mut other = builder.build().unwrap();
        assert_eq!(other.restore(&one.save()).unwrap().keys, 60);
        assert_eq!(other.keys(), 10);
        assert_eq!(other.counts().evicted, 50);
        other.memory.check();
        let found = observe(&mut other, &[(30, true, "29"), (31, true, "1")]);
        assert_eq!(found, ["a_quick_one", "b_slow_one"]);
    }

    #[test]
    fn state_that_is_refused_changes_nothing() {
        let detector = detector();
        let (mut one, mut other) = pair_of(&detector);
        flood(&mut one, 0..3);
        flood(&mut other, 5..7);
        let (state, before) = (one.save(), other.save());
        for length in 0..state.len() {
            assert!(other.restore(&state[..length]).is_err());
        }
        for at in 0..state.len() {
            let mut changed = state.clone();
            changed[at] ^= 1;
            assert!(other.restore(&changed).is_err(), "{at}");
        }
        assert_eq!(other.save(), before);
    }

    /// With a checksum that is right, as an adversary may make it.
    #[test]
    fn state_that_is_nonsense_is_refused_or_harmless() {
        let detector = detector();
        let (mut one, mut other) = pair_of(&detector);
        flood(&mut one, 0..4);
        observe(&mut one, &[(4, true, "3")]);
        let state = one.save();
        let sum_at = state.len() - 8;
        for at in 20..sum_at {
            for byte in [0, 1, 0x7F, 0xFF] {
                let mut changed = state.clone();
                changed[at] = byte;
                let changed = crate::state::resealed(&changed);
                if other.restore(&changed).is_ok() {
                    other.memory.check();
                    flood(&mut other, 0..12);
                    observe(&mut other, &[(5, true, "3"), (6, true, "7")]);
                    other.memory.check();
                }
            }
        }
    }
}
