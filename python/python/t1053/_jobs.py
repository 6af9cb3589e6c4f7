"""A table of everything that schedules anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import _html, _tree
from ._bad import (
    Bad,
    NotUnderstood,
    Unreadable,
    bad_counts,
    not_understood_of,
    unreadable_of,
)
from ._detector import RECORD_LIMIT, Detector, Format, settings
from ._matches import Counts, Failure, Matches
from ._read import Cancellation, Errors, Reading
from ._scan import Source
from ._table import Table
from ._time import from_ticks, shown
from ._tree import Tree
from ._verdicts import Job

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
    joined: tuple[int, ...] = ()
    """Numbers of the records that the event was joined from, of which `record` is
    the first; empty where one record says all of it."""

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


class Jobs(Table[FoundJob]):
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
    >>> event = t1053.ProcessCreation(
    ...     image="schtasks.exe", command_line="schtasks /run /tn Patch"
    ... )
    >>> row, = t1053.jobs([event]).to_dicts()
    >>> row["activity"], row["interface"], row["name"]
    ('start', 'schtasks', '\\\\Patch')
    """

    __slots__ = ("counts", "failures", "not_understood", "unreadable")

    _columns = {
        "path": "text",
        "record": "number",
        "item": "number",
        "event": "text",
        "time": "time",
        "host": "text",
        "user": "text",
        **dict.fromkeys(TEXTS, "text"),
        **dict.fromkeys(LISTS, "list"),
    }

    counts: Counts
    """What was read."""
    unreadable: tuple[Unreadable, ...]
    """Records that could not be read, the first thousand of each source."""
    not_understood: tuple[NotUnderstood, ...]
    """Records of no shape that is known, the first 16 of each source."""
    failures: tuple[Failure, ...]
    """Sources that could not be read to their end."""

    def __init__(
        self,
        rows: Sequence[FoundJob],
        counts: Counts,
        bad: tuple[Bad, ...] = (),
        failures: tuple[Failure, ...] = (),
    ) -> None:
        """Made by `jobs`."""
        super().__init__(rows)
        self.counts = counts
        self.unreadable = unreadable_of(bad)
        self.not_understood = not_understood_of(bad)
        self.failures = failures

    def _with(self, rows: Sequence[FoundJob]) -> Jobs:
        bad: tuple[Bad, ...] = (*self.unreadable, *self.not_understood)
        return Jobs(rows, self.counts, bad, self.failures)

    def _values(self, row: FoundJob) -> dict[str, Any]:
        return row._row()

    def tree(self) -> Tree:
        """What was done to each job, by host and scheduler, in order of time.

        >>> import t1053
        >>> found = t1053.jobs([
        ...     t1053.TaskScheduler(event_id="106", task_name="\\\\Up", host="WS-014"),
        ...     t1053.TaskScheduler(event_id="141", task_name="\\\\Up", host="WS-014"),
        ... ])
        >>> print(found.tree())
        WS-014
        └─ task_scheduler
           └─ \\Up
              ├─ create by task_log
              └─ delete by task_log
        1 job on 1 host
        """
        return _tree.of_jobs(self)

    def __repr__(self) -> str:
        def count(number: int, one: str) -> str:
            return f"{number:,} {one}{'' if number == 1 else 's'}"

        return (
            f"<Jobs: {count(len(self), 'job')} in"
            f" {count(self.counts.records, 'record')}{bad_counts(self.counts)}>"
        )


def jobs(
    source: Source,
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
    host: str | None = None,
    join: bool = True,
    cancel: Cancellation | None = None,
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
    how = settings(format, record_limit, True, join, None, None, jobs=True, host=host)
    reading = Reading(
        Detector(enable="published"), how, fields=fields, kind=kind,
        platform=platform, threads=threads, progress=progress, errors=errors,
        cancel=cancel,
    )
    return _made(reading.read(source))


def _made(matches: Matches) -> Jobs:
    rows = [_found(*row) for row in matches._found.jobs()]
    return Jobs(rows, matches.counts, matches._bad, matches.failures)


def _found(
    path: str | None,
    record: int,
    item: int | None,
    event: str,
    ticks: int | None,
    host: str | None,
    user: str | None,
    facts: dict[str, list[str]],
    joined: tuple[int, ...],
) -> FoundJob:
    said = {field: tuple(values) for field, values in facts.items()}
    time = from_ticks(ticks)
    return FoundJob(path, record, item, event, time, host, user, Job(said), joined)
