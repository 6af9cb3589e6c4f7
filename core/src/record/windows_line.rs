/*!
Windows events that collectors make one line of, mostly for syslog: Snare,
WinCollect, LEEF, CEF, OSSEC, and NXLog's structured data (RFC 5424).

Each has a mark that stands in the header of its line, before anything that
whom the event is about could have written.
*/

use memchr::{memchr_iter, memmem};

use super::context::{Context, Reading, Sink};
use super::decode::Decoded;
use super::error::RecordError;
use super::keys::Key;
use super::layout::RecordLayout;
use super::message;
use super::names::{Place, Signs, use_in_windows};
use super::prefix::{BOM, carried_object};
use super::raw::{Encoding, Rank, Raw};
use super::shape::Form;
use super::syntax::text::split_at_byte;
use super::windows::WindowsRecord;
use crate::bytes;

pub(super) const LAYOUTS: &[RecordLayout] = &[
    RecordLayout {
        name: "Snare",
        about: "`MSWinEventLog` and fields between tabs, over syslog",
        lost: "where a value of the message ends, in most languages",
        verified: true,
    },
    RecordLayout {
        name: "WinCollect",
        about: "`AgentDevice=` and more members between tabs, over syslog",
        lost: "where a value of the message ends, in most languages",
        verified: false,
    },
    RecordLayout {
        name: "LEEF",
        about: "QRadar's `LEEF:1.0|` and `LEEF:2.0|`",
        lost: "what the writer leaves out",
        verified: false,
    },
    RecordLayout {
        name: "CEF",
        about: "ArcSight's `CEF:0|` of Windows' logs",
        lost: "what the writer leaves out; a task's XML",
        verified: false,
    },
    RecordLayout {
        name: "NXLog, RFC 5424",
        about: "structured data `[NXLOG@14506 EventID=\"4688\" ..]`, also of \
                VMware's Log Insight agent",
        lost: "",
        verified: false,
    },
    RecordLayout {
        name: "OSSEC",
        about: "`WinEvtLog: Security: AUDIT_SUCCESS(4688): ..`",
        lost: "where a value of the message ends, in most languages",
        verified: true,
    },
];

/// What a line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carried {
    Snare,
    WinCollect,
    Leef,
    Cef,
    Ossec,
    Nxlog,
}

/// Marks, with what they are marks of.
const MARKS: [(&[u8], Carried); 10] = [
    (b"MSWinEventLog\t", Carried::Snare),
    // In JSON, and as rsyslog writes it.
    (b"MSWinEventLog\\t", Carried::Snare),
    (b"MSWinEventLog#011", Carried::Snare),
    (b"AgentDevice=", Carried::WinCollect),
    (b"LEEF:1.", Carried::Leef),
    (b"LEEF:2.", Carried::Leef),
    (b"CEF:", Carried::Cef),
    (b"WinEvtLog: ", Carried::Ossec),
    (b"[NXLOG@", Carried::Nxlog),
    // VMware's Log Insight agent.
    (b"[Originator@", Carried::Nxlog),
];

/// Most bytes of the header of a line: a name of a host may have 255.
const MOST_HEADER: usize = 512;

/// Most words in it: as many as that of RFC 5424 has, and some.
const MOST_WORDS: usize = 12;

/// What a line carries, and what stands from its mark on.
fn carried(line: &[u8]) -> Option<(Carried, &[u8])> {
    let mut rest = line;
    // A priority stands before the first word.
    if line.first() == Some(&b'<') {
        rest = split_at_byte(line, b'>')?.1;
    }
    for _ in 0..MOST_WORDS {
        rest = rest.strip_prefix(BOM).unwrap_or(rest);
        match rest.first()? {
            first @ (b'M' | b'A' | b'L' | b'C' | b'W' | b'[') => {
                // That the first bytes differ is seen without a call.
                let mut marks = MARKS.iter();
                let mark = marks.find(|(mark, _)| {
                    mark.first() == Some(first) && rest.starts_with(mark)
                });
                if let Some((_, carried)) = mark {
                    // The event may stand behind it, as an object.
                    let is_whole = *carried != Carried::Nxlog
                        || carried_object(line).is_none();
                    return is_whole.then_some((*carried, rest));
                }
            }
            // Another record, which may quote one of these.
            b'{' | b'<' => return None,
            b't' if rest.starts_with(b"type=") => return None,
            b'n' if rest.starts_with(b"node=") => return None,
            _ => {}
        }
        // Words are short. Snare writes a tab behind the host where there is
        // no header.
        let head = rest.get(..MOST_HEADER).unwrap_or(rest);
        let end = bytes::find_near_any([b' ', b'\t'], head)?;
        rest = rest.get(end..)?.trim_ascii_start();
    }
    None
}

