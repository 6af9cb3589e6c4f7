//! Sequences and counts over streams: split by host, and shared by threads.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::ops::ControlFlow;
use std::sync::Mutex;

use t1053::event::{Event, TaskDeleted, TaskRegistered};
use t1053::record::LogSource;
use t1053::{
    Correlator, Detector, Report, RuleSet, Scanner, Scratch, Timestamp,
};

/// The rules that the correlations here count.
macro_rules! events {
    () => {
        r"
title: Created
name: created
logsource: {product: windows, service: security}
detection: {a: {EventID: 4698}, condition: a}
---
title: Deleted
name: deleted
logsource: {product: windows, service: security}
detection: {a: {EventID: 4699}, condition: a}
---
"
    };
}

/// Rules of each kind, of one host each.
const RULES: &str = concat!(
    events!(),
    r"title: Twice
name: twice
level: low
correlation:
    type: temporal_ordered
    rules: [created, deleted, created]
    group-by: [Computer, TaskName]
    timespan: 5m
---
title: Many
name: many
level: low
correlation:
    type: event_count
    rules: [created]
    group-by: [Computer]
    timespan: 1m
    condition: {gte: 5}
---
title: Many tasks
name: many_tasks
level: low
correlation:
    type: value_count
    rules: [created, deleted]
    group-by: [Computer]
    timespan: 2m
    condition: {field: TaskName, gte: 6}
---
title: Both
name: both
level: low
correlation:
    type: temporal
    rules: [created, deleted]
    group-by: [Computer, User]
    timespan: 10s
"
);

fn detector() -> Detector {
    let mut builder = Detector::builder();
    for rule in t1053::sigma::compile(RULES).unwrap() {
        assert!(rule.logic.is_of_one_host(), "{}", rule.detection.slug);
        builder = builder.rule(rule);
    }
    builder.build().unwrap()
}

/// What happened to a task.
#[derive(Clone, Debug)]
struct Happened {
    host: String,
    task: String,
    user: String,
    is_deletion: bool,
    seconds: i64,
}

impl Happened {
    fn event(&self) -> Event<'_> {
        let task_name = Some(self.task.as_bytes());
        let mut event = if self.is_deletion {
            Event::windows(TaskDeleted { task_name, ..Default::default() })
        } else {
            Event::windows(TaskRegistered { task_name, ..Default::default() })
        };
        event.host = Some(self.host.as_bytes());
        event.user = Some(self.user.as_bytes());
        event.time = Some(Timestamp::from_ticks(self.seconds * 10_000_000));
        event
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// A stream of many hosts, some of it late.
fn stream(count: usize) -> Vec<Happened> {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut now = 0;
    let mut next = || {
        now += numbers.next(3) as i64;
        let late = if numbers.next(4) == 0 { numbers.next(5) } else { 0 };
        Happened {
            host: format!("host-{}", numbers.next(40)),
            task: format!("\\task-{}", numbers.next(9)),
            user: format!("user-{}", numbers.next(2)),
            is_deletion: numbers.next(2) == 0,
            seconds: now - late as i64,
        }
    };
    (0..count).map(|_| next()).collect()
}

type Found = (String, String, i64, i64);

/// Takes events in; what they complete.
fn take(
    correlator: &mut Correlator,
    scratch: &mut Scratch,
    happened: &Happened,
    found: &mut Vec<Found>,
) {
    correlator.observe(&happened.event(), scratch, |one| {
        found.extend(told(one));
    });
}

fn told(found: &t1053::Match<'_>) -> Option<Found> {
    let event = found.event();
    Some((
        found.detection().slug.to_string(),
        String::from_utf8_lossy(event.host?).into_owned(),
        event.time?.ticks(),
        found.other_time()?.ticks(),
    ))
}

fn in_one(detector: &Detector, stream: &[Happened]) -> Vec<Found> {
    let mut correlator = Correlator::new(detector);
    let mut scratch = Scratch::new(detector);
    let mut found = Vec::new();
    for happened in stream {
        take(&mut correlator, &mut scratch, happened, &mut found);
    }
    found
}

/// As docs/correlation.md says: a correlator for each part, by a hash of the
/// host.
#[test]
fn stream_split_by_host_finds_what_one_finds() {
    let detector = detector();
    let stream = stream(1500);
    let mut expected = in_one(&detector, &stream);
    for slug in
        ["short_lived_scheduled_task", "twice", "many", "many_tasks", "both"]
    {
        assert!(expected.iter().any(|it| it.0 == slug), "{slug}");
    }
    expected.sort();
    let hash = |host: &str| {
        host.bytes().fold(7_u64, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        })
    };
    for parts in 1..=32 {
        let mut scratch = Scratch::new(&detector);
        let mut correlators: Vec<Correlator> =
            (0..parts).map(|_| Correlator::new(&detector)).collect();
        let mut found = Vec::new();
        for happened in &stream {
            let part = hash(&happened.host) % parts;
            let correlator = &mut correlators[part as usize];
            take(correlator, &mut scratch, happened, &mut found);
        }
        found.sort();
        assert_eq!(found, expected, "{parts}");
    }
}

