//! Looking at parts of a stream before their turn: what is reported, and
//! counted, is that of a scan without it, whatever the stream holds and
//! however much of it is looked at ahead.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::fs;
use std::ops::ControlFlow;

use t1053::record::LogSource;
use t1053::{
    Detector, Format, Looked, Report, ScanCounts, Scanner, ScannerBuilder,
    Standing,
};

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// What is told of a stream.
#[derive(Debug, Default, PartialEq)]
struct Told {
    reports: Vec<String>,
    counts: ScanCounts,
    hits: Vec<u64>,
    excluded: Vec<u64>,
    /// What the scanner would go on with.
    state: Vec<u8>,
}

const ALIGNMENT: usize = Standing::ALIGNMENT as usize;

/// A record that matches nothing.
const QUIET: &[u8] =
    b"{\"EventID\":4624,\"Channel\":\"Security\",\"a\":\"b\"}\n";

/// Where the first line begins at or behind a place.
fn line_at(stream: &[u8], place: usize) -> usize {
    let from = place.saturating_sub(1).min(stream.len());
    let end = stream[from..].iter().position(|byte| *byte == b'\n');
    end.map_or(stream.len(), |at| from + at + 1)
}

/// All that a report says.
fn text(report: &Report<'_>) -> String {
    match report {
        Report::Match(it) => {
            let place = (it.record, it.item, it.joined, it.source.offset);
            let slug = &it.found.detection().slug;
            format!("{place:?} {slug} {}", it.found.message())
        }
        Report::MatchedEvent(it) => {
            let place = (it.record, it.item, it.joined, it.source.offset);
            format!(
                "{place:?} {} {:?}",
                it.matches.verdict().unwrap(),
                it.source.bytes
            )
        }
        other => format!("{other:?}"),
    }
}

/// Ends the stream, whose reports are those.
fn told(mut scanner: Scanner, mut reports: Vec<String>) -> Told {
    let state = scanner.save();
    let _ = scanner.finish(|report| {
        reports.push(text(&report));
        ControlFlow::Continue(())
    });
    testkit::accounted(scanner.counts());
    Told {
        reports,
        counts: scanner.counts().clone(),
        hits: scanner.hits().to_vec(),
        excluded: scanner.excluded().to_vec(),
        state,
    }
}

fn scanned(mut scanner: Scanner, stream: &[u8]) -> Told {
    let mut reports = Vec::new();
    let _ = scanner.feed(stream, |report| {
        reports.push(text(&report));
        ControlFlow::Continue(())
    });
    told(scanner, reports)
}

/// The same with parts that are looked at some time before they are taken;
/// and how many records the scanner did not have to take itself.
fn scanned_ahead(
    mut scanner: Scanner,
    stream: &[u8],
    random: &mut Random,
) -> (Told, usize) {
    let mut lookahead = scanner.lookahead().unwrap();
    let mut reports = Vec::new();
    let mut sink = |report: Report<'_>| {
        reports.push(text(&report));
        ControlFlow::Continue(())
    };
    let mut waiting: VecDeque<(&[u8], Looked)> = VecDeque::new();
    let mut standing: Option<Standing> = None;
    let (mut at, mut spared) = (0, 0);
    while at < stream.len() {
        // Up to a line behind a multiple of the alignment, or to anywhere.
        let stretches = at / ALIGNMENT + 1 + random.below(2);
        let end = line_at(stream, stretches * ALIGNMENT);
        let depth = if standing.is_some() { random.below(4) } else { 0 };
        if let Some(standing) = standing {
            let mut looked = Looked::default();
            let standing = standing.ahead(at as u64);
            lookahead.look(&stream[at..end], standing, &mut looked);
            waiting.push_back((&stream[at..end], looked));
            at = end;
        }
        while waiting.len() > depth {
            let (part, looked) = waiting.pop_front().unwrap();
            let _ = scanner.feed_looked(part, &looked, &mut sink);
            spared += usize::from(!looked.is_vain(part));
        }
        if standing.is_none() {
            let _ = scanner.feed(&stream[at..end], &mut sink);
            at = end;
        }
        if waiting.is_empty() {
            standing = scanner.standing().filter(|_| random.below(4) > 0);
        }
    }
    for (part, looked) in waiting {
        let _ = scanner.feed_looked(part, &looked, &mut sink);
    }
    (told(scanner, reports), spared)
}

