"""The licences of the crates that are linked into the wheel, as one file that
comes with it.

    python tools/third_party.py              fails where THIRD-PARTY is stale
    python tools/third_party.py --write      writes it
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).resolve().parents[1]
FILE = PYTHON / "THIRD-PARTY"
TARGET = "x86_64-unknown-linux-gnu"
"""What a wheel is built for; others link a part of it."""
APACHE = re.compile(r"Apache License\s+Version 2\.0, January 2004")

HEAD = """\
What is in the compiled half of the Python package besides t1053 itself, which
is licensed under MIT (LICENSE-MIT) or Apache-2.0 (LICENSE-APACHE), as you
prefer. Of a crate that may be had under several licences all texts that it
comes with are here, but for that of Apache-2.0, which LICENSE-APACHE has.

The Rust standard library, and the crates in it, are in there, too: copyright
(c) The Rust Project Contributors, MIT (text below) or Apache-2.0. The compiler
comes with the notices of each crate in it: COPYRIGHT-library.html, in the
folder share/doc/rust of `rustc --print sysroot`.
"""


def linked() -> list[dict[str, Any]]:
    """The crates that are linked: not those that only run while it is built."""
    ran = subprocess.run(
        [
            "cargo", "metadata", "--format-version", "1", "--locked",
            "--filter-platform", TARGET,
        ],
        cwd=PYTHON, check=True, capture_output=True, text=True,
    )
    told = json.loads(ran.stdout)
    packages = {it["id"]: it for it in told["packages"]}
    nodes = {it["id"]: it for it in told["resolve"]["nodes"]}
    left = [it["id"] for it in told["packages"] if it["name"] == "t1053-python"]
    seen: set[str] = set()
    while left:
        one = left.pop()
        kinds = {kind for target in packages[one]["targets"] for kind in target["kind"]}
        if one in seen or "proc-macro" in kinds:
            continue
        seen.add(one)
        left += [
            it["pkg"]
            for it in nodes[one]["deps"]
            if any(kind["kind"] is None for kind in it["dep_kinds"])
        ]
    # Those of this workspace have no source.
    found = [packages[it] for it in seen if packages[it]["source"]]
    return sorted(found, key=lambda it: (it["name"], it["version"]))


def texts(package: dict[str, Any]) -> list[str]:
    """The licences and notices that a crate comes with."""
    folder = Path(package["manifest_path"]).parent
    found: list[str] = []
    names = [
        it for it in folder.rglob("*")
        if re.match(r"(licen[sc]e|copying|copyright|notice|unlicense)", it.name, re.IGNORECASE)
        and it.is_file()
        and it.suffix.lower() in ("", ".md", ".txt", ".mit")
        or it.is_file() and it.name.startswith("LICENSE")
    ]
    for path in sorted(names):
        text = path.read_text(encoding="utf-8", errors="replace")
        text = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
        if text and not APACHE.search(text[:400]):
            found.append(text)
    return found


def made() -> str:
    """The file."""
    parts = [HEAD]
    by_text: defaultdict[str, list[str]] = defaultdict(list)
    bare: list[str] = []
    for package in linked():
        name = f"{package['name']} {package['version']}"
        licence = package["license"] or "see its texts"
        parts.append(f"{name}\n    {package['repository'] or ''}\n    {licence}\n")
        own = texts(package)
        for text in own:
            by_text[text].append(name)
        if not own:
            bare.append(f"{name} ({', '.join(package['authors']) or 'no author is named'})")
    if bare:
        parts.append(
            "These come without any text, or with that of Apache-2.0 alone:\n\n"
            + "".join(f"    {it}\n" for it in bare)
        )
    for text, names in by_text.items():
        parts.append("-" * 79 + f"\n{', '.join(names)}\n\n{text}\n")
    return "\n".join(parts)


def main() -> int:
    """Writes, or compares."""
    text = made()
    if sys.argv[1:] == ["--write"]:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
        print("THIRD-PARTY is stale: python tools/third_party.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
