//! Events that a rule can never match, as their log lacks what it asks for.

#![cfg(all(feature = "sigma", feature = "regex"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::ops::ControlFlow;

use t1053::event::Field;
use t1053::{Detector, RecordMatch, Report, Scanner};

fn spots(log_source: &str, detection: &str) -> Vec<String> {
    let text = format!(
        "title: x\nlogsource: {{{log_source}}}\ndetection:\n{detection}"
    );
    let rules = t1053::sigma::compile(&text).unwrap();
    let spots = rules[0].blind_spots();
    spots.iter().map(ToString::to_string).collect()
}

#[test]
fn rules_that_cannot_do_without_a_field() {
    const WINDOWS: &str = "category: process_creation, product: windows";
    const LINUX: &str = "category: process_creation, product: linux";
    const PARENT: &str = "Security 4688 has no ParentCommandLine";
    for (log_source, detection, expected) in [
        // All of several is needed, any of several is not.
        (
            WINDOWS,
            "  s: {Image: a, ParentCommandLine: b}\n  condition: s",
            &[PARENT][..],
        ),
        (
            WINDOWS,
            "  s: [{Image: a}, {OriginalFileName: b}]\n  condition: s",
            &[],
        ),
        (
            WINDOWS,
            "  s: [{Hashes|contains: a}, {OriginalFileName: b}]\n  condition: s",
            &["Security 4688 has no Hashes, OriginalFileName"],
        ),
        (
            WINDOWS,
            "  s: {Image: a}\n  t: {ParentUser: b}\n  condition: s or t",
            &[],
        ),
        // A filter takes nothing away where the field is not.
        (
            WINDOWS,
            "  s: {Image: a}\n  f: {ParentCommandLine: b}\n  condition: s and not f",
            &[],
        ),
        (
            WINDOWS,
            "  s: {Image: a, ParentCommandLine: null}\n  condition: s",
            &[],
        ),
        (
            WINDOWS,
            "  s: {Image: a, ParentCommandLine|exists: true}\n  condition: s",
            &[PARENT],
        ),
        (
            WINDOWS,
            "  s: {CommandLine|fieldref: ParentCommandLine}\n  condition: s",
            &[PARENT],
        ),
        // What only a filter asks for is not what is missing.
        (
            WINDOWS,
            "  s: {ParentCommandLine: a}\n  f: {OriginalFileName: b}\n  condition: s and not f",
            &[PARENT],
        ),
        // What Sysmon has not.
        (
            WINDOWS,
            "  s: {Image: a, SubjectUserName: b}\n  condition: s",
            &["Microsoft-Windows-Sysmon/Operational 1 has no SubjectUserName"],
        ),
        (
            LINUX,
            "  s: {Image: a, TokenElevationType: b}\n  condition: s",
            &["Linux-Sysmon/Operational 1 has no TokenElevationType"],
        ),
        (LINUX, "  s: {ParentCommandLine: b}\n  condition: s", &[]),
        // Of one log only what that lacks counts.
        (
            "product: windows, service: sysmon",
            "  s: {EventID: 1, ParentCommandLine: b}\n  condition: s",
            &[],
        ),
        (
            "product: windows, service: security",
            "  s: {EventID: 4688, ParentCommandLine: b}\n  condition: s",
            &[PARENT],
        ),
        // And of several kinds of event, those of the kind.
        (
            "product: windows, service: security",
            "  s: {EventID: 4688, ParentCommandLine: a}\n  t: {EventID: 4698, TaskName: b}\n  condition: s or t",
            &[PARENT],
        ),
        ("category: file_event", "  s: {Image: a}\n  condition: s", &[]),
    ] {
        assert_eq!(spots(log_source, detection), expected, "{detection}");
    }
}

/// The parts of a sequence are asked of one kind each, and one that can match
/// is enough to tell nothing.
#[test]
fn a_rule_is_blind_if_all_of_its_parts_are() {
    let text = "
title: one
name: one
logsource: {category: process_creation, product: windows}
detection: {s: {ParentCommandLine: a}, condition: s}
---
title: other
name: other
logsource: {category: process_creation, product: windows}
detection: {s: {FIELD: a}, condition: s}
---
title: both
correlation:
    type: temporal
    rules: [one, other]
    group-by: [Computer]
    timespan: 1m
";
    for (field, count) in [("Image", 0), ("ParentUser", 1)] {
        let rules = t1053::sigma::compile(&text.replace("FIELD", field));
        assert_eq!(rules.unwrap()[0].blind_spots().len(), count, "{field}");
    }
}

/// What real events carry does not contradict what is told.
#[test]
fn no_event_matches_where_its_rule_is_blind() {
    const FIELDS: [&str; 9] = [
        "OriginalFileName",
        "CurrentDirectory",
        "ParentCommandLine",
        "ParentUser",
        "SubjectUserSid",
        "SubjectUserName",
        "SubjectDomainName",
        "SubjectLogonId",
        "TargetUserName",
    ];
    let texts = FIELDS.map(|field| {
        format!(
            "title: {field}\nlogsource: {{category: process_creation, \
             product: windows}}\ndetection: {{s: {{{field}|re: '.'}}, \
             condition: s}}\n"
        )
    });
    let rules = t1053::sigma::compile(&texts.join("---\n")).unwrap();
    let rules = rules.into_iter();
    let builder = Detector::builder().without_builtin();
    let detector = rules.fold(builder, |it, rule| it.rule(rule)).build();
    let detector = detector.unwrap();
    let mut seen = HashSet::new();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/logs");
    for entry in std::fs::read_dir(path).unwrap() {
        let log = std::fs::read(entry.unwrap().path()).unwrap();
        let mut scanner = Scanner::new(&detector);
        let mut sink = |report: Report<'_>| {
            if let Report::Match(RecordMatch { found, .. }) = report {
                let rule = &detector.rules()[found.index()];
                let [spot] = &rule.blind_spots()[..] else { panic!() };
                let [id, channel] = [Field::EventId, Field::Channel]
                    .map(|field| found.event().get(field));
                let is_it = Some(spot.id.as_bytes()) == id
                    && Some(spot.log.as_bytes()) == channel;
                assert!(!is_it, "{spot}");
                seen.insert(found.index());
            }
            ControlFlow::Continue(())
        };
        let _ = scanner.feed(&log, &mut sink);
        let _ = scanner.finish(&mut sink);
    }
    assert!(seen.len() > 5, "{seen:?}");
}
