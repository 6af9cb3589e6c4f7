/*!
What needs more than one event: sequences.

A [`Correlator`] remembers the halves of sequences that it has seen, by the
fields they must agree in, and reports a pair when its second half arrives,
whichever half that is. Only event time counts. Its memory is fixed when it is
made; what it had to forget is counted.
*/

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;

use crate::detector::{Detector, Match, Part, Scratch};
use crate::event::Event;
use crate::rule::{Logic, Sequence};
use crate::time::Timestamp;

/// Finds sequences over a stream of events.
///
/// Belongs to one stream; not shared. Observing an event allocates nothing
/// and costs the same however much is remembered.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, TaskDeleted, TaskRegistered};
/// use t1053::{Correlator, Detector, Scratch, Timestamp};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let mut correlator = Correlator::new(&detector);
/// let task_name = Some(br"\Updater".as_slice());
/// let registered = TaskRegistered { task_name, ..Default::default() };
/// let deleted = TaskDeleted { task_name, ..Default::default() };
/// let mut found = Vec::new();
/// for (mut event, time) in [
///     (Event::windows(registered), "2024-05-01T10:00:00Z"),
///     (Event::windows(deleted), "2024-05-01T10:00:12Z"),
/// ] {
///     event.time = Timestamp::parse(time.as_bytes());
///     event.host = Some(b"WS-014");
///     let _ = detector.evaluate(&event, &mut scratch);
///     correlator.observe(&event, &scratch, |pair| {
///         found.push(pair.detection().slug.to_string());
///     });
/// }
/// assert_eq!(found, ["short_lived_scheduled_task"]);
/// ```
#[derive(Debug)]
pub struct Correlator {
    detector: Detector,
    capacity: usize,
    /// Place of each key in `slots`. Made large enough never to grow.
    places: HashMap<Key, usize>,
    slots: Vec<Slot>,
    /// Ends of the list of slots by last use.
    newest: Option<usize>,
    oldest: Option<usize>,
    counts: CorrelatorCounts,
}

/// What a correlator had to leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CorrelatorCounts {
    /// Halves forgotten to make room that an event which comes later might
    /// still have completed: not those that have had their part in a pair.
    pub evicted: u64,
    /// Events without a time, which cannot be put in order.
    pub untimed: u64,
}

/// A sequence rule and the values its events agree in, as two independent
/// 64-bit hashes: long enough that no two values ever meet in practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    rule: u32,
    hash: (u64, u64),
}

/// The halves seen under one key.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Key,
    firsts: Times,
    seconds: Times,
    newer: Option<usize>,
    older: Option<usize>,
}

/// The latest times of one half, ascending, with a mark each: whether it has
/// had its part in a pair.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    count: usize,
    times: [(i64, bool); Times::MOST],
    /// The latest of those that were forgotten.
    forgotten: Option<i64>,
}

impl Times {
    /// A task is rarely registered more often before it is deleted, and of
    /// several registrations only the last counts.
    const MOST: usize = 8;

    fn iter(&self) -> impl DoubleEndedIterator<Item = &(i64, bool)> {
        self.times.iter().take(self.count)
    }

    /// Adds a time; when full, the earliest makes room. Returns whether one
    /// was forgotten that may have been needed yet.
    fn insert(&mut self, time: i64, used: bool) -> bool {
        let mut forgotten = false;
        if self.count == Times::MOST {
            let earliest = self.times.first().copied().unwrap_or_default();
            let least = earliest.0.min(time);
            self.forgotten = self.forgotten.max(Some(least));
            if time < earliest.0 {
                return !used;
            }
            forgotten = !earliest.1;
            self.times.rotate_left(1);
            self.count = self.count.saturating_sub(1);
        }
        let at = self.iter().filter(|it| it.0 <= time).count();
        self.count = self.count.saturating_add(1);
        if let Some(tail) = self.times.get_mut(at..self.count) {
            tail.rotate_right(1);
            if let Some(slot) = tail.first_mut() {
                *slot = (time, used);
            }
        }
        forgotten
    }

