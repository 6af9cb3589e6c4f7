//! Joining, against what the records were made of: random events are written
//! as an audit daemon writes them, in any order and in every way to quote, and
//! what is joined of them has to be what they were.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use proptest::prelude::*;
use t1053::event::{Event, EventKind, Field, Platform};
use t1053::rule::{Detection, Logic, Operation, Predicate, Selection, Test};
use t1053::{
    Detector, Report, ScanCounts, Scanner, ScannerBuilder, Timestamp,
};

/// What a joined event says, as text that compares.
fn shown(event: &Event<'_>) -> String {
    let mut text = event.kind().name().to_string();
    for field in Field::ALL {
        if let Some(value) = event.get(*field) {
            let value = String::from_utf8_lossy(value);
            write!(text, " {field}={value}").unwrap();
        }
    }
    text
}

/// What a scan of a stream gives.
#[derive(Debug, Default, PartialEq)]
struct Scanned {
    /// Joined events, with the numbers of the records they were joined from.
    events: Vec<(String, Vec<u64>)>,
    /// Matches: detection, record, and what the event was joined from.
    matches: Vec<(String, u64, Vec<u64>)>,
}

fn scan(
    builder: ScannerBuilder,
    stream: &[u8],
    chunk: usize,
) -> (Scanned, ScanCounts) {
    let mut scanner = builder.build().unwrap();
    let mut scanned = Scanned::default();
    let mut sink = |report: Report<'_>| {
        match report {
            Report::Event(read) if !read.joined.is_empty() => {
                let event = (shown(read.event), read.joined.to_vec());
                scanned.events.push(event);
            }
            Report::Match(found) => {
                let slug = found.found.detection().slug.to_string();
                let joined = found.joined.to_vec();
                scanned.matches.push((slug, found.record, joined));
            }
            _ => {}
        }
        ControlFlow::Continue(())
    };
    for chunk in stream.chunks(chunk) {
        let _ = scanner.feed(chunk, &mut sink);
    }
    let _ = scanner.finish(&mut sink);
    let counts = scanner.counts().clone();
    testkit::accounted(&counts);
    (scanned, counts)
}

/// The joined events of a stream, every record of which is read.
fn joined(stream: &str) -> Vec<String> {
    let builder = Scanner::builder(&Detector::new()).events(true);
    let (scanned, _) = scan(builder, stream.as_bytes(), usize::MAX);
    scanned.events.into_iter().map(|(event, _)| event).collect()
}

/// A value as the kernel writes it.
fn quoted(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    match value.bytes().all(is_plain) {
        true => format!("\"{value}\""),
        false => hex(value),
    }
}

fn hex(value: &str) -> String {
    value.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02X}").unwrap();
        hex
    })
}

/// The values of a joined event, by field; `EventKind` first.
#[derive(Clone, Debug)]
struct Expected {
    kind: EventKind,
    values: BTreeMap<Field, String>,
}

impl Expected {
    fn shown(&self) -> String {
        let mut event = Event::new(Platform::Linux, self.kind);
        for (field, value) in &self.values {
            event.set(*field, value.as_bytes()).unwrap();
        }
        shown(&event)
    }
}

/// What happened, before it was written to a log.
#[derive(Clone, Debug)]
enum Happened {
    Runs {
        exe: String,
        argv: Vec<String>,
        pieces: bool,
    },
    Creates {
        name: String,
    },
    Writes {
        name: String,
    },
    Reads {
        name: String,
    },
    Deletes {
        name: String,
    },
    Renames {
        from: String,
        to: String,
    },
    Links {
        from: String,
        to: String,
    },
    /// `connect`: no concern of files.
    Connects,
}

#[derive(Clone, Debug)]
struct Action {
    happened: Happened,
    cwd: String,
    pid: u32,
    has_failed: bool,
    /// Whether the kernel writes PROCTITLE, the daemon EOE.
    has_title: bool,
    has_end: bool,
    enriched: bool,
    /// Reversed, as `ausearch --raw` may write them.
    reversed: bool,
}

const PARENT: u32 = 7;

