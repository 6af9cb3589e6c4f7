/*!
The order of an event's values where a collector kept them without names:
`StringInserts`, `ReplacementStrings`.

The order is that of the event's template, which later versions of Windows and
Sysmon have made longer; the number of values tells the version. A value that
can only be of one form is looked at, as some collectors drop values that are
lists and so shift all that come after them.
*/

use super::decode::elements;
use super::keys::Key;
use super::raw::{Encoding, Rank, Raw};
use super::windows::WindowsRecord;

/// Values in their order; `None` for those that no event has here.
type Order = &'static [Option<Key>];

/// Gives the values of a list their names, if it is as long as one of the
/// event's templates and its values are where they belong. A value that has
/// its name counts more.
pub(crate) fn name(record: &mut WindowsRecord<'_>) {
    let data = record.get(Key::DataText);
    let data = data.filter(|data| data.encoding == Encoding::List);
    if let Some(list) = record.get(Key::Inserts).or(data) {
        name_all(record, elements(list.bytes));
    }
}

/// The most values that an event's template has.
pub(crate) const MOST_VALUES: usize = 23;

/// The same of values that stand one after the other.
pub(crate) fn name_all<'a>(
    record: &mut WindowsRecord<'a>,
    list: impl Iterator<Item = Raw<'a>> + Clone,
) {
    let scratch = &mut [0; 64];
    let id = record.get(Key::EventId);
    let id = id.as_ref().map_or(&b""[..], |raw| raw.short(scratch));
    let Some(order) = order(id, list.clone().count()) else { return };
    let values = || order.iter().zip(list.clone());
    let is_in_place = values().all(|(key, value)| match key {
        Some(Key::NewProcessName) => value.bytes.contains(&b'\\'),
        Some(Key::TaskName) => value.bytes.starts_with(b"\\"),
        Some(
            Key::ProcessId
            | Key::NewProcessId
            | Key::MessageNumber
            | Key::MessageTotal,
        ) => is_number(value.bytes),
        // What PowerShell writes where it stops to look into objects.
        _ => !value.bytes.starts_with(b"System.Diagnostics."),
    });
    if !is_in_place {
        return;
    }
    for (key, value) in values() {
        if let Some(key) = key {
            // In the record itself, the process that wrote the event may
            // have the same name.
            let rank =
                if *key == Key::ProcessId { Rank::Own } else { Rank::Hint };
            record.offer(*key, value, rank);
        }
    }
}

/// Whether a value is a number, decimal or hexadecimal.
fn is_number(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"0x").unwrap_or(value);
    !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
}

/// The keys of so many values of an event.
fn order(id: &[u8], count: usize) -> Option<Order> {
    Some(match (id, count) {
        (b"4688", 8 | 9 | 13 | 15) => NEW_PROCESS,
        (b"4698" | b"4699" | b"4700" | b"4701" | b"4702", 6 | 11) => TASK,
        (b"4657", 14) => AUDITED_VALUE,
        (b"5136", 15) => DIRECTORY_CHANGE,
        (b"5145", 13) => SHARE_ACCESS,
        (b"4104", 4 | 5) => SCRIPT_BLOCK,
        (b"106", 2) => TASK_AND_CONTEXT,
        (b"140" | b"141" | b"142", 2) => TASK_AND_USER,
        (b"129", 4) => TASK_AND_PATH,
        (b"200", 4) => ACTION_STARTED,
        (b"201", 5) => ACTION_ENDED,
        (b"1", 22 | 23) => PROCESS,
        (b"1", 21) => PROCESS_WITHOUT_ORIGINAL,
        (b"1", 16) => PROCESS_OF_OLD,
        (b"7", 15 | 16) => MODULE,
        (b"7", 14) => MODULE_WITHOUT_ORIGINAL,
        (b"11", 7 | 8) => FILE,
        (b"12", 7 | 8) => KEY,
        (b"13", 8 | 9) => KEY_AND_VALUE,
        // Without the name of a rule.
        (b"11", 6) => FILE.get(1..)?,
        (b"12", 6) => KEY.get(1..)?,
        (b"13", 7) => KEY_AND_VALUE.get(1..)?,
        _ => return None,
    })
}

const NEW_PROCESS: Order = &[
    Some(Key::SubjectUserSid),
    Some(Key::SubjectUserName),
    Some(Key::SubjectDomainName),
    Some(Key::SubjectLogonId),
    Some(Key::NewProcessId),
    Some(Key::NewProcessName),
    None,
    Some(Key::ProcessId),
    Some(Key::CommandLine),
    None,
    Some(Key::TargetUserName),
    None,
    None,
    Some(Key::ParentProcessName),
    Some(Key::MandatoryLabel),
];