/// Each thread evaluates, and one correlator takes what is left to take.
#[test]
fn threads_share_a_correlator() {
    let detector = detector();
    let stream = stream(2000);
    let expected = in_one(&detector, &stream);
    for threads in [1, 2, 4, 8] {
        let shared = Mutex::new((Correlator::new(&detector), 0, Vec::new()));
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (shared, stream) = (&shared, &stream);
                let detector = &detector;
                scope.spawn(move || {
                    let mut scratch = Scratch::new(detector);
                    let mine = stream.iter().enumerate();
                    for (at, happened) in
                        mine.filter(|it| it.0 % threads == thread)
                    {
                        let event = happened.event();
                        let _ = detector.evaluate(&event, &mut scratch);
                        assert!(scratch.is_part());
                        // In the order of the stream, to compare exactly.
                        loop {
                            let mut shared = shared.lock().unwrap();
                            let (correlator, next, found) = &mut *shared;
                            if *next == at {
                                *next += 1;
                                let taken =
                                    correlator.take(&event, &scratch, |one| {
                                        found.extend(told(one))
                                    });
                                assert_eq!(taken, Ok(()));
                                break;
                            }
                            drop(shared);
                            std::thread::yield_now();
                        }
                    }
                });
            }
        });
        let (_, _, found) = shared.into_inner().unwrap();
        assert_eq!(found, expected, "{threads}");
    }
}

/// A restart anywhere, into another detector that has one rule more.
#[test]
fn state_moves_to_a_detector_with_other_rules() {
    let (before, stream) = (detector(), stream(600));
    let expected = in_one(&before, &stream);
    let more = RULES.replace("title: Both", "title: Both of them");
    let more = more.replace("timespan: 1m", "timespan: 61s");
    let mut builder = Detector::builder();
    for rule in t1053::sigma::compile(&more).unwrap() {
        builder = builder.rule(rule);
    }
    let after = builder.build().unwrap();
    // Of the count whose time span is another, the state is dropped.
    let is_same = |it: &&Found| it.0 != "many";
    let expected: Vec<&Found> = expected.iter().filter(is_same).collect();
    let mut scratch = Scratch::new(&before);
    for at in (0..stream.len()).step_by(37) {
        let (first, second) = stream.split_at(at);
        let mut one = Correlator::new(&before);
        let mut found = Vec::new();
        for happened in first {
            take(&mut one, &mut scratch, happened, &mut found);
        }
        let mut other = Correlator::new(&after);
        let restored = other.restore(&one.save()).unwrap();
        assert_eq!(restored.dropped_rules, 1);
        for happened in second {
            take(&mut other, &mut scratch, happened, &mut found);
        }
        let found: Vec<&Found> = found.iter().filter(is_same).collect();
        assert_eq!(found, expected, "{at}");
    }
}

/// Saved and restored before each event of a stream with late and doubled
/// ones: no restart may be seen, also where there is too little room.
#[test]
fn restart_before_every_event_changes_nothing() {
    let mut builder = Detector::builder().without_builtin();
    for rule in t1053::sigma::compile(RULES).unwrap() {
        builder = builder.rule(rule);
    }
    let detector = builder.build().unwrap();
    let mut stream = stream(200);
    for at in (0..stream.len()).step_by(7) {
        stream.insert(at, stream[at / 2].clone());
    }
    for capacity in [1000, 30] {
        let new = || Correlator::builder(&detector).capacity(capacity);
        let mut scratch = Scratch::new(&detector);
        let (mut whole, mut parts) =
            (new().build().unwrap(), new().build().unwrap());
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        for (at, happened) in stream.iter().enumerate() {
            take(&mut whole, &mut scratch, happened, &mut expected);
            let state = parts.save();
            parts = new().build().unwrap();
            let restored = parts.restore(&state).unwrap();
            assert_eq!(restored.dropped_keys, 0);
            assert_eq!(parts.save(), state, "{at}");
            take(&mut parts, &mut scratch, happened, &mut found);
            assert_eq!(found, expected, "{capacity}: {at}");
            assert_eq!(parts.counts(), whole.counts(), "{capacity}: {at}");
        }
        assert!(expected.len() > 1, "{}", expected.len());
        assert_eq!(parts.counts().evicted > 0, capacity < 1000);
    }
}