/// A path as the reference makes it: without the shortcuts of the library.
fn absolute(cwd: &str, name: &str) -> String {
    let joined = match name.starts_with('/') {
        true => name.to_string(),
        false => format!("{cwd}/{name}"),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

impl Action {
    /// The records, without their heads.
    fn records(&self) -> Vec<(&'static str, String)> {
        let path = |item: u32, name: &str, nametype: &str| {
            let name = quoted(name);
            let text = format!(
                "item={item} name={name} inode=1 dev=08:01 mode=0100644 \
                 ouid=0 ogid=0 rdev=00:00 nametype={nametype}",
            );
            ("PATH", text)
        };
        let (number, flags, paths) = match &self.happened {
            Happened::Runs { exe, .. } => {
                (59, "3", vec![path(0, exe, "NORMAL")])
            }
            Happened::Creates { name } => {
                let parent = path(0, "/p", "PARENT");
                (257, "241", vec![parent, path(1, name, "CREATE")])
            }
            Happened::Writes { name } => {
                (257, "1", vec![path(0, name, "NORMAL")])
            }
            Happened::Reads { name } => {
                (257, "0", vec![path(0, name, "NORMAL")])
            }
            Happened::Deletes { name } => {
                let parent = path(0, "/p", "PARENT");
                (87, "0", vec![parent, path(1, name, "DELETE")])
            }
            Happened::Renames { from, to } => {
                let paths = [
                    path(0, "/p", "PARENT"),
                    path(1, "/p", "PARENT"),
                    path(2, from, "DELETE"),
                    path(3, to, "CREATE"),
                ];
                (82, "0", paths.to_vec())
            }
            Happened::Links { from, to } => {
                let paths = [
                    path(0, from, "NORMAL"),
                    path(1, "/p", "PARENT"),
                    path(2, to, "CREATE"),
                ];
                (86, "0", paths.to_vec())
            }
            Happened::Connects => (42, "10", vec![]),
        };
        let exe = self.exe();
        let success = if self.has_failed { "no" } else { "yes" };
        let names = match self.enriched {
            true => "\u{1d}ARCH=x86_64 AUID=\"ann\" UID=\"root\"",
            false => "",
        };
        let call = format!(
            "arch=c000003e syscall={number} success={success} exit=0 \
             a0=ffffff9c a1=7ffe a2={flags} a3=0 items={} ppid={PARENT} \
             pid={} auid=1000 uid=0 gid=0 tty=pts0 ses=3 comm=\"x\" exe={} \
             key=(null){names}",
            paths.len(),
            self.pid,
            quoted(&exe),
        );
        let mut records = vec![("SYSCALL", call)];
        if let Happened::Runs { argv, pieces, .. } = &self.happened {
            records.extend(arguments(argv, *pieces));
        }
        // Of what names no path, the kernel writes no directory.
        if !paths.is_empty() {
            records.push(("CWD", format!("cwd={}", quoted(&self.cwd))));
        }
        records.extend(paths);
        if self.has_title {
            records.push(("PROCTITLE", format!("proctitle={}", hex("x -y"))));
        }
        if self.reversed {
            records.reverse();
        }
        if self.has_end {
            records.push(("EOE", String::new()));
        }
        records
    }

    fn exe(&self) -> String {
        match &self.happened {
            Happened::Runs { exe, .. } => exe.clone(),
            _ => "/usr/bin/x y".into(),
        }
    }

    /// What is to be joined of it.
    fn expected(&self) -> Option<Expected> {
        let target =
            |name: &str| [(Field::TargetFilename, absolute(&self.cwd, name))];
        let pair = |from: &str, to: &str| {
            let source = (Field::SourceFilename, absolute(&self.cwd, from));
            let [target] = target(to);
            BTreeMap::from([source, target])
        };
        let (kind, mut values) = match &self.happened {
            _ if self.has_failed => return None,
            Happened::Runs { argv, .. } => {
                let values = BTreeMap::from([
                    (Field::CommandLine, argv.join(" ")),
                    (Field::CurrentDirectory, self.cwd.clone()),
                    (Field::ParentProcessId, PARENT.to_string()),
                ]);
                (EventKind::ProcessCreation, values)
            }
            Happened::Creates { name } => {
                (EventKind::FileCreation, target(name).into())
            }
            Happened::Writes { name } => {
                (EventKind::FileModification, target(name).into())
            }
            Happened::Deletes { name } => {
                (EventKind::FileDeletion, target(name).into())
            }
            Happened::Renames { from, to } => {
                (EventKind::FileRename, pair(from, to))
            }
            Happened::Links { from, to } => {
                (EventKind::FileLink, pair(from, to))
            }
            Happened::Reads { .. } | Happened::Connects => return None,
        };
        values.insert(Field::Image, self.exe());
        values.insert(Field::ProcessId, self.pid.to_string());
        values.insert(Field::User, "root".into());
        values.insert(Field::UserSid, "0".into());
        Some(Expected { kind, values })
    }
}

/// EXECVE: in one record, or, with arguments of over two bytes in pieces, in
/// several.
fn arguments(argv: &[String], pieces: bool) -> Vec<(&'static str, String)> {
    let mut records = vec![format!("argc={}", argv.len())];
    for (number, argument) in argv.iter().enumerate() {
        let at = argument.char_indices().nth(2).map(|(at, _)| at);
        let Some((first, second)) =
            at.filter(|_| pieces).map(|at| argument.split_at(at))
        else {
            let last = records.last_mut().unwrap();
            write!(last, " a{number}={}", quoted(argument)).unwrap();
            continue;
        };
        let last = records.last_mut().unwrap();
        let length = argument.len();
        let first = quoted(first);
        write!(last, " a{number}_len={length} a{number}[0]={first}").unwrap();
        records.push(format!("a{number}[1]={}", quoted(second)));
    }
    records.into_iter().map(|record| ("EXECVE", record)).collect()
}

/// A log, the numbers of the records of each action, and those of titles and
/// ends, which come too late to be named where all else was there.
struct Log {
    text: String,
    records: Vec<Vec<u64>>,
    last: Vec<u64>,
}

/// Writes actions to a log: `order` says whose next record comes next; what is
/// left then comes event by event.
fn write(actions: &[Action], order: &[usize]) -> Log {
    let mut left: Vec<_> =
        actions.iter().map(|action| action.records().into_iter()).collect();
    let mut log = Log {
        text: String::new(),
        records: vec![Vec::new(); actions.len()],
        last: Vec::new(),
    };
    let mut number = 0;
    let mut put = |at: usize, (kind, text): (&str, String)| {
        writeln!(
            log.text,
            "type={kind} msg=audit(1700000000.{at:03}:{at}): {text}",
        )
        .unwrap();
        match kind {
            "PROCTITLE" | "EOE" => log.last.push(number),
            _ => log.records[at].push(number),
        }
        number += 1;
    };
    for at in order.iter().map(|at| at % actions.len()) {
        if let Some(record) = left[at].next() {
            put(at, record);
        }
    }
    for (at, records) in left.into_iter().enumerate() {
        records.for_each(|record| put(at, record));
    }
    log
}

fn name() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("cron.d".to_string()),
        Just("crontab".to_string()),
        Just("..".to_string()),
        Just(".".to_string()),
        Just("a b".to_string()),
        Just("x.service".to_string()),
        Just("caf\u{e9}".to_string()),
        "[a-z]{1,6}",
    ];
    (prop::bool::ANY, prop::collection::vec(part, 1..4)).prop_map(
        |(is_absolute, parts)| {
            let start = if is_absolute { "/etc/" } else { "" };
            format!("{start}{}", parts.join("/"))
        },
    )
}

