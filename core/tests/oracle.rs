//! The library against the slow, obvious reference: rules at random, the
//! samples, real records and mutations of them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;

use proptest::prelude::*;
use t1053::event::{Event, EventKind, Field, TaskRegistered};
use t1053::record::{Format, Reader};
use t1053::rule::{Operation, Predicate, Test};
use t1053::{Detector, Report, Scanner, Scratch, catalog};
use testkit::reference;
use testkit::reference::compare::{rules_and_events, sequences_and_events};
#[cfg(feature = "sigma")]
use testkit::reference::condition::conditions;
use testkit::reference::random::Choices;
use testkit::reference::record;
use testkit::reference::record::Owned;
use testkit::reference::table::tables;
use testkit::rules::{detector, rule, slugs};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        failure_persistence: None,
        max_shrink_iters: 100_000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_rules_on_random_events(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        rules_and_events(&bytes);
    }

    #[test]
    fn random_sequences_on_random_events(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        sequences_and_events(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn tables_are_read_as_the_objects_that_their_rows_are(
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        tables(&bytes);
    }
}

#[cfg(feature = "sigma")]
proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn conditions_hold_where_they_say(
        bytes in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        conditions(&bytes, |text| {
            let rules = t1053::sigma::compile(text);
            let rules = rules.unwrap_or_else(|it| panic!("{it}\n{text}"));
            detector(&rules)
        });
    }
}

