"""The way in."""

from __future__ import annotations

import glob
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from os import PathLike
from typing import Any, Literal, cast

from . import _t1053
from ._detector import RECORD_LIMIT, Detector, Exclusion, Format, Scanner
from ._errors import ReadWarning, SourceError, SourceNotFoundError
from ._events import Event
from ._matches import Counts, Failure, Matches, Unreadable
from ._progress import Progress
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
    progress: bool | None = None,
    errors: Errors = "warn",
    record_limit: int = RECORD_LIMIT,
    filter: bool = True,
) -> Matches:
    """Finds scheduled-task abuse in whatever holds logs.

    `source` is one of:

    - a path, several, a pattern such as `logs/**/*.evtx`, or a directory
      (all files below it): files are scanned on all cores, each by itself;
      one that is not there is an error before any is scanned;
    - bytes, or an open file;
    - records: an iterable of dictionaries, lines of text, or typed events;
    - a table: of pandas, polars, pyarrow, or anything that has
      `__arrow_c_stream__`.

    Files and bytes may be compressed with gzip or zstd, or be Windows event
    log files (`.evtx`); records are told apart by themselves unless `format`
    names their format: `json`, `xml`, `wineventlog` or `auditd`.

    A dictionary, or a row, with an event id or another mark of a collector's
    record is read as the same line in a file would be; one with a column
    `_raw` or `event.original` is the record that stands there. Any other
    becomes an event by the names of its columns: Sigma's, ECS's or those of
    Splunk's CIM. `fields` (`{"my_column": "CommandLine"}`), `kind`
    (`process_creation`) and `platform` say what names cannot; columns that
    cannot be mapped are an error that lists what was looked for.

    `detector`, or `enable`, `disable` and `exclude` as for `Detector`,
    choose the detections. Without `filter` every record is read, also where a
    search of its bytes shows that it can match nothing: so all unreadable
    ones are found and all events counted, at the cost of several times the
    time. `threads` is the most cores to use. `progress`
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
    """
    if detector is None:
        detector = Detector(enable=enable, disable=disable, exclude=exclude)
    elif enable or disable or exclude:
        raise TypeError("give a detector, or what to make one of, but not both")
    if errors not in ("warn", "raise", "ignore"):
        raise TypeError("errors is warn, raise or ignore")
    how = (format, record_limit, filter)
    inputs, rest = _inputs(source)
    if inputs is not None:
        with Progress(progress) as shown:
            scanned = _t1053.scan_inputs(
                detector._program,
                inputs,
                how,
                threads or 0,
                shown.update,
            )
        return _made(detector, inputs, scanned, errors)
    if callable(getattr(source, "read", None)):
        name = getattr(source, "name", None)
        path = name if isinstance(name, str) else None
        scanned = _t1053.scan_reader(detector._program, source, path, how)
        return _made(detector, [path], scanned, errors)
    scanner = Scanner(
        detector,
        format=format,
        record_limit=record_limit,
        filter=filter,
        fields=fields,
        kind=kind,
        platform=platform,
    )
    table = _table(rest)
    if isinstance(table, _t1053.Table):
        rows = Rows(fields, kind, platform)
        rows.prepare(table)
        matches = scanner._table(table)
        rows.check(matches.counts.read)
        return matches
    return scanner.push_all(table)


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
        if errors == "raise":
            raise SourceError(text)
        if errors == "warn":
            warnings.warn(text, ReadWarning, stacklevel=3)
    bad = tuple(Unreadable(*it) for it in unreadable)
    return Matches(found, detector.detections, Counts(**counts), bad, failures)


def _inputs(source: Any) -> tuple[list[Any] | None, Any]:
    """The files and bytes that a source is; or None, and the source, none of
    its items lost."""
    if isinstance(source, bytes | bytearray | memoryview):
        return [bytes(cast(bytes, source))], None
    if isinstance(source, str | PathLike):
        return list(_files(cast("str | PathLike[str]", source))), None
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
    first = next(items, None)
    items = iter(()) if first is None else chain([first], items)
    if (
        isinstance(first, PathLike)
        or (isinstance(first, str) and _is_path(first))
        or (isinstance(source, list | tuple) and _are_paths(cast("list[Any]", source)))
    ):
        return [file for it in items for file in _files(it)], None
    return None, items


def _is_path(text: str) -> bool:
    """Whether text in a list is meant as a path, not as a line of a log."""
    try:
        return os.path.exists(text) or bool(glob.has_magic(text) and _glob(text))
    except (ValueError, OSError):
        return False


def _are_paths(items: Sequence[Any]) -> bool:
    """Whether a list is meant as one of paths although nothing is at the
    first: then the files of the others are no lines of a log."""
    first = items[0] if items else None
    if not isinstance(first, str) or any(it in first for it in "{<=\n"):
        return False
    return any(_exists(it) for it in items[1:64])


def _exists(item: Any) -> bool:
    """Whether an item is a path, of text one to something. Not as a pattern:
    a line of a log may be one that takes long to search for."""
    try:
        return isinstance(item, PathLike) or (
            isinstance(item, str) and os.path.exists(item)
        )
    except ValueError:
        return False


def _glob(pattern: str) -> list[str]:
    found = glob.glob(pattern, recursive=True)
    return sorted((it for it in found if os.path.isfile(it)), key=os.fsencode)


def _files(path: str | PathLike[str]) -> Iterator[str]:
    """The files that a path means, directories walked in name order. What
    cannot be opened is among them, and becomes a failure."""
    name = os.fsdecode(path)
    if os.path.isdir(name):
        files, skipped = _t1053.walk(name)
        for line in skipped:
            warnings.warn(line, ReadWarning, stacklevel=4)
        yield from files
    elif os.path.exists(name):
        yield name
    elif glob.has_magic(name):
        found = _glob(name)
        if not found:
            raise SourceNotFoundError(f"no file matches {name}")
        yield from found
    else:
        hint = "; to scan text, give bytes" if "\n" in name or "{" in name else ""
        shown = name if len(name) < 200 else name[:200] + "..."
        raise SourceNotFoundError(f"there is no file {shown}{hint}")


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
