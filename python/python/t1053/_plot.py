"""Pictures, with matplotlib or altair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from ._errors import needed
from ._html import SEVERITIES, picture_html, printable
from ._time import from_ticks, shown

if TYPE_CHECKING:
    from ._detections import Detection, Detections, Severity
    from ._matches import Matches

UNKNOWN = "(unknown)"
"""The host of records that name none."""
MOST_HOSTS = 30
"""Most hosts of a heatmap: those with the highest risk."""
MOST_LINES = 20
"""Most hosts of a timeline."""
MOST_PLACES = 2000
"""Places on a timeline, more than a screen has pixels for."""
WIDTH = 560
"""Of a picture of altair in pixels: with names and a legend beside it, as wide
as a notebook on a small screen."""
STRETCHES = 120
"""Bars of the overview of a timeline."""
MOST_MARKS = 4000
"""Most marks of a timeline: altair's page of them has 1 MB."""
MOST_TOLD = 5
"""Most detections, or hosts, that the text beside a picture tells of."""
SHARPNESS = 2
"""Pixels for each point of a page, as good screens have."""


def _page_of(figure: Any, about: str) -> str | None:
    """A figure in the colours of a notebook's theme, and with a text for those
    who do not see it."""
    matplotlib = needed("matplotlib", "plot")
    # Whoever has chosen other colours gets these, as they are.
    if matplotlib.rcParams["text.color"] != "black":
        return None
    png = BytesIO()
    figure.savefig(
        png,
        format="png",
        dpi=SHARPNESS * figure.dpi,
        transparent=True,
        bbox_inches="tight",
    )
    data = png.getvalue()
    # Each PNG has its width here.
    width = int.from_bytes(data[16:20], "big") / SHARPNESS
    return picture_html(data, width, about)


def _axes(ax: Any, width: float, height: float, about: str) -> Any:
    if ax is not None:
        return ax
    pyplot = needed("matplotlib.pyplot", "plot")
    figure, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    # What notebooks ask a figure for.
    figure._repr_html_ = partial(_page_of, figure, about)
    return axes


def _most(counts: Iterable[tuple[str, int]]) -> str:
    """The first of what was counted, in words."""
    told = [f"{name} {count:,}" for name, count in counts]
    more = len(told) - MOST_TOLD
    return ", ".join(told[:MOST_TOLD]) + (f" and {more:,} more" if more > 0 else "")


def _library(ax: Any, library: str | None) -> str:
    if library not in (None, "matplotlib", "altair"):
        raise ValueError("library is matplotlib or altair")
    if library == "altair" and ax is not None:
        raise ValueError("altair draws on no axes")
    return library or "matplotlib"


@dataclass(slots=True)
class _Mark:
    """Matches of one host and severity that are near each other in time."""

    count: int
    first: int
    last: int
    detections: dict[int, int]


