//! What a builder makes: which detections are chosen, silenced and added,
//! and what is wrong with what cannot be built.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use t1053::event::{Event, EventKind, Field, Platform, ProcessCreation};
use t1053::record::Format;
use t1053::rule::{
    Detection, List, Logic, Operation, Predicate, Rule, Selection, Sequence,
    Test,
};
use t1053::{
    BuildErrorKind, Detector, DetectorBuilder, Exclusion, Scanner, Scratch,
    Selector, catalog,
};
use testkit::rules;

const ON_DEMAND: &str = "schtasks_run_task_on_demand";
const SEQUENCE: &str = "short_lived_scheduled_task";

fn slugs(builder: DetectorBuilder) -> BTreeSet<String> {
    let detector = builder.build().unwrap();
    detector.detections().map(|it| it.slug.to_string()).collect()
}

fn error(builder: DetectorBuilder) -> String {
    builder.build().unwrap_err().to_string()
}

fn rule(slug: &'static str, predicate: Predicate) -> Rule {
    rules::rule(slug, EventKind::ProcessCreation, predicate)
}

#[test]
fn every_detection_is_chosen_until_some_are() {
    let all = slugs(Detector::builder());
    assert_eq!(all.len(), catalog::builtin().len());
    let two = Detector::builder()
        .enable(ON_DEMAND.parse().unwrap())
        .enable(SEQUENCE.parse().unwrap());
    let wanted = [ON_DEMAND, SEQUENCE].map(str::to_owned);
    assert_eq!(slugs(two.clone()), BTreeSet::from(wanted));
    let one = two.disable(SEQUENCE.parse().unwrap());
    assert_eq!(slugs(one), BTreeSet::from([ON_DEMAND.to_owned()]));
    let without = Detector::builder().disable(ON_DEMAND.parse().unwrap());
    assert_eq!(slugs(without).len(), all.len() - 1);
    assert!(slugs(Detector::builder().without_builtin()).is_empty());
}

/// A selector chooses the detections of which it is true, and no others.
#[test]
fn selectors_choose_by_what_they_name() {
    type Is = fn(&Detection) -> bool;
    let all: [(&str, Is); 13] = [
        ("all", |_| true),
        (ON_DEMAND, |it| it.slug == ON_DEMAND),
        ("kind:TTP", |it| it.kind.name() == "TTP"),
        ("kind:Hunting", |it| it.kind.name() == "Hunting"),
        ("technique:T1053", |_| true),
        ("technique:t1053.003", |it| {
            it.techniques.contains(&"T1053.003".into())
        }),
        ("technique:T105", |_| false),
        ("platform:windows", |it| it.platform == Platform::Windows),
        ("platform:Linux", |it| it.platform == Platform::Linux),
        ("pack:scheduled-tasks", |it| {
            it.pack.is_some_and(|it| it.name() == "scheduled-tasks")
        }),
        ("risk:64", |it| it.risk_score() >= 64),
        ("risk:0", |_| true),
        ("risk:100", |it| it.risk_score() >= 100),
    ];
    for (selector, is) in all {
        let rules = catalog::builtin().iter().map(|it| &it.detection);
        let wanted: BTreeSet<String> =
            rules.filter(|it| is(it)).map(|it| it.slug.to_string()).collect();
        let builder = Detector::builder().enable(selector.parse().unwrap());
        assert_eq!(slugs(builder), wanted, "{selector}");
    }
}

#[test]
fn selectors_say_what_is_wrong_with_them() {
    for (selector, reason) in [
        ("", "empty"),
        ("kind:TT", "TTP"),
        ("technique:", "T1053.005"),
        ("technique:T10x", "T1053.005"),
        ("technique:1053", "T1053.005"),
        ("platform:dos", "windows"),
        ("pack:x", "scheduled-tasks"),
        ("risk:101", "100"),
        ("risk:x", "100"),
        ("colour:red", "colour"),
    ] {
        let error = selector.parse::<Selector>().unwrap_err().to_string();
        assert!(error.contains(reason), "{selector}: {error}");
    }
}

