"""The example notebooks, from a clean kernel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

import notebooks  # noqa: E402


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", notebooks.NOTEBOOKS, ids=lambda it: it.stem)
def test_notebook(path: Path) -> None:
    kept: Any = nbformat.read(path, as_version=4)
    ran = notebooks.run(path)
    for before, after in zip(kept.cells, ran.cells, strict=True):
        if before.cell_type != "code":
            continue
        stale = f"run tools/notebooks.py --write: {before.source}"
        kinds = [[it.output_type for it in cell.outputs] for cell in (before, after)]
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
    assert [it.stem for it in notebooks.NOTEBOOKS] == ["coverage", "hunt"]
