/*!
Identical findings as one.

A task that runs each minute is found each minute. [`Repeats`] lets the first
of identical findings through, counts those after it, and tells their number
when the time span is over.
*/

use core::fmt::{self, Write};
use std::collections::BTreeMap;

use crate::correlate::{Key, KeyHasher, Seed};
use crate::detector::{BuildError, Detector, Grouping, Match, Reason};
use crate::event::{Field, Value};
use crate::finding::KeptFinding;
use crate::rule::Detection;
use crate::rule_state::Restored;
use crate::state::{Content, Of, StateError, Writer, corrupt};
use crate::time::{Timestamp, ticks};

/// Groups identical findings: those of one detection that have the same host
/// and user and the same [message](Match::message), within 5 minutes. What
/// makes findings identical, and how long a group lasts, can be said for each
/// detection.
///
/// The number of findings that came through and the
/// [repeats](Closed::repeats) of all groups are together the number of
/// matches.
///
/// Belongs to one stream; not shared. Memory grows with the groups that are
/// open, about 150 bytes each, up to [`Repeats::DEFAULT_CAPACITY`]; when there
/// are as many, the one that is over next is closed for each new one. Takes time in
/// proportion to the message.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, TaskScheduler};
/// use t1053::{Detector, Grouped, Repeats, Scratch, Timestamp};
///
/// let detector =
///     Detector::builder().enable("kind:Hunting".parse()?).build()?;
/// let mut scratch = Scratch::new(&detector);
/// let mut repeats = Repeats::new(&detector);
/// let mut closed = Vec::new();
/// let mut shown = 0;
/// for seconds in [0, 60, 120, 600] {
///     let mut event = Event::windows(TaskScheduler::default());
///     event.event_id = Some(b"200");
///     event.time = Some(Timestamp::from_unix_millis(seconds * 1000));
///     for found in detector.evaluate(&event, &mut scratch) {
///         match repeats.take(&found, |group| closed.push(group)) {
///             Grouped::Repeat(_) => {}
///             _ => shown += 1,
///         }
///     }
/// }
/// repeats.finish(|group| closed.push(group));
/// assert_eq!(shown, 2);
/// assert_eq!((closed[0].repeats, closed[1].repeats), (2, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Repeats {
    detector: Detector,
    seed: Seed,
    capacity: usize,
    /// How long a group lasts where nothing is said of its detection.
    seconds: u32,
    /// What is said of each detection; nothing: the user and the message.
    groupings: Vec<Option<Grouping>>,
    open: BTreeMap<Key, Group>,
    /// When each open group is over, and its number.
    ends: BTreeMap<(i64, u64), Key>,
    counts: RepeatCounts,
}

/// What became of all findings so far.
///
/// `groups`, `repeats` and `alone` are together the number of findings that
/// were taken; those of the first and the last kind came through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RepeatCounts {
    /// Groups that were opened.
    pub groups: u64,
    /// Findings that were counted and not shown.
    pub repeats: u64,
    /// Findings without a time, or too late for the group that was open.
    pub alone: u64,
    /// Groups that were closed before their time to make room. More than 0
    /// says that the [capacity](Repeats::capacity) is too small for the
    /// stream: findings are shown that are none the first.
    pub early: u64,
}

/// A group that is open.
#[derive(Clone, Copy, Debug)]
struct Group {
    number: u64,
    index: usize,
    repeats: u64,
    first: i64,
    last: i64,
    /// How long it lasts, in ticks: what was said when it was opened.
    window: i64,
}

/// What a finding is among those that are identical with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grouped {
    /// The first of a group of this number, to be shown.
    First(u64),
    /// One more of a group of this number, which has been counted.
    Repeat(u64),
    /// One without a time, or one that came too late for the group that is
    /// open: to be shown, and part of no group.
    Alone,
}

/// A group that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Its number, as [`Grouped`] told it.
    pub group: u64,
    /// The [index](Match::index) of the detection.
    pub index: usize,
    /// How many findings there were besides the first that was shown.
    pub repeats: u64,
    /// When the earliest happened.
    pub first: Timestamp,
    /// When the latest happened.
    pub last: Timestamp,
}

