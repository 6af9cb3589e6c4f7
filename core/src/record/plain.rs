/*!
Records in a roundabout way: objects that are texts, as the cells of tables
hold them, the values of OTLP, each in an object that tells its type, and
names in another case than their source writes.

A record that is nothing as it stands is written once more in plain JSON, and
that is read: so no shape has to know who passed its records on.
*/

use memchr::memmem;

use super::apart::Beginning;
use super::columnar;
use super::names::{Place, Signs, Style, is_joint, spelled};
use super::syntax::json::{self, Cursor, Value};

/// Most objects in objects that are written; twice what sources nest. What
/// holds values of OTLP is looked at once for each level.
const MOST_LEVELS: usize = 24;

/// Most objects whose members are looked at for how their names begin: that
/// takes some 10 us.
const MOST_APART: usize = 64;

/// Most objects in objects of which members are taken apart: what wraps
/// records, a record in it, and that record's own objects.
const MOST_LEVELS_APART: usize = 6;

/// Whether a record is read with its names as its source spells them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Renaming {
    Never,
    Always,
    /// It is of a known shape: what it holds stays its own affair, however its
    /// names are spelled.
    OfKnown,
    /// If values of its event are found so.
    ForValues,
}

/// How the names of members are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    AsTheyAre,
    /// Taken apart where they hold more than one step, or those of what made
    /// an object of XML or of a table: `EventData_TaskName` as
    /// `EventData.TaskName`.
    Apart,
    /// Such, and lists of names and values are objects.
    Listed,
    /// As shapes spell them, and in a style where they do in several:
    /// `actionType`, `action_type` and `ACTIONTYPE` as `ActionType`.
    /// Interfaces, databases and pipelines have a style of their own.
    Spelled(Style),
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// Whether members whose names begin alike became those of an object: how
    /// they are spelled may still not be known.
    pub(super) is_grouped: bool,
}

/// Writes the value that comes next in plain JSON. `None` where that does not
/// differ from what stands there.
pub(super) fn write(
    mut cursor: Cursor<'_>,
    names: Names,
    text: &mut Vec<u8>,
) -> Option<Written> {
    text.clear();
    let mut writer = Writer::new(names, text);
    writer.value(&mut cursor, Place::RECORD, 0)?;
    let Writer { differs, is_grouped, .. } = writer;
    differs.then_some(Written { is_grouped })
}

/// Whether a record may hold lists of names and values.
pub(super) fn may_have_pairs(record: &[u8]) -> bool {
    memmem::find(record, b"alue").is_some()
}

/// Writes a row, the list that comes next, as an object whose members are the
/// columns. Returns whether it is one.
pub(super) fn write_row(
    mut cursor: Cursor<'_>,
    columns: &mut dyn Iterator<Item = &'_ [u8]>,
    text: &mut Vec<u8>,
) -> bool {
    text.clear();
    text.push(b'{');
    let mut writer = Writer::new(Names::AsTheyAre, text);
    let is_row = writer.row(&mut cursor, columns).is_some();
    text.push(b'}');
    is_row
}

/// Whether the value that comes next is a table that is written by columns.
pub(super) fn is_by_columns(mut cursor: Cursor<'_>) -> bool {
    matches!(cursor.value(), Ok(Value::Object))
        && columnar::is_one(cursor).is_some_and(|is_one| is_one)
}

/// Whether a record may hold something that is not plain.
pub(super) fn may_differ(record: &[u8]) -> bool {
    let marks = [&br#"{\""#[..], br#"[\""#, br"{\u0022", br"{\n", b"Value\""];
    marks.iter().any(|mark| memmem::find(record, mark).is_some())
}

struct Writer<'t> {
    names: Names,
    text: &'t mut Vec<u8>,
    differs: bool,
    is_grouped: bool,
    /// How many objects more are looked at for how their names begin.
    apart: usize,
}

