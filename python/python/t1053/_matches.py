"""What was found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime
from os import PathLike
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Literal,
    SupportsIndex,
    cast,
    get_args,
    overload,
)

from . import _browse, _export, _html, _ocsf, _plot, _t1053, _tree
from ._bad import (
    Bad,
    NotUnderstood,
    Unreadable,
    bad_counts,
    not_understood_of,
    unreadable_of,
)
from ._detections import Detection, Detections, Kind
from ._detections import detections as builtin
from ._errors import FieldError, SettingError, needed, whole
from ._exclusions import Suggestion, suggestions
from ._filter import Chosen, Names, Patterns
from ._grouped import Grouped, Groups, Risk, RiskPart, RiskReached, Risks
from ._names import DetectionName, KindName, TechniqueName
from ._time import Duration, from_ticks, moment, seconds, shown, to_ticks

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow
    from matplotlib.axes import Axes

    from ._browse import Page
    from ._detector import Detector
    from ._tree import Tree

__all__ = [
    "Counts",
    "Evidence",
    "Failure",
    "Match",
    "Matches",
    "Summary",
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a match matches: a comparison that passed, and where.

    >>> import t1053
    >>> event = t1053.ProcessCreation(
    ...     image=r"C:\\Windows\\System32\\schtasks.exe",
    ...     command_line="schtasks /create /tn x /tr a.exe /ru SYSTEM",
    ... )
    >>> match = next(
    ...     it for it in t1053.Detector().evaluate(event)
    ...     if it.slug == "windows_schtasks_create_run_as_system"
    ... )
    >>> print(match.evidence[-1])
    CommandLine[37..43] = SYSTEM
    >>> match.evidence[-1].before
    'schtasks /create /tn x /tr a.exe /ru '
    """

    field: str
    """The field that was compared."""
    start: int
    """Where in the value the decisive bytes begin."""
    end: int
    """Where they end."""
    pattern: str
    """The pattern that they were compared with, as the rule wrote it."""
    value: bytes = member(repr=False)
    """The field's whole decoded value."""

    @property
    def text(self) -> str:
        """The decisive bytes as text."""
        return self.value[self.start : self.end].decode("utf-8", "replace")

    @property
    def before(self) -> str:
        """What stands before them in the value."""
        return self.value[: self.start].decode("utf-8", "replace")

    @property
    def after(self) -> str:
        """What stands after them in the value."""
        return self.value[self.end :].decode("utf-8", "replace")

    def __str__(self) -> str:
        return f"{self.field}[{self.start}..{self.end}] = {self.text}"


