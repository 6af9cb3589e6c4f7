"""The way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from typing import Any, Protocol, TypeAlias, TypedDict, Unpack, cast

from ._detector import RECORD_LIMIT, Detector, Exclusion, Format, settings
from ._errors import SourceError
from ._events import Event, Platform
from ._matches import Matches
from ._read import (
    Cancellation,
    Errors,
    Reading,
    article,
    files_of,
    has_columns,
    table_of,
)

__all__ = [
    "FileOptions",
    "Record",
    "RecordOptions",
    "ScanOptions",
    "Source",
    "scan",
    "scan_bytes",
    "scan_files",
    "scan_records",
    "scan_table",
]


class Readable(Protocol):
    """An open file."""

    def read(self, size: int = ..., /) -> bytes:
        """The next bytes."""
        ...


class ArrowStream(Protocol):
    """A table that gives itself as a stream of Arrow."""

    def __arrow_c_stream__(self, requested_schema: object = ..., /) -> object:
        """The stream in a capsule."""
        ...


class ArrowArray(Protocol):
    """A table that gives itself as an array of Arrow."""

    def __arrow_c_array__(self, requested_schema: object = ..., /) -> object:
        """The schema and the array in capsules."""
        ...


class Columns(Protocol):
    """A data frame."""

    @property
    def columns(self) -> Any:
        """Its columns."""
        ...


Record: TypeAlias = Event | Mapping[str, Any] | str | bytes | bytearray
"""A typed event, a dictionary, or a record as text."""

Frame: TypeAlias = ArrowStream | ArrowArray | Columns
"""A table of pandas, polars, pyarrow, or anything that speaks Arrow."""

Source: TypeAlias = (
    str
    | PathLike[str]
    | Iterable[PathLike[str]]
    | bytes
    | bytearray
    | memoryview
    | Readable
    | Record
    | Iterable[Record]
    | Frame
)
"""Whatever holds logs; a `str` is a path."""


class _Options(TypedDict, total=False):
    detector: Detector | None
    enable: str | Iterable[str]
    disable: str | Iterable[str]
    exclude: Iterable[Exclusion]
    config: str | PathLike[str]
    format: Format
    errors: Errors
    record_limit: int
    sequence_capacity: int | None
    sequence_depth: int | None
    filter: bool
    host: str | None
    keep: str | Iterable[str]
    join: bool
    cancel: Cancellation | None


class FileOptions(_Options, total=False):
    """The arguments of `scan` that files and bytes have.

    >>> import t1053
    >>> options: t1053.FileOptions = {"enable": "published", "threads": 2}
    >>> len(t1053.scan_bytes(b"", **options))
    0
    """

    threads: int | None
    together: bool
    progress: bool | None


class RecordOptions(_Options, total=False):
    """The arguments of `scan` that records and tables have.

    >>> import t1053
    >>> options: t1053.RecordOptions = {"kind": "process_creation"}
    >>> len(t1053.scan_records([{"CommandLine": "crontab -r"}], **options)) >= 0
    True
    """

    fields: Mapping[str, str] | None
    kind: str | None
    platform: Platform | None


class ScanOptions(FileOptions, RecordOptions, total=False):
    """The arguments of `scan`.

    >>> import t1053
    >>> options: t1053.ScanOptions = {"enable": "published", "errors": "raise"}
    >>> len(list(t1053.scan_iter(b"", **options)))
    0
    """


def reading_of(
    *,
    detector: Detector | None = None,
    enable: str | Iterable[str] = (),
    disable: str | Iterable[str] = (),
    exclude: Iterable[Exclusion] = (),
    config: str | PathLike[str] = "",
    format: Format = "auto",
    fields: Mapping[str, str] | None = None,
    kind: str | None = None,
    platform: str | None = None,
    threads: int | None = None,
    together: bool = False,
    progress: bool | None = None,
    errors: Errors = "warn",
    record_limit: int = RECORD_LIMIT,
    sequence_capacity: int | None = None,
    sequence_depth: int | None = None,
    filter: bool = True,
    host: str | None = None,
    keep: str | Iterable[str] = (),
    join: bool = True,
    cancel: Cancellation | None = None,
) -> Reading:
    """How to read, by the arguments of `scan`."""
    if detector is None:
        detector = Detector(enable=enable, disable=disable, exclude=exclude, config=config)
    elif enable or disable or exclude or config:
        raise TypeError("give a detector, or what to make one of, but not both")
    how = settings(
        format, record_limit, filter, join, sequence_capacity, sequence_depth,
        host=host, keep=keep,
    )
    return Reading(
        detector, how, fields=fields, kind=kind, platform=platform, threads=threads,
        together=together, progress=progress, errors=errors, cancel=cancel,
    )


def scan(source: Source, /, **options: Unpack[ScanOptions]) -> Matches:
    """Finds scheduled-task abuse in whatever holds logs.

    `source` is one of:

    - a path: of a file, of a directory (all files below it), or a pattern
      such as `logs/**/*.evtx`; or an iterable of `pathlib.Path`. Files are
      scanned on all cores, one large file of lines too; one that is not
      there is an error before any is scanned;
    - bytes, or an open file;
    - records: an iterable of dictionaries, lines of text, or typed events;
    - a table: of pandas, polars, pyarrow, or anything that has
      `__arrow_c_stream__`.

    What is of one kind is better given to `scan_files`, `scan_bytes`,
    `scan_records` or `scan_table`, which take nothing else.

    Data is never a path: text and bytes in a list, an iterator, a series or a
    table are records, whatever they say, and text that begins as a record
    does (`{`, `[{`, `<`) or holds several lines is refused as a path.

    Files are read each by itself, so that a sequence must begin and end in
    one. With `together` they are one stream, read one after the other: the files of
    one log in the order of its rotation (`x.log.2.gz`, `x.log.1`, `x.log`;
    `x.log-20240501`, `x.log-20240502.gz`, `x.log`; `Archive-x-2024-05-01.evtx`,
    `x.evtx`), the logs in the order in which they are given or named. Matches
    still tell the file, and the record in it.

    Files and bytes may be compressed with gzip, zstd, xz or bzip2, or be
    Windows event log files (`.evtx`); records are told apart by themselves unless `format`
    names their format: `json`, `xml`, `wineventlog` or `auditd`.

    A dictionary, or a row, with an event id or another mark of a collector's
    record is read as the same line in a file would be; one with a column
    `_raw` or `event.original` is the record that stands there. Any other
    becomes an event by the names of its columns: Sigma's, ECS's or those of
    Splunk's CIM. `fields` (`{"my_column": "CommandLine"}`), `kind`
    (`process_creation`) and `platform` say what names cannot; columns that
    cannot be mapped are an error that lists what was looked for.

    `detector`, or `enable`, `disable`, `exclude` and `config` as for
    `Detector`, choose the detections. Without `filter` every record is read, also where a
    search of its bytes shows that it can match nothing: so all unreadable
    ones are found and all events counted, at the cost of several times the
    time. Without `join` each record is looked at by itself; else the records
    of an audit event are also joined, as `Scanner` says. `threads` is the most
    cores to use. `record_limit`, `sequence_capacity` and `sequence_depth` are those of `Scanner`, as is
    `host`: the host of records that name none, as auditd's do. `keep` names what
    matches tell of their events besides what was found: fields, and `raw` for
    the record; they stand in `Match.fields` and `Match.raw`, in NDJSON, and as
    columns in tables. These quote the record, with any password that stands in
    it; the fields of jobs have none. `progress`
    shows a bar, by default where a person looks on (needs tqdm). What cannot
    be read is listed in `Matches.unreadable` and `Matches.failures`; for a
    source that cannot be read to its end, `errors` says whether to `warn`
    (with `ReadWarning`), `raise` (`SourceError`) or `ignore`. Once `cancel` is
    set, a `threading.Event` say, the scan ends with a `CancelledError` within
    a tenth of a second, or when the next record is asked for. What is scanned,
    and what cannot be read, is told to the logger `t1053`, too.

    >>> import t1053
    >>> matches = t1053.scan([
    ...     {"EventID": 200, "Channel": "Microsoft-Windows-TaskScheduler/Operational"},
    ...     {"Image": "schtasks.exe", "CommandLine": "schtasks /run /tn Patch"},
    ... ])
    >>> [it.record for it in matches.filter(detection="schtasks_run_task_on_demand")]
    [1]
    >>> import pandas
    >>> frame = pandas.DataFrame({
    ...     "process_path": ["C:/Windows/System32/schtasks.exe"],
    ...     "process": ["schtasks /create /tn x /tr a.exe /ru SYSTEM"],
    ... })
    >>> t1053.scan(frame, enable="risk:56")[0].slug
    'scheduled_task_deleted_or_created_via_cmd'
    >>> matches = t1053.scan(frame, enable="risk:56", keep=["image", "command_line"])
    >>> matches[0].fields["CommandLine"]
    'schtasks /create /tn x /tr a.exe /ru SYSTEM'
    >>> list(matches.to_pandas().columns[-2:])
    ['Image', 'CommandLine']
    """
    known_options(options, ScanOptions)
    reading = reading_of(**options)
    return reading.read(source)


def known_options(options: Mapping[str, Any], kind: Any) -> None:
    """Refuses an argument that is not for this kind of source."""
    for name in options:
        if name not in kind.__optional_keys__:
            raise TypeError(f"unexpected argument {name!r}")


def scan_files(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    /,
    **options: Unpack[FileOptions],
) -> Matches:
    """Finds scheduled-task abuse in files: a path of a file, of a directory
    (all files below it), a pattern, or several of these. The rest is that of
    `scan`.

    >>> import t1053
    >>> t1053.scan_files(["no-such.log"])
    Traceback (most recent call last):
        ...
    t1053.SourceNotFoundError: there is no file no-such.log
    """
    if isinstance(cast("object", paths), bytes | bytearray | memoryview):
        raise SourceError("bytes are no path; scan_bytes takes them")
    given: list[Any] = [paths] if isinstance(paths, str | PathLike) else [*paths]
    for path in given:
        if not isinstance(path, str | PathLike):
            raise SourceError(f"{article(type(path).__name__)} is no path")
    known_options(options, FileOptions)
    reading = reading_of(**options)
    return reading.inputs([file for path in given for file in files_of(path)])


def scan_bytes(
    data: bytes | bytearray | memoryview | Readable, /, **options: Unpack[FileOptions]
) -> Matches:
    """Finds scheduled-task abuse in the bytes of a log, compressed or not, or
    in an open file. The rest is that of `scan`.

    >>> import t1053
    >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}'
    >>> len(t1053.scan_bytes(log, enable="task_ran"))
    1
    """
    known_options(options, FileOptions)
    reading = reading_of(**options)
    if isinstance(data, bytes | bytearray | memoryview):
        return reading.inputs([bytes(data)])
    if not callable(getattr(data, "read", None)):
        raise SourceError(f"{article(type(data).__name__)} is neither bytes nor an open file")
    return reading.opened(data)


def scan_records(
    records: Record | Iterable[Record], /, **options: Unpack[RecordOptions]
) -> Matches:
    """Finds scheduled-task abuse in records: dictionaries, typed events, or
    records as text or bytes; one, or any number. A text is a record, never a
    path. The rest is that of `scan`.

    >>> import t1053
    >>> line = '{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}'
    >>> len(t1053.scan_records(line, enable="task_ran"))
    1
    """
    known_options(options, RecordOptions)
    reading = reading_of(**options)
    reading.asked_for_records = True
    one = isinstance(records, str | bytes | bytearray | Mapping | Event)
    try:
        items: Iterator[Any] = iter(cast("Iterable[Any]", [records] if one else records))
    except TypeError:
        given = type(cast("object", records)).__name__
        raise SourceError(f"{article(given)} holds no records") from None
    return reading.rows(items)


def scan_table(table: Frame, /, **options: Unpack[RecordOptions]) -> Matches:
    """Finds scheduled-task abuse in the rows of a table: of pandas, polars,
    pyarrow, DuckDB, or anything that speaks Arrow. The rest is that of `scan`.

    >>> import pandas, t1053
    >>> frame = pandas.DataFrame({"CommandLine": ["crontab -r"], "Image": ["crontab"]})
    >>> len(t1053.scan_table(frame, platform="linux", enable="kind:Inventory")) > 0
    True
    """
    known_options(options, RecordOptions)
    reading = reading_of(**options)
    if not has_columns(table):
        raise SourceError(f"{article(type(table).__name__)} is no table")
    return reading.rows(table_of(table))
