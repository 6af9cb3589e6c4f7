/*!
Tables made of bytes: as delimited text, as the answer of a Kusto database,
and as an object a row, written by `serde_json`. Each has to be read as the
same events.
*/

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};
use t1053::event::Field;
use t1053::{Detector, Report, Scanner};

use super::record::Owned;

/// Names that columns have: those of a layout each, and words that none has.
const COLUMNS: [&[&str]; 4] = [
    &["EventID", "Channel", "Computer", "TaskName", "TaskContent", "x y"],
    &["ActionType", "DeviceName", "Timestamp", "FolderPath", "FileName"],
    &["OperationNameValue", "ActivityStatusValue", "Caller", "Note"],
    &["eventType", "endpointName", "tgtFilePath", "srcProcImagePath"],
];

/// What fields are, so that some rows are events.
const FIELDS: [&str; 32] = [
    "",
    "4698",
    "Security",
    "\\upd",
    "<Task>\n<Command>a</Command>\r\n</Task>",
    "4,698",
    "1,234,567",
    "1234,567",
    "ProcessCreated",
    "FileCreated",
    "ws1",
    "2024-02-03 04:05:06",
    "C:\\Windows\\System32\\at.exe",
    "MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WEBHOOKS/WRITE",
    "Success",
    "File Creation",
    "/etc/cron.d/x",
    "a \"quoted\" word",
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    "{\"EventID\":4698}",
    "<Event>",
    "type=CWD msg=audit(1.1:1): cwd=\"/\"",
    "Feb  3 04:05:06 h crontab[7]: (al) REPLACE (al)",
    "é\u{2028}",
    "\u{feff}x",
    " blank ",
];

/// What separates fields.
const DELIMITERS: [char; 4] = [',', '\t', ';', '|'];

/// A table: the names of its columns, and the fields of its rows.
struct Made {
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    delimiter: char,
    /// Whether fields stand in quotes that need not.
    is_quoted: bool,
    line_end: &'static str,
}

/// Reads a table that bytes make in all of its forms, and compares what is
/// read.
pub fn tables(bytes: &[u8]) {
    let made = Made::of(bytes);
    let rows: Vec<&Vec<String>> = made.rows.iter().collect();
    let text = made.delimited();
    let expected = events(&made.objects(&rows, |field| match field {
        // An empty field is no member.
        "" => None,
        field => Some(json!(ungrouped(field))),
    }));
    assert_eq!(events(&text), expected, "{text:?}");
    let answer = made.answer(&rows);
    let expected = events(&made.objects(&rows, |field| Some(cell(field))));
    assert_eq!(events(&answer), expected, "{answer}");
}

impl Made {
    fn of(bytes: &[u8]) -> Made {
        let mut bytes = bytes.iter().copied();
        let mut next = || usize::from(bytes.next().unwrap_or_default());
        let settings = next();
        let mut columns = COLUMNS[settings % 4].to_vec();
        let turn = next() % columns.len();
        columns.rotate_left(turn);
        let mut rows = Vec::new();
        for _ in 0..1 + settings / 4 % 4 {
            let fields = columns.iter().map(|_| {
                // Some are put together.
                match (next(), next()) {
                    (one, two) if one >= 224 => {
                        format!("{}{}", FIELDS[one % 32], FIELDS[two % 32])
                    }
                    (one, _) => FIELDS[one % 32].to_owned(),
                }
            });
            rows.push(fields.collect());
        }
        Made {
            columns,
            rows,
            delimiter: DELIMITERS[settings / 16 % 4],
            is_quoted: settings / 64 % 2 == 1,
            line_end: ["\n", "\r\n"][settings / 128],
        }
    }

    /// By RFC 4180. What begins as a record of another format stands in
    /// quotes, as does what may be a line's only blanks.
    fn delimited(&self) -> String {
        let row = |fields: &mut dyn Iterator<Item = &str>| {
            let fields = fields.map(|field| {
                let is_plain = |byte: char| {
                    byte.is_alphanumeric() || "\\/:.- ".contains(byte)
                };
                let needs = !field.chars().all(is_plain)
                    || field.trim() != field
                    || field.starts_with("type=");
                match needs || self.is_quoted {
                    true => format!("\"{}\"", field.replace('"', "\"\"")),
                    false => field.to_owned(),
                }
            });
            let fields: Vec<String> = fields.collect();
            fields.join(&self.delimiter.to_string()) + self.line_end
        };
        let mut text = row(&mut self.columns.iter().copied());
        for fields in &self.rows {
            text += &row(&mut fields.iter().map(String::as_str));
        }
        text
    }

    /// The answer of a Kusto database.
    fn answer(&self, rows: &[&Vec<String>]) -> String {
        let columns = self.columns.iter().map(|name| json!({"name": name}));
        let columns: Vec<Value> = columns.collect();
        let rows =
            rows.iter().map(|fields| fields.iter().map(|field| cell(field)));
        let rows: Vec<Vec<Value>> = rows.map(Iterator::collect).collect();
        let table = json!({"name": "T", "columns": columns, "rows": rows});
        json!({"tables": [table]}).to_string()
    }

    /// An object a row.
    fn objects(
        &self,
        rows: &[&Vec<String>],
        value: fn(&str) -> Option<Value>,
    ) -> String {
        let object = |fields: &Vec<String>| {
            let mut members = Map::new();
            for (name, field) in self.columns.iter().zip(fields) {
                if let Some(value) = value(field) {
                    members.insert((*name).to_owned(), value);
                }
            }
            Value::Object(members).to_string() + "\n"
        };
        rows.iter().map(|fields| object(fields)).collect()
    }
}

/// What a database has for a field.
fn cell(field: &str) -> Value {
    match field {
        "" => Value::Null,
        field => json!(field),
    }
}

/// A number without the commas between each three of its digits.
fn ungrouped(field: &str) -> String {
    let mut groups = field.split(',');
    let first = groups.next().unwrap_or_default();
    let are_digits =
        |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    let is_number = field.contains(',')
        && (1..=3).contains(&first.len())
        && are_digits(first)
        && groups.all(|group| group.len() == 3 && are_digits(group));
    match is_number {
        true => field.replace(',', ""),
        false => field.to_owned(),
    }
}

/// The events that are read of a log.
fn events(log: &str) -> Vec<Owned> {
    thread_local! {
        static DETECTOR: Detector = Detector::new();
    }
    let builder = DETECTOR.with(Scanner::builder);
    let mut scanner = builder.events(true).build().unwrap();
    let mut events = Vec::new();
    let mut sink = |report: Report<'_>| {
        if let Report::Event(read) = report {
            let mut event = Owned::of(read.event);
            // A host with escapes is none that a record in it is given.
            event.values.retain(|field, value| {
                *field != Field::Computer
                    || value.iter().all(u8::is_ascii_alphanumeric)
            });
            events.push(event);
        }
        ControlFlow::Continue(())
    };
    let _ = scanner.feed(log.as_bytes(), &mut sink);
    let _ = scanner.finish(&mut sink);
    crate::accounted(scanner.counts());
    // Of one record they come in the order of its members.
    events.sort_by_cached_key(|event| format!("{event:?}"));
    events
}
