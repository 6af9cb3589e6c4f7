//! What the integration tests share: the corpus, where there is one, the
//! sample cases, and what every scan must keep to.

// Each test binary uses some of this, and a test may panic.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod records;
pub(crate) mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use t1053::{Report, ScanCounts, Scanner};

/// The corpus of real records: `T1053_CORPUS`, or `shared/corpus` beside
/// this repository; `None` where there is neither.
pub(crate) fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = beside.join("../../shared/corpus");
    let named = std::env::var_os("T1053_CORPUS").map(PathBuf::from);
    let found = named.unwrap_or(beside);
    if found.is_dir() {
        return Some(found);
    }
    eprintln!("no corpus at {}: skipped", found.display());
    None
}

/// All files of the corpus, without the expectations.
pub(crate) fn corpus_files() -> Vec<PathBuf> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let mut files = Vec::new();
    for directory in ["windows", "linux", "azure"] {
        let entries = fs::read_dir(corpus.join(directory)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    files
}

/// The logs and sample cases of this repository, and the corpus where there
/// is one.
pub(crate) fn record_files() -> Vec<PathBuf> {
    let mut files = corpus_files();
    let logs = fs::read_dir(testdata("logs")).unwrap();
    files.extend(logs.map(|entry| entry.unwrap().path()));
    files.extend(sample_cases());
    files
}

/// The records of every sample case.
pub(crate) fn sample_cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(testdata("cases")).unwrap();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|it| it.extension().is_some_and(|it| it == "record"));
    files.sort();
    assert!(files.len() > 100, "the sample cases are missing");
    files
}

fn testdata(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata").join(folder)
}

/// The sum of what became of the records is the number of records.
pub(crate) fn accounted(counts: &ScanCounts) {
    let sum = counts.read + counts.filtered;
    let sum = sum + counts.uninteresting + counts.unreadable;
    assert_eq!(sum, counts.records, "{counts:?}");
}

/// Scans bytes in chunks; the pairs of record and detection, and the counts.
pub(crate) fn scan(
    mut scanner: Scanner,
    bytes: &[u8],
    chunk: usize,
) -> (BTreeSet<(u64, String)>, ScanCounts) {
    let mut pairs = BTreeSet::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(it) = report {
            pairs.insert((it.record, it.found.detection().slug.to_string()));
        }
        ControlFlow::Continue(())
    };
    for chunk in bytes.chunks(chunk) {
        let _ = scanner.feed(chunk, &mut sink);
    }
    let _ = scanner.finish(&mut sink);
    let counts = scanner.counts().clone();
    accounted(&counts);
    (pairs, counts)
}