class _Timed:
    """Matches by host, severity and time, in marks that are few enough to be
    drawn."""

    def __init__(self, matches: Matches) -> None:
        columns = matches._found.columns(["host", "detection", "ticks"])
        known = matches._detections
        severities: list[Severity] = [it.severity for it in known]
        order = _by_risk(columns["host"], columns["detection"], known)
        self.all_hosts = len(order)
        self.hosts = order[:MOST_LINES]
        ticks = [it for it in columns["ticks"] if it is not None]
        self.count = len(ticks)
        self.untimed = len(columns["ticks"]) - self.count
        self.first = min(ticks, default=0)
        self.last = max(ticks, default=0)
        self.width = max((self.last - self.first) // MOST_PLACES, 1)
        drawn = set(self.hosts)
        marks: dict[tuple[str, Severity, int], _Mark] = {}
        rows = cast(
            "Iterable[tuple[str | None, int, int | None]]",
            zip(columns["host"], columns["detection"], columns["ticks"], strict=True),
        )
        for given, detection, tick in rows:
            host = given or UNKNOWN
            if tick is None or host not in drawn:
                continue
            key = host, severities[detection], (tick - self.first) // self.width
            mark = marks.get(key)
            if mark is None:
                marks[key] = _Mark(1, tick, tick, {detection: 1})
                continue
            mark.count += 1
            mark.first, mark.last = min(mark.first, tick), max(mark.last, tick)
            mark.detections[detection] = mark.detections.get(detection, 0) + 1
        while len(marks) > MOST_MARKS:
            self.width *= 2
            marks = _halved(marks)
        # Weak ones first, so that strong ones are drawn over them.
        ranks = list(SEVERITIES)[::-1]
        self.marks = sorted(
            marks.items(), key=lambda it: (ranks.index(it[0][1]), -it[1].count)
        )

    def about(self, known: Detections) -> str:
        """What the picture shows, in words."""
        about = f"Matches over time: {self.count:,} matches"
        if not self.count:
            return about
        total: Counter[int] = Counter()
        for _, mark in self.marks:
            total.update(mark.detections)
        ends = (shown(from_ticks(it)) for it in (self.first, self.last))
        told = ((known[at].slug, count) for at, count in total.most_common())
        about += f" from {' to '.join(ends)}; {_most(told)}"
        if self.untimed:
            about += f"; {self.untimed:,} have no time"
        return about

    def title(self) -> str:
        """Says where hosts are left out."""
        if len(self.hosts) == self.all_hosts:
            return "Matches over time"
        return f"Matches over time: {len(self.hosts)} of {self.all_hosts:,} hosts, by risk"


def _halved(
    marks: dict[tuple[str, Severity, int], _Mark]
) -> dict[tuple[str, Severity, int], _Mark]:
    """Marks of twice the width."""
    made: dict[tuple[str, Severity, int], _Mark] = {}
    for (host, severity, place), mark in marks.items():
        key = host, severity, place // 2
        other = made.get(key)
        if other is None:
            made[key] = mark
            continue
        other.count += mark.count
        other.first = min(other.first, mark.first)
        other.last = max(other.last, mark.last)
        for detection, count in mark.detections.items():
            other.detections[detection] = other.detections.get(detection, 0) + count
    return made


def _by_risk(
    hosts: Iterable[str | None], detections: Iterable[int], known: Detections
) -> list[str]:
    """Hosts by risk as `Matches.risk_by` adds it up, then by the most severe
    detection, then by how much was found."""
    found: dict[str, set[int]] = {}
    counts: Counter[str] = Counter()
    for (given, detection), count in Counter(zip(hosts, detections, strict=True)).items():
        host = given or UNKNOWN
        found.setdefault(host, set()).add(detection)
        counts[host] += count
    ranks = list(SEVERITIES)

    def key(host: str) -> tuple[int, int, int, str]:
        of = [known[at] for at in found[host]]
        return (
            -sum(it.risk_score or 0 for it in of),
            min(ranks.index(it.severity) for it in of),
            -counts[host],
            host,
        )

    return sorted(found, key=key)


def timeline(matches: Matches, *, ax: Any, library: str | None) -> Any:
    """Matches over time, a line for each host, in order of risk."""
    timed = _Timed(matches)
    known = matches._detections
    about = timed.about(known)
    if _library(ax, library) == "altair":
        return _timeline_altair(timed, known, about)
    axes = _axes(ax, 12, 1.4 + 0.35 * max(len(timed.hosts), 1), about)
    lines = {it: at for at, it in enumerate(reversed(timed.hosts))}
    for severity in reversed(SEVERITIES):
        marks = [(key[0], mark) for key, mark in timed.marks if key[1] == severity]
        times = [(host, from_ticks(mark.first), mark.count) for host, mark in marks]
        # The year 0, which datetime does not have, has no place here.
        times = [it for it in times if it[1] is not None]
        if times:
            axes.scatter(
                [time for _, time, _ in times],
                [lines[host] for host, _, _ in times],
                s=[_area(count) for _, _, count in times],
                color=SEVERITIES[severity],
                label=severity,
                linewidths=0,
            )
    axes.set_yticks(list(lines.values()), [_plain(printable(it)) for it in lines])
    axes.set_ylim(-0.6, max(len(lines) - 0.4, 0.6))
    axes.set_xlabel("time (UTC); the larger, the more matches")
    axes.set_title(timed.title())
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    if timed.marks:
        handles, labels = axes.get_legend_handles_labels()
        legend = axes.legend(
            handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1, 1)
        )
        for handle in legend.legend_handles:
            handle.set_sizes([60])
        axes.tick_params(axis="x", rotation=30)
    return axes


