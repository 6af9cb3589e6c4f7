/*!
What the tests of t1053 share with its fuzz targets, benchmarks and developer
commands: the [`mod@reference`] that the library is compared with, random rules
and events, sample records, streams with faults, and where the corpus, the
sample cases and the detections are.

All of it panics where a test has to fail.
*/

pub mod faults;
pub mod records;
pub mod reference;
pub mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use t1053::{Report, ScanCounts, Scanner};

/// The root of the repository.
pub fn root() -> &'static Path {
    let testkit = Path::new(env!("CARGO_MANIFEST_DIR"));
    testkit.parent().unwrap()
}

/// The corpus of real records: `T1053_CORPUS`, or `shared/corpus` beside
/// this repository; `None` where there is neither.
pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("T1053_CORPUS").map(PathBuf::from);
    let found = named.unwrap_or_else(|| root().join("../shared/corpus"));
    if found.is_dir() {
        return Some(found);
    }
    eprintln!("no corpus at {}: skipped", found.display());
    None
}

/// All files of the corpus, without the expectations.
pub fn corpus_files() -> Vec<PathBuf> {
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
pub fn record_files() -> Vec<PathBuf> {
    let mut files = corpus_files();
    let logs = fs::read_dir(testdata("logs")).unwrap();
    files.extend(logs.map(|entry| entry.unwrap().path()));
    files.extend(sample_cases());
    files
}

/// The records of every sample case.
pub fn sample_cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(testdata("cases")).unwrap();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|name| name == "record"));
    files.sort();
    assert!(files.len() > 100, "the sample cases are missing");
    files
}

fn testdata(folder: &str) -> PathBuf {
    root().join("testdata").join(folder)
}

/// The rule files of the built-in detections, in the order of their paths.
pub fn rule_files() -> Vec<PathBuf> {
    let mut files = detection_files();
    files.retain(|file| !is_samples(file));
    files
}

/// The files with the samples of the built-in detections, in the order of
/// their paths.
pub fn sample_files() -> Vec<PathBuf> {
    let mut files = detection_files();
    files.retain(|file| is_samples(file));
    files
}

fn is_samples(file: &Path) -> bool {
    file.to_string_lossy().ends_with(".samples.yml")
}

/// The YAML files in the folders under `core/detections`.
fn detection_files() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("core/detections")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    let files = folders
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|name| name == "yml"));
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    files
}

/// The sum of what became of the records is the number of records.
pub fn accounted(counts: &ScanCounts) {
    let sum = counts.read + counts.filtered;
    let sum = sum + counts.uninteresting + counts.not_understood;
    let sum = sum + counts.unreadable;
    assert_eq!(sum, counts.records, "{counts:?}");
}

/// Scans bytes in chunks; the pairs of record and detection, and the counts.
pub fn scan(
    mut scanner: Scanner,
    bytes: &[u8],
    chunk: usize,
) -> (BTreeSet<(u64, String)>, ScanCounts) {
    let mut pairs = BTreeSet::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Match(found) = report {
            let slug = found.found.detection().slug.to_string();
            pairs.insert((found.record, slug));
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

/// Scans bytes a few lines at a time, each time as a new stream: of so few
/// records the filter is asked of each, whatever it did with those before. For
/// each match the number of its record, if each is a line, and its detection.
pub fn scan_pieces(
    mut scanner: Scanner,
    bytes: &[u8],
) -> BTreeSet<(usize, String)> {
    let mut pairs = BTreeSet::new();
    let lines: Vec<&[u8]> =
        bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (index, lines) in lines.chunks(16).enumerate() {
        let mut sink = |report: Report<'_>| {
            if let Report::Match(found) = report {
                let slug = found.found.detection().slug.to_string();
                pairs.insert((index * 16 + found.record as usize, slug));
            }
            ControlFlow::Continue(())
        };
        let _ = scanner.feed(&lines.concat(), &mut sink);
        let _ = scanner.finish(&mut sink);
        scanner.reset();
    }
    pairs
}
