//! Scanners that share a correlator: together they find what one scanner
//! finds of all their records.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::ops::ControlFlow;

use t1053::{
    Correlator, Detector, OtherDetector, RecordMatch, Report, Scanner,
    Timestamp,
};

/// What is told of a match: its record, by its number after a first one, the
/// records it was joined from, its detection and other time, and the record
/// itself.
type Told = (u64, Vec<u64>, String, Option<Timestamp>, Vec<u8>);

fn told(found: &RecordMatch<'_>, first: u64) -> Told {
    let joined = found.joined.iter().map(|number| number + first).collect();
    let slug = found.found.detection().slug.to_string();
    let (record, other) = (found.record + first, found.found.other_time());
    (record, joined, slug, other, found.source.bytes.to_vec())
}

/// Scans a stream to its end; hands over its matches, and those that its
/// events complete in a correlator, and returns how many records it has.
fn scan(
    scanner: &mut Scanner,
    stream: &[u8],
    mut correlator: Option<&mut Correlator>,
    mut take: impl FnMut(&RecordMatch<'_>),
) -> u64 {
    let mut sink = |report: Report<'_>| {
        match (report, &mut correlator) {
            (Report::Match(found), _) => take(found),
            (Report::SequenceEvent(event), Some(correlator)) => {
                event.correlate(correlator, &mut take).unwrap();
            }
            _ => {}
        }
        ControlFlow::Continue(())
    };
    for chunk in stream.chunks(4093) {
        let _ = scanner.feed(chunk, &mut sink);
    }
    let _ = scanner.finish(&mut sink);
    scanner.counts().records
}

fn sharing(detector: &Detector) -> Scanner {
    Scanner::builder(detector).sequence_events(true).build().unwrap()
}

/// Events that were joined, too.
#[test]
fn scanners_of_one_stream_each_find_what_one_of_all_finds() {
    let detector = Detector::new();
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    let mut one = Scanner::new(&detector);
    let mut shared = Correlator::new(&detector);
    let mut first = 0;
    for file in testkit::record_files() {
        let stream = fs::read(file).unwrap();
        scan(&mut one, &stream, None, |one| expected.push(told(one, 0)));
        let mut scanner = sharing(&detector);
        first += scan(&mut scanner, &stream, Some(&mut shared), |one| {
            found.push(told(one, first));
        });
    }
    assert!(found.iter().any(|one| !one.1.is_empty()), "none is joined");
    assert_eq!(found, expected);
    assert_eq!(shared.counts(), one.counts().correlator);
}

