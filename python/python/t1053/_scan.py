"""The way in."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from os import PathLike
from typing import Any, Literal, cast

from . import _t1053
from ._detector import (
    RECORD_LIMIT,
    Detector,
    Exclusion,
    Format,
    How,
    Scanner,
    settings,
)
from ._errors import ReadWarning, SourceError, SourceNotFoundError
from ._events import Event
from ._matches import Counts, Failure, Matches, Unreadable
from ._progress import Progress
from ._rotation import in_order
from ._rows import Rows

__all__ = ["scan"]

NOT_ARROW = ("Null", "Int128", "UInt128", "Object")
"""Types of polars that it does not hand over as Arrow defines them."""

Errors = Literal["warn", "raise", "ignore"]


def scan(
    source: Any,
    /,
    *,
    detector: Detector | None = None,
    enable: str | Iterable[str] = (),
    disable: str | Iterable[str] = (),
    exclude: Iterable[Exclusion] = (),
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
    config: str | os.PathLike[str] = "",
    keep: str | Iterable[str] = (),
    join: bool = True,
) -> Matches:
    """Finds scheduled-task abuse in whatever holds logs.

    `source` is one of:

    - a path: of a file, of a directory (all files below it), or a pattern
      such as `logs/**/*.evtx`; or an iterable of `pathlib.Path`. Files are
      scanned on all cores; one that is not there is an error before any is
      scanned;
    - bytes, or an open file;
    - records: an iterable of dictionaries, lines of text, or typed events;
    - a table: of pandas, polars, pyarrow, or anything that has
      `__arrow_c_stream__`.

    Data is never a path: text and bytes in a list, an iterator, a series or a
    table are records, whatever they say, and text that begins as a record
    does (`{`, `[{`, `<`) or holds several lines is refused as a path.

    Files are read each by itself, so that a sequence must begin and end in
    one. With `together` they are one stream, read on one core: the files of
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
    (with `ReadWarning`), `raise` (`SourceError`) or `ignore`.

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
    if detector is None:
        detector = Detector(enable=enable, disable=disable, exclude=exclude, config=config)
    elif enable or disable or exclude or config:
        raise TypeError("give a detector, or what to make one of, but not both")
    how = settings(
        format, record_limit, filter, join, sequence_capacity, sequence_depth,
        host=host, keep=keep,
    )
    return read(
        source, detector, how, fields=fields, kind=kind, platform=platform,
        threads=threads, together=together, progress=progress, errors=errors,
    )


def read(
    source: Any,
    detector: Detector,
    how: How,
    *,
    fields: Mapping[str, str] | None,
    kind: str | None,
    platform: str | None,
    threads: int | None,
    together: bool,
    progress: bool | None,
    errors: Errors,
) -> Matches:
    """Reads whatever holds logs; called by what the user calls."""
    if errors not in ("warn", "raise", "ignore"):
        raise TypeError("errors is warn, raise or ignore")
    inputs, rest = _inputs(source)
    if inputs is not None:
        # Bytes are one input.
        if together and len(inputs) > 1:
            inputs = cast("list[Any]", in_order(inputs))
        with Progress(progress) as shown:
            scanned = _t1053.scan_inputs(
                detector._program,
                inputs,
                how,
                threads or 0,
                together,
                shown.update,
            )
        return _made(detector, inputs, scanned, errors)
    if callable(getattr(source, "read", None)):
        name = getattr(source, "name", None)
        path = name if isinstance(name, str) else None
        scanned = _t1053.scan_reader(detector._program, source, path, how)
        return _made(detector, [path], scanned, errors)
    scanner = Scanner(detector, fields=fields, kind=kind, platform=platform, keep=how[-1])
    scanner._stream = _t1053.Stream(detector._program, None, how)
    table = _table(rest)
    if isinstance(table, _t1053.Table):
        rows = Rows(fields, kind, platform)
        rows.prepare(table)
        matches = scanner._table(table)
        rows.check(matches.counts.read)
        return matches
    matches = scanner.push_all(table)
    _check_lines(scanner._rows.first, matches.counts, errors)
    return matches


def _check_lines(first: str | None, counts: Counts, errors: Errors) -> None:
    """Says so where lines of text are no records, and the first may have been
    meant as a path. No file is looked for."""
    if (
        first is not None
        and any(it in first for it in (".", os.sep))
        and not any(it in first for it in "{<=")
        and counts.records > counts.read == counts.uninteresting == 0
    ):
        text = (
            f"none of the text was read as a record ({counts.records:,} in all); to"
            " scan files, give them as pathlib.Path"
        )
        _complain(text, errors)


def _complain(text: str, errors: Errors) -> None:
    if errors == "raise":
        raise SourceError(text)
    if errors == "warn":
        # The caller of `scan`.
        warnings.warn(text, ReadWarning, stacklevel=5)


def _made(
    detector: Detector, inputs: list[Any], scanned: _t1053._Scanned, errors: Errors
) -> Matches:
    found, counts, unreadable, failed, _ = scanned
    failures = tuple(
        Failure(None if isinstance(inputs[at], bytes) else inputs[at], reason)
        for at, reason in failed
    )
    for it in failures:
        text = f"{it.source or 'the source'} cannot be read to its end: {it.reason}"
        _complain(text, errors)
    bad = tuple(Unreadable(*it) for it in unreadable)
    return Matches(found, detector.detections, Counts(**counts), bad, failures)


