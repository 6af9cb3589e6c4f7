//! What the integration tests share: the corpus, where there is one, and the
//! sample cases.

// Each test binary uses some of this, and a test may panic.
#![allow(dead_code, clippy::unwrap_used)]

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
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata");
    let mut files = corpus_files();
    for directory in ["logs", "cases"] {
        let entries = fs::read_dir(testdata.join(directory)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.retain(|it| it.extension().is_none_or(|it| it != "ndjson"));
    assert!(files.len() > 100, "the sample cases are missing");
    files
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
    (pairs, counts)
}
