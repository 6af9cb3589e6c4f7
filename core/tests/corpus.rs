//! Real records, against what an independent implementation found in them.

use std::collections::BTreeSet;
use std::fs;

use t1053::{Detector, Scanner};

#[test]
fn matches_are_the_expected_ones() {
    let Some(corpus) = testkit::corpus() else { return };
    let detector = Detector::published();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for file in testkit::corpus_files() {
        let place = file.strip_prefix(&corpus).unwrap().display().to_string();
        let twin = corpus.join("expected").join(format!("{place}.tsv"));
        let Ok(expected) = fs::read_to_string(twin) else { continue };
        let expected: BTreeSet<(u64, String)> = expected
            .lines()
            .map(|line| {
                let (record, slug) = line.split_once('\t').unwrap();
                (record.parse().unwrap(), slug.to_owned())
            })
            .collect();
        let bytes = fs::read(&file).unwrap();
        // What is expected is of each record by itself.
        let scanner = Scanner::builder(&detector).join(false);
        let scanner = scanner.build().unwrap();
        let (found, _) = testkit::scan(scanner, &bytes, 1 << 20);
        for (record, slug) in expected.difference(&found) {
            wrong.push(format!("{place}: {record} lacks {slug}"));
        }
        for (record, slug) in found.difference(&expected) {
            wrong.push(format!("{place}: {record} has {slug}"));
        }
        compared += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0);
}

/// However a stream is cut into chunks, the outcome is the same, and every
/// record is accounted for.
#[test]
fn chunks_do_not_matter() {
    let detector = Detector::published();
    for file in testkit::corpus_files() {
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(1 << 20);
        let whole = testkit::scan(Scanner::new(&detector), &bytes, usize::MAX);
        for chunk in [7, 64, 4096, 100_000] {
            let scanner = Scanner::new(&detector);
            let cut = testkit::scan(scanner, &bytes, chunk);
            assert_eq!(cut, whole, "{} by {chunk}", file.display());
        }
    }
}