#[test]
fn a_rule_is_added() {
    let builder = Detector::builder().rule(rule("own", Predicate::ALWAYS));
    assert_eq!(slugs(builder.clone()).len(), catalog::builtin().len() + 1);
    let own = builder.enable("own".parse().unwrap());
    assert_eq!(slugs(own), BTreeSet::from(["own".to_owned()]));
}

#[test]
fn an_exclusion_silences_what_it_is_for() {
    let found = |builder: DetectorBuilder, parent: &[u8]| {
        let detector = builder.build().unwrap();
        let mut scratch = Scratch::new(&detector);
        let event = Event::windows(ProcessCreation {
            image: Some(br"C:\Windows\System32\schtasks.exe"),
            command_line: Some(b"schtasks /run /tn x"),
            parent_image: Some(parent),
            ..Default::default()
        });
        rules::slugs(&detector, &event, &mut scratch)
    };
    let plain = found(Detector::builder(), br"C:\agent.exe");
    assert!(plain.contains(ON_DEMAND), "{plain:?}");
    let silent = Detector::builder().exclude(
        ON_DEMAND,
        Field::ParentImage,
        Operation::EndsWith,
        r"\agent.exe",
    );
    assert_eq!(found(silent.clone(), br"C:\other.exe"), plain);
    let mut others = plain;
    others.remove(ON_DEMAND);
    assert_eq!(found(silent, br"C:\agent.exe"), others);
}

/// Of all detections, with several fields at once, and counted.
#[test]
fn exclusions_are_counted_each_by_itself() {
    let event = |user: &'static str, host: &'static str| {
        let mut event = Event::windows(ProcessCreation {
            image: Some(br"C:\Windows\System32\schtasks.exe"),
            command_line: Some(b"schtasks /run /tn x"),
            ..Default::default()
        });
        event.user = Some(user.as_bytes());
        event.host = Some(host.as_bytes());
        event
    };
    let plain = Detector::new();
    let found = |detector: &Detector, scratch: &mut Scratch, event| {
        rules::slugs(detector, &event, scratch)
    };
    let all = found(&plain, &mut Scratch::new(&plain), event("a", "b"));
    assert!(all.contains(ON_DEMAND), "{all:?}");

    let both = Exclusion::new("both")
        .when(Field::User, Operation::Equals, ["svc", "SVC2"])
        .when(Field::Computer, Operation::StartsWith, ["lab-"]);
    let one = Exclusion::new("one").of(Selector::Slug(ON_DEMAND.into())).when(
        Field::User,
        Operation::Equals,
        ["tester"],
    );
    let late = Exclusion::new("late").of("kind:Hunting".parse().unwrap());
    let late = late.when(Field::User, Operation::Contains, ["test"]);
    let builder = Detector::builder().exclusion(both).exclusion(one);
    let detector = builder.exclusion(late).build().unwrap();
    let names = detector.exclusions().iter().map(Exclusion::name);
    assert!(names.eq(["both", "one", "late"]));

    let mut scratch = Scratch::new(&detector);
    assert_eq!(found(&detector, &mut scratch, event("svc", "x")), all);
    assert_eq!(found(&detector, &mut scratch, event("y", "lab-1")), all);
    assert_eq!(scratch.excluded(), [0, 0, 0]);
    let none = found(&detector, &mut scratch, event("svc2", "Lab-1"));
    assert_eq!(none, BTreeSet::new());
    assert_eq!(scratch.excluded(), [all.len() as u64, 0, 0]);
    let left = found(&detector, &mut scratch, event("tester", "x"));
    assert!(!left.contains(ON_DEMAND));
    // What two exclusions silence, the first one counts.
    let [_, by_one, by_late] = scratch.excluded() else { panic!() };
    assert_eq!(*by_one, 1);
    assert_eq!(1 + *by_late, (all.len() - left.len()) as u64);
    let explained = detector.explain(ON_DEMAND, &event("svc", "lab-1"));
    assert!(!explained.unwrap().is_match());
}

