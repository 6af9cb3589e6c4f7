/*!
Windows events as they are rendered for people: the message of a record.

It is not made to be read by programs. Labels are in the language of the
system, and a value may itself hold what looks like a label. So what does not
change between languages is looked at first: the order of values, their form,
a task's XML. In English, where the labels are known, a value that may run
over several lines ends where what always follows it stands last.

Some collectors make one line of a message. Then only known labels tell where
a value ends.
*/

use memchr::memmem::{find, rfind};

use crate::bytes::{self, after_phrase};
use crate::event::EventKind;

use super::context::{Context, Reading, Sink};
use super::keys::Key;
use super::raw::Raw;
use super::syntax::text::{split_at_byte, split_line, trim_line_ends};
use super::windows::WindowsRecord;

/// Hands over an event whose values stand in its message.
pub(super) fn emit<'a>(
    mut windows: WindowsRecord<'a>,
    message: &'a [u8],
    context: &mut Context<'_>,
    sink: &mut Sink<'_>,
) -> Reading {
    let kind = windows.kind().map(|(_, kind)| kind);
    let Some(kind) = kind.filter(|kind| context.wanted.contains(*kind)) else {
        return Reading::of(false);
    };
    read_message(kind, message, &mut windows);
    Reading::of(windows.emit(None, context, sink))
}

/// Reads the values of an event of some kind that stand in its message and
/// are not there yet.
pub(crate) fn read_message<'a>(
    kind: EventKind,
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) {
    let id = windows.get(Key::EventId);
    let is_on_a_line = memchr::memchr(b'\n', message.trim_ascii()).is_none();
    match kind {
        EventKind::TaskScheduler => read_task(message, windows),
        EventKind::ScriptBlock => read_script(message, windows),
        // Sysmon's ids have two digits.
        _ if id.is_some_and(|id| id.bytes.len() > 2) => match kind {
            EventKind::ProcessCreation if is_on_a_line => {
                read_on_a_line(message, NEW_PROCESS, windows);
                if windows.get(Key::NewProcessName).is_none() {
                    let _ = read_new_process_on_a_line(message, windows);
                }
            }
            EventKind::ShareAccess if is_on_a_line => {
                read_on_a_line(message, SHARE, windows);
            }
            EventKind::DirectoryChange if is_on_a_line => {
                read_on_a_line(message, DIRECTORY, windows);
            }
            EventKind::RegistryEvent if is_on_a_line => {
                read_on_a_line(message, AUDITED_VALUE, windows);
            }
            _ if is_on_a_line => {
                read_on_a_line(message, TASK, windows);
                if windows.get(Key::TaskContent).is_none() {
                    read_task_on_a_line(message, windows);
                }
            }
            _ => read_security(kind, message, windows),
        },
        _ if is_on_a_line => read_on_a_line(message, SYSMON, windows),
        _ => read_sysmon(message, windows),
    }
}

/// Sets a value unless there is one: what comes later may be part of another
/// value.
fn set<'a>(windows: &mut WindowsRecord<'a>, key: Key, value: &'a [u8]) {
    if windows.get(key).is_none() {
        windows.set(key, Raw::plain(value));
    }
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

/// Reads titled sections of labels, in any language.
fn read_security<'a>(
    kind: EventKind,
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) {
    // The title is the system's: no value can stand before it.
    let is_english =
        ENGLISH.iter().any(|title| message.starts_with(title.as_bytes()));
    if is_english {
        return read_english(message, windows);
    }
    let is_read = match kind {
        EventKind::ProcessCreation => read_new_process(message, windows),
        EventKind::TaskRegistered
        | EventKind::TaskDeleted
        | EventKind::TaskEnabled
        | EventKind::TaskDisabled
        | EventKind::TaskUpdated => read_task_event(message, windows),
        _ => false,
    };
    if !is_read {
        read_english(message, windows);
    }
}

/// How the titles begin of events that are read by their English labels.
const ENGLISH: [&str; 4] = [
    "A new process has been",
    "A scheduled task was",
    "A network share object was",
    "A directory service object was",
];

/// Reads titled sections of English labels.
fn read_english<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
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
            b"Source Address" => Key::IpAddress,
            b"Share Name" => Key::ShareName,
            b"Relative Target Name" => Key::RelativeTargetName,
            b"Access Mask" => Key::AccessMask,
            b"Object Name" => Key::AuditedObject,
            b"Object Value Name" => Key::AuditedValue,
            b"Operation Type" => Key::OperationType,
            b"Process ID" => Key::ProcessId,
            b"Process Name" => Key::AuditedProcess,
            b"New Value Type" => Key::NewValueType,
            b"New Value" => Key::NewValue,
            b"DN" if section == b"Object" => Key::ObjectDn,
            b"Class" if section == b"Object" => Key::ObjectClass,
            b"LDAP Display Name" => Key::AttributeLdapDisplayName,
            b"Value" if section == b"Attribute" => Key::AttributeValue,
            b"Type" if section == b"Operation" => Key::OperationType,
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

/// Reads a new process by the order and the form of values. Its section is
/// the one whose first value is a number in hex, and whose second is a path.
fn read_new_process<'a>(
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) -> bool {
    let mut rest = message;
    let mut is_first = true;
    while let Some((section, after)) = Section::next(rest) {
        rest = after;
        let [id, name, _, others @ ..] = section.values() else {
            // Without the token's type, which is always there.
            is_first = false;
            continue;
        };
        if !is_hex(id) || !is_path(name) {
            if is_first {
                read_subject(&section, windows);
            } else if let [_, user, ..] = section.values() {
                set(windows, Key::TargetUserName, user);
            }
            is_first = false;
            continue;
        }
        set(windows, Key::NewProcessId, id);
        set(windows, Key::NewProcessName, name);
        let others = match others {
            [label, others @ ..] if !is_hex(label) => {
                set(windows, Key::MandatoryLabel, label);
                others
            }
            others => others,
        };
        let Some((parent, others)) = others.split_first() else {
            return true;
        };
        set(windows, Key::ProcessId, parent);
        let command = match others {
            [parent, command, ..] if is_path(parent) => {
                set(windows, Key::ParentProcessName, parent);
                Some(*command)
            }
            [command, ..] => Some(*command),
            [] => None,
        };
        if let Some(command) = command {
            // It may run over several lines, of which any may look like a
            // label.
            let at = offset(command, section.text);
            let command = section.text.get(at..).unwrap_or_default();
            set(windows, Key::CommandLine, trim_line_ends(command));
        }
        return true;
    }
    false
}

