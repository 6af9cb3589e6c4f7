//! Sets of rules: the good are kept, the bad are listed with place and
//! reason.

#![cfg(feature = "sigma")]
#![allow(clippy::indexing_slicing)]

use t1053::{
    BuildErrorKind, Detector, RuleProblemKind, RuleSet, RuleSetBuilder,
};

/// A rule about process creation; the title becomes its name.
fn rule(title: &str, line: &str) -> String {
    format!(
        "title: {title}\n\
         logsource: {{category: process_creation, product: windows}}\n\
         detection:\n    \
             a:\n        \
                 {line}\n    \
             condition: a\n\
         level: low\n",
    )
}

fn slugs(set: &RuleSet) -> Vec<&str> {
    set.rules().iter().map(|rule| &*rule.detection.slug).collect()
}

fn problems(set: &RuleSet) -> Vec<String> {
    set.problems().iter().map(ToString::to_string).collect()
}

fn one(text: &str) -> RuleSet {
    RuleSet::builder().text("a.yml", text).build()
}

/// Checks the only problem of a text that has no good rule.
#[track_caller]
fn refused(text: &str, kind: RuleProblemKind, message: &str) {
    let set = one(text);
    assert_eq!(problems(&set), [message]);
    let kinds = set.problems().iter().map(|problem| problem.kind());
    assert_eq!(kinds.collect::<Vec<_>>(), [kind]);
    assert_eq!(slugs(&set), [""; 0]);
}

#[test]
fn problem_has_place_kind_and_what_would_be_right() {
    use RuleProblemKind as Kind;

    refused(
        &rule("x", "Imag: y"),
        Kind::UnknownField,
        "a.yml:5:9: in detection > a > Imag: there is no field `Imag`; did \
         you mean `Image` or `ParentImage`?",
    );
    refused(
        &rule("x", "Image|contain: y"),
        Kind::Invalid,
        "a.yml:5:9: in detection > a > Image|contain: there is no modifier \
         `contain`; did you mean `contains`?",
    );
    refused(
        &rule("x", "Image: y").replace("process_creation", "proces_creation"),
        Kind::UnknownLogSource,
        "a.yml:2:23: in logsource: there is no category `proces_creation`; \
         did you mean `process_creation`?",
    );
    refused(
        "---\ntitle: x\naction: global\n",
        Kind::Unsupported,
        "a.yml:3:1: `action` documents are not supported",
    );
    refused(
        &rule("x", "{EventID: 4698, CommandLine: x}")
            .replace("category: process_creation", "service: security"),
        Kind::NeverMatches,
        "a.yml:4:5: in detection: no event of this log source can match: its \
         kinds of event lack a field, or the selections exclude each other",
    );
    #[cfg(feature = "regex")]
    refused(
        &rule("x", "Image|re: 'a(b'"),
        Kind::Invalid,
        "a.yml:1:1: `x`: regular expression `a(b`: unclosed group",
    );
    #[cfg(not(feature = "regex"))]
    refused(
        &rule("x", "Image|re: 'a(b'"),
        Kind::Unsupported,
        "a.yml:1:1: `x`: regular expression `a(b`: this build has no \
         regular expressions (feature `regex`)",
    );
}

/// A document that is no YAML included.
#[test]
fn bad_document_does_not_take_its_neighbours_with_it() {
    let text = [
        &*rule("First", "Image: a"),
        "title: [no end\n",
        "# a comment\ntitle: Second\n...\n%YAML 1.2\n",
        &*rule("Third", "Image: c"),
        "",
    ]
    .join("---\n");
    let set = one(&text);
    assert_eq!(slugs(&set), ["first", "third"]);
    let lines = set.problems().iter().map(|problem| problem.line());
    assert_eq!(lines.collect::<Vec<_>>(), [Some(10), Some(12)]);
}