fn action() -> impl Strategy<Value = Action> {
    let exe = prop_oneof![
        Just("/usr/bin/crontab".to_string()),
        Just("/bin/at".to_string()),
        Just("/bin/cat".to_string()),
        Just("/opt/my tools/systemctl".to_string()),
    ];
    let argument = prop_oneof![
        Just("crontab".to_string()),
        Just("-l".to_string()),
        Just("enable".to_string()),
        Just("systemctl".to_string()),
        Just("echo x >> /etc/cron.d/y".to_string()),
        Just(String::new()),
        "[ -~]{0,9}",
    ];
    let argv = prop::collection::vec(argument, 1..5);
    let happened = prop_oneof![
        4 => (exe, argv, prop::bool::ANY).prop_map(|(exe, argv, pieces)| {
            Happened::Runs { exe, argv, pieces }
        }),
        1 => name().prop_map(|name| Happened::Creates { name }),
        1 => name().prop_map(|name| Happened::Writes { name }),
        1 => name().prop_map(|name| Happened::Reads { name }),
        1 => name().prop_map(|name| Happened::Deletes { name }),
        1 => (name(), name())
            .prop_map(|(from, to)| Happened::Renames { from, to }),
        1 => (name(), name())
            .prop_map(|(from, to)| Happened::Links { from, to }),
        1 => Just(Happened::Connects),
    ];
    let cwd = prop_oneof![
        Just("/etc".to_string()),
        Just("/".to_string()),
        Just("/etc/cron.d".to_string()),
        Just("/home/a b".to_string()),
    ];
    let flags = prop::array::uniform4(prop::bool::ANY);
    let has_failed = prop::bool::weighted(0.1);
    (happened, cwd, 100..999_u32, has_failed, flags).prop_map(
        |(happened, cwd, pid, has_failed, flags)| {
            let [has_title, has_end, enriched, reversed] = flags;
            Action {
                happened,
                cwd,
                pid,
                has_failed,
                has_title,
                has_end,
                enriched,
                reversed,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if cfg!(miri) { 4 } else { 128 }
    ))]

    #[test]
    fn what_is_joined_is_what_happened(
        actions in prop::collection::vec(action(), 1..12),
        order in prop::collection::vec(0..12_usize, 0..60),
        chunk in 1..400_usize,
    ) {
        let Log { text: log, records, last } = write(&actions, &order);
        let mut expected: Vec<_> = actions
            .iter()
            .zip(records)
            .filter_map(|(action, records)| {
                Some((action.expected()?.shown(), records))
            })
            .collect();
        expected.sort();
        static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);
        let builder = || Scanner::builder(&DETECTOR);
        let (whole, counts) =
            scan(builder().events(true), log.as_bytes(), usize::MAX);
        let mut events = whole.events.clone();
        for (_, records) in &mut events {
            records.retain(|record| !last.contains(record));
        }
        events.sort();
        prop_assert_eq!(&events, &expected, "{}", log);
        prop_assert_eq!(counts.joins.joined, expected.len() as u64);
        prop_assert_eq!(counts.joins.late, 0);
        prop_assert_eq!(counts.joins.incomplete, 0);
        let cut = scan(builder().events(true), log.as_bytes(), chunk);
        prop_assert_eq!(&cut.0, &whole);

        // The filter loses nothing, and without joining there is nothing.
        let read = scan(builder().filter(false), log.as_bytes(), chunk).0;
        let filtered = scan(builder(), log.as_bytes(), chunk).0;
        prop_assert_eq!(&filtered.matches, &read.matches, "{}", log);
        prop_assert_eq!(&read.matches, &whole.matches);
        let alone = scan(builder().join(false), log.as_bytes(), chunk);
        let is_of_one = |found: &&(String, u64, Vec<u64>)| found.2.is_empty();
        let of_one: Vec<_> =
            read.matches.iter().filter(is_of_one).cloned().collect();
        // What a record does not tell by itself its event does.
        for found in &of_one {
            prop_assert!(alone.0.matches.contains(found), "{found:?}");
        }
        for found in &alone.0.matches {
            let (slug, record, _) = found;
            let tells = |(of, _, records): &(String, u64, Vec<u64>)| {
                of == slug && records.contains(record)
            };
            // Arguments may come before what says that the call failed, and
            // do not tell which program took them; those that follow in a
            // record of their own do not tell the first.
            let line = log.lines().nth(*record as usize).unwrap();
            let serial = line.split([':', ')']).nth(1).unwrap();
            let action: &Action = &actions[serial.parse::<usize>().unwrap()];
            let is_other = match &action.happened {
                Happened::Runs { exe, argv, .. } => {
                    let name = |path: &String| {
                        path.rsplit('/').next().map(str::to_owned)
                    };
                    argv.first().map(name) != Some(name(exe))
                }
                _ => false,
            };
            let lacks_the_first =
                line.starts_with("type=EXECVE") && !line.contains(" a0");
            let is_told = of_one.contains(found)
                || read.matches.iter().any(tells)
                || action.has_failed
                || is_other
                || lacks_the_first;
            prop_assert!(is_told, "{found:?}\n{log}");
        }
        prop_assert_eq!(alone.1.joins, Default::default());
    }
}

/// A rule of one test about a joined event.
fn rule(kind: EventKind, test: Test) -> t1053::rule::Rule {
    let predicate = Predicate::Test(test);
    let selection = Selection { kinds: vec![kind].into(), predicate };
    t1053::rule::Rule {
        detection: Detection::new("own", "Own", Platform::Linux),
        logic: Logic::Single(selection),
    }
}

/// Whether a rule matches a joined event of a log, the filter on and off.
fn matches(rule: &t1053::rule::Rule, log: &str) -> bool {
    let builder = Detector::builder().without_builtin().rule(rule.clone());
    let detector = builder.build().unwrap();
    let [filtered, read] = [true, false].map(|filter| {
        let builder = Scanner::builder(&detector).filter(filter);
        scan(builder, log.as_bytes(), usize::MAX).0.matches
    });
    assert_eq!(filtered, read, "{log}");
    !filtered.is_empty()
}

fn log_of(records: &[(&str, String)]) -> String {
    records.iter().fold(String::new(), |mut log, (kind, text)| {
        writeln!(log, "type={kind} msg=audit(1700000000.042:77): {text}")
            .unwrap();
        log
    })
}

const RUNS: &str = "arch=c000003e syscall=59 success=yes exit=0 items=0 \
    ppid=1 pid=2 uid=0 exe=\"/bin/sh\"";

