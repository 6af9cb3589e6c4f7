//! Streams with every kind of fault, and what must become of each record in
//! them: `testdata/faults`, which the tests of every language scan.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;

use t1053::{Detector, Report, Scanner};

use crate::records::{RECORDS, Sample};

/// Where the streams are, from the root.
pub const FAULTS: &str = "testdata/faults";

/// The limit on a record's size with which all are scanned.
const LIMIT: usize = 1024;

/// JSON that is none, most of it with something that the filter passes on.
const BROKEN_JSON: &[&[u8]] = &[
    br#"{"EventID":1,"CommandLine":"schtasks /create"#,
    br#"{"EventID":1,"CommandLine":"schtasks /create","#,
    br#"{"EventID":1,"CommandLine":"schtasks /create",}"#,
    br#"{"EventID":1 "CommandLine":"schtasks /create"}"#,
    br#"{"EventID":1,"CommandLine":schtasks /create}"#,
    br#"{"EventID":1,"CommandLine":"schtasks \x2fcreate"}"#,
    br#"{"EventID":1,"CommandLine":"schtasks /create \ud800"}"#,
    br#"{"EventID":1,"CommandLine":"schtasks /create"}}"#,
    br#"{"EventID":1,"CommandLine":"schtasks /create"} {"EventID":1}"#,
    br#"{EventID:1,CommandLine:"schtasks /create"}"#,
    br#"{"EventID":01,"CommandLine":"schtasks /create"}"#,
    b"[1,2",
    b"]",
    b"{}",
    b"[]",
    b"[{\"EventID\":200},[],3]",
];

const BROKEN_XML: &[&[u8]] = &[
    b"<Event><System><EventID>1</EventID></System>",
    b"<Event><System><EventID>1</System></EventID></Event>",
    b"<Event><System><EventID>schtasks</EventID></System></Event>",
    b"<Event",
    b"<Event/>",
    b"</Event>",
    b"<Event><System a=b><EventID>1</EventID></System></Event>",
    b"<!-- <Event> schtasks /create",
    b"<Event><System><EventID>1</EventID></System><EventData><Data Name='CommandLine'>&schtasks;</Data></EventData></Event>",
    b"<Event><![CDATA[schtasks /create</Event>",
    b"<134>1 2026 h a <Event><System>schtasks /create",
];

const BROKEN_AUDITD: &[&[u8]] = &[
    b"type=PATH",
    b"type=PATH msg=",
    b"type=PATH msg=audit(",
    b"type=PATH msg=audit(x): name=\"/etc/cron.d/x\"",
    b"type=PATH msg=audit(1.1:1) name=\"/etc/cron.d/x\"",
    b"type=PATH msg=audit(1.1:1): name=\"/etc/cron.d/x",
    b"type=EXECVE msg=audit(1.1:1): argc=99 a0=\"crontab\" a2=\"-e\"",
    b"type=PROCTITLE msg=audit(1.1:1): proctitle=63726F6E74616",
    b"type=PATH msg=audit(1.1:1): name=\"/etc/cron.d/x\" type=PATH msg=audit(1.1:1):",
    b"node=h type=PATH msg=audit(99999999999999999999.1:1): name=\"/etc/cron.d/x\"",
];

const BROKEN_TEXT: &[&[u8]] = &[
    b"03/12/2021 10:48:14 AM",
    b"03/12/2021 10:48:14 AM\nLogName=Security",
    b"03/12/2021 10:48:14 AM\nLogName=Security\nEventCode=x\nMessage=schtasks",
    b"03/12/2021 10:48:14 AM\nEventCode=4688",
    b"99/99/2021 10:48:14 AM\nLogName=Security\nEventCode=4688\nschtasks",
    b"LogName=Security",
    b"schtasks /create, and no record at all",
];

/// Bytes that are no text, or that mean something outside of a value.
const STRANGE: &[&[u8]] = &[
    b"\xFF\xFE",
    b"\xC3",
    b"\xED\xA0\x80",
    b"\xF4\x90\x80\x80",
    b"\0",
    b"\0\0\0\0",
    b"\xEF\xBB\xBF",
    b"\x1A",
    b"\x1b[31m",
    b"\r",
];

/// The streams and what they must give, by path.
pub fn files(detector: &Detector) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (name, stream) in streams() {
        let counts = counts(detector, &stream).into_bytes();
        files.insert(format!("{FAULTS}/{name}.counts"), counts);
        files.insert(format!("{FAULTS}/{name}.stream"), stream);
    }
    files
}

