//! Hundreds of rules: records are passed over by the ids of their events, and
//! by nothing that a rule might match.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::ops::ControlFlow;

use t1053::record::LogSource;
use t1053::{Detector, Report, RuleSet, Scanner};

/// As many about each log source: more than a filter by literals alone is
/// made for.
const EACH: usize = 90;

/// Log sources, and a field of their events.
const SOURCES: [(&str, &str); 6] = [
    ("{category: process_creation, product: windows}", "CommandLine"),
    ("{category: registry_set, product: windows}", "TargetObject"),
    ("{category: process_access, product: windows}", "TargetImage"),
    ("{service: security, product: windows}", "SubjectUserName"),
    ("{service: application, product: windows}", "Data"),
    ("{category: proxy}", "c-uri"),
];

fn word(number: usize) -> String {
    format!("zq{number:04}x")
}

fn detector() -> Detector {
    let mut text = String::new();
    for (place, (source, field)) in SOURCES.iter().enumerate() {
        for number in place * EACH..(place + 1) * EACH {
            let word = word(number);
            writeln!(
                text,
                "title: rule {number}\nlogsource: {source}\ndetection: \
                 {{a: {{{field}|contains: {word}}}, condition: a}}\n---",
            )
            .unwrap();
        }
    }
    text += r"
title: without a literal
logsource: {service: application, product: windows}
detection: {a: {Foo|exists: true}, condition: a}
---
title: by its id
logsource: {service: security, product: windows}
detection: {a: {EventID: 5156, Foo: ''}, condition: a}
---
title: beyond ascii
logsource: {category: process_creation, product: windows}
detection: {a: {CommandLine|contains: 'и'}, condition: a}
---
title: in any value
logsource: {product: windows}
detection: {a: ['sekurlsa::'], condition: a}
---
title: of linux
logsource: {product: linux}
detection: {a: ['(){:;};'], condition: a}
";
    let builder = Detector::builder().without_builtin();
    let set = RuleSet::builder().text("rules.yml", &text).build();
    builder.rules(set.strict().unwrap()).build().unwrap()
}

/// What is found in a record, how many records were read, and whether that is
/// the same with the filter as without.
fn found(
    detector: &Detector,
    record: &str,
    told: Option<&LogSource>,
) -> (String, u64) {
    let [(found, read), (all, _)] = [true, false].map(|filter| {
        let mut builder = Scanner::builder(detector).filter(filter);
        if let Some(source) = told {
            builder = builder.log_source(source.clone());
        }
        let mut scanner = builder.build().unwrap();
        let mut slugs = Vec::new();
        let mut take = |report: Report<'_>| {
            if let Report::Match(matched) = report {
                slugs.push(matched.found.detection().slug.to_string());
            }
            ControlFlow::Continue(())
        };
        let _ = scanner.feed(record.as_bytes(), &mut take);
        let _ = scanner.finish(&mut take);
        (slugs.join(" "), 1 - scanner.counts().filtered)
    });
    assert_eq!(found, all, "{record}");
    (found, read)
}

fn sysmon(id: &str, members: &str) -> String {
    format!(
        r#"{{"EventID":{id},"Channel":"Microsoft-Windows-Sysmon/Operational",{members}}}"#
    )
}

fn log(channel: &str, id: &str, members: &str) -> String {
    format!(
        r#"{{"Event":{{"System":{{"EventID":{id},"Channel":"{channel}"}},"EventData":{{{members}}}}}}}"#
    )
}

fn xml(channel: &str, id: &str, data: &str) -> String {
    format!(
        "<Event><System><EventID>{id}</EventID><Channel>{channel}</Channel>\
         </System><EventData>{data}</EventData></Event>"
    )
}

#[test]
fn record_is_passed_over_only_where_no_rule_matches() {
    let detector = detector();
    // Those of started processes and of opened ones.
    let (process, access, user, data) =
        (word(5), word(EACH * 2 + 5), word(EACH * 3 + 5), word(EACH * 4 + 5));
    for (record, expected, is_read) in [
        (sysmon("1", &format!(r#""CommandLine":"{process}""#)), "rule_5", 1),
        // Of rules about events of another id.
        (sysmon("1", &format!(r#""CommandLine":"{access}""#)), "", 0),
        (sysmon("10", &format!(r#""TargetImage":"{access}""#)), "rule_185", 1),
        (sysmon("10", &format!(r#""TargetImage":"{process}""#)), "", 0),
        (
            sysmon("\"1\"", &format!(r#""CommandLine":"{process}""#)),
            "rule_5",
            1,
        ),
        (sysmon("\"0x1\"", &format!(r#""CommandLine":"{process}""#)), "", 1),
        (sysmon("3", r#""a":1"#), "", 0),
        (sysmon("1", r#""CommandLine":"и""#), "beyond_ascii", 1),
        (sysmon("1", r#""CommandLine":"И""#), "beyond_ascii", 1),
        (sysmon("1", r#""CommandLine":"\u0438""#), "beyond_ascii", 1),
        (sysmon("1", r#""CommandLine":"i""#), "", 0),
        (sysmon("3", r#""a":"sekurlsa::x""#), "in_any_value", 1),
        (log("Application", "7000", r#""Foo":"""#), "without_a_literal", 1),
        (log("Security", "7000", r#""Foo":"""#), "", 0),
        (log("Security", "5156", r#""Foo":"""#), "by_its_id", 1),
        (
            log("Security", "4624", &format!(r#""SubjectUserName":"{user}""#)),
            "rule_275",
            1,
        ),
        (
            log(
                "Application",
                "1",
                &format!(r##""Data":{{"#text":["{data}"]}}"##),
            ),
            "rule_365",
            1,
        ),
        (
            xml("Application", "1", &format!("<Data>{data}</Data>")),
            "rule_365",
            1,
        ),
        (xml("Other", "1", &format!("<Data>{data}</Data>")), "", 1),
        (
            xml(
                "Microsoft-Windows-Sysmon/Operational",
                "1",
                "<Data Name=\"CommandLine\">&#x438;</Data>",
            ),
            "beyond_ascii",
            1,
        ),
    ] {
        let (found, read) = found(&detector, &record, None);
        assert_eq!((&*found, read), (expected, is_read), "{record}");
    }
}

#[test]
fn told_log_source_is_not_ruled_out_by_an_id() {
    let detector = detector();
    let uri = word(EACH * 5 + 5);
    let record = format!(r#"{{"eventid":1,"c-uri":"{uri}"}}"#);
    let proxy = LogSource::new().category("proxy");
    assert_eq!(found(&detector, &record, Some(&proxy)).0, "rule_455");
    assert_eq!(found(&detector, &record, None).0, "");
}
