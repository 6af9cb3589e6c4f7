/*!
The running risk of hosts and users.

One finding of low risk is noise; five different ones on one host in a day are
not. [`RiskTracker`] adds up the risk of what is found of each host and user.
*/

use core::fmt::{self, Write};
use std::collections::{BTreeMap, BTreeSet};

use crate::correlate::{Key, KeyHasher, Seed};
use crate::detector::{Detector, Match};
use crate::finding::KeptFinding;
use crate::line::Line;
use crate::memory::held;
use crate::rule::Detection;
use crate::rule_state::Restored;
use crate::state::{Content, Of, StateError, Writer, corrupt};
use crate::time::{Timestamp, ticks};

/// Adds up the published risk of what is found of each host and user within a
/// sliding time span, and tells when the sum reaches a threshold: 100 points
/// in 24 hours, where nothing else is said.
///
/// A detection counts once for an object and time span, however often it
/// matches. Which objects a match raises the risk of is told by the
/// detection's [risk objects](Detection::risk_objects); of a rule without
/// any, it is the host.
///
/// Belongs to one stream; not shared. Memory grows with the objects, up to
/// [`RiskTracker::DEFAULT_CAPACITY`] of about 150 bytes and 16 for each
/// detection that was found of it; when there are as many, the one goes that
/// nothing was found of for longest, and is counted.
///
/// # Example
///
/// ```
/// use t1053::event::{Event, TaskDeleted, TaskRegistered};
/// use t1053::{Correlator, Detector, RiskTracker, Scratch, Timestamp};
///
/// let detector = Detector::new();
/// let mut scratch = Scratch::new(&detector);
/// let mut correlator = Correlator::new(&detector);
/// let mut risk = RiskTracker::new(&detector).threshold(80);
/// let mut reached = Vec::new();
/// let task_name = Some(br"\Updater".as_slice());
/// let registered = TaskRegistered { task_name, ..Default::default() };
/// let deleted = TaskDeleted { task_name, ..Default::default() };
/// for (mut event, seconds) in
///     [(Event::windows(registered), 0), (Event::windows(deleted), 9)]
/// {
///     event.host = Some(b"WS-014");
///     event.time = Some(Timestamp::from_unix_millis(seconds * 1000));
///     correlator.observe(&event, &mut scratch, |found| {
///         risk.take(found, |reaches| reached.push(reaches.to_string()));
///     });
/// }
/// let start = "host WS-014 has reached a risk of 81: ";
/// assert!(reached[0].starts_with(start), "{reached:?}");
/// ```
#[derive(Clone, Debug)]
pub struct RiskTracker {
    detector: Detector,
    seed: Seed,
    threshold: u32,
    window: i64,
    capacity: usize,
    objects: BTreeMap<Key, Object>,
    /// The objects by the time of what was found last of them.
    by_time: BTreeSet<(i64, Key)>,
    forgotten: u64,
}

/// What is known of a host or a user.
#[derive(Clone, Debug, Default)]
struct Object {
    latest: i64,
    /// In the order of detections.
    parts: Vec<RiskPart>,
}

/// What a detection adds to a risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RiskPart {
    /// The [index](Match::index) of the detection.
    pub index: usize,
    /// When it was found last.
    pub time: Timestamp,
    /// Its risk score.
    pub score: u8,
}

/// What risk is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RiskOf {
    /// The host that recorded the event.
    Host,
    /// The account that the event is about.
    User,
}

impl RiskOf {
    /// `host` or `user`.
    pub const fn name(self) -> &'static str {
        match self {
            RiskOf::Host => "host",
            RiskOf::User => "user",
        }
    }
}

/// An object whose risk has reached the threshold.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RiskReached<'a> {
    /// What it is.
    pub of: RiskOf,
    /// Its name, as the event has it.
    pub name: &'a [u8],
    /// The sum.
    pub score: u32,
    /// When the match happened that reached it.
    pub time: Timestamp,
    /// What it is made of, in the order of detections.
    pub parts: &'a [RiskPart],
    detector: &'a Detector,
}

impl<'a> RiskReached<'a> {
    /// The detections that it is made of.
    pub fn detections(&self) -> impl Iterator<Item = &'a Detection> + use<'a> {
        let detector = self.detector;
        self.parts.iter().filter_map(|part| detector.detection(part.index))
    }