def _area(count: int) -> float:
    """The size of a mark: one match is well seen, and a thousand do not hide
    the next line."""
    return min(24 * count**0.4, 400)


def _timeline_altair(timed: _Timed, known: Detections, about: str) -> Any:
    """An overview, on which a stretch of time is chosen, and the hosts in
    it."""
    altair = needed("altair", "plot")
    rows: list[dict[str, Any]] = []
    # Stretches of the overview, made here: a binned axis has odd labels.
    stretch = max((timed.last - timed.first) // STRETCHES, 1)
    for (host, severity, _), mark in timed.marks:
        first, last = from_ticks(mark.first), from_ticks(mark.last)
        if first is None or last is None:
            continue
        start = (mark.first - timed.first) // stretch * stretch + timed.first
        by_count = sorted(mark.detections.items(), key=lambda it: -it[1])
        rows.append(
            {
                "time": first.isoformat(),
                # As text: a browser would tell its own zone's.
                "first": shown(first),
                "last": shown(last),
                "stretch": (from_ticks(start) or first).isoformat(),
                "host": printable(host),
                "severity": severity,
                "matches": mark.count,
                "detections": _most((known[at].slug, count) for at, count in by_count),
            }
        )
    data = altair.Data(values=rows)
    most = max((mark.count for _, mark in timed.marks), default=1)
    # The day and below it the year; where a tick is within a day, the time and
    # below it both.
    axis = altair.Axis(
        labelExpr="utcFormat(datum.value, '%H%M%S') === '000000'"
        " ? [utcFormat(datum.value, '%b %-d'), utcFormat(datum.value, '%Y')]"
        " : [utcFormat(datum.value, '%H:%M:%S'), utcFormat(datum.value, '%b %-d, %Y')]",
        labelOverlap="greedy",
    )
    brush = altair.selection_interval(name="window", encodings=["x"])
    colour = altair.Color(
        "severity:N",
        title="severity",
        scale=altair.Scale(domain=list(SEVERITIES), range=list(SEVERITIES.values())),
    )
    overview = (
        altair.Chart(data, width=WIDTH, height=50, title="Drag over a stretch of time to zoom")
        .mark_bar(width=WIDTH / STRETCHES)
        .encode(
            x=altair.X("stretch:T", title=None, scale=altair.Scale(type="utc"), axis=axis),
            y=altair.Y("sum(matches):Q", title="matches"),
            color=colour,
        )
        .add_params(brush)
    )
    hosts = (
        altair.Chart(data, width=WIDTH, height=max(22 * len(timed.hosts), 44))
        .mark_circle(opacity=0.8, clip=True)
        .encode(
            x=altair.X(
                "time:T",
                title="time (UTC)",
                scale=altair.Scale(type="utc", domain=brush),
                axis=axis,
            ),
            y=altair.Y("host:N", sort=[printable(it) for it in timed.hosts], title=None),
            size=altair.Size(
                "matches:Q",
                scale=altair.Scale(type="sqrt", domain=[1, max(most, 10)], range=[30, 300]),
                legend=altair.Legend(values=[1, most] if most > 1 else [1]),
            ),
            color=colour,
            tooltip=["host:N", "severity:N", "matches:Q", "first:N", "last:N", "detections:N"],
        )
    )
    return altair.vconcat(
        overview, hosts, data=data, title=timed.title(), description=about
    )


def _told_technique(detection: Detection) -> str:
    """The technique that a match counts for, once: the narrowest of T1053."""
    ours = [it for it in detection.techniques if it.startswith("T1053")]
    return max(ours, key=len) if ours else next(iter(detection.techniques), "(none)")


def heatmap(matches: Matches, *, ax: Any, library: str | None) -> Any:
    """Matches by host and technique, each once."""
    columns = matches._found.columns(["host", "detection"])
    known: list[Detection] = list(matches._detections)
    techniques_of = [_told_technique(it) for it in known]
    cells: Counter[tuple[str, str]] = Counter()
    pairs = Counter(zip(columns["host"], columns["detection"], strict=True))
    for (host, detection), count in pairs.items():
        cells[host or UNKNOWN, techniques_of[detection]] += count
    order = _by_risk(columns["host"], columns["detection"], matches._detections)
    rows = order[:MOST_HOSTS]
    title = "Matches by host and technique"
    if len(rows) < len(order):
        title += f": {len(rows)} of {len(order):,} hosts, by risk"
    drawn = set(rows)
    cells = Counter({cell: count for cell, count in cells.items() if cell[0] in drawn})
    techniques = sorted({technique for _, technique in cells})
    about = f"Matches by host and technique: {len(matches):,} matches"
    if rows:
        totals: Counter[str] = Counter()
        for (host, _), count in cells.items():
            totals[printable(host)] += count
        about += f"; {_most(totals.most_common())}"
    if _library(ax, library) == "altair":
        return _heatmap_altair(cells, rows, title, about)
    width, height = 2 + 0.75 * max(len(techniques), 2), 1.2 + 0.35 * max(len(rows), 2)
    axes = _axes(ax, width, height, about)
    axes.set_title(title)
    if not rows:
        return axes
    # What was not found has no colour.
    nothing = float("nan")
    table: list[list[float]] = [
        [cells[host, it] or nothing for it in techniques] for host in rows
    ]
    # By the logarithm, since one busy host would leave all others pale. The
    # lighter half of the colours, on which black is legible, and on which it
    # stays so when a notebook turns it around.
    colors = needed("matplotlib.colors", "plot")
    by_log = colors.LogNorm(1, _darkest(cells))
    axes.imshow(table, aspect="auto", cmap="OrRd", norm=by_log)
    axes.set_xticks(range(len(techniques)), techniques, rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), [_plain(printable(it)) for it in rows])
    for y, line in enumerate(table):
        for x, found in enumerate(line):
            if found > 0:
                axes.text(x, y, f"{found:,.0f}", ha="center", va="center", color="black")
    return axes


