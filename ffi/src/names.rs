/*!
The numbers that stand for platforms, kinds of event, fields, formats and
comparisons. A number never changes and is never used again.

Functions take them as `uint32_t`, not as these enums: a number that is none
of them is an error then, not undefined behaviour.
*/

use core::ffi::c_char;

use t1053::Format;
use t1053::event::{Event, EventKind, Field, Platform};
use t1053::rule::Operation;

use crate::guard::{guard, status};
use crate::pointer::{self, t1053_text};
use crate::status::t1053_status;

/// Where an event was recorded.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_platform {
    /// Microsoft Windows.
    T1053_PLATFORM_WINDOWS = 1,
    /// Linux.
    T1053_PLATFORM_LINUX = 2,
    /// Microsoft Azure's control plane.
    T1053_PLATFORM_AZURE = 3,
}

const PLATFORMS: &[(t1053_platform, Platform)] = &[
    (t1053_platform::T1053_PLATFORM_WINDOWS, Platform::Windows),
    (t1053_platform::T1053_PLATFORM_LINUX, Platform::Linux),
    (t1053_platform::T1053_PLATFORM_AZURE, Platform::Azure),
];

/// The shape of raw records.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_format {
    /// Each record tells its own.
    T1053_FORMAT_AUTO = 0,
    /// JSON: NXLog, Winlogbeat, ECS, evtx_dump, Wazuh, Sentinel, OCSF,
    /// Laurel, auditbeat, auoms, Azure activity; an object may stand behind
    /// a syslog prefix.
    T1053_FORMAT_JSON = 1,
    /// Windows event XML, also of Sysmon for Linux, with or without a
    /// syslog prefix.
    T1053_FORMAT_XML = 2,
    /// Classic `LogName=`/`EventCode=` text, many lines an event.
    T1053_FORMAT_WINEVENTLOG = 3,
    /// auditd lines, raw, enriched or interpreted.
    T1053_FORMAT_AUDITD = 4,
}

const FORMATS: &[(t1053_format, Format)] = &[
    (t1053_format::T1053_FORMAT_AUTO, Format::Auto),
    (t1053_format::T1053_FORMAT_JSON, Format::Json),
    (t1053_format::T1053_FORMAT_XML, Format::Xml),
    (t1053_format::T1053_FORMAT_WINEVENTLOG, Format::WinEventLog),
    (t1053_format::T1053_FORMAT_AUDITD, Format::Auditd),
];

/// How an exclusion compares a value with its pattern, ignoring ASCII case.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_operation {
    /// The value is the pattern.
    T1053_OPERATION_EQUALS = 1,
    /// The value begins with the pattern.
    T1053_OPERATION_STARTS_WITH = 2,
    /// The value ends with the pattern.
    T1053_OPERATION_ENDS_WITH = 3,
    /// The pattern occurs in the value.
    T1053_OPERATION_CONTAINS = 4,
    /// The value's last path component, split at `/` and `\`, is the pattern.
    T1053_OPERATION_NAME = 5,
    /// The pattern is a wildcard expression for the whole value: `*` is any
    /// run of bytes, `?` any one byte, `\` makes the next of these plain.
    T1053_OPERATION_LIKE = 6,
    /// The pattern occurs, and is no part of a longer word.
    T1053_OPERATION_TOKEN = 7,
}

const OPERATIONS: &[(t1053_operation, Operation)] = &[
    (t1053_operation::T1053_OPERATION_EQUALS, Operation::Equals),
    (t1053_operation::T1053_OPERATION_STARTS_WITH, Operation::StartsWith),
    (t1053_operation::T1053_OPERATION_ENDS_WITH, Operation::EndsWith),
    (t1053_operation::T1053_OPERATION_CONTAINS, Operation::Contains),
    (t1053_operation::T1053_OPERATION_NAME, Operation::Name),
    (t1053_operation::T1053_OPERATION_LIKE, Operation::Like),
    (t1053_operation::T1053_OPERATION_TOKEN, Operation::Token),
];