    /// How many may be needed yet.
    fn unused(&self) -> usize {
        self.iter().filter(|it| !it.1).count()
    }

    /// Whether one at a time may be needed yet.
    fn is_free(&self, time: i64) -> bool {
        self.iter().any(|it| *it == (time, false))
    }

    /// Marks those at a time: an event that was logged twice is one.
    fn use_at(&mut self, time: i64) {
        for slot in self.times.iter_mut().take(self.count) {
            slot.1 |= slot.0 == time;
        }
    }
}

impl Slot {
    /// Takes a second half in; returns the first half that it completes.
    fn second(&mut self, time: i64, within: i64) -> (Option<i64>, bool) {
        let first = self.begun(time, within);
        if let Some(first) = first {
            self.firsts.use_at(first);
        }
        (first, self.seconds.insert(time, first.is_some()))
    }

    /// Takes a first half in; returns the second half that was waiting for
    /// it.
    fn first(&mut self, time: i64, within: i64) -> (Option<i64>, bool) {
        let next = self.waiting(time, within);
        (next, self.begin(time, next))
    }

    /// Takes an event in that is both halves: a second half to what began
    /// before it, then a first half to what follows. By itself it is no pair,
    /// so each is looked for where the other has not been taken in.
    fn both(&mut self, time: i64, within: i64) -> [(Option<i64>, bool); 2] {
        let next = self.waiting(time, within);
        [self.second(time, within), (next, self.begin(time, next))]
    }

    /// The first half that a second half ends: the last one before it, unless
    /// another second half came between.
    fn begun(&self, time: i64, within: i64) -> Option<i64> {
        let last = self.firsts.iter().rfind(|it| it.0 <= time)?.0;
        let ends = |it: &(i64, bool)| it.0 > last && it.0 < time;
        let ended = self.seconds.iter().any(ends);
        let is_pair = !ended && self.firsts.is_free(last);
        (is_pair && self.may_pair(last, time, within)).then_some(last)
    }

    /// The second half that waits for a first half: the next one after it,
    /// unless a later first half came between.
    fn waiting(&self, time: i64, within: i64) -> Option<i64> {
        let next = self.seconds.iter().find(|it| it.0 >= time)?.0;
        let begins = |it: &(i64, bool)| it.0 > time && it.0 < next;
        let begun = self.firsts.iter().any(begins);
        let is_pair = !begun && self.seconds.is_free(next);
        (is_pair && self.may_pair(time, next, within)).then_some(next)
    }

    /// Whether halves are near enough, and nothing was forgotten that may
    /// have stood between them.
    fn may_pair(&self, first: i64, second: i64, within: i64) -> bool {
        let forgotten = self.firsts.forgotten.max(self.seconds.forgotten);
        forgotten <= Some(first) && second.saturating_sub(first) < within
    }

    /// Remembers a first half, and that it took the second half at a time;
    /// returns whether one was forgotten that may have been needed yet.
    fn begin(&mut self, time: i64, next: Option<i64>) -> bool {
        if let Some(next) = next {
            self.seconds.use_at(next);
        }
        self.firsts.insert(time, next.is_some())
    }
}

impl Correlator {
    /// How many keys (task and host) a correlator remembers by default.
    pub const DEFAULT_CAPACITY: usize = 1024;

    /// A correlator for a detector's sequences, of the default capacity.
    pub fn new(detector: &Detector) -> Correlator {
        Correlator::with_capacity(detector, Correlator::DEFAULT_CAPACITY)
    }

    /// A correlator that remembers at most `capacity` keys (at least one):
    /// about 450 bytes for each, allocated here and never more. When full,
    /// the key that was longest without an event is forgotten.
    pub fn with_capacity(detector: &Detector, capacity: usize) -> Correlator {
        let any = detector
            .rules()
            .iter()
            .any(|rule| matches!(rule.logic, Logic::Sequence(_)));
        let capacity = if any { capacity.max(1) } else { 0 };
        Correlator {
            detector: detector.clone(),
            capacity,
            // Twice the need: then removals never make the table grow.
            places: HashMap::with_capacity(capacity.saturating_mul(2)),
            slots: Vec::with_capacity(capacity),
            newest: None,
            oldest: None,
            counts: CorrelatorCounts::default(),
        }
    }

