use super::*;
use crate::event::{EventKind, Field, Platform};
use crate::rule::{
    Attribute, Counted, Kind, Logic, Order, Origin, Pack, Predicate, Risk,
    Severity, Statistic, Tactic,
};

const PROCESS: &str = "{category: process_creation, product: windows}";
const SECURITY: &str = "{service: security, product: windows}";
const AUDITD: &str = "{service: auditd, product: linux}";

/// A rule with the given log source and detection, the latter indented by
/// four.
fn rule(source: &str, detection: &str) -> String {
    format!(
        "title: A rule\nlogsource: {source}\ndetection:\n{detection}\n\
         level: low\n"
    )
}

/// A predicate in one line: `all(Image ends "x", not(User null ""))`.
fn show(predicate: &Predicate) -> String {
    let list = |name: &str, items: &[Predicate]| {
        let items: Vec<String> = items.iter().map(show).collect();
        format!("{name}({})", items.join(", "))
    };
    match predicate {
        Predicate::All(items) => list("all", items),
        Predicate::Any(items) => list("any", items),
        Predicate::None(items) => list("not", items),
        Predicate::Test(test) => {
            let cased = if test.cased { " cased" } else { "" };
            let operation = format!("{:?}", test.operation);
            let operation = operation.to_ascii_lowercase();
            let member = match test.field {
                Field::Member => &*test.member,
                field => field.name(),
            };
            format!("{member} {operation}{cased} {}", test.pattern)
        }
    }
}

/// Checks the kinds of event and the predicate of one rule.
#[track_caller]
fn check(source: &str, detection: &str, kinds: &[EventKind], shown: &str) {
    let rules = compile(&rule(source, detection)).unwrap();
    let [Rule { logic: Logic::Single(selection), .. }] = rules.as_slice()
    else {
        panic!("{rules:?}");
    };
    assert_eq!(show(&selection.predicate), shown);
    assert_eq!(&*selection.kinds, kinds);
}

#[track_caller]
fn process(detection: &str, shown: &str) {
    check(PROCESS, detection, &[EventKind::ProcessCreation], shown);
}

/// Checks one line of a selection.
#[track_caller]
fn line(line: &str, shown: &str) {
    process(&format!("    a:\n        {line}\n    condition: a"), shown);
}

#[track_caller]
fn refused(yaml: &str, message: &str) {
    assert_eq!(compile(yaml).unwrap_err().to_string(), message);
}

/// Checks the error of one line of a selection.
#[track_caller]
fn line_refused(line: &str, message: &str) {
    let yaml =
        rule(PROCESS, &format!("    a:\n        {line}\n    condition: a"));
    let error = compile(&yaml).unwrap_err();
    assert_eq!(error.line(), 5);
    let (_, text) = error.to_string().split_once(": ").map_or_else(
        || panic!("{error}"),
        |(a, b)| (a.to_string(), b.to_string()),
    );
    assert_eq!(text, message);
}

/// Checks a condition over four selections that test for `a`, `b`, `b2` and
/// `_c`.
#[track_caller]
fn condition(condition: &str, shown: &str) {
    let selections = ["a", "b", "b2", "_c"]
        .map(|name| format!("    {name}: {{CommandLine: {name}}}\n"))
        .concat();
    // Every selection must be used.
    let conditions = format!("[\"{condition}\", a and b and b2 and _c]");
    let detection = format!("{selections}    condition: {conditions}");
    let rules = compile(&rule(PROCESS, &detection)).unwrap();
    let Logic::Single(selection) = &rules[0].logic else {
        panic!();
    };
    let whole = show(&selection.predicate).replace("CommandLine equals ", "");
    assert_eq!(whole, format!("any({shown}, all(a, b, b2, _c))"));
}

#[track_caller]
fn condition_refused(condition: &str, message: &str) {
    let detection = format!(
        "    a: {{CommandLine: a}}\n    selection: {{CommandLine: b}}\n    \
         condition: \"{condition}\""
    );
    let at = "document 1, line 6, in detection > condition: ";
    refused(&rule(PROCESS, &detection), &format!("{at}{message}"));
}

