/*!
Sequences, by looking back at every event there was.
*/

use t1053::event::{Event, Field};
use t1053::rule::{Logic, Rule, Sequence};

/// The values of each field that the events of a sequence must agree in.
type Key = Vec<Vec<Vec<u8>>>;

use super::{selects, values};

/// A pair that was found: the rule, and the times of the event that completed
/// it and of the other.
pub type Pair = (String, i64, i64);

/// Everything that one rule saw under one key.
#[derive(Default)]
struct Seen {
    firsts: Vec<(i64, bool)>,
    seconds: Vec<(i64, bool)>,
}

/// The pairs in a stream of events that all have a time, in the order in
/// which they are found.
///
/// An event may come late. When a second half comes it takes the last first
/// half before it, unless another second half stands between; when a first
/// half comes it takes the next second half after it, unless another first
/// half stands between. What was taken is not taken again. One that is both
/// halves is a second half first, and no pair by itself. Nothing is ever
/// forgotten; `None` where that may differ from a correlator, which keeps the
/// last eight of each half.
pub fn pairs(rules: &[Rule], events: &[Event<'_>]) -> Option<Vec<Pair>> {
    let mut found = Vec::new();
    let mut seen: Vec<(usize, Key, Seen)> = Vec::new();
    for event in events {
        let time = event.time.unwrap().ticks();
        for (number, rule) in rules.iter().enumerate() {
            let Logic::Sequence(sequence) = &rule.logic else { continue };
            let first = selects(rule, &sequence.first, event)?;
            let second = selects(rule, &sequence.second, event)?;
            if !first && !second {
                continue;
            }
            let Some(key) = key(sequence, event) else { continue };
            let at = seen
                .iter()
                .position(|it| it.0 == number && it.1 == key)
                .unwrap_or_else(|| {
                    seen.push((number, key, Seen::default()));
                    seen.len() - 1
                });
            let within = i64::from(sequence.within_seconds) * 10_000_000;
            let state = &mut seen[at].2;
            // Both are looked for before the event is among what was seen.
            let last = state.last(time, within).filter(|_| second);
            let next = state.next(time, within).filter(|_| first);
            if second {
                state.end(time, last);
            }
            if first {
                state.begin(time, next);
            }
            if state.firsts.len() > 8 || state.seconds.len() > 8 {
                return None;
            }
            for other in [last, next].into_iter().flatten() {
                let slug = rule.detection.slug.to_string();
                found.push((slug, time, other));
            }
        }
    }
    Some(found)
}

/// The pairs in events that come in the order of their distinct times, by
/// the definition alone: each second half with the last first half before
/// it, unless another second half came between. Sorted.
pub fn pairs_in_order(
    rules: &[Rule],
    events: &[Event<'_>],
) -> Option<Vec<Pair>> {
    let mut found = Vec::new();
    for rule in rules {
        let Logic::Sequence(sequence) = &rule.logic else { continue };
        // An event: when it was, what it agrees in, which half it is.
        let mut halves = Vec::new();
        for event in events {
            let first = selects(rule, &sequence.first, event)?;
            let second = selects(rule, &sequence.second, event)?;
            let time = event.time.unwrap().ticks();
            if let Some(key) = key(sequence, event) {
                halves.push((time, key, first, second));
            }
        }
        for (at, (time, key, _, second)) in halves.iter().enumerate() {
            let mut before = halves[..at].iter().rev();
            let last = before.find(|it| it.1 == *key && (it.2 || it.3));
            let within = i64::from(sequence.within_seconds) * 10_000_000;
            if let Some((other, _, true, _)) = last
                && *second
                && time - other < within
            {
                let slug = rule.detection.slug.to_string();
                found.push((slug, *time, *other));
            }
        }
    }
    found.sort();
    Some(found)
}

/// What the events of a pair agree in: all values of each field. `None` where
/// an event lacks a value, be it not that of its host.
fn key(sequence: &Sequence, event: &Event<'_>) -> Option<Vec<Vec<Vec<u8>>>> {
    let values = |field: &Field| {
        let values = values(event, *field).expect("it can be told");
        let folded = values.iter().map(|it| it.to_ascii_lowercase());
        match values.iter().any(|it| !it.is_empty()) {
            true => Some(folded.collect()),
            false => (*field == Field::Computer).then(Vec::new),
        }
    };
    sequence.group_by.iter().map(values).collect()
}

impl Seen {
    /// The first half that a second one completes.
    fn last(&self, time: i64, within: i64) -> Option<i64> {
        let before =
            self.firsts.iter().map(|it| it.0).filter(|it| *it <= time);
        before.max().filter(|first| {
            let between = |it: &(i64, bool)| it.0 > *first && it.0 < time;
            self.firsts.contains(&(*first, false))
                && !self.seconds.iter().any(between)
                && time - first < within
        })
    }

    fn end(&mut self, time: i64, last: Option<i64>) {
        take(&mut self.firsts, last);
        self.seconds.push((time, last.is_some()));
    }

    /// The second half that waits for a first one.
    fn next(&self, time: i64, within: i64) -> Option<i64> {
        let after =
            self.seconds.iter().map(|it| it.0).filter(|it| *it >= time);
        after.min().filter(|second| {
            let later = |it: &(i64, bool)| it.0 > time && it.0 < *second;
            self.seconds.contains(&(*second, false))
                && !self.firsts.iter().any(later)
                && second - time < within
        })
    }

    fn begin(&mut self, time: i64, next: Option<i64>) {
        take(&mut self.seconds, next);
        self.firsts.push((time, next.is_some()));
    }
}

/// Marks the halves at a time as taken.
fn take(halves: &mut [(i64, bool)], time: Option<i64>) {
    for it in halves.iter_mut().filter(|it| Some(it.0) == time) {
        it.1 = true;
    }
}
