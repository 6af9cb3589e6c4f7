/*
 * t1053: detection of scheduled-task abuse (MITRE ATT&CK T1053).
 *
 * Written by cbindgen from ffi/src; see docs/abi.md for a guide.
 *
 * What holds everywhere:
 *
 * - A detector is immutable and shared by any number of threads. Evaluators
 *   and scanners are used by one thread at a time; a second one that tries
 *   is told T1053_BUSY. All state is in these handles, but for where
 *   t1053_log_to() writes: nothing to initialise or shut down, no threads, no
 *   files, no clock. Whether the library was
 *   used before, and by which thread, changes no answer.
 * - Whoever calls a `_new` or `_build` function owns the handle and frees it
 *   with the matching `_free`, which accepts NULL. Handles may be used and
 *   freed by another thread than the one that made them.
 * - Texts are a pointer and a length, never NUL-terminated unless it is said.
 *   What goes in is read during the call and not kept.
 * - A function that can fail returns t1053_status. Results come last, and
 *   are written on T1053_OK only, unless it is said.
 * - Where the first parameter is `const`, the handle is not changed.
 * - NULL, misaligned pointers, unknown numbers and impossible lengths are
 *   told by a status. A pointer that dangles cannot be told.
 * - Events, evaluation and scanning do not allocate once they are warm, and
 *   take no lock. Where memory cannot be had, the call is
 *   T1053_OUT_OF_MEMORY, or of a scan T1053_NO_MEMORY; the process goes on.
 * - A struct that begins with `struct_size` may get members at its end.
 *   Whoever makes one sets it to zero first and then its size: one that is
 *   not set, or not possible, is T1053_BAD_STRUCT_SIZE.
 * - No panic of the library crosses into the caller; see T1053_PANIC.
 */


#ifndef T1053_H
#define T1053_H

#include <stddef.h>
#include <stdint.h>

/* The version that this header is of, for the preprocessor; t1053_version()
 * tells that of the library that is running. */
#define T1053_VERSION_MAJOR 0
#define T1053_VERSION_MINOR 1
#define T1053_VERSION_PATCH 0
#define T1053_VERSION "0.1.0"

/**
 * A flag of t1053_evaluator_options: sequences and counts are not looked for,
 * and no memory is taken for them.
 */
#define T1053_EVALUATOR_NO_SEQUENCES 1

/**
 * A flag of t1053_evaluator_options: memory for command lines, scripts and
 * task definitions is taken when an event first has one. It is 0.6 MB less to
 * begin with; t1053_evaluate() allocates for the first such events, and
 * T1053_OUT_OF_MEMORY where that cannot be had.
 */
#define T1053_EVALUATOR_GROWS 2

/**
 * Stands for no item in `item` of t1053_match.
 */
#define T1053_NO_ITEM 4294967295

/**
 * For t1053_builder_add_rules(): a rule that cannot be loaded makes the call
 * fail.
 */
#define T1053_RULES_STRICT 1

/**
 * A flag of t1053_scanner_options: every record is read, also where a search
 * of its bytes shows that it can match nothing. So all unreadable records
 * are found and all events counted, at the cost of several times the time.
 */
#define T1053_SCANNER_NO_FILTER 1

/**
 * A flag of t1053_scanner_options: each record is looked at by itself. Else
 * the records of an audit event (SYSCALL, EXECVE, CWD, PATH, ..) are also
 * joined to a new process, or to what happened to files, and matched by what
 * is asked of these; a scanner then holds up to 17 MiB of events whose records
 * have not all come.
 */
#define T1053_SCANNER_NO_JOIN 2

/**
 * A flag of t1053_scanner_options: sequences and counts are not looked for,
 * and no memory is taken for them, which else is 10 MB of address space,
 * touched as keys come. For programs with many streams whose events do not
 * belong together; where they do, `on_sequence_event` of the options is for
 * them.
 */
#define T1053_SCANNER_NO_SEQUENCES 4

/**
 * Stands for no job in `job_index` of t1053_verdict.
 */
#define T1053_NO_JOB 4294967295

/**
 * The version of this interface. A library of the same number has every
 * declaration of this header, with the same meaning.
 */
#define T1053_ABI_VERSION 1

/**
 * How a call ended. A number never changes and is never used again.
 *
 * Unless it is T1053_OK, T1053_STOPPED or T1053_NO_MEMORY, the call did
 * nothing, and wrote none of its results.
 */
enum t1053_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done.
     */
    T1053_OK = 0,
    /**
     * A callback asked to stop, and that was done. No error.
     */
    T1053_STOPPED = 1,
    /**
     * Done, but for records for which there was no memory: each was handed to
     * `on_unreadable` and counted as unreadable. Only of calls that scan.
     */
    T1053_NO_MEMORY = 2,
    /**
     * A pointer that must not be NULL is NULL.
     */
    T1053_NULL_ARGUMENT = 100,
    /**
     * A pointer is not aligned for what it points to.
     */
    T1053_MISALIGNED = 101,
    /**
     * A length is over half of the address space.
     */
    T1053_TOO_LONG = 102,
    /**
     * A text that must be UTF-8 is not.
     */
    T1053_NOT_UTF8 = 103,
    /**
     * A `struct_size` is less than the smallest that there ever was, more
     * than 4096, or not a size that such a struct can have; or a member that
     * this library does not know is not zero.
     */
    T1053_BAD_STRUCT_SIZE = 104,
    /**
     * No platform has this number.
     */
    T1053_UNKNOWN_PLATFORM = 105,
    /**
     * No kind of event has this number.
     */
    T1053_UNKNOWN_EVENT_KIND = 106,
    /**
     * No field has this number.
     */
    T1053_UNKNOWN_FIELD = 107,
    /**
     * Events of this kind have no such field.
     */
    T1053_FIELD_NOT_OF_KIND = 108,
    /**
     * No format has this number.
     */
    T1053_UNKNOWN_FORMAT = 109,
    /**
     * No operation has this number.
     */
    T1053_UNKNOWN_OPERATION = 110,
    /**
     * There is nothing of this name.
     */
    T1053_UNKNOWN_NAME = 111,
    /**
     * The selector cannot be read; t1053_builder_error() tells more.
     */
    T1053_BAD_SELECTOR = 112,
    /**
     * No detector comes of this; t1053_builder_error() tells more.
     */
    T1053_BUILD_FAILED = 113,
    /**
     * The buffer is too small for even one of what would go into it.
     */
    T1053_BUFFER_TOO_SMALL = 114,
    /**
     * A flag is set that this library does not know.
     */
    T1053_UNKNOWN_FLAG = 115,
    /**
     * A number is outside of the range that its declaration states.
     */
    T1053_OUT_OF_RANGE = 116,
    /**
     * There is not as much memory as was asked for, or as the call would
     * take. It may be repeated.
     */
    T1053_OUT_OF_MEMORY = 117,
    /**
     * This library is built without what the call needs.
     */
    T1053_UNSUPPORTED = 118,
    /**
     * A rule cannot be loaded, and all were to be; t1053_builder_error()
     * tells more.
     */
    T1053_BAD_RULES = 119,
    /**
     * These bytes are no saved state, or that of another kind of handle.
     */
    T1053_NOT_STATE = 120,
    /**
     * The state was saved by a later version, which this one cannot read.
     */
    T1053_NEWER_STATE = 121,
    /**
     * The end of the state is missing.
     */
    T1053_TRUNCATED_STATE = 122,
    /**
     * The state was changed since it was saved.
     */
    T1053_CORRUPT_STATE = 123,
    /**
     * The configuration is wrong; t1053_builder_error() tells more.
     */
    T1053_BAD_CONFIG = 124,
    /**
     * What was given is of another detector than the handle.
     */
    T1053_OTHER_DETECTOR = 125,
    /**
     * The handle is in use: by another thread, or by the very call whose
     * callback this is.
     */
    T1053_BUSY = 200,
    /**
     * An earlier call with this handle ended in T1053_PANIC; it can only be
     * freed.
     */
    T1053_POISONED = 201,
    /**
     * A defect in the library was met and contained. The handle that was
     * used, unless it was a detector, can only be freed.
     */
    T1053_PANIC = 202,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_status t1053_status;
#else
typedef int32_t t1053_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What kind of event it is. t1053_kind_has_field() tells which fields events
 * of a kind have.
 */
enum t1053_event_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * A process started: Sysmon 1, Security 4688.
     */
    T1053_EVENT_PROCESS_CREATION = 1,
    /**
     * A file was created: Sysmon 11.
     */
    T1053_EVENT_FILE_CREATION = 2,
    /**
     * A registry key or value was created, set, renamed or deleted: Sysmon
     * 12, 13, 14, Security 4657.
     */
    T1053_EVENT_REGISTRY_EVENT = 3,
    /**
     * A scheduled task was registered: Security 4698.
     */
    T1053_EVENT_TASK_REGISTERED = 4,
    /**
     * A scheduled task was deleted: Security 4699.
     */
    T1053_EVENT_TASK_DELETED = 5,
    /**
     * A scheduled task was enabled: Security 4700.
     */
    T1053_EVENT_TASK_ENABLED = 6,
    /**
     * A scheduled task was disabled: Security 4701.
     */
    T1053_EVENT_TASK_DISABLED = 7,
    /**
     * A scheduled task was changed: Security 4702. Its `TaskContentNew` is
     * `task_content` here.
     */
    T1053_EVENT_TASK_UPDATED = 8,
    /**
     * An entry of the TaskScheduler/Operational log, told apart by its
     * `EventID`: 106 registered, 129 process created, 140 updated, 141
     * deleted, 142 disabled, 200 action started, 201 action completed, ...
     */
    T1053_EVENT_TASK_SCHEDULER = 9,
    /**
     * A PowerShell script block was compiled: 4104.
     */
    T1053_EVENT_SCRIPT_BLOCK = 10,
    /**
     * auditd SYSCALL: a system call that an audit rule watches.
     */
    T1053_EVENT_AUDIT_SYSCALL = 11,
    /**
     * auditd EXECVE: the arguments of a started program.
     */
    T1053_EVENT_AUDIT_EXECVE = 12,
    /**
     * auditd PATH: a path that a system call named.
     */
    T1053_EVENT_AUDIT_PATH = 13,
    /**
     * auditd PROCTITLE: the command line, cut at 128 bytes.
     */
    T1053_EVENT_AUDIT_PROCTITLE = 14,
    /**
     * auditd CWD: the working directory.
     */
    T1053_EVENT_AUDIT_CWD = 15,
    /**
     * An operation on a cloud resource: Azure activity.
     */
    T1053_EVENT_CLOUD_ACTIVITY = 16,
    /**
     * What is in a file was changed.
     */
    T1053_EVENT_FILE_MODIFICATION = 17,
    /**
     * A file was deleted: Sysmon 23, 26.
     */
    T1053_EVENT_FILE_DELETION = 18,
    /**
     * A file was renamed or moved.
     */
    T1053_EVENT_FILE_RENAME = 19,
    /**
     * A link to a file was made.
     */
    T1053_EVENT_FILE_LINK = 20,
    /**
     * A process loaded a library: Sysmon 7.
     */
    T1053_EVENT_MODULE_LOAD = 21,
    /**
     * A file or pipe of a network share was opened: Security 5145.
     */
    T1053_EVENT_SHARE_ACCESS = 22,
    /**
     * An object of the directory was changed, such as a group policy:
     * Security 5136.
     */
    T1053_EVENT_DIRECTORY_CHANGE = 23,
    /**
     * An operation was called over RPC.
     */
    T1053_EVENT_RPC_CALL = 24,
    /**
     * A call of Kubernetes' API.
     */
    T1053_EVENT_KUBERNETES_API_CALL = 25,
    /**
     * A call of an AWS API: CloudTrail.
     */
    T1053_EVENT_AWS_API_CALL = 26,
    /**
     * A call of a Google Cloud API: Cloud Audit Logs.
     */
    T1053_EVENT_GCP_API_CALL = 27,
    /**
     * Something was done to a scheduled job, in the words that every event
     * about one is understood in. Rules about jobs ask for this kind; the
     * jobs of other events are told by [`JobReader`](crate::JobReader).
     */
    T1053_EVENT_SCHEDULED_JOB = 28,
    /**
     * Something was said of a scheduled job that is none of Windows' tasks:
     * by cron, at or systemd in their logs, by osquery's tables of jobs, by
     * macOS of its launch items.
     */
    T1053_EVENT_JOB_RECORD = 29,
    /**
     * An event of any log source that has no kind of its own: its values
     * stand under their own names in the members of the event.
     */
    T1053_EVENT_GENERIC = 60,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_event_kind t1053_event_kind;
#else
typedef uint32_t t1053_event_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A field of an event. Its name in rules and findings comes first; names are
 * compared exactly: auditd's `uid` (a number) and `UID` (a name) are two.
 */