#[test]
fn values() {
    line("Image: x", "Image equals x");
    line("ProcessId: 0x10", "ProcessId equals 0x10");
    line("ProcessId: 4", "ProcessId equals 4");
    line("Image: ''", "Image equals ");
    line("User: null", "not(User exists )");
    line("User:", "not(User exists )");
    line("User: [null, x]", "any(User equals x, not(User exists ))");
    line("User: [null, '']", "User null ");
    line("User: ['', x, null]", "any(User equals x, User null )");
    line("User|contains: ''", "User exists ");
    line("User|endswith: ''", "User exists ");
    line("User|re: ''", "User exists ");
    line("Image: '*'", "Image exists ");
    line("Image: [x, 'y*']", "any(Image equals x, Image startswith y)");
    line("{Image: x, User: y}", "all(Image equals x, User equals y)");
    line(r"Image|contains: \\\\", r"Image contains \\");
    line("Image|contains: 'a*b?'", "Image like *a*b?*");
}

#[test]
fn modifiers() {
    line("Image|contains: x", "Image contains x");
    line("Image|startswith: x", "Image startswith x");
    line(r"Image|endswith: \x", r"Image endswith \x");
    line("Image|cased|contains: x", "Image contains cased x");
    line(
        "Image|contains|all: [x, y]",
        "all(Image contains x, Image contains y)",
    );
    line("Image|exists: true", "Image exists ");
    line("Image|exists: false", "not(Image exists )");
    line(r"Image|re: a*\.b", r"Image regex cased a*\.b");
    line("Image|re|i: a", "Image regex a");
    line("Image|re|i|s|m: a", "Image regex (?sm)a");
    line("Image|token: /s", "Image token /s");
    line("Image|token|cased|all: [a, b]", {
        "all(Image token cased a, Image token cased b)"
    });
    line("Image|entropy|gt: 3.5", "Image entropyabove(3.5) ");
    line("User|cidr: ::/0", {
        "User innetwork(network { address: ::, bits: 0 }) ::/0"
    });
    line(
        "CommandLine|windash|contains|all: [' -x', y]",
        "all(any(CommandLine contains  -x, CommandLine contains  /x, \
         CommandLine contains  –x, CommandLine contains  —x, CommandLine \
         contains  ―x), CommandLine contains y)",
    );
}

#[test]
fn wrong_lines() {
    line_refused("Image|contians: x", {
        "there is no modifier `contians`; did you mean `contains`?"
    });
    line_refused("User|cidr: 10.0.0.0", {
        "expected a network, as in `10.0.0.0/8` or `fc00::/7`"
    });
    line_refused("User|cidr|cased: ::/0", "`cased` says nothing here");
    line_refused("image: x", {
        "there is no field `image`; did you mean `Image` or `ParentImage`?"
    });
    line_refused("Hashs: x", {
        "there is no field `Hashs`; did you mean `Hashes`?"
    });
    line_refused(
        "ScriptBlock: x",
        "there is no field `ScriptBlock`; there is `EventID`, `Channel`, \
         `Computer`, `User`, `UserSid`, `EventRecordID`, `Image`, `CommandLine`, \
         `OriginalFileName`, `CurrentDirectory`, `ProcessId`, \
         `IntegrityLevel`, `ParentImage`, `ParentCommandLine`, \
         `ParentProcessId`, `ParentUser`, `SubjectUserSid`, \
         `SubjectUserName`, `SubjectDomainName`, `SubjectLogonId`, \
         `TargetUserName`, `CanonicalCommandLine` and `Tool`",
    );
    line_refused("Image|token: ''", {
        "an empty value would match everything"
    });
    line_refused("Image|contains: null", "expected a value");
    line_refused("Image: {a: b}", "expected a value");
    line_refused("Image: [[a]]", "expected a value");
    line_refused("Image: []", "expected at least one value");
    line_refused("Image|exists: maybe", "expected `true` or `false`");
    line_refused("Image|entropy: 3", "`entropy` goes with `gt` only");
    line_refused("Image|gt: much", "expected a number");
    line_refused("Image|hour: 3h", "expected a number");
    line_refused("Image|gt|lt: 3", {
        "only one of `lt`, `lte`, `gt` and `gte` may be given"
    });
    line_refused("Image|hour|day: 3", {
        "only one part of a time may be given"
    });
    line_refused("Image|contains|gt: 3", {
        "numbers and parts of times are compared as a whole"
    });
    line_refused("Image|wide: é", {
        "UTF-16 that is not valid UTF-8 stands in no value: put `base64` or \
         `base64offset` behind it"
    });
    line_refused("Image|base64: 'a*'", {
        "wildcards in a value that is encoded are not supported"
    });
    line_refused("Image|re|base64: a", {
        "encodings go with plain text only"
    });
    line_refused("Image|re|fieldref: a", {
        "`fieldref` goes with `contains`, `startswith` and `endswith` only"
    });
    line_refused("Image|expand: '%a%'", {
        "the placeholder `%a%` without values is not supported"
    });
    line_refused("Image|windash|fieldref: a", {
        "`windash` goes with plain text only"
    });
    line_refused("Image|entropy|gt: much", "expected a number of bits");
    line_refused("Image|token: 'a*'", {
        "wildcards in a token are not supported"
    });
    line_refused("Image|contains|endswith: x", {
        "only one of `contains`, `startswith`, `endswith`, `re`, `token`, \
         `cidr`, `entropy` and `exists` may be given"
    });
    line_refused("Image|re|windash: x", {
        "`windash` goes with plain text only"
    });
    line_refused("[[x], y]", {
        "expected a map from fields to values, or a keyword"
    });
    line_refused("{}", "expected at least one field");
    line_refused("[]", "expected at least one map from fields to values");
    line_refused(
        "CommandLine|windash: '-a -b -c -d -e -f'",
        "the rule comes to more than 1 MiB",
    );
}