impl<'t> Writer<'t> {
    fn new(names: Names, text: &'t mut Vec<u8>) -> Writer<'t> {
        Writer {
            names,
            text,
            differs: false,
            is_grouped: false,
            apart: MOST_APART,
        }
    }

    /// Whether what others make of objects is undone on a level. Not deep
    /// down: each level looks at all that is in it.
    fn takes_apart(&self, level: usize) -> bool {
        self.names == Names::Apart && level <= MOST_LEVELS_APART
    }

    /// Writes the value that comes next, which is that of a place. `None` for
    /// what is broken or too deep.
    fn value(
        &mut self,
        cursor: &mut Cursor<'_>,
        place: Place,
        level: usize,
    ) -> Option<()> {
        let level = level.checked_add(1).filter(|l| *l <= MOST_LEVELS)?;
        match cursor.value().ok()? {
            Value::String(inside) => self.string(inside),
            Value::Scalar(spelled) => self.text.extend_from_slice(spelled),
            Value::Null => self.text.extend_from_slice(b"null"),
            Value::Object => {
                let is_written = self.typed(cursor.clone(), level)?.is_some()
                    || self.takes_apart(level)
                        && (self.only(cursor.clone(), place, level).is_some()
                            || columnar::write(cursor.clone(), self.text));
                if is_written {
                    self.differs = true;
                    cursor.close(Value::Object).ok()?;
                } else {
                    self.object(cursor, place, level)?;
                }
            }
            Value::Array if self.are_pairs(cursor.clone()) => {
                self.differs = true;
                self.pairs(cursor, level)?;
            }
            Value::Array => {
                self.text.push(b'[');
                let mut separator = Separator::default();
                while cursor.element().ok()? {
                    separator.write(self.text);
                    self.value(cursor, place, level)?;
                }
                self.text.push(b']');
            }
        }
        Some(())
    }

    fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        place: Place,
        level: usize,
    ) -> Option<()> {
        let beginning = match self.apart.checked_sub(1) {
            Some(apart) if self.takes_apart(level) => {
                self.apart = apart;
                Beginning::of(cursor.clone())
            }
            _ => None,
        };
        let inside = beginning.map(|beginning| (beginning, cursor.clone()));
        self.text.push(b'{');
        let mut separator = Separator::default();
        while let Some(name) = cursor.member().ok()? {
            if beginning.is_some_and(|begins| begins.behind(name).is_some()) {
                continue;
            }
            separator.write(self.text);
            let place = self.name(name, place);
            self.value(cursor, place, level)?;
        }
        if let Some((beginning, mut cursor)) = inside {
            (self.differs, self.is_grouped) = (true, true);
            separator.write(self.text);
            self.text.push(b'"');
            self.text.extend_from_slice(beginning.name());
            self.text.extend_from_slice(b"\":{");
            let mut separator = Separator::default();
            while let Some(name) = cursor.member().ok()? {
                let Some(name) = beginning.behind(name) else { continue };
                separator.write(self.text);
                let place = self.name(name, Place::RECORD);
                self.value(&mut cursor, place, level)?;
            }
            self.text.push(b'}');
        }
        self.text.push(b'}');
        Some(())
    }

    /// Writes the members of a row, the list that comes next.
    fn row(
        &mut self,
        cursor: &mut Cursor<'_>,
        columns: &mut dyn Iterator<Item = &'_ [u8]>,
    ) -> Option<()> {
        let Value::Array = cursor.value().ok()? else { return None };
        let mut separator = Separator::default();
        while cursor.element().ok()? {
            let name = columns.next()?;
            if name.is_empty() {
                continue;
            }
            separator.write(self.text);
            self.name(name, Place::RECORD);
            self.value(cursor, Place::UNKNOWN, 0)?;
        }
        Some(())
    }

    /// Writes a string; one that is an object or a list as that.
    fn string(&mut self, inside: &[u8]) {
        let start = self.text.len();
        let is_whole = |text: &[u8]| {
            let mut cursor = Cursor::new(text);
            cursor.skip().is_ok() && cursor.joined() == Ok(false)
        };
        if let [b'{' | b'[', .., b'}' | b']'] = without_end(inside) {
            json::unescape_into(inside, self.text);
            if self.text.get(start..).is_some_and(is_whole) {
                self.differs = true;
                return;
            }
            self.text.truncate(start);
        }
        self.text.push(b'"');
        self.text.extend_from_slice(inside);
        self.text.push(b'"');
    }

    /// Writes a name, and returns what it is in an object.
    fn name(&mut self, name: &[u8], object: Place) -> Place {
        self.text.push(b'"');
        let mut place = Place::RECORD;
        match self.names {
            Names::AsTheyAre => self.text.extend_from_slice(name),
            Names::Apart | Names::Listed => {
                place = self.name_apart(name, object);
            }
            Names::Spelled(style) => {
                let mut separator: &[u8] = b"";
                for step in name.split(|byte| *byte == b'.') {
                    let known = spelled(step, style).unwrap_or(step);
                    self.differs |= known != step;
                    self.text.extend_from_slice(separator);
                    self.text.extend_from_slice(known);
                    separator = b".";
                }
            }
        }
        self.text.extend_from_slice(b"\":");
        place
    }

