"""Runs the example notebooks from a clean kernel and keeps their outputs.

    python tools/notebooks.py                fails where outputs differ
    python tools/notebooks.py --write        keeps the outputs
    python tools/notebooks.py [--write] NAME of one of them

The one about Spark is run only where it is named.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
SPARK = "fleet"
"""The notebook that needs Spark, and Java."""


def run(path: Path) -> Any:
    """The notebook with the outputs of a clean kernel."""
    notebook: Any = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        record_timing=False,
    )
    client.execute()
    if path.stem == SPARK:
        # Spark, and Java, tell of themselves.
        for cell in notebook.cells:
            shown = cell.get("outputs", [])
            cell["outputs"] = [it for it in shown if it.get("name") != "stderr"]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def outputs(notebook: Any) -> list[list[str]]:
    """What a reader sees of each cell, but for pictures, whose bytes differ
    from one version of a library to the next."""
    shown: list[list[str]] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        texts: list[str] = []
        for output in cell.outputs:
            data = output.get("data", {})
            text = output.get("text") or data.get("text/html") or data.get("text/plain")
            texts.append("(picture)" if "image/png" in data else str(text))
        shown.append([re.sub(r"0x[0-9a-f]+", "0x", it) for it in texts])
    return shown


def main() -> int:
    """Runs all."""
    status = 0
    write = "--write" in sys.argv[1:]
    names = [it for it in sys.argv[1:] if it != "--write"]
    chosen = names or [it.stem for it in NOTEBOOKS if it.stem != SPARK]
    for name in chosen:
        path = EXAMPLES / f"{name}.ipynb"
        before: Any = nbformat.read(path, as_version=4)
        after = run(path)
        if write:
            nbformat.write(after, path)
        elif outputs(before) != outputs(after):
            pairs = zip(outputs(before), outputs(after), strict=True)
            at, (old, new) = next((at, it) for at, it in enumerate(pairs) if it[0] != it[1])
            print(f"{path.name}, cell {at}: {new} instead of {old}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
