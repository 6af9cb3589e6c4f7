"""The command line: `python -m t1053`."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from . import _t1053
from ._detections import Detections
from ._detections import detections as builtin
from ._detector import Detector
from ._errors import Error, SourceNotFoundError
from ._explain import explain_detection
from ._html import printable
from ._matches import Counts, Matches
from ._navigator import navigator_layer
from ._scan import _files, scan
from ._time import shown

SELECTOR = (
    "SEL is one or more, separated by commas: a detection's name, all, kind:TTP,"
    " technique:T1053.005, platform:windows, pack:scheduled-tasks or risk:50."
)
MOST_UNREADABLE = 10
KINDS = {"TTP": "red", "Alert": "magenta", "Anomaly": "yellow", "Hunting": "cyan"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; the exit status is 0, also with matches, or 2 when
    arguments or files are unusable.

    >>> from t1053.__main__ import main
    >>> main(["explain", "no_such_thing"])
    2
    """
    given = _parser().parse_args(arguments)
    try:
        return given.run(given)
    except Error as error:
        print(f"t1053: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read the output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="t1053",
        description="Finds scheduled-task abuse (MITRE ATT&CK T1053) in logs.",
    )
    parser.add_argument(
        "--version", action="version", version=f"t1053 {_t1053.__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=about, description=about[0].upper() + about[1:] + ".",
            epilog=SELECTOR,
        )
        sub.set_defaults(run=run)
        sub.add_argument(
            "--enable", metavar="SEL", action="append", default=[],
            help="only these detections; may be given several times",
        )
        sub.add_argument(
            "--disable", metavar="SEL", action="append", default=[],
            help="not these detections; may be given several times",
        )
        return sub

    def paths(sub: argparse.ArgumentParser, count: str) -> None:
        sub.add_argument(
            "paths", metavar="PATH", nargs=count,
            help="a file, a directory (all files below it), a pattern, or - for"
            " standard input; files may be compressed with gzip or zstd, or be"
            " Windows event log files",
        )
        sub.add_argument(
            "--format", default="auto", choices=_t1053.formats(),
            help="of the records; each tells its own by default",
        )
        sub.add_argument(
            "--exclude", metavar=("DETECTION", "FIELD|HOW", "PATTERN"), nargs=3,
            action="append", default=[],
            help="silence a detection where a field compares like this:"
            r" schtasks_run_task_on_demand 'ParentImage|endswith' '\agent.exe'",
        )
        sub.add_argument(
            "--threads", type=int, metavar="N", help="the most cores to use"
        )

    sub = command("scan", _scan, "scans logs")
    paths(sub, "+")
    sub.add_argument(
        "--output", choices=["table", "ndjson"],
        help="what to print; a table on a terminal, else NDJSON",
    )
    sub = command("detections", _detections, "lists detections")
    sub.add_argument(
        "--output", choices=["table", "ndjson"],
        help="what to print; a table on a terminal, else NDJSON",
    )
    sub = command(
        "explain", _explain, "tells all about detections, or about the matches in logs"
    )
    sub.add_argument("what", metavar="DETECTION|PATH", nargs="+")
    sub = command(
        "navigator", _navigator,
        "prints an ATT&CK Navigator layer of detections, or of the matches in logs",
    )
    paths(sub, "*")
    return parser


def _selected(given: argparse.Namespace) -> Detector:
    def split(lists: Iterable[str]) -> list[str]:
        return [it for one in lists for it in one.split(",")]

    return Detector(
        enable=split(given.enable),
        disable=split(given.disable),
        exclude=[tuple(it) for it in getattr(given, "exclude", [])],
    )


def _scanned(given: argparse.Namespace, paths: list[str]) -> tuple[list[Matches], bool]:
    """The matches in paths, standard input in its place among them."""
    detector = _selected(given)
    all_read = True
    groups: list[list[str]] = []
    for path in paths:
        if path == "-":
            groups += [["-"], []]
            continue
        try:
            found = list(_files(path))
        except (SourceNotFoundError, OSError) as error:
            print(f"t1053: {error}", file=sys.stderr)
            all_read = False
            continue
        if not groups or groups[-1] == ["-"]:
            groups.append([])
        groups[-1] += found
    matches: list[Matches] = []
    for group in filter(None, groups):
        source: Any = _Standard() if group == ["-"] else [Path(it) for it in group]
        matches.append(
            scan(
                source,
                detector=detector,
                format=given.format,
                threads=given.threads,
                errors="ignore",
            )
        )
        for it in matches[-1].failures:
            print(f"t1053: {it.source}: {it.reason}", file=sys.stderr)
            all_read = False
    return matches, all_read


class _Standard:
    """Standard input, under the name that it has on command lines."""

    name = "-"

    def read(self, size: int) -> bytes:
        return os.read(sys.stdin.fileno(), size)


def _is_table(given: argparse.Namespace) -> bool:
    return (given.output or ("table" if sys.stdout.isatty() else "ndjson")) == "table"


