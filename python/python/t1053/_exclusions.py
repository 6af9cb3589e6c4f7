"""What would silence a match, and what else that would silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from ._matches import Match, Matches

__all__ = ["Suggestion", "suggestions"]

PATHS = frozenset(
    "Image ParentImage TargetFilename SourceFilename ImageLoaded JobCommand JobFile".split()
)
"""Fields whose last component may be all that an exclusion asks for."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An exclusion that would silence a match; see `Matches.suggest_exclusions`.

    >>> import t1053
    >>> event = t1053.ProcessCreation(
    ...     image="schtasks.exe", command_line="schtasks /run /tn Patch", host="WS-014"
    ... )
    >>> matches = t1053.scan([event], enable="schtasks_run_task_on_demand")
    >>> [suggestion] = matches.suggest_exclusions(matches[0])
    >>> suggestion.exclusion
    ('schtasks_run_task_on_demand', 'Computer', 'WS-014')
    >>> len(t1053.scan([event], exclude=[suggestion.exclusion], enable=suggestion.exclusion[0]))
    0
    """

    exclusion: tuple[str, str, str]
    """The detection, the field with the way to compare, and the value: as
    `Detector(exclude=[..])` takes it."""
    silences: Matches
    """The matches, of those that were looked at, that it would silence."""
    of: int
    """How many matches of the detection there are in all."""

    def __str__(self) -> str:
        slug, field, value = self.exclusion
        return f"{field} = {value}: silences {len(self.silences):,} of {self.of:,} of {slug}"

    def to_config(self, name: str) -> str:
        """The exclusion as an item of `exclusions` in a configuration, in
        YAML, to be kept in version control.

        >>> import t1053
        >>> events = [t1053.TaskScheduler(event_id="200", host="WS-014")]
        >>> matches = t1053.scan(events, enable="task_ran")
        >>> text = matches.suggest_exclusions(matches[0])[0].to_config("the lab")
        >>> print(text, end="")
          - name: 'the lab'
            of: [task_ran]
            when: {Computer: 'WS-014'}
        >>> len(t1053.scan(events, enable="task_ran", config="exclusions:\\n" + text))
        0
        """
        slug, field, value = self.exclusion
        return (
            f"  - name: {_quoted(name)}\n"
            f"    of: [{slug}]\n"
            f"    when: {{{field}: {_quoted(value)}}}\n"
        )


def _quoted(text: str) -> str:
    """Text as YAML has it between single quotes; what these cannot hold,
    between double ones."""
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    escaped = "".join(
        it if it.isprintable() and it not in '"\\' else _escape(it) for it in text
    )
    return f'"{escaped}"'


def _escape(character: str) -> str:
    code = ord(character)
    if character in '"\\':
        return "\\" + character
    return f"\\x{code:02x}" if code < 0x100 else f"\\U{code:08x}"


def suggestions(matches: Matches, match: Match) -> tuple[Suggestion, ...]:
    """Exclusions that would silence a match, those that silence least first."""
    same = [
        at
        for at, detection in enumerate(matches._found.columns(["detection"])["detection"])
        if matches._detections[cast("int", detection)].slug == match.slug
    ]
    made: list[Suggestion] = []
    for field, wanted, values, read in _candidates(matches, match):
        silenced = [at for at in same if (it := values[at]) is not None and read(it) == wanted]
        exclusion = (match.slug, field, _shown(field, match, wanted))
        made.append(Suggestion(exclusion, matches._pick(silenced), len(same)))
    made.sort(key=lambda it: len(it.silences))
    return tuple(made)


def _candidates(
    matches: Matches, match: Match
) -> Iterator[tuple[str, str, list[str | None], Callable[[str], str]]]:
    """Of each exclusion the field with the way to compare, what is compared,
    the values of all matches, and how these are read."""
    columns = matches._found.columns(["host", "user"])
    kept = {
        field: matches._found.kept_values(field) or [] for field in match.fields
    }
    kept |= {"Computer": columns["host"], "User": columns["user"]}
    given = {**match.fields, "Computer": match.host, "User": match.user}
    for field, value in given.items():
        # What is no text would be compared with another value.
        if not value or "\ufffd" in value:
            continue
        yield field, _folded(value), kept[field], _folded
        if field in PATHS and _name(value) not in ("", _folded(value)):
            yield f"{field}|name", _name(value), kept[field], _name


def _shown(field: str, match: Match, wanted: str) -> str:
    """The value as the event has it."""
    name, _, way = field.partition("|")
    value = {**match.fields, "Computer": match.host, "User": match.user}[name] or ""
    return value[-len(wanted) :] if way else value


def _folded(value: str) -> str:
    return value.lower()


def _name(value: str) -> str:
    """The last component of a path."""
    return _folded(value).replace("\\", "/").rpartition("/")[2]
