/*!
Sequences and counts, by looking back at every event there was.
*/

use std::collections::BTreeSet;

use t1053::event::{Event, Field};
use t1053::rule::{Count, Counted, Logic, Rule, Sequence};

/// The values of each field that the events of a sequence must agree in.
type Key = Vec<Vec<Vec<u8>>>;

use super::{selects, values};

/// A match that was found: the rule, and the times of the event that completed
/// it and of the earliest other, or of the beginning of what was counted.
pub type Pair = (String, i64, i64);

/// Everything that one rule saw under one key: for each step of a sequence
/// when it happened and whether that had its part in a match; of a count, what
/// counts and when it happened.
#[derive(Default)]
struct Seen {
    steps: Vec<Vec<(i64, bool)>>,
    counted: Vec<(Vec<u8>, i64)>,
    /// Until when what happened is part of a match.
    until: Option<i64>,
    latest: Option<i64>,
}

/// The matches in a stream of events that all have a time, in the order in
/// which they are found.
///
/// An event may come late. Of all ways to choose an event for each step, the
/// one is meant in which each stands as near as possible before the next, in
/// which no event had its part in another match, and in which nothing of the
/// last step stands between; and a late event only looks at the next event of
/// the last step. One that is several steps is a later one first, and no
/// match by itself. Nothing is ever forgotten; `None` where that may differ
/// from a correlator, which keeps the last eight of each step, and what may
/// count towards an event that is late by no more than the window.
pub fn matches(rules: &[Rule], events: &[Event<'_>]) -> Option<Vec<Pair>> {
    let mut found = Vec::new();
    let mut seen: Vec<(usize, Key, Seen)> = Vec::new();
    for event in events {
        let time = event.time.unwrap().ticks();
        for (number, rule) in rules.iter().enumerate() {
            if matches!(rule.logic, Logic::Single(_)) {
                continue;
            }
            let steps = rule.logic.selections().iter();
            let is_step: Option<Vec<bool>> =
                steps.map(|step| selects(rule, step, event)).collect();
            let is_step = is_step?;
            if !is_step.contains(&true) {
                continue;
            }
            let Some(key) = key(rule.logic.group_by(), event) else {
                continue;
            };
            let at = seen
                .iter()
                .position(|it| it.0 == number && it.1 == key)
                .unwrap_or_else(|| {
                    seen.push((number, key, Seen::default()));
                    seen.len() - 1
                });
            let state = &mut seen[at].2;
            let slug = rule.detection.slug.to_string();
            let others = match &rule.logic {
                Logic::Sequence(sequence) => {
                    state.sequence(sequence, &is_step, time)?
                }
                Logic::Count(count) => {
                    state.count(count, &is_step, event, time)?
                }
                _ => Vec::new(),
            };
            let one = |other| (slug.clone(), time, other);
            found.extend(others.into_iter().map(one));
        }
    }
    Some(found)
}

fn ticks(seconds: u32) -> i64 {
    i64::from(seconds) * 10_000_000
}

impl Seen {
    /// Takes an event of a sequence in; the other time of each match.
    fn sequence(
        &mut self,
        sequence: &Sequence,
        is_step: &[bool],
        time: i64,
    ) -> Option<Vec<i64>> {
        self.steps.resize_with(is_step.len(), Vec::new);
        let within = ticks(sequence.within_seconds);
        let own = (0..is_step.len()).rev().filter(|at| is_step[*at]);
        // All are looked for before the event is among what was seen.
        let mut found = Vec::new();
        for step in own.clone() {
            let Some(times) = self.complete(step, time, within) else {
                continue;
            };
            for (other, at) in times.iter().enumerate() {
                if other != step {
                    take(&mut self.steps[other], *at);
                }
            }
            found.push((step, times));
        }
        for step in own {
            let completes = found.iter().any(|it| it.0 == step);
            self.steps[step].push((time, completes));
            if let Some((_, times)) = found.iter().find(|it| it.0 == step) {
                for (other, at) in times.iter().enumerate() {
                    if other != step {
                        take(&mut self.steps[other], *at);
                    }
                }
            }
        }
        if self.steps.iter().any(|step| step.len() > 8) {
            return None;
        }
        let others = found.iter().map(|(step, times)| {
            let others = times.iter().enumerate();
            let others = others.filter(|it| it.0 != *step).map(|it| *it.1);
            others.min().unwrap()
        });
        Some(others.collect())
    }

    /// When the steps of the sequence were that an event completes.
    fn complete(
        &self,
        step: usize,
        time: i64,
        within: i64,
    ) -> Option<Vec<i64>> {
        let mut ways = vec![Vec::new()];
        for (at, seen) in self.steps.iter().enumerate() {
            let mut times: Vec<i64> = seen.iter().map(|it| it.0).collect();
            if at == step {
                times = vec![time];
            }
            ways = ways
                .into_iter()
                .flat_map(|way: Vec<i64>| {
                    let with = |it: &i64| [&way[..], &[*it]].concat();
                    times.iter().map(with).collect::<Vec<_>>()
                })
                .collect();
        }
        let last = self.steps.len() - 1;
        let is_meant = |way: &Vec<i64>| {
            let (start, end) = (way[0], way[last]);
            let ends = || self.steps[last].iter().map(|it| it.0);
            let is_next = step == last
                || ends().filter(|it| *it >= time).min() == Some(end);
            let is_nearest = |at: usize| {
                let times = self.steps[at].iter().map(|it| it.0);
                match at == step {
                    true => !times
                        .into_iter()
                        .any(|it| it > time && it < way[at + 1]),
                    false => {
                        times.filter(|it| *it <= way[at + 1]).max()
                            == Some(way[at])
                    }
                }
            };
            let is_free = |at: usize| {
                at == step || self.steps[at].contains(&(way[at], false))
            };
            way.is_sorted()
                && end - start < within
                && is_next
                && !ends().any(|it| it > start && it < end)
                && (0..last).all(is_nearest)
                && (0..=last).all(is_free)
        };
        ways.into_iter().find(is_meant)
    }

    /// Takes an event of a count in; the other time of a match.
    fn count(
        &mut self,
        count: &Count,
        is_step: &[bool],
        event: &Event<'_>,
        time: i64,
    ) -> Option<Vec<i64>> {
        let within = ticks(count.within_seconds);
        let late = self.latest.is_some_and(|it| it - time > within);
        self.latest = self.latest.max(Some(time));
        if late {
            return None;
        }
        let counted: Vec<Vec<u8>> = match count.of {
            // Each is one of its own.
            Counted::Events => {
                vec![self.counted.len().to_le_bytes().to_vec()]
            }
            Counted::Selections => (0..16)
                .filter(|at| is_step.get(usize::from(*at)) == Some(&true))
                .map(|at: u8| vec![at])
                .collect(),
            Counted::Values(field) => values(event, field)?
                .iter()
                .map(|it| it.to_ascii_lowercase())
                .filter(|it| !it.is_empty())
                .collect(),
            _ => return None,
        };
        if counted.is_empty() || Some(time) <= self.until {
            return Some(Vec::new());
        }
        self.counted.extend(counted.into_iter().map(|it| (it, time)));
        let starts = self.counted.iter().map(|it| it.1);
        let reached = |start: &i64| {
            let is_in = |at: i64| at >= *start && at - *start < within;
            let inside = self.counted.iter().filter(|it| is_in(it.1));
            let different: BTreeSet<&[u8]> =
                inside.map(|it| &it.0[..]).collect();
            is_in(time) && different.len() >= count.at_least as usize
        };
        let Some(start) = starts.filter(reached).max() else {
            return Some(Vec::new());
        };
        self.until = self.counted.iter().map(|it| it.1).max();
        self.counted.clear();
        Some(vec![start])
    }
}

/// The matches of sequences of two steps in events that come in the order of their distinct times, by
/// the definition alone: each second half with the last first half before
/// it, unless another second half came between. Sorted.
pub fn pairs_in_order(
    rules: &[Rule],
    events: &[Event<'_>],
) -> Option<Vec<Pair>> {
    let mut found = Vec::new();
    for rule in rules {
        let Logic::Sequence(sequence) = &rule.logic else { continue };
        if sequence.steps.len() != 2 {
            continue;
        }
        // An event: when it was, what it agrees in, which half it is.
        let mut halves = Vec::new();
        for event in events {
            let first = selects(rule, &sequence.steps[0], event)?;
            let second = selects(rule, &sequence.steps[1], event)?;
            let time = event.time.unwrap().ticks();
            if let Some(key) = key(&sequence.group_by, event) {
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

/// What the events of a match agree in: all values of each field. `None` where
/// an event lacks a value, be it not that of its host.
fn key(group_by: &[Field], event: &Event<'_>) -> Option<Key> {
    let values = |field: &Field| {
        let values = values(event, *field).expect("it can be told");
        let folded = values.iter().map(|it| it.to_ascii_lowercase());
        match values.iter().any(|it| !it.is_empty()) {
            true => Some(folded.collect()),
            false => (*field == Field::Computer).then(Vec::new),
        }
    };
    group_by.iter().map(values).collect()
}

/// Marks the events at a time as having had their part.
fn take(seen: &mut [(i64, bool)], time: i64) {
    for it in seen.iter_mut().filter(|it| it.0 == time) {
        it.1 = true;
    }
}
