"""The command line: `python -m t1053`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from . import _t1053
from ._detections import Detections, Severity
from ._detections import detections as builtin
from ._detector import RECORD_LIMIT, Canonical, Detector, settings
from ._errors import DetectorError, Error, SourceError, SourceNotFoundError
from ._explain import explain_detection
from ._matches import Counts, Matches
from ._navigator import layer_of_matches, navigator_layer
from ._progress import Progress
from ._rotation import in_order
from ._rules import compiled
from ._read import files_of

SELECTOR = """\
SEL is one or more, separated by commas: all, published (the detections of
others), behaviours (ours), a detection's name, kind:TTP, technique:T1053.005,
platform:windows, pack:scheduled-tasks or risk:50."""
FORMATS = """\
formats:
  auto         told apart record by record; also Snare, CEF, LEEF and other
               lines of Windows events, and CSV or TSV with a header
  json         a JSON object a record, also printed over several lines or in
               an array: NXLog, Winlogbeat and ECS, evtx_dump, Wazuh, Sentinel,
               OCSF, Laurel, auditbeat, Azure activity; also behind syslog
  xml          Windows event XML, and that of Sysmon for Linux
  wineventlog  event text: LogName= and EventCode= as Splunk has it, wevtutil,
               the Event Viewer, Format-List
  auditd       audit.log: raw, enriched or interpreted; also behind syslog
  Windows event log files (.evtx) are told by themselves.
"""
STATUS = """\
exit status:
  0    all was read, with or without matches
  1    in an input, nothing can be read: it is no log of these formats
  2    arguments are wrong, an input cannot be opened or read to its end, or
       the output cannot be written
  141  whoever read the output did not want all of it
