"""Files, dictionaries and tables agree on real logs, where those are at
hand beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pytest
from conftest import ROOT

import t1053

CORPUS = ROOT.parent / "shared" / "corpus"
FILES = sorted(it for it in CORPUS.rglob("*.jsonl") if it.stat().st_size < 30 << 20)


def _bare(matches: t1053.Matches) -> list[dict[str, Any]]:
    found = matches.to_dicts()
    for it in found:
        del it["path"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda it: it.stem)
def test_all_ways_agree(path: Path, detector: t1053.Detector) -> None:
    rows: list[dict[str, Any]] = [
        json.loads(it) for it in path.read_text("utf-8-sig").splitlines() if it.strip()
    ]
    expected = _bare(t1053.scan(path, detector=detector))
    assert _bare(t1053.scan(rows, detector=detector)) == expected
    assert _bare(t1053.scan(pandas.DataFrame(rows), detector=detector)) == expected
    if any(isinstance(it, dict | list) for row in rows for it in row.values()):
        # What is of several types in one column, these cannot hold.
        return
    names = {name: None for row in rows for name in row}
    whole = [{name: row.get(name) for name in names} for row in rows]
    columns = {name: [row[name] for row in whole] for name in names}
    series = [polars.Series(k, v, strict=False) for k, v in columns.items()]
    assert _bare(t1053.scan(polars.DataFrame(series), detector=detector)) == expected
    table = pyarrow.Table.from_pylist(whole)
    assert _bare(t1053.scan(table, detector=detector)) == expected
