"""Detectors, and streams that they watch."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from . import _t1053
from ._bad import Bad, NotUnderstood, Unreadable, add_bad, bad_of
from ._detections import Detections, Severity, of_program
from ._errors import DetectorError, SettingError, SourceError, SourceNotFoundError
from ._events import Event
from ._html import detector_html
from ._matches import Counts, Match, Matches
from ._rows import Rows
from ._rules import RuleProblem, Rules, Texts, problems, texts
from ._time import to_ticks
from ._verdicts import Verdict, verdict_of

__all__ = ["Detector", "Exclusion", "Format", "Restored", "Scanner"]

Format = Literal["auto", "json", "xml", "wineventlog", "auditd"]
"""How records are written; `auto` tells each by itself."""

Canonical = Literal["off", "argv", "full"]
"""How far command lines and scripts are taken apart."""

Exclusion = tuple[str, str, str]
"""A detection, a field with a way to compare, and a pattern."""

RECORD_LIMIT = 16 << 20
"""The most bytes that a record may have."""


def _selectors(given: str | Iterable[str]) -> tuple[str, ...]:
    given = given.split(",") if isinstance(given, str) else given
    return tuple(it.strip() for it in given)


class Detector:
    """Chosen detections, compiled. Never changes; threads may share it. To make
    one takes some milliseconds, and of the last four that were made none.

    `enable` and `disable` take selectors: `all`, `published` (the detections
    of others), `behaviours` (ours), a name, `kind:TTP`, `technique:T1053.003`,
    `platform:linux`, `pack:scheduled-tasks` or `risk:50` (at least 50), as a
    list or separated by commas. Without `enable` all detections are chosen;
    `disable` takes away.

    `exclude` silences a detection for events in which a field compares like
    this: triples of a detection, a field with an optional way to compare
    (`contains`, `startswith`, `endswith`, `like` with wildcards, `re`, ...),
    and a pattern. Each triple silences by itself. Case is ignored.

    `rules` adds rules of your own: a `str` is Sigma text, a path object a
    Sigma file, a pack (`compile_rules`), or a folder, in which all `.yml`,
    `.yaml` and `.t1053` files are read; or several of these. A rule that cannot be loaded is left out and listed in
    `problems`, or with `strict` is a `DetectorError`. Without `builtin` there
    are only your own.

    `canonical` says how far command lines and scripts are taken apart for
    detections about scheduled jobs: `off`, not at all; `argv`, into words;
    `full`, which is the default, with the texts that shells are told to run.

    `config` is a configuration that is the same for all languages: a `str` is
    its text, a path object its file, next to which its `rules` are looked for.
    What it says counts besides the other arguments; scanners of the detector
    read logs as it says. What is wrong with it is a `DetectorError` that tells
    each line.

    >>> import t1053
    >>> detector = t1053.Detector(enable="platform:windows", disable=["kind:Hunting"])
    >>> {it.kind for it in detector.detections} == {"TTP", "Anomaly", "Alert"}
    True
    >>> event = t1053.ProcessCreation(
    ...     image="schtasks.exe",
    ...     command_line="schtasks /run /tn Patch",
    ...     parent_image=r"C:\\Agent\\patch-agent.exe",
    ... )
    >>> slug = "schtasks_run_task_on_demand"
    >>> [it.slug for it in t1053.Detector(enable=slug).evaluate(event)]
    ['schtasks_run_task_on_demand']
    >>> tuned = t1053.Detector(
    ...     enable=slug,
    ...     exclude=[(slug, "ParentImage|endswith", r"\\patch-agent.exe")],
    ... )
    >>> tuned.evaluate(event)
    ()
    >>> own = t1053.Detector(builtin=False, rules='''
    ... title: Task that the patch agent starts
    ... logsource: {category: process_creation, product: windows}
    ... detection:
    ...     agent: {ParentImage|endswith: patch-agent.exe}
    ...     condition: agent
    ... level: low
    ... ''')
    >>> [it.slug for it in own.evaluate(event)]
    ['task_that_the_patch_agent_starts']
    >>> quiet = t1053.Detector(enable=slug, config='''
    ... exclusions:
    ...   - name: the patch agent
    ...     when: {ParentImage|endswith: patch-agent.exe}
    ... ''')
    >>> scanner = t1053.Scanner(quiet)
    >>> len(scanner.push([event])), scanner.excluded
    (0, {'the patch agent': 1})
    """

    __slots__ = ("_arguments", "_program", "detections", "problems")

    detections: Detections
    """The detections that run."""
    problems: tuple[RuleProblem, ...]
    """What is wrong with rules that were left out."""

    def __init__(
        self,
        *,
        enable: str | Iterable[str] = (),
        disable: str | Iterable[str] = (),
        exclude: Iterable[Exclusion] = (),
        rules: Rules = (),
        builtin: bool = True,
        strict: bool = False,
        config: str | os.PathLike[str] = "",
        canonical: Canonical | None = None,
    ) -> None:
        triples = tuple(map(_triple, exclude))
        text, named = _configured(config)
        self._build(
            _selectors(enable), _selectors(disable), triples, named + texts(rules), builtin,
            strict, text, canonical,
        )

    def _build(
        self,
        enable: tuple[str, ...],
        disable: tuple[str, ...],
        exclude: tuple[Exclusion, ...],
        rules: Texts,
        builtin: bool,
        strict: bool,
        config: str = "",
        canonical: Canonical | None = None,
        spread: bool = False,
    ) -> None:
        self._arguments = (
            enable, disable, exclude, rules, builtin, strict, config, canonical
        )
        self._program, self.detections, self.problems = _compiled(
            *self._arguments, spread=spread
        )

    def evaluate(self, event: Event | Mapping[str, Any]) -> tuple[Match, ...]:
        """The matches of one event, or of a record as a dictionary; a
        `SourceError` when the record cannot be read.

        Sequences need several events; `evaluate_many` finds those.

        >>> import t1053
        >>> record = {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"}
        >>> [it.slug for it in t1053.Detector().evaluate(record)]
        ['task_ran', 'winevent_windows_task_scheduler_event_action_started']
        """
        matches = Scanner(self, sequence_capacity=1).push([event])
        if matches.unreadable and not matches:
            raise SourceError(matches.unreadable[0].reason)
        return tuple(matches)

    def verdict(self, event: Event | Mapping[str, Any] | bytes) -> Verdict | None:
        """What all matches of one event together mean; `None` where there
        are none. A `SourceError` when a record cannot be read.

        >>> import t1053
        >>> event = t1053.ProcessCreation(image="crontab", command_line="crontab -l", platform="linux")
        >>> t1053.Detector().verdict(event).severity
        'informational'
        """
        return verdict_of(self._program, self.detections, event)

    def evaluate_many(self, events: Iterable[Event | Mapping[str, Any]]) -> Matches:
        """The matches of many events or records, sequences among them
        included. `Match.record` is the place of the event, from 0.

        >>> import t1053
        >>> task = {"task_name": r"\\Updater", "host": "WS-014"}
        >>> matches = t1053.Detector(enable="short_lived_scheduled_task").evaluate_many([
        ...     t1053.TaskRegistered(**task, time="2024-05-01T10:00:00Z"),
        ...     t1053.TaskDeleted(**task, time="2024-05-01T10:00:12Z"),
        ... ])
        >>> [(it.slug, it.record) for it in matches]
        [('short_lived_scheduled_task', 1)]
        """
        scanner = Scanner(self)
        return scanner.push_all(events)

    def explain(self, event: Event | Mapping[str, Any], detection: str) -> str:
        """Why a detection matches an event, or a record as a dictionary, or
        does not: each test that it asks, the answer, and the values.

        Where a record wraps several events, each is explained. A `KeyError`
        where the detector has no such detection; a `SourceError` when the
        record cannot be read.

        >>> import t1053
        >>> event = t1053.ProcessCreation(platform="linux", image="/usr/bin/crontab")
        >>> print(t1053.Detector().explain(event, "linux_adding_crontab_using_list_parameter"))
        linux_adding_crontab_using_list_parameter does not match
          no   all of
          yes    Image|name: crontab
                   Image = /usr/bin/crontab
          no     CommandLine|contains:  -l
                   CommandLine is absent
        """
        _ = self.detections[detection]
        (item,) = Rows(None, None, None).items([event])
        texts, unreadable = _t1053.explain(self._program, detection, item)
        if not texts:
            raise SourceError(unreadable or "the record is no event that is known")
        return "\n\n".join(texts)

    def to_sigma(self) -> str:
        """The rules as Sigma that other programs read, without what is this
        project's own. Rules that cannot be said so, as they ask for what only
        this library tells, are left out; `detections --format sigma` on the
        command line tells which.

        >>> import t1053
        >>> slug = "windows_schtasks_create_run_as_system"
        >>> print(t1053.Detector(enable=slug).to_sigma().splitlines()[1])
        id: 41a0e58e-884c-11ec-9976-acde48001122
        """
        return "".join(self._program.sigma()[0])

    def memory_usage(self) -> int:
        """Bytes of memory held.

        >>> import t1053
        >>> t1053.Detector().memory_usage() > 0
        True
        """
        return self._program.memory_usage()

    def _spread(self) -> Detector:
        """A detector that also has each event which is part of a match of
        several as a detection of its own, whose name begins with `part_of_`:
        for whoever sees a part of the events alone."""
        spread = Detector.__new__(Detector)
        spread._build(*self._arguments, spread=True)
        return spread

    def _nothing(self, keep: str | Iterable[str]) -> _t1053.Found:
        """No matches, of which these fields are kept; a `FieldError` where
        there is none of such a name."""
        how = settings("auto", RECORD_LIMIT, True, True, None, None, keep=keep)
        found, *_ = _t1053.scan_inputs(self._program, [], how, 1, False, None)
        return found

    def _with(self, other: Detector) -> Detector:
        """A detector of the detections of two, to look at what both found."""
        if self == other or set(other.detections) <= set(self.detections):
            return self
        if set(self.detections) <= set(other.detections):
            return other
        ours, theirs = self._arguments, other._arguments
        slugs = dict.fromkeys(it.slug for it in self.detections + other.detections)
        rules = tuple(dict.fromkeys(ours[3] + theirs[3]))
        both = Detector.__new__(Detector)
        both._build(tuple(slugs), (), (), rules, ours[4] or theirs[4], False)
        lost = {*self.detections, *other.detections} - {*both.detections}
        if lost:
            names = ", ".join(sorted({it.slug for it in lost}))
            raise DetectorError(f"both detectors have {names}, and they are not the same")
        return both

    def __repr__(self) -> str:
        (
            enable, disable, exclude, rules, builtin, strict, config, canonical
        ) = self._arguments
        given: list[tuple[str, object]] = [
            ("enable", list(enable)),
            ("disable", list(disable)),
            ("exclude", list(exclude)),
            ("rules", [name for name, _ in rules]),
        ]
        arguments = [f"{name}={it!r}" for name, it in given if it]
        arguments += [] if builtin else ["builtin=False"]
        arguments += ["strict=True"] if strict else []
        arguments += ["config=..."] if config else []
        arguments += [f"canonical={canonical!r}"] if canonical else []
        return f"Detector({', '.join(arguments)})"

    def _repr_html_(self) -> str:
        return detector_html(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Detector):
            return NotImplemented
        return self._arguments == other._arguments

    def __hash__(self) -> int:
        return hash(self._arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return _detector, self._arguments


@lru_cache(4)
def _compiled(
    enable: tuple[str, ...],
    disable: tuple[str, ...],
    exclude: tuple[Exclusion, ...],
    rules: Texts,
    builtin: bool,
    strict: bool,
    config: str,
    canonical: Canonical | None,
    *,
    spread: bool,
) -> tuple[_t1053.Program, Detections, tuple[RuleProblem, ...]]:
    """What a detector is made of. It never changes and takes milliseconds to
    compile, which is longer than a small scan: the last few are kept, for
    those that are asked for or unpickled again and again."""
    split = [(slug, *_operation(field), pattern) for slug, field, pattern in exclude]
    program = _t1053.Program(
        list(enable), list(disable), split, list(rules), builtin, strict, config,
        canonical, spread,
    )
    return program, of_program(program), problems(program)


def _triple(given: Exclusion) -> Exclusion:
    """An exclusion; an error where it is something else."""
    parts: tuple[Any, ...] = tuple(given)
    if isinstance(given, str) or len(parts) != 3 or not all(isinstance(it, str) for it in parts):
        raise DetectorError(
            f"{given!r} is no exclusion; give a detection, a field with a way to compare,"
            " and a pattern: ('task_ran', 'Computer|endswith', '.lab')"
        )
    return parts


def _detector(*arguments: Any) -> Detector:
    """A detector that was pickled, with its rules: their files may have
    changed since, or be elsewhere."""
    detector = Detector.__new__(Detector)
    detector._build(*arguments)
    return detector


def _configured(config: str | os.PathLike[str]) -> tuple[str, Texts]:
    """The text of a configuration, and the rules that it names."""
    if isinstance(config, str):
        text, folder = config, Path()
    else:
        path = Path(config)
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError as error:
            raise SourceNotFoundError(f"configuration {path}: {error.strerror}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"configuration {path}: {error}") from None
        folder = path.parent
    try:
        named = _t1053.config_rules(text) if text else []
    except DetectorError as error:
        if isinstance(config, str):
            raise
        lines = "\n".join(f"{config}:{line}" for line in str(error).splitlines())
        raise DetectorError(lines) from None
    return text, texts([folder / it for it in named])


def _operation(field: str) -> tuple[str, str]:
    name, _, operation = field.partition("|")
    return name, operation or "equals"


class Restored(NamedTuple):
    """What became of saved state.

    >>> import t1053
    >>> t1053.Scanner().load(t1053.Scanner().save()).dropped_keys
    0
    """

    detections: int
    """Detections that are the same here, whose keys were taken over."""
    keys: int
    """Their keys: a task on a host, say."""
    dropped_detections: int
    """Detections that are not the same here, or not here at all."""
    dropped_keys: int
    """Their keys."""


class Scanner:
    """Watches one stream: takes its bytes in chunks of any size, or its
    records one by one, and gives the matches as they are found. Sequences
    are found across all of it. Threads that share one take turns.

    >>> import t1053
    >>> scanner = t1053.Scanner(format="json")
    >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\\n'
    >>> len(scanner.feed(log[:30])), len(scanner.feed(log[30:]))
    (0, 2)
    >>> len(scanner.finish()), scanner.counts.records
    (0, 1)
    """

    __slots__ = (
        "_arguments", "_keep", "_not_understood", "_rows", "_stream", "_unreadable",
        "detector",
    )

    detector: Detector
    """The detector that finds the matches."""

    def __init__(
        self,
        detector: Detector | None = None,
        *,
        path: str | None = None,
        format: Format = "auto",
        record_limit: int = RECORD_LIMIT,
        sequence_capacity: int | None = None,
        sequence_depth: int | None = None,
        filter: bool = True,
        host: str | None = None,
        join: bool = True,
        fields: Mapping[str, str] | None = None,
        kind: str | None = None,
        platform: str | None = None,
        keep: str | Iterable[str] = (),
    ) -> None:
        """`path` is the name of the stream in matches, `record_limit` the
        most bytes of a record (at least 1024). `sequence_capacity` says how
        many keys sequences remember (65536, at most 1048576),
        such as a task on a host, and `sequence_depth` how many events of
        each step for each (8, at most 1024): more where `Counts.forgotten`
        is not 0. A key takes about 160 bytes, which are touched only when
        they are used. A number out of range is a `SettingError`. Without
        `filter` every record is read, as in `scan`; `host` is that of records
        that name none; `keep` says what matches tell of their events, as there;
        the rest says how dictionaries are read.

        The records of an audit event (SYSCALL, EXECVE, CWD, PATH, ..) are also
        joined to a new process, or to what happened to files: `Match.joined`
        tells from which records. Its matches come when the event is over, which
        `flush_pending` and `finish` can say. Without `join` each record is
        looked at by itself."""
        self.detector = Detector() if detector is None else detector
        self._rows = Rows(fields, kind, platform)
        self._unreadable: list[Unreadable] = []
        self._not_understood: list[NotUnderstood] = []
        self._keep = keep if isinstance(keep, str) else tuple(keep)
        how = settings(
            format, record_limit, filter, join, sequence_capacity, sequence_depth,
            host=host, keep=self._keep,
        )
        self._stream = _t1053.Stream(self.detector._program, path, how)
        self._arguments = {
            "path": path,
            "format": format,
            "record_limit": record_limit,
            "sequence_capacity": sequence_capacity,
            "sequence_depth": sequence_depth,
            "filter": filter,
            "join": join,
            "host": host,
            "fields": fields and dict(fields),
            "kind": kind,
            "platform": platform,
            "keep": self._keep,
        }

    def feed(self, data: bytes | bytearray | memoryview | str) -> Matches:
        """Scans the next bytes of the stream; a record that does not end in
        them is kept for the next call.

        >>> import t1053
        >>> t1053.Scanner().feed("nothing of note\\n")
        <Matches: 0 matches of 0 detections in 1 record, 1 unreadable>
        """
        if isinstance(data, str):
            data = _encoded(data)
        elif isinstance(data, memoryview):
            data = bytes(data)
        return self._matches(self._stream.feed(data))

    def push(self, items: Iterable[Event | Mapping[str, Any] | str | bytes]) -> Matches:
        """Scans records that are at hand: events, dictionaries, and lines of
        text. All, or none when one of them is something else or `items`
        raises.

        >>> import t1053
        >>> scanner = t1053.Scanner()
        >>> scanner.push([t1053.TaskScheduler(event_id="200"), {"EventID": 4624}])
        <Matches: 2 matches of 2 detections in 2 records, 1 not understood>
        """
        return self._matches(self._stream.take(self._rows.items(items)))

    def push_all(self, items: Iterable[Event | Mapping[str, Any] | str | bytes]) -> Matches:
        """Scans all records of a source of any length, and ends the stream.

        What `items` raises comes out of this, and what was found before is
        lost; `counts` tells how many records were scanned. To keep what was
        found, `push` them in parts.

        >>> import t1053
        >>> record = {"EventID": 4624, "Channel": "Security"}
        >>> t1053.Scanner().push_all(record for _ in range(9))
        <Matches: 0 matches of 0 detections in 9 records>
        """
        parts = [self._stream.take(it) for it in self._rows.batches(items)]
        parts.append(self._stream.finish())
        matches = self._all(parts)
        self._rows.check(matches.counts.read)
        return matches

    def flush_pending(self, before: datetime) -> Matches:
        """Ends the audit events that began before a time (in UTC where it has no
        zone), though some of their records may not have come: what they make is
        matched as far as it is known. For a live log, every second or two, with
        a time that lies as far back.

        >>> import t1053
        >>> from datetime import datetime
        >>> scanner = t1053.Scanner()
        >>> _ = scanner.feed(
        ...     "type=PATH msg=audit(1700000000.042:77): item=0"
        ...     ' name="/etc/cron.d/x" nametype=CREATE\\n'
        ... )
        >>> matches = scanner.flush_pending(datetime(2024, 1, 1))
        >>> matches[0].joined
        (0,)
        """
        return self._matches(self._stream.flush(to_ticks(before)))

    def finish(self) -> Matches:
        """Ends the stream: what was kept of it is scanned as its last record.

        >>> import t1053
        >>> scanner = t1053.Scanner()
        >>> _ = scanner.feed(b'{"EventID":4624}')
        >>> scanner.finish().counts.records
        1
        """
        return self._matches(self._stream.finish())

    def reset(self) -> None:
        """Forgets the stream, its counts and its sequences.

        >>> import t1053
        >>> scanner = t1053.Scanner()
        >>> _ = scanner.feed(b"a line\\n")
        >>> scanner.reset()
        >>> scanner.counts.records
        0
        """
        self._unreadable.clear()
        self._not_understood.clear()
        self._stream.reset()

    def save(self) -> bytes:
        """All that is known of the stream, as bytes: sequences that have
        begun, the record that is cut, counts and numbers; not the settings.
        The same on every platform. A scanner that loads them goes on where
        this one is.

        >>> import t1053
        >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\\n'
        >>> before = t1053.Scanner()
        >>> _ = before.feed(log[:30])
        >>> after = t1053.Scanner()
        >>> _ = after.load(before.save())
        >>> after.feed(log[30:]).counts.records
        1
        """
        return self._stream.save()

    def load(self, state: bytes) -> Restored:
        """Takes over what another scanner saved, in place of what this one
        knows. Of sequences, those of detections that are the same here; what
        becomes of the others is told. `StateError` for bytes that are not
        what was saved; then all is as it was.

        >>> import t1053
        >>> state = t1053.Scanner().save()
        >>> t1053.Scanner().load(state[:-1])
        Traceback (most recent call last):
            ...
        t1053.StateError: the end of the state is missing
        """
        return Restored(*self._stream.restore(state))

    def __reduce__(self) -> tuple[Any, ...]:
        state = self.save(), (*self._unreadable, *self._not_understood)
        return _scanner, (self.detector, self._arguments, *state)

    @property
    def counts(self) -> Counts:
        """What was seen so far."""
        return Counts(**self._stream.counts())

    @property
    def excluded(self) -> dict[str, int]:
        """How many matches each exclusion has silenced so far, by its name: of
        one that `exclude` gives, its detection. Of a detection that needs
        several events each event counts, and of one about jobs each job."""
        names = self.detector._program.exclusions()
        return {**dict.fromkeys(names, 0), **self.counts.excluded}

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """Records that could not be read so far, the first thousand."""
        return tuple(self._unreadable)

    @property
    def not_understood(self) -> tuple[NotUnderstood, ...]:
        """Records of no shape that is known so far, the first 16."""
        return tuple(self._not_understood)

    def __repr__(self) -> str:
        counts = self.counts
        return f"<Scanner: {counts.records:,} records, {counts.matches:,} matches>"

    def _table(self, table: _t1053.Table) -> Matches:
        """Scans all rows of a table."""
        parts: list[_t1053._Given] = []
        while (given := self._stream.table(table)) is not None:
            parts.append(given)
        return self._all(parts)

    def _all(self, parts: list[_t1053._Given]) -> Matches:
        nothing = self.detector._nothing(self._keep)
        found = _t1053.Found.concat([it[0] for it in parts], nothing)
        return self._matches((found, [bad for it in parts for bad in it[1]]))

    def _matches(self, given: _t1053._Given) -> Matches:
        found, rows = given
        unreadable: list[Unreadable] = []
        not_understood: list[NotUnderstood] = []
        add_bad(bad_of(rows), unreadable, not_understood)
        bad: tuple[Bad, ...] = (*unreadable, *not_understood)
        add_bad(bad, self._unreadable, self._not_understood)
        return Matches(found, self.detector, self.counts, bad)


def _scanner(
    detector: Detector,
    arguments: dict[str, Any],
    state: bytes,
    bad: tuple[Bad, ...],
) -> Scanner:
    scanner = Scanner(detector, **arguments)
    scanner.load(state)
    add_bad(bad, scanner._unreadable, scanner._not_understood)
    return scanner


How = tuple[
    str,
    int,
    bool,
    bool,
    tuple[int | None, int | None],
    tuple[Severity, bool] | None,
    bool,
    str | None,
    str,
]


def settings(
    format: str,
    record_limit: int,
    filter: bool,
    join: bool,
    sequence_capacity: int | None,
    sequence_depth: int | None,
    verdicts: tuple[Severity, bool] | None = None,
    jobs: bool = False,
    host: str | None = None,
    keep: str | Iterable[str] = (),
) -> How:
    """How records are read, as Rust takes it, which tells what else is out of
    range. `verdicts` asks for those of at least a severity, and whether they
    are kept as lines of NDJSON; `jobs` for the jobs of all events, and then
    nothing is detected; `keep` says what is kept of events that match."""
    for name, number in (
        ("record_limit", record_limit),
        ("sequence_capacity", sequence_capacity),
        ("sequence_depth", sequence_depth),
    ):
        if number is not None and not 0 <= number <= sys.maxsize:
            raise SettingError(f"{name} is {number}, which is out of range")
    memory = (sequence_capacity, sequence_depth)
    kept = keep if isinstance(keep, str) else ",".join(keep)
    return format, record_limit, filter, join, memory, verdicts, jobs, host, kept


def _encoded(text: str) -> bytes:
    """Text as the bytes it was read from, where it says; no text is refused."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
