/*!
Raw records to events.

A record is what one line, one XML element or one text block of a log holds.
[`Reader::read`] turns one record into the events in it: usually one, none
when it is of a kind that no detection asks for, several when a line wraps
them (`records`, `items`, an audit event as JSON).

Values borrow the record. Those that are escaped in it (JSON, XML, audit hex)
are decoded into a buffer that the reader owns and reuses, so a warm reader
allocates nothing.
*/

use core::fmt;

use memchr::{memchr, memmem};

use crate::event::{Event, EventKinds};

mod audit_fields;
mod audit_json;
mod auditd;
mod azure;
mod json;
mod json_names;
mod json_record;
mod marks;
mod ocsf;
mod syscalls;
mod task_xml;
mod value;
mod windows;
mod windows_text;
mod windows_xml;
pub(crate) mod xml;

pub(crate) use auditd::kind_of_line as audit_kind;
pub(crate) use marks::{audit_label, id_is_of, kinds_with_ids, marks};
pub use task_xml::{TaskDefinition, TaskElements};
pub(crate) use windows_text::is_record as is_event_text;

/// The shape of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Told apart record by record.
    #[default]
    Auto,
    /// Any JSON shape: NXLog, Winlogbeat/ECS, evtx_dump, Wazuh, Sentinel,
    /// OCSF, Laurel, auditbeat, auoms, Azure activity; an object may stand
    /// behind a syslog prefix.
    Json,
    /// Windows event XML and Sysmon for Linux XML, with or without a syslog
    /// prefix.
    Xml,
    /// Classic `LogName=`/`EventCode=` text, many lines an event.
    WinEventLog,
    /// auditd lines, raw, enriched or interpreted.
    Auditd,
}

impl Format {
    /// Every format, in declaration order.
    pub const ALL: [Format; 5] = [
        Format::Auto,
        Format::Json,
        Format::Xml,
        Format::WinEventLog,
        Format::Auditd,
    ];

    /// The name on command lines and in bindings.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Json => "json",
            Format::Xml => "xml",
            Format::WinEventLog => "wineventlog",
            Format::Auditd => "auditd",
        }
    }
}

/// A name that is no format's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat {
    name: String,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(Format::name);
        let UnknownFormat { name } = self;
        write!(f, "there is no format `{name}`, only {}", names.join(", "))?;
        crate::error::write_nearest(f, name, names.into_iter())
    }
}

impl core::error::Error for UnknownFormat {}

impl core::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Format, UnknownFormat> {
        let mut all = Format::ALL.into_iter();
        all.find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat { name: name.into() })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a record, or an item in it, could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    kind: RecordErrorKind,
    offset: usize,
}

/// Reasons; the texts in [`RecordErrorKind::reason`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordErrorKind {
    UnknownShape,
    Json(&'static str),
    Xml(&'static str),
    Auditd(&'static str),
    Text(&'static str),
    TooLarge,
}

impl RecordError {
    pub(crate) const fn new(
        kind: RecordErrorKind,
        offset: usize,
    ) -> RecordError {
        RecordError { kind, offset }
    }

    /// Byte offset in the record at which reading stopped.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The format that the record was read as, and what was wrong with it.
    pub fn reason(&self) -> &'static str {
        match self.kind {
            RecordErrorKind::UnknownShape => {
                "not a record of any format that is read here"
            }
            RecordErrorKind::Json(reason)
            | RecordErrorKind::Xml(reason)
            | RecordErrorKind::Auditd(reason)
            | RecordErrorKind::Text(reason) => reason,
            RecordErrorKind::TooLarge => "record is over the size limit",
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match self.kind {
            RecordErrorKind::Json(_) => "JSON: ",
            RecordErrorKind::Xml(_) => "XML: ",
            RecordErrorKind::Auditd(_) => "auditd: ",
            RecordErrorKind::Text(_) => "event text: ",
            RecordErrorKind::UnknownShape | RecordErrorKind::TooLarge => "",
        };
        write!(f, "{format}{} (byte {})", self.reason(), self.offset)
    }
}

impl core::error::Error for RecordError {}

/// What a record held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Events handed to the sink.
    pub events: u32,
    /// Items that were understood but are of a kind that is not wanted, or
    /// that is no event here.
    pub others: u32,
}

/// Takes the events of a record as they are read: the item of the record
/// that it came from (0-based; `None` when the record wraps no items) and
/// the event, which lives only for the call.
pub(crate) type Sink<'s> = dyn FnMut(Option<u32>, &Event<'_>) + 's;

/// What the readers of all formats share.
pub(crate) struct Context<'c> {
    /// Kinds of event to build; others are counted and passed over.
    pub(crate) wanted: EventKinds,
    /// Holds decoded values while an event is alive; reused.
    pub(crate) buffer: &'c mut Vec<u8>,
    /// Holds a record that stands as a string in another; reused.
    pub(crate) inner: &'c mut Vec<u8>,
}