#[test]
fn literal_that_is_split_between_pieces_of_an_argument_is_found() {
    let literal = "systemctl-enable";
    let test = Test::new(
        Field::CommandLine,
        Operation::Contains,
        "systemctl-enable".into(),
    );
    let rule = rule(EventKind::ProcessCreation, test);
    for at in 0..=literal.len() {
        let (first, second) = literal.split_at(at);
        let length = literal.len();
        for [first, second] in
            [[quoted(first), quoted(second)], [hex(first), hex(second)]]
        {
            let one = format!(
                "argc=2 a0=\"sh\" a1_len={length} a1[0]={first} \
                 a1[1]={second}",
            );
            let call = ("SYSCALL", RUNS.to_string());
            let log = log_of(&[call.clone(), ("EXECVE", one)]);
            assert!(matches(&rule, &log), "{log}");
            // In two records, in either order.
            let head =
                format!("argc=2 a0=\"sh\" a1_len={length} a1[0]={first}");
            let rest = format!("a1[1]={second}");
            let records = [call, ("EXECVE", head), ("EXECVE", rest)];
            let log = log_of(&records);
            assert!(matches(&rule, &log), "{log}");
            let [call, head, rest] = records;
            let log = log_of(&[rest, head, call]);
            assert!(matches(&rule, &log), "{log}");
        }
        // Two arguments are not one.
        let two = format!("argc=2 a0={} a1={}", quoted(first), quoted(second));
        let log = log_of(&[("SYSCALL", RUNS.into()), ("EXECVE", two)]);
        let is_whole = at == 0 || at == literal.len();
        assert_eq!(matches(&rule, &log), is_whole, "{log}");
    }
}

#[test]
fn literal_that_is_split_between_directory_and_name_is_found() {
    let path = "/etc/cron.d/../cron.daily/./job";
    let test = Test::new(
        Field::TargetFilename,
        Operation::StartsWith,
        "/etc/cron.daily/jo".into(),
    );
    let rule = rule(EventKind::FileCreation, test);
    let slashes = path.match_indices('/').map(|(at, _)| at);
    for at in slashes {
        let (cwd, name) = path.split_at(at);
        let cwd = if cwd.is_empty() { "/" } else { cwd };
        for name in [&name[1..], &format!("./{}", &name[1..])] {
            let call = "arch=c000003e syscall=257 success=yes exit=3 \
                a0=ffffff9c a1=1 a2=41 items=1 ppid=1 pid=2 exe=\"/bin/x\"";
            for [cwd, name] in [
                [quoted(cwd), quoted(name)],
                [quoted(cwd), hex(name)],
                [hex(cwd), quoted(name)],
            ] {
                let records = [
                    ("SYSCALL", call.to_string()),
                    ("CWD", format!("cwd={cwd}")),
                    ("PATH", format!("item=0 name={name} nametype=CREATE")),
                ];
                let log = log_of(&records);
                assert!(matches(&rule, &log), "{log}");
            }
        }
    }
}

#[test]
fn parent_is_known_where_it_was_seen_to_start() {
    let test =
        Test::new(Field::ParentImage, Operation::EndsWith, "/crond".into());
    let rule = rule(EventKind::ProcessCreation, test);
    let runs = |serial: u32, ppid: u32, pid: u32, exe: &str| {
        format!(
            "type=SYSCALL msg=audit(1700000000.042:{serial}): arch=c000003e \
             syscall=59 success=yes items=0 ppid={ppid} pid={pid} exe=\"{exe}\"\n\
             type=EXECVE msg=audit(1700000000.042:{serial}): argc=1 a0=\"x\"\n",
        )
    };
    let crond = runs(1, 1, 10, "/usr/sbin/crond");
    let child = runs(2, 10, 11, "/bin/sh");
    assert!(matches(&rule, &format!("{crond}{child}")));
    assert!(!matches(&rule, &format!("{child}{crond}")));
    // The child of a child is another's, and so is one of a program that is
    // run in the same process.
    let grandchild = runs(3, 11, 12, "/bin/ls");
    let other = runs(4, 1, 10, "/bin/other");
    assert!(!matches(&rule, &format!("{crond}{other}{child}{grandchild}")));
    let events = joined(&format!("{crond}{child}"));
    assert!(events[1].contains("ParentImage=/usr/sbin/crond"), "{events:?}");
}

#[test]
fn incomplete_events_are_taken_as_far_as_they_came() {
    let runs = |serial: u32, second: u32| {
        format!(
            "type=EXECVE msg=audit(17000000{second:02}.042:{serial}): argc=2 \
             a0=\"crontab\" a1=\"-l\"\n",
        )
    };
    let crontab =
        Test::new(Field::CommandLine, Operation::Contains, "crontab".into());
    let rule = rule(EventKind::ProcessCreation, crontab);
    let builder = Detector::builder().without_builtin().rule(rule.clone());
    let detector = builder.build().unwrap();
    let builder = || Scanner::builder(&detector);
    let log = runs(1, 0) + &runs(2, 1) + &runs(3, 3);
    for builder in [builder(), builder().filter(false)] {
        let (scanned, counts) = scan(builder, log.as_bytes(), 7);
        let joined = scanned.matches.iter().filter(|it| !it.2.is_empty());
        assert_eq!(joined.count(), 3);
        assert_eq!((counts.joins.joined, counts.joins.incomplete), (3, 3));
    }
    // The title stands in for the arguments.
    let title = format!("proctitle={}", hex("crontab\0-l"));
    let records = [("SYSCALL", RUNS.to_string()), ("PROCTITLE", title)];
    let events = joined(&log_of(&records));
    assert!(events[0].contains("CommandLine=crontab -l"), "{events:?}");
    assert!(matches(&rule, &log_of(&records)));
}