/// One record of each shape that no detection has a sample of.
const SHAPES: [&str; 18] = [
    r#"{"@timestamp":"2025-05-01T10:00:00.000Z","event":{"module":"auditd","action":"executed","outcome":"success"},"auditd":{"message_type":"syscall","sequence":7,"result":"success","data":{"arch":"x86_64","syscall":"rename","tty":"pts0"},"paths":[{"item":"0","name":"/etc/","nametype":"PARENT","mode":"040755"},{"item":"1","name":"/etc/crontab","nametype":"CREATE","mode":"0100644"}]},"process":{"name":"crontab","executable":"/usr/bin/crontab","title":"service atd restart","args":["crontab","-e"],"working_directory":"/root","pid":3},"user":{"name":"root","audit":{"name":"ann"}},"tags":["cron"]}"#,
    r#"{"@timestamp":"2025-05-01T10:00:00.000Z","event":{"module":"auditd"},"auditd":{"message_type":"syscall","result":"fail","data":{"syscall":"execve"}},"process":{"name":"at","executable":"/usr/bin/at"},"user":{"name":"daemon"}}"#,
    r#"{"class_uid":1006,"activity_id":1,"time":1746093600000,"job":{"name":"\\Sync-x7Qp2Lm"},"actor":{"user":{"name":"ann"}},"device":{"hostname":"ws-1","os":{"name":"Windows"}},"metadata":{"version":"1.1.0"}}"#,
    r#"{"class_uid":1007,"activity_id":1,"process":{"cmd_line":"schtasks.exe /create /tn a /sc once","file":{"path":"C:\\Windows\\System32\\schtasks.exe"},"parent_process":{"file":{"path":"C:\\Windows\\System32\\svchost.exe"}}},"device":{"hostname":"ws-1","os":{"name":"Windows"}},"metadata":{"version":"1.1.0"}}"#,
    r#"{"class_uid":1007,"activity_id":1,"process":{"cmd_line":"crontab -l","file":{"path":"/usr/bin/crontab"}},"device":{"os":{"name":"Linux"}}}"#,
    r#"{"ID":"1746093600.123:55","SYSCALL":{"arch":"0xc000003e","syscall":82,"success":"yes","comm":"cron%20tab","exe":"/usr/bin/crontab","UID":"root"},"PATH":[{"item":1,"name":"/etc/cron.d/%c3%a9","nametype":"CREATE","mode":"0o100644"}],"PROCTITLE":{"ARGV":["systemctl","restart","cron"]},"EXECVE":{"argc":2,"ARGV_STR":"a b"},"CWD":{"cwd":"/"}}"#,
    r#"{"TimeGenerated":"2025-05-01T10:00:00Z","Computer":"web-1","Facility":"user","ProcessName":"sysmon","SyslogMessage":"<Event><System><Provider Name=\"Linux-Sysmon\"/><EventID>1</EventID><Channel>Linux-Sysmon/Operational</Channel></System><EventData><Data Name=\"Image\">/usr/bin/crontab</Data><Data Name=\"CommandLine\">crontab -e</Data></EventData></Event>"}"#,
    r#"[{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"C:\\a\\at.exe","CommandLine":"at \\\\host 12:00"},{"EventID":4688,"Channel":"Security","NewProcessName":"C:\\a\\schtasks.exe","CommandLine":"schtasks /run /tn a"}]"#,
    r#"{"process.executable":"C:\\Windows\\System32\\schtasks.exe","process.command_line":"schtasks /delete /tn a","winlog.event_id":1,"winlog.channel":"Microsoft-Windows-Sysmon/Operational","winlog.provider_name":"Microsoft-Windows-Sysmon","event.code":"1"}"#,
    r#"{"event":{"code":"1","provider":"Microsoft-Windows-Sysmon"},"winlog":{"event_id":1},"process":{"name":"pwsh.exe","command_line":"pwsh -c x","parent":{"name":"wmiprvse.exe"}}}"#,
    r#"{"event":{"code":"1","provider":"Microsoft-Windows-Sysmon","original":"Process Create: type=PATH msg=audit(1.2:3): name=x"},"winlog":{"event_id":1},"process":{"name":"schtasks.exe","command_line":"schtasks /run /tn type=PATH msg=audit(1.2:3): name=x"}}"#,
    r#"{"class_uid":1007,"activity_id":1,"process":{"cmd_line":"crontab -l","name":"crontab","parent_process":{"name":"atd"}},"device":{"os":{"name":"Linux"}}}"#,
    "type=SYSCALL msg=audit(05/01/2025 10:00:00.123:55) : arch=x86_64 syscall=rename success=yes exit=0 items=2 ppid=1 pid=2 auid=ann uid=root comm=crontab exe=/usr/bin/crontab key=(null)",
    "type=SYSCALL msg=audit(1746093600.123:55): arch=c000003e syscall=82 success=yes comm=\"crontab\" exe=\"/usr/bin/crontab\" key=(null) type=CWD msg=audit(1746093600.123:55): cwd=\"/root\" type=PATH msg=audit(1746093600.123:55): item=1 name=\"/etc/crontab\" nametype=CREATE",
    "audit: type=1302 audit(1746093600.123:55): item=1 name=\"/etc/cron.d/a\" nametype=CREATE mode=0100644",
    "[  318.904417] audit: type=1302 audit(1746093600.123:55): item=1 name=\"/etc/cron.d/a\" nametype=CREATE mode=0100644",
    r#"May  1 10:00:00 web-1 laurel: {"ID":"1746093600.123:55","SYSCALL":{"arch":"0xc000003e","syscall":82,"success":"yes","comm":"crontab","exe":"/usr/bin/crontab","SYSCALL":"rename","UID":"root"}}"#,
    r#"<14>May  1 10:00:00 ws-1 Microsoft-Windows-Sysmon: {"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Image":"C:\\a\\schtasks.exe","CommandLine":"schtasks /run /tn a"}"#,
];

/// Every record of the samples, and of shapes without any.
fn samples() -> Vec<Vec<u8>> {
    let files = testkit::sample_cases();
    let files = files.iter().map(|it| records(&fs::read(it).unwrap()));
    let mut all: Vec<_> = files.flatten().collect();
    all.extend(SHAPES.map(|it| it.as_bytes().to_vec()));
    all
}

/// What a scanner finds, by record, and what it counts.
fn scan(
    detector: &Detector,
    filter: bool,
    bytes: &[u8],
) -> (BTreeSet<(u64, String)>, t1053::ScanCounts) {
    let scanner = Scanner::builder(detector).filter(filter).build().unwrap();
    testkit::scan(scanner, bytes, usize::MAX)
}

