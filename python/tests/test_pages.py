"""Tables and pictures as JupyterLab shows them: in its own style sheet, light
and dark, in a browser."""

from __future__ import annotations

import html
import json
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import matplotlib
import pytest

import t1053
from t1053._html import BADGES, STYLE

matplotlib.use("agg")

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from lab import headless, notebook  # noqa: E402
from matplotlib import pyplot  # noqa: E402
from matplotlib.colors import to_rgb  # noqa: E402

THEMES = ["light", "dark"]

TREE = ["Image", "CommandLine", "ParentImage", "ProcessId", "ParentProcessId"]
"""What a tree of processes is made of."""

LEGIBLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3, level AA)."""

MEASURE = """<pre id="measured"></pre><script>
function channels(colour) {
    const numbers = colour.match(/[\\d.]+/g).map(Number);
    return numbers.length === 3 ? [...numbers, 1] : numbers;
}
function over(front, back) {
    const alpha = front[3];
    return [0, 1, 2].map(i => front[i] * alpha + back[i] * (1 - alpha)).concat(1);
}
function background(element) {
    const layers = [];
    for (let at = element; at; at = at.parentElement)
        layers.unshift(channels(getComputedStyle(at).backgroundColor));
    return layers.reduce((back, front) => over(front, back), [255, 255, 255, 1]);
}
function luminance(colour) {
    const [r, g, b] = colour.map(it => it / 255).map(
        it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(element) {
    const back = background(element);
    const front = over(channels(getComputedStyle(element).color), back);
    const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}
const measured = {texts: [], aligned: {}, seen: [], wide: [], pictures: []};
document.querySelectorAll("details").forEach(it => it.open = true);
for (const page of document.querySelectorAll("div.t1053")) {
    const room = page.closest(".jp-OutputArea-output").getBoundingClientRect();
    for (const it of page.querySelectorAll("table, img"))
        measured.wide.push([it.getBoundingClientRect().right, room.right]);
    for (const it of page.querySelectorAll("td, th")) {
        const name = it.classList.contains("n") ? "number" : "text";
        (measured.aligned[name] ??= {})[getComputedStyle(it).textAlign] = 1;
    }
    for (const it of page.querySelectorAll("td.t")) {
        const line = parseFloat(getComputedStyle(it).fontSize) * 1.5;
        const range = document.createRange();
        range.selectNodeContents(it);
        const dates = it.innerText.split("\\n").length;
        measured.seen.push([range.getBoundingClientRect().height / dates, line]);
    }
    for (const it of page.querySelectorAll("img"))
        measured.pictures.push([it.alt, getComputedStyle(it).filter,
            getComputedStyle(it).backgroundColor]);
    for (const it of page.querySelectorAll("*"))
        if ([...it.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && it.tagName != "STYLE")
            measured.texts.push([contrast(it), it.tagName, it.innerText.slice(0, 40)]);
}
document.getElementById("measured").textContent = JSON.stringify(measured);
</script>"""


def _shown(pages: list[str], theme: str, directory: Path, width: int) -> dict[str, Any]:
    """What a browser makes of pages in a notebook."""
    text = notebook(pages, theme)
    assert "jp-RenderedHTMLCommon" in text
    page = directory / f"{theme}.html"
    page.write_text(text.replace("</body>", MEASURE + "</body>"), encoding="utf-8")
    shown = headless(
        "--dump-dom", f"--window-size={width},2000",
        f"--user-data-dir={directory / 'profile'}", page.as_uri(),
    )
    found = re.search(r'<pre id="measured">(\{.*?)</pre>', shown, re.DOTALL)
    assert found
    return json.loads(html.unescape(found[1]))


@pytest.fixture(scope="module")
def pages(logs: Path) -> list[str]:
    matches = t1053.scan(logs)
    pictures = [matches.plot_timeline().figure, matches.plot_heatmap().figure]
    pages = [
        matches._repr_html_(),
        matches.counts._repr_html_(),
        t1053.Detector(exclude=[("task_ran", "Computer", "lab")])._repr_html_(),
        t1053.scan(logs / "events.jsonl", keep=TREE).process_tree()._repr_html_(),
        t1053.jobs(logs / "audit.log").tree()._repr_html_(),
        *(match._repr_html_() for match in matches[:5]),
        t1053.detections()._repr_html_(),
        *(it._repr_html_() for it in pictures),
    ]
    for it in pictures:
        pyplot.close(it)
    return pages


@pytest.mark.parametrize("theme", THEMES)
def test_jupyterlab_shows_all_of_it(pages: list[str], theme: str, tmp_path: Path) -> None:
    measured = _shown(pages, theme, tmp_path, 1000)
    assert measured["aligned"] == {"text": {"left": 1}, "number": {"right": 1}}
    assert len(measured["wide"]) == 6
    assert all(right <= room for right, room in measured["wide"]), measured["wide"]
    assert measured["seen"]
    assert all(height <= line for height, line in measured["seen"]), "a date is broken"
    assert len(measured["texts"]) > 500
    assert min(measured["texts"])[0] >= LEGIBLE, min(measured["texts"])
    assert len(measured["pictures"]) == 2
    for about, filter, background in measured["pictures"]:
        assert "matches" in about
        assert ("invert" in filter) == (theme == "dark")
        assert background == "rgba(0, 0, 0, 0)"


USED = """<pre id="used"></pre><script>
const seen = () => [...document.querySelectorAll("tbody tr")].map(it => it.innerText)
const used = {columns: [...document.querySelectorAll("th")].map(it => it.innerText)}
used.first = [seen().length, document.querySelector("output").innerText]
document.querySelector("form + main + button").click()
used.more = seen().length
search.value = "SCHTASKS upd"
search.oninput()
used.found = [seen(), document.querySelector("output").innerText]
search.value = ""
chosen.value = "high"
chosen.onchange()
used.high = document.querySelector("output").innerText
chosen.value = ""
const press = name => [...document.querySelectorAll("th button")]
    .find(it => it.innerText === name).click()
const column = name => [...document.querySelectorAll("tbody tr")]
    .map(it => it.cells[used.columns.indexOf(name)].innerText)
press("Risk"); press("Risk")
used.risks = column("Risk")
press("Severity")
used.severities = column("Severity")
used.alert = typeof window.alerted
document.getElementById("used").textContent = JSON.stringify(used)
</script>"""


def test_a_table_is_searched_and_sorted(logs: Path, tmp_path: Path) -> None:
    nasty = t1053.ProcessCreation(
        image="schtasks.exe",
        command_line="schtasks /run /tn upd</script><script>window.alerted=1</script>\u202e",
        host="<img src=x onerror=window.alerted=1>",
    )
    matches = t1053.scan(logs) + t1053.Detector(enable="kind:TTP").evaluate_many([nasty])
    page = matches.browse()
    shown = tmp_path / "shown.html"
    page.save(shown)
    assert "<img" not in page.html
    assert "</script><script>window" not in page.html
    shown.write_text(shown.read_text("utf-8").replace("</html>", USED + "</html>"), "utf-8")
    dom = headless(
        "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}", shown.as_uri()
    )
    found = re.search(r'<pre id="used">(\{.*?)</pre>', dom, re.DOTALL)
    assert found
    used = json.loads(html.unescape(found[1]))
    every = f"{len(matches):,}"
    assert used["columns"][:4] == ["Time (UTC)", "Severity", "Risk", "Detection"]
    assert used["first"] == [200, f"{every} of {every}"]
    assert used["more"] == 1200
    rows, told = used["found"]
    assert told == f"{len(rows)} of {every}"
    assert any("upd</script>" in it and "\\u{202e}" in it for it in rows)
    high = sum(it.detection.severity == "high" for it in matches)
    assert used["high"] == f"{high:,} of {every}"
    risks = list(map(int, used["risks"]))
    assert risks == sorted(risks, reverse=True)
    assert risks[0] == max(it.risk_score or 0 for it in matches)
    assert set(used["severities"]) == {"informational"}
    assert used["alert"] == "undefined"
    # A notebook shows it in a frame that can reach nothing.
    frame = page._repr_html_()
    assert 'sandbox="allow-scripts"' in frame
    assert "allow-same-origin" not in frame
    assert "<script" not in frame
    assert len(matches.browse(limit=3).html) < len(page.html)
    assert repr(matches.browse(limit=3)) == f"<Page: 3 of {every} matches>"


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [
        it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in colour
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    low, high = sorted((_luminance(first[:3]), _luminance(second[:3])))
    return (high + 0.05) / (low + 0.05)


def _turned(colour: tuple[float, ...]) -> tuple[float, ...]:
    """`invert(1) hue-rotate(180deg)`, as the filter effects module has it."""
    r, g, b = (1 - it for it in colour[:3])
    rotated = (
        -0.574 * r + 1.430 * g + 0.144 * b,
        0.426 * r + 0.430 * g + 0.144 * b,
        0.426 * r + 1.430 * g - 0.856 * b,
    )
    return tuple(min(max(it, 0.0), 1.0) for it in rotated)


def test_the_style_is_legible() -> None:
    for kind, colour in BADGES.items():
        assert f".{kind}{{background:{colour}}}" in STYLE
        assert _contrast(to_rgb("white"), to_rgb(colour)) >= LEGIBLE, kind
    pairs = re.findall(r"\{[^}]*(?<!-)color:(#\w+);background:(#\w+)", STYLE)
    pairs += [it[::-1] for it in re.findall(r"\{[^}]*background:(#\w+);color:(#\w+)", STYLE)]
    assert len(pairs) == 2
    for text, behind in pairs:
        assert _contrast(to_rgb(text), to_rgb(behind)) >= LEGIBLE


def test_pictures_are_legible_in_both_themes(logs: Path) -> None:
    axes = t1053.scan(logs).plot_heatmap()
    (image,) = axes.images
    cells = image.cmap(image.norm(image.get_array())).reshape(-1, 4)
    # Where nothing was found the page is seen.
    colours = {tuple(map(float, it)) for it in cells if it[3]}
    assert len(colours) > 5
    for text in axes.texts:
        assert text.get_color() == "black"
    black, page = (0.0, 0.0, 0.0), (0x11 / 255,) * 3
    for cell in colours:
        assert _contrast(black, cell) >= LEGIBLE
        assert _contrast(_turned(black), _turned(cell)) >= LEGIBLE
    pyplot.close(axes.figure)
    axes = t1053.scan(logs).plot_timeline()
    assert len(axes.collections) >= 3
    for marks in axes.collections:
        colour = to_rgb(marks.get_facecolor()[0])
        # What is no text needs 3 (1.4.11).
        assert _contrast(colour, (1.0, 1.0, 1.0)) >= LEGIBLE
        assert _contrast(_turned(colour), page) >= 3
    pyplot.close(axes.figure)


def _first_pixel(png: bytes) -> bytes:
    """The upper left one, red, green, blue and alpha."""
    assert png[24:26] == b"\x08\x06"
    length = struct.unpack(">I", png[8:12])[0]
    at, data = 20 + length, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return zlib.decompress(data)[1:5]


def test_pictures_have_no_background_and_are_told_in_words(
    logs: Path, published: t1053.Detector
) -> None:
    import base64

    nasty = t1053.TaskScheduler(
        event_id="200", host="<b>\"'\u202e", time="2024-05-01T10:00:00Z"
    )
    for matches in (t1053.scan(logs), published.evaluate_many([nasty] * 2)):
        timed = sum(it.time is not None for it in matches)
        for axes, count in (
            (matches.plot_timeline(), timed),
            (matches.plot_heatmap(), len(matches)),
        ):
            page = axes.figure._repr_html_()
            (tag,) = re.findall(r"<img[^>]*>", page)
            (about,) = re.findall(r'alt="([^"]*)"', tag)
            assert f": {count:,} matches" in html.unescape(about)
            assert "\u202e" not in page
            (data,) = re.findall(r'src="data:image/png;base64,([^"]*)"', tag)
            assert _first_pixel(base64.b64decode(data))[3] == 0
            pyplot.close(axes.figure)
    for chart in (matches.plot_timeline(library="altair"), matches.plot_heatmap(library="altair")):
        assert "2 matches" in chart.to_dict()["description"]


def test_chosen_colours_are_kept(logs: Path) -> None:
    with pyplot.style.context("dark_background"):
        axes = t1053.scan(logs / "audit.log").plot_timeline()
        assert axes.figure._repr_html_() is None
        pyplot.close(axes.figure)