/// As many hosts as a large site has, in the order that is worst for memory.
#[test]
fn ten_thousand_hosts_are_remembered() {
    let detector = Detector::new();
    let mut correlator = Correlator::new(&detector);
    let mut scratch = Scratch::new(&detector);
    let mut found = Vec::new();
    for is_deletion in [false, true] {
        for number in 0..10_000 {
            let happened = Happened {
                host: format!("host-{number}"),
                task: "\\Updater".into(),
                user: "ann".into(),
                is_deletion,
                seconds: i64::from(is_deletion) * 9,
            };
            take(&mut correlator, &mut scratch, &happened, &mut found);
        }
    }
    let slug = "short_lived_scheduled_task";
    assert_eq!(found.iter().filter(|it| it.0 == slug).count(), 10_000);
    assert_eq!(correlator.counts().evicted, 0);
}

/// Or docs/correlation.md must not say so.
#[test]
fn built_in_rules_for_several_events_are_of_one_host_but_one() {
    for rule in t1053::catalog::builtin() {
        let slug = &*rule.detection.slug;
        let counts_hosts = slug == "scheduler_pipe_on_many_hosts";
        assert_eq!(rule.logic.is_of_one_host(), !counts_hosts, "{slug}");
    }
}

/// From records of a log of which nothing else is known.
#[test]
fn values_that_each_log_calls_differently_agree() {
    const RULES: &str = r"
title: Login
name: login
logsource: {product: portal}
detection: {a: {action: login}, condition: a}
---
title: Download
name: download
logsource: {product: portal}
detection: {a: {action: download}, condition: a}
---
title: Took much
name: took_much
correlation:
    type: value_sum
    rules: download
    group-by: owner
    timespan: 10m
    condition: {field: bytes, gt: 1000}
---
title: Login and download
name: login_and_download
correlation:
    type: temporal_ordered
    rules: [login, download]
    aliases:
        who: {login: account, download: owner}
    group-by: who
    timespan: 10m
";
    let set = RuleSet::builder().text("rules.yml", RULES).build();
    assert_eq!(set.problems(), []);
    let builder = Detector::builder().without_builtin().rules(set);
    let detector = builder.build().unwrap();
    let portal = LogSource::new().product("portal");
    let scanner = Scanner::builder(&detector).log_source(portal);
    let mut scanner = scanner.build().unwrap();
    let mut found = Vec::new();
    for (minute, record) in [
        r#""action":"login","account":"Ann""#,
        r#""action":"download","owner":"bob","bytes":"900""#,
        r#""action":"download","owner":"ann","bytes":600"#,
        r#""action":"download","owner":"ann","bytes":400"#,
        r#""action":"download","owner":"ann","bytes":0.5"#,
        r#""action":"download","owner":"bob","bytes":"many""#,
    ]
    .iter()
    .enumerate()
    {
        let time = format!("2024-05-01T10:{minute:02}:00Z");
        let line = format!("{{\"@timestamp\":\"{time}\",{record}}}\n");
        let _ = scanner.feed(line.as_bytes(), &mut |report: Report<'_>| {
            if let Report::Match(one) = report {
                let evidence = one.found.evidence();
                let evidence = evidence.iter().map(ToString::to_string);
                let evidence: Vec<String> = evidence.collect();
                let slug = one.found.detection().slug.to_string();
                found.push((minute, slug, evidence.join("; ")));
            }
            ControlFlow::Continue(())
        });
    }
    let expected = [
        (2, "login_and_download", "owner[0..3] = ann"),
        (4, "took_much", "owner[0..3] = ann"),
    ]
    .map(|(at, slug, why)| (at, slug.to_owned(), why.to_owned()));
    assert_eq!(found, expected);
    assert_eq!(scanner.counts().correlator.ungrouped, 1);
}

