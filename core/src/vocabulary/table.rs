/*!
The table: one row a platform, a log, a field and a kind of event.

Each table is a macro that hands its rows to another one, so that every module
makes what it needs of the same rows: the enums are made in
[`vocabulary`](super), the structs in [`event`](crate::event). `cargo xtask
generate` writes C's and Python's names from these enums.

# To add a field

Add a row to `with_fields`, and the field to each kind that carries it, in
`with_kinds`. Then run `cargo xtask generate`, and let the shapes of records
that have the value fill it.

# To add a kind of event

Add a row to `with_kinds`. Kinds that carry the same fields stand in one
group. Then run `cargo xtask generate`.

# Numbers

The number in a row is the one of the C interface. It never changes and is
never used again, and has nothing to do with where the row stands. Two rows
with one number do not compile.

# An event of any log source

`Generic` is the kind of every event that has no row of its own. It carries
its log source (product, category, service); what else it holds stands under
its own names in [`Event::members`](crate::event::Event::members), and nothing
of this table is written for each name. A test of such a value is one of the
field `Member`, and says the name besides.
*/

/// Platforms: number in C, name (which is also the constructor of
/// [`Event`](crate::event::Event)), and how one says that something was
/// recorded there.
macro_rules! with_platforms {
    ($generate:ident) => {
        $generate! {
            /// Microsoft Windows.
            Windows = 1, windows, "on Windows";
            /// Linux.
            Linux = 2, linux, "on Linux";
            /// Microsoft Azure's control plane.
            Azure = 3, azure, "by Azure";
            /// Apple macOS.
            Macos = 4, macos, "on macOS";
            /// Kubernetes' control plane.
            Kubernetes = 5, kubernetes, "by Kubernetes";
            /// Amazon Web Services' control plane.
            Aws = 6, aws, "by AWS";
            /// Google Cloud's control plane.
            Gcp = 7, gcp, "by Google Cloud";
            /// Any: of rules about what is the same everywhere, such as a
            /// scheduled job.
            Any = 8, any, "anywhere";
            /// Any other product: a network device, a service, an
            /// application.
            Other = 20, other, "by another product";
        }
    };
}

/// Logs whose events name their kind by an id: the platform, the service that
/// Sigma calls it, the key by which Sigma rules give the id (nothing where
/// there is but one kind), and the names of its providers and channels.
macro_rules! with_logs {
    ($generate:ident) => {
        $generate! {
            /// PowerShell's operational logs.
            PowerShell: Windows, "powershell", "EventID",
                providers ["Microsoft-Windows-PowerShell", "PowerShellCore"],
                channels [
                    "Microsoft-Windows-PowerShell/Operational",
                    "PowerShellCore/Operational",
                    // As Hayabusa writes it.
                    "PwSh",
                ];
            /// The Security log.
            Security: Windows, "security", "EventID",
                providers [
                    "Microsoft-Windows-Security-Auditing",
                    // The display name, in classic text.
                    "Microsoft Windows security auditing.",
                ],
                channels ["Security", "Sec"];
            /// Sysmon.
            Sysmon: Windows, "sysmon", "EventID",
                providers ["Microsoft-Windows-Sysmon"],
                channels ["Microsoft-Windows-Sysmon/Operational", "Sysmon"];
            /// Sysmon for Linux.
            LinuxSysmon: Linux, "sysmon", "EventID",
                providers ["Linux-Sysmon"],
                channels ["Linux-Sysmon/Operational"];
            /// The task scheduler's operational log.
            TaskScheduler: Windows, "taskscheduler", "",
                providers ["Microsoft-Windows-TaskScheduler"],
                channels [
                    "Microsoft-Windows-TaskScheduler/Operational",
                    "TaskSch",
                ];
            /// auditd; an id is the type of a record.
            Auditd: Linux, "auditd", "type",
                providers [],
                channels [];
            /// Azure's activity log.
            AzureActivity: Azure, "activitylogs", "",
                providers [],
                channels [];
            /// Kubernetes' audit log.
            KubernetesAudit: Kubernetes, "audit", "",
                providers [],
                channels [];
            /// AWS CloudTrail.
            CloudTrail: Aws, "cloudtrail", "",
                providers [],
                channels [];
            /// Google Cloud's audit log.
            GcpAudit: Gcp, "gcp.audit", "",
                providers [],
                channels [];
        }
    };
}

