"""Dictionaries and tables to records or events.

A row that has an event id, or the shape of some collector's record, is read
exactly as the same line in a file would be. Any other becomes an event whose
kind and fields are told by the names of its columns: those of Sigma, of the
Elastic Common Schema (ECS), or of Splunk's Common Information Model (CIM).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, cast

from . import _t1053
from ._errors import FieldError, SourceError
from ._events import EVENTS, Event
from ._time import from_ticks

BATCH = 4096

RECORD_COLUMNS = frozenset(
    "EventID EventId EventCode event_id eventID event.code winlog winlog.event_id"
    " win win.system.eventID Event Event.System.EventID System System.EventID"
    " records items class_uid operationName OperationName OperationNameValue"
    " RecordType SYSCALL EXECVE PROCTITLE PATH auditd auditd.message_type"
    " event.module".split()
)
"""A row with one of these is a record of some collector."""

WHOLE_COLUMNS = ("_raw", "event.original", "raw_data", "RawData")
"""Columns in which the record itself stands, all of it."""

RAW_COLUMNS = (*WHOLE_COLUMNS, "SyslogMessage")
"""The same, and that of the text of a line, without its head."""

TIME = (
    "_time @timestamp timestamp UtcTime EventTime time TimeGenerated TimeCreated"
    " event.created date"
).split()
SYSTEM = "host.os.type host.os.platform host.os.family os platform".split()

COLUMNS: dict[str, list[str]] = {
    "EventID": ["EventID", "signature_id"],
    "Channel": ["Channel", "winlog.channel"],
    "Computer": ["Computer", "ComputerName", "Hostname", "host.name", "dest", "host"],
    "User": ["User", "user.name", "user", "AccountName"],
    "UserSid": ["UserSid", "user.id", "user_id"],
    "Image": [
        "Image",
        "NewProcessName",
        "process.executable",
        "process_path",
        "process_exec",
        "process.name",
        "process_name",
    ],
    "CommandLine": [
        "CommandLine",
        "ProcessCommandLine",
        "process.command_line",
        "process",
        "process.args",
    ],
    "OriginalFileName": [
        "OriginalFileName",
        "process.pe.original_file_name",
        "original_file_name",
    ],
    "CurrentDirectory": [
        "CurrentDirectory",
        "process.working_directory",
        "process_current_directory",
    ],
    "ProcessId": ["ProcessId", "process.pid", "process_id"],
    "IntegrityLevel": ["IntegrityLevel", "process_integrity_level"],
    "ParentImage": [
        "ParentImage",
        "ParentProcessName",
        "process.parent.executable",
        "parent_process_path",
        "parent_process_exec",
        "process.parent.name",
        "parent_process_name",
    ],
    "ParentCommandLine": [
        "ParentCommandLine",
        "process.parent.command_line",
        "parent_process",
    ],
    "ParentProcessId": ["ParentProcessId", "process.parent.pid", "parent_process_id"],
    "ParentUser": ["ParentUser", "process.parent.user.name"],
    "TargetFilename": ["TargetFilename", "file.path", "file_path"],
    "TargetObject": ["TargetObject", "registry.path", "registry_path"],
    "Details": ["Details", "registry.data.strings", "registry_value_data"],
    "ScriptBlockText": ["ScriptBlockText", "powershell.file.script_block_text"],
    "ScriptBlockId": ["ScriptBlockId", "powershell.file.script_block_id"],
    "MessageNumber": ["MessageNumber", "powershell.sequence"],
    "MessageTotal": ["MessageTotal", "powershell.total"],
    "TaskContent": ["TaskContent", "TaskContentNew"],
    "callerIpAddress": ["callerIpAddress", "source.ip", "src_ip"],
}
"""Columns that give a field; the first that is there counts. Any other field
is given by the column of its own name."""

TELLING = [
    ("ScriptBlockText", "script_block"),
    ("TargetObject", "registry_event"),
    ("TargetFilename", "file_creation"),
    ("CommandLine", "process_creation"),
    ("Image", "process_creation"),
    ("proctitle", "audit_proctitle"),
    ("argv", "audit_execve"),
    ("nametype", "audit_path"),
    ("exe", "audit_syscall"),
    ("operationName", "cloud_activity"),
]
"""Which field tells which kind of event, the most telling first."""

KINDS = {kind: [*fields] for kind, fields in _t1053.event_kinds()}
COMMON = _t1053.common_fields()


@dataclass(frozen=True)
class Plan:
    """How rows of the same columns become events."""

    kind: str
    platform: str | None
    time: str | None
    system: str | None
    fields: tuple[tuple[str, str, str], ...]
    """Column, attribute and name of each field."""

    def event(self, row: Mapping[str, Any]) -> Event:
        """The event of a row."""
        values: dict[str, Any] = {}
        for column, attribute, _ in self.fields:
            value = plain(lookup(row, column))
            if value is not None:
                values[attribute] = value
        platform = self.platform
        if platform is None:
            system = plain(lookup(row, self.system)) if self.system else None
            path = values.get("image") or values.get("target_filename")
            platform = _t1053.guess_platform(self.kind, system, path)
        time = lookup(row, self.time) if self.time else None
        return EVENTS[self.kind](platform=cast(Any, platform), time=_time(time), **values)


class Rows:
    """Reads rows, with what the caller says of their columns."""

    def __init__(
        self,
        fields: Mapping[str, str] | None = None,
        kind: str | None = None,
        platform: str | None = None,
    ) -> None:
        self.given = frozenset((fields or {}).items())
        self.kind = kind
        self.platform = platform
        self.plain = not fields and kind is None
        self.understood = 0
        self.strange: tuple[str, ...] | None = None
        self.first: str | None = None
        """The first line of text."""
        if kind is not None and kind not in KINDS:
            raise FieldError(
                f"there is no kind of event `{kind}`, only {', '.join(KINDS)}"
            )
        if platform is not None and platform not in _t1053.platforms():
            names = ", ".join(_t1053.platforms())
            raise FieldError(f"there is no platform `{platform}`, only {names}")

    def items(self, items: Iterable[Any]) -> list[Any]:
        """What the stream takes: text, records and events."""
        return [self._item(it) for it in items]

    def batches(self, items: Iterable[Any]) -> Iterator[list[Any]]:
        """The same, in batches."""
        rest = iter(items)
        while batch := list(islice(rest, BATCH)):
            yield self.items(batch)

    def check(self, read: int) -> None:
        """Raises when nothing was understood of any row, given how many
        records were read."""
        if self.strange is not None and self.understood == read == 0:
            raise _unmappable(self.strange)

    def _item(self, item: Any) -> Any:
        if isinstance(item, str):
            if self.first is None:
                self.first = item
            return item
        if isinstance(item, bytes | bytearray | Event):
            return item
        if not isinstance(item, Mapping):
            raise SourceError(
                f"cannot scan a record of type {type(item).__name__}; give"
                " dictionaries, lines of text, or events"
            )
        row = cast("Mapping[str, Any]", item)
        if self.plain and not RECORD_COLUMNS.isdisjoint(row):
            if not any(it in row for it in RAW_COLUMNS):
                self.understood += 1
                return row
        # Sensors of all kinds have members of such names as columns have.
        has_whole = any(it in row for it in WHOLE_COLUMNS)
        if self.plain and not has_whole:
            line = _t1053.record_line(row)
            if line is not None:
                self.understood += 1
                return (line,)
        plan = _plan(tuple(names_of(row)), self.given, self.kind, self.platform)
        if isinstance(plan, Plan):
            self.understood += 1
            return plan.event(row)
        if plan is None:
            self.strange = self.strange or tuple(names_of(row))
        elif isinstance(raw := lookup(row, plan), str | bytes):
            self.understood += 1
            return (raw,)
        else:
            self.understood += 1
        return row

    def prepare(self, table: _t1053.Table) -> None:
        """Tells a table what becomes of its rows."""
        names = tuple(table.names())
        plan = _plan(names, self.given, self.kind, self.platform)
        if plan is None:
            self.strange = names
        if not plan:
            table.as_records()
        elif isinstance(plan, str):
            table.as_raw(plan)
        else:
            fields = [(column, field) for column, _, field in plan.fields]
            table.as_events(plan.platform, plan.kind, plan.time, plan.system, fields)


def names_of(row: Mapping[str, Any]) -> Iterator[str]:
    """The columns of a dictionary: those of dictionaries in it joined by
    dots, two levels deep, and the names of these as well."""
    for name, value in row.items():
        yield str(name)
        if isinstance(value, Mapping):
            for inner, below in cast(Mapping[str, Any], value).items():
                yield f"{name}.{inner}"
                if isinstance(below, Mapping):
                    for last in cast(Mapping[str, Any], below):
                        yield f"{name}.{inner}.{last}"


def lookup(row: Mapping[str, Any], column: str) -> Any:
    """The value of a column, in dictionaries in the row too."""
    if column in row:
        return row[column]
    name, dot, rest = column.partition(".")
    below = row.get(name)
    if dot and isinstance(below, Mapping):
        return lookup(cast("Mapping[str, Any]", below), rest)
    return None


def plain(value: Any) -> str | bytes | None:
    """A value of a field."""
    if value is None or isinstance(value, str | bytes):
        return value
    if isinstance(value, float):
        if value != value:
            return None
        return f"{value:.0f}" if value.is_integer() else str(value)
    if isinstance(value, list | tuple):
        items = [plain(it) for it in cast(list[Any], value)]
        return " ".join(it for it in items if isinstance(it, str))
    try:
        return str(value) if value == value else None
    except (TypeError, ValueError):
        return None


def _time(value: Any) -> datetime | str | None:
    if isinstance(value, datetime):
        return value if value == value else None
    if isinstance(value, int | float) and value == value:
        return from_ticks(_t1053.epoch(float(value)))
    return value if isinstance(value, str) else None


@lru_cache(256)
def _plan(
    names: tuple[str, ...],
    given: frozenset[tuple[str, str]],
    kind: str | None,
    platform: str | None,
) -> Plan | str | None:
    """How rows of these columns are read: as an event; as the record in a
    column; as records themselves (""); or not at all."""
    present = set(names)
    if not given and kind is None:
        for column in RAW_COLUMNS:
            if column in present:
                return column
        # A table names its columns from the top; records are known by any.
        above = {it.rsplit(".", n)[0] for it in names for n in range(it.count(".") + 1)}
        if above & RECORD_COLUMNS:
            return ""
    # Exact names first; then whatever the case.
    folded: dict[str, str] = {}
    for name in reversed(names):
        folded[name.lower()] = name
    explicit: dict[str, str] = {}
    for column, field in given:
        if column not in present:
            raise FieldError(
                f"there is no column `{column}`; there are {', '.join(names)}"
            )
        explicit[field] = column

    def find(field: str) -> str | None:
        if field in explicit:
            return explicit[field]
        for column in COLUMNS.get(field, [field]):
            if column in present:
                return column
        # Audit fields differ by case only: compared exactly.
        for column in COLUMNS.get(field, ()):
            if column.lower() in folded:
                return folded[column.lower()]
        return None

    def first(columns: Iterable[str]) -> str | None:
        exact = [it for it in columns if it in present]
        return exact[0] if exact else None

    if kind is None:
        kind = next((of for field, of in TELLING if find(field)), None)
    if kind is None:
        known = set(_t1053.fields())
        if wrong := [it for it in explicit if it not in known and it != "time"]:
            raise FieldError(f"there is no field `{wrong[0]}`")
        return None
    fields: list[tuple[str, str, str]] = []
    for attribute, field in [*COMMON, *KINDS[kind]]:
        given_by = find(field)
        if given_by is not None:
            fields.append((given_by, attribute, field))
    had = {field for _, _, field in fields} | {"time"}
    if wrong := [it for it in explicit if it not in had]:
        names_of_kind = ", ".join(field for _, field in [*COMMON, *KINDS[kind]])
        raise FieldError(
            f"events of kind {kind} have no field `{wrong[0]}`; they have"
            f" time, {names_of_kind}"
        )
    if not any(field not in dict(COMMON).values() for _, _, field in fields):
        return None
    time = explicit.get("time") or first(TIME)
    return Plan(kind, platform, time, first(SYSTEM), tuple(fields))


def _unmappable(names: Iterable[str]) -> FieldError:
    looked = "; or ".join(
        f"{' / '.join(COLUMNS.get(field, [field]))} ({kind})" for field, kind in TELLING
    )
    return FieldError(
        f"no event can be made of the fields {', '.join(names)}; looked for a"
        f" record (EventID, event.code, winlog, _raw, ...); or {looked}; give"
        " `kind` and `fields` to say what they are"
    )
