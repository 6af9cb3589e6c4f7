//! Small inputs that people had trouble with, against what is right.
//!
//! A case is a folder with an `input` and a `case.json`, which names the
//! `detections` that match in it, one for each match, or says how many
//! `matches` there are.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use t1053::{Detector, Report, Scanner};

/// What a case says is right.
enum Expected {
    Detections(Vec<String>),
    Matches(u64),
}

/// Cases that are wrong, and how many matches are right.
const WRONG: [(&str, u64); 2] = [
    // Nothing in the command line begins with `/s`, which the fourth asks for.
    ("shape-panther_windows.eventlogs", 3),
    // The system call is a rename by crontab, which is a match of its own.
    ("shape-wazuh_alert_auditd", 3),
];

/// The cases: `T1053_CASES`, or `shared/cases` beside this repository.
fn cases() -> Vec<PathBuf> {
    let named = std::env::var_os("T1053_CASES").map(PathBuf::from);
    let folder =
        named.unwrap_or_else(|| testkit::root().join("../shared/cases"));
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("no cases at {}: skipped", folder.display());
        return Vec::new();
    };
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("input").is_file());
    cases.sort();
    cases
}

/// `None` for a case whose author was unsure, or that is about something
/// else.
fn expected(case: &Path) -> Option<Expected> {
    let text = fs::read_to_string(case.join("case.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    if value["seen"] == "unsure" {
        return None;
    }
    let is_this = |(name, _): &&(&str, u64)| case.ends_with(name);
    if let Some((_, right)) = WRONG.iter().find(is_this) {
        return Some(Expected::Matches(*right));
    }
    if let Some(matches) = value["matches"].as_u64() {
        return Some(Expected::Matches(matches));
    }
    let slugs = value["detections"].as_array()?.iter();
    let slugs = slugs.map(|slug| slug.as_str().unwrap().to_owned());
    let mut slugs: Vec<String> = slugs.collect();
    slugs.sort();
    Some(Expected::Detections(slugs))
}

/// The detections of all matches in an input that comes in chunks.
fn found(
    detector: &Detector,
    input: &[u8],
    chunk: usize,
    join: bool,
) -> Vec<String> {
    let mut slugs = Vec::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(found) = report {
            slugs.push(found.found.detection().slug.to_string());
        }
        ControlFlow::Continue(())
    };
    let mut scanner = Scanner::builder(detector).join(join).build().unwrap();
    for chunk in input.chunks(chunk) {
        let _ = scanner.feed(chunk, &mut sink);
    }
    let _ = scanner.finish(&mut sink);
    testkit::accounted(scanner.counts());
    slugs.sort();
    slugs
}

#[test]
fn cases_are_right_in_chunks_of_any_size() {
    // Cases name the published detections alone.
    let detector = Detector::published();
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(expected) = expected(&case) else { continue };
        let input = fs::read(case.join("input")).unwrap();
        let name = case.file_name().unwrap().display().to_string();
        for join in [true, false] {
            let whole = found(&detector, &input, usize::MAX, join);
            for chunk in [1, 7, 64, 1000] {
                let cut = found(&detector, &input, chunk, join);
                assert_eq!(cut, whole, "{name} by {chunk}, {join}");
            }
        }
        // What is right is of each record by itself.
        let whole = found(&detector, &input, usize::MAX, false);
        match expected {
            Expected::Detections(slugs) if slugs != whole => {
                wrong.push(format!("{name}: {slugs:?}, found {whole:?}"));
            }
            Expected::Matches(count) if count != whole.len() as u64 => {
                wrong.push(format!("{name}: {count}, found {whole:?}"));
            }
            Expected::Detections(_) | Expected::Matches(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
