"""A page for each built-in detection, from its Sigma file, its samples and
what the engine makes of both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import yaml

import t1053
from t1053._html import highlighted

from . import ROOT
from .markdown import code, fenced, plain, table

FOLDER = ROOT / "core" / "detections"

NARROW = (
    "JobName TaskName JobFile ParentImage JobWriter TargetFilename TargetObject"
    " name User JobSubject Computer Image exe JobCommand CommandLine"
).split()
"""Fields of an exclusion, those that silence least first."""

TECHNIQUES = {
    "T1053": "Scheduled Task/Job",
    "T1053.002": "At",
    "T1053.003": "Cron",
    "T1053.004": "Launchd",
    "T1053.005": "Scheduled Task",
    "T1053.006": "Systemd Timers",
    "T1053.007": "Container Orchestration Job",
}

XML = re.compile(r"\s*<[?A-Za-z]")

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The faster one where there is a library for it."""

MEANS = {
    "TTP": "what an attacker does, and hardly anybody else",
    "Anomaly": "unusual, and worth a look together with other signs",
    "Hunting": "for searches: common, and telling only in context",
    "Alert": "published as an alert, without a risk",
    "Inventory": "that a scheduler was used, no more",
}
WEIGHTS = {0: "none", 1: "a weak sign", 2: "a medium sign", 3: "a strong sign"}


T = TypeVar("T")


class GapError(Exception):
    """A page that would lack something."""


@dataclass(frozen=True)
class Case:
    """A sample of a detection."""

    name: str
    """What is special about it."""
    file: Path
    """Its record, or records, as a log has them."""

    @property
    def log(self) -> bytes:
        """The bytes."""
        return self.file.read_bytes()


@dataclass(frozen=True)
class Source:
    """What is known of a detection."""

    known: t1053.Detection
    path: Path
    """Its Sigma file."""
    matching: tuple[Case, ...]
    nearly: tuple[Case, ...]

    @property
    def folder(self) -> str:
        """The technique that it is filed under."""
        return self.path.parent.name


@cache
def _detector() -> t1053.Detector:
    return t1053.Detector()


def _scanned(case: Case, keep: Iterable[str] = ()) -> t1053.Matches:
    return t1053.scan(case.log, detector=_detector(), keep=keep)


def sources() -> list[Source]:
    """All built-in detections, by technique and name."""
    found: list[Source] = []
    for known in t1053.detections():
        (path,) = FOLDER.glob(f"*/{known.slug}.yml")
        samples = path.with_suffix(".samples.yml")
        cases: list[dict[str, Any]] = yaml.load(
            samples.read_text(encoding="utf-8"), Loader=LOADER
        )
        by_kind: dict[str, list[Case]] = {}
        for number, case in enumerate(cases, 1):
            file = ROOT / "testdata" / "cases" / f"{known.slug}--{number:02}.record"
            by_kind.setdefault(case["expect"], []).append(Case(case["case"], file))
        found.append(
            Source(known, path, tuple(by_kind["match"]), tuple(by_kind["near_miss"]))
        )
    return sorted(found, key=lambda source: (source.folder, source.known.slug))


def index(every: list[Source]) -> str:
    """The table of all detections."""
    parts = [
        "# Detections\n",
        f"{len(every)} built-in detections, by technique. What several of them say"
        " of one event is weighed together in its verdict:"
        " [tuning](../tuning.md) tells how, and how to silence what is harmless"
        " on your hosts. Where they come from is in"
        " [provenance](../provenance.md).\n",
    ]
    for folder, name in TECHNIQUES.items():
        parts.append(f"## {folder} {name}\n")
        rows = [
            [
                f"[{plain(source.known.title)}]({source.known.slug}.md)",
                source.known.kind,
                source.known.severity,
                source.known.platform,
            ]
            for source in every
            if source.folder == folder
        ]
        parts.append(table(["Detection", "Kind", "Severity", "Platform"], rows))
    return "\n".join(parts)


def page(source: Source) -> str:
    """The page of a detection; an error where anything would be missing."""
    known = source.known
    parts = [
        f"# {plain(known.title)}\n",
        _facts(source),
        "## What it finds, and why\n",
        plain(_needed(known.description, "description", known)) + "\n",
        "## A record that matches\n",
        _matching(source),
        "## A record that nearly does\n",
        _nearly(source),
        "## The condition\n",
        "In words:\n",
        fenced(_needed(known.condition, "condition", known), "text"),
        "In Sigma, the whole rule:\n",
        fenced(source.path.read_text(encoding="utf-8"), "yaml"),
        "## What to switch on\n",
        plain(_needed(known.needs, "needs", known)) + "\n",
        "## Harmless causes\n",
        "".join(
            f"- {plain(cause)}\n"
            for cause in _needed(known.false_positives, "false positives", known)
        ),
        "## An exclusion to copy\n",
        _exclusion(source),
        "## Response\n",
        plain(_needed(known.response, "response", known)) + "\n",
        _read_more(known),
    ]
    return "\n".join(parts)


