/*!
Values under their own names: those that rules ask for, and no field is there
for.

A second walk over a record, made only for those who ask for any name. A name
is that of a member of the event's data (`EventData`, `UserData`, in any
spelling of these), or the path of a member from the record's top, its steps
joined by dots.
*/

use crate::event::{Event, NamedValue};
use crate::vocabulary::sources::{HEADER, PROVIDER};

use super::context::{Context, Reading, Sink};
use super::decode::Decoded;
use super::error::{RecordError, RecordErrorKind};
use super::member_names::MemberNames;
use super::raw::{Encoding, Raw};
use super::syntax::json::{Cursor, Value};
use super::syntax::xml::{Token, Tokens, local_name};
use super::windows::WindowsRecord;

/// Most values of one event. The largest events of Windows have some 60.
const MOST: usize = 256;

/// Longest path of a member that is looked up.
const LONGEST_PATH: usize = 256;

/// Objects in others are looked into as deep.
const DEEPEST: usize = 16;

/// The header of a Windows event.
const SYSTEM: &[u8] = b"System";

/// The values that were found in a record. With what is given of them they
/// take 20 KiB of stack, so whoever makes one is `inline(never)`: most records
/// are read without, and some within others.
pub(crate) struct Members<'n, 'a> {
    names: &'n MemberNames,
    found: [(&'n str, Decoded<'a>); MOST],
    count: usize,
    /// Holds what is decoded.
    buffer: Vec<u8>,
    /// Whether there were more.
    is_cut: bool,
}

impl<'n, 'a> Members<'n, 'a> {
    /// None yet; the buffer's memory is used.
    pub(crate) fn new(
        names: &'n MemberNames,
        mut buffer: Vec<u8>,
    ) -> Members<'n, 'a> {
        buffer.clear();
        let found = [("", Decoded::Record(b"".as_slice())); MOST];
        Members { names, found, count: 0, buffer, is_cut: false }
    }

    // Called in many places, which the library would grow by.
    #[inline(never)]
    fn push(&mut self, name: &'n str, raw: Raw<'a>) {
        match self.found.get_mut(self.count) {
            Some(slot) => {
                *slot = (name, Decoded::from_raw(raw, &mut self.buffer));
                self.count = self.count.saturating_add(1);
            }
            None => self.is_cut = true,
        }
    }

    /// Takes a value that is decoded in a way of its own, if its name is asked
    /// for.
    pub(crate) fn decode(
        &mut self,
        name: &[u8],
        decode: impl FnOnce(&mut Vec<u8>) -> Option<Decoded<'a>>,
    ) {
        let Some(name) = self.names.get([name, b""]) else { return };
        let Some(slot) = self.found.get_mut(self.count) else {
            self.is_cut = true;
            return;
        };
        if let Some(value) = decode(&mut self.buffer) {
            *slot = (name, value);
            self.count = self.count.saturating_add(1);
        }
    }

    // As `push`.
    #[inline(never)]
    fn offer(&mut self, names: [&[u8]; 2], raw: Option<Raw<'a>>) {
        let names = self.names.get(names);
        if let Some((name, raw)) = names.zip(raw) {
            self.push(name, raw);
        }
    }

    /// Takes the event's provider.
    pub(crate) fn provider(&mut self, raw: Option<Raw<'a>>) {
        if let Some(name) = self.names.known(PROVIDER)
            && let Some(raw) = raw
        {
            self.push(name, raw);
        }
    }

    /// An error where there were more values than are kept.
    pub(crate) fn check(&self) -> Result<(), RecordError> {
        let kind = RecordErrorKind::Json("more members than are read");
        match self.is_cut {
            true => Err(RecordError::new(kind, 0)),
            false => Ok(()),
        }
    }