/// Whether a record, without leading blanks, looks like one of these.
pub(crate) fn is_record(record: &[u8]) -> bool {
    carried(record).is_some()
}

/// Reads one record: a line.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let Some((carried, line)) = carried(record) else {
        return Ok(Reading { not_understood: 1, ..Reading::of(false) });
    };
    let header = match carried {
        Carried::Ossec => ossec_time(record, line).map(|time| (time, None)),
        _ => header(record).map(|(time, host)| (time, Some(host))),
    };
    // As rsyslog writes control characters.
    if memmem::find(line, b"#011").or(memmem::find(line, b"#012")).is_none() {
        return Ok(read_line(carried, header, line, context, sink));
    }
    let mut text = core::mem::take(context.scratch);
    text.clear();
    unescape_controls(line, &mut text);
    let reading = read_line(carried, header, &text, context, sink);
    *context.scratch = text;
    Ok(reading)
}

/// Writes a text with its `#011`, `#012` and `#015` as what they stand for.
fn unescape_controls(mut text: &[u8], buffer: &mut Vec<u8>) {
    while let Some((before, rest)) = split_at_byte(text, b'#') {
        buffer.extend_from_slice(before);
        let (control, length) = match rest {
            [b'0', b'1', b'1', ..] => (b'\t', 3),
            [b'0', b'1', b'2', ..] => (b'\n', 3),
            [b'0', b'1', b'5', ..] => (b'\r', 3),
            _ => (b'#', 0),
        };
        buffer.push(control);
        text = rest.get(length..).unwrap_or_default();
    }
    buffer.extend_from_slice(text);
}

/// The time that OSSEC writes before its mark: `2026 Nov 25 10:00:00 `.
fn ossec_time<'a>(record: &'a [u8], line: &[u8]) -> Option<&'a [u8]> {
    const LENGTH: usize = "2026 Nov 25 10:00:00 ".len();
    let end = record.len().checked_sub(line.len())?;
    record.get(end.checked_sub(LENGTH)?..end)
}

/// The time and the host of RFC 5424's header: `<14>1 TIME HOST ..`.
fn header(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, rest) = split_at_byte(record, b'>')?;
    let (_, rest) = split_at_byte(rest, b' ')?;
    let (time, rest) = split_at_byte(rest, b' ')?;
    let (host, _) = split_at_byte(rest, b' ')?;
    (record.first() == Some(&b'<')).then_some((time, host))
}