enum t1053_field
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * `EventID`: id of the event in its log: `1`, `4698`.
     */
    T1053_FIELD_EVENT_ID = 1,
    /**
     * `Channel`: name of the log: `Security`.
     */
    T1053_FIELD_CHANNEL = 2,
    /**
     * `Computer`: host that recorded the event.
     */
    T1053_FIELD_COMPUTER = 3,
    /**
     * `User`: account that the event is about, with its domain where given.
     */
    T1053_FIELD_USER = 4,
    /**
     * `UserSid`: security identifier of that account, or of the event's
     * writer.
     */
    T1053_FIELD_USER_SID = 5,
    /**
     * `Image`: path of the executable.
     */
    T1053_FIELD_IMAGE = 6,
    /**
     * `CommandLine`: full command line.
     */
    T1053_FIELD_COMMAND_LINE = 7,
    /**
     * `OriginalFileName`: file name in the executable's PE header.
     */
    T1053_FIELD_ORIGINAL_FILE_NAME = 8,
    /**
     * `CurrentDirectory`: working directory.
     */
    T1053_FIELD_CURRENT_DIRECTORY = 9,
    /**
     * `ProcessId`: process id.
     */
    T1053_FIELD_PROCESS_ID = 10,
    /**
     * `IntegrityLevel`: integrity level.
     */
    T1053_FIELD_INTEGRITY_LEVEL = 11,
    /**
     * `ParentImage`: path of the parent's executable.
     */
    T1053_FIELD_PARENT_IMAGE = 12,
    /**
     * `ParentCommandLine`: full command line of the parent.
     */
    T1053_FIELD_PARENT_COMMAND_LINE = 13,
    /**
     * `ParentProcessId`: process id of the parent.
     */
    T1053_FIELD_PARENT_PROCESS_ID = 14,
    /**
     * `ParentUser`: account of the parent.
     */
    T1053_FIELD_PARENT_USER = 15,
    /**
     * `TargetFilename`: path of the file; of one that was renamed, or of a
     * link, the new path.
     */
    T1053_FIELD_TARGET_FILENAME = 16,
    /**
     * `EventType`: what was done: `SetValue`, `DeleteValue`, `CreateKey`,
     * `DeleteKey`.
     */
    T1053_FIELD_EVENT_TYPE = 17,
    /**
     * `TargetObject`: registry key and value name.
     */
    T1053_FIELD_TARGET_OBJECT = 18,
    /**
     * `Details`: what was written to a registry value.
     */
    T1053_FIELD_DETAILS = 19,
    /**
     * `TaskName`: path of the task in the scheduler's tree:
     * `\Microsoft\Windows\x`.
     */
    T1053_FIELD_TASK_NAME = 20,
    /**
     * `TaskContent`: definition of the task, XML, plain or escaped once.
     */
    T1053_FIELD_TASK_CONTENT = 21,
    /**
     * `Command`: `Command` of an action in the definition; one value an
     * action.
     */
    T1053_FIELD_COMMAND = 22,
    /**
     * `Arguments`: `Arguments` of an action in the definition; one value an
     * action.
     */
    T1053_FIELD_ARGUMENTS = 23,
    /**
     * `Hidden`: `Settings/Hidden` of the definition.
     */
    T1053_FIELD_HIDDEN = 24,
    /**
     * `ActionName`: what a running task started.
     */
    T1053_FIELD_ACTION_NAME = 25,
    /**
     * `TaskInstanceId`: id of one run of a task.
     */
    T1053_FIELD_TASK_INSTANCE_ID = 26,
    /**
     * `ResultCode`: code that a task's action ended with.
     */
    T1053_FIELD_RESULT_CODE = 27,
    /**
     * `SubjectUserSid`: security identifier of the account that acted.
     */
    T1053_FIELD_SUBJECT_USER_SID = 28,
    /**
     * `SubjectUserName`: name of the account that acted.
     */
    T1053_FIELD_SUBJECT_USER_NAME = 29,
    /**
     * `SubjectDomainName`: domain of the account that acted.
     */
    T1053_FIELD_SUBJECT_DOMAIN_NAME = 30,
    /**
     * `SubjectLogonId`: logon session of the account that acted.
     */
    T1053_FIELD_SUBJECT_LOGON_ID = 31,
    /**
     * `TargetUserName`: name of the account that a new process runs as.
     */
    T1053_FIELD_TARGET_USER_NAME = 32,
    /**
     * `ScriptBlockText`: text of a script block, or of one part of it.
     */
    T1053_FIELD_SCRIPT_BLOCK_TEXT = 33,
    /**
     * `ScriptBlockId`: id that the parts of a script block share.
     */
    T1053_FIELD_SCRIPT_BLOCK_ID = 34,
    /**
     * `MessageNumber`: number of this part, from 1.
     */
    T1053_FIELD_MESSAGE_NUMBER = 35,
    /**
     * `MessageTotal`: how many parts there are.
     */
    T1053_FIELD_MESSAGE_TOTAL = 36,
    /**
     * `Path`: file that a script block or a process came from.
     */
    T1053_FIELD_PATH = 37,
    /**
     * `audit_id`: time and serial of the audit event, which its records
     * share.
     */
    T1053_FIELD_AUDIT_ID = 38,
    /**
     * `arch`: architecture of the system call.
     */
    T1053_FIELD_ARCH = 39,
    /**
     * `syscall`: number of the system call.
     */
    T1053_FIELD_SYSCALL = 40,
    /**
     * `SYSCALL`: name of the system call.
     */
    T1053_FIELD_SYSCALL_NAME = 41,
    /**
     * `success`: `yes` or `no`.
     */
    T1053_FIELD_SUCCESS = 42,
    /**
     * `comm`: command name, at most 15 bytes.
     */
    T1053_FIELD_COMM = 43,
    /**
     * `exe`: path of the executable.
     */
    T1053_FIELD_EXE = 44,
    /**
     * `uid`: user id.
     */
    T1053_FIELD_UID = 45,
    /**
     * `UID`: user name.
     */
    T1053_FIELD_UID_NAME = 46,
    /**
     * `auid`: login user id.
     */
    T1053_FIELD_AUID = 47,
    /**
     * `AUID`: login user name.
     */
    T1053_FIELD_AUID_NAME = 48,
    /**
     * `key`: key of the audit rule that asked for the event.
     */
    T1053_FIELD_KEY = 49,
    /**
     * `argv`: arguments of an execve, separated by blanks.
     */
    T1053_FIELD_ARGV = 50,
    /**
     * `name`: path that the system call named.
     */
    T1053_FIELD_NAME = 51,
    /**
     * `nametype`: role of that path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`.
     */
    T1053_FIELD_NAMETYPE = 52,
    /**
     * `item`: number of this path in the event, from 0.
     */
    T1053_FIELD_ITEM = 53,
    /**
     * `mode`: file mode, octal.
     */
    T1053_FIELD_MODE = 54,
    /**
     * `ouid`: user id that owns the file.
     */
    T1053_FIELD_OUID = 55,
    /**
     * `proctitle`: command line, decoded; at most 128 bytes.
     */
    T1053_FIELD_PROCTITLE = 56,
    /**
     * `cwd`: working directory.
     */
    T1053_FIELD_CWD = 57,
    /**
     * `operationName`: operation on a resource.
     */
    T1053_FIELD_OPERATION_NAME = 58,
    /**
     * `resultType`: how the operation ended.
     */
    T1053_FIELD_RESULT_TYPE = 59,
    /**
     * `resourceId`: id of the resource.
     */
    T1053_FIELD_RESOURCE_ID = 60,
    /**
     * `callerIpAddress`: address the request came from.
     */
    T1053_FIELD_CALLER_IP_ADDRESS = 61,
    /**
     * `ClientProcessId`: process id of the program that asked the scheduler;
     * `0` when it runs on another host.
     */
    T1053_FIELD_CLIENT_PROCESS_ID = 62,
    /**
     * `RpcCallClientLocality`: where the program that asked the scheduler
     * runs, by RPC's numbers: `1` the same host, `2` another; `0` where the
     * log does not tell.
     */
    T1053_FIELD_RPC_CALL_CLIENT_LOCALITY = 63,
    /**
     * `FQDN`: full name of the host that the task is on.
     */
    T1053_FIELD_FQDN = 64,
    /**
     * `SourceFilename`: path that a renamed file had before, or that a link
     * leads to.
     */
    T1053_FIELD_SOURCE_FILENAME = 65,
    /**
     * `ImageLoaded`: path of the library that was loaded.
     */
    T1053_FIELD_IMAGE_LOADED = 66,
    /**
     * `ShareName`: name of a share: `\\*\IPC$`.
     */
    T1053_FIELD_SHARE_NAME = 67,
    /**
     * `RelativeTargetName`: what was opened in the share: a file, or a pipe
     * such as `atsvc`.
     */
    T1053_FIELD_RELATIVE_TARGET_NAME = 68,
    /**
     * `IpAddress`: address that the request came from.
     */
    T1053_FIELD_IP_ADDRESS = 69,
    /**
     * `AccessMask`: rights that were asked for, hexadecimal.
     */
    T1053_FIELD_ACCESS_MASK = 70,
    /**
     * `ObjectDN`: distinguished name of the object in the directory.
     */
    T1053_FIELD_OBJECT_DN = 71,
    /**
     * `ObjectClass`: class of the object in the directory.
     */
    T1053_FIELD_OBJECT_CLASS = 72,
    /**
     * `AttributeLDAPDisplayName`: name of the attribute that was changed.
     */
    T1053_FIELD_ATTRIBUTE_LDAP_DISPLAY_NAME = 73,
    /**
     * `AttributeValue`: the value that was added or deleted.
     */
    T1053_FIELD_ATTRIBUTE_VALUE = 74,
    /**
     * `OperationType`: what was done, by the log's number: `%%14674` added,
     * `%%14675` deleted.
     */
    T1053_FIELD_OPERATION_TYPE = 75,
    /**
     * `InterfaceUuid`: uUID of the interface that was called.
     */
    T1053_FIELD_INTERFACE_UUID = 76,
    /**
     * `OpNum`: number of the operation in its interface.
     */
    T1053_FIELD_OP_NUM = 77,
    /**
     * `Endpoint`: where the call arrived: a pipe or a port.
     */
    T1053_FIELD_ENDPOINT = 78,
    /**
     * `verb`: what was asked: `create`, `patch`, `delete`, ...
     */
    T1053_FIELD_VERB = 79,
    /**
     * `requestURI`: address of the request within the server.
     */
    T1053_FIELD_REQUEST_URI = 80,
    /**
     * `objectRef.apiGroup`: group of the resource: `batch`.
     */
    T1053_FIELD_OBJECT_REF_API_GROUP = 81,
    /**
     * `objectRef.resource`: kind of the resource: `cronjobs`.
     */
    T1053_FIELD_OBJECT_REF_RESOURCE = 82,
    /**
     * `objectRef.subresource`: part of the resource: `status`.
     */
    T1053_FIELD_OBJECT_REF_SUBRESOURCE = 83,
    /**
     * `objectRef.namespace`: namespace of the resource.
     */
    T1053_FIELD_OBJECT_REF_NAMESPACE = 84,
    /**
     * `objectRef.name`: name of the resource.
     */
    T1053_FIELD_OBJECT_REF_NAME = 85,
    /**
     * `requestObject`: the resource as the caller gave it, JSON.
     */
    T1053_FIELD_REQUEST_OBJECT = 86,
    /**
     * `responseStatus.code`: how the server answered, by HTTP's numbers.
     */
    T1053_FIELD_RESPONSE_STATUS_CODE = 87,
    /**
     * `sourceIPs`: addresses that the request came through.
     */
    T1053_FIELD_SOURCE_IPS = 88,
    /**
     * `userAgent`: what the caller says it is.
     */
    T1053_FIELD_USER_AGENT = 89,
    /**
     * `eventSource`: service that was called: `scheduler.amazonaws.com`.
     */
    T1053_FIELD_EVENT_SOURCE = 90,
    /**
     * `eventName`: operation that was called: `CreateSchedule`.
     */
    T1053_FIELD_EVENT_NAME = 91,
    /**
     * `requestParameters`: what the caller gave, JSON.
     */
    T1053_FIELD_REQUEST_PARAMETERS = 92,
    /**
     * `errorCode`: why the call failed; absent when it did not.
     */
    T1053_FIELD_ERROR_CODE = 93,
    /**
     * `sourceIPAddress`: address that the request came from.
     */
    T1053_FIELD_SOURCE_IP_ADDRESS = 94,
    /**
     * `gcp.audit.service_name`: service that was called:
     * `cloudscheduler.googleapis.com`.
     */
    T1053_FIELD_SERVICE_NAME = 95,
    /**
     * `gcp.audit.method_name`: operation that was called, with its service
     * and version.
     */
    T1053_FIELD_METHOD_NAME = 96,
    /**
     * `gcp.audit.resource_name`: path of the resource:
     * `projects/p/locations/l/jobs/j`.
     */
    T1053_FIELD_RESOURCE_NAME = 97,
    /**
     * `gcp.audit.request`: what the caller gave, JSON.
     */
    T1053_FIELD_REQUEST = 98,
    /**
     * `gcp.audit.status.code`: how the call ended, by gRPC's numbers; `0` or
     * absent when it succeeded.
     */
    T1053_FIELD_STATUS_CODE = 99,
    /**
     * `JobActivity`: what is done to the job: `create`, `update`, `delete`,
     * `enable`, `disable`, `start`, `stop`, `query`.
     */
    T1053_FIELD_JOB_ACTIVITY = 100,
    /**
     * `JobScheduler`: what runs it: `task_scheduler`, `at`, `cron`,
     * `systemd`, `launchd`, `kubernetes` and others.
     */
    T1053_FIELD_JOB_SCHEDULER = 101,
    /**
     * `JobInterface`: which way it was told: `schtasks`, `powershell`, `com`,
     * `registry`, `file`, `crontab`, `shell` and others.
     */
    T1053_FIELD_JOB_INTERFACE = 102,
    /**
     * `JobName`: the job's name, as the scheduler knows it.
     */
    T1053_FIELD_JOB_NAME = 103,
    /**
     * `JobCommand`: a program that it starts, its path in one spelling; one
     * value an action, and one a command that a shell would start in turn.
     */
    T1053_FIELD_JOB_COMMAND = 104,
    /**
     * `JobArguments`: that program's arguments; the value of the same index.
     */
    T1053_FIELD_JOB_ARGUMENTS = 105,
    /**
     * `JobUser`: the account that it runs as; `SYSTEM` in any language.
     */
    T1053_FIELD_JOB_USER = 106,
    /**
     * `JobRunLevel`: `highest` or `limited`.
     */
    T1053_FIELD_JOB_RUN_LEVEL = 107,
    /**
     * `JobTrigger`: what starts it: `boot`, `logon`, `once`, `minute`,
     * `hourly`, `daily`, `weekly`, `monthly`, `idle`, `event`, `session`,
     * `registration`, `calendar`, `interval`, `path_change`, `always`.
     */
    T1053_FIELD_JOB_TRIGGER = 108,
    /**
     * `JobHidden`: `true` or `false`.
     */
    T1053_FIELD_JOB_HIDDEN = 109,
    /**
     * `JobInteractive`: `true` where it shows on the user's desktop.
     */
    T1053_FIELD_JOB_INTERACTIVE = 110,
    /**
     * `JobTarget`: the host that it is on, where another is named; in lower
     * case.
     */
    T1053_FIELD_JOB_TARGET = 111,
    /**
     * `JobFile`: the file with its definition.
     */
    T1053_FIELD_JOB_FILE = 112,
    /**
     * `JobAuthor`: who wrote the definition, by its own word; else who
     * registered it.
     */
    T1053_FIELD_JOB_AUTHOR = 113,
    /**
     * `JobWriter`: the program that did it.
     */
    T1053_FIELD_JOB_WRITER = 114,
    /**
     * `JobSubject`: the account that did it.
     */
    T1053_FIELD_JOB_SUBJECT = 115,
    /**
     * `Obfuscation`: what had to be undone to read it: `caret`, `encoded`,
     * `quoted_option` and others.
     */
    T1053_FIELD_OBFUSCATION = 116,
    /**
     * `JobTrait`: what its values amount to: `command_writable_path`,
     * `command_interpreter`, `writer_shell`, `name_lookalike` and others.
     */
    T1053_FIELD_JOB_TRAIT = 117,
    /**
     * `CanonicalCommandLine`: each command that a command line would really
     * start, quotes and escapes undone, its words with a blank between them.
     */
    T1053_FIELD_CANONICAL_COMMAND_LINE = 118,
    /**
     * `CanonicalScript`: each statement of a script, constants put together,
     * its words with a blank between them.
     */
    T1053_FIELD_CANONICAL_SCRIPT = 119,
    /**
     * `Activity`: what was done to the job: `create`, `update`, `delete`,
     * `start`, `query`; absent where a record says what is.
     */
    T1053_FIELD_ACTIVITY = 120,
    /**
     * `Scheduler`: what runs the job: `cron`, `at`, `systemd`, `launchd`.
     */
    T1053_FIELD_SCHEDULER = 121,
    /**
     * `Schedule`: when the job runs, as the scheduler writes it: `15 3 * *
     * 1`.
     */
    T1053_FIELD_SCHEDULE = 122,
    /**
     * `RunAs`: account that the job runs as.
     */
    T1053_FIELD_RUN_AS = 123,
    /**
     * `CanonicalPath`: the path of a file or of a key of the registry in its
     * one spelling.
     */
    T1053_FIELD_CANONICAL_PATH = 124,
    /**
     * `Tool`: the program that a process is, whatever it is called:
     * `schtasks`, in lower case, without its ending.
     */
    T1053_FIELD_TOOL = 125,
    /**
     * `EventRecordID`: what the event's log knows the event by: its number in
     * a log of Windows, or the id that a cloud gives it.
     */
    T1053_FIELD_RECORD_ID = 126,
    /**
     * `logsource.product`: sigma's `product` of the log that a generic event
     * is from: `okta`.
     */
    T1053_FIELD_LOG_PRODUCT = 240,
    /**
     * `logsource.category`: sigma's `category` of that log: `proxy`.
     */
    T1053_FIELD_LOG_CATEGORY = 241,
    /**
     * `logsource.service`: sigma's `service` of that log: `sshd`.
     */
    T1053_FIELD_LOG_SERVICE = 242,
    /**
     * `(member)`: a member of the event under its own name, which the test
     * says.
     */
    T1053_FIELD_MEMBER = 243,
    /**
     * `(any value)`: any value of the event: what keywords are looked for in.
     */
    T1053_FIELD_ANY_VALUE = 244,
    /**
     * `(kind)`: what kind of event it is, by name.
     */
    T1053_FIELD_KIND = 245,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_field t1053_field;
