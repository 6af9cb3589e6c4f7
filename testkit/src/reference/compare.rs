/*!
Random cases, asked of the library and of the reference. Each panics with what
is needed to see why they differ.
*/

use t1053::event::Event;
use t1053::rule::Rule;
use t1053::{Correlator, Detector, Match, Scratch};

use super::matches;
use super::random::{Choices, OwnedEvent};
use super::sequence::{self, Pair};
use crate::rules::{detector, slugs};

/// Rules and some events, evaluated one after the other in one scratch: the
/// detector finds what the reference finds, and its evidence is where it
/// says.
pub fn rules_and_events(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let rules = choices.rules();
    let detector = detector(&rules);
    let mut scratch = Scratch::new(&detector);
    for _ in 0..4 {
        let owned = choices.event();
        let event = owned.event();
        let found = slugs(&detector, &event, &mut scratch);
        if let Some(expected) = matches(&rules, &event)
            && let Some(slug) = found.symmetric_difference(&expected).next()
        {
            let same = |it: &&Rule| it.detection.slug == slug.as_str();
            let logic = rules.iter().find(same).map(|it| &it.logic);
            let has = found.contains(slug);
            panic!("found: {has}\n{logic:?}\n{owned}");
        }
        for found in detector.evaluate(&event, &mut scratch) {
            found.each_evidence(|it| {
                assert_eq!(&it.value[it.range.clone()], it.text);
            });
        }
    }
}

/// Events of sequences and counts in any order: the correlator finds what the
/// reference finds.
pub fn sequences_and_events(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let rules = choices.sequences();
    let detector = detector(&rules);
    let owned = choices.halves();
    let events: Vec<Event<'_>> = owned.iter().map(OwnedEvent::event).collect();
    let (found, _) = found_pairs(&detector, 64, &events);
    if let Some(expected) = sequence::matches(&rules, &events) {
        assert_eq!(found, expected, "{}", shown(&rules, &owned));
    }
    // Saved and restored after each event, nothing is lost and nothing new.
    if bytes.len().is_multiple_of(4) {
        assert_eq!(found_with_restarts(&detector, &events), found);
    }
    let mut in_order = events.clone();
    in_order.sort_by_key(|it| it.time);
    in_order.dedup_by_key(|it| it.time);
    let (mut found, _) = found_pairs(&detector, 64, &in_order);
    // Of the others there is no second definition.
    let is_pair = |it: &Pair| it.0.starts_with("pair");
    found.retain(is_pair);
    found.sort();
    let expected = sequence::pairs_in_order(&rules, &in_order).unwrap();
    assert_eq!(found, expected, "{}", shown(&rules, &owned));
    // In another order a half may take another for its own that only looks
    // like it yet; no other pair is missed.
    let mut shuffled = in_order.clone();
    let seed = i64::try_from(bytes.len()).unwrap() << 1 | 1;
    let key = |it: &Event<'_>| it.time.unwrap().ticks().wrapping_mul(seed);
    shuffled.sort_by_key(|it| key(it).swap_bytes());
    let (late, _) = found_pairs(&detector, 64, &shuffled);
    if sequence::matches(&rules, &shuffled).is_some() {
        for (slug, end, start) in &expected {
            let times = |it: &Pair| [it.1, it.2];
            let taken = late.iter().filter(|it| it.0 == *slug).any(|it| {
                times(it).contains(end) || times(it).contains(start)
            });
            assert!(taken, "{}", shown(&rules, &owned));
        }
    }
    // With less memory some pairs are missed, and none is made up.
    let (mut fewer, evicted) = found_pairs(&detector, 1, &in_order);
    fewer.retain(is_pair);
    assert!(fewer.iter().all(|it| found.contains(it)));
    assert!(fewer.len() == found.len() || evicted > 0);
}

/// What a correlator finds, in the order of arrival, and how many halves it
/// had no room for.
fn found_pairs(
    detector: &Detector,
    capacity: usize,
    events: &[Event<'_>],
) -> (Vec<Pair>, u64) {
    let mut scratch = Scratch::new(detector);
    let mut correlator =
        Correlator::builder(detector).capacity(capacity).build().unwrap();
    let mut found = Vec::new();
    for event in events {
        correlator.observe(event, &mut scratch, |one| found.extend(pair(one)));
    }
    let counts = correlator.counts();
    (found, counts.evicted + counts.expired)
}

/// What correlators find of which each sees one event, and is then saved and
/// restored as the next.
fn found_with_restarts(
    detector: &Detector,
    events: &[Event<'_>],
) -> Vec<Pair> {
    let mut scratch = Scratch::new(detector);
    let new = || Correlator::builder(detector).capacity(64);
    let mut state = new().seed([3; 16]).build().unwrap().save();
    let mut found = Vec::new();
    for event in events {
        let mut correlator = new().build().unwrap();
        correlator.restore(&state).unwrap();
        correlator.observe(event, &mut scratch, |one| found.extend(pair(one)));
        state = correlator.save();
    }
    found
}

/// A match of several events.
fn pair(found: &Match<'_>) -> Option<Pair> {
    let slug = found.detection().slug.to_string();
    let time = found.event().time.unwrap().ticks();
    Some((slug, time, found.other_time()?.ticks()))
}

fn shown(rules: &[Rule], events: &[OwnedEvent]) -> String {
    let logic = rules.iter().map(|it| format!("{:?}\n", it.logic));
    logic.chain(events.iter().map(|it| format!("{it}\n"))).collect()
}
