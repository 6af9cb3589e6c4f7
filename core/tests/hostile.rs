//! Input that means harm, or comes of harm done on the way: nothing panics,
//! nothing takes more than linear time or bounded memory, every record is
//! accounted for, and what follows is still read.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::ops::ControlFlow;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use t1053::TaskDefinition;
use t1053::event::{Event, Field, ScriptBlock, TaskRegistered};
use t1053::record::{Format, Reader};
use t1053::{
    Detector, Report, ScanCounts, Scanner, Scratch, Timestamp, Unreadable,
};
use testkit::accounted;
use testkit::records::{RECORDS, Sample};

/// Scans with the filter and without, whole and in chunks; all must agree
/// but on what the filter passes over. The slugs found, and the counts
/// without the filter.
fn scan(stream: &[u8]) -> (Vec<(u64, String)>, ScanCounts) {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::published);
    let run = |filter, chunk| {
        let scanner =
            Scanner::builder(&DETECTOR).filter(filter).build().unwrap();
        testkit::scan(scanner, stream, chunk)
    };
    let whole = run(false, usize::MAX);
    assert_eq!(run(false, 4093), whole);
    let filtered = run(true, usize::MAX);
    assert_eq!(run(true, 4093), filtered);
    assert_eq!(filtered.0, whole.0);
    assert_eq!(filtered.1.records, whole.1.records);
    (whole.0.into_iter().collect(), whole.1)
}

fn slugs(stream: &[u8]) -> Vec<String> {
    scan(stream).0.into_iter().map(|it| it.1).collect()
}

/// The values of a field in the one record, whatever becomes of it.
fn values(record: &[u8], field: Field) -> Vec<String> {
    let mut values = Vec::new();
    let _ = Reader::new().read(Format::Auto, record, |_, event| {
        let value = event.get(field).map(String::from_utf8_lossy);
        values.push(value.unwrap_or("(absent)".into()).into_owned());
    });
    values
}

fn sysmon(members: &str) -> String {
    format!(
        "{{\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\
         {members}}}",
    )
}

/// Runs with a stack that no recursion on the input's depth fits in.
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    let builder = std::thread::Builder::new().stack_size(256 << 10);
    builder.spawn(body).unwrap().join().unwrap();
}

#[test]
fn every_format_is_read() {
    for Sample { slug, record, .. } in RECORDS {
        assert!(slugs(record.as_bytes()).contains(&slug.into()), "{record}");
    }
}

/// Lists of records as programs print them, and what practitioners make of
/// them with other programs: each record is read, with the filter and
/// without.
#[test]
fn every_record_of_a_list_is_read() {
    let Sample { record, .. } = RECORDS[0];
    let each = slugs(record.as_bytes()).len();
    let value: serde_json::Value = record.parse().unwrap();
    let printed = serde_json::to_string_pretty(&value).unwrap();
    let flat: Vec<&str> = printed.lines().map(str::trim).collect();
    let flat = flat.join("\n");
    let list = |one: &str, between: &str| [one; 3].join(between);
    for stream in [
        format!("[\n{}\n]\n", list(record, ",\n")),
        format!("[{}]\n", list(record, ",\n")),
        format!("[{}]\n", list(record, ",")),
        format!("[ {}\n]\n", list(record, "\n, ")),
        format!("[\r\n{}\r\n]\r\n", list(record, " ,\r\n")),
        format!("{},\n", list(record, ",\n")),
        list(record, ""),
        list(record, ", "),
        format!("[\n{}\n]", list(&printed, ",\n")),
        format!("[\n    {}\n]", list(&printed.replace('\n', "\n    "), ",\n")),
        format!("[{}]", list(&printed, ",")),
        list(&printed, "\n"),
        list(&printed, ""),
        list(&flat, ",\n"),
        format!("[\n{}\n]\n", list(&flat, ",\n")),
        format!("{{\"records\":[\n{}\n]}}\n", list(record, ",\n")),
        format!("{{\n\"value\": [\n{}\n]\n}}\n", list(&flat, ",\n")),
        format!("\u{1e}{}\n", list(&printed, "\n\u{1e}")),
    ] {
        let (_, counts) = scan(stream.as_bytes());
        let found = (counts.matches as usize, counts.unreadable);
        assert_eq!(found, (each * 3, 0), "{stream}");
        // Nor does it touch what stands beside it.
        let stream = format!("{record}\n{stream}\n{record}");
        let (_, counts) = scan(stream.as_bytes());
        let found = (counts.matches as usize, counts.unreadable);
        assert_eq!(found, (each * 5, 0), "{stream}");
    }
}