/// Fields: number in C, name in rules and output, and the fields that it is
/// derived from.
macro_rules! with_fields {
    ($generate:ident) => {
        $generate! {
            // Of every event.
            /// Id of the event in its log: `1`, `4698`.
            EventId = 1, "EventID";
            /// Name of the log: `Security`.
            Channel = 2, "Channel";
            /// Host that recorded the event.
            Computer = 3, "Computer";
            /// Account that the event is about, with its domain where given.
            User = 4, "User";
            /// Security identifier of that account, or of the event's writer.
            UserSid = 5, "UserSid";
            /// What the event's log knows the event by: its number in a log of
            /// Windows, or the id that a cloud gives it.
            RecordId = 126, "EventRecordID";

            // Processes and files.
            /// Path of the executable.
            Image = 6, "Image";
            /// Full command line.
            CommandLine = 7, "CommandLine";
            /// File name in the executable's PE header.
            OriginalFileName = 8, "OriginalFileName";
            /// Working directory.
            CurrentDirectory = 9, "CurrentDirectory";
            /// Process id.
            ProcessId = 10, "ProcessId";
            /// Integrity level.
            IntegrityLevel = 11, "IntegrityLevel";
            /// Path of the parent's executable.
            ParentImage = 12, "ParentImage";
            /// Full command line of the parent.
            ParentCommandLine = 13, "ParentCommandLine";
            /// Process id of the parent.
            ParentProcessId = 14, "ParentProcessId";
            /// Account of the parent.
            ParentUser = 15, "ParentUser";
            /// Path of the file; of one that was renamed, or of a link, the
            /// new path.
            TargetFilename = 16, "TargetFilename";
            /// Path that a renamed file had before, or that a link leads to.
            SourceFilename = 65, "SourceFilename";
            /// Path of the library that was loaded.
            ImageLoaded = 66, "ImageLoaded";

            // Registry.
            /// What was done: `SetValue`, `DeleteValue`, `CreateKey`,
            /// `DeleteKey`.
            EventType = 17, "EventType";
            /// Registry key and value name.
            TargetObject = 18, "TargetObject";
            /// What was written to a registry value.
            Details = 19, "Details";

            // Scheduled tasks.
            /// Path of the task in the scheduler's tree:
            /// `\Microsoft\Windows\x`.
            TaskName = 20, "TaskName";
            /// Definition of the task, XML, plain or escaped once.
            TaskContent = 21, "TaskContent";
            /// `Command` of an action in the definition; one value an action.
            Command = 22, "Command", from TaskContent;
            /// `Arguments` of an action in the definition; one value an
            /// action.
            Arguments = 23, "Arguments", from TaskContent;
            /// `Settings/Hidden` of the definition.
            Hidden = 24, "Hidden", from TaskContent;
            /// What a running task started.
            ActionName = 25, "ActionName";
            /// Id of one run of a task.
            TaskInstanceId = 26, "TaskInstanceId";
            /// Code that a task's action ended with.
            ResultCode = 27, "ResultCode";
            /// Security identifier of the account that acted.
            SubjectUserSid = 28, "SubjectUserSid";
            /// Name of the account that acted.
            SubjectUserName = 29, "SubjectUserName";
            /// Domain of the account that acted.
            SubjectDomainName = 30, "SubjectDomainName";
            /// Logon session of the account that acted.
            SubjectLogonId = 31, "SubjectLogonId";
            /// Name of the account that a new process runs as.
            TargetUserName = 32, "TargetUserName";
            /// Process id of the program that asked the scheduler; `0` when it
            /// runs on another host.
            ClientProcessId = 62, "ClientProcessId";
            /// Where the program that asked the scheduler runs, by RPC's
            /// numbers: `1` the same host, `2` another; `0` where the log
            /// does not tell.
            RpcCallClientLocality = 63, "RpcCallClientLocality";
            /// Full name of the host that the task is on.
            Fqdn = 64, "FQDN";

            // Shares and the directory.
            /// Name of a share: `\\*\IPC$`.
            ShareName = 67, "ShareName";
            /// What was opened in the share: a file, or a pipe such as
            /// `atsvc`.
            RelativeTargetName = 68, "RelativeTargetName";
            /// Address that the request came from.
            IpAddress = 69, "IpAddress";
            /// Rights that were asked for, hexadecimal.
            AccessMask = 70, "AccessMask";
            /// Distinguished name of the object in the directory.
            ObjectDn = 71, "ObjectDN";
            /// Class of the object in the directory.
            ObjectClass = 72, "ObjectClass";
            /// Name of the attribute that was changed.
            AttributeLdapDisplayName = 73, "AttributeLDAPDisplayName";
            /// The value that was added or deleted.
            AttributeValue = 74, "AttributeValue";
            /// What was done, by the log's number: `%%14674` added, `%%14675`
            /// deleted.
            OperationType = 75, "OperationType";

            // Scheduled jobs of other systems.
            /// What was done to the job: `create`, `update`, `delete`,
            /// `start`, `query`; absent where a record says what is.
            Activity = 120, "Activity";
            /// What runs the job: `cron`, `at`, `systemd`, `launchd`.
            Scheduler = 121, "Scheduler";
            /// When the job runs, as the scheduler writes it: `15 3 * * 1`.
            Schedule = 122, "Schedule";
            /// Account that the job runs as.
            RunAs = 123, "RunAs";

            // Calls of RPC.
            /// UUID of the interface that was called.
            InterfaceUuid = 76, "InterfaceUuid";
            /// Number of the operation in its interface.
            OpNum = 77, "OpNum";
            /// Where the call arrived: a pipe or a port.
            Endpoint = 78, "Endpoint";

            // PowerShell.
            /// Text of a script block, or of one part of it.
            ScriptBlockText = 33, "ScriptBlockText";
            /// Id that the parts of a script block share.
            ScriptBlockId = 34, "ScriptBlockId";
            /// Number of this part, from 1.
            MessageNumber = 35, "MessageNumber";
            /// How many parts there are.
            MessageTotal = 36, "MessageTotal";
            /// File that a script block or a process came from.
            Path = 37, "Path";

            // auditd; lower case as the kernel writes it, upper case as
            // enriched.
            /// Time and serial of the audit event, which its records share.
            AuditId = 38, "audit_id";
            /// Architecture of the system call.
            Arch = 39, "arch";
            /// Number of the system call.
            Syscall = 40, "syscall";
            /// Name of the system call.
            SyscallName = 41, "SYSCALL";
            /// `yes` or `no`.
            Success = 42, "success";
            /// Command name, at most 15 bytes.
            Comm = 43, "comm";
            /// Path of the executable.
            Exe = 44, "exe";
            /// User id.
            Uid = 45, "uid";
            /// User name.
            UidName = 46, "UID";
            /// Login user id.
            Auid = 47, "auid";
            /// Login user name.
            AuidName = 48, "AUID";
            /// Key of the audit rule that asked for the event.
            Key = 49, "key";
            /// Arguments of an execve, separated by blanks.
            Argv = 50, "argv";
            /// Path that the system call named.
            Name = 51, "name";
            /// Role of that path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`.
            Nametype = 52, "nametype";
            /// Number of this path in the event, from 0.
            Item = 53, "item";
            /// File mode, octal.
            Mode = 54, "mode";
            /// User id that owns the file.
            Ouid = 55, "ouid";
            /// Command line, decoded; at most 128 bytes.
            Proctitle = 56, "proctitle";
            /// Working directory.
            Cwd = 57, "cwd";

            // Azure activity.
            /// Operation on a resource.
            OperationName = 58, "operationName";
            /// How the operation ended.
            ResultType = 59, "resultType";
            /// Id of the resource.
            ResourceId = 60, "resourceId";
            /// Address the request came from.
            CallerIpAddress = 61, "callerIpAddress";

            // Kubernetes' audit log.
            /// What was asked: `create`, `patch`, `delete`, ...
            Verb = 79, "verb";
            /// Address of the request within the server.
            RequestUri = 80, "requestURI";
            /// Group of the resource: `batch`.
            ObjectRefApiGroup = 81, "objectRef.apiGroup";
            /// Kind of the resource: `cronjobs`.
            ObjectRefResource = 82, "objectRef.resource";
            /// Part of the resource: `status`.
            ObjectRefSubresource = 83, "objectRef.subresource";
            /// Namespace of the resource.
            ObjectRefNamespace = 84, "objectRef.namespace";
            /// Name of the resource.
            ObjectRefName = 85, "objectRef.name";
            /// The resource as the caller gave it, JSON.
            RequestObject = 86, "requestObject";
            /// How the server answered, by HTTP's numbers.
            ResponseStatusCode = 87, "responseStatus.code";
            /// Addresses that the request came through.
            SourceIps = 88, "sourceIPs";
            /// What the caller says it is.
            UserAgent = 89, "userAgent";

            // AWS CloudTrail.
            /// Service that was called: `scheduler.amazonaws.com`.
            EventSource = 90, "eventSource";
            /// Operation that was called: `CreateSchedule`.
            EventName = 91, "eventName";
            /// What the caller gave, JSON.
            RequestParameters = 92, "requestParameters";
            /// Why the call failed; absent when it did not.
            ErrorCode = 93, "errorCode";
            /// Address that the request came from.
            SourceIpAddress = 94, "sourceIPAddress";

            // Google Cloud's audit log.
            /// Service that was called: `cloudscheduler.googleapis.com`.
            ServiceName = 95, "gcp.audit.service_name";
            /// Operation that was called, with its service and version.
            MethodName = 96, "gcp.audit.method_name";
            /// Path of the resource: `projects/p/locations/l/jobs/j`.
            ResourceName = 97, "gcp.audit.resource_name";
            /// What the caller gave, JSON.
            Request = 98, "gcp.audit.request";
            /// How the call ended, by gRPC's numbers; `0` or absent when it
            /// succeeded.
            StatusCode = 99, "gcp.audit.status.code";

            // Scheduled jobs: what an event says of one, whatever speaks of
            // it.
            /// What is done to the job: `create`, `update`, `delete`,
            /// `enable`, `disable`, `start`, `stop`, `query`.
            JobActivity = 100, "JobActivity";
            /// What runs it: `task_scheduler`, `at`, `cron`, `systemd`,
            /// `launchd`, `kubernetes` and others.
            JobScheduler = 101, "JobScheduler";
            /// Which way it was told: `schtasks`, `powershell`, `com`,
            /// `registry`, `file`, `crontab`, `shell` and others.
            JobInterface = 102, "JobInterface";
            /// The job's name, as the scheduler knows it.
            JobName = 103, "JobName";
            /// A program that it starts, its path in one spelling; one value
            /// an action, and one a command that a shell would start in turn.
            JobCommand = 104, "JobCommand";
            /// That program's arguments; the value of the same index.
            JobArguments = 105, "JobArguments";
            /// The account that it runs as; `SYSTEM` in any language.
            JobUser = 106, "JobUser";
            /// `highest` or `limited`.
            JobRunLevel = 107, "JobRunLevel";
            /// What starts it: `boot`, `logon`, `once`, `minute`, `hourly`,
            /// `daily`, `weekly`, `monthly`, `idle`, `event`, `session`,
            /// `registration`, `calendar`, `interval`, `path_change`,
            /// `always`.
            JobTrigger = 108, "JobTrigger";
            /// `true` or `false`.
            JobHidden = 109, "JobHidden";
            /// `true` where it shows on the user's desktop.
            JobInteractive = 110, "JobInteractive";
            /// The host that it is on, where another is named; in lower case.
            JobTarget = 111, "JobTarget";
            /// The file with its definition.
            JobFile = 112, "JobFile";
            /// Who wrote the definition, by its own word; else who registered
            /// it.
            JobAuthor = 113, "JobAuthor";
            /// The program that did it.
            JobWriter = 114, "JobWriter";
            /// The account that did it.
            JobSubject = 115, "JobSubject";
            /// What had to be undone to read it: `caret`, `encoded`,
            /// `quoted_option` and others.
            Obfuscation = 116, "Obfuscation";
            /// What its values amount to: `command_writable_path`,
            /// `command_interpreter`, `writer_shell`, `name_lookalike` and
            /// others.
            JobTrait = 117, "JobTrait";

            // Canonical text: what is meant, whatever way it is written.
            /// Each command that a command line would really start, quotes
            /// and escapes undone, its words with a blank between them.
            CanonicalCommandLine = 118, "CanonicalCommandLine",
                from CommandLine | Argv | Proctitle;
            /// Each statement of a script, constants put together, its words
            /// with a blank between them.
            CanonicalScript = 119, "CanonicalScript", from ScriptBlockText;
            /// The path of a file or of a key of the registry in its one
            /// spelling.
            CanonicalPath = 124, "CanonicalPath",
                from TargetFilename | TargetObject | Name;
            /// The program that a process is, whatever it is called:
            /// `schtasks`, in lower case, without its ending.
            Tool = 125, "Tool",
                from CommandLine | Argv | Proctitle | OriginalFileName | Image;
            // Events of any log source.
            /// Sigma's `product` of the log that a generic event is from:
            /// `okta`.
            LogProduct = 240, "logsource.product";
            /// Sigma's `category` of that log: `proxy`.
            LogCategory = 241, "logsource.category";
            /// Sigma's `service` of that log: `sshd`.
            LogService = 242, "logsource.service";

            // What rules ask of, and no event sets.
            /// A member of the event under its own name, which the test
            /// says.
            Member = 243, "(member)";
            /// Any value of the event: what keywords are looked for in.
            AnyValue = 244, "(any value)";
            /// What kind of event it is, by name.
            Kind = 245, "(kind)";
        }
    };
}