def _darkest(cells: Counter[tuple[str, str]]) -> int:
    """The number of the darkest colour, of which the most is half way to."""
    return max(2, *cells.values()) ** 2 if cells else 4


def _heatmap_altair(
    cells: Counter[tuple[str, str]], rows: list[str], title: str, about: str
) -> Any:
    altair = needed("altair", "plot")
    values = [
        {"host": printable(host), "technique": technique, "matches": count}
        for (host, technique), count in cells.items()
    ]
    base = altair.Chart(altair.Data(values=values)).encode(
        x=altair.X("technique:N", title=None, axis=altair.Axis(labelAngle=-30)),
        y=altair.Y("host:N", sort=[printable(it) for it in rows], title=None),
        tooltip=["host:N", "technique:N", "matches:Q"],
    )
    colour = altair.Color(
        "matches:Q",
        scale=altair.Scale(type="log", scheme="orangered", domain=[1, _darkest(cells)]),
        legend=None,
    )
    numbers = base.mark_text(color="black").encode(text=altair.Text("matches:Q", format=","))
    layers = base.mark_rect().encode(color=colour) + numbers
    return layers.properties(
        title=title, description=about, width=altair.Step(56), height=altair.Step(24)
    )


def _plain(text: str) -> str:
    """Text that matplotlib does not take for mathematics."""
    return text.replace("$", r"\$")
