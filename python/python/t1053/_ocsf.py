"""Verdicts as OCSF: Detection Findings (class 2004)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import _t1053

if TYPE_CHECKING:
    from ._verdicts import Job, Verdict

VERSION = "1.5.0"
"""Of the schema. From 1.4 on an evidence may be a job."""

SEVERITIES = {
    "informational": (1, "Informational"),
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
ALERTS = 3
"""The least severity that is an alert."""

REGULAR_FILE = 1
UNKNOWN = 0
RULE = 1


def finding(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the dictionary of its event."""
    severity_id, severity = SEVERITIES[verdict.severity]
    happened = verdict.time
    time = _milliseconds(happened or datetime.now(timezone.utc))
    attacks = sorted({one for it in verdict.matches for one in it.techniques})
    rules = [_analytic(it.slug, it.title) for it in verdict.matches]
    told = [it for it in verdict.matches if it.slug in verdict.traits]
    info: dict[str, Any] = {
        "uid": verdict.id,
        "title": ", ".join(it.title for it in told or verdict.matches[:1]),
        "desc": verdict.line,
        "types": ["Scheduled Task/Job"],
        "analytic": _analytic("t1053", "Verdict of an event"),
        "related_analytics": rules,
        "attacks": [{"technique": {"uid": it}} for it in attacks],
    }
    if happened is not None:
        info["first_seen_time"] = info["last_seen_time"] = time
    event: dict[str, Any] = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200401,
        "type_name": "Detection Finding: Create",
        "severity_id": severity_id,
        "severity": severity,
        "is_alert": severity_id >= ALERTS,
        "time": time,
        "message": verdict.line,
        "metadata": {
            "version": VERSION,
            "product": {
                "name": "t1053",
                "vendor_name": "t1053",
                "version": _t1053.__version__,
            },
        },
        "finding_info": info,
        "evidences": [one for job in verdict.jobs for one in _evidences(job, verdict)],
    }
    if verdict.host is not None:
        event["device"] = {"hostname": verdict.host, "type_id": UNKNOWN}
    responses = dict.fromkeys(it.response for it in told if it.response)
    if responses:
        event["remediation"] = {"desc": "\n".join(responses)}
    return event


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _analytic(uid: str, name: str) -> dict[str, Any]:
    return {"uid": uid, "name": name, "type_id": RULE, "type": "Rule"}


def _evidences(job: Job, verdict: Verdict) -> Iterator[dict[str, Any]]:
    """An artifact for each thing that a job starts, as one has one command
    line. Whatever the schema has no place for is in `data`."""
    commands = job.values("JobCommand") or ("",)
    arguments = job.values("JobArguments")
    for at, command in enumerate(commands):
        given = arguments[at] if at < len(arguments) else ""
        file = command or job.file or ""
        told: dict[str, Any] = {
            "name": job.name or "",
            "cmd_line": f"{command} {given}".strip(),
            "file": {
                "name": file.replace("\\", "/").rpartition("/")[2],
                "path": file,
                "type_id": REGULAR_FILE if file else UNKNOWN,
            },
        }
        # The schema's user is the one who made it, not the one it runs as.
        maker = job.author or verdict.user
        if maker is not None:
            told["user"] = {"name": maker}
        artifact: dict[str, Any] = {
            "job": told,
            "data": {field: list(values) for field, values in job.facts.items()},
        }
        if job.target is not None:
            artifact["device"] = {"hostname": job.target, "type_id": UNKNOWN}
        yield artifact
