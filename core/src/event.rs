/*!
What happened on an endpoint: typed events that borrow the caller's bytes.

An [`Event`] is what a record reader makes of a raw record, and what a caller
who already has fields in hand builds directly. Its [`EventData`] says what
kind of event it is; each kind is a plain struct whose fields carry the names
that Sigma and Sysmon use, in snake case.

A value is `Option<&[u8]>`: `None` when the record has no such field. An
absent field matches nothing, and a negated condition on it holds. Values are
bytes, usually UTF-8: a command line from the wire may be anything.

# Example

An event in three lines:

```
use t1053::event::{Event, ProcessCreation};

let event = Event::windows(ProcessCreation {
    image: Some(br"C:\Windows\System32\schtasks.exe"),
    command_line: Some(b"schtasks /create /tn x /tr calc.exe"),
    ..Default::default()
});
assert_eq!(event.kind().name(), "process_creation");
```

or field by field, when the names come from a configuration:

```
use t1053::event::{Event, EventKind, Field, Platform};

let mut event = Event::new(Platform::Windows, EventKind::ProcessCreation);
event.set("Image".parse::<Field>()?, br"C:\Windows\System32\at.exe")?;
assert!(event.set(Field::ScriptBlockText, b"not of this kind").is_err());
# Ok::<(), Box<dyn std::error::Error>>(())
```
*/

use core::fmt;

use crate::Timestamp;

/// A field's value: absent, or bytes that may be empty.
pub type Value<'a> = Option<&'a [u8]>;

/// Where an event was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Platform {
    /// Microsoft Windows.
    Windows,
    /// Linux.
    Linux,
    /// Microsoft Azure's control plane.
    Azure,
}

impl Platform {
    /// Every platform, in declaration order.
    pub const ALL: [Platform; 3] =
        [Platform::Windows, Platform::Linux, Platform::Azure];

    /// The name in selectors and output.
    pub const fn name(self) -> &'static str {
        match self {
            Platform::Windows => "windows",
            Platform::Linux => "linux",
            Platform::Azure => "azure",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Declares [`Field`]: one line a field, with its name in rules and output.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $name:literal,)*) => {
        /// A field of an event, under the name that Sigma rules use.
        ///
        /// Names are compared exactly: auditd's `uid` (a number) and `UID`
        /// (a name) are two fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize)
        )]
        #[non_exhaustive]
        pub enum Field {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "serde", serde(rename = $name))]
                $field,
            )*
        }

        impl Field {
            /// Every field, in declaration order.
            pub const ALL: &'static [Field] = &[$(Field::$field,)*];

            /// The field's name in rules and output.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Field::$field => $name,)*
                }
            }
        }
    };
}

