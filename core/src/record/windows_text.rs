/*!
Windows events as blocks of text: a header of a label a line, and the message
as it was rendered for people ([`message`](super::message)).

There are three headers: the classic `Key=value`, what `wevtutil` and the
Event Viewer write (`Log Name: Security`), and what PowerShell's `Format-List`
does (`ProviderName : x`). In the second the labels are in the language of the
system, so their order tells them.
*/

use memchr::memmem::rfind;

use crate::Timestamp;

use super::context::{Context, Reading, Sink};
use super::error::{RecordError, RecordErrorKind};
use super::keys::Key;
use super::layout::RecordLayout;
use super::message;
use super::prefix::begins_header;
use super::raw::Raw;
use super::syntax::text::{split_at_byte, split_line};
use super::windows::WindowsRecord;
use super::{windows_line, windows_xml};

/// How the header of a block is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// `LogName=Security`, a date before it perhaps.
    Classic,
    /// `Log Name:      Security`, behind `Event[0]` or not.
    Labels,
    /// `LogName : Security`.
    List,
}

/// The header that a text, without leading blanks, begins with: its first
/// line, of which 32 bytes tell.
pub(crate) fn header(text: &[u8]) -> Option<Header> {
    // As most lines that are no JSON; no label looks like a time.
    if begins_header(text) {
        return None;
    }
    const KEYS: [&[u8]; 8] = [
        b"LogName=",
        b"SourceName=",
        b"EventCode=",
        b"EventType=",
        b"ComputerName=",
        b"RecordNumber=",
        b"TaskCategory=",
        // Fluent Bit's `render_event_as_text`.
        b"ProviderName=",
    ];
    // What `Format-List` may begin with; it puts blanks before the colon.
    const PROPERTIES: [&[u8]; 6] = [
        b"TimeCreated ",
        b"ProviderName ",
        b"LogName ",
        b"Index ",
        b"Message    ",
        b"Id    ",
    ];
    let begins =
        |names: &[&[u8]]| names.iter().any(|name| text.starts_with(name));
    match text.first()? {
        b'0'..=b'9' => {
            let (line, _) = split_line(text);
            Timestamp::parse_us(line).map(|_| Header::Classic)
        }
        b'E' if is_numbered(split_line(text).0) => Some(Header::Labels),
        b'A'..=b'Z' if begins(&KEYS) => Some(Header::Classic),
        b'A'..=b'Z' if begins(&PROPERTIES) => {
            let (line, _) = split_line(text);
            let (name, _) = split_at_byte(line, b':')?;
            let is_word =
                name.trim_ascii_end().iter().all(u8::is_ascii_alphabetic);
            is_word.then_some(Header::List)
        }
        b'A'..=b'Z' | b'\xC0'.. => {
            let mut labels = LOG_NAMES.iter();
            let is_label = |label: &str| {
                let rest = text.strip_prefix(label.as_bytes());
                let colon = rest.unwrap_or_default().trim_ascii_start();
                let colon = colon.strip_prefix(b"\xC2\xA0").unwrap_or(colon);
                colon.starts_with(b":") || colon.starts_with("：".as_bytes())
            };
            labels.any(|label| is_label(label)).then_some(Header::Labels)
        }
        _ => None,
    }
}

