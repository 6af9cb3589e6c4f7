/*!
What needs more than one event: sequences.

A [`Correlator`] remembers the halves of sequences that it has seen, by the
values that they must agree in, and reports a pair when its second half
arrives, whichever half that is. Only event time counts. Its memory is fixed
when it is made; what it had to forget is counted.

# How halves pair

The halves of one key in order of time, `+` a first and `-` a second half, of
a sequence with a window of 30 seconds:

```text
seconds  0      4      9     15                    40     75
         +      +      -      -                     +      -
                └──────┘
```

The second half at 9 takes the last first half before it, at 4: of several
registrations of a task the last one counts. The one at 15 takes nothing,
because the one at 9 stands between: a deletion ends a registration. The one
at 75 comes too late for the first half at 40.

Events may arrive in any order, so both kinds of half are kept, and a first
half that arrives looks forward as a second half looks back: if `+` at 4
arrives last, it takes `-` at 9. A half that has had its part in a pair is
marked as used and stays, because it still stands between others.

A half that was forgotten may have stood between two others. So no pair reaches
back over the latest one that was forgotten: with too little memory pairs are
missed, and none is made up.

# What is forgotten first

A key keeps the latest halves of either kind, as many as
[`CorrelatorBuilder::depth`] says; the earliest makes room. When there is no
room for another key, the one goes that was longest without an event, but
first one whose halves are all used, or past their window when the event
happened that now needs room. If events arrive in order, such halves can pair
with nothing any more, and nothing is lost with them.
*/

use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::detector::{
    BuildError, Detector, Match, Matched, Part, Reason, Scratch, held,
};
use crate::event::{Event, Field};
use crate::rule::{Logic, Rule, Sequence};
use crate::time::Timestamp;

/// Evaluates a stream of events, and finds the sequences in it.
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
/// assert_eq!(pairs, ["short_lived_scheduled_task"]);
/// ```
#[derive(Debug)]
pub struct Correlator {
    detector: Detector,
    memory: Memory,
    counts: CorrelatorCounts,
}

/// What a correlator had to leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorrelatorCounts {
    /// Halves forgotten to make room while their window was still open: an
    /// event that came later might have completed them. More than 0 says
    /// that [`CorrelatorBuilder::capacity`] or
    /// [`depth`](CorrelatorBuilder::depth) is too small for the stream.
    pub evicted: u64,
    /// Halves forgotten to make room when their window had passed: only an
    /// event that came late could have completed them.
    pub expired: u64,
    /// Halves without a time, which cannot be put in order.
    pub untimed: u64,
    /// Halves without one of the values that the sequence's events must
    /// agree in.
    pub ungrouped: u64,
}

impl CorrelatorCounts {
    /// Adds another correlator's counts, up to the highest number.
    pub fn add(&mut self, other: &CorrelatorCounts) {
        add(&mut self.evicted, other.evicted);
        add(&mut self.expired, other.expired);
        add(&mut self.untimed, other.untimed);
        add(&mut self.ungrouped, other.ungrouped);
    }

    /// Counts a half that was forgotten when an event happened at `now`.
    fn forgot(&mut self, half: Half, now: i64, window: i64) {
        if half.used {
            return;
        }
        let is_past = now.saturating_sub(half.time) >= window;
        let count =
            if is_past { &mut self.expired } else { &mut self.evicted };
        add(count, 1);
    }
}

fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}

/// Makes a [`Correlator`] with other than the usual memory.
///
/// # Example
///
/// ```
/// use t1053::{Correlator, Detector};
///
/// let detector = Detector::new();
/// let correlator = Correlator::builder(&detector).depth(16).build()?;
/// assert!(correlator.memory_usage() < 1024 * 750);
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
}

impl CorrelatorBuilder {
    /// How many keys are remembered: a key is a sequence and the values that
    /// its events agree in, such as a task on a host.
    /// [`Correlator::DEFAULT_CAPACITY`] where this is not called; from 1 to
    /// [`Correlator::MAX_CAPACITY`].
    ///
    /// A key takes about 180 bytes and 32 more for each of its
    /// [`depth`](CorrelatorBuilder::depth): 430 bytes, if that is not set.
    #[must_use]
    pub fn capacity(mut self, keys: usize) -> CorrelatorBuilder {
        self.capacity = keys;
        self
    }

