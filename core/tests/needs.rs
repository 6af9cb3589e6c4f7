//! What a detector says it needs is all that it needs.

#![expect(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::collections::BTreeSet;
use std::fs;

use t1053::event::{Event, EventKind, Field};
use t1053::record::Reader;
use t1053::{Detector, Format, Scratch};

/// An event with those of its fields that are to be kept.
fn with<'a>(
    event: &Event<'a>,
    is_kept: impl Fn(Field) -> bool,
) -> (Event<'a>, Vec<Field>) {
    let mut kept = Event::new(event.platform, event.kind());
    kept.time = event.time;
    kept.members = event.members;
    let mut left_out = Vec::new();
    let of_kind = event.kind().fields().iter();
    for &field in of_kind.chain(Field::OF_EVERY_EVENT) {
        let Some(value) = event.get(field) else { continue };
        match is_kept(field) {
            true => kept.set(field, value).unwrap(),
            false => left_out.push(field),
        }
    }
    (kept, left_out)
}

fn slugs(
    detector: &Detector,
    event: &Event<'_>,
    scratch: &mut Scratch,
) -> Vec<String> {
    let found = detector.evaluate(event, scratch);
    found.map(|one| one.detection().slug.to_string()).collect()
}

#[test]
fn matches_are_the_same_without_what_is_not_needed() {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let mut reader = Reader::new();
    let mut left_out = BTreeSet::new();
    let mut matched = 0;
    let folder = testkit::root().join("testdata/cases");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|name| name != "record") {
            continue;
        }
        let record = fs::read(&path).unwrap();
        let look = |_: Option<u32>, event: &Event<'_>| {
            let kind = event.kind();
            let (small, without) =
                with(event, |field| detector.needs(kind, field));
            let all = slugs(&detector, event, &mut scratch);
            let found = slugs(&detector, &small, &mut scratch);
            assert_eq!(found, all, "{path:?} without {without:?}");
            left_out.extend(without.iter().map(|field| (kind, *field)));
            matched += found.len();
        };
        let _ = reader.read(Format::Auto, &record, look);
    }
    // Else nothing was tried.
    assert!(matched > 500 && left_out.len() > 40, "{matched} {left_out:?}");
}

#[test]
fn of_kinds_that_no_rule_asks_for_nothing_is_needed() {
    let selector = "windows_schtasks_create_run_as_system".parse().unwrap();
    let detector = Detector::builder().enable(selector).build().unwrap();
    let needed: Vec<(EventKind, Field)> = EventKind::ALL
        .iter()
        .flat_map(|&kind| Field::ALL.iter().map(move |field| (kind, *field)))
        .filter(|(kind, field)| detector.needs(*kind, *field))
        .collect();
    let kind = EventKind::ProcessCreation;
    let expected = [Field::Image, Field::CommandLine, Field::OriginalFileName];
    assert_eq!(needed, expected.map(|field| (kind, field)));
}