/// Whether a line is what `wevtutil` writes before each event: `Event[0]`,
/// in older versions with a colon.
fn is_numbered(line: &[u8]) -> bool {
    let number = line.trim_ascii_end().strip_prefix(b"Event[");
    let number = number.unwrap_or_default();
    let number = number.strip_suffix(b":").unwrap_or(number);
    let digits = number.strip_suffix(b"]").unwrap_or_default();
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// What the Event Viewer calls the name of the log, its first label, in the
/// languages where it is known.
const LOG_NAMES: [&str; 10] = [
    "Log Name",
    "Protokollname",
    "Nom du journal",
    "Nombre de registro",
    "Nome registro",
    "Nome do Log",
    "ログの名前",
    "日志名称",
    "Имя журнала",
    "Nazwa dziennika",
];

/// What the label before the message is called, in the languages where it is
/// known.
const DESCRIPTIONS: [&str; 9] = [
    "Description",
    "Beschreibung",
    "Descripción",
    "Descrizione",
    "Descrição",
    "説明",
    "描述",
    "Описание",
    "Opis",
];

/// Whether a record, without leading blanks, looks like one of this format.
pub(crate) fn is_record(record: &[u8]) -> bool {
    header(record).is_some()
}

/// Reads one record: a block of lines, or a line that carries an event.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let record = record.trim_ascii_start();
    let mut windows = WindowsRecord::new();
    let message = match header(record) {
        Some(Header::List) => return read_list(record, context, sink),
        Some(Header::Labels) => {
            // The Event Viewer copies the event itself as well. Its last
            // start is its own: in values there it would be escaped.
            if record.trim_ascii_end().ends_with(b"</Event>")
                && let Some(at) = rfind(record, b"\n<Event ")
                && let Some(event) = record.get(at..)
            {
                let event = event.trim_ascii_start();
                return windows_xml::read(event, context, sink);
            }
            read_labels(record, &mut windows)
        }
        None if windows_line::is_record(record) => {
            return windows_line::read(record, context, sink);
        }
        Some(Header::Classic) | None => read_header(record, &mut windows),
    };
    if windows.get(Key::EventId).is_none() {
        let reason = "there is no EventCode";
        let offset = record.len().saturating_sub(message.len());
        return Err(RecordError::new(RecordErrorKind::Text(reason), offset));
    }
    Ok(message::emit(windows, message, context, sink))
}

/// Reads a classic header; returns the message.
fn read_header<'a>(
    record: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) -> &'a [u8] {
    let mut rest = record;
    while !rest.is_empty() {
        if let Some(message) = rest.strip_prefix(b"Message=") {
            return message;
        }
        let (line, after) = split_line(rest);
        rest = after;
        let Some((key, value)) = split_at_byte(line, b'=') else {
            if Timestamp::parse_us(line).is_some() {
                windows.set(Key::EventTime, Raw::plain(line));
            }
            continue;
        };
        let key = match key {
            b"LogName" | b"Channel" => Key::Channel,
            b"SourceName" | b"ProviderName" => Key::Provider,
            b"EventCode" | b"EventID" => Key::EventId,
            b"ComputerName" | b"Computer" => Key::Computer,
            b"RecordNumber" | b"EventRecordID" => Key::RecordNumber,
            b"TimeCreated" => Key::EventTime,
            b"Sid" => Key::WriterSid,
            b"User" if value != b"NOT_TRANSLATED" => Key::AccountName,
            _ => continue,
        };
        windows.set(key, Raw::plain(value));
    }
    rest
}

/// How many labels the Event Viewer writes before that of the message;
/// `wevtutil` writes two more.
const LEAST_LABELS: usize = 9;

/// Reads a header of labels in any language: log, source, time and id come
/// first, and before the message the host. Returns the message.
fn read_labels<'a>(
    record: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) -> &'a [u8] {
    let mut rest = record;
    let (first, after) = split_line(rest);
    if is_numbered(first) {
        rest = after;
    }
    let mut last = &b""[..];
    let mut count = 0_usize;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        rest = after;
        let Some((label, value)) = split_label(line) else { continue };
        let is_known =
            DESCRIPTIONS.iter().any(|known| known.as_bytes() == label);
        if is_known || count >= LEAST_LABELS && value.is_empty() {
            windows.set(Key::Computer, Raw::plain(last));
            break;
        }
        let key = match count {
            0 => Some(Key::Channel),
            1 => Some(Key::Provider),
            2 => Some(Key::EventTime),
            3 => Some(Key::EventId),
            _ => None,
        };
        if let Some(key) = key {
            windows.set(key, Raw::plain(value));
        }
        last = value;
        count = count.saturating_add(1);
    }
    rest.trim_ascii_start()
}

