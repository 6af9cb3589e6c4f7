"""Event time: ticks of 100 nanoseconds in Rust, datetimes here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, overload

from ._errors import SettingError

Duration: TypeAlias = int | str | timedelta
"""Seconds, a text such as `90s`, `5m`, `2h` or `1d`, or a `timedelta`."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

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


def moment(name: str, given: datetime | str | None) -> datetime | None:
    """A time; a `SettingError` that names it where it is none.

    >>> from t1053._time import moment
    >>> moment("since", "2024-05-01")
    datetime.datetime(2024, 5, 1, 0, 0)
    """
    if given is None or isinstance(given, datetime):
        return given
    try:
        return datetime.fromisoformat(given)
    except (TypeError, ValueError):
        raise SettingError(
            f"{name} is {given!r}; give a datetime, or ISO 8601: '2024-05-01T10:00:00Z'",
            name=name,
        ) from None


def shown(time: datetime | None) -> str:
    """A time to the second, for tables."""
    return time.strftime("%Y-%m-%d %H:%M:%S") if time else "-"


def seconds(name: str, given: Duration) -> int:
    """A duration in whole seconds that Rust takes; a `SettingError` that names
    it where it is none.

    >>> from t1053._time import seconds
    >>> seconds("within", "5m"), seconds("within", 90)
    (300, 90)
    """
    number = given
    if isinstance(given, str):
        parts = re.fullmatch(r"(\d+)\s*([smhd])", given.strip().lower())
        if parts is None:
            raise SettingError(
                f"{name} is {given!r}; give seconds, or a number and s, m, h or d: '5m'",
                name=name,
            )
        number = int(parts[1]) * _UNITS[parts[2]]
    elif isinstance(given, timedelta):
        number = given.days * 86_400 + given.seconds
    if not isinstance(number, int) or not 0 < number < 1 << 32:
        raise SettingError(f"{name} is {given}, which is out of range", name=name)
    return number
