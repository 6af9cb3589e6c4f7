"""The references of C and C++, from the headers' own comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import ROOT
from .markdown import escaped, fenced, outside_of_code

C = ROOT / "include" / "t1053.h"
CPP = ROOT / "include" / "t1053.hpp"

@dataclass(frozen=True)
class Item:
    """A declaration with its comment."""

    name: str
    about: str
    declaration: str


def c_page() -> str:
    """The C reference: what holds everywhere, functions by the header's
    sections, types, constants."""
    text = C.read_text(encoding="utf-8")
    head = re.match(r"/\*\n(.*?)\*/", text, re.DOTALL)
    assert head, "the header begins with a comment"
    declared, *sections = re.split(r"^/\*\n \* == (.*) ==\n", text, flags=re.MULTILINE)
    items = _items(text)
    types = [item for item in items if re.match(r"typedef|enum", item.declaration)]
    constants = [item for item in items if item.declaration.startswith("#define")]
    assert sorted(types + constants, key=str) == sorted(_items(declared), key=str)
    linked = {item.name for item in items}
    parts = [
        "# C reference\n",
        "From `include/t1053.h`; [the guide](abi.md) tells how to build and link.\n",
        _unstarred(head[1]),
    ]
    for title, section in zip(sections[::2], sections[1::2], strict=True):
        about, _, functions = section.partition(" */\n")
        parts += [f"## {title}\n", _unstarred(about)]
        parts += [_shown(item, linked) for item in _items(functions)]
    for heading, some in (("Types", types), ("Constants", constants)):
        parts.append(f"## {heading}\n")
        parts += [_shown(item, linked) for item in some]
    return "\n".join(parts)


def names() -> set[str]:
    """All functions of the header, told in another way than by the reader of
    declarations."""
    text = re.sub(r"/\*.*?\*/", "", C.read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"^[a-z][\w *]*?\b(t1053_\w+)\([^*]", text, re.MULTILINE))


def _items(text: str) -> list[Item]:
    """Comments and the declarations after them."""
    found: list[Item] = []
    for match in re.finditer(r"^/\*\*\n(.*?)^ \*/\n", text, re.DOTALL | re.MULTILINE):
        declaration = _declaration(text[match.end() :])
        name = _name(declaration)
        if name is not None:
            found.append(Item(name, _unstarred(match[1]), declaration))
    return found


def _declaration(text: str) -> str:
    """What stands after a comment, up to its end."""
    if text.startswith("#define"):
        return text.partition("\n")[0]
    if text.startswith("#"):
        # An enum of a given size where the language has that.
        text = text[text.index("enum t1053_") :]
    depth = 0
    for at, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == ";" and depth == 0:
            declaration = re.sub(r"^#.*\n", "", text[: at + 1], flags=re.MULTILINE)
            return re.sub(r"\n\s*\n", "\n", declaration)
    raise ValueError(text[:80])


def _name(declaration: str) -> str | None:
    for pattern in (
        r"#define (T1053_\w+)",
        r"enum (t1053_\w+)",
        r"typedef .*\(\*(t1053_\w+)\)",
        r"typedef .*\b(t1053_\w+);\Z",
        r"[^(]*\b(t1053_\w+)\(",
    ):
        if match := re.match(pattern, declaration, re.DOTALL):
            return match[1]
    return None


def _unstarred(comment: str) -> str:
    lines = [re.sub(r"^ \*(?: |$)", "", line) for line in comment.splitlines()]
    return outside_of_code("\n".join(lines) + "\n", escaped)


def _shown(item: Item, linked: set[str]) -> str:
    about = outside_of_code(item.about, lambda part: _linked(part, item.name, linked))
    return f"### {item.name}\n\n{fenced(item.declaration, 'c')}\n{about}"


def _linked(text: str, name: str, linked: set[str]) -> str:
    """Names of other declarations as links."""

    def one(match: re.Match[str]) -> str:
        word = match[1]
        call = match[2] or ""
        if word == name or word not in linked:
            return match[0]
        return f"[`{word}{call}`](#{word.lower()})"

    return re.sub(r"(?<![`\w])`?(t1053_\w+|T1053_\w+)(\(\))?`?", one, text)


def cpp_page() -> str:
    """The C++ reference: each class of the layer, with its public part."""
    text = CPP.read_text(encoding="utf-8")
    head = re.match(r"((?://.*\n)+)", text)
    assert head, "the header begins with a comment"
    text = re.sub(
        r"^(?://[^\n]*\n)*\n*namespace detail \{\n.*?^\} // namespace detail\n",
        "",
        text,
        flags=re.DOTALL | re.MULTILINE,
    )
    parts = [
        "# C++ reference\n",
        "From `include/t1053.hpp`, C++17; what each call costs and promises is in"
        " the [C reference](c.md).\n",
        _commented(head[1]),
    ]
    for about, declaration in _layer(text[head.end() :]):
        bare = re.sub(r"\Atemplate <.*?>\s", "", declaration)
        name = re.search(r"(?:class|struct) (?:\[\[\w+\]\] )?(\w+)", bare)
        name = name or re.search(r"(\w+)\(", bare)
        assert name, declaration
        parts.append(f"## {name[1]}\n\n{_commented(about)}\n{fenced(declaration, 'cpp')}")
    return "\n".join(parts)


def _layer(text: str) -> Iterator[tuple[str, str]]:
    """Comments at the left edge and the public part of what follows them."""
    lines = iter(text.splitlines(keepends=True))
    about = ""
    for line in lines:
        if line.startswith("//"):
            about += line
            continue
        if about and re.match(r"template|class|struct|enum|inline", line):
            declaration = line
            is_over = line.endswith("};\n")
            while not is_over:
                line = next(lines)
                declaration += line
                is_over = line.startswith(("};", "{"))
            declaration = re.sub(r"\n\{\n\Z", ";\n", declaration)
            yield about, re.sub(r"\n\nprivate:.*\n\};", "\n};", declaration, flags=re.DOTALL)
        about = ""


def _commented(comment: str) -> str:
    return _unstarred(re.sub(r"^// ?", " * ", comment, flags=re.MULTILINE))