/// Events end as records of others come, or as the host says.
#[test]
fn events_end_when_nothing_more_is_to_come() {
    let detector = Detector::published();
    let mut scanner = Scanner::builder(&detector).build().unwrap();
    let call = |serial: u32, second: u32, items: u32| {
        format!(
            "type=SYSCALL msg=audit(17000000{second:02}.000:{serial}): \
             arch=c000003e syscall=59 success=yes items={items} pid=9 \
             exe=\"/usr/bin/crontab\"\n\
             type=EXECVE msg=audit(17000000{second:02}.000:{serial}): argc=2 \
             a0=\"crontab\" a1=\"-l\"\n",
        )
    };
    let mut ended: Vec<u64> = Vec::new();
    let mut feed = |scanner: &mut Scanner, log: &str| {
        let _ = scanner.feed(log.as_bytes(), |report| {
            if let Report::Match(found) = report {
                ended.extend(found.joined.first());
            }
            ControlFlow::Continue(())
        });
        core::mem::take(&mut ended)
    };
    // Complete, but for the title that may come.
    assert!(feed(&mut scanner, &call(1, 0, 0)).is_empty());
    let title = "type=PROCTITLE msg=audit(1700000000.000:1): proctitle=78\n";
    assert_eq!(feed(&mut scanner, title), [0]);
    // Complete once another one begins.
    assert!(feed(&mut scanner, &call(2, 0, 0)).is_empty());
    assert_eq!(feed(&mut scanner, &call(3, 0, 1)), [3]);
    // A path is missing: the end, or two seconds.
    let end = "type=EOE msg=audit(1700000000.000:3): \n";
    assert_eq!(feed(&mut scanner, end), [5]);
    assert!(feed(&mut scanner, &call(4, 0, 1)).is_empty());
    assert!(feed(&mut scanner, &call(5, 2, 1)).is_empty());
    assert_eq!(feed(&mut scanner, &call(6, 4, 1)), [8]);
    // A record of another host says nothing.
    let other = call(7, 9, 1).replace("type=", "node=b type=");
    assert!(feed(&mut scanner, &other).is_empty());
    // What began before a time.
    let mut flushed: Vec<u64> = Vec::new();
    let before = Timestamp::from_unix_millis(1_700_000_004_000);
    let _ = scanner.flush_pending(before, |report| {
        if let Report::Match(found) = report {
            flushed.extend(found.joined.first());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(flushed, [10]);
    let late = "type=CWD msg=audit(1700000000.000:4): cwd=\"/\"\n";
    assert!(feed(&mut scanner, late).is_empty());
    let joins = scanner.counts().joins;
    assert_eq!((joins.late, joins.incomplete, joins.joined), (1, 3, 5));
}

/// What comes of an event that did nothing ends another one all the same,
/// whether it is read or not.
#[test]
fn records_of_an_event_that_did_nothing_end_others() {
    let log = "\
        type=CWD msg=audit(1700000000.000:1): cwd=\"/\"\n\
        type=SYSCALL msg=audit(1700000000.000:2): arch=c000003e syscall=59 \
        success=no items=0 pid=9 exe=\"/usr/bin/at\"\n\
        type=SYSCALL msg=audit(1700000000.000:3): arch=c000003e syscall=59 \
        success=yes items=0 pid=9 exe=\"/usr/bin/crontab\"\n\
        type=EXECVE msg=audit(1700000000.000:3): argc=2 a0=\"crontab\" \
        a1=\"-l\"\n\
        type=CWD msg=audit(1700000000.000:2): cwd=\"/\"\n\
        type=CWD msg=audit(1700000000.000:3): cwd=\"/\"\n";
    let detector = Detector::published();
    let scan = |filter| {
        let builder = Scanner::builder(&detector).filter(filter);
        let (scanned, counts) = scan(builder, log.as_bytes(), usize::MAX);
        (scanned.matches, counts.joins)
    };
    let (matches, joins) = scan(true);
    assert!(!matches.is_empty());
    assert_eq!((joins.late, joins.joined), (1, 1));
    assert_eq!((matches, joins), scan(false));
}

/// One host's serials are not another's.
#[test]
fn events_of_hosts_are_kept_apart() {
    let records = [("SYSCALL", RUNS.to_string())];
    let call = log_of(&records);
    let a = call.replace("type=", "node=a type=");
    let b = log_of(&[("EXECVE", "argc=1 a0=\"x\"".into())]);
    let b = b.replace("type=", "node=b type=");
    let events = joined(&format!("{a}{b}"));
    assert_eq!(events.len(), 2, "{events:?}");
    assert!(events[0].contains("Computer=a"), "{events:?}");
    assert!(!events[0].contains("CommandLine"), "{events:?}");
    assert!(events[1].contains("Computer=b"), "{events:?}");
}

/// However many events are open, and however large they are, memory has a
/// bound, and what it does not hold is counted.
#[test]
fn events_that_never_end_cost_bounded_memory() {
    let detector = Detector::new();
    let mut scanner = Scanner::builder(&detector).build().unwrap();
    let sink = |_: Report<'_>| ControlFlow::Continue(());
    for serial in 0..5000 {
        let line = format!(
            "type=PATH msg=audit(1700000000.000:{serial}): item=0 \
             name=\"/etc/crontab\" nametype=CREATE\n"
        );
        let _ = scanner.feed(line.as_bytes(), sink);
    }
    let joins = scanner.counts().joins;
    assert_eq!(joins.evicted, 5000 - 1024);
    let name = "x".repeat(100_000);
    for _ in 0..5 {
        let line = format!(
            "type=PATH msg=audit(1700000001.000:9999): item=0 \
             name=\"{name}\" nametype=CREATE\n"
        );
        let _ = scanner.feed(line.as_bytes(), sink);
    }
    let _ = scanner.finish(sink);
    assert_eq!(scanner.counts().joins.cut, 3);
}

/// Whole events in one record, as collectors write them, and the records of
/// one as JSON.
#[test]
fn events_are_joined_whatever_brings_their_records() {
    let laurel = r#"{"ID":"1700000000.042:77","SYSCALL":{"arch":"0xc000003e","syscall":257,"success":"yes","exit":3,"items":2,"ppid":1,"pid":2,"uid":0,"exe":"/bin/x","a0":"0xffffff9c","a1":"0x1","a2":"0x241"},"CWD":{"cwd":"/etc"},"PATH":[{"item":0,"name":"/etc","nametype":"PARENT"},{"item":1,"name":"./crontab","nametype":"CREATE"}]}"#;
    let expected = "file_creation User=root UserSid=0 Image=/bin/x ProcessId=2 TargetFilename=/etc/crontab";
    assert_eq!(joined(laurel), [expected]);
    let lines = [
        (
            "SYSCALL",
            "arch=c000003e syscall=257 success=yes a0=ffffff9c a1=1 a2=241 items=2 ppid=1 pid=2 uid=0 exe=\\\"/bin/x\\\"",
        ),
        ("CWD", "cwd=\\\"/etc\\\""),
        ("PATH", "item=0 name=\\\"/etc\\\" nametype=PARENT"),
        ("PATH", "item=1 name=\\\"./crontab\\\" nametype=CREATE"),
    ];
    let log = lines.map(|(kind, text)| {
        format!("{{\"message\":\"type={kind} msg=audit(1700000000.042:77): {text}\"}}\n")
    });
    assert_eq!(joined(&log.concat()), [expected]);
    let syslog = lines.map(|(kind, text)| {
        let text = text.replace('\\', "");
        format!("Jan  2 03:04:05 web audispd: type={kind} msg=audit(1700000000.042:77): {text}\n")
    });
    assert_eq!(joined(&syslog.concat()), [expected]);
}

/// A script block of PowerShell in parts, each as a record.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Json,
    Xml,
    /// The rendered message alone.
    Message,
    Ecs,
    Text,
}

impl Shape {
    const ALL: [Shape; 5] =
        [Shape::Json, Shape::Xml, Shape::Message, Shape::Ecs, Shape::Text];

    /// One part of several, of a script of an id.
    fn part(
        self,
        id: u32,
        second: u32,
        [number, total]: [usize; 2],
        text: &str,
    ) -> String {
        let id = format!("0f3a-{id:04x}");
        let time = format!("2026-03-04T05:06:{second:02}.000Z");
        let json = |text: &str| serde_json::Value::from(text).to_string();
        let message = format!(
            "Creating Scriptblock text ({number} of {total}):\r\n{text}\r\n\
             \r\nScriptBlock ID: {id}\r\nPath: C:\\x.ps1",
        );
        let channel = "Microsoft-Windows-PowerShell/Operational";
        match self {
            Shape::Json => format!(
                "{{\"TimeCreated\":\"{time}\",\"EventID\":4104,\
                 \"Channel\":\"{channel}\",\"Computer\":\"w\",\
                 \"MessageNumber\":{number},\"MessageTotal\":{total},\
                 \"ScriptBlockText\":{},\"ScriptBlockId\":\"{id}\",\
                 \"Path\":\"C:\\\\x.ps1\"}}\n",
                json(text),
            ),
            Shape::Xml => format!(
                "<Event><System><EventID>4104</EventID><TimeCreated \
                 SystemTime='{time}'/><Channel>{channel}</Channel>\
                 <Computer>w</Computer></System><EventData>\
                 <Data Name='MessageNumber'>{number}</Data>\
                 <Data Name='MessageTotal'>{total}</Data>\
                 <Data Name='ScriptBlockText'>{}</Data>\
                 <Data Name='ScriptBlockId'>{id}</Data>\
                 <Data Name='Path'>C:\\x.ps1</Data></EventData></Event>\n",
                text.replace('&', "&amp;").replace('<', "&lt;"),
            ),
            Shape::Message => format!(
                "{{\"TimeCreated\":\"{time}\",\"EventID\":4104,\
                 \"Channel\":\"{channel}\",\"Computer\":\"w\",\
                 \"Message\":{}}}\n",
                json(&message),
            ),
            Shape::Ecs => format!(
                "{{\"@timestamp\":\"{time}\",\"event\":{{\"code\":\"4104\",\
                 \"provider\":\"Microsoft-Windows-PowerShell\"}},\"winlog\":\
                 {{\"channel\":\"{channel}\",\"computer_name\":\"w\",\
                 \"event_id\":\"4104\"}},\"powershell\":{{\"sequence\":\
                 {number},\"total\":{total},\"file\":{{\
                 \"script_block_text\":{},\"script_block_id\":\"{id}\"}}}},\
                 \"file\":{{\"path\":\"C:\\\\x.ps1\"}}}}\n",
                json(text),
            ),
            Shape::Text => format!(
                "03/04/2026 05:06:{second:02} AM\nLogName={channel}\n\
                 SourceName=Microsoft-Windows-PowerShell\nEventCode=4104\n\
                 ComputerName=w\nMessage={message}\n",
            ),
        }
    }
}

/// A rule of what a script holds.
fn script_rule(literal: &'static str) -> t1053::rule::Rule {
    let test =
        Test::new(Field::ScriptBlockText, Operation::Contains, literal.into());
    let mut rule = rule(EventKind::ScriptBlock, test);
    rule.detection = Detection::new("own", "Own", Platform::Windows);
    rule
}

#[test]
fn literal_that_is_split_between_parts_of_a_script_is_found() {
    let literal = "Register-ScheduledTask";
    // With all rules, and so a search by ids, and with one.
    let all = Detector::builder().rule(script_rule(literal));
    let one = Detector::builder().without_builtin().rule(script_rule(literal));
    let detectors = [all.build().unwrap(), one.build().unwrap()];
    for shape in Shape::ALL {
        for at in 0..=literal.len() {
            let (first, second) = literal.split_at(at);
            let parts = [format!("$x = 1;{first}"), format!("{second} x")];
            let [a, b] = [0, 1].map(|part: usize| {
                shape.part(7, 1, [part + 1, 2], &parts[part])
            });
            for (log, order) in
                [(format!("{a}{b}"), [0, 1]), (format!("{b}{a}"), [0, 1])]
            {
                for detector in &detectors {
                    let found = |filter: bool, chunk: usize| {
                        let builder = Scanner::builder(detector);
                        let builder = builder.filter(filter);
                        let (scanned, counts) =
                            scan(builder, log.as_bytes(), chunk);
                        assert_eq!(counts.joins.joined, 1, "{log}");
                        scanned.matches
                    };
                    let matches = found(true, usize::MAX);
                    assert_eq!(matches, found(false, 7), "{log}");
                    let own = ("own".to_string(), 0, order.to_vec());
                    assert!(matches.contains(&own), "{at} {log}");
                }
            }
        }
    }
}

#[test]
fn script_in_parts_is_one_event() {
    for shape in Shape::ALL {
        let log = shape.part(1, 1, [2, 3], "two ")
            + &shape.part(2, 1, [1, 2], "other")
            + &shape.part(1, 2, [1, 3], "one ")
            // Twice the same, as where a log is read again.
            + &shape.part(1, 1, [2, 3], "two ")
            + &shape.part(3, 1, [1, 1], "whole")
            + &shape.part(1, 3, [3, 3], "three");
        let builder = Scanner::builder(&Detector::new()).events(true);
        let (scanned, counts) = scan(builder, log.as_bytes(), 9);
        let joins = counts.joins;
        assert_eq!((joins.joined, joins.incomplete), (1, 1), "{log}");
        let [(event, records)] = &scanned.events[..] else {
            panic!("{:?}", scanned.events)
        };
        assert_eq!(records, &[0, 2, 5]);
        let expected = "script_block EventID=4104 \
            Channel=Microsoft-Windows-PowerShell/Operational Computer=w \
            ScriptBlockText=one two three ScriptBlockId=0f3a-0001 \
            Path=C:\\x.ps1";
        assert_eq!(event, expected);
    }
}

#[test]
fn scripts_end_when_nothing_more_is_to_come() {
    let rule = script_rule("a");
    let builder = Detector::builder().without_builtin().rule(rule);
    let detector = builder.build().unwrap();
    let part = |id: u32, second: u32, number: usize| {
        Shape::Json.part(id, second, [number, 4], "a")
    };
    for filter in [true, false] {
        let builder = Scanner::builder(&detector).filter(filter);
        let mut scanner = builder.build().unwrap();
        let mut ended = Vec::new();
        let mut sink = |report: Report<'_>| {
            if let Report::Match(found) = report
                && !found.joined.is_empty()
            {
                let text = found.found.event().get(Field::ScriptBlockText);
                let text = String::from_utf8_lossy(text.unwrap());
                ended.push((found.joined.to_vec(), text.into_owned()));
            }
            ControlFlow::Continue(())
        };
        let mut log = part(1, 1, 1) + &part(1, 5, 2) + &part(1, 5, 4);
        // Ten seconds after the last part, and one of another host.
        log += &part(2, 15, 1);
        log += &part(9, 30, 1).replace("\"w\"", "\"v\"");
        let _ = scanner.feed(log.as_bytes(), &mut sink);
        let _ = scanner.feed(part(3, 16, 1).as_bytes(), &mut sink);
        let _ = scanner.feed(part(3, 17, 3).as_bytes(), &mut sink);
        // Too late, and no part at all of what is done.
        let _ = scanner.feed(part(1, 17, 3).as_bytes(), &mut sink);
        let at = |second: i64| {
            Timestamp::from_unix_millis(1_772_600_760_000 + second * 1000)
        };
        let _ = scanner.flush_pending(at(17), &mut sink);
        let _ = scanner.flush_pending(at(18), &mut sink);
        let _ = scanner.finish(&mut sink);
        let a = |text: &str| text.to_string();
        assert_eq!(
            ended,
            [(vec![0, 1, 2], a("aa\na")), (vec![5, 6], a("a\na")),]
        );
        let joins = scanner.counts().joins;
        assert_eq!((joins.joined, joins.incomplete), (2, 4));
        assert_eq!((joins.late, joins.evicted, joins.cut), (1, 0, 0));
    }
}

#[test]
fn scripts_that_never_end_cost_bounded_memory() {
    let builder = Detector::builder().without_builtin().rule(script_rule("a"));
    let detector = builder.build().unwrap();
    let mut scanner = Scanner::builder(&detector).build().unwrap();
    let sink = |_: Report<'_>| ControlFlow::Continue(());
    for id in 0..1000 {
        let part = Shape::Json.part(id, 1, [1, 2], "x");
        let _ = scanner.feed(part.as_bytes(), sink);
    }
    assert_eq!(scanner.counts().joins.evicted, 1000 - 256);
    let text = "x".repeat(1_500_000);
    for number in 1..=4 {
        let part = Shape::Json.part(5000, 1, [number, 9], &text);
        let _ = scanner.feed(part.as_bytes(), sink);
    }
    assert_eq!(scanner.counts().joins.cut, 2);
    for id in 6000..6010 {
        for number in 1..=2 {
            let part = Shape::Json.part(id, 1, [number, 9], &text);
            let _ = scanner.feed(part.as_bytes(), sink);
        }
    }
    let joins = scanner.counts().joins;
    // Sixteen MiB: five scripts of three million bytes, and a few small ones.
    assert!(joins.evicted > 1000 - 256 + 250, "{joins:?}");
    let _ = scanner.finish(sink);
    assert_eq!(scanner.counts().joins.joined, 11);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if cfg!(miri) { 2 } else { 64 }
    ))]

    /// Scripts, split and mixed in any way: each is one event, and the filter
    /// makes no difference.
    #[test]
    fn scripts_are_joined_as_they_were_written(
        scripts in prop::collection::vec(
            (prop::collection::vec("[ -~]{0,12}|é\\PC{0,6}", 1..5), 0..5_usize),
            1..6,
        ),
        order in prop::collection::vec(0..100_usize, 0..30),
        missing in prop::option::weighted(0.3, 0..30_usize),
        chunk in 1..400_usize,
    ) {
        let mut left: Vec<_> = Vec::new();
        for (id, (parts, shape)) in scripts.iter().enumerate() {
            // Blocks of text end where the next one begins; messages lose what
            // is blank at their end.
            let shape = [Shape::Json, Shape::Xml, Shape::Ecs][shape % 3];
            for (at, text) in parts.iter().enumerate() {
                let numbers = [at + 1, parts.len()];
                let record = shape.part(id as u32, 1, numbers, text);
                left.push((id, at, record));
            }
        }
        if let Some(missing) = missing.filter(|_| left.len() > 1) {
            left.remove(missing % left.len());
        }
        let mut log = String::new();
        let mut came = vec![Vec::new(); scripts.len()];
        let order = order.into_iter().chain(core::iter::repeat(0));
        for (number, at) in (0_u64..).zip(order) {
            if left.is_empty() {
                break;
            }
            let (id, at, record) = left.remove(at % left.len());
            came[id].push((number, at));
            log += &record;
        }
        let mut expected = Vec::new();
        for ((parts, _), came) in scripts.iter().zip(&mut came) {
            let records = came.iter().map(|(record, _)| *record).collect();
            came.sort_by_key(|(_, at)| *at);
            let mut text = String::new();
            let mut next = 0;
            for (_, at) in came.iter() {
                if *at != next {
                    text.push('\n');
                }
                text += &parts[*at];
                next = at + 1;
            }
            if came.len() > 1 {
                expected.push((text, records));
            }
        }
        expected.sort();
        static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::new);
        let builder = || Scanner::builder(&DETECTOR);
        let (whole, counts) =
            scan(builder().events(true), log.as_bytes(), usize::MAX);
        let mut events: Vec<(String, Vec<u64>)> = Vec::new();
        for (event, records) in &whole.events {
            let text = event.split_once("ScriptBlockText=").unwrap().1;
            let text = text.rsplit_once(" ScriptBlockId=").unwrap().0;
            events.push((text.to_string(), records.clone()));
        }
        events.sort();
        prop_assert_eq!(&events, &expected, "{}", log);
        prop_assert_eq!(counts.joins.joined, expected.len() as u64);
        let cut = scan(builder().events(true), log.as_bytes(), chunk);
        prop_assert_eq!(&cut.0, &whole);
        let read = scan(builder().filter(false), log.as_bytes(), chunk).0;
        let filtered = scan(builder(), log.as_bytes(), chunk).0;
        prop_assert_eq!(&filtered.matches, &read.matches, "{}", log);
        let alone = scan(builder().join(false), log.as_bytes(), chunk);
        prop_assert_eq!(alone.1.joins, Default::default());
    }
}

