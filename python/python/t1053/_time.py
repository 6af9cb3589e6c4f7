"""Event time: ticks of 100 nanoseconds in Rust, datetimes here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import overload

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def from_ticks(ticks: int | None) -> datetime | None:
    """The time of ticks since 1970, to the microsecond.

    None for the year 0, which logs may claim and datetime does not have.
    """
    if ticks is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None


@overload
def to_ticks(time: datetime) -> int: ...
@overload
def to_ticks(time: None) -> None: ...
def to_ticks(time: datetime | None) -> int | None:
    """Ticks since 1970; a time without a zone is taken as UTC."""
    if time is None:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    since = time - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 10


def shown(time: datetime | None) -> str:
    """A time to the second, for tables."""
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else "-"
