/*!
Sequences and counts, by looking back at every event there was.
*/

use std::collections::BTreeSet;

use t1053::event::{Event, Field};
use t1053::rule::{
    Aggregation, Attribute, Count, Counted, Logic, Order, Rule, Sequence,
    Stage, StageInput, Statistic,
};

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
    numbers: Vec<(f64, i64)>,
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
    let mut seen: Vec<((usize, usize), Key, Seen)> = Vec::new();
    for event in events {
        let time = event.time.unwrap().ticks();
        for (number, rule) in rules.iter().enumerate() {
            let stages = stages(rule);
            let mut parts = Vec::new();
            for (at, selection) in rule.logic.selections().iter().enumerate() {
                if selects(rule, selection, event)? {
                    let input = StageInput::Event(u8::try_from(at).unwrap());
                    parts.push(Arrived { input, selection: at, time });
                }
            }
            for (at, stage) in stages.iter().enumerate() {
                let of = (number, at);
                for (part, other, end) in
                    take_stage(&mut seen, of, stage, &mut parts, event)?
                {
                    if at + 1 == stages.len() {
                        let slug = rule.detection.slug.to_string();
                        found.push((slug, time, other));
                    } else {
                        let at = u8::try_from(at).unwrap();
                        let input = StageInput::Stage(at);
                        parts.push(Arrived { input, time: end, ..part });
                    }
                }
            }
        }
    }
    Some(found)
}

/// Part of a rule that an event is, or that it completed.
#[derive(Clone, Copy)]
struct Arrived {
    input: StageInput,
    selection: usize,
    time: i64,
}

type SeenOf = ((usize, usize), Key, Seen);

/// Takes in what of an event is part of a stage; for each match the first of
/// its parts, the other time, and when it happened.
fn take_stage(
    seen: &mut Vec<SeenOf>,
    of: (usize, usize),
    stage: &Stage,
    parts: &mut Vec<Arrived>,
    event: &Event<'_>,
) -> Option<Vec<(Arrived, i64, i64)>> {
    let steps_of = |part: &Arrived| -> Vec<bool> {
        stage.steps.iter().map(|step| step.contains(&part.input)).collect()
    };
    let is_part = |part: &Arrived| steps_of(part).contains(&true);
    let (own, rest) = parts.drain(..).partition::<Vec<_>, _>(is_part);
    *parts = rest;
    // What is of one time and under one key is taken in together.
    let mut groups: Vec<(i64, Key, Vec<Arrived>)> = Vec::new();
    for part in own {
        let group_by = stage.logic.group_by();
        let Some(key) = key(group_by, part.selection, event) else { continue };
        let is_same =
            |it: &&mut (i64, Key, _)| it.0 == part.time && it.1 == key;
        match groups.iter_mut().find(is_same) {
            Some((_, _, parts)) => parts.push(part),
            None => groups.push((part.time, key, vec![part])),
        }
    }
    let mut found = Vec::new();
    for (time, key, parts) in groups {
        let mut is_step = vec![false; stage.steps.len()];
        let mut selections: Vec<usize> = Vec::new();
        for part in &parts {
            for (step, is) in steps_of(part).into_iter().enumerate() {
                is_step[step] |= is;
            }
            selections.push(part.selection);
        }
        selections.sort_unstable();
        selections.dedup();
        let at = seen.iter().position(|it| it.0 == of && it.1 == key);
        let at = at.unwrap_or_else(|| {
            seen.push((of, key, Seen::default()));
            seen.len() - 1
        });
        let state = &mut seen[at].2;
        let others = match &stage.logic {
            Logic::Sequence(sequence) => {
                state.sequence(sequence, &is_step, time)?
            }
            Logic::Count(count) => {
                state.count(count, &is_step, &selections, event, time)?
            }
            Logic::Aggregation(aggregation) => {
                state.aggregate(aggregation, &selections, event, time)?
            }
            _ => Vec::new(),
        };
        let first = *parts.iter().min_by_key(|it| it.selection).unwrap();
        found.extend(others.into_iter().map(|(at, end)| (first, at, end)));
    }
    Some(found)
}

