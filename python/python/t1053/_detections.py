"""What is known of detections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, cast, overload

from . import _t1053
from ._errors import needed
from ._events import Platform
from ._html import detections_html

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["Detection", "Detections", "Related", "RiskObject"]

Kind = Literal["TTP", "Anomaly", "Hunting", "Alert", "Inventory"]
Severity = Literal["informational", "low", "medium", "high", "critical"]


@dataclass(frozen=True, slots=True)
class RiskObject:
    """Something that a match raises the risk of.

    >>> import t1053
    >>> detection = t1053.detections()["short_lived_scheduled_task"]
    >>> detection.risk_objects[0]
    RiskObject(field='dest', object='Endpoint', role='victim')
    """

    field: str
    """Its field in the publisher's data model."""
    object: str
    """What it is: `Hostname`, `Endpoint`, `User`, `Process`."""
    role: Literal["victim", "attacker"]
    """Which side of the attack it is on."""


@dataclass(frozen=True, slots=True)
class Related:
    """Another rule that a rule has to do with.

    >>> import t1053
    >>> t1053.Related("f5b5e7e0-0000-4000-8000-000000000000", "derived").relation
    'derived'
    """

    id: str
    """The other rule's id."""
    relation: str
    """What it is to the rule: `derived`, `obsolete`, `merged`, `renamed`,
    `similar`."""


@dataclass(frozen=True, slots=True, repr=False)
class Detection:
    """What is known of a detection.

    >>> import t1053
    >>> detection = t1053.detections()["short_lived_scheduled_task"]
    >>> detection
    <Detection short_lived_scheduled_task: TTP, T1053.005, risk 81>
    >>> detection.platform, detection.events
    ('windows', ('task_registered', 'task_deleted'))
    """

    slug: str
    """The stable public name; never changes."""
    title: str
    """The published title."""
    id: str | None
    """The published id, where there is one."""
    published_name: str | None
    """The publisher's own name, where it differs from the title."""
    pack: str | None
    """Where it was first published."""
    kind: Kind
    """How it is meant to be used."""
    techniques: tuple[str, ...]
    """ATT&CK techniques: `T1053.005`."""
    tactics: tuple[str, ...]
    """ATT&CK tactics."""
    risk_score: int | None
    """The published risk, 0 to 100; the alert pack has none."""
    impact: int | None
    """How much harm a true match means, 0 to 100."""
    confidence: int | None
    """How sure a match is, 0 to 100."""
    risk_objects: tuple[RiskObject, ...]
    """What a match raises the risk of."""
    severity: Severity
    """How severe a match is."""
    weight: int | None
    """What a match adds to the verdict of its event: 0 that a scheduler was
    used, 1 a weak sign, 2 a medium one, 3 a strong one; `None` where it
    counts by its severity."""
    needs: str
    """What must be switched on in the source of the events."""
    response: str
    """What to do about a match."""
    platform: Platform
    """Where its events are recorded."""
    description: str
    """What it finds and why that matters."""
    false_positives: tuple[str, ...]
    """Harmless things that match too."""
    references: tuple[str, ...]
    """Where to read more."""
    group_by: tuple[str, ...]
    """What the publisher groups alerts by."""
    message: str
    """One line in plain words about a match; `{Field}` stands for a value."""
    author: str | None
    """Who wrote it, as its file says."""
    license: str | None
    """The licence that it is under."""
    status: str | None
    """How far it is tested: `stable`, `test`, `experimental`, ..."""
    date: str | None
    """When it was written: `2025-01-31`."""
    modified: str | None
    """When it was last changed."""
    related: tuple[Related, ...]
    """Other rules that it has to do with."""
    condition: str
    """What it asks of an event, one comparison a line."""
    events: tuple[str, ...]
    """The kinds of event that it looks at."""
    blind_spots: tuple[str, ...]
    """The events that it can never match, as their log does not write what it
    asks for: `Security 4688 has no ParentCommandLine`."""

    def __repr__(self) -> str:
        risk = "" if self.risk_score is None else f", risk {self.risk_score}"
        techniques = " ".join(self.techniques)
        return f"<Detection {self.slug}: {self.kind}, {techniques}{risk}>"

    def __str__(self) -> str:
        return self.slug


