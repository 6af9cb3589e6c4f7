"""Tables for notebooks. Everything that comes from a log is escaped."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, cast

from ._bad import bad_counts
from ._time import shown

if TYPE_CHECKING:
    from ._detections import Detection, Severity
    from ._detector import Detector
    from ._matches import Counts, Evidence, Match, Matches, Summary
    from ._tree import Node, Tree

AROUND = 120
"""Most characters of a value that are shown on each side of a match."""
MOST_HOSTS = 3
NUMBERS = ("Risk", "Count")
"""Columns that are aligned to the right."""

BADGES = {
    "TTP": "#c62828",
    "Alert": "#8e24aa",
    "Anomaly": "#8a5a00",
    "Hunting": "#00707a",
}
"""Behind white text, at a contrast of at least 4.5 (WCAG, AA)."""

SEVERITIES: dict[Severity, str] = {
    "critical": "#8e24aa",
    "high": "#c62828",
    "medium": "#8a5a00",
    "low": "#00707a",
    "informational": "#546e7a",
}
"""The most severe first; as legible as badges."""

DARK = ":is([data-jp-theme-light=false],.vscode-dark,html[theme=dark])"
"""What a notebook says of itself where it is dark."""

# JupyterLab aligns cells to the right, by a selector of two classes: ours have
# two classes and one element more. Nothing here depends on the theme: what has
# a background of ours has a colour of ours, all else has the notebook's.
STYLE = f"""<style>
div.t1053{{overflow-x:auto}}
div.t1053 table.t1053{{border-collapse:collapse;margin:.4em 0}}
div.t1053 table.t1053 :is(td,th){{text-align:left;vertical-align:top;padding:.3em .5em}}
div.t1053 table.t1053 .n{{text-align:right}}
div.t1053 table.t1053 :is(.n,.t){{white-space:nowrap}}
div.t1053 table.t1053 .e{{min-width:10em;overflow-wrap:anywhere}}
div.t1053 mark{{background:#ffd54f;color:#000;padding:0 .1em}}
div.t1053 code{{white-space:pre-wrap;overflow-wrap:anywhere}}
div.t1053 .k{{border-radius:.6em;padding:0 .5em;color:#fff;background:#546e7a}}
{"".join(f"div.t1053 .{kind}{{background:{it}}}" for kind, it in BADGES.items())}
{"".join(f"div.t1053 .{name}{{background:{it}}}" for name, it in SEVERITIES.items())}
div.t1053 summary{{cursor:pointer}}
div.t1053 ul.tree{{list-style:none;margin:0;padding-left:1.2em}}
div.t1053 ul.tree li{{overflow-wrap:anywhere;margin:.15em 0}}
div.t1053 .bar{{display:inline-block;height:.7em;background:#546e7a}}
div.t1053 img{{background:none!important;max-width:100%}}
{DARK} div.t1053 img{{
filter:invert(1) hue-rotate(180deg)}}
</style>"""
"""Dark themes of JupyterLab, VS Code and Colab turn pictures around."""


def printable(text: str) -> str:
    """Text on one line, in which nothing hides: control characters and what
    turns or joins text are written as escapes."""
    return "".join(map(_printable, text))


def _printable(character: str) -> str:
    if character in "\n\t":
        return " "
    if character == "\r":
        return ""
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{{{ord(character):x}}}"
    return character


def safe(text: object) -> str:
    """Text from anywhere, for a page."""
    return escape(printable(str(text)))


def _badge(kind: str) -> str:
    return f'<span class="k {safe(kind)}">{safe(kind)}</span>'


def _name(detection: Detection) -> str:
    """A detection's name, which may break at its underscores and no copy of
    which holds a break; its kind, and its techniques."""
    name = safe(detection.slug).replace("_", "_<wbr>")
    techniques = safe(", ".join(detection.techniques))
    return f"<b>{name}</b><div>{_badge(detection.kind)} {techniques}</div>"


def _number(number: int | None) -> str:
    return f'<td class="n">{"-" if number is None else f"{number:,}"}</td>'


def _page(body: str) -> str:
    return f'{STYLE}<div class="t1053">{body}</div>'


def picture_html(png: bytes, width: float, about: str) -> str:
    """A picture in black on nothing, with what it shows in words. Where a page
    takes our style away, it stands on white."""
    data = b64encode(png).decode()
    return _page(
        f'<img alt="{safe(about)}" width="{width:.0f}" style="background:#fff"'
        f' src="data:image/png;base64,{data}">'
    )


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    names = "".join(
        f'<th scope="col"{" class=n" if name in NUMBERS else ""}>{name}</th>'
        for name in head
    )
    lines = "".join(f"<tr>{row}</tr>" for row in rows)
    return (
        f'<table class="t1053"><thead><tr>{names}</tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def highlighted(evidence: Iterable[Evidence]) -> list[tuple[str, str]]:
    """By field, its value with the matched bytes marked. Long stretches
    without any are cut."""
    values: dict[tuple[str, bytes], list[Evidence]] = {}
    for it in evidence:
        values.setdefault((it.field, it.value), []).append(it)
    return [
        (field, _marked(value, pieces)) for (field, value), pieces in values.items()
    ]


def merged(pieces: Iterable[Evidence]) -> list[tuple[int, int]]:
    """The ranges of evidence in one value, those that touch made one."""
    ranges: list[tuple[int, int]] = []
    for it in sorted(pieces, key=lambda it: (it.start, it.end)):
        if ranges and it.start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(ranges[-1][1], it.end))
        else:
            ranges.append((it.start, it.end))
    return ranges


def _marked(value: bytes, pieces: Iterable[Evidence]) -> str:
    ranges = merged(pieces)
    parts: list[str] = []
    at = 0
    for start, end in ranges:
        parts.append(_stretch(value[at:start], at == 0, False))
        # A whole value may match: it is cut in the middle.
        parts.append(f"<mark>{_stretch(value[start:end], False, False)}</mark>")
        at = end
    parts.append(_stretch(value[at:], at == 0, True))
    return "".join(parts)


def _stretch(value: bytes, first: bool, last: bool) -> str:
    text = value.decode("utf-8", "replace")
    if first and len(text) > AROUND:
        return "…" + safe(text[-AROUND:])
    if last and len(text) > AROUND:
        return safe(text[:AROUND]) + "…"
    if len(text) > 2 * AROUND:
        return safe(text[:AROUND]) + " … " + safe(text[-AROUND:])
    return safe(text)


def evidence_html(evidence: Iterable[Evidence]) -> str:
    """Evidence as a list."""
    items = "".join(
        f"<div>{safe(field)}: <code>{text}</code></div>"
        for field, text in highlighted(evidence)
    )
    return items or "<div>none: the event itself is what is looked for</div>"


def match_html(match: Match) -> str:
    """A match as a small page."""
    place = f"record {match.record}"
    if match.path is not None:
        place += f" of {match.path}"
    about = " · ".join(
        safe(it) for it in (shown(match.time), match.host, match.user, place) if it
    )
    return _page(
        f"<b>{safe(match.slug)}</b> {_badge(match.kind)} {about}"
        f"<div>{safe(match.message)}</div>{evidence_html(match.evidence)}"
    )


def matches_html(matches: Matches) -> str:
    """Matches by detection, with evidence to unfold."""
    head = "Detection,Risk,Count,First and last seen,Hosts,Evidence".split(",")
    rows = matches.summary()
    counts = matches.counts
    about = (
        f"{len(matches):,} matches of {len(rows):,} detections"
        f" in {counts.records:,} records{bad_counts(counts)}"
    )
    if matches.failures:
        about += f"; {len(matches.failures):,} sources not read to their end"
    table = _table(head, map(_row, rows)) if rows else ""
    return _page(f"<div>{about}</div>{table}")


def _row(row: Summary) -> str:
    detection = row.detection
    hosts = [f"<span{_whole(it)}>{safe(it)}</span>" for it in row.hosts[:MOST_HOSTS]]
    if len(row.hosts) > MOST_HOSTS:
        hosts.append(f"and {len(row.hosts) - MOST_HOSTS} more")
    examples = "".join(
        f"<div>{safe(shown(it.time))} {safe(it.host or '')}</div>"
        f"{evidence_html(it.evidence)}"
        for it in row.examples
    )
    message = row.examples[0].message if row.examples else ""
    seen = dict.fromkeys(shown(it) for it in (row.first, row.last))
    return (
        f'<td title="{safe(detection.description)}">{_name(detection)}</td>'
        f"{_number(detection.risk_score)}{_number(row.count)}"
        f'<td class="t">{"<br>".join(map(safe, seen))}</td>'
        f"<td>{'<br>'.join(hosts) or '-'}</td>"
        f'<td class="e"><details><summary>{safe(_short(message))}</summary>{examples}'
        "</details></td>"
    )


def _short(text: str) -> str:
    return text if len(text) <= AROUND else text[: AROUND - 1] + "…"


def _whole(text: str, is_time: bool = False) -> str:
    """How a cell is told not to be broken: a time, and a name of usual length,
    which has a hyphen as likely as not."""
    return ' class="t"' if is_time or (len(text) <= 32 and " " not in text) else ""


MOST_ROWS = 200
"""Rows of a table that a page shows."""


def rows_html(
    about: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, object]]
) -> str:
    """Rows as a table. Columns in which nothing stands are left out."""

    def text(value: object) -> str:
        if isinstance(value, datetime):
            return shown(value)
        if isinstance(value, list):
            return ", ".join(map(str, cast("list[object]", value)))
        return str(value)

    def cell(name: str, value: object) -> str:
        if columns[name] == "number":
            return _number(cast("int | None", value))
        told = _short(text(value)) if value else "-"
        if columns[name] == "list":
            return f'<td class="e">{safe(told).replace("_", "_<wbr>")}</td>'
        return f"<td{_whole(told, columns[name] == 'time')}>{safe(told)}</td>"

    names = [it for it in columns if any(row[it] not in (None, []) for row in rows)]
    head = "".join(
        f'<th scope="col"{" class=n" if columns[it] == "number" else ""}>{safe(it)}</th>'
        for it in names
    )
    lines = "".join(
        f"<tr>{''.join(cell(it, row[it]) for it in names)}</tr>" for row in rows[:MOST_ROWS]
    )
    more = f"<div>and {len(rows) - MOST_ROWS:,} more</div>" if len(rows) > MOST_ROWS else ""
    table = (
        f'<table class="t1053"><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>'
    )
    return _page(f"<div>{safe(about.strip('<>'))}</div>{table if rows else ''}{more}")


def detections_html(detections: Iterable[Detection]) -> str:
    """Detections as a table."""
    head = "Detection,Risk,Severity,Platform,What it finds".split(",")

    def row(it: Detection) -> str:
        return (
            f"<td>{_name(it)}</td>{_number(it.risk_score)}"
            f"<td>{safe(it.severity)}</td><td>{safe(it.platform)}</td>"
            f'<td class="e">{safe(it.description)}</td>'
        )

    return _page(_table(head, map(row, detections)))


MOST_NODES = 1000
"""Nodes of a tree that a page shows."""
OPEN = 3
"""Levels that are open at first."""


def tree_html(tree: Tree) -> str:
    """A tree, whose branches fold."""
    left = MOST_NODES

    def shown_nodes(nodes: Sequence[Node], level: int) -> str:
        nonlocal left
        parts: list[str] = []
        for node in nodes:
            if left == 0:
                break
            left -= 1
            severity = _badge(node.severity) + " " if node.severity else ""
            times = f" <b>×{node.count:,}</b>" if node.count > 1 else ""
            detail = f" <i>{safe(node.detail)}</i>" if node.detail else ""
            line = f"{severity}<code>{safe(_short(node.label))}</code>{times}{detail}"
            below = shown_nodes(node.children, level + 1)
            if below:
                is_open = " open" if level < OPEN else ""
                line = f"<details{is_open}><summary>{line}</summary>{below}</details>"
            parts.append(f"<li>{line}</li>")
        return f'<ul class="tree">{"".join(parts)}</ul>' if parts else ""

    body = shown_nodes(tree.roots, 0)
    more = "" if left else f"; the first {MOST_NODES:,} lines are shown, print has all"
    return _page(f"<div>{safe(tree.about)}{more}</div>{body}")


BECAME = {
    "read": "read: they hold events that rules ask about",
    "filtered": "passed over: a search showed that they match nothing",
    "uninteresting": "read, and of no interest to any rule",
    "not_understood": "of no shape that is known",
    "unreadable": "not readable, wholly or in part",
}
BAR = 12
"""Width of the longest bar, in letters."""


def counts_html(counts: Counts) -> str:
    """What became of each record, and what was lost, if anything."""
    rows = "".join(
        f"<td>{about}</td>{_number(getattr(counts, name))}"
        f'<td><span class="bar" style="width:{BAR * _share(counts, name):.2f}em"></span>'
        f" {_share(counts, name):.1%}</td></tr><tr>"
        for name, about in BECAME.items()
    ).removesuffix("</tr><tr>")
    table = _table(["Records", "Count", "Share"], [rows])
    lost = {
        "events that sequences forgot for want of room": counts.forgotten,
        "events of sequences without a time": counts.untimed,
        "events of sequences that lack a value to group by": counts.ungrouped,
        "audit events that ended without all of their records": counts.joins_incomplete,
        "audit events that made room for others": counts.joins_evicted,
        "audit records that came too late": counts.joins_late,
        "audit records that found no room": counts.joins_cut,
    }
    notes = "".join(
        f"<div>{count:,} {about}</div>" for about, count in lost.items() if count
    )
    notes += "".join(
        f"<div>{count:,} matches silenced by the exclusion {safe(name)}</div>"
        for name, count in counts.excluded.items()
        if count
    )
    kinds = sorted(counts.events.items(), key=lambda it: (-it[1], it[0]))
    events = ", ".join(f"{safe(name)} {count:,}" for name, count in kinds)
    about = f"{counts.records:,} records, {counts.bytes:,} bytes, {counts.matches:,} matches"
    return _page(
        f"<div>{about}</div>{table}{notes}" + (f"<div>Events: {events}</div>" if events else "")
    )


def _share(counts: Counts, name: str) -> float:
    return getattr(counts, name) / counts.records if counts.records else 0.0


def _exclusions(detector: Detector) -> list[str]:
    """What a detector's exclusions say; of those of a configuration, their
    names."""
    given = detector._arguments[2]
    named = detector._program.exclusions()
    for slug, _, _ in given:
        named.remove(slug)
    return [f"{slug} where {field} = {pattern}" for slug, field, pattern in given] + named


def detector_html(detector: Detector) -> str:
    """What a detector runs, by kind and severity, and what it leaves out."""
    detections = detector.detections
    kinds = [it for it in BADGES if any(of.kind == it for of in detections)]
    kinds += sorted({it.kind for it in detections} - {*kinds})
    severities = [it for it in SEVERITIES if any(of.severity == it for of in detections)]

    def row(kind: str) -> str:
        of = [it.severity for it in detections if it.kind == kind]
        cells = "".join(_number(of.count(it) or None) for it in severities)
        return f"<td>{_badge(kind)}</td>{_number(len(of))}{cells}"

    names = "".join(f"<th class=n>{_badge(it)}</th>" for it in severities)
    head = f"<tr><th>Kind</th><th class=n>Count</th>{names}</tr>"
    lines = "".join(f"<tr>{row(kind)}</tr>" for kind in kinds)
    table = f'<table class="t1053"><thead>{head}</thead><tbody>{lines}</tbody></table>'
    exclusions = _exclusions(detector)
    notes = [f"exclusion: {safe(it)}" for it in exclusions]
    notes += [f"not loaded: {safe(it)}" for it in detector.problems]
    about = f"{len(detections):,} detections"
    for one, count in (("exclusion", len(exclusions)), ("problem", len(detector.problems))):
        if count:
            about += f", {count:,} {one}{'' if count == 1 else 's'}"
    told = "".join(f"<div>{it}</div>" for it in notes)
    return _page(f"<div>{about}</div>{table if kinds else ''}{told}")