#else
typedef uint32_t t1053_field;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The shape of raw records.
 */
enum t1053_format
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Each record tells its own.
     */
    T1053_FORMAT_AUTO = 0,
    /**
     * JSON: NXLog, Winlogbeat, ECS, evtx_dump, Wazuh, Sentinel, OCSF,
     * Laurel, auditbeat, auoms, Azure activity; an object may stand behind
     * a syslog prefix.
     */
    T1053_FORMAT_JSON = 1,
    /**
     * Windows event XML, also of Sysmon for Linux, with or without a
     * syslog prefix.
     */
    T1053_FORMAT_XML = 2,
    /**
     * Windows events as blocks of text: classic `LogName=`/`EventCode=`,
     * what wevtutil and the Event Viewer write, `Format-List`. Lines of
     * Snare, CEF and their kin, and tables, are told by
     * `T1053_FORMAT_AUTO` alone.
     */
    T1053_FORMAT_WINEVENTLOG = 3,
    /**
     * auditd lines, raw, enriched or interpreted.
     */
    T1053_FORMAT_AUDITD = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_format t1053_format;
#else
typedef uint32_t t1053_format;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How an exclusion compares a value with its pattern, ignoring ASCII case.
 */
enum t1053_operation
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The value is the pattern.
     */
    T1053_OPERATION_EQUALS = 1,
    /**
     * The value begins with the pattern.
     */
    T1053_OPERATION_STARTS_WITH = 2,
    /**
     * The value ends with the pattern.
     */
    T1053_OPERATION_ENDS_WITH = 3,
    /**
     * The pattern occurs in the value.
     */
    T1053_OPERATION_CONTAINS = 4,
    /**
     * The value's last path component, split at `/` and `\`, is the pattern.
     */
    T1053_OPERATION_NAME = 5,
    /**
     * The pattern is a wildcard expression for the whole value: `*` is any
     * run of bytes, `?` any one byte, `\` makes the next of these plain.
     */
    T1053_OPERATION_LIKE = 6,
    /**
     * The pattern occurs, and is no part of a longer word.
     */
    T1053_OPERATION_TOKEN = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_operation t1053_operation;
#else
typedef uint32_t t1053_operation;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Where an event was recorded.
 */
enum t1053_platform
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Microsoft Windows.
     */
    T1053_PLATFORM_WINDOWS = 1,
    /**
     * Linux.
     */
    T1053_PLATFORM_LINUX = 2,
    /**
     * Microsoft Azure's control plane.
     */
    T1053_PLATFORM_AZURE = 3,
    /**
     * Apple macOS.
     */
    T1053_PLATFORM_MACOS = 4,
    /**
     * Kubernetes' control plane.
     */
    T1053_PLATFORM_KUBERNETES = 5,
    /**
     * Amazon Web Services' control plane.
     */
    T1053_PLATFORM_AWS = 6,
    /**
     * Google Cloud's control plane.
     */
    T1053_PLATFORM_GCP = 7,
    /**
     * Any: of rules about what is the same everywhere, such as a scheduled
     * job.
     */
    T1053_PLATFORM_ANY = 8,
    /**
     * Any other product: a network device, a service, an application.
     */
    T1053_PLATFORM_OTHER = 20,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_platform t1053_platform;
#else
typedef uint32_t t1053_platform;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What can be wrong with a rule. Numbers may be added.
 */
enum t1053_rule_problem_kind
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The text is no YAML, or the document no Sigma rule.
     */
    T1053_RULE_PROBLEM_INVALID = 1,
    /**
     * Sigma has it, but it cannot be honoured here.
     */
    T1053_RULE_PROBLEM_UNSUPPORTED = 2,
    /**
     * No event of the log source has the field.
     */
    T1053_RULE_PROBLEM_UNKNOWN_FIELD = 3,
    /**
     * There is no such log source.
     */
    T1053_RULE_PROBLEM_UNKNOWN_LOG_SOURCE = 4,
    /**
     * No event can match.
     */
    T1053_RULE_PROBLEM_NEVER_MATCHES = 5,
    /**
     * Another rule has the same name or id.
     */
    T1053_RULE_PROBLEM_DUPLICATE = 6,
    /**
     * A limit is exceeded.
     */
    T1053_RULE_PROBLEM_TOO_LARGE = 7,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum t1053_rule_problem_kind t1053_rule_problem_kind;
#else
typedef uint32_t t1053_rule_problem_kind;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Chooses what a detector detects. One thread at a time.
 */
typedef struct t1053_builder t1053_builder;

/**
 * What a group is inside of the library.
 */
typedef struct t1053_closed t1053_closed;

/**
 * Remembers the events of sequences and counts that many evaluators or
 * scanners have met: one for all of them, behind a lock of the caller's; or
 * one for each part of the events, where the parts are of different hosts.
 */
typedef struct t1053_correlator t1053_correlator;

/**
 * Detections, ready to run. Immutable: any number of threads may use one at
 * a time, without locks.
 */
typedef struct t1053_detector t1053_detector;

/**
 * Evaluates events that the caller builds. Make one for each thread: it is
 * memory to work in, and remembers the beginnings of sequences.
 */
typedef struct t1053_evaluator t1053_evaluator;

/**
 * What a match is inside of the library.
 */
typedef struct t1053_found t1053_found;

/**
 * Reads the scheduled jobs that events speak of, whether or not a detection
 * matches. Make one for each thread: it is memory to work in.
 */
typedef struct t1053_job_reader t1053_job_reader;

/**
 * What a verdict is inside of the library.
 */
typedef struct t1053_judged t1053_judged;

/**
 * What a risk is inside of the library.
 */
typedef struct t1053_reached t1053_reached;

/**
 * Groups identical matches: those of one detection that have the same host,
 * user and message, within 5 minutes of the first. The first is to be shown,
 * those after it are counted, and their number is told when the time is
 * over. Belongs to one stream; matches of many evaluators may be given to
 * one, behind a lock of the caller's.
 */
typedef struct t1053_repeats t1053_repeats;

/**
 * Adds up the published risk of what is found of each host and user within a
 * sliding time span, and tells when the sum reaches a threshold. Belongs to
 * one stream; matches of many evaluators may be given to one, behind a lock
 * of the caller's.
 */
typedef struct t1053_risk_tracker t1053_risk_tracker;

/**
 * Finds records in a stream of bytes, and matches in the records. Make one
 * for each stream; one thread at a time.
 */
typedef struct t1053_scanner t1053_scanner;

/**
 * An event that is part of a sequence or a count, as a scanner has just read
 * it: for t1053_correlator_take_sequence_event(). Lives for the callback
 * only.
 */
typedef struct t1053_sequence_event t1053_sequence_event;

/**
 * Takes the path of a file or folder of rules that a configuration names, as
 * it is written there: `path_len` bytes of UTF-8, for the callback only.
 * `user` is what the caller gave. 0 goes on, anything else stops.
 *
 * It must return: to jump or throw out of it is undefined. The builder that
 * calls it is T1053_BUSY.
 */
typedef int32_t (*t1053_on_rules_path)(void *user,
                                       const char *path,
                                       size_t path_len);

/**
 * Bytes, usually UTF-8, not NUL-terminated. `data` is NULL when there is no
 * such text, which is not the same as an empty one.
 */
typedef struct t1053_text {
    /**
     * The first byte, or NULL.
     */
    const char *data;
    /**
     * How many bytes.
     */
    size_t len;
} t1053_text;

/**
 * One field of an event.
 */
typedef struct t1053_field_value {
    /**
     * Which field: of t1053_field.
     */
    uint32_t field;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * Its value. NULL means that the field is absent, which is not the same
     * as empty. Any bytes; usually UTF-8.
     */
    struct t1053_text value;
} t1053_field_value;

/**
 * An event. The caller owns it and all that it points to; the library reads
 * it during the call and keeps nothing.
 *
 * Set everything to zero first, then `struct_size`, then what is known.
 */
typedef struct t1053_event {
    /**
     * `sizeof(t1053_event)`.
     */
    size_t struct_size;
    /**
     * Where it was recorded: of t1053_platform. A detection for one
     * platform never matches events of another.
     */
    uint32_t platform;
    /**
     * What kind of event it is: of t1053_event_kind.
     */
    uint32_t kind;
    /**
     * When it happened, if `has_time` is not 0: in ticks of 100 nanoseconds
     * since 1970-01-01T00:00:00Z. From Unix milliseconds, multiply by
     * 10000; from a Windows FILETIME, subtract 116444736000000000.
     */
    int64_t time;
    /**
     * Whether the time is known.
     */
    uint32_t has_time;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * The fields. Of a field that comes twice, the last value counts.
     */
    const struct t1053_field_value *fields;
    /**
     * How many fields.
     */
    size_t fields_len;
} t1053_event;

/**
 * Something that a match raises the risk of.
 */
typedef struct t1053_risk_object {
    /**
     * Its field in the publisher's data model: `dest`, `user`.
     */
    struct t1053_text field;
    /**
     * What it is: `Hostname`, `Endpoint`, `User`, `Process`.
     */
    struct t1053_text object;
    /**
     * Which side it is on: `victim` or `attacker`.
     */
    struct t1053_text role;
} t1053_risk_object;

/**
 * Another rule that a rule has to do with. Members are never added: arrays
 * are made of these.
 */
typedef struct t1053_related {
    /**
     * The other rule's id.
     */
    struct t1053_text id;
    /**
     * What it is to the rule: `derived`, `obsolete`, `merged`, `renamed`,
     * `similar`.
     */
    struct t1053_text relation;
} t1053_related;

/**
 * What is known of a detection. Everything in it lives as long as the
 * detector, and any thread may read it.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_detection {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * The stable public name; never changes.
     */
    struct t1053_text slug;
    /**
     * The published title.
     */
    struct t1053_text title;
    /**
     * The published id; NULL where the publisher gives none.
     */
    struct t1053_text id;
    /**
     * The publisher's own name, where it differs from the title; or NULL.
     */
    struct t1053_text published_name;
    /**
     * Where it was first published: `scheduled-tasks`,
     * `scheduled-task-job`, `behaviours` (ours); or NULL.
     */
    struct t1053_text pack;
    /**
     * How it is meant to be used: `TTP`, `Anomaly`, `Hunting`, `Alert`.
     */
    struct t1053_text kind;
    /**
     * How severe a match is: `informational`, `low`, `medium`, `high`,
     * `critical`.
     */
    struct t1053_text severity;
    /**
     * Where its events are recorded: `windows`, `linux`, `azure`, `macos`,
     * `kubernetes`, `aws`, `gcp`; or `any`.
     */
    struct t1053_text platform;
    /**
     * What it finds and why that matters.
     */
    struct t1053_text description;
    /**
     * One line in plain words about a match; `{Field}` stands for a value,
     * and what stands between `[` and `]` is left out where an event lacks a
     * field that is named there.
     */
    struct t1053_text message;
    /**
     * The published risk, 0 to 100; -1 where none is published.
     */
    int32_t risk_score;
    /**
     * How much harm a true match means, 0 to 100, or -1.
     */
    int32_t risk_impact;
    /**
     * How sure a match is, 0 to 100, or -1.
     */
    int32_t risk_confidence;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * ATT&CK techniques: `T1053.005`.
     */
    const struct t1053_text *techniques;
    /**
     * How many techniques.
     */
    size_t techniques_len;
    /**
     * ATT&CK tactics: `persistence`.
     */
    const struct t1053_text *tactics;
    /**
     * How many tactics.
     */
    size_t tactics_len;
    /**
     * What a match raises the risk of.
     */
    const struct t1053_risk_object *risk_objects;
    /**
     * How many risk objects.
     */
    size_t risk_objects_len;
    /**
     * Harmless things that match too.
     */
    const struct t1053_text *false_positives;
    /**
     * How many false positives.
     */
    size_t false_positives_len;
    /**
     * Where to read more.
     */
    const struct t1053_text *references;
    /**
     * How many references.
     */
    size_t references_len;
    /**
     * What the publisher groups alerts by.
     */
    const struct t1053_text *group_by;
    /**
     * How many of those.
     */
    size_t group_by_len;
    /**
     * What a match adds to the verdict of its event: 0 that a scheduler was
     * used, 1 a weak sign, 2 a medium one, 3 a strong one; -1 where the
     * detection counts by its severity.
     */
    int32_t weight;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved_too;
    /**
     * What must be switched on in the source of the events; empty where it
     * is on by default.
     */
    struct t1053_text needs;
    /**
     * What to do about a match, in a line; empty where nothing is said.
     */
    struct t1053_text response;
    /**
     * Who wrote it, as its file says, or NULL.
     */
    struct t1053_text author;
    /**
     * The licence that it is under, or NULL.
     */
    struct t1053_text license;
    /**
     * How far it is tested: `stable`, `test`, `experimental`, `deprecated`,
     * `unsupported`; or NULL.
     */
    struct t1053_text status;
    /**
     * When it was written, as in `2025-01-31`, or NULL.
     */
    struct t1053_text date;
    /**
     * When it was last changed, or NULL.
     */
    struct t1053_text modified;
    /**
     * Other rules that it has to do with.
     */
    const struct t1053_related *related;
    /**
     * How many of those.
     */
    size_t related_len;
} t1053_detection;

/**
 * Why a match matches: a comparison that passed, and where. Members are
 * never added: arrays are made of these.
 */
typedef struct t1053_evidence {
    /**
     * The field that was compared: of t1053_field.
     */
    uint32_t field;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * Where in the field's decoded value the decisive bytes begin.
     */
    size_t start;
    /**
     * Where they end.
     */
    size_t end;
    /**
     * Those bytes.
     */
    struct t1053_text text;
    /**
     * The pattern that they were compared with, as the rule wrote it.
     */
    struct t1053_text pattern;
} t1053_evidence;

