"""Which matches are meant, by names and patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeAlias, TypeVar, cast

from ._detections import Detection
from ._errors import DetectorError, SettingError

__all__ = ["Chosen", "Like", "Names", "Patterns"]


class Like(str):
    """A pattern of names, or the name of a rule of your own, where type
    checkers know the names that there are: `*` stands for any text, `?` for a
    character, and what begins with `!` must not hold.

    >>> import t1053
    >>> len(t1053.scan(b"").filter(detection=t1053.Like("job_*")))
    0
    """

    __slots__ = ()


Name = TypeVar("Name")

Chosen: TypeAlias = Name | Like | Iterable[Name | Like]
"""A name, a pattern, or several of them."""

Patterns = str | Iterable[str]
"""A pattern, or several of which one has to hold: `*` stands for any text and
`?` for a character, case is ignored, and what `!` begins must not hold."""


class Names:
    """Names that are meant, by patterns.

    >>> from t1053._filter import Names
    >>> meant = Names("host", ["web-*", "!web-9"])
    >>> [name for name in ("WEB-1", "web-9", "db", None) if meant.holds([name])]
    ['WEB-1']
    >>> Names("host", "!web-*").holds([None])
    True
    """

    __slots__ = ("_of", "_others", "_what", "patterns")

    def __init__(self, what: str, given: object | None) -> None:
        several = (
            cast("Iterable[object]", given)
            if isinstance(given, Iterable) and not isinstance(given, str)
            else [] if given is None else [given]
        )
        listed = [_text(what, it) for it in several]
        self._what = what
        self.patterns = [it.removeprefix("!") for it in listed]
        """The patterns, those that must not hold too."""
        self._of = [_expression(it) for it in listed if not it.startswith("!")]
        self._others = [_expression(it[1:]) for it in listed if it.startswith("!")]
        if given is not None and not listed:
            # None of no names is meant.
            self._of = [re.compile(r"(?!)")]

    def holds(self, names: Iterable[str | None]) -> bool:
        """Whether something that has these names is meant."""
        there = [name for name in names if name is not None]

        def is_any(of: list[re.Pattern[str]]) -> bool:
            return any(one.fullmatch(name) for one in of for name in there)

        return (not self._of or is_any(self._of)) and not is_any(self._others)

    def known(self, names: Iterable[str]) -> Names:
        """The same, or a `DetectorError` where a pattern holds of none of the
        names that there are."""
        every = sorted(set(names))
        for pattern in self.patterns:
            expression = _expression(pattern)
            if not any(expression.fullmatch(name) for name in every):
                near = get_close_matches(pattern, every, 1) or get_close_matches(
                    pattern.lower(), [name.lower() for name in every], 1
                )
                hint = "".join(f"; did you mean `{name}`?" for name in near)
                raise DetectorError(f"there is no {self._what} `{pattern}`{hint}")
        return self


def _text(what: str, given: object) -> str:
    """A pattern; a detection stands for its name."""
    if isinstance(given, str | Detection):
        return str(given)
    raise SettingError(f"{what} is {given!r}; give text, or a list of texts", name=what)


def _expression(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    text = "".join(parts.get(it) or re.escape(it) for it in pattern)
    return re.compile(text, re.IGNORECASE | re.DOTALL)
