//! Halves of sequences in any order: the correlator finds the pairs that the
//! reference finds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053::event::Event;
use t1053::{Correlator, Scratch, Timestamp};
use t1053_fuzz::reference::random::{Choices, OwnedEvent, detector};
use t1053_fuzz::reference::sequence::{Pair, pairs, pairs_in_order};

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    let rules = choices.sequences();
    let detector = detector(&rules);
    let owned = choices.halves();
    let events: Vec<Event<'_>> = owned.iter().map(OwnedEvent::event).collect();
    let mut scratch = Scratch::new(&detector);
    let mut found = |capacity, events: &[Event<'_>]| {
        let mut correlator = Correlator::with_capacity(&detector, capacity);
        let mut found: Vec<Pair> = Vec::new();
        for event in events {
            let _ = detector.evaluate(event, &mut scratch);
            correlator.observe(event, &scratch, |pair| {
                let slug = pair.detection().slug.to_string();
                let time = pair.event().time.map(Timestamp::ticks);
                let other = pair.other_time().map(Timestamp::ticks);
                found.push((slug, time.unwrap(), other.unwrap()));
            });
        }
        (found, correlator.counts().evicted)
    };
    let (arrived, _) = found(64, &events);
    if let Some(expected) = pairs(&rules, &events) {
        assert_eq!(arrived, expected);
    }
    let mut in_order = events.clone();
    in_order.sort_by_key(|it| it.time);
    in_order.dedup_by_key(|it| it.time);
    let (mut arrived, _) = found(64, &in_order);
    arrived.sort();
    assert_eq!(arrived, pairs_in_order(&rules, &in_order).unwrap());
    let (fewer, evicted) = found(1, &in_order);
    assert!(fewer.iter().all(|it| arrived.contains(it)));
    assert!(fewer.len() == arrived.len() || evicted > 0);
});