/// What kind of event it is. t1053_kind_has_field() tells which fields
/// events of a kind have.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_event_kind {
    /// A process started: Sysmon 1, Security 4688.
    T1053_EVENT_PROCESS_CREATION = 1,
    /// A file was created: Sysmon 11.
    T1053_EVENT_FILE_CREATION = 2,
    /// A registry key or value was created, set, renamed or deleted: Sysmon
    /// 12, 13, 14.
    T1053_EVENT_REGISTRY_EVENT = 3,
    /// A scheduled task was registered: Security 4698.
    T1053_EVENT_TASK_REGISTERED = 4,
    /// A scheduled task was deleted: Security 4699.
    T1053_EVENT_TASK_DELETED = 5,
    /// A scheduled task was enabled: Security 4700.
    T1053_EVENT_TASK_ENABLED = 6,
    /// A scheduled task was disabled: Security 4701.
    T1053_EVENT_TASK_DISABLED = 7,
    /// A scheduled task was changed: Security 4702. Its `TaskContentNew` is
    /// `task_content` here.
    T1053_EVENT_TASK_UPDATED = 8,
    /// An entry of the TaskScheduler/Operational log, told apart by its
    /// `EventID`: 106 registered, 129 process created, 140 updated, 141
    /// deleted, 142 disabled, 200 action started, 201 action completed, ...
    T1053_EVENT_TASK_SCHEDULER = 9,
    /// A PowerShell script block was compiled: 4104.
    T1053_EVENT_SCRIPT_BLOCK = 10,
    /// auditd SYSCALL: a system call that an audit rule watches.
    T1053_EVENT_AUDIT_SYSCALL = 11,
    /// auditd EXECVE: the arguments of a started program.
    T1053_EVENT_AUDIT_EXECVE = 12,
    /// auditd PATH: a path that a system call named.
    T1053_EVENT_AUDIT_PATH = 13,
    /// auditd PROCTITLE: the command line, cut at 128 bytes.
    T1053_EVENT_AUDIT_PROCTITLE = 14,
    /// auditd CWD: the working directory.
    T1053_EVENT_AUDIT_CWD = 15,
    /// An operation on a cloud resource: Azure activity.
    T1053_EVENT_CLOUD_ACTIVITY = 16,
}

const KINDS: &[(t1053_event_kind, EventKind)] = &[
    (
        t1053_event_kind::T1053_EVENT_PROCESS_CREATION,
        EventKind::ProcessCreation,
    ),
    (t1053_event_kind::T1053_EVENT_FILE_CREATION, EventKind::FileCreation),
    (t1053_event_kind::T1053_EVENT_REGISTRY_EVENT, EventKind::RegistryEvent),
    (t1053_event_kind::T1053_EVENT_TASK_REGISTERED, EventKind::TaskRegistered),
    (t1053_event_kind::T1053_EVENT_TASK_DELETED, EventKind::TaskDeleted),
    (t1053_event_kind::T1053_EVENT_TASK_ENABLED, EventKind::TaskEnabled),
    (t1053_event_kind::T1053_EVENT_TASK_DISABLED, EventKind::TaskDisabled),
    (t1053_event_kind::T1053_EVENT_TASK_UPDATED, EventKind::TaskUpdated),
    (t1053_event_kind::T1053_EVENT_TASK_SCHEDULER, EventKind::TaskScheduler),
    (t1053_event_kind::T1053_EVENT_SCRIPT_BLOCK, EventKind::ScriptBlock),
    (t1053_event_kind::T1053_EVENT_AUDIT_SYSCALL, EventKind::AuditSyscall),
    (t1053_event_kind::T1053_EVENT_AUDIT_EXECVE, EventKind::AuditExecve),
    (t1053_event_kind::T1053_EVENT_AUDIT_PATH, EventKind::AuditPath),
    (t1053_event_kind::T1053_EVENT_AUDIT_PROCTITLE, EventKind::AuditProctitle),
    (t1053_event_kind::T1053_EVENT_AUDIT_CWD, EventKind::AuditCwd),
    (t1053_event_kind::T1053_EVENT_CLOUD_ACTIVITY, EventKind::CloudActivity),
];