#[test]
fn a_record_of_50_megabytes_is_passed_over_in_little_memory() {
    let Sample { slug, record, .. } = RECORDS[0];
    let size = 50 << 20;
    let block = vec![b'x'; 1 << 20];
    let detector = Detector::published();
    for opening in ["{\"a\":\"", "<Event>", "type=PATH msg=audit(1.1:1): ", ""]
    {
        let mut found = Vec::new();
        let mut sink = |report: Report<'_>| {
            found.push(match report {
                Report::Match(it) => it.found.detection().slug.to_string(),
                Report::Unreadable(it) => it.error.reason().into(),
                _ => panic!(),
            });
            ControlFlow::Continue(())
        };
        let mut scanner = Scanner::new(&detector);
        let memory = allocation_counter::measure(|| {
            let _ = scanner.feed(opening.as_bytes(), &mut sink);
            for _ in 0..size >> 20 {
                let _ = scanner.feed(&block, &mut sink);
            }
            let _ = scanner.feed(b"\"}\n", &mut sink);
            let _ = scanner.feed(record.as_bytes(), &mut sink);
            let _ = scanner.finish(&mut sink);
        });
        // A buffer that grows is twice the limit, and copied once.
        assert!(memory.bytes_max < 52 << 20, "{}", memory.bytes_max);
        let counts = scanner.counts();
        accounted(counts);
        assert_eq!((counts.records, counts.unreadable), (2, 1));
        assert_eq!(found[0], "record is over the size limit");
        assert!(found.contains(&slug.to_string()));
    }
}

#[test]
fn a_record_of_50_megabytes_is_read_where_it_may_be() {
    let detector = Detector::published();
    let Sample { slug, record, .. } = RECORDS[0];
    let long = "x".repeat(50 << 20);
    let record =
        record.replace("{\"EventID", &format!("{{\"a\":\"{long}\",\"EventID"));
    let scanner =
        Scanner::builder(&detector).record_limit(64 << 20).build().unwrap();
    let (found, _) = testkit::scan(scanner, record.as_bytes(), 1 << 20);
    assert!(found.contains(&(0, slug.into())));
}

#[test]
fn a_million_empty_lines() {
    for line in ["\n", "\r\n", " \n", "\t\r\n"] {
        let mut stream = line.repeat(1_000_000);
        stream += RECORDS[0].record;
        let (found, counts) = scan(stream.as_bytes());
        assert_eq!(counts.records, 1);
        assert!(!found.is_empty());
    }
}

#[test]
fn deep_nesting() {
    on_a_small_stack(|| {
        let depth = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
        let next = RECORDS[0].record;
        for (open, inside, close) in [
            ("[", "", "]"),
            ("{\"a\":", "1", "}"),
            ("{\"records\":[", "", "]}"),
            ("{\"Event\":{\"System\":", "1", "}}"),
            ("[{\"_raw\":", "1", "}]"),
            ("<a>", "", "</a>"),
        ] {
            for close in ["", close] {
                let deep = open.repeat(depth) + inside + &close.repeat(depth);
                let deep = match open {
                    "<a>" => format!(
                        "<Event><System/><EventData>{deep}</EventData></Event>",
                    ),
                    _ => deep,
                };
                let (found, counts) =
                    scan(format!("{deep}\n{next}\n").as_bytes());
                assert_eq!(counts.records, 2, "{open}{close}");
                assert!(!found.is_empty(), "{open}{close}");
            }
        }
        // A string in a record in a string, and so on.
        let mut wrapped = RECORDS[0].record.to_string();
        for _ in 0..12 {
            let inner = wrapped.replace('\\', "\\\\").replace('"', "\\\"");
            wrapped = format!("{{\"_raw\":\"{inner}\"}}");
            if wrapped.len() > 8 << 20 {
                break;
            }
            scan(wrapped.as_bytes());
        }
    });
}