impl Closed {
    /// The line of NDJSON of the first [finding](crate::Finding), as it was
    /// shown, with `repeats`, `first_seen` and `last_seen` added: what tells
    /// of the group when it is complete.
    ///
    /// # Example
    ///
    /// ```
    /// # use t1053::event::{Event, TaskScheduler};
    /// # use t1053::{Detector, Finding, Place, Repeats, Scratch, Timestamp};
    /// # let detector = Detector::new();
    /// # let mut scratch = Scratch::new(&detector);
    /// # let mut repeats = Repeats::new(&detector);
    /// # let mut event = Event::windows(TaskScheduler::default());
    /// # event.event_id = Some(b"200");
    /// # event.time = Some(Timestamp::from_unix_millis(0));
    /// # let found = detector.evaluate(&event, &mut scratch).next().unwrap();
    /// let place = Place::default();
    /// let shown = Finding { place, found: &found, quote: None }.to_string();
    /// repeats.take(&found, |_| {});
    /// repeats.take(&found, |_| {});
    /// repeats.finish(|group| {
    ///     let line = group.line(&shown).to_string();
    ///     let end = r#""repeats":1,"first_seen":"1970-01-01T00:00:00Z","last_seen":"1970-01-01T00:00:00Z"}"#;
    ///     assert!(line.ends_with(end), "{line}");
    /// });
    /// ```
    pub fn line(self, first: &str) -> GroupLine<'_> {
        GroupLine { closed: self, first }
    }
}

/// A line of NDJSON that tells of a group; made by [`Closed::line`].
#[derive(Clone, Copy, Debug)]
pub struct GroupLine<'l> {
    closed: Closed,
    first: &'l str,
}

impl fmt::Display for GroupLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Closed { repeats, first, last, .. } = self.closed;
        f.write_str(self.first.strip_suffix('}').unwrap_or(self.first))?;
        write!(f, ",\"repeats\":{repeats},\"first_seen\":\"{first}\"")?;
        write!(f, ",\"last_seen\":\"{last}\"}}")
    }
}

impl Group {
    /// When it is over, and its number.
    fn end(self) -> (i64, u64) {
        (self.first.saturating_add(self.window), self.number)
    }

    fn closed(self) -> Closed {
        Closed {
            group: self.number,
            index: self.index,
            repeats: self.repeats,
            first: Timestamp::from_ticks(self.first),
            last: Timestamp::from_ticks(self.last),
        }
    }
}

impl Repeats {
    /// Bytes of memory that the groups take, roughly: the nodes of maps are
    /// not full, and a third is added for that.
    pub fn memory_usage(&self) -> usize {
        let group = size_of::<Key>().saturating_add(size_of::<Group>());
        let groups = self.open.len().saturating_mul(group);
        let end = size_of::<((i64, u64), Key)>();
        let ends = self.ends.len().saturating_mul(end);
        let both = groups.saturating_add(ends);
        both.saturating_add(both / 3)
    }

    /// How many groups may be open.
    pub const DEFAULT_CAPACITY: usize = 1 << 16;

    /// How long a group lasts where nothing else is said: 5 minutes.
    pub const DEFAULT_SECONDS: u32 = 300;

    /// Groups the findings of a detector, as
    /// [it says](crate::DetectorBuilder::grouping).
    pub fn new(detector: &Detector) -> Repeats {
        let all = 0..detector.detections().len();
        Repeats {
            seed: Seed::default(),
            capacity: Repeats::DEFAULT_CAPACITY,
            seconds: Repeats::DEFAULT_SECONDS,
            groupings: all.map(|at| detector.grouping(at).cloned()).collect(),
            detector: detector.clone(),
            open: BTreeMap::new(),
            ends: BTreeMap::new(),
            counts: RepeatCounts::default(),
        }
    }

    /// How long a group lasts, from its first finding on, but of detections
    /// of which the detector or [`of`](Repeats::of) says it.
    #[must_use]
    pub fn within(mut self, seconds: u32) -> Repeats {
        self.seconds = seconds;
        self
    }

    /// How many groups may be open: at least 1.
    #[must_use]
    pub fn capacity(mut self, groups: usize) -> Repeats {
        self.capacity = groups.max(1);
        self
    }

    /// What keys are hashed with, as
    /// [`CorrelatorBuilder::seed`](crate::CorrelatorBuilder::seed) tells. Part
    /// of the [saved state](Repeats::save).
    #[must_use]
    pub fn seed(mut self, seed: [u8; 16]) -> Repeats {
        self.seed = Seed::of(seed);
        self
    }

