"""Puts the site together: every page as Markdown, and mkdocs' settings."""

from __future__ import annotations

import posixpath
import re
import shutil
from pathlib import Path
from typing import Any

import yaml

from . import ROOT, detections, gallery, headers, jobs, package
from .markdown import plain, relinked

SITE = ROOT / "docs" / "site"
"""What is written for the site alone."""

PAGES = {
    "README.md": "overview.md",
    "python/README.md": "python.md",
    "docs/abi.md": "abi.md",
    "docs/correlation.md": "correlation.md",
    "docs/formats.md": "formats.md",
    "docs/joining.md": "joining.md",
    "docs/provenance.md": "provenance.md",
    "docs/rules.md": "rules.md",
    "docs/sensors.md": "sensors.md",
    "docs/speed.md": "speed.md",
    "docs/stability.md": "stability.md",
    "docs/testing.md": "testing.md",
    "docs/upgrading.md": "upgrading.md",
    "SECURITY.md": "security.md",
    "DESIGN.md": "design.md",
    "COMPARE.md": "compare.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "core/detections/README.md": "writing-detections.md",
}
"""Files of the repository that are pages as they are."""

MOVED = {
    "docs/detections.md": "detections/index.md",
    "include/t1053.h": "c.md",
    "include/t1053.hpp": "cpp.md",
    "core/detections": "detections/index.md",
    "examples/python": "gallery/index.md",
}
"""What a page of the site stands in for."""

WORKER = "https://unpkg.com/iframe-worker/shim"
"""The script by which mkdocs-material searches pages that are opened as files."""


class Site:
    """The pages, as they are made."""

    def __init__(self, to: Path) -> None:
        self.to = to
        self.pages = {**PAGES, **MOVED}
        for path in sorted(SITE.rglob("*.md")):
            name = path.relative_to(SITE).as_posix()
            self.pages[f"docs/site/{name}"] = name
        for path in gallery.notebooks():
            source = path.relative_to(ROOT).as_posix()
            self.pages[source] = f"gallery/{path.stem}.md"

    def place(self, path: str) -> str | None:
        """Where a path of the repository is on the site. A file that is no
        page of its own gets a page with its text."""
        path, _, anchor = path.partition("#")
        if path == "docs/detections.md" and anchor:
            return f"detections/{anchor}.md"
        # Pages that are made for the site have no file of their own.
        if path.startswith("docs/site/") and path not in self.pages:
            return path.removeprefix("docs/site/") + (f"#{anchor}" if anchor else "")
        picture = re.fullmatch(r"examples/python/([\w-]+\.png)", path)
        if picture:
            return f"gallery/{picture[1]}"
        rule = re.fullmatch(r"core/detections/[^/]+/(\w+)\.yml", path)
        if rule:
            return f"detections/{rule[1]}.md"
        if path in self.pages:
            return self.pages[path] + (f"#{anchor}" if anchor else "")
        file = ROOT / path
        if not file.is_file():
            assert file.is_dir(), f"a link leads to {path}, which is not there"
            return None
        # Browsers show text, whatever it is; another ending they would save.
        name = f"files/{path}.txt"
        (self.to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, self.to / name)
        return name

    def write(self, page: str, text: str, source: str = "") -> None:
        """A page, with the links of the file that it is made of."""
        text = relinked(text, source or f"docs/site/{page}", self.place, page)
        path = self.to / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write(to: Path) -> list[detections.Source]:
    """Writes all pages into a folder."""
    if to.exists():
        shutil.rmtree(to)
    to.mkdir(parents=True)
    site = Site(to)
    for source, page in PAGES.items():
        site.write(page, (ROOT / source).read_text(encoding="utf-8"), source)
    for path in sorted(SITE.rglob("*.md")):
        name = path.relative_to(SITE).as_posix()
        if name != "jobs.md":
            site.write(name, path.read_text(encoding="utf-8"))
    every = detections.sources()
    site.write("detections/index.md", detections.index(every))
    for source in every:
        site.write(f"detections/{source.known.slug}.md", detections.page(source))
    introduction = (SITE / "jobs.md").read_text(encoding="utf-8")
    site.write("jobs.md", jobs.page(introduction, every))
    site.write("c.md", headers.c_page())
    site.write("cpp.md", headers.cpp_page())
    site.write("python-reference.md", package.page())
    _gallery(site)
    for name in ("site.css", "worker.js"):
        shutil.copyfile(SITE / name, to / name)
    return every


