"""Matches in the words of others: the Elastic Common Schema, Timesketch."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ._rows import COLUMNS

if TYPE_CHECKING:
    from ._matches import Match

ECS_VERSION = "8.17.0"

SEVERITIES = {"informational": 1, "low": 2, "medium": 3, "high": 4, "critical": 5}
"""OCSF's numbers, since ECS leaves them to the source."""

ECS_FIELDS = {
    field: names[0]
    for field, known in COLUMNS.items()
    if (names := [it for it in known if "." in it and it[0].islower()])
    and not names[0].startswith(("winlog.", "powershell."))
} | {
    "EventID": "event.code",
    "EventRecordID": "event.sequence",
    "ScriptBlockText": "powershell.file.script_block_text",
    "ScriptBlockId": "powershell.file.script_block_id",
    "Channel": "winlog.channel",
}
"""Where a field of ours stands in ECS; the names that are read from it."""

ECS_NUMBERS = {"process.pid", "process.parent.pid", "event.sequence"}

ECS_CATEGORIES = (
    ("process", "process", "start"),
    ("audit_execve", "process", "start"),
    ("audit_syscall", "process", "start"),
    ("audit_proctitle", "process", "start"),
    ("file_creation", "file", "creation"),
    ("file_deletion", "file", "deletion"),
    ("file", "file", "change"),
    ("audit_path", "file", "change"),
    ("registry", "registry", "change"),
    ("module", "library", "start"),
    ("script", "process", "info"),
    ("task", "configuration", "change"),
    ("scheduled_job", "configuration", "change"),
    ("job", "configuration", "change"),
)
"""What a kind of event begins with, its category, and its type."""


def iso(time: datetime) -> str:
    """A time as logs write it."""
    return time.isoformat().replace("+00:00", "Z")


def ecs(match: Match) -> dict[str, Any]:
    """A match as a document of ECS."""
    detection = match.detection
    category, kind = next(
        (
            (category, kind)
            for start, category, kind in ECS_CATEGORIES
            if match.event.startswith(start)
        ),
        ("configuration", "info"),
    )
    event: dict[str, Any] = {
        "kind": "alert",
        "category": [category],
        "type": [kind],
        "module": "t1053",
        "dataset": "t1053.match",
        "id": match.id,
        "severity": SEVERITIES[detection.severity],
    }
    if detection.risk_score is not None:
        event["risk_score"] = float(detection.risk_score)
    if match.other_time is not None and match.time is not None:
        event["start"], event["end"] = (
            iso(it) for it in sorted((match.other_time, match.time))
        )
    rule: dict[str, Any] = {
        "name": detection.title,
        "ruleset": detection.pack or "t1053",
        "category": detection.kind,
        "id": detection.id or detection.slug,
        "description": detection.description,
    }
    if detection.references:
        rule["reference"] = detection.references[0]
    if detection.author:
        rule["author"] = [detection.author]
    if detection.license:
        rule["license"] = detection.license
    document: dict[str, Any] = {
        "ecs": {"version": ECS_VERSION},
        "message": match.message,
        "event": event,
        "rule": rule,
        "threat": _threat(detection.techniques, detection.tactics),
        "tags": ["t1053", detection.slug],
    }
    if match.time is not None:
        document["@timestamp"] = iso(match.time)
    if match.host is not None:
        document["host"] = {"name": match.host}
    if match.user is not None:
        domain, slash, name = match.user.rpartition("\\")
        document["user"] = {"name": name, **({"domain": domain} if slash else {})}
    if match.path is not None:
        document["log"] = {"file": {"path": match.path}}
    for field, value in match.fields.items():
        known = ECS_FIELDS.get(field, "host.")
        # The host and the user are there already.
        if value is not None and not known.startswith(("host.", "user.name")):
            _put(document, known, value)
    others = {
        field: value
        for field, value in match.fields.items()
        if value is not None and field not in ECS_FIELDS
    }
    document["t1053"] = {
        "detection": detection.slug,
        "record": match.record,
        "evidence": [
            {"field": it.field, "text": it.text, "pattern": it.pattern}
            for it in match.evidence
        ],
        **({"fields": others} if others else {}),
    }
    if match.raw is not None:
        event["original"] = match.raw.decode("utf-8", "replace")
    return document


def _threat(techniques: tuple[str, ...], tactics: tuple[str, ...]) -> dict[str, Any]:
    whole = sorted({it.partition(".")[0] for it in techniques})
    parts = sorted(it for it in techniques if "." in it)
    technique: dict[str, Any] = {"id": whole}
    if parts:
        technique["subtechnique"] = {"id": parts}
    threat: dict[str, Any] = {"framework": "MITRE ATT&CK", "technique": technique}
    if tactics:
        threat["tactic"] = {"name": list(tactics)}
    return threat


def _put(document: dict[str, Any], name: str, value: str) -> None:
    """Puts a value at a name with dots, where it may be put."""
    *above, last = name.split(".")
    for part in above:
        document = cast("dict[str, Any]", document.setdefault(part, {}))
    if name in ECS_NUMBERS:
        if value.isascii() and value.isdigit():
            document.setdefault(last, int(value))
        return
    document.setdefault(last, value)


def timesketch(match: Match) -> dict[str, Any]:
    """A match as a line of a timeline of Timesketch.

    It asks for a time of each event: one without is put at the beginning of
    1970, and says so, as log2timeline does.
    """
    known = match.time
    # Some messages are the title and what it is about.
    told = match.message.startswith(match.title)
    line: dict[str, Any] = {
        "message": match.message if told else f"{match.title}: {match.message}",
        "datetime": known.isoformat() if known else "1970-01-01T00:00:00+00:00",
        "timestamp": int(known.timestamp() * 1_000_000) if known else 0,
        "timestamp_desc": "Event Logged" if known else "Not a time",
        "data_type": "t1053:match",
        "id": match.id,
        "detection": match.slug,
        "kind": match.kind,
        "severity": match.detection.severity,
        "risk_score": match.risk_score,
        "hostname": match.host,
        "username": match.user,
        "display_name": match.path,
        "record": match.record,
        "evidence": "; ".join(map(str, match.evidence)),
        "tag": [match.slug, *match.techniques],
    }
    if match.other_time is not None:
        line["other_time"] = match.other_time.isoformat()
    for field, value in match.fields.items():
        line[f"event_{field}"] = value
    return {name: value for name, value in line.items() if value is not None}