/// Fields of every event, and their members in
/// [`Event`](crate::event::Event).
macro_rules! with_head {
    ($generate:ident) => {
        $generate! {
            /// Id of the event in its log: `1`, `4698`.
            event_id: EventId,
            /// Name of the log.
            channel: Channel,
            /// Host that recorded it.
            host: Computer,
            /// Account that it is about, with its domain where given.
            user: User,
            /// Security identifier of that account; where the record names
            /// no user, that of the event's writer.
            user_sid: UserSid,
            /// What its log knows it by: its number in a log of Windows, or
            /// the id that a cloud gives it.
            record_id: RecordId,
        }
    };
}

/// Kinds of event, in groups that carry the same fields: number in C, name,
/// platforms they are recorded on (the first is the one to assume), ids by
/// log (`_` for any other id), categories of Sigma (with the values of
/// `EventType` that a category stands for), and their members.
macro_rules! with_kinds {
    ($generate:ident) => {
        $generate! {
            kinds {
                /// A process started: Sysmon 1, Security 4688.
                ProcessCreation = 1, "process_creation",
                on [Windows, Linux, Macos],
                logged [Sysmon "1", LinuxSysmon "1", Security "4688"],
                sigma ["process_creation"];
            } carry {
                /// Path of the executable.
                image: Image,
                /// Full command line.
                command_line: CommandLine,
                /// File name in the PE header; `None` where the log writes
                /// `-`.
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

            kinds {
                /// A file was created: Sysmon 11.
                FileCreation = 2, "file_creation",
                on [Windows, Linux, Macos],
                logged [Sysmon "11", LinuxSysmon "11"],
                sigma ["file_event"];
                /// What is in a file was changed.
                FileModification = 17, "file_modification",
                on [Windows, Linux, Macos],
                logged [],
                sigma [];
                /// A file was deleted: Sysmon 23, 26.
                FileDeletion = 18, "file_deletion",
                on [Windows, Linux, Macos],
                logged [Sysmon "23", Sysmon "26", LinuxSysmon "23"],
                sigma ["file_delete"];
            } carry {
                /// Path of the file.
                target_filename: TargetFilename,
                /// Path of the executable that did it.
                image: Image,
                /// Process id of that executable.
                process_id: ProcessId,
            }

            kinds {
                /// A file was renamed or moved.
                FileRename = 19, "file_rename",
                on [Windows, Linux, Macos],
                logged [],
                sigma ["file_rename"];
                /// A link to a file was made.
                FileLink = 20, "file_link",
                on [Windows, Linux, Macos],
                logged [],
                sigma [];
            } carry {
                /// The new path: of the file, or of the link.
                target_filename: TargetFilename,
                /// The path that the file had before, or that the link leads
                /// to.
                source_filename: SourceFilename,
                /// Path of the executable that did it.
                image: Image,
                /// Process id of that executable.
                process_id: ProcessId,
            }

            kinds {
                /// A process loaded a library: Sysmon 7.
                ModuleLoad = 21, "module_load",
                on [Windows, Linux, Macos],
                logged [Sysmon "7"],
                sigma ["image_load"];
            } carry {
                /// Path of the library.
                image_loaded: ImageLoaded,
                /// File name in the library's PE header.
                original_file_name: OriginalFileName,
                /// Path of the executable that loaded it.
                image: Image,
                /// Process id of that executable.
                process_id: ProcessId,
            }

            kinds {
                /// A registry key or value was created, set, renamed or
                /// deleted: Sysmon 12, 13, 14, Security 4657.
                RegistryEvent = 3, "registry_event",
                on [Windows],
                logged [Sysmon "12", Sysmon "13", Sysmon "14", Security "4657"],
                sigma [
                    "registry_event",
                    "registry_set" ("SetValue"),
                    "registry_add" ("CreateKey"),
                    "registry_delete" ("DeleteKey", "DeleteValue"),
                ];
            } carry {
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

            kinds {
                /// A scheduled task was registered: Security 4698.
                TaskRegistered = 4, "task_registered",
                on [Windows],
                logged [Security "4698"],
                sigma [];
                /// A scheduled task was deleted: Security 4699.
                TaskDeleted = 5, "task_deleted",
                on [Windows],
                logged [Security "4699"],
                sigma [];
                /// A scheduled task was enabled: Security 4700.
                TaskEnabled = 6, "task_enabled",
                on [Windows],
                logged [Security "4700"],
                sigma [];
                /// A scheduled task was disabled: Security 4701.
                TaskDisabled = 7, "task_disabled",
                on [Windows],
                logged [Security "4701"],
                sigma [];
                /// A scheduled task was changed: Security 4702. Its
                /// `TaskContentNew` is `task_content` here.
                TaskUpdated = 8, "task_updated",
                on [Windows],
                logged [Security "4702"],
                sigma [];
            } carry {
                /// Path of the task.
                task_name: TaskName,
                /// Its definition, XML, plain or escaped once; the new one
                /// where it was changed.
                task_content: TaskContent,
                /// Security identifier of the account that acted.
                subject_user_sid: SubjectUserSid,
                /// Name of the account that acted.
                subject_user_name: SubjectUserName,
                /// Domain of the account that acted.
                subject_domain_name: SubjectDomainName,
                /// Logon session of the account that acted.
                subject_logon_id: SubjectLogonId,
                /// Process id of the program that asked for it; `0` when it
                /// runs on another host.
                client_process_id: ClientProcessId,
                /// Where the program that asked for it runs: `1` the same
                /// host, `2` another; `0` where the log does not tell.
                rpc_call_client_locality: RpcCallClientLocality,
                /// Full name of the host that the task is on.
                fqdn: Fqdn,
            }

            kinds {
                /// Something was said of a scheduled job that is none of
                /// Windows' tasks: by cron, at or systemd in their logs, by
                /// osquery's tables of jobs, by macOS of its launch items.
                JobRecord = 29, "job_record",
                on [Linux, Macos],
                logged [],
                sigma [];
            } carry {
                /// What was done: `create`, `update`, `delete`, `start`,
                /// `query`; `None` where a record says what is.
                activity: Activity,
                /// What runs it: `cron`, `at`, `systemd`, `launchd`.
                scheduler: Scheduler,
                /// Its name: a unit, a label, a table of jobs.
                task_name: TaskName,
                /// File with its definition.
                target_filename: TargetFilename,
                /// When it runs, as the scheduler writes it.
                schedule: Schedule,
                /// Account that it runs as.
                run_as: RunAs,
                /// What it starts.
                command_line: CommandLine,
                /// Path of the executable that did it.
                image: Image,
                /// Process id of that executable.
                process_id: ProcessId,
            }

            kinds {
                /// An entry of the TaskScheduler/Operational log, told apart
                /// by its `EventID`: 106 registered, 129 process created, 140
                /// updated, 141 deleted, 142 disabled, 200 action started, 201
                /// action completed, ...
                TaskScheduler = 9, "task_scheduler",
                on [Windows],
                logged [TaskScheduler _],
                sigma [];
            } carry {
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

            kinds {
                /// An operation was called over RPC.
                RpcCall = 24, "rpc_call",
                on [Windows],
                logged [],
                sigma [];
            } carry {
                /// UUID of the interface.
                interface_uuid: InterfaceUuid,
                /// Number of the operation in its interface.
                op_num: OpNum,
                /// Where the call arrived: a pipe or a port.
                endpoint: Endpoint,
                /// Address that the call came from.
                ip_address: IpAddress,
                /// Path of the executable that was called.
                image: Image,
                /// Process id of that executable.
                process_id: ProcessId,
            }

            kinds {
                /// A file or pipe of a network share was opened: Security
                /// 5145.
                ShareAccess = 22, "share_access",
                on [Windows],
                logged [Security "5145"],
                sigma [];
            } carry {
                /// Name of the share.
                share_name: ShareName,
                /// What was opened in it: a file, or a pipe such as `atsvc`.
                relative_target_name: RelativeTargetName,
                /// Address that the request came from.
                ip_address: IpAddress,
                /// Rights that were asked for, hexadecimal.
                access_mask: AccessMask,
                /// Security identifier of the account that acted.
                subject_user_sid: SubjectUserSid,
                /// Name of the account that acted.
                subject_user_name: SubjectUserName,
                /// Domain of the account that acted.
                subject_domain_name: SubjectDomainName,
                /// Logon session of the account that acted.
                subject_logon_id: SubjectLogonId,
            }

            kinds {
                /// An object of the directory was changed, such as a group
                /// policy: Security 5136.
                DirectoryChange = 23, "directory_change",
                on [Windows],
                logged [Security "5136"],
                sigma [];
            } carry {
                /// Distinguished name of the object.
                object_dn: ObjectDn,
                /// Class of the object.
                object_class: ObjectClass,
                /// Name of the attribute that was changed.
                attribute_ldap_display_name: AttributeLdapDisplayName,
                /// The value that was added or deleted.
                attribute_value: AttributeValue,
                /// What was done: `%%14674` added, `%%14675` deleted.
                operation_type: OperationType,
                /// Security identifier of the account that acted.
                subject_user_sid: SubjectUserSid,
                /// Name of the account that acted.
                subject_user_name: SubjectUserName,
                /// Domain of the account that acted.
                subject_domain_name: SubjectDomainName,
                /// Logon session of the account that acted.
                subject_logon_id: SubjectLogonId,
            }

            kinds {
                /// A PowerShell script block was compiled: 4104.
                ScriptBlock = 10, "script_block",
                on [Windows],
                logged [PowerShell "4104"],
                sigma ["ps_script"];
            } carry {
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

            kinds {
                /// auditd SYSCALL: a system call that an audit rule watches.
                AuditSyscall = 11, "audit_syscall",
                on [Linux],
                logged [Auditd "SYSCALL"],
                sigma [];
            } carry {
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

            kinds {
                /// auditd EXECVE: the arguments of a started program.
                AuditExecve = 12, "audit_execve",
                on [Linux],
                logged [Auditd "EXECVE"],
                sigma [];
            } carry {
                /// Time and serial that the records of one event share.
                audit_id: AuditId,
                /// The arguments, separated by blanks.
                argv: Argv,
            }

            kinds {
                /// auditd PATH: a path that a system call named.
                AuditPath = 13, "audit_path",
                on [Linux],
                logged [Auditd "PATH"],
                sigma [];
            } carry {
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

            kinds {
                /// auditd PROCTITLE: the command line, cut at 128 bytes.
                AuditProctitle = 14, "audit_proctitle",
                on [Linux],
                logged [Auditd "PROCTITLE"],
                sigma [];
            } carry {
                /// Time and serial that the records of one event share.
                audit_id: AuditId,
                /// The title, decoded, with blanks for the NULs between
                /// arguments.
                proctitle: Proctitle,
            }

            kinds {
                /// auditd CWD: the working directory.
                AuditCwd = 15, "audit_cwd",
                on [Linux],
                logged [Auditd "CWD"],
                sigma [];
            } carry {
                /// Time and serial that the records of one event share.
                audit_id: AuditId,
                /// The directory.
                cwd: Cwd,
            }

            kinds {
                /// An operation on a cloud resource: Azure activity.
                CloudActivity = 16, "cloud_activity",
                on [Azure],
                logged [AzureActivity _],
                sigma [];
            } carry {
                /// Operation, in any case.
                operation_name: OperationName,
                /// How it ended: `Success`, `Succeeded`, `Start`, ...
                result_type: ResultType,
                /// Id of the resource.
                resource_id: ResourceId,
                /// Address the request came from.
                caller_ip_address: CallerIpAddress,
            }

            kinds {
                /// A call of Kubernetes' API.
                KubernetesApiCall = 25, "kubernetes_api_call",
                on [Kubernetes],
                logged [KubernetesAudit _],
                sigma [];
            } carry {
                /// What was asked: `create`, `patch`, `delete`, ...
                verb: Verb,
                /// Address of the request within the server.
                request_uri: RequestUri,
                /// Group of the resource: `batch`.
                object_ref_api_group: ObjectRefApiGroup,
                /// Kind of the resource: `cronjobs`.
                object_ref_resource: ObjectRefResource,
                /// Part of the resource: `status`.
                object_ref_subresource: ObjectRefSubresource,
                /// Namespace of the resource.
                object_ref_namespace: ObjectRefNamespace,
                /// Name of the resource.
                object_ref_name: ObjectRefName,
                /// The resource as the caller gave it, JSON.
                request_object: RequestObject,
                /// How the server answered, by HTTP's numbers.
                response_status_code: ResponseStatusCode,
                /// Addresses that the request came through.
                source_ips: SourceIps,
                /// What the caller says it is.
                user_agent: UserAgent,
            }

            kinds {
                /// A call of an AWS API: CloudTrail.
                AwsApiCall = 26, "aws_api_call",
                on [Aws],
                logged [CloudTrail _],
                sigma [];
            } carry {
                /// Service that was called: `scheduler.amazonaws.com`.
                event_source: EventSource,
                /// Operation that was called: `CreateSchedule`.
                event_name: EventName,
                /// What the caller gave, JSON.
                request_parameters: RequestParameters,
                /// Why the call failed; absent when it did not.
                error_code: ErrorCode,
                /// Address that the request came from.
                source_ip_address: SourceIpAddress,
                /// What the caller says it is.
                user_agent: UserAgent,
            }

            kinds {
                /// A call of a Google Cloud API: Cloud Audit Logs.
                GcpApiCall = 27, "gcp_api_call",
                on [Gcp],
                logged [GcpAudit _],
                sigma [];
            } carry {
                /// Service that was called: `cloudscheduler.googleapis.com`.
                service_name: ServiceName,
                /// Operation that was called, with its service and version.
                method_name: MethodName,
                /// Path of the resource: `projects/p/locations/l/jobs/j`.
                resource_name: ResourceName,
                /// What the caller gave, JSON.
                request: Request,
                /// How the call ended, by gRPC's numbers; `0` or absent when
                /// it succeeded.
                status_code: StatusCode,
                /// Address the request came from.
                caller_ip_address: CallerIpAddress,
            }

            kinds {
                /// Something was done to a scheduled job, in the words that
                /// every event about one is understood in. Rules about jobs
                /// ask for this kind; the jobs of other events are told by
                /// [`JobReader`](crate::JobReader).
                ScheduledJob = 28, "scheduled_job",
                on [Any, Windows, Linux, Macos, Azure, Kubernetes, Aws, Gcp],
                logged [],
                sigma ["scheduled_job"];
            } carry {
                /// What is done to the job: `create`, `update`, ...
                job_activity: JobActivity,
                /// What runs it.
                job_scheduler: JobScheduler,
                /// Which way it was told.
                job_interface: JobInterface,
                /// Its name, as the scheduler knows it.
                job_name: JobName,
                /// The program that it starts.
                job_command: JobCommand,
                /// That program's arguments.
                job_arguments: JobArguments,
                /// The account that it runs as.
                job_user: JobUser,
                /// `highest` or `limited`.
                job_run_level: JobRunLevel,
                /// What starts it.
                job_trigger: JobTrigger,
                /// `true` or `false`.
                job_hidden: JobHidden,
                /// `true` where it shows on the user's desktop.
                job_interactive: JobInteractive,
                /// The host that it is on, where another is named.
                job_target: JobTarget,
                /// The file with its definition.
                job_file: JobFile,
                /// Who wrote the definition.
                job_author: JobAuthor,
                /// The program that did it.
                job_writer: JobWriter,
                /// The account that did it.
                job_subject: JobSubject,
                /// What had to be undone to read it.
                obfuscation: Obfuscation,
                /// What its values amount to.
                job_trait: JobTrait,
            }

            kinds {
                /// An event of any log source that has no kind of its own:
                /// its values stand under their own names in the members of
                /// the event.
                Generic = 60, "generic",
                on [Other, Windows, Linux, Azure, Macos, Kubernetes, Aws, Gcp],
                logged [],
                sigma [];
            } carry {
                /// Sigma's `product` of the log: `windows`, `okta`.
                product: LogProduct,
                /// Sigma's `category` of the log: `proxy`.
                category: LogCategory,
                /// Sigma's `service` of the log: `sshd`.
                service: LogService,
            }
        }
    };
}

pub(crate) use {
    with_fields, with_head, with_kinds, with_logs, with_platforms,
};
