//! Rule files: any text compiles or is refused with a place; what compiles
//! builds, and evaluates as the reference does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use t1053::{Detector, Scratch, sigma};
use testkit::reference;
use testkit::reference::random::Choices;

fuzz_target!(|data: &[u8]| {
    let Some((yaml, rest)) = data.split_last_chunk::<16>() else { return };
    let Ok(yaml) = str::from_utf8(yaml) else { return };
    let _ = sigma::samples::read(yaml);
    let rules = match sigma::compile(yaml) {
        Ok(rules) => rules,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let builder = Detector::builder().without_builtin();
    let builder =
        rules.iter().cloned().fold(builder, |it, rule| it.rule(rule));
    // Slugs may meet; everything else that compiles builds.
    let detector = match builder.build() {
        Ok(detector) => detector,
        Err(error) => {
            let text = error.to_string();
            assert!(
                text.contains("slug") || text.contains("regular expression"),
                "{text}",
            );
            return;
        }
    };
    let mut scratch = Scratch::new(&detector);
    let mut choices = Choices::new(rest);
    let owned = choices.event();
    let event = owned.event();
    let found: Vec<String> = detector
        .evaluate(&event, &mut scratch)
        .map(|it| it.detection().slug.to_string())
        .collect();
    if let Some(expected) = reference::matches(&rules, &event) {
        let found = found.into_iter().collect();
        assert_eq!(expected, found);
    }
});
