//! Promises about memory, counted: evaluation never allocates, and a warm
//! scanner does not either.

use std::fs;
use std::ops::ControlFlow;

use allocation_counter::{AllocationInfo, measure};
#[cfg(feature = "regex")]
use t1053::event::{Event, EventKind, Field, ProcessCreation};
#[cfg(feature = "sigma")]
use t1053::record::LogSource;
use t1053::record::{Format, Reader};
#[cfg(feature = "regex")]
use t1053::rule::{Operation, Predicate, Test};
use t1053::{
    Correlator, Detector, Looked, Report, Scanner, Scratch, Selector,
};
#[cfg(feature = "regex")]
use testkit::rules::{detector, rule};

/// Evaluates every event of some records; returns how many there were.
fn evaluate_all(
    detector: &Detector,
    records: impl Iterator<Item = Vec<u8>>,
) -> u64 {
    let mut reader = Reader::new();
    let mut scratch = Scratch::new(detector);
    let mut correlator = Correlator::new(detector);
    let mut events = 0;
    for record in records {
        let _ = reader.read(Format::Auto, &record, |_, event| {
            let mut matches = 0;
            let memory = measure(|| {
                correlator.observe(event, &mut scratch, |_| matches += 1);
            });
            assert_eq!(memory.count_total, 0, "{event:?}");
            events += 1;
        });
    }
    events
}

#[test]
fn evaluate_never_allocates() {
    let detector = Detector::new();
    let mut events = 0;
    for file in testkit::record_files() {
        let bytes = fs::read(&file).unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
        events += evaluate_all(&detector, lines);
    }
    assert!(events > 300, "{events}");
}

/// Not even with regular expressions, whose memory is the scratch's.
#[test]
#[cfg(feature = "regex")]
fn expressions_never_allocate() {
    let pattern = r"(?s)^(\w+ ?)+\.exe.*[a-f]{3}$".into();
    let test = Test::new(Field::CommandLine, Operation::Regex, pattern);
    let kind = EventKind::ProcessCreation;
    let rule = rule("own", kind, Predicate::Test(test));
    let detector = detector([&rule]);
    let mut scratch = Scratch::new(&detector);
    let mut evaluate = |command_line: &str| {
        let event = Event::windows(ProcessCreation {
            command_line: Some(command_line.as_bytes()),
            ..Default::default()
        });
        detector.evaluate(&event, &mut scratch).count()
    };
    assert!(detector.memory_usage() > 4096, "{}", detector.memory_usage());
    // An automaton that is made as it is used is made by now.
    let lines = ["one two.exe /x abc", "x.exe abx", "", "two three.exe fab"];
    let warm: Vec<usize> = lines.iter().map(|it| evaluate(it)).collect();
    assert_eq!(warm, [1, 0, 0, 1]);
    for line in lines {
        let memory = measure(|| {
            evaluate(line);
        });
        assert_eq!(memory.count_total, 0, "{line}");
    }
}

