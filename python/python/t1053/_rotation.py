"""The order in which a log was written to the files of its rotation."""

from __future__ import annotations

from collections.abc import Iterable

from . import _t1053


def in_order(paths: Iterable[str]) -> list[str]:
    """Files of one log from the oldest to the one that is being written;
    logs in the order in which the first of each is given.

    >>> in_order(["b.log", "a.log", "a.log.1", "a.log.10.gz", "a.log.2.gz"])
    ['b.log', 'a.log.10.gz', 'a.log.2.gz', 'a.log.1', 'a.log']
    """
    given = list(paths)
    return [given[index] for index in _t1053.in_order(given)]