/// Correlations of correlations.
const CHAINS: &str = concat!(
    events!(),
    r"title: Many tasks, then one that is gone
name: many_then_gone
correlation:
    type: temporal_ordered
    rules: [many, deleted]
    group-by: [Computer]
    timespan: 5m
---
title: Many tasks
name: many
correlation:
    type: event_count
    rules: [created]
    group-by: [Computer, User]
    timespan: 1m
    condition: {gte: 3}
---
title: Much of both
name: much_of_both
correlation:
    type: temporal
    rules: [many, gone_or_made, deleted]
    condition: many and (gone_or_made or deleted)
    aliases:
        where: {many: Computer, gone_or_made: place, deleted: Computer}
    group-by: where
    timespan: 3m
---
title: Both, of one task
name: gone_or_made
correlation:
    type: temporal
    rules: [created, deleted]
    aliases: {place: {created: Computer, deleted: Computer}}
    group-by: [place, TaskName]
    timespan: 10s
"
);

fn chains() -> RuleSet {
    let set = RuleSet::builder().text("chains.yml", CHAINS).build();
    assert_eq!(set.problems(), []);
    set
}

fn detector_of(set: RuleSet) -> Detector {
    let builder = Detector::builder().without_builtin();
    builder.rules(set).build().unwrap()
}

/// The specification's example, with three failures instead of ten.
#[test]
fn match_of_a_correlation_is_an_event_of_another() {
    let detector = detector_of(chains());
    let slugs = detector.rules().iter().map(|rule| &*rule.detection.slug);
    assert!(slugs.eq(["many_then_gone", "much_of_both"]));
    let event = |user: &str, is_deletion, seconds| Happened {
        host: "ws-1".into(),
        task: format!("\\{user}-{seconds}"),
        user: user.into(),
        is_deletion,
        seconds,
    };
    let made = |user, seconds| event(user, false, seconds);
    // The inner one asks for one user, the outer one for the host alone.
    let three =
        [made("ann", 0), made("ann", 1), made("bob", 2), made("ann", 30)];
    let gone = |seconds| event("eve", true, seconds);
    let found = |stream: &[Happened]| -> Vec<(String, i64, i64)> {
        let found = in_one(&detector, stream).into_iter();
        let found = found.filter(|it| it.0 == "many_then_gone");
        let seconds = |ticks: i64| ticks / 10_000_000;
        found.map(|it| (it.0, seconds(it.2), seconds(it.3))).collect()
    };
    let slug = || "many_then_gone".to_owned();
    let whole = [&three[..], &[gone(40)]].concat();
    assert_eq!(found(&whole), [(slug(), 40, 30)]);
    assert_eq!(found(&whole[1..]), []);
    // It happened when its last event did, whatever arrived last.
    let late = [&three[1..], &[gone(20), three[0].clone()]].concat();
    assert_eq!(found(&late), []);
    let late = [&three[1..], &[gone(40), three[0].clone()]].concat();
    assert_eq!(found(&late), [(slug(), 0, 40)]);
    // What began before the time span of the outer one does not matter.
    let long = [&three[..], &[gone(329)]].concat();
    assert_eq!(found(&long), [(slug(), 329, 30)]);
    let long = [&three[..], &[gone(330)]].concat();
    assert_eq!(found(&long), []);
}

#[test]
fn chain_survives_restarts_packs_and_export() {
    let detector = detector_of(chains());
    let stream = stream(900);
    let expected = in_one(&detector, &stream);
    for slug in ["many_then_gone", "much_of_both"] {
        let count = expected.iter().filter(|it| it.0 == slug).count();
        assert!(count > 5, "{slug}: {count}");
    }
    let mut scratch = Scratch::new(&detector);
    let (mut correlator, mut found) = (Correlator::new(&detector), Vec::new());
    for (at, happened) in stream.iter().enumerate() {
        if at % 5 == 0 {
            let state = correlator.save();
            correlator = Correlator::new(&detector);
            let restored = correlator.restore(&state).unwrap();
            assert_eq!((restored.rules, restored.dropped_keys), (2, 0));
        }
        take(&mut correlator, &mut scratch, happened, &mut found);
    }
    assert_eq!(found, expected);

    let pack = chains().to_pack();
    let packed = RuleSet::builder().pack("chains.t1053", &pack).build();
    assert_eq!(packed.problems(), []);
    assert_eq!(in_one(&detector_of(packed), &stream), expected);

    let texts = detector.rules().iter().map(t1053::sigma::export);
    let texts: Vec<String> = texts.map(Result::unwrap).collect();
    let exported = RuleSet::builder().text("one", &texts.concat()).build();
    assert_eq!(exported.problems(), []);
    assert_eq!(in_one(&detector_of(exported), &stream), expected);
}