/// Ways to scan that the outcome of a record depends on.
fn ways(detector: &Detector) -> Vec<ScannerBuilder> {
    let builder = || Scanner::builder(detector);
    let log_source = LogSource::new().product("linux").service("syslog");
    vec![
        builder(),
        builder().join(false).host("h1").matched_events(true),
        builder().filter(false).join(false).record_limit(5000),
        builder().format(Format::Json).log_source(log_source),
    ]
}

/// Scans a stream in one of these ways; returns how many parts were of use.
fn compare(
    builder: ScannerBuilder,
    stream: &[u8],
    random: &mut Random,
) -> usize {
    let whole = scanned(builder.clone().build().unwrap(), stream);
    let scanner = builder.build().unwrap();
    let (ahead, spared) = scanned_ahead(scanner, stream, random);
    assert!(whole == ahead, "{}", difference(&whole, &ahead));
    spared
}

/// Where two differ: a few lines, not all.
fn difference(one: &Told, other: &Told) -> String {
    let mut reports = one.reports.iter().zip(&other.reports);
    let reports = reports.find(|(one, other)| one != other);
    let counts = (&one.counts, &other.counts);
    format!("{reports:?} {counts:?} {}", one.state == other.state)
}

#[test]
fn records_of_every_kind_are_told_as_in_one_scan() {
    let mut random = Random(1);
    let ways = [ways(&Detector::published()), ways(&Detector::new())].concat();
    let mut spared = 0;
    // Each file in one way, and each kind of log in all.
    let files = testkit::record_files();
    let files = files.iter().step_by(files.len().div_ceil(32));
    for (file, way) in files.zip(ways.iter().cycle()) {
        let mut bytes = fs::read(file).unwrap();
        bytes.truncate(400_000);
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        // Few of the records are to be kept.
        bytes.extend(QUIET.repeat(bytes.len() / QUIET.len()));
        let bytes = bytes.repeat(3_000_000_usize.div_ceil(bytes.len()));
        spared += compare(way.clone(), &bytes, &mut random);
    }
    assert!(spared > 4, "{spared}");
}

/// Parts of a few lines, looked at where the stream stands.
#[test]
fn small_parts_are_told_as_in_one_scan() {
    let mut random = Random(3);
    let ways = ways(&Detector::new());
    for (file, way) in testkit::sample_files().iter().zip(ways.iter().cycle())
    {
        let bytes = [QUIET.repeat(64), fs::read(file).unwrap()].concat();
        let whole = scanned(way.clone().build().unwrap(), &bytes);
        let mut scanner = way.clone().build().unwrap();
        let mut lookahead = scanner.lookahead().unwrap();
        let mut reports = Vec::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let end = line_at(rest, random.below(20_000));
            let (part, later) = rest.split_at(end.max(1));
            let mut looked = Looked::default();
            if let Some(standing) = scanner.standing() {
                lookahead.look(part, standing, &mut looked);
            }
            let _ = scanner.feed_looked(part, &looked, |report| {
                reports.push(text(&report));
                ControlFlow::Continue(())
            });
            rest = later;
        }
        let ahead = told(scanner, reports);
        assert!(whole == ahead, "{}", difference(&whole, &ahead));
    }
}

