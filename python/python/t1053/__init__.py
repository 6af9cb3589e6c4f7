"""Detection of scheduled-task abuse (MITRE ATT&CK T1053) in logs, files and
data frames.

`scan` is the way in: it takes a path, bytes, records or a table, and returns
`Matches`.

>>> import t1053
>>> log = (
...     b'{"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational",'
...     b' "Image": "schtasks.exe", "User": "ann",'
...     b' "CommandLine": "schtasks /run /tn Patch"}'
... )
>>> for match in t1053.scan(log):
...     print(match)
ann starts a task by hand with schtasks: schtasks /run /tn Patch
Task Started by Request: \\Patch

All that an event matches is weighed together in its verdict:

>>> print(t1053.Detector().verdict(log))
informational: starts task \\Patch
"""

from __future__ import annotations

from ._bad import NotUnderstood, Unreadable
from ._browse import Page
from ._detections import Detection, Detections, Related, RiskObject, detections
from ._detector import Canonical, Detector, Exclusion, Format, Restored, Scanner
from ._errors import (
    CancelledError,
    DetectorError,
    Error,
    FieldError,
    InternalError,
    ReadWarning,
    SettingError,
    SourceError,
    SourceNotFoundError,
    StateError,
)
from ._events import *
from ._exclusions import Suggestion
from ._filter import Like
from ._grouped import Group, Groups, Risk, RiskPart, RiskReached, Risks
from ._iterate import MatchIterator, scan_iter
from ._jobs import FoundJob, Jobs, jobs
from ._matches import (
    Counts,
    Evidence,
    Failure,
    Match,
    Matches,
    Summary,
)
from ._names import DetectionName, KindName, TechniqueName
from ._navigator import navigator_layer
from ._rules import RuleProblem, compile_rules
from ._scan import (
    FileOptions,
    Record,
    RecordOptions,
    ScanOptions,
    Source,
    scan,
    scan_bytes,
    scan_files,
    scan_records,
    scan_table,
)
from ._t1053 import __version__
from ._tree import Node, Tree
from ._verdicts import Job, Verdict, jobs_of

__all__ = [
    "CancelledError",
    "Canonical",
    "Counts",
    "Detection",
    "DetectionName",
    "Detections",
    "Detector",
    "DetectorError",
    "Error",
    "Evidence",
    "Exclusion",
    "Failure",
    "FieldError",
    "FileOptions",
    "Format",
    "FoundJob",
    "Group",
    "Groups",
    "InternalError",
    "Job",
    "Jobs",
    "KindName",
    "Like",
    "Match",
    "MatchIterator",
    "Matches",
    "Node",
    "NotUnderstood",
    "Page",
    "ReadWarning",
    "Record",
    "RecordOptions",
    "Related",
    "Restored",
    "Risk",
    "RiskObject",
    "RiskPart",
    "RiskReached",
    "Risks",
    "RuleProblem",
    "ScanOptions",
    "Scanner",
    "SettingError",
    "Source",
    "SourceError",
    "SourceNotFoundError",
    "StateError",
    "Suggestion",
    "Summary",
    "TechniqueName",
    "Tree",
    "Unreadable",
    "Verdict",
    "__version__",
    "compile_rules",
    "detections",
    "jobs",
    "jobs_of",
    "navigator_layer",
    "scan",
    "scan_bytes",
    "scan_files",
    "scan_iter",
    "scan_records",
    "scan_table",
]

# The kinds of event; written from here on by `cargo xtask generate`.
__all__ += [
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