    /// How many halves of either kind are remembered for each key.
    /// [`Correlator::DEFAULT_DEPTH`] where this is not called; from 1 to
    /// [`Correlator::MAX_DEPTH`].
    #[must_use]
    pub fn depth(mut self, halves: usize) -> CorrelatorBuilder {
        self.depth = halves;
        self
    }

    /// The correlator. Allocates all that it will ever hold.
    ///
    /// # Errors
    ///
    /// A number is out of range, or there is no memory for as much.
    pub fn build(self) -> Result<Correlator, BuildError> {
        let CorrelatorBuilder { detector, capacity, depth } = self;
        let capacities = 1..=Correlator::MAX_CAPACITY;
        Reason::check("sequence_capacity", capacity, capacities)?;
        let depths = 1..=Correlator::MAX_DEPTH;
        Reason::check("sequence_depth", depth, depths)?;
        let mut memory = Memory::new(&detector, capacity, depth);
        if memory.reserve().is_none() {
            let setting = "sequence_capacity";
            return Err(
                Reason::OutOfMemory { setting, value: capacity }.into()
            );
        }
        Ok(Correlator { detector, memory, counts: Default::default() })
    }
}

impl Correlator {
    /// How many keys a correlator remembers by default.
    pub const DEFAULT_CAPACITY: usize = 1024;

    /// The most keys that a correlator can remember: 1,048,576, which take
    /// about 450 MB of memory with the default depth.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// How many halves of either kind a key has room for by default. A task
    /// is rarely registered more often within 30 seconds, and of several
    /// registrations only the last counts.
    pub const DEFAULT_DEPTH: usize = 8;

    /// The most halves of either kind that a key can have room for.
    pub const MAX_DEPTH: usize = 1024;

    /// A correlator for a detector's sequences, with the usual memory: about
    /// 440 KB, or nothing for a detector without sequences.
    pub fn new(detector: &Detector) -> Correlator {
        let memory = Memory::new(
            detector,
            Correlator::DEFAULT_CAPACITY,
            Correlator::DEFAULT_DEPTH,
        );
        let mut correlator = Correlator {
            detector: detector.clone(),
            memory,
            counts: CorrelatorCounts::default(),
        };
        // As everywhere in Rust, the process ends where there is no memory
        // for so little: here it is reserved when the first half needs it.
        let _ = correlator.memory.reserve();
        correlator
    }

    /// A builder for other settings.
    pub fn builder(detector: &Detector) -> CorrelatorBuilder {
        CorrelatorBuilder {
            detector: detector.clone(),
            capacity: Correlator::DEFAULT_CAPACITY,
            depth: Correlator::DEFAULT_DEPTH,
        }
    }

    /// What had to be left out so far.
    pub fn counts(&self) -> CorrelatorCounts {
        self.counts
    }

    /// Bytes of memory held, besides the detector.
    pub fn memory_usage(&self) -> usize {
        self.memory.usage()
    }

    /// Forgets all events, and sets the counts to zero. Keeps the memory.
    pub fn clear(&mut self) {
        self.memory.clear();
        self.counts = CorrelatorCounts::default();
    }