fn read_line(
    carried: Carried,
    header: Option<(&[u8], Option<&[u8]>)>,
    line: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Reading {
    let mut windows = WindowsRecord::new();
    match carried {
        Carried::Snare => read_snare(line, &mut windows),
        Carried::WinCollect => read_members(line, b'\t', &mut windows),
        Carried::Leef => read_leef(line, &mut windows),
        Carried::Cef => read_cef(line, &mut windows),
        Carried::Ossec => read_ossec(line, &mut windows),
        Carried::Nxlog => read_nxlog(line, &mut windows),
    }
    let has_header = matches!(carried, Carried::Nxlog | Carried::Ossec);
    if let Some((time, host)) = header.filter(|_| has_header) {
        windows.offer(Key::EventTime, Raw::plain(time), Rank::Hint);
        if let Some(host) = host {
            windows.offer(Key::Computer, Raw::plain(host), Rank::Hint);
        }
    }
    if windows.get(Key::EventId).is_none() {
        return Reading { not_understood: 1, ..Reading::of(false) };
    }
    // CEF has its line ends and backslashes escaped.
    let message = windows.get(Key::Message).unwrap_or(Raw::plain(b""));
    let Some(mut text) = context.inner.first_mut().map(core::mem::take) else {
        return message::emit(windows, message.bytes, context, sink);
    };
    text.clear();
    let message = Decoded::from_raw(message, &mut text);
    let reading =
        message::emit(windows, message.resolve(&text), context, sink);
    if let Some(free) = context.inner.first_mut() {
        *free = text;
    }
    reading
}

/// Reads fields between tabs: the log is the third, the id the sixth.
fn read_snare<'a>(line: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let keys = [
        None,
        None,
        Some(Key::Channel),
        None,
        Some(Key::EventTime),
        Some(Key::EventId),
        Some(Key::Provider),
        None,
        None,
        None,
        Some(Key::Computer),
        None,
        None,
    ];
    let mut rest = line;
    for key in keys {
        let Some((field, after)) = split_at_byte(rest, b'\t') else { return };
        rest = after;
        if let Some(key) = key {
            windows.set(key, Raw::plain(field));
        }
    }
    // A number may follow the message.
    let last = memchr::memrchr(b'\t', rest);
    let message = last.and_then(|at| rest.split_at_checked(at));
    let message = message.filter(|(_, number)| {
        let number = number.trim_ascii();
        let digits = number.strip_prefix(b"-").unwrap_or(number);
        digits.iter().all(u8::is_ascii_digit)
    });
    let message = message.map_or(rest, |(message, _)| message);
    windows.set(Key::Message, Raw::plain(message));
}

/// Reads `key=value` members with a byte between them. The message comes
/// last, and may hold that byte.
fn read_members<'a>(
    text: &'a [u8],
    separator: u8,
    windows: &mut WindowsRecord<'a>,
) {
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(message) = rest.strip_prefix(b"Message=") {
            windows.set(Key::Message, Raw::plain(message));
            return;
        }
        let (member, after) =
            split_at_byte(rest, separator).unwrap_or((rest, b""));
        rest = after;
        if let Some((name, value)) = split_at_byte(member, b'=') {
            offer(windows, name, Raw::plain(value));
        }
    }
}

/// Sets the value of a member: of WinCollect's own names for it, or else as
/// any record that is flat has it.
fn offer<'a>(windows: &mut WindowsRecord<'a>, name: &[u8], raw: Raw<'a>) {
    if raw.bytes.trim_ascii().is_empty() {
        return;
    }
    let key = match name.trim_ascii() {
        b"AgentLogFile" | b"cat" => Key::Channel,
        b"Source" => Key::Provider,
        b"OriginatingComputer" => return,
        b"identHostName" => Key::Computer,
        b"devTime" | b"TimeGenerated" => Key::EventTime,
        b"usrName" => Key::AccountName,
        // Log Insight's.
        b"eventid" => Key::EventId,
        b"channel" => Key::Channel,
        b"providername" => Key::Provider,
        name => {
            let place = Place::RECORD.member(name, &mut Signs::default());
            let known = use_in_windows(place.node);
            if let Some((key, rank, Form::Text | Form::Whole)) = known {
                windows.offer(key, raw, rank);
            }
            return;
        }
    };
    windows.set(key, raw);
}

/// Reads `LEEF:1.0|vendor|product|version|id|` and members between tabs, or
/// what a sixth field of version 2 names.
fn read_leef<'a>(line: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let mut rest = line;
    let mut fields = [&b""[..]; 5];
    for field in &mut fields {
        let Some((value, after)) = split_at_byte(rest, b'|') else { return };
        (*field, rest) = (value, after);
    }
    let mut separator = b'\t';
    if line.starts_with(b"LEEF:2.")
        && let Some((named, after)) = split_at_byte(rest, b'|')
        && named.len() <= 4
    {
        separator = match named {
            [] => b'\t',
            [byte] => *byte,
            [b'x', hex @ ..] | [b'0', b'x', hex @ ..] => {
                let digits = core::str::from_utf8(hex).unwrap_or_default();
                u8::from_str_radix(digits, 16).unwrap_or(b'\t')
            }
            _ => b'\t',
        };
        rest = after;
    }
    let [.., id] = fields;
    if !id.is_empty() && id.iter().all(u8::is_ascii_digit) {
        windows.set(Key::EventId, Raw::plain(id));
    }
    read_members(rest, separator, windows);
}

