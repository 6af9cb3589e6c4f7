"""What holds logs: which files, bytes, records or tables are meant, and how
they are read."""

from __future__ import annotations

import glob
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from os import PathLike
from types import FrameType
from typing import Any, Literal, Protocol, cast

from . import _t1053
from ._bad import bad_of
from ._detector import Detector, How, Scanner
from ._errors import (
    CancelledError,
    ReadWarning,
    SettingError,
    SourceError,
    SourceNotFoundError,
    whole,
)
from ._events import Event
from ._matches import Counts, Failure, Matches
from ._progress import Progress
from ._rotation import in_order
from ._rows import Rows

LOG = logging.getLogger("t1053")
LOG.addHandler(logging.NullHandler())

NOT_ARROW = ("Null", "Int128", "UInt128", "Object")
"""Types of polars that it does not hand over as Arrow defines them."""

Errors = Literal["warn", "raise", "ignore"]


class Cancellation(Protocol):
    """What says whether to stop: a `threading.Event`, say."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class Reading:
    """How whatever holds logs is read."""

    __slots__ = (
        "asked_for_records", "cancel", "detector", "errors", "fields", "how", "kind",
        "platform", "progress", "started", "threads", "together",
    )

    def __init__(
        self,
        detector: Detector,
        how: How,
        *,
        fields: Mapping[str, str] | None = None,
        kind: str | None = None,
        platform: str | None = None,
        threads: int | None = None,
        together: bool = False,
        progress: bool | None = None,
        errors: Errors = "warn",
        cancel: Cancellation | None = None,
    ) -> None:
        if errors not in ("warn", "raise", "ignore"):
            raise SettingError(f"errors is {errors!r}; it may be warn, raise or ignore")
        if not isinstance(cast("object", detector), Detector):
            raise SettingError(f"detector is {detector!r}; give a Detector")
        if cancel is not None and not callable(getattr(cancel, "is_set", None)):
            raise SettingError(f"cancel is {cancel!r}; give a threading.Event")
        if threads is not None:
            whole("threads", threads, 0)
        self.detector = detector
        self.how = how
        self.fields = fields
        self.kind = kind
        self.platform = platform
        self.threads = threads
        self.together = together
        self.progress = progress
        self.errors: Errors = errors
        self.cancel = cancel
        self.asked_for_records = False
        """Whether the caller said that text is a record, and no path."""
        self.started = time.monotonic()

    def check(self) -> None:
        """Ends the scan where whoever started it asks for that."""
        if self.cancel is not None and self.cancel.is_set():
            raise CancelledError("the scan was cancelled")

    def check_itself(self) -> None:
        """Refuses what is about records and tables, of a source that says
        itself what it holds."""
        for name in ("fields", "kind", "platform"):
            if getattr(self, name):
                raise SettingError(
                    f"{name} is for dictionaries and tables; the records of files and"
                    " bytes say themselves what they are",
                    name=name,
                )

    def ordered(self, inputs: list[Any]) -> list[Any]:
        """Files and bytes in the order in which they are read."""
        self.check_itself()
        # Bytes are one input.
        if self.together and len(inputs) > 1:
            return cast("list[Any]", in_order(inputs))
        return inputs

    def bar(self) -> Progress:
        """Shows progress, and ends the scan where that is asked for."""
        return Progress(self.progress, self.check)

    def read(self, source: Any) -> Matches:
        """Reads whatever holds logs."""
        inputs, rest = inputs_of(source)
        if inputs is not None:
            return self.inputs(inputs)
        if callable(getattr(source, "read", None)):
            return self.opened(source)
        return self.rows(table_of(rest))

    def inputs(self, inputs: list[Any]) -> Matches:
        """Reads files and bytes."""
        inputs = self.ordered(inputs)
        LOG.debug("scanning %d inputs with %r", len(inputs), self.detector)
        self.check()
        with self.bar() as shown:
            scanned = _t1053.scan_inputs(
                self.detector._program,
                inputs,
                self.how,
                self.threads or 0,
                self.together,
                shown.update,
            )
        return self._made(inputs, scanned)

    def opened(self, source: Any) -> Matches:
        """Reads an open file."""
        self.check_itself()
        self.check()
        read = source if self.cancel is None else _Checked(source, self)
        path = name_of(source)
        scanned = _t1053.scan_reader(self.detector._program, read, path, self.how)
        return self._made([path], scanned)

    def rows(self, source: _t1053.Table | Iterable[Any]) -> Matches:
        """Reads records, or a table of them."""
        scanner = Scanner(
            self.detector, fields=self.fields, kind=self.kind, platform=self.platform,
            keep=self.how[-1],
        )
        scanner._stream = _t1053.Stream(self.detector._program, None, self.how)
        parts: list[_t1053._Given] = []
        for given in self.batches(scanner, source):
            parts.append(given)
        matches = scanner._all(parts)
        self._log(matches)
        return matches

    def batches(
        self, scanner: Scanner, source: _t1053.Table | Iterable[Any]
    ) -> Iterator[_t1053._Given]:
        """What is found of records or a table, a batch at a time."""
        self.check()
        stream = scanner._stream
        if isinstance(source, _t1053.Table):
            rows = Rows(self.fields, self.kind, self.platform)
            rows.prepare(source)
            while (given := stream.table(source)) is not None:
                yield given
                self.check()
            rows.check(scanner.counts.read)
            return
        for items in scanner._rows.batches(source):
            yield stream.take(items)
            self.check()
        yield stream.finish()
        scanner._rows.check(scanner.counts.read)
        if self.asked_for_records:
            return
        check_lines(scanner._rows.first, scanner.counts, self.errors)

    def _made(self, inputs: list[Any], scanned: _t1053._Scanned) -> Matches:
        found, counts, rows, failed, _ = scanned
        failures = tuple(
            Failure(None if isinstance(inputs[at], bytes) else inputs[at], reason)
            for at, reason in failed
        )
        bad = tuple(bad_of(rows))
        matches = Matches(found, self.detector, Counts(**counts), bad, failures)
        self._log(matches)
        for failure in failures:
            failed_to_end(failure, self.errors)
        return matches

    def _log(self, matches: Matches) -> None:
        counts = matches.counts
        LOG.info(
            "scanned %d records (%d bytes) in %.3f s: %d matches, %d unreadable",
            counts.records, counts.bytes, time.monotonic() - self.started, len(matches),
            counts.unreadable,
        )


class _Checked:
    """An open file that ends the scan where that is asked for."""

    def __init__(self, source: Any, reading: Reading) -> None:
        self._source = source
        self._reading = reading

    def read(self, size: int = -1) -> Any:
        """The next bytes."""
        self._reading.check()
        return self._source.read(size)


def name_of(source: Any) -> str | None:
    """The name of an open file, if it has one."""
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


def failed_to_end(failure: Failure, errors: Errors) -> None:
    """Says that a source was not read to its end."""
    source = failure.source or "the source"
    complain(f"{source} cannot be read to its end: {failure.reason}", errors)


def check_lines(first: str | None, counts: Counts, errors: Errors) -> None:
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
        complain(text, errors)


def _outside() -> int:
    """How many calls up the first is that is not this package's."""
    level = 1
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        level, frame = level + 1, frame.f_back
    return level