/**
 * One detection that an event matches. It and all that it points to, but
 * `detection`, lives for the callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_match {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * For t1053_match_value(), t1053_match_message() and
     * t1053_match_ndjson().
     */
    const struct t1053_found *found;
    /**
     * What is known of the detection; lives as long as the detector.
     */
    const struct t1053_detection *detection;
    /**
     * Its index in the detector.
     */
    size_t detection_index;
    /**
     * Why it matches.
     */
    const struct t1053_evidence *evidence;
    /**
     * How many pieces of evidence.
     */
    size_t evidence_len;
    /**
     * 0-based number of the record in the stream; 0 from an evaluator.
     */
    uint64_t record;
    /**
     * 0-based place of the event in a record that wraps several, or
     * T1053_NO_ITEM.
     */
    uint32_t item;
    /**
     * What kind of event matched: of t1053_event_kind.
     */
    uint32_t kind;
    /**
     * When the event happened, if `has_time` is not 0: ticks of 100
     * nanoseconds since 1970-01-01T00:00:00Z.
     */
    int64_t time;
    /**
     * Of a sequence, when its other event happened, if `has_other_time` is
     * not 0.
     */
    int64_t other_time;
    /**
     * Whether the time is known.
     */
    uint32_t has_time;
    /**
     * Whether this is a sequence.
     */
    uint32_t has_other_time;
    /**
     * Host that recorded the event, or NULL.
     */
    struct t1053_text host;
    /**
     * Account that the event is about, or NULL.
     */
    struct t1053_text user;
    /**
     * Byte offset in the stream at which the record begins; in a UTF-16
     * stream, counted in its UTF-8 form. 0 from an evaluator, and of an event
     * that was joined from several records.
     */
    uint64_t offset;
    /**
     * How many bytes the record has there; of a line that came in parts,
     * those of the last part. 0 where the offset is not known.
     */
    uint64_t length;
    /**
     * The record as it was read, with any password that stands in it: as
     * UTF-8, and a line that came in parts whole. NULL from an evaluator, and
     * of an event that was joined from several records.
     */
    struct t1053_text raw;
    /**
     * Of an event that was joined from several records: their numbers in the
     * stream, in the order in which they came; `record` is the first.
     */
    const uint64_t *joined;
    /**
     * How many records it was joined from; 0 where one says all of it.
     */
    size_t joined_len;
} t1053_match;

/**
 * Takes a match: `user` is what the caller gave with it. 0 goes on, anything
 * else stops.
 *
 * It runs on the caller's thread, inside of the call. It must return: to
 * jump or throw out of it is undefined. It may use any handle but the one
 * that calls it; that one is T1053_BUSY.
 */
typedef int32_t (*t1053_on_match)(void *user,
                                  const struct t1053_match *found);

/**
 * What had to be left out of sequences and counts, which is 0 where all is
 * well.
 */
typedef struct t1053_sequence_counts {
    /**
     * `sizeof(t1053_sequence_counts)`, set by the caller.
     */
    size_t struct_size;
    /**
     * How many keys are remembered: a task on a host, say. No fault.
     */
    uint64_t keys;
    /**
     * Events that were forgotten to make room, and that a later event might
     * still have completed a match with.
     */
    uint64_t evicted;
    /**
     * Events that were forgotten when their time had passed: only an event
     * that came late could have completed a match with them.
     */
    uint64_t expired;
    /**
     * Events without a time, which cannot be put in order.
     */
    uint64_t untimed;
    /**
     * Events without one of the values that the events of a match must agree
     * in.
     */
    uint64_t ungrouped;
} t1053_sequence_counts;

/**
 * What became of saved state.
 */
typedef struct t1053_restored {
    /**
     * `sizeof(t1053_restored)`, set by the caller.
     */
    size_t struct_size;
    /**
     * Detections that are the same here, whose keys were taken over.
     */
    uint64_t detections;
    /**
     * Their keys.
     */
    uint64_t keys;
    /**
     * Detections that are not the same here, or not here at all.
     */
    uint64_t dropped_detections;
    /**
     * Their keys.
     */
    uint64_t dropped_keys;
} t1053_restored;

/**
 * Settings of an evaluator. Set everything to zero first, then `struct_size`,
 * then what is to be other than usual.
 */
typedef struct t1053_evaluator_options {
    /**
     * `sizeof(t1053_evaluator_options)`.
     */
    size_t struct_size;
    /**
     * T1053_EVALUATOR_NO_SEQUENCES, T1053_EVALUATOR_GROWS, both, or 0;
     * T1053_UNKNOWN_FLAG for any other bit.
     */
    uint32_t flags;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * As of t1053_evaluator_new().
     */
    size_t sequence_capacity;
} t1053_evaluator_options;

/**
 * What all matches of one event together mean: one severity, one line, one
 * id. It and all that it points to lives for the callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_verdict {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * For t1053_verdict_line(), t1053_verdict_ndjson() and
     * t1053_verdict_jobs().
     */
    const struct t1053_judged *judged;
    /**
     * How severe the event is: `informational`, `low`, `medium`, `high`,
     * `critical`.
     */
    struct t1053_text severity;
    /**
     * 16 bytes that are the same for the same event, in every language,
     * whether it was typed or scanned.
     */
    const uint8_t *id;
    /**
     * Indices in the detector of all that matches, in its order.
     */
    const uint32_t *matches;
    /**
     * How many matches.
     */
    size_t matches_len;
    /**
     * Of those the ones that say more than that a scheduler was used.
     */
    const uint32_t *traits;
    /**
     * How many traits.
     */
    size_t traits_len;
    /**
     * How many jobs the matches speak of, which t1053_verdict_jobs() gives.
     */
    size_t jobs_len;
    /**
     * 0-based number of the record in the stream; 0 from an evaluator.
     */
    uint64_t record;
    /**
     * 0-based place of the event in a record that wraps several, or
     * T1053_NO_ITEM.
     */
    uint32_t item;
    /**
     * What kind of event it is: of t1053_event_kind.
     */
    uint32_t kind;
    /**
     * When it happened, if `has_time` is not 0: ticks of 100 nanoseconds
     * since 1970-01-01T00:00:00Z.
     */
    int64_t time;
    /**
     * Whether the time is known.
     */
    uint32_t has_time;
    /**
     * Whether weak signs were left out, since the job is what vendors'
     * programs and installers set up.
     */
    uint32_t is_expected;
    /**
     * `index` of the job that the line is about, or T1053_NO_JOB.
     */
    uint32_t job_index;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
    /**
     * Host that recorded the event, or NULL.
     */
    struct t1053_text host;
    /**
     * Account that the event is about, or NULL.
     */
    struct t1053_text user;
    /**
     * Byte offset in the stream at which the record begins, as of
     * t1053_match.
     */
    uint64_t offset;
    /**
     * How many bytes the record has there, as of t1053_match.
     */
    uint64_t length;
    /**
     * The record as it was read, as of t1053_match.
     */
    struct t1053_text raw;
    /**
     * Of an event that was joined from several records: their numbers in the
     * stream, in the order in which they came; `record` is the first.
     */
    const uint64_t *joined;
    /**
     * How many records it was joined from; 0 where one says all of it.
     */
    size_t joined_len;
} t1053_verdict;

/**
 * Takes a verdict: `user` is what the caller gave with it. 0 goes on,
 * anything else stops. The rules of t1053_on_match hold.
 */
typedef int32_t (*t1053_on_verdict)(void *user,
                                    const struct t1053_verdict *verdict);

/**
 * What an evaluator has done since it was made.
 */
typedef struct t1053_evaluator_totals {
    /**
     * `sizeof(t1053_evaluator_totals)`, set by the caller.
     */
    size_t struct_size;
    /**
     * Events that were evaluated.
     */
    uint64_t events;
    /**
     * Events that something matched.
     */
    uint64_t matched_events;
    /**
     * Matches, sequences among them: what was handed to callbacks, and what
     * one that asked to stop was not given any more.
     */
    uint64_t matches;
} t1053_evaluator_totals;

/**
 * What an event says of one scheduled job. It and all that it points to
 * lives for the callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_job {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * Its place among the jobs of its event, from 0.
     */
    size_t index;
    /**
     * All that is said of it: of T1053_FIELD_JOB_ACTIVITY and those after
     * it. A field may have several values; those of T1053_FIELD_JOB_COMMAND
     * and T1053_FIELD_JOB_ARGUMENTS belong together in their order.
     */
    const struct t1053_field_value *values;
    /**
     * How many values.
     */
    size_t values_len;
} t1053_job;

/**
 * Takes a job: `user` is what the caller gave with it. 0 goes on, anything
 * else stops. The rules of t1053_on_match hold.
 */
typedef int32_t (*t1053_on_job)(void *user,
                                const struct t1053_job *job);

/**
 * Takes a line for a log: `text_len` bytes of UTF-8, without a line end, for
 * the callback only. `user` is what t1053_log_to() was given.
 *
 * It must return: to jump or throw out of it is undefined. It may be called
 * by any thread that is in the library, by several at a time, and must not
 * call the library.
 */
typedef void (*t1053_on_log)(void *user,
                             const char *text,
                             size_t text_len);

/**
 * A group of identical matches that is complete. It lives for the callback
 * only, but `detection` as long as the detector.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_group {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * For t1053_group_ndjson().
     */
    const struct t1053_closed *closed;
    /**
     * Its number, as t1053_repeats_take() told it.
     */
    uint64_t group;
    /**
     * What is known of the detection.
     */
    const struct t1053_detection *detection;
    /**
     * Its index in the detector.
     */
    size_t detection_index;
    /**
     * How many matches there were besides the first that was shown.
     */
    uint64_t repeats;
    /**
     * When the earliest happened: ticks of 100 nanoseconds since 1970.
     */
    int64_t first;
    /**
     * When the latest happened.
     */
    int64_t last;
} t1053_group;

/**
 * Takes a group: `user` is what the caller gave with it. There is no
 * stopping: each group is told once. Otherwise the rules of t1053_on_match
 * hold.
 */
typedef void (*t1053_on_group)(void *user,
                               const struct t1053_group *group);

/**
 * What became of all matches. `groups`, `repeats` and `alone` are together
 * how many were taken.
 */
typedef struct t1053_repeat_counts {
    /**
     * `sizeof(t1053_repeat_counts)`, set by the caller.
     */
    size_t struct_size;
    /**
     * Groups that are open now.
     */
    uint64_t open;
    /**
     * Groups that were opened.
     */
    uint64_t groups;
    /**
     * Matches that were counted and not to be shown.
     */
    uint64_t repeats;
    /**
     * Matches without a time, or too late for the group that was open: shown,
     * and part of no group.
     */
    uint64_t alone;
    /**
     * Groups that were closed before their time to make room.
     */
    uint64_t early;
} t1053_repeat_counts;

/**
 * What a detection adds to a risk. Members are never added: arrays are made
 * of these.
 */
typedef struct t1053_risk_part {
    /**
     * What is known of the detection; lives as long as the detector.
     */
    const struct t1053_detection *detection;
    /**
     * Its index in the detector.
     */
    size_t detection_index;
    /**
     * When it was found last: ticks of 100 nanoseconds since 1970.
     */
    int64_t time;
    /**
     * Its risk score.
     */
    uint32_t score;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
} t1053_risk_part;

/**
 * A host or a user whose risk has reached the threshold. It and all that it
 * points to, but detections, lives for the callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_risk {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * For t1053_risk_message() and t1053_risk_ndjson().
     */
    const struct t1053_reached *reached;
    /**
     * What it is of: `host` or `user`.
     */
    struct t1053_text of;
    /**
     * Its name, as the event has it.
     */
    struct t1053_text name;
    /**
     * When the match happened that reached it: ticks of 100 nanoseconds
     * since 1970.
     */
    int64_t time;
    /**
     * What it is made of, in the order of detections.
     */
    const struct t1053_risk_part *parts;
    /**
     * How many parts.
     */
    size_t parts_len;
    /**
     * The sum.
     */
    uint32_t score;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
} t1053_risk;

/**
 * Takes a risk: `user` is what the caller gave with it. There is no
 * stopping: each risk is told once. Otherwise the rules of t1053_on_match
 * hold.
 */
typedef void (*t1053_on_risk)(void *user,
                              const struct t1053_risk *risk);

/**
 * What is remembered of hosts and users.
 */
typedef struct t1053_risk_counts {
    /**
     * `sizeof(t1053_risk_counts)`, set by the caller.
     */
    size_t struct_size;
    /**
     * Hosts and users that are remembered now.
     */
    uint64_t objects;
    /**
     * Those that were forgotten to make room.
     */
    uint64_t forgotten;
} t1053_risk_counts;

/**
 * A text of Sigma documents, such as a file. Members are never added: arrays
 * are made of these.
 */
typedef struct t1053_rule_text {
    /**
     * What problems call it, such as a path, in UTF-8.
     */
    struct t1053_text name;
    /**
     * The text.
     */
    struct t1053_text text;
} t1053_rule_text;

/**
 * What is wrong with a rule that is left out. It and its texts live for the
 * callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_rule_problem {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * The name of the text, as it was given.
     */
    struct t1053_text name;
    /**
     * The line of the text, from 1; 0 where none is meant.
     */
    size_t line;
    /**
     * The character of the line, from 1; 0 where none is meant.
     */
    size_t column;
    /**
     * What is wrong and what would be right, in one line of UTF-8.
     */
    struct t1053_text message;
    /**
     * What is wrong: of t1053_rule_problem_kind.
     */
    uint32_t kind;
    /**
     * 0; keeps the struct without gaps.
     */
    uint32_t reserved;
} t1053_rule_problem;

/**
 * Takes a problem: `user` is what the caller gave with it. 0 goes on,
 * anything else stops, and nothing is added.
 *
 * It runs on the caller's thread, inside of the call. It must return: to
 * jump or throw out of it is undefined. The builder that calls it is
 * T1053_BUSY.
 */
typedef int32_t (*t1053_on_rule_problem)(void *user,
                                         const struct t1053_rule_problem *problem);

/**
 * Takes an event that is part of a sequence or a count, after what it matches
 * by itself. 0 goes on, anything else stops. The rules of t1053_on_match
 * hold.
 */
typedef int32_t (*t1053_on_sequence_event)(void *user,
                                           const struct t1053_sequence_event *event);

/**
 * A record of no shape that is known. Lives for the callback only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_not_understood {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * 0-based number of the record in the stream.
     */
    uint64_t record;
    /**
     * Byte offset in the stream at which the record begins; in a UTF-16
     * stream, counted in its UTF-8 form.
     */
    uint64_t offset;
    /**
     * All of the record.
     */
    struct t1053_text bytes;
} t1053_not_understood;

/**
 * Takes a record of no shape that is known. 0 goes on, anything else stops.
 * The rules of t1053_on_match hold.
 */
typedef int32_t (*t1053_on_not_understood)(void *user,
                                           const struct t1053_not_understood *record);

