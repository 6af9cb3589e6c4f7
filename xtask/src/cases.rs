//! The samples of every detection as files: `testdata/cases` for tests in any
//! language, which read them without a parser, and `testdata/logs` as logs to
//! try things on; `testdata/verdicts.ndjson` has the verdicts of all. And streams with faults, which [`faults`] makes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use t1053::sigma::samples;
use t1053::{Detector, Finding, Report, ScanCounts, Scanner, VerdictFinding};
use testkit::faults;

use crate::generate::Built;

/// Where the cases are, from the root.
const CASES: &str = "testdata/cases";
/// Where the verdicts of all cases are, by the order of their names.
const VERDICTS: &str = "testdata/verdicts.ndjson";
/// Where the logs are, from the root.
const LOGS: &str = "testdata/logs";

/// The files, by path: of each case its records, one after the other with a
/// line end between, and the findings in them.
pub(crate) fn files(
    root: &Path,
    built: &[Built],
) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let mut builder = Detector::builder().without_builtin();
    for built in built {
        builder = builder.rule(built.rule.clone());
    }
    let detector = builder.build()?;
    let mut files = BTreeMap::new();
    let mut verdicts = BTreeMap::new();
    for built in built {
        let slug = &built.rule.detection.slug;
        let path = built.path.replace(".yml", ".samples.yml");
        let yaml = fs::read_to_string(root.join(&path))
            .map_err(|error| format!("{path}: {error}"))?;
        let cases = samples::read(&yaml)
            .map_err(|error| format!("{path}: {error}"))?;
        for (index, case) in cases.iter().enumerate() {
            let name = format!("{CASES}/{slug}--{:02}", index + 1);
            let records = case.records.join("\n");
            let case = format!("{slug}--{:02}.record", index + 1);
            verdicts.insert(case.clone(), judged(&detector, &case, &records)?);
            let (found, counts) = scan(&detector, &records);
            // What lost its id is no part of a log to show what is found.
            if counts.not_understood == 0 {
                let path = format!("{LOGS}/{}", log(&records));
                let log: &mut Vec<u8> = files.entry(path).or_default();
                log.extend_from_slice(records.trim_end().as_bytes());
                log.push(b'\n');
            }
            files.insert(format!("{name}.ndjson"), found.into_bytes());
            files.insert(format!("{name}.record"), records.into_bytes());
        }
    }
    let verdicts: String = verdicts.into_values().collect();
    files.insert(VERDICTS.into(), verdicts.into_bytes());
    files.append(&mut faults::files(&detector));
    Ok(files)
}

/// The log that records belong in, by how they begin.
fn log(records: &str) -> &'static str {
    match records.as_bytes() {
        [b'{', ..] => "events.jsonl",
        [b'<', b'E' | b'?', ..] => "events.xml",
        [b'0'..=b'9', ..] | [b'L', b'o', b'g', ..] => "wineventlog.txt",
        [b't', b'y', b'p', b'e', b'=', ..] => "audit.log",
        _ => "syslog.log",
    }
}

fn scan(detector: &Detector, records: &str) -> (String, ScanCounts) {
    let mut lines = String::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(it) = report {
            let place = it.place(None);
            let finding = Finding { place, found: &it.found, quote: None };
            lines.push_str(&format!("{finding}\n"));
        }
        ControlFlow::Continue(())
    };
    // What is written down is of each record by itself.
    let scanner = Scanner::builder(detector).join(false);
    let mut scanner = match scanner.build() {
        Ok(scanner) => scanner,
        Err(error) => return (error.to_string(), ScanCounts::default()),
    };
    // The sink never asks to stop.
    let _ = scanner.feed(records.as_bytes(), &mut sink);
    let _ = scanner.finish(&mut sink);
    (lines, scanner.counts().clone())
}

/// The verdicts of a case's events, a line each.
fn judged(
    detector: &Detector,
    case: &str,
    records: &str,
) -> Result<String, Box<dyn Error>> {
    let mut lines = String::new();
    let mut sink = |report: Report<'_>| {
        if let Report::MatchedEvent(event) = report
            && let Some(verdict) = event.matches.verdict()
        {
            let place = event.place(Some(case));
            let (verdict, quote) = (&verdict, None);
            let line = VerdictFinding { place, verdict, quote };
            lines.push_str(&format!("{line}\n"));
        }
        ControlFlow::Continue(())
    };
    let builder = Scanner::builder(detector).matched_events(true);
    let mut scanner = builder.build()?;
    // The sink never asks to stop.
    let _ = scanner.feed(records.as_bytes(), &mut sink);
    let _ = scanner.finish(&mut sink);
    Ok(lines)
}

/// Paths of files that no case has any more.
pub(crate) fn orphans(
    root: &Path,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut orphans = Vec::new();
    for folder in [CASES, LOGS, faults::FAULTS] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        for file in entries {
            let path = format!("{folder}/{}", file?.file_name().display());
            if !files.contains_key(&path) {
                orphans.push(path);
            }
        }
    }
    Ok(orphans)
}
