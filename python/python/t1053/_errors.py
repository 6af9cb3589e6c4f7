"""What can go wrong."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

__all__ = [
    "CancelledError",
    "DetectorError",
    "Error",
    "FieldError",
    "InternalError",
    "ReadWarning",
    "SettingError",
    "SourceError",
    "SourceNotFoundError",
    "StateError",
]


class Error(Exception):
    """Any error of this package. The class says what kind of thing is wrong,
    `name` which one, and `nearest` what may have been meant.

    >>> import t1053
    >>> try:
    ...     t1053.Detector(enable=["short_lived_schedule_task"])
    ... except t1053.Error as error:
    ...     print(error)
    ...     wrong = error
    there is no detection `short_lived_schedule_task`; did you mean `short_lived_scheduled_task`?
    >>> wrong.name, wrong.nearest
    ('short_lived_schedule_task', ('short_lived_scheduled_task',))
    """

    name: str | None
    """What is wrong: the name of a detection, a field or a setting, or a path;
    `None` where there is no such thing."""
    nearest: tuple[str, ...]
    """The valid names that are nearest to a wrong one, the nearest first."""

    def __init__(self, message: str = "", *, name: str | None = None) -> None:
        super().__init__(message)
        # Errors that the compiled half finds are one text, in which names
        # stand between such quotes and what is near comes last.
        said, _, near = message.partition("; did you mean ")
        self.nearest = tuple(re.findall(r"`([^`]*)`", near))
        quoted = re.findall(r"`([^`]*)`", said)
        self.name = name if name is not None or not quoted else quoted[0]


class DetectorError(Error, ValueError):
    """A detector cannot be built: an unknown detection, selector or
    exclusion. The text names the nearest valid ones.

    >>> import t1053
    >>> t1053.Detector(enable="kind:TT")
    Traceback (most recent call last):
        ...
    t1053.DetectorError: selector `kind:TT`: `TT` is not valid, TTP, Anomaly, Hunting, Alert, Inventory are; did you mean `TTP`?
    """


class FieldError(Error, ValueError):
    """A field, kind of event or column that nothing is known of, or columns
    that cannot be mapped to fields. The text lists what was looked for.

    >>> import t1053
    >>> t1053.scan([{"colour": "red"}])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    t1053.FieldError: no event can be made of the fields colour; ...
    """


class SettingError(Error, ValueError):
    """A number that is out of range, or more memory than there is.

    >>> import t1053
    >>> t1053.scan(b"", sequence_depth=0)
    Traceback (most recent call last):
        ...
    t1053.SettingError: sequence_depth is 0; at least 1
    """

    def __init__(self, message: str = "", *, name: str | None = None) -> None:
        setting, is_, _ = message.partition(" is ")
        given = setting if is_ and setting.isidentifier() else None
        super().__init__(message, name=name or given)


class SourceError(Error, ValueError):
    """A source cannot be read, or is nothing that can be scanned.

    >>> import t1053
    >>> t1053.scan(42)
    Traceback (most recent call last):
        ...
    t1053.SourceError: cannot scan an int; give a path, bytes, an open file, records, or a table
    """


class SourceNotFoundError(SourceError, FileNotFoundError):
    """A path, or a pattern of paths, that means no file.

    >>> import t1053
    >>> t1053.scan("no-such.log")
    Traceback (most recent call last):
        ...
    t1053.SourceNotFoundError: there is no file no-such.log
    """

    def __init__(self, message: str = "", *, name: str | None = None) -> None:
        super().__init__(message, name=name)
        self.filename = name

    def __reduce__(self) -> tuple[Any, ...]:
        # `OSError` keeps the name where pickle does not look.
        return type(self), (str(self),), {**vars(self), "filename": self.name}

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class CancelledError(Error):
    """A scan ended because whoever started it asked for that; see `cancel` of
    `scan`.

    >>> import threading, t1053
    >>> stop = threading.Event()
    >>> stop.set()
    >>> t1053.scan([{"EventID": 200}], cancel=stop)
    Traceback (most recent call last):
        ...
    t1053.CancelledError: the scan was cancelled
    """


class StateError(Error, ValueError):
    """Saved state that cannot be restored: cut, changed, of a later version,
    or no state at all.

    >>> import t1053
    >>> t1053.Scanner().load(b"")
    Traceback (most recent call last):
        ...
    t1053.StateError: these bytes are no saved state
    """


class InternalError(Error, RuntimeError):
    """A defect in this package: what would have been a crash.

    >>> import t1053
    >>> issubclass(t1053.InternalError, t1053.Error)
    True
    """


class ReadWarning(UserWarning):
    """Part of a source could not be read; the rest was.

    `Matches.failures` lists the sources, `Matches.unreadable` the records.

    >>> import t1053
    >>> issubclass(t1053.ReadWarning, UserWarning)
    True
    """


# Tracebacks name them as callers do.
for _error in (
    Error,
    CancelledError,
    DetectorError,
    FieldError,
    SettingError,
    SourceError,
    SourceNotFoundError,
    StateError,
    InternalError,
    ReadWarning,
):
    _error.__module__ = "t1053"


def whole(name: str, given: object, least: int, most: int = (1 << 63) - 1) -> int:
    """A whole number in a range; a `SettingError` that names it where it is none.

    >>> from t1053._errors import whole
    >>> whole("limit", 5, 0)
    5
    """
    if not isinstance(given, int) or isinstance(given, bool):
        raise SettingError(f"{name} is {given!r}; give a whole number", name=name)
    if given < least:
        raise SettingError(f"{name} is {given}; at least {least}", name=name)
    if given > most:
        raise SettingError(f"{name} is {given}; at most {most}", name=name)
    return given


def needed(module: str, extra: str) -> Any:
    """A module of another package; an error that names the extra that brings
    it, where it is not installed.

    Raised as the `ImportError` that callers catch who do without."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(
            f"this needs {package}, which is not installed; to install it:"
            f" pip install 't1053[{extra}]'",
            name=package,
        ) from None
