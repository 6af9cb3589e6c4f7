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

use std::sync::Arc;

use crate::event::{Event, EventKinds};
use crate::memory::held;
use crate::utf16::Encoding;

mod apart;
mod around;
mod audit_call;
mod audit_details;
mod audit_json;
mod audit_line;
mod audit_peek;
mod audit_piece;
mod auditd;
mod beginning;
mod columnar;
mod columns;
mod context;
mod decode;
mod delimited;
mod detect;
mod error;
mod format;
mod found;
mod gather;
mod host_line;
mod inserts;
mod journal_text;
mod json_record;
mod keys;
mod layout;
mod log_source;
mod marks;
mod member_names;
mod members;
mod message;
mod names;
mod plain;
mod prefix;
mod printed;
mod raw;
mod rewritten;
mod shape;
mod shapes;
mod summary;
pub(crate) mod syntax;
mod syscalls;
mod sysmon_form;
mod told;
mod windows;
mod windows_line;
mod windows_text;
mod windows_xml;

use audit_details::Details;
pub(crate) use audit_details::{AUDIT_KINDS, AuditDetails, SyscallArgument};
pub(crate) use audit_peek::{
    AUDIT_HEAD, AuditCall, audit_end, audit_owner, audit_rest,
    has_all_arguments, idle_call as audit_idle_call,
};
pub(crate) use audit_piece::AuditPiece;
pub(crate) use auditd::{kind_of_line as audit_kind, read_line as read_audit};
pub use context::Reading;
pub(crate) use context::{Context, Rows, Sink};
pub(crate) use delimited::Table;
pub(crate) use detect::{Opening, begins_line, is_other_than_row};
pub use error::{RecordError, RecordErrorKind};
pub use format::{Format, UnknownFormat};
use found::Found;
pub(crate) use host_line::{are_of_service, tags_of};
pub(crate) use journal_text::{JournalForm, JournalPart, journal_form};
use json_record::MOST_WRAPPED;
pub use layout::RecordLayout;
pub use log_source::LogSource;
pub(crate) use marks::{
    JOINED_KINDS, Marks, Next, Sign, audit_label, begins_path, id_number,
    ids_of, is_joined, is_made, is_plain, kinds_of_id, kinds_told_by_marks,
    kinds_with_ids, marks, platform_marks, telling_signs,
};
pub use member_names::MemberNames;
pub(crate) use prefix::{EVENT, MOST_PREFIX};
pub(crate) use syntax::json::value_after_name;
pub(crate) use windows_text::{Header, header as event_text};

/// Turns raw records into events. Keeps the memory it decodes into, so that
/// a warm reader allocates nothing; one per thread.
#[derive(Debug)]
pub struct Reader {
    wanted: EventKinds,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
    inner: [Vec<u8>; MOST_WRAPPED],
    found: Vec<Found>,
    names: Option<Arc<MemberNames>>,
    log_source: Option<Arc<LogSource>>,
    members: Vec<Vec<u8>>,
    rows: Rows,
    host: Option<Box<[u8]>>,
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

    /// Bytes of memory held, besides the reader itself.
    pub fn memory_usage(&self) -> usize {
        let texts = [&self.buffer, &self.scratch];
        let texts = texts.into_iter().chain(&self.inner);
        let texts = texts.chain(&self.members).map(held);
        let lists = [held(&self.found), held(&self.members)];
        texts.chain(lists).sum()
    }

    /// A reader of some kinds of event; others are counted and passed over.
    pub fn wanting(wanted: EventKinds) -> Reader {
        Reader {
            wanted,
            buffer: Vec::new(),
            scratch: Vec::new(),
            inner: [const { Vec::new() }; MOST_WRAPPED],
            found: Vec::new(),
            names: None,
            log_source: None,
            members: Vec::new(),
            rows: Rows::default(),
            host: None,
        }
    }