/// A field of an event. Its name in rules and findings comes first; names are
/// compared exactly: auditd's `uid` (a number) and `UID` (a name) are two.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_field {
    /// `EventID`: id of the event in its log: `1`, `4698`.
    T1053_FIELD_EVENT_ID = 1,
    /// `Channel`: name of the log: `Security`.
    T1053_FIELD_CHANNEL = 2,
    /// `Computer`: host that recorded the event.
    T1053_FIELD_COMPUTER = 3,
    /// `User`: account that the event is about, with its domain where given.
    T1053_FIELD_USER = 4,
    /// `UserSid`: security identifier of that account, or of the event's
    /// writer.
    T1053_FIELD_USER_SID = 5,
    /// `Image`: path of the executable.
    T1053_FIELD_IMAGE = 6,
    /// `CommandLine`: full command line.
    T1053_FIELD_COMMAND_LINE = 7,
    /// `OriginalFileName`: file name in the executable's PE header.
    T1053_FIELD_ORIGINAL_FILE_NAME = 8,
    /// `CurrentDirectory`: working directory.
    T1053_FIELD_CURRENT_DIRECTORY = 9,
    /// `ProcessId`: process id.
    T1053_FIELD_PROCESS_ID = 10,
    /// `IntegrityLevel`: integrity level.
    T1053_FIELD_INTEGRITY_LEVEL = 11,
    /// `ParentImage`: path of the parent's executable.
    T1053_FIELD_PARENT_IMAGE = 12,
    /// `ParentCommandLine`: full command line of the parent.
    T1053_FIELD_PARENT_COMMAND_LINE = 13,
    /// `ParentProcessId`: process id of the parent.
    T1053_FIELD_PARENT_PROCESS_ID = 14,
    /// `ParentUser`: account of the parent.
    T1053_FIELD_PARENT_USER = 15,
    /// `TargetFilename`: path of the file that was created.
    T1053_FIELD_TARGET_FILENAME = 16,
    /// `EventType`: what was done: `SetValue`, `DeleteValue`, `CreateKey`,
    /// `DeleteKey`.
    T1053_FIELD_EVENT_TYPE = 17,
    /// `TargetObject`: registry key and value name.
    T1053_FIELD_TARGET_OBJECT = 18,
    /// `Details`: what was written to a registry value.
    T1053_FIELD_DETAILS = 19,
    /// `TaskName`: path of the task in the scheduler's tree:
    /// `\Microsoft\Windows\x`.
    T1053_FIELD_TASK_NAME = 20,
    /// `TaskContent`: definition of the task, XML, plain or escaped once.
    T1053_FIELD_TASK_CONTENT = 21,
    /// `Command`: `Command` of an action in the definition; one value an
    /// action.
    T1053_FIELD_COMMAND = 22,
    /// `Arguments`: `Arguments` of an action in the definition; one value an
    /// action.
    T1053_FIELD_ARGUMENTS = 23,
    /// `Hidden`: `Settings/Hidden` of the definition.
    T1053_FIELD_HIDDEN = 24,
    /// `ActionName`: what a running task started.
    T1053_FIELD_ACTION_NAME = 25,
    /// `TaskInstanceId`: id of one run of a task.
    T1053_FIELD_TASK_INSTANCE_ID = 26,
    /// `ResultCode`: code that a task's action ended with.
    T1053_FIELD_RESULT_CODE = 27,
    /// `SubjectUserSid`: security identifier of the account that acted.
    T1053_FIELD_SUBJECT_USER_SID = 28,
    /// `SubjectUserName`: name of the account that acted.
    T1053_FIELD_SUBJECT_USER_NAME = 29,
    /// `SubjectDomainName`: domain of the account that acted.
    T1053_FIELD_SUBJECT_DOMAIN_NAME = 30,
    /// `SubjectLogonId`: logon session of the account that acted.
    T1053_FIELD_SUBJECT_LOGON_ID = 31,
    /// `TargetUserName`: name of the account that a new process runs as.
    T1053_FIELD_TARGET_USER_NAME = 32,
    /// `ScriptBlockText`: text of a script block, or of one part of it.
    T1053_FIELD_SCRIPT_BLOCK_TEXT = 33,
    /// `ScriptBlockId`: id that the parts of a script block share.
    T1053_FIELD_SCRIPT_BLOCK_ID = 34,
    /// `MessageNumber`: number of this part, from 1.
    T1053_FIELD_MESSAGE_NUMBER = 35,
    /// `MessageTotal`: how many parts there are.
    T1053_FIELD_MESSAGE_TOTAL = 36,
    /// `Path`: file that a script block or a process came from.
    T1053_FIELD_PATH = 37,
    /// `audit_id`: time and serial of the audit event, which its records
    /// share.
    T1053_FIELD_AUDIT_ID = 38,
    /// `arch`: architecture of the system call.
    T1053_FIELD_ARCH = 39,
    /// `syscall`: number of the system call.
    T1053_FIELD_SYSCALL = 40,
    /// `SYSCALL`: name of the system call.
    T1053_FIELD_SYSCALL_NAME = 41,
    /// `success`: `yes` or `no`.
    T1053_FIELD_SUCCESS = 42,
    /// `comm`: command name, at most 15 bytes.
    T1053_FIELD_COMM = 43,
    /// `exe`: path of the executable.
    T1053_FIELD_EXE = 44,
    /// `uid`: user id.
    T1053_FIELD_UID = 45,
    /// `UID`: user name.
    T1053_FIELD_UID_NAME = 46,
    /// `auid`: login user id.
    T1053_FIELD_AUID = 47,
    /// `AUID`: login user name.
    T1053_FIELD_AUID_NAME = 48,
    /// `key`: key of the audit rule that asked for the event.
    T1053_FIELD_KEY = 49,
    /// `argv`: arguments of an execve, separated by blanks.
    T1053_FIELD_ARGV = 50,
    /// `name`: path that the system call named.
    T1053_FIELD_NAME = 51,
    /// `nametype`: role of that path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`.
    T1053_FIELD_NAMETYPE = 52,
    /// `item`: number of this path in the event, from 0.
    T1053_FIELD_ITEM = 53,
    /// `mode`: file mode, octal.
    T1053_FIELD_MODE = 54,
    /// `ouid`: user id that owns the file.
    T1053_FIELD_OUID = 55,
    /// `proctitle`: command line, decoded; at most 128 bytes.
    T1053_FIELD_PROCTITLE = 56,
    /// `cwd`: working directory.
    T1053_FIELD_CWD = 57,
    /// `operationName`: operation on a resource.
    T1053_FIELD_OPERATION_NAME = 58,
    /// `resultType`: how the operation ended.
    T1053_FIELD_RESULT_TYPE = 59,
    /// `resourceId`: id of the resource.
    T1053_FIELD_RESOURCE_ID = 60,
    /// `callerIpAddress`: address the request came from.
    T1053_FIELD_CALLER_IP_ADDRESS = 61,
}