/// A label and its value, without the blanks around them.
fn split_label(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (label, value) = split_at_byte(line, b':')?;
    let label = label.trim_ascii();
    let label = label.strip_suffix(b"\xC2\xA0").unwrap_or(label);
    Some((label, value.trim_ascii()))
}

/// Reads properties as `Format-List` writes them. A value goes on in lines
/// that are indented as far as its first one is.
fn read_list(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let mut unindented = core::mem::take(context.scratch);
    unindented.clear();
    let mut windows = WindowsRecord::new();
    let mut rest = record;
    while !rest.is_empty() {
        let (line, mut after) = split_line(rest);
        let name = split_at_byte(line, b':').map(|(name, _)| name);
        let name = name.unwrap_or_default();
        let key = match name.trim_ascii_end() {
            b"LogName" => Some(Key::Channel),
            b"ProviderName" | b"Source" => Some(Key::Provider),
            b"Id" | b"EventID" | b"InstanceId" => Some(Key::EventId),
            b"MachineName" => Some(Key::Computer),
            b"RecordId" | b"EventRecordID" | b"Index" => {
                Some(Key::RecordNumber)
            }
            b"TimeCreated" | b"TimeGenerated" => Some(Key::EventTime),
            b"Message" if unindented.is_empty() => {
                // A colon and a blank follow the name.
                let indent = name.len().saturating_add(2);
                after = unindent(rest, indent, &mut unindented);
                None
            }
            _ => None,
        };
        if let Some(key) = key {
            let value = split_at_byte(line, b':').map(|(_, value)| value);
            let value = value.unwrap_or_default().trim_ascii();
            windows.set(key, Raw::plain(value));
        }
        rest = after;
    }
    let read = match windows.get(Key::EventId) {
        Some(_) => {
            Ok(message::emit(windows.clone(), &unindented, context, sink))
        }
        None => {
            let kind = RecordErrorKind::Text("there is no Id");
            Err(RecordError::new(kind, 0))
        }
    };
    *context.scratch = unindented;
    read
}

/// Copies the lines of the value that comes first without their indentation;
/// returns what follows them.
fn unindent<'a>(
    text: &'a [u8],
    indent: usize,
    value: &mut Vec<u8>,
) -> &'a [u8] {
    let mut rest = text;
    loop {
        let (line, after) = split_line(rest);
        let is_blank = |line: &[u8]| line.trim_ascii().is_empty();
        let line = match line.split_at_checked(indent) {
            Some((before, line))
                if rest.len() == text.len() || is_blank(before) =>
            {
                line
            }
            _ if is_blank(line) => b"",
            _ => return rest,
        };
        value.extend_from_slice(line);
        value.push(b'\n');
        if after.is_empty() {
            return after;
        }
        rest = after;
    }
}

/// The layouts of Windows events as text.
pub(super) const LAYOUTS: &[RecordLayout] = &[
    RecordLayout {
        name: "Classic event text",
        about: "a header of `LogName=` and its kin, then the message: Splunk",
        lost: "where a value of several lines ends, in other languages",
        verified: true,
    },
    RecordLayout {
        name: "wevtutil and Event Viewer",
        about: "`wevtutil qe /f:text`, events copied as text, in any language",
        lost: "where a value of several lines ends, in other languages; time \
               where its spelling is that of a country",
        verified: false,
    },
    RecordLayout {
        name: "Format-List",
        about: "what `Get-WinEvent | Format-List` shows",
        lost: "host and log, unless they are listed",
        verified: false,
    },
];

#[cfg(test)]
mod tests {
    use crate::event::{EventKind, EventKinds};
    use crate::record::windows_xml::tests::shown;
    use crate::record::{Format, Reader};

    use super::*;