/// The events in one record, and the slugs of single events in it, as read
/// and evaluated.
fn read_and_evaluate(
    detector: &Detector,
    record: &[u8],
) -> Result<(Vec<Owned>, BTreeSet<String>), t1053::record::RecordError> {
    let mut scratch = Scratch::new(detector);
    let mut events = Vec::new();
    let mut found = BTreeSet::new();
    Reader::new().read(Format::Auto, record, |_, event| {
        events.push(Owned::of(event));
        found.extend(slugs(detector, event, &mut scratch));
    })?;
    Ok((events, found))
}

/// What the reference had to say of records, by their shape, and where the
/// library says something else.
#[derive(Default)]
struct Comparison {
    shares: BTreeMap<&'static str, (usize, usize)>,
    differences: Vec<String>,
}

impl Comparison {
    fn add(&mut self, detector: &Detector, record: &[u8]) {
        let (shape, events) = record::read(record);
        let share = self.shares.entry(shape).or_default();
        share.1 += 1;
        let Some(owned) = events else { return };
        match compare(detector, record, &owned) {
            Ok(compared) => share.0 += usize::from(compared),
            Err(difference) => {
                let shown = String::from_utf8_lossy(record);
                self.differences.push(format!(
                    "{shape}: {difference}\n{shown}\n{owned:#?}"
                ));
            }
        }
        let enough = self.differences.len() < 20;
        assert!(enough, "{}", self.differences.join("\n\n"));
    }

    /// Shows the shares; how many percent of all records were compared.
    fn percent(&self, of: &str) -> usize {
        let shares = self.shares.values();
        let (compared, all) =
            shares.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        eprintln!("{compared} of {all} {of} compared");
        for (shape, (compared, all)) in &self.shares {
            eprintln!("{compared:>9} of {all:>9} {shape}");
        }
        let differences = self.differences.join("\n\n");
        assert!(self.differences.is_empty(), "{differences}");
        100 * compared / all.max(1)
    }
}

/// Compares the library on a record with what the reference read in it;
/// `Ok(false)` where that cannot be evaluated, `Err` tells what differs.
fn compare(
    detector: &Detector,
    record: &[u8],
    owned: &[Owned],
) -> Result<bool, String> {
    let mut expected = BTreeSet::new();
    for event in owned {
        let found = reference::matches(detector.rules(), &event.event());
        let Some(found) = found else { return Ok(false) };
        expected.extend(found);
    }
    let (events, found) = match read_and_evaluate(detector, record) {
        Ok(found) => found,
        // Strict readers differ in which oddities of tags they let through;
        // what is reported as unreadable is not lost in silence.
        Err(_) if record.contains(&b'<') => return Ok(false),
        Err(error) => return Err(error.to_string()),
    };
    if let Some(difference) = Owned::difference(owned, &events) {
        return Err(difference);
    }
    if found != expected {
        return Err(format!("{found:?} instead of {expected:?}"));
    }
    let mut scanned = BTreeSet::new();
    // The reference reads a record at a time.
    let scanner = Scanner::builder(detector).join(false);
    let mut scanner = scanner.build().unwrap();
    let _ = scanner.record(record, |report| {
        if let Report::Match(it) = report
            && it.found.other_time().is_none()
        {
            scanned.insert(it.found.detection().slug.to_string());
        }
        ControlFlow::Continue(())
    });
    if scanned != expected {
        return Err(format!("scanned {scanned:?} instead of {expected:?}"));
    }
    Ok(true)
}

/// The records of a file: lines, but where an event takes several.
fn records(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut records: Vec<Vec<u8>> = Vec::new();
    let mut open = false;
    for line in bytes.split(|it| *it == b'\n') {
        let is_text = record::begins_text(line);
        if open && !is_text {
            let last = records.last_mut().unwrap();
            last.push(b'\n');
            last.extend(line);
            open = !line.trim_ascii_end().ends_with(b"</Event>");
        } else if !line.is_empty() {
            let is_cut = line.starts_with(b"<Event")
                && !line.trim_ascii_end().ends_with(b"</Event>");
            open = is_text || is_cut;
            records.push(line.to_vec());
        }
    }
    records
}