def _gallery(site: Site) -> None:
    parts = [
        "# Gallery\n",
        "Notebooks, with what they show when they are run on the logs that come"
        " with the project; they are in `examples/python`.\n",
    ]
    for path in gallery.notebooks():
        text, pictures = gallery.page(path)
        source = path.relative_to(ROOT).as_posix()
        site.write(f"gallery/{path.stem}.md", text, source)
        for name, data in pictures.items():
            (site.to / "gallery" / name).write_bytes(data)
        parts.append(f"## [{plain(gallery.title(path))}]({path.stem}.md)\n\n{gallery.about(path)}\n")
        if pictures:
            first = next(iter(pictures))
            parts.append(f"[![{plain(gallery.title(path))}]({first})]({path.stem}.md)\n")
    (site.to / "gallery" / "index.md").write_text("\n".join(parts), encoding="utf-8")


def settings(pages: Path, out: Path, every: list[detections.Source]) -> dict[str, Any]:
    """mkdocs' settings, with a line for each generated page."""
    known: dict[str, Any] = yaml.safe_load((SITE / "mkdocs.yml").read_text(encoding="utf-8"))
    known["docs_dir"], known["site_dir"] = str(pages), str(out)
    generated = {
        "Detections": [
            "detections/index.md",
            *(
                {
                    f"{folder} {name}": [
                        {source.known.title: f"detections/{source.known.slug}.md"}
                        for source in every
                        if source.folder == folder
                    ]
                }
                for folder, name in detections.TECHNIQUES.items()
            ),
        ],
        "Gallery": [
            "gallery/index.md",
            *({gallery.title(path): f"gallery/{path.stem}.md"} for path in gallery.notebooks()),
        ],
    }
    known["nav"] = [
        {name: generated.get(name, item) for name, item in entry.items()}
        if isinstance(entry, dict)
        else entry
        for entry in known["nav"]
    ]
    return known


def listed(nav: Any) -> set[str]:
    """The pages that a navigation leads to."""
    if isinstance(nav, str):
        return {nav}
    items: list[Any] = list(nav.values()) if isinstance(nav, dict) else nav
    return {page for item in items for page in listed(item)}


def localised(out: Path) -> None:
    """Has pages load a script of ours where mkdocs-material has one of
    another server, and leaves out the one page that only a server shows."""
    (out / "404.html").unlink()
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        own = posixpath.relpath(out / "worker.js", page.parent)
        page.write_text(text.replace(WORKER, own), encoding="utf-8")


def outside(page: Path) -> list[str]:
    """What a built page would load from elsewhere."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"<(?:script|img|iframe)\b[^>]*\bsrc=\"?((?:https?:)?//[^\" >]*)", text)
    for tag in re.findall(r"<link\b[^>]*>", text):
        if not re.search(r"rel=\"?(?:canonical|next|prev)", tag):
            found += re.findall(r"href=\"?((?:https?:)?//[^\" >]*)", tag)
    return found


def broken(out: Path) -> list[str]:
    """Links of built pages to files, or to places in them, that are not
    there."""
    pages = {path: path.read_text(encoding="utf-8") for path in out.rglob("*.html")}
    ids = {
        path: set(re.findall(r"\b(?:id|name)=\"?([^\" >]+)", text))
        for path, text in pages.items()
        if "rust" not in path.relative_to(out).parts[:1]
    }
    found: list[str] = []
    for path in ids:
        for target in re.findall(r"<a\b[^>]*\bhref=\"?([^\" >]+)", pages[path]):
            if re.match(r"[a-z]+:|//", target):
                continue
            target, _, anchor = target.partition("#")
            other = path if not target else Path(posixpath.normpath(path.parent / target))
            if other.is_dir():
                other /= "index.html"
            if not other.exists():
                found.append(f"{path.relative_to(out)}: {target}")
            elif anchor and other in ids and anchor not in ids[other] and anchor != "__toc":
                found.append(f"{path.relative_to(out)}: {target}#{anchor}")
    return found