#[test]
fn names_of_programs() {
    line(r"Image: [x, '*\x', '*/x']", "Image name x");
    line(r"Image: ['*/X', x, '*\x']", "Image name x");
    line(
        r"Image: [x, '*\x', '*/x', y, '*\y', '*/y', z]",
        "any(Image name x, Image name y, Image equals z)",
    );
    line(r"Image: [x, '*\x']", r"any(Image equals x, Image endswith \x)");
    line(
        r"Image|cased: [x, '*\x', '*/X']",
        r"any(Image equals cased x, Image endswith cased \x, Image endswith cased /X)",
    );
    line(
        r"Image|all: [x, '*\x', '*/x']",
        r"all(Image equals x, Image endswith \x, Image endswith /x)",
    );
}

#[test]
fn conditions() {
    condition("(a)", "a");
    condition("a or b or b2", "a, b, b2");
    condition("a and b or b2", "all(a, b), b2");
    condition("a AND (b or b2)", "all(a, any(b, b2))");
    condition("not a", "not(a)");
    condition("not not a", "a");
    condition("not(a or b)", "not(a, b)");
    condition("not (a and b)", "not(all(a, b))");
    condition("not (not (a or b))", "a, b");
    condition("a and not 1 of b*", "all(a, not(b, b2))");
    condition("all of b*", "all(b, b2)");
    condition("any of them", "a, b, b2");
    condition("all of them", "all(a, b, b2)");
    condition("all of *", "all(a, b, b2, _c)");
    let depth = limits::DEEPEST;
    let nested = "(".repeat(depth) + "a" + &")".repeat(depth);
    condition(&nested, "a");
}

#[test]
fn wrong_conditions() {
    condition_refused("a or selectoin", {
        "there is no selection `selectoin`; did you mean `selection`?"
    });
    condition_refused("1 of filter*", {
        "there is no selection `filter*`; there is `a` and `selection`"
    });
    condition_refused("a selection", {
        "expected `and` or `or` at `selection`"
    });
    condition_refused("a and", "expected the name of a selection at the end");
    condition_refused("and a", {
        "expected the name of a selection at `and a`"
    });
    condition_refused("a or ()", {
        "expected the name of a selection at `)`"
    });
    condition_refused("(a or selection", "expected `)` at the end");
    condition_refused("a)", "expected `and` or `or` at `)`");
    condition_refused("2 of them", {
        "expected `1 of`, `any of` or `all of` at `2 of them`"
    });
    condition_refused("1 of", "expected `them` or names at the end");
    condition_refused("a or selection | count() > 3", {
        "aggregations (use a correlation) are not supported"
    });
    let deep = limits::DEEPEST + 1;
    let nested = "(".repeat(deep) + "a" + &")".repeat(deep);
    condition_refused(&nested, "nested more than 64 levels deep");
    condition_refused(&("a or ".repeat(20_000) + "a"), {
        "the rule comes to more than 1 MiB"
    });
    refused(
        &rule(
            PROCESS,
            "    a: {Image: x}\n    b: {Image: y}\n    condition: a",
        ),
        "document 1, line 5, in detection: `condition` does not use `b`",
    );
    refused(
        &rule(PROCESS, "    a: {Image: x}"),
        "document 1, line 4, in detection: `condition` is missing",
    );
}

