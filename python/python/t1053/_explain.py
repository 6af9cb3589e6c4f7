"""Detections and matches in plain words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ._html import merged, printable
from ._time import shown

if TYPE_CHECKING:
    from ._detections import Detection
    from ._matches import Evidence, Match

AROUND = 60


def explain_match(match: Match) -> str:
    """A match and its evidence, a line each."""
    detection = match.detection
    about = [detection.kind, *detection.techniques]
    if detection.risk_score is not None:
        about.append(f"risk {detection.risk_score}")
    where = [f"record {match.record}" + (f" of {match.path}" if match.path else "")]
    if match.time is not None:
        where.append(shown(match.time))
    where += [printable(it) for it in (match.host, match.user) if it]
    lines = [f"{detection.slug} ({', '.join(about)})", f"  {match.message}"]
    lines.append(f"  {', '.join(where)}")
    values: dict[tuple[str, bytes], list[Evidence]] = {}
    for it in match.evidence:
        values.setdefault((it.field, it.value), []).append(it)
    for (field, value), pieces in values.items():
        lines.append(f"  {field}: {_marked(value, pieces)}")
    return "\n".join(lines)


def _marked(value: bytes, pieces: list[Evidence]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in merged(pieces):
        parts.append(_short(value[at:start], at == 0))
        parts.append("[" + printable(value[start:end].decode("utf-8", "replace")) + "]")
        at = end
    parts.append(_short(value[at:], False))
    return "".join(parts)


def _short(value: bytes, first: bool) -> str:
    text = printable(value.decode("utf-8", "replace"))
    if len(text) <= 2 * AROUND:
        return text
    return "…" + text[-AROUND:] if first else text[:AROUND] + "…"


def explain_detection(detection: Detection) -> str:
    """All that is known of a detection, as a page of text."""
    risk = "none given"
    if detection.risk_score is not None:
        risk = (
            f"{detection.risk_score} (impact {detection.impact},"
            f" confidence {detection.confidence})"
        )
    lines = [
        detection.slug,
        f"  {detection.title}",
        "",
        *textwrap.wrap(detection.description, 78),
        "",
        f"kind        {detection.kind}, severity {detection.severity}",
        f"risk        {risk}",
        f"techniques  {', '.join(detection.techniques)}",
        f"tactics     {', '.join(detection.tactics)}",
        f"platform    {detection.platform}",
        f"events      {', '.join(detection.events)}",
    ]
    if detection.pack:
        lines.append(f"published   {detection.pack}")
    if detection.id:
        lines.append(f"id          {detection.id}")
    dates = " to ".join(it for it in (detection.date, detection.modified) if it)
    for name, value in (
        ("author", detection.author),
        ("licence", detection.license),
        ("status", detection.status),
        ("dates", dates),
    ):
        if value:
            lines.append(f"{name:<11} {value}")
    lines += [f"{it.relation:<11} {it.id}" for it in detection.related]
    lines += ["", "It asks of", *textwrap.indent(detection.condition, "  ").split("\n")]
    if detection.blind_spots:
        lines += ["", "It can never match where"]
        lines += [f"- {it}" for it in detection.blind_spots]
    if detection.false_positives:
        lines += ["", "Harmless things that match too:"]
        lines += [f"- {it}" for it in detection.false_positives]
    if detection.references:
        lines += ["", *detection.references]
    return "\n".join(lines)