/// Reads a new process by the form of values where the message is one line in
/// a language whose labels are not known: a number in hex that a path follows,
/// then the number of the parent, and its path, behind a label each.
fn read_new_process_on_a_line<'a>(
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) -> Option<()> {
    let mut rest = message;
    let (id, name) = loop {
        let (value, after) = value_on_a_line(rest)?;
        rest = after;
        let next = value_on_a_line(rest);
        if let Some((name, after)) = next
            && is_hex(word(value))
            && is_path(name)
        {
            rest = after;
            break (word(value), name);
        }
    };
    set(windows, Key::NewProcessId, id);
    set(windows, Key::NewProcessName, path_on_a_line(name));
    // The token's type and the label come before the parent.
    for _ in 0..3 {
        let (value, after) = value_on_a_line(rest)?;
        rest = after;
        if is_hex(word(value)) {
            set(windows, Key::ProcessId, word(value));
            break;
        }
    }
    if let Some((parent, after)) = value_on_a_line(rest)
        && is_path(parent)
    {
        set(windows, Key::ParentProcessName, path_on_a_line(parent));
        rest = after;
    }
    if let Some((command, _)) = value_on_a_line(rest) {
        // What follows explains the token's type.
        let end = find(command, b"   ").unwrap_or(command.len());
        let command = command.get(..end).unwrap_or_default();
        set(windows, Key::CommandLine, command.trim_ascii_end());
    }
    Some(())
}

/// What stands behind the next label: from there to the end of the message,
/// and what is to be searched for the label after it.
fn value_on_a_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut colons = memchr::memchr_iter(b':', text);
    colons.find_map(|at| {
        let after = bytes::after(text, at);
        let is_label = after.first().is_some_and(u8::is_ascii_whitespace);
        is_label.then_some((after.trim_ascii_start(), after))
    })
}

/// The first word of a text.
fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(u8::is_ascii_whitespace);
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// The path that a text begins with: up to the blanks before a label or, where
/// there is but one, to the end of the program's name.
fn path_on_a_line(text: &[u8]) -> &[u8] {
    let blanks = find(text, b"  ").into_iter().chain(find(text, b"\t"));
    let label = value_on_a_line(text);
    let label = label
        .map_or(text.len(), |(_, rest)| text.len().saturating_sub(rest.len()));
    let end = blanks.min().filter(|end| *end < label).or_else(|| {
        let name = text.get(..label)?;
        let mut ends = name.windows(5);
        let at = ends.position(|end| end.eq_ignore_ascii_case(b".exe "))?;
        at.checked_add(4)
    });
    text.get(..end.unwrap_or(label)).unwrap_or_default().trim_ascii_end()
}

/// Reads an event about a task by where its XML stands, which is the same in
/// all languages: the task's name is the last value before it that is a path
/// among tasks, and who did it stands in the first section.
fn read_task_event<'a>(
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) -> bool {
    let start = definition(message);
    let (before, content) = bytes_at(message, start.unwrap_or(message.len()));
    let mut rest = before;
    let mut name = None;
    let mut is_first = true;
    while let Some((section, after)) = Section::next(rest) {
        if is_first {
            read_subject(&section, windows);
        } else {
            let mut values = section.values().iter().rev().copied();
            name = values.find(|value| value.starts_with(b"\\")).or(name);
        }
        (rest, is_first) = (after, false);
    }
    if name.is_none() && start.is_none() {
        return false;
    }
    if let Some(name) = name {
        set(windows, Key::TaskName, name);
    }
    if start.is_some() {
        set_content(content, windows);
    }
    true
}

/// Where the XML of a task begins.
fn definition(message: &[u8]) -> Option<usize> {
    let starts: [&[u8]; 4] = [b"<?xml", b"<Task", b"&lt;?xml", b"&lt;Task"];
    starts.into_iter().filter_map(|text| find(message, text)).min()
}

/// Sets the XML of a task, from where it begins.
fn set_content<'a>(content: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let ends: [&[u8]; 2] = [b"</Task>", b"&lt;/Task&gt;"];
    let ends = ends.into_iter().filter_map(|end| {
        Some(rfind(content, end)?.saturating_add(end.len()))
    });
    let end = ends.max().unwrap_or(content.len());
    let content = content.get(..end).unwrap_or_default();
    set(windows, Key::TaskContent, trim_line_ends(content));
}

/// The same of a message that is one line: the name ends where two blanks
/// stand, or else a label.
fn read_task_on_a_line<'a>(
    message: &'a [u8],
    windows: &mut WindowsRecord<'a>,
) {
    let Some(start) = definition(message) else { return };
    let (before, content) = bytes_at(message, start);
    set_content(content, windows);
    let Some(at) = rfind(before, b" \\") else { return };
    let name = bytes_at(before, at.saturating_add(1)).1;
    let end = find(name, b"  ").or_else(|| {
        // The label of the XML is the last word before it.
        let label = name.trim_ascii_end();
        memchr::memrchr(b' ', label)
    });
    set(windows, Key::TaskName, bytes_at(name, end.unwrap_or(name.len())).0);
}