fn streams() -> Vec<(String, Vec<u8>)> {
    let mut streams = Vec::new();
    let mut add = |name: String, pieces: &[&[u8]]| {
        streams.push((name, pieces.concat()));
    };
    for Sample { format, record, .. } in RECORDS {
        let whole = record.as_bytes();
        let cut = |part: usize| record.len() * part / 16;
        for part in [1, 5, 9, 13, 15] {
            let (head, tail) = whole.split_at(cut(part));
            let name = format!("cut-{format}-{part:02}");
            // One that breaks off, whole ones, and what a new file begins
            // with after the old one was closed.
            let pieces: [&[u8]; 8] =
                [whole, b"\n", head, b"\n", whole, b"\n", tail, b"\n"];
            add(name, &[&pieces.concat(), whole]);
        }
        let (head, tail) = whole.split_at(cut(13));
        let mut strange = Vec::new();
        for bytes in STRANGE {
            // In a value, before a record, and on a line of its own.
            for piece in
                [head, bytes, tail, b"\n", bytes, whole, b"\n", bytes, b"\n"]
            {
                strange.extend_from_slice(piece);
            }
        }
        add(format!("strange-{format}"), &[&strange, whole]);
        let long = "schtasks ".repeat(LIMIT / 8);
        let long = [head, long.as_bytes(), tail].concat();
        add(
            format!("too-large-{format}"),
            &[whole, b"\n", &long, b"\n", whole, b"\n", &long],
        );
        let ends = [whole, b"\r\n\r\n \n\n\t\r\n", whole, b"\r", whole];
        add(format!("line-ends-{format}"), &ends);
    }
    let [json, xml, auditd, _] = RECORDS.map(|it| it.record.as_bytes());
    for (name, records, whole) in [
        ("broken-json", BROKEN_JSON, json),
        ("broken-xml", BROKEN_XML, xml),
        ("broken-auditd", BROKEN_AUDITD, auditd),
        ("broken-text", BROKEN_TEXT, json),
    ] {
        let stream = [&records.join(&b"\n"[..]), &b"\n"[..], whole].concat();
        add(name.into(), &[&stream]);
        // Each before one that is whole.
        let each = records.iter().map(|it| [it, whole].join(&b"\n"[..]));
        let each: Vec<Vec<u8>> = each.collect();
        add(format!("{name}-each"), &[&each.join(&b"\n"[..])]);
    }
    add("empty".into(), &[]);
    add("blank".into(), &[b"\n\r\n \n\xEF\xBB\xBF\n"]);
    add("one-byte".into(), &[b"{"]);
    add("a-mark-alone".into(), &[b"\xFF\xFE"]);
    add("zeros".into(), &[&[0; 3000], b"\n", json]);
    add(
        "printed-json".into(),
        &[
            b"[\n  {\n    \"EventID\": 1\n  },\n  {\n    \"EventID\":\n",
            json,
            b",\n",
            json,
            b"\n]\n  {\n    \"a\": \"",
        ],
    );
    add(
        "in-a-list".into(),
        &[
            b"<?xml version=\"1.0\"?>\n<Events>\n",
            xml,
            b"\n<Event>\n",
            xml,
            xml,
            b"</Events>\n</Events>\n",
            xml,
        ],
    );
    add(
        "mixed".into(),
        &[
            json,
            b"\n{\"EventID\":1,\n[1,2\n\xFF\xFE\0\n",
            xml,
            b"<Event>\n<Event>\n\n]\n",
            auditd,
            b"\r\n03/12/2021 10:48:14 AM\nLogName=Security\n",
            json,
            b"\n",
            b"{\"EventID\":",
        ],
    );
    let json = String::from_utf8_lossy(json);
    let text = format!("\u{feff}{json}\n{{\"a\":\n{json}\n\u{feff}{json}\n");
    for (name, order) in [
        ("little", u16::to_le_bytes as fn(u16) -> _),
        ("big", u16::to_be_bytes),
    ] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(order).collect();
        let lone = order(0xD800);
        let end = order(u16::from(b'\n'));
        let stream: [&[u8]; 5] = [&bytes, &lone, &end, &bytes, b"\x7B"];
        add(format!("utf-16-{name}"), &stream);
    }
    streams
}

/// What becomes of a stream's records: a line of counts for a scan with the
/// filter, one without, and one that takes each line as a whole record; each
/// followed by a line for each record that could not be read.
fn counts(detector: &Detector, stream: &[u8]) -> String {
    let mut lines = String::new();
    for (name, filter) in
        [("filter", true), ("no-filter", false), ("lines", false)]
    {
        let builder =
            Scanner::builder(detector).record_limit(LIMIT).join(false);
        let mut scanner = builder.filter(filter).build().unwrap();
        let mut unreadable = String::new();
        let mut sink = |report: Report<'_>| {
            if let Report::Unreadable(it) = report {
                // Writing to a string does not fail.
                let _ = writeln!(
                    unreadable,
                    "unreadable record={} offset={} byte={} {}",
                    it.record,
                    it.offset,
                    it.error.offset(),
                    it.error.reason(),
                );
            }
            ControlFlow::Continue(())
        };
        // The sink never asks to stop.
        if name == "lines" {
            for line in stream.split_inclusive(|&it| it == b'\n') {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                let _ = scanner.record(line, &mut sink);
            }
        } else {
            let _ = scanner.feed(stream, &mut sink);
            let _ = scanner.finish(&mut sink);
        }
        let it = scanner.counts();
        let _ = writeln!(
            lines,
            "{name} bytes={} records={} read={} filtered={} \
             uninteresting={} unreadable={} matches={}",
            it.bytes,
            it.records,
            it.read,
            it.filtered,
            // Those of no known shape among them, as in the C interface.
            it.uninteresting + it.not_understood,
            it.unreadable,
            it.matches,
        );
        lines.push_str(&unreadable);
    }
    lines
}