const FIELDS: &[(t1053_field, Field)] = &[
    (t1053_field::T1053_FIELD_EVENT_ID, Field::EventId),
    (t1053_field::T1053_FIELD_CHANNEL, Field::Channel),
    (t1053_field::T1053_FIELD_COMPUTER, Field::Computer),
    (t1053_field::T1053_FIELD_USER, Field::User),
    (t1053_field::T1053_FIELD_USER_SID, Field::UserSid),
    (t1053_field::T1053_FIELD_IMAGE, Field::Image),
    (t1053_field::T1053_FIELD_COMMAND_LINE, Field::CommandLine),
    (t1053_field::T1053_FIELD_ORIGINAL_FILE_NAME, Field::OriginalFileName),
    (t1053_field::T1053_FIELD_CURRENT_DIRECTORY, Field::CurrentDirectory),
    (t1053_field::T1053_FIELD_PROCESS_ID, Field::ProcessId),
    (t1053_field::T1053_FIELD_INTEGRITY_LEVEL, Field::IntegrityLevel),
    (t1053_field::T1053_FIELD_PARENT_IMAGE, Field::ParentImage),
    (t1053_field::T1053_FIELD_PARENT_COMMAND_LINE, Field::ParentCommandLine),
    (t1053_field::T1053_FIELD_PARENT_PROCESS_ID, Field::ParentProcessId),
    (t1053_field::T1053_FIELD_PARENT_USER, Field::ParentUser),
    (t1053_field::T1053_FIELD_TARGET_FILENAME, Field::TargetFilename),
    (t1053_field::T1053_FIELD_EVENT_TYPE, Field::EventType),
    (t1053_field::T1053_FIELD_TARGET_OBJECT, Field::TargetObject),
    (t1053_field::T1053_FIELD_DETAILS, Field::Details),
    (t1053_field::T1053_FIELD_TASK_NAME, Field::TaskName),
    (t1053_field::T1053_FIELD_TASK_CONTENT, Field::TaskContent),
    (t1053_field::T1053_FIELD_COMMAND, Field::Command),
    (t1053_field::T1053_FIELD_ARGUMENTS, Field::Arguments),
    (t1053_field::T1053_FIELD_HIDDEN, Field::Hidden),
    (t1053_field::T1053_FIELD_ACTION_NAME, Field::ActionName),
    (t1053_field::T1053_FIELD_TASK_INSTANCE_ID, Field::TaskInstanceId),
    (t1053_field::T1053_FIELD_RESULT_CODE, Field::ResultCode),
    (t1053_field::T1053_FIELD_SUBJECT_USER_SID, Field::SubjectUserSid),
    (t1053_field::T1053_FIELD_SUBJECT_USER_NAME, Field::SubjectUserName),
    (t1053_field::T1053_FIELD_SUBJECT_DOMAIN_NAME, Field::SubjectDomainName),
    (t1053_field::T1053_FIELD_SUBJECT_LOGON_ID, Field::SubjectLogonId),
    (t1053_field::T1053_FIELD_TARGET_USER_NAME, Field::TargetUserName),
    (t1053_field::T1053_FIELD_SCRIPT_BLOCK_TEXT, Field::ScriptBlockText),
    (t1053_field::T1053_FIELD_SCRIPT_BLOCK_ID, Field::ScriptBlockId),
    (t1053_field::T1053_FIELD_MESSAGE_NUMBER, Field::MessageNumber),
    (t1053_field::T1053_FIELD_MESSAGE_TOTAL, Field::MessageTotal),
    (t1053_field::T1053_FIELD_PATH, Field::Path),
    (t1053_field::T1053_FIELD_AUDIT_ID, Field::AuditId),
    (t1053_field::T1053_FIELD_ARCH, Field::Arch),
    (t1053_field::T1053_FIELD_SYSCALL, Field::Syscall),
    (t1053_field::T1053_FIELD_SYSCALL_NAME, Field::SyscallName),
    (t1053_field::T1053_FIELD_SUCCESS, Field::Success),
    (t1053_field::T1053_FIELD_COMM, Field::Comm),
    (t1053_field::T1053_FIELD_EXE, Field::Exe),
    (t1053_field::T1053_FIELD_UID, Field::Uid),
    (t1053_field::T1053_FIELD_UID_NAME, Field::UidName),
    (t1053_field::T1053_FIELD_AUID, Field::Auid),
    (t1053_field::T1053_FIELD_AUID_NAME, Field::AuidName),
    (t1053_field::T1053_FIELD_KEY, Field::Key),
    (t1053_field::T1053_FIELD_ARGV, Field::Argv),
    (t1053_field::T1053_FIELD_NAME, Field::Name),
    (t1053_field::T1053_FIELD_NAMETYPE, Field::Nametype),
    (t1053_field::T1053_FIELD_ITEM, Field::Item),
    (t1053_field::T1053_FIELD_MODE, Field::Mode),
    (t1053_field::T1053_FIELD_OUID, Field::Ouid),
    (t1053_field::T1053_FIELD_PROCTITLE, Field::Proctitle),
    (t1053_field::T1053_FIELD_CWD, Field::Cwd),
    (t1053_field::T1053_FIELD_OPERATION_NAME, Field::OperationName),
    (t1053_field::T1053_FIELD_RESULT_TYPE, Field::ResultType),
    (t1053_field::T1053_FIELD_RESOURCE_ID, Field::ResourceId),
    (t1053_field::T1053_FIELD_CALLER_IP_ADDRESS, Field::CallerIpAddress),
];

