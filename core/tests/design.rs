//! What DESIGN.md shows by example is so.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use std::ops::ControlFlow;

use t1053::{Detector, ScanCounts, Scanner};

/// What becomes of a record under the rule of the worked example.
fn scan(record: &str) -> ScanCounts {
    let detector = Detector::builder()
        .enable("windows_schtasks_create_run_as_system".parse().unwrap())
        .build()
        .unwrap();
    let mut scanner = Scanner::new(&detector);
    let line = format!("{record}\n");
    let _ = scanner.feed(line.as_bytes(), |_| ControlFlow::Continue(()));
    let _ = scanner.finish(|_| ControlFlow::Continue(()));
    scanner.counts().clone()
}

/// The records in the worked example of the filter.
fn records() -> Vec<&'static str> {
    let page = include_str!("../../DESIGN.md");
    let (_, example) = page.split_once("**Worked example.**").unwrap();
    let (example, _) = example.split_once("**How it is held.**").unwrap();
    example.lines().filter(|line| line.starts_with('{')).collect()
}

#[test]
fn filter_passes_over_the_records_that_the_worked_example_says() {
    let records = records();
    assert_eq!(records.len(), 3);
    for record in &records[..2] {
        assert_eq!(scan(record).filtered, 1, "{record}");
    }
    assert_eq!(scan(records[2]).filtered, 0, "{}", records[2]);
    // Without the escape it would have been passed over.
    let plain = records[2].replace(r"\u0061", "b");
    assert_eq!(scan(&plain).filtered, 1, "{plain}");
}