    /// Says for one detection what makes its findings identical, besides the
    /// host, and how long a group of them lasts: for these findings alone,
    /// what [`DetectorBuilder::grouping`](crate::DetectorBuilder::grouping)
    /// says for all of a detector.
    ///
    /// # Errors
    ///
    /// The detector has no detection of this name.
    pub fn of(
        mut self,
        slug: &str,
        fields: &[Field],
        seconds: u32,
    ) -> Result<Repeats, BuildError> {
        let is_meant = |one: &Detection| one.slug == slug;
        let index = self.detector.detections().position(is_meant);
        match index.and_then(|at| self.groupings.get_mut(at)) {
            Some(grouping) => {
                let fields = fields.to_vec();
                *grouping = Some(Grouping { fields, seconds });
                Ok(self)
            }
            None => {
                let slugs = self.detector.detections();
                let slugs = slugs.map(|one| one.slug.to_string()).collect();
                let slug = slug.to_owned();
                Err(Reason::UnknownSlug { slug, slugs }.into())
            }
        }
    }

    /// Takes a finding, and calls `closed` with each group whose time is over
    /// when it happened, or that has to make room.
    pub fn take(
        &mut self,
        found: &Match<'_>,
        closed: impl FnMut(Closed),
    ) -> Grouped {
        let index = found.index();
        let event = found.event();
        let key = match self.grouping(index) {
            Some(Grouping { fields, .. }) => {
                let values = fields.iter().map(|field| found.value(*field));
                self.key_of(index, event.host, values)
            }
            None => {
                let message = found.message();
                self.key(index, event.host, event.user, &message)
            }
        };
        self.take_in(index, key, event.time, closed)
    }

    /// Takes a finding that has outlived its record, of the detection with
    /// this [index](Match::index): as [`take`](Repeats::take) does, where the
    /// finding has the values for it; else by host, user and message.
    pub fn take_kept(
        &mut self,
        index: usize,
        kept: &KeptFinding<'_>,
        closed: impl FnMut(Closed),
    ) -> Grouped {
        let values = kept.identity.iter().copied();
        let key = match self.grouping(index) {
            Some(Grouping { fields, .. }) if fields.len() == values.len() => {
                self.key_of(index, kept.host, values)
            }
            _ => self.key(index, kept.host, kept.user, &kept.message),
        };
        self.take_in(index, key, kept.time, closed)
    }

    fn take_in(
        &mut self,
        index: usize,
        key: Key,
        time: Option<Timestamp>,
        mut closed: impl FnMut(Closed),
    ) -> Grouped {
        let grouped = self.grouped(index, key, time, &mut closed);
        let RepeatCounts { groups, repeats, alone, .. } = &mut self.counts;
        let count = match grouped {
            Grouped::First(_) => groups,
            Grouped::Repeat(_) => repeats,
            Grouped::Alone => alone,
        };
        *count = count.saturating_add(1);
        grouped
    }

    fn grouped(
        &mut self,
        index: usize,
        key: Key,
        time: Option<Timestamp>,
        closed: &mut impl FnMut(Closed),
    ) -> Grouped {
        let Some(time) = time.map(Timestamp::ticks) else {
            return Grouped::Alone;
        };
        if let Some(group) = self.open.get_mut(&key) {
            let first = group.first.min(time);
            let last = group.last.max(time);
            if last.saturating_sub(first) < group.window {
                let before = group.end();
                (group.first, group.last) = (first, last);
                group.repeats = group.repeats.saturating_add(1);
                let (number, now) = (group.number, group.end());
                if now != before {
                    self.ends.remove(&before);
                    self.ends.insert(now, key);
                }
                return Grouped::Repeat(number);
            }
            if time < group.last {
                return Grouped::Alone;
            }
            closed(group.closed());
            let end = group.end();
            self.open.remove(&key);
            self.ends.remove(&end);
        }
        self.make_room(time, closed);
        let number = self.counts.groups.saturating_add(1);
        let window = self.window(index);
        let (first, last) = (time, time);
        let group = Group { number, index, repeats: 0, first, last, window };
        self.open.insert(key, group);
        self.ends.insert(group.end(), key);
        Grouped::First(number)
    }

    /// Closes all groups, such as at the end of the stream, in the order in
    /// which they were opened.
    pub fn finish(&mut self, mut closed: impl FnMut(Closed)) {
        for (_, group) in self.in_order() {
            closed(group.closed());
        }
        self.open.clear();
        self.ends.clear();
    }

    /// The open groups in the order in which they were opened.
    fn in_order(&self) -> Vec<(Key, Group)> {
        let groups = self.open.iter().map(|(key, group)| (*key, *group));
        let mut groups: Vec<(Key, Group)> = groups.collect();
        groups.sort_unstable_by_key(|(_, group)| group.number);
        groups
    }