/// The command lines in what `ausearch -i` prints, by serial.
fn interpreted(printed: &str) -> BTreeMap<String, String> {
    let mut events: BTreeMap<&str, BTreeMap<_, &str>> = BTreeMap::new();
    let records = printed.lines();
    for record in records.filter(|line| line.starts_with("type=EXECVE ")) {
        // A line ends with a blank.
        let record = record.strip_suffix(' ').unwrap();
        let (head, fields) = record.split_once(") :").unwrap();
        let serial = head.rsplit(':').next().unwrap();
        events.entry(serial).or_default().extend(arguments_in(fields));
    }
    let lines = events.into_iter().map(|(serial, arguments)| {
        let mut line = String::new();
        for ((argument, part), text) in arguments {
            if argument > 0 && part == 0 {
                line.push(' ');
            }
            line += text;
        }
        (serial.to_string(), line)
    });
    lines.collect()
}

/// The arguments in a record, by their number and that of their part.
fn arguments_in(fields: &str) -> Vec<((usize, usize), &str)> {
    let mut arguments = Vec::new();
    let first = fields.find(" a").and_then(|at| {
        let at = if fields[at..].starts_with(" argc=") {
            at + fields[at + 1..].find(" a")? + 1
        } else {
            at
        };
        let digits = fields[at + 2..].split(|c: char| !c.is_ascii_digit());
        Some((at, digits.into_iter().next()?.parse::<usize>().ok()?))
    });
    let Some((mut at, mut number)) = first else { return arguments };
    let mut part = 0;
    let mut rest = &fields[at..];
    // What an argument says may look like the name of one: only the next in
    // order is.
    while !rest.is_empty() {
        let name = format!(" a{number}");
        rest = rest.strip_prefix(&name).unwrap();
        if let Some(length) = rest.strip_prefix("_len=") {
            rest = &length[length.find(' ').unwrap()..];
            continue;
        }
        if let Some(piece) = rest.strip_prefix('[') {
            let (number, after) = piece.split_once(']').unwrap();
            (part, rest) = (number.parse().unwrap(), after);
        }
        rest = rest.strip_prefix('=').unwrap();
        let next = [
            format!(" a{number}[{}]=", part + 1),
            format!(" a{}=", number + 1),
            format!(" a{}_len=", number + 1),
        ];
        let ends = next.iter().map(|name| rest.find(name));
        at = ends.flatten().min().unwrap_or(rest.len());
        arguments.push(((number, part), &rest[..at]));
        rest = &rest[at..];
        if !rest.starts_with(&next[0]) {
            (number, part) = (number + 1, 0);
        }
    }
    arguments
}