/// Nor does what needs several events, however little memory it has.
#[test]
#[cfg(feature = "sigma")]
fn sequences_and_counts_never_allocate() {
    use t1053::Timestamp;
    use t1053::event::{Event, TaskDeleted, TaskRegistered};

    let rule = |kind: &str, condition: &str| {
        format!(
            "title: A\nname: a\nlogsource: {{product: windows, service: \
             security}}\ndetection: {{a: {{EventID: 4698}}, condition: a}}\n\
             ---\ntitle: B\nname: b\nlogsource: {{product: windows, service: \
             security}}\ndetection: {{b: {{EventID: [4698, 4699]}}, \
             condition: b}}\n---\ntitle: {kind}\nname: {kind}\nlevel: low\n\
             correlation:\n    type: {kind}\n    rules: [a, b]\n    \
             group-by: [Computer]\n    timespan: 5m\n    {condition}\n"
        )
    };
    let mut builder = Detector::builder();
    for text in [
        rule("temporal_ordered", ""),
        rule("temporal", ""),
        rule("event_count", "condition: {gte: 40}"),
        rule("value_count", "condition: {gte: 30, field: TaskName}"),
        // The same as part of another.
        rule("temporal", "").replace("temporal\nlevel", "both\nlevel")
            + "---\ntitle: Again\nname: again\nlevel: low\ncorrelation:\n    \
               type: temporal_ordered\n    rules: [both, b]\n    \
               timespan: 5m\n",
    ] {
        for rule in t1053::sigma::compile(&text).unwrap() {
            builder = builder.rule(rule);
        }
    }
    let detector = builder.build().unwrap();
    let mut scratch = Scratch::new(&detector);
    for capacity in [1, 7, 1000] {
        let builder = Correlator::builder(&detector).capacity(capacity);
        let mut correlator = builder.build().unwrap();
        let (mut matches, mut number) = (0, 1_u32);
        for seconds in 0..3000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(12_345);
            let host = format!("host-{}", number >> 20 & 7);
            let task = format!("task-{}", number >> 24 & 31);
            let task_name = Some(task.as_bytes());
            let mut event = match number >> 16 & 1 {
                0 => Event::windows(TaskDeleted {
                    task_name,
                    ..Default::default()
                }),
                _ => Event::windows(TaskRegistered {
                    task_name,
                    ..Default::default()
                }),
            };
            event.host = Some(host.as_bytes());
            let time = seconds * 2000;
            event.time = Some(Timestamp::from_unix_millis(time));
            let memory = measure(|| {
                correlator.observe(&event, &mut scratch, |_| matches += 1);
            });
            assert_eq!(memory.count_total, 0, "{capacity} {seconds}");
        }
        assert!(matches > 100, "{matches}");
    }
}

/// What is said to be held is what is: a tenth more or less, for what an
/// allocator sees and a sum of capacities does not.
#[test]
fn memory_usage_is_what_is_held() {
    let holds = |named: &str, said: usize, memory: AllocationInfo| {
        let held = u64::try_from(memory.bytes_current).unwrap();
        let difference = held.abs_diff(said as u64);
        assert!(difference * 10 < held, "{named}: {said} of {held}");
    };
    let mut detector = None;
    let memory = measure(|| detector = Some(Detector::new()));
    let detector = detector.unwrap();
    holds("detector", detector.memory_usage(), memory);

    // With rules of its own, and what a scanner asks first.
    let selector = "all".parse::<Selector>().unwrap();
    let mut owned = None;
    let memory = measure(|| {
        let builder = Detector::builder().enable(selector);
        owned = Some(builder.build().unwrap());
        drop(Scanner::new(owned.as_ref().unwrap()));
    });
    holds("own rules", owned.unwrap().memory_usage(), memory);

    let mut scratch = None;
    let memory = measure(|| scratch = Some(Scratch::new(&detector)));
    holds("scratch", scratch.unwrap().memory_usage(), memory);

    let mut correlator = None;
    let memory = measure(|| correlator = Some(Correlator::new(&detector)));
    holds("correlator", correlator.unwrap().memory_usage(), memory);
}

/// Those of Docker that no line feed ends are kept until the next one comes.
#[test]
fn lines_that_come_in_parts_never_allocate() {
    let docker = |text: &str| {
        format!(
            "{{\"log\":\"{text}\",\"stream\":\"stdout\",\"time\":\"x\"}}\n"
        )
    };
    let log = [
        docker("type=PATH msg=audit(1.1:1): item=1").repeat(3),
        docker("a b") + &docker("c\\n"),
        "2026-11-25T10:00:00Z stdout P a\n".to_owned(),
        "2026-11-25T10:00:00Z stdout F b\n".to_owned(),
    ];
    let log = log.concat().repeat(100);
    let mut scanner = Scanner::new(&Detector::new());
    let mut scan = || {
        let _ = scanner.feed(log.as_bytes(), |_| ControlFlow::Continue(()));
        // Else the audit event goes on, and more of it is held.
        let _ = scanner.finish(|_| ControlFlow::Continue(()));
    };
    scan();
    assert_eq!(measure(scan).count_total, 0);
}

