"""A table of everything that schedules anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, SupportsIndex, cast, overload

from . import _html
from ._detector import RECORD_LIMIT, Detector, Format, settings
from ._errors import needed
from ._matches import Counts, Failure, Matches, Unreadable
from ._scan import Errors, read
from ._time import from_ticks, shown
from ._verdicts import Job

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

__all__ = ["FoundJob", "Jobs", "jobs"]

TEXTS = {
    "activity": "JobActivity",
    "scheduler": "JobScheduler",
    "interface": "JobInterface",
    "name": "JobName",
    "command": "JobCommand",
    "arguments": "JobArguments",
    "run_as": "JobUser",
    "run_level": "JobRunLevel",
    "trigger": "JobTrigger",
    "hidden": "JobHidden",
    "target": "JobTarget",
    "file": "JobFile",
    "author": "JobAuthor",
    "writer": "JobWriter",
}
"""Columns with the first value of a field."""

LISTS = {"obfuscation": "Obfuscation", "traits": "JobTrait"}
"""Columns with all values of a field."""


@dataclass(frozen=True, slots=True, repr=False)
class FoundJob:
    """A job that an event speaks of, and where.

    >>> import t1053
    >>> event = t1053.TaskRegistered(task_name="\\\\Up", host="WS-014")
    >>> t1053.jobs([event])[0]
    <FoundJob create task_scheduler \\Up: record 0, host WS-014>
    """

    path: str | None
    """File it was found in."""
    record: int
    """0-based number of the record in it."""
    item: int | None
    """0-based place of the event in a record that wraps several."""
    event: str
    """The kind of event."""
    time: datetime | None
    """When it happened, to the microsecond, in UTC."""
    host: str | None
    """Host that recorded it."""
    user: str | None
    """Account that the event is about; `job.user` is what the job runs as."""
    job: Job
    """What is said of the job."""

    def __repr__(self) -> str:
        where = [f"record {self.record}"]
        if self.path is not None:
            where[0] += f" of {self.path}"
        if self.time is not None:
            where.append(shown(self.time))
        if self.host is not None:
            where.append(f"host {_html.printable(self.host)}")
        told = [self.job.activity, self.job.scheduler, self.job.name, self.job.command]
        what = " ".join(_html.printable(it) for it in told if it)
        return f"<FoundJob {what}: {', '.join(where)}>"

    def _row(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "path": self.path,
            "record": self.record,
            "item": self.item,
            "event": self.event,
            "time": self.time,
            "host": self.host,
            "user": self.user,
        }
        for column, field in TEXTS.items():
            values = self.job.values(field)
            row[column] = values[0] if values else None
        for column, field in LISTS.items():
            row[column] = list(self.job.values(field))
        return row


class Jobs(Sequence[FoundJob]):
    """The jobs that a source speaks of: a sequence of `FoundJob`, and a table.

    Its columns are `path`, `record`, `item`, `event`, `time`, `host` and
    `user` of the event, and of the job `activity`, `scheduler`, `interface`,
    `name`, `command`, `arguments`, `run_as`, `run_level`, `trigger`, `hidden`,
    `target`, `file`, `author`, `writer`, `obfuscation` and `traits`. Of a field
    with several values all but the last two have the first; `FoundJob.job` has
    all.

    >>> import t1053
    >>> found = t1053.jobs(b"")
    >>> found, len(found)
    (<Jobs: 0 jobs in 0 records>, 0)
    """

    __slots__ = ("_rows", "counts", "failures", "unreadable")

    counts: Counts
    """What was read."""
    unreadable: tuple[Unreadable, ...]
    """Records that could not be read, the first thousand of each source."""
    failures: tuple[Failure, ...]
    """Sources that could not be read to their end."""

    def __init__(
        self,
        rows: list[FoundJob],
        counts: Counts,
        unreadable: tuple[Unreadable, ...] = (),
        failures: tuple[Failure, ...] = (),
    ) -> None:
        """Made by `jobs`."""
        self._rows = rows
        self.counts = counts
        self.unreadable = unreadable
        self.failures = failures

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> FoundJob: ...
    @overload
    def __getitem__(self, index: slice[Any, Any, Any], /) -> Jobs: ...
    def __getitem__(self, index: Any, /) -> Any:
        if isinstance(index, slice):
            rows = self._rows[cast("slice[Any, Any, Any]", index)]
            return Jobs(rows, self.counts, self.unreadable, self.failures)
        return self._rows[cast("SupportsIndex", index)]

    def __iter__(self) -> Iterator[FoundJob]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Jobs):
            return NotImplemented
        return self._rows == other._rows

    def __repr__(self) -> str:
        def count(number: int, one: str) -> str:
            return f"{number:,} {one}{'' if number == 1 else 's'}"

        unreadable = self.counts.unreadable
        return (
            f"<Jobs: {count(len(self), 'job')} in"
            f" {count(self.counts.records, 'record')}"
            + (f", {unreadable:,} unreadable>" if unreadable else ">")
        )

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each job as a dictionary of its columns.

        >>> import t1053
        >>> event = t1053.ProcessCreation(
        ...     image="schtasks.exe", command_line="schtasks /run /tn Patch"
        ... )
        >>> row, = t1053.jobs([event]).to_dicts()
        >>> row["activity"], row["interface"], row["name"]
        ('start', 'schtasks', '\\\\Patch')
        """
        return [it._row() for it in self._rows]

    def to_arrow(self) -> pyarrow.Table:
        """A table. Needs pyarrow.

        >>> import t1053
        >>> t1053.jobs(b"").to_arrow().column_names[:4]
        ['path', 'record', 'item', 'event']
        """
        pyarrow = needed("pyarrow", "arrow")
        kinds = {
            "record": pyarrow.int64(),
            "item": pyarrow.int32(),
            "time": pyarrow.timestamp("us", "UTC"),
            **dict.fromkeys(LISTS, pyarrow.list_(pyarrow.string())),
        }
        schema = pyarrow.schema(
            [(name, kinds.get(name, pyarrow.string())) for name in _columns()]
        )
        return pyarrow.Table.from_pylist(self.to_dicts(), schema=schema)

    def to_polars(self) -> polars.DataFrame:
        """A data frame. Needs polars.

        >>> import t1053
        >>> t1053.jobs(b"").to_polars().height
        0
        """
        polars = needed("polars", "polars")
        kinds = {
            "record": polars.Int64,
            "item": polars.Int32,
            "time": polars.Datetime("us", "UTC"),
            **dict.fromkeys(LISTS, polars.List(polars.String)),
        }
        schema = {name: kinds.get(name, polars.String) for name in _columns()}
        return polars.DataFrame(self.to_dicts(), schema=schema, orient="row")

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame. Needs pandas.

        >>> import t1053
        >>> list(t1053.jobs(b"").to_pandas().columns[:4])
        ['path', 'record', 'item', 'event']
        """
        pandas = needed("pandas", "pandas")
        kinds = {
            "record": "int64",
            "item": "Int32",
            "time": "datetime64[us, UTC]",
            **dict.fromkeys(LISTS, "object"),
        }
        rows = self.to_dicts()
        return pandas.DataFrame(
            {
                name: pandas.Series(
                    [row[name] for row in rows], dtype=kinds.get(name, "str")
                )
                for name in _columns()
            }
        )


def _columns() -> list[str]:
    where = ["path", "record", "item", "event", "time", "host", "user"]
    return [*where, *TEXTS, *LISTS]


def jobs(
    source: Any,
    /,
    *,
    format: Format = "auto",
    fields: Mapping[str, str] | None = None,
    kind: str | None = None,
    platform: str | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    errors: Errors = "warn",
    record_limit: int = RECORD_LIMIT,
) -> Jobs:
    """Lists everything that schedules anything in whatever holds logs, whether
    or not a detection matches: tasks that are registered, changed, started or
    deleted, cron lines, timers, launch agents, schedules of clouds, in
    whichever record says so.

    `source` and the rest are those of `scan`. Every record is read, so this
    takes several times the time of a scan.

    >>> import t1053
    >>> found = t1053.jobs([
    ...     {"Image": "schtasks.exe", "CommandLine": "schtasks /run /tn Patch"},
    ...     {"Image": "/usr/bin/crontab", "CommandLine": "crontab /tmp/jobs"},
    ...     {"Image": "notepad.exe", "CommandLine": "notepad a.txt"},
    ... ])
    >>> [(it.record, it.job.activity, it.job.scheduler) for it in found]
    [(0, 'start', 'task_scheduler'), (1, 'update', 'cron')]
    """
    how = settings(format, record_limit, True, True, None, None, jobs=True)
    read_ = read(
        source, Detector(enable="published"), how, fields=fields, kind=kind,
        platform=platform, threads=threads, together=False, progress=progress,
        errors=errors,
    )
    return _made(read_)


def _made(matches: Matches) -> Jobs:
    rows = [_found(*row) for row in matches._found.jobs()]
    return Jobs(rows, matches.counts, matches.unreadable, matches.failures)


def _found(
    path: str | None,
    record: int,
    item: int | None,
    event: str,
    ticks: int | None,
    host: str | None,
    user: str | None,
    facts: dict[str, list[str]],
) -> FoundJob:
    said = {field: tuple(values) for field, values in facts.items()}
    time = from_ticks(ticks)
    return FoundJob(path, record, item, event, time, host, user, Job(said))