    /// Evaluates an event with this correlator's detector and takes it in.
    /// Calls `visit` for each detection that the event matches by itself, in
    /// the detector's order, and then for each sequence that it completes
    /// ([`Match::other_time`] tells which is which).
    ///
    /// Allocates nothing, if the scratch was made for the same detector.
    pub fn observe(
        &mut self,
        event: &Event<'_>,
        scratch: &mut Scratch,
        mut visit: impl FnMut(&Match<'_>),
    ) {
        let Correlator { detector, memory, counts } = self;
        for found in detector.evaluate(event, scratch) {
            visit(&found);
        }
        let scratch = &*scratch;
        let halves = scratch.matched().iter().copied();
        let mut halves =
            halves.filter(|half| half.part != Part::Whole).peekable();
        while let Some(matched) = halves.next() {
            let Matched { rule: index, part, job } = matched;
            // The second half of a rule stands right behind the first.
            let second = Matched { part: Part::Second, ..matched };
            let is_both =
                part == Part::First && halves.next_if_eq(&second).is_some();
            let half = match part {
                _ if is_both => Kind::Both,
                Part::Second => Kind::Second,
                _ => Kind::First,
            };
            let Some((list, rule, sequence)) =
                memory.sequence(detector, index)
            else {
                debug_assert!(false, "rule {index} is no sequence");
                continue;
            };
            let Some(time) = event.time else {
                add(&mut counts.untimed, 1);
                continue;
            };
            let Some(key) = Key::of(rule, sequence, event, job, scratch)
            else {
                add(&mut counts.ungrouped, 1);
                continue;
            };
            let others = memory.pair(list, key, half, time.ticks(), counts);
            for other in others.into_iter().flatten() {
                let other = Some(Timestamp::from_ticks(other));
                if let Some(pair) =
                    Match::new(detector, matched, event, scratch, other)
                {
                    visit(&pair);
                }
            }
        }
    }
}

/// Which half of a sequence an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    First,
    Second,
    Both,
}

/// A sequence and the values its events agree in, as a 128-bit hash: long
/// enough that no two ever meet in practice. The hash is the same in every
/// process and on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key([u64; 2]);

impl Key {
    /// The key of an event, ignoring ASCII case. `None` if the event lacks a
    /// value: what is unknown of two events does not make them agree. The
    /// host is the exception: all events without one are of the same host,
    /// as in an agent that knows no other.
    ///
    /// A derived field may have several values; two events agree in it if
    /// they have the same ones in the same order. Evaluation has derived
    /// them, as the event matched.
    fn of(
        rule: &Rule,
        sequence: &Sequence,
        event: &Event<'_>,
        job: Option<u16>,
        scratch: &Scratch,
    ) -> Option<Key> {
        let mut hasher = SipHasher13::new();
        hasher.write(rule.detection.slug.as_bytes());
        for &field in sequence.group_by.iter() {
            let values = || scratch.values(event, job, field);
            let is_known = values().any(|value| !value.is_empty());
            if !is_known && field != Field::Computer {
                return None;
            }
            let mut count = 0_u64;
            for value in values().filter(|_| is_known) {
                write_folded(&mut hasher, value);
                count = count.saturating_add(1);
            }
            // Ends the values, so that none can be shifted into the next
            // field.
            hasher.write_u64(count);
        }
        let hash = hasher.finish128();
        Some(Key([hash.h1, hash.h2]))
    }
}

/// Writes a value in lower case, and its end.
fn write_folded(hasher: &mut SipHasher13, value: &[u8]) {
    let mut folded = [0; 64];
    for part in value.chunks(folded.len()) {
        for (to, from) in folded.iter_mut().zip(part) {
            *to = from.to_ascii_lowercase();
        }
        hasher.write(folded.get(..part.len()).unwrap_or_default());
    }
    // Ends the value, so that its length cannot be shifted into the next.
    hasher.write_u64(value.len() as u64);
}

/// A key is a hash already: its first part will do for the table.
impl core::hash::Hash for Key {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Key([first, _]) = self;
        hasher.write_u64(*first);
    }
}

/// Gives back the number that it takes.
#[derive(Debug, Default)]
struct Same(u64);