    const SYSMON: &str = "05/06/2024 07:08:09.123 PM
LogName=Microsoft-Windows-Sysmon/Operational
EventCode=1
EventType=4
ComputerName=host.example
User=NOT_TRANSLATED
Sid=S-1-5-18
SourceName=Microsoft-Windows-Sysmon
Message=Process Create:
RuleName: -
UtcTime: 2024-05-06 17:08:09.120
ProcessId: 42
Image: C:\\Windows\\System32\\schtasks.exe
OriginalFileName: schtasks.exe
CommandLine: schtasks  /create /tn a
CurrentDirectory: C:\\
User: EXAMPLE\\ann
IntegrityLevel: High
ParentProcessId: 41
ParentImage: C:\\Windows\\System32\\cmd.exe
ParentCommandLine: cmd /c \"a: b\"
ParentUser: EXAMPLE\\ann

";

    const SYSMON_READ: &str = "windows/process_creation \
        2024-05-06T19:08:09.123Z|EventID=1|\
        Channel=Microsoft-Windows-Sysmon/Operational|\
        Computer=host.example|User=EXAMPLE\\ann|UserSid=S-1-5-18|\
        Image=C:\\Windows\\System32\\schtasks.exe|\
        CommandLine=schtasks  /create /tn a|\
        OriginalFileName=schtasks.exe|CurrentDirectory=C:\\|ProcessId=42|\
        IntegrityLevel=High|ParentImage=C:\\Windows\\System32\\cmd.exe|\
        ParentCommandLine=cmd /c \"a: b\"|ParentProcessId=41|\
        ParentUser=EXAMPLE\\ann";

    const PROCESS: &str = "05/06/2024 07:08:09 AM
LogName=Security
SourceName=Microsoft Windows security auditing.
EventCode=4688
ComputerName=host.example
Message=A new process has been created.

Creator Subject:
\tSecurity ID:\t\tEXAMPLE\\ann
\tAccount Name:\t\tann
\tAccount Domain:\t\tEXAMPLE
\tLogon ID:\t\t0x2A

Target Subject:
\tSecurity ID:\t\tNULL SID
\tAccount Name:\t\tbob
\tAccount Domain:\t\t-
\tLogon ID:\t\t0x0

Process Information:
\tNew Process ID:\t\t0x1a
\tNew Process Name:\tC:\\Windows\\System32\\at.exe
\tToken Elevation Type:\t%%1936
\tMandatory Label:\t\tMandatory Label\\High Mandatory Level
\tCreator Process ID:\t0xf
\tCreator Process Name:\tC:\\Windows\\System32\\cmd.exe
\tProcess Command Line:\tat  \\\\b 1: x

Token Elevation Type indicates the type of token: a, b.

Type 1 is a full token.";

    const PROCESS_READ: &str = "windows/process_creation \
        2024-05-06T07:08:09Z|EventID=4688|Channel=Security|\
        Computer=host.example|User=EXAMPLE\\ann|\
        Image=C:\\Windows\\System32\\at.exe|CommandLine=at  \\\\b 1: x|\
        ProcessId=0x1a|IntegrityLevel=Mandatory Label\\High Mandatory Level|\
        ParentImage=C:\\Windows\\System32\\cmd.exe|ParentProcessId=0xf|\
        SubjectUserSid=EXAMPLE\\ann|SubjectUserName=ann|\
        SubjectDomainName=EXAMPLE|SubjectLogonId=0x2A|TargetUserName=bob";

    const TASK: &str = "LogName=Security
EventCode=4698
SourceName=Microsoft-Windows-Security-Auditing
Message=A scheduled task was created.

Subject:
\tSecurity ID:\t\tS-1-5-21
\tAccount Name:\t\tann
\tAccount Domain:\t\tEXAMPLE
\tLogon ID:\t\t0x2A

Task Information:
\tTask Name: \t\t\\x
\tTask Content: \t\t<?xml version=\"1.0\" encoding=\"UTF-16\"?>
<Task>
  <RegistrationInfo><Description>Task Name: y
Subject:
Account Name: eve</Description></RegistrationInfo>
</Task>

Other Information:
\tProcessCreationTime: \t\t5
\tFQDN: \t0";