/// The correlations that a rule has, each with what its steps are.
fn stages(rule: &Rule) -> Vec<Stage> {
    match &rule.logic {
        Logic::Single(_) => Vec::new(),
        Logic::Chain(chain) => chain.stages.to_vec(),
        logic => {
            let alone = |at| vec![StageInput::Event(at)].into();
            let steps = (0..).take(logic.selections().len()).map(alone);
            vec![Stage { steps: steps.collect(), logic: logic.clone() }]
        }
    }
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
    ) -> Option<Vec<(i64, i64)>> {
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
            (others.min().unwrap(), *times.last().unwrap())
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
        selections: &[usize],
        event: &Event<'_>,
        time: i64,
    ) -> Option<Vec<(i64, i64)>> {
        let within = ticks(count.within_seconds);
        let late = self.latest.is_some_and(|it| it - time > within);
        self.latest = self.latest.max(Some(time));
        if late {
            return None;
        }
        let counted: Vec<Vec<u8>> = match &count.of {
            // Each is one of its own.
            Counted::Events => {
                vec![self.counted.len().to_le_bytes().to_vec()]
            }
            Counted::Selections => (0..16)
                .filter(|at| is_step.get(usize::from(*at)) == Some(&true))
                .map(|at: u8| vec![at])
                .collect(),
            Counted::Values(counted) => selections
                .iter()
                .flat_map(|at| named(counted, *at, event))
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
        Some(vec![(start, self.until.unwrap())])
    }
}

impl Seen {
    /// Takes an event of an aggregation in; the other time of a match.
    fn aggregate(
        &mut self,
        aggregation: &Aggregation,
        selections: &[usize],
        event: &Event<'_>,
        time: i64,
    ) -> Option<Vec<(i64, i64)>> {
        let within = ticks(aggregation.within_seconds);
        let is_sum = aggregation.statistic == Statistic::Sum;
        let numbers: Vec<f64> = selections
            .iter()
            .flat_map(|at| named(&aggregation.of, *at, event))
            .filter_map(|it| String::from_utf8(it).ok()?.parse().ok())
            .filter(|number| *number >= 0.0 || !is_sum)
            .collect();
        // Where all steps look at one place it counts once.
        let numbers = match aggregation.of.origins.len() {
            1 => numbers.get(..1).unwrap_or_default(),
            _ => &numbers,
        };
        if numbers.is_empty() || Some(time) <= self.until {
            return Some(Vec::new());
        }
        self.numbers.extend(numbers.iter().map(|it| (*it, time)));
        let newest = self.numbers.iter().map(|it| it.1).max().unwrap();
        for end in [time, newest] {
            let mut inside = self.numbers.clone();
            inside.retain(|it| it.1 <= end && end - it.1 < within);
            if !inside.iter().any(|it| it.1 == time) {
                continue;
            }
            let start = inside.iter().map(|it| it.1).min().unwrap();
            let mut numbers: Vec<f64> = inside.iter().map(|it| it.0).collect();
            numbers.sort_by(f64::total_cmp);
            let number = match aggregation.statistic {
                Statistic::Sum => numbers.iter().sum(),
                Statistic::Average => {
                    numbers.iter().sum::<f64>() / numbers.len() as f64
                }
                // In random rules there is no other percentile.
                _ => {
                    let half = numbers.len() / 2;
                    match numbers.len() % 2 {
                        1 => numbers[half],
                        _ => (numbers[half - 1] + numbers[half]) / 2.0,
                    }
                }
            };
            let mut bounds = aggregation.bounds.iter();
            if bounds.all(|bound| match bound.order {
                Order::AtLeast => number >= bound.number,
                _ => number < bound.number,
            }) {
                self.until = Some(newest);
                self.numbers.clear();
                return Some(vec![(start, newest)]);
            }
        }
        Some(Vec::new())
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
            // As either half it may have values of its own.
            let [one, other] =
                [0, 1].map(|step| key(&sequence.group_by, step, event));
            if one == other {
                halves.extend(one.map(|key| (time, key, first, second)));
            } else {
                halves.extend(one.map(|key| (time, key, first, false)));
                halves.extend(other.map(|key| (time, key, false, second)));
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
fn key(group_by: &[Attribute], step: usize, event: &Event<'_>) -> Option<Key> {
    let values = |attribute: &Attribute| {
        let values = named(attribute, step, event);
        let folded = values.iter().map(|it| it.to_ascii_lowercase());
        let field = attribute.origin(step).unwrap().field;
        match values.iter().any(|it| !it.is_empty()) {
            true => Some(folded.collect()),
            false => (field == Field::Computer).then(Vec::new),
        }
    };
    group_by.iter().map(values).collect()
}

/// What an attribute is of an event as a step: all values of the field, or the
/// first of the member.
fn named(
    attribute: &Attribute,
    step: usize,
    event: &Event<'_>,
) -> Vec<Vec<u8>> {
    let origin = attribute.origin(step).unwrap();
    let values = values(event, origin.field).expect("it can be told");
    if !values.is_empty() {
        return values;
    }
    let mut members = event.members.iter();
    let member = members.find(|it| it.name == origin.member);
    member.map(|it| it.value.to_vec()).into_iter().collect()
}

/// Marks the events at a time as having had their part.
fn take(seen: &mut [(i64, bool)], time: i64) {
    for it in seen.iter_mut().filter(|it| it.0 == time) {
        it.1 = true;
    }
}
