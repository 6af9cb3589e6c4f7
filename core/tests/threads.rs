//! One detector, many threads: the outcome is that of one thread. And what
//! may cross threads and unwinding is told by the types.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::panic::{RefUnwindSafe, UnwindSafe};

use t1053::TaskDefinition;
use t1053::event::{Event, EventData, EventKinds, Field};
use t1053::record::{Reader, RecordError};
use t1053::rule::{Detection, Rule};
use t1053::{
    Correlator, Detector, DetectorBuilder, Evidence, Finding, KeptFinding,
    Lookahead, Looked, Match, Matches, Message, Repeats, Report, RiskTracker,
    ScanCounts, Scanner, ScannerBuilder, Scratch, Selector, Standing,
    StateError, Timestamp, Unreadable,
};

/// Compiles only for types that may be sent to another thread, shared with
/// it, and kept over a panic.
const fn free<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}

const _: () = {
    free::<Detector>();
    free::<DetectorBuilder>();
    free::<Scratch>();
    free::<Matches<'static>>();
    free::<Match<'static>>();
    free::<Evidence<'static>>();
    free::<Correlator>();
    free::<Repeats>();
    free::<RiskTracker>();
    free::<StateError>();
    free::<Scanner>();
    free::<ScannerBuilder>();
    free::<Lookahead>();
    free::<Looked>();
    free::<Standing>();
    free::<Report<'static>>();
    free::<Unreadable>();
    free::<ScanCounts>();
    free::<Finding<'static>>();
    free::<KeptFinding>();
    free::<Message<'static>>();
    free::<Selector>();
    free::<Timestamp>();
    free::<Event<'static>>();
    free::<EventData<'static>>();
    free::<EventKinds>();
    free::<Field>();
    free::<Reader>();
    free::<RecordError>();
    free::<TaskDefinition<'static>>();
    free::<Rule>();
    free::<Detection>();
};

#[test]
fn many_threads_find_what_one_finds() {
    let files = testkit::sample_cases();
    let records: Vec<Vec<u8>> =
        files.iter().map(|it| fs::read(it).unwrap()).collect();
    let detector = Detector::new();
    let scan_all = |detector: &Detector, start: usize| {
        let count = records.len();
        let mut found = vec![None; count];
        // Each thread begins at another one.
        for at in (0..count).map(|it| (it + start * count / 16) % count) {
            let scanner =
                Scanner::builder(detector).filter(start.is_multiple_of(2));
            let scanned = testkit::scan(
                scanner.build().unwrap(),
                &records[at],
                64 + start,
            );
            found[at] = Some(scanned.0);
        }
        found
    };
    let expected = scan_all(&detector, 0);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|start| {
                let detector = &detector;
                let scan_all = &scan_all;
                scope.spawn(move || scan_all(detector, start))
            })
            .collect();
        for thread in threads {
            let found = thread.join().unwrap();
            assert_eq!(found, expected);
        }
    });
}
