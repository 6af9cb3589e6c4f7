"""The order in which a log was written to the files of its rotation."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

PACKED = re.compile(r"\.(gz|zst|zstd|bz2|xz|lz4)$", re.IGNORECASE)

ARCHIVE = re.compile(r"Archive-(?P<log>.+?)-(?P<date>\d{4}-\d\d-\d\d.*?)(?P<end>\.evtx)$")
"""What Windows calls an event log that was full: the log, and when it was."""

DATED = re.compile(
    r"(?P<log>.*?)[-._](?P<date>(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\3"
    r"(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d).*?)(?P<end>(?:\.[A-Za-z]+)?)$"
)
"""A log's name with a date, and with a time or a number of the same day:
`x.log-20240501`, `x-2024-05-01-2.ndjson`."""

SECONDS = re.compile(r"(?P<log>.*?)[-._](?P<date>\d{10})(?P<end>(?:\.[A-Za-z]+)?)$")
"""With seconds since 1970."""

COUNTED = re.compile(r"(?P<log>.*?)\.(?P<count>\d{1,6})(?P<end>(?:\.[A-Za-z]+)?)$")
"""With a number that rises each time: the highest is the oldest."""

Age = tuple[int, list[int], str]
"""What sorts the files of one log, the oldest first."""


def in_order(paths: Iterable[str]) -> list[str]:
    """Files of one log from the oldest to the one that is being written;
    logs in the order in which the first of each is given.

    >>> in_order(["b.log", "a.log", "a.log.1", "a.log.10.gz", "a.log.2.gz"])
    ['b.log', 'a.log.10.gz', 'a.log.2.gz', 'a.log.1', 'a.log']
    """
    logs: dict[tuple[str, str], list[tuple[Age, str]]] = {}
    for path in paths:
        log, age = _place(path)
        logs.setdefault(log, []).append((age, path))
    return [path for files in logs.values() for _, path in sorted(files)]


def _place(path: str) -> tuple[tuple[str, str], Age]:
    """The log that a file belongs to, and the file's age."""
    directory, name = os.path.split(path)
    name = PACKED.sub("", name)
    for pattern in (ARCHIVE, DATED, SECONDS):
        if found := pattern.fullmatch(name):
            # Compared by the numbers in it: `-10` comes after `-9`.
            date = found["date"]
            numbers = [int(it) for it in re.findall(r"\d+", date)]
            return (directory, found["log"] + found["end"]), (1, numbers, date)
    if found := COUNTED.fullmatch(name):
        log = found["log"] + found["end"]
        return (directory, log), (0, [-int(found["count"])], "")
    # The one that is being written.
    return (directory, name), (2, [], "")