impl Hasher for Same {
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn write(&mut self, _: &[u8]) {
        debug_assert!(false, "a key is one number");
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What a correlator remembers.
#[derive(Debug)]
struct Memory {
    /// One for each sequence of the detector, in the order of its rules.
    lists: Vec<KeyList>,
    /// How many keys there is room for; 0 without sequences.
    capacity: usize,
    /// How many halves of either kind each key has room for.
    depth: usize,
    /// Place of each key in `slots`.
    places: HashMap<Key, u32, BuildHasherDefault<Same>>,
    slots: Vec<Slot>,
    /// The halves of all slots: `depth` first and `depth` second ones each.
    halves: Vec<Half>,
    /// How many events were taken in: the time by which slots were used.
    clock: u64,
}

/// The keys of one sequence, linked in the order of their last use.
#[derive(Clone, Copy, Debug)]
struct KeyList {
    /// The number of the rule in the detector.
    rule: u32,
    /// How far apart halves may be, in ticks.
    window: i64,
    newest: Option<u32>,
    oldest: Option<u32>,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: Key,
    /// Place of its sequence in `lists`.
    list: usize,
    newer: Option<u32>,
    older: Option<u32>,
    /// When it was last used.
    used: u64,
    firsts: Tail,
    seconds: Tail,
}

/// What is known of the halves of one kind besides the latest.
#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    /// How many are remembered.
    count: usize,
    /// The latest time of those that were forgotten.
    forgotten: Option<i64>,
}

/// Half of a sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Half {
    time: i64,
    /// Whether it has had its part in a pair.
    used: bool,
}

impl Memory {
    fn new(detector: &Detector, capacity: usize, depth: usize) -> Memory {
        let mut lists = Vec::new();
        for (rule, it) in (0..).zip(detector.rules()) {
            if let Logic::Sequence(sequence) = &it.logic {
                let seconds = i64::from(sequence.within_seconds);
                let window = seconds.saturating_mul(10_000_000);
                let (newest, oldest) = (None, None);
                lists.push(KeyList { rule, window, newest, oldest });
            }
        }
        Memory {
            capacity: if lists.is_empty() { 0 } else { capacity },
            lists,
            depth,
            places: HashMap::default(),
            slots: Vec::new(),
            halves: Vec::new(),
            clock: 0,
        }
    }

    /// Gets all memory that will be needed; `None` if it cannot be had.
    fn reserve(&mut self) -> Option<()> {
        let halves = self.capacity.checked_mul(self.depth)?.checked_mul(2)?;
        self.halves.try_reserve_exact(halves).ok()?;
        self.slots.try_reserve_exact(self.capacity).ok()?;
        // Twice the need: then removals never make the table grow.
        self.places.try_reserve(self.capacity.checked_mul(2)?).ok()
    }

    fn usage(&self) -> usize {
        // The table has a byte of its own for each place.
        let place = size_of::<(Key, u32)>().saturating_add(1);
        let places = self.places.capacity().saturating_mul(place);
        [held(&self.lists), held(&self.slots), held(&self.halves), places]
            .iter()
            .sum()
    }

    fn clear(&mut self) {
        self.places.clear();
        self.slots.clear();
        self.halves.clear();
        for list in &mut self.lists {
            (list.newest, list.oldest) = (None, None);
        }
    }