    /// Gives the members to every event that has none yet, and the buffer
    /// back.
    pub(crate) fn give(
        &mut self,
        sink: &mut Sink<'_>,
        read: impl FnOnce(&mut Sink<'_>),
    ) -> Vec<u8> {
        {
            let mut values = [NamedValue { name: "", value: b"" }; MOST];
            for (value, &(name, found)) in values.iter_mut().zip(&self.found) {
                *value =
                    NamedValue { name, value: found.resolve(&self.buffer) };
            }
            let values = values.get(..self.count).unwrap_or_default();
            read(&mut |item: Option<u32>, event: &Event<'_>| match event
                .members
            {
                [] => sink(item, &event.with_members(values)),
                _ => sink(item, event),
            });
        }
        core::mem::take(&mut self.buffer)
    }

    /// Finds the members of the JSON object that comes next.
    pub(crate) fn read_json(
        &mut self,
        mut cursor: Cursor<'a>,
    ) -> Result<(), RecordError> {
        let mut path = Path { text: [0; LONGEST_PATH], length: 0 };
        match cursor.value()? {
            Value::Object => self.object(&mut cursor, &mut path, 0, 0),
            _ => Ok(()),
        }
    }

    /// Reads the object last opened, whose members are called from `base`
    /// on. Recurses as deep as is said.
    fn object(
        &mut self,
        cursor: &mut Cursor<'a>,
        path: &mut Path,
        base: usize,
        depth: usize,
    ) -> Result<(), RecordError> {
        let before = path.length;
        while let Some(name) = cursor.member()? {
            path.push(name, base);
            let value = cursor.value()?;
            self.value(value, name, cursor, path, base, depth)?;
            path.length = before;
        }
        Ok(())
    }

    fn value(
        &mut self,
        value: Value<'a>,
        name: &[u8],
        cursor: &mut Cursor<'a>,
        path: &mut Path,
        base: usize,
        depth: usize,
    ) -> Result<(), RecordError> {
        match value {
            Value::Object | Value::Array if depth >= DEEPEST => {
                cursor.close(value)
            }
            Value::Object if name == b"Data" && path.is_data(base) => {
                self.pair(cursor, path.names(base))
            }
            Value::Object => {
                // What is in the data is called by its own name.
                let is_data = is_data(name) || path.is_user_data(base);
                let base = if is_data { path.length } else { base };
                self.object(cursor, path, base, depth.saturating_add(1))
            }
            Value::Array => {
                let depth = depth.saturating_add(1);
                while cursor.element()? {
                    let value = cursor.value()?;
                    self.value(value, name, cursor, path, base, depth)?;
                }
                Ok(())
            }
            plain => {
                self.offer(path.names(base), plain.raw());
                if let Some(name) = path.of_header(name) {
                    self.offer([name, b""], plain.raw());
                }
                Ok(())
            }
        }
    }

    /// Reads an object that is a name and a value.
    fn pair(
        &mut self,
        cursor: &mut Cursor<'a>,
        unnamed: [&[u8]; 2],
    ) -> Result<(), RecordError> {
        let (mut name, mut value) = (None, None);
        while let Some(member) = cursor.member()? {
            let found = cursor.value()?;
            match (member, found) {
                (b"@Name" | b"Name" | b"name", Value::String(text)) => {
                    name = Some(text);
                }
                (b"#attributes", Value::Object) => {
                    while let Some(member) = cursor.member()? {
                        let found = cursor.value()?;
                        match found {
                            Value::String(text) if member == b"Name" => {
                                name = Some(text);
                            }
                            Value::Object | Value::Array => {
                                cursor.close(found)?;
                            }
                            _ => {}
                        }
                    }
                }
                // evtx_dump's list of all elements that have no name.
                (b"#text", Value::Array) => {
                    let names = name.map_or(unnamed, |name| [name, b""]);
                    while cursor.element()? {
                        match cursor.value()? {
                            Value::Object => cursor.close(Value::Object)?,
                            Value::Array => cursor.close(Value::Array)?,
                            plain => self.offer(names, plain.raw()),
                        }
                    }
                }
                (_, Value::Object | Value::Array) => cursor.close(found)?,
                (b"#text" | b"Value" | b"value", _) => value = found.raw(),
                _ => {}
            }
        }
        let names = name.map_or(unnamed, |name| [name, b""]);
        self.offer(names, value);
        Ok(())
    }

    /// Finds the members in the data of a Windows event as XML.
    pub(crate) fn read_xml(&mut self, event: &'a [u8]) {
        let mut tokens = Tokens::new(event);
        let mut of: &[u8] = b"";
        while let Some(token) = tokens.next() {
            let Token::Start(name) = token else { continue };
            let name = local_name(name);
            let depth = tokens.depth();
            if depth <= 2 {
                of = name;
                continue;
            }
            let called = match of {
                b"EventData" | b"UserData" if name == b"Data" => {
                    let mut called = name;
                    while let Some((attribute, value)) = tokens.attribute() {
                        if attribute == b"Name" {
                            called = value;
                        }
                    }
                    called
                }
                b"EventData" | b"UserData" => name,
                SYSTEM => match header(name) {
                    Some(name) => name,
                    None => continue,
                },
                _ => continue,
            };
            let encoding = Encoding::Xml;
            let text = tokens.leaf();
            let raw = text.map(|bytes| Raw { bytes, encoding });
            self.offer([called, b""], raw);
        }
    }
}

/// Hands over a line of text of a log source that was told. False where none
/// was.
pub(crate) fn read_line(
    line: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> bool {
    let source = context.log_source.filter(|_| context.wants_generic());
    let Some(source) = source else { return false };
    let reading = with_line(line, context, sink, &mut |context, sink| {
        let (platform, data) = (source.platform(), source.generic());
        let windows = WindowsRecord::new();
        let is_event =
            windows.emit_generic(platform, data, None, context, sink);
        Reading::of(is_event)
    });
    reading.events > 0
}

/// Reads a line of text, whose events have it as their member `message`, if
/// members are asked for.
#[inline(never)]
pub(crate) fn with_line<'c>(
    line: &[u8],
    context: &mut Context<'c>,
    sink: &mut Sink<'_>,
    read: &mut dyn FnMut(&mut Context<'c>, &mut Sink<'_>) -> Reading,
) -> Reading {
    let Some(names) = context.names else { return read(context, sink) };
    let buffer = context.members.pop().unwrap_or_default();
    let mut members = Members::new(names, buffer);
    members.offer([b"message", b""], Some(Raw::plain(line)));
    let mut reading = Reading::default();
    let buffer = members.give(sink, |sink| reading = read(context, sink));
    context.members.push(buffer);
    reading
}

/// The path of a member, its steps joined by dots.
struct Path {
    text: [u8; LONGEST_PATH],
    /// More than there is room for where the path is too long.
    length: usize,
}

impl Path {
    fn push(&mut self, name: &[u8], base: usize) {
        if self.length > base || self.length > 0 {
            self.append(b".");
        }
        self.append(name);
    }