#[test]
fn a_warm_scanner_never_allocates() {
    let detector = Detector::new();
    for file in testkit::record_files() {
        let bytes = fs::read(&file).unwrap();
        let mut scanner = Scanner::new(&detector);
        let mut scan = || {
            // A prime, so that records are cut everywhere.
            for chunk in bytes.chunks(65_521) {
                let _ = scanner.feed(chunk, |_| ControlFlow::Continue(()));
            }
            let _ = scanner.finish(|_| ControlFlow::Continue(()));
            scanner.reset();
        };
        scan();
        let memory = measure(scan);
        assert_eq!(memory.count_total, 0, "{}", file.display());
    }
}

/// Nor where parts are looked at before a scanner takes them.
#[test]
fn looking_ahead_never_allocates() {
    let detector = Detector::new();
    for file in testkit::record_files() {
        let mut log = b"{\"EventID\":1,\"Channel\":\"System\"}\n".repeat(64);
        let begin = log.len();
        log.extend(fs::read(&file).unwrap());
        let (begin, rest) = log.split_at(begin);
        let mut scanner = Scanner::new(&detector);
        let mut lookahead = scanner.lookahead().unwrap();
        let mut looked = Looked::default();
        let mut sink = |_: Report<'_>| ControlFlow::Continue(());
        let mut scan = || {
            let _ = scanner.feed(begin, &mut sink);
            let standing = scanner.standing().unwrap();
            lookahead.look(rest, standing, &mut looked);
            let _ = scanner.feed_looked(rest, &looked, &mut sink);
            let _ = scanner.finish(&mut sink);
            scanner.reset();
        };
        scan();
        let memory = measure(scan);
        assert_eq!(memory.count_total, 0, "{}", file.display());
    }
}

/// Nor one that joins a whole log: events in one piece, among others, that
/// never end, that are driven out, and that end by time.
#[test]
fn joining_never_allocates() {
    let head = |second: u32, serial: u32| {
        format!("msg=audit({}.042:{serial}):", 1_700_000_000 + second)
    };
    let call = |head: &str, number: u32, items: u32| {
        format!(
            "type=SYSCALL {head} arch=c000003e syscall={number} success=yes \
             exit=0 a0=ffffff9c a1=7ffe a2=241 a3=0 items={items} ppid=7 \
             pid={} uid=0 comm=\"sh\" exe=\"/bin/sh\"\n",
            100 + items
        )
    };
    let path = |head: &str, name: &str, kind: &str| {
        format!("type=PATH {head} item=0 name=\"{name}\" nametype={kind}\n")
    };
    let mut log = String::new();
    for number in 0..4_000 {
        // Second by second, so that some end by time; then all in one.
        let second = if number < 1_000 { number / 100 } else { 20 };
        let (one, other) =
            (head(second, 2 * number), head(second, 2 * number + 1));
        log += &call(&one, 59, 1);
        log += &call(&other, 257, 1);
        log += &format!("type=EXECVE {one} argc=2 a0=\"crontab\" a1=\"-l\"\n");
        log += &format!("type=CWD {other} cwd=\"/etc\"\n");
        if number % 2 == 0 {
            log += &path(&other, "cron.d/x", "CREATE");
            log += &path(&one, "/usr/bin/crontab", "NORMAL");
            log += &format!("type=PROCTITLE {other} proctitle=7368\n");
            log += &format!("type=EOE {one}\n");
        }
    }
    let mut scanner = Scanner::new(&Detector::new());
    let mut scan = || {
        for chunk in log.as_bytes().chunks(65_521) {
            let _ = scanner.feed(chunk, |_| ControlFlow::Continue(()));
        }
        let _ = scanner.finish(|_| ControlFlow::Continue(()));
        let joins = scanner.counts().joins;
        scanner.reset();
        joins
    };
    let joins = scan();
    assert!(joins.joined >= 4_000, "{joins:?}");
    assert!(joins.evicted > 1_000, "{joins:?}");
    assert!(joins.incomplete > joins.evicted, "{joins:?}");
    assert_eq!(measure(|| assert_eq!(scan(), joins)).count_total, 0);
}