/// What a scanner says of a record: as [`scan`].
fn scan_record(
    scanner: &mut Scanner,
    record: &[u8],
    correlator: &mut Correlator,
    mut take: impl FnMut(&RecordMatch<'_>),
) {
    let _ = scanner.record(record, |report| {
        match report {
            Report::Match(found) => take(found),
            Report::SequenceEvent(event) => {
                event.correlate(correlator, &mut take).unwrap();
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
}

#[test]
fn records_that_are_dealt_to_scanners_are_found_as_by_one() {
    let detector = Detector::new();
    // What is joined is of one stream, by what it means.
    let builder = || Scanner::builder(&detector).join(false);
    let sharing = || builder().sequence_events(true).build().unwrap();
    let mut one = builder().build().unwrap();
    let mut none = Correlator::off(&detector);
    let mut dealt = [sharing(), sharing(), sharing()];
    let mut shared = Correlator::new(&detector);
    let (mut expected, mut found) = (Vec::new(), Vec::new());
    let mut number = 0;
    for file in testkit::record_files() {
        let stream = fs::read(file).unwrap();
        for line in stream.split(|byte| *byte == b'\n') {
            let take = |one: &RecordMatch<'_>| expected.push(told(one, 0));
            scan_record(&mut one, line, &mut none, take);
            let scanners = dealt.len() as u64;
            let (place, own) = (number % scanners, number / scanners);
            let scanner = &mut dealt[place as usize];
            scan_record(scanner, line, &mut shared, |one| {
                assert_eq!(one.record, own);
                found.push(told(one, number - own));
            });
            number += 1;
        }
    }
    let sequences = found.iter().filter(|one| one.3.is_some()).count();
    assert!(sequences > 20, "{sequences}");
    assert_eq!(found, expected);
}

const SECOND: [&str; 2] = ["2024-05-01T10:00:00Z", "2024-05-01T10:00:05Z"];

/// A task is registered, or deleted.
fn record(id: u32, time: &str) -> String {
    format!(
        r#"{{"EventID":{id},"Channel":"Security","Computer":"ws1","TaskName":"\\x","TimeCreated":"{time}"}}"#
    )
}

#[test]
fn sequence_over_two_scanners_is_told_at_the_record_that_completes_it() {
    let slug = "short_lived_scheduled_task";
    let detector = Detector::builder().enable(slug.parse().unwrap());
    let detector = detector.build().unwrap();
    let (registered, deleted) =
        (record(4698, SECOND[0]), record(4699, SECOND[1]));
    // Whichever half is scanned first.
    let halves = [&registered, &deleted];
    for [first, last] in [halves, [halves[1], halves[0]]] {
        let mut shared = Correlator::new(&detector);
        let (mut one, mut two) = (sharing(&detector), sharing(&detector));
        let nothing = |found: &RecordMatch<'_>| panic!("{found:?}");
        scan(&mut one, first.as_bytes(), Some(&mut shared), nothing);
        let mut found = Vec::new();
        let stream = format!("no record\n{last}\n");
        scan(&mut two, stream.as_bytes(), Some(&mut shared), |one| {
            assert_eq!(one.source.offset, 10);
            found.push(told(one, 0));
        });
        let other = if last == &deleted { SECOND[0] } else { SECOND[1] };
        let other = Timestamp::parse(other.as_bytes());
        let bytes = last.clone().into_bytes();
        assert_eq!(found, [(1, vec![], slug.to_owned(), other, bytes)]);
        // They are none of the scanner's own.
        assert_eq!(two.counts().matches + two.hits()[0], 0);
    }
}

#[test]
fn correlator_of_another_detector_takes_nothing_and_says_so() {
    let (own, other) = (Detector::new(), Detector::new());
    let mut correlator = Correlator::new(&other);
    let mut events = 0;
    let record = record(4698, SECOND[0]);
    let _ = sharing(&own).record(record.as_bytes(), |report| {
        if let Report::SequenceEvent(event) = report {
            events += 1;
            let refused = event.correlate(&mut correlator, |_| {});
            assert_eq!(refused, Err(OtherDetector));
        }
        ControlFlow::Continue(())
    });
    assert_eq!((events, correlator.keys()), (1, 0));
}

#[test]
fn scanner_that_shares_holds_no_memory_for_sequences() {
    let detector = Detector::new();
    let builder = || Scanner::builder(&detector).sequence_capacity(1 << 18);
    let none = builder().sequences(false).build().unwrap();
    let shares = builder().sequence_events(true).build().unwrap();
    assert_eq!(shares.memory_usage(), none.memory_usage());
    assert!(none.memory_usage() < 64 << 10);
}

/// The report is for who asks for it, and of what is part of something.
#[test]
fn events_that_are_no_part_of_a_sequence_are_not_reported() {
    let detector = Detector::new();
    let stream = [record(4698, SECOND[0]), record(4624, SECOND[1])].join("\n");
    for asks in [true, false] {
        let builder = Scanner::builder(&detector).sequence_events(asks);
        let mut records = Vec::new();
        let mut sink = |report: Report<'_>| {
            if let Report::SequenceEvent(event) = report {
                records.push(event.record);
            }
            ControlFlow::Continue(())
        };
        let mut scanner = builder.build().unwrap();
        let _ = scanner.feed(stream.as_bytes(), &mut sink);
        let _ = scanner.finish(&mut sink);
        assert_eq!(records, if asks { &[0][..] } else { &[] });
    }
}