fields! {
    // Of every event.
    /// Id of the event in its log: `1`, `4698`.
    EventId = "EventID",
    /// Name of the log: `Security`.
    Channel = "Channel",
    /// Host that recorded the event.
    Computer = "Computer",
    /// Account that the event is about, with its domain where given.
    User = "User",
    /// Security identifier of that account, or of the event's writer.
    UserSid = "UserSid",

    // Processes and files.
    /// Path of the executable.
    Image = "Image",
    /// Full command line.
    CommandLine = "CommandLine",
    /// File name in the executable's PE header.
    OriginalFileName = "OriginalFileName",
    /// Working directory.
    CurrentDirectory = "CurrentDirectory",
    /// Process id.
    ProcessId = "ProcessId",
    /// Integrity level.
    IntegrityLevel = "IntegrityLevel",
    /// Path of the parent's executable.
    ParentImage = "ParentImage",
    /// Full command line of the parent.
    ParentCommandLine = "ParentCommandLine",
    /// Process id of the parent.
    ParentProcessId = "ParentProcessId",
    /// Account of the parent.
    ParentUser = "ParentUser",
    /// Path of the file that was created.
    TargetFilename = "TargetFilename",

    // Registry.
    /// What was done: `SetValue`, `DeleteValue`, `CreateKey`, `DeleteKey`.
    EventType = "EventType",
    /// Registry key and value name.
    TargetObject = "TargetObject",
    /// What was written to a registry value.
    Details = "Details",

    // Scheduled tasks.
    /// Path of the task in the scheduler's tree: `\Microsoft\Windows\x`.
    TaskName = "TaskName",
    /// Definition of the task, XML, plain or escaped once.
    TaskContent = "TaskContent",
    /// `Command` of an action in the definition; one value an action.
    Command = "Command",
    /// `Arguments` of an action in the definition; one value an action.
    Arguments = "Arguments",
    /// `Settings/Hidden` of the definition.
    Hidden = "Hidden",
    /// What a running task started.
    ActionName = "ActionName",
    /// Id of one run of a task.
    TaskInstanceId = "TaskInstanceId",
    /// Code that a task's action ended with.
    ResultCode = "ResultCode",
    /// Security identifier of the account that acted.
    SubjectUserSid = "SubjectUserSid",
    /// Name of the account that acted.
    SubjectUserName = "SubjectUserName",
    /// Domain of the account that acted.
    SubjectDomainName = "SubjectDomainName",
    /// Logon session of the account that acted.
    SubjectLogonId = "SubjectLogonId",
    /// Name of the account that a new process runs as.
    TargetUserName = "TargetUserName",

    // PowerShell.
    /// Text of a script block, or of one part of it.
    ScriptBlockText = "ScriptBlockText",
    /// Id that the parts of a script block share.
    ScriptBlockId = "ScriptBlockId",
    /// Number of this part, from 1.
    MessageNumber = "MessageNumber",
    /// How many parts there are.
    MessageTotal = "MessageTotal",
    /// File that a script block or a process came from.
    Path = "Path",

    // auditd; lower case as the kernel writes it, upper case as enriched.
    /// Time and serial of the audit event, which its records share.
    AuditId = "audit_id",
    /// Architecture of the system call.
    Arch = "arch",
    /// Number of the system call.
    Syscall = "syscall",
    /// Name of the system call.
    SyscallName = "SYSCALL",
    /// `yes` or `no`.
    Success = "success",
    /// Command name, at most 15 bytes.
    Comm = "comm",
    /// Path of the executable.
    Exe = "exe",
    /// User id.
    Uid = "uid",
    /// User name.
    UidName = "UID",
    /// Login user id.
    Auid = "auid",
    /// Login user name.
    AuidName = "AUID",
    /// Key of the audit rule that asked for the event.
    Key = "key",
    /// Arguments of an execve, separated by blanks.
    Argv = "argv",
    /// Path that the system call named.
    Name = "name",
    /// Role of that path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`.
    Nametype = "nametype",
    /// Number of this path in the event, from 0.
    Item = "item",
    /// File mode, octal.
    Mode = "mode",
    /// User id that owns the file.
    Ouid = "ouid",
    /// Command line, decoded; at most 128 bytes.
    Proctitle = "proctitle",
    /// Working directory.
    Cwd = "cwd",

    // Azure activity.
    /// Operation on a resource.
    OperationName = "operationName",
    /// How the operation ended.
    ResultType = "resultType",
    /// Id of the resource.
    ResourceId = "resourceId",
    /// Address the request came from.
    CallerIpAddress = "callerIpAddress",
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl core::str::FromStr for Field {
    type Err = UnknownField;

    fn from_str(name: &str) -> Result<Field, UnknownField> {
        let found = Field::ALL.iter().find(|field| field.name() == name);
        found.copied().ok_or_else(|| UnknownField { name: name.into() })
    }
}

/// Declares [`EventKind`], [`EventData`] and a struct for each kind.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $kind:ident = $name:literal {
            $($(#[$member_doc:meta])* $member:ident: $field:ident,)*
        }
    )*) => {
        /// What kind of event it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(rename_all = "snake_case")
        )]
        #[non_exhaustive]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// Every kind, in declaration order.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$kind,)*];

            /// The name in output and samples.
            pub const fn name(self) -> &'static str {
                match self {
                    $(EventKind::$kind => $name,)*
                }
            }

            /// The fields that only events of this kind carry. Those that
            /// every event has (`EventID`, `Channel`, `Computer`, `User`,
            /// `UserSid`) and those taken from a task definition are not
            /// listed.
            pub const fn fields(self) -> &'static [Field] {
                match self {
                    $(EventKind::$kind => &[$(Field::$field,)*],)*
                }
            }
        }

        /// The data of an event, by kind.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(
            feature = "serde",
            derive(serde::Serialize, serde::Deserialize),
            serde(rename_all = "snake_case")
        )]
        #[non_exhaustive]
        pub enum EventData<'a> {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "serde", serde(borrow))]
                $kind($kind<'a>),
            )*
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            #[cfg_attr(
                feature = "serde",
                derive(serde::Serialize, serde::Deserialize),
                serde(default)
            )]
            pub struct $kind<'a> {
                $(
                    $(#[$member_doc])*
                    #[doc = concat!("\n\n`", stringify!($field), "` in [`Field`].")]
                    #[cfg_attr(
                        feature = "serde",
                        serde(borrow, with = "crate::event::value", skip_serializing_if = "Option::is_none")
                    )]
                    pub $member: Value<'a>,
                )*
            }

            impl<'a> From<$kind<'a>> for EventData<'a> {
                fn from(data: $kind<'a>) -> EventData<'a> {
                    EventData::$kind(data)
                }
            }
        )*

        impl<'a> EventData<'a> {
            /// Data of the given kind with every field absent.
            pub fn new(kind: EventKind) -> EventData<'a> {
                match kind {
                    $(EventKind::$kind => $kind::default().into(),)*
                }
            }

            /// The kind of event that this is the data of.
            pub const fn kind(&self) -> EventKind {
                match self {
                    $(EventData::$kind(_) => EventKind::$kind,)*
                }
            }

            fn get(&self, field: Field) -> Value<'a> {
                match self {
                    $(EventData::$kind(data) => match field {
                        $(Field::$field => data.$member,)*
                        _ => None,
                    },)*
                }
            }

            fn get_mut(&mut self, field: Field) -> Option<&mut Value<'a>> {
                match self {
                    $(EventData::$kind(data) => match field {
                        $(Field::$field => Some(&mut data.$member),)*
                        _ => None,
                    },)*
                }
            }
        }
    };
}

