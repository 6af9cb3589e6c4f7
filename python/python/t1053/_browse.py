"""A table of matches that one can search and sort, as a page of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from os import PathLike
from typing import TYPE_CHECKING

from ._html import DARK, SEVERITIES, printable, safe
from ._time import shown

if TYPE_CHECKING:
    from ._matches import Matches

__all__ = ["Page"]

LONGEST = 2000
"""Letters of a cell; a page is for looking, and `to_csv` has all of them."""
HEIGHT = 520
"""Of the page in a notebook, in pixels."""

# What comes from a log is put into the page by `textContent` alone.
SCRIPT = """
const {columns, rows, colours} = JSON.parse(document.getElementById("data").textContent)
const head = document.querySelector("thead tr"), body = document.querySelector("tbody")
const search = document.querySelector("input"), chosen = document.querySelector("select")
const told = document.querySelector("output"), more = document.querySelector("button")
const ranks = Object.keys(colours)
const texts = rows.map(row => row.join("\\n").toLowerCase())
const severity = columns.indexOf("Severity"), detection = columns.indexOf("Detection")
let by = -1, up = true, order = rows.map((_, at) => at), room = 200
const order_of = (a, b) => by === severity ? ranks.indexOf(b) - ranks.indexOf(a)
  : typeof a === "string" ? a.localeCompare(b) : (a ?? -1) - (b ?? -1)
function show() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
  const found = order.filter(at => (!chosen.value || rows[at][severity] === chosen.value)
    && words.every(word => texts[at].includes(word)))
  body.replaceChildren(...found.slice(0, room).map(at => {
    const line = document.createElement("tr")
    rows[at].forEach((value, column) => {
      const cell = line.insertCell()
      if (column === severity) {
        const badge = document.createElement("span")
        badge.className = "badge"
        badge.style.background = colours[value]
        badge.textContent = value
        cell.append(badge)
      } else if (column === detection) for (const part of value.split(/(?<=_)/))
        cell.append(part, document.createElement("wbr"))
      else cell.textContent = value
      // A name of usual length, which has a hyphen as likely as not.
      if (column !== detection && cell.textContent.length <= 32) cell.style.whiteSpace = "nowrap"
    })
    return line
  }))
  told.textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")}`
  more.hidden = found.length <= room
}
columns.forEach((name, column) => {
  const cell = document.createElement("th"), press = document.createElement("button")
  cell.scope = "col"
  press.textContent = name
  press.onclick = () => {
    up = by === column ? !up : true
    by = column
    order.sort((a, b) => (up ? 1 : -1) * order_of(rows[a][column], rows[b][column]) || a - b)
    head.querySelectorAll("th").forEach(it => it.removeAttribute("aria-sort"))
    cell.setAttribute("aria-sort", up ? "ascending" : "descending")
    show()
  }
  cell.append(press)
  head.append(cell)
})
for (const name of ranks) chosen.append(new Option(name, name))
search.oninput = chosen.onchange = () => { room = 200; show() }
more.onclick = () => { room += 1000; show() }
show()
"""

STYLE = """
:root{color-scheme:light dark;font:13px/1.4 system-ui,sans-serif}
body{margin:.5em;background:light-dark(#fff,#1e1e1e);color:light-dark(#111,#eee)}
form{display:flex;flex-wrap:wrap;gap:.6em;align-items:baseline;margin-bottom:.5em}
input{flex:1 1 12em;min-width:8em}
input,select,button{font:inherit;color:inherit;background:light-dark(#f3f3f3,#333);
border:1px solid light-dark(#767676,#999);border-radius:.3em;padding:.2em .5em}
main{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th{text-align:left;padding:0 .6em 0 0;position:sticky;top:0;background:light-dark(#fff,#1e1e1e)}
th button{border:0;font-weight:600;cursor:pointer;background:none;padding:.2em 0;white-space:nowrap}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
td{padding:.25em .6em .25em 0;vertical-align:top;overflow-wrap:anywhere;
min-width:9em;border-top:1px solid light-dark(#ddd,#444)}
td:nth-child(-n+6){overflow-wrap:break-word;min-width:0;max-width:16em}
td:nth-child(4){min-width:13em}
td:nth-child(7){min-width:16em}
.badge{border-radius:.6em;padding:0 .5em;color:#fff}
"""


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A page that stands by itself: a notebook shows it in a frame, which can
    reach nothing of the notebook, and `save` writes it to a file. It loads
    nothing from elsewhere.

    >>> import t1053
    >>> page = t1053.scan([t1053.TaskScheduler(event_id="200")]).browse()
    >>> page
    <Page: 2 of 2 matches>
    """

    html: str
    """The page."""
    about: str
    """What is on it."""

    def __repr__(self) -> str:
        return f"<Page: {self.about}>"

    def save(self, file: str | PathLike[str]) -> None:
        """Writes the page to a path.

        >>> import tempfile, t1053
        >>> from pathlib import Path
        >>> file = Path(tempfile.mkdtemp()) / "findings.html"
        >>> t1053.scan(b"").browse().save(file)
        >>> file.read_text(encoding="utf-8")[:15]
        '<!doctype html>'
        """
        with open(file, "w", encoding="utf-8") as opened:
            opened.write(self.html)

    def _repr_html_(self) -> str:
        return (
            # A frame is as dark as its element, of which no theme speaks.
            f"<style>{DARK} .t1053-page{{color-scheme:dark}}</style>"
            f'<iframe class="t1053-page" sandbox="allow-scripts" width="100%"'
            f' height="{HEIGHT}" style="border:0" title="{safe(self.about)}"'
            f' srcdoc="{escape(self.html, quote=True)}"></iframe>'
        )


def browse(matches: Matches, limit: int) -> Page:
    """The most severe matches as a page."""
    known = matches._detections
    ranks = list(SEVERITIES)
    rank = [(ranks.index(it.severity), -(it.risk_score or 0)) for it in known]
    detections: list[int] = matches._found.columns(["detection"])["detection"]
    # Sorting keeps the order of those that are alike.
    places = sorted(range(len(matches)), key=lambda at: rank[detections[at]])[:limit]
    names = matches._found.keep().split(",") if matches._found.keep() else []
    rows: list[list[str | int | None]] = []
    for at in places:
        match = matches[at]
        rows.append(
            [
                shown(match.time),
                match.detection.severity,
                match.risk_score,
                match.slug,
                _cell(match.host),
                _cell(match.user),
                _cell(match.message),
                *(_cell(match.fields.get(name)) for name in names if name != "raw"),
            ]
        )
    columns = ["Time (UTC)", "Severity", "Risk", "Detection", "Host", "User", "Message"]
    columns += [printable(name) for name in names if name != "raw"]
    about = f"{len(rows):,} of {len(matches):,} matches"
    data = json.dumps({"columns": columns, "rows": rows, "colours": SEVERITIES})
    # So that nothing in it ends the element that it stands in.
    data = data.replace("<", "\\u003c")
    left_out = "" if len(rows) == len(matches) else f"the most severe of {len(matches):,}"
    return Page(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{about}</title><style>{STYLE}</style>"
        '<form onsubmit="return false"><input type="search" placeholder="Search: all words"'
        ' aria-label="Search"><select aria-label="Severity"><option value="">any severity'
        f"</option></select><output></output><span>{left_out}</span></form>"
        "<main><table><thead><tr></tr></thead><tbody></tbody></table></main>"
        '<button type="button" hidden>More</button>'
        f'<script type="application/json" id="data">{data}</script>'
        f"<script>{SCRIPT}</script></html>",
        about,
    )


def _cell(value: str | None) -> str:
    text = printable(value or "")
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