/// Reads who did it: identifier, name, domain and number of the session.
fn read_subject<'a>(section: &Section<'a>, windows: &mut WindowsRecord<'a>) {
    let keys = [
        Key::SubjectUserSid,
        Key::SubjectUserName,
        Key::SubjectDomainName,
        Key::SubjectLogonId,
    ];
    for (key, value) in keys.into_iter().zip(section.values()) {
        set(windows, key, value);
    }
}

/// Most values of a section that are looked at: as many as that of a new
/// process has.
const MOST_VALUES: usize = 8;

/// Lines of labels and values up to an empty line.
struct Section<'a> {
    text: &'a [u8],
    values: [&'a [u8]; MOST_VALUES],
    count: usize,
}

impl<'a> Section<'a> {
    /// The next section of a text, and what follows it.
    fn next(text: &'a [u8]) -> Option<(Section<'a>, &'a [u8])> {
        let mut rest = text;
        let mut section =
            Section { text: b"", values: [b""; MOST_VALUES], count: 0 };
        let mut first = None;
        while !rest.is_empty() {
            let (line, after) = split_line(rest);
            if line.trim_ascii().is_empty() && first.is_some() {
                break;
            }
            // A title begins its line, a label does not.
            let is_label = line.first().is_some_and(u8::is_ascii_whitespace);
            if is_label && let Some(value) = labelled(line) {
                first = first.or(Some(rest));
                if let Some(slot) = section.values.get_mut(section.count) {
                    *slot = value;
                    section.count = section.count.saturating_add(1);
                }
            }
            rest = after;
        }
        let first = first?;
        let length = first.len().saturating_sub(rest.len());
        section.text = first.get(..length).unwrap_or_default();
        Some((section, rest))
    }

    fn values(&self) -> &[&'a [u8]] {
        self.values.get(..self.count).unwrap_or_default()
    }
}

/// The value behind a label: after a colon, be it a full-width one.
fn labelled(line: &[u8]) -> Option<&[u8]> {
    const WIDE: &[u8] = "：".as_bytes();
    let value = match (memchr::memchr(b':', line), find(line, WIDE)) {
        (Some(at), wide) if wide.is_none_or(|wide| at < wide) => {
            bytes::after(line, at)
        }
        (_, wide) => line.get(wide?..)?.strip_prefix(WIDE)?,
    };
    Some(value.trim_ascii())
}

fn is_hex(value: &[u8]) -> bool {
    value.strip_prefix(b"0x").is_some_and(|digits| {
        !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
    })
}

fn is_path(value: &[u8]) -> bool {
    matches!(value, [b'\\', ..])
        || matches!(value, [drive, b':', b'\\', ..] if drive.is_ascii_alphabetic())
}

fn offset(part: &[u8], text: &[u8]) -> usize {
    let [part, text] = [part, text].map(|bytes| bytes.as_ptr().addr());
    part.saturating_sub(text)
}

/// The labels of a message that is one line, in their order.
struct Labels {
    /// Those before the value that may hold anything.
    before: &'static [(&'static [&'static str], Option<Key>)],
    /// The label of that value, and what always follows it.
    last: &'static [&'static str],
    key: Key,
    until: &'static [&'static str],
    /// The label that stands last where that value is not there. It is
    /// looked for from the end, for the value before it may hold anything.
    end: Option<(&'static str, Key)>,
    /// Those after it, where there are more.
    after: Option<&'static Labels>,
}

/// Labels of a new process. What was not found in public records is left
/// out.
const NEW_PROCESS: &Labels = &Labels {
    before: &[
        (&["Security ID", "Sicherheits-ID"], Some(Key::SubjectUserSid)),
        (
            &[
                "Account Name",
                "Kontoname",
                "Nom du compte",
                "帐户名",
                "アカウント名",
            ],
            Some(Key::SubjectUserName),
        ),
        (
            &["Account Domain", "Kontodomäne", "Domaine du compte", "帐户域"],
            Some(Key::SubjectDomainName),
        ),
        (&["Logon ID", "Anmelde-ID"], Some(Key::SubjectLogonId)),
        (&["Target Subject"], None),
        (&["Process Information"], None),
        (
            &[
                "New Process ID",
                "ID des neuen Prozesses",
                "Neue Prozess-ID",
                "ID du nouveau processus",
                "新しいプロセス ID",
                "新进程 ID",
                "ИД нового процесса",
                "Identyfikator nowego procesu",
            ],
            Some(Key::NewProcessId),
        ),
        (
            &[
                "New Process Name",
                "Neuer Prozessname",
                "Nom du nouveau processus",
                "新しいプロセス名",
                "新进程名称",
                "Имя нового процесса",
                "Nazwa nowego procesu",
            ],
            Some(Key::NewProcessName),
        ),
        (&["Token Elevation Type"], None),
        (&["Mandatory Label"], Some(Key::MandatoryLabel)),
        (
            &[
                "Creator Process ID",
                "Erstellerprozess-ID",
                "ID du processus créateur",
                "作成元プロセス ID",
                "クリエーター プロセス ID",
                "创建者进程 ID",
                "ИД процесса-создателя",
                "Identyfikator procesu twórcy",
            ],
            Some(Key::ProcessId),
        ),
        (
            &[
                "Creator Process Name",
                "Erstellerprozessname",
                "Nom du processus créateur",
                "作成元プロセス名",
                "创建者进程名称",
                "Имя процесса-создателя",
                "Nazwa procesu twórcy",
            ],
            Some(Key::ParentProcessName),
        ),
    ],
    last: &[
        "Process Command Line",
        "Prozessbefehlszeile",
        "Ligne de commande du processus",
        "Ligne de commande de processus",
        "プロセスのコマンド ライン",
        "进程命令行",
        "Командная строка процесса",
        "Wiersz polecenia procesu",
    ],
    key: Key::CommandLine,
    until: &["Token Elevation Type indicates"],
    end: None,
    after: None,
};