/// All parts share one memory, and each is counted with the rule.
#[test]
fn chain_takes_no_more_memory_than_is_given() {
    let detector = detector_of(chains());
    let builder = Correlator::builder(&detector).capacity(20);
    let mut correlator = builder.build().unwrap();
    let memory = correlator.memory_usage();
    let mut scratch = Scratch::new(&detector);
    for happened in stream(2000) {
        take(&mut correlator, &mut scratch, &happened, &mut Vec::new());
    }
    assert_eq!((correlator.memory_usage(), correlator.keys()), (memory, 20));
    let by_rule = correlator.counts_by_rule().map(|(_, counts)| counts);
    let by_rule: Vec<u64> = by_rule.map(|counts| counts.evicted).collect();
    assert_eq!(by_rule.len(), 2);
    assert_eq!(by_rule.iter().sum::<u64>(), correlator.counts().evicted);
    let single = (0..2).map(|at| correlator.counts_of(at).evicted);
    assert!(single.eq(by_rule));
}

/// Each is told, and nothing that was a part becomes a rule.
#[test]
fn loops_and_what_is_too_large_are_refused() {
    let link = |name: &str, of: &str| {
        format!(
            "title: {name}\nname: {name}\ncorrelation:\n    type: \
             event_count\n    rules: [{of}]\n    timespan: 1m\n    \
             condition: {{gte: 1}}\n---\n",
        )
    };
    let problems = |text: &str| -> Vec<String> {
        let set = RuleSet::builder().text("a.yml", text).build();
        assert!(set.rules().is_empty(), "{text}");
        set.problems().iter().map(ToString::to_string).collect()
    };
    let text = link("a", "b") + &link("b", "c") + &link("c", "a");
    let expected = [5, 13, 21].map(|line| {
        format!(
            "a.yml:{line}:12: in correlation > rules: it is made of itself",
        )
    });
    assert_eq!(problems(&text), expected);

    let mut text = "title: c0\nname: c0\nlogsource: {product: windows, \
                    service: security}\ndetection: {a: {EventID: 4698}, \
                    condition: a}\n---\n"
        .to_owned();
    for number in 1..17 {
        let (own, of) = (format!("c{number}"), format!("c{}", number - 1));
        text += &link(&own, &of);
    }
    let set = RuleSet::builder().text("a.yml", &text).build();
    assert_eq!((set.rules().len(), set.problems()), (1, &[][..]));
    let deeper = text.clone() + &link("c17", "c16");
    assert!(problems(&deeper)[0].contains("16 rules and 16 correlations"));
    // Each of sixteen of sixteen: looked at no further than is allowed.
    let many = |of: &str| vec![of; 16].join(", ");
    let mut wide = text;
    for number in 1..9 {
        let (own, of) = (format!("w{number}"), format!("w{}", number - 1));
        let of = if number == 1 { "c0" } else { &of };
        wide += &link(&own, &many(of));
    }
    let set = RuleSet::builder().text("a.yml", &wide).build();
    assert_eq!(set.rules().len(), 1);
    assert_eq!(set.problems().len(), 7);
}

/// It is no rule by itself either.
#[test]
fn rule_that_a_condition_can_do_without_is_left_out() {
    let text = events!().to_owned()
        + "title: One\nname: one\ncorrelation:\n    type: temporal\n    \
           rules: [created, deleted]\n    timespan: 1m\n    condition: \
           deleted or (created and deleted)\n";
    let set = RuleSet::builder().text("one.yml", &text).build();
    assert_eq!(set.problems(), []);
    assert_eq!(set.rules().len(), 1);
    let event = |is_deletion, seconds| Happened {
        host: "ws-1".into(),
        task: "\\a".into(),
        user: "ann".into(),
        is_deletion,
        seconds,
    };
    let stream = [event(false, 0), event(true, 5), event(false, 9)];
    let found = in_one(&detector_of(set), &stream);
    assert_eq!(found.len(), 1);
}