    /// Closes groups that are over at a time, and if there are as many as may
    /// be, the one that is over next.
    fn make_room(&mut self, now: i64, closed: &mut impl FnMut(Closed)) {
        while let Some((&(end, number), &key)) = self.ends.first_key_value() {
            let is_over = end <= now;
            if !is_over && self.open.len() < self.capacity {
                return;
            }
            self.ends.pop_first();
            self.counts.early =
                self.counts.early.saturating_add(u64::from(!is_over));
            let group = self.open.remove(&key);
            debug_assert!(group.is_some_and(|group| group.number == number));
            if let Some(group) = group {
                closed(group.closed());
            }
        }
    }

    /// How many groups are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// What became of all findings so far.
    pub fn counts(&self) -> RepeatCounts {
        self.counts
    }

    /// The groups that are open, and the counts, as bytes: the same on every
    /// platform, with a version and a checksum. What is
    /// [restored](Repeats::restore) from them says exactly what this one says
    /// from here on. Not the settings.
    ///
    /// Takes time and memory in proportion to the groups: 56 bytes each.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::event::{Event, TaskScheduler};
    /// use t1053::{Detector, Grouped, Repeats, Scratch, Timestamp};
    ///
    /// let detector = Detector::new();
    /// let mut scratch = Scratch::new(&detector);
    /// let mut event = Event::windows(TaskScheduler::default());
    /// event.event_id = Some(b"200");
    /// event.time = Some(Timestamp::from_unix_millis(0));
    /// let found = detector.evaluate(&event, &mut scratch).next().unwrap();
    /// let mut before = Repeats::new(&detector);
    /// assert_eq!(before.take(&found, |_| {}), Grouped::First(1));
    /// let state = before.save();
    ///
    /// // The agent is started again.
    /// let mut after = Repeats::new(&detector);
    /// after.restore(&state)?;
    /// assert_eq!(after.take(&found, |_| {}), Grouped::Repeat(1));
    /// # Ok::<(), t1053::StateError>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        let mut numbers: Vec<usize> =
            self.open.values().map(|group| group.index).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut writer = Writer::new(Of::Repeats);
        self.seed.save(&mut writer);
        // All of them, so that the compiler names what a new one lacks here.
        let RepeatCounts { groups: opened, repeats, alone, early } =
            self.counts;
        for count in [opened, repeats, alone, early] {
            writer.number(count);
        }
        writer.rules(&self.detector, &numbers);
        writer.number(self.open.len() as u64);
        for (key, group) in self.in_order() {
            let Group { number, index, repeats, first, last, .. } = group;
            let rule = numbers.binary_search(&index);
            debug_assert!(rule.is_ok());
            writer.number(rule.unwrap_or_default() as u64);
            key.save(&mut writer);
            writer.number(number);
            writer.number(repeats);
            writer.signed(first);
            writer.signed(last);
        }
        writer.finish()
    }

    /// Takes over what was [saved](Repeats::save), in place of what is known
    /// here; call [`finish`](Repeats::finish) first where that should be told.
    /// Groups of detections that are not the same here are dropped, and not
    /// told any more; what came of it is returned. The seed is that of the
    /// saved state. The settings stay: groups that there is no room for are
    /// closed with the next finding, groups last as long as is said here, and
    /// those of a detection whose findings are told apart by other fields here
    /// get no more of them.
    ///
    /// # Errors
    ///
    /// The bytes are no state of repeats, cut, changed, or of a later version.
    /// Then everything is as it was.
    pub fn restore(&mut self, state: &[u8]) -> Result<Restored, StateError> {
        let mut content = Content::of(Of::Repeats, state)?;
        let seed = Seed::restored(&mut content)?;
        let counts = RepeatCounts {
            groups: content.number()?,
            repeats: content.number()?,
            alone: content.number()?,
            early: content.number()?,
        };
        let mut restored = Restored::default();
        let rules = content.rules(&self.detector, &mut restored)?;
        let (mut open, mut ends) = (BTreeMap::new(), BTreeMap::new());
        let mut newest = 0;
        for _ in 0..content.number()? {
            let rule = usize::try_from(content.number()?).ok();
            let rule = rule.and_then(|rule| rules.get(rule));
            let index = *rule.ok_or_else(corrupt)?;
            let key = Key::restored(&mut content)?;
            let number = content.number()?;
            let repeats = content.number()?;
            let (first, last) = (content.signed()?, content.signed()?);
            // The caller knows groups by their numbers.
            let is_next = number > newest && number <= counts.groups;
            if !is_next || first > last {
                return Err(corrupt());
            }
            newest = number;
            restored.keys(1, index.is_some());
            let Some(index) = index else { continue };
            let window = self.window(index);
            let group = Group { number, index, repeats, first, last, window };
            if open.insert(key, group).is_some() {
                return Err(corrupt());
            }
            ends.insert(group.end(), key);
        }
        content.end()?;
        self.seed = seed;
        self.counts = counts;
        (self.open, self.ends) = (open, ends);
        Ok(restored)
    }

    fn window(&self, index: usize) -> i64 {
        let grouping = self.grouping(index);
        ticks(grouping.map_or(self.seconds, |grouping| grouping.seconds))
    }

    fn grouping(&self, index: usize) -> Option<&Grouping> {
        let grouping = self.groupings.get(index);
        debug_assert!(grouping.is_some(), "a match of another detector");
        grouping.and_then(Option::as_ref)
    }

    /// What findings of a detection have in common that are identical by the
    /// values of some fields.
    fn key_of<'v>(
        &self,
        index: usize,
        host: Option<&[u8]>,
        values: impl Iterator<Item = Value<'v>>,
    ) -> Key {
        let mut hasher = self.hasher(index, host);
        for value in values {
            hasher.value(value.unwrap_or_default());
        }
        hasher.finish()
    }

    /// What findings that are identical have in common where nothing is said
    /// of their detection.
    fn key(
        &self,
        index: usize,
        host: Option<&[u8]>,
        user: Option<&[u8]>,
        message: &dyn fmt::Display,
    ) -> Key {
        let mut hasher = self.hasher(index, host);
        hasher.value(user.unwrap_or_default());
        // Hashing does not fail.
        let _ = write!(hasher, "{message}");
        hasher.finish()
    }

    fn hasher(&self, index: usize, host: Option<&[u8]>) -> KeyHasher {
        let mut hasher = KeyHasher::new(self.seed);
        // Not its number, which is another in a detector of other rules.
        let detection = self.detector.detection(index);
        let slug = detection.map_or("", |detection| &detection.slug);
        hasher.value(slug.as_bytes());
        hasher.value(host.unwrap_or_default());
        hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, TaskRegistered};
    use crate::rule::{Logic, Predicate, Rule, Selection};
    use crate::vocabulary::{EventKind, Platform};
    use crate::{Place, Scratch};

    const SLUG: &str = "registered";

    fn detector() -> Detector {
        let kinds = vec![EventKind::TaskRegistered].into();
        let predicate = Predicate::ALWAYS;
        let mut detection = Detection::new(SLUG, SLUG, Platform::Windows);
        detection.message = "{TaskName} by {User}".into();
        let logic = Logic::Single(Selection { kinds, predicate });
        let rule = Rule { detection, logic };
        let builder = Detector::builder().without_builtin().rule(rule);
        builder.build().unwrap()
    }

    /// Of a group: number, repeats, first and last second.
    type Told = (u64, u64, i64, i64);

    /// Takes findings: when each happened, on which host, and of which task.
    /// What became of each, and the groups that were closed, at the end too.
    fn take(
        repeats: Repeats,
        findings: &[(i64, &str, &str)],
    ) -> (Vec<Grouped>, Vec<Told>) {
        take_with_a_restart(repeats, findings, usize::MAX)
    }

    fn told(one: Closed) -> Told {
        let second = |time: Timestamp| time.ticks() / 10_000_000;
        (one.group, one.repeats, second(one.first), second(one.last))
    }

    /// The same, saved and restored before the finding of this number.
    fn take_with_a_restart(
        mut repeats: Repeats,
        findings: &[(i64, &str, &str)],
        restart_at: usize,
    ) -> (Vec<Grouped>, Vec<Told>) {
        let new = repeats.clone().seed([3; 16]);
        let detector = repeats.detector.clone();
        let mut scratch = Scratch::new(&detector);
        let (mut grouped, mut groups) = (Vec::new(), Vec::new());
        for (at, (seconds, host, task)) in findings.iter().enumerate() {
            if at == restart_at {
                let state = repeats.save();
                repeats = new.clone();
                repeats.restore(&state).unwrap();
                assert_eq!(repeats.save(), state);
            }
            let mut event = Event::windows(TaskRegistered {
                task_name: Some(task.as_bytes()),
                ..Default::default()
            });
            event.host = Some(host.as_bytes());
            event.time = Some(Timestamp::from_ticks(seconds * 10_000_000));
            for found in detector.evaluate(&event, &mut scratch) {
                // One that has outlived its record is the same.
                let message = found.message().to_string();
                let grouping = repeats.grouping(found.index());
                let fields = grouping.map_or(&[][..], |of| &of.fields);
                let values = fields.iter().map(|field| found.value(*field));
                let identity: Vec<Value<'_>> = values.collect();
                let kept = KeptFinding {
                    place: Place::default(),
                    detection: found.detection(),
                    time: event.time,
                    host: event.host,
                    user: event.user,
                    message: &message,
                    identity: &identity,
                    evidence: &[],
                    quote: None,
                };
                let closed = |one| groups.push(told(one));
                let is_kept = grouped.len() % 2 == 1;
                grouped.push(match is_kept {
                    true => repeats.take_kept(found.index(), &kept, closed),
                    false => repeats.take(&found, closed),
                });
            }
        }
        repeats.finish(|one| groups.push(told(one)));
        let counts = repeats.counts();
        let told = [counts.groups, counts.repeats, counts.alone];
        assert_eq!(told.iter().sum::<u64>(), findings.len() as u64);
        assert_eq!((repeats.open(), counts.groups), (0, groups.len() as u64));
        let shown = grouped.iter().filter(|one| !is_repeat(one)).count();
        let repeated: u64 = groups.iter().map(|one| one.1).sum();
        assert_eq!(shown + repeated as usize, findings.len());
        (grouped, groups)
    }

    fn is_repeat(grouped: &Grouped) -> bool {
        matches!(grouped, Grouped::Repeat(_))
    }

    #[test]
    fn identical_findings_are_one_within_the_time_span() {
        let findings = [
            (0, "a", "x"),
            (1, "b", "x"),
            (2, "a", "y"),
            (299, "A", "x"),
            (300, "a", "x"),
        ];
        let (grouped, groups) = take(Repeats::new(&detector()), &findings);
        let first = |number| Grouped::First(number);
        let expected =
            [first(1), first(2), first(3), Grouped::Repeat(1), first(4)];
        assert_eq!(grouped, expected);
        let expected =
            [(1, 1, 0, 299), (2, 0, 1, 1), (3, 0, 2, 2), (4, 0, 300, 300)];
        assert_eq!(groups, expected);
    }

    #[test]
    fn late_findings_are_of_the_group_they_belong_to_or_alone() {
        let findings =
            [(300, "a", "x"), (10, "a", "x"), (-5, "a", "x"), (5, "a", "x")];
        let (grouped, groups) = take(Repeats::new(&detector()), &findings);
        let (first, repeat) = (Grouped::First(1), Grouped::Repeat(1));
        assert_eq!(grouped, [first, repeat, Grouped::Alone, repeat]);
        assert_eq!(groups, [(1, 2, 5, 300)]);
    }

    #[test]
    fn keys_and_time_span_can_be_said_for_a_detection() {
        let repeats = Repeats::new(&detector());
        let repeats = repeats.of(SLUG, &[Field::User], 10).unwrap();
        let findings = [(0, "a", "x"), (9, "a", "y"), (10, "a", "z")];
        let (grouped, groups) = take(repeats, &findings);
        assert!(is_repeat(&grouped[1]) && !is_repeat(&grouped[2]));
        assert_eq!(groups[0], (1, 1, 0, 9));
        let error = Repeats::new(&detector()).of("registred", &[], 1);
        assert_eq!(
            error.unwrap_err().to_string(),
            "there is no detection `registred`; did you mean `registered`?",
        );
    }

    /// What the detector says holds without more, what a stream says before
    /// it, and the time of all others not.
    #[test]
    fn grouping_of_the_detector_is_heeded() {
        let fields = vec![Field::User];
        let grouping = Grouping { fields, seconds: 10 };
        let rule = detector().rules()[0].clone();
        let builder = Detector::builder().without_builtin().rule(rule);
        let detector = builder.grouping(SLUG, grouping).build().unwrap();
        let findings = [(0, "a", "x"), (9, "a", "y"), (10, "a", "z")];
        let repeated = |repeats: Repeats| {
            let (grouped, _) = take(repeats, &findings);
            grouped.iter().map(is_repeat).collect::<Vec<_>>()
        };
        let repeats = Repeats::new(&detector).within(1);
        assert_eq!(repeated(repeats.clone()), [false, true, false]);
        let repeats = repeats.of(SLUG, &[Field::TaskName], 20).unwrap();
        assert_eq!(repeated(repeats), [false; 3]);
    }

    /// The caller may say for how long while groups are open.
    #[test]
    fn group_lasts_as_long_as_was_said_when_it_was_opened() {
        let key = |number| {
            let mut hasher = KeyHasher::new(Seed::of([number; 16]));
            hasher.value(b"");
            hasher.finish()
        };
        let time =
            |second: i64| Some(Timestamp::from_unix_millis(second * 1000));
        let mut repeats = Repeats::new(&detector());
        let mut groups = Vec::new();
        let mut take = |closed: Closed| groups.push(told(closed));
        repeats.take_in(0, key(1), time(0), &mut take);
        let mut repeats = repeats.of(SLUG, &[], 10).unwrap();
        repeats.take_in(0, key(2), time(20), &mut take);
        // Earlier than what the group began with, which ends it earlier.
        repeats.take_in(0, key(1), time(-20), &mut take);
        repeats.take_in(0, key(3), time(40), &mut take);
        repeats.take_in(0, key(3), time(281), &mut take);
        let expected = [(2, 0, 20, 20), (3, 0, 40, 40), (1, 1, -20, 0)];
        assert_eq!(groups, expected);
        assert_eq!((repeats.open(), repeats.counts().early), (1, 0));
    }

    /// However long another lasts, which was opened before.
    #[test]
    fn group_is_told_when_its_own_time_is_over() {
        let detector = Detector::new();
        let place = |slug: &str| {
            detector.detections().position(|one| one.slug == slug).unwrap()
        };
        let names = ["task_created", "task_changed"];
        let [long, short] = names.map(place);
        let repeats = || {
            Repeats::new(&detector)
                .of(names[0], &[], 86_400)
                .unwrap()
                .of(names[1], &[Field::TaskName], 60)
                .unwrap()
                // Not of those.
                .within(1)
        };
        let key = |number: u64| {
            let mut hasher = repeats().hasher(short, None);
            hasher.value(&number.to_le_bytes());
            hasher.finish()
        };
        let time =
            |second: i64| Some(Timestamp::from_unix_millis(second * 1000));
        for capacity in [1000, 3] {
            let mut repeats = repeats().capacity(capacity);
            repeats.take_in(long, key(0), time(0), |_| panic!());
            let mut told = Vec::new();
            for number in 1..20 {
                let at = time(number as i64 * 600);
                let take = |closed: Closed| told.push(closed.group);
                repeats.take_in(short, key(number), at, take);
            }
            assert_eq!(told, (2..20).collect::<Vec<_>>());
            assert_eq!((repeats.open(), repeats.counts().early), (2, 0));
            let state = repeats.save();
            repeats.restore(&state).unwrap();
            assert_eq!(repeats.save(), state);
            let mut left = Vec::new();
            repeats.finish(|closed| left.push(closed.group));
            assert_eq!(left, [1, 20]);
        }
    }

    #[test]
    fn oldest_group_makes_room() {
        let repeats = Repeats::new(&detector()).capacity(2);
        let names: Vec<String> =
            (0..9).map(|number| number.to_string()).collect();
        let findings: Vec<(i64, &str, &str)> =
            names.iter().map(|name| (0, "a", name.as_str())).collect();
        let (grouped, groups) = take(repeats, &findings);
        assert_eq!(grouped.len(), 9);
        assert!(groups.is_sorted() && groups.len() == 9);
    }

    /// Findings of some hosts and tasks, some of them late.
    fn stream() -> Vec<(i64, &'static str, &'static str)> {
        let (mut number, mut now) = (1_u32, 0);
        let mut next = |most: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(12_345);
            (number >> 16) % most
        };
        let names = ["a", "b", "c", "d"];
        let mut finding = || {
            now += i64::from(next(60));
            let late = if next(4) == 0 { next(400) } else { 0 };
            let [host, task] = [2, 4].map(|most| names[next(most) as usize]);
            (now - i64::from(late), host, task)
        };
        (0..150).map(|_| finding()).collect()
    }

    #[test]
    fn restart_anywhere_changes_nothing() {
        let stream = stream();
        for repeats in [
            Repeats::new(&detector()),
            Repeats::new(&detector()).capacity(3),
            Repeats::new(&detector()).of(SLUG, &[], 90).unwrap(),
        ] {
            let whole = take(repeats.clone(), &stream);
            assert!(whole.1.iter().any(|group| group.1 > 0));
            for at in 0..stream.len() {
                let parts = take_with_a_restart(repeats.clone(), &stream, at);
                assert_eq!(parts, whole, "{at}");
            }
        }
    }

    /// Groups that are open of the first findings of a stream.
    fn opened(repeats: Repeats) -> Repeats {
        let mut repeats = repeats;
        let mut scratch = Scratch::new(&detector());
        let detector = repeats.detector.clone();
        for (seconds, host, task) in stream().into_iter().take(9) {
            let mut event = Event::windows(TaskRegistered {
                task_name: Some(task.as_bytes()),
                ..Default::default()
            });
            event.host = Some(host.as_bytes());
            event.time = Some(Timestamp::from_ticks(seconds * 10_000_000));
            for found in detector.evaluate(&event, &mut scratch) {
                repeats.take(&found, |_| {});
            }
        }
        repeats
    }

    #[test]
    fn state_that_is_refused_changes_nothing() {
        let state = opened(Repeats::new(&detector())).save();
        let mut other = opened(Repeats::new(&detector()).capacity(1));
        let before = other.save();
        for length in 0..state.len() {
            assert!(other.restore(&state[..length]).is_err());
        }
        let risk = crate::RiskTracker::new(&detector()).save();
        assert!(other.restore(&risk).is_err());
        assert_eq!(other.save(), before);
        // With a checksum that is right, as an adversary may make it.
        for at in 20..state.len() - 8 {
            for byte in [0, 1, 0x7F, 0xFF] {
                let mut changed = state.clone();
                changed[at] = byte;
                let changed = crate::state::resealed(&changed);
                let before = other.save();
                if other.restore(&changed).is_err() {
                    assert_eq!(other.save(), before, "{at}");
                    continue;
                }
                other = opened(other);
                let mut closed = 0;
                let open = other.open();
                other.finish(|_| closed += 1);
                assert_eq!(closed, open, "{at}");
            }
        }
    }

    #[test]
    fn groups_of_other_rules_are_dropped_and_the_rest_have_new_numbers() {
        let built = |slugs: &[&str], kind: EventKind| {
            let mut builder = Detector::builder().without_builtin();
            for slug in slugs {
                let kinds = match *slug {
                    SLUG => vec![EventKind::TaskRegistered].into(),
                    _ => vec![EventKind::TaskRegistered, kind].into(),
                };
                let predicate = Predicate::ALWAYS;
                let slug = (*slug).to_owned();
                let detection =
                    Detection::new(slug.clone(), slug, Platform::Windows);
                let logic = Logic::Single(Selection { kinds, predicate });
                builder = builder.rule(Rule { detection, logic });
            }
            builder.build().unwrap()
        };
        let before = built(&["changed", SLUG], EventKind::TaskDeleted);
        let after =
            built(&["a", "b", "changed", SLUG], EventKind::TaskUpdated);
        let one = opened(Repeats::new(&before));
        let mut other = Repeats::new(&after);
        let restored = other.restore(&one.save()).unwrap();
        let half = one.open() as u64 / 2;
        assert!(half > 0);
        assert_eq!((restored.rules, restored.keys), (1, half));
        let dropped = (restored.dropped_rules, restored.dropped_keys);
        assert_eq!(dropped, (1, half));
        // Those that were open are repeated, of this rule and no other.
        let (mut grouped, mut scratch) = (Vec::new(), Scratch::new(&after));
        let (seconds, host, _) = stream()[8];
        let mut event = Event::windows(TaskRegistered::default());
        event.time = Some(Timestamp::from_ticks(seconds * 10_000_000));
        event.host = Some(host.as_bytes());
        for found in after.evaluate(&event, &mut scratch) {
            let slug = found.detection().slug.to_string();
            let is_repeat = is_repeat(&other.take(&found, |_| {}));
            grouped.push((slug, is_repeat));
        }
        let repeated = grouped.iter().filter(|one| one.1);
        assert!(repeated.clone().all(|one| one.0 == SLUG));
        assert_eq!((grouped.len(), repeated.count()), (4, 1));
    }

    #[test]
    fn finding_without_a_time_is_alone() {
        let detector = detector();
        let mut scratch = Scratch::new(&detector);
        let mut repeats = Repeats::new(&detector);
        let event = Event::windows(TaskRegistered::default());
        for found in detector.evaluate(&event, &mut scratch) {
            let grouped = repeats.take(&found, |_| {});
            assert_eq!(grouped, Grouped::Alone);
        }
        repeats.finish(|group| panic!("{group:?}"));
    }
}