/// Fields by their numbers, since events name several each.
const FIELD_OF: [Option<Field>; 256] = {
    let mut table = [None; 256];
    let mut rest = FIELDS;
    while let [(number, field), after @ ..] = rest {
        let (_, slot) = table.split_at_mut(*number as usize);
        if let [slot, ..] = slot {
            *slot = Some(*field);
        }
        rest = after;
    }
    table
};

pub(crate) fn platform(number: u32) -> Result<Platform, t1053_status> {
    let mut all = PLATFORMS.iter();
    let found = all.find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_PLATFORM)
}

pub(crate) fn format(number: u32) -> Result<Format, t1053_status> {
    let found = FORMATS.iter().find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_FORMAT)
}

pub(crate) fn operation(number: u32) -> Result<Operation, t1053_status> {
    let mut all = OPERATIONS.iter();
    let found = all.find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_OPERATION)
}

pub(crate) fn kind(number: u32) -> Result<EventKind, t1053_status> {
    let found = KINDS.iter().find(|it| it.0 as u32 == number);
    found.map(|it| it.1).ok_or(t1053_status::T1053_UNKNOWN_EVENT_KIND)
}

pub(crate) fn field(number: u32) -> Result<Field, t1053_status> {
    let found = FIELD_OF.get(number as usize).copied().flatten();
    found.ok_or(t1053_status::T1053_UNKNOWN_FIELD)
}