def complain(text: str, errors: Errors) -> None:
    """Says that something could not be read, as the caller wants it said."""
    LOG.warning("%s", text)
    if errors == "raise":
        raise SourceError(text)
    if errors == "warn":
        warnings.warn(text, ReadWarning, stacklevel=_outside())


def inputs_of(source: Any) -> tuple[list[Any] | None, Any]:
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
        return list(files_of(source)), None
    if isinstance(source, PathLike):
        return list(files_of(cast("PathLike[str]", source))), None
    if isinstance(source, Mapping | Event):
        return None, [source]
    if hasattr(source, "read") or has_columns(source):
        return None, source
    try:
        items: Iterator[Any] = iter(source)
    except TypeError:
        raise SourceError(
            f"cannot scan {article(type(source).__name__)}; give a path, bytes, an open"
            " file, records, or a table"
        ) from None
    # The first, if there is one, says what all are.
    for first in items:
        items = chain([first], items)
        if isinstance(first, PathLike):
            return [file for it in items for file in files_of(_path(it))], None
        break
    return None, items


def _path(item: Any) -> PathLike[str]:
    """An item of a list that begins with a path. Text in it is refused, not
    guessed about: it may come from a log."""
    if isinstance(item, PathLike):
        return cast("PathLike[str]", item)
    raise SourceError(
        f"cannot scan {article(type(item).__name__)} in a list of paths; give paths as"
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


def files_of(path: str | PathLike[str]) -> Iterator[str]:
    """The files that a path means, directories walked in name order. What
    cannot be opened is among them, and becomes a failure."""
    name = os.fsdecode(path)
    if os.path.isdir(name):
        files, skipped = _t1053.walk(name)
        for line in skipped:
            warnings.warn(line, ReadWarning, stacklevel=_outside())
        yield from files
    elif os.path.exists(name):
        yield name
    elif glob.has_magic(name):
        found = _glob(name)
        if not found:
            raise SourceNotFoundError(f"no file matches {name}", name=name)
        yield from found
    else:
        shown = name if len(name) < 200 else name[:200] + "..."
        raise SourceNotFoundError(f"there is no file {shown or repr(name)}", name=name)


def has_columns(source: Any) -> bool:
    """Whether it is a table, as a series of records is not."""
    of = cast("type[object]", type(source))
    return hasattr(of, "columns") or hasattr(of, "schema")


def table_of(source: Any) -> _t1053.Table | Iterable[Any]:
    """A table of a source that is one, or its rows."""
    if not has_columns(source):
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
        f"cannot scan {article(type(source).__name__)}: it has columns, but does not"
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


def article(name: str) -> str:
    return f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