/// Reads `CEF:0|vendor|product|version|class|name|severity|` and members that
/// end where the next one's name begins.
fn read_cef<'a>(line: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let mut rest = line;
    let mut fields = [&b""[..]; 7];
    for field in &mut fields {
        let Some((value, after)) = split_escaped(rest, b'|') else { return };
        (*field, rest) = (value, after);
    }
    let [_, _, product, _, class, ..] = fields;
    // `Microsoft-Windows-Security-Auditing:4688`.
    if let Some((provider, id)) = split_at_byte(class, b':') {
        windows.set(Key::Provider, Raw::plain(provider));
        windows.set(Key::EventId, Raw::plain(id));
    }
    let is_known = [b"Windows".as_slice(), b"Sysmon", b"NXLog"]
        .iter()
        .any(|name| memmem::find(product, name).is_some());
    if !is_known {
        return;
    }
    let escaped = |bytes: &'a [u8]| Raw { bytes, encoding: Encoding::Cef };
    // What is named in another member.
    let mut custom: [&'a [u8]; 7] = [b""; 7];
    let mut labels: [&'a [u8]; 7] = [b""; 7];
    // The path of a task, if it is an event of one.
    let mut file_path = None;
    for (name, value) in CefMembers::new(rest) {
        let key = match name {
            b"externalId" => Key::EventId,
            b"cat" | b"Channel" => Key::Channel,
            b"SourceName" => Key::Provider,
            b"dhost" | b"dvchost" | b"deviceHostName" => Key::Computer,
            b"rt" => Key::SystemTime,
            b"suser" | b"duser" => Key::AccountName,
            b"dproc" | b"destinationProcessName" => Key::NewProcessName,
            b"sproc" | b"sourceProcessName" => Key::ParentProcessName,
            b"msg" => Key::Message,
            b"filePath" => {
                file_path = Some(value).filter(|path| path.starts_with(b"\\"));
                continue;
            }
            _ => {
                if let Some((number, is_label)) = custom_string(name) {
                    let all = if is_label { &mut labels } else { &mut custom };
                    if let Some(slot) = all.get_mut(number) {
                        *slot = value;
                    }
                } else if let Some(key) = Key::from_data_name(name) {
                    windows.set(key, escaped(value));
                }
                continue;
            }
        };
        if !value.is_empty() {
            windows.set(key, escaped(value));
        }
    }
    if let (None, Some(path)) = (windows.get(Key::TaskName), file_path) {
        windows.offer(Key::TaskName, escaped(path), Rank::Hint);
    }
    for (label, value) in labels.into_iter().zip(custom) {
        let key = match label.trim_ascii() {
            b"Process Command Line" | b"Command Line" => Key::CommandLine,
            b"Creator Process Name" => Key::ParentProcessName,
            b"New Process Name" => Key::NewProcessName,
            b"Task Name" => Key::TaskName,
            b"Task Content" | b"Task New Content" => Key::TaskContent,
            other => match Key::from_data_name(other) {
                Some(key) => key,
                None => continue,
            },
        };
        windows.set(key, escaped(value.trim_ascii_end()));
    }
}

/// The number of a string that another member names, and whether this is
/// that member: `cs4`, `deviceCustomString4Label`.
fn custom_string(name: &[u8]) -> Option<(usize, bool)> {
    let rest = name
        .strip_prefix(b"cs")
        .or_else(|| name.strip_prefix(b"deviceCustomString"))?;
    let (number, label) = rest.split_first()?;
    let number = char::from(*number).to_digit(7)?;
    let is_label = label == b"Label";
    let number = usize::try_from(number).ok()?;
    (is_label || label.is_empty()).then_some((number, is_label))
}

/// What stands before and after a byte that no backslash escapes.
fn split_escaped(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr_iter(byte, text).find(|&at| !is_escaped(text, at))?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.get(1..)?))
}

/// Whether an odd number of backslashes stands before a place.
fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let count = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    count % 2 == 1
}

/// The members of a CEF line. A value runs to the blank before the next
/// name.
struct CefMembers<'a> {
    /// From the value of the next member on.
    rest: &'a [u8],
    name: Option<&'a [u8]>,
}

