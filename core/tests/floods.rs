//! Floods of keys, as an adversary may make them: neither does memory grow,
//! nor does a look-up take longer, whatever remembers them.

#![cfg(feature = "sigma")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::ControlFlow;

use t1053::event::{Event, TaskRegistered, TaskScheduler};
use t1053::{
    Correlator, Detector, Repeats, Report, RiskTracker, Scanner, Scratch,
    Timestamp,
};

/// What a flood is asked to show.
#[derive(Clone, Copy)]
struct Flood {
    /// So many different keys.
    keys: u64,
    /// What is remembered of them, where that can be set.
    capacity: usize,
    /// Whether times are compared: not where other tests run beside.
    is_timed: bool,
}

impl Flood {
    const SMALL: Flood =
        Flood { keys: 12_000, capacity: 1024, is_timed: false };
    const LARGE: Flood =
        Flood { keys: 10_000_000, capacity: 65_536, is_timed: true };

    /// Hands numbers of keys out in ten parts. After the first part no memory
    /// is taken that is not given back, and no part is much slower than the
    /// second.
    fn run(self, name: &str, mut one: impl FnMut(u64)) {
        let part = self.keys / 10;
        let mut second = 0;
        for tenth in 0..10 {
            let began = worked();
            let memory = allocation_counter::measure(|| {
                (tenth * part..(tenth + 1) * part).for_each(&mut one);
            });
            let each = (worked() - began) / part;
            let grown = memory.bytes_current;
            eprintln!("{name}, part {tenth}: {each} ns each, {grown} bytes");
            if tenth == 1 {
                second = each;
            }
            // Nodes of trees come and go.
            assert!(tenth == 0 || grown.abs() < 64 << 10, "{name}: {grown}");
            let is_slower = each > 3 * second;
            assert!(!self.is_timed || tenth == 0 || !is_slower, "{name}");
        }
    }

    fn all(self) {
        self.correlated("a sequence", SEQUENCE);
        self.correlated("a count of events", EVENTS);
        self.correlated("a count of values", VALUES);
        self.repeats();
        self.risk();
        self.joined("audit events", |number, line| {
            let seconds = 1_700_000_000 + number / 1000;
            let rest = number % 1000;
            write!(
                line,
                "type=PATH msg=audit({seconds}.{rest:03}:{number}): item=0 \
                 name=\"/x\" nametype=CREATE"
            )
        });
        self.joined("scripts", |number, line| {
            write!(
                line,
                "{{\"EventID\":4104,\"Channel\":\
                 \"Microsoft-Windows-PowerShell/Operational\",\
                 \"ScriptBlockId\":\"{number}\",\"MessageNumber\":1,\
                 \"MessageTotal\":2,\"ScriptBlockText\":\"x\"}}"
            )
        });
    }

    fn correlated(self, name: &str, correlation: &str) {
        let yaml = format!("{RULES}---\n{correlation}");
        let builder = Detector::builder().without_builtin();
        let rules = t1053::sigma::compile(&yaml).unwrap();
        let builder =
            rules.into_iter().fold(builder, |all, rule| all.rule(rule));
        let detector = builder.build().unwrap();
        let mut scratch = Scratch::new(&detector);
        let builder = Correlator::builder(&detector).seed([9; 16]);
        let mut correlator = builder.capacity(self.capacity).build().unwrap();
        self.run(name, |number| {
            registered(number, |event| {
                correlator.observe(event, &mut scratch, |_| {});
            });
        });
        assert_eq!(correlator.keys(), self.capacity);
        let counts = correlator.counts();
        let gone = counts.evicted + counts.expired;
        assert_eq!(gone, self.keys - self.capacity as u64);
    }

    fn repeats(self) {
        let detector = found_detector();
        let mut scratch = Scratch::new(&detector);
        let repeats = Repeats::new(&detector).seed([9; 16]);
        let mut repeats = repeats.capacity(self.capacity);
        self.run("repeats", |number| {
            ran(number, |event| {
                for found in detector.evaluate(event, &mut scratch) {
                    repeats.take(&found, |_| {});
                }
            });
        });
        assert_eq!(repeats.counts().groups, self.keys);
        assert_eq!(repeats.open(), self.capacity);
    }