    fn append(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(room) = self.text.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
        }
        self.length = end;
    }

    /// What the member may be called: from the base on, and from the top.
    fn names(&self, base: usize) -> [&[u8]; 2] {
        let whole = self.text.get(..self.length).unwrap_or_default();
        let own = whole.get(base..).unwrap_or_default();
        [own.strip_prefix(b".").unwrap_or(own), whole]
    }

    /// What the member of a name says of a Windows event, if it does.
    fn of_header(&self, name: &[u8]) -> Option<&'static [u8]> {
        let known = header(name)?;
        let whole = self.text.get(..self.length)?;
        let of = whole.rsplit(|byte| *byte == b'.').nth(1)?;
        of.eq_ignore_ascii_case(SYSTEM).then_some(known)
    }

    /// Whether the base is the end of a step that is an event's data.
    fn is_data(&self, base: usize) -> bool {
        is_data(self.last_before(base))
    }

    /// Whether it is that of data of the event's own making, which stands
    /// in an element of any name.
    fn is_user_data(&self, base: usize) -> bool {
        self.last_before(base) == b"UserData"
    }

    fn last_before(&self, base: usize) -> &[u8] {
        let path = self.text.get(..base).unwrap_or_default();
        path.rsplit(|byte| *byte == b'.').next().unwrap_or_default()
    }
}

/// What a Windows event's header says under a name, in any case of letters,
/// that rules ask for as a member.
fn header(name: &[u8]) -> Option<&'static [u8]> {
    let mut known = HEADER.iter().map(|known| known.as_bytes());
    known.find(|known| known.eq_ignore_ascii_case(name))
}

