//! Every detection's samples, with the built-in detections: a `match` case
//! yields the detection, the others do not, however the stream is cut.

#![cfg(feature = "sigma")]

mod common;

use std::fs;
use std::path::Path;

use t1053::sigma::samples::{self, Expectation};
use t1053::{Detector, Scanner, catalog};

#[test]
fn samples_match_or_do_not() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("detections");
    let detector = Detector::new();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for folder in fs::read_dir(folders).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_str().unwrap();
            let Some(slug) = name.strip_suffix(".samples.yml") else {
                continue;
            };
            let yaml = fs::read_to_string(&file).unwrap();
            for case in samples::read(&yaml).unwrap() {
                let stream = case.records.join("\n");
                let mut results = [usize::MAX, 13].map(|chunk| {
                    let scanner = Scanner::new(&detector);
                    common::scan(scanner, stream.as_bytes(), chunk)
                });
                assert_eq!(results[0], results[1], "{slug}: {}", case.name);
                let (pairs, counts) = &mut results[0];
                let found = pairs.iter().any(|pair| pair.1 == slug);
                if found != (case.expect == Expectation::Match) {
                    wrong.push(format!("{slug}: {}", case.name));
                }
                if counts.unreadable > 0 {
                    wrong.push(format!("{slug}: {}: unreadable", case.name));
                }
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, catalog::builtin().len());
}
