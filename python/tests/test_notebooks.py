"""The example notebooks, from a clean kernel."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

import notebooks  # noqa: E402


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "path",
    [it for it in notebooks.NOTEBOOKS if it.stem != notebooks.SPARK],
    ids=lambda it: it.stem,
)
def test_notebook(path: Path) -> None:
    kept: Any = nbformat.read(path, as_version=4)
    ran = notebooks.run(path)
    for before, after in zip(kept.cells, ran.cells, strict=True):
        if before.cell_type != "code":
            continue
        stale = f"run tools/notebooks.py --write: {before.source}"
        # What is printed may come in one piece or in several.
        kinds = [
            [kind for kind, _ in groupby(it.output_type for it in cell.outputs)]
            for cell in (before, after)
        ]
        assert kinds[0] == kinds[1], stale
        assert _ours(before) == _ours(after), stale
        assert "stderr" not in [it.get("name") for it in after.outputs]
        # Nothing is loaded from elsewhere.
        assert "<script" not in str(after.outputs)
        assert " src=" not in str(after.outputs).replace(' src="data:', "")


def _ours(cell: Any) -> list[str]:
    """What this package shows, whatever version the others have."""
    texts = [str(it.get("data", {}).get("text/plain", "")) for it in cell.outputs]
    return [it for it in texts if it.startswith(("Counts(", "<Matches", "Evidence("))]


def test_there_are_notebooks() -> None:
    names = ["coverage", "exclusion", "fleet", "hunt", "rules"]
    assert [it.stem for it in notebooks.NOTEBOOKS] == names


def test_notebooks_are_small_and_keep_what_they_show() -> None:
    for path in notebooks.NOTEBOOKS:
        assert path.stat().st_size < 5_000_000, path.name
        kept: Any = nbformat.read(path, as_version=4)
        code = [it for it in kept.cells if it.cell_type == "code"]
        assert sum(bool(it.outputs) for it in code) > len(code) // 2, path.name
        assert "stderr" not in [it.get("name") for cell in code for it in cell.outputs]
