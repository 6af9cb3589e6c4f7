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

from ._detections import Detection, Detections, Related, RiskObject, detections
from ._detector import Canonical, Detector, Exclusion, Format, Restored, Scanner
from ._errors import (
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
from ._iterate import MatchIterator, scan_iter
from ._jobs import FoundJob, Jobs, jobs
from ._matches import (
    Counts,
    Evidence,
    Failure,
    Group,
    Match,
    Matches,
    RiskPart,
    RiskReached,
    Summary,
    Unreadable,
)
from ._navigator import navigator_layer
from ._rules import RuleProblem, compile_rules
from ._scan import scan
from ._t1053 import __version__
from ._verdicts import Job, Verdict, jobs_of

__all__ = [
    "Canonical",
    "Counts",
    "Detection",
    "Detections",
    "Detector",
    "DetectorError",
    "Error",
    "Evidence",
    "Exclusion",
    "Failure",
    "FieldError",
    "Format",
    "FoundJob",
    "Group",
    "InternalError",
    "Job",
    "Jobs",
    "Match",
    "MatchIterator",
    "Matches",
    "ReadWarning",
    "Related",
    "Restored",
    "RiskObject",
    "RiskPart",
    "RiskReached",
    "RuleProblem",
    "Scanner",
    "SettingError",
    "SourceError",
    "SourceNotFoundError",
    "StateError",
    "Summary",
    "Unreadable",
    "Verdict",
    "__version__",
    "compile_rules",
    "detections",
    "jobs",
    "jobs_of",
    "navigator_layer",
    "scan",
    "scan_iter",
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