#[test]
fn deep_task_definitions() {
    on_a_small_stack(|| {
        let detector = Detector::published();
        let mut scratch = Scratch::new(&detector);
        for open in ["<a>", "<Exec>", "&lt;a&gt;", "&amp;lt;", "<!--", "<a "] {
            let content = format!("<Task>{}", open.repeat(300_000));
            let event = Event::windows(TaskRegistered {
                task_content: Some(content.as_bytes()),
                ..Default::default()
            });
            let _ = detector.evaluate(&event, &mut scratch).count();
            assert!(
                TaskDefinition::new(content.as_bytes()).elements().count()
                    == 0
            );
        }
    });
}

#[test]
fn entity_bombs() {
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\">\
        <!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\
        <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let event =
        RECORDS[1].record.replace("/tr ", "/tr &c;&c;&c;&c;&c;&c;&amp; ");
    for record in [
        format!("{bomb}{event}"),
        event.replace("<System>", &format!("{bomb}<System>")),
        event.clone(),
    ] {
        // No entity but XML's own five is ever replaced.
        for value in values(record.as_bytes(), Field::CommandLine) {
            assert!(value.len() < 200, "{value}");
            assert!(value.contains("&c;&c;"), "{value}");
        }
        scan(record.as_bytes());
    }
    assert_eq!(values(event.as_bytes(), Field::CommandLine).len(), 1);
    // What is escaped over and over is unescaped once, or twice.
    let content = "&amp;".repeat(100_000) + &"amp;".repeat(100_000);
    let record = sysmon(&format!("\"CommandLine\":\"{content}\""));
    scan(record.as_bytes());
}

