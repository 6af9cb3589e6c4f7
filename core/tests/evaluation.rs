//! What rules share when they are compiled together must not show: in a
//! crowd each rule finds what it finds alone.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use t1053::event::{Event, EventKind, Field, ProcessCreation};
use t1053::rule::{List, Operation, Predicate, Rule, Test};
use t1053::{Detector, Scratch};
use testkit::rules::{self, detector, slugs};

fn rule(number: usize, predicate: Predicate) -> Rule {
    let slug = format!("rule_{number}");
    rules::rule(slug, EventKind::ProcessCreation, predicate)
}

/// Compares a detector of all rules with detectors of one each; returns how
/// often a rule was found.
fn alone_and_together(rules: &[Rule], values: &[(&str, &str)]) -> usize {
    let together = detector(rules);
    let mut scratch = Scratch::new(&together);
    let alone: Vec<Detector> = rules.iter().map(|it| detector([it])).collect();
    let mut count = 0;
    for (image, command_line) in values {
        let event = Event::windows(ProcessCreation {
            image: Some(image.as_bytes()),
            command_line: Some(command_line.as_bytes()),
            ..Default::default()
        });
        let expected: BTreeSet<String> = alone
            .iter()
            .flat_map(|it| slugs(it, &event, &mut Scratch::new(it)))
            .collect();
        let found = slugs(&together, &event, &mut scratch);
        assert_eq!(found, expected, "{image} {command_line}");
        count += found.len();
    }
    count
}

fn test(operation: Operation, cased: bool, pattern: &str) -> Predicate {
    let pattern = pattern.to_owned().into();
    let test = Test::new(Field::CommandLine, operation, pattern);
    Predicate::Test(Test { cased, ..test })
}

/// Tests that differ in no more than case or a threshold are not one.
#[test]
fn tests_that_look_alike() {
    let mut tests = vec![
        test(Operation::EntropyAbove(0.5), false, ""),
        test(Operation::EntropyAbove(2.5), false, ""),
        test(Operation::EntropyAbove(3.5), false, ""),
    ];
    for operation in [
        Operation::Equals,
        Operation::Contains,
        Operation::StartsWith,
        Operation::EndsWith,
        Operation::Name,
        Operation::Token,
    ] {
        for cased in [false, true] {
            for pattern in ["run", "RUN", "Run"] {
                tests.push(test(operation, cased, pattern));
            }
        }
    }
    if cfg!(feature = "regex") {
        for pattern in [r"^\w+$", r"^\W+$", "^[a-z]+$"] {
            tests.push(test(Operation::Regex, false, pattern));
            tests.push(test(Operation::Regex, true, pattern));
        }
    }
    let rules: Vec<Rule> = tests
        .into_iter()
        .enumerate()
        .map(|(number, test)| rule(number, test))
        .collect();
    let values =
        ["run", "RUN", "Run", "rUn", "a run", "RUN b", "+-*/", "aaab"];
    let values = values.map(|it| ("x", it));
    let count = alone_and_together(&rules, &values);
    assert!(count > 50, "{count}");
}

/// So many tests of one field, in rules with and without a gate, that those
/// without are searched for apart.
#[test]
fn many_tests_of_one_field() {
    let all = |parts: Vec<Predicate>| Predicate::All(List::Owned(parts));
    let image = |name: &'static str| {
        let test = Test::new(Field::Image, Operation::Name, name.into());
        Predicate::Test(test)
    };
    let mut rules = Vec::new();
    for number in 0..100 {
        let word = format!("word{number}");
        let last = format!("{number}end");
        let ends = test(Operation::EndsWith, false, &last);
        let parts = vec![
            image("a.exe"),
            Predicate::Any(List::Owned(vec![
                test(Operation::Contains, false, &word),
                ends.clone(),
            ])),
        ];
        rules.push(rule(rules.len(), all(parts)));
        if number % 10 == 0 {
            rules.push(rule(rules.len(), ends));
            let none = vec![test(Operation::Contains, true, &word)];
            let none = Predicate::None(List::Owned(none));
            rules.push(rule(rules.len(), none));
        }
    }
    let values = [
        ("a.exe", "word7 word70"),
        ("a.exe", "WORD70 then 30end"),
        ("b.exe", "word70 99end"),
        ("b.exe", "word20 20end"),
        ("a.exe", ""),
    ];
    let count = alone_and_together(&rules, &values);
    assert!(count > 30, "{count}");
}