    fn name_apart(&mut self, name: &[u8], object: Place) -> Place {
        // Splunk marks lists so.
        let name = name.strip_suffix(b"{}").unwrap_or(name);
        let start = self.text.len();
        let known = object.member(name, &mut Signs::default());
        let is_joined =
            !known.is_known() && name.iter().copied().any(is_joint);
        match name {
            _ if known.is_known() => self.text.extend_from_slice(name),
            // What makes objects of XML calls attributes and text so.
            b"$" | b"_attributes" => {
                self.text.extend_from_slice(b"#attributes");
            }
            b"_" | b"_text" | b"$t" => self.text.extend_from_slice(b"#text"),
            [b'@', b'_', rest @ ..] => {
                self.text.push(b'@');
                self.text.extend_from_slice(rest);
            }
            _ if is_joined && object.write_path(name, self.text) => {}
            _ => self.text.extend_from_slice(name),
        }
        let written = self.text.get(start..).unwrap_or_default();
        self.differs |= written != name;
        let place = object.member(written, &mut Signs::default());
        match place.object() {
            object if object.is_known() => object,
            // What nobody knows is looked into as a record is.
            _ => Place::RECORD,
        }
    }

    /// Writes the value that is all that an object holds, where its name is
    /// only that of a type, or of the cell of a table: as MongoDB, Avro,
    /// BigQuery and Athena write values.
    fn only(
        &mut self,
        mut cursor: Cursor<'_>,
        place: Place,
        level: usize,
    ) -> Option<()> {
        let start = self.text.len();
        let name = cursor.member().ok()??;
        let is_only = match name {
            b"$numberInt" | b"$numberLong" | b"$numberDouble" | b"$date"
            | b"string" | b"int" | b"long" | b"double" | b"boolean" => true,
            b"v" | b"VarCharValue" => true,
            b"f" | b"Data" => are_cells(cursor.clone()),
            _ => false,
        };
        let mut after = cursor.clone();
        let is_only = is_only && after.member() == Ok(None);
        let written = is_only.then(|| self.value(&mut cursor, place, level));
        if written.flatten().is_none() {
            self.text.truncate(start);
            return None;
        }
        Some(())
    }

    /// Whether the list last opened is one of names and values, and is to be
    /// an object.
    fn are_pairs(&self, mut cursor: Cursor<'_>) -> bool {
        self.names == Names::Listed
            && cursor.element() == Ok(true)
            && cursor.value() == Ok(Value::Object)
            && is_pair(cursor)
    }

    /// Writes the value that an object of OTLP's holds; `Some(None)` where
    /// the object last opened is none.
    fn typed(
        &mut self,
        mut cursor: Cursor<'_>,
        level: usize,
    ) -> Option<Option<()>> {
        match cursor.member().ok()? {
            Some(
                b"stringValue" | b"intValue" | b"boolValue" | b"doubleValue"
                | b"bytesValue",
            ) => self.value(&mut cursor, Place::RECORD, level)?,
            Some(b"arrayValue") => {
                let Some(mut values) = values(cursor) else {
                    return Some(None);
                };
                self.value(&mut values, Place::RECORD, level)?;
            }
            Some(b"kvlistValue") => {
                let Some(mut values) = values(cursor) else {
                    return Some(None);
                };
                let Value::Array = values.value().ok()? else { return None };
                self.pairs(&mut values, level)?;
            }
            _ => return Some(None),
        }
        Some(Some(()))
    }

    /// Writes the list of names and values last opened as an object.
    fn pairs(&mut self, cursor: &mut Cursor<'_>, level: usize) -> Option<()> {
        self.text.push(b'{');
        let mut separator = Separator::default();
        while cursor.element().ok()? {
            match cursor.value().ok()? {
                Value::Object => {}
                opened @ Value::Array => {
                    cursor.close(opened).ok()?;
                    continue;
                }
                _ => continue,
            }
            let (mut name, mut value) = (None, None);
            while let Some(member) = cursor.member().ok()? {
                if is_value(member) {
                    value = Some(cursor.clone());
                } else if is_name(member)
                    && let Value::String(text) = cursor.clone().value().ok()?
                {
                    name = Some(text);
                }
            }
            if let (Some(name), Some(mut value)) = (name, value) {
                separator.write(self.text);
                let place = self.name(name, Place::RECORD);
                self.value(&mut value, place, level)?;
            }
        }
        self.text.push(b'}');
        Some(())
    }
}