/// The number of a kind; 0 when it has none yet.
pub(crate) fn kind_number(kind: EventKind) -> u32 {
    let found = KINDS.iter().find(|it| it.1 == kind);
    found.map_or(0, |it| it.0 as u32)
}

/// The number of a field; 0 when it has none yet.
pub(crate) fn field_number(field: Field) -> u32 {
    let found = FIELDS.iter().find(|it| it.1 == field);
    found.map_or(0, |it| it.0 as u32)
}

/// Finds the number of a field from its name in rules, such as `Image`:
/// for callers whose names come from a configuration.
///
/// Writes `*field` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_field_from_name(
    name: *const c_char,
    name_len: usize,
    field: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let field = unsafe { pointer::place(field) }?;
        let mut all = FIELDS.iter();
        let found = all.find(|it| it.1.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        field.write(found.0 as u32);
        Ok(())
    })
}

/// The name of a field in rules and findings; `data` is NULL when there is no
/// such field.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_field_name(field: u32) -> t1053_text {
    guard(t1053_text::NONE, || {
        let name = self::field(field).map(Field::name);
        name.map_or(t1053_text::NONE, t1053_text::of)
    })
}

/// Finds the number of a kind of event from its name in findings and
/// samples, such as `process_creation`.
///
/// Writes `*kind` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_kind_from_name(
    name: *const c_char,
    name_len: usize,
    kind: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let kind = unsafe { pointer::place(kind) }?;
        let mut all = KINDS.iter();
        let found = all.find(|it| it.1.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        kind.write(found.0 as u32);
        Ok(())
    })
}