#[test]
fn names_and_ids_are_given_once() {
    let with_id = |title: &str, id: &str| {
        format!("id: {id}\n{}", rule(title, "Image: a"))
    };
    let builtin = "Schtasks Run Task On Demand";
    let set = RuleSet::builder()
        .text("a.yml", &*with_id("One", "AAAA"))
        .text("b.yml", &*with_id("Two", "aaaa"))
        .text("c.yml", &*with_id("One", "bbbb"))
        .text("d.yml", &*with_id(builtin, "cccc"))
        .build();
    assert_eq!(slugs(&set), ["one"]);
    assert_eq!(
        problems(&set),
        [
            "b.yml:1:1: its id aaaa is that of a.yml:1",
            "c.yml:1:1: its name `one` is that of a.yml:1: give it another \
             `name`",
            "d.yml:1:1: its name `schtasks_run_task_on_demand` is that of a \
             detection that there is: give it another `name`",
        ],
    );
    let kinds = set.problems().iter().map(|problem| problem.kind());
    assert!(kinds.into_iter().all(|it| it == RuleProblemKind::Duplicate));

    let text = with_id(builtin, "cccc");
    let builder = || RuleSet::builder().text("d.yml", &*text);
    let alone = Detector::builder().without_builtin();
    let set = builder().beside(&alone).build();
    assert_eq!(slugs(&set), ["schtasks_run_task_on_demand"]);
    let error = Detector::builder().rules(set.clone()).build().unwrap_err();
    assert_eq!(error.kind(), BuildErrorKind::DuplicateSlug);
    let alone = alone.rules(set);
    assert!(alone.clone().build().is_ok());
    // What was added before counts, too.
    assert_eq!(builder().beside(&alone).build().problems().len(), 1);
}

const PAIR: &str = "title: Both
correlation:
    type: temporal_ordered
    rules: [one, two]
    timespan: 30s
level: high
";

#[test]
fn correlation_finds_its_rules_in_other_texts() {
    let name = |name: &str| format!("name: {name}\n{}", rule(name, "User: a"));
    let (one, two) = (name("one"), name("two"));
    let texts: RuleSetBuilder<'_> = RuleSet::builder()
        .text("one.yml", &one)
        .text("pair.yml", PAIR)
        .text("two.yml", &two);
    let set = texts.build();
    assert_eq!(problems(&set), [""; 0]);
    assert_eq!(slugs(&set), ["both"]);
}

/// Alone, the parts are of no use, and noisy.
#[test]
fn parts_of_a_refused_correlation_are_no_rules() {
    let name = |name: &str| format!("name: {name}\n{}", rule(name, "User: a"));
    for (right, wrong) in [
        ("[one, two]", "[one, three]"),
        ("30s", "30 seconds"),
        ("temporal_ordered", "temporal_disordered"),
    ] {
        let pair = PAIR.replace(right, wrong);
        let text = [name("one"), name("two"), pair].join("---\n");
        let set = one(&text);
        assert_eq!(slugs(&set), [""; 0], "{wrong}");
        assert_eq!(set.problems().len(), 1, "{:?}", set.problems());
    }
}

const FILTER: &str = "title: Known
logsource: {category: process_creation, product: windows}
filter:
    rules: [one]
    known: {User: b}
    condition: not known
";

#[test]
fn filter_finds_its_rules_in_other_texts_and_is_none() {
    let texts = ["one", "two"]
        .map(|name| format!("name: {name}\n{}", rule(name, "User: a")));
    let set = RuleSet::builder()
        .text("filter.yml", FILTER)
        .text("one.yml", &texts[0])
        .text("two.yml", &texts[1])
        .build();
    assert_eq!(problems(&set), [""; 0]);
    assert_eq!(slugs(&set), ["one", "two"]);
    let plain = texts.map(|text| one(&text).rules()[0].logic.clone());
    assert_ne!(set.rules()[0].logic, plain[0]);
    assert_eq!(set.rules()[1].logic, plain[1]);
}