/// Whether a list of the cells of a row comes next.
fn are_cells(mut cursor: Cursor<'_>) -> bool {
    cursor.value() == Ok(Value::Array)
        && cursor.element() == Ok(true)
        && cursor.value() == Ok(Value::Object)
        && matches!(cursor.member(), Ok(Some(b"v" | b"VarCharValue")))
}

/// Whether the object last opened is a name and a value, whatever else it is.
fn is_pair(mut cursor: Cursor<'_>) -> bool {
    let (mut has_name, mut has_value) = (false, false);
    while let Ok(Some(member)) = cursor.member() {
        has_name |= is_name(member);
        has_value |= is_value(member);
    }
    has_name && has_value
}

fn is_name(member: &[u8]) -> bool {
    matches!(member, b"key" | b"name" | b"field" | b"Key" | b"Name")
}

fn is_value(member: &[u8]) -> bool {
    matches!(member, b"value" | b"Value")
}

/// The inside of a string without blanks around it, nor escaped line ends
/// behind it.
fn without_end(mut inside: &[u8]) -> &[u8] {
    while let Some(before) =
        inside.strip_suffix(br"\n").or_else(|| inside.strip_suffix(br"\r"))
    {
        inside = before;
    }
    inside.trim_ascii()
}

/// The place of the `values` in the object that comes next.
fn values(mut cursor: Cursor<'_>) -> Option<Cursor<'_>> {
    let Value::Object = cursor.value().ok()? else { return None };
    while let Some(name) = cursor.member().ok()? {
        if name == b"values" {
            return Some(cursor);
        }
    }
    None
}

/// Writes a comma before all but the first.
#[derive(Default)]
struct Separator {
    is_between: bool,
}

impl Separator {
    fn write(&mut self, text: &mut Vec<u8>) {
        if self.is_between {
            text.push(b',');
        }
        self.is_between = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::json_record::tests::{event, events};

    fn plain(record: &str, names: Names) -> Option<String> {
        let mut text = Vec::new();
        let cursor = Cursor::new(record.as_bytes());
        write(cursor, names, &mut text)?;
        Some(String::from_utf8(text).unwrap())
    }

    #[test]
    fn what_is_not_plain_is_written_so() {
        for (record, expected) in [
            (r#"{"a":"{\"b\":1}"}"#, r#"{"a":{"b":1}}"#),
            (r#"{"a":"[\"b\"]","c":null}"#, r#"{"a":["b"],"c":null}"#),
            (r#"{"a":"{\"b\":1}\r\n"}"#, "{\"a\":{\"b\":1}\r\n}"),
            (r#"{"a":{"stringValue":"x"}}"#, r#"{"a":"x"}"#),
            (
                r#"[{"arrayValue":{"values":[{"intValue":"1"},{"boolValue":true}]}}]"#,
                r#"[["1",true]]"#,
            ),
            (
                r#"{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"x"}},{"value":{},"key":"b"},{"key":"c"}]}}"#,
                r#"{"a":"x","b":{}}"#,
            ),
        ] {
            let written = plain(record, Names::AsTheyAre);
            assert_eq!(written.as_deref(), Some(expected), "{record}");
            assert!(may_differ(record.as_bytes()), "{record}");
        }
    }

    #[test]
    fn names_are_spelled_as_shapes_spell_them() {
        let pascal = Names::Spelled(Style::Pascal);
        let record = r#"{"actionType":{"device_name":"a_b"},"x_y":1}"#;
        let expected = r#"{"ActionType":{"DeviceName":"a_b"},"x_y":1}"#;
        assert_eq!(plain(record, pascal).as_deref(), Some(expected));
        assert_eq!(plain(expected, pascal), None);
        let snake = Names::Spelled(Style::Snake);
        let record = r#"{"processExec.Process":{"binary":"a"}}"#;
        let expected = r#"{"process_exec.process":{"binary":"a"}}"#;
        assert_eq!(plain(record, snake).as_deref(), Some(expected));
    }

    /// Whatever the style of whoever passed it on.
    #[test]
    fn records_are_read_however_their_names_are_spelled() {
        let cases = [
            r#"{"event_simpleName":"ProcessRollup2","event_platform":"Lin","aid":"a1","ImageFileName":"/usr/bin/crontab","CommandLine":"crontab -e"}"#,
            r#"{"process_exec":{"process":{"binary":"/usr/bin/crontab","arguments":"-e"}},"node_name":"h","time":"2024-02-03T04:05:06Z"}"#,
            r#"{"eventVersion":"1","eventSource":"events.amazonaws.com","eventName":"PutRule","userIdentity":{"arn":"a"},"requestParameters":{"name":"r"}}"#,
            r#"{"EventID":4688,"Channel":"Security","Computer":"h","NewProcessName":"C:\\a.exe","CommandLine":"a"}"#,
            r#"{"eventName":"sched_process_exec","processName":"x","hostName":"h","args":[{"name":"pathname","value":"/usr/bin/crontab"}]}"#,
        ];
        let small = |name: &str| name.to_lowercase();
        let large = |name: &str| name.to_uppercase();
        let with = |name: &str, between: &str| {
            let mut spelled = String::new();
            let mut was_small = false;
            for letter in name.chars() {
                if was_small && letter.is_ascii_uppercase() {
                    spelled += between;
                }
                was_small = letter.is_ascii_lowercase();
                spelled.push(letter.to_ascii_lowercase());
            }
            spelled
        };
        let camel = |name: &str| {
            let mut words = name.split('_');
            let mut spelled = words.next().unwrap_or_default().to_owned();
            for word in words {
                let (first, rest) = word.split_at(1);
                spelled += &(first.to_uppercase() + rest);
            }
            spelled
        };
        let snake = |name: &str| with(name, "_");
        let kebab = |name: &str| with(name, "-").replace('_', "-");
        let spellings: [&dyn Fn(&str) -> String; 5] =
            [&small, &large, &snake, &kebab, &camel];
        for record in cases {
            let expected = event(record);
            for spelling in spellings {
                let mut parts: Vec<String> =
                    record.split('"').map(str::to_owned).collect();
                // Of what stands between quotes, names are before a colon.
                for at in (1..parts.len().saturating_sub(1)).step_by(2) {
                    if parts[at + 1].starts_with(':') {
                        parts[at] = spelling(&parts[at]);
                    }
                }
                let other = parts.join("\"");
                // What was asked for stays as it is.
                let found = event(&other).to_lowercase();
                assert_eq!(found, expected.to_lowercase(), "{other}");
                let text = other.replace('\\', r"\\").replace('"', r#"\""#);
                // In another record, one that says its id is one as it stands.
                if record.contains("EventID") {
                    continue;
                }
                let wrapped = format!(r#"{{"x":1,"y":"{text}"}}"#);
                let found = event(&wrapped).to_lowercase();
                assert_eq!(found, expected.to_lowercase(), "{wrapped}");
            }
        }
    }

    #[test]
    fn what_is_plain_or_broken_is_not_written() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        for record in [
            r#"{"a":"{b}","c":[1,-2.5,true,null],"d":"{\"e\":1"}"#,
            r#"{"a":"{\"b\":1}""#,
            r#"{"kvlistValue":7}"#,
            r#"{"a":"{} {}"}"#,
            &deep,
            "",
        ] {
            assert_eq!(plain(record, Names::AsTheyAre), None, "{record}");
        }
    }

    const ROW: &str = r#"{"Timestamp":"2024-02-03T04:05:06Z","ActionType":"ProcessCreated","DeviceName":"h","ProcessCommandLine":"crontab -e","FolderPath":"/usr/bin/crontab"}"#;

    #[test]
    fn rows_of_defender_are_read_whatever_case_their_names_have() {
        let expected = event(ROW);
        assert!(expected.starts_with("linux/process_creation"));
        let names =
            ["Timestamp", "ActionType", "DeviceName", "ProcessCommandLine"];
        let mut camel = ROW.replace("FolderPath", "folderPath");
        for name in names {
            let (first, rest) = name.split_at(1);
            camel = camel.replace(name, &(first.to_lowercase() + rest));
        }
        assert_eq!(event(&camel), expected);
        let snake = ROW
            .replace("ActionType", "action_type")
            .replace("DeviceName", "device_name")
            .replace("Timestamp", "timestamp")
            .replace("ProcessCommandLine", "process_command_line")
            .replace("FolderPath", "folder_path");
        assert_eq!(event(&snake), expected);
        let other = camel.replace("ProcessCreated", "process created");
        assert!(events(&other).0.is_empty());
    }

    #[test]
    fn members_that_are_objects_as_texts_are_read() {
        let record = r#"{"process_exec":{"process":{"binary":"/usr/bin/crontab","arguments":"-e"}},"node_name":"h","time":"2024-02-03T04:05:06Z"}"#;
        let expected = event(record);
        let text = r#"{"process_exec":"{\"process\":{\"binary\":\"/usr/bin/crontab\",\"arguments\":\"-e\"}}","node_name":"h","time":"2024-02-03T04:05:06Z"}"#;
        assert_eq!(event(text), expected);
        // Even where such a record is told without them.
        let falco = r#"{"rule":"r","priority":"Notice","output_fields":{"evt.type":"execve","proc.exepath":"/usr/bin/crontab"}}"#;
        let text = r#"{"rule":"r","priority":"Notice","output_fields":"{\"evt.type\":\"execve\",\"proc.exepath\":\"/usr/bin/crontab\"}"}"#;
        assert_eq!(event(text), event(falco));
        let list = r#"{"agent":{"type":"endpoint"},"event.category":"[\"file\"]","event.type":"[\"creation\"]","event.dataset":"endpoint.events.file","event.action":"creation","file.path":"/etc/cron.d/x","host.os.type":"linux"}"#;
        assert!(event(list).starts_with("linux/file_creation"));
        let row = r#"["{\"process\":{\"binary\":\"/usr/bin/crontab\",\"arguments\":\"-e\"}}","h","2024-02-03T04:05:06Z"]"#;
        let table = format!(
            r#"{{"tables":[{{"columns":[{{"name":"process_exec"}},{{"name":"node_name"}},{{"name":"time"}}],"rows":[{row},{row}]}}]}}"#
        );
        let (found, reading) = events(&table);
        assert_eq!(
            found,
            [format!("0: {expected}"), format!("1: {expected}")]
        );
        assert_eq!((reading.events, reading.not_understood), (2, 0));
    }

    /// As a container's log has a row whose cells are objects as texts.
    #[test]
    fn texts_may_hold_texts_that_are_objects() {
        let object =
            r#"{"process":{"binary":"/usr/bin/crontab","arguments":"-e"}}"#;
        let quoted = |text: &str| {
            let text = text.replace('\\', r"\\").replace('"', "\\\"");
            format!("\"{text}\"")
        };
        let record = |object: &str| {
            format!(r#"{{"process_exec":{object},"node_name":"h"}}"#)
        };
        let expected = event(&record(object));
        let row = record(&quoted(object));
        assert_eq!(event(&row), expected);
        let log = format!(r#"{{"log":{}}}"#, quoted(&row));
        assert_eq!(event(&log), expected);
    }

    #[test]
    fn numbers_may_have_been_through_floating_point() {
        let record = r#"{"class_uid":1007,"activity_id":1,"device":{"os":{"type_id":200}},"process":{"file":{"path":"/usr/bin/crontab"},"cmd_line":"crontab -e"}}"#;
        let other = record.replace("1007,", "1007.0,").replace(":1,", ":1.0,");
        assert_eq!(event(&other), event(record));
    }

    #[test]
    fn bodies_of_otlp_may_hold_lists_of_objects() {
        let body = r#"{"kvlistValue":{"values":[{"key":"hostName","value":{"stringValue":"h"}},{"key":"processName","value":{"stringValue":"crontab"}},{"key":"eventName","value":{"stringValue":"sched_process_exec"}},{"key":"args","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"argv"}},{"key":"value","value":{"arrayValue":{"values":[{"stringValue":"crontab"},{"stringValue":"-e"}]}}}]}}]}}}]}}"#;
        let record = format!(
            r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"timeUnixNano":"1706933106000000000","body":{body}}}]}}]}}]}}"#
        );
        let (found, reading) = events(&record);
        assert_eq!(
            found,
            [
                "0: linux/process_creation 2024-02-03T04:05:06Z Computer=h CommandLine=crontab -e"
            ]
        );
        assert_eq!((reading.events, reading.not_understood), (1, 0));
    }
}