#[test]
fn samples_as_the_reference_reads_them() {
    let detector = Detector::published();
    let mut comparison = Comparison::default();
    for record in samples() {
        comparison.add(&detector, &record);
    }
    assert!(comparison.percent("samples") >= 97);
}

/// Every rule, asked of every event as it was read: rules about jobs are
/// asked by the reference of whatever may speak of a job, without a guard, so
/// that a guard which is too narrow shows.
#[test]
fn rules_as_the_reference_asks_them() {
    let detector = Detector::new();
    let mut scratch = Scratch::new(&detector);
    let most = if cfg!(debug_assertions) { 500 } else { usize::MAX };
    let mut asked = 0;
    for record in samples().into_iter().chain(corpus_records(most)) {
        let mut ask = |_, event: &Event<'_>| {
            let rules = catalog::builtin();
            let Some(expected) = reference::matches(rules, event) else {
                return;
            };
            let found = slugs(&detector, event, &mut scratch);
            let found: BTreeSet<String> = found.into_iter().collect();
            assert_eq!(found, expected, "{event:?}");
            asked += 1;
        };
        let _ = Reader::new().read(Format::Auto, &record, &mut ask);
    }
    assert!(asked > 500, "{asked}");
}

/// Records of every corpus file, thinned out where there are many.
fn corpus_records(most: usize) -> Vec<Vec<u8>> {
    let mut some = Vec::new();
    for file in testkit::corpus_files() {
        let all = records(&fs::read(file).unwrap());
        let step = all.len().div_ceil(most).max(1);
        some.extend(all.into_iter().step_by(step));
    }
    some
}

#[test]
fn the_corpus_as_the_reference_reads_it() {
    let detector = Detector::published();
    let most = if cfg!(debug_assertions) { 500 } else { usize::MAX };
    let mut comparison = Comparison::default();
    for record in corpus_records(most) {
        comparison.add(&detector, &record);
    }
    let percent = comparison.percent("records of the corpus");
    assert!(percent >= 98 || testkit::corpus().is_none());
}

/// One of the ways in which a record may be written otherwise.
fn mutate(
    record: &mut Vec<u8>,
    others: &[Vec<u8>],
    choices: &mut Choices<'_>,
) {
    const TEXTS: [&str; 26] = [
        "\\u0073",
        "\\u002f",
        "&#x73;",
        "&amp;",
        "\\/",
        "\\\\",
        "\"",
        "<",
        ">",
        "\0",
        "\u{feff}",
        "schtasks",
        "crontab",
        "\n",
        "\r",
        "4698",
        "{",
        "}",
        "[",
        "]",
        ",",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "\\ud800",
    ];
    let at = |choices: &mut Choices<'_>, most: usize| {
        (choices.of(256) << 16 | choices.of(256) << 8 | choices.of(256))
            % (most + 1)
    };
    let from = at(choices, record.len());
    match choices.of(8) {
        0 => {
            let text = TEXTS[choices.of(TEXTS.len())];
            record.splice(from..from, text.bytes());
        }
        1 => record.truncate(from),
        2 => {
            let to = (from + choices.of(32)).min(record.len());
            record.drain(from..to);
        }
        3 if from < record.len() => record[from] = choices.of(256) as u8,
        // A part of another record.
        4 => {
            let other = &others[at(choices, others.len() - 1)];
            let start = at(choices, other.len());
            let end = (start + choices.of(64)).min(other.len());
            record.splice(from..from, other[start..end].iter().copied());
        }
        // A quoted value in hex, as auditd writes what is ambiguous.
        5 | 6 if record.starts_with(b"type=") => {
            let quotes = |from: usize| {
                let mut rest = record.iter().enumerate().skip(from);
                rest.find(|it| *it.1 == b'"').map(|it| it.0)
            };
            let start = quotes(from);
            let end = start.and_then(|it| quotes(it + 1));
            if let (Some(start), Some(end)) = (start, end) {
                let inside = record[start + 1..end].iter();
                let hex: String =
                    inside.map(|it| format!("{it:02X}")).collect();
                record.splice(start..=end, hex.bytes());
            }
        }
        // A letter spelled as an escape.
        5 | 6 => {
            let letter = |it: &u8| it.is_ascii_alphanumeric();
            let next = record[from..].iter().position(letter);
            if let Some(place) = next.map(|it| it + from) {
                let byte = record[place];
                let text = match record.first() {
                    Some(b'<') => format!("&#{byte};"),
                    _ => format!("\\u{:04x}", u32::from(byte)),
                };
                record.splice(place..=place, text.bytes());
            }
        }
        // A value that a rule looks for.
        _ => {
            const NAMES: [&str; 6] = [
                "schtasks.exe /create /ru SYSTEM",
                "/etc/cron.d/x",
                "rundll32",
                "crontab -l",
                "taskschd.dll",
                "at.allow",
            ];
            let text = NAMES[choices.of(NAMES.len())];
            record.splice(from..from, text.bytes());
        }
    }
}