/// Each is told once, however many rules it is for, and these run.
#[test]
fn filter_that_is_wrong_is_left_out() {
    let text = ["one", "two"]
        .map(|name| format!("name: {name}\n{}", rule(name, "User: a")))
        .join("---\n");
    let plain = one(&text);
    for (right, wrong, place) in [
        ("[one]", "[three]", "f.yml:4:13: in filter > rules"),
        ("User", "User|contain", "f.yml:5:13: in filter > known"),
        ("not known", "not", "f.yml:6:16: in filter > condition"),
    ] {
        let filter = FILTER.replace(right, wrong).replace("[one]", "any");
        let set = RuleSet::builder()
            .text("f.yml", &filter)
            .text("a.yml", &text)
            .build();
        let [problem] = set.problems() else {
            panic!("{:?}", problems(&set));
        };
        let message = problem.to_string();
        assert!(message.starts_with(place), "{message}");
        assert_eq!(set.rules(), plain.rules(), "{wrong}");
    }
}

#[test]
fn text_that_is_not_utf_8_is_told_by_its_line() {
    let good = rule("Good", "Image: a");
    let set = RuleSet::builder()
        .text("a.yml", &b"title: x\n# \xff\n"[..])
        .text("b.yml", &good)
        .text("c.yml", "")
        .text("d.yml", "\u{feff}")
        .text("e.yml", "\0")
        .build();
    assert_eq!(slugs(&set), ["good"]);
    let mut problems = problems(&set);
    assert!(problems.pop().unwrap().starts_with("e.yml:1:"));
    assert_eq!(
        problems,
        [
            "a.yml:2: the text is not UTF-8",
            "c.yml:1:1: expected a rule",
            "d.yml:1:1: expected a rule",
        ],
    );
}

#[test]
fn strict_set_has_no_problem() {
    let set = one(&rule("x", "Image: y"));
    assert_eq!(slugs(&set.strict().unwrap()), ["x"]);
    let text = [rule("x", "Imag: y"), rule("z", "Image|contain: y")];
    let error = one(&text.join("---\n")).strict().unwrap_err();
    assert_eq!(error.problems().len(), 2);
    assert_eq!(error.to_string().lines().count(), 2);
}

#[test]
fn limits_on_texts_are_told() {
    let large = "#".repeat((16 << 20) + 1);
    let most = "#".repeat(16 << 20);
    let many = "--- a\n".repeat(100_001);
    let set = RuleSet::builder()
        .text("large.yml", &large)
        .text("many.yml", &many)
        .text("most.yml", &most)
        .text("most.yml", &most)
        .text("over.yml", &most)
        .build();
    let kind = RuleProblemKind::TooLarge;
    let large = set.problems().iter().filter(|it| it.kind() == kind);
    let large: Vec<String> = large.map(ToString::to_string).collect();
    assert_eq!(
        large,
        [
            "large.yml:1:1: a text may have 16 MiB at most",
            "many.yml:100001:5: rules that are loaded together may be \
             100000 at most: neither this one nor what follows in this text \
             is loaded",
            "over.yml: texts that are loaded together may have 64 MiB at \
             most; this one is left out",
        ],
    );
}

#[test]
fn what_a_file_says_of_its_rule_is_kept() {
    let head = "author: [Ann, Bob]\nlicense: MIT\nstatus: test\n\
                date: 2025-01-31\nmodified: 2025-02-01\n\
                related: [{id: abc, type: derived}]\n\
                fields: [CommandLine, NoSuchField, User]\n";
    let set = one(&(head.to_owned() + &rule("Title", "Image: a")));
    assert_eq!(problems(&set), [""; 0]);
    let detections = set.rules().iter().map(|rule| &rule.detection);
    for detection in detections {
        assert_eq!(detection.author.as_deref(), Some("Ann, Bob"));
        assert_eq!(detection.license.as_deref(), Some("MIT"));
        assert_eq!(detection.status.as_deref(), Some("test"));
        assert_eq!(detection.date.as_deref(), Some("2025-01-31"));
        assert_eq!(detection.modified.as_deref(), Some("2025-02-01"));
        let related = detection.related.iter();
        let related = related.map(|it| (&*it.id, &*it.relation));
        assert_eq!(related.collect::<Vec<_>>(), [("abc", "derived")]);
        // `fields` says what to show, where the rule has no message.
        let message = "Title (CommandLine: {CommandLine}, User: {User})";
        assert_eq!(detection.message, message);
    }
    let wrong = head.replace("derived", "deriving");
    let set = one(&(wrong + &rule("Title", "Image: a")));
    let message = "a.yml:6:27: in related > type: there is no type \
                   `deriving`; there is `derived`, `obsolete`, `merged`, \
                   `renamed` and `similar`";
    assert_eq!(problems(&set), [message]);
}