#[test]
fn event_ids_pick_kinds() {
    use EventKind::{ProcessCreation, TaskDeleted, TaskRegistered};

    let whole = "    a: {EventID: 4698}\n    condition: a";
    check(SECURITY, whole, &[TaskRegistered], "all()");
    check(
        SECURITY,
        "    a: {EventID: [4698, 4699], TaskName: x}\n    condition: a",
        &[TaskRegistered, TaskDeleted],
        "TaskName equals x",
    );
    // Sysmon 1 is of the same kind, so the test stays.
    check(
        SECURITY,
        "    a: {EventID: 4688, Image: x}\n    condition: a",
        &[ProcessCreation],
        "all(EventID equals 4688, Image equals x)",
    );
    // The kinds are asked other things, so the tests stay.
    check(
        SECURITY,
        "    a: {EventID: 4698, TaskName: x}\n    b: {EventID: 4699, \
         TaskName: y}\n    condition: a or b",
        &[TaskRegistered, TaskDeleted],
        "any(all((kind) equals task_registered, TaskName equals x), \
         all((kind) equals task_deleted, TaskName equals y))",
    );
    // Kinds without the field cannot match.
    check(
        AUDITD,
        "    a: {type: SYSCALL, comm: at}\n    condition: a",
        &[EventKind::AuditSyscall],
        "comm equals at",
    );
    check(
        AUDITD,
        "    a: {type: path, name: x}\n    b: {mode: y}\n    condition: a \
         and not b",
        &[EventKind::AuditPath],
        "all(name equals x, not(mode equals y))",
    );
    check(
        "{service: taskscheduler, product: windows}",
        "    a: {EventID: [200, 201]}\n    condition: a",
        &[EventKind::TaskScheduler],
        "any(EventID equals 200, EventID equals 201)",
    );
    check(
        "{service: sysmon, product: windows}",
        "    a: {EventID: [12, 13], Details: x}\n    condition: a",
        &[EventKind::RegistryEvent],
        "all(any(EventID equals 12, EventID equals 13), Details equals x)",
    );
    check(
        "{category: registry_delete, product: windows}",
        "    a: {TargetObject: x}\n    condition: a",
        &[EventKind::RegistryEvent],
        "all(any(EventType equals DeleteKey, EventType equals DeleteValue), \
         TargetObject equals x)",
    );
}

#[test]
fn wrong_sources() {
    let detection = "    a: {EventID: 4624}\n    condition: a";
    refused(
        &rule("{category: ps_script, product: windows}", detection),
        "document 1, line 4, in detection > a > EventID: there is no \
         EventID `4624`; there is `4104`",
    );
    let never = "document 1, line 4, in detection: no event of this log \
                 source can match: its kinds of event lack a field, or the \
                 selections exclude each other";
    refused(
        &rule(
            "{category: ps_script, product: windows}",
            "    a: {EventID: 4104}\n    condition: not a",
        ),
        never,
    );
    // What events of that id lack is told.
    let detection = "    a: {EventID: 4698, ShareName: x}\n    condition: a";
    refused(&rule(SECURITY, detection), never);
    let detection = "    a: {EventID: 4698}\n    b: {TaskNam: x}\n    condition: a and \
         not b";
    refused(
        &rule(SECURITY, detection),
        "document 1, line 5, in detection > b > TaskNam: there is no field \
         `TaskNam`; did you mean `TaskName`?",
    );
    let detection = "    a: {Image: x}\n    condition: a";
    for (source, message) in [
        (
            "{category: proces_creation, product: windows}",
            "document 1, line 2, in logsource: there is no \
             category `proces_creation`; did you mean `process_creation`?",
        ),
        (
            "{category: proxy, product: windws}",
            "document 1, line 2, in logsource: there is no product `windws`; \
             did you mean `windows`?",
        ),
        (
            "{service: sytem, product: windows}",
            "document 1, line 2, in logsource: there is no service `sytem`; \
             did you mean `system`?",
        ),
        (
            "{definition: x}",
            "document 1, line 2, in logsource: expected `category`, \
             `product` or `service`",
        ),
    ] {
        refused(&rule(source, detection), message);
    }
}

const WHOLE: &str = r"
title: A Title, of 2 Words
id: 8d0b87c2-0b1e-4f0a-9f0e-2f3d3f6f3c11
name: a_slug
status: stable
author: nobody
description: >-
    Two
    lines.