/**
 * Settings of a scanner. Set everything to zero first, then `struct_size`,
 * then what is to be other than usual.
 */
typedef struct t1053_scanner_options {
    /**
     * `sizeof(t1053_scanner_options)`.
     */
    size_t struct_size;
    /**
     * The shape of all records: of t1053_format. 0: each tells its own.
     */
    uint32_t format;
    /**
     * T1053_SCANNER_NO_FILTER, T1053_SCANNER_NO_JOIN and
     * T1053_SCANNER_NO_SEQUENCES, as many as are meant, or 0;
     * T1053_UNKNOWN_FLAG for any other bit.
     */
    uint32_t flags;
    /**
     * The most bytes that a record may have; a larger one is counted and
     * reported as unreadable, and never held in memory. At least 1024, or 0
     * for the usual 16 MiB; T1053_OUT_OF_RANGE for less. The scanner's
     * memory grows up to three times this limit, if records are that large.
     */
    size_t record_limit;
    /**
     * How many keys of sequences are remembered; see t1053_evaluator_new().
     */
    size_t sequence_capacity;
    /**
     * How many events of each step of a sequence are remembered for each
     * key: 1 to 1024, or 0 for the usual 8.
     */
    size_t sequence_depth;
    /**
     * Takes the verdict of each event that matches, after its matches and
     * with the `user` of the call that scans it; or NULL. With it, `on_match`
     * of those calls may be NULL.
     */
    t1053_on_verdict on_verdict;
    /**
     * What lines of NDJSON tell of the event, besides what was found: names
     * of fields, separated by commas, and `raw` for the record; or NULL.
     * T1053_UNKNOWN_NAME for any other. A callback has all of it without.
     */
    struct t1053_text keep;
    /**
     * Takes each event that is part of a sequence or a count, with the `user`
     * of the call that scans it, to hand it to a correlator that several
     * scanners share (t1053_correlator_take_sequence_event()); or NULL. With
     * it, the scanner has no memory of sequences, as with
     * T1053_SCANNER_NO_SEQUENCES.
     */
    t1053_on_sequence_event on_sequence_event;
    /**
     * Takes each record of no shape that is known, of those that are looked
     * at (`not_understood` of t1053_counts), with the `user` of the call that
     * scans it; or NULL. The first few tell what is in a stream.
     */
    t1053_on_not_understood on_not_understood;
} t1053_scanner_options;

/**
 * A record that could not be read, or not wholly. Lives for the callback
 * only.
 *
 * Only the library makes these; members may be added at the end.
 */
typedef struct t1053_unreadable {
    /**
     * Size of this struct in the library that is running.
     */
    size_t struct_size;
    /**
     * 0-based number of the record in the stream.
     */
    uint64_t record;
    /**
     * Byte offset in the stream at which the record begins; in a UTF-16
     * stream, counted in its UTF-8 form.
     */
    uint64_t offset;
    /**
     * Byte offset in the record at which reading stopped.
     */
    size_t error_offset;
    /**
     * What was wrong, in plain words; lives as long as the library.
     */
    struct t1053_text reason;
} t1053_unreadable;

/**
 * Takes a record that could not be read. 0 goes on, anything else stops. The
 * rules of t1053_on_match hold.
 */
typedef int32_t (*t1053_on_unreadable)(void *user,
                                       const struct t1053_unreadable *unreadable);

/**
 * What a scanner has seen so far. `records` is the sum of `read`,
 * `filtered`, `uninteresting` and `unreadable`.
 */
typedef struct t1053_counts {
    /**
     * `sizeof(t1053_counts)`, set by the caller.
     */
    size_t struct_size;
    /**
     * Bytes fed.
     */
    uint64_t bytes;
    /**
     * Records found in them.
     */
    uint64_t records;
    /**
     * Records with at least one event.
     */
    uint64_t read;
    /**
     * Records that were not read, because a search of their bytes showed
     * that they could match nothing.
     */
    uint64_t filtered;
    /**
     * Records that were read and hold no event that any detection asks for.
     */
    uint64_t uninteresting;
    /**
     * Records that could not be read, wholly or in part.
     */
    uint64_t unreadable;
    /**
     * Matches reported.
     */
    uint64_t matches;
    /**
     * Halves of sequences that were forgotten to make room, and that a later
     * event might still have completed.
     */
    uint64_t sequences_evicted;
    /**
     * Events of sequences without a time, which cannot be put in order.
     */
    uint64_t sequences_untimed;
    /**
     * Halves of sequences that were forgotten to make room when their time
     * had passed: only an event that came late could have completed them.
     */
    uint64_t sequences_expired;
    /**
     * Events of sequences without one of the values that the events of a
     * sequence must agree in.
     */
    uint64_t sequences_ungrouped;
    /**
     * Of the `uninteresting` records, how many are of no shape that is known:
     * that nothing matches in them says nothing. Of records that the filter
     * passes over the first 64 are looked at, and one in 1 MiB after them.
     */
    uint64_t not_understood;
    /**
     * Events that were made of the records of an audit event.
     */
    uint64_t joined;
    /**
     * Audit events that ended without all of their records, which were lost
     * or came too late: they were taken as far as they came.
     */
    uint64_t joins_incomplete;
    /**
     * Audit events that ended because too many others had begun, or too
     * large ones.
     */
    uint64_t joins_evicted;
    /**
     * Records that came after their audit event had ended: what is asked of
     * joined events does not see them.
     */
    uint64_t joins_late;
    /**
     * Records that found no room, as their audit event has over 512 records
     * or 256 KiB.
     */
    uint64_t joins_cut;
} t1053_counts;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 * == Library ==
 *
 * Which library is running, what a status is called, and where a line goes that
 * no call can return.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * int main(void)
 * {
 *     printf("t1053 %s\n", t1053_version());
 *     // The library that was loaded is of the interface compiled against.
 *     return t1053_abi_version() != T1053_ABI_VERSION;
 * }
 * ```
 */

/**
 * Hands `on_log` what the library has to say that no status and no callback
 * of a call can: of a defect of its own, which ends in T1053_PANIC, one line
 * with its place in the source. Without this call the line goes to standard
 * error; with NULL for `on_log`, nowhere.
 *
 * It is the one setting of the process, or, where several copies of the
 * library are in it, of this copy. A later call replaces an earlier one,
 * which another thread may still be in. Before the code of `on_log` is
 * unloaded, call it with NULL. Any thread. Allocates.
 */
t1053_status t1053_log_to(t1053_on_log on_log,
                          void *user);

/**
 * The name of a status, as in this header, NUL-terminated; `unknown status`
 * when there is none of this number.
 *
 * The text lives as long as the library. Any thread. Does not allocate.
 */
const char *t1053_status_name(int32_t status);

/**
 * The ABI version of the library that is running; compare it with
 * T1053_ABI_VERSION where the library is loaded at run time.
 *
 * Any thread. Does not allocate.
 */
uint32_t t1053_abi_version(void);

/**
 * The version of the library that is running, NUL-terminated: `0.1.0`.
 *
 * The text lives as long as the library. Any thread. Does not allocate.
 */
const char *t1053_version(void);

/*
 * == Names ==
 *
 * Fields, kinds of event and formats by their names, for programs that are
 * configured; and UTF-16 as UTF-8.
 *
 * ```c
 * #include <string.h>
 * #include <t1053.h>
 *
 * int main(void)
 * {
 *     const char *name = "CommandLine";
 *     uint32_t field;
 *     if (t1053_field_from_name(name, strlen(name), &field) != T1053_OK)
 *         return 1;
 *     return field != T1053_FIELD_COMMAND_LINE;
 * }
 * ```
 */

/**
 * Finds the number of a field from its name in rules, such as `Image`:
 * for callers whose names come from a configuration.
 *
 * Writes `*field` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
 * not allocate.
 */
t1053_status t1053_field_from_name(const char *name,
                                   size_t name_len,
                                   uint32_t *field);

/**
 * The name of a field in rules and findings; `data` is NULL when there is no
 * such field.
 *
 * The text lives as long as the library. Any thread. Does not allocate.
 */
struct t1053_text t1053_field_name(uint32_t field);

/**
 * Finds the number of a kind of event from its name in findings and
 * samples, such as `process_creation`.
 *
 * Writes `*kind` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
 * not allocate.
 */
t1053_status t1053_kind_from_name(const char *name,
                                  size_t name_len,
                                  uint32_t *kind);

/**
 * The name of a kind of event; `data` is NULL when there is no such kind.
 *
 * The text lives as long as the library. Any thread. Does not allocate.
 */
struct t1053_text t1053_kind_name(uint32_t kind);

/**
 * Whether events of a kind have a field: T1053_OK, else
 * T1053_FIELD_NOT_OF_KIND, or what is unknown of the two.
 *
 * Any thread. Does not allocate.
 */
t1053_status t1053_kind_has_field(uint32_t kind,
                                  uint32_t field);

/**
 * Finds the number of a format from its name: `auto`, `json`, `xml`,
 * `wineventlog`, `auditd`.
 *
 * Writes `*format` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
 * not allocate.
 */
t1053_status t1053_format_from_name(const char *name,
                                    size_t name_len,
                                    uint32_t *format);

/**
 * Writes UTF-16 as UTF-8 into a buffer, as events take it: no NUL at the end
 * but what is in the text. A surrogate that stands alone becomes U+FFFD.
 *
 * Returns how many bytes the whole has, which are all written if that is at
 * most `capacity`; if it is more, the beginning is. Three bytes a unit are
 * always enough. 0 when `units` is NULL or misaligned, or `count` is no
 * possible length.
 *
 * A scanner needs no such help: it decodes records and streams of UTF-16 by
 * itself.
 *
 * Any thread. Does not allocate. Costs time in proportion to `count`.
 */
size_t t1053_utf8_from_utf16(const uint16_t *units,
                             size_t count,
                             char *buffer,
                             size_t capacity);

/*
 * == Detectors ==
 *
 * What is detected: made once, never changed, shared by all threads.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * int main(void)
 * {
 *     t1053_detector *detector;
 *     size_t i;
 *     if (t1053_detector_new(&detector) != T1053_OK)
 *         return 1;
 *     for (i = 0; i < t1053_detector_count(detector); i++) {
 *         const t1053_detection *it = t1053_detector_get(detector, i);
 *         printf("%.*s\n", (int)it->slug.len, it->slug.data);
 *     }
 *     t1053_detector_free(detector);
 *     return 0;
 * }
 * ```
 */

/**
 * How many exclusions a detector has; 0 for NULL. They stand in the order in
 * which they were given.
 *
 * Any thread. Does not allocate.
 */
size_t t1053_detector_exclusion_count(const struct t1053_detector *detector);

/**
 * The name of the exclusion at an index: the one that its configuration gives
 * it, or the slug that t1053_builder_exclude() was given. NULL where there is
 * none.
 *
 * The text lives as long as the detector. Any thread. Does not allocate.
 */
struct t1053_text t1053_detector_exclusion_name(const struct t1053_detector *detector,
                                                size_t index);

/**
 * Makes a detector of all built-in detections.
 *
 * Writes `*detector`, which the caller frees with t1053_detector_free().
 * Any thread. Allocates; takes some milliseconds. Make one, and share
 * it.
 */
t1053_status t1053_detector_new(struct t1053_detector **detector);

/**
 * Frees a detector; NULL is accepted. Evaluators and scanners made from it
 * stay usable. What t1053_detector_get() gave must not be used any more,
 * unless one of those still lives.
 *
 * No other thread may be using the handle.
 */
void t1053_detector_free(struct t1053_detector *detector);

/**
 * How many detections a detector has; 0 for NULL.
 *
 * Any thread. Does not allocate.
 */
size_t t1053_detector_count(const struct t1053_detector *detector);

/**
 * What is known of the detection at an index, which is less than
 * t1053_detector_count(); NULL when there is none. Detections stand in the
 * order of their slugs. Indices hold for this detector; to remember a
 * detection, remember its slug.
 *
 * The result lives as long as the detector. Any thread. Does not allocate.
 */
const struct t1053_detection *t1053_detector_get(const struct t1053_detector *detector,
                                                 size_t index);

/**
 * A number for what a detector finds: another one wherever a detection, an
 * exclusion or how text is seen through differs, and the same on every
 * platform, to tell which content an agent runs. 0 for NULL.
 *
 * Another version of the library may give another number to the same
 * content. Any thread. Does not allocate; takes some milliseconds for a
 * thousand detections.
 */
uint64_t t1053_detector_content(const struct t1053_detector *detector);

/**
 * Finds the index of a detection from its slug.
 *
 * Writes `*index` on T1053_OK; else T1053_UNKNOWN_NAME. Any thread. Does
 * not allocate; takes time in proportion to the number of detections.
 */
t1053_status t1053_detector_find(const struct t1053_detector *detector,
                                 const char *slug,
                                 size_t slug_len,
                                 size_t *index);

/**
 * Writes to `*bytes` how much memory a detector holds, which all that is made
 * of it shares; with its filter, where a scanner was made.
 *
 * Any thread. Does not allocate.
 */
t1053_status t1053_detector_memory(const struct t1053_detector *detector,
                                   size_t *bytes);

/**
 * Writes to `*is_needed` whether some detection looks at a field, of
 * t1053_field, of events of a kind, of t1053_event_kind: 1, or 0 where it
 * need not be collected. A field that is left out although it is needed makes
 * matches be missed. What is shown besides (host, user, time) is not asked.
 *
 * 0 also for a field that no event of the kind has, and for all of a kind that
 * no detection asks for. docs/sensors.md tells which value of which sensor is
 * which field. Any thread. Does not allocate. Takes time in proportion to the
 * number of detections: to be asked as a program starts.
 */
t1053_status t1053_detector_needs(const struct t1053_detector *detector,
                                  uint32_t kind,
                                  uint32_t field,
                                  int32_t *is_needed);

/*
 * == Builders ==
 *
 * A detector of what one chooses, without what is known to be harmless, and with
 * rules of one's own.
 *
 * ```c
 * #include <stdio.h>
 * #include <string.h>
 * #include <t1053.h>
 *
 * int main(void)
 * {
 *     const char *chosen = "platform:linux";
 *     t1053_builder *builder;
 *     t1053_detector *detector = NULL;
 *     if (t1053_builder_new(&builder) != T1053_OK)
 *         return 1;
 *     if (t1053_builder_enable(builder, chosen, strlen(chosen)) != T1053_OK ||
 *         t1053_builder_build(builder, &detector) != T1053_OK) {
 *         t1053_text why = t1053_builder_error(builder);
 *         fprintf(stderr, "%.*s\n", (int)why.len, why.data);
 *     }
 *     t1053_builder_free(builder);
 *     if (detector == NULL)
 *         return 1;
 *     t1053_detector_free(detector);
 *     return 0;
 * }
 * ```
 */

