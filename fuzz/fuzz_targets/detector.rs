//! Rules and events at random: the detector finds what the reference finds,
//! and its evidence is where it says.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use t1053::Scratch;
use t1053_fuzz::reference;
use t1053_fuzz::reference::random::{Choices, detector};

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices::new(data);
    let rules = choices.rules();
    let detector = detector(&rules);
    let mut scratch = Scratch::new(&detector);
    for _ in 0..3 {
        let owned = choices.event();
        let event = owned.event();
        let found: BTreeSet<String> = detector
            .evaluate(&event, &mut scratch)
            .map(|it| it.detection().slug.to_string())
            .collect();
        if let Some(expected) = reference::matches(&rules, &event) {
            assert_eq!(found, expected, "{rules:?}\n{owned}");
        }
        for found in detector.evaluate(&event, &mut scratch) {
            found.each_evidence(|it| {
                assert_eq!(&it.value[it.range.clone()], it.text);
            });
        }
    }
});
