//! Every detection's samples, with the built-in detections: a `match` case
//! yields the detection, the others do not, however the stream is cut.

use std::fs;
use std::ops::ControlFlow;

#[cfg(feature = "sigma")]
use t1053::catalog;
#[cfg(feature = "sigma")]
use t1053::sigma::samples::{self, Expectation};
use t1053::{Detector, Finding, Report, Scanner, Source};

/// What is written of each case is what is written down, evidence and all;
/// the other languages are held to the same files.
#[test]
fn findings_are_the_ones_written_down() {
    let detector = Detector::new();
    let mut lines = 0;
    for file in testkit::sample_cases() {
        let mut found = String::new();
        let mut sink = |report: Report<'_>| {
            if let Report::Match(it) = report {
                let place = it.place(None);
                let (found_here, quote) = (&it.found, None);
                let finding = Finding { place, found: found_here, quote };
                found += &format!("{finding}\n");
            }
            ControlFlow::Continue(())
        };
        // What is written down is of each record by itself.
        let scanner = Scanner::builder(&detector).join(false);
        let mut scanner = scanner.build().unwrap();
        let _ = scanner.feed(&fs::read(&file).unwrap(), &mut sink);
        let _ = scanner.finish(&mut sink);
        let expected = fs::read_to_string(file.with_extension("ndjson"));
        assert_eq!(found, expected.unwrap(), "{}", file.display());
        lines += found.lines().count();
    }
    assert!(lines > 200, "{lines}");
}

/// Whatever the format, and however the stream is cut.
#[test]
fn record_stands_where_its_source_says() {
    let detector = Detector::new();
    let mut records = 0;
    for file in testkit::sample_cases() {
        let bytes = fs::read(&file).unwrap();
        for chunk in [usize::MAX, 61] {
            let mut sink = |report: Report<'_>| {
                let Report::Event(event) = report else {
                    return ControlFlow::Continue(());
                };
                let Source { offset, length, bytes: read, .. } = event.source;
                let start = usize::try_from(offset).unwrap();
                let end = start + usize::try_from(length).unwrap();
                let there = &bytes[start..end];
                // A line that came in parts is read whole.
                let is_whole = read.len() == there.len();
                assert!(!is_whole || there == read, "{}", file.display());
                assert!(there.len() > 10, "{}", file.display());
                records += usize::from(is_whole);
                ControlFlow::Continue(())
            };
            // A joined event is of several records, and has no source.
            let builder = Scanner::builder(&detector).events(true);
            let mut scanner = builder.join(false).build().unwrap();
            for chunk in bytes.chunks(chunk) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
        }
    }
    assert!(records > 500, "{records}");
}

#[cfg(feature = "sigma")]
#[test]
fn samples_match_or_do_not() {
    let detector = Detector::new();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in testkit::sample_files() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let slug = name.strip_suffix(".samples.yml").unwrap();
        let yaml = fs::read_to_string(&file).unwrap();
        for case in samples::read(&yaml).unwrap() {
            let stream = case.records.join("\n");
            let mut results = [usize::MAX, 13].map(|chunk| {
                let scanner = Scanner::new(&detector);
                testkit::scan(scanner, stream.as_bytes(), chunk)
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
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, catalog::builtin().len());
}
