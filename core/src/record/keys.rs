/*!
The values that records hold, by what they mean: what the members of every
shape are mapped to.
*/

/// Declares [`Key`] and the names of those that are event data.
macro_rules! keys {
    ($($(#[$doc:meta])* $key:ident $(= $name:literal)?,)*) => {
        /// A value that a record of one event may hold; most have the names that
        /// Windows gives them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Key {
            $($(#[$doc])* $key,)*
        }

        impl Key {
            pub(crate) const COUNT: usize = [$(Key::$key,)*].len();

            /// How many of the first keys tell what a record is.
            pub(crate) const HEAD: usize = Key::Image as usize + 1;

            /// The names of a record's event data.
            pub(crate) const DATA_NAMES: &[(&[u8], Key)] = &[
                $($(($name, Key::$key),)?)*
                (b"TaskContentNew", Key::TaskContent),
            ];

            /// The key of a name in a record's event data.
            pub(crate) fn from_data_name(name: &[u8]) -> Option<Key> {
                match name {
                    $($($name => Some(Key::$key),)?)*
                    b"TaskContentNew" => Some(Key::TaskContent),
                    _ => None,
                }
            }
        }
    };
}

keys! {
    // Of the record itself; where they stand differs by shape. The first tell
    // what it is: `HEAD`.
    /// Event id, digits.
    EventId,
    /// Provider (source) name.
    Provider,
    /// Log name.
    Channel,
    /// The rendered message.
    Message,
    /// The original record, as text.
    Original,
    /// Operation of a call of an interface.
    OperationName,
    /// Sort of log that such a call is of.
    Category,
    /// Number of OCSF's class.
    ClassUid,
    /// Number of the activity in OCSF's class.
    ActivityId,
    /// Operating system of the device, in OCSF.
    Os,
    Image = b"Image",
    /// Host.
    Computer,
    /// Time of the event from the log itself, RFC 3339.
    SystemTime,
    /// `TimeCreated` or `EventTime` of a flat record; zone often missing.
    EventTime,
    /// `@timestamp`: event time or time of receipt.
    Received,
    /// Security identifier of the event's writer.
    WriterSid,
    /// Account name and domain that a collector resolved (`user.name`).
    AccountName,
    /// See `AccountName`.
    AccountDomain,
    /// Values without names, in the order in which the event's template has
    /// them.
    Inserts,
    /// The event's data as text, an XML element or a JSON object, or as a
    /// list like `Inserts`.
    DataText,

    // Of a call of an interface: Azure activity and its kin.
    ResultType,
    ResourceId,
    CallerIpAddress,
    /// Who asked for the operation.
    Caller,

    // Of other sources than Windows' logs.
    /// A text that holds more values.
    Text,
    /// Path that a renamed file had, or that a link leads to.
    SourceFilename,
    /// Name of the file whose folder is `TargetFilename`.
    FileName,
    /// Name of the value of the key that is `TargetObject`.
    ValueName,
    /// Name of the program whose path, or its folder, is `Image`.
    ProgramName,
    /// Type of what was written to the registry.
    DetailsType,
    /// Arguments of the program, without its own name.
    ArgumentText,
    /// All arguments, joined.
    Arguments,
    /// All arguments of the parent, joined.
    ParentArguments,
    /// File with a job's definition.
    JobFile,
    /// When a job runs, in one text.
    Schedule,
    /// The fields of a line of cron's.
    ScheduleMinute,
    /// See `ScheduleMinute`.
    ScheduleHour,
    /// See `ScheduleMinute`.
    ScheduleDay,
    /// See `ScheduleMinute`.
    ScheduleMonth,
    /// See `ScheduleMinute`.
    ScheduleWeekday,
    /// Account that a job runs as.
    RunAs,
    /// Name of the program that wrote a line.
    Program,
    /// The rule that a row is there for, of a tool that writes one a rule.
    RuleTitle,
    /// What the event's log knows it by: a number, or a cloud's id.
    RecordNumber,
    /// What a task starts.
    TaskCommand,
    /// Its arguments.
    TaskArguments,
    /// What the caller of an interface gave, JSON.
    Request,
    /// What the caller of an interface says it is.
    UserAgent,
    /// Kubernetes' group, kind and part of a resource, its namespace and its
    /// name.
    ObjectApiGroup,
    /// See `ObjectApiGroup`.
    ObjectResource,
    /// See `ObjectApiGroup`.
    ObjectSubresource,
    /// See `ObjectApiGroup`.
    ObjectNamespace,
    /// See `ObjectApiGroup`.
    ObjectName,
    /// See `CallerIpAddress`, of all.
    SourceIps,

    // Event data, under Windows' own names.
    UtcTime = b"UtcTime",
    User = b"User",
    CommandLine = b"CommandLine",
    OriginalFileName = b"OriginalFileName",
    CurrentDirectory = b"CurrentDirectory",
    ProcessId = b"ProcessId",
    IntegrityLevel = b"IntegrityLevel",
    ParentImage = b"ParentImage",
    ParentCommandLine = b"ParentCommandLine",
    ParentProcessId = b"ParentProcessId",
    ParentUser = b"ParentUser",
    NewProcessName = b"NewProcessName",
    NewProcessId = b"NewProcessId",
    ParentProcessName = b"ParentProcessName",
    MandatoryLabel = b"MandatoryLabel",
    TargetUserName = b"TargetUserName",
    SubjectUserSid = b"SubjectUserSid",
    SubjectUserName = b"SubjectUserName",
    SubjectDomainName = b"SubjectDomainName",
    SubjectLogonId = b"SubjectLogonId",
    TargetFilename = b"TargetFilename",
    ImageLoaded = b"ImageLoaded",
    ShareName = b"ShareName",
    RelativeTargetName = b"RelativeTargetName",
    IpAddress = b"IpAddress",
    AccessMask = b"AccessMask",
    ObjectDn = b"ObjectDN",
    ObjectClass = b"ObjectClass",
    AttributeLdapDisplayName = b"AttributeLDAPDisplayName",
    AttributeValue = b"AttributeValue",
    OperationType = b"OperationType",
    /// What an audited object is called: a key of the registry.
    AuditedObject = b"ObjectName",
    /// The value of that key.
    AuditedValue = b"ObjectValueName",
    NewValue = b"NewValue",
    NewValueType = b"NewValueType",
    /// Path of the program that did what was audited.
    AuditedProcess = b"ProcessName",
    EventType = b"EventType",
    TargetObject = b"TargetObject",
    Details = b"Details",
    TaskName = b"TaskName",
    /// Also from `TaskContentNew`.
    TaskContent = b"TaskContent",
    ClientProcessId = b"ClientProcessId",
    RpcCallClientLocality = b"RpcCallClientLocality",
    Fqdn = b"FQDN",
    UserContext = b"UserContext",
    UserName = b"UserName",
    ActionName = b"ActionName",
    TaskInstanceId = b"TaskInstanceId",
    ResultCode = b"ResultCode",
    Path = b"Path",
    ScriptBlockText = b"ScriptBlockText",
    ScriptBlockId = b"ScriptBlockId",
    MessageNumber = b"MessageNumber",
    MessageTotal = b"MessageTotal",
}

/// A value that a record of all of an audit event may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditKey {
    /// Type of the record, in auoms'.
    Type,
    /// The record as a line without its head, in the journal.
    Line,
    /// Time and serial, in Laurel's.
    Id,
    Time,
    Serial,
    /// Records in a list, as the kernel writes them, and their time.
    Messages,
    /// See `Messages`.
    MessageTime,
    Host,
    Arch,
    Syscall,
    SyscallName,
    Success,
    /// The first arguments of the call, in hex.
    A0,
    A1,
    A2,
    Comm,
    Exe,
    Uid,
    UidName,
    Auid,
    AuidName,
    Pid,
    ParentPid,
    Key,
    /// Keys of audit rules.
    Keys,
    Arguments,
    ArgumentList,
    Title,
    TitleList,
    Cwd,
    /// An object with a member for each argument.
    ArgumentMembers,
    /// A path by itself.
    Path,
    Paths,
    PathNames,
    PathTypes,
    PathModes,
    /// The last one.
    PathOwners,
}

impl AuditKey {
    pub(crate) const COUNT: usize = AuditKey::PathOwners as usize + 1;
}