/**
 * Lets a builder choose what a configuration says, besides what it has
 * chosen: a YAML text that is the same for all languages, which docs/rules.md
 * tells. Placeholders and names that it gives are those of all rules that are
 * added after it. Scanners of the detector read logs as it says; what their
 * options say comes before that.
 *
 * The library reads no files: `on_path` takes the paths of rules that the
 * text names, and the program adds these. It may be NULL where none are
 * expected.
 *
 * T1053_BAD_CONFIG where the text is wrong, and nothing is chosen:
 * t1053_builder_error() tells all that is, each in a line with its place.
 * T1053_STOPPED where `on_path` stopped, and nothing is chosen either.
 * T1053_UNSUPPORTED where the library is built without its feature `sigma`.
 * One thread at a time. Allocates; the text is not kept.
 */
t1053_status t1053_builder_configure(struct t1053_builder *builder,
                                     const char *text,
                                     size_t text_len,
                                     t1053_on_rules_path on_path,
                                     void *user);

/**
 * Makes a builder. Without any t1053_builder_enable() every built-in
 * detection is chosen; with some, only those that one of them means. Then
 * each t1053_builder_disable() takes away.
 *
 * Writes `*builder`, which the caller frees with t1053_builder_free(). Any
 * thread. Allocates.
 */
t1053_status t1053_builder_new(struct t1053_builder **builder);

/**
 * Frees a builder; NULL is accepted.
 *
 * No other thread may be using the handle.
 */
void t1053_builder_free(struct t1053_builder *builder);

/**
 * Chooses the detections that a selector means; several calls add up.
 *
 * A selector is a preset (`all`; `published`, the detections of other
 * publishers; `behaviours`, ours), a slug, `kind:TTP`, `technique:T1053.003`
 * (`technique:T1053` takes its sub-techniques in), `platform:linux`,
 * `pack:scheduled-tasks` or `risk:50` (at least 50). On T1053_BAD_SELECTOR,
 * t1053_builder_error() tells why. That a slug is unknown comes out in
 * t1053_builder_build(). One thread at a time. Allocates; the text is copied.
 */
t1053_status t1053_builder_enable(struct t1053_builder *builder,
                                  const char *selector,
                                  size_t selector_len);

/**
 * Takes away the detections that a selector means; see
 * t1053_builder_enable(). One thread at a time. Allocates; the text is
 * copied.
 */
t1053_status t1053_builder_disable(struct t1053_builder *builder,
                                   const char *selector,
                                   size_t selector_len);

/**
 * Leaves the built-in detections out: the builder has what is added to it
 * and nothing else. Call it before t1053_builder_add_rules(), so that rules
 * may have the names of built-in ones. One thread at a time. Allocates.
 */
t1053_status t1053_builder_without_builtin(struct t1053_builder *builder);

/**
 * Says how far command lines and scripts are taken apart for detections
 * about scheduled jobs: `off`, not at all; `argv`, into words, and no text of
 * a shell; `full`, the usual, with the texts that shells are told to run. On
 * T1053_BAD_SELECTOR, for any other name, t1053_builder_error() tells the
 * names. One thread at a time. Allocates.
 */
t1053_status t1053_builder_canonical(struct t1053_builder *builder,
                                     const char *name,
                                     size_t name_len);

/**
 * Silences a detection for events in which a field compares with a pattern:
 * `field` is of t1053_field, `operation` of t1053_operation. Several
 * exclusions of one detection each silence it; of a sequence, they apply to
 * both of its events. One thread at a time. Allocates; the texts are copied.
 */
t1053_status t1053_builder_exclude(struct t1053_builder *builder,
                                   const char *slug,
                                   size_t slug_len,
                                   uint32_t field,
                                   uint32_t operation,
                                   const char *pattern,
                                   size_t pattern_len);

/**
 * Makes a detector of what was chosen. The builder stays as it is, and may
 * make another.
 *
 * Writes `*detector`, which the caller frees with t1053_detector_free().
 * On T1053_BUILD_FAILED, t1053_builder_error() tells why. One thread at a
 * time. Allocates; takes some milliseconds at most.
 */
t1053_status t1053_builder_build(struct t1053_builder *builder,
                                 struct t1053_detector **detector);

/**
 * Why the last call with this builder failed, in plain words, with the
 * nearest valid names; NULL when it did not fail, or when its status says
 * everything.
 *
 * The text lives until the next call with the builder. One thread at a time.
 * Does not allocate.
 */
struct t1053_text t1053_builder_error(const struct t1053_builder *builder);

/**
 * Adds rules from texts of Sigma documents, the files of a folder for
 * example. The good ones are added; what is wrong with the others goes to
 * `on_problem`, in the order of the texts. A correlation finds its rules in
 * all texts of the call.
 *
 * `flags` is 0 or T1053_RULES_STRICT: then a problem makes the call end in
 * T1053_BAD_RULES when all are told, and nothing is added. `on_problem` may
 * be NULL with that flag only: t1053_builder_error() tells all problems,
 * each in a line.
 *
 * A rule may not have the name or the id of one that the builder has, nor of
 * a built-in detection, unless t1053_builder_without_builtin() was called
 * before. A
 * text may have 16 MiB, all of a call 64 MiB and 100,000 documents.
 *
 * T1053_UNSUPPORTED where the library is built without its feature `sigma`;
 * packs, of t1053_builder_add_pack(), do without.
 * One thread at a time. Allocates; takes about 0.1 ms a rule; the texts are
 * not kept.
 */
t1053_status t1053_builder_add_rules(struct t1053_builder *builder,
                                     const struct t1053_rule_text *texts,
                                     size_t texts_len,
                                     uint32_t flags,
                                     t1053_on_rule_problem on_problem,
                                     void *user);

/**
 * Adds rules that were compiled before, by `python -m t1053 compile` or
 * RuleSet::to_pack() in Rust. Needs no feature. `name` is what problems call
 * the pack, such as its path, in UTF-8.
 *
 * A pack that is damaged, or of a later version of the format, is one problem
 * and adds nothing. It bears a checksum against accidents; a host that gets
 * packs over a network checks a signature of its own before. All else is as
 * of t1053_builder_add_rules(). One thread at a time. Allocates; the bytes are
 * not kept.
 */
t1053_status t1053_builder_add_pack(struct t1053_builder *builder,
                                    const char *name,
                                    size_t name_len,
                                    const char *pack,
                                    size_t pack_len,
                                    uint32_t flags,
                                    t1053_on_rule_problem on_problem,
                                    void *user);

/*
 * == Evaluators ==
 *
 * Events that the caller has, one thread each, to matches.
 *
 * ```c
 * #include <string.h>
 * #include <t1053.h>
 *
 * static int32_t on_match(void *user, const t1053_match *match)
 * {
 *     (void)match;
 *     ++*(int *)user;
 *     return 0;
 * }
 *
 * int main(void)
 * {
 *     const char *line = "crontab -e";
 *     t1053_field_value fields[1] = {{0}};
 *     t1053_event event = {0};
 *     t1053_detector *detector;
 *     t1053_evaluator *evaluator;
 *     int found = 0;
 *     if (t1053_detector_new(&detector) != T1053_OK ||
 *         t1053_evaluator_new(detector, 0, &evaluator) != T1053_OK)
 *         return 1;
 *     fields[0].field = T1053_FIELD_COMMAND_LINE;
 *     fields[0].value.data = line;
 *     fields[0].value.len = strlen(line);
 *     event.struct_size = sizeof event;
 *     event.platform = T1053_PLATFORM_LINUX;
 *     event.kind = T1053_EVENT_PROCESS_CREATION;
 *     event.fields = fields;
 *     event.fields_len = 1;
 *     t1053_evaluate(evaluator, &event, on_match, &found);
 *     t1053_evaluator_free(evaluator);
 *     t1053_detector_free(detector);
 *     return found == 0;
 * }
 * ```
 */

/**
 * Writes to `*count` how many matches the exclusion at an index has silenced
 * in this evaluator. Of a detection that needs several events each event
 * counts, and of one about jobs each job.
 *
 * T1053_OUT_OF_RANGE where the detector has no such exclusion. One thread at
 * a time. Does not allocate.
 */
t1053_status t1053_evaluator_excluded(const struct t1053_evaluator *evaluator,
                                      size_t index,
                                      uint64_t *count);

/**
 * Makes an evaluator. `sequence_capacity` is how many keys of sequences (a
 * task on a host) it remembers, of about 160 bytes each: 1 to 1048576, or 0
 * for the usual 65536. The memory is reserved at once and touched only when
 * it is used. When there is no room for another key, one goes that no event
 * in order can complete any more, or else the oldest of the detection that
 * has the most.
 *
 * T1053_OUT_OF_RANGE for a capacity that is not allowed, T1053_OUT_OF_MEMORY
 * when there is no memory for it. Writes `*evaluator`, which the caller frees
 * with t1053_evaluator_free(). Any thread. Allocates all that evaluation ever
 * needs.
 */
t1053_status t1053_evaluator_new(const struct t1053_detector *detector,
                                 size_t sequence_capacity,
                                 struct t1053_evaluator **evaluator);

/**
 * Makes an evaluator with other than the usual settings; `options` may be
 * NULL. Else as t1053_evaluator_new().
 */
t1053_status t1053_evaluator_make(const struct t1053_detector *detector,
                                  const struct t1053_evaluator_options *options,
                                  struct t1053_evaluator **evaluator);

/**
 * Writes to `*bytes` how much memory an evaluator holds, besides its detector:
 * with its sequences, all that they ever will, of which they touch what their
 * keys need.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_evaluator_memory(const struct t1053_evaluator *evaluator,
                                    size_t *bytes);

/**
 * Frees an evaluator; NULL is accepted. Within its own callback it does
 * nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_evaluator_free(struct t1053_evaluator *evaluator);

/**
 * Forgets the beginnings of sequences.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_evaluator_reset(struct t1053_evaluator *evaluator);

/**
 * Finds the detections that an event matches, and the sequences that it
 * completes, and hands each to `on_match` in the order of their slugs,
 * sequences last.
 *
 * T1053_STOPPED when the callback asked to stop; the next event is taken as
 * usual. One thread at a time. Does not allocate (but for a task definition
 * of more than 64 KiB of escaped text or 128 actions, once). Takes time in
 * proportion to the bytes of the values that detections look at.
 */
t1053_status t1053_evaluate(struct t1053_evaluator *evaluator,
                            const struct t1053_event *event,
                            t1053_on_match on_match,
                            void *user);

/**
 * As t1053_evaluate(), and then hands `on_verdict` what all that the event
 * matches by itself means together; nothing where it matches nothing.
 *
 * `on_match` may be NULL. Sequences are found and handed to it; being of
 * several events, they are no part of the verdict. T1053_STOPPED when a
 * callback asked to stop: when `on_match` did, there is no verdict. One
 * thread at a time. Does not allocate (but for what t1053_evaluate() does).
 * Takes the time of t1053_evaluate(), and a look at each match.
 */
t1053_status t1053_evaluate_verdict(struct t1053_evaluator *evaluator,
                                    const struct t1053_event *event,
                                    t1053_on_match on_match,
                                    t1053_on_verdict on_verdict,
                                    void *user);

/**
 * t1053_evaluate() without sequences: for many evaluators that share one
 * t1053_correlator. Hands the detections that the event matches by itself to
 * `on_match`, and writes `*is_part`: 1 if the event is part of a sequence or
 * a count, so that t1053_correlator_take() is to have it, or 0. What the
 * evaluator remembers itself stays as it is.
 *
 * `*is_part` is written on T1053_STOPPED, too. Otherwise as t1053_evaluate().
 */
t1053_status t1053_evaluate_alone(struct t1053_evaluator *evaluator,
                                  const struct t1053_event *event,
                                  t1053_on_match on_match,
                                  void *user,
                                  int32_t *is_part);

/**
 * Writes what the evaluator had to leave out of sequences to `*counts`,
 * whose `struct_size` the caller has set.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_evaluator_counts(const struct t1053_evaluator *evaluator,
                                    struct t1053_sequence_counts *counts);

/**
 * Writes what an evaluator has done to `*totals`, whose `struct_size` the
 * caller has set. Events that a status other than T1053_OK and T1053_STOPPED
 * refused are not among it.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_evaluator_total(const struct t1053_evaluator *evaluator,
                                   struct t1053_evaluator_totals *totals);

/**
 * Writes to `*count` how many of an evaluator's matches are of the detection
 * at an index, since it was made: which detections fire, and which never do.
 *
 * T1053_OUT_OF_RANGE where the detector has no such detection. One thread at
 * a time. Does not allocate.
 */
t1053_status t1053_evaluator_hits(const struct t1053_evaluator *evaluator,
                                  size_t detection_index,
                                  uint64_t *count);

/**
 * Writes what the evaluator remembers of sequences into `buffer`, as
 * t1053_correlator_save() does; t1053_correlator_restore() takes it, too.
 */
t1053_status t1053_evaluator_save(const struct t1053_evaluator *evaluator,
                                  void *buffer,
                                  size_t capacity,
                                  size_t *needed);

/**
 * Takes over what t1053_evaluator_save() or t1053_correlator_save() wrote,
 * as t1053_correlator_restore() does.
 */
t1053_status t1053_evaluator_restore(struct t1053_evaluator *evaluator,
                                     const void *state,
                                     size_t state_len,
                                     struct t1053_restored *restored);

/**
 * t1053_evaluate() without a callback: writes the indices in the detector
 * of what matches into `indices`, as many as `capacity` has room for.
 *
 * Writes `*count`: how many there are, which may be more than fit, but is
 * never more than t1053_detector_count(). One thread at a time. Does not
 * allocate.
 */
t1053_status t1053_evaluate_indices(struct t1053_evaluator *evaluator,
                                    const struct t1053_event *event,
                                    uint32_t *indices,
                                    size_t capacity,
                                    size_t *count);

/**
 * t1053_evaluate() of several events, one after the other: `events` is an
 * array of `count` pointers. `record` of a match is the place of its event in
 * it.
 *
 * Writes `*done`: how many events were evaluated, also where the call ends
 * with one that is not: T1053_STOPPED where the callback asked to stop, any
 * other status for what is wrong with the event at that place. One thread at
 * a time. Does not allocate.
 */
t1053_status t1053_evaluate_many(struct t1053_evaluator *evaluator,
                                 const struct t1053_event *const *events,
                                 size_t count,
                                 t1053_on_match on_match,
                                 void *user,
                                 size_t *done);

/*
 * == Scanners ==
 *
 * Bytes of logs, in any format and in chunks of any size, to matches. One for each
 * stream.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * int main(void)
 * {
 *     const char record[] =
 *         "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
 *         "\"Image\":\"C:\\\\Windows\\\\System32\\\\schtasks.exe\","
 *         "\"CommandLine\":\"schtasks /create /tn x /tr a.exe /ru SYSTEM\"}";
 *     static char lines[1 << 16];
 *     t1053_detector *detector;
 *     t1053_scanner *scanner;
 *     size_t written, waiting;
 *     if (t1053_detector_new(&detector) != T1053_OK ||
 *         t1053_scanner_new(detector, NULL, &scanner) != T1053_OK ||
 *         t1053_scanner_lines(scanner, record, sizeof record - 1, 1, lines,
 *                             sizeof lines, &written, &waiting) != T1053_OK)
 *         return 1;
 *     fwrite(lines, 1, written, stdout);
 *     t1053_scanner_free(scanner);
 *     t1053_detector_free(detector);
 *     return written == 0;
 * }
 * ```
 */

