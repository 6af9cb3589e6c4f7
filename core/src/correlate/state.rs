/*!
What a correlator remembers as bytes, and back.

Each rule stands by its slug and a hash of its logic, so that a detector of
other rules takes over the keys of those that are the same, and drops the rest.
A key is a hash by the seed, which is therefore saved, too.
*/

use core::fmt::{self, Write};
use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::detector::Detector;
use crate::rule::Rule;
use crate::state::{Content, Of, StateError, StateErrorKind, Writer, corrupt};

use super::counts::CorrelatorCounts;
use super::key::{Key, Seed};
use super::line::{Line, Mark};
use super::memory::{Memory, Tracking};

/// What became of saved state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Rules whose keys were taken over.
    pub rules: u64,
    /// Keys that were taken over, before some had to go for lack of room:
    /// that is in the [counts](CorrelatorCounts).
    pub keys: u64,
    /// Rules that are not the same here, or are not here at all.
    pub dropped_rules: u64,
    /// Their keys.
    pub dropped_keys: u64,
}

/// Writes down what is remembered.
pub(super) fn save(
    detector: &Detector,
    memory: &Memory,
    seed: Seed,
) -> Vec<u8> {
    let mut writer = Writer::new(Of::Correlator);
    writer.array(seed.bytes());
    writer.number(memory.lists.len() as u64);
    let mut line = Line::default();
    for (at, list) in memory.lists.iter().enumerate() {
        let rule = detector.rules().get(list.rule as usize);
        debug_assert!(rule.is_some());
        let slug = rule.map_or("", |rule| &rule.detection.slug);
        writer.text(slug.as_bytes());
        writer.array(rule.map_or([0; 16], fingerprint));
        let CorrelatorCounts { evicted, expired, untimed, ungrouped } =
            list.counts;
        for count in [evicted, expired, untimed, ungrouped] {
            writer.number(count);
        }
        writer.number(memory.keys_of(at) as u64);
        memory.each_key(at, &mut line, |key, line| {
            let Key([first, second]) = key;
            writer.number(first);
            writer.number(second);
            writer.signed(line.forgotten);
            writer.number(line.marks.len() as u64);
            for &Mark { time, value, used } in &line.marks {
                writer.signed(time);
                writer.number(value);
                writer.byte(u8::from(used));
            }
        });
    }
    writer.finish()
}

/// Reads what was remembered into memory that is empty.
pub(super) fn restore(
    detector: &Detector,
    memory: &mut Memory,
    bytes: &[u8],
) -> Result<(Seed, Restored), StateError> {
    let mut content = Content::of(Of::Correlator, bytes)?;
    memory.reserve().ok_or(StateErrorKind::OutOfMemory)?;
    let seed = Seed::of(content.array()?);
    let mut restored = Restored::default();
    let mut line = Line::default();
    for _ in 0..content.number()? {
        let slug = content.text()?;
        let print: [u8; 16] = content.array()?;
        let list = memory.lists.iter().position(|list| {
            let rule = detector.rules().get(list.rule as usize);
            rule.is_some_and(|rule| {
                rule.detection.slug.as_bytes() == slug
                    && fingerprint(rule) == print
            })
        });
        let counts = CorrelatorCounts {
            evicted: content.number()?,
            expired: content.number()?,
            untimed: content.number()?,
            ungrouped: content.number()?,
        };
        let keys = content.number()?;
        let (rules, all_keys) = match list {
            Some(list) => {
                memory.count(list, &counts);
                (&mut restored.rules, &mut restored.keys)
            }
            None => (&mut restored.dropped_rules, &mut restored.dropped_keys),
        };
        *rules = rules.saturating_add(1);
        *all_keys = all_keys.saturating_add(keys);
        for _ in 0..keys {
            let key = Key([content.number()?, content.number()?]);
            self::key(&mut content, memory, list, key, &mut line)?;
        }
    }
    content.end()?;
    Ok((seed, restored))
}

/// Reads what is known of a key, into its list if that is known.
fn key(
    content: &mut Content<'_>,
    memory: &mut Memory,
    list: Option<usize>,
    key: Key,
    line: &mut Line,
) -> Result<(), StateError> {
    line.marks.clear();
    line.forgotten = content.signed()?;
    let marks = content.number()?;
    if marks == 0 {
        return Err(corrupt());
    }
    let list = list.and_then(|at| Some((at, memory.lists.get(at)?.tracking)));
    let mut counts = CorrelatorCounts::default();
    for at in 0..marks {
        let (time, value) = (content.signed()?, content.number()?);
        let mark = Mark { time, value, used: content.truth()? };
        match list {
            Some((_, Tracking::Ordered(ordered))) => {
                if mark.value >= ordered.steps as u64 {
                    return Err(corrupt());
                }
                ordered.keep(line, mark, &mut counts);
            }
            Some((_, Tracking::Counting(counting))) => {
                // A match leaves one mark, before all others.
                if mark.used && at > 0 {
                    return Err(corrupt());
                }
                counting.keep(line, mark, &mut counts);
            }
            None => {}
        }
    }
    let Some((list, _)) = list else { return Ok(()) };
    memory.count(list, &counts);
    // Nothing is past its window at the beginning of time.
    let now = i64::MIN;
    let (marks, forgotten) =
        (core::mem::take(&mut line.marks), line.forgotten);
    let place = memory.load(list, key, now, line);
    (line.marks, line.forgotten) = (marks, forgotten);
    memory.store(place, line, now);
    Ok(())
}

/// A hash of what a rule's state depends on: all of its logic.
///
/// Of its text as `Debug` writes it, which depends on no platform. Where a
/// later version writes it in another way, the rule's state is dropped then,
/// and never taken for another's.
fn fingerprint(rule: &Rule) -> [u8; 16] {
    struct Text(SipHasher13);
    impl Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut text = Text(SipHasher13::new());
    // Hashing does not fail.
    let _ = write!(text, "{} {:?}", rule.detection.platform, rule.logic);
    let hash = text.0.finish128();
    (u128::from(hash.h1) << 64 | u128::from(hash.h2)).to_le_bytes()
}