    /// What had to be left out so far.
    pub fn counts(&self) -> CorrelatorCounts {
        self.counts
    }

    /// Bytes of memory held, besides the detector.
    pub fn memory_usage(&self) -> usize {
        // The table has a byte of its own for each place.
        let place = size_of::<(Key, usize)>().saturating_add(1);
        let places = self.places.capacity().saturating_mul(place);
        let slots = self.slots.capacity().saturating_mul(size_of::<Slot>());
        slots.saturating_add(places)
    }

    /// Forgets all events, and sets the counts to zero.
    pub fn clear(&mut self) {
        self.places.clear();
        self.slots.clear();
        (self.newest, self.oldest) = (None, None);
        self.counts = CorrelatorCounts::default();
    }

    /// Takes an event in, right after this correlator's detector evaluated
    /// it with this scratch, and calls `visit` for each sequence that it
    /// completes.
    pub fn observe(
        &mut self,
        event: &Event<'_>,
        scratch: &Scratch,
        mut visit: impl FnMut(&Match<'_>),
    ) {
        let plan = self.detector.plan(event);
        let is_half = |(_, part): (u32, Part)| part != Part::Whole;
        if self.capacity == 0 || !scratch.matched(plan).any(is_half) {
            return;
        }
        let detector = self.detector.clone();
        let plan = detector.plan(event);
        let mut matched = scratch.matched(plan).peekable();
        while let Some((rule, part)) = matched.next() {
            if part == Part::Whole {
                continue;
            }
            // The second half of a rule stands right behind the first.
            let is_both = part == Part::First
                && matched.next_if_eq(&(rule, Part::Second)).is_some();
            let Some(Logic::Sequence(sequence)) =
                detector.rules().get(rule as usize).map(|it| &it.logic)
            else {
                continue;
            };
            let Some(time) = event.time else {
                let untimed = &mut self.counts.untimed;
                *untimed = untimed.saturating_add(1);
                continue;
            };
            let key = Key { rule, hash: hash(sequence, event) };
            let part = (!is_both).then_some(part);
            let others = self.pair(key, part, time.ticks(), sequence);
            for other in others.into_iter().flatten() {
                let other = Some(Timestamp::from_ticks(other));
                if let Some(pair) =
                    Match::new(&detector, rule, event, scratch, other)
                {
                    visit(&pair);
                }
            }
        }
    }

    /// Remembers a half, or without a part both; returns the times of those
    /// that it completes pairs with.
    fn pair(
        &mut self,
        key: Key,
        part: Option<Part>,
        time: i64,
        sequence: &Sequence,
    ) -> [Option<i64>; 2] {
        let within =
            i64::from(sequence.within_seconds).saturating_mul(10_000_000);
        let place = self.place(key);
        let Some(slot) = self.slots.get_mut(place) else { return [None; 2] };
        let none = (None, false);
        let done = match part {
            None => slot.both(time, within),
            Some(Part::Second) => [slot.second(time, within), none],
            Some(_) => [slot.first(time, within), none],
        };
        let evicted = &mut self.counts.evicted;
        done.map(|(other, forgot)| {
            *evicted = evicted.saturating_add(u64::from(forgot));
            other
        })
    }

    /// The slot of a key, new or not, moved to the front of the list.
    fn place(&mut self, key: Key) -> usize {
        let slot = Slot {
            key,
            firsts: Times::default(),
            seconds: Times::default(),
            newer: None,
            older: None,
        };
        let place = match self.places.get(&key) {
            Some(&place) => {
                self.unlink(place);
                place
            }
            None if self.slots.len() < self.capacity => {
                let place = self.slots.len();
                self.slots.push(slot);
                place
            }
            None => {
                let place = self.oldest.unwrap_or(0);
                self.unlink(place);
                if let Some(old) = self.slots.get_mut(place) {
                    let evicted = &mut self.counts.evicted;
                    for half in [&old.firsts, &old.seconds] {
                        *evicted =
                            evicted.saturating_add(half.unused() as u64);
                    }
                    self.places.remove(&old.key);
                    *old = slot;
                }
                place
            }
        };
        self.places.insert(key, place);
        self.link(place);
        place
    }

    fn unlink(&mut self, place: usize) {
        let Some(slot) = self.slots.get(place) else { return };
        let (newer, older) = (slot.newer, slot.older);
        match newer.and_then(|at| self.slots.get_mut(at)) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        match older.and_then(|at| self.slots.get_mut(at)) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link(&mut self, place: usize) {
        let next = self.newest.replace(place);
        if let Some(next) = next.and_then(|at| self.slots.get_mut(at)) {
            next.newer = Some(place);
        }
        if let Some(slot) = self.slots.get_mut(place) {
            (slot.newer, slot.older) = (None, next);
        }
        self.oldest = self.oldest.or(Some(place));
    }
}

/// Hashes the values that a sequence's events agree in, ignoring ASCII case;
/// an absent one counts as empty.
fn hash(sequence: &Sequence, event: &Event<'_>) -> (u64, u64) {
    let mut hashers = (DefaultHasher::new(), DefaultHasher::new());
    hashers.1.write_u8(1);
    for &field in sequence.group_by.iter() {
        let value = event.get(field).unwrap_or_default();
        let mut folded = [0; 64];
        for part in value.chunks(folded.len()) {
            for (to, from) in folded.iter_mut().zip(part) {
                *to = from.to_ascii_lowercase();
            }
            let folded = folded.get(..part.len()).unwrap_or_default();
            hashers.0.write(folded);
            hashers.1.write(folded);
        }
        // Ends the value, so that its length cannot be shifted into the next.
        hashers.0.write_usize(value.len());
        hashers.1.write_usize(value.len());
    }
    (hashers.0.finish(), hashers.1.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes halves in as they arrive, `+` a first, `-` a second and `*` both,
    /// and gives those that complete a pair with the time of their other
    /// half.
    fn pairs(halves: &[(char, i64)]) -> Vec<(char, i64, i64)> {
        let mut slot = Slot {
            key: Key { rule: 0, hash: (0, 0) },
            firsts: Times::default(),
            seconds: Times::default(),
            newer: None,
            older: None,
        };
        let mut pairs = Vec::new();
        for &(half, time) in halves {
            let done = match half {
                '+' => vec![slot.first(time, 30)],
                '-' => vec![slot.second(time, 30)],
                _ => slot.both(time, 30).into(),
            };
            let others = done.into_iter().filter_map(|it| it.0);
            pairs.extend(others.map(|other| (half, time, other)));
        }
        pairs
    }

    #[test]
    fn in_order() {
        assert_eq!(pairs(&[('+', 1), ('-', 30)]), [('-', 30, 1)]);
        assert_eq!(pairs(&[('+', 1), ('-', 31)]), []);
        // The last first half counts, and a second one ends the pair.
        assert_eq!(pairs(&[('+', 1), ('+', 5), ('-', 9)]), [('-', 9, 5)]);
        assert_eq!(pairs(&[('+', 1), ('-', 7), ('-', 9)]), [('-', 7, 1)]);
        assert_eq!(pairs(&[('+', 1), ('-', 40), ('-', 41)]), []);
        assert_eq!(pairs(&[('-', 1), ('+', 2)]), []);
        assert_eq!(pairs(&[('-', 1), ('+', 1), ('-', 1)]).len(), 1);
    }

    #[test]
    fn out_of_order() {
        assert_eq!(pairs(&[('-', 9), ('+', 5)]), [('+', 5, 9)]);
        assert_eq!(pairs(&[('-', 9), ('+', 7), ('+', 5)]), [('+', 7, 9)]);
        assert_eq!(pairs(&[('-', 9), ('-', 7), ('+', 5)]), [('+', 5, 7)]);
        assert_eq!(pairs(&[('-', 40), ('+', 5)]), []);
        // A second half does not end what an earlier one ended that is late.
        let late = [('+', 1), ('-', 90), ('-', 7)];
        assert_eq!(pairs(&late), [('-', 7, 1)]);
        let late = [('+', 1), ('+', 100), ('-', 110), ('-', 9)];
        assert_eq!(pairs(&late), [('-', 110, 100), ('-', 9, 1)]);
        // Nor does one complete what another first half stands before.
        let late = [('+', 1), ('+', 5), ('-', 20), ('-', 9)];
        assert_eq!(pairs(&late), [('-', 20, 5)]);
        // What came late is ended by the second half it came before.
        let late = [('+', 1), ('-', 9), ('+', 5), ('-', 12)];
        assert_eq!(pairs(&late), [('-', 9, 1)]);
    }

    #[test]
    fn one_event_is_no_pair() {
        assert_eq!(pairs(&[('*', 5)]), []);
        assert_eq!(pairs(&[('*', 5), ('*', 5)]).len(), 2);
        // It ends what began before it, and begins what follows.
        let chain = [('+', 1), ('*', 5), ('-', 9)];
        assert_eq!(pairs(&chain), [('*', 5, 1), ('-', 9, 5)]);
        let chain = [('*', 1), ('*', 5), ('*', 9)];
        assert_eq!(pairs(&chain), [('*', 5, 1), ('*', 9, 5)]);
        let late = [('+', 1), ('-', 9), ('*', 5)];
        assert_eq!(pairs(&late), [('-', 9, 1)]);
        assert_eq!(pairs(&[('*', 9), ('*', 5)]), [('*', 5, 9)]);
        let late = [('-', 9), ('*', 5)];
        assert_eq!(pairs(&late), [('*', 5, 9)]);
    }

    #[test]
    fn records_that_come_twice_pair_twice() {
        let twice = [('+', 1), ('-', 2), ('+', 1), ('-', 2)];
        assert_eq!(pairs(&twice).len(), 2);
        let twice = [('-', 2), ('+', 1), ('-', 2), ('+', 1)];
        assert_eq!(pairs(&twice).len(), 2);
        assert_eq!(pairs(&[('+', 1), ('-', 2), ('-', 2)]).len(), 1);
    }

    #[test]
    fn times_stay_sorted_and_bounded() {
        let mut times = Times::default();
        for time in [5, 3, 9, 1, 7, 2, 8, 4] {
            assert!(!times.insert(time, false));
        }
        assert!(times.insert(6, false));
        let kept: Vec<i64> = times.iter().map(|it| it.0).collect();
        assert_eq!(kept, [2, 3, 4, 5, 6, 7, 8, 9]);
    }

    /// What was forgotten may have stood between.
    #[test]
    fn no_pair_reaches_back_over_what_was_forgotten() {
        let mut halves = vec![('+', 10)];
        halves.extend((0..8).map(|it| ('+', 100 + it)));
        assert_eq!(pairs(&[&halves[..], &[('-', 15)]].concat()), []);
        halves.extend([('-', 15), ('+', 5)]);
        assert_eq!(pairs(&halves), []);
        halves.push(('-', 108));
        assert_eq!(pairs(&halves), [('-', 108, 107)]);
    }

    #[test]
    fn the_longest_unused_key_is_forgotten() {
        let detector = Detector::new();
        let mut correlator = Correlator::with_capacity(&detector, 2);
        correlator.capacity = 2;
        let key = |rule| Key { rule, hash: (0, 0) };
        for rule in [1, 2, 1, 3] {
            let place = correlator.place(key(rule));
            correlator.slots[place].firsts.insert(0, false);
        }
        let mut known: Vec<u32> =
            correlator.places.keys().map(|it| it.rule).collect();
        known.sort_unstable();
        assert_eq!(known, [1, 3]);
        assert_eq!(correlator.counts().evicted, 1);
    }
}