    /// One line of NDJSON, without the line end: `schema`
    /// ([`RiskReached::SCHEMA`]), `risk_object` (`host` or `user`), `name`,
    /// `risk`, `time`, and `detections`, a list of objects with `detection`
    /// (the slug), `risk_score` and `time` (when it was found last).
    pub fn ndjson(&self) -> RiskLine<'a> {
        RiskLine(*self)
    }

    /// The version of a line's form; raised when a member goes away or means
    /// something else.
    pub const SCHEMA: u32 = 1;
}

/// A line of NDJSON that tells of a risk; made by [`RiskReached::ndjson`].
#[derive(Clone, Copy, Debug)]
pub struct RiskLine<'a>(RiskReached<'a>);

impl fmt::Display for RiskLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RiskReached { of, name, score, time, parts, detector } = self.0;
        let (schema, of) = (RiskReached::SCHEMA, of.name());
        let mut line = Line::new(f);
        write!(line, "{{\"schema\":{schema},\"risk_object\":\"{of}\"")?;
        line.write_str(",\"name\":")?;
        line.bytes(name)?;
        write!(line, ",\"risk\":{score},\"time\":\"{time}\"")?;
        line.write_str(",\"detections\":[")?;
        for (at, part) in parts.iter().enumerate() {
            let detection = detector.detection(part.index);
            let slug = detection.map_or("", |detection| &detection.slug);
            let RiskPart { time, score, .. } = *part;
            line.write_str(if at == 0 { "" } else { "," })?;
            line.write_str("{\"detection\":")?;
            line.string(slug)?;
            write!(line, ",\"risk_score\":{score},\"time\":\"{time}\"}}")?;
        }
        line.write_str("]}")?;
        line.end()
    }
}

impl fmt::Display for RiskReached<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.escape_ascii();
        let (of, score) = (self.of.name(), self.score);
        write!(f, "{of} {name} has reached a risk of {score}: ")?;
        for (at, part) in self.parts.iter().enumerate() {
            let detection = self.detector.detection(part.index);
            let title = detection.map_or("", |detection| &detection.title);
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{title} ({})", part.score)?;
        }
        Ok(())
    }
}

impl RiskTracker {
    /// Bytes of memory that hosts and users take, roughly: the nodes of maps
    /// are not full, and a third is added for that.
    pub fn memory_usage(&self) -> usize {
        let key = size_of::<Key>().saturating_mul(2);
        let object = key.saturating_add(size_of::<Object>());
        let objects = self.objects.len().saturating_mul(object);
        let parts = self.objects.values();
        let parts = parts.map(|object| held(&object.parts)).sum::<usize>();
        objects.saturating_add(objects / 3).saturating_add(parts)
    }

    /// How many hosts and users are remembered.
    pub const DEFAULT_CAPACITY: usize = 1 << 16;

    /// The sum that is told where nothing else is said.
    pub const DEFAULT_THRESHOLD: u32 = 100;

    /// The time span in which risk adds up where nothing else is said: a day.
    pub const DEFAULT_SECONDS: u32 = 86_400;

    /// Adds up the risk of a detector's findings.
    pub fn new(detector: &Detector) -> RiskTracker {
        RiskTracker {
            detector: detector.clone(),
            seed: Seed::default(),
            threshold: RiskTracker::DEFAULT_THRESHOLD,
            window: ticks(RiskTracker::DEFAULT_SECONDS),
            capacity: RiskTracker::DEFAULT_CAPACITY,
            objects: BTreeMap::new(),
            by_time: BTreeSet::new(),
            forgotten: 0,
        }
    }

    /// The sum to be reached: at least 1.
    #[must_use]
    pub fn threshold(mut self, points: u32) -> RiskTracker {
        self.threshold = points.max(1);
        self
    }

    /// The time span in which risk adds up.
    #[must_use]
    pub fn within(mut self, seconds: u32) -> RiskTracker {
        self.window = ticks(seconds);
        self
    }

    /// How many hosts and users are remembered: at least 1.
    #[must_use]
    pub fn capacity(mut self, objects: usize) -> RiskTracker {
        self.capacity = objects.max(1);
        self
    }

    /// What keys are hashed with, as
    /// [`CorrelatorBuilder::seed`](crate::CorrelatorBuilder::seed) tells. Part
    /// of the [saved state](RiskTracker::save).
    #[must_use]
    pub fn seed(mut self, seed: [u8; 16]) -> RiskTracker {
        self.seed = Seed::of(seed);
        self
    }

