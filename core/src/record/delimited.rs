/*!
Delimited text, CSV and its kin: a header that names the columns, and a row a
record.

A row is an object whose members are the columns, so it is written as one and
read by the shapes of JSON records: whoever makes a table of what another one
writes as JSON keeps its names. A field that is empty is no member.
*/

use memchr::{memchr, memchr2};

use super::apart::Beginning;
use super::context::{Context, Reading, Sink};
use super::error::{RecordError, RecordErrorKind};
use super::json_record;
use super::layout::RecordLayout;
use super::names::{Place, Signs, Style, spelled};
use super::syntax::delimited::{Field, Fields, Row, RowEnd};

pub(super) const LAYOUTS: &[RecordLayout] = &[RecordLayout {
    name: "CSV, TSV",
    about: "rows under a header that names members of any layout of JSON",
    lost: "",
    verified: true,
}];

/// Most columns of a table. The widest of Sentinel's have 230.
const MOST_COLUMNS: usize = 512;

/// How many columns have to be known: one name may be a word like any other.
const LEAST_KNOWN: usize = 2;

/// How many have to be of those that are known in another spelling.
const LEAST_SPELLED: usize = 5;

/// A header, and what it says of the rows after it.
#[derive(Debug)]
pub(crate) struct Table {
    header: Vec<u8>,
    delimiter: u8,
    /// The column's names, as JSON has them before a value: `"name":`.
    members: Vec<Vec<u8>>,
}

impl Table {
    /// The table that a line is the header of; `None` where it is none.
    pub(crate) fn of_header(line: &[u8]) -> Option<Table> {
        let line = line.trim_ascii_end();
        let mut delimiters = b",\t;|".iter();
        delimiters.find_map(|&delimiter| {
            let known = Fields::new(line, delimiter)
                .take(MOST_COLUMNS)
                .filter(|field| {
                    let record = Place::RECORD;
                    record.has_path(field.text)
                        || record
                            .member(field.text, &mut Signs::default())
                            .is_known()
                })
                .count();
            let fields = || Fields::new(line, delimiter);
            let are_spelled = || {
                let spelled = fields().take(MOST_COLUMNS).filter(|field| {
                    spelled(field.text, Style::Pascal).is_some()
                });
                spelled.count() >= LEAST_SPELLED
            };
            let begin_alike = || {
                let names = fields().map(|field| field.text);
                Beginning::of_names(names).is_some()
            };
            let is_of_viewer = is_of_viewer(fields());
            let are_known = known >= LEAST_KNOWN
                || is_of_viewer
                || are_spelled()
                || begin_alike();
            // What is left of a record of JSON that was cut is none.
            let is_row = || {
                let end = Row::default().look(line, delimiter, true);
                end == RowEnd::At(line.len(), line.len())
            };
            let are_names = are_known
                && is_row()
                && fields().nth(MOST_COLUMNS).is_none()
                && fields().all(is_name);
            let members = || {
                let names = fields().enumerate().map(|(index, field)| {
                    let known = VIEWER.get(index).filter(|_| is_of_viewer);
                    // As Log Analytics writes columns of times.
                    let text = field.text.strip_suffix(b" [UTC]");
                    let text = text.unwrap_or(field.text);
                    let known = known.map(|known| known.as_bytes());
                    Field { text: known.unwrap_or(text), ..field }
                });
                names.chain(unnamed(fields)).map(|field| {
                    let mut member = Vec::new();
                    push_string(field, &mut member);
                    member.push(b':');
                    member
                })
            };
            are_names.then(|| Table {
                header: line.to_vec(),
                delimiter,
                members: members().collect(),
            })
        })
    }

    /// The line that it was made of.
    pub(crate) fn header(&self) -> &[u8] {
        &self.header
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub(crate) fn columns(&self) -> usize {
        self.members.len()
    }

    /// How long the header is, with its line end, where it stands once more:
    /// where files were joined.
    pub(crate) fn header_again(
        &self,
        text: &[u8],
        is_all: bool,
    ) -> Option<usize> {
        let rest = text.strip_prefix(self.header.as_slice())?;
        let end = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            [] if is_all => 0,
            _ => return None,
        };
        self.header.len().checked_add(end)
    }
}