def _needed(value: T, what: str, known: t1053.Detection) -> T:
    if not value:
        raise GapError(f"{known.slug}: no {what}")
    return value


def _facts(source: Source) -> str:
    known = source.known
    risk = "none was published" if known.risk_score is None else str(known.risk_score)
    weight = "by its severity" if known.weight is None else WEIGHTS[known.weight]
    rows = [
        ["Name", code(known.slug)],
        ["Kind", f"{known.kind}: {MEANS[known.kind]}"],
        ["Severity", known.severity],
        ["Weight in a verdict", weight],
        ["Risk", risk],
        ["Techniques", ", ".join(map(_technique, known.techniques))],
        ["Tactics", ", ".join(known.tactics)],
        ["Platform", known.platform],
        ["Events", ", ".join(map(code, known.events))],
        ["Pack", code(_needed(known.pack or "", "pack", known))],
        ["Id", code(known.id) if known.id else "none was published"],
    ]
    return table(["", ""], rows)


def _technique(technique: str) -> str:
    return f"[{technique}](https://attack.mitre.org/techniques/{technique.replace('.', '/')}/)"


def _matching(source: Source) -> str:
    known = source.known
    case = min(source.matching, key=lambda case: len(case.log))
    found = [match for match in _scanned(case) if match.slug == known.slug]
    if not found:
        raise GapError(f"{known.slug}: {case.file.name} does not match")
    match = found[0]
    rows = [
        [code(field), f"<code>{_inline(marked)}</code>"]
        for field, marked in highlighted(match.evidence)
    ]
    evidence = (
        "What made it match:\n\n" + table(["Field", "Value"], rows)
        if rows
        else "No single value made it match; what is counted or absent did.\n"
    )
    return (
        f"{plain(_sentence(case.name))}\n\n{_shown(case)}\n"
        f"It says:\n\n> {plain(match.message)}\n\n{evidence}"
    )


def _inline(marked: str) -> str:
    """HTML that Markdown takes as it is."""
    for mark in "\\`*_[]{}#|~$":
        marked = marked.replace(mark, f"&#{ord(mark)};" if mark != "#" else mark)
    return marked


def _nearly(source: Source) -> str:
    known = source.known
    case = min(source.nearly, key=lambda case: len(case.log))
    if any(match.slug == known.slug for match in _scanned(case)):
        raise GapError(f"{known.slug}: {case.file.name} matches")
    return f"{plain(_sentence(case.name))}\n\n{_shown(case)}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _shown(case: Case) -> str:
    """The records, those of JSON over several lines."""
    text = case.log.decode("utf-8", "replace")
    shown: list[str] = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            return fenced(text, "xml" if XML.match(text) else "text")
        shown.append(json.dumps(value, indent=2, ensure_ascii=False))
    return fenced("\n".join(shown), "json")


def exclusion(source: Source) -> t1053.Suggestion:
    """An exclusion that silences a matching sample, and how it was chosen: the
    narrowest field that the event has."""
    known = source.known
    for case in source.matching:
        matches = _scanned(case, NARROW)
        match = next((match for match in matches if match.slug == known.slug), None)
        if match is None:
            continue
        suggested = matches.suggest_exclusions(match)
        for field in NARROW:
            for suggestion in suggested:
                if suggestion.exclusion[1] == field and _silences(suggestion, case):
                    return suggestion
    raise GapError(f"{known.slug}: no exclusion silences a sample")


def _silences(suggestion: t1053.Suggestion, case: Case) -> bool:
    slug = suggestion.exclusion[0]
    try:
        detector = t1053.Detector(enable=slug, exclude=[suggestion.exclusion])
    except t1053.Error:
        return False
    return all(match.slug != slug for match in t1053.scan(case.log, detector=detector))


def _exclusion(source: Source) -> str:
    suggestion = exclusion(source)
    config = "exclusions:\n" + suggestion.to_config("what is harmless here, and why")
    python = f"t1053.Detector(exclude=[{suggestion.exclusion!r}])"
    return (
        "In a [configuration](../rules.md#exclusions), with a value of yours:\n\n"
        f"{fenced(config, 'yaml')}\nIn Python:\n\n{fenced(python, 'python')}"
    )


def _read_more(known: t1053.Detection) -> str:
    links = "".join(f"- <{escape(it, quote=True)}>\n" for it in known.references)
    return f"## More\n\n{links}" if links else ""