def _scan(given: argparse.Namespace) -> int:
    matches, all_read = _scanned(given, given.paths)
    counts = Counts()
    for it in matches:
        counts += it.counts
    if _is_table(given):
        _print_summary(matches, counts)
    else:
        sys.stdout.flush()
        for it in matches:
            it.to_ndjson(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    bad = [it for part in matches for it in part.unreadable]
    for one in bad[:MOST_UNREADABLE]:
        print(
            f"unreadable: {printable(one.path or '')}: record {one.record}"
            f" (byte {one.offset}): {one.reason}",
            file=sys.stderr,
        )
    if (more := counts.unreadable - min(len(bad), MOST_UNREADABLE)) > 0:
        print(f"unreadable: and {more} more", file=sys.stderr)
    return 0 if all_read else 2


def _print_summary(matches: list[Matches], counts: Counts) -> None:
    rows = [
        (
            it.detection.slug,
            it.detection.kind,
            it.detection.risk_score,
            it.count,
            shown(it.first),
            shown(it.last),
            _hosts(it.hosts),
            printable(it.examples[0].message),
        )
        for part in matches
        for it in part.summary(1)
    ]
    head = "Detection,Kind,Risk,Count,First seen,Last seen,Hosts,Example".split(",")
    if rows:
        _print_table(head, rows)
    print(
        f"{counts.matches:,} matches in {counts.records:,} records"
        f" ({counts.read:,} read, {counts.filtered:,} filtered out unread,"
        f" {counts.uninteresting:,} of no interest, {counts.unreadable:,} unreadable)"
    )
    if counts.events:
        print("events: " + ", ".join(f"{n:,} {it}" for it, n in counts.events.items()))
    if counts.forgotten + counts.untimed:
        print(
            f"sequences: {counts.forgotten:,} events forgotten for want of room,"
            f" {counts.untimed:,} without a time"
        )


def _hosts(hosts: tuple[str, ...]) -> str:
    names = [printable(it) for it in hosts[:3]]
    if len(hosts) > 3:
        names.append(f"and {len(hosts) - 3} more")
    return "\n".join(names)


def _detections(given: argparse.Namespace) -> int:
    detections = _selected(given).detections
    if _is_table(given):
        rows = [
            (
                it.slug,
                it.kind,
                it.risk_score,
                it.platform,
                ", ".join(it.techniques),
                it.title,
            )
            for it in detections
        ]
        head = "Detection,Kind,Risk,Platform,Techniques,Title".split(",")
        _print_table(head, rows)
        print(f"{len(detections)} detections")
        return 0
    columns = detections._columns()
    for row in zip(*columns.values(), strict=True):
        print(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
    return 0


def _explain(given: argparse.Namespace) -> int:
    given.format, given.threads = "auto", None
    known: Detections = builtin()
    status = 0
    for index, what in enumerate(cast("list[str]", given.what)):
        if index:
            print()
        if what in known:
            print(explain_detection(known[what]))
        elif what == "-" or os.path.exists(what):
            parts, all_read = _scanned(given, [what])
            texts = [it.explain() for part in parts for it in part]
            print("\n\n".join(texts) or "no match")
            status = status if all_read else 2
        else:
            # Names the nearest, or says that there is none.
            Detector(enable=[what])
    return status


def _navigator(given: argparse.Namespace) -> int:
    if not given.paths:
        layer = navigator_layer(_selected(given).detections)
        all_read = True
    else:
        parts, all_read = _scanned(given, given.paths)
        layer = navigator_layer(_joined(parts, _selected(given)))
    print(json.dumps(layer, indent=2, ensure_ascii=False))
    return 0 if all_read else 2


def _joined(parts: list[Matches], detector: Detector) -> Matches:
    nothing = scan([], detector=detector)
    found = _t1053.Found.concat([it._found for it in parts], nothing._found)
    return Matches(found, detector.detections, nothing.counts)


def _print_table(head: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    texts = [["-" if it is None else str(it) for it in row] for row in rows]
    right = {"Risk", "Count"}
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError:
        _print_plain(head, texts, right)
        return
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(box=box.SIMPLE_HEAD)
    for name in head:
        table.add_column(
            name,
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=name in ("Detection", "First seen", "Last seen"),
        )
    for row in texts:
        cells = [Text(it) for it in row]
        cells[0].stylize("bold")
        if head[1] == "Kind":
            cells[1].stylize(KINDS.get(row[1], ""))
        table.add_row(*cells)
    console.print(table)


def _print_plain(head: Sequence[str], rows: list[list[str]], right: set[str]) -> None:
    flat = [[it.replace("\n", ", ") for it in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *flat, strict=True)]
    for row in [head, *flat]:
        cells = [
            it.rjust(width) if name in right else it.ljust(width)
            for name, it, width in zip(head, row, widths, strict=True)
        ]
        print("  ".join(cells).rstrip())


if __name__ == "__main__":
    sys.exit(main())