references: [https://example.org/]
tags: [attack.persistence, attack.privilege_escalation, attack.t1053.005, attack.s0111, cve.2020-1]
logsource: {category: process_creation, product: windows}
detection:
    a: {Image: x}
    condition: a
falsepositives: [This., That.]
level: high
custom: allowed
t1053:
    pack: scheduled-tasks
    kind: TTP
    published_name: Other
    risk: {score: 48, impact: 80, confidence: 60}
    risk_objects: [{field: dest, object: Hostname, role: victim}]
    group_by: [host]
    message: 'ran {Image} on {Computer}'
";

#[test]
fn metadata() {
    let rules = compile(WHOLE).unwrap();
    let detection = &rules[0].detection;
    assert_eq!(detection.slug, "a_slug");
    assert_eq!(detection.title, "A Title, of 2 Words");
    assert!(detection.id.as_ref().unwrap().starts_with("8d0b87c2"));
    assert_eq!(detection.description, "Two lines.");
    assert_eq!(&*detection.references, ["https://example.org/"]);
    assert_eq!(&*detection.techniques, ["T1053.005"]);
    assert_eq!(
        &*detection.tactics,
        [Tactic::Persistence, Tactic::PrivilegeEscalation],
    );
    assert_eq!(&*detection.false_positives, ["This.", "That."]);
    assert_eq!(detection.severity, Severity::High);
    assert_eq!(detection.platform, Platform::Windows);
    assert_eq!(detection.pack, Some(Pack::ScheduledTasks));
    assert_eq!(detection.kind, Kind::Ttp);
    assert_eq!(detection.published_name.as_deref(), Some("Other"));
    let risk = Risk { score: 48, impact: 80, confidence: 60 };
    assert_eq!(detection.risk, Some(risk));
    assert_eq!(detection.risk_objects[0].field, "dest");
    assert_eq!(&*detection.group_by, ["host"]);
    assert_eq!(detection.message, "ran {Image} on {Computer}");

    let unnamed = compile(&WHOLE.replace("name: a_slug", "")).unwrap();
    assert_eq!(unnamed[0].detection.slug, "a_title_of_2_words");
    let plain = WHOLE.split_once("t1053:\n").unwrap().0;
    let plain = compile(plain).unwrap();
    assert_eq!(plain[0].detection.message, "A Title, of 2 Words");
}

#[test]
fn wrong_metadata() {
    for (from, to, message) in [
        ("title:", "titel:", "there is no key `titel`; did you mean `title`?"),
        ("title:", "x:", "`title` is missing"),
        (
            "level: high",
            "level: hihg",
            "there is no level `hihg`; did you mean `high`?",
        ),
        (
            "stable",
            "stabel",
            "there is no status `stabel`; did you mean `stable`?",
        ),
        (
            "a_slug",
            "a slug",
            "expected a name of ASCII letters, digits, `_`, `-` and `.`",
        ),
        (
            "attack.persistence",
            "attack.persistance",
            "there is no tactic `persistance`; did you mean `persistence`?",
        ),
        ("pack:", "pakc:", "there is no key `pakc`; did you mean `pack`?"),
        ("kind: TTP", "kind: TPP", {
            "there is no kind `TPP`; did you mean `TTP`?"
        }),
        ("score: 48", "score: 480", "expected a number in range"),
        ("score: 48", "score: 101", "expected a number from 0 to 100"),
        ("score: 48,", "", "`score` is missing"),
        (
            "{Image}",
            "{Imagee}",
            "there is no field `Imagee`; did you mean `Image`?",
        ),
        (
            "{Image}",
            "{Image",
            "`{` and `}` stand around the name of a field only",
        ),
        (
            "on {Computer}",
            "[on {Computre}]",
            "there is no field `Computre`; did you mean `Computer`?",
        ),
        (
            "on {Computer}",
            "[on [{Computer}]]",
            "a part of a message in `[` and `]` has no other in it",
        ),
        ("custom:", "filter:", "expected a map"),
        ("custom:", "level:", "`level` is given twice"),
        ("custom: allowed", "taxonomy: ecs", {
            "there is no taxonomy `ecs`; there is `sigma`"
        }),
        ("[host]", "[*host]", {
            "not YAML: while parsing node, found unknown anchor"
        }),
        ("[host]", "!!set [host]", "YAML tags are not supported"),
    ] {
        let yaml = WHOLE.replacen(from, to, 1);
        let error = compile(&yaml).unwrap_err().to_string();
        assert!(error.ends_with(&format!(": {message}")), "{error}");
    }
    refused("", "document 1, line 1: expected a rule");
    refused("- a", "document 1, line 1: expected a map");
    refused("a: [", {
        "document 1, line 2: not YAML: while parsing a node, did not find \
         expected node content"
    });
}

const PAIR: &str = r"
title: First
name: first
logsource: {service: security, product: windows}
detection: {a: {EventID: 4698}, condition: a}
---
title: Second
name: second
logsource: {service: security, product: windows}
detection: {a: {EventID: 4699}, condition: a}
---
title: Pair
name: pair
correlation:
    type: temporal_ordered
    rules: [first, second]
    group-by: [Computer, TaskName]
    timespan: 30s
level: high
";

#[test]
fn correlations() {
    let rules = compile(PAIR).unwrap();
    assert_eq!(rules.len(), 1);
    let Logic::Sequence(sequence) = &rules[0].logic else {
        panic!();
    };
    let kinds = sequence.steps.iter().map(|step| &*step.kinds);
    let expected = [&[EventKind::TaskRegistered], &[EventKind::TaskDeleted]];
    assert!(kinds.eq(expected));
    let group_by = [Field::Computer, Field::TaskName].map(Attribute::from);
    assert_eq!(&*sequence.group_by, group_by);
    assert_eq!(sequence.within_seconds, 30);
    assert_eq!(rules[0].detection.slug, "pair");

    let generated = PAIR
        .replace("timespan: 30s", "timespan: 2m\n    generate: true")
        .replace("title", "level: low\ntitle")
        .replace("level: low\ntitle: Pair", "title: Pair");
    let rules = compile(&generated).unwrap();
    let slugs = rules.iter().map(|rule| &*rule.detection.slug);
    assert_eq!(slugs.collect::<Vec<_>>(), ["first", "second", "pair"]);
}

/// The logic of the pair with another type.
fn counted(kind: &str, condition: &str) -> Logic {
    let text = PAIR.replace("temporal_ordered", kind);
    let span = format!("timespan: 30s\n    {condition}");
    let mut rules = compile(&text.replace("timespan: 30s", &span)).unwrap();
    rules.remove(0).logic
}

#[test]
fn counts() {
    for (kind, condition, of, at_least) in [
        ("event_count", "condition: {gte: 3}", Counted::Events, 3),
        ("event_count", "condition: {gt: 3}", Counted::Events, 4),
        (
            "value_count",
            "condition: {field: User, gte: 5}",
            Counted::Values(Field::User.into()),
            5,
        ),
        ("temporal", "", Counted::Selections, 2),
        // A highest number is met when the lowest is reached.
        ("event_count", "condition: {gt: 3, lte: 9}", Counted::Events, 4),
        ("event_count", "condition: {eq: 3}", Counted::Events, 3),
        ("temporal", "condition: {gte: 1}", Counted::Selections, 1),
        ("temporal", "condition: {eq: 2}", Counted::Selections, 2),
    ] {
        let Logic::Count(count) = counted(kind, condition) else {
            panic!("{kind}");
        };
        assert_eq!((count.of, count.at_least), (of, at_least), "{kind}");
        assert_eq!(count.events.len(), 2);
        let group_by = [Field::Computer, Field::TaskName].map(Attribute::from);
        assert_eq!(&*count.group_by, group_by);
    }
}

#[test]
fn wrong_counts() {
    for (kind, condition, message) in [
        ("event_count", "", "line 15, in correlation: `condition` is missing"),
        (
            "event_count",
            "condition: {lt: 3}",
            "line 19, in correlation > condition: a count without a lowest \
             number (`gt`, `gte`) is not supported",
        ),
        (
            "event_count",
            "condition: {gte: 3, neq: 4}",
            "line 19, in correlation > condition: a count without a lowest \
             number (`gt`, `gte`) is not supported",
        ),
        (
            "event_count",
            "condition: {gte: 3, gt: 3}",
            "line 19, in correlation > condition: expected one of `gt`, \
             `gte` and `eq`",
        ),
        (
            "event_count",
            "condition: {gte: 3, lt: 3}",
            "line 19, in correlation > condition: no number is between the \
             lowest and the highest",
        ),
        (
            "event_count",
            "condition: {}",
            "line 19, in correlation > condition: `gte` is missing",
        ),
        (
            "event_count",
            "condition: {gte: 0}",
            "line 19, in correlation > condition: expected a number that is \
             reached at 1 to 1024",
        ),
        (
            "event_count",
            "condition: {gt: 1024}",
            "line 19, in correlation > condition: expected a number that is \
             reached at 1 to 1024",
        ),
        (
            "value_count",
            "condition: {gte: 3}",
            "line 19, in correlation > condition: `field` is missing",
        ),
        (
            "value_count",
            "condition: {gte: 3, field: Image}",
            "line 19: not all of its events have `Image`",
        ),
        (
            "temporal",
            "condition: first and not second",
            "line 19, in correlation > condition: `not` in the condition of \
             a correlation is not supported",
        ),
        (
            "temporal",
            "condition: first",
            "line 19, in correlation > condition: it does not use `second`",
        ),
        (
            "temporal",
            "condition: first or third",
            "line 19, in correlation > condition: there is no selection \
             `third`; there is `first` and `second`",
        ),
        (
            "temporal_ordered",
            "condition: first or second",
            "line 19, in correlation > condition: expected 2 to 16 steps",
        ),
        (
            "temporal",
            "condition: {gte: 3}",
            "line 19, in correlation > condition: there are 2 rules",
        ),
        (
            "temporal_ordered",
            "condition: {gte: 1}",
            "line 19, in correlation > condition: this `condition` of a \
             `temporal_ordered` correlation is not supported",
        ),
    ] {
        let span = format!("timespan: 30s\n    {condition}");
        let text = PAIR.replace("temporal_ordered", kind);
        let text = text.replace("timespan: 30s", &span);
        refused(&text, &format!("document 3, {message}"));
    }
}

/// What numbers have to come to.
#[test]
fn aggregations() {
    let text = |kind: &str, condition: &str| {
        let condition = format!("timespan: 1h\n    condition: {condition}");
        PAIR.replace("temporal_ordered", kind)
            .replace("timespan: 30s", &condition)
            .replace("{EventID: 4699}", "{EventID: 4698}")
    };
    for (kind, condition, statistic, bounds) in [
        (
            "value_sum",
            "{field: User, gt: 10.5, lte: 1e3}",
            Statistic::Sum,
            &[(Order::Above, 10.5), (Order::AtMost, 1000.0)][..],
        ),
        (
            "value_avg",
            "{field: User, lt: 4}",
            Statistic::Average,
            &[(Order::Below, 4.0)],
        ),
        (
            "value_median",
            "{field: User, eq: 4}",
            Statistic::Percentile(50),
            &[(Order::Same, 4.0)],
        ),
        (
            "value_percentile",
            "{field: User, percentile: 95, gte: 4}",
            Statistic::Percentile(95),
            &[(Order::AtLeast, 4.0)],
        ),
    ] {
        let rules = compile(&text(kind, condition)).unwrap();
        let Logic::Aggregation(found) = &rules[0].logic else { panic!() };
        assert_eq!(found.of, Field::User.into());
        assert_eq!(found.statistic, statistic);
        let orders = found.bounds.iter().map(|one| (one.order, one.number));
        assert_eq!(orders.collect::<Vec<_>>(), bounds);
        let exported = export(&rules[0]).unwrap();
        assert_eq!(compile(&exported).unwrap()[0].logic, rules[0].logic);
    }
    for (kind, condition, message) in [
        (
            "value_sum",
            "{field: User, lt: 4}",
            "a sum without a lowest number (`gt`, `gte`) is not supported",
        ),
        (
            "value_avg",
            "{field: User, neq: 4}",
            "`neq` of a `value_avg` correlation is not supported",
        ),
        ("value_avg", "{gt: 4}", "`field` is missing"),
        ("value_avg", "{field: User}", "`gte` is missing"),
        (
            "value_percentile",
            "{field: User, gte: 4}",
            "`percentile` is missing",
        ),
    ] {
        let message = format!(
            "document 3, line 19, in correlation > condition: {message}"
        );
        refused(&text(kind, condition), &message);
    }
    refused(
        &text("value_percentile", "{percentile: 101, field: a, gt: 1}"),
        "document 3, line 19, in correlation > condition > percentile: \
         expected a number from 0 to 100",
    );
    refused(
        &text("value_avg", "{field: User, gt: nan}"),
        "document 3, line 19, in correlation > condition > gt: expected a \
         number",
    );
}

/// Each rule's own name for what all events agree in.
#[test]
fn aliases() {
    let aliases = "group-by: [Computer, who]
    aliases:
        who: {first: User, second: TaskName}
        unused: {second: TaskName}";
    let text = PAIR.replace("group-by: [Computer, TaskName]", aliases);
    let rules = compile(&text).unwrap();
    let [host, who] = rules[0].logic.group_by() else { panic!() };
    assert_eq!(*host, Field::Computer.into());
    assert_eq!(who.name, "who");
    let fields = [Field::User, Field::TaskName].map(Origin::from);
    assert_eq!(*who.origins, fields);
    for (from, to, message) in [
        (
            "second: TaskName}\n        unused",
            "secnd: TaskName}\n        unused",
            "document 3, line 19, in correlation > aliases > who: there is \
             no rule of this correlation called `secnd`; did you mean \
             `second`?",
        ),
        (
            "first: User, ",
            "",
            "document 3, line 19: expected a name for each of its rules",
        ),
        (
            "first: User",
            "first: Usr",
            "document 3, line 19: there is no field `Usr`; did you mean \
             `User`?",
        ),
    ] {
        assert!(text.contains(from));
        refused(&text.replace(from, to), message);
    }
}

/// Events of which nothing else is known agree in what they call something.
#[test]
fn members_can_be_grouped_by_and_counted() {
    let text = r"
title: Login
name: login
logsource: {product: okta, service: okta}
detection: {a: {eventtype: user.session.start}, condition: a}
---
title: One user from many places
correlation:
    type: value_count
    rules: login
    group-by: actor.alternateid
    timespan: 1h
    condition: {field: client.ipaddress, gte: 2}
";
    let rules = compile(text).unwrap();
    let Logic::Count(count) = &rules[0].logic else { panic!() };
    let member = |name: &'static str| Attribute {
        name: name.into(),
        origins: vec![Origin { field: Field::Member, member: name.into() }]
            .into(),
    };
    assert_eq!(*count.group_by, [member("actor.alternateid")]);
    assert_eq!(count.of, Counted::Values(member("client.ipaddress")));
}

