//! Numbers of platforms, kinds of event and fields. Written by `cargo xtask
//! generate` from core/src/vocabulary; do not edit.

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
    /// Apple macOS.
    T1053_PLATFORM_MACOS = 4,
    /// Kubernetes' control plane.
    T1053_PLATFORM_KUBERNETES = 5,
    /// Amazon Web Services' control plane.
    T1053_PLATFORM_AWS = 6,
    /// Google Cloud's control plane.
    T1053_PLATFORM_GCP = 7,
    /// Any: of rules about what is the same everywhere, such as a scheduled
    /// job.
    T1053_PLATFORM_ANY = 8,
    /// Any other product: a network device, a service, an application.
    T1053_PLATFORM_OTHER = 20,
}

/// What kind of event it is. t1053_kind_has_field() tells which fields events
/// of a kind have.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum t1053_event_kind {
    /// A process started: Sysmon 1, Security 4688.
    T1053_EVENT_PROCESS_CREATION = 1,
    /// A file was created: Sysmon 11.
    T1053_EVENT_FILE_CREATION = 2,
    /// A registry key or value was created, set, renamed or deleted: Sysmon
    /// 12, 13, 14, Security 4657.
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
    /// What is in a file was changed.
    T1053_EVENT_FILE_MODIFICATION = 17,
    /// A file was deleted: Sysmon 23, 26.
    T1053_EVENT_FILE_DELETION = 18,
    /// A file was renamed or moved.
    T1053_EVENT_FILE_RENAME = 19,
    /// A link to a file was made.
    T1053_EVENT_FILE_LINK = 20,
    /// A process loaded a library: Sysmon 7.
    T1053_EVENT_MODULE_LOAD = 21,
    /// A file or pipe of a network share was opened: Security 5145.
    T1053_EVENT_SHARE_ACCESS = 22,
    /// An object of the directory was changed, such as a group policy:
    /// Security 5136.
    T1053_EVENT_DIRECTORY_CHANGE = 23,
    /// An operation was called over RPC.
    T1053_EVENT_RPC_CALL = 24,
    /// A call of Kubernetes' API.
    T1053_EVENT_KUBERNETES_API_CALL = 25,
    /// A call of an AWS API: CloudTrail.
    T1053_EVENT_AWS_API_CALL = 26,
    /// A call of a Google Cloud API: Cloud Audit Logs.
    T1053_EVENT_GCP_API_CALL = 27,
    /// Something was done to a scheduled job, in the words that every event
    /// about one is understood in. Rules about jobs ask for this kind; the
    /// jobs of other events are told by [`JobReader`](crate::JobReader).
    T1053_EVENT_SCHEDULED_JOB = 28,
    /// Something was said of a scheduled job that is none of Windows' tasks:
    /// by cron, at or systemd in their logs, by osquery's tables of jobs, by
    /// macOS of its launch items.
    T1053_EVENT_JOB_RECORD = 29,
    /// An event of any log source that has no kind of its own: its values
    /// stand under their own names in the members of the event.
    T1053_EVENT_GENERIC = 60,
}

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
    /// `TargetFilename`: path of the file; of one that was renamed, or of a
    /// link, the new path.
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
    /// `ClientProcessId`: process id of the program that asked the scheduler;
    /// `0` when it runs on another host.
    T1053_FIELD_CLIENT_PROCESS_ID = 62,
    /// `RpcCallClientLocality`: where the program that asked the scheduler
    /// runs, by RPC's numbers: `1` the same host, `2` another; `0` where the
    /// log does not tell.
    T1053_FIELD_RPC_CALL_CLIENT_LOCALITY = 63,
    /// `FQDN`: full name of the host that the task is on.
    T1053_FIELD_FQDN = 64,
    /// `SourceFilename`: path that a renamed file had before, or that a link
    /// leads to.
    T1053_FIELD_SOURCE_FILENAME = 65,
    /// `ImageLoaded`: path of the library that was loaded.
    T1053_FIELD_IMAGE_LOADED = 66,
    /// `ShareName`: name of a share: `\\*\IPC$`.
    T1053_FIELD_SHARE_NAME = 67,
    /// `RelativeTargetName`: what was opened in the share: a file, or a pipe
    /// such as `atsvc`.
    T1053_FIELD_RELATIVE_TARGET_NAME = 68,
    /// `IpAddress`: address that the request came from.
    T1053_FIELD_IP_ADDRESS = 69,
    /// `AccessMask`: rights that were asked for, hexadecimal.
    T1053_FIELD_ACCESS_MASK = 70,
    /// `ObjectDN`: distinguished name of the object in the directory.
    T1053_FIELD_OBJECT_DN = 71,
    /// `ObjectClass`: class of the object in the directory.
    T1053_FIELD_OBJECT_CLASS = 72,
    /// `AttributeLDAPDisplayName`: name of the attribute that was changed.
    T1053_FIELD_ATTRIBUTE_LDAP_DISPLAY_NAME = 73,
    /// `AttributeValue`: the value that was added or deleted.
    T1053_FIELD_ATTRIBUTE_VALUE = 74,
    /// `OperationType`: what was done, by the log's number: `%%14674` added,
    /// `%%14675` deleted.
    T1053_FIELD_OPERATION_TYPE = 75,
    /// `InterfaceUuid`: uUID of the interface that was called.
    T1053_FIELD_INTERFACE_UUID = 76,
    /// `OpNum`: number of the operation in its interface.
    T1053_FIELD_OP_NUM = 77,
    /// `Endpoint`: where the call arrived: a pipe or a port.
    T1053_FIELD_ENDPOINT = 78,
    /// `verb`: what was asked: `create`, `patch`, `delete`, ...
    T1053_FIELD_VERB = 79,
    /// `requestURI`: address of the request within the server.
    T1053_FIELD_REQUEST_URI = 80,
    /// `objectRef.apiGroup`: group of the resource: `batch`.
    T1053_FIELD_OBJECT_REF_API_GROUP = 81,
    /// `objectRef.resource`: kind of the resource: `cronjobs`.
    T1053_FIELD_OBJECT_REF_RESOURCE = 82,
    /// `objectRef.subresource`: part of the resource: `status`.
    T1053_FIELD_OBJECT_REF_SUBRESOURCE = 83,
    /// `objectRef.namespace`: namespace of the resource.
    T1053_FIELD_OBJECT_REF_NAMESPACE = 84,
    /// `objectRef.name`: name of the resource.
    T1053_FIELD_OBJECT_REF_NAME = 85,
    /// `requestObject`: the resource as the caller gave it, JSON.
    T1053_FIELD_REQUEST_OBJECT = 86,
    /// `responseStatus.code`: how the server answered, by HTTP's numbers.
    T1053_FIELD_RESPONSE_STATUS_CODE = 87,
    /// `sourceIPs`: addresses that the request came through.
    T1053_FIELD_SOURCE_IPS = 88,
    /// `userAgent`: what the caller says it is.
    T1053_FIELD_USER_AGENT = 89,
    /// `eventSource`: service that was called: `scheduler.amazonaws.com`.
    T1053_FIELD_EVENT_SOURCE = 90,
    /// `eventName`: operation that was called: `CreateSchedule`.
    T1053_FIELD_EVENT_NAME = 91,
    /// `requestParameters`: what the caller gave, JSON.
    T1053_FIELD_REQUEST_PARAMETERS = 92,
    /// `errorCode`: why the call failed; absent when it did not.
    T1053_FIELD_ERROR_CODE = 93,
    /// `sourceIPAddress`: address that the request came from.
    T1053_FIELD_SOURCE_IP_ADDRESS = 94,
    /// `gcp.audit.service_name`: service that was called:
    /// `cloudscheduler.googleapis.com`.
    T1053_FIELD_SERVICE_NAME = 95,
    /// `gcp.audit.method_name`: operation that was called, with its service
    /// and version.
    T1053_FIELD_METHOD_NAME = 96,
    /// `gcp.audit.resource_name`: path of the resource:
    /// `projects/p/locations/l/jobs/j`.
    T1053_FIELD_RESOURCE_NAME = 97,
    /// `gcp.audit.request`: what the caller gave, JSON.
    T1053_FIELD_REQUEST = 98,
    /// `gcp.audit.status.code`: how the call ended, by gRPC's numbers; `0` or
    /// absent when it succeeded.
    T1053_FIELD_STATUS_CODE = 99,
    /// `JobActivity`: what is done to the job: `create`, `update`, `delete`,
    /// `enable`, `disable`, `start`, `stop`, `query`.
    T1053_FIELD_JOB_ACTIVITY = 100,
    /// `JobScheduler`: what runs it: `task_scheduler`, `at`, `cron`,
    /// `systemd`, `launchd`, `kubernetes` and others.
    T1053_FIELD_JOB_SCHEDULER = 101,
    /// `JobInterface`: which way it was told: `schtasks`, `powershell`, `com`,
    /// `registry`, `file`, `crontab`, `shell` and others.
    T1053_FIELD_JOB_INTERFACE = 102,
    /// `JobName`: the job's name, as the scheduler knows it.
    T1053_FIELD_JOB_NAME = 103,
    /// `JobCommand`: a program that it starts, its path in one spelling; one
    /// value an action, and one a command that a shell would start in turn.
    T1053_FIELD_JOB_COMMAND = 104,
    /// `JobArguments`: that program's arguments; the value of the same index.
    T1053_FIELD_JOB_ARGUMENTS = 105,
    /// `JobUser`: the account that it runs as; `SYSTEM` in any language.
    T1053_FIELD_JOB_USER = 106,
    /// `JobRunLevel`: `highest` or `limited`.
    T1053_FIELD_JOB_RUN_LEVEL = 107,
    /// `JobTrigger`: what starts it: `boot`, `logon`, `once`, `minute`,
    /// `hourly`, `daily`, `weekly`, `monthly`, `idle`, `event`, `session`,
    /// `registration`, `calendar`, `interval`, `path_change`, `always`.
    T1053_FIELD_JOB_TRIGGER = 108,
    /// `JobHidden`: `true` or `false`.
    T1053_FIELD_JOB_HIDDEN = 109,
    /// `JobInteractive`: `true` where it shows on the user's desktop.
    T1053_FIELD_JOB_INTERACTIVE = 110,
    /// `JobTarget`: the host that it is on, where another is named; in lower
    /// case.
    T1053_FIELD_JOB_TARGET = 111,
    /// `JobFile`: the file with its definition.
    T1053_FIELD_JOB_FILE = 112,
    /// `JobAuthor`: who wrote the definition, by its own word; else who
    /// registered it.
    T1053_FIELD_JOB_AUTHOR = 113,
    /// `JobWriter`: the program that did it.
    T1053_FIELD_JOB_WRITER = 114,
    /// `JobSubject`: the account that did it.
    T1053_FIELD_JOB_SUBJECT = 115,
    /// `Obfuscation`: what had to be undone to read it: `caret`, `encoded`,
    /// `quoted_option` and others.
    T1053_FIELD_OBFUSCATION = 116,
    /// `JobTrait`: what its values amount to: `command_writable_path`,
    /// `command_interpreter`, `writer_shell`, `name_lookalike` and others.
    T1053_FIELD_JOB_TRAIT = 117,
    /// `CanonicalCommandLine`: each command that a command line would really
    /// start, quotes and escapes undone, its words with a blank between them.
    T1053_FIELD_CANONICAL_COMMAND_LINE = 118,
    /// `CanonicalScript`: each statement of a script, constants put together,
    /// its words with a blank between them.
    T1053_FIELD_CANONICAL_SCRIPT = 119,
    /// `Activity`: what was done to the job: `create`, `update`, `delete`,
    /// `start`, `query`; absent where a record says what is.
    T1053_FIELD_ACTIVITY = 120,
    /// `Scheduler`: what runs the job: `cron`, `at`, `systemd`, `launchd`.
    T1053_FIELD_SCHEDULER = 121,
    /// `Schedule`: when the job runs, as the scheduler writes it: `15 3 * *
    /// 1`.
    T1053_FIELD_SCHEDULE = 122,
    /// `RunAs`: account that the job runs as.
    T1053_FIELD_RUN_AS = 123,
    /// `CanonicalPath`: the path of a file or of a key of the registry in its
    /// one spelling.
    T1053_FIELD_CANONICAL_PATH = 124,
    /// `Tool`: the program that a process is, whatever it is called:
    /// `schtasks`, in lower case, without its ending.
    T1053_FIELD_TOOL = 125,
    /// `EventRecordID`: what the event's log knows the event by: its number in
    /// a log of Windows, or the id that a cloud gives it.
    T1053_FIELD_RECORD_ID = 126,
    /// `logsource.product`: sigma's `product` of the log that a generic event
    /// is from: `okta`.
    T1053_FIELD_LOG_PRODUCT = 240,
    /// `logsource.category`: sigma's `category` of that log: `proxy`.
    T1053_FIELD_LOG_CATEGORY = 241,
    /// `logsource.service`: sigma's `service` of that log: `sshd`.
    T1053_FIELD_LOG_SERVICE = 242,
    /// `(member)`: a member of the event under its own name, which the test
    /// says.
    T1053_FIELD_MEMBER = 243,
    /// `(any value)`: any value of the event: what keywords are looked for in.
    T1053_FIELD_ANY_VALUE = 244,
    /// `(kind)`: what kind of event it is, by name.
    T1053_FIELD_KIND = 245,
}
