"""What started what, and what became of jobs, as trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._errors import FieldError
from ._html import SEVERITIES, printable, tree_html
from ._time import from_ticks, shown

if TYPE_CHECKING:
    from ._detections import Severity
    from ._jobs import FoundJob
    from ._matches import Matches

__all__ = ["Node", "Tree"]

NEEDED = ("Image", "CommandLine", "ParentImage")
"""Fields that a tree of processes is made of."""
RANKS = list(SEVERITIES)
UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True)
class Node:
    """A line of a tree.

    >>> import t1053
    >>> t1053.Node("cmd.exe", "", None, 1, ()).label
    'cmd.exe'
    """

    label: str
    """A host, a process or a job."""
    detail: str
    """What is known of it: when first, and what matches."""
    severity: Severity | None
    """That of the most severe detection; `None` where nothing matches."""
    count: int
    """How often it was seen."""
    children: tuple[Node, ...]
    """What stands below it."""


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """A tree that a notebook shows, and that is printed as text.

    >>> import t1053
    >>> leaf = t1053.Node("schtasks /run /tn Patch", "", "high", 3, ())
    >>> print(t1053.Tree((t1053.Node("WS-014", "", None, 1, (leaf,)),), "1 host"))
    WS-014
    └─ [high] schtasks /run /tn Patch (3 times)
    1 host
    """

    roots: tuple[Node, ...]
    """What stands at the left edge."""
    about: str
    """What is shown, and what is not."""

    def __str__(self) -> str:
        return "\n".join([*_lines(self.roots, ""), self.about])

    def __repr__(self) -> str:
        return f"<Tree: {self.about}>"

    def _repr_html_(self) -> str:
        return tree_html(self)


def _lines(nodes: tuple[Node, ...], indent: str, first: bool = True) -> Iterator[str]:
    for at, node in enumerate(nodes):
        is_last = at + 1 == len(nodes)
        branch = "" if first else ("└─ " if is_last else "├─ ")
        yield f"{indent}{branch}{_told(node)}"
        below = "" if first else ("   " if is_last else "│  ")
        yield from _lines(node.children, f"{indent}{below}", False)


def _told(node: Node) -> str:
    severity = f"[{node.severity}] " if node.severity else ""
    times = f" ({node.count:,} times)" if node.count > 1 else ""
    detail = f"  {printable(node.detail)}" if node.detail else ""
    return f"{severity}{printable(node.label)}{times}{detail}"


class _Growing:
    """A node that is being made."""

    __slots__ = ("below", "count", "first", "label", "slugs")

    def __init__(self, label: str) -> None:
        self.label = label
        self.count = 0
        self.first: int | None = None
        self.slugs: Counter[int] = Counter()
        self.below: dict[Any, _Growing] = {}

    def child(self, key: Any, label: str) -> _Growing:
        found = self.below.get(key)
        if found is None:
            found = self.below[key] = _Growing(label)
        return found

    def seen(self, ticks: int | None) -> None:
        self.count += 1
        if ticks is not None and (self.first is None or ticks < self.first):
            self.first = ticks

    def earliest(self) -> int:
        """When the first of it and all below happened."""
        own = [] if self.first is None else [self.first]
        return min(own + [it.earliest() for it in self.below.values()], default=1 << 63)


def processes(matches: Matches) -> Tree:
    """Processes that match below those that started them, by host."""
    found = matches._found
    kept = found.kept_columns()
    missing = [name for name in NEEDED if name not in kept]
    if missing:
        raise FieldError(
            f"a tree of processes needs {', '.join(missing)}; scan with"
            f" keep={[*NEEDED, 'ProcessId', 'ParentProcessId']}",
            name=missing[0],
        )
    columns = found.columns(["path", "record", "item", "host", "detection", "ticks"])
    nothing: list[str | None] = [None] * len(matches)
    own_ids = kept.get("ProcessId", nothing)
    parent_ids = kept.get("ParentProcessId", nothing)
    hosts: dict[str, _Growing] = {}
    # By host and number the process that had it last, and the program it ran.
    running: dict[tuple[str, str], tuple[str, _Growing]] = {}
    at_event: dict[tuple[Any, ...], _Growing] = {}
    others = 0
    # A parent comes before its children, also where files were read together.
    order = sorted(range(len(matches)), key=lambda at: columns["ticks"][at] or 0)
    for at in order:
        if kept["event"][at] != "process_creation":
            others += 1
            continue
        event = columns["path"][at], columns["record"][at], columns["item"][at]
        node = at_event.get(event)
        if node is None:
            host = columns["host"][at] or UNKNOWN
            parent = kept["ParentImage"][at] or UNKNOWN
            above = hosts.setdefault(host, _Growing(host))
            number = parent_ids[at]
            known = running.get((host, number)) if number else None
            if known is not None and _name(known[0]) == _name(parent):
                above = known[1]
            else:
                label = f"{parent} ({number})" if number else parent
                above = above.child((parent.lower(), number), label)
            image = kept["Image"][at] or UNKNOWN
            line = kept["CommandLine"][at] or image
            node = at_event[event] = above.child((image.lower(), line), line)
            node.seen(columns["ticks"][at])
            if own_ids[at]:
                running[host, own_ids[at] or ""] = image, node
        node.slugs[columns["detection"][at]] += 1
    roots = _made(hosts.values(), matches)
    about = f"{_count(len(at_event), 'process', 'processes')} on {_count(len(roots), 'host')}"
    if others:
        about += f"; {_count(others, 'match', 'matches')} of other events not shown"
    return Tree(roots, about)


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].lower()


def _count(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _made(nodes: Iterable[_Growing], matches: Matches) -> tuple[Node, ...]:
    """Nodes with what is below them, the earliest first."""
    made: list[Node] = []
    for it in sorted(nodes, key=lambda it: (it.earliest(), it.label)):
        known = [matches._detections[at] for at in it.slugs]
        known.sort(key=lambda of: RANKS.index(of.severity))
        when = shown(from_ticks(it.first)) if it.first is not None else ""
        detail = ", ".join(of.slug for of in known[:2])
        if len(known) > 2:
            detail += f" and {len(known) - 2} more"
        made.append(
            Node(
                label=it.label,
                detail=" ".join(part for part in (when, detail) if part),
                severity=known[0].severity if known else None,
                count=it.count,
                children=_made(it.below.values(), matches),
            )
        )
    return tuple(made)


def of_jobs(rows: Iterable[FoundJob]) -> Tree:
    """What became of each job, by host and scheduler."""
    hosts: dict[str, dict[tuple[str, str], list[FoundJob]]] = {}
    for row in rows:
        key = row.job.scheduler or UNKNOWN, row.job.name or row.job.file or UNKNOWN
        hosts.setdefault(row.host or UNKNOWN, {}).setdefault(key, []).append(row)
    roots: list[Node] = []
    jobs = 0
    for host, found in hosts.items():
        by_scheduler: dict[str, list[Node]] = {}
        for (scheduler, name), told in found.items():
            jobs += 1
            by_scheduler.setdefault(scheduler, []).append(
                Node(name, "", None, 1, tuple(_acts(told)))
            )
        below = tuple(
            Node(scheduler, "", None, 1, tuple(nodes))
            for scheduler, nodes in sorted(by_scheduler.items())
        )
        roots.append(Node(host, "", None, 1, below))
    about = f"{_count(jobs, 'job')} on {_count(len(roots), 'host')}"
    return Tree(tuple(roots), about)


def _acts(rows: list[FoundJob]) -> Iterator[Node]:
    """What was done to a job, in order of time, the same at once as one."""
    rows = sorted(rows, key=lambda row: row.time.timestamp() if row.time else 0.0)
    acts: dict[tuple[Any, ...], list[FoundJob]] = {}
    for row in rows:
        job = row.job
        command = " ".join(it for it in (job.command, job.arguments) if it)
        acts.setdefault((job.activity, job.interface, command, job.user), []).append(row)
    for (activity, interface, command, user), same in acts.items():
        label = f"{activity or UNKNOWN} by {interface or UNKNOWN}"
        if command:
            label += f": {command}"
        if user:
            label += f" as {user}"
        first = next((row.time for row in same if row.time is not None), None)
        yield Node(label, shown(first) if first else "", None, len(same), ())