#[test]
fn wrong_correlations() {
    for (from, to, message) in [
        (
            "[first, second]",
            "[frist, second]",
            "document 3, line 16, in correlation > rules: there is no rule \
             called `frist`; did you mean `first`?",
        ),
        (
            "[first, second]",
            "[first]",
            "document 3, line 16, in correlation > rules: expected 2 to 16 \
             rules",
        ),
        (
            "[first, second]",
            "[first, pair]",
            "document 3, line 16, in correlation > rules: it is made of itself",
        ),
        (
            "temporal_ordered",
            "temporal_orderd",
            "document 3, line 15, in correlation > type: there is no type \
             `temporal_orderd`; did you mean `temporal_ordered`?",
        ),
        (
            "TaskName]",
            "Image]",
            "document 3, line 17: not all of its events have `Image`",
        ),
        (
            "30s",
            "30",
            "document 3, line 18, in correlation > timespan: expected a time \
             span such as `30s`, `5m`, `1h` or `1d`",
        ),
        (
            "EventID: 4699",
            "EventID: 4688",
            "document 3, line 17: not all of its events have `TaskName`",
        ),
        (
            "EventID: 4699",
            "EventId: 4699",
            "document 2, line 10, in detection > a > EventId: there is no \
             field `EventId`; did you mean `EventID`?",
        ),
    ] {
        refused(&PAIR.replace(from, to), message);
    }
}

