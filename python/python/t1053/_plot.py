"""Pictures, with matplotlib or altair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from ._errors import needed
from ._html import BADGES, picture_html, printable
from ._time import shown

if TYPE_CHECKING:
    from ._detections import Detection
    from ._matches import Matches

MOST_HOSTS = 30
"""Most hosts of a heatmap: those with the most matches."""
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


def timeline(matches: Matches, *, ax: Any, library: str | None) -> Any:
    """Matches over time, a line for each detection."""
    timed = [it for it in matches if it.time is not None]
    summary = matches.summary(0)
    slugs = [it.detection for it in summary]
    about = f"Matches over time: {len(timed):,} matches"
    if timed:
        spread = [it.time for it in timed if it.time is not None]
        about += (
            f" from {shown(min(spread))} to {shown(max(spread))};"
            f" {_most((it.detection.slug, it.count) for it in summary)}"
        )
    if _library(ax, library) == "altair":
        altair = needed("altair", "plot")
        rows = [
            {
                "time": it.time.isoformat(),
                "detection": it.slug,
                "kind": it.kind,
                "host": printable(it.host or ""),
                "message": it.message,
            }
            for it in timed
            if it.time is not None
        ]
        return (
            altair.Chart(
                altair.Data(values=rows), title="Matches over time", description=about
            )
            .mark_tick(thickness=2)
            .encode(
                x=altair.X("time:T", title="time (UTC)"),
                y=altair.Y("detection:N", sort=[it.slug for it in slugs], title=None),
                color=altair.Color(
                    "kind:N",
                    scale=altair.Scale(
                        domain=list(BADGES), range=list(BADGES.values())
                    ),
                ),
                tooltip=["time:T", "detection:N", "host:N", "message:N"],
            )
        )
    axes = _axes(ax, 12, 1.2 + 0.35 * max(len(slugs), 1), about)
    lines = {it.slug: at for at, it in enumerate(reversed(slugs))}
    by_kind: dict[str, tuple[list[Any], list[int]]] = {}
    for it in timed:
        times, places = by_kind.setdefault(it.kind, ([], []))
        times.append(it.time)
        places.append(lines[it.slug])
    for kind, (times, places) in by_kind.items():
        axes.plot(
            times,
            places,
            "|",
            markersize=12,
            markeredgewidth=2,
            color=BADGES.get(kind),
            label=kind,
        )
    axes.set_yticks(list(lines.values()), [_plain(it) for it in lines])
    axes.set_ylim(-0.5, max(len(lines) - 0.5, 0.5))
    axes.set_xlabel("time (UTC)")
    axes.set_title("Matches over time")
    axes.grid(axis="y", alpha=0.3)
    if by_kind:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
        axes.tick_params(axis="x", rotation=30)
    return axes


def heatmap(matches: Matches, *, ax: Any, library: str | None) -> Any:
    """Matches by host and technique."""
    cells: Counter[tuple[str, str]] = Counter()
    hosts: Counter[str] = Counter()
    columns = matches._found.columns()
    known: list[Detection] = list(matches._detections)
    for host, detection in zip(columns["host"], columns["detection"], strict=True):
        name = printable(host or "(unknown)")
        hosts[name] += 1
        of: Detection = known[cast(int, detection)]
        for technique in of.techniques:
            cells[name, technique] += 1
    rows = [host for host, _ in hosts.most_common(MOST_HOSTS)]
    techniques = sorted({technique for _, technique in cells})
    about = f"Matches by host and technique: {len(matches):,} matches"
    if rows:
        about += f"; {_most(hosts.most_common())}"
    if _library(ax, library) == "altair":
        altair = needed("altair", "plot")
        values = [
            {"host": host, "technique": technique, "matches": count}
            for (host, technique), count in cells.items()
            if host in rows
        ]
        return (
            altair.Chart(
                altair.Data(values=values),
                title="Matches by host and technique",
                description=about,
            )
            .mark_rect()
            .encode(
                x=altair.X("technique:N", title=None),
                y=altair.Y("host:N", sort=rows, title=None),
                color=altair.Color("matches:Q", scale=altair.Scale(scheme="orangered")),
                tooltip=["host:N", "technique:N", "matches:Q"],
            )
        )
    width, height = 2 + 0.75 * max(len(techniques), 2), 1.2 + 0.35 * max(len(rows), 2)
    axes = _axes(ax, width, height, about)
    axes.set_title("Matches by host and technique")
    if not rows:
        return axes
    table = [[cells[host, technique] for technique in techniques] for host in rows]
    # The lighter half of the colours, on which black is legible, and on which
    # it stays so when a notebook turns it around.
    most = max(map(max, table))
    axes.imshow(table, aspect="auto", cmap="OrRd", vmin=0, vmax=2 * most)
    axes.set_xticks(range(len(techniques)), techniques, rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), [_plain(it) for it in rows])
    for y, row in enumerate(table):
        for x, count in enumerate(row):
            if count:
                axes.text(x, y, f"{count:,}", ha="center", va="center", color="black")
    return axes


def _plain(text: str) -> str:
    """Text that matplotlib does not take for mathematics."""
    return text.replace("$", r"\$")