    fn read(record: impl AsRef<[u8]>) -> Result<String, RecordError> {
        let mut shown_event = String::new();
        Reader::new()
            .read(Format::WinEventLog, record.as_ref(), |item, event| {
                assert_eq!(item, None);
                shown_event = shown(event);
            })
            .map(|reading| match (reading.events, reading.others) {
                (1, 0) => shown_event,
                other => format!("{other:?}"),
            })
    }

    /// A label means something in its section only, and only a title begins
    /// one.
    #[test]
    fn sections() {
        let labels = "\tSecurity ID:\t\tx\n\tAccount Name:\t\tx\n\
            \tAccount Domain:\t\tx\n\tLogon ID:\t\tx\n\n";
        let before = format!("Logon Information:\n{labels}Creator Subject:");
        let record = PROCESS.replace("Creator Subject:", &before);
        assert_eq!(read(record).unwrap(), PROCESS_READ);
        let inside =
            "Creator Subject:\nTarget Subject: no\n\tTarget Subject:\n";
        let record = PROCESS.replace("Creator Subject:\n", inside);
        assert_eq!(read(record).unwrap(), PROCESS_READ);
    }

    #[test]
    fn command_lines_of_several_lines() {
        let lines = "cmd /c a\nb: c\nImage: d";
        for name in ["\nCommandLine: ", "\nParentCommandLine: "] {
            let (head, tail) = SYSMON.split_once(name).unwrap();
            let (_, tail) = tail.split_once('\n').unwrap();
            let record = format!("{head}{name}{lines}\n{tail}");
            let found = read(record).unwrap();
            let name = name.trim().trim_end_matches(':');
            let expected = format!("|{name}={lines}|");
            assert!(found.contains(&expected), "{found}");
        }
    }

    #[test]
    fn sysmon() {
        assert_eq!(read(SYSMON).as_deref(), Ok(SYSMON_READ));
        let crlf = SYSMON.replace('\n', "\r\n");
        assert_eq!(read(crlf).as_deref(), Ok(SYSMON_READ));
        let mut lines: Vec<_> = SYSMON.lines().take(8).collect();
        lines.sort_unstable();
        let (_, message) = SYSMON.split_once("Message=").unwrap();
        let other_order = format!("{}\nMessage={message}", lines.join("\n"));
        assert_eq!(read(other_order).as_deref(), Ok(SYSMON_READ));
    }

    /// Early in a record, where a logger's header may stand.
    #[test]
    fn a_quoted_auditd_line_is_text() {
        let quoted = SYSMON.replace(
            "ComputerName=",
            "Keywords=a type=SYSCALL msg=audit(1.2:3):\nComputerName=",
        );
        assert_ne!(quoted, SYSMON);
        let mut kinds = Vec::new();
        Reader::new()
            .read(Format::Auto, quoted.as_bytes(), |_, it| {
                kinds.push(it.kind());
            })
            .unwrap();
        assert_eq!(kinds, [EventKind::ProcessCreation]);
    }

    #[test]
    fn who_is_meant() {
        let anonymous = SYSMON.replace("\nUser: EXAMPLE\\ann", "");
        let read_as = SYSMON_READ.replace("|User=EXAMPLE\\ann", "");
        assert_eq!(read(&anonymous), Ok(read_as.clone()));
        let named = anonymous.replace("NOT_TRANSLATED", "SYSTEM");
        let read_as = read_as.replace("|UserSid", "|User=SYSTEM|UserSid");
        assert_eq!(read(&named), Ok(read_as));
    }

    #[test]
    fn registry() {
        let record = "EventCode=13\nLogName=Windows\nEventType=4\n\
            SourceName=Microsoft-Windows-Sysmon\n\
            Message=Registry value set:\nEventType: SetValue\n\
            TargetObject: HKLM\\x\nDetails: a\nb: c\nUser: d\n\n";
        let read_as = "windows/registry_event|EventID=13|Channel=Windows|User=d|\
            EventType=SetValue|TargetObject=HKLM\\x|Details=a\nb: c";
        assert_eq!(read(record).as_deref(), Ok(read_as));
        let older = record.replace("User: d", "");
        let read_as = read_as.replace("|User=d", "");
        assert_eq!(read(older), Ok(read_as));
    }

