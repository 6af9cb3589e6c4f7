"""Verdicts and matches as OCSF: Detection Findings (class 2004)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import _t1053

if TYPE_CHECKING:
    from ._detections import Detection
    from ._matches import Match
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
    told = [it for it in verdict.matches if it.slug in verdict.traits]
    event = _event(verdict.severity, verdict.time, verdict.line, verdict.host)
    event["finding_info"] |= {
        "uid": verdict.id,
        "title": ", ".join(it.title for it in told or verdict.matches[:1]),
        "analytic": _analytic("t1053", "Verdict of an event"),
        "related_analytics": [_analytic(it.slug, it.title) for it in verdict.matches],
        "attacks": _attacks(verdict.matches),
    }
    event["evidences"] = [one for job in verdict.jobs for one in _evidences(job, verdict)]
    _remedy(event, told)
    return event


def finding_of_match(match: Match) -> dict[str, Any]:
    """A match as the dictionary of its event."""
    detection = match.detection
    event = _event(detection.severity, match.time, match.message, match.host)
    info = event["finding_info"]
    info |= {
        "uid": match.id,
        "title": detection.title,
        "analytic": _analytic(detection.slug, detection.title),
        "attacks": _attacks([detection]),
    }
    if match.other_time is not None and match.time is not None:
        ends = sorted(map(_milliseconds, (match.other_time, match.time)))
        info["first_seen_time"], info["last_seen_time"] = ends
    if detection.risk_score is not None:
        event["risk_score"] = detection.risk_score
    told: dict[str, Any] = {
        "event": match.event,
        "compared": [
            {"field": it.field, "text": it.text, "pattern": it.pattern}
            for it in match.evidence
        ],
    }
    if match.fields:
        told["fields"] = {it: value for it, value in match.fields.items() if value is not None}
    artifact: dict[str, Any] = {"data": told}
    if match.user is not None:
        artifact["actor"] = {"user": {"name": match.user}}
    event["evidences"] = [artifact]
    if match.raw is not None:
        event["raw_data"] = match.raw.decode("utf-8", "replace")
    _remedy(event, [detection])
    return event


def _event(
    named: str, happened: datetime | None, line: str, host: str | None
) -> dict[str, Any]:
    """What findings of both kinds say, without evidence."""
    severity_id, severity = SEVERITIES[named]
    time = _milliseconds(happened or datetime.now(timezone.utc))
    info: dict[str, Any] = {"desc": line, "types": ["Scheduled Task/Job"]}
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
        "message": line,
        "metadata": {
            "version": VERSION,
            "product": {
                "name": "t1053",
                "vendor_name": "t1053",
                "version": _t1053.__version__,
            },
        },
        "finding_info": info,
    }
    if host is not None:
        event["device"] = {"hostname": host, "type_id": UNKNOWN}
    return event


def _attacks(detections: Iterable[Detection]) -> list[dict[str, Any]]:
    techniques = {technique for it in detections for technique in it.techniques}
    return [{"technique": {"uid": it}} for it in sorted(techniques)]


def _remedy(event: dict[str, Any], detections: Iterable[Detection]) -> None:
    responses = dict.fromkeys(it.response for it in detections if it.response)
    if responses:
        event["remediation"] = {"desc": "\n".join(responses)}


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
