"""Writes the package's typed event classes from those of the Rust library.

    python tools/events.py            prints them
    python tools/events.py --write    puts them into the package
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent / "core" / "src" / "event.rs"
TARGET = HERE.parent / "python" / "t1053" / "_events.py"

PLATFORMS = {"audit": "linux", "cloud": "azure"}

HEAD = '''"""Typed events. Written by tools/events.py from core/src/event.rs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar, Literal

from . import _t1053
from ._time import to_ticks

__all__ = [
{names}
]

Value = str | bytes | None
"""A field's value; None where the record has none."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Event:
    """What happened on an endpoint. Its subclasses are the kinds of event.

    A value is text, or bytes where it may not be UTF-8; None where it is
    absent. An absent field matches nothing.

    >>> import t1053
    >>> event = t1053.ProcessCreation(image="crontab", platform="linux")
    >>> event
    ProcessCreation(platform='linux', image='crontab')
    >>> event == t1053.ProcessCreation(image="crontab", platform="linux")
    True
    """

    kind: ClassVar[str] = ""
    """The kind of event."""

    platform: Literal["windows", "linux", "azure"] = "windows"
    """Where it was recorded."""
    time: datetime | str | None = None
    """When it happened; without a zone, in UTC."""
    event_id: Value = None
    """Id of the event in its log: `1`, `4698`."""
    channel: Value = None
    """Name of the log."""
    host: Value = None
    """Host that recorded it."""
    user: Value = None
    """Account that it is about, with its domain where given."""
    user_sid: Value = None
    """Security identifier of that account."""

    def __repr__(self) -> str:
        given = {{it.name: getattr(self, it.name) for it in fields(self)}}
        shown = ", ".join(f"{{k}}={{v!r}}" for k, v in given.items() if v is not None)
        return f"{{type(self).__name__}}({{shown}})"

    def _ticks(self) -> int | None:
        if isinstance(self.time, str):
            return _t1053.parse_time(self.time)
        return to_ticks(self.time)
'''

CLASS = '''

@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class {name}(Event):
    """{doc}

    >>> import t1053
    >>> t1053.{name}({field}="x").kind
    '{kind}'
    """

    kind: ClassVar[str] = "{kind}"
{platform}{members}'''

FOOT = '''

EVENTS: dict[str, type[Event]] = {{
{entries}
}}
"""The class of each kind."""
'''


def doc(lines: str, width: str = "    ") -> str:
    texts = re.findall(r"///(.*)", lines)
    return f"\n{width}".join(it.strip() for it in texts)


def generate() -> str:
    text = SOURCE.read_text()
    block = text[text.index("\nevents! {") :]
    block = block[: block.index("\n}\n")]
    kind = re.compile(
        r"((?:    ///.*\n)+)    (\w+) = \"(\w+)\" \{\n((?:.*\n)*?)    \}"
    )
    member = re.compile(r"((?: +///.*\n)+) +(\w+): (\w+),")
    names: list[str] = []
    entries: list[str] = []
    classes: list[str] = []
    for lines, name, of, body in kind.findall(block):
        members = member.findall(body)
        platform = PLATFORMS.get(of.partition("_")[0])
        classes.append(
            CLASS.format(
                name=name,
                kind=of,
                doc=doc(lines),
                field=members[0][1],
                platform=f'    platform: Literal["windows", "linux", "azure"] = "{platform}"\n'
                if platform
                else "",
                members="".join(
                    f'    {attribute}: Value = None\n    """{doc(about)}"""\n'
                    for about, attribute, _ in members
                ),
            )
        )
        names.append(name)
        entries.append(f'    "{of}": {name},')
    exported = sorted(["Event", *names])
    head = HEAD.format(names="\n".join(f'    "{it}",' for it in exported))
    return head + "".join(classes) + FOOT.format(entries="\n".join(entries))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        TARGET.write_text(generate())
    else:
        sys.stdout.write(generate())