events! {
    /// A process started: Sysmon 1, Security 4688.
    ProcessCreation = "process_creation" {
        /// Path of the executable.
        image: Image,
        /// Full command line.
        command_line: CommandLine,
        /// File name in the PE header; `None` where the log writes `-`.
        original_file_name: OriginalFileName,
        /// Working directory.
        current_directory: CurrentDirectory,
        /// Process id.
        process_id: ProcessId,
        /// Integrity level.
        integrity_level: IntegrityLevel,
        /// Path of the parent's executable.
        parent_image: ParentImage,
        /// Full command line of the parent.
        parent_command_line: ParentCommandLine,
        /// Process id of the parent.
        parent_process_id: ParentProcessId,
        /// Account of the parent.
        parent_user: ParentUser,
        /// Security identifier of the account that acted (4688).
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted (4688).
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted (4688).
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted (4688).
        subject_logon_id: SubjectLogonId,
        /// Account that the process runs as (4688).
        target_user_name: TargetUserName,
    }
    /// A file was created: Sysmon 11.
    FileCreation = "file_creation" {
        /// Path of the file.
        target_filename: TargetFilename,
        /// Path of the executable that created it.
        image: Image,
        /// Process id of the creator.
        process_id: ProcessId,
    }
    /// A registry key or value was created, set, renamed or deleted: Sysmon
    /// 12, 13, 14.
    RegistryEvent = "registry_event" {
        /// What was done: `SetValue`, `DeleteValue`, `CreateKey`, ...
        event_type: EventType,
        /// Key and value name.
        target_object: TargetObject,
        /// What was written.
        details: Details,
        /// Path of the executable that did it.
        image: Image,
        /// Process id of that executable.
        process_id: ProcessId,
    }
    /// A scheduled task was registered: Security 4698.
    TaskRegistered = "task_registered" {
        /// Path of the task.
        task_name: TaskName,
        /// Its definition, XML, plain or escaped once.
        task_content: TaskContent,
        /// Security identifier of the account that acted.
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted.
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted.
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted.
        subject_logon_id: SubjectLogonId,
    }
    /// A scheduled task was deleted: Security 4699.
    TaskDeleted = "task_deleted" {
        /// Path of the task.
        task_name: TaskName,
        /// Its definition, XML, plain or escaped once.
        task_content: TaskContent,
        /// Security identifier of the account that acted.
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted.
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted.
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted.
        subject_logon_id: SubjectLogonId,
    }
    /// A scheduled task was enabled: Security 4700.
    TaskEnabled = "task_enabled" {
        /// Path of the task.
        task_name: TaskName,
        /// Its definition, XML, plain or escaped once.
        task_content: TaskContent,
        /// Security identifier of the account that acted.
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted.
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted.
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted.
        subject_logon_id: SubjectLogonId,
    }
    /// A scheduled task was disabled: Security 4701.
    TaskDisabled = "task_disabled" {
        /// Path of the task.
        task_name: TaskName,
        /// Its definition, XML, plain or escaped once.
        task_content: TaskContent,
        /// Security identifier of the account that acted.
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted.
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted.
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted.
        subject_logon_id: SubjectLogonId,
    }
    /// A scheduled task was changed: Security 4702. Its `TaskContentNew` is
    /// `task_content` here.
    TaskUpdated = "task_updated" {
        /// Path of the task.
        task_name: TaskName,
        /// Its new definition, XML, plain or escaped once.
        task_content: TaskContent,
        /// Security identifier of the account that acted.
        subject_user_sid: SubjectUserSid,
        /// Name of the account that acted.
        subject_user_name: SubjectUserName,
        /// Domain of the account that acted.
        subject_domain_name: SubjectDomainName,
        /// Logon session of the account that acted.
        subject_logon_id: SubjectLogonId,
    }
    /// An entry of the TaskScheduler/Operational log, told apart by its
    /// `EventID`: 106 registered, 129 process created, 140 updated, 141
    /// deleted, 142 disabled, 200 action started, 201 action completed, ...
    TaskScheduler = "task_scheduler" {
        /// Path of the task.
        task_name: TaskName,
        /// What the task started (200, 201).
        action_name: ActionName,
        /// Executable that the task started (129).
        path: Path,
        /// Id of this run of the task.
        task_instance_id: TaskInstanceId,
        /// Code that the action ended with (201).
        result_code: ResultCode,
    }
    /// A PowerShell script block was compiled: 4104.
    ScriptBlock = "script_block" {
        /// Text of the block, or of one part of it.
        script_block_text: ScriptBlockText,
        /// Id that the parts share.
        script_block_id: ScriptBlockId,
        /// Number of this part, from 1.
        message_number: MessageNumber,
        /// How many parts there are.
        message_total: MessageTotal,
        /// File that the block came from.
        path: Path,
    }
    /// auditd SYSCALL: a system call that an audit rule watches.
    AuditSyscall = "audit_syscall" {
        /// Time and serial that the records of one event share.
        audit_id: AuditId,
        /// Architecture.
        arch: Arch,
        /// Number of the call.
        syscall: Syscall,
        /// Name of the call, as enriched or resolved from number and
        /// architecture.
        syscall_name: SyscallName,
        /// `yes` or `no`.
        success: Success,
        /// Command name.
        comm: Comm,
        /// Path of the executable.
        exe: Exe,
        /// User id.
        uid: Uid,
        /// User name; only enriched records have it.
        uid_name: UidName,
        /// Login user id.
        auid: Auid,
        /// Login user name; only enriched records have it.
        auid_name: AuidName,
        /// Process id.
        process_id: ProcessId,
        /// Process id of the parent.
        parent_process_id: ParentProcessId,
        /// Key of the audit rule.
        key: Key,
    }
    /// auditd EXECVE: the arguments of a started program.
    AuditExecve = "audit_execve" {
        /// Time and serial that the records of one event share.
        audit_id: AuditId,
        /// The arguments, separated by blanks.
        argv: Argv,
    }
    /// auditd PATH: a path that a system call named.
    AuditPath = "audit_path" {
        /// Time and serial that the records of one event share.
        audit_id: AuditId,
        /// The path.
        name: Name,
        /// Role of the path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`.
        nametype: Nametype,
        /// Number of the path in the event, from 0.
        item: Item,
        /// File mode, octal.
        mode: Mode,
        /// User id that owns the file.
        ouid: Ouid,
    }
    /// auditd PROCTITLE: the command line, cut at 128 bytes.
    AuditProctitle = "audit_proctitle" {
        /// Time and serial that the records of one event share.
        audit_id: AuditId,
        /// The title, decoded, with blanks for the NULs between arguments.
        proctitle: Proctitle,
    }
    /// auditd CWD: the working directory.
    AuditCwd = "audit_cwd" {
        /// Time and serial that the records of one event share.
        audit_id: AuditId,
        /// The directory.
        cwd: Cwd,
    }
    /// An operation on a cloud resource: Azure activity.
    CloudActivity = "cloud_activity" {
        /// Operation, in any case.
        operation_name: OperationName,
        /// How it ended: `Success`, `Succeeded`, `Start`, ...
        result_type: ResultType,
        /// Id of the resource.
        resource_id: ResourceId,
        /// Address the request came from.
        caller_ip_address: CallerIpAddress,
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One event: what happened, where, when, and to whom.
///
/// Borrows every value. Cheap to copy; holds no heap memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Event<'a> {
    /// Where it was recorded. A rule for one platform never matches events
    /// of another.
    pub platform: Platform,
    /// When it happened, where the record says so.
    #[cfg_attr(feature = "serde", serde(default))]
    pub time: Option<Timestamp>,
    /// Id of the event in its log: `1`, `4698`.
    #[cfg_attr(feature = "serde", serde(borrow, default, with = "value"))]
    pub event_id: Value<'a>,
    /// Name of the log.
    #[cfg_attr(feature = "serde", serde(borrow, default, with = "value"))]
    pub channel: Value<'a>,
    /// Host that recorded it.
    #[cfg_attr(feature = "serde", serde(borrow, default, with = "value"))]
    pub host: Value<'a>,
    /// Account that it is about, with its domain where given.
    #[cfg_attr(feature = "serde", serde(borrow, default, with = "value"))]
    pub user: Value<'a>,
    /// Security identifier of that account; where the record names no user,
    /// that of the event's writer.
    #[cfg_attr(feature = "serde", serde(borrow, default, with = "value"))]
    pub user_sid: Value<'a>,
    /// What happened.
    #[cfg_attr(feature = "serde", serde(borrow))]
    pub data: EventData<'a>,
}

impl<'a> Event<'a> {
    /// An event of the given kind with every field absent, to be filled with
    /// [`set`](Event::set).
    pub fn new(platform: Platform, kind: EventKind) -> Event<'a> {
        Event::of(platform, EventData::new(kind))
    }

    /// An event recorded on Windows.
    pub fn windows(data: impl Into<EventData<'a>>) -> Event<'a> {
        Event::of(Platform::Windows, data.into())
    }

    /// An event recorded on Linux.
    pub fn linux(data: impl Into<EventData<'a>>) -> Event<'a> {
        Event::of(Platform::Linux, data.into())
    }

    /// An event recorded by Azure.
    pub fn azure(data: impl Into<EventData<'a>>) -> Event<'a> {
        Event::of(Platform::Azure, data.into())
    }

    fn of(platform: Platform, data: EventData<'a>) -> Event<'a> {
        Event {
            platform,
            time: None,
            event_id: None,
            channel: None,
            host: None,
            user: None,
            user_sid: None,
            data,
        }
    }

    /// What kind of event it is.
    pub const fn kind(&self) -> EventKind {
        self.data.kind()
    }

    /// The value of a field; `None` when it is absent, or when events of
    /// this kind have no such field.
    ///
    /// `Command`, `Arguments` and `Hidden` are parts of `TaskContent` and
    /// always `None` here; [`TaskDefinition`](crate::TaskDefinition)
    /// reads them.
    pub fn get(&self, field: Field) -> Value<'a> {
        match field {
            Field::EventId => self.event_id,
            Field::Channel => self.channel,
            Field::Computer => self.host,
            Field::User => self.user,
            Field::UserSid => self.user_sid,
            _ => self.data.get(field),
        }
    }

    /// Whether events of this kind have a field, be it of every event, of
    /// the kind, or a part of its task definition.
    pub fn has(&self, field: Field) -> bool {
        let kind = self.kind().fields();
        match field {
            Field::EventId
            | Field::Channel
            | Field::Computer
            | Field::User
            | Field::UserSid => true,
            Field::Command | Field::Arguments | Field::Hidden => {
                kind.contains(&Field::TaskContent)
            }
            _ => kind.contains(&field),
        }
    }

    /// Sets a field.
    ///
    /// # Errors
    ///
    /// Events of this kind have no such field.
    pub fn set(
        &mut self,
        field: Field,
        value: &'a [u8],
    ) -> Result<(), FieldNotOfKind> {
        let kind = self.kind();
        let slot = match field {
            Field::EventId => Some(&mut self.event_id),
            Field::Channel => Some(&mut self.channel),
            Field::Computer => Some(&mut self.host),
            Field::User => Some(&mut self.user),
            Field::UserSid => Some(&mut self.user_sid),
            _ => self.data.get_mut(field),
        };
        match slot {
            Some(slot) => {
                *slot = Some(value);
                Ok(())
            }
            None => Err(FieldNotOfKind { field, kind }),
        }
    }
}

/// A name that is no field's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    name: String,
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Field::ALL.iter().map(|field| field.name());
        write!(f, "there is no field `{}`", self.name)?;
        crate::error::write_nearest(f, &self.name, names)
    }
}

impl core::error::Error for UnknownField {}

/// A field that events of a kind do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldNotOfKind {
    field: Field,
    kind: EventKind,
}