/// The name of a kind of event; `data` is NULL when there is no such kind.
///
/// The text lives as long as the library. Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_kind_name(kind: u32) -> t1053_text {
    guard(t1053_text::NONE, || {
        let name = self::kind(kind).map(EventKind::name);
        name.map_or(t1053_text::NONE, t1053_text::of)
    })
}

/// Whether events of a kind have a field: T1053_OK, else
/// T1053_FIELD_NOT_OF_KIND, or what is unknown of the two.
///
/// Any thread. Does not allocate.
#[unsafe(no_mangle)]
pub extern "C" fn t1053_kind_has_field(kind: u32, field: u32) -> t1053_status {
    status(|| {
        let (kind, field) = (self::kind(kind)?, self::field(field)?);
        // Whether it can be set: parts of a task definition cannot.
        let mut event = Event::new(Platform::Windows, kind);
        let set = event.set(field, b"");
        set.map_err(|_| t1053_status::T1053_FIELD_NOT_OF_KIND)
    })
}

/// Finds the number of a format from its name: `auto`, `json`, `xml`,
/// `wineventlog`, `auditd`.
///
/// Writes `*format` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
/// not allocate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn t1053_format_from_name(
    name: *const c_char,
    name_len: usize,
    format: *mut u32,
) -> t1053_status {
    status(|| {
        // SAFETY: the caller gives `name_len` bytes.
        let name = unsafe { pointer::bytes(name, name_len) }?;
        // SAFETY: the caller gives a place for the result.
        let format = unsafe { pointer::place(format) }?;
        let mut all = FORMATS.iter();
        let found = all.find(|it| it.1.name().as_bytes() == name);
        let found = found.ok_or(t1053_status::T1053_UNKNOWN_NAME)?;
        format.write(found.0 as u32);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `CommandLine` to `COMMAND_LINE`.
    fn shouted(name: &str) -> String {
        let mut text = String::new();
        for letter in name.chars() {
            if letter.is_uppercase() && !text.is_empty() {
                text.push('_');
            }
            text.push(letter.to_ascii_uppercase());
        }
        text
    }

    /// Each of core's names has one number, under the same name.
    fn complete<N: core::fmt::Debug, T: core::fmt::Debug + PartialEq>(
        prefix: &str,
        table: &[(N, T)],
        all: &[T],
    ) {
        for item in all {
            let mut found = table.iter().filter(|it| it.1 == *item);
            let number = &found.next().unwrap().0;
            let expected =
                format!("{prefix}{}", shouted(&format!("{item:?}")));
            assert_eq!(format!("{number:?}"), expected);
            assert!(found.next().is_none());
        }
        assert_eq!(table.len(), all.len());
    }

    #[test]
    fn tables_are_complete() {
        complete("T1053_FIELD_", FIELDS, Field::ALL);
        complete("T1053_EVENT_", KINDS, EventKind::ALL);
        complete("T1053_PLATFORM_", PLATFORMS, Platform::ALL);
        let formats = FORMATS.iter().map(|it| it.1);
        assert_eq!(formats.collect::<Vec<_>>(), Format::ALL);
    }

    #[test]
    fn numbers_and_back() {
        for (number, of) in FIELDS {
            assert_eq!(field(*number as u32), Ok(*of));
            assert_eq!(field_number(*of), *number as u32);
        }
        for number in [0, 255, 256, u32::MAX] {
            assert_eq!(field(number), Err(t1053_status::T1053_UNKNOWN_FIELD));
        }
    }
}
