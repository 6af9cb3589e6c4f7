/*!
Classic Windows event text: a header of `Key=value` lines, the last of which
is `Message=` with the event as it was rendered for people.

The values are taken from the rendered message, which is not made to be read
by programs: labels are recognised in English only, and a value may itself
hold what looks like a label. Where a value may run over several lines, what
always follows it is looked for from the end.
*/

use memchr::memmem::rfind;

use crate::Timestamp;
use crate::bytes::after_phrase;
use crate::event::EventKind;

use super::context::{Context, Reading, Sink};
use super::error::{RecordError, RecordErrorKind};
use super::keys::Key;
use super::raw::Raw;
use super::syntax::text::{split_at_byte, split_line, trim_line_ends};
use super::windows::WindowsRecord;

/// Whether a record, without leading blanks, looks like one of this format:
/// its first line is a date or one of the header's.
pub(crate) fn is_record(record: &[u8]) -> bool {
    const KEYS: [&[u8]; 7] = [
        b"LogName=",
        b"SourceName=",
        b"EventCode=",
        b"EventType=",
        b"ComputerName=",
        b"RecordNumber=",
        b"TaskCategory=",
    ];
    match record.first() {
        Some(b'0'..=b'9') => {
            let (line, _) = split_line(record);
            Timestamp::parse_us(line).is_some()
        }
        Some(b'A'..=b'Z') => KEYS.iter().any(|key| record.starts_with(key)),
        _ => false,
    }
}

/// Reads one record: a block of lines.
pub(crate) fn read(
    record: &[u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Result<Reading, RecordError> {
    let mut windows = WindowsRecord::new();
    let message = read_header(record, &mut windows);
    let Some(id) = windows.get(Key::EventId) else {
        let kind = RecordErrorKind::Text("there is no EventCode");
        let offset = record.len().saturating_sub(message.len());
        return Err(RecordError::new(kind, offset));
    };
    let kind = windows.kind().map(|(_, kind)| kind);
    match kind.filter(|kind| context.wanted.contains(*kind)) {
        None => return Ok(Reading::of(false)),
        Some(EventKind::TaskScheduler) => read_task(message, &mut windows),
        Some(EventKind::ScriptBlock) => read_script(message, &mut windows),
        // Sysmon's ids have two digits.
        Some(_) if id.bytes.len() > 2 => read_security(message, &mut windows),
        Some(_) => read_sysmon(message, &mut windows),
    }
    let read = windows.emit(None, context, sink);
    Ok(Reading::of(read))
}

/// Reads the header; returns the message.
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
            b"LogName" => Key::Channel,
            b"SourceName" => Key::Provider,
            b"EventCode" => Key::EventId,
            b"ComputerName" => Key::Computer,
            b"Sid" => Key::WriterSid,
            b"User" if value != b"NOT_TRANSLATED" => Key::AccountName,
            _ => continue,
        };
        windows.set(key, Raw::plain(value));
    }
    rest
}

/// Reads `Label: value` lines whose labels are names of event data.
fn read_sysmon<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    read_labels(message, windows, |label, _| {
        let key = Key::from_data_name(label)?;
        let end = match key {
            Key::CommandLine => End::Before(b"\nCurrentDirectory: "),
            Key::ParentCommandLine => End::BeforeOrLast(b"\nParentUser: "),
            Key::Details => End::BeforeOrLast(b"\nUser: "),
            _ => End::Line,
        };
        Some((key, end))
    });
}

/// Reads titled sections of labels.
fn read_security<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let mut section = &b""[..];
    read_labels(message, windows, |label, value| {
        let subject = matches!(section, b"Subject" | b"Creator Subject");
        let target = section == b"Target Subject";
        let key = match label.trim_ascii_start() {
            b"Security ID" if subject => Key::SubjectUserSid,
            b"Account Name" if subject => Key::SubjectUserName,
            b"Account Domain" if subject => Key::SubjectDomainName,
            b"Logon ID" if subject => Key::SubjectLogonId,
            b"Account Name" if target => Key::TargetUserName,
            b"New Process ID" => Key::NewProcessId,
            b"New Process Name" => Key::NewProcessName,
            b"Mandatory Label" => Key::MandatoryLabel,
            b"Creator Process ID" => Key::ProcessId,
            b"Creator Process Name" => Key::ParentProcessName,
            b"Process Command Line" => {
                let end = End::Before(b"\nToken Elevation Type indicates");
                return Some((Key::CommandLine, end));
            }
            b"Task Name" => Key::TaskName,
            b"Task Content" | b"Task New Content" => {
                return Some((Key::TaskContent, End::After(b"</Task>")));
            }
            title => {
                if value.is_empty() && title.len() == label.len() {
                    section = title;
                }
                return None;
            }
        };
        Some((key, End::Line))
    });
}