    /// A command line that holds line breaks and labels is still whole, and
    /// passes for nothing else.
    #[test]
    fn values_over_several_lines() {
        let forged = "a\nUser: eve\n\nCurrentDirectory: x\nParentImage: y";
        let record = SYSMON.replace("schtasks  /create /tn a", forged);
        let read_as = SYSMON_READ.replace("schtasks  /create /tn a", forged);
        assert_eq!(read(record), Ok(read_as));

        let forged = "at  1\n\n\tNew Process Name:\tx\nSubject:\n\
            \tAccount Name:\teve";
        let record = PROCESS.replace("at  \\\\b 1: x", forged);
        let read_as = PROCESS_READ.replace("at  \\\\b 1: x", forged);
        assert_eq!(read(record), Ok(read_as));
    }

    #[test]
    fn process() {
        assert_eq!(read(PROCESS).as_deref(), Ok(PROCESS_READ));
        let crlf = PROCESS.replace('\n', "\r\n");
        assert_eq!(read(crlf).as_deref(), Ok(PROCESS_READ));
        // Where command lines are not recorded, and in other words.
        let (before, _) = PROCESS.split_once("at  ").unwrap();
        let none = format!("{before}\n\nAndere Wörter: x");
        let read_as = PROCESS_READ.replace("at  \\\\b 1: x", "");
        assert_eq!(read(none), Ok(read_as));
        // As older systems title it.
        let older = PROCESS.replace("Creator Subject", "Subject");
        assert_eq!(read(older).as_deref(), Ok(PROCESS_READ));
    }

    #[test]
    fn tasks() {
        let (_, content) = TASK.split_once("Content: \t\t").unwrap();
        let (content, _) = content.split_once("\n\nOther").unwrap();
        let read_as = |kind: &str, id: &str| {
            format!(
                "windows/{kind}|EventID={id}|Channel=Security|User=EXAMPLE\\ann|\
                TaskName=\\x|TaskContent={content}|\
                SubjectUserSid=S-1-5-21|SubjectUserName=ann|\
                SubjectDomainName=EXAMPLE|SubjectLogonId=0x2A"
            )
        };
        assert_eq!(read(TASK), Ok(read_as("task_registered", "4698")));
        let updated = TASK
            .replace("Task Content", "Task New Content")
            .replace("4698", "4702");
        assert_eq!(read(updated), Ok(read_as("task_updated", "4702")));
        let next_line = TASK.replace("Content: \t\t", "Content:\n");
        assert_eq!(read(next_line), Ok(read_as("task_registered", "4698")));
        // Cut short: what is there is kept.
        let (cut, _) = TASK.split_once("</Task>").unwrap();
        let read_cut = read(cut).unwrap();
        assert!(read_cut.contains("eve</Description>"), "{read_cut}");
    }

    #[test]
    fn task_scheduler() {
        for (message, expected) in [
            (
                r#"User "EXAMPLE\ann"  registered Task Scheduler task "\x y""#,
                r"|User=EXAMPLE\ann|TaskName=\x y",
            ),
            (
                r#"Task Scheduler launch task "\x" , instance "\\b\a.exe"  with process ID 7."#,
                r"|TaskName=\x|Path=\\b\a.exe",
            ),
            (
                r#"Task Scheduler launched action "\\b\a.exe" in instance "{0-1}" of task "\x"."#,
                r"|TaskName=\x|ActionName=\\b\a.exe|TaskInstanceId={0-1}",
            ),
            (
                r#"Task Scheduler successfully completed task "\x" , instance "{0-1}" , action "{a}" with return code 2147942402."#,
                r"|TaskName=\x|ActionName={a}|TaskInstanceId={0-1}|ResultCode=2147942402",
            ),
            (
                r#"Task Scheduler started "{0-1}" instance of the "\x" task for user "ann"."#,
                r"|User=ann|TaskName=\x|TaskInstanceId={0-1}",
            ),
            ("Task Scheduler service has started.", ""),
            ("\"", ""),
        ] {
            let record = format!(
                "EventCode=200\n\
                LogName=Microsoft-Windows-TaskScheduler/Operational\n\
                Message={message}\n"
            );
            let expected = format!(
                "windows/task_scheduler|EventID=200|\
                Channel=Microsoft-Windows-TaskScheduler/Operational{expected}"
            );
            assert_eq!(read(record), Ok(expected));
        }
    }