/// Scratch that was made for one detector serves another, larger or smaller.
#[test]
fn scratch_of_another_detector() {
    let words = |from: usize, to: usize| {
        let rules = (from..to).map(|it| {
            rule(it, test(Operation::Contains, false, &format!("word{it}.")))
        });
        detector(&rules.collect::<Vec<_>>())
    };
    let (few, many) = (words(0, 2), words(1, 60));
    let event = Event::windows(ProcessCreation {
        command_line: Some(b"word1. word50."),
        ..Default::default()
    });
    let named = |all: &[&str]| -> BTreeSet<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    };
    let mut scratch = Scratch::new(&few);
    for _ in 0..3 {
        assert_eq!(slugs(&few, &event, &mut scratch), named(&["rule_1"]));
        let both = named(&["rule_1", "rule_50"]);
        assert_eq!(slugs(&many, &event, &mut scratch), both);
        assert_eq!(slugs(&many.clone(), &event, &mut scratch), both);
    }
}

/// What each operation takes for a match, and which bytes are its evidence.
#[test]
fn operations_and_their_evidence() {
    use Operation::*;
    let path = r"C:\Dir\cmd.exe";
    for (operation, cased, pattern, value, evidence) in [
        (Equals, false, "RUN", "run", Some("run")),
        (Equals, true, "RUN", "run", None),
        (Equals, false, "run", "run ", None),
        (StartsWith, false, "c:", path, Some("C:")),
        (StartsWith, true, "c:", path, None),
        (EndsWith, false, ".EXE", path, Some(".exe")),
        (EndsWith, true, ".EXE", path, None),
        (EndsWith, false, r"\cmd.exe", path, Some(r"\cmd.exe")),
        (EndsWith, false, r"\cmd.exe", "c:/dir/cmd.exe", None),
        (EndsWith, false, "/cmd.exe", path, None),
        (EndsWith, false, r"\cmd.exe", "cmd.exe", None),
        (EndsWith, true, r"\cmd.exe", path, Some(r"\cmd.exe")),
        (EndsWith, true, r"\CMD.exe", path, None),
        (EndsWith, false, r"\dir\cmd.exe", path, Some(r"\Dir\cmd.exe")),
        (EndsWith, false, r"\", r"c:\", Some(r"\")),
        (Name, false, "CMD.exe", path, Some("cmd.exe")),
        (Name, false, "cmd.exe", "/bin/cmd.exe", Some("cmd.exe")),
        (Name, false, "cmd.exe", "cmd.exe", Some("cmd.exe")),
        (Name, false, "cmd.exe", "xcmd.exe", None),
        (Name, true, "CMD.exe", path, None),
        (Contains, false, "dir", path, Some("Dir")),
        (Contains, true, "dir", path, None),
        (Token, false, "/ru", "x /RU y", Some("/RU")),
        (Token, false, "/ru", "x /run y", None),
        (Token, false, "/ru", "/run /ru", Some("/ru")),
        (Like, false, "*dir*exe", path, Some(path)),
        (Like, false, "dir*exe", path, None),
        (EntropyAbove(1.5), false, "", "abcd", Some("abcd")),
        (EntropyAbove(2.5), false, "", "abcd", None),
        (Exists, false, "", "x", Some("x")),
        (Regex, false, "dir.*d", path, Some(r"Dir\cmd")),
        (Regex, true, "dir.*d", path, None),
    ] {
        if operation == Regex && cfg!(not(feature = "regex")) {
            continue;
        }
        let rule = rule(0, test(operation, cased, pattern));
        let detector = detector([&rule]);
        let mut scratch = Scratch::new(&detector);
        let event = Event::windows(ProcessCreation {
            command_line: Some(value.as_bytes()),
            ..Default::default()
        });
        let found = detector.evaluate(&event, &mut scratch).next();
        let shown = found.map(|found| {
            assert_eq!(
                found.value(Field::CommandLine),
                Some(value.as_bytes())
            );
            assert_eq!(found.value(Field::Image), None);
            let evidence = found.evidence();
            assert_eq!(evidence.len(), 1, "{operation:?} {pattern}");
            String::from_utf8(evidence[0].text.to_vec()).unwrap()
        });
        assert_eq!(shown.as_deref(), evidence, "{operation:?} {pattern}");
    }
}

/// Evidence is of what had to pass and did: every part of all, those parts
/// of any that hold, nothing of what must not be.
#[test]
fn evidence_of_predicates() {
    let has = |word: &str| test(Operation::Contains, false, word);
    let none = |parts| Predicate::None(List::Owned(parts));
    let any = |parts| Predicate::Any(List::Owned(parts));
    let all = |parts| Predicate::All(List::Owned(parts));
    let null = {
        let test = Test::new(Field::Image, Operation::Null, "".into());
        Predicate::Test(test)
    };
    for (predicate, expected) in [
        (all(vec![has("a"), has("b")]), "a b"),
        (any(vec![has("a"), has("x"), has("b")]), "a b"),
        (all(vec![has("a"), none(vec![has("x")])]), "a"),
        (any(vec![all(vec![has("a"), has("x")]), has("b")]), "b"),
        (any(vec![any(vec![has("x"), has("a")]), has("b")]), "a b"),
        (any(vec![all(vec![has("a"), none(vec![has("b")])]), has("c")]), "c"),
        (
            any(vec![
                all(vec![has("a"), none(vec![has("x"), has("y")])]),
                has("z"),
            ]),
            "a",
        ),
        (any(vec![all(vec![has("a"), null.clone()]), has("b")]), "a b"),
        (any(vec![all(vec![has("x"), null]), has("b")]), "b"),
        (
            any(vec![
                all(vec![has("a"), test(Operation::Regex, false, "^x")]),
                has("b"),
            ]),
            "b",
        ),
    ] {
        let shown = format!("{predicate:?}");
        if shown.contains("Regex") && cfg!(not(feature = "regex")) {
            continue;
        }
        let rule = rule(0, predicate);
        let detector = detector([&rule]);
        let mut scratch = Scratch::new(&detector);
        let event = Event::windows(ProcessCreation {
            command_line: Some(b"a b c"),
            ..Default::default()
        });
        let found = detector.evaluate(&event, &mut scratch);
        assert!(!found.is_empty());
        let found = found.map(|it| it.evidence()).next().unwrap();
        let texts: Vec<_> =
            found.iter().map(|it| str::from_utf8(it.text).unwrap()).collect();
        assert_eq!(texts.join(" "), expected, "{shown}");
        let first = found.first().unwrap();
        let at = first.range.start;
        let text = format!("CommandLine[{at}..{}] = {}", at + 1, texts[0]);
        assert_eq!(first.to_string(), text);
    }
    let rule = rule(0, has("x"));
    let detector = detector([&rule]);
    let mut scratch = Scratch::new(&detector);
    let event = Event::windows(ProcessCreation {
        command_line: Some(b"\xffa"),
        ..Default::default()
    });
    assert!(detector.evaluate(&event, &mut scratch).is_empty());
}

/// What is no text is shown as such.
#[test]
fn evidence_that_is_no_text() {
    let rule = rule(0, test(Operation::EntropyAbove(0.5), false, ""));
    let detector = detector([&rule]);
    let mut scratch = Scratch::new(&detector);
    let event = Event::windows(ProcessCreation {
        command_line: Some(b"a\xffb"),
        ..Default::default()
    });
    let found = detector.evaluate(&event, &mut scratch).next().unwrap();
    let shown = found.evidence()[0].to_string();
    assert_eq!(shown, "CommandLine[0..3] = a\u{fffd}b");
}