/**
 * The same of a scanner: since it was made, or last reset.
 */
t1053_status t1053_scanner_excluded(const struct t1053_scanner *scanner,
                                    size_t index,
                                    uint64_t *count);

/**
 * Makes a scanner; `options` may be NULL for the usual settings.
 *
 * T1053_OUT_OF_RANGE for a number that is not allowed, T1053_OUT_OF_MEMORY
 * when there is no memory for the sequences. Writes `*scanner`, which the
 * caller frees with t1053_scanner_free(). Any thread. Allocates; the first
 * one of a detector takes about 3 ms, in which its filter is made.
 */
t1053_status t1053_scanner_new(const struct t1053_detector *detector,
                               const struct t1053_scanner_options *options,
                               struct t1053_scanner **scanner);

/**
 * Frees a scanner; NULL is accepted. Within its own callback it does
 * nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_scanner_free(struct t1053_scanner *scanner);

/**
 * Forgets the stream, its counts, its sequences and what was not taken of
 * t1053_scanner_lines(); keeps the memory.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_scanner_reset(struct t1053_scanner *scanner);

/**
 * Scans the next bytes of a stream, in a chunk of any size; a record that
 * does not end in them is kept for the next call. `on_unreadable` may be
 * NULL.
 *
 * When a callback asks to stop, T1053_STOPPED: the rest of the chunk is
 * dropped, and further calls do nothing and are T1053_STOPPED too, until
 * t1053_scanner_reset(). T1053_NO_MEMORY where there was no memory for some
 * records, which were reported so; all others were scanned. One thread at a
 * time. Does not allocate, as long as records fit the buffers that earlier
 * ones made grow. Takes time in proportion to the bytes.
 */
t1053_status t1053_scanner_feed(struct t1053_scanner *scanner,
                                const void *data,
                                size_t data_len,
                                t1053_on_match on_match,
                                t1053_on_unreadable on_unreadable,
                                void *user);

/**
 * Scans one record whose borders the caller knows. It has no share in what
 * t1053_scanner_feed() keeps of a cut record, but the next number, and
 * sequences are found across both. One over the limit is unreadable here too.
 *
 * Otherwise as t1053_scanner_feed().
 */
t1053_status t1053_scanner_record(struct t1053_scanner *scanner,
                                  const void *data,
                                  size_t data_len,
                                  t1053_on_match on_match,
                                  t1053_on_unreadable on_unreadable,
                                  void *user);

/**
 * Ends the audit events that began before a time (ticks of 100 nanoseconds
 * since 1970-01-01T00:00:00Z), and those without one, though some of their
 * records may not have come: what they make is matched as far as it is known.
 *
 * For hosts that read a live log. An event ends by itself when a later record
 * tells that it is over; where none comes, its matches would wait. Call this
 * every second or two, with a time that lies as far back. With
 * T1053_SCANNER_NO_JOIN it does nothing. Otherwise as t1053_scanner_feed().
 */
t1053_status t1053_scanner_flush_pending(struct t1053_scanner *scanner,
                                         int64_t before,
                                         t1053_on_match on_match,
                                         t1053_on_unreadable on_unreadable,
                                         void *user);

/**
 * Ends the stream: what was kept is scanned as its last record, and no more
 * records of an audit event are waited for. Then t1053_scanner_reset() begins
 * another.
 *
 * Otherwise as t1053_scanner_feed().
 */
t1053_status t1053_scanner_finish(struct t1053_scanner *scanner,
                                  t1053_on_match on_match,
                                  t1053_on_unreadable on_unreadable,
                                  void *user);

/**
 * t1053_scanner_feed() without a callback: scans a chunk, and hands out
 * findings as lines of NDJSON, each with its line end; `path` is null, or as
 * t1053_scanner_path() says.
 *
 * `data_len` may be 0; `at_end` other than 0 ends the stream after the
 * chunk. As many whole lines as fit are written into `buffer`; the others
 * are kept for the next call. Call again with no data while `*waiting` is
 * not 0.
 *
 * Writes `*written`: bytes in the buffer, and `*waiting`: bytes of lines
 * kept. It calls no function of the options.
 * T1053_BUFFER_TOO_SMALL when not even the first line fits: nothing is
 * lost, and `*waiting` (written in this case too) is enough for all.
 * T1053_NO_MEMORY when records or lines found no memory, and are lost. One
 * thread at a time. Does not allocate, as long as lines fit what earlier
 * ones made grow; holds at most the lines of the chunks fed since `*waiting`
 * was 0.
 */
t1053_status t1053_scanner_lines(struct t1053_scanner *scanner,
                                 const void *data,
                                 size_t data_len,
                                 int32_t at_end,
                                 char *buffer,
                                 size_t capacity,
                                 size_t *written,
                                 size_t *waiting);

/**
 * Writes what a scanner has seen so far to `*counts`, whose `struct_size`
 * the caller has set.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_scanner_counts(const struct t1053_scanner *scanner,
                                  struct t1053_counts *counts);

/**
 * Writes to `*count` how many of a scanner's matches are of the detection at
 * an index, since it was made, or last reset.
 *
 * T1053_OUT_OF_RANGE where the detector has no such detection. One thread at
 * a time. Does not allocate.
 */
t1053_status t1053_scanner_hits(const struct t1053_scanner *scanner,
                                size_t detection_index,
                                uint64_t *count);

/**
 * Writes to `*count` how many events of a kind, of t1053_event_kind, a
 * scanner has read.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_scanner_events(const struct t1053_scanner *scanner,
                                  uint32_t kind,
                                  uint64_t *count);

/**
 * Writes all that the scanner knows of its stream into `buffer`: sequences,
 * counts, numbers, and a record that is cut; not its settings, and not what
 * waits to be taken by t1053_scanner_lines(). Else as t1053_correlator_save().
 */
t1053_status t1053_scanner_save(const struct t1053_scanner *scanner,
                                void *buffer,
                                size_t capacity,
                                size_t *needed);

/**
 * Takes over what t1053_scanner_save() wrote, in place of what this scanner
 * knows; the stream goes on as it was with the same format and record limit.
 * Else as t1053_correlator_restore().
 */
t1053_status t1053_scanner_restore(struct t1053_scanner *scanner,
                                   const void *state,
                                   size_t state_len,
                                   struct t1053_restored *restored);

/**
 * Writes to `*bytes` how much memory a scanner holds, besides its detector:
 * with its sequences, all that they ever will, of which they touch what their
 * keys need.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_scanner_memory(const struct t1053_scanner *scanner,
                                  size_t *bytes);

/**
 * Says what lines of t1053_scanner_lines() name as their `path`: the file or
 * stream, in UTF-8; NULL for `null`, as it is without this call.
 *
 * It holds for the lines of the chunks that are fed after. One thread at a
 * time. Allocates; the text is copied.
 */
t1053_status t1053_scanner_path(struct t1053_scanner *scanner,
                                const char *path,
                                size_t path_len);

/*
 * == Matches ==
 *
 * What a callback of an evaluator, a scanner or a correlator may ask about what
 * was found, until it returns.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * // For `on_match` of t1053_evaluate(), t1053_scanner_feed() and others.
 * int32_t on_match(void *user, const t1053_match *match)
 * {
 *     char line[512];
 *     size_t len = t1053_match_message(match, line, sizeof line);
 *     if (len > sizeof line)
 *         len = sizeof line;
 *     fprintf(user, "%.*s\n", (int)len, line);
 *     return 0;
 * }
 * ```
 */

/**
 * The first value of any field of the event that matched, as the rule saw
 * it; parts of a task definition (`Command`, `Arguments`, `Hidden`) only
 * where the detection looks at them.
 *
 * Writes `*value`, NULL when the field is absent; it lives for the callback.
 * Only within the callback that `found` was given to. Does not allocate.
 */
t1053_status t1053_match_value(const struct t1053_match *found,
                               uint32_t field,
                               struct t1053_text *value);

/**
 * Writes one line in plain words about a match, with the telling values,
 * into a buffer: no line end, no NUL. UTF-8, without control characters.
 *
 * Returns how many bytes it has, which are all written if that is at most
 * `capacity`; if it is more, the beginning is. 0 when `found` is NULL.
 * Only within the callback that `found` was given to. Does not allocate.
 */
size_t t1053_match_message(const struct t1053_match *found,
                           char *buffer,
                           size_t capacity);

/**
 * Writes a match as one line of NDJSON into a buffer: no line end, no NUL.
 *
 * The object has `path`, `record`, `item` (only where the record wraps
 * several), `detection`, `title`, `kind`, `techniques`, `risk_score`, `time`,
 * `host`, `user`, `message`, `evidence`; with `keep` in the options of its
 * scanner also `event`, `offset`, `length`, `fields` and `raw`. `path` names the file or stream, in
 * UTF-8; NULL renders as `null`. The buffer must not overlap it.
 *
 * Returns how many bytes the line has, which are all written if that is at
 * most `capacity`; if it is more, the beginning is. 0 when `found` is NULL
 * or `path` is not UTF-8. Only within the callback that `found` was given
 * to. Does not allocate.
 */
size_t t1053_match_ndjson(const struct t1053_match *found,
                          const char *path,
                          size_t path_len,
                          char *buffer,
                          size_t capacity);

/*
 * == Verdicts ==
 *
 * What all matches of one event mean together: one alert.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * // For t1053_evaluate_verdict(), and `on_verdict` of a scanner's options.
 * int32_t on_verdict(void *user, const t1053_verdict *verdict)
 * {
 *     char line[1024];
 *     size_t len = t1053_verdict_line(verdict, line, sizeof line);
 *     if (len > sizeof line)
 *         len = sizeof line;
 *     fprintf(user, "%.*s\n", (int)len, line);
 *     return 0;
 * }
 * ```
 */

/**
 * The first value of a field: of a job's field, what is said of the job that
 * the line is about; of any other, what the event has or a match looks at.
 * It is the record's own text, with any password that stands in it; the
 * fields of jobs have none.
 *
 * Writes `*value`, NULL when the field is absent; it lives for the callback.
 * Only within the callback that `verdict` was given to. Does not allocate.
 */
t1053_status t1053_verdict_value(const struct t1053_verdict *verdict,
                                 uint32_t field,
                                 struct t1053_text *value);

/**
 * Writes a verdict as one line in plain words, with its severity, the job and
 * what is odd about it, into a buffer: no line end, no NUL. UTF-8, without
 * control characters; passwords in addresses are masked.
 *
 * Returns how many bytes it has, which are all written if that is at most
 * `capacity`; if it is more, the beginning is. 0 when `verdict` is NULL. Only
 * within the callback that `verdict` was given to. Does not allocate.
 */
size_t t1053_verdict_line(const struct t1053_verdict *verdict,
                          char *buffer,
                          size_t capacity);

/**
 * Writes a verdict as one line of NDJSON into a buffer: no line end, no NUL.
 *
 * The object has `schema`, `path`, `record`, `item` (only where the record
 * wraps several), `joined` (only where several records make the event: the
 * list of their numbers), `id`, `severity`, `line`, `is_expected`, `event`, `time`,
 * `host`, `user`, `traits`, `detections`, `jobs`; with `keep` in the options
 * of its scanner also `offset`, `length`, `fields` and `raw`. `path` names the file or
 * stream, in UTF-8; NULL renders as `null`. The buffer must not overlap it.
 *
 * Returns how many bytes the line has, which are all written if that is at
 * most `capacity`; if it is more, the beginning is. 0 when `verdict` is NULL
 * or `path` is not UTF-8. Only within the callback that `verdict` was given
 * to. Does not allocate.
 */
size_t t1053_verdict_ndjson(const struct t1053_verdict *verdict,
                            const char *path,
                            size_t path_len,
                            char *buffer,
                            size_t capacity);

/**
 * Hands each job that the matches of a verdict speak of to `on_job`, in the
 * order in which the event does.
 *
 * T1053_STOPPED when the callback asked to stop; T1053_BUSY within a callback
 * of this function, for the same verdict. Only within the callback that
 * `verdict` was given to. Does not allocate, but for a job of more than 256
 * values, once.
 */
t1053_status t1053_verdict_jobs(const struct t1053_verdict *verdict,
                                t1053_on_job on_job,
                                void *user);

/*
 * == Jobs ==
 *
 * The scheduled jobs that an event speaks of, whether or not anything matches.
 *
 * ```c
 * #include <string.h>
 * #include <t1053.h>
 *
 * static int32_t on_job(void *user, const t1053_job *job)
 * {
 *     t1053_job_value(job, T1053_FIELD_JOB_COMMAND, 0, user);
 *     return 1;
 * }
 *
 * int main(void)
 * {
 *     const char *line = "schtasks /create /tn x /tr a.exe /sc daily";
 *     t1053_field_value fields[1] = {{0}};
 *     t1053_event event = {0};
 *     t1053_job_reader *reader;
 *     t1053_text command = {0};
 *     if (t1053_job_reader_new(&reader) != T1053_OK)
 *         return 1;
 *     fields[0].field = T1053_FIELD_COMMAND_LINE;
 *     fields[0].value.data = line;
 *     fields[0].value.len = strlen(line);
 *     event.struct_size = sizeof event;
 *     event.platform = T1053_PLATFORM_WINDOWS;
 *     event.kind = T1053_EVENT_PROCESS_CREATION;
 *     event.fields = fields;
 *     event.fields_len = 1;
 *     t1053_jobs(reader, &event, on_job, &command);
 *     t1053_job_reader_free(reader);
 *     return command.data == NULL;
 * }
 * ```
 */

/**
 * Makes a reader of jobs. It needs no detector.
 *
 * Writes `*reader`, which the caller frees with t1053_job_reader_free(). Any
 * thread. Allocates 10 KiB, and up to 400 KiB more as events need it.
 */
t1053_status t1053_job_reader_new(struct t1053_job_reader **reader);

/**
 * Frees a reader of jobs; NULL is accepted. Within its own callback it does
 * nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_job_reader_free(struct t1053_job_reader *reader);

/**
 * Reads the scheduled jobs that an event speaks of, whatever speaks of them:
 * a command line, a script, a task definition, a file, the registry, a log
 * of the scheduler, a cloud's interface. Hands each to `on_job`, in the order
 * in which the event does; none of most events.
 *
 * T1053_STOPPED when the callback asked to stop; the next event is taken as
 * usual. One thread at a time. Does not allocate once it is warm. Takes time
 * in proportion to the bytes that are read, the first 32 KiB of each text:
 * of one that is cut, T1053_FIELD_OBFUSCATION is `limit`.
 */
t1053_status t1053_jobs(struct t1053_job_reader *reader,
                        const struct t1053_event *event,
                        t1053_on_job on_job,
                        void *user);

/**
 * A value of a field of a job: `index` 0 is the first that is said, 1 the
 * second.
 *
 * Writes `*value`, NULL where fewer are said; it lives for the callback.
 * Only within the callback that `job` was given to. Does not allocate; takes
 * time in proportion to the job's values.
 */