@dataclass(frozen=True, slots=True, repr=False)
class Match:
    """One detection that one record matches.

    >>> import t1053
    >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
    >>> detector = t1053.Detector(enable="published")
    >>> match, = detector.evaluate(event)
    >>> match
    <Match winevent_windows_task_scheduler_event_action_started: record 0, host WS-014>
    >>> match.detection.kind, match.techniques
    ('Hunting', ('T1053.005',))
    """

    path: str | None
    """File it was found in."""
    record: int
    """0-based number of the record in it."""
    item: int | None
    """0-based place of the event in a record that wraps several."""
    detection: Detection
    """What is known of the detection."""
    time: datetime | None
    """When it happened, to the microsecond, in UTC."""
    other_time: datetime | None
    """Of a sequence, when its other event happened."""
    host: str | None
    """Host that recorded it."""
    user: str | None
    """Account that it is about."""
    message: str
    """One line in plain words."""
    evidence: tuple[Evidence, ...] = member(default=())
    """Why it matches."""
    event: str = ""
    """The kind of event."""
    offset: int = 0
    """Byte at which the record begins in the file, decompressed; 0 of an event
    that the caller built or that was joined. In UTF-16, counted in its UTF-8 form."""
    length: int = 0
    """How many bytes the record has there; 0 of an event that the caller
    built or that was joined."""
    fields: Mapping[str, str | None] = member(
        default_factory=dict[str, "str | None"], hash=False
    )
    """The fields that `keep` named, each with its value; `None` where the
    event has none. Of a job's field the first value of the job that the match
    speaks of."""
    raw: bytes | None = member(default=None, repr=False)
    """The record, where `keep` named it."""
    id: str = ""
    """32 hexadecimal digits, the same for the same match wherever its record
    was read: of the detection, the times, the host and the message, and of one
    event also of its kind, user and evidence; not of the file or the place in
    it. Of several events the message is that of the one that was read last."""
    joined: tuple[int, ...] = ()
    """Numbers of the records that the event was joined from, of which `record` is
    the first; empty where one says all of it."""

    @property
    def slug(self) -> str:
        """The detection's name."""
        return self.detection.slug

    @property
    def title(self) -> str:
        """The detection's title."""
        return self.detection.title

    @property
    def kind(self) -> str:
        """How the detection is meant to be used."""
        return self.detection.kind

    @property
    def techniques(self) -> tuple[str, ...]:
        """The detection's ATT&CK techniques."""
        return self.detection.techniques

    @property
    def risk_score(self) -> int | None:
        """The detection's published risk."""
        return self.detection.risk_score

    def __repr__(self) -> str:
        parts = [f"record {self.record}"]
        if self.path is not None:
            parts[0] += f" of {self.path}"
        if self.time is not None:
            parts.append(shown(self.time))
        if self.host is not None:
            parts.append(f"host {_html.printable(self.host)}")
        return f"<Match {self.slug}: {', '.join(parts)}>"

    def __str__(self) -> str:
        return self.message

    def _repr_html_(self) -> str:
        return _html.match_html(self)

    def explain(self) -> str:
        """The match in words, and its evidence, a line each.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200")
        >>> detector = t1053.Detector(enable="published")
        >>> print(detector.evaluate(event)[0].explain())
        ... # doctest: +ELLIPSIS
        winevent_windows_task_scheduler_event_action_started (Hunting, T1053.005...
        ...
        """
        from ._explain import explain_match

        return explain_match(self)

    def to_ecs(self) -> dict[str, Any]:
        """The match as a document of the Elastic Common Schema. Fields that
        were kept stand where that has them, and others below `t1053.fields`.

        >>> import t1053
        >>> event = t1053.ProcessCreation(
        ...     image="schtasks.exe", command_line="schtasks /run /tn Patch", host="WS-014"
        ... )
        >>> detector = t1053.Detector(enable="schtasks_run_task_on_demand")
        >>> match, = t1053.scan([event], detector=detector, keep="CommandLine")
        >>> document = match.to_ecs()
        >>> document["process"], document["host"]
        ({'command_line': 'schtasks /run /tn Patch'}, {'name': 'WS-014'})
        """
        return _export.ecs(self)

    def to_ocsf(self) -> dict[str, Any]:
        """The match as an OCSF Detection Finding (class 2004 of schema 1.5);
        `Verdict.to_ocsf` has one for all matches of an event.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> finding = t1053.Detector(enable="task_ran").evaluate(event)[0].to_ocsf()
        >>> finding["class_uid"], finding["finding_info"]["analytic"]["uid"]
        (2004, 'task_ran')
        """
        return _ocsf.finding_of_match(self)

    def to_timesketch(self) -> dict[str, Any]:
        """The match as a line of a timeline that Timesketch imports; see
        `Matches.to_timesketch`.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200", time="2024-05-01T10:00:00Z")
        >>> [match] = t1053.Detector(enable="task_ran").evaluate(event)
        >>> match.to_timesketch()["datetime"]
        '2024-05-01T10:00:00+00:00'
        """
        return _export.timesketch(self)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a scan has seen. `records` is always the sum of `read`,
    `filtered`, `uninteresting`, `not_understood` and `unreadable`.

    >>> import t1053
    >>> counts = t1053.scan(b'{"EventID": 4624, "Channel": "Security"}\\n').counts
    >>> counts.records
    1
    >>> counts.filtered
    1
    """

    bytes: int = 0
    """Bytes of the records, decompressed."""
    records: int = 0
    """Records found in them."""
    read: int = 0
    """Records with at least one event."""
    filtered: int = 0
    """Records not read, because a search showed that they match nothing."""
    uninteresting: int = 0
    """Records that were read and hold no event that any rule asks for."""
    not_understood: int = 0
    """Records of no shape that is known. Of those that the filter passes over the
    first 64 are looked at, and one in 1 MiB after them."""
    unreadable: int = 0
    """Records that could not be read, wholly or in part."""
    matches: int = 0
    """Matches found."""
    forgotten: int = 0
    """Halves of sequences forgotten for want of room, which a later event
    might still have completed."""
    expired: int = 0
    """Halves of sequences forgotten for want of room when their time had
    passed, which only an event that came late could have completed."""
    untimed: int = 0
    """Events of sequences that have no time."""
    ungrouped: int = 0
    """Events of sequences that lack a value which its events must agree in."""
    joined: int = 0
    """Events that were made of several records."""
    joins_incomplete: int = 0
    """Audit events that ended without all of their records, which were lost or
    came too late: they were taken as far as they came."""
    joins_evicted: int = 0
    """Audit events that ended because too many others had begun, or too large
    ones."""
    joins_late: int = 0
    """Records that came after their audit event had ended."""
    joins_cut: int = 0
    """Records that found no room, as their audit event is too large."""
    events: Mapping[str, int] = member(default_factory=dict[str, int])
    """Events read, by kind."""
    excluded: Mapping[str, int] = member(default_factory=dict[str, int])
    """Matches that exclusions have silenced, by their names: of one that
    `exclude` gives, its detection. Of a detection that needs several events
    each event counts, and of one about jobs each job.

    >>> import t1053
    >>> line = b'{"EventID": 1, "Image": "schtasks.exe", "CommandLine": "schtasks /run /tn a",'
    >>> line += b'"Channel": "Microsoft-Windows-Sysmon/Operational"}'
    >>> quiet = ("schtasks_run_task_on_demand", "CommandLine|endswith", "/tn a")
    >>> t1053.scan(line, exclude=[quiet]).counts.excluded
    {'schtasks_run_task_on_demand': 1}
    """

    def __add__(self, other: Counts) -> Counts:
        sums: dict[str, Any] = {}
        for name in self.__slots__:
            own, more = getattr(self, name), getattr(other, name)
            if isinstance(own, Mapping):
                by_name = cast("Mapping[str, int]", own)
                more = {key: by_name.get(key, 0) + count for key, count in more.items()}
                sums[name] = {**by_name, **more}
            else:
                sums[name] = own + more
        return Counts(**sums)

    def _repr_html_(self) -> str:
        return _html.counts_html(self)


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read to its end.

    >>> import t1053
    >>> scanned = t1053.scan(b"\\x1f\\x8bnot gzip", errors="ignore")
    >>> scanned.failures[0].reason
    'invalid gzip header'
    """

    source: str | None
    """Its path."""
    reason: str
    """What went wrong."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was found of one detection.

    >>> import t1053
    >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")] * 3
    >>> summary = t1053.Detector().evaluate_many(events).summary()[0]
    >>> summary.count, summary.hosts
    (3, ('WS-014',))
    """

    detection: Detection
    """The detection."""
    count: int
    """How often."""
    first: datetime | None
    """When first."""
    last: datetime | None
    """When last."""
    hosts: tuple[str, ...]
    """On which hosts."""
    examples: tuple[Match, ...]
    """The first matches."""