/// With and without its filter a scanner reports the same matches, of any
/// record.
fn filter_is_sound(detector: &Detector, record: &[u8]) {
    let (with, counts) = scan(detector, true, record);
    let (without, all) = scan(detector, false, record);
    let shown = || String::from_utf8_lossy(record);
    assert_eq!(with, without, "{}", shown());
    assert_eq!(counts.records, all.records, "{}", shown());
    assert_eq!(counts.matches, all.matches, "{}", shown());
}

#[test]
fn mutated_records() {
    let detector = Detector::new();
    // The reference reads no more of a record than these ask for.
    let published = Detector::published();
    let mut records = samples();
    // Real records change which mutations there are, and one in a million is
    // nonsense that the reference reads in another way.
    let more = std::env::var("T1053_MUTATIONS").ok();
    let count = match more.map(|it| it.parse().unwrap()) {
        Some(count) => {
            records.extend(corpus_records(20));
            count
        }
        None if cfg!(debug_assertions) => 20_000,
        None => 200_000,
    };
    let mut comparison = Comparison::default();
    // The same in every run.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..count {
        let mut bytes = [0; 64];
        for chunk in bytes.chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes());
        }
        let mut choices = Choices::new(&bytes);
        let place = state % records.len() as u64;
        let mut record = records[usize::try_from(place).unwrap()].clone();
        if record.len() > 16 << 10 {
            continue;
        }
        for _ in 0..=choices.of(3) {
            mutate(&mut record, &records, &mut choices);
        }
        filter_is_sound(&detector, &record);
        comparison.add(&published, &record);
    }
    assert!(comparison.percent("mutated records") >= 26);
}

#[test]
fn the_corpus_with_and_without_the_filter() {
    let detector = Detector::new();
    for file in testkit::corpus_files() {
        let mut bytes = fs::read(file).unwrap();
        if cfg!(debug_assertions) {
            bytes.truncate(1 << 20);
        }
        filter_is_sound(&detector, &bytes);
        let [with, without] = [true, false].map(|filter| {
            let scanner = Scanner::builder(&detector).filter(filter);
            testkit::scan_pieces(scanner.build().unwrap(), &bytes)
        });
        assert_eq!(with, without);
    }
}