/// Nor one that shares a correlator.
#[test]
fn sharing_a_correlator_never_allocates() {
    let detector = Detector::new();
    let mut correlator = Correlator::new(&detector);
    let builder = Scanner::builder(&detector).sequence_events(true);
    let mut scanner = builder.build().unwrap();
    let mut events = 0;
    for file in testkit::record_files() {
        let bytes = fs::read(&file).unwrap();
        let mut scan = || {
            let mut sink = |report: Report<'_>| {
                if let Report::SequenceEvent(event) = report {
                    events += 1;
                    event.correlate(&mut correlator, |_| {}).unwrap();
                }
                ControlFlow::Continue(())
            };
            let _ = scanner.feed(&bytes, &mut sink);
            let _ = scanner.finish(&mut sink);
            scanner.reset();
        };
        scan();
        assert_eq!(measure(scan).count_total, 0, "{}", file.display());
    }
    assert!(events > 100, "{events}");
}

/// Nor do rules about any log: members are found, decoded and compared in
/// memory that is kept.
#[test]
#[cfg(feature = "sigma")]
fn members_and_generic_events_never_allocate() {
    let yaml = r"
title: system
logsource: {product: windows, service: system}
detection:
    a: {ServiceName|contains: é, Count|gte: 5, A|fieldref: B}
    k: ['evil*thing', ÄÖ]
    condition: 1 of *
---
title: process
logsource: {product: windows, category: process_creation}
detection: {a: {Hashes|contains: 'IMPHASH=', UtcTime|hour: 7}, condition: a}
---
title: audit
logsource: {product: linux, service: auditd}
detection: {a: {type: EXECVE, a1: -f}, condition: a}
---
title: line
logsource: {product: linux, service: syslog}
detection: {a: [segfault], condition: a}
";
    let rules = t1053::sigma::compile(yaml).unwrap();
    let builder = Detector::builder().without_builtin();
    let detector = rules
        .into_iter()
        .fold(builder, |all, rule| all.rule(rule))
        .build()
        .unwrap();
    let generic = r#"{"EventID":7045,"Channel":"System","ServiceName":"\u00e9","Count":7,"A":"x","B":"X"}"#;
    let process = r#"{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"i","Hashes":"IMPHASH=\u0041","UtcTime":"2024-01-01 07:00:00"}"#;
    let wrapped = format!(r#"{{"message":{}}}"#, {
        serde_json::to_string(generic).unwrap()
    });
    let records = [
        generic,
        process,
        &wrapped,
        "<Event><System><Provider Name=\"x\"/><EventID>1</EventID><Channel>System</Channel></System><EventData><Data Name=\"D\">&#228;&#214;</Data></EventData></Event>",
        "type=EXECVE msg=audit(1.000:1): argc=2 a0=6174 a1=2D66",
        "Jan  1 00:00:00 h kernel: x[1]: segfault at 0",
    ]
    .join("\n");
    let linux = LogSource::new().product("linux").service("syslog");
    let scanner = Scanner::builder(&detector).log_source(linux);
    let mut scanner = scanner.build().unwrap();
    let mut count = 0;
    let mut scan = || {
        let mut take = |report: Report<'_>| {
            count += usize::from(matches!(report, Report::Match(_)));
            ControlFlow::Continue(())
        };
        let _ = scanner.feed(records.as_bytes(), &mut take);
        let _ = scanner.finish(&mut take);
        scanner.reset();
    };
    scan();
    let memory = measure(scan);
    assert_eq!(count, 12);
    assert_eq!(memory.count_total, 0);
}