    /// A sequence by the number of its rule, and its place in `lists`.
    fn sequence<'d>(
        &self,
        detector: &'d Detector,
        index: u32,
    ) -> Option<(usize, &'d Rule, &'d Sequence)> {
        let list = self.lists.binary_search_by_key(&index, |list| list.rule);
        let rule = detector.rules().get(index as usize)?;
        match &rule.logic {
            Logic::Sequence(sequence) => Some((list.ok()?, rule, sequence)),
            Logic::Single(_) => None,
        }
    }

    /// Remembers a half; returns the times of those that it completes pairs
    /// with.
    fn pair(
        &mut self,
        list: usize,
        key: Key,
        half: Kind,
        time: i64,
        counts: &mut CorrelatorCounts,
    ) -> [Option<i64>; 2] {
        let place = self.place(list, key, time, counts);
        let Some(mut line) = self.line(place) else { return [None; 2] };
        line.take_in(half, time, counts)
    }

    /// The halves of the key at a place.
    fn line(&mut self, place: u32) -> Option<Line<'_>> {
        let slot = self.slots.get_mut(place as usize)?;
        let window = self.lists.get(slot.list)?.window;
        let room = self.depth.saturating_mul(2);
        let start = room.saturating_mul(place as usize);
        let halves = self.halves.get_mut(start..)?.get_mut(..room)?;
        let (firsts, seconds) = halves.split_at_mut_checked(self.depth)?;
        Some(Line {
            firsts: Halves { tail: &mut slot.firsts, room: firsts },
            seconds: Halves { tail: &mut slot.seconds, room: seconds },
            window,
        })
    }

    /// The place of a key, new or not, which becomes the newest of its list.
    fn place(
        &mut self,
        list: usize,
        key: Key,
        now: i64,
        counts: &mut CorrelatorCounts,
    ) -> u32 {
        self.clock = self.clock.saturating_add(1);
        let place = match self.places.get(&key) {
            Some(&place) => {
                self.unlink(place);
                place
            }
            None => {
                let place = self.room(now, counts);
                let slot = Slot {
                    key,
                    list,
                    newer: None,
                    older: None,
                    used: 0,
                    firsts: Tail::default(),
                    seconds: Tail::default(),
                };
                match self.slots.get_mut(place as usize) {
                    Some(old) => *old = slot,
                    None => {
                        self.slots.push(slot);
                        let room = self.depth.saturating_mul(2);
                        let most = self.halves.len().saturating_add(room);
                        self.halves.resize(most, Half::default());
                    }
                }
                self.places.insert(key, place);
                place
            }
        };
        self.link(place);
        place
    }

    /// A free place, made free if there is none.
    fn room(&mut self, now: i64, counts: &mut CorrelatorCounts) -> u32 {
        if self.slots.len() < self.capacity {
            // The capacity is at most `Correlator::MAX_CAPACITY`.
            return self.slots.len() as u32;
        }
        let mut least: Option<(bool, u64, u32)> = None;
        for at in 0..self.lists.len() {
            let oldest = self.lists.get(at).and_then(|list| list.oldest);
            let Some(place) = oldest else { continue };
            let used =
                self.slots.get(place as usize).map_or(0, |slot| slot.used);
            let line = self.line(place);
            let is_open = line.is_some_and(|line| line.is_open(now));
            let candidate = (is_open, used, place);
            least =
                Some(least.map_or(candidate, |least| least.min(candidate)));
        }
        let place = least.map_or(0, |least| least.2);
        self.unlink(place);
        if let Some(line) = self.line(place) {
            for halves in [&line.firsts, &line.seconds] {
                for half in halves.iter() {
                    counts.forgot(*half, now, line.window);
                }
            }
        }
        if let Some(slot) = self.slots.get(place as usize) {
            self.places.remove(&slot.key);
        }
        place
    }

    fn unlink(&mut self, place: u32) {
        let Some(slot) = self.slots.get(place as usize) else { return };
        let (newer, older, list) = (slot.newer, slot.older, slot.list);
        let Some(list) = self.lists.get_mut(list) else { return };
        match newer.and_then(|at| self.slots.get_mut(at as usize)) {
            Some(newer) => newer.older = older,
            None => list.newest = older,
        }
        match older.and_then(|at| self.slots.get_mut(at as usize)) {
            Some(older) => older.newer = newer,
            None => list.oldest = newer,
        }
    }

    /// Makes a slot that is in no list the newest of its own.
    fn link(&mut self, place: u32) {
        let Some(slot) = self.slots.get_mut(place as usize) else { return };
        let Some(list) = self.lists.get_mut(slot.list) else { return };
        let older = list.newest.replace(place);
        (slot.newer, slot.older, slot.used) = (None, older, self.clock);
        match older.and_then(|at| self.slots.get_mut(at as usize)) {
            Some(older) => older.newer = Some(place),
            None => list.oldest = Some(place),
        }
    }
}

/// The halves of one key, on a line of time.
struct Line<'m> {
    firsts: Halves<'m>,
    seconds: Halves<'m>,
    /// How far apart the halves of a pair may be.
    window: i64,
}

/// The latest halves of one kind, in order of time.
struct Halves<'m> {
    tail: &'m mut Tail,
    room: &'m mut [Half],
}