const TASK: &Labels = &Labels {
    before: &[
        (&["Security ID"], Some(Key::SubjectUserSid)),
        (&["Account Name"], Some(Key::SubjectUserName)),
        (&["Account Domain"], Some(Key::SubjectDomainName)),
        (&["Logon ID"], Some(Key::SubjectLogonId)),
        (&["Task Information"], None),
        (&["Task Name"], Some(Key::TaskName)),
    ],
    last: &["Task Content", "Task New Content"],
    key: Key::TaskContent,
    until: &["Other Information:"],
    end: None,
    after: None,
};

/// The labels of the section of who did it.
const SUBJECT: [(&[&str], Option<Key>); 4] = [
    (&["Security ID"], Some(Key::SubjectUserSid)),
    (&["Account Name"], Some(Key::SubjectUserName)),
    (&["Account Domain"], Some(Key::SubjectDomainName)),
    (&["Logon ID"], Some(Key::SubjectLogonId)),
];

const SHARE: &Labels = &Labels {
    before: &[
        SUBJECT[0],
        SUBJECT[1],
        SUBJECT[2],
        SUBJECT[3],
        (&["Network Information"], None),
        (&["Object Type"], None),
        (&["Source Address"], Some(Key::IpAddress)),
        (&["Source Port"], None),
        (&["Share Information"], None),
        (&["Share Name"], Some(Key::ShareName)),
        (&["Share Path"], None),
    ],
    last: &["Relative Target Name"],
    key: Key::RelativeTargetName,
    until: &["Access Request Information:"],
    end: None,
    after: Some(&Labels {
        before: &[
            (&["Access Mask"], Some(Key::AccessMask)),
            (&["Accesses"], None),
        ],
        last: &[],
        key: Key::AccessMask,
        until: &[],
        end: None,
        after: None,
    }),
};

const AUDITED_VALUE: &Labels = &Labels {
    before: &[
        SUBJECT[0],
        SUBJECT[1],
        SUBJECT[2],
        SUBJECT[3],
        (&["Object"], None),
        (&["Object Name"], Some(Key::AuditedObject)),
        (&["Object Value Name"], Some(Key::AuditedValue)),
        (&["Handle ID"], None),
        (&["Operation Type"], Some(Key::OperationType)),
        (&["Process Information"], None),
        (&["Process ID"], Some(Key::ProcessId)),
        (&["Process Name"], Some(Key::AuditedProcess)),
        (&["Change Information"], None),
        (&["Old Value Type"], None),
        (&["Old Value"], None),
        (&["New Value Type"], Some(Key::NewValueType)),
    ],
    last: &["New Value"],
    key: Key::NewValue,
    until: &[],
    end: None,
    after: None,
};

const DIRECTORY: &Labels = &Labels {
    before: &[
        SUBJECT[0],
        SUBJECT[1],
        SUBJECT[2],
        SUBJECT[3],
        (&["Directory Service"], None),
        (&["Object"], None),
        (&["DN"], Some(Key::ObjectDn)),
        (&["GUID"], None),
        (&["Class"], Some(Key::ObjectClass)),
        (&["Attribute"], None),
        (&["LDAP Display Name"], Some(Key::AttributeLdapDisplayName)),
        (&["Syntax (OID)"], None),
    ],
    last: &["Value"],
    key: Key::AttributeValue,
    until: &["Operation:"],
    end: None,
    after: Some(&Labels {
        before: &[
            (&["Type"], Some(Key::OperationType)),
            (&["Correlation ID"], None),
        ],
        last: &[],
        key: Key::OperationType,
        until: &[],
        end: None,
        after: None,
    }),
};

const SYSMON: &Labels = &Labels {
    before: &[
        (&["EventType"], Some(Key::EventType)),
        (&["UtcTime"], Some(Key::UtcTime)),
        (&["ProcessGuid"], None),
        (&["ProcessId"], Some(Key::ProcessId)),
        (&["Image"], Some(Key::Image)),
        (&["ImageLoaded"], Some(Key::ImageLoaded)),
        (&["TargetFilename"], Some(Key::TargetFilename)),
        (&["CreationUtcTime"], None),
        (&["TargetObject"], Some(Key::TargetObject)),
        (&["Details"], Some(Key::Details)),
        (&["FileVersion"], None),
        (&["Description"], None),
        (&["Product"], None),
        (&["Company"], None),
        (&["OriginalFileName"], Some(Key::OriginalFileName)),
        (&["Hashes"], None),
    ],
    last: &["CommandLine"],
    key: Key::CommandLine,
    until: &["CurrentDirectory: "],
    end: Some((" User: ", Key::User)),
    after: Some(&Labels {
        before: &[
            (&["CurrentDirectory"], Some(Key::CurrentDirectory)),
            (&["User"], Some(Key::User)),
            (&["LogonGuid"], None),
            (&["LogonId"], None),
            (&["TerminalSessionId"], None),
            (&["IntegrityLevel"], Some(Key::IntegrityLevel)),
            (&["Hashes"], None),
            (&["ParentProcessGuid"], None),
            (&["ParentProcessId"], Some(Key::ParentProcessId)),
            (&["ParentImage"], Some(Key::ParentImage)),
        ],
        last: &["ParentCommandLine"],
        key: Key::ParentCommandLine,
        until: &["ParentUser: "],
        end: None,
        after: None,
    }),
};