#[test]
fn an_exclusion_that_can_silence_nothing_is_refused() {
    let error = |exclusion| {
        let error = Detector::builder().exclusion(exclusion).build();
        error.unwrap_err().to_string()
    };
    let when = |exclusion: Exclusion, field| {
        exclusion.when(field, Operation::Equals, ["x"])
    };
    let nothing = "the exclusion `n` compares nothing";
    assert_eq!(error(Exclusion::new("n")), nothing);
    let no_value =
        Exclusion::new("n").when(Field::User, Operation::Equals, [""; 0]);
    assert_eq!(error(no_value), nothing);
    let slug = Selector::Slug(ON_DEMAND.into());
    let lacking = when(Exclusion::new("n").of(slug), Field::TaskContent);
    assert!(error(lacking).contains("have no field `TaskContent`"));
    let unknown = Exclusion::new("n").of(Selector::Slug("nothing".into()));
    let unknown = error(when(unknown, Field::User));
    assert!(unknown.starts_with("there is no detection `nothing`"));
    let none = Exclusion::new("n").of(Selector::MinimumRisk(100));
    let none = error(when(none, Field::User));
    assert!(none.contains("which is not enabled"), "{none}");
}

#[test]
fn what_cannot_be_built_says_why() {
    let unknown = "there is no detection `schtasks_run_task_on_deman`; did \
                   you mean `schtasks_run_task_on_demand`?";
    let wrong = "schtasks_run_task_on_deman";
    let builder = Detector::builder();
    assert_eq!(error(builder.clone().enable(wrong.parse().unwrap())), unknown);
    assert_eq!(error(builder.disable(wrong.parse().unwrap())), unknown);
    let exclude = |builder: DetectorBuilder, slug: &str, field: Field| {
        error(builder.exclude(slug, field, Operation::Equals, "x"))
    };
    let all = Detector::builder;
    assert_eq!(exclude(all(), wrong, Field::Image), unknown);
    assert_eq!(
        exclude(
            all().disable(ON_DEMAND.parse().unwrap()),
            ON_DEMAND,
            Field::Image,
        ),
        "an exclusion is for `schtasks_run_task_on_demand`, which is not \
         enabled",
    );
    let field = exclude(all(), ON_DEMAND, Field::TaskContent);
    let start = "events of `schtasks_run_task_on_demand` have no field \
                 `TaskContent`; they have ";
    assert!(field.starts_with(start), "{field}");
    assert!(field.contains("CommandLine"), "{field}");
    let twice = Detector::builder()
        .without_builtin()
        .rule(rule("own", Predicate::ALWAYS))
        .rule(rule("other", Predicate::ALWAYS))
        .rule(rule("own", Predicate::ALWAYS));
    assert_eq!(error(twice), "two rules have the slug `own`");
}

#[test]
fn a_regular_expression_is_checked() {
    let test = Test::new(Field::CommandLine, Operation::Regex, "a(b".into());
    let parts = vec![Predicate::Test(test)];
    let predicate = Predicate::Any(List::Owned(parts));
    let error = error(Detector::builder().rule(rule("own", predicate)));
    let start = "`own`: regular expression `a(b`: ";
    let reason = error.strip_prefix(start).unwrap();
    let wanted =
        if cfg!(feature = "regex") { "unclosed group" } else { "`regex`" };
    assert!(reason.contains(wanted), "{reason}");
}

