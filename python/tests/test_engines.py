"""DuckDB and polars: a function, and an expression, of each record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest

import t1053
import t1053.duckdb
import t1053.polars


@pytest.fixture
def lines(logs: Path) -> list[str | None]:
    text = (logs / "events.jsonl").read_text("utf-8")
    return [None, "", "no record", *text.splitlines(), None]


def _single(lines: list[str | None]) -> list[Counter[tuple[Any, ...]]]:
    """What each record matches, asked one by one."""
    several = {slug for slug, _ in t1053.Detector()._program.several()}
    detector = t1053.Detector()
    single: list[Counter[tuple[Any, ...]]] = []
    for line in lines:
        found = t1053.scan_records(line, detector=detector, join=False) if line else []
        single.append(Counter(
            (it.slug, it.kind, it.risk_score, it.time, it.host, it.user, it.message)
            for it in found if it.slug not in several
        ))
    return single


def test_each_record_has_what_it_matches(lines: list[str | None]) -> None:
    several = {slug for slug, _ in t1053.Detector()._program.several()}
    detector = t1053.Detector(disable=several)
    frame = polars.DataFrame({"line": lines})
    expected = _single(lines)
    assert sum(it.total() for it in expected) > 500
    column = frame.select(t1053.polars.matches("line", detector=detector))["matches"]
    assert [Counter(tuple(it.values()) for it in row) for row in column.to_list()] == expected
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        t1053.duckdb.register(connection, detector=detector)
        connection.register("logs", frame.with_row_index().to_arrow())
        rows = connection.sql("SELECT t1053(line) FROM logs ORDER BY index").fetchall()
        found = [Counter(tuple(it.values()) for it in row) for (row,) in rows]
        assert [Counter(it[:3] + it[4:] for it in row) for row in found] == [
            Counter(it[:3] + it[4:] for it in row) for row in expected
        ]
        relation = connection.sql("SELECT line AS _raw FROM logs WHERE line <> ''")
        assert t1053.scan_table(relation) == t1053.scan_records([it for it in lines if it])


def test_nothing_has_no_matches() -> None:
    empty = polars.DataFrame({"line": []}, schema={"line": polars.String})
    found = empty.select(t1053.polars.matches("line"))
    assert found.height == 0
    assert found.lazy().select(t1053.polars.matches(polars.lit(None))).collect().height <= 1
