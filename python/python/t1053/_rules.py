"""Rules of the user's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from . import _t1053
from ._errors import DetectorError

__all__ = ["RuleProblem", "Rules", "compile_rules"]

Rules: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""Rules: a `str` is Sigma text, a path object (`pathlib.Path`) a Sigma file, a
pack, or a folder, in which all `.yml`, `.yaml` and `.t1053` files are read; or
several of these."""

Texts: TypeAlias = tuple[tuple[str, bytes], ...]
"""The name and the bytes of each text."""

Kind = Literal[
    "invalid",
    "unsupported",
    "unknown_field",
    "unknown_log_source",
    "never_matches",
    "duplicate",
    "too_large",
]


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """What is wrong with a rule that was left out.

    >>> import t1053
    >>> detector = t1053.Detector(rules="title: Mine\\nlogsource: {category: proces_creation}")
    >>> for problem in detector.problems:
    ...     print(problem)
    rules:2:23: in logsource: there is no category `proces_creation`; \
did you mean `process_creation`?
    >>> problem.kind, problem.line
    ('unknown_log_source', 2)
    """

    name: str
    """The path of its file; `rules` for a text, `rules[2]` for the third one."""
    line: int | None
    """The line of the text, from 1."""
    column: int | None
    """The character of the line, from 1."""
    kind: Kind
    """What was wrong, to be compared with."""
    message: str
    """What is wrong and what would be right."""

    def __str__(self) -> str:
        place = [self.name, *(str(it) for it in (self.line, self.column) if it)]
        return f"{':'.join(place)}: {self.message}"


def texts(rules: Rules) -> Texts:
    """The texts of rules, read from files where these are given."""
    given: list[str | os.PathLike[str]]
    if isinstance(rules, (str, os.PathLike)):
        given, is_one = [rules], True
    else:
        given, is_one = list(rules), False
    found: list[tuple[str, bytes]] = []
    for place, item in enumerate(given):
        name = "rules" if is_one else f"rules[{place}]"
        if not isinstance(item, str):
            found += _t1053.rule_files(os.fspath(item))
        elif "\n" not in item and ": " not in item:
            raise DetectorError(
                f"{name}: {item!r} is no Sigma text; of a file or a folder, give a path"
                f" object: pathlib.Path({item!r})"
            )
        else:
            found.append((name, item.encode("utf-8", "surrogatepass")))
    return tuple(found)


def problems(program: _t1053.Program) -> tuple[RuleProblem, ...]:
    """What is wrong with the rules that a compiled detector was to have."""
    return _problems(program.problems())


def _problems(given: Iterable[Any]) -> tuple[RuleProblem, ...]:
    return tuple(RuleProblem(*it) for it in given)


def compile_rules(rules: Rules, *, builtin: bool = True, strict: bool = True) -> bytes:
    """Rules as a pack: bytes that `Detector(rules=...)` loads from a file, and
    the C library without its reader of Sigma. The same rules give the same
    bytes.

    A pack has a checksum against accidents. Who ships packs over a network
    signs them.

    A rule that cannot be loaded is a `DetectorError`; without `strict` it is
    left out. Without `builtin` rules may have the names of built-in
    detections: the pack is for detectors that have none.

    >>> import t1053
    >>> pack = t1053.compile_rules('''
    ... title: Task that the patch agent starts
    ... logsource: {category: process_creation, product: windows}
    ... detection:
    ...     agent: {ParentImage|endswith: patch-agent.exe}
    ...     condition: agent
    ... level: low
    ... ''')
    >>> pack[1:6]
    b'T1053'
    """
    pack, _, _ = compiled(rules, builtin, strict)
    return pack


def compiled(
    rules: Rules, builtin: bool, strict: bool
) -> tuple[bytes, int, tuple[RuleProblem, ...]]:
    """A pack, how many rules are in it, and what is wrong with the others."""
    pack, loaded, bad = _t1053.rule_pack(list(texts(rules)), builtin, strict)
    return pack, loaded, _problems(bad)