class Matches(Sequence[Match]):
    """What a scan found: a sequence of `Match`, kept in Rust and made into
    objects only where looked at.

    >>> import t1053
    >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")] * 3
    >>> matches = t1053.Detector().evaluate_many(events)
    >>> len(matches), matches[0].host, len(matches[1:])
    (6, 'WS-014', 5)
    >>> matches
    <Matches: 6 matches of 2 detections in 3 records>
    """

    __slots__ = (
        "_detector", "_found", "counts", "failures", "not_understood", "unreadable",
    )

    counts: Counts
    """What the scan has seen."""
    unreadable: tuple[Unreadable, ...]
    """Records that could not be read, the first thousand of each source."""
    not_understood: tuple[NotUnderstood, ...]
    """Records of no shape that is known, the first 16 of each source."""
    failures: tuple[Failure, ...]
    """Sources that could not be read to their end."""

    def __init__(
        self,
        found: _t1053.Found,
        detector: Detector,
        counts: Counts,
        bad: tuple[Bad, ...] = (),
        failures: tuple[Failure, ...] = (),
    ) -> None:
        """Made by `scan`, `Detector.evaluate_many` and `Scanner`."""
        self._found = found
        self._detector = detector
        self.counts = counts
        self.unreadable = unreadable_of(bad)
        self.not_understood = not_understood_of(bad)
        self.failures = failures

    @property
    def _bad(self) -> tuple[Bad, ...]:
        return (*self.unreadable, *self.not_understood)

    @property
    def _detections(self) -> Detections:
        return self._detector.detections

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Match: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any], /) -> Matches: ...
    def __getitem__(self, index: Any, /) -> Any:
        places = cast(Any, range(len(self))[index])
        if isinstance(index, slice):
            return self._pick(list(places))
        return self._match(places)

    def __iter__(self) -> Iterator[Match]:
        return map(self._match, range(len(self)))

    def _match(self, at: int) -> Match:
        row = self._found.row(at)
        (
            path, record, item, detection, time, other, host, user, message,
            pieces, joined,
        ) = row
        event, offset, length, fields, raw, own_id = self._found.quote(at)
        return Match(
            path=path,
            record=record,
            item=item,
            detection=self._detections[detection],
            time=from_ticks(time),
            other_time=from_ticks(other),
            host=host,
            user=user,
            message=message,
            evidence=tuple(Evidence(*it) for it in pieces),
            event=event,
            offset=offset,
            length=length,
            fields=fields,
            raw=raw,
            id=own_id,
            joined=joined,
        )

    def _pick(self, places: list[int]) -> Matches:
        found = self._found.pick(places)
        return Matches(found, self._detector, self.counts, self._bad, self.failures)

    def __reduce__(self) -> tuple[Any, ...]:
        arguments = self._detector, self._found.save(), self.counts
        return _loaded, (*arguments, self._bad, self.failures)

    def __add__(self, other: Matches, /) -> Matches:
        """These matches, and then the others: those of two scans as one. The
        counts are added up.

        Both may be of different detectors, unless these have two detections of
        one name; both must keep the same fields.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200")
        >>> first = t1053.scan([event], enable="task_ran")
        >>> both = first + t1053.scan([event], enable="kind:Hunting")
        >>> [it.kind for it in both], both.counts.records
        (['Inventory', 'Hunting'], 2)
        """
        if not isinstance(cast("object", other), Matches):
            return NotImplemented
        if self._found.keep() != other._found.keep():
            kept = " and ".join(
                it._found.keep() or "nothing" for it in (self, other)
            )
            raise FieldError(f"matches that keep the same fields can be added, not {kept}")
        detector = self._detector._with(other._detector)
        parts = [it._moved(detector) for it in (self, other)]
        return Matches(
            _t1053.Found.concat(parts, parts[0]),
            detector,
            self.counts + other.counts,
            self._bad + other._bad,
            self.failures + other.failures,
        )

    def __radd__(self, other: int) -> Matches:
        # What `sum` begins with.
        return self if other == 0 else NotImplemented

    def __sub__(self, other: Matches) -> Matches:
        """The matches that are not among others, told by `Match.id`: what is
        new since yesterday, or what an exclusion silences.

        >>> import t1053
        >>> events = [t1053.TaskScheduler(event_id="200", host=it) for it in "ab"]
        >>> every = t1053.scan(events, enable="task_ran")
        >>> [it.host for it in every - every.filter(host="a")]
        ['b']
        """
        if not isinstance(cast("object", other), Matches):
            return NotImplemented
        others = set(other._found.ids())
        ids = self._found.ids()
        return self._pick([at for at, it in enumerate(ids) if it not in others])

    def _moved(self, detector: Detector) -> _t1053.Found:
        """What was found, by the detections of another detector."""
        if self._detector is detector:
            return self._found
        places = {it.slug: at for at, it in enumerate(detector.detections)}
        numbers = [places[it.slug] for it in self._detections]
        return self._found.moved(detector._program, numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Matches):
            return NotImplemented
        return len(self) == len(other) and self.to_ndjson() == other.to_ndjson()

    def __repr__(self) -> str:
        detections = len(self._found.summary(0))
        return (
            f"<Matches: {_count(len(self), 'match', 'matches')} of"
            f" {_count(detections, 'detection')} in"
            f" {_count(self.counts.records, 'record')}{bad_counts(self.counts)}>"
        )

    def _repr_html_(self) -> str:
        return _html.matches_html(self)

    def filter(
        self,
        *,
        detection: Chosen[DetectionName | Detection] | None = None,
        kind: Chosen[KindName] | None = None,
        technique: Chosen[TechniqueName] | None = None,
        host: Patterns | None = None,
        user: Patterns | None = None,
        fields: Mapping[str, Patterns] | None = None,
        minimum_risk: int | None = None,
        since: datetime | str | None = None,
        until: datetime | str | None = None,
    ) -> Matches:
        """The matches of which all of this holds.

        A text is a pattern: `*` stands for any text and `?` for a character,
        case is ignored, and what begins with `!` must not hold. Of a list one
        has to hold, and none that `!` begins. `technique="T1053"` takes its
        sub-techniques in; `fields` are those that were kept, by their names in
        `Match.fields`; `since` and `until` are times, also as ISO 8601
        (`"2024-05-01"`), in UTC where they name no zone, and `until` is
        exclusive. A detection, kind or technique that there is not is a
        `DetectorError`, a field that was not kept a `FieldError`.

        Type checkers know the names that there are. A pattern of names, or the
        name of a rule of your own, is a `t1053.Like` for them; at run time any
        `str` will do.

        >>> import t1053
        >>> events = [t1053.TaskScheduler(event_id="200", host=it) for it in "abc"]
        >>> matches = t1053.Detector().evaluate_many(events)
        >>> [it.host for it in matches.filter(host=["B", "c"], kind="!Inventory")]
        ['b', 'c']
        >>> len(matches.filter(detection=t1053.Like("task_*")))
        3
        >>> matches.filter(detection="task_rann")
        Traceback (most recent call last):
            ...
        t1053.DetectorError: there is no detection `task_rann`; did you mean `task_ran`?
        """
        # To list the built-in ones takes milliseconds.
        is_checked = detection is not None or technique is not None
        every = [*self._detections, *(builtin() if is_checked else ())]
        slugs = Names("detection", detection).known(it.slug for it in every)
        kinds = Names("kind", kind).known(get_args(Kind))
        techniques = Names("technique", technique).known(_with_parents(every))
        hosts, users = Names("host", host), Names("user", user)

        def chosen(it: Detection) -> bool:
            return (
                slugs.holds([it.slug])
                and kinds.holds([it.kind])
                and techniques.holds(_with_parents([it]))
                and (minimum_risk is None or (it.risk_score or 0) >= minimum_risk)
            )

        picked = {at for at, it in enumerate(self._detections) if chosen(it)}
        columns = self._found.columns(["detection", "host", "user", "ticks"])
        kept: list[tuple[list[str | None], Names]] = []
        for name, given in (fields or {}).items():
            values = self._found.kept_values(name)
            if values is None:
                # One that there is not is an error that tells the nearest.
                self._detector._nothing([name])
                raise FieldError(
                    f"the field {name} was not kept; name it in `keep`", name=name
                )
            kept.append((values, Names(name, given)))
        first, last = to_ticks(moment("since", since)), to_ticks(moment("until", until))

        def holds(at: int) -> bool:
            ticks = columns["ticks"][at]
            return (
                columns["detection"][at] in picked
                and hosts.holds([columns["host"][at]])
                and users.holds([columns["user"][at]])
                and all(names.holds([values[at]]) for values, names in kept)
                and (first is None or (ticks is not None and ticks >= first))
                and (last is None or (ticks is not None and ticks < last))
            )

        return self._pick([at for at in range(len(self)) if holds(at)])

    def summary(self, examples: int = 3) -> tuple[Summary, ...]:
        """What was found, by detection, the highest risk first, with the
        first few matches of each.

        >>> import t1053
        >>> for it in t1053.scan(b"").summary():
        ...     print(it.detection, it.count)
        """
        rows = [
            Summary(
                detection=self._detections[detection],
                count=count,
                first=from_ticks(first),
                last=from_ticks(last),
                hosts=hosts,
                examples=tuple(self._match(at) for at in places),
            )
            for detection, count, first, last, hosts, places in self._found.summary(
                whole("examples", examples, 0)
            )
        ]
        rows.sort(key=lambda it: (-(it.detection.risk_score or 0), it.detection.slug))
        return tuple(rows)

    @overload
    def to_ndjson(self, file: None = None, *, group: Duration | None = None) -> str: ...
    @overload
    def to_ndjson(
        self, file: str | PathLike[str] | BinaryIO, *, group: Duration | None = None
    ) -> None: ...
    def to_ndjson(
        self,
        file: str | PathLike[str] | BinaryIO | None = None,
        *,
        group: Duration | None = None,
    ) -> str | None:
        """A line of JSON for each match, byte for byte as the Rust library
        writes it; returned, or written to a path or an open binary file.

        With `group`, identical matches within that time (`"5m"`) are one: the
        first has its line, and where others followed there is one more when
        the time is over, with `repeats`, `first_seen` and `last_seen`. The
        lines without `repeats` and all `repeats` are together the number of
        matches.

        >>> import json, t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> lines = t1053.Detector().evaluate_many([event]).to_ndjson()
        >>> [json.loads(it)["detection"] for it in lines.splitlines()]
        ['task_ran', 'winevent_windows_task_scheduler_event_action_started']
        """
        if group is None:
            text = self._found.ndjson()
        else:
            text = self._found.ndjson_grouped(seconds("group", group))
        if file is None:
            return text.decode()
        if isinstance(file, str | PathLike):
            with open(file, "wb") as opened:
                opened.write(text)
        else:
            file.write(text)
        return None

    def collapse(self, within: Duration = "5m") -> Groups:
        """Identical matches as one: of one detection, with the same host, user
        and message, within a time (`"90s"`, `"5m"`, `"1d"`, seconds, or a
        `timedelta`). A match without a time is a group of its own. The counts
        of all groups are together the number of matches.

        >>> import t1053
        >>> from datetime import datetime
        >>> times = [datetime(2024, 5, 1, 10, 0, it) for it in (0, 9)]
        >>> events = [t1053.TaskScheduler(event_id="200", time=it) for it in times]
        >>> detector = t1053.Detector(enable="kind:Hunting")
        >>> [group] = detector.evaluate_many(events).collapse("5m")
        >>> group.count, group.last - group.first
        (2, datetime.timedelta(seconds=9))
        """
        grouped = self._found.grouped(seconds("within", within))
        firsts = self._pick([at for at, *_ in grouped])
        return Groups(Grouped(firsts, [(it[1], it[2], it[3]) for it in grouped]))

    def risk_by(self, by: Literal["host", "user", "path"] = "host") -> Risks:
        """Hosts, users or files by the risk of what was found of each, the
        highest first. A detection counts once, however often it matches;
        `risk` asks when the risk reached a threshold.

        >>> import t1053
        >>> events = [
        ...     t1053.ProcessCreation(
        ...         image="schtasks.exe", command_line="schtasks /run /tn Patch", host=host
        ...     )
        ...     for host in ("WS-1", "WS-2", "WS-2")
        ... ]
        >>> matches = t1053.scan(events, enable="schtasks_run_task_on_demand")
        >>> [(it.name, it.risk, it.matches) for it in matches.risk_by("host")]
        [('WS-2', 48, 2), ('WS-1', 48, 1)]
        """
        if by not in ("host", "user", "path"):
            raise SettingError(f"by is {by!r}; it may be host, user or path", name="by")
        columns = self._found.columns([by, "detection", "ticks"])
        rows: dict[str | None, _Tally] = {}
        of = zip(columns[by], columns["detection"], columns["ticks"], strict=True)
        for name, detection, ticks in of:
            tally = rows.get(name)
            if tally is None:
                tally = rows[name] = _Tally()
            tally.add(detection, ticks)
        made = [it.risk(name, self._detections) for name, it in rows.items()]
        made.sort(key=lambda it: (-it.risk, -it.matches, it.name or ""))
        return Risks(made)

    def suggest_exclusions(self, match: Match) -> tuple[Suggestion, ...]:
        """Exclusions that would silence a match, with what else of these
        matches each would silence, the narrowest first.

        They compare the host, the user, and the fields that were kept; so
        `keep` what may tell harmless from not: `ParentImage`, `CommandLine`,
        `JobName`. Of a detection that needs several events they silence at
        least what they say.

        >>> import t1053
        >>> log = [
        ...     {"Image": "schtasks.exe", "CommandLine": "schtasks /run /tn " + task,
        ...      "ParentImage": "C:/Agent/agent.exe"}
        ...     for task in ("Patch", "Other")
        ... ]
        >>> matches = t1053.scan(
        ...     log, enable="schtasks_run_task_on_demand", keep=["ParentImage", "CommandLine"]
        ... )
        >>> for suggestion in matches.suggest_exclusions(matches[0]):
        ...     print(suggestion)
        CommandLine = schtasks /run /tn Patch: silences 1 of 2 of schtasks_run_task_on_demand
        ParentImage = C:/Agent/agent.exe: silences 2 of 2 of schtasks_run_task_on_demand
        ParentImage|name = agent.exe: silences 2 of 2 of schtasks_run_task_on_demand
        """
        return suggestions(self, match)

    def risk(
        self, threshold: int = 100, within: Duration = "1d"
    ) -> tuple[RiskReached, ...]:
        """The hosts and users whose risk reached a threshold within a time:
        the sum of the published risk of what was found of each, in which a
        detection counts once. One is told again only when its risk had fallen
        below in between.

        >>> import t1053
        >>> log = b'''{"EventID":4698,"Channel":"Security","Computer":"A","TaskName":"x","TimeCreated":"2024-05-01T10:00:00Z"}
        ... {"EventID":4699,"Channel":"Security","Computer":"A","TaskName":"x","TimeCreated":"2024-05-01T10:00:09Z"}'''
        >>> matches = t1053.scan(log, enable="short_lived_scheduled_task")
        >>> [reached] = matches.risk(threshold=80)
        >>> reached.object, reached.name, reached.risk
        ('host', 'A', 81)
        """
        reached = self._found.risk(
            whole("threshold", threshold, 1, 0xFFFF_FFFF), seconds("within", within)
        )
        return tuple(
            RiskReached(
                object=cast("Any", of),
                name=name,
                risk=risk,
                time=from_ticks(ticks),
                parts=tuple(
                    RiskPart(self._detections[detection], from_ticks(time), score)
                    for detection, time, score in parts
                ),
            )
            for of, name, risk, ticks, parts, *_ in reached
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each match as the dictionary that its line of JSON holds.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> matches = t1053.Detector().evaluate_many([event])
        >>> [it["kind"] for it in matches.to_dicts()]
        ['Inventory', 'Hunting']
        """
        return [json.loads(line) for line in self._found.ndjson().splitlines()]

    @overload
    def to_csv(self, file: None = None, *, formulas: bool = False) -> str: ...
    @overload
    def to_csv(self, file: str | PathLike[str], *, formulas: bool = False) -> None: ...
    def to_csv(
        self, file: str | PathLike[str] | None = None, *, formulas: bool = False
    ) -> str | None:
        """A table as CSV, with the columns of the data frames: techniques are
        joined by blanks, evidence is JSON. Returned, or written to a path.

        A spreadsheet runs a value that begins with `=`, `+`, `-` or `@` as a
        formula, and whoever is looked for has chosen the values. So a `'`
        stands before each of these, as spreadsheets themselves mark text. With
        `formulas` the values are as they are, for whatever is no spreadsheet.

        >>> import t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> text = t1053.Detector(enable="task_ran").evaluate_many([event]).to_csv()
        >>> text.splitlines()[0]
        'path,record,item,detection,title,kind,techniques,risk_score,time,host,user,message,evidence'
        >>> event = t1053.ProcessCreation(image="schtasks.exe", command_line="-x /run", user="=1+1")
        >>> matches = t1053.Detector(enable="schtasks_run_task_on_demand").evaluate_many([event])
        >>> "'=1+1" in matches.to_csv(), "'=1+1" in matches.to_csv(formulas=True)
        (True, False)
        """
        text = self._found.csv(formulas)
        if file is None:
            return text.decode()
        with open(file, "wb") as opened:
            opened.write(text)
        return None

    @overload
    def to_ecs(self, file: None = None) -> str: ...
    @overload
    def to_ecs(self, file: str | PathLike[str]) -> None: ...
    def to_ecs(self, file: str | PathLike[str] | None = None) -> str | None:
        """A document of the Elastic Common Schema for each match, a line of
        JSON each, returned or written to a path; see `Match.to_ecs`.

        >>> import json, t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> lines = t1053.Detector(enable="task_ran").evaluate_many([event]).to_ecs()
        >>> json.loads(lines)["rule"]["name"]
        'Task Ran'
        """
        return _lines(map(_export.ecs, self), file)

    @overload
    def to_ocsf(self, file: None = None) -> str: ...
    @overload
    def to_ocsf(self, file: str | PathLike[str]) -> None: ...
    def to_ocsf(self, file: str | PathLike[str] | None = None) -> str | None:
        """An OCSF Detection Finding for each match, a line of JSON each,
        returned or written to a path; see `Match.to_ocsf`.

        >>> import json, t1053
        >>> event = t1053.TaskScheduler(event_id="200", host="WS-014")
        >>> lines = t1053.Detector(enable="task_ran").evaluate_many([event]).to_ocsf()
        >>> json.loads(lines)["device"]["hostname"]
        'WS-014'
        """
        return _lines(map(_ocsf.finding_of_match, self), file)

    @overload
    def to_timesketch(self, file: None = None) -> str: ...
    @overload
    def to_timesketch(self, file: str | PathLike[str]) -> None: ...
    def to_timesketch(self, file: str | PathLike[str] | None = None) -> str | None:
        """The timeline of the matches as lines of JSON that Timesketch imports,
        returned or written to a path (which should end in `.jsonl`). A match
        without a time stands at the beginning of 1970, as `Not a time`.

        >>> import json, t1053
        >>> event = t1053.TaskScheduler(event_id="200", time="2024-05-01T10:00:00Z")
        >>> lines = t1053.Detector(enable="task_ran").evaluate_many([event]).to_timesketch()
        >>> line = json.loads(lines)
        >>> line["datetime"], line["timestamp_desc"], line["tag"]
        ('2024-05-01T10:00:00+00:00', 'Event Logged', ['task_ran', 'T1053.005'])
        """
        return _lines(map(_export.timesketch, self), file)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """An Arrow stream in a capsule, for any library that speaks Arrow."""
        return self._found.__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        """The schema of that stream in a capsule."""
        return self._found.__arrow_c_schema__()

    def to_arrow(self) -> pyarrow.Table:
        """A table with the members of the JSON as columns, and one for each
        field that was kept. Needs pyarrow.

        >>> import t1053
        >>> t1053.scan(b"").to_arrow().column_names[:4]
        ['path', 'record', 'item', 'detection']
        """
        pyarrow = needed("pyarrow", "arrow")
        return pyarrow.RecordBatchReader.from_stream(self).read_all()

    def to_polars(self) -> polars.DataFrame:
        """A data frame with the members of the JSON as columns, and one for
        each field that was kept. Needs polars.

        >>> import t1053
        >>> t1053.scan(b"").to_polars().height
        0
        """
        polars = needed("polars", "polars")
        return polars.DataFrame(self._found)

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame with the members of the JSON as columns, and one for
        each field that was kept. It is made through Arrow, whose types
        `techniques` and `evidence` have: 300,000 matches take a third of a
        second. Needs pandas and pyarrow.

        >>> import t1053
        >>> list(t1053.scan(b"").to_pandas().columns[:4])
        ['path', 'record', 'item', 'detection']
        """
        pandas = needed("pandas", "pandas")
        pyarrow = needed("pyarrow", "pandas")
        text = pandas.Series(dtype="str").dtype

        def types(field: Any) -> Any:
            """The type of a column; nothing where Arrow knows best."""
            if pyarrow.types.is_string(field.type):
                # Of pandas before 3 an object, which Arrow makes by itself.
                return None if text == object else text
            if pyarrow.types.is_list(field.type):
                return pandas.ArrowDtype(field.type)
            if pyarrow.types.is_integer(field.type) and field.nullable:
                bits = field.type.bit_width
                return pandas.Int32Dtype() if bits == 32 else pandas.Int64Dtype()
            return None

        table: Any = self.to_arrow()
        columns: Any = zip(table.schema, table.columns, strict=True)
        return pandas.DataFrame(
            {
                field.name: column.to_pandas(types_mapper=_always(types(field)))
                for field, column in columns
            }
        )

    def plot_timeline(self, *, ax: Axes | None = None, library: str | None = None) -> Any:
        """Matches over time, a line for each host, those with the highest risk
        above. A mark is one match or several that are near each other; its
        colour tells the severity. Drawn with matplotlib, for print, or with
        altair (`library="altair"`), where a stretch of time can be zoomed into
        and a mark tells its detections.

        >>> import t1053
        >>> events = [t1053.TaskScheduler(event_id="200")]
        >>> axes = t1053.Detector().evaluate_many(events).plot_timeline()
        >>> axes.get_title()
        'Matches over time'
        """
        return _plot.timeline(self, ax=ax, library=library)

    def plot_heatmap(self, *, ax: Axes | None = None, library: str | None = None) -> Any:
        """Matches by host and technique, each counted once, for the narrowest
        technique of its detection. Drawn with matplotlib, or with altair
        (`library="altair"`).

        >>> import t1053
        >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")]
        >>> axes = t1053.Detector().evaluate_many(events).plot_heatmap()
        >>> axes.get_title()
        'Matches by host and technique'
        """
        return _plot.heatmap(self, ax=ax, library=library)

    def browse(self, limit: int = 5000) -> Page:
        """A table that one can search and sort, of the most severe matches:
        so many at most, since a notebook keeps all of them. Fields that were
        kept are columns.

        >>> import t1053
        >>> matches = t1053.scan([t1053.TaskScheduler(event_id="200", host="WS-014")])
        >>> matches.browse(limit=1)
        <Page: 1 of 2 matches>
        """
        return _browse.browse(self, whole("limit", limit, 0))

    def process_tree(self) -> Tree:
        """Processes that match, below those that started them. Needs `keep` to
        name `Image`, `CommandLine` and `ParentImage`; with `ProcessId` and
        `ParentProcessId` a process stands below the very one that started it.

        >>> import t1053
        >>> event = t1053.ProcessCreation(
        ...     image="schtasks.exe", command_line="schtasks /run /tn Patch",
        ...     parent_image="cmd.exe", host="WS-014",
        ... )
        >>> keep = ["Image", "CommandLine", "ParentImage"]
        >>> print(t1053.scan([event], keep=keep, enable="kind:TTP").process_tree())
        WS-014
        └─ cmd.exe
           └─ [high] schtasks /run /tn Patch  schtasks_run_task_on_demand
        1 process on 1 host
        """
        return _tree.processes(self)


def _always(answer: Any) -> Callable[[object], Any]:
    """A function of one answer."""

    def answers(_: object) -> Any:
        return answer

    return answers


def _lines(rows: Iterable[Mapping[str, Any]], file: str | PathLike[str] | None) -> str | None:
    """Rows as lines of JSON, returned or written to a path."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if file is None:
        return "".join(lines)
    with open(file, "w", encoding="utf-8") as opened:
        opened.writelines(lines)
    return None


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _with_parents(detections: Iterable[Detection]) -> set[str]:
    """Their techniques, and those that these are sub-techniques of."""
    own = {technique for it in detections for technique in it.techniques}
    return own | {technique.partition(".")[0] for technique in own}


class _Tally:
    """What was found of one host, user or file."""

    __slots__ = ("count", "detections", "first", "last")

    def __init__(self) -> None:
        self.count = 0
        self.detections: set[int] = set()
        self.first: int | None = None
        self.last: int | None = None

    def add(self, detection: int, ticks: int | None) -> None:
        self.count += 1
        self.detections.add(detection)
        if ticks is not None:
            self.first = ticks if self.first is None else min(self.first, ticks)
            self.last = ticks if self.last is None else max(self.last, ticks)

    def risk(self, name: str | None, known: Detections) -> Risk:
        found = [known[at] for at in self.detections]
        found.sort(key=lambda it: (-(it.risk_score or 0), it.slug))
        return Risk(
            name=name,
            risk=sum(it.risk_score or 0 for it in found),
            matches=self.count,
            detections=tuple(found),
            first=from_ticks(self.first),
            last=from_ticks(self.last),
        )


def _loaded(
    detector: Detector,
    saved: bytes,
    counts: Counts,
    bad: tuple[Bad, ...],
    failures: tuple[Failure, ...],
) -> Matches:
    """Matches that were pickled."""
    found = _t1053.Found.load(detector._program, saved)
    return Matches(found, detector, counts, bad, failures)
