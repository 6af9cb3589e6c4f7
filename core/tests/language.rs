//! What each part of Sigma's language means: modifiers, values, conditions,
//! keywords, filters and log sources, each on events that match and on events
//! that nearly do. Every verdict is also the reference's.

#![cfg(all(feature = "sigma", feature = "regex"))]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use t1053::event::{
    AuditExecve, Event, Generic, NamedValue, Platform, ProcessCreation,
    ScriptBlock, TaskRegistered,
};
use t1053::record::LogSource;
use t1053::rule::{Logic, Rule};
use t1053::sigma::{Placeholders, compile, compile_with};
use t1053::{Detector, Report, Scanner, Scratch};
use testkit::reference;

/// The rules of a file that an event matches, by slug.
#[track_caller]
fn found(rules: &[Rule], event: &Event<'_>) -> BTreeSet<String> {
    let builder = Detector::builder().without_builtin();
    let builder =
        rules.iter().cloned().fold(builder, |all, rule| all.rule(rule));
    let detector = builder.build().unwrap();
    let mut scratch = Scratch::new(&detector);
    let matches = detector.evaluate(event, &mut scratch);
    let found: BTreeSet<String> =
        matches.map(|found| found.detection().slug.to_string()).collect();
    let expected = reference::matches(rules, event);
    if let Some(expected) = expected {
        assert_eq!(found, expected, "as the reference has it");
    }
    for rule in rules {
        let slug = &*rule.detection.slug;
        let explained = detector.explain(slug, event).unwrap();
        if matches!(rule.logic, Logic::Single(_)) {
            let is_found = found.contains(slug);
            assert_eq!(explained.is_match(), is_found, "{explained}");
        }
    }
    found
}

fn rule(log_source: &str, detection: &str) -> String {
    format!("title: r\nlogsource: {log_source}\ndetection:\n{detection}\n")
}

const APPLICATION: &str = "{category: application, product: demo}";

