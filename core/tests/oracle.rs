//! The library against the slow, obvious reference: rules at random, the
//! samples, real records and mutations of them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;
mod reference;

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use reference::random::{Choices, OwnedEvent, detector};
use reference::record::Owned;
use reference::{record, sequence};
use t1053::event::{Event, EventKind, Field, Platform, TaskRegistered};
use t1053::record::{Format, Reader};
use t1053::rule::{
    Detection, Logic, Operation, Predicate, Rule, Selection, Test,
};
use t1053::{Correlator, Detector, Report, Scanner, Scratch, Timestamp};

/// The slugs that a detector gives.
fn slugs(
    detector: &Detector,
    event: &Event<'_>,
    scratch: &mut Scratch,
) -> BTreeSet<String> {
    let found = detector.evaluate(event, scratch);
    found.map(|it| it.detection().slug.to_string()).collect()
}

/// Rules and some events, evaluated one after the other in one scratch.
fn rules_and_events(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let rules = choices.rules();
    let detector = detector(&rules);
    let mut scratch = Scratch::new(&detector);
    for _ in 0..4 {
        let owned = choices.event();
        let event = owned.event();
        let found = slugs(&detector, &event, &mut scratch);
        if let Some(expected) = reference::matches(&rules, &event)
            && let Some(slug) = found.symmetric_difference(&expected).next()
        {
            let same = |it: &&Rule| it.detection.slug == slug.as_str();
            let logic = rules.iter().find(same).map(|it| &it.logic);
            let has = found.contains(slug);
            panic!("found: {has}\n{logic:?}\n{owned}");
        }
        for found in detector.evaluate(&event, &mut scratch) {
            for it in found.evidence() {
                assert_eq!(&it.value[it.range.clone()], it.text);
            }
        }
    }
}