const TASK: Order = &[
    Some(Key::SubjectUserSid),
    Some(Key::SubjectUserName),
    Some(Key::SubjectDomainName),
    Some(Key::SubjectLogonId),
    Some(Key::TaskName),
    Some(Key::TaskContent),
];

const AUDITED_VALUE: Order = &[
    Some(Key::SubjectUserSid),
    Some(Key::SubjectUserName),
    Some(Key::SubjectDomainName),
    Some(Key::SubjectLogonId),
    Some(Key::AuditedObject),
    Some(Key::AuditedValue),
    None,
    Some(Key::OperationType),
    None,
    None,
    Some(Key::NewValueType),
    Some(Key::NewValue),
    Some(Key::ProcessId),
    Some(Key::AuditedProcess),
];

const SHARE_ACCESS: Order = &[
    Some(Key::SubjectUserSid),
    Some(Key::SubjectUserName),
    Some(Key::SubjectDomainName),
    Some(Key::SubjectLogonId),
    None,
    Some(Key::IpAddress),
    None,
    Some(Key::ShareName),
    None,
    Some(Key::RelativeTargetName),
    Some(Key::AccessMask),
];

const DIRECTORY_CHANGE: Order = &[
    None,
    None,
    Some(Key::SubjectUserSid),
    Some(Key::SubjectUserName),
    Some(Key::SubjectDomainName),
    Some(Key::SubjectLogonId),
    None,
    None,
    Some(Key::ObjectDn),
    None,
    Some(Key::ObjectClass),
    Some(Key::AttributeLdapDisplayName),
    None,
    Some(Key::AttributeValue),
    Some(Key::OperationType),
];

const SCRIPT_BLOCK: Order = &[
    Some(Key::MessageNumber),
    Some(Key::MessageTotal),
    Some(Key::ScriptBlockText),
    Some(Key::ScriptBlockId),
    Some(Key::Path),
];

const TASK_AND_CONTEXT: Order = &[Some(Key::TaskName), Some(Key::UserContext)];

const TASK_AND_USER: Order = &[Some(Key::TaskName), Some(Key::UserName)];

const TASK_AND_PATH: Order = &[Some(Key::TaskName), Some(Key::Path)];

const ACTION_STARTED: Order =
    &[Some(Key::TaskName), Some(Key::ActionName), Some(Key::TaskInstanceId)];

const ACTION_ENDED: Order = &[
    Some(Key::TaskName),
    Some(Key::TaskInstanceId),
    Some(Key::ActionName),
    Some(Key::ResultCode),
];

const PROCESS: Order = &[
    None,
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    None,
    None,
    None,
    None,
    Some(Key::OriginalFileName),
    Some(Key::CommandLine),
    Some(Key::CurrentDirectory),
    Some(Key::User),
    None,
    None,
    None,
    Some(Key::IntegrityLevel),
    None,
    None,
    Some(Key::ParentProcessId),
    Some(Key::ParentImage),
    Some(Key::ParentCommandLine),
    Some(Key::ParentUser),
];

const PROCESS_WITHOUT_ORIGINAL: Order = &[
    None,
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    None,
    None,
    None,
    None,
    Some(Key::CommandLine),
    Some(Key::CurrentDirectory),
    Some(Key::User),
    None,
    None,
    None,
    Some(Key::IntegrityLevel),
    None,
    None,
    Some(Key::ParentProcessId),
    Some(Key::ParentImage),
    Some(Key::ParentCommandLine),
];

const PROCESS_OF_OLD: Order = &[
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::CommandLine),
    Some(Key::CurrentDirectory),
    Some(Key::User),
    None,
    None,
    None,
    Some(Key::IntegrityLevel),
    None,
    None,
    Some(Key::ParentProcessId),
    Some(Key::ParentImage),
    Some(Key::ParentCommandLine),
];

const MODULE: Order = &[
    None,
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::ImageLoaded),
    None,
    None,
    None,
    None,
    Some(Key::OriginalFileName),
    None,
    None,
    None,
    None,
    Some(Key::User),
];

const MODULE_WITHOUT_ORIGINAL: Order = &[
    None,
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::ImageLoaded),
];

const FILE: Order = &[
    None,
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::TargetFilename),
    None,
    Some(Key::User),
];

const KEY: Order = &[
    None,
    Some(Key::EventType),
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::TargetObject),
    Some(Key::User),
];

const KEY_AND_VALUE: Order = &[
    None,
    Some(Key::EventType),
    Some(Key::UtcTime),
    None,
    Some(Key::ProcessId),
    Some(Key::Image),
    Some(Key::TargetObject),
    Some(Key::Details),
    Some(Key::User),
];