impl Halves<'_> {
    fn iter(&self) -> core::slice::Iter<'_, Half> {
        self.room.get(..self.tail.count).unwrap_or_default().iter()
    }

    /// Adds a half; when there is no room, the earliest goes and is
    /// returned.
    fn insert(&mut self, half: Half) -> Option<Half> {
        let mut gone = None;
        if self.tail.count == self.room.len() {
            let earliest = self.iter().next().copied().unwrap_or(half);
            let is_earlier = half.time < earliest.time;
            let least = if is_earlier { half } else { earliest };
            self.tail.forgotten = self.tail.forgotten.max(Some(least.time));
            gone = Some(least);
            if is_earlier {
                return gone;
            }
            self.room.rotate_left(1);
            self.tail.count = self.tail.count.saturating_sub(1);
        }
        let at = self.iter().filter(|kept| kept.time <= half.time).count();
        self.tail.count = self.tail.count.saturating_add(1);
        if let Some(later) = self.room.get_mut(at..self.tail.count) {
            later.rotate_right(1);
            if let Some(place) = later.first_mut() {
                *place = half;
            }
        }
        gone
    }

    /// Whether one at a time may be needed yet.
    fn is_free(&self, time: i64) -> bool {
        self.iter().any(|half| *half == Half { time, used: false })
    }

    /// Marks those at a time: an event that was logged twice is one.
    fn use_at(&mut self, time: Option<i64>) {
        let known = self.room.get_mut(..self.tail.count);
        for half in known.unwrap_or_default() {
            half.used |= Some(half.time) == time;
        }
    }
}