    #[test]
    fn script_block() {
        let record = "LogName=x\nSourceName=Microsoft-Windows-PowerShell\n\
            EventCode=4104\nSid=S-1-5-21\nUser=NOT_TRANSLATED\n\
            Message=Creating Scriptblock text (2 of 13):\r\n\
            Register-ScheduledTask x\r\nScriptBlock ID: 'no'\r\nPath: no\
            \r\n\r\nScriptBlock ID: 0-1-2\r\nPath: C:\\x.ps1\r\n";
        let read_as = "windows/script_block|EventID=4104|Channel=x|UserSid=S-1-5-21|\
            ScriptBlockText=Register-ScheduledTask x\r\n\
            ScriptBlock ID: 'no'\r\nPath: no|ScriptBlockId=0-1-2|\
            MessageNumber=2|MessageTotal=13|Path=C:\\x.ps1";
        assert_eq!(read(record).as_deref(), Ok(read_as));
        let bare = record.replace("Creating Scriptblock text (2 of 13)", "");
        let read_bare = read(bare).unwrap();
        assert!(read_bare.contains("|ScriptBlockId=0-1-2|Path=C:"));
    }

    #[test]
    fn other_records() {
        let other = "EventCode=1\nLogName=System\nMessage=x\n";
        assert_eq!(read(other).as_deref(), Ok("(0, 1)"));
        let wanted = EventKinds::NONE;
        let reading = Reader::wanting(wanted).read(
            Format::WinEventLog,
            SYSMON.as_bytes(),
            |_, _| panic!("not wanted"),
        );
        assert_eq!(reading.unwrap().others, 1);
        for (text, offset) in [("", 0), ("x=y\nMessage=EventCode=1", 12)] {
            let error = read(text).unwrap_err();
            assert_eq!(error.reason(), "there is no EventCode");
            assert_eq!(error.offset(), offset);
        }
    }