    /// Asks for members by name: what events carry under their own names
    /// besides their fields, and generic events of logs that have no kind of
    /// event, if those are wanted. Without, no event has members and none is
    /// generic.
    ///
    /// Costs a second walk over each record that holds an event, of JSON or
    /// XML.
    ///
    /// # Example
    ///
    /// ```
    /// use t1053::record::{Format, Reader};
    ///
    /// let mut reader = Reader::new();
    /// reader.ask_for(["ServiceName"].into_iter().collect());
    /// let record = br#"{"EventID":7045,"Channel":"System","ServiceName":"x"}"#;
    /// let mut names = Vec::new();
    /// reader.read(Format::Json, record, |_, event| {
    ///     names.extend(event.member("ServiceName").map(<[u8]>::to_vec));
    /// })?;
    /// assert_eq!(names, [b"x"]);
    /// # Ok::<(), t1053::record::RecordError>(())
    /// ```
    pub fn ask_for(&mut self, names: MemberNames) {
        self.names = (!names.is_empty()).then(|| Arc::new(names));
    }

    /// Tells the log source of records that do not say themselves what they
    /// are: JSON of no known shape, and lines of text. Where members are
    /// asked for, these are generic events then; of a line of text, all of
    /// it is the member `message`. Of a product and a category that are a
    /// kind of event, such as `macos` and `process_creation`, JSON is an event
    /// of that kind, with the members that are called as its fields.
    pub fn tell(&mut self, log_source: LogSource) {
        self.log_source = Some(Arc::new(log_source));
    }

    /// Says what the host is of a record that does not name one.
    pub(crate) fn on_host(self, host: Option<Box<[u8]>>) -> Reader {
        Reader { host, ..self }
    }

    /// Of several rows for one event, as Hayabusa writes one for each rule,
    /// reads the first one only.
    pub(crate) fn merging_rows(self) -> Reader {
        Reader { rows: Rows::merged(), ..self }
    }

    /// Forgets the rows that were read; returns whether any were.
    pub(crate) fn forget_rows(&mut self) -> bool {
        self.rows.forget()
    }