impl Line<'_> {
    /// Takes a half in; returns the times of those that it completes pairs
    /// with.
    ///
    /// One event that is both ends what began before it, and begins what
    /// follows. By itself it is no pair, so each partner is looked for before
    /// either half is taken in.
    fn take_in(
        &mut self,
        half: Kind,
        time: i64,
        counts: &mut CorrelatorCounts,
    ) -> [Option<i64>; 2] {
        let (is_first, is_second) =
            (half != Kind::Second, half != Kind::First);
        let first = is_second.then(|| self.first_before(time)).flatten();
        let second = is_first.then(|| self.second_after(time)).flatten();
        let window = self.window;
        let mut insert = |halves: &mut Halves<'_>, used| {
            if let Some(gone) = halves.insert(Half { time, used }) {
                counts.forgot(gone, time, window);
            }
        };
        if is_second {
            self.firsts.use_at(first);
            insert(&mut self.seconds, first.is_some());
        }
        if is_first {
            self.seconds.use_at(second);
            insert(&mut self.firsts, second.is_some());
        }
        [first, second]
    }

    /// The first half that a second half ends: the last one before it, unless
    /// another second half stands between.
    fn first_before(&self, time: i64) -> Option<i64> {
        let mut firsts = self.firsts.iter();
        let last = firsts.rfind(|half| half.time <= time)?.time;
        let ends = |half: &Half| half.time > last && half.time < time;
        let is_ended = self.seconds.iter().any(ends);
        let is_pair = !is_ended && self.firsts.is_free(last);
        (is_pair && self.may_pair(last, time)).then_some(last)
    }

    /// The second half that waits for a first half: the next one after it,
    /// unless a later first half stands between.
    fn second_after(&self, time: i64) -> Option<i64> {
        let mut seconds = self.seconds.iter();
        let next = seconds.find(|half| half.time >= time)?.time;
        let begins = |half: &Half| half.time > time && half.time < next;
        let is_begun = self.firsts.iter().any(begins);
        let is_pair = !is_begun && self.seconds.is_free(next);
        (is_pair && self.may_pair(time, next)).then_some(next)
    }

    /// Whether halves are near enough, and nothing was forgotten that may
    /// have stood between them.
    fn may_pair(&self, first: i64, second: i64) -> bool {
        let (firsts, seconds) = (&self.firsts.tail, &self.seconds.tail);
        let forgotten = firsts.forgotten.max(seconds.forgotten);
        forgotten <= Some(first) && second.saturating_sub(first) < self.window
    }

    /// Whether an event that is not before `now` may complete a half.
    fn is_open(&self, now: i64) -> bool {
        let mut halves = self.firsts.iter().chain(self.seconds.iter());
        halves.any(|half| {
            !half.used && now.saturating_sub(half.time) < self.window
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BuildErrorKind;
    use crate::event::{EventKind, Platform, TaskDeleted, TaskRegistered};
    use crate::rule::{Detection, Predicate, Selection};

    /// A key's line of time with a window of 30 ticks.
    fn line<'m>(
        firsts: &'m mut Tail,
        first_room: &'m mut [Half; 8],
        seconds: &'m mut Tail,
        second_room: &'m mut [Half; 8],
    ) -> Line<'m> {
        Line {
            firsts: Halves { tail: firsts, room: first_room },
            seconds: Halves { tail: seconds, room: second_room },
            window: 30,
        }
    }

    /// Takes halves in as they arrive, `+` a first, `-` a second and `*` both,
    /// and gives those that complete a pair with the time of their other
    /// half.
    fn pairs(halves: &[(char, i64)]) -> Vec<(char, i64, i64)> {
        let (mut firsts, mut seconds) = Default::default();
        let (mut first_room, mut second_room) = Default::default();
        let mut counts = CorrelatorCounts::default();
        let mut pairs = Vec::new();
        for &(half, time) in halves {
            let kind = match half {
                '+' => Kind::First,
                '-' => Kind::Second,
                _ => Kind::Both,
            };
            let others = line(
                &mut firsts,
                &mut first_room,
                &mut seconds,
                &mut second_room,
            )
            .take_in(kind, time, &mut counts);
            let others = others.into_iter().flatten();
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
        let (mut tail, mut room) = (Tail::default(), [Half::default(); 8]);
        let mut halves = Halves { tail: &mut tail, room: &mut room };
        let half = |time| Half { time, used: false };
        for time in [5, 3, 9, 1, 7, 2, 8, 4] {
            assert_eq!(halves.insert(half(time)), None);
        }
        assert_eq!(halves.insert(half(6)), Some(half(1)));
        assert_eq!(halves.insert(half(1)), Some(half(1)));
        let kept: Vec<i64> = halves.iter().map(|half| half.time).collect();
        assert_eq!(kept, [2, 3, 4, 5, 6, 7, 8, 9]);
    }

    /// What was forgotten may have stood between.
    #[test]
    fn no_pair_reaches_back_over_what_was_forgotten() {
        let mut halves = vec![('+', 10)];
        halves.extend((0..8).map(|second| ('+', 100 + second)));
        assert_eq!(pairs(&[&halves[..], &[('-', 15)]].concat()), []);
        halves.extend([('-', 15), ('+', 5)]);
        assert_eq!(pairs(&halves), []);
        halves.push(('-', 108));
        assert_eq!(pairs(&halves), [('-', 108, 107)]);
    }

    /// A detector of sequences with windows of 30 and 600 seconds, and
    /// events of both at a time.
    fn detector() -> Detector {
        let rule = |slug, within_seconds| {
            let selection = |kind| Selection {
                kinds: vec![kind].into(),
                predicate: Predicate::ALWAYS,
            };
            let platform = Platform::Windows;
            Rule {
                detection: Detection::new(slug, slug, platform),
                logic: Logic::Sequence(Sequence {
                    first: selection(EventKind::TaskRegistered),
                    second: selection(EventKind::TaskDeleted),
                    group_by: vec![Field::TaskName].into(),
                    within_seconds,
                }),
            }
        };
        Detector::builder()
            .without_builtin()
            .rule(rule("a_quick_one", 30))
            .rule(rule("b_slow_one", 600))
            .build()
            .unwrap()
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
            let memory = &correlator.memory;
            let mut linked = 0;
            for list in &memory.lists {
                let mut place = list.oldest;
                let mut used = 0;
                while let Some(at) = place {
                    let slot = &memory.slots[at as usize];
                    assert!(slot.used > used);
                    assert_eq!(memory.places.get(&slot.key), Some(&at));
                    (used, place, linked) =
                        (slot.used, slot.newer, linked + 1);
                }
            }
            assert_eq!(linked, memory.slots.len());
            assert_eq!(linked, memory.places.len());
        }
        assert_eq!(correlator.memory_usage(), memory);
    }
}