impl<'a> CefMembers<'a> {
    fn new(text: &'a [u8]) -> CefMembers<'a> {
        let (name, rest) = split_at_byte(text, b'=').unwrap_or_default();
        let name = Some(name.trim_ascii()).filter(|name| !name.is_empty());
        CefMembers { rest, name }
    }
}

impl<'a> Iterator for CefMembers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let name = self.name.take()?;
        let text = self.rest;
        let mut from = 0;
        for at in memchr_iter(b'=', text) {
            let before = text.get(from..at).unwrap_or_default();
            from = at;
            let word = before.iter().rev().take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
            });
            let start = at.saturating_sub(word.count());
            let blank = start.checked_sub(1).and_then(|index| text.get(index));
            if start == at || blank != Some(&b' ') {
                continue;
            }
            let (value, next) = text.split_at_checked(start)?;
            let (next, rest) = split_at_byte(next, b'=')?;
            (self.name, self.rest) = (Some(next), rest);
            let value = value.strip_suffix(b" ").unwrap_or(value);
            return Some((name, value));
        }
        self.rest = b"";
        Some((name, text.trim_ascii_end()))
    }
}

/// Reads `Channel: LEVEL(id): provider: user: domain: host: message`.
fn read_ossec<'a>(line: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let mut rest = line;
    let keys = [
        None,
        Some(Key::Channel),
        Some(Key::EventId),
        Some(Key::Provider),
        Some(Key::AccountName),
        Some(Key::AccountDomain),
        Some(Key::Computer),
    ];
    for key in keys {
        let Some(at) = memmem::find(rest, b": ") else { return };
        let (mut field, after) = rest.split_at_checked(at).unwrap_or_default();
        rest = after.get(2..).unwrap_or_default();
        let Some(key) = key else { continue };
        if key == Key::EventId {
            let id = split_at_byte(field, b'(').unwrap_or_default().1;
            field = id.strip_suffix(b")").unwrap_or_default();
        }
        let is_none = matches!(field, b"(no user)" | b"no domain");
        if !is_none && !field.is_empty() {
            windows.set(key, Raw::plain(field));
        }
    }
    windows.set(Key::Message, Raw::plain(rest));
}