/// The name of a column that the header leaves out: the Event Viewer gives the
/// message none.
fn unnamed<'a, F: Iterator<Item = Field<'a>>>(
    fields: impl Fn() -> F,
) -> Option<Field<'static>> {
    let is_there = |name: &[u8]| fields().any(|field| field.text == name);
    let is_exported = EVENT_IDS.iter().any(|name| is_there(name.as_bytes()))
        && !is_there(b"Message");
    is_exported.then_some(Field { text: b"Message", is_quoted: false })
}

/// The columns that the Event Viewer saves, in their order; that of the
/// message has no name in the header.
const VIEWER: [&str; 5] =
    ["Level", "Date and Time", "Source", "Event ID", "Task Category"];

/// Whether these are its columns, in whatever language: the order is the same
/// in all.
fn is_of_viewer<'a>(mut fields: impl Iterator<Item = Field<'a>>) -> bool {
    let id = fields.nth(3);
    let is_id = id.is_some_and(|id| {
        EVENT_IDS.iter().any(|name| name.as_bytes() == id.text)
    });
    is_id && fields.count() == 1
}

/// What the Event Viewer calls the column of ids, in the languages where it is
/// known.
const EVENT_IDS: [&str; 16] = [
    "Event ID",
    "Ereignis-ID",
    "ID de l’événement",
    "ID de l'événement",
    "Id. del evento",
    "Id. de evento",
    "ID evento",
    "Identificação do Evento",
    "ID do Evento",
    "Gebeurtenis-id",
    "Identyfikator zdarzenia",
    "Код события",
    "イベント ID",
    "事件 ID",
    "이벤트 ID",
    "Olay Kimliği",
];

/// Whether a field may be the name of a column.
fn is_name(field: Field<'_>) -> bool {
    let is_of_none =
        |byte: &u8| byte.is_ascii_control() || b"\"{}<>=\\".contains(byte);
    let text = field.text;
    text.len() <= 128 && !text.iter().any(is_of_none)
}

/// Reads one row.
pub(crate) fn read(
    table: &Table,
    row: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let row = row.strip_suffix(b"\r").unwrap_or(row);
    let mut fields = Fields::new(row, table.delimiter);
    let Some((object, mut context)) = context.inside() else {
        debug_assert!(false, "a row is no record in a record");
        return Ok(Reading::of(false));
    };
    object.push(b'{');
    for member in &table.members {
        let Some(field) = fields.next() else { return Err(other_number()) };
        if field.text.is_empty() {
            continue;
        }
        if object.len() > 1 {
            object.push(b',');
        }
        object.extend_from_slice(member);
        push_string(field, object);
    }
    object.push(b'}');
    if fields.next().is_some() {
        return Err(other_number());
    }
    // Places in the object are none in the row.
    json_record::read(object, &mut context, sink)
        .map_err(|error| RecordError::new(error.kind(), 0))
}

fn other_number() -> RecordError {
    let reason = "it has another number of fields than the header";
    RecordError::new(RecordErrorKind::Row(reason), 0)
}

/// Writes a field as a JSON string. Control characters stay as they are: the
/// reader lets them through.
fn push_string(field: Field<'_>, object: &mut Vec<u8>) {
    object.push(b'"');
    let mut text = field.text;
    if is_grouped(text) {
        object.extend(text.iter().filter(|byte| **byte != b','));
        text = b"";
    }
    while let Some(at) = memchr2(b'"', b'\\', text) {
        let (plain, rest) = text.split_at_checked(at).unwrap_or_default();
        object.extend_from_slice(plain);
        let (escape, length): (&[u8], usize) = match rest {
            [b'"', b'"', ..] if field.is_quoted => (b"\\\"", 2),
            [b'"', ..] => (b"\\\"", 1),
            _ => (b"\\\\", 1),
        };
        object.extend_from_slice(escape);
        text = rest.get(length..).unwrap_or_default();
    }
    object.extend_from_slice(text);
    object.push(b'"');
}