/// Reads a message whose line ends have become blanks. Labels are looked for
/// before the value that may hold anything, where no value can forge one.
fn read_on_a_line<'a>(
    message: &'a [u8],
    labels: &Labels,
    windows: &mut WindowsRecord<'a>,
) {
    let last = first_label(message, labels.last);
    let end = last.map_or(message.len(), |(at, _)| at);
    let mut text = message.get(..end).unwrap_or_default();
    if let Some((label, key)) = labels.end.filter(|_| last.is_none())
        && let Some(at) = rfind(text, label.as_bytes())
    {
        let value = bytes_at(text, at.saturating_add(label.len())).1;
        set(windows, key, value.trim_ascii());
        text = bytes_at(text, at).0;
    }
    let mut open = None;
    let mut close = |key: Option<Key>, value: &'a [u8]| {
        let Some(key) = key else { return };
        let value = value.trim_ascii();
        // A label that is not known may follow.
        let end = find(value, b"  ").into_iter().chain(find(value, b"\t"));
        let value = value.get(..end.min().unwrap_or(value.len()));
        set(windows, key, value.unwrap_or_default());
    };
    for (names, key) in labels.before {
        if let Some((at, length)) = first_label(text, names) {
            let (value, rest) = bytes_at(text, at);
            close(open.flatten(), value);
            open = Some(*key);
            text = bytes_at(rest, length).1;
        }
    }
    close(open.flatten(), text);
    let Some((at, length)) = last else { return };
    let value = bytes_at(message, at.saturating_add(length)).1;
    let end =
        labels.until.iter().find_map(|label| rfind(value, label.as_bytes()));
    let (value, rest) = bytes_at(value, end.unwrap_or(value.len()));
    set(windows, labels.key, value.trim_ascii());
    if let Some(after) = labels.after {
        read_on_a_line(rest, after, windows);
    }
}

/// Where the first of some labels stands, as a word, and its length with the
/// colon.
fn first_label(text: &[u8], names: &[&str]) -> Option<(usize, usize)> {
    let found = names.iter().filter_map(|name| {
        let name = name.as_bytes();
        let mut places = memchr::memmem::find_iter(text, name);
        places.find_map(|at| {
            let (before, rest) = bytes_at(text, at);
            let rest = bytes_at(rest, name.len()).1;
            let is_word = before.last().is_none_or(u8::is_ascii_whitespace);
            let colon = [":", " :", "\u{a0}:", "："]
                .into_iter()
                .find(|colon| rest.starts_with(colon.as_bytes()))?;
            let length = name.len().saturating_add(colon.len());
            is_word.then_some((at, length))
        })
    });
    found.min()
}

fn bytes_at(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    text.split_at_checked(at).unwrap_or((text, b""))
}

/// Reads a sentence about a task, in which every value is quoted. In English
/// the word before a value tells what it is, in other languages its form and
/// the event do.
fn read_task<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let scratch = &mut [0; 64];
    let id = windows.get(Key::EventId);
    let id = id.as_ref().map_or(&b""[..], |id| id.short(scratch));
    let other = match id {
        b"106" | b"140" | b"141" | b"142" => Some(Key::UserContext),
        b"129" => Some(Key::Path),
        b"200" | b"201" => Some(Key::ActionName),
        _ => None,
    };
    let mut rest = message;
    while let Some((before, value, after)) = quoted(rest) {
        rest = after;
        let before = before.trim_ascii_end();
        let key = match value {
            _ if before.ends_with(b"action") => Some(Key::ActionName),
            _ if before.ends_with(b"ser") => Some(Key::UserContext),
            [b'{', ..] => Some(Key::TaskInstanceId),
            _ if before.ends_with(b"instance") => Some(Key::Path),
            [b'\\', ..] if windows.get(Key::TaskName).is_none() => {
                Some(Key::TaskName)
            }
            _ => other,
        };
        if let Some(key) = key {
            set(windows, key, value);
        }
    }
    if let Some(code) = after_phrase(rest, b" return code ") {
        let digits =
            code.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let code = code.get(..digits).unwrap_or_default();
        set(windows, Key::ResultCode, code);
    }
}

/// What stands before the next quoted value, the value, and what follows it.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    const QUOTES: [(&str, &str); 6] = [
        ("\"", "\""),
        ("„", "“"),
        ("“", "”"),
        ("«", "»"),
        ("「", "」"),
        ("‚", "‘"),
    ];
    let mut places = text.iter().enumerate();
    let (before, rest, (open, close)) = places.find_map(|(at, byte)| {
        if !matches!(byte, b'"' | b'\xC2' | b'\xE2' | b'\xE3') {
            return None;
        }
        let (before, rest) = bytes_at(text, at);
        let mut quotes = QUOTES.iter();
        let quotes =
            quotes.find(|pair| rest.starts_with(pair.0.as_bytes()))?;
        Some((before, rest, quotes))
    })?;
    let rest = rest.strip_prefix(open.as_bytes())?;
    let (value, rest) = bytes_at(rest, find(rest, close.as_bytes())?);
    let after = rest.strip_prefix(close.as_bytes())?;
    // French puts a blank inside of its quotes, which may be one of no break.
    let value = value.strip_prefix("\u{a0}".as_bytes()).unwrap_or(value);
    let value = value.strip_suffix("\u{a0}".as_bytes()).unwrap_or(value);
    Some((before, value.trim_ascii(), after))
}