/// Turns raw records into events. Keeps the memory it decodes into, so that
/// a warm reader allocates nothing; one per thread.
#[derive(Debug)]
pub struct Reader {
    wanted: EventKinds,
    buffer: Vec<u8>,
    inner: Vec<u8>,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader::new()
    }
}

impl Reader {
    /// A reader of every kind of event.
    pub fn new() -> Reader {
        Reader::wanting(EventKinds::ALL)
    }

    /// A reader of some kinds of event; others are counted and passed over.
    pub fn wanting(wanted: EventKinds) -> Reader {
        Reader { wanted, buffer: Vec::new(), inner: Vec::new() }
    }

    /// Reads one record: a line without its line end, an XML element, or a
    /// text block; with or without a syslog prefix.
    ///
    /// Each event is handed to `sink` with the item of the record that it
    /// came from: its 0-based place where the record wraps several, else
    /// `None`. An event borrows the record and this reader, and lives for
    /// the call only.
    ///
    /// # Errors
    ///
    /// The record, or an item of it, cannot be read. Items before and after
    /// a broken one are still handed over where they can be told apart.
    pub fn read(
        &mut self,
        format: Format,
        record: &[u8],
        mut sink: impl FnMut(Option<u32>, &Event<'_>),
    ) -> Result<Reading, RecordError> {
        let mut context = Context {
            wanted: self.wanted,
            buffer: &mut self.buffer,
            inner: &mut self.inner,
        };
        read(format, record, &mut context, &mut sink)
    }
}

/// Reads one record of a format; [`Reader::read`] tells more.
pub(crate) fn read(
    format: Format,
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    if is_heading(record) {
        return Ok(Reading { events: 0, others: 1 });
    }
    let format = match format {
        Format::Auto => detect(record),
        format => Some(format),
    };
    match format {
        None | Some(Format::Auto) => {
            Err(RecordError::new(RecordErrorKind::UnknownShape, 0))
        }
        Some(Format::Json) => json_record::read(record, context, sink),
        Some(Format::Xml) => windows_xml::read(record, context, sink),
        Some(Format::WinEventLog) => windows_text::read(record, context, sink),
        Some(Format::Auditd) => auditd::read(record, context, sink),
    }
}

/// The format of a record, from how it begins; `None` when it is none that
/// is known.
pub(crate) fn detect(record: &[u8]) -> Option<Format> {
    let start = record.trim_ascii_start();
    match start.first()? {
        b'{' => Some(Format::Json),
        b'[' if !is_kernel_line(start) => Some(Format::Json),
        b'<' if !start.get(1).is_some_and(u8::is_ascii_digit) => {
            Some(Format::Xml)
        }
        // Most auditd lines; no text begins so.
        b't' if start.starts_with(b"type=") && auditd::is_record(start) => {
            Some(Format::Auditd)
        }
        // Before auditd, whose mark may stand in what the text quotes.
        _ if windows_text::is_record(start) => Some(Format::WinEventLog),
        _ if auditd::is_record(start) => Some(Format::Auditd),
        _ if carried_object(start).is_some() => Some(Format::Json),
        // A syslog line that carries XML.
        _ if memmem::find(start, b"<Event").is_some() => Some(Format::Xml),
        _ => None,
    }
}

/// Whether a text begins with a record, with nothing before it.
fn begins_record(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    match text {
        [b'{' | b'[', ..] => true,
        [b'<', next, ..] => !next.is_ascii_digit(),
        _ => {
            windows_text::is_record(text)
                || text.starts_with(b"type=")
                || text.starts_with(b"node=")
        }
    }
}

/// Whether a line is what evtx_dump writes before each record.
fn is_heading(line: &[u8]) -> bool {
    let number = line.strip_prefix(b"Record ").unwrap_or_default();
    let number = number.trim_ascii_end();
    !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

/// Most bytes that loggers put before a record.
const MOST_PREFIX: usize = 512;

/// Where the JSON object begins that a syslog line carries behind its header.
fn carried_object(line: &[u8]) -> Option<usize> {
    // As most JSON is, without any.
    if line.starts_with(b"{") || line.trim_ascii_end().last() != Some(&b'}') {
        return None;
    }
    let head = line.get(..MOST_PREFIX).unwrap_or(line);
    let at = memmem::find(head, b"{\"")?;
    let header = head.get(..at)?;
    let is_apart = matches!(header.last(), Some(b' ' | b':'));
    // JSON itself is no header, nor what is left of a cut record, nor XML.
    let is_header = match header.trim_ascii_start() {
        [] | [b'{' | b'[', ..] => false,
        [b'<', digit, ..] => digit.is_ascii_digit(),
        _ => memchr(b'"', header).is_none(),
    };
    let is_header = is_header && memmem::find(header, b"<Event").is_none();
    (is_apart && is_header).then_some(at)
}

/// Whether a line begins with a time as the kernel's own lines do:
/// `[   12.345678] audit: ..`.
fn is_kernel_line(line: &[u8]) -> bool {
    let head = line.get(..32).unwrap_or(line);
    let time = head.strip_prefix(b"[").unwrap_or_default();
    let end = memchr(b']', time).unwrap_or_default();
    let (time, after) = time.split_at_checked(end).unwrap_or_default();
    let is_of_time = |it: &u8| matches!(it, b' ' | b'.' | b'0'..=b'9');
    // JSON has no word after its end.
    time.iter().all(is_of_time)
        && matches!(after, [b']', b' ', it, ..] if it.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_list_is_no_header() {
        for line in ["[ {\"a\":1}", "{ {\"a\":1}", " {\"a\":1}"] {
            assert_eq!(carried_object(line.as_bytes()), None, "{line}");
        }
        assert_eq!(carried_object(b"x: {\"a\":1}"), Some(3));
    }

    #[test]
    fn headings_hold_no_event() {
        let read = |record: &str| {
            Reader::new().read(Format::Auto, record.as_bytes(), |_, _| {})
        };
        assert_eq!(read("Record 12\r"), Ok(Reading { events: 0, others: 1 }));
        for record in ["Record ", "Record 1a", "Record 1: x"] {
            assert!(read(record).is_err(), "{record}");
        }
    }

    #[test]
    fn formats_are_told_by_how_records_begin() {
        for (record, format) in [
            (" {}", Some(Format::Json)),
            ("[1]", Some(Format::Json)),
            ("<Event/>", Some(Format::Xml)),
            ("<13>Jan  2 03:04:05 h x: <Event/>", Some(Format::Xml)),
            ("<13>Jan  2 03:04:05 h x: y", None),
            ("<13>x type=CWD msg=audit(1.2:3):", Some(Format::Auditd)),
            ("type=CWD msg=audit(1.2:3): cwd=/", Some(Format::Auditd)),
            ("LogName=Security", Some(Format::WinEventLog)),
            (
                "LogName=Security type=CWD msg=audit(1.2:3):",
                Some(Format::WinEventLog),
            ),
            ("Jan  2 03:04:05 h x: <Event/>", Some(Format::Xml)),
            ("Jan  2 03:04:05 h x: {\"a\":1}\r", Some(Format::Json)),
            ("Jan  2 03:04:05 h x:{\"a\":1}", Some(Format::Json)),
            (
                "<13>1 - h x - - [y@1 z=\"1\"] {\"a\":\"<Event/>\"}",
                Some(Format::Json),
            ),
            (
                "Jan  2 03:04:05 h x: {\"a\":\" type=CWD msg=audit(1.2:3):\"}",
                Some(Format::Json),
            ),
            // What is left of a record is none.
            ("ab\", \"x\": {\"a\":1}}", None),
            ("Jan  2 03:04:05 h x: {\"a\":1} y", None),
            ("Jan  2 03:04:05 h x: y{\"a\":1}", None),
            ("[ 1.5] audit: type=1302 audit(1.2:3):", Some(Format::Auditd)),
            ("[1.5] type=1302 audit(1.2:3):", Some(Format::Auditd)),
            ("[    1.5] usb 1-1: y", None),
            ("[1.5], x", Some(Format::Json)),
            ("Jan  2 03:04:05 h x: y", None),
            ("", None),
        ] {
            assert_eq!(detect(record.as_bytes()), format, "{record}");
        }
    }
}