    /// A reader that reads the same, and has read no rows yet.
    pub(crate) fn twin(&self) -> Reader {
        Reader {
            names: self.names.clone(),
            log_source: self.log_source.clone(),
            rows: self.rows.twin(),
            host: self.host.clone(),
            ..Reader::wanting(self.wanted)
        }
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
        sink: impl FnMut(Option<u32>, &Event<'_>),
    ) -> Result<Reading, RecordError> {
        let opening = Opening::of(format, record);
        self.read_framed(Framed::Record(opening), record, sink)
    }

    /// Reads a record as [`read`](Reader::read) does, or a row of a table.
    pub(crate) fn read_framed(
        &mut self,
        framed: Framed<'_>,
        record: &[u8],
        mut sink: impl FnMut(Option<u32>, &Event<'_>),
    ) -> Result<Reading, RecordError> {
        self.with_host(None, &mut sink, |context, sink| {
            framed.read(record, context, sink)
        })
    }

    /// The same, which says with each event what its audit record says beyond
    /// it.
    pub(crate) fn read_joining(
        &mut self,
        framed: Framed<'_>,
        record: &[u8],
        mut sink: impl FnMut(Option<u32>, &Event<'_>, AuditDetails),
    ) -> Result<Reading, RecordError> {
        let details = Details::default();
        let mut take = |item: Option<u32>, event: &Event<'_>| {
            sink(item, event, details.get());
        };
        self.with_host(Some(&details), &mut take, |context, take| {
            framed.read(record, context, take)
        })
    }

    /// Reads something, with the host where that is given and an event has
    /// none.
    fn with_host<R>(
        &mut self,
        details: Option<&Details>,
        sink: &mut Sink<'_>,
        read: impl FnOnce(&mut Context<'_>, &mut Sink<'_>) -> R,
    ) -> R {
        let Some(host) = self.host.take() else {
            let mut context = self.context();
            context.details = details;
            return read(&mut context, sink);
        };
        let mut context = self.context();
        context.details = details;
        let done = read(&mut context, &mut |item, event| {
            let mut event = *event;
            event.host = event.host.or(Some(&host));
            sink(item, &event);
        });
        self.host = Some(host);
        done
    }

    fn context(&mut self) -> Context<'_> {
        Context {
            wanted: self.wanted,
            buffer: &mut self.buffer,
            scratch: &mut self.scratch,
            inner: &mut self.inner,
            found: &mut self.found,
            names: self.names.as_deref(),
            log_source: self.log_source.as_deref(),
            members: &mut self.members,
            rows: &mut self.rows,
            details: None,
        }
    }
}

/// The layouts of records that are read, in the order in which a record of
/// their format is tried for them.
///
/// # Examples
///
/// ```
/// let mut layouts = t1053::record::layouts();
/// assert!(layouts.any(|layout| layout.name == "Laurel"));
/// ```
pub fn layouts() -> impl Iterator<Item = RecordLayout> {
    let json = shapes::SHAPES.iter().flat_map(|shape| shape.layouts);
    let json = json.filter(|layout| !layout.name.is_empty());
    let json = json.map(|layout| {
        let shape::Layout { name, about, lost, verified, .. } = **layout;
        RecordLayout { name, about, lost, verified }
    });
    let text = [
        OTHERS,
        windows_text::LAYOUTS,
        windows_line::LAYOUTS,
        host_line::LAYOUTS,
        delimited::LAYOUTS,
    ];
    json.chain(text.into_iter().flatten().copied())
}

/// The layouts that are neither JSON nor Windows events as text.
const OTHERS: &[RecordLayout] = &[
    RecordLayout {
        name: "Event XML",
        about: "Windows events as wevtutil, Get-WinEvent and collectors write \
                them, one or more on a line; also behind a syslog header",
        lost: "",
        verified: true,
    },
    RecordLayout {
        name: "Sysmon for Linux",
        about: "the same XML in syslog or the journal",
        lost: "",
        verified: true,
    },
    RecordLayout {
        name: "auditd",
        about: "audit.log raw, enriched or interpreted, also behind syslog or \
                from the kernel's own log",
        lost: "",
        verified: true,
    },
];

/// What a record is said to be by what told where it ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framed<'t> {
    /// A record that opens so.
    Record(Opening),
    /// A row of a table.
    Row(&'t Table),
}

impl Framed<'_> {
    fn read(
        self,
        record: &[u8],
        context: &mut Context<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Reading, RecordError> {
        match self {
            Framed::Row(table) => {
                delimited::read(table, record, context, sink)
            }
            Framed::Record(opening) => read(opening, record, context, sink),
        }
    }
}

/// Reads one record; [`Reader::read`] tells more.
fn read(
    opening: Opening,
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    if detect::is_heading(record) {
        return Ok(Reading::of(false));
    }
    if Encoding::of_record(record).0.is_utf16() {
        return Err(RecordError::new(RecordErrorKind::Utf16, 0));
    }
    match opening.format(record) {
        None | Some(Format::Auto) => {
            let written = host_line::split(record);
            if let Some(host_line::Written::Known(line)) = &written {
                return Ok(host_line::read(line, record, context, sink));
            }
            match (members::read_line(record, context, sink), written) {
                (true, _) => Ok(Reading::of(true)),
                (false, Some(_)) => {
                    Ok(Reading { not_understood: 1, ..Reading::of(false) })
                }
                (false, None) => {
                    Err(RecordError::new(RecordErrorKind::UnknownShape, 0))
                }
            }
        }
        Some(Format::Json) => json_record::read(record, context, sink),
        Some(Format::Xml) => windows_xml::read(record, context, sink),
        Some(Format::WinEventLog) => windows_text::read(record, context, sink),
        Some(Format::Auditd) => auditd::read(record, context, sink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_is_told_apart() {
        let units = "{\"EventID\":1}".encode_utf16();
        let record: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        for format in [Format::Auto, Format::Json, Format::Auditd] {
            let read = Reader::new().read(format, &record, |_, _| {});
            assert_eq!(read.unwrap_err().kind(), RecordErrorKind::Utf16);
        }
    }

    #[test]
    fn headings_hold_no_event() {
        let read = |record: &str| {
            Reader::new().read(Format::Auto, record.as_bytes(), |_, _| {})
        };
        assert_eq!(read("Record 12\r"), Ok(Reading::of(false)));
        for record in ["Record ", "Record 1a", "Record 1: x"] {
            assert!(read(record).is_err(), "{record}");
        }
    }
}