/// Reads `Creating Scriptblock text (1 of 2):`, the text, and two labels.
/// The numbers and the last lines are the same in all languages.
fn read_script<'a>(message: &'a [u8], windows: &mut WindowsRecord<'a>) {
    let (line, rest) = split_line(message);
    // On one line the text follows the title.
    let title = find(line, b"):").filter(|_| rest.trim_ascii().is_empty());
    let (line, rest) = match title {
        Some(at) => bytes_at(line, at.saturating_add(2)),
        None => (line, rest),
    };
    if let Some((number, total)) = numbers(line) {
        set(windows, Key::MessageNumber, number);
        set(windows, Key::MessageTotal, total);
    }
    let mark = b"ScriptBlock ID:";
    let end = rfind(rest, mark).or_else(|| id_line(rest));
    let (text, labels) = bytes_at(rest, end.unwrap_or(rest.len()));
    let text = match title {
        Some(_) => text.trim_ascii(),
        None => trim_line_ends(text),
    };
    set(windows, Key::ScriptBlockText, text);
    if title.is_some()
        && let Some(id) = labels.strip_prefix(mark)
    {
        let path = find(id, b" Path:").unwrap_or(id.len());
        let (id, path) = bytes_at(id, path);
        set(windows, Key::ScriptBlockId, id.trim_ascii());
        if let Some((_, path)) = split_at_byte(path, b':') {
            set(windows, Key::Path, path.trim_ascii());
        }
        return;
    }
    let (id, path) = split_line(labels);
    if let Some(id) = labelled(id) {
        set(windows, Key::ScriptBlockId, id);
    }
    if let Some(path) = labelled(split_line(path).0) {
        set(windows, Key::Path, path);
    }
}

/// The two numbers of `(1 of 2)`, whatever the word between them is.
fn numbers(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, inside) = bytes_at(line, memchr::memrchr(b'(', line)?);
    let (inside, _) = split_at_byte(inside.get(1..)?, b')')?;
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let first = inside.iter().take_while(is_digit).count();
    let last = inside.iter().rev().take_while(is_digit).count();
    let number = inside.get(..first)?;
    let total = inside.get(inside.len().checked_sub(last)?..)?;
    let are_two = number.len() < inside.len() && !total.is_empty();
    (are_two && !number.is_empty()).then_some((number, total))
}