/// Be they direct or derived.
#[test]
fn sequence_is_grouped_by_fields_that_both_events_have() {
    let grouped = |field: Field| {
        let selection = |kind| {
            let kinds = vec![kind].into();
            Selection { kinds, predicate: Predicate::ALWAYS }
        };
        let sequence = Sequence {
            steps: vec![
                selection(EventKind::TaskRegistered),
                selection(EventKind::TaskDeleted),
            ]
            .into(),
            group_by: vec![field.into()].into(),
            within_seconds: 30,
        };
        let mut rule = rule("own", Predicate::ALWAYS);
        rule.logic = Logic::Sequence(sequence);
        Detector::builder().rule(rule).build()
    };
    let error = grouped(Field::Image).unwrap_err();
    assert_eq!(error.kind(), BuildErrorKind::FieldNotOfDetection);
    for field in [Field::TaskName, Field::Command, Field::Hidden] {
        assert!(grouped(field).is_ok());
    }
}

#[test]
fn scanner_refuses_settings_out_of_range() {
    let detector = Detector::new();
    let builder = || Scanner::builder(&detector);
    for (builder, message) in [
        (builder().record_limit(1), "record_limit is 1; at least 1024"),
        (
            builder().sequence_capacity(1 << 40),
            "sequence_capacity is 1099511627776; at most 1048576",
        ),
        (
            builder().sequence_capacity(usize::MAX),
            "sequence_capacity is 18446744073709551615; at most 1048576",
        ),
        (builder().sequence_depth(0), "sequence_depth is 0; at least 1"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), BuildErrorKind::OutOfRange);
        assert_eq!(error.to_string(), message);
    }
    assert!(builder().record_limit(usize::MAX).build().is_ok());
}

#[test]
fn formats_have_names() {
    let names = ["auto", "json", "xml", "wineventlog", "auditd"];
    for (&format, name) in Format::ALL.iter().zip(names) {
        assert_eq!(format.to_string(), name);
        assert_eq!(name.parse(), Ok(format));
    }
    let error = "jsn".parse::<Format>().unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no format `jsn`, only auto, json, xml, wineventlog, \
         auditd; did you mean `json`?",
    );
}

#[cfg(feature = "serde")]
#[test]
fn event_is_written_as_text_or_as_bytes_where_it_is_none() {
    let event = Event::windows(t1053::event::TaskRegistered {
        task_name: Some(br"\Patch"),
        task_content: Some(b"\xFF"),
        ..Default::default()
    });
    let written = serde_json::to_value(event).unwrap();
    let data = serde_json::json!({
        "task_registered": {"task_name": r"\Patch", "task_content": [255]}
    });
    assert_eq!(written["data"], data);
    assert_eq!(written["platform"], "windows");
}

/// Of each part of a sequence, whatever the event is.
#[test]
fn explanation_says_what_evaluation_finds() {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let events = [
        Event::windows(ProcessCreation {
            image: Some(br"C:\Windows\System32\schtasks.exe"),
            command_line: Some(b"schtasks /create /tn x /tr a /ru SYSTEM"),
            ..Default::default()
        }),
        Event::linux(ProcessCreation {
            image: Some(b"/usr/bin/crontab"),
            command_line: Some(b"crontab -u www-data -e"),
            ..Default::default()
        }),
        Event::windows(t1053::event::TaskRegistered {
            task_name: Some(br"\Patch"),
            task_content: Some(
                b"<Exec><Command>powershell</Command></Exec>\
                  <Settings><Hidden>true</Hidden></Settings>",
            ),
            ..Default::default()
        }),
    ];
    for event in &events {
        let found = rules::slugs(&detector, event, &mut scratch);
        assert!(!found.is_empty());
        for detection in detector.detections() {
            let explained = detector.explain(&detection.slug, event).unwrap();
            assert!(!explained.to_string().is_empty());
            if explained.parts().len() == 1 {
                let is_found = found.contains(&*detection.slug);
                assert_eq!(explained.is_match(), is_found, "{explained}");
            }
        }
    }
    assert!(detector.explain("none", &events[0]).is_none());
}