/// Whether a field is a whole number whose digits are in groups, as Kibana
/// writes ids of events: `4,698`.
fn is_grouped(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| *byte == b',');
    let first = groups.next().unwrap_or_default();
    let are_digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    memchr(b',', text).is_some()
        && matches!(first.len(), 1..=3)
        && are_digits(first)
        && groups.all(|group| group.len() == 3 && are_digits(group))
}

#[cfg(test)]
mod tests {
    use core::ops::ControlFlow;

    use super::*;
    use crate::{Detector, Report, Scanner};

    /// The detections that match in a stream, and how many of its records
    /// are unreadable; the same in chunks of any size.
    fn scanned(stream: &str) -> (Vec<String>, u64, u64) {
        let detector = Detector::published();
        let scan = |chunk: usize| {
            let mut slugs = Vec::new();
            let mut sink = |report: Report<'_>| {
                if let Report::Match(found) = report {
                    slugs.push(found.found.detection().slug.to_string());
                }
                ControlFlow::Continue(())
            };
            let mut scanner = Scanner::new(&detector);
            for chunk in stream.as_bytes().chunks(chunk) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            let (records, unreadable) = (counts.records, counts.unreadable);
            (slugs, records, unreadable)
        };
        let whole = scan(usize::MAX);
        for chunk in [1, 3, 7, 64] {
            assert_eq!(scan(chunk), whole, "in chunks of {chunk}");
        }
        whole
    }

    const HEADER: &str = "EventID,Channel,Computer,TaskName,TaskContent";
    const ROW: &str = "4698,Security,ws1,\\a,\"<Task>\n\
        <Command>C:\\Users\\Public\\a.exe</Command>\"\"\n</Task>\"";

    #[test]
    fn rows_are_records_whose_members_the_header_names() {
        let (slugs, records, unreadable) =
            scanned(&format!("{HEADER}\n{ROW}\n{ROW}"));
        assert_eq!((records, unreadable), (2, 0));
        assert_eq!(slugs.len(), 4, "{slugs:?}");
        let grouped = ROW.replace("4698", "\"4,698\"");
        assert_eq!(scanned(&format!("{HEADER}\n{grouped}")).0.len(), 2);
        let crlf = format!("\u{feff}#TYPE x\n{HEADER}\n{ROW}\n")
            .replace('\n', "\r\n");
        assert_eq!(scanned(&crlf).0.len(), 2);
        let other = format!("{HEADER}\n{ROW}\n").replace(',', "\t");
        assert_eq!(scanned(&other).0.len(), 2);
        // Where files were joined.
        let joined = format!("{HEADER}\n{ROW}\n{HEADER}\n{ROW}\n");
        assert_eq!(scanned(&joined), (slugs, 2, 0));
    }

    #[test]
    fn a_row_with_another_number_of_fields_is_unreadable_and_alone() {
        for odd in ["4698,Security", "1,2,3,4,5,6", "a,\"b", "a,\"b\"c"] {
            let (slugs, records, unreadable) =
                scanned(&format!("{HEADER}\n{odd}\n{ROW}\n"));
            assert_eq!((records, unreadable), (2, 1), "{odd}");
            assert_eq!(slugs.len(), 2, "{odd}");
        }
    }

    #[test]
    fn records_of_other_formats_are_none_of_the_rows() {
        let object = r#"{"EventID":4698,"Channel":"Security","TaskName":"x"}"#;
        let (slugs, _, unreadable) =
            scanned(&format!("{HEADER}\n{object}\n{ROW}\n{object}\n"));
        assert_eq!((slugs.len(), unreadable), (4, 0), "{slugs:?}");
    }

    #[test]
    fn records_are_not_held_back_for_a_header() {
        let detector = Detector::published();
        let mut scanner = Scanner::new(&detector);
        let mut sink = |_: Report<'_>| ControlFlow::Continue(());
        let object = r#"<14>1 - h x - - - {"EventID":1}"#;
        let counted = format!("{} {object}", object.len());
        let _ = scanner.feed(counted.repeat(3).as_bytes(), &mut sink);
        assert_eq!(scanner.counts().records, 2);
    }

    #[test]
    fn a_table_may_be_of_utf_16() {
        let detector = Detector::published();
        let mut scanner = Scanner::new(&detector);
        let stream = format!("\u{feff}{HEADER}\r\n{ROW}\r\n");
        let stream: Vec<u8> =
            stream.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut sink = |_: Report<'_>| ControlFlow::Continue(());
        let _ = scanner.feed(&stream, &mut sink);
        let _ = scanner.finish(&mut sink);
        let counts = scanner.counts();
        assert_eq!((counts.records, counts.read, counts.matches), (1, 1, 2));
    }

    #[test]
    fn a_line_with_commas_is_no_header() {
        for line in ["one, two, three", "EventID,b", "", "EventID=1,Channel"] {
            assert!(Table::of_header(line.as_bytes()).is_none(), "{line}");
        }
        let many = "EventID,Channel".to_owned() + &",x".repeat(511);
        assert!(Table::of_header(many.as_bytes()).is_none());
    }

    /// It is told that it cannot be read, and what follows it is read.
    #[test]
    fn what_is_left_of_a_record_is_no_header() {
        let cut = r#""EventID":4698,"Channel":"Security","Computer":"a"}"#;
        assert!(Table::of_header(cut.as_bytes()).is_none());
        let (_, records, unreadable) = scanned(&format!("{cut}\n{{{cut}\n"));
        assert_eq!((records, unreadable), (2, 1));
    }

    /// Each of these must cost its own length, not that of the stream.
    #[test]
    fn time_is_linear() {
        let detector = Detector::published();
        for part in ["\"\n", "\"\"\n", "\"\"\",\n", ",\"a\n", "\"a", ",", "\t"]
        {
            let stream = format!("{HEADER}\n{}", part.repeat(300_000));
            let mut scanner = Scanner::new(&detector);
            let mut sink = |_: Report<'_>| ControlFlow::Continue(());
            for chunk in stream.as_bytes().chunks(100) {
                let _ = scanner.feed(chunk, &mut sink);
            }
            let _ = scanner.finish(&mut sink);
            let counts = scanner.counts();
            assert_eq!(counts.read, 0, "{part}");
        }
    }

    #[test]
    fn columns_of_times_say_that_they_are_in_utc() {
        let stream = "TimeGenerated [UTC],OperationNameValue,\
            ActivityStatusValue,Caller\n\
            \"2/3/2024, 4:05:06.000 AM\",\
            MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/RUNBOOKS/WRITE,\
            Success,al\n";
        assert_eq!(scanned(stream).0.len(), 1);
        let header = stream.lines().next().unwrap();
        let table = Table::of_header(header.as_bytes()).unwrap();
        assert_eq!(table.members[0], b"\"TimeGenerated\":");
    }

    /// Its header has a name less than its rows have fields.
    #[test]
    fn what_the_event_viewer_saves() {
        let row = "Information,2/3/2024 4:05:06 AM,\
            Microsoft-Windows-Security-Auditing,4698,Other,\
            \"A scheduled task was created.\n\nTask Information:\n\
            \tTask Name: \t\t\\x\n\tTask Content: \t\t\
            <Task><Command>C:\\Users\\Public\\a.exe</Command></Task>\n\"";
        for header in [
            "Level,Date and Time,Source,Event ID,Task Category",
            "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
            "Nivel,Fecha y hora,Origen,Id. del evento,Categoría de la tarea",
            "级别,日期和时间,来源,事件 ID,任务类别",
        ] {
            let (slugs, records, unreadable) =
                scanned(&format!("\u{feff}{header}\n{row}\n{row}\n"));
            assert_eq!((records, unreadable), (2, 0), "{header}");
            assert_eq!(slugs.len(), 4, "{slugs:?}");
        }
    }
}
