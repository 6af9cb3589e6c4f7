/*!
What the fuzz targets share.
*/

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use t1053::event::{EventKind, EventKinds, Field};
use t1053::record::{Format, LogSource, MemberNames, Reader};
use t1053::{Detector, Looked, Lookahead, Report, ScanCounts, Scanner};

/// A report, in a form that outlives the scan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Record, item, slug.
    Match(u64, Option<u32>, String),
    /// Record, offset of the record, what was wrong and where.
    Unreadable(u64, u64, String),
}

/// A record that matches nothing.
const QUIET: &[u8] = b"{\"EventID\":1,\"Channel\":\"System\"}\n";

thread_local! {
    static SCANNERS: RefCell<[Scanner; 2]> = RefCell::new({
        let detector = Detector::new();
        let builder = || Scanner::builder(&detector)
                .record_limit(1024)
                .sequence_capacity(4)
        ;
        [true, false].map(|filter| builder().filter(filter).build().unwrap())
    });
}

/// Scans a stream in pieces whose lengths are given, over and over.
pub fn scan(
    filter: bool,
    stream: &[u8],
    lengths: &[u8],
) -> (Vec<Seen>, ScanCounts) {
    scan_pieces(filter, stream, lengths, None)
}

/// Looks at pieces before they are scanned, where the stream stands between
/// lines; checks that the outcome is that of a scan without. Records come
/// before them, of which so many make it known what the stream is made of.
pub fn look_ahead(stream: &[u8], lengths: &[u8]) {
    let stream = [&QUIET.repeat(64), stream].concat();
    let whole = scan(true, &stream, &[]);
    let mut lookahead = SCANNERS.with_borrow(|them| them[0].lookahead());
    let seen = scan_pieces(true, &stream, lengths, lookahead.as_mut());
    assert_eq!(seen, whole);
}

fn scan_pieces(
    filter: bool,
    stream: &[u8],
    lengths: &[u8],
    mut ahead: Option<&mut Lookahead>,
) -> (Vec<Seen>, ScanCounts) {
    SCANNERS.with_borrow_mut(|scanners| {
        let scanner = &mut scanners[usize::from(!filter)];
        scanner.reset();
        let mut seen = Vec::new();
        let mut sink = |report: Report<'_>| {
            seen.push(match report {
                Report::Match(it) => Seen::Match(
                    it.record,
                    it.item,
                    it.found.detection().slug.to_string(),
                ),
                Report::Unreadable(it) => Seen::Unreadable(
                    it.record,
                    it.offset,
                    it.error.to_string(),
                ),
                // With the filter only some are looked at.
                Report::NotUnderstood(_) => return ControlFlow::Continue(()),
                other => panic!("{other:?}"),
            });
            ControlFlow::Continue(())
        };
        let mut rest = stream;
        let mut lengths = lengths.iter().cycle();
        while !rest.is_empty() {
            let length = match lengths.next() {
                Some(length) => usize::from(*length) + 1,
                None => rest.len(),
            };
            let (chunk, after) = rest.split_at(length.min(rest.len()));
            let mut looked = Looked::default();
            if let Some(ahead) = &mut ahead
                && let Some(standing) = scanner.standing()
            {
                ahead.look(chunk, standing, &mut looked);
            }
            let fed = scanner.feed_looked(chunk, &looked, &mut sink);
            assert!(fed.is_continue());
            rest = after;
        }
        assert!(scanner.finish(&mut sink).is_continue());
        let counts = scanner.counts().clone();
        testkit::accounted(&counts);
        assert_eq!(counts.bytes, stream.len() as u64);
        (seen, counts)
    })
}

/// Reads one record with a warm reader and a new one, of all kinds of event
/// and of one, and checks that all agree.
pub fn read(format: Format, data: &[u8]) {
    thread_local! {
        static WARM: RefCell<Reader> = RefCell::new(Reader::new());
    }
    let Some((&first, record)) = data.split_first() else { return };
    let shown = |reader: &mut Reader| {
        let mut events = Vec::new();
        let reading = reader.read(format, record, |item, event| {
            let values: Vec<(Field, Vec<u8>)> = Field::ALL
                .iter()
                .filter_map(|it| Some((*it, event.get(*it)?.to_vec())))
                .collect();
            events.push((item, event.kind(), event.time, values));
        });
        match reading {
            Ok(reading) => assert_eq!(reading.events as usize, events.len()),
            Err(error) => assert!(error.offset() <= record.len()),
        }
        (events, reading)
    };
    let (events, reading) = WARM.with_borrow_mut(shown);
    let again = shown(&mut Reader::new());
    assert_eq!((&events, &reading), (&again.0, &again.1));
    // Who asks for all members, and tells a log source, may be told of other
    // events: what is hidden in a record is looked for only where the record
    // is nothing by itself.
    let mut own = Reader::new();
    own.ask_for(MemberNames::default().and_all().and_generic());
    own.tell(match first % 4 {
        0 => LogSource::new().product("macos").category("process_creation"),
        1 => LogSource::new().product("windows").category("registry_set"),
        2 => LogSource::new().product("linux").service("cron"),
        _ => LogSource::new().category("proxy"),
    });
    let first_time = shown(&mut own);
    assert_eq!(first_time, shown(&mut own));
    let kind = EventKind::ALL[usize::from(first) % EventKind::ALL.len()];
    let wanted = EventKinds::NONE.with(kind);
    let (some, _) = shown(&mut Reader::wanting(wanted));
    // What wraps no items in sight of one reader may do so for another, but
    // the events of a kind are the same.
    let of_kind: Vec<_> = events.iter().filter(|it| it.1 == kind).collect();
    if reading.is_ok() {
        assert_eq!(some.iter().collect::<Vec<_>>(), of_kind);
    } else {
        assert!(some.iter().all(|it| it.1 == kind));
    }
}

/// The slugs of single-event rules in what was seen.
pub fn slugs(seen: &[Seen]) -> BTreeSet<&str> {
    let slugs = seen.iter().filter_map(|it| match it {
        Seen::Match(_, _, slug) => Some(slug.as_str()),
        Seen::Unreadable(..) => None,
    });
    slugs.collect()
}