/// The command lines of the processes that are joined of a log, by serial.
fn command_lines(log: &[u8]) -> BTreeMap<String, String> {
    let builder = Scanner::builder(&Detector::new()).events(true);
    let mut scanner = builder.build().unwrap();
    let (mut lines, mut serials) = (BTreeMap::new(), BTreeMap::new());
    let mut sink = |report: Report<'_>| {
        let Report::Event(read) = report else {
            return ControlFlow::Continue(());
        };
        if read.joined.is_empty() {
            let id = read.event.get(Field::AuditId);
            let id = String::from_utf8_lossy(id.unwrap_or_default());
            let serial = id.rsplit(':').next().unwrap().to_string();
            serials.insert(read.record, serial);
        } else if let Some(line) = read.event.get(Field::CommandLine) {
            // As `ausearch` shows what moves the cursor.
            let line = String::from_utf8_lossy(line);
            let shown = line.chars().map(|one| match u32::from(one) {
                code @ 0..32 => format!("\\{code:03o}"),
                _ => one.to_string(),
            });
            lines.insert(serials[&read.record].clone(), shown.collect());
        }
        ControlFlow::Continue(())
    };
    let _ = scanner.feed(log, &mut sink);
    let _ = scanner.finish(&mut sink);
    lines
}

/// Logs of our own, and what `ausearch -i` printed of them;
/// `ffi/test-integration` asks it again.
#[test]
fn command_lines_are_those_of_ausearch() {
    let mut compared = 0;
    for log in
        std::fs::read_dir(testkit::root().join("testdata/ausearch")).unwrap()
    {
        let log = log.unwrap().path();
        if log.extension().is_some_and(|extension| extension == "log") {
            let printed = log.with_extension("txt");
            let printed = std::fs::read_to_string(printed).unwrap();
            let expected = interpreted(&printed);
            let joined = command_lines(&std::fs::read(&log).unwrap());
            assert_eq!(joined, expected, "{}", log.display());
            compared += expected.len();
        }
    }
    assert_eq!(compared, 14);
}

/// The same of real logs, each by itself.
#[test]
#[ignore = "needs `ausearch`, of Debian's package auditd, and a corpus"]
fn command_lines_of_real_logs_are_those_of_ausearch() {
    let mut compared = 0;
    for file in testkit::corpus_files() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("auditd") {
            continue;
        }
        let mut ausearch = std::process::Command::new("ausearch");
        let output = ausearch.args(["-i", "-if"]).arg(&file).output();
        let printed = output.unwrap().stdout;
        let expected = interpreted(&String::from_utf8_lossy(&printed));
        let mut joined = command_lines(&std::fs::read(&file).unwrap());
        eprintln!("{name}: {} and {}", joined.len(), expected.len());
        // Where there is no EXECVE, the title tells.
        joined.retain(|serial, _| expected.contains_key(serial));
        assert_eq!(joined, expected, "{name}");
        compared += expected.len();
    }
    assert!(compared > 100, "{compared}");
}