impl fmt::Display for FieldNotOfKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FieldNotOfKind { field, kind } = self;
        write!(f, "events of kind {kind} have no field {field}; they have")?;
        for (index, field) in kind.fields().iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator} {field}")?;
        }
        Ok(())
    }
}

impl core::error::Error for FieldNotOfKind {}

/// A set of event kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventKinds(u32);

impl EventKinds {
    /// No kind.
    pub const NONE: EventKinds = EventKinds(0);
    /// Every kind.
    pub const ALL: EventKinds = EventKinds(u32::MAX);

    /// This set and one kind more.
    #[must_use]
    pub const fn with(self, kind: EventKind) -> EventKinds {
        EventKinds(self.0 | 1 << kind as u32)
    }

    /// The kinds of this set and of another.
    #[must_use]
    pub const fn union(self, other: EventKinds) -> EventKinds {
        EventKinds(self.0 | other.0)
    }

    /// Whether every kind of this set is in the other.
    pub const fn is_subset(self, other: EventKinds) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether a kind is in the set.
    pub const fn contains(self, kind: EventKind) -> bool {
        self.0 & 1 << kind as u32 != 0
    }
}

impl FromIterator<EventKind> for EventKinds {
    fn from_iter<T: IntoIterator<Item = EventKind>>(kinds: T) -> EventKinds {
        kinds.into_iter().fold(EventKinds::NONE, EventKinds::with)
    }
}

/// Values as text where they are UTF-8, as bytes where they are not.
#[cfg(feature = "serde")]
mod value {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Value;

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Text<'a> {
        Text(&'a str),
        Bytes(&'a [u8]),
    }

    pub(super) fn serialize<S: Serializer>(
        value: &Value<'_>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = value.map(|bytes| match core::str::from_utf8(bytes) {
            Ok(text) => Text::Text(text),
            Err(_) => Text::Bytes(bytes),
        });
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de: 'a, 'a, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Value<'a>, D::Error> {
        let text = Option::<Text<'de>>::deserialize(deserializer)?;
        Ok(text.map(|text| match text {
            Text::Text(text) => text.as_bytes(),
            Text::Bytes(bytes) => bytes,
        }))
    }
}
