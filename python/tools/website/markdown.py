"""Markdown: links moved from a file to its page, and texts made safe."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from html import escape

LINK = re.compile(r"(!?)\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\(([^()\s]+)\)")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")
FENCE = re.compile(r"^ *(`{3,}|~{3,})")
COMMENT = re.compile(r"<!--.*?-->\n*", re.DOTALL)


def outside_of_code(text: str, change: Callable[[str], str]) -> str:
    """Changes what stands between blocks of code."""
    return "".join(
        part if is_code else change(part) for is_code, part in _parts(text)
    )


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """A page as blocks of code and what stands between them."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        mark = FENCE.match(line)
        if not fence and mark:
            yield False, "".join(lines)
            lines, fence = [line], mark[1]
        elif fence and line.strip() == fence:
            yield True, "".join([*lines, line])
            lines, fence = [], ""
        else:
            lines.append(line)
    yield bool(fence), "".join(lines)


def relinked(text: str, source: str, place: Callable[[str], str | None], page: str) -> str:
    """A file of the repository as a page. `place` tells where on the site a
    path of the repository is, with what follows `#`; a link to what is not
    there is left as its text."""

    def one(match: re.Match[str]) -> str:
        picture, label, target = match.groups()
        if target.startswith("#") or ELSEWHERE.match(target):
            return match[0]
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        found = place(path + (f"#{anchor}" if anchor else ""))
        if found is None:
            return label
        found_path, _, found_anchor = found.partition("#")
        new = posixpath.relpath(found_path, posixpath.dirname(page) or ".")
        return f"{picture}[{label}]({new}{'#' + found_anchor if found_anchor else ''})"

    return outside_of_code(COMMENT.sub("", text), lambda part: LINK.sub(one, part))


def fenced(text: str, language: str = "") -> str:
    """A block of code, whatever stands in it."""
    longest = max((len(it) for it in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def plain(text: str) -> str:
    """Text in which nothing is a mark of Markdown's or HTML's."""
    return re.sub(r"([\\`*_\[\]{}#|~$])", r"\\\1", escape(text, quote=False))


def code(text: str) -> str:
    """Text as code within a line."""
    longest = max((len(it) for it in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def cell(text: str) -> str:
    """A cell of a table: one line, without what would end it."""
    return " ".join(text.split()).replace("|", "\\|")


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(cell, it))} |\n" for it in lines)


def escaped(text: str) -> str:
    """A comment that was written with a little Markdown: what stands in
    backticks, lists and links stay, and angle brackets and stars are text."""
    parts = re.split(r"(`+[^`]+`+)", text)
    parts[::2] = [re.sub(r"(?<!^)\*", r"\\*", it.replace("<", "&lt;")) for it in parts[::2]]
    return "".join(parts)