    #[test]
    fn told_from_others() {
        for text in [SYSMON, PROCESS, TASK, "05/06/2024 07:08:09\r\nx=y"] {
            assert!(is_record(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "type=SYSCALL msg=audit(1:2): a",
            "05/06/2024 07:08:09 host: message",
            "Message=x",
            "Log",
            "LogName",
            "12",
        ] {
            assert!(!is_record(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn damaged() {
        for record in [SYSMON, PROCESS, TASK] {
            for at in 0..record.len() {
                let _ = read(&record.as_bytes()[..at]);
                for &byte in b"\n:=\"\\ <\0\xff" {
                    let mut damaged = record.as_bytes().to_vec();
                    damaged[at] = byte;
                    let _ = read(&damaged);
                }
            }
        }
    }

    /// What wevtutil and the Event Viewer write, from `Log Name` on.
    const LABELS: &str = "Log Name:      Security
Source:        Microsoft-Windows-Security-Auditing
Date:          2024-02-03T04:05:06.0000000Z
Event ID:      4699
Task Category: Other Object Access Events
Level:         Information
Keywords:      
User:          N/A
Computer:      ws1
Description:
A scheduled task was deleted.

Subject:
\tSecurity ID:\t\tS-1-5-18
\tAccount Name:\t\tann

Task Information:
\tTask Name: \t\t\\x
";

    const LABELS_READ: &str = "windows/task_deleted 2024-02-03T04:05:06Z|\
        EventID=4699|Channel=Security|Computer=ws1|User=ann|TaskName=\\x|\
        SubjectUserSid=S-1-5-18|SubjectUserName=ann";

    #[test]
    fn headers_of_labels_are_read_in_any_language() {
        assert_eq!(read(LABELS).as_deref(), Ok(LABELS_READ));
        let german = LABELS
            .replace("Log Name:", "Protokollname:")
            .replace("Source:", "Quelle:")
            .replace("Date:", "Datum:")
            .replace("Event ID:", "Ereignis-ID:")
            .replace("Description:", "Beschreibung:");
        assert_eq!(read(german).as_deref(), Ok(LABELS_READ));
        let (header, message) = LABELS.split_once("Description:").unwrap();
        let header = header.replace("\nUser: ", "\nUser: N/A\nUser Name: ");
        let numbered = |number: &str, description: &str| {
            let header = header.replace('\n', "\n  ");
            format!("{number}\n  {header}{description}: {message}")
        };
        for record in [
            numbered("Event[0]", "Description"),
            numbered("Event[12]:", "Opis"),
            // In none of the languages that are known.
            numbered("Event[0]", "Popis").replace("  Log Name", "  Log"),
        ] {
            assert_eq!(read(&record).as_deref(), Ok(LABELS_READ), "{record}");
        }
        let error = read("Event[0]\n  x: y").unwrap_err();
        assert_eq!(error.reason(), "there is no EventCode");
    }

    #[test]
    fn the_event_itself_counts_more_than_its_text() {
        let event = "<Event xmlns=\"x\"><System><Provider Name=\"x\"/>\
            <EventID>4701</EventID><Channel>Security</Channel></System>\
            <EventData><Data Name=\"TaskName\">\\y</Data></EventData></Event>";
        let record = format!("{LABELS}Event Xml:\n{event}\n");
        let found = read(record).unwrap();
        assert!(found.starts_with("windows/task_disabled"), "{found}");
    }

    #[test]
    fn lists_of_properties_are_read() {
        let (_, message) = LABELS.split_once("Description:\n").unwrap();
        let message = message.replace('\n', "\n               ");
        let record = format!(
            "TimeCreated  : 2024-02-03 04:05:06\nProviderName : \
            Microsoft-Windows-Security-Auditing\nId           : 4699\n\
            Message      : {message}\nMachineName  : ws1\n\n"
        );
        let expected = LABELS_READ.replace("Channel=Security|", "");
        assert_eq!(read(&record).as_deref(), Ok(&*expected));
        let without = record.replace("Id     ", "Ix     ");
        let error = read(without).unwrap_err();
        assert_eq!(error.reason(), "there is no Id");
    }

    #[test]
    fn blocks_end_where_the_next_begins_as_they_did() {
        use crate::{Detector, Report, Scanner};
        use core::ops::ControlFlow;

        let numbered =
            format!("Event[0]\n  {}", LABELS.replace("\nS", "\n  S"));
        let list =
            "TimeCreated  : 2024-02-03 04:05:06\nId           : 4699\n\n";
        for block in [LABELS, &numbered, list] {
            let stream = [block, block, block].join("\n");
            for chunk in [1, 7, stream.len()] {
                let detector = Detector::new();
                let mut scanner = Scanner::new(&detector);
                let mut sink = |_: Report<'_>| ControlFlow::Continue(());
                for chunk in stream.as_bytes().chunks(chunk) {
                    let _ = scanner.feed(chunk, &mut sink);
                }
                let _ = scanner.finish(&mut sink);
                let counts = scanner.counts();
                assert_eq!((counts.records, counts.unreadable), (3, 0));
            }
        }
    }

    /// Each of these must cost its own length, not that of the record.
    #[test]
    fn hostile() {
        for part in ["\nCommandLine: x", "\nDetails: x", "\nImage:"] {
            let record = format!("{SYSMON}{}", part.repeat(100_000));
            assert!(read(record).is_ok());
        }
        for part in ["\n\tTask Content:", "\n\tProcess Command Line: x\n"] {
            let record = format!("{TASK}{}", part.repeat(100_000));
            assert!(read(record).is_ok());
        }
    }
}