#[test]
fn deep_yaml() {
    let deep = "[".repeat(limits::DEEPEST + 1);
    refused(&deep, "document 1, line 1: nested more than 64 levels deep");
    for deep in ["- ".repeat(100_000), "? ".repeat(100_000)] {
        assert!(compile(&deep).is_err());
    }
}

#[test]
fn sample_files() {
    let yaml = "- case: one\n  expect: near_miss\n  records:\n    - |\n      \
                a\n      b\n    - '{}'\n";
    let case = samples::Case {
        name: "one".into(),
        expect: samples::Expectation::NearMiss,
        records: vec!["a\nb\n".into(), "{}".into()],
    };
    assert_eq!(samples::read(yaml), Ok(vec![case]));
    let error = samples::read(&yaml.replace("near_", "near")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "document 1, line 2, in expect: there is no expectation `nearmiss`; \
         did you mean `near_miss`?",
    );
    assert!(samples::read(&yaml.replace("expect", "expects")).is_err());
}

/// Mutilated files are refused or not, but never bring it down.
#[test]
fn mutilated_files() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let extra = "[]{}()|*?\\'\":-,&!#%@>~\n\t \u{85}\u{feff}é0";
    let extra: Vec<char> = extra.chars().collect();
    let seeds = [WHOLE, PAIR];
    for round in 0..ROUNDS {
        let mut text: Vec<char> = seeds[round % 2].chars().collect();
        for _ in 0..=random(4) {
            let at = random(text.len());
            let length = random(text.len() - at).min(random(40) + 1);
            match random(4) {
                0 => text[at] = extra[random(extra.len())],
                1 => text.insert(at, extra[random(extra.len())]),
                2 => drop(text.drain(at..at + length)),
                _ => {
                    let copy = text[at..at + length].to_vec();
                    let to = random(text.len());
                    text.splice(to..to, copy);
                }
            }
        }
        let text: String = text.into_iter().collect();
        // An error must be able to show itself.
        if let Err(error) = compile(&text) {
            assert!(!error.to_string().is_empty());
        }
        let _ = samples::read(&text);
    }
}

const ROUNDS: usize = if cfg!(miri) { 20 } else { 3_000 };