    fn risk(self) {
        let detector = found_detector();
        let mut scratch = Scratch::new(&detector);
        let risk = RiskTracker::new(&detector).seed([9; 16]);
        let mut risk = risk.capacity(self.capacity);
        self.run("risk", |number| {
            ran(number, |event| {
                for found in detector.evaluate(event, &mut scratch) {
                    risk.take(&found, |_| {});
                }
            });
        });
        assert_eq!(risk.objects(), self.capacity);
        assert_eq!(risk.forgotten(), self.keys - self.capacity as u64);
    }

    fn joined(
        self,
        name: &str,
        record: impl Fn(u64, &mut String) -> std::fmt::Result,
    ) {
        let builder = Detector::builder();
        let builder =
            builder.enable("linux_at_application_execution".parse().unwrap());
        let builder = builder.enable("powershell_task".parse().unwrap());
        let detector = builder.build().unwrap();
        let mut scanner = Scanner::new(&detector);
        let mut line = String::with_capacity(1024);
        self.run(name, |number| {
            line.clear();
            record(number, &mut line).unwrap();
            let sink = |_: Report<'_>| ControlFlow::Continue(());
            let _ = scanner.record(line.as_bytes(), sink);
        });
        let joins = scanner.counts().joins;
        assert!(joins.evicted + joins.incomplete > self.keys / 2, "{joins:?}");
    }
}

/// How long this thread has had a processor, in nanoseconds: of a machine that
/// does other things too, the time on the wall tells little. 0 where the
/// system does not say.
fn worked() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat");
    let told = told.unwrap_or_default();
    let first = told.split_whitespace().next();
    first.and_then(|time| time.parse().ok()).unwrap_or_default()
}

const RULES: &str = "
title: Registered
name: registered
logsource: {product: windows, service: security}
detection: {a: {EventID: 4698}, condition: a}
---
title: Deleted
name: deleted
logsource: {product: windows, service: security}
detection: {a: {EventID: 4699}, condition: a}
";

const SEQUENCE: &str = "
title: Sequence
correlation:
    type: temporal_ordered
    rules: [registered, deleted]
    group-by: [TaskName]
    timespan: 1h
level: high
";

const EVENTS: &str = "
title: Events
correlation:
    type: event_count
    rules: [registered]
    group-by: [TaskName]
    timespan: 1h
    condition: {gte: 2}
level: high
";

const VALUES: &str = "
title: Values
correlation:
    type: value_count
    rules: [registered]
    group-by: [TaskName]
    timespan: 1h
    condition: {field: SubjectUserName, gte: 2}
level: high
";

/// One built-in detection, which has a risk, of tasks that run.
fn found_detector() -> Detector {
    let slug = "winevent_windows_task_scheduler_event_action_started";
    Detector::builder().enable(slug.parse().unwrap()).build().unwrap()
}

/// An event that a task of a number was registered.
fn registered(number: u64, take: impl FnOnce(&Event<'_>)) {
    let mut name = [0_u8; 20];
    write!(&mut name[..], "{number:020}").unwrap();
    let event = Event::windows(TaskRegistered {
        task_name: Some(&name),
        subject_user_name: Some(b"ann"),
        ..Default::default()
    });
    at(number, event, b"4698", take);
}

/// An event that a task ran on a host of a number.
fn ran(number: u64, take: impl FnOnce(&Event<'_>)) {
    let mut name = [0_u8; 20];
    write!(&mut name[..], "{number:020}").unwrap();
    let mut event = Event::windows(TaskScheduler::default());
    event.host = Some(&name);
    at(number, event, b"200", take);
}

/// Events are a tenth of a millisecond apart.
fn at<'e>(
    number: u64,
    mut event: Event<'e>,
    id: &'e [u8],
    take: impl FnOnce(&Event<'_>),
) {
    event.event_id = Some(id);
    event.time = Some(Timestamp::from_ticks(number as i64 * 1000));
    take(&event);
}

#[test]
fn small_floods_of_keys_do_not_grow() {
    Flood::SMALL.all();
}

/// `cargo test --release -p t1053 --features sigma --test floods -- --ignored
/// --nocapture` shows what docs/correlation.md says.
#[test]
#[ignore = "takes minutes without optimisation"]
fn floods_of_keys_neither_grow_nor_slow() {
    Flood::LARGE.all();
}
