"""The page of the job model, from the vocabulary and from who asks for what."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from . import ROOT
from .detections import Source
from .markdown import code, plain, table

WORDS = {
    "JobActivity": ("core/src/derive/job/facts.rs", "Activity"),
    "JobScheduler": ("core/src/derive/job/scheduler.rs", "Scheduler"),
    "JobInterface": ("core/src/derive/job/facts.rs", "Interface"),
    "JobTrigger": ("core/src/derive/job/facts.rs", "Trigger"),
    "JobTrait": ("core/src/derive/job/traits.rs", "Trait"),
}
"""Fields that have a word of a list, and where the list is."""


def page(introduction: str, every: list[Source]) -> str:
    """The page: what is written by hand, then the tables."""
    parts = [introduction, "## Fields\n", _fields()]
    for field in WORDS:
        parts += [f"## Words of {code(field)}\n", _words(field, every)]
    return "\n".join(parts)


def _fields() -> str:
    """The fields of a job and what they hold, by the vocabulary's own words."""
    text = (ROOT / "core/src/vocabulary/table.rs").read_text(encoding="utf-8")
    rows: list[list[str]] = []
    about: list[str] = []
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("/// "):
            about.append(line[4:])
            continue
        row = re.fullmatch(r'(Job\w+|Obfuscation) = (\d+), "(\w+)";', line)
        if row:
            rows.append([code(row[3]), " ".join(about)])
        about = []
    return table(["Field", "What it holds"], rows)


def words(field: str) -> list[str]:
    """The words that a field may have."""
    path, name = WORDS[field]
    text = (ROOT / path).read_text(encoding="utf-8")
    body = re.search(rf"words! \{{[^{{}}]*\b{name} \{{(.*?)\n    \}}", text, re.DOTALL)
    assert body, f"{path} has no words of {name}"
    return re.findall(r'^\s*\w+ = "(\w+)",', body[1], re.MULTILINE)


def _words(field: str, every: list[Source]) -> str:
    asked: defaultdict[str, list[Source]] = defaultdict(list)
    for source in every:
        for word in _asked(field, source.path):
            asked[word].append(source)
    rows = [
        [
            code(word),
            ", ".join(
                f"[{plain(source.known.title)}](detections/{source.known.slug}.md)"
                for source in asked[word]
            ),
        ]
        for word in words(field)
    ]
    return table(["Word", "Detections that ask for it"], rows)


def _asked(field: str, path: Path) -> set[str]:
    """The words of a field that a rule asks for."""
    text = path.read_text(encoding="utf-8")
    found: set[str] = set()
    for match in re.finditer(rf"\b{field}(?:\|\w+)*:((?:\s*- .*\n)+|\s*\[[^\]]*\]|.*)", text):
        found.update(re.findall(r"\w+", match[1]))
    return found


