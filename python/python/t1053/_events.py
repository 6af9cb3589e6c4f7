"""Typed events. Written by `cargo xtask generate` from core/src/vocabulary;
do not edit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Literal

from . import _t1053
from ._time import to_ticks

__all__ = [
    "AuditCwd",
    "AuditExecve",
    "AuditPath",
    "AuditProctitle",
    "AuditSyscall",
    "AwsApiCall",
    "CloudActivity",
    "DirectoryChange",
    "Event",
    "FileCreation",
    "FileDeletion",
    "FileLink",
    "FileModification",
    "FileRename",
    "GcpApiCall",
    "Generic",
    "JobRecord",
    "KubernetesApiCall",
    "ModuleLoad",
    "ProcessCreation",
    "RegistryEvent",
    "RpcCall",
    "ScheduledJob",
    "ScriptBlock",
    "ShareAccess",
    "TaskDeleted",
    "TaskDisabled",
    "TaskEnabled",
    "TaskRegistered",
    "TaskScheduler",
    "TaskUpdated",
]

Platform = Literal["windows", "linux", "azure", "macos", "kubernetes", "aws", "gcp", "any", "other"]
"""Where an event is recorded."""

Value = str | bytes | None
"""A field's value; None where the record has none."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Event:
    """What happened on an endpoint. Its subclasses are the kinds of event.

    A value is text, or bytes where it may not be UTF-8; None where it is
    absent. An absent field matches nothing.

    >>> import t1053
    >>> event = t1053.ProcessCreation(image="crontab", platform="linux")
    >>> event
    ProcessCreation(platform='linux', image='crontab')
    >>> event == t1053.ProcessCreation(image="crontab", platform="linux")
    True
    """

    kind: ClassVar[str] = ""
    """The kind of event."""

    platform: Platform = "windows"
    """Where it was recorded."""
    time: datetime | str | None = None
    """When it happened; without a zone, in UTC."""
    event_id: Value = None
    """Id of the event in its log: `1`, `4698`."""
    channel: Value = None
    """Name of the log."""
    host: Value = None
    """Host that recorded it."""
    user: Value = None
    """Account that it is about, with its domain where given."""
    user_sid: Value = None
    """Security identifier of that account; where the record names no user, that
    of the event's writer."""
    record_id: Value = None
    """What its log knows it by: its number in a log of Windows, or the id that a
    cloud gives it."""

    def __repr__(self) -> str:
        given = {it.name: getattr(self, it.name) for it in fields(self)}
        shown = ", ".join(f"{k}={v!r}" for k, v in given.items() if v is not None)
        return f"{type(self).__name__}({shown})"

    def _ticks(self) -> int | None:
        if isinstance(self.time, str):
            return _t1053.parse_time(self.time)
        return to_ticks(self.time)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ProcessCreation(Event):
    """A process started: Sysmon 1, Security 4688.

    >>> import t1053
    >>> t1053.ProcessCreation(image="x").kind
    'process_creation'
    """

    kind: ClassVar[str] = "process_creation"
    image: Value = None
    """Path of the executable."""
    command_line: Value = None
    """Full command line."""
    original_file_name: Value = None
    """File name in the PE header; `None` where the log writes `-`."""
    current_directory: Value = None
    """Working directory."""
    process_id: Value = None
    """Process id."""
    integrity_level: Value = None
    """Integrity level."""
    parent_image: Value = None
    """Path of the parent's executable."""
    parent_command_line: Value = None
    """Full command line of the parent."""
    parent_process_id: Value = None
    """Process id of the parent."""
    parent_user: Value = None
    """Account of the parent."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted (4688)."""
    subject_user_name: Value = None
    """Name of the account that acted (4688)."""
    subject_domain_name: Value = None
    """Domain of the account that acted (4688)."""
    subject_logon_id: Value = None
    """Logon session of the account that acted (4688)."""
    target_user_name: Value = None
    """Account that the process runs as (4688)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileCreation(Event):
    """A file was created: Sysmon 11.

    >>> import t1053
    >>> t1053.FileCreation(target_filename="x").kind
    'file_creation'
    """

    kind: ClassVar[str] = "file_creation"
    target_filename: Value = None
    """Path of the file."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileModification(Event):
    """What is in a file was changed.

    >>> import t1053
    >>> t1053.FileModification(target_filename="x").kind
    'file_modification'
    """

    kind: ClassVar[str] = "file_modification"
    target_filename: Value = None
    """Path of the file."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileDeletion(Event):
    """A file was deleted: Sysmon 23, 26.

    >>> import t1053
    >>> t1053.FileDeletion(target_filename="x").kind
    'file_deletion'
    """

    kind: ClassVar[str] = "file_deletion"
    target_filename: Value = None
    """Path of the file."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileRename(Event):
    """A file was renamed or moved.

    >>> import t1053
    >>> t1053.FileRename(target_filename="x").kind
    'file_rename'
    """

    kind: ClassVar[str] = "file_rename"
    target_filename: Value = None
    """The new path: of the file, or of the link."""
    source_filename: Value = None
    """The path that the file had before, or that the link leads to."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileLink(Event):
    """A link to a file was made.

    >>> import t1053
    >>> t1053.FileLink(target_filename="x").kind
    'file_link'
    """

    kind: ClassVar[str] = "file_link"
    target_filename: Value = None
    """The new path: of the file, or of the link."""
    source_filename: Value = None
    """The path that the file had before, or that the link leads to."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ModuleLoad(Event):
    """A process loaded a library: Sysmon 7.

    >>> import t1053
    >>> t1053.ModuleLoad(image_loaded="x").kind
    'module_load'
    """

    kind: ClassVar[str] = "module_load"
    image_loaded: Value = None
    """Path of the library."""
    original_file_name: Value = None
    """File name in the library's PE header."""
    image: Value = None
    """Path of the executable that loaded it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RegistryEvent(Event):
    """A registry key or value was created, set, renamed or deleted: Sysmon 12,
    13, 14, Security 4657.

    >>> import t1053
    >>> t1053.RegistryEvent(event_type="x").kind
    'registry_event'
    """

    kind: ClassVar[str] = "registry_event"
    event_type: Value = None
    """What was done: `SetValue`, `DeleteValue`, `CreateKey`, ..."""
    target_object: Value = None
    """Key and value name."""
    details: Value = None
    """What was written."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskRegistered(Event):
    """A scheduled task was registered: Security 4698.

    >>> import t1053
    >>> t1053.TaskRegistered(task_name="x").kind
    'task_registered'
    """

    kind: ClassVar[str] = "task_registered"
    task_name: Value = None
    """Path of the task."""
    task_content: Value = None
    """Its definition, XML, plain or escaped once; the new one where it was
    changed."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""
    client_process_id: Value = None
    """Process id of the program that asked for it; `0` when it runs on another
    host."""
    rpc_call_client_locality: Value = None
    """Where the program that asked for it runs: `1` the same host, `2` another;
    `0` where the log does not tell."""
    fqdn: Value = None
    """Full name of the host that the task is on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskDeleted(Event):
    """A scheduled task was deleted: Security 4699.

    >>> import t1053
    >>> t1053.TaskDeleted(task_name="x").kind
    'task_deleted'
    """

    kind: ClassVar[str] = "task_deleted"
    task_name: Value = None
    """Path of the task."""
    task_content: Value = None
    """Its definition, XML, plain or escaped once; the new one where it was
    changed."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""
    client_process_id: Value = None
    """Process id of the program that asked for it; `0` when it runs on another
    host."""
    rpc_call_client_locality: Value = None
    """Where the program that asked for it runs: `1` the same host, `2` another;
    `0` where the log does not tell."""
    fqdn: Value = None
    """Full name of the host that the task is on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskEnabled(Event):
    """A scheduled task was enabled: Security 4700.

    >>> import t1053
    >>> t1053.TaskEnabled(task_name="x").kind
    'task_enabled'
    """

    kind: ClassVar[str] = "task_enabled"
    task_name: Value = None
    """Path of the task."""
    task_content: Value = None
    """Its definition, XML, plain or escaped once; the new one where it was
    changed."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""
    client_process_id: Value = None
    """Process id of the program that asked for it; `0` when it runs on another
    host."""
    rpc_call_client_locality: Value = None
    """Where the program that asked for it runs: `1` the same host, `2` another;
    `0` where the log does not tell."""
    fqdn: Value = None
    """Full name of the host that the task is on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskDisabled(Event):
    """A scheduled task was disabled: Security 4701.

    >>> import t1053
    >>> t1053.TaskDisabled(task_name="x").kind
    'task_disabled'
    """

    kind: ClassVar[str] = "task_disabled"
    task_name: Value = None
    """Path of the task."""
    task_content: Value = None
    """Its definition, XML, plain or escaped once; the new one where it was
    changed."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""
    client_process_id: Value = None
    """Process id of the program that asked for it; `0` when it runs on another
    host."""
    rpc_call_client_locality: Value = None
    """Where the program that asked for it runs: `1` the same host, `2` another;
    `0` where the log does not tell."""
    fqdn: Value = None
    """Full name of the host that the task is on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskUpdated(Event):
    """A scheduled task was changed: Security 4702. Its `TaskContentNew` is
    `task_content` here.

    >>> import t1053
    >>> t1053.TaskUpdated(task_name="x").kind
    'task_updated'
    """

    kind: ClassVar[str] = "task_updated"
    task_name: Value = None
    """Path of the task."""
    task_content: Value = None
    """Its definition, XML, plain or escaped once; the new one where it was
    changed."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""
    client_process_id: Value = None
    """Process id of the program that asked for it; `0` when it runs on another
    host."""
    rpc_call_client_locality: Value = None
    """Where the program that asked for it runs: `1` the same host, `2` another;
    `0` where the log does not tell."""
    fqdn: Value = None
    """Full name of the host that the task is on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class JobRecord(Event):
    """Something was said of a scheduled job that is none of Windows' tasks: by
    cron, at or systemd in their logs, by osquery's tables of jobs, by macOS of
    its launch items.

    >>> import t1053
    >>> t1053.JobRecord(activity="x").kind
    'job_record'
    """

    kind: ClassVar[str] = "job_record"
    platform: Platform = "linux"
    activity: Value = None
    """What was done: `create`, `update`, `delete`, `start`, `query`; `None` where
    a record says what is."""
    scheduler: Value = None
    """What runs it: `cron`, `at`, `systemd`, `launchd`."""
    task_name: Value = None
    """Its name: a unit, a label, a table of jobs."""
    target_filename: Value = None
    """File with its definition."""
    schedule: Value = None
    """When it runs, as the scheduler writes it."""
    run_as: Value = None
    """Account that it runs as."""
    command_line: Value = None
    """What it starts."""
    image: Value = None
    """Path of the executable that did it."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskScheduler(Event):
    """An entry of the TaskScheduler/Operational log, told apart by its `EventID`:
    106 registered, 129 process created, 140 updated, 141 deleted, 142
    disabled, 200 action started, 201 action completed, ...

    >>> import t1053
    >>> t1053.TaskScheduler(task_name="x").kind
    'task_scheduler'
    """

    kind: ClassVar[str] = "task_scheduler"
    task_name: Value = None
    """Path of the task."""
    action_name: Value = None
    """What the task started (200, 201)."""
    path: Value = None
    """Executable that the task started (129)."""
    task_instance_id: Value = None
    """Id of this run of the task."""
    result_code: Value = None
    """Code that the action ended with (201)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RpcCall(Event):
    """An operation was called over RPC.

    >>> import t1053
    >>> t1053.RpcCall(interface_uuid="x").kind
    'rpc_call'
    """

    kind: ClassVar[str] = "rpc_call"
    interface_uuid: Value = None
    """UUID of the interface."""
    op_num: Value = None
    """Number of the operation in its interface."""
    endpoint: Value = None
    """Where the call arrived: a pipe or a port."""
    ip_address: Value = None
    """Address that the call came from."""
    image: Value = None
    """Path of the executable that was called."""
    process_id: Value = None
    """Process id of that executable."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShareAccess(Event):
    """A file or pipe of a network share was opened: Security 5145.

    >>> import t1053
    >>> t1053.ShareAccess(share_name="x").kind
    'share_access'
    """

    kind: ClassVar[str] = "share_access"
    share_name: Value = None
    """Name of the share."""
    relative_target_name: Value = None
    """What was opened in it: a file, or a pipe such as `atsvc`."""
    ip_address: Value = None
    """Address that the request came from."""
    access_mask: Value = None
    """Rights that were asked for, hexadecimal."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DirectoryChange(Event):
    """An object of the directory was changed, such as a group policy: Security
    5136.

    >>> import t1053
    >>> t1053.DirectoryChange(object_dn="x").kind
    'directory_change'
    """

    kind: ClassVar[str] = "directory_change"
    object_dn: Value = None
    """Distinguished name of the object."""
    object_class: Value = None
    """Class of the object."""
    attribute_ldap_display_name: Value = None
    """Name of the attribute that was changed."""
    attribute_value: Value = None
    """The value that was added or deleted."""
    operation_type: Value = None
    """What was done: `%%14674` added, `%%14675` deleted."""
    subject_user_sid: Value = None
    """Security identifier of the account that acted."""
    subject_user_name: Value = None
    """Name of the account that acted."""
    subject_domain_name: Value = None
    """Domain of the account that acted."""
    subject_logon_id: Value = None
    """Logon session of the account that acted."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ScriptBlock(Event):
    """A PowerShell script block was compiled: 4104.

    >>> import t1053
    >>> t1053.ScriptBlock(script_block_text="x").kind
    'script_block'
    """

    kind: ClassVar[str] = "script_block"
    script_block_text: Value = None
    """Text of the block, or of one part of it."""
    script_block_id: Value = None
    """Id that the parts share."""
    message_number: Value = None
    """Number of this part, from 1."""
    message_total: Value = None
    """How many parts there are."""
    path: Value = None
    """File that the block came from."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditSyscall(Event):
    """auditd SYSCALL: a system call that an audit rule watches.

    >>> import t1053
    >>> t1053.AuditSyscall(audit_id="x").kind
    'audit_syscall'
    """

    kind: ClassVar[str] = "audit_syscall"
    platform: Platform = "linux"
    audit_id: Value = None
    """Time and serial that the records of one event share."""
    arch: Value = None
    """Architecture."""
    syscall: Value = None
    """Number of the call."""
    syscall_name: Value = None
    """Name of the call, as enriched or resolved from number and architecture."""
    success: Value = None
    """`yes` or `no`."""
    comm: Value = None
    """Command name."""
    exe: Value = None
    """Path of the executable."""
    uid: Value = None
    """User id."""
    uid_name: Value = None
    """User name; only enriched records have it."""
    auid: Value = None
    """Login user id."""
    auid_name: Value = None
    """Login user name; only enriched records have it."""
    process_id: Value = None
    """Process id."""
    parent_process_id: Value = None
    """Process id of the parent."""
    key: Value = None
    """Key of the audit rule."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditExecve(Event):
    """auditd EXECVE: the arguments of a started program.

    >>> import t1053
    >>> t1053.AuditExecve(audit_id="x").kind
    'audit_execve'
    """

    kind: ClassVar[str] = "audit_execve"
    platform: Platform = "linux"
    audit_id: Value = None
    """Time and serial that the records of one event share."""
    argv: Value = None
    """The arguments, separated by blanks."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditPath(Event):
    """auditd PATH: a path that a system call named.

    >>> import t1053
    >>> t1053.AuditPath(audit_id="x").kind
    'audit_path'
    """

    kind: ClassVar[str] = "audit_path"
    platform: Platform = "linux"
    audit_id: Value = None
    """Time and serial that the records of one event share."""
    name: Value = None
    """The path."""
    nametype: Value = None
    """Role of the path: `CREATE`, `DELETE`, `NORMAL`, `PARENT`."""
    item: Value = None
    """Number of the path in the event, from 0."""
    mode: Value = None
    """File mode, octal."""
    ouid: Value = None
    """User id that owns the file."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditProctitle(Event):
    """auditd PROCTITLE: the command line, cut at 128 bytes.

    >>> import t1053
    >>> t1053.AuditProctitle(audit_id="x").kind
    'audit_proctitle'
    """

    kind: ClassVar[str] = "audit_proctitle"
    platform: Platform = "linux"
    audit_id: Value = None
    """Time and serial that the records of one event share."""
    proctitle: Value = None
    """The title, decoded, with blanks for the NULs between arguments."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AuditCwd(Event):
    """auditd CWD: the working directory.

    >>> import t1053
    >>> t1053.AuditCwd(audit_id="x").kind
    'audit_cwd'
    """

    kind: ClassVar[str] = "audit_cwd"
    platform: Platform = "linux"
    audit_id: Value = None
    """Time and serial that the records of one event share."""
    cwd: Value = None
    """The directory."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CloudActivity(Event):
    """An operation on a cloud resource: Azure activity.

    >>> import t1053
    >>> t1053.CloudActivity(operation_name="x").kind
    'cloud_activity'
    """

    kind: ClassVar[str] = "cloud_activity"
    platform: Platform = "azure"
    operation_name: Value = None
    """Operation, in any case."""
    result_type: Value = None
    """How it ended: `Success`, `Succeeded`, `Start`, ..."""
    resource_id: Value = None
    """Id of the resource."""
    caller_ip_address: Value = None
    """Address the request came from."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class KubernetesApiCall(Event):
    """A call of Kubernetes' API.

    >>> import t1053
    >>> t1053.KubernetesApiCall(verb="x").kind
    'kubernetes_api_call'
    """

    kind: ClassVar[str] = "kubernetes_api_call"
    platform: Platform = "kubernetes"
    verb: Value = None
    """What was asked: `create`, `patch`, `delete`, ..."""
    request_uri: Value = None
    """Address of the request within the server."""
    object_ref_api_group: Value = None
    """Group of the resource: `batch`."""
    object_ref_resource: Value = None
    """Kind of the resource: `cronjobs`."""
    object_ref_subresource: Value = None
    """Part of the resource: `status`."""
    object_ref_namespace: Value = None
    """Namespace of the resource."""
    object_ref_name: Value = None
    """Name of the resource."""
    request_object: Value = None
    """The resource as the caller gave it, JSON."""
    response_status_code: Value = None
    """How the server answered, by HTTP's numbers."""
    source_ips: Value = None
    """Addresses that the request came through."""
    user_agent: Value = None
    """What the caller says it is."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AwsApiCall(Event):
    """A call of an AWS API: CloudTrail.

    >>> import t1053
    >>> t1053.AwsApiCall(event_source="x").kind
    'aws_api_call'
    """

    kind: ClassVar[str] = "aws_api_call"
    platform: Platform = "aws"
    event_source: Value = None
    """Service that was called: `scheduler.amazonaws.com`."""
    event_name: Value = None
    """Operation that was called: `CreateSchedule`."""
    request_parameters: Value = None
    """What the caller gave, JSON."""
    error_code: Value = None
    """Why the call failed; absent when it did not."""
    source_ip_address: Value = None
    """Address that the request came from."""
    user_agent: Value = None
    """What the caller says it is."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GcpApiCall(Event):
    """A call of a Google Cloud API: Cloud Audit Logs.

    >>> import t1053
    >>> t1053.GcpApiCall(service_name="x").kind
    'gcp_api_call'
    """

    kind: ClassVar[str] = "gcp_api_call"
    platform: Platform = "gcp"
    service_name: Value = None
    """Service that was called: `cloudscheduler.googleapis.com`."""
    method_name: Value = None
    """Operation that was called, with its service and version."""
    resource_name: Value = None
    """Path of the resource: `projects/p/locations/l/jobs/j`."""
    request: Value = None
    """What the caller gave, JSON."""
    status_code: Value = None
    """How the call ended, by gRPC's numbers; `0` or absent when it succeeded."""
    caller_ip_address: Value = None
    """Address the request came from."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ScheduledJob(Event):
    """Something was done to a scheduled job, in the words that every event about
    one is understood in. Rules about jobs ask for this kind; the jobs of other
    events are told by [`JobReader`](crate::JobReader).

    >>> import t1053
    >>> t1053.ScheduledJob(job_activity="x").kind
    'scheduled_job'
    """

    kind: ClassVar[str] = "scheduled_job"
    platform: Platform = "any"
    job_activity: Value = None
    """What is done to the job: `create`, `update`, ..."""
    job_scheduler: Value = None
    """What runs it."""
    job_interface: Value = None
    """Which way it was told."""
    job_name: Value = None
    """Its name, as the scheduler knows it."""
    job_command: Value = None
    """The program that it starts."""
    job_arguments: Value = None
    """That program's arguments."""
    job_user: Value = None
    """The account that it runs as."""
    job_run_level: Value = None
    """`highest` or `limited`."""
    job_trigger: Value = None
    """What starts it."""
    job_hidden: Value = None
    """`true` or `false`."""
    job_interactive: Value = None
    """`true` where it shows on the user's desktop."""
    job_target: Value = None
    """The host that it is on, where another is named."""
    job_file: Value = None
    """The file with its definition."""
    job_author: Value = None
    """Who wrote the definition."""
    job_writer: Value = None
    """The program that did it."""
    job_subject: Value = None
    """The account that did it."""
    obfuscation: Value = None
    """What had to be undone to read it."""
    job_trait: Value = None
    """What its values amount to."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Generic(Event):
    """An event of any log source that has no kind of its own: its values stand
    under their own names in the members of the event.

    >>> import t1053
    >>> t1053.Generic(product="x").kind
    'generic'
    """

    kind: ClassVar[str] = "generic"
    platform: Platform = "other"
    product: Value = None
    """Sigma's `product` of the log: `windows`, `okta`."""
    category: Value = None
    """Sigma's `category` of the log: `proxy`."""
    service: Value = None
    """Sigma's `service` of the log: `sshd`."""


EVENTS: dict[str, type[Event]] = {
    "process_creation": ProcessCreation,
    "file_creation": FileCreation,
    "file_modification": FileModification,
    "file_deletion": FileDeletion,
    "file_rename": FileRename,
    "file_link": FileLink,
    "module_load": ModuleLoad,
    "registry_event": RegistryEvent,
    "task_registered": TaskRegistered,
    "task_deleted": TaskDeleted,
    "task_enabled": TaskEnabled,
    "task_disabled": TaskDisabled,
    "task_updated": TaskUpdated,
    "job_record": JobRecord,
    "task_scheduler": TaskScheduler,
    "rpc_call": RpcCall,
    "share_access": ShareAccess,
    "directory_change": DirectoryChange,
    "script_block": ScriptBlock,
    "audit_syscall": AuditSyscall,
    "audit_execve": AuditExecve,
    "audit_path": AuditPath,
    "audit_proctitle": AuditProctitle,
    "audit_cwd": AuditCwd,
    "cloud_activity": CloudActivity,
    "kubernetes_api_call": KubernetesApiCall,
    "aws_api_call": AwsApiCall,
    "gcp_api_call": GcpApiCall,
    "scheduled_job": ScheduledJob,
    "generic": Generic,
}
"""The class of each kind."""