/// Where a value ends.
enum End {
    /// With its line.
    Line,
    /// Where this stands last, or else with its line.
    Before(&'static [u8]),
    /// Where this stands last, or else with the message.
    BeforeOrLast(&'static [u8]),
    /// After the last of these, or else with the message.
    After(&'static [u8]),
}

/// Reads lines of a label, a colon and a value. Which key a label and its
/// line's value make, and where the value ends, is for `key_of` to say. Of
/// several values under one key the first counts: what comes later may be
/// part of another value.
fn read_labels<'a>(
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
    mut key_of: impl FnMut(&'a [u8], &'a [u8]) -> Option<(Key, End)>,
) {
    let mut rest = message;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let label = split_at_byte(line, b':').and_then(|(label, value)| {
            let value = value.trim_ascii_start();
            let (key, end) = key_of(label, value)?;
            Some((key, end, value))
        });
        let label = label.filter(|(key, ..)| windows.get(*key).is_none());
        let Some((key, end, value)) = label else {
            rest = after;
            continue;
        };
        let at = line.len().saturating_sub(value.len());
        let text = rest.get(at..).unwrap_or_default();
        let length = match end {
            End::Line => value.len(),
            End::Before(mark) => rfind(text, mark).unwrap_or(value.len()),
            End::BeforeOrLast(mark) => rfind(text, mark).unwrap_or(text.len()),
            End::After(mark) => rfind(text, mark)
                .map_or(text.len(), |at| at.saturating_add(mark.len())),
        };
        let (value, after) = text.split_at_checked(length).unwrap_or_default();
        let value = match end {
            End::Line => value,
            // It may begin on the line after its label.
            _ => trim_line_ends(value.trim_ascii_start()),
        };
        windows.set(key, Raw::plain(value));
        rest = after;
    }
}

/// Reads a sentence about a task, in which every value is quoted.
fn read_task<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let mut rest = message;
    while let Some((before, quoted)) = split_at_byte(rest, b'"') {
        let Some((value, after)) = split_at_byte(quoted, b'"') else { break };
        rest = after;
        let before = before.trim_ascii_end();
        let key = match value.first() {
            _ if before.ends_with(b"action") => Key::ActionName,
            _ if before.ends_with(b"ser") => Key::UserContext,
            Some(b'{') => Key::TaskInstanceId,
            _ if before.ends_with(b"instance") => Key::Path,
            Some(b'\\') => Key::TaskName,
            _ => continue,
        };
        if windows.get(key).is_none() {
            windows.set(key, Raw::plain(value));
        }
    }
    if let Some(code) = after_phrase(rest, b" return code ") {
        let digits = code.iter().take_while(|it| it.is_ascii_digit()).count();
        let code = code.get(..digits).unwrap_or_default();
        windows.set(Key::ResultCode, Raw::plain(code));
    }
}

/// Reads `Creating Scriptblock text (1 of 2):`, the text, and two labels.
fn read_script<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let (line, rest) = split_line(message);
    let numbers = || {
        let numbers = after_phrase(line, b" text (")?;
        let (number, total) = split_at_byte(numbers, b' ')?;
        let (total, _) = split_at_byte(total.strip_prefix(b"of ")?, b')')?;
        Some((number, total))
    };
    if let Some((number, total)) = numbers() {
        windows.set(Key::MessageNumber, Raw::plain(number));
        windows.set(Key::MessageTotal, Raw::plain(total));
    }
    let mark = b"ScriptBlock ID:";
    let end = rfind(rest, mark).unwrap_or(rest.len());
    let (text, labels) = rest.split_at_checked(end).unwrap_or_default();
    let text = Raw::plain(trim_line_ends(text));
    windows.set(Key::ScriptBlockText, text);
    read_labels(labels, windows, |label, _| match label {
        b"ScriptBlock ID" => Some((Key::ScriptBlockId, End::Line)),
        b"Path" => Some((Key::Path, End::Line)),
        _ => None,
    });
}

#[cfg(test)]
mod tests {
    use crate::event::EventKinds;
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