"""
DEFAULT_WIDTH = 120
"""Columns of a table where neither a terminal nor `COLUMNS` says."""
PIECE = 1 << 16
"""Bytes written at once."""
SEVERITIES: tuple[Severity, ...] = (
    "informational", "low", "medium", "high", "critical"
)
USUAL: Severity = "medium"
"""The least severity in a table where the user does not say."""
GROUP = 300
"""Seconds within which identical findings are one."""
RISK, DAY = 100, 86_400
"""Points of risk that are told, and the seconds in which they add up."""
UNUSABLE = 2
BROKEN_PIPE = 128 + 13
"""What a shell tells of a program that SIGPIPE has ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; the exit status is 0, also with matches, 1 when an
    input holds nothing that can be read, or 2 when arguments, files or the
    output are unusable.

    >>> from t1053.__main__ import main
    >>> main(["explain", "no_such_thing"])
    2
    """
    # There is none where the shell has closed it.
    output: Any = sys.stdout
    try:
        if output is None:
            raise OSError("standard output is closed")
        if hasattr(output, "reconfigure"):
            # What its encoding cannot write is written as an escape.
            output.reconfigure(errors="backslashreplace")
        try:
            given = _parser().parse_args(arguments)
            return given.run(given)
        finally:
            # Here, and not when Python ends, an error can be told.
            output.flush()
    except Error as error:
        _tell(str(error))
        return UNUSABLE
    except BrokenPipeError:
        _tell("the output was closed before all was written")
        _forget_output()
        return BROKEN_PIPE
    except OSError as error:
        _tell(f"cannot write the output: {error}")
        _forget_output()
        return UNUSABLE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _tell(text: str) -> None:
    """Writes a line to standard error, if there is one."""
    try:
        print(f"t1053: {text}", file=sys.stderr, flush=True)
    except (OSError, AttributeError):
        pass


def _forget_output() -> None:
    """What is left in the buffer goes nowhere: Python writes it when it
    ends, and would tell of the same error again."""
    output: Any = sys.stdout
    if output is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="t1053",
        description="Finds scheduled-task abuse (MITRE ATT&CK T1053) in logs.",
    )
    parser.add_argument(
        "--version", action="version", version=f"t1053 {_t1053.__version__}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Any, about: str, *details: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name, help=about, description=about[0].upper() + about[1:] + ".",
            epilog="\n".join([SELECTOR, "", *details]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
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
        sub.add_argument(
            "--rules", metavar="PATH", action="append", default=[],
            help="these rules too: a Sigma file, a pack, or all .yml, .yaml and .t1053"
            " files below a folder; may be given several times",
        )
        sub.add_argument(
            "--strict", action="store_true",
            help="a rule that cannot be loaded ends the run",
        )
        sub.add_argument(
            "--no-builtin", action="store_true", help="not the built-in detections"
        )
        sub.add_argument(
            "--config", metavar="PATH", type=Path,
            help="a configuration: rules, exclusions, and how logs are read",
        )
        sub.add_argument(
            "--canonical", choices=get_args(Canonical),
            help="how far command lines are taken apart: not at all, into words, or"
            " with the texts of shells, which is the default",
        )
        return sub

    def paths(sub: argparse.ArgumentParser, count: str) -> None:
        sub.add_argument(
            "paths", metavar="PATH", nargs=count,
            help="a file, a directory (all files below it, each once), a pattern, or - for"
            " standard input; files may be compressed with gzip, zstd, xz or bzip2, or"
            " be Windows event log files",
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

    sub = command("scan", _scan, "scans logs", FORMATS, STATUS)
    paths(sub, "+")
    sub.add_argument(
        "--version", action="version", version=f"t1053 {_t1053.__version__}"
    )
    sub.add_argument(
        "--output", choices=["table", "detections", "ndjson"],
        help="what to print: a table of verdicts or of detections, or NDJSON;"
        " a table of verdicts on a terminal, else NDJSON",
    )
    sub.add_argument(
        "--verdicts", action="store_true",
        help="in NDJSON a line an event with its verdict, and not a line a match;"
        " a sequence, being of several events, stays a match",
    )
    sub.add_argument(
        "--min-severity", metavar="NAME", choices=SEVERITIES,
        help="only verdicts of at least this severity: informational, low, medium,"
        " high or critical; of the table medium by default, of NDJSON all",
    )
    sub.add_argument(
        "--together", action="store_true",
        help="read all files as one stream, those of a log in the order of its"
        " rotation: a sequence may begin in one and end in the next",
    )
    sub.add_argument(
        "--host", metavar="NAME", help="the host of records that name none"
    )
    sub.add_argument(
        "--keep", metavar="LIST", default="",
        help="in NDJSON, what each line tells of its event besides: fields, separated"
        " by commas (Image,CommandLine), and raw for the record; passwords in them are"
        " not masked",
    )
    sub.add_argument(
        "--no-join", action="store_true",
        help="each record by itself: the records of an audit event are not joined"
        " to a new process or a changed file",
    )
    sub.add_argument(
        "--group", action="store_true",
        help="in NDJSON, identical findings within 5 minutes as one: the first is"
        " shown, and when the time is over once more with how many followed",
    )
    sub.add_argument(
        "--risk", action="store_true",
        help="tell which hosts and users have 100 points of risk within 24 hours",
    )
    sub = command("detections", _detections, "lists detections")
    sub.add_argument(
        "--output", choices=["table", "ndjson"],
        help="what to print; a table on a terminal, else NDJSON",
    )
    sub.add_argument(
        "--format", choices=["sigma"],
        help="print them as Sigma that other programs read, as far as they can be said so",
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
    sub = commands.add_parser(
        "compile", help="makes a pack of Sigma rules",
        description="Makes a pack of Sigma rules: one file that is loaded without"
        " a YAML parser, by the C library too.",
    )
    sub.set_defaults(run=_compile)
    sub.add_argument(
        "rules", metavar="RULES", nargs="+", type=Path,
        help="a Sigma file, a pack, or a folder of them",
    )
    sub.add_argument(
        "-o", "--output", metavar="PACK", required=True, type=Path,
        help="the file to write; its name ends in .t1053, as a rule",
    )
    sub.add_argument(
        "--strict", action="store_true",
        help="a rule that cannot be compiled ends the run, and nothing is written",
    )
    sub.add_argument(
        "--no-builtin", action="store_true",
        help="for detectors without the built-in detections, whose names rules may have",
    )
    sub = commands.add_parser(
        "config", help="check a configuration",
        description="Reads a configuration and the rules that it names, and tells what is"
        " wrong with them, each with its line. The exit status is 0 if nothing is, else 2.",
    )
    sub.set_defaults(run=_config)
    sub.add_argument("what", choices=["check"])
    sub.add_argument("path", metavar="PATH", type=Path)
    return parser


def _config(given: argparse.Namespace) -> int:
    detector = Detector(config=given.path)
    for problem in detector.problems:
        _tell(str(problem))
    for detection in detector.detections:
        # What the built-in ones cannot match stands in their documentation.
        spots = detection.blind_spots if detection.pack is None else ()
        for spot in spots:
            _tell(f"{detection.slug}: can never match there: {spot}")
    loaded = detector._program.loaded()
    _tell(_t1053.rules_summary(loaded, len(detector.problems)))
    return UNUSABLE if detector.problems else 0


def _compile(given: argparse.Namespace) -> int:
    pack, loaded, problems = compiled(given.rules, not given.no_builtin, given.strict)
    for problem in problems:
        _tell(str(problem))
    try:
        given.output.write_bytes(pack)
    except OSError as error:
        raise SourceError(f"cannot write {given.output}: {error}") from None
    _tell(_t1053.rules_summary(loaded, len(problems)))
    return 0


def _selected(given: argparse.Namespace) -> Detector:
    """The chosen detections. What is wrong with rules is told once."""
    known = getattr(given, "detector", None)
    if known is None:
        known = given.detector = _made_detector(given)
    return known


def _made_detector(given: argparse.Namespace) -> Detector:
    def split(lists: Iterable[str]) -> list[str]:
        return [it for one in lists for it in one.split(",")]

    detector = Detector(
        enable=split(given.enable),
        disable=split(given.disable),
        exclude=[tuple(it) for it in getattr(given, "exclude", [])],
        rules=[Path(it) for it in given.rules],
        builtin=not given.no_builtin,
        strict=given.strict,
        config=given.config or "",
        canonical=given.canonical,
    )
    for problem in detector.problems:
        _tell(str(problem))
    if detector.problems:
        loaded = detector._program.loaded()
        _tell(_t1053.rules_summary(loaded, len(detector.problems)))
    if not detector.detections:
        raise DetectorError("what is enabled and disabled leaves no detection")
    return detector


class _Scan:
    """A scan of paths, standard input in its place among them, whose findings
    are taken as they are found. What cannot be read is told."""

    def __init__(self, given: argparse.Namespace, paths: list[str]) -> None:
        self.given = given
        self.detector = _selected(given)
        self.status = 0
        """The exit status for what could not be read."""
        self.counts = Counts()
        """What was seen, once all is read."""
        standard: list[str | None] = [None]
        groups: list[list[str | None]] = []
        for path in paths:
            if path == "-":
                # Read all the same, it would be an empty input.
                if sys.stdin is None:
                    _tell("-: standard input is closed")
                    self.status = UNUSABLE
                    continue
                groups += [standard, []]
                continue
            try:
                found, skipped = _expanded(path)
            except (SourceNotFoundError, OSError) as error:
                _tell(str(error))
                self.status = UNUSABLE
                continue
            for line in skipped:
                _tell(line)
            if not groups or groups[-1] is standard:
                groups.append([])
            groups[-1] += found
        if self._together():
            files = [path for group in groups for path in group if path is not None]
            ordered = cast("list[str | None]", in_order(files))
            groups = [standard] * groups.count(standard) + [ordered]
        self.groups = [group for group in groups if group]
        self.inputs = sum(map(len, self.groups))

    def _together(self) -> bool:
        return getattr(self.given, "together", False)

    def __iter__(self) -> Iterator[_t1053.Found]:
        given = self.given
        verdicts = None
        if _output(given) in ("table", "verdicts"):
            verdicts = (_least(given), _output(given) == "verdicts")
        host = getattr(given, "host", None)
        join = not getattr(given, "no_join", False)
        how = settings(
            given.format, RECORD_LIMIT, True, join, None, None, verdicts, host=host,
            keep=getattr(given, "keep", ""),
        )
        # Lines of NDJSON on the same terminal would run through a bar.
        is_free = _is_table(given) or not sys.stdout.isatty()
        for group in self.groups:
            batches = _t1053.Batches(
                self.detector._program, group, how, given.threads or 0, self._together()
            )
            shows = is_free and group != [None]
            with Progress(None if shows else False) as bar:
                while (batch := batches.next(bar.update)) is not None:
                    found, _, ended = batch
                    yield found
                    if ended is not None:
                        *_, lines, failed = ended
                        for line in lines:
                            _tell(line)
                        self.status = max(self.status, failed)
            self.counts += Counts(**batches.counts())

    def matches(self) -> Iterator[Matches]:
        """The same as matches."""
        for found in self:
            yield Matches(found, self.detector, self.counts)


def _expanded(path: str) -> tuple[list[str], list[str]]:
    """The files that a path means, and lines about what is not opened."""
    if os.path.isdir(path):
        return _t1053.walk(path)
    return list(files_of(path)), []


def _output(given: argparse.Namespace) -> str:
    """What is printed: `table`, `detections`, `ndjson`, or `verdicts`, which
    is NDJSON of these. Nothing of a command that scans for something else."""
    if "output" not in given:
        return ""
    output: str = given.output or ("table" if sys.stdout.isatty() else "ndjson")
    return "verdicts" if output == "ndjson" and given.verdicts else output


def _is_table(given: argparse.Namespace) -> bool:
    asked = getattr(given, "output", None)
    shown = asked or ("table" if sys.stdout.isatty() else "ndjson")
    return shown in ("table", "detections")


def _least(given: argparse.Namespace) -> Severity:
    """The least severity of the verdicts that are shown."""
    usual = USUAL if _output(given) == "table" else SEVERITIES[0]
    return given.min_severity or usual


def _scan(given: argparse.Namespace) -> int:
    if given.min_severity and _output(given) not in ("table", "verdicts"):
        raise DetectorError(
            "--min-severity is of verdicts, not of matches: give --verdicts or"
            " --output table"
        )
    if given.keep and _is_table(given):
        raise DetectorError("--keep is of NDJSON: give --output ndjson")
    scan = _Scan(given, given.paths)
    output, least = _output(given), _least(given)
    tally = _t1053.Tally(
        scan.detector._program,
        least,
        GROUP if given.group else None,
        (RISK, DAY) if given.risk else None,
    )
    sys.stdout.flush()
    for found in scan:
        grouped = tally.add(found)
        if output == "verdicts":
            _write(found.verdict_lines())
        elif output == "ndjson":
            _write([grouped if given.group else found.ndjson()])
    width = _width()
    table, detections = tally.table(width, _is_coloured())
    line, totals, advice = _t1053.totals(
        scan.counts, list(scan.counts.events.items()),
        list(scan.counts.excluded.items()), detections, scan.inputs, width,
    )
    verdicts, lines, told = tally.verdict_table(width, _is_coloured())
    if output == "table":
        table, totals = verdicts, lines + totals
    elif not detections:
        table = ""
    if _is_table(given):
        print(f"{table}\n" if table else "", end="")
        for *_, text, _ in tally.reached():
            print(text)
        print(totals, end="", flush=True)
    else:
        rest = tally.finish() if output == "ndjson" else b""
        reached = [f"{ndjson}\n".encode() for *_, ndjson in tally.reached()]
        _write([rest, *reached])
        if output == "verdicts":
            _tell(told)
        _tell(line)
    for text in advice:
        _tell(text)
    return scan.status


def _write(texts: Iterable[bytes]) -> None:
    """Writes to standard output in pieces: all at once, an output without a
    buffer may take a part of it and say nothing."""
    sys.stdout.flush()
    for text in texts:
        rest = memoryview(text)
        while rest:
            rest = rest[sys.stdout.buffer.write(rest[:PIECE]) :]
    sys.stdout.buffer.flush()


def _width() -> int:
    """Columns that a table may have."""
    return shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns


def _is_coloured() -> bool:
    return (
        sys.stdout.isatty()
        and "NO_COLOR" not in os.environ
        and os.environ.get("TERM") != "dumb"
    )


def _sigma(detector: Detector) -> int:
    texts, refused = detector._program.sigma()
    _write(text.encode() for text in texts)
    for slug, why in refused:
        _tell(f"{slug} is left out: {why}")
    return 0


def _detections(given: argparse.Namespace) -> int:
    detections = _selected(given).detections
    if given.format == "sigma":
        return _sigma(_selected(given))
    if _is_table(given):
        wide = 1 << 16
        shown = [
            ("DETECTION", 0, 0, wide, "name"),
            ("RISK", 1, 4, wide, "number"),
            ("KIND", 2, 7, wide, "kind"),
            ("PLATFORM", 3, 8, wide, "text"),
            ("TECHNIQUES", 4, 9, 30, "text"),
            ("TITLE", 5, 30, wide, "text"),
        ]
        rows = [
            [
                it.slug,
                "-" if it.risk_score is None else str(it.risk_score),
                it.kind,
                it.platform,
                ", ".join(it.techniques),
                it.title,
            ]
            for it in detections
        ]
        print(_t1053.table(shown, rows, _width(), _is_coloured()))
        print(f"{len(detections)} detections")
        return 0
    columns = detections._columns()
    for row in zip(*columns.values(), strict=True):
        print(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False))
    return 0


def _explain(given: argparse.Namespace) -> int:
    given.format, given.threads = "auto", None
    known: Detections = builtin()
    if given.rules or given.config:
        known = Detections((*_selected(given).detections, *known))
    status = 0
    for index, what in enumerate(cast("list[str]", given.what)):
        if index:
            print()
        if what in known:
            print(explain_detection(known[what]))
        elif what == "-" or os.path.exists(what):
            scan, before = _Scan(given, [what]), ""
            for match in (it for part in scan.matches() for it in part):
                print(f"{before}{match.explain()}")
                before = "\n"
            if not before:
                print("no match")
            status = max(status, scan.status)
        else:
            # Names the nearest, or says that there is none.
            Detector(enable=[what], rules=[Path(it) for it in given.rules])
    return status


def _navigator(given: argparse.Namespace) -> int:
    if not given.paths:
        layer = navigator_layer(_selected(given).detections)
        status = 0
    else:
        scan = _Scan(given, given.paths)
        counts: Counter[str] = Counter()
        for part in scan.matches():
            counts.update({it.detection.slug: it.count for it in part.summary(0)})
        found = [(it, counts[it.slug]) for it in scan.detector.detections]
        layer = layer_of_matches((it, count) for it, count in found if count)
        status = scan.status
    print(json.dumps(layer, indent=2, ensure_ascii=False))
    return status


if __name__ == "__main__":
    sys.exit(main())
