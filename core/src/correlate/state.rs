/*!
What a correlator remembers as bytes, and back.

A key is a hash by the seed, which is therefore saved, too.
*/

use crate::detector::Detector;
use crate::rule_state::Restored;
use crate::state::{Content, Of, StateError, StateErrorKind, Writer, corrupt};

use super::counts::CorrelatorCounts;
use super::key::{Key, Seed};
use super::line::{Line, Mark};
use super::memory::{Memory, Tracking};

/// Writes down what is remembered.
pub(super) fn save(
    detector: &Detector,
    memory: &Memory,
    seed: Seed,
) -> Vec<u8> {
    let mut writer = Writer::new(Of::Correlator);
    seed.save(&mut writer);
    writer.number(memory.lists.len() as u64);
    let mut line = Line::default();
    for (at, list) in memory.lists.iter().enumerate() {
        let rule = detector.rules().get(list.rule as usize);
        debug_assert!(rule.is_some());
        rule.into_iter().for_each(|rule| writer.rule(rule));
        let first = memory.first_list(list.rule).unwrap_or(at);
        writer.number(at.saturating_sub(first) as u64);
        let CorrelatorCounts { evicted, expired, untimed, ungrouped } =
            list.counts;
        for count in [evicted, expired, untimed, ungrouped] {
            writer.number(count);
        }
        writer.number(memory.keys_of(at) as u64);
        memory.each_key(at, &mut line, |key, line| {
            key.save(&mut writer);
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
    let seed = Seed::restored(&mut content)?;
    let mut restored = Restored::default();
    let mut line = Line::default();
    for _ in 0..content.number()? {
        let rule = content.rule(detector)?;
        let rule = rule.and_then(|number| u32::try_from(number).ok());
        let stage = content.number()?;
        let stages = rule.map_or(0, |rule| memory.lists_of(rule).len());
        if stages > 0 && stage >= stages as u64 {
            return Err(corrupt());
        }
        let list = rule.and_then(|rule| memory.first_list(rule));
        let list = list.map(|first| first.saturating_add(stage as usize));
        let counts = CorrelatorCounts {
            evicted: content.number()?,
            expired: content.number()?,
            untimed: content.number()?,
            ungrouped: content.number()?,
        };
        let keys = content.number()?;
        if let Some(list) = list {
            memory.count(list, &counts);
        }
        // A rule is one, of however many stages.
        if stage == 0 {
            restored.rule(list.is_some());
        }
        restored.keys(keys, list.is_some());
        for _ in 0..keys {
            let key = Key::restored(&mut content)?;
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
            Some((_, Tracking::Measuring(measuring))) => {
                if mark.used && at > 0 {
                    return Err(corrupt());
                }
                measuring.keep(line, mark, &mut counts);
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
