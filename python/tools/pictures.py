"""Compares what a hunt shows with kept pictures: in Chromium, in JupyterLab's
own style sheet, light and dark.

    python tools/pictures.py             fails where a picture has changed
    python tools/pictures.py --write     keeps the pictures, to be looked at

They are compared in blocks, since the edges of letters differ. Those that are
kept were made with Debian 12's Chromium and its DejaVu fonts: with others,
keep them anew before a change, and compare after it. Needs Chromium, and the
groups and extras that `python/test` installs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image, ImageChops, ImageStat

import t1053
from lab import headless, notebook

matplotlib.use("agg")

ROOT = Path(__file__).resolve().parents[2]
LOGS = Path("testdata/logs")
"""By a name that is the same in each checkout; it stands on pages."""
KEPT = ROOT / "python" / "tests" / "pictures"
SIZE = 1000, 700
KEPT_SIZE = 500, 350
BLOCK = 25
MOST = 12.0
"""The most that a block may differ on average, of 255. The same page differs by
2 at most; one whose badges lost their colour by 31, and one without our style
by 54. Letters of another font make 38."""
THEMES = ("light", "dark")


def shown() -> dict[str, str]:
    """What is looked at, by name."""
    keep = ["Image", "CommandLine", "ParentImage", "ProcessId", "ParentProcessId"]
    matches = t1053.scan(LOGS, keep=keep)
    detector = t1053.Detector(exclude=[("task_ran", "Computer", "lab")])
    pages = {
        "matches": matches._repr_html_(),
        "match": matches.filter(detection="short_lived_scheduled_task")[0]._repr_html_(),
        "counts": matches.counts._repr_html_(),
        "detector": detector._repr_html_(),
        "risks": matches.risk_by("host")._repr_html_(),
        "processes": matches.process_tree()._repr_html_(),
        "jobs": t1053.jobs(LOGS / "audit.log").tree()._repr_html_(),
        "browse": matches.browse(limit=100)._repr_html_(),
    }
    page: Any
    for name, axes in (
        ("timeline", matches.plot_timeline()),
        ("heatmap", matches.plot_heatmap()),
    ):
        page = axes.figure._repr_html_()
        pages[name] = page
    # JupyterLab draws these itself; here the page brings what draws them.
    for name, chart in (
        ("timeline-altair", matches.plot_timeline(library="altair")),
        ("heatmap-altair", matches.plot_heatmap(library="altair")),
    ):
        page = chart.to_html(inline=True)
        pages[name] = f'<iframe width="100%" height="500" srcdoc="{escape(page)}"></iframe>'
    return pages


def screenshot(page: str, theme: str, folder: Path) -> Image.Image:
    """A page as a person sees it."""
    file, picture = folder / "page.html", folder / "page.png"
    file.write_text(notebook([page], theme), encoding="utf-8")
    headless(
        # Frames are painted when the page already is.
        "--virtual-time-budget=5000", "--run-all-compositor-stages-before-draw",
        "--hide-scrollbars", f"--window-size={SIZE[0]},{SIZE[1]}",
        f"--screenshot={picture}", f"--user-data-dir={folder / 'profile'}",
        file.as_uri(),
        # Times are UTC wherever one looks at them.
        env={**os.environ, "TZ": "America/New_York"},
    )
    with Image.open(picture) as opened:
        return opened.convert("RGB").resize(KEPT_SIZE, Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much the block differs that differs most."""
    changed = ImageChops.difference(one, other)
    most = 0.0
    for left in range(0, KEPT_SIZE[0], BLOCK):
        for top in range(0, KEPT_SIZE[1], BLOCK):
            block = changed.crop((left, top, left + BLOCK, top + BLOCK))
            most = max(most, *ImageStat.Stat(block).mean)
    return most


def main() -> int:
    """Compares all, or keeps them."""
    write = sys.argv[1:] == ["--write"]
    KEPT.mkdir(exist_ok=True)
    os.chdir(ROOT)
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, page in shown().items():
            for theme in THEMES:
                picture = screenshot(page, theme, Path(folder))
                kept = KEPT / f"{name}-{theme}.png"
                if write:
                    picture.quantize(256).save(kept, optimize=True)
                    continue
                with Image.open(kept) as opened:
                    known = opened.convert("RGB")
                differs = difference(picture, known)
                # On a busy machine a frame is painted after the picture.
                for _ in range(2):
                    if differs > MOST:
                        picture = screenshot(page, theme, Path(folder))
                        differs = difference(picture, known)
                print(f"{name}-{theme}: {differs:.1f}")
                if differs > MOST:
                    picture.save(Path(tempfile.gettempdir()) / f"{name}-{theme}.png")
                    print(f"{name}-{theme} has changed", file=sys.stderr)
                    status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
