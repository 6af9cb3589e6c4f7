"""The example notebooks as pages, with the outputs that are kept in them."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

from . import ROOT
from .markdown import fenced

NOTEBOOKS = ROOT / "examples" / "python"


def notebooks() -> list[Path]:
    """All notebooks."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def title(path: Path) -> str:
    """A notebook's heading."""
    first = "".join(_cells(path)[0]["source"])
    return first.splitlines()[0].removeprefix("# ")


def about(path: Path) -> str:
    """What a notebook says it is about."""
    first = "".join(_cells(path)[0]["source"])
    return first.split("\n\n")[1]


def _cells(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def page(path: Path) -> tuple[str, dict[str, bytes]]:
    """The page of a notebook, and its pictures by name."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in _cells(path):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source + "\n")
            continue
        parts.append(fenced(source, "python"))
        for output in cell["outputs"]:
            data: dict[str, Any] = output.get("data", {})
            if "image/png" in data:
                name = f"{path.stem}-{len(pictures)}.png"
                pictures[name] = b64decode("".join(data["image/png"]))
                said = " ".join("".join(data.get("text/plain", "a picture")).split())
                said = re.sub(r"[^\w .,:-]", "", said)
                parts.append(f"![{said}]({name})\n")
            elif "text/html" in data:
                parts.append(_html("".join(data["text/html"])))
            else:
                text = output.get("text") or data.get("text/plain", "")
                parts.append(fenced("".join(text), "text"))
    return "\n".join(parts), pictures


def _html(text: str) -> str:
    """HTML on one line, which Markdown leaves alone."""
    lines = " ".join(line.strip() for line in text.splitlines())
    return f'<div class="output">{lines}</div>\n'
