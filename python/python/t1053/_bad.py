"""Records in which nothing was looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from . import _t1053

if TYPE_CHECKING:
    from ._matches import Counts

__all__ = ["NotUnderstood", "Unreadable"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that could not be read.

    >>> import t1053
    >>> t1053.scan(b'{"EventID": 4698,\\n', errors="ignore").unreadable[0].record
    0
    """

    path: str | None
    """File it stands in."""
    record: int
    """0-based number of the record in it."""
    offset: int
    """Byte at which it begins."""
    reason: str
    """What is wrong with it."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """A record that is of no shape that is known, so that nobody looked for
    anything in it.

    >>> import t1053
    >>> t1053.scan(b'{"shape": "of nobody"}\\n', errors="ignore").not_understood
    (NotUnderstood(path=None, record=0, offset=0, begins='{"shape": "of nobody"}'),)
    """

    path: str | None
    """File it stands in."""
    record: int
    """0-based number of the record in it."""
    offset: int
    """Byte at which it begins."""
    begins: str
    """Its first 80 bytes, as text."""


Bad: TypeAlias = Unreadable | NotUnderstood

MOST_UNREADABLE = 1000
"""Unreadable records that are kept one by one; the rest is counted."""
MOST_NOT_UNDERSTOOD = 16
"""The same of records of no shape that is known: where there is one, there are
many, and they are alike."""


def bad_of(rows: Iterable[_t1053._Bad]) -> Iterator[Bad]:
    """What was said of records that hold nothing that was looked at."""
    for path, record, offset, what, is_read in rows:
        kind = NotUnderstood if is_read else Unreadable
        yield kind(path, record, offset, what)


def unreadable_of(bad: Iterable[Bad]) -> tuple[Unreadable, ...]:
    """Those that could not be read."""
    return tuple(it for it in bad if isinstance(it, Unreadable))


def not_understood_of(bad: Iterable[Bad]) -> tuple[NotUnderstood, ...]:
    """Those that are of no shape that is known."""
    return tuple(it for it in bad if isinstance(it, NotUnderstood))


def add_bad(
    bad: Iterable[Bad],
    unreadable: list[Unreadable],
    not_understood: list[NotUnderstood],
) -> None:
    """Adds each to its list, if there is room for it."""
    for it in bad:
        if isinstance(it, NotUnderstood):
            if len(not_understood) < MOST_NOT_UNDERSTOOD:
                not_understood.append(it)
        elif len(unreadable) < MOST_UNREADABLE:
            unreadable.append(it)


def bad_counts(counts: Counts) -> str:
    """What is to be said of them behind what was found."""
    numbers = {"not understood": counts.not_understood, "unreadable": counts.unreadable}
    return "".join(f", {it:,} {what}" for what, it in numbers.items() if it)