/// An event of the application log whose values are these.
fn application<'a>(members: &'a [NamedValue<'a>]) -> Event<'a> {
    let data = Generic {
        product: Some(b"demo"),
        category: Some(b"application"),
        service: None,
    };
    Event::other(data).with_members(members)
}

/// Checks which values of a field `f` a line of a selection matches.
#[track_caller]
fn line(line: &str, yes: &[&str], no: &[&str]) {
    let detection = format!("    a:\n        {line}\n    condition: a\n");
    let rules = compile(&rule(APPLICATION, &detection)).unwrap();
    for (values, expected) in [(yes, true), (no, false)] {
        for value in values {
            let members = [NamedValue::new("f", value)];
            let matches = !found(&rules, &application(&members)).is_empty();
            assert_eq!(matches, expected, "{line} on {value:?}");
        }
    }
}

#[test]
fn plain_values_are_the_whole_value_in_any_case() {
    line("f: abc", &["abc", "ABC"], &["abcd", "", "xabc"]);
    line("f: 5", &["5"], &["05", "5.0"]);
    line("f: [a, b]", &["A", "b"], &["c"]);
    line("f: ''", &[""], &[" ", "a"]);
}

#[test]
fn wildcards_and_escapes() {
    line("f: 'a*c'", &["ac", "abbc"], &["acd"]);
    line("f: 'a?c'", &["abc", "aéc", "a?c"], &["ac", "abbc"]);
    line(r"f: 'a\*c'", &["a*c"], &["abc"]);
    line(r"f: 'a\\*'", &[r"a\b"], &["ab"]);
    line(r"f: 'a\b'", &[r"a\b"], &["ab"]);
}

#[test]
fn case_is_ignored_for_all_letters_one_to_one() {
    line("f: ÜBER", &["über", "Über"], &["uber"]);
    line("f|contains: привет", &["О, ПРИВЕТ!"], &["прив"]);
    line("f|cased|contains: привет", &["о, привет"], &["ПРИВЕТ"]);
    // The Kelvin sign is no ASCII letter, and two letters are not one.
    line("f: k", &["K"], &["\u{212a}"]);
    line("f: straße", &["STRAßE"], &["STRASSE", "STRAẞE"]);
}

#[test]
fn null_is_absent_and_an_empty_value_is_not() {
    let detection = "    a: {f: null}\n    condition: a";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    let empty = [NamedValue::new("f", "")];
    assert!(found(&rules, &application(&empty)).is_empty());
    assert!(!found(&rules, &application(&[])).is_empty());

    let detection = "    a: {f: [null, '', x]}\n    condition: a";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    for (members, expected) in [
        (&[][..], true),
        (&empty, true),
        (&[NamedValue::new("f", "X")], true),
        (&[NamedValue::new("f", "y")], false),
    ] {
        let matches = !found(&rules, &application(members)).is_empty();
        assert_eq!(matches, expected, "{members:?}");
    }
}

#[test]
fn parts_of_values() {
    line("f|contains: b", &["abc", "B"], &["ac"]);
    line("f|startswith: ab", &["ABC"], &["xab"]);
    line("f|endswith: bc", &["abC"], &["bcx"]);
    line("f|contains: ''", &["", "x"], &[]);
    line("f|contains|all: [a, b]", &["xbxa"], &["a", "b"]);
    line("f|contains: [a, b]", &["a", "b"], &["c"]);
    line("f|contains|cased: aB", &["xaBx"], &["ab", "AB"]);
}

#[test]
fn every_dash_is_as_good_as_another() {
    line(
        "f|windash|contains: ' -s '",
        &["x -s y", "x /s y", "x –s y", "x —s y", "x ―s y"],
        &["x s y", "x +s y"],
    );
}

#[test]
fn encoded_values() {
    // printf 'ping' | base64, and inside "xping y", "xyping" and "xyzping".
    line("f|base64: ping", &["cGluZw=="], &["ping", "cGluZw"]);
    line(
        "f|base64offset|contains: ping",
        &["cGluZw==", "eHBpbmcgeQ==", "eHlwaW5n", "eHl6cGluZw=="],
        &["ping", "pong"],
    );
    // The same in UTF-16.
    line("f|wide|base64: hi", &["aABpAA=="], &["aGk="]);
    line("f|utf16le|base64: hi", &["aABpAA=="], &["aGk="]);
    line("f|utf16be|base64: hi", &["AGgAaQ=="], &["aABpAA=="]);
    line("f|utf16|base64: hi", &["//5oAGkA"], &["aABpAA=="]);
    line(
        "f|wide|base64offset|contains: foo",
        &["ZgBvAG8A", "eABmAG8AbwA="],
        &["Zm9v"],
    );
}

#[test]
fn regular_expressions_and_their_flags() {
    line("f|re: '^a.c$'", &["abc"], &["ABC", "xabc"]);
    line("f|re|i: '^a.c$'", &["ABC"], &["ac"]);
    line("f|re|m: '^b$'", &["a\nb"], &["ab"]);
    line("f|re|s: 'a.b'", &["a\nb"], &["ab"]);
    line("f|re: 'a.b'", &["a-b"], &["a\nb"]);
    line("f|re|i|m|s: 'X.Y$'", &["x\ny\nz"], &["xy"]);
}

#[test]
fn networks() {
    line("f|cidr: 10.0.0.0/8", &["10.1.2.3"], &["11.0.0.1", "10.1"]);
    line(
        "f|cidr: ['fe80::/10', 127.0.0.1/32]",
        &["fe80::1", "127.0.0.1"],
        &["::1", "127.0.0.2"],
    );
}

#[test]
fn presence() {
    line("f|exists: true", &["", "x"], &[]);
    line("f|exists: false", &[], &["", "x"]);
    line("g|exists: false", &["x"], &[]);
    line("g|exists: true", &[], &["x"]);
}

#[test]
fn numbers() {
    line("f|lt: 10", &["9", "-3", "9.5"], &["10", "11", "x", ""]);
    line("f|lte: 10", &["10", "9"], &["10.5"]);
    line("f|gt: 10", &["11", "0xb", "1e3"], &["10", "9"]);
    line("f|gte: 10.5", &["10.5", "11"], &["10"]);
    line("f|gt: [5, 1]", &["2"], &["1"]);
}

#[test]
fn difference() {
    line("f|neq: a", &["b", ""], &["a", "A"]);
    line("f|neq: [a, b]", &["c"], &["a", "b"]);
    line("f|contains|neq: a", &["b"], &["xax"]);
    line("g|neq: a", &["x"], &[]);
}

#[test]
fn parts_of_times() {
    let time = "2024-12-30T23:07:00Z";
    line("f|minute: 7", &[time], &["2024-12-30T23:08:00Z", "7"]);
    line("f|hour: 23", &[time], &["2024-12-30T22:07:00Z"]);
    line("f|day: 30", &[time], &["2024-12-31T23:07:00Z"]);
    line("f|week: 1", &[time], &["2024-12-29T23:07:00Z"]);
    line("f|month: 12", &[time], &["2024-11-30T23:07:00Z"]);
    line("f|year: 2024", &[time], &["2025-12-30T23:07:00Z"]);
    line("f|hour|gte: 20", &[time], &["2024-12-30T19:07:00Z"]);
    line("f|hour|lt: 6", &["2024-12-30 05:59:59"], &[time]);
}

#[test]
fn fields_compared_with_others() {
    for (line, value, other, expected) in [
        ("f|fieldref: g", "Ann", "ann", true),
        ("f|fieldref: g", "Ann", "an", false),
        ("f|fieldref|cased: g", "Ann", "ann", false),
        ("f|fieldref|startswith: g", "annex", "ANN", true),
        ("f|fieldref|startswith: g", "xann", "ann", false),
        ("f|fieldref|endswith: g", "joann", "ANN", true),
        ("f|fieldref|contains: g", "xannx", "ANN", true),
        ("f|fieldref|neq: g", "a", "b", true),
        ("f|fieldref|neq: g", "a", "A", false),
    ] {
        let detection = format!("    a:\n        {line}\n    condition: a");
        let rules = compile(&rule(APPLICATION, &detection)).unwrap();
        let members =
            [NamedValue::new("f", value), NamedValue::new("g", other)];
        let matches = !found(&rules, &application(&members)).is_empty();
        assert_eq!(matches, expected, "{line} on {value} and {other}");
        // What is absent is equal to nothing.
        let alone = &members[..1];
        let is_negated = line.contains("neq");
        let matches = !found(&rules, &application(alone)).is_empty();
        assert_eq!(matches, is_negated, "{line} on {value} alone");
    }
    // A field of the event's kind, and a derived one.
    let detection = "    a: {Image|fieldref: ParentImage}\n    condition: a";
    let source = "{category: process_creation, product: windows}";
    let rules = compile(&rule(source, detection)).unwrap();
    let event = |parent_image| {
        Event::windows(ProcessCreation {
            image: Some(b"C:\\a.exe"),
            parent_image,
            ..Default::default()
        })
    };
    assert!(!found(&rules, &event(Some(b"c:\\A.EXE"))).is_empty());
    assert!(found(&rules, &event(Some(b"c:\\b.exe"))).is_empty());
    assert!(found(&rules, &event(None)).is_empty());

    let detection = "    a: {EventID: 4698, Arguments|fieldref: Command}\n    \
                     condition: a";
    let source = "{service: security, product: windows}";
    let rules = compile(&rule(source, detection)).unwrap();
    for (arguments, expected) in [("a.exe", true), ("b.exe", false)] {
        let content = format!(
            "<Task><Actions><Exec><Command>a.exe</Command><Arguments>\
             {arguments}</Arguments></Exec></Actions></Task>"
        );
        let event = Event::windows(TaskRegistered {
            task_content: Some(content.as_bytes()),
            ..Default::default()
        });
        assert_eq!(!found(&rules, &event).is_empty(), expected);
    }
}

#[test]
fn placeholders_stand_for_given_values() {
    let mut placeholders = Placeholders::new();
    placeholders.set("admins", ["ann", "b*b"]);
    let detection = "    a: {f|expand: 'X\\%admins%'}\n    condition: a";
    let yaml = rule(APPLICATION, detection);
    let rules = compile_with(&yaml, &placeholders).unwrap();
    for (value, expected) in
        [(r"x\ANN", true), (r"x\b*b", true), (r"x\bob", false)]
    {
        let members = [NamedValue::new("f", value)];
        let matches = !found(&rules, &application(&members)).is_empty();
        assert_eq!(matches, expected, "{value}");
    }
    let error = compile(&yaml).unwrap_err().to_string();
    assert!(error.ends_with("`%admins%` without values is not supported"));
}

/// Checks keywords on events that hold them in some value.
#[track_caller]
fn keywords(selection: &str, yes: &[&[&str]], no: &[&[&str]]) {
    let detection = format!("    k: {selection}\n    condition: k");
    let rules = compile(&rule(APPLICATION, &detection)).unwrap();
    for (values, expected) in [(yes, true), (no, false)] {
        for values in values {
            let members: Vec<NamedValue<'_>> =
                values.iter().map(|it| NamedValue::new("any", it)).collect();
            let matches = !found(&rules, &application(&members)).is_empty();
            assert_eq!(matches, expected, "{selection} on {values:?}");
        }
    }
}

#[test]
fn keywords_stand_in_any_value() {
    keywords("[bad, worse]", &[&["x", "so BAD!"], &["worse"]], &[&["good"]]);
    keywords("bad", &[&["badly"]], &[&["b", "ad"]]);
    keywords("{'|all': [bad, worse]}", &[&["bad", "worse"]], &[&["bad"]]);
    keywords("[{'|all': [a1, b2]}, c3]", &[&["b2 a1"], &["c3"]], &[&["a1"]]);
    keywords("{'|re': 'b[ae]d'}", &[&["bed"]], &[&["bid"]]);
    keywords("['b*d']", &[&["a bxxd c"]], &[&["bx", "d"]]);
    // In the fields of an event of a kind of its own too.
    let detection = "    k: [mimikatz]\n    condition: k";
    let source = "{category: ps_script, product: windows}";
    let rules = compile(&rule(source, detection)).unwrap();
    let event = |text| {
        Event::windows(ScriptBlock {
            script_block_text: Some(text),
            ..Default::default()
        })
    };
    assert!(!found(&rules, &event(b"Invoke-Mimikatz")).is_empty());
    assert!(found(&rules, &event(b"Invoke-Mimi")).is_empty());
}

/// Checks a condition over selections `a`, `b1`, `b2` and `_d` for which of
/// them hold.
#[track_caller]
fn condition(condition: &str, yes: &[&str], no: &[&str]) {
    let selections = ["a", "b1", "b2", "_d"]
        .map(|name| format!("    {name}: {{{name}: x}}\n"))
        .concat();
    // All selections have to be used.
    let used = "(a and b1 and b2 and _d and not a)";
    let detection =
        format!("{selections}    condition: '({condition}) or {used}'");
    let rules = compile(&rule(APPLICATION, &detection)).unwrap();
    for (all, expected) in [(yes, true), (no, false)] {
        for names in all {
            let members: Vec<NamedValue<'_>> = names
                .split_whitespace()
                .map(|name| NamedValue::new(name, "x"))
                .collect();
            let matches = !found(&rules, &application(&members)).is_empty();
            assert_eq!(matches, expected, "{condition} on {names:?}");
        }
    }
}

#[test]
fn conditions() {
    condition("a and b1", &["a b1"], &["a", "b1"]);
    condition("a or b1", &["a", "b1"], &["b2"]);
    condition("not a", &["", "b1"], &["a"]);
    condition("a and not b1", &["a", "a b2"], &["a b1"]);
    // `not` binds closest, then `and`, then `or`.
    condition("a or b1 and b2", &["a", "b1 b2"], &["b1"]);
    condition("not a and b1", &["b1"], &["a b1", ""]);
    condition("(a or b1) and b2", &["a b2"], &["a", "b2"]);
    condition("not (a or b1)", &["b2"], &["a"]);
    condition("1 of b*", &["b1", "b2"], &["a"]);
    condition("any of b*", &["b1", "b2"], &["a"]);
    condition("all of b*", &["b1 b2"], &["b1"]);
    condition("a and not 1 of b*", &["a"], &["a b2"]);
    condition("not all of b*", &["b1"], &["b1 b2"]);
    // What begins with an underscore is not of `them`.
    condition("1 of them", &["a", "b2"], &["_d"]);
    condition("all of them", &["a b1 b2"], &["a b1 _d"]);
    condition("A AND NOT b1".replace('A', "a").as_str(), &["a"], &["b1"]);
}

#[test]
fn several_conditions_are_alternatives() {
    let detection = "    a: {f: x}\n    b: {f: y}\n    condition: [a, b]";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    for (value, expected) in [("x", true), ("y", true), ("z", false)] {
        let members = [NamedValue::new("f", value)];
        let matches = !found(&rules, &application(&members)).is_empty();
        assert_eq!(matches, expected);
    }
}

#[test]
fn lists_of_maps_are_alternatives_and_maps_are_not() {
    let detection = "    a: [{f: x, g: y}, {h: z}]\n    condition: a";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    for (members, expected) in [
        (&[("f", "x"), ("g", "y")][..], true),
        (&[("h", "z")], true),
        (&[("f", "x")], false),
    ] {
        let members: Vec<NamedValue<'_>> = members
            .iter()
            .map(|(name, value)| NamedValue::new(name, value))
            .collect();
        let matches = !found(&rules, &application(&members)).is_empty();
        assert_eq!(matches, expected);
    }
}

#[test]
fn anchors_stand_for_what_they_are_at() {
    let detection = "    a: {f: &names [x, y]}\n    b: {g: *names}\n    \
                     condition: a and b";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    let members = [NamedValue::new("f", "x"), NamedValue::new("g", "Y")];
    assert!(!found(&rules, &application(&members)).is_empty());
    assert!(found(&rules, &application(&members[..1])).is_empty());
}

const FILTERED: &str = "
title: Named
name: named
logsource: &source {category: application, product: demo}
detection: {a: {f: x}, condition: a}
---
title: Other
name: other
logsource: {category: application, product: demo}
detection: {a: {f: x}, condition: a}
---
title: Elsewhere
name: elsewhere
logsource: {category: proxy}
detection: {a: {f: x}, condition: a}
---
title: What is known
logsource: {category: application, product: demo}
filter:
    rules: [named]
    known: {user: backup}
    condition: not known
";

#[test]
fn filters_keep_what_is_known_from_rules() {
    let members =
        [NamedValue::new("f", "x"), NamedValue::new("user", "Backup")];
    let all = &["named", "other"][..];
    for (rules, of_backup) in
        [("rules: [named]", &["other"][..]), ("rules: any", &[]), ("", &[])]
    {
        let yaml = FILTERED.replace("rules: [named]", rules);
        let rules = compile(&yaml).unwrap();
        assert_eq!(rules.len(), 3);
        let slugs = |members: &[NamedValue<'_>]| {
            let found = found(&rules, &application(members));
            found.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(slugs(&members[..1]), all);
        assert_eq!(slugs(&members), of_backup);
    }
    let unknown = FILTERED.replace("rules: [named]", "rules: [nmed]");
    assert_eq!(
        compile(&unknown).unwrap_err().to_string(),
        "document 4, line 20, in filter > rules: there is no rule in this \
         file called `nmed`; did you mean `named`?",
    );
    let wrong = FILTERED.replace("not known", "not knwon");
    let error = compile(&wrong).unwrap_err();
    assert_eq!((error.document(), error.line()), (4, 22));
}

#[test]
fn log_sources_are_told_and_compared() {
    let event = |product, category, service| {
        Event::other(Generic { product, category, service })
    };
    let detection = "    a: {f|exists: false}\n    condition: a";
    let matches = |source: &str, event: &Event<'_>| {
        let rules = compile(&rule(source, detection)).unwrap();
        !found(&rules, event).is_empty()
    };
    let proxy = event(Some(b"squid"), Some(b"Proxy"), None);
    assert!(matches("{category: proxy}", &proxy));
    assert!(matches("{category: proxy, product: squid}", &proxy));
    assert!(!matches("{category: proxy, product: zscaler}", &proxy));
    assert!(!matches("{category: webserver}", &proxy));
    assert!(!matches("{category: proxy}", &event(None, None, None)));
    let okta = event(Some(b"okta"), None, Some(b"okta"));
    assert!(matches("{product: okta, service: okta}", &okta));
    assert!(matches("{product: okta}", &okta));
    assert!(!matches("{product: okta, service: audit}", &okta));
}

#[test]
fn service_has_events_of_its_kinds_and_generic_ones() {
    let source = "{product: windows, service: security}";
    let detection = "    a: {EventID: [4698, 4720], SubjectUserName: ann}\n    \
                     condition: a";
    let rules = compile(&rule(source, detection)).unwrap();
    let registered = Event::windows(TaskRegistered {
        subject_user_name: Some(b"Ann"),
        ..Default::default()
    });
    assert!(!found(&rules, &registered).is_empty());
    let members = [NamedValue::new("SubjectUserName", "ann")];
    let data = Generic {
        product: Some(b"windows"),
        category: None,
        service: Some(b"security"),
    };
    let generic = |event_id| {
        let mut event = Event::windows(data).with_members(&members);
        event.event_id = Some(event_id);
        event
    };
    assert!(!found(&rules, &generic(b"4720")).is_empty());
    assert!(found(&rules, &generic(b"4722")).is_empty());
    // One of an id that has a kind is an event of that kind.
    assert!(found(&rules, &generic(b"4698")).is_empty());
}

#[test]
fn members_of_events_of_a_kind() {
    let source = "{category: process_creation, product: windows}";
    let detection = "    a: {Image|endswith: \\x.exe, Product: Nmap}\n    b: \
                     {Hashes|contains: IMPHASH=aa}\n    condition: a or b";
    let rules = compile(&rule(source, detection)).unwrap();
    let process = Event::windows(ProcessCreation {
        image: Some(b"C:\\x.exe"),
        ..Default::default()
    });
    for (name, value, expected) in [
        ("Product", "nmap", true),
        ("product", "nmap", false),
        ("Hashes", "MD5=1,IMPHASH=AA", true),
        ("Hashes", "MD5=1", false),
    ] {
        let members = [NamedValue::new(name, value)];
        let event = process.with_members(&members);
        assert_eq!(!found(&rules, &event).is_empty(), expected, "{name}");
    }
    // auditd's arguments, one by one.
    let source = "{product: linux, service: auditd}";
    let detection = "    a: {type: EXECVE, a0: at, a1: -f}\n    condition: a";
    let rules = compile(&rule(source, detection)).unwrap();
    let members = [NamedValue::new("a0", "at"), NamedValue::new("a1", "-f")];
    let execve = Event::linux(AuditExecve::default());
    let event = |members| execve.with_members(members);
    assert!(!found(&rules, &event(&members)).is_empty());
    assert!(found(&rules, &event(&members[..1])).is_empty());
}

#[test]
fn rule_about_a_product_asks_all_its_events() {
    let detection = "    a: [evil]\n    condition: a";
    let rules = compile(&rule("{product: linux}", detection)).unwrap();
    let members = [NamedValue::new("message", "so evil")];
    let generic = |product| {
        let data = Generic { product, ..Default::default() };
        Event::other(data).with_members(&members)
    };
    assert!(!found(&rules, &generic(Some(b"linux"))).is_empty());
    assert!(found(&rules, &generic(Some(b"windows"))).is_empty());
    let process =
        ProcessCreation { command_line: Some(b"evil"), ..Default::default() };
    assert!(!found(&rules, &Event::linux(process)).is_empty());
    assert!(found(&rules, &Event::windows(process)).is_empty());
    // Of no product, all are asked.
    let source = "{category: process_creation}";
    let rules = compile(&rule(source, detection)).unwrap();
    for platform in [Platform::Windows, Platform::Linux, Platform::Macos] {
        let mut event = Event::windows(process);
        event.platform = platform;
        assert!(!found(&rules, &event).is_empty(), "{platform}");
    }
}

#[test]
fn evidence_names_the_member() {
    let detection = "    a: {f|contains: b}\n    condition: a";
    let rules = compile(&rule(APPLICATION, detection)).unwrap();
    let detector = Detector::builder().without_builtin();
    let detector = detector.rule(rules[0].clone()).build().unwrap();
    let mut scratch = Scratch::new(&detector);
    let members = [NamedValue::new("f", "abc")];
    let event = application(&members);
    let found = detector.evaluate(&event, &mut scratch).next().unwrap();
    let evidence = found.evidence();
    let shown: Vec<String> =
        evidence.iter().map(ToString::to_string).collect();
    // The log source is no evidence.
    assert_eq!(shown, ["f[1..2] = b"]);
}

#[test]
fn aliases_that_multiply_are_refused() {
    let mut yaml = String::from("title: r\na0: &a0 [x, x, x, x]\n");
    for level in 1..40 {
        let below = level - 1;
        yaml += &format!(
            "a{level}: &a{level} [*a{below}, *a{below}, *a{below}]\n"
        );
    }
    let error = compile(&yaml).unwrap_err().to_string();
    assert!(error.contains("more than 1 MiB"), "{error}");
    assert!(compile("a: &a [*a]").is_err());
    // Each by itself is small, and one stands in the other.
    let mut yaml = String::from("a0: &a0 [x]\n");
    for level in 1..200 {
        yaml += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    let error = compile(&yaml).unwrap_err().to_string();
    assert!(error.contains("nested more than"), "{error}");
}

/// Records of logs that have no kind of event, as they are scanned, with and
/// without the filter.
#[test]
fn records_of_other_logs_are_scanned() {
    let yaml = r"
title: service
logsource: {product: windows, service: system}
detection: {a: {EventID: 7045, ServiceName|contains: evil}, condition: a}
---
title: query
logsource: {product: windows, category: dns_query}
detection: {a: {QueryName|endswith: .example}, condition: a}
---
title: product
logsource: {product: windows, category: process_creation}
detection: {a: {Product|contains: nmap}, condition: a}
---
title: keyword
logsource: {product: windows, service: application}
detection: {a: ['bad thing'], condition: a}
---
title: user
logsource: {product: linux, service: auditd}
detection: {a: {type: ADD_USER, acct: mallory}, condition: a}
---
title: argument
logsource: {product: linux, service: auditd}
detection: {a: {type: EXECVE, a1: -f}, condition: a}
---
title: provider
logsource: {product: windows, service: application}
detection: {a: {Provider_Name: MsiInstaller, EventID: 1033}, condition: a}
---
title: unnamed
logsource: {product: windows, service: application}
detection: {a: {Data|contains: ntds.dit}, condition: a}
---
title: cleared
logsource: {product: windows, service: system}
detection:
    a: {EventID: 104}
    b: {Channel: [Security, System]}
    condition: a and not b
";
    let rules = compile(yaml).unwrap();
    let builder = Detector::builder().without_builtin();
    let builder = rules.into_iter().fold(builder, |all, rule| all.rule(rule));
    let detector = builder.build().unwrap();
    let sysmon = "Microsoft-Windows-Sysmon/Operational";
    for (record, expected) in [
        (
            r#"{"EventID":7045,"Channel":"System","ServiceName":"an Evil one"}"#
                .to_owned(),
            "service",
        ),
        (
            r#"{"EventID":7045,"Channel":"System","ServiceName":"good"}"#
                .into(),
            "",
        ),
        (
            r#"{"EventID":7045,"Channel":"Other","ServiceName":"evil"}"#
                .into(),
            "",
        ),
        (
            format!(
                r#"{{"Event":{{"System":{{"EventID":22,"Channel":"{sysmon}"}},"EventData":{{"QueryName":"x.example"}}}}}}"#
            ),
            "query",
        ),
        (
            format!(
                r#"{{"EventID":1,"Channel":"{sysmon}","Image":"i","Product":"Nmap"}}"#
            ),
            "product",
        ),
        (
            "type=ADD_USER msg=audit(1.000:1): pid=1 msg='op=x \
             acct=\"mallory\" res=success'"
                .into(),
            "user",
        ),
        (
            "type=EXECVE msg=audit(1.000:1): argc=2 a0=\"at\" a1=\"-f\"".into(),
            "argument",
        ),
        (
            "<Event><System><Provider Name=\"MsiInstaller\"/><EventID>1033\
             </EventID><Channel>Application</Channel></System><EventData>\
             <Data>a bad thing</Data></EventData></Event>"
                .into(),
            "keyword provider",
        ),
        (
            "<Event><System><Provider Name=\"x\"/><EventID>22</EventID>\
             <Channel>Microsoft-Windows-Sysmon/Operational</Channel>\
             </System><EventData><Data Name=\"QueryName\">y.EXAMPLE</Data>\
             </EventData></Event>"
                .into(),
            "query",
        ),
        // As evtx_dump writes elements that have no name.
        (
            r##"{"Event":{"System":{"EventID":325,"Channel":"Application"},"EventData":{"Data":{"#text":["NTDS","1","C:\\x\\NTDS.dit"]}}}}"##
                .into(),
            "unnamed",
        ),
        (
            r#"{"Event":{"System":{"EventID":325,"Channel":"Application"},"EventData":{"Data":["NTDS","C:\\x\\NTDS.dit"]}}}"#
                .into(),
            "unnamed",
        ),
        (
            "<Event><System><EventID>325</EventID><Channel>Application\
             </Channel></System><EventData><Data>NTDS</Data>\
             <Data>C:\\x\\ntds.dit</Data></EventData></Event>"
                .into(),
            "unnamed",
        ),
        // The channel that the event's data has, and else its own.
        (
            r#"{"Event":{"System":{"EventID":104,"Channel":"System"},"UserData":{"LogFileCleared":{"Channel":"Application"}}}}"#
                .into(),
            "cleared",
        ),
        (
            r#"{"Event":{"System":{"EventID":104,"Channel":"System"},"UserData":{"LogFileCleared":{"Channel":"Security"}}}}"#
                .into(),
            "",
        ),
        (r#"{"EventID":104,"Channel":"System"}"#.into(), ""),
    ] {
        for filter in [true, false] {
            let scanner = Scanner::builder(&detector).filter(filter);
            let mut scanner = scanner.build().unwrap();
            let mut found = Vec::new();
            let mut take = |report: Report<'_>| {
                if let Report::Match(matched) = report {
                    let slug = &matched.found.detection().slug;
                    found.push(slug.to_string());
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(record.as_bytes(), &mut take);
            let _ = scanner.finish(&mut take);
            assert_eq!(found.join(" "), expected, "{record} {filter}");
        }
    }
}

/// Records that do not say what they are, of a log source that the caller
/// tells.
#[test]
fn told_log_source_is_scanned() {
    let yaml = r"
title: proxy
logsource: {category: proxy}
detection: {a: {c-uri|contains: /evil}, condition: a}
---
title: lines
logsource: {product: linux}
detection: {a: ['segfault at'], condition: a}
";
    let rules = compile(yaml).unwrap();
    let builder = Detector::builder().without_builtin();
    let builder = rules.into_iter().fold(builder, |all, rule| all.rule(rule));
    let detector = builder.build().unwrap();
    let proxy = LogSource::new().category("proxy");
    let linux = LogSource::new().product("linux").service("syslog");
    for (source, record, expected) in [
        (&proxy, r#"{"c-uri":"http://x/evil"}"#, "proxy"),
        (&proxy, r#"{"c-uri":"http://x/good"}"#, ""),
        (&linux, r#"{"c-uri":"http://x/evil"}"#, ""),
        (&linux, "Jan  1 00:00:00 h kernel: x: Segfault at 0", "lines"),
        (&proxy, "Jan  1 00:00:00 h kernel: x: segfault at 0", ""),
    ] {
        for filter in [true, false] {
            let scanner = Scanner::builder(&detector).filter(filter);
            let scanner = scanner.log_source(source.clone());
            let mut scanner = scanner.build().unwrap();
            let mut found = Vec::new();
            let mut take = |report: Report<'_>| {
                if let Report::Match(matched) = report {
                    let slug = &matched.found.detection().slug;
                    found.push(slug.to_string());
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(record.as_bytes(), &mut take);
            let _ = scanner.finish(&mut take);
            assert_eq!(found.join(" "), expected, "{record} {filter}");
        }
    }
}