/// Records of shapes that the reference does not know, each of which matches
/// something.
const MORE_SHAPES: [&str; 6] = [
    r#"{"timestamp":1706933106000000000,"hostName":"lx1","processName":"crontab","eventName":"sched_process_exec","args":[{"name":"pathname","value":"/usr/bin/crontab"},{"name":"argv","value":["crontab","-e"]}]}"#,
    r#"{"timestamp":1706933106000000000,"hostName":"lx1","processName":"sh","eventName":"magic_write","args":[{"name":"pathname","value":"/etc/cron.d/x"}]}"#,
    r#"{"ProviderName":"Microsoft-Windows-Security-Auditing","EventID":4688,"Channel":"Security","StringInserts":["S-1-5-18","al","CORP","0x3e7","0x1f4","C:\\Windows\\System32\\schtasks.exe","%%1936","0x1","schtasks /create /tn x /ru SYSTEM /tr a.exe"]}"#,
    r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"EventID","type":"int"},{"name":"Channel","type":"string"},{"name":"NewProcessName","type":"string"},{"name":"CommandLine","type":"string"}],"rows":[[4624,"Security",null,null],[4688,"Security","C:\\Windows\\System32\\schtasks.exe","schtasks /create /tn x /ru SYSTEM /tr a.exe"]]}]}"#,
    r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1706933106000000000","body":{"kvlistValue":{"values":[{"key":"channel","value":{"stringValue":"Security"}},{"key":"event_id","value":{"kvlistValue":{"values":[{"key":"id","value":{"intValue":"4688"}}]}}},{"key":"event_data","value":{"kvlistValue":{"values":[{"key":"NewProcessName","value":{"stringValue":"C:\\Windows\\System32\\schtasks.exe"}},{"key":"CommandLine","value":{"stringValue":"schtasks /create /tn x /ru SYSTEM /tr a.exe"}}]}}}]}}}]}]}]}"#,
    r#"{"any":{"thing":{"EventID":1,"SourceName":"Microsoft-Windows-Sysmon","Image":"C:\\Windows\\System32\\schtasks.exe","CommandLine":"schtasks /create /tn x /ru SYSTEM /tr a.exe"}}}"#,
];

/// A shape that lacks one of its marks loses its matches here.
#[test]
fn every_shape_passes_the_filter() {
    let detector = Detector::new();
    for record in MORE_SHAPES {
        let (found, _) = scan(&detector, false, record.as_bytes());
        assert!(!found.is_empty(), "{record}");
        filter_is_sound(&detector, record.as_bytes());
        let escaped = record.replace('\\', r"\\").replace('"', "\\\"");
        let wrapped = format!(r#"{{"log":"{escaped}"}}"#);
        let (found, _) = scan(&detector, false, wrapped.as_bytes());
        assert!(!found.is_empty(), "{wrapped}");
        filter_is_sound(&detector, wrapped.as_bytes());
    }
}

/// What a rule of one test finds in a task with these actions.
fn finds(operation: Operation, pattern: &'static str, actions: &str) -> bool {
    let test = Test::new(Field::Command, operation, pattern.into());
    let kind = EventKind::TaskRegistered;
    let detector = detector([&rule("r", kind, Predicate::Test(test))]);
    let task = format!("<Task><Actions>{actions}</Actions></Task>");
    let event = Event::windows(TaskRegistered {
        task_content: Some(task.as_bytes()),
        ..Default::default()
    });
    let mut scratch = Scratch::new(&detector);
    !slugs(&detector, &event, &mut scratch).is_empty()
}

/// An empty element once had no place in the definition, and evaluation
/// reckoned with one all the same.
#[test]
fn an_empty_action_is_a_value() {
    let empty = "<Exec><Command></Command></Exec>";
    assert!(finds(Operation::Exists, "", empty));
    assert!(finds(Operation::Equals, "", empty));
    assert!(finds(Operation::Null, "", empty));
    assert!(!finds(Operation::Exists, "", "<Exec/>"));
}

/// Whether a field was empty once hung on the order of its values.
#[test]
fn one_empty_value_does_not_make_a_field_empty() {
    let empty = "<Exec><Command></Command></Exec>";
    let full = "<Exec><Command>a</Command></Exec>";
    for actions in [format!("{empty}{full}"), format!("{full}{empty}")] {
        assert!(!finds(Operation::Null, "", &actions), "{actions}");
    }
    assert!(finds(Operation::Null, "", &empty.repeat(2)));
}