t1053_status t1053_job_value(const struct t1053_job *job,
                             uint32_t field,
                             size_t index,
                             struct t1053_text *value);

/**
 * Writes to `*bytes` how much memory a reader of jobs holds.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_job_reader_memory(const struct t1053_job_reader *reader,
                                     size_t *bytes);

/*
 * == Correlators ==
 *
 * Sequences and counts over the events of many evaluators, or of many scanners.
 *
 * ```c
 * #include <t1053.h>
 *
 * // The one for all, and the host's lock for it.
 * struct shared {
 *     t1053_correlator *correlator;
 *     t1053_on_match on_match;
 *     void (*lock)(void), (*unlock)(void);
 * };
 *
 * // Of any thread, with an evaluator of its own.
 * t1053_status take(struct shared *shared, t1053_evaluator *evaluator,
 *                   const t1053_event *event)
 * {
 *     int32_t is_part = 0;
 *     t1053_status status = t1053_evaluate_alone(
 *         evaluator, event, shared->on_match, shared, &is_part);
 *     if (status == T1053_OK && is_part) {
 *         shared->lock();
 *         status = t1053_correlator_take(shared->correlator, evaluator, event,
 *                                        shared->on_match, shared);
 *         shared->unlock();
 *     }
 *     return status;
 * }
 *
 * // In the options of each scanner, which is fed with `shared` as its `user`.
 * int32_t on_sequence_event(void *user, const t1053_sequence_event *event)
 * {
 *     struct shared *shared = user;
 *     t1053_status status;
 *     shared->lock();
 *     status = t1053_correlator_take_sequence_event(
 *         shared->correlator, event, shared->on_match, shared);
 *     shared->unlock();
 *     return status != T1053_OK;
 * }
 * ```
 */

/**
 * Makes a correlator. `sequence_capacity` is as for t1053_evaluator_new().
 *
 * T1053_OUT_OF_RANGE for a capacity that is not allowed, T1053_OUT_OF_MEMORY
 * when there is no memory for it. Writes `*correlator`, which the caller
 * frees with t1053_correlator_free(). Any thread. Allocates all that it will
 * ever need.
 */
t1053_status t1053_correlator_new(const struct t1053_detector *detector,
                                  size_t sequence_capacity,
                                  struct t1053_correlator **correlator);

/**
 * Frees a correlator; NULL is accepted. Within its own callback it does
 * nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_correlator_free(struct t1053_correlator *correlator);

/**
 * Takes in an event that t1053_evaluate_alone() has just evaluated with
 * `evaluator` and said to be part of something, and hands the sequences and
 * counts that it completes to `on_match`. The event is as it was then.
 *
 * T1053_OTHER_DETECTOR where the evaluator is of another detector than the
 * correlator: nothing is taken. T1053_STOPPED when the callback asked to
 * stop; the event is taken all the same. One thread at a time, for both
 * handles. Does not allocate. Costs the same however much is remembered.
 */
t1053_status t1053_correlator_take(struct t1053_correlator *correlator,
                                   struct t1053_evaluator *evaluator,
                                   const struct t1053_event *event,
                                   t1053_on_match on_match,
                                   void *user);

/**
 * Takes in an event that a scanner has just handed to `on_sequence_event` of
 * its options, and hands the sequences and counts that it completes to
 * `on_match`: with the record of this event, whichever scanners the others
 * came from. The scanner does not count them among its own matches.
 *
 * T1053_OTHER_DETECTOR where the scanner is of another detector than the
 * correlator; T1053_STOPPED when the callback asked to stop: the event is
 * taken all the same, and the scan goes on unless `on_sequence_event` returns
 * that, too. Only within the callback that `event` was given to, and one
 * thread at a time for the correlator: a lock around this call is enough.
 * Does not allocate. Costs the same however much is remembered.
 */
t1053_status t1053_correlator_take_sequence_event(struct t1053_correlator *correlator,
                                                  const struct t1053_sequence_event *event,
                                                  t1053_on_match on_match,
                                                  void *user);

/**
 * Forgets all events, and sets the counts to zero; keeps the memory.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_correlator_reset(struct t1053_correlator *correlator);

/**
 * Forgets what happened before a time, in ticks of 100 nanoseconds since
 * 1970. Not needed for the sake of memory, which is bounded: for a host that
 * must not keep data for longer.
 *
 * One thread at a time. Does not allocate. Takes time in proportion to what
 * is remembered.
 */
t1053_status t1053_correlator_expire(struct t1053_correlator *correlator,
                                     int64_t before);

/**
 * Writes what the correlator had to leave out to `*counts`, whose
 * `struct_size` the caller has set.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_correlator_counts(const struct t1053_correlator *correlator,
                                     struct t1053_sequence_counts *counts);

/**
 * t1053_correlator_counts() of one detection, by its index in the detector;
 * `keys` is that of all. All 0 for one that needs a single event.
 */
t1053_status t1053_correlator_counts_of(const struct t1053_correlator *correlator,
                                        size_t detection_index,
                                        struct t1053_sequence_counts *counts);

/**
 * Writes what the correlator remembers into `buffer`: the same bytes on every
 * platform, with a version and a checksum. What t1053_correlator_restore()
 * makes of them finds exactly what this one finds from here on.
 *
 * Writes `*needed`: how many bytes there are, also on T1053_BUFFER_TOO_SMALL,
 * when nothing else is written. One thread at a time. Allocates, and takes
 * time, in proportion to what is remembered.
 */
t1053_status t1053_correlator_save(const struct t1053_correlator *correlator,
                                   void *buffer,
                                   size_t capacity,
                                   size_t *needed);

/**
 * Takes over what t1053_correlator_save() wrote, in place of what is
 * remembered and counted here. Where the detections are others, those that
 * are the same are taken over, and the rest dropped. `restored` may be NULL;
 * else its `struct_size` is set, and it tells what became of the state.
 *
 * T1053_NOT_STATE, T1053_NEWER_STATE, T1053_TRUNCATED_STATE and
 * T1053_CORRUPT_STATE for bytes that are not what was saved: then everything
 * is as it was. One thread at a time. Allocates.
 */
t1053_status t1053_correlator_restore(struct t1053_correlator *correlator,
                                      const void *state,
                                      size_t state_len,
                                      struct t1053_restored *restored);

/**
 * Writes to `*bytes` how much memory a correlator holds, besides its
 * detector: all that it ever will, of which it touches what its keys need.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_correlator_memory(const struct t1053_correlator *correlator,
                                     size_t *bytes);

/*
 * == Repeats ==
 *
 * Which matches are to be shown, and which are the same as one before.
 *
 * ```c
 * #include <t1053.h>
 *
 * struct seen {
 *     t1053_repeats *repeats;
 *     int shown;
 * };
 *
 * // What a group had in all, when its time is over.
 * static void on_group(void *user, const t1053_group *group)
 * {
 *     (void)user;
 *     (void)group;
 * }
 *
 * // For `on_match`, with a struct seen as `user`.
 * int32_t on_match(void *user, const t1053_match *match)
 * {
 *     struct seen *seen = user;
 *     int32_t is_shown = 0;
 *     uint64_t group;
 *     t1053_repeats_take(seen->repeats, match, on_group, NULL, &is_shown,
 *                        &group);
 *     seen->shown += is_shown;
 *     return 0;
 * }
 * ```
 */

/**
 * Makes what groups matches. A group lasts `seconds` from its first match,
 * or 300 for 0; `capacity` groups may be open, or 65536 for 0: when there
 * are as many, the one that is over next is closed for each new one.
 *
 * Writes `*repeats`, which the caller frees with t1053_repeats_free(). Any
 * thread. Memory grows with the groups that are open, about 150 bytes each.
 */
t1053_status t1053_repeats_new(const struct t1053_detector *detector,
                               uint32_t seconds,
                               size_t capacity,
                               struct t1053_repeats **repeats);

/**
 * Frees it; NULL is accepted. Groups that are open are not told any more:
 * see t1053_repeats_finish(). Within its own callback it does nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_repeats_free(struct t1053_repeats *repeats);

/**
 * Says for one detection, by its slug, what makes its matches identical
 * besides the host: `fields_len` fields, of t1053_field; and for how many
 * seconds a group of them lasts.
 *
 * T1053_UNKNOWN_NAME when the detector has no such detection. One thread at
 * a time. Allocates.
 */
t1053_status t1053_repeats_of(struct t1053_repeats *repeats,
                              const char *slug,
                              size_t slug_len,
                              const uint32_t *fields,
                              size_t fields_len,
                              uint32_t seconds);

/**
 * Takes a match, within the callback that was given it, and hands each group
 * to `on_group` whose time was over when it happened, or that has to make
 * room.
 *
 * Writes `*is_shown`: 1 if the match is to be shown, 0 if it has been
 * counted; and `*group`: the number of its group, or 0 if it is part of none.
 * T1053_OTHER_DETECTOR for a match of another detector. One thread at a
 * time. Allocates for new groups. Takes time in proportion to the message.
 */
t1053_status t1053_repeats_take(struct t1053_repeats *repeats,
                                const struct t1053_match *found,
                                t1053_on_group on_group,
                                void *user,
                                int32_t *is_shown,
                                uint64_t *group);

/**
 * Closes all groups, such as at the end of the stream, and hands each to
 * `on_group`.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_repeats_finish(struct t1053_repeats *repeats,
                                  t1053_on_group on_group,
                                  void *user);

/**
 * Writes what became of all matches to `*counts`, whose `struct_size` the
 * caller has set.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_repeats_counts(const struct t1053_repeats *repeats,
                                  struct t1053_repeat_counts *counts);

/**
 * Writes the groups that are open, and the counts, into `buffer`, as
 * t1053_correlator_save() does. Not the settings.
 */
t1053_status t1053_repeats_save(const struct t1053_repeats *repeats,
                                void *buffer,
                                size_t capacity,
                                size_t *needed);

/**
 * Takes over what t1053_repeats_save() wrote, in place of what is known
 * here, as t1053_correlator_restore() does; `restored` counts groups as
 * keys. Groups keep their numbers. Those that there is no room for are closed
 * with the next match; those of detections that are not the same here are
 * dropped, and not told any more.
 */
t1053_status t1053_repeats_restore(struct t1053_repeats *repeats,
                                   const void *state,
                                   size_t state_len,
                                   struct t1053_restored *restored);

/**
 * Writes the line of NDJSON of a group's first match, as
 * t1053_match_ndjson() wrote it, with `repeats`, `first_seen` and `last_seen`
 * added, into a buffer: no line end, no NUL. The buffer must not overlap the
 * line.
 *
 * Returns how many bytes it has, which are all written if that is at most
 * `capacity`; if it is more, the beginning is. 0 when `group` is NULL or
 * `first` is not UTF-8. Only within the callback that `group` was given to.
 * Does not allocate.
 */
size_t t1053_group_ndjson(const struct t1053_group *group,
                          const char *first,
                          size_t first_len,
                          char *buffer,
                          size_t capacity);

/**
 * Writes to `*bytes` how much memory the open groups take, roughly.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_repeats_memory(const struct t1053_repeats *repeats,
                                  size_t *bytes);

/*
 * == Risk ==
 *
 * How much the matches of hosts and users add up to.
 *
 * ```c
 * #include <stdio.h>
 * #include <t1053.h>
 *
 * static void on_risk(void *user, const t1053_risk *risk)
 * {
 *     char line[512];
 *     size_t len = t1053_risk_message(risk, line, sizeof line);
 *     (void)user;
 *     printf("%.*s\n", (int)(len < sizeof line ? len : sizeof line), line);
 * }
 *
 * // For `on_match`, with a tracker as `user`.
 * int32_t on_match(void *user, const t1053_match *match)
 * {
 *     return t1053_risk_tracker_take(user, match, on_risk, NULL) != T1053_OK;
 * }
 * ```
 */

/**
 * Makes what adds up risk: `points` are the threshold, or 100 for 0;
 * `seconds` the time span, or a day for 0; `capacity` is how many hosts and
 * users are remembered, or 65536 for 0: when there are more, the one goes
 * that nothing was found of for longest, and is counted.
 *
 * Writes `*tracker`, which the caller frees with t1053_risk_tracker_free().
 * Any thread. Memory grows with the hosts and users, about 150 bytes each.
 */
t1053_status t1053_risk_tracker_new(const struct t1053_detector *detector,
                                    uint32_t points,
                                    uint32_t seconds,
                                    size_t capacity,
                                    struct t1053_risk_tracker **tracker);

/**
 * Frees it; NULL is accepted. Within its own callback it does nothing.
 *
 * No other thread may be using the handle.
 */
void t1053_risk_tracker_free(struct t1053_risk_tracker *tracker);

/**
 * Takes a match, within the callback that was given it, and hands to
 * `on_risk` each host and user whose risk reaches the threshold with it:
 * again only when it had fallen below in between. A match without a time, or
 * of a detection without a risk score, adds nothing.
 *
 * T1053_OTHER_DETECTOR for a match of another detector. One thread at a
 * time. Allocates for what is new of a host or user.
 */
t1053_status t1053_risk_tracker_take(struct t1053_risk_tracker *tracker,
                                     const struct t1053_match *found,
                                     t1053_on_risk on_risk,
                                     void *user);

/**
 * Writes what is remembered to `*counts`, whose `struct_size` the caller has
 * set.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_risk_tracker_counts(const struct t1053_risk_tracker *tracker,
                                       struct t1053_risk_counts *counts);

/**
 * Writes what is known of hosts and users into `buffer`, as
 * t1053_correlator_save() does. Not the settings; names only as hashes.
 */
t1053_status t1053_risk_tracker_save(const struct t1053_risk_tracker *tracker,
                                     void *buffer,
                                     size_t capacity,
                                     size_t *needed);

/**
 * Takes over what t1053_risk_tracker_save() wrote, in place of what is known
 * here, as t1053_correlator_restore() does; `restored` counts as keys what
 * detections have added.
 */
t1053_status t1053_risk_tracker_restore(struct t1053_risk_tracker *tracker,
                                        const void *state,
                                        size_t state_len,
                                        struct t1053_restored *restored);

/**
 * Writes one line in plain words about a risk into a buffer: no line end, no
 * NUL. UTF-8, without control characters.
 *
 * Returns how many bytes it has, which are all written if that is at most
 * `capacity`; if it is more, the beginning is. 0 when `risk` is NULL. Only
 * within the callback that `risk` was given to. Does not allocate.
 */
size_t t1053_risk_message(const struct t1053_risk *risk,
                          char *buffer,
                          size_t capacity);

/**
 * t1053_risk_message() as one line of NDJSON, with `schema`, `risk_object`,
 * `name`, `risk`, `time` and `detections`.
 */
size_t t1053_risk_ndjson(const struct t1053_risk *risk,
                         char *buffer,
                         size_t capacity);

/**
 * Writes to `*bytes` how much memory hosts and users take, roughly.
 *
 * One thread at a time. Does not allocate.
 */
t1053_status t1053_risk_tracker_memory(const struct t1053_risk_tracker *tracker,
                                       size_t *bytes);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* T1053_H */