fn is_data(name: &[u8]) -> bool {
    matches!(
        name,
        b"EventData"
            | b"event_data"
            | b"eventdata"
            | b"UserData"
            | b"user_data"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Field;
    use crate::record::{Format, LogSource, Reader};

    /// The members of the events of a record, and what else there is.
    fn members(names: &[&str], record: &str) -> String {
        let mut reader = Reader::new();
        reader.ask_for(names.iter().copied().collect());
        let mut shown = Vec::new();
        let mut show = |event: &Event<'_>| {
            shown.push(event.kind().name().to_owned());
            for NamedValue { name, value } in event.members {
                let value = String::from_utf8_lossy(value);
                shown.push(format!("{name}={value}"));
            }
        };
        let read = reader.read(Format::Auto, record.as_bytes(), |_, event| {
            show(event);
        });
        if let Err(error) = read {
            shown.push(error.to_string());
        }
        shown.join(" ")
    }

    #[test]
    fn members_of_json() {
        let names = ["Hashes", "Product", "a.b"];
        let event = r#""EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"i""#;
        for (record, expected) in [
            (
                format!(r#"{{{event},"Hashes":"MD5=1\u0041","a":{{"b":7}}}}"#),
                "process_creation Hashes=MD5=1A a.b=7",
            ),
            (
                r#"{"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Image":"i","Product":"p","Other":"o"}}}"#.into(),
                "process_creation Product=p",
            ),
            (
                r##"{"Event":{"System":{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{"Data":[{"@Name":"Image","#text":"i"},{"@Name":"Product","#text":"p"}]}}}"##.into(),
                "process_creation Product=p",
            ),
            (
                r#"{"winlog":{"event_id":1,"channel":"Microsoft-Windows-Sysmon/Operational","event_data":{"Image":"i","Product":"p"}}}"#.into(),
                "process_creation Product=p",
            ),
            // What is nowhere near the data is called by its path.
            (
                format!(r#"{{{event},"x":{{"Product":"no"}}}}"#),
                "process_creation",
            ),
            (format!(r#"{{{event},"Product":null}}"#), "process_creation"),
            (
                format!(r#"{{{event},"Product":["p",true]}}"#),
                "process_creation Product=p Product=true",
            ),
        ] {
            assert_eq!(members(&names, &record), expected, "{record}");
        }
        assert_eq!(members(&[], &format!("{{{event}}}")), "process_creation");
    }

    #[test]
    fn members_of_xml() {
        let event = |id, data| {
            format!(
                "<Event><System><Provider Name=\"Microsoft-Windows-Sysmon\"/>\
                 <EventID>{id}</EventID><Channel>Microsoft-Windows-Sysmon/\
                 Operational</Channel></System>{data}</Event>"
            )
        };
        let names = ["Hashes", "Provider_Name", "QueryName"];
        let data = "<EventData><Data Name=\"Image\">i</Data><Data \
                    Name=\"Hashes\">a&amp;b</Data></EventData>";
        assert_eq!(
            members(&names, &event("1", data)),
            "process_creation Provider_Name=Microsoft-Windows-Sysmon \
             Hashes=a&b",
        );
        let data = "<UserData><X><QueryName>q</QueryName></X></UserData>";
        assert_eq!(
            members(&names, &event("22", data)),
            "generic Provider_Name=Microsoft-Windows-Sysmon QueryName=q",
        );
    }

    #[test]
    fn members_of_audit_records() {
        let names = ["a0", "a1", "type", "acct", "res"];
        let head = "msg=audit(1.000:1):";
        for (record, expected) in [
            (
                format!("type=EXECVE {head} argc=2 a0=\"at\" a1=2D66"),
                "audit_execve type=EXECVE a0=at a1=-f",
            ),
            (
                format!("type=SYSCALL {head} arch=c000003e a0=2D66 a1=0"),
                "audit_syscall type=SYSCALL a0=2D66 a1=0",
            ),
            (
                format!(
                    "type=USER_CMD {head} pid=1 msg='op=x acct=\"root\" \
                     res=success'"
                ),
                "generic type=USER_CMD acct=root res=success",
            ),
        ] {
            assert_eq!(members(&names, &record), expected, "{record}");
        }
    }

    #[test]
    fn generic_events_say_their_log_source() {
        let mut reader = Reader::new();
        let mut read = |record: &str, names: &[&str]| {
            let mut shown = String::new();
            reader.ask_for(names.iter().copied().collect());
            let reading =
                reader.read(Format::Auto, record.as_bytes(), |_, event| {
                    for field in Field::ALL {
                        if let Some(value) = event.get(*field) {
                            let value = String::from_utf8_lossy(value);
                            shown += &format!("{field}={value} ");
                        }
                    }
                });
            reading.unwrap();
            shown
        };
        for (record, expected) in [
            (
                r#"{"EventID":7045,"Channel":"System","Computer":"h","ServiceName":"s"}"#,
                "EventID=7045 Channel=System Computer=h \
                 logsource.product=windows logsource.service=system ",
            ),
            (
                r#"{"EventID":22,"Channel":"Microsoft-Windows-Sysmon/Operational"}"#,
                "EventID=22 Channel=Microsoft-Windows-Sysmon/Operational \
                 logsource.product=windows logsource.category=dns_query \
                 logsource.service=sysmon ",
            ),
            (
                r#"{"EventID":1,"Channel":"Elsewhere"}"#,
                "EventID=1 Channel=Elsewhere logsource.product=windows ",
            ),
        ] {
            assert_eq!(read(record, &["x"]), expected);
            // Who asks for no names gets none.
            assert_eq!(read(record, &[]), "");
        }
    }

    #[test]
    fn records_of_a_told_log_source_are_generic_events() {
        let mut reader = Reader::new();
        reader.ask_for(["c.d", "message"].into_iter().collect());
        let source = LogSource::new().category("proxy").product("squid");
        let mut read = |record: &str, source: Option<&LogSource>| {
            if let Some(source) = source {
                reader.tell(source.clone());
            }
            let mut shown = Vec::new();
            let _ =
                reader.read(Format::Auto, record.as_bytes(), |_, event| {
                    let category = event.get(Field::LogCategory);
                    let member = event.members.first();
                    let values = [category, member.map(|member| member.value)];
                    let values = values.map(|value| value.unwrap_or(b"-"));
                    let [category, member] =
                        values.map(String::from_utf8_lossy);
                    shown.push(format!(
                        "{} {category} {member}",
                        event.platform
                    ));
                });
            shown.join(", ")
        };
        let json = r#"{"c":{"d":"GET"}}"#;
        let line = "1 2 GET http://x.example/";
        for record in [json, line] {
            assert_eq!(read(record, None), "");
        }
        let told = |record| format!("other proxy {record}");
        assert_eq!(read(json, Some(&source)), told("GET"));
        assert_eq!(read(line, Some(&source)), told(line));
        // What says itself what it is, is that.
        let record = r#"{"EventID":7045,"Channel":"System","c.d":"x"}"#;
        assert_eq!(read(record, Some(&source)), "windows - x");
        let linux = LogSource::new().product("linux");
        assert_eq!(read(line, Some(&linux)), format!("linux - {line}"));
    }

    #[test]
    fn hostile_records_lose_no_event() {
        let event = r#""EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Image":"i""#;
        let many = format!(r#"{{{event},"a":[{}1]}}"#, "1,".repeat(MOST));
        let found = members(&["a"], &many);
        assert!(found.starts_with("process_creation a=1 a=1"));
        assert!(found.contains("more members than are read"), "{found}");
        let deep = "{\"a\":".repeat(60) + "1" + &"}".repeat(60);
        let deep = format!(r#"{{{event},"a":{deep}}}"#);
        assert_eq!(members(&["a"], &deep), "process_creation");
        let long = "n".repeat(300);
        let record = format!(r#"{{{event},"{long}":1,"b":2}}"#);
        assert_eq!(members(&[&long, "b"], &record), "process_creation b=2");
    }
}