#[test]
fn pack_holds_what_its_texts_do() {
    let text = [
        rule("Tests", r"{Image|re|i: a+, User|cidr: 10.0.0.0/8}"),
        rule("Nulls", "[{Image: null}, {'User|exists': true}]"),
        rule("Entropy", "CommandLine|entropy|gt: 4.5"),
        rule("Members", "{Hashes|contains: a, Image|fieldref: User}"),
        PAIR.replace("Both", "Many")
            .replace("temporal_ordered", "event_count")
            .replace("rules: [", "condition: {gte: 3}\n    rules: ["),
        format!("name: one\n{}", rule("one", "User|cased: 'a*b?'")),
        format!("name: two\n{}", rule("two", "Image|token: a")),
        PAIR.to_owned(),
    ];
    let set = one(&text.join("---\n"));
    assert_eq!(problems(&set), [""; 0]);
    assert_eq!(set.rules().len(), 6);
    let pack = set.to_pack();
    let again = RuleSet::builder().file("own.t1053", &pack).build();
    assert_eq!(problems(&again), [""; 0]);
    assert_eq!(again.rules(), set.rules());
    assert_eq!(again.to_pack(), pack);

    // Its names count, as those of texts do.
    let twice = RuleSet::builder()
        .text("a.yml", &text[0])
        .file("own.t1053", &pack)
        .build();
    assert_eq!(twice.rules().len(), 6);
    assert_eq!(
        problems(&twice),
        ["a.yml:1:1: its name `tests` is that of a rule in own.t1053: give \
          it another `name`"],
    );
}

#[test]
fn pack_that_cannot_be_read_is_a_problem() {
    let mut newer = RuleSet::default().to_pack();
    let damaged = newer[..newer.len() - 1].to_vec();
    newer[8] = 9;
    let set = RuleSet::builder()
        .pack("newer", &newer)
        .pack("text", "title: x")
        .pack("damaged", &damaged)
        .build();
    assert_eq!(
        problems(&set),
        [
            "newer: the pack is of version 9, and this library reads no \
             later one than 1: bring the library up to date, or compile the \
             rules with this version of it",
            "text: this is no pack",
            "damaged: the pack is damaged: it is not as long as it was",
        ],
    );
    let kinds = set.problems().iter().map(|problem| problem.kind());
    let wanted = [
        RuleProblemKind::Unsupported,
        RuleProblemKind::Invalid,
        RuleProblemKind::Invalid,
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), wanted);
}

/// Whichever byte changed, and wherever it was cut.
#[test]
fn pack_that_is_damaged_is_never_loaded() {
    let texts =
        [rule("One", r"{Image|re|i: a+}"), rule("Two", "User: [a, null]")];
    let pack = one(&texts.join("---\n")).to_pack();
    let loads = |bytes: &[u8]| {
        let set = RuleSet::builder().pack("p", bytes).build();
        assert_eq!(set.problems().len(), usize::from(set.rules().is_empty()));
        !set.rules().is_empty()
    };
    assert!(loads(&pack));
    for place in 0..pack.len() {
        assert!(!loads(&pack[..place]), "cut at {place}");
        for bit in [0x01, 0x80, 0xff] {
            let mut damaged = pack.clone();
            damaged[place] ^= bit;
            assert!(!loads(&damaged), "{bit:#x} in byte {place}");
        }
    }
    let longer = [&pack[..], b"x"].concat();
    assert!(!loads(&longer));
}

/// Neither time nor memory grows with the square of a text.
#[test]
fn many_correlations_that_cannot_be_read_cost_little() {
    let wrong = PAIR.replace("[one, two]", "[none, one]");
    let text = format!("{wrong}---\n").repeat(500) + &rule("x", "Image: y");
    let set = one(&text);
    assert_eq!(set.problems().len(), 500);
    assert_eq!(slugs(&set), [""; 0]);
}