def _inputs(source: Any) -> tuple[list[Any] | None, Any]:
    """The files and bytes that a source is; or None, and the source, none of
    its items lost."""
    if isinstance(source, bytes | bytearray | memoryview):
        return [bytes(cast(bytes, source))], None
    if isinstance(source, str):
        if _is_text(source):
            raise SourceError(
                "cannot scan text that is not a path; give it as bytes, or its"
                " lines in a list; a file of such a name as pathlib.Path"
            )
        return list(_files(source)), None
    if isinstance(source, PathLike):
        return list(_files(cast("PathLike[str]", source))), None
    if isinstance(source, Mapping | Event):
        return None, [source]
    if hasattr(source, "read") or _has_columns(source):
        return None, source
    try:
        items: Iterator[Any] = iter(source)
    except TypeError:
        raise SourceError(
            f"cannot scan {_a(type(source).__name__)}; give a path, bytes, an open"
            " file, records, or a table"
        ) from None
    # The first, if there is one, says what all are.
    for first in items:
        items = chain([first], items)
        if isinstance(first, PathLike):
            return [file for it in items for file in _files(_path(it))], None
        break
    return None, items


def _path(item: Any) -> PathLike[str]:
    """An item of a list that begins with a path. Text in it is refused, not
    guessed about: it may come from a log."""
    if isinstance(item, PathLike):
        return cast("PathLike[str]", item)
    raise SourceError(
        f"cannot scan {_a(type(item).__name__)} in a list of paths; give paths as"
        " pathlib.Path, and records in a list of their own"
    )


def _is_text(source: str) -> bool:
    """Whether text given as a path is plainly a record. No file is looked
    for under such a name, which whoever wrote the record has chosen."""
    return "\n" in source or source.lstrip().startswith(("{", "[{", "<"))


def _glob(pattern: str) -> list[str]:
    try:
        found = glob.glob(pattern, recursive=True)
    except RecursionError:
        # It takes a call for each directory that the pattern names.
        raise SourceNotFoundError(
            f"a pattern of {len(pattern):,} characters is too long"
        ) from None
    return sorted((it for it in found if os.path.isfile(it)), key=os.fsencode)


def _files(path: str | PathLike[str]) -> Iterator[str]:
    """The files that a path means, directories walked in name order. What
    cannot be opened is among them, and becomes a failure."""
    name = os.fsdecode(path)
    if os.path.isdir(name):
        files, skipped = _t1053.walk(name)
        for line in skipped:
            warnings.warn(line, ReadWarning, stacklevel=5)
        yield from files
    elif os.path.exists(name):
        yield name
    elif glob.has_magic(name):
        found = _glob(name)
        if not found:
            raise SourceNotFoundError(f"no file matches {name}")
        yield from found
    else:
        shown = name if len(name) < 200 else name[:200] + "..."
        raise SourceNotFoundError(f"there is no file {shown}")


def _has_columns(source: Any) -> bool:
    """Whether it is a table, as a series of records is not."""
    of = cast("type[object]", type(source))
    return hasattr(of, "columns") or hasattr(of, "schema")


def _table(source: Any) -> _t1053.Table | Iterable[Any]:
    """A table of a source that is one, or its rows."""
    if not _has_columns(source):
        return cast("Iterable[Any]", source)
    if hasattr(source, "collect") and not hasattr(source, "__arrow_c_stream__"):
        source = source.collect()
    library = type(source).__module__.partition(".")[0]
    if library == "pandas":
        return _pandas(source)
    if library == "polars":
        empty = [name for name, of in source.schema.items() if str(of) == "Null"]
        # A column of nothing was absent in every record.
        source = source.drop(empty) if len(empty) < source.width else source
        if any(it in repr(source.schema) for it in NOT_ARROW):
            return cast("Iterable[Any]", source.iter_rows(named=True))
    if hasattr(source, "__arrow_c_stream__"):
        return _t1053.Table(source.__arrow_c_stream__())
    if hasattr(source, "__arrow_c_array__"):
        return _t1053.Table.of_batch(*source.__arrow_c_array__())
    raise SourceError(
        f"cannot scan {_a(type(source).__name__)}: it has columns, but does not"
        " speak Arrow"
    )


def _pandas(frame: Any) -> _t1053.Table | Iterable[Any]:
    """A pandas table through Arrow; or its rows, when it holds objects that
    Arrow has no type for, or without pyarrow."""
    frame = frame.reset_index(drop=True)
    frame.columns = [str(it) for it in frame.columns]
    try:
        return _t1053.Table(frame.__arrow_c_stream__())
    except (ImportError, TypeError, ValueError, AttributeError):
        return _pandas_rows(frame)


def _pandas_rows(frame: Any) -> Iterator[dict[str, Any]]:
    for start in range(0, len(frame), 4096):
        part = frame.iloc[start : start + 4096]
        columns = [part[it].tolist() for it in part.columns]
        names = list(part.columns)
        for row in zip(*columns, strict=True):
            # What is missing in a table was absent in the record.
            yield {n: it for n, it in zip(names, row, strict=True) if _is_there(it)}


def _is_there(value: Any) -> bool:
    if value is None:
        return False
    try:
        return bool(value == value)
    except (TypeError, ValueError):
        # An array is there; NA says neither yes nor no.
        return type(value).__name__ != "NAType"


def _a(name: str) -> str:
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