/// Lines of one log among those of another, blank ones, ones that are cut, and
/// records of several lines; long runs of what can match nothing.
#[test]
fn mixtures_of_records_are_told_as_in_one_scan() {
    let mut random = Random(7);
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for file in testkit::sample_files() {
        let bytes = fs::read(&file).unwrap();
        lines.extend(bytes.split_inclusive(|it| *it == b'\n').map(Into::into));
    }
    for line in [
        "\n",
        " \r\n",
        "{\n",
        "}\n",
        "[\n",
        "{\"a\":1}, {\"a\":2}\n",
        "]\n",
        "{\"a\":\n",
        "x\n",
        "\u{1e}{\"a\":1}\n",
        "<Events>\n",
        "<Event>\n",
        "a\0b\n",
        "2026-11-25T10:00:00.1Z stdout P type=PATH msg=aud\n",
        "2026-11-25T10:00:00.1Z stdout F it(1.1:1): item=1 name=\"/etc/cron.d/x\" nametype=CREATE\n",
        "{\"log\":\"type=PATH msg=a\",\"stream\":\"stdout\",\"time\":\"2026\"}\n",
        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2026\"}\n",
        // A record in another spelling, for which the filter is passed by.
        "{\"eventid\":\"4698\",\"channel\":\"Security\",\"taskname\":\"x\"}\n",
    ] {
        lines.push(line.into());
    }
    lines.push([&[b'y'; 6000][..], b"\n"].concat());
    let ways = ways(&Detector::new());
    let mut spared = 0;
    for way in ways.iter().cycle().take(12) {
        let mut stream = Vec::new();
        // Few kinds of lines in one stream: else all of it is odd.
        let kinds: Vec<usize> =
            (0..6).map(|_| random.below(lines.len())).collect();
        while stream.len() < 4_000_000 {
            stream.extend(QUIET.repeat(random.below(6000)));
            for _ in 0..random.below(4) {
                stream.extend(&lines[kinds[random.below(kinds.len())]]);
            }
        }
        spared += compare(way.clone(), &stream, &mut random);
    }
    assert!(spared > 4, "{spared}");
}

/// What a sink that stops has been told, and the counts then.
#[test]
fn sink_that_stops_has_been_told_the_same() {
    let quiet = "{\"EventID\":7,\"Channel\":\"Security\"}\n".repeat(500);
    let found = "{\"EventID\":4698,\"Channel\":\"Security\"}\n";
    let stream = [&quiet, found, &quiet, found, &quiet].concat();
    let detector = Detector::published();
    let stop = |_: Report<'_>| ControlFlow::Break(());
    let mut scanner = Scanner::new(&detector);
    let (begin, rest) = stream.split_at(quiet.len() / 500 * 70);
    let _ = scanner.feed(begin.as_bytes(), stop);
    let standing = scanner.standing().unwrap();
    let mut looked = Looked::default();
    let mut lookahead = scanner.lookahead().unwrap();
    let part = rest.as_bytes();
    lookahead.look(part, standing, &mut looked);
    assert!(scanner.feed_looked(part, &looked, stop).is_break());
    let mut whole = Scanner::new(&detector);
    assert!(whole.feed(begin.as_bytes(), stop).is_continue());
    assert!(whole.feed(part, stop).is_break());
    assert_eq!(scanner.counts(), whole.counts());
    assert!(scanner.feed_looked(part, &looked, stop).is_break());
    assert_eq!(scanner.counts().records, 501);
}

/// What was seen is worth nothing where the stream does not stand as was
/// told: all of the part is scanned.
#[test]
fn what_was_seen_elsewhere_is_not_used() {
    let line = "{\"EventID\":7,\"Channel\":\"Security\"}\n";
    let part = line.repeat(400);
    let part = part.as_bytes();
    let detector = Detector::new();
    let go_on = |_: Report<'_>| ControlFlow::Continue(());
    let mut scanner = Scanner::new(&detector);
    let mut lookahead = scanner.lookahead().unwrap();
    assert_eq!(scanner.standing(), None);
    let _ = scanner.feed(part, go_on);
    let standing = scanner.standing().unwrap();
    assert_eq!(standing.offset(), part.len() as u64);
    let mut looked = Looked::default();
    // Nothing was looked at.
    let _ = scanner.feed_looked(part, &looked, go_on);
    assert_eq!(scanner.counts().records, 800);
    // At a place that is past.
    lookahead.look(part, standing, &mut looked);
    let _ = scanner.feed_looked(part, &looked, go_on);
    assert_eq!(scanner.counts().records, 1200);
    // Of more than there is.
    lookahead.look(part, scanner.standing().unwrap(), &mut looked);
    let (some, _) = part.split_at(line.len() * 3);
    let _ = scanner.feed_looked(some, &looked, go_on);
    assert_eq!(scanner.counts().records, 1203);
    // Within a record.
    let _ = scanner.feed(b"{", go_on);
    assert_eq!(scanner.standing(), None);
    let events = Scanner::builder(&detector).events(true).build().unwrap();
    assert!(events.lookahead().is_none());
}