class Detections(tuple[Detection, ...]):
    """Detections, in order; also found by name, and shown as a table.

    >>> import t1053
    >>> every = t1053.detections()
    >>> every["schtasks_run_task_on_demand"].kind
    'TTP'
    >>> "schtasks_run_task_on_demand" in every
    True
    >>> every  # doctest: +ELLIPSIS
    <Detections: ... detections of ... techniques>
    """

    __slots__ = ()

    @overload
    def __getitem__(self, key: str | SupportsIndex, /) -> Detection: ...
    @overload
    def __getitem__(self, key: slice[Any, Any, Any], /) -> Detections: ...
    def __getitem__(self, key: Any, /) -> Any:
        if isinstance(key, str):
            for detection in self:
                if detection.slug == key:
                    return detection
            near = get_close_matches(key, [it.slug for it in self], 1)
            raise KeyError(key + "".join(f"; did you mean {it}?" for it in near))
        found = cast(Any, super().__getitem__(key))
        return Detections(found) if isinstance(key, slice) else found

    def __contains__(self, key: object, /) -> bool:
        if isinstance(key, str):
            return any(it.slug == key for it in self)
        return super().__contains__(key)

    def __repr__(self) -> str:
        techniques = {it for detection in self for it in detection.techniques}
        return f"<Detections: {len(self)} detections of {len(techniques)} techniques>"

    def _repr_html_(self) -> str:
        return detections_html(self)

    def _columns(self) -> dict[str, list[Any]]:
        nested = {"risk_objects", "related"}
        names = [it.name for it in fields(Detection) if it.name not in nested]

        def plain(value: Any) -> Any:
            return [*cast("tuple[Any, ...]", value)] if isinstance(value, tuple) else value

        return {name: [plain(getattr(it, name)) for it in self] for name in names}

    def to_pandas(self) -> pandas.DataFrame:
        """A row for each detection. Needs pandas.

        >>> import t1053
        >>> frame = t1053.detections().to_pandas()
        >>> frame.slug[0] == t1053.detections()[0].slug
        True
        """
        pandas = needed("pandas", "pandas")
        # Numbers that are not there would make floats of those that are.
        return pandas.DataFrame(self._columns()).astype(
            dict.fromkeys(("risk_score", "impact", "confidence"), "Int64")
        )

    def to_polars(self) -> polars.DataFrame:
        """A row for each detection. Needs polars.

        >>> import t1053
        >>> frame = t1053.detections().to_polars()
        >>> frame["slug"][0] == t1053.detections()[0].slug
        True
        """
        polars = needed("polars", "polars")
        return polars.DataFrame(self._columns(), infer_schema_length=None)

    def to_arrow(self) -> pyarrow.Table:
        """A row for each detection. Needs pyarrow.

        >>> import t1053
        >>> t1053.detections().to_arrow().num_rows == len(t1053.detections())
        True
        """
        pyarrow = needed("pyarrow", "arrow")
        return pyarrow.table(self._columns())


def of_program(program: _t1053.Program) -> Detections:
    """The detections that a compiled detector runs."""
    return Detections(_from_dict(it) for it in program.detections())


def _from_dict(known: dict[str, Any]) -> Detection:
    objects: Iterable[tuple[str, str, Any]] = known.pop("risk_objects")
    related: Iterable[tuple[str, str]] = known.pop("related")
    return Detection(
        **known,
        risk_objects=tuple(RiskObject(*it) for it in objects),
        related=tuple(Related(*it) for it in related),
    )


@cache
def detections() -> Detections:
    """All built-in detections, as objects and as a table.

    >>> import t1053
    >>> every = t1053.detections()
    >>> sorted({it.platform for it in every})
    ['any', 'azure', 'linux', 'windows']
    >>> every.to_pandas().shape[0] == len(every)
    True
    """
    return of_program(_t1053.Program([], [], [], [], True, False, "", None, False))