    /// How many hosts and users are remembered now.
    pub fn objects(&self) -> usize {
        self.objects.len()
    }

    /// How many hosts and users were forgotten to make room.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Takes a match, and calls `reached` for each object whose risk reaches
    /// the threshold with it: again only when it had fallen below in between.
    /// A match without a time, or of a detection without a risk, adds nothing.
    pub fn take(
        &mut self,
        found: &Match<'_>,
        reached: impl FnMut(&RiskReached<'_>),
    ) {
        let event = found.event();
        let index = found.index();
        self.take_in(index, event.time, event.host, event.user, reached);
    }

    /// Takes a finding that has outlived its record, of the detection with
    /// this [index](Match::index), as [`take`](RiskTracker::take) does.
    pub fn take_kept(
        &mut self,
        index: usize,
        kept: &KeptFinding<'_>,
        reached: impl FnMut(&RiskReached<'_>),
    ) {
        self.take_in(index, kept.time, kept.host, kept.user, reached);
    }

    fn take_in(
        &mut self,
        index: usize,
        time: Option<Timestamp>,
        host: Option<&[u8]>,
        user: Option<&[u8]>,
        mut reached: impl FnMut(&RiskReached<'_>),
    ) {
        let detector = self.detector.clone();
        let detection = detector.detection(index);
        debug_assert!(detection.is_some(), "a match of another detector");
        let Some((detection, time)) = detection.zip(time) else { return };
        let score = detection.risk_score();
        if score == 0 {
            return;
        }
        let part = RiskPart { index, time, score };
        for (of, name) in [(RiskOf::Host, host), (RiskOf::User, user)] {
            let name = name.filter(|name| !name.is_empty());
            if let Some(name) = name.filter(|_| raises(detection, of)) {
                self.add(of, name, part, &mut reached);
            }
        }
    }

    fn add(
        &mut self,
        of: RiskOf,
        name: &[u8],
        part: RiskPart,
        reached: &mut impl FnMut(&RiskReached<'_>),
    ) {
        let mut hasher = KeyHasher::new(self.seed);
        hasher.number(u64::from(of == RiskOf::User));
        hasher.value(name);
        let key = hasher.finish();
        let RiskPart { index, time, .. } = part;
        let known = self.objects.remove(&key);
        if let Some(object) = &known {
            self.by_time.remove(&(object.latest, key));
        } else {
            self.make_room(self.capacity.saturating_sub(1));
        }
        let new = || Object { latest: time.ticks(), parts: Vec::new() };
        let mut object = known.unwrap_or_else(new);
        object.latest = object.latest.max(time.ticks());
        let (latest, window) = (object.latest, self.window);
        let is_open =
            |time: Timestamp| latest.saturating_sub(time.ticks()) < window;
        object.parts.retain(|part| is_open(part.time));
        let before = sum(&object.parts);
        if is_open(time) {
            let at =
                object.parts.binary_search_by_key(&index, |part| part.index);
            match at.map(|at| object.parts.get_mut(at)) {
                Ok(Some(known)) => known.time = known.time.max(time),
                Ok(None) => {}
                Err(at) => object.parts.insert(at, part),
            }
        }
        let score = sum(&object.parts);
        if before < self.threshold && score >= self.threshold {
            let (parts, detector) = (&*object.parts, &self.detector);
            reached(&RiskReached { of, name, score, time, parts, detector });
        }
        self.by_time.insert((latest, key));
        self.objects.insert(key, object);
    }

    /// Forgets objects until there are no more than so many.
    fn make_room(&mut self, most: usize) {
        while self.objects.len() > most
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.objects.remove(&oldest);
            self.forgotten = self.forgotten.saturating_add(1);
        }
    }

    /// What is known of hosts and users, as bytes: the same on every platform,
    /// with a version and a checksum. What is
    /// [restored](RiskTracker::restore) from them tells exactly what this one
    /// tells from here on. Not the settings. Names are in it as hashes only.
    ///
    /// Takes time and memory in proportion to what is remembered: 32 bytes an
    /// object and 16 for each detection that was found of it.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::{Detector, RiskTracker};
    ///
    /// let detector = Detector::new();
    /// let mut before = RiskTracker::new(&detector);
    /// // Takes what is found.
    /// let state = before.save();
    ///
    /// // The agent is started again.
    /// let mut after = RiskTracker::new(&detector);
    /// let restored = after.restore(&state)?;
    /// assert_eq!(restored.dropped_keys, 0);
    /// let error = after.restore(&state[..9]).unwrap_err();
    /// assert_eq!(error.to_string(), "the end of the state is missing");
    /// # Ok::<(), t1053::StateError>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        let parts = self.objects.values().flat_map(|object| &object.parts);
        let mut numbers: Vec<usize> = parts.map(|part| part.index).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut writer = Writer::new(Of::Risk);
        self.seed.save(&mut writer);
        writer.number(self.forgotten);
        writer.rules(&self.detector, &numbers);
        writer.number(self.objects.len() as u64);
        for (key, Object { latest, parts }) in &self.objects {
            key.save(&mut writer);
            writer.signed(*latest);
            writer.number(parts.len() as u64);
            for part in parts {
                let rule = numbers.binary_search(&part.index);
                debug_assert!(rule.is_ok());
                writer.number(rule.unwrap_or_default() as u64);
                writer.signed(part.time.ticks());
            }
        }
        writer.finish()
    }

    /// Takes over what was [saved](RiskTracker::save), in place of what is
    /// known here. What detections added that are not the same here is
    /// dropped; what came of it is returned. The seed is that of the saved
    /// state. The settings stay, scores are those that detections have here,
    /// and what there is no room for is forgotten as usual.
    ///
    /// # Errors
    ///
    /// The bytes are no state of risk, cut, changed, or of a later version.
    /// Then everything is as it was.
    pub fn restore(&mut self, state: &[u8]) -> Result<Restored, StateError> {
        let mut content = Content::of(Of::Risk, state)?;
        let seed = Seed::restored(&mut content)?;
        let forgotten = content.number()?;
        let mut restored = Restored::default();
        let rules = content.rules(&self.detector, &mut restored)?;
        let (mut objects, mut by_time) = (BTreeMap::new(), BTreeSet::new());
        for _ in 0..content.number()? {
            let key = Key::restored(&mut content)?;
            let latest = content.signed()?;
            let mut parts = Vec::new();
            let count = content.number()?;
            for _ in 0..count {
                let rule = usize::try_from(content.number()?).ok();
                let rule = rule.and_then(|rule| rules.get(rule));
                let index = *rule.ok_or_else(corrupt)?;
                let time = Timestamp::from_ticks(content.signed()?);
                if time.ticks() > latest {
                    return Err(corrupt());
                }
                restored.keys(1, index.is_some());
                let Some(index) = index else { continue };
                let detection = self.detector.detection(index);
                let score = detection.map_or(0, Detection::risk_score);
                parts.push(RiskPart { index, time, score });
            }
            parts.sort_unstable_by_key(|part| part.index);
            let is_twice = |pair: &[RiskPart]| match pair {
                [one, next] => one.index == next.index,
                _ => false,
            };
            if parts.windows(2).any(is_twice) {
                return Err(corrupt());
            }
            parts.retain(|part| part.score > 0);
            if parts.is_empty() && count > 0 {
                continue;
            }
            if objects.insert(key, Object { latest, parts }).is_some() {
                return Err(corrupt());
            }
            by_time.insert((latest, key));
        }
        content.end()?;
        (self.seed, self.forgotten) = (seed, forgotten);
        (self.objects, self.by_time) = (objects, by_time);
        self.make_room(self.capacity);
        Ok(restored)
    }
}

/// Whether a detection raises the risk of hosts, or of users.
fn raises(detection: &Detection, of: RiskOf) -> bool {
    let objects = &detection.risk_objects;
    let names: &[&str] = match of {
        RiskOf::Host => &["Hostname", "Endpoint"],
        RiskOf::User => &["User"],
    };
    (objects.is_empty() && of == RiskOf::Host)
        || objects.iter().any(|one| names.contains(&&*one.object))
}

fn sum(parts: &[RiskPart]) -> u32 {
    parts
        .iter()
        .fold(0, |sum: u32, part| sum.saturating_add(u32::from(part.score)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scratch;
    use crate::event::{Event, TaskRegistered};
    use crate::rule::{
        Logic, Operation, Predicate, Risk, RiskObject, Role, Rule, Selection,
        Test,
    };
    use crate::vocabulary::{EventKind, Field, Platform};

    /// Detections `a` of 40 points, `b` of 60 and `c` of 30, the last one of
    /// users.
    fn detector() -> Detector {
        let mut builder = Detector::builder().without_builtin();
        for (slug, score) in [("a", 40), ("b", 60), ("c", 30)] {
            let mut detection = Detection::new(slug, slug, Platform::Windows);
            detection.risk = Some(Risk { score, impact: 0, confidence: 0 });
            if slug == "c" {
                let user = RiskObject {
                    field: "user".into(),
                    object: "User".into(),
                    role: Role::Victim,
                };
                detection.risk_objects = vec![user].into();
            }
            let name = Operation::Contains;
            let test = Test::new(Field::TaskName, name, slug.into());
            let kinds = vec![EventKind::TaskRegistered].into();
            let predicate = Predicate::Test(test);
            let logic = Logic::Single(Selection { kinds, predicate });
            builder = builder.rule(Rule { detection, logic });
        }
        builder.build().unwrap()
    }

    /// Takes what is found: when (in hours), on which host, and a name that
    /// has the letter of each detection. What is reached.
    fn take(
        risk: &mut RiskTracker,
        events: &[(i64, &str, &str)],
    ) -> Vec<(String, u32, i64, usize)> {
        let detector = risk.detector.clone();
        let mut scratch = Scratch::new(&detector);
        let mut reached = Vec::new();
        for (hours, host, task) in events {
            let mut event = Event::windows(TaskRegistered {
                task_name: Some(task.as_bytes()),
                ..Default::default()
            });
            event.host = Some(host.as_bytes());
            event.user = Some(b"ann");
            let hour = 3600 * 10_000_000;
            event.time = Some(Timestamp::from_ticks(hours * hour));
            for found in detector.evaluate(&event, &mut scratch) {
                risk.take(&found, |one| {
                    let name = String::from_utf8_lossy(one.name).into_owned();
                    let hours = one.time.ticks() / hour;
                    assert_eq!(one.detections().count(), one.parts.len());
                    let line = one.ndjson().to_string();
                    let json: serde_json::Value =
                        serde_json::from_str(&line).unwrap();
                    assert_eq!(json["risk"], one.score);
                    assert_eq!(json["risk_object"], one.of.name());
                    assert_eq!(json["name"], name);
                    let parts = json["detections"].as_array().unwrap();
                    assert_eq!(parts.len(), one.parts.len());
                    let name = format!("{} {name}", one.of.name());
                    reached.push((name, one.score, hours, one.parts.len()));
                });
            }
        }
        reached
    }

    #[test]
    fn different_detections_add_up_and_the_same_does_not() {
        let mut risk = RiskTracker::new(&detector());
        let same = [(0, "x", "a"), (1, "x", "a"), (2, "x", "a")];
        assert_eq!(take(&mut risk, &same), []);
        let expected = [("host X".to_owned(), 100, 3, 2)];
        assert_eq!(take(&mut risk, &[(3, "X", "b")]), expected);
        // It is told once, as long as it stays above.
        assert_eq!(take(&mut risk, &[(4, "x", "b"), (5, "x", "a")]), []);
        assert_eq!(take(&mut risk, &[(5, "y", "a")]), []);
    }

    #[test]
    fn risk_leaves_with_its_time() {
        let mut risk = RiskTracker::new(&detector());
        let apart = [(0, "x", "a"), (24, "x", "b")];
        assert_eq!(take(&mut risk, &apart), []);
        let again = [(47, "x", "a"), (47, "x", "b")];
        let expected = [("host x".to_owned(), 100, 47, 2)];
        assert_eq!(take(&mut risk, &again), expected);
        // Late, and in time all the same; later than that it adds nothing.
        let late = [(100, "y", "a"), (77, "y", "b")];
        let expected = [("host y".to_owned(), 100, 77, 2)];
        assert_eq!(take(&mut risk, &late), expected);
        assert_eq!(take(&mut risk, &[(200, "z", "a"), (176, "z", "b")]), []);
    }

    #[test]
    fn risk_is_of_what_the_detection_says() {
        let mut risk = RiskTracker::new(&detector()).threshold(30);
        let expected = [("user ann".to_owned(), 30, 0, 1)];
        assert_eq!(take(&mut risk, &[(0, "x", "c")]), expected);
        let expected = [("host x".to_owned(), 40, 1, 1)];
        assert_eq!(take(&mut risk, &[(1, "x", "a")]), expected);
    }

    /// Findings of some hosts, some of them late.
    fn stream() -> Vec<(i64, &'static str, &'static str)> {
        let (mut number, mut now) = (1_u32, 0);
        let mut next = |most: u32| {
            number = number.wrapping_mul(1_664_525).wrapping_add(12_345);
            (number >> 16) % most
        };
        let mut finding = || {
            now += i64::from(next(8));
            let late = if next(4) == 0 { next(30) } else { 0 };
            let host = ["x", "y", "z"][next(3) as usize];
            let task = ["a", "b", "c", "ab"][next(4) as usize];
            (now - i64::from(late), host, task)
        };
        (0..120).map(|_| finding()).collect()
    }

    #[test]
    fn restart_anywhere_changes_nothing() {
        let stream = stream();
        let new = || RiskTracker::new(&detector()).threshold(70);
        for new in [new(), new().capacity(2), new().within(0)] {
            let whole = take(&mut new.clone(), &stream);
            assert_eq!(whole.is_empty(), new.window == 0);
            for at in 0..stream.len() {
                let (first, second) = stream.split_at(at);
                let mut before = new.clone().seed([3; 16]);
                let mut parts = take(&mut before, first);
                let mut after = new.clone();
                after.restore(&before.save()).unwrap();
                assert_eq!(after.save(), before.save());
                parts.extend(take(&mut after, second));
                assert_eq!(parts, whole, "{at}");
            }
        }
    }

    #[test]
    fn state_that_is_refused_changes_nothing() {
        let mut one = RiskTracker::new(&detector());
        take(&mut one, &stream()[..20]);
        let state = one.save();
        let mut other = RiskTracker::new(&detector()).capacity(2);
        take(&mut other, &[(0, "v", "a")]);
        let before = other.save();
        for length in 0..state.len() {
            assert!(other.restore(&state[..length]).is_err());
        }
        assert_eq!(other.save(), before);
        // With a checksum that is right, as an adversary may make it.
        for at in 20..state.len() - 8 {
            for byte in [1, 0xFF] {
                let mut changed = state.clone();
                changed[at] = byte;
                let changed = crate::state::resealed(&changed);
                let before = other.save();
                if other.restore(&changed).is_err() {
                    assert_eq!(other.save(), before, "{at}");
                    continue;
                }
                assert!(other.objects() <= 2, "{at}");
                assert_eq!(other.by_time.len(), other.objects());
                take(&mut other, &stream());
                assert_eq!(other.by_time.len(), other.objects());
            }
        }
    }

    #[test]
    fn risk_of_detections_that_are_not_here_is_dropped() {
        let mut one = RiskTracker::new(&detector());
        take(&mut one, &[(0, "x", "a"), (0, "y", "c")]);
        let mut builder = Detector::builder().without_builtin();
        for rule in detector().rules() {
            let mut rule = rule.clone();
            if rule.detection.slug == "c" {
                rule.detection.slug = "d".into();
            }
            builder = builder.rule(rule);
        }
        let mut other = RiskTracker::new(&builder.build().unwrap());
        let restored = other.restore(&one.save()).unwrap();
        assert_eq!((restored.rules, restored.keys), (1, 1));
        let dropped = (restored.dropped_rules, restored.dropped_keys);
        assert_eq!((dropped, other.objects()), ((1, 1), 1));
        let expected = [("host x".to_owned(), 100, 4, 2)];
        assert_eq!(take(&mut other, &[(4, "x", "b")]), expected);
    }

    #[test]
    fn what_nothing_was_found_of_for_longest_makes_room() {
        let mut risk = RiskTracker::new(&detector()).capacity(2);
        let events = [(0, "x", "a"), (1, "y", "a"), (2, "x", "a")];
        take(&mut risk, &events);
        take(&mut risk, &[(3, "z", "a")]);
        assert_eq!((risk.forgotten(), risk.objects.len()), (1, 2));
        assert_eq!(risk.by_time.len(), 2);
        let expected = [("host x".to_owned(), 100, 4, 2)];
        assert_eq!(take(&mut risk, &[(4, "x", "b")]), expected);
        assert_eq!(take(&mut risk, &[(4, "y", "b")]), []);
    }
}