/// Where the line of the id begins: one of the last two, with a label and a
/// value of hexadecimal digits.
fn id_line(text: &[u8]) -> Option<usize> {
    let mut rest = text.trim_ascii_end();
    for _ in 0..2 {
        let at = memchr::memrchr(b'\n', rest)?;
        let line = bytes::after(rest, at);
        let id = labelled(line).unwrap_or_default();
        let is_of_id = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
        if !id.is_empty() && id.iter().all(is_of_id) {
            return at.checked_add(1);
        }
        rest = rest.get(..at)?.trim_ascii_end();
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::read_as;
    use crate::record::{Format, Reading};

    /// The event of a classic text record with a message.
    fn event(log: &str, id: &str, message: &str) -> String {
        let record =
            format!("LogName={log}\nEventCode={id}\nMessage={message}");
        let (mut events, reading) =
            read_as(Format::WinEventLog, record.as_bytes());
        assert_eq!(reading, Ok(Reading::of(true)), "{record}");
        let event = events.remove(0);
        let start = event.find("Channel=").unwrap();
        event.get(start..).unwrap().replace(&format!("Channel={log} "), "")
    }

    const GERMAN: &str = "Ein neuer Prozess wurde erstellt.

Erstellersubjekt:
\tSicherheits-ID:\t\tS-1-5-18
\tKontoname:\t\tann
\tKontodomäne:\t\tEXAMPLE
\tAnmelde-ID:\t\t0x3E7

Zielsubjekt:
\tSicherheits-ID:\t\tS-1-0-0
\tKontoname:\t\t-
\tKontodomäne:\t\t-
\tAnmelde-ID:\t\t0x0

Prozessinformationen:
\tNeue Prozess-ID:\t\t0x1f4
\tNeuer Prozessname:\tC:\\a.exe
\tToken-Erhöhungstyp:\t%%1936
\tVerbindliche Beschriftung:\tS-1-16-12288
\tErstellerprozess-ID:\t0x1f0
\tErstellerprozessname:\tC:\\b.exe
\tProzessbefehlszeile:\ta: b /x

Der Tokenerhöhungstyp bezeichnet ..

Typ 1: x.";

    const PROCESS: &str = r"User=EXAMPLE\ann Image=C:\a.exe CommandLine=a: b /x ProcessId=0x1f4 IntegrityLevel=S-1-16-12288 ParentImage=C:\b.exe ParentProcessId=0x1f0 SubjectUserSid=S-1-5-18 SubjectUserName=ann SubjectDomainName=EXAMPLE SubjectLogonId=0x3E7 TargetUserName=-";

    #[test]
    fn a_new_process_is_told_by_the_order_and_form_of_values() {
        let read = |message: &str| event("Security", "4688", message);
        assert_eq!(read(GERMAN), PROCESS);
        assert_eq!(read(&GERMAN.replace('\n', "\r\n")), PROCESS);
        let wide = GERMAN.replace(":\t", "：\t");
        assert_eq!(read(&wide), PROCESS);
        let french = GERMAN.replace(":\t", "\u{a0}:\t");
        assert_eq!(read(&french), PROCESS);
        // Of the older versions of the event.
        let unlabelled =
            GERMAN.replace("\tVerbindliche Beschriftung:\tS-1-16-12288\n", "");
        let expected = PROCESS.replace(" IntegrityLevel=S-1-16-12288", "");
        assert_eq!(read(&unlabelled), expected);
        let no_parent =
            unlabelled.replace("\tErstellerprozessname:\tC:\\b.exe\n", "");
        let expected = expected.replace(r" ParentImage=C:\b.exe", "");
        assert_eq!(read(&no_parent), expected);
    }

    /// A command line may hold whole sections, in any language.
    #[test]
    fn a_command_line_forges_no_values() {
        let forged = "x\n\tNew Process Name:\tC:\\eve.exe\n\
            \tErstellerprozess-ID:\t0x9";
        let found =
            event("Security", "4688", &GERMAN.replace("a: b /x", forged));
        assert!(found.contains(r" Image=C:\a.exe "), "{found}");
        assert!(found.contains("ParentProcessId=0x1f0"), "{found}");
        assert!(found.contains("eve.exe\n\tErsteller"), "{found}");
    }

    #[test]
    fn a_task_is_told_by_its_content() {
        for (message, name, content) in [
            (
                "已创建计划任务。\n\n使用者:\n\t安全 ID:\t\tS-1\n\
                \t帐户名:\t\tann\n\n任务信息:\n\t任务名称:\t\\x\\y\n\
                \t任务内容:\t<?xml version=\"1.0\"?>\n<Task>\n</Task>\n\n\
                其他信息:\n\tx:\t\\z\n",
                r"\x\y",
                "<?xml version=\"1.0\"?>\n<Task>\n</Task>",
            ),
            (
                "Se creó una tarea programada.\n\nSujeto:\n\tx:\tS-1\n\
                \ty:\tann\n\nInformación:\n\tNombre:\t\\x\n\tContenido:\t\
                &lt;Task&gt;&lt;/Task&gt;\n",
                r"\x",
                "<Task></Task>",
            ),
        ] {
            let expected = format!(
                "User=ann TaskName={name} TaskContent={content} \
                SubjectUserSid=S-1 SubjectUserName=ann"
            );
            assert_eq!(event("Security", "4698", message), expected);
        }
        let bare = "x.\n\nA:\n\ta:\tS-1\n\tb:\tann\n\nB:\n\tc:\t\\x\n";
        let found = event("Security", "4699", bare);
        assert!(found.contains(r"TaskName=\x"), "{found}");
    }

    /// The labels are in a language of which no record was seen.
    #[test]
    fn a_task_on_a_line_is_told_by_its_xml_in_any_language() {
        for blanks in ["  ", " "] {
            let message = format!(
                "Eine Aufgabe wurde erstellt.  Antragsteller:  Konto: a{blanks}Aufgabenname: \\x{blanks}Aufgabeninhalt: <?xml?> <Task> </Task> Rest: y"
            );
            assert_eq!(
                event("Security", "4698", &message),
                r"TaskName=\x TaskContent=<?xml?> <Task> </Task>"
            );
        }
    }

    /// The name may have no folder where it stands.
    #[test]
    fn a_tasks_xml_is_read_without_its_name() {
        let message = "Titel.\n\nSubjekt:\n\tSID:\t\tS-1\n\nAufgabe:\n\tName:\t\tx\n\tInhalt:\t\t<Task></Task>\n";
        assert_eq!(
            event("Security", "4698", message),
            "TaskContent=<Task></Task> SubjectUserSid=S-1"
        );
    }

    #[test]
    fn a_message_on_a_line_is_cut_at_known_labels() {
        let message = "A new process has been created.  Creator Subject:  \
            Security ID:  S-1-5-18  Account Name:  ann  Account Domain:  \
            EXAMPLE  Logon ID:  0x3E7  Target Subject:  Security ID:  S-1-0-0 \
            Account Name:  -  Process Information:  New Process ID:  0x1f4  \
            New Process Name: C:\\a.exe  Token Elevation Type: %%1936  \
            Mandatory Label:  S-1-16-12288  Creator Process ID: 0x1f0  \
            Creator Process Name: C:\\b.exe  Process Command Line: a: b /x   \
            Token Elevation Type indicates the type.";
        let expected = PROCESS.replace(" TargetUserName=-", "");
        assert_eq!(event("Security", "4688", message), expected);
        // Labels in the command line are none.
        let forged = "x New Process Name: y Process Command Line: z";
        let found =
            event("Security", "4688", &message.replace("a: b /x", forged));
        let expected = expected.replace("a: b /x", forged);
        assert_eq!(found, expected);

        let sysmon = "Process Create: RuleName: - UtcTime: 2024-02-03 \
            04:05:06 ProcessGuid: {1} ProcessId: 7 Image: C:\\a b.exe \
            OriginalFileName: a.exe CommandLine: a Image: x \
            CurrentDirectory: C:\\ User: E\\ann LogonGuid: {2} \
            ParentImage: C:\\b.exe ParentCommandLine: b ParentUser: eve";
        let found = event("Microsoft-Windows-Sysmon/Operational", "1", sysmon);
        for value in [
            r" Image=C:\a b.exe ",
            " CommandLine=a Image: x ",
            r"User=E\ann",
            r" ParentImage=C:\b.exe ParentCommandLine=b",
        ] {
            assert!(found.contains(value), "{value} in {found}");
        }
    }

    /// No label need be known.
    #[test]
    fn a_new_process_on_a_line_is_told_by_the_form_of_values() {
        let spanish = "Se ha creado un nuevo proceso.  Sujeto:  Id. de \
            seguridad:  S-1-5-18  Nombre de cuenta:  ann  Id. de inicio de \
            sesión:  0x3E7  Información de proceso:  Id. del nuevo proceso:  \
            0x1f4  Nombre del nuevo proceso:  C:\\a b.exe  Tipo de elevación \
            de token:  %%1936  Etiqueta obligatoria:  S-1-16-12288  Id. del \
            proceso creador:  0x1f0  Nombre del proceso creador:  C:\\b.exe  \
            Línea de comandos del proceso:  a  x: y    Tipo de token: x";
        let turkish = "Yeni bir işlem oluşturuldu. Konu: Oturum Açma Kimliği: \
            0x3E7 İşlem Bilgileri: Yeni İşlem Kimliği: 0x1f4 Yeni İşlem Adı: \
            C:\\a b.exe Belirteç Yükseltme Türü: %%1936 Oluşturan İşlem \
            Kimliği: 0x1f0 Oluşturan İşlem Adı: C:\\b.exe Komut Satırı: a  x: y";
        for message in [spanish, turkish] {
            let found = event("Security", "4688", message);
            for value in [
                r"Image=C:\a b.exe CommandLine=a  x: y ",
                r"ParentImage=C:\b.exe",
            ] {
                assert!(found.contains(value), "{value} in {found}");
            }
        }
        let cut = spanish.replace("0x1f4", "1f4").replace("0x3E7", "3E7");
        let found = event("Security", "4688", &cut);
        assert!(!found.contains("CommandLine="), "{found}");
    }

    #[test]
    fn sentences_about_tasks_have_quotes_of_many_kinds() {
        let log = "Microsoft-Windows-TaskScheduler/Operational";
        for (id, message, expected) in [
            (
                "106",
                r"„E\ann“ registrierte „\x y“.",
                r"User=E\ann TaskName=\x y",
            ),
            (
                "140",
                r"« E\ann » a mis à jour « \x »",
                r"User=E\ann TaskName=\x",
            ),
            ("141", r"「E\ann」「\x」", r"User=E\ann TaskName=\x"),
            ("129", r"“\x” 、 “b.exe” 7", r"TaskName=\x Path=b.exe"),
            (
                "200",
                r#"x "b.exe" y "{1}" z "\x"."#,
                r"TaskName=\x ActionName=b.exe TaskInstanceId={1}",
            ),
        ] {
            assert_eq!(event(log, id, message), expected, "{message}");
        }
    }

    #[test]
    fn script_blocks_stand_between_a_title_and_two_labels() {
        let log = "Microsoft-Windows-PowerShell/Operational";
        let expected = "ScriptBlockText=a: b\nc ScriptBlockId=0-1f \
            MessageNumber=1 MessageTotal=2";
        for labels in ["ScriptBlock-ID: 0-1f\nPfad: ", "ScriptBlock-ID: 0-1f"]
        {
            let message =
                format!("Wird erstellt (1 von 2):\na: b\nc\n\n{labels}");
            let found = event(log, "4104", &message);
            assert!(found.starts_with(expected), "{found}");
        }
        let line = "Creating Scriptblock text (1 of 2): a: b  \
            ScriptBlock ID: 0-1f Path: C:\\x.ps1";
        let expected = "ScriptBlockText=a: b ScriptBlockId=0-1f \
            MessageNumber=1 MessageTotal=2 Path=C:\\x.ps1";
        assert_eq!(event(log, "4104", line), expected);
    }

    /// Each of these must cost its own length, not that of the record.
    #[test]
    fn time_is_linear() {
        for (log, id, part) in [
            ("Security", "4688", "\n\tx:\ty"),
            ("Security", "4688", "New Process Name: "),
            ("Security", "4698", "\n\n\tx:\t<Tas"),
            ("Microsoft-Windows-TaskScheduler/Operational", "200", "„a“ "),
            ("Microsoft-Windows-PowerShell/Operational", "4104", "(\n:a"),
        ] {
            let _ = event(log, id, &part.repeat(200_000));
        }
    }

    #[test]
    fn shares_and_the_directory_on_a_line() {
        let subject = "Subject: Security ID: S-1 Account Name: al Account \
            Domain: E Logon ID: 0x1";
        let share = format!(
            "A network share object was checked to see whether client can be \
            granted desired access. {subject} Network Information: Object \
            Type: File Source Address: 192.0.2.1 Source Port: 5 Share \
            Information: Share Name: \\\\*\\IPC$ Share Path: Relative Target \
            Name: atsvc Access Request Information: Access Mask: 0x3 \
            Accesses: ReadData"
        );
        let found = event("Security", "5145", &share);
        for part in [
            "ShareName=\\\\*\\IPC$",
            "RelativeTargetName=atsvc",
            "IpAddress=192.0.2.1",
            "AccessMask=0x3",
        ] {
            assert!(found.contains(part), "{part}: {found}");
        }
        let change = format!(
            "A directory service object was modified. {subject} Directory \
            Service: Name: d Type: Active Directory Domain Services Object: \
            DN: CN=x GUID: {{g}} Class: groupPolicyContainer Attribute: LDAP \
            Display Name: gPCMachineExtensionNames Syntax (OID): 2 Value: \
            [a b] Operation: Type: Value Added Correlation ID: {{c}}"
        );
        let found = event("Security", "5136", &change);
        for part in [
            "ObjectDN=CN=x ",
            "ObjectClass=groupPolicyContainer",
            "AttributeLDAPDisplayName=gPCMachineExtensionNames",
            "AttributeValue=[a b]",
            "OperationType=Value Added",
        ] {
            assert!(found.contains(part), "{part}: {found}");
        }
        let value = format!(
            "A registry value was modified. {subject} Object: Object Name: \
            \\REGISTRY\\MACHINE\\SOFTWARE\\x Object Value Name: SD Handle \
            ID: 0x1 Operation Type: Registry value deleted Process \
            Information: Process ID: 0x5 Process Name: C:\\a.exe Change \
            Information: Old Value Type: REG_BINARY Old Value: x New Value \
            Type: - New Value: -"
        );
        let found = event("Security", "4657", &value);
        for part in [
            "Image=C:\\a.exe",
            "EventType=DeleteValue",
            "TargetObject=HKLM\\SOFTWARE\\x\\SD",
        ] {
            assert!(found.contains(part), "{part}: {found}");
        }
    }

    /// The account stands behind a value that may hold anything.
    #[test]
    fn sysmons_account_ends_the_last_value_of_a_line() {
        let log = "Microsoft-Windows-Sysmon/Operational";
        let found = event(
            log,
            "13",
            "Registry value set: EventType: SetValue Image: C:\\a.exe \
            TargetObject: HKLM\\x Details: a User: b User: E\\ann",
        );
        assert!(found.contains("Details=a User: b"), "{found}");
        assert!(found.contains("User=E\\ann"), "{found}");
        let module = "Image loaded: Image: C:\\a.exe ImageLoaded: C:\\b.dll \
            OriginalFileName: b.dll Hashes: x Signed: true User: E\\ann";
        let found = event(log, "7", module);
        assert!(found.contains("OriginalFileName=b.dll "), "{found}");
    }
}
