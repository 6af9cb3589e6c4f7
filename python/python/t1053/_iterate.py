"""Matches as they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Unpack

from . import _t1053
from ._bad import NotUnderstood, Unreadable, add_bad, bad_of
from ._detector import Detector, Scanner
from ._matches import Counts, Failure, Match, Matches
from ._read import Reading, failed_to_end, inputs_of, name_of, table_of
from ._scan import ScanOptions, Source, known_options, reading_of

__all__ = ["MatchIterator", "scan_iter"]


class MatchIterator(Iterator[Match]):
    """The matches of a scan, one by one as they are found. Made by
    `scan_iter`.

    Whoever does not take all of them should `close` it, or use it as a
    context manager; what is not taken is not read, but for what was read
    ahead. For one thread at a time.

    >>> import t1053
    >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\\n'
    >>> with t1053.scan_iter(log * 3, enable="published") as matches:
    ...     first = next(matches)
    >>> first.record
    0
    """

    unreadable: list[Unreadable]
    """Records that could not be read, so far; the first 1,000."""
    not_understood: list[NotUnderstood]
    """Records of no shape that is known, so far; the first 16."""
    failures: list[Failure]
    """Sources that could not be read to their end, so far."""

    def __init__(
        self,
        detector: Detector,
        found: Callable[[MatchIterator], Iterator[_t1053.Found]],
        counts: Callable[[], Counts],
        close: Callable[[], object],
    ) -> None:
        """Made by `scan_iter`."""
        self.unreadable = []
        self.not_understood = []
        self.failures = []
        self._detector = detector
        self._counts = counts
        self._close = close
        self._found = found(self)
        self._current: Iterator[Match] = iter(())

    def __repr__(self) -> str:
        return f"<MatchIterator: {self.counts.records:,} records so far>"

    def __iter__(self) -> MatchIterator:
        return self

    def __next__(self) -> Match:
        while True:
            for match in self._current:
                return match
            self._current = iter(next(self.batches()))

    def batches(self) -> Iterator[Matches]:
        """The matches that are not taken yet, a few thousand at a time: for
        tables, of which each may be a part.

        >>> import t1053
        >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\\n'
        >>> matches = t1053.scan_iter(log * 3, enable="published")
        >>> sum(len(part.to_pandas()) for part in matches.batches())
        3
        """
        for found in self._found:
            yield Matches(found, self._detector, self.counts)

    @property
    def counts(self) -> Counts:
        """What was seen of the sources that were read to their end; of all,
        once all matches are taken."""
        return self._counts()

    def close(self) -> None:
        """Gives the rest of the scan up.

        >>> import t1053
        >>> matches = t1053.scan_iter(b"{}\\n")
        >>> matches.close()
        >>> list(matches)
        []
        """
        self._current = iter(())
        self._found = iter(())
        self._close()

    def __enter__(self) -> MatchIterator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _bad(self, rows: list[_t1053._Bad]) -> None:
        add_bad(bad_of(rows), self.unreadable, self.not_understood)


def scan_iter(source: Source, /, **options: Unpack[ScanOptions]) -> MatchIterator:
    """Finds the same as `scan` in the same sources, and gives each match when
    it is found: memory does not grow with the matches.

    Sources are read on several cores, a few of them ahead, as is one large file
    of lines, and matches come in the order of the sources. An iterable of records is read as far as
    matches are taken. The arguments are those of `scan`; what cannot be read
    is listed as it is met.

    >>> import t1053
    >>> log = b'{"EventID":200,"Channel":"Microsoft-Windows-TaskScheduler/Operational"}\\n'
    >>> matches = t1053.scan_iter(log * 3, enable="published")
    >>> [match.record for match in matches]
    [0, 1, 2]
    >>> matches.counts.records
    3
    """
    known_options(options, ScanOptions)
    reading = reading_of(**options)
    program, how = reading.detector._program, reading.how
    inputs, rest = inputs_of(source)
    if inputs is not None:
        inputs = reading.ordered(inputs)
        batches = _t1053.Batches(
            program, inputs, how, reading.threads or 0, reading.together
        )
        return _of_batches(reading, batches, inputs)
    if callable(getattr(source, "read", None)):
        reading.check_itself()
        path = name_of(source)
        batches = _t1053.Batches.of_reader(program, source, path, how)
        return _of_batches(reading, batches, [path])
    return _of_records(reading, table_of(rest))


def _of_batches(
    reading: Reading, batches: _t1053.Batches, inputs: list[Any]
) -> MatchIterator:
    def found(matches: MatchIterator) -> Iterator[_t1053.Found]:
        with reading.bar() as shown:
            while (batch := batches.next(shown.update)) is not None:
                reading.check()
                part, bad, ended = batch
                matches._bad(bad)
                if len(part):
                    yield part
                if ended is not None and ended[1] is not None:
                    source = inputs[ended[0]]
                    source = None if isinstance(source, bytes) else source
                    failure = Failure(source, ended[1])
                    matches.failures.append(failure)
                    failed_to_end(failure, reading.errors)

    return MatchIterator(
        reading.detector, found, lambda: Counts(**batches.counts()), batches.close
    )


def _of_records(
    reading: Reading, source: _t1053.Table | Iterable[Any]
) -> MatchIterator:
    scanner = Scanner(
        reading.detector, fields=reading.fields, kind=reading.kind,
        platform=reading.platform,
    )
    scanner._stream = _t1053.Stream(reading.detector._program, None, reading.how)

    def found(matches: MatchIterator) -> Iterator[_t1053.Found]:
        for part, bad in reading.batches(scanner, source):
            matches._bad(bad)
            if len(part):
                yield part

    return MatchIterator(
        scanner.detector, found, lambda: scanner.counts, lambda: None
    )
