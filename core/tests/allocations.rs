//! Promises about memory, counted: evaluation never allocates, and a warm
//! scanner does not either.

mod common;

use std::fs;
use std::ops::ControlFlow;

use allocation_counter::measure;
use t1053::record::{Format, Reader};
use t1053::{Correlator, Detector, Scanner, Scratch};

/// Evaluates every event of some records; returns how many there were.
fn evaluate_all(
    detector: &Detector,
    records: impl Iterator<Item = Vec<u8>>,
) -> u64 {
    let mut reader = Reader::new();
    let mut scratch = Scratch::new(detector);
    let mut correlator = Correlator::new(detector);
    let mut events = 0;
    for record in records {
        let _ = reader.read(Format::Auto, &record, |_, event| {
            let mut matches = 0;
            let memory = measure(|| {
                matches = detector.evaluate(event, &mut scratch).count();
                correlator.observe(event, &scratch, |_| matches += 1);
            });
            assert_eq!(memory.count_total, 0, "{event:?}");
            events += 1;
        });
    }
    events
}

#[test]
fn evaluate_never_allocates() {
    let detector = Detector::new();
    for file in common::corpus_files() {
        let bytes = fs::read(&file).unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        evaluate_all(&detector, lines);
    }
}

#[test]
fn a_warm_scanner_never_allocates() {
    let detector = Detector::new();
    for file in common::corpus_files() {
        let bytes = fs::read(&file).unwrap();
        let mut scanner = Scanner::new(&detector);
        let mut scan = || {
            // A prime, so that records are cut everywhere.
            for chunk in bytes.chunks(65_521) {
                let _ = scanner.feed(chunk, |_| ControlFlow::Continue(()));
            }
            let _ = scanner.finish(|_| ControlFlow::Continue(()));
            scanner.reset();
        };
        scan();
        let memory = measure(scan);
        assert_eq!(memory.count_total, 0, "{}", file.display());
    }
}
