//! Packs: any bytes are refused or load; what loads builds, comes back as it
//! was, and evaluates as the reference does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053::{Detector, RuleSet, Scratch};
use testkit::reference;
use testkit::reference::random::Choices;

fuzz_target!(|data: &[u8]| {
    let Some((body, rest)) = data.split_last_chunk::<16>() else { return };
    // As it is, and as a writer with a defect would seal it: the checksum
    // stands before what this target is about.
    for pack in [body.to_vec(), t1053::seal_pack(body)] {
        let builder = Detector::builder().without_builtin();
        let set = RuleSet::builder().beside(&builder).pack("", &pack).build();
        if set.rules().is_empty() {
            continue;
        }
        let again = set.to_pack();
        let back = RuleSet::builder().beside(&builder).pack("", &again);
        assert_eq!(back.build().rules(), set.rules());
        let rules = set.rules().to_vec();
        let detector = builder.rules(set).build().expect("checked rules");
        let mut scratch = Scratch::new(&detector);
        let mut choices = Choices::new(rest);
        let owned = choices.event();
        let event = owned.event();
        let found = detector.evaluate(&event, &mut scratch);
        let found =
            found.map(|it| it.detection().slug.to_string()).collect();
        if let Some(expected) = reference::matches(&rules, &event) {
            assert_eq!(expected, found);
        }
    }
});
