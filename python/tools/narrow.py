"""Looks at every page of the site as a phone shows it, in Chromium; fails where
a whole page has to be moved sideways to be read.

    docs/build && python python/tools/narrow.py target/site/html

Needs Chromium, and the groups and extras that `python/test` installs.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from html import escape, unescape
from pathlib import Path

from lab import headless

WIDTH = 360
"""Of a small phone, in pixels."""
AT_ONCE = 30
"""Pages that are looked at by one browser."""
MEASURE = """<pre id="measured"></pre><script>
onload = () => setTimeout(() => {
    const wide = [...document.querySelectorAll("iframe")].map(it => [
        it.contentDocument.scrollingElement.scrollWidth, it.contentWindow.innerWidth])
    document.getElementById("measured").textContent = JSON.stringify(wide)
}, 500)
</script>"""


def too_wide(pages: list[Path]) -> list[str]:
    """What is wrong with pages that do not fit."""
    frames = "".join(
        f'<iframe src="{escape(page.resolve().as_uri())}" style="width:{WIDTH}px"></iframe>'
        for page in pages
    )
    with tempfile.TemporaryDirectory() as folder:
        every = Path(folder) / "pages.html"
        every.write_text(f"<!doctype html>{frames}{MEASURE}", encoding="utf-8")
        shown = headless(
            "--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=20000",
            f"--user-data-dir={folder}/profile", every.as_uri(),
        )
    found = re.search(r'<pre id="measured">(\[.*?\])</pre>', shown, re.DOTALL)
    if not found:
        raise ValueError("the browser measured nothing")
    measured: list[tuple[int, int]] = json.loads(unescape(found[1]))
    return [
        f"{page}: {wide} pixels wide, of {room}"
        for page, (wide, room) in zip(pages, measured, strict=True)
        if wide > room
    ]


def main(site: Path) -> int:
    """Looks at all pages but rustdoc's own."""
    pages = [it for it in sorted(site.rglob("*.html")) if it.relative_to(site).parts[0] != "rust"]
    wrong: list[str] = []
    for at in range(0, len(pages), AT_ONCE):
        wrong += too_wide(pages[at : at + AT_ONCE])
    for it in wrong:
        print(it, file=sys.stderr)
    print(f"{len(pages)} pages, {len(wrong)} too wide for a phone")
    return 1 if wrong or not pages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