/// What a correlator finds, in the order of arrival.
fn found_pairs(
    detector: &Detector,
    capacity: usize,
    events: &[Event<'_>],
) -> (Vec<sequence::Pair>, u64) {
    let mut scratch = Scratch::new(detector);
    let mut correlator = Correlator::with_capacity(detector, capacity);
    let mut found = Vec::new();
    for event in events {
        let _ = detector.evaluate(event, &mut scratch);
        correlator.observe(event, &scratch, |pair| {
            let slug = pair.detection().slug.to_string();
            let time = pair.event().time.unwrap().ticks();
            let other = pair.other_time().map(Timestamp::ticks);
            found.push((slug, time, other.unwrap()));
        });
    }
    (found, correlator.counts().evicted)
}

fn sequences_and_events(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let rules = choices.sequences();
    let detector = detector(&rules);
    let owned = choices.halves();
    let events: Vec<Event<'_>> = owned.iter().map(OwnedEvent::event).collect();
    let (found, _) = found_pairs(&detector, 64, &events);
    if let Some(expected) = sequence::pairs(&rules, &events) {
        assert_eq!(found, expected, "{}", shown(&rules, &owned));
    }
    let mut in_order = events.clone();
    in_order.sort_by_key(|it| it.time);
    in_order.dedup_by_key(|it| it.time);
    let (mut found, _) = found_pairs(&detector, 64, &in_order);
    found.sort();
    let expected = sequence::pairs_in_order(&rules, &in_order).unwrap();
    assert_eq!(found, expected, "{}", shown(&rules, &owned));
    // With less memory some pairs are missed, and none is made up.
    let (fewer, evicted) = found_pairs(&detector, 1, &in_order);
    assert!(fewer.iter().all(|it| found.contains(it)));
    assert!(fewer.len() == found.len() || evicted > 0);
}

fn shown(rules: &[Rule], events: &[OwnedEvent]) -> String {
    let logic = rules.iter().map(|it| format!("{:?}\n", it.logic));
    logic.chain(events.iter().map(|it| format!("{it}\n"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        max_shrink_iters: 100_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_rules_on_random_events(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        rules_and_events(&bytes);
    }

    #[test]
    fn random_sequences_on_random_events(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        sequences_and_events(&bytes);
    }
}

/// Every record of the samples.
fn samples() -> Vec<Vec<u8>> {
    let cases =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let mut files: Vec<_> =
        fs::read_dir(cases).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "record"));
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|it| fs::read(it).unwrap()).collect()
}

/// What a scanner finds, by record, and what it counts.
fn scan(
    detector: &Detector,
    filter: bool,
    bytes: &[u8],
) -> (BTreeSet<(u64, String)>, t1053::ScanCounts) {
    let scanner = Scanner::builder(detector).filter(filter).build();
    common::scan(scanner, bytes, usize::MAX)
}

/// The slugs of single events in one record, as read and evaluated.
fn read_and_evaluate(
    detector: &Detector,
    record: &[u8],
) -> Result<BTreeSet<String>, t1053::record::RecordError> {
    let mut scratch = Scratch::new(detector);
    let mut found = BTreeSet::new();
    Reader::new().read(Format::Auto, record, |_, event| {
        found.extend(slugs(detector, event, &mut scratch));
    })?;
    Ok(found)
}

/// Compares the library on a record with the reference's reader and
/// evaluator; whether the reference had anything to say.
fn compare(detector: &Detector, record: &[u8]) -> bool {
    let Some(owned) = record::read(record) else { return false };
    let event = owned.as_ref().map(Owned::event);
    let expected = match &event {
        Some(event) => reference::matches(detector.rules(), event),
        None => Some(BTreeSet::new()),
    };
    let Some(expected) = expected else { return false };
    let shown = String::from_utf8_lossy(record);
    let found = match read_and_evaluate(detector, record) {
        Ok(found) => found,
        // Strict readers differ in which oddities of tags they let through;
        // what is reported as unreadable is not lost in silence.
        Err(_) if record.first() == Some(&b'<') => return false,
        Err(error) => panic!("{error}: {shown}"),
    };
    assert_eq!(found, expected, "{shown}\n{owned:#?}");
    let mut scanned = BTreeSet::new();
    let mut scanner = Scanner::new(detector);
    let _ = scanner.record(record, |report| {
        if let Report::Match(it) = report
            && !matches!(it.found.rule().logic, Logic::Sequence(_))
        {
            scanned.insert(it.found.detection().slug.to_string());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(scanned, expected, "scanned: {shown}\n{owned:#?}");
    true
}

#[test]
fn samples_as_the_reference_reads_them() {
    let detector = Detector::new();
    let mut compared = 0;
    for sample in samples() {
        for line in sample.split(|it| *it == b'\n') {
            compared += usize::from(compare(&detector, line));
        }
    }
    assert!(compared > 200, "{compared}");
}

/// Lines of every corpus file, thinned out where there are many.
fn corpus_lines(most: usize) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for file in common::corpus_files() {
        let bytes = fs::read(file).unwrap();
        let all: Vec<&[u8]> = bytes.split(|it| *it == b'\n').collect();
        let step = all.len().div_ceil(most).max(1);
        let some = all.iter().step_by(step).filter(|it| !it.is_empty());
        lines.extend(some.map(|it| it.to_vec()));
    }
    lines
}

#[test]
fn the_corpus_as_the_reference_reads_it() {
    let detector = Detector::new();
    let lines =
        corpus_lines(if cfg!(debug_assertions) { 500 } else { 100_000 });
    let all = lines.len();
    let compared = lines.iter().filter(|it| compare(&detector, it)).count();
    eprintln!("{compared} of {all} records compared");
    assert!(lines.is_empty() || compared * 3 > all, "{compared} of {all}");
}

/// One of the ways in which a record may be written otherwise.
fn mutate(
    record: &mut Vec<u8>,
    others: &[Vec<u8>],
    choices: &mut Choices<'_>,
) {
    const TEXTS: [&str; 26] = [
        "\\u0073",
        "\\u002f",
        "&#x73;",
        "&amp;",
        "\\/",
        "\\\\",
        "\"",
        "<",
        ">",
        "\0",
        "\u{feff}",
        "schtasks",
        "crontab",
        "\n",
        "\r",
        "4698",
        "{",
        "}",
        "[",
        "]",
        ",",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "\\ud800",
    ];
    let at = |choices: &mut Choices<'_>, most: usize| {
        (choices.of(256) << 16 | choices.of(256) << 8 | choices.of(256))
            % (most + 1)
    };
    let from = at(choices, record.len());
    match choices.of(8) {
        0 => {
            let text = TEXTS[choices.of(TEXTS.len())];
            record.splice(from..from, text.bytes());
        }
        1 => record.truncate(from),
        2 => {
            let to = (from + choices.of(32)).min(record.len());
            record.drain(from..to);
        }
        3 if from < record.len() => record[from] = choices.of(256) as u8,
        // A part of another record.
        4 => {
            let other = &others[at(choices, others.len() - 1)];
            let start = at(choices, other.len());
            let end = (start + choices.of(64)).min(other.len());
            record.splice(from..from, other[start..end].iter().copied());
        }
        // A letter spelled as an escape.
        5 | 6 => {
            let letter = |it: &u8| it.is_ascii_alphanumeric();
            let next = record[from..].iter().position(letter);
            if let Some(place) = next.map(|it| it + from) {
                let byte = record[place];
                let text = match record.first() {
                    Some(b'<') => format!("&#{byte};"),
                    _ => format!("\\u{:04x}", u32::from(byte)),
                };
                record.splice(place..=place, text.bytes());
            }
        }
        // A value that a rule looks for.
        _ => {
            const NAMES: [&str; 6] = [
                "schtasks.exe /create /ru SYSTEM",
                "/etc/cron.d/x",
                "rundll32",
                "crontab -l",
                "taskschd.dll",
                "at.allow",
            ];
            let text = NAMES[choices.of(NAMES.len())];
            record.splice(from..from, text.bytes());
        }
    }
}

/// With and without its filter a scanner reports the same matches, of any
/// record.
fn filter_is_sound(detector: &Detector, record: &[u8]) {
    let (with, counts) = scan(detector, true, record);
    let (without, all) = scan(detector, false, record);
    let shown = || String::from_utf8_lossy(record);
    assert_eq!(with, without, "{}", shown());
    for counts in [&counts, &all] {
        let sum = counts.read + counts.filtered;
        let sum = sum + counts.uninteresting + counts.unreadable;
        assert_eq!(sum, counts.records, "{}", shown());
    }
    assert_eq!(counts.records, all.records, "{}", shown());
    assert_eq!(counts.matches, all.matches, "{}", shown());
}

#[test]
fn mutated_records() {
    let detector = Detector::new();
    let mut records = samples();
    records.extend(corpus_lines(20));
    let count = if cfg!(debug_assertions) { 20_000 } else { 200_000 };
    let mut compared = 0;
    // The same in every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..count {
        let mut bytes = [0; 64];
        for chunk in bytes.chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes());
        }
        let mut choices = Choices::new(&bytes);
        let place = state % records.len() as u64;
        let mut record = records[usize::try_from(place).unwrap()].clone();
        if record.len() > 16 << 10 {
            continue;
        }
        for _ in 0..=choices.of(3) {
            mutate(&mut record, &records, &mut choices);
        }
        filter_is_sound(&detector, &record);
        compared += usize::from(compare(&detector, &record));
    }
    eprintln!("{compared} of {count} mutated records compared");
    assert!(compared * 10 > count, "{compared} of {count}");
}

