"""What a person wants of one event: its jobs, and one verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from . import _t1053
from ._detections import Detection, Detections, Severity
from ._errors import SourceError
from ._events import Event
from ._ocsf import finding
from ._time import from_ticks

__all__ = ["Job", "Verdict", "jobs_of"]

ORDER: tuple[Severity, ...] = ("informational", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Job:
    """What an event says of one scheduled job, in the words of OCSF's
    Scheduled Job Activity.

    >>> import t1053
    >>> event = t1053.ProcessCreation(
    ...     image="cmd.exe",
    ...     command_line=r"cmd /c s^chtasks /create /tn Up /tr C:\\Users\\Public\\p.exe /sc minute",
    ... )
    >>> job, = t1053.jobs_of(event)
    >>> job.activity, job.name, job.command, job.trigger
    ('create', '\\\\Up', 'C:\\\\Users\\\\Public\\\\p.exe', 'minute')
    >>> job.facts["Obfuscation"]
    ('caret',)
    """

    facts: Mapping[str, tuple[str, ...]]
    """Each field's name, `JobName` say, and its values."""

    def values(self, field: str) -> tuple[str, ...]:
        """All that is said of a field, `JobCommand` say; none where nothing is.

        >>> import t1053
        >>> t1053.Job({}).values("JobCommand")
        ()
        """
        return self.facts.get(field, ())

    def _first(self, field: str) -> str | None:
        values = self.values(field)
        return values[0] if values else None

    @property
    def activity(self) -> str | None:
        """What is done to it: `create`, `update`, `delete`, `start`, ..."""
        return self._first("JobActivity")

    @property
    def scheduler(self) -> str | None:
        """What runs it: `task_scheduler`, `cron`, `systemd`, ..."""
        return self._first("JobScheduler")

    @property
    def interface(self) -> str | None:
        """Which way it was told: `schtasks`, `powershell`, `file`, ..."""
        return self._first("JobInterface")

    @property
    def name(self) -> str | None:
        """Its name, as the scheduler knows it."""
        return self._first("JobName")

    @property
    def command(self) -> str | None:
        """The program that it starts first."""
        return self._first("JobCommand")

    @property
    def arguments(self) -> str | None:
        """That program's arguments."""
        return self._first("JobArguments")

    @property
    def user(self) -> str | None:
        """The account that it runs as."""
        return self._first("JobUser")

    @property
    def trigger(self) -> str | None:
        """What starts it: `boot`, `logon`, `minute`, `daily`, ..."""
        return self._first("JobTrigger")

    @property
    def target(self) -> str | None:
        """The host that it is on, where another is named."""
        return self._first("JobTarget")

    @property
    def file(self) -> str | None:
        """The file that defines it."""
        return self._first("JobFile")

    @property
    def author(self) -> str | None:
        """Who made it, by its definition."""
        return self._first("JobAuthor")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What all matches of one event together mean.

    >>> import t1053
    >>> event = t1053.ProcessCreation(
    ...     image="schtasks.exe",
    ...     command_line=r"schtasks /create /tn Up /tr C:\\Users\\Public\\p.exe /ru SYSTEM",
    ... )
    >>> verdict = t1053.Detector().verdict(event)
    >>> print(verdict)
    high: creates task \\Up, C:\\Users\\Public\\p.exe as SYSTEM [writable path, runs as system]
    >>> verdict.severity
    'high'
    """

    severity: Severity
    """How severe the event is."""
    line: str
    """The job and what is odd about it, in a line."""
    id: str
    """32 hexadecimal digits, the same for the same event in every language."""
    traits: tuple[str, ...]
    """Names of the detections that say more than that a scheduler was used."""
    matches: tuple[Detection, ...]
    """Every detection that matches."""
    jobs: tuple[Job, ...]
    """The jobs that matches speak of."""
    is_expected: bool
    """Whether weak signs were left out, since the job is what vendors'
    programs and installers set up."""
    event: str = ""
    """The kind of event."""
    time: datetime | None = None
    """When it happened, to the microsecond, in UTC."""
    host: str | None = None
    """Host that recorded it."""
    user: str | None = None
    """Account that it is about."""

    def __str__(self) -> str:
        return self.line

    def to_ocsf(self) -> dict[str, Any]:
        """The verdict as an OCSF Detection Finding (class 2004 of schema 1.5):
        `finding_info.uid` is the id, and each job an evidence with the job
        object, and all that is known of it in `data`. `time` is when the event
        happened, or now where it does not say; `is_alert` from medium on.

        >>> import t1053
        >>> verdict = t1053.Detector().verdict(t1053.ProcessCreation(
        ...     image="schtasks.exe",
        ...     command_line=r"schtasks /create /tn Up /tr C:\\Users\\Public\\p.exe /ru SYSTEM",
        ... ))
        >>> finding = verdict.to_ocsf()
        >>> finding["class_uid"], finding["severity"], finding["is_alert"]
        (2004, 'High', True)
        >>> finding["evidences"][0]["job"]["file"]
        {'name': 'p.exe', 'path': 'C:\\\\Users\\\\Public\\\\p.exe', 'type_id': 1}
        """
        return finding(self)


def jobs_of(event: Event | Mapping[str, Any] | bytes) -> tuple[Job, ...]:
    """The scheduled jobs that an event or a record speaks of, matched or not.

    A record is a dictionary, or the bytes of one; a `SourceError` when it
    cannot be read.

    >>> import t1053
    >>> event = t1053.ProcessCreation(
    ...     image="crontab", command_line="crontab -r -u web", platform="linux"
    ... )
    >>> job, = t1053.jobs_of(event)
    >>> job.activity, job.scheduler, job.user
    ('delete', 'cron', 'web')
    >>> t1053.jobs_of({"EventID": 4624, "Channel": "Security"})
    ()
    """
    _check(event)
    found, lost = _t1053.jobs_of(event)
    if lost is not None and not found:
        raise SourceError(lost)
    return tuple(_job(facts) for facts in found)


def verdict_of(
    program: _t1053.Program,
    detections: Detections,
    event: Event | Mapping[str, Any] | bytes,
) -> Verdict | None:
    """The verdict of an event; of a record of several events, the highest."""
    _check(event)
    found, lost = program.verdicts(event)
    if lost is not None and not found:
        raise SourceError(lost)
    verdicts = [
        Verdict(
            severity=said["severity"],
            line=said["line"],
            id=said["id"],
            traits=tuple(said["traits"]),
            matches=tuple(
                detections[place] for place in cast("list[int]", said["matches"])
            ),
            jobs=tuple(_job(facts) for facts in said["jobs"]),
            is_expected=said["is_expected"],
            event=said["event"],
            time=from_ticks(said["ticks"]),
            host=said["host"],
            user=said["user"],
        )
        for said in found
    ]
    return max(verdicts, key=lambda one: ORDER.index(one.severity), default=None)


def _check(event: object) -> None:
    """Refuses what no event can be made of."""
    if not isinstance(event, Event | Mapping | bytes):
        raise SourceError(
            f"cannot read a record of type {type(event).__name__}; give a"
            " dictionary, bytes, or an event"
        )


def _job(facts: dict[str, list[str]]) -> Job:
    return Job({field: tuple(values) for field, values in facts.items()})
