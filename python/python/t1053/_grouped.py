"""Matches looked at together: identical ones as one, and the risk of hosts
and users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import index as as_number
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, cast, overload

from ._detections import Detection
from ._table import Table
from ._time import from_ticks

if TYPE_CHECKING:
    from ._matches import Match, Matches

__all__ = ["Group", "Grouped", "Groups", "Risk", "RiskPart", "RiskReached", "Risks"]


@dataclass(frozen=True, slots=True)
class Group:
    """Identical matches: of one detection, with the same host, user and
    message.

    >>> import t1053
    >>> from datetime import datetime
    >>> times = [datetime(2024, 5, 1, 10, it) for it in (0, 1, 10)]
    >>> events = [t1053.TaskScheduler(event_id="200", time=it) for it in times]
    >>> detector = t1053.Detector(enable="kind:Hunting")
    >>> groups = detector.evaluate_many(events).collapse("5m")
    >>> [it.count for it in groups]
    [2, 1]
    """

    match: Match
    """The first."""
    count: int
    """How many there are."""
    first: datetime | None
    """When the earliest happened."""
    last: datetime | None
    """When the latest happened."""


class Groups(Table[Group]):
    """Identical matches as one: a sequence of `Group`, and a table of them.

    >>> import t1053
    >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")] * 3
    >>> t1053.Detector(enable="task_ran").evaluate_many(events).collapse("5m")
    <Groups: 3 rows>
    """

    __slots__ = ()

    _columns = {
        "detection": "text",
        "title": "text",
        "kind": "text",
        "risk_score": "number",
        "count": "number",
        "first": "time",
        "last": "time",
        "host": "text",
        "user": "text",
        "message": "text",
        "path": "text",
        "record": "number",
    }

    def __init__(self, rows: Grouped) -> None:
        """Made by `Matches.collapse`."""
        self._rows = rows

    def _dicts(self) -> list[dict[str, Any]]:
        return cast("Grouped", self._rows).dicts()


class Grouped(Sequence[Group]):
    """The groups of matches, made into objects only where looked at."""

    __slots__ = ("_firsts", "_spans")

    def __init__(
        self, firsts: Matches, spans: Sequence[tuple[int, int | None, int | None]]
    ) -> None:
        """The first match of each, and how many there are from when to when."""
        self._firsts = firsts
        self._spans = spans

    def __len__(self) -> int:
        return len(self._spans)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Group: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any], /) -> Grouped: ...
    def __getitem__(self, index: Any, /) -> Any:
        if isinstance(index, slice):
            chosen = cast("slice[Any, Any, Any]", index)
            return Grouped(self._firsts[chosen], self._spans[chosen])
        at = as_number(cast("SupportsIndex", index))
        count, first, last = self._spans[at]
        return Group(self._firsts[at], count, from_ticks(first), from_ticks(last))

    def dicts(self) -> list[dict[str, Any]]:
        """The rows of the table."""
        names = ["path", "record", "detection", "host", "user", "message"]
        columns = self._firsts._found.columns(names)
        known = list(self._firsts._detections)
        detections = [known[cast("int", at)] for at in columns.pop("detection")]
        of = zip(detections, *columns.values(), self._spans, strict=True)
        return [
            {
                "detection": it.slug,
                "title": it.title,
                "kind": it.kind,
                "risk_score": it.risk_score,
                "count": count,
                "first": from_ticks(first),
                "last": from_ticks(last),
                "host": host,
                "user": user,
                "message": message,
                "path": path,
                "record": record,
            }
            for it, path, record, host, user, message, (count, first, last) in of
        ]


@dataclass(frozen=True, slots=True)
class RiskPart:
    """What a detection adds to a risk; see `RiskReached`.

    >>> import t1053
    >>> detection = t1053.detections()["short_lived_scheduled_task"]
    >>> part = t1053.RiskPart(detection, time=None, risk_score=81)
    >>> part.detection.slug, part.risk_score
    ('short_lived_scheduled_task', 81)
    """

    detection: Detection
    """The detection."""
    time: datetime | None
    """When it was found last."""
    risk_score: int
    """Its risk."""


@dataclass(frozen=True, slots=True)
class RiskReached:
    """A host or user whose risk has reached a threshold; see `Matches.risk`.

    >>> import t1053
    >>> task = {"task_name": r"\\Updater", "host": "WS-014"}
    >>> matches = t1053.Detector(enable="short_lived_scheduled_task").evaluate_many([
    ...     t1053.TaskRegistered(**task, time="2024-05-01T10:00:00Z"),
    ...     t1053.TaskDeleted(**task, time="2024-05-01T10:00:12Z"),
    ... ])
    >>> reached, = matches.risk(threshold=80)
    >>> reached.name, [part.risk_score for part in reached.parts]
    ('WS-014', [81])
    """

    object: Literal["host", "user"]
    """What it is."""
    name: str
    """Its name."""
    risk: int
    """The sum."""
    time: datetime | None
    """When the match happened that reached it."""
    parts: tuple[RiskPart, ...]
    """What it is made of."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What was found of a host, a user or a file; see `Matches.risk_by`.

    >>> import t1053
    >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")] * 3
    >>> [risk] = t1053.Detector().evaluate_many(events).risk_by("host")
    >>> risk.name, risk.matches, [it.slug for it in risk.detections][:1]
    ('WS-014', 6, ['winevent_windows_task_scheduler_event_action_started'])
    """

    name: str | None
    """Its name; `None` for what names none."""
    risk: int
    """The published risk of what was found, in which a detection counts
    once."""
    matches: int
    """How many matches there are."""
    detections: tuple[Detection, ...]
    """What was found, the highest risk first."""
    first: datetime | None
    """When the earliest match happened."""
    last: datetime | None
    """When the latest match happened."""


class Risks(Table[Risk]):
    """Hosts, users or files by risk, the highest first: a sequence of `Risk`,
    and a table of them.

    >>> import t1053
    >>> t1053.scan(b"").risk_by("user")
    <Risks: 0 rows>
    """

    __slots__ = ()

    _columns = {
        "name": "text",
        "risk": "number",
        "matches": "number",
        "first": "time",
        "last": "time",
        "detections": "list",
    }

    def _values(self, row: Risk) -> dict[str, Any]:
        return {
            "name": row.name,
            "risk": row.risk,
            "matches": row.matches,
            "first": row.first,
            "last": row.last,
            "detections": [it.slug for it in row.detections],
        }