#[test]
fn the_corpus_with_and_without_the_filter() {
    let detector = Detector::new();
    for file in common::corpus_files() {
        let mut bytes = fs::read(file).unwrap();
        if cfg!(debug_assertions) {
            bytes.truncate(1 << 20);
        }
        filter_is_sound(&detector, &bytes);
    }
}

/// What a rule of one test finds in a task with these actions.
fn finds(operation: Operation, pattern: &'static str, actions: &str) -> bool {
    let test = Test::new(Field::Command, operation, pattern.into());
    let selection = Selection {
        kinds: vec![EventKind::TaskRegistered].into(),
        predicate: Predicate::Test(test),
    };
    let rule = Rule {
        detection: Detection::new("r", "R", Platform::Windows),
        logic: Logic::Single(selection),
    };
    let detector = detector(&[rule]);
    let task = format!("<Task><Actions>{actions}</Actions></Task>");
    let event = Event::windows(TaskRegistered {
        task_content: Some(task.as_bytes()),
        ..Default::default()
    });
    let mut scratch = Scratch::new(&detector);
    detector.evaluate(&event, &mut scratch).next().is_some()
}

/// An empty element once had no place in the definition, and evaluation
/// reckoned with one all the same.
#[test]
fn an_empty_action_is_a_value() {
    let empty = "<Exec><Command></Command></Exec>";
    assert!(finds(Operation::Exists, "", empty));
    assert!(finds(Operation::Equals, "", empty));
    assert!(finds(Operation::Null, "", empty));
    assert!(!finds(Operation::Exists, "", "<Exec/>"));
}

/// Whether a field was empty once hung on the order of its values.
#[test]
fn one_empty_value_does_not_make_a_field_empty() {
    let empty = "<Exec><Command></Command></Exec>";
    let full = "<Exec><Command>a</Command></Exec>";
    for actions in [format!("{empty}{full}"), format!("{full}{empty}")] {
        assert!(!finds(Operation::Null, "", &actions), "{actions}");
    }
    assert!(finds(Operation::Null, "", &empty.repeat(2)));
}