/// Reads `[NXLOG@14506 Name="value" ..] message`. Only `\"`, `\\` and `\]`
/// are escapes.
fn read_nxlog<'a>(line: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let Some((_, mut rest)) = split_at_byte(line, b' ') else { return };
    loop {
        rest = rest.trim_ascii_start();
        if let Some(message) = rest.strip_prefix(b"]") {
            let message = message.trim_ascii_start();
            windows.set(Key::Message, Raw::plain(message));
            return;
        }
        let Some((name, value)) = split_at_byte(rest, b'=') else { return };
        let value = value.strip_prefix(b"\"").unwrap_or_default();
        let Some((value, after)) = split_escaped(value, b'"') else { return };
        let raw = Raw { bytes: value, encoding: Encoding::Backslashes };
        offer(windows, name, raw);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Format;
    use crate::record::json_record::tests::read_as;

    /// The event of a line, however it is told what the line is.
    fn event(line: &str) -> String {
        let (mut events, reading) = read_as(Format::Auto, line.as_bytes());
        assert_eq!(reading, Ok(Reading::of(true)), "{line}");
        events.remove(0)
    }

    const TASK: &str = "A scheduled task was created. Subject: Security ID: \
        S-1-5-18 Task Information: Task Name: \\x Task Content: <?xml?> \
        <Task> </Task>";

    #[test]
    fn snare() {
        let line = format!(
            "<14>Nov 25 10:00:00 h MSWinEventLog\t1\tSecurity\t7\tWed Nov 25 \
            10:00:00 2026\t4698\tMicrosoft-Windows-Security-Auditing\tE\\ann\t\
            N/A\tSuccess Audit\tws1\tOther\t\t{TASK}\t-5"
        );
        let expected = r"windows/task_registered 2026-11-25T10:00:00Z EventID=4698 Channel=Security Computer=ws1 TaskName=\x TaskContent=<?xml?> <Task> </Task> SubjectUserSid=S-1-5-18";
        assert_eq!(event(&line), expected);
        assert_eq!(event(&line.replace('\t', "#011")), expected);
        let (_, bare) = line.split_once(" h ").unwrap();
        assert_eq!(event(bare), expected);
        // As it is sent without a header of syslog's.
        assert_eq!(event(&format!("ws1\t{bare}")), expected);
        // As a message that carries it.
        let inside = line.replace('\\', r"\\").replace('\t', r"\t");
        let record = format!(r#"{{"message":"{inside}"}}"#);
        assert_eq!(event(&record), expected);
    }

    #[test]
    fn wincollect() {
        let line = "<13>Nov 25 10:00:00 ws1 AgentDevice=WindowsLog\t\
            AgentLogFile=Security\tSource=Microsoft-Windows-Security-Auditing\t\
            Computer=ws1\tOriginatingComputer=192.0.2.1\tUser=\tDomain=\t\
            EventID=4699\tTimeGenerated=1706933106\tMessage=A scheduled task \
            was deleted. Task Information: Task Name: \\x";
        let expected = r"windows/task_deleted 2024-02-03T04:05:06Z EventID=4699 Channel=Security Computer=ws1 TaskName=\x";
        assert_eq!(event(line), expected);
    }

    #[test]
    fn leef() {
        let head = "<13>Nov 25 10:00:00 ws1 LEEF:";
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=4688 Channel=Security User=ann Image=C:\a.exe CommandLine=a /x=1";
        for (version, separator) in [
            ("1.0|Microsoft|Windows|10.0|4688|", "\t"),
            ("2.0|Microsoft|Windows|10.0|4688||", "\t"),
            ("2.0|Microsoft|Windows|10.0|4688|^|", "^"),
            ("2.0|Microsoft|Windows|10.0|4688|x5E|", "^"),
        ] {
            let members = [
                "devTime=2024-02-03T04:05:06Z",
                "cat=Security",
                "usrName=ann",
                r"NewProcessName=C:\a.exe",
                "CommandLine=a /x=1",
            ];
            let members = members.join(separator);
            let line = format!("{head}{version}{members}");
            assert_eq!(event(&line), expected);
        }
    }

    #[test]
    fn cef() {
        let line = r"<13>Nov 25 10:00:00 c CEF:0|Microsoft|Microsoft Windows||Microsoft-Windows-Security-Auditing:4688|A new process\|x.|Low| eventId=1 externalId=4688 rt=1706933106000 cat=Security dvchost=ws1 dproc=C:\\a.exe cs4=a /x\=1 b  cs4Label=Process Command Line cs1Label=Other cs1=z sproc=C:\\b c.exe";
        let expected = r"windows/process_creation 2024-02-03T04:05:06Z EventID=4688 Channel=Security Computer=ws1 Image=C:\a.exe CommandLine=a /x=1 b ParentImage=C:\b c.exe";
        assert_eq!(event(line), expected);
        let longer = line.replace("cs4", "deviceCustomString4");
        assert_eq!(event(&longer), expected);
        // The class tells the id as well.
        let shorter = line.replace("externalId=4688 ", "");
        assert_eq!(event(&shorter), expected);
        let other = "CEF:0|x|y|1|4688|z|Low|dproc=C:\\a.exe cat=Security";
        let (_, reading) = read_as(Format::Auto, other.as_bytes());
        assert_eq!(reading.unwrap().not_understood, 1);
    }

    #[test]
    fn nxlog() {
        let line = r#"<14>1 2026-11-25T10:00:00Z ws1 x 4 - [NXLOG@14506 EventID="4688" Channel="Security" NewProcessName="C:\Windows\a.exe" CommandLine="\"C:\\a b.exe\" [x\] = y"] A new process has been created."#;
        let expected = r#"windows/process_creation 2026-11-25T10:00:00Z EventID=4688 Channel=Security Computer=ws1 Image=C:\Windows\a.exe CommandLine="C:\a b.exe" [x] = y"#;
        assert_eq!(event(line), expected);
    }

    #[test]
    fn log_insight_has_the_message_behind_its_data() {
        let line = r#"<14>1 2026-11-25T10:00:00Z ws1 x - - [Originator@6876 eventid="4699" task="x" channel="Security" providername="Microsoft-Windows-Security-Auditing"] A scheduled task was deleted.#015#012#015#012Subject:#015#012#011Account Name:#011#011ann#015#012#015#012Task Information:#015#012#011Task Name: #011#011\x#015#012"#;
        let expected = r"windows/task_deleted 2026-11-25T10:00:00Z EventID=4699 Channel=Security Computer=ws1 User=ann TaskName=\x";
        assert!(event(line).starts_with(expected), "{}", event(line));
    }

    #[test]
    fn cef_has_a_tasks_path_and_line_ends() {
        let line = r"CEF:0|Microsoft|Microsoft Windows||Microsoft-Windows-Security-Auditing:4698|A|Low|cat=Security filePath=\\x cs1=a\n\\b\=c cs1Label=Task Content";
        let expected = "windows/task_registered EventID=4698 Channel=Security TaskName=\\x TaskContent=a\n\\b=c";
        assert_eq!(event(line), expected);
        let sysmon = r"CEF:0|Microsoft|Sysmon|10|1|x|5|externalId=1 cat=Microsoft-Windows-Sysmon/Operational filePath=C:\\y CommandLine=a";
        assert!(event(sysmon).ends_with(" CommandLine=a"));
    }

    #[test]
    fn ossec() {
        let line = format!(
            "2026 Nov 25 10:00:00 WinEvtLog: Security: AUDIT_SUCCESS(4698): \
            Microsoft-Windows-Security-Auditing: (no user): no domain: ws1: \
            {TASK}"
        );
        let expected = r"windows/task_registered 2026-11-25T10:00:00Z EventID=4698 Channel=Security Computer=ws1 TaskName=\x TaskContent=<?xml?> <Task> </Task> SubjectUserSid=S-1-5-18";
        assert_eq!(event(&line), expected);
    }

    #[test]
    fn marks_stand_in_the_header() {
        for line in [
            "x",
            "",
            "<",
            "<14>",
            "<14>Nov 25 10:00:00 h type=EXECVE msg=audit(1.2:3): a0=CEF:0|",
            "Nov 25 10:00:00 h x: {\"a\":\" CEF:0|\"}",
            "Nov 25 10:00:00 h sysmon: <Event>CEF:0| LEEF:1.0| </Event>",
            "a b c d e f g h i j k l m CEF:0|",
            "XCEF:0|a|b|c|d|e|f|",
        ] {
            assert!(!is_record(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn damaged_lines_never_panic() {
        for line in [
            "MSWinEventLog\t1\tSecurity\t1\tx\t4698\tx\ty\tz\ta\tb\tc\td\te\t5",
            "CEF:0|a|Windows|c|d:1|e|f|a=b c=d cs1=x cs1Label=y",
            "LEEF:2.0|a|b|c|4688|x5E|a=b^c=d",
            "[NXLOG@1 EventID=\"1\" x=\"\\\"\"] y",
            "WinEvtLog: a: b(1): c: d: e: f: g",
            "AgentDevice=a\tEventID=1#011#01",
        ] {
            for at in 0..line.len() {
                let _ = read_as(Format::Auto, &line.as_bytes()[..at]);
                for &byte in b"|=\\\": \0\xff" {
                    let mut damaged = line.as_bytes().to_vec();
                    damaged[at] = byte;
                    let _ = read_as(Format::Auto, &damaged);
                }
            }
        }
    }

    /// Each of these must cost its own length, not that of the record.
    #[test]
    fn time_is_linear() {
        for line in [
            format!("CEF:0|a|Windows|c|d:4688|e|f|{}", "a=b ".repeat(250_000)),
            format!("CEF:0|a|Windows|c|d:4688|e|f|{}", "=".repeat(1_000_000)),
            format!("CEF:0|{}", r"\|".repeat(500_000)),
            format!("[NXLOG@1 {}", r#"a="\"" "#.repeat(200_000)),
            format!("AgentDevice=a\t{}", "#011".repeat(250_000)),
            format!("WinEvtLog: {}", "a: ".repeat(300_000)),
        ] {
            let _ = read_as(Format::Auto, line.as_bytes());
        }
    }
}