#[test]
fn names_twice_and_names_in_another_case() {
    let record = sysmon(r#""CommandLine":"a","CommandLine":"b""#);
    assert_eq!(values(record.as_bytes(), Field::CommandLine), ["b"]);
    let record = sysmon(r#""CommandLine":"a","CommandLine":null"#);
    assert_eq!(values(record.as_bytes(), Field::CommandLine).len(), 1);
    // Names are compared exactly: `ProcessID` and `ProcessId` are two. Where
    // no value stands under its own name, they all do in another spelling.
    let other = r#""commandline":"a","COMMANDLINE":"b""#;
    let record = sysmon(&format!(r#""User":"c",{other}"#));
    assert_eq!(values(record.as_bytes(), Field::CommandLine), ["(absent)"]);
    let record = sysmon(other);
    assert_eq!(values(record.as_bytes(), Field::CommandLine), ["b"]);
    let record = sysmon(r#""ProcessID":5,"ProcessId":"6""#);
    assert_eq!(values(record.as_bytes(), Field::ProcessId), ["6"]);
    let twice = RECORDS[1].record.replace(
        "</EventData>",
        "<Data Name='CommandLine'>c</Data></EventData>",
    );
    assert_eq!(values(twice.as_bytes(), Field::CommandLine), ["c"]);
}

#[test]
fn other_types_than_are_due() {
    for (value, expected) in [
        ("5", "5"),
        ("-1.5e3", "-1.5e3"),
        ("true", "true"),
        ("null", "(absent)"),
        ("{\"a\":1}", "(absent)"),
        ("\"\"", ""),
    ] {
        let record = sysmon(&format!("\"CommandLine\":{value}"));
        let found = values(record.as_bytes(), Field::CommandLine);
        assert_eq!(found, [expected], "{value}");
    }
    for id in ["1", "\"1\"", "\" 1 \""] {
        let record = RECORDS[0].record.replace(":1,", &format!(":{id},"));
        assert!(!slugs(record.as_bytes()).is_empty(), "{id}");
    }
    for id in [
        "1.0",
        "\"0x1\"",
        "null",
        "true",
        "[1]",
        "{}",
        "-1",
        "1e0",
        "\"one\"",
        "99999999999999999999999999",
    ] {
        let record = RECORDS[0].record.replace(":1,", &format!(":{id},"));
        scan(record.as_bytes());
    }
}

#[test]
fn bytes_that_are_no_text() {
    let Sample { slug, record, .. } = RECORDS[0];
    for hostile in [
        &b"\xFF\xFE"[..],
        b"\xC3",
        b"\xED\xA0\x80",
        b"\xF4\x90\x80\x80",
        b"\0",
        b"\0\0\0\0",
        b"\xEF\xBB\xBF",
        br"\ud800",
        br"\udc00\ud800",
        br"\ud83d\u0041",
        br"\u0000",
        br"\x41",
        b"\x1b[31m",
        "\u{202e}".as_bytes(),
    ] {
        for place in ["/create", "C:", "Microsoft-Windows-Sysmon\""] {
            let at = record.find(place).unwrap();
            let (before, after) = record.split_at(at);
            let bytes =
                [before.as_bytes(), hostile, after.as_bytes()].concat();
            let stream = [&bytes[..], b"\n", record.as_bytes()].concat();
            let (found, counts) = scan(&stream);
            assert_eq!(counts.records, 2, "{}", hostile.escape_ascii());
            assert!(found.contains(&(1, slug.into())));
            // In the middle of a value it hides nothing else.
            if place == "/create" {
                assert!(found.contains(&(0, slug.into())));
            }
        }
        // Between records.
        let stream = [record.as_bytes(), b"\n", hostile, b"\n"].concat();
        let stream = [&stream[..], record.as_bytes()].concat();
        let (found, _) = scan(&stream);
        let found = found.iter().filter(|it| it.1 == slug).count();
        assert_eq!(found, 2, "{}", hostile.escape_ascii());
    }
    // A byte order mark in front of a later record is none of it.
    let stream = format!("{record}\n\u{feff}{record}\n");
    let (found, counts) = scan(stream.as_bytes());
    assert_eq!((counts.records, counts.unreadable), (2, 0));
    assert!(found.contains(&(1, slug.into())));
}

#[test]
fn a_record_cut_at_every_byte_harms_no_other() {
    for Sample { slug, record, .. } in RECORDS {
        let whole = slugs(record.as_bytes());
        for cut in 0..=record.len() {
            let (head, tail) = record.split_at(cut);
            let stream = format!("{head}\n{record}\n");
            let (found, counts) = scan(stream.as_bytes());
            assert!(counts.records >= 1);
            let mine: Vec<_> =
                found.iter().filter(|it| it.1 == slug).collect();
            assert!(!mine.is_empty(), "{head}");
            for (_, slug) in &found {
                assert!(whole.contains(slug), "{slug} of {head}");
            }
            // Its rest, as after a rotated file, is accounted for too.
            let stream = format!("{tail}\n{record}\n");
            let (found, _) = scan(stream.as_bytes());
            assert!(found.iter().any(|it| it.1 == slug), "{tail}");
        }
    }
}

#[test]
fn line_ends() {
    let Sample { slug, record, .. } = RECORDS[0];
    let two = format!("{record}\r\n{record}\r\n");
    let (found, counts) = scan(two.as_bytes());
    assert_eq!(counts.records, 2);
    assert_eq!(found.iter().filter(|it| it.1 == slug).count(), 2);
    // A carriage return alone ends no line: both records are items of one.
    let joined = format!("{record}\r{record}\n{record}\n");
    let (found, counts) = scan(joined.as_bytes());
    assert_eq!((counts.records, counts.unreadable), (2, 0));
    assert!(found.contains(&(0, slug.into())));
    assert!(found.contains(&(1, slug.into())));
}

#[test]
fn audit_hex() {
    let title = |hex: &str| {
        let record =
            format!("type=PROCTITLE msg=audit(1.1:1): proctitle={hex}");
        values(record.as_bytes(), Field::Proctitle).concat()
    };
    assert_eq!(title("63726F6E"), "cron");
    // Of odd length, in lower case or with other letters it is no hex.
    for text in ["63726F6E7", "63726f6e", "63726F6G", "6", "(null)"] {
        let found = title(text);
        assert!(found == text || found == "(absent)", "{text}: {found}");
    }
    assert_eq!(title(""), "");
    assert_eq!(title("00"), "");
    assert_eq!(title("6100620000"), "a b");
}

#[test]
fn times_of_all_years() {
    let mut last = None;
    for year in 0..=9999 {
        for day in ["01-01T00:00:00", "02-28T23:59:59", "12-31T23:59:59"] {
            let text = format!("{year:04}-{day}.1234567Z");
            let time = Timestamp::parse(text.as_bytes()).unwrap();
            assert!(last < Some(time), "{text}");
            last = Some(time);
            let shown = time.to_string();
            assert_eq!(Timestamp::parse(shown.as_bytes()), Some(time));
        }
        let leap = format!("{year:04}-02-29");
        let is_leap = Timestamp::parse(leap.as_bytes()).is_some();
        assert_eq!(
            is_leap,
            year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        );
    }
    for ticks in [i64::MIN, i64::MAX, 0, -1] {
        let time = Timestamp::from_ticks(ticks);
        assert!(!time.to_string().is_empty());
        assert!(Timestamp::from_ticks(i64::MIN).ticks_since(time) <= 0);
    }
    for offset in ["+23:59", "-23:59", "+99:99", "+2", "Z+1", "--01"] {
        for year in ["0000", "9999"] {
            let text = format!("{year}-01-01T00:00:00{offset}");
            let _ = Timestamp::parse(text.as_bytes());
        }
    }
    // In a record a time that cannot be read is absent, and no more.
    for time in ["", "0", "yesterday", "9999-99-99T99:99:99Z", "1e99", "-5"] {
        let record = RECORDS[0]
            .record
            .replace("\"Image", &format!("\"EventTime\":\"{time}\",\"Image"));
        let (found, counts) = scan(record.as_bytes());
        assert_eq!(counts.unreadable, 0, "{time}");
        assert!(!found.is_empty(), "{time}");
    }
    for time in ["99999999999999.9:1", "1700000000.:1", ".:1", "1:", ":"] {
        let record = RECORDS[2].record.replace("1700000000.042:77", time);
        scan(record.as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_time(ticks in any::<i64>(), text in "[0-9TZ:./ +-]{0,40}") {
        let _ = Timestamp::from_ticks(ticks).to_string();
        if let Some(time) = Timestamp::parse(text.as_bytes()) {
            let again = Timestamp::parse(time.to_string().as_bytes());
            // An offset may lead out of the years that can be written.
            prop_assert!(again.is_none_or(|it| it == time));
        }
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        scan(&bytes);
    }
}

/// After any fault, and whatever a sink answers, every record is accounted
/// for, in every way of handing records over.
#[test]
fn accounting_after_any_fault() {
    let detector = Detector::published();
    let pieces: Vec<&[u8]> = vec![
        RECORDS[0].record.as_bytes(),
        b"\n",
        b"{\"EventID\":1,",
        b"\n[1,2",
        b"\n\xFF\xFE\0\n",
        RECORDS[1].record.as_bytes(),
        b"<Event>\n<Event>\n",
        b"\n]\n",
        RECORDS[2].record.as_bytes(),
        b"\r\n",
        b"03/12/2021 10:48:14 AM\nLogName=Security\n",
    ];
    for stop_at in 0..12u32 {
        let mut scanner =
            Scanner::builder(&detector).record_limit(1024).build().unwrap();
        let mut calls = 0;
        let mut sink = |_: Report<'_>| {
            calls += 1;
            if calls == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let event = Event::windows(ScriptBlock::default());
        let mut records = 0;
        for (at, piece) in pieces.iter().cycle().take(100).enumerate() {
            let _ = match at % 5 {
                3 => scanner.record(piece, &mut sink),
                4 => scanner.event(&event, &mut sink),
                _ => scanner.feed(piece, &mut sink),
            };
            accounted(scanner.counts());
            assert!(scanner.counts().records >= records);
            records = scanner.counts().records;
        }
        let _ = scanner.finish(&mut sink);
        accounted(scanner.counts());
        assert!(stop_at != 0 || scanner.counts().records > 50);
        let mut sum = scanner.counts().clone();
        sum.add(&scanner.counts().clone());
        accounted(&sum);
        scanner.reset();
        assert_eq!(scanner.counts(), &ScanCounts::default());
    }
}

/// What is written beside each stream of faults, which C and Python scan too;
/// however a stream is cut into chunks.
#[test]
fn faults_are_counted_as_written_down() {
    let folder = testkit::root().join("testdata/faults");
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("no {}: skipped", folder.display());
        return;
    };
    let detector = Detector::new();
    let mut streams = 0;
    for file in files {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|it| it != "stream") {
            continue;
        }
        streams += 1;
        let stream = fs::read(&path).unwrap();
        let expected = path.with_extension("counts");
        let expected = fs::read_to_string(expected).unwrap();
        for chunk in [1, 7, 4096, usize::MAX] {
            let found = ["filter", "no-filter", "lines"].map(|name| {
                let builder =
                    Scanner::builder(&detector).record_limit(1024).join(false);
                let scanner =
                    builder.filter(name == "filter").build().unwrap();
                let chunk = (name != "lines").then_some(chunk);
                format!("{name} {}", told(scanner, &stream, chunk))
            });
            assert_eq!(found.concat(), expected, "{}", path.display());
        }
    }
    assert!(streams > 40);
}

/// The counts, and the records that could not be read: of a stream in chunks,
/// or of its lines as whole records.
fn told(mut scanner: Scanner, stream: &[u8], chunk: Option<usize>) -> String {
    let mut matches = 0;
    let mut unreadable = Vec::new();
    let mut sink = |report: Report<'_>| {
        match report {
            Report::Match(_) => matches += 1,
            Report::Unreadable(it) => unreadable.push(*it),
            _ => {}
        }
        ControlFlow::Continue(())
    };
    if let Some(chunk) = chunk {
        for chunk in stream.chunks(chunk) {
            let _ = scanner.feed(chunk, &mut sink);
            accounted(scanner.counts());
        }
    } else {
        for line in stream.split_inclusive(|&it| it == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let _ = scanner.record(line, &mut sink);
            accounted(scanner.counts());
        }
    }
    let _ = scanner.finish(&mut sink);
    let it = scanner.counts();
    accounted(it);
    assert_eq!(it.matches, matches);
    assert_eq!(it.unreadable, unreadable.len() as u64);
    let counts = format!(
        "bytes={} records={} read={} filtered={} uninteresting={} \
         unreadable={} matches={}\n",
        it.bytes,
        it.records,
        it.read,
        it.filtered,
        it.uninteresting + it.not_understood,
        it.unreadable,
        it.matches,
    );
    let unreadable = unreadable.iter().map(|it| {
        let (byte, reason) = (it.error.offset(), it.error.reason());
        let Unreadable { record, offset, .. } = it;
        format!(
            "unreadable record={record} offset={offset} byte={byte} {reason}\n"
        )
    });
    counts + &unreadable.collect::<String>()
}

/// How long this thread has been at work, where the system tells; else what
/// the clock says.
fn at_work(start: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat");
    let told = told.ok().and_then(|it| it.split(' ').next()?.parse().ok());
    told.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// How long a piece of work takes, the least of three times.
fn time(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    let times = (0..3).map(|_| {
        let before = at_work(start);
        work();
        at_work(start) - before
    });
    times.min().unwrap()
}

/// Twice the bytes take about twice the time, however bad they are.
#[test]
fn time_is_linear() {
    let detector = Detector::published();
    let mut scratch = Scratch::new(&detector);
    type Make = fn(usize) -> Vec<u8>;
    let streams: [(&str, Make); 26] = [
        ("open brackets", |n| vec![b'['; n]),
        ("open braces", |n| b"{\"a\":".repeat(n / 5)),
        ("an indented object", |n| {
            [b"{\n".to_vec(), b"  \"a\": 1,\n".repeat(n / 10)].concat()
        }),
        ("a string", |n| [b"{\"a\":\"", &vec![b'x'; n][..]].concat()),
        ("escapes", |n| {
            let escapes = b"\\u0073".repeat(n / 6);
            [b"{\"EventID\":1,\"SourceName\":\"Microsoft-Windows-Sysmon\",\"CommandLine\":\"", &escapes[..], b"\"}"].concat()
        }),
        ("tags", |n| [b"<Event>".to_vec(), b"<a>".repeat(n / 3)].concat()),
        ("events", |n| b"<Event>\n".repeat(n / 8)),
        ("events on a line", |n| b"<Event>".repeat(n / 7)),
        ("systems", |n| b"<Event><System>".repeat(n / 15)),
        ("blanks", |n| vec![b' '; n]),
        ("keys", |n| b"LogName=\n".repeat(n / 9)),
        ("comments", |n| b"<!--".repeat(n / 4)),
        ("declarations", |n| b"<?".repeat(n / 2)),
        ("cdata", |n| {
            [b"<Event><a>".to_vec(), b"<![CDATA[".repeat(n / 9)].concat()
        }),
        ("dates", |n| b"03/12/2021 10:48:14 AM\n".repeat(n / 23)),
        ("an audit line", |n| {
            let fields = b"name=\"audit(\" type=PATH ".repeat(n / 24);
            [b"type=PATH msg=audit(1.1:1): ", &fields[..]].concat()
        }),
        ("audit records on a line", |n| {
            b"type=PATH msg=audit(1.1:1): name=\"a\" ".repeat(n / 37)
        }),
        ("at", |n| b"at ".repeat(n / 3)),
        ("objects on a line", |n| b"{\"a\":1}".repeat(n / 7)),
        ("elements on a line", |n| b"[{\"a\":1},".repeat(n / 9)),
        ("open lines", |n| b"{\n".repeat(n / 2)),
        ("cut lists", |n| b"{\"a\":[\n{\"b\":1},\n".repeat(n / 16)),
        ("lists in a cut list", |n| {
            let list = b"{\"a\":[\n{\"b\":1}]},\n".repeat(n / 18);
            [b"{\"a\":[\n".repeat(40), list].concat()
        }),
        ("lengths", |n| b"9999 <1".repeat(n / 7)),
        ("names of elements in a string", |n| {
            let names = b"EventData ".repeat(n / 10);
            [b"{\"a\":\"", &names[..], b"\"}"].concat()
        }),
        ("names of ids in a tag", |n| {
            let names = b"EventID ".repeat(n / 8);
            let [begin, end] =
                [&b"<Event>schtasks.exe<a "[..], b">7</a></Event>"];
            [begin, &names, end].concat()
        }),
    ];
    let size = if cfg!(debug_assertions) { 32 << 10 } else { 256 << 10 };
    for (name, make) in streams {
        let mut run = |size| {
            let stream = make(size);
            time(|| {
                for (chunk, limit) in
                    [(usize::MAX, 64 << 20), (1000, 64 << 20), (1000, 8 << 10)]
                {
                    let scanner = Scanner::builder(&detector)
                        .record_limit(limit)
                        .build()
                        .unwrap();
                    let _ = testkit::scan(scanner, &stream, chunk);
                }
                let text = Some(&stream[..]);
                let block = ScriptBlock {
                    script_block_text: text,
                    ..Default::default()
                };
                let task = TaskRegistered {
                    task_content: text,
                    task_name: text,
                    ..Default::default()
                };
                for event in [Event::windows(block), Event::windows(task)] {
                    for found in detector.evaluate(&event, &mut scratch) {
                        let _ = found.evidence().len();
                    }
                }
            })
        };
        let (small, large) = (run(size), run(size * 4));
        // Four times the bytes; sixteen times if it were quadratic. A busy
        // machine gets some room.
        let most = small * 8 + Duration::from_millis(30);
        assert!(large < most, "{name}: {small:?}, then {large:?}");
    }
}
