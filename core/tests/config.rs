//! What a configuration sets, and how it tells what is wrong with it.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;

use t1053::event::{Event, Field, ProcessCreation};
use t1053::rule::Severity;
use t1053::{Config, Grouping, Report, Scratch};

const ALL: &str = r"
rules: [own.yml]
strict: true
builtin: false
enable: all
canonical: off
disable: [kind:TTP]
placeholders: {hosts: [build-1]}
names: {proc.cmd: CommandLine}
severity: {technique:T1053: critical}
exclusions:
  - name: tester
    of: own
    when: {User|endswith: ['\tester', '\other']}
repeats:
    own: {fields: [User, CommandLine], seconds: 60}
host: ws1
format: json
log_source: {category: proxy}
record_limit: 4096
sequences: {capacity: 16, depth: 2}
";

const RULES: &str = r"
title: Own
logsource: {category: process_creation, product: windows}
tags: [attack.t1053.005]
detection:
    one: {proc.cmd|contains: /create, Computer|expand: '%hosts%'}
    condition: one
";

#[test]
fn configuration_says_how_far_command_lines_are_taken_apart() {
    let event = Event::windows(ProcessCreation {
        image: Some(br"C:\Windows\System32\cmd.exe"),
        command_line: Some(b"cmd /c s^chtasks /create /tn x /tr y"),
        ..Default::default()
    });
    for (text, is_seen) in [
        ("canonical: off", false),
        ("canonical: argv", false),
        ("canonical: full", true),
        ("", true),
    ] {
        let config: Config = text.parse().unwrap();
        let detector = config.detector().build().unwrap();
        let mut scratch = Scratch::new(&detector);
        let mut matches = detector.evaluate(&event, &mut scratch);
        let is_found =
            matches.any(|found| found.detection().slug == "task_created");
        assert_eq!(is_found, is_seen, "{text}");
    }
    let error = "canonical: ful".parse::<Config>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "1:12: in canonical: canonical is one of off, argv, full, not `ful`; \
         did you mean `full`?",
    );
}

#[test]
fn everything_is_set_for_detector_and_scanner() {
    let config: Config = ALL.parse().unwrap();
    assert_eq!(config.rules(), ["own.yml"]);
    assert!(config.is_strict());
    let builder = config.detector();
    let set = config.rule_set().beside(&builder).text("own.yml", RULES);
    let set = set.build().strict().unwrap();
    let detector = builder.rules(set).build().unwrap();
    let detections: Vec<_> = detector.detections().collect();
    assert_eq!(detections.len(), 1);
    assert_eq!(detections[0].severity, Severity::Critical);
    let fields = vec![Field::User, Field::CommandLine];
    let grouping = Grouping { fields, seconds: 60 };
    assert_eq!(detector.grouping(0), Some(&grouping));

    let mut scanner = config.scanner(&detector).build().unwrap();
    let record = |user: &str, host: &str| {
        format!(
            r#"{{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational",{host}"Image":"a","CommandLine":"x /create","User":"{user}"}}"#
        ) + "\n"
    };
    let mut found = Vec::new();
    for (user, host) in [
        ("d\\\\tester", r#""Computer":"build-1","#),
        ("d\\\\boss", r#""Computer":"build-1","#),
        ("d\\\\boss", r#""Computer":"build-2","#),
        // On ws1, by the configuration.
        ("d\\\\boss", ""),
    ] {
        let record = record(user, host);
        let flow = scanner.feed(record.as_bytes(), |report| {
            if let Report::Match(matched) = report {
                found.push(matched.record);
            }
            ControlFlow::Continue(())
        });
        assert!(flow.is_continue());
    }
    assert_eq!(found, [1]);
    assert_eq!(scanner.excluded(), [1]);
    assert_eq!(scanner.counts().unreadable, 0);
    let long = record(&"x".repeat(5000), "");
    let _ = scanner.feed(long.as_bytes(), |_| ControlFlow::Continue(()));
    assert_eq!(scanner.counts().unreadable, 1);
}

#[test]
fn groupings_that_cannot_be_are_errors() {
    let build = |slug: &str, fields: &str| {
        let text =
            format!("repeats: {{{slug}: {{fields: {fields}, seconds: 9}}}}");
        let config: Config = text.parse().unwrap();
        let detector = config.detector().enable("kind:TTP".parse().unwrap());
        detector.build().map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(
        build("task_run", "User"),
        Err("there is no detection `task_run`; did you mean `task_ran`?"
            .into()),
    );
    // One that does not run is none of those that it may be said of less.
    assert_eq!(build("task_created", "[JobName, User]"), Ok(()));
    let slug = "linux_adding_crontab_using_list_parameter";
    let error = build(slug, "[User, TaskName]").unwrap_err();
    assert!(error.contains("TaskName") && error.contains(slug), "{error}");
}

#[test]
fn empty_configuration_sets_nothing() {
    for text in ["", "# nothing\n", "---\n", "{}"] {
        let config: Config = text.parse().unwrap_or_else(|error| {
            panic!("{text:?}: {error}");
        });
        assert_eq!(config, Config::default(), "{text:?}");
    }
}

#[test]
fn all_that_is_wrong_is_told_with_its_place() {
    for (text, expected) in [
        ("a: [", "2:1: not YAML: "),
        ("[]", "1:1: expected a map"),
        ("{}\n---\n{}", "3:1: a configuration is one document of YAML"),
        ("rule: x", "1:1: there is no key `rule`; did you mean `rules`?"),
        ("strict: maybe", "1:9: in strict: expected `true` or `false`"),
        ("record_limit: 5", "1:15: in record_limit: 5 is too little"),
        ("sequences: {depth: 0}", "1:20: in sequences > depth: 0 is too"),
        ("enable: [x, 'kind:x']", "1:13: in enable: selector `kind:x`"),
        ("severity: {all: hgh}", "1:17: in severity > all: there is no"),
        ("format: jsn", "1:9: in format: "),
        ("repeats: {x: {fields: []}}", "1:14: in repeats > x: `seconds` is"),
        (
            "repeats: {x: {fields: [Usr], seconds: 1}}",
            "1:24: in repeats > x > fields: there is no field `Usr`",
        ),
        (
            "repeats: {x: {fields: [User], seconds: 0}}",
            "1:40: in repeats > x > seconds: 0 is too little",
        ),
        ("exclusions: [{name: x}]", "1:14: in exclusions: `when` is missing"),
        (
            "exclusions: [{name: x, when: {}}]",
            "1:30: in exclusions > when: expected at least one field",
        ),
        (
            "exclusions: [{name: x, when: {User|near: a}}]",
            "1:31: in exclusions > when > User|near: there is no way to",
        ),
        (
            "exclusions: [{name: x, when: {Usr: a}}]",
            "1:31: in exclusions > when > Usr: there is no field `Usr`",
        ),
        (
            "exclusions: [{name: x, when: {User: []}}]",
            "1:31: in exclusions > when > User: expected at least one value",
        ),
    ] {
        let error = text.parse::<Config>().unwrap_err().to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
    let error = "a: 1\nstrict: 2".parse::<Config>().unwrap_err();
    let lines = error.problems().iter().map(|problem| problem.line);
    assert!(lines.eq([1, 2]));
}
